// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a connection in any of the eleven states, reached by the events
 * that lead there and not by writing fields.
 */
#include <linux/string.h>

#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/syn.h"
#include "../core/window.h"
#include "fixture.h"

static const struct tcpx_conf defaults = {
	.msl_ms = 30000,
	.rto_min_us = 200000,
	.rto_max_ms = 120000,
	.syn_retries = 7,
	.synack_retries = 5,
	.retries1 = 3,
	.retries2 = 15,
	.keepalive_time = 7200,
	.keepalive_intvl = 75,
	.keepalive_probes = 10,
	.fin_timeout = 60,
	.timestamps = 1,
	.window_scaling = 1,
	.sack = 1,
	.dsack = 1,
	.base_mss = 500,
	.mtu_probe_floor = 48,
	.probe_interval = 600,
	.probe_threshold = 8,
	.slow_start_after_idle = 1,
	.frto = 2,
	.early_retrans = 3,
	.pacing_ss_ratio = 200,
	.pacing_ca_ratio = 120,
};

int tcpx_test_init(struct kunit *test)
{
	struct tcpx_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->conf = defaults;
	t->iss = TEST_ISS;
	t->irs = TEST_IRS;
	t->wnd = TEST_SND_WND;
	t->rcv_wnd = TEST_RCV_WND;
	t->now = TEST_START;
	t->peer_opt.has = TCPX_HAS_MSS;
	t->peer_opt.mss = TEST_MSS;
	tcpx_tcb_init(&t->tcb, &t->conf);
	test->priv = t;
	return 0;
}

/* A segment of the peer arrives now; @seq and @ack are absolute */
void tcpx_test_arrive(struct tcpx_test *t, u8 flags, u32 seq, u32 ack, u32 len)
{
	t->seg = (struct tcpx_seg){
		.seq = seq,
		.ack = ack,
		.len = len,
		.wnd = t->wnd,
		.flags = flags,
		.opt = t->peer_opt,
	};
	tcpx_segment_arrives(&t->tcb, &t->seg, t->now, &t->a);
}

/* An ACK with SACK blocks: all in segments of TEST_MSS from the first number of payload on */
void tcpx_test_sack(struct tcpx_test *t, u32 ack, int nr, const struct tcpx_sack_block *b)
{
	struct tcpx_opts opt = t->peer_opt;
	int i;

	t->peer_opt.has |= nr ? TCPX_HAS_SACK : 0;
	t->peer_opt.nr_sacks = nr;
	for (i = 0; i < nr; i++) {
		t->peer_opt.sack[i].start = tcpx_test_seq(t, b[i].start);
		t->peer_opt.sack[i].end = tcpx_test_seq(t, b[i].end);
	}
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, tcpx_test_seq(t, ack), 0);
	t->peer_opt = opt;
}

/* @list is what its head says, and all in it carry @flags */
static const char *list_fault(const struct tcpx_scoreboard *sb, const struct tcpx_txlist *list,
			      u8 flags)
{
	u32 nr = list->first, prev = nr, rexmt = 0, order = 0, n;
	u64 sent_at = 0;

	if (list->nr > tcpx_sb_len(sb))
		return "a list is longer than the scoreboard";
	for (n = 0; n < list->nr; n++) {
		const struct tcpx_txseg *seg = tcpx_sb_at(sb, nr);

		if (nr - sb->head >= tcpx_sb_len(sb))
			return "a list leaves the scoreboard";
		if ((seg->flags & (TCPX_TX_SACKED | TCPX_TX_LOST)) != flags)
			return "a segment is in another's list";
		if (n && seg->prev != prev)
			return "a list does not lead back";
		if (!flags && (seg->sent_at < sent_at ||
			       (seg->sent_at == sent_at && tcpx_before(seg->order, order))))
			return "what flies is not in the order of sending";
		rexmt += !!(seg->flags & TCPX_TX_REXMT);
		order = seg->order;
		sent_at = seg->sent_at;
		prev = nr;
		nr = seg->next;
	}
	if (!flags && rexmt != sb->rexmt)
		return "the count of those sent again is wrong";
	return list->nr && prev != list->last ? "a list does not end at its end" : NULL;
}

/* The segments lie side by side, and their bytes are what the sums say */
static const char *segs_fault(const struct tcpx_tcb *tcb)
{
	const struct tcpx_scoreboard *sb = &tcb->sb;
	u32 seq = tcb->snd_nxt, unsacked = sb->tail, sacked = 0, sacked_bytes = 0, lost = 0, nr;

	for (nr = sb->tail; nr-- != sb->head;) {
		const struct tcpx_txseg *seg = tcpx_sb_at(sb, nr);

		if (seg->end_seq != seq || !tcpx_before(seg->seq, seq))
			return "segments don't lie side by side";
		seq = seg->seq;
		if (!(seg->flags & TCPX_TX_SACKED)) {
			unsacked = nr;
			lost += seg->flags & TCPX_TX_LOST ? seg->end_seq - seq : 0;
			continue;
		}
		sacked++;
		sacked_bytes += seg->end_seq - seq;
		if (seg->skip - nr - 1 >= unsacked - nr)
			return "a segment that is not SACKed is skipped";
	}
	if (seq != tcb->snd_una)
		return "the first segment does not begin at SND.UNA";
	if (sacked_bytes != sb->sacked_bytes || lost != sb->lost_bytes)
		return "the sums of bytes are wrong";
	return sacked + sb->flying.nr + sb->lost.nr == tcpx_sb_len(sb) ? NULL :
	       "a segment is in no list";
}

static const char *flight_fault(const struct tcpx_tcb *tcb)
{
	const struct tcpx_scoreboard *sb = &tcb->sb;
	u32 bytes = 0, gone = tcb->rec.dupacks * tcb->snd_mss, nr = sb->flying.first, n;

	for (n = 0; n < sb->flying.nr; n++, nr = tcpx_sb_at(sb, nr)->next)
		bytes += tcpx_sb_at(sb, nr)->end_seq - tcpx_sb_at(sb, nr)->seq;
	return tcpx_flight(tcb) == (bytes > gone ? bytes - gone : 0) ? NULL :
	       "what flies is not what tcpx_flight() says";
}

/* What is wrong with the scoreboard? Return: in a sentence, or NULL. */
const char *tcpx_test_sb_fault(const struct tcpx_tcb *tcb)
{
	const struct tcpx_scoreboard *sb = &tcb->sb;
	const char *fault;

	if (!tcb->syn_acked)
		return tcpx_sb_len(sb) ? "segments before the connection" : NULL;
	if (tcpx_sb_room(sb) > sb->end - sb->head)
		return "more segments than slots";
	fault = segs_fault(tcb);
	if (!fault)
		fault = list_fault(sb, &sb->flying, 0);
	if (!fault)
		fault = list_fault(sb, &sb->lost, TCPX_TX_LOST);
	return fault ? fault : flight_fault(tcb);
}

/* A scoreboard that has no slots yet gets all there are */
void tcpx_test_give_slots(struct tcpx_scoreboard *sb, struct tcpx_test_slots *slots)
{
	int i;

	if (sb->dir)
		return;
	tcpx_sb_set_dir(sb, slots->dir, TEST_CHUNKS);
	for (i = 0; i < TEST_CHUNKS; i++)
		tcpx_sb_put_chunk(sb, slots->chunk[i]);
}

/* A segment left now; @len counts SYN and FIN */
void tcpx_test_sent(struct tcpx_test *t, u32 seq, u32 len, u8 flags)
{
	tcpx_test_give_slots(&t->tcb.sb, &t->slots);
	tcpx_sent(&t->tcb, seq, len, flags, t->now);
}

/* SEND: @len bytes are queued */
void tcpx_test_write(struct tcpx_test *t, u32 len)
{
	t->tcb.write_seq += len;
}

/* Send what may be sent. Return: how many segments that was. */
int tcpx_test_send_all(struct tcpx_test *t)
{
	int n = 0;

	while (tcpx_wnd_next(&t->tcb, t->now, &t->send)) {
		u8 fin = t->send.fin ? TCPX_FIN : 0;

		tcpx_test_sent(t, t->send.seq, t->send.len + t->send.fin, ACK | fin);
		n++;
	}
	return n;
}

static void offer(struct tcpx_test *t)
{
	t->tcb.adv_mss = TEST_ADV_MSS;
	t->tcb.rcv_wnd = t->rcv_wnd;
	t->tcb.rcv_wscale = t->rcv_wscale;
}

static void enter_syn_sent(struct tcpx_test *t)
{
	offer(t);
	tcpx_syn_open(&t->tcb, t->iss, &t->a);
	tcpx_test_sent(t, t->iss, 1, SYN);
}

static void enter_listen(struct tcpx_test *t)
{
	offer(t);
	tcpx_fsm_call(&t->tcb, TCPX_EV_OPEN_PASSIVE, t->now, &t->a);
}

static void enter_syn_received(struct tcpx_test *t)
{
	enter_listen(t);
	tcpx_test_arrive(t, SYN, t->irs, 0, 0);
	tcpx_syn_accept(&t->tcb, &t->seg, t->iss, t->now, &t->a);
	tcpx_test_sent(t, t->iss, 1, SYN_ACK);
}

static void enter_established(struct tcpx_test *t)
{
	enter_syn_sent(t);
	t->now += t->rtt;
	tcpx_test_arrive(t, SYN_ACK, t->irs, t->iss + 1, 0);
	tcpx_cong_init(&t->tcb, &tcpx_cong_reno, t->now);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
}

static void close_and_send_fin(struct tcpx_test *t)
{
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_test_send_all(t);
}

/* The peer's FIN arrives, with an ACK of @acked of what is outstanding */
static void fin_arrives(struct tcpx_test *t, u32 ack)
{
	tcpx_test_arrive(t, FIN_ACK, t->tcb.rcv_nxt, ack, 0);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
}

static void enter(struct tcpx_test *t, u8 state)
{
	switch (state) {
	case TCPX_CLOSED:
		return;
	case TCPX_LISTEN:
		enter_listen(t);
		return;
	case TCPX_SYN_SENT:
		enter_syn_sent(t);
		return;
	case TCPX_SYN_RECEIVED:
		enter_syn_received(t);
		return;
	}
	enter_established(t);
	switch (state) {
	case TCPX_FIN_WAIT_1:
		close_and_send_fin(t);
		return;
	case TCPX_FIN_WAIT_2:
	case TCPX_TIME_WAIT:
		close_and_send_fin(t);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
		if (state == TCPX_TIME_WAIT)
			fin_arrives(t, t->tcb.snd_nxt);
		return;
	case TCPX_CLOSING:
		close_and_send_fin(t);
		fin_arrives(t, t->tcb.snd_una);
		return;
	case TCPX_CLOSE_WAIT:
		fin_arrives(t, t->tcb.snd_nxt);
		return;
	case TCPX_LAST_ACK:
		fin_arrives(t, t->tcb.snd_nxt);
		close_and_send_fin(t);
		return;
	}
}

/*
 * ESTABLISHED, with SACK, a window of 65000 bytes and a round trip of 100 ms;
 * @n segments fly that were sent 1 ms apart
 */
struct tcpx_test *tcpx_test_fly(struct kunit *test, int n)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	t->rtt = 100 * MSEC;
	t->peer_opt.has |= TCPX_HAS_SACK_PERM;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_fly_more(test, n);
	return t;
}

/* @n segments more are sent, each 1 ms after the last */
void tcpx_test_fly_more(struct kunit *test, int n)
{
	struct tcpx_test *t = test->priv;

	while (n--) {
		t->now += MSEC;
		tcpx_test_write(t, TEST_MSS);
		KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 1);
	}
}

/* Go from CLOSED to @state; the case ends where that fails */
void tcpx_test_enter(struct kunit *test, u8 state)
{
	struct tcpx_test *t = test->priv;

	enter(t, state);
	KUNIT_ASSERT_STREQ(test, tcpx_state_name(t->tcb.state), tcpx_state_name(state));
}

/* 3.10.7.1: the reset that the peer will accept */
static void expect_rst(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	const struct tcpx_seg *seg = &t->seg;
	u32 len = seg->len;

	if (seg->flags & ACK) {
		KUNIT_EXPECT_EQ(test, t->a.rst.flags, RST);
		KUNIT_EXPECT_EQ(test, t->a.rst.seq, seg->ack);
		return;
	}
	len += seg->flags & SYN ? 1 : 0;
	len += seg->flags & TCPX_FIN ? 1 : 0;
	KUNIT_EXPECT_EQ(test, t->a.rst.flags, RST_ACK);
	KUNIT_EXPECT_EQ(test, t->a.rst.seq, 0);
	KUNIT_EXPECT_EQ(test, t->a.rst.ack, seg->seq + len);
}

/* The last segment led to @state and to exactly @todo */
void tcpx_test_expect(struct kunit *test, u8 state, u32 todo, u8 drop)
{
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_STREQ(test, tcpx_state_name(t->tcb.state), tcpx_state_name(state));
	KUNIT_EXPECT_EQ_MSG(test, t->a.todo, todo, "%#x, %#x", t->a.todo, todo);
	KUNIT_EXPECT_STREQ(test, tcpx_drop_name(t->a.drop), tcpx_drop_name(drop));
	if (t->a.todo & TCPX_DO_RST)
		expect_rst(test);
}

void tcpx_test_seg_case(struct kunit *test, const struct tcpx_seg_case *c)
{
	struct tcpx_test *t = test->priv;
	u32 rcv_nxt;

	tcpx_test_enter(test, c->state);
	rcv_nxt = t->tcb.rcv_nxt;
	tcpx_test_arrive(t, c->flags, rcv_nxt + c->seq, t->tcb.snd_nxt + c->ack, c->len);
	tcpx_test_expect(test, c->next, c->todo, c->drop);
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_nxt - rcv_nxt, c->rcvd);
}
