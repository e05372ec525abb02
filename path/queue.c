// SPDX-License-Identifier: GPL-2.0
/*
 * Payload that has arrived and has not been read.
 *
 * Payload in order goes to sk_receive_queue.  Beyond a hole it is kept in blocks, as
 * RFC 2018 calls them: the first skb of each is in an rbtree by sequence number, the
 * others are linked to it in order.  So finding a place takes O(log n) in the number
 * of holes, whatever the number of segments, and an ACK always reports a whole
 * block.  A FIN is not kept here: it is a number in the TCB.
 */
#include <net/dst.h>
#include <net/xfrm.h>

#include "../core/repair.h"
#include "../core/segment.h"
#include "../net/mib.h"
#include "memory.h"
#include "queue.h"
#include "rcv_space.h"
#include "rcvbuf.h"
#include "skb.h"

/* --- blocks beyond a hole --- */

static u32 tcpx_block_end(const struct sk_buff *head)
{
	return TCPX_SKB_CB(TCPX_SKB_CB(head)->block.tail)->end_seq;
}

static void tcpx_block_erase(struct tcpx_sock *tsk, struct sk_buff *head)
{
	struct rb_node *prev = rb_prev(&head->rbnode);

	if (tsk->ooo_last == head)
		tsk->ooo_last = prev ? rb_to_skb(prev) : NULL;
	rb_erase(&head->rbnode, &tsk->ooo);
	/* These share their memory with the rbnode */
	head->next = NULL;
	head->prev = NULL;
	head->dev = NULL;
}

/* Payload goes no further; it is out of the queue */
static void tcpx_drop_kept(struct tcpx_sock *tsk, struct sk_buff *skb, u8 why)
{
	tcpx_note_drop(sock_net(&tsk->inet.sk), &tsk->node.tuple, TCPX_SKB_CB(skb)->seq, 0, why);
	tcpx_free_segment(skb, why);
}

/* Drop @skb and the skbs linked to it */
static void tcpx_chain_drop(struct tcpx_sock *tsk, struct sk_buff *skb, u8 why)
{
	struct sk_buff *next;

	for (; skb; skb = next) {
		next = TCPX_SKB_CB(skb)->block.next;
		tcpx_drop_kept(tsk, skb, why);
	}
}

/**
 * tcpx_ooo_purge() - free all payload beyond holes
 * @sk: locked, or being destroyed
 *
 * Context: any but hard interrupt.
 */
__cold void tcpx_ooo_purge(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *head;

	while ((head = tsk->ooo_last)) {
		tcpx_block_erase(tsk, head);
		tcpx_chain_drop(tsk, head, TCPX_DROP_CLOSED);
	}
	tcpx_sack_forget(&tsk->tcb, tsk->tcb.rcv_nxt);
}

/* No block is left of those that ACKs report: report the lowest that are there */
static void tcpx_ooo_report(struct tcpx_sock *tsk)
{
	struct rb_node *node;
	struct sk_buff *head;

	if (tsk->tcb.sack.nr)
		return;
	for (node = rb_first(&tsk->ooo); node && tsk->tcb.sack.nr < TCPX_MAX_SACKS;
	     node = rb_next(node)) {
		head = rb_to_skb(node);
		tcpx_sack_kept(&tsk->tcb, TCPX_SKB_CB(head)->seq, tcpx_block_end(head));
	}
}

static unsigned int tcpx_chain_truesize(const struct sk_buff *skb)
{
	unsigned int sum = 0;

	for (; skb; skb = TCPX_SKB_CB(skb)->block.next)
		sum += skb->truesize;
	return sum;
}

/* Free the end of a block, so that it takes no more than about @keep bytes of memory */
static void tcpx_block_cut(struct tcpx_sock *tsk, struct sk_buff *head, unsigned int keep)
{
	struct sk_buff *last = head, *rest;
	unsigned int sum = head->truesize;

	while ((rest = TCPX_SKB_CB(last)->block.next) && sum + rest->truesize <= keep) {
		sum += rest->truesize;
		last = rest;
	}
	TCPX_SKB_CB(last)->block.next = NULL;
	TCPX_SKB_CB(head)->block.tail = last;
	tcpx_sack_forget(&tsk->tcb, TCPX_SKB_CB(last)->end_seq);
	tcpx_chain_drop(tsk, rest, TCPX_DROP_PRUNED);
}

/*
 * Memory for payload runs out: the highest sequence numbers go first, an eighth of
 * the buffer at a time, so that a peer that provokes it has to send as much for each
 * round.  RFC 2018, 8 allows it; the sender finds out by a time-out.
 */
static __cold void tcpx_ooo_prune(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	int target = sk->sk_rcvbuf - sk->sk_rcvbuf / 8;
	struct sk_buff *head;
	unsigned int size;
	int over;

	while ((head = tsk->ooo_last) && (over = atomic_read(&sk->sk_rmem_alloc) - target) > 0) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_OOO_PRUNED);
		size = tcpx_chain_truesize(head);
		if (size > over && TCPX_SKB_CB(head)->block.next) {
			tcpx_block_cut(tsk, head, size - over);
			break;
		}
		tcpx_block_erase(tsk, head);
		tcpx_sack_forget(&tsk->tcb, TCPX_SKB_CB(head)->seq);
		tcpx_chain_drop(tsk, head, TCPX_DROP_PRUNED);
	}
	tcpx_ooo_report(tsk);
}

/* --- memory --- */

/* Copy payload, from @from on, until @skb is full; skbs that are empty then are freed */
static void tcpx_pack(struct sock *sk, struct sk_buff *skb, struct sk_buff **from)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb), *src;
	struct sk_buff *next;
	u32 off, n;

	while (*from && skb_tailroom(skb)) {
		src = TCPX_SKB_CB(*from);
		off = cb->end_seq - src->seq;
		if (off < tcpx_data_len(*from)) {
			n = min_t(u32, skb_tailroom(skb), tcpx_data_len(*from) - off);
			skb_copy_bits(*from, off, skb_put(skb, n), n);
			cb->end_seq += n;
			off += n;
		}
		if (off < tcpx_data_len(*from))
			return;
		skb->tstamp = (*from)->tstamp;
		next = skb_peek_next(*from, &sk->sk_receive_queue);
		__skb_unlink(*from, &sk->sk_receive_queue);
		consume_skb(*from);
		*from = next;
	}
}

static struct sk_buff *tcpx_alloc_packed(u32 seq)
{
	struct sk_buff *skb = alloc_skb(SKB_MAX_ORDER(0, 0), GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	memset(TCPX_SKB_CB(skb), 0, sizeof(struct tcpx_skb_cb));
	TCPX_SKB_CB(skb)->seq = seq;
	TCPX_SKB_CB(skb)->end_seq = seq;
	return skb;
}

/*
 * The first queued skb that was not there when the queue was last packed.
 * @seq: in: the end of what was packed; out: where to go on
 */
static struct sk_buff *tcpx_first_unpacked(struct sock *sk, u32 *seq)
{
	struct sk_buff *skb, *first = NULL;

	skb_queue_reverse_walk(&sk->sk_receive_queue, skb) {
		if (tcpx_before(TCPX_SKB_CB(skb)->seq, *seq)) {
			*seq = TCPX_SKB_CB(skb)->end_seq;
			break;
		}
		first = skb;
	}
	return first;
}

/*
 * Segments take more memory than their payload.  When memory runs short they are
 * copied together, so that the window that was offered can be honoured (SHLD-14).
 * Packed, payload takes less than 5/4 of its size; TCPX_RCV_PACKED relies on that.
 * Each octet is copied once, and no skb is looked at twice.
 */
static __cold void tcpx_collapse(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *from, *skb;
	u32 seq;

	if (!tcpx_between(tsk->packed_seq, tsk->tcb.copied_seq, tsk->tcb.rcv_nxt))
		tsk->packed_seq = tsk->tcb.copied_seq;
	seq = tsk->packed_seq;
	from = tcpx_first_unpacked(sk, &seq);
	while (from && from->truesize <= from->len + from->len / 4) {
		seq = TCPX_SKB_CB(from)->end_seq;
		from = skb_peek_next(from, &sk->sk_receive_queue);
	}
	while (from) {
		skb = tcpx_alloc_packed(seq);
		if (!skb)
			break;
		__skb_queue_before(&sk->sk_receive_queue, from, skb);
		skb_set_owner_r(skb, sk);
		tcpx_pack(sk, skb, &from);
		seq = TCPX_SKB_CB(skb)->end_seq;
	}
	tsk->packed_seq = seq;
}

static bool tcpx_has_room(struct sock *sk, struct sk_buff *skb)
{
	if (tcpx_rcv_over(sk))
		return false;
	/* What comes to an empty queue is taken in any case: tcpx_has_packed_room() */
	if (skb_queue_empty(&sk->sk_receive_queue) && tcpx_mem_force(sk, skb->truesize))
		return true;
	return sk_rmem_schedule(sk, skb, skb->truesize);
}

/*
 * SHLD-14: what was offered is taken.  That is hardly more than the buffer's size, whose
 * payload takes less than 5/4 of it when it is packed.
 */
static __cold bool tcpx_has_packed_room(struct sock *sk, struct sk_buff *skb)
{
	u32 size = sk->sk_rcvbuf;	/* perhaps close to INT_MAX */

	return skb_queue_empty(&sk->sk_receive_queue) ||
	       ((u32)atomic_read(&sk->sk_rmem_alloc) <= size + size / 4 &&
		sk_rmem_schedule(sk, skb, skb->truesize));
}

/**
 * tcpx_data_room() - is there memory for one more segment's payload?
 * @sk: locked
 * @skb: the segment
 * @seg: the same, parsed
 *
 * When memory is short, and the segment is next in sequence and acceptable, the
 * queues are packed and pruned for it.  It always fits into an empty queue, so that no
 * connection is stuck for ever.
 *
 * Context: process or softirq.
 * Return: true if it may be queued.
 */
bool tcpx_data_room(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (tcpx_has_room(sk, skb))
		return true;
	if (tcpx_after(seg->seq, tcb->rcv_nxt) || !tcpx_segment_wanted(tcb, seg, ktime_get_ns()))
		return false;
	if (tcpx_rcv_over(sk))
		tcpx_collapse(sk);
	if (tcpx_rcv_over(sk))
		tcpx_ooo_prune(sk);
	return tcpx_has_packed_room(sk, skb);
}

/* The socket is charged for @skb, even over the limit of all sockets */
static void tcpx_own_r(struct sock *sk, struct sk_buff *skb)
{
	tcpx_mem_force(sk, skb->truesize);
	skb_set_owner_r(skb, sk);
}

/* Append @from to @to if the kernel can join them: less to charge.  True: it could */
static bool tcpx_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *from)
{
	bool stolen;
	int delta;

	if (TCPX_SKB_CB(to)->end_seq != TCPX_SKB_CB(from)->seq ||
	    to->len != tcpx_data_len(to) || skb_shinfo(from)->tx_flags ||
	    skb_hwtstamps(from)->hwtstamp ||
	    !skb_try_coalesce(to, from, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	tcpx_mem_force(sk, delta);
	sk_mem_charge(sk, delta);
	TCPX_SKB_CB(to)->end_seq = TCPX_SKB_CB(from)->end_seq;
	to->tstamp = from->tstamp;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_RCV_COALESCED);
	kfree_skb_partial(from, stolen);
	return true;
}

/* Far more memory than payload, even if its buffer were full */
static bool tcpx_is_small(const struct sk_buff *skb)
{
	return skb->truesize > 4 * (skb->len + skb_tailroom(skb));
}

/*
 * @skb did not fit into @tail.  If both are small, more small ones are likely: copy
 * @skb into a buffer that has room for them.
 */
static struct sk_buff *tcpx_make_roomy(struct sock *sk, struct sk_buff *tail,
				       struct sk_buff *skb)
{
	struct sk_buff *roomy;
	u32 len = tcpx_data_len(skb);

	if (!tcpx_is_small(tail) || !tcpx_is_small(skb) ||
	    skb_shinfo(skb)->tx_flags || skb_hwtstamps(skb)->hwtstamp ||
	    atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf / 2)
		return skb;
	roomy = tcpx_alloc_packed(TCPX_SKB_CB(skb)->seq);
	if (!roomy)
		return skb;
	if (len > skb_tailroom(roomy) || !sk_rmem_schedule(sk, roomy, roomy->truesize)) {
		kfree_skb(roomy);
		return skb;
	}
	skb_copy_bits(skb, 0, skb_put(roomy, len), len);
	TCPX_SKB_CB(roomy)->end_seq = TCPX_SKB_CB(skb)->end_seq;
	roomy->tstamp = skb->tstamp;
	consume_skb(skb);
	return roomy;
}

/* --- payload arrives --- */

/* Queue payload that is next in sequence; @skb holds nothing else, and is consumed */
static void tcpx_queue_data(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	if (tail && tcpx_coalesce(sk, tail, skb))
		return;
	if (tail)
		skb = tcpx_make_roomy(sk, tail, skb);
	tcpx_own_r(sk, skb);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/* Take the urgent octet out of the payload that holds it: 3.8.5 */
static void tcpx_take_urgent(struct sock *sk, const struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 off = tsk->urg_seq - TCPX_SKB_CB(skb)->seq;
	u8 octet;

	if (tsk->urg_data != TCPX_URG_NOTYET || off >= tcpx_data_len(skb))
		return;
	if (skb_copy_bits(skb, off, &octet, 1))
		return;
	WRITE_ONCE(tsk->urg_data, TCPX_URG_VALID | octet);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/* The nearest block that begins at @seq or before; NULL: none */
static struct sk_buff *tcpx_block_find(struct tcpx_sock *tsk, u32 seq, struct rb_node ***link,
				       struct rb_node **parent)
{
	struct sk_buff *below = NULL;

	*link = &tsk->ooo.rb_node;
	*parent = NULL;
	if (tsk->ooo_last && !tcpx_before(seq, TCPX_SKB_CB(tsk->ooo_last)->seq)) {
		/* The common case: the highest so far */
		below = tsk->ooo_last;
		*parent = &below->rbnode;
		*link = &(*parent)->rb_right;
		return below;
	}
	while (**link) {
		*parent = **link;
		if (tcpx_before(seq, TCPX_SKB_CB(rb_to_skb(*parent))->seq)) {
			*link = &(*parent)->rb_left;
		} else {
			below = rb_to_skb(*parent);
			*link = &(*parent)->rb_right;
		}
	}
	return below;
}

/* @skb begins a block of its own */
static void tcpx_block_new(struct sock *sk, struct sk_buff *skb, struct rb_node **link,
			   struct rb_node *parent)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	TCPX_SKB_CB(skb)->block.tail = skb;
	TCPX_SKB_CB(skb)->block.next = NULL;
	tcpx_own_r(sk, skb);
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &tsk->ooo);
	if (!rb_next(&skb->rbnode))
		tsk->ooo_last = skb;
}

/* @skb begins where the block ends, or overlaps its end */
static void tcpx_block_append(struct sock *sk, struct sk_buff *head, struct sk_buff *skb)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(head);

	if (tcpx_coalesce(sk, cb->block.tail, skb))
		return;
	skb = tcpx_make_roomy(sk, cb->block.tail, skb);
	tcpx_own_r(sk, skb);
	TCPX_SKB_CB(skb)->block.next = NULL;
	TCPX_SKB_CB(cb->block.tail)->block.next = skb;
	cb->block.tail = skb;
}

/* Merge the blocks that @head reaches now */
static void tcpx_block_absorb(struct tcpx_sock *tsk, struct sk_buff *head)
{
	struct sk_buff *other, *skb, *tail;
	struct rb_node *next;
	u32 end;

	while ((next = rb_next(&head->rbnode))) {
		other = rb_to_skb(next);
		end = tcpx_block_end(head);
		if (tcpx_after(TCPX_SKB_CB(other)->seq, end))
			return;
		if (tcpx_before(TCPX_SKB_CB(other)->seq, end))
			tcpx_sack_duplicate(&tsk->tcb, TCPX_SKB_CB(other)->seq,
					    tcpx_before(end, tcpx_block_end(other)) ?
					    end : tcpx_block_end(other));
		tcpx_block_erase(tsk, other);
		tail = TCPX_SKB_CB(other)->block.tail;
		/* Skbs that @head covers are duplicates */
		while (other && !tcpx_after(TCPX_SKB_CB(other)->end_seq, end)) {
			skb = other;
			other = TCPX_SKB_CB(skb)->block.next;
			tcpx_drop_kept(tsk, skb, TCPX_DROP_MERGED);
		}
		if (!other)
			continue;
		TCPX_SKB_CB(TCPX_SKB_CB(head)->block.tail)->block.next = other;
		TCPX_SKB_CB(head)->block.tail = tail;
	}
}

/* SHLD-31: keep payload that is beyond a hole; consumes @skb */
static void tcpx_ooo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 start = TCPX_SKB_CB(skb)->seq, end = TCPX_SKB_CB(skb)->end_seq;
	struct rb_node **link, *parent;
	struct sk_buff *head;

	head = tcpx_block_find(tsk, start, &link, &parent);
	if (!head || tcpx_after(start, tcpx_block_end(head))) {
		head = skb;
		tcpx_block_new(sk, skb, link, parent);
	} else if (tcpx_after(end, tcpx_block_end(head))) {
		if (tcpx_before(start, tcpx_block_end(head)))
			tcpx_sack_duplicate(&tsk->tcb, start, tcpx_block_end(head));
		tcpx_block_append(sk, head, skb);
	} else {
		tcpx_sack_duplicate(&tsk->tcb, start, end);
		tcpx_sack_kept(&tsk->tcb, TCPX_SKB_CB(head)->seq, tcpx_block_end(head));
		tcpx_drop_kept(tsk, skb, TCPX_DROP_MERGED);
		return;
	}
	tcpx_block_absorb(tsk, head);
	tcpx_sack_kept(&tsk->tcb, TCPX_SKB_CB(head)->seq, tcpx_block_end(head));
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_OOO_QUEUED);
}

/* Payload that was kept is next in sequence now, unless all of it is old */
static void tcpx_take_kept(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb);

	skb_orphan(skb);
	if (!tcpx_after(cb->end_seq, tcb->rcv_nxt)) {
		tcpx_drop_kept(tcpx_sk(sk), skb, TCPX_DROP_MERGED);
		return;
	}
	tcpx_take_urgent(sk, skb);
	tcpx_sk(sk)->bytes_received += cb->end_seq - tcb->rcv_nxt;
	tcpx_segment_ooo(tcb, cb->end_seq, ktime_get_ns(), a);
	tcpx_queue_data(sk, skb);
}

/* A hole is filled: queue what is next in sequence now, up to the next hole */
static void tcpx_ooo_drain(struct sock *sk, struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	struct sk_buff *skb, *next;
	struct rb_node *first;
	u32 end;

	while ((first = rb_first(&tsk->ooo))) {
		skb = rb_to_skb(first);
		if (tcpx_after(TCPX_SKB_CB(skb)->seq, tcb->rcv_nxt))
			break;
		end = tcpx_block_end(skb);
		if (tcpx_before(TCPX_SKB_CB(skb)->seq, tcb->rcv_nxt))
			tcpx_sack_duplicate(tcb, TCPX_SKB_CB(skb)->seq,
					    tcpx_before(tcb->rcv_nxt, end) ? tcb->rcv_nxt : end);
		tcpx_block_erase(tsk, skb);
		/* There is no payload beyond a FIN, whatever a segment claims */
		for (; skb && !(a->todo & TCPX_DO_PEER_CLOSED); skb = next) {
			next = TCPX_SKB_CB(skb)->block.next;
			tcpx_take_kept(sk, skb, a);
		}
		tcpx_chain_drop(tsk, skb, TCPX_DROP_CLOSED);
	}
	tcpx_ooo_report(tsk);
}

/* Trim @skb to the payload that is taken; false: no memory for that */
static bool tcpx_cut_data(struct sk_buff *skb, const struct tcpx_actions *a)
{
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb);
	u32 len = a->data_off + a->data_len;

	if (len < skb->len && pskb_trim(skb, len))
		return false;
	cb->end_seq = cb->seq + len;
	skb_dst_drop(skb);
	secpath_reset(skb);
	return true;
}

/**
 * tcpx_act_data() - queue a segment's payload: TCPX_DO_DATA and TCPX_DO_OOO
 * @sk: locked
 * @skb: the segment, its header pulled; consumed
 * @a: which part of it to take; takes what payload kept earlier leads to
 *
 * Context: process or softirq.
 */
void tcpx_act_data(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tcpx_rcvbuf_measure(&tsk->tcb, skb->len, skb->truesize);
	if (a->todo & TCPX_DO_OOO) {
		tsk->rcv_ooopack += tcpx_seg_count(skb);
		if (tcpx_cut_data(skb, a))
			tcpx_ooo_insert(sk, skb);
		else
			tcpx_drop_kept(tsk, skb, TCPX_DROP_NO_MEMORY);
		/* RFC 5681, 2: without SACK an ACK that changes the window is no duplicate */
		if (tsk->tcb.sack_ok)
			tcpx_tune_rcvbuf(sk);
		return;
	}
	/*
	 * RCV.NXT has moved, so this payload must not get lost for want of memory: what
	 * could not be trimmed stays in the skb, beyond end_seq.
	 */
	if (!tcpx_cut_data(skb, a))
		TCPX_SKB_CB(skb)->end_seq = TCPX_SKB_CB(skb)->seq + a->data_off + a->data_len;
	tsk->bytes_received += a->data_len;
	tcpx_take_urgent(sk, skb);
	tcpx_queue_data(sk, skb);
	if (!RB_EMPTY_ROOT(&tsk->ooo))
		tcpx_ooo_drain(sk, a);
	/* Before the ACK, so that its window tells the room that there is then */
	if (tcpx_rcv_over(sk))
		tcpx_collapse(sk);
	tcpx_data_ready(sk);
}

/**
 * tcpx_queue_repaired() - queue payload that the connection's former socket had received
 * @sk: locked, ESTABLISHED
 * @skb: nothing but the payload; consumed unless there is an error
 *
 * Context: process.
 * Return: 0, or -ENOBUFS: the receive buffer is full.
 */
int tcpx_queue_repaired(struct sock *sk, struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 len = skb->len;

	if (tcpx_rcv_over(sk))
		tcpx_collapse(sk);
	if (!tcpx_has_room(sk, skb))
		return -ENOBUFS;
	memset(TCPX_SKB_CB(skb), 0, sizeof(struct tcpx_skb_cb));
	TCPX_SKB_CB(skb)->seq = tsk->tcb.rcv_nxt;
	TCPX_SKB_CB(skb)->end_seq = tsk->tcb.rcv_nxt + len;
	tcpx_repair_received(&tsk->tcb, len);
	tsk->bytes_received += len;
	tcpx_queue_data(sk, skb);
	return 0;
}
