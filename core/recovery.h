/* SPDX-License-Identifier: GPL-2.0 */
/* What was lost, and how sending goes on meanwhile: RFC 5681, RFC 6675, RFC 9937. */
#ifndef _TCPX_CORE_RECOVERY_H
#define _TCPX_CORE_RECOVERY_H

#include "rate.h"

void tcpx_recovery_begin(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, struct tcpx_ack *ack);
void tcpx_recovery_advance(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now);
void tcpx_recovery_sack(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, struct tcpx_ack *ack,
			u64 now);
void tcpx_recovery_end(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now,
		       struct tcpx_actions *a);
bool tcpx_recovery_keeps_timer(struct tcpx_tcb *tcb);
void tcpx_recovery_sent(struct tcpx_tcb *tcb, u32 seq, u32 len, u64 now);
void tcpx_recovery_timeout(struct tcpx_tcb *tcb, u64 now);
void tcpx_recovery_reo_timeout(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a);
void tcpx_recovery_mtu(struct tcpx_tcb *tcb);

#endif /* _TCPX_CORE_RECOVERY_H */
