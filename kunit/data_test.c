// SPDX-License-Identifier: GPL-2.0
/*
 * The fifth to the eighth step of RFC 9293, 3.10.7.4, in ESTABLISHED: what an
 * ACK does, urgent data, payload in and out of order, delayed ACKs (3.8.6.3).
 */
#include <linux/kernel.h>

#include "../core/ack.h"
#include "../core/deadline.h"
#include "../core/segment.h"
#include "fixture.h"

static struct tcpx_test *enter(struct kunit *test)
{
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	return test->priv;
}

/* ESTABLISHED for a while: no ACK is sent at once for being among the first */
static struct tcpx_test *enter_settled(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.quickacks = 0;
	return t;
}

/* @len bytes at RCV.NXT + @seq */
static void data(struct tcpx_test *t, u32 seq, u32 len)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt + seq, t->tcb.snd_nxt, len);
}

static void in_order(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	data(t, 0, 100);
	data(t, 0, 200);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt - rcv_nxt, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], TCPX_NEVER);
	/* The right edge stays */
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt + t->tcb.rcv_wnd, rcv_nxt + TEST_RCV_WND);
}

/* An ACK alone is not out of order, wherever in the window it lies */
static void no_data_out_of_order(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 100, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, 0, TCPX_DROP_NONE);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
}

/* SHLD-31, MAY-13: kept, and acknowledged at once (RFC 5681, 4.2) */
static void out_of_order(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	data(t, 100, 50);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_OOO | TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 50);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, TEST_RCV_WND);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* @len bytes at RCV.NXT + @seq, and a FIN after them */
static void last_data(struct tcpx_test *t, u32 seq, u32 len)
{
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt + seq, t->tcb.snd_nxt, len);
}

/* A FIN beyond a hole is a number: there is nothing to keep */
static void out_of_order_fin(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u32 fin = t->tcb.rcv_nxt + 100;

	last_data(t, 100, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.rcv_fin_known);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_fin, fin);
	/* Others that name another end change nothing */
	last_data(t, 90, 0);
	last_data(t, 200, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_fin, fin);
	data(t, 0, 100);
	tcpx_test_expect(test, TCPX_CLOSE_WAIT, TCPX_DO_DATA | TCPX_DO_ACK | TCPX_DO_PEER_CLOSED,
			 TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, fin + 1);
}

/* Payload, and the FIN after it, both beyond a hole */
static void out_of_order_data_with_fin(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	last_data(t, 100, 50);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_OOO | TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 50);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_fin, rcv_nxt + 150);
}

/* What lies beyond the right edge is not taken, a FIN neither */
static void out_of_order_fin_beyond_the_edge(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	last_data(t, TEST_RCV_WND - 10, 20);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_OOO | TCPX_DO_ACK, TCPX_DROP_SEQ);
	KUNIT_EXPECT_FALSE(test, t->tcb.rcv_fin_known);
}

/* The FIN was wrong about the end: data goes on there */
static void fin_was_none(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	last_data(t, 100, 0);
	data(t, 0, 200);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_FALSE(test, t->tcb.rcv_fin_known);
	last_data(t, 0, 0);
	tcpx_test_expect(test, TCPX_CLOSE_WAIT, TCPX_DO_ACK | TCPX_DO_PEER_CLOSED,
			 TCPX_DROP_NONE);
}

/* RFC 5681, 4.2: the hole before a FIN is one as well */
static void data_before_a_known_fin(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	last_data(t, 300, 0);
	t->tcb.quickacks = 0;
	data(t, 0, 100);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* RFC 5681, 4.2: what fills a hole is acknowledged at once */
static void hole_is_filled(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	t->seg = (struct tcpx_seg){
		.seq = t->tcb.rcv_nxt,
		.ack = t->tcb.snd_nxt,
		.flags = ACK,
		.wnd = t->wnd,
		.len = 100,
		.ooo = true,
	};
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
}

/* What was kept comes next */
static void kept_data_follows(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	data(t, 0, 100);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
	tcpx_segment_ooo(&t->tcb, rcv_nxt + 150, t->now, &t->a);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt + 150);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, TEST_RCV_WND - 150);
}

static void kept_fin_follows(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	last_data(t, 150, 0);
	data(t, 0, 100);
	tcpx_segment_ooo(&t->tcb, rcv_nxt + 150, t->now, &t->a);
	tcpx_test_expect(test, TCPX_CLOSE_WAIT,
			 TCPX_DO_DATA | TCPX_DO_ACK | TCPX_DO_PEER_CLOSED, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt + 151);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, TEST_RCV_WND - 151);
}

static void kept_data_up_to_the_edge(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	last_data(t, TEST_RCV_WND - 10, 10);
	data(t, 0, 100);
	tcpx_segment_ooo(&t->tcb, t->tcb.rcv_nxt + TEST_RCV_WND - 100, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSE_WAIT);
}

/* No memory: nothing is taken, and the peer is told where we stand */
static void no_room(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	t->seg.seq = rcv_nxt;
	t->seg.ack = t->tcb.snd_nxt;
	t->seg.flags = FIN_ACK;
	t->seg.wnd = t->wnd;
	t->seg.len = 100;
	t->seg.no_room = true;
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_NO_ROOM);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 0);
}

/* A FIN alone needs none */
static void no_room_for_a_fin(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	t->seg.seq = t->tcb.rcv_nxt;
	t->seg.ack = t->tcb.snd_nxt;
	t->seg.flags = FIN_ACK;
	t->seg.wnd = t->wnd;
	t->seg.len = 0;
	t->seg.no_room = true;
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSE_WAIT);
}

/* 3.6.1, MAY-1, SHLD-3: data that no reader is left for is answered by a reset */
static void data_without_reader(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_2);
	tcpx_fsm_orphan(&t->tcb, t->now);
	data(t, 0, 1);
	tcpx_test_expect(test, TCPX_CLOSED,
			 TCPX_DO_RST | TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE,
			 TCPX_DROP_CLOSED);
}

static void fin_without_reader(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_2);
	tcpx_fsm_orphan(&t->tcb, t->now);
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_TIME_WAIT);
}

static void old_data_without_reader(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	data(t, 0, 10);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_fsm_orphan(&t->tcb, t->now);
	data(t, -10, 10);
	tcpx_test_expect(test, TCPX_FIN_WAIT_1, TCPX_DO_ACK, TCPX_DROP_OLD_DATA);
}

/* SHLD-18: one segment waits; MUST-40: less than 0.5 s */
static void ack_is_delayed(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 0, 1);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA, TCPX_DROP_NONE);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], t->now + 40 * MSEC);
	KUNIT_EXPECT_LT(test, TCPX_DELACK_MS, 500);
}

static void delayed_ack_is_sent(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 0, 1);
	tcpx_test_expire(t, TCPX_T_DELACK);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], TCPX_NEVER);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
	KUNIT_EXPECT_EQ(test, t->tcb.last_ack_sent, t->tcb.rcv_nxt);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* A second small segment does not push the deadline */
static void delay_is_not_extended(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u64 due;

	data(t, 0, 1);
	due = t->tcb.deadline[TCPX_T_DELACK];
	t->now += 20 * MSEC;
	data(t, 0, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], due);
}

/* Data that leaves carries it */
static void delayed_ack_rides_on_data(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 0, 1);
	tcpx_test_write(t, 10);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], TCPX_NEVER);
	KUNIT_EXPECT_EQ(test, t->tcb.last_ack_sent, t->tcb.rcv_nxt);
}

/* SHLD-19: every second full-sized segment */
static void second_full_segment(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 0, TEST_ADV_MSS);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA, TCPX_DROP_NONE);
	data(t, 0, TEST_ADV_MSS);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
}

/* More than one: what comes after a full one may be all that comes */
static void a_byte_more_than_a_full_segment(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	t->tcb.rcv_mss = TEST_ADV_MSS;
	data(t, 0, TEST_ADV_MSS - 1);
	data(t, 0, 1);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA, TCPX_DROP_NONE);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	data(t, 0, TEST_ADV_MSS);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA, TCPX_DROP_NONE);
	data(t, 0, 1);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
}

/* "2*RMSS": a peer whose segments are smaller is measured by them */
static void full_is_what_the_peer_sends(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 0, 700);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_mss, 700);
	data(t, 0, 700);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_ACK);
}

/* Segments put together on the way do not count as one of that size */
static void full_is_at_most_what_was_offered(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 0, 5000);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_mss, TEST_ADV_MSS);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_ACK);
}

/* The first of a connection are acknowledged at once, for its slow start */
static void first_segments_are_acked_at_once(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int n = 0;

	t->now += 1 * SEC;
	for (;;) {
		data(t, 0, 1);
		if (!(t->a.todo & TCPX_DO_ACK))
			break;
		tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, TCPX_QUICKACKS);
}

/* RFC 5681, 4.2: after a hole the sender's window is small: no ACK waits for a second segment */
static void acked_at_once_after_a_hole(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	struct tcpx_actions more = { };
	int n = 0;

	data(t, 1000, 1000);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_OOO);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	data(t, 0, 1000);
	tcpx_segment_ooo(&t->tcb, t->tcb.rcv_nxt + 1000, t->now, &more);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	for (;;) {
		data(t, 0, 100);
		if (!(t->a.todo & TCPX_DO_ACK))
			break;
		tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
		n++;
	}
	/* One went for what filled the hole */
	KUNIT_EXPECT_EQ(test, n, TCPX_QUICKACKS - 1);
}

/* An application that answers lets the ACK ride on its answer */
static void answers_end_that(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	data(t, 0, 10);
	tcpx_test_write(t, 10);
	tcpx_test_send_all(t);
	data(t, 0, 10);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_ACK, 0);
}

static void late_answers_do_not(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	data(t, 0, 10);
	t->now += 40 * MSEC;
	tcpx_test_write(t, 10);
	tcpx_test_send_all(t);
	data(t, 0, 10);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_ACK);
}

/* Eighth: a FIN is acknowledged at once when nothing more of ours will carry it */
static void fin_after_ours_is_acked_at_once(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_2);
	t->tcb.quickacks = 0;
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* S17: else within the delay, so that our own FIN may carry it; from the start on */
static void fin_is_acked_with_ours(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], t->now + 40 * MSEC);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], TCPX_NEVER);
	KUNIT_EXPECT_EQ(test, t->tcb.last_ack_sent, t->tcb.rcv_nxt);
}

/* ... and not later than what came before it would have been */
static void fin_does_not_extend_the_delay(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);
	u64 due;

	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 1);
	due = t->tcb.deadline[TCPX_T_DELACK];
	t->now += 30 * MSEC;
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], due);
}

/* A FIN that finds an ACK due does not put it off */
static void fin_with_an_ack_due(struct kunit *test)
{
	struct tcpx_test *t = enter_settled(test);

	data(t, 100, 10);
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* @flags at RCV.NXT + @seq, urgent pointer @up */
static void urgent(struct tcpx_test *t, u32 seq, u16 up, u32 len)
{
	t->seg = (struct tcpx_seg){
		.seq = t->tcb.rcv_nxt + seq,
		.ack = t->tcb.snd_nxt,
		.flags = ACK | TCPX_URG,
		.wnd = t->wnd,
		.len = len,
		.up = up,
	};
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
}

/* MUST-62: the pointer names the octet after the urgent data */
static void urgent_pointer(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	urgent(t, 0, 5, 10);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_URGENT);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, rcv_nxt + 5);
}

/* "If the user has already been signaled ..., do not signal the user again" */
static void urgent_once(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	urgent(t, 0, 50, 10);
	urgent(t, 0, 40, 10);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_URGENT, 0);
}

/* MUST-32: it is signalled whenever the pointer advances */
static void urgent_advances(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	urgent(t, 0, 50, 10);
	urgent(t, 0, 41, 10);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_URGENT);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, rcv_nxt + 51);
}

/* RCV.UP <- max(RCV.UP, SEG.UP): it never goes back */
static void urgent_does_not_recede(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	urgent(t, 0, 50, 10);
	urgent(t, 0, 5, 10);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_URGENT, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, rcv_nxt + 50);
}

static void urgent_that_was_read(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	data(t, 0, 100);
	t->tcb.copied_seq = t->tcb.rcv_nxt;
	urgent(t, -20, 20, 30);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_URGENT, 0);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_DATA);
}

static void urgent_pointer_of_zero(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	urgent(t, 0, 0, 10);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_URGENT, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, t->tcb.copied_seq);
}

/* The pointer means nothing without its flag */
static void urgent_pointer_without_urg(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->seg = (struct tcpx_seg){
		.seq = t->tcb.rcv_nxt,
		.ack = t->tcb.snd_nxt,
		.flags = ACK,
		.wnd = t->wnd,
		.len = 10,
		.up = 5,
	};
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_URGENT, 0);
}

/* MUST-31: of any length, beyond the segment and the window */
static void urgent_far_ahead(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	urgent(t, 0, 65535, 0);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_URGENT);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, rcv_nxt + 65535);
}

/* Long after the last urgent data: more than half of the sequence space */
static void urgent_after_two_gigabytes(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int i;

	for (i = 0; i < 5; i++) {
		t->tcb.rcv_wnd = 1 << 29;
		data(t, 0, 1 << 29);
		t->tcb.copied_seq = t->tcb.rcv_nxt;
	}
	t->tcb.rcv_wnd = TEST_RCV_WND;
	urgent(t, 0, 1, 1);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_URGENT);
}

/* Fifth: bytes that were acknowledged; SYN and FIN are none */
static void acked_bytes(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 2500);
	tcpx_test_send_all(t);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACKED | TCPX_DO_OUTPUT, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->a.acked, 1000);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->a.acked, 1500);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
}

/* A FIN that waits behind data is not acknowledged with the data */
static void ack_of_data_before_the_fin(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 500);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt - 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_1);
	KUNIT_EXPECT_EQ(test, t->a.acked, 500);
}

/**
 * struct wnd_case - fifth: which segment updates the send window
 * @name: the rule
 * @seq: SEG.SEQ, from SND.WL1
 * @ack: SEG.ACK, from SND.WL2
 * @update: it does
 */
struct wnd_case {
	const char *name;
	s32 seq, ack;
	bool update;
};

static const struct wnd_case wnds[] = {
	{ "newer sequence", 10, 0, true },
	{ "newer sequence, newer ACK", 10, 100, true },
	{ "newer sequence, older ACK that is no duplicate", 10, -50, true },
	{ "same sequence, newer ACK", 0, 100, true },
	{ "same sequence, same ACK", 0, 0, true },
	{ "same sequence, older ACK", 0, -50, false },
	{ "older sequence, same ACK", -10, 0, false },
	{ "older sequence, newer ACK", -10, 100, false },
};

static void wnd_desc(const struct wnd_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10.7.4, fifth: %s", c->name);
}

KUNIT_ARRAY_PARAM(wnd, wnds, wnd_desc);

static void wnd_case(struct kunit *test)
{
	const struct wnd_case *c = test->param_value;
	struct tcpx_test *t = enter(test);
	u32 seq, ack;

	/* 200 bytes are outstanding, and 20 received ones are in the way */
	tcpx_test_write(t, 200);
	tcpx_test_send_all(t);
	t->tcb.snd_wl1 = t->tcb.rcv_nxt + 20;
	t->tcb.snd_wl2 = t->tcb.snd_una + 60;
	seq = t->tcb.snd_wl1 + c->seq;
	ack = t->tcb.snd_wl2 + c->ack;
	t->wnd = 5000;
	tcpx_test_arrive(t, ACK, seq, ack, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, c->update ? 5000 : TEST_SND_WND);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wl1 == seq && t->tcb.snd_wl2 == ack, c->update);
	KUNIT_EXPECT_EQ(test, t->tcb.max_snd_wnd, TEST_SND_WND);
}

/* MUST-1: the window is unsigned, 16 bits, and scaled after the handshake */
static void window_is_scaled(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_WSCALE;
	t->peer_opt.wscale = 14;
	enter(test);
	t->wnd = 65535;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 65535U << 14);
	KUNIT_EXPECT_EQ(test, t->tcb.max_snd_wnd, 65535U << 14);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
}

/* A duplicate from before SND.UNA brings no window */
static void window_of_an_old_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->wnd = 5000;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una - 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, TEST_SND_WND);
}

/**
 * struct dup_case - RFC 5681, 2: a duplicate ACK
 * @name: which condition
 * @outstanding: bytes sent and not acknowledged
 * @len: bytes of payload
 * @flags: of the segment
 * @ack: SEG.ACK, from SND.UNA
 * @wnd: the window has changed by
 * @dup: it is one
 */
struct dup_case {
	const char *name;
	u32 outstanding;
	u32 len;
	u8 flags;
	s32 ack;
	s32 wnd;
	bool dup;
};

static const struct dup_case dups[] = {
	{ "all five hold", 1000, 0, ACK, 0, 0, true },
	{ "(a) nothing is outstanding", 0, 0, ACK, 0, 0, false },
	{ "(b) it carries payload", 1000, 1, ACK, 0, 0, false },
	{ "(c) it carries FIN", 1000, 0, FIN_ACK, 0, 0, false },
	{ "(d) it acknowledges more", 1000, 0, ACK, 1, 0, false },
	{ "(d) it acknowledges less", 1000, 0, ACK, -1, 0, false },
	{ "(e) the window has grown", 1000, 0, ACK, 0, 1, false },
	{ "(e) the window has shrunk", 1000, 0, ACK, 0, -1, false },
};

static void dup_desc(const struct dup_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5681, 2: %s", c->name);
}

KUNIT_ARRAY_PARAM(dup, dups, dup_desc);

static void dup_case(struct kunit *test)
{
	const struct dup_case *c = test->param_value;
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, c->outstanding);
	tcpx_test_send_all(t);
	t->wnd += c->wnd;
	tcpx_test_arrive(t, c->flags, t->tcb.rcv_nxt, t->tcb.snd_una + c->ack, c->len);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, c->dup);
}

static struct kunit_case data_cases[] = {
	KUNIT_CASE(in_order),
	KUNIT_CASE(no_data_out_of_order),
	KUNIT_CASE(out_of_order),
	KUNIT_CASE(out_of_order_fin),
	KUNIT_CASE(out_of_order_data_with_fin),
	KUNIT_CASE(out_of_order_fin_beyond_the_edge),
	KUNIT_CASE(fin_was_none),
	KUNIT_CASE(data_before_a_known_fin),
	KUNIT_CASE(hole_is_filled),
	KUNIT_CASE(kept_data_follows),
	KUNIT_CASE(kept_fin_follows),
	KUNIT_CASE(kept_data_up_to_the_edge),
	KUNIT_CASE(no_room),
	KUNIT_CASE(no_room_for_a_fin),
	KUNIT_CASE(data_without_reader),
	KUNIT_CASE(fin_without_reader),
	KUNIT_CASE(old_data_without_reader),
	KUNIT_CASE(ack_is_delayed),
	KUNIT_CASE(delayed_ack_is_sent),
	KUNIT_CASE(delay_is_not_extended),
	KUNIT_CASE(delayed_ack_rides_on_data),
	KUNIT_CASE(second_full_segment),
	KUNIT_CASE(a_byte_more_than_a_full_segment),
	KUNIT_CASE(full_is_what_the_peer_sends),
	KUNIT_CASE(full_is_at_most_what_was_offered),
	KUNIT_CASE(first_segments_are_acked_at_once),
	KUNIT_CASE(acked_at_once_after_a_hole),
	KUNIT_CASE(answers_end_that),
	KUNIT_CASE(late_answers_do_not),
	KUNIT_CASE(fin_after_ours_is_acked_at_once),
	KUNIT_CASE(fin_is_acked_with_ours),
	KUNIT_CASE(fin_does_not_extend_the_delay),
	KUNIT_CASE(fin_with_an_ack_due),
	KUNIT_CASE(urgent_pointer),
	KUNIT_CASE(urgent_once),
	KUNIT_CASE(urgent_advances),
	KUNIT_CASE(urgent_does_not_recede),
	KUNIT_CASE(urgent_that_was_read),
	KUNIT_CASE(urgent_pointer_of_zero),
	KUNIT_CASE(urgent_pointer_without_urg),
	KUNIT_CASE(urgent_far_ahead),
	KUNIT_CASE(urgent_after_two_gigabytes),
	KUNIT_CASE(acked_bytes),
	KUNIT_CASE(ack_of_data_before_the_fin),
	KUNIT_CASE_PARAM(wnd_case, wnd_gen_params),
	KUNIT_CASE(window_is_scaled),
	KUNIT_CASE(window_of_an_old_ack),
	KUNIT_CASE_PARAM(dup_case, dup_gen_params),
	{}
};

static struct kunit_suite data_suite = {
	.name = "tcpx_data",
	.init = tcpx_test_init,
	.test_cases = data_cases,
};

kunit_test_suite(data_suite);
