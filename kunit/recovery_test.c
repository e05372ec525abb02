// SPDX-License-Identifier: GPL-2.0
/*
 * What was lost, and how sending goes on meanwhile: RFC 5681 and RFC 6582
 * without SACK, RFC 6675 with it, RFC 9937 in both; time-outs, RFC 5682 and
 * RFC 7765; what shows that it was a mistake, RFC 3522, 3708 and 4015.
 *
 * Segments are numbered from 0.  With tcpx_test_fly() they are sent 1 ms
 * apart, and a round trip takes 100 ms.
 */
#include <linux/kernel.h>

#include "../core/mss.h"
#include "../core/recovery.h"
#include "../core/timeout.h"
#include "../core/window.h"
#include "fixture.h"

#define SMSS		TEST_MSS
#define RTT		(100 * MSEC)
#define SENT(k)		(TEST_START + RTT + ((k) + 1) * MSEC)
#define ARRIVES(k)	(SENT(k) + RTT)

static bool is(const struct tcpx_test *t, u32 nr, u8 flags)
{
	return (tcpx_sb_at(&t->tcb.sb, nr)->flags & ~TCPX_TX_APP_LIMITED) == flags;
}

static void sound(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	const char *fault = tcpx_test_sb_fault(&t->tcb);

	KUNIT_ASSERT_TRUE_MSG(test, !fault, "%s", fault);
}

/* No SACK, a large window, @n segments in flight */
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

	dupacks(t, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	dupacks(t, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FAST_RECOVERY);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.recover, t->tcb.snd_nxt);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_EQ(test, t->send.seq, t->tcb.snd_una);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
	sound(test);
}

/* RFC 3042, 2: each of the two lets one new segment out, cwnd stays as it is */
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
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt - t->tcb.snd_una, 12 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
}

/* ... with SACK as without */
static void limited_transmit_with_sack(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_write(t, 5 * SMSS);
	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	t->now = ARRIVES(2);
	SACK(t, 0, { 1, 3 });
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
	/* It was reordering: what has been delivered makes cwnd grow now */
	t->now = ARRIVES(3);
	tcpx_test_sack(t, 3, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 13 * SMSS);
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

/* Equation (4): at least two segments */
static void ssthresh_of_a_small_flight(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 3);

	/* One that is not there can't have arrived */
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 3);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
}

/* RFC 6582, 3.2, step 3: all that was out is acknowledged */
static void full_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	ack(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	/* Option (2) */
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
	sound(test);
}

/* RFC 6582, 3.2, step 3: a part of it is, so the next was lost as well */
static void partial_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);
	u32 recover, una;

	dupacks(t, 8);
	recover = t->tcb.rec.recover;
	KUNIT_ASSERT_GE(test, tcpx_test_send_all(t), 1);
	ack(t, 2 * SMSS);
	una = t->tcb.snd_una;
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.recover, recover);
	/* Of eight duplicates one was of the other segment acknowledged now */
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 7);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
	tcpx_test_sent(t, una, SMSS, ACK);
	sound(test);
	ack(t, 8 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* A part of a segment: the rest of it went out again with it */
static void partial_ack_of_less_than_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	ack(t, SMSS / 2);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	sound(test);
}

/* RFC 6582, 3.2: of partial ACKs only the first restarts the timer */
static void partial_acks_and_the_timer(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);
	u64 due;

	dupacks(t, 3);
	tcpx_test_send_all(t);
	t->now += 10 * MSEC;
	ack(t, SMSS);
	due = t->now + t->tcb.rtt.rto;
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], due);
	tcpx_test_send_all(t);
	t->now += 10 * MSEC;
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], due);
	/* and the one that ends recovery: RFC 6298, (5.3) */
	tcpx_test_write(t, 5 * SMSS);
	tcpx_test_send_all(t);
	t->now += 10 * MSEC;
	ack(t, 8 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_GT(test, t->tcb.deadline[TCPX_T_REXMT], due);
}

/* What is left of the count when a FIN alone is acknowledged */
static void duplicates_before_the_ack_of_a_fin(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);
	u64 delivered;

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
	dupacks(t, 5);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	tcpx_test_send_all(t);
	ack(t, 2 * SMSS);
	tcpx_test_send_all(t);
	ack(t, 4 * SMSS);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	delivered = t->tcb.delivered;
	ack(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
	KUNIT_EXPECT_GE(test, t->tcb.delivered, delivered);
	KUNIT_EXPECT_LE(test, t->tcb.delivered, delivered + 1);
}

/* RFC 9937, 6.2, letter by letter: what each ACK lets out; N new, R again, . nothing */
static void sends(struct kunit *test, const char *want)
{
	struct tcpx_test *t = test->priv;
	char got[8] = "";
	int n = 0;

	while (n < 7 && tcpx_wnd_next(&t->tcb, t->now, &t->send)) {
		got[n++] = t->send.rexmt ? 'R' : 'N';
		tcpx_test_sent(t, t->send.seq, t->send.len, ACK);
	}
	KUNIT_EXPECT_STREQ(test, (const char *)got, want);
	sound(test);
}

static struct tcpx_test *fly_20(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 0);

	t->tcb.cong.cwnd = 20 * SMSS;
	tcpx_test_fly_more(test, 20);
	tcpx_test_write(t, 100 * SMSS);
	return t;
}

/*
 * RFC 6937, 4, first example: of 20 segments the first is lost, the window
 * halved.  ssthresh 10, RecoverFS 22 - 2 = 20, so every other ACK sends:
 * CEIL(prr_delivered * 10 / 20) - prr_out, where half a segment waits for the
 * next half.  From the 18th on the pipe is at ssthresh, and one follows on one.
 */
static void prr_one_lost_of_20(struct kunit *test)
{
	static const char * const want[] = {
		"", "N", "N", "R", "", "", "N", "", "N", "",
		"N", "", "N", "", "N", "", "N", "", "", "N",
	};
	struct tcpx_test *t = fly_20(test);
	int k;

	for (k = 1; k < 20; k++) {
		t->now = ARRIVES(k);
		SACK(t, 0, { 1, k + 1 });
		sends(test, want[k]);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_fs, 20 * SMSS);
	/* 17 delivered, 8 sent: the pipe is 1 + 2 + 7 segments */
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_delivered, 17 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_out, 8 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 10 * SMSS);
	/* The two of limited transmit: MIN(MAX(18 - 8, 1), 10 - 9), and again */
	t->now += MSEC;
	SACK(t, 0, { 1, 21 });
	sends(test, "N");
	t->now += MSEC;
	SACK(t, 0, { 1, 22 });
	sends(test, "N");
	/* The retransmission arrives: all is well, the window is ssthresh */
	t->now += MSEC;
	tcpx_test_sack(t, 22, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 11 * SMSS);
}

/*
 * Of 20 segments the first 15 are lost: pipe falls to 4, below ssthresh 10.
 * Conservative: one for each that arrives, until SND.UNA moves and nothing
 * more is lost; then one more for each ACK (SafeACK).
 */
static void prr_15_lost_of_20(struct kunit *test)
{
	struct tcpx_test *t = fly_20(test);
	int k;

	for (k = 15; k < 20; k++) {
		t->now = ARRIVES(k);
		SACK(t, 0, { 15, k + 1 });
		sends(test, k < 17 ? "N" : "R");
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_fs, 20 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 5 * SMSS);
	for (k = 20; k < 22; k++) {
		t->now += MSEC;
		SACK(t, 0, { 15, k + 1 });
		sends(test, "R");
	}
	/* 5 have been sent again, and now they arrive one by one */
	t->now = ARRIVES(17) + RTT;
	for (k = 1; k <= 5; k++) {
		SACK(t, k, { 15, 22 });
		sends(test, "RR");
	}
	/* Pipe is at ssthresh: MIN(.., 10 - 9) */
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 10 * SMSS);
	SACK(t, 6, { 15, 22 });
	sends(test, "N");
}

/* "Force a fast retransmit upon entering recovery" */
static void prr_forces_the_first(struct kunit *test)
{
	struct tcpx_test *t = fly_20(test);

	/* One ACK for one segment: CEIL(1 * 10 / 20) is half a segment */
	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	tcpx_test_expire(t, TCPX_T_REO);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, tcpx_flight(&t->tcb) + SMSS);
	sends(test, "R");
	/* Nothing is delivered: nothing goes out */
	SACK(t, 0, { 1, 2 });
	sends(test, "");
}

/* RFC 6937, 3: in segments: the last one of the stream, a short one, lets a full one out */
static void prr_short_segment(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 5);
	int k;

	t->now += MSEC;
	tcpx_test_write(t, 88);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	for (k = 2; k < 5; k++) {
		t->now = ARRIVES(k);
		SACK(t, 0, { 2, k + 1 });
	}
	sends(test, "R");
	t->now += MSEC;
	t->peer_opt.has |= TCPX_HAS_SACK;
	t->peer_opt.nr_sacks = 1;
	t->peer_opt.sack[0].start = t->tcb.snd_una + 2 * SMSS;
	t->peer_opt.sack[0].end = t->tcb.snd_nxt;
	ack(t, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_delivered, SMSS + 88);
	sends(test, "R");
}

/* Without SACK: RFC 9937, 6.2: a duplicate ACK counts one SMSS, a partial ACK the rest */
static void prr_without_sack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 100 * SMSS);
	dupacks(t, 1);
	sends(test, "N");
	dupacks(t, 1);
	sends(test, "N");
	dupacks(t, 1);
	/* 12 are out, two of them had arrived */
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_fs, 10 * SMSS);
	sends(test, "R");
	dupacks(t, 1);
	sends(test, "");
	dupacks(t, 1);
	sends(test, "");
	dupacks(t, 1);
	sends(test, "N");
	/* One of the two acknowledged now had been counted */
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_delivered, 4 * SMSS);
	ack(t, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.prr_delivered, 5 * SMSS);
}

/* A tail loss probe repaired a loss: the window shrinks by PRR, and by nothing grows */
static void cwr(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	tcpx_test_sack(t, 10, 0, NULL);
	t->tcb.cong.cwnd = 10 * SMSS;
	tcpx_test_fly_more(test, 10);
	tcpx_test_write(t, 10 * SMSS);
	t->now += RTT;
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_CWR);
	/* ssthresh 5, RecoverFS 10: CEIL(1 * 5 / 10) */
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
	sends(test, "N");
	tcpx_test_sack(t, 12, 0, NULL);
	sends(test, "");
	tcpx_test_sack(t, 13, 0, NULL);
	sends(test, "");
	tcpx_test_sack(t, 14, 0, NULL);
	sends(test, "N");
	tcpx_test_sack(t, 20, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 6 * SMSS);
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

/* All is taken for lost: a duplicate says nothing of it any more */
static void timeout_in_fast_recovery(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	sound(test);
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

/* The end of the payload is pushed, and the FIN behind it goes again too */
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

/* RFC 2018, 8: what is SACKed is not sent again ... */
static void go_back_n_and_sack(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 8);

	SACK(t, 0, { 1, 2 }, { 3, 5 });
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 5);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	sound(test);
	sent_again(t);
	t->now += RTT;
	SACK(t, 2, { 3, 5 });
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 2));
	sent_again(t);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 5));
}

/* ... unless the peer has thrown it away: its own first hole is SACKed */
static void reneging(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 8);

	SACK(t, 0, { 1, 6 });
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_ASSERT_TRUE(test, is(t, 1, TCPX_TX_SACKED));
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 7);
	sound(test);
}

/* RFC 8985, 6.3: lost are the first, and those that RACK would take for lost */
static void timeout_and_what_was_just_sent(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 6);

	t->now = ARRIVES(1);
	tcpx_test_sack(t, 2, 0, NULL);
	/* Just before the time-out two more are sent */
	t->now = t->tcb.deadline[TCPX_T_REXMT] - 3 * MSEC;
	tcpx_test_fly_more(test, 2);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 4);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.flying.nr, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	sound(test);
	/* The first is, however young */
	sent_again(t);
	tcpx_timeout(&t->tcb, TCPX_T_REXMT, t->now + MSEC, &t->a);
	KUNIT_EXPECT_TRUE(test, is(t, 2, TCPX_TX_LOST | TCPX_TX_REXMT));
	KUNIT_EXPECT_EQ(test, t->tcb.sb.flying.nr, 2);
}

/**
 * struct restart_case - RFC 7765: the time-out after an ACK
 * @name: the rule
 * @out: segments that are out then
 * @unsent: bytes that wait
 * @restarted: it runs from when the first of them was sent
 */
struct restart_case {
	const char *name;
	int out;
	u32 unsent;
	bool restarted;
};

static const struct restart_case restarts[] = {
	{ "one out", 1, 0, true },
	{ "three out", 3, 0, true },
	{ "four out: fast retransmit may find it", 4, 0, false },
	{ "three out, and more to send", 3, 1, false },
};

static void restart_desc(const struct restart_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7765, 4: %s", c->name);
}

KUNIT_ARRAY_PARAM(restart, restarts, restart_desc);

static void restart_case(struct kunit *test)
{
	const struct restart_case *c = test->param_value;
	struct tcpx_test *t = tcpx_test_fly(test, c->out + 1);
	u64 rto;

	t->tcb.write_seq += c->unsent;
	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	rto = t->tcb.rtt.rto;
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT],
			(c->restarted ? SENT(1) : t->now) + rto);
}

/* A time-out, and the first segment went out again; @new bytes wait */
static struct tcpx_test *timed_out(struct kunit *test, int n, u32 new)
{
	struct tcpx_test *t = tcpx_test_fly(test, n);

	tcpx_test_write(t, new);
	t->tcb.rec.tlp = true;		/* no probe */
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	sent_again(t);
	return t;
}

/* RFC 5682, 2.1 and 3.1: two new segments, and the old go on arriving */
static void frto_spurious(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	/* Step 2b: the first ACK after the time-out is for the original */
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	sends(test, "NN");
	/* Step 3b */
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 10 * SMSS);
	sound(test);
}

/* The time-out is undone, and not the recovery that it fell into */
static void frto_spurious_in_recovery(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_write(t, 10 * SMSS);
	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	sends(test, "R");
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	tcpx_test_sack(t, 4, 0, NULL);
	sends(test, "NN");
	tcpx_test_sack(t, 5, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, 5 * SMSS);
}

/* ... without SACK as well */
static void frto_spurious_without_sack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 10 * SMSS);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	ack(t, SMSS);
	sends(test, "NN");
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* Step 3b of 3.1: a SACK of what was not sent again does it too */
static void frto_spurious_by_sack(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "NN");
	SACK(t, 1, { 2, 3 });
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* Step 3a: only what is new arrives: the old was lost indeed */
static void frto_genuine(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	t->now += RTT;
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "NN");
	t->now += RTT;
	SACK(t, 1, { 10, 11 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 1));
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
}

/* Step 2a of 2.1: a duplicate comes first */
static void frto_duplicate_first(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 10 * SMSS);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	dupacks(t, 1);
	sends(test, "");
	ack(t, SMSS);
	sends(test, "RR");
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
}

/* Step 2 of 3.1: with SACK it is taken note of, "Stay in step 2" */
static void frto_duplicate_first_with_sack(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	SACK(t, 0, { 2, 3 });
	sends(test, "");
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "NN");
	SACK(t, 1, { 2, 4 });
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
}

/* Step 2a: all that was out is acknowledged: whether it was right can't be told */
static void frto_all_acknowledged(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	/* ... and what slow start left over has begun another segment */
	KUNIT_EXPECT_LT(test, t->tcb.cong.cwnd, t->tcb.cong.ssthresh + SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.frto, 0);
}

/**
 * struct frto_case - step 2b asks for what can't be had
 * @name: why
 * @new: bytes that wait to be sent
 * @wnd: the peer's window
 */
struct frto_case {
	const char *name;
	u32 new;
	u16 wnd;
};

static const struct frto_case frtos[] = {
	{ "nothing new", 0, 65000 },
	{ "new data that Nagle holds back", 10, 65000 },
	{ "the window is full", 10 * SMSS, 9 * SMSS },
	{ "the window takes a part of a segment", 10 * SMSS, 9 * SMSS + 10 },
};

static void frto_desc(const struct frto_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5682, 2.1, step 2b: %s", c->name);
}

KUNIT_ARRAY_PARAM(frto, frtos, frto_desc);

/* Then what was lost goes out again at once */
static void frto_case(struct kunit *test)
{
	const struct frto_case *c = test->param_value;
	struct tcpx_test *t = timed_out(test, 10, c->new);

	t->tcb.cork = true;
	t->wnd = c->wnd;
	t->now += RTT;
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "RR");
}

/* Step 1: not where a time-out is being recovered from already */
static void frto_not_twice(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "RR");
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	tcpx_test_sack(t, 2, 0, NULL);
	sends(test, "RR");
}

/* Fast recovery by SACK, the first of ten sent again; timestamps if @ts */
static struct tcpx_test *recovering(struct kunit *test, bool ts)
{
	struct tcpx_test *t = test->priv;

	if (ts) {
		t->peer_opt.has |= TCPX_HAS_TS;
		t->peer_opt.mss = SMSS + 12;
		t->peer_opt.tsval = 1;
	}
	tcpx_test_fly(test, 10);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, SENT(0));
	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	sends(test, "R");
	return t;
}

static void expect_undone(struct kunit *test, u8 note)
{
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->a.notes, note);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	sound(test);
}

/* RFC 3522, step 5: the echo is older than what was sent again */
static void eifel(struct kunit *test)
{
	struct tcpx_test *t = recovering(test, true);

	t->now += 5 * MSEC;
	tcpx_test_sack(t, 4, 0, NULL);
	expect_undone(test, TCPX_NOTE_EIFEL);
}

/* ... it is not */
static void eifel_genuine(struct kunit *test)
{
	struct tcpx_test *t = recovering(test, true);

	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	t->now += RTT;
	tcpx_test_sack(t, 4, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* ... and nothing can be told without it, or from a zero */
static void eifel_without_echo(struct kunit *test)
{
	struct tcpx_test *t = recovering(test, true);

	t->peer_opt.tsecr = 0;
	t->now += 5 * MSEC;
	tcpx_test_sack(t, 4, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* After a time-out */
static void eifel_timeout(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	timed_out(test, 10, 0);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, SENT(0));
	t->now += MSEC;
	tcpx_test_sack(t, 1, 0, NULL);
	expect_undone(test, TCPX_NOTE_EIFEL);
}

/*
 * A delayed ACK echoes the first of the segments that it is for: an old echo
 * says nothing of a second that was sent again.
 */
static void eifel_and_a_delayed_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	tcpx_test_fly(test, 10);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, SENT(0));
	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	/* Late, and nothing had been sent again yet */
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	tcpx_test_fly_more(test, 2);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	tcpx_test_sack(t, 12, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
}

/* RFC 3708, 3: each segment that was sent again came twice */
static void dsack_undo(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(6);
	SACK(t, 0, { 3, 7 });
	KUNIT_ASSERT_EQ(test, t->tcb.sb.lost.nr, 3);
	t->tcb.cong.cwnd = 10 * SMSS;
	sends(test, "RRR");
	t->now += 5 * MSEC;
	SACK(t, 7, { 0, 1 });
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	SACK(t, 7, { 1, 2 });
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	SACK(t, 7, { 2, 3 });
	expect_undone(test, TCPX_NOTE_DSACK_UNDO);
}

/* One block may tell of several, above SND.UNA too (RFC 2883, 4.2) */
static void dsack_of_several(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(6);
	SACK(t, 0, { 3, 7 });
	t->tcb.cong.cwnd = 10 * SMSS;
	sends(test, "RRR");
	t->now += 5 * MSEC;
	SACK(t, 0, { 1, 3 }, { 1, 7 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.undo_rexmts, 1);
	SACK(t, 7, { 0, 1 });
	expect_undone(test, TCPX_NOTE_DSACK_UNDO);
}

/* RFC 3708, 3: the network's copy of what was sent once is no answer to anything */
static void dsack_of_what_was_sent_once(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(6);
	SACK(t, 0, { 1, 3 }, { 4, 7 });
	KUNIT_ASSERT_EQ(test, t->tcb.sb.lost.nr, 2);
	t->tcb.cong.cwnd = 10 * SMSS;
	sends(test, "RR");
	SACK(t, 0, { 1, 2 }, { 1, 3 }, { 4, 7 });
	SACK(t, 0, { 5, 6 }, { 4, 7 }, { 1, 3 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.undo_rexmts, 2);
	/* once all is acknowledged too, if it lies beyond what was sent again */
	t->now += RTT;
	tcpx_test_sack(t, 10, 0, NULL);
	SACK(t, 10, { 4, 5 });
	SACK(t, 10, { 8, 10 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.undo_rexmts, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
}

/* They may come when recovery has ended */
static void dsack_after_recovery(struct kunit *test)
{
	struct tcpx_test *t = recovering(test, false);

	t->now += 5 * MSEC;
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_ASSERT_LE(test, t->tcb.cong.cwnd, 6 * SMSS);
	SACK(t, 10, { 0, 1 });
	expect_undone(test, TCPX_NOTE_DSACK_UNDO);
	/* once */
	t->tcb.cong.cwnd = 5 * SMSS;
	SACK(t, 10, { 0, 1 });
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
}

/* Of what was before this recovery it says nothing */
static void dsack_of_before(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(1);
	tcpx_test_sack(t, 2, 0, NULL);
	t->now = ARRIVES(5);
	SACK(t, 2, { 3, 6 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	sends(test, "R");
	SACK(t, 2, { 0, 1 }, { 3, 6 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.undo_rexmts, 1);
}

/* What CWR has reduced for was no mistake, whatever recovery follows in it */
static void dsack_after_cwr(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	tcpx_test_sack(t, 10, 0, NULL);
	t->tcb.cong.cwnd = 10 * SMSS;
	tcpx_test_fly_more(test, 10);
	t->now += RTT;
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_CWR);
	SACK(t, 11, { 12, 16 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	sends(test, "R");
	t->now += MSEC;
	tcpx_test_sack(t, 20, 0, NULL);
	SACK(t, 20, { 11, 12 });
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 6 * SMSS);
}

/* A mark of half the sequence space ago */
static void undo_after_two_gigabytes(struct kunit *test)
{
	struct tcpx_test *t = recovering(test, false);

	t->now += 5 * MSEC;
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_ASSERT_TRUE(test, t->tcb.rec.undo);
	t->tcb.rec.undo_una = t->tcb.snd_una - (1 << 30) - 1;
	tcpx_test_fly_more(test, 1);
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.undo);
}

/* MUST-18: what was sent once and is SACKed measures the path after a time-out */
static void sack_ends_the_backoff(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 4, 0);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_ASSERT_EQ(test, t->tcb.backoff, 2);
	t->now += RTT;
	/* Which copy of it arrived can't be told */
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.backoff, 2);
	t->tcb.cong.cwnd = 10 * SMSS;
	sends(test, "RRR");
	tcpx_test_fly_more(test, 2);
	/* The next one is lost again: what overtakes it measures nothing either */
	t->now += RTT - MSEC;
	SACK(t, 1, { 2, 5 });
	KUNIT_EXPECT_EQ(test, t->tcb.backoff, 2);
	KUNIT_ASSERT_TRUE(test, is(t, 1, TCPX_TX_LOST | TCPX_TX_REXMT));
	t->now += MSEC;
	SACK(t, 1, { 2, 6 });
	KUNIT_EXPECT_EQ(test, t->tcb.backoff, 0);
	KUNIT_EXPECT_LE(test, t->tcb.deadline[TCPX_T_REXMT], t->now + t->tcb.rtt.rto);
}

/*
 * The original had arrived, the ACKs were lost: the echo of the original
 * measures how long that went on.
 */
static void echo_from_before_the_backoff(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u64 rto;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	timed_out(test, 1, 0);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, SENT(0));
	rto = t->tcb.rtt.rto;
	while (t->tcb.backoff < 6) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		sent_again(t);
	}
	t->now += RTT;
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_LE(test, t->tcb.rtt.rto, rto);
}

/* A clock of a millisecond does not make the path shorter than it is */
static void echo_is_coarse(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	timed_out(test, 1, 0);
	KUNIT_ASSERT_EQ(test, t->tcb.rtt.min_rtt, RTT);
	t->now += RTT;
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, RTT);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, RTT);
}

/**
 * struct block_case - a SACK block that is to be ignored: RFC 2018, 5
 * @name: what is wrong with it
 * @start: from SND.UNA
 * @end: from SND.UNA
 */
struct block_case {
	const char *name;
	u32 start, end;
};

static const struct block_case blocks[] = {
	{ "empty", 2 * SMSS, 2 * SMSS },
	{ "the wrong way round", 3 * SMSS, 2 * SMSS },
	{ "beyond what was sent", 5 * SMSS, 11 * SMSS },
	{ "all beyond", 20 * SMSS, 21 * SMSS },
	{ "from before SND.UNA", -SMSS, 2 * SMSS },
	{ "long ago", -1U << 31, -1U << 30 },
	{ "a part of a segment", 2 * SMSS + 1, 3 * SMSS - 1 },
	{ "parts of two segments", 2 * SMSS + 1, 4 * SMSS - 1 },
};

static void block_desc(const struct block_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 2018, 5: a block %s", c->name);
}

KUNIT_ARRAY_PARAM(block, blocks, block_desc);

static void block_case(struct kunit *test)
{
	const struct block_case *c = test->param_value;
	struct tcpx_test *t = tcpx_test_fly(test, 10);
	u32 una = t->tcb.snd_una;

	t->peer_opt.has |= TCPX_HAS_SACK;
	t->peer_opt.nr_sacks = 1;
	t->peer_opt.sack[0] = (struct tcpx_sack_block){ una + c->start, una + c->end };
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	sound(test);
}

/* Blocks without agreement count for nothing, and a part is not a whole */
static void blocks_without_agreement(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	SACK(t, 0, { 1, 9 });
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 0);
}

static void block_with_parts_at_its_ends(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);
	u32 una = t->tcb.snd_una;

	t->peer_opt.has |= TCPX_HAS_SACK;
	t->peer_opt.nr_sacks = 1;
	t->peer_opt.sack[0] = (struct tcpx_sack_block){ una + 1500, una + 4500 };
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 2 * SMSS);
	KUNIT_EXPECT_TRUE(test, is(t, 2, TCPX_TX_SACKED) && is(t, 3, TCPX_TX_SACKED));
	sound(test);
}

/* RFC 1191, 6.4: smaller segments, at once, and no congestion */
static void smaller_path_mtu(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 4);
	u32 una = t->tcb.snd_una;

	dupacks(t, 2);
	tcpx_mss_set(&t->tcb, 500);
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

/* ... with SACK: what has arrived stays so, and no timer of the old cut runs on */
static void smaller_path_mtu_and_sack(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(4);
	SACK(t, 0, { 2, 4 });
	KUNIT_ASSERT_NE(test, t->tcb.deadline[TCPX_T_REO], TCPX_NEVER);
	tcpx_mss_set(&t->tcb, 500);
	tcpx_recovery_mtu(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 16);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REO], TCPX_NEVER);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_TLP], TCPX_NEVER);
	sound(test);
}

static struct kunit_case recovery_cases[] = {
	KUNIT_CASE(third_duplicate),
	KUNIT_CASE(limited_transmit),
	KUNIT_CASE(limited_transmit_with_sack),
	KUNIT_CASE(limited_transmit_is_not_counted),
	KUNIT_CASE(limited_transmit_and_the_window),
	KUNIT_CASE(new_ack_starts_the_count_anew),
	KUNIT_CASE(no_recovery_of_the_recovery),
	KUNIT_CASE(first_segment_is_lost),
	KUNIT_CASE(recovery_across_the_wrap),
	KUNIT_CASE(recovery_after_two_gigabytes),
	KUNIT_CASE(ssthresh_of_a_small_flight),
	KUNIT_CASE(full_ack),
	KUNIT_CASE(partial_ack),
	KUNIT_CASE(partial_ack_of_less_than_a_segment),
	KUNIT_CASE(partial_acks_and_the_timer),
	KUNIT_CASE(duplicates_before_the_ack_of_a_fin),
	KUNIT_CASE(prr_one_lost_of_20),
	KUNIT_CASE(prr_15_lost_of_20),
	KUNIT_CASE(prr_forces_the_first),
	KUNIT_CASE(prr_short_segment),
	KUNIT_CASE(prr_without_sack),
	KUNIT_CASE(cwr),
	KUNIT_CASE(timeout),
	KUNIT_CASE(timeout_again),
	KUNIT_CASE(timeout_in_fast_recovery),
	KUNIT_CASE(go_back_n),
	KUNIT_CASE(go_back_n_skips_what_arrived),
	KUNIT_CASE(go_back_n_ends),
	KUNIT_CASE(go_back_n_and_new_data),
	KUNIT_CASE(go_back_n_stops_at_the_end),
	KUNIT_CASE(go_back_n_sends_the_fin),
	KUNIT_CASE(go_back_n_sends_the_fin_alone),
	KUNIT_CASE(go_back_n_and_a_small_window),
	KUNIT_CASE(go_back_n_and_sack),
	KUNIT_CASE(reneging),
	KUNIT_CASE(timeout_and_what_was_just_sent),
	KUNIT_CASE_PARAM(restart_case, restart_gen_params),
	KUNIT_CASE(frto_spurious),
	KUNIT_CASE(frto_spurious_in_recovery),
	KUNIT_CASE(frto_spurious_without_sack),
	KUNIT_CASE(frto_spurious_by_sack),
	KUNIT_CASE(frto_genuine),
	KUNIT_CASE(frto_duplicate_first),
	KUNIT_CASE(frto_duplicate_first_with_sack),
	KUNIT_CASE(frto_all_acknowledged),
	KUNIT_CASE_PARAM(frto_case, frto_gen_params),
	KUNIT_CASE(frto_not_twice),
	KUNIT_CASE(eifel),
	KUNIT_CASE(eifel_genuine),
	KUNIT_CASE(eifel_without_echo),
	KUNIT_CASE(eifel_timeout),
	KUNIT_CASE(eifel_and_a_delayed_ack),
	KUNIT_CASE(dsack_undo),
	KUNIT_CASE(dsack_of_several),
	KUNIT_CASE(dsack_of_what_was_sent_once),
	KUNIT_CASE(dsack_after_recovery),
	KUNIT_CASE(dsack_of_before),
	KUNIT_CASE(dsack_after_cwr),
	KUNIT_CASE(undo_after_two_gigabytes),
	KUNIT_CASE(sack_ends_the_backoff),
	KUNIT_CASE(echo_from_before_the_backoff),
	KUNIT_CASE(echo_is_coarse),
	KUNIT_CASE_PARAM(block_case, block_gen_params),
	KUNIT_CASE(blocks_without_agreement),
	KUNIT_CASE(block_with_parts_at_its_ends),
	KUNIT_CASE(smaller_path_mtu),
	KUNIT_CASE(smaller_path_mtu_and_nothing_out),
	KUNIT_CASE(smaller_path_mtu_for_a_syn),
	KUNIT_CASE(smaller_path_mtu_and_sack),
	{}
};

static struct kunit_suite recovery_suite = {
	.name = "tcpx_recovery",
	.init = tcpx_test_init,
	.test_cases = recovery_cases,
};

kunit_test_suite(recovery_suite);
