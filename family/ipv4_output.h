/* SPDX-License-Identifier: GPL-2.0 */
/* How IPv4 takes segments to their destination. */
#ifndef _TCPX_FAMILY_IPV4_OUTPUT_H
#define _TCPX_FAMILY_IPV4_OUTPUT_H

#include <net/inet_sock.h>

#include "../path/family.h"

/* What the rest of tcpx keeps for us */
static inline struct ip_options_rcu *tcpx_v4_opt(struct tcpx_ip_opt *opt)
{
	return (struct ip_options_rcu *)opt;
}

static inline struct tcpx_ip_opt *tcpx_ip_opt(struct ip_options_rcu *opt)
{
	BUILD_BUG_ON(offsetof(struct ip_options_rcu, rcu) != offsetof(struct tcpx_ip_opt, rcu));
	return (struct tcpx_ip_opt *)opt;
}

struct dst_entry *tcpx_v4_route(struct sock *sk);
int tcpx_v4_xmit(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_v4_reply(const struct tcpx_arrival *in, const struct sk_buff *skb,
		   const struct tcpx_seg *seg, const struct tcpx_way *way);
struct dst_entry *tcpx_v4_route_back(const struct tcpx_peer *peer, struct flowi *fl);
int tcpx_v4_xmit_half_open(const struct tcpx_peer *peer, struct sk_buff *skb,
			   struct dst_entry *dst, const struct tcpx_seg *seg);
int tcpx_v4_output_init(void);
void tcpx_v4_output_exit(void);

#endif /* _TCPX_FAMILY_IPV4_OUTPUT_H */
