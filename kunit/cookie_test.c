// SPDX-License-Identifier: GPL-2.0
/* SYN cookies: what goes into ISS and TSval comes back out, and nothing else does. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/cookie.h"
#include "../core/sent.h"
#include "../core/syn.h"
#include "fixture.h"

/* irs, base, mac, tick: with and without carries between the fields */
static const u32 numbers[][4] = {
	{ 0, 0, 0, 0 },
	{ 1000, 0x12345678, 0x9abcdef0, 100 },
	{ 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
	{ 0x80000000, 0x7fffffff, 0x03ffffff, 63 },
	{ 0x7fffffff, 0x80000001, 0x03fffffa, 64 },
	{ 77, 0xfc000000, 0xfffffffd, 0x40 },
};

static void numbers_desc(const u32 (*n)[4], char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "irs %#x, base %#x, mac %#x, tick %u",
		 (*n)[0], (*n)[1], (*n)[2], (*n)[3]);
}

KUNIT_ARRAY_PARAM(numbers, numbers, numbers_desc);

static const u16 sizes[] = { 88, 536, 1220, 1340, 1400, 1440, 1460, 8960 };

/* Each size comes back, at each age; older ones don't */
static void iss_round_trip(struct kunit *test)
{
	const u32 *n = test->param_value;
	u32 iss, later;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		iss = tcpx_cookie_iss(n[0], n[1], n[2], n[3], sizes[i]);
		for (later = 0; later < 64; later++)
			KUNIT_EXPECT_EQ(test, tcpx_cookie_age(iss, n[0], n[1], n[3] + later),
					later < TCPX_COOKIE_TICKS ? (int)later : -1);
		KUNIT_EXPECT_EQ(test, tcpx_cookie_mss(iss, n[0], n[1], n[2]), sizes[i]);
	}
}

/* Another secret, another SYN, another time: the number is not ours */
static void iss_of_somebody_else(struct kunit *test)
{
	const u32 *n = test->param_value;
	u32 iss = tcpx_cookie_iss(n[0], n[1], n[2], n[3], 1460);

	KUNIT_EXPECT_EQ(test, tcpx_cookie_mss(iss, n[0], n[1], n[2] + 7), 0);
	KUNIT_EXPECT_EQ(test, tcpx_cookie_mss(iss, n[0], n[1], n[2] - 2), 0);
	KUNIT_EXPECT_EQ(test, tcpx_cookie_mss(iss, n[0], n[1] - 2, n[2]), 0);
	KUNIT_EXPECT_EQ(test, tcpx_cookie_mss(iss, n[0] - 2, n[1], n[2]), 0);
	/* One of the future is none either */
	KUNIT_EXPECT_EQ(test, tcpx_cookie_age(iss, n[0], n[1], n[3] - 1), -1);
}

/* Of 2^32 numbers an attacker has to hit one of 4 ages x 8 sizes */
static void iss_odds(struct kunit *test)
{
	const u32 *n = test->param_value;
	u32 time, low, iss, hits = 0;
	int age;

	for (time = 0; time < 64; time++) {
		for (low = 0; low < 4096; low++) {
			/* 2048 on either side of the one place where hits are */
			iss = n[0] + n[1] + (time << 26) + ((n[2] - 2048 + low) & 0x3ffffff);
			age = tcpx_cookie_age(iss, n[0], n[1], n[3]);
			if (age >= 0 && tcpx_cookie_mss(iss, n[0], n[1], n[2]))
				hits++;
		}
	}
	KUNIT_EXPECT_EQ(test, hits, TCPX_COOKIE_TICKS * ARRAY_SIZE(sizes));
}

/* RFC 9293, 3.4.1: later, or for a later ISN of the peer, the ISS is higher */
static void iss_grows(struct kunit *test)
{
	const u32 *n = test->param_value;
	u32 iss = tcpx_cookie_iss(n[0], n[1], 0, n[3], 1460);

	KUNIT_EXPECT_TRUE(test, tcpx_after(tcpx_cookie_iss(n[0], n[1], 0, n[3] + 1, 1460), iss));
	KUNIT_EXPECT_EQ(test, tcpx_cookie_iss(n[0] + 5, n[1], 0, n[3], 1460) - iss, 5);
}

struct size_case {
	u16 syn;	/* 0: no option */
	u16 kept;
};

static const struct size_case size_cases[] = {
	{ 0, 536 }, { 1, 88 }, { 88, 88 }, { 535, 88 }, { 536, 536 }, { 1219, 536 },
	{ 1220, 1220 }, { 1360, 1340 }, { 1439, 1400 }, { 1459, 1440 }, { 1460, 1460 },
	{ 8959, 1460 }, { 8960, 8960 }, { 65495, 8960 },
};

/* Never more than the peer takes */
static void trim_size(struct kunit *test)
{
	struct tcpx_seg syn;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(size_cases); i++) {
		syn = (struct tcpx_seg){ .flags = SYN };
		syn.opt.has = size_cases[i].syn ? TCPX_HAS_MSS : 0;
		syn.opt.mss = size_cases[i].syn;
		tcpx_cookie_trim(&syn, false, TCPX_MSS_DEFAULT);
		KUNIT_EXPECT_EQ(test, syn.opt.has, TCPX_HAS_MSS);
		KUNIT_EXPECT_EQ(test, syn.opt.mss, size_cases[i].kept);
	}
	/* MUST-15, IPv6 */
	syn = (struct tcpx_seg){ .flags = SYN };
	tcpx_cookie_trim(&syn, false, 1220);
	KUNIT_EXPECT_EQ(test, syn.opt.mss, 1220);
}

#define EVERYTHING	(TCPX_HAS_MSS | TCPX_HAS_TS | TCPX_HAS_WSCALE | TCPX_HAS_SACK_PERM)

static struct tcpx_seg full_syn(void)
{
	struct tcpx_seg syn = { .seq = TEST_IRS, .wnd = TEST_SND_WND, .len = 100 };

	syn.flags = SYN | TCPX_ECE | TCPX_CWR;
	syn.opt.has = EVERYTHING | TCPX_HAS_UTO;
	syn.opt.mss = 1460;
	syn.opt.wscale = 7;
	syn.opt.tsval = 4711;
	return syn;
}

/* Without timestamps nothing but the MSS can be remembered, so nothing else is agreed */
static void trim_options(struct kunit *test)
{
	struct tcpx_seg syn = full_syn();

	tcpx_cookie_trim(&syn, true, TCPX_MSS_DEFAULT);
	KUNIT_EXPECT_EQ(test, syn.opt.has, EVERYTHING);
	KUNIT_EXPECT_EQ(test, syn.flags, SYN | TCPX_ECE | TCPX_CWR);
	KUNIT_EXPECT_EQ(test, syn.len, 0);

	syn = full_syn();
	tcpx_cookie_trim(&syn, false, TCPX_MSS_DEFAULT);
	KUNIT_EXPECT_EQ(test, syn.opt.has, TCPX_HAS_MSS);
	KUNIT_EXPECT_EQ(test, syn.flags, SYN);

	syn = full_syn();
	syn.opt.has &= ~TCPX_HAS_TS;
	tcpx_cookie_trim(&syn, true, TCPX_MSS_DEFAULT);
	KUNIT_EXPECT_EQ(test, syn.opt.has, TCPX_HAS_MSS);
	KUNIT_EXPECT_EQ(test, syn.flags, SYN);
}

static const u32 clocks[] = {
	0, 1, 0x3f, 0x40, 1000000, 0x7fffffff, 0x80000000, 0xffffffc0, 0xffffffff,
};

static void clock_desc(const u32 *clock, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "TSval = %#x", *clock);
}

KUNIT_ARRAY_PARAM(clock, clocks, clock_desc);

/* Window scale none, 0 .. 14; SACK; ECN */
static struct tcpx_seg option_syn(u32 n)
{
	struct tcpx_seg syn = { .flags = SYN };

	if (n & 0x0f) {
		syn.opt.has |= TCPX_HAS_WSCALE;
		syn.opt.wscale = (n & 0x0f) - 1;
	}
	if (n & 0x10)
		syn.opt.has |= TCPX_HAS_SACK_PERM;
	if (n & 0x20)
		syn.flags |= TCPX_ECE | TCPX_CWR;
	return syn;
}

/* All 64 of them, whatever the clock says; it never runs ahead */
static void tsval_round_trip(struct kunit *test)
{
	u32 clock = *(const u32 *)test->param_value, n, tsval;
	struct tcpx_seg syn, back;

	for (n = 0; n < 64; n++) {
		syn = option_syn(n);
		back = (struct tcpx_seg){ .flags = SYN };
		tsval = tcpx_cookie_tsval(clock, &syn);
		KUNIT_EXPECT_LT(test, clock - tsval, 64);
		KUNIT_EXPECT_TRUE(test, tcpx_cookie_opts(tsval, clock + 30, &back));
		KUNIT_EXPECT_EQ(test, back.opt.has, syn.opt.has);
		KUNIT_EXPECT_EQ(test, back.opt.wscale, syn.opt.wscale);
		KUNIT_EXPECT_EQ(test, back.flags, syn.flags);
	}
}

/* RFC 3168, 6.1.1: one of the two flags alone asks for nothing */
static void tsval_half_ecn(struct kunit *test)
{
	struct tcpx_seg syn = { .flags = SYN | TCPX_ECE }, back = { .flags = SYN };

	tcpx_cookie_opts(tcpx_cookie_tsval(1000, &syn), 1000, &back);
	KUNIT_EXPECT_EQ(test, back.flags, SYN);
}

/* An echo of what is yet to come, or of what was sent long ago */
static void tsval_not_ours(struct kunit *test)
{
	u32 clock = *(const u32 *)test->param_value;
	u32 life = TCPX_COOKIE_LIFE_NS >> TCPX_TS_SHIFT;
	struct tcpx_seg syn = { };

	KUNIT_EXPECT_FALSE(test, tcpx_cookie_opts(clock + 1, clock, &syn));
	KUNIT_EXPECT_TRUE(test, tcpx_cookie_opts(clock - life, clock, &syn));
	KUNIT_EXPECT_FALSE(test, tcpx_cookie_opts(clock - life - 64, clock, &syn));
}

/* LISTEN takes the SYN */
static void take(struct tcpx_test *t, struct tcpx_tcb *tcb, const struct tcpx_seg *syn, u32 iss)
{
	tcpx_tcb_init(tcb, &t->conf);
	tcb->state = TCPX_LISTEN;
	tcb->adv_mss = TEST_ADV_MSS;
	tcb->rcv_wnd = TEST_RCV_WND;
	tcb->rcv_wscale = 5;
	memset(&t->a, 0, sizeof(t->a));
	tcpx_syn_accept(tcb, syn, iss, t->now, &t->a);
	tcpx_sent(tcb, iss, 1, SYN_ACK, t->now);
}

/* The TCB that the ACK brings back is the one that was forgotten */
static void connection_comes_back(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_seg syn = full_syn(), back = { .seq = TEST_IRS, .flags = SYN };
	struct tcpx_tcb *now = &t->tcb, *then;
	u32 iss, tsval;

	then = kunit_kzalloc(test, sizeof(*then), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, then);
	tcpx_cookie_trim(&syn, true, TCPX_MSS_DEFAULT);
	iss = tcpx_cookie_iss(syn.seq, 1, 2, 3, syn.opt.mss);
	take(t, then, &syn, iss);
	tsval = tcpx_cookie_tsval(tcpx_tsval(then, t->now), &syn);

	back.opt.has = TCPX_HAS_MSS | TCPX_HAS_TS;
	back.opt.mss = tcpx_cookie_mss(iss, back.seq, 1, 2);
	back.opt.tsval = 4711;
	back.wnd = syn.wnd;
	KUNIT_EXPECT_TRUE(test, tcpx_cookie_opts(tsval, tcpx_tsval(then, t->now), &back));
	take(t, now, &back, iss);
	KUNIT_EXPECT_TRUE(test, now->ts_ok && now->sack_ok && now->wscale_ok);
	KUNIT_EXPECT_EQ(test, now->snd_wscale, 7);
	KUNIT_EXPECT_EQ(test, memcmp(now, then, sizeof(*now)), 0);

	/* 3.10.7.4, fifth: the ACK */
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, iss + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_SYN_RECEIVED);	/* no timestamp: RFC 7323, 3.2 */
	t->peer_opt.has = TCPX_HAS_TS;
	t->peer_opt.tsval = 4711;
	tcpx_test_arrive(t, ACK, TEST_IRS + 1, iss + 1, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wnd, TEST_SND_WND << 7);
}

static struct kunit_case cookie_cases[] = {
	KUNIT_CASE_PARAM(iss_round_trip, numbers_gen_params),
	KUNIT_CASE_PARAM(iss_of_somebody_else, numbers_gen_params),
	KUNIT_CASE_PARAM(iss_odds, numbers_gen_params),
	KUNIT_CASE_PARAM(iss_grows, numbers_gen_params),
	KUNIT_CASE(trim_size),
	KUNIT_CASE(trim_options),
	KUNIT_CASE_PARAM(tsval_round_trip, clock_gen_params),
	KUNIT_CASE(tsval_half_ecn),
	KUNIT_CASE_PARAM(tsval_not_ours, clock_gen_params),
	KUNIT_CASE(connection_comes_back),
	{}
};

static struct kunit_suite cookie_suite = {
	.name = "tcpx_cookie",
	.init = tcpx_test_init,
	.test_cases = cookie_cases,
};

kunit_test_suite(cookie_suite);
