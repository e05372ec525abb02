/* SPDX-License-Identifier: GPL-2.0 */
/* What the state machine decides is done: tcpx_act(), for every event. */
#ifndef _TCPX_PATH_ACT_H
#define _TCPX_PATH_ACT_H

#include "../tcpx_fsm.h"

struct sk_buff;
struct sock;

void tcpx_act(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a);
void tcpx_abort(struct sock *sk);
void tcpx_abort_repaired(struct sock *sk);
void tcpx_report_soft(struct sock *sk, int err);

#endif /* _TCPX_PATH_ACT_H */
