// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in front of whoever handles protocol 6 of IPv4, hands all over, and leaves when
 * it is unloaded: another module that does as tcpx does (family/wire.c).
 */
#include <linux/module.h>
#include <net/protocol.h>

static const struct net_protocol *below;

static int front_rcv(struct sk_buff *skb)
{
	return below->handler(skb);
}

static int front_err(struct sk_buff *skb, u32 info)
{
	return below->err_handler(skb, info);
}

static struct net_protocol front = {
	.handler	= front_rcv,
	.err_handler	= front_err,
};

static int __init front_init(void)
{
	below = (const struct net_protocol __force *)READ_ONCE(inet_protos[IPPROTO_TCP]);
	front.no_policy = below->no_policy;
	front.icmp_strict_tag_validation = below->icmp_strict_tag_validation;
	WRITE_ONCE(inet_protos[IPPROTO_TCP], (struct net_protocol __rcu *)&front);
	return 0;
}

static void __exit front_exit(void)
{
	WRITE_ONCE(inet_protos[IPPROTO_TCP], (struct net_protocol __rcu *)below);
	synchronize_net();
}

module_init(front_init);
module_exit(front_exit);

MODULE_DESCRIPTION("Stands in front of protocol 6");
MODULE_LICENSE("GPL");
