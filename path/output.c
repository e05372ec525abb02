// SPDX-License-Identifier: GPL-2.0
/*
 * Sending segments.
 *
 * sk_write_queue holds the payload from SND.UNA on, one skb for each segment; SYN
 * and FIN need no skb, only their sequence number.  tcpx_wnd_next() decides what
 * may be sent next; here it is found, cut to size, given a header and sent, and
 * tcpx_sent() tells the TCB.
 */
#include <linux/tcp.h>
#include <net/dst.h>

#include "../core/ack.h"
#include "../core/deadline.h"
#include "../core/ecn.h"
#include "../core/mss.h"
#include "../core/recovery.h"
#include "../core/repair.h"
#include "../core/sent.h"
#include "../core/window.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../tcpx_compat.h"
#include "gso.h"
#include "host_queue.h"
#include "md5.h"
#include "memory.h"
#include "output.h"
#include "rcv_space.h"
#include "scoreboard.h"
#include "skb.h"

#define TCPX_PIECES	8	/* scoreboard slots for one segment: an MTU probe needs most */
#define TCPX_BATCH	64	/* segments, as many as a poll of a device handles */

/**
 * tcpx_build_header() - write a segment's header in front of its payload
 * @skb: the payload; takes the header
 * @tuple: the 4-tuple, as the sender sees it
 * @seg: the header's contents, host order
 *
 * The address family fills in the checksum.
 *
 * Context: any; for a signed segment also that of tcpx_md5_sign().
 */
void tcpx_build_header(struct sk_buff *skb, const struct tcpx_tuple *tuple,
		       const struct tcpx_seg *seg)
{
	unsigned int len = TCPX_HDR_LEN + tcpx_opt_len(&seg->opt);
	struct tcpx_hdr *th = skb_push(skb, len);

	skb_reset_transport_header(skb);
	th->source = tuple->lport;
	th->dest = tuple->rport;
	th->seq = htonl(seg->seq);
	th->ack = htonl(seg->ack);
	th->off = len / 4 << 4;
	th->flags = seg->flags;
	th->window = htons(seg->wnd);
	th->check = 0;
	th->urg = htons(seg->up);
	tcpx_opt_write((u8 *)(th + 1), &seg->opt);
	if (unlikely(seg->opt.has & TCPX_HAS_MD5))
		tcpx_md5_sign(skb, tuple, seg->opt.md5);
}

static void tcpx_fill_header(struct sock *sk, struct tcpx_seg *seg, u64 now)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;

	tcpx_send_opts(tcb, seg->flags, now, &seg->opt);
	/* A retransmission keeps its length: SACK blocks that do not fit are left out */
	if (seg->len)
		tcpx_sack_fit(&seg->opt, tcb->snd_mss - min_t(u32, seg->part, tcb->snd_mss));
	/* A client's SYN, a server's SYN,ACK; not the SYN,ACK of a simultaneous open */
	if (seg->flags & TCPX_SYN && tsk->fo_option && !(seg->flags & TCPX_ACK) == !tsk->fo_slot)
		tcpx_opt_fastopen(&seg->opt, &tsk->fo_cookie);
	if (unlikely(tcb->md5))
		tcpx_opt_sign(&seg->opt, tcpx_md5_key(sk, &tsk->node));
	if (seg->flags & TCPX_ACK)
		seg->ack = tcb->rcv_nxt;
	/* 3.10.7.1: a RST without ACK carries nothing of the connection */
	if ((seg->flags & (TCPX_RST | TCPX_ACK)) == TCPX_RST)
		return;
	if (!(seg->flags & TCPX_SYN))
		tcpx_wnd_select(tcb, tcpx_rcv_space(sk),
				tcpx_wnd_is_whole(tcb) ? 0 : tcpx_rcv_packed(sk),
				tcpx_rcv_total(sk));
	seg->wnd = tcpx_wnd_field(tcb, seg->flags & TCPX_SYN);
	tcpx_ecn_flags(tcb, seg);
	seg->up = seg->flags & TCPX_SYN ? 0 : tcpx_wnd_urgent(tcb, seg->seq);
	if (seg->up)
		seg->flags |= TCPX_URG;
}

/*
 * @skb: the payload, with room for headers, consumed; @seg: SEG.SEQ, flags, length.
 * The caller has asked for the route, and lets the timer follow.
 */
static int tcpx_xmit(struct sock *sk, struct sk_buff *skb, struct tcpx_seg *seg, u64 now)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 len = seg->len, segs;

	tcpx_fill_header(sk, seg, now);
	trace_tcpx_segment(true, &tsk->node.tuple, seg, len, tsk->tcb.state);
	len += !!(seg->flags & TCPX_SYN) + !!(seg->flags & TCPX_FIN);
	if (!(seg->flags & TCPX_RST))
		tcpx_sent(&tsk->tcb, seg->seq, len, seg->flags, now);
	if (seg->len > seg->part || skb_is_gso(skb))
		tcpx_gso_mark(sk, skb, seg);
	segs = tcpx_seg_count(skb);
	tsk->segs_out += segs;
	tsk->data_segs_out += seg->len ? segs : 0;
	tsk->bytes_sent += seg->len;
	tcpx_mib_add(tcpx_sk_net(sk), TCPX_MIB_OUT_SEGS, segs);
	tcpx_own(sk, skb);
	if (seg->len && tsk->tcb.pacing)
		tcpx_pace(sk, skb, seg, now);
	if (unlikely(tsk->tx_delay))
		tcpx_hold_back(skb, tsk->tx_delay);
	skb_set_hash_from_sk(skb, sk);
	skb_set_dst_pending_confirm(skb, READ_ONCE(sk->sk_dst_pending_confirm));
	return tsk->family->xmit(sk, skb, seg);
}

/* A segment, with @len bytes of payload, has been sent before, and was now */
static void tcpx_note_rexmt(struct sock *sk, u32 seq, u32 len, u8 flags)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->total_retrans++;
	tsk->bytes_retrans += len;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_RETRANS_SEGS);
	trace_tcpx_retransmit(&tsk->node.tuple, seq, len, flags, tsk->tcb.state,
			      tsk->tcb.rexmt_shift);
}

/* A segment without payload; 0 or -ENOMEM */
static int tcpx_xmit_bare(struct sock *sk, u32 seq, u8 flags)
{
	struct tcpx_seg seg = { .seq = seq, .flags = flags };
	struct sk_buff *skb;

	skb = alloc_skb(TCPX_MAX_HEADER, sk_gfp_mask(sk, GFP_ATOMIC | __GFP_NOWARN));
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, TCPX_MAX_HEADER);
	tcpx_sk(sk)->family->route(sk);
	tcpx_xmit(sk, skb, &seg, ktime_get_ns());
	return 0;
}

/**
 * tcpx_send_ack() - <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
 * @sk: locked
 *
 * Without memory the ACK is delayed: a deadline tries again.
 *
 * Context: process or softirq.
 */
void tcpx_send_ack(struct sock *sk)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (tcpx_xmit_bare(sk, tcb->snd_nxt, TCPX_ACK))
		tcb->deadline[TCPX_T_DELACK] = ktime_get_ns() + TCPX_DELACK_MS * NSEC_PER_MSEC;
	tcpx_timer_sync(sk);
}

/**
 * tcpx_send_probe() - <SEQ=SND.UNA-1><ACK=RCV.NXT><CTL=ACK>
 * @sk: locked
 *
 * For keepalive and zero window probes: the number is old, so the peer has to answer
 * (RFC 9293, 3.8.4 and 3.8.6.1).
 *
 * Context: process or softirq.
 */
__cold void tcpx_send_probe(struct sock *sk)
{
	tcpx_xmit_bare(sk, tcpx_sk(sk)->tcb.snd_una - 1, TCPX_ACK);
	tcpx_timer_sync(sk);
}

/* RFC 7413: the SYN with the payload that is queued; false: there is none, or no memory */
static __cold bool tcpx_send_syn_data(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_seg seg = { .seq = tsk->tcb.iss, .flags = TCPX_SYN };
	struct sk_buff *out;

	if (!tsk->send_head)
		return false;
	out = skb_clone(tsk->send_head, GFP_ATOMIC | __GFP_NOWARN);
	if (!out)
		return false;
	tsk->send_head = NULL;
	seg.len = out->len;
	seg.part = out->len;
	tsk->family->route(sk);
	tcpx_xmit(sk, out, &seg, ktime_get_ns());
	return true;
}

/**
 * tcpx_send_syn() - send a SYN, or the SYN,ACK of a simultaneous open or of Fast Open
 * @sk: locked
 * @flags: TCPX_SYN, with or without TCPX_ACK
 *
 * For the first time or again.
 *
 * Context: process or softirq.
 */
__cold void tcpx_send_syn(struct sock *sk, u8 flags)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (tcb->snd_nxt != tcb->iss) {
		tcpx_note_rexmt(sk, tcb->iss, 0, flags);
		/* RFC 7413, 4.2.1: the option may be the reason, so it is left out */
		tcpx_sk(sk)->fo_option = false;
	}
	/* If there is no memory for it the time-out tries again */
	if (tcb->deadline[TCPX_T_REXMT] == TCPX_NEVER)
		tcb->deadline[TCPX_T_REXMT] = ktime_get_ns() + tcpx_rexmt_interval(tcb);
	if (tcb->snd_nxt != tcb->iss || flags & TCPX_ACK || !tcpx_send_syn_data(sk))
		tcpx_xmit_bare(sk, tcb->iss, flags);
	tcpx_timer_sync(sk);
}

/**
 * tcpx_send_rst() - send a reset
 * @sk: locked
 * @rst: its numbers and flags
 *
 * Context: process or softirq.
 */
__cold void tcpx_send_rst(struct sock *sk, const struct tcpx_rst *rst)
{
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_OUT_RSTS);
	tcpx_xmit_bare(sk, rst->seq, rst->flags);
}

/*
 * A peer that makes us cut queued segments (small windows, SACK blocks, a path MTU)
 * makes the queue take more memory than SO_SNDBUF allows.  Twice the buffer and some
 * large segments is enough (CVE-2019-11478).  The segment at SND.UNA is cut all the
 * same, so that the connection always makes progress.
 */
static bool tcpx_cut_too_often(const struct sock *sk, struct sk_buff *skb)
{
	u64 limit = 2ULL * READ_ONCE(sk->sk_sndbuf) + 4 * SKB_TRUESIZE(65536);

	return sk->sk_wmem_queued > limit &&
	       tcpx_after(TCPX_SKB_CB(skb)->seq, tcpx_sk(sk)->tcb.snd_una);
}

/**
 * tcpx_fragment() - cut a queued segment in two
 * @sk: locked
 * @skb: in sk_write_queue; keeps the first part
 * @len: bytes that it keeps
 *
 * Context: process or softirq.
 * Return: 0 or -ENOMEM.
 */
__cold int tcpx_fragment(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb), *tail_cb;
	struct sk_buff *tail;
	int delta;

	if (tcpx_cut_too_often(sk, skb))
		return -ENOMEM;
	tail = alloc_skb_fclone(TCPX_MAX_HEADER + skb_headlen(skb), GFP_ATOMIC | __GFP_NOWARN);
	if (!tail)
		return -ENOMEM;
	delta = skb->truesize;
	/* A clone still in the host's queues shares the list of fragments */
	if (skb_unclone(skb, GFP_ATOMIC)) {
		kfree_skb(tail);
		return -ENOMEM;
	}
	skb_reserve(tail, TCPX_MAX_HEADER);
	skb_split(skb, tail, len);
	tail->truesize += tail->data_len;
	skb->truesize -= tail->data_len;
	tail_cb = TCPX_SKB_CB(tail);
	memset(tail_cb, 0, sizeof(*tail_cb));
	tail_cb->seq = cb->seq + len;
	tail_cb->end_seq = cb->end_seq;
	cb->end_seq = tail_cb->seq;
	/* A timestamp belongs to the last octet */
	skb_shinfo(tail)->tx_flags = skb_shinfo(skb)->tx_flags;
	skb_shinfo(tail)->tskey = skb_shinfo(skb)->tskey;
	skb_shinfo(skb)->tx_flags = 0;
	tail_cb->psh = cb->psh;
	cb->psh = false;
	tail_cb->ack_stamp = cb->ack_stamp;
	cb->ack_stamp = false;
	tail_cb->eor = cb->eor;
	cb->eor = false;
	tail->tstamp = skb->tstamp;
	tcpx_gso_split(skb, tail);

	delta = skb->truesize + tail->truesize - delta;
	sk_wmem_queued_add(sk, delta);
	if (delta > 0) {
		tcpx_mem_force(sk, delta);
		sk_mem_charge(sk, delta);
	} else {
		sk_mem_uncharge(sk, -delta);
	}
	__skb_queue_after(&sk->sk_write_queue, skb, tail);
	tcpx_sb_hold(&tcpx_sk(sk)->tcb.sb, tail_cb->seq, tail_cb->end_seq, tail);
	return 0;
}

/* The queued segment that begins at @seq, cut there if need be; NULL: no memory */
static struct sk_buff *tcpx_find_segment(struct sock *sk, u32 seq)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_scoreboard *sb = &tsk->tcb.sb;
	struct sk_buff *skb;
	u32 nr;

	/* RFC 7413: the SYN may have carried the first part of it */
	skb = tsk->send_head;
	if (skb && tcpx_before(TCPX_SKB_CB(skb)->seq, seq) &&
	    !tcpx_fragment(sk, skb, seq - TCPX_SKB_CB(skb)->seq))
		tsk->send_head = skb_queue_next(&sk->sk_write_queue, skb);
	if (tsk->send_head && TCPX_SKB_CB(tsk->send_head)->seq == seq)
		return tsk->send_head;
	nr = tcpx_sb_find(sb, seq);
	skb = nr != sb->tail ? tcpx_sb_at(sb, nr)->data : NULL;
	if (!skb || TCPX_SKB_CB(skb)->seq == seq)
		return skb;
	if (tcpx_fragment(sk, skb, seq - TCPX_SKB_CB(skb)->seq))
		return NULL;
	return skb_queue_next(&sk->sk_write_queue, skb);
}

/* Move up to @len bytes of unsent payload from @next to the end of @skb; returns how many */
static u32 tcpx_shift(struct sk_buff *skb, struct sk_buff *next, u32 len)
{
	struct skb_shared_info *to = skb_shinfo(skb), *from = skb_shinfo(next);
	u32 moved = 0, n;
	int i;

	for (i = 0; i < from->nr_frags && moved < len; i++) {
		skb_frag_t *frag = &from->frags[i];

		n = min(skb_frag_size(frag), len - moved);
		if (to->nr_frags == MAX_SKB_FRAGS)
			break;
		to->frags[to->nr_frags] = *frag;
		skb_frag_size_set(&to->frags[to->nr_frags++], n);
		moved += n;
		if (n == skb_frag_size(frag))
			continue;
		__skb_frag_ref(frag);
		skb_frag_off_add(frag, n);
		skb_frag_size_sub(frag, n);
		break;
	}
	from->nr_frags -= i;
	memmove(from->frags, from->frags + i, from->nr_frags * sizeof(from->frags[0]));
	return moved;
}

/*
 * Segments are cut in advance.  If one may be longer now (SACK blocks shortened the
 * last one, or the path takes more) it is filled up from the next.
 */
static void tcpx_gather(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct sk_buff *next;
	u32 moved;

	while (skb->len < len && (next = skb_peek_next(skb, &sk->sk_write_queue))) {
		/* A timestamp belongs to the last octet of its segment, a user's page to a call */
		if (skb_shinfo(skb)->tx_flags || TCPX_SKB_CB(skb)->ack_stamp ||
		    TCPX_SKB_CB(skb)->eor || skb_headlen(next) || skb_cloned(next) ||
		    skb_cloned(skb) || skb_zcopy(skb) || skb_zcopy(next))
			return;
		moved = tcpx_shift(skb, next, len - skb->len);
		skb->len += moved;
		skb->data_len += moved;
		skb->truesize += moved;
		next->len -= moved;
		next->data_len -= moved;
		next->truesize -= moved;
		TCPX_SKB_CB(skb)->end_seq += moved;
		TCPX_SKB_CB(next)->seq += moved;
		if (next->len)
			return;
		skb_shinfo(skb)->tx_flags = skb_shinfo(next)->tx_flags;
		skb_shinfo(skb)->tskey = skb_shinfo(next)->tskey;
		TCPX_SKB_CB(skb)->ack_stamp = TCPX_SKB_CB(next)->ack_stamp;
		TCPX_SKB_CB(skb)->eor = TCPX_SKB_CB(next)->eor;
		__skb_unlink(next, &sk->sk_write_queue);
		sk_wmem_queued_add(sk, -next->truesize);
		sk_mem_uncharge(sk, next->truesize);
		consume_skb(next);
	}
}

/*
 * A time stamp is that of the last octet, so the segment that has it goes alone.
 * 0 or -ENOMEM
 */
static int tcpx_cut_stamped(struct sock *sk, struct sk_buff *skb, u32 part)
{
	if (skb->len <= part || !(skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP))
		return 0;
	return tcpx_fragment(sk, skb, (skb->len - 1) / part * part);
}

/* Send what begins at @s->seq; @s->len is an upper bound */
static int tcpx_send_data(struct sock *sk, const struct tcpx_send *s, u64 now)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *skb = tcpx_find_segment(sk, s->seq), *out;
	struct tcpx_seg seg __uninitialized;
	struct tcpx_skb_cb *cb;
	bool last;

	if (!skb)
		return -ENOMEM;
	if (skb->len > s->len && tcpx_fragment(sk, skb, s->len))
		return -ENOMEM;
	if (skb->len < s->len && skb == tsk->send_head)
		tcpx_gather(sk, skb, s->len);
	if (tcpx_cut_stamped(sk, skb, s->part))
		return -ENOMEM;
	/* A retransmission may have no room for SACK blocks: send them on their own */
	if (s->rexmt && tsk->tcb.ack_now && tcpx_sack_opt_len(&tsk->tcb))
		tcpx_send_ack(sk);
	cb = TCPX_SKB_CB(skb);
	last = cb->end_seq == tsk->tcb.write_seq;
	/* PSH is kept for a retransmission */
	if (s->psh && last)
		cb->psh = true;
	out = skb_cloned(skb) ? pskb_copy(skb, GFP_ATOMIC | __GFP_NOWARN) :
				skb_clone(skb, GFP_ATOMIC | __GFP_NOWARN);
	if (!out)
		return -ENOMEM;
	seg.seq = s->seq;
	seg.flags = TCPX_ACK;
	seg.ip_ecn = TCPX_NOT_ECT;
	seg.len = skb->len;
	seg.part = s->part;
	if (cb->psh || cb->eor)
		seg.flags |= TCPX_PSH;
	if (last && s->fin)
		seg.flags |= TCPX_FIN;
	if (tsk->send_head == skb)
		tsk->send_head = skb_peek_next(skb, &sk->sk_write_queue);
	if (s->rexmt)
		tcpx_note_rexmt(sk, seg.seq, seg.len, seg.flags);
	else if (seg.part > tsk->tcb.snd_mss)
		trace_tcpx_probe(&tsk->node.tuple, TCPX_PROBE_MTU, seg.seq, seg.len, 1);
	tcpx_xmit(sk, out, &seg, now);
	tcpx_sb_hold(&tsk->tcb.sb, s->seq, s->seq + seg.len, skb);
	return 0;
}

static int tcpx_send_one(struct sock *sk, const struct tcpx_send *s, u64 now)
{
	int err;

	if (s->len)
		return tcpx_send_data(sk, s, now);
	err = tcpx_xmit_bare(sk, s->seq, TCPX_FIN | TCPX_ACK);
	if (!err && s->rexmt)
		tcpx_note_rexmt(sk, s->seq, 0, TCPX_FIN | TCPX_ACK);
	return err;
}

static u8 tcpx_waits_for(const struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (skb_queue_empty(&sk->sk_write_queue))
		return TCPX_IDLE;
	if (tcpx_wnd_peer_limited(tcb))
		return TCPX_BUSY_RWND;
	if (!tcpx_sk(sk)->send_head && sk->sk_socket &&
	    test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		return TCPX_BUSY_SNDBUF;
	return TCPX_BUSY;
}

/**
 * tcpx_note_busy() - count what the sender has waited for, and how long: for TCP_INFO
 * @sk: locked
 * @now: ns; 0: the clock is read if something has changed
 *
 * Context: process or softirq.
 */
void tcpx_note_busy(struct sock *sk, u64 now)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u8 busy = tcpx_waits_for(sk);

	if (busy == tsk->busy)
		return;
	now = now ?: ktime_get_ns();
	if (tsk->busy)
		tsk->busy_ns[tsk->busy - 1] += now - tsk->busy_since;
	tsk->busy_since = now;
	tsk->busy = busy;
}

/*
 * The MTU follows the route, which may have changed, or its link; or what a router
 * said has expired (RFC 1191, 6.3).  Without a valid route the MTU stays: the device
 * may be gone.
 */
static void tcpx_follow_mtu(struct sock *sk)
{
	const struct dst_entry *dst = tcpx_sk(sk)->family->route(sk);
	u32 mtu = dst ? dst_mtu(dst) : tcpx_sk(sk)->pmtu;

	if (mtu < tcpx_sk(sk)->pmtu)
		tcpx_mtu_reduced(sk, mtu);
	else if (mtu > tcpx_sk(sk)->pmtu)
		tcpx_sync_mss(sk, mtu);
}

/* The queue may have room again: wake the writer */
static void tcpx_tell_writer(struct sock *sk)
{
	/* Pairs with the barrier in sk_stream_wait_memory() and tcpx_poll() */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

/*
 * TCP_REPAIR: what is queued counts as sent.  What there is no memory to note is sent
 * when the mode is off.
 */
static __cold void tcpx_output_repaired(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	u64 now = ktime_get_ns();
	struct sk_buff *skb;
	u32 seq;

	while ((skb = tsk->send_head)) {
		if (!tcpx_scoreboard_reserve(sk, tcpx_repair_slots(tcb, skb->len)))
			return;
		seq = tcb->snd_nxt;
		tcpx_repair_sent(tcb, TCPX_SKB_CB(skb)->end_seq - seq, now);
		tcpx_sb_hold(&tcb->sb, seq, tcb->snd_nxt, skb);
		tsk->send_head = skb_peek_next(skb, &sk->sk_write_queue);
	}
	if (tcb->fin_queued && !tcpx_fin_sent(tcb) && tcpx_scoreboard_reserve(sk, 1))
		tcpx_repair_sent(tcb, 1, now);
}

/* A FIN takes a slot as well where it goes alone */
static u32 tcpx_slots_for(const struct tcpx_send *s)
{
	return TCPX_PIECES + (s->len > s->part ? s->len / s->part : 0);
}

/* No memory, and nothing in flight whose ACK could start it again: retry later */
static __cold void tcpx_retry_later(struct tcpx_tcb *tcb, u64 now)
{
	if (tcb->snd_una == tcb->snd_nxt)
		tcb->deadline[TCPX_T_PERSIST] = now + 200 * NSEC_PER_MSEC;
}

/* Send up to a batch of what waits, at @now; true: it is over, and more may wait */
static bool tcpx_send_batch(struct sock *sk, u64 *now)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 room, batch = TCPX_BATCH * tcb->snd_mss;
	struct tcpx_send s __uninitialized;
	bool noted = false;

	for (u32 sent = 0; sent < batch; sent += s.len) {
		/* Most often no more waits than is one segment */
		if (tcb->write_seq - tcb->snd_nxt > tcb->snd_mss || tcb->pacing ||
		    !tcpx_host_takes_one(sk)) {
			if (!noted)
				tcpx_pace_note(sk);
			noted = true;
			room = tcpx_host_queue_room(sk);
			if (!room)
				return false;
			tcb->burst = min(tcpx_gso_burst(sk), room);
		}
		if (!tcpx_wnd_next(tcb, *now, &s))
			return false;
		if (!tcpx_scoreboard_reserve(sk, tcpx_slots_for(&s)) ||
		    tcpx_send_one(sk, &s, *now)) {
			tcpx_retry_later(tcb, *now);
			return false;
		}
		if (!tcpx_wnd_waits(tcb))
			return false;
		*now = ktime_get_ns();
	}
	return true;
}

/*
 * Something waits: send what may leave of it.  Return: when that was, ns
 *
 * Softirq is held off meanwhile, so that a batch for this host arrives together: its
 * receiver is called once, not once a segment, and has less to acknowledge.
 */
static u64 tcpx_send_waiting(struct sock *sk)
{
	u64 now = ktime_get_ns();
	bool more;

	tcpx_follow_mtu(sk);
	tcpx_cong_after_idle(&tcpx_sk(sk)->tcb, now);
	tcpx_pace_mode(sk);
	do {
		local_bh_disable();
		more = tcpx_send_batch(sk, &now);
		local_bh_enable();
	} while (more);
	return now;
}

/**
 * tcpx_send_all() - send all that may be sent; the caller lets the timer follow
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_send_all(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u64 now = 0;

	/* Before its SYN is acknowledged a connection is not one that could be repaired */
	if (unlikely(tsk->repair) && tsk->repair_queue == TCP_SEND_QUEUE && tsk->tcb.syn_acked)
		tcpx_output_repaired(sk);
	else if (tcpx_wnd_waits(&tsk->tcb))
		now = tcpx_send_waiting(sk);
	tcpx_tell_writer(sk);
	tcpx_note_busy(sk, now);
}

/**
 * tcpx_output() - send all that may be sent
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_output(struct sock *sk)
{
	tcpx_send_all(sk);
	tcpx_timer_sync(sk);
}

/**
 * tcpx_retransmit() - send the segment at SND.UNA again
 * @sk: locked; something is unacknowledged
 *
 * Context: process or softirq.
 */
__cold void tcpx_retransmit(struct sock *sk)
{
	const struct dst_entry *dst = tcpx_sk(sk)->family->route(sk);
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	struct tcpx_send s;

	/* No router tells us what the host's own link takes */
	if (dst && dst_mtu(dst) < tcpx_sk(sk)->pmtu)
		tcpx_fit_mtu(sk, dst_mtu(dst));
	if (tcpx_wnd_first(tcb, &s))
		tcpx_send_one(sk, &s, ktime_get_ns());
	tcpx_timer_sync(sk);
}

/**
 * tcpx_adv_mss() - the MSS to announce: RFC 9293, 3.7.1 (MUST-67)
 * @sk: the socket, or its listener: it may have TCP_MAXSEG
 * @dst: the route to the peer
 *
 * Context: any.
 * Return: bytes of payload and options.
 */
u16 tcpx_adv_mss(const struct sock *sk, const struct dst_entry *dst)
{
	u16 mss = clamp_t(u32, dst_metric_advmss(dst), TCPX_MSS_MIN, U16_MAX);
	u16 user_mss = tcpx_sk(sk)->user_mss;

	return user_mss ? min(mss, user_mss) : mss;
}

/**
 * tcpx_sync_mss() - set the MSS by the path's MTU: MUST-16, SHLD-6
 * @sk: locked
 * @pmtu: the MTU, bytes
 *
 * Context: process or softirq.
 */
void tcpx_sync_mss(struct sock *sk, u32 pmtu)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u16 mss = tcpx_family_mss(tsk->family, pmtu);

	tsk->pmtu = pmtu;
	tsk->sndbuf_reach = 0;
	mss = max_t(int, mss - tsk->family->opt_len(sk), TCPX_MSS_MIN);
	if (tsk->user_mss)
		mss = min(mss, tsk->user_mss);
	tcpx_mss_set(&tsk->tcb, mss);
}

/* Cut what is in flight to the new MSS; false: no memory to note the pieces */
static __cold bool tcpx_recut(struct sock *sk)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	struct tcpx_scoreboard *sb = &tcb->sb;

	if (!tcpx_scoreboard_reserve(sk, tcpx_sb_recut_slots(sb, tcb->snd_mss) -
					 tcpx_sb_len(sb)))
		return false;
	tcpx_recovery_mtu(tcb);
	return true;
}

/**
 * tcpx_fit_mtu() - set the MSS, and cut what is in flight if that is smaller
 * @sk: locked
 * @pmtu: the path's MTU, bytes; or the IP header has changed its length
 *
 * Without memory to note the pieces nothing changes: the retransmission is too large
 * again, and the route, or the router's answer, says so once more.
 *
 * Context: process or softirq.
 * Return: true if something was cut, which is lost now.
 */
__cold bool tcpx_fit_mtu(struct sock *sk, u32 pmtu)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 old = tsk->pmtu;
	u16 mss = tsk->tcb.snd_mss;

	tcpx_sync_mss(sk, pmtu);
	/* Only a probe of the MTU may have been too large */
	if (tsk->tcb.snd_mss >= mss)
		return false;
	if (tcpx_recut(sk))
		return true;
	tcpx_sync_mss(sk, old);
	return false;
}

/**
 * tcpx_mtu_reduced() - the path takes smaller segments than are in flight
 * @sk: locked
 * @pmtu: bytes
 *
 * A SYN can only be too long because of its payload: it is sent again without, at
 * once.
 *
 * Context: process or softirq.
 */
__cold void tcpx_mtu_reduced(struct sock *sk, u32 pmtu)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	bool cut = tcpx_fit_mtu(sk, pmtu);

	if (sk->sk_state != TCP_SYN_SENT && cut)
		tcpx_output(sk);
	else if (sk->sk_state == TCP_SYN_SENT && tsk->fo_data && !tsk->total_retrans)
		tcpx_send_syn(sk, TCPX_SYN);
}

/**
 * tcpx_black_hole() - a time-out: do large segments vanish on their way?
 * @sk: locked; the time-out is counted, nothing is sent again yet
 *
 * If they seem to, segments are smaller from now on.
 *
 * Context: process or softirq.
 */
__cold void tcpx_black_hole(struct sock *sk)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	struct tcpx_pmtu old = tcb->pmtu;

	if (!tcpx_pmtu_timeout(tcb))
		return;
	if (tcpx_recut(sk)) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_MTU_BLACK_HOLE);
		return;
	}
	tcb->pmtu = old;
	tcpx_mss_set(tcb, old.path);
}

/**
 * tcpx_write_queue_purge() - free all that was to be sent
 * @sk: locked, or being destroyed
 *
 * Context: any but hard interrupt.
 */
void tcpx_write_queue_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue))) {
		sk_wmem_queued_add(sk, -skb->truesize);
		sk_mem_uncharge(sk, skb->truesize);
		kfree_skb(skb);
	}
	tcpx_sk(sk)->send_head = NULL;
	tcpx_note_busy(sk, 0);
	tcpx_scoreboard_free(sk);
}
