/* SPDX-License-Identifier: GPL-2.0 */
/* The limit on challenge ACKs that a namespace's administrator may set. */
#ifndef _TCPX_NET_CHALLENGE_H
#define _TCPX_NET_CHALLENGE_H

#include <linux/types.h>

#define TCPX_CHALLENGE_UNLIMITED	0x7fffffffU

struct net;

bool tcpx_challenge_allowed(struct net *net, u64 now);

#endif /* _TCPX_NET_CHALLENGE_H */
