// SPDX-License-Identifier: GPL-2.0
/*
 * The predicted path: what most segments say is known before they arrive.  Pure.
 *
 * In ESTABLISHED that is the next payload in sequence, or an acknowledgment of what
 * flies, or both; where nothing flies, also a window alone (V. Jacobson's header
 * prediction).  A few comparisons tell; then of the steps of RFC 9293, 3.10.7.4 those are
 * skipped that come to nothing:
 *
 * first	SEG.SEQ is RCV.NXT, and the payload fits into the window; the timestamp is
 *		not older than the last one (RFC 7323, 5.3)
 * second, fourth, sixth, eighth
 *		no RST, SYN, URG, FIN
 * fifth	SND.UNA =< SEG.ACK =< SND.NXT, so no RFC 5961, and no duplicate.  Where
 *		nothing new is acknowledged, there are no SACK blocks either, and loss
 *		recovery has nothing to learn
 *
 * nor is there ECN (RFC 3168) or a user time-out (RFC 5482).  All the rest is done by
 * the functions that the steps themselves call: kunit/property_test.c gives random
 * segments to both and compares the TCBs.
 */
#include <linux/string.h>
#include <linux/types.h>

#include "predict.h"
#include "segment.h"

static bool tcpx_predict_fits(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	if (tcb->state != TCPX_ESTABLISHED || (seg->flags & ~TCPX_PSH) != TCPX_ACK ||
	    seg->opt.has != (tcb->ts_ok ? TCPX_HAS_TS : 0) || tcb->ecn.mode)
		return false;
	if (seg->seq != tcb->rcv_nxt || seg->len > tcb->rcv_wnd ||
	    (tcb->ts_ok && tcpx_before(seg->opt.tsval, tcb->ts_recent)))
		return false;
	if (seg->ack - tcb->snd_una > tcb->snd_nxt - tcb->snd_una)
		return false;
	/* Without payload, one that acknowledges nothing of what flies may be a duplicate */
	return seg->len || seg->ack != tcb->snd_una || tcb->snd_una == tcb->snd_nxt;
}

/**
 * tcpx_predicted() - SEGMENT ARRIVES, for the segment that was expected
 * @tcb: the TCB
 * @seg: the segment; its checksum and addresses are good
 * @now: ns
 * @a: filled in, if it was
 *
 * Return: false if it was not: tcpx_segment_arrives() takes it.
 */
bool tcpx_predicted(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		    struct tcpx_actions *a)
{
	if (!tcpx_predict_fits(tcb, seg))
		return false;
	memset(a, 0, sizeof(*a));
	if (seg->len)
		tcpx_sack_forget_dup(tcb);
	if (seg->ack != tcb->snd_una)
		tcpx_segment_ack(tcb, seg, seg->len, now, a);
	else
		tcpx_segment_heard(tcb, seg, now, a);
	tcpx_segment_stamp(tcb, seg, now);
	tcpx_segment_data(tcb, seg, now, a);
	return true;
}
