// SPDX-License-Identifier: GPL-2.0
/*
 * Acceptability and trimming: RFC 9293, 3.10.7.4, first, table 6; at both
 * edges of the window, wherever in the sequence space it lies.
 */
#include <linux/kernel.h>

#include "../core/segment.h"
#include "fixture.h"

/* Where RCV.NXT lies: far from a wrap, and with one in the window */
static const u32 places[] = {
	0x1000, 0, 1, 0xffffffff, 0xfffff000, 0x7fffffff, 0x80000000, 0x7ffff000, 0xffffe0c0,
};

static void place_desc(const u32 *place, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10.7.4, first: RCV.NXT = %#x", *place);
}

KUNIT_ARRAY_PARAM(place, places, place_desc);

#define WND	TEST_RCV_WND

/* ESTABLISHED, RCV.NXT at the case's place, a window of WND */
static struct tcpx_tcb *enter(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->irs = *(const u32 *)test->param_value - 1;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	return &t->tcb;
}

/* A segment at RCV.NXT + @seq. Return: true if it went past the first step. */
static bool accepted(struct kunit *test, u8 flags, u32 seq, u32 len)
{
	struct tcpx_test *t = test->priv;
	u32 rcv_nxt = t->tcb.rcv_nxt;
	bool refused;

	/* Out of the way of RFC 5961, 7 */
	t->now += 1 * SEC;
	tcpx_test_arrive(t, flags, rcv_nxt + seq, t->tcb.snd_nxt, len);
	refused = t->a.drop == TCPX_DROP_SEQ || t->a.drop == TCPX_DROP_OLD_DATA;
	if (refused) {
		KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
		KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
	}
	return !refused;
}

/* Length 0, window > 0; the right edge itself is where a full window acks */
static void no_length(struct kunit *test)
{
	enter(test);
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -1, 0));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, 0, 0));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, 1, 0));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, WND - 1, 0));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, WND, 0));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, WND + 1, 0));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, 0x80000000, 0));
}

/* Length 0, window 0: SEG.SEQ = RCV.NXT */
static void no_length_no_window(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test);

	tcb->rcv_wnd = 0;
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -1, 0));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, 0, 0));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, 1, 0));
}

/* Length > 0: the left edge */
static void left_edge(struct kunit *test)
{
	enter(test);
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -100, 99));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -100, 100));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -1, 1));
	KUNIT_EXPECT_FALSE(test, accepted(test, FIN_ACK, -1, 0));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, -100, 101));
}

/* Length > 0: the right edge */
static void right_edge(struct kunit *test)
{
	enter(test);
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, WND, 1));
	KUNIT_EXPECT_FALSE(test, accepted(test, FIN_ACK, WND, 0));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, WND + 1, 100));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, 0x7fffffff, 100));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, WND - 1, 1));
}

/* Length > 0, window 0: no payload is taken, what is next counts otherwise */
static void length_no_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);
	u32 rcv_nxt = tcb->rcv_nxt;

	tcb->rcv_wnd = 0;
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -1, 1));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, 1, 1));
	tcpx_test_arrive(t, ACK, rcv_nxt, tcb->snd_nxt, 1);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_ZERO_WINDOW);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
	KUNIT_EXPECT_TRUE(test, tcb->ack_now);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt, rcv_nxt);
}

/* Old at the left, new at the right: only the new is taken */
static void trim_left(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);
	u32 rcv_nxt = tcb->rcv_nxt;

	KUNIT_ASSERT_TRUE(test, accepted(test, ACK, -40, 100));
	KUNIT_EXPECT_EQ(test, t->a.data_off, 40);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 60);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt - rcv_nxt, 60);
	KUNIT_EXPECT_EQ(test, tcb->rcv_wnd, WND - 60);
}

/* Payload that is old throughout, and a FIN that is new */
static void trim_left_to_the_fin(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);
	u32 rcv_nxt = tcb->rcv_nxt;

	KUNIT_ASSERT_TRUE(test, accepted(test, FIN_ACK, -40, 40));
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_DATA, 0);
	KUNIT_EXPECT_EQ(test, tcb->state, TCPX_CLOSE_WAIT);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt - rcv_nxt, 1);
}

/* The payload fills the window to its last byte */
static void fills_the_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);

	KUNIT_ASSERT_TRUE(test, accepted(test, ACK, 0, WND));
	KUNIT_EXPECT_EQ(test, t->a.data_len, WND);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, tcb->rcv_wnd, 0);
}

/* One byte more is cut, and so is the FIN behind it */
static void trim_right(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);
	u32 rcv_nxt = tcb->rcv_nxt;

	tcpx_test_arrive(t, FIN_ACK, rcv_nxt, tcb->snd_nxt, WND + 1);
	KUNIT_EXPECT_EQ(test, t->a.data_len, WND);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_SEQ);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_ACK);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt - rcv_nxt, WND);
	KUNIT_EXPECT_EQ(test, tcb->state, TCPX_ESTABLISHED);
}

/* Out of order, the last byte that fits and one that does not */
static void trim_right_out_of_order(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);
	u32 rcv_nxt = tcb->rcv_nxt;

	tcpx_test_arrive(t, ACK, rcv_nxt + WND - 10, tcb->snd_nxt, 11);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_OOO);
	KUNIT_EXPECT_EQ(test, t->a.data_off, 0);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 10);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt, rcv_nxt);
}

/* A window of one byte */
static void window_of_one(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);
	u32 rcv_nxt = tcb->rcv_nxt;

	tcb->rcv_wnd = 1;
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, 1, 1));
	tcpx_test_arrive(t, ACK, rcv_nxt, tcb->snd_nxt, 1);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 1);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt - rcv_nxt, 1);
	KUNIT_EXPECT_EQ(test, tcb->rcv_wnd, 0);
}

/* The largest window of RFC 7323: 2^30 - 2^14, wherever it lies */
static void window_of_a_gigabyte(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test);
	u32 wnd = 65535U << 14;

	tcb->rcv_wnd = wnd;
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -1, 1));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, wnd, 1));
	KUNIT_EXPECT_FALSE(test, accepted(test, ACK, -wnd, wnd));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, wnd - 1, 1));
	KUNIT_EXPECT_TRUE(test, accepted(test, ACK, -wnd, wnd + 1));
}

/* MUST-66: a window of zero stops payload, not what comes with it */
static void zero_window_takes_the_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);

	tcpx_test_write(t, 500);
	tcpx_test_send_all(t);
	tcb->rcv_wnd = 0;
	tcpx_test_arrive(t, ACK, tcb->rcv_nxt, tcb->snd_nxt, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACKED | TCPX_DO_OUTPUT | TCPX_DO_ACK);
	KUNIT_EXPECT_EQ(test, t->a.acked, 500);
	KUNIT_EXPECT_EQ(test, tcb->snd_una, tcb->snd_nxt);
}

static void zero_window_takes_the_urgent_pointer(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test);

	tcb->rcv_wnd = 0;
	t->seg.seq = tcb->rcv_nxt;
	t->seg.ack = tcb->snd_nxt;
	t->seg.flags = ACK | TCPX_URG;
	t->seg.len = 1;
	t->seg.up = 1;
	tcpx_segment_arrives(tcb, &t->seg, t->now, &t->a);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_URGENT);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_DATA, 0);
}

static struct kunit_case accept_cases[] = {
	KUNIT_CASE_PARAM(no_length, place_gen_params),
	KUNIT_CASE_PARAM(no_length_no_window, place_gen_params),
	KUNIT_CASE_PARAM(left_edge, place_gen_params),
	KUNIT_CASE_PARAM(right_edge, place_gen_params),
	KUNIT_CASE_PARAM(length_no_window, place_gen_params),
	KUNIT_CASE_PARAM(trim_left, place_gen_params),
	KUNIT_CASE_PARAM(trim_left_to_the_fin, place_gen_params),
	KUNIT_CASE_PARAM(fills_the_window, place_gen_params),
	KUNIT_CASE_PARAM(trim_right, place_gen_params),
	KUNIT_CASE_PARAM(trim_right_out_of_order, place_gen_params),
	KUNIT_CASE_PARAM(window_of_one, place_gen_params),
	KUNIT_CASE_PARAM(window_of_a_gigabyte, place_gen_params),
	KUNIT_CASE_PARAM(zero_window_takes_the_ack, place_gen_params),
	KUNIT_CASE_PARAM(zero_window_takes_the_urgent_pointer, place_gen_params),
	{}
};

static struct kunit_suite accept_suite = {
	.name = "tcpx_accept",
	.init = tcpx_test_init,
	.test_cases = accept_cases,
};

kunit_test_suite(accept_suite);
