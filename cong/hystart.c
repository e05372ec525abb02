// SPDX-License-Identifier: GPL-2.0
/*
 * HyStart++: the way out of the first slow start before it loses what a whole
 * queue holds (RFC 9406).  Pure.
 *
 * When the round-trip time rises by an eighth, slow start goes on at a quarter
 * of its pace (conservative slow start).  If five round trips later the delay is
 * still there it was a queue, and congestion avoidance begins; if it went away,
 * slow start resumes.  A train of ACKs that tells of a full path earlier than the
 * delay begins conservative slow start likewise.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "../core/rtt.h"
#include "cong.h"
#include "hystart.h"

/* RFC 9406, 4.3 */
#define TCPX_MIN_RTT_THRESH	(4 * TCPX_NSEC_PER_MSEC)
#define TCPX_MAX_RTT_THRESH	(16 * TCPX_NSEC_PER_MSEC)
#define TCPX_MIN_RTT_DIVISOR	8
#define TCPX_N_RTT_SAMPLE	8
#define TCPX_CSS_GROWTH_DIVISOR	4
#define TCPX_CSS_ROUNDS		5
#define TCPX_TRAIN_GAP_DIVISOR	8
#define TCPX_RTT_INF		(~0ULL)

/**
 * tcpx_hystart_init() - slow start begins
 * @h: filled in
 */
void tcpx_hystart_init(struct tcpx_hystart *h)
{
	*h = (struct tcpx_hystart){
		.last_min = TCPX_RTT_INF,
		.min = TCPX_RTT_INF,
		.baseline = TCPX_RTT_INF,
		.floor = TCPX_RTT_INF,
	};
}

/* Has the round-trip time risen since the round trip before? */
static bool tcpx_hystart_rise(const struct tcpx_hystart *h)
{
	u64 thresh = clamp(h->last_min / TCPX_MIN_RTT_DIVISOR, TCPX_MIN_RTT_THRESH,
			   TCPX_MAX_RTT_THRESH);

	return h->last_min != TCPX_RTT_INF && h->min >= h->last_min + thresh;
}

/* RFC 9406, 4.2: enough samples of this round trip: the verdict so far */
static void tcpx_hystart_judge(struct tcpx_hystart *h)
{
	if (h->css && h->min < h->baseline) {
		h->baseline = TCPX_RTT_INF;
		h->css = false;
		h->css_rounds = 0;
	} else if (!h->css && tcpx_hystart_rise(h)) {
		h->baseline = h->min;
		h->css = true;
	}
}

/**
 * tcpx_hystart_acked() - something was acknowledged in the first slow start
 * @h: the state
 * @rs: what the acknowledgment told
 * @round_start: it is the first of a round trip
 * @done: set where congestion avoidance is to begin, at the window as it is
 *
 * Return: bytes that slow start may count.
 */
u32 tcpx_hystart_acked(struct tcpx_hystart *h, const struct tcpx_rate_sample *rs,
		       bool round_start, bool *done)
{
	if (round_start) {
		h->last_min = h->min;
		h->min = TCPX_RTT_INF;
		h->samples = 0;
		h->css_rounds += h->css;
	}
	if (rs->rtt) {
		h->min = min(h->min, rs->rtt);
		h->floor = min(h->floor, rs->rtt);
		h->samples += h->samples < TCPX_N_RTT_SAMPLE;
	}
	if (h->samples >= TCPX_N_RTT_SAMPLE)
		tcpx_hystart_judge(h);
	*done = h->css_rounds >= TCPX_CSS_ROUNDS;
	return h->css ? rs->delivered / TCPX_CSS_GROWTH_DIVISOR : rs->delivered;
}

/**
 * tcpx_hystart_train() - has the path been full for half a round trip?
 * @h: the state
 * @round_start: the acknowledgment at hand is the first of a round trip
 * @paced: segments are sent as evenly as that
 * @now: ns
 *
 * The least delay of a round trip shows a queue only two round trips after it
 * began, since the first segments of each find none, and by then the window is
 * four times as large.  Acknowledgments, however, come at the rate of the
 * bottleneck: when they have come without a gap for half a round trip the
 * window, which has grown by what they acknowledged, is one to one and a half
 * bandwidth-delay products.  RFC 9406 leaves this out, RFC 9438, 4.10 allows
 * it: "Hybrid Slow Start: HyStart" (Ha, Rhee; PFLDNeT 2008).
 */
bool tcpx_hystart_train(struct tcpx_hystart *h, bool round_start, bool paced, u64 now)
{
	if (round_start) {
		h->round_at = now;
		h->train_at = now;
	}
	if (h->floor == TCPX_RTT_INF || now - h->train_at > h->floor / TCPX_TRAIN_GAP_DIVISOR)
		return false;
	h->train_at = now;
	return now - h->round_at >= (paced ? h->floor : h->floor / 2);
}

/**
 * tcpx_hystart_full() - the train says so: conservative slow start
 * @h: the state
 *
 * Slow start does not end at once: at a short round-trip time congestion avoidance
 * hardly grows, and a window of no more than the path holds would leave the path
 * idle with the first loss.  The delay has not risen yet, so only a round trip
 * shorter than any before takes this back.
 */
void tcpx_hystart_full(struct tcpx_hystart *h)
{
	if (h->css)
		return;
	h->baseline = h->floor;
	h->css = true;
}
