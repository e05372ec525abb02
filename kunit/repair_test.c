// SPDX-License-Identifier: GPL-2.0
/* TCP_REPAIR: a connection goes on where another socket of it has ended. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/deadline.h"
#include "../core/repair.h"
#include "fixture.h"

#define SND	0xfffffff0U	/* numbers that wrap soon */
#define RCV	0xfffff000U

static struct tcpx_test *opened(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_tcb_init(&t->tcb, &t->conf);
	tcpx_test_give_slots(&t->tcb.sb, &t->slots);
	t->tcb.adv_mss = TEST_ADV_MSS;
	tcpx_wnd_offer(&t->tcb, TEST_RCV_WND, TEST_ADV_MSS);
	KUNIT_ASSERT_EQ(test, tcpx_repair_open(&t->tcb, SND, RCV, t->now, &t->a), 0);
	return t;
}

static void opens_without_a_segment(struct kunit *test)
{
	struct tcpx_test *t = opened(test);
	const struct tcpx_tcb *tcb = &t->tcb;

	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_CONNECTED);
	KUNIT_EXPECT_EQ(test, tcb->state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_TRUE(test, tcb->syn_acked);
	KUNIT_EXPECT_EQ(test, tcb->snd_una, SND);
	KUNIT_EXPECT_EQ(test, tcb->snd_nxt, SND);
	KUNIT_EXPECT_EQ(test, tcb->write_seq, SND);
	KUNIT_EXPECT_EQ(test, tcb->rcv_nxt, RCV);
	KUNIT_EXPECT_EQ(test, tcb->copied_seq, RCV);
	KUNIT_EXPECT_EQ(test, tcb->snd_wnd, 0);
	KUNIT_EXPECT_FALSE(test, tcb->ts_ok || tcb->sack_ok || tcb->wscale_ok);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(tcb), TCPX_NEVER);
	/* Only once */
	KUNIT_EXPECT_EQ(test, tcpx_repair_open(&t->tcb, 1, 1, t->now, &t->a), -EISCONN);
	KUNIT_EXPECT_EQ(test, tcb->snd_nxt, SND);
}

/* The window is the peer's to tell, by any segment */
static void takes_the_window(struct kunit *test)
{
	struct tcpx_test *t = opened(test);

	t->wnd = 777;
	tcpx_test_arrive(t, ACK, RCV, SND, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 777);
	KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_NONE);
}

struct option_case {
	const char *name;
	u32 kind;
	u32 val;
	int err;
	u16 mss;
	s8 snd_wscale;		/* -1: not agreed on */
	u8 rcv_wscale;
	bool sack;
	bool ts;
};

static const struct option_case options[] = {
	{ "MSS", TCPX_OPT_MSS, 1000, 0, 1000, -1 },
	{ "MSS, 17 bits", TCPX_OPT_MSS, 65536 + 1000, 0, 1000, -1 },
	{ "MSS of 0", TCPX_OPT_MSS, 0, 0, TCPX_MSS_MIN, -1 },
	{ "window scale", TCPX_OPT_WSCALE, 14 | 13 << 16, 0, 536, 14, 13 },
	{ "no window scale", TCPX_OPT_WSCALE, 0, 0, 536, 0, 0 },
	{ "window scale, the peer's too large", TCPX_OPT_WSCALE, 15, -EFBIG, 536, -1 },
	{ "window scale, ours too large", TCPX_OPT_WSCALE, 15 << 16, -EFBIG, 536, -1 },
	{ "window scale, far too large", TCPX_OPT_WSCALE, 0xffffffff, -EFBIG, 536, -1 },
	{ "SACK", TCPX_OPT_SACK_PERM, 0, 0, 536, -1, .sack = true },
	{ "SACK with a value", TCPX_OPT_SACK_PERM, 1, -EINVAL, 536, -1 },
	{ "timestamps", TCPX_OPT_TS, 0, 0, 536, -1, .ts = true },
	{ "timestamps with a value", TCPX_OPT_TS, 1, -EINVAL, 536, -1 },
	{ "an unknown one", 99, 1, 0, 536, -1 },
};

static void option_desc(const struct option_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(option, options, option_desc);

static void option_case(struct kunit *test)
{
	const struct option_case *c = test->param_value;
	struct tcpx_test *t = opened(test);
	const struct tcpx_tcb *tcb = &t->tcb;

	KUNIT_EXPECT_EQ(test, tcpx_repair_option(&t->tcb, c->kind, c->val, t->now), c->err);
	KUNIT_EXPECT_EQ(test, tcb->peer_mss, c->mss);
	KUNIT_EXPECT_EQ(test, tcb->wscale_ok ? tcb->snd_wscale : -1, c->snd_wscale);
	KUNIT_EXPECT_EQ(test, tcb->rcv_wscale, c->rcv_wscale);
	KUNIT_EXPECT_EQ(test, tcb->sack_ok, c->sack);
	KUNIT_EXPECT_EQ(test, tcb->ts_ok, c->ts);
}

/* What TS.Recent was nobody has told: the peer's next TSval is right, whatever it is */
static void any_timestamp(struct kunit *test)
{
	static const u32 tsvals[] = { 1, 0x7fffffff, 0x80000000, 0xffffffff };
	struct tcpx_test *t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tsvals); i++) {
		t = opened(test);
		KUNIT_ASSERT_EQ(test, tcpx_repair_option(&t->tcb, TCPX_OPT_TS, 0, t->now), 0);
		t->peer_opt.has = TCPX_HAS_TS;
		t->peer_opt.tsval = tsvals[i];
		tcpx_test_arrive(t, ACK, RCV, SND, 0);
		KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_NONE);
		KUNIT_EXPECT_EQ(test, t->tcb.ts_recent, tsvals[i]);
		/* and from then on PAWS protects it */
		t->peer_opt.tsval--;
		tcpx_test_arrive(t, ACK, RCV, SND, 0);
		KUNIT_EXPECT_EQ(test, t->a.drop, TCPX_DROP_PAWS);
	}
}

struct window_case {
	const char *name;
	struct tcpx_repair_window w;	/* numbers from RCV.NXT on */
	int err;
	u32 snd_wnd;
	u32 max_snd_wnd;
	u32 rcv_wnd;
};

#define NONE	(-1U)

static const struct window_case windows[] = {
	{ "as it was", { NONE, 10, 20, 5000, 0 }, 0, 10, 20, 5000 },
	{ "shut", { NONE, 0, 0, 0, 0 }, 0, 0, 0, 0 },
	{ "not all is acknowledged", { NONE, 10, 20, 5000, -1000U }, 0, 10, 20, 4000 },
	{ "more than all of it has come", { NONE, 10, 20, 5000, -5001U }, 0, 10, 20, 0 },
	{ "larger than the largest", { NONE, 21, 20, 5000, 0 }, -EINVAL },
	{ "SND.WL1 in the window", { 5000, 10, 20, 5000, 0 }, 0, 10, 20, 5000 },
	{ "SND.WL1 beyond it", { 5001, 10, 20, 5000, 0 }, -EINVAL },
	{ "acknowledged before it came", { NONE, 10, 20, 5000, 1 }, -EINVAL },
	{ "of GiBs", { NONE, ~0U, ~0U, ~0U >> 2, 0 }, 0, TCPX_MAX_WINDOW, TCPX_MAX_WINDOW,
	  TCPX_MAX_WINDOW },
};

static void window_desc(const struct window_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static void window_case(struct kunit *test)
{
	const struct window_case *c = test->param_value;
	struct tcpx_repair_window w = c->w, got;
	struct tcpx_test *t = opened(test);
	struct tcpx_tcb before = t->tcb;

	w.snd_wl1 += RCV;
	w.rcv_wup += RCV;
	KUNIT_ASSERT_EQ(test, tcpx_repair_set_window(&t->tcb, &w), c->err);
	if (c->err) {
		KUNIT_EXPECT_EQ(test, memcmp(&before, &t->tcb, sizeof(before)), 0);
		return;
	}
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, c->snd_wnd);
	KUNIT_EXPECT_EQ(test, t->tcb.max_snd_wnd, c->max_snd_wnd);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, c->rcv_wnd);
	/* What is read can be set again, and is the same */
	tcpx_repair_get_window(&t->tcb, &w);
	KUNIT_EXPECT_EQ(test, tcpx_repair_set_window(&t->tcb, &w), 0);
	tcpx_repair_get_window(&t->tcb, &got);
	KUNIT_EXPECT_EQ(test, memcmp(&w, &got, sizeof(w)), 0);
}

/* Payload of @len bytes that the former socket has sent */
static void was_sent(struct tcpx_test *t, u32 len)
{
	t->tcb.write_seq += len;
	tcpx_repair_sent(&t->tcb, len, t->now);
}

/* It flies, but nobody knows since when: an ACK measures nothing */
static void sent_is_not_timed(struct kunit *test)
{
	struct tcpx_test *t = opened(test);

	KUNIT_EXPECT_EQ(test, tcpx_repair_slots(&t->tcb, 2 * t->tcb.snd_mss + 1), 3);
	was_sent(t, 2 * t->tcb.snd_mss + 1);
	KUNIT_EXPECT_EQ(test, tcpx_sb_len(&t->tcb.sb), 3);
	KUNIT_EXPECT_PTR_EQ(test, tcpx_test_sb_fault(&t->tcb), NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, t->tcb.write_seq);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + TCPX_RTO_INIT);
	t->now += 10 * MSEC;
	tcpx_test_arrive(t, ACK, RCV, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, t->tcb.write_seq);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, 0);
	KUNIT_EXPECT_EQ(test, tcpx_sb_len(&t->tcb.sb), 0);
}

/* The peer has not got it: the time-out sends it again */
static void sent_comes_again(struct kunit *test)
{
	struct tcpx_test *t = opened(test);

	was_sent(t, 100);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_REXMT);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_first(&t->tcb, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, SND);
	KUNIT_EXPECT_EQ(test, t->send.len, 100);
	KUNIT_EXPECT_PTR_EQ(test, tcpx_test_sb_fault(&t->tcb), NULL);
}

static void fin_was_sent(struct kunit *test)
{
	struct tcpx_test *t = opened(test);

	was_sent(t, 100);
	KUNIT_ASSERT_EQ(test, tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a), 0);
	KUNIT_EXPECT_FALSE(test, tcpx_fin_sent(&t->tcb));
	tcpx_repair_sent(&t->tcb, 1, t->now);
	KUNIT_EXPECT_TRUE(test, tcpx_fin_sent(&t->tcb));
	tcpx_test_arrive(t, ACK, RCV, SND + 101, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
}

/* The right edge stays, and what lies beyond a hole is no longer beyond one */
static void received(struct kunit *test)
{
	struct tcpx_test *t = opened(test);
	u32 edge = t->tcb.rcv_nxt + t->tcb.rcv_wnd;

	t->tcb.sack_ok = true;
	tcpx_test_arrive(t, ACK, RCV + 100, SND, 50);
	tcpx_sack_kept(&t->tcb, RCV + 100, RCV + 150);
	tcpx_test_arrive(t, FIN_ACK, RCV + 150, SND, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.rcv_fin_known);
	tcpx_repair_received(&t->tcb, 200);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, RCV + 200);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt + t->tcb.rcv_wnd, edge);
	KUNIT_EXPECT_EQ(test, t->tcb.sack.nr, 0);
	KUNIT_EXPECT_FALSE(test, t->tcb.rcv_fin_known);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	tcpx_repair_received(&t->tcb, 100000);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, 0);
}

static const u8 states[] = {
	TCPX_SYN_SENT, TCPX_SYN_RECEIVED, TCPX_ESTABLISHED, TCPX_FIN_WAIT_1, TCPX_FIN_WAIT_2,
	TCPX_CLOSE_WAIT, TCPX_CLOSING, TCPX_LAST_ACK,
};

static void abort_desc(const u8 *state, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", tcpx_state_name(*state));
}

KUNIT_ARRAY_PARAM(abort, states, abort_desc);

static void abort_case(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, *(const u8 *)test->param_value);
	tcpx_repair_abort(&t->tcb, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_FLUSH | TCPX_DO_DELETE);
}

static struct kunit_case repair_cases[] = {
	KUNIT_CASE(opens_without_a_segment),
	KUNIT_CASE(takes_the_window),
	KUNIT_CASE_PARAM(option_case, option_gen_params),
	KUNIT_CASE(any_timestamp),
	KUNIT_CASE_PARAM(window_case, window_gen_params),
	KUNIT_CASE(sent_is_not_timed),
	KUNIT_CASE(sent_comes_again),
	KUNIT_CASE(fin_was_sent),
	KUNIT_CASE(received),
	KUNIT_CASE_PARAM(abort_case, abort_gen_params),
	{}
};

static struct kunit_suite repair_suite = {
	.name = "tcpx_repair",
	.init = tcpx_test_init,
	.test_cases = repair_cases,
};

kunit_test_suite(repair_suite);
