/* SPDX-License-Identifier: GPL-2.0 */
/* How IPv6 takes segments to their destination. */
#ifndef _TCPX_FAMILY_IPV6_OUTPUT_H
#define _TCPX_FAMILY_IPV6_OUTPUT_H

#include "../path/family.h"

struct flowi6;

bool tcpx_v6_unicast(const struct sk_buff *skb);
struct dst_entry *tcpx_v6_sock_flow(struct sock *sk, const struct tcpx_tuple *t,
				    struct flowi6 *fl6);
void tcpx_v6_note_route(struct sock *sk, const struct dst_entry *dst);
struct dst_entry *tcpx_v6_route(struct sock *sk);
int tcpx_v6_xmit(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_v6_reply(const struct tcpx_arrival *in, const struct sk_buff *skb,
		   const struct tcpx_seg *seg, const struct tcpx_way *way);
struct dst_entry *tcpx_v6_route_back(const struct tcpx_peer *peer, struct flowi *fl);
int tcpx_v6_xmit_half_open(const struct tcpx_peer *peer, struct sk_buff *skb,
			   struct dst_entry *dst, const struct tcpx_seg *seg);
int tcpx_v6_output_init(void);
void tcpx_v6_output_exit(void);

#endif /* _TCPX_FAMILY_IPV6_OUTPUT_H */
