// SPDX-License-Identifier: GPL-2.0
/* Whole lives of connections, both ends, each segment number for number. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/deadline.h"
#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/syn.h"
#include "wire.h"

static u8 client_state(const struct wire *w)
{
	return w->end[WIRE_CLIENT].tcb.state;
}

static u8 server_state(const struct wire *w)
{
	return w->end[WIRE_SERVER].tcb.state;
}

static void expect_states(struct kunit *test, u8 client, u8 server)
{
	struct wire *w = test->priv;

	KUNIT_EXPECT_STREQ(test, tcpx_state_name(client_state(w)), tcpx_state_name(client));
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(server_state(w)), tcpx_state_name(server));
}

/* A second: much more than any round trip here, less than 2MSL */
static void settle(struct wire *w)
{
	wire_run(w, w->now + 1 * SEC);
}

/* LISTEN, SYN, SYN,ACK, ACK */
static struct wire *establish(struct kunit *test)
{
	struct wire *w = test->priv;

	wire_listen(w);
	wire_connect(w, WIRE_CLIENT);
	settle(w);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
	wire_clear_log(w);
	return w;
}

/* S07, and RFC 9293, 3.5, figure 6 */
static void handshake(struct kunit *test)
{
	struct wire *w = test->priv;

	expect_states(test, TCPX_CLOSED, TCPX_CLOSED);
	wire_listen(w);
	expect_states(test, TCPX_CLOSED, TCPX_LISTEN);
	wire_connect(w, WIRE_CLIENT);
	expect_states(test, TCPX_SYN_SENT, TCPX_LISTEN);
	wire_run(w, w->now + WIRE_DELAY + 1);
	expect_states(test, TCPX_SYN_SENT, TCPX_SYN_RECEIVED);
	wire_run(w, w->now + WIRE_DELAY + 2);
	expect_states(test, TCPX_ESTABLISHED, TCPX_SYN_RECEIVED);
	settle(w);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> S 100 0 0\n"
			   "< SA 300 101 0\n"
			   "> A 101 301 0\n");
	KUNIT_EXPECT_TRUE(test, w->end[WIRE_CLIENT].connected);
	KUNIT_EXPECT_TRUE(test, w->end[WIRE_SERVER].connected);
}

/* S09: 10001, 20001; acknowledged with 10002 and 20002 */
static void example_of_the_handshake(struct kunit *test)
{
	struct wire *w = test->priv;
	struct wire_end *c = &w->end[WIRE_CLIENT], *s = &w->end[WIRE_SERVER];
	struct tcpx_seg seg = { .flags = SYN, .seq = 10001, .wnd = 65000 };

	wire_listen(w);
	tcpx_syn_open(&c->tcb, 10001, &c->a);
	KUNIT_EXPECT_EQ(test, c->a.todo, TCPX_DO_SYN);
	tcpx_sent(&c->tcb, c->tcb.iss, 1, SYN, w->now);
	tcpx_segment_arrives(&s->tcb, &seg, w->now, &s->a);
	tcpx_syn_accept(&s->tcb, &seg, 20001, w->now, &s->a);
	KUNIT_EXPECT_EQ(test, s->tcb.rcv_nxt, 10002);
	tcpx_sent(&s->tcb, s->tcb.iss, 1, SYN_ACK, w->now);
	seg.flags = SYN_ACK;
	seg.seq = s->tcb.iss;
	seg.ack = s->tcb.rcv_nxt;
	tcpx_segment_arrives(&c->tcb, &seg, w->now, &c->a);
	KUNIT_EXPECT_EQ(test, c->tcb.snd_nxt, 10002);
	KUNIT_EXPECT_EQ(test, c->tcb.rcv_nxt, 20002);
	seg.flags = ACK;
	seg.seq = c->tcb.snd_nxt;
	seg.ack = c->tcb.rcv_nxt;
	tcpx_segment_arrives(&s->tcb, &seg, w->now, &s->a);
	KUNIT_EXPECT_EQ(test, s->tcb.snd_una, 20002);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
}

/* S10, with the number that a SYN takes: 1101, 1102; 2301, 2351, 2352 */
static void example_of_a_life(struct kunit *test)
{
	struct wire *w = establish(test);

	wire_write(w, WIRE_CLIENT, 1000);
	settle(w);
	wire_write(w, WIRE_SERVER, 2000);
	settle(w);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> PA 101 301 1000\n"
			   "< A 301 1101 0\n"
			   "< A 301 1101 1460\n"
			   "< PA 1761 1101 540\n"
			   "> A 1101 1761 0\n"
			   "> A 1101 2301 0\n");
	wire_clear_log(w);
	wire_close(w, WIRE_CLIENT);
	expect_states(test, TCPX_FIN_WAIT_1, TCPX_ESTABLISHED);
	settle(w);
	expect_states(test, TCPX_FIN_WAIT_2, TCPX_CLOSE_WAIT);
	wire_write(w, WIRE_SERVER, 50);
	settle(w);
	wire_close(w, WIRE_SERVER);
	expect_states(test, TCPX_FIN_WAIT_2, TCPX_LAST_ACK);
	settle(w);
	expect_states(test, TCPX_TIME_WAIT, TCPX_CLOSED);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> FA 1101 2301 0\n"
			   "< A 2301 1102 0\n"
			   "< PA 2301 1102 50\n"
			   "> A 1102 2351 0\n"
			   "< FA 2351 1102 0\n"
			   "> A 1102 2352 0\n");
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].got, 1000);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].got, 2050);
	wire_run(w, w->now + 100 * SEC);
	expect_states(test, TCPX_CLOSED, TCPX_CLOSED);
}

/* S14: the 4-tuple segments and the states between them */
static void release(struct kunit *test)
{
	struct wire *w = establish(test);

	wire_close(w, WIRE_CLIENT);
	settle(w);
	expect_states(test, TCPX_FIN_WAIT_2, TCPX_CLOSE_WAIT);
	KUNIT_EXPECT_TRUE(test, w->end[WIRE_SERVER].closed);
	wire_close(w, WIRE_SERVER);
	settle(w);
	expect_states(test, TCPX_TIME_WAIT, TCPX_CLOSED);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> FA 101 301 0\n"
			   "< A 301 102 0\n"
			   "< FA 301 102 0\n"
			   "> A 102 302 0\n");
}

/* S18: the server may be first */
static void release_by_the_server(struct kunit *test)
{
	struct wire *w = establish(test);

	wire_close(w, WIRE_SERVER);
	settle(w);
	expect_states(test, TCPX_CLOSE_WAIT, TCPX_FIN_WAIT_2);
	wire_close(w, WIRE_CLIENT);
	settle(w);
	expect_states(test, TCPX_CLOSED, TCPX_TIME_WAIT);
}

/* S18, 3.6, figure 13: both at once, through CLOSING */
static void simultaneous_release(struct kunit *test)
{
	struct wire *w = establish(test);

	wire_close(w, WIRE_CLIENT);
	wire_close(w, WIRE_SERVER);
	expect_states(test, TCPX_FIN_WAIT_1, TCPX_FIN_WAIT_1);
	wire_run(w, w->now + WIRE_DELAY + 10);
	expect_states(test, TCPX_CLOSING, TCPX_CLOSING);
	settle(w);
	expect_states(test, TCPX_TIME_WAIT, TCPX_TIME_WAIT);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> FA 101 301 0\n"
			   "< FA 301 101 0\n"
			   "< A 302 102 0\n"
			   "> A 102 302 0\n");
	wire_run(w, w->now + 100 * SEC);
	expect_states(test, TCPX_CLOSED, TCPX_CLOSED);
}

/* S18, MUST-10, 3.5, figure 7 */
static void simultaneous_open(struct kunit *test)
{
	struct wire *w = test->priv;

	wire_connect(w, WIRE_CLIENT);
	wire_connect(w, WIRE_SERVER);
	expect_states(test, TCPX_SYN_SENT, TCPX_SYN_SENT);
	wire_run(w, w->now + WIRE_DELAY + 10);
	expect_states(test, TCPX_SYN_RECEIVED, TCPX_SYN_RECEIVED);
	settle(w);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> S 100 0 0\n"
			   "< S 300 0 0\n"
			   "< SA 300 101 0\n"
			   "> SA 100 301 0\n");
	/* and it carries data */
	wire_write(w, WIRE_CLIENT, 5000);
	wire_write(w, WIRE_SERVER, 5000);
	settle(w);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].got, 5000);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].got, 5000);
}

/* ... when one of the two SYN,ACKs is lost */
static void simultaneous_open_with_loss(struct kunit *test)
{
	struct wire *w = test->priv;

	w->drop_nth = 3;
	wire_connect(w, WIRE_CLIENT);
	wire_connect(w, WIRE_SERVER);
	wire_run(w, w->now + 10 * SEC);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
}

/* S11, 3.5, figure 8: a SYN of long ago */
static void old_duplicate_syn(struct kunit *test)
{
	struct wire *w = test->priv;
	struct tcpx_seg old = { .flags = SYN, .seq = 90, .wnd = 65000 };

	wire_listen(w);
	tcpx_syn_open(&w->end[WIRE_CLIENT].tcb, WIRE_CLIENT_ISS, &w->end[WIRE_CLIENT].a);
	tcpx_sent(&w->end[WIRE_CLIENT].tcb, WIRE_CLIENT_ISS, 1, SYN, w->now);
	wire_inject(w, WIRE_SERVER, &old);
	wire_run(w, w->now + 900 * MSEC);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "< SA 300 91 0\n"
			   "> R 91 0 0\n");
	expect_states(test, TCPX_SYN_SENT, TCPX_LISTEN);
	/* The client's own SYN, sent again, then meets a listener */
	wire_run(w, w->now + 10 * SEC);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
}

/* S11: the SYN,ACK of a stale SYN is not expected */
static void stale_syn_is_reset(struct kunit *test)
{
	struct wire *w = test->priv;
	struct tcpx_seg old = { .flags = SYN, .seq = 90, .wnd = 65000 };

	wire_listen(w);
	wire_inject(w, WIRE_SERVER, &old);
	settle(w);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "< SA 300 91 0\n"
			   "> R 91 0 0\n");
	expect_states(test, TCPX_CLOSED, TCPX_LISTEN);
	KUNIT_EXPECT_FALSE(test, w->end[WIRE_SERVER].connected);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&w->end[WIRE_SERVER].tcb), TCPX_NEVER);
}

/* There is no listener */
static void connection_refused(struct kunit *test)
{
	struct wire *w = test->priv;

	wire_connect(w, WIRE_CLIENT);
	settle(w);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> S 100 0 0\n"
			   "< RA 0 101 0\n");
	KUNIT_EXPECT_EQ(test, client_state(w), TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].err, ECONNREFUSED);
}

/* S12, S13: whichever of the three is lost */
static const u32 lost[] = { 1, 2, 3 };

static void lost_desc(const u32 *nth, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "segment %u is lost", *nth);
}

KUNIT_ARRAY_PARAM(lost, lost, lost_desc);

static void handshake_with_loss(struct kunit *test)
{
	struct wire *w = test->priv;

	w->drop_nth = *(const u32 *)test->param_value;
	wire_listen(w);
	wire_connect(w, WIRE_CLIENT);
	wire_run(w, w->now + 10 * SEC);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
}

/* S12: data that carries the ACK completes the handshake */
static void data_completes_the_handshake(struct kunit *test)
{
	struct wire *w = test->priv;

	w->drop_nth = 3;
	wire_listen(w);
	wire_connect(w, WIRE_CLIENT);
	wire_run(w, w->now + 500 * MSEC);
	expect_states(test, TCPX_ESTABLISHED, TCPX_SYN_RECEIVED);
	wire_write(w, WIRE_CLIENT, 100);
	wire_run(w, w->now + 50 * MSEC);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].got, 100);
}

/* S23, S20: whichever segment of the release is lost */
static void release_with_loss(struct kunit *test)
{
	struct wire *w = establish(test);

	w->drop_nth = w->sent + *(const u32 *)test->param_value;
	wire_close(w, WIRE_CLIENT);
	settle(w);
	wire_close(w, WIRE_SERVER);
	wire_run(w, w->now + 10 * SEC);
	expect_states(test, TCPX_TIME_WAIT, TCPX_CLOSED);
}

/* S20: the last ACK is lost: the FIN comes again, and 2MSL starts again */
static void last_ack_is_lost(struct kunit *test)
{
	struct wire *w = establish(test);
	u64 due;

	wire_close(w, WIRE_CLIENT);
	settle(w);
	w->drop_nth = w->sent + 2;
	wire_close(w, WIRE_SERVER);
	wire_run(w, w->now + 2 * WIRE_DELAY);
	due = w->end[WIRE_CLIENT].tcb.deadline[TCPX_T_2MSL];
	expect_states(test, TCPX_TIME_WAIT, TCPX_LAST_ACK);
	wire_run(w, w->now + 10 * SEC);
	expect_states(test, TCPX_TIME_WAIT, TCPX_CLOSED);
	KUNIT_EXPECT_GT(test, w->end[WIRE_CLIENT].tcb.deadline[TCPX_T_2MSL], due);
}

/* S15: half-close, and much the other way */
static void half_close(struct kunit *test)
{
	struct wire *w = establish(test);

	wire_close(w, WIRE_CLIENT);
	settle(w);
	wire_write(w, WIRE_SERVER, 3 << 20);
	wire_run(w, w->now + 100 * SEC);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].got, 3 << 20);
	expect_states(test, TCPX_FIN_WAIT_2, TCPX_CLOSE_WAIT);
}

/* S27: ABORT, and what the peer learns of it */
static void abort_resets_the_peer(struct kunit *test)
{
	struct wire *w = establish(test);

	wire_write(w, WIRE_CLIENT, 10);
	settle(w);
	wire_clear_log(w);
	wire_abort(w, WIRE_CLIENT);
	settle(w);
	KUNIT_EXPECT_STREQ(test, w->log, "> RA 111 301 0\n");
	expect_states(test, TCPX_CLOSED, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].err, ECONNRESET);
}

/* 3.5.1, figure 9: one end has forgotten, the other has not */
static void half_open_connection(struct kunit *test)
{
	struct wire *w = establish(test);

	tcpx_tcb_init(&w->end[WIRE_CLIENT].tcb, &w->conf);
	wire_write(w, WIRE_SERVER, 10);
	settle(w);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "< PA 301 101 10\n"
			   "> R 101 0 0\n");
	KUNIT_EXPECT_EQ(test, server_state(w), TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].err, ECONNRESET);
}

/* 3.5.1, figure 9: it comes back with a SYN, and learns by the challenge ACK */
static void half_open_connection_comes_back(struct kunit *test)
{
	struct wire *w = establish(test);
	struct wire_end *c = &w->end[WIRE_CLIENT];

	tcpx_tcb_init(&c->tcb, &w->conf);
	c->tcb.adv_mss = TEST_ADV_MSS;
	c->tcb.rcv_wnd = WIRE_BUF;
	tcpx_syn_open(&c->tcb, 400, &c->a);
	tcpx_sent(&c->tcb, 400, 1, SYN, w->now);
	wire_inject(w, WIRE_SERVER, &(struct tcpx_seg){ .flags = SYN, .seq = 400 });
	wire_run(w, w->now + 500 * MSEC);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "< A 301 101 0\n"
			   "> R 101 0 0\n");
	KUNIT_EXPECT_EQ(test, server_state(w), TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, client_state(w), TCPX_SYN_SENT);
}

/* S24: between two ends, the probe's answer included */
static void keepalive_between_two(struct kunit *test)
{
	struct wire *w = establish(test);
	struct tcpx_tcb *c = &w->end[WIRE_CLIENT].tcb;

	c->keep_on = true;
	tcpx_deadline_keep(c, w->now);
	wire_run(w, w->now + 7300 * SEC);
	KUNIT_EXPECT_STREQ(test, w->log,
			   "> A 100 301 0\n"
			   "< A 301 101 0\n");
	KUNIT_EXPECT_EQ(test, c->probes_out, 0);
	expect_states(test, TCPX_ESTABLISHED, TCPX_ESTABLISHED);
}

static void keepalive_of_a_dead_peer(struct kunit *test)
{
	struct wire *w = establish(test);
	struct tcpx_tcb *c = &w->end[WIRE_CLIENT].tcb;
	u64 last = c->last_rcv;

	c->keep_on = true;
	tcpx_deadline_keep(c, w->now);
	w->lose = 100;
	wire_run(w, last + 7949 * SEC);
	KUNIT_EXPECT_EQ(test, client_state(w), TCPX_ESTABLISHED);
	wire_run(w, last + 7950 * SEC);
	KUNIT_EXPECT_EQ(test, client_state(w), TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, w->now, last + 7950 * SEC);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].err, ETIMEDOUT);
}

/* S25, 3.8.6.1: a reader that does not read, and then does */
static void shut_window_opens(struct kunit *test)
{
	struct wire *w = establish(test);

	w->end[WIRE_SERVER].lazy = true;
	wire_write(w, WIRE_CLIENT, 200000);
	wire_run(w, w->now + 100 * SEC);
	KUNIT_EXPECT_LE(test, w->end[WIRE_SERVER].got, WIRE_BUF);
	KUNIT_EXPECT_GT(test, w->end[WIRE_SERVER].got, WIRE_BUF - TEST_ADV_MSS);
	w->end[WIRE_SERVER].lazy = false;
	wire_read(w, WIRE_SERVER);
	wire_run(w, w->now + 100 * SEC);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].got, 200000);
}

/* ... and the segment that says so is lost: the probe finds out */
static void shut_window_opens_unheard(struct kunit *test)
{
	struct wire *w = establish(test);

	w->end[WIRE_SERVER].lazy = true;
	wire_write(w, WIRE_CLIENT, 200000);
	wire_run(w, w->now + 100 * SEC);
	w->end[WIRE_SERVER].lazy = false;
	w->drop_nth = w->sent + 1;
	wire_read(w, WIRE_SERVER);
	wire_run(w, w->now + 300 * SEC);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].got, 200000);
}

/**
 * struct weather - a network
 * @name: what it does
 * @lose: of each 100 segments so many are lost
 * @dup: ... come twice
 * @late: ... come after later ones
 * @ts: timestamps are used
 * @seed: of the generator
 */
struct weather {
	const char *name;
	u32 lose, dup, late;
	bool ts;
	u32 seed;
};

static const struct weather weathers[] = {
	{ "clear", 0, 0, 0, false, 1 },
	{ "1 % loss", 1, 0, 0, false, 2 },
	{ "5 % loss", 5, 0, 0, false, 3 },
	{ "20 % loss", 20, 0, 0, false, 4 },
	{ "2 % duplicates", 0, 2, 0, false, 5 },
	{ "all come twice", 0, 100, 0, false, 6 },
	{ "10 % out of order", 0, 0, 10, false, 7 },
	{ "all out of order", 0, 0, 100, false, 8 },
	{ "5 % loss, 2 % duplicates, 10 % out of order", 5, 2, 10, false, 9 },
	{ "20 % of each", 20, 20, 20, false, 10 },
	{ "5 % loss, timestamps", 5, 0, 0, true, 11 },
	{ "all out of order, timestamps", 0, 0, 100, true, 12 },
	{ "20 % of each, timestamps", 20, 20, 20, true, 13 },
};

static void weather_desc(const struct weather *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "S25: %s", c->name);
}

KUNIT_ARRAY_PARAM(weather, weathers, weather_desc);

/* S05, S25: both ways at once, each byte once, and then the release */
static void any_weather(struct kunit *test)
{
	const struct weather *c = test->param_value;
	struct wire *w = test->priv;

	w->conf.timestamps = c->ts;
	w->conf.retries2 = 100;
	w->conf.syn_retries = 100;
	w->conf.synack_retries = 100;
	w->lose = c->lose;
	w->dup = c->dup;
	w->late = c->late;
	w->seed = 2463534242U + c->seed;
	wire_listen(w);
	wire_connect(w, WIRE_CLIENT);
	wire_run(w, w->now + 1000 * SEC);
	wire_write(w, WIRE_CLIENT, 300000);
	wire_write(w, WIRE_SERVER, 200000);
	wire_close(w, WIRE_CLIENT);
	wire_run(w, w->now + 10000 * SEC);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].got, 300000);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].got, 200000);
	wire_close(w, WIRE_SERVER);
	wire_run(w, w->now + 10000 * SEC);
	expect_states(test, TCPX_CLOSED, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_CLIENT].err, 0);
	KUNIT_EXPECT_EQ(test, w->end[WIRE_SERVER].err, 0);
	KUNIT_EXPECT_TRUE(test, w->end[WIRE_CLIENT].closed && w->end[WIRE_SERVER].closed);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE(handshake),
	KUNIT_CASE(example_of_the_handshake),
	KUNIT_CASE(example_of_a_life),
	KUNIT_CASE(release),
	KUNIT_CASE(release_by_the_server),
	KUNIT_CASE(simultaneous_release),
	KUNIT_CASE(simultaneous_open),
	KUNIT_CASE(simultaneous_open_with_loss),
	KUNIT_CASE(old_duplicate_syn),
	KUNIT_CASE(stale_syn_is_reset),
	KUNIT_CASE(connection_refused),
	KUNIT_CASE_PARAM(handshake_with_loss, lost_gen_params),
	KUNIT_CASE(data_completes_the_handshake),
	KUNIT_CASE_PARAM(release_with_loss, lost_gen_params),
	KUNIT_CASE(last_ack_is_lost),
	KUNIT_CASE(half_close),
	KUNIT_CASE(abort_resets_the_peer),
	KUNIT_CASE(half_open_connection),
	KUNIT_CASE(half_open_connection_comes_back),
	KUNIT_CASE(keepalive_between_two),
	KUNIT_CASE(keepalive_of_a_dead_peer),
	KUNIT_CASE(shut_window_opens),
	KUNIT_CASE(shut_window_opens_unheard),
	KUNIT_CASE_PARAM(any_weather, weather_gen_params),
	{}
};

static struct kunit_suite life_suite = {
	.name = "tcpx_life",
	.init = wire_init,
	.test_cases = life_cases,
};

kunit_test_suite(life_suite);
