// SPDX-License-Identifier: GPL-2.0
/*
 * Early demux: a connection's segments need no look-up of the route to this host.
 *
 * IP asks TCP and UDP, by their numbers, whose a packet is before it looks up where it
 * goes: a connected socket keeps the route by which its segments come in.  Nobody else
 * is asked, so tcpx asks itself, last of all hooks of netfilter at PRE_ROUTING, where the
 * addresses are what NAT has made of them.  The socket that is found goes along with the
 * skb, as TCP's does, so that it is looked up once; not under wire protocol 6, where a
 * segment that waits in a queue might come to TCP, which would take the socket for its own.
 *
 * A namespace has the hook from the first segment on that came to a socket of tcpx's by
 * a device: over loopback the route is the one by which a packet left.  For all other
 * packets that come in there it costs one call, which looks at the protocol.
 * net.ipv4.ip_early_demux and net.ipv4.tcp_early_demux turn it off, for both families, as
 * they do for TCP.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/workqueue.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>
#include <net/route.h>

#include "../net/net.h"
#include "../net/tuple.h"
#include "../path/lease.h"
#include "../path/sock.h"
#include "../path/table.h"
#include "early.h"
#include "ip.h"

/**
 * tcpx_early_forget() - the connection ends; the socket may have another one later
 * @sk: locked
 */
void tcpx_early_forget(struct sock *sk)
{
	dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, NULL)));
}

#if IS_ENABLED(CONFIG_NETFILTER)

static unsigned int tcpx_early_net_id __read_mostly;

/**
 * struct tcpx_early_net - a namespace's
 * @hook: registers the hook, which may sleep
 * @net: the namespace
 * @hooked: bit 0: it is registered, or soon will be
 */
struct tcpx_early_net {
	struct work_struct hook;
	struct net *net;
	unsigned long hooked;
};

static bool tcpx_early_ours(const struct net *net, u8 protocol, __be16 lport)
{
	return protocol == tcpx_ipproto ||
	       (protocol == IPPROTO_TCP && tcpx_lease_holds(net, lport));
}

static bool tcpx_early_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_info_exists(skb);
#else
	return false;
#endif
}

/* A bridge's, a VRF's and a TPROXY's packets go ways of their own */
static bool tcpx_early_may(const struct sk_buff *skb, const struct nf_hook_state *state,
			   u8 protocol)
{
	const struct net *net = state->net;

	if (protocol != tcpx_ipproto && protocol != IPPROTO_TCP)
		return false;
	return !skb_dst(skb) && !skb->sk && skb->pkt_type == PACKET_HOST &&
	       !tcpx_early_bridged(skb) &&
	       !netif_is_l3_slave(state->in) && !netif_is_l3_master(state->in) &&
	       READ_ONCE(net->ipv4.sysctl_ip_early_demux) &&
	       READ_ONCE(net->ipv4.sysctl_tcp_early_demux);
}

static void tcpx_early_find(struct sk_buff *skb, const struct nf_hook_state *state,
			    const struct tcpx_tuple *tuple)
{
	struct tcpx_node *node;
	struct dst_entry *dst;
	struct sock *sk;

	node = tcpx_table_lookup(state->net, tuple, state->in->ifindex, 0);
	if (!node || node->tuple.kind != TCPX_KIND_SOCK)
		return;
	sk = &container_of(node, struct tcpx_sock, node)->inet.sk;
	/* It may have left the table meanwhile, which held a reference */
	if (tuple->wire == tcpx_ipproto && refcount_inc_not_zero(&sk->sk_refcnt)) {
		skb->sk = sk;
		skb->destructor = sock_edemux;
	}
	dst = rcu_dereference(sk->sk_rx_dst);
	if (dst && READ_ONCE(sk->sk_rx_dst_ifindex) == skb->skb_iif &&
	    dst_check(dst, READ_ONCE(sk->sk_rx_dst_cookie)))
		skb_dst_set_noref(skb, dst);
}

static unsigned int tcpx_early_v4(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct tcpx_ip_ports ports;
	struct tcpx_tuple tuple __uninitialized;

	if (!tcpx_early_may(skb, state, iph->protocol) || ip_is_fragment(iph))
		return NF_ACCEPT;
	ports = tcpx_ip_ports(skb);
	if (!tcpx_early_ours(state->net, iph->protocol, ports.dest))
		return NF_ACCEPT;
	tuple = (struct tcpx_tuple){
		.family = AF_INET, .wire = iph->protocol,
		.laddr = iph->daddr, .raddr = iph->saddr,
		.lport = ports.dest, .rport = ports.source,
	};
	tcpx_early_find(skb, state, &tuple);
	return NF_ACCEPT;
}

#if IS_ENABLED(CONFIG_IPV6)
/* Extension headers are walked later: what has some is looked up then */
static unsigned int tcpx_early_v6(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	const struct ipv6hdr *hdr = ipv6_hdr(skb);
	struct tcpx_addrs6 addrs __uninitialized;
	struct tcpx_ip_ports ports;
	struct tcpx_tuple tuple __uninitialized;

	if (!tcpx_early_may(skb, state, hdr->nexthdr))
		return NF_ACCEPT;
	ports = tcpx_ip_ports(skb);
	if (!tcpx_early_ours(state->net, hdr->nexthdr, ports.dest))
		return NF_ACCEPT;
	addrs = (struct tcpx_addrs6){ .raddr = hdr->saddr, .laddr = hdr->daddr };
	tuple = (struct tcpx_tuple){
		.family = AF_INET6, .wire = hdr->nexthdr, .addrs6 = &addrs,
		.lport = ports.dest, .rport = ports.source,
	};
	tcpx_early_find(skb, state, &tuple);
	return NF_ACCEPT;
}
#endif

static const struct nf_hook_ops tcpx_early_ops[] = {
	{
		.hook = tcpx_early_v4, .pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING, .priority = NF_IP_PRI_LAST,
	},
#if IS_ENABLED(CONFIG_IPV6)
	{
		.hook = tcpx_early_v6, .pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING, .priority = NF_IP6_PRI_LAST,
	},
#endif
};

/* Without memory, it is tried again when there is something to learn */
static void tcpx_early_hook(struct work_struct *work)
{
	struct tcpx_early_net *en = container_of(work, struct tcpx_early_net, hook);

	if (nf_register_net_hooks(en->net, tcpx_early_ops, ARRAY_SIZE(tcpx_early_ops)))
		clear_bit(0, &en->hooked);
}

static void tcpx_early_want(struct net *net)
{
	struct tcpx_early_net *en = net_generic(net, tcpx_early_net_id);

	if (!test_bit(0, &en->hooked) && !test_and_set_bit(0, &en->hooked))
		schedule_work(&en->hook);
}

static int __net_init tcpx_early_init_net(struct net *net)
{
	struct tcpx_early_net *en = net_generic(net, tcpx_early_net_id);

	INIT_WORK(&en->hook, tcpx_early_hook);
	en->net = net;
	return 0;
}

/* An RCU grace period follows: after it nobody looks into the table of connections */
static void __net_exit tcpx_early_leave_net(struct net *net)
{
	struct tcpx_early_net *en = net_generic(net, tcpx_early_net_id);

	flush_work(&en->hook);
	if (test_bit(0, &en->hooked))
		nf_unregister_net_hooks(net, tcpx_early_ops, ARRAY_SIZE(tcpx_early_ops));
}

static struct pernet_operations tcpx_early_net_ops = {
	.init		= tcpx_early_init_net,
	.pre_exit	= tcpx_early_leave_net,
	.id		= &tcpx_early_net_id,
	.size		= sizeof(struct tcpx_early_net),
};

/**
 * tcpx_early_init() - before there are sockets; process context
 *
 * Return: 0 or -errno.
 */
int tcpx_early_init(void)
{
	return register_pernet_subsys(&tcpx_early_net_ops);
}

/**
 * tcpx_early_exit() - no segment is looked up early any more; process context
 */
void tcpx_early_exit(void)
{
	unregister_pernet_subsys(&tcpx_early_net_ops);
}

#else

static void tcpx_early_want(struct net *net)
{
}

int tcpx_early_init(void)
{
	return 0;
}

void tcpx_early_exit(void)
{
}

#endif

/**
 * tcpx_early_learn() - a segment came another way than the one before it
 * @sk: locked
 * @skb: an acceptable segment
 * @cookie: by it IPv6 sees that a route has changed
 *
 * Context: softirq, or process from the backlog.
 */
__cold void tcpx_early_learn(struct sock *sk, const struct sk_buff *skb, u32 cookie)
{
	struct dst_entry *dst = skb_dst(skb);

	if (!dst || !dst_hold_safe(dst))
		return;
	if (skb->skb_iif != LOOPBACK_IFINDEX)
		tcpx_early_want(sock_net(sk));
	WRITE_ONCE(sk->sk_rx_dst_ifindex, skb->skb_iif);
	WRITE_ONCE(sk->sk_rx_dst_cookie, cookie);
	dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, RCU_INITIALIZER(dst))));
}
