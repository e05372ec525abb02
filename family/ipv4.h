/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4. */
#ifndef _TCPX_FAMILY_IPV4_H
#define _TCPX_FAMILY_IPV4_H

#include <linux/net.h>
#include <linux/types.h>

struct sk_buff;

extern const struct proto_ops tcpx_v4_stream_ops;

bool tcpx_v4_take(struct sk_buff *skb);
int tcpx_v4_icmp(struct sk_buff *skb, u32 info);
int tcpx_v4_init(void);
void tcpx_v4_exit(void);
int tcpx_v4_open(void);
void tcpx_v4_close(void);

#endif /* _TCPX_FAMILY_IPV4_H */
