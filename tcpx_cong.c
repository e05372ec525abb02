// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control, what all algorithms share: RFC 5681, RFC 6928, and the
 * restart after an idle time.  Pure.
 */
#include <linux/minmax.h>
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
 * tcpx_cong_init() - start, or change to, an algorithm
 * @tcb: the TCB, with its MSS known
 * @ops: the algorithm
 */
void tcpx_cong_init(struct tcpx_tcb *tcb, const struct tcpx_cong_ops *ops)
{
	tcb->cong.ops = ops;
	tcb->cong.acked = 0;
	/* RFC 5681, 3.1: if the SYN was lost, one segment */
	tcb->cong.cwnd = tcb->syn_lost ? tcb->snd_mss : tcpx_cong_initial_window(tcb->snd_mss);
	tcb->cong.ssthresh = TCPX_SSTHRESH_INF;
	ops->init(tcb);
}

/**
 * tcpx_cong_acked() - new data was acknowledged outside of fast recovery
 * @tcb: the TCB
 * @bytes: so much of it
 * @now: ns
 */
void tcpx_cong_acked(struct tcpx_tcb *tcb, u32 bytes, u64 now)
{
	if (tcb->cong.ops && bytes)
		tcb->cong.ops->acked(tcb, bytes, tcb->cwnd_limited, now);
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
}
