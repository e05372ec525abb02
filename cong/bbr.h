/* SPDX-License-Identifier: GPL-2.0 */
/* BBR: its model of the path. */
#ifndef _TCPX_CONG_BBR_H
#define _TCPX_CONG_BBR_H

#include <linux/types.h>

#include "cong.h"

#define TCPX_BBR_BW_ROUNDS	10	/* of the bandwidth filter */
#define TCPX_BBR_UNIT		256	/* a gain of 1 */
#define TCPX_BBR_CYCLE		8	/* phases of PROBE_BW */

enum tcpx_bbr_mode {
	TCPX_BBR_STARTUP,	/* double the rate until it is no longer delivered */
	TCPX_BBR_DRAIN,		/* drain the queue that this has made */
	TCPX_BBR_PROBE_BW,	/* send at the bandwidth, and ask now and then for more */
	TCPX_BBR_PROBE_RTT,	/* send next to nothing, to see the path without a queue */
};

/**
 * struct tcpx_bbr_filter - the maximum of the last round trips
 * @best: of each of the last round trips
 * @max: of all of them
 * @round: the newest of them
 * @slot: its place in @best
 */
struct tcpx_bbr_filter {
	u32	best[TCPX_BBR_BW_ROUNDS];
	u32	max;
	u32	round;
	u8	slot;
};

/**
 * struct tcpx_bbr_policer - is the rate limited by a token bucket?
 * @since: the interval that is looked at began, ns
 * @delivered: tcb->delivered then
 * @lost: bytes lost since
 * @bw: the rate of the interval before, and what @in_use limits to; bandwidth
 * @rounds: round trips since
 * @sampling: there is an interval
 * @in_use: there is one; for @rounds already
 */
struct tcpx_bbr_policer {
	u64	since;
	u64	delivered;
	u32	lost;
	u32	bw;
	u8	rounds;
	bool	sampling;
	bool	in_use;
};

/**
 * struct tcpx_bbr - what BBR keeps in struct tcpx_cong.priv
 * @min_rtt: RTprop, ns
 * @min_rtt_at: when it was seen, ns
 * @probe_rtt_done: PROBE_RTT ends no sooner, ns; 0: the queue is not empty yet
 * @cycle_at: the phase of PROBE_BW began, ns
 * @round_end: a round trip ends when what was sent with tcb->delivered at this
 *	       is delivered
 * @rounds: round trips that have begun
 * @agg_at: the epoch of acknowledgments that come in bunches began, ns
 * @agg_acked: bytes acknowledged in it
 * @extra_acked: most bytes acknowledged beyond what the bandwidth explains, in
 *		 this window of five round trips and in the one before
 * @full_bw: the bandwidth to beat, for STARTUP to go on
 * @prior_cwnd: cwnd to come back to
 * @bw: BtlBw, in units of 4 bytes a second
 * @policer: long-term bandwidth
 * @mode: enum tcpx_bbr_mode
 * @cycle: phase of PROBE_BW
 * @full_rounds: round trips without enough growth
 * @extra_rounds: round trips of the window of @extra_acked
 * @extra_slot: that window's place in @extra_acked
 * @prev_state: enum tcpx_recovery_state at the last acknowledgment
 * @full: the pipe was full once
 * @round_start: the acknowledgment at hand began a round trip
 * @idle_restart: sending has begun again after an idle time
 * @probe_rtt_round: a round trip of PROBE_RTT is over
 * @conserve: packet conservation: the first round trip of recovery
 * @seen_rtt: the pacing rate rests on a round-trip time
 */
struct tcpx_bbr {
	u64	min_rtt;
	u64	min_rtt_at;
	u64	probe_rtt_done;
	u64	cycle_at;
	u64	round_end;
	u64	agg_at;
	u32	rounds;
	u32	agg_acked;
	u32	extra_acked[2];
	u32	full_bw;
	u32	prior_cwnd;
	struct tcpx_bbr_filter bw;
	u8	mode;
	u8	cycle;
	u8	full_rounds;
	u8	extra_rounds;
	u8	extra_slot;
	u8	prev_state;
	bool	full;
	bool	round_start;
	bool	idle_restart;
	bool	probe_rtt_round;
	bool	conserve;
	bool	seen_rtt;
	struct tcpx_bbr_policer policer;
};

extern const struct tcpx_cong_ops tcpx_cong_bbr;

void tcpx_bbr_filter_add(struct tcpx_bbr_filter *f, u32 round, u32 bw);

#endif /* _TCPX_CONG_BBR_H */
