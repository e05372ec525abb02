/* SPDX-License-Identifier: GPL-2.0 */
/* SEGMENT ARRIVES: RFC 9293, 3.10.7. */
#ifndef _TCPX_CORE_SEGMENT_H
#define _TCPX_CORE_SEGMENT_H

#include "../tcpx_fsm.h"

#define TCPX_OOW_LIMIT_MS	500	/* RFC 5961, 5 and 7: one answer each */
#define TCPX_PAWS_IDLE_NS	(24ULL * 24 * 3600 * TCPX_NSEC_PER_SEC)	/* RFC 7323, 5.5 */
#define TCPX_MAX_ACKED		TCPX_MAX_WINDOW	/* tcb->acked stops there: no window is larger */

void tcpx_segment_arrives(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			  struct tcpx_actions *a);
void tcpx_segment_fastopen(struct tcpx_tcb *tcb, const struct tcpx_seg *syn, u64 now,
			   struct tcpx_actions *a);
bool tcpx_segment_wanted(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now);
void tcpx_segment_stamp(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now);
void tcpx_segment_heard(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			struct tcpx_actions *a);
void tcpx_segment_ack(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 len, u64 now,
		      struct tcpx_actions *a);
void tcpx_segment_data(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		       struct tcpx_actions *a);
void tcpx_segment_ooo(struct tcpx_tcb *tcb, u32 end_seq, u64 now, struct tcpx_actions *a);

#endif /* _TCPX_CORE_SEGMENT_H */
