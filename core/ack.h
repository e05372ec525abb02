/* SPDX-License-Identifier: GPL-2.0 */
/* When an acknowledgment is due: RFC 9293, 3.8.6.3. */
#ifndef _TCPX_CORE_ACK_H
#define _TCPX_CORE_ACK_H

#include "../tcpx_fsm.h"

#define TCPX_DELACK_MS		40
#define TCPX_DELACK_MAX_MS	200	/* where the user has asked for it */
#define TCPX_QUICKACKS		16	/* acknowledged at once, at the start and after a hole */
#define TCPX_ACK_ROUND		65536	/* bytes that one ACK is for, as GRO merges so many, */
#define TCPX_ACK_ROUND_SEGS	8	/* or so many full segments: RFC 9406, 4.3 */

void tcpx_ack_quickly(struct tcpx_tcb *tcb);
void tcpx_ack_data(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		   struct tcpx_actions *a);
void tcpx_ack_fin(struct tcpx_tcb *tcb, u64 now);
void tcpx_ack_synack(struct tcpx_tcb *tcb, bool data_waits, u64 now);
bool tcpx_ack_read_due(const struct tcpx_tcb *tcb, bool empty);
void tcpx_ack_timeout(struct tcpx_tcb *tcb, struct tcpx_actions *a);
void tcpx_ack_sent(struct tcpx_tcb *tcb);
void tcpx_ack_answered(struct tcpx_tcb *tcb, u64 now);

#endif /* _TCPX_CORE_ACK_H */
