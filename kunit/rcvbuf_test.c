// SPDX-License-Identifier: GPL-2.0
/* How large the receive buffer should be, and windows of 1 GiB: RFC 7323, 2. */
#include <linux/kernel.h>

#include "../core/window.h"
#include "fixture.h"

#define RTT	(100 * MSEC)
#define SMSS	1000U

/* A peer whose echo is @echo ns old, and that has timestamps or not */
static struct tcpx_test *enter(struct kunit *test, bool ts)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_WSCALE | (ts ? TCPX_HAS_TS : 0);
	t->peer_opt.tsval = 1;
	t->rcv_wscale = 14;
	t->rcv_wnd = 65535;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.rcv_mss = SMSS;
	return t;
}

static void data(struct tcpx_test *t, u32 len, u64 echo)
{
	t->peer_opt.tsval = tcpx_tsval(&t->tcb, t->now);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now - echo);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, len);
}

static u32 read_all(struct tcpx_test *t)
{
	t->tcb.copied_seq = t->tcb.rcv_nxt;
	return tcpx_rcvbuf_read(&t->tcb, t->now);
}

/* Payload arrives, the user reads it at once and the window is offered */
static u32 take(struct tcpx_test *t, u32 len, u64 echo)
{
	u32 window;

	data(t, len, echo);
	window = read_all(t);
	tcpx_wnd_select(&t->tcb, window, window, window);
	return window;
}

/* The sender's window doubles with each round trip, and is never held back */
static void ahead_of_slow_start(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 cwnd = 10 * SMSS, i, n, window;

	t->tcb.rcvbuf.rtt = RTT;
	while (cwnd < 200 << 20) {
		n = min(cwnd / SMSS, 5000U);	/* larger rounds in larger pieces */
		for (i = 0; i < n; i++) {
			t->now += RTT / n;
			window = take(t, cwnd / n, RTT);
			KUNIT_ASSERT_GE(test, window, cwnd + (i + 1) * (cwnd / n));
		}
		cwnd *= 2;
	}
}

/* Payload @off octets beyond RCV.NXT */
static void beyond(struct tcpx_test *t, u32 off, u32 len)
{
	t->peer_opt.tsval = tcpx_tsval(&t->tcb, t->now);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now - RTT);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt + off, t->tcb.snd_nxt, len);
}

/* Nor is it while a hole is repaired, however often the repair is lost again */
static void ahead_beyond_a_hole(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 cwnd = 10 * SMSS, high = SMSS, i, n, window;

	t->tcb.rcvbuf.rtt = RTT;
	while (cwnd < 200 << 20) {
		n = min(cwnd / SMSS, 5000U);
		for (i = 0; i < n; i++) {
			t->now += RTT / n;
			beyond(t, high, cwnd / n);
			high += cwnd / n;
			window = tcpx_rcvbuf_read(&t->tcb, t->now);
			/* What is held takes memory, so it is offered no more */
			window -= min(high - SMSS, window);
			tcpx_wnd_select(&t->tcb, window, window, window);
			/* Twice this, a round trip from now, is on the way */
			KUNIT_ASSERT_GE(test, t->tcb.rcv_wnd,
					high + cwnd - (n - i - 1) * (cwnd / n));
		}
		cwnd *= 2;
	}
	/* All of it is read: the next hole finds as much room */
	data(t, SMSS, RTT);
	t->tcb.rcv_nxt += high - SMSS;
	KUNIT_EXPECT_GE(test, read_all(t), 4 * (cwnd / 2));
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.high, t->tcb.rcv_nxt);
}

/* ... where the user has read all that is before it */
static void slow_reader_with_a_hole(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 i, first = tcpx_rcvbuf_read(&t->tcb, t->now);

	t->tcb.rcvbuf.rtt = RTT;
	data(t, SMSS, RTT);
	for (i = 1; i < 60; i++) {
		t->now += MSEC;
		beyond(t, i * SMSS, SMSS);
		KUNIT_ASSERT_EQ(test, tcpx_rcvbuf_read(&t->tcb, t->now), first);
	}
}

/* CVE-2018-5390: small segments get no memory for more of them */
static void small_ones_beyond_a_hole(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 window, i;

	t->tcb.rcvbuf.rtt = RTT;
	window = tcpx_rcvbuf_read(&t->tcb, t->now);
	for (i = 0; i < 1000; i++) {
		t->now += MSEC;
		beyond(t, 2 + 2 * i, 1);
		KUNIT_ASSERT_EQ(test, tcpx_rcvbuf_read(&t->tcb, t->now), window);
	}
	beyond(t, 2 * SMSS, SMSS);
	KUNIT_EXPECT_GT(test, tcpx_rcvbuf_read(&t->tcb, t->now), window);
}

/* For a user that reads less, no more is offered than before */
static void slow_reader(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u32 i, first = tcpx_rcvbuf_read(&t->tcb, t->now);

	t->tcb.rcvbuf.rtt = RTT;
	for (i = 0; i < 1000; i++) {
		t->now += 10 * MSEC;
		data(t, 2, RTT);
		KUNIT_ASSERT_EQ(test, read_all(t), first);
	}
}

/* And no one while the round trip is not known */
static void not_measured(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);
	u32 first;

	t->tcb.rcv_mss = TEST_ADV_MSS;
	first = tcpx_rcvbuf_read(&t->tcb, t->now);
	t->tcb.rcvbuf.rtt = 0;
	t->tcb.rcv_wnd = 1 << 20;
	data(t, 60000, 0);
	KUNIT_EXPECT_EQ(test, read_all(t), first);
}

static void largest(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);

	t->tcb.rcvbuf.rtt = RTT;
	t->tcb.copied_seq += 0x7fffffff;
	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_read(&t->tcb, t->now), TCPX_MAX_WINDOW);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.space, TCPX_MAX_WINDOW);
}

/* RFC 7323, 4: the echo of our own timestamp */
static void rtt_by_echo(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	int i;

	t->tcb.rcvbuf.rtt = 0;
	data(t, SMSS, RTT);
	KUNIT_EXPECT_LE(test, t->tcb.rcvbuf.rtt, RTT + 2 * MSEC);
	KUNIT_EXPECT_GE(test, t->tcb.rcvbuf.rtt, RTT - 2 * MSEC);
	/* It follows the path, up and down */
	for (i = 0; i < 100; i++) {
		t->now += 5 * MSEC;
		take(t, SMSS, 3 * RTT);
	}
	KUNIT_EXPECT_GE(test, t->tcb.rcvbuf.rtt, 3 * RTT - 12 * MSEC);
	for (i = 0; i < 100; i++) {
		t->now += 5 * MSEC;
		take(t, SMSS, RTT);
	}
	KUNIT_EXPECT_LE(test, t->tcb.rcvbuf.rtt, RTT + 12 * MSEC);
}

/* Less than a tick of the clock is not nothing */
static void rtt_below_a_tick(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);

	t->tcb.rcvbuf.rtt = 0;
	data(t, SMSS, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.rtt, 1ULL << (TCPX_TS_SHIFT - 1));
	/* ... and what the handshake measured may be much less */
	t->tcb.rcvbuf.rtt = 1000;
	t->tcb.rcvbuf.tsecr = 0;
	data(t, SMSS, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.rtt, 1000);
}

/**
 * struct echo_case - what is no sample
 * @name: why
 * @pause: ns since the last payload
 * @len: bytes
 * @echo: ns
 */
struct echo_case {
	const char *name;
	u64 pause;
	u32 len;
	u64 echo;
};

static const struct echo_case echoes[] = {
	{ "after a pause", 2 * RTT, SMSS, 5 * RTT },
	{ "a short segment", 5 * MSEC, SMSS - 1, 5 * RTT },
	{ "from the future", 5 * MSEC, SMSS, -5 * (s64)RTT },
};

static void echo_desc(const struct echo_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "no sample: %s", c->name);
}

KUNIT_ARRAY_PARAM(echo, echoes, echo_desc);

static void echo_case(struct kunit *test)
{
	const struct echo_case *c = test->param_value;
	struct tcpx_test *t = enter(test, true);

	data(t, SMSS, RTT);
	t->tcb.rcvbuf.rtt = RTT;
	t->now += c->pause;
	data(t, c->len, c->echo);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.rtt, RTT);
}

/* The same echo again says when the peer was silent, not how far it is */
static void same_echo(struct kunit *test)
{
	struct tcpx_test *t = enter(test, true);
	u64 rtt;

	data(t, SMSS, RTT);
	rtt = t->tcb.rcvbuf.rtt;
	t->now += 50 * MSEC;
	data(t, SMSS, RTT + 50 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.rtt, rtt);
}

/* What was in flight already arrives sooner, what is beyond the edge does not */
static void rtt_by_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);
	u32 i;

	t->tcb.rcvbuf.rtt = 0;
	for (i = 0; i < 60; i++) {			/* a window in one burst */
		t->now += MSEC / 100;
		data(t, SMSS, 0);
		read_all(t);
		tcpx_wnd_select(&t->tcb, 65535, 65535, 65535);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.rtt, 0);
	for (i = 0; i < 300; i++) {			/* and then one in each round trip */
		t->now += i % 60 ? MSEC / 100 : RTT;
		data(t, SMSS, 0);
		read_all(t);
		tcpx_wnd_select(&t->tcb, 65535, 65535, 65535);
	}
	KUNIT_EXPECT_GE(test, t->tcb.rcvbuf.rtt, RTT);
	KUNIT_EXPECT_LE(test, t->tcb.rcvbuf.rtt, RTT + 2 * MSEC);
}

static void the_handshake_is_a_sample(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->rcv_wnd = 65535;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->now += 30 * MSEC;
	tcpx_test_arrive(t, SYN_ACK, t->irs, t->iss + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.rtt, 30 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.space, 10 * TEST_ADV_MSS);
	KUNIT_EXPECT_EQ(test, t->tcb.max_rcv_wnd, 65535);
}

/* A first read changes nothing: what was offered is ahead of the first flight, however large */
static void first_read(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_WSCALE;
	t->rcv_wscale = 7;
	t->rcv_wnd = 65535;
	t->tcb.adv_mss = 65483;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.rcvbuf.rtt = RTT;
	data(t, 16383, 0);
	KUNIT_EXPECT_LE(test, read_all(t), 2 * 65535);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_update_due(&t->tcb, 1 << 20, 1 << 20));
	/* The next ACK says what there is */
	KUNIT_EXPECT_EQ(test, tcpx_wnd_select(&t->tcb, 1 << 20, 1 << 20, 1 << 20), 1 << 20);
	KUNIT_EXPECT_EQ(test, t->tcb.max_rcv_wnd, 1 << 20);
}

/**
 * struct ratio_case - memory that segments take
 * @name: which
 * @len: bytes of payload
 * @truesize: bytes of memory
 * @want: of 256, after many of them
 */
struct ratio_case {
	const char *name;
	u32 len, truesize;
	u8 want;
};

static const struct ratio_case ratios[] = {
	{ "half", SMSS, 2 * SMSS, 128 },
	{ "a third of it", SMSS, 3 * SMSS, 85 },
	{ "many in one buffer", 60 * SMSS, 65 * SMSS, 204 },
	{ "next to no overhead", SMSS, SMSS + 1, 204 },
	{ "three quarters", 3 * SMSS, 4 * SMSS, 192 },
	{ "next to nothing else", SMSS, 1000 * SMSS, 16 },
	{ "small ones do not tell", SMSS - 1, 1000 * SMSS, 128 },
	{ "no memory at all does not either", SMSS, 0, 128 },
};

static void ratio_desc(const struct ratio_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "overhead: %s", c->name);
}

KUNIT_ARRAY_PARAM(ratio, ratios, ratio_desc);

static void ratio_case(struct kunit *test)
{
	const struct ratio_case *c = test->param_value;
	struct tcpx_test *t = enter(test, false);
	int i;

	for (i = 0; i < 100; i++)
		tcpx_rcvbuf_measure(&t->tcb, c->len, c->truesize);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.ratio, c->want);
	/* A window fits into the memory that is said to be needed for it */
	KUNIT_EXPECT_GE(test, tcpx_rcvbuf_data(&t->tcb, tcpx_rcvbuf_memory(&t->tcb, 100000, -1),
					       false), 100000);
	KUNIT_EXPECT_LE(test, tcpx_rcvbuf_data(&t->tcb, 1000, true), 500);
}

/* No number wraps: 2 GiB of memory hold 1 GiB, and no window is larger */
static void memory_limits(struct kunit *test)
{
	struct tcpx_test *t = enter(test, false);

	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_data(&t->tcb, 0, false), 0);
	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_data(&t->tcb, 0x7fffffff, false), 0x3fffc000);
	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_data(&t->tcb, 0xffffffff, false), 0x3fffc000);
	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_memory(&t->tcb, TCPX_MAX_WINDOW, 0x7fffffff),
			0x7fff8000);
	t->tcb.rcvbuf.ratio = 16;
	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_memory(&t->tcb, TCPX_MAX_WINDOW, 0x7fffffff),
			0x7fffffff);
	KUNIT_EXPECT_EQ(test, tcpx_rcvbuf_memory(&t->tcb, 100, 1000), 1000);
}

/**
 * struct edge_case - a window of 1 GiB, wherever it lies
 * @name: which octet
 * @seq: the segment's, from RCV.NXT
 * @len: bytes
 * @todo: TCPX_DO_*
 * @kept: bytes of it
 */
struct edge_case {
	const char *name;
	u32 seq, len;
	u32 todo;
	u32 kept;
};

static const struct edge_case edges[] = {
	{ "the last octet", TCPX_MAX_WINDOW - 1, 1, TCPX_DO_OOO | TCPX_DO_ACK, 1 },
	{ "the last segment", TCPX_MAX_WINDOW - 1000, 1000, TCPX_DO_OOO | TCPX_DO_ACK, 1000 },
	{ "one octet too many", TCPX_MAX_WINDOW - 999, 1000, TCPX_DO_OOO | TCPX_DO_ACK, 999 },
	{ "beyond the edge", TCPX_MAX_WINDOW, 1, TCPX_DO_ACK, 0 },
	{ "far beyond it", 0x7ffffff0, 1, TCPX_DO_ACK, 0 },
	{ "the middle", TCPX_MAX_WINDOW / 2, 1000, TCPX_DO_OOO | TCPX_DO_ACK, 1000 },
	{ "1 GiB ago", -TCPX_MAX_WINDOW, 1000, TCPX_DO_ACK, 0 },
};

static void edge_desc(const struct edge_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7323, 2.3: %s", c->name);
}

KUNIT_ARRAY_PARAM(edge, edges, edge_desc);

static void edge_case(struct kunit *test)
{
	const struct edge_case *c = test->param_value;
	static const u32 bases[] = { 5001, 0x7fffffff, 0xc0000000, 0xfffffff0 };
	struct tcpx_test *t = enter(test, false);
	int i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		t->tcb.rcv_nxt = bases[i];
		t->tcb.rcv_wnd = 0;
		t->tcb.oow_last = 0;
		KUNIT_EXPECT_EQ(test, tcpx_wnd_select(&t->tcb, -1, -1, -1), TCPX_MAX_WINDOW);
		KUNIT_EXPECT_EQ(test, tcpx_wnd_field(&t->tcb, false), 65535);
		tcpx_test_arrive(t, ACK, bases[i] + c->seq, t->tcb.snd_nxt, c->len);
		KUNIT_EXPECT_EQ(test, t->a.todo, c->todo);
		KUNIT_EXPECT_EQ(test, t->a.data_len, c->kept);
		KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, bases[i]);
	}
}

/* The peer's window of 1 GiB is honoured to the octet */
static void send_into_a_gib(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_WSCALE;
	t->peer_opt.wscale = 14;
	t->wnd = 65535;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, TCPX_MAX_WINDOW);
	t->tcb.cong.cwnd = 0x7fffffff;
	tcpx_test_write(t, 0x50000000);
	t->tcb.snd_nxt = t->tcb.snd_una + TCPX_MAX_WINDOW - 10;
	t->tcb.sws_override = true;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, 10);
	t->tcb.snd_nxt += 10;
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

static struct kunit_case rcvbuf_cases[] = {
	KUNIT_CASE(ahead_of_slow_start),
	KUNIT_CASE(ahead_beyond_a_hole),
	KUNIT_CASE(small_ones_beyond_a_hole),
	KUNIT_CASE(slow_reader_with_a_hole),
	KUNIT_CASE(slow_reader),
	KUNIT_CASE(not_measured),
	KUNIT_CASE(largest),
	KUNIT_CASE(rtt_by_echo),
	KUNIT_CASE(rtt_below_a_tick),
	KUNIT_CASE_PARAM(echo_case, echo_gen_params),
	KUNIT_CASE(same_echo),
	KUNIT_CASE(rtt_by_window),
	KUNIT_CASE(the_handshake_is_a_sample),
	KUNIT_CASE(first_read),
	KUNIT_CASE_PARAM(ratio_case, ratio_gen_params),
	KUNIT_CASE(memory_limits),
	KUNIT_CASE_PARAM(edge_case, edge_gen_params),
	KUNIT_CASE(send_into_a_gib),
	{}
};

static struct kunit_suite rcvbuf_suite = {
	.name = "tcpx_rcvbuf",
	.init = tcpx_test_init,
	.test_cases = rcvbuf_cases,
};

kunit_test_suite(rcvbuf_suite);
