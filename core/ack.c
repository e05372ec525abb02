// SPDX-License-Identifier: GPL-2.0
/*
 * When an acknowledgment is due: RFC 9293, 3.8.6.3, and RFC 5681, 4.2.  Pure.
 *
 * At once, whatever else holds: where a hole opens, closes or is known twice;
 * when more than one full segment is unacknowledged (SHLD-19); and for the first
 * segments of a connection, after a hole and after a pause, when the sender's
 * window is small and grows with each ACK.
 *
 * More than a full segment may wait for what has arrived together with it: all of
 * that is acknowledged once (MUST-59).  Up to TCPX_ACK_ROUND of them, as many as
 * a sender's slow start counts in one ACK.  Where the peer is near, slow start may take
 * some round trips more, and what arrives together is often more: as much as GRO would
 * have made one segment of.
 *
 * Else it waits for a better moment, but no longer than TCPX_DELACK_MS (SHLD-18,
 * MUST-40): for data of ours that can carry it, which is likely where data has gone
 * both ways (ping-pong); or else for the user to read all there is.  A sender that
 * has pushed has sent all it had: it may be waiting for this ACK (Nagle), and a
 * delay would serve neither end.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "ack.h"

/* One that is due already stays as it is */
static void tcpx_ack_delay(struct tcpx_tcb *tcb, u32 ms, u64 now)
{
	if (tcb->deadline[TCPX_T_DELACK] == TCPX_NEVER)
		tcb->deadline[TCPX_T_DELACK] = now + ms * TCPX_NSEC_PER_MSEC;
}

/**
 * tcpx_ack_quickly() - the sender's window is small: let none of its ACKs wait
 * @tcb: the TCB
 */
void tcpx_ack_quickly(struct tcpx_tcb *tcb)
{
	tcb->quickacks = TCPX_QUICKACKS;
	tcb->pingpong = false;
}

/* Has the sender pushed, and how large is a full segment of its? */
static void tcpx_ack_measure(struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	if (seg->len < tcb->rcv_mss)
		tcb->pushed += tcb->pushed < 2;
	else if (seg->flags & TCPX_PSH)
		tcb->pushed = max_t(u8, tcb->pushed, 1);
	tcb->rcv_mss = max_t(u32, tcb->rcv_mss, min_t(u32, seg->part ?: seg->len, tcb->adv_mss));
}

/* How many bytes that have arrived together are acknowledged at once */
static u32 tcpx_ack_round(const struct tcpx_tcb *tcb)
{
	u32 round = TCPX_ACK_ROUND * tcb->rcv_mss;
	u64 rtt = tcb->rcvbuf.rtt;

	return rtt && rtt < TCPX_NEAR_NS ? max_t(u32, round, TCPX_ACK_ROUND_NEAR) : round;
}

/**
 * tcpx_ack_data() - payload arrived in sequence
 * @tcb: RCV.NXT is after it
 * @seg: the segment
 * @now: ns
 * @a: TCPX_DO_ACK is added where an ACK is due at once
 */
void tcpx_ack_data(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		   struct tcpx_actions *a)
{
	u32 unacked = tcb->rcv_nxt - tcb->last_ack_sent;
	bool quick;

	/* A sender that was silent so long may begin anew (RFC 5681, 4.1) */
	if (tcb->last_data && now - tcb->last_data > tcb->rtt.rto)
		tcb->quickacks = TCPX_QUICKACKS;
	tcb->last_data = now;
	tcpx_ack_measure(tcb, seg);
	/* After a FIN the peer sends no more, an answer may follow */
	if (seg->flags & TCPX_FIN && tcb->state == TCPX_ESTABLISHED)
		tcb->pingpong = true;
	quick = seg->ooo || tcb->rcv_fin_known || tcb->route.quickack ||
		(tcb->quickacks && !tcb->pingpong);
	if (!quick && unacked <= tcb->rcv_mss) {
		tcpx_ack_delay(tcb, TCPX_DELACK_MS, now);
		return;
	}
	a->todo |= TCPX_DO_ACK;
	tcb->ack_now = true;
	a->round = !quick && unacked < tcpx_ack_round(tcb);
}

/**
 * tcpx_ack_fin() - a FIN arrived in sequence
 * @tcb: in the state before it
 * @now: ns
 *
 * 3.6: in ESTABLISHED the user may close soon, too, and our FIN carry the ACK.
 */
void tcpx_ack_fin(struct tcpx_tcb *tcb, u64 now)
{
	if (tcb->state != TCPX_ESTABLISHED)
		tcb->ack_now = true;
	if (tcb->ack_now)
		return;
	tcb->pingpong = true;
	tcpx_ack_delay(tcb, TCPX_DELACK_MS, now);
}

/**
 * tcpx_ack_synack() - a SYN,ACK has opened the connection
 * @tcb: ESTABLISHED
 * @data_waits: the user has data to send, which will follow
 * @now: ns
 *
 * A user that has turned TCP_QUICKACK off before, or waits to send, will soon have
 * data that can carry the ACK.  The peer sends its SYN,ACK again after 1 s at least.
 */
void tcpx_ack_synack(struct tcpx_tcb *tcb, bool data_waits, u64 now)
{
	tcb->ack_now = !data_waits && !tcb->pingpong;
	if (!tcb->ack_now)
		tcpx_ack_delay(tcb, TCPX_DELACK_MAX_MS, now);
	tcb->pingpong = false;
}

/**
 * tcpx_ack_read_due() - the user has read: is what arrived to be acknowledged now?
 * @tcb: the TCB
 * @empty: nothing is left to read
 *
 * Return: true if so.
 */
bool tcpx_ack_read_due(const struct tcpx_tcb *tcb, bool empty)
{
	if (!tcb->ack_now && tcb->deadline[TCPX_T_DELACK] == TCPX_NEVER)
		return false;
	if (tcb->rcv_nxt - tcb->last_ack_sent > tcb->rcv_mss)
		return true;
	/* Two pushes without an answer between: this is no ping-pong */
	return empty && tcb->pushed > tcb->pingpong;
}

/**
 * tcpx_ack_timeout() - the delay is over
 * @tcb: the TCB
 * @a: TCPX_DO_ACK is added
 */
void tcpx_ack_timeout(struct tcpx_tcb *tcb, struct tcpx_actions *a)
{
	a->todo |= TCPX_DO_ACK;
	tcb->ack_now = true;
	/* No data left in time that could have carried it */
	tcb->pingpong = false;
}

/**
 * tcpx_ack_sent() - a segment with an ACK has left
 * @tcb: the TCB
 */
void tcpx_ack_sent(struct tcpx_tcb *tcb)
{
	if (tcb->quickacks && tcb->last_ack_sent != tcb->rcv_nxt)
		tcb->quickacks--;
	tcb->ack_now = false;
	tcb->pushed = 0;
	tcb->last_ack_sent = tcb->rcv_nxt;
	tcb->deadline[TCPX_T_DELACK] = TCPX_NEVER;
}

/**
 * tcpx_ack_answered() - data is sent
 * @tcb: the TCB
 * @now: ns
 *
 * Where it follows soon after data of the peer's it is taken for an answer, and
 * the next ACK will find one to ride on as well.  In SYN-RECEIVED (RFC 7413) it
 * answers a SYN, which says nothing about later segments.
 */
void tcpx_ack_answered(struct tcpx_tcb *tcb, u64 now)
{
	if (tcb->syn_acked && now - tcb->last_data < TCPX_DELACK_MS * TCPX_NSEC_PER_MSEC)
		tcb->pingpong = true;
}
