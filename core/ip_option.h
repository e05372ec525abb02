/* SPDX-License-Identifier: GPL-2.0 */
/* What the options of an IPv4 header mean to a connection: source routes. */
#ifndef _TCPX_CORE_IP_OPTION_H
#define _TCPX_CORE_IP_OPTION_H

#include <linux/types.h>

#define TCPX_IPOPT_MAX	40	/* bytes of options in an IPv4 header */

unsigned int tcpx_ipopt_return(const u8 *srr, __be32 saddr, u8 *out);
__be32 tcpx_ipopt_final(const u8 *p, unsigned int len, __be32 daddr);

#endif /* _TCPX_CORE_IP_OPTION_H */
