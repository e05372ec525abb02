/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4. */
#ifndef _TCPX_FAMILY_IPV4_H
#define _TCPX_FAMILY_IPV4_H

#include <linux/net.h>

extern const struct proto_ops tcpx_v4_stream_ops;

int tcpx_v4_init(void);
void tcpx_v4_exit(void);

#endif /* _TCPX_FAMILY_IPV4_H */
