// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES in the eight states of RFC 9293, 3.10.7.4: each step of it
 * in each of them, with RFC 5961.
 */
#include <linux/kernel.h>

#include "../core/deadline.h"
#include "../core/segment.h"
#include "fixture.h"

#define ESTAB	(TCPX_DO_ACKED | TCPX_DO_OUTPUT | TCPX_DO_CONNECTED)
#define GONE	(TCPX_DO_FLUSH | TCPX_DO_DELETE)
#define TOLD	(GONE | TCPX_DO_ERROR)

static const u8 states[] = {
	TCPX_SYN_RECEIVED, TCPX_ESTABLISHED, TCPX_FIN_WAIT_1, TCPX_FIN_WAIT_2,
	TCPX_CLOSE_WAIT, TCPX_CLOSING, TCPX_LAST_ACK, TCPX_TIME_WAIT,
};

static void state_desc(const u8 *state, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10.7.4: %s", tcpx_state_name(*state));
}

KUNIT_ARRAY_PARAM(state, states, state_desc);

/* Enter the state that the case is for. Return: it. */
static u8 enter(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;

	tcpx_test_enter(test, state);
	return state;
}

/* A segment at RCV.NXT + @seq that acknowledges nothing new */
static void arrive(struct kunit *test, u8 flags, u32 seq, u32 len)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_arrive(t, flags, t->tcb.rcv_nxt + seq, t->tcb.snd_una, len);
}

/* ... one that acknowledges SND.UNA + @ack */
static void arrive_ack(struct kunit *test, u32 ack)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + ack, 0);
}

/* First: what lies before RCV.NXT is acknowledged and dropped */
static void first_old_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	arrive(test, ACK, -10, 10);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_OLD_DATA);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
}

/* First: so is what lies after the window */
static void first_beyond_the_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, ACK, t->tcb.rcv_wnd, 10);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_SEQ);
	arrive(test, ACK, t->tcb.rcv_wnd + 1, 0);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_SEQ);
}

/* First: its ACK counts for nothing */
static void first_not_acceptable_acks_nothing(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 una = t->tcb.snd_una;

	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt - 10, t->tcb.snd_nxt, 10);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_OLD_DATA);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, una);
}

/* First: "unless the RST bit is set, if so drop the segment and return" */
static void first_old_rst(struct kunit *test)
{
	u8 state = enter(test);

	arrive(test, RST, -1, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_OLD_DATA);
	arrive(test, RST_ACK, -1, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_OLD_DATA);
}

static void first_rst_beyond_the_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, RST, t->tcb.rcv_wnd + 1, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_SEQ);
	arrive(test, RST, 0x80000000, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, state);
}

/* RFC 5961, 3: the first number that is not in the window */
static void second_rst_at_the_edge(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, RST, t->tcb.rcv_wnd, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, state);
}

/* RFC 5961, 3: payload does not move SEG.SEQ into the window */
static void second_rst_with_data_from_before(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, RST, -5, 10);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, state);
}

/* RFC 5961, 3: in the window, but not next: a challenge ACK */
static void second_rst_in_the_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, RST, 1, 0);
	tcpx_test_expect(test, state, TCPX_DO_CHALLENGE, TCPX_DROP_RST);
	t->now += SEC;
	arrive(test, RST_ACK, t->tcb.rcv_wnd - 1, 0);
	tcpx_test_expect(test, state, TCPX_DO_CHALLENGE, TCPX_DROP_RST);
}

/*
 * RFC 5961, 7 and 10: one answer in half a second, whatever asks for it, and
 * each connection counts for itself (CVE-2016-5696)
 */
static void answers_are_few(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	struct tcpx_tcb *other;
	int i;

	other = kunit_kmalloc(test, sizeof(*other), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	*other = t->tcb;
	arrive(test, RST, 1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_CHALLENGE);
	for (i = 1; i < 100; i++) {
		t->now += TCPX_OOW_LIMIT_MS * MSEC / 100;
		arrive(test, RST, i, 0);
		KUNIT_EXPECT_EQ(test, t->a.todo, 0);
		arrive(test, ACK, -100, 0);
		KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	}
	t->now += TCPX_OOW_LIMIT_MS * MSEC / 100;
	arrive(test, RST, 1, 0);
	tcpx_test_expect(test, state, TCPX_DO_CHALLENGE, TCPX_DROP_RST);

	/* The answer that has just left is not counted against another connection */
	t->tcb = *other;
	arrive(test, RST, 1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_CHALLENGE);
}

/* RFC 5961, 3: exactly next: what each state then does */
static void second_rst(struct kunit *test)
{
	static const struct {
		u8 next;
		u8 err;
		u32 todo;
	} want[TCPX_NR_STATES] = {
		[TCPX_SYN_RECEIVED] = { TCPX_LISTEN, 0, TCPX_DO_FLUSH | TCPX_DO_LISTEN },
		[TCPX_ESTABLISHED] = { TCPX_CLOSED, ECONNRESET, TOLD },
		[TCPX_FIN_WAIT_1] = { TCPX_CLOSED, ECONNRESET, TOLD },
		[TCPX_FIN_WAIT_2] = { TCPX_CLOSED, ECONNRESET, TOLD },
		[TCPX_CLOSE_WAIT] = { TCPX_CLOSED, EPIPE, TOLD },
		[TCPX_CLOSING] = { TCPX_CLOSED, ECONNRESET, TOLD },
		[TCPX_LAST_ACK] = { TCPX_CLOSED, ECONNRESET, TOLD },
		[TCPX_TIME_WAIT] = { TCPX_CLOSED, 0, GONE },
	};
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, RST, 0, 0);
	tcpx_test_expect(test, want[state].next, want[state].todo, TCPX_DROP_RST);
	KUNIT_EXPECT_EQ(test, t->a.err, want[state].err);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* Its ACK need not be good */
static void second_rst_of_any_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	tcpx_test_arrive(t, RST_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt + 99999, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state,
			state == TCPX_SYN_RECEIVED ? TCPX_LISTEN : TCPX_CLOSED);
}

/* MUST-66: with a window of zero too */
static void second_rst_with_zero_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	t->tcb.rcv_wnd = 0;
	arrive(test, RST, 1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, state);
	arrive(test, RST, 0, 0);
	KUNIT_EXPECT_NE(test, t->tcb.state, state);
}

/* RFC 5961, 4: a SYN is answered by a challenge ACK; 3.10.7.4: or by LISTEN */
static void fourth_syn(struct kunit *test)
{
	u8 state = enter(test);

	arrive(test, SYN_ACK, 1, 0);
	if (state == TCPX_SYN_RECEIVED)
		tcpx_test_expect(test, TCPX_LISTEN, TCPX_DO_FLUSH | TCPX_DO_LISTEN,
				 TCPX_DROP_SYN);
	else
		tcpx_test_expect(test, state, TCPX_DO_CHALLENGE, TCPX_DROP_SYN);
}

/* RFC 5961, 4: "irrespective of the sequence number" it is acknowledged */
static void fourth_syn_out_of_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	arrive(test, SYN_ACK, t->tcb.rcv_wnd + 10, 0);
	tcpx_test_expect(test, state, TCPX_DO_ACK, TCPX_DROP_SEQ);
}

/* Fifth: "if the ACK bit is off, drop the segment and return" */
static void fifth_no_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	arrive(test, 0, 0, 10);
	tcpx_test_expect(test, state, 0, TCPX_DROP_FLAGS);
	arrive(test, TCPX_FIN | TCPX_URG, 0, 0);
	tcpx_test_expect(test, state, 0, TCPX_DROP_FLAGS);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
	/* nor its payload taken, nor a FIN acknowledged that did not count */
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
}

/* Fifth: of what was not sent yet */
static void fifth_ack_of_the_unsent(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	bool half = state == TCPX_SYN_RECEIVED;

	arrive_ack(test, t->tcb.snd_nxt - t->tcb.snd_una + 1);
	tcpx_test_expect(test, state, half ? TCPX_DO_RST : TCPX_DO_CHALLENGE,
			 TCPX_DROP_UNSENT_ACK);
	t->now += SEC;
	arrive_ack(test, 0x7fffffff);
	tcpx_test_expect(test, state, half ? TCPX_DO_RST : TCPX_DO_CHALLENGE,
			 TCPX_DROP_UNSENT_ACK);
}

/* RFC 5961, 5: and then the payload, the FIN and the window are not looked at */
static void fifth_bad_ack_brings_nothing(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;
	bool half = state == TCPX_SYN_RECEIVED;

	t->wnd = 1;
	tcpx_test_arrive(t, FIN_ACK, rcv_nxt, t->tcb.snd_nxt + 1, 10);
	tcpx_test_expect(test, state, half ? TCPX_DO_RST : TCPX_DO_CHALLENGE,
			 TCPX_DROP_UNSENT_ACK);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, rcv_nxt);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, TEST_SND_WND);
}

/* Fifth, RFC 5961, 5: SND.UNA - MAX.SND.WND =< SEG.ACK */
static void fifth_old_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	t->tcb.acked = TCPX_MAX_ACKED;
	arrive_ack(test, -TEST_SND_WND - 1);
	if (state == TCPX_SYN_RECEIVED)
		tcpx_test_expect(test, state, TCPX_DO_RST, TCPX_DROP_UNSENT_ACK);
	else
		tcpx_test_expect(test, state, TCPX_DO_CHALLENGE, TCPX_DROP_OLD_ACK);
}

static void fifth_oldest_ack_that_counts(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	t->tcb.acked = TCPX_MAX_ACKED;
	arrive_ack(test, -TEST_SND_WND);
	if (state == TCPX_SYN_RECEIVED)
		tcpx_test_expect(test, state, TCPX_DO_RST, TCPX_DROP_UNSENT_ACK);
	else
		tcpx_test_expect(test, state, 0, TCPX_DROP_NONE);
}

/* ... and no further back than to the first octet that was sent */
static void fifth_ack_of_nothing(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	if (state == TCPX_SYN_RECEIVED)
		return;
	arrive_ack(test, -t->tcb.acked);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_NONE);
	t->now += SEC;
	arrive_ack(test, -t->tcb.acked - 1);
	tcpx_test_expect(test, state, TCPX_DO_CHALLENGE, TCPX_DROP_OLD_ACK);
}

/* Fifth: a duplicate is ignored, but in SYN-RECEIVED it is not acceptable */
static void fifth_duplicate_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	bool out = t->tcb.snd_una != t->tcb.snd_nxt;

	arrive_ack(test, 0);
	/* Where a FIN is outstanding it makes room for something new: RFC 3042 */
	if (state == TCPX_SYN_RECEIVED)
		tcpx_test_expect(test, state, TCPX_DO_RST, TCPX_DROP_UNSENT_ACK);
	else
		tcpx_test_expect(test, state, out ? TCPX_DO_OUTPUT : 0, TCPX_DROP_NONE);
}

/* Fifth: all that was sent is acknowledged */
static void fifth_ack_of_all(struct kunit *test)
{
	static const struct {
		u8 next;
		u32 todo;
	} want[TCPX_NR_STATES] = {
		[TCPX_SYN_RECEIVED] = { TCPX_ESTABLISHED, ESTAB },
		[TCPX_ESTABLISHED] = { TCPX_ESTABLISHED, 0 },
		[TCPX_FIN_WAIT_1] = { TCPX_FIN_WAIT_2, TCPX_DO_ACKED | TCPX_DO_OUTPUT },
		[TCPX_FIN_WAIT_2] = { TCPX_FIN_WAIT_2, 0 },
		[TCPX_CLOSE_WAIT] = { TCPX_CLOSE_WAIT, 0 },
		[TCPX_CLOSING] = { TCPX_TIME_WAIT,
				   TCPX_DO_ACKED | TCPX_DO_OUTPUT | TCPX_DO_TIME_WAIT },
		[TCPX_LAST_ACK] = { TCPX_CLOSED, TCPX_DO_ACKED | TCPX_DO_OUTPUT | GONE },
		[TCPX_TIME_WAIT] = { TCPX_TIME_WAIT, 0 },
	};
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, want[state].next, want[state].todo, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->a.acked, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, t->tcb.snd_nxt);
}

static bool receives(u8 state)
{
	return state == TCPX_SYN_RECEIVED || state == TCPX_ESTABLISHED ||
	       state == TCPX_FIN_WAIT_1 || state == TCPX_FIN_WAIT_2;
}

/* Payload at RCV.NXT, with an ACK that is good in each state and moves no FIN */
static void arrive_good(struct kunit *test, u8 state, u8 flags, u32 len)
{
	struct tcpx_test *t = test->priv;
	u32 ack = state == TCPX_SYN_RECEIVED ? t->tcb.snd_nxt : t->tcb.snd_una;

	tcpx_test_arrive(t, flags, t->tcb.rcv_nxt, ack, len);
}

/* Sixth: signalled where payload is still received, else ignored */
static void sixth_urg(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);

	t->seg = (struct tcpx_seg){
		.seq = t->tcb.rcv_nxt,
		.ack = state == TCPX_SYN_RECEIVED ? t->tcb.snd_nxt : t->tcb.snd_una,
		.flags = ACK | TCPX_URG,
		.wnd = t->wnd,
		.up = 100,
		.opt = t->peer_opt,
	};
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, !!(t->a.todo & TCPX_DO_URGENT), receives(state));
	if (receives(state))
		KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, t->tcb.rcv_nxt + 100);
}

/* Seventh: delivered and acknowledged, or ignored */
static void seventh_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;
	u32 todo = receives(state) ? TCPX_DO_DATA | TCPX_DO_ACK : 0;
	u8 next = state;

	if (state == TCPX_SYN_RECEIVED) {
		next = TCPX_ESTABLISHED;
		todo |= ESTAB;
	}
	arrive_good(test, state, ACK | TCPX_PSH, 100);
	tcpx_test_expect(test, next, todo, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt - rcv_nxt, receives(state) ? 100 : 0);
	KUNIT_EXPECT_EQ(test, t->a.data_len, receives(state) ? 100 : 0);
	KUNIT_EXPECT_EQ(test, t->a.data_off, 0);
}

/* Eighth: the peer's FIN */
static void eighth_fin(struct kunit *test)
{
	static const struct {
		u8 next;
		u32 todo;
	} want[TCPX_NR_STATES] = {
		[TCPX_SYN_RECEIVED] = { TCPX_CLOSE_WAIT,
					ESTAB | TCPX_DO_PEER_CLOSED | TCPX_DO_ACK },
		[TCPX_ESTABLISHED] = { TCPX_CLOSE_WAIT, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK },
		[TCPX_FIN_WAIT_1] = { TCPX_CLOSING, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK },
		[TCPX_FIN_WAIT_2] = { TCPX_TIME_WAIT, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK |
						      TCPX_DO_TIME_WAIT },
		[TCPX_CLOSE_WAIT] = { TCPX_CLOSE_WAIT, TCPX_DO_ACK },
		[TCPX_CLOSING] = { TCPX_CLOSING, TCPX_DO_ACK },
		[TCPX_LAST_ACK] = { TCPX_LAST_ACK, TCPX_DO_ACK },
		[TCPX_TIME_WAIT] = { TCPX_TIME_WAIT, TCPX_DO_ACK | TCPX_DO_TIME_WAIT },
	};
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	arrive_good(test, state, FIN_ACK, 0);
	tcpx_test_expect(test, want[state].next, want[state].todo, TCPX_DROP_NONE);
	/* S16: it takes one sequence number, and there is but one of it */
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt - rcv_nxt, receives(state));
	/* 3.6: where the user may still close, our FIN can carry the ACK */
	KUNIT_EXPECT_EQ(test, t->tcb.ack_now,
			want[state].next != TCPX_CLOSE_WAIT || state == TCPX_CLOSE_WAIT);
	KUNIT_EXPECT_NE(test, t->tcb.ack_now, t->tcb.deadline[TCPX_T_DELACK] != TCPX_NEVER);
}

/* Eighth: payload and FIN in one segment; the payload is delivered first */
static void eighth_fin_with_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 rcv_nxt = t->tcb.rcv_nxt;

	arrive_good(test, state, FIN_ACK, 10);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt - rcv_nxt, receives(state) ? 11 : 0);
	KUNIT_EXPECT_EQ(test, !!(t->a.todo & TCPX_DO_DATA), receives(state));
	KUNIT_EXPECT_EQ(test, !!(t->a.todo & TCPX_DO_PEER_CLOSED), receives(state));
}

/* S20: the FIN again is acknowledged again, and restarts 2MSL */
static void eighth_fin_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u8 state = enter(test);
	u32 todo = TCPX_DO_ACK;

	if (state == TCPX_TIME_WAIT)
		todo |= TCPX_DO_TIME_WAIT;
	t->now += 10 * SEC;
	arrive(test, FIN_ACK, -1, 0);
	tcpx_test_expect(test, state, todo, TCPX_DROP_OLD_DATA);
	if (state == TCPX_TIME_WAIT)
		KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_2MSL], t->now + 60 * SEC);
}

/**
 * struct life_case - does it show that the peer is there?
 * @desc: what comes, for the table of results
 * @flags: of the segment
 * @seq: from RCV.NXT
 * @len: of its payload
 * @ack: from SND.UNA, which is SND.NXT
 * @life: it does
 */
struct life_case {
	const char *desc;
	u8 flags;
	u32 seq, len, ack;
	bool life;
};

static const struct life_case lives[] = {
	{ "an ACK", ACK, 0, 0, 0, true },
	{ "an ACK at the right edge", ACK, TEST_RCV_WND, 0, 0, true },
	{ "payload", ACK, 0, 100, 0, true },
	{ "payload that is old in part", ACK, -10, 20, 0, true },
	{ "payload before its turn", ACK, 500, 100, 0, true },
	{ "an ACK beyond the window", ACK, TEST_RCV_WND + 1, 0, 0, false },
	{ "an ACK at any number", ACK, 1 << 30, 0, 0, false },
	{ "old payload, which may be a replay", ACK, -10, 10, 0, false },
	{ "a probe, before RCV.NXT", ACK, -1, 0, 0, true },
	{ "a probe with an octet", ACK, -1, 1, 0, true },
	{ "a probe with an ACK of what was never sent", ACK, -1, 0, 1, false },
	{ "a probe with an old ACK", ACK, -1, 0, -1, false },
	{ "a SYN before RCV.NXT", SYN | ACK, -1, 0, 0, false },
	{ "an ACK of what was never sent", ACK, 0, 0, 1, false },
	{ "an ACK of any number", ACK, 0, 0, 1 << 30, false },
	{ "payload with an old ACK", ACK, 0, 100, -1, false },
	{ "payload without ACK", 0, 0, 100, 0, false },
	{ "a SYN", SYN, 0, 0, 0, false },
	{ "a reset in the window", RST, 1, 0, 0, false },
};

static void life_desc(const struct life_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5961: a sign of life: %s", c->desc);
}

KUNIT_ARRAY_PARAM(life, lives, life_desc);

/* S24: an acceptable segment shows that the peer is there, a forged one does not */
static void life_case(struct kunit *test)
{
	const struct life_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	u64 last;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	last = t->tcb.last_rcv;
	t->tcb.probes_out = 3;
	t->now += 10 * SEC;
	tcpx_test_arrive(t, c->flags, t->tcb.rcv_nxt + c->seq, t->tcb.snd_una + c->ack, c->len);
	KUNIT_EXPECT_EQ(test, t->tcb.last_rcv, c->life ? t->now : last);
	KUNIT_EXPECT_EQ(test, t->tcb.probes_out, c->life ? 0 : 3);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP],
			(c->life ? t->now : last) + 7200 * SEC);
}

/* RFC 5961, 7: what has no payload is not answered without end */
static void answers_are_limited(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	enter(test);
	arrive(test, ACK, -1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
	t->now += 499 * MSEC;
	arrive(test, ACK, -1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	arrive(test, SYN, -10, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	arrive(test, ACK, -1, 1);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
	t->now += 1 * MSEC;
	arrive(test, ACK, -1, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_ACK);
}

/* S12: the SYN again asks for the SYN,ACK again */
static void syn_again_in_syn_received(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, TCPX_DO_SYNACK, TCPX_DROP_OLD_DATA);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, TEST_IRS + 1);
}

/* RFC 5961, 7, as Linux: many of them are not answered one by one */
static void syn_again_is_limited(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_SYNACK);
	t->now += 499 * MSEC;
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, 0, TCPX_DROP_OLD_DATA);
	t->now += 1 * MSEC;
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_SYNACK);
}

/* RFC 7323, 4.3: its timestamp is the one to echo */
static void ts_of_syn_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.tsval = 77;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	t->peer_opt.tsval = 1077;
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, TCPX_DO_SYNACK, TCPX_DROP_OLD_DATA);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, 1077);
	t->peer_opt.tsval = 1076;
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, 1077);
}

/* MUST-11: after an active OPEN a reset in SYN-RECEIVED refuses the user */
static void rst_after_simultaneous_open(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_sent(t, TEST_ISS, 1, SYN_ACK);
	arrive(test, RST, 0, 0);
	tcpx_test_expect(test, TCPX_CLOSED, TOLD, TCPX_DROP_RST);
	KUNIT_EXPECT_EQ(test, t->a.err, ECONNREFUSED);
}

/* Fourth: and a new SYN is handled as in the synchronized states */
static void syn_after_simultaneous_open(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_sent(t, TEST_ISS, 1, SYN_ACK);
	arrive(test, SYN, 5, 0);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, TCPX_DO_CHALLENGE, TCPX_DROP_SYN);
}

/* Fifth, SYN-RECEIVED: the window comes from the ACK, whatever was before */
static void window_of_the_third_segment(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	t->wnd = 777;
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 777);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wl1, TEST_IRS + 1);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wl2, TEST_ISS + 1);
}

/* ... even from a segment that begins with the number of the SYN */
static void window_of_a_third_segment_that_overlaps(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->iss = 0x90000000;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	t->wnd = 777;
	tcpx_test_arrive(t, ACK, TEST_IRS, t->iss + 1, 10);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 777);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, TEST_IRS + 10);
}

/* Fifth, FIN-WAIT-1: our FIN and the peer's in one segment, S17 */
static void fin_and_ack_of_fin(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_1);
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_expect(test, TCPX_TIME_WAIT,
			 TCPX_DO_ACKED | TCPX_DO_OUTPUT | TCPX_DO_PEER_CLOSED | TCPX_DO_ACK |
			 TCPX_DO_TIME_WAIT, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->a.nr, 2);
	KUNIT_EXPECT_EQ(test, t->a.trans[0].to, TCPX_FIN_WAIT_2);
	KUNIT_EXPECT_EQ(test, t->a.trans[1].from, TCPX_FIN_WAIT_2);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), t->now + 60 * SEC);
}

/* RFC 1337: a reset does not cut TIME-WAIT short where it is asked not to */
static void rfc1337(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->conf.rfc1337 = 1;
	tcpx_test_enter(test, TCPX_TIME_WAIT);
	arrive(test, RST, 0, 0);
	tcpx_test_expect(test, TCPX_TIME_WAIT, 0, TCPX_DROP_RST);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_2MSL], t->now + 60 * SEC);
}

/* S22: the last ACK ends the passive closer at once */
static void last_ack_leaves_nothing(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_LAST_ACK);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

static struct kunit_case synchronized_cases[] = {
	KUNIT_CASE_PARAM(first_old_data, state_gen_params),
	KUNIT_CASE_PARAM(first_beyond_the_window, state_gen_params),
	KUNIT_CASE_PARAM(first_not_acceptable_acks_nothing, state_gen_params),
	KUNIT_CASE_PARAM(first_old_rst, state_gen_params),
	KUNIT_CASE_PARAM(first_rst_beyond_the_window, state_gen_params),
	KUNIT_CASE_PARAM(second_rst_at_the_edge, state_gen_params),
	KUNIT_CASE_PARAM(second_rst_with_data_from_before, state_gen_params),
	KUNIT_CASE_PARAM(second_rst_in_the_window, state_gen_params),
	KUNIT_CASE_PARAM(answers_are_few, state_gen_params),
	KUNIT_CASE_PARAM(second_rst, state_gen_params),
	KUNIT_CASE_PARAM(second_rst_of_any_ack, state_gen_params),
	KUNIT_CASE_PARAM(second_rst_with_zero_window, state_gen_params),
	KUNIT_CASE_PARAM(fourth_syn, state_gen_params),
	KUNIT_CASE_PARAM(fourth_syn_out_of_window, state_gen_params),
	KUNIT_CASE_PARAM(fifth_no_ack, state_gen_params),
	KUNIT_CASE_PARAM(fifth_ack_of_the_unsent, state_gen_params),
	KUNIT_CASE_PARAM(fifth_bad_ack_brings_nothing, state_gen_params),
	KUNIT_CASE_PARAM(fifth_old_ack, state_gen_params),
	KUNIT_CASE_PARAM(fifth_ack_of_nothing, state_gen_params),
	KUNIT_CASE_PARAM(fifth_oldest_ack_that_counts, state_gen_params),
	KUNIT_CASE_PARAM(fifth_duplicate_ack, state_gen_params),
	KUNIT_CASE_PARAM(fifth_ack_of_all, state_gen_params),
	KUNIT_CASE_PARAM(sixth_urg, state_gen_params),
	KUNIT_CASE_PARAM(seventh_data, state_gen_params),
	KUNIT_CASE_PARAM(eighth_fin, state_gen_params),
	KUNIT_CASE_PARAM(eighth_fin_with_data, state_gen_params),
	KUNIT_CASE_PARAM(eighth_fin_again, state_gen_params),
	KUNIT_CASE_PARAM(life_case, life_gen_params),
	KUNIT_CASE_PARAM(answers_are_limited, state_gen_params),
	KUNIT_CASE(syn_again_in_syn_received),
	KUNIT_CASE(syn_again_is_limited),
	KUNIT_CASE(ts_of_syn_again),
	KUNIT_CASE(rst_after_simultaneous_open),
	KUNIT_CASE(syn_after_simultaneous_open),
	KUNIT_CASE(window_of_the_third_segment),
	KUNIT_CASE(window_of_a_third_segment_that_overlaps),
	KUNIT_CASE(fin_and_ack_of_fin),
	KUNIT_CASE(rfc1337),
	KUNIT_CASE(last_ack_leaves_nothing),
	{}
};

static struct kunit_suite synchronized_suite = {
	.name = "tcpx_synchronized",
	.init = tcpx_test_init,
	.test_cases = synchronized_cases,
};

kunit_test_suite(synchronized_suite);
