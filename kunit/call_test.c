// SPDX-License-Identifier: GPL-2.0
/* The user's calls: RFC 9293, 3.10.1 to 3.10.6, and what the network tells. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/deadline.h"
#include "../core/syn.h"
#include "../core/window.h"
#include "fixture.h"

/**
 * struct call_case - a call in a state that was reached
 * @state: enum tcpx_state
 * @event: TCPX_EV_OPEN_PASSIVE .. TCPX_EV_STATUS
 * @ret: what the caller gets
 * @next: the state afterwards
 */
struct call_case {
	u8 state;
	u8 event;
	int ret;
	u8 next;
};

static const struct call_case calls[] = {
	{ TCPX_CLOSED, TCPX_EV_SEND, -EPIPE, TCPX_CLOSED },
	{ TCPX_CLOSED, TCPX_EV_RECEIVE, -ENOTCONN, TCPX_CLOSED },
	{ TCPX_CLOSED, TCPX_EV_CLOSE, -ENOTCONN, TCPX_CLOSED },
	{ TCPX_CLOSED, TCPX_EV_ABORT, -ENOTCONN, TCPX_CLOSED },
	{ TCPX_CLOSED, TCPX_EV_STATUS, -ENOTCONN, TCPX_CLOSED },
	{ TCPX_LISTEN, TCPX_EV_OPEN_PASSIVE, 0, TCPX_LISTEN },
	{ TCPX_LISTEN, TCPX_EV_CLOSE, 0, TCPX_CLOSED },
	{ TCPX_LISTEN, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_SYN_SENT, TCPX_EV_OPEN_PASSIVE, -EISCONN, TCPX_SYN_SENT },
	{ TCPX_SYN_SENT, TCPX_EV_SEND, 0, TCPX_SYN_SENT },
	{ TCPX_SYN_SENT, TCPX_EV_CLOSE, 0, TCPX_CLOSED },
	{ TCPX_SYN_SENT, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_SYN_RECEIVED, TCPX_EV_SEND, 0, TCPX_SYN_RECEIVED },
	{ TCPX_SYN_RECEIVED, TCPX_EV_CLOSE, 0, TCPX_FIN_WAIT_1 },
	{ TCPX_SYN_RECEIVED, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_ESTABLISHED, TCPX_EV_OPEN_PASSIVE, -EISCONN, TCPX_ESTABLISHED },
	{ TCPX_ESTABLISHED, TCPX_EV_SEND, 0, TCPX_ESTABLISHED },
	{ TCPX_ESTABLISHED, TCPX_EV_RECEIVE, 0, TCPX_ESTABLISHED },
	{ TCPX_ESTABLISHED, TCPX_EV_CLOSE, 0, TCPX_FIN_WAIT_1 },
	{ TCPX_ESTABLISHED, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_FIN_WAIT_1, TCPX_EV_SEND, -EPIPE, TCPX_FIN_WAIT_1 },
	{ TCPX_FIN_WAIT_1, TCPX_EV_CLOSE, 0, TCPX_FIN_WAIT_1 },
	{ TCPX_FIN_WAIT_1, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_FIN_WAIT_2, TCPX_EV_SEND, -EPIPE, TCPX_FIN_WAIT_2 },
	{ TCPX_FIN_WAIT_2, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_CLOSE_WAIT, TCPX_EV_SEND, 0, TCPX_CLOSE_WAIT },
	{ TCPX_CLOSE_WAIT, TCPX_EV_CLOSE, 0, TCPX_LAST_ACK },
	{ TCPX_CLOSE_WAIT, TCPX_EV_ABORT, 0, TCPX_CLOSED },
	{ TCPX_CLOSING, TCPX_EV_SEND, -EPIPE, TCPX_CLOSING },
	{ TCPX_CLOSING, TCPX_EV_CLOSE, -EPIPE, TCPX_CLOSING },
	{ TCPX_LAST_ACK, TCPX_EV_SEND, -EPIPE, TCPX_LAST_ACK },
	{ TCPX_LAST_ACK, TCPX_EV_CLOSE, -EPIPE, TCPX_LAST_ACK },
	{ TCPX_TIME_WAIT, TCPX_EV_SEND, -EPIPE, TCPX_TIME_WAIT },
	{ TCPX_TIME_WAIT, TCPX_EV_CLOSE, -EPIPE, TCPX_TIME_WAIT },
	{ TCPX_TIME_WAIT, TCPX_EV_ABORT, 0, TCPX_CLOSED },
};

static void call_desc(const struct call_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10: %s in %s", tcpx_event_name(c->event),
		 tcpx_state_name(c->state));
}

KUNIT_ARRAY_PARAM(call, calls, call_desc);

static void call_case(struct kunit *test)
{
	const struct call_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, c->state);
	KUNIT_EXPECT_EQ(test, tcpx_fsm_call(&t->tcb, c->event, t->now, &t->a), c->ret);
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(t->tcb.state), tcpx_state_name(c->next));
	/* A call that fails changes nothing and asks for nothing */
	if (c->ret)
		KUNIT_EXPECT_EQ(test, t->a.todo, 0);
}

/* 3.10.5: a reset goes out from the states in which the peer waits for more */
static const u8 synchronized[] = {
	TCPX_SYN_RECEIVED, TCPX_ESTABLISHED, TCPX_FIN_WAIT_1, TCPX_FIN_WAIT_2,
	TCPX_CLOSE_WAIT, TCPX_CLOSING, TCPX_LAST_ACK, TCPX_TIME_WAIT,
};

static void abort_desc(const u8 *state, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10.5: %s", tcpx_state_name(*state));
}

KUNIT_ARRAY_PARAM(abort, synchronized, abort_desc);

static void abort_case(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	bool silent = state == TCPX_CLOSING || state == TCPX_LAST_ACK || state == TCPX_TIME_WAIT;
	struct tcpx_test *t = test->priv;
	u32 seq;

	tcpx_test_enter(test, state);
	seq = t->tcb.snd_nxt;
	KUNIT_EXPECT_EQ(test, tcpx_fsm_call(&t->tcb, TCPX_EV_ABORT, t->now, &t->a), 0);
	KUNIT_EXPECT_EQ(test, t->a.todo & TCPX_DO_RST, silent ? 0 : TCPX_DO_RST);
	KUNIT_EXPECT_EQ(test, t->a.todo & ~TCPX_DO_RST, TCPX_DO_FLUSH | TCPX_DO_DELETE);
	/* <SEQ=SND.NXT><CTL=RST>, and an ACK */
	KUNIT_EXPECT_EQ(test, t->a.rst.flags, RST_ACK);
	KUNIT_EXPECT_EQ(test, t->a.rst.ack, t->tcb.rcv_nxt);
	KUNIT_EXPECT_EQ(test, t->a.rst.seq, seq);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* 3.10.1: a connection that is there can't be opened */
static void open_case(struct kunit *test)
{
	u8 state = *(const u8 *)test->param_value;
	struct tcpx_test *t = test->priv;
	u32 iss;

	tcpx_test_enter(test, state);
	iss = t->tcb.iss;
	KUNIT_EXPECT_EQ(test, tcpx_syn_open(&t->tcb, 77, &t->a), -EISCONN);
	KUNIT_EXPECT_EQ(test, t->tcb.state, state);
	KUNIT_EXPECT_EQ(test, t->tcb.iss, iss);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
}

/* A TCB before anything has happened to it */
static void fresh(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	memset(&t->tcb, 0x5a, sizeof(t->tcb));
	tcpx_tcb_init(&t->tcb, &t->conf);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_PTR_EQ(test, t->tcb.conf, &t->conf);
	KUNIT_EXPECT_EQ(test, t->tcb.peer_mss, 536);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 536);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_mss, 536);
	KUNIT_EXPECT_FALSE(test, t->tcb.keep_on || t->tcb.nodelay || t->tcb.orphan);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* 3.10.1: "Set SND.UNA to ISS, SND.NXT to ISS+1, enter SYN-SENT state" */
static void open_sets_the_variables(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.syn_acked = true;
	KUNIT_EXPECT_EQ(test, tcpx_syn_open(&t->tcb, 0xffffffff, &t->a), 0);
	KUNIT_EXPECT_FALSE(test, t->tcb.syn_acked);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_up, 0xffffffff);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_sml, 0xffffffff);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_SYN);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_SYN_SENT);
	tcpx_test_sent(t, t->tcb.iss, 1, SYN);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, 0xffffffff);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.write_seq, 0);
}

/* 3.10.1, LISTEN: from passive to active */
static void open_from_listen(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_LISTEN);
	KUNIT_EXPECT_EQ(test, tcpx_syn_open(&t->tcb, 77, &t->a), 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_SYN_SENT);
	KUNIT_EXPECT_FALSE(test, t->tcb.passive);
}

/* MUST-11: a reset finds the way back to LISTEN only for what came from there */
static void back_to_listen_and_open_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	tcpx_test_arrive(t, RST, t->tcb.rcv_nxt, 0, 0);
	KUNIT_ASSERT_EQ(test, t->tcb.state, TCPX_LISTEN);
	tcpx_syn_open(&t->tcb, TEST_ISS, &t->a);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_arrive(t, RST, t->tcb.rcv_nxt, 0, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, t->a.err, ECONNREFUSED);
}

/* 3.10.4: only one FIN */
static void close_twice(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_1);
	KUNIT_EXPECT_EQ(test, tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a), 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
}

/* 3.10.4: what never was synchronized has no FIN */
static void close_without_fin(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_FLUSH | TCPX_DO_DELETE);
	KUNIT_EXPECT_FALSE(test, t->tcb.fin_queued);
}

/* SHLD-26: the network's refusal, with its own errno */
static void network_refuses_the_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_fsm_error(&t->tcb, EHOSTUNREACH, &t->a);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE);
	KUNIT_EXPECT_EQ(test, t->a.err, EHOSTUNREACH);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* What a user has set lasts longer than a connection */
static void settings_outlive_the_connection(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;

	tcb->nodelay = true;
	tcb->keep_on = true;
	tcb->keep_idle = 11;
	tcb->keep_intvl = 12;
	tcb->keep_probes = 13;
	tcb->syn_retries = 14;
	tcb->linger2 = 15;
	tcb->thin_linear = true;
	tcb->user_timeout = 16;
	tcb->uto_on = true;
	tcb->uto_fixed = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_fsm_call(tcb, TCPX_EV_ABORT, t->now, &t->a);
	tcpx_tcb_reinit(tcb);
	KUNIT_EXPECT_TRUE(test, tcb->nodelay && tcb->keep_on && tcb->thin_linear);
	KUNIT_EXPECT_TRUE(test, tcb->uto_on && tcb->uto_fixed);
	KUNIT_EXPECT_EQ(test, tcb->keep_idle, 11);
	KUNIT_EXPECT_EQ(test, tcb->keep_intvl, 12);
	KUNIT_EXPECT_EQ(test, tcb->keep_probes, 13);
	KUNIT_EXPECT_EQ(test, tcb->syn_retries, 14);
	KUNIT_EXPECT_EQ(test, tcb->linger2, 15);
	KUNIT_EXPECT_EQ(test, tcb->user_timeout, 16);
}

/* ... and nothing of the connection does: the next may be opened */
static void connection_is_forgotten(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS | TCPX_HAS_WSCALE;
	t->peer_opt.wscale = 9;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 500);
	tcpx_fsm_call(&t->tcb, TCPX_EV_ABORT, t->now, &t->a);
	tcpx_tcb_reinit(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_FALSE(test, t->tcb.ts_ok || t->tcb.wscale_ok || t->tcb.syn_acked);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wscale, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, TCPX_MSS_DEFAULT);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, 1 * SEC);
	t->peer_opt.has = 0;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	KUNIT_EXPECT_FALSE(test, t->tcb.ts_ok);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

static struct kunit_case call_cases[] = {
	KUNIT_CASE_PARAM(call_case, call_gen_params),
	KUNIT_CASE_PARAM(abort_case, abort_gen_params),
	KUNIT_CASE_PARAM(open_case, abort_gen_params),
	KUNIT_CASE(fresh),
	KUNIT_CASE(open_sets_the_variables),
	KUNIT_CASE(open_from_listen),
	KUNIT_CASE(back_to_listen_and_open_again),
	KUNIT_CASE(close_twice),
	KUNIT_CASE(close_without_fin),
	KUNIT_CASE(network_refuses_the_syn),
	KUNIT_CASE(settings_outlive_the_connection),
	KUNIT_CASE(connection_is_forgotten),
	{}
};

static struct kunit_suite call_suite = {
	.name = "tcpx_call",
	.init = tcpx_test_init,
	.test_cases = call_cases,
};

kunit_test_suite(call_suite);
