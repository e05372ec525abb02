// SPDX-License-Identifier: GPL-2.0
/* Reno: slow start and congestion avoidance of RFC 5681, 3.1.  Pure. */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "../core/tcb.h"
#include "reno.h"

static void tcpx_reno_init(struct tcpx_tcb *tcb, u64 now)
{
}

/**
 * tcpx_reno_ssthresh() - struct tcpx_cong_ops.ssthresh: equation (4)
 * @tcb: the TCB
 * @flight: bytes in flight
 * @now: ns
 *
 * Return: max(FlightSize / 2, 2 * SMSS), bytes.
 */
u32 tcpx_reno_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	return max(flight / 2, 2U * tcb->snd_mss);
}

/**
 * tcpx_reno_acked() - struct tcpx_cong_ops.acked, for others too
 * @tcb: the TCB
 * @rs: what the acknowledgment told
 * @now: ns
 */
void tcpx_reno_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;
	u32 bytes = rs->delivered, window;
	u64 grow;

	if (!tcpx_cong_window_used(tcb, rs))
		return;
	if (tcpx_cong_slow_start(ca))
		bytes = tcpx_cong_slow_start_acked(tcb, bytes);
	if (!bytes)
		return;
	/*
	 * RFC 3465, 2.1: one SMSS for each window's worth of bytes; the part of a
	 * segment that cwnd has beyond whole ones can't be sent in a round trip.
	 * A byte at a time, as equation (3) does it: so that part, which halving
	 * leaves in every other case, is the beginning of the next segment.
	 */
	window = max(ca->cwnd - ca->cwnd % tcb->snd_mss, (u32)tcb->snd_mss);
	grow = (u64)min(bytes, window) * tcb->snd_mss + ca->acked;
	ca->acked = do_div(grow, window);
	ca->cwnd += grow;
}

const struct tcpx_cong_ops tcpx_cong_reno = {
	.name		= "reno",
	.init		= tcpx_reno_init,
	.ssthresh	= tcpx_reno_ssthresh,
	.acked		= tcpx_reno_acked,
};
