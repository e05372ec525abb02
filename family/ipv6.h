/* SPDX-License-Identifier: GPL-2.0 */
/* IPv6. */
#ifndef _TCPX_FAMILY_IPV6_H
#define _TCPX_FAMILY_IPV6_H

#include <linux/kconfig.h>
#include <linux/types.h>

struct inet6_skb_parm;
struct sk_buff;

#if IS_ENABLED(CONFIG_IPV6)

bool tcpx_v6_take(struct sk_buff *skb);
int tcpx_v6_icmp(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, u8 wire,
		 int offset, __be32 info);
int tcpx_v6_init(void);
void tcpx_v6_exit(void);
int tcpx_v6_open(void);
void tcpx_v6_close(void);

#else

static inline int tcpx_v6_init(void)
{
	return 0;
}

static inline void tcpx_v6_exit(void)
{
}

static inline int tcpx_v6_open(void)
{
	return 0;
}

static inline void tcpx_v6_close(void)
{
}

#endif

#endif /* _TCPX_FAMILY_IPV6_H */
