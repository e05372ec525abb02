// SPDX-License-Identifier: GPL-2.0
/*
 * A TCB is made, and forgets its connection: RFC 9293, 3.3.1.  Pure.
 */
#include <linux/string.h>
#include <linux/types.h>

#include "tcb.h"

/**
 * tcpx_tcb_init() - a TCB in CLOSED
 * @tcb: filled in
 * @conf: what the administrator set; outlives @tcb
 */
void tcpx_tcb_init(struct tcpx_tcb *tcb, const struct tcpx_conf *conf)
{
	int i;

	memset(tcb, 0, sizeof(*tcb));
	tcb->conf = conf;
	tcb->state = TCPX_CLOSED;
	tcb->peer_mss = TCPX_MSS_DEFAULT;
	tcb->default_mss = TCPX_MSS_DEFAULT;
	tcb->snd_mss = TCPX_MSS_DEFAULT;
	tcb->rcv_mss = TCPX_MSS_DEFAULT;
	tcb->rcvbuf.ratio = TCPX_RCV_RATIO;
	tcb->max_pacing_rate = TCPX_PACE_UNLIMITED;
	tcb->rate_app_limited = true;
	tcpx_rtt_init(&tcb->rtt);
	for (i = 0; i < TCPX_NR_TIMERS; i++)
		tcb->deadline[i] = TCPX_NEVER;
}

/**
 * tcpx_tcb_inherit() - what the user has set, from another TCB
 * @tcb: takes it
 * @from: has it
 */
void tcpx_tcb_inherit(struct tcpx_tcb *tcb, const struct tcpx_tcb *from)
{
	tcb->nodelay = from->nodelay;
	tcb->pingpong = from->pingpong;
	tcb->keep_on = from->keep_on;
	tcb->keep_idle = from->keep_idle;
	tcb->keep_intvl = from->keep_intvl;
	tcb->keep_probes = from->keep_probes;
	tcb->syn_retries = from->syn_retries;
	tcb->linger2 = from->linger2;
	tcb->thin_linear = from->thin_linear;
	tcb->user_timeout = from->user_timeout;
	tcb->uto_on = from->uto_on;
	tcb->uto_fixed = from->uto_fixed;
	tcb->ecn.wanted = from->ecn.wanted;
}

/**
 * tcpx_tcb_reinit() - forget the connection, keep what the user has set
 * @tcb: in CLOSED
 */
void tcpx_tcb_reinit(struct tcpx_tcb *tcb)
{
	struct tcpx_tcb fresh;

	tcpx_tcb_init(&fresh, tcb->conf);
	tcpx_tcb_inherit(&fresh, tcb);
	fresh.pingpong = false;
	*tcb = fresh;
}

/**
 * tcpx_tcb_route() - the connection has a route, or another one
 * @tcb: the TCB
 * @route: what it says
 */
void tcpx_tcb_route(struct tcpx_tcb *tcb, const struct tcpx_route *route)
{
	tcb->route = *route;
	if (route->ecn)
		tcb->ecn.wanted |= TCPX_ECN_ROUTE;
	else
		tcb->ecn.wanted &= ~TCPX_ECN_ROUTE;
}
