// SPDX-License-Identifier: GPL-2.0
/*
 * A half-open connection becomes a socket.
 *
 * The ACK of our SYN turns the entry into a socket that waits in the queue of
 * accept(), and no sooner; with Fast Open the payload of a SYN does.  The child is
 * made under the listener's lock, takes the entry's place in the table, and processes the
 * segment that made it after that lock is released.  A segment that makes no child
 * is answered then, for the entry or for the listener.
 */
#include <net/busy_poll.h>

#include "../net/mib.h"
#include "../net/trace.h"
#include "../net/tuple.h"
#include "accept.h"
#include "act.h"
#include "child.h"
#include "cong_choice.h"
#include "family.h"
#include "half_open.h"
#include "life.h"
#include "listener.h"
#include "md5.h"
#include "memory.h"
#include "output.h"
#include "route.h"
#include "skb.h"
#include "sock.h"
#include "timeout.h"

/* Listener and child share no queue, lock, or timer */
static void tcpx_child_setup(struct sock *sk, struct tcpx_half_open *ho,
			     const struct tcpx_arrival *in, const struct tcpx_tcb *tcb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	struct tcpx_tuple tuple;
	u32 acked = tcb->snd_una - tcb->iss;	/* our SYN; 0 with Fast Open */

	tcpx_sock_setup(sk);
	tcpx_timeout_setup(sk);
	tsk->tcb = *tcb;
	inet->inet_dport = in->tuple.rport;
	inet->inet_sport = in->tuple.lport;
	inet->inet_num = ntohs(in->tuple.lport);
	tsk->family->child(sk, in, rcu_dereference_raw(ho->opt));
	RCU_INIT_POINTER(ho->opt, NULL);
	swap(tsk->saved_syn, ho->saved_syn);
	tsk->family->tuple(sk, &tuple);
	tcpx_node_init(&tsk->node, TCPX_KIND_SOCK, sock_net(sk), &tuple, ho->node.bound_dev_if);
	atomic64_set(&sk->sk_cookie, 0);	/* SO_COOKIE tells it from the listener */
	sk->sk_bound_dev_if = ho->node.bound_dev_if;
	sk->sk_mark = ho->mark;
	tsk->defer_accept = 0;		/* a listener's option */
	tsk->una_counted = tcb->snd_una;
	tsk->delivered = acked;
	tsk->segs_in = 1 + acked;	/* the peer's SYN and its ACK */
	sk->sk_incoming_cpu = raw_smp_processor_id();
	/* The TCB may be in ESTABLISHED already: tcpx_act() reports that change */
	sk->sk_state = TCP_SYN_RECV;
	sk->sk_txhash = ho->txhash;
}

/**
 * tcpx_child_new() - make the socket of a half-open connection
 * @lsk: the listener
 * @ho: its entry; ends, unless NULL is returned
 * @in: the segment that makes it
 * @tcb: the connection's TCB
 *
 * Context: softirq, rcu_read_lock(), the listener's lock.
 * Return: the child, locked, with a reference for the caller besides those of the
 * table and of the accept queue; NULL: no route or memory.
 */
struct sock *tcpx_child_new(struct sock *lsk, struct tcpx_half_open *ho,
			    const struct tcpx_arrival *in, const struct tcpx_tcb *tcb)
{
	struct tcpx_md5_key *md5;
	struct mem_cgroup *memcg;
	struct dst_entry *dst;
	struct tcpx_sock *tsk;
	struct sock *sk;
	struct flowi fl;

	if (tcpx_md5_copy(tcpx_md5_key(lsk, &ho->node), &md5))
		return NULL;
	dst = tcpx_half_open_route(ho, &fl);
	if (!dst)
		goto free_key;
	memcg = tcpx_charge_to(lsk);
	sk = sk_clone_lock(lsk, GFP_ATOMIC);
	tcpx_charge_end(memcg);
	if (!sk) {
		dst_release(dst);
		goto free_key;
	}
	tsk = tcpx_sk(sk);
	tcpx_child_setup(sk, ho, in, tcb);
	tcpx_md5_adopt(sk, md5);
	inet_sk(sk)->cork.fl = fl;
	tcpx_route_set(sk, dst);
	tcpx_rcvbuf_limit(&tsk->tcb);
	tcpx_cong_inherit(sk, dst);
	tcpx_port_inherit(sk, lsk);
	tcpx_sync_mss(sk, dst_mtu(dst));
	tcpx_table_replace(&ho->node, &tsk->node);
	tcpx_accept_push(lsk, sk);
	tcpx_half_open_bury(ho);
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_PASSIVE_OPENS);
	/* sk_clone_lock() took two references: the caller's and the accept queue's */
	return sk;

free_key:
	kfree_sensitive(md5);
	return NULL;
}

/**
 * tcpx_half_open_step() - a segment for a half-open connection, under the listener's lock
 * @lsk: the listener
 * @ho: its entry, not dead
 * @r: the segment; takes what it leads to
 * @tcb: takes the connection's TCB
 *
 * Context: softirq, rcu_read_lock(), the listener's lock.
 * Return: the child, as of tcpx_child_new(), if there is one now, or NULL.
 */
struct sock *tcpx_half_open_step(struct sock *lsk, struct tcpx_half_open *ho,
				 struct tcpx_lsn_rcv *r, struct tcpx_tcb *tcb)
{
	struct sock *child;

	if (!tcpx_half_open_hear(lsk, ho, r, tcb))
		return NULL;
	/* As if the ACK had been lost; the peer's next segment tries again */
	if (sk_acceptq_is_full(lsk)) {
		r->a.drop = TCPX_DROP_LISTEN_FULL;
		if (READ_ONCE(tcpx_sk_net(lsk)->abort_on_overflow)) {
			tcpx_half_open_fill(tcb, TCPX_RST, tcb->snd_nxt, r->now, &r->out);
			tcpx_half_open_kill(ho);
		}
		return NULL;
	}
	child = tcpx_child_new(lsk, ho, r->in, tcb);
	if (!child)
		r->a.drop = TCPX_DROP_NO_MEMORY;
	return child;
}

/* The child processes @skb, which has made it; the caller's reference is consumed */
static void tcpx_child_rcv(struct sock *lsk, struct sock *child, struct sk_buff *skb,
			   struct tcpx_actions *a)
{
	/* For sparse: sk_clone_lock() took the lock */
	__acquire(&child->sk_lock.slock);
	sk_mark_napi_id_set(child, skb);
	sock_rps_save_rxhash(child, skb);
	skb->dev = NULL;
	__skb_pull(skb, tcpx_hdr_len(tcpx_hdr(skb)));
	tcpx_sk(child)->family->heard(child, skb);
	tcpx_act(child, skb, a);
	if (child->sk_state != TCP_CLOSE)
		tcpx_timer_sync(child);
	lsk->sk_data_ready(lsk);
	bh_unlock_sock(child);
	sock_put(child);
}

/**
 * tcpx_listen_answer() - do what was decided under the listener's lock
 * @lsk: the listener
 * @child: locked; processes the segment; the reference is consumed; may be NULL
 * @r: the segment, consumed, and the answer
 *
 * Context: softirq, rcu_read_lock(); the listener's lock is not held.
 */
void tcpx_listen_answer(struct sock *lsk, struct sock *child, struct tcpx_lsn_rcv *r)
{
	tcpx_note_drop(r->in->net, &r->in->tuple, r->seg.seq, r->seg.flags, r->a.drop);
	if (r->out.flags)
		tcpx_half_open_xmit(r->ho, &r->out, r->dst);
	if (child) {
		tcpx_child_rcv(lsk, child, r->skb, &r->a);
		return;
	}
	if (r->a.todo & TCPX_DO_RST)
		tcpx_reply_rst(r->in, lsk, tcpx_md5_key_back(lsk, r->in), r->skb,
			       &r->a.rst);
	tcpx_free_segment(r->skb, r->a.drop);
}

/**
 * tcpx_half_open_rcv() - a segment for a half-open connection
 * @in: the segment
 * @node: of kind HALF_OPEN
 * @skb: the segment; consumed unless true is returned
 *
 * Context: softirq, rcu_read_lock().
 * Return: true if the entry is no more (it has become a socket, most often) and
 * @skb is to be looked up again.
 */
bool tcpx_half_open_rcv(const struct tcpx_arrival *in, struct tcpx_node *node,
			struct sk_buff *skb)
{
	struct tcpx_half_open *ho = tcpx_ho(node);
	struct tcpx_lsn_rcv r = { .in = in, .skb = skb, .now = ktime_get_ns() };
	struct sock *lsk = ho->lsk, *child = NULL;
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;
	struct tcpx_tcb tcb __uninitialized;
	bool gone;

	if (!tcpx_parse(skb, &r.seg))
		tcpx_mib_inc(sock_net(lsk), TCPX_MIB_IN_OPT_ERRORS);
	trace_tcpx_segment(false, &node->tuple, &r.seg, r.seg.len, TCPX_SYN_RECEIVED);
	TCPX_SKB_CB(skb)->seq = r.seg.seq;
	spin_lock(&l->lock);
	gone = ho->dead;
	if (!gone)
		child = tcpx_half_open_step(lsk, ho, &r, &tcb);
	spin_unlock(&l->lock);

	if (gone)
		return true;
	tcpx_listen_answer(lsk, child, &r);
	return false;
}
