// SPDX-License-Identifier: GPL-2.0
/*
 * How much may fly, what all algorithms share, and Reno: RFC 5681, RFC 6928,
 * the byte counting of RFC 3465, idle times of RFC 2861 and RFC 7661.
 */
#include <linux/kernel.h>

#include "../core/rate.h"
#include "fixture.h"

#define SMSS	TEST_MSS

/* ESTABLISHED, nothing in flight */
static struct tcpx_test *enter(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	return t;
}

/* A sample of @bytes delivered of @flight that was limited by cwnd or not */
static struct tcpx_rate_sample sample(struct tcpx_test *t, u32 bytes, u32 flight, bool limited)
{
	t->tcb.delivered += bytes;
	return (struct tcpx_rate_sample){
		.acked = bytes, .delivered = bytes, .in_flight = flight, .limited = limited,
	};
}

static void acked(struct tcpx_test *t, u32 bytes, u32 flight, bool limited)
{
	struct tcpx_rate_sample rs = sample(t, bytes, flight, limited);

	tcpx_cong_acked(&t->tcb, &rs, t->now);
}

/* ... where cwnd was the limit */
static void grow_by(struct tcpx_test *t, u32 bytes)
{
	acked(t, bytes, t->tcb.cong.cwnd, true);
}

/**
 * struct iw_case - RFC 6928, 2: the initial window
 * @smss: bytes
 * @iw: bytes
 */
struct iw_case {
	u32 smss;
	u32 iw;
};

static const struct iw_case iws[] = {
	{ 88, 880 }, { 536, 5360 }, { 1000, 10000 }, { 1459, 14590 }, { 1460, 14600 },
	{ 1461, 14600 }, { 7300, 14600 }, { 7301, 14602 }, { 9000, 18000 }, { 65483, 130966 },
};

static void iw_desc(const struct iw_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 6928, 2: SMSS %u", c->smss);
}

KUNIT_ARRAY_PARAM(iw, iws, iw_desc);

static void iw_case(struct kunit *test)
{
	const struct iw_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, tcpx_cong_initial_window(c->smss), c->iw);
	t->tcb.snd_mss = c->smss;
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, c->iw);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
}

static const unsigned int lost_syns[] = { 0, 1, 2, 7 };

static void lost_desc(const unsigned int *lost, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 6928, 2: the SYN went again %u times", *lost);
}

KUNIT_ARRAY_PARAM(lost, lost_syns, lost_desc);

/* "more than one SYN or SYN/ACK retransmissions": one segment */
static void lost_syn_case(struct kunit *test)
{
	const unsigned int *lost = test->param_value;
	struct tcpx_test *t = test->priv;
	unsigned int n;

	tcpx_test_enter(test, TCPX_SYN_SENT);
	for (n = 0; n < *lost; n++) {
		tcpx_test_expire(t, TCPX_T_REXMT);
		tcpx_test_sent(t, TEST_ISS, 1, SYN);
	}
	tcpx_test_arrive(t, SYN_ACK, TEST_IRS, TEST_ISS + 1, 0);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd,
			*lost > 1 ? SMSS : tcpx_cong_initial_window(SMSS));
}

/**
 * struct grow_case - RFC 5681, 3.1: an ACK of new data
 * @name: the rule
 * @cwnd: before, in segments
 * @ssthresh: in segments
 * @state: enum tcpx_recovery_state
 * @sack: RFC 2018 negotiated
 * @bytes: acknowledged
 * @want: cwnd afterwards, bytes
 */
struct grow_case {
	const char *name;
	u32 cwnd, ssthresh;
	u8 state;
	bool sack;
	u32 bytes;
	u32 want;
};

#define OPEN	TCPX_REC_OPEN
#define LOSS	TCPX_REC_LOSS

static const struct grow_case grows[] = {
	{ "slow start, one segment", 4, 64, OPEN, false, 1000, 5000 },
	{ "slow start, half a segment", 4, 64, OPEN, false, 500, 4500 },
	{ "slow start, one byte", 4, 64, OPEN, false, 1, 4001 },
	{ "slow start, a delayed ACK of two", 4, 64, OPEN, false, 2000, 6000 },
	{ "slow start, four", 4, 64, OPEN, false, 4000, 8000 },
	{ "slow start, RFC 9406, 4.3: at most eight", 10, 64, OPEN, false, 9000, 18000 },
	{ "slow start after a time-out, one", 4, 64, LOSS, false, 1000, 5000 },
	{ "after a time-out, RFC 3465, 2.3: at most one", 4, 64, LOSS, false, 3000, 5000 },
	{ "after a time-out, SACK tells what came now", 4, 64, LOSS, true, 3000, 7000 },
	{ "the last of slow start", 4, 5, OPEN, false, 1000, 5000 },
	{ "slow start ends at ssthresh", 4, 5, OPEN, false, 3000, 5400 },
	{ "the first of congestion avoidance", 4, 4, OPEN, false, 1000, 4250 },
	{ "congestion avoidance, a byte less than cwnd", 4, 2, OPEN, false, 3999, 4999 },
	{ "congestion avoidance, all of cwnd", 4, 2, OPEN, false, 4000, 5000 },
	{ "congestion avoidance, more than cwnd", 4, 2, OPEN, false, 7000, 5000 },
};

static void grow_desc(const struct grow_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5681, 3.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(grow, grows, grow_desc);

static void grow_case(struct kunit *test)
{
	const struct grow_case *c = test->param_value;
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = c->cwnd * SMSS;
	t->tcb.cong.ssthresh = c->ssthresh * SMSS;
	t->tcb.rec.state = c->state;
	t->tcb.sack_ok = c->sack;
	grow_by(t, c->bytes);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, c->want);
}

/* RFC 9406, 4.3: where pacing spreads what is sent, L is infinite */
static void paced_slow_start(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.pacing = TCPX_PACE_TIMER;
	grow_by(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 20 * SMSS);
}

/* What leaves in one piece is acknowledged as one */
static void slow_start_in_pieces(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.burst = 9 * SMSS;
	grow_by(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 19 * SMSS);
}

/* The ACK that fills a hole stands for all that SACK blocks told before it */
static void slow_start_of_a_path_that_reorders(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.rec.rack.reordering = true;
	grow_by(t, 10 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 20 * SMSS);
}

/* Equation (3) by bytes: one segment a round trip, nothing is lost between */
static void one_segment_a_round_trip(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int i;

	t->tcb.cong.ssthresh = 2 * SMSS;
	t->tcb.cong.cwnd = 4 * SMSS;
	for (i = 0; i < 4; i++)
		grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 5 * SMSS);
	for (i = 0; i < 4; i++)
		grow_by(t, SMSS);
	KUNIT_EXPECT_LT(test, t->tcb.cong.cwnd, 6 * SMSS);
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 6 * SMSS);
}

/* What a window has beyond whole segments is the beginning of the next one */
static void growth_from_a_part_of_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int i;

	t->tcb.cong.ssthresh = 2 * SMSS;
	t->tcb.cong.cwnd = 6 * SMSS + SMSS / 2;
	for (i = 0; i < 3; i++)
		grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 7 * SMSS);
}

/* No byte is lost to rounding: 7 does not divide 1000 */
static void growth_of_single_bytes(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int i;

	t->tcb.cong.ssthresh = 2 * SMSS;
	t->tcb.cong.cwnd = 7 * SMSS;
	for (i = 0; i < 700; i++)
		grow_by(t, 10);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 8 * SMSS);
}

/* RFC 3042, 2: duplicates do not change cwnd; what they deliver counts later */
static void duplicates_count_later(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	struct tcpx_cong *ca = &t->tcb.cong;
	struct tcpx_rate_sample rs;

	rs = sample(t, 2 * SMSS, 10 * SMSS, true);
	rs.acked = 0;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 10 * SMSS);
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 15 * SMSS);
	/* ... unless it was a loss that they told of */
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	tcpx_cong_reduce(&t->tcb, 10 * SMSS, t->now);
	ca->cwnd = 2 * SMSS;
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 3 * SMSS);
	/* after a time-out only what comes now does */
	t->tcb.rec.state = TCPX_REC_LOSS;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 4 * SMSS);
}

/* RFC 5681, 3.1, equation (4) */
static void reno_ssthresh(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 20 * SMSS;
	t->tcb.cong.acked = 7;
	tcpx_cong_reduce(&t->tcb, 18 * SMSS, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 9 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.prior_cwnd, 20 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.prior_ssthresh, TCPX_SSTHRESH_INF);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.acked, 0);
	tcpx_cong_reduce(&t->tcb, 3 * SMSS, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 2 * SMSS);
}

/* RFC 4015, 3.2 */
static void reno_undo(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 20 * SMSS;
	tcpx_cong_reduce(&t->tcb, 20 * SMSS, t->now);
	t->tcb.cong.cwnd = SMSS;
	tcpx_cong_undo(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 20 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, TCPX_SSTHRESH_INF);
	/* It never takes away what has grown since */
	tcpx_cong_reduce(&t->tcb, 20 * SMSS, t->now);
	t->tcb.cong.cwnd = 30 * SMSS;
	tcpx_cong_undo(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 30 * SMSS);
}

/* RFC 7661, 4.3: a window that is not used does not grow */
static void unused_window_does_not_grow(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 10 * SMSS;
	acked(t, SMSS, 5 * SMSS, false);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
	/* In slow start more than half of it is what the round trip before allowed */
	acked(t, SMSS, 5 * SMSS + 1, false);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 11 * SMSS);
	t->tcb.cong.ssthresh = 5 * SMSS;
	acked(t, 10 * SMSS, 10 * SMSS, false);
	acked(t, 10 * SMSS, 10 * SMSS, false);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 11 * SMSS);
}

/* ... and one that was used in full does, with each ACK, though nothing followed */
static void flight_that_nothing_follows(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	int i;

	t->tcb.cong.cwnd = 10 * SMSS;
	for (i = 0; i < 5; i++)
		acked(t, 2 * SMSS, (10 - 2 * i) * SMSS, false);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 20 * SMSS);
}

/* ... and what cwnd has limited counts until it is delivered, pacing or not */
static void limited_for_a_window(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 10 * SMSS;
	t->tcb.cong.ssthresh = 5 * SMSS;
	acked(t, SMSS, 10 * SMSS, true);
	acked(t, 8 * SMSS, 10 * SMSS, false);
	acked(t, SMSS, 10 * SMSS, false);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 11 * SMSS);
	acked(t, 11 * SMSS, 10 * SMSS, false);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 11 * SMSS);
}

/* A round trip of @bytes, and @ms later the next one begins */
static void round_trip(struct tcpx_test *t, u32 bytes, u32 ms)
{
	u64 before = t->tcb.delivered;
	struct tcpx_rate_sample rs = sample(t, bytes, bytes, false);

	rs.prior_delivered = before;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	t->now += ms * MSEC;
}

/* RFC 7661, 4.2: pipeACK is the most of a round trip in the last seconds */
static void pipe_ack(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	struct tcpx_cong *ca = &t->tcb.cong;

	t->tcb.cong.ssthresh = 5 * SMSS;
	ca->cwnd = 100 * SMSS;
	round_trip(t, 20 * SMSS, 100);
	round_trip(t, 30 * SMSS, 100);
	round_trip(t, 10 * SMSS, 100);
	KUNIT_EXPECT_TRUE(test, ca->round_start);
	KUNIT_EXPECT_EQ(test, tcpx_cong_in_use(&t->tcb, 5 * SMSS), 30 * SMSS);
	KUNIT_EXPECT_EQ(test, tcpx_cong_in_use(&t->tcb, 40 * SMSS), 40 * SMSS);
	/* half of it was in use: the whole window is proven */
	KUNIT_EXPECT_EQ(test, tcpx_cong_in_use(&t->tcb, 50 * SMSS), 100 * SMSS);
	/* a sampling period later it still counts, two later it does not */
	t->now += 1000 * MSEC;
	round_trip(t, SMSS, 100);
	KUNIT_EXPECT_EQ(test, tcpx_cong_in_use(&t->tcb, SMSS), 30 * SMSS);
	t->now += 1000 * MSEC;
	round_trip(t, SMSS, 100);
	KUNIT_EXPECT_EQ(test, tcpx_cong_in_use(&t->tcb, SMSS), SMSS);
	t->now += 2000 * MSEC;
	round_trip(t, 2 * SMSS, 100);
	KUNIT_EXPECT_EQ(test, tcpx_cong_in_use(&t->tcb, SMSS), 2 * SMSS);
}

/* A round trip ends when what was sent after its beginning is delivered */
static void round_trips(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	struct tcpx_rate_sample rs = sample(t, SMSS, 3 * SMSS, true);
	struct tcpx_cong *ca = &t->tcb.cong;

	tcpx_cong_acked(&t->tcb, &rs, t->now);
	KUNIT_EXPECT_TRUE(test, ca->round_start);
	/* these were sent before that */
	grow_by(t, SMSS);
	KUNIT_EXPECT_FALSE(test, ca->round_start);
	grow_by(t, SMSS);
	KUNIT_EXPECT_FALSE(test, ca->round_start);
	rs = sample(t, SMSS, 3 * SMSS, true);
	rs.prior_delivered = SMSS;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	KUNIT_EXPECT_TRUE(test, ca->round_start);
	KUNIT_EXPECT_EQ(test, ca->round_end, 4 * SMSS);
	/* a loss alone ends nothing */
	rs.delivered = 0;
	rs.lost = SMSS;
	rs.prior_delivered = 4 * SMSS;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	KUNIT_EXPECT_FALSE(test, ca->round_start);
}

static void window_does_not_overflow(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = TCPX_SSTHRESH_INF - 1;
	grow_by(t, 2 * SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, TCPX_SSTHRESH_INF);
	t->tcb.cong.acked = TCPX_SSTHRESH_INF;
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, TCPX_SSTHRESH_INF);
}

/* Nor does it fall below a segment */
static void window_of_a_segment(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 10;
	t->tcb.rec.state = TCPX_REC_FAST;
	grow_by(t, 10);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

/* The ACK of a SYN or of a FIN is no data */
static void acks_of_no_data(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, TCPX_FIN_WAIT_1);
	t->tcb.cong.cwnd = SMSS;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_FIN_WAIT_2);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, SMSS);
}

/* Before the connection is established there is no algorithm to tell */
static void no_algorithm_to_tell(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	grow_by(t, SMSS);
	tcpx_cong_event(&t->tcb, TCPX_CONG_LOSS, t->now);
	tcpx_cong_release(&t->tcb);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 0);
}

enum { INIT, RELEASED, SSTHRESH, ACKED, EVENT };

static void count_init(struct tcpx_tcb *tcb, u64 now)
{
	tcb->cong.priv[INIT] = now;
}

static int released;

static void count_release(struct tcpx_tcb *tcb)
{
	released++;
}

static u32 count_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	tcb->cong.priv[SSTHRESH] = now;
	return flight - 1;
}

static void count_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	tcb->cong.priv[ACKED]++;
	tcb->cong.cwnd += rs->lost;
}

static u32 count_undo(struct tcpx_tcb *tcb)
{
	return 77 * SMSS;
}

static void count_event(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now)
{
	tcb->cong.priv[EVENT] |= BIT(ev);
}

static const struct tcpx_cong_ops count = {
	.name = "count",
	.init = count_init,
	.release = count_release,
	.ssthresh = count_ssthresh,
	.acked = count_acked,
	.undo = count_undo,
	.event = count_event,
};

static const struct tcpx_cong_ops model = {
	.name = "model",
	.init = count_init,
	.ssthresh = count_ssthresh,
	.control = count_acked,
};

/* An algorithm is asked and told what its interface says */
static void another_algorithm(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u64 *priv = t->tcb.cong.priv;

	t->tcb.cong.acked = 5;
	tcpx_cong_init(&t->tcb, &count, t->now);
	KUNIT_EXPECT_EQ(test, priv[INIT], t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.acked, 0);
	t->now += 5;
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, priv[ACKED], 1);
	t->tcb.rec.state = TCPX_REC_LOSS;
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, priv[ACKED], 2);
	/* Recovery decides until it is over */
	t->tcb.rec.state = TCPX_REC_FAST;
	grow_by(t, SMSS);
	KUNIT_EXPECT_EQ(test, priv[ACKED], 2);
	tcpx_cong_reduce(&t->tcb, 9 * SMSS, t->now);
	KUNIT_EXPECT_EQ(test, priv[SSTHRESH], t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.ssthresh, 9 * SMSS - 1);
	tcpx_cong_undo(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 77 * SMSS);
	KUNIT_EXPECT_EQ(test, priv[EVENT], BIT(TCPX_CONG_UNDO));
}

/* One that goes by a model is told of all, in all states */
static void algorithm_with_a_model(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	struct tcpx_rate_sample rs = { .lost = SMSS };

	tcpx_cong_init(&t->tcb, &model, t->now);
	t->tcb.rec.state = TCPX_REC_FAST;
	tcpx_cong_acked(&t->tcb, &rs, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.priv[ACKED], 1);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 11 * SMSS);
	tcpx_cong_event(&t->tcb, TCPX_CONG_LOSS, t->now);
}

/* TCP_CONGESTION on a connection: the window stays */
static void change_of_algorithm(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	struct tcpx_cong *ca = &t->tcb.cong;

	tcpx_cong_init(&t->tcb, &count, t->now);
	ca->cwnd = 40 * SMSS;
	ca->ssthresh = 30 * SMSS;
	ca->acked = 99;
	ca->pacing_rate = 1000;
	ca->priv[ACKED] = 5;
	released = 0;
	tcpx_cong_switch(&t->tcb, &model, t->now + 1);
	KUNIT_EXPECT_EQ(test, released, 1);
	KUNIT_EXPECT_EQ(test, ca->cwnd, 40 * SMSS);
	KUNIT_EXPECT_EQ(test, ca->ssthresh, 30 * SMSS);
	KUNIT_EXPECT_EQ(test, ca->acked, 0);
	KUNIT_EXPECT_EQ(test, ca->pacing_rate, TCPX_PACING_NONE);
	KUNIT_EXPECT_EQ(test, ca->priv[INIT], t->now + 1);
	KUNIT_EXPECT_EQ(test, ca->priv[ACKED], 0);
	KUNIT_EXPECT_PTR_EQ(test, ca->ops, &model);
	tcpx_cong_release(&t->tcb);
	KUNIT_EXPECT_EQ(test, released, 1);
}

/**
 * struct idle_case - RFC 2861, 3.1 and RFC 7661, 4.4.3: after an idle time
 * @name: the rule
 * @cwnd: before, in segments
 * @idle: ms since data was sent
 * @off: slow_start_after_idle is off
 * @out: something is outstanding
 * @want: cwnd afterwards, in segments
 * @ssthresh: afterwards, in segments; before it is 20
 */
struct idle_case {
	const char *name;
	u32 cwnd;
	u32 idle;
	bool off, out;
	u32 want;
	u32 ssthresh;
};

static const struct idle_case idles[] = {
	{ "as long as the RTO", 80, 1000, false, false, 80, 20 },
	{ "longer than the RTO", 80, 1001, false, false, 40, 60 },
	{ "twice the RTO", 80, 2000, false, false, 40, 60 },
	{ "longer than twice the RTO", 80, 2001, false, false, 20, 60 },
	{ "three times: never below the restart window", 80, 3001, false, false, 10, 60 },
	{ "for hours", 80, 7200000, false, false, 10, 60 },
	{ "half would be less than the restart window", 15, 1001, false, false, 10, 20 },
	{ "cwnd is smaller than that", 4, 5000, false, false, 4, 20 },
	{ "RFC 7661: kept for five minutes", 80, 300000, true, false, 80, 20 },
	{ "RFC 7661: then halved", 80, 300001, true, false, 40, 60 },
	{ "RFC 7661: but not below the initial window", 15, 300001, true, false, 10, 20 },
	{ "something is outstanding", 80, 5000, false, true, 80, 20 },
};

static void idle_desc(const struct idle_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 2861, 3.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(idle, idles, idle_desc);

static void idle_case(struct kunit *test)
{
	const struct idle_case *c = test->param_value;
	struct tcpx_test *t = enter(test);
	struct tcpx_cong *ca = &t->tcb.cong;
	int i;

	tcpx_rtt_init(&t->tcb.rtt);
	t->conf.slow_start_after_idle = !c->off;
	t->tcb.last_snd = t->now;
	t->tcb.snd_nxt += c->out ? SMSS : 0;
	ca->cwnd = c->cwnd * SMSS;
	ca->ssthresh = 20 * SMSS;
	/* Again, before something was sent: nothing more */
	for (i = 0; i < 2; i++) {
		tcpx_cong_after_idle(&t->tcb, t->now + c->idle * MSEC);
		KUNIT_EXPECT_EQ(test, ca->cwnd, c->want * SMSS);
		KUNIT_EXPECT_EQ(test, ca->ssthresh, c->ssthresh * SMSS);
	}
}

/* Asked early and asked late is the same as asked late */
static void idle_goes_on(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	tcpx_rtt_init(&t->tcb.rtt);
	t->tcb.last_snd = t->now;
	t->tcb.cong.cwnd = 80 * SMSS;
	tcpx_cong_after_idle(&t->tcb, t->now + 1500 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 40 * SMSS);
	tcpx_cong_after_idle(&t->tcb, t->now + 2500 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 20 * SMSS);
	/* a new idle time begins with what the last one has left */
	t->now += 2500 * MSEC;
	t->tcb.last_snd = t->now;
	tcpx_cong_after_idle(&t->tcb, t->now + 1500 * MSEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 10 * SMSS);
}

/* Nothing was ever sent: that is no idle time */
static void idle_from_the_start(struct kunit *test)
{
	struct tcpx_test *t = enter(test);

	t->tcb.cong.cwnd = 40 * SMSS;
	t->tcb.last_snd = 0;
	tcpx_cong_after_idle(&t->tcb, t->now + 100 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.cong.cwnd, 40 * SMSS);
}

static struct kunit_case cong_cases[] = {
	KUNIT_CASE_PARAM(iw_case, iw_gen_params),
	KUNIT_CASE_PARAM(lost_syn_case, lost_gen_params),
	KUNIT_CASE_PARAM(grow_case, grow_gen_params),
	KUNIT_CASE(paced_slow_start),
	KUNIT_CASE(slow_start_in_pieces),
	KUNIT_CASE(slow_start_of_a_path_that_reorders),
	KUNIT_CASE(one_segment_a_round_trip),
	KUNIT_CASE(growth_from_a_part_of_a_segment),
	KUNIT_CASE(growth_of_single_bytes),
	KUNIT_CASE(duplicates_count_later),
	KUNIT_CASE(reno_ssthresh),
	KUNIT_CASE(reno_undo),
	KUNIT_CASE(unused_window_does_not_grow),
	KUNIT_CASE(flight_that_nothing_follows),
	KUNIT_CASE(limited_for_a_window),
	KUNIT_CASE(pipe_ack),
	KUNIT_CASE(round_trips),
	KUNIT_CASE(window_does_not_overflow),
	KUNIT_CASE(window_of_a_segment),
	KUNIT_CASE(acks_of_no_data),
	KUNIT_CASE(no_algorithm_to_tell),
	KUNIT_CASE(another_algorithm),
	KUNIT_CASE(algorithm_with_a_model),
	KUNIT_CASE(change_of_algorithm),
	KUNIT_CASE_PARAM(idle_case, idle_gen_params),
	KUNIT_CASE(idle_goes_on),
	KUNIT_CASE(idle_from_the_start),
	{}
};

static struct kunit_suite cong_suite = {
	.name = "tcpx_cong",
	.init = tcpx_test_init,
	.test_cases = cong_cases,
};

kunit_test_suite(cong_suite);
