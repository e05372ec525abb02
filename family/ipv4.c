// SPDX-License-Identifier: GPL-2.0
/*
 * The address family IPv4, and nothing else: how a segment comes from IP and
 * goes to it, ICMP, and the routing of a connection.
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
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/workqueue.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "../core/deadline.h"
#include "../core/ip_option.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../path/act.h"
#include "../path/child.h"
#include "../path/half_open.h"
#include "../path/input.h"
#include "../path/listen.h"
#include "../path/output.h"
#include "../path/route.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../path/timewait.h"
#include "../sock/socket.h"
#include "../tcpx_timer.h"
#include "ipv4.h"

/**
 * tcpx_v4_mss() - payload and options that fit a datagram: RFC 9293, 3.7.1
 * @mtu: bytes
 *
 * Return: bytes.
 */
u16 tcpx_v4_mss(u32 mtu)
{
	const u32 headers = sizeof(struct iphdr) + TCPX_HDR_LEN;

	return clamp_t(u32, mtu, headers + TCPX_MSS_MIN, 65535) - headers;
}

/**
 * tcpx_v4_tuple() - a segment's four, as its receiver names them
 * @skb: IP and transport header are set
 * @tuple: filled in
 */
void tcpx_v4_tuple(const struct sk_buff *skb, struct tcpx_tuple *tuple)
{
	tuple->laddr = ip_hdr(skb)->daddr;
	tuple->raddr = ip_hdr(skb)->saddr;
	tuple->lport = tcpx_hdr(skb)->dest;
	tuple->rport = tcpx_hdr(skb)->source;
	tuple->family = AF_INET;
}

/* MUST-2; @offload: the device sums whatever protocol it is told the place in */
static void tcpx_v4_checksum(struct sk_buff *skb, const struct tcpx_tuple *t, bool offload)
{
	struct tcpx_hdr *th = (struct tcpx_hdr *)skb_transport_header(skb);

	th->check = 0;
	if (offload) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct tcpx_hdr, check);
		th->check = ~csum_tcpudp_magic(t->laddr, t->raddr, skb->len, tcpx_ipproto, 0);
		return;
	}
	skb->ip_summed = CHECKSUM_NONE;
	th->check = csum_tcpudp_magic(t->laddr, t->raddr, skb->len, tcpx_ipproto,
				      skb_checksum(skb, 0, skb->len, 0));
}

static bool tcpx_v4_offloads(const struct dst_entry *dst)
{
	return dst && dst->dev->features & NETIF_F_HW_CSUM;
}

/**
 * tcpx_v4_route() - a connection's route, looked up again if it is no longer valid
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
	struct dst_entry *dst = __sk_dst_check(sk, 0);
	const struct inet_sock *inet = inet_sk(sk);
	const struct ip_options_rcu *opt;
	__be32 nexthop = inet->inet_daddr;
	struct flowi4 *fl4;
	struct rtable *rt;

	if (dst)
		return dst;
	opt = rcu_dereference_protected(inet->inet_opt, lockdep_sock_is_held(sk));
	if (opt && opt->opt.srr)
		nexthop = opt->opt.faddr;
	fl4 = &inet_sk(sk)->cork.fl.u.ip4;
	flowi4_init_output(fl4, sk->sk_bound_dev_if, READ_ONCE(sk->sk_mark), ip_sock_rt_tos(sk),
			   ip_sock_rt_scope(sk), sk->sk_protocol, inet_sk_flowi_flags(sk),
			   nexthop, inet->inet_saddr, inet->inet_dport, inet->inet_sport,
			   sk->sk_uid);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	rt = ip_route_output_flow(sock_net(sk), fl4, sk);
	if (IS_ERR(rt)) {
		sk->sk_route_caps = 0;
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(rt));
		return NULL;
	}
	tcpx_route_set(sk, &rt->dst);
	return &rt->dst;
}

/**
 * tcpx_v4_xmit() - a socket's segment leaves
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
	dst = tcpx_v4_route(sk);
	tcpx_build_header(skb, tuple, seg);
	tcpx_v4_checksum(skb, tuple, tcpx_v4_offloads(dst));
	memset(skb->cb, 0, sizeof(skb->cb));
	/* Without one IP looks once more, counts the failure and drops the segment */
	if (dst)
		skb_dst_set_noref(skb, dst);
	err = __ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl, inet_sk(sk)->tos | seg->ip_ecn);
	rcu_read_unlock();
	return err;
}

static bool tcpx_v4_is_host(struct net *net, __be32 addr)
{
	unsigned int type = inet_addr_type(net, addr);

	return type == RTN_UNICAST || type == RTN_LOCAL;
}

/**
 * tcpx_v4_return_route() - the way back that a source-routed datagram shows
 * @net: namespace
 * @skb: a segment, its IP header as it came
 *
 * RFC 9293, 3.9.2.1 (MUST-53).  IP itself drops such a datagram unless
 * accept_source_route says otherwise.
 *
 * Any context.  Return: options for the answer, to be freed with kfree(), or NULL.
 */
struct ip_options_rcu *tcpx_v4_return_route(struct net *net, const struct sk_buff *skb)
{
	u8 srr = TCPX_SKB_CB(skb)->header.opt.srr;
	struct ip_options_rcu *opt;

	if (likely(!srr))
		return NULL;
	opt = kzalloc(sizeof(*opt) + TCPX_IPOPT_MAX, GFP_ATOMIC | __GFP_NOWARN);
	if (!opt)
		return NULL;
	opt->opt.optlen = tcpx_ipopt_return(skb_network_header(skb) + srr,
					    ip_hdr(skb)->saddr, opt->opt.__data);
	if (opt->opt.optlen && !ip_options_compile(net, &opt->opt, NULL) &&
	    tcpx_v4_is_host(net, opt->opt.faddr))
		return opt;
	kfree(opt);
	return NULL;
}

static bool tcpx_v4_same_route(const struct ip_options_rcu *a, const struct ip_options_rcu *b)
{
	return a && a->opt.optlen == b->opt.optlen && a->opt.faddr == b->opt.faddr &&
	       !memcmp(a->opt.__data, b->opt.__data, a->opt.optlen);
}

/* The options of the IP header are new: the first hop may be, the MSS will be */
static void tcpx_v4_reroute(struct sock *sk)
{
	const struct dst_entry *dst;

	__sk_dst_reset(sk);
	dst = tcpx_v4_route(sk);
	if (dst)
		tcpx_sync_mss(sk, dst_mtu(dst));
}

static void tcpx_v4_set_route(struct sock *sk, struct ip_options_rcu *opt)
{
	struct ip_options_rcu *old;

	old = rcu_replace_pointer(inet_sk(sk)->inet_opt, opt, lockdep_sock_is_held(sk));
	if (old)
		kfree_rcu(old, rcu);
}

/* SHLD-24: the later source route of the peer's, but the user's own first (MUST-52) */
static void tcpx_v4_learn_route(struct sock *sk, const struct sk_buff *skb)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct ip_options_rcu *old;
	struct ip_options_rcu *opt;

	if (!tsk->tcb.passive || tsk->route_fixed)
		return;
	opt = tcpx_v4_return_route(sock_net(sk), skb);
	if (!opt)
		return;
	old = rcu_dereference_protected(inet_sk(sk)->inet_opt, lockdep_sock_is_held(sk));
	if (tcpx_v4_same_route(old, opt)) {
		kfree(opt);
		return;
	}
	tcpx_v4_set_route(sk, opt);
	tcpx_v4_reroute(sk);
}

/**
 * tcpx_v4_heard() - what the IP header of an accepted segment says
 * @sk: locked
 * @skb: the segment
 *
 * The Diffserv field is kept for IP_PKTOPTIONS: RFC 9293, 3.9.1.9 (MAY-9).
 */
void tcpx_v4_heard(struct sock *sk, const struct sk_buff *skb)
{
	u8 tos = ip_hdr(skb)->tos;

	if (unlikely(inet_sk(sk)->rcv_tos != tos))
		inet_sk(sk)->rcv_tos = tos;
	if (unlikely(TCPX_SKB_CB(skb)->header.opt.srr))
		tcpx_v4_learn_route(sk, skb);
}

/**
 * tcpx_v4_options_set() - the user has set IP_OPTIONS: MUST-51, MUST-52
 * @sk: locked
 */
void tcpx_v4_options_set(struct sock *sk)
{
	tcpx_sk(sk)->route_fixed = true;
	if ((1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN))
		tcpx_v4_reroute(sk);
}

/**
 * tcpx_v4_forget_route() - the connection ends, and with it what it has learned
 * @sk: locked
 */
void tcpx_v4_forget_route(struct sock *sk)
{
	if (tcpx_sk(sk)->tcb.passive && !tcpx_sk(sk)->route_fixed)
		tcpx_v4_set_route(sk, NULL);
}

/* Owns what no other socket does; each CPU has one, softirqs off while it is used */
static DEFINE_PER_CPU(struct sock *, tcpx_v4_ctl);

/* Builds the datagram around it, and sends it; @out belongs to @ctl */
static void tcpx_v4_reply_send(struct sock *ctl, struct net *net, struct sk_buff *out,
			       const struct tcpx_tuple *t, const struct tcpx_v4_way *way)
{
	sock_net_set(ctl, net);
	ctl->sk_priority = way->priority;
	if (way->txhash)
		skb_set_hash(out, way->txhash, PKT_HASH_TYPE_L4);
	ip_build_and_send_pkt(out, ctl, t->laddr, t->raddr, way->opt, way->tos);
	sock_net_set(ctl, &init_net);
}

/**
 * tcpx_v4_reply_by() - answer a segment on behalf of no socket, by a source route
 * @net: namespace
 * @skb: what is answered
 * @seg: the answer's header; the ports are @skb's, turned round
 * @way: how it goes
 *
 * Context: softirq, rcu_read_lock().  Silent where there is no route or memory.
 */
void tcpx_v4_reply_by(struct net *net, const struct sk_buff *skb, const struct tcpx_seg *seg,
		      const struct tcpx_v4_way *way)
{
	struct sock *ctl = this_cpu_read(tcpx_v4_ctl);
	const struct ip_options_rcu *opt = way->opt;
	int oif = way->oif;
	struct tcpx_tuple t;
	struct sk_buff *out;
	struct flowi4 fl4;
	struct rtable *rt;

	tcpx_v4_tuple(skb, &t);
	if (!oif && netif_index_is_l3_master(net, skb->skb_iif))
		oif = skb->skb_iif;
	flowi4_init_output(&fl4, oif, IP4_REPLY_MARK(net, skb->mark) ?: way->mark,
			   RT_TOS(way->tos), RT_SCOPE_UNIVERSE, tcpx_ipproto, 0,
			   opt && opt->opt.srr ? opt->opt.faddr : t.raddr, t.laddr,
			   t.rport, t.lport, way->uid);
	security_skb_classify_flow((struct sk_buff *)skb, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(net, &fl4, NULL);
	if (IS_ERR(rt))
		return;
	/* So many of them may wait in the host's queues, and no more */
	out = sock_wmalloc(ctl, TCPX_MAX_HEADER, 0, GFP_ATOMIC | __GFP_NOWARN);
	if (!out) {
		ip_rt_put(rt);
		return;
	}
	skb_reserve(out, TCPX_MAX_HEADER);
	skb_dst_set(out, &rt->dst);
	tcpx_build_header(out, &t, seg);
	tcpx_v4_checksum(out, &t, tcpx_v4_offloads(&rt->dst));
	out->mark = fl4.flowi4_mark;
	trace_tcpx_segment(true, &t, seg, 0, TCPX_CLOSED);
	tcpx_mib_inc(net, TCPX_MIB_OUT_SEGS);
	if (seg->flags & TCPX_RST)
		tcpx_mib_inc(net, TCPX_MIB_OUT_RSTS);
	tcpx_v4_reply_send(ctl, net, out, &t, way);
}

/**
 * tcpx_v4_reply() - answer a segment, the way it came
 * @net: namespace
 * @sk: the listener that it was for, or NULL
 * @skb: what is answered
 * @seg: the answer's header; the ports are @skb's, turned round
 *
 * Context: softirq, rcu_read_lock().  Silent where there is no route or memory.
 */
void tcpx_v4_reply(struct net *net, const struct sock *sk, const struct sk_buff *skb,
		   const struct tcpx_seg *seg)
{
	struct tcpx_v4_way way = {
		.uid = sock_net_uid(net, sk), .tos = ip_hdr(skb)->tos & ~INET_ECN_MASK,
		.opt = tcpx_v4_return_route(net, skb),
	};

	if (sk) {
		way.oif = READ_ONCE(sk->sk_bound_dev_if);
		way.mark = READ_ONCE(sk->sk_mark);
		way.priority = READ_ONCE(sk->sk_priority);
		way.txhash = READ_ONCE(sk->sk_txhash);
	}
	tcpx_v4_reply_by(net, skb, seg, &way);
	kfree(way.opt);
}

/**
 * tcpx_v4_route_back() - the way to a half-open peer
 * @lsk: the listener
 * @node: the half-open connection
 * @mark: of its SYN
 * @opt: the source route that its SYN showed, or NULL
 * @fl: filled in: the flow, which a socket keeps next to the route
 *
 * Return: a reference, or NULL.
 */
struct dst_entry *tcpx_v4_route_back(struct sock *lsk, const struct tcpx_node *node,
				     u32 mark, const struct ip_options_rcu *opt,
				     struct flowi *fl)
{
	const struct tcpx_tuple *t = &node->tuple;
	struct flowi4 *fl4 = &fl->u.ip4;
	struct rtable *rt;

	flowi4_init_output(fl4, node->bound_dev_if, mark ?: READ_ONCE(lsk->sk_mark),
			   ip_sock_rt_tos(lsk), ip_sock_rt_scope(lsk), tcpx_ipproto,
			   inet_sk_flowi_flags(lsk), opt ? opt->opt.faddr : t->raddr, t->laddr,
			   t->rport, t->lport, lsk->sk_uid);
	security_sk_classify_flow(lsk, flowi4_to_flowi_common(fl4));
	rt = ip_route_output_flow(sock_net(lsk), fl4, lsk);
	if (IS_ERR(rt))
		return NULL;
	/* RFC 791: the next hop of a strict route is a neighbour */
	if (opt && opt->opt.is_strictroute && rt->rt_uses_gateway) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

/**
 * tcpx_v4_xmit_half_open() - a SYN,ACK leaves
 * @lsk: the listener
 * @skb: with room for headers; consumed
 * @dst: the route; its reference is consumed
 * @node: the half-open connection
 * @opt: the source route that its SYN showed, or NULL
 * @seg: its header
 *
 * Return: 0 or -errno of IP.
 */
int tcpx_v4_xmit_half_open(const struct sock *lsk, struct sk_buff *skb, struct dst_entry *dst,
			   const struct tcpx_node *node, struct ip_options_rcu *opt,
			   const struct tcpx_seg *seg)
{
	const struct tcpx_tuple *t = &node->tuple;
	int err;

	skb_dst_set(skb, dst);
	tcpx_build_header(skb, t, seg);
	tcpx_v4_checksum(skb, t, tcpx_v4_offloads(dst));
	err = ip_build_and_send_pkt(skb, lsk, t->laddr, t->raddr, opt,
				    READ_ONCE(inet_sk(lsk)->tos));
	return net_xmit_eval(err);
}

static void tcpx_v4_connect_undo(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	inet_sk_set_state(sk, TCP_CLOSE);
	if (tcpx_table_remove(&tsk->node))
		__sock_put(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		tcpx_port_put(&tsk->port);
		inet_sk(sk)->inet_num = 0;
		inet_sk(sk)->inet_sport = 0;
	}
	tcpx_port_reset_addr(sk);
	sk->sk_route_caps = 0;
	inet_sk(sk)->inet_dport = 0;
	inet_sk(sk)->inet_daddr = 0;
}

/* MUST-44, MUST-45: the source is the user's choice, or IP's */
static struct rtable *tcpx_v4_route_connect(struct sock *sk, struct flowi4 *fl4,
					    const struct sockaddr_in *sin)
{
	struct inet_sock *inet = inet_sk(sk);
	const struct ip_options_rcu *opt;
	struct rtable *rt;
	__be32 nexthop;

	opt = rcu_dereference_protected(inet->inet_opt, lockdep_sock_is_held(sk));
	nexthop = sin->sin_addr.s_addr;
	if (opt && opt->opt.srr) {
		if (!nexthop)
			return ERR_PTR(-EINVAL);
		nexthop = opt->opt.faddr;
	}
	rt = ip_route_connect(fl4, nexthop, inet->inet_saddr, sk->sk_bound_dev_if,
			      tcpx_ipproto, inet->inet_sport, sin->sin_port, sk);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return rt;
	}
	/* MUST-46 */
	if (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	sk_rcv_saddr_set(sk, inet->inet_saddr);
	inet->inet_dport = sin->sin_port;
	sk_daddr_set(sk, opt && opt->opt.srr ? sin->sin_addr.s_addr : fl4->daddr);
	return rt;
}

/**
 * tcpx_v4_connect() - active OPEN; struct proto.connect
 * @sk: locked, CLOSED
 * @uaddr: the peer
 * @addr_len: bytes of @uaddr
 *
 * Return: 0 once the SYN is sent, or -errno.
 */
int tcpx_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	const struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct tcpx_sock *tsk = tcpx_sk(sk);
	__be16 sport = inet->inet_sport;
	struct flowi4 *fl4;
	struct rtable *rt;
	int err;

	if (addr_len < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;

	fl4 = &inet->cork.fl.u.ip4;
	rt = tcpx_v4_route_connect(sk, fl4, sin);
	if (IS_ERR(rt))
		return PTR_ERR(rt);

	tsk->node.tuple = (struct tcpx_tuple){
		.family = AF_INET, .laddr = inet->inet_saddr, .raddr = inet->inet_daddr,
		.lport = inet->inet_sport, .rport = inet->inet_dport,
	};
	inet_sk_set_state(sk, TCP_SYN_SENT);
	tcpx_port_set_addr(sk);
	err = tcpx_port_connect(sk);
	if (err)
		goto fail;
	sk_set_txhash(sk);
	rt = ip_route_newports(fl4, rt, sport, inet->inet_dport, inet->inet_sport,
			       inet->inet_dport, sk);
	if (IS_ERR(rt)) {
		err = PTR_ERR(rt);
		rt = NULL;
		goto fail;
	}
	tcpx_route_set(sk, &rt->dst);
	atomic_set(&inet->inet_id, get_random_u16());
	return tcpx_connect(sk, &rt->dst);

fail:
	tcpx_v4_connect_undo(sk);
	ip_rt_put(rt);
	return err;
}

static void tcpx_v4_drop(struct net *net, struct sk_buff *skb, enum tcpx_mib mib,
			 enum skb_drop_reason reason)
{
	tcpx_mib_inc(net, mib);
	kfree_skb_reason(skb, reason);
}

/* True if the header is whole, its offset legal and its checksum right */
static bool tcpx_v4_header_ok(struct net *net, struct sk_buff *skb)
{
	unsigned int hlen;

	if (!pskb_may_pull(skb, TCPX_HDR_LEN))
		goto bad;
	hlen = tcpx_hdr_len(tcpx_hdr(skb));
	if (hlen < TCPX_HDR_LEN || !pskb_may_pull(skb, hlen))
		goto bad;
	/* MUST-3 */
	if (skb_checksum_init(skb, tcpx_ipproto, inet_compute_pseudo) ||
	    skb_checksum_complete(skb)) {
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_CSUM_ERRORS, SKB_DROP_REASON_TCP_CSUM);
		return false;
	}
	return true;
bad:
	tcpx_v4_drop(net, skb, TCPX_MIB_IN_HDR_ERRORS, SKB_DROP_REASON_PKT_TOO_SMALL);
	return false;
}

/* The socket's own tests, before its lock: policy, BPF filter, TTL */
static bool tcpx_v4_admits(struct sock *sk, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);

	if (unlikely(ip_hdr(skb)->ttl < READ_ONCE(inet_sk(sk)->min_ttl))) {
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_MIN_TTL, SKB_DROP_REASON_NOT_SPECIFIED);
		return false;
	}
	if (!xfrm4_policy_check(sk, XFRM_POLICY_IN, skb)) {
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_FILTERED, SKB_DROP_REASON_XFRM_POLICY);
		return false;
	}
	nf_reset_ct(skb);
	/* A filter may cut the payload, never the header */
	if (sk_filter_trim_cap(sk, skb, tcpx_hdr_len(tcpx_hdr(skb)))) {
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_FILTERED, SKB_DROP_REASON_SOCKET_FILTER);
		return false;
	}
	return true;
}

/* 3.10.7.1: nobody knows the connection */
static void tcpx_v4_no_socket(struct net *net, struct sk_buff *skb)
{
	struct tcpx_seg seg, out = { };
	struct tcpx_rst rst;

	if (!xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb)) {
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_FILTERED, SKB_DROP_REASON_XFRM_POLICY);
		return;
	}
	tcpx_parse(skb, &seg);
	/* MUST-57: nothing answers what was sent to many */
	if (!(seg.flags & TCPX_RST) && skb_rtable(skb)->rt_type == RTN_LOCAL) {
		rst = tcpx_fsm_rst_for(&seg);
		out.seq = rst.seq;
		out.ack = rst.ack;
		out.flags = rst.flags;
		tcpx_v4_reply(net, NULL, skb, &out);
	}
	tcpx_v4_drop(net, skb, TCPX_MIB_IN_NO_SOCKET, SKB_DROP_REASON_NO_SOCKET);
}

/* Both buffers may be next to INT_MAX */
static u32 tcpx_backlog_limit(const struct sock *sk)
{
	return min_t(u64, (u64)READ_ONCE(sk->sk_rcvbuf) + READ_ONCE(sk->sk_sndbuf) + 64 * 1024,
		     U32_MAX);
}

/* True: it has left the table meanwhile, and @skb is to be looked up again */
static bool tcpx_v4_to_sock(struct sock *sk, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);
	bool gone = false;

	if (!tcpx_v4_admits(sk, skb))
		return false;
	sk_incoming_cpu_update(sk);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk) && sk->sk_state == TCP_CLOSE) {
		gone = true;
		goto out;
	}
	skb->dev = NULL;
	if (!sock_owned_by_user(sk))
		tcpx_rcv(sk, skb);
	else if (sk_add_backlog(sk, skb, tcpx_backlog_limit(sk)))
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_BACKLOG_FULL,
			     SKB_DROP_REASON_SOCKET_BACKLOG);
out:
	bh_unlock_sock(sk);
	return gone;
}

/* What a segment meets in the table; true: it is no more, look again */
static bool tcpx_v4_to_node(struct net *net, struct tcpx_node *node, struct sk_buff *skb)
{
	switch (node->tuple.kind) {
	case TCPX_KIND_SOCK:
		return tcpx_v4_to_sock(&container_of(node, struct tcpx_sock, node)->inet.sk, skb);
	case TCPX_KIND_HALF_OPEN:
		return tcpx_v4_admits(tcpx_half_open_listener(node), skb) &&
		       tcpx_half_open_rcv(node, skb);
	default:
		if (!xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb)) {
			tcpx_v4_drop(net, skb, TCPX_MIB_IN_FILTERED,
				     SKB_DROP_REASON_XFRM_POLICY);
			return false;
		}
		/* RFC 6191: a SYN opens the next incarnation of the 4-tuple */
		return tcpx_timewait_rcv(node, skb);
	}
}

/* To whom it may concern; true: that one is no more, look again */
static bool tcpx_v4_deliver(struct net *net, struct sk_buff *skb, const struct tcpx_tuple *tuple,
			    int dif, int sdif)
{
	struct tcpx_node *node = tcpx_table_lookup(net, tuple, dif, sdif);
	struct sock *lsk;

	if (node)
		return tcpx_v4_to_node(net, node, skb);
	lsk = tcpx_listener_lookup(net, skb, tuple, dif, sdif);
	if (lsk)
		return tcpx_v4_admits(lsk, skb) && tcpx_listen_rcv(lsk, skb);
	tcpx_v4_no_socket(net, skb);
	return false;
}

static int tcpx_v4_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	int dif = inet_iif(skb), sdif = inet_sdif(skb);
	struct tcpx_tuple tuple;

	tcpx_mib_inc(net, TCPX_MIB_IN_SEGS);
	/* MUST-57, and frames that were not for this host */
	if (skb->pkt_type != PACKET_HOST) {
		tcpx_v4_drop(net, skb, TCPX_MIB_IN_NOT_HOST, SKB_DROP_REASON_OTHERHOST);
		return 0;
	}
	if (!tcpx_v4_header_ok(net, skb))
		return 0;
	tcpx_v4_tuple(skb, &tuple);
	/* GRO has left its own notes there */
	TCPX_SKB_CB(skb)->isn_floor = 0;
	while (tcpx_v4_deliver(net, skb, &tuple, dif, sdif))
		;
	return 0;
}

/* What an ICMP message means: 3.9.2.2; errno, or 0: nothing */
static int tcpx_v4_icmp_errno(int type, int code)
{
	int err = 0;			/* MUST-55: Source Quench is discarded */

	if (type == ICMP_DEST_UNREACH && code <= NR_ICMP_UNREACH)
		err = icmp_err_convert[code].errno;
	else if (type == ICMP_PARAMETERPROB)
		err = EPROTO;
	else if (type == ICMP_TIME_EXCEEDED)
		err = EHOSTUNREACH;
	return err;
}

/* SHLD-26 against MUST-56: only these may end what is not yet established */
static bool tcpx_v4_icmp_hard(int type, int code)
{
	return type == ICMP_DEST_UNREACH &&
	       (code == ICMP_PROT_UNREACH || code == ICMP_PORT_UNREACH);
}

/* RFC 6069, 4.1: network and host unreachable tell of a break, the others of a wish */
static bool tcpx_v4_icmp_break(int type, int code)
{
	return type == ICMP_DEST_UNREACH &&
	       (code == ICMP_NET_UNREACH || code == ICMP_HOST_UNREACH);
}

/* @seq: SEG.SEQ of what met the error */
static void tcpx_v4_icmp_sock(struct sock *sk, int type, int code, u32 seq)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	int err = tcpx_v4_icmp_errno(type, code);
	struct tcpx_actions a;

	if (!err)
		return;
	if (!tcb->syn_acked && tcpx_v4_icmp_hard(type, code) && !sock_owned_by_user(sk)) {
		tcpx_fsm_error(tcb, err, &a);
		tcpx_act(sk, NULL, &a);
		return;
	}
	if (tcpx_v4_icmp_break(type, code) && !sock_owned_by_user(sk)) {
		tcpx_deadline_unreachable(tcb, seq, ktime_get_ns());
		tcpx_timer_sync(sk);
	}
	/* RFC 5927, 5.2: a synchronized connection takes all of them as soft */
	tcpx_report_soft(sk, err);
}

/**
 * tcpx_v4_mtu_reduced() - a router asked for smaller datagrams: RFC 1191
 * @sk: locked; icmp_mtu is set
 */
void tcpx_v4_mtu_reduced(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct dst_entry *dst;

	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN || !ip_sk_accept_pmtu(sk))
		return;
	dst = tcpx_v4_route(sk);
	/* RFC 5927, 7.2: a claim that asks for no less is no news */
	if (!dst || tsk->icmp_mtu >= tsk->pmtu)
		return;
	/*
	 * Nor is one believed where larger segments arrive: should the path have
	 * changed, the time-out shows it, and the router says so again.
	 */
	if (tcpx_v4_mss(tsk->icmp_mtu) < tsk->acked_len) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_ICMP_IGNORED);
		return;
	}
	dst->ops->update_pmtu(dst, sk, NULL, tsk->icmp_mtu, true);
	dst = tcpx_v4_route(sk);
	if (!dst || inet_sk(sk)->pmtudisc == IP_PMTUDISC_DONT || dst_mtu(dst) >= tsk->pmtu)
		return;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_PMTU_REDUCED);
	tcpx_mtu_reduced(sk, dst_mtu(dst));
	tcpx_timer_sync(sk);
}

static void tcpx_v4_icmp_mtu(struct sock *sk, u32 mtu)
{
	tcpx_sk(sk)->icmp_mtu = mtu;
	if (sock_owned_by_user(sk))
		set_bit(TCPX_DEFER_PMTU, &tcpx_sk(sk)->deferred);
	else
		tcpx_v4_mtu_reduced(sk);
}

/* RFC 5927, 4: only what is in flight can have met the error */
static bool tcpx_v4_icmp_credible(const struct tcpx_tcb *tcb, u32 seq)
{
	return tcb->snd_una != tcb->snd_nxt && tcpx_between(seq, tcb->snd_una, tcb->snd_nxt - 1);
}

/* ipv4_sk_redirect() is for who has no route cached: it would leave ours in use */
static void tcpx_v4_redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

/* IP_MINTTL (RFC 5082): what met the error can't have gone further than @iph says */
static bool tcpx_v4_icmp_near(const struct sock *sk, const struct iphdr *iph)
{
	if (likely(iph->ttl >= READ_ONCE(inet_sk(sk)->min_ttl)))
		return true;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_IN_MIN_TTL);
	return false;
}

static int tcpx_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcpx_hdr *th = (const struct tcpx_hdr *)(skb->data + iph->ihl * 4);
	struct tcpx_tuple tuple = {
		.family = AF_INET, .laddr = iph->saddr, .lport = th->source, .rport = th->dest,
		/* What met the error may have been on its way to a hop (MUST-54) */
		.raddr = tcpx_ipopt_final((const u8 *)(iph + 1), iph->ihl * 4 - sizeof(*iph),
					  iph->daddr),
	};
	int type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct net *net = dev_net(skb->dev);
	struct tcpx_node *node;
	struct sock *sk;

	node = tcpx_table_lookup(net, &tuple, inet_iif(skb), 0);
	if (!node) {
		__ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	if (node->tuple.kind == TCPX_KIND_TIME_WAIT)
		return 0;
	if (node->tuple.kind == TCPX_KIND_HALF_OPEN) {
		if (tcpx_v4_icmp_hard(type, code) &&
		    tcpx_v4_icmp_near(tcpx_half_open_listener(node), iph))
			tcpx_half_open_icmp(node, ntohl(th->seq));
		return 0;
	}
	sk = &container_of(node, struct tcpx_sock, node)->inet.sk;
	bh_lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE || !tcpx_v4_icmp_near(sk, iph))
		goto out;
	if (!tcpx_v4_icmp_credible(&tcpx_sk(sk)->tcb, ntohl(th->seq))) {
		tcpx_mib_inc(net, TCPX_MIB_ICMP_IGNORED);
		goto out;
	}
	if (type == ICMP_REDIRECT) {
		if (!sock_owned_by_user(sk))
			tcpx_v4_redirect(sk, skb);
	} else if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		tcpx_v4_icmp_mtu(sk, info);
	} else {
		tcpx_v4_icmp_sock(sk, type, code, ntohl(th->seq));
	}
out:
	bh_unlock_sock(sk);
	return 0;
}

static const struct net_protocol tcpx_v4_protocol = {
	.handler	= tcpx_v4_rcv,
	.err_handler	= tcpx_v4_err,
	.no_policy	= 1,
	.icmp_strict_tag_validation = 1,
};

static struct inet_protosw tcpx_v4_protosw = {
	.type	= SOCK_STREAM,
	.prot	= &tcpx_prot,
	.ops	= &tcpx_stream_ops,
};

static void tcpx_v4_ctl_destroy(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu(tcpx_v4_ctl, cpu))
			inet_ctl_sock_destroy(per_cpu(tcpx_v4_ctl, cpu));
		per_cpu(tcpx_v4_ctl, cpu) = NULL;
	}
}

/* A kernel thread is in the root control group, whoever loads the module is not */
static long tcpx_v4_ctl_create(void *unused)
{
	struct sock *ctl;
	int cpu, err;

	for_each_possible_cpu(cpu) {
		err = inet_ctl_sock_create(&ctl, PF_INET, SOCK_RAW, tcpx_ipproto, &init_net);
		if (err)
			return err;
		sock_set_flag(ctl, SOCK_USE_WRITE_QUEUE);
		/* Nothing of it is worth discovering the path's MTU for */
		inet_sk(ctl)->pmtudisc = IP_PMTUDISC_DO;
		per_cpu(tcpx_v4_ctl, cpu) = ctl;
	}
	return 0;
}

/**
 * tcpx_v4_init() - take the protocol number; process context
 *
 * Return: 0, -EBUSY where another module holds it, or -errno.
 */
int tcpx_v4_init(void)
{
	int err = work_on_cpu(raw_smp_processor_id(), tcpx_v4_ctl_create, NULL);

	if (err) {
		tcpx_v4_ctl_destroy();
		return err;
	}
	if (inet_add_protocol(&tcpx_v4_protocol, tcpx_ipproto)) {
		pr_err("tcpx: IP protocol number %u is in use\n", tcpx_ipproto);
		tcpx_v4_ctl_destroy();
		return -EBUSY;
	}
	tcpx_v4_protosw.protocol = tcpx_ipproto;
	inet_register_protosw(&tcpx_v4_protosw);
	return 0;
}

/**
 * tcpx_v4_exit() - give it back; no new socket and no segment comes after
 */
void tcpx_v4_exit(void)
{
	inet_unregister_protosw(&tcpx_v4_protosw);
	inet_del_protocol(&tcpx_v4_protocol, tcpx_ipproto);
	tcpx_v4_ctl_destroy();
}
