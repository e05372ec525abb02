// SPDX-License-Identifier: GPL-2.0
/*
 * Where does a segment go?  To a socket, a half-open or TIME-WAIT entry, a listener,
 * or nowhere: decided here for every family.  So is what it has to pass before the
 * receiver sees it (minimum TTL, IPsec policy, socket filter, room in the backlog).
 *
 * What is found in a table may be gone before it is locked: then the segment is
 * looked up again.
 */
#include <linux/filter.h>
#include <net/busy_poll.h>
#include <net/xfrm.h>

#include "child.h"
#include "demux.h"
#include "family.h"
#include "half_open.h"
#include "input.h"
#include "listen.h"
#include "md5.h"
#include "skb.h"
#include "sock.h"
#include "timewait.h"

/**
 * tcpx_near() - IP_MINTTL (RFC 5082): does a segment come from near enough?
 * @in: the segment; or one of ours that met an ICMP error, with the TTL it had left
 * @sk: the socket that asks for it; not locked
 *
 * Context: softirq.
 * Return: true if it does.
 */
bool tcpx_near(const struct tcpx_arrival *in, const struct sock *sk)
{
	const u8 *min_ttl = (const u8 *)sk + in->family->min_ttl;

	return likely(in->ttl >= READ_ONCE(*min_ttl));
}

static void tcpx_reject(const struct tcpx_arrival *in, struct sk_buff *skb, u8 drop)
{
	tcpx_discard(in->net, &in->tuple, skb, drop);
}

/* IPsec policy for what belongs to no socket */
static bool tcpx_policy_ok(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	if (xfrm_policy_check(NULL, XFRM_POLICY_IN, skb, in->tuple.family))
		return true;
	tcpx_reject(in, skb, TCPX_DROP_POLICY);
	return false;
}

/* The socket's own tests, before its lock: TTL, policy, signature, BPF filter */
static u8 tcpx_objection(const struct tcpx_arrival *in, struct sock *sk, struct sk_buff *skb)
{
	u8 drop;

	if (unlikely(!tcpx_near(in, sk)))
		return TCPX_DROP_MIN_TTL;
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, in->tuple.family))
		return TCPX_DROP_POLICY;
	if (unlikely(!tcpx_md5_unneeded(skb, sk))) {
		drop = tcpx_md5_admit(in, skb, sk);
		if (drop)
			return drop;
	}
	nf_reset_ct(skb);
	/* A filter may cut the payload, never the header */
	if (sk_filter_trim_cap(sk, skb, tcpx_hdr_len(tcpx_hdr(skb))))
		return TCPX_DROP_FILTER;
	return TCPX_DROP_NONE;
}

static bool tcpx_admits(const struct tcpx_arrival *in, struct sock *sk, struct sk_buff *skb)
{
	u8 drop = tcpx_objection(in, sk, skb);

	if (likely(!drop))
		return true;
	tcpx_reject(in, skb, drop);
	return false;
}

/**
 * tcpx_no_socket() - a segment that nobody knows: 3.10.7.1
 * @in: the segment
 * @skb: the segment, which tcpx_demux() has not taken; consumed
 *
 * Context: softirq, rcu_read_lock().
 */
__cold void tcpx_no_socket(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	struct tcpx_seg seg;
	struct tcpx_rst rst;

	if (!tcpx_policy_ok(in, skb))
		return;
	tcpx_parse(skb, &seg);
	if (!(seg.flags & TCPX_RST) && !tcpx_md5_signed(skb)) {
		rst = tcpx_fsm_rst_for(&seg);
		tcpx_reply_rst(in, NULL, NULL, skb, &rst);
	}
	tcpx_reject(in, skb, TCPX_DROP_NO_SOCKET);
}

/* Both buffers may be close to INT_MAX */
static u32 tcpx_backlog_limit(const struct sock *sk)
{
	return min_t(u64, (u64)READ_ONCE(sk->sk_rcvbuf) + READ_ONCE(sk->sk_sndbuf) + 64 * 1024,
		     U32_MAX);
}

/* True: @sk has left the table meanwhile, and @skb is to be looked up again */
static bool tcpx_to_sock(const struct tcpx_arrival *in, struct sock *sk, struct sk_buff *skb)
{
	bool gone = false;

	if (!tcpx_admits(in, sk, skb))
		return false;
	sk_incoming_cpu_update(sk);
	sk_mark_napi_id(sk, skb);
	sock_rps_save_rxhash(sk, skb);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk) && sk->sk_state == TCP_CLOSE) {
		gone = true;
		goto out;
	}
	skb->dev = NULL;
	if (!sock_owned_by_user(sk))
		tcpx_rcv(sk, skb);
	else if (sk_add_backlog(sk, skb, tcpx_backlog_limit(sk)))
		tcpx_reject(in, skb, TCPX_DROP_BACKLOG);
out:
	bh_unlock_sock(sk);
	return gone;
}

/* True: @node is no more, and @skb is to be looked up again */
static bool tcpx_to_node(const struct tcpx_arrival *in, struct tcpx_node *node,
			 struct sk_buff *skb)
{
	switch (node->tuple.kind) {
	case TCPX_KIND_SOCK:
		return tcpx_to_sock(in, &container_of(node, struct tcpx_sock, node)->inet.sk, skb);
	case TCPX_KIND_HALF_OPEN:
		return tcpx_admits(in, tcpx_half_open_listener(node), skb) &&
		       tcpx_half_open_rcv(in, node, skb);
	default:
		/* RFC 6191: a SYN opens the next incarnation of the 4-tuple */
		return tcpx_policy_ok(in, skb) && tcpx_timewait_rcv(in, node, skb);
	}
}

/*
 * Early demux has found the socket already (family/early.c), maybe long ago: it may be at
 * the end of another connection now.  Its reference is given back, so that from here on
 * the node is what a look-up finds.
 */
static struct tcpx_node *tcpx_found_early(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	struct tcpx_node *node;

	if (!sk || skb->destructor != sock_edemux || !tcpx_is_sock(sk))
		return NULL;
	node = &tcpx_sk(sk)->node;
	skb_orphan(skb);
	return tcpx_node_is(node, &in->tuple) ? node : NULL;
}

enum tcpx_delivery {
	TCPX_DELIVERED,
	TCPX_LOOK_AGAIN,	/* the receiver is no more */
	TCPX_NOBODY,
};

static enum tcpx_delivery tcpx_deliver(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	struct tcpx_node *node = tcpx_found_early(in, skb);
	struct sock *lsk;
	bool again;

	if (!node)
		node = tcpx_table_lookup(in->net, &in->tuple, in->dif, in->sdif);
	if (node) {
		again = tcpx_to_node(in, node, skb);
	} else {
		lsk = tcpx_listener_lookup(in->net, skb, &in->tuple, in->dif, in->sdif);
		if (!lsk)
			return TCPX_NOBODY;
		again = tcpx_admits(in, lsk, skb) && tcpx_listen_rcv(in, lsk, skb);
	}
	return again ? TCPX_LOOK_AGAIN : TCPX_DELIVERED;
}

/**
 * tcpx_demux() - deliver a segment, whose header is complete and checksum right
 * @in: what its family says of it
 * @skb: transport header set, header in the linear part; consumed if it is delivered
 *
 * Context: softirq, rcu_read_lock().
 * Return: false if nobody knows it.
 */
bool tcpx_demux(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb);
	enum tcpx_delivery how;

	/* GRO has used the cb before */
	cb->isn_floor = 0;
	do
		how = tcpx_deliver(in, skb);
	while (how == TCPX_LOOK_AGAIN);
	return how == TCPX_DELIVERED;
}

/**
 * tcpx_demux_knows() - would a segment be delivered?
 * @in: the segment; all that has been read of it is its ports
 *
 * Context: softirq, rcu_read_lock().
 * Return: true if somebody knows it, for now.
 */
bool tcpx_demux_knows(const struct tcpx_arrival *in)
{
	return tcpx_table_lookup(in->net, &in->tuple, in->dif, in->sdif) ||
	       tcpx_listener_lookup(in->net, NULL, &in->tuple, in->dif, in->sdif);
}
