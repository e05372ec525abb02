// SPDX-License-Identifier: GPL-2.0
/*
 * RACK-TLP, RFC 8985: what is lost by the order of sending, the window of
 * reordering, the probe of a tail.
 *
 * Segments are numbered from 0.  They are sent 1 ms apart, the first at SENT(0),
 * and a round trip takes 100 ms.
 */
#include <linux/kernel.h>

#include "../core/rack.h"
#include "../core/timeout.h"
#include "../core/window.h"
#include "flight.h"

#define REO(t)		((t)->tcb.deadline[TCPX_T_REO])
#define PTO(t)		((t)->tcb.deadline[TCPX_T_TLP])
#define RTO(t)		((t)->tcb.deadline[TCPX_T_REXMT])

/* 6.2, step 5: sent earlier than what has arrived, and so long ago */
static void overtaken_by_one(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	/* A quarter of the least round trip more, in case they were reordered */
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, REO(t), ARRIVES(0) + RTT / 4);
	tcpx_test_expire(t, TCPX_T_REO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FAST_RECOVERY);
	KUNIT_EXPECT_TRUE(test, is(t, 0, TCPX_TX_LOST));
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 1);
	sound(test);
}

/* It arrives in time */
static void overtaken_and_late(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	t->now += 10 * MSEC;
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_EXPECT_EQ(test, REO(t), TCPX_NEVER);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_TRUE(test, t->tcb.rec.rack.reordering);
}

/* 6.2, step 4: three have overtaken it, and no reordering was seen so far */
static void overtaken_by_three(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(2);
	SACK(t, 0, { 1, 3 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost_bytes, SMSS);
	KUNIT_EXPECT_EQ(test, REO(t), TCPX_NEVER);
}

/* ... three segments, however short they are */
static void overtaken_by_three_short_ones(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 0);
	u32 una = t->tcb.snd_una;
	int i;

	t->tcb.nodelay = true;
	for (i = 0; i < 4; i++) {
		t->now += MSEC;
		tcpx_test_write(t, 10);
		KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	}
	t->now = ARRIVES(3);
	t->peer_opt.has |= TCPX_HAS_SACK;
	t->peer_opt.nr_sacks = 1;
	t->peer_opt.sack[0] = (struct tcpx_sack_block){ una + 10, una + 40 };
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* What was sent later than what has arrived is not looked at */
static void later_ones_fly_on(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(9);
	SACK(t, 0, { 4, 7 });
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost_bytes, 4 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.flying.nr, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.flying.first, 7);
	sound(test);
}

/* Sent at the same moment, the higher number was sent after: RACK_sent_after() */
static void sent_at_the_same_time(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 0);

	tcpx_test_write(t, 6 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 6);
	t->now += RTT;
	SACK(t, 0, { 2, 5 });
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost_bytes, 2 * SMSS);
	KUNIT_EXPECT_TRUE(test, is(t, 5, 0));
}

/* ... of two of a burst; not of a retransmission and the new data before it */
static void resent_at_the_same_time(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(9);
	SACK(t, 0, { 1, 10 });
	KUNIT_ASSERT_EQ(test, t->tcb.sb.lost.nr, 1);
	/* At one moment: new data, what was lost, and new data */
	tcpx_test_sent(t, t->tcb.snd_nxt, SMSS, ACK);
	tcpx_test_sent(t, t->tcb.snd_una, SMSS, ACK);
	tcpx_test_sent(t, t->tcb.snd_nxt, SMSS, ACK);
	t->now += RTT;
	SACK(t, 0, { 1, 11 });
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	SACK(t, 0, { 1, 12 });
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 1);
	sound(test);
}

/* 6.2, step 3, and step 4: it was seen, so there is a window always */
static void window_once_reordering_was_seen(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_ASSERT_TRUE(test, t->tcb.rec.rack.reordering);
	t->now = ARRIVES(8);
	SACK(t, 2, { 3, 9 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, REO(t), ARRIVES(2) + RTT / 4);
	/* in recovery too */
	tcpx_test_expire(t, TCPX_T_REO);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 1);
}

/* Sent at one moment, the second overtakes the first: its round trip is not the path's */
static void overtaken_within_a_moment(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 1);
	u64 least;

	t->now += 10 * MSEC;
	tcpx_test_sack(t, 1, 0, NULL);
	least = t->tcb.rtt.min_rtt;
	tcpx_test_write(t, 2 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 2);
	t->now += MSEC;
	SACK(t, 1, { 2, 3 });
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, least);
	tcpx_test_sack(t, 3, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, MSEC);
}

/*
 * Where segments overtake one another, one that was fast does not say that those before
 * it are: what has just left is not lost
 */
static void overtaking_is_no_shorter_path(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);
	u64 sent;

	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	t->now += 10 * MSEC;
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_ASSERT_TRUE(test, t->tcb.rec.rack.reordering);
	KUNIT_ASSERT_EQ(test, t->tcb.sb.flying.nr, 0);
	sent = t->now;
	tcpx_test_write(t, 2 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 2);
	t->now += MSEC;
	tcpx_test_write(t, SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += MSEC;
	SACK(t, 10, { 12, 13 });
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	KUNIT_EXPECT_GE(test, REO(t), sent + RTT);
	/* One in order does say so */
	tcpx_test_sack(t, 13, 0, NULL);
	tcpx_test_write(t, SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += 20 * MSEC;
	tcpx_test_sack(t, 14, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.rtt, 20 * MSEC);
}

/* 6.2, step 3: what was sent twice may well come after later ones */
static void retransmission_is_not_reordered(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.rack.reordering);
}

/* The order of blocks in an ACK is not the order of arrival */
static void blocks_tell_no_order(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(9);
	SACK(t, 0, { 7, 8 }, { 5, 6 }, { 2, 3 });
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.rack.reordering);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.fack, tcpx_test_seq(t, 8));
	SACK(t, 0, { 4, 5 });
	KUNIT_EXPECT_TRUE(test, t->tcb.rec.rack.reordering);
}

/* Reordering and a loss: FAST is entered with a D-SACK of segment @k */
static void twice(struct tcpx_test *t, u32 una, u32 k)
{
	SACK(t, una, { k, k + 1 });
}

/* 6.2, step 4: a D-SACK widens the window, once a round trip, up to SRTT */
static void window_grows_by_dsack(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);
	struct tcpx_rack *rack = &t->tcb.rec.rack;

	KUNIT_EXPECT_EQ(test, rack->reo_wnd_mult, 1);
	t->now = ARRIVES(1);
	tcpx_test_sack(t, 2, 0, NULL);
	twice(t, 2, 0);
	KUNIT_EXPECT_EQ(test, rack->reo_wnd_mult, 2);
	twice(t, 2, 1);
	KUNIT_EXPECT_EQ(test, rack->reo_wnd_mult, 2);
	t->now = ARRIVES(3);
	SACK(t, 2, { 3, 4 });
	KUNIT_EXPECT_EQ(test, REO(t), ARRIVES(2) + 2 * RTT / 4);
	/* The next round trip */
	t->now = ARRIVES(9);
	tcpx_test_sack(t, 10, 0, NULL);
	twice(t, 10, 8);
	KUNIT_EXPECT_EQ(test, rack->reo_wnd_mult, 3);
	rack->reo_wnd_mult = 9;
	t->now = TEST_START + 1000 * MSEC;
	tcpx_test_fly_more(test, 2);
	t->now += RTT;
	SACK(t, 10, { 11, 12 });
	KUNIT_EXPECT_EQ(test, REO(t), TEST_START + 1001 * MSEC + RTT + t->tcb.rtt.srtt);
	rack->reo_wnd_mult = 255;
	rack->dsack_seen = false;
	twice(t, 10, 8);
	KUNIT_EXPECT_EQ(test, rack->reo_wnd_mult, 255);
}

/* One segment more is sent and lost, and repaired: a recovery */
static void recover_once(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u32 una = (t->tcb.snd_una - t->iss - 1) / SMSS;

	t->tcb.cong.cwnd = 10 * SMSS;
	tcpx_test_fly_more(test, 5);
	t->now += RTT;
	SACK(t, una, { una + 1, una + 5 });
	if (REO(t) != TCPX_NEVER)
		tcpx_test_expire(t, TCPX_T_REO);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	tcpx_test_sack(t, una + 5, 0, NULL);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* 6.2, step 4: it is as it was after 16 recoveries without a D-SACK */
static void window_persists(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 1);
	int i;

	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	twice(t, 1, 0);
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.reo_wnd_mult, 2);
		recover_once(test);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.reo_wnd_mult, 1);
	recover_once(test);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.reo_wnd_mult, 1);
}

/* A retransmission is lost if what was sent after it has arrived */
static void lost_retransmission(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	tcpx_test_write(t, 5 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_TRUE(test, is(t, 0, TCPX_TX_REXMT));
	/* The rest of the first flight tells nothing of it */
	t->now = ARRIVES(9);
	SACK(t, 0, { 1, 10 });
	KUNIT_EXPECT_TRUE(test, is(t, 0, TCPX_TX_REXMT));
	KUNIT_ASSERT_GE(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	SACK(t, 0, { 1, 11 });
	KUNIT_EXPECT_TRUE(test, is(t, 0, TCPX_TX_REXMT | TCPX_TX_LOST));
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, t->tcb.snd_una);
	sound(test);
}

/* 6.2, step 2: sooner than any round trip: it was the original that arrived */
static void soon_after_a_retransmission(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT - MSEC;
	tcpx_test_sack(t, 4, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.sent_at, SENT(3));
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
}

static struct tcpx_test *fly_with_timestamps(struct kunit *test, int n)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	tcpx_test_fly(test, n);
	KUNIT_ASSERT_EQ(test, t->tcb.snd_mss, SMSS);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, SENT(0));
	return t;
}

/* 6.2, step 2: its timestamp says so */
static void echo_from_before_a_retransmission(struct kunit *test)
{
	struct tcpx_test *t = fly_with_timestamps(test, 10);

	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += 3 * RTT;
	tcpx_test_sack(t, 4, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.sent_at, SENT(3));
}

/* ... but that of a segment that is only SACKed is of an earlier one */
static void echo_with_a_sacked_retransmission(struct kunit *test)
{
	struct tcpx_test *t = fly_with_timestamps(test, 10);
	u64 resent;

	t->now = ARRIVES(9);
	SACK(t, 0, { 2, 10 });
	KUNIT_ASSERT_EQ(test, t->tcb.sb.lost.nr, 2);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	tcpx_test_sent(t, t->send.seq, SMSS, ACK);
	t->now += MSEC;
	resent = t->now;
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	/* The first is lost once more, the second arrives */
	t->now += RTT;
	SACK(t, 0, { 1, 10 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.sent_at, resent);
	KUNIT_EXPECT_TRUE(test, is(t, 0, TCPX_TX_REXMT | TCPX_TX_LOST));
}

/* 7.2: two round trips */
static void pto(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 2);

	/* SRTT 100 ms, RTTVAR 50 ms: RTO 300 ms */
	KUNIT_EXPECT_EQ(test, RTO(t), SENT(0) + 300 * MSEC);
	KUNIT_EXPECT_EQ(test, PTO(t), SENT(1) + 200 * MSEC);
	/* An ACK of new data restarts it */
	tcpx_test_fly_more(test, 1);
	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, PTO(t), t->now + 2 * t->tcb.rtt.srtt);
	/* All is acknowledged */
	tcpx_test_sack(t, 3, 0, NULL);
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
}

/* 7.2: where a round trip takes microseconds, not an interrupt for each two of them */
static void pto_of_a_short_path(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 2);

	t->tcb.rtt.srtt = MSEC / 10;
	tcpx_test_fly_more(test, 1);
	KUNIT_EXPECT_EQ(test, PTO(t), t->now + 4 * MSEC);
	t->tcb.rtt.srtt = 3 * MSEC;
	tcpx_test_fly_more(test, 1);
	KUNIT_EXPECT_EQ(test, PTO(t), t->now + 6 * MSEC);
}

/* 7.2: one segment may wait for the peer's delayed ACK, but not beyond the RTO */
static void pto_of_one(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 1);

	KUNIT_EXPECT_EQ(test, RTO(t), SENT(0) + 300 * MSEC);
	KUNIT_EXPECT_EQ(test, PTO(t), SENT(0) + 300 * MSEC);
	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	t->tcb.rtt.rto = 900 * MSEC;
	tcpx_test_fly_more(test, 1);
	KUNIT_EXPECT_EQ(test, PTO(t), t->now + 2 * t->tcb.rtt.srtt + 200 * MSEC);
}

/* 7.2: no round trip was measured */
static void pto_without_rtt(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_SACK_PERM;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_ASSERT_EQ(test, t->tcb.rtt.srtt, 0);
	tcpx_test_fly_more(test, 1);
	KUNIT_EXPECT_EQ(test, RTO(t), t->now + 3 * SEC);
	KUNIT_EXPECT_EQ(test, PTO(t), t->now + 1 * SEC);
}

/* 7.3: new data, though cwnd has no room for it; and then the RTO */
static void probe_with_new_data(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_write(t, 3 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 0);
	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_FALSE(test, t->send.rexmt);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, tcpx_test_seq(t, 11));
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 11 * SMSS);
	KUNIT_EXPECT_EQ(test, RTO(t), t->now + 300 * MSEC);
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
	/* Nothing was lost */
	t->now += RTT;
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	/* and the next tail has its probe again */
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 2);
	KUNIT_EXPECT_NE(test, PTO(t), TCPX_NEVER);
}

/* 7.3: the last segment again; that the peer's window is full */
static void probe_with_old_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t = tcpx_test_fly(test, 5);
	t->tcb.snd_wnd = 5 * SMSS;
	tcpx_test_write(t, SMSS);
	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 4));
	KUNIT_EXPECT_EQ(test, t->send.len, SMSS);
	KUNIT_EXPECT_EQ(test, RTO(t), t->now + 300 * MSEC);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 5 * SMSS);
	sound(test);
}

/* 7.3: a FIN is what was sent last */
static void probe_with_a_fin(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 2);

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt && t->send.fin);
	KUNIT_EXPECT_EQ(test, t->send.len, 0);
}

/* 7.2, and where there is nothing to probe with */
static void no_probe(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 3);

	/* A hole is RACK's to judge */
	t->now = ARRIVES(1);
	SACK(t, 0, { 1, 2 });
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
	tcpx_test_sack(t, 3, 0, NULL);
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
	tcpx_tlp_timeout(&t->tcb, &t->a);
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.tlp_due);
	/* A peer that shows no window is asked by the persist timer */
	tcpx_test_fly_more(test, 2);
	t->wnd = 0;
	tcpx_test_sack(t, 4, 0, NULL);
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
	/* after a time-out it is too late */
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_sent(t, t->tcb.snd_una, SMSS, ACK);
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
}

/* What was to be probed for is acknowledged before the probe could leave */
static void probe_comes_too_late(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 2);

	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_ASSERT_TRUE(test, t->tcb.rec.tlp_due);
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.tlp_due);
}

/* A loss is found at the same time: no probe during recovery */
static void no_probe_in_recovery(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 4);

	/* The SACKed one is acknowledged, and the first of the later ones late */
	t->now = ARRIVES(1);
	t->tcb.deadline[TCPX_T_TLP] = t->now + 26 * MSEC;
	t->tcb.rec.rack.sent_at = SENT(2);
	t->tcb.rec.rack.order = tcpx_sb_at(&t->tcb.sb, t->tcb.sb.head + 2)->order;
	t->tcb.rec.rack.rtt = RTT;
	t->now += 40 * MSEC;
	tcpx_timeout(&t->tcb, TCPX_T_REO, t->now, &t->a);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, PTO(t), TCPX_NEVER);
}

/* The tail of a flight is probed for with its last segment */
static struct tcpx_test *probed(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	t->now = ARRIVES(8);
	tcpx_test_sack(t, 9, 0, NULL);
	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_ASSERT_TRUE(test, t->send.rexmt);
	t->now += RTT;
	return t;
}

/* 7.4.2: it was lost, and the probe repaired that: congestion control hears of it */
static void probe_repairs_a_loss(struct kunit *test)
{
	struct tcpx_test *t = probed(test);

	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	tcpx_test_fly_more(test, 4);
	t->now += RTT;
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_TLP_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_CWR);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 2 * SMSS);
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.tlp);
	tcpx_test_sack(t, 14, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* 7.4.2, case 1: both copies have arrived, and a D-SACK says so */
static void probe_was_not_needed(struct kunit *test)
{
	struct tcpx_test *t = probed(test);

	tcpx_test_sack(t, 10, 0, NULL);
	SACK(t, 10, { 9, 10 });
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.tlp);
	tcpx_test_fly_more(test, 1);
	t->now += RTT;
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	/* It tells nothing about reordering: it was not RACK that sent it */
	KUNIT_EXPECT_EQ(test, t->tcb.rec.rack.reo_wnd_mult, 1);
}

/* 7.4.2, case 2: ... and a duplicate does, where the peer sends no D-SACK */
static void probe_was_not_needed_no_dsack(struct kunit *test)
{
	struct tcpx_test *t = probed(test);

	tcpx_test_sack(t, 10, 0, NULL);
	tcpx_test_fly_more(test, 1);
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_EXPECT_FALSE(test, t->tcb.rec.tlp);
	tcpx_test_sack(t, 11, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
}

/* A recovery pays for the loss already */
static void probe_and_then_recovery(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);
	u32 ssthresh;

	tcpx_test_expire(t, TCPX_T_TLP);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	t->now += RTT;
	SACK(t, 0, { 9, 10 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	ssthresh = t->tcb.cong.ssthresh;
	while (tcpx_test_send_all(t)) {
		t->now += RTT;
		tcpx_test_sack(t, 10 - t->tcb.sb.lost.nr - !!t->tcb.sb.lost.nr, 0, NULL);
	}
	t->now += RTT;
	tcpx_test_write(t, 2 * SMSS);
	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 2);
	t->now += RTT;
	tcpx_test_sack(t, 12, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, ssthresh);
}

static struct kunit_case rack_cases[] = {
	KUNIT_CASE(overtaken_by_one),
	KUNIT_CASE(overtaken_and_late),
	KUNIT_CASE(overtaken_by_three),
	KUNIT_CASE(overtaken_by_three_short_ones),
	KUNIT_CASE(later_ones_fly_on),
	KUNIT_CASE(sent_at_the_same_time),
	KUNIT_CASE(resent_at_the_same_time),
	KUNIT_CASE(window_once_reordering_was_seen),
	KUNIT_CASE(overtaken_within_a_moment),
	KUNIT_CASE(overtaking_is_no_shorter_path),
	KUNIT_CASE(retransmission_is_not_reordered),
	KUNIT_CASE(blocks_tell_no_order),
	KUNIT_CASE(window_grows_by_dsack),
	KUNIT_CASE(window_persists),
	KUNIT_CASE(lost_retransmission),
	KUNIT_CASE(soon_after_a_retransmission),
	KUNIT_CASE(echo_from_before_a_retransmission),
	KUNIT_CASE(echo_with_a_sacked_retransmission),
	KUNIT_CASE(pto),
	KUNIT_CASE(pto_of_a_short_path),
	KUNIT_CASE(pto_of_one),
	KUNIT_CASE(pto_without_rtt),
	KUNIT_CASE(probe_with_new_data),
	KUNIT_CASE(probe_with_old_data),
	KUNIT_CASE(probe_with_a_fin),
	KUNIT_CASE(no_probe),
	KUNIT_CASE(probe_comes_too_late),
	KUNIT_CASE(no_probe_in_recovery),
	KUNIT_CASE(probe_repairs_a_loss),
	KUNIT_CASE(probe_was_not_needed),
	KUNIT_CASE(probe_was_not_needed_no_dsack),
	KUNIT_CASE(probe_and_then_recovery),
	{}
};

static struct kunit_suite rack_suite = {
	.name = "tcpx_rack",
	.init = tcpx_test_init,
	.test_cases = rack_cases,
};

kunit_test_suite(rack_suite);
