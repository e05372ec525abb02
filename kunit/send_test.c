// SPDX-License-Identifier: GPL-2.0
/* When to send what: RFC 9293, 3.7.4, 3.8.5, 3.8.6.2.1 and 3.9.1.2. */
#include <linux/kernel.h>

#include "../core/deadline.h"
#include "../core/window.h"
#include "fixture.h"

#define OVERRIDE	(200 * MSEC)	/* 3.8.6.2.1: between 0.1 and 1.0 s */

static struct tcpx_test *enter(struct kunit *test)
{
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	return test->priv;
}

/* The next segment, sent. Return: true if there is one. */
static bool next(struct tcpx_test *t)
{
	if (!tcpx_wnd_next(&t->tcb, t->now, &t->send))
		return false;
	tcpx_test_sent(t, t->send.seq, t->send.len + t->send.fin, ACK);
	return true;
}

/* All that is outstanding is acknowledged, in a window of @wnd */
static void ack_all(struct tcpx_test *t, u16 wnd)
{
	t->wnd = wnd;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
}

static void nothing_to_send(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	KUNIT_EXPECT_FALSE(test, next(t));
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* What waits: new data, the FIN, what was lost, a probe; if nothing does, the user limits */
static void waits(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cwnd_limited = true;
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_waits(&t->tcb));
	KUNIT_EXPECT_FALSE(test, t->tcb.cwnd_limited);
	KUNIT_EXPECT_NE(test, t->tcb.app_limited, 0);
	tcpx_test_write(t, 1000);
	t->tcb.cwnd_limited = true;
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_waits(&t->tcb));
	KUNIT_EXPECT_TRUE(test, t->tcb.cwnd_limited);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_waits(&t->tcb));
	t->tcb.rec.tlp_due = true;
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_waits(&t->tcb));
	t->tcb.rec.tlp_due = false;
	tcpx_sb_lose_all(&t->tcb.sb);
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_waits(&t->tcb));
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_waits(&t->tcb));
	t->tcb.fin_queued = true;
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_waits(&t->tcb));
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_waits(&t->tcb));
}

/* A short segment is in flight; each bit of @bits changes something */
static void choose(struct tcpx_tcb *tcb, u32 bits)
{
	u32 flight = tcb->snd_nxt - tcb->snd_una;

	tcb->write_seq += bits & BIT(0) ? 1000 : 200;
	tcb->nodelay = bits & BIT(1);
	tcb->cork = bits & BIT(2);
	tcb->fin_queued = bits & BIT(3);
	tcb->snd_urg = bits & BIT(4);
	tcb->snd_up = tcb->write_seq;
	tcb->sws_override = bits & BIT(5);
	if (bits & BIT(6))
		tcb->push_seq = tcb->write_seq;
	if (bits & BIT(7))
		tcb->snd_sml = tcb->snd_una;
	if (bits & BIT(8))
		tcb->snd_wnd = flight + 150;
	if (bits & BIT(9))
		tcb->max_snd_wnd = 300;
	if (bits & BIT(10))
		tcb->cong.cwnd = flight + 100;
	if (bits & BIT(11))
		tcb->syn_data_end = tcb->snd_nxt + 100;
}

/* Where nothing is said to wait, nothing may leave, whatever else holds */
static void waits_or_stays(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	struct tcpx_tcb *asked = kunit_kzalloc(test, sizeof(*asked), GFP_KERNEL);
	struct tcpx_tcb *tried = kunit_kzalloc(test, sizeof(*tried), GFP_KERNEL);
	u32 bits, held = 0;

	KUNIT_ASSERT_TRUE(test, asked && tried);
	tcpx_test_write(t, 300);
	KUNIT_ASSERT_TRUE(test, next(t));
	for (bits = 0; bits < BIT(12); bits++) {
		*asked = t->tcb;
		choose(asked, bits);
		*tried = *asked;
		if (tcpx_wnd_waits(asked))
			continue;
		held++;
		KUNIT_ASSERT_FALSE_MSG(test, tcpx_wnd_next(tried, t->now, &t->send), "%x", bits);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(asked, tried, sizeof(*asked)), 0, "%x", bits);
	}
	/* TCP_CORK, or a peer whose windows were always small, makes no difference */
	KUNIT_EXPECT_EQ(test, held, 4);
}

/* Of what is chosen less may leave, where an skb holds no more: the rest waits for its ACK */
static void nagle_counts_what_left(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 700);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_ASSERT_EQ(test, t->send.len, 700);
	tcpx_test_sent(t, t->send.seq, 17, ACK);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_waits(&t->tcb));
	KUNIT_EXPECT_FALSE(test, next(t));
	ack_all(t, TEST_SND_WND);
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_waits(&t->tcb));
	KUNIT_EXPECT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 683);
}

/* 3.10.2: queued until the SYN is acknowledged */
static void not_before_the_syn_is_acked(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_write(t, 3000);
	KUNIT_EXPECT_FALSE(test, next(t));
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.seq, TEST_ISS + 1);
}

/* SHLD-28: full segments; MUST-61: PSH on the last */
static void full_segments(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 seq = t->tcb.snd_nxt;
	int i;

	tcpx_test_write(t, 3000);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, next(t));
		KUNIT_EXPECT_EQ(test, t->send.seq, seq + i * 1000);
		KUNIT_EXPECT_EQ(test, t->send.len, 1000);
		KUNIT_EXPECT_EQ(test, t->send.psh, i == 2);
		KUNIT_EXPECT_FALSE(test, t->send.fin);
		KUNIT_EXPECT_FALSE(test, t->send.rexmt);
	}
	KUNIT_EXPECT_FALSE(test, next(t));
}

static void across_the_wrap(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->iss = 0xfffffffe - 500;
	enter(test);
	tcpx_test_write(t, 2000);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.seq, 0xffffffff - 500);
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.seq, 499);
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
	ack_all(t, TEST_SND_WND);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, 1499);
}

/* SHLD-7, Nagle: with nothing outstanding a short one goes */
static void nagle_first_goes(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 1);
	KUNIT_EXPECT_TRUE(test, t->send.psh);
}

/* RFC 8985, 7.3: what a probe takes along is a short segment as any other */
static void nagle_after_a_probe(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1000);
	KUNIT_ASSERT_TRUE(test, next(t));
	t->tcb.cork = true;
	tcpx_test_write(t, 500);
	KUNIT_EXPECT_FALSE(test, next(t));
	t->tcb.rec.tlp_due = true;
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
	t->tcb.cork = false;
	t->tcb.rec.tlp_due = false;
	tcpx_test_write(t, 10);
	KUNIT_EXPECT_FALSE(test, next(t));
}

/* ... the next waits for its ACK, and takes along what has come meanwhile */
static void nagle_second_waits(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1);
	next(t);
	tcpx_test_write(t, 10);
	KUNIT_EXPECT_FALSE(test, next(t));
	tcpx_test_write(t, 20);
	KUNIT_EXPECT_FALSE(test, next(t));
	ack_all(t, TEST_SND_WND);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 30);
}

/* ... or until it has become a full segment */
static void nagle_full_segment_goes(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1);
	next(t);
	tcpx_test_write(t, 999);
	KUNIT_EXPECT_FALSE(test, next(t));
	tcpx_test_write(t, 1);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
}

/* MUST-17: it can be switched off */
static void nagle_off(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.nodelay = true;
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_TRUE(test, next(t));
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_TRUE(test, next(t));
}

/* The end of a long write does not wait for the peer's delayed ACK */
static void nagle_end_of_a_long_write(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 2500);
	KUNIT_EXPECT_TRUE(test, next(t));
	KUNIT_EXPECT_TRUE(test, next(t));
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
	/* but now one that is short is outstanding */
	tcpx_test_write(t, 500);
	KUNIT_EXPECT_FALSE(test, next(t));
}

/* The ACK of full segments alone does not free the next short one */
static void nagle_waits_for_the_short_one(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1500);
	tcpx_test_send_all(t);
	tcpx_test_write(t, 10);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	KUNIT_EXPECT_FALSE(test, next(t));
	ack_all(t, TEST_SND_WND);
	KUNIT_EXPECT_TRUE(test, next(t));
}

/* The last short segment may be more than half the sequence space ago */
static void nagle_after_two_gigabytes(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int i;

	tcpx_test_write(t, 1);
	next(t);
	ack_all(t, TEST_SND_WND);
	for (i = 0; i < 5; i++) {
		tcpx_test_write(t, 1 << 29);
		tcpx_test_sent(t, t->tcb.snd_nxt, 1 << 29, ACK);
		ack_all(t, TEST_SND_WND);
	}
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_TRUE(test, next(t));
}

/* TCP_CORK: full segments only, until the override */
static void cork(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cork = true;
	tcpx_test_write(t, 1500);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
	KUNIT_EXPECT_FALSE(test, next(t));
	ack_all(t, TEST_SND_WND);
	KUNIT_EXPECT_FALSE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + OVERRIDE);
	tcpx_test_expire(t, TCPX_T_PERSIST);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
}

/* What goes before the override makes it needless */
static void cork_becomes_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cork = true;
	tcpx_test_write(t, 500);
	KUNIT_EXPECT_FALSE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + OVERRIDE);
	tcpx_test_write(t, 500);
	KUNIT_EXPECT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], TCPX_NEVER);
}

static void cork_is_pulled(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cork = true;
	tcpx_test_write(t, 10);
	KUNIT_EXPECT_FALSE(test, next(t));
	t->tcb.cork = false;
	KUNIT_EXPECT_TRUE(test, next(t));
}

static void cork_beats_nodelay(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cork = true;
	t->tcb.nodelay = true;
	tcpx_test_write(t, 10);
	KUNIT_EXPECT_FALSE(test, next(t));
}

/* tcp(7), TCP_NODELAY: "setting this option forces an explicit flush" */
static void cork_is_flushed(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cork = true;
	tcpx_test_write(t, 3);
	KUNIT_EXPECT_FALSE(test, next(t));
	t->tcb.nodelay = true;
	t->tcb.push_seq = t->tcb.write_seq;
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 3);
	/* What is written after that waits again */
	tcpx_test_write(t, 3);
	KUNIT_EXPECT_FALSE(test, next(t));
}

static void cork_does_not_hold_a_fin(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cork = true;
	tcpx_test_write(t, 10);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 10);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
}

/**
 * struct sws_case - MUST-38: a window that is smaller than a segment
 * @name: the rule
 * @wnd: SND.WND
 * @max: Max(SND.WND)
 * @data: bytes that wait
 * @len: bytes that are sent, 0: none
 */
struct sws_case {
	const char *name;
	u16 wnd;
	u32 max;
	u32 data;
	u32 len;
};

static const struct sws_case swses[] = {
	{ "(1) a segment", 1000, 10000, 5000, 1000 },
	{ "(1) a byte less", 999, 10000, 5000, 0 },
	{ "(2) all that waits, and it fits", 999, 10000, 999, 999 },
	{ "(2) all but one byte would fit", 999, 10000, 1000, 0 },
	{ "(3) half of the largest window", 400, 800, 5000, 400 },
	{ "(3) a byte less", 399, 800, 5000, 0 },
	{ "(3) half of an odd one, rounded up", 400, 799, 5000, 400 },
	{ "(3) less than half of an odd one", 399, 799, 5000, 0 },
	{ "(3) all of the largest window", 1, 1, 5000, 1 },
	{ "a byte of a large window", 1, 10000, 5000, 0 },
};

static void sws_desc(const struct sws_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.8.6.2.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(sws, swses, sws_desc);

static void sws_case(struct kunit *test)
{
	const struct sws_case *c = test->param_value;
	struct tcpx_test *t = enter(test);

	t->tcb.snd_wnd = c->wnd;
	t->tcb.max_snd_wnd = c->max;
	tcpx_test_write(t, c->data);
	KUNIT_ASSERT_EQ(test, next(t), c->len > 0);
	if (c->len)
		KUNIT_EXPECT_EQ(test, t->send.len, c->len);
	else
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + OVERRIDE);
}

/* (4): once, and the next has to wait again */
static void sws_override(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.snd_wnd = 300;
	tcpx_test_write(t, 5000);
	KUNIT_EXPECT_FALSE(test, next(t));
	tcpx_test_expire(t, TCPX_T_PERSIST);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 300);
	ack_all(t, 300);
	KUNIT_EXPECT_FALSE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + OVERRIDE);
}

/* An ACK that changes nothing does not put it off */
static void sws_override_and_the_same_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u64 due;

	t->wnd = 300;
	ack_all(t, 300);
	tcpx_test_write(t, 5000);
	KUNIT_EXPECT_FALSE(test, next(t));
	due = t->tcb.deadline[TCPX_T_PERSIST];
	KUNIT_ASSERT_EQ(test, due, t->now + OVERRIDE);
	t->now += 100 * MSEC;
	ack_all(t, 300);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], due);
}

/* MUST-34, SHLD-15: the window shrank to less than what is outstanding */
static void window_shrinks(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 8000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 8);
	t->wnd = 3000;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	tcpx_test_write(t, 8000);
	KUNIT_EXPECT_FALSE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	/* and opens again */
	t->wnd = 8000;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una, 0);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
}

/* The window is filled to the byte */
static void window_is_filled(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.snd_wnd = 2500;
	t->tcb.max_snd_wnd = 1000;
	tcpx_test_write(t, 8000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 3);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 2500);
}

/* cwnd counts in whole segments, and says that it was what held back */
static void cwnd_limits(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 2500;
	tcpx_test_write(t, 8000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 2);
	KUNIT_EXPECT_TRUE(test, t->tcb.cwnd_limited);
}

static void cwnd_of_exactly_three(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 3000;
	tcpx_test_write(t, 8000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 3);
}

/* A short end fits in what is left */
static void cwnd_and_a_short_end(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 2500;
	tcpx_test_write(t, 2500);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 3);
	KUNIT_EXPECT_FALSE(test, t->tcb.cwnd_limited);
}

/* With nothing outstanding one segment always goes */
static void cwnd_smaller_than_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 500;
	tcpx_test_write(t, 3000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
}

static void window_limits_not_cwnd(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cwnd_limited = true;
	t->tcb.snd_wnd = 2000;
	t->tcb.max_snd_wnd = 2000;
	tcpx_test_write(t, 8000);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 2);
	KUNIT_EXPECT_FALSE(test, t->tcb.cwnd_limited);
}

/* 3.10.4: the FIN goes with the last data, behind it */
static void fin_with_the_last_data(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1200);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
	KUNIT_EXPECT_FALSE(test, t->send.fin);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 200);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
	KUNIT_EXPECT_FALSE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, t->tcb.write_seq + 1);
}

static void fin_with_a_full_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1000);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 1000);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
}

static void fin_alone(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 seq = t->tcb.snd_nxt;

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.seq, seq);
	KUNIT_EXPECT_EQ(test, t->send.len, 0);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
	KUNIT_EXPECT_FALSE(test, t->send.psh);
}

/* The FIN needs a number of the window as well */
static void fin_at_the_edge_of_the_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.snd_wnd = 500;
	tcpx_test_write(t, 500);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
	KUNIT_EXPECT_FALSE(test, t->send.fin);
	KUNIT_EXPECT_FALSE(test, next(t));
	ack_all(t, 1);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_TRUE(test, t->send.fin);
}

/* A FIN does not wait for Nagle, nor for cwnd */
static void fin_does_not_wait(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 10);
	next(t);
	tcpx_test_write(t, 10);
	t->tcb.cong.cwnd = 30;
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, next(t));
	KUNIT_EXPECT_EQ(test, t->send.len, 10);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
}

/* 3.8.5: the pointer names the octet after the urgent data */
static void urgent_pointer(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 seq = t->tcb.snd_nxt;

	tcpx_test_write(t, 1500);
	t->tcb.snd_up = t->tcb.write_seq;
	t->tcb.snd_urg = true;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, seq), 1500);
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, seq + 1499), 1);
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, seq + 1500), 0);
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, seq + 1501), 0);
}

/* MUST-31: farther away than 16 bits reach, it is said as far as they do */
static void urgent_pointer_far_ahead(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.snd_urg = true;
	t->tcb.snd_up = t->tcb.snd_nxt + 65535;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, t->tcb.snd_nxt), 65535);
	t->tcb.snd_up++;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, t->tcb.snd_nxt), 65535);
	t->tcb.snd_up += 1 << 20;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, t->tcb.snd_nxt), 65535);
}

static void urgent_pointer_not_set(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.snd_up = t->tcb.snd_nxt + 10;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_urgent(&t->tcb, t->tcb.snd_nxt), 0);
}

/* It lasts until it is acknowledged */
static void urgent_until_acked(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1500);
	t->tcb.snd_up = t->tcb.write_seq;
	t->tcb.snd_urg = true;
	tcpx_test_send_all(t);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 1000, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.snd_urg);
	ack_all(t, TEST_SND_WND);
	KUNIT_EXPECT_FALSE(test, t->tcb.snd_urg);
}

/* Urgent data does not wait for Nagle */
static void urgent_goes_at_once(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1);
	next(t);
	tcpx_test_write(t, 1);
	t->tcb.snd_up = t->tcb.write_seq;
	t->tcb.snd_urg = true;
	KUNIT_EXPECT_TRUE(test, next(t));
}

/* ... nor does what follows, until it is acknowledged: FTP's ABOR comes with it */
static void nothing_urgent_any_more(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_test_write(t, 1);
	t->tcb.snd_up = t->tcb.write_seq;
	t->tcb.snd_urg = true;
	next(t);
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_TRUE(test, next(t));
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_up, 0);
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_FALSE(test, next(t));
	t->tcb.snd_up = t->tcb.write_seq;
	KUNIT_EXPECT_FALSE(test, next(t));
}

static struct kunit_case send_cases[] = {
	KUNIT_CASE(nothing_to_send),
	KUNIT_CASE(waits),
	KUNIT_CASE(waits_or_stays),
	KUNIT_CASE(nagle_counts_what_left),
	KUNIT_CASE(not_before_the_syn_is_acked),
	KUNIT_CASE(full_segments),
	KUNIT_CASE(across_the_wrap),
	KUNIT_CASE(nagle_first_goes),
	KUNIT_CASE(nagle_after_a_probe),
	KUNIT_CASE(nagle_second_waits),
	KUNIT_CASE(nagle_full_segment_goes),
	KUNIT_CASE(nagle_off),
	KUNIT_CASE(nagle_end_of_a_long_write),
	KUNIT_CASE(nagle_waits_for_the_short_one),
	KUNIT_CASE(nagle_after_two_gigabytes),
	KUNIT_CASE(cork),
	KUNIT_CASE(cork_becomes_a_segment),
	KUNIT_CASE(cork_is_pulled),
	KUNIT_CASE(cork_beats_nodelay),
	KUNIT_CASE(cork_is_flushed),
	KUNIT_CASE(cork_does_not_hold_a_fin),
	KUNIT_CASE_PARAM(sws_case, sws_gen_params),
	KUNIT_CASE(sws_override),
	KUNIT_CASE(sws_override_and_the_same_window),
	KUNIT_CASE(window_shrinks),
	KUNIT_CASE(window_is_filled),
	KUNIT_CASE(cwnd_limits),
	KUNIT_CASE(cwnd_of_exactly_three),
	KUNIT_CASE(cwnd_and_a_short_end),
	KUNIT_CASE(cwnd_smaller_than_a_segment),
	KUNIT_CASE(window_limits_not_cwnd),
	KUNIT_CASE(fin_with_the_last_data),
	KUNIT_CASE(fin_with_a_full_segment),
	KUNIT_CASE(fin_alone),
	KUNIT_CASE(fin_at_the_edge_of_the_window),
	KUNIT_CASE(fin_does_not_wait),
	KUNIT_CASE(urgent_pointer),
	KUNIT_CASE(urgent_pointer_far_ahead),
	KUNIT_CASE(urgent_pointer_not_set),
	KUNIT_CASE(urgent_until_acked),
	KUNIT_CASE(urgent_goes_at_once),
	KUNIT_CASE(nothing_urgent_any_more),
	{}
};

static struct kunit_suite send_suite = {
	.name = "tcpx_send",
	.init = tcpx_test_init,
	.test_cases = send_cases,
};

kunit_test_suite(send_suite);
