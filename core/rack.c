// SPDX-License-Identifier: GPL-2.0
/*
 * RACK-TLP: RFC 8985.  Pure.
 *
 * A segment is lost if one that was sent sufficiently later has arrived; how
 * much later is learned from the reordering that is seen.  That finds a lost
 * retransmission as well as a lost original.  The tail of a flight has no
 * later segment: there a probe makes the peer speak.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "../tcpx_fsm.h"
#include "rack.h"
#include "rate.h"

#define TCPX_REO_PERSIST	16	/* recoveries: RFC 8985, 6.2, step 4 */
#define TCPX_TLP_MAX_ACK_DELAY	(200 * TCPX_NSEC_PER_MSEC)
/*
 * As the timer is armed again only when it fires, a busy connection has an interrupt each
 * PTO; and within less an ACK may merely wait for the peer to be scheduled.
 */
#define TCPX_TLP_MIN		(4 * TCPX_NSEC_PER_MSEC)

/**
 * tcpx_rack_init() - the first number is known
 * @tcb: the TCB, with its ISS
 */
void tcpx_rack_init(struct tcpx_tcb *tcb)
{
	tcb->rec.rack = (struct tcpx_rack){ .fack = tcb->iss, .reo_wnd_mult = 1 };
}

/*
 * RFC 8985, 6.2, RACK_sent_after().  Segments sent at the same moment are told apart
 * by the order of sending, not by sequence number: a retransmission may be sent
 * right after new data.
 */
static bool tcpx_sent_after(u64 t1, u32 order1, u64 t2, u32 order2)
{
	return t1 > t2 || (t1 == t2 && tcpx_after(order1, order2));
}

/**
 * tcpx_rack_overtook() - does what was sent before a segment still fly?
 * @tcb: the TCB
 * @seg: the segment, which has arrived
 *
 * Return: true if so.
 */
bool tcpx_rack_overtook(const struct tcpx_tcb *tcb, const struct tcpx_txseg *seg)
{
	const struct tcpx_scoreboard *sb = &tcb->sb;
	const struct tcpx_txseg *first;

	if (!sb->flying.nr)
		return false;
	first = tcpx_sb_at(sb, sb->flying.first);
	return tcpx_sent_after(seg->sent_at, seg->order, first->sent_at, first->order);
}

/* A segment has arrived after one that lies @ahead bytes beyond it */
static void tcpx_rack_reordered(struct tcpx_rack *rack, u32 ahead)
{
	rack->reordering = true;
	rack->reordered++;
	rack->reach = max(rack->reach, ahead);
}

/**
 * tcpx_rack_delivered() - a segment has arrived: RFC 8985, 6.2, steps 1 to 3
 * @tcb: the TCB
 * @seg: the segment, as it was before
 * @ack: the acknowledgment that says so
 * @now: ns
 */
void tcpx_rack_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			 const struct tcpx_ack *ack, u64 now)
{
	struct tcpx_rack *rack = &tcb->rec.rack;
	u64 rtt = now - seg->sent_at;

	/* Step 3; what one ACK reports may have come in any order (RFC 2018, 4) */
	if (tcpx_before(rack->fack, seg->end_seq))
		rack->fack = seg->end_seq;
	/* A retransmission arrives late without any reordering */
	else if (tcpx_before(seg->end_seq, ack->fack) && !(seg->flags & TCPX_TX_REXMT))
		tcpx_rack_reordered(rack, ack->fack - seg->seq);
	/* Step 2: of two copies it was the first that arrived */
	if (seg->flags & TCPX_TX_REXMT) {
		/* Segments beyond a hole are not echoed: RFC 7323, 4.3 */
		if (ack->ts && !tcpx_after(seg->end_seq, tcb->snd_una) &&
		    tcpx_before(ack->tsecr, tcpx_tsval(tcb, seg->sent_at)))
			return;
		if (rtt < tcb->rtt.min_rtt)
			return;
	}
	if (!rack->sent_at || tcpx_sent_after(seg->sent_at, seg->order, rack->sent_at,
					      rack->order)) {
		rack->sent_at = seg->sent_at;
		rack->order = seg->order;
		/*
		 * One that overtook others does not count for min_rtt, and does not say
		 * that these are due earlier than the path allows
		 */
		rack->rtt = rack->reordering ? max(rtt, tcb->rtt.min_rtt) : rtt;
	}
}

/* RFC 8985, 6.2, step 4, RACK_update_reo_wnd() */
static u64 tcpx_reo_wnd(const struct tcpx_tcb *tcb)
{
	const struct tcpx_rack *rack = &tcb->rec.rack;
	const struct tcpx_scoreboard *sb = &tcb->sb;

	if (!rack->reordering && (tcb->rec.state >= TCPX_REC_FAST ||
				  tcpx_sb_sacked(sb) >= tcpx_dupthresh(tcb)))
		return 0;
	return min(rack->reo_wnd_mult * tcb->rtt.min_rtt / 4, tcb->rtt.srtt);
}

/**
 * tcpx_rack_detect() - find what is lost: RFC 8985, 6.2, step 5
 * @tcb: the TCB; the reordering timer is set where some are overdue
 * @now: ns
 *
 * Those that fly are in the order of their sending, so it ends at the first
 * that is not overdue: each call costs as much as it finds.
 *
 * Return: bytes newly taken for lost.
 */
u32 tcpx_rack_detect(struct tcpx_tcb *tcb, u64 now)
{
	const struct tcpx_rack *rack = &tcb->rec.rack;
	u32 before = tcb->sb.lost_bytes;
	const struct tcpx_txseg *seg;
	u64 wnd = 0, due;

	tcb->deadline[TCPX_T_REO] = TCPX_NEVER;
	if (!rack->sent_at)
		return 0;
	while (tcb->sb.flying.nr) {
		seg = tcpx_sb_at(&tcb->sb, tcb->sb.flying.first);
		if (!tcpx_sent_after(rack->sent_at, rack->order, seg->sent_at, seg->order))
			break;
		/* Most often nothing is left that was sent before */
		wnd = wnd ?: tcpx_reo_wnd(tcb);
		due = seg->sent_at + rack->rtt + wnd;
		if (due > now) {
			tcb->deadline[TCPX_T_REO] = due;
			break;
		}
		tcpx_sb_lose(&tcb->sb, tcb->sb.flying.first);
	}
	return tcb->sb.lost_bytes - before;
}

/**
 * tcpx_rack_timeout() - the retransmission timer expired: RFC 8985, 6.3
 * @tcb: the TCB
 * @now: ns
 *
 * The first is lost, and of the others those that were sent long enough ago:
 * what has just left may arrive.
 */
void tcpx_rack_timeout(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	u64 wait = tcb->rec.rack.rtt + tcpx_reo_wnd(tcb);

	if (tcpx_sb_len(sb) && !(tcpx_sb_at(sb, sb->head)->flags & TCPX_TX_LOST))
		tcpx_sb_lose(sb, sb->head);
	while (sb->flying.nr && tcpx_sb_at(sb, sb->flying.first)->sent_at + wait <= now)
		tcpx_sb_lose(sb, sb->flying.first);
}

/**
 * tcpx_rack_dsack() - a segment came twice: wait longer for what is late
 * @tcb: the TCB
 * @ack: tells of one, or not
 */
void tcpx_rack_dsack(struct tcpx_tcb *tcb, const struct tcpx_ack *ack)
{
	struct tcpx_rack *rack = &tcb->rec.rack;

	if (rack->dsack_seen && !tcpx_before(tcb->snd_una, rack->dsack_round))
		rack->dsack_seen = false;
	if (!ack->dsack || rack->dsack_seen)
		return;
	/* A probe is sent on suspicion: no window was too short */
	if (tcb->rec.tlp && tcb->rec.tlp_rexmt && ack->dsack_end == tcb->rec.tlp_end)
		return;
	rack->dsack_seen = true;
	rack->dsack_round = tcb->snd_nxt;
	rack->reo_wnd_mult += rack->reo_wnd_mult < 255;
	rack->reo_wnd_persist = TCPX_REO_PERSIST;
}

/**
 * tcpx_rack_late() - what was taken for lost was only late: wait long enough
 * @tcb: the TCB
 * @rtt: its round-trip time, ns
 *
 * D-SACKs would tell the same, but step by step, and a round trip later each
 * (RFC 8985, 6.2, step 4); the bound of one SRTT is kept.
 */
__cold void tcpx_rack_late(struct tcpx_tcb *tcb, u64 rtt)
{
	struct tcpx_rack *rack = &tcb->rec.rack;
	u64 steps;

	if (rtt <= rack->rtt || !tcb->rtt.min_rtt)
		return;
	steps = div64_u64(4 * min(rtt - rack->rtt, tcb->rtt.srtt), tcb->rtt.min_rtt) + 1;
	rack->reo_wnd_mult = clamp_t(u64, steps, rack->reo_wnd_mult, 255);
	rack->reo_wnd_persist = TCPX_REO_PERSIST;
}

/**
 * tcpx_rack_recovered() - a recovery ends: RFC 8985, 6.2, step 4
 * @tcb: the TCB
 */
void tcpx_rack_recovered(struct tcpx_tcb *tcb)
{
	struct tcpx_rack *rack = &tcb->rec.rack;

	if (rack->reo_wnd_persist && !--rack->reo_wnd_persist)
		rack->reo_wnd_mult = 1;
}

/* RFC 8985, 7.2, TLP_calc_PTO() */
static u64 tcpx_tlp_interval(const struct tcpx_tcb *tcb)
{
	u64 pto = TCPX_NSEC_PER_SEC;

	if (tcb->rtt.srtt) {
		pto = max(2 * tcb->rtt.srtt, TCPX_TLP_MIN);
		if (tcpx_sb_len(&tcb->sb) == 1)
			pto += TCPX_TLP_MAX_ACK_DELAY;
	}
	return pto;
}

/**
 * tcpx_tlp_stop() - recovery begins: no probe is due or waited for
 * @tcb: the TCB
 */
void tcpx_tlp_stop(struct tcpx_tcb *tcb)
{
	tcb->rec.tlp = false;
	tcb->rec.tlp_due = false;
	tcb->deadline[TCPX_T_TLP] = TCPX_NEVER;
}

/**
 * tcpx_tlp_arm() - set the probe's timer, or not: RFC 8985, 7.2
 * @tcb: new data was sent, or something was acknowledged
 * @now: ns
 */
void tcpx_tlp_arm(struct tcpx_tcb *tcb, u64 now)
{
	const struct tcpx_recovery *rec = &tcb->rec;

	tcb->deadline[TCPX_T_TLP] = TCPX_NEVER;
	if (!tcb->sb.flying.nr || !tcb->sack_ok || !tcb->conf->early_retrans || rec->tlp ||
	    rec->state > TCPX_REC_CWR || tcb->sb.sacked_bytes || tcb->rexmt_shift ||
	    !tcb->snd_wnd)
		return;
	/* In place of the time-out, if that came first: it is served after this one */
	tcb->deadline[TCPX_T_TLP] = min(now + tcpx_tlp_interval(tcb),
					tcb->deadline[TCPX_T_REXMT]);
}

/**
 * tcpx_tlp_timeout() - probe: RFC 8985, 7.3
 * @tcb: the TCB
 * @a: TCPX_DO_OUTPUT is added, for one segment
 *
 * tcpx_wnd_next() chooses: new data if there is some that the peer's window
 * takes, else the last segment again.
 */
void tcpx_tlp_timeout(struct tcpx_tcb *tcb, struct tcpx_actions *a)
{
	if (!tcb->sb.flying.nr)
		return;
	tcb->rec.tlp_due = true;
	a->todo |= TCPX_DO_OUTPUT;
}

/**
 * tcpx_tlp_acked() - was the probe all that repaired a loss?  RFC 8985, 7.4
 * @tcb: the TCB; SND.UNA has moved
 * @ack: the acknowledgment
 *
 * Return: true if so: congestion control has to hear of it.
 */
bool tcpx_tlp_acked(struct tcpx_tcb *tcb, const struct tcpx_ack *ack)
{
	struct tcpx_recovery *rec = &tcb->rec;

	if (!rec->tlp || tcpx_before(tcb->snd_una, rec->tlp_end))
		return false;
	if (!rec->tlp_rexmt) {
		/* New data was probed with: if something was lost, RACK sees it */
		rec->tlp = false;
	} else if (ack->dsack && ack->dsack_end == rec->tlp_end) {
		rec->tlp = false;	/* both copies came */
	} else if (tcpx_after(tcb->snd_una, rec->tlp_end)) {
		rec->tlp = false;
		return true;
	} else if (ack->una == tcb->snd_una && !ack->rs.delivered) {
		rec->tlp = false;	/* the other copy, without D-SACK */
	}
	return false;
}
