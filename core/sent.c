// SPDX-License-Identifier: GPL-2.0
/*
 * A segment is sent: the options that it carries, and what is noted of it.  Pure.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "ack.h"
#include "deadline.h"
#include "mss.h"
#include "rack.h"
#include "recovery.h"
#include "sent.h"

/**
 * tcpx_send_opts() - the options of an outgoing segment
 * @tcb: the TCB
 * @flags: its flags; with SYN all that is offered, else what was agreed
 * @now: ns
 * @o: filled in
 */
void tcpx_send_opts(const struct tcpx_tcb *tcb, u8 flags, u64 now, struct tcpx_opts *o)
{
	bool synack = (flags & (TCPX_SYN | TCPX_ACK)) == (TCPX_SYN | TCPX_ACK);
	bool syn = flags & TCPX_SYN;

	tcpx_opt_none(o);
	if (tcb->md5)
		o->has |= TCPX_HAS_MD5;
	if (syn) {
		o->has |= TCPX_HAS_MSS;	/* SHLD-5, MAY-3: always */
		o->mss = tcb->adv_mss;
		o->wscale = tcb->rcv_wscale;
		if (synack ? tcb->wscale_ok : tcb->conf->window_scaling)
			o->has |= TCPX_HAS_WSCALE;
		if (synack ? tcb->sack_ok : tcb->conf->sack)
			o->has |= TCPX_HAS_SACK_PERM;
	}
	if (syn && !synack ? tcpx_timestamps(tcb) : tcb->ts_ok) {
		o->has |= TCPX_HAS_TS;
		o->tsval = tcpx_tsval(tcb, now);
		o->tsecr = flags & TCPX_ACK ? tcb->ts_recent : 0;
	}
	/* A key may come when timestamps are agreed: a SYN,ACK has no room for all then */
	if (tcb->uto_on && (syn ? !(tcb->md5 && tcb->ts_ok) : tcb->uto_send)) {
		o->has |= TCPX_HAS_UTO;
		o->uto = tcpx_uto_encode(tcb->uto_fixed ? tcb->user_timeout / 1000 :
							  TCPX_UTO_ADV);
	}
	if ((flags & (TCPX_SYN | TCPX_ACK)) == TCPX_ACK)
		tcpx_sack_fill(tcb, o);
}

/*
 * 3.7.4: a segment that is not full holds back the next such one.  It counts as it has left,
 * which may be less than was chosen: an skb takes so many fragments of memory.
 */
static void tcpx_sent_short(struct tcpx_tcb *tcb, u32 seq, u32 len)
{
	if (len && len < tcpx_mss_next(tcb) && !tcpx_before(seq, tcb->syn_data_end))
		tcb->snd_sml = seq + len;
}

/**
 * tcpx_sent() - a segment has left
 * @tcb: the TCB
 * @seq: its SEG.SEQ
 * @len: its SEG.LEN: payload, SYN and FIN
 * @flags: its flags
 * @now: ns
 */
void tcpx_sent(struct tcpx_tcb *tcb, u32 seq, u32 len, u8 flags, u64 now)
{
	bool probe = tcb->rec.tlp_due;

	if (len && seq == tcb->snd_nxt && !(flags & TCPX_SYN))
		tcpx_sent_short(tcb, seq, len - !!(flags & TCPX_FIN));
	tcb->uto_send = false;
	if (flags & TCPX_ACK) {
		tcpx_sack_forget_dup(tcb);
		tcpx_ack_sent(tcb);
	}
	if (!len)
		return;
	if (!(flags & TCPX_SYN))
		tcpx_recovery_sent(tcb, seq, len, now);
	if (seq == tcb->snd_nxt) {
		if (tcb->snd_una == tcb->snd_nxt)
			tcb->unacked_since = now;
		tcb->snd_nxt += len;
		if (!tcb->rtt_timing) {
			tcb->rtt_timing = true;
			/* An ACK of the SYN alone is enough, or of the first of several */
			tcb->rtt_seq = seq + (flags & TCPX_SYN ? 1 : min_t(u32, len, tcb->snd_mss));
			tcb->rtt_start = now;
		}
	} else if (tcpx_before(seq, tcb->rtt_seq)) {
		/* MUST-18, Karn: which copy an ACK is for can't be told */
		tcb->rtt_timing = false;
	}
	tcpx_ack_answered(tcb, now);
	tcb->last_snd = now;
	tcb->deadline[TCPX_T_PERSIST] = TCPX_NEVER;
	/*
	 * RFC 8985, 7.3: after a probe the time-out waits for its answer.  RFC
	 * 6675, 6: a retransmission of recovery may be lost as well, and SACK
	 * finds that later than a time-out that runs since the original.
	 */
	if (tcb->deadline[TCPX_T_REXMT] == TCPX_NEVER || probe ||
	    (tcb->sack_ok && seq == tcb->snd_una && tcb->rec.state == TCPX_REC_FAST))
		tcb->deadline[TCPX_T_REXMT] = now + tcpx_rexmt_interval(tcb);
	tcpx_tlp_arm(tcb, now);
	tcpx_deadline_user(tcb);
}
