// SPDX-License-Identifier: GPL-2.0
/*
 * BBR, version 1: draft-cardwell-iccrg-bbr-congestion-control-00.  Pure.
 *
 * The path is two numbers: its bandwidth, the most that was delivered in one of
 * the last ten round trips, and its round-trip time without a queue, the least
 * of ten seconds.  Sending at the one, with twice their product in flight at
 * most, fills the path and no buffer.  A loss changes neither of them.
 *
 * STARTUP --> DRAIN --> PROBE_BW, and PROBE_RTT each 10 s
 *
 * Bandwidths are u32 in units of 4 bytes a second: up to 137 Gbit/s.
 */
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <uapi/linux/inet_diag.h>

#include "../core/tcb.h"
#include "bbr.h"

#define UNIT			TCPX_BBR_UNIT
#define TCPX_BBR_BW_SHIFT	2
#define TCPX_BBR_HIGH_GAIN	739	/* 2 / ln 2: doubles the rate in a round trip */
#define TCPX_BBR_DRAIN_GAIN	88	/* its inverse */
#define TCPX_BBR_CWND_GAIN	(2 * UNIT)
#define TCPX_BBR_MIN_CWND	4	/* segments */
#define TCPX_BBR_MIN_RTT_TIME	(10 * TCPX_NSEC_PER_SEC)
#define TCPX_BBR_PROBE_RTT_TIME	(200 * TCPX_NSEC_PER_MSEC)
#define TCPX_BBR_FULL_ROUNDS	3
#define TCPX_BBR_EXTRA_ROUNDS	5
#define TCPX_BBR_EXTRA_TIME	(100 * TCPX_NSEC_PER_MSEC)
#define TCPX_BBR_AGG_LIMIT	0x40000000U	/* bytes: a new epoch */
#define TCPX_BBR_SLOW		150000	/* bytes a second: one segment at a time */
/* Of the policer: RTTs of an interval, loss of it, how alike two are, and for how long */
#define TCPX_BBR_POLICER_ROUNDS	4
#define TCPX_BBR_POLICER_LOSS	50	/* of 256 */
#define TCPX_BBR_POLICER_ALIKE	8	/* an eighth, or ... */
#define TCPX_BBR_POLICER_BW	(500 >> TCPX_BBR_BW_SHIFT)
#define TCPX_BBR_POLICER_USE	48	/* round trips */

/* 3 of 4 the queue that 5 of 4 has made, then six at the bandwidth */
static const u16 tcpx_bbr_cycle_gain[TCPX_BBR_CYCLE] = {
	UNIT * 5 / 4, UNIT * 3 / 4, UNIT, UNIT, UNIT, UNIT, UNIT, UNIT,
};

static struct tcpx_bbr *tcpx_bbr(struct tcpx_tcb *tcb)
{
	BUILD_BUG_ON(sizeof(struct tcpx_bbr) > TCPX_CONG_PRIV_SIZE);
	return (struct tcpx_bbr *)tcb->cong.priv;
}

/**
 * tcpx_bbr_filter_add() - a measurement
 * @f: the filter
 * @round: number of the round trip that it is from, not before the last one's
 * @bw: bandwidth
 *
 * What is too old is forgotten when something newer is known, not before.
 */
void tcpx_bbr_filter_add(struct tcpx_bbr_filter *f, u32 round, u32 bw)
{
	u32 i, passed = min(round - f->round, (u32)TCPX_BBR_BW_ROUNDS);

	for (i = 0; i < passed; i++) {
		f->slot = (f->slot + 1) % TCPX_BBR_BW_ROUNDS;
		f->best[f->slot] = 0;
	}
	f->round = round;
	f->best[f->slot] = max(f->best[f->slot], bw);
	f->max = 0;
	for (i = 0; i < TCPX_BBR_BW_ROUNDS; i++)
		f->max = max(f->max, f->best[i]);
}

/* The bandwidth to go by */
static u32 tcpx_bbr_bw(const struct tcpx_bbr *b)
{
	return b->policer.in_use ? b->policer.bw : b->bw.max;
}

/* What @bw delivers in @ns; bytes */
static u64 tcpx_bbr_bytes(u32 bw, u64 ns)
{
	u64 rate = (u64)bw << TCPX_BBR_BW_SHIFT;	/* 34 bits */

	if (ns < 1ULL << 34)
		return div_u64(rate * (ns >> 5), TCPX_NSEC_PER_SEC >> 5);
	return div_u64(rate * min(div_u64(ns, TCPX_NSEC_PER_MSEC), 1ULL << 29), 1000);
}

static u32 tcpx_bbr_rate(u64 bytes, u64 ns)
{
	return min_t(u64, div64_u64(bytes * TCPX_NSEC_PER_SEC, ns) >> TCPX_BBR_BW_SHIFT, U32_MAX);
}

static u32 tcpx_bbr_pacing_gain(const struct tcpx_bbr *b)
{
	switch (b->mode) {
	case TCPX_BBR_STARTUP:
		return TCPX_BBR_HIGH_GAIN;
	case TCPX_BBR_DRAIN:
		return TCPX_BBR_DRAIN_GAIN;
	case TCPX_BBR_PROBE_BW:
		return b->policer.in_use ? UNIT : tcpx_bbr_cycle_gain[b->cycle];
	default:
		return UNIT;
	}
}

static u32 tcpx_bbr_cwnd_gain(const struct tcpx_bbr *b)
{
	switch (b->mode) {
	case TCPX_BBR_PROBE_BW:
		return TCPX_BBR_CWND_GAIN;
	case TCPX_BBR_PROBE_RTT:
		return UNIT;
	default:
		return TCPX_BBR_HIGH_GAIN;
	}
}

/* 4.2.2, BBR.send_quantum: a millisecond, within limits */
static u32 tcpx_bbr_quantum(const struct tcpx_tcb *tcb)
{
	u64 rate = tcb->cong.pacing_rate;
	u32 low = (rate < TCPX_BBR_SLOW ? 1 : 2) * tcb->snd_mss;

	return clamp_t(u64, rate >> 10, low, max(low, 65536U));
}

/* 4.2.3.2, BBRInflight(gain): @gain times the product, and what bursts need */
static u32 tcpx_bbr_inflight(struct tcpx_tcb *tcb, u32 bw, u32 gain)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 smss = tcb->snd_mss;
	u64 bytes;

	if (b->min_rtt == TCPX_NEVER)
		return tcpx_cong_initial_window(smss);
	bytes = tcpx_bbr_bytes(bw, b->min_rtt) * gain / UNIT;
	bytes += 3 * tcpx_bbr_quantum(tcb);
	/* An even number, for delayed acknowledgments */
	bytes = div_u64(bytes + 2 * smss - 1, 2 * smss) * 2 * smss;
	if (b->mode == TCPX_BBR_PROBE_BW && !b->cycle)
		bytes += 2 * smss;
	return min_t(u64, bytes, TCPX_SSTHRESH_INF);
}

/* 4.2.1: at @gain, less a percent, so that a queue that was made can drain */
static u64 tcpx_bbr_pacing_rate(const struct tcpx_tcb *tcb, u64 rate, u32 gain)
{
	/* The bandwidth counts payload; headers have to be paced as well */
	u32 wire = tcb->snd_mss + (tcb->ts_ok ? 52 : 40);

	rate = div_u64(rate * gain, UNIT);
	rate = div_u64(rate * 99, 100);
	return max_t(u64, div_u64(rate * wire, tcb->snd_mss), 1);
}

/* 4.2.1, BBRInitPacingRate() */
static void tcpx_bbr_init_pacing(struct tcpx_tcb *tcb)
{
	u64 rtt = tcb->rtt.srtt ?: TCPX_NSEC_PER_MSEC;
	u64 rate = div64_u64(tcb->cong.cwnd * TCPX_NSEC_PER_SEC, rtt);

	tcpx_bbr(tcb)->seen_rtt = tcb->rtt.srtt;
	tcb->cong.pacing_rate = tcpx_bbr_pacing_rate(tcb, rate, TCPX_BBR_HIGH_GAIN);
}

/* 4.2.1, BBRSetPacingRateWithGain() */
static void tcpx_bbr_set_pacing(struct tcpx_tcb *tcb, u32 gain)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u64 rate = (u64)tcpx_bbr_bw(b) << TCPX_BBR_BW_SHIFT;

	rate = tcpx_bbr_pacing_rate(tcb, rate, gain);
	if (!b->seen_rtt && tcb->rtt.srtt)
		tcpx_bbr_init_pacing(tcb);
	/* Until the pipe is full a low sample may say little of the path */
	if (b->full || rate > tcb->cong.pacing_rate)
		tcb->cong.pacing_rate = rate;
}

/* Another interval of the policer; @bw: of the one before, 0: there is none */
static void tcpx_bbr_policer_begin(struct tcpx_tcb *tcb, u32 bw, bool sampling, u64 now)
{
	tcpx_bbr(tcb)->policer = (struct tcpx_bbr_policer){
		.since = now, .delivered = tcb->delivered, .bw = bw, .sampling = sampling,
	};
}

static void tcpx_bbr_policer_reset(struct tcpx_tcb *tcb, u64 now)
{
	tcpx_bbr_policer_begin(tcb, 0, false, now);
}

static void tcpx_bbr_init(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	b->min_rtt = tcb->rtt.min_rtt ?: TCPX_NEVER;
	b->min_rtt_at = now;
	b->cycle_at = now;
	b->agg_at = now;
	tcpx_bbr_policer_reset(tcb, now);
	tcpx_bbr_init_pacing(tcb);
}

/* BBRSaveCwnd() */
static void tcpx_bbr_save_cwnd(struct tcpx_tcb *tcb)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 cwnd = tcb->cong.cwnd;

	if (b->prev_state < TCPX_REC_FAST && b->mode != TCPX_BBR_PROBE_RTT)
		b->prior_cwnd = cwnd;
	else	/* it is cut already */
		b->prior_cwnd = max(b->prior_cwnd, cwnd);
}

/* Begin in any phase but the one that drains, lest all flows probe at once */
static void tcpx_bbr_enter_probe_bw(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 dice = (tcb->iss ^ (u32)now ^ tcb->ts_offset) * 2654435761U;

	b->mode = TCPX_BBR_PROBE_BW;
	b->cycle = (2 + ((u64)dice * (TCPX_BBR_CYCLE - 1) >> 32)) % TCPX_BBR_CYCLE;
	b->cycle_at = now;
}

static void tcpx_bbr_reset_mode(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	if (b->full)
		tcpx_bbr_enter_probe_bw(tcb, now);
	else
		b->mode = TCPX_BBR_STARTUP;
}

/* Two intervals alike: that is what the policer lets through */
static void tcpx_bbr_policer_done(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr_policer *p = &tcpx_bbr(tcb)->policer;
	u64 bytes = tcb->delivered - p->delivered;
	u32 bw, diff;

	/* Less than a fifth of it lost is not what a policer does */
	if (!bytes || now == p->since || (u64)p->lost * 256 < bytes * TCPX_BBR_POLICER_LOSS)
		return;
	bw = tcpx_bbr_rate(bytes >> 4, max((now - p->since) >> 4, 1ULL));
	diff = bw > p->bw ? bw - p->bw : p->bw - bw;
	if (p->bw && (diff <= p->bw / TCPX_BBR_POLICER_ALIKE || diff <= TCPX_BBR_POLICER_BW)) {
		p->bw = ((u64)bw + p->bw) / 2;
		p->in_use = true;
		p->rounds = 0;
		return;
	}
	tcpx_bbr_policer_begin(tcb, bw, true, now);
}

/*
 * A token bucket lets bursts through at more than its rate, and BBR would take
 * that for the bandwidth, at the price of heavy loss.  The bucket's rate is
 * what comes through between two times when it is found empty.
 */
static void tcpx_bbr_policer_step(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs,
				  u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	struct tcpx_bbr_policer *p = &b->policer;

	if (p->in_use) {
		if (b->mode == TCPX_BBR_PROBE_BW && b->round_start &&
		    ++p->rounds >= TCPX_BBR_POLICER_USE) {
			tcpx_bbr_policer_reset(tcb, now);
			tcpx_bbr_enter_probe_bw(tcb, now);
		}
		return;
	}
	/* The first loss: from now on the bucket is empty */
	if (!p->sampling && rs->lost)
		tcpx_bbr_policer_begin(tcb, 0, true, now);
	if (!p->sampling)
		return;
	p->rounds += b->round_start;
	if (rs->app_limited || p->rounds > 4 * TCPX_BBR_POLICER_ROUNDS)
		tcpx_bbr_policer_reset(tcb, now);
	else if (rs->lost && p->rounds >= TCPX_BBR_POLICER_ROUNDS)
		tcpx_bbr_policer_done(tcb, now);
}

/* 4.1.1.3, BBRUpdateRound() and BBRUpdateBtlBw(); app-limited samples only raise it */
static void tcpx_bbr_update_bw(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 bw;

	if (rs->prior_delivered >= b->round_end) {
		b->round_end = tcb->delivered;
		b->round_start = true;
		b->rounds++;
		b->conserve = false;
	}
	tcpx_bbr_policer_step(tcb, rs, now);
	bw = tcpx_bbr_rate(rs->interval_delivered, rs->interval);
	if (!rs->app_limited || bw >= b->bw.max)
		tcpx_bbr_filter_add(&b->bw, b->rounds, bw);
}

/*
 * Acknowledgments that come in bunches (Wi-Fi, cable, offloads) leave the
 * sender with nothing to send between them, unless cwnd has room for as much
 * as came too early.
 */
static void tcpx_bbr_update_extra(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs,
				  u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u64 expected = tcpx_bbr_bytes(tcpx_bbr_bw(b), now - b->agg_at);
	u32 *extra;

	if (b->round_start && ++b->extra_rounds >= TCPX_BBR_EXTRA_ROUNDS) {
		b->extra_rounds = 0;
		b->extra_slot = !b->extra_slot;
		b->extra_acked[b->extra_slot] = 0;
	}
	if (b->agg_acked <= expected || b->agg_acked + rs->delivered >= TCPX_BBR_AGG_LIMIT) {
		b->agg_acked = 0;
		b->agg_at = now;
		expected = 0;
	}
	b->agg_acked += rs->delivered;
	extra = &b->extra_acked[b->extra_slot];
	*extra = max_t(u32, *extra, min_t(u64, b->agg_acked - expected, tcb->cong.cwnd));
}

static u32 tcpx_bbr_extra(const struct tcpx_bbr *b)
{
	u32 extra = max(b->extra_acked[0], b->extra_acked[1]);

	if (!b->full)
		return 0;
	return min_t(u64, extra, tcpx_bbr_bytes(tcpx_bbr_bw(b), TCPX_BBR_EXTRA_TIME));
}

/* Where segments wait in fq: what will be in flight when the next one leaves it */
static u32 tcpx_bbr_in_net(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u64 gone;

	if (tcb->pacing != TCPX_PACE_EDT || tcb->pace_at <= now)
		return flight;
	gone = tcpx_bbr_bytes(tcpx_bbr_bw(b), tcb->pace_at - now);
	if (tcpx_bbr_pacing_gain(b) > UNIT)
		flight += tcpx_bbr_quantum(tcb);
	return flight - min_t(u64, flight, gone);
}

/* 4.3.4.3, BBRIsNextCyclePhase() */
static bool tcpx_bbr_phase_over(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 gain = tcpx_bbr_pacing_gain(b), flight;
	bool full_length = now - b->cycle_at > b->min_rtt;

	if (gain == UNIT)
		return full_length;
	flight = tcpx_bbr_in_net(tcb, rs->in_flight, now);
	/* Probe until the inflight that was aimed at is reached, or there is loss */
	if (gain > UNIT)
		return full_length &&
		       (rs->lost || flight >= tcpx_bbr_inflight(tcb, b->bw.max, gain));
	return full_length || flight <= tcpx_bbr_inflight(tcb, b->bw.max, UNIT);
}

/* 4.3.4.3, BBRCheckCyclePhase() */
static void tcpx_bbr_update_cycle(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs,
				  u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	if (b->mode != TCPX_BBR_PROBE_BW || !tcpx_bbr_phase_over(tcb, rs, now))
		return;
	b->cycle = (b->cycle + 1) % TCPX_BBR_CYCLE;
	b->cycle_at = now;
}

/* 4.3.2.2, BBRCheckFullPipe(): three round trips without a quarter more */
static void tcpx_bbr_check_full(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	if (b->full || !b->round_start || rs->app_limited)
		return;
	if (b->bw.max >= (u64)b->full_bw * 5 / 4) {
		b->full_bw = b->bw.max;
		b->full_rounds = 0;
		return;
	}
	b->full = ++b->full_rounds >= TCPX_BBR_FULL_ROUNDS;
}

/* 4.3.3, BBRCheckDrain() */
static void tcpx_bbr_check_drain(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 product = tcpx_bbr_inflight(tcb, b->bw.max, UNIT);

	if (b->mode == TCPX_BBR_STARTUP && b->full) {
		b->mode = TCPX_BBR_DRAIN;
		tcb->cong.ssthresh = product;
	}
	if (b->mode == TCPX_BBR_DRAIN && tcpx_bbr_in_net(tcb, tcpx_flight(tcb), now) <= product)
		tcpx_bbr_enter_probe_bw(tcb, now);
}

static void tcpx_bbr_check_probe_rtt_done(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	if (!b->probe_rtt_done || now <= b->probe_rtt_done)
		return;
	b->min_rtt_at = now;
	tcb->cong.cwnd = max(tcb->cong.cwnd, b->prior_cwnd);
	tcpx_bbr_reset_mode(tcb, now);
}

/* 4.3.5, BBRHandleProbeRTT(): 200 ms and a round trip, once the queue is empty */
static void tcpx_bbr_probe_rtt(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	/* What is delivered now says nothing of the bandwidth */
	tcb->app_limited = max_t(u64, tcb->delivered + tcpx_flight(tcb), 1);
	if (!b->probe_rtt_done && tcpx_flight(tcb) <= TCPX_BBR_MIN_CWND * tcb->snd_mss) {
		b->probe_rtt_done = now + TCPX_BBR_PROBE_RTT_TIME;
		b->probe_rtt_round = false;
		b->round_end = tcb->delivered;
	} else if (b->probe_rtt_done) {
		b->probe_rtt_round |= b->round_start;
		if (b->probe_rtt_round)
			tcpx_bbr_check_probe_rtt_done(tcb, now);
	}
}

/* 4.1.2.3, BBRUpdateRTprop() */
static void tcpx_bbr_update_min_rtt(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs,
				    u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	bool expired = now > b->min_rtt_at + TCPX_BBR_MIN_RTT_TIME;

	if (rs->rtt && (rs->rtt < b->min_rtt || expired)) {
		b->min_rtt = rs->rtt;
		b->min_rtt_at = now;
	}
	if (expired && !b->idle_restart && b->mode != TCPX_BBR_PROBE_RTT) {
		tcpx_bbr_save_cwnd(tcb);
		b->mode = TCPX_BBR_PROBE_RTT;
		b->probe_rtt_done = 0;
	}
	if (b->mode == TCPX_BBR_PROBE_RTT)
		tcpx_bbr_probe_rtt(tcb, now);
	if (rs->delivered)
		b->idle_restart = false;
}

/* 4.2.3.4, BBRModulateCwndForRecovery(); true: packet conservation decides */
static bool tcpx_bbr_recovery(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u8 state = tcb->rec.state, prev = b->prev_state;
	struct tcpx_cong *ca = &tcb->cong;
	u32 conserved = tcpx_flight(tcb) + rs->delivered;

	if (rs->lost)
		ca->cwnd = max_t(u32, ca->cwnd - min(ca->cwnd, rs->lost), tcb->snd_mss);
	b->prev_state = state;
	if (state == TCPX_REC_FAST && prev != TCPX_REC_FAST) {
		b->conserve = true;
		b->round_end = tcb->delivered;
		ca->cwnd = conserved;
	} else if (state < TCPX_REC_FAST && prev >= TCPX_REC_FAST) {
		b->conserve = false;
		ca->cwnd = max(ca->cwnd, b->prior_cwnd);
	}
	if (b->conserve)
		ca->cwnd = max(ca->cwnd, conserved);
	return b->conserve;
}

/* 4.2.3.5, BBRSetCwnd() */
static void tcpx_bbr_set_cwnd(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);
	u32 smss = tcb->snd_mss, low = TCPX_BBR_MIN_CWND * smss;
	struct tcpx_cong *ca = &tcb->cong;
	u64 target;

	if (rs->delivered && !tcpx_bbr_recovery(tcb, rs)) {
		target = tcpx_bbr_inflight(tcb, tcpx_bbr_bw(b), tcpx_bbr_cwnd_gain(b));
		target += tcpx_bbr_extra(b);
		if (b->full)
			ca->cwnd = min_t(u64, (u64)ca->cwnd + rs->delivered, target);
		else if (ca->cwnd < target || tcb->delivered < tcpx_cong_initial_window(smss))
			ca->cwnd += rs->delivered;
		ca->cwnd = max(ca->cwnd, low);
	}
	if (b->mode == TCPX_BBR_PROBE_RTT)
		ca->cwnd = min(ca->cwnd, low);
}

static void tcpx_bbr_control(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	b->round_start = false;
	b->policer.lost += rs->lost;
	if (rs->interval && rs->delivered) {
		tcpx_bbr_update_bw(tcb, rs, now);
		tcpx_bbr_update_extra(tcb, rs, now);
	}
	tcpx_bbr_update_cycle(tcb, rs, now);
	tcpx_bbr_check_full(tcb, rs);
	tcpx_bbr_check_drain(tcb, now);
	tcpx_bbr_update_min_rtt(tcb, rs, now);
	tcpx_bbr_set_pacing(tcb, tcpx_bbr_pacing_gain(b));
	tcpx_bbr_set_cwnd(tcb, rs);
}

/* A loss says nothing of the path, but recovery cuts cwnd for a while */
static u32 tcpx_bbr_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	tcpx_bbr_save_cwnd(tcb);
	return tcb->cong.ssthresh;
}

/* It was no loss: the pipe may not have been full either */
static u32 tcpx_bbr_undo(struct tcpx_tcb *tcb)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	b->full_bw = 0;
	b->full_rounds = 0;
	return tcb->cong.cwnd;
}

/* 4.2.1, 4.4: sending begins again after an idle time */
static void tcpx_bbr_restart(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	if (!tcb->app_limited)
		return;
	b->idle_restart = true;
	b->agg_at = now;
	b->agg_acked = 0;
	if (b->mode == TCPX_BBR_PROBE_BW)
		tcpx_bbr_set_pacing(tcb, UNIT);
	else if (b->mode == TCPX_BBR_PROBE_RTT)
		tcpx_bbr_check_probe_rtt_done(tcb, now);
}

static void tcpx_bbr_event(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now)
{
	struct tcpx_bbr *b = tcpx_bbr(tcb);

	switch (ev) {
	case TCPX_CONG_TX_START:
		tcpx_bbr_restart(tcb, now);
		break;
	case TCPX_CONG_LOSS:
		b->prev_state = TCPX_REC_LOSS;
		b->full_bw = 0;
		b->conserve = false;
		break;
	case TCPX_CONG_UNDO:
		tcpx_bbr_policer_reset(tcb, now);
		break;
	default:
		break;
	}
}

static size_t tcpx_bbr_info(const struct tcpx_tcb *tcb, int *attr, union tcp_cc_info *info)
{
	const struct tcpx_bbr *b = (const struct tcpx_bbr *)tcb->cong.priv;
	u64 bw = (u64)tcpx_bbr_bw(b) << TCPX_BBR_BW_SHIFT;

	info->bbr = (struct tcp_bbr_info){
		.bbr_bw_lo = (u32)bw,
		.bbr_bw_hi = bw >> 32,
		.bbr_min_rtt = min_t(u64, div_u64(b->min_rtt, 1000), U32_MAX),
		.bbr_pacing_gain = tcpx_bbr_pacing_gain(b),
		.bbr_cwnd_gain = tcpx_bbr_cwnd_gain(b),
	};
	*attr = INET_DIAG_BBRINFO;
	return sizeof(info->bbr);
}

const struct tcpx_cong_ops tcpx_cong_bbr = {
	.name		= "bbr",
	.flags		= TCPX_CONG_PACED,
	.init		= tcpx_bbr_init,
	.ssthresh	= tcpx_bbr_ssthresh,
	.control	= tcpx_bbr_control,
	.undo		= tcpx_bbr_undo,
	.event		= tcpx_bbr_event,
	.info		= tcpx_bbr_info,
};
