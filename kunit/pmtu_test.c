// SPDX-License-Identifier: GPL-2.0
/* The path's MTU, probed with segments of data: RFC 4821, RFC 8899. */
#include <linux/kernel.h>

#include "../core/mss.h"
#include "../core/window.h"
#include "fixture.h"

#define BASE	500U		/* conf.base_mss */
#define PATH	TEST_ADV_MSS	/* what the route says */
#define RTT	(100 * MSEC)
#define TS	12	/* what timestamps take */
#define MANY	64

/* A path that takes segments of @limit bytes, and what was sent into it */
struct pmtu_path {
	struct tcpx_test *t;
	u32 limit;
	struct tcpx_sack_block sent[MANY];
	int nr;
	int probes;
};

static struct tcpx_test *enter(struct kunit *test, u8 probing)
{
	struct tcpx_test *t = test->priv;

	t->conf.mtu_probing = probing;
	t->peer_opt.has |= TCPX_HAS_SACK_PERM;
	t->peer_opt.mss = PATH;
	t->wnd = 65000;
	t->rtt = RTT;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.cong.cwnd = 40 * PATH;
	return t;
}

static void send(struct pmtu_path *p)
{
	struct tcpx_test *t = p->t;
	struct tcpx_send *s = &t->send;

	for (p->nr = 0; p->nr < MANY && tcpx_wnd_next(&t->tcb, t->now, s); p->nr++) {
		p->sent[p->nr] = (struct tcpx_sack_block){ s->seq, s->seq + s->len };
		p->probes += s->len > t->tcb.snd_mss;
		t->now += MSEC;
		tcpx_test_sent(t, s->seq, s->len, ACK);
	}
}

/* What was sent arrives, but for what is too large and for the one at @drop */
static void deliver(struct pmtu_path *p, int drop)
{
	struct tcpx_test *t = p->t;
	u32 ack = t->tcb.snd_una, len;
	struct tcpx_opts opt = t->peer_opt;
	struct tcpx_sack_block *b = NULL;
	int i;

	t->now += RTT;
	for (i = 0; i < p->nr; i++) {
		len = p->sent[i].end - p->sent[i].start;
		if (i == drop || len > p->limit)
			continue;
		if (p->sent[i].start == ack) {
			ack = p->sent[i].end;
		} else if (b && b->end == p->sent[i].start) {
			b->end = p->sent[i].end;
		} else {
			b = &t->peer_opt.sack[t->peer_opt.nr_sacks++];
			*b = p->sent[i];
		}
	}
	if (b)
		t->peer_opt.has |= TCPX_HAS_SACK;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, ack, 0);
	t->peer_opt = opt;
}

/* The rest arrives as well */
static void settle(struct pmtu_path *p)
{
	send(p);
	p->t->now += RTT;
	tcpx_test_arrive(p->t, ACK, p->t->tcb.rcv_nxt, p->t->tcb.snd_nxt, 0);
}

static void round_trip(struct pmtu_path *p)
{
	tcpx_test_write(p->t, 12 * PATH);
	send(p);
	deliver(p, -1);
	settle(p);
}

static void switched_off(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 0), PATH };

	KUNIT_EXPECT_EQ(test, p.t->tcb.snd_mss, PATH);
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 0);
}

/* net.tcpx.mtu_probing = 1: the route is believed until segments vanish */
static void not_yet(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 1), PATH };

	KUNIT_EXPECT_EQ(test, p.t->tcb.snd_mss, PATH);
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 0);
}

/* RFC 4821, 7.2: begin with what passes; 7.3: most paths take all of it */
static void one_probe(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), PATH };
	struct tcpx_test *t = p.t;

	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
	tcpx_test_write(t, 12 * PATH);
	send(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 1);
	KUNIT_EXPECT_EQ(test, p.sent[0].end - p.sent[0].start, PATH);
	KUNIT_EXPECT_EQ(test, p.sent[1].end - p.sent[1].start, BASE);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
	deliver(&p, -1);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_MTU_PROBED);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, PATH);
	settle(&p);
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 1);
}

/* With timestamps: the same size, of which they take a part */
static void with_timestamps(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct pmtu_path p = { t, PATH - TS };

	t->peer_opt.has |= TCPX_HAS_TS;
	enter(test, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE - TS);
	tcpx_test_write(t, 12 * PATH);
	send(&p);
	KUNIT_EXPECT_EQ(test, p.sent[0].end - p.sent[0].start, PATH - TS);
	deliver(&p, -1);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, PATH - TS);
}

/* RFC 4821, 7.7: a probe that is lost alone costs no congestion window */
static void lost_alone(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), BASE };
	struct tcpx_test *t = p.t;
	u32 cwnd = t->tcb.cong.cwnd;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	deliver(&p, -1);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_MTU_LOST);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	/* What it carried goes again, in segments that pass */
	send(&p);
	KUNIT_ASSERT_GE(test, p.nr, 3);
	KUNIT_EXPECT_EQ(test, p.sent[0].start, t->tcb.snd_una);
	KUNIT_EXPECT_EQ(test, p.sent[0].end - p.sent[0].start, BASE);
	KUNIT_EXPECT_EQ(test, p.sent[2].end - t->tcb.snd_una, PATH);
	KUNIT_EXPECT_EQ(test, p.probes, 1);
	/* A second one is not out before that is acknowledged */
	deliver(&p, -1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_FALSE(test, t->tcb.pmtu.lost);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
}

/* What is sent again and lost again is lost to congestion */
static void lost_again(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), BASE };
	struct tcpx_test *t = p.t;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	deliver(&p, -1);
	tcpx_test_write(t, 12 * PATH);
	send(&p);
	deliver(&p, 0);
	t->now += RTT;
	if (t->tcb.deadline[TCPX_T_REO] != TCPX_NEVER)
		tcpx_test_expire(t, TCPX_T_REO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
}

/* RFC 4821, 7.6.4: with another loss it tells nothing of its size */
static void lost_with_others(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), BASE };
	struct tcpx_test *t = p.t;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	deliver(&p, 2);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FAST_RECOVERY);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	KUNIT_EXPECT_EQ(test, t->tcb.pmtu.tries, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.pmtu.size, 0);
}

/* It was acknowledged in pieces: during recovery of other losses it is not looked at */
static void lost_while_reducing(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), BASE };
	struct tcpx_test *t = p.t;

	t->tcb.ecn.mode = TCPX_ECN_CLASSIC;
	tcpx_test_write(t, 12 * PATH);
	send(&p);
	KUNIT_ASSERT_EQ(test, p.probes, 1);
	t->now += RTT / 2;
	tcpx_test_arrive(t, ACK | TCPX_ECE, t->tcb.rcv_nxt, t->tcb.snd_una, 0);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_CWR);
	deliver(&p, -1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	settle(&p);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_una, t->tcb.snd_nxt);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
	KUNIT_EXPECT_EQ(test, t->tcb.pmtu.size, 0);
}

/* A tail loss probe repeats a part of it: what arrives of the two is not known */
static void repeated(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), PATH };
	struct tcpx_test *t = p.t;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	KUNIT_ASSERT_EQ(test, p.probes, 1);
	t->now += RTT;
	tcpx_test_sent(t, p.sent[0].start, BASE, ACK);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
}

/* Nor does a time-out */
static void timed_out(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), BASE };
	struct tcpx_test *t = p.t;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_FALSE(test, tcpx_pmtu_timeout(&t->tcb));
	KUNIT_EXPECT_EQ(test, t->tcb.pmtu.size, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.pmtu.tries, 0);
}

/* Without SACK three duplicates tell */
static void without_sack(struct kunit *test)
{
	struct tcpx_test *t;
	struct pmtu_path p = { .limit = BASE };
	u32 cwnd;
	int i;

	((struct tcpx_test *)test->priv)->conf.sack = 0;
	t = enter(test, 2);
	p.t = t;
	cwnd = t->tcb.cong.cwnd;
	tcpx_test_write(t, 12 * PATH);
	send(&p);
	t->now += RTT;
	for (i = 0; i < 3; i++)
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una, 0);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_MTU_LOST);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost_bytes, PATH);
}

/**
 * struct search_case - RFC 4821, 7.3: a path that drops what is too large
 * @limit: the largest segment that passes, payload and options
 */
struct search_case {
	u32 limit;
};

static const struct search_case searches[] = {
	{ PATH }, { PATH - 1 }, { PATH - 8 }, { 1452 }, { 1400 }, { 1240 }, { 1000 }, { 536 },
	{ BASE + 7 }, { BASE },
};

static void search_desc(const struct search_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 4821, 7.3: a path of %u", c->limit);
}

KUNIT_ARRAY_PARAM(search, searches, search_desc);

static void search_case(struct kunit *test)
{
	const struct search_case *c = test->param_value;
	struct pmtu_path p = { enter(test, 2), c->limit };
	struct tcpx_test *t = p.t;
	u32 cwnd = t->tcb.cong.cwnd;
	int i, probes;

	for (i = 0; i < 60; i++) {
		round_trip(&p);
		KUNIT_ASSERT_LE(test, t->tcb.snd_mss, c->limit);
	}
	/* Within probe_threshold, and after log2(960 / 8) sizes of three tries */
	KUNIT_EXPECT_GT(test, t->tcb.snd_mss + t->conf.probe_threshold, c->limit);
	KUNIT_EXPECT_LE(test, p.probes, 3 * 8);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, cwnd);
	/* RFC 4821, 7.8: no more until probe_interval is over, and then all of it */
	probes = p.probes;
	t->now = t->tcb.pmtu.searched_at + 590 * SEC;
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.probes, probes);
	p.limit = PATH;
	t->now += 100 * SEC;
	t->tcb.cong.cwnd = cwnd;
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, PATH);
}

/* A peer that takes less than the path, or a middlebox that says so */
static void small_peer(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), PATH };

	p.t->tcb.peer_mss = 900;
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.t->tcb.snd_mss, 900);
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 1);
}

/* RFC 4821, 7.4: what would show its loss is not there, or may not be sent */
static void not_enough(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), PATH };
	struct tcpx_test *t = p.t;

	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, PATH + 4 * BASE - 1, t->now), 0);
	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, PATH + 4 * BASE, t->now), PATH);
	t->tcb.snd_wnd = PATH + 4 * BASE - 1;
	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, 60000, t->now), 0);
	t->tcb.snd_wnd = PATH + 4 * BASE;
	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, 60000, t->now), PATH);
	t->tcb.cong.cwnd = 10 * BASE;
	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, 60000, t->now), 0);
	t->tcb.cong.cwnd = 10 * BASE + 1;
	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, 60000, t->now), PATH);
	t->tcb.rec.dupacks = 1;
	KUNIT_EXPECT_EQ(test, tcpx_pmtu_due(&t->tcb, 60000, t->now), 0);
}

/* It waits until what is in flight has made room for all of it */
static void waits_for_room(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), PATH };
	struct tcpx_test *t = p.t;

	t->tcb.pmtu.searched_at = t->now;
	t->tcb.pmtu.high = BASE;
	t->tcb.cong.cwnd = 12 * BASE;
	tcpx_test_write(t, 30 * PATH);
	send(&p);
	KUNIT_EXPECT_EQ(test, p.nr, 12);
	t->tcb.pmtu.high = PATH;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + BASE, 0);
	t->tcb.cong.cwnd = 12 * BASE;
	send(&p);
	KUNIT_EXPECT_EQ(test, p.nr, 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.cwnd_limited);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + 2 * BASE, 0);
	t->tcb.cong.cwnd = 12 * BASE;
	send(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 1);
	KUNIT_EXPECT_EQ(test, p.sent[0].end - p.sent[0].start, PATH);
}

/* A jumbo path: no probe is many segments at once */
static void jumbo(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), 60000 };
	struct tcpx_test *t = p.t;
	int i;

	t->tcb.peer_mss = 8960;
	tcpx_mss_set(&t->tcb, 8960);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
	t->tcb.cong.cwnd = 64000;
	for (i = 0; i < 3; i++) {
		tcpx_test_write(t, 64000);
		send(&p);
		KUNIT_EXPECT_LE(test, p.sent[0].end - p.sent[0].start, 7 * t->tcb.snd_mss);
		deliver(&p, -1);
		settle(&p);
		t->tcb.cong.cwnd = 14 * 8960;
	}
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 8960);
}

/* RFC 4821, 7.6.3: after R1 the search begins, and each time-out more halves */
static void black_hole(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 1), PATH };
	struct tcpx_test *t = p.t;
	static const u16 want[] = { 0, 0, 500, 250, 125, 88, 0 };
	int i;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		KUNIT_EXPECT_EQ(test, tcpx_pmtu_timeout(&t->tcb), !!want[i]);
		if (want[i])
			KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, want[i]);
	}
	KUNIT_EXPECT_TRUE(test, t->tcb.pmtu.on);
	KUNIT_EXPECT_LT(test, t->tcb.pmtu.high, 125);
}

/* net.tcpx.mtu_probe_floor */
static void floor_of_the_search(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 2);

	t->conf.mtu_probe_floor = 300;
	t->tcb.rexmt_shift = 3;
	KUNIT_EXPECT_TRUE(test, tcpx_pmtu_timeout(&t->tcb));
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 300);
	KUNIT_EXPECT_FALSE(test, tcpx_pmtu_timeout(&t->tcb));
}

/* Before the connection is there nothing was large */
static void no_black_hole(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->conf.mtu_probing = 2;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	t->tcb.rexmt_shift = 5;
	KUNIT_EXPECT_FALSE(test, tcpx_pmtu_timeout(&t->tcb));
	t = enter(test, 0);
	t->tcb.rexmt_shift = 5;
	KUNIT_EXPECT_FALSE(test, tcpx_pmtu_timeout(&t->tcb));
}

/* A router answers the probe: one loss is enough then, and no size is tried twice */
static void router_answers(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), 1200 };
	struct tcpx_test *t = p.t;

	tcpx_test_write(t, 12 * PATH);
	send(&p);
	tcpx_mss_set(&t->tcb, 1200);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, BASE);
	deliver(&p, -1);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_MTU_LOST);
	settle(&p);
	round_trip(&p);
	KUNIT_EXPECT_EQ(test, p.probes, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 1200);
}

/* Less than what has passed: the route has changed */
static void router_asks_for_less(struct kunit *test)
{
	struct pmtu_path p = { enter(test, 2), PATH };

	round_trip(&p);
	tcpx_mss_set(&p.t->tcb, 400);
	KUNIT_EXPECT_EQ(test, p.t->tcb.snd_mss, 400);
}

static struct kunit_case pmtu_cases[] = {
	KUNIT_CASE(switched_off),
	KUNIT_CASE(not_yet),
	KUNIT_CASE(one_probe),
	KUNIT_CASE(with_timestamps),
	KUNIT_CASE(lost_alone),
	KUNIT_CASE(lost_again),
	KUNIT_CASE(lost_with_others),
	KUNIT_CASE(lost_while_reducing),
	KUNIT_CASE(repeated),
	KUNIT_CASE(timed_out),
	KUNIT_CASE(without_sack),
	KUNIT_CASE_PARAM(search_case, search_gen_params),
	KUNIT_CASE(small_peer),
	KUNIT_CASE(not_enough),
	KUNIT_CASE(waits_for_room),
	KUNIT_CASE(jumbo),
	KUNIT_CASE(black_hole),
	KUNIT_CASE(floor_of_the_search),
	KUNIT_CASE(no_black_hole),
	KUNIT_CASE(router_answers),
	KUNIT_CASE(router_asks_for_less),
	{}
};

static struct kunit_suite pmtu_suite = {
	.name = "tcpx_pmtu",
	.init = tcpx_test_init,
	.test_cases = pmtu_cases,
};

kunit_test_suite(pmtu_suite);
