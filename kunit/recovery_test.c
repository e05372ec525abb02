// SPDX-License-Identifier: GPL-2.0
/*
 * What was lost, without SACK: RFC 5681, RFC 6582; time-outs.
 */
#include <linux/kernel.h>

#include "../tcpx_recovery.h"
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

static struct kunit_case recovery_cases[] = {
	KUNIT_CASE(limited_transmit_and_the_window),
	KUNIT_CASE(new_ack_starts_the_count_anew),
	KUNIT_CASE(full_ack_with_new_data_out),
	KUNIT_CASE(partial_acks_of_the_next_recovery),
	KUNIT_CASE(no_recovery_of_the_recovery),
	KUNIT_CASE(first_segment_is_lost),
	KUNIT_CASE(recovery_across_the_wrap),
	KUNIT_CASE(recovery_after_two_gigabytes),
	KUNIT_CASE(timeout),
	KUNIT_CASE(timeout_again),
	KUNIT_CASE(go_back_n),
	KUNIT_CASE(go_back_n_skips_what_arrived),
	KUNIT_CASE(go_back_n_ends),
	KUNIT_CASE(go_back_n_and_new_data),
	KUNIT_CASE(go_back_n_stops_at_the_end),
	KUNIT_CASE(go_back_n_sends_the_fin),
	KUNIT_CASE(go_back_n_sends_the_fin_alone),
	KUNIT_CASE(go_back_n_and_a_small_window),
	KUNIT_CASE(smaller_path_mtu),
	KUNIT_CASE(smaller_path_mtu_and_nothing_out),
	KUNIT_CASE(smaller_path_mtu_for_a_syn),
	{}
};

static struct kunit_suite recovery_suite = {
	.name = "tcpx_recovery",
	.init = tcpx_test_init,
	.test_cases = recovery_cases,
};

kunit_test_suite(recovery_suite);
