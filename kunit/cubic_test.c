// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438) and HyStart++ (RFC 9406).  The expected values of the curve
 * are the RFC's formulas, computed with 60 digits and rounded down:
 * K = ((W_max - cwnd) / 0.4)^(1/3), W(t) = 0.4 * (t - K)^3 + W_max.
 */
#include <linux/kernel.h>

#include "../cong/cubic.h"
#include "../core/rate.h"
#include "link.h"

#define SMSS	TEST_MSS

static struct tcpx_cubic *cubic(struct tcpx_tcb *tcb)
{
	return (struct tcpx_cubic *)tcb->cong.priv;
}

static void cube_roots(struct kunit *test)
{
	static const u32 roots[] = { 1, 2, 3, 10, 4095, 4096, 65535, 1000000, 2642245 };
	u64 cube;
	int i;

	KUNIT_EXPECT_EQ(test, tcpx_cubic_root(0), 0);
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		cube = (u64)roots[i] * roots[i] * roots[i];
		KUNIT_EXPECT_EQ(test, tcpx_cubic_root(cube), roots[i]);
		KUNIT_EXPECT_EQ(test, tcpx_cubic_root(cube - 1), roots[i] - 1);
		KUNIT_EXPECT_EQ(test, tcpx_cubic_root(cube + 1), roots[i]);
	}
	KUNIT_EXPECT_EQ(test, tcpx_cubic_root(U64_MAX), 2642245);
}

/**
 * struct k_case - RFC 9438, 4.2: K
 * @bytes: W_max - cwnd_epoch
 * @smss: bytes
 * @k: 2^-12 s
 */
struct k_case {
	u32 bytes, smss, k;
};

static const struct k_case ks[] = {
	{ 0, 1000, 0 },
	{ 1460, 1460, 5559 },
	{ 4380, 1460, 8017 },
	{ 43800, 1460, 17273 },
	{ 438000, 1460, 37214 },
	{ 322122720, 1460, 335915 },	/* from 0.7 GiB to 1 GiB */
	{ 3216000, 536, 101016 },
	{ 1439952, 48, 172733 },
	{ 1439999952, 48, 1727350 },
	{ 294673500, 65483, 91779 },
	{ 2147122087, 65483, 177930 },
};

static void k_desc(const struct k_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 9438, 4.2: K of %u by %u", c->bytes, c->smss);
}

KUNIT_ARRAY_PARAM(k, ks, k_desc);

static void k_case(struct kunit *test)
{
	const struct k_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_cubic_k(c->bytes, c->smss), c->k);
}

/**
 * struct w_case - RFC 9438, 4.2: W_cubic(t)
 * @w_max: bytes
 * @cwnd: at the beginning, bytes
 * @smss: bytes
 * @ms: t
 * @w: W(t), bytes
 * @err: what 2^-12 s in K and in t may change it by, bytes
 */
struct w_case {
	u32 w_max, cwnd, smss;
	u64 ms;
	u32 w, err;
};

#define HOUR	3600000ULL
#define AGE	1099511627776ULL	/* ms: 34 years */
#define INF	TCPX_SSTHRESH_INF

static const struct w_case ws[] = {
	{ 146000, 102200, 1460, 0, 102200, 18 },
	{ 146000, 102200, 1460, 1, 102231, 18 },
	{ 146000, 102200, 1460, 100, 105242, 17 },
	{ 146000, 102200, 1460, 1000, 126553, 11 },
	{ 146000, 102200, 1460, 4000, 145994, 3 },
	{ 146000, 102200, 1460, 10000, 258936, 31 },
	{ 146000, 102200, 1460, 60000, 101517210, 2664 },
	{ 146000, 102200, 1460, 120000, 906599236, 11471 },
	{ 146000, 102200, 1460, HOUR, INF, 0 },
	{ 146000, 102200, 1460, AGE, INF, 0 },
	{ 1460000, 1022000, 1460, 0, 1022000, 73 },
	{ 1460000, 1022000, 1460, 1, 1022144, 73 },
	{ 1460000, 1022000, 1460, 100, 1036303, 72 },
	{ 1460000, 1022000, 1460, 1000, 1151290, 58 },
	{ 1460000, 1022000, 1460, 4000, 1383186, 25 },
	{ 1460000, 1022000, 1460, 10000, 1460446, 3 },
	{ 1460000, 1022000, 1460, 60000, 78538749, 2220 },
	{ 1460000, 1022000, 1460, 120000, 798310069, 10526 },
	{ 1460000, 1022000, 1460, HOUR, INF, 0 },
	{ 1022000000, 715400000, 1460, 0, 715400000, 5570 },
	{ 1022000000, 715400000, 1460, 1, 715411401, 5570 },
	{ 1022000000, 715400000, 1460, 100, 716538767, 5556 },
	{ 1022000000, 715400000, 1460, 1000, 726661053, 5433 },
	{ 1022000000, 715400000, 1460, 10000, 815868422, 4275 },
	{ 1022000000, 715400000, 1460, 60000, 1016841486, 368 },
	{ 1022000000, 715400000, 1460, 120000, 1057525257, 1326 },
	{ 1022000000, 715400000, 1460, HOUR, INF, 0 },
	{ 20000, 20000, 1000, 0, 20000, 3 },
	{ 20000, 20000, 1000, 1000, 20400, 3 },
	{ 20000, 20000, 1000, 4000, 45600, 12 },
	{ 20000, 20000, 1000, 10000, 420000, 61 },
	{ 20000, 20000, 1000, AGE, INF, 0 },
};

static void w_desc(const struct w_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 9438, 4.2: W(%llu ms) to %u", c->ms, c->w_max);
}

KUNIT_ARRAY_PARAM(w, ws, w_desc);

static void w_case(struct kunit *test)
{
	const struct w_case *c = test->param_value;
	struct tcpx_cubic_curve v = {
		.origin = c->w_max, .k = tcpx_cubic_k(c->w_max - c->cwnd, c->smss),
	};
	u32 w = tcpx_cubic_window(&v, c->ms * MSEC, c->smss);

	KUNIT_EXPECT_GE(test, w, c->w - c->err);
	KUNIT_EXPECT_LE(test, (u64)w, (u64)c->w + c->err);
}

/* W(t) is never negative, and never decreases */
static void curve_is_monotonic(struct kunit *test)
{
	struct tcpx_cubic_curve v = { .origin = 50 * SMSS, .k = tcpx_cubic_k(200 * SMSS, SMSS) };
	u32 before = 0, w;
	u64 t;

	KUNIT_EXPECT_EQ(test, tcpx_cubic_window(&v, 0, SMSS), 0);
	for (t = 0; t < 1000 * SEC; t += 7 * MSEC) {
		w = tcpx_cubic_window(&v, t, SMSS);
		KUNIT_ASSERT_GE(test, w, before);
		before = w;
	}
	KUNIT_EXPECT_EQ(test, w, TCPX_SSTHRESH_INF);
}

/* ESTABLISHED with CUBIC in congestion avoidance, @segs of window */
static struct tcpx_tcb *enter(struct kunit *test, u32 segs)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_cong_init(tcb, &tcpx_cong_cubic, t->now);
	tcb->pacing = TCPX_PACE_TIMER;
	tcb->cong.cwnd = segs * SMSS;
	tcb->cong.ssthresh = 2 * SMSS;
	tcb->rtt.srtt = 100 * MSEC;
	return tcb;
}

static void acked(struct tcpx_test *t, u32 bytes, bool limited)
{
	struct tcpx_rate_sample rs = {
		.acked = bytes, .delivered = bytes, .limited = limited,
		.prior_delivered = t->tcb.delivered, .rtt = 100 * MSEC,
	};

	t->tcb.delivered += bytes;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
}

/* A loss, and the recovery that follows it */
static void lose(struct tcpx_test *t)
{
	struct tcpx_cong *ca = &t->tcb.cong;

	tcpx_cong_reduce(&t->tcb, ca->cwnd, t->now);
	ca->cwnd = ca->ssthresh;
	tcpx_cong_event(&t->tcb, TCPX_CONG_RECOVERED, t->now);
}

/* 4.6: beta is 0.7; 4.7: fast convergence gives room to newcomers */
static void reduction(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 100);
	struct tcpx_cubic *c = cubic(tcb);

	lose(test->priv);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 70 * SMSS);
	KUNIT_EXPECT_EQ(test, c->curve.w_max, 100 * SMSS);
	KUNIT_EXPECT_EQ(test, c->curve.cwnd_prior, 100 * SMSS);
	lose(test->priv);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 49 * SMSS);
	KUNIT_EXPECT_EQ(test, c->curve.w_max, 59500);
	tcb->cong.cwnd = 80 * SMSS;
	lose(test->priv);
	KUNIT_EXPECT_EQ(test, c->curve.w_max, 80 * SMSS);
}

/* 4.6: ssthresh is two segments at least, and huge windows do not overflow */
static void reduction_of_extremes(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 2);

	lose(test->priv);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 2 * SMSS);
	tcb->cong.cwnd = TCPX_SSTHRESH_INF;
	lose(test->priv);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 1503238000);
	tcb->cong.cwnd = TCPX_SSTHRESH_INF - 1;
	lose(test->priv);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.w_max, 1825361099);
	/* 4.1: windows are counted in segments: 0.7 * 18 are twelve of them */
	tcb->cong.cwnd = 18 * SMSS;
	lose(test->priv);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 12 * SMSS);
}

/* RFC 7661, 4.4.1: of a window that was not used a loss leaves 0.7 of the used */
static void reduction_of_an_unused_window(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 100);

	tcpx_cong_reduce(tcb, 40 * SMSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 28 * SMSS);
}

/* Acknowledge window after window for @ms, one each 100 ms */
static void run(struct tcpx_test *t, u32 ms)
{
	u64 end = t->now + ms * MSEC;
	struct tcpx_cong *ca = &t->tcb.cong;
	u32 left, n;

	while (t->now < end) {
		left = ca->cwnd;
		for (; left; left -= n) {
			n = min(left, 2U * SMSS);
			acked(t, n, true);
		}
		t->now += 100 * MSEC;
	}
}

/* 4.4, 4.5: the window follows the curve, concave and convex, one RTT ahead */
static void follows_the_curve(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 1000);
	struct tcpx_test *t = test->priv;
	u32 want, i;
	u64 start;

	lose(t);
	acked(t, SMSS, true);
	start = t->now;
	/* K is 9.1 s */
	for (i = 1; i < 15; i++) {
		run(t, 1000);
		want = tcpx_cubic_window(&cubic(tcb)->curve, t->now - start, SMSS);
		KUNIT_EXPECT_GE(test, tcb->cong.cwnd, want - want / 100);
		KUNIT_EXPECT_LE(test, tcb->cong.cwnd, want + want / 100);
	}
	KUNIT_EXPECT_GT(test, tcb->cong.cwnd, 1000 * SMSS);
}

/* 4.2: at most half as much again in a round trip */
static void growth_is_bounded(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 10);
	struct tcpx_test *t = test->priv;

	acked(t, SMSS, true);
	t->now += 100 * SEC;
	tcb->cong.cwnd = 10 * SMSS;
	acked(t, tcb->cong.cwnd, true);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 15 * SMSS);
	/* an acknowledgment of more than a window is one of a window */
	acked(t, 10 * tcb->cong.cwnd, true);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 22500);
}

/* 4.3: alpha is 9/17 of a segment in a round trip, from cwnd_prior on a segment */
static void reno_friendly(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 10);
	struct tcpx_test *t = test->priv;
	int i;

	/* so short a round trip that the curve does not move */
	lose(t);
	tcb->rtt.srtt = 1000;
	for (i = 0; i < 3; i++) {
		t->now += 1000;
		acked(t, tcb->cong.cwnd, true);
	}
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 7 * SMSS + 3 * 9 * SMSS / 17);
	for (; tcb->cong.cwnd < 10 * SMSS; i++) {
		t->now += 1000;
		acked(t, tcb->cong.cwnd, true);
	}
	KUNIT_EXPECT_EQ(test, i, 6);
	t->now += 1000;
	i = tcb->cong.cwnd;
	acked(t, tcb->cong.cwnd, true);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, i + SMSS);
	/* byte by byte it is the same: nothing is lost between */
	for (i = 0; i < 2 * tcb->cong.cwnd; i += SMSS / 2)
		acked(t, SMSS / 2, true);
	KUNIT_EXPECT_GE(test, tcb->cong.cwnd, 12 * SMSS);
}

/* 4.2, 5.8: neither an idle time nor one with too little to send counts */
static void time_that_does_not_count(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 1000);
	struct tcpx_test *t = test->priv;
	struct tcpx_cubic *c = cubic(tcb);
	u64 epoch;
	u32 cwnd;

	lose(t);
	run(t, 2000);
	epoch = c->curve.epoch;
	cwnd = tcb->cong.cwnd;
	/* idle */
	t->now += 100 * SEC;
	tcpx_cong_event(tcb, TCPX_CONG_TX_START, t->now);
	KUNIT_EXPECT_EQ(test, c->curve.epoch, epoch + 100 * SEC + 100 * MSEC);
	/* the same packet again, after it was lost, is no idle time more */
	tcpx_cong_event(tcb, TCPX_CONG_TX_START, t->now);
	KUNIT_EXPECT_EQ(test, c->curve.epoch, epoch + 100 * SEC + 100 * MSEC);
	/* limited by the user: a window is still delivered that was not */
	acked(t, 20 * SMSS, false);
	t->now += 50 * SEC;
	acked(t, 20 * SMSS, false);
	tcpx_cong_event(tcb, TCPX_CONG_TX_START, t->now);
	t->now += 50 * SEC;
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, cwnd);
	acked(t, 20 * SMSS, true);
	KUNIT_EXPECT_EQ(test, c->curve.epoch, epoch + 200 * SEC + 100 * MSEC);
	KUNIT_EXPECT_LT(test, tcb->cong.cwnd, cwnd + 10 * SMSS);
}

/* An idle time before the first stage of congestion avoidance is none */
static void idle_in_slow_start(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 10);
	struct tcpx_test *t = test->priv;

	tcb->cong.ssthresh = TCPX_SSTHRESH_INF;
	acked(t, SMSS, false);
	tcpx_cong_event(tcb, TCPX_CONG_TX_START, t->now + SEC);
	t->now += 2 * SEC;
	acked(t, SMSS, true);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.epoch, 0);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 11 * SMSS);
}

/* 4.8: after a time-out K is 0, and W_max the window where slow start ends */
static void timeout(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 100);
	struct tcpx_test *t = test->priv;
	struct tcpx_cubic *c = cubic(tcb);

	tcpx_cong_reduce(tcb, 100 * SMSS, t->now);
	tcb->cong.cwnd = SMSS;
	tcb->rec.state = TCPX_REC_LOSS;
	tcpx_cong_event(tcb, TCPX_CONG_LOSS, t->now);
	tcpx_cong_event(tcb, TCPX_CONG_IDLE_RESTART, t->now);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 70 * SMSS);
	tcb->sack_ok = true;
	while (tcb->cong.cwnd < 70 * SMSS)
		acked(t, 2 * SMSS, true);
	/* what slow start leaves is congestion avoidance's, there and then */
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 70 * SMSS + (u32)SMSS * SMSS * 9 / 17 / (70 * SMSS));
	KUNIT_EXPECT_EQ(test, c->curve.k, 0);
	KUNIT_EXPECT_EQ(test, c->curve.origin, 70 * SMSS);
	KUNIT_EXPECT_EQ(test, c->curve.epoch, t->now);
}

/* 4.9: a reduction that was a mistake leaves no trace */
static void spurious(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 1000);
	struct tcpx_test *t = test->priv;
	struct tcpx_cubic_curve before;
	u32 cwnd;

	lose(t);
	run(t, 3000);
	before = cubic(tcb)->curve;
	cwnd = tcb->cong.cwnd;
	lose(t);
	tcpx_cong_event(tcb, TCPX_CONG_LOSS, t->now);
	KUNIT_EXPECT_NE(test, cubic(tcb)->curve.w_max, before.w_max);
	tcpx_cong_undo(tcb, t->now);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 700 * SMSS);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.w_max, before.w_max);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.k, before.k);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.epoch, before.epoch);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.w_est, before.w_est);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.cwnd_prior, before.cwnd_prior);
	/* ... unless the window has grown beyond what it was */
	lose(t);
	tcb->cong.cwnd = cwnd + SMSS;
	acked(t, SMSS, true);
	tcpx_cong_undo(tcb, t->now);
	KUNIT_EXPECT_GT(test, tcb->cong.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, cubic(tcb)->curve.w_max, (u64)cwnd * 17 / 20);
}

/**
 * struct hystart_case - RFC 9406, 4.2: what a round trip's delay leads to
 * @name: the rule
 * @rtt: of each round trip, ms; 0: the end
 * @acks: acknowledgments in each
 * @css: in conservative slow start after the last of them
 * @done: and that was the end of it
 */
struct hystart_case {
	const char *name;
	u32 rtt[10];
	u32 acks;
	bool css, done;
};

static const struct hystart_case hystarts[] = {
	{ "no rise", { 40, 40, 40, 40 }, 10 },
	{ "the first round trip has nothing before it", { 400 }, 10 },
	{ "a rise by less than an eighth", { 80, 89 }, 10 },
	{ "a rise by an eighth", { 80, 90 }, 10, true },
	{ "MIN_RTT_THRESH: less than 4 ms", { 1, 4 }, 10 },
	{ "MIN_RTT_THRESH: 4 ms", { 1, 5 }, 10, true },
	{ "MAX_RTT_THRESH: less than 16 ms", { 400, 415 }, 10 },
	{ "MAX_RTT_THRESH: 16 ms", { 400, 416 }, 10, true },
	{ "N_RTT_SAMPLE: seven are too few", { 80, 200 }, 7 },
	{ "N_RTT_SAMPLE: eight", { 80, 200 }, 8, true },
	{ "a fall returns to slow start", { 80, 100, 100, 99 }, 10 },
	{ "... and may be followed by a rise", { 80, 100, 100, 99, 120 }, 10, true },
	{ "CSS_ROUNDS: four and a part", { 80, 100, 100, 100, 100, 100 }, 10, true },
	{ "CSS_ROUNDS: five", { 80, 100, 100, 100, 100, 100, 100 }, 10, true, true },
	{ "CSS_ROUNDS: five, and rising", { 80, 100, 120, 150, 180, 200, 200 }, 10, true, true },
};

static void hystart_desc(const struct hystart_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 9406, 4.2: %s", c->name);
}

KUNIT_ARRAY_PARAM(hystart, hystarts, hystart_desc);

static void hystart_case(struct kunit *test)
{
	const struct hystart_case *c = test->param_value;
	struct tcpx_rate_sample rs = { .delivered = SMSS };
	struct tcpx_hystart h;
	bool done = false;
	u32 i, n, grown;

	tcpx_hystart_init(&h);
	for (i = 0; c->rtt[i]; i++) {
		for (n = 0; n < c->acks; n++) {
			KUNIT_EXPECT_FALSE(test, done);
			rs.rtt = c->rtt[i] * MSEC + n;
			grown = tcpx_hystart_acked(&h, &rs, !n, &done);
			/* CSS_GROWTH_DIVISOR */
			KUNIT_EXPECT_EQ(test, grown, h.css ? SMSS / 4 : SMSS);
			if (done)
				break;
		}
	}
	KUNIT_EXPECT_EQ(test, h.css, c->css);
	KUNIT_EXPECT_EQ(test, done, c->done);
}

/* Samples that Karn rules out are none */
static void hystart_without_samples(struct kunit *test)
{
	struct tcpx_rate_sample rs = { .delivered = SMSS };
	struct tcpx_hystart h;
	bool done;
	int i;

	tcpx_hystart_init(&h);
	for (i = 0; i < 100; i++)
		tcpx_hystart_acked(&h, &rs, i % 10 == 0, &done);
	KUNIT_EXPECT_EQ(test, h.samples, 0);
	KUNIT_EXPECT_FALSE(test, h.css || done);
}

/* Acknowledgments @gap apart for @ns, after a round trip of @rtt; did the train do? */
static bool train(struct tcpx_hystart *h, u64 rtt, u64 gap, u64 ns, bool paced)
{
	struct tcpx_rate_sample rs = { .delivered = SMSS, .rtt = rtt };
	bool done;
	u64 t;

	tcpx_hystart_init(h);
	tcpx_hystart_acked(h, &rs, true, &done);
	for (t = 0; t <= ns; t += gap)
		if (tcpx_hystart_train(h, !t, paced, TEST_START + t))
			return true;
	return false;
}

/* HyStart: half a round trip of acknowledgments without a gap means a full path */
static void ack_train(struct kunit *test)
{
	struct tcpx_hystart h;

	KUNIT_EXPECT_FALSE(test, train(&h, 80 * MSEC, MSEC, 39 * MSEC, false));
	KUNIT_EXPECT_TRUE(test, train(&h, 80 * MSEC, MSEC, 40 * MSEC, false));
	KUNIT_EXPECT_TRUE(test, train(&h, 80 * MSEC, 10 * MSEC, 40 * MSEC, false));
	KUNIT_EXPECT_FALSE(test, train(&h, 80 * MSEC, 11 * MSEC, 400 * MSEC, false));
	/* what is paced comes back over the whole round trip in any case */
	KUNIT_EXPECT_FALSE(test, train(&h, 80 * MSEC, MSEC, 79 * MSEC, true));
	KUNIT_EXPECT_TRUE(test, train(&h, 80 * MSEC, MSEC, 80 * MSEC, true));
	/* after a gap there is none in this round trip any more */
	KUNIT_EXPECT_FALSE(test, train(&h, 80 * MSEC, MSEC, 30 * MSEC, false));
	KUNIT_EXPECT_FALSE(test, tcpx_hystart_train(&h, false, false, TEST_START + 41 * MSEC));
	KUNIT_EXPECT_FALSE(test, tcpx_hystart_train(&h, false, false, TEST_START + 42 * MSEC));
	/* without a sample nothing is known */
	tcpx_hystart_init(&h);
	KUNIT_EXPECT_FALSE(test, tcpx_hystart_train(&h, true, false, TEST_START));
}

/* The first to tell of a full path slows down, the fifth round trip after it ends it */
static void train_then_css(struct kunit *test)
{
	struct tcpx_rate_sample rs = { .delivered = 4 * SMSS, .rtt = 80 * MSEC };
	struct tcpx_hystart h;
	bool done;
	int i;

	KUNIT_ASSERT_TRUE(test, train(&h, 80 * MSEC, MSEC, 40 * MSEC, false));
	tcpx_hystart_full(&h);
	KUNIT_EXPECT_EQ(test, tcpx_hystart_acked(&h, &rs, false, &done), SMSS);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_FALSE(test, done);
		/* told again, it changes nothing */
		tcpx_hystart_full(&h);
		tcpx_hystart_acked(&h, &rs, true, &done);
	}
	KUNIT_EXPECT_TRUE(test, done);
}

/* A rise need not have been seen; that the path is shorter than thought takes it back */
static void train_taken_back(struct kunit *test)
{
	struct tcpx_rate_sample rs = { .delivered = 4 * SMSS, .rtt = 80 * MSEC };
	struct tcpx_hystart h;
	bool done;
	int i;

	KUNIT_ASSERT_TRUE(test, train(&h, 80 * MSEC, MSEC, 40 * MSEC, false));
	tcpx_hystart_full(&h);
	for (i = 0; i < 10; i++)
		tcpx_hystart_acked(&h, &rs, !i, &done);
	KUNIT_EXPECT_TRUE(test, h.css);
	rs.rtt = 70 * MSEC;
	for (i = 0; i < 10; i++)
		tcpx_hystart_acked(&h, &rs, !i, &done);
	KUNIT_EXPECT_FALSE(test, h.css);
}

/* At the bandwidth-delay product, 100000 bytes, it slows down; nothing is lost */
static void slow_start_on_a_path(struct kunit *test)
{
	struct link *l = link_new(test, 1250000, 80 * MSEC, 500000);
	struct link_flow *f = link_add(test, l, &tcpx_cong_cubic, 0);
	struct tcpx_cong *ca = &f->tcb.cong;

	while (!cubic(&f->tcb)->hystart.css && l->now < TEST_START + SEC)
		link_run(l, MSEC);
	KUNIT_EXPECT_GE(test, ca->cwnd, 100000);
	KUNIT_EXPECT_LE(test, ca->cwnd, 150000);
	KUNIT_EXPECT_EQ(test, ca->ssthresh, TCPX_SSTHRESH_INF);
	link_run(l, 2 * SEC);
	KUNIT_EXPECT_EQ(test, f->losses, 0);
	/* 4.10: W_max and K begin where slow start has ended */
	KUNIT_EXPECT_EQ(test, cubic(&f->tcb)->curve.k, 0);
	KUNIT_EXPECT_EQ(test, cubic(&f->tcb)->curve.origin, ca->ssthresh);
	/* 1.25^5 times as much */
	KUNIT_EXPECT_GE(test, ca->ssthresh, 250000);
	KUNIT_EXPECT_LE(test, ca->ssthresh, 450000);
}

/* A short train, of a window below 16 segments, tells nothing */
static void slow_start_of_a_small_window(struct kunit *test)
{
	struct link *l = link_new(test, 125000, 80 * MSEC, 100000);
	struct link_flow *f = link_add(test, l, &tcpx_cong_cubic, 0);

	link_run(l, 120 * MSEC);
	KUNIT_EXPECT_FALSE(test, cubic(&f->tcb)->hystart.css);
	link_run(l, 400 * MSEC);
	KUNIT_EXPECT_TRUE(test, cubic(&f->tcb)->hystart.css);
	KUNIT_EXPECT_GE(test, f->tcb.cong.cwnd, 16 * SMSS);
}

/* Where acknowledgments come in bunches there is no train: the delay tells, later */
static void slow_start_by_delay(struct kunit *test)
{
	struct link *l = link_new(test, 1250000, 80 * MSEC, 2000000);
	struct link_flow *f = link_add(test, l, &tcpx_cong_cubic, 0);
	struct tcpx_cong *ca = &f->tcb.cong;

	l->agg = 12 * MSEC;
	link_run(l, 8 * SEC);
	KUNIT_EXPECT_EQ(test, f->losses, 0);
	KUNIT_EXPECT_TRUE(test, cubic(&f->tcb)->hystart.css);
	KUNIT_EXPECT_GT(test, ca->ssthresh, 150000);
	KUNIT_EXPECT_LT(test, ca->ssthresh, 1000000);
}

/* 4.10: the second slow start is an ordinary one */
static void hystart_only_once(struct kunit *test)
{
	struct link *l = link_new(test, 1250000, 80 * MSEC, 200000);
	struct link_flow *f = link_add(test, l, &tcpx_cong_cubic, 0);

	link_run(l, 3 * SEC);
	cubic(&f->tcb)->hystart.css = true;
	link_timeout(l, f);
	f->tcb.rec.state = TCPX_REC_OPEN;
	f->tcb.cong.ssthresh = 50 * SMSS;
	/* the window doubles six times in as many round trips */
	link_run(l, 8 * 85 * MSEC);
	KUNIT_EXPECT_GE(test, f->tcb.cong.cwnd, 50 * SMSS);
}

/* A path of 10 Mbit/s, 100 ms, one bandwidth-delay product of queue, is filled */
static void fills_a_path(struct kunit *test)
{
	struct link *l = link_new(test, 1250000, 100 * MSEC, 125000);
	struct link_flow *f = link_add(test, l, &tcpx_cong_cubic, 0);
	u64 before;

	link_run(l, 10 * SEC);
	before = f->tcb.delivered;
	link_run(l, 60 * SEC);
	KUNIT_EXPECT_GT(test, f->tcb.delivered - before, 60ULL * 1250000 * 99 / 100);
	KUNIT_EXPECT_GE(test, f->reductions, 2);
}

/* Two of them share it, the later one included */
static void shares_a_path(struct kunit *test)
{
	struct link *l = link_new(test, 1250000, 40 * MSEC, 50000);
	struct link_flow *a = link_add(test, l, &tcpx_cong_cubic, 0);
	struct link_flow *b = link_add(test, l, &tcpx_cong_cubic, 5 * SEC);
	u64 a0, b0;

	link_run(l, 30 * SEC);
	a0 = a->tcb.delivered;
	b0 = b->tcb.delivered;
	link_run(l, 100 * SEC);
	a0 = a->tcb.delivered - a0;
	b0 = b->tcb.delivered - b0;
	KUNIT_EXPECT_GT(test, a0 * 100, (a0 + b0) * 40);
	KUNIT_EXPECT_LT(test, a0 * 100, (a0 + b0) * 60);
}

static struct kunit_case cubic_cases[] = {
	KUNIT_CASE(cube_roots),
	KUNIT_CASE_PARAM(k_case, k_gen_params),
	KUNIT_CASE_PARAM(w_case, w_gen_params),
	KUNIT_CASE(curve_is_monotonic),
	KUNIT_CASE(reduction),
	KUNIT_CASE(reduction_of_extremes),
	KUNIT_CASE(reduction_of_an_unused_window),
	KUNIT_CASE(follows_the_curve),
	KUNIT_CASE(growth_is_bounded),
	KUNIT_CASE(reno_friendly),
	KUNIT_CASE(time_that_does_not_count),
	KUNIT_CASE(idle_in_slow_start),
	KUNIT_CASE(timeout),
	KUNIT_CASE(spurious),
	KUNIT_CASE_PARAM(hystart_case, hystart_gen_params),
	KUNIT_CASE(hystart_without_samples),
	KUNIT_CASE(ack_train),
	KUNIT_CASE(train_then_css),
	KUNIT_CASE(train_taken_back),
	KUNIT_CASE(slow_start_on_a_path),
	KUNIT_CASE(slow_start_of_a_small_window),
	KUNIT_CASE(slow_start_by_delay),
	KUNIT_CASE(hystart_only_once),
	KUNIT_CASE(fills_a_path),
	KUNIT_CASE(shares_a_path),
	{}
};

static struct kunit_suite cubic_suite = {
	.name = "tcpx_cubic",
	.init = tcpx_test_init,
	.test_cases = cubic_cases,
};

kunit_test_suite(cubic_suite);
