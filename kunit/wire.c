// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends and a network between them, in virtual time: the least that has to
 * lie around the core for two of it to talk.  Payload is not carried; its
 * numbers say what it would be.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/deadline.h"
#include "../core/predict.h"
#include "../core/recovery.h"
#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/syn.h"
#include "../core/timeout.h"
#include "../core/window.h"
#include "wire.h"

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
	.slow_start_after_idle = 1,
	.frto = 2,
	.early_retrans = 3,
	.base_mss = 512,
	.mtu_probe_floor = 48,
	.probe_interval = 600,
	.probe_threshold = 8,
	.pacing_ss_ratio = 200,
	.pacing_ca_ratio = 120,
};

static void prepare(struct wire *w, int i)
{
	struct tcpx_tcb *tcb = &w->end[i].tcb;

	tcpx_tcb_init(tcb, &w->conf);
	tcb->adv_mss = TEST_ADV_MSS;
	tcb->rcv_wnd = WIRE_BUF;
}

int wire_init(struct kunit *test)
{
	struct wire *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	w->conf = defaults;
	w->now = TEST_START;
	w->seed = 2463534242U;
	prepare(w, WIRE_CLIENT);
	prepare(w, WIRE_SERVER);
	test->priv = w;
	return 0;
}

static bool chance(struct wire *w, u32 percent)
{
	return tcpx_test_draw(&w->seed) % 100 < percent;
}

static void put(struct wire *w, int to, const struct tcpx_seg *seg)
{
	u64 delay = WIRE_DELAY;
	int i;

	if (chance(w, w->late))
		delay += tcpx_test_draw(&w->seed) % 5 * WIRE_DELAY;
	for (i = 0; i < WIRE_SLOTS; i++) {
		if (w->packet[i].used)
			continue;
		w->packet[i].used = true;
		w->packet[i].to = to;
		/* A ns apart, so that what is not late keeps its order */
		w->packet[i].at = w->now + delay + w->sent;
		w->packet[i].seg = *seg;
		return;
	}
}

static void log_segment(struct wire *w, int from, const struct tcpx_seg *seg)
{
	static const char letters[] = "FSRPA";
	char flags[8];
	int i, n = 0;

	for (i = 0; letters[i]; i++)
		if (seg->flags & (1 << i))
			flags[n++] = letters[i];
	flags[n] = '\0';
	if (w->len < WIRE_LOG)
		w->len += snprintf(w->log + w->len, WIRE_LOG - w->len, "%c %s %u %u %u\n",
				   from == WIRE_CLIENT ? '>' : '<', flags, seg->seq,
				   seg->ack, seg->len);
}

static void expect(struct wire *w, bool good, const char *fault)
{
	if (!good && !w->fault)
		w->fault = fault;
}

/* What holds between two events */
static void inspect(struct wire *w)
{
	const char *fault;
	int i;

	w->steps++;
	expect(w, !w->most_steps || w->steps < w->most_steps, "it does not end");
	for (i = 0; i < 2; i++) {
		struct tcpx_tcb *tcb = &w->end[i].tcb;

		if (!tcpx_synchronized(tcb))
			continue;
		fault = tcpx_test_sb_fault(tcb);
		expect(w, !fault, fault);
		expect(w, tcb->snd_una == tcb->snd_nxt ||
		       tcb->deadline[TCPX_T_REXMT] != TCPX_NEVER, "nothing times what is out");
		expect(w, !tcb->cong.ops || tcb->cong.cwnd >= tcb->snd_mss, "cwnd is too small");
	}
}

/* tcpx_wnd_next() has given @s: it keeps to the peer's window and to cwnd */
static void inspect_send(struct wire *w, const struct tcpx_tcb *tcb, const struct tcpx_send *s,
			 bool probe)
{
	u32 end = s->seq + s->len - tcb->snd_una;

	expect(w, probe || end <= tcb->snd_wnd, "beyond the peer's window");
	/* A FIN alone does not wait for cwnd */
	expect(w, probe || tcb->snd_una == tcb->snd_nxt || !s->len ||
	       tcpx_flight(tcb) + s->len <= tcb->cong.cwnd, "beyond cwnd");
	expect(w, s->len <= tcb->snd_mss || (tcb->pmtu.on && s->len <= TEST_ADV_MSS),
	       "longer than the MSS");
	expect(w, s->len || s->fin, "nothing in it");
	expect(w, s->rexmt ? tcpx_before(s->seq, tcb->snd_nxt) : s->seq == tcb->snd_nxt,
	       "out of its turn");
}

/* A segment leaves @from; @len is its payload */
static void emit(struct wire *w, int from, u8 flags, u32 seq, u32 len)
{
	struct wire_end *e = &w->end[from];
	u32 seg_len = len + !!(flags & SYN) + !!(flags & TCPX_FIN);
	struct tcpx_seg seg = { .seq = seq, .len = len, .flags = flags };

	if (flags & ACK) {
		tcpx_wnd_select(&e->tcb, WIRE_BUF - e->held, WIRE_BUF - e->held, WIRE_BUF);
		seg.ack = e->tcb.rcv_nxt;
	}
	seg.wnd = tcpx_wnd_field(&e->tcb, flags & SYN);
	tcpx_send_opts(&e->tcb, flags, w->now, &seg.opt);
	tcpx_test_give_slots(&e->tcb.sb, &e->slots);
	tcpx_sent(&e->tcb, seq, seg_len, flags, w->now);
	log_segment(w, from, &seg);
	w->sent++;
	if (chance(w, w->lose) || w->sent == w->drop_nth || (w->limit && len > w->limit))
		return;
	put(w, !from, &seg);
	if (chance(w, w->dup))
		put(w, !from, &seg);
}

static void send_rst(struct wire *w, int from, const struct tcpx_rst *rst)
{
	struct tcpx_seg seg = { .seq = rst->seq, .ack = rst->ack, .flags = rst->flags };

	log_segment(w, from, &seg);
	w->sent++;
	put(w, !from, &seg);
}

/* Tell of the block that @r is part of; a range that touches it makes it grow */
static void report(struct wire_end *e, struct wire_range r)
{
	bool grown = true;
	int i;

	while (grown) {
		grown = false;
		for (i = 0; i < e->nr_kept; i++) {
			struct wire_range k = e->kept[i];

			if (tcpx_after(k.seq, r.end) || tcpx_before(k.end, r.seq) ||
			    (!tcpx_before(k.seq, r.seq) && !tcpx_after(k.end, r.end)))
				continue;
			r.seq = tcpx_before(k.seq, r.seq) ? k.seq : r.seq;
			r.end = tcpx_after(k.end, r.end) ? k.end : r.end;
			grown = true;
		}
	}
	tcpx_sack_kept(&e->tcb, r.seq, r.end);
}

static void keep(struct wire *w, struct wire_end *e, u32 seq, u32 len)
{
	struct wire_range r = { seq, seq + len };
	int i;

	if (chance(w, w->renege)) {
		e->nr_kept = 0;
		tcpx_sack_forget(&e->tcb, e->tcb.rcv_nxt);
	}
	for (i = 0; i < e->nr_kept; i++) {
		if (tcpx_before(r.seq, e->kept[i].seq) || tcpx_after(r.end, e->kept[i].end))
			continue;
		tcpx_sack_duplicate(&e->tcb, r.seq, r.end);
		report(e, r);
		return;
	}
	if (e->nr_kept == WIRE_HOLES)
		return;
	e->kept[e->nr_kept++] = r;
	report(e, r);
}

/* What was kept and is next now. Return: true if there was some. */
static bool take_kept(struct wire *w, struct wire_end *e)
{
	u32 next = e->tcb.rcv_nxt;
	int i;

	for (i = 0; i < e->nr_kept; i++) {
		struct wire_range r = e->kept[i];

		if (tcpx_after(r.seq, next))
			continue;
		e->kept[i] = e->kept[--e->nr_kept];
		/* What claims to lie beyond the FIN is no payload */
		if (!tcpx_after(r.end, next) || e->a.todo & TCPX_DO_PEER_CLOSED)
			return true;
		tcpx_segment_ooo(&e->tcb, r.end, w->now, &e->a);
		e->got += r.end - next;
		e->held += r.end - next;
		return true;
	}
	return false;
}

static void send_one(struct wire *w, int i, const struct tcpx_send *s)
{
	emit(w, i, ACK | (s->fin ? TCPX_FIN : 0) | (s->psh ? TCPX_PSH : 0), s->seq, s->len);
}

static void rexmt(struct wire *w, int i)
{
	struct tcpx_send s;

	if (tcpx_wnd_first(&w->end[i].tcb, &s))
		send_one(w, i, &s);
}

static void output(struct wire *w, int i)
{
	struct tcpx_tcb *tcb = &w->end[i].tcb;
	bool probe = tcb->rec.tlp_due;
	bool waits = tcpx_wnd_waits(tcb);
	struct tcpx_send s;

	while (!w->fault && tcpx_wnd_next(tcb, w->now, &s)) {
		expect(w, waits, "sent, though nothing waits");
		inspect_send(w, tcb, &s, probe);
		send_one(w, i, &s);
		inspect(w);
		probe = tcb->rec.tlp_due;
		waits = tcpx_wnd_waits(tcb);
	}
}

/* What the user learns */
static void tell(struct wire *w, struct wire_end *e, u32 todo)
{
	if (todo & TCPX_DO_CONNECTED) {
		e->connected = true;
		tcpx_cong_init(&e->tcb, w->cong ?: &tcpx_cong_reno, w->now);
	}
	if (todo & TCPX_DO_ERROR)
		e->err = e->a.err;
	if (!e->lazy)
		e->held = 0;
	e->tcb.copied_seq = e->tcb.rcv_nxt - e->held;
}

/* What leaves */
static void transmit(struct wire *w, int i, u32 todo)
{
	struct wire_end *e = &w->end[i];

	if (todo & TCPX_DO_SYN)
		emit(w, i, SYN, e->tcb.iss, 0);
	if (todo & TCPX_DO_SYNACK)
		emit(w, i, SYN_ACK, e->tcb.iss, 0);
	if (todo & TCPX_DO_REXMT)
		rexmt(w, i);
	if (todo & TCPX_DO_OUTPUT)
		output(w, i);
	if (todo & TCPX_DO_PROBE)
		emit(w, i, ACK, e->tcb.snd_una - 1, 0);
	if (todo & TCPX_DO_RST)
		send_rst(w, i, &e->a.rst);
	if (todo & TCPX_DO_CHALLENGE || (todo & TCPX_DO_ACK && e->tcb.ack_now))
		emit(w, i, ACK, e->tcb.snd_nxt, 0);
}

static void act(struct wire *w, int i, const struct tcpx_seg *seg)
{
	struct wire_end *e = &w->end[i];

	if (e->a.todo & TCPX_DO_DATA) {
		e->got += e->a.data_len;
		e->held += e->a.data_len;
	}
	if (e->a.todo & TCPX_DO_OOO)
		keep(w, e, seg->seq + e->a.data_off, e->a.data_len);
	if (e->a.todo & TCPX_DO_DATA)
		while (take_kept(w, e))
			;
	e->closed |= !!(e->a.todo & TCPX_DO_PEER_CLOSED);
	tell(w, e, e->a.todo);
	transmit(w, i, e->a.todo);
}

static void arrive(struct wire *w, int i, struct tcpx_seg *seg)
{
	struct wire_end *e = &w->end[i];

	seg->ooo = e->nr_kept;
	seg->no_room = e->nr_kept == WIRE_HOLES && seg->seq != e->tcb.rcv_nxt;
	if (!tcpx_predicted(&e->tcb, seg, w->now, &e->a))
		tcpx_segment_arrives(&e->tcb, seg, w->now, &e->a);
	if (e->tcb.state == TCPX_LISTEN && !e->a.drop)
		tcpx_syn_accept(&e->tcb, seg, WIRE_SERVER_ISS, w->now, &e->a);
	act(w, i, seg);
}

static void expire(struct wire *w, int i)
{
	struct tcpx_tcb *tcb = &w->end[i].tcb;
	int timer;

	for (timer = 0; timer < TCPX_NR_TIMERS; timer++) {
		if (tcb->deadline[timer] > w->now)
			continue;
		tcpx_timeout(tcb, timer, w->now, &w->end[i].a);
		/* Slots are many: the pieces find theirs */
		if (timer == TCPX_T_REXMT && w->end[i].a.todo & TCPX_DO_REXMT &&
		    tcpx_pmtu_timeout(tcb))
			tcpx_recovery_mtu(tcb);
		act(w, i, NULL);
	}
}

static struct wire_packet *earliest(struct wire *w)
{
	struct wire_packet *p = NULL;
	int i;

	for (i = 0; i < WIRE_SLOTS; i++)
		if (w->packet[i].used && (!p || w->packet[i].at < p->at))
			p = &w->packet[i];
	return p;
}

/* Everything that happens until nothing more will, or until @until */
void wire_run(struct wire *w, u64 until)
{
	for (;;) {
		struct wire_packet *p = earliest(w);
		u64 timer = min(tcpx_deadline_next(&w->end[0].tcb),
				tcpx_deadline_next(&w->end[1].tcb));
		u64 next = p ? min(p->at, timer) : timer;

		inspect(w);
		if (next > until || next == TCPX_NEVER || w->fault)
			return;
		w->now = next;
		if (p && p->at == next) {
			p->used = false;
			arrive(w, p->to, &p->seg);
			continue;
		}
		expire(w, 0);
		expire(w, 1);
	}
}

void wire_listen(struct wire *w)
{
	struct wire_end *e = &w->end[WIRE_SERVER];

	tcpx_fsm_call(&e->tcb, TCPX_EV_OPEN_PASSIVE, w->now, &e->a);
}

void wire_connect(struct wire *w, int from)
{
	struct wire_end *e = &w->end[from];
	u32 iss = from == WIRE_CLIENT ? WIRE_CLIENT_ISS : WIRE_SERVER_ISS;

	tcpx_syn_open(&e->tcb, iss, &e->a);
	act(w, from, NULL);
}

void wire_write(struct wire *w, int from, u32 len)
{
	struct wire_end *e = &w->end[from];

	tcpx_fsm_call(&e->tcb, TCPX_EV_SEND, w->now, &e->a);
	e->tcb.write_seq += len;
	act(w, from, NULL);
}

void wire_close(struct wire *w, int from)
{
	struct wire_end *e = &w->end[from];

	tcpx_fsm_call(&e->tcb, TCPX_EV_CLOSE, w->now, &e->a);
	act(w, from, NULL);
}

void wire_abort(struct wire *w, int from)
{
	struct wire_end *e = &w->end[from];

	tcpx_fsm_call(&e->tcb, TCPX_EV_ABORT, w->now, &e->a);
	act(w, from, NULL);
}

/* The user reads all that is there, and the peer learns it where that is due */
void wire_read(struct wire *w, int at)
{
	struct wire_end *e = &w->end[at];

	e->held = 0;
	e->tcb.copied_seq = e->tcb.rcv_nxt;
	if (tcpx_wnd_update_due(&e->tcb, WIRE_BUF, WIRE_BUF))
		emit(w, at, ACK, e->tcb.snd_nxt, 0);
}

/* A segment that the other end never sent */
void wire_inject(struct wire *w, int to, const struct tcpx_seg *seg)
{
	put(w, to, seg);
}

void wire_clear_log(struct wire *w)
{
	w->len = 0;
	w->log[0] = '\0';
}
