// SPDX-License-Identifier: GPL-2.0
/*
 * What starts a deadline anew, and what does not: the table in core/deadline.c,
 * row by row.  An event comes when half of the time has passed.
 */
#include <linux/kernel.h>

#include "../tcpx_fsm.h"
#include "fixture.h"

#define SMALL_WND	100U		/* not worth a segment: 3.8.6.2.1 */

enum then {
	STAYS,		/* the deadline is what it was */
	ANEW,		/* it is later */
	OFF,
};

/* --- what runs --- */

static struct tcpx_test *prepare(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	t->tcb.user_timeout = 5000;
	return t;
}

static void flies(struct kunit *test)
{
	prepare(test);
	tcpx_test_fly(test, 3);
}

static void window_is(struct kunit *test, u32 wnd)
{
	struct tcpx_test *t = prepare(test);

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->wnd = wnd;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_write(t, TEST_MSS / 2);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 0);
}

static void window_is_shut(struct kunit *test)
{
	window_is(test, 0);
}

static void window_is_small(struct kunit *test)
{
	window_is(test, SMALL_WND);
}

static void data_has_come(struct kunit *test)
{
	struct tcpx_test *t = prepare(test);

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.quickacks = 0;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 10);
}

static void no_reader(struct kunit *test)
{
	struct tcpx_test *t = prepare(test);

	tcpx_test_enter(test, TCPX_FIN_WAIT_2);
	tcpx_fsm_orphan(&t->tcb, t->now);
}

static void both_have_closed(struct kunit *test)
{
	prepare(test);
	tcpx_test_enter(test, TCPX_TIME_WAIT);
}

/* --- what happens --- */

static void duplicate(struct tcpx_test *t)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una, 0);
}

static void part_sacked(struct tcpx_test *t)
{
	struct tcpx_opts opt = t->peer_opt;

	t->peer_opt.has |= TCPX_HAS_SACK;
	t->peer_opt.nr_sacks = 1;
	t->peer_opt.sack[0].start = tcpx_test_seq(t, 1) + 10;
	t->peer_opt.sack[0].end = tcpx_test_seq(t, 1) + 20;
	duplicate(t);
	t->peer_opt = opt;
}

static void one_sacked(struct tcpx_test *t)
{
	SACK(t, 0, { 1, 2 });
}

static void one_acked(struct tcpx_test *t)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, tcpx_test_seq(t, 1), 0);
}

static void data_comes(struct tcpx_test *t)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una, 10);
}

static void peer_probes(struct tcpx_test *t)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt - 1, t->tcb.snd_una, 0);
}

static void stray_comes(struct tcpx_test *t)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt - 100000, t->tcb.snd_una, 10);
}

static void more_is_written(struct tcpx_test *t)
{
	tcpx_test_write(t, TEST_MSS);
	tcpx_test_send_all(t);
}

static void goes_again(struct tcpx_test *t)
{
	tcpx_test_sent(t, t->tcb.snd_una, TEST_MSS, ACK);
}

static void we_probe(struct tcpx_test *t)
{
	tcpx_test_expire(t, TCPX_T_PERSIST);
}

static void window_becomes(struct tcpx_test *t, u16 wnd)
{
	t->wnd = wnd;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una, 0);
	tcpx_test_send_all(t);
}

static void window_opens(struct tcpx_test *t)
{
	window_becomes(t, 60000);
}

static void window_moves(struct tcpx_test *t)
{
	window_becomes(t, SMALL_WND + 10);
}

static void fin_again(struct tcpx_test *t)
{
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt - 1, t->tcb.snd_nxt, 0);
}

static void stray_fin(struct tcpx_test *t)
{
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt - 100000, t->tcb.snd_nxt, 0);
}

/**
 * struct row - one cell of the table: a deadline and an event
 * @name: both
 * @timer: enum tcpx_timer
 * @runs: what sets the deadline
 * @happens: the event
 * @then: enum then
 */
struct row {
	const char *name;
	u8 timer;
	void (*runs)(struct kunit *test);
	void (*happens)(struct tcpx_test *t);
	u8 then;
};

static const struct row rows[] = {
	{ "TLP, a duplicate ACK", TCPX_T_TLP, flies, duplicate, STAYS },
	{ "TLP, a part of a segment SACKed", TCPX_T_TLP, flies, part_sacked, STAYS },
	{ "TLP, the peer sends data", TCPX_T_TLP, flies, data_comes, STAYS },
	{ "TLP, the peer's probe", TCPX_T_TLP, flies, peer_probes, STAYS },
	{ "TLP, a segment SACKed", TCPX_T_TLP, flies, one_sacked, OFF },
	{ "TLP, a segment acknowledged", TCPX_T_TLP, flies, one_acked, ANEW },
	{ "TLP, more is sent", TCPX_T_TLP, flies, more_is_written, ANEW },

	{ "REXMT, a duplicate ACK", TCPX_T_REXMT, flies, duplicate, STAYS },
	{ "REXMT, a part of a segment SACKed", TCPX_T_REXMT, flies, part_sacked, STAYS },
	{ "REXMT, a segment SACKed", TCPX_T_REXMT, flies, one_sacked, STAYS },
	{ "REXMT, the peer sends data", TCPX_T_REXMT, flies, data_comes, STAYS },
	{ "REXMT, the peer's probe", TCPX_T_REXMT, flies, peer_probes, STAYS },
	{ "REXMT, more is sent", TCPX_T_REXMT, flies, more_is_written, STAYS },

	{ "USER, a duplicate ACK", TCPX_T_USER, flies, duplicate, STAYS },
	{ "USER, a segment SACKed", TCPX_T_USER, flies, one_sacked, STAYS },
	{ "USER, the peer sends data", TCPX_T_USER, flies, data_comes, STAYS },
	{ "USER, the peer's probe", TCPX_T_USER, flies, peer_probes, STAYS },
	{ "USER, more is sent", TCPX_T_USER, flies, more_is_written, STAYS },
	{ "USER, sent again", TCPX_T_USER, flies, goes_again, STAYS },
	{ "USER, a segment acknowledged", TCPX_T_USER, flies, one_acked, ANEW },

	{ "shut: USER, an answer", TCPX_T_USER, window_is_shut, duplicate, STAYS },
	{ "shut: USER, our probe", TCPX_T_USER, window_is_shut, we_probe, STAYS },
	{ "shut: USER, the peer sends data", TCPX_T_USER, window_is_shut, data_comes, STAYS },
	{ "shut: USER, the peer's probe", TCPX_T_USER, window_is_shut, peer_probes, STAYS },
	{ "shut: USER, more is written", TCPX_T_USER, window_is_shut, more_is_written, STAYS },
	{ "shut: USER, the window opens", TCPX_T_USER, window_is_shut, window_opens, ANEW },

	{ "shut: PERSIST, an answer", TCPX_T_PERSIST, window_is_shut, duplicate, STAYS },
	{ "shut: PERSIST, the peer sends data", TCPX_T_PERSIST, window_is_shut, data_comes, STAYS },
	{ "shut: PERSIST, the peer's probe", TCPX_T_PERSIST, window_is_shut, peer_probes, STAYS },
	{ "shut: PERSIST, more is written", TCPX_T_PERSIST, window_is_shut, more_is_written,
	  STAYS },
	{ "shut: PERSIST, the window opens", TCPX_T_PERSIST, window_is_shut, window_opens, OFF },

	{ "small: PERSIST, an answer", TCPX_T_PERSIST, window_is_small, duplicate, STAYS },
	{ "small: PERSIST, the peer sends data", TCPX_T_PERSIST, window_is_small, data_comes,
	  STAYS },
	{ "small: PERSIST, as small a window", TCPX_T_PERSIST, window_is_small, window_moves,
	  STAYS },
	{ "small: PERSIST, the window opens", TCPX_T_PERSIST, window_is_small, window_opens, OFF },
	{ "small: USER, an answer", TCPX_T_USER, window_is_small, duplicate, OFF },

	{ "DELACK, more payload", TCPX_T_DELACK, data_has_come, data_comes, STAYS },
	{ "DELACK, an ACK of the peer", TCPX_T_DELACK, data_has_come, duplicate, STAYS },

	{ "KEEP, an ACK of the peer", TCPX_T_KEEP, data_has_come, duplicate, ANEW },
	{ "KEEP, the peer sends data", TCPX_T_KEEP, data_has_come, data_comes, ANEW },
	{ "KEEP, the peer's probe", TCPX_T_KEEP, data_has_come, peer_probes, ANEW },
	{ "KEEP, a stray segment", TCPX_T_KEEP, data_has_come, stray_comes, STAYS },
	{ "KEEP, more is sent", TCPX_T_KEEP, data_has_come, more_is_written, STAYS },

	{ "FIN_WAIT_2, an ACK", TCPX_T_FIN_WAIT_2, no_reader, duplicate, STAYS },
	{ "FIN_WAIT_2, a probe", TCPX_T_FIN_WAIT_2, no_reader, peer_probes, STAYS },

	{ "2MSL, the FIN again", TCPX_T_2MSL, both_have_closed, fin_again, ANEW },
	{ "2MSL, another FIN", TCPX_T_2MSL, both_have_closed, stray_fin, STAYS },
	{ "2MSL, an ACK", TCPX_T_2MSL, both_have_closed, duplicate, STAYS },
	{ "2MSL, a probe", TCPX_T_2MSL, both_have_closed, peer_probes, STAYS },
};

static void row_name(const struct row *r, char *desc)
{
	strcpy(desc, r->name);
}

KUNIT_ARRAY_PARAM(row, rows, row_name);

static void anew(struct kunit *test)
{
	const struct row *r = test->param_value;
	struct tcpx_test *t = test->priv;
	const u64 *due = &t->tcb.deadline[r->timer];
	u64 was, passed = 0;

	r->runs(test);
	was = *due;
	if (was != TCPX_NEVER)
		passed = (was - t->now) / 2;
	KUNIT_ASSERT_TRUE(test, passed || r->then == OFF);
	t->now += passed;
	r->happens(t);
	switch (r->then) {
	case STAYS:
		KUNIT_EXPECT_EQ(test, *due, was);
		break;
	case ANEW:
		KUNIT_EXPECT_NE(test, *due, TCPX_NEVER);
		KUNIT_EXPECT_GT(test, *due, was);
		break;
	case OFF:
		KUNIT_EXPECT_EQ(test, *due, TCPX_NEVER);
		break;
	}
}

static struct kunit_case deadline_cases[] = {
	KUNIT_CASE_PARAM(anew, row_gen_params),
	{}
};

static struct kunit_suite deadline_suite = {
	.name = "tcpx_deadline",
	.init = tcpx_test_init,
	.test_cases = deadline_cases,
};

kunit_test_suite(deadline_suite);
