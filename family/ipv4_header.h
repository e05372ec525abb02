/* SPDX-License-Identifier: GPL-2.0 */
/* The IPv4 header of a segment. */
#ifndef _TCPX_FAMILY_IPV4_HEADER_H
#define _TCPX_FAMILY_IPV4_HEADER_H

#include <linux/skbuff.h>

#include "../net/tuple.h"

struct ip_options_rcu;

/**
 * struct tcpx_v4_header - what an IPv4 header says beside the 4-tuple
 * @opt: its options, or NULL
 * @tos: Diffserv and ECN
 * @ttl: TTL
 * @df: no router may fragment the datagram
 */
struct tcpx_v4_header {
	const struct ip_options_rcu *opt;
	u8	tos;
	u8	ttl;
	bool	df;
};

void tcpx_v4_build_header(struct sk_buff *skb, const struct tcpx_tuple *t,
			  const struct tcpx_v4_header *h);

#endif /* _TCPX_FAMILY_IPV4_HEADER_H */
