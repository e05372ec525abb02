// SPDX-License-Identifier: GPL-2.0
/* DCTCP: RFC 8257. */
#include <linux/kernel.h>
#include <uapi/linux/inet_diag.h>

#include "../cong/dctcp.h"
#include "../core/rate.h"
#include "link.h"

#define SMSS	TEST_MSS
#define ONE	TCPX_DCTCP_ONE

static struct tcpx_dctcp *dctcp(struct tcpx_tcb *tcb)
{
	return (struct tcpx_dctcp *)tcb->cong.priv;
}

/* ESTABLISHED with DCTCP in congestion avoidance, @segs of window */
static struct tcpx_tcb *enter(struct kunit *test, u32 segs, u8 ecn)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = &t->tcb;

	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcb->ecn.mode = ecn;
	tcpx_cong_init(tcb, &tcpx_cong_dctcp, t->now);
	tcb->cong.cwnd = segs * SMSS;
	tcb->cong.ssthresh = 2 * SMSS;
	return tcb;
}

/* A window of @segs is sent, and then acknowledged, @marked of it with CE */
static void window(struct tcpx_test *t, u32 segs, u32 marked)
{
	struct tcpx_tcb *tcb = &t->tcb;
	struct tcpx_rate_sample rs = {
		.acked = SMSS, .delivered = SMSS, .limited = true,
	};
	u32 i;

	tcb->snd_nxt += segs * SMSS;
	for (i = 0; i < segs; i++) {
		rs.ce = i < marked ? SMSS : 0;
		tcb->snd_una += SMSS;
		tcb->delivered += SMSS;
		tcb->delivered_ce += rs.ce;
		tcpx_cong_acked(tcb, &rs, t->now);
	}
}

/**
 * struct alpha_case - RFC 8257, 3.3: alpha after round trips with marks
 * @name: what is shown
 * @marked: of 100 segments, in each round trip
 * @rounds: so many
 * @alpha: expected, of a million
 */
struct alpha_case {
	const char *name;
	u32 marked, rounds;
	u32 alpha;
};

/*
 * alpha = (1 - g) * alpha + g * M, from 1: M + (1 - M) * (15 / 16)^n.  The first
 * acknowledgment of all ends a window of its own.
 */
static const struct alpha_case alphas[] = {
	{ "one without a mark", 0, 1, 878906 },
	{ "two without a mark", 0, 2, 823975 },
	{ "ten without a mark", 0, 10, 491688 },
	{ "a hundred without a mark", 0, 100, 1475 },
	{ "all of it marked", 100, 10, 1000000 },
	{ "half of it marked", 50, 10, 762234 },
	{ "half of it marked, for long", 50, 200, 500001 },
	{ "a hundredth of it marked, for long", 1, 300, 10000 },
};

static void alpha_desc(const struct alpha_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 8257, 3.3: %s", c->name);
}

KUNIT_ARRAY_PARAM(alpha, alphas, alpha_desc);

static void alpha_case(struct kunit *test)
{
	const struct alpha_case *c = test->param_value;
	struct tcpx_test *t = test->priv;
	u32 i, alpha;

	enter(test, 100, TCPX_ECN_CLASSIC);
	KUNIT_EXPECT_EQ(test, dctcp(&t->tcb)->alpha, ONE);
	/* a window is over with the first ACK of what follows it */
	for (i = 0; i < c->rounds; i++)
		window(t, 100, c->marked);
	window(t, 1, 0);
	alpha = (u64)dctcp(&t->tcb)->alpha * 1000000 / ONE;
	KUNIT_EXPECT_GE(test, alpha + 1100, c->alpha);
	KUNIT_EXPECT_LE(test, alpha, c->alpha + 1100);
}

/* 3.3, step 9: cwnd * (1 - alpha / 2), and two segments at least */
static void reduction_by_marks(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 100, TCPX_ECN_CLASSIC);

	tcpx_cong_reduce(tcb, 100 * SMSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 50 * SMSS);
	dctcp(tcb)->alpha = ONE / 10;
	tcpx_cong_reduce(tcb, 100 * SMSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 95 * SMSS + 1);
	dctcp(tcb)->alpha = 0;
	tcpx_cong_reduce(tcb, 100 * SMSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 100 * SMSS);
	tcb->cong.cwnd = TCPX_SSTHRESH_INF;
	dctcp(tcb)->alpha = ONE;
	tcpx_cong_reduce(tcb, TCPX_SSTHRESH_INF, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 1U << 30);
	tcb->cong.cwnd = 3 * SMSS;
	tcpx_cong_reduce(tcb, 3 * SMSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 2 * SMSS);
}

/* 3.5: a loss halves, also where marks have taken a little before */
static void reduction_by_loss(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 100, TCPX_ECN_CLASSIC);

	dctcp(tcb)->alpha = ONE / 10;
	tcpx_cong_reduce(tcb, 100 * SMSS, TEST_START);
	tcpx_cong_event(tcb, TCPX_CONG_ECN, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 95 * SMSS + 1);
	tcpx_cong_event(tcb, TCPX_CONG_RECOVERY, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 50 * SMSS);
	tcpx_cong_event(tcb, TCPX_CONG_LOSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 50 * SMSS);
}

/* 3.4: the window grows as Reno's; in fast recovery alpha learns all the same */
static void growth(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test, 100, TCPX_ECN_CLASSIC);

	window(t, 100, 0);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 101 * SMSS);
	tcb->rec.state = TCPX_REC_CWR;
	window(t, 101, 0);
	window(t, 1, 0);
	KUNIT_EXPECT_EQ(test, tcb->cong.cwnd, 101 * SMSS);
	KUNIT_EXPECT_EQ(test, dctcp(tcb)->alpha, ONE / 4096 * 3375);
}

/* 3.3: the mark that ends a window counts before it reduces */
static void marks_of_the_window_at_hand(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test, 100, TCPX_ECN_CLASSIC);

	window(t, 100, 0);
	tcb->snd_nxt += SMSS;
	tcb->snd_una += SMSS;
	tcb->delivered += SMSS;
	tcpx_cong_reduce(tcb, 100 * SMSS, t->now);
	KUNIT_EXPECT_EQ(test, dctcp(tcb)->alpha, ONE / 256 * 225);
}

/* 3.2, 3.5: without ECN it is Reno, and says so */
static void without_ecn(struct kunit *test)
{
	struct tcpx_tcb *tcb = enter(test, 100, TCPX_ECN_OFF);
	union tcp_cc_info info;
	int attr = 0;

	dctcp(tcb)->alpha = 0;
	tcpx_cong_reduce(tcb, 100 * SMSS, TEST_START);
	KUNIT_EXPECT_EQ(test, tcb->cong.ssthresh, 50 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_cong_dctcp.info(tcb, &attr, &info), sizeof(info.dctcp));
	KUNIT_EXPECT_EQ(test, info.dctcp.dctcp_enabled, 0);
}

/* TCP_CC_INFO */
static void info(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_tcb *tcb = enter(test, 100, TCPX_ECN_CLASSIC);
	union tcp_cc_info info;
	int attr = 0;

	window(t, 10, 3);
	tcb->ecn.demand = true;
	dctcp(tcb)->alpha = ONE / 2;
	KUNIT_EXPECT_EQ(test, tcpx_cong_dctcp.info(tcb, &attr, &info), sizeof(info.dctcp));
	KUNIT_EXPECT_EQ(test, attr, INET_DIAG_DCTCPINFO);
	KUNIT_EXPECT_EQ(test, info.dctcp.dctcp_enabled, 1);
	KUNIT_EXPECT_EQ(test, info.dctcp.dctcp_ce_state, 1);
	KUNIT_EXPECT_EQ(test, info.dctcp.dctcp_alpha, 512);
	KUNIT_EXPECT_EQ(test, info.dctcp.dctcp_ab_ecn, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, info.dctcp.dctcp_ab_tot, 9 * SMSS);
}

/* 10 Gbit/s, 100 us, marks from 65 segments on: full rate, a queue of about that */
static void on_a_path(struct kunit *test)
{
	struct link *l = link_new(test, 1250000000, 100000, 10000000);
	struct link_flow *f = link_add(test, l, &tcpx_cong_dctcp, 0);
	u64 before;

	l->mark = 65 * SMSS;
	link_run(l, 20 * MSEC);
	before = f->tcb.delivered;
	l->max_queue = 0;
	link_run(l, 80 * MSEC);
	KUNIT_EXPECT_GT(test, f->tcb.delivered - before, 99000000);
	KUNIT_EXPECT_EQ(test, f->losses, 0);
	KUNIT_EXPECT_LT(test, l->max_queue, 100 * SMSS);
	KUNIT_EXPECT_LT(test, dctcp(&f->tcb)->alpha, ONE / 2);
	KUNIT_EXPECT_GT(test, f->reductions, 5);
}

static struct kunit_case dctcp_cases[] = {
	KUNIT_CASE_PARAM(alpha_case, alpha_gen_params),
	KUNIT_CASE(reduction_by_marks),
	KUNIT_CASE(reduction_by_loss),
	KUNIT_CASE(growth),
	KUNIT_CASE(marks_of_the_window_at_hand),
	KUNIT_CASE(without_ecn),
	KUNIT_CASE(info),
	KUNIT_CASE(on_a_path),
	{}
};

static struct kunit_suite dctcp_suite = {
	.name = "tcpx_dctcp",
	.init = tcpx_test_init,
	.test_cases = dctcp_cases,
};

kunit_test_suite(dctcp_suite);
