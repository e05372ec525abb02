/* SPDX-License-Identifier: GPL-2.0 */
/* What an acknowledgment tells, and what was lost: tcpx_recovery.c, tcpx_rack.c, tcpx_rate.c. */
#ifndef _TCPX_RECOVERY_H
#define _TCPX_RECOVERY_H

#include <linux/types.h>

#include "tcpx_fsm.h"

#define TCPX_DUPTHRESH	3	/* RFC 5681, 3.2 */

/* How many duplicates tell of a loss, where the route knows of reordering */
static inline u32 tcpx_dupthresh(const struct tcpx_tcb *tcb)
{
	return tcb->route.reordering ?: TCPX_DUPTHRESH;
}

/**
 * struct tcpx_ack - one acknowledgment, while it is looked at
 * @rs: what congestion control will be told
 * @una: SND.UNA before it
 * @sacked: bytes that were SACKed before it, or reported by duplicate ACKs
 * @fack: RACK.fack before it
 * @send_elapsed: of the sampled segment: from the first of its window, ns
 * @prior_at: tcb->delivered_at when the sampled segment was sent
 * @tsecr: TSecr, valid with @ts
 * @ts: it carries a timestamp that can be used
 * @duplicate: RFC 5681, 2: a duplicate acknowledgment
 * @dsack: it reports something that came twice (RFC 2883)
 * @dsack_end: after the last number of that
 * @ece: the peer echoes congestion (RFC 3168)
 * @rexmt_acked: the first segment that it acknowledges had been sent again
 * @orig_delivered: something that was taken for lost, and not sent again, has
 *		    arrived all the same
 */
struct tcpx_ack {
	struct tcpx_rate_sample rs;
	u32	una;
	u32	sacked;
	u32	fack;
	u64	send_elapsed;
	u64	prior_at;
	u32	tsecr;
	bool	ts;
	bool	duplicate;
	bool	dsack;
	bool	ece;
	u32	dsack_end;
	bool	rexmt_acked;
	bool	orig_delivered;
};

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

/* tcpx_rack.c */
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

/* tcpx_rate.c */
void tcpx_rate_sent(struct tcpx_tcb *tcb, struct tcpx_txseg *seg, u64 now);
void tcpx_rate_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			 struct tcpx_ack *ack, u64 now);
u64 tcpx_rate(u64 delivered, u64 interval);
void tcpx_rate_sample(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now);
void tcpx_rate_check_app_limited(struct tcpx_tcb *tcb);

#endif /* _TCPX_RECOVERY_H */
