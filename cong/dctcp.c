// SPDX-License-Identifier: GPL-2.0
/*
 * DCTCP: RFC 8257, the sender; the receiver's part is in core/ecn.c.  Pure.
 *
 * The share of bytes that came with congestion experienced, averaged over round
 * trips, says how much to reduce: a little for a little.  That wants routers
 * that mark early, so it is for a network under one administration.  A loss
 * counts as it does for Reno, and where the peer has no ECN this is Reno.
 */
#include <linux/build_bug.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <uapi/linux/inet_diag.h>

#include "../core/tcb.h"
#include "dctcp.h"
#include "reno.h"

#define TCPX_DCTCP_G_SHIFT	4	/* 4.2: g = 1 / 16 */

static struct tcpx_dctcp *tcpx_dctcp(struct tcpx_tcb *tcb)
{
	BUILD_BUG_ON(sizeof(struct tcpx_dctcp) > TCPX_CONG_PRIV_SIZE);
	return (struct tcpx_dctcp *)tcb->cong.priv;
}

static void tcpx_dctcp_begin_window(struct tcpx_tcb *tcb)
{
	struct tcpx_dctcp *d = tcpx_dctcp(tcb);

	d->delivered = tcb->delivered;
	d->delivered_ce = tcb->delivered_ce;
	d->window_end = tcb->snd_nxt;
}

static void tcpx_dctcp_init(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_dctcp *d = tcpx_dctcp(tcb);

	d->enabled = tcb->ecn.mode;
	d->alpha = TCPX_DCTCP_ONE;	/* 4.2: the first mark counts in full */
	tcpx_dctcp_begin_window(tcb);
}

/* 3.3, steps 3 to 8: the observation window is over */
static void tcpx_dctcp_update(struct tcpx_tcb *tcb)
{
	struct tcpx_dctcp *d = tcpx_dctcp(tcb);
	u64 marked = tcb->delivered_ce - d->delivered_ce;
	u64 acked = tcb->delivered - d->delivered;
	u32 m;

	if (!acked || !tcpx_after(tcb->snd_una, d->window_end))
		return;
	m = div64_u64(min(marked, acked) << TCPX_DCTCP_SHIFT, acked);
	d->alpha -= d->alpha >> TCPX_DCTCP_G_SHIFT;
	d->alpha = min(d->alpha + (m >> TCPX_DCTCP_G_SHIFT), TCPX_DCTCP_ONE);
	tcpx_dctcp_begin_window(tcb);
}

static void tcpx_dctcp_observe(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	tcpx_dctcp_update(tcb);
}

/* 3.3, step 9: cwnd * (1 - alpha / 2) */
static u32 tcpx_dctcp_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	struct tcpx_dctcp *d = tcpx_dctcp(tcb);
	u32 cwnd = tcpx_cong_in_use(tcb, flight);

	if (!d->enabled)
		return tcpx_reno_ssthresh(tcb, flight, now);
	tcpx_dctcp_update(tcb);
	cwnd -= (u64)cwnd * d->alpha >> (TCPX_DCTCP_SHIFT + 1);
	return max(cwnd, 2U * tcb->snd_mss);
}

/* 3.5: a loss is answered as conventional TCP does, marks or no marks */
static void tcpx_dctcp_event(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now)
{
	struct tcpx_cong *ca = &tcb->cong;

	if (ev != TCPX_CONG_RECOVERY && ev != TCPX_CONG_LOSS)
		return;
	ca->ssthresh = min(ca->ssthresh, max(ca->prior_cwnd / 2, 2U * tcb->snd_mss));
}

static size_t tcpx_dctcp_info(const struct tcpx_tcb *tcb, int *attr, union tcp_cc_info *info)
{
	const struct tcpx_dctcp *d = (const struct tcpx_dctcp *)tcb->cong.priv;

	info->dctcp = (struct tcp_dctcp_info){ };
	if (d->enabled)
		info->dctcp = (struct tcp_dctcp_info){
			.dctcp_enabled = 1,
			.dctcp_ce_state = tcb->ecn.demand,
			.dctcp_alpha = d->alpha >> (TCPX_DCTCP_SHIFT - 10),
			.dctcp_ab_ecn = tcb->delivered_ce - d->delivered_ce,
			.dctcp_ab_tot = tcb->delivered - d->delivered,
		};
	*attr = INET_DIAG_DCTCPINFO;
	return sizeof(info->dctcp);
}

const struct tcpx_cong_ops tcpx_cong_dctcp = {
	.name		= "dctcp",
	.flags		= TCPX_CONG_NEEDS_ECN | TCPX_CONG_RESTRICTED,
	.init		= tcpx_dctcp_init,
	.ssthresh	= tcpx_dctcp_ssthresh,
	.acked		= tcpx_reno_acked,
	.observe	= tcpx_dctcp_observe,
	.event		= tcpx_dctcp_event,
	.info		= tcpx_dctcp_info,
};
