// SPDX-License-Identifier: GPL-2.0
/*
 * How IPv4 takes segments to their destination: a socket's, a half-open
 * connection's, and answers that no socket sends.
 *
 * What a segment carries on its way out, for the hooks that look at it (control
 * groups' programs, netfilter, tc, queues); as Linux's TCP does it:
 *
 *	segment			owner	  uid, netns	mark, priority	hash
 *	a socket's own		the socket		its own		its own
 *	SYN,ACK, and what else	listener		SYN's mark,	entry's, then
 *	 a half-open entry says				 listener's	 the child's
 *	SYN,ACK with cookie	none	  -		likewise	its own
 *	ACK of TIME-WAIT	control	  netns's	the socket's	the socket's
 *	reset of a listener	control	  netns's	listener's	listener's
 *	reset, nobody knows it	control	  netns's	0		none
 *
 * An owner's control group is the segment's.  The control sockets are in the
 * root group, one for each CPU; they belong to whatever namespace they answer
 * for.  All of these take the mark of what they answer instead, where
 * net.ipv4.fwmark_reflect is set.  A segment with a cookie has no owner since
 * under a flood all CPUs would fight for the listener's count.
 */
#include <net/ip.h>
#include <net/route.h>

#include "../net/tuple.h"
#include "../path/family.h"
#include "../path/output.h"
#include "../path/route.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "ip.h"
#include "ipv4_header.h"
#include "ipv4_output.h"

/* Owns what no other socket does */
static DEFINE_PER_CPU(struct tcpx_ip_ctl, tcpx_v4_ctl);

static void tcpx_v4_checksum(struct sk_buff *skb, const struct tcpx_tuple *t,
			     const struct dst_entry *dst)
{
	tcpx_ip_checksum(skb, t->wire, dst,
			 csum_tcpudp_magic(t->laddr, t->raddr, skb->len, t->wire, 0));
}

/*
 * The one place where a flow is filled in and classified: by @sk, a socket or the
 * listener on whose behalf it is, or else by @skb, which is answered.
 */
static struct rtable *tcpx_v4_flow(struct net *net, struct sock *sk, const struct sk_buff *skb,
				   const struct tcpx_tuple *t, const struct tcpx_way *way,
				   struct flowi4 *fl4)
{
	const struct ip_options_rcu *opt = tcpx_v4_opt(way->opt);
	__be32 nexthop = opt && opt->opt.srr ? opt->opt.faddr : t->raddr;

	flowi4_init_output(fl4, way->oif, way->mark,
			   sk ? ip_sock_rt_tos(sk) : RT_TOS(way->tos),
			   sk ? ip_sock_rt_scope(sk) : RT_SCOPE_UNIVERSE, t->wire,
			   sk ? inet_sk_flowi_flags(sk) : 0, nexthop, t->laddr, t->rport,
			   t->lport, way->uid);
	if (sk)
		security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	else
		security_skb_classify_flow((struct sk_buff *)skb, flowi4_to_flowi_common(fl4));
	return ip_route_output_flow(net, fl4, sk);
}

/* Apart from tcpx_v4_route(), which most often has one */
static noinline_for_stack struct dst_entry *tcpx_v4_route_again(struct sock *sk)
{
	const struct tcpx_way way = {
		.oif = sk->sk_bound_dev_if, .mark = READ_ONCE(sk->sk_mark), .uid = sk->sk_uid,
		.opt = tcpx_ip_opt(rcu_dereference_protected(inet_sk(sk)->inet_opt,
							     lockdep_sock_is_held(sk))),
	};
	struct rtable *rt;

	rt = tcpx_v4_flow(sock_net(sk), sk, NULL, &tcpx_sk(sk)->node.tuple, &way,
			  &inet_sk(sk)->cork.fl.u.ip4);
	if (IS_ERR(rt)) {
		sk->sk_route_caps = 0;
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(rt));
		return NULL;
	}
	tcpx_route_set(sk, &rt->dst);
	return &rt->dst;
}

/**
 * tcpx_v4_route() - struct tcpx_family.route
 * @sk: locked
 *
 * A route that was replaced or flushed stays cached, with a device that takes
 * nothing, until it is asked for: so whoever wants to know something of it, or
 * has something to send, asks here.
 *
 * inet_sk_rebuild_header() is no help: with ip_dynaddr it takes a socket in
 * SYN-SENT for an inet_connection_sock, and moves it to another address.
 *
 * Return: valid while @sk is locked, without a reference; NULL: there is none.
 */
struct dst_entry *tcpx_v4_route(struct sock *sk)
{
	return __sk_dst_check(sk, 0) ?: tcpx_v4_route_again(sk);
}

static u8 tcpx_v4_ttl(const struct sock *sk, const struct dst_entry *dst)
{
	int ttl = READ_ONCE(inet_sk(sk)->uc_ttl);

	return ttl < 0 ? ip4_dst_hoplimit(dst) : ttl;
}

/* RFC 791: the next hop of a strict route is a neighbour */
static bool tcpx_v4_leads_there(const struct dst_entry *dst, const struct ip_options_rcu *opt)
{
	return !opt || !opt->opt.is_strictroute ||
	       !container_of(dst, struct rtable, dst)->rt_uses_gateway;
}

/*
 * A number for each segment that is cut from @skb: @sk is locked.  ip_select_ident_segs()
 * gives the next skb's segments some of the same to all sockets but TCP's.
 */
static void tcpx_v4_ident(struct sock *sk, struct sk_buff *skb)
{
	atomic_t *next = &inet_sk(sk)->inet_id;
	int id = atomic_read(next);

	ip_hdr(skb)->id = htons(id);
	atomic_set(next, id + tcpx_seg_count(skb));
}

/* @skb gets its IP header and leaves; @sk is locked, under rcu_read_lock() */
static int tcpx_v4_send(struct sock *sk, struct sk_buff *skb, struct dst_entry *dst, u8 tos)
{
	const struct ip_options_rcu *opt = rcu_dereference(inet_sk(sk)->inet_opt);
	struct net *net = sock_net(sk);
	struct tcpx_v4_header h;

	if (!dst || !tcpx_v4_leads_there(dst, opt)) {
		IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
		return -EHOSTUNREACH;
	}
	skb_dst_set_noref(skb, dst);
	h = (struct tcpx_v4_header){
		.opt = opt, .tos = tos, .ttl = tcpx_v4_ttl(sk, dst),
		.df = ip_dont_fragment(sk, dst),
	};
	tcpx_v4_build_header(skb, &tcpx_sk(sk)->node.tuple, &h);
	tcpx_v4_ident(sk, skb);
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
	return ip_local_out(net, sk, skb);
}

/**
 * tcpx_v4_xmit() - struct tcpx_family.xmit
 * @sk: locked
 * @skb: the payload, with room for headers; consumed
 * @seg: its header
 *
 * Return: 0 or -errno of IP.
 */
int tcpx_v4_xmit(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg)
{
	const struct tcpx_tuple *tuple = &tcpx_sk(sk)->node.tuple;
	struct dst_entry *dst;
	int err;

	rcu_read_lock();
	dst = __sk_dst_get(sk);
	tcpx_build_header(skb, tuple, seg);
	tcpx_v4_checksum(skb, tuple, dst);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	err = tcpx_v4_send(sk, skb, dst, inet_sk(sk)->tos | seg->ip_ecn);
	rcu_read_unlock();
	return err;
}

/* @out gets its IP header and leaves; it belongs to @ctl */
static void tcpx_v4_reply_send(struct sock *ctl, struct net *net, struct sk_buff *out,
			       const struct tcpx_tuple *t, const struct tcpx_way *way)
{
	/* Nothing of it is worth discovering the path's MTU for */
	const struct tcpx_v4_header h = {
		.opt = tcpx_v4_opt(way->opt), .tos = way->tos, .df = true,
		.ttl = ip4_dst_hoplimit(skb_dst(out)),
	};

	tcpx_v4_build_header(out, t, &h);
	out->priority = way->priority;
	if (way->txhash)
		skb_set_hash(out, way->txhash, PKT_HASH_TYPE_L4);
	sock_net_set(ctl, net);
	ip_local_out(net, ctl, out);
	sock_net_set(ctl, &init_net);
}

/**
 * tcpx_v4_reply() - struct tcpx_family.reply
 * @in: what is answered
 * @skb: what is answered
 * @seg: the answer's header; the ports are @in's, turned round
 * @way: how it goes
 *
 * Context: softirq, rcu_read_lock().  Silent where there is no route or memory.
 */
void tcpx_v4_reply(const struct tcpx_arrival *in, const struct sk_buff *skb,
		   const struct tcpx_seg *seg, const struct tcpx_way *way)
{
	struct sock *ctl = this_cpu_read(tcpx_v4_ctl.sk);
	const struct tcpx_tuple *t = &in->tuple;
	struct tcpx_way by = *way;
	struct sk_buff *out;
	struct flowi4 fl4;
	struct rtable *rt;

	/* MUST-57: nothing answers what was sent to many */
	if (skb_rtable(skb)->rt_type != RTN_LOCAL)
		return;
	if (!by.oif && netif_index_is_l3_master(in->net, skb->skb_iif))
		by.oif = skb->skb_iif;
	by.mark = IP4_REPLY_MARK(in->net, skb->mark) ?: way->mark;
	rt = tcpx_v4_flow(in->net, NULL, skb, t, &by, &fl4);
	if (IS_ERR(rt))
		return;
	out = tcpx_ip_answer(ctl, in, &rt->dst, seg, way);
	if (!out)
		return;
	tcpx_v4_checksum(out, t, &rt->dst);
	out->mark = fl4.flowi4_mark;
	tcpx_v4_reply_send(ctl, in->net, out, t, way);
}

/**
 * tcpx_v4_route_back() - struct tcpx_family.route_back
 * @peer: the half-open peer
 * @fl: filled in: the flow, which a socket keeps next to the route
 *
 * Return: a reference, or NULL.
 */
struct dst_entry *tcpx_v4_route_back(const struct tcpx_peer *peer, struct flowi *fl)
{
	const struct ip_options_rcu *opt = tcpx_v4_opt(peer->opt);
	struct sock *lsk = peer->lsk;
	const struct tcpx_way way = {
		.oif = peer->node->bound_dev_if, .mark = peer->mark ?: READ_ONCE(lsk->sk_mark),
		.uid = lsk->sk_uid, .opt = peer->opt,
	};
	struct rtable *rt;

	rt = tcpx_v4_flow(sock_net(lsk), lsk, NULL, &peer->node->tuple, &way, &fl->u.ip4);
	if (IS_ERR(rt))
		return NULL;
	if (!tcpx_v4_leads_there(&rt->dst, opt)) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

/**
 * tcpx_v4_xmit_half_open() - struct tcpx_family.xmit_half_open
 * @peer: the half-open peer
 * @skb: with room for headers; consumed
 * @dst: the route; its reference is consumed
 * @seg: its header
 *
 * Return: 0 or -errno of IP.
 */
int tcpx_v4_xmit_half_open(const struct tcpx_peer *peer, struct sk_buff *skb,
			   struct dst_entry *dst, const struct tcpx_seg *seg)
{
	const struct tcpx_tuple *t = &peer->node->tuple;
	struct sock *lsk = peer->lsk;
	struct tcpx_v4_header h = {
		.opt = tcpx_v4_opt(peer->opt), .tos = READ_ONCE(inet_sk(lsk)->tos),
		.ttl = tcpx_v4_ttl(lsk, dst),
	};
	unsigned int len;
	int err;

	skb_dst_set(skb, dst);
	tcpx_build_header(skb, t, seg);
	tcpx_v4_checksum(skb, t, dst);
	/* No router has to fragment the smallest MTU there is */
	len = sizeof(struct iphdr) + (h.opt ? h.opt->opt.optlen : 0) + skb->len;
	h.df = len <= IPV4_MIN_MTU || ip_dont_fragment(lsk, dst);
	tcpx_v4_build_header(skb, t, &h);
	if (!h.df)
		ip_hdr(skb)->id = (__force __be16)get_random_u16();
	skb->priority = READ_ONCE(lsk->sk_priority);
	if (!skb->mark)
		skb->mark = READ_ONCE(lsk->sk_mark);
	err = ip_local_out(sock_net(lsk), skb->sk, skb);
	return net_xmit_eval(err);
}

/**
 * tcpx_v4_output_init() - make what answers where no socket does; process context
 *
 * Return: 0 or -errno.
 */
int tcpx_v4_output_init(void)
{
	return tcpx_ip_ctl_init(&tcpx_v4_ctl, PF_INET);
}

/**
 * tcpx_v4_output_exit() - undo tcpx_v4_output_init(); nothing is answered any more
 */
void tcpx_v4_output_exit(void)
{
	tcpx_ip_ctl_exit(&tcpx_v4_ctl);
}
