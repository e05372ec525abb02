// SPDX-License-Identifier: GPL-2.0
/*
 * How IPv6 takes segments to their destination: a socket's, a half-open connection's,
 * and answers that no socket sends.
 *
 * What a segment carries on its way out is the same as with IPv4: the table is in
 * family/ipv4_output.c; here net.ipv6.fwmark_reflect counts.  In addition there is the
 * flow label.  Where the table has a hash, ip6_xmit() makes the label of it unless the
 * user has set one, or net.ipv6.flowlabel_reflect has the peer's reflected.
 */
#include <net/addrconf.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "../net/tuple.h"
#include "../path/family.h"
#include "../path/output.h"
#include "../path/route.h"
#include "../path/sock.h"
#include "../tcpx_compat.h"
#include "ip.h"
#include "ipv6_output.h"

/* Owns what no other socket does */
static DEFINE_PER_CPU(struct tcpx_ip_ctl, tcpx_v6_ctl);

static void tcpx_v6_checksum(struct sk_buff *skb, const struct tcpx_tuple *t,
			     const struct dst_entry *dst)
{
	tcpx_ip_checksum(skb, t->wire, dst,
			 csum_ipv6_magic(&t->addrs6->laddr, &t->addrs6->raddr, skb->len, t->wire,
					 0));
}

/**
 * tcpx_v6_unicast() - struct tcpx_family.unicast
 * @skb: a segment
 *
 * MUST-57, MUST-63: a connection has two ends, each of them one host (S30).  IPv6
 * itself drops what comes from a multicast address.  A v4-mapped source would be taken
 * for a peer over IPv4.
 *
 * Context: softirq, rcu_read_lock().
 */
bool tcpx_v6_unicast(const struct sk_buff *skb)
{
	const struct in6_addr *saddr = &ipv6_hdr(skb)->saddr;

	return ipv6_unicast_destination(skb) && !ipv6_addr_any(saddr) &&
	       !ipv6_addr_is_multicast(saddr) && !ipv6_addr_v4mapped(saddr);
}

/*
 * The one place where a flow is filled in and classified: by @sk, a socket or the
 * listener on whose behalf it is, or else by @skb, which is answered.  With a routing
 * header the route is that to the first hop.  A reference, or -errno as pointer.
 */
static struct dst_entry *tcpx_v6_flow(struct net *net, struct sock *sk, const struct sk_buff *skb,
				      const struct tcpx_tuple *t, const struct tcpx_way *way,
				      const struct ipv6_txoptions *opt, struct flowi6 *fl6)
{
	const struct in6_addr *final_p;
	struct in6_addr final;

	*fl6 = (struct flowi6){
		.flowi6_proto = t->wire, .flowi6_oif = way->oif, .flowi6_mark = way->mark,
		.flowi6_uid = way->uid, .saddr = t->addrs6->laddr, .daddr = t->addrs6->raddr,
		.flowlabel = ip6_make_flowinfo(way->tos, way->flow_label),
		.fl6_sport = t->lport, .fl6_dport = t->rport,
	};
	final_p = fl6_update_dst(fl6, opt, &final);
	if (sk)
		security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
	else
		security_skb_classify_flow((struct sk_buff *)skb, flowi6_to_flowi_common(fl6));
	return ip6_dst_lookup_flow(net, sk, fl6, final_p);
}

/**
 * tcpx_v6_sock_flow() - look up the route of a socket
 * @sk: locked
 * @t: its 4-tuple; IP chooses the local address if it is unspecified
 * @fl6: filled in, with the addresses of both ends
 *
 * Context: process or softirq.
 * Return: a reference, or -errno as pointer.
 */
struct dst_entry *tcpx_v6_sock_flow(struct sock *sk, const struct tcpx_tuple *t,
				    struct flowi6 *fl6)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct tcpx_way way = {
		.oif = sk->sk_bound_dev_if, .mark = READ_ONCE(sk->sk_mark), .uid = sk->sk_uid,
		.tos = np->tclass, .flow_label = np->flow_label,
	};

	return tcpx_v6_flow(sock_net(sk), sk, NULL, t, &way,
			    rcu_dereference_protected(np->opt, lockdep_sock_is_held(sk)), fl6);
}

/* Apart from tcpx_v6_route(), which most often has one */
static noinline_for_stack struct dst_entry *tcpx_v6_route_again(struct sock *sk)
{
	struct dst_entry *dst;
	struct flowi6 fl6;

	dst = tcpx_v6_sock_flow(sk, &tcpx_sk(sk)->node.tuple, &fl6);
	if (IS_ERR(dst)) {
		sk->sk_route_caps = 0;
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(dst));
		return NULL;
	}
	tcpx_route_set(sk, dst);
	return dst;
}

/**
 * tcpx_v6_note_route() - struct tcpx_family.note_route
 * @sk: locked, or not yet visible
 * @dst: its route
 *
 * The cookie is how IPv6 tells later that the route has changed.
 */
void tcpx_v6_note_route(struct sock *sk, const struct dst_entry *dst)
{
	inet6_sk(sk)->dst_cookie = rt6_get_cookie(dst_rt6_info(dst));
}

/**
 * tcpx_v6_route() - struct tcpx_family.route
 * @sk: locked
 *
 * inet6_sk_rebuild_header() is no help: it knows neither the ports nor the protocol
 * that are on the wire.
 *
 * Return: valid while @sk is locked, without a reference; NULL: there is none.
 */
struct dst_entry *tcpx_v6_route(struct sock *sk)
{
	return __sk_dst_check(sk, inet6_sk(sk)->dst_cookie) ?: tcpx_v6_route_again(sk);
}

/* What ip6_xmit() reads of a flow */
static struct flowi6 tcpx_v6_fields(const struct tcpx_tuple *t, __be32 flow_label)
{
	return (struct flowi6){
		.flowi6_proto = t->wire, .flowlabel = flow_label,
		.saddr = t->addrs6->laddr, .daddr = t->addrs6->raddr,
	};
}

/**
 * tcpx_v6_xmit() - struct tcpx_family.xmit
 * @sk: locked
 * @skb: the payload, with room for headers; consumed
 * @seg: its header
 *
 * Return: 0 or -errno of IP.
 */
int tcpx_v6_xmit(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg)
{
	const struct tcpx_tuple *tuple = &tcpx_sk(sk)->node.tuple;
	const struct ipv6_pinfo *np = inet6_sk(sk);
	struct flowi6 fl6 = tcpx_v6_fields(tuple, np->flow_label);
	struct dst_entry *dst;
	int err;

	dst = __sk_dst_get(sk);
	if (!dst) {
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
		return -EHOSTUNREACH;
	}
	tcpx_build_header(skb, tuple, seg);
	tcpx_v6_checksum(skb, tuple, dst);
	memset(IP6CB(skb), 0, sizeof(struct inet6_skb_parm));
	rcu_read_lock();
	skb_dst_set_noref(skb, dst);
	err = ip6_xmit(sk, skb, &fl6, READ_ONCE(sk->sk_mark), rcu_dereference(np->opt),
		       np->tclass | seg->ip_ecn, READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return err;
}

/* The label that a segment without socket gets; 0: one by its hash, or none */
static __be32 tcpx_v6_reply_label(const struct tcpx_arrival *in, const struct sk_buff *skb,
				  const struct tcpx_seg *seg, const struct tcpx_way *way)
{
	bool reflect = seg->flags & TCPX_RST &&
		       in->net->ipv6.sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_TCP_RESET;

	if (way->lsk)
		reflect = tcpx_repflow(way->lsk);
	return reflect ? ip6_flowlabel(ipv6_hdr(skb)) : way->flow_label;
}

/**
 * tcpx_v6_reply() - struct tcpx_family.reply
 * @in: what is answered
 * @skb: what is answered
 * @seg: the answer's header; the ports are @in's, turned round
 * @way: how it goes
 *
 * Context: softirq, rcu_read_lock().  Silent where there is no route or memory.
 */
void tcpx_v6_reply(const struct tcpx_arrival *in, const struct sk_buff *skb,
		   const struct tcpx_seg *seg, const struct tcpx_way *way)
{
	struct sock *ctl = this_cpu_read(tcpx_v6_ctl.sk);
	const struct tcpx_tuple *t = &in->tuple;
	struct tcpx_way by = *way;
	struct dst_entry *dst;
	struct flowi6 fl6;
	struct sk_buff *out;

	/* MUST-57: nothing answers what was sent to many */
	if (!tcpx_v6_unicast(skb))
		return;
	/* A link-local address means something on its link alone */
	if (!by.oif && (rt6_need_strict(&t->addrs6->raddr) ||
			netif_index_is_l3_master(in->net, skb->skb_iif)))
		by.oif = in->dif;
	by.mark = IP6_REPLY_MARK(in->net, skb->mark) ?: way->mark;
	by.flow_label = tcpx_v6_reply_label(in, skb, seg, way);
	dst = tcpx_v6_flow(in->net, NULL, skb, t, &by, NULL, &fl6);
	if (IS_ERR(dst))
		return;
	out = tcpx_ip_answer(ctl, in, dst, seg, way);
	if (!out)
		return;
	tcpx_v6_checksum(out, t, dst);
	if (way->txhash)
		skb_set_hash(out, way->txhash, PKT_HASH_TYPE_L4);
	fl6 = tcpx_v6_fields(t, by.flow_label);
	sock_net_set(ctl, in->net);
	ip6_xmit(ctl, out, &fl6, by.mark, NULL, way->tos, way->priority);
	sock_net_set(ctl, &init_net);
}

/**
 * tcpx_v6_route_back() - struct tcpx_family.route_back
 * @peer: the half-open peer
 * @fl: filled in: the flow, which a socket keeps next to the route
 *
 * Return: a reference, or NULL.
 */
struct dst_entry *tcpx_v6_route_back(const struct tcpx_peer *peer, struct flowi *fl)
{
	struct sock *lsk = peer->lsk;
	const struct ipv6_pinfo *np = inet6_sk(lsk);
	const struct tcpx_way way = {
		.oif = peer->node->bound_dev_if, .mark = peer->mark ?: READ_ONCE(lsk->sk_mark),
		.uid = lsk->sk_uid, .tos = np->tclass,
	};
	struct dst_entry *dst;

	dst = tcpx_v6_flow(sock_net(lsk), lsk, NULL, &peer->node->tuple, &way,
			   rcu_dereference(np->opt), &fl->u.ip6);
	return IS_ERR(dst) ? NULL : dst;
}

/**
 * tcpx_v6_xmit_half_open() - struct tcpx_family.xmit_half_open
 * @peer: the half-open peer
 * @skb: with room for headers; consumed
 * @dst: the route; its reference is consumed
 * @seg: its header
 *
 * Extension headers, hop limit and traffic class are the listener's.
 *
 * Return: 0 or -errno of IP.
 */
int tcpx_v6_xmit_half_open(const struct tcpx_peer *peer, struct sk_buff *skb,
			   struct dst_entry *dst, const struct tcpx_seg *seg)
{
	const struct ipv6_pinfo *np = inet6_sk(peer->lsk);
	const struct tcpx_tuple *t = &peer->node->tuple;
	struct flowi6 fl6 = tcpx_v6_fields(t, tcpx_repflow(peer->lsk) ? peer->flow_label : 0);
	int err;

	skb_dst_set(skb, dst);
	tcpx_build_header(skb, t, seg);
	tcpx_v6_checksum(skb, t, dst);
	memset(IP6CB(skb), 0, sizeof(struct inet6_skb_parm));
	err = ip6_xmit(peer->lsk, skb, &fl6, skb->mark ?: READ_ONCE(peer->lsk->sk_mark),
		       rcu_dereference(np->opt), READ_ONCE(np->tclass),
		       READ_ONCE(peer->lsk->sk_priority));
	return net_xmit_eval(err);
}

/**
 * tcpx_v6_output_init() - make what answers where no socket does; process context
 *
 * Return: 0 or -errno.
 */
int tcpx_v6_output_init(void)
{
	return tcpx_ip_ctl_init(&tcpx_v6_ctl, PF_INET6);
}

/**
 * tcpx_v6_output_exit() - undo tcpx_v6_output_init(); nothing is answered any more
 */
void tcpx_v6_output_exit(void)
{
	tcpx_ip_ctl_exit(&tcpx_v6_ctl);
}
