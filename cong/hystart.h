/* SPDX-License-Identifier: GPL-2.0 */
/* HyStart++ (RFC 9406): its state. */
#ifndef _TCPX_CONG_HYSTART_H
#define _TCPX_CONG_HYSTART_H

#include <linux/types.h>

struct tcpx_rate_sample;

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

void tcpx_hystart_init(struct tcpx_hystart *h);
u32 tcpx_hystart_acked(struct tcpx_hystart *h, const struct tcpx_rate_sample *rs,
		       bool round_start, bool *done);
bool tcpx_hystart_train(struct tcpx_hystart *h, bool round_start, bool paced, u64 now);
void tcpx_hystart_full(struct tcpx_hystart *h);

#endif /* _TCPX_CONG_HYSTART_H */
