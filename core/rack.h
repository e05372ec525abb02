/* SPDX-License-Identifier: GPL-2.0 */
/* Which segments are lost, by time: RACK-TLP, RFC 8985. */
#ifndef _TCPX_CORE_RACK_H
#define _TCPX_CORE_RACK_H

#include "rate.h"

#define TCPX_DUPTHRESH	3	/* RFC 5681, 3.2 */

/* How many duplicates tell of a loss, where the route knows of reordering */
static inline u32 tcpx_dupthresh(const struct tcpx_tcb *tcb)
{
	return tcb->route.reordering ?: TCPX_DUPTHRESH;
}

void tcpx_rack_init(struct tcpx_tcb *tcb);
void tcpx_rack_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			 const struct tcpx_ack *ack, u64 now);
u32 tcpx_rack_detect(struct tcpx_tcb *tcb, u64 now);
void tcpx_rack_timeout(struct tcpx_tcb *tcb, u64 now);
void tcpx_rack_dsack(struct tcpx_tcb *tcb, const struct tcpx_ack *ack);
void tcpx_rack_late(struct tcpx_tcb *tcb, u64 rtt);
void tcpx_rack_recovered(struct tcpx_tcb *tcb);
void tcpx_tlp_stop(struct tcpx_tcb *tcb);
void tcpx_tlp_arm(struct tcpx_tcb *tcb, u64 now);
void tcpx_tlp_timeout(struct tcpx_tcb *tcb, struct tcpx_actions *a);
bool tcpx_tlp_acked(struct tcpx_tcb *tcb, const struct tcpx_ack *ack);

#endif /* _TCPX_CORE_RACK_H */
