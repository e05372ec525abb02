// SPDX-License-Identifier: GPL-2.0
/* Timestamps: PAWS and TS.Recent of RFC 7323, TIME-WAIT of RFC 6191. */
#include <linux/kernel.h>

#include "../tcpx_fsm.h"
#include "fixture.h"

#define TS0	1000U		/* TS.Recent at the start */
#define DAY	(86400ULL * SEC)

/* @state with timestamps agreed, TS.Recent = @tsval */
static struct tcpx_test *enter(struct kunit *test, u8 state, u32 tsval)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.tsval = tsval;
	tcpx_test_enter(test, state);
	KUNIT_ASSERT_TRUE(test, t->tcb.ts_ok);
	KUNIT_ASSERT_EQ(test, t->tcb.ts_recent, tsval);
	return t;
}

/* 10 bytes at RCV.NXT + @seq with @tsval */
static void data(struct tcpx_test *t, u32 seq, u32 tsval)
{
	t->peer_opt.tsval = tsval;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt + seq, t->tcb.snd_nxt, 10);
}

/**
 * struct paws_case - RFC 7323, 5.3, R1
 * @name: where TSval lies
 * @recent: TS.Recent
 * @tsval: SEG.TSval
 * @rejected: older than TS.Recent
 */
struct paws_case {
	const char *name;
	u32 recent, tsval;
	bool rejected;
};

static const struct paws_case pawses[] = {
	{ "equal", 1000, 1000, false },
	{ "newer by one", 1000, 1001, false },
	{ "older by one", 1000, 999, true },
	{ "newer, across the wrap", 0xffffffff, 0, false },
	{ "older, across the wrap", 0, 0xffffffff, true },
	{ "newer by 2^31-1", 1, 0x80000000, false },
	{ "older by 2^31-1", 0x80000000, 1, true },
	{ "newer, across 2^31", 0x7fffffff, 0x80000000, false },
	{ "older, across 2^31", 0x80000000, 0x7fffffff, true },
};

static void paws_desc(const struct paws_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7323, 5.3: %s", c->name);
}

KUNIT_ARRAY_PARAM(paws, pawses, paws_desc);

static void paws_case(struct kunit *test)
{
	const struct paws_case *c = test->param_value;
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, c->recent);

	data(t, 0, c->tsval);
	if (c->rejected)
		tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_PAWS);
	else
		tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK,
				 TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, c->rejected ? c->recent : c->tsval);
}

static const u8 states[] = {
	TCPX_SYN_RECEIVED, TCPX_ESTABLISHED, TCPX_FIN_WAIT_1, TCPX_FIN_WAIT_2,
	TCPX_CLOSE_WAIT, TCPX_CLOSING, TCPX_LAST_ACK, TCPX_TIME_WAIT,
};

static void state_desc(const u8 *state, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7323: %s", tcpx_state_name(*state));
}

KUNIT_ARRAY_PARAM(state, states, state_desc);

/* S21: an old duplicate of the right number is not taken, in any state */
static void paws_in_each_state(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	struct tcpx_test *t = enter(test, state, TS0);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	data(t, 0, TS0 - 1);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_PAWS);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
}

/* RFC 7323, 3.2: once agreed, what comes without is silently dropped */
static void missing_timestamp(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	struct tcpx_test *t = enter(test, state, TS0);

	t->peer_opt.has &= ~TCPX_HAS_TS;
	data(t, 0, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_NO_TS);
}

/* ... and a keepalive probe answered: it is all that its sender has */
static void probe_without_timestamp(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	struct tcpx_test *t = enter(test, state, TS0);

	t->peer_opt.has &= ~TCPX_HAS_TS;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt - 1, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_NO_TS);
	/* Twice a second at most, and only the peer's */
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt - 1, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_NO_TS);
	t->now += SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt - 2, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_NO_TS);
}

/* ... but for a RST, which PAWS does not judge either */
static void rst_without_timestamp(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	struct tcpx_test *t = enter(test, state, TS0);

	t->peer_opt.has &= ~TCPX_HAS_TS;
	tcpx_test_arrive(t, RST, t->tcb.rcv_nxt, 0, 0);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_RST);
	KUNIT_EXPECT_NE(test, t->tcb.state, state);
}

static void rst_with_old_timestamp(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	struct tcpx_test *t = enter(test, state, TS0);

	t->peer_opt.tsval = TS0 - 1;
	tcpx_test_arrive(t, RST, t->tcb.rcv_nxt, 0, 0);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_RST);
	KUNIT_EXPECT_NE(test, t->tcb.state, state);
}

/* Not agreed, not looked at */
static void timestamp_not_agreed(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->peer_opt.has |= TCPX_HAS_TS;
	data(t, 0, 0x80000000);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
	data(t, 0, 1);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_DATA | TCPX_DO_ACK, TCPX_DROP_NONE);
}

/* RFC 7323, 4.3, (2): SEG.SEQ =< Last.ACK.sent moves TS.Recent */
static void recent_at_the_left_edge(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	data(t, 0, TS0 + 5);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, TS0 + 5);
}

static void recent_not_out_of_order(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	data(t, 10, TS0 + 5);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, TS0);
}

/* The echo is of the first of those that a delayed ACK answers */
static void recent_while_an_ack_is_delayed(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	data(t, 0, TS0 + 5);
	data(t, 0, TS0 + 6);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, TS0 + 5);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	data(t, 0, TS0 + 7);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, TS0 + 7);
}

/* A segment with old and new payload that begins before the edge moves it too */
static void recent_of_an_overlap(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	data(t, -5, TS0 + 5);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, TS0 + 5);
}

/**
 * struct again_case - what comes again, relative to Last.ACK.sent
 * @name: what the peer has missed
 * @seq: SEG.SEQ - Last.ACK.sent
 * @late: bytes that have come since the last ACK left
 * @ack: SEG.ACK - SND.NXT
 * @flags: of the segment
 * @taken: TS.Recent moves
 */
struct again_case {
	const char *name;
	u32 seq, late, ack;
	u8 flags;
	bool taken;
};

static const struct again_case agains[] = {
	{ "the last ACK is lost", -10, 0, 0, ACK, true },
	{ "the last ACK is delayed", 0, 10, 0, ACK, true },
	{ "an older ACK is lost, too", -11, 0, 0, ACK, false },
	{ "what is behind the last ACK's", 1, 20, 0, ACK, false },
	{ "what was not sent is acknowledged", -10, 0, 1, ACK, false },
	{ "no ACK", -10, 0, 0, 0, false },
	{ "SYN", -11, 0, 0, ACK | SYN, false },
	{ "RST", -10, 0, 0, ACK | RST, false },
};

static void again_desc(const struct again_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7323, 4.3: comes again: %s", c->name);
}

KUNIT_ARRAY_PARAM(again, agains, again_desc);

/* The peer is to measure the answer that it sees, not the one that it has missed */
static void recent_of_what_comes_again(struct kunit *test)
{
	const struct again_case *c = test->param_value;
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	data(t, 0, TS0);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	if (c->late) {
		t->peer_opt.tsval = TS0;
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, c->late);
	}
	t->peer_opt.tsval = TS0 + 5;
	tcpx_test_arrive(t, c->flags, t->tcb.last_ack_sent + c->seq, t->tcb.snd_nxt + c->ack, 10);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_OLD_DATA);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, c->taken ? TS0 + 5 : TS0);
}

/* RFC 7323, 5.5: after 24 days TS.Recent says nothing any more */
static void paws_until_24_days(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	t->now += 24 * DAY;
	data(t, 0, TS0 - 1);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_PAWS);
}

/* ... since the last segment, not since the first */
static void paws_after_24_days_with_traffic(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	t->now += 20 * DAY;
	data(t, 0, TS0 + 5);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	t->now += 20 * DAY;
	data(t, 0, TS0 + 4);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_PAWS);
}

static void paws_after_24_days(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	t->now += 24 * DAY + 1;
	data(t, 0, TS0 - 1);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_DATA);
	/* and the new TSval takes its place */
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, TS0 - 1);
}

/* What is rejected without payload is answered seldom: RFC 5961, 7 */
static void paws_answers_are_limited(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED, TS0);

	t->peer_opt.tsval = TS0 - 1;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, TCPX_DO_ACK, TCPX_DROP_PAWS);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, 0, TCPX_DROP_PAWS);
}

/**
 * struct reopen_case - RFC 6191, 2: a SYN in TIME-WAIT
 * @name: the rule
 * @ts_before: the previous incarnation used timestamps
 * @ts_now: the SYN has one
 * @off: and timestamps are switched off meanwhile
 * @tsval: from the last that was seen
 * @seq: from RCV.NXT
 * @honour: a new incarnation begins
 */
struct reopen_case {
	const char *name;
	bool ts_before, ts_now, off;
	s32 tsval;
	s32 seq;
	bool honour;
};

static const struct reopen_case reopens[] = {
	{ "timestamp greater, sequence greater", true, true, false, 1, 1, true },
	{ "timestamp greater, sequence less", true, true, false, 1, -10, true },
	{ "timestamp equal, sequence greater", true, true, false, 0, 1, true },
	{ "timestamp equal, sequence less", true, true, false, 0, -1, false },
	{ "timestamp less, sequence greater", true, true, false, -1, 1, false },
	{ "timestamp less, sequence less", true, true, false, -1, -1, false },
	{ "no timestamp any more, sequence greater", true, false, false, 0, 1, true },
	{ "no timestamp any more, sequence less", true, false, false, 0, -1, false },
	{ "a timestamp for the first time, sequence greater", false, true, false, 0, 1, true },
	{ "a timestamp for the first time, sequence less", false, true, false, 0, -10, true },
	{ "a timestamp that is not wanted, sequence greater", false, true, true, 0, 1, true },
	{ "a timestamp that is not wanted, sequence less", false, true, true, 0, -10, false },
	{ "never a timestamp, sequence greater", false, false, false, 0, 1, true },
	{ "never a timestamp, sequence less", false, false, false, 0, -1, false },
	{ "never a timestamp, half the space ahead", false, false, false, 0, 0x7fffffff, true },
	{ "never a timestamp, half the space behind", false, false, false, 0, -0x7fffffff, false },
};

static void reopen_desc(const struct reopen_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 6191, 2: %s", c->name);
}

KUNIT_ARRAY_PARAM(reopen, reopens, reopen_desc);

static void reopen_case(struct kunit *test)
{
	const struct reopen_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->peer_opt.tsval = TS0;
	if (c->ts_before)
		t->peer_opt.has |= TCPX_HAS_TS;
	tcpx_test_enter(test, TCPX_TIME_WAIT);
	t->conf.timestamps = !c->off;
	t->peer_opt.has = c->ts_now ? TCPX_HAS_TS : 0;
	t->peer_opt.tsval = TS0 + c->tsval;
	tcpx_test_arrive(t, SYN, t->tcb.rcv_nxt + c->seq, 0, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_REOPEN, c->honour ? TCPX_DO_REOPEN : 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_TIME_WAIT);
	if (c->honour)
		KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_REOPEN);
}

/* Only a SYN that is nothing else opens, and only in TIME-WAIT */
static void reopen_needs_a_plain_syn(struct kunit *test)
{
	static const u8 flags[] = { SYN_ACK, SYN | RST, SYN | TCPX_FIN };
	struct tcpx_test *t = test->priv;
	int i;

	tcpx_test_enter(test, TCPX_TIME_WAIT);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		tcpx_test_arrive(t, flags[i], t->tcb.rcv_nxt + 1, t->tcb.snd_nxt, 0);
		KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_REOPEN, 0);
		KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_TIME_WAIT);
	}
}

static void reopen_needs_time_wait(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_2);
	tcpx_test_arrive(t, SYN, t->tcb.rcv_nxt + 1, 0, 0);
	tcpx_test_expect(test, TCPX_FIN_WAIT_2, TCPX_DO_CHALLENGE, TCPX_DROP_SYN);
}

static struct kunit_case timestamp_cases[] = {
	KUNIT_CASE_PARAM(paws_case, paws_gen_params),
	KUNIT_CASE_PARAM(paws_in_each_state, state_gen_params),
	KUNIT_CASE_PARAM(missing_timestamp, state_gen_params),
	KUNIT_CASE_PARAM(probe_without_timestamp, state_gen_params),
	KUNIT_CASE_PARAM(rst_without_timestamp, state_gen_params),
	KUNIT_CASE_PARAM(rst_with_old_timestamp, state_gen_params),
	KUNIT_CASE(timestamp_not_agreed),
	KUNIT_CASE(recent_at_the_left_edge),
	KUNIT_CASE(recent_not_out_of_order),
	KUNIT_CASE(recent_while_an_ack_is_delayed),
	KUNIT_CASE(recent_of_an_overlap),
	KUNIT_CASE_PARAM(recent_of_what_comes_again, again_gen_params),
	KUNIT_CASE(paws_until_24_days),
	KUNIT_CASE(paws_after_24_days_with_traffic),
	KUNIT_CASE(paws_after_24_days),
	KUNIT_CASE(paws_answers_are_limited),
	KUNIT_CASE_PARAM(reopen_case, reopen_gen_params),
	KUNIT_CASE(reopen_needs_a_plain_syn),
	KUNIT_CASE(reopen_needs_time_wait),
	{}
};

static struct kunit_suite timestamp_suite = {
	.name = "tcpx_timestamp",
	.init = tcpx_test_init,
	.test_cases = timestamp_cases,
};

kunit_test_suite(timestamp_suite);
