// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES: RFC 9293, 3.10.7.  Pure.
 *
 * The steps stand in the RFC's order and carry its numbers.  Added to them,
 * each where it belongs: PAWS (RFC 7323, 5.3), challenge ACKs and the ACK
 * range of RFC 5961, TIME-WAIT assassination (RFC 1337) and reuse (RFC 6191).
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "ack.h"
#include "deadline.h"
#include "ecn.h"
#include "mss.h"
#include "rate.h"
#include "recovery.h"
#include "segment.h"
#include "syn.h"

static void tcpx_drop(struct tcpx_actions *a, u8 why)
{
	a->drop = why;
}

static void tcpx_reset_sender(const struct tcpx_seg *seg, struct tcpx_actions *a)
{
	a->rst = tcpx_fsm_rst_for(seg);
	a->todo |= TCPX_DO_RST;
}

static u32 tcpx_seg_len(const struct tcpx_seg *seg)
{
	return seg->len + !!(seg->flags & TCPX_SYN) + !!(seg->flags & TCPX_FIN);
}

/* RFC 2883, 4.1: numbers before RCV.NXT came again; a FIN is one, as in RFC 2018's blocks */
static void tcpx_note_old_numbers(struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	u32 len = seg->len + !!(seg->flags & TCPX_FIN);

	if (len && !(seg->flags & TCPX_SYN) && tcpx_before(seg->seq, tcb->rcv_nxt))
		tcpx_sack_duplicate(tcb, seg->seq, seg->seq + min(len, tcb->rcv_nxt - seg->seq));
}

/*
 * Segments without payload that are not acceptable, those that want a challenge
 * ACK, and a SYN that comes again in SYN-RECEIVED (its SYN,ACK may hit the victim
 * of a spoofed address) are answered at most twice a second, all together: two
 * ends that disagree would otherwise answer each other for ever (RFC 5961, 7).
 *
 * The limit is the connection's own.  A limit that connections share is a counter
 * that an attacker can read: answers missing on a connection of its own tell that
 * a guess at another connection's numbers has used them up (CVE-2016-5696), and
 * noise in the limit only makes it try more often.  A limit for each connection
 * shows to its two ends alone; and since all these answers are the same ACK, one
 * that is held back is not missed where another has just left.
 */
static bool tcpx_answer_due(struct tcpx_tcb *tcb, u64 now)
{
	if (tcb->oow_last && now - tcb->oow_last < TCPX_OOW_LIMIT_MS * TCPX_NSEC_PER_MSEC)
		return false;
	tcb->oow_last = now;
	return true;
}

/* The ACK that answers a segment which is not acceptable */
static void tcpx_ack_unacceptable(struct tcpx_tcb *tcb, const struct tcpx_seg *seg,
				  u64 now, struct tcpx_actions *a)
{
	/* Payload and FIN come again for a reason; a SYN with payload is no more than a SYN */
	bool again = (seg->len || seg->flags & TCPX_FIN) && !(seg->flags & TCPX_SYN);

	if (!again && !tcpx_answer_due(tcb, now))
		return;
	tcpx_sack_forget_dup(tcb);
	tcpx_note_old_numbers(tcb, seg);
	a->todo |= TCPX_DO_ACK;
	tcb->ack_now = true;
}

/* 3.10.7.1 */
static void tcpx_seg_closed(const struct tcpx_seg *seg, struct tcpx_actions *a)
{
	tcpx_drop(a, TCPX_DROP_CLOSED);
	if (!(seg->flags & TCPX_RST))
		tcpx_reset_sender(seg, a);
}

/* 3.10.7.2; the caller answers a good SYN with tcpx_syn_accept() */
static void tcpx_seg_listen(const struct tcpx_seg *seg, struct tcpx_actions *a)
{
	/* first */
	if (seg->flags & TCPX_RST) {
		tcpx_drop(a, TCPX_DROP_RST);
		return;
	}
	/* second */
	if (seg->flags & TCPX_ACK) {
		tcpx_drop(a, TCPX_DROP_FLAGS);
		tcpx_reset_sender(seg, a);
		return;
	}
	/* third, fourth; no honest sender combines SYN and FIN */
	if ((seg->flags & (TCPX_SYN | TCPX_FIN)) != TCPX_SYN)
		tcpx_drop(a, TCPX_DROP_FLAGS);
}

/*
 * Where copies were sent because ACKs were lost, the echo of the first copy to
 * arrive measures how long that went on, and not the path.  So it is with a SYN:
 * after a lost SYN,ACK the answer still echoes the first.
 */
static bool tcpx_echo_is_old(const struct tcpx_tcb *tcb, u32 tsecr)
{
	const struct tcpx_txseg *seg;

	if (!tcb->syn_acked)
		return tcpx_before(tsecr, tcpx_tsval(tcb, tcb->last_snd));
	if (!tcpx_sb_len(&tcb->sb))
		return false;
	seg = tcpx_sb_at(&tcb->sb, tcb->sb.head);
	return seg->flags & TCPX_TX_REXMT && tcpx_before(tsecr, tcpx_tsval(tcb, seg->sent_at));
}

/* The RTT, Karn's rule kept: one timed segment, or the timestamp it echoes */
static void tcpx_measure_rtt(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	u64 rto_min = tcpx_rto_min(tcb), rto_max = tcpx_rto_max(tcb);
	s32 ticks;

	if (tcb->rtt_timing) {
		if (tcpx_before(seg->ack, tcb->rtt_seq))
			return;
		tcb->rtt_timing = false;
		tcb->backoff = 0;
		tcpx_rtt_sample(&tcb->rtt, now - tcb->rtt_start, rto_min, rto_max);
		return;
	}
	if (!tcb->ts_ok || !(seg->opt.has & TCPX_HAS_TS) || !seg->opt.tsecr)
		return;
	ticks = tcpx_tsval(tcb, now) - seg->opt.tsecr;
	if (ticks < 0 || tcpx_echo_is_old(tcb, seg->opt.tsecr))
		return;
	tcb->backoff = 0;
	/* A coarse clock may read less than there is */
	tcpx_rtt_sample(&tcb->rtt, max((u64)ticks << TCPX_TS_SHIFT, tcb->rtt.min_rtt),
			rto_min, rto_max);
}

/* SND.UNA moves to SEG.ACK: what was waiting for that goes on */
static void tcpx_advance_una(struct tcpx_tcb *tcb, const struct tcpx_seg *seg,
			     struct tcpx_ack *ack, u64 now, struct tcpx_actions *a)
{
	u32 bytes = seg->ack - tcb->snd_una;
	bool fin_acked = tcpx_fin_sent(tcb) && seg->ack == tcb->write_seq + 1;

	/* RFC 7413, 4.2.2: what was not taken of the SYN's data is yet to be sent */
	if (!tcb->syn_acked && !tcb->fastopen) {
		tcb->syn_data_acked = bytes > 1 && seg->ack == tcb->snd_nxt;
		tcb->syn_data_end = tcb->snd_nxt;
		tcb->snd_nxt = seg->ack;
	}
	tcpx_measure_rtt(tcb, seg, now);
	bytes -= !tcb->syn_acked + fin_acked;
	tcb->acked = min(tcb->acked + bytes, TCPX_MAX_ACKED);
	/* CLOSE in SYN-RECEIVED leaves to FIN-WAIT-1 before both ends are synchronized */
	if (!tcb->syn_acked)
		a->todo |= TCPX_DO_CONNECTED;
	tcb->syn_acked = true;
	tcb->snd_una = seg->ack;
	tcb->unacked_since = now;
	tcb->rexmt_shift = 0;
	tcb->lcd = false;
	/* Marks that lie behind move along, lest they look ahead after 2 GiB */
	if (tcpx_before(tcb->snd_sml, tcb->snd_una))
		tcb->snd_sml = tcb->snd_una;
	if (tcpx_before(tcb->syn_data_end, tcb->snd_una))
		tcb->syn_data_end = tcb->snd_una;
	if (tcb->snd_urg && !tcpx_after(tcb->snd_up, tcb->snd_una))
		tcb->snd_urg = false;
	a->acked = bytes;
	a->todo |= TCPX_DO_ACKED | TCPX_DO_OUTPUT;

	tcpx_recovery_advance(tcb, ack, now);
	ack->rs.delivered -= min_t(u32, fin_acked, ack->rs.delivered);
	if (!tcpx_recovery_keeps_timer(tcb))
		tcpx_deadline_rexmt(tcb, now);
	tcpx_deadline_user(tcb);
	if (fin_acked)
		tcpx_fsm_event(tcb, TCPX_EV_RCV_ACK_OF_FIN, now, a);
}

/* 3.10.7.3 */
static void tcpx_seg_syn_sent(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			      struct tcpx_actions *a)
{
	struct tcpx_ack ack = { };
	bool ack_ok = false;

	/* first: SND.UNA < SEG.ACK =< SND.NXT is acceptable */
	if (seg->flags & TCPX_ACK) {
		ack_ok = tcpx_after(seg->ack, tcb->snd_una) &&
			 !tcpx_after(seg->ack, tcb->snd_nxt);
		if (!ack_ok) {
			tcpx_drop(a, TCPX_DROP_UNSENT_ACK);
			if (!(seg->flags & TCPX_RST))
				tcpx_reset_sender(seg, a);
			return;
		}
	}
	/* second: RFC 5961 has no more to ask, the ACK names our ISS */
	if (seg->flags & TCPX_RST) {
		tcpx_drop(a, TCPX_DROP_RST);
		if (ack_ok)
			tcpx_fsm_event(tcb, TCPX_EV_RCV_RST, now, a);
		return;
	}
	/* fifth */
	if (!(seg->flags & TCPX_SYN)) {
		tcpx_drop(a, TCPX_DROP_FLAGS);
		return;
	}
	/* RFC 7323, 3.2: an echo of what was never sent is not our SYN's answer */
	if (ack_ok && (seg->opt.has & TCPX_HAS_TS) && tcpx_timestamps(tcb) &&
	    seg->opt.tsecr && tcpx_after(seg->opt.tsecr, tcpx_tsval(tcb, now))) {
		tcpx_drop(a, TCPX_DROP_PAWS);
		tcpx_reset_sender(seg, a);
		return;
	}
	/* fourth */
	tcpx_syn_rcv(tcb, seg, now);
	if (!ack_ok) {
		tcpx_fsm_event(tcb, TCPX_EV_RCV_SYN, now, a);
		return;
	}
	tcpx_advance_una(tcb, seg, &ack, now, a);
	tcpx_fsm_event(tcb, TCPX_EV_RCV_SYN_ACK, now, a);
	tcpx_ack_synack(tcb, seg->data_waits, now);
	tcpx_syn_established(tcb, now);
}

/*
 * RFC 6191, and 3.6.1: in TIME-WAIT a SYN opens a new incarnation if its
 * timestamp, or failing that its sequence number, shows that it is newer.
 */
static bool tcpx_time_wait_reopens(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	const u8 mask = TCPX_SYN | TCPX_RST | TCPX_ACK | TCPX_FIN;

	if (tcb->state != TCPX_TIME_WAIT || (seg->flags & mask) != TCPX_SYN)
		return false;
	if (tcb->ts_ok && (seg->opt.has & TCPX_HAS_TS) &&
	    seg->opt.tsval != tcb->ts_recent)
		return tcpx_after(seg->opt.tsval, tcb->ts_recent);
	/* RFC 6191, 2: timestamps now, none before, tell the two apart */
	if (!tcb->ts_ok && tcpx_timestamps(tcb) && seg->opt.has & TCPX_HAS_TS)
		return true;
	return tcpx_after(seg->seq, tcb->rcv_nxt);
}

/* RFC 7323, 5.3, R1: the timestamp is of the past */
static bool tcpx_paws_is_old(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	return tcpx_before(seg->opt.tsval, tcb->ts_recent) &&
	       now - tcb->ts_recent_stamp <= TCPX_PAWS_IDLE_NS;
}

/*
 * 3.8.4, 3.8.6.1: the peer is there.  The checks of SEG.SEQ and SEG.ACK come
 * first, or a forged segment could hide that it is dead (RFC 5961).
 */
static void tcpx_peer_is_alive(struct tcpx_tcb *tcb, u64 now)
{
	tcb->last_rcv = now;
	tcb->probes_out = 0;
	if (tcb->deadline[TCPX_T_KEEP] != TCPX_NEVER)
		tcpx_deadline_keep(tcb, now);
}

/* 3.8.4: the peer's probe lies just before the window, and only the peer knows where */
static bool tcpx_is_probe(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	return (seg->flags & (TCPX_ACK | TCPX_SYN | TCPX_FIN | TCPX_RST)) == TCPX_ACK &&
	       seg->seq + 1 == tcb->rcv_nxt && seg->len <= 1 &&
	       tcpx_between(seg->ack, tcb->snd_una, tcb->snd_nxt);
}

/* RFC 7323, 5.3, R1: true if the segment is to be dropped */
static bool tcpx_paws_rejects(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			      struct tcpx_actions *a)
{
	if (!tcb->ts_ok || (seg->flags & TCPX_RST))
		return false;
	if (!(seg->opt.has & TCPX_HAS_TS)) {
		/*
		 * RFC 7323, 3.2: "SHOULD silently drop the segment".  But there
		 * are keepalives that carry none, and all they want is an answer.
		 */
		tcpx_drop(a, TCPX_DROP_NO_TS);
		if (tcpx_is_probe(tcb, seg)) {
			tcpx_peer_is_alive(tcb, now);
			tcpx_ack_unacceptable(tcb, seg, now, a);
		}
		return true;
	}
	if (!tcpx_paws_is_old(tcb, seg, now))
		return false;
	tcpx_drop(a, TCPX_DROP_PAWS);
	tcpx_ack_unacceptable(tcb, seg, now, a);
	return true;
}

/**
 * tcpx_segment_stamp() - take the timestamp: RFC 7323, 4.3
 * @tcb: the TCB
 * @seg: a segment that has passed PAWS
 * @now: ns
 *
 * Only a segment at the left edge moves TS.Recent.
 */
void tcpx_segment_stamp(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	if (!tcb->ts_ok || tcpx_after(seg->seq, tcb->last_ack_sent))
		return;
	tcb->ts_recent = seg->opt.tsval;
	tcb->ts_recent_stamp = now;
}

/* 3.10.7.4, first: table 6, and the right edge for a segment without length */
static bool tcpx_seq_acceptable(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	u32 len = tcpx_seg_len(seg);
	u32 edge = tcb->rcv_nxt + tcb->rcv_wnd;

	/* A peer that has filled the window acknowledges with SEG.SEQ at its edge */
	if (!len)
		return tcpx_between(seg->seq, tcb->rcv_nxt, edge);
	/* MUST-66: with no window, the next segment counts, but for its payload */
	if (!tcb->rcv_wnd)
		return seg->seq == tcb->rcv_nxt;
	return tcpx_before(seg->seq, edge) && tcpx_after(seg->seq + len, tcb->rcv_nxt);
}

/* 3.10.7.4, first: the segment is trimmed to what is new and in the window */
static void tcpx_seg_trim(struct tcpx_tcb *tcb, struct tcpx_seg *seg,
			  struct tcpx_actions *a)
{
	u32 edge = tcb->rcv_nxt + tcb->rcv_wnd;
	u32 old;

	if (tcpx_before(seg->seq, tcb->rcv_nxt)) {
		old = min(tcb->rcv_nxt - seg->seq, seg->len);
		if (old) {
			tcpx_note_old_numbers(tcb, seg);
			a->todo |= TCPX_DO_ACK;
			tcb->ack_now = true;
		}
		a->data_off = old;
		seg->len -= old;
		seg->seq += old;
	}
	if (tcpx_after(seg->seq + seg->len, edge)) {
		seg->len = edge - seg->seq;
		seg->flags &= ~TCPX_FIN;
		a->drop = tcb->rcv_wnd ? TCPX_DROP_SEQ : TCPX_DROP_ZERO_WINDOW;
		a->todo |= TCPX_DO_ACK;
		tcb->ack_now = true;
	}
}

/*
 * RFC 5961, 5 (MAY-12).  An ACK older than the first octet is no old ACK: on a
 * young connection the range would reach back before it, and let that many more
 * guesses in (CVE-2023-52881).
 */
static bool tcpx_ack_acceptable(const struct tcpx_tcb *tcb, u32 ack)
{
	u32 back = min(tcb->max_snd_wnd, tcb->acked);

	return tcpx_between(ack, tcb->snd_una - back, tcb->snd_nxt);
}

/*
 * The peer sends again what our last ACK was for, or will be: it has not seen it, and is
 * to measure the answer to this segment.  One who sees its own first timestamp come back
 * takes all the time since then for a round trip: after five minutes without a path TCP
 * waits two more.  RFC 7323 takes the timestamp before it tests SEG.SEQ (appendix D), but
 * what is older tells nothing about the last ACK, and may be forged.
 */
static bool tcpx_last_ack_is_missed(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	return (seg->flags & (TCPX_ACK | TCPX_SYN | TCPX_RST)) == TCPX_ACK &&
	       !tcpx_before(seg->seq + tcpx_seg_len(seg), tcb->last_ack_sent) &&
	       tcpx_ack_acceptable(tcb, seg->ack);
}

/* 3.10.7.4, first: true if the segment goes on to the next step */
static bool tcpx_check_seq(struct tcpx_tcb *tcb, struct tcpx_seg *seg, u64 now,
			   struct tcpx_actions *a)
{
	if (tcpx_paws_rejects(tcb, seg, now, a))
		return false;
	if (tcb->state == TCPX_SYN_RECEIVED && (seg->flags & TCPX_SYN) &&
	    !(seg->flags & TCPX_RST) && seg->seq == tcb->irs) {
		/* The same SYN again: the peer has missed our SYN,ACK */
		if (!(seg->flags & TCPX_ACK)) {
			tcpx_drop(a, TCPX_DROP_OLD_DATA);
			tcpx_segment_stamp(tcb, seg, now);
			if (tcpx_answer_due(tcb, now))
				a->todo |= TCPX_DO_SYNACK;
			return false;
		}
		/* 3.5, figure 7: the SYN,ACK of a simultaneous open */
		seg->flags &= ~TCPX_SYN;
		seg->seq++;
	}
	if (tcpx_seq_acceptable(tcb, seg))
		return true;
	tcpx_drop(a, tcpx_before(seg->seq, tcb->rcv_nxt) ? TCPX_DROP_OLD_DATA : TCPX_DROP_SEQ);
	if (seg->flags & TCPX_RST)
		return false;
	if (tcpx_is_probe(tcb, seg))
		tcpx_peer_is_alive(tcb, now);
	if (tcpx_last_ack_is_missed(tcb, seg))
		tcpx_segment_stamp(tcb, seg, now);
	tcpx_ack_unacceptable(tcb, seg, now, a);
	/* 3.10.7.4, fifth: TIME-WAIT acknowledges the FIN again and starts anew */
	if (tcb->state == TCPX_TIME_WAIT && (seg->flags & TCPX_FIN) &&
	    seg->seq + tcpx_seg_len(seg) == tcb->rcv_nxt)
		tcpx_fsm_event(tcb, TCPX_EV_RCV_FIN, now, a);
	return false;
}

/* The user has not seen it yet, so it can go back to LISTEN */
static bool tcpx_half_open(const struct tcpx_tcb *tcb)
{
	return tcb->state == TCPX_SYN_RECEIVED && tcb->passive && !tcb->fastopen;
}

/* What a RST at RCV.NXT means */
static u8 tcpx_rst_event(const struct tcpx_tcb *tcb)
{
	if (tcpx_half_open(tcb))
		return TCPX_EV_RCV_RST_PASSIVE;
	/* RFC 7413, 4.2.2: a connection that was accepted with its SYN was not refused */
	if (tcb->state == TCPX_SYN_RECEIVED && tcb->fastopen)
		return TCPX_EV_RCV_RST_FASTOPEN;
	return TCPX_EV_RCV_RST;
}

/* 3.10.7.4, second: RFC 5961, 3 */
static void tcpx_check_rst(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			   struct tcpx_actions *a)
{
	tcpx_drop(a, TCPX_DROP_RST);
	if (seg->seq != tcb->rcv_nxt) {
		if (seg->seq - tcb->rcv_nxt < tcb->rcv_wnd)
			a->todo |= TCPX_DO_CHALLENGE;
		return;
	}
	/* RFC 1337: a reset must not cut TIME-WAIT short */
	if (tcb->state == TCPX_TIME_WAIT && tcb->conf->rfc1337)
		return;
	tcpx_fsm_event(tcb, tcpx_rst_event(tcb), now, a);
}

/* 3.10.7.4, fourth: RFC 5961, 4 */
static void tcpx_check_syn(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	tcpx_drop(a, TCPX_DROP_SYN);
	if (tcpx_half_open(tcb))
		tcpx_fsm_event(tcb, TCPX_EV_RCV_RST_PASSIVE, now, a);
	else
		tcpx_fsm_event(tcb, TCPX_EV_RCV_SYN, now, a);
}

/* SHLD-17: time-outs under a shut window were no sign of a dead peer or path */
static void tcpx_window_opens(struct tcpx_tcb *tcb, u64 now)
{
	tcb->persist_shift = 0;
	tcpx_deadline_user(tcb);
	if (tcb->snd_una == tcb->snd_nxt)
		return;
	tcb->rexmt_shift = 0;
	tcb->backoff = 0;
	tcb->deadline[TCPX_T_REXMT] = now + tcpx_rexmt_interval(tcb);
}

/* 3.10.7.4, fifth, ESTABLISHED: the send window */
static void tcpx_update_window(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			       struct tcpx_actions *a)
{
	u32 wnd = (u32)seg->wnd << tcb->snd_wscale;
	bool changed = wnd != tcb->snd_wnd;

	if (!tcpx_before(tcb->snd_wl1, seg->seq) &&
	    (tcb->snd_wl1 != seg->seq || tcpx_after(tcb->snd_wl2, seg->ack)))
		return;
	/* From one small window to another no deadline moves */
	if (changed && (!wnd || !tcb->snd_wnd)) {
		tcb->deadline[TCPX_T_PERSIST] = TCPX_NEVER;
		if (wnd)
			tcpx_window_opens(tcb, now);
	}
	tcb->snd_wnd = wnd;
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
	tcpx_mss_window(tcb, wnd);
	if (changed)
		a->todo |= TCPX_DO_OUTPUT;
}

/* 3.10.7.4, fifth, SYN-RECEIVED: true if it is ESTABLISHED now */
static bool tcpx_ack_of_syn(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			    struct tcpx_actions *a)
{
	struct tcpx_ack ack = { };

	if (!tcpx_after(seg->ack, tcb->snd_una) || tcpx_after(seg->ack, tcb->snd_nxt)) {
		tcpx_drop(a, TCPX_DROP_UNSENT_ACK);
		tcpx_reset_sender(seg, a);
		return false;
	}
	tcb->snd_wl1 = seg->seq - 1;	/* SND.WND <- SEG.WND in any case */
	tcpx_advance_una(tcb, seg, &ack, now, a);
	tcpx_fsm_event(tcb, TCPX_EV_RCV_ACK_OF_SYN, now, a);
	tcpx_syn_established(tcb, now);
	return true;
}

/* RFC 5681, 2: what counts as a duplicate acknowledgment */
static bool tcpx_is_dupack(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 len)
{
	return seg->ack == tcb->snd_una && tcb->snd_una != tcb->snd_nxt && !len &&
	       (u32)seg->wnd << tcb->snd_wscale == tcb->snd_wnd;
}

/**
 * tcpx_segment_heard() - 3.10.7.4, fifth, of an ACK not older than SND.UNA, before recovery
 * @tcb: the TCB
 * @seg: an acceptable segment
 * @now: ns
 * @a: TCPX_DO_OUTPUT is added if the window has changed
 */
void tcpx_segment_heard(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			struct tcpx_actions *a)
{
	tcpx_peer_is_alive(tcb, now);
	tcpx_update_window(tcb, seg, now, a);
}

/**
 * tcpx_segment_ack() - 3.10.7.4, fifth: an acceptable ACK
 * @tcb: the TCB
 * @seg: the segment
 * @len: its SEG.LEN before it was trimmed
 * @now: ns
 * @a: what it leads to is added
 */
void tcpx_segment_ack(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 len, u64 now,
		      struct tcpx_actions *a)
{
	struct tcpx_ack ack __uninitialized;

	tcpx_recovery_begin(tcb, seg, &ack);
	ack.duplicate = tcpx_is_dupack(tcb, seg, len);
	if (tcpx_after(seg->ack, tcb->snd_una))
		tcpx_advance_una(tcb, seg, &ack, now, a);
	if (!tcpx_before(seg->ack, tcb->snd_una)) {
		tcpx_segment_heard(tcb, seg, now, a);
		tcpx_recovery_sack(tcb, seg, &ack, now);
	}
	ack.ece = tcb->ecn.mode && seg->flags & TCPX_ECE;
	tcpx_recovery_end(tcb, &ack, now, a);
}

/* 3.10.7.4, fifth: true if the segment goes on to the next step */
static bool tcpx_check_ack(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 len,
			   u64 now, struct tcpx_actions *a)
{
	if (tcb->state == TCPX_SYN_RECEIVED && !tcpx_ack_of_syn(tcb, seg, now, a))
		return false;
	if (!tcpx_ack_acceptable(tcb, seg->ack)) {
		tcpx_drop(a, tcpx_after(seg->ack, tcb->snd_nxt) ? TCPX_DROP_UNSENT_ACK :
								  TCPX_DROP_OLD_ACK);
		a->todo |= TCPX_DO_CHALLENGE;
		return false;
	}
	if (tcb->state == TCPX_TIME_WAIT)
		return true;
	tcpx_segment_ack(tcb, seg, len, now, a);
	/* LAST-ACK: deleted with the acknowledgment of our FIN */
	return tcb->state != TCPX_CLOSED;
}

static bool tcpx_receives(const struct tcpx_tcb *tcb)
{
	return tcb->state == TCPX_ESTABLISHED || tcb->state == TCPX_FIN_WAIT_1 ||
	       tcb->state == TCPX_FIN_WAIT_2;
}

/* 3.10.7.4, sixth */
static void tcpx_check_urg(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 seq,
			   struct tcpx_actions *a)
{
	u32 up = seq + seg->up;		/* the first octet that is not urgent, MUST-62 */

	if (!(seg->flags & TCPX_URG) || !seg->up || !tcpx_receives(tcb))
		return;
	/* RCV.UP <- max(RCV.UP, SEG.UP), unless the user has read up to there */
	if (!tcpx_after(up, tcb->rcv_up) || !tcpx_after(up, tcb->copied_seq))
		return;
	tcb->rcv_up = up;
	a->todo |= TCPX_DO_URGENT;
}

/* A pointer that the user is past moves along, lest it look ahead after 2 GiB */
static void tcpx_pull_rcv_up(struct tcpx_tcb *tcb)
{
	if (tcpx_before(tcb->rcv_up, tcb->copied_seq))
		tcb->rcv_up = tcb->copied_seq;
}

/*
 * 3.10.7.4, eighth, before its turn: a FIN beyond a hole tells where the stream
 * ends, and that number is all that is kept of it.  The first such FIN counts,
 * until data has arrived beyond its number.
 */
static void tcpx_keep_fin(struct tcpx_tcb *tcb, u32 seq)
{
	if (tcb->rcv_fin_known && seq == tcb->rcv_fin)
		tcpx_sack_fin_again(tcb);
	if (!tcb->rcv_fin_known)
		tcb->rcv_fin = seq;
	tcb->rcv_fin_known = true;
}

/* 3.10.7.4, eighth: the FIN is next in sequence */
static void tcpx_take_fin(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	tcb->rcv_fin_known = false;
	tcb->rcv_nxt++;
	if (tcb->rcv_wnd)
		tcb->rcv_wnd--;
	tcpx_ack_fin(tcb, now);
	tcpx_fsm_event(tcb, TCPX_EV_RCV_FIN, now, a);
}

/* RCV.NXT has moved, perhaps to where the stream ends */
static void tcpx_reach_fin(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	if (!tcb->rcv_fin_known || tcpx_before(tcb->rcv_nxt, tcb->rcv_fin))
		return;
	if (tcb->rcv_nxt == tcb->rcv_fin && tcpx_receives(tcb))
		tcpx_take_fin(tcb, now, a);
	tcb->rcv_fin_known = false;
}

/* 3.10.7.4, seventh and eighth, beyond a hole: SHLD-31 */
static void tcpx_take_beyond(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, bool fin,
			     struct tcpx_actions *a)
{
	a->todo |= TCPX_DO_ACK;
	tcb->ack_now = true;
	tcpx_ack_quickly(tcb);
	if (fin)
		tcpx_keep_fin(tcb, seg->seq + seg->len);
	if (seg->len) {
		a->todo |= TCPX_DO_OOO;
		tcpx_rcvbuf_beyond(tcb, seg);
	} else {
		tcpx_sack_fin(tcb);
	}
}

/**
 * tcpx_segment_data() - 3.10.7.4, seventh and eighth: take payload and FIN
 * @tcb: the TCB, in a state that receives
 * @seg: a segment that is in the window
 * @now: ns
 * @a: what it leads to is added
 */
void tcpx_segment_data(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		       struct tcpx_actions *a)
{
	bool fin = seg->flags & TCPX_FIN;

	if (!seg->len && !fin)
		return;
	/* 3.6.1, MAY-1 and SHLD-3: no reader is left, so data is lost: reset */
	if (seg->len && (tcb->orphan || (tcb->rcv_shut && tcb->state != TCPX_ESTABLISHED))) {
		tcpx_drop(a, TCPX_DROP_CLOSED);
		tcpx_reset_sender(seg, a);
		tcpx_fsm_event(tcb, TCPX_EV_RCV_RST, now, a);
		return;
	}
	if (seg->len && seg->no_room) {
		tcpx_drop(a, TCPX_DROP_NO_ROOM);
		a->todo |= TCPX_DO_ACK;
		tcb->ack_now = true;
		return;
	}
	a->data_len = seg->len;
	if (seg->seq != tcb->rcv_nxt) {
		tcpx_take_beyond(tcb, seg, fin, a);
		return;
	}
	if (seg->len) {
		tcpx_pull_rcv_up(tcb);
		tcb->rcv_nxt += seg->len;
		tcb->rcv_wnd -= seg->len;
		tcpx_sack_advance(tcb);
		a->todo |= TCPX_DO_DATA;
		tcpx_rcvbuf_arrived(tcb, seg, now);
		tcpx_ack_data(tcb, seg, now, a);
	}
	if (fin && tcb->rcv_fin_known && tcb->rcv_fin == tcb->rcv_nxt)
		tcpx_sack_fin_again(tcb);
	if (fin)
		tcpx_take_fin(tcb, now, a);
	else
		tcpx_reach_fin(tcb, now, a);
}

/* Sixth and seventh, for what comes with a SYN */
static void tcpx_syn_data(struct tcpx_tcb *tcb, const struct tcpx_seg *syn, u64 now,
			  struct tcpx_actions *a)
{
	struct tcpx_seg seg = *syn;

	seg.seq++;
	seg.flags &= ~TCPX_SYN;
	tcpx_check_urg(tcb, syn, syn->seq, a);
	tcpx_seg_trim(tcb, &seg, a);
	tcpx_segment_data(tcb, &seg, now, a);
}

/**
 * tcpx_segment_fastopen() - RFC 7413, 4.2.2: take the data of a SYN with a good cookie
 * @tcb: in SYN-RECEIVED, just come from LISTEN
 * @syn: the SYN
 * @now: ns
 * @a: of tcpx_syn_accept(); what the data leads to is added
 *
 * The user has the connection from now on, and can send on it as well.
 */
void tcpx_segment_fastopen(struct tcpx_tcb *tcb, const struct tcpx_seg *syn, u64 now,
			   struct tcpx_actions *a)
{
	tcb->fastopen = true;
	tcb->syn_data_acked = syn->len;
	a->todo |= TCPX_DO_CONNECTED;
	tcpx_syn_data(tcb, syn, now, a);
}

/* 3.10.7.4 */
static void tcpx_seg_synchronized(struct tcpx_tcb *tcb, const struct tcpx_seg *arrived,
				  u64 now, struct tcpx_actions *a)
{
	struct tcpx_seg seg = *arrived;
	u32 len = tcpx_seg_len(arrived);

	if (tcpx_time_wait_reopens(tcb, &seg)) {
		a->todo |= TCPX_DO_REOPEN;
		return;
	}
	if (!tcpx_check_seq(tcb, &seg, now, a))
		return;
	if (len)
		tcpx_sack_forget_dup(tcb);
	if (seg.flags & TCPX_RST) {
		tcpx_check_rst(tcb, &seg, now, a);
		return;
	}
	if (seg.flags & TCPX_SYN) {
		tcpx_check_syn(tcb, now, a);
		return;
	}
	if (!(seg.flags & TCPX_ACK)) {
		tcpx_drop(a, TCPX_DROP_FLAGS);
		return;
	}
	if (!tcpx_check_ack(tcb, &seg, len, now, a))
		return;
	tcpx_segment_stamp(tcb, &seg, now);
	tcpx_deadline_uto(tcb, &seg.opt);
	if (tcpx_ecn_rcv(tcb, arrived)) {
		a->todo |= TCPX_DO_ACK;
		tcb->ack_now = true;
	}
	tcpx_check_urg(tcb, arrived, seg.seq, a);
	tcpx_seg_trim(tcb, &seg, a);
	if (tcpx_receives(tcb)) {
		tcpx_segment_data(tcb, &seg, now, a);
	} else if (seg.flags & TCPX_FIN) {
		tcb->ack_now = true;
		tcpx_fsm_event(tcb, TCPX_EV_RCV_FIN, now, a);
	}
}

/**
 * tcpx_segment_arrives() - SEGMENT ARRIVES
 * @tcb: the TCB
 * @seg: the segment; its checksum and addresses are good
 * @now: ns
 * @a: filled in
 *
 * In LISTEN a segment that leaves @a without drop is a SYN to be accepted
 * with tcpx_syn_accept().
 */
void tcpx_segment_arrives(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
			  struct tcpx_actions *a)
{
	memset(a, 0, sizeof(*a));
	switch (tcb->state) {
	case TCPX_CLOSED:
		tcpx_seg_closed(seg, a);
		return;
	case TCPX_LISTEN:
		tcpx_seg_listen(seg, a);
		return;
	case TCPX_SYN_SENT:
		tcpx_seg_syn_sent(tcb, seg, now, a);
		/* 3.10.7.3, fourth: "continue processing at the sixth step" */
		if (tcb->state == TCPX_ESTABLISHED)
			tcpx_syn_data(tcb, seg, now, a);
		return;
	}
	tcpx_seg_synchronized(tcb, seg, now, a);
	if (a->todo & TCPX_DO_CHALLENGE && !tcpx_answer_due(tcb, now))
		a->todo &= ~TCPX_DO_CHALLENGE;
}

/**
 * tcpx_segment_wanted() - will the payload of this segment be taken, given room?
 * @tcb: the TCB
 * @seg: a segment with payload
 * @now: ns
 *
 * For callers that have to make room first: they should not drop other segments,
 * or send an ACK, for one that 3.10.7.4, first and fifth, will refuse.
 */
bool tcpx_segment_wanted(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	if (!tcpx_receives(tcb) && tcb->state != TCPX_SYN_RECEIVED)
		return false;
	if (tcb->ts_ok && (!(seg->opt.has & TCPX_HAS_TS) || tcpx_paws_is_old(tcb, seg, now)))
		return false;
	return (seg->flags & (TCPX_ACK | TCPX_RST | TCPX_SYN)) == TCPX_ACK &&
	       tcpx_seq_acceptable(tcb, seg) && tcpx_ack_acceptable(tcb, seg->ack);
}

/**
 * tcpx_segment_ooo() - a segment that was queued out of order is next in sequence now
 * @tcb: the TCB
 * @end_seq: the sequence number after its payload
 * @now: ns
 * @a: actions of the segment that filled the hole; more are added
 */
void tcpx_segment_ooo(struct tcpx_tcb *tcb, u32 end_seq, u64 now, struct tcpx_actions *a)
{
	u32 len = end_seq - tcb->rcv_nxt;

	tcb->rcv_nxt = end_seq;
	tcb->rcv_wnd -= min(len, tcb->rcv_wnd);
	tcpx_sack_advance(tcb);
	a->todo |= TCPX_DO_ACK;
	tcb->ack_now = true;
	tcpx_reach_fin(tcb, now, a);
}
