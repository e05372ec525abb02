/* SPDX-License-Identifier: GPL-2.0 */
/* When an acknowledgment is due: RFC 9293, 3.8.6.3. */
#ifndef _TCPX_CORE_ACK_H
#define _TCPX_CORE_ACK_H

#include "../tcpx_fsm.h"

#define TCPX_DELACK_MS		40
#define TCPX_DELACK_MAX_MS	200	/* where the user has asked for it */
#define TCPX_QUICKACKS		16	/* acknowledged at once, at the start and after a hole */
#define TCPX_ACK_ROUND		8	/* full segments that one ACK is for: RFC 9406, 4.3 */
#define TCPX_ACK_ROUND_NEAR	65536	/* bytes, if more, where the peer is nearer than this: */
#define TCPX_NEAR_NS		TCPX_NSEC_PER_MSEC

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
