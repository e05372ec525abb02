// SPDX-License-Identifier: GPL-2.0
/* What a route says, as numbers in the TCB: struct tcpx_route. */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "../core/deadline.h"
#include "../core/rate.h"
#include "../core/window.h"
#include "fixture.h"

#define SMSS	TEST_MSS
#define RTT	(10 * MSEC)
#define MS	1000U		/* us, as a route counts */

/* ESTABLISHED over @route, nothing in flight */
static struct tcpx_test *enter(struct kunit *test, struct tcpx_route route)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	t->rtt = RTT;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_tcb_route(&t->tcb, &route);
	return t;
}

/**
 * struct start_case - the congestion window to begin with
 * @name: the metrics
 * @route: what it says
 * @rexmts: so often the SYN went again
 * @cwnd: bytes
 * @ssthresh: bytes
 */
struct start_case {
	const char *name;
	struct tcpx_route route;
	u8 rexmts;
	u32 cwnd;
	u32 ssthresh;
};

static const struct start_case starts[] = {
	{ "nothing", { }, 0, 10 * SMSS, TCPX_SSTHRESH_INF },
	{ "initcwnd", { .init_cwnd = 3 }, 0, 3 * SMSS, TCPX_SSTHRESH_INF },
	{ "initcwnd above ten", { .init_cwnd = 40 }, 0, 40 * SMSS, TCPX_SSTHRESH_INF },
	{ "initcwnd, two SYNs lost", { .init_cwnd = 40 }, 2, SMSS, TCPX_SSTHRESH_INF },
	{ "initcwnd beyond what can be counted", { .init_cwnd = U32_MAX }, 0,
	  TCPX_SSTHRESH_INF, TCPX_SSTHRESH_INF },
	{ "cwnd lock", { .cwnd_max = 4 }, 0, 4 * SMSS, TCPX_SSTHRESH_INF },
	{ "cwnd lock below initcwnd", { .init_cwnd = 40, .cwnd_max = 20 }, 0, 20 * SMSS,
	  TCPX_SSTHRESH_INF },
	{ "cwnd lock beyond what can be counted", { .cwnd_max = U32_MAX }, 0, 10 * SMSS,
	  TCPX_SSTHRESH_INF },
	{ "ssthresh", { .ssthresh = 6 }, 0, 10 * SMSS, 6 * SMSS },
	{ "ssthresh above cwnd lock", { .ssthresh = 60, .cwnd_max = 12 }, 0, 10 * SMSS, 12 * SMSS },
	{ "ssthresh beyond what can be counted", { .ssthresh = U32_MAX }, 0, 10 * SMSS,
	  TCPX_SSTHRESH_INF },
};

static void start_desc(const struct start_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "start: %s", c->name);
}

KUNIT_ARRAY_PARAM(start, starts, start_desc);

static void start_case(struct kunit *test)
{
	const struct start_case *c = test->param_value;
	struct tcpx_test *t = enter(test, c->route);

	t->tcb.syn_rexmts = c->rexmts;
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, c->cwnd);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, c->ssthresh);
}

/* What an acknowledgment adds stays below the limit as well */
static void cwnd_limited(struct kunit *test)
{
	struct tcpx_test *t = enter(test, (struct tcpx_route){ .cwnd_max = 12 });
	struct tcpx_rate_sample rs = { .limited = true };
	int i;

	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	for (i = 0; i < 20; i++) {
		rs.acked = SMSS;
		rs.delivered = SMSS;
		rs.in_flight = t->tcb.cong.cwnd;
		tcpx_cong_acked(&t->tcb, &rs, t->now);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 12 * SMSS);
}

/* RFC 2861: the restart window is the initial window */
static void idle_restart(struct kunit *test)
{
	struct tcpx_test *t = enter(test, (struct tcpx_route){ .init_cwnd = 3 });

	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	t->tcb.cong.cwnd = 40 * SMSS;
	t->tcb.last_snd = t->now;
	tcpx_cong_after_idle(&t->tcb, t->now + 3600 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 3 * SMSS);
}

/**
 * struct rto_case - the first time-out for data
 * @name: the metrics
 * @route: what it says
 * @srtt: as the handshake had it, ns
 * @rto: ns
 */
struct rto_case {
	const char *name;
	struct tcpx_route route;
	u64 srtt;
	u64 rto;
};

static const struct rto_case rtos[] = {
	{ "nothing", { }, RTT, RTT + 200 * MSEC },
	{ "nothing, nothing measured", { }, 0, 3 * SEC },
	{ "rto_min", { .rto_min_us = 50 * MS }, RTT, RTT + 50 * MSEC },
	{ "rto_min below the variance", { .rto_min_us = MS }, RTT, 3 * RTT },
	{ "rto_min above rto_max", { .rto_min_us = 1000000 * MS }, RTT, 120 * SEC },
	{ "rtt", { .rtt_us = 500 * MS }, RTT, 1500 * MSEC },
	{ "rtt that is shorter", { .rtt_us = 10 * MS - 1 }, RTT, RTT + 200 * MSEC },
	{ "rtt, nothing measured", { .rtt_us = 500 * MS }, 0, 1500 * MSEC },
	{ "rtt and rttvar", { .rtt_us = 500 * MS, .rttvar_us = 75 * MS }, RTT, 800 * MSEC },
	{ "rttvar alone", { .rttvar_us = 75 * MS }, RTT, RTT + 200 * MSEC },
	{ "rtt, rttvar and rto_min",
	  { .rtt_us = 500 * MS, .rttvar_us = 5 * MS, .rto_min_us = 40 * MS }, RTT, 540 * MSEC },
};

static void rto_desc(const struct rto_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "first RTO: %s", c->name);
}

KUNIT_ARRAY_PARAM(rto, rtos, rto_desc);

static void rto_case(struct kunit *test)
{
	const struct rto_case *c = test->param_value;
	struct tcpx_test *t = enter(test, c->route);

	tcpx_rtt_init(&t->tcb.rtt);
	t->tcb.rtt.rto = TCPX_RTO_SYN_LOST;
	t->tcb.rtt.srtt = c->srtt;
	t->tcb.rtt.rttvar = c->srtt / 2;
	tcpx_first_rto(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.rto, c->rto);
}

/* A measurement goes by rto_min too */
static void rto_measured(struct kunit *test)
{
	struct tcpx_test *t = enter(test, (struct tcpx_route){ .rto_min_us = 7 * MS });
	int i;

	for (i = 0; i < 100; i++) {
		tcpx_test_write(t, 100);
		tcpx_test_send_all(t);
		t->now += RTT;
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	}
	KUNIT_EXPECT_LE(test, t->tcb.rtt.rto, RTT + 8 * MSEC);
}

static void quickack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, (struct tcpx_route){ .quickack = true });

	t->tcb.quickacks = 0;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 10);
	KUNIT_EXPECT_TRUE(test, t->tcb.ack_now);
	t->tcb.ack_now = false;
	t->tcb.last_ack_sent = t->tcb.rcv_nxt;
	t->tcb.route.quickack = false;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 10);
	KUNIT_EXPECT_FALSE(test, t->tcb.ack_now);
}

/* Asked for by the route, and no longer when another one does not */
static void ecn(struct kunit *test)
{
	struct tcpx_route route = { .ecn = true };
	struct tcpx_test *t = test->priv;

	t->tcb.ecn.wanted = TCPX_ECN_ALGORITHM;
	tcpx_tcb_route(&t->tcb, &route);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.wanted, TCPX_ECN_ALGORITHM | TCPX_ECN_ROUTE);
	route.ecn = false;
	tcpx_tcb_route(&t->tcb, &route);
	KUNIT_EXPECT_EQ(test, t->tcb.ecn.wanted, TCPX_ECN_ALGORITHM);
}

/**
 * struct offer_case - the window of a SYN
 * @segs: initrwnd
 * @space: bytes of the receive buffer
 * @wnd: offered
 * @limit: for what comes after
 */
struct offer_case {
	u32 segs;
	u32 space;
	u32 wnd;
	u32 limit;
};

static const struct offer_case offers[] = {
	{ 0, 30000, 30000, 30000 },
	{ 0, 30999, 30000, 30000 },
	{ 0, 999, 999, 999 },
	{ 0, 100000, 65535, 65535 },
	{ 4, 30000, 4000, 4000 },
	{ 4, 3000, 3000, 4000 },
	{ 100, 200000, 65535, 100000 },
	{ U32_MAX, 30000, 30000, TCPX_MAX_WINDOW },
};

static void offer_desc(const struct offer_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "initrwnd %u of %u bytes", c->segs, c->space);
}

KUNIT_ARRAY_PARAM(offer, offers, offer_desc);

static void offer_case(struct kunit *test)
{
	const struct offer_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->tcb.route.init_rwnd = c->segs;
	t->tcb.adv_mss = 1000;
	tcpx_wnd_offer(&t->tcb, c->space, 1000);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wnd, c->wnd);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.limit, c->limit);
}

/* It grows by twice of what arrives, and is none in the end */
static void offer_grows(struct kunit *test)
{
	struct tcpx_test *t = enter(test, (struct tcpx_route){ .init_rwnd = 4 });
	struct tcpx_seg seg = { .seq = t->tcb.rcv_nxt, .flags = ACK, .len = 1000 };

	t->tcb.adv_mss = 1000;
	tcpx_rcvbuf_limit(&t->tcb);
	tcpx_rcvbuf_arrived(&t->tcb, &seg, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.limit, 6000);
	t->tcb.rcvbuf.limit = TCPX_MAX_WINDOW - 2000;
	tcpx_rcvbuf_arrived(&t->tcb, &seg, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.limit, 0);
	tcpx_rcvbuf_arrived(&t->tcb, &seg, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.rcvbuf.limit, 0);
}

/* Without SACK so many duplicates tell of a loss */
static void reordering(struct kunit *test)
{
	struct tcpx_test *t = enter(test, (struct tcpx_route){ .reordering = 5 });
	u32 una;
	int i;

	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	tcpx_test_write(t, 8 * SMSS);
	tcpx_test_send_all(t);
	una = t->tcb.snd_una;
	for (i = 1; i <= 5; i++) {
		KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, una, 0);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

static struct kunit_case route_cases[] = {
	KUNIT_CASE_PARAM(start_case, start_gen_params),
	KUNIT_CASE(cwnd_limited),
	KUNIT_CASE(idle_restart),
	KUNIT_CASE_PARAM(rto_case, rto_gen_params),
	KUNIT_CASE(rto_measured),
	KUNIT_CASE(quickack),
	KUNIT_CASE(ecn),
	KUNIT_CASE_PARAM(offer_case, offer_gen_params),
	KUNIT_CASE(offer_grows),
	KUNIT_CASE(reordering),
	{ }
};

static struct kunit_suite route_suite = {
	.name = "tcpx_route",
	.init = tcpx_test_init,
	.test_cases = route_cases,
};

kunit_test_suite(route_suite);
