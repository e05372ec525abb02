/* SPDX-License-Identifier: GPL-2.0 */
/* Limits on connections that no process owns. */
#ifndef _TCPX_NET_QUOTA_H
#define _TCPX_NET_QUOTA_H

#include <linux/types.h>

/* Kinds of connections that no process owns */
enum tcpx_quota {
	TCPX_QUOTA_HALF_OPEN,	/* and those that wait for accept() */
	TCPX_QUOTA_TIME_WAIT,
	TCPX_QUOTA_ORPHAN,
	TCPX_NR_QUOTAS
};

struct net;

extern u32 tcpx_users_max[TCPX_NR_QUOTAS];
bool tcpx_quota_full(struct net *net, enum tcpx_quota which);
bool tcpx_quota_take(struct net *net, enum tcpx_quota which);
void tcpx_quota_put(struct net *net, enum tcpx_quota which);
void tcpx_quota_init(void);

#endif /* _TCPX_NET_QUOTA_H */
