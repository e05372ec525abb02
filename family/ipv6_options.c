// SPDX-License-Identifier: GPL-2.0
/*
 * What a segment's IPv6 header tells the user, and the options of a socket.
 *
 * The user's extension headers (RFC 3542) are on all segments of a connection, those
 * of a half-open one included; the way back by a peer's routing header is not taken
 * (RFC 3542, 7.1: IPV6_RECVRTHDR shows it to the user, who decides).
 */
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "../path/family.h"
#include "../path/output.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../sock/socket.h"
#include "../tcpx_compat.h"
#include "early.h"
#include "ipv4.h"
#include "ipv6_options.h"
#include "ipv6_output.h"

/**
 * tcpx_v6_return_opt() - struct tcpx_family.return_opt
 * @net: namespace
 * @skb: a segment
 *
 * RFC 8200, 4.4: a routing header is not reversed unless its integrity is verified.
 *
 * Return: NULL.
 */
struct tcpx_ip_opt *tcpx_v6_return_opt(struct net *net, const struct sk_buff *skb)
{
	return NULL;
}

/* @skb: all of its payload is next in the stream, or it is an ACK that is up to date */
static bool tcpx_v6_latest(const struct tcpx_sock *tsk, const struct sk_buff *skb)
{
	const struct tcpx_hdr *th = tcpx_hdr(skb);
	u32 end = TCPX_SKB_CB(skb)->seq + skb->len + !!(th->flags & TCPX_FIN);

	return end == tsk->tcb.rcv_nxt;
}

/* Has this segment a header, or a flow label, that the user wants to see? */
static bool tcpx_v6_wanted(const struct ipv6_pinfo *np, const struct sk_buff *skb)
{
	const struct inet6_skb_parm *has = IP6CB(skb);

	if (has->flags & IP6SKB_HOPBYHOP && (np->rxopt.bits.hopopts || np->rxopt.bits.ohopopts))
		return true;
	if ((has->dst0 || has->dst1) && (np->rxopt.bits.dstopts || np->rxopt.bits.odstopts))
		return true;
	if (has->srcrt && (np->rxopt.bits.srcrt || np->rxopt.bits.osrcrt))
		return true;
	return np->rxopt.bits.rxflow && ip6_flowinfo(ipv6_hdr(skb));
}

/* Is there more in this segment's header than a number can tell? */
static bool tcpx_v6_shows(const struct sock *sk, const struct sk_buff *skb)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);

	if (tcpx_v6_wanted(np, skb))
		return true;
	/* That which made a child has the local address as well */
	return sk->sk_state == TCP_SYN_RECV &&
	       (np->rxopt.bits.rxinfo || np->rxopt.bits.rxoinfo || np->rxopt.bits.rxhlim ||
		np->rxopt.bits.rxohlim || tcpx_repflow(sk));
}

/*
 * RFC 2292, 4.1: a stream has no message to which a header belongs, so the user can
 * ask for those of the latest segment: IPV6_2292PKTOPTIONS.
 */
static noinline_for_stack void tcpx_v6_keep(struct sock *sk, const struct sk_buff *skb)
{
	const struct ipv6hdr *hdr = ipv6_hdr(skb);
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct sk_buff *kept = NULL;

	if (np->rxopt.bits.rxinfo || np->rxopt.bits.rxoinfo)
		np->mcast_oif = inet6_iif(skb);
	if (np->rxopt.bits.rxhlim || np->rxopt.bits.rxohlim)
		np->mcast_hops = hdr->hop_limit;
	if (np->rxopt.bits.rxflow || np->rxopt.bits.rxtclass)
		np->rcv_flowinfo = ip6_flowinfo(hdr);
	if (tcpx_repflow(sk))
		np->flow_label = ip6_flowlabel(hdr);
	if (tcpx_v6_shows(sk, skb))
		kept = skb_clone_and_charge_r((struct sk_buff *)skb, sk);
	consume_skb(xchg(&np->pktoptions, kept));
}

static void tcpx_v6_learn(struct sock *sk, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (dst)
		tcpx_early_learn(sk, skb, rt6_get_cookie(dst_rt6_info(dst)));
}

/**
 * tcpx_v6_heard() - struct tcpx_family.heard
 * @sk: locked
 * @skb: an acceptable segment
 *
 * As with Linux's TCP a flow label that is reflected (net.ipv6.flowlabel_reflect) is that
 * of the segment that made the child, unless the user asks for what headers tell.
 */
void tcpx_v6_heard(struct sock *sk, const struct sk_buff *skb)
{
	if (unlikely(inet6_sk(sk)->rxopt.all) && tcpx_v6_latest(tcpx_sk(sk), skb))
		tcpx_v6_keep(sk, skb);
	if (unlikely(!tcpx_early_knows(sk, skb)))
		tcpx_v6_learn(sk, skb);
}

/**
 * tcpx_v6_forget() - the connection ends, and with it what its segments have shown
 * @sk: locked
 */
void tcpx_v6_forget(struct sock *sk)
{
	consume_skb(xchg(&inet6_sk(sk)->pktoptions, NULL));
}

/**
 * tcpx_v6_opt_len() - struct tcpx_family.opt_len
 * @sk: locked
 *
 * Return: bytes of extension headers in each datagram.
 */
unsigned int tcpx_v6_opt_len(const struct sock *sk)
{
	const struct ipv6_txoptions *opt;
	unsigned int len;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	len = opt ? opt->opt_flen + opt->opt_nflen : 0;
	rcu_read_unlock();
	return len;
}

/**
 * tcpx_v6_leave() - struct tcpx_family.leave
 * @sk: locked
 * @way: takes traffic class and flow label
 */
void tcpx_v6_leave(const struct sock *sk, struct tcpx_way *way)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);

	way->tos = np->tclass;
	way->flow_label = np->flow_label & IPV6_FLOWLABEL_MASK;
	way->opt = NULL;
}

/* Does this option change the extension headers? */
static bool tcpx_v6_is_header(int optname)
{
	return optname == IPV6_HOPOPTS || optname == IPV6_RTHDRDSTOPTS ||
	       optname == IPV6_RTHDR || optname == IPV6_DSTOPTS ||
	       optname == IPV6_2292PKTOPTIONS;
}

/* The extension headers are new: the first hop may be, the MSS will be */
static void tcpx_v6_reroute(struct sock *sk)
{
	const struct dst_entry *dst;

	lock_sock(sk);
	if ((1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN) &&
	    tcpx_sk(sk)->family->family == AF_INET6) {
		dst = tcpx_v6_route(sk);
		if (dst && tcpx_fit_mtu(sk, dst_mtu(dst)))
			tcpx_output(sk);
	}
	release_sock(sk);
}

/* Does the option tell a socket to reflect its peer's flow label, or to stop that? */
static bool tcpx_v6_is_reflect(const struct in6_flowlabel_req *req)
{
	return req->flr_flags & IPV6_FL_F_REFLECT &&
	       (req->flr_action == IPV6_FL_A_GET || req->flr_action == IPV6_FL_A_PUT);
}

/* IPV6_FLOWLABEL_MGR: the kernel's own reflects for sockets of IPPROTO_TCP alone */
static int tcpx_v6_set_reflect(struct sock *sk, bool on)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	int err = 0;

	if (on && READ_ONCE(sock_net(sk)->ipv6.sysctl.flowlabel_consistency))
		return -EPERM;
	lock_sock(sk);
	if (!on && !tcpx_repflow(sk))
		err = -ESRCH;
	else if (!on)
		np->flow_label = 0;
	tcpx_set_repflow(sk, on);
	release_sock(sk);
	return err;
}

static int tcpx_v6_set_flow_label(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct in6_flowlabel_req req;

	if (optlen < sizeof(req))
		return -EINVAL;
	if (copy_from_sockptr(&req, optval, sizeof(req)))
		return -EFAULT;
	if (tcpx_v6_is_reflect(&req))
		return tcpx_v6_set_reflect(sk, req.flr_action == IPV6_FL_A_GET);
	return ipv6_setsockopt(sk, SOL_IPV6, IPV6_FLOWLABEL_MGR, optval, optlen);
}

/* RFC 3493 has dropped it: an IPv6 socket with a v4-mapped peer becomes one of IPv4 */
static int tcpx_v6_to_v4(struct sock *sk)
{
	struct ipv6_pinfo *np = inet6_sk(sk);

	if (sk->sk_family != AF_INET6)
		return -ENOPROTOOPT;
	if (sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	if (ipv6_only_sock(sk) || !ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		return -EADDRNOTAVAIL;
	/* The groups that it has joined would stay joined: only IPv6's release() leaves them */
	if (rcu_access_pointer(np->ipv6_mc_list) || np->ipv6_ac_list ||
	    tcpx_flow_labels_stay(sk))
		return -EBUSY;
	/* sk_prot_creator stays: it knows what to free */
	WRITE_ONCE(sk->sk_prot, &tcpx_prot);
	WRITE_ONCE(sk->sk_socket->ops, &tcpx_v4_stream_ops);
	WRITE_ONCE(sk->sk_family, AF_INET);
	np->rxopt.all = 0;
	tcpx_inet6_cleanup(sk);
	return 0;
}

static int tcpx_v6_set_addrform(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	int val, err;

	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (val != PF_INET)
		return -EINVAL;
	lock_sock(sk);
	err = tcpx_v6_to_v4(sk);
	release_sock(sk);
	return err;
}

static int tcpx_v6_set(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen)
{
	int err;

	switch (optname) {
	/* A connection has two ends (S30): it joins no group */
	case IPV6_ADD_MEMBERSHIP:
	case IPV6_DROP_MEMBERSHIP:
		return optlen < sizeof(struct ipv6_mreq) ? -EINVAL : -EPROTO;
	case IPV6_ADDRFORM:
		return tcpx_v6_set_addrform(sk, optval, optlen);
	case IPV6_FLOWLABEL_MGR:
		return tcpx_v6_set_flow_label(sk, optval, optlen);
	}
	err = ipv6_setsockopt(sk, SOL_IPV6, optname, optval, optlen);
	if (!err && tcpx_v6_is_header(optname))
		tcpx_v6_reroute(sk);
	return err;
}

/**
 * tcpx_v6_setsockopt() - struct tcpx_family.setsockopt
 * @sk: not locked
 * @level: SOL_IPV6; SOL_IP, which an IPv6 socket may need as well; or no level of ours
 * @optname: IPV6_*
 * @optval: the value
 * @optlen: its bytes
 *
 * The kernel's own, and what a connection has to hear of.
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_v6_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen)
{
	if (level == SOL_IP)
		return tcpx_family_of(AF_INET)->setsockopt(sk, level, optname, optval, optlen);
	if (level == SOL_IPV6)
		return tcpx_v6_set(sk, optname, optval, optlen);
	return ipv6_setsockopt(sk, level, optname, optval, optlen);
}

/**
 * tcpx_v6_getsockopt() - struct tcpx_family.getsockopt
 * @sk: not locked
 * @level: SOL_IPV6; SOL_IP; or no level of ours
 * @optname: IPV6_*
 * @optval: takes the value
 * @optlen: bytes that @optval has room for; takes those of the value
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_v6_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		       int __user *optlen)
{
	int len, val = READ_ONCE(sk->sk_family);

	if (level != SOL_IPV6 || optname != IPV6_ADDRFORM)
		return ipv6_getsockopt(sk, level, optname, optval, optlen);
	/* The kernel's own knows the protocols that it can convert, and this is none of them */
	if (inet_sk_state_load(sk) != TCP_ESTABLISHED)
		return -ENOTCONN;
	if (get_user(len, optlen))
		return -EFAULT;
	len = min_t(unsigned int, len, sizeof(val));
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}
