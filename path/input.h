/* SPDX-License-Identifier: GPL-2.0 */
/* A segment arrives, and what an event leads to is done. */
#ifndef _TCPX_PATH_INPUT_H
#define _TCPX_PATH_INPUT_H

#include <linux/interrupt.h>
#include <linux/skbuff.h>

#include "../tcpx_fsm.h"

struct sock;

int tcpx_rcv(struct sock *sk, struct sk_buff *skb);
void tcpx_act(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a);
bool tcpx_parse(struct sk_buff *skb, struct tcpx_seg *seg);
void tcpx_report_soft(struct sock *sk, int err);
void tcpx_ack_round(struct tasklet_struct *tasklet);
void tcpx_free_segment(struct sk_buff *skb, u8 drop);

#endif /* _TCPX_PATH_INPUT_H */
