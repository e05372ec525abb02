// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control, what all algorithms share: RFC 5681, RFC 6928, and the
 * restart after an idle time.  Pure.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "tcpx_cong.h"
#include "tcpx_tcb.h"

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
	/* RFC 5681, 3.1: if the SYN was lost, one segment */
	ca->cwnd = tcb->syn_lost ? tcb->snd_mss : tcpx_cong_initial_window(tcb->snd_mss);
	ca->ssthresh = TCPX_SSTHRESH_INF;
	ops->init(tcb, now);
}

/**
 * tcpx_cong_acked() - an acknowledgment delivered something, or found a loss
 * @tcb: the TCB; its recovery state is that after the acknowledgment
 * @rs: what it told
 * @now: ns
 */
void tcpx_cong_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	const struct tcpx_cong_ops *ops = tcb->cong.ops;

	if (!ops)
		return;
	if (ops->control)
		ops->control(tcb, rs, now);
	else if (rs->acked && tcb->rec.state != TCPX_REC_FAST && tcb->rec.state != TCPX_REC_CWR)
		ops->acked(tcb, rs, now);
	tcb->cong.cwnd = clamp(tcb->cong.cwnd, (u32)tcb->snd_mss, TCPX_SSTHRESH_INF);
}

/**
 * tcpx_cong_reduce() - congestion was found: a new ssthresh, once for a window
 * @tcb: the TCB
 * @flight: bytes in flight when it was found
 * @now: ns
 *
 * What cwnd becomes is the caller's: it depends on how congestion was found.
 */
void tcpx_cong_reduce(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;

	ca->prior_ssthresh = ca->ssthresh;
	ca->prior_cwnd = ca->cwnd;
	ca->ssthresh = ca->ops->ssthresh(tcb, flight, now);
	ca->acked = 0;
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

/**
 * tcpx_cong_after_idle() - RFC 5681, 4.1: nothing was sent for an RTO
 * @tcb: about to send, nothing in flight
 * @now: ns
 */
void tcpx_cong_after_idle(struct tcpx_tcb *tcb, u64 now)
{
	if (!tcb->conf->slow_start_after_idle || tcb->snd_una != tcb->snd_nxt ||
	    !tcb->last_snd || now - tcb->last_snd <= tcb->rtt.rto)
		return;
	tcb->cong.cwnd = min(tcb->cong.cwnd, tcpx_cong_initial_window(tcb->snd_mss));
	tcpx_cong_event(tcb, TCPX_CONG_IDLE_RESTART, now);
}
