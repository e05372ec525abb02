/* SPDX-License-Identifier: GPL-2.0 */
/* Initial sequence numbers (RFC 6528), and what else is a keyed hash of the 4-tuple. */
#ifndef _TCPX_PATH_ISN_H
#define _TCPX_PATH_ISN_H

#include "../net/tuple.h"

void tcpx_isn_init(void);
u64 tcpx_isn_secret(const struct net *net, const struct tcpx_tuple *tuple);
u32 tcpx_isn(u64 secret, u64 now);
u32 tcpx_ts_offset(u64 secret);
u32 tcpx_cookie_base(const struct net *net, const struct tcpx_tuple *tuple);
u32 tcpx_cookie_mac(const struct net *net, const struct tcpx_tuple *tuple, u32 irs, u32 tick);

#endif /* _TCPX_PATH_ISN_H */
