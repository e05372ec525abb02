// SPDX-License-Identifier: GPL-2.0
/* Reno: slow start and congestion avoidance of RFC 5681, 3.1.  Pure. */
#include <linux/minmax.h>
#include <linux/types.h>

#include "tcpx_cong.h"
#include "tcpx_tcb.h"

static void tcpx_reno_init(struct tcpx_tcb *tcb, u64 now)
{
}

/* Equation (4): max(FlightSize / 2, 2 * SMSS) */
static u32 tcpx_reno_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	return max(flight / 2, 2U * tcb->snd_mss);
}

static void tcpx_reno_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;
	u32 smss = tcb->snd_mss;

	/* A window that was not used tells nothing about the path */
	if (!rs->limited && tcb->rec.state == TCPX_REC_OPEN && 2 * rs->in_flight < ca->cwnd)
		return;
	if (tcpx_cong_slow_start(ca)) {
		/* Equation (2); RFC 3465, 2.3: two segments, but one after an RTO */
		ca->cwnd += min(rs->acked,
				tcb->rec.state == TCPX_REC_LOSS ? smss : 2 * smss);
		return;
	}
	/* One SMSS for each window's worth of acknowledged bytes */
	ca->acked += rs->acked;
	if (ca->acked >= ca->cwnd) {
		ca->acked -= ca->cwnd;
		ca->cwnd += smss;
	}
}

const struct tcpx_cong_ops tcpx_cong_reno = {
	.name		= "reno",
	.init		= tcpx_reno_init,
	.ssthresh	= tcpx_reno_ssthresh,
	.acked		= tcpx_reno_acked,
};
