/* SPDX-License-Identifier: GPL-2.0 */
/* Several segments in one skb, cut by the device or by the kernel. */
#ifndef _TCPX_PATH_GSO_H
#define _TCPX_PATH_GSO_H

#include <linux/types.h>

struct dst_entry;
struct sk_buff;
struct sock;
struct tcpx_seg;

void tcpx_gso_route(struct sock *sk, struct dst_entry *dst);
u32 tcpx_gso_goal(const struct sock *sk);
u32 tcpx_gso_burst(const struct sock *sk);
void tcpx_gso_mark(const struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_gso_split(struct sk_buff *skb, struct sk_buff *tail);

#endif /* _TCPX_PATH_GSO_H */
