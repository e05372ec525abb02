// SPDX-License-Identifier: GPL-2.0
/* Several segments in one piece: how many, and that they are the same as one by one. */
#include <linux/kernel.h>

#include "../core/window.h"
#include "fixture.h"

#define NO_BURST	0
#define CWND		100000U

/**
 * struct burst_case - the first piece that leaves
 * @name: what is shown
 * @burst: bytes that may leave in one piece
 * @avail: bytes that wait
 * @wnd: the peer's window
 * @cwnd: bytes
 * @urgent: an urgent pointer is ahead
 * @fin: CLOSE was called
 * @len: bytes that leave
 * @part: bytes in each segment but the last
 * @psh: with PSH
 * @with_fin: with FIN
 */
struct burst_case {
	const char *name;
	u32 burst, avail, wnd, cwnd;
	bool urgent, fin;
	u32 len, part;
	bool psh, with_fin;
};

static const struct burst_case bursts[] = {
	{ "none allowed", NO_BURST, 5000, 10000, CWND, false, false, 1000, 1000, false, false },
	{ "less than two segments", 1999, 5000, 10000, CWND, false, false, 1000, 1000, false,
	  false },
	{ "two", 2000, 5000, 10000, CWND, false, false, 2000, 1000, false, false },
	{ "a part of one is not used", 3999, 5000, 10000, CWND, false, false, 3000, 1000, false,
	  false },
	{ "all that waits, and PSH", 65000, 5000, 10000, CWND, false, false, 5000, 1000, true,
	  false },
	{ "the short end does not go along", 65000, 5001, 10000, CWND, false, false, 5000, 1000,
	  false, false },
	{ "one short segment", 65000, 999, 10000, CWND, false, false, 999, 999, true, false },
	{ "the peer's window", 65000, 9000, 3500, CWND, false, false, 3000, 1000, false, false },
	{ "cwnd", 65000, 9000, 10000, 4500, false, false, 4000, 1000, false, false },
	{ "cwnd of less than a segment, nothing in flight", 65000, 9000, 10000, 500, false,
	  false, 1000, 1000, false, false },
	{ "an urgent pointer is for one", 65000, 5000, 10000, CWND, true, false, 1000, 1000,
	  false, false },
	{ "FIN goes with the last", 65000, 5000, 10000, CWND, false, true, 5000, 1000, true,
	  true },
	{ "FIN waits for the short end", 65000, 5001, 10000, CWND, false, true, 5000, 1000,
	  false, false },
	{ "FIN waits for the window", 65000, 5000, 5000, CWND, false, true, 5000, 1000, true,
	  false },
};

static void burst_desc(const struct burst_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(burst, bursts, burst_desc);

static void burst_case(struct kunit *test)
{
	const struct burst_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_send *s = &t->send;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.snd_wnd = c->wnd;
	t->tcb.cong.cwnd = c->cwnd;
	t->tcb.burst = c->burst;
	tcpx_test_write(t, c->avail);
	t->tcb.snd_urg = c->urgent;
	t->tcb.snd_up = t->tcb.write_seq;
	t->tcb.fin_queued = c->fin;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, s));
	KUNIT_EXPECT_EQ(test, s->len, c->len);
	KUNIT_EXPECT_EQ(test, s->part, c->part);
	KUNIT_EXPECT_EQ(test, s->psh, c->psh);
	KUNIT_EXPECT_EQ(test, s->fin, c->with_fin);
	KUNIT_EXPECT_FALSE(test, s->rexmt);
}

/* What is noted of a piece that was sent is what is noted of its segments */
static void segments_are_noted(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 first, k;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.burst = 65000;
	first = t->tcb.snd_nxt;
	tcpx_test_write(t, 5000);
	t->tcb.fin_queued = true;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	tcpx_test_sent(t, t->send.seq, t->send.len + t->send.fin, FIN_ACK);
	/* The first of them is timed: the others wait for one another */
	KUNIT_EXPECT_EQ(test, t->tcb.rtt_seq, first + TEST_MSS);
	KUNIT_ASSERT_EQ(test, tcpx_sb_len(sb), 5);
	for (k = 0; k < 5; k++) {
		KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, sb->head + k)->seq, first + k * TEST_MSS);
		KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, sb->head + k)->end_seq,
				first + (k + 1) * TEST_MSS + (k == 4));
	}
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

/* What is lost is sent again segment by segment, so that no more goes than is missing */
static void lost_ones_go_alone(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u32 seq;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.burst = 65000;
	tcpx_test_write(t, 5000);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	tcpx_test_sent(t, t->send.seq, t->send.len, ACK);
	seq = t->send.seq;
	tcpx_sb_lose_all(&t->tcb.sb);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, seq);
	KUNIT_EXPECT_EQ(test, t->send.len, TEST_MSS);
	KUNIT_EXPECT_EQ(test, t->send.part, TEST_MSS);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
}

/* How far a stream gets with what @x draws, at most @burst in one piece; checks each piece */
static u32 how_far(struct kunit *test, u32 x, u32 burst)
{
	struct tcpx_test *t = test->priv;
	u32 from, round;

	KUNIT_ASSERT_EQ(test, tcpx_test_init(test), 0);
	t = test->priv;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	from = t->tcb.snd_nxt;
	t->tcb.burst = burst;
	t->tcb.nodelay = true;
	for (round = 0; round < 50; round++) {
		t->wnd = tcpx_test_draw(&x) % 20000;
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
		t->tcb.cong.cwnd = TEST_MSS + tcpx_test_draw(&x) % 20000;
		tcpx_test_write(t, tcpx_test_draw(&x) % 9000);
		while (tcpx_wnd_next(&t->tcb, t->now, &t->send)) {
			KUNIT_EXPECT_LE(test, t->send.len, max(burst, TEST_MSS));
			KUNIT_EXPECT_TRUE(test, t->send.len <= TEST_MSS ||
					  t->send.len % t->send.part == 0);
			tcpx_test_sent(t, t->send.seq, t->send.len, ACK);
		}
		t->now += SEC;
	}
	return t->tcb.snd_nxt - from;
}

/* In pieces or one by one: the windows are used to the same byte */
static void as_far_as_one_by_one(struct kunit *test)
{
	u32 seed, alone;

	for (seed = TEST_FIRST_SEED; seed < TEST_FIRST_SEED + 20 * TEST_SEEDS; seed++) {
		alone = how_far(test, TEST_SEED(seed), NO_BURST);
		KUNIT_EXPECT_GT(test, alone, 50 * TEST_MSS);
		KUNIT_EXPECT_EQ(test, how_far(test, TEST_SEED(seed), 65000), alone);
		KUNIT_EXPECT_EQ(test, how_far(test, TEST_SEED(seed), 3 * TEST_MSS), alone);
	}
}

#define TX_APART	0x80	/* a flag that nothing means: none that has it is of a run */

/* What acknowledgments have led to so far */
static u64 outcome(const struct tcpx_tcb *tcb)
{
	const struct tcpx_rack *rack = &tcb->rec.rack;
	const struct tcpx_scoreboard *sb = &tcb->sb;
	const u64 all[] = {
		tcb->snd_una, tcb->snd_nxt, tcb->delivered, tcb->delivered_at,
		tcb->first_sent_at, tcb->rate_delivered, tcb->rate_interval, tcb->app_limited,
		tcb->rtt.srtt, tcb->rtt.min_rtt, tcb->rtt.rto, tcb->cong.cwnd,
		tcb->cong.ssthresh, tcb->rec.state, tcb->rec.undo_rexmts, rack->sent_at,
		rack->rtt, rack->order, rack->fack, rack->reordering, rack->reordered,
		rack->reach, tcpx_sb_len(sb), sb->flying.nr, sb->lost.nr, sb->rexmt,
		sb->lost_bytes, sb->sacked_bytes, tcb->deadline[TCPX_T_REXMT],
	};
	u64 sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		sum = sum * 31 + all[i];
	return sum;
}

/* What the peer says: up to where it has all, or what it has beyond a hole, or nothing */
static void answer(struct tcpx_test *t, u32 *x)
{
	u32 out = t->tcb.snd_nxt - t->tcb.snd_una, to = t->tcb.snd_una;
	struct tcpx_sack_block b;

	switch (tcpx_test_draw(x) % 8) {
	case 0:
		b.start = to + tcpx_test_draw(x) % 20 * TEST_MSS;
		b.end = b.start + (1 + tcpx_test_draw(x) % 9) * TEST_MSS;
		tcpx_test_sack(t, to, 1, &b);
		break;
	case 1:
		if (t->tcb.deadline[TCPX_T_REXMT] != TCPX_NEVER)
			tcpx_test_expire(t, TCPX_T_REXMT);
		break;
	case 2:
		to += tcpx_test_draw(x) % (out + 1);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, to, 0);
		break;
	default:
		to += tcpx_test_draw(x) % (out / TEST_MSS + 1) * TEST_MSS;
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, to, 0);
	}
}

/* A stream with what @x draws; with TX_APART as @flag each segment is looked at alone */
static u64 carried(struct kunit *test, u32 x, u8 flag)
{
	struct tcpx_test *t;
	u64 sum = 0;
	u32 round, nr;

	KUNIT_ASSERT_EQ(test, tcpx_test_init(test), 0);
	t = test->priv;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.sack_ok = true;
	t->tcb.nodelay = true;
	t->tcb.burst = 65000;
	t->wnd = 60000;
	for (round = 0; round < 200; round++) {
		t->tcb.cong.cwnd = TEST_MSS + tcpx_test_draw(&x) % 60000;
		tcpx_test_write(t, tcpx_test_draw(&x) % 30000);
		tcpx_test_send_all(t);
		for (nr = t->tcb.sb.head; nr != t->tcb.sb.tail; nr++)
			tcpx_sb_at(&t->tcb.sb, nr)->flags |= flag;
		if (tcpx_test_draw(&x) % 2)
			t->now += tcpx_test_draw(&x) % (10 * MSEC);
		answer(t, &x);
		KUNIT_ASSERT_TRUE(test, !tcpx_test_sb_fault(&t->tcb));
		sum = sum * 31 + outcome(&t->tcb);
	}
	KUNIT_EXPECT_GT(test, tcpx_sb_len(&t->tcb.sb) + t->tcb.delivered, 200 * TEST_MSS);
	return sum;
}

/* Acknowledged together or one by one: the same follows */
static void acknowledged_as_one_by_one(struct kunit *test)
{
	u32 seed;

	for (seed = TEST_FIRST_SEED; seed < TEST_FIRST_SEED + 20 * TEST_SEEDS; seed++)
		KUNIT_EXPECT_EQ(test, carried(test, TEST_SEED(seed), 0),
				carried(test, TEST_SEED(seed), TX_APART));
}

static struct kunit_case burst_cases[] = {
	KUNIT_CASE_PARAM(burst_case, burst_gen_params),
	KUNIT_CASE(segments_are_noted),
	KUNIT_CASE(lost_ones_go_alone),
	KUNIT_CASE(as_far_as_one_by_one),
	KUNIT_CASE(acknowledged_as_one_by_one),
	{}
};

static struct kunit_suite burst_suite = {
	.name = "tcpx_burst",
	.init = tcpx_test_init,
	.test_cases = burst_cases,
};

kunit_test_suite(burst_suite);
