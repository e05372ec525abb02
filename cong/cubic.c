// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC: RFC 9438.  Pure.
 *
 * After a reduction the window returns along W(t) = C * (t - K)^3 + W_max:
 * steep at first, flat around W_max where the path was full, then steeper and
 * steeper in search of more.  Below what Reno would have (W_est) it follows that.
 *
 * Windows are bytes where the RFC has segments.  The curve's time has a unit of
 * 2^-12 s, so that 512 s, after which any window is at its limit, cubed, are
 * 63 bits; K is the exact root rounded down to that unit.
 */
#include <linux/build_bug.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "../core/tcb.h"
#include "cubic.h"

#define TCPX_CUBIC_LOW_WINDOW	16	/* segments; fewer make no train */
#define TCPX_CUBIC_TIME_MAX	(512U << TCPX_CUBIC_TIME_SHIFT)

static struct tcpx_cubic *tcpx_cubic(struct tcpx_tcb *tcb)
{
	BUILD_BUG_ON(sizeof(struct tcpx_cubic) > TCPX_CONG_PRIV_SIZE);
	return (struct tcpx_cubic *)tcb->cong.priv;
}

/**
 * tcpx_cubic_root() - the cube root
 * @x: any number
 *
 * One binary digit of the root with each step.
 *
 * Return: the root, rounded down.
 */
u32 tcpx_cubic_root(u64 x)
{
	u64 root = 0, step;
	int shift;

	for (shift = 63; shift >= 0; shift -= 3) {
		root *= 2;
		/* (root + 1)^3 - root^3 */
		step = 3 * root * (root + 1) + 1;
		if (x >> shift >= step) {
			x -= step << shift;
			root++;
		}
	}
	return root;
}

/**
 * tcpx_cubic_k() - K: RFC 9438, 4.2, with C = 0.4
 * @bytes: W_max - cwnd_epoch, below 2^31
 * @smss: bytes, at least 48
 *
 * Return: 2^-12 s, rounded down.
 */
u32 tcpx_cubic_k(u32 bytes, u32 smss)
{
	/* (bytes / smss / 0.4) in units of 2^-36 s^3 */
	return tcpx_cubic_root(div_u64((u64)bytes * 5 << 30, 2 * smss) << 6);
}

/* 0.4 * smss * d^3, bytes; @d: 2^-12 s */
static u32 tcpx_cubic_rise(u64 d, u32 smss)
{
	if (d >= TCPX_CUBIC_TIME_MAX)
		return TCPX_SSTHRESH_INF;
	return min_t(u64, div_u64((d * d * d >> 16) * 2 * smss, 5) >> 20, TCPX_SSTHRESH_INF);
}

/**
 * tcpx_cubic_window() - W_cubic(t): RFC 9438, 4.2
 * @v: the curve
 * @t: since its epoch, ns
 * @smss: bytes
 *
 * Return: bytes.
 */
u32 tcpx_cubic_window(const struct tcpx_cubic_curve *v, u64 t, u32 smss)
{
	/* 2^12 / 10^9 = 2^3 / 5^9 */
	u64 time = div_u64(t << 3, 1953125);

	if (time < v->k)
		return v->origin - min(v->origin, tcpx_cubic_rise(v->k - time, smss));
	return min(v->origin + tcpx_cubic_rise(time - v->k, smss), TCPX_SSTHRESH_INF);
}

static void tcpx_cubic_init(struct tcpx_tcb *tcb, u64 now)
{
	tcpx_hystart_init(&tcpx_cubic(tcb)->hystart);
}

/* 4.6 and 4.7: beta = 0.7; fast convergence: (1 + beta) / 2 = 0.85 */
static u32 tcpx_cubic_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	struct tcpx_cubic *c = tcpx_cubic(tcb);
	struct tcpx_cubic_curve *v = &c->curve;
	/* 4.6: cwnd, since it does not grow beyond what is used */
	u32 cwnd = tcpx_cong_in_use(tcb, flight);

	c->undo = *v;
	v->epoch = 0;
	v->cwnd_prior = cwnd;
	v->w_max = cwnd < v->w_max ? div_u64((u64)cwnd * 17, 20) : cwnd;
	/* The RFC counts segments: a part of one can't be sent, yet would speed growth up */
	cwnd = div_u64((u64)cwnd * 7, 10);
	return max(cwnd - cwnd % tcb->snd_mss, 2U * tcb->snd_mss);
}

/* A stage of congestion avoidance begins */
static void tcpx_cubic_begin(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_cubic *c = tcpx_cubic(tcb);
	struct tcpx_cubic_curve *v = &c->curve;
	u32 cwnd = tcb->cong.cwnd;

	v->epoch = now;
	v->w_est = cwnd;
	v->origin = max(v->w_max, cwnd);
	/* 4.8, 4.10: K is 0 where no reduction says how far W_max is */
	v->k = tcpx_cubic_k(v->origin - cwnd, tcb->snd_mss);
	c->est_carry = 0;
}

/* 4.3: what Reno, made to share with it fairly, would have by now */
static void tcpx_cubic_estimate(struct tcpx_tcb *tcb, u32 bytes)
{
	struct tcpx_cubic *c = tcpx_cubic(tcb);
	struct tcpx_cubic_curve *v = &c->curve;
	u64 unit = 17ULL * tcb->cong.cwnd, add;
	/* alpha = 3 * (1 - beta) / (1 + beta) = 9 / 17, and 1 from cwnd_prior on */
	u32 alpha = v->w_est >= v->cwnd_prior ? 17 : 9;

	c->est_carry += (u64)alpha * bytes * tcb->snd_mss;
	add = div64_u64(c->est_carry, unit);
	c->est_carry -= add * unit;
	v->w_est = min_t(u64, v->w_est + add, TCPX_SSTHRESH_INF);
}

static void tcpx_cubic_avoid(struct tcpx_tcb *tcb, u32 bytes, u64 now)
{
	struct tcpx_cubic_curve *v = &tcpx_cubic(tcb)->curve;
	struct tcpx_cong *ca = &tcb->cong;
	u32 cwnd = ca->cwnd, target;
	u64 grow;

	if (!v->epoch)
		tcpx_cubic_begin(tcb, now);
	bytes = min(bytes, cwnd);
	tcpx_cubic_estimate(tcb, bytes);
	if (tcpx_cubic_window(v, now - v->epoch, tcb->snd_mss) < v->w_est) {
		ca->cwnd = max(cwnd, v->w_est);
		return;
	}
	/* 4.4, 4.5: reach in one round trip what the curve has after one */
	target = tcpx_cubic_window(v, now - v->epoch + tcb->rtt.srtt, tcb->snd_mss);
	target = clamp(target, cwnd, cwnd + cwnd / 2);
	grow = (u64)(target - cwnd) * bytes + ca->acked;
	ca->acked = do_div(grow, cwnd);
	ca->cwnd += grow;
}

/* 5.8: time in which the window is not used does not move the curve on */
static bool tcpx_cubic_in_use(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_cubic *c = tcpx_cubic(tcb);

	c->last_ack = now;
	if (!tcpx_cong_window_used(tcb, rs)) {
		c->stalled = c->stalled ?: now;
		return false;
	}
	if (c->stalled && c->curve.epoch)
		c->curve.epoch += now - c->stalled;
	c->stalled = 0;
	return true;
}

/* 4.10, RFC 9406, 4.3: HyStart++ for the first slow start, and that only */
static u32 tcpx_cubic_slow_start(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs,
				 u64 now)
{
	struct tcpx_hystart *h = &tcpx_cubic(tcb)->hystart;
	struct tcpx_cong *ca = &tcb->cong;
	u32 bytes = rs->delivered;
	bool done = false;

	if (ca->ssthresh == TCPX_SSTHRESH_INF) {
		bytes = tcpx_hystart_acked(h, rs, ca->round_start, &done);
		if (tcpx_hystart_train(h, ca->round_start, tcb->pacing, now) &&
		    ca->cwnd >= TCPX_CUBIC_LOW_WINDOW * tcb->snd_mss)
			tcpx_hystart_full(h);
	}
	if (done)
		ca->ssthresh = ca->cwnd;
	return tcpx_cong_slow_start_acked(tcb, bytes);
}

static void tcpx_cubic_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	u32 bytes = rs->delivered;

	if (!tcpx_cubic_in_use(tcb, rs, now))
		return;
	if (tcpx_cong_slow_start(&tcb->cong))
		bytes = tcpx_cubic_slow_start(tcb, rs, now);
	if (bytes && !tcpx_cong_slow_start(&tcb->cong))
		tcpx_cubic_avoid(tcb, bytes, now);
}

static void tcpx_cubic_event(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now)
{
	struct tcpx_cubic *c = tcpx_cubic(tcb);

	switch (ev) {
	case TCPX_CONG_TX_START:
		/* 4.2: nor does idle time; where the window was not used, see above */
		if (!c->stalled && c->curve.epoch)
			c->curve.epoch += now - c->last_ack;
		c->last_ack = now;
		break;
	case TCPX_CONG_LOSS:
		/* 4.8: after a time-out K is 0, W_max where slow start ends */
		c->curve.w_max = 0;
		c->curve.epoch = 0;
		break;
	case TCPX_CONG_UNDO:
		/* 4.9: unless the window is beyond that already */
		if (tcb->cong.cwnd <= tcb->cong.prior_cwnd)
			c->curve = c->undo;
		break;
	default:
		break;
	}
}

const struct tcpx_cong_ops tcpx_cong_cubic = {
	.name		= "cubic",
	.init		= tcpx_cubic_init,
	.ssthresh	= tcpx_cubic_ssthresh,
	.acked		= tcpx_cubic_acked,
	.event		= tcpx_cubic_event,
};
