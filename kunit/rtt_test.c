// SPDX-License-Identifier: GPL-2.0
/* The retransmission time-out: RFC 6298, and the user time-out's arithmetic. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/deadline.h"
#include "../tcpx_fsm.h"
#include "fixture.h"

#define RTO_MIN		(200 * MSEC)
#define RTO_MAX		(120 * SEC)

static void sample(struct tcpx_test *t, u64 rtt)
{
	tcpx_rtt_sample(&t->tcb.rtt, rtt, RTO_MIN, RTO_MAX);
}

/* (2.1) */
static void rto_before_a_sample(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 1 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, 0);
}

/* (2.2): SRTT <- R, RTTVAR <- R/2, RTO <- SRTT + max(G, K*RTTVAR) */
static void rto_first_sample(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 400 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 400 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rttvar, 200 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 1200 * MSEC);
}

/* (2.3): RTTVAR first, with the old SRTT; then SRTT */
static void rto_second_sample(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 400 * MSEC);
	sample(t, 800 * MSEC);
	/* 3/4 * 200 + 1/4 * 400; 7/8 * 400 + 1/8 * 800 */
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rttvar, 250 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 450 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 1450 * MSEC);
}

/* (2.3): |SRTT - R'| when the path has become faster */
static void rto_falling(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 800 * MSEC);
	sample(t, 400 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rttvar, 400 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 750 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 2350 * MSEC);
}

/* A steady path: RTTVAR dies away, the lower bound of its term remains */
static void rto_steady(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	int i;

	for (i = 0; i < 200; i++)
		sample(t, 40 * MSEC);
	KUNIT_EXPECT_GE(test, t->tcb.rtt.srtt, 40 * MSEC - 100);
	KUNIT_EXPECT_LE(test, t->tcb.rtt.srtt, 40 * MSEC);
	KUNIT_EXPECT_GE(test, t->tcb.rtt.rto, 240 * MSEC - 100);
	KUNIT_EXPECT_LE(test, t->tcb.rtt.rto, 240 * MSEC);
}

/* (2.4): just below, at and above the lower bound of K*RTTVAR */
static void rto_lower_bound(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 98 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 298 * MSEC);
	tcpx_rtt_init(&t->tcb.rtt);
	sample(t, 100 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 300 * MSEC);
	tcpx_rtt_init(&t->tcb.rtt);
	sample(t, 102 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 306 * MSEC);
}

/* (2.5): just below, at and above the upper bound */
static void rto_upper_bound(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 40 * SEC - 2);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 120 * SEC - 6);
	tcpx_rtt_init(&t->tcb.rtt);
	sample(t, 40 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 120 * SEC);
	tcpx_rtt_init(&t->tcb.rtt);
	sample(t, 41 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 120 * SEC);
	sample(t, 86400 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 120 * SEC);
}

/* A sample of nothing is a sample all the same */
static void rto_sample_of_zero(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 0);
	KUNIT_EXPECT_NE(test, t->tcb.rtt.srtt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 200 * MSEC + 1);
	sample(t, 0);
	KUNIT_EXPECT_NE(test, t->tcb.rtt.srtt, 0);
}

static void rtt_minimum_and_last(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	sample(t, 30 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, 30 * MSEC);
	sample(t, 20 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, 20 * MSEC);
	sample(t, 50 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, 20 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 50 * MSEC);
}

/**
 * struct backoff_case - the timer after some time-outs in a row
 * @rto: ms
 * @shift: so many time-outs
 * @expect: ms
 */
struct backoff_case {
	u32 rto;
	u32 shift;
	u32 expect;
};

static const struct backoff_case backoffs[] = {
	{ 1000, 0, 1000 },
	{ 1000, 1, 2000 },
	{ 1000, 2, 4000 },
	{ 1000, 6, 64000 },
	{ 1000, 7, 120000 },
	{ 1000, 8, 120000 },
	{ 1000, 255, 120000 },
	{ 200, 9, 102400 },
	{ 200, 10, 120000 },
	{ 120000, 0, 120000 },
	{ 120000, 1, 120000 },
	{ 60000, 1, 120000 },
	{ 60001, 1, 120000 },
	{ 200000, 0, 120000 },
};

static void backoff_desc(const struct backoff_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 6298, (5.5): %u ms backed off %u times",
		 c->rto, c->shift);
}

KUNIT_ARRAY_PARAM(backoff, backoffs, backoff_desc);

static void backoff_case(struct kunit *test)
{
	const struct backoff_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_rtt_backoff(c->rto * MSEC, c->shift, RTO_MAX),
			c->expect * MSEC);
}

/* One segment is timed, and its ACK measures */
static void timed_segment(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 3000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 3);
	t->now += 70 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 70 * MSEC);
	KUNIT_EXPECT_FALSE(test, t->tcb.rtt_timing);
	/* The second of the flight was not timed */
	t->now += 10 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 70 * MSEC);
}

/* An ACK of less than the timed segment measures nothing */
static void timed_segment_not_acked(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	t->now += 70 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 999, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.rtt_timing);
	t->now += 30 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 100 * MSEC);
}

/* The SYN is timed too, at both ends */
static void timed_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->now += 80 * MSEC;
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 80 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 280 * MSEC);
}

static void timed_syn_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	t->now += 120 * MSEC;
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 120 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 360 * MSEC);
}

/* MUST-18, Karn: what was sent twice measures nothing */
static void karn_no_sample(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, t->tcb.snd_una, 1000, ACK);
	t->now += 50 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 1 * SEC);
}

/* MUST-18: nor if it went out again without a time-out */
static void karn_fast_retransmit(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 4000);
	tcpx_test_send_all(t);
	tcpx_test_sent(t, t->tcb.snd_una, 1000, ACK);
	t->now += 50 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
}

/* Karn: something else was sent again, the timed segment was not */
static void karn_other_segment(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u32 first;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	first = t->tcb.snd_nxt;
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	t->tcb.rtt_timing = false;
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt_seq, first + 2000);
	/* All of it may have been answered by the second copy of the first */
	tcpx_test_sent(t, first, 1000, ACK);
	KUNIT_EXPECT_FALSE(test, t->tcb.rtt_timing);
}

/* MUST-18, Karn: the back-off stays until something measures */
static void karn_keeps_backoff(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, t->tcb.snd_una, 1000, ACK);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, t->tcb.snd_una, 1000, ACK);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 4 * SEC);
	/* RFC 6298, 5: a measurement collapses it */
	t->now += 100 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 300 * MSEC);
}

static void enter_with_timestamps(struct kunit *test, u8 state)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.tsval = 77;
	tcpx_test_enter(test, state);
	tcpx_rtt_init(&t->tcb.rtt);
}

/* RFC 7323, 4.1: the echo measures even what was sent twice */
static void timestamp_measures_retransmission(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->now = 1000ULL << TCPX_TS_SHIFT;
	enter_with_timestamps(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 900);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	t->now = 4000ULL << TCPX_TS_SHIFT;
	tcpx_test_sent(t, t->tcb.snd_una, 900, ACK);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	t->now += 40ULL << TCPX_TS_SHIFT;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 40ULL << TCPX_TS_SHIFT);
}

/* MUST-18: what a timestamp has measured ends the back-off */
static void timestamp_ends_the_backoff(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	enter_with_timestamps(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 900);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, t->tcb.snd_una, 900, ACK);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	t->now += 10ULL << TCPX_TS_SHIFT;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, tcpx_rexmt_interval(&t->tcb), t->tcb.rtt.rto);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, (10ULL << TCPX_TS_SHIFT) + 200 * MSEC);
}

/* The clock of the timed segment is finer, and is taken where there is one */
static void timed_segment_with_timestamps(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	enter_with_timestamps(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 900);
	tcpx_test_send_all(t);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	t->now += 12345;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 12345);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 12345);
}

/* Sent and answered within one tick of it */
static void timestamp_of_now(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	enter_with_timestamps(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 900);
	tcpx_test_send_all(t);
	t->tcb.rtt_timing = false;
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, 1);
}

/* Nothing was agreed, so nothing was echoed */
static void timestamp_not_agreed(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_rtt_init(&t->tcb.rtt);
	tcpx_test_write(t, 900);
	tcpx_test_send_all(t);
	t->tcb.rtt_timing = false;
	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now) - 5;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
}

/* A SYN sent twice, 1000 ticks apart, and answered 1040 ticks after the first */
static void answer_second_syn(struct kunit *test, u32 echo)
{
	struct tcpx_test *t = test->priv;
	u64 start = 5000ULL << TCPX_TS_SHIFT;

	t->now = start;
	enter_with_timestamps(test, TCPX_SYN_SENT);
	tcpx_test_expire(t, TCPX_T_REXMT);
	t->now = start + (1000ULL << TCPX_TS_SHIFT);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, start) + echo;
	t->now += 40ULL << TCPX_TS_SHIFT;
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(t->tcb.state), "ESTABLISHED");
}

/* MUST-18: the first SYN's echo tells of our own time-out as well */
static void timestamp_of_the_first_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	answer_second_syn(test, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 3 * SEC);		/* RFC 6298, (5.7) */
}

static void timestamp_of_the_second_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	answer_second_syn(test, 1000);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 40ULL << TCPX_TS_SHIFT);
}

/* An echo from the future, or none, measures nothing */
static void timestamp_echo_of_nothing(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	enter_with_timestamps(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 1900);
	tcpx_test_send_all(t);
	t->tcb.rtt_timing = false;
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now) + 1;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 900, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
	t->peer_opt.tsecr = 0;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 100, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
}

/* RFC 7323, 4.1: only an ACK that moves SND.UNA measures */
static void timestamp_duplicate_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	enter_with_timestamps(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 900);
	tcpx_test_send_all(t);
	t->tcb.rtt_timing = false;
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	t->now += 1 * SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
}

/* RFC 7323, 5.4: TSval goes by 2^20 ns, and by the connection's offset */
static void timestamp_clock(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->now = (1 << 20) - 1;
	KUNIT_EXPECT_EQ(test, tcpx_tsval(&t->tcb, t->now), 0);
	t->now++;
	KUNIT_EXPECT_EQ(test, tcpx_tsval(&t->tcb, t->now), 1);
	t->tcb.ts_offset = 0xffffffff;
	KUNIT_EXPECT_EQ(test, tcpx_tsval(&t->tcb, t->now), 0);
	/* 2^52 ns, 52 days: it wraps and goes on */
	t->tcb.ts_offset = 5;
	t->now = (1ULL << 52) + (3ULL << 20);
	KUNIT_EXPECT_EQ(test, tcpx_tsval(&t->tcb, t->now), 8);
}

static struct kunit_case rtt_cases[] = {
	KUNIT_CASE(rto_before_a_sample),
	KUNIT_CASE(rto_first_sample),
	KUNIT_CASE(rto_second_sample),
	KUNIT_CASE(rto_falling),
	KUNIT_CASE(rto_steady),
	KUNIT_CASE(rto_lower_bound),
	KUNIT_CASE(rto_upper_bound),
	KUNIT_CASE(rto_sample_of_zero),
	KUNIT_CASE(rtt_minimum_and_last),
	KUNIT_CASE_PARAM(backoff_case, backoff_gen_params),
	KUNIT_CASE(timed_segment),
	KUNIT_CASE(timed_segment_not_acked),
	KUNIT_CASE(timed_syn),
	KUNIT_CASE(timed_syn_ack),
	KUNIT_CASE(karn_no_sample),
	KUNIT_CASE(karn_fast_retransmit),
	KUNIT_CASE(karn_other_segment),
	KUNIT_CASE(karn_keeps_backoff),
	KUNIT_CASE(timestamp_measures_retransmission),
	KUNIT_CASE(timestamp_ends_the_backoff),
	KUNIT_CASE(timed_segment_with_timestamps),
	KUNIT_CASE(timestamp_of_now),
	KUNIT_CASE(timestamp_not_agreed),
	KUNIT_CASE(timestamp_of_the_first_syn),
	KUNIT_CASE(timestamp_of_the_second_syn),
	KUNIT_CASE(timestamp_echo_of_nothing),
	KUNIT_CASE(timestamp_duplicate_ack),
	KUNIT_CASE(timestamp_clock),
	{}
};

static struct kunit_suite rtt_suite = {
	.name = "tcpx_rtt",
	.init = tcpx_test_init,
	.test_cases = rtt_cases,
};

kunit_test_suite(rtt_suite);
