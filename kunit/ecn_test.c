// SPDX-License-Identifier: GPL-2.0
/* Explicit congestion notification: RFC 3168, and the receiver of RFC 8257. */
#include <linux/kernel.h>

#include "../core/ecn.h"
#include "../core/syn.h"
#include "fixture.h"

#define SMSS	TEST_MSS
#define ECE	TCPX_ECE
#define CWR	TCPX_CWR
#define BOTH	(ECE | CWR)
#define DCTCP	TCPX_ECN_ALGORITHM
#define ROUTE	TCPX_ECN_ROUTE

/**
 * struct syn_case - what a SYN asks for: RFC 3168, 6.1.1
 * @name: the rule
 * @ecn: net.tcpx.ecn
 * @fallback: net.tcpx.ecn_fallback
 * @wanted: TCPX_ECN_*
 * @again: so often was it sent before
 * @want: flags that it has besides
 */
struct syn_case {
	const char *name;
	u8 ecn, fallback, wanted, again;
	u8 want;
};

static const struct syn_case syns[] = {
	{ "off", 0, 1, 0, 0, 0 },
	{ "on", 1, 1, 0, 0, BOTH },
	{ "if the peer asks", 2, 1, 0, 0, 0 },
	{ "off, the algorithm wants it", 0, 1, DCTCP, 0, BOTH },
	{ "off, the route wants it", 0, 1, ROUTE, 0, BOTH },
	{ "if the peer asks, the algorithm wants it", 2, 1, DCTCP, 0, BOTH },
	{ "on, sent again", 1, 1, 0, 1, 0 },
	{ "on, sent again, no fallback", 1, 0, 0, 1, BOTH },
	{ "the algorithm's, sent again", 0, 1, DCTCP, 3, 0 },
	{ "the algorithm's, sent again, no fallback", 0, 0, DCTCP, 3, BOTH },
};

static void syn_desc(const struct syn_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "6.1.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(syn, syns, syn_desc);

static void syn_case(struct kunit *test)
{
	const struct syn_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_seg seg = { .flags = SYN };

	t->conf.ecn = c->ecn;
	t->conf.ecn_fallback = c->fallback;
	t->tcb.ecn.wanted = c->wanted;
	t->tcb.rexmt_shift = c->again;
	KUNIT_EXPECT_EQ(test, tcpx_ecn_syn(&t->tcb, SYN), c->want);
	tcpx_ecn_flags(&t->tcb, &seg);
	KUNIT_EXPECT_EQ(test, seg.flags, SYN | c->want);
	KUNIT_EXPECT_EQ(test, seg.ip_ecn, 0);
}

/**
 * struct agree_case - what both ends agree on: RFC 3168, 6.1.1
 * @name: the rule
 * @passive: we have the SYN; else the SYN,ACK
 * @ecn: net.tcpx.ecn
 * @wanted: TCPX_ECN_*
 * @flags: ECE and CWR of the peer's segment
 * @want: ECN is used
 */
struct agree_case {
	const char *name;
	bool passive;
	u8 ecn, wanted, flags;
	bool want;
};

static const struct agree_case agrees[] = {
	{ "SYN asks, off", true, 0, 0, BOTH, false },
	{ "SYN asks, on", true, 1, 0, BOTH, true },
	{ "SYN asks, if the peer asks", true, 2, 0, BOTH, true },
	{ "SYN asks, off, the algorithm wants it", true, 0, DCTCP, BOTH, true },
	{ "SYN asks, off, the route wants it", true, 0, ROUTE, BOTH, true },
	{ "SYN does not ask", true, 1, DCTCP, 0, false },
	{ "SYN with ECE alone", true, 1, 0, ECE, false },
	{ "SYN with CWR alone", true, 1, 0, CWR, false },
	{ "SYN,ACK agrees", false, 1, 0, ECE, true },
	{ "SYN,ACK agrees, the algorithm wanted it", false, 2, DCTCP, ECE, true },
	{ "SYN,ACK agrees to what was not asked", false, 2, 0, ECE, false },
	{ "SYN,ACK agrees, off", false, 0, 0, ECE, false },
	{ "SYN,ACK does not agree", false, 1, 0, 0, false },
	{ "SYN,ACK sends our flags back", false, 1, 0, BOTH, false },
	{ "SYN,ACK with CWR alone", false, 1, 0, CWR, false },
};

static void agree_desc(const struct agree_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "6.1.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(agree, agrees, agree_desc);

static void agree_case(struct kunit *test)
{
	const struct agree_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_seg seg = { .flags = SYN_ACK };

	t->conf.ecn = c->ecn;
	t->conf.ecn_fallback = 1;
	t->tcb.ecn.wanted = c->wanted;
	if (c->passive) {
		tcpx_test_enter(test, TCPX_LISTEN);
		tcpx_test_arrive(t, SYN | c->flags, t->irs, 0, 0);
		tcpx_syn_accept(&t->tcb, &t->seg, t->iss, t->now, &t->a);
		tcpx_ecn_flags(&t->tcb, &seg);
		KUNIT_EXPECT_EQ(test, seg.flags, SYN_ACK | (c->want ? ECE : 0));
		KUNIT_EXPECT_EQ(test, seg.ip_ecn, 0);
	} else {
		tcpx_test_enter(test, TCPX_SYN_SENT);
		tcpx_test_arrive(t, SYN_ACK | c->flags, t->irs, t->iss + 1, 0);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.mode, c->want ? TCPX_ECN_CLASSIC : TCPX_ECN_OFF);
}

/* The SYN,ACK agrees with what the first SYN asked; by then we had given that up */
static void agreed_too_late(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->conf.ecn = 1;
	t->conf.ecn_fallback = 1;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_arrive(t, SYN_ACK | ECE, t->irs, t->iss + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.mode, TCPX_ECN_OFF);
}

/* ESTABLISHED, with ECN */
static struct tcpx_test *agreed(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.ecn.mode = TCPX_ECN_CLASSIC;
	return t;
}

/**
 * struct out_case - what a segment carries: RFC 3168, 6.1.2 to 6.1.6
 * @name: which one
 * @flags: its flags
 * @len: bytes of payload
 * @again: it was sent before
 * @wanted: TCPX_ECN_*
 * @want: flags it has besides, where congestion is to be echoed and cwnd was reduced
 * @ect: it is capable
 */
struct out_case {
	const char *name;
	u8 flags;
	u32 len;
	bool again;
	u8 wanted;
	u8 want;
	bool ect;
};

static const struct out_case outs[] = {
	{ "new payload", ACK, 100, false, 0, ECE | CWR, true },
	{ "new payload with FIN", FIN_ACK, 100, false, 0, ECE | CWR, true },
	{ "a FIN alone", FIN_ACK, 0, false, 0, ECE, false },
	{ "old payload", ACK, 100, true, 0, ECE, false },
	{ "an ACK", ACK, 0, false, 0, ECE, false },
	{ "a probe", ACK, 0, true, 0, ECE, false },
	{ "a reset", RST, 0, false, 0, 0, false },
	{ "a reset with ACK", RST_ACK, 0, false, DCTCP, 0, false },
	{ "DCTCP: new payload", ACK, 100, false, DCTCP, ECE | CWR, true },
	{ "DCTCP: old payload", ACK, 100, true, DCTCP, ECE, true },
	{ "DCTCP: an ACK", ACK, 0, false, DCTCP, ECE, true },
	{ "a route that wants ECN: an ACK", ACK, 0, false, ROUTE, ECE, false },
};

static void out_desc(const struct out_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(out, outs, out_desc);

static void out_case(struct kunit *test)
{
	const struct out_case *c = test->param_value;
	struct tcpx_test *t = agreed(test);
	struct tcpx_ecn *ecn = &t->tcb.ecn;
	struct tcpx_seg seg = { .flags = c->flags, .len = c->len };

	seg.seq = c->again ? t->tcb.snd_nxt - SMSS : t->tcb.snd_nxt;
	ecn->wanted = c->wanted;
	ecn->demand = true;
	ecn->cwr = true;
	tcpx_ecn_flags(&t->tcb, &seg);
	KUNIT_EXPECT_EQ(test, seg.flags, c->flags | c->want);
	KUNIT_EXPECT_EQ(test, seg.ip_ecn, c->ect ? TCPX_ECT0 : 0);
	/* CWR is said once; ECE until the peer's CWR */
	KUNIT_EXPECT_EQ(test, ecn->cwr, !(c->want & CWR));
	KUNIT_EXPECT_TRUE(test, ecn->demand);
	/* Without agreement there is nothing of it */
	ecn->mode = TCPX_ECN_OFF;
	ecn->cwr = true;
	seg.flags = c->flags;
	seg.ip_ecn = 0;
	tcpx_ecn_flags(&t->tcb, &seg);
	KUNIT_EXPECT_EQ(test, seg.flags, c->flags);
	KUNIT_EXPECT_EQ(test, seg.ip_ecn, 0);
}

static bool arrives(struct tcpx_test *t, u8 flags, u32 len, u8 codepoint)
{
	struct tcpx_seg seg = { .flags = flags, .len = len, .ip_ecn = codepoint };

	return tcpx_ecn_rcv(&t->tcb, &seg);
}

/* 6.1.3: from CE until CWR */
static void echo(struct kunit *test)
{
	struct tcpx_test *t = agreed(test);
	struct tcpx_ecn *ecn = &t->tcb.ecn;

	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 100, 0));
	KUNIT_EXPECT_FALSE(test, ecn->seen);
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 100, TCPX_ECT0));
	KUNIT_EXPECT_TRUE(test, ecn->seen);
	KUNIT_EXPECT_FALSE(test, ecn->demand);
	KUNIT_EXPECT_TRUE(test, arrives(t, ACK, 100, TCPX_CE));
	KUNIT_EXPECT_TRUE(test, ecn->demand);
	/* More of it is no news */
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 100, TCPX_CE));
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 100, TCPX_ECT0));
	KUNIT_EXPECT_TRUE(test, ecn->demand);
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK | CWR, 100, TCPX_ECT0));
	KUNIT_EXPECT_FALSE(test, ecn->demand);
	/* Both: the reduction, and congestion since */
	KUNIT_EXPECT_TRUE(test, arrives(t, ACK | CWR, 100, TCPX_CE));
	KUNIT_EXPECT_TRUE(test, ecn->demand);
}

/* CE on a segment without payload may be forged */
static void echo_needs_data(struct kunit *test)
{
	struct tcpx_test *t = agreed(test);

	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 0, TCPX_CE));
	KUNIT_EXPECT_FALSE(test, t->tcb.ecn.demand);
	KUNIT_EXPECT_FALSE(test, t->tcb.ecn.seen);
	t->tcb.ecn.mode = TCPX_ECN_OFF;
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 100, TCPX_CE));
	KUNIT_EXPECT_FALSE(test, t->tcb.ecn.demand);
}

/* RFC 8257, 3.2: ECE says of each segment whether it carried CE */
static void echo_for_dctcp(struct kunit *test)
{
	struct tcpx_test *t = agreed(test);
	struct tcpx_ecn *ecn = &t->tcb.ecn;

	ecn->wanted = DCTCP;
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK, 100, TCPX_ECT0));
	KUNIT_EXPECT_TRUE(test, arrives(t, ACK, 100, TCPX_CE));
	KUNIT_EXPECT_TRUE(test, ecn->demand);
	KUNIT_EXPECT_FALSE(test, arrives(t, ACK | CWR, 100, TCPX_CE));
	KUNIT_EXPECT_TRUE(test, ecn->demand);
	KUNIT_EXPECT_TRUE(test, arrives(t, ACK, 100, TCPX_ECT0));
	KUNIT_EXPECT_FALSE(test, ecn->demand);
}

/**
 * struct first_case - RFC 8257, 3.2: an ACK before this segment?
 * @name: the rule
 * @mode: ECN is used
 * @wanted: TCPX_ECN_*
 * @len: bytes of payload
 * @waits: an ACK is delayed
 * @was: the last one carried CE
 * @ce: this one does
 * @want: yes
 */
struct first_case {
	const char *name;
	bool mode;
	u8 wanted;
	u32 len;
	bool waits, was, ce;
	bool want;
};

static const struct first_case firsts[] = {
	{ "CE begins", true, DCTCP, 100, true, false, true, true },
	{ "CE ends", true, DCTCP, 100, true, true, false, true },
	{ "CE goes on", true, DCTCP, 100, true, true, true, false },
	{ "none goes on", true, DCTCP, 100, true, false, false, false },
	{ "no ACK waits", true, DCTCP, 100, false, false, true, false },
	{ "no payload", true, DCTCP, 0, true, false, true, false },
	{ "RFC 3168", true, 0, 100, true, false, true, false },
	{ "no ECN", false, DCTCP, 100, true, false, true, false },
};

static void first_desc(const struct first_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(first, firsts, first_desc);

static void first_case(struct kunit *test)
{
	const struct first_case *c = test->param_value;
	struct tcpx_test *t = agreed(test);
	struct tcpx_seg seg = { .flags = ACK, .len = c->len, .ip_ecn = c->ce ? TCPX_CE : 0 };

	t->tcb.ecn.mode = c->mode ? TCPX_ECN_CLASSIC : TCPX_ECN_OFF;
	t->tcb.ecn.wanted = c->wanted;
	t->tcb.ecn.demand = c->was;
	t->tcb.deadline[TCPX_T_DELACK] = c->waits ? t->now + 40 * MSEC : TCPX_NEVER;
	KUNIT_EXPECT_EQ(test, tcpx_ecn_ack_first(&t->tcb, &seg), c->want);
}

/* @n segments are in flight, all with ECN */
static struct tcpx_test *flying(struct kunit *test, int n)
{
	struct tcpx_test *t = agreed(test);

	tcpx_test_write(t, n * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), n);
	return t;
}

static void ack(struct tcpx_test *t, u8 flags, u32 segs)
{
	tcpx_test_arrive(t, ACK | flags, t->tcb.rcv_nxt, t->tcb.snd_una + segs * SMSS, 0);
}

/* 6.1.2: once in a window, although the echo goes on until CWR arrives */
static void reduced_once(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);
	int i;

	ack(t, ECE, 1);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_ECN);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_CWR);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_TRUE(test, t->tcb.ecn.cwr);
	for (i = 0; i < 9; i++) {
		ack(t, ECE, 1);
		KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	/* What carried CWR is acknowledged: ECE now is of another congestion */
	tcpx_test_write(t, 5 * SMSS);
	tcpx_test_send_all(t);
	ack(t, ECE, 1);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_ECN);
	KUNIT_EXPECT_LT(test, t->tcb.cong.ssthresh, 5 * SMSS);
}

/* 6.1.2: a loss in that window costs nothing more, and CWR is said once */
static void a_loss_besides(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);
	int i;

	ack(t, ECE, 1);
	t->tcb.ecn.cwr = false;
	for (i = 0; i < 3; i++)
		ack(t, ECE, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_FALSE(test, t->tcb.ecn.cwr);
}

/* RFC 6582, 3.2, step 1 is of what was sent again: after CWR a loss is a loss */
static void a_loss_next(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);
	int i;

	ack(t, ECE, 1);
	ack(t, ECE, 9);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	tcpx_test_write(t, 5 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 5);
	for (i = 0; i < 3; i++) {
		ack(t, ECE, 0);
		KUNIT_EXPECT_EQ(test, t->a.notes & TCPX_NOTE_ECN, 0);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* 6.1.2: cwnd was reduced for a loss: CWR as well, and ECE of that window is no news */
static void a_loss_first(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);
	int i;

	for (i = 0; i < 3; i++)
		ack(t, 0, 0);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_TRUE(test, t->tcb.ecn.cwr);
	ack(t, ECE, 10);
	KUNIT_EXPECT_EQ(test, t->a.notes & TCPX_NOTE_ECN, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
}

/* ... and for a time-out */
static void a_timeout(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);

	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_TRUE(test, t->tcb.ecn.cwr);
	t->tcb.ecn.mode = TCPX_ECN_OFF;
	t->tcb.ecn.cwr = false;
	ack(t, 0, 10);
	tcpx_test_write(t, SMSS);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_FALSE(test, t->tcb.ecn.cwr);
}

/* The last congestion may be more than half the sequence space ago */
static void after_two_gigabytes(struct kunit *test)
{
	struct tcpx_test *t = agreed(test);
	int i;

	for (i = 0; i < 5; i++) {
		tcpx_test_write(t, 1 << 29);
		tcpx_test_sent(t, t->tcb.snd_nxt, 1 << 29, ACK);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	}
	t->tcb.cong.cwnd = 10 * SMSS;
	tcpx_test_write(t, 4 * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 4);
	ack(t, ECE, 1);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_ECN);
}

/* ECE without agreement */
static void not_agreed(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);

	t->tcb.ecn.mode = TCPX_ECN_OFF;
	ack(t, ECE, 1);
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered_ce, 0);
}

/* What is delivered with ECE is counted */
static void delivered_ce(struct kunit *test)
{
	struct tcpx_test *t = flying(test, 10);

	ack(t, 0, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered_ce, 0);
	ack(t, ECE, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered_ce, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.delivered, 5 * SMSS);
}

static struct kunit_case ecn_cases[] = {
	KUNIT_CASE_PARAM(syn_case, syn_gen_params),
	KUNIT_CASE_PARAM(agree_case, agree_gen_params),
	KUNIT_CASE(agreed_too_late),
	KUNIT_CASE_PARAM(out_case, out_gen_params),
	KUNIT_CASE(echo),
	KUNIT_CASE(echo_needs_data),
	KUNIT_CASE(echo_for_dctcp),
	KUNIT_CASE_PARAM(first_case, first_gen_params),
	KUNIT_CASE(reduced_once),
	KUNIT_CASE(a_loss_besides),
	KUNIT_CASE(a_loss_next),
	KUNIT_CASE(a_loss_first),
	KUNIT_CASE(a_timeout),
	KUNIT_CASE(after_two_gigabytes),
	KUNIT_CASE(not_agreed),
	KUNIT_CASE(delivered_ce),
	{}
};

static struct kunit_suite ecn_suite = {
	.name = "tcpx_ecn",
	.init = tcpx_test_init,
	.test_cases = ecn_cases,
};

kunit_test_suite(ecn_suite);
