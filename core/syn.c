// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs: RFC 9293, 3.5: the initial sequence numbers, what the options of both SYNs
 * agree on, and what begins when both ends are synchronized.  Pure.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "ack.h"
#include "deadline.h"
#include "ecn.h"
#include "mss.h"
#include "rack.h"
#include "syn.h"

/**
 * tcpx_syn_set_iss() - 3.10.1: "Set SND.UNA to ISS, SND.NXT to ISS+1"
 * @tcb: the TCB
 * @iss: initial send sequence number
 *
 * SND.NXT is ISS until the SYN is sent.
 */
void tcpx_syn_set_iss(struct tcpx_tcb *tcb, u32 iss)
{
	tcb->iss = iss;
	tcb->snd_una = iss;
	tcb->snd_nxt = iss;
	tcb->acked = 0;
	tcb->write_seq = iss + 1;
	tcb->snd_sml = iss;
	tcb->syn_data_end = iss;
	tcb->snd_up = iss;
	tcb->rec.recover = iss;
	tcb->ecn.reacted = iss;
	tcpx_rack_init(tcb);
	tcb->syn_acked = false;
}

/**
 * tcpx_syn_open() - active OPEN: 3.10.1
 * @tcb: in CLOSED or LISTEN
 * @iss: initial send sequence number
 * @a: filled in
 *
 * The SYN counts in SND.NXT when tcpx_sent() is told of it.
 *
 * Return: 0, or -EISCONN.
 */
int tcpx_syn_open(struct tcpx_tcb *tcb, u32 iss, struct tcpx_actions *a)
{
	const struct tcpx_cell *cell = tcpx_fsm_cell(tcb->state, TCPX_EV_OPEN_ACTIVE);

	memset(a, 0, sizeof(*a));
	if (cell->err)
		return cell->err;
	tcpx_syn_set_iss(tcb, iss);
	tcb->passive = false;
	tcpx_fsm_event(tcb, TCPX_EV_OPEN_ACTIVE, 0, a);
	return 0;
}

static void tcpx_negotiate(struct tcpx_tcb *tcb, const struct tcpx_opts *o, u64 now)
{
	tcb->peer_mss = o->has & TCPX_HAS_MSS ? max_t(u16, o->mss, TCPX_MSS_MIN) :
						tcb->default_mss;
	tcb->ts_ok = (o->has & TCPX_HAS_TS) && tcpx_timestamps(tcb);
	tcb->sack_ok = (o->has & TCPX_HAS_SACK_PERM) && tcb->conf->sack;
	tcb->wscale_ok = (o->has & TCPX_HAS_WSCALE) && tcb->conf->window_scaling;
	tcb->snd_wscale = tcb->wscale_ok ? o->wscale : 0;
	if (!tcb->wscale_ok)
		tcb->rcv_wscale = 0;
	if (tcb->ts_ok) {
		tcb->ts_recent = o->tsval;
		tcb->ts_recent_stamp = now;
	}
	tcpx_mss_set(tcb, tcb->adv_mss);
}

/**
 * tcpx_syn_rcv() - take the peer's SYN into the TCB: IRS, options, window
 * @tcb: in LISTEN or SYN-SENT
 * @seg: a segment with SYN
 * @now: ns
 */
void tcpx_syn_rcv(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	tcb->max_snd_wnd = seg->wnd;
	tcpx_negotiate(tcb, &seg->opt, now);
	tcpx_ecn_negotiate(tcb, seg);
	tcb->irs = seg->seq;
	tcb->rcv_nxt = seg->seq + 1;
	tcb->copied_seq = tcb->rcv_nxt;
	tcb->last_ack_sent = tcb->rcv_nxt;
	tcb->rcv_up = tcb->rcv_nxt;
	/* RFC 7323, 2.2: the window of a SYN is never scaled */
	tcb->snd_wnd = seg->wnd;
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
	tcb->last_rcv = now;
	tcpx_deadline_uto(tcb, &seg->opt);
}

/**
 * tcpx_syn_accept() - 3.10.7.2, third: LISTEN takes a SYN
 * @tcb: in LISTEN, with adv_mss, rcv_wnd and rcv_wscale offered
 * @seg: the SYN, which tcpx_segment_arrives() found good
 * @iss: initial send sequence number
 * @now: ns
 * @a: TCPX_DO_SYNACK is added
 */
void tcpx_syn_accept(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 iss,
		     u64 now, struct tcpx_actions *a)
{
	tcb->passive = true;
	tcpx_syn_rcv(tcb, seg, now);
	tcpx_syn_set_iss(tcb, iss);
	tcpx_fsm_event(tcb, TCPX_EV_RCV_SYN, now, a);
}

/**
 * tcpx_syn_established() - both ends are synchronized: start what then runs
 * @tcb: just ESTABLISHED
 * @now: ns
 */
void tcpx_syn_established(struct tcpx_tcb *tcb, u64 now)
{
	tcb->began = now;
	tcb->backoff = 0;
	tcb->quickacks = TCPX_QUICKACKS;
	tcpx_rcvbuf_init(tcb, now);
	/* RFC 6298, (5.7): the SYN was lost, be careful with the first data */
	if (tcb->syn_rexmts && !tcb->rtt.srtt)
		tcb->rtt.rto = TCPX_RTO_SYN_LOST;
	tcpx_deadline_keep(tcb, now);
}
