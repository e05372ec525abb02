// SPDX-License-Identifier: GPL-2.0
/*
 * What shows that a recovery was a mistake, and that it is undone then: the
 * echo of a timestamp, RFC 3522 and 4015; a D-SACK, RFC 3708.
 */
#include <linux/kernel.h>

#include "../tcpx_fsm.h"
#include "flight.h"

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

static struct kunit_case undo_cases[] = {
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
	{}
};

static struct kunit_suite undo_suite = {
	.name = "tcpx_undo",
	.init = tcpx_test_init,
	.test_cases = undo_cases,
};

kunit_test_suite(undo_suite);
