/* SPDX-License-Identifier: GPL-2.0 */
/* SEGMENT ARRIVES: RFC 9293, 3.10.7. */
#ifndef _TCPX_CORE_SEGMENT_H
#define _TCPX_CORE_SEGMENT_H

#include "../tcpx_fsm.h"

void tcpx_fsm_segment(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		      struct tcpx_actions *a);
void tcpx_fsm_fastopen(struct tcpx_tcb *tcb, const struct tcpx_seg *syn, u64 now,
		       struct tcpx_actions *a);
bool tcpx_fsm_wants_data(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now);
void tcpx_fsm_ooo_data(struct tcpx_tcb *tcb, u32 end_seq, u64 now, struct tcpx_actions *a);

#endif /* _TCPX_CORE_SEGMENT_H */
