// SPDX-License-Identifier: GPL-2.0
/*
 * A connection goes on where another socket of it has ended: TCP_REPAIR.  Pure.
 *
 * The user tells what no handshake will: sequence numbers, options, windows, and what
 * is in both queues.  None of it is trusted.  What would not fit a field of the header
 * is refused or cut; a number that is merely wrong makes this connection fail, as a
 * peer's wrong numbers would: SND.UNA =< SND.NXT and the receive window hold whatever
 * was told.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "deadline.h"
#include "rate.h"
#include "repair.h"
#include "sack.h"
#include "segment.h"
#include "syn.h"

/**
 * tcpx_repair_open() - OPEN of a connection that is there already
 * @tcb: in CLOSED, with RCV.WND offered
 * @snd_nxt: the next number to be sent
 * @rcv_nxt: the next number that the peer will send
 * @now: ns
 * @a: filled in
 *
 * As after SYNs without options: tcpx_repair_option() says what they agreed on.
 *
 * Return: 0, or -EISCONN.
 */
int tcpx_repair_open(struct tcpx_tcb *tcb, u32 snd_nxt, u32 rcv_nxt, u64 now,
		     struct tcpx_actions *a)
{
	const struct tcpx_cell *cell = tcpx_fsm_cell(tcb->state, TCPX_EV_OPEN_REPAIR);

	memset(a, 0, sizeof(*a));
	if (cell->err)
		return cell->err;
	tcpx_syn_set_iss(tcb, snd_nxt - 1);
	tcb->passive = false;
	tcb->syn_acked = true;
	tcb->snd_una = snd_nxt;
	tcb->snd_nxt = snd_nxt;
	tcb->snd_wl2 = snd_nxt;
	tcb->irs = rcv_nxt - 1;
	tcb->rcv_nxt = rcv_nxt;
	tcb->copied_seq = rcv_nxt;
	tcb->last_ack_sent = rcv_nxt;
	tcb->rcv_up = rcv_nxt;
	tcb->rcv_wscale = 0;
	tcb->last_rcv = now;
	tcb->last_snd = now;
	tcpx_repair_take_window(tcb);
	tcpx_fsm_event(tcb, TCPX_EV_OPEN_REPAIR, now, a);
	tcpx_syn_established(tcb, now);
	return 0;
}

static int tcpx_repair_scale(struct tcpx_tcb *tcb, u16 snd, u16 rcv)
{
	if (snd > TCPX_MAX_WSCALE || rcv > TCPX_MAX_WSCALE)
		return -EFBIG;
	tcb->snd_wscale = snd;
	tcb->rcv_wscale = rcv;
	tcb->wscale_ok = true;
	return 0;
}

/**
 * tcpx_repair_option() - what the SYNs had agreed on
 * @tcb: ESTABLISHED; the caller then sets the MSS again
 * @kind: TCPX_OPT_*; another one is ignored
 * @val: the MSS; or the peer's shift count, and ours times 2^16; else 0
 * @now: ns
 *
 * Return: 0, -EINVAL, or -EFBIG: no such shift count.
 */
int tcpx_repair_option(struct tcpx_tcb *tcb, u32 kind, u32 val, u64 now)
{
	switch (kind) {
	case TCPX_OPT_MSS:
		tcb->peer_mss = max_t(u16, val, TCPX_MSS_MIN);
		return 0;
	case TCPX_OPT_WSCALE:
		return tcpx_repair_scale(tcb, val, val >> 16);
	case TCPX_OPT_SACK_PERM:
		if (val)
			return -EINVAL;
		tcb->sack_ok = true;
		tcb->rec.dupacks = 0;	/* counted without SACK */
		return 0;
	case TCPX_OPT_TS:
		if (val)
			return -EINVAL;
		/* RFC 7323, 5.5: a TS.Recent that has expired, so that the peer's next counts */
		tcb->ts_recent_stamp = now - TCPX_PAWS_IDLE_NS - 1;
		tcb->ts_ok = true;
		return 0;
	default:
		return 0;
	}
}

/**
 * tcpx_repair_get_window() - both windows
 * @tcb: the TCB
 * @w: filled in
 */
void tcpx_repair_get_window(const struct tcpx_tcb *tcb, struct tcpx_repair_window *w)
{
	*w = (struct tcpx_repair_window){
		.snd_wl1 = tcb->snd_wl1,
		.snd_wnd = tcb->snd_wnd,
		.max_snd_wnd = tcb->max_snd_wnd,
		.rcv_wnd = tcb->rcv_nxt + tcb->rcv_wnd - tcb->last_ack_sent,
		.rcv_wup = tcb->last_ack_sent,
	};
}

/**
 * tcpx_repair_set_window() - both windows, as they were
 * @tcb: the TCB; the caller then sets the MSS again
 * @w: what they were
 *
 * No window is larger than RFC 7323 has it; a right edge before RCV.NXT is at RCV.NXT.
 *
 * Return: 0 or -EINVAL.
 */
int tcpx_repair_set_window(struct tcpx_tcb *tcb, const struct tcpx_repair_window *w)
{
	u32 unacked = tcb->rcv_nxt - w->rcv_wup, rcv_wnd = min(w->rcv_wnd, TCPX_MAX_WINDOW);

	if (w->max_snd_wnd < w->snd_wnd || tcpx_after(w->rcv_wup, tcb->rcv_nxt) ||
	    tcpx_after(w->snd_wl1, tcb->rcv_nxt + w->rcv_wnd))
		return -EINVAL;
	tcb->snd_wl1 = w->snd_wl1;
	tcb->snd_wl2 = tcb->snd_una;
	tcb->snd_wnd = min(w->snd_wnd, TCPX_MAX_WINDOW);
	tcb->max_snd_wnd = min(w->max_snd_wnd, TCPX_MAX_WINDOW);
	tcb->last_ack_sent = w->rcv_wup;
	tcb->rcv_wnd = rcv_wnd - min(rcv_wnd, unacked);
	tcb->max_rcv_wnd = max(tcb->max_rcv_wnd, tcb->rcv_wnd);
	tcpx_rcvbuf_limit(tcb);
	tcpx_deadline_user(tcb);
	return 0;
}

/**
 * tcpx_repair_take_window() - the next segment of the peer tells SND.WND, whatever it is
 * @tcb: the TCB
 */
void tcpx_repair_take_window(struct tcpx_tcb *tcb)
{
	tcb->snd_wl1 = tcb->rcv_nxt - 1;
}

/**
 * tcpx_repair_slots() - what tcpx_repair_sent() needs of the scoreboard
 * @tcb: the TCB
 * @len: its argument
 *
 * Return: slots.
 */
u32 tcpx_repair_slots(const struct tcpx_tcb *tcb, u32 len)
{
	return (len + tcb->snd_mss - 1) / tcb->snd_mss;
}

/**
 * tcpx_repair_sent() - what comes at SND.NXT was sent by the connection's former socket
 * @tcb: the TCB; its scoreboard has tcpx_repair_slots()
 * @len: payload, or 1 for the FIN
 * @now: ns
 *
 * When that was is not known, so an ACK measures nothing: as of one that was sent more
 * than once (Karn).
 */
void tcpx_repair_sent(struct tcpx_tcb *tcb, u32 len, u64 now)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	struct tcpx_txseg *seg;
	u32 n;

	if (tcb->snd_una == tcb->snd_nxt)
		tcb->unacked_since = now;
	for (; len; len -= n) {
		n = min_t(u32, len, tcb->snd_mss);
		seg = tcpx_sb_append(sb, tcb->snd_nxt, tcb->snd_nxt + n);
		tcpx_rate_sent(tcb, seg, !tcpx_flight(tcb), now);
		seg->sent_at = now;
		tcpx_sb_resent(sb, sb->tail - 1);
		tcb->snd_nxt += n;
	}
	tcb->last_snd = now;
	tcb->deadline[TCPX_T_PERSIST] = TCPX_NEVER;
	if (tcb->deadline[TCPX_T_REXMT] == TCPX_NEVER)
		tcb->deadline[TCPX_T_REXMT] = now + tcpx_rexmt_interval(tcb);
	tcpx_deadline_user(tcb);
}

/**
 * tcpx_repair_received() - payload that the connection's former socket had received
 * @tcb: ESTABLISHED
 * @len: its bytes, which come at RCV.NXT
 *
 * The right edge of the window stays.  A FIN that has come beyond a hole will come again.
 */
void tcpx_repair_received(struct tcpx_tcb *tcb, u32 len)
{
	tcb->rcv_nxt += len;
	tcb->rcv_wnd -= min(len, tcb->rcv_wnd);
	tcb->rcv_fin_known = false;
	tcpx_sack_advance(tcb);
}

/**
 * tcpx_repair_abort() - ABORT (3.10.5), but the connection lives on elsewhere: no reset
 * @tcb: not in CLOSED
 * @now: ns
 * @a: filled in
 */
void tcpx_repair_abort(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a)
{
	tcpx_fsm_call(tcb, TCPX_EV_ABORT, now, a);
	a->todo &= ~TCPX_DO_RST;
}
