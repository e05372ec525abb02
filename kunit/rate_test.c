// SPDX-License-Identifier: GPL-2.0
/*
 * The delivery rate, draft-ietf-ccwg-bbr, 4.5.2: what each acknowledgment says
 * of how fast the path delivers.
 *
 * Segments of 1000 bytes, sent 1 ms apart, a round trip of 100 ms.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/rate.h"
#include "fixture.h"

#define SMSS		TEST_MSS
#define RTT		(100 * MSEC)
#define SENT(k)		(TEST_START + RTT + ((k) + 1) * MSEC)
#define ARRIVES(k)	(SENT(k) + RTT)

static struct tcpx_rate_sample last;	/* what the algorithm was told last */

static void sampler_init(struct tcpx_tcb *tcb, u64 now)
{
}

static u32 sampler_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	return flight;
}

/* It watches, and leaves cwnd as it is */
static void sampler_control(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	last = *rs;
}

static const struct tcpx_cong_ops sampler = {
	.name		= "sampler",
	.init		= sampler_init,
	.ssthresh	= sampler_ssthresh,
	.control	= sampler_control,
};

static struct tcpx_test *enter(struct kunit *test, int n)
{
	struct tcpx_test *t = tcpx_test_fly(test, 0);

	memset(&last, 0, sizeof(last));
	tcpx_cong_init(&t->tcb, &sampler, t->now);
	t->tcb.cong.cwnd = 30 * SMSS;
	tcpx_test_fly_more(test, n);
	return t;
}

/* One segment after another: 1000 bytes a ms once a round trip has passed */
static void steady(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);
	int k;

	for (k = 0; k < 10; k++) {
		t->now = ARRIVES(k);
		tcpx_test_sack(t, k + 1, 0, NULL);
		KUNIT_EXPECT_EQ(test, last.delivered, SMSS);
		KUNIT_EXPECT_EQ(test, last.acked, SMSS);
		KUNIT_EXPECT_EQ(test, last.rtt, RTT);
		KUNIT_EXPECT_EQ(test, last.in_flight, (10 - k) * SMSS);
		/* All were sent when nothing had been delivered, in one window */
		KUNIT_EXPECT_EQ(test, last.prior_delivered, 0);
		KUNIT_EXPECT_EQ(test, last.interval_delivered, (k + 1) * SMSS);
		KUNIT_EXPECT_EQ(test, last.interval, RTT + k * MSEC);
		KUNIT_EXPECT_FALSE(test, last.rexmt);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered_at, ARRIVES(9));
}

/* The next window is measured from when its first segment was sent */
static void next_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 2);

	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	tcpx_test_fly_more(test, 1);
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(&t->tcb.sb, 2)->delivered, SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(&t->tcb.sb, 2)->delivered_at, ARRIVES(0));
	t->now = ARRIVES(1);
	tcpx_test_sack(t, 2, 0, NULL);
	t->now = ARRIVES(0) + MSEC + RTT;
	tcpx_test_sack(t, 3, 0, NULL);
	KUNIT_EXPECT_EQ(test, last.prior_delivered, SMSS);
	KUNIT_EXPECT_EQ(test, last.interval_delivered, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, last.interval, RTT + MSEC);
}

/* ACKs that come all at once: the time to send counts, if it was longer */
static void compressed_acks(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	u64 began;

	/* One segment each 30 ms for 300 ms, and one that is acknowledged early */
	t->now += MSEC;
	began = t->now;
	tcpx_test_write(t, SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	while (t->tcb.snd_nxt != tcpx_test_seq(t, 10)) {
		t->now += 29 * MSEC;
		tcpx_test_fly_more(test, 1);
		if (t->now == began + 120 * MSEC)
			tcpx_test_sack(t, 1, 0, NULL);
	}
	t->now += RTT;
	tcpx_test_sack(t, 10, 0, NULL);
	/* The newest was sent 270 ms after the first, delivered 250 ms after it */
	KUNIT_EXPECT_EQ(test, last.interval, 270 * MSEC);
	KUNIT_EXPECT_EQ(test, last.interval_delivered, 9 * SMSS);
}

/* Of the segments that one ACK delivers the newest is the sample */
static void newest_of_several(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 4);

	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	tcpx_test_fly_more(test, 2);
	t->now += RTT;
	/* 4 and 5 were sent after 0 was delivered, 2 before */
	SACK(t, 1, { 4, 6 }, { 2, 3 });
	KUNIT_EXPECT_EQ(test, last.delivered, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, last.acked, 0);
	KUNIT_EXPECT_EQ(test, last.prior_delivered, SMSS);
	KUNIT_EXPECT_EQ(test, last.interval_delivered, 3 * SMSS);
}

/* What is SACKed first and acknowledged later is delivered once */
static void delivered_once(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 4);

	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 3 * SMSS);
	SACK(t, 0, { 1, 4 });
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 3 * SMSS);
	tcpx_test_sack(t, 4, 0, NULL);
	KUNIT_EXPECT_EQ(test, last.delivered, SMSS);
	KUNIT_EXPECT_EQ(test, last.acked, 4 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 4 * SMSS);
}

/* A part of a segment counts for itself */
static void part_of_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 2);

	t->now = ARRIVES(0);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 300, 0);
	KUNIT_EXPECT_EQ(test, last.delivered, 300);
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, last.delivered, 700);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, SMSS);
}

/* Faster than any round trip: of two copies it was the first that arrived */
static void mistaken_copy(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	t->now = ARRIVES(9);
	SACK(t, 0, { 1, 10 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += MSEC;
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_EXPECT_TRUE(test, last.rexmt);
	KUNIT_EXPECT_EQ(test, last.interval, 0);
}

/* Until what was in flight then has been delivered, samples are lower bounds */
static void app_limited(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 3);

	KUNIT_EXPECT_EQ(test, t->tcb.app_limited, 3 * SMSS);
	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_FALSE(test, last.app_limited);
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_EXPECT_TRUE(test, last.app_limited);
	/* More than cwnd takes: the user limits no more */
	tcpx_test_write(t, 100 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 29);
	KUNIT_EXPECT_NE(test, t->tcb.app_limited, 0);
	t->now += RTT;
	tcpx_test_sack(t, 6, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.app_limited, 0);
	KUNIT_EXPECT_TRUE(test, last.app_limited);
	tcpx_test_send_all(t);
	t->now += RTT;
	tcpx_test_sack(t, 33, 0, NULL);
	KUNIT_EXPECT_FALSE(test, last.app_limited);
}

/* After an idle time the clock starts anew, or idleness would count as slowness */
static void after_idle(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);
	u64 sent;

	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	t->now += 50 * MSEC;
	tcpx_test_fly_more(test, 1);
	sent = t->now;
	t->now += RTT;
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_EXPECT_EQ(test, last.interval, t->now - sent);
	KUNIT_EXPECT_EQ(test, last.interval_delivered, SMSS);
}

/* Without SACK a duplicate counts as one, and is not counted again */
static void without_sack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u32 una;

	t->wnd = 65000;
	t->rtt = RTT;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_cong_init(&t->tcb, &sampler, t->now);
	t->tcb.cong.cwnd = 30 * SMSS;
	tcpx_test_fly_more(test, 6);
	una = t->tcb.snd_una;
	t->now = ARRIVES(2);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una, 0);
	KUNIT_EXPECT_EQ(test, last.delivered, SMSS);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 2 * SMSS);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una + 3 * SMSS, 0);
	KUNIT_EXPECT_EQ(test, last.delivered, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, last.interval_delivered, 3 * SMSS);
}

static struct kunit_case rate_cases[] = {
	KUNIT_CASE(steady),
	KUNIT_CASE(next_window),
	KUNIT_CASE(compressed_acks),
	KUNIT_CASE(newest_of_several),
	KUNIT_CASE(delivered_once),
	KUNIT_CASE(part_of_a_segment),
	KUNIT_CASE(mistaken_copy),
	KUNIT_CASE(app_limited),
	KUNIT_CASE(after_idle),
	KUNIT_CASE(without_sack),
	{}
};

static struct kunit_suite rate_suite = {
	.name = "tcpx_rate",
	.init = tcpx_test_init,
	.test_cases = rate_cases,
};

kunit_test_suite(rate_suite);
