// SPDX-License-Identifier: GPL-2.0
/*
 * How much may be sent, how much may be received: RFC 9293, 3.7.4 (Nagle) and
 * 3.8.6 (windows, silly window avoidance on both sides).  Pure.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "deadline.h"
#include "mss.h"
#include "pace.h"
#include "rate.h"
#include "window.h"

/* 3.8.6.2.1: the override time-out lies between 0.1 and 1.0 seconds */
#define TCPX_SWS_OVERRIDE_MS	200

static void tcpx_arm_persist(struct tcpx_tcb *tcb, u64 after, u64 now)
{
	/* While something is in flight, its ACK will come and look again */
	if (tcb->snd_una != tcb->snd_nxt || tcb->deadline[TCPX_T_PERSIST] != TCPX_NEVER)
		return;
	tcb->deadline[TCPX_T_PERSIST] = now + after;
	tcb->unacked_since = now;
	tcpx_deadline_user(tcb);
}

/* All that the user gave, and the end of it */
static bool tcpx_all_sent(const struct tcpx_tcb *tcb)
{
	return tcb->snd_nxt == tcb->write_seq + tcb->fin_queued;
}

/* Bytes that the peer's window still takes beyond SND.NXT */
static u32 tcpx_usable_window(const struct tcpx_tcb *tcb)
{
	u32 out = tcpx_outstanding(tcb);

	return tcb->snd_wnd > out ? tcb->snd_wnd - out : 0;
}

/* A segment that was sent before is to be sent again */
static void tcpx_again(const struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
		       struct tcpx_send *s)
{
	s->seq = seg->seq;
	s->fin = tcpx_after(seg->end_seq, tcb->write_seq);
	s->len = seg->end_seq - seg->seq - s->fin;
	s->part = s->len;
	s->psh = s->len && !tcpx_before(seg->end_seq, tcb->write_seq);
	s->rexmt = true;
}

/**
 * tcpx_wnd_first() - what is at SND.UNA again, window or not: a time-out
 * @tcb: the TCB
 * @s: filled in where there is something
 *
 * Return: true if so.
 */
bool tcpx_wnd_first(const struct tcpx_tcb *tcb, struct tcpx_send *s)
{
	if (!tcpx_sb_len(&tcb->sb))
		return false;
	tcpx_again(tcb, tcpx_sb_at(&tcb->sb, tcb->sb.head), s);
	return true;
}

/* What is lost goes out again, as far as the window and cwnd allow */
static bool tcpx_next_rexmt(struct tcpx_tcb *tcb, struct tcpx_send *s)
{
	const struct tcpx_txseg *seg = tcpx_sb_at(&tcb->sb, tcb->sb.lost.first);

	tcpx_again(tcb, seg, s);
	if (seg->end_seq - tcb->snd_una > tcb->snd_wnd)
		return false;
	tcb->cwnd_limited = tcpx_flight(tcb) + s->len > tcb->cong.cwnd;
	return !tcb->cwnd_limited;
}

/* RFC 8985, 7.3: new data if the peer takes it, else the last segment again */
static bool tcpx_next_probe(struct tcpx_tcb *tcb, struct tcpx_send *s)
{
	u32 avail = tcpx_fin_sent(tcb) ? 0 : tcb->write_seq - tcb->snd_nxt;
	u32 len = min3(avail, tcpx_usable_window(tcb), tcpx_mss_next(tcb));

	if (len) {
		*s = (struct tcpx_send){
			.seq = tcb->snd_nxt, .len = len, .part = len, .psh = len == avail,
		};
		return true;
	}
	if (!tcpx_sb_len(&tcb->sb)) {
		tcb->rec.tlp_due = false;
		return false;
	}
	tcpx_again(tcb, tcpx_sb_at(&tcb->sb, tcb->sb.tail - 1), s);
	return true;
}

/*
 * 3.7.4 and 3.8.6.2.1: is a segment of @len bytes, shorter than the MSS, worth
 * sending, where @avail wait?
 *
 * Nagle's rule in Minshall's form: only a short segment that is not yet
 * acknowledged holds back the next, so that the end of a long write does not
 * wait for the peer's delayed ACK.
 */
static bool tcpx_short_may_go(struct tcpx_tcb *tcb, u32 len, u32 avail, u64 now)
{
	/* The end of the stream does not wait either, nor what follows an urgent octet */
	if (tcb->sws_override || (len == avail && (tcb->fin_queued || tcb->snd_urg)))
		return true;
	if (len < avail) {
		if (2 * len >= tcb->max_snd_wnd)
			return true;
	} else {
		if (tcb->push_seq == tcb->write_seq)
			return true;
		if (!tcb->cork && (tcb->nodelay || !tcpx_after(tcb->snd_sml, tcb->snd_una)))
			return true;
	}
	tcpx_arm_persist(tcb, TCPX_SWS_OVERRIDE_MS * TCPX_NSEC_PER_MSEC, now);
	return false;
}

/*
 * What cwnd leaves.  Limited transmit (RFC 3042) needs no rule of its own: bytes that
 * a SACK block or a duplicate ACK reports are no longer in flight.
 */
static u32 tcpx_usable_cwnd(const struct tcpx_tcb *tcb)
{
	u32 flight = tcpx_flight(tcb), cwnd = tcb->cong.cwnd;

	return cwnd > flight ? cwnd - flight : 0;
}

/**
 * tcpx_wnd_peer_limited() - is it the peer's window that holds data back?
 * @tcb: synchronized
 */
bool tcpx_wnd_peer_limited(const struct tcpx_tcb *tcb)
{
	u32 avail = tcpx_fin_sent(tcb) ? 0 : tcb->write_seq - tcb->snd_nxt;

	return tcpx_usable_window(tcb) < min_t(u32, avail, tcb->snd_mss);
}

/* RFC 4821, 7.5: new data in one large segment, once there is room for it */
static bool tcpx_next_mtu_probe(struct tcpx_tcb *tcb, u32 len, u32 room, struct tcpx_send *s)
{
	tcb->cwnd_limited = room < len;
	*s = (struct tcpx_send){ .seq = tcb->snd_nxt, .len = len, .part = len };
	return !tcb->cwnd_limited;
}

/*
 * RFC 7413, 4.2.2: data that the peer did not take with the SYN has been sent once.
 * It is sent again as it was: rules that hold back new data do not apply to it.
 */
static u32 tcpx_syn_data_again(const struct tcpx_tcb *tcb, u32 len)
{
	u32 due = tcb->syn_data_end - tcb->snd_nxt;

	return tcpx_before(tcb->snd_nxt, tcb->syn_data_end) && due <= len ? due : 0;
}

/*
 * How much new data leaves in one piece: a segment, or several that are all full, where
 * a device or the kernel cuts them.  An urgent pointer is right for one of them only.
 */
static u32 tcpx_new_len(const struct tcpx_tcb *tcb, u32 most, u32 cwnd, u32 mss)
{
	if (tcb->burst < 2 * mss || tcb->snd_urg)
		return min(most, mss);
	most = min3(most, tcb->burst, max(cwnd, mss));
	return most > mss ? most - most % mss : most;
}

/*
 * New data, or the FIN, where the peer's window has @room and cwnd leaves @cwnd; false: it
 * waits
 */
static bool tcpx_next_new(struct tcpx_tcb *tcb, u32 avail, u32 room, u32 cwnd, u64 now,
			  struct tcpx_send *s)
{
	u32 mss = tcpx_mss_next(tcb), again = 0;

	s->seq = tcb->snd_nxt;
	s->len = tcpx_new_len(tcb, min(avail, room), cwnd, mss);
	if (s->len < mss)
		again = tcpx_syn_data_again(tcb, s->len);
	if (again)
		s->len = again;
	else if (s->len < mss && avail && !tcpx_short_may_go(tcb, s->len, avail, now))
		return false;
	s->part = min(s->len, mss);
	s->fin = tcb->fin_queued && !tcpx_fin_sent(tcb) && s->len == avail && room > s->len;
	s->psh = s->len && s->len == avail;	/* MUST-61 */
	s->rexmt = again;
	tcb->sws_override = false;
	return true;
}

/*
 * 3.7.4: all that is left is less than a segment, and waits for the ACK of another one.
 * That is so with most of many small writes: found before there is anything to work out.
 * Apart, so that tcpx_wnd_waits() stays small enough to be a part of its callers.
 */
static noinline bool tcpx_nagle_holds(const struct tcpx_tcb *tcb)
{
	u32 avail = tcb->write_seq - tcb->snd_nxt;

	if (!tcpx_after(tcb->snd_sml, tcb->snd_una) || tcb->sws_override ||
	    tcb->push_seq == tcb->write_seq || tcb->fin_queued || tcb->snd_urg)
		return false;
	return avail < tcpx_mss_next(tcb) && avail <= tcpx_usable_window(tcb) &&
	       avail <= tcpx_usable_cwnd(tcb) && !tcpx_before(tcb->snd_nxt, tcb->syn_data_end);
}

/**
 * tcpx_wnd_waits() - is there anything to send, if the windows allow it?
 * @tcb: the TCB
 *
 * If not, it is the user that limits the flow, and not cwnd: that is noted, for cwnd and
 * for the delivery rate.
 *
 * Return: false: all is sent, and nothing of it is to be sent again; or Nagle's rule holds
 * the rest.
 */
bool tcpx_wnd_waits(struct tcpx_tcb *tcb)
{
	if (tcb->sb.lost.nr || tcb->rec.tlp_due)
		return true;
	if (!tcpx_all_sent(tcb)) {
		if (tcb->nodelay || !tcpx_nagle_holds(tcb))
			return true;
		tcb->cwnd_limited = false;
		return false;
	}
	tcb->cwnd_limited = false;
	tcpx_rate_check_app_limited(tcb);
	return false;
}

/**
 * tcpx_wnd_next() - which segment may be sent now, or which ones in one piece
 * @tcb: the TCB; its burst says how much a piece may hold
 * @now: ns
 * @s: filled in where there is one
 *
 * Where the peer's window alone holds data back, the persist timer is set.
 *
 * Return: true if there is one.
 */
bool tcpx_wnd_next(struct tcpx_tcb *tcb, u64 now, struct tcpx_send *s)
{
	bool fin = tcb->fin_queued && !tcpx_fin_sent(tcb);
	u32 mss = tcpx_mss_next(tcb);
	u32 room, wnd, avail;

	if (!tcb->syn_acked && !tcb->fastopen)
		return false;
	if (tcb->rec.tlp_due)
		return tcpx_next_probe(tcb, s);
	if (tcpx_pace_holds(tcb, now))
		return false;
	/* RFC 5682: after a time-out new data first tells whether it was right */
	if (tcb->sb.lost.nr && tcb->rec.frto != 2)
		return tcpx_next_rexmt(tcb, s);

	tcb->cwnd_limited = false;
	avail = tcpx_fin_sent(tcb) ? 0 : tcb->write_seq - tcb->snd_nxt;
	if (!avail && !fin) {
		tcpx_rate_check_app_limited(tcb);
		return false;
	}
	wnd = tcpx_usable_window(tcb);
	if (!wnd) {
		tcpx_arm_persist(tcb, tcpx_rexmt_interval(tcb), now);
		return false;
	}
	room = tcpx_usable_cwnd(tcb);
	tcb->pmtu.due = tcpx_pmtu_due(tcb, avail, now);
	if (tcb->pmtu.due)
		return tcpx_next_mtu_probe(tcb, tcb->pmtu.due, min(room, wnd), s);
	if (room < min(avail, mss) && room < wnd) {
		/* A part of a segment is not worth what cwnd has left */
		tcb->cwnd_limited = true;
		if (tcb->snd_una != tcb->snd_nxt)
			return false;
	}
	return tcpx_next_new(tcb, avail, wnd, room, now, s);
}

static u32 tcpx_wnd_max(const struct tcpx_tcb *tcb)
{
	return 65535U << tcb->rcv_wscale;
}

/* What the field can say: whole units (RFC 7323, 2.3) */
static u32 tcpx_wnd_units(const struct tcpx_tcb *tcb, u32 bytes)
{
	u32 unit = 1U << tcb->rcv_wscale;

	return min((bytes + unit - 1) & ~(unit - 1), tcpx_wnd_max(tcb));
}

/* 3.8.6.2.2: the right edge moves by a step that is worth telling, or stays */
static bool tcpx_wnd_step(const struct tcpx_tcb *tcb, u32 room, u32 total)
{
	return room >= tcb->rcv_wnd && room - tcb->rcv_wnd >= min_t(u32, total / 2, tcb->rcv_mss);
}

/*
 * What is promised stays promised, but it is no number of whole units where less than one
 * has arrived.  RFC 7323, 2.4: to say more moves the right edge at each segment, without
 * end if segments are small, so there has to be room for that; else the field says less,
 * and what was promised is taken all the same.  It does not say that there is no room
 * while there is: a buffer may be smaller than a unit.
 */
static u32 tcpx_wnd_keep(const struct tcpx_tcb *tcb, u32 room)
{
	u32 more = tcpx_wnd_units(tcb, tcb->rcv_wnd);

	if (more <= room || (room && tcb->rcv_wnd < 1U << tcb->rcv_wscale))
		return more;
	return min(tcb->rcv_wnd, tcpx_wnd_max(tcb));
}

/**
 * tcpx_wnd_select() - the window to advertise: 3.8.6.2.2 (MUST-39)
 * @tcb: RCV.WND is set
 * @space: bytes free in the receive buffer
 * @packed: the same, if what arrives is packed; of no interest if tcpx_wnd_is_whole()
 * @total: bytes of the receive buffer
 *
 * The right edge never moves to the left (SHLD-14), and to the right only by
 * a segment or half of the buffer.
 *
 * Return: bytes that the field can say.
 */
u32 tcpx_wnd_select(struct tcpx_tcb *tcb, u32 space, u32 packed, u32 total)
{
	u32 room = min(space, tcpx_wnd_max(tcb));

	tcb->rcv_wnd = tcpx_wnd_step(tcb, room, total) ? tcpx_wnd_units(tcb, room) :
							 tcpx_wnd_keep(tcb, packed);
	tcb->max_rcv_wnd = max(tcb->max_rcv_wnd, tcb->rcv_wnd);
	return tcb->rcv_wnd & ~((1U << tcb->rcv_wscale) - 1);
}

/**
 * tcpx_wnd_update_due() - the user has read: is the peer to be told?
 * @tcb: the TCB
 * @space: bytes free in the receive buffer
 * @total: bytes of the receive buffer
 *
 * Only a peer that has used up half of its window waits for an update.  A buffer
 * that has merely grown is not worth a segment: the next ACK says so in time.
 *
 * Return: true if the window would double at least, by a step worth telling.
 */
bool tcpx_wnd_update_due(const struct tcpx_tcb *tcb, u32 space, u32 total)
{
	u32 room = min3(space, tcpx_wnd_max(tcb), tcb->max_rcv_wnd);

	return room > tcb->rcv_wnd && room >= 2 * tcb->rcv_wnd && tcpx_wnd_step(tcb, room, total);
}

/**
 * tcpx_wnd_offer() - the window of our SYN
 * @tcb: the TCB, with its route and adv_mss
 * @space: bytes free in the receive buffer
 * @mss: bytes of payload in a full segment of the peer's
 *
 * Whole segments: the peer would have to hold back what is left of the last
 * (3.8.6.2.1).  RFC 7323, 2.2: no scale counts there.
 */
void tcpx_wnd_offer(struct tcpx_tcb *tcb, u32 space, u32 mss)
{
	u64 first = (u64)tcb->route.init_rwnd * tcb->adv_mss;

	if (first)
		space = min_t(u64, space, first);
	if (space > mss)
		space -= space % mss;
	tcb->rcv_wnd = min(space, 65535U);
	tcb->max_rcv_wnd = tcb->rcv_wnd;
	tcpx_rcvbuf_limit(tcb);
}

/**
 * tcpx_wnd_field() - the window field of a segment
 * @tcb: the TCB
 * @syn: the segment carries SYN: never scaled (RFC 7323, 2.2)
 *
 * Return: host order.
 */
u16 tcpx_wnd_field(const struct tcpx_tcb *tcb, bool syn)
{
	return min(syn ? tcb->rcv_wnd : tcb->rcv_wnd >> tcb->rcv_wscale, 65535U);
}

/**
 * tcpx_wnd_scale() - the shift that a receive buffer needs: RFC 7323, 2.3
 * @space: bytes that may once be advertised
 *
 * Return: 0 to 14.
 */
u8 tcpx_wnd_scale(u32 space)
{
	u8 shift = 0;

	while (space >> shift > 65535 && shift < TCPX_MAX_WSCALE)
		shift++;
	return shift;
}

/**
 * tcpx_wnd_urgent() - the urgent pointer of an outgoing segment: 3.8.5
 * @tcb: the TCB
 * @seq: its SEG.SEQ
 *
 * Return: host order; 0: URG is not set.
 */
u16 tcpx_wnd_urgent(const struct tcpx_tcb *tcb, u32 seq)
{
	if (!tcb->snd_urg || !tcpx_after(tcb->snd_up, seq))
		return 0;
	return min(tcb->snd_up - seq, 65535U);
}
