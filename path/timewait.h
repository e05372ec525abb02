/* SPDX-License-Identifier: GPL-2.0 */
/* TIME-WAIT (RFC 9293, 3.6.1): an entry is made, hears a segment, gives way, ends. */
#ifndef _TCPX_PATH_TIMEWAIT_H
#define _TCPX_PATH_TIMEWAIT_H

#include "table.h"

struct sk_buff;
struct sock;
struct tcpx_arrival;
struct tcpx_view;

void tcpx_timewait_enter(struct sock *sk);
bool tcpx_timewait_rcv(const struct tcpx_arrival *in, struct tcpx_node *node,
		       struct sk_buff *skb);
bool tcpx_timewait_replaceable(const struct tcpx_node *node, bool bound, u64 now);
u32 tcpx_timewait_isn_floor(const struct tcpx_node *node);
void tcpx_timewait_kill(struct tcpx_node *node);
int tcpx_timewait_abort(struct tcpx_node *node);
void tcpx_timewait_view(const struct tcpx_node *node, struct tcpx_view *view);
int tcpx_timewait_init(void);
void tcpx_timewait_exit(void);

#endif /* _TCPX_PATH_TIMEWAIT_H */
