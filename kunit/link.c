// SPDX-License-Identifier: GPL-2.0
/* A path for congestion control to find its way on: see link.h. */
#include <linux/math64.h>
#include <linux/minmax.h>

#include "../core/pace.h"
#include "../core/rate.h"
#include "link.h"

#define NEVER		(~0ULL)
#define LINK_HEADERS	40U	/* they cost the pacer, and the bottleneck nothing */

struct link *link_new(struct kunit *test, u64 rate, u64 rtt, u32 buffer)
{
	struct link *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, l);
	l->now = TEST_START;
	l->rate = rate;
	l->rtt = rtt;
	l->buffer = buffer;
	l->seed = 1;
	return l;
}

/* A sender that begins @start ns from now */
struct link_flow *link_add(struct kunit *test, struct link *l, const struct tcpx_cong_ops *ops,
			   u64 start)
{
	struct tcpx_test *t = test->priv;
	struct link_flow *f = &l->flow[l->nr++];

	f->pkts = kunit_kzalloc(test, LINK_PKTS * sizeof(*f->pkts), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->pkts);
	tcpx_tcb_init(&f->tcb, &t->conf);
	f->tcb.snd_mss = TEST_MSS;
	f->tcb.syn_acked = true;
	f->tcb.sack_ok = true;
	f->tcb.ecn.mode = TCPX_ECN_CLASSIC;
	f->start = l->now + start;
	f->app_at = f->start;
	if (ops->flags & TCPX_CONG_PACED)
		f->tcb.pacing = TCPX_PACE_TIMER;
	tcpx_cong_init(&f->tcb, ops, f->start);
	return f;
}

/* Bytes that wait at the bottleneck now */
u32 link_queue(const struct link *l)
{
	if (l->busy_until <= l->now)
		return 0;
	return div64_u64((l->busy_until - l->now) * l->rate, SEC);
}

static bool link_unlucky(struct link *l)
{
	l->seed = l->seed * 1664525 + 1013904223;
	return (l->seed >> 8) % 1000000 < l->loss;
}

/* The token bucket: true if the packet is over its rate */
static bool link_policed(struct link *l, u32 len)
{
	u64 tokens;

	if (!l->police)
		return false;
	tokens = l->tokens + div64_u64((l->now - l->tokens_at) * l->police, SEC);
	/* what is less than a byte waits for the next time */
	if (tokens != l->tokens)
		l->tokens_at = l->now;
	l->tokens = min_t(u64, tokens, l->bucket);
	if (l->tokens < len)
		return true;
	l->tokens -= len;
	return false;
}

/* A packet enters the queue, or finds it full */
static void link_enqueue(struct link *l, struct link_flow *f)
{
	struct link_pkt *p = &f->pkts[f->tail++ % LINK_PKTS];
	struct tcpx_tcb *tcb = &f->tcb;
	u32 queue = link_queue(l), len = tcb->snd_mss;

	if (!tcpx_flight(tcb)) {
		tcpx_cong_event(tcb, TCPX_CONG_TX_START, l->now);
		tcb->first_sent_at = l->now;
		tcb->delivered_at = l->now;
	}
	*p = (struct link_pkt){
		.sent_at = l->now, .first_sent_at = tcb->first_sent_at,
		.delivered_at = tcb->delivered_at, .delivered = tcb->delivered,
		.len = len, .app_limited = tcb->app_limited,
	};
	p->lost = queue + len > l->buffer || link_unlucky(l) || link_policed(l, len);
	p->ce = l->mark && queue > l->mark;
	if (!p->lost)
		l->busy_until = max(l->busy_until, l->now) + div64_u64(len * SEC, l->rate);
	l->max_queue = max(l->max_queue, link_queue(l));
	p->told_at = max(l->busy_until, l->now) + l->rtt;
	if (l->agg)
		p->told_at = div64_u64(p->told_at + l->agg - 1, l->agg) * l->agg;
	f->app_sent += len;
	tcb->snd_nxt += len;
	tcb->last_snd = l->now;
	f->pace_at = max(f->pace_at, l->now) +
		     (tcb->pacing && tcpx_pace_rate(tcb) != TCPX_PACE_UNLIMITED ?
		      div64_u64((len + LINK_HEADERS) * SEC, tcpx_pace_rate(tcb)) : 0);
}

/* When the flow may send next, as far as it knows; NEVER: after the next news */
static u64 link_send_at(struct link *l, struct link_flow *f)
{
	struct tcpx_tcb *tcb = &f->tcb;
	u64 at = max(f->start, f->pace_at);

	tcb->cwnd_limited = tcpx_flight(tcb) + tcb->snd_mss > tcb->cong.cwnd;
	if (tcb->cwnd_limited || f->tail - f->head == LINK_PKTS)
		return NEVER;
	if (f->app_rate) {
		f->app_at = f->start + div64_u64(f->app_sent * SEC, f->app_rate);
		if (f->app_at > max(at, l->now))
			tcb->app_limited = max_t(u64, tcb->delivered + tcpx_flight(tcb), 1);
		at = max(at, f->app_at);
	}
	return max(at, l->now);
}

static void link_reduce(struct link *l, struct link_flow *f, u8 state)
{
	struct tcpx_tcb *tcb = &f->tcb;

	tcpx_cong_reduce(tcb, min(tcpx_flight(tcb), tcb->cong.cwnd), l->now);
	tcb->rec.state = state;
	f->recover = f->tail;
	f->reductions++;
	tcpx_cong_event(tcb, state == TCPX_REC_CWR ? TCPX_CONG_ECN : TCPX_CONG_RECOVERY, l->now);
	if (!tcb->cong.ops->control)
		tcb->cong.cwnd = tcb->cong.ssthresh;
}

/* The sender hears of its oldest packet */
static void link_tell(struct link *l, struct link_flow *f)
{
	const struct link_pkt *p = &f->pkts[f->head % LINK_PKTS];
	struct tcpx_tcb *tcb = &f->tcb;
	struct tcpx_rate_sample rs = {
		.in_flight = tcpx_flight(tcb), .limited = tcb->cwnd_limited,
	};

	if (tcb->rec.state != TCPX_REC_OPEN && (s32)(f->head - f->recover) >= 0) {
		tcb->rec.state = TCPX_REC_OPEN;
		tcpx_cong_event(tcb, TCPX_CONG_RECOVERED, l->now);
	}
	f->head++;
	if (!p->lost) {
		tcb->delivered += p->len;
		tcb->delivered_ce += p->ce ? p->len : 0;
		tcb->delivered_at = l->now;
	}
	if ((p->lost || p->ce) && tcb->rec.state == TCPX_REC_OPEN)
		link_reduce(l, f, p->lost ? TCPX_REC_FAST : TCPX_REC_CWR);
	tcb->snd_una += p->len;
	if (p->lost) {
		f->lost += p->len;
		f->losses++;
		/* It is what is delivered later that tells, if there is something */
		if (f->head != f->tail)
			return;
	} else {
		rs.acked = p->len;
		rs.delivered = p->len;
		rs.ce = p->ce ? p->len : 0;
		rs.rtt = l->now - p->sent_at;
		rs.prior_delivered = p->delivered;
		rs.app_limited = p->app_limited;
		rs.interval = max(p->sent_at - p->first_sent_at, l->now - p->delivered_at);
		rs.interval_delivered = tcb->delivered - p->delivered;
		tcb->first_sent_at = p->sent_at;
		tcpx_rtt_sample(&tcb->rtt, rs.rtt, 200 * MSEC, 120 * SEC);
		if (tcb->app_limited && tcb->delivered > tcb->app_limited)
			tcb->app_limited = 0;
	}
	rs.lost = f->lost;
	f->lost = 0;
	tcpx_cong_acked(tcb, &rs, l->now);
}

/* All that is in the network is taken for lost: RFC 5681, 3.1 */
void link_timeout(struct link *l, struct link_flow *f)
{
	struct tcpx_tcb *tcb = &f->tcb;

	tcpx_cong_reduce(tcb, tcpx_flight(tcb), l->now);
	tcb->rec.state = TCPX_REC_LOSS;
	f->recover = f->tail;
	f->head = f->tail;
	tcb->snd_una = tcb->snd_nxt;
	tcb->cong.cwnd = tcb->snd_mss;
	tcpx_cong_event(tcb, TCPX_CONG_LOSS, l->now);
}

/* Let @ns go by */
void link_run(struct link *l, u64 ns)
{
	u64 until = l->now + ns, at, next;
	struct link_flow *f, *who;
	bool send;
	int i;

	for (;;) {
		next = until;
		who = NULL;
		for (i = 0; i < l->nr; i++) {
			f = &l->flow[i];
			at = link_send_at(l, f);
			if (at < next) {
				next = at;
				who = f;
				send = true;
			}
			at = f->head == f->tail ? NEVER : f->pkts[f->head % LINK_PKTS].told_at;
			if (at < next) {
				next = at;
				who = f;
				send = false;
			}
		}
		l->now = max(l->now, next);
		if (!who)
			return;
		if (send)
			link_enqueue(l, who);
		else
			link_tell(l, who);
	}
}
