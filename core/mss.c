// SPDX-License-Identifier: GPL-2.0
/*
 * How large a segment may be: RFC 9293, 3.7.1: what the peer takes, and what the
 * path is known to carry.  Pure.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "mss.h"

/**
 * tcpx_mss_path() - the largest segment that path and peer take, as far as is known
 * @tcb: the TCB
 *
 * Return: bytes of payload and options.
 */
u16 tcpx_mss_path(const struct tcpx_tcb *tcb)
{
	const struct tcpx_pmtu *p = &tcb->pmtu;

	return min_t(u16, p->on ? p->low : p->path, tcb->peer_mss);
}

/* The route, or a router, says what the path takes */
static u16 tcpx_take_path(struct tcpx_tcb *tcb, u16 path)
{
	struct tcpx_pmtu *p = &tcb->pmtu;

	if (!p->path) {
		p->on = tcb->conf->mtu_probing > 1;
		p->low = max_t(u32, tcb->conf->base_mss, TCPX_MSS_MIN);
	}
	if (p->path != path) {
		p->path = path;
		p->high = path;
		/* A router has answered the probe that is out: it will be lost */
		p->tries = p->size > path ? TCPX_PMTU_TRIES - 1 : 0;
	}
	p->low = min(p->low, path);
	return tcpx_mss_path(tcb);
}

/*
 * 3.8.6.2.1, (3): for a peer with a small buffer half of it is a full segment.
 * Two of that size are in flight then, so that neither Nagle's rule nor a delayed
 * ACK stops the flow.  The smallest windows are not divided further.
 */
static u32 tcpx_full_for_peer(const struct tcpx_tcb *tcb)
{
	u32 wnd = tcb->max_snd_wnd;

	return max_t(u32, wnd > TCPX_MSS_DEFAULT ? wnd / 2 : wnd, TCPX_MSS_MIN);
}

/**
 * tcpx_mss_set() - effective send MSS: RFC 9293, 3.7.1 (MUST-16)
 * @tcb: the TCB
 * @pmtu_mss: bytes of payload and options that the path's MTU leaves
 */
void tcpx_mss_set(struct tcpx_tcb *tcb, u16 pmtu_mss)
{
	tcb->snd_mss = tcpx_take_path(tcb, pmtu_mss) - tcpx_common_opt_len(tcb);
	if (tcb->max_snd_wnd)
		tcb->snd_mss = min_t(u32, tcb->snd_mss, tcpx_full_for_peer(tcb));
}

/**
 * tcpx_mss_window() - the peer offers a window: how large is its buffer?
 * @tcb: the TCB
 * @wnd: bytes
 */
void tcpx_mss_window(struct tcpx_tcb *tcb, u32 wnd)
{
	if (wnd <= tcb->max_snd_wnd)
		return;
	tcb->max_snd_wnd = wnd;
	tcpx_mss_set(tcb, tcb->pmtu.path);
}

/**
 * tcpx_mss_next() - how much data the next segment takes (MUST-16)
 * @tcb: synchronized
 *
 * Return: bytes: snd_mss, less the options that not every segment has.
 */
u32 tcpx_mss_next(const struct tcpx_tcb *tcb)
{
	return tcb->snd_mss + tcpx_common_opt_len(tcb) - tcpx_fixed_opt_len(tcb) -
	       tcpx_sack_opt_len(tcb);
}
