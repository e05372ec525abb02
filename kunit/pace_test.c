// SPDX-License-Identifier: GPL-2.0
/* Pacing: the rate, the time of the next segment, and when a timer is worth it. */
#include <linux/kernel.h>

#include "../core/pace.h"
#include "../core/window.h"
#include "fixture.h"

#define SMSS		TEST_MSS
#define NO_LIMIT	TCPX_PACE_UNLIMITED
#define INF		TCPX_SSTHRESH_INF
#define QUANTUM		(250 * 1000ULL)

/**
 * struct rate_case - the rate to send at
 * @name: the rule
 * @cwnd: bytes
 * @ssthresh: bytes
 * @srtt: ns
 * @own: what the algorithm has set, bytes a second
 * @max: SO_MAX_PACING_RATE
 * @ss: net.tcpx.pacing_ss_ratio
 * @ca: net.tcpx.pacing_ca_ratio
 * @want: bytes a second
 */
struct rate_case {
	const char *name;
	u32 cwnd, ssthresh;
	u64 srtt, own, max;
	u32 ss, ca;
	u64 want;
};

static const struct rate_case rates[] = {
	{ "no round trip is known", 10000, INF, 0, 0, NO_LIMIT, 200, 120, NO_LIMIT },
	{ "... and the user's limit", 10000, INF, 0, 0, 5000, 200, 120, 5000 },
	{ "slow start", 10000, INF, 100 * MSEC, 0, NO_LIMIT, 200, 120, 200000 },
	{ "cwnd just below half of ssthresh", 9999, 20000, 100 * MSEC, 0, NO_LIMIT, 200, 120,
	  199980 },
	{ "cwnd at half of ssthresh", 10000, 20000, 100 * MSEC, 0, NO_LIMIT, 200, 120, 120000 },
	{ "congestion avoidance", 30000, 20000, 100 * MSEC, 0, NO_LIMIT, 200, 120, 360000 },
	{ "other ratios, slow start", 10000, INF, 100 * MSEC, 0, NO_LIMIT, 1000, 1, 1000000 },
	{ "other ratios, avoidance", 10000, 1000, 100 * MSEC, 0, NO_LIMIT, 1000, 1, 1000 },
	{ "a ratio of 0 in slow start", 10000, INF, 100 * MSEC, 0, NO_LIMIT, 0, 120, NO_LIMIT },
	{ "a ratio of 0 in avoidance", 10000, 1000, 100 * MSEC, 0, 7777, 200, 0, 7777 },
	{ "less than the user's limit", 10000, INF, 100 * MSEC, 0, 200001, 200, 120, 200000 },
	{ "more than the user's limit", 10000, INF, 100 * MSEC, 0, 199999, 200, 120, 199999 },
	{ "the algorithm's rate", 10000, INF, 100 * MSEC, 123456, NO_LIMIT, 200, 120, 123456 },
	{ "... without a round trip", 10000, INF, 0, 123456, NO_LIMIT, 200, 120, 123456 },
	{ "... above the user's limit", 10000, INF, 100 * MSEC, 123456, 1000, 200, 120, 1000 },
	{ "never less than a byte a second", 1, 0, 120 * SEC, 0, NO_LIMIT, 200, 1, 1 },
	{ "half a GiB in a millisecond", 1 << 29, INF, MSEC, 0, NO_LIMIT, 200, 120,
	  1073741824000ULL },
	{ "so much that no slow start is left", 1 << 30, INF, MSEC, 0, NO_LIMIT, 200, 120,
	  1288490188800ULL },
	{ "a round trip of a ns: no limit, and no wrap", INF, INF, 1, 0, NO_LIMIT, 1000, 1000,
	  NO_LIMIT },
	{ "... and the user's limit", INF, INF, 1, 0, 1 << 30, 1000, 1000, 1 << 30 },
	{ "the largest product that is taken", 18446744, INF, 1, 0, NO_LIMIT, 1000, 120,
	  184467440000000000ULL },
};

static void rate_desc(const struct rate_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(rate, rates, rate_desc);

static void rate_case(struct kunit *test)
{
	const struct rate_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->conf.pacing_ss_ratio = c->ss;
	t->conf.pacing_ca_ratio = c->ca;
	t->tcb.cong.cwnd = c->cwnd;
	t->tcb.cong.ssthresh = c->ssthresh;
	t->tcb.cong.pacing_rate = c->own;
	t->tcb.rtt.srtt = c->srtt;
	t->tcb.max_pacing_rate = c->max;
	KUNIT_EXPECT_EQ(test, tcpx_pace_rate(&t->tcb), c->want);
}

/* After a reduction more may be in flight than cwnd: that is what has to drain */
static void rate_of_what_flies(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 10 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 10);
	t->tcb.rtt.srtt = 100 * MSEC;
	t->tcb.cong.cwnd = 5 * SMSS;
	t->tcb.cong.ssthresh = 5 * SMSS;
	KUNIT_EXPECT_EQ(test, tcpx_pace_rate(&t->tcb), 120000);
}

/* At @rate, by @how */
static struct tcpx_test *paced(struct kunit *test, u8 how, u64 rate)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.pacing = how;
	t->tcb.max_pacing_rate = rate;
	t->tcb.pace_at = t->now;
	return t;
}

static void off(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_OFF, 1000);

	KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1000, t->now), 0);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, t->now);
	t->tcb.pace_at = t->now + SEC;
	KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], TCPX_NEVER);
}

/* A second for each segment, exactly */
static void one_by_one(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1000);
	u64 start = t->now;
	int i;

	for (i = 0; i < 10; i++) {
		t->now = start + i * SEC;
		KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
		KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1000, t->now), t->now);
		KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + SEC);
		KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now + SEC - 1));
	}
}

/* Where a segment takes less than a timer is worth, several go at once */
static void several_at_once(struct kunit *test)
{
	/* 1000 bytes in 10 us */
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 100000000);
	u64 due;

	tcpx_pace_sent(&t->tcb, 1000, t->now);
	due = t->now + 10000;
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, due);
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	/* 11 us are what a segment takes with the longest of headers */
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], due + QUANTUM - 11000);
	/* What that was too late is not lost */
	t->now = t->tcb.deadline[TCPX_T_PACE];
	tcpx_pace_sent(&t->tcb, 1000, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, due + 10000);
	KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
}

/* ... but no more than a millisecond of it */
static void credit(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1000000);

	t->now += MSEC - 1;
	tcpx_pace_sent(&t->tcb, 1000, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, t->now + 1);
	t->now += 2 * MSEC;
	tcpx_pace_sent(&t->tcb, 1000, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, t->now);
	t->now += 3600 * SEC;
	tcpx_pace_sent(&t->tcb, 3000, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, t->now + 2 * MSEC);
}

/* The clock has only just begun */
static void the_first_millisecond(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1000000);

	t->tcb.pace_at = 0;
	KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1000, 5), 5);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, MSEC);
}

static void no_limit(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, NO_LIMIT);

	t->tcb.rtt.srtt = 0;
	KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 0xffffffff, t->now), t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, t->now);
	KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
}

/* A byte a second, of the longest that can be */
static void slowest(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_EDT, 1);

	KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 65535, t->now), t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.pace_at, t->now + 65535 * SEC);
}

/* Stamps are of the future, one segment after the other; nothing waits here */
static void edt(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_EDT, 100000);
	int i;

	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
		KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1000, t->now),
				t->now + i * 10 * MSEC);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], TCPX_NEVER);
}

/* The user raises the limit: what was sent before holds back no longer than one at that rate */
static void faster_now(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1);

	tcpx_pace_sent(&t->tcb, 1000, t->now);
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + 1000 * SEC);
	t->tcb.max_pacing_rate = 1100;
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + SEC);
	t->tcb.rtt.srtt = 0;
	t->tcb.max_pacing_rate = NO_LIMIT;
	KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
}

/* What left in one piece holds for as long as all of it takes */
static void in_pieces(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1100);

	t->tcb.burst = 4 * SMSS;
	tcpx_pace_sent(&t->tcb, 4 * 1100, t->now);
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + 4 * SEC);
	tcpx_pace_sent(&t->tcb, 4 * 1100, t->now);
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + 4 * SEC);
}

/* tcpx_wnd_next() waits, for new data and for what was lost; a probe does not */
static void what_waits(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1000);

	tcpx_test_write(t, 5 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	tcpx_test_sent(t, t->send.seq, SMSS, ACK);
	tcpx_pace_sent(&t->tcb, SMSS, t->now);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + SEC);
	tcpx_sb_lose_all(&t->tcb.sb);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	t->tcb.rec.tlp_due = true;
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	t->tcb.rec.tlp_due = false;
	tcpx_test_expire(t, TCPX_T_PACE);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

/* RFC 6928, 2: the initial window is a burst, unless the user has limited the rate */
static void first_flight(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, NO_LIMIT);
	int i;

	t->tcb.cong.pacing_rate = 1000;
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1000, t->now), t->now);
		KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
	}
	t->tcb.delivered = 1;
	KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1000, t->now), t->now);
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	t->tcb.delivered = 0;
	t->tcb.max_pacing_rate = 500;
	t->tcb.pace_at = t->now;
	tcpx_pace_sent(&t->tcb, 1000, t->now);
	KUNIT_EXPECT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
}

static struct kunit_case pace_cases[] = {
	KUNIT_CASE_PARAM(rate_case, rate_gen_params),
	KUNIT_CASE(rate_of_what_flies),
	KUNIT_CASE(off),
	KUNIT_CASE(one_by_one),
	KUNIT_CASE(several_at_once),
	KUNIT_CASE(credit),
	KUNIT_CASE(the_first_millisecond),
	KUNIT_CASE(no_limit),
	KUNIT_CASE(slowest),
	KUNIT_CASE(edt),
	KUNIT_CASE(faster_now),
	KUNIT_CASE(in_pieces),
	KUNIT_CASE(what_waits),
	KUNIT_CASE(first_flight),
	{}
};

static struct kunit_suite pace_suite = {
	.name = "tcpx_pace",
	.init = tcpx_test_init,
	.test_cases = pace_cases,
};

kunit_test_suite(pace_suite);
