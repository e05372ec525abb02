// SPDX-License-Identifier: GPL-2.0
/* When an ACK is due: RFC 9293, 3.8.6.3; RFC 5681, 4.2. */
#include <linux/kernel.h>

#include "../core/ack.h"
#include "../core/segment.h"
#include "fixture.h"

#define FULL	TEST_ADV_MSS
#define PSH	TCPX_PSH
#define FIN	TCPX_FIN

enum ack_op {
	END,
	RECV,		/* .len bytes arrive, .flags besides ACK */
	TAKE,		/* the user reads .len bytes; 0: all */
	SEND,		/* the user answers with .len bytes */
	MS,		/* so many pass */
	QUICK,		/* TCP_QUICKACK: .len */
};

#define ACK_STEPS	12

/**
 * struct ack_case - what happens, and when what came last is acknowledged
 * @name: the rule
 * @quick: the connection is at its start
 * @steps: from the moment that the first payload arrives
 * @len: bytes
 * @flags: of the peer's segment
 * @at: ms after the last step
 */
struct ack_case {
	const char *name;
	bool quick;
	struct {
		u8 op, flags;
		u32 len;
	} steps[ACK_STEPS];
	u32 at;
};

static const struct ack_case acks[] = {
	{ "a pushed segment waits for a reader", .steps = {{ RECV, PSH, 100 }}, .at = 40 },
	{ "... and not longer", .steps = {{ RECV, PSH, 100 }, { MS, 0, 30 }}, .at = 10 },
	{ "a reader that is there", .steps = {{ RECV, PSH, 100 }, { TAKE }}, .at = 0 },
	{ "a reader that comes later",
	  .steps = {{ RECV, PSH, 100 }, { MS, 0, 10 }, { TAKE }}, .at = 0 },
	{ "a reader that leaves something",
	  .steps = {{ RECV, PSH, 100 }, { TAKE, 0, 99 }}, .at = 40 },
	{ "... and comes again",
	  .steps = {{ RECV, PSH, 100 }, { TAKE, 0, 99 }, { TAKE }}, .at = 0 },
	{ "a small segment is the end of a push",
	  .steps = {{ RECV, 0, 100 }, { TAKE }}, .at = 0 },
	{ "a full segment, more will follow", .steps = {{ RECV, 0, FULL }, { TAKE }}, .at = 40 },
	{ "a full segment that was pushed",
	  .steps = {{ RECV, PSH, FULL }, { TAKE }}, .at = 0 },
	{ "two full segments", .steps = {{ RECV, 0, FULL }, { RECV, 0, FULL }}, .at = 0 },
	{ "more than a full segment", .steps = {{ RECV, 0, FULL }, { RECV, PSH, 1 }}, .at = 0 },
	{ "ping-pong: an answer may come",
	  .steps = {{ RECV, PSH, 10 }, { TAKE }, { SEND, 0, 10 }, { RECV, PSH, 10 }, { TAKE }},
	  .at = 40 },
	{ "ping-pong: it comes",
	  .steps = {{ RECV, PSH, 10 }, { TAKE }, { SEND, 0, 10 }, { RECV, PSH, 10 }, { TAKE },
		    { SEND, 0, 10 }},
	  .at = 0 },
	{ "ping-pong: not between two pushes",
	  .steps = {{ RECV, PSH, 10 }, { TAKE }, { SEND, 0, 10 }, { RECV, PSH, 10 }, { TAKE },
		    { RECV, PSH, 10 }, { TAKE }},
	  .at = 0 },
	{ "ping-pong: an answer that was late is none",
	  .steps = {{ RECV, PSH, 10 }, { MS, 0, 40 }, { SEND, 0, 10 }, { RECV, PSH, 10 },
		    { TAKE }},
	  .at = 0 },
	{ "ping-pong: over when none came",
	  .steps = {{ RECV, PSH, 10 }, { TAKE }, { SEND, 0, 10 }, { RECV, PSH, 10 }, { TAKE },
		    { MS, 0, 40 }, { RECV, PSH, 10 }, { TAKE }},
	  .at = 0 },
	{ "TCP_QUICKACK off", .steps = {{ QUICK, 0, 0 }, { RECV, PSH, 10 }, { TAKE }}, .at = 40 },
	{ "TCP_QUICKACK on", .steps = {{ QUICK, 0, 1 }, { RECV, PSH, 10 }}, .at = 0 },
	{ "a FIN waits for ours", .steps = {{ RECV, FIN, 0 }, { TAKE }}, .at = 40 },
	{ "... though it came with payload",
	  .steps = {{ RECV, FIN | PSH, 100 }, { TAKE }}, .at = 40 },
	{ "... and though the connection is young", .quick = true,
	  .steps = {{ RECV, FIN | PSH, 100 }, { TAKE }}, .at = 40 },
	{ "... but not with more than a full segment",
	  .steps = {{ RECV, 0, FULL }, { RECV, FIN, 1 }}, .at = 0 },
	{ "a young connection", .quick = true, .steps = {{ RECV, 0, 1 }}, .at = 0 },
	{ "a pause shorter than the sender's time-out",
	  .steps = {{ RECV, PSH, 10 }, { TAKE }, { MS, 0, 1000 }, { RECV, 0, 10 }}, .at = 40 },
	{ "a pause longer than that",
	  .steps = {{ RECV, PSH, 10 }, { TAKE }, { MS, 0, 1001 }, { RECV, 0, 10 }}, .at = 0 },
};

static void ack_desc(const struct ack_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.8.6.3: %s", c->name);
}

KUNIT_ARRAY_PARAM(ack, acks, ack_desc);

static void send_ack(struct tcpx_test *t)
{
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
}

/* @ms pass, and with them the delay of an ACK */
static void wait(struct tcpx_test *t, u32 ms)
{
	u64 end = t->now + ms * MSEC;

	if (t->tcb.deadline[TCPX_T_DELACK] <= end) {
		tcpx_test_expire(t, TCPX_T_DELACK);
		send_ack(t);
	}
	t->now = end;
}

/* What sock/recv.c and path/input.c do */
static void step(struct tcpx_test *t, u8 op, u8 flags, u32 len)
{
	struct tcpx_tcb *tcb = &t->tcb;
	u32 unread = tcb->rcv_nxt - tcb->copied_seq - (tcb->state == TCPX_CLOSE_WAIT);

	switch (op) {
	case RECV:
		tcpx_test_arrive(t, ACK | flags, tcb->rcv_nxt, tcb->snd_nxt, len);
		if (t->a.todo & TCPX_DO_ACK && tcb->ack_now)
			send_ack(t);
		break;
	case TAKE:
		tcb->copied_seq += len ?: unread;
		if (tcpx_ack_read_due(tcb, !len || len == unread))
			send_ack(t);
		break;
	case SEND:
		tcpx_test_write(t, len);
		tcpx_test_send_all(t);
		break;
	case MS:
		wait(t, len);
		break;
	case QUICK:
		tcb->pingpong = !len;
		if (len)
			tcpx_ack_quickly(tcb);
		break;
	}
}

static void ack_case(struct kunit *test)
{
	const struct ack_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;
	int i;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcb->rcv_mss = FULL;
	tcb->rtt.rto = SEC;
	if (!c->quick)
		tcb->quickacks = 0;
	for (i = 0; i < ACK_STEPS && c->steps[i].op; i++)
		step(t, c->steps[i].op, c->steps[i].flags, c->steps[i].len);
	if (!c->at) {
		KUNIT_EXPECT_EQ(test, tcb->last_ack_sent, tcb->rcv_nxt);
		KUNIT_EXPECT_EQ(test, tcb->deadline[TCPX_T_DELACK], TCPX_NEVER);
	} else {
		KUNIT_EXPECT_NE(test, tcb->last_ack_sent, tcb->rcv_nxt);
		KUNIT_EXPECT_EQ(test, tcb->deadline[TCPX_T_DELACK], t->now + c->at * MSEC);
	}
}

/* Full segments of @mss arrive together; the last of @nr is acknowledged at once */
static void round_of(struct kunit *test, u32 mss, u64 rtt, u32 nr)
{
	struct tcpx_test *t = test->priv;
	u32 n;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.quickacks = 0;
	t->tcb.rcv_mss = mss;
	t->tcb.rcv_wnd = nr * mss;
	for (n = 1; n <= nr; n++) {
		t->tcb.rcvbuf.rtt = rtt;
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, mss);
		KUNIT_EXPECT_EQ(test, t->tcb.ack_now, n > 1);
		KUNIT_EXPECT_EQ(test, t->a.round, n > 1 && n < nr);
	}
	send_ack(t);
}

/* MUST-59: what arrives together is acknowledged once: eight segments, or 64 KiB from near */
static void round_of_segments(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	round_of(test, 900, 0, 8);
	round_of(test, 900, TCPX_NEAR_NS, 8);
	round_of(test, 900, TCPX_NEAR_NS - 1, 73);
	round_of(test, 8191, TCPX_NEAR_NS - 1, 9);
	round_of(test, 8192, TCPX_NEAR_NS - 1, 8);
	round_of(test, 16384, TCPX_NEAR_NS - 1, 8);
	/* Not while the sender's window is small, nor around a hole */
	tcpx_ack_quickly(&t->tcb);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 1000);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now && !t->a.round);
	send_ack(t);
	t->tcb.quickacks = 0;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt + 100, t->tcb.snd_nxt, 1000);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now && !t->a.round);
}

/*
 * Segments that come as one, by GRO, are acknowledged once, and at once if they are two
 * or more: by the size of each (SHLD-19), not by that of the whole.
 */
static void merged_segments(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_seg merged;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.quickacks = 0;
	t->tcb.rcv_mss = 536;
	merged = (struct tcpx_seg){
		.seq = t->tcb.rcv_nxt, .ack = t->tcb.snd_nxt, .len = 3 * 600, .part = 600,
		.wnd = 1000, .flags = ACK,
	};
	tcpx_segment_arrives(&t->tcb, &merged, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_mss, 600);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
	send_ack(t);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 600);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 600);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* A reader that finds nothing to acknowledge says nothing */
static void nothing_to_acknowledge(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	KUNIT_EXPECT_FALSE(test, tcpx_ack_read_due(&t->tcb, true));
	step(t, RECV, PSH, 10);
	step(t, TAKE, 0, 0);
	KUNIT_EXPECT_FALSE(test, tcpx_ack_read_due(&t->tcb, true));
}

/**
 * struct synack_case - is the ACK of a SYN,ACK put off?
 * @name: the rule
 * @pingpong: TCP_QUICKACK was turned off before connect()
 * @waits: payload waits for the connection
 * @delay: ms
 */
struct synack_case {
	const char *name;
	bool pingpong;
	bool waits;
	u32 delay;
};

static const struct synack_case synacks[] = {
	{ "at once", false, false, 0 },
	{ "TCP_QUICKACK off: it rides on what comes first", true, false, 200 },
	{ "payload waits to be sent", false, true, 200 },
};

static void synack_desc(const struct synack_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "ACK of SYN,ACK: %s", c->name);
}

KUNIT_ARRAY_PARAM(synack, synacks, synack_desc);

static void synack_case(struct kunit *test)
{
	const struct synack_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->tcb.pingpong = c->pingpong;
	t->seg = (struct tcpx_seg){
		.seq = TEST_IRS, .ack = TEST_ISS + 1, .flags = SYN_ACK, .wnd = 1000,
		.data_waits = c->waits,
	};
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, t->tcb.ack_now, !c->delay);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK],
			c->delay ? t->now + c->delay * MSEC : TCPX_NEVER);
	/* ... and once: what the peer then sends is the start of its slow start */
	KUNIT_EXPECT_FALSE(test, t->tcb.pingpong);
	KUNIT_EXPECT_EQ(test, t->tcb.quickacks, TCPX_QUICKACKS);
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_DELACK], TCPX_NEVER);
}

static struct kunit_case tcpx_ack_cases[] = {
	KUNIT_CASE_PARAM(ack_case, ack_gen_params),
	KUNIT_CASE(round_of_segments),
	KUNIT_CASE(merged_segments),
	KUNIT_CASE(nothing_to_acknowledge),
	KUNIT_CASE_PARAM(synack_case, synack_gen_params),
	{ }
};

static struct kunit_suite tcpx_ack_suite = {
	.name = "tcpx_ack",
	.init = tcpx_test_init,
	.test_cases = tcpx_ack_cases,
};

kunit_test_suite(tcpx_ack_suite);
