// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines and what they lead to: RFC 9293, 3.10.8, with retransmission (3.8.1,
 * RFC 6298), failure (3.8.3), keepalive (3.8.4) and zero-window probes (3.8.6.1).
 *
 * Pure: a deadline is a time in the TCB; whoever calls has the clock.
 *
 *		runs while		starts anew with	passes
 *
 * PACE		pacing holds payload	each segment sent	the next one leaves
 * REO		something overtaken	(from when that was	it is lost
 *		may still come		sent)
 * TLP		payload flies, nothing	what is sent, or newly	a segment more, once
 *		of it is SACKed		acknowledged or SACKed
 * REXMT	something is not	SND.UNA moves, a probe	again, RTO doubled;
 *		acknowledged		of TLP, SND.UNA sent	R1, R2
 *					again in recovery, a
 *					window that opens
 * PERSIST	the window is shut, or	payload sent, a window	a probe, time doubled;
 *		too small, and payload	that opens		R2 of them that nobody
 *		waits; nothing flies				answers; for an orphan
 *								R2 of them at all
 * DELACK	payload is not yet		(from the first such	an ACK
 *		acknowledged		segment)
 * KEEP		SO_KEEPALIVE		whatever is heard of	a probe; so many that
 *					the peer		nobody answers
 * USER		TCP_USER_TIMEOUT, and	SND.UNA moves, a	ETIMEDOUT
 *		something sent is not	window that opens
 *		acknowledged, or waits
 *		for a shut window
 * FIN_WAIT_2	nobody reads, the peer	-			CLOSED
 *		has not closed
 * 2MSL		TIME-WAIT		the peer's FIN again	CLOSED
 *
 * What only shows that the peer is alive (a duplicate ACK, the answer to a probe,
 * payload of its own) starts KEEP anew and clears the count of probes without an
 * answer; no other deadline moves with it.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "ack.h"
#include "rack.h"
#include "recovery.h"
#include "timeout.h"

/**
 * tcpx_fsm_next_deadline() - when this connection wants to be looked at
 * @tcb: the TCB
 *
 * Return: ns, or TCPX_NEVER.
 */
u64 tcpx_fsm_next_deadline(const struct tcpx_tcb *tcb)
{
	u64 next = TCPX_NEVER;
	int i;

	for (i = 0; i < TCPX_NR_TIMERS; i++)
		next = min(next, tcb->deadline[i]);
	return next;
}

/**
 * tcpx_fsm_rexmt_interval() - RFC 6298: the time-out as it now stands
 * @tcb: the TCB
 *
 * Return: ns.
 */
u64 tcpx_fsm_rexmt_interval(const struct tcpx_tcb *tcb)
{
	return tcpx_rtt_backoff(tcb->rtt.rto, tcb->backoff, tcpx_rto_max(tcb));
}

/**
 * tcpx_fsm_first_rto() - both ends are synchronized: the time-out for data
 * @tcb: the TCB, with its route
 *
 * The handshake of a passive OPEN was measured before its route was known.  A
 * longer round trip that the route tells of is good for the first time-out; what
 * is measured from then on takes its place.
 */
void tcpx_fsm_first_rto(struct tcpx_tcb *tcb)
{
	u64 rtt = tcb->rtt.srtt, rttvar = tcb->rtt.rttvar;

	if (tcb->route.rtt > rtt) {
		rtt = tcb->route.rtt;
		rttvar = tcb->route.rttvar ?: rtt / 2;	/* RFC 6298, (2.2) */
	}
	if (rtt)
		tcb->rtt.rto = tcpx_rtt_rto(rtt, rttvar, tcpx_rto_min(tcb), tcpx_rto_max(tcb));
}

/**
 * tcpx_fsm_rearm_rexmt() - SND.UNA has moved: RFC 6298, (5.2) and (5.3)
 * @tcb: the TCB
 * @now: ns
 *
 * RFC 7765: with too few segments out for a fast retransmit the time-out runs
 * from when the first of them was sent.  Not where that is known to be lost, or
 * was probed for: the time-out then waits for what was sent since.
 */
void tcpx_fsm_rearm_rexmt(struct tcpx_tcb *tcb, u64 now)
{
	u64 rto = tcpx_fsm_rexmt_interval(tcb), since = now;
	u32 out = tcpx_sb_len(&tcb->sb);

	if (tcb->snd_una == tcb->snd_nxt) {
		tcb->deadline[TCPX_T_REXMT] = TCPX_NEVER;
		return;
	}
	if (out && out <= tcpx_dupthresh(tcb) && !tcpx_after(tcb->write_seq, tcb->snd_nxt) &&
	    tcb->rec.state == TCPX_REC_OPEN && !tcb->rec.tlp)
		since = tcpx_sb_at(&tcb->sb, tcb->sb.head)->sent_at;
	tcb->deadline[TCPX_T_REXMT] = max(since + rto, now + 1);
}

/**
 * tcpx_fsm_user_timeout() - set the deadline of the user time-out
 * @tcb: the TCB; user_timeout, the window or what is unacknowledged has changed
 *
 * It runs from the moment since which the peer has acknowledged nothing new, or
 * has let nothing through.  That it answers probes is no progress.
 */
void tcpx_fsm_user_timeout(struct tcpx_tcb *tcb)
{
	bool shut = !tcb->snd_wnd && tcb->deadline[TCPX_T_PERSIST] != TCPX_NEVER;

	if (!tcb->user_timeout || (tcb->snd_una == tcb->snd_nxt && !shut))
		tcb->deadline[TCPX_T_USER] = TCPX_NEVER;
	else
		tcb->deadline[TCPX_T_USER] = tcb->unacked_since +
					     tcb->user_timeout * TCPX_NSEC_PER_MSEC;
}

static u64 tcpx_keep_idle(const struct tcpx_tcb *tcb)
{
	return (tcb->keep_idle ?: tcb->conf->keepalive_time) * TCPX_NSEC_PER_SEC;
}

static u64 tcpx_keep_intvl(const struct tcpx_tcb *tcb)
{
	return (tcb->keep_intvl ?: tcb->conf->keepalive_intvl) * TCPX_NSEC_PER_SEC;
}

/**
 * tcpx_fsm_keepalive() - keepalive was switched, or its times have changed
 * @tcb: the TCB
 * @now: ns
 *
 * RFC 9293, 3.8.4.
 */
void tcpx_fsm_keepalive(struct tcpx_tcb *tcb, u64 now)
{
	u64 due = tcb->last_rcv + tcpx_keep_idle(tcb);

	if (!tcb->keep_on || !tcpx_synchronized(tcb) || tcb->state == TCPX_TIME_WAIT)
		tcb->deadline[TCPX_T_KEEP] = TCPX_NEVER;
	else
		tcb->deadline[TCPX_T_KEEP] = max(due, now);
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

/* How long it takes to send so often again, each time-out twice the last; ns */
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
	tcb->deadline[TCPX_T_REXMT] = now + tcpx_fsm_rexmt_interval(tcb);
}

/**
 * tcpx_fsm_unreachable() - a router has no way to the peer: RFC 6069
 * @tcb: the TCB
 * @seq: SEG.SEQ of what it could not forward
 * @now: ns
 *
 * What goes again and again met a broken link and no congestion: one doubling of
 * the time-out is undone for each message, so that data flow soon after the link
 * is back.
 */
void tcpx_fsm_unreachable(struct tcpx_tcb *tcb, u32 seq, u64 now)
{
	u64 sent_at;

	if (!tcb->syn_acked || seq != tcb->snd_una || !tcb->rexmt_shift || !tcb->backoff ||
	    !tcpx_sb_len(&tcb->sb) || tcb->deadline[TCPX_T_REXMT] == TCPX_NEVER)
		return;
	tcb->backoff--;
	tcb->lcd = true;
	sent_at = tcpx_sb_at(&tcb->sb, tcb->sb.head)->sent_at;
	tcb->deadline[TCPX_T_REXMT] = max(sent_at + tcpx_fsm_rexmt_interval(tcb), now);
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
 * tcpx_fsm_timeout() - a deadline has passed: 3.10.8
 * @tcb: the TCB
 * @timer: which; it is off afterwards unless the event sets it again
 * @now: ns
 * @a: filled in
 */
void tcpx_fsm_timeout(struct tcpx_tcb *tcb, u8 timer, u64 now, struct tcpx_actions *a)
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
