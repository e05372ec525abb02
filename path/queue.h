/* SPDX-License-Identifier: GPL-2.0 */
/* Payload that has arrived and has not been read: room for it, queueing, purging. */
#ifndef _TCPX_PATH_QUEUE_H
#define _TCPX_PATH_QUEUE_H

#include "../tcpx_fsm.h"

struct sk_buff;
struct sock;

bool tcpx_data_room(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_act_data(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a);
int tcpx_queue_repaired(struct sock *sk, struct sk_buff *skb);
void tcpx_ooo_purge(struct sock *sk);

#endif /* _TCPX_PATH_QUEUE_H */
