// SPDX-License-Identifier: GPL-2.0
/*
 * A segment arrives.
 *
 * tcpx_rcv() parses it and asks the state machine; tcpx_act() does what the
 * answer says, for segments, calls and time-outs alike.  What it does with
 * text is here as well: in order it goes to sk_receive_queue, beyond a hole
 * into an rbtree by sequence number.
 */
#include <linux/errqueue.h>
#include <net/dst.h>
#include <net/xfrm.h>

#include "tcpx_sock.h"
#include "tcpx_trace.h"

/**
 * tcpx_parse() - read a segment's header
 * @skb: transport header set, header in the linear part, its length legal
 * @seg: filled in; no_room and ooo are the caller's
 *
 * Return: false if an option had an illegal length (what stood before counts).
 */
bool tcpx_parse(struct sk_buff *skb, struct tcpx_seg *seg)
{
	const struct tcpx_hdr *th = tcpx_hdr(skb);
	unsigned int hlen = tcpx_hdr_len(th);

	*seg = (struct tcpx_seg){
		.seq = ntohl(th->seq), .ack = ntohl(th->ack),
		.wnd = ntohs(th->window), .up = ntohs(th->urg), .flags = th->flags,
		.len = skb->len - skb_transport_offset(skb) - hlen,
	};
	tcpx_opt_parse((const u8 *)(th + 1), hlen - TCPX_HDR_LEN, th->flags & TCPX_SYN,
		       &seg->opt);
	return !(seg->opt.has & TCPX_HAS_BAD_LEN);
}

static void tcpx_ooo_erase(struct tcpx_sock *tsk, struct sk_buff *skb)
{
	struct rb_node *prev = rb_prev(&skb->rbnode);

	if (tsk->ooo_last == skb)
		tsk->ooo_last = prev ? rb_to_skb(prev) : NULL;
	rb_erase(&skb->rbnode, &tsk->ooo);
	skb->dev = NULL;	/* shares its place with the rbnode */
}

/**
 * tcpx_ooo_purge() - forget what is beyond holes
 * @sk: locked, or being destroyed
 */
void tcpx_ooo_purge(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *skb;

	while ((skb = tsk->ooo_last)) {
		tcpx_ooo_erase(tsk, skb);
		kfree_skb(skb);
	}
}

/* Memory for text runs out: what is furthest away goes first */
static void tcpx_ooo_prune(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *skb;

	while ((skb = tsk->ooo_last) && atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf) {
		tcpx_ooo_erase(tsk, skb);
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_OOO_PRUNED);
		kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE);
	}
}

/* Copy as much text from @from on as @skb takes; its sequence number moves on */
static void tcpx_pack(struct sock *sk, struct sk_buff *skb, struct sk_buff **from)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb), *src;
	struct sk_buff *next;
	u32 off, n;

	while (*from && skb_tailroom(skb)) {
		src = TCPX_SKB_CB(*from);
		off = cb->end_seq - src->seq;
		if (off < (*from)->len) {
			n = min_t(u32, skb_tailroom(skb), (*from)->len - off);
			skb_copy_bits(*from, off, skb_put(skb, n), n);
			cb->end_seq += n;
			off += n;
		}
		if (off < (*from)->len)
			return;
		cb->flags |= src->flags;
		skb->tstamp = (*from)->tstamp;
		next = skb_queue_is_last(&sk->sk_receive_queue, *from) ?
		       NULL : skb_queue_next(&sk->sk_receive_queue, *from);
		__skb_unlink(*from, &sk->sk_receive_queue);
		consume_skb(*from);
		*from = next;
	}
}

/*
 * Small segments take far more memory than their text: copy them together, so
 * that the window which was offered can be honoured (SHLD-14).
 */
static void tcpx_collapse(struct sock *sk)
{
	struct sk_buff *from = skb_peek(&sk->sk_receive_queue), *skb;
	u32 seq = tcpx_sk(sk)->tcb.copied_seq;

	/* What has been packed before stays: each octet is copied once */
	while (from && from->truesize <= 2 * from->len) {
		seq = TCPX_SKB_CB(from)->end_seq;
		from = skb_queue_is_last(&sk->sk_receive_queue, from) ?
		       NULL : skb_queue_next(&sk->sk_receive_queue, from);
	}
	while (from) {
		skb = alloc_skb(SKB_MAX_ORDER(0, 0), GFP_ATOMIC | __GFP_NOWARN);
		if (!skb)
			return;
		memset(TCPX_SKB_CB(skb), 0, sizeof(struct tcpx_skb_cb));
		TCPX_SKB_CB(skb)->seq = seq;
		TCPX_SKB_CB(skb)->end_seq = seq;
		__skb_queue_before(&sk->sk_receive_queue, from, skb);
		skb_set_owner_r(skb, sk);
		tcpx_pack(sk, skb, &from);
		seq = TCPX_SKB_CB(skb)->end_seq;
	}
}

/*
 * Is there memory for one more segment's text?  Under pressure the queue that
 * others wait for shrinks; the next segment in order always fits into an empty
 * one, so that no connection stands still for ever.
 */
static bool tcpx_rmem_room(struct sock *sk, struct sk_buff *skb, bool next)
{
	if (atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf && next)
		tcpx_ooo_prune(sk);
	if (atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf && next)
		tcpx_collapse(sk);
	/* Over the limit of all sockets this one borrows: sk_forward_alloc < 0 */
	if (next && skb_queue_empty(&sk->sk_receive_queue)) {
		sk_rmem_schedule(sk, skb, skb->truesize);
		return true;
	}
	return atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf &&
	       sk_rmem_schedule(sk, skb, skb->truesize);
}

/* Neighbours share a buffer where the kernel can make them: less to charge */
static bool tcpx_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *from)
{
	bool stolen;
	int delta;

	if (TCPX_SKB_CB(to)->end_seq != TCPX_SKB_CB(from)->seq ||
	    (TCPX_SKB_CB(to)->flags & TCPX_FIN) ||
	    skb_shinfo(from)->tx_flags || skb_hwtstamps(from)->hwtstamp ||
	    !skb_try_coalesce(to, from, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	TCPX_SKB_CB(to)->end_seq = TCPX_SKB_CB(from)->end_seq;
	TCPX_SKB_CB(to)->flags |= TCPX_SKB_CB(from)->flags;
	to->tstamp = from->tstamp;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_RCV_COALESCED);
	kfree_skb_partial(from, stolen);
	return true;
}

/* Text that is next in sequence; @skb holds nothing else, and is consumed */
static void tcpx_queue_text(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	tcpx_sk(sk)->bytes_received += skb->len;
	if (tail && tcpx_coalesce(sk, tail, skb))
		return;
	skb_set_owner_r(skb, sk);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/* The urgent octet itself, once the text that holds it is there: 3.8.5 */
static void tcpx_take_urgent(struct sock *sk, const struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 off = tsk->urg_seq - TCPX_SKB_CB(skb)->seq;
	u8 octet;

	if (tsk->urg_data != TCPX_URG_NOTYET || off >= skb->len)
		return;
	if (skb_copy_bits(skb, off, &octet, 1))
		return;
	WRITE_ONCE(tsk->urg_data, TCPX_URG_VALID | octet);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/* A new urgent pointer: signal, and skip an older octet nobody fetched */
static void tcpx_urgent(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	u32 up = tcb->rcv_up - 1;	/* the last urgent octet */

	if (tcpx_sk_net(sk)->stdurg)
		up++;
	if (tsk->urg_data && !tcpx_after(up, tsk->urg_seq))
		return;
	sk_send_sigurg(sk);
	if (tsk->urg_data && tsk->urg_seq == tcb->copied_seq &&
	    !sock_flag(sk, SOCK_URGINLINE) && tcb->copied_seq != tcb->rcv_nxt) {
		struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

		tcb->copied_seq++;
		if (skb && !tcpx_before(tcb->copied_seq, TCPX_SKB_CB(skb)->end_seq)) {
			__skb_unlink(skb, &sk->sk_receive_queue);
			kfree_skb(skb);
		}
	}
	WRITE_ONCE(tsk->urg_data, TCPX_URG_NOTYET);
	WRITE_ONCE(tsk->urg_seq, up);
}

/* What the new segment covers whole has become superfluous */
static void tcpx_ooo_drop_covered(struct tcpx_sock *tsk, struct sk_buff *skb)
{
	struct rb_node *next;
	struct sk_buff *other;

	while ((next = rb_next(&skb->rbnode))) {
		other = rb_to_skb(next);
		if (tcpx_after(TCPX_SKB_CB(other)->end_seq, TCPX_SKB_CB(skb)->end_seq) ||
		    TCPX_SKB_CB(other)->flags & TCPX_FIN)
			return;
		tcpx_ooo_erase(tsk, other);
		kfree_skb_reason(other, SKB_DROP_REASON_TCP_OFOMERGE);
	}
}

/* SHLD-31: keep what is beyond a hole; consumes @skb */
static void tcpx_ooo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct rb_node **p = &tsk->ooo.rb_node, *parent = NULL;
	struct sk_buff *below = NULL;
	u32 seq = TCPX_SKB_CB(skb)->seq;

	if (tsk->ooo_last && !tcpx_before(seq, TCPX_SKB_CB(tsk->ooo_last)->seq)) {
		/* The common case: the highest so far */
		below = tsk->ooo_last;
		parent = &below->rbnode;
		p = &parent->rb_right;
	}
	while (*p) {
		parent = *p;
		if (tcpx_before(seq, TCPX_SKB_CB(rb_to_skb(parent))->seq)) {
			p = &parent->rb_left;
		} else {
			below = rb_to_skb(parent);
			p = &parent->rb_right;
		}
	}
	if (below && !(TCPX_SKB_CB(skb)->flags & TCPX_FIN) &&
	    !tcpx_after(TCPX_SKB_CB(skb)->end_seq, TCPX_SKB_CB(below)->end_seq)) {
		tcpx_mib_drop(sock_net(sk), TCPX_DROP_OLD_DATA);
		kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFOMERGE);
		return;
	}
	skb_set_owner_r(skb, sk);
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &tsk->ooo);
	if (!tsk->ooo_last || below == tsk->ooo_last)
		tsk->ooo_last = skb;
	tcpx_ooo_drop_covered(tsk, skb);
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_OOO_QUEUED);
}

/* The hole is filled: what was kept is next in sequence, as far as it goes */
static void tcpx_ooo_drain(struct sock *sk, struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	struct tcpx_skb_cb *cb;
	struct rb_node *first;
	struct sk_buff *skb;
	bool fin;

	while ((first = rb_first(&tsk->ooo))) {
		skb = rb_to_skb(first);
		cb = TCPX_SKB_CB(skb);
		fin = cb->flags & TCPX_FIN;
		if (tcpx_after(cb->seq, tcb->rcv_nxt))
			return;
		tcpx_ooo_erase(tsk, skb);
		if (tcpx_after(cb->end_seq, tcb->rcv_nxt) ||
		    (fin && cb->end_seq == tcb->rcv_nxt)) {
			tcpx_take_urgent(sk, skb);
			tcpx_fsm_ooo_text(tcb, cb->end_seq, fin, ktime_get_ns(), a);
		}
		skb_orphan(skb);
		if (skb->len)
			tcpx_queue_text(sk, skb);
		else
			consume_skb(skb);
		/* What claims to lie beyond the FIN is no text */
		if (a->todo & TCPX_DO_PEER_CLOSED)
			return;
	}
}

/* Leave in @skb only the text that is taken; false: no memory to cut it */
static bool tcpx_cut_text(struct sk_buff *skb, const struct tcpx_actions *a)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb);
	u32 len = a->text_off + a->text_len;

	if (len < skb->len) {
		cb->flags &= ~TCPX_FIN;
		if (pskb_trim(skb, len))
			return false;
	}
	cb->end_seq = cb->seq + len;
	skb_dst_drop(skb);
	secpath_reset(skb);
	return true;
}

/* TCPX_DO_TEXT and TCPX_DO_OOO; consumes @skb */
static void tcpx_act_text(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (a->todo & TCPX_DO_OOO) {
		if (tcpx_cut_text(skb, a))
			tcpx_ooo_insert(sk, skb);
		else
			kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return;
	}
	/* RCV.NXT has moved: text in order is not lost for want of memory */
	if (!tcpx_cut_text(skb, a))
		TCPX_SKB_CB(skb)->end_seq = TCPX_SKB_CB(skb)->seq + a->text_off + a->text_len;
	tcpx_take_urgent(sk, skb);
	tcpx_queue_text(sk, skb);
	if (!RB_EMPTY_ROOT(&tsk->ooo))
		tcpx_ooo_drain(sk, a);
	if (!sock_flag(sk, SOCK_DEAD) &&
	    (tcpx_inq(sk) >= sk->sk_rcvlowat || a->todo & TCPX_DO_PEER_CLOSED ||
	     tcpx_rcv_space(sk) < tsk->tcb.rcv_mss))
		sk->sk_data_ready(sk);
}

/* The send buffer grows with what may fly, unless the user has fixed it */
static void tcpx_expand_sndbuf(struct sock *sk)
{
	u32 want = tcpx_sk(sk)->tcb.cong.cwnd, max = tcpx_sk_net(sk)->wmem[2];

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	want = min(max, 4 * min(want, max / 4));
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}

/* TCPX_DO_ACKED */
static void tcpx_act_acked(struct sock *sk, const struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 numbers = tsk->tcb.snd_una - tsk->una_counted;
	struct sk_buff *skb;

	/* SYN and FIN are segments of their own here, and one number each */
	tsk->delivered += numbers - a->acked;
	tsk->bytes_acked += numbers;
	tsk->una_counted += numbers;
	sk_dst_confirm(sk);
	while ((skb = skb_peek(&sk->sk_write_queue)) && skb != tsk->send_head &&
	       !tcpx_after(TCPX_SKB_CB(skb)->end_seq, tsk->tcb.snd_una)) {
		__skb_unlink(skb, &sk->sk_write_queue);
		if (TCPX_SKB_CB(skb)->ack_stamp)
			__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
		sk_wmem_queued_add(sk, -skb->truesize);
		sk_mem_uncharge(sk, skb->truesize);
		tsk->delivered++;
		consume_skb(skb);
	}
	tcpx_scoreboard_shrink(sk);
	if (tsk->tcb.cong.ops)
		tcpx_expand_sndbuf(sk);
	/* Pairs with the barrier in sk_stream_wait_memory() and tcpx_poll() */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

/* TCPX_DO_CONNECTED: both ends are synchronized */
static void tcpx_act_connected(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tcpx_cong_init(&tsk->tcb, &tcpx_cong_reno, ktime_get_ns());
	tcpx_expand_sndbuf(sk);
	if (!tsk->tcb.passive)
		security_inet_conn_established(sk, NULL);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/* TCPX_DO_PEER_CLOSED: what is read next, after the text, is the end */
static void tcpx_act_peer_closed(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	tcpx_sk(sk)->bytes_received++;
	tcpx_ooo_purge(sk);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK || sk->sk_state == TCP_CLOSE)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	sk->sk_data_ready(sk);
}

static void tcpx_act_transitions(struct sock *sk, const struct tcpx_actions *a, u8 *seen)
{
	for (; *seen < a->nr; (*seen)++) {
		tcpx_set_state(sk, a->trans[*seen].from, a->trans[*seen].to,
			       a->trans[*seen].event);
		/* SO_LINGER waits for the ACK of our FIN */
		if (a->trans[*seen].to == TCPX_FIN_WAIT_2 && !sock_flag(sk, SOCK_DEAD))
			sk->sk_state_change(sk);
	}
}

/* What leaves because of an event */
static void tcpx_act_send(struct sock *sk, const struct tcpx_actions *a)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (a->todo & TCPX_DO_RST)
		tcpx_send_rst(sk, &a->rst);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (a->todo & TCPX_DO_SYN)
		tcpx_send_syn(sk, TCPX_SYN);
	if (a->todo & TCPX_DO_SYNACK)
		tcpx_send_syn(sk, TCPX_SYN | TCPX_ACK);
	if (a->todo & TCPX_DO_REXMT)
		tcpx_retransmit(sk);
	if (a->todo & TCPX_DO_OUTPUT)
		tcpx_output(sk);
	if (a->todo & TCPX_DO_PROBE)
		tcpx_send_probe(sk);
	if ((a->todo & TCPX_DO_ACK && tcb->ack_now) ||
	    (a->todo & TCPX_DO_CHALLENGE &&
	     tcpx_challenge_allowed(sock_net(sk), ktime_get_ns())))
		tcpx_send_ack(sk);
}

/* The connection is over, or all that is left of it is TIME-WAIT */
static void tcpx_act_end(struct sock *sk, const struct tcpx_actions *a)
{
	int err = a->err;

	if (a->todo & TCPX_DO_ERROR) {
		if (err == ETIMEDOUT && sk->sk_err_soft)
			err = sk->sk_err_soft;	/* what ICMP said of the reason */
		WRITE_ONCE(sk->sk_err, err);
	}
	if (a->todo & TCPX_DO_FLUSH)
		tcpx_write_queue_purge(sk);
	if (a->todo & TCPX_DO_DELETE) {
		bool alive = !sock_flag(sk, SOCK_DEAD);

		tcpx_done(sk);
		if (alive && a->todo & TCPX_DO_ERROR)
			sk_error_report(sk);
	} else if (a->todo & TCPX_DO_TIME_WAIT) {
		tcpx_timewait_enter(sk);
	}
}

static const enum skb_drop_reason tcpx_drop_reasons[TCPX_NR_DROPS] = {
	[TCPX_DROP_CLOSED]	= SKB_DROP_REASON_TCP_CLOSE,
	[TCPX_DROP_FLAGS]	= SKB_DROP_REASON_TCP_FLAGS,
	[TCPX_DROP_RST]		= SKB_DROP_REASON_TCP_RESET,
	[TCPX_DROP_SEQ]		= SKB_DROP_REASON_TCP_OVERWINDOW,
	[TCPX_DROP_OLD_DATA]	= SKB_DROP_REASON_TCP_OLD_DATA,
	[TCPX_DROP_PAWS]	= SKB_DROP_REASON_TCP_RFC7323_PAWS,
	[TCPX_DROP_NO_TS]	= SKB_DROP_REASON_TCP_RFC7323_PAWS,
	[TCPX_DROP_OLD_ACK]	= SKB_DROP_REASON_TCP_TOO_OLD_ACK,
	[TCPX_DROP_UNSENT_ACK]	= SKB_DROP_REASON_TCP_ACK_UNSENT_DATA,
	[TCPX_DROP_SYN]		= SKB_DROP_REASON_TCP_INVALID_SYN,
	[TCPX_DROP_ZERO_WINDOW]	= SKB_DROP_REASON_TCP_ZEROWINDOW,
	[TCPX_DROP_NO_ROOM]	= SKB_DROP_REASON_SOCKET_RCVBUFF,
};

/**
 * tcpx_free_segment() - a segment has been processed, or dropped
 * @skb: the segment, or NULL
 * @drop: enum tcpx_drop: the reason that drop_monitor is told, if any
 */
void tcpx_free_segment(struct sk_buff *skb, u8 drop)
{
	if (drop)
		kfree_skb_reason(skb, tcpx_drop_reasons[drop]);
	else
		consume_skb(skb);
}

static const u16 tcpx_note_mibs[] = {
	TCPX_MIB_FAST_RETRANS, TCPX_MIB_EIFEL_UNDO, TCPX_MIB_DSACK_UNDO, TCPX_MIB_FRTO_UNDO,
	TCPX_MIB_TLP_LOSS, TCPX_MIB_ECN_REDUCED,
};

static void tcpx_act_notes(struct sock *sk, u8 notes)
{
	int i;

	for (i = 0; notes >> i; i++)
		if (notes & BIT(i))
			tcpx_mib_inc(sock_net(sk), tcpx_note_mibs[i]);
}

/**
 * tcpx_act() - do what an event leads to
 * @sk: locked
 * @skb: the segment, its header pulled; consumed; NULL for other events
 * @a: from the state machine
 *
 * Context: process or softirq.  Afterwards a socket without owner may be gone
 * as soon as the caller's RCU section or reference ends.
 */
void tcpx_act(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a)
{
	u8 seen = 0;

	tcpx_act_transitions(sk, a, &seen);
	tcpx_mib_drop(sock_net(sk), a->drop);
	tcpx_act_notes(sk, a->notes);
	if (a->todo & TCPX_DO_ACKED)
		tcpx_act_acked(sk, a);
	if (a->todo & TCPX_DO_CONNECTED)
		tcpx_act_connected(sk);
	if (a->todo & TCPX_DO_URGENT)
		tcpx_urgent(sk);
	if (a->todo & (TCPX_DO_TEXT | TCPX_DO_OOO))
		tcpx_act_text(sk, skb, a);
	else
		tcpx_free_segment(skb, a->drop);
	tcpx_act_transitions(sk, a, &seen);
	if (a->todo & TCPX_DO_PEER_CLOSED)
		tcpx_act_peer_closed(sk);
	if (a->todo & TCPX_DO_SOFT_ERROR) {
		dst_negative_advice(sk);
		sk_rethink_txhash(sk);
	}
	tcpx_act_send(sk, a);
	tcpx_act_end(sk, a);
}

/**
 * tcpx_rcv() - a segment for a socket
 * @sk: locked; also struct proto.backlog_rcv
 * @skb: transport header is set and skb->data is there; consumed
 *
 * Return: 0.
 */
int tcpx_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb);
	struct tcpx_actions a;
	struct tcpx_seg seg;

	/* It left the table after it was found: the peer will ask again */
	if (sk->sk_state == TCP_CLOSE) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_IN_NO_SOCKET);
		kfree_skb_reason(skb, SKB_DROP_REASON_TCP_CLOSE);
		return 0;
	}
	if (!tcpx_parse(skb, &seg))
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_IN_OPT_ERRORS);
	trace_tcpx_segment(false, &tsk->node.tuple, &seg, seg.len, tsk->tcb.state);
	cb->seq = seg.seq;
	cb->flags = seg.flags;
	seg.ooo = !RB_EMPTY_ROOT(&tsk->ooo);
	seg.no_room = seg.len && !tcpx_rmem_room(sk, skb, !tcpx_after(seg.seq, tsk->tcb.rcv_nxt));
	seg.ip_ecn = tcpx_v4_ecn(skb);
	__skb_pull(skb, tcpx_hdr_len(tcpx_hdr(skb)));
	if (tcpx_ecn_ack_first(&tsk->tcb, &seg))
		tcpx_send_ack(sk);
	tsk->segs_in++;
	tsk->data_segs_in += !!seg.len;

	tcpx_fsm_segment(&tsk->tcb, &seg, ktime_get_ns(), &a);
	if (a.drop)
		trace_tcpx_drop(&tsk->node.tuple, &seg, a.drop);
	tcpx_act(sk, skb, &a);
	if (sk->sk_state != TCP_CLOSE)
		tcpx_timer_sync(sk);
	return 0;
}
