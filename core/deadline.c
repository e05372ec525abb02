// SPDX-License-Identifier: GPL-2.0
/*
 * When something is due: the deadlines of a connection, which core/timeout.c
 * serves.  Pure: a deadline is a time in the TCB; the caller has the clock.
 *
 *		runs while		starts anew with	passes
 *
 * PACE		pacing holds data	each segment sent	the next one leaves
 * REO		something overtaken	(from when that was	it is lost
 *		may still come		sent)
 * TLP		data flies, nothing	what is sent, or newly	a segment more, once
 *		of it is SACKed		acknowledged or SACKed
 * REXMT	something is not	SND.UNA moves, a probe	again, RTO doubled;
 *		acknowledged		of TLP, SND.UNA sent	R1, R2
 *					again in recovery, a
 *					window that opens
 * PERSIST	the window is shut, or	data sent, a window	a probe, time doubled;
 *		too small, and data	that opens		R2 of them without an
 *		waits; nothing flies				answer; for an orphan
 *								R2 of them at all
 * DELACK	data is not yet		(from the first such	an ACK
 *		acknowledged		segment)
 * KEEP		SO_KEEPALIVE		all that is heard of	a probe; so many
 *					the peer		without an answer
 * USER		TCP_USER_TIMEOUT, and	SND.UNA moves, a	ETIMEDOUT
 *		something sent is not	window that opens
 *		acknowledged, or waits
 *		for a shut window
 * FIN_WAIT_2	no process owns it, the	-			CLOSED
 *		peer has not closed
 * 2MSL		TIME-WAIT		the peer's FIN again	CLOSED
 *
 * What only shows that the peer is alive (a duplicate ACK, the answer to a probe,
 * data of its own) starts KEEP anew and clears the count of probes without an
 * answer; no other deadline moves with it.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "deadline.h"

/**
 * tcpx_deadline_next() - when this connection wants to be looked at
 * @tcb: the TCB
 *
 * Return: ns, or TCPX_NEVER.
 */
u64 tcpx_deadline_next(const struct tcpx_tcb *tcb)
{
	u64 next = TCPX_NEVER;
	int i;

	/* With each segment, several times: unrolled by the compiler */
#pragma GCC unroll 16
	for (i = 0; i < TCPX_NR_TIMERS; i++)
		next = min(next, tcb->deadline[i]);
	return next;
}

/**
 * tcpx_rexmt_interval() - RFC 6298: the time-out as it now stands
 * @tcb: the TCB
 *
 * Return: ns.
 */
u64 tcpx_rexmt_interval(const struct tcpx_tcb *tcb)
{
	return tcpx_rtt_backoff(tcb->rtt.rto, tcb->backoff, tcpx_rto_max(tcb));
}

/**
 * tcpx_first_rto() - both ends are synchronized: the time-out for data
 * @tcb: the TCB, with its route
 *
 * The handshake of a passive OPEN was measured before its route was known.  Where
 * the route names a longer round trip, that counts for the first time-out;
 * measurements take its place from then on.
 */
void tcpx_first_rto(struct tcpx_tcb *tcb)
{
	u64 rtt = tcb->rtt.srtt, rttvar = tcb->rtt.rttvar;

	if (tcb->route.rtt_us * 1000ULL > rtt) {
		rtt = tcb->route.rtt_us * 1000ULL;
		rttvar = tcb->route.rttvar_us * 1000ULL ?: rtt / 2;	/* RFC 6298, (2.2) */
	}
	if (rtt)
		tcb->rtt.rto = tcpx_rtt_rto(rtt, rttvar, tcpx_rto_min(tcb), tcpx_rto_max(tcb));
}

/**
 * tcpx_deadline_rexmt() - SND.UNA has moved: RFC 6298, (5.2) and (5.3)
 * @tcb: the TCB
 * @now: ns
 *
 * RFC 7765: with too few segments out for a fast retransmit the time-out runs
 * from when the first of them was sent.  Not where that is known to be lost, or
 * was probed for: the time-out then waits for what was sent since.
 */
void tcpx_deadline_rexmt(struct tcpx_tcb *tcb, u64 now)
{
	u64 rto = tcpx_rexmt_interval(tcb), since = now;
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
 * tcpx_deadline_unreachable() - a router has no way to the peer: RFC 6069
 * @tcb: the TCB
 * @seq: SEG.SEQ of what it could not forward
 * @now: ns
 *
 * Retransmissions were lost to a broken link, not to congestion: one doubling of
 * the time-out is undone for each message, so that data flows soon after the link
 * is back.
 */
void tcpx_deadline_unreachable(struct tcpx_tcb *tcb, u32 seq, u64 now)
{
	u64 sent_at;

	if (!tcb->syn_acked || seq != tcb->snd_una || !tcb->rexmt_shift || !tcb->backoff ||
	    !tcpx_sb_len(&tcb->sb) || tcb->deadline[TCPX_T_REXMT] == TCPX_NEVER)
		return;
	tcb->backoff--;
	tcb->lcd = true;
	sent_at = tcpx_sb_at(&tcb->sb, tcb->sb.head)->sent_at;
	tcb->deadline[TCPX_T_REXMT] = max(sent_at + tcpx_rexmt_interval(tcb), now);
}

/**
 * tcpx_deadline_user() - set the deadline of the user time-out
 * @tcb: the TCB; user_timeout, the window or what is unacknowledged has changed
 *
 * It runs from the moment since which the peer has acknowledged nothing new, or
 * has let nothing through.  That it answers probes is no progress.
 */
void tcpx_deadline_user(struct tcpx_tcb *tcb)
{
	bool shut = !tcb->snd_wnd && tcb->deadline[TCPX_T_PERSIST] != TCPX_NEVER;

	if (!tcb->user_timeout || (tcb->snd_una == tcb->snd_nxt && !shut))
		tcb->deadline[TCPX_T_USER] = TCPX_NEVER;
	else
		tcb->deadline[TCPX_T_USER] = tcb->unacked_since +
					     tcb->user_timeout * TCPX_NSEC_PER_MSEC;
}

/**
 * tcpx_deadline_uto() - RFC 5482, 3.1: the peer advertises its user time-out
 * @tcb: the TCB
 * @o: options of a segment
 */
void tcpx_deadline_uto(struct tcpx_tcb *tcb, const struct tcpx_opts *o)
{
	u32 remote;

	if (!(o->has & TCPX_HAS_UTO) || !tcb->uto_on || tcb->uto_fixed)
		return;
	remote = clamp_t(u32, tcpx_uto_decode(o->uto), TCPX_UTO_MIN, TCPX_UTO_LIMIT);
	tcb->user_timeout = max_t(u32, remote, TCPX_UTO_ADV) * 1000;
	tcpx_deadline_user(tcb);
}

/**
 * tcpx_keep_idle() - how long the peer is silent before it is probed
 * @tcb: the TCB
 *
 * Return: ns.
 */
u64 tcpx_keep_idle(const struct tcpx_tcb *tcb)
{
	return (tcb->keep_idle ?: tcb->conf->keepalive_time) * TCPX_NSEC_PER_SEC;
}

/**
 * tcpx_deadline_keep() - keepalive was switched, or its times have changed
 * @tcb: the TCB
 * @now: ns
 *
 * RFC 9293, 3.8.4.
 */
void tcpx_deadline_keep(struct tcpx_tcb *tcb, u64 now)
{
	u64 due = tcb->last_rcv + tcpx_keep_idle(tcb);

	if (!tcb->keep_on || !tcpx_synchronized(tcb) || tcb->state == TCPX_TIME_WAIT)
		tcb->deadline[TCPX_T_KEEP] = TCPX_NEVER;
	else
		tcb->deadline[TCPX_T_KEEP] = max(due, now);
}
