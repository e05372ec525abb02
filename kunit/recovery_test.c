// SPDX-License-Identifier: GPL-2.0
/*
 * Fast recovery: what was lost, and how sending goes on meanwhile: RFC 5681
 * and RFC 6582 without SACK, RFC 6675 with it, RFC 9937 in both; blocks that
 * are to be ignored; a path with a smaller MTU.
 */
#include <linux/kernel.h>

#include "../core/mss.h"
#include "../core/recovery.h"
#include "../core/window.h"
#include "flight.h"

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
