// SPDX-License-Identifier: GPL-2.0
/* The header of RFC 9293, 3.1, and the arithmetic modulo 2^32 of 3.4. */
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "../tcpx_fsm.h"
#include "fixture.h"

/**
 * struct order_case - two sequence numbers
 * @name: where they lie
 * @a: the one
 * @b: the other
 * @before: a < b
 * @after: a > b
 */
struct order_case {
	const char *name;
	u32 a, b;
	bool before, after;
};

static const struct order_case orders[] = {
	{ "equal, at 0", 0, 0, false, false },
	{ "equal, at 2^31", 0x80000000, 0x80000000, false, false },
	{ "equal, at 2^32-1", 0xffffffff, 0xffffffff, false, false },
	{ "one apart, at 0", 0, 1, true, false },
	{ "one apart, at 0, swapped", 1, 0, false, true },
	{ "one apart, across 2^32", 0xffffffff, 0, true, false },
	{ "one apart, across 2^32, swapped", 0, 0xffffffff, false, true },
	{ "two apart, around 0", 0xffffffff, 1, true, false },
	{ "two apart, around 0, swapped", 1, 0xffffffff, false, true },
	{ "one apart, across 2^31", 0x7fffffff, 0x80000000, true, false },
	{ "one apart, across 2^31, swapped", 0x80000000, 0x7fffffff, false, true },
	{ "2^31-1 apart, from 0", 0, 0x7fffffff, true, false },
	{ "2^31-1 apart, from 0, swapped", 0x7fffffff, 0, false, true },
	{ "2^31-1 apart, from 1", 1, 0x80000000, true, false },
	{ "2^31+1 apart counts as behind", 0, 0x80000001, false, true },
	{ "2^31+1 apart counts as ahead, swapped", 0x80000001, 0, true, false },
	{ "2^31-1 apart, ends at 2^32-1", 0x80000000, 0xffffffff, true, false },
	{ "2^31-1 apart, across 2^32", 0xc0000000, 0x3fffffff, true, false },
	{ "2^31-1 apart, across 2^32, swapped", 0x3fffffff, 0xc0000000, false, true },
	{ "a window of 2^30 across 2^32", 0xe0000000, 0x20000000, true, false },
	{ "a window of 2^30 across 2^31", 0x60000000, 0xa0000000, true, false },
};

static void order_desc(const struct order_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.4: %s", c->name);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static void order_case(struct kunit *test)
{
	const struct order_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_before(c->a, c->b), c->before);
	KUNIT_EXPECT_EQ(test, tcpx_after(c->a, c->b), c->after);
}

/**
 * struct between_case - a sequence number and two edges
 * @name: where it lies
 * @seq: the number
 * @low: left edge
 * @high: right edge
 * @in: low =< seq =< high
 */
struct between_case {
	const char *name;
	u32 seq, low, high;
	bool in;
};

static const struct between_case betweens[] = {
	{ "on the left edge", 10, 10, 20, true },
	{ "left of the left edge", 9, 10, 20, false },
	{ "on the right edge", 20, 10, 20, true },
	{ "right of the right edge", 21, 10, 20, false },
	{ "inside", 15, 10, 20, true },
	{ "empty, on it", 10, 10, 10, true },
	{ "empty, left of it", 9, 10, 10, false },
	{ "empty, right of it", 11, 10, 10, false },
	{ "across 2^32, on the left edge", 0xfffffff0, 0xfffffff0, 0x10, true },
	{ "across 2^32, left of it", 0xffffffef, 0xfffffff0, 0x10, false },
	{ "across 2^32, last before", 0xffffffff, 0xfffffff0, 0x10, true },
	{ "across 2^32, first after", 0, 0xfffffff0, 0x10, true },
	{ "across 2^32, on the right edge", 0x10, 0xfffffff0, 0x10, true },
	{ "across 2^32, right of it", 0x11, 0xfffffff0, 0x10, false },
	{ "across 2^31, on the left edge", 0x7ffffff0, 0x7ffffff0, 0x80000010, true },
	{ "across 2^31, left of it", 0x7fffffef, 0x7ffffff0, 0x80000010, false },
	{ "across 2^31, on the right edge", 0x80000010, 0x7ffffff0, 0x80000010, true },
	{ "across 2^31, right of it", 0x80000011, 0x7ffffff0, 0x80000010, false },
	{ "half the space away", 0x80000000, 0, 10, false },
};

static void between_desc(const struct between_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.4: %s", c->name);
}

KUNIT_ARRAY_PARAM(between, betweens, between_desc);

static void between_case(struct kunit *test)
{
	const struct between_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_between(c->seq, c->low, c->high), c->in);
}

/* 3.1, figure 1: each field at its byte */
static void header_layout(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct tcpx_hdr), 20);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, source), 0);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, dest), 2);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, seq), 4);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, ack), 8);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, off), 12);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, flags), 13);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, window), 14);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, check), 16);
	KUNIT_EXPECT_EQ(test, offsetof(struct tcpx_hdr, urg), 18);
}

/* 3.1: CWR ECE URG ACK PSH RST SYN FIN, from the high bit down */
static void header_flags(struct kunit *test)
{
	static const u8 flags[] = {
		TCPX_FIN, TCPX_SYN, TCPX_RST, TCPX_PSH, TCPX_ACK, TCPX_URG, TCPX_ECE, TCPX_CWR,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		KUNIT_EXPECT_EQ(test, flags[i], 1 << i);
}

/* 3.1: the data offset counts 32-bit words; the low nibble is not its */
static void header_offset(struct kunit *test)
{
	struct tcpx_hdr th = {};
	int words;

	for (words = 0; words < 16; words++) {
		th.off = words << 4;
		KUNIT_EXPECT_EQ(test, tcpx_hdr_len(&th), 4 * words);
		th.off |= 0xf;
		KUNIT_EXPECT_EQ(test, tcpx_hdr_len(&th), 4 * words);
	}
}

/* SND.NXT - SND.UNA, whatever wraps between them */
static void flight_across_wrap(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.syn_acked = true;
	t->tcb.snd_una = 0xfffffff0;
	t->tcb.snd_nxt = 0x10;
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0x20);
	t->tcb.snd_una = 0x7ffffff0;
	t->tcb.snd_nxt = 0x80000010;
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0x20);
}

/* RFC 6675, 2: what is SACKed or lost flies no more */
static void flight_is_pipe(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.syn_acked = true;
	t->tcb.snd_una = 0xfffffff0;
	t->tcb.snd_nxt = 0x18;
	t->tcb.sb.sacked_bytes = 8;
	t->tcb.sb.lost_bytes = 4;
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0x28 - 8 - 4);
}

/* Without SACK a duplicate ACK is as good as a segment that has arrived */
static void flight_without_sack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.syn_acked = true;
	t->tcb.snd_nxt = t->tcb.snd_una + 2000;
	t->tcb.snd_mss = 500;
	t->tcb.rec.dupacks = 3;
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 500);
	t->tcb.rec.dupacks = 5;
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0);
}

/* A FIN counts as sent when SND.NXT has passed the last byte */
static void fin_sent_across_wrap(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.write_seq = 0xffffffff;
	t->tcb.snd_nxt = 0;
	KUNIT_EXPECT_FALSE(test, tcpx_fin_sent(&t->tcb));
	t->tcb.fin_queued = true;
	KUNIT_EXPECT_TRUE(test, tcpx_fin_sent(&t->tcb));
	t->tcb.snd_nxt = 0xffffffff;
	KUNIT_EXPECT_FALSE(test, tcpx_fin_sent(&t->tcb));
}

/* 3.3.2: eight of the eleven states know both sequence numbers */
static void synchronized_states(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state;

	for (state = 1; state < TCPX_NR_STATES; state++) {
		t->tcb.state = state;
		KUNIT_EXPECT_EQ(test, tcpx_synchronized(&t->tcb),
				state != TCPX_CLOSED && state != TCPX_LISTEN &&
				state != TCPX_SYN_SENT);
	}
}

/* The numbers are those that generic code reads from sk_state */
static void state_numbers(struct kunit *test)
{
	static const u8 states[] = {
		TCPX_ESTABLISHED, TCPX_SYN_SENT, TCPX_SYN_RECEIVED, TCPX_FIN_WAIT_1,
		TCPX_FIN_WAIT_2, TCPX_TIME_WAIT, TCPX_CLOSED, TCPX_CLOSE_WAIT,
		TCPX_LAST_ACK, TCPX_LISTEN, TCPX_CLOSING,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		KUNIT_EXPECT_EQ(test, states[i], i + 1);
}

/* Each name is there and is told once */
static void distinct_names(struct kunit *test)
{
	int i, j;

	for (i = 1; i < TCPX_NR_STATES; i++)
		for (j = 1; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, tcpx_state_name(i), tcpx_state_name(j));
	for (i = 0; i < TCPX_NR_EVENTS; i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, tcpx_event_name(i), tcpx_event_name(j));
	for (i = 0; i < TCPX_NR_DROPS; i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, tcpx_drop_name(i), tcpx_drop_name(j));
}

static void names_out_of_range(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(0), "?");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_NR_STATES), "?");
	KUNIT_EXPECT_STREQ(test, tcpx_event_name(TCPX_NR_EVENTS), "?");
	KUNIT_EXPECT_STREQ(test, tcpx_drop_name(TCPX_NR_DROPS), "?");
}

/* 3.3.2: the RFC's spelling */
static void state_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_CLOSED), "CLOSED");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_LISTEN), "LISTEN");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_SYN_SENT), "SYN-SENT");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_SYN_RECEIVED), "SYN-RECEIVED");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_ESTABLISHED), "ESTABLISHED");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_FIN_WAIT_1), "FIN-WAIT-1");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_FIN_WAIT_2), "FIN-WAIT-2");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_CLOSE_WAIT), "CLOSE-WAIT");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_CLOSING), "CLOSING");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_LAST_ACK), "LAST-ACK");
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(TCPX_TIME_WAIT), "TIME-WAIT");
}

static struct kunit_case header_cases[] = {
	KUNIT_CASE_PARAM(order_case, order_gen_params),
	KUNIT_CASE_PARAM(between_case, between_gen_params),
	KUNIT_CASE(header_layout),
	KUNIT_CASE(header_flags),
	KUNIT_CASE(header_offset),
	KUNIT_CASE(flight_across_wrap),
	KUNIT_CASE(flight_is_pipe),
	KUNIT_CASE(flight_without_sack),
	KUNIT_CASE(fin_sent_across_wrap),
	KUNIT_CASE(synchronized_states),
	KUNIT_CASE(state_numbers),
	KUNIT_CASE(distinct_names),
	KUNIT_CASE(names_out_of_range),
	KUNIT_CASE(state_names),
	{}
};

static struct kunit_suite header_suite = {
	.name = "tcpx_header",
	.init = tcpx_test_init,
	.test_cases = header_cases,
};

kunit_test_suite(header_suite);
