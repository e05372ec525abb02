// SPDX-License-Identifier: GPL-2.0
/*
 * What was lost, and how much may fly: RFC 5681, RFC 6582, RFC 6928, and the
 * byte counting of RFC 3465.
 */
#include <linux/kernel.h>

#include "fixture.h"

#define SMSS	TEST_MSS

/* ESTABLISHED, a large window, @n segments in flight */
static struct tcpx_test *enter(struct kunit *test, int n)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, n * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), n);
	return t;
}

static void ack(struct tcpx_test *t, u32 bytes)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + bytes, 0);
}

static void dupacks(struct tcpx_test *t, int n)
{
	while (n--)
		ack(t, 0);
}

/* The segment at SND.UNA went out again */
static void sent_again(struct tcpx_test *t)
{
	tcpx_test_sent(t, t->tcb.snd_una, SMSS, ACK);
}

/* RFC 5681, 3.2: two duplicates are reordering, the third is a loss */
static void third_duplicate(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_REXMT, 0);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_REXMT, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_REXMT | TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	/* Steps 2 and 3 */
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 8 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.recover, t->tcb.snd_nxt);
}

/* RFC 3042, 2: each of the two lets one new segment out beyond cwnd */
static void limited_transmit(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_FALSE(test, t->send.rexmt);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 12 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
}

/* RFC 5681, 3.2, step 2: "MUST NOT be included in this calculation" */
static void limited_transmit_is_not_counted(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 5 * SMSS);
	dupacks(t, 1);
	tcpx_test_send_all(t);
	dupacks(t, 1);
	tcpx_test_send_all(t);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 8 * SMSS);
}

/* RFC 3042, 2: "The receiver's advertised window allows" */
static void limited_transmit_and_the_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	t->wnd = 10 * SMSS;
	ack(t, 0);
	tcpx_test_write(t, 5 * SMSS);
	dupacks(t, 2);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
}

static void new_ack_starts_the_count_anew(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 2);
	ack(t, SMSS);
	dupacks(t, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* Equation (4): at least two segments */
static void ssthresh_of_a_small_flight(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 3);

	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
}

/* Step 4: each further duplicate says that a segment has left the network */
static void fourth_duplicate_inflates(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 9 * SMSS);
	dupacks(t, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 11 * SMSS);
}

/* Step 5: and when that makes room, something new goes */
static void inflated_window_is_used(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 5);
	tcpx_test_write(t, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_FALSE(test, t->send.rexmt);
}

/* RFC 6582, 3.2, step 3: all that was out is acknowledged */
static void full_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	sent_again(t);
	ack(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	/* min(ssthresh, max(FlightSize, SMSS) + SMSS) */
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
}

static void full_ack_with_new_data_out(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 9);
	sent_again(t);
	tcpx_test_write(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 4);
	ack(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 4 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
}

/* RFC 6582, 3.2, step 3: a part of it is, so the next was lost as well */
static void partial_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);
	u32 recover;

	dupacks(t, 3);
	recover = t->tcb.rec.recover;
	sent_again(t);
	ack(t, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_REXMT, TCPX_DO_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.recover, recover);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, (8 - 2 + 1) * SMSS);
}

static void partial_ack_of_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 8 * SMSS);
}

static void partial_ack_of_less_than_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	ack(t, SMSS / 2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 8 * SMSS - SMSS / 2);
}

static void partial_ack_leaves_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	t->tcb.cong.cwnd = SMSS;
	ack(t, SMSS - 1);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

/* RFC 6582, 3.2: only the first partial ACK restarts the timer */
static void partial_acks_and_the_timer(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);
	u64 due;

	dupacks(t, 3);
	sent_again(t);
	t->now += 10 * MSEC;
	ack(t, SMSS);
	due = t->now + t->tcb.rtt.rto;
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], due);
	sent_again(t);
	t->now += 10 * MSEC;
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], due);
}

/* ... of each recovery */
static void partial_acks_of_the_next_recovery(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	ack(t, SMSS);
	ack(t, 9 * SMSS);
	tcpx_test_write(t, 20 * SMSS);
	t->tcb.cong.cwnd = 20 * SMSS;
	tcpx_test_send_all(t);
	ack(t, SMSS);
	dupacks(t, 3);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	t->now += 10 * MSEC;
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + t->tcb.rtt.rto);
}

/* RFC 6298, (5.3): the one that ends recovery does */
static void full_ack_and_the_timer(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 9);
	sent_again(t);
	tcpx_test_write(t, 2 * SMSS);
	tcpx_test_send_all(t);
	ack(t, SMSS);
	sent_again(t);
	t->now += 10 * MSEC;
	ack(t, 9 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + t->tcb.rtt.rto);
}

/* RFC 6582, 3.2, step 1: duplicates of what recovery itself sent */
static void no_recovery_of_the_recovery(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	sent_again(t);
	ack(t, 10 * SMSS);
	t->tcb.cong.cwnd = 10 * SMSS;
	tcpx_test_write(t, 5 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 5);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	/* one that covers more than recover ends that */
	ack(t, SMSS);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* RFC 6582, 3.2: the first segment of all may be lost as well */
static void first_segment_is_lost(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 4);

	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, TEST_ISS + 1);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* Recovery across 2^32 */
static void recovery_across_the_wrap(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->iss = -4 * SMSS;
	enter(test, 10);
	dupacks(t, 3);
	KUNIT_EXPECT_LT(test, t->tcb.rec.recover, t->tcb.snd_una);
	ack(t, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	ack(t, 7 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* The last loss may be more than half the sequence space ago */
static void recovery_after_two_gigabytes(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	int i;

	for (i = 0; i < 5; i++) {
		tcpx_test_write(t, 1 << 29);
		tcpx_test_sent(t, t->tcb.snd_nxt, 1 << 29, ACK);
		ack(t, 1 << 29);
	}
	tcpx_test_write(t, 4 * SMSS);
	tcpx_test_send_all(t);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* RFC 5681, 3.1: the loss window is one segment */
static void timeout(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0);
	KUNIT_EXPECT_FALSE(test, t->tcb.rtt_timing);
	/* Whether or not it can be sent now, it is timed: RFC 6298, (5.6) */
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 2 * t->tcb.rtt.rto);
}

/* RFC 5681, 3.1: "the value of ssthresh is held constant" */
static void timeout_again(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

static void timeout_in_fast_recovery(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	sent_again(t);
	t->tcb.cong.acked = SMSS;
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.acked, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

/* After a time-out: in slow start, from SND.UNA on, up to what was out */
static void go_back_n(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.cwnd_limited);
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 2 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una + SMSS);
	KUNIT_EXPECT_EQ(test, t->send.len, SMSS);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 2);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rtx_nxt, una + 3 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, una + 6 * SMSS);
}

/* What turns out to have arrived is not sent again */
static void go_back_n_skips_what_arrived(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	ack(t, 4 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rtx_nxt, una + 4 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una + 4 * SMSS);
}

static void go_back_n_ends(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	ack(t, 6 * SMSS - 1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	ack(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* What is new follows what was lost */
static void go_back_n_and_new_data(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 2);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_write(t, 2 * SMSS);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 4);
	KUNIT_EXPECT_EQ(test, t->send.seq, una + 3 * SMSS);
	KUNIT_EXPECT_FALSE(test, t->send.rexmt);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 4 * SMSS);
}

/* A segment that reaches over the end of what was lost */
static void go_back_n_over_the_end(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 2);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	t->tcb.rec.recover = una + 1500;
	tcpx_test_sent(t, una + 1000, 1000, ACK);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rtx_nxt, una + 1500);
	/* and one from before what was sent again already */
	tcpx_test_sent(t, una, 1000, ACK);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rtx_nxt, una + 1500);
}

/* What was sent together goes again together, and no more with it */
static void go_back_n_stops_at_the_end(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);
	u32 una = t->tcb.snd_una;

	tcpx_test_write(t, 500);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	tcpx_test_write(t, 2000);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una + SMSS);
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
	KUNIT_EXPECT_FALSE(test, t->send.psh);
}

/* The end of the text is pushed, and the FIN behind it goes again too */
static void go_back_n_sends_the_fin(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);

	tcpx_test_write(t, 300);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	tcpx_test_expire(t, TCPX_T_REXMT);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, SMSS);
	KUNIT_EXPECT_FALSE(test, t->send.fin || t->send.psh);
	tcpx_test_sent(t, t->send.seq, SMSS, ACK);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, 300);
	KUNIT_EXPECT_TRUE(test, t->send.fin && t->send.psh);
	tcpx_test_sent(t, t->send.seq, 301, FIN_ACK);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

static void go_back_n_sends_the_fin_alone(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	ack(t, SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, 0);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
}

/* SHLD-16: "within the window" */
static void go_back_n_and_a_small_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);

	tcpx_test_expire(t, TCPX_T_REXMT);
	t->tcb.cong.cwnd = 10 * SMSS;
	t->tcb.snd_wnd = 2 * SMSS - 1;
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	t->tcb.snd_wnd = 3 * SMSS;
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 2);
}

/* RFC 1191, 6.4: smaller segments, at once, and no congestion */
static void smaller_path_mtu(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 4);
	u32 una = t->tcb.snd_una;

	dupacks(t, 2);
	tcpx_fsm_set_mss(&t->tcb, 500);
	tcpx_recovery_mtu(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una);
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 8);
}

static void smaller_path_mtu_and_nothing_out(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);

	tcpx_recovery_mtu(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

static void smaller_path_mtu_for_a_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_recovery_mtu(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/**
 * struct iw_case - RFC 6928, 2: the initial window
 * @smss: bytes
 * @iw: bytes
 */
struct iw_case {
	u32 smss;
	u32 iw;
};

static const struct iw_case iws[] = {
	{ 88, 880 }, { 536, 5360 }, { 1000, 10000 }, { 1459, 14590 }, { 1460, 14600 },
	{ 1461, 14600 }, { 7300, 14600 }, { 7301, 14602 }, { 9000, 18000 }, { 65483, 130966 },
};

static void iw_desc(const struct iw_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 6928, 2: SMSS %u", c->smss);
}

KUNIT_ARRAY_PARAM(iw, iws, iw_desc);

static void iw_case(struct kunit *test)
{
	const struct iw_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, tcpx_cong_initial_window(c->smss), c->iw);
	t->tcb.snd_mss = c->smss;
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, c->iw);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
}

/* RFC 5681, 3.1: after a lost SYN it is one segment */
static void initial_window_after_a_lost_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

/**
 * struct grow_case - RFC 5681, 3.1: an ACK of new data
 * @name: the rule
 * @cwnd: before, in segments
 * @ssthresh: in segments
 * @state: enum tcpx_recovery_state
 * @bytes: acknowledged
 * @want: cwnd afterwards, bytes
 */
struct grow_case {
	const char *name;
	u32 cwnd, ssthresh;
	u8 state;
	u32 bytes;
	u32 want;
};

static const struct grow_case grows[] = {
	{ "slow start, one segment", 4, 64, TCPX_REC_OPEN, 1000, 5000 },
	{ "slow start, half a segment", 4, 64, TCPX_REC_OPEN, 500, 4500 },
	{ "slow start, one byte", 4, 64, TCPX_REC_OPEN, 1, 4001 },
	{ "slow start, a delayed ACK of two", 4, 64, TCPX_REC_OPEN, 2000, 6000 },
	{ "slow start, RFC 3465: at most two", 4, 64, TCPX_REC_OPEN, 3000, 6000 },
	{ "slow start after a time-out, one", 4, 64, TCPX_REC_LOSS, 1000, 5000 },
	{ "slow start after a time-out, at most one", 4, 64, TCPX_REC_LOSS, 3000, 5000 },
	{ "the last of slow start", 4, 5, TCPX_REC_OPEN, 1000, 5000 },
	{ "the first of congestion avoidance", 4, 4, TCPX_REC_OPEN, 1000, 4000 },
	{ "congestion avoidance, a byte less than cwnd", 4, 2, TCPX_REC_OPEN, 3999, 4000 },
	{ "congestion avoidance, all of cwnd", 4, 2, TCPX_REC_OPEN, 4000, 5000 },
	{ "congestion avoidance, more than cwnd", 4, 2, TCPX_REC_OPEN, 7000, 5000 },
};

static void grow_desc(const struct grow_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5681, 3.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(grow, grows, grow_desc);

/* An acknowledgment of so many bytes, outside of recovery */
static void grow_by(struct tcpx_test *t, u32 bytes)
{
	struct tcpx_rate_sample rs = {
		.acked = bytes, .delivered = bytes, .in_flight = tcpx_flight(&t->tcb) + bytes,
		.limited = t->tcb.cwnd_limited,
	};

	tcpx_cong_acked(&t->tcb, &rs, t->now);
}

static void grow_case(struct kunit *test)
{
	const struct grow_case *c = test->param_value;
	struct tcpx_test *t = enter(test, 0);

	t->tcb.cong.cwnd = c->cwnd * SMSS;
	t->tcb.cong.ssthresh = c->ssthresh * SMSS;
	t->tcb.rec.state = c->state;
	t->tcb.cwnd_limited = true;
	grow_by(t, c->bytes);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, c->want);
}

/* Equation (3) by bytes: one segment a round trip, nothing is lost between */
static void one_segment_a_round_trip(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	int i;

	t->tcb.cong.ssthresh = 2 * SMSS;
	t->tcb.cong.cwnd = 4 * SMSS;
	t->tcb.cwnd_limited = true;
	for (i = 0; i < 4; i++)
		grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
	for (i = 0; i < 4; i++)
		grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 6 * SMSS);
}

/* A window that is not used does not grow */
static void unused_window_does_not_grow(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);

	t->tcb.cong.cwnd = 10 * SMSS;
	grow_by(t, 4 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
	grow_by(t, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 12 * SMSS);
}

static void window_does_not_overflow(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);

	t->tcb.cong.cwnd = TCPX_SSTHRESH_INF - 1;
	t->tcb.cwnd_limited = true;
	grow_by(t, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, TCPX_SSTHRESH_INF);
	t->tcb.cong.acked = TCPX_SSTHRESH_INF;
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, TCPX_SSTHRESH_INF);
}

static void inflated_window_does_not_overflow(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	t->tcb.cong.cwnd = TCPX_SSTHRESH_INF - 1;
	dupacks(t, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, TCPX_SSTHRESH_INF);
}

/* The ACK of a SYN or of a FIN is no data */
static void acks_of_no_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_1);
	t->tcb.cong.cwnd = SMSS;
	ack(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

static void count_init(struct tcpx_tcb *tcb)
{
	tcb->cong.priv[0] = 100;
}

static u32 count_ssthresh(const struct tcpx_tcb *tcb, u32 flight)
{
	return flight - 1;
}

static void count_acked(struct tcpx_tcb *tcb, u32 bytes, bool limited, u64 now)
{
	tcb->cong.priv[0]++;
	tcb->cong.priv[1] = bytes;
	tcb->cong.priv[2] = limited;
	tcb->cong.priv[3] = now;
}

static const struct tcpx_cong_ops count = {
	.name = "count",
	.init = count_init,
	.ssthresh = count_ssthresh,
	.acked = count_acked,
};

/* An algorithm is asked and told what its interface says */
static void another_algorithm(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);
	u64 *priv = t->tcb.cong.priv;

	t->tcb.cong.acked = 5;
	tcpx_cong_init(&t->tcb, &count);
	KUNIT_EXPECT_EQ(test, priv[0], 100);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.acked, 0);
	t->tcb.cwnd_limited = true;
	t->now += 5;
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, priv[0], 101);
	KUNIT_EXPECT_EQ(test, priv[1], SMSS);
	KUNIT_EXPECT_EQ(test, priv[2], true);
	KUNIT_EXPECT_EQ(test, priv[3], t->now);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, priv[0], 101);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 9 * SMSS - 1);
	/* Recovery decides until it is over */
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, priv[0], 101);
}

/* It is not told of an ACK that acknowledges no text */
static void another_algorithm_and_a_fin(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);

	tcpx_cong_init(&t->tcb, &count);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
	ack(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.priv[0], 100);
}

/**
 * struct idle_case - RFC 5681, 4.1: the restart window
 * @name: the rule
 * @cwnd: before, in segments
 * @idle: ms since data was sent
 * @off: slow_start_after_idle is off
 * @out: something is outstanding
 * @want: cwnd afterwards, in segments
 */
struct idle_case {
	const char *name;
	u32 cwnd;
	u32 idle;
	bool off, out;
	u32 want;
};

static const struct idle_case idles[] = {
	{ "longer than the RTO", 40, 1001, false, false, 10 },
	{ "as long as the RTO", 40, 1000, false, false, 40 },
	{ "for hours", 40, 7200000, false, false, 10 },
	{ "cwnd is smaller than that", 4, 5000, false, false, 4 },
	{ "switched off", 40, 5000, true, false, 40 },
	{ "something is outstanding", 40, 5000, false, true, 40 },
};

static void idle_desc(const struct idle_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5681, 4.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(idle, idles, idle_desc);

static void idle_case(struct kunit *test)
{
	const struct idle_case *c = test->param_value;
	struct tcpx_test *t = enter(test, 1);

	if (!c->out)
		ack(t, SMSS);
	tcpx_rtt_init(&t->tcb.rtt);
	t->conf.slow_start_after_idle = !c->off;
	t->tcb.cong.cwnd = c->cwnd * SMSS;
	tcpx_cong_after_idle(&t->tcb, t->now + c->idle * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, c->want * SMSS);
}

/* Nothing was ever sent: that is no idle time */
static void idle_from_the_start(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);

	t->tcb.cong.cwnd = 40 * SMSS;
	t->tcb.last_snd = 0;
	tcpx_cong_after_idle(&t->tcb, t->now + 100 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 40 * SMSS);
}

static struct kunit_case recovery_cases[] = {
	KUNIT_CASE(third_duplicate),
	KUNIT_CASE(limited_transmit),
	KUNIT_CASE(limited_transmit_is_not_counted),
	KUNIT_CASE(limited_transmit_and_the_window),
	KUNIT_CASE(new_ack_starts_the_count_anew),
	KUNIT_CASE(ssthresh_of_a_small_flight),
	KUNIT_CASE(fourth_duplicate_inflates),
	KUNIT_CASE(inflated_window_is_used),
	KUNIT_CASE(full_ack),
	KUNIT_CASE(full_ack_with_new_data_out),
	KUNIT_CASE(partial_ack),
	KUNIT_CASE(partial_ack_of_a_segment),
	KUNIT_CASE(partial_ack_of_less_than_a_segment),
	KUNIT_CASE(partial_ack_leaves_a_segment),
	KUNIT_CASE(partial_acks_and_the_timer),
	KUNIT_CASE(partial_acks_of_the_next_recovery),
	KUNIT_CASE(full_ack_and_the_timer),
	KUNIT_CASE(no_recovery_of_the_recovery),
	KUNIT_CASE(first_segment_is_lost),
	KUNIT_CASE(recovery_across_the_wrap),
	KUNIT_CASE(recovery_after_two_gigabytes),
	KUNIT_CASE(timeout),
	KUNIT_CASE(timeout_again),
	KUNIT_CASE(timeout_in_fast_recovery),
	KUNIT_CASE(go_back_n),
	KUNIT_CASE(go_back_n_skips_what_arrived),
	KUNIT_CASE(go_back_n_ends),
	KUNIT_CASE(go_back_n_and_new_data),
	KUNIT_CASE(go_back_n_stops_at_the_end),
	KUNIT_CASE(go_back_n_over_the_end),
	KUNIT_CASE(go_back_n_sends_the_fin),
	KUNIT_CASE(go_back_n_sends_the_fin_alone),
	KUNIT_CASE(go_back_n_and_a_small_window),
	KUNIT_CASE(smaller_path_mtu),
	KUNIT_CASE(smaller_path_mtu_and_nothing_out),
	KUNIT_CASE(smaller_path_mtu_for_a_syn),
	KUNIT_CASE_PARAM(iw_case, iw_gen_params),
	KUNIT_CASE(initial_window_after_a_lost_syn),
	KUNIT_CASE_PARAM(grow_case, grow_gen_params),
	KUNIT_CASE(one_segment_a_round_trip),
	KUNIT_CASE(unused_window_does_not_grow),
	KUNIT_CASE(window_does_not_overflow),
	KUNIT_CASE(inflated_window_does_not_overflow),
	KUNIT_CASE(acks_of_no_data),
	KUNIT_CASE(another_algorithm),
	KUNIT_CASE(another_algorithm_and_a_fin),
	KUNIT_CASE_PARAM(idle_case, idle_gen_params),
	KUNIT_CASE(idle_from_the_start),
	{}
};

static struct kunit_suite recovery_suite = {
	.name = "tcpx_recovery",
	.init = tcpx_test_init,
	.test_cases = recovery_cases,
};

kunit_test_suite(recovery_suite);
