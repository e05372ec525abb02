/* SPDX-License-Identifier: GPL-2.0 */
/* What was lost, and how sending goes on meanwhile: RFC 5681, RFC 6675, RFC 9937. */
#ifndef _TCPX_CORE_RECOVERY_H
#define _TCPX_CORE_RECOVERY_H

#include <linux/types.h>

#include "rack.h"

struct tcpx_ack;
struct tcpx_actions;
struct tcpx_seg;
struct tcpx_tcb;

enum tcpx_recovery_state {
	TCPX_REC_OPEN,
	TCPX_REC_CWR,		/* the peer echoed congestion (RFC 3168) */
	TCPX_REC_FAST,		/* fast recovery (RFC 5681, 3.2) */
	TCPX_REC_LOSS,		/* after a time-out (RFC 5681, 3.1) */
};

/**
 * struct tcpx_recovery - what was lost, and how sending goes on meanwhile
 * @state: enum tcpx_recovery_state; all but OPEN last until @recover
 * @frto: RFC 5682: the step that the next acknowledgment is for, 0: none
 * @dupacks: without SACK: duplicate acknowledgments since SND.UNA moved
 * @partial: without SACK: there was a partial acknowledgment
 * @recover: SND.NXT when @state was entered
 * @prr_delivered: RFC 9937, bytes
 * @prr_out: RFC 9937, bytes
 * @prr_fs: RFC 9937, RecoverFS, bytes
 * @undo: the last reduction can be undone
 * @undo_rexmts: segments sent again since, less those that came twice
 * @undo_una: SND.UNA when it happened
 * @undo_end: after the highest number sent again since, valid with @rexmt_ts_ok
 * @rexmt_ts: TSval of the first segment sent again since
 * @rexmt_ts_ok: there was one
 * @tlp: a tail loss probe is out
 * @tlp_rexmt: it was sent before
 * @tlp_due: the next segment is one: cwnd does not hold it back
 * @tlp_end: RFC 8985, TLP.end_seq
 * @rack: RFC 8985
 */
struct tcpx_recovery {
	u8	state;
	u8	frto;
	u16	dupacks;
	u32	recover;
	u32	prr_delivered;
	u32	prr_out;
	u32	prr_fs;
	bool	partial;
	bool	undo;
	bool	rexmt_ts_ok;
	bool	tlp;
	bool	tlp_rexmt;
	bool	tlp_due;
	u32	undo_rexmts;
	u32	undo_una;
	u32	undo_end;
	u32	rexmt_ts;
	u32	tlp_end;
	struct tcpx_rack rack;
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

#endif /* _TCPX_CORE_RECOVERY_H */
