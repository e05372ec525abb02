// SPDX-License-Identifier: GPL-2.0
/* Explicit congestion notification: RFC 3168, 6.1; RFC 8257, 3.2. */
#include "fixture.h"

#define ECE	TCPX_ECE
#define CWR	TCPX_CWR

/* --- who asks, who agrees: 6.1.1 --- */

struct syn_case {
	const char *name;
	u8 ecn;			/* net.tcpx.ecn */
	u8 wanted;
	u8 again;		/* the SYN was sent so often before */
	bool fallback;
	u8 flags;
};

static const struct syn_case syns[] = {
	{ "0 does not ask", 0, 0, 0, true, 0 },
	{ "1 asks", 1, 0, 0, true, ECE | CWR },
	{ "2 does not ask", 2, 0, 0, true, 0 },
	{ "an algorithm that needs it asks", 0, TCPX_ECN_ALGORITHM, 0, true, ECE | CWR },
	{ "sent again: without", 1, 0, 1, true, 0 },
	{ "sent again, no fallback: with", 1, 0, 1, false, ECE | CWR },
};

static void syn_desc(const struct syn_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 3168, 6.1.1: %s", c->name);
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
	KUNIT_EXPECT_EQ(test, tcpx_ecn_syn(&t->tcb, SYN), c->flags);
	tcpx_ecn_flags(&t->tcb, &seg);
	KUNIT_EXPECT_EQ(test, seg.flags, SYN | c->flags);
	KUNIT_EXPECT_EQ(test, seg.ip_ecn, TCPX_NOT_ECT);
}

struct agree_case {
	const char *name;
	bool passive;
	u8 ecn;
	u8 wanted;
	u8 flags;		/* of the peer */
	u8 mode;
};

static const struct agree_case agrees[] = {
	{ "0, asked", true, 0, 0, SYN | ECE | CWR, TCPX_ECN_OFF },
	{ "0, asked, the algorithm needs it", true, 0, TCPX_ECN_ALGORITHM, SYN | ECE | CWR,
	  TCPX_ECN_CLASSIC },
	{ "1, asked", true, 1, 0, SYN | ECE | CWR, TCPX_ECN_CLASSIC },
	{ "2, asked", true, 2, 0, SYN | ECE | CWR, TCPX_ECN_CLASSIC },
	{ "2, not asked", true, 2, 0, SYN, TCPX_ECN_OFF },
	{ "2, ECE alone asks for nothing", true, 2, 0, SYN | ECE, TCPX_ECN_OFF },
	{ "2, CWR alone asks for nothing", true, 2, 0, SYN | CWR, TCPX_ECN_OFF },
	{ "1, the peer agrees", false, 1, 0, SYN_ACK | ECE, TCPX_ECN_CLASSIC },
	{ "1, the peer does not", false, 1, 0, SYN_ACK, TCPX_ECN_OFF },
	{ "1, the peer sends our flags back", false, 1, 0, SYN_ACK | ECE | CWR, TCPX_ECN_OFF },
	{ "2, the peer agrees to what was not asked", false, 2, 0, SYN_ACK | ECE, TCPX_ECN_OFF },
};

static void agree_desc(const struct agree_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 3168, 6.1.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(agree, agrees, agree_desc);

static void agree_case(struct kunit *test)
{
	const struct agree_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_seg seg = { .flags = c->flags };

	t->conf.ecn = c->ecn;
	t->tcb.ecn.wanted = c->wanted;
	t->tcb.state = c->passive ? TCPX_LISTEN : TCPX_SYN_SENT;
	tcpx_ecn_negotiate(&t->tcb, &seg);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.mode, c->mode);
	if (c->passive)
		KUNIT_EXPECT_EQ(test, tcpx_ecn_syn(&t->tcb, SYN_ACK), c->mode ? ECE : 0);
}

/* --- the receiver: 6.1.3 --- */

struct rcv_case {
	const char *name;
	u8 mode;
	u8 wanted;
	bool demand;		/* before */
	u8 flags;
	u8 ip_ecn;
	u32 len;
	bool at_once;
	bool after;		/* demand */
};

static const struct rcv_case rcvs[] = {
	{ "not agreed on", TCPX_ECN_OFF, 0, false, ACK, TCPX_CE, 10, false, false },
	{ "CE on a pure ACK counts nothing", TCPX_ECN_CLASSIC, 0, false, ACK, TCPX_CE, 0, false,
	  false },
	{ "ECT(0)", TCPX_ECN_CLASSIC, 0, false, ACK, TCPX_ECT0, 10, false, false },
	{ "the first CE", TCPX_ECN_CLASSIC, 0, false, ACK, TCPX_CE, 10, true, true },
	{ "the second CE", TCPX_ECN_CLASSIC, 0, true, ACK, TCPX_CE, 10, false, true },
	{ "the echo stays", TCPX_ECN_CLASSIC, 0, true, ACK, TCPX_ECT0, 10, false, true },
	{ "CWR ends it", TCPX_ECN_CLASSIC, 0, true, ACK | CWR, TCPX_ECT0, 10, false, false },
	{ "CWR with CE begins anew", TCPX_ECN_CLASSIC, 0, true, ACK | CWR, TCPX_CE, 10, false,
	  true },
	{ "DCTCP: CE after none", TCPX_ECN_CLASSIC, TCPX_ECN_ALGORITHM, false, ACK, TCPX_CE, 10,
	  true, true },
	{ "DCTCP: CE after CE", TCPX_ECN_CLASSIC, TCPX_ECN_ALGORITHM, true, ACK, TCPX_CE, 10,
	  false, true },
	{ "DCTCP: none after CE", TCPX_ECN_CLASSIC, TCPX_ECN_ALGORITHM, true, ACK, TCPX_ECT0, 10,
	  true, false },
};

static void rcv_desc(const struct rcv_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 3168, 6.1.3: %s", c->name);
}

KUNIT_ARRAY_PARAM(rcv, rcvs, rcv_desc);

static void rcv_case(struct kunit *test)
{
	const struct rcv_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_seg seg = { .flags = c->flags, .ip_ecn = c->ip_ecn, .len = c->len };
	struct tcpx_seg out = { .flags = ACK, .seq = t->tcb.snd_nxt };

	t->tcb.ecn = (struct tcpx_ecn){ .mode = c->mode, .wanted = c->wanted,
					.demand = c->demand };
	KUNIT_EXPECT_EQ(test, tcpx_ecn_rcv(&t->tcb, &seg), c->at_once);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.demand, c->after);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.seen, c->mode && c->len && c->ip_ecn);
	tcpx_ecn_flags(&t->tcb, &out);
	KUNIT_EXPECT_EQ(test, out.flags, ACK | (c->after ? ECE : 0));
}

/* RFC 8257, 3.2: what waits is acknowledged before the mark changes */
static void ack_first(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_seg seg = { .flags = ACK, .ip_ecn = TCPX_CE, .len = 10 };

	t->tcb.ecn = (struct tcpx_ecn){ .mode = TCPX_ECN_CLASSIC, .wanted = TCPX_ECN_ALGORITHM };
	KUNIT_EXPECT_FALSE(test, tcpx_ecn_ack_first(&t->tcb, &seg));
	t->tcb.deadline[TCPX_T_DELACK] = t->now;
	KUNIT_EXPECT_TRUE(test, tcpx_ecn_ack_first(&t->tcb, &seg));
	seg.ip_ecn = TCPX_ECT0;
	KUNIT_EXPECT_FALSE(test, tcpx_ecn_ack_first(&t->tcb, &seg));
	seg.ip_ecn = TCPX_CE;
	seg.len = 0;
	KUNIT_EXPECT_FALSE(test, tcpx_ecn_ack_first(&t->tcb, &seg));
	seg.len = 10;
	t->tcb.ecn.wanted = 0;
	KUNIT_EXPECT_FALSE(test, tcpx_ecn_ack_first(&t->tcb, &seg));
}

/* --- the sender: 6.1.2 and 6.1.5 --- */

struct send_case {
	const char *name;
	u8 mode;
	u8 wanted;
	u8 flags;
	u32 back;		/* SEG.SEQ, before SND.NXT */
	u32 len;
	u8 ip_ecn;
	u8 added;
};

static const struct send_case sends[] = {
	{ "not agreed on", TCPX_ECN_OFF, 0, ACK, 0, 10, TCPX_NOT_ECT, 0 },
	{ "new text", TCPX_ECN_CLASSIC, 0, ACK, 0, 10, TCPX_ECT0, CWR },
	{ "text again", TCPX_ECN_CLASSIC, 0, ACK, 10, 10, TCPX_NOT_ECT, 0 },
	{ "an ACK", TCPX_ECN_CLASSIC, 0, ACK, 0, 0, TCPX_NOT_ECT, 0 },
	{ "a probe", TCPX_ECN_CLASSIC, 0, ACK, 1, 0, TCPX_NOT_ECT, 0 },
	{ "a reset", TCPX_ECN_CLASSIC, 0, RST, 0, 0, TCPX_NOT_ECT, 0 },
	{ "DCTCP: an ACK", TCPX_ECN_CLASSIC, TCPX_ECN_ALGORITHM, ACK, 0, 0, TCPX_ECT0, 0 },
	{ "DCTCP: text again", TCPX_ECN_CLASSIC, TCPX_ECN_ALGORITHM, ACK, 10, 10, TCPX_ECT0, 0 },
};

static void send_desc(const struct send_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 3168, 6.1.2: %s", c->name);
}

KUNIT_ARRAY_PARAM(send, sends, send_desc);

static void send_case(struct kunit *test)
{
	const struct send_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	struct tcpx_seg seg = { .flags = c->flags, .len = c->len };

	seg.seq = t->tcb.snd_nxt - c->back;
	t->tcb.ecn = (struct tcpx_ecn){ .mode = c->mode, .wanted = c->wanted, .cwr = true };
	tcpx_ecn_flags(&t->tcb, &seg);
	KUNIT_EXPECT_EQ(test, seg.ip_ecn, c->ip_ecn);
	KUNIT_EXPECT_EQ(test, seg.flags, c->flags | c->added);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.cwr, !(c->added & CWR));
}

/* 6.1.2: once for a window, however often the peer echoes */
static void echo_reduces_once(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);
	u32 cwnd = t->tcb.cong.cwnd;

	t->tcb.ecn.mode = TCPX_ECN_CLASSIC;
	tcpx_test_arrive(t, ACK | ECE, t->tcb.rcv_nxt, t->tcb.snd_una + TEST_MSS, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_CWR);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_ECN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, cwnd / 2);
	KUNIT_EXPECT_TRUE(test, t->tcb.ecn.cwr);
	tcpx_test_arrive(t, ACK | ECE, t->tcb.rcv_nxt, t->tcb.snd_una + TEST_MSS, 0);
	KUNIT_EXPECT_EQ(test, t->a.notes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, cwnd / 2);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, cwnd / 2);
}

/* An echo that nobody agreed on is not heard */
static void echo_unasked(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_arrive(t, ACK | ECE, t->tcb.rcv_nxt, t->tcb.snd_una + TEST_MSS, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

static struct kunit_case ecn_cases[] = {
	KUNIT_CASE_PARAM(syn_case, syn_gen_params),
	KUNIT_CASE_PARAM(agree_case, agree_gen_params),
	KUNIT_CASE_PARAM(rcv_case, rcv_gen_params),
	KUNIT_CASE(ack_first),
	KUNIT_CASE_PARAM(send_case, send_gen_params),
	KUNIT_CASE(echo_reduces_once),
	KUNIT_CASE(echo_unasked),
	{}
};

static struct kunit_suite ecn_suite = {
	.name = "tcpx_ecn",
	.init = tcpx_test_init,
	.test_cases = ecn_cases,
};

kunit_test_suite(ecn_suite);
