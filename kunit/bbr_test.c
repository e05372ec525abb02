// SPDX-License-Identifier: GPL-2.0
/* BBR: draft-cardwell-iccrg-bbr-congestion-control-00, on paths of all kinds. */
#include <linux/kernel.h>
#include <uapi/linux/inet_diag.h>

#include "../cong/bbr.h"
#include "../cong/cubic.h"
#include "../core/rate.h"
#include "link.h"

#define SMSS	TEST_MSS
#define RATE	1250000U	/* 10 Mbit/s */
#define RTT	(40 * MSEC)
#define BDP	50000U

static struct tcpx_bbr *bbr(struct link_flow *f)
{
	return (struct tcpx_bbr *)f->tcb.cong.priv;
}

/* What the filter says, bytes a second */
static u64 bandwidth(struct link_flow *f)
{
	return (u64)bbr(f)->bw.max << 2;
}

static void expect_near(struct kunit *test, u64 value, u64 want, u32 percent)
{
	KUNIT_EXPECT_GE(test, value * 100, want * (100 - percent));
	KUNIT_EXPECT_LE(test, value * 100, want * (100 + percent));
}

/* One flow, @buffer bytes of queue */
static struct link_flow *path(struct kunit *test, struct link **l, u32 buffer)
{
	*l = link_new(test, RATE, RTT, buffer);
	return link_add(test, *l, &tcpx_cong_bbr, 0);
}

/* Delivered in @ns, of what the path could, per cent */
static u64 used(struct link *l, struct link_flow *f, u64 ns)
{
	u64 before = f->tcb.delivered;

	link_run(l, ns);
	return (f->tcb.delivered - before) * 100 / (ns / MSEC * (l->rate / 1000));
}

/* The greatest of ten round trips */
static void filter(struct kunit *test)
{
	struct tcpx_bbr_filter f = { };
	u32 i;

	tcpx_bbr_filter_add(&f, 1, 100);
	tcpx_bbr_filter_add(&f, 1, 50);
	KUNIT_EXPECT_EQ(test, f.max, 100);
	for (i = 2; i <= 10; i++)
		tcpx_bbr_filter_add(&f, i, 100 - i);
	KUNIT_EXPECT_EQ(test, f.max, 100);
	tcpx_bbr_filter_add(&f, 11, 10);
	KUNIT_EXPECT_EQ(test, f.max, 98);
	tcpx_bbr_filter_add(&f, 12, 10);
	KUNIT_EXPECT_EQ(test, f.max, 97);
	tcpx_bbr_filter_add(&f, 12, 500);
	KUNIT_EXPECT_EQ(test, f.max, 500);
	/* long after */
	tcpx_bbr_filter_add(&f, 1000000, 3);
	KUNIT_EXPECT_EQ(test, f.max, 3);
	tcpx_bbr_filter_add(&f, 1000009, 2);
	KUNIT_EXPECT_EQ(test, f.max, 3);
	tcpx_bbr_filter_add(&f, 1000010, 1);
	KUNIT_EXPECT_EQ(test, f.max, 2);
}

/* 4.3.2: STARTUP doubles the rate in each round trip, until it is delivered no more */
static void startup(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_STARTUP);
	/* 4.2.1: before there is a round-trip time it is taken for 1 ms */
	expect_near(test, f->tcb.cong.pacing_rate, 10000000ULL * 739 / 256 * 104 / 100, 2);
	/* 1/5 of the path in the initial window */
	link_run(l, 3 * RTT / 2);
	KUNIT_EXPECT_LT(test, bandwidth(f), RATE / 5);
	link_run(l, 7 * RTT / 2);
	KUNIT_EXPECT_GT(test, bandwidth(f), RATE * 9ULL / 10);
	KUNIT_EXPECT_FALSE(test, bbr(f)->full);
	/* full: three round trips more, each as long as the queue makes it */
	link_run(l, 10 * RTT);
	KUNIT_EXPECT_TRUE(test, bbr(f)->full);
	expect_near(test, bandwidth(f), RATE, 1);
	KUNIT_EXPECT_EQ(test, f->losses, 0);
	link_run(l, 8 * RTT);
	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_PROBE_BW);
	KUNIT_EXPECT_LT(test, link_queue(l), BDP / 2);
}

/* 1.: the rate of the path, its delay, and hardly a queue */
static void fills_a_path_and_no_buffer(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	link_run(l, SEC);
	l->max_queue = 0;
	KUNIT_EXPECT_GE(test, used(l, f, 8 * SEC), 97);
	expect_near(test, bandwidth(f), RATE, 1);
	expect_near(test, bbr(f)->min_rtt, RTT + MSEC, 5);
	KUNIT_EXPECT_EQ(test, f->losses, 0);
	/* 5/4 for a round trip makes a quarter of the product */
	KUNIT_EXPECT_LT(test, l->max_queue, BDP / 2);
	KUNIT_EXPECT_LE(test, f->tcb.cong.cwnd, 2 * BDP + 20 * SMSS);
}

/* 4.3.4: eight phases of a round trip: 5/4, 3/4, and six of 1 */
static void cycle(struct kunit *test)
{
	static const u32 gains[] = { 320, 192, 256, 256, 256, 256, 256, 256 };
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	union tcp_cc_info info;
	u8 phase, seen = 0;
	int attr, i;

	link_run(l, SEC);
	for (i = 0; i < 10 * TCPX_BBR_CYCLE; i++) {
		KUNIT_ASSERT_EQ(test, bbr(f)->mode, TCPX_BBR_PROBE_BW);
		phase = bbr(f)->cycle;
		seen |= 1 << phase;
		KUNIT_EXPECT_EQ(test, tcpx_cong_bbr.info(&f->tcb, &attr, &info),
				sizeof(info.bbr));
		KUNIT_EXPECT_EQ(test, info.bbr.bbr_pacing_gain, gains[phase]);
		KUNIT_EXPECT_EQ(test, info.bbr.bbr_cwnd_gain, 512);
		expect_near(test, f->tcb.cong.pacing_rate,
			    bandwidth(f) * gains[phase] / 256 * 104 / 100, 2);
		while (bbr(f)->cycle == phase && bbr(f)->mode == TCPX_BBR_PROBE_BW)
			link_run(l, MSEC);
		if (bbr(f)->mode == TCPX_BBR_PROBE_BW)
			KUNIT_EXPECT_EQ(test, bbr(f)->cycle, (phase + 1) % TCPX_BBR_CYCLE);
	}
	KUNIT_EXPECT_EQ(test, seen, 0xff);
	KUNIT_EXPECT_EQ(test, attr, INET_DIAG_BBRINFO);
	KUNIT_EXPECT_EQ(test, info.bbr.bbr_bw_lo, bandwidth(f));
	KUNIT_EXPECT_EQ(test, info.bbr.bbr_min_rtt, bbr(f)->min_rtt / 1000);
}

/* 4.3.4.2: flows begin in any phase but the one that drains */
static void first_phase(struct kunit *test)
{
	struct link *l = link_new(test, RATE, RTT, 10 * BDP);
	struct link_flow *f = link_add(test, l, &tcpx_cong_bbr, 0);
	struct tcpx_rate_sample rs = { };
	u8 seen = 0;
	u32 i;

	link_run(l, SEC);
	for (i = 0; i < 1000; i++) {
		f->tcb.iss = i * 77;
		bbr(f)->mode = TCPX_BBR_DRAIN;
		f->tcb.snd_nxt = f->tcb.snd_una;
		rs.in_flight = BDP;
		tcpx_cong_acked(&f->tcb, &rs, l->now);
		KUNIT_ASSERT_EQ(test, bbr(f)->mode, TCPX_BBR_PROBE_BW);
		seen |= 1 << bbr(f)->cycle;
	}
	KUNIT_EXPECT_EQ(test, seen, 0xff & ~BIT(1));
}

/* 4.3.4: what becomes free is found, and what is taken away is given up */
static void changing_rate(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	link_run(l, 3 * SEC);
	l->rate = 3 * RATE;
	link_run(l, 3 * SEC);
	expect_near(test, bandwidth(f), 3 * RATE, 2);
	/* ten round trips, with all of the queue that the old rate has made */
	l->rate = RATE / 2;
	link_run(l, 8 * SEC);
	expect_near(test, bandwidth(f), RATE / 2, 5);
}

/* 4.3.5: ten seconds without a lower delay: 200 ms and a round trip of four segments */
static void probe_rtt(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	u64 begin, cwnd;

	link_run(l, 5 * SEC);
	/* the path gets longer: that can't be known sooner */
	l->rtt = 2 * RTT;
	while (bbr(f)->mode != TCPX_BBR_PROBE_RTT) {
		cwnd = f->tcb.cong.cwnd;
		link_run(l, MSEC);
		KUNIT_ASSERT_LT(test, l->now, TEST_START + 20 * SEC);
	}
	begin = l->now;
	KUNIT_EXPECT_GT(test, begin, TEST_START + 10 * SEC);
	KUNIT_EXPECT_EQ(test, f->tcb.cong.cwnd, 4 * SMSS);
	KUNIT_EXPECT_GT(test, cwnd, BDP);
	while (bbr(f)->mode == TCPX_BBR_PROBE_RTT) {
		KUNIT_EXPECT_NE(test, f->tcb.app_limited, 0);
		link_run(l, MSEC);
		KUNIT_ASSERT_LT(test, l->now, begin + SEC);
	}
	KUNIT_EXPECT_GE(test, l->now, begin + 200 * MSEC);
	expect_near(test, bbr(f)->min_rtt, 2 * RTT + MSEC, 5);
	KUNIT_EXPECT_GE(test, f->tcb.cong.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_PROBE_BW);
	/* and not again for ten seconds */
	begin = l->now;
	KUNIT_EXPECT_GE(test, used(l, f, 9 * SEC), 90);
	KUNIT_EXPECT_GE(test, bbr(f)->min_rtt_at, begin - MSEC);
}

/* 1.: losses at random do not slow it down */
static void random_loss(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	l->loss = 30000;
	link_run(l, 2 * SEC);
	KUNIT_EXPECT_GE(test, used(l, f, 8 * SEC), 90);
	KUNIT_EXPECT_GT(test, f->losses, 200);
}

/* A queue of a tenth of the product: full all the same */
static void shallow_buffer(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, BDP / 10);

	link_run(l, 2 * SEC);
	KUNIT_EXPECT_GE(test, used(l, f, 8 * SEC), 85);
}

/* 4.2.3.4: the first round trip of recovery conserves packets; then cwnd is as before */
static void recovery(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	struct tcpx_tcb *tcb = &f->tcb;
	struct tcpx_cong *ca = &tcb->cong;
	struct tcpx_rate_sample rs = { .delivered = SMSS, .in_flight = 100 * SMSS };
	u32 before;

	link_run(l, SEC);
	before = ca->cwnd;
	tcpx_cong_reduce(tcb, before, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->prior_cwnd, before);
	tcb->rec.state = TCPX_REC_FAST;
	tcpx_cong_event(tcb, TCPX_CONG_RECOVERY, l->now);
	tcb->snd_nxt = tcb->snd_una + 20 * SMSS;
	rs.lost = 3 * SMSS;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 21 * SMSS);
	KUNIT_EXPECT_TRUE(test, bbr(f)->conserve);
	/* reductions in the middle of it remember the window before it */
	tcpx_cong_reduce(tcb, ca->cwnd, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->prior_cwnd, before);
	/* the next round trip grows again */
	rs.lost = 0;
	rs.interval = RTT;
	rs.interval_delivered = BDP;
	rs.prior_delivered = tcb->delivered;
	tcb->delivered += SMSS;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_FALSE(test, bbr(f)->conserve);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 22 * SMSS);
	tcb->rec.state = TCPX_REC_OPEN;
	tcpx_cong_acked(tcb, &rs, l->now);
	expect_near(test, ca->cwnd, before, 5);
}

/* ... after a time-out as well; a segment first, then what is acknowledged */
static void timeout(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	u32 before;

	link_run(l, SEC);
	before = f->tcb.cong.cwnd;
	link_timeout(l, f);
	KUNIT_EXPECT_EQ(test, f->tcb.cong.cwnd, SMSS);
	KUNIT_EXPECT_EQ(test, bbr(f)->prior_cwnd, before);
	KUNIT_EXPECT_EQ(test, bbr(f)->full_bw, 0);
	link_run(l, 3 * RTT);
	KUNIT_EXPECT_EQ(test, f->tcb.rec.state, TCPX_REC_OPEN);
	expect_near(test, f->tcb.cong.cwnd, before, 10);
}

/* A loss that was none: the pipe may not be full either */
static void spurious(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	u32 cwnd;

	link_run(l, 3 * RTT);
	KUNIT_EXPECT_NE(test, bbr(f)->full_bw, 0);
	bbr(f)->full_rounds = 2;
	bbr(f)->policer.in_use = true;
	cwnd = f->tcb.cong.cwnd;
	tcpx_cong_undo(&f->tcb, l->now);
	KUNIT_EXPECT_EQ(test, f->tcb.cong.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, bbr(f)->full_bw, 0);
	KUNIT_EXPECT_EQ(test, bbr(f)->full_rounds, 0);
	KUNIT_EXPECT_FALSE(test, bbr(f)->policer.in_use);
}

/* 4.1.1.3: a user with less to say does not make the path slower */
static void app_limited(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	link_run(l, 3 * SEC);
	f->app_sent = 0;
	f->start = l->now;
	f->app_rate = RATE / 10;
	link_run(l, 5 * SEC);
	expect_near(test, bandwidth(f), RATE, 2);
	/* endless again: at once at the full rate */
	f->app_rate = 0;
	KUNIT_EXPECT_GE(test, used(l, f, SEC), 90);
}

/* ... from the beginning: STARTUP goes on, since nothing shows that the pipe is full */
static void app_limited_startup(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	f->app_rate = RATE / 10;
	link_run(l, 5 * SEC);
	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_STARTUP);
	KUNIT_EXPECT_FALSE(test, bbr(f)->full);
	/* ... also after PROBE_RTT */
	l->rtt += MSEC;
	while (bbr(f)->mode != TCPX_BBR_PROBE_RTT) {
		link_run(l, MSEC);
		KUNIT_ASSERT_LT(test, l->now, TEST_START + 20 * SEC);
	}
	link_run(l, SEC);
	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_STARTUP);
}

/* 4.2.1, 4.4: after an idle time it goes on at the bandwidth, and does not probe */
static void idle(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);

	link_run(l, 3 * SEC);
	/* the pipe runs empty */
	f->start = l->now + 30 * SEC;
	link_run(l, 29 * SEC);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&f->tcb), 0);
	f->tcb.app_limited = 1;
	tcpx_cong_event(&f->tcb, TCPX_CONG_TX_START, f->start);
	KUNIT_EXPECT_TRUE(test, bbr(f)->idle_restart);
	expect_near(test, f->tcb.cong.pacing_rate, RATE * 104ULL / 100, 2);
	link_run(l, SEC + 3 * RTT);
	KUNIT_EXPECT_FALSE(test, bbr(f)->idle_restart);
	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_PROBE_BW);
	expect_near(test, bandwidth(f), RATE, 2);
	KUNIT_EXPECT_GE(test, used(l, f, SEC), 95);
	/* an idle time ends PROBE_RTT if that is over */
	bbr(f)->mode = TCPX_BBR_PROBE_RTT;
	bbr(f)->probe_rtt_done = l->now - 1;
	f->tcb.app_limited = 1;
	tcpx_cong_event(&f->tcb, TCPX_CONG_TX_START, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->mode, TCPX_BBR_PROBE_BW);
	/* nothing was in flight, but the user was not the reason */
	f->tcb.app_limited = 0;
	tcpx_cong_event(&f->tcb, TCPX_CONG_TX_START, l->now);
	KUNIT_EXPECT_FALSE(test, bbr(f)->idle_restart && f->tcb.app_limited);
}

/* Acknowledgments in bunches, each of more than a bandwidth-delay product */
static void bunches(struct kunit *test)
{
	struct link *l;
	struct link_flow *f;

	l = link_new(test, RATE, 10 * MSEC, 10 * BDP);
	f = link_add(test, l, &tcpx_cong_bbr, 0);
	l->agg = 50 * MSEC;
	link_run(l, 3 * SEC);
	KUNIT_EXPECT_GT(test, max(bbr(f)->extra_acked[0], bbr(f)->extra_acked[1]), 20000);
	KUNIT_EXPECT_GE(test, used(l, f, 5 * SEC), 95);
}

/* A token bucket of a fifth of the path's rate: after two intervals it is known */
static void policer(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	u32 losses;

	l->police = RATE / 5;
	l->bucket = 2 * BDP;
	link_run(l, SEC);
	KUNIT_EXPECT_TRUE(test, bbr(f)->policer.in_use);
	expect_near(test, bbr(f)->policer.bw << 2, RATE / 5, 10);
	losses = f->losses;
	KUNIT_EXPECT_GE(test, used(l, f, SEC), 18);
	KUNIT_EXPECT_LT(test, f->losses - losses, 40);
	/* 48 round trips later it asks whether that is still so */
	l->police = 0;
	link_run(l, 4 * SEC);
	KUNIT_EXPECT_FALSE(test, bbr(f)->policer.in_use);
	KUNIT_EXPECT_GE(test, used(l, f, 3 * SEC), 90);
}

/* An interval with few losses, or with too little to send, is none of a policer */
static void no_policer(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	struct tcpx_rate_sample rs = {
		.delivered = SMSS, .lost = SMSS, .interval = RTT, .interval_delivered = BDP,
		.app_limited = true,
	};
	u32 intervals = 0;
	int i;

	l->loss = 20000;
	for (i = 0; i < 100; i++) {
		link_run(l, RTT);
		KUNIT_EXPECT_FALSE(test, bbr(f)->policer.in_use);
		intervals += bbr(f)->policer.sampling;
	}
	KUNIT_EXPECT_GT(test, intervals, 50);
	tcpx_cong_acked(&f->tcb, &rs, l->now);
	KUNIT_EXPECT_FALSE(test, bbr(f)->policer.sampling);
}

/* Two flows, one ten round trips later, share the path */
static void shares_a_path(struct kunit *test)
{
	struct link *l = link_new(test, RATE, RTT, 4 * BDP);
	struct link_flow *a = link_add(test, l, &tcpx_cong_bbr, 0);
	struct link_flow *b = link_add(test, l, &tcpx_cong_bbr, 2 * SEC);
	u64 a0, b0;

	b->tcb.iss = 12345;
	link_run(l, 30 * SEC);
	a0 = a->tcb.delivered;
	b0 = b->tcb.delivered;
	link_run(l, 60 * SEC);
	a0 = a->tcb.delivered - a0;
	b0 = b->tcb.delivered - b0;
	KUNIT_EXPECT_GT(test, a0 * 100, (a0 + b0) * 35);
	KUNIT_EXPECT_LT(test, a0 * 100, (a0 + b0) * 65);
}

/* Chosen in the middle of a connection: it begins with what is known */
static void chosen_later(struct kunit *test)
{
	struct link *l = link_new(test, RATE, RTT, 2 * BDP);
	struct link_flow *f = link_add(test, l, &tcpx_cong_cubic, 0);

	link_run(l, 3 * SEC);
	f->tcb.pacing = TCPX_PACE_TIMER;
	tcpx_cong_switch(&f->tcb, &tcpx_cong_bbr, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->min_rtt, f->tcb.rtt.min_rtt);
	KUNIT_EXPECT_TRUE(test, bbr(f)->seen_rtt);
	link_run(l, 2 * SEC);
	KUNIT_EXPECT_GE(test, used(l, f, 3 * SEC), 95);
	expect_near(test, bandwidth(f), RATE, 2);
}

/* fq holds segments: what waits there is not in the network */
static void with_departure_times(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	struct tcpx_rate_sample rs = { .in_flight = 30 * SMSS };
	struct tcpx_tcb *tcb = &f->tcb;

	link_run(l, 2 * SEC);
	tcb->pacing = TCPX_PACE_EDT;
	/* 3/4: what is in flight still, 24 ms from now, is below the product */
	bbr(f)->cycle = 1;
	bbr(f)->cycle_at = l->now;
	tcb->pace_at = l->now;
	rs.in_flight = 2 * BDP;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->cycle, 1);
	tcb->pace_at = l->now + 50 * MSEC;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->cycle, 2);
	/* 5/4: a burst more than that */
	bbr(f)->cycle = 0;
	bbr(f)->cycle_at = l->now - SEC;
	tcb->pace_at = l->now + 10 * SEC;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->cycle, 0);
}

/* No number is too large */
static void extremes(struct kunit *test)
{
	struct link *l;
	struct link_flow *f = path(test, &l, 10 * BDP);
	struct tcpx_tcb *tcb = &f->tcb;
	struct tcpx_rate_sample rs = {
		.delivered = 1 << 30, .in_flight = 1 << 30, .rtt = 1, .interval = 1,
		.interval_delivered = 1 << 30,
	};

	/* before anything is known */
	rs.delivered = 0;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_GE(test, tcb->cong.cwnd, 10 * SMSS);
	rs.delivered = 1 << 30;
	tcb->delivered += rs.delivered;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->bw.max, U32_MAX);
	/* an epoch of acknowledgments of days, windows of a gigabyte */
	bbr(f)->full = true;
	bbr(f)->min_rtt = 15 * SEC;
	rs.rtt = 15 * SEC;
	l->now += 100000 * SEC;
	rs.prior_delivered = tcb->delivered;
	tcb->delivered += rs.delivered;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_GE(test, tcb->cong.pacing_rate, 1ULL << 33);
	KUNIT_EXPECT_LE(test, tcb->cong.cwnd, TCPX_SSTHRESH_INF);
	/* and a byte an hour */
	rs.interval = 3600 * SEC;
	rs.interval_delivered = 1;
	bbr(f)->rounds += 100;
	tcpx_cong_acked(tcb, &rs, l->now);
	KUNIT_EXPECT_EQ(test, bbr(f)->bw.max, 0);
	KUNIT_EXPECT_EQ(test, tcb->cong.pacing_rate, 1);
	KUNIT_EXPECT_GE(test, tcb->cong.cwnd, 4 * SMSS);
}

static struct kunit_case bbr_cases[] = {
	KUNIT_CASE(filter),
	KUNIT_CASE(startup),
	KUNIT_CASE(fills_a_path_and_no_buffer),
	KUNIT_CASE(cycle),
	KUNIT_CASE(first_phase),
	KUNIT_CASE(changing_rate),
	KUNIT_CASE(probe_rtt),
	KUNIT_CASE(random_loss),
	KUNIT_CASE(shallow_buffer),
	KUNIT_CASE(recovery),
	KUNIT_CASE(timeout),
	KUNIT_CASE(spurious),
	KUNIT_CASE(app_limited),
	KUNIT_CASE(app_limited_startup),
	KUNIT_CASE(idle),
	KUNIT_CASE(bunches),
	KUNIT_CASE(policer),
	KUNIT_CASE(no_policer),
	KUNIT_CASE(shares_a_path),
	KUNIT_CASE(chosen_later),
	KUNIT_CASE(with_departure_times),
	KUNIT_CASE(extremes),
	{}
};

static struct kunit_suite bbr_suite = {
	.name = "tcpx_bbr",
	.init = tcpx_test_init,
	.test_cases = bbr_cases,
};

kunit_test_suite(bbr_suite);
