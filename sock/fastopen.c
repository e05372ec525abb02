// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open (RFC 7413), the calls: MSG_FASTOPEN, which is connect() and send() in
 * one, and the socket options.  Segments are processed in path/fastopen.c, keys and
 * the cache of cookies are in net/fastopen.c.
 */
#include <linux/slab.h>
#include <net/inet_common.h>
#include <net/sock.h>

#include "../path/output.h"
#include "../path/sock.h"
#include "../tcpx_compat.h"
#include "fastopen.h"
#include "write_queue.h"

/* Queue payload for the SYN, @room bytes at most, in one skb; bytes queued, or -EFAULT */
static int tcpx_queue_syn_data(struct sock *sk, struct msghdr *msg, u32 room)
{
	struct sk_buff *skb;
	int copied = 0, n = 0;

	if (!msg_data_left(msg))
		return 0;
	skb = tcpx_append(sk);
	if (!skb)
		return 0;
	tcpx_sk(sk)->tcb.snd_mss = room;	/* until the peer's is known */
	while (msg_data_left(msg) && (n = tcpx_fill(sk, skb, msg, room)) > 0)
		copied += n;
	tcpx_drop_empty_tail(sk);
	return copied ?: n;
}

/* Send the SYN with as much of @msg as fits; bytes, or -EFAULT */
static int tcpx_fo_send_syn(struct sock *sk, struct msghdr *msg)
{
	u32 room = tcpx_fastopen_prepare(sk);
	int queued = 0;

	if (room)
		queued = tcpx_queue_syn_data(sk, msg, room);
	tcpx_sk(sk)->fo_data = queued > 0;
	tcpx_send_syn(sk, TCPX_SYN);
	return queued;
}

/* RFC 7413, 3.: connect() and send() in one */
static int tcpx_fo_open(struct sock *sk, struct msghdr *msg, int flags)
{
	const struct sockaddr *to = msg->msg_name;
	struct tcpx_sock *tsk = tcpx_sk(sk);
	int err;

	if (!(READ_ONCE(tcpx_sk_net(sk)->fo.flags) & TCPX_FO_CLIENT))
		return -EOPNOTSUPP;
	if (to && msg->msg_namelen >= sizeof(to->sa_family) && to->sa_family == AF_UNSPEC)
		return -EOPNOTSUPP;
	tsk->fo_sending = true;
	err = __inet_stream_connect(sk->sk_socket, msg->msg_name, msg->msg_namelen, flags, 1);
	tsk->fo_sending = false;
	return err;
}

/**
 * tcpx_fastopen_sendmsg() - MSG_FASTOPEN, or the first payload after a deferred connect()
 * @sk: locked
 * @msg: destination and payload; advanced by what the SYN carries
 * @copied: filled in: bytes that the SYN carries
 *
 * Context: process, may sleep.
 * Return: 0 when connected; -EINPROGRESS if that would block; or another -errno.
 */
__cold int tcpx_fastopen_sendmsg(struct sock *sk, struct msghdr *msg, ssize_t *copied)
{
	int flags = msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0, err = 0, queued = 0;

	if (!tcpx_defer_connect(sk))
		err = tcpx_fo_open(sk, msg, flags);
	if (err || !tcpx_defer_connect(sk))
		return err;
	tcpx_set_defer_connect(sk, false);
	/* Unless the peer's SYN came first: RFC 9293, 3.5, figure 7 */
	if (sk->sk_state == TCP_SYN_SENT)
		queued = tcpx_fo_send_syn(sk, msg);
	if (queued > 0)
		*copied = queued;
	err = __inet_stream_connect(sk->sk_socket, NULL, 0, flags, 1);
	if (err == -EALREADY)
		err = -EINPROGRESS;
	return err ?: min(queued, 0);
}

static u32 tcpx_fo_clamp(const struct sock *sk, int val)
{
	return min_t(u32, val, READ_ONCE(sock_net(sk)->core.sysctl_somaxconn));
}

/**
 * tcpx_fastopen_set_queue() - TCP_FASTOPEN
 * @sk: locked
 * @val: most connections at once whose SYN's payload was taken before the third ACK
 *
 * Context: process.  Return: 0, -EINVAL or -ENOMEM.
 */
int tcpx_fastopen_set_queue(struct sock *sk, int val)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_fo_queue *q;

	if (val < 0 || (1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	if (!tsk->fo_queue) {
		q = kzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);
		if (!q)
			return -ENOMEM;
		refcount_set(&q->refs, 1);
		spin_lock_init(&q->lock);
		/* Complete, for a SYN and for path/view.c, which take no lock of the socket */
		smp_store_release(&tsk->fo_queue, q);
	}
	WRITE_ONCE(tsk->fo_queue->max, tcpx_fo_clamp(sk, val));
	return 0;
}

/**
 * tcpx_fastopen_get_queue() - TCP_FASTOPEN
 * @sk: locked
 *
 * Context: process.  Return: what tcpx_fastopen_set_queue() has set, 0: nothing.
 */
int tcpx_fastopen_get_queue(const struct sock *sk)
{
	return tcpx_sk(sk)->fo_queue ? tcpx_sk(sk)->fo_queue->max : 0;
}

/**
 * tcpx_fastopen_listen() - a listener starts; net.tcpx.fastopen may enable it there
 * @sk: locked, not yet in LISTEN
 * @backlog: length of the accept queue, the limit then
 *
 * Context: process.
 */
void tcpx_fastopen_listen(struct sock *sk, int backlog)
{
	u32 all = TCPX_FO_SERVER | TCPX_FO_SERVER_ALL;

	if ((READ_ONCE(tcpx_sk_net(sk)->fo.flags) & all) == all && !tcpx_fastopen_get_queue(sk))
		tcpx_fastopen_set_queue(sk, max(backlog, 0));
}

/**
 * tcpx_fastopen_set_connect() - TCP_FASTOPEN_CONNECT
 * @sk: locked
 * @val: 0 or 1
 *
 * Context: process.  Return: 0, -EINVAL or -EOPNOTSUPP.
 */
int tcpx_fastopen_set_connect(struct sock *sk, int val)
{
	if (val < 0 || val > 1)
		return -EINVAL;
	if (!(READ_ONCE(tcpx_sk_net(sk)->fo.flags) & TCPX_FO_CLIENT))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	tcpx_sk(sk)->fo_connect = val;
	return 0;
}

/**
 * tcpx_fastopen_set_no_cookie() - TCP_FASTOPEN_NO_COOKIE
 * @sk: locked
 * @val: 0 or 1
 *
 * Context: process.  Return: 0 or -EINVAL.
 */
int tcpx_fastopen_set_no_cookie(struct sock *sk, int val)
{
	if (val < 0 || val > 1 || (1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	tcpx_sk(sk)->fo_no_cookie = val;
	return 0;
}

/**
 * tcpx_fastopen_set_keys() - TCP_FASTOPEN_KEY
 * @sk: locked
 * @bytes: the key, and perhaps the previous one, whose cookies still count
 * @len: 16 or 32
 *
 * Context: process.  Return: 0, -EINVAL or -ENOMEM.
 */
int tcpx_fastopen_set_keys(struct sock *sk, const u8 *bytes, unsigned int len)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_fo_keys *keys, *old;

	if (len != TCPX_FO_KEY_LEN && len != 2 * TCPX_FO_KEY_LEN)
		return -EINVAL;
	keys = tcpx_fo_keys_new(bytes, len / TCPX_FO_KEY_LEN);
	if (!keys)
		return -ENOMEM;
	old = rcu_replace_pointer(tsk->fo_keys, keys, lockdep_sock_is_held(sk));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/**
 * tcpx_fastopen_get_keys() - TCP_FASTOPEN_KEY
 * @sk: any context
 * @bytes: room for 32
 *
 * The namespace's key is its administrator's secret and not shown here.
 *
 * Return: bytes filled in, 0 if the socket has no key of its own.
 */
int tcpx_fastopen_get_keys(const struct sock *sk, u8 *bytes)
{
	const struct tcpx_fo_keys *keys;
	int len;

	rcu_read_lock();
	keys = rcu_dereference(tcpx_sk(sk)->fo_keys);
	len = keys ? tcpx_fo_keys_bytes(keys, bytes) : 0;
	rcu_read_unlock();
	return len;
}
