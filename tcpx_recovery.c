// SPDX-License-Identifier: GPL-2.0
/*
 * What was lost: fast retransmit and NewReno's fast recovery (RFC 5681, 3.2;
 * RFC 6582), and the return after a time-out (RFC 5681, 3.1).  Pure.
 *
 * OPEN -- third duplicate ACK --> FAST -- ACK of recover --> OPEN
 * any  -- retransmission time-out --> LOSS -- ACK of recover --> OPEN
 *
 * In LOSS everything up to recover is taken for lost; it is sent again from
 * rtx_nxt on as slow start opens the window.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "tcpx_fsm.h"

#define TCPX_DUPTHRESH	3

/**
 * tcpx_recovery_dupack() - a duplicate acknowledgment arrived
 * @tcb: the TCB
 * @a: a retransmission, or leave to send more, is added
 */
void tcpx_recovery_dupack(struct tcpx_tcb *tcb, struct tcpx_actions *a)
{
	struct tcpx_recovery *rec = &tcb->rec;
	u32 smss = tcb->snd_mss;

	if (rec->state == TCPX_REC_LOSS)
		return;
	if (rec->state == TCPX_REC_FAST) {
		/* RFC 5681, 3.2, step 4: a segment has left the network */
		tcb->cong.cwnd = min(tcb->cong.cwnd + smss, TCPX_SSTHRESH_INF);
		a->todo |= TCPX_DO_OUTPUT;
		return;
	}
	rec->dupacks += rec->dupacks < TCPX_DUPTHRESH;
	if (rec->dupacks == 1)
		rec->flight = tcpx_flight(tcb);
	a->todo |= TCPX_DO_OUTPUT;	/* limited transmit */
	/* RFC 6582, 3.2, step 1: not for duplicates of what recovery itself sent */
	if (rec->dupacks < TCPX_DUPTHRESH || !tcpx_after(tcb->snd_una, rec->recover))
		return;
	tcb->cong.ssthresh = tcb->cong.ops->ssthresh(tcb, rec->flight, 0);
	tcb->cong.cwnd = tcb->cong.ssthresh + TCPX_DUPTHRESH * smss;
	rec->recover = tcb->snd_nxt;
	rec->state = TCPX_REC_FAST;
	rec->partial_seen = false;
	a->todo |= TCPX_DO_REXMT | TCPX_DO_OUTPUT;
}

/* RFC 6582, 3.2, step 3 */
static void tcpx_fast_acked(struct tcpx_tcb *tcb, u32 bytes, struct tcpx_actions *a)
{
	struct tcpx_cong *ca = &tcb->cong;
	u32 smss = tcb->snd_mss;

	if (!tcpx_before(tcb->snd_una, tcb->rec.recover)) {
		ca->cwnd = min(ca->ssthresh, max(tcpx_flight(tcb), smss) + smss);
		tcb->rec.state = TCPX_REC_OPEN;
		tcb->rec.dupacks = 0;
		return;
	}
	ca->cwnd -= min(ca->cwnd, bytes);
	if (bytes >= smss)
		ca->cwnd += smss;
	ca->cwnd = max(ca->cwnd, smss);
	tcb->rec.partial_seen = true;
	a->todo |= TCPX_DO_REXMT;
}

/**
 * tcpx_recovery_acked() - new data was acknowledged
 * @tcb: SND.UNA has moved already
 * @bytes: by so many bytes of text
 * @now: ns
 * @a: a retransmission is added after a partial acknowledgment
 */
void tcpx_recovery_acked(struct tcpx_tcb *tcb, u32 bytes, u64 now, struct tcpx_actions *a)
{
	struct tcpx_recovery *rec = &tcb->rec;
	struct tcpx_rate_sample rs = {
		.acked = bytes, .delivered = bytes, .in_flight = tcpx_flight(tcb) + bytes,
		.limited = tcb->cwnd_limited,
	};

	switch (rec->state) {
	case TCPX_REC_FAST:
		tcpx_fast_acked(tcb, bytes, a);
		return;
	case TCPX_REC_LOSS:
		if (tcpx_before(rec->rtx_nxt, tcb->snd_una))
			rec->rtx_nxt = tcb->snd_una;
		if (!tcpx_before(tcb->snd_una, rec->recover))
			rec->state = TCPX_REC_OPEN;
		break;
	}
	rec->dupacks = 0;
	/* It lies behind, and must not look ahead after 2 GiB */
	if (rec->state == TCPX_REC_OPEN && tcpx_before(rec->recover, tcb->snd_una))
		rec->recover = tcb->snd_una - 1;
	tcpx_cong_acked(tcb, &rs, now);
}

/**
 * tcpx_recovery_timeout() - the retransmission timer expired: RFC 5681, 3.1
 * @tcb: rexmt_shift counts this time already
 */
void tcpx_recovery_timeout(struct tcpx_tcb *tcb)
{
	/* Equation (4), but held constant when the same segment is lost again */
	if (tcb->rexmt_shift == 1)
		tcb->cong.ssthresh = tcb->cong.ops->ssthresh(tcb, tcpx_flight(tcb), 0);
	tcb->cong.cwnd = tcb->snd_mss;
	tcb->cong.acked = 0;
	tcb->rec.state = TCPX_REC_LOSS;
	tcb->rec.dupacks = 0;
	tcb->rec.recover = tcb->snd_nxt;
	tcb->rec.rtx_nxt = tcb->snd_una;
}

/**
 * tcpx_recovery_mtu() - the path takes smaller segments than are in flight
 * @tcb: snd_mss is the new one already
 *
 * RFC 1191, 6.4: send again at once, and take no congestion for it.
 */
void tcpx_recovery_mtu(struct tcpx_tcb *tcb)
{
	if (!tcb->syn_acked || tcb->snd_una == tcb->snd_nxt)
		return;
	tcb->rec.state = TCPX_REC_LOSS;
	tcb->rec.dupacks = 0;
	tcb->rec.recover = tcb->snd_nxt;
	tcb->rec.rtx_nxt = tcb->snd_una;
}
