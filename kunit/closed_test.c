// SPDX-License-Identifier: GPL-2.0
/* SEGMENT ARRIVES where nothing is: RFC 9293, 3.10.7.1 and 3.10.7.2. */
#include <linux/kernel.h>

#include "../core/syn.h"
#include "fixture.h"

#define ALL_FLAGS	0xff

/* In both states RCV.NXT and SND.NXT are 0, so SEQ and ACK are absolute */
static const struct tcpx_seg_case segments[] = {
	{ "3.10.7.1: SYN", TCPX_CLOSED, SYN, 50, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: SYN with payload", TCPX_CLOSED, SYN, 50, 0, 10,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: SYN at 2^32-1", TCPX_CLOSED, SYN, 0xffffffff, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: SYN with FIN and payload", TCPX_CLOSED, SYN | TCPX_FIN, 50, 0, 10,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: SYN,ACK", TCPX_CLOSED, SYN_ACK, 50, 60, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: ACK", TCPX_CLOSED, ACK, 50, 60, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: ACK of 0", TCPX_CLOSED, ACK, 50, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: ACK with payload", TCPX_CLOSED, ACK, 50, 60, 100,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: FIN,ACK", TCPX_CLOSED, FIN_ACK, 50, 60, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: FIN alone", TCPX_CLOSED, TCPX_FIN, 50, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: no flags, payload", TCPX_CLOSED, 0, 50, 0, 7,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: no flags at all", TCPX_CLOSED, 0, 50, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, TCPX_DO_RST },
	{ "3.10.7.1: RST", TCPX_CLOSED, RST, 50, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, 0 },
	{ "3.10.7.1: RST,ACK", TCPX_CLOSED, RST_ACK, 50, 60, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, 0 },
	{ "3.10.7.1: RST with SYN", TCPX_CLOSED, RST | SYN, 50, 60, 0,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, 0 },
	{ "3.10.7.1: all flags", TCPX_CLOSED, ALL_FLAGS, 50, 60, 5,
	  TCPX_CLOSED, TCPX_DROP_CLOSED, 0 },

	{ "3.10.7.2, first: RST", TCPX_LISTEN, RST, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_RST, 0 },
	{ "3.10.7.2, first: RST,ACK", TCPX_LISTEN, RST_ACK, 50, 60, 0,
	  TCPX_LISTEN, TCPX_DROP_RST, 0 },
	{ "3.10.7.2, first: RST with SYN", TCPX_LISTEN, RST | SYN, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_RST, 0 },
	{ "3.10.7.2, first: all flags", TCPX_LISTEN, ALL_FLAGS, 50, 60, 5,
	  TCPX_LISTEN, TCPX_DROP_RST, 0 },
	{ "3.10.7.2, second: ACK", TCPX_LISTEN, ACK, 50, 60, 0,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, TCPX_DO_RST },
	{ "3.10.7.2, second: SYN,ACK", TCPX_LISTEN, SYN_ACK, 50, 60, 0,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, TCPX_DO_RST },
	{ "3.10.7.2, second: FIN,ACK", TCPX_LISTEN, FIN_ACK, 50, 60, 0,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, TCPX_DO_RST },
	{ "3.10.7.2, second: ACK with payload", TCPX_LISTEN, ACK, 50, 60, 100,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, TCPX_DO_RST },
	{ "3.10.7.2, third: SYN is left to be accepted", TCPX_LISTEN, SYN, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_NONE, 0 },
	{ "3.10.7.2, third: SYN with PSH and URG", TCPX_LISTEN, SYN | TCPX_PSH | TCPX_URG, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_NONE, 0 },
	{ "3.10.7.2, third: SYN with payload", TCPX_LISTEN, SYN, 50, 0, 100,
	  TCPX_LISTEN, TCPX_DROP_NONE, 0 },
	{ "3.10.7.2, third: SYN with FIN opens nothing", TCPX_LISTEN, SYN | TCPX_FIN, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, 0 },
	{ "3.10.7.2, fourth: FIN alone", TCPX_LISTEN, TCPX_FIN, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, 0 },
	{ "3.10.7.2, fourth: no flags, payload", TCPX_LISTEN, 0, 50, 0, 100,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, 0 },
	{ "3.10.7.2, fourth: URG and PSH", TCPX_LISTEN, TCPX_URG | TCPX_PSH, 50, 0, 0,
	  TCPX_LISTEN, TCPX_DROP_FLAGS, 0 },
};

static void segment_desc(const struct tcpx_seg_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(segment, segments, segment_desc);

static void segment_case(struct kunit *test)
{
	tcpx_test_seg_case(test, test->param_value);
}

/* 3.10.7.1: the reset's numbers, written out */
static void reset_without_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_arrive(t, SYN, 0xfffffffe, 0, 3);
	KUNIT_EXPECT_EQ(test, t->a.rst.flags, RST_ACK);
	KUNIT_EXPECT_EQ(test, t->a.rst.seq, 0);
	KUNIT_EXPECT_EQ(test, t->a.rst.ack, 2);
}

static void reset_with_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_arrive(t, FIN_ACK, 300, 0xfffffffe, 3);
	KUNIT_EXPECT_EQ(test, t->a.rst.flags, RST);
	KUNIT_EXPECT_EQ(test, t->a.rst.seq, 0xfffffffe);
	KUNIT_EXPECT_EQ(test, t->a.rst.ack, 0);
}

/* 3.10.7.2, third: RCV.NXT, IRS, ISS, and the SYN,ACK */
static void accept_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_LISTEN);
	tcpx_test_arrive(t, SYN, 100, 0, 0);
	tcpx_syn_accept(&t->tcb, &t->seg, 300, t->now, &t->a);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, TCPX_DO_SYNACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.irs, 100);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 101);
	KUNIT_EXPECT_EQ(test, t->tcb.iss, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, 300);
	tcpx_test_sent(t, 300, 1, SYN_ACK);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, 301);
	KUNIT_EXPECT_TRUE(test, t->tcb.passive);	/* MUST-11 */
}

static void accept_syn_across_wrap(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->iss = 0xffffffff;
	t->irs = 0xffffffff;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.write_seq, 0);
}

/* RFC 7323, 2.2: "The window field in a segment where the SYN bit is set ..." */
static void accept_syn_window_is_not_scaled(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_WSCALE;
	t->peer_opt.wscale = 7;
	t->wnd = 65535;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 65535);
	KUNIT_EXPECT_EQ(test, t->tcb.max_snd_wnd, 65535);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wscale, 7);
	/* The third segment's is */
	t->wnd = 1000;
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 128000);
	KUNIT_EXPECT_EQ(test, t->tcb.max_snd_wnd, 128000);
}

/* 3.10.7.2, third: the payload of a SYN is not taken, so it will come again */
static void accept_syn_leaves_its_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_LISTEN);
	tcpx_test_arrive(t, SYN, 100, 0, 50);
	tcpx_syn_accept(&t->tcb, &t->seg, 300, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 101);
}

static struct kunit_case closed_cases[] = {
	KUNIT_CASE_PARAM(segment_case, segment_gen_params),
	KUNIT_CASE(reset_without_ack),
	KUNIT_CASE(reset_with_ack),
	KUNIT_CASE(accept_syn),
	KUNIT_CASE(accept_syn_across_wrap),
	KUNIT_CASE(accept_syn_window_is_not_scaled),
	KUNIT_CASE(accept_syn_leaves_its_data),
	{}
};

static struct kunit_suite closed_suite = {
	.name = "tcpx_closed_listen",
	.init = tcpx_test_init,
	.test_cases = closed_cases,
};

kunit_test_suite(closed_suite);
