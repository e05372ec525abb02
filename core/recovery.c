// SPDX-License-Identifier: GPL-2.0
/*
 * What was lost, and how sending goes on meanwhile.  Pure.
 *
 * OPEN -- something is lost -----> FAST -- SND.UNA at recover --> OPEN
 * OPEN -- ECE -------------------> CWR --- SND.UNA at recover --> OPEN
 * any --- retransmission time-out > LOSS -- SND.UNA at recover --> OPEN
 *
 * With SACK it is RACK that finds losses (core/rack.c), without it the third
 * duplicate acknowledgment and partial acknowledgments do (RFC 6582).  What
 * is lost lies in the scoreboard's list until tcpx_wnd_next() sends it again; how
 * fast that goes, proportional rate reduction (RFC 9937) decides in FAST and CWR,
 * slow start in LOSS.
 *
 * FAST and LOSS may be a mistake.  Timestamps show it (Eifel, RFC 3522), or
 * D-SACKs for all that was sent again (RFC 3708), or what arrives after a
 * time-out without having been sent again (F-RTO, RFC 5682); then cwnd is
 * what it was before (RFC 4015).
 *
 * An acknowledgment goes through tcpx_recovery_begin(), then _advance() if it
 * moves SND.UNA, _sack() for its blocks, and _end(), which draws the conclusions.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "../tcpx_fsm.h"
#include "deadline.h"
#include "rack.h"
#include "rate.h"
#include "recovery.h"

/**
 * tcpx_recovery_begin() - an acceptable acknowledgment arrives
 * @tcb: the TCB
 * @seg: the segment
 * @ack: filled in
 */
void tcpx_recovery_begin(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, struct tcpx_ack *ack)
{
	*ack = (struct tcpx_ack){
		.una = tcb->snd_una,
		.sacked = tcb->sb.sacked_bytes + tcb->rec.dupacks * tcb->snd_mss,
		.fack = tcb->rec.rack.fack,
		.rs.in_flight = tcpx_flight(tcb),
		.rs.limited = tcb->cwnd_limited,
		.ts = tcb->ts_ok && seg->opt.has & TCPX_HAS_TS && seg->opt.tsecr,
		.tsecr = seg->opt.tsecr,
	};
}

/*
 * A segment that overtakes others took another way, or met no queue: its round trip
 * is not the path's.
 */
static void tcpx_take_rtt(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			  struct tcpx_ack *ack, u64 now)
{
	u64 rtt = max_t(u64, now - seg->sent_at, 1);

	if (tcpx_rack_overtook(tcb, seg))
		return;
	if (!ack->rs.rtt || rtt < ack->rs.rtt)
		ack->rs.rtt = rtt;
	if (!tcb->rtt.min_rtt || rtt < tcb->rtt.min_rtt)
		tcb->rtt.min_rtt = rtt;
}

/* @seg is acknowledged or SACKed for the first time */
static void tcpx_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			   struct tcpx_ack *ack, u64 now)
{
	if (!(seg->flags & TCPX_TX_REXMT)) {
		if (seg->flags & TCPX_TX_LOST)
			ack->orig_delivered = true;
		tcpx_take_rtt(tcb, seg, ack, now);
	}
	tcpx_rate_delivered(tcb, seg, ack, now);
	tcpx_rack_delivered(tcb, seg, ack, now);
}

/*
 * The first segments, acknowledged in whole, are no more; @seg, the first, becomes all of
 * those of whom the same is to be said, as if they had been one segment.
 */
static void tcpx_take_run(struct tcpx_tcb *tcb, struct tcpx_txseg *seg)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	const struct tcpx_txseg *last;
	u32 n = 1;

	/* Before what has arrived already, each is one that was overtaken: core/rack.c */
	if (tcpx_sb_len(sb) > 1 && tcpx_before(tcb->rec.rack.fack, seg->end_seq))
		n = tcpx_sb_run(sb, tcb->snd_una);
	if (n == 1) {
		tcpx_sb_pop(sb);
		return;
	}
	last = tcpx_sb_at(sb, sb->head + n - 1);
	seg->end_seq = last->end_seq;
	seg->order = last->order;
	tcpx_sb_pop_run(sb, n);
}

/**
 * tcpx_recovery_advance() - SND.UNA has moved: what is before it is delivered
 * @tcb: the TCB
 * @ack: the acknowledgment
 * @now: ns
 */
void tcpx_recovery_advance(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	struct tcpx_txseg seg __uninitialized;
	bool first = true;

	for (; tcpx_sb_len(sb); first = false) {
		seg = *tcpx_sb_at(sb, sb->head);
		/* Only the first counts: a delayed ACK echoes its timestamp (RFC 7323, 4.3) */
		if (first)
			ack->rexmt_acked = seg.flags & TCPX_TX_REXMT;
		if (!tcpx_after(tcb->snd_una, seg.seq))
			break;
		if (tcpx_before(tcb->snd_una, seg.end_seq)) {
			seg.end_seq = tcb->snd_una;
			tcpx_sb_trim(sb, tcb->snd_una);
		} else {
			tcpx_take_run(tcb, &seg);
		}
		if (seg.flags & TCPX_TX_SACKED)
			continue;
		tcpx_delivered(tcb, &seg, ack, now);
	}
}

/* RFC 2883, 4: does the first block report what came twice? */
static bool tcpx_is_dsack(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	const struct tcpx_sack_block *b = seg->opt.sack;

	if (!tcpx_before(b[0].start, b[0].end))
		return false;
	/* Too far back to be a report of ours */
	if (tcpx_before(b[0].start, tcb->snd_una - tcb->max_snd_wnd))
		return false;
	if (!tcpx_after(b[0].end, seg->ack))
		return true;
	return seg->opt.nr_sacks > 1 && !tcpx_before(b[0].start, b[1].start) &&
	       !tcpx_after(b[0].end, b[1].end) && !tcpx_after(b[1].end, tcb->snd_nxt);
}

/* RFC 3708, 3: but not one that the network has copied, which was sent only once */
static bool tcpx_dsack_of_rexmt(const struct tcpx_tcb *tcb, const struct tcpx_sack_block *b)
{
	const struct tcpx_recovery *rec = &tcb->rec;
	u32 nr;

	if (tcpx_before(b->start, rec->undo_una) || tcpx_after(b->end, rec->undo_end))
		return false;
	if (tcpx_before(b->start, tcb->snd_una))
		return true;
	nr = tcpx_sb_find(&tcb->sb, b->start);
	return nr != tcb->sb.tail && tcpx_sb_at(&tcb->sb, nr)->flags & TCPX_TX_REXMT;
}

static void tcpx_take_dsack(struct tcpx_tcb *tcb, const struct tcpx_sack_block *b,
			    struct tcpx_ack *ack)
{
	struct tcpx_recovery *rec = &tcb->rec;
	u32 segs = (b->end - b->start + tcb->snd_mss - 1) / tcb->snd_mss;

	ack->dsack = true;
	ack->dsack_end = b->end;
	tcb->dsack_dups += segs;
	if (rec->undo && rec->rexmt_ts_ok && tcpx_dsack_of_rexmt(tcb, b))
		rec->undo_rexmts -= min(rec->undo_rexmts, segs);
}

static void tcpx_take_sack(struct tcpx_tcb *tcb, const struct tcpx_sack_block *b,
			   struct tcpx_ack *ack, u64 now)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	u32 nr;

	/* RFC 2018, 5: outside of what was sent it can't be true */
	if (!tcpx_before(b->start, b->end) || tcpx_before(b->start, tcb->snd_una) ||
	    tcpx_after(b->end, tcb->snd_nxt))
		return;
	nr = tcpx_sb_find(sb, b->start);
	if (nr != sb->tail && tcpx_before(tcpx_sb_at(sb, nr)->seq, b->start))
		nr++;
	while ((nr = tcpx_sb_find_unsacked(sb, nr)) != sb->tail &&
	       !tcpx_after(tcpx_sb_at(sb, nr)->end_seq, b->end)) {
		tcpx_delivered(tcb, tcpx_sb_at(sb, nr), ack, now);
		tcpx_sb_sack(sb, nr++);
	}
}

/**
 * tcpx_recovery_sack() - take the SACK blocks: RFC 2018, 5; RFC 2883
 * @tcb: the TCB; SND.UNA has moved
 * @seg: the segment, its ACK between SND.UNA and SND.NXT
 * @ack: the acknowledgment
 * @now: ns
 *
 * O(log n) for each block, and for each segment that is SACKed once.
 */
void tcpx_recovery_sack(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, struct tcpx_ack *ack,
			u64 now)
{
	int i = 0;

	if (!tcb->sack_ok || !(seg->opt.has & TCPX_HAS_SACK))
		return;
	if (tcpx_is_dsack(tcb, seg))
		tcpx_take_dsack(tcb, &seg->opt.sack[i++], ack);
	for (; i < seg->opt.nr_sacks; i++)
		tcpx_take_sack(tcb, &seg->opt.sack[i], ack, now);
}

/* Without SACK a duplicate acknowledgment says that one segment has arrived */
static void tcpx_count_dupacks(struct tcpx_tcb *tcb, struct tcpx_ack *ack)
{
	struct tcpx_recovery *rec = &tcb->rec;
	u32 smss = tcb->snd_mss, counted;

	/* After a time-out nothing counts as in flight that could have arrived */
	if (rec->state == TCPX_REC_LOSS)
		return;
	if (ack->duplicate) {
		if ((rec->dupacks + 1U) * smss > tcb->snd_nxt - tcb->snd_una)
			return;		/* more than can have arrived */
		rec->dupacks++;
		ack->rs.delivered += smss;
		tcb->delivered += smss;
		return;
	}
	if (tcb->snd_una == ack->una)
		return;
	/* What was acknowledged now, had been counted then */
	counted = ack->rs.delivered ? min_t(u32, rec->dupacks, (ack->rs.delivered - 1) / smss) : 0;
	ack->rs.delivered -= counted * smss;
	tcb->delivered -= counted * smss;
	rec->dupacks -= counted;
	if (rec->state != TCPX_REC_FAST || !tcpx_before(tcb->snd_una, rec->recover))
		rec->dupacks = 0;
}

/* RFC 6582, 3.2: the first segment is lost if three others have arrived since */
static u32 tcpx_dupack_detect(struct tcpx_tcb *tcb, const struct tcpx_ack *ack)
{
	const struct tcpx_recovery *rec = &tcb->rec;
	struct tcpx_scoreboard *sb = &tcb->sb;
	bool lost;

	if (!sb->flying.nr || tcpx_sb_at(sb, sb->head)->flags & (TCPX_TX_LOST | TCPX_TX_REXMT))
		return 0;
	if (rec->state == TCPX_REC_FAST)
		lost = tcb->snd_una != ack->una && tcpx_before(tcb->snd_una, rec->recover);
	else	/* step 1: not for duplicates of what recovery itself sent */
		lost = rec->state <= TCPX_REC_CWR && rec->dupacks >= tcpx_dupthresh(tcb) &&
		       (rec->state == TCPX_REC_CWR || tcpx_after(tcb->snd_una, rec->recover));
	if (!lost)
		return 0;
	tcpx_sb_lose(sb, sb->head);
	return sb->lost_bytes;
}

/**
 * tcpx_recovery_keeps_timer() - does the retransmission timer run on?
 * @tcb: the TCB; SND.UNA has moved
 *
 * RFC 6582, 3.2: without SACK each partial ACK repairs one loss.  Only the
 * first of them restarts the timer, so that many losses end in a time-out.
 */
bool tcpx_recovery_keeps_timer(struct tcpx_tcb *tcb)
{
	struct tcpx_recovery *rec = &tcb->rec;
	bool partial = rec->partial;

	if (tcb->sack_ok || rec->state != TCPX_REC_FAST ||
	    !tcpx_before(tcb->snd_una, rec->recover))
		return false;
	rec->partial = true;
	return partial;
}

/* A new episode: what is needed to undo it, and for RFC 9937, 6.1 */
static void tcpx_enter_recovery(struct tcpx_tcb *tcb, u8 state, const struct tcpx_ack *ack,
				u64 now)
{
	struct tcpx_recovery *rec = &tcb->rec;

	if (rec->state == TCPX_REC_OPEN) {
		/* RFC 5681, 3.2, step 2: what limited transmit sent does not count */
		tcpx_cong_reduce(tcb, min(tcb->snd_nxt - ack->una, tcb->cong.cwnd), now);
		rec->prr_delivered = 0;
		rec->prr_out = 0;
		rec->prr_fs = tcb->snd_nxt - ack->una - ack->sacked;
		tcb->ecn.cwr = tcb->ecn.mode;
		tcb->ecn.reacted = tcb->snd_nxt;
	}
	/* A reduction for echoed congestion is never undone */
	rec->undo = state == TCPX_REC_FAST && rec->state == TCPX_REC_OPEN;
	rec->undo_una = tcb->snd_una;
	rec->undo_rexmts = 0;
	rec->rexmt_ts_ok = false;
	rec->partial = false;
	rec->recover = tcb->snd_nxt;
	rec->state = state;
	tcpx_tlp_stop(tcb);
	tcpx_cong_event(tcb, state == TCPX_REC_FAST ? TCPX_CONG_RECOVERY : TCPX_CONG_ECN, now);
}

static void tcpx_leave_recovery(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_recovery *rec = &tcb->rec;
	struct tcpx_cong *ca = &tcb->cong;

	if (rec->state != TCPX_REC_LOSS && !ca->ops->control)
		ca->cwnd = max(ca->ssthresh, (u32)tcb->snd_mss);
	if (rec->state >= TCPX_REC_FAST)
		tcpx_rack_recovered(tcb);
	else	/* Nothing was sent again: RFC 6582, 3.2, step 1 has nothing to wait for */
		rec->recover = tcb->snd_una - 1;
	rec->state = TCPX_REC_OPEN;
	rec->frto = 0;
	tcpx_cong_event(tcb, TCPX_CONG_RECOVERED, now);
}

/* RFC 4015, 3.2 */
static __cold void tcpx_undo_recovery(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_recovery *rec = &tcb->rec;

	tcpx_sb_unlose_all(&tcb->sb);
	rec->state = TCPX_REC_OPEN;
	rec->frto = 0;
	rec->undo = false;
	tcpx_cong_undo(tcb, now);
}

/* RFC 5682, 2.1, step 2b: is there new data that can be sent at once? */
static bool tcpx_frto_has_new(const struct tcpx_tcb *tcb)
{
	u32 out = tcb->snd_nxt - tcb->snd_una, mss = tcb->snd_mss;

	/* Less than a segment might have to wait: Nagle, silly windows */
	return tcpx_after(tcb->write_seq, tcb->snd_nxt) &&
	       tcb->write_seq - tcb->snd_nxt >= mss && tcb->snd_wnd >= out + mss;
}

/* RFC 5682, 2.1 and 3.1: true if the time-out was spurious */
static __cold bool tcpx_frto(struct tcpx_tcb *tcb, const struct tcpx_ack *ack)
{
	struct tcpx_recovery *rec = &tcb->rec;

	switch (rec->frto) {
	case 1:
		if (tcb->snd_una == ack->una) {
			/* Step 2a; 3.1: with SACK "Stay in step 2" */
			if (!tcb->sack_ok)
				rec->frto = 0;
			return false;
		}
		/* Step 2b: new data tells whether the old is on its way */
		rec->frto = tcpx_before(tcb->snd_una, rec->recover) &&
			    tcpx_frto_has_new(tcb) ? 2 : 0;
		return false;
	case 2:
		/* Step 3 */
		rec->frto = 0;
		if (ack->orig_delivered)
			return true;
		/* One segment beside the two new ones, or nothing could be sent */
		tcb->cong.cwnd = 3U * tcb->snd_mss;
		return false;
	}
	return false;
}

/* Was the last reduction a mistake? */
static bool tcpx_was_spurious(struct tcpx_tcb *tcb, const struct tcpx_ack *ack,
			      struct tcpx_actions *a)
{
	const struct tcpx_recovery *rec = &tcb->rec;
	bool frto = rec->state == TCPX_REC_LOSS && tcpx_frto(tcb, ack);

	if (!rec->undo)
		return false;
	if (frto) {
		a->notes |= TCPX_NOTE_FRTO;
		return true;
	}
	if (!rec->rexmt_ts_ok)
		return false;
	/* RFC 3522: the first copy was acknowledged */
	if (ack->rexmt_acked && ack->ts && tcpx_before(ack->tsecr, rec->rexmt_ts)) {
		a->notes |= TCPX_NOTE_EIFEL;
		return true;
	}
	/* RFC 3708: each copy came twice */
	if (ack->dsack && !rec->undo_rexmts) {
		a->notes |= TCPX_NOTE_DSACK_UNDO;
		return true;
	}
	return false;
}

/* RFC 9937, 6.2: in FAST and CWR, on each acknowledgment */
static void tcpx_prr(struct tcpx_tcb *tcb, const struct tcpx_ack *ack)
{
	struct tcpx_recovery *rec = &tcb->rec;
	u32 flight = tcpx_flight(tcb), ssthresh = tcb->cong.ssthresh, smss = tcb->snd_mss;
	u32 delivered = ack->rs.delivered;
	s64 send;

	rec->prr_delivered += delivered;
	if (flight > ssthresh) {
		send = div_u64((u64)rec->prr_delivered * ssthresh + rec->prr_fs - 1,
			       max(rec->prr_fs, 1U)) - (s64)rec->prr_out;
	} else {
		send = max((s64)rec->prr_delivered - rec->prr_out, (s64)delivered);
		/* In segments, as most do: a short one makes room for a full one */
		if (delivered)
			send = max(send, (s64)smss);
		/* SafeACK: progress, and no further loss */
		if (tcb->snd_una != ack->una && !ack->rs.lost)
			send += smss;
		send = min(send, (s64)ssthresh - flight);
	}
	/* The fast retransmit itself leaves at once */
	send = max(send, rec->prr_out ? 0LL : (s64)smss);
	tcb->cong.cwnd = min_t(u64, (u64)flight + send, TCPX_SSTHRESH_INF);
}

/* What follows from the acknowledgment for the state of recovery */
static void tcpx_recovery_step(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now,
			       struct tcpx_actions *a)
{
	struct tcpx_recovery *rec = &tcb->rec;

	if (tcpx_was_spurious(tcb, ack, a)) {
		if (a->notes & TCPX_NOTE_EIFEL && rec->state == TCPX_REC_FAST)
			tcpx_rack_late(tcb, (u64)(tcpx_tsval(tcb, now) - ack->tsecr) <<
					    TCPX_TS_SHIFT);
		tcpx_undo_recovery(tcb, now);
	}
	if (rec->state != TCPX_REC_OPEN && !tcpx_before(tcb->snd_una, rec->recover))
		tcpx_leave_recovery(tcb, now);
	if (rec->state == TCPX_REC_OPEN && tcb->sb.lost.nr && tcpx_pmtu_lost(tcb, now)) {
		a->notes |= TCPX_NOTE_MTU_LOST;
		ack->rs.lost = 0;
	} else if (rec->state <= TCPX_REC_CWR && tcb->sb.lost.nr) {
		a->notes |= TCPX_NOTE_FAST_RECOVERY;
		tcpx_enter_recovery(tcb, TCPX_REC_FAST, ack, now);
	} else if (rec->state == TCPX_REC_OPEN && ack->ece &&
		   tcpx_after(tcb->snd_una, tcb->ecn.reacted)) {
		/*
		 * RFC 3168, 6.1.2: once in a window, as a loss would.  The peer
		 * echoes until CWR arrives, and that was sent after the window.
		 */
		a->notes |= TCPX_NOTE_ECN;
		tcpx_enter_recovery(tcb, TCPX_REC_CWR, ack, now);
	} else if (rec->state == TCPX_REC_OPEN && tcpx_tlp_acked(tcb, ack)) {
		/* RFC 8985, 7.4: the probe repaired the loss; reduce all the same */
		a->notes |= TCPX_NOTE_TLP_LOSS;
		tcpx_enter_recovery(tcb, TCPX_REC_CWR, ack, now);
	}
	if ((rec->state == TCPX_REC_FAST || rec->state == TCPX_REC_CWR) &&
	    !tcb->cong.ops->control)
		tcpx_prr(tcb, ack);
}

/* Marks that lie behind move along, lest they look ahead after 2 GiB */
static void tcpx_pull_marks(struct tcpx_tcb *tcb)
{
	struct tcpx_recovery *rec = &tcb->rec;

	if (rec->state == TCPX_REC_OPEN && tcpx_before(rec->recover, tcb->snd_una))
		rec->recover = tcb->snd_una - 1;
	if (tcpx_before(tcb->ecn.reacted, tcb->snd_una))
		tcb->ecn.reacted = tcb->snd_una - 1;
	if (tcpx_before(rec->rack.fack, tcb->snd_una))
		rec->rack.fack = tcb->snd_una;
	if (tcpx_before(rec->undo_una, tcb->snd_una - (1U << 30)))
		rec->undo = false;
}

/*
 * Karn (MUST-18): while only retransmissions are acknowledged nothing measures the
 * path, and the back-off stays.  A segment that was sent once and is SACKed does.
 */
static void tcpx_end_backoff(struct tcpx_tcb *tcb, const struct tcpx_ack *ack, u64 now)
{
	u64 *due = &tcb->deadline[TCPX_T_REXMT];

	if (!tcb->backoff || !ack->rs.rtt || !tcb->sack_ok)
		return;
	tcb->backoff = 0;
	tcpx_rtt_sample(&tcb->rtt, ack->rs.rtt, tcpx_rto_min(tcb), tcpx_rto_max(tcb));
	if (*due != TCPX_NEVER)
		*due = min(*due, now + tcpx_rexmt_interval(tcb));
}

/**
 * tcpx_recovery_end() - all of the acknowledgment is known: what follows from it
 * @tcb: the TCB
 * @ack: the acknowledgment
 * @now: ns
 * @a: TCPX_DO_OUTPUT is added
 */
void tcpx_recovery_end(struct tcpx_tcb *tcb, struct tcpx_ack *ack, u64 now,
		       struct tcpx_actions *a)
{
	bool news = tcb->snd_una != ack->una || ack->duplicate || ack->rs.delivered ||
		    ack->dsack || ack->ece;

	/* Before the connection is established there is nothing to recover */
	if (!tcb->cong.ops || !news)
		return;
	ack->rs.acked = a->acked;
	if (tcb->sack_ok) {
		tcpx_rack_dsack(tcb, ack);
		ack->rs.lost = tcpx_rack_detect(tcb, now);
	} else {
		tcpx_count_dupacks(tcb, ack);
		ack->rs.lost = tcpx_dupack_detect(tcb, ack);
	}
	if (tcpx_pmtu_acked(tcb, now))
		a->notes |= TCPX_NOTE_MTU_PROBED;
	if (ack->ece)
		ack->rs.ce = ack->rs.delivered;
	tcb->delivered_ce += ack->rs.ce;
	tcpx_rate_sample(tcb, ack, now);
	tcpx_recovery_step(tcb, ack, now, a);
	tcpx_cong_acked(tcb, &ack->rs, now);
	/* RFC 5682, step 2b: two new segments, and no more */
	if (tcb->rec.frto == 2)
		tcb->cong.cwnd = tcpx_flight(tcb) + 2 * tcb->snd_mss;
	tcpx_pull_marks(tcb);
	tcpx_end_backoff(tcb, ack, now);
	/* RFC 8985, 7.2: a duplicate, or a part of a segment SACKed, is no progress */
	if (tcb->snd_una != ack->una || ack->rs.delivered)
		tcpx_tlp_arm(tcb, now);
	a->todo |= TCPX_DO_OUTPUT;
}

/* @start: nothing else flies */
static void tcpx_note_sent(struct tcpx_tcb *tcb, struct tcpx_txseg *seg, bool start, u64 now)
{
	tcpx_rate_sent(tcb, seg, start, now);
	seg->sent_at = now;
}

static void tcpx_sent_new(struct tcpx_tcb *tcb, u32 seq, u32 len, bool start, u64 now)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	u32 n;

	if (!tcpx_sb_room(sb))
		return;
	n = tcpx_sb_part(len, tcb->snd_mss);
	tcpx_note_sent(tcb, tcpx_sb_append(sb, seq, seq + n), start, now);
	if (n < len)
		tcpx_sb_append_with(sb, seq + len, tcb->snd_mss);
}

static void tcpx_sent_again(struct tcpx_tcb *tcb, u32 seq, u32 end_seq, bool start, u64 now)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	struct tcpx_recovery *rec = &tcb->rec;
	struct tcpx_txseg *seg;
	u32 nr;

	for (nr = tcpx_sb_find(sb, seq); nr != sb->tail; nr++) {
		seg = tcpx_sb_at(sb, nr);
		if (tcpx_after(seg->end_seq, end_seq))
			break;
		if (seg->flags & TCPX_TX_SACKED)
			continue;
		tcpx_note_sent(tcb, seg, start, now);
		tcpx_sb_resent(sb, nr);
		rec->undo_rexmts++;
		if (!rec->rexmt_ts_ok)
			rec->rexmt_ts = tcpx_tsval(tcb, now);
		if (!rec->rexmt_ts_ok || tcpx_after(seg->end_seq, rec->undo_end))
			rec->undo_end = seg->end_seq;
		rec->rexmt_ts_ok = true;
	}
}

/**
 * tcpx_recovery_sent() - data or a FIN was sent
 * @tcb: the TCB; SND.NXT does not count it yet
 * @seq: its SEG.SEQ
 * @len: its SEG.LEN
 * @now: ns
 */
void tcpx_recovery_sent(struct tcpx_tcb *tcb, u32 seq, u32 len, u64 now)
{
	struct tcpx_recovery *rec = &tcb->rec;
	bool again = seq != tcb->snd_nxt, start = !tcpx_flight(tcb);

	tcpx_pmtu_sent(tcb, seq, len);
	if (start)
		tcpx_cong_event(tcb, TCPX_CONG_TX_START, now);
	if (again)
		tcpx_sent_again(tcb, seq, seq + len, start, now);
	else
		tcpx_sent_new(tcb, seq, len, start, now);
	if (rec->state == TCPX_REC_FAST || rec->state == TCPX_REC_CWR)
		rec->prr_out += len;
	if (!rec->tlp_due)
		return;
	rec->tlp_due = false;
	rec->tlp = true;
	rec->tlp_rexmt = again;
	rec->tlp_end = again ? tcb->snd_nxt : seq + len;
}

/**
 * tcpx_recovery_timeout() - the retransmission timer expired: RFC 5681, 3.1
 * @tcb: rexmt_shift counts this time already
 * @now: ns
 */
void tcpx_recovery_timeout(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_recovery *rec = &tcb->rec;
	struct tcpx_scoreboard *sb = &tcb->sb;
	bool first = tcb->rexmt_shift == 1;

	/*
	 * Equation (4), but held constant when the same segment is lost again;
	 * in FAST and CWR it was reduced for this window already.
	 */
	if (first && rec->state == TCPX_REC_OPEN && tcb->cong.ops) {
		tcpx_cong_reduce(tcb, tcb->snd_nxt - tcb->snd_una, now);
		tcb->ecn.cwr = tcb->ecn.mode;
		tcb->ecn.reacted = tcb->snd_nxt;
	} else if (first) {
		/* If undone, then the time-out and not what came before it */
		tcb->cong.prior_cwnd = tcb->cong.cwnd;
		tcb->cong.prior_ssthresh = tcb->cong.ssthresh;
	}
	if (first) {
		rec->undo = tcb->cong.ops;
		rec->undo_una = tcb->snd_una;
		rec->undo_rexmts = 0;
		rec->rexmt_ts_ok = false;
	}
	/* RFC 2018, 8: SACKed, yet not acknowledged in all this time: the peer reneged */
	if (tcpx_sb_len(sb) && tcpx_sb_at(sb, sb->head)->flags & TCPX_TX_SACKED)
		tcpx_sb_renege(sb);
	else if (tcb->sack_ok)
		tcpx_rack_timeout(tcb, now);
	else
		tcpx_sb_lose_all(sb);
	/* RFC 5682, 2.1, step 1: not while an earlier time-out is recovered from */
	rec->frto = first && tcb->conf->frto && rec->state != TCPX_REC_LOSS;
	rec->state = TCPX_REC_LOSS;
	rec->dupacks = 0;
	rec->recover = tcb->snd_nxt;
	tcb->cong.cwnd = tcb->snd_mss;
	tcb->deadline[TCPX_T_REO] = TCPX_NEVER;
	tcpx_tlp_stop(tcb);
	tcpx_cong_event(tcb, TCPX_CONG_LOSS, now);
}

/**
 * tcpx_recovery_reo_timeout() - the reordering timer expired: RFC 8985, 6.3
 * @tcb: the TCB
 * @now: ns
 * @a: TCPX_DO_OUTPUT is added
 */
void tcpx_recovery_reo_timeout(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	struct tcpx_ack ack = {
		.una = tcb->snd_una,
		.sacked = tcb->sb.sacked_bytes,
		.rs.in_flight = tcpx_flight(tcb),
	};

	ack.rs.lost = tcpx_rack_detect(tcb, now);
	if (!ack.rs.lost || !tcb->cong.ops)
		return;
	tcpx_recovery_step(tcb, &ack, now, a);
	tcpx_cong_acked(tcb, &ack.rs, now);
	a->todo |= TCPX_DO_OUTPUT;
}

/**
 * tcpx_recovery_mtu() - the path takes smaller segments than are in flight
 * @tcb: snd_mss is the new one already, the scoreboard has slots to be cut
 *
 * RFC 1191, 6.4: send again at once, and take no congestion for it.
 */
void tcpx_recovery_mtu(struct tcpx_tcb *tcb)
{
	if (!tcb->syn_acked || tcb->snd_una == tcb->snd_nxt)
		return;
	tcpx_sb_recut(&tcb->sb, tcb->snd_mss);
	tcb->deadline[TCPX_T_REO] = TCPX_NEVER;
	tcpx_tlp_stop(tcb);
	tcb->rec.state = TCPX_REC_LOSS;
	tcb->rec.frto = 0;
	tcb->rec.undo = false;
	tcb->rec.dupacks = 0;
	tcb->rec.recover = tcb->snd_nxt;
}
