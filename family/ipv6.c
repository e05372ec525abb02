// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6: how a segment comes from it, what its ICMP says, the addresses of a socket,
 * and the door through which the rest of tcpx has all of that.
 *
 * An IPv6 socket may also have a peer with an IPv4 address, written as a v4-mapped one
 * (RFC 3493, 3.7).  On the wire that is IPv4, and so is the socket's family from then
 * on; what a program sees of it stays IPv6.
 *
 * How segments leave is family/ipv6_output.c; what a header tells, and the options of a
 * socket, are family/ipv6_options.c.
 */
#include <linux/bpf-cgroup.h>
#include <linux/errqueue.h>
#include <linux/icmpv6.h>
#include <linux/module.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/protocol.h>
#include <net/seg6.h>
#include <net/transp_v6.h>

#include "../net/mib.h"
#include "../net/tuple.h"
#include "../path/demux.h"
#include "../path/family.h"
#include "../path/icmp.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../sock/map.h"
#include "../sock/recv.h"
#include "../sock/socket.h"
#include "../tcpx_compat.h"
#include "../uapi/tcpx.h"
#include "early.h"
#include "ip.h"
#include "ipv4.h"
#include "ipv6.h"
#include "ipv6_options.h"
#include "ipv6_output.h"

/* IPv6 finds its part by the size of the whole, so it has to be last */
struct tcpx6_sock {
	struct tcpx_sock tcpx;
	struct ipv6_pinfo pinfo;
};

static_assert(offsetofend(struct tcpx6_sock, pinfo) == sizeof(struct tcpx6_sock));

/* --- a user's calls --- */

static int tcpx_v6_pre_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len)
{
	if (addr_len < SIN6_LEN_RFC2133)
		return -EINVAL;
	return TCPX_BPF_INET6_CONNECT(sk, uaddr, addr_len);
}

/* IPV6_FLOWINFO_SEND: traffic class and flow label are the caller's; 0 or -errno */
static int tcpx_v6_flowinfo(struct sock *sk, const struct sockaddr_in6 *sin6, __be32 *flowinfo)
{
	struct ip6_flowlabel *label;

	*flowinfo = 0;
	if (!tcpx_sndflow(sk))
		return 0;
	*flowinfo = sin6->sin6_flowinfo & IPV6_FLOWINFO_MASK;
	IP6_ECN_flow_init(*flowinfo);
	if (!(*flowinfo & IPV6_FLOWLABEL_MASK))
		return 0;
	/* Somebody else may have leased it */
	label = fl6_sock_lookup(sk, *flowinfo);
	if (IS_ERR(label))
		return -EINVAL;
	fl6_sock_release(label);
	return 0;
}

/* connect() to no address means this host */
static struct in6_addr tcpx_v6_daddr(const struct sock *sk, const struct sockaddr_in6 *sin6)
{
	struct in6_addr daddr = sin6->sin6_addr;

	if (!ipv6_addr_any(&daddr))
		return daddr;
	if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
		ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &daddr);
	else
		daddr = in6addr_loopback;
	return daddr;
}

/* RFC 4007: a link-local address means something on one link, which has to be known */
static int tcpx_v6_scope(struct sock *sk, const struct sockaddr_in6 *sin6, int addr_len)
{
	if (addr_len >= sizeof(*sin6) && sin6->sin6_scope_id) {
		if (!sk_dev_equal_l3scope(sk, sin6->sin6_scope_id))
			return -EINVAL;
		sk->sk_bound_dev_if = sin6->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

static struct dst_entry *tcpx_v6_connect_mapped(struct sock *sk, const struct in6_addr *daddr,
						__be16 port)
{
	const struct tcpx_family *ipv4 = tcpx_family_of(AF_INET);
	const struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = port,
		.sin_addr.s_addr = daddr->s6_addr32[3],
	};
	struct dst_entry *dst;

	if (ipv6_only_sock(sk))
		return ERR_PTR(-ENETUNREACH);
	dst = ipv4->connect(sk, (const struct sockaddr *)&sin, sizeof(sin));
	if (IS_ERR(dst))
		return dst;
	tcpx_sk(sk)->family = ipv4;
	inet6_sk(sk)->saddr = sk->sk_v6_rcv_saddr;
	return dst;
}

/* MUST-44, MUST-45: the source is the user's choice, or IP's (RFC 6724) */
static struct dst_entry *tcpx_v6_connect_to(struct sock *sk, const struct in6_addr *daddr,
					    __be16 port)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	const bool bound = !ipv6_addr_any(&sk->sk_v6_rcv_saddr);
	const struct tcpx_addrs6 addrs = {
		.laddr = bound ? sk->sk_v6_rcv_saddr : np->saddr, .raddr = *daddr,
	};
	const struct tcpx_tuple tuple = {
		.family = AF_INET6, .wire = tcpx_sk(sk)->wire, .addrs6 = &addrs,
		.lport = inet_sk(sk)->inet_sport, .rport = port,
	};
	struct dst_entry *dst;
	struct flowi6 fl6;

	dst = tcpx_v6_sock_flow(sk, &tuple, &fl6);
	if (IS_ERR(dst))
		return dst;
	np->saddr = fl6.saddr;
	sk->sk_v6_rcv_saddr = fl6.saddr;
	sk->sk_v6_daddr = *daddr;
	inet_sk(sk)->inet_rcv_saddr = LOOPBACK4_IPV6;	/* not an address of IPv4's */
	inet_sk(sk)->inet_dport = port;
	return dst;
}

static struct dst_entry *tcpx_v6_connect(struct sock *sk, const struct sockaddr *uaddr,
					 int addr_len)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)uaddr;
	struct in6_addr daddr;
	__be32 flowinfo;
	int type, err;

	if (addr_len < SIN6_LEN_RFC2133)
		return ERR_PTR(-EINVAL);
	if (sin6->sin6_family != AF_INET6)
		return ERR_PTR(-EAFNOSUPPORT);
	err = tcpx_v6_flowinfo(sk, sin6, &flowinfo);
	if (err)
		return ERR_PTR(err);
	daddr = tcpx_v6_daddr(sk, sin6);
	type = ipv6_addr_type(&daddr);
	/* MUST-46 */
	if (type & IPV6_ADDR_MULTICAST)
		return ERR_PTR(-ENETUNREACH);
	if (type & IPV6_ADDR_LINKLOCAL)
		err = tcpx_v6_scope(sk, sin6, addr_len);
	if (err)
		return ERR_PTR(err);
	inet6_sk(sk)->flow_label = flowinfo;
	if (type & IPV6_ADDR_MAPPED)
		return tcpx_v6_connect_mapped(sk, &daddr, sin6->sin6_port);
	return tcpx_v6_connect_to(sk, &daddr, sin6->sin6_port);
}

static void tcpx_v6_tuple(const struct sock *sk, struct tcpx_tuple *tuple)
{
	const struct inet_sock *inet = inet_sk(sk);

	*tuple = (struct tcpx_tuple){
		.family = AF_INET6, .wire = tcpx_sk(sk)->wire,
		.addrs6 = (const struct tcpx_addrs6 *)&sk->sk_v6_daddr,
		.lport = inet->inet_sport, .rport = inet->inet_dport,
	};
}

/* Rules, and IPsec's, may name the ports, which were not known before */
static struct dst_entry *tcpx_v6_connect_ports(struct sock *sk, struct dst_entry *dst,
					       __be16 sport)
{
	struct flowi6 fl6;

	if (inet_sk(sk)->inet_sport == sport)
		return dst;
	dst_release(dst);
	return tcpx_v6_sock_flow(sk, &tcpx_sk(sk)->node.tuple, &fl6);
}

static void tcpx_v6_disconnect(struct sock *sk)
{
	tcpx_v6_forget(sk);
	tcpx_early_forget(sk);
	sk->sk_v6_daddr = in6addr_any;
}

/* --- a listener's children --- */

/* The part that is IPv6's is a copy of the listener's, and some of that is not to share */
static struct ipv6_pinfo *tcpx_v6_child_pinfo(struct sock *sk, const struct tcpx_arrival *in)
{
	struct ipv6_pinfo *np = &container_of(sk, struct tcpx6_sock, tcpx.inet.sk)->pinfo;

	inet_sk(sk)->pinet6 = np;
	np->ipv6_mc_list = NULL;
	np->ipv6_ac_list = NULL;
	tcpx_no_flow_labels(sk);
	np->pktoptions = NULL;
	np->rxpmtu = NULL;
	/* A stream sends to no group: these tell IPV6_2292PKTOPTIONS what came */
	np->mcast_oif = in->dif;
	np->mcast_hops = in->ttl;
	np->rcv_flowinfo = 0;
	if (tcpx_repflow(sk))
		np->flow_label = in->flow_label;
	return np;
}

static void tcpx_v6_child(struct sock *sk, const struct tcpx_arrival *in,
			  struct tcpx_ip_opt *ip_opt)
{
	struct ipv6_pinfo *np = tcpx_v6_child_pinfo(sk, in);
	struct inet_sock *inet = inet_sk(sk);
	struct ipv6_txoptions *opt = rcu_dereference(np->opt);

	RCU_INIT_POINTER(np->opt, NULL);
	if (in->tuple.family == AF_INET) {
		tcpx_sk(sk)->family = in->family;
		in->family->child(sk, in, ip_opt);
		np->saddr = sk->sk_v6_rcv_saddr;
		return;
	}
	sk->sk_v6_daddr = in->tuple.addrs6->raddr;
	sk->sk_v6_rcv_saddr = in->tuple.addrs6->laddr;
	np->saddr = in->tuple.addrs6->laddr;
	np->rcv_flowinfo = ip6_make_flowinfo(in->tos, in->flow_label);
	inet->inet_daddr = LOOPBACK4_IPV6;
	inet->inet_saddr = LOOPBACK4_IPV6;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	/* IPv4's are not for it */
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	inet->mc_list = NULL;
	if (opt)
		RCU_INIT_POINTER(np->opt, ipv6_dup_options(sk, opt));
}

/* --- errors --- */

static bool tcpx_v6_recverr(const struct sock *sk)
{
	return tcpx_inet6_recverr(sk);
}

/* No router fragments, so a sender that ignores the path's MTU would never get through */
static int tcpx_v6_pmtudisc(const struct sock *sk)
{
	int pmtudisc = inet6_sk(sk)->pmtudisc;

	return pmtudisc == IPV6_PMTUDISC_DONT ? IPV6_PMTUDISC_WANT : pmtudisc;
}

static void tcpx_v6_redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = __sk_dst_check(sk, inet6_sk(sk)->dst_cookie);

	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

static struct sk_buff *tcpx_v6_error_skb(const struct sock *sk)
{
	struct sk_buff *skb = alloc_skb(sizeof(struct ipv6hdr), GFP_ATOMIC | __GFP_NOWARN);
	struct ipv6hdr *hdr;

	if (!skb)
		return NULL;
	hdr = skb_put_zero(skb, sizeof(*hdr));
	hdr->daddr = sk->sk_v6_daddr;
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	SKB_EXT_ERR(skb)->addr_offset = offsetof(struct ipv6hdr, daddr);
	return skb;
}

/* --- segments arrive --- */

static u8 tcpx_v6_ecn(const struct sk_buff *skb)
{
	return ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK;
}

static const struct tcpx_family tcpx_ipv6 = {
	.family		= AF_INET6,
	.header_len	= sizeof(struct ipv6hdr),
	.default_mss	= IPV6_MIN_MTU - sizeof(struct ipv6hdr) - TCPX_HDR_LEN,
	.min_ttl	= offsetof(struct tcpx6_sock, pinfo.min_hopcount),

	.route		= tcpx_v6_route,
	.note_route	= tcpx_v6_note_route,
	.xmit		= tcpx_v6_xmit,
	.heard		= tcpx_v6_heard,
	.ecn		= tcpx_v6_ecn,
	.opt_len	= tcpx_v6_opt_len,

	.recverr	= tcpx_v6_recverr,
	.pmtudisc	= tcpx_v6_pmtudisc,
	.redirect	= tcpx_v6_redirect,
	.error_skb	= tcpx_v6_error_skb,

	.pre_connect	= tcpx_v6_pre_connect,
	.connect	= tcpx_v6_connect,
	.connect_ports	= tcpx_v6_connect_ports,
	.disconnect	= tcpx_v6_disconnect,
	.tuple		= tcpx_v6_tuple,
	.setsockopt	= tcpx_v6_setsockopt,
	.getsockopt	= tcpx_v6_getsockopt,
	.destruct	= inet6_sock_destruct,

	.unicast	= tcpx_v6_unicast,
	.return_opt	= tcpx_v6_return_opt,
	.route_back	= tcpx_v6_route_back,
	.xmit_half_open	= tcpx_v6_xmit_half_open,
	.child		= tcpx_v6_child,

	.leave		= tcpx_v6_leave,
	.reply		= tcpx_v6_reply,
};

/* The field, in the header or in the last extension header, that led here */
static u8 tcpx_v6_next_header(const struct sk_buff *skb)
{
	return skb_network_header(skb)[IP6CB(skb)->nhoff];
}

/*
 * @addrs takes its addresses: the header moves when more of it is pulled in, or when a
 * filter cuts a clone.
 */
static struct tcpx_arrival tcpx_v6_arrival(struct net *net, struct sk_buff *skb,
					   struct tcpx_addrs6 *addrs)
{
	const struct tcpx_ip_ports ports = tcpx_ip_ports(skb);
	const struct ipv6hdr *hdr = ipv6_hdr(skb);

	*addrs = (struct tcpx_addrs6){ .raddr = hdr->saddr, .laddr = hdr->daddr };
	return (struct tcpx_arrival){
		.family = &tcpx_ipv6, .net = net, .dif = inet6_iif(skb), .sdif = inet6_sdif(skb),
		.tos = ipv6_get_dsfield(hdr), .ttl = hdr->hop_limit,
		.flow_label = ip6_flowlabel(hdr),
		.tuple = {
			.family = AF_INET6, .wire = tcpx_v6_next_header(skb), .addrs6 = addrs,
			.lport = ports.dest, .rport = ports.source,
		},
	};
}

/* Else it is dropped, and counted */
static bool tcpx_v6_sound(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	return tcpx_ip_header_whole(in, skb) &&
	       tcpx_ip_sum_right(in, skb, skb_checksum_init(skb, tcpx_v6_next_header(skb),
							    ip6_compute_pseudo));
}

static int tcpx_v6_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	struct tcpx_addrs6 addrs __uninitialized;
	struct tcpx_arrival in __uninitialized;

	in = tcpx_v6_arrival(net, skb, &addrs);
	tcpx_mib_inc(net, TCPX_MIB_IN_SEGS);
	/* MUST-57, and frames that were not for this host */
	if (skb->pkt_type != PACKET_HOST) {
		tcpx_discard(net, &in.tuple, skb, TCPX_DROP_NOT_HOST);
		return 0;
	}
	if (!tcpx_v6_sound(&in, skb))
		return 0;
	if (!tcpx_demux(&in, skb))
		tcpx_no_socket(&in, skb);
	return 0;
}

/**
 * tcpx_v6_take() - a segment of protocol 6, which may be ours
 * @skb: its ports are in the linear part; consumed if it is
 *
 * Whoever it is for counts it, and what is wrong with it.
 *
 * Context: softirq, rcu_read_lock().
 * Return: false if it is not, and as it came.
 */
bool tcpx_v6_take(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	struct tcpx_addrs6 addrs __uninitialized;
	struct tcpx_arrival in __uninitialized;

	if (skb->pkt_type != PACKET_HOST)
		return false;
	in = tcpx_v6_arrival(net, skb, &addrs);
	if (!tcpx_demux_knows(&in))
		return false;
	tcpx_mib_inc(net, TCPX_MIB_IN_SEGS);
	if (!tcpx_v6_sound(&in, skb))
		return true;
	return tcpx_demux(&in, skb);
}

/* RFC 4443, 3.1, codes 1 and 4 end what is not yet established (RFC 5927, 5) */
static enum tcpx_icmp_kind tcpx_v6_icmp_kind(u8 type, u8 code)
{
	if (type == NDISC_REDIRECT)
		return TCPX_ICMP_REDIRECT;
	if (type == ICMPV6_PKT_TOOBIG)
		return TCPX_ICMP_TOO_BIG;
	if (type != ICMPV6_DEST_UNREACH)
		return TCPX_ICMP_SOFT;
	switch (code) {
	case ICMPV6_ADM_PROHIBITED:
	case ICMPV6_POLICY_FAIL:	/* these two say more of why it is prohibited */
	case ICMPV6_REJECT_ROUTE:
	case ICMPV6_PORT_UNREACH:
		return TCPX_ICMP_HARD;
	case ICMPV6_NOROUTE:
	case ICMPV6_ADDR_UNREACH:
		return TCPX_ICMP_BREAK;
	default:
		return TCPX_ICMP_SOFT;
	}
}

/**
 * tcpx_v6_icmp() - an ICMPv6 error about a datagram, which may be ours
 * @skb: the message; its data begins with the datagram's header
 * @opt: its extension headers
 * @type: ICMPv6's
 * @code: ICMPv6's
 * @wire: the datagram's protocol number
 * @offset: from the datagram's header to the segment, bytes
 * @info: the MTU, where it says one
 *
 * IPV6_MINHOPCOUNT: it is the message's own hop limit that counts, as with Linux's TCP.
 * RFC 5082, 3, asks for 255 in ICMP errors as well; what they quote is as they please.
 *
 * Context: softirq, rcu_read_lock().
 * Return: 0, or -ENOENT if the datagram belongs to no connection.
 */
int tcpx_v6_icmp(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, u8 wire,
		 int offset, __be32 info)
{
	const struct ipv6hdr *hdr = (const struct ipv6hdr *)skb->data;
	const struct tcpx_hdr *th = (const struct tcpx_hdr *)(skb->data + offset);
	/* It may have been on its way to a hop (MUST-54) */
	const struct in6_addr *daddr = seg6_get_daddr(skb, opt) ?: &hdr->daddr;
	const struct tcpx_addrs6 addrs = { .laddr = hdr->saddr, .raddr = *daddr };
	struct tcpx_icmp icmp = {
		.kind = tcpx_v6_icmp_kind(type, code), .mtu = ntohl(info), .seq = ntohl(th->seq),
	};
	const struct tcpx_arrival met = {
		.family = &tcpx_ipv6, .net = dev_net(skb->dev), .dif = skb->dev->ifindex,
		.sdif = inet6_sdif(skb), .ttl = ipv6_hdr(skb)->hop_limit,
		.tuple = {
			.family = AF_INET6, .wire = wire, .addrs6 = &addrs,
			.lport = th->source, .rport = th->dest,
		},
	};

	icmpv6_err_convert(type, code, &icmp.err);
	/* RFC 8201, 4: no link has less, so it says nothing; but it may be another stack's */
	if (icmp.kind == TCPX_ICMP_TOO_BIG && icmp.mtu < IPV6_MIN_MTU) {
		icmp.kind = TCPX_ICMP_SOFT;
		icmp.err = 0;
	}
	return tcpx_icmp_rcv(&met, skb, &icmp);
}

static int tcpx_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
		       int offset, __be32 info)
{
	int err = tcpx_v6_icmp(skb, opt, type, code, tcpx_ipproto, offset, info);

	if (err)
		__ICMP6_INC_STATS(dev_net(skb->dev), __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
	return err;
}

/* --- insmod, rmmod --- */

static const struct inet6_protocol tcpx_v6_protocol = {
	.handler	= tcpx_v6_rcv,
	.err_handler	= tcpx_v6_err,
	.flags		= INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

static const struct proto_ops tcpx_v6_stream_ops = {
	TCPX_IP_STREAM_OPS,
	.family		= PF_INET6,
	.release	= inet6_release,
	.bind		= inet6_bind,
	.getname	= inet6_getname,
	.ioctl		= inet6_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= inet6_compat_ioctl,
#endif
};

static struct proto tcpx6_prot;	/* tcpx_prot, with room for IPv6's part */

static struct inet_protosw tcpx_v6_protosw = {
	.type	= SOCK_STREAM,
	.prot	= &tcpx6_prot,
	.ops	= &tcpx_v6_stream_ops,
};

static int tcpx_v6_prot_register(void)
{
	tcpx6_prot = tcpx_prot;
	strscpy(tcpx6_prot.name, "TCPXv6", sizeof(tcpx6_prot.name));
	tcpx6_prot.slab = NULL;
	tcpx6_prot.obj_size = sizeof(struct tcpx6_sock);
	TCPX_SET_PINFO(&tcpx6_prot, offsetof(struct tcpx6_sock, pinfo));
	return proto_register(&tcpx6_prot, 1);
}

/**
 * tcpx_v6_init() - take the protocol number: segments may come; process context
 *
 * After tcpx_v4_init(): sockets with v4-mapped addresses are IPv4's.  With
 * ipv6.disable=1 there is nothing to do, and IPv4 works all the same.
 *
 * Return: 0, -EBUSY where another module holds it, or -errno.
 */
int tcpx_v6_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct inet6_skb_parm) > sizeof_field(struct tcpx_skb_cb, ip));
	if (!ipv6_mod_enabled())
		return 0;
	err = tcpx_v6_prot_register();
	if (err)
		return err;
	err = tcpx_v6_output_init();
	if (err)
		goto out_prot;
	tcpx_family_add(&tcpx_ipv6);
	if (!inet6_add_protocol(&tcpx_v6_protocol, tcpx_ipproto))
		return 0;
	pr_err("tcpx: IPv6 protocol number %u is in use\n", tcpx_ipproto);
	err = -EBUSY;
	tcpx_v6_output_exit();
out_prot:
	proto_unregister(&tcpx6_prot);
	return err;
}

/**
 * tcpx_v6_exit() - give it back; no segment comes after
 */
void tcpx_v6_exit(void)
{
	if (!ipv6_mod_enabled())
		return;
	inet6_del_protocol(&tcpx_v6_protocol, tcpx_ipproto);
	tcpx_v6_output_exit();
	rcu_barrier();		/* sockets that RCU is yet to free */
	proto_unregister(&tcpx6_prot);
}

/**
 * tcpx_v6_open() - let in socket(); process context
 *
 * Return: 0 or -errno.
 */
int tcpx_v6_open(void)
{
	if (!ipv6_mod_enabled())
		return 0;
	tcpx_v6_protosw.protocol = tcpx_ipproto;
	return inet6_register_protosw(&tcpx_v6_protosw);
}

/**
 * tcpx_v6_close() - undo tcpx_v6_open(); no new socket comes after
 */
void tcpx_v6_close(void)
{
	if (ipv6_mod_enabled())
		inet6_unregister_protosw(&tcpx_v6_protosw);
}

MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET6, IPPROTO_TCPX, 1);
