// SPDX-License-Identifier: GPL-2.0
/*
 * What holds after any event, whatever came before it: events and segments at
 * random, with numbers that crowd around the edges where mistakes are made.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../cong/bbr.h"
#include "../cong/cubic.h"
#include "../cong/dctcp.h"
#include "../core/deadline.h"
#include "../core/mss.h"
#include "../core/pace.h"
#include "../core/predict.h"
#include "../core/recovery.h"
#include "../core/repair.h"
#include "../core/segment.h"
#include "../core/syn.h"
#include "../core/timeout.h"
#include "../core/window.h"
#include "fixture.h"

#define ROUNDS	20000

struct dice {
	struct tcpx_test *t;
	u32 state;
	u32 edge;	/* the right edge that was promised */
	bool promised;
	const struct tcpx_cong_ops *cong;
	struct tcpx_test *twin;
	u32 predicted;
	const char *fault;
};

static u32 roll(struct dice *d, u32 sides)
{
	return tcpx_test_draw(&d->state) % sides;
}

/* Within 3 of @x, mostly; sometimes anywhere */
static u32 near(struct dice *d, u32 x)
{
	if (!roll(d, 16))
		return roll(d, 0xffffffff);
	return roll(d, 4) ? x : x + roll(d, 7) - 3;
}

static u8 any_flags(struct dice *d)
{
	static const u8 likely[] = {
		ACK, ACK, ACK, ACK, ACK, ACK | TCPX_PSH, FIN_ACK, SYN, SYN_ACK, RST, RST_ACK,
		ACK | TCPX_URG,
	};

	u8 flags = roll(d, 8) ? likely[roll(d, ARRAY_SIZE(likely))] : roll(d, 256);

	return roll(d, 8) ? flags : flags ^ (roll(d, 4) << 6);	/* ECE, CWR */
}

static u32 any_seq(struct dice *d)
{
	const struct tcpx_tcb *tcb = &d->t->tcb;

	switch (roll(d, 6)) {
	case 0:
		return near(d, tcb->rcv_nxt + tcb->rcv_wnd);
	case 1:
		return near(d, tcb->irs);
	case 2:
		return near(d, tcb->rcv_nxt + 500);
	default:
		return near(d, tcb->rcv_nxt);
	}
}

static u32 any_ack(struct dice *d)
{
	const struct tcpx_tcb *tcb = &d->t->tcb;

	switch (roll(d, 6)) {
	case 0:
		return near(d, tcb->snd_una);
	case 1:
		return near(d, tcb->snd_una + tcpx_flight(tcb) / 2);
	case 2:
		return near(d, tcb->snd_una - tcb->max_snd_wnd);
	default:
		return near(d, tcb->snd_nxt);
	}
}

/* An edge of a segment, mostly; or of nothing at all */
static u32 any_edge(struct dice *d)
{
	const struct tcpx_scoreboard *sb = &d->t->tcb.sb;
	const struct tcpx_tcb *tcb = &d->t->tcb;
	u32 len = tcpx_sb_len(sb);

	switch (roll(d, 8)) {
	case 0:
		return near(d, tcb->snd_una);
	case 1:
		return near(d, tcb->snd_nxt);
	case 2:
		return near(d, tcb->snd_una - roll(d, 3000));
	default:
		return len ? near(d, tcpx_sb_at(sb, sb->head + roll(d, len))->end_seq) :
			     near(d, tcb->snd_una);
	}
}

static void any_blocks(struct dice *d, struct tcpx_opts *opt)
{
	int i;

	opt->has |= TCPX_HAS_SACK;
	opt->nr_sacks = 1 + roll(d, TCPX_MAX_SACKS);
	for (i = 0; i < opt->nr_sacks; i++) {
		opt->sack[i].start = any_edge(d);
		opt->sack[i].end = any_edge(d);
		if (roll(d, 4) && tcpx_after(opt->sack[i].start, opt->sack[i].end))
			swap(opt->sack[i].start, opt->sack[i].end);
	}
}

static void any_segment(struct dice *d)
{
	static const u32 lens[] = { 0, 0, 0, 1, 2, 500, 1000, 1460, 9000 };
	struct tcpx_test *t = d->t;

	t->seg = (struct tcpx_seg){
		.seq = any_seq(d),
		.ack = any_ack(d),
		.len = lens[roll(d, ARRAY_SIZE(lens))],
		.wnd = roll(d, 4) ? 20000 : roll(d, 3) * 700,
		.up = roll(d, 4) ? 0 : roll(d, 2000),
		.flags = any_flags(d),
		.ip_ecn = roll(d, 2) ? 0 : roll(d, 4),
		.no_room = !roll(d, 50),
		.ooo = !roll(d, 5),
		.opt = t->peer_opt,
	};
	t->seg.opt.tsval = near(d, t->tcb.ts_recent);
	t->seg.opt.tsecr = near(d, tcpx_tsval(&t->tcb, t->now));
	if (!roll(d, 20))
		t->seg.opt.has ^= TCPX_HAS_TS;
	if (roll(d, 2))
		any_blocks(d, &t->seg.opt);
}

/* What comes next in sequence, or nearly so */
static void next_segment(struct dice *d)
{
	struct tcpx_test *t = d->t;
	struct tcpx_tcb *tcb = &t->tcb;

	any_segment(d);
	t->seg.seq = roll(d, 8) ? tcb->rcv_nxt : near(d, tcb->rcv_nxt);
	t->seg.ack = any_edge(d);
	t->seg.flags = roll(d, 8) ? ACK | (roll(d, 2) ? TCPX_PSH : 0) : any_flags(d);
	t->seg.opt.tsval = tcb->ts_recent + (roll(d, 8) ? roll(d, 3) : -1);
	t->seg.opt.has = roll(d, 8) && tcb->ts_ok ? TCPX_HAS_TS : 0;
	if (!roll(d, 8))
		any_blocks(d, &t->seg.opt);
}

/* The other is all that the one is, its scoreboard included */
static void make_twin(struct dice *d)
{
	struct tcpx_test *t = d->t, *twin = d->twin;
	int i;

	*twin = *t;
	if (!t->tcb.sb.dir)
		return;
	twin->tcb.sb.dir = twin->slots.dir;
	for (i = 0; i < TEST_CHUNKS; i++)
		twin->slots.dir[i] = twin->slots.chunk[0] +
				     (t->slots.dir[i] - t->slots.chunk[0]);
}

static const char *twin_fault(struct dice *d)
{
	const struct tcpx_test *t = d->t;
	struct tcpx_test *twin = d->twin;
	int i;

	if (memcmp(&t->a, &twin->a, sizeof(t->a)))
		return "the predicted path leads to something else";
	twin->tcb.sb.dir = t->tcb.sb.dir;
	if (memcmp(&t->tcb, &twin->tcb, sizeof(t->tcb)))
		return "the predicted path leaves another TCB";
	for (i = 0; t->tcb.sb.dir && i < TEST_CHUNKS; i++)
		if (t->slots.dir[i] - t->slots.chunk[0] !=
		    twin->slots.dir[i] - twin->slots.chunk[0])
			return "the predicted path moves other chunks";
	return memcmp(t->slots.chunk, twin->slots.chunk, sizeof(t->slots.chunk)) ?
	       "the predicted path leaves another scoreboard" : NULL;
}

/* The predicted path takes it, if it will, and the steps do the same with the other */
static bool arrive_twice(struct dice *d)
{
	struct tcpx_test *t = d->t, *twin = d->twin;

	make_twin(d);
	if (!tcpx_predicted(&t->tcb, &t->seg, t->now, &t->a))
		return false;
	tcpx_segment_arrives(&twin->tcb, &twin->seg, twin->now, &twin->a);
	d->fault = d->fault ?: twin_fault(d);
	d->predicted++;
	return true;
}

static void arrive(struct dice *d)
{
	struct tcpx_test *t = d->t;
	bool next = !roll(d, 3);

	if (next)
		next_segment(d);
	else
		any_segment(d);
	if (next && arrive_twice(d))
		return;
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
	if (t->tcb.state == TCPX_LISTEN && !t->a.drop)
		tcpx_syn_accept(&t->tcb, &t->seg, roll(d, 0xffffffff), t->now, &t->a);
}

/* Segments are smaller from now on, if there is room to note the pieces */
static bool recut(struct tcpx_tcb *tcb)
{
	struct tcpx_scoreboard *sb = &tcb->sb;

	if (!tcb->syn_acked)
		return true;
	if (tcpx_sb_recut_slots(sb, tcb->snd_mss) - tcpx_sb_len(sb) > tcpx_sb_room(sb))
		return false;
	tcpx_recovery_mtu(tcb);
	return true;
}

/* A router's word, or the route's */
static void any_mtu(struct dice *d)
{
	struct tcpx_tcb *tcb = &d->t->tcb;
	struct tcpx_pmtu old = tcb->pmtu;
	u16 mss = tcb->snd_mss;

	d->t->a.todo = 0;
	d->t->a.nr = 0;
	if (!tcb->pmtu.path)
		return;
	tcpx_mss_set(tcb, 200 + roll(d, TEST_ADV_MSS - 200));
	if (tcb->snd_mss >= mss || recut(tcb))
		return;
	tcb->pmtu = old;
	tcpx_mss_set(tcb, old.path);
}

static void black_hole(struct tcpx_tcb *tcb)
{
	struct tcpx_pmtu old = tcb->pmtu;

	if (!tcpx_pmtu_timeout(tcb) || recut(tcb))
		return;
	tcb->pmtu = old;
	tcpx_mss_set(tcb, old.path);
}

/* The next deadline passes, or time does */
static void any_time(struct dice *d)
{
	struct tcpx_test *t = d->t;
	u64 next = tcpx_deadline_next(&t->tcb);
	int i;

	t->a.todo = 0;
	t->a.nr = 0;
	if (next == TCPX_NEVER || roll(d, 2)) {
		t->now += roll(d, 30) * MSEC;
		return;
	}
	t->now = max(t->now, next);
	for (i = 0; i < TCPX_NR_TIMERS; i++) {
		if (t->tcb.deadline[i] > t->now)
			continue;
		tcpx_timeout(&t->tcb, i, t->now, &t->a);
		if (i == TCPX_T_REXMT && t->a.todo & TCPX_DO_REXMT)
			black_hole(&t->tcb);
		return;
	}
}

static void any_call(struct dice *d)
{
	struct tcpx_test *t = d->t;
	u8 event = roll(d, 8) ? TCPX_EV_SEND : TCPX_EV_RECEIVE + roll(d, 4);
	int err;

	if (event == TCPX_EV_ABORT && roll(d, 4))
		event = TCPX_EV_STATUS;
	err = tcpx_fsm_call(&t->tcb, event, t->now, &t->a);
	if (event == TCPX_EV_SEND && !err && t->tcb.write_seq - t->tcb.snd_una < 60000)
		t->tcb.write_seq += roll(d, 3000);
	if (!roll(d, 8))
		t->tcb.cork = roll(d, 2);
	if (!roll(d, 8))
		t->tcb.nodelay = roll(d, 2);
	if (!roll(d, 50) && tcpx_synchronized(&t->tcb) && t->tcb.fin_queued)
		tcpx_fsm_orphan(&t->tcb, t->now);
}

static void any_conf(struct dice *d)
{
	static const struct tcpx_cong_ops *algorithms[] = {
		&tcpx_cong_reno, &tcpx_cong_cubic, &tcpx_cong_bbr, &tcpx_cong_dctcp,
	};
	struct tcpx_conf *conf = &d->t->conf;

	d->cong = algorithms[roll(d, ARRAY_SIZE(algorithms))];
	conf->mtu_probing = roll(d, 3);
	conf->ecn = roll(d, 3);
	conf->frto = roll(d, 3);
	conf->early_retrans = roll(d, 2) * 3;
	conf->retries1 = 1 + roll(d, 3);
	conf->timestamps = roll(d, 2);
	conf->sack = !!roll(d, 3);
}

/* TCP_REPAIR: whatever a user tells of a connection; but a scale, which edges depend on */
static void open_repaired(struct dice *d)
{
	static const u8 kinds[] = { TCPX_OPT_MSS, TCPX_OPT_SACK_PERM, TCPX_OPT_TS };
	struct tcpx_test *t = d->t;
	struct tcpx_repair_window w;
	u32 i, len;

	tcpx_repair_open(&t->tcb, roll(d, 0xffffffff), roll(d, 0xffffffff), t->now, &t->a);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (roll(d, 2))
			tcpx_repair_option(&t->tcb, kinds[i], i ? 0 : roll(d, 0xffffffff), t->now);
	}
	w = (struct tcpx_repair_window){
		.snd_wl1 = any_seq(d), .snd_wnd = near(d, 0), .max_snd_wnd = near(d, 10000),
		.rcv_wnd = near(d, TEST_RCV_WND), .rcv_wup = near(d, t->tcb.rcv_nxt),
	};
	tcpx_repair_set_window(&t->tcb, &w);
	tcpx_mss_set(&t->tcb, TEST_ADV_MSS);
	for (i = roll(d, 3); i; i--) {
		len = 1 + roll(d, 5000);
		t->tcb.write_seq += len;
		tcpx_test_give_slots(&t->tcb.sb, &t->slots);
		tcpx_repair_sent(&t->tcb, len, t->now);
	}
}

static void open_again(struct dice *d)
{
	struct tcpx_test *t = d->t;

	any_conf(d);
	tcpx_tcb_init(&t->tcb, &t->conf);
	t->tcb.pacing = roll(d, 3);
	tcpx_mss_set(&t->tcb, TEST_ADV_MSS);
	t->tcb.adv_mss = TEST_ADV_MSS;
	t->tcb.rcv_wnd = TEST_RCV_WND;
	t->tcb.keep_on = roll(d, 2);
	t->tcb.user_timeout = roll(d, 2) ? 0 : 60000;
	t->peer_opt.has = TCPX_HAS_MSS | (roll(d, 2) ? TCPX_HAS_TS : 0) |
			  (roll(d, 3) ? TCPX_HAS_SACK_PERM : 0);
	d->promised = false;
	if (!roll(d, 4))
		open_repaired(d);
	else if (roll(d, 2))
		tcpx_syn_open(&t->tcb, roll(d, 0xffffffff), &t->a);
	else
		tcpx_fsm_call(&t->tcb, TCPX_EV_OPEN_PASSIVE, t->now, &t->a);
}

static void send_all(struct dice *d)
{
	struct tcpx_test *t = d->t;
	struct tcpx_send s;

	while (tcpx_wnd_next(&t->tcb, t->now, &s)) {
		tcpx_pace_sent(&t->tcb, s.len + 40, t->now);
		tcpx_test_sent(t, s.seq, s.len + s.fin, ACK | (s.fin ? TCPX_FIN : 0));
	}
}

/* What a shell does */
static void obey(struct dice *d)
{
	struct tcpx_test *t = d->t;
	struct tcpx_tcb *tcb = &t->tcb;
	struct tcpx_send s;
	u32 left;

	if (tcb->state == TCPX_CLOSED || tcb->state == TCPX_LISTEN)
		return;
	if (t->a.todo & TCPX_DO_CONNECTED)
		tcpx_cong_init(tcb, d->cong, t->now);
	if (t->a.todo & TCPX_DO_SYN)
		tcpx_test_sent(t, tcb->iss, 1, SYN);
	if (t->a.todo & TCPX_DO_SYNACK)
		tcpx_test_sent(t, tcb->iss, 1, SYN_ACK);
	if (t->a.todo & TCPX_DO_REXMT && tcpx_wnd_first(tcb, &s))
		tcpx_test_sent(t, s.seq, s.len + s.fin, ACK | (s.fin ? TCPX_FIN : 0));
	/* TIME-WAIT has no socket any more that could send */
	if (tcb->cong.ops && tcb->state != TCPX_TIME_WAIT)
		send_all(d);
	if (roll(d, 2))
		tcb->copied_seq = tcb->rcv_nxt;
	left = TEST_RCV_WND - (tcb->rcv_nxt - tcb->copied_seq);
	tcpx_wnd_select(tcb, left, left, TEST_RCV_WND);
	/* Or it has no memory for that */
	if (t->a.todo & (TCPX_DO_ACK | TCPX_DO_CHALLENGE) && roll(d, 16))
		tcpx_test_sent(t, tcb->snd_nxt, 0, ACK);
}

/* RFC 9293, 3.3.2, figure 5, and the ways to CLOSED that it leaves out */
static bool legal(u8 from, u8 to)
{
	static const u16 next[TCPX_NR_STATES] = {
		[TCPX_CLOSED] = 1 << TCPX_LISTEN | 1 << TCPX_SYN_SENT | 1 << TCPX_ESTABLISHED,
		[TCPX_LISTEN] = 1 << TCPX_SYN_RECEIVED | 1 << TCPX_SYN_SENT,
		[TCPX_SYN_SENT] = 1 << TCPX_SYN_RECEIVED | 1 << TCPX_ESTABLISHED,
		[TCPX_SYN_RECEIVED] = 1 << TCPX_ESTABLISHED | 1 << TCPX_FIN_WAIT_1 |
				      1 << TCPX_LISTEN,
		[TCPX_ESTABLISHED] = 1 << TCPX_FIN_WAIT_1 | 1 << TCPX_CLOSE_WAIT,
		[TCPX_FIN_WAIT_1] = 1 << TCPX_FIN_WAIT_2 | 1 << TCPX_CLOSING,
		[TCPX_FIN_WAIT_2] = 1 << TCPX_TIME_WAIT,
		[TCPX_CLOSE_WAIT] = 1 << TCPX_LAST_ACK,
		[TCPX_CLOSING] = 1 << TCPX_TIME_WAIT,
	};

	return to == TCPX_CLOSED ? from != TCPX_CLOSED : next[from] & 1 << to;
}

/* The changes of state are a path of the diagram, and lead to where we are */
static void check_path(struct kunit *test, u8 state)
{
	struct tcpx_test *t = test->priv;
	int i;

	KUNIT_ASSERT_LE(test, t->a.nr, TCPX_MAX_TRANSITIONS);
	for (i = 0; i < t->a.nr; i++) {
		KUNIT_ASSERT_EQ(test, t->a.trans[i].from, state);
		state = t->a.trans[i].to;
		KUNIT_ASSERT_TRUE_MSG(test, legal(t->a.trans[i].from, state), "%s -> %s",
				      tcpx_state_name(t->a.trans[i].from), tcpx_state_name(state));
	}
	KUNIT_ASSERT_STREQ(test, tcpx_state_name(t->tcb.state), tcpx_state_name(state));
}

/* SND.UNA =< SND.NXT =< all that there is; what is sent again lies between */
static void check_send(struct kunit *test)
{
	const struct tcpx_tcb *tcb = &((struct tcpx_test *)test->priv)->tcb;
	u32 all = tcb->write_seq + tcb->fin_queued - tcb->snd_una;
	const char *fault = tcpx_test_sb_fault(tcb);

	KUNIT_ASSERT_TRUE_MSG(test, !fault, "%s", fault);
	KUNIT_ASSERT_LE(test, tcb->snd_nxt - tcb->snd_una, all);
	KUNIT_ASSERT_LT(test, all, 1 << 20);
	if (!tcb->cong.ops)
		return;
	KUNIT_ASSERT_GT(test, tcb->cong.cwnd, 0);
	if (tcb->rec.state != TCPX_REC_OPEN)
		KUNIT_ASSERT_LE(test, tcb->rec.recover - tcb->snd_una, all);
}

/* Nothing waits for ever: what is out is timed, what waits is woken */
static void check_liveness(struct kunit *test)
{
	const struct tcpx_tcb *tcb = &((struct tcpx_test *)test->priv)->tcb;
	bool waiting = tcpx_after(tcb->write_seq, tcb->snd_nxt) ||
		       (tcb->fin_queued && !tcpx_fin_sent(tcb));

	if (tcb->snd_una != tcb->snd_nxt)
		KUNIT_ASSERT_NE(test, tcb->deadline[TCPX_T_REXMT], TCPX_NEVER);
	else if (waiting && tcb->syn_acked)
		KUNIT_ASSERT_NE(test, min(tcb->deadline[TCPX_T_PERSIST],
					  tcb->deadline[TCPX_T_PACE]), TCPX_NEVER);
}

/* SHLD-14: what was promised stays promised */
static void check_receive(struct kunit *test, struct dice *d)
{
	const struct tcpx_tcb *tcb = &d->t->tcb;
	u32 edge = tcb->rcv_nxt + tcb->rcv_wnd;

	/* A FIN may stand at the edge of a shut window */
	if (d->promised)
		KUNIT_ASSERT_FALSE(test, tcpx_before(edge, d->edge));
	KUNIT_ASSERT_LE(test, tcb->rcv_wnd, 65535);
	d->edge = edge;
	d->promised = true;
}

static void check_state(struct kunit *test, struct dice *d)
{
	struct tcpx_test *t = test->priv;

	switch (t->tcb.state) {
	case TCPX_CLOSED:
	case TCPX_LISTEN:
		KUNIT_ASSERT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
		return;
	case TCPX_TIME_WAIT:
		KUNIT_ASSERT_EQ(test, tcpx_deadline_next(&t->tcb),
				t->tcb.deadline[TCPX_T_2MSL]);
		KUNIT_ASSERT_NE(test, t->tcb.deadline[TCPX_T_2MSL], TCPX_NEVER);
		return;
	case TCPX_SYN_SENT:
		check_liveness(test);
		return;
	}
	check_send(test);
	check_liveness(test);
	check_receive(test, d);
}

static const u32 seeds[] = { 1, 22, 333, 4444, 55555, 666666, 7777777, 88888888 };

static void seed_desc(const u32 *seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %u", *seed);
}

KUNIT_ARRAY_PARAM(seed, seeds, seed_desc);

/* Return: the states that it went through, a bit each */
static u32 any_events_of(struct kunit *test, u32 seed)
{
	struct dice d = { .t = test->priv, .state = seed };
	u32 seen = 0;
	int i;

	d.twin = kunit_kzalloc(test, sizeof(*d.twin), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, d.twin);

	for (i = 0; i < ROUNDS; i++) {
		u8 state = d.t->tcb.state;

		if (state == TCPX_CLOSED)
			open_again(&d);
		else if (roll(&d, 3))
			arrive(&d);
		else if (roll(&d, 2))
			any_call(&d);
		else if (!roll(&d, 20))
			any_mtu(&d);
		else
			any_time(&d);
		KUNIT_ASSERT_TRUE_MSG(test, !d.fault, "%s", d.fault);
		check_path(test, state);
		if (d.t->tcb.state == TCPX_LISTEN || d.t->tcb.state == TCPX_CLOSED)
			d.promised = false;
		obey(&d);
		check_state(test, &d);
		seen |= 1 << d.t->tcb.state;
	}
	KUNIT_EXPECT_GT(test, d.predicted, 100);
	return seen;
}

static void any_events(struct kunit *test)
{
	u32 seen = any_events_of(test, *(const u32 *)test->param_value);

	/* It went everywhere */
	KUNIT_EXPECT_EQ(test, seen, (1 << TCPX_NR_STATES) - 2);
}

static void more_seeds(struct kunit *test)
{
	u32 i;

	for (i = 0; i < TEST_SEEDS; i++) {
		KUNIT_ASSERT_EQ(test, tcpx_test_init(test), 0);
		any_events_of(test, TEST_SEED(TEST_FIRST_SEED + i));
	}
}

static struct kunit_case property_cases[] = {
	KUNIT_CASE_PARAM(any_events, seed_gen_params),
	KUNIT_CASE(more_seeds),
	{}
};

static struct kunit_suite property_suite = {
	.name = "tcpx_property",
	.init = tcpx_test_init,
	.test_cases = property_cases,
};

kunit_test_suite(property_suite);
