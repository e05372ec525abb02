// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4: how a segment comes from it, what its ICMP says, the addresses of a
 * socket, and the door through which the rest of tcpx has all of that.
 *
 * How segments leave is family/ipv4_output.c; what options a header has is
 * family/ipv4_options.c.
 */
#include <linux/bpf-cgroup.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/module.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/route.h>

#include "../core/ip_option.h"
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
#include "early.h"
#include "ip.h"
#include "ipv4.h"
#include "ipv4_options.h"
#include "ipv4_output.h"

/* --- a user's calls --- */

static int tcpx_v4_pre_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len)
{
	if (addr_len < sizeof(struct sockaddr_in))
		return -EINVAL;
	return TCPX_BPF_INET4_CONNECT(sk, uaddr, addr_len);
}

/* MUST-44, MUST-45: the source is the user's choice, or IP's */
static struct dst_entry *tcpx_v4_connect(struct sock *sk, const struct sockaddr *uaddr,
					 int addr_len)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	const struct ip_options_rcu *opt;
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	struct rtable *rt;
	__be32 nexthop;

	if (addr_len < sizeof(*sin))
		return ERR_PTR(-EINVAL);
	if (sin->sin_family != AF_INET)
		return ERR_PTR(-EAFNOSUPPORT);
	opt = rcu_dereference_protected(inet->inet_opt, lockdep_sock_is_held(sk));
	nexthop = sin->sin_addr.s_addr;
	if (opt && opt->opt.srr) {
		if (!nexthop)
			return ERR_PTR(-EINVAL);
		nexthop = opt->opt.faddr;
	}
	rt = ip_route_connect(fl4, nexthop, inet->inet_saddr, sk->sk_bound_dev_if,
			      tcpx_sk(sk)->wire, inet->inet_sport, sin->sin_port, sk);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return ERR_CAST(rt);
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
	return &rt->dst;
}

/* IPsec's rules may name the ports, which were not known before */
static struct dst_entry *tcpx_v4_connect_ports(struct sock *sk, struct dst_entry *dst,
					       __be16 sport)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt;

	rt = ip_route_newports(&inet->cork.fl.u.ip4, (struct rtable *)dst, sport,
			       inet->inet_dport, inet->inet_sport, inet->inet_dport, sk);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	atomic_set(&inet->inet_id, get_random_u16());
	return &rt->dst;
}

static void tcpx_v4_disconnect(struct sock *sk)
{
	tcpx_v4_forget_route(sk);
	tcpx_early_forget(sk);
	sk_daddr_set(sk, 0);
}

static void tcpx_v4_tuple(const struct sock *sk, struct tcpx_tuple *tuple)
{
	const struct inet_sock *inet = inet_sk(sk);

	*tuple = (struct tcpx_tuple){
		.family = AF_INET, .wire = tcpx_sk(sk)->wire,
		.laddr = inet->inet_rcv_saddr, .raddr = inet->inet_daddr,
		.lport = inet->inet_sport, .rport = inet->inet_dport,
	};
}

static void tcpx_v4_child(struct sock *sk, const struct tcpx_arrival *in,
			  struct tcpx_ip_opt *opt)
{
	struct inet_sock *inet = inet_sk(sk);

	sk_daddr_set(sk, in->tuple.raddr);
	sk_rcv_saddr_set(sk, in->tuple.laddr);
	inet->inet_saddr = in->tuple.laddr;
	RCU_INIT_POINTER(inet->inet_opt, tcpx_v4_opt(opt));
	/* A stream sends to no group: these tell IP_PKTOPTIONS what came */
	inet->mc_index = in->dif;
	inet->mc_ttl = in->ttl;
	inet->mc_list = NULL;
#if IS_ENABLED(CONFIG_IPV6)
	/* After IPV6_ADDRFORM the listener has a part that is IPv6's, its children have not */
	if (sk->sk_family == AF_INET)
		inet->pinet6 = NULL;
#endif
	atomic_set(&inet->inet_id, get_random_u16());
}

/* --- errors --- */

static bool tcpx_v4_recverr(const struct sock *sk)
{
	return tcpx_inet_recverr(sk);
}

static int tcpx_v4_pmtudisc(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc;
}

/* ipv4_sk_redirect() is for who has no route cached: it would leave ours in use */
static void tcpx_v4_redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

static struct sk_buff *tcpx_v4_error_skb(const struct sock *sk)
{
	struct sk_buff *skb = alloc_skb(sizeof(struct iphdr), GFP_ATOMIC | __GFP_NOWARN);
	struct iphdr *iph;

	if (!skb)
		return NULL;
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->daddr = inet_sk(sk)->inet_daddr;
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
	SKB_EXT_ERR(skb)->addr_offset = offsetof(struct iphdr, daddr);
	return skb;
}

/* --- segments arrive --- */

/* MUST-63, MUST-57: a connection has two ends, each of them one host (S30) */
static bool tcpx_v4_unicast(const struct sk_buff *skb)
{
	__be32 saddr = ip_hdr(skb)->saddr;

	if (skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return false;
	return !ipv4_is_multicast(saddr) && !ipv4_is_lbcast(saddr) && !ipv4_is_zeronet(saddr);
}

static u8 tcpx_v4_ecn(const struct sk_buff *skb)
{
	return ip_hdr(skb)->tos & INET_ECN_MASK;
}

static const struct tcpx_family tcpx_ipv4 = {
	.family		= AF_INET,
	.header_len	= sizeof(struct iphdr),
	.default_mss	= TCPX_MSS_DEFAULT,
	.min_ttl	= offsetof(struct inet_sock, min_ttl),

	.route		= tcpx_v4_route,
	.xmit		= tcpx_v4_xmit,
	.heard		= tcpx_v4_heard,
	.ecn		= tcpx_v4_ecn,
	.opt_len	= tcpx_v4_opt_len,

	.recverr	= tcpx_v4_recverr,
	.pmtudisc	= tcpx_v4_pmtudisc,
	.redirect	= tcpx_v4_redirect,
	.error_skb	= tcpx_v4_error_skb,

	.pre_connect	= tcpx_v4_pre_connect,
	.connect	= tcpx_v4_connect,
	.connect_ports	= tcpx_v4_connect_ports,
	.disconnect	= tcpx_v4_disconnect,
	.tuple		= tcpx_v4_tuple,
	.setsockopt	= tcpx_v4_setsockopt,
	.getsockopt	= ip_getsockopt,
	.destruct	= inet_sock_destruct,

	.unicast	= tcpx_v4_unicast,
	.return_opt	= tcpx_v4_return_opt,
	.route_back	= tcpx_v4_route_back,
	.xmit_half_open	= tcpx_v4_xmit_half_open,
	.child		= tcpx_v4_child,

	.leave		= tcpx_v4_leave,
	.reply		= tcpx_v4_reply,
};

static struct tcpx_arrival tcpx_v4_arrival(struct net *net, struct sk_buff *skb)
{
	const struct tcpx_ip_ports ports = tcpx_ip_ports(skb);
	const struct iphdr *iph = ip_hdr(skb);

	return (struct tcpx_arrival){
		.family = &tcpx_ipv4, .net = net, .dif = inet_iif(skb), .sdif = inet_sdif(skb),
		.tos = iph->tos, .ttl = iph->ttl,
		.tuple = {
			.family = AF_INET, .wire = iph->protocol,
			.laddr = iph->daddr, .raddr = iph->saddr,
			.lport = ports.dest, .rport = ports.source,
		},
	};
}

/* Else it is dropped, and counted */
static bool tcpx_v4_sound(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	return tcpx_ip_header_whole(in, skb) &&
	       tcpx_ip_sum_right(in, skb, skb_checksum_init(skb, ip_hdr(skb)->protocol,
							    inet_compute_pseudo));
}

static int tcpx_v4_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	const struct tcpx_arrival in = tcpx_v4_arrival(net, skb);

	tcpx_mib_inc(net, TCPX_MIB_IN_SEGS);
	/* MUST-57, and frames that were not for this host */
	if (skb->pkt_type != PACKET_HOST) {
		tcpx_discard(net, &in.tuple, skb, TCPX_DROP_NOT_HOST);
		return 0;
	}
	if (!tcpx_v4_sound(&in, skb))
		return 0;
	if (!tcpx_demux(&in, skb))
		tcpx_no_socket(&in, skb);
	return 0;
}

/**
 * tcpx_v4_take() - a segment of protocol 6, which may be ours
 * @skb: its ports are in the linear part; consumed if it is
 *
 * Whoever it is for counts it, and what is wrong with it.
 *
 * Context: softirq, rcu_read_lock().
 * Return: false if it is not, and as it came.
 */
bool tcpx_v4_take(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	struct tcpx_arrival in __uninitialized;

	if (skb->pkt_type != PACKET_HOST)
		return false;
	in = tcpx_v4_arrival(net, skb);
	if (!tcpx_demux_knows(&in))
		return false;
	tcpx_mib_inc(net, TCPX_MIB_IN_SEGS);
	return !tcpx_v4_sound(&in, skb) || tcpx_demux(&in, skb);
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

static enum tcpx_icmp_kind tcpx_v4_icmp_kind(int type, int code)
{
	if (type == ICMP_REDIRECT)
		return TCPX_ICMP_REDIRECT;
	if (type != ICMP_DEST_UNREACH)
		return TCPX_ICMP_SOFT;
	switch (code) {
	case ICMP_FRAG_NEEDED:
		return TCPX_ICMP_TOO_BIG;
	case ICMP_PROT_UNREACH:
	case ICMP_PORT_UNREACH:
		return TCPX_ICMP_HARD;
	case ICMP_NET_UNREACH:
	case ICMP_HOST_UNREACH:
		return TCPX_ICMP_BREAK;
	default:
		return TCPX_ICMP_SOFT;
	}
}

/**
 * tcpx_v4_icmp() - an ICMP error about a datagram, which may be ours
 * @skb: the message; its data begins with the datagram's header
 * @info: the MTU, where it says one
 *
 * Context: softirq, rcu_read_lock().
 * Return: 0, or -ENOENT if the datagram belongs to no connection.
 */
int tcpx_v4_icmp(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcpx_hdr *th = (const struct tcpx_hdr *)(skb->data + iph->ihl * 4);
	int type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	const struct tcpx_icmp icmp = {
		.kind = tcpx_v4_icmp_kind(type, code), .err = tcpx_v4_icmp_errno(type, code),
		.mtu = info, .seq = ntohl(th->seq),
	};
	const struct tcpx_arrival met = {
		.family = &tcpx_ipv4, .net = dev_net(skb->dev), .dif = inet_iif(skb),
		.ttl = iph->ttl,
		.tuple = {
			.family = AF_INET, .wire = iph->protocol, .laddr = iph->saddr,
			.lport = th->source, .rport = th->dest,
			/* It may have been on its way to a hop (MUST-54) */
			.raddr = tcpx_ipopt_final((const u8 *)(iph + 1),
						  iph->ihl * 4 - sizeof(*iph), iph->daddr),
		},
	};

	return tcpx_icmp_rcv(&met, skb, &icmp);
}

static int tcpx_v4_err(struct sk_buff *skb, u32 info)
{
	int err = tcpx_v4_icmp(skb, info);

	if (err)
		__ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
	return err;
}

/* --- insmod, rmmod --- */

static const struct net_protocol tcpx_v4_protocol = {
	.handler	= tcpx_v4_rcv,
	.err_handler	= tcpx_v4_err,
	.no_policy	= 1,
	.icmp_strict_tag_validation = 1,
};

const struct proto_ops tcpx_v4_stream_ops = {
	TCPX_IP_STREAM_OPS,
	.family		= PF_INET,
	.release	= inet_release,
	.bind		= inet_bind,
	.getname	= inet_getname,
	.ioctl		= inet_ioctl,
};

static struct inet_protosw tcpx_v4_protosw = {
	.type	= SOCK_STREAM,
	.prot	= &tcpx_prot,
	.ops	= &tcpx_v4_stream_ops,
};

/**
 * tcpx_v4_init() - take the protocol number: segments may come; process context
 *
 * Return: 0, -EBUSY where another module holds it, or -errno.
 */
int tcpx_v4_init(void)
{
	int err = tcpx_v4_output_init();

	BUILD_BUG_ON(sizeof(struct inet_skb_parm) > sizeof_field(struct tcpx_skb_cb, ip));
	if (err)
		return err;
	tcpx_family_add(&tcpx_ipv4);
	if (inet_add_protocol(&tcpx_v4_protocol, tcpx_ipproto)) {
		pr_err("tcpx: IP protocol number %u is in use\n", tcpx_ipproto);
		tcpx_v4_output_exit();
		return -EBUSY;
	}
	return 0;
}

/**
 * tcpx_v4_exit() - give it back; no segment comes after
 */
void tcpx_v4_exit(void)
{
	inet_del_protocol(&tcpx_v4_protocol, tcpx_ipproto);
	tcpx_v4_output_exit();
}

/**
 * tcpx_v4_open() - let in socket(); process context
 *
 * Return: 0.
 */
int tcpx_v4_open(void)
{
	tcpx_v4_protosw.protocol = tcpx_ipproto;
	inet_register_protosw(&tcpx_v4_protosw);
	return 0;
}

/**
 * tcpx_v4_close() - undo tcpx_v4_open(); no new socket comes after
 */
void tcpx_v4_close(void)
{
	inet_unregister_protosw(&tcpx_v4_protosw);
}
