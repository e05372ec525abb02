// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN: RFC 9293, 3.10.7.2.
 *
 * A SYN makes a half-open entry (path/half_open.c), or is answered with a
 * cookie (path/syncookie.c), or, with Fast Open, makes a child at once
 * (path/child.c), which waits in the queue of accept() (path/accept.c).
 * A listener's queues are guarded by its own lock, not by the socket lock, so a
 * program that holds the socket delays no handshake.
 */
#include "../core/deadline.h"
#include "../core/segment.h"
#include "../core/syn.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../net/tuple.h"
#include "accept.h"
#include "child.h"
#include "family.h"
#include "half_open.h"
#include "isn.h"
#include "listen.h"
#include "listener.h"
#include "saved_syn.h"
#include "skb.h"
#include "sock.h"
#include "syncookie.h"

static u32 tcpx_choose_iss(const struct sock *lsk, const struct sk_buff *skb, u64 secret,
			   u64 now)
{
	u32 isn, floor = TCPX_SKB_CB(skb)->isn_floor;

	if (tcpx_sk(lsk)->isn_fixed)
		return tcpx_sk(lsk)->isn;
	isn = tcpx_isn(secret, now);
	return floor && tcpx_before(isn, floor) ? floor : isn;
}

/*
 * RFC 7413, 4.2.2: a child at once, where the cookie shows that the peer is real; a
 * signature leaves no room for one.
 */
static struct sock *tcpx_listen_fastopen(struct sock *lsk, struct tcpx_half_open *ho,
					 const struct tcpx_tcb *tcb, struct tcpx_lsn_rcv *r,
					 struct tcpx_fo_cookie *cookie)
{
	struct sock *child;

	if (tcb->md5)
		return NULL;
	switch (tcpx_fastopen_judge(lsk, &ho->node.tuple, &r->seg, &tcb->route, r->now, cookie)) {
	case TCPX_FO_TAKE:
		cookie->len = 0;
		break;
	case TCPX_FO_TAKE_GIVE:
		break;
	case TCPX_FO_GIVE:
		return NULL;
	default:
		cookie->len = 0;
		return NULL;
	}
	child = tcpx_child_new(lsk, ho, r->in, tcb);
	if (!child) {
		tcpx_fastopen_refused(lsk);
		return NULL;
	}
	tcpx_fastopen_child(lsk, child, cookie);
	tcpx_segment_fastopen(&tcpx_sk(child)->tcb, &r->seg, r->now, &r->a);
	return child;
}

/*
 * 3.10.7.2, third; the listener's lock is held.  Returns the child, locked, if RFC 7413
 * lets the SYN's payload make one.
 */
static noinline_for_stack struct sock *tcpx_listen_syn(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_fo_cookie cookie = { };
	struct tcpx_half_open *ho;
	struct dst_entry *dst;
	struct sock *child;
	struct tcpx_tcb tcb __uninitialized;
	struct flowi fl __uninitialized;
	u64 secret;

	if (tcpx_half_open_full(lsk))
		tcpx_half_open_evict(lsk);
	ho = tcpx_half_open_new(lsk, r);
	if (!ho)
		return NULL;
	dst = tcpx_half_open_route(ho, &fl);
	if (!dst) {
		r->a.drop = TCPX_DROP_NO_ROUTE;
		tcpx_half_open_kill(ho);
		return NULL;
	}
	secret = tcpx_syn_tcb(lsk, ho, dst, &r->seg.opt, &tcb);
	tcpx_syn_accept(&tcb, &r->seg, tcpx_choose_iss(lsk, r->skb, secret, r->now), r->now,
			&r->a);
	ho->saved_syn = tcpx_saved_syn_make(lsk, r->skb);
	child = tcpx_listen_fastopen(lsk, ho, &tcb, r, &cookie);
	if (child) {
		dst_release(dst);
		return child;
	}
	tcpx_half_open_trace(ho, &r->a);
	tcpx_half_open_fill(&tcb, TCPX_SYN | TCPX_ACK, tcb.iss, r->now, &r->out);
	if (cookie.len)
		tcpx_opt_fastopen(&r->out.opt, &cookie);
	r->ho = ho;
	r->dst = dst;
	tcpx_half_open_pack(ho, &tcb);
	tcpx_half_open_arm(ho, r->now + tcpx_rexmt_interval(&tcb));
	return NULL;
}

/* A SYN; consumed unless true is returned: then @lsk listens no more */
static noinline_for_stack bool tcpx_listen_rcv_syn(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;
	struct sock *child = NULL;
	bool cookie = false;

	spin_lock(&l->lock);
	if (lsk->sk_state != TCP_LISTEN) {
		spin_unlock(&l->lock);
		return true;
	}
	if (sk_acceptq_is_full(lsk)) {
		r->a.drop = TCPX_DROP_LISTEN_FULL;
		goto out;
	}
	cookie = tcpx_cookie_wanted(lsk, r->skb);
	if (cookie)
		tcpx_cookie_note(lsk, r->now);
	else
		child = tcpx_listen_syn(lsk, r);
out:
	spin_unlock(&l->lock);
	if (cookie)
		tcpx_cookie_synack(lsk, r);
	tcpx_listen_answer(lsk, child, r);
	return false;
}

/**
 * tcpx_listen_rcv() - a segment for a listener
 * @in: the segment
 * @lsk: in LISTEN when it was found; not locked
 * @skb: the segment; consumed unless true is returned
 *
 * Context: softirq, rcu_read_lock().
 * Return: true if @lsk listens no more, and @skb is to be looked up again: another
 * listener of its SO_REUSEPORT group may take it.
 */
bool tcpx_listen_rcv(const struct tcpx_arrival *in, struct sock *lsk, struct sk_buff *skb)
{
	struct tcpx_lsn_rcv r __uninitialized;
	struct tcpx_tcb tcb __uninitialized;
	struct net *net = in->net;

	r.in = in;
	r.skb = skb;
	r.now = ktime_get_ns();
	r.ho = NULL;
	r.out.flags = 0;
	r.dst = NULL;
	if (!tcpx_parse(skb, &r.seg))
		tcpx_mib_inc(net, TCPX_MIB_IN_OPT_ERRORS);
	TCPX_SKB_CB(skb)->seq = r.seg.seq + !!(r.seg.flags & TCPX_SYN);
	trace_tcpx_segment(false, &in->tuple, &r.seg, r.seg.len, TCPX_LISTEN);
	if (inet_sk_state_load(lsk) != TCP_LISTEN)
		return true;
	if (!in->family->unicast(skb)) {
		tcpx_discard(net, &in->tuple, skb, TCPX_DROP_NOT_HOST);
		return false;
	}
	/* 3.10.7.2: in LISTEN nothing else of it is looked at */
	tcb.state = TCPX_LISTEN;
	tcpx_segment_arrives(&tcb, &r.seg, r.now, &r.a);
	if (r.a.todo & TCPX_DO_RST && tcpx_cookie_rcv(lsk, &r))
		return false;
	if (!r.a.drop)
		return tcpx_listen_rcv_syn(lsk, &r);
	tcpx_listen_answer(lsk, NULL, &r);
	return false;
}

/* The first listen() of a socket; 0 or -ENOMEM */
static int tcpx_listener_make(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_listener *l;

	if (tsk->listener)
		return 0;
	l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	if (!l)
		return -ENOMEM;
	l->sk = sk;
	spin_lock_init(&l->lock);
	l->accept_end = &l->accept_first;
	INIT_LIST_HEAD(&l->half_open);
	smp_store_release(&tsk->listener, l);	/* pairs with tcpx_accept_ready() */
	return 0;
}

/**
 * tcpx_listen_start() - passive OPEN: 3.10.1
 * @sk: locked, CLOSED
 * @backlog: how many children may wait for accept()
 *
 * Context: process.
 * Return: 0, -EADDRINUSE or -ENOMEM.
 */
int tcpx_listen_start(struct sock *sk, int backlog)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tuple tuple;
	struct tcpx_actions a;
	int err;

	err = tcpx_listener_make(sk);
	if (err)
		return err;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	sk->sk_ack_backlog = 0;
	err = tcpx_fsm_call(&tsk->tcb, TCPX_EV_OPEN_PASSIVE, ktime_get_ns(), &a);
	if (err)
		return err;
	/* In LISTEN first: of two sockets that race for the port one sees the other */
	inet_sk_set_state(sk, TCP_LISTEN);
	if (inet_sk(sk)->inet_num)
		err = tcpx_port_listen(sk);
	else
		err = tcpx_port_get(sk, 0);
	if (err)
		goto fail;
	inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	tsk->family->tuple(sk, &tuple);
	tcpx_node_rename(&tsk->node, &tuple);
	sk_dst_reset(sk);
	err = tcpx_listener_hash(sk);
	if (err)
		goto fail;
	trace_tcpx_state(&tsk->node.tuple, TCPX_CLOSED, TCPX_LISTEN, TCPX_EV_OPEN_PASSIVE);
	return 0;

fail:
	tsk->tcb.state = TCPX_CLOSED;
	inet_sk_set_state(sk, TCP_CLOSE);
	return err;
}

/**
 * tcpx_listen_stop() - a listener closes: its half-open and unaccepted connections end
 * @sk: locked, no longer in LISTEN, so that nothing is added
 *
 * There may be very many half-open entries: the lock is taken for a batch at a time.
 *
 * Context: process.
 */
void tcpx_listen_stop(struct sock *sk)
{
	while (tcpx_half_open_purge(sk))
		cond_resched();
	tcpx_accept_purge(sk);
}
