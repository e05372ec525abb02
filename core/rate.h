/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one acknowledgment tells, and how fast data is delivered:
 * draft-ietf-ccwg-bbr, 4.5.2.
 */
#ifndef _TCPX_CORE_RATE_H
#define _TCPX_CORE_RATE_H

#include "tcb.h"

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

void tcpx_rate_sent(struct tcpx_tcb *tcb, struct tcpx_txseg *seg, bool start, u64 now);
void tcpx_rate_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			 struct tcpx_ack *ack, u64 now);
u64 tcpx_rate(u64 delivered, u64 interval);
void tcpx_rate_sample(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now);
void tcpx_rate_check_app_limited(struct tcpx_tcb *tcb);

#endif /* _TCPX_CORE_RATE_H */
