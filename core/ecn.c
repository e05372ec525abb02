// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification: RFC 3168, and the receiver of RFC 8257.
 * Pure.
 *
 * struct tcpx_ecn.mode is what the handshake agreed on; each of its rules asks
 * for the mode first, so that accurate ECN (RFC 9768) is one more mode with
 * rules of its own: a counter in place of @demand, and the AE bit beside the
 * eight flags of struct tcpx_hdr.
 *
 * Sender: new data carries ECT(0); when the peer echoes congestion,
 * cwnd is reduced once in a window (core/recovery.c) and CWR says so.
 * Receiver: CE on a segment is echoed with ECE until the peer's CWR; for DCTCP
 * ECE says of each segment whether it carried CE.
 */
#include <linux/types.h>

#include "../tcpx_fsm.h"
#include "ecn.h"

static bool tcpx_ecn_always(const struct tcpx_tcb *tcb)
{
	return tcb->ecn.wanted & TCPX_ECN_ALGORITHM;
}

/**
 * tcpx_ecn_syn() - flags for an outgoing SYN: RFC 3168, 6.1.1
 * @tcb: the TCB
 * @flags: TCPX_SYN, with or without TCPX_ACK
 *
 * A SYN that is sent again goes without: some box on the way may drop it for
 * its flags (RFC 3168, 6.1.1.1).
 *
 * Return: TCPX_ECE and TCPX_CWR to add.
 */
u8 tcpx_ecn_syn(const struct tcpx_tcb *tcb, u8 flags)
{
	if (flags & TCPX_ACK)
		return tcb->ecn.mode == TCPX_ECN_CLASSIC ? TCPX_ECE : 0;
	if (tcb->conf->ecn != 1 && !tcb->ecn.wanted)
		return 0;
	if (tcb->rexmt_shift && tcb->conf->ecn_fallback)
		return 0;
	return TCPX_ECE | TCPX_CWR;
}

/**
 * tcpx_ecn_negotiate() - the peer's SYN, or SYN,ACK: RFC 3168, 6.1.1
 * @tcb: in LISTEN or SYN-SENT
 * @seg: the segment
 */
void tcpx_ecn_negotiate(struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	const u8 mask = TCPX_ECE | TCPX_CWR;
	bool passive = tcb->state == TCPX_LISTEN;

	tcb->ecn.mode = TCPX_ECN_OFF;
	if (passive && (tcb->conf->ecn || tcb->ecn.wanted) && (seg->flags & mask) == mask)
		tcb->ecn.mode = TCPX_ECN_CLASSIC;
	/* Both flags in a SYN,ACK: the peer has only reflected ours */
	if (!passive && tcpx_ecn_syn(tcb, TCPX_SYN) && (seg->flags & mask) == TCPX_ECE)
		tcb->ecn.mode = TCPX_ECN_CLASSIC;
}

/**
 * tcpx_ecn_ack_first() - must what waits be acknowledged before this segment?
 * @tcb: the TCB
 * @seg: arrives now
 *
 * RFC 8257, 3.2: an acknowledgment speaks for segments that all came with CE,
 * or all without.
 */
bool tcpx_ecn_ack_first(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	return tcb->ecn.mode && tcpx_ecn_always(tcb) && seg->len &&
	       (tcb->ack_now || tcb->deadline[TCPX_T_DELACK] != TCPX_NEVER) &&
	       tcb->ecn.demand != (seg->ip_ecn == TCPX_CE);
}

/**
 * tcpx_ecn_rcv() - an acceptable segment with payload: RFC 3168, 6.1.3
 * @tcb: the TCB
 * @seg: the segment
 *
 * Return: true if it is to be acknowledged at once, so that the peer reacts soon.
 */
bool tcpx_ecn_rcv(struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	struct tcpx_ecn *ecn = &tcb->ecn;
	bool before = ecn->demand, ce = seg->ip_ecn == TCPX_CE;

	if (!ecn->mode || !seg->len)
		return false;
	if (seg->ip_ecn)
		ecn->seen = true;
	if (tcpx_ecn_always(tcb)) {
		ecn->demand = ce;
		return ce != before;
	}
	if (seg->flags & TCPX_CWR)
		ecn->demand = false;
	if (ce)
		ecn->demand = true;
	return ecn->demand && !before;
}

/**
 * tcpx_ecn_flags() - flags and IP codepoint of an outgoing segment
 * @tcb: the TCB
 * @seg: flags, SEG.SEQ and length are set; more flags and ip_ecn are added
 *
 * RFC 3168, 6.1.2 and 6.1.5: only data that is sent for the first time is
 * ECN-capable, lest a spoofed packet, or one beyond the window, count as
 * congestion.
 */
void tcpx_ecn_flags(struct tcpx_tcb *tcb, struct tcpx_seg *seg)
{
	struct tcpx_ecn *ecn = &tcb->ecn;
	bool fresh = seg->len && seg->seq == tcb->snd_nxt;

	if (seg->flags & TCPX_SYN) {
		seg->flags |= tcpx_ecn_syn(tcb, seg->flags);
		return;
	}
	if (!ecn->mode || seg->flags & TCPX_RST)
		return;
	if (ecn->demand)
		seg->flags |= TCPX_ECE;
	if (fresh || tcpx_ecn_always(tcb))
		seg->ip_ecn = TCPX_ECT0;
	if (fresh && ecn->cwr) {
		seg->flags |= TCPX_CWR;
		ecn->cwr = false;
	}
}
