/* SPDX-License-Identifier: GPL-2.0 */
/* CUBIC (RFC 9438) and HyStart++ (RFC 9406): their state and arithmetic. */
#ifndef _TCPX_CONG_CUBIC_H
#define _TCPX_CONG_CUBIC_H

#include <linux/types.h>

#define TCPX_CUBIC_TIME_SHIFT	12	/* the unit of time in the curve: 2^-12 s */

/**
 * struct tcpx_hystart - RFC 9406, 4.2, and the ACK train of HyStart
 * @last_min: lastRoundMinRTT, ns; ~0: infinity
 * @min: currentRoundMinRTT, ns
 * @baseline: cssBaselineMinRtt, ns
 * @floor: the least round-trip time of all, ns
 * @round_at: the round trip began, ns
 * @train_at: the last acknowledgment that came close behind the one before, all
 *	      of them since @round_at, ns
 * @samples: rttSampleCount, as far as it matters
 * @css: in conservative slow start
 * @css_rounds: round trips that ended in it
 */
struct tcpx_hystart {
	u64	last_min;
	u64	min;
	u64	baseline;
	u64	floor;
	u64	round_at;
	u64	train_at;
	u8	samples;
	bool	css;
	u8	css_rounds;
};

/**
 * struct tcpx_cubic_curve - where the window is heading to: RFC 9438, 4.1
 * @epoch: when this stage of congestion avoidance began, ns; 0: it has not.
 *	   Time in which the window was not used does not count: it moves
 * @w_max: W_max, for the next stage, bytes; 0: none
 * @origin: W_max of this stage, bytes
 * @k: K, 2^-12 s
 * @w_est: W_est, bytes
 * @cwnd_prior: cwnd_prior, bytes
 */
struct tcpx_cubic_curve {
	u64	epoch;
	u32	w_max;
	u32	origin;
	u32	k;
	u32	w_est;
	u32	cwnd_prior;
};

/**
 * struct tcpx_cubic - what CUBIC keeps in struct tcpx_cong.priv
 * @curve: now
 * @undo: before the last reduction: RFC 9438, 4.9
 * @last_ack: the last acknowledgment of something, ns
 * @stalled: since when the window has not been used, ns; 0: it is used
 * @est_carry: what W_est has not yet grown by, in fractions of a byte
 * @hystart: slow start
 */
struct tcpx_cubic {
	struct tcpx_cubic_curve curve;
	struct tcpx_cubic_curve undo;
	u64	last_ack;
	u64	stalled;
	u64	est_carry;
	struct tcpx_hystart hystart;
};

u32 tcpx_cubic_root(u64 x);
u32 tcpx_cubic_k(u32 bytes, u32 smss);
u32 tcpx_cubic_window(const struct tcpx_cubic_curve *v, u64 t, u32 smss);

struct tcpx_tcb;
struct tcpx_rate_sample;

void tcpx_hystart_init(struct tcpx_hystart *h);
u32 tcpx_hystart_acked(struct tcpx_hystart *h, const struct tcpx_rate_sample *rs,
		       bool round_start, bool *done);
bool tcpx_hystart_train(struct tcpx_hystart *h, bool round_start, bool paced, u64 now);
void tcpx_hystart_full(struct tcpx_hystart *h);

#endif /* _TCPX_CONG_CUBIC_H */
