// SPDX-License-Identifier: GPL-2.0
/* TCP Fast Open (RFC 7413): the option, the client's SYN with payload, the server's. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/segment.h"
#include "../core/syn.h"
#include "../core/window.h"
#include "fixture.h"

struct option_case {
	const char *name;
	u8 len;			/* of the option, as it says itself */
	bool syn;
	bool taken;
	bool exp;		/* under the kind for experiments */
};

static const struct option_case option_cases[] = {
	{ "4.1.1: a request", 2, true, true },
	{ "4.1.1: 1 byte", 3, true, false },
	{ "4.1.1: 2 bytes", 4, true, false },
	{ "4.1.1: 4 bytes", 6, true, true },
	{ "4.1.1: 5 bytes", 7, true, false },
	{ "4.1.1: 8 bytes", 10, true, true },
	{ "4.1.1: 15 bytes", 17, true, false },
	{ "4.1.1: 16 bytes", 18, true, true },
	{ "4.1.1: 17 bytes", 19, true, false },
	{ "4.1.1: 18 bytes", 20, true, false },
	{ "4.1.1: not on a SYN", 10, false, false },
	{ "RFC 6994: a request", 4, true, true, true },
	{ "RFC 6994: no name", 3, true, false, true },
	{ "RFC 6994: 2 bytes", 6, true, false, true },
	{ "RFC 6994: 4 bytes", 8, true, true, true },
	{ "RFC 6994: 5 bytes", 9, true, false, true },
	{ "RFC 6994: 8 bytes", 12, true, true, true },
	{ "RFC 6994: 14 bytes", 18, true, true, true },
	{ "RFC 6994: 16 bytes", 20, true, true, true },
	{ "RFC 6994: 18 bytes", 22, true, false, true },
	{ "RFC 6994: not on a SYN", 12, false, false, true },
};

static void option_desc(const struct option_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(option, option_cases, option_desc);

/* What is parsed is what was written, NOPs behind it; its length is a multiple of 4 */
static void option_there_and_back(struct kunit *test)
{
	const struct option_case *c = test->param_value;
	u8 raw[24] = { c->exp ? TCPX_OPT_EXP : TCPX_OPT_FASTOPEN, c->len, 0xf9, 0x89 };
	u8 out[TCPX_MAX_OPT_LEN], base = c->exp ? 4 : 2;
	struct tcpx_opts o, again;
	u8 i;

	for (i = base; i < c->len; i++)
		raw[i] = i;
	/* What is not there is not valid, and compared all the same */
	memset(&o, 0, sizeof(o));
	memset(&again, 0, sizeof(again));
	tcpx_opt_parse(raw, c->len, c->syn, &o);
	KUNIT_EXPECT_EQ(test, o.has, c->taken ? TCPX_HAS_FASTOPEN : 0);
	if (!c->taken)
		return;
	KUNIT_EXPECT_EQ(test, o.fo.exp, c->exp);
	KUNIT_EXPECT_EQ(test, o.fo.len, c->len - base);
	KUNIT_EXPECT_EQ(test, memcmp(o.fo.val, raw + base, o.fo.len), 0);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&o) % 4, 0);
	KUNIT_EXPECT_EQ(test, tcpx_opt_write(out, &o), tcpx_opt_len(&o));
	KUNIT_EXPECT_EQ(test, memcmp(out, raw, c->len), 0);
	for (i = c->len; i < tcpx_opt_len(&o); i++)
		KUNIT_EXPECT_EQ(test, out[i], TCPX_OPT_NOP);
	tcpx_opt_parse(out, tcpx_opt_len(&o), true, &again);
	KUNIT_EXPECT_EQ(test, memcmp(&again, &o, sizeof(o)), 0);
}

/* Another experiment's, or one without a name that is known */
static void other_experiments(struct kunit *test)
{
	static const u8 other[] = { TCPX_OPT_EXP, 6, 0xf9, 0x8a, 1, 2 };
	struct tcpx_opts o;

	tcpx_opt_parse(other, sizeof(other), true, &o);
	KUNIT_EXPECT_EQ(test, o.has, 0);
}

/* 40 bytes: the largest cookie and RFC 7323's options leave no room for a user time-out */
static void option_room(struct kunit *test)
{
	const u8 most = TCPX_HAS_MSS | TCPX_HAS_WSCALE | TCPX_HAS_SACK_PERM | TCPX_HAS_TS;
	struct tcpx_opts o = { .has = most | TCPX_HAS_UTO };
	struct tcpx_fo_cookie cookie = { .len = 8, .val = { 1, 2, 3 } };

	tcpx_opt_fastopen(&o, &cookie);
	KUNIT_EXPECT_EQ(test, o.has, most | TCPX_HAS_UTO | TCPX_HAS_FASTOPEN);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&o), 36);
	cookie.len = 16;
	tcpx_opt_fastopen(&o, &cookie);
	KUNIT_EXPECT_EQ(test, o.has, most | TCPX_HAS_FASTOPEN);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&o), 40);
	cookie.exp = true;
	tcpx_opt_fastopen(&o, &cookie);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&o), 40);
}

/* SYN-SENT; the SYN carried 100 bytes */
static void send_syn(struct tcpx_test *t)
{
	t->tcb.adv_mss = TEST_ADV_MSS;
	t->tcb.rcv_wnd = TEST_RCV_WND;
	tcpx_syn_open(&t->tcb, TEST_ISS, &t->a);
	tcpx_test_write(t, 100);
	tcpx_test_sent(t, TEST_ISS, 101, SYN);
}

struct ack_case {
	const char *name;
	u32 ack;		/* from ISS */
	u8 next;
	bool syn_data_acked;
	u32 left;		/* bytes that are yet to be sent */
};

static const struct ack_case ack_cases[] = {
	{ "3.10.7.3, first: nothing is acknowledged", 0, TCPX_SYN_SENT, false, 0 },
	{ "4.2.2: the SYN only", 1, TCPX_ESTABLISHED, false, 100 },
	{ "4.2.2: one byte", 2, TCPX_ESTABLISHED, false, 99 },
	{ "4.2.2: all but one", 100, TCPX_ESTABLISHED, false, 1 },
	{ "4.2.2: all", 101, TCPX_ESTABLISHED, true, 0 },
	{ "3.10.7.3, first: more than was sent", 102, TCPX_SYN_SENT, false, 0 },
};

static void ack_desc(const struct ack_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(ack, ack_cases, ack_desc);

/* What the SYN,ACK leaves is sent again at once, corked or not; then what is new waits */
static void client_synack(struct kunit *test)
{
	const struct ack_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;

	send_syn(t);
	KUNIT_EXPECT_EQ(test, tcb->snd_nxt, TEST_ISS + 101);
	t->now += 50 * MSEC;
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + c->ack, 0);
	KUNIT_EXPECT_EQ(test, tcb->state, c->next);
	if (c->next == TCPX_SYN_SENT) {
		KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_RST);
		return;
	}
	KUNIT_EXPECT_EQ(test, tcb->syn_data_acked, c->syn_data_acked);
	KUNIT_EXPECT_EQ(test, t->a.acked, 100 - c->left);
	/* Even an ACK of the SYN alone has measured the path */
	KUNIT_EXPECT_EQ(test, tcb->rtt.srtt, 50 * MSEC);
	KUNIT_EXPECT_EQ(test, tcb->deadline[TCPX_T_REXMT], TCPX_NEVER);
	tcpx_cong_init(tcb, &tcpx_cong_reno, t->now);
	tcb->cork = true;
	tcpx_test_write(t, 10);
	KUNIT_EXPECT_EQ(test, tcpx_wnd_next(tcb, t->now, &t->send), c->left > 0);
	if (c->left) {
		KUNIT_EXPECT_EQ(test, t->send.seq, TEST_ISS + c->ack);
		KUNIT_EXPECT_EQ(test, t->send.len, c->left);
		KUNIT_EXPECT_TRUE(test, t->send.rexmt);
		tcpx_test_sent(t, t->send.seq, t->send.len, ACK);
		KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(tcb, t->now, &t->send));
		/* Nagle's rule does not count it */
		tcb->cork = false;
		KUNIT_EXPECT_TRUE(test, tcpx_wnd_next(tcb, t->now, &t->send));
		KUNIT_EXPECT_FALSE(test, t->send.rexmt);
	}
}

/* Karn: after a second SYN the answer tells no time; it may be for the first */
static void client_syn_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	send_syn(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_SYN);
	tcpx_test_sent(t, TEST_ISS, 1, SYN);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, TEST_ISS + 101);
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 101, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_TRUE(test, t->tcb.syn_data_acked);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.srtt, 0);
}

/* 3.5, figure 7: both SYNs cross, the peer's ACK does not know of the payload */
static void client_simultaneous(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;

	send_syn(t);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	KUNIT_EXPECT_EQ(test, tcb->state, TCPX_SYN_RECEIVED);
	tcpx_test_sent(t, TEST_ISS, 1, SYN_ACK);
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, tcb->state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, tcb->snd_nxt, TEST_ISS + 1);
}

/* 3.10.7.3, fourth: "continue processing at the sixth step" */
static void client_takes_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	send_syn(t);
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 101, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_DATA);
	KUNIT_EXPECT_EQ(test, t->a.data_off, 0);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, TEST_IRS + 301);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, TEST_RCV_WND - 300);
}

/* LISTEN takes a SYN with @len bytes */
static void take_syn(struct tcpx_test *t, u32 len)
{
	t->tcb.adv_mss = TEST_ADV_MSS;
	t->tcb.rcv_wnd = TEST_RCV_WND;
	tcpx_fsm_call(&t->tcb, TCPX_EV_OPEN_PASSIVE, t->now, &t->a);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, len);
	tcpx_syn_accept(&t->tcb, &t->seg, TEST_ISS, t->now, &t->a);
	tcpx_segment_fastopen(&t->tcb, &t->seg, t->now, &t->a);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	tcpx_test_sent(t, TEST_ISS, 1, SYN_ACK);
}

/* 4.2.2: the payload is delivered and acknowledged by the SYN,ACK */
static void server_takes_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	take_syn(t, 200);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_EQ(test, t->a.todo & ~TCPX_DO_ACK,
			TCPX_DO_SYNACK | TCPX_DO_CONNECTED | TCPX_DO_DATA);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 200);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, TEST_IRS + 201);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
	KUNIT_EXPECT_TRUE(test, t->tcb.syn_data_acked);
}

/* No payload: a connection all the same */
static void server_bare_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	take_syn(t, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_SYNACK | TCPX_DO_CONNECTED);
	KUNIT_EXPECT_FALSE(test, t->tcb.syn_data_acked);
}

/* Payload beyond the window is cut */
static void server_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	take_syn(t, TEST_RCV_WND + 1);
	KUNIT_EXPECT_EQ(test, t->a.data_len, TEST_RCV_WND);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, TEST_IRS + 1 + TEST_RCV_WND);
}

/* 4.2.2: payload and FIN may be sent before the third ACK */
static void server_answers(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;

	take_syn(t, 200);
	tcpx_test_write(t, 500);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_EQ(test, tcb->snd_nxt, TEST_ISS + 501);
	/* The third ACK, of the SYN only, leaves the payload in flight */
	tcpx_test_arrive(t, ACK, TEST_IRS + 201, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, tcb->state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, tcb->snd_nxt, TEST_ISS + 501);
	KUNIT_EXPECT_TRUE(test, tcb->deadline[TCPX_T_REXMT] != TCPX_NEVER);
	tcpx_test_arrive(t, ACK, TEST_IRS + 201, TEST_ISS + 501, 0);
	KUNIT_EXPECT_EQ(test, t->a.acked, 500);
	KUNIT_EXPECT_EQ(test, tcb->deadline[TCPX_T_REXMT], TCPX_NEVER);
}

/* The initial window is whole, the SYN's number takes nothing from it, nor from the peer's */
static void server_sends_ten(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 10 * TEST_MSS;
	take_syn(t, 200);
	tcpx_test_write(t, 20 * TEST_MSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * TEST_MSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 10);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, TEST_ISS + 1 + 10 * TEST_MSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 10 * TEST_MSS);
}

static void server_closes(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	take_syn(t, 200);
	KUNIT_EXPECT_EQ(test, tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a), 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_1);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
	tcpx_test_arrive(t, ACK, TEST_IRS + 201, TEST_ISS + 2, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
}

/* The SYN again, bare: the SYN,ACK again, which acknowledges the payload */
static void server_syn_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	take_syn(t, 200);
	tcpx_test_arrive(t, SYN, TEST_IRS, 0, 0);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, TCPX_DO_SYNACK, TCPX_DROP_OLD_DATA);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, TEST_IRS + 201);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_SYNACK);
}

/* The user has the socket: it can't return to LISTEN */
static void server_reset(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	take_syn(t, 200);
	tcpx_test_arrive(t, SYN, TEST_IRS + 300, 0, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_TRUE(test, t->a.todo & (TCPX_DO_CHALLENGE | TCPX_DO_ACK));
	tcpx_test_arrive(t, RST, TEST_IRS + 201, 0, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_TRUE(test, t->a.todo & TCPX_DO_ERROR);
	KUNIT_EXPECT_EQ(test, t->a.err, ECONNRESET);
	KUNIT_EXPECT_FALSE(test, t->a.todo & TCPX_DO_LISTEN);
}

static struct kunit_case fastopen_cases[] = {
	KUNIT_CASE_PARAM(option_there_and_back, option_gen_params),
	KUNIT_CASE(other_experiments),
	KUNIT_CASE(option_room),
	KUNIT_CASE_PARAM(client_synack, ack_gen_params),
	KUNIT_CASE(client_syn_again),
	KUNIT_CASE(client_simultaneous),
	KUNIT_CASE(client_takes_data),
	KUNIT_CASE(server_takes_data),
	KUNIT_CASE(server_bare_syn),
	KUNIT_CASE(server_window),
	KUNIT_CASE(server_answers),
	KUNIT_CASE(server_sends_ten),
	KUNIT_CASE(server_closes),
	KUNIT_CASE(server_syn_again),
	KUNIT_CASE(server_reset),
	{}
};

static struct kunit_suite fastopen_suite = {
	.name = "tcpx_fastopen",
	.init = tcpx_test_init,
	.test_cases = fastopen_cases,
};

kunit_test_suite(fastopen_suite);
