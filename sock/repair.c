// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_REPAIR: a connection is taken from one socket to another, as CRIU does it.
 *
 * Of the old socket the sequence numbers, what the SYNs agreed on, both windows and
 * both queues are read; close() then ends it without a segment.  The new one is given
 * the numbers (TCP_QUEUE_SEQ), is ESTABLISHED as soon as connect() is called, and is
 * given the rest.  What is written to the send queue counts as sent, what is written to
 * the receive queue as received.  Segments that arrive are processed as ever: to keep
 * them away meanwhile is the user's.
 *
 * Calls, values and errors are Linux's; core/repair.c looks at the values.
 */
#include <linux/tcp.h>
#include <net/sock.h>

#include "../core/repair.h"
#include "../path/output.h"
#include "../path/queue.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "repair.h"

/* A listener has no connection that could be taken elsewhere */
static bool tcpx_may_repair(const struct sock *sk)
{
	return ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN) && sk->sk_state != TCP_LISTEN;
}

/* The peer's answer tells its window, and what it has received */
static void tcpx_repair_probe(struct sock *sk)
{
	if (sk->sk_state != TCP_ESTABLISHED)
		return;
	tcpx_repair_take_window(&tcpx_sk(sk)->tcb);
	tcpx_send_probe(sk);
}

/**
 * tcpx_repair_set_mode() - TCP_REPAIR
 * @sk: locked
 * @val: TCP_REPAIR_ON, _OFF, or _OFF_NO_WP: without a segment
 *
 * In repair mode a socket may be bound to a port that is in use.
 *
 * Context: process.  Return: 0, -EPERM or -EINVAL.
 */
int tcpx_repair_set_mode(struct sock *sk, int val)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (!tcpx_may_repair(sk))
		return -EPERM;
	if (val < TCP_REPAIR_OFF_NO_WP || val > TCP_REPAIR_ON)
		return -EINVAL;
	tsk->repair = val == TCP_REPAIR_ON;
	sk->sk_reuse = tsk->repair ? SK_FORCE_REUSE : SK_NO_REUSE;
	if (tsk->repair)
		tsk->repair_queue = TCP_NO_QUEUE;
	else if (val == TCP_REPAIR_OFF)
		tcpx_repair_probe(sk);
	return 0;
}

/**
 * tcpx_repair_set_queue() - TCP_REPAIR_QUEUE: which queue send() and recv() are for
 * @sk: locked
 * @val: TCP_NO_QUEUE, TCP_RECV_QUEUE or TCP_SEND_QUEUE
 *
 * Context: process.  Return: 0, -EPERM or -EINVAL.
 */
int tcpx_repair_set_queue(struct sock *sk, int val)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (!tsk->repair)
		return -EPERM;
	if (val < 0 || val >= TCP_QUEUES_NR)
		return -EINVAL;
	tsk->repair_queue = val;
	return 0;
}

/**
 * tcpx_repair_set_seq() - TCP_QUEUE_SEQ: the number of what is queued next
 * @sk: locked
 * @val: the number
 *
 * As with Linux's TCP the mode may be off again: connect() then sends a SYN with it.
 *
 * Context: process.  Return: 0, -EPERM or -EINVAL.
 */
int tcpx_repair_set_seq(struct sock *sk, u32 val)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;

	if (sk->sk_state != TCP_CLOSE)
		return -EPERM;
	switch (tsk->repair_queue) {
	case TCP_SEND_QUEUE:
		WRITE_ONCE(tcb->write_seq, val);
		tcb->fin_queued = false;	/* of a connection that is over */
		return 0;
	case TCP_RECV_QUEUE:
		if (tcb->rcv_nxt != tcb->copied_seq)
			return -EPERM;
		WRITE_ONCE(tcb->rcv_nxt, val);
		WRITE_ONCE(tcb->copied_seq, val);
		return 0;
	default:
		return -EINVAL;
	}
}

/**
 * tcpx_repair_set_timestamp() - TCP_TIMESTAMP: TSval goes on from there
 * @sk: locked
 * @val: the TSval of now
 *
 * Context: process.  Return: 0 or -EPERM.
 */
int tcpx_repair_set_timestamp(struct sock *sk, u32 val)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (!tcpx_sk(sk)->repair)
		return -EPERM;
	tcb->ts_offset += val - tcpx_tsval(tcb, ktime_get_ns());
	return 0;
}

/* TCP_REPAIR_OPTIONS: those before a wrong one count */
static int tcpx_repair_set_options(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcp_repair_opt opt;
	unsigned int at;
	int err = 0;

	if (!tsk->repair)
		return -EINVAL;
	if (sk->sk_state != TCP_ESTABLISHED || tsk->bytes_sent)
		return -EPERM;
	for (at = 0; !err && optlen - at >= sizeof(opt); at += sizeof(opt)) {
		if (copy_from_sockptr_offset(&opt, optval, at, sizeof(opt)))
			err = -EFAULT;
		else
			err = tcpx_repair_option(&tsk->tcb, opt.opt_code, opt.opt_val,
						 ktime_get_ns());
	}
	tcpx_fit_mtu(sk, tsk->pmtu);
	return err;
}

static int tcpx_repair_put_window(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct tcp_repair_window opt;
	struct tcpx_repair_window w;
	int err;

	if (!tcpx_sk(sk)->repair)
		return -EPERM;
	if (optlen != sizeof(opt))
		return -EINVAL;
	if (copy_from_sockptr(&opt, optval, sizeof(opt)))
		return -EFAULT;
	w = (struct tcpx_repair_window){
		.snd_wl1 = opt.snd_wl1, .snd_wnd = opt.snd_wnd, .max_snd_wnd = opt.max_window,
		.rcv_wnd = opt.rcv_wnd, .rcv_wup = opt.rcv_wup,
	};
	err = tcpx_repair_set_window(&tcpx_sk(sk)->tcb, &w);
	if (!err && tcpx_sk(sk)->pmtu)
		tcpx_fit_mtu(sk, tcpx_sk(sk)->pmtu);
	return err;
}

/**
 * tcpx_repair_set() - TCP_REPAIR_OPTIONS and TCP_REPAIR_WINDOW
 * @sk: not locked
 * @optname: one of these
 * @optval: the value
 * @optlen: its bytes
 *
 * Context: process, may sleep.  Return: 0 or -errno.
 */
int tcpx_repair_set(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen)
{
	int err;

	lock_sock(sk);
	err = optname == TCP_REPAIR_WINDOW ? tcpx_repair_put_window(sk, optval, optlen) :
					     tcpx_repair_set_options(sk, optval, optlen);
	tcpx_timer_sync(sk);
	release_sock(sk);
	return err;
}

/**
 * tcpx_repair_get_queue() - TCP_REPAIR_QUEUE
 * @sk: the socket
 * @val: takes it
 *
 * Context: process.  Return: 0 or -EINVAL.
 */
int tcpx_repair_get_queue(const struct sock *sk, int *val)
{
	*val = tcpx_sk(sk)->repair_queue;
	return tcpx_sk(sk)->repair ? 0 : -EINVAL;
}

/**
 * tcpx_repair_get_seq() - TCP_QUEUE_SEQ: the number of what is queued next, after a FIN
 * @sk: the socket
 * @val: takes it
 *
 * Context: process.  Return: 0 or -EINVAL.
 */
int tcpx_repair_get_seq(const struct sock *sk, int *val)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	switch (tcpx_sk(sk)->repair_queue) {
	case TCP_SEND_QUEUE:
		*val = READ_ONCE(tcb->write_seq) + tcb->fin_queued;
		return 0;
	case TCP_RECV_QUEUE:
		*val = READ_ONCE(tcb->rcv_nxt);
		return 0;
	default:
		return -EINVAL;
	}
}

/**
 * tcpx_repair_get_mss() - TCP_MAXSEG in repair mode: for TCP_REPAIR_OPTIONS
 * @sk: the socket
 *
 * Context: process.
 * Return: the MSS of the peer's SYN, or TCP_MAXSEG's if that is less; 0: there was none.
 */
u16 tcpx_repair_get_mss(const struct sock *sk)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);

	/* Before connect() there is no peer */
	return tsk->pmtu ? min(tsk->tcb.peer_mss, tsk->user_mss ?: U16_MAX) : 0;
}

/**
 * tcpx_repair_get() - TCP_REPAIR_WINDOW
 * @sk: not locked
 * @optval: takes it
 * @len: room in @optval, bytes
 *
 * Context: process, may sleep.  Return: 0, -EINVAL, -EPERM or -EFAULT.
 */
int tcpx_repair_get(struct sock *sk, char __user *optval, int len)
{
	struct tcp_repair_window opt;
	struct tcpx_repair_window w;
	bool repair;

	if (len != sizeof(opt))
		return -EINVAL;
	lock_sock(sk);
	repair = tcpx_sk(sk)->repair;
	tcpx_repair_get_window(&tcpx_sk(sk)->tcb, &w);
	release_sock(sk);
	if (!repair)
		return -EPERM;
	opt = (struct tcp_repair_window){
		.snd_wl1 = w.snd_wl1, .snd_wnd = w.snd_wnd, .max_window = w.max_snd_wnd,
		.rcv_wnd = w.rcv_wnd, .rcv_wup = w.rcv_wup,
	};
	return copy_to_user(optval, &opt, sizeof(opt)) ? -EFAULT : 0;
}

/* So much payload of @size bytes as one skb takes: whole pages, and the rest in its head */
static struct sk_buff *tcpx_repair_alloc(struct sock *sk, size_t size, int *err)
{
	size_t paged = min_t(size_t, size >> PAGE_SHIFT, MAX_SKB_FRAGS) << PAGE_SHIFT;
	struct sk_buff *skb;

	if (size <= PAGE_SIZE)
		paged = 0;
	else
		size = paged + (size & ~PAGE_MASK);
	skb = alloc_skb_with_frags(size - paged, paged, PAGE_ALLOC_COSTLY_ORDER, err,
				   sk->sk_allocation);
	if (!skb)
		return NULL;
	skb_put(skb, size - paged);
	skb->data_len = paged;
	skb->len = size;
	return skb;
}

/* send() to the receive queue */
static int tcpx_repair_receive(struct sock *sk, struct msghdr *msg)
{
	size_t size = msg_data_left(msg);
	struct sk_buff *skb;
	int err;

	if (!size)
		return 0;
	/* Nothing comes after the peer's FIN */
	if (sk->sk_state != TCP_ESTABLISHED)
		return -EPERM;
	skb = tcpx_repair_alloc(sk, size, &err);
	if (!skb)
		return err;
	size = skb->len;
	err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, size);
	if (!err)
		err = tcpx_queue_repaired(sk, skb);
	if (!err)
		return size;
	kfree_skb(skb);
	return err;
}

/**
 * tcpx_repair_send() - send() in repair mode, but to the send queue
 * @sk: locked, ESTABLISHED or CLOSE-WAIT
 * @msg: the payload
 *
 * Context: process, may sleep.  Return: bytes, perhaps not all, or -errno.
 */
__cold int tcpx_repair_send(struct sock *sk, struct msghdr *msg)
{
	return tcpx_sk(sk)->repair_queue == TCP_RECV_QUEUE ? tcpx_repair_receive(sk, msg) :
							      -EINVAL;
}

/* All that is not acknowledged; the first skb may be in part */
static int tcpx_peek_send_queue(struct sock *sk, struct msghdr *msg)
{
	u32 una = tcpx_sk(sk)->tcb.snd_una, acked;
	struct sk_buff *skb;
	int copied = 0;

	skb_queue_walk(&sk->sk_write_queue, skb) {
		acked = tcpx_after(una, TCPX_SKB_CB(skb)->seq) ? una - TCPX_SKB_CB(skb)->seq : 0;
		if (acked >= skb->len)
			continue;
		if (skb_copy_datagram_msg(skb, acked, msg, skb->len - acked))
			return -EFAULT;
		copied += skb->len - acked;
	}
	return copied;
}

/**
 * tcpx_repair_recv() - recv() in repair mode: MSG_PEEK shows the chosen queue
 * @sk: locked
 * @msg: where to
 * @flags: MSG_*
 * @ret: what recv() returns, if that is all
 *
 * Context: process, may sleep.  Return: false if it goes on as ever.
 */
__cold bool tcpx_repair_recv(struct sock *sk, struct msghdr *msg, int flags, int *ret)
{
	if (!(flags & MSG_PEEK)) {
		*ret = -EPERM;
		return true;
	}
	switch (tcpx_sk(sk)->repair_queue) {
	case TCP_RECV_QUEUE:
		return false;
	case TCP_SEND_QUEUE:
		*ret = tcpx_peek_send_queue(sk, msg);
		return true;
	default:
		*ret = -EINVAL;
		return true;
	}
}
