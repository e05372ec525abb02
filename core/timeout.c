// SPDX-License-Identifier: GPL-2.0
/*
 * A deadline has passed: RFC 9293, 3.10.8, with retransmission (3.8.1, RFC 6298),
 * failure (3.8.3), keepalive (3.8.4) and zero-window probes (3.8.6.1).  Pure.
 *
 * When each deadline runs, and what starts it anew: the table in deadline.c.
 */
#include <linux/string.h>
#include <linux/types.h>

#include "ack.h"
#include "deadline.h"
#include "rack.h"
#include "recovery.h"
#include "timeout.h"

static u64 tcpx_keep_intvl(const struct tcpx_tcb *tcb)
{
	return (tcb->keep_intvl ?: tcb->conf->keepalive_intvl) * TCPX_NSEC_PER_SEC;
}

static void tcpx_keep_expired(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	u64 idle = now - tcb->last_rcv;
	u8 probes = tcb->keep_probes ?: tcb->conf->keepalive_probes;
	bool over;

	if (!tcb->keep_on)
		return;
	/* MUST-26: only where nothing else is on its way */
	if (tcb->snd_una != tcb->snd_nxt || tcpx_after(tcb->write_seq, tcb->snd_nxt)) {
		tcb->deadline[TCPX_T_KEEP] = now + tcpx_keep_idle(tcb);
		return;
	}
	if (idle < tcpx_keep_idle(tcb)) {
		tcb->deadline[TCPX_T_KEEP] = tcb->last_rcv + tcpx_keep_idle(tcb);
		return;
	}
	over = tcb->user_timeout ?
	       tcb->probes_out && idle >= tcb->user_timeout * TCPX_NSEC_PER_MSEC :
	       tcb->probes_out >= probes;	/* MUST-29: never on one lost ACK */
	if (over) {
		a->rst = tcpx_fsm_rst(tcb);
		a->todo |= TCPX_DO_RST;
		tcpx_fsm_event(tcb, TCPX_EV_USER_TIMEOUT, now, a);
		return;
	}
	tcb->probes_out++;
	a->todo |= TCPX_DO_PROBE;
	tcb->deadline[TCPX_T_KEEP] = now + tcpx_keep_intvl(tcb);
}

/* R2 (MUST-20, MUST-21, MUST-23), in retransmissions */
static u32 tcpx_r2(const struct tcpx_tcb *tcb)
{
	const struct tcpx_conf *conf = tcb->conf;

	if (tcb->state == TCPX_SYN_SENT)
		return tcb->syn_retries ?: conf->syn_retries;
	if (!tcb->syn_acked)
		return conf->synack_retries;
	if (tcb->orphan)
		return conf->orphan_retries ?: 8;
	return conf->retries2;
}

/* How long @r2 retransmissions take, each time-out twice the last; ns */
static u64 tcpx_r2_time(const struct tcpx_tcb *tcb, u32 r2)
{
	u64 time = 0;
	u32 i;

	for (i = 0; i <= r2; i++)
		time += tcpx_rtt_backoff(tcb->rtt.rto, i, tcpx_rto_max(tcb));
	return time;
}

/*
 * 3.8.3, (c).  Where RFC 6069 has undone what makes time-outs longer, they are not
 * fewer but come faster: so R2 is the time that they would have taken.
 */
static bool tcpx_r2_reached(const struct tcpx_tcb *tcb, u64 now)
{
	u32 r2 = tcpx_r2(tcb);

	if (tcb->rexmt_shift < r2)
		return false;
	return !tcb->lcd || now - tcb->unacked_since >= tcpx_r2_time(tcb, r2);
}

/* SHLD-17: a peer that answers, but has shut its window, is not dead */
static bool tcpx_window_shut_but_alive(const struct tcpx_tcb *tcb, u64 now)
{
	return !tcb->snd_wnd && tcb->syn_acked &&
	       now - tcb->last_rcv <= tcb->conf->rto_max_ms * TCPX_NSEC_PER_MSEC;
}

/* A stream of few segments may ask for linear time-outs, six of them */
static bool tcpx_thin(const struct tcpx_tcb *tcb)
{
	return tcb->thin_linear && tcb->syn_acked && tcb->rexmt_shift <= 6 &&
	       tcb->snd_nxt - tcb->snd_una < 4U * tcb->snd_mss;
}

static void tcpx_rexmt_expired(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	if (tcb->snd_una == tcb->snd_nxt)
		return;
	if (tcpx_r2_reached(tcb, now) && !tcpx_window_shut_but_alive(tcb, now)) {
		tcpx_fsm_event(tcb, TCPX_EV_USER_TIMEOUT, now, a);
		return;
	}
	tcb->rexmt_shift += tcb->rexmt_shift < 255;
	if (!tcpx_thin(tcb))
		tcb->backoff += tcb->backoff < 255;
	if (tcb->rexmt_shift == tcb->conf->retries1)
		a->todo |= TCPX_DO_SOFT_ERROR;
	tcb->rtt_timing = false;
	if (tcb->syn_acked) {
		tcpx_recovery_timeout(tcb, now);
		tcpx_fsm_event(tcb, TCPX_EV_REXMT_TIMEOUT, now, a);
	} else {
		tcb->syn_rexmts = tcb->rexmt_shift;
		a->todo |= tcb->state == TCPX_SYN_SENT ? TCPX_DO_SYN : TCPX_DO_SYNACK;
	}
	tcb->deadline[TCPX_T_REXMT] = now + tcpx_rexmt_interval(tcb);
}

/* RFC 9293, 3.8.6.1, and the override of 3.8.6.2.1 */
static void tcpx_persist_expired(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	if (tcb->snd_wnd) {
		tcb->sws_override = true;
		a->todo |= TCPX_DO_OUTPUT;
		return;
	}
	if (tcb->probes_out >= tcpx_r2(tcb) ||
	    (tcb->orphan && tcb->persist_shift >= tcpx_r2(tcb))) {
		tcpx_fsm_event(tcb, TCPX_EV_USER_TIMEOUT, now, a);
		return;
	}
	tcb->probes_out++;
	tcb->persist_shift += tcb->persist_shift < 32;
	a->todo |= TCPX_DO_PROBE;
	tcb->deadline[TCPX_T_PERSIST] =
		now + tcpx_rtt_backoff(tcb->rtt.rto, tcb->persist_shift,
				       tcb->conf->rto_max_ms * TCPX_NSEC_PER_MSEC);
}

/**
 * tcpx_timeout() - a deadline has passed: 3.10.8
 * @tcb: the TCB
 * @timer: which; it is off afterwards unless the event sets it again
 * @now: ns
 * @a: filled in
 */
void tcpx_timeout(struct tcpx_tcb *tcb, u8 timer, u64 now, struct tcpx_actions *a)
{
	memset(a, 0, sizeof(*a));
	tcb->deadline[timer] = TCPX_NEVER;
	switch (timer) {
	case TCPX_T_PACE:
		a->todo |= TCPX_DO_OUTPUT;
		break;
	case TCPX_T_REO:
		tcpx_recovery_reo_timeout(tcb, now, a);
		break;
	case TCPX_T_TLP:
		tcpx_tlp_timeout(tcb, a);
		break;
	case TCPX_T_REXMT:
		tcpx_rexmt_expired(tcb, now, a);
		break;
	case TCPX_T_PERSIST:
		tcpx_persist_expired(tcb, now, a);
		break;
	case TCPX_T_DELACK:
		tcpx_ack_timeout(tcb, a);
		break;
	case TCPX_T_KEEP:
		tcpx_keep_expired(tcb, now, a);
		break;
	case TCPX_T_USER:
		tcpx_fsm_event(tcb, TCPX_EV_USER_TIMEOUT, now, a);
		break;
	case TCPX_T_FIN_WAIT_2:
		tcpx_fsm_event(tcb, TCPX_EV_FIN_WAIT_2_TIMEOUT, now, a);
		break;
	case TCPX_T_2MSL:
		tcpx_fsm_event(tcb, TCPX_EV_TIME_WAIT_TIMEOUT, now, a);
		break;
	}
}
