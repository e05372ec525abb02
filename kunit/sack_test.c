// SPDX-License-Identifier: GPL-2.0
/* What an ACK reports from beyond a hole: RFC 2018, 4; RFC 2883, 4. */
#include <linux/kernel.h>

#include "../core/mss.h"
#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/window.h"
#include "fixture.h"

/* What happens to the out-of-order queue, as it tells; numbers are from RCV.NXT */
enum what { NOTHING, KEPT, DUP, NEXT, ARRIVES, SENT, FORGET };

struct step {
	u8 what;
	u32 start, end;
};

/**
 * struct report_case - steps, and the blocks that the next ACK carries
 * @name: paragraph, and what is shown
 * @ts: timestamps take their 12 bytes
 * @steps: in order
 * @nr: blocks
 * @want: first to last, from the RCV.NXT before the steps
 */
struct report_case {
	const char *name;
	bool ts;
	struct step steps[8];
	u8 nr;
	struct tcpx_sack_block want[TCPX_MAX_SACKS];
};

static const struct report_case reports[] = {
	{ "RFC 2018, 4: nothing is missing", .nr = 0 },
	{ "RFC 2018, 4: one block", .steps = { { KEPT, 100, 200 } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2018, 4: it grows", .steps = { { KEPT, 100, 200 }, { KEPT, 100, 300 } },
	  .nr = 1, .want = { { 100, 300 } } },
	{ "RFC 2018, 4: the one that changed last is first",
	  .steps = { { KEPT, 100, 200 }, { KEPT, 300, 400 }, { KEPT, 500, 600 },
		     { KEPT, 100, 250 } },
	  .nr = 3, .want = { { 100, 250 }, { 500, 600 }, { 300, 400 } } },
	{ "RFC 2018, 4: what joins two is one",
	  .steps = { { KEPT, 100, 200 }, { KEPT, 300, 400 }, { KEPT, 500, 600 },
		     { KEPT, 100, 400 } },
	  .nr = 2, .want = { { 100, 400 }, { 500, 600 } } },
	{ "RFC 2018, 3: four without timestamps",
	  .steps = { { KEPT, 100, 200 }, { KEPT, 300, 400 }, { KEPT, 500, 600 },
		     { KEPT, 700, 800 }, { KEPT, 900, 1000 } },
	  .nr = 4, .want = { { 900, 1000 }, { 700, 800 }, { 500, 600 }, { 300, 400 } } },
	{ "RFC 2018, 3: three with timestamps", .ts = true,
	  .steps = { { KEPT, 100, 200 }, { KEPT, 300, 400 }, { KEPT, 500, 600 },
		     { KEPT, 700, 800 } },
	  .nr = 3, .want = { { 700, 800 }, { 500, 600 }, { 300, 400 } } },
	{ "RFC 2018, 4: said again until it is acknowledged",
	  .steps = { { KEPT, 100, 200 }, { SENT }, { SENT } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2018, 4: payload before it comes, not up to it",
	  .steps = { { KEPT, 100, 200 }, { ARRIVES, 0, 99 } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2018, 4: what is acknowledged is reported no more",
	  .steps = { { KEPT, 100, 200 }, { KEPT, 300, 400 }, { ARRIVES, 0, 200 } },
	  .nr = 1, .want = { { 300, 400 } } },
	{ "RFC 2018, 4: nor what the payload has reached",
	  .steps = { { KEPT, 300, 400 }, { KEPT, 100, 200 }, { ARRIVES, 0, 100 } },
	  .nr = 1, .want = { { 300, 400 } } },
	{ "RFC 2018, 8: what was given up is not claimed",
	  .steps = { { KEPT, 500, 600 }, { KEPT, 100, 200 }, { KEPT, 300, 400 },
		     { FORGET, 300 } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2018, 8: a part is still there",
	  .steps = { { KEPT, 100, 200 }, { FORGET, 150 } },
	  .nr = 1, .want = { { 100, 150 } } },
	{ "RFC 2018, 8: all of it is still there",
	  .steps = { { KEPT, 100, 200 }, { FORGET, 200 } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2883, 4.1: a duplicate alone", .steps = { { DUP, -500, -400 } },
	  .nr = 1, .want = { { -500, -400 } } },
	{ "RFC 2883, 4.1: before the blocks",
	  .steps = { { KEPT, 100, 200 }, { DUP, -500, -400 } },
	  .nr = 2, .want = { { -500, -400 }, { 100, 200 } } },
	{ "RFC 2883, 4.1.3: of kept payload, with its block behind it",
	  .steps = { { KEPT, 100, 300 }, { KEPT, 500, 600 }, { DUP, 200, 300 },
		     { KEPT, 100, 300 } },
	  .nr = 3, .want = { { 200, 300 }, { 100, 300 }, { 500, 600 } } },
	{ "RFC 2883, 4: reported once",
	  .steps = { { KEPT, 100, 200 }, { DUP, -500, -400 }, { SENT } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2883, 4: the first of several",
	  .steps = { { DUP, -500, -400 }, { DUP, -200, -100 } },
	  .nr = 1, .want = { { -500, -400 } } },
	{ "RFC 2883, 4: of the most recent segment",
	  .steps = { { DUP, -500, -400 }, { NEXT }, { DUP, -200, -100 } },
	  .nr = 1, .want = { { -200, -100 } } },
	{ "RFC 2883, 4: which may repeat nothing",
	  .steps = { { KEPT, 100, 200 }, { DUP, -500, -400 }, { NEXT } },
	  .nr = 1, .want = { { 100, 200 } } },
	{ "RFC 2883, 4: takes the place of the oldest block",
	  .steps = { { KEPT, 100, 200 }, { KEPT, 300, 400 }, { KEPT, 500, 600 },
		     { KEPT, 700, 800 }, { DUP, -2, -1 } },
	  .nr = 4, .want = { { -2, -1 }, { 700, 800 }, { 500, 600 }, { 300, 400 } } },
};

static void report_desc(const struct report_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(report, reports, report_desc);

static void take(struct tcpx_test *t, const struct step *s, u32 base)
{
	switch (s->what) {
	case KEPT:
		tcpx_sack_kept(&t->tcb, base + s->start, base + s->end);
		return;
	case DUP:
		tcpx_sack_duplicate(&t->tcb, base + s->start, base + s->end);
		return;
	case NEXT:
		tcpx_sack_forget_dup(&t->tcb);
		return;
	case ARRIVES:
		tcpx_test_arrive(t, ACK, base + s->start, t->tcb.snd_nxt, s->end - s->start);
		return;
	case SENT:
		tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
		return;
	case FORGET:
		tcpx_sack_forget(&t->tcb, base + s->start);
		return;
	}
}

static struct tcpx_test *enter(struct kunit *test, bool ts)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_SACK_PERM | (ts ? TCPX_HAS_TS : 0);
	t->peer_opt.tsval = 1;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	return t;
}

static const struct tcpx_opts *next_opts(struct tcpx_test *t, u8 flags)
{
	tcpx_send_opts(&t->tcb, flags, t->now, &t->seg.opt);
	return &t->seg.opt;
}

static void report_case(struct kunit *test)
{
	const struct report_case *c = test->param_value;
	struct tcpx_test *t = enter(test, c->ts);
	const struct tcpx_opts *o;
	u32 base = t->tcb.rcv_nxt;
	int i;

	for (i = 0; i < ARRAY_SIZE(c->steps); i++)
		take(t, &c->steps[i], base);
	o = next_opts(t, ACK);
	KUNIT_EXPECT_EQ(test, !!(o->has & TCPX_HAS_SACK), !!c->nr);
	KUNIT_EXPECT_LE(test, tcpx_opt_len(o), TCPX_MAX_OPT_LEN);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(o),
			tcpx_fixed_opt_len(&t->tcb) + tcpx_sack_opt_len(&t->tcb));
	KUNIT_ASSERT_EQ(test, o->nr_sacks, c->nr);
	for (i = 0; i < c->nr; i++) {
		KUNIT_EXPECT_EQ(test, o->sack[i].start - base, c->want[i].start);
		KUNIT_EXPECT_EQ(test, o->sack[i].end - base, c->want[i].end);
	}
}

/* RFC 2018, 3: no blocks without SACK-permitted, without ACK, or on a SYN */
static void not_agreed(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_sack_kept(&t->tcb, t->tcb.rcv_nxt + 100, t->tcb.rcv_nxt + 200);
	tcpx_sack_duplicate(&t->tcb, t->tcb.rcv_nxt - 1, t->tcb.rcv_nxt);
	KUNIT_EXPECT_EQ(test, next_opts(t, ACK)->has, 0);
	KUNIT_EXPECT_EQ(test, tcpx_sack_opt_len(&t->tcb), 0);
}

static void on_acks_alone(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);

	tcpx_sack_kept(&t->tcb, t->tcb.rcv_nxt + 100, t->tcb.rcv_nxt + 200);
	KUNIT_EXPECT_EQ(test, next_opts(t, SYN_ACK)->nr_sacks, 0);
	KUNIT_EXPECT_EQ(test, next_opts(t, RST_ACK)->nr_sacks, 1);
	KUNIT_EXPECT_EQ(test, next_opts(t, RST)->nr_sacks, 0);
	KUNIT_EXPECT_EQ(test, next_opts(t, FIN_ACK)->nr_sacks, 1);
	KUNIT_EXPECT_EQ(test, next_opts(t, ACK | TCPX_PSH)->nr_sacks, 1);
}

/* net.tcpx.dsack */
static void dsack_switched_off(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);

	t->conf.dsack = 0;
	tcpx_sack_duplicate(&t->tcb, t->tcb.rcv_nxt - 1, t->tcb.rcv_nxt);
	KUNIT_EXPECT_EQ(test, next_opts(t, ACK)->nr_sacks, 0);
}

/* With timestamps and a user time-out there is room for two */
static void room_for_two(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 base = t->tcb.rcv_nxt;

	t->tcb.uto_on = true;
	t->tcb.uto_send = true;
	tcpx_sack_kept(&t->tcb, base + 100, base + 200);
	tcpx_sack_kept(&t->tcb, base + 300, base + 400);
	tcpx_sack_kept(&t->tcb, base + 500, base + 600);
	KUNIT_EXPECT_EQ(test, next_opts(t, ACK)->nr_sacks, 2);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&t->seg.opt), 36);
	KUNIT_EXPECT_EQ(test, tcpx_mss_next(&t->tcb), TEST_MSS - 36);
}

/* MUST-16: payload makes room for the blocks, and a segment is full without it */
static void blocks_take_from_the_data(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);
	u32 base = t->tcb.rcv_nxt;

	tcpx_test_write(t, 3 * TEST_MSS);
	tcpx_sack_kept(&t->tcb, base + 100, base + 200);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, TEST_MSS - 12);
	tcpx_test_sent(t, t->send.seq, t->send.len, ACK);
	tcpx_test_arrive(t, ACK, base, t->tcb.snd_una, 100);
	tcpx_segment_ooo(&t->tcb, base + 200, t->now, &t->a);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, TEST_MSS);
}

/* What goes again as long as it was takes the blocks that fit */
static void blocks_fit_the_data(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	static const u8 fit[][2] = { { 0, 0 }, { 11, 0 }, { 12, 1 }, { 19, 1 }, { 20, 2 } };
	u32 base = t->tcb.rcv_nxt;
	int i;

	tcpx_sack_kept(&t->tcb, base + 100, base + 200);
	tcpx_sack_kept(&t->tcb, base + 300, base + 400);
	for (i = 0; i < ARRAY_SIZE(fit); i++) {
		next_opts(t, ACK);
		tcpx_sack_fit(&t->seg.opt, fit[i][0]);
		KUNIT_EXPECT_EQ(test, t->seg.opt.nr_sacks, fit[i][1]);
		KUNIT_EXPECT_EQ(test, !!(t->seg.opt.has & TCPX_HAS_SACK), !!fit[i][1]);
	}
}

/**
 * struct dup_case - a segment that was there before: RFC 2883, 4
 * @name: which
 * @seq: from RCV.NXT
 * @len: bytes
 * @flags: beside ACK
 * @start: of the duplicate, from RCV.NXT
 * @end: of it; the same as @start: none
 */
struct dup_case {
	const char *name;
	u32 seq, len;
	u8 flags;
	u32 start, end;
};

static const struct dup_case dups[] = {
	{ "all of it old", -300, 200, 0, -300, -100 },
	{ "old up to RCV.NXT", -300, 300, 0, -300, 0 },
	{ "4.2: old in part", -300, 400, 0, -300, 0 },
	{ "one byte is old", -1, 2, 0, -1, 0 },
	{ "a keepalive probe without payload", -1, 0, 0, 0, 0 },
	{ "a keepalive probe with an octet", -1, 1, 0, -1, 0 },
	{ "new", 0, 100, 0, 0, 0 },
	{ "out of order", 100, 100, 0, 0, 0 },
	{ "a FIN is a number", -300, 200, TCPX_FIN, -300, -99 },
	{ "a FIN alone", -1, 0, TCPX_FIN, -1, 0 },
	{ "a new FIN", -300, 300, TCPX_FIN, -300, 0 },
	{ "a SYN is no payload", -300, 200, TCPX_SYN, 0, 0 },
};

static void dup_desc(const struct dup_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 2883, 4: %s", c->name);
}

KUNIT_ARRAY_PARAM(dup, dups, dup_desc);

static void dup_case(struct kunit *test)
{
	const struct dup_case *c = test->param_value;
	struct tcpx_test *t = enter(test, false);
	u32 base;

	t->now += SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 500);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	base = t->tcb.rcv_nxt;
	t->tcb.quickacks = 0;
	tcpx_test_arrive(t, ACK | c->flags, base + c->seq, t->tcb.snd_nxt, c->len);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.dup.end - t->tcb.sack.dup.start, c->end - c->start);
	if (c->start == c->end)
		return;
	KUNIT_EXPECT_EQ(test, t->tcb.sack.dup.start - base, c->start);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_ACK);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* RFC 7323, 5.3: what PAWS rejects may be a duplicate as well */
static void dup_by_paws(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 base;

	t->peer_opt.tsval = 1000;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 500);
	base = t->tcb.rcv_nxt;
	t->peer_opt.tsval = 999;
	tcpx_test_arrive(t, ACK, base - 500, t->tcb.snd_nxt, 600);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_PAWS);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.dup.start, base - 500);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.dup.end, base);
}

/* A FIN beyond a hole is the last number of its block, whatever came first */
static void fin_is_reported(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);
	struct tcpx_sack_block *b = t->tcb.sack.block;
	u32 base = t->tcb.rcv_nxt;

	tcpx_test_arrive(t, FIN_ACK, base + 300, t->tcb.snd_una, 0);
	KUNIT_EXPECT_EQ(test, b[0].start, base + 300);
	KUNIT_EXPECT_EQ(test, b[0].end, base + 301);
	tcpx_sack_kept(&t->tcb, base + 100, base + 200);
	tcpx_sack_kept(&t->tcb, base + 250, base + 300);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.nr, 2);
	KUNIT_EXPECT_EQ(test, b[0].start, base + 250);
	KUNIT_EXPECT_EQ(test, b[0].end, base + 301);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.dup.start, t->tcb.sack.dup.end);
	tcpx_sack_kept(&t->tcb, base + 100, base + 200);
	tcpx_test_arrive(t, FIN_ACK, base + 300, t->tcb.snd_una, 0);
	KUNIT_EXPECT_EQ(test, b[0].start, base + 250);
	KUNIT_EXPECT_EQ(test, b[0].end, base + 301);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.nr, 2);
	KUNIT_EXPECT_EQ(test, next_opts(t, ACK)->nr_sacks, 3);
	KUNIT_EXPECT_EQ(test, t->seg.opt.sack[0].start, base + 300);
	KUNIT_EXPECT_EQ(test, t->seg.opt.sack[0].end, base + 301);
	KUNIT_EXPECT_EQ(test, t->seg.opt.sack[1].start, base + 250);
}

/*
 * Blocks at random, across the wrap: each that is reported is kept whole and
 * no other, the first is the one that changed, none is there twice.
 */
static void reports_are_true(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);
	u32 base = 0xfffffff0, x = 2463534242U, at, from, to, i, j, round;
	static bool kept[64];

	t->tcb.rcv_nxt = base;
	for (round = 0; round < 3000; round++) {
		tcpx_test_draw(&x);
		if (!(round % 40)) {
			memset(kept, 0, sizeof(kept));
			tcpx_sack_forget(&t->tcb, base);
		}
		at = 1 + x % 62;
		kept[at] = true;
		for (from = at; kept[from - 1]; from--)
			;
		for (to = at + 1; kept[to]; to++)
			;
		tcpx_sack_kept(&t->tcb, base + from, base + to);
		KUNIT_ASSERT_EQ(test, t->tcb.sack.block[0].start - base, from);
		KUNIT_ASSERT_LE(test, t->tcb.sack.nr, TCPX_MAX_SACKS);
		for (i = 0; i < t->tcb.sack.nr; i++) {
			from = t->tcb.sack.block[i].start - base;
			to = t->tcb.sack.block[i].end - base;
			KUNIT_ASSERT_TRUE(test, from < to && !kept[from - 1] && !kept[to]);
			for (j = from; j < to; j++)
				KUNIT_ASSERT_TRUE(test, kept[j]);
			for (j = 0; j < i; j++)
				KUNIT_ASSERT_NE(test, t->tcb.sack.block[j].start - base, from);
		}
	}
}

static struct kunit_case sack_cases[] = {
	KUNIT_CASE_PARAM(report_case, report_gen_params),
	KUNIT_CASE(not_agreed),
	KUNIT_CASE(on_acks_alone),
	KUNIT_CASE(dsack_switched_off),
	KUNIT_CASE(room_for_two),
	KUNIT_CASE(blocks_take_from_the_data),
	KUNIT_CASE(blocks_fit_the_data),
	KUNIT_CASE_PARAM(dup_case, dup_gen_params),
	KUNIT_CASE(dup_by_paws),
	KUNIT_CASE(fin_is_reported),
	KUNIT_CASE(reports_are_true),
	{}
};

static struct kunit_suite sack_suite = {
	.name = "tcpx_sack",
	.init = tcpx_test_init,
	.test_cases = sack_cases,
};

kunit_test_suite(sack_suite);
