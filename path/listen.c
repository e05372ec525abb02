// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open connections and accept().
 *
 * A SYN makes a small entry, not a socket; its segments are judged by the
 * same state machine as all others, on a TCB that is unpacked for the
 * occasion.  The ACK of our SYN turns it into a socket that waits in the
 * accept queue (S32: no sooner).  lsn_lock of the listener guards both
 * queues, never the socket lock, so a busy owner delays nobody's handshake.
 * Nothing is sent while it is held: what leaves is written down under it, and
 * goes when it is released.
 *
 * The queue of half-open entries is bounded by net.tcpx.max_syn_backlog, and by
 * what net/quota.c says of all of them.  When it is full, SYNs are answered
 * with cookies (core/cookie.c) and nothing is kept; the ACK that brings a good
 * one back makes the entry that its SYN would have made, and goes on as any
 * other (RFC 4987, 3.6).  Without cookies (net.tcpx.syncookies = 0) the oldest
 * entry gives way, so that under a flood a peer that answers within the time it
 * takes to fill the queue still gets in (S31).
 *
 * An entry ends once: whoever finds it in the table under lsn_lock takes it
 * out and frees it after an RCU grace period.
 *
 * Its timer: who arms it (a SYN; the timer itself, for the next time-out) holds
 * lsn_lock and has seen that the entry is not dead.  Who ends it sets dead under
 * that lock; from then on nobody arms it.  It may run at that moment on another
 * CPU, having armed itself anew already: then it can't be cancelled there and
 * then, and is both running and queued.  So the last word is
 * tcpx_half_open_free()'s: hrtimer_cancel() waits for a callback and takes out
 * what is queued.  A callback that begins that late looks at dead first: the
 * listener, whose lock it would take, may be freed already; if the entry is not
 * dead the listener outlives the callback's RCU section.
 */
#include <linux/math64.h>
#include <linux/slab.h>
#include <net/inet_common.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/sock_reuseport.h>

#include "../core/conf.h"
#include "../core/cookie.h"
#include "../core/deadline.h"
#include "../core/ecn.h"
#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/syn.h"
#include "../core/timeout.h"
#include "../core/window.h"
#include "../family/ipv4.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../sock/socket.h"
#include "../tcpx_timer.h"
#include "cong_choice.h"
#include "input.h"
#include "isn.h"
#include "life.h"
#include "listen.h"
#include "memory.h"
#include "output.h"
#include "rcvbuf.h"
#include "route.h"
#include "skb.h"

#define TCPX_LISTEN_BATCH	128	/* entries that end in one go, softirqs off */

struct tcpx_half_open {
	struct tcpx_node node;
	struct list_head link;		/* in the listener's half_open */
	struct sock	*lsk;		/* valid under RCU; LISTEN while linked */
	struct hrtimer	timer;
	struct rcu_head	rcu;
	struct ip_options_rcu __rcu *opt;	/* the way back to the peer, or NULL: MUST-53 */
	u64		ts_recent_stamp;
	u64		syn_sent;
	u64		synack_sent;	/* the last one */
	u64		oow_last;
	u32		iss;
	u32		irs;
	u32		rcv_wnd;
	u32		snd_wnd;
	u32		ts_recent;
	u32		ts_offset;
	u32		mark;
	u32		txhash;
	u32		user_timeout;
	u16		peer_mss;
	u16		adv_mss;
	u8		snd_wscale;
	u8		rcv_wscale;
	u8		rexmt_shift;
	u8		ecn_mode;
	bool		ts_ok;
	bool		sack_ok;
	bool		wscale_ok;
	bool		deferred;	/* TCP_DEFER_ACCEPT: the ACK has come */
	bool		cookie;		/* it was forgotten: nobody knows when the SYN came */
	bool		resent;		/* the SYN,ACK has left more than once */
	bool		dead;
};

/*
 * A segment that a listener or one of its half-open entries takes under
 * lsn_lock, what it leads to, and what leaves when the lock is released.
 */
struct tcpx_lsn_rcv {
	struct sk_buff	*skb;
	struct tcpx_seg	seg;
	struct tcpx_actions a;
	u64		now;
	struct tcpx_half_open *ho;	/* on whose behalf @out leaves; valid under RCU */
	struct tcpx_seg	out;		/* without flags: nothing */
	struct dst_entry *dst;		/* @out's route, where it is known already */
};

static struct kmem_cache *tcpx_half_open_cache;

static struct tcpx_half_open *tcpx_ho(const struct tcpx_node *node)
{
	return container_of(node, struct tcpx_half_open, node);
}

/**
 * tcpx_half_open_listener() - whose half-open connection it is
 * @node: of kind HALF_OPEN
 *
 * Context: rcu_read_lock(); the listener may have closed meanwhile.
 */
struct sock *tcpx_half_open_listener(const struct tcpx_node *node)
{
	return tcpx_ho(node)->lsk;
}

static void tcpx_half_open_free(struct rcu_head *rcu)
{
	struct tcpx_half_open *ho = container_of(rcu, struct tcpx_half_open, rcu);

	hrtimer_cancel(&ho->timer);
	kfree(rcu_dereference_raw(ho->opt));
	kmem_cache_free(tcpx_half_open_cache, ho);
}

/* lsn_lock is held, and the table holds @ho no more */
static void tcpx_half_open_bury(struct tcpx_half_open *ho)
{
	WRITE_ONCE(ho->dead, true);
	list_del(&ho->link);
	tcpx_quota_put(ho->node.net, TCPX_QUOTA_HALF_OPEN);
	tcpx_sk(ho->lsk)->nr_half_open--;
	/* Most often this is it; if it runs right now, tcpx_half_open_free() ends it */
	hrtimer_try_to_cancel(&ho->timer);
	call_rcu(&ho->rcu, tcpx_half_open_free);
}

static void tcpx_half_open_kill(struct tcpx_half_open *ho)
{
	if (ho->dead)
		return;
	tcpx_table_remove(&ho->node);
	tcpx_half_open_bury(ho);
}

static void tcpx_half_open_pack(struct tcpx_half_open *ho, const struct tcpx_tcb *tcb)
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
	tcpx_syn_iss(tcb, ho->iss);
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

/* Context: rcu_read_lock() */
static struct dst_entry *tcpx_half_open_route(const struct tcpx_half_open *ho)
{
	struct flowi fl;

	return tcpx_v4_route_back(ho->lsk, &ho->node, ho->mark, rcu_dereference(ho->opt), &fl);
}

/* What leaves later is written down; for the TCB it has left */
static void tcpx_half_open_fill(struct tcpx_tcb *tcb, u8 flags, u32 seq, u64 now,
				struct tcpx_seg *out)
{
	*out = (struct tcpx_seg){ .seq = seq, .ack = tcb->rcv_nxt, .flags = flags };
	if (!(flags & TCPX_RST))
		out->wnd = tcpx_wnd_field(tcb, flags & TCPX_SYN);
	tcpx_ecn_flags(tcb, out);
	tcpx_sent_opts(tcb, flags, now, &out->opt);
	if (!(flags & TCPX_RST))
		tcpx_sent(tcb, seq, !!(flags & TCPX_SYN), flags, now);
}

/*
 * What was written down leaves; rcu_read_lock(), and no lock is held.
 * @dst: its route, consumed; NULL: it is yet to be looked up
 */
static void tcpx_half_open_xmit(const struct tcpx_half_open *ho, const struct tcpx_seg *out,
				struct dst_entry *dst)
{
	struct net *net = ho->node.net;
	struct sk_buff *skb;

	if (!dst)
		dst = tcpx_half_open_route(ho);
	if (!dst)
		return;
	skb = alloc_skb(TCPX_MAX_HEADER, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb) {
		dst_release(dst);
		return;
	}
	skb_reserve(skb, TCPX_MAX_HEADER);
	/* Nobody owns a cookie, so that a flood does not make the CPUs share a count */
	if (!ho->cookie && !skb_set_owner_sk_safe(skb, ho->lsk)) {
		dst_release(dst);
		kfree_skb(skb);
		return;
	}
	skb->mark = ho->mark;
	skb_set_hash(skb, ho->txhash, PKT_HASH_TYPE_L4);
	trace_tcpx_segment(true, &ho->node.tuple, out, 0, TCPX_SYN_RECEIVED);
	tcpx_mib_inc(net, TCPX_MIB_OUT_SEGS);
	if (out->flags & TCPX_RST)
		tcpx_mib_inc(net, TCPX_MIB_OUT_RSTS);
	tcpx_v4_xmit_half_open(ho->lsk, skb, dst, &ho->node, rcu_dereference(ho->opt), out);
}

/* Context: lsn_lock */
static void tcpx_half_open_synack(struct tcpx_half_open *ho, struct tcpx_tcb *tcb, u64 now,
				  struct tcpx_seg *out)
{
	ho->resent = true;
	ho->synack_sent = now;
	tcpx_half_open_fill(tcb, TCPX_SYN | TCPX_ACK, tcb->iss, now, out);
}

/* lsn_lock is held, and @ho is not dead */
static void tcpx_half_open_arm(struct tcpx_half_open *ho, u64 deadline)
{
	hrtimer_start(&ho->timer, ns_to_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
}

static void tcpx_half_open_trace(const struct tcpx_half_open *ho, const struct tcpx_actions *a)
{
	int i;

	for (i = 0; i < a->nr; i++)
		trace_tcpx_state(&ho->node.tuple, a->trans[i].from, a->trans[i].to,
				 a->trans[i].event);
}

/* NSEC_PER_SEC is a long, which may have 32 bits */
static u64 tcpx_defer_ns(const struct tcpx_sock *lsn)
{
	return (u64)lsn->defer_accept * NSEC_PER_SEC;
}

/* S12, S13: the SYN,ACK again, until R2 */
static enum hrtimer_restart tcpx_half_open_fired(struct hrtimer *timer)
{
	struct tcpx_half_open *ho = container_of(timer, struct tcpx_half_open, timer);
	struct tcpx_sock *lsn;
	u64 now = ktime_get_ns();
	struct tcpx_seg out = { };
	struct tcpx_actions a;
	struct tcpx_tcb tcb;

	rcu_read_lock();
	if (READ_ONCE(ho->dead))
		goto out_rcu;
	lsn = tcpx_sk(ho->lsk);
	spin_lock(&lsn->lsn_lock);
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
	if (!ho->deferred || now - ho->syn_sent >= tcpx_defer_ns(lsn)) {
		tcpx_mib_inc(ho->node.net, TCPX_MIB_RETRANS_SEGS);
		/* The path that the hash has chosen may be the reason */
		if (READ_ONCE(lsn->inet.sk.sk_txrehash) == SOCK_TXREHASH_ENABLED)
			ho->txhash = net_tx_rndhash();
		tcpx_half_open_synack(ho, &tcb, now, &out);
	}
	tcpx_half_open_pack(ho, &tcb);
	tcpx_half_open_arm(ho, tcb.deadline[TCPX_T_REXMT]);
out:
	spin_unlock(&lsn->lsn_lock);
	if (out.flags)
		tcpx_half_open_xmit(ho, &out, NULL);
out_rcu:
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/* MUST-63, MUST-57: a connection has two ends, each of them one host (S30) */
static bool tcpx_syn_addresses_ok(const struct sk_buff *skb)
{
	__be32 saddr = ip_hdr(skb)->saddr;

	if (skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return false;
	return !ipv4_is_multicast(saddr) && !ipv4_is_lbcast(saddr) && !ipv4_is_zeronet(saddr);
}

/* The TCB of LISTEN, as this SYN will find it */
static void tcpx_syn_tcb(const struct sock *lsk, const struct tcpx_half_open *ho,
			 const struct dst_entry *dst, const struct tcpx_opts *syn,
			 struct tcpx_tcb *tcb)
{
	const struct tcpx_sock *lsn = tcpx_sk(lsk);
	struct tcpx_route route;
	u32 clamp, stamps;

	tcpx_tcb_init(tcb, lsn->tcb.conf);
	tcb->state = TCPX_LISTEN;
	tcpx_tcb_inherit(tcb, &lsn->tcb);
	tcpx_route_read(dst, &route);
	tcpx_tcb_route(tcb, &route);
	tcb->adv_mss = tcpx_adv_mss(lsk, dst);
	clamp = tcpx_rcv_clamp(lsk, &route);
	stamps = syn->has & TCPX_HAS_TS && tcb->conf->timestamps ? 12 : 0;
	tcpx_wnd_offer(tcb, min(tcpx_rcv_total(lsk), clamp), tcb->adv_mss - stamps);
	tcb->rcv_wscale = tcpx_rcv_scale(lsk, clamp);
	tcb->ts_offset = tcpx_ts_offset(sock_net(lsk), &ho->node.tuple);
}

static u32 tcpx_choose_iss(const struct sock *lsk, const struct sk_buff *skb,
			   const struct tcpx_tuple *tuple, u64 now)
{
	u32 isn, floor = TCPX_SKB_CB(skb)->isn_floor;

	if (tcpx_sk(lsk)->isn_fixed)
		return tcpx_sk(lsk)->isn;
	isn = tcpx_isn(sock_net(lsk), tuple, now);
	return floor && tcpx_before(isn, floor) ? floor : isn;
}

static void tcpx_half_open_setup(struct tcpx_half_open *ho, struct sock *lsk,
				 struct sk_buff *skb)
{
	struct tcpx_tuple tuple;

	memset(ho, 0, sizeof(*ho));
	tcpx_v4_tuple(skb, &tuple);
	tcpx_node_init(&ho->node, TCPX_KIND_HALF_OPEN, sock_net(lsk), &tuple,
		       inet_request_bound_dev_if(lsk, skb));
	ho->lsk = lsk;
	ho->mark = inet_request_mark(lsk, skb);
	ho->txhash = net_tx_rndhash();
	RCU_INIT_POINTER(ho->opt, tcpx_v4_return_route(sock_net(lsk), skb));
}

/* lsn_lock is held; one more, in the table; NULL: no memory, or it is there */
static struct tcpx_half_open *tcpx_half_open_new(struct sock *lsk, struct sk_buff *skb)
{
	struct tcpx_sock *lsn = tcpx_sk(lsk);
	struct net *net = sock_net(lsk);
	struct tcpx_half_open *ho;
	struct mem_cgroup *memcg;

	if (!tcpx_quota_take(net, TCPX_QUOTA_HALF_OPEN))
		goto over;
	memcg = tcpx_charge_to(lsk);
	ho = kmem_cache_alloc(tcpx_half_open_cache, GFP_ATOMIC | __GFP_NOWARN);
	tcpx_charge_end(memcg);
	if (!ho)
		goto over;
	tcpx_half_open_setup(ho, lsk, skb);
	hrtimer_init(&ho->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	ho->timer.function = tcpx_half_open_fired;
	/* Another CPU was first with the same segment */
	if (tcpx_table_insert(&ho->node, false, NULL)) {
		tcpx_half_open_free(&ho->rcu);
		goto over;
	}
	list_add_tail(&ho->link, &lsn->half_open);
	lsn->nr_half_open++;
	return ho;
over:
	tcpx_quota_put(net, TCPX_QUOTA_HALF_OPEN);
	return NULL;
}

static bool tcpx_listen_full(const struct sock *lsk)
{
	return tcpx_sk(lsk)->nr_half_open >= READ_ONCE(tcpx_sk_net(lsk)->max_syn_backlog) ||
	       tcpx_quota_full(sock_net(lsk), TCPX_QUOTA_HALF_OPEN);
}

/* The oldest makes room; where others have used up what all share there may be none */
static void tcpx_listen_evict(struct sock *lsk)
{
	struct tcpx_half_open *ho;

	ho = list_first_entry_or_null(&tcpx_sk(lsk)->half_open, struct tcpx_half_open, link);
	if (!ho)
		return;
	tcpx_mib_inc(sock_net(lsk), TCPX_MIB_LISTEN_EVICTED);
	tcpx_half_open_kill(ho);
}

/* net.tcpx.syncookies: 0: never, 1: when the queue is full, 2: always */
static bool tcpx_cookie_wanted(const struct sock *lsk, const struct sk_buff *skb)
{
	u8 mode = READ_ONCE(tcpx_sk_net(lsk)->syncookies);

	/* Who was in TIME-WAIT is real, and its ISS has to begin above a mark */
	if (TCPX_SKB_CB(skb)->isn_floor || tcpx_sk(lsk)->isn_fixed)
		return false;
	return mode > 1 || (mode && tcpx_listen_full(lsk));
}

static u32 tcpx_cookie_tick(u64 now)
{
	return div64_u64(now, TCPX_COOKIE_TICK_NS);
}

/* In the common state of a group with SO_REUSEPORT, seconds; 0: none yet */
static u32 tcpx_cookie_group_time(u64 now)
{
	return (u32)div_u64(now, NSEC_PER_SEC) ?: 1;
}

static void tcpx_cookie_note(struct sock *lsk, u64 now)
{
	struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);

	tcpx_sk(lsk)->cookie_sent = now;
	if (group)
		WRITE_ONCE(group->synq_overflow_ts, tcpx_cookie_group_time(now));
}

/*
 * Has a cookie left that is still good?  Another listener of the group may have
 * sent it: which of them a segment goes to changes as they come and go.
 */
static bool tcpx_cookie_sent_lately(const struct sock *lsk, u64 now)
{
	const struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);
	u64 sent = tcpx_sk(lsk)->cookie_sent;
	u32 then;

	if (sent && now - sent < TCPX_COOKIE_LIFE_NS)
		return true;
	then = group ? READ_ONCE(group->synq_overflow_ts) : 0;
	return then && tcpx_cookie_group_time(now) - then <= TCPX_COOKIE_LIFE_NS / NSEC_PER_SEC;
}

/* The SYN,ACK is all that there is of this half-open connection; lsn_lock is not held */
static noinline_for_stack void tcpx_cookie_synack(struct sock *lsk, const struct tcpx_lsn_rcv *r)
{
	u32 tick = tcpx_cookie_tick(r->now), iss;
	struct net *net = sock_net(lsk);
	struct tcpx_actions a = { };
	struct tcpx_seg syn = r->seg, out;
	struct tcpx_half_open ho;
	struct dst_entry *dst;
	struct tcpx_tcb tcb;

	tcpx_half_open_setup(&ho, lsk, r->skb);
	ho.cookie = true;
	dst = tcpx_half_open_route(&ho);
	if (!dst)
		goto out;
	tcpx_syn_tcb(lsk, &ho, dst, &syn.opt, &tcb);
	tcpx_cookie_trim(&syn, tcb.conf->timestamps);
	iss = tcpx_cookie_iss(syn.seq, tcpx_cookie_base(net, &ho.node.tuple),
			      tcpx_cookie_mac(net, &ho.node.tuple, syn.seq, tick), tick,
			      syn.opt.mss);
	tcpx_syn_accept(&tcb, &syn, iss, r->now, &a);
	tcpx_half_open_fill(&tcb, TCPX_SYN | TCPX_ACK, iss, r->now, &out);
	if (tcb.ts_ok)
		out.opt.tsval = tcpx_cookie_tsval(out.opt.tsval, &syn);
	tcpx_half_open_xmit(&ho, &out, dst);
	tcpx_mib_inc(net, TCPX_MIB_SYNCOOKIES_SENT);
out:
	kfree(rcu_dereference_raw(ho.opt));
}

static void tcpx_listen_reset(const struct sock *lsk, struct sk_buff *skb,
			      const struct tcpx_rst *rst)
{
	struct tcpx_seg out = { .seq = rst->seq, .ack = rst->ack, .flags = rst->flags };

	tcpx_v4_reply(sock_net(lsk), lsk, skb, &out);
}

/* Listener and child share no queue, lock, or timer */
static void tcpx_child_setup(struct sock *sk, struct tcpx_half_open *ho,
			     const struct tcpx_tcb *tcb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	const struct tcpx_tuple *t = &ho->node.tuple;
	u32 acked = tcb->snd_una - tcb->iss;	/* the SYN, unless payload opened it */

	tcpx_sock_setup(sk);
	tsk->tcb = *tcb;
	tcpx_node_init(&tsk->node, TCPX_KIND_SOCK, sock_net(sk), t, ho->node.bound_dev_if);
	sk_daddr_set(sk, t->raddr);
	sk_rcv_saddr_set(sk, t->laddr);
	inet->inet_saddr = t->laddr;
	inet->inet_dport = t->rport;
	inet->inet_sport = t->lport;
	inet->inet_num = ntohs(t->lport);
	RCU_INIT_POINTER(inet->inet_opt, rcu_dereference_raw(ho->opt));
	RCU_INIT_POINTER(ho->opt, NULL);
	inet->mc_index = 0;
	inet->mc_list = NULL;
	atomic_set(&inet->inet_id, get_random_u16());
	atomic64_set(&sk->sk_cookie, 0);	/* SO_COOKIE tells the two apart */
	sk->sk_bound_dev_if = ho->node.bound_dev_if;
	sk->sk_mark = ho->mark;
	tsk->defer_accept = 0;		/* its listener's business */
	tsk->una_counted = tcb->snd_una;
	tsk->delivered = acked;
	tsk->segs_in = 1 + acked;	/* its SYN and its ACK */
	sk->sk_incoming_cpu = raw_smp_processor_id();
	/* As the state machine has it: it became ESTABLISHED on the unpacked TCB */
	sk->sk_state = TCP_SYN_RECV;
	sk->sk_txhash = ho->txhash;
}

/*
 * The ACK of our SYN has come: a socket of its own, locked, with the table's
 * reference and the accept queue's.  lsn_lock is held.
 */
static struct sock *tcpx_child_new(struct sock *lsk, struct tcpx_half_open *ho,
				   const struct tcpx_tcb *tcb)
{
	struct tcpx_sock *lsn = tcpx_sk(lsk), *tsk;
	struct mem_cgroup *memcg;
	struct dst_entry *dst;
	struct sock *sk;
	struct flowi fl;

	dst = tcpx_v4_route_back(lsk, &ho->node, ho->mark, rcu_dereference(ho->opt), &fl);
	if (!dst)
		return NULL;
	memcg = tcpx_charge_to(lsk);
	sk = sk_clone_lock(lsk, GFP_ATOMIC);
	tcpx_charge_end(memcg);
	if (!sk) {
		dst_release(dst);
		return NULL;
	}
	tsk = tcpx_sk(sk);
	tcpx_child_setup(sk, ho, tcb);
	inet_sk(sk)->cork.fl = fl;
	tcpx_route_set(sk, dst);
	tcpx_rcvbuf_limit(&tsk->tcb);
	tcpx_cong_inherit(sk, dst);
	tcpx_port_inherit(sk, lsk);
	tcpx_sync_mss(sk, dst_mtu(dst));
	tcpx_table_replace(&ho->node, &tsk->node);
	/* It counts on, until it is accepted */
	tcpx_quota_take(sock_net(sk), TCPX_QUOTA_HALF_OPEN);
	tcpx_half_open_bury(ho);
	list_add_tail(&tsk->accept_node, &lsn->accept_queue);
	sk_acceptq_added(lsk);
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_PASSIVE_OPENS);
	/* sk_clone_lock() counted two: one is the caller's, one the accept queue's */
	return sk;
}

/* RFC 7413, 4.2.2: a child at once, where the cookie shows that the peer is real */
static struct sock *tcpx_listen_fastopen(struct sock *lsk, struct tcpx_half_open *ho,
					 const struct tcpx_tcb *tcb, const struct tcpx_seg *syn,
					 struct tcpx_fo_cookie *cookie, struct tcpx_actions *a,
					 u64 now)
{
	struct sock *child;

	switch (tcpx_fastopen_judge(lsk, &ho->node.tuple, syn, &tcb->route, now, cookie)) {
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
	child = tcpx_child_new(lsk, ho, tcb);
	if (!child) {
		tcpx_fastopen_refused(lsk);
		return NULL;
	}
	tcpx_fastopen_child(lsk, child, cookie);
	tcpx_segment_fastopen(&tcpx_sk(child)->tcb, syn, now, a);
	return child;
}

/* TCP_DEFER_ACCEPT: a bare ACK is not heard, until the time is over */
static bool tcpx_defers(const struct sock *lsk, struct tcpx_half_open *ho,
			const struct tcpx_seg *seg, u64 now)
{
	u64 limit = tcpx_defer_ns(tcpx_sk(lsk));

	ho->deferred = limit && !seg->len && !(seg->flags & TCPX_FIN) &&
		       now - ho->syn_sent < limit;
	return ho->deferred;
}

/* SHLD-24: the SYN has come again, by another source route */
static void tcpx_half_open_learn(struct tcpx_half_open *ho, const struct sk_buff *skb)
{
	struct ip_options_rcu *opt = tcpx_v4_return_route(ho->node.net, skb);
	struct ip_options_rcu *old;

	if (!opt)
		return;
	old = rcu_replace_pointer(ho->opt, opt, lockdep_is_held(&tcpx_sk(ho->lsk)->lsn_lock));
	if (old)
		kfree_rcu(old, rcu);
}

/* What the segment is answered with, if it does not open the connection */
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
		tcpx_half_open_learn(ho, r->skb);
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

/* lsn_lock is held; returns the child, locked, if there is one now */
static struct sock *tcpx_half_open_step(struct sock *lsk, struct tcpx_half_open *ho,
					struct tcpx_lsn_rcv *r, struct tcpx_tcb *tcb)
{
	struct net *net = sock_net(lsk);

	r->ho = ho;
	tcpx_half_open_unpack(ho, tcb);
	tcpx_segment_arrives(tcb, &r->seg, r->now, &r->a);
	if (r->a.drop)
		tcpx_mib_drop(net, r->a.drop);
	if (tcb->state == TCPX_SYN_RECEIVED || tcb->state == TCPX_LISTEN) {
		tcpx_half_open_answer(ho, r, tcb);
		return NULL;
	}
	if (!ho->cookie && tcpx_defers(lsk, ho, &r->seg, r->now))
		return NULL;
	/* As if the ACK had been lost; the peer's next segment tries again */
	if (sk_acceptq_is_full(lsk)) {
		tcpx_mib_inc(net, TCPX_MIB_LISTEN_OVERFLOWS);
		if (READ_ONCE(tcpx_pernet(net)->abort_on_overflow)) {
			tcpx_half_open_fill(tcb, TCPX_RST, tcb->snd_nxt, r->now, &r->out);
			tcpx_half_open_kill(ho);
		}
		return NULL;
	}
	return tcpx_child_new(lsk, ho, tcb);
}

/* The child has been made by @skb, and takes it; its reference is consumed */
static void tcpx_child_rcv(struct sock *lsk, struct sock *child, struct sk_buff *skb,
			   struct tcpx_actions *a)
{
	/* For sparse: sk_clone_lock() took it */
	__acquire(&child->sk_lock.slock);
	skb->dev = NULL;
	__skb_pull(skb, tcpx_hdr_len(tcpx_hdr(skb)));
	tcpx_v4_heard(child, skb);
	tcpx_act(child, skb, a);
	if (child->sk_state != TCP_CLOSE)
		tcpx_timer_sync(child);
	lsk->sk_data_ready(lsk);
	bh_unlock_sock(child);
	sock_put(child);
}

/* What was decided under lsn_lock is done: the segment has a child, or an answer */
static void tcpx_listen_answer(struct sock *lsk, struct sock *child, struct tcpx_lsn_rcv *r)
{
	if (r->out.flags)
		tcpx_half_open_xmit(r->ho, &r->out, r->dst);
	if (child) {
		tcpx_child_rcv(lsk, child, r->skb, &r->a);
		return;
	}
	if (r->a.todo & TCPX_DO_RST)
		tcpx_listen_reset(lsk, r->skb, &r->a.rst);
	tcpx_free_segment(r->skb, r->a.drop);
}

/**
 * tcpx_half_open_rcv() - a segment for a half-open connection
 * @node: of kind HALF_OPEN
 * @skb: the segment; consumed unless true is returned
 *
 * Context: softirq, rcu_read_lock().
 * Return: true if the entry is no more (it has become a socket, most often) and
 * @skb is to be looked up again.
 */
bool tcpx_half_open_rcv(struct tcpx_node *node, struct sk_buff *skb)
{
	struct tcpx_half_open *ho = tcpx_ho(node);
	struct tcpx_lsn_rcv r = { .skb = skb, .now = ktime_get_ns() };
	struct sock *lsk = ho->lsk, *child = NULL;
	struct tcpx_sock *lsn = tcpx_sk(lsk);
	struct tcpx_tcb tcb;
	bool gone;

	if (!tcpx_parse(skb, &r.seg))
		tcpx_mib_inc(sock_net(lsk), TCPX_MIB_IN_OPT_ERRORS);
	trace_tcpx_segment(false, &node->tuple, &r.seg, r.seg.len, TCPX_SYN_RECEIVED);
	TCPX_SKB_CB(skb)->seq = r.seg.seq;
	spin_lock(&lsn->lsn_lock);
	gone = ho->dead;
	if (!gone)
		child = tcpx_half_open_step(lsk, ho, &r, &tcb);
	spin_unlock(&lsn->lsn_lock);

	if (gone)
		return true;
	tcpx_listen_answer(lsk, child, &r);
	return false;
}

/* The SYN before this ACK, if the ACK brings a cookie of ours back */
static bool tcpx_cookie_syn(struct net *net, const struct sk_buff *skb,
			    const struct tcpx_seg *seg, struct tcpx_seg *syn, u64 now)
{
	u32 iss = seg->ack - 1, tick = tcpx_cookie_tick(now), base, mac, clock;
	struct tcpx_tuple tuple;
	int age;

	tcpx_v4_tuple(skb, &tuple);
	*syn = (struct tcpx_seg){ .seq = seg->seq - 1, .flags = TCPX_SYN };
	base = tcpx_cookie_base(net, &tuple);
	age = tcpx_cookie_age(iss, syn->seq, base, tick);
	if (age < 0)
		return false;
	mac = tcpx_cookie_mac(net, &tuple, syn->seq, tick - age);
	syn->opt.mss = tcpx_cookie_mss(iss, syn->seq, base, mac);
	if (!syn->opt.mss)
		return false;
	syn->opt.has = TCPX_HAS_MSS;
	if (!tcpx_pernet(net)->conf.timestamps || !(seg->opt.has & TCPX_HAS_TS))
		return true;
	syn->opt.has |= TCPX_HAS_TS;
	syn->opt.tsval = seg->opt.tsval;
	clock = (u32)(now >> TCPX_TS_SHIFT) + tcpx_ts_offset(net, &tuple);
	return tcpx_cookie_opts(seg->opt.tsecr, clock, syn);
}

/* LISTEN hears the SYN now, and its ACK after it; lsn_lock is held */
static noinline_for_stack struct sock *tcpx_cookie_step(struct sock *lsk, struct tcpx_lsn_rcv *r,
							const struct tcpx_seg *syn)
{
	struct tcpx_half_open *ho = tcpx_half_open_new(lsk, r->skb);
	struct sock *child = NULL;
	struct dst_entry *dst;
	struct tcpx_tcb tcb;

	if (!ho)
		return NULL;
	dst = tcpx_half_open_route(ho);
	if (dst) {
		tcpx_syn_tcb(lsk, ho, dst, &syn->opt, &tcb);
		dst_release(dst);
		tcpx_syn_accept(&tcb, syn, r->seg.ack - 1, r->now, &r->a);
		tcpx_half_open_trace(ho, &r->a);
		tcpx_half_open_pack(ho, &tcb);
		ho->cookie = true;
		ho->syn_sent = r->now;
		/* The low bits of our TSval told options, not the time */
		r->seg.opt.tsecr = 0;
		child = tcpx_half_open_step(lsk, ho, r, &tcb);
	}
	/* What can't be accepted now is forgotten again: the peer will repeat it */
	if (!child)
		tcpx_half_open_kill(ho);
	return child;
}

/*
 * 3.10.7.2, second: an ACK finds nobody.  Unless it brings a SYN cookie back;
 * none is looked for where none was sent lately.  Consumes the segment where it
 * does.
 */
static noinline_for_stack bool tcpx_listen_cookie(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_sock *lsn = tcpx_sk(lsk);
	struct net *net = sock_net(lsk);
	struct sock *child = NULL;
	struct tcpx_seg syn;
	bool good = false;

	if (r->seg.flags & TCPX_SYN)
		return false;
	spin_lock(&lsn->lsn_lock);
	if (lsk->sk_state == TCP_LISTEN && tcpx_cookie_sent_lately(lsk, r->now)) {
		good = tcpx_cookie_syn(net, r->skb, &r->seg, &syn, r->now);
		tcpx_mib_inc(net, good ? TCPX_MIB_SYNCOOKIES_RECV :
					 TCPX_MIB_SYNCOOKIES_FAILED);
	}
	if (good) {
		r->a = (struct tcpx_actions){ };
		child = tcpx_cookie_step(lsk, r, &syn);
	}
	spin_unlock(&lsn->lsn_lock);
	if (good)
		tcpx_listen_answer(lsk, child, r);
	return good;
}

/*
 * 3.10.7.2, third; lsn_lock is held.  Returns the child, locked, if RFC 7413
 * lets the SYN's payload make one.
 */
static noinline_for_stack struct sock *tcpx_listen_syn(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_fo_cookie cookie = { };
	struct tcpx_half_open *ho;
	struct dst_entry *dst;
	struct sock *child;
	struct tcpx_tcb tcb;

	if (tcpx_listen_full(lsk))
		tcpx_listen_evict(lsk);
	ho = tcpx_half_open_new(lsk, r->skb);
	if (!ho)
		return NULL;
	dst = tcpx_half_open_route(ho);
	if (!dst) {
		tcpx_half_open_kill(ho);
		return NULL;
	}
	tcpx_syn_tcb(lsk, ho, dst, &r->seg.opt, &tcb);
	tcpx_syn_accept(&tcb, &r->seg, tcpx_choose_iss(lsk, r->skb, &ho->node.tuple, r->now),
			r->now, &r->a);
	child = tcpx_listen_fastopen(lsk, ho, &tcb, &r->seg, &cookie, &r->a, r->now);
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

/* A SYN, consumed unless true is returned: @lsk listens no more */
static noinline_for_stack bool tcpx_listen_rcv_syn(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_sock *lsn = tcpx_sk(lsk);
	struct sock *child = NULL;
	bool cookie = false;

	r->a = (struct tcpx_actions){ };
	spin_lock(&lsn->lsn_lock);
	if (lsk->sk_state != TCP_LISTEN) {
		spin_unlock(&lsn->lsn_lock);
		return true;
	}
	if (sk_acceptq_is_full(lsk)) {
		tcpx_mib_inc(sock_net(lsk), TCPX_MIB_LISTEN_OVERFLOWS);
		goto out;
	}
	cookie = tcpx_cookie_wanted(lsk, r->skb);
	if (cookie)
		tcpx_cookie_note(lsk, r->now);
	else
		child = tcpx_listen_syn(lsk, r);
out:
	spin_unlock(&lsn->lsn_lock);
	if (cookie)
		tcpx_cookie_synack(lsk, r);
	tcpx_listen_answer(lsk, child, r);
	return false;
}

/**
 * tcpx_listen_rcv() - a segment for a listener
 * @lsk: in LISTEN when it was found; not locked
 * @skb: the segment; consumed unless true is returned
 *
 * Context: softirq, rcu_read_lock().
 * Return: true if it listens no more, and @skb is to be looked up again: another
 * one of its group may.
 */
bool tcpx_listen_rcv(struct sock *lsk, struct sk_buff *skb)
{
	struct tcpx_lsn_rcv r = { .skb = skb, .now = ktime_get_ns() };
	struct tcpx_tcb tcb = { .state = TCPX_LISTEN };
	struct net *net = sock_net(lsk);
	struct tcpx_tuple tuple;

	if (!tcpx_parse(skb, &r.seg))
		tcpx_mib_inc(net, TCPX_MIB_IN_OPT_ERRORS);
	TCPX_SKB_CB(skb)->seq = r.seg.seq + !!(r.seg.flags & TCPX_SYN);
	tcpx_v4_tuple(skb, &tuple);
	trace_tcpx_segment(false, &tuple, &r.seg, r.seg.len, TCPX_LISTEN);
	if (inet_sk_state_load(lsk) != TCP_LISTEN)
		return true;
	if (!tcpx_syn_addresses_ok(skb)) {
		tcpx_mib_inc(net, TCPX_MIB_IN_NOT_HOST);
		tcpx_free_segment(skb, 0);
		return false;
	}
	tcpx_segment_arrives(&tcb, &r.seg, r.now, &r.a);
	if (r.a.todo & TCPX_DO_RST && tcpx_listen_cookie(lsk, &r))
		return false;
	tcpx_mib_drop(net, r.a.drop);
	if (!r.a.drop)
		return tcpx_listen_rcv_syn(lsk, &r);
	tcpx_listen_answer(lsk, NULL, &r);
	return false;
}

/**
 * tcpx_half_open_icmp() - a hard error met our SYN,ACK
 * @node: of kind HALF_OPEN
 * @seq: SEG.SEQ of what met it; only ours counts (RFC 5927, 4)
 */
void tcpx_half_open_icmp(struct tcpx_node *node, u32 seq)
{
	struct tcpx_half_open *ho = tcpx_ho(node);
	struct tcpx_sock *lsn = tcpx_sk(ho->lsk);

	spin_lock(&lsn->lsn_lock);
	if (seq == ho->iss)
		tcpx_half_open_kill(ho);
	spin_unlock(&lsn->lsn_lock);
}

/**
 * tcpx_listen_start() - passive OPEN: 3.10.1
 * @sk: locked, CLOSED
 * @backlog: length of the accept queue
 *
 * Context: process.  Return: 0, -EADDRINUSE or -ENOMEM.
 */
int tcpx_listen_start(struct sock *sk, int backlog)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_actions a;
	int err;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	sk->sk_ack_backlog = 0;
	err = tcpx_fsm_call(&tsk->tcb, TCPX_EV_OPEN_PASSIVE, ktime_get_ns(), &a);
	if (err)
		return err;
	/* In LISTEN first, so that of two that race for the port one sees the other */
	inet_sk_set_state(sk, TCP_LISTEN);
	if (inet_sk(sk)->inet_num)
		err = tcpx_port_listen(sk);
	else
		err = tcpx_port_get(sk, 0);
	if (err)
		goto fail;
	inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	tsk->node.tuple = (struct tcpx_tuple){
		.laddr = inet_sk(sk)->inet_rcv_saddr, .lport = inet_sk(sk)->inet_sport,
	};
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

/* A child that nobody will accept: 3.10.5, ABORT */
static void tcpx_child_abort(struct sock *child)
{
	sock_hold(child);
	local_bh_disable();
	bh_lock_sock_nested(child);
	sock_orphan(child);
	if (child->sk_state == TCP_CLOSE)
		tcpx_destroy(child);
	else
		tcpx_abort(child);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/* Some of the half-open entries end; false: none was left */
static bool tcpx_listen_purge(struct tcpx_sock *tsk)
{
	struct tcpx_half_open *ho, *next;
	int n = 0;

	spin_lock_bh(&tsk->lsn_lock);
	list_for_each_entry_safe(ho, next, &tsk->half_open, link) {
		if (n++ == TCPX_LISTEN_BATCH)
			break;
		tcpx_half_open_kill(ho);
	}
	spin_unlock_bh(&tsk->lsn_lock);
	return n;
}

/**
 * tcpx_listen_stop() - a listener closes, and all it has not given away
 * @sk: locked, no longer in LISTEN, so that nothing is added
 *
 * There may be very many of them: the lock is taken for a batch at a time.
 *
 * Context: process.
 */
void tcpx_listen_stop(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk), *child, *next;
	LIST_HEAD(orphans);

	while (tcpx_listen_purge(tsk))
		cond_resched();
	spin_lock_bh(&tsk->lsn_lock);
	list_splice_init(&tsk->accept_queue, &orphans);
	WRITE_ONCE(sk->sk_ack_backlog, 0);
	spin_unlock_bh(&tsk->lsn_lock);

	list_for_each_entry_safe(child, next, &orphans, accept_node) {
		list_del_init(&child->accept_node);
		tcpx_quota_put(sock_net(sk), TCPX_QUOTA_HALF_OPEN);
		tcpx_child_abort(&child->inet.sk);
		cond_resched();
	}
}

static struct sock *tcpx_accept_pop(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk), *child;

	spin_lock_bh(&tsk->lsn_lock);
	child = list_first_entry_or_null(&tsk->accept_queue, struct tcpx_sock, accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		tcpx_quota_put(sock_net(sk), TCPX_QUOTA_HALF_OPEN);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&tsk->lsn_lock);
	return child ? &child->inet.sk : NULL;
}

/**
 * tcpx_accept_ready() - is there a child to accept?
 * @sk: any context
 */
bool tcpx_accept_ready(const struct sock *sk)
{
	return !list_empty_careful(&tcpx_sk(sk)->accept_queue);
}

/* Sleep until there is a child, a signal, or the time is over */
static int tcpx_accept_wait(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err = 0;

	while (!tcpx_accept_ready(sk)) {
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!tcpx_accept_ready(sk) && sk->sk_state == TCP_LISTEN)
			timeo = schedule_timeout(timeo);
		lock_sock(sk);
		finish_wait(sk_sleep(sk), &wait);
		err = 0;
	}
	return err;
}

/**
 * tcpx_accept() - struct proto.accept
 * @sk: the listener, not locked
 * @flags: O_NONBLOCK
 * @err: takes -errno where NULL is returned
 * @kern: the caller is the kernel
 *
 * Context: process.  Return: a child, with a reference, or NULL.
 */
struct sock *tcpx_accept(struct sock *sk, int flags, int *err, bool kern)
{
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	do {
		*err = tcpx_accept_wait(sk, sock_rcvtimeo(sk, flags & O_NONBLOCK));
		if (*err)
			goto out;
		child = tcpx_accept_pop(sk);
	} while (!child);
out:
	release_sock(sk);
	return child;
}

/**
 * tcpx_listen_init() - process context
 *
 * Return: 0 or -ENOMEM.
 */
int tcpx_listen_init(void)
{
	tcpx_half_open_cache = kmem_cache_create("tcpx_half_open",
						 sizeof(struct tcpx_half_open), 0,
						 SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT,
						 tcpx_cache_ctor);
	return tcpx_half_open_cache ? 0 : -ENOMEM;
}

/**
 * tcpx_listen_exit() - no listener is left; process context
 */
void tcpx_listen_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(tcpx_half_open_cache);
}
