// SPDX-License-Identifier: GPL-2.0
/*
 * The delivery rate: draft-ietf-ccwg-bbr, 4.5.2 (delivery rate sampling).
 * Pure.
 *
 * Each segment remembers what had been delivered when it was sent.  When it
 * arrives, what was delivered since, over the time since, is the rate.  Of
 * the time to send and the time to acknowledge the longer one counts, so that
 * neither bursts nor compressed acknowledgments can make it too high.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "rate.h"

/**
 * tcpx_rate_sent() - a segment is sent, for the first time or again
 * @tcb: the TCB; SND.NXT does not count it yet, nor is it flying
 * @seg: the segment
 * @start: nothing else flies
 * @now: ns
 */
void tcpx_rate_sent(struct tcpx_tcb *tcb, struct tcpx_txseg *seg, bool start, u64 now)
{
	/* After an idle time the clock starts anew */
	if (start) {
		tcb->first_sent_at = now;
		tcb->delivered_at = now;
	}
	seg->first_sent_at = tcb->first_sent_at;
	seg->delivered_at = tcb->delivered_at;
	seg->delivered = tcb->delivered;
	seg->flags &= ~TCPX_TX_APP_LIMITED;
	if (tcb->app_limited)
		seg->flags |= TCPX_TX_APP_LIMITED;
}

/**
 * tcpx_rate_delivered() - a segment has arrived
 * @tcb: the TCB
 * @seg: the segment, as it was before
 * @ack: the acknowledgment that says so
 * @now: ns
 */
void tcpx_rate_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			 struct tcpx_ack *ack, u64 now)
{
	struct tcpx_rate_sample *rs = &ack->rs;
	u32 len = seg->end_seq - seg->seq;

	rs->delivered += len;
	tcb->delivered += len;
	tcb->delivered_at = now;
	/* The one that was sent last tells most */
	if (ack->prior_at && seg->delivered < rs->prior_delivered)
		return;
	if (ack->prior_at && seg->delivered == rs->prior_delivered &&
	    seg->sent_at < tcb->first_sent_at)
		return;
	rs->prior_delivered = seg->delivered;
	rs->app_limited = seg->flags & TCPX_TX_APP_LIMITED;
	rs->rexmt = seg->flags & TCPX_TX_REXMT;
	ack->prior_at = seg->delivered_at;
	ack->send_elapsed = seg->sent_at - seg->first_sent_at;
	tcb->first_sent_at = seg->sent_at;
}

/**
 * tcpx_rate() - the delivery rate
 * @delivered: bytes
 * @interval: ns
 *
 * Return: bytes a second, 0: not known.
 */
u64 tcpx_rate(u64 delivered, u64 interval)
{
	return interval ? div64_u64(delivered * TCPX_NSEC_PER_SEC, interval) : 0;
}

/* A sample that the user's lack of data has limited counts only if it shows more */
static void tcpx_rate_keep(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs)
{
	if (!rs->interval)
		return;
	if (rs->app_limited && tcpx_rate(rs->interval_delivered, rs->interval) <
			       tcpx_rate(tcb->rate_delivered, tcb->rate_interval))
		return;
	tcb->rate_delivered = rs->interval_delivered;
	tcb->rate_interval = rs->interval;
	tcb->rate_app_limited = rs->app_limited;
}

/**
 * tcpx_rate_sample() - the acknowledgment has been looked at: what is the rate
 * @tcb: the TCB
 * @ack: the acknowledgment; its rate sample is completed
 * @now: ns
 */
void tcpx_rate_sample(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now)
{
	struct tcpx_rate_sample *rs = &ack->rs;

	if (tcb->app_limited && tcb->delivered > tcb->app_limited)
		tcb->app_limited = 0;
	if (!ack->prior_at)
		return;
	rs->interval = max(ack->send_elapsed, now - ack->prior_at);
	rs->interval_delivered = tcb->delivered - rs->prior_delivered;
	/* Faster than the path can be: the segment had been sent again needlessly */
	if (rs->interval < tcb->rtt.min_rtt)
		rs->interval = 0;
	tcpx_rate_keep(tcb, rs);
}

/**
 * tcpx_rate_check_app_limited() - the user has no more to send
 * @tcb: the TCB; nothing is left that cwnd would allow
 */
void tcpx_rate_check_app_limited(struct tcpx_tcb *tcb)
{
	if (!tcb->sb.lost.nr && tcpx_flight(tcb) < tcb->cong.cwnd)
		tcb->app_limited = max_t(u64, tcb->delivered + tcpx_flight(tcb), 1);
}
