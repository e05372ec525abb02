// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies: RFC 4987, 3.6.  core/cookie.c says what is in one.
 *
 * When the queue of half-open entries is full, SYNs are answered with cookies
 * and nothing is kept; the ACK that brings a good one back makes the entry that
 * its SYN would have made, and goes on as any other.
 */
#include <linux/math64.h>
#include <net/sock_reuseport.h>

#include "../core/cookie.h"
#include "../core/syn.h"
#include "../net/mib.h"
#include "../net/tuple.h"
#include "child.h"
#include "half_open.h"
#include "isn.h"
#include "listener.h"
#include "skb.h"
#include "sock.h"
#include "syncookie.h"

/**
 * tcpx_cookie_wanted() - is a SYN to be answered with a cookie?
 * @lsk: the listener
 * @skb: the SYN
 *
 * net.tcpx.syncookies: 0: never, 1: when the queue is full, 2: always.
 *
 * Context: the listener's lock.
 * Return: true if it is.
 */
bool tcpx_cookie_wanted(const struct sock *lsk, const struct sk_buff *skb)
{
	u8 mode = READ_ONCE(tcpx_sk_net(lsk)->syncookies);

	/* The ISS is prescribed, so it can't be a cookie; and a peer from TIME-WAIT is real */
	if (TCPX_SKB_CB(skb)->isn_floor || tcpx_sk(lsk)->isn_fixed)
		return false;
	return mode > 1 || (mode && tcpx_half_open_full(lsk));
}

static u32 tcpx_cookie_tick(u64 now)
{
	return div64_u64(now, TCPX_COOKIE_TICK_NS);
}

/* The time as a SO_REUSEPORT group keeps it, in seconds; 0 means never */
static u32 tcpx_cookie_group_time(u64 now)
{
	return (u32)div_u64(now, NSEC_PER_SEC) ?: 1;
}

/**
 * tcpx_cookie_note() - remember that a cookie is being sent
 * @lsk: the listener
 * @now: ns
 *
 * Context: rcu_read_lock(), the listener's lock.
 */
void tcpx_cookie_note(struct sock *lsk, u64 now)
{
	struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);

	tcpx_sk(lsk)->listener->cookie_sent = now;
	if (group)
		WRITE_ONCE(group->synq_overflow_ts, tcpx_cookie_group_time(now));
}

/*
 * Was a cookie sent that is still valid?  Another listener of the group may have
 * sent it: which one a segment goes to changes as they come and go.
 */
static bool tcpx_cookie_sent_lately(const struct sock *lsk, u64 now)
{
	const struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);
	u64 sent = tcpx_sk(lsk)->listener->cookie_sent;
	u32 then;

	if (sent && now - sent < TCPX_COOKIE_LIFE_NS)
		return true;
	then = group ? READ_ONCE(group->synq_overflow_ts) : 0;
	return then && tcpx_cookie_group_time(now) - then <= TCPX_COOKIE_LIFE_NS / NSEC_PER_SEC;
}

/**
 * tcpx_cookie_synack() - answer a SYN with a cookie, and keep nothing of it
 * @lsk: the listener
 * @r: the SYN
 *
 * Context: softirq, rcu_read_lock(); the listener's lock is not held.
 */
void tcpx_cookie_synack(struct sock *lsk, const struct tcpx_lsn_rcv *r)
{
	u32 tick = tcpx_cookie_tick(r->now), iss;
	struct net *net = sock_net(lsk);
	struct tcpx_actions a = { };
	struct tcpx_seg syn = r->seg;
	struct tcpx_seg out __uninitialized;
	struct tcpx_half_open ho __uninitialized;
	struct dst_entry *dst;
	struct flowi fl __uninitialized;
	struct tcpx_tcb tcb __uninitialized;

	tcpx_half_open_setup(&ho, lsk, r);
	ho.cookie = true;
	dst = tcpx_half_open_route(&ho, &fl);
	if (!dst)
		goto out;
	tcpx_syn_tcb(lsk, &ho, dst, &syn.opt, &tcb);
	tcpx_cookie_trim(&syn, tcpx_timestamps(&tcb), tcb.default_mss);
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

/* Rebuild the SYN before this ACK, if the ACK brings back a cookie of ours */
static bool tcpx_cookie_syn(const struct tcpx_lsn_rcv *r, struct tcpx_seg *syn)
{
	const struct tcpx_tuple *tuple = &r->in->tuple;
	const struct tcpx_seg *seg = &r->seg;
	struct net *net = r->in->net;
	u32 iss = seg->ack - 1, tick = tcpx_cookie_tick(r->now), base, mac, clock;
	int age;

	*syn = (struct tcpx_seg){ .seq = seg->seq - 1, .flags = TCPX_SYN };
	base = tcpx_cookie_base(net, tuple);
	age = tcpx_cookie_age(iss, syn->seq, base, tick);
	if (age < 0)
		return false;
	mac = tcpx_cookie_mac(net, tuple, syn->seq, tick - age);
	syn->opt.mss = tcpx_cookie_mss(iss, syn->seq, base, mac);
	if (!syn->opt.mss)
		return false;
	syn->opt.has = TCPX_HAS_MSS;
	if (!tcpx_pernet(net)->conf.timestamps || !(seg->opt.has & TCPX_HAS_TS))
		return true;
	syn->opt.has |= TCPX_HAS_TS;
	syn->opt.tsval = seg->opt.tsval;
	clock = (u32)(r->now >> TCPX_TS_SHIFT) + tcpx_ts_offset(tcpx_isn_secret(net, tuple));
	return tcpx_cookie_opts(seg->opt.tsecr, clock, syn);
}

/* The SYN is heard only now, and right after it the ACK; the listener's lock is held */
static noinline_for_stack struct sock *tcpx_cookie_step(struct sock *lsk, struct tcpx_lsn_rcv *r,
							const struct tcpx_seg *syn)
{
	struct tcpx_half_open *ho = tcpx_half_open_new(lsk, r);
	struct sock *child = NULL;
	struct dst_entry *dst;
	struct tcpx_tcb tcb __uninitialized;
	struct flowi fl __uninitialized;

	if (!ho)
		return NULL;
	dst = tcpx_half_open_route(ho, &fl);
	if (dst) {
		tcpx_syn_tcb(lsk, ho, dst, &syn->opt, &tcb);
		dst_release(dst);
		tcpx_syn_accept(&tcb, syn, r->seg.ack - 1, r->now, &r->a);
		tcpx_half_open_trace(ho, &r->a);
		tcpx_half_open_pack(ho, &tcb);
		ho->cookie = true;
		ho->syn_sent = r->now;
		/* The low bits of our TSval were options, not time */
		r->seg.opt.tsecr = 0;
		child = tcpx_half_open_step(lsk, ho, r, &tcb);
	} else {
		r->a.drop = TCPX_DROP_NO_ROUTE;
	}
	/* If it can't be accepted now, keep nothing: the peer will send again */
	if (!child)
		tcpx_half_open_kill(ho);
	return child;
}

/**
 * tcpx_cookie_rcv() - an ACK reached a listener: does it bring back a SYN cookie?
 * @lsk: the listener
 * @r: the segment
 *
 * It is only looked at if a cookie was sent lately.
 *
 * Context: softirq, rcu_read_lock(); the listener's lock is not held.
 * Return: true if it does, and the segment is consumed; false: it is to be answered
 * with a RST (3.10.7.2, second).
 */
bool tcpx_cookie_rcv(struct sock *lsk, struct tcpx_lsn_rcv *r)
{
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;
	struct net *net = sock_net(lsk);
	struct sock *child = NULL;
	struct tcpx_seg syn;
	bool good = false;

	if (r->seg.flags & TCPX_SYN)
		return false;
	spin_lock(&l->lock);
	if (lsk->sk_state == TCP_LISTEN && tcpx_cookie_sent_lately(lsk, r->now)) {
		good = tcpx_cookie_syn(r, &syn);
		tcpx_mib_inc(net, good ? TCPX_MIB_SYNCOOKIES_RECV :
					 TCPX_MIB_SYNCOOKIES_FAILED);
	}
	if (good) {
		r->a = (struct tcpx_actions){ };
		child = tcpx_cookie_step(lsk, r, &syn);
	}
	spin_unlock(&l->lock);
	if (good)
		tcpx_listen_answer(lsk, child, r);
	return good;
}
