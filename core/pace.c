// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing: what cwnd allows is spread over a round trip.  Pure.
 *
 * pace_at is when the next segment may leave; each one moves it by the time
 * that its bytes take at the pacing rate.  With the connection's own timer
 * tcpx_wnd_next() waits for it; where fq is the queueing discipline, segments
 * are stamped with it and wait there (earliest departure time).
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "pace.h"
#include "tcb.h"

/* How far a late timer may catch up at once, and the shortest wait worth a timer */
#define TCPX_PACE_CREDIT	TCPX_NSEC_PER_MSEC
#define TCPX_PACE_QUANTUM	(250 * 1000ULL)
#define TCPX_PACE_HEADERS	(40U + TCPX_MAX_HDR_LEN)	/* the longest */
#define TCPX_PACE_MAX_RATIO	1000U

/**
 * tcpx_pace_rate() - the rate to send at
 * @tcb: the TCB
 *
 * An algorithm that does not set one is given room to grow: twice cwnd in a
 * round trip while it doubles, 1.2 times afterwards (by default).  A ratio of
 * 0 is no limit, as in Linux.
 *
 * Return: bytes a second, TCPX_PACE_UNLIMITED: not known.
 */
u64 tcpx_pace_rate(const struct tcpx_tcb *tcb)
{
	const struct tcpx_cong *ca = &tcb->cong;
	u64 rate = ca->pacing_rate;
	u32 ratio;

	if (!rate) {
		ratio = ca->cwnd < ca->ssthresh / 2 ? tcb->conf->pacing_ss_ratio :
						      tcb->conf->pacing_ca_ratio;
		if (!tcb->rtt.srtt || !ratio)
			return tcb->max_pacing_rate;
		rate = div64_u64((u64)max(ca->cwnd, tcpx_flight(tcb)) * TCPX_NSEC_PER_SEC,
				 tcb->rtt.srtt);
		/* A round trip of a few ns must not wrap */
		if (rate > TCPX_PACE_UNLIMITED / TCPX_PACE_MAX_RATIO)
			return tcb->max_pacing_rate;
		rate = div_u64(rate * ratio, 100);
	}
	return clamp_t(u64, rate, 1, tcb->max_pacing_rate);
}

/* How long @bytes take, ns */
static u64 tcpx_pace_time(const struct tcpx_tcb *tcb, u32 bytes)
{
	u64 rate = tcpx_pace_rate(tcb);

	return rate == TCPX_PACE_UNLIMITED ? 0 : div64_u64(bytes * TCPX_NSEC_PER_SEC, rate);
}

/**
 * tcpx_pace_sent() - a segment leaves
 * @tcb: the TCB
 * @len: its bytes, headers included
 * @now: ns
 *
 * The first flight leaves at once, as RFC 6928 lets it: its round-trip time is
 * that of one handshake, and to spread what is sent then costs a short flow
 * most of a round trip.  A limit of the user's holds for it as well.
 *
 * Return: the time at which it is to leave, ns: for an EDT stamp.
 */
u64 tcpx_pace_sent(struct tcpx_tcb *tcb, u32 len, u64 now)
{
	u64 at;

	if (!tcb->pacing)
		return 0;
	if (!tcb->delivered && tcb->max_pacing_rate == TCPX_PACE_UNLIMITED)
		return now;
	at = max(tcb->pace_at, now);
	if (tcb->pace_at + TCPX_PACE_CREDIT < now)
		tcb->pace_at = now - TCPX_PACE_CREDIT;
	tcb->pace_at += tcpx_pace_time(tcb, len);
	return at;
}

/**
 * tcpx_pace_holds() - must the next segment wait?
 * @tcb: the TCB; the pacing timer is set if so
 * @now: ns
 *
 * What was sent at a lower rate than that of now holds the next segment back no longer
 * than as much at this rate would.
 */
bool tcpx_pace_holds(struct tcpx_tcb *tcb, u64 now)
{
	u32 full = tcb->snd_mss + TCPX_PACE_HEADERS;
	u64 one;

	if (tcb->pacing != TCPX_PACE_TIMER || tcb->pace_at <= now)
		return false;
	one = tcpx_pace_time(tcb, full);
	/* What left in one piece holds for as long as all of it */
	tcb->pace_at = min(tcb->pace_at, now + one * max(tcb->burst / tcb->snd_mss, 1U));
	if (tcb->pace_at == now)
		return false;
	/* Later by a quantum, for several segments at once, unless one takes longer */
	tcb->deadline[TCPX_T_PACE] = tcb->pace_at + TCPX_PACE_QUANTUM -
				     min_t(u64, one, TCPX_PACE_QUANTUM);
	return true;
}
