// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control, what all algorithms share: RFC 5681, RFC 6928, slow start,
 * and what becomes of a window that is not used.  Pure.
 *
 * A sender that has little to say leaves cwnd unproven.  RFC 7661 (which
 * replaces RFC 2861) tells what may be done with such a window:
 * - it does not grow: tcpx_cong_window_used();
 * - a loss is taken from what was in use: tcpx_cong_in_use();
 * - an idle time does not end it at once.  With net.tcpx.slow_start_after_idle
 *   (the default, and the meaning that Linux gives the name) it halves with
 *   each RTO, as in RFC 2861; without, RFC 7661 keeps it for five minutes.
 *   Both stay far below what a full window would do to the path, since pacing
 *   spreads what is sent; RFC 5681's restart from one flight would cost a
 *   request after a pause several round trips.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../core/tcb.h"
#include "cong.h"

#define TCPX_SLOW_START_L	8				/* RFC 9406, 4.3, segments */
#define TCPX_PIPE_PERIOD	TCPX_NSEC_PER_SEC		/* RFC 7661, 4.2, at least */
#define TCPX_NVP_TIME		(300 * TCPX_NSEC_PER_SEC)	/* RFC 7661, 4.4.3 */

/**
 * tcpx_cong_initial_window() - RFC 6928, 2: ten segments
 * @smss: sender maximum segment size, bytes
 *
 * Return: bytes.
 */
u32 tcpx_cong_initial_window(u32 smss)
{
	return min(10 * smss, max(2 * smss, 14600U));
}

/* The same, unless the route says otherwise: for the start, and after idle time */
static u32 tcpx_cong_start_window(const struct tcpx_tcb *tcb)
{
	return tcb->route.init_cwnd ?
	       min_t(u64, (u64)tcb->route.init_cwnd * tcb->snd_mss, TCPX_SSTHRESH_INF) :
	       tcpx_cong_initial_window(tcb->snd_mss);
}

/* The route may know what the path takes at most, bytes */
static u32 tcpx_cong_max(const struct tcpx_tcb *tcb)
{
	return tcb->route.cwnd_max ?
	       min_t(u64, (u64)tcb->route.cwnd_max * tcb->snd_mss, TCPX_SSTHRESH_INF) :
	       TCPX_SSTHRESH_INF;
}

static u32 tcpx_cong_start_ssthresh(const struct tcpx_tcb *tcb)
{
	u32 max = tcpx_cong_max(tcb);

	return tcb->route.ssthresh ?
	       min_t(u64, (u64)tcb->route.ssthresh * tcb->snd_mss, max) : TCPX_SSTHRESH_INF;
}

/**
 * tcpx_cong_init() - a connection is established: start its algorithm
 * @tcb: the TCB, with its MSS known
 * @ops: the algorithm
 * @now: ns
 */
void tcpx_cong_init(struct tcpx_tcb *tcb, const struct tcpx_cong_ops *ops, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;

	memset(ca, 0, sizeof(*ca));
	ca->ops = ops;
	/* RFC 6928, 2: one SYN may get lost without congestion, two hardly */
	ca->cwnd = tcb->syn_rexmts > 1 ? tcb->snd_mss : tcpx_cong_start_window(tcb);
	ca->cwnd = min(ca->cwnd, tcpx_cong_max(tcb));
	ca->ssthresh = tcpx_cong_start_ssthresh(tcb);
	ops->init(tcb, now);
}

/**
 * tcpx_cong_release() - the connection ends: so does its algorithm
 * @tcb: the TCB
 */
void tcpx_cong_release(struct tcpx_tcb *tcb)
{
	const struct tcpx_cong_ops *ops = tcb->cong.ops;

	if (ops && ops->release)
		ops->release(tcb);
	tcb->cong.ops = NULL;
}

/**
 * tcpx_cong_switch() - an established connection changes its algorithm
 * @tcb: the TCB
 * @ops: the new one; cwnd and ssthresh stay
 * @now: ns
 */
void tcpx_cong_switch(struct tcpx_tcb *tcb, const struct tcpx_cong_ops *ops, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;

	tcpx_cong_release(tcb);
	memset(ca->priv, 0, sizeof(ca->priv));
	ca->acked = 0;
	ca->pacing_rate = TCPX_PACING_NONE;
	ca->ops = ops;
	ops->init(tcb, now);
}

/* RFC 7661, 4.2: pipeACK, the greatest of one to two sampling periods */
static void tcpx_cong_pipe_sample(struct tcpx_tcb *tcb, u32 bytes, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;
	u64 period = max(3 * tcb->rtt.srtt, TCPX_PIPE_PERIOD);

	if (now - ca->pipe_since >= period) {
		ca->pipe_prev = now - ca->pipe_since < 2 * period ? ca->pipe : 0;
		ca->pipe = 0;
		ca->pipe_since = now;
	}
	ca->pipe = max(ca->pipe, bytes);
}

/* What an acknowledgment tells of round trips, and of the use of cwnd */
static void tcpx_cong_track(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;

	ca->round_start = rs->delivered && rs->prior_delivered >= ca->round_end;
	if (ca->round_start) {
		tcpx_cong_pipe_sample(tcb, tcb->delivered - ca->round_end, now);
		ca->round_end = tcb->delivered;
		ca->used = 0;
	}
	ca->used = max(ca->used, rs->in_flight);
	if (rs->limited)
		ca->limited_until = tcb->delivered - rs->delivered + rs->in_flight;
}

/*
 * RFC 3042, 2: a duplicate acknowledgment leaves cwnd alone.  What it delivers
 * counts when SND.UNA moves, if no loss was found until then: reordering does
 * not slow growth down.
 */
static void tcpx_cong_grow(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;
	struct tcpx_rate_sample sum __uninitialized;

	if (tcb->rec.state != TCPX_REC_OPEN)
		ca->held = 0;
	if (!rs->acked) {
		ca->held += rs->delivered;
		return;
	}
	if (!ca->held) {
		ca->ops->acked(tcb, rs, now);
		return;
	}
	sum = *rs;
	sum.delivered += ca->held;
	ca->held = 0;
	ca->ops->acked(tcb, &sum, now);
}

/**
 * tcpx_cong_acked() - an acknowledgment delivered something, or found a loss
 * @tcb: the TCB; its recovery state is that after the acknowledgment, its count
 *	 of delivered bytes too
 * @rs: what it told
 * @now: ns
 */
void tcpx_cong_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	const struct tcpx_cong_ops *ops = tcb->cong.ops;
	u8 state = tcb->rec.state;

	if (!ops)
		return;
	tcpx_cong_track(tcb, rs, now);
	if (ops->observe && rs->delivered)
		ops->observe(tcb, rs, now);
	if (ops->control)
		ops->control(tcb, rs, now);
	else if (state == TCPX_REC_OPEN || state == TCPX_REC_LOSS)
		tcpx_cong_grow(tcb, rs, now);
	tcb->cong.cwnd = clamp(tcb->cong.cwnd, (u32)tcb->snd_mss, tcpx_cong_max(tcb));
}

/**
 * tcpx_cong_window_used() - may cwnd grow?  RFC 7661, 4.3: if it was used
 * @tcb: the TCB
 * @rs: what the acknowledgment told
 *
 * In slow start it grows to twice what was in flight in this round trip: data that
 * is acknowledged now was sent when the window was half as large.  The flight of
 * the moment says little: without new data each acknowledgment makes it smaller.
 */
bool tcpx_cong_window_used(const struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs)
{
	const struct tcpx_cong *ca = &tcb->cong;

	if (rs->limited || tcb->rec.state == TCPX_REC_LOSS)
		return true;
	if (tcpx_cong_slow_start(ca))
		return ca->cwnd < 2 * ca->used;
	return tcb->delivered - rs->delivered < ca->limited_until;
}

/**
 * tcpx_cong_in_use() - the window that a reduction starts from
 * @tcb: the TCB
 * @flight: bytes in flight when the congestion was found
 *
 * RFC 7661, 4.4.1: where less than half of cwnd was in use, what was.
 *
 * Return: bytes.
 */
u32 tcpx_cong_in_use(const struct tcpx_tcb *tcb, u32 flight)
{
	const struct tcpx_cong *ca = &tcb->cong;
	u32 used = max3(ca->pipe, ca->pipe_prev, flight);

	return used < ca->cwnd / 2 ? used : ca->cwnd;
}

/**
 * tcpx_cong_slow_start_acked() - slow start: RFC 5681, 3.1, equation (2)
 * @tcb: the TCB, cwnd below ssthresh
 * @bytes: delivered
 *
 * Byte counting (RFC 3465).  Its limit L keeps an acknowledgment of many
 * segments from sending a burst: 8 segments, or what leaves in one piece and is
 * acknowledged as one; none where pacing sees to that (RFC 9406, 4.3), nor where
 * the path reorders, since there the one that fills a hole stands for all that
 * SACK blocks told before it.  After a time-out, without SACK, an acknowledgment
 * may be for what arrived long before: then L is one segment (RFC 3465, 2.3).
 *
 * Return: bytes that are left for congestion avoidance.
 */
u32 tcpx_cong_slow_start_acked(struct tcpx_tcb *tcb, u32 bytes)
{
	struct tcpx_cong *ca = &tcb->cong;
	u32 grow;

	if (tcb->rec.state == TCPX_REC_LOSS && !tcb->sack_ok)
		bytes = min_t(u32, bytes, tcb->snd_mss);
	else if (!tcb->pacing && !tcb->rec.rack.reordering)
		bytes = min_t(u32, bytes,
			      max_t(u32, TCPX_SLOW_START_L * tcb->snd_mss, tcb->burst));
	grow = min(bytes, ca->ssthresh - ca->cwnd);
	ca->cwnd += grow;
	return bytes - grow;
}

/**
 * tcpx_cong_reduce() - congestion was found: a new ssthresh, once for a window
 * @tcb: the TCB
 * @flight: bytes in flight when it was found
 * @now: ns
 *
 * The caller sets cwnd: that depends on how congestion was found.
 */
void tcpx_cong_reduce(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;

	ca->prior_ssthresh = ca->ssthresh;
	ca->prior_cwnd = ca->cwnd;
	ca->ssthresh = ca->ops->ssthresh(tcb, flight, now);
	ca->acked = 0;
	ca->held = 0;
}

/**
 * tcpx_cong_undo() - the last reduction was a mistake: RFC 4015, 3.2
 * @tcb: the TCB
 * @now: ns
 */
void tcpx_cong_undo(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;
	u32 cwnd = ca->ops->undo ? ca->ops->undo(tcb) : ca->prior_cwnd;

	ca->cwnd = max(ca->cwnd, cwnd);
	ca->ssthresh = max(ca->ssthresh, ca->prior_ssthresh);
	tcpx_cong_event(tcb, TCPX_CONG_UNDO, now);
}

/**
 * tcpx_cong_event() - tell the algorithm
 * @tcb: the TCB
 * @ev: of what
 * @now: ns
 */
void tcpx_cong_event(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now)
{
	if (tcb->cong.ops && tcb->cong.ops->event)
		tcb->cong.ops->event(tcb, ev, now);
}

/* RFC 2861, 3.1: half for each RTO, but no less than the restart window */
static u32 tcpx_cong_decayed(u32 cwnd, u32 restart, u64 idle, u64 rto)
{
	while (cwnd > restart && idle > rto) {
		cwnd /= 2;
		idle -= rto;
	}
	return max(cwnd, restart);
}

/**
 * tcpx_cong_after_idle() - nothing was sent for a while: RFC 2861, RFC 7661
 * @tcb: about to send, nothing in flight
 * @now: ns
 *
 * It may be called again before something is sent.
 */
void tcpx_cong_after_idle(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;
	u64 idle = now - tcb->last_snd;
	u32 restart;

	if (tcb->snd_una != tcb->snd_nxt || !tcb->last_snd)
		return;
	if (idle <= (tcb->conf->slow_start_after_idle ? tcb->rtt.rto : TCPX_NVP_TIME))
		return;
	if (ca->idle_since != tcb->last_snd) {
		ca->idle_since = tcb->last_snd;
		ca->idle_cwnd = ca->cwnd;
		/* To find the old window again in slow start */
		ca->ssthresh = max(ca->ssthresh, ca->cwnd - ca->cwnd / 4);
	}
	restart = min(tcpx_cong_start_window(tcb), ca->idle_cwnd);
	if (tcb->conf->slow_start_after_idle)
		ca->cwnd = tcpx_cong_decayed(ca->idle_cwnd, restart, idle, tcb->rtt.rto);
	else
		ca->cwnd = max(ca->idle_cwnd / 2, restart);
	tcpx_cong_event(tcb, TCPX_CONG_IDLE_RESTART, now);
}
