/* SPDX-License-Identifier: GPL-2.0 */
/* Deadlines, and what they lead to: RFC 9293, 3.10.8. */
#ifndef _TCPX_CORE_TIMEOUT_H
#define _TCPX_CORE_TIMEOUT_H

#include "../tcpx_fsm.h"

void tcpx_fsm_timeout(struct tcpx_tcb *tcb, u8 timer, u64 now, struct tcpx_actions *a);
void tcpx_fsm_keepalive(struct tcpx_tcb *tcb, u64 now);
void tcpx_fsm_rearm_rexmt(struct tcpx_tcb *tcb, u64 now);
void tcpx_fsm_user_timeout(struct tcpx_tcb *tcb);
u64 tcpx_fsm_next_deadline(const struct tcpx_tcb *tcb);
u64 tcpx_fsm_rexmt_interval(const struct tcpx_tcb *tcb);
void tcpx_fsm_first_rto(struct tcpx_tcb *tcb);
void tcpx_fsm_unreachable(struct tcpx_tcb *tcb, u32 seq, u64 now);

#endif /* _TCPX_CORE_TIMEOUT_H */
