// SPDX-License-Identifier: GPL-2.0
/*
 * Options of the IPv4 header: source routes, the user's and the peer's.
 *
 * What a peer's segments show is the way back to it (core/ip_option.c reads it):
 * RFC 9293, 3.9.2.1.  It is used unless the user has set IP_OPTIONS, and ends
 * with the connection.
 */
#include <net/dst.h>
#include <net/ip.h>
#include <net/route.h>

#include "../core/ip_option.h"
#include "../path/family.h"
#include "../path/output.h"
#include "../path/sock.h"
#include "early.h"
#include "ipv4_options.h"
#include "ipv4_output.h"

static bool tcpx_v4_is_host(struct net *net, __be32 addr)
{
	unsigned int type = inet_addr_type(net, addr);

	return type == RTN_UNICAST || type == RTN_LOCAL;
}

/**
 * tcpx_v4_return_opt() - struct tcpx_family.return_opt: the way back by a source route
 * @net: namespace
 * @skb: a segment, its IP header as it came
 *
 * RFC 9293, 3.9.2.1 (MUST-53).  IP itself drops such a datagram unless
 * accept_source_route says otherwise.
 *
 * Any context.  Return: options for the answer, to be freed with kfree(), or NULL.
 */
struct tcpx_ip_opt *tcpx_v4_return_opt(struct net *net, const struct sk_buff *skb)
{
	u8 srr = IPCB(skb)->opt.srr;
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
		return tcpx_ip_opt(opt);
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
	if (dst && tcpx_fit_mtu(sk, dst_mtu(dst)))
		tcpx_output(sk);
}

static void tcpx_v4_set_route(struct sock *sk, struct ip_options_rcu *opt)
{
	struct ip_options_rcu *old;

	old = rcu_replace_pointer(inet_sk(sk)->inet_opt, opt, lockdep_sock_is_held(sk));
	if (old)
		kfree_rcu(old, rcu);
}

/* SHLD-24: the later source route of the peer's, but the user's own first (MUST-52) */
static __cold void tcpx_v4_learn_route(struct sock *sk, const struct sk_buff *skb)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct ip_options_rcu *old;
	struct ip_options_rcu *opt;

	if (!tsk->tcb.passive || tsk->route_fixed)
		return;
	opt = tcpx_v4_opt(tcpx_v4_return_opt(sock_net(sk), skb));
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
 * tcpx_v4_heard() - struct tcpx_family.heard
 * @sk: locked
 * @skb: an acceptable segment
 *
 * The Diffserv field is kept for IP_PKTOPTIONS: RFC 9293, 3.9.1.9 (MAY-9).
 */
void tcpx_v4_heard(struct sock *sk, const struct sk_buff *skb)
{
	u8 tos = ip_hdr(skb)->tos;

	if (unlikely(inet_sk(sk)->rcv_tos != tos))
		inet_sk(sk)->rcv_tos = tos;
	if (unlikely(IPCB(skb)->opt.srr))
		tcpx_v4_learn_route(sk, skb);
	if (unlikely(!tcpx_early_knows(sk, skb)))
		tcpx_early_learn(sk, skb, 0);
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

/**
 * tcpx_v4_opt_len() - struct tcpx_family.opt_len
 * @sk: locked
 *
 * Return: bytes of options in the header of each datagram.
 */
unsigned int tcpx_v4_opt_len(const struct sock *sk)
{
	const struct ip_options_rcu *opt;
	unsigned int len;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	len = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	return len;
}

/**
 * tcpx_v4_leave() - struct tcpx_family.leave
 * @sk: locked
 * @way: takes TOS and options
 *
 * MUST-53: on each segment of the connection; without memory it ends at the default.
 */
void tcpx_v4_leave(const struct sock *sk, struct tcpx_way *way)
{
	const struct ip_options_rcu *opt;

	opt = rcu_dereference_protected(inet_sk(sk)->inet_opt, lockdep_sock_is_held(sk));
	way->tos = inet_sk(sk)->tos;
	way->opt = opt ? kmemdup(opt, sizeof(*opt) + opt->opt.optlen,
				 GFP_ATOMIC | __GFP_NOWARN) : NULL;
}

/* A connection has two ends (S30): it joins no group */
static bool tcpx_v4_is_multicast(int optname)
{
	return optname == IP_ADD_MEMBERSHIP || optname == IP_DROP_MEMBERSHIP;
}

/**
 * tcpx_v4_setsockopt() - struct tcpx_family.setsockopt
 * @sk: not locked
 * @level: SOL_IP, or what is no level of ours
 * @optname: IP_*
 * @optval: the value
 * @optlen: its bytes
 *
 * The kernel's own, and what a connection has to hear of: MUST-51, MUST-52.
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_v4_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen)
{
	int err;

	if (level == SOL_IP && tcpx_v4_is_multicast(optname))
		return -EPROTO;
	err = ip_setsockopt(sk, level, optname, optval, optlen);
	if (err || level != SOL_IP || optname != IP_OPTIONS)
		return err;
	lock_sock(sk);
	tcpx_sk(sk)->route_fixed = true;
	if ((1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN) &&
	    tcpx_sk(sk)->family->family == AF_INET)
		tcpx_v4_reroute(sk);
	release_sock(sk);
	return 0;
}
