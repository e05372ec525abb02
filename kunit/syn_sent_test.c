// SPDX-License-Identifier: GPL-2.0
/* SEGMENT ARRIVES in SYN-SENT: RFC 9293, 3.10.7.3. */
#include <linux/kernel.h>

#include "../core/deadline.h"
#include "../tcpx_fsm.h"
#include "fixture.h"

#define OPENED	(TCPX_DO_ACKED | TCPX_DO_OUTPUT | TCPX_DO_CONNECTED | TCPX_DO_ACK)
#define REFUSED	(TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE)

/* RCV.NXT is 0 here, so SEQ is absolute; ACK counts from SND.NXT = ISS + 1 */
static const struct tcpx_seg_case segments[] = {
	{ "first: ACK of ISS", TCPX_SYN_SENT, SYN_ACK, 300, -1, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, TCPX_DO_RST },
	{ "first: ACK before ISS", TCPX_SYN_SENT, SYN_ACK, 300, -2, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, TCPX_DO_RST },
	{ "first: ACK after SND.NXT", TCPX_SYN_SENT, SYN_ACK, 300, 1, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, TCPX_DO_RST },
	{ "first: ACK half the space away", TCPX_SYN_SENT, SYN_ACK, 300, 0x80000000, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, TCPX_DO_RST },
	{ "first: bare ACK of ISS", TCPX_SYN_SENT, ACK, 300, -1, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, TCPX_DO_RST },
	{ "first: FIN,ACK of ISS", TCPX_SYN_SENT, FIN_ACK, 300, -1, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, TCPX_DO_RST },
	{ "first: RST with ACK of ISS", TCPX_SYN_SENT, RST_ACK, 300, -1, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, 0 },
	{ "first: RST with ACK after SND.NXT", TCPX_SYN_SENT, RST_ACK, 300, 1, 0,
	  TCPX_SYN_SENT, TCPX_DROP_UNSENT_ACK, 0 },
	{ "second: RST,ACK", TCPX_SYN_SENT, RST_ACK, 0, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_RST, REFUSED },
	{ "second: RST,ACK of any SEQ", TCPX_SYN_SENT, RST_ACK, 12345, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_RST, REFUSED },
	{ "second: RST,ACK with SYN", TCPX_SYN_SENT, RST_ACK | SYN, 300, 0, 0,
	  TCPX_CLOSED, TCPX_DROP_RST, REFUSED },
	{ "second: RST without ACK", TCPX_SYN_SENT, RST, 0, 0, 0,
	  TCPX_SYN_SENT, TCPX_DROP_RST, 0 },
	{ "second: RST and SYN without ACK", TCPX_SYN_SENT, RST | SYN, 300, 0, 0,
	  TCPX_SYN_SENT, TCPX_DROP_RST, 0 },
	{ "fourth: SYN,ACK", TCPX_SYN_SENT, SYN_ACK, 300, 0, 0,
	  TCPX_ESTABLISHED, TCPX_DROP_NONE, OPENED, 301 },
	{ "fourth: SYN,ACK at 2^32-1", TCPX_SYN_SENT, SYN_ACK, 0xffffffff, 0, 0,
	  TCPX_ESTABLISHED, TCPX_DROP_NONE, OPENED, 0 },
	{ "fourth: SYN,ACK with PSH", TCPX_SYN_SENT, SYN_ACK | TCPX_PSH, 300, 0, 0,
	  TCPX_ESTABLISHED, TCPX_DROP_NONE, OPENED, 301 },
	{ "fourth: SYN, simultaneous open", TCPX_SYN_SENT, SYN, 300, 0, 0,
	  TCPX_SYN_RECEIVED, TCPX_DROP_NONE, TCPX_DO_SYNACK, 301 },
	{ "fourth: SYN with payload", TCPX_SYN_SENT, SYN, 300, 0, 20,
	  TCPX_SYN_RECEIVED, TCPX_DROP_NONE, TCPX_DO_SYNACK, 301 },
	{ "fifth: bare ACK", TCPX_SYN_SENT, ACK, 300, 0, 0,
	  TCPX_SYN_SENT, TCPX_DROP_FLAGS, 0 },
	{ "fifth: ACK with payload", TCPX_SYN_SENT, ACK, 300, 0, 20,
	  TCPX_SYN_SENT, TCPX_DROP_FLAGS, 0 },
	{ "fifth: FIN,ACK", TCPX_SYN_SENT, FIN_ACK, 300, 0, 0,
	  TCPX_SYN_SENT, TCPX_DROP_FLAGS, 0 },
	{ "fifth: FIN alone", TCPX_SYN_SENT, TCPX_FIN, 300, 0, 0,
	  TCPX_SYN_SENT, TCPX_DROP_FLAGS, 0 },
	{ "fifth: no flags, payload", TCPX_SYN_SENT, 0, 300, 0, 20,
	  TCPX_SYN_SENT, TCPX_DROP_FLAGS, 0 },
	{ "fifth: URG and PSH", TCPX_SYN_SENT, TCPX_URG | TCPX_PSH, 300, 0, 0,
	  TCPX_SYN_SENT, TCPX_DROP_FLAGS, 0 },
};

static void segment_desc(const struct tcpx_seg_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.10.7.3, %s", c->name);
}

KUNIT_ARRAY_PARAM(segment, segments, segment_desc);

static void segment_case(struct kunit *test)
{
	tcpx_test_seg_case(test, test->param_value);
}

/* Second: the user learns why */
static void refused(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_arrive(t, RST_ACK, 0, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->a.err, ECONNREFUSED);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

/* Fourth: the variables */
static void variables_after_syn_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->wnd = 4321;
	tcpx_test_arrive(t, SYN_ACK, 300, TEST_ISS + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.irs, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 301);
	KUNIT_EXPECT_EQ(test, t->tcb.copied_seq, 301);
	KUNIT_EXPECT_EQ(test, t->tcb.last_ack_sent, 301);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_up, 301);
	KUNIT_EXPECT_EQ(test, t->tcb.last_rcv, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, TEST_ISS + 1);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 4321);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wl1, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wl2, TEST_ISS + 1);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, TEST_MSS);
	KUNIT_EXPECT_EQ(test, t->a.acked, 0);	/* the SYN is no payload */
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
	/* Nothing is outstanding, nothing is timed */
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

static void variables_after_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->wnd = 4321;
	tcpx_test_arrive(t, SYN, 300, 0, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.irs, 300);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 301);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, TEST_ISS);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, 4321);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wl1, 300);
	KUNIT_EXPECT_FALSE(test, t->tcb.passive);
}

/* Our ISS at each side of the wrap */
static void iss_across_wrap(struct kunit *test)
{
	static const u32 iss[] = { 0xfffffffe, 0xffffffff, 0, 0x7fffffff, 0x80000000 };
	struct tcpx_test *t = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(iss); i++) {
		tcpx_tcb_init(&t->tcb, &t->conf);
		t->iss = iss[i];
		tcpx_test_enter(test, TCPX_SYN_SENT);
		tcpx_test_arrive(t, SYN_ACK, 300, iss[i], 0);
		tcpx_test_expect(test, TCPX_SYN_SENT, TCPX_DO_RST, TCPX_DROP_UNSENT_ACK);
		tcpx_test_arrive(t, SYN_ACK, 300, iss[i] + 2, 0);
		tcpx_test_expect(test, TCPX_SYN_SENT, TCPX_DO_RST, TCPX_DROP_UNSENT_ACK);
		tcpx_test_arrive(t, SYN_ACK, 300, iss[i] + 1, 0);
		tcpx_test_expect(test, TCPX_ESTABLISHED, OPENED, TCPX_DROP_NONE);
	}
}

/* Fourth, "continue processing at the sixth step", which leads to the eighth */
static void fin_with_syn_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_arrive(t, SYN_ACK | TCPX_FIN, 300, TEST_ISS + 1, 10);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSE_WAIT);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 312);
	KUNIT_EXPECT_EQ(test, t->a.data_len, 10);
}

/* ... and without ACK the SYN counts; what comes with it will come again */
static void fin_with_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	tcpx_test_arrive(t, SYN | TCPX_FIN, 300, 0, 0);
	tcpx_test_expect(test, TCPX_SYN_RECEIVED, TCPX_DO_SYNACK, TCPX_DROP_NONE);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt, 301);
}

/* RFC 7323, 3.2: an echo of what was never sent does not answer our SYN */
static void echo_from_the_future(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now) + 1;
	tcpx_test_arrive(t, SYN_ACK, 300, TEST_ISS + 1, 0);
	tcpx_test_expect(test, TCPX_SYN_SENT, TCPX_DO_RST, TCPX_DROP_PAWS);
	t->peer_opt.tsecr--;
	tcpx_test_arrive(t, SYN_ACK, 300, TEST_ISS + 1, 0);
	tcpx_test_expect(test, TCPX_ESTABLISHED, OPENED, TCPX_DROP_NONE);
}

static struct kunit_case syn_sent_cases[] = {
	KUNIT_CASE_PARAM(segment_case, segment_gen_params),
	KUNIT_CASE(refused),
	KUNIT_CASE(variables_after_syn_ack),
	KUNIT_CASE(variables_after_syn),
	KUNIT_CASE(iss_across_wrap),
	KUNIT_CASE(fin_with_syn_ack),
	KUNIT_CASE(fin_with_syn),
	KUNIT_CASE(echo_from_the_future),
	{}
};

static struct kunit_suite syn_sent_suite = {
	.name = "tcpx_syn_sent",
	.init = tcpx_test_init,
	.test_cases = syn_sent_cases,
};

kunit_test_suite(syn_sent_suite);
