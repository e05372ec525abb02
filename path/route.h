/* SPDX-License-Identifier: GPL-2.0 */
/* What a route says of a path: its metrics, read into the TCB. */
#ifndef _TCPX_PATH_ROUTE_H
#define _TCPX_PATH_ROUTE_H

#include "../core/tcb.h"

struct dst_entry;
struct sock;

void tcpx_route_read(const struct dst_entry *dst, struct tcpx_route *route);
void tcpx_route_set(struct sock *sk, struct dst_entry *dst);

#endif /* _TCPX_PATH_ROUTE_H */
