// SPDX-License-Identifier: GPL-2.0
/*
 * A half-open connection: its SYN has come, our SYN,ACK is not yet acknowledged.
 *
 * A SYN makes a small entry, not a socket.  Segments for it go through the same
 * state machine as all others, on a TCB that is unpacked from the entry each time.
 * Entries are guarded by their listener's lock (struct tcpx_listener), never by the
 * socket lock, so a program that holds the socket delays no handshake.  Nothing is sent
 * under the listener's lock: what is to leave is written down, and sent after that.
 *
 * The queue of half-open entries is bounded by net.tcpx.max_syn_backlog, and all
 * queues together by net/quota.c.  When it is full, SYNs are answered with cookies
 * (path/syncookie.c).  Without cookies the oldest entry gives way, so that even
 * under a flood a peer gets in if it answers before the queue has been filled once
 * more.
 *
 * An entry ends once, under the listener's lock: it leaves the table, is marked dead, and
 * is freed after an RCU grace period.
 *
 * Its deadline is set under the listener's lock, by a SYN or when it has passed, while
 * the entry is not dead.  Setting dead, under the same lock, is the end of that.  It may
 * have passed just then on another CPU, which so looks at dead before it takes the lock,
 * since the listener may be freed already; as long as the entry is not dead the listener
 * outlives that RCU section.
 */
#include "../core/conf.h"
#include "../core/ecn.h"
#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/syn.h"
#include "../core/timeout.h"
#include "../core/window.h"
#include "../net/challenge.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../tcpx_compat.h"
#include "entry.h"
#include "family.h"
#include "half_open.h"
#include "host_queue.h"
#include "isn.h"
#include "listener.h"
#include "md5.h"
#include "output.h"
#include "rcv_space.h"
#include "route.h"
#include "view.h"

#define TCPX_HALF_OPEN_BATCH	128	/* entries that end in one go, softirqs off */

static struct tcpx_entry_cache tcpx_half_open_cache;
static struct tcpx_expiries tcpx_half_open_expiries;

/**
 * tcpx_half_open_listener() - the listener of a half-open connection
 * @node: of kind HALF_OPEN
 *
 * Context: rcu_read_lock().
 * Return: the listener, which may have closed meanwhile.
 */
struct sock *tcpx_half_open_listener(const struct tcpx_node *node)
{
	return tcpx_ho(node)->lsk;
}

static void tcpx_half_open_free(struct rcu_head *rcu)
{
	struct tcpx_half_open *ho = container_of(rcu, struct tcpx_half_open, expiry.rcu);

	kfree(rcu_dereference_raw(ho->opt));
	kfree(ho->saved_syn);
	tcpx_entry_free(&tcpx_half_open_cache, &ho->node.tuple, ho);
}

/**
 * tcpx_half_open_bury() - end an entry that has left the table
 * @ho: not dead
 *
 * Context: the listener's lock.
 */
void tcpx_half_open_bury(struct tcpx_half_open *ho)
{
	WRITE_ONCE(ho->dead, true);
	list_del(&ho->link);
	tcpx_quota_put(ho->node.net, TCPX_QUOTA_HALF_OPEN);
	tcpx_sk(ho->lsk)->listener->nr_half_open--;
	tcpx_expiry_clear(&tcpx_half_open_expiries, &ho->expiry);
	call_rcu(&ho->expiry.rcu, tcpx_half_open_free);
}

/**
 * tcpx_half_open_kill() - end an entry, unless it has ended already
 * @ho: valid under RCU
 *
 * Context: the listener's lock.
 */
void tcpx_half_open_kill(struct tcpx_half_open *ho)
{
	if (ho->dead)
		return;
	tcpx_table_remove(&ho->node);
	tcpx_half_open_bury(ho);
}

/**
 * tcpx_half_open_pack() - store a TCB in an entry
 * @ho: the entry
 * @tcb: in SYN-RECEIVED
 *
 * Context: the listener's lock.
 */
void tcpx_half_open_pack(struct tcpx_half_open *ho, const struct tcpx_tcb *tcb)
{
	ho->iss = tcb->iss;
	ho->irs = tcb->irs;
	ho->rcv_wnd = tcb->rcv_wnd;
	ho->snd_wnd = tcb->snd_wnd;
	ho->ts_recent = tcb->ts_recent;
	ho->ts_recent_stamp = tcb->ts_recent_stamp;
	ho->ts_offset = tcb->ts_offset;
	ho->peer_mss = tcb->peer_mss;
	ho->adv_mss = tcb->adv_mss;
	ho->snd_wscale = tcb->snd_wscale;
	ho->rcv_wscale = tcb->rcv_wscale;
	ho->rexmt_shift = tcb->rexmt_shift;
	ho->ecn_mode = tcb->ecn.mode;
	ho->ts_ok = tcb->ts_ok;
	ho->sack_ok = tcb->sack_ok;
	ho->wscale_ok = tcb->wscale_ok;
	ho->user_timeout = tcb->user_timeout;
	ho->oow_last = tcb->oow_last;
	ho->synack_sent = tcb->last_snd;
	if (tcb->rtt_timing)
		ho->syn_sent = tcb->rtt_start;
}

static void tcpx_half_open_unpack(const struct tcpx_half_open *ho, struct tcpx_tcb *tcb)
{
	const struct tcpx_tcb *ltcb = &tcpx_sk(ho->lsk)->tcb;

	tcpx_tcb_init(tcb, ltcb->conf);
	tcb->state = TCPX_SYN_RECEIVED;
	tcb->passive = true;
	tcpx_syn_set_iss(tcb, ho->iss);
	tcb->snd_nxt++;			/* the SYN,ACK */
	tcb->irs = ho->irs;
	tcb->rcv_nxt = ho->irs + 1;
	tcb->copied_seq = tcb->rcv_nxt;
	tcb->last_ack_sent = tcb->rcv_nxt;
	tcb->rcv_up = tcb->rcv_nxt;
	tcb->snd_wl1 = ho->irs;
	tcb->rcv_wnd = ho->rcv_wnd;
	tcb->snd_wnd = ho->snd_wnd;
	tcb->max_snd_wnd = ho->snd_wnd;
	tcb->ecn.mode = ho->ecn_mode;
	tcb->ts_ok = ho->ts_ok;
	tcb->sack_ok = ho->sack_ok;
	tcb->wscale_ok = ho->wscale_ok;
	tcb->ts_recent = ho->ts_recent;
	tcb->ts_recent_stamp = ho->ts_recent_stamp;
	tcb->ts_offset = ho->ts_offset;
	tcb->peer_mss = ho->peer_mss;
	tcb->adv_mss = ho->adv_mss;
	tcb->snd_wscale = ho->snd_wscale;
	tcb->rcv_wscale = ho->rcv_wscale;
	tcpx_tcb_inherit(tcb, ltcb);
	tcb->md5 = tcpx_md5_key(ho->lsk, &ho->node);
	tcb->user_timeout = ho->user_timeout;
	tcb->oow_last = ho->oow_last;
	tcb->rexmt_shift = ho->rexmt_shift;
	tcb->backoff = ho->rexmt_shift;
	tcb->syn_rexmts = ho->rexmt_shift;
	/* Karn: the SYN,ACK times the path if it was sent once only */
	tcb->rtt_timing = !ho->rexmt_shift && !ho->resent && !ho->cookie;
	tcb->rtt_seq = ho->iss + 1;
	tcb->rtt_start = ho->syn_sent;
	tcb->last_rcv = ho->syn_sent;
	tcb->last_snd = ho->synack_sent;
}

static const struct tcpx_family *tcpx_half_open_family(const struct tcpx_half_open *ho)
{
	return tcpx_family_of(ho->node.tuple.family);
}

/* Context: rcu_read_lock() */
static struct tcpx_peer tcpx_half_open_peer(const struct tcpx_half_open *ho)
{
	return (struct tcpx_peer){
		.lsk = ho->lsk, .node = &ho->node, .mark = ho->mark,
		.flow_label = ho->flow_label, .opt = rcu_dereference(ho->opt),
	};
}

/**
 * tcpx_half_open_route() - the route to the peer
 * @ho: the entry
 * @fl: filled in: the flow, which a socket keeps with the route
 *
 * Context: rcu_read_lock().
 * Return: a route, with a reference, or NULL.
 */
struct dst_entry *tcpx_half_open_route(const struct tcpx_half_open *ho, struct flowi *fl)
{
	const struct tcpx_peer peer = tcpx_half_open_peer(ho);

	return tcpx_half_open_family(ho)->route_back(&peer, fl);
}

/**
 * tcpx_half_open_fill() - write a segment down to send later; for the TCB it is sent
 * @tcb: in SYN-RECEIVED
 * @flags: TCPX_*
 * @seq: its sequence number
 * @now: ns
 * @out: filled in, for tcpx_half_open_xmit()
 *
 * Context: the listener's lock, unless the entry is the caller's own.
 */
void tcpx_half_open_fill(struct tcpx_tcb *tcb, u8 flags, u32 seq, u64 now,
			 struct tcpx_seg *out)
{
	*out = (struct tcpx_seg){ .seq = seq, .ack = tcb->rcv_nxt, .flags = flags };
	if (!(flags & TCPX_RST))
		out->wnd = tcpx_wnd_field(tcb, flags & TCPX_SYN);
	tcpx_ecn_flags(tcb, out);
	tcpx_send_opts(tcb, flags, now, &out->opt);
	if (!(flags & TCPX_RST))
		tcpx_sent(tcb, seq, !!(flags & TCPX_SYN), flags, now);
}

/*
 * @skb is the listener's, which may be on its way out.  It is charged for it: an skb that
 * has a socket and grows, as for ESP, charges the socket for what it grows by.
 */
static bool tcpx_half_open_own(struct sk_buff *skb, struct sock *lsk)
{
	if (!refcount_inc_not_zero(&lsk->sk_refcnt))
		return false;
	skb_set_owner_w(skb, lsk);
	sock_put(lsk);
	return true;
}

/**
 * tcpx_half_open_xmit() - send what was written down
 * @ho: the entry that it is sent for
 * @out: what tcpx_half_open_fill() has written down; gets its signature
 * @dst: its route, consumed; NULL: look it up
 *
 * Context: rcu_read_lock(), and no lock is held.
 */
void tcpx_half_open_xmit(const struct tcpx_half_open *ho, struct tcpx_seg *out,
			 struct dst_entry *dst)
{
	const struct tcpx_peer peer = tcpx_half_open_peer(ho);
	u32 tx_delay = READ_ONCE(tcpx_sk(ho->lsk)->tx_delay);
	struct net *net = ho->node.net;
	struct sk_buff *skb;
	struct flowi fl __uninitialized;

	if (!dst)
		dst = tcpx_half_open_route(ho, &fl);
	if (!dst)
		return;
	skb = alloc_skb(TCPX_MAX_HEADER, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb) {
		dst_release(dst);
		return;
	}
	skb_reserve(skb, TCPX_MAX_HEADER);
	/* A cookie has no owner: under a flood the CPUs would share the listener's count */
	if (!ho->cookie && !tcpx_half_open_own(skb, ho->lsk)) {
		dst_release(dst);
		kfree_skb(skb);
		return;
	}
	skb->mark = ho->mark;
	skb_set_hash(skb, ho->txhash, PKT_HASH_TYPE_L4);
	if (unlikely(tx_delay))
		tcpx_hold_back(skb, tx_delay);
	tcpx_opt_sign(&out->opt, tcpx_md5_key(ho->lsk, &ho->node));
	trace_tcpx_segment(true, &ho->node.tuple, out, 0, TCPX_SYN_RECEIVED);
	tcpx_mib_inc(net, TCPX_MIB_OUT_SEGS);
	if (out->flags & TCPX_RST)
		tcpx_mib_inc(net, TCPX_MIB_OUT_RSTS);
	tcpx_half_open_family(ho)->xmit_half_open(&peer, skb, dst, out);
}

/* Context: the listener's lock */
static void tcpx_half_open_synack(struct tcpx_half_open *ho, struct tcpx_tcb *tcb, u64 now,
				  struct tcpx_seg *out)
{
	ho->resent = true;
	ho->synack_sent = now;
	trace_tcpx_retransmit(&ho->node.tuple, tcb->iss, 0, TCPX_SYN | TCPX_ACK, tcb->state,
			      tcb->rexmt_shift);
	tcpx_half_open_fill(tcb, TCPX_SYN | TCPX_ACK, tcb->iss, now, out);
}

/**
 * tcpx_half_open_arm() - set the time-out of the SYN,ACK
 * @ho: not dead
 * @deadline: ns
 *
 * Context: the listener's lock.
 */
void tcpx_half_open_arm(struct tcpx_half_open *ho, u64 deadline)
{
	tcpx_expiry_set(&tcpx_half_open_expiries, &ho->expiry, deadline);
}

/**
 * tcpx_half_open_trace() - tell the tracepoint of changes of state
 * @ho: the entry
 * @a: from the state machine
 *
 * Context: any.
 */
void tcpx_half_open_trace(const struct tcpx_half_open *ho, const struct tcpx_actions *a)
{
	int i;

	for (i = 0; i < a->nr; i++)
		trace_tcpx_state(&ho->node.tuple, a->trans[i].from, a->trans[i].to,
				 a->trans[i].event);
}

/* NSEC_PER_SEC is a long, which may have 32 bits */
static u64 tcpx_defer_ns(const struct sock *lsk)
{
	return (u64)tcpx_sk(lsk)->defer_accept * NSEC_PER_SEC;
}

/* The SYN,ACK again, until R2: RFC 9293, 3.8.3 */
static void tcpx_half_open_passed(struct tcpx_expiry *expiry)
{
	struct tcpx_half_open *ho = container_of(expiry, struct tcpx_half_open, expiry);
	struct tcpx_listener *l;
	u64 now = ktime_get_ns();
	struct tcpx_seg out = { };
	struct tcpx_actions a;
	struct tcpx_tcb tcb __uninitialized;

	if (READ_ONCE(ho->dead))
		return;
	l = tcpx_sk(ho->lsk)->listener;
	spin_lock(&l->lock);
	if (ho->dead)
		goto out;
	tcpx_half_open_unpack(ho, &tcb);
	tcpx_timeout(&tcb, TCPX_T_REXMT, now, &a);
	tcpx_half_open_trace(ho, &a);
	if (a.todo & TCPX_DO_DELETE) {
		tcpx_mib_inc(ho->node.net, TCPX_MIB_ATTEMPT_FAILS);
		tcpx_half_open_kill(ho);
		goto out;
	}
	if (!ho->deferred || now - ho->syn_sent >= tcpx_defer_ns(ho->lsk)) {
		tcpx_mib_inc(ho->node.net, TCPX_MIB_RETRANS_SEGS);
		/* Another hash may choose a path that works */
		if (READ_ONCE(ho->lsk->sk_txrehash) == SOCK_TXREHASH_ENABLED)
			ho->txhash = net_tx_rndhash();
		tcpx_half_open_synack(ho, &tcb, now, &out);
	}
	tcpx_half_open_pack(ho, &tcb);
	tcpx_half_open_arm(ho, tcb.deadline[TCPX_T_REXMT]);
out:
	spin_unlock(&l->lock);
	if (out.flags)
		tcpx_half_open_xmit(ho, &out, NULL);
}

static struct tcpx_expiries tcpx_half_open_expiries = { .passed = tcpx_half_open_passed };

/**
 * tcpx_syn_tcb() - make the TCB, in LISTEN, that a SYN will find
 * @lsk: the listener
 * @ho: the entry that the SYN makes
 * @dst: the route to the peer
 * @syn: the SYN's options
 * @tcb: filled in
 *
 * Context: softirq, rcu_read_lock().
 * Return: tcpx_isn_secret(), for the ISS.
 */
u64 tcpx_syn_tcb(const struct sock *lsk, const struct tcpx_half_open *ho,
		 const struct dst_entry *dst, const struct tcpx_opts *syn,
		 struct tcpx_tcb *tcb)
{
	u64 secret = tcpx_isn_secret(sock_net(lsk), &ho->node.tuple);
	const struct tcpx_sock *lsn = tcpx_sk(lsk);
	struct tcpx_route route;
	u32 clamp, stamps;

	tcpx_tcb_init(tcb, lsn->tcb.conf);
	tcb->state = TCPX_LISTEN;
	tcb->default_mss = tcpx_half_open_family(ho)->default_mss;
	tcpx_tcb_inherit(tcb, &lsn->tcb);
	tcb->md5 = tcpx_md5_key(lsk, &ho->node);
	tcpx_route_read(dst, &route);
	tcpx_tcb_route(tcb, &route);
	tcb->adv_mss = tcpx_adv_mss(lsk, dst);
	clamp = tcpx_rcv_clamp(lsk, &route);
	stamps = syn->has & TCPX_HAS_TS && tcpx_timestamps(tcb) ? TCPX_TS_OPT_LEN : 0;
	tcpx_wnd_offer(tcb, min(tcpx_rcv_total(lsk), clamp), tcb->adv_mss - stamps);
	tcb->rcv_wscale = tcpx_rcv_scale(lsk, clamp);
	tcb->ts_offset = tcpx_ts_offset(secret);
	return secret;
}

/* A link-local peer is on the link that it was heard on, whatever the listener is bound to */
static int tcpx_half_open_dev(const struct sock *lsk, const struct tcpx_lsn_rcv *r)
{
	const struct tcpx_arrival *in = r->in;

	if (tcpx_tuple_link_local(&in->tuple) && (!READ_ONCE(lsk->sk_bound_dev_if) || in->sdif))
		return in->sdif ?: in->dif;
	return inet_request_bound_dev_if(lsk, r->skb);
}

/**
 * tcpx_half_open_setup() - fill in an entry from its SYN
 * @ho: filled in, but for its timer; its 4-tuple is @r's, addresses and all
 * @lsk: the listener
 * @r: the SYN, or the ACK that brings its cookie back
 *
 * Context: softirq, rcu_read_lock().
 */
void tcpx_half_open_setup(struct tcpx_half_open *ho, struct sock *lsk,
			  const struct tcpx_lsn_rcv *r)
{
	const struct tcpx_arrival *in = r->in;

	memset(ho, 0, sizeof(*ho));
	tcpx_node_init(&ho->node, TCPX_KIND_HALF_OPEN, in->net, &in->tuple,
		       tcpx_half_open_dev(lsk, r));
	ho->lsk = lsk;
	ho->mark = inet_request_mark(lsk, r->skb);
	ho->flow_label = in->flow_label;
	ho->txhash = net_tx_rndhash();
	RCU_INIT_POINTER(ho->opt, in->family->return_opt(in->net, r->skb));
}

/**
 * tcpx_half_open_new() - make an entry, in the table
 * @lsk: the listener, in LISTEN
 * @r: the SYN, or the ACK that brings its cookie back; takes why it is dropped
 *
 * Context: softirq, rcu_read_lock(), the listener's lock.
 * Return: the entry, or NULL: no memory, over the quota, or another CPU was first.
 */
struct tcpx_half_open *tcpx_half_open_new(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;
	struct net *net = sock_net(lsk);
	struct tcpx_half_open *ho;

	r->a.drop = TCPX_DROP_NO_MEMORY;
	if (!tcpx_quota_take(net, TCPX_QUOTA_HALF_OPEN))
		goto over;
	ho = tcpx_entry_alloc(&tcpx_half_open_cache, &r->in->tuple, lsk);
	if (!ho)
		goto over;
	tcpx_half_open_setup(ho, lsk, r);
	tcpx_tuple_keep(&ho->node.tuple, ho->addrs);
	tcpx_expiry_setup(&ho->expiry);
	/* Another CPU was first with the same segment */
	if (tcpx_table_insert(&ho->node, NULL, NULL)) {
		tcpx_half_open_free(&ho->expiry.rcu);
		r->a.drop = TCPX_DROP_OLD_DATA;
		goto over;
	}
	r->a.drop = TCPX_DROP_NONE;
	list_add_tail(&ho->link, &l->half_open);
	l->nr_half_open++;
	return ho;
over:
	tcpx_quota_put(net, TCPX_QUOTA_HALF_OPEN);
	return NULL;
}

/**
 * tcpx_half_open_full() - is there no room for one more entry?
 * @lsk: the listener
 *
 * Context: the listener's lock.
 * Return: true if there is none.
 */
bool tcpx_half_open_full(const struct sock *lsk)
{
	u32 most = READ_ONCE(tcpx_sk_net(lsk)->max_syn_backlog);

	return tcpx_sk(lsk)->listener->nr_half_open >= most ||
	       tcpx_quota_full(sock_net(lsk), TCPX_QUOTA_HALF_OPEN);
}

/**
 * tcpx_half_open_evict() - the oldest entry makes room
 * @lsk: the listener
 *
 * There may be none, if other listeners have used up the quota.
 *
 * Context: the listener's lock.
 */
void tcpx_half_open_evict(struct sock *lsk)
{
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;
	struct tcpx_half_open *ho;

	ho = list_first_entry_or_null(&l->half_open, struct tcpx_half_open, link);
	if (!ho)
		return;
	tcpx_mib_inc(sock_net(lsk), TCPX_MIB_LISTEN_EVICTED);
	tcpx_half_open_kill(ho);
}

/* TCP_DEFER_ACCEPT: until the time is over a bare ACK is ignored */
static bool tcpx_half_open_defers(const struct sock *lsk, struct tcpx_half_open *ho,
				  const struct tcpx_seg *seg, u64 now)
{
	u64 limit = tcpx_defer_ns(lsk);

	ho->deferred = limit && !seg->len && !(seg->flags & TCPX_FIN) &&
		       now - ho->syn_sent < limit;
	return ho->deferred;
}

/* SHLD-24: the SYN has come again, perhaps with another source route */
static void tcpx_half_open_learn(struct tcpx_half_open *ho, const struct tcpx_lsn_rcv *r)
{
	struct tcpx_ip_opt *opt = r->in->family->return_opt(r->in->net, r->skb);
	struct tcpx_ip_opt *old;

	if (!opt)
		return;
	old = rcu_replace_pointer(ho->opt, opt, lockdep_is_held(&tcpx_sk(ho->lsk)->listener->lock));
	if (old)
		kfree_rcu(old, rcu);
}

/* Answer a segment that does not open the connection */
static void tcpx_half_open_answer(struct tcpx_half_open *ho, struct tcpx_lsn_rcv *r,
				  struct tcpx_tcb *tcb)
{
	const struct tcpx_actions *a = &r->a;
	struct net *net = ho->node.net;

	tcpx_half_open_trace(ho, a);
	ho->oow_last = tcb->oow_last;
	ho->ts_recent = tcb->ts_recent;
	ho->ts_recent_stamp = tcb->ts_recent_stamp;
	if (a->todo & TCPX_DO_SYNACK) {
		tcpx_half_open_learn(ho, r);
		tcpx_half_open_synack(ho, tcb, r->now, &r->out);
	} else if (a->todo & TCPX_DO_ACK ||
		   (a->todo & TCPX_DO_CHALLENGE && tcpx_challenge_allowed(net, r->now))) {
		tcpx_half_open_fill(tcb, TCPX_ACK, tcb->snd_nxt, r->now, &r->out);
	}
	if (a->todo & TCPX_DO_LISTEN) {
		tcpx_mib_inc(net, TCPX_MIB_LISTEN_STALE_SYN);
		tcpx_half_open_kill(ho);
	}
}

/**
 * tcpx_half_open_hear() - give a segment to the state machine, for an entry
 * @lsk: the listener
 * @ho: not dead
 * @r: the segment; takes what the state machine says, and the answer
 * @tcb: takes the entry's TCB, after the segment
 *
 * Context: the listener's lock.
 * Return: true if it opens the connection.
 */
bool tcpx_half_open_hear(const struct sock *lsk, struct tcpx_half_open *ho,
			 struct tcpx_lsn_rcv *r, struct tcpx_tcb *tcb)
{
	r->ho = ho;
	tcpx_half_open_unpack(ho, tcb);
	tcpx_segment_arrives(tcb, &r->seg, r->now, &r->a);
	if (tcb->state == TCPX_SYN_RECEIVED || tcb->state == TCPX_LISTEN) {
		tcpx_half_open_answer(ho, r, tcb);
		return false;
	}
	return ho->cookie || !tcpx_half_open_defers(lsk, ho, &r->seg, r->now);
}

/**
 * tcpx_half_open_icmp() - a hard error met our SYN,ACK
 * @node: of kind HALF_OPEN
 * @seq: SEG.SEQ of what met it; only that of our SYN,ACK counts (RFC 5927, 4)
 *
 * Context: softirq, rcu_read_lock().
 */
void tcpx_half_open_icmp(struct tcpx_node *node, u32 seq)
{
	struct tcpx_half_open *ho = tcpx_ho(node);
	struct tcpx_listener *l = tcpx_sk(ho->lsk)->listener;

	spin_lock(&l->lock);
	if (seq == ho->iss)
		tcpx_half_open_kill(ho);
	spin_unlock(&l->lock);
}

/**
 * tcpx_half_open_abort() - an administrator ends an entry
 * @node: of kind HALF_OPEN
 *
 * Context: process, rcu_read_lock().
 * Return: 0, or -ENOENT if it has ended already.
 */
int tcpx_half_open_abort(struct tcpx_node *node)
{
	struct tcpx_half_open *ho = tcpx_ho(node);
	struct tcpx_listener *l = tcpx_sk(ho->lsk)->listener;
	int err = -ENOENT;

	spin_lock_bh(&l->lock);
	if (!ho->dead) {
		tcpx_mib_inc(node->net, TCPX_MIB_ATTEMPT_FAILS);
		trace_tcpx_state(&node->tuple, TCPX_SYN_RECEIVED, TCPX_CLOSED, TCPX_EV_ABORT);
		tcpx_half_open_kill(ho);
		err = 0;
	}
	spin_unlock_bh(&l->lock);
	return err;
}

/**
 * tcpx_half_open_view() - what an administrator is shown of an entry
 * @node: of kind HALF_OPEN
 * @view: takes what is an entry's own
 *
 * Context: rcu_read_lock(), or the lock of its chain.
 */
void tcpx_half_open_view(const struct tcpx_node *node, struct tcpx_view *view)
{
	const struct tcpx_half_open *ho = tcpx_ho(node);

	view->family = ho->lsk->sk_family;
	view->state = TCPX_SYN_RECEIVED;
	view->timer = TCPX_VIEW_REXMT;
	view->timer_left = tcpx_expiry_left(&ho->expiry);
	view->rexmts = READ_ONCE(ho->rexmt_shift);
	view->mark = ho->mark;
	view->uid = sk_uid(ho->lsk);
}

/**
 * tcpx_half_open_purge() - end a batch of a listener's entries
 * @lsk: the listener
 *
 * Context: process.
 * Return: false if there was none.
 */
bool tcpx_half_open_purge(const struct sock *lsk)
{
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;
	struct tcpx_half_open *ho, *next;
	int n = 0;

	spin_lock_bh(&l->lock);
	list_for_each_entry_safe(ho, next, &l->half_open, link) {
		if (n++ == TCPX_HALF_OPEN_BATCH)
			break;
		tcpx_half_open_kill(ho);
	}
	spin_unlock_bh(&l->lock);
	return n;
}

/**
 * tcpx_half_open_init() - entries may be made
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpx_half_open_init(void)
{
	return tcpx_entry_cache_init(&tcpx_half_open_cache, &tcpx_half_open_expiries,
				     "tcpx_half_open", "tcpx_half_open6",
				     sizeof(struct tcpx_half_open));
}

/**
 * tcpx_half_open_exit() - wait until all entries are freed; no listener is left
 *
 * Context: process.
 */
void tcpx_half_open_exit(void)
{
	tcpx_entry_cache_exit(&tcpx_half_open_cache);
}
