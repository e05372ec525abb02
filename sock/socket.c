// SPDX-License-Identifier: GPL-2.0
/*
 * A socket from socket() to close(): struct proto, and CLOSE and ABORT of RFC 9293,
 * 3.9.1.  OPEN is in sock/connect.c and path/listen.c, SEND in sock/send.c, RECEIVE
 * in sock/recv.c, STATUS there and in sock/sockopt.c.  struct proto_ops is the
 * family's.
 */
#include <linux/module.h>

#include "../core/deadline.h"
#include "../net/mib.h"
#include "../path/act.h"
#include "../path/cong_choice.h"
#include "../path/family.h"
#include "../path/host_queue.h"
#include "../path/icmp.h"
#include "../path/input.h"
#include "../path/lease.h"
#include "../path/life.h"
#include "../path/listen.h"
#include "../path/md5.h"
#include "../path/memory.h"
#include "../path/output.h"
#include "../path/queue.h"
#include "../path/rcvbuf.h"
#include "../path/saved_syn.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../path/timeout.h"
#include "../tcpx_compat.h"
#include "../tcpx_timer.h"
#include "accept.h"
#include "connect.h"
#include "fastopen.h"
#include "page_frag.h"
#include "recv.h"
#include "send.h"
#include "socket.h"
#include "sockopt.h"

/* What a socket may hold even under memory pressure; buffer sizes are the namespace's */
static int tcpx_wmem_floor[3] = { 4096, 16384, 4194304 };
static int tcpx_rmem_floor[3] = { 4096, 131072, 6291456 };

/*
 * There may be room in the send buffer again: wake the writer, if one waits.  Or an skb has
 * left the host: then the socket is not locked, and RCU is what keeps @sock.
 */
static void tcpx_write_space(struct sock *sk)
{
	struct socket_wq *wq;
	struct socket *sock;

	smp_mb();	/* pairs with that in tcpx_host_queue_room(): the count, then the bit */
	tcpx_unthrottle(sk, 0);
	rcu_read_lock();
	sock = READ_ONCE(sk->sk_socket);
	if (!sock || !test_bit(SOCK_NOSPACE, &sock->flags) || !__sk_stream_is_writeable(sk, 1))
		goto out;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
out:
	rcu_read_unlock();
}

static void tcpx_destruct(struct sock *sk)
{
	/* After the RCU grace period nothing can arm it any more: see tcpx_timer.c */
	hrtimer_cancel(&tcpx_sk(sk)->timer.hr);
	kfree(tcpx_sk(sk)->listener);
	tcpx_family_of(sk->sk_family)->destruct(sk);
}

static int tcpx_init_sock(struct sock *sk)
{
	struct tcpx_net *tn = tcpx_pernet(sock_net(sk));

	tcpx_sk(sk)->family = tcpx_family_of(sk->sk_family);
	tcpx_sk(sk)->wire = READ_ONCE(tn->wire_protocol);
	tcpx_sock_setup(sk);
	tcpx_timeout_setup(sk);
	tcpx_tcb_init(&tcpx_sk(sk)->tcb, &tn->conf);
	tcpx_cong_assign(sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	set_bit(SOCK_SUPPORT_ZC, &sk->sk_socket->flags);
	tcpx_take_sol_socket(sk->sk_socket);
	sk->sk_destruct = tcpx_destruct;
	sk->sk_write_space = tcpx_write_space;
	WRITE_ONCE(sk->sk_sndbuf, tn->wmem[1]);
	WRITE_ONCE(sk->sk_rcvbuf, tn->rmem[1]);
	sk_sockets_allocated_inc(sk);
	return 0;
}

static void tcpx_destroy_sock(struct sock *sk)
{
	tcpx_write_queue_purge(sk);
	tcpx_ooo_purge(sk);
	tcpx_cong_put(sk);
	tcpx_fastopen_destroy(sk);
	tcpx_md5_destroy(sk);
	tcpx_saved_syn_drop(sk);
	tcpx_lease_settle(sk);
	tcpx_timer_stop(&tcpx_sk(sk)->timer);
	sk_sockets_allocated_dec(sk);
}

/* LISTEN ends: segments find the listener no more, and its children are reset */
static __cold void tcpx_listen_close(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_actions a;

	tcpx_fsm_call(&tsk->tcb, TCPX_EV_CLOSE, ktime_get_ns(), &a);
	tcpx_listener_unhash(sk);
	tcpx_set_state(sk, TCPX_LISTEN, TCPX_CLOSED, TCPX_EV_CLOSE);
	tcpx_listen_stop(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		tcpx_release_port(sk);
}

static bool tcpx_was_connected(u8 state)
{
	return (1 << state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_FIN_WAIT1 |
			       TCPF_FIN_WAIT2 | TCPF_SYN_RECV | TCPF_SYN_SENT);
}

/* connect() to AF_UNSPEC: the socket is as new, but for its options */
static __cold int tcpx_disconnect(struct sock *sk, int flags)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u8 old = sk->sk_state;

	if (old == TCP_LISTEN)
		tcpx_listen_close(sk);
	else if (old != TCP_CLOSE && tsk->repair)
		tcpx_abort_repaired(sk);
	else if (old != TCP_CLOSE)
		tcpx_abort(sk);
	if (tsk->repair && old != TCP_LISTEN)
		WRITE_ONCE(sk->sk_err, ECONNABORTED);
	else if (tcpx_was_connected(old))
		WRITE_ONCE(sk->sk_err, ECONNRESET);

	__skb_queue_purge(&sk->sk_receive_queue);
	tcpx_write_queue_purge(sk);
	tcpx_ooo_purge(sk);
	tcpx_saved_syn_drop(sk);
	tcpx_timer_stop(&tsk->timer);
	memset_after(tsk, 0, ooo_last);
	/* As with Linux's TCP, these two end with the connection */
	tsk->user_mss = 0;
	tsk->window_clamp = 0;
	tcpx_forget_peer(sk);
	tcpx_cong_release(&tsk->tcb);
	tcpx_tcb_reinit(&tsk->tcb);

	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	WRITE_ONCE(sk->sk_err_soft, 0);
	__sk_dst_reset(sk);
	/* A later listener's children would be cloned with the page, and it has one reference */
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	if (old != TCP_CLOSE)
		sk_error_report(sk);
	return 0;
}

/* CLOSE: 3.10.4 */
static void tcpx_send_fin(struct sock *sk)
{
	struct tcpx_actions a;

	if (tcpx_fsm_call(&tcpx_sk(sk)->tcb, TCPX_EV_CLOSE, ktime_get_ns(), &a))
		return;
	tcpx_act(sk, NULL, &a);
	tcpx_timer_sync(sk);
}

static void tcpx_shutdown(struct sock *sk, int how)
{
	const u32 can_send = TCPF_ESTABLISHED | TCPF_SYN_RECV | TCPF_CLOSE_WAIT;

	if (how & RCV_SHUTDOWN)
		tcpx_sk(sk)->tcb.rcv_shut = true;
	if (how & SEND_SHUTDOWN && (1 << sk->sk_state) & can_send)
		tcpx_send_fin(sk);
}

/* Free what was received; true if some of it was not read: RFC 2525, 2.17 */
static bool tcpx_toss_unread(struct sock *sk)
{
	u32 copied_seq = tcpx_sk(sk)->tcb.copied_seq;
	bool unread = false;
	struct sk_buff *skb;
	bool rest;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		rest = tcpx_after(TCPX_SKB_CB(skb)->end_seq, copied_seq);
		unread |= rest;
		tcpx_free_segment(skb, rest ? TCPX_DROP_CLOSED : TCPX_DROP_NONE);
	}
	return unread;
}

/* SO_LINGER: close() returns when the peer has acknowledged all, and the FIN, or @timeout ends */
static void tcpx_linger(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	bool closed;

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	do {
		closed = sk_wait_event(sk, &timeout, !((1 << sk->sk_state) &
				       (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK)), &wait);
	} while (!closed && timeout && !signal_pending(current));
	remove_wait_queue(sk_sleep(sk), &wait);
}

/*
 * close() of a connection: FIN, or RST if data are lost or SO_LINGER says so; or nothing
 * if it has been taken elsewhere (TCP_REPAIR)
 */
static void tcpx_close_connection(struct sock *sk, long timeout)
{
	bool unread = tcpx_toss_unread(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (tcpx_sk(sk)->repair)
		tcpx_disconnect(sk, 0);
	else if (unread)
		tcpx_abort(sk);		/* SHLD-3 */
	else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)
		tcpx_disconnect(sk, 0);
	else
		tcpx_send_fin(sk);
	tcpx_linger(sk, timeout);
}

/* Too many connections that no process owns */
static bool tcpx_too_many_orphans(struct sock *sk)
{
	tcpx_sk(sk)->orphan_counted = true;
	if (tcpx_quota_take(sock_net(sk), TCPX_QUOTA_ORPHAN))
		return false;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_ORPHAN_LIMIT);
	return true;
}

/* After close() the connection lives on without an owner, or ends now */
static void tcpx_orphan(struct sock *sk, u8 state)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	/* A segment from the backlog has ended it already */
	if (state != TCP_CLOSE && sk->sk_state == TCP_CLOSE)
		return;
	if (sk->sk_state == TCP_CLOSE) {
		tcpx_destroy(sk);
		return;
	}
	if (tcpx_too_many_orphans(sk) ||
	    (tcb->state == TCPX_FIN_WAIT_2 && tcb->linger2 < 0))
		tcpx_abort(sk);
	else if (!tcpx_orphan_starves(sk))
		tcpx_timer_sync(sk);
}

static void tcpx_close(struct sock *sk, long timeout)
{
	u8 state;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN)
		tcpx_listen_close(sk);
	else
		tcpx_close_connection(sk, timeout);

	sock_hold(sk);
	state = sk->sk_state;
	sock_orphan(sk);
	tcpx_fsm_orphan(&tcpx_sk(sk)->tcb, ktime_get_ns());
	release_sock(sk);

	local_bh_disable();
	bh_lock_sock(sk);
	tcpx_orphan(sk, state);
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

/*
 * SOCK_DESTROY of sock_diag: an administrator's ABORT, which the owner is told of.  close()
 * may be giving the socket up right now, under the spinlock alone: it is held as well.
 */
static int tcpx_diag_destroy(struct sock *sk, int err)
{
	bool ends = false;

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		tcpx_listen_close(sk);
		sk->sk_state_change(sk);	/* each that waits in accept() */
		ends = true;
	}
	local_bh_disable();
	bh_lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE) {
		tcpx_abort(sk);
		ends = true;
	}
	if (ends && !sock_flag(sk, SOCK_DEAD)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	release_sock(sk);
	return ends ? 0 : -ENOENT;
}

/* ACKs, deadlines, ICMP and output that fell due while the user held the socket */
static noinline void tcpx_catch_up(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	/* What follows expects a socket that is not owned by the user, as in softirq */
	sock_release_ownership(sk);
	if (test_and_clear_bit(TCPX_DEFER_ACK, &tsk->deferred) && tsk->tcb.ack_now &&
	    sk->sk_state != TCP_CLOSE)
		tcpx_send_ack(sk);
	if (test_and_clear_bit(TCPX_DEFER_PMTU, &tsk->deferred))
		tcpx_icmp_too_big(sk);
	if (test_and_clear_bit(TCPX_DEFER_TIMER, &tsk->deferred) &&
	    sk->sk_state != TCP_CLOSE)
		tcpx_timeout_run(sk);
	if (test_and_clear_bit(TCPX_DEFER_OUTPUT, &tsk->deferred) &&
	    sk->sk_state != TCP_CLOSE)
		tcpx_output(sk);
}

static void tcpx_release_cb(struct sock *sk)
{
	if (unlikely(READ_ONCE(tcpx_sk(sk)->deferred) & TCPX_DEFERS))
		tcpx_catch_up(sk);
}

static void tcpx_set_keepalive(struct sock *sk, int val)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	tcb->keep_on = val;
	tcpx_deadline_keep(tcb, ktime_get_ns());
	tcpx_timer_sync(sk);
}

static bool tcpx_stream_memory_free(const struct sock *sk, int wake)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 notsent = tcpx_fin_sent(tcb) ? 0 : READ_ONCE(tcb->write_seq) - READ_ONCE(tcb->snd_nxt);
	u32 lowat = READ_ONCE(tcpx_sk(sk)->notsent_lowat) ?:
		    READ_ONCE(tcpx_sk_net(sk)->notsent_lowat);

	/* @wake is 1 for waking a writer: not before half of it has left */
	return (u64)notsent << wake < lowat;
}

/**
 * tcpx_listen() - passive OPEN, 3.10.1, or a new backlog; struct proto_ops.listen
 * @sock: not locked
 * @backlog: length of the accept queue
 *
 * Context: process.  Return: 0 or -errno.
 */
__cold int tcpx_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		goto out;
	if (sk->sk_state == TCP_LISTEN) {
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
		err = 0;
	} else if (sk->sk_state == TCP_CLOSE) {
		tcpx_fastopen_listen(sk, backlog);
		err = tcpx_listen_start(sk, backlog);
	}
out:
	release_sock(sk);
	return err;
}

/**
 * tcpx_set_rcvlowat() - struct proto_ops.set_rcvlowat: SO_RCVLOWAT
 * @sk: locked
 * @val: bytes
 *
 * Context: process.  Return: 0.
 */
int tcpx_set_rcvlowat(struct sock *sk, int val)
{
	bool locked = sk->sk_userlocks & SOCK_RCVBUF_LOCK;

	val = min(val, (locked ? sk->sk_rcvbuf : tcpx_sk_net(sk)->rmem[2]) / 2);
	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	tcpx_data_ready(sk);
	/* What the reader waits for has to fit */
	if (!locked && 2 * val > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, 2 * val);
	return 0;
}

/**
 * tcpx_peek_len() - struct proto_ops.peek_len
 * @sock: any context
 *
 * Return: bytes that can be read.
 */
int tcpx_peek_len(struct socket *sock)
{
	return tcpx_inq(sock->sk);
}

static struct sock *tcpx_proto_accept(TCPX_ACCEPT_PARAMS)
{
	return tcpx_accept(sk, TCPX_ACCEPT_FLAGS, TCPX_ACCEPT_ERR);
}

static int tcpx_proto_recvmsg(TCPX_RECVMSG_PARAMS)
{
	if (unlikely(flags & MSG_ERRQUEUE))
		return TCPX_RECV_ERROR();
	return tcpx_recvmsg(sk, msg, len, flags);
}

struct proto tcpx_prot = {
	.name			= "TCPX",
	.owner			= THIS_MODULE,
	.close			= tcpx_close,
	.pre_connect		= tcpx_pre_connect,
	.connect		= tcpx_connect,
	.disconnect		= tcpx_disconnect,
	.diag_destroy		= tcpx_diag_destroy,
	.accept			= tcpx_proto_accept,
	.ioctl			= tcpx_ioctl,
	.init			= tcpx_init_sock,
	.destroy		= tcpx_destroy_sock,
	.shutdown		= tcpx_shutdown,
	.setsockopt		= tcpx_setsockopt,
	.getsockopt		= tcpx_getsockopt,
	.keepalive		= tcpx_set_keepalive,
	.sendmsg		= tcpx_sendmsg,
	TCPX_SENDPAGE(tcpx_sendpage)
	.recvmsg		= tcpx_proto_recvmsg,
	.backlog_rcv		= tcpx_rcv,
	.release_cb		= tcpx_release_cb,
	.unhash			= tcpx_unhash,
	.get_port		= tcpx_port_get,
	.put_port		= tcpx_release_port,
	.stream_memory_free	= tcpx_stream_memory_free,
	.enter_memory_pressure	= tcpx_enter_memory_pressure,
	.leave_memory_pressure	= tcpx_leave_memory_pressure,
	.memory_allocated	= &tcpx_memory_allocated,
	.per_cpu_fw_alloc	= &tcpx_memory_fw_alloc,
	.sockets_allocated	= &tcpx_sockets_allocated,
	.memory_pressure	= &tcpx_memory_pressure,
	.sysctl_mem		= tcpx_mem,
	.sysctl_wmem		= tcpx_wmem_floor,
	.sysctl_rmem		= tcpx_rmem_floor,
	.max_header		= TCPX_MAX_HEADER,
	.obj_size		= sizeof(struct tcpx_sock),
	.no_autobind		= true,
};

/**
 * tcpx_sock_init() - prepare for sockets
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_sock_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct tcpx_skb_cb) > sizeof_field(struct sk_buff, cb));
	BUILD_BUG_ON((int)TCPX_ESTABLISHED != (int)TCP_ESTABLISHED);
	BUILD_BUG_ON((int)TCPX_LISTEN != (int)TCP_LISTEN);
	BUILD_BUG_ON((int)TCPX_CLOSING != (int)TCP_CLOSING);
	err = tcpx_memory_init();
	if (err)
		return err;
	err = proto_register(&tcpx_prot, 1);
	if (err)
		tcpx_memory_exit();
	return err;
}

/**
 * tcpx_sock_exit() - undo tcpx_sock_init(); waits for sockets that RCU is yet to free
 *
 * Context: process, may sleep.
 */
void tcpx_sock_exit(void)
{
	rcu_barrier();
	tcpx_page_frag_exit();
	tcpx_md5_exit();
	proto_unregister(&tcpx_prot);
	tcpx_memory_exit();
}
