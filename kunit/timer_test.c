// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines of retransmission, the user time-out, TIME-WAIT and FIN-WAIT-2:
 * RFC 9293, 3.6.1, 3.8.3 and 3.10.8, each to the nanosecond, hours in no time.
 */
#include <linux/kernel.h>

#include "../core/deadline.h"
#include "../core/timeout.h"
#include "expiry.h"

/*
 * Let the retransmission timer expire until the connection is given up, and
 * send again each time. Return: how often that was.
 */
static int exhaust(struct tcpx_test *t, u32 seq, u32 len, u8 flags, u32 doing)
{
	int n = 0;

	while (t->tcb.state != TCPX_CLOSED && n < 1000) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		if (!(t->a.todo & doing))
			break;
		tcpx_test_sent(t, seq, len, flags);
		n++;
	}
	return n;
}

/* S13: 1, 2, 4 ... 64, 120 s after one another; then ETIMEDOUT */
static void syn_backs_off(struct kunit *test)
{
	static const u32 at[] = { 1, 3, 7, 15, 31, 63, 127 };
	struct tcpx_test *t = enter(test, TCPX_SYN_SENT);
	int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		KUNIT_EXPECT_EQ(test, t->now, TEST_START + at[i] * SEC);
		KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_SYN, TCPX_DO_SYN);
		tcpx_test_sent(t, TEST_ISS, 1, SYN);
		KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, TEST_ISS + 1);
	}
	tcpx_test_expire(t, TCPX_T_REXMT);
	expect_timed_out(test);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 247 * SEC);
}

/* MUST-23: R2 for a SYN is at least 3 minutes */
static void syn_lasts_three_minutes(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_SENT);

	KUNIT_EXPECT_EQ(test, exhaust(t, TEST_ISS, 1, SYN, TCPX_DO_SYN), 7);
	expect_timed_out(test);
	KUNIT_EXPECT_GE(test, t->now - TEST_START, 180 * SEC);
}

/* MUST-21: the user sets R2, here TCP_SYNCNT */
static void syn_count_of_the_user(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_SENT);

	t->tcb.syn_retries = 2;
	KUNIT_EXPECT_EQ(test, exhaust(t, TEST_ISS, 1, SYN, TCPX_DO_SYN), 2);
	expect_timed_out(test);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 7 * SEC);
}

/* S12: the SYN,ACK again, until synack_retries */
static void syn_ack_backs_off(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_RECEIVED);

	KUNIT_EXPECT_EQ(test, exhaust(t, TEST_ISS, 1, SYN_ACK, TCPX_DO_SYNACK), 5);
	expect_timed_out(test);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 63 * SEC);
}

/* ... after a simultaneous open just so */
static void syn_ack_after_simultaneous_open(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_SENT);

	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_sent(t, TEST_ISS, 1, SYN_ACK);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_SYNACK);
}

/* CLOSE before the SYN is acknowledged: it is the SYN,ACK that goes again */
static void syn_ack_after_close(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_RECEIVED);

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_1);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_SYNACK);
	/* With its ACK the FIN may go */
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACKED | TCPX_DO_OUTPUT | TCPX_DO_CONNECTED);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
}

/* RFC 6298, (5.7): after a lost SYN data begins with 3 seconds */
static void rto_after_a_lost_syn(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_SENT);

	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 3 * SEC);
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 3 * SEC);
}

/* ... unless a timestamp has measured the path meanwhile */
static void rto_after_a_lost_syn_that_measured(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	enter(test, TCPX_SYN_SENT);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	t->now += 8ULL << TCPX_TS_SHIFT;
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, (8ULL << TCPX_TS_SHIFT) + 200 * MSEC);
}

/* MUST-20: R2, retries2 = 15; SHLD-11: at least 100 s */
static void data_r2(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;

	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, exhaust(t, seq, 100, ACK, TCPX_DO_REXMT), 15);
	expect_timed_out(test);
	/* 1 + 2 + ... + 64, and nine times 120 */
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 1207 * SEC);
}

/* "for the same segment": progress starts the count anew */
static void data_r2_after_progress(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;
	int i;

	tcpx_test_write(t, 200);
	tcpx_test_send_all(t);
	for (i = 0; i < 10; i++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		tcpx_test_sent(t, seq, 200, ACK);
	}
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, seq + 100, 0);
	KUNIT_EXPECT_EQ(test, exhaust(t, seq + 100, 100, ACK, TCPX_DO_REXMT), 15);
	expect_timed_out(test);
}

/* MUST-20, SHLD-9, SHLD-10: R1, at the third, once */
static void data_r1(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;
	int i;

	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	for (i = 1; i <= 6; i++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		tcpx_test_sent(t, seq, 100, ACK);
		KUNIT_EXPECT_EQ(test, !!(t->a.todo & TCPX_DO_SOFT_ERROR), i == 3);
	}
}

/* Sent, and @n time-outs since, none answered */
static struct tcpx_test *enter_timed_out(struct kunit *test, int n)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;

	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	while (n--) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		tcpx_test_sent(t, seq, 100, ACK);
	}
	return t;
}

/* RFC 6069, 4.1: one doubling for each message, none below the RTO */
static void lcd_undoes(struct kunit *test)
{
	struct tcpx_test *t = enter_timed_out(test, 4);
	u64 sent = t->now, rto = t->tcb.rtt.rto;
	int i;

	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], sent + 16 * rto);
	for (i = 3; i >= 0; i--) {
		tcpx_deadline_unreachable(&t->tcb, t->tcb.snd_una, sent);
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], sent + (rto << i));
	}
	tcpx_deadline_unreachable(&t->tcb, t->tcb.snd_una, sent);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], sent + rto);
}

/* What is overdue then is due now */
static void lcd_overdue(struct kunit *test)
{
	struct tcpx_test *t = enter_timed_out(test, 4);

	t->now += 9 * t->tcb.rtt.rto;
	tcpx_deadline_unreachable(&t->tcb, t->tcb.snd_una, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now);
}

static void lcd_ignores(struct kunit *test)
{
	struct tcpx_test *t = enter_timed_out(test, 4);
	u64 due = t->tcb.deadline[TCPX_T_REXMT];

	tcpx_deadline_unreachable(&t->tcb, t->tcb.snd_una + 1, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], due);
	/* Nothing was sent again */
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	due = t->tcb.deadline[TCPX_T_REXMT];
	tcpx_deadline_unreachable(&t->tcb, t->tcb.snd_una, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], due);
}

/* R2 takes as long as it does without, though there are more time-outs */
static void lcd_r2(struct kunit *test)
{
	struct tcpx_test *t = enter_timed_out(test, 1);
	u64 begun = t->tcb.unacked_since;
	u32 seq = t->tcb.snd_una;
	int n = 0;

	while (t->tcb.state != TCPX_CLOSED && n++ < 10000) {
		tcpx_deadline_unreachable(&t->tcb, seq, t->now);
		tcpx_test_expire(t, TCPX_T_REXMT);
		if (t->tcb.state != TCPX_CLOSED)
			tcpx_test_sent(t, seq, 100, ACK);
	}
	expect_timed_out(test);
	KUNIT_EXPECT_EQ(test, t->now, begun + 1207 * SEC);
}

/* TCP_THIN_LINEAR_TIMEOUTS: six at the same distance, then the back-off */
static void thin_stream(struct kunit *test)
{
	static const u32 at[] = { 1, 2, 3, 4, 5, 6, 7, 9, 13 };
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;
	int i;

	t->tcb.thin_linear = true;
	tcpx_test_write(t, 3999);
	tcpx_test_send_all(t);
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		KUNIT_EXPECT_EQ(test, t->now, TEST_START + at[i] * SEC);
		tcpx_test_sent(t, seq, 1000, ACK);
	}
}

static void thin_stream_of_four_segments(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.thin_linear = true;
	tcpx_test_write(t, 4000);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 2 * SEC);
}

/* ... and a SYN backs off all the same */
static void thin_syn(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_SYN_SENT);

	t->tcb.thin_linear = true;
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 2 * SEC);
}

/* RFC 6298, (5.1) to (5.3) */
static void timer_runs_while_something_is_out(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	tcpx_test_write(t, 5000);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], TEST_START + 1 * SEC);
	/* A part is acknowledged: so many seconds from now */
	t->now += 300 * MSEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + t->tcb.rtt.rto);
	/* All of it: the timer is off */
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], TCPX_NEVER);
}

/* (5.1): another segment does not push it */
static void timer_is_not_pushed_by_data(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	t->now += 300 * MSEC;
	tcpx_test_write(t, 1000);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], TEST_START + 1 * SEC);
}

/* A pure ACK takes no number and is not timed */
static void timer_is_not_for_acks(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* An expiry that comes when nothing is out any more does nothing */
static void timer_that_is_too_late(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	tcpx_timeout(&t->tcb, TCPX_T_REXMT, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* S23: what waits for the ACK of its FIN sends it again, and ends */
static const u8 closers[] = { TCPX_FIN_WAIT_1, TCPX_CLOSING, TCPX_LAST_ACK };

static void closer_desc(const u8 *state, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10.8: %s", tcpx_state_name(*state));
}

KUNIT_ARRAY_PARAM(closer, closers, closer_desc);

static void fin_again(struct kunit *test)
{
	struct tcpx_test *t = enter(test, *(const u8 *)test->param_value);

	KUNIT_EXPECT_EQ(test, exhaust(t, t->tcb.snd_una, 1, FIN_ACK, TCPX_DO_REXMT), 15);
	expect_timed_out(test);
}

/* ... sooner where no process is left: orphan_retries, and 8 where that is 0 */
static void orphan_fin_again(struct kunit *test)
{
	struct tcpx_test *t = enter(test, *(const u8 *)test->param_value);

	tcpx_fsm_orphan(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, exhaust(t, t->tcb.snd_una, 1, FIN_ACK, TCPX_DO_REXMT), 8);
	expect_timed_out(test);
}

static void orphan_retries(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_LAST_ACK);

	t->conf.orphan_retries = 3;
	tcpx_fsm_orphan(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, exhaust(t, t->tcb.snd_una, 1, FIN_ACK, TCPX_DO_REXMT), 3);
	expect_timed_out(test);
}

/* SHLD-17: a peer that shrank its window to nothing, and answers, is alive */
static void shut_window_is_no_failure(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;
	int i;

	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	t->wnd = 0;
	for (i = 0; i < 40; i++) {
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, seq, 0);
		tcpx_test_expire(t, TCPX_T_REXMT);
		KUNIT_ASSERT_EQ(test, t->a.todo & TCPX_DO_REXMT, TCPX_DO_REXMT);
		tcpx_test_sent(t, seq, 100, ACK);
	}
	/* and when it is silent it is not */
	t->now += 1 * SEC;
	exhaust(t, seq, 100, ACK, TCPX_DO_REXMT);
	expect_timed_out(test);
}

/* SHLD-17: what was sent again while the window was shut counts no more once it opens */
static void shut_window_that_opens(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;
	int i;

	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	t->wnd = 0;
	for (i = 0; i < 20; i++) {
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, seq, 0);
		tcpx_test_expire(t, TCPX_T_REXMT);
		tcpx_test_sent(t, seq, 100, ACK);
	}
	t->wnd = 1000;
	t->now += 1 * SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, seq, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + t->tcb.rtt.rto);
	KUNIT_EXPECT_EQ(test, exhaust(t, seq, 100, ACK, TCPX_DO_REXMT), 15);
	expect_timed_out(test);
}

/* Nothing overflows where an administrator allows retries without end */
static void retries_without_end(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	u32 seq = t->tcb.snd_nxt;
	int i, soft = 0;

	t->conf.retries2 = 100000;
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	for (i = 1; i < 600; i++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		tcpx_test_sent(t, seq, 100, ACK);
		soft += !!(t->a.todo & TCPX_DO_SOFT_ERROR);
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT] - t->now,
				i < 7 ? SEC << i : 120 * SEC);
	}
	KUNIT_EXPECT_EQ(test, soft, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
}

/* RFC 9293, 3.10.8: the user time-out, from when the peer acknowledged last */
static void user_timeout(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.user_timeout = 5000;
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], TEST_START + 5 * SEC);
	tcpx_test_expire(t, TCPX_T_USER);
	expect_timed_out(test);
}

static void user_timeout_restarts_with_each_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.user_timeout = 5000;
	tcpx_test_write(t, 2000);
	tcpx_test_send_all(t);
	t->now += 3 * SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], t->now + 5 * SEC);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], TCPX_NEVER);
}

/* Retransmissions do not push it */
static void user_timeout_is_not_pushed(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.user_timeout = 5000;
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, t->tcb.snd_una, 100, ACK);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], TEST_START + 5 * SEC);
}

/* After an idle time it counts from the first byte, not from the last ACK */
static void user_timeout_after_idle(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.user_timeout = 5000;
	t->now += 100 * SEC;
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], t->now + 5 * SEC);
}

static void user_timeout_of_a_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.user_timeout = 5000;
	enter(test, TCPX_SYN_SENT);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], TEST_START + 5 * SEC);
	tcpx_test_expire(t, TCPX_T_USER);
	expect_timed_out(test);
}

static void user_timeout_set_late(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], TCPX_NEVER);
	t->tcb.user_timeout = 5000;
	tcpx_deadline_user(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_USER], TEST_START + 5 * SEC);
}

/* S19, MUST-13: exactly 2MSL */
static void time_wait(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_TIME_WAIT);

	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TEST_START + 60 * SEC);
	tcpx_test_expire(t, TCPX_T_2MSL);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_FLUSH | TCPX_DO_DELETE);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
}

static void time_wait_of_another_msl(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->conf.msl_ms = 1;
	enter(test, TCPX_TIME_WAIT);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_2MSL], TEST_START + 2 * MSEC);
}

/* The longest that 32 bits of ms can say does not overflow */
static void time_wait_of_the_longest_msl(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->conf.msl_ms = 0xffffffff;
	enter(test, TCPX_TIME_WAIT);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_2MSL],
			TEST_START + 2 * 0xffffffffULL * MSEC);
}

/* FIN-WAIT-2 ends where no process is left, and only there */
static void fin_wait_2_of_a_process(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_FIN_WAIT_2);

	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

static void fin_wait_2_orphaned(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_FIN_WAIT_2);

	tcpx_fsm_orphan(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_FIN_WAIT_2], TEST_START + 60 * SEC);
	tcpx_test_expire(t, TCPX_T_FIN_WAIT_2);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_FLUSH | TCPX_DO_DELETE);
}

/* ... the same when the process leaves before the FIN is acknowledged */
static void fin_wait_2_of_an_orphan(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_FIN_WAIT_1);

	tcpx_fsm_orphan(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_FIN_WAIT_2], TCPX_NEVER);
	t->now += 5 * SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_FIN_WAIT_2], t->now + 60 * SEC);
}

/* TCP_LINGER2 */
static void fin_wait_2_of_the_users_length(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_FIN_WAIT_2);

	t->tcb.linger2 = 7;
	tcpx_fsm_orphan(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_FIN_WAIT_2], TEST_START + 7 * SEC);
	t->tcb.linger2 = -1;
	tcpx_fsm_orphan(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_FIN_WAIT_2], TEST_START);
}

/* One deadline passes, the others stay */
static void one_of_many(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	int i;

	t->tcb.keep_on = true;
	t->tcb.quickacks = 0;
	for (i = 0; i < TCPX_NR_TIMERS; i++)
		t->tcb.deadline[i] = t->now + 1000 + i;
	tcpx_test_expire(t, TCPX_T_DELACK);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
	for (i = 0; i < TCPX_NR_TIMERS; i++)
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[i],
				i == TCPX_T_DELACK ? TCPX_NEVER : TEST_START + 1000 + i);
}

/* The earliest of them is the one that the connection's timer is set to */
static void next_deadline(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);
	int i;

	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
	for (i = 0; i < TCPX_NR_TIMERS; i++) {
		t->tcb.deadline[i] = 1000 - i;
		KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), 1000 - i);
	}
}

static struct kunit_case timer_cases[] = {
	KUNIT_CASE(syn_backs_off),
	KUNIT_CASE(syn_lasts_three_minutes),
	KUNIT_CASE(syn_count_of_the_user),
	KUNIT_CASE(syn_ack_backs_off),
	KUNIT_CASE(syn_ack_after_simultaneous_open),
	KUNIT_CASE(syn_ack_after_close),
	KUNIT_CASE(rto_after_a_lost_syn),
	KUNIT_CASE(rto_after_a_lost_syn_that_measured),
	KUNIT_CASE(data_r2),
	KUNIT_CASE(data_r2_after_progress),
	KUNIT_CASE(data_r1),
	KUNIT_CASE(lcd_undoes),
	KUNIT_CASE(lcd_overdue),
	KUNIT_CASE(lcd_ignores),
	KUNIT_CASE(lcd_r2),
	KUNIT_CASE(thin_stream),
	KUNIT_CASE(thin_stream_of_four_segments),
	KUNIT_CASE(thin_syn),
	KUNIT_CASE(timer_runs_while_something_is_out),
	KUNIT_CASE(timer_is_not_pushed_by_data),
	KUNIT_CASE(timer_is_not_for_acks),
	KUNIT_CASE(timer_that_is_too_late),
	KUNIT_CASE_PARAM(fin_again, closer_gen_params),
	KUNIT_CASE_PARAM(orphan_fin_again, closer_gen_params),
	KUNIT_CASE(orphan_retries),
	KUNIT_CASE(shut_window_is_no_failure),
	KUNIT_CASE(shut_window_that_opens),
	KUNIT_CASE(retries_without_end),
	KUNIT_CASE(user_timeout),
	KUNIT_CASE(user_timeout_restarts_with_each_ack),
	KUNIT_CASE(user_timeout_is_not_pushed),
	KUNIT_CASE(user_timeout_after_idle),
	KUNIT_CASE(user_timeout_of_a_syn),
	KUNIT_CASE(user_timeout_set_late),
	KUNIT_CASE(time_wait),
	KUNIT_CASE(time_wait_of_another_msl),
	KUNIT_CASE(time_wait_of_the_longest_msl),
	KUNIT_CASE(fin_wait_2_of_a_process),
	KUNIT_CASE(fin_wait_2_orphaned),
	KUNIT_CASE(fin_wait_2_of_an_orphan),
	KUNIT_CASE(fin_wait_2_of_the_users_length),
	KUNIT_CASE(one_of_many),
	KUNIT_CASE(next_deadline),
	{}
};

static struct kunit_suite timer_suite = {
	.name = "tcpx_timer",
	.init = tcpx_test_init,
	.test_cases = timer_cases,
};

kunit_test_suite(timer_suite);
