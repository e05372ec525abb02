// SPDX-License-Identifier: GPL-2.0
/*
 * After a time-out: all is taken for lost and goes again in slow start, RFC
 * 5681 and 8985; whether it was spurious, RFC 5682; how long until the next
 * one, RFC 7765 and 6298.
 */
#include <linux/kernel.h>

#include "../core/timeout.h"
#include "../core/window.h"
#include "flight.h"

/* RFC 5681, 3.1: the loss window is one segment */
static void timeout(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0);
	KUNIT_EXPECT_FALSE(test, t->tcb.rtt_timing);
	/* Whether or not it can be sent now, it is timed: RFC 6298, (5.6) */
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT], t->now + 2 * t->tcb.rtt.rto);
}

/* RFC 5681, 3.1: "the value of ssthresh is held constant" */
static void timeout_again(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

/* All is taken for lost: a duplicate says nothing of it any more */
static void timeout_in_fast_recovery(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	dupacks(t, 3);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	dupacks(t, 3);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.dupacks, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	sound(test);
}

/* After a time-out: in slow start, from SND.UNA on, up to what was out */
static void go_back_n(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	KUNIT_EXPECT_TRUE(test, t->tcb.cwnd_limited);
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 2 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una + SMSS);
	KUNIT_EXPECT_EQ(test, t->send.len, SMSS);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 2);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_nxt, una + 6 * SMSS);
}

/* What turns out to have arrived is not sent again */
static void go_back_n_skips_what_arrived(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	ack(t, 4 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una + 4 * SMSS);
}

static void go_back_n_ends(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	ack(t, 6 * SMSS - 1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	ack(t, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* What is new follows what was lost */
static void go_back_n_and_new_data(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 2);
	u32 una = t->tcb.snd_una;

	tcpx_test_expire(t, TCPX_T_REXMT);
	tcpx_test_write(t, 2 * SMSS);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 4);
	KUNIT_EXPECT_EQ(test, t->send.seq, una + 3 * SMSS);
	KUNIT_EXPECT_FALSE(test, t->send.rexmt);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 4 * SMSS);
}

/* What was sent together goes again together, and no more with it */
static void go_back_n_stops_at_the_end(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);
	u32 una = t->tcb.snd_una;

	tcpx_test_write(t, 500);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	tcpx_test_write(t, 2000);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, una + SMSS);
	KUNIT_EXPECT_EQ(test, t->send.len, 500);
	KUNIT_EXPECT_FALSE(test, t->send.psh);
}

/* The end of the payload is pushed, and the FIN behind it goes again too */
static void go_back_n_sends_the_fin(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);

	tcpx_test_write(t, 300);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	tcpx_test_expire(t, TCPX_T_REXMT);
	t->tcb.cong.cwnd = 10 * SMSS;
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, SMSS);
	KUNIT_EXPECT_FALSE(test, t->send.fin || t->send.psh);
	tcpx_test_sent(t, t->send.seq, SMSS, ACK);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, 300);
	KUNIT_EXPECT_TRUE(test, t->send.fin && t->send.psh);
	tcpx_test_sent(t, t->send.seq, 301, FIN_ACK);
	KUNIT_EXPECT_FALSE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
}

static void go_back_n_sends_the_fin_alone(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 1);

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_REXMT);
	ack(t, SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.len, 0);
	KUNIT_EXPECT_TRUE(test, t->send.fin);
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
}

/* SHLD-16: "within the window" */
static void go_back_n_and_a_small_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 6);

	tcpx_test_expire(t, TCPX_T_REXMT);
	t->tcb.cong.cwnd = 10 * SMSS;
	t->tcb.snd_wnd = 2 * SMSS - 1;
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	t->tcb.snd_wnd = 3 * SMSS;
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 2);
}

/* RFC 2018, 8: what is SACKed is not sent again ... */
static void go_back_n_and_sack(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 8);

	SACK(t, 0, { 1, 2 }, { 3, 5 });
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 5);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	sound(test);
	sent_again(t);
	t->now += RTT;
	SACK(t, 2, { 3, 5 });
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 2));
	sent_again(t);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 5));
}

/* ... unless the peer has thrown it away: its own first hole is SACKed */
static void reneging(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 8);

	SACK(t, 0, { 1, 6 });
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_ASSERT_TRUE(test, is(t, 1, TCPX_TX_SACKED));
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 7);
	sound(test);
}

/* RFC 8985, 6.3: lost are the first, and those that RACK would take for lost */
static void timeout_and_what_was_just_sent(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 6);

	t->now = ARRIVES(1);
	tcpx_test_sack(t, 2, 0, NULL);
	/* Just before the time-out two more are sent */
	t->now = t->tcb.deadline[TCPX_T_REXMT] - 3 * MSEC;
	tcpx_test_fly_more(test, 2);
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 4);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.flying.nr, 2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
	sound(test);
	/* The first is, however young */
	sent_again(t);
	tcpx_timeout(&t->tcb, TCPX_T_REXMT, t->now + MSEC, &t->a);
	KUNIT_EXPECT_TRUE(test, is(t, 2, TCPX_TX_LOST | TCPX_TX_REXMT));
	KUNIT_EXPECT_EQ(test, t->tcb.sb.flying.nr, 2);
}

/**
 * struct restart_case - RFC 7765: the time-out after an ACK
 * @name: the rule
 * @out: segments that are out then
 * @unsent: bytes that wait
 * @restarted: it runs from when the first of them was sent
 */
struct restart_case {
	const char *name;
	int out;
	u32 unsent;
	bool restarted;
};

static const struct restart_case restarts[] = {
	{ "one out", 1, 0, true },
	{ "three out", 3, 0, true },
	{ "four out: fast retransmit may find it", 4, 0, false },
	{ "three out, and more to send", 3, 1, false },
};

static void restart_desc(const struct restart_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 7765, 4: %s", c->name);
}

KUNIT_ARRAY_PARAM(restart, restarts, restart_desc);

static void restart_case(struct kunit *test)
{
	const struct restart_case *c = test->param_value;
	struct tcpx_test *t = tcpx_test_fly(test, c->out + 1);
	u64 rto;

	t->tcb.write_seq += c->unsent;
	t->now = ARRIVES(0);
	tcpx_test_sack(t, 1, 0, NULL);
	rto = t->tcb.rtt.rto;
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_REXMT],
			(c->restarted ? SENT(1) : t->now) + rto);
}

/* RFC 5682, 2.1 and 3.1: two new segments, and the old go on arriving */
static void frto_spurious(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	/* Step 2b: the first ACK after the time-out is for the original */
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	sends(test, "NN");
	/* Step 3b */
	tcpx_test_sack(t, 2, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 10 * SMSS);
	sound(test);
}

/* The time-out is undone, and not the recovery that it fell into */
static void frto_spurious_in_recovery(struct kunit *test)
{
	struct tcpx_test *t = tcpx_test_fly(test, 10);

	tcpx_test_write(t, 10 * SMSS);
	t->now = ARRIVES(3);
	SACK(t, 0, { 1, 4 });
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_FAST);
	sends(test, "R");
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	tcpx_test_sack(t, 4, 0, NULL);
	sends(test, "NN");
	tcpx_test_sack(t, 5, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 10 * SMSS);
	KUNIT_EXPECT_GE(test, t->tcb.cong.cwnd, 5 * SMSS);
}

/* ... without SACK as well */
static void frto_spurious_without_sack(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 10 * SMSS);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	ack(t, SMSS);
	sends(test, "NN");
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* Step 3b of 3.1: a SACK of what was not sent again does it too */
static void frto_spurious_by_sack(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "NN");
	SACK(t, 1, { 2, 3 });
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
}

/* Step 3a: only what is new arrives: the old was lost indeed */
static void frto_genuine(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	t->now += RTT;
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "NN");
	t->now += RTT;
	SACK(t, 1, { 10, 11 });
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	KUNIT_EXPECT_LE(test, t->tcb.cong.cwnd, 3 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 5 * SMSS);
	KUNIT_ASSERT_TRUE(test, tcpx_wnd_next(&t->tcb, t->now, &t->send));
	KUNIT_EXPECT_EQ(test, t->send.seq, tcpx_test_seq(t, 1));
	KUNIT_EXPECT_TRUE(test, t->send.rexmt);
}

/* Step 2a of 2.1: a duplicate comes first */
static void frto_duplicate_first(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 10);

	tcpx_test_write(t, 10 * SMSS);
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	dupacks(t, 1);
	sends(test, "");
	ack(t, SMSS);
	sends(test, "RR");
	ack(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
}

/* Step 2 of 3.1: with SACK it is taken note of, "Stay in step 2" */
static void frto_duplicate_first_with_sack(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	SACK(t, 0, { 2, 3 });
	sends(test, "");
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "NN");
	SACK(t, 1, { 2, 4 });
	KUNIT_EXPECT_EQ(test, t->a.notes, TCPX_NOTE_FRTO);
}

/* Step 2a: all that was out is acknowledged: whether it was right can't be told */
static void frto_all_acknowledged(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	tcpx_test_sack(t, 10, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.state, TCPX_REC_OPEN);
	/* ... and what slow start left over has begun another segment */
	KUNIT_EXPECT_LT(test, t->tcb.cong.cwnd, t->tcb.cong.ssthresh + SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.rec.frto, 0);
}

/**
 * struct frto_case - step 2b asks for what can't be had
 * @name: why
 * @new: bytes that wait to be sent
 * @wnd: the peer's window
 */
struct frto_case {
	const char *name;
	u32 new;
	u16 wnd;
};

static const struct frto_case frtos[] = {
	{ "nothing new", 0, 65000 },
	{ "new data that Nagle holds back", 10, 65000 },
	{ "the window is full", 10 * SMSS, 9 * SMSS },
	{ "the window takes a part of a segment", 10 * SMSS, 9 * SMSS + 10 },
};

static void frto_desc(const struct frto_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5682, 2.1, step 2b: %s", c->name);
}

KUNIT_ARRAY_PARAM(frto, frtos, frto_desc);

/* Then what was lost goes out again at once */
static void frto_case(struct kunit *test)
{
	const struct frto_case *c = test->param_value;
	struct tcpx_test *t = timed_out(test, 10, c->new);

	t->tcb.cork = true;
	t->wnd = c->wnd;
	t->now += RTT;
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "RR");
}

/* Step 1: not where a time-out is being recovered from already */
static void frto_not_twice(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 10, 10 * SMSS);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	tcpx_test_sack(t, 1, 0, NULL);
	sends(test, "RR");
	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	tcpx_test_sack(t, 2, 0, NULL);
	sends(test, "RR");
}

/* MUST-18: what was sent once and is SACKed measures the path after a time-out */
static void sack_ends_the_backoff(struct kunit *test)
{
	struct tcpx_test *t = timed_out(test, 4, 0);

	tcpx_test_expire(t, TCPX_T_REXMT);
	sent_again(t);
	KUNIT_ASSERT_EQ(test, t->tcb.backoff, 2);
	t->now += RTT;
	/* Which copy of it arrived can't be told */
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.backoff, 2);
	t->tcb.cong.cwnd = 10 * SMSS;
	sends(test, "RRR");
	tcpx_test_fly_more(test, 2);
	/* The next one is lost again: what overtakes it measures nothing either */
	t->now += RTT - MSEC;
	SACK(t, 1, { 2, 5 });
	KUNIT_EXPECT_EQ(test, t->tcb.backoff, 2);
	KUNIT_ASSERT_TRUE(test, is(t, 1, TCPX_TX_LOST | TCPX_TX_REXMT));
	t->now += MSEC;
	SACK(t, 1, { 2, 6 });
	KUNIT_EXPECT_EQ(test, t->tcb.backoff, 0);
	KUNIT_EXPECT_LE(test, t->tcb.deadline[TCPX_T_REXMT], t->now + t->tcb.rtt.rto);
}

/*
 * The original had arrived, the ACKs were lost: the echo of the original
 * measures how long that went on.
 */
static void echo_from_before_the_backoff(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	u64 rto;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	timed_out(test, 1, 0);
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, SENT(0));
	rto = t->tcb.rtt.rto;
	while (t->tcb.backoff < 6) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		sent_again(t);
	}
	t->now += RTT;
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_LE(test, t->tcb.rtt.rto, rto);
}

/* A clock of a millisecond does not make the path shorter than it is */
static void echo_is_coarse(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has |= TCPX_HAS_TS;
	t->peer_opt.mss = SMSS + 12;
	t->peer_opt.tsval = 1;
	timed_out(test, 1, 0);
	KUNIT_ASSERT_EQ(test, t->tcb.rtt.min_rtt, RTT);
	t->now += RTT;
	t->peer_opt.tsecr = tcpx_tsval(&t->tcb, t->now);
	tcpx_test_sack(t, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.min_rtt, RTT);
	KUNIT_EXPECT_EQ(test, t->tcb.rtt.last, RTT);
}

static struct kunit_case timeout_cases[] = {
	KUNIT_CASE(timeout),
	KUNIT_CASE(timeout_again),
	KUNIT_CASE(timeout_in_fast_recovery),
	KUNIT_CASE(go_back_n),
	KUNIT_CASE(go_back_n_skips_what_arrived),
	KUNIT_CASE(go_back_n_ends),
	KUNIT_CASE(go_back_n_and_new_data),
	KUNIT_CASE(go_back_n_stops_at_the_end),
	KUNIT_CASE(go_back_n_sends_the_fin),
	KUNIT_CASE(go_back_n_sends_the_fin_alone),
	KUNIT_CASE(go_back_n_and_a_small_window),
	KUNIT_CASE(go_back_n_and_sack),
	KUNIT_CASE(reneging),
	KUNIT_CASE(timeout_and_what_was_just_sent),
	KUNIT_CASE_PARAM(restart_case, restart_gen_params),
	KUNIT_CASE(frto_spurious),
	KUNIT_CASE(frto_spurious_in_recovery),
	KUNIT_CASE(frto_spurious_without_sack),
	KUNIT_CASE(frto_spurious_by_sack),
	KUNIT_CASE(frto_genuine),
	KUNIT_CASE(frto_duplicate_first),
	KUNIT_CASE(frto_duplicate_first_with_sack),
	KUNIT_CASE(frto_all_acknowledged),
	KUNIT_CASE_PARAM(frto_case, frto_gen_params),
	KUNIT_CASE(frto_not_twice),
	KUNIT_CASE(sack_ends_the_backoff),
	KUNIT_CASE(echo_from_before_the_backoff),
	KUNIT_CASE(echo_is_coarse),
	{}
};

static struct kunit_suite timeout_suite = {
	.name = "tcpx_timeout",
	.init = tcpx_test_init,
	.test_cases = timeout_cases,
};

kunit_test_suite(timeout_suite);
