/* SPDX-License-Identifier: GPL-2.0 */
/* What the host's own queues hold of a connection, and when it leaves them. */
#ifndef _TCPX_PATH_HOST_QUEUE_H
#define _TCPX_PATH_HOST_QUEUE_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct tcpx_seg;

void tcpx_unthrottle(struct sock *sk, u32 leaves);
void tcpx_own(struct sock *sk, struct sk_buff *skb);
void tcpx_own_last(struct sk_buff *skb);
void tcpx_hold_back(struct sk_buff *skb, u32 delay);
u32 tcpx_host_queue_room(struct sock *sk);
bool tcpx_host_takes_one(const struct sock *sk);
void tcpx_pace_mode(struct sock *sk);
void tcpx_pace(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg, u64 now);
void tcpx_pace_note(struct sock *sk);
void tcpx_trace_cong(struct sock *sk);

#endif /* _TCPX_PATH_HOST_QUEUE_H */
