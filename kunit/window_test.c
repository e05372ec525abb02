// SPDX-License-Identifier: GPL-2.0
/* The window that is offered: RFC 9293, 3.8.6.2.2; RFC 7323, 2. */
#include <linux/kernel.h>

#include "../core/window.h"
#include "fixture.h"

/**
 * struct select_case - the window to advertise
 * @name: the rule
 * @scale: RCV.WSCALE
 * @wnd: what is promised
 * @mss: the largest segment that came
 * @space: bytes free
 * @total: bytes of the buffer
 * @want: what to advertise
 * @kept: what is taken; 0: the same
 */
struct select_case {
	const char *name;
	u8 scale;
	u32 wnd;
	u16 mss;
	u32 space, total;
	u32 want;
	u32 kept;
};

static const struct select_case selects[] = {
	{ "nothing has changed", 0, 8000, 536, 8000, 10000, 8000 },
	{ "SHLD-14: less space does not shrink it", 0, 8000, 536, 5000, 10000, 8000 },
	{ "SHLD-14: no space does not either", 0, 8000, 536, 0, 10000, 8000 },
	{ "a byte less than a segment more", 0, 8000, 536, 8535, 10000, 8000 },
	{ "a segment more", 0, 8000, 536, 8536, 10000, 8536 },
	{ "a byte less than half a small buffer", 0, 0, 536, 199, 400, 0 },
	{ "half a small buffer", 0, 0, 536, 200, 400, 200 },
	{ "shut, and less than a segment is free", 0, 0, 536, 535, 10000, 0 },
	{ "shut, and a segment is free", 0, 0, 536, 536, 10000, 536 },
	{ "shut, and a segment of 1460 is free", 0, 0, 1460, 1460, 10000, 1460 },
	{ "shut, and nothing is free", 0, 0, 536, 0, 10000, 0 },
	{ "the largest without scale", 0, 0, 536, 65535, 200000, 65535 },
	{ "more than 16 bits without scale", 0, 0, 536, 65536, 200000, 65535 },
	{ "all of a large buffer without scale", 0, 65535, 536, 200000, 200000, 65535 },
	{ "scaled, rounded up to its unit", 7, 0, 536, 200000, 200000, 200064 },
	{ "scaled, exactly its unit", 7, 0, 536, 199936, 200000, 199936 },
	{ "scaled, half of a small buffer more", 9, 1024, 1448, 2304, 2304, 2560 },
	{ "scaled, a byte less than that", 9, 1024, 1448, 2175, 2304, 1024 },
	{ "a buffer smaller than a unit", 14, 0, 1448, 2304, 2304, 16384 },
	{ "RFC 7323, 2.4: a promise is rounded up where there is room", 7, 1000, 536, 1024,
	  200000, 1024 },
	{ "RFC 7323, 2.4: ... and less is said where there is none", 7, 1000, 536, 1023,
	  200000, 896, 1000 },
	{ "RFC 7323, 2.4: ... nor any left", 7, 1000, 536, 0, 200000, 896, 1000 },
	{ "scaled, a promise of whole units stays", 7, 1024, 536, 0, 200000, 1024 },
	{ "scaled, a promise of one byte, and no room", 7, 1, 536, 0, 200000, 0, 1 },
	{ "scaled, a promise of one byte, and room for one", 7, 1, 536, 1, 200000, 128 },
	{ "a buffer smaller than a unit, and a promise of more", 14, 5000, 1448, 1000, 2304,
	  16384 },
	{ "scaled, the largest", 7, 0, 536, 0xffffffff, 0xffffffff, 65535 << 7 },
	{ "scaled, the largest stays", 7, 65535 << 7, 536, 0, 0xffffffff, 65535 << 7 },
	{ "the largest shift", 14, 0, 536, 0xffffffff, 0xffffffff, 65535U << 14 },
};

static void select_desc(const struct select_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.8.6.2.2: %s", c->name);
}

KUNIT_ARRAY_PARAM(select, selects, select_desc);

static void select_case(struct kunit *test)
{
	const struct select_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->tcb.rcv_wscale = c->scale;
	t->tcb.rcv_wnd = c->wnd;
	t->tcb.rcv_mss = c->mss;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_select(&t->tcb, c->space, c->space, c->total), c->want);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, c->kept ?: c->want);
	/* It can be said in 16 bits, and says what it means */
	KUNIT_EXPECT_EQ(test, (u32)tcpx_wnd_field(&t->tcb, false) << c->scale, c->want);
}

/* SHLD-14: RCV.NXT + RCV.WND never goes back, however the buffer fills */
static void right_edge_never_shrinks(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u32 used = 0, x = 2463534242U;
	u32 edge, len, left;
	int i;

	t->peer_opt.has |= TCPX_HAS_WSCALE;
	t->rcv_wscale = 3;
	t->rcv_wnd = 65536;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	edge = t->tcb.rcv_nxt + t->tcb.rcv_wnd;
	for (i = 0; i < 2000; i++) {
		tcpx_test_draw(&x);
		len = min(x % 3000, t->tcb.rcv_wnd);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, len);
		used += len;
		used -= min(used, (x >> 16) % 4000);
		left = used < 65536 ? 65536 - used : 0;
		tcpx_wnd_select(&t->tcb, left, left, 65536);
		KUNIT_ASSERT_LE(test, edge - t->tcb.rcv_nxt, t->tcb.rcv_wnd);
		edge = t->tcb.rcv_nxt + t->tcb.rcv_wnd;
	}
}

/* RFC 7323, 2.4: segments smaller than a unit, unread, get no more than there is room for */
static void small_segments_fill_the_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u32 total = 65536, used, left, first, len;

	t->peer_opt.has |= TCPX_HAS_WSCALE;
	t->rcv_wscale = 11;
	t->rcv_wnd = 32768;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	first = t->tcb.rcv_nxt;
	while (t->tcb.rcv_wnd) {
		len = min(700U, t->tcb.rcv_wnd);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, len);
		used = t->tcb.rcv_nxt - first;
		KUNIT_ASSERT_LE(test, used, total + (1 << 11));
		left = total > used ? total - used : 0;
		tcpx_wnd_select(&t->tcb, left, left, total);
	}
	KUNIT_EXPECT_GE(test, used, total);
}

/**
 * struct update_case - the user has read: is that worth an ACK?
 * @name: the rule
 * @scale: RCV.WSCALE
 * @wnd: what is promised
 * @space: bytes free
 * @total: bytes of the buffer
 * @due: it is
 * @most: the largest window that was ever offered; 0: that is no limit
 */
struct update_case {
	const char *name;
	u8 scale;
	u32 wnd;
	u32 space, total;
	bool due;
	u32 most;
};

static const struct update_case updates[] = {
	{ "shut, nothing free", 0, 0, 0, 10000, false },
	{ "shut, less than a segment free", 0, 0, 535, 10000, false },
	{ "shut, a segment free", 0, 0, 536, 10000, true },
	{ "shut, half a small buffer free", 0, 0, 200, 400, true },
	{ "shut, less than half a small buffer free", 0, 0, 199, 400, false },
	{ "not doubled", 0, 1000, 1999, 10000, false },
	{ "doubled", 0, 1000, 2000, 10000, true },
	{ "doubled, by less than a segment", 0, 100, 635, 10000, false },
	{ "doubled, by a segment", 0, 100, 636, 10000, true },
	{ "less free than was promised", 0, 8000, 5000, 10000, false },
	{ "as much as was promised", 0, 8000, 8000, 10000, false },
	{ "promised all that can be said", 0, 65535, 200000, 200000, false },
	{ "scaled, less than a unit", 10, 0, 1023, 200000, true },
	{ "scaled, a unit", 10, 0, 1024, 200000, true },
	{ "scaled, doubled", 10, 1024, 2048, 200000, true },
	{ "scaled, a byte less than that", 10, 1024, 2047, 200000, false },
	{ "all is read, and the buffer has grown", 7, 65535, 1 << 20, 1 << 20, false, 65535 },
	{ "... after half of what was offered", 7, 32768, 1 << 20, 1 << 20, false, 65535 },
	{ "... and a byte more", 7, 32767, 1 << 20, 1 << 20, true, 65535 },
	{ "scaled, half of a small buffer free", 9, 1024, 2304, 2304, true },
};

static void update_desc(const struct update_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.8.6.2.2: %s", c->name);
}

KUNIT_ARRAY_PARAM(update, updates, update_desc);

static void update_case(struct kunit *test)
{
	const struct update_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->tcb.rcv_wscale = c->scale;
	t->tcb.rcv_wnd = c->wnd;
	t->tcb.max_rcv_wnd = c->most ?: -1;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_update_due(&t->tcb, c->space, c->total), c->due);
	/* It only asks; and where it is due the next ACK does say more */
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, c->wnd);
	tcpx_wnd_select(&t->tcb, c->space, c->space, c->total);
	if (c->due)
		KUNIT_EXPECT_GT(test, t->tcb.rcv_wnd, c->wnd);
}

/**
 * struct field_case - the window field
 * @wnd: RCV.WND
 * @scale: RCV.WSCALE
 * @syn: the segment carries SYN
 * @want: the field
 */
struct field_case {
	u32 wnd;
	u8 scale;
	bool syn;
	u16 want;
};

static const struct field_case fields[] = {
	{ 0, 0, false, 0 },
	{ 65535, 0, false, 65535 },
	{ 65536, 0, false, 65535 },
	{ 65536, 1, false, 32768 },
	{ 65536, 1, true, 65535 },
	{ 1000, 7, true, 1000 },
	{ 1000, 7, false, 7 },
	{ 65535U << 14, 14, false, 65535 },
	{ 65535U << 14, 14, true, 65535 },
};

static void field_desc(const struct field_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7323, 2.2: %u >> %u%s", c->wnd, c->scale,
		 c->syn ? ", SYN" : "");
}

KUNIT_ARRAY_PARAM(field, fields, field_desc);

static void field_case(struct kunit *test)
{
	const struct field_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->tcb.rcv_wnd = c->wnd;
	t->tcb.rcv_wscale = c->scale;
	KUNIT_EXPECT_EQ(test, tcpx_wnd_field(&t->tcb, c->syn), c->want);
}

/**
 * struct scale_case - RFC 7323, 2.3: the shift for a buffer
 * @space: bytes
 * @shift: so many bits
 */
struct scale_case {
	u32 space;
	u8 shift;
};

static const struct scale_case scales[] = {
	{ 0, 0 }, { 65535, 0 }, { 65536, 1 }, { 131071, 1 }, { 131072, 2 },
	{ 6 << 20, 7 }, { 0x3fffbfff, 14 }, { 0x3fffffff, 14 }, { 0x40000000, 14 },
	{ 0xffffffff, 14 },
};

static void scale_desc(const struct scale_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7323, 2.3: %u bytes", c->space);
}

KUNIT_ARRAY_PARAM(scale, scales, scale_desc);

static void scale_case(struct kunit *test)
{
	const struct scale_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_wnd_scale(c->space), c->shift);
}

/* Whose window it is that holds payload back, for TCP_INFO */
static void limited_by_the_peer(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 3 * TEST_MSS;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_peer_limited(&t->tcb));
	tcpx_test_write(t, 3 * TEST_MSS);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_peer_limited(&t->tcb));
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 3);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_peer_limited(&t->tcb));
	tcpx_test_write(t, 1);
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_peer_limited(&t->tcb));
	t->wnd = 2 * TEST_MSS;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 2 * TEST_MSS, 0);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_peer_limited(&t->tcb));
	/* Less than a segment's worth is not enough for a segment */
	tcpx_test_write(t, 2 * TEST_MSS);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_peer_limited(&t->tcb));
	t->tcb.snd_wnd--;
	KUNIT_EXPECT_TRUE(test, tcpx_wnd_peer_limited(&t->tcb));
	/* A FIN that was sent is no payload */
	t->tcb.snd_wnd = 0;
	t->tcb.snd_nxt = t->tcb.write_seq + 1;
	t->tcb.fin_queued = true;
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_peer_limited(&t->tcb));
}

/* What a time-out sends: the first segment, as it was, window or not */
static void first_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 3 * TEST_MSS;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_first(&t->tcb, &t->send));
	tcpx_test_write(t, TEST_MSS + 10);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 2);
	t->tcb.snd_wnd = 0;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_first(&t->tcb, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, t->tcb.snd_una);
	KUNIT_EXPECT_EQ(test, t->send.len, TEST_MSS);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt && !t->send.fin && !t->send.psh);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(select_case, select_gen_params),
	KUNIT_CASE(small_segments_fill_the_window),
	KUNIT_CASE(right_edge_never_shrinks),
	KUNIT_CASE_PARAM(update_case, update_gen_params),
	KUNIT_CASE_PARAM(field_case, field_gen_params),
	KUNIT_CASE_PARAM(scale_case, scale_gen_params),
	KUNIT_CASE(limited_by_the_peer),
	KUNIT_CASE(first_again),
	{}
};

static struct kunit_suite window_suite = {
	.name = "tcpx_window",
	.init = tcpx_test_init,
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
