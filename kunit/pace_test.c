// SPDX-License-Identifier: GPL-2.0
/* Pacing: the rate, the time of each segment, what a late timer may send. */
#include "fixture.h"

#define MBIT	125000ULL	/* bytes a second */

struct rate_case {
	const char *name;
	u32 cwnd;
	u32 ssthresh;
	u64 srtt;
	u64 own;		/* the algorithm's rate */
	u64 max;
	u64 rate;
};

static const struct rate_case rates[] = {
	{ "no round-trip time, no limit", 10000, 50000, 0, 0, TCPX_PACE_UNLIMITED,
	  TCPX_PACE_UNLIMITED },
	{ "no round-trip time, the user's limit", 10000, 50000, 0, 0, 1000, 1000 },
	{ "twice cwnd in slow start", 10000, TCPX_SSTHRESH_INF, SEC, 0, TCPX_PACE_UNLIMITED,
	  20000 },
	{ "1.2 times afterwards", 10000, 10000, SEC, 0, TCPX_PACE_UNLIMITED, 12000 },
	{ "1.2 times when ssthresh is near", 10000, 20000, SEC, 0, TCPX_PACE_UNLIMITED, 12000 },
	{ "the user's limit", 10000, 10000, SEC, 0, 5000, 5000 },
	{ "the algorithm's", 10000, 10000, SEC, 777, TCPX_PACE_UNLIMITED, 777 },
	{ "never none", 1, 1, 4000 * SEC, 0, TCPX_PACE_UNLIMITED, 1 },
	{ "1 GiB in 1 ms", 1U << 30, 1U << 30, MSEC, 0, TCPX_PACE_UNLIMITED, 1288490188800ULL },
};

static void rate_desc(const struct rate_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "pacing rate: %s", c->name);
}

KUNIT_ARRAY_PARAM(rate, rates, rate_desc);

static void rate_case(struct kunit *test)
{
	const struct rate_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->conf.pacing_ss_ratio = 200;
	t->conf.pacing_ca_ratio = 120;
	t->tcb.cong.cwnd = c->cwnd;
	t->tcb.cong.ssthresh = c->ssthresh;
	t->tcb.cong.pacing_rate = c->own;
	t->tcb.rtt.srtt = c->srtt;
	t->tcb.max_pacing_rate = c->max;
	KUNIT_EXPECT_EQ(test, tcpx_pace_rate(&t->tcb), c->rate);
}

static struct tcpx_test *paced(struct kunit *test, u8 mode, u64 rate)
{
	struct tcpx_test *t = test->priv;

	t->tcb.pacing = mode;
	t->tcb.max_pacing_rate = TCPX_PACE_UNLIMITED;
	t->tcb.cong.pacing_rate = rate;
	t->tcb.snd_mss = 1250;
	return t;
}

static void off(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_OFF, MBIT);

	KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1250, t->now), 0ULL);
	KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
}

/* At 1 Mbit/s 1250 bytes take 10 ms, each segment its turn */
static void one_after_the_other(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, MBIT);
	int i;

	t->tcb.pace_at = t->now;
	for (i = 1; i < 10; i++) {
		KUNIT_ASSERT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
		KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1250, t->now), t->now);
		KUNIT_ASSERT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + 10 * MSEC);
		t->now += 10 * MSEC;
	}
}

/* A timer for each segment of 10 us would cost more than it gives */
static void a_timer_for_several(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 1000 * MBIT);
	int n = 0;

	t->tcb.pace_at = t->now;
	tcpx_pace_sent(&t->tcb, 1250, t->now);
	KUNIT_ASSERT_TRUE(test, tcpx_pace_holds(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PACE], t->now + 250000);
	t->now += 250000;
	for (; !tcpx_pace_holds(&t->tcb, t->now); n++)
		tcpx_pace_sent(&t->tcb, 1250, t->now);
	KUNIT_EXPECT_EQ(test, n, 25);
}

/* What was not sent while nothing was there to send is not made good */
static void idle_gives_no_credit(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 100 * MBIT);
	int n = 0;

	t->tcb.pace_at = t->now - 10 * SEC;
	for (; !tcpx_pace_holds(&t->tcb, t->now); n++)
		tcpx_pace_sent(&t->tcb, 1250, t->now);
	/* A millisecond's worth, and the one that is due */
	KUNIT_EXPECT_EQ(test, n, 11);
}

/* fq holds them: each has its time, none waits here */
static void departure_times(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_EDT, MBIT);
	int i;

	t->tcb.pace_at = t->now;
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
		KUNIT_EXPECT_EQ(test, tcpx_pace_sent(&t->tcb, 1250, t->now),
				t->now + i * 10 * MSEC);
	}
}

static void unlimited(struct kunit *test)
{
	struct tcpx_test *t = paced(test, TCPX_PACE_TIMER, 0);

	t->tcb.rtt.srtt = 0;
	tcpx_pace_sent(&t->tcb, 1250, t->now);
	KUNIT_EXPECT_FALSE(test, tcpx_pace_holds(&t->tcb, t->now));
}

/* tcpx_wnd_next() waits, and the timer asks it again */
static void the_timer_sends_on(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.pacing = TCPX_PACE_TIMER;
	t->tcb.cong.pacing_rate = MBIT;
	t->tcb.pace_at = t->now + 5 * MSEC;
	tcpx_test_write(t, 2 * TEST_MSS);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	tcpx_test_expire(t, TCPX_T_PACE);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

static struct kunit_case pace_cases[] = {
	KUNIT_CASE_PARAM(rate_case, rate_gen_params),
	KUNIT_CASE(off),
	KUNIT_CASE(one_after_the_other),
	KUNIT_CASE(a_timer_for_several),
	KUNIT_CASE(idle_gives_no_credit),
	KUNIT_CASE(departure_times),
	KUNIT_CASE(unlimited),
	KUNIT_CASE(the_timer_sends_on),
	{}
};

static struct kunit_suite pace_suite = {
	.name = "tcpx_pace",
	.init = tcpx_test_init,
	.test_cases = pace_cases,
};

kunit_test_suite(pace_suite);
