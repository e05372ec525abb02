// SPDX-License-Identifier: GPL-2.0
/*
 * Appending to the write queue: payload is copied into page fragments, or is in pages of
 * the user's (sock/zerocopy.c), of a file or of a pipe, each skb of sk_write_queue a
 * segment's worth, or as many segments as leave in one piece.
 */
#include <net/sock.h>

#include "../path/gso.h"
#include "../path/memory.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../tcpx_compat.h"
#include "page_frag.h"
#include "write_queue.h"

/*
 * Charge the socket for up to @size bytes; how many.  When all sockets together are over
 * the limit, each still gets up to wmem[0], so that memory pressure slows a connection
 * down but never stops it.  That is charged, too, so other sockets get less.
 */
static int tcpx_wmem_grant(struct sock *sk, int size)
{
	/* What comes into an empty queue is granted in any case */
	if (skb_queue_empty(&sk->sk_write_queue) && tcpx_mem_force(sk, size))
		return size;
	if (sk_wmem_schedule(sk, size))
		return size;
	size = clamp(tcpx_sk_net(sk)->wmem[0] - sk->sk_wmem_queued, 0, size);
	tcpx_mem_force(sk, size);
	return size;
}

/**
 * tcpx_append() - add an empty skb to the end of the write queue
 * @sk: locked
 *
 * Context: process, may sleep.  Return: the skb, or NULL: no memory.
 */
struct sk_buff *tcpx_append(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *skb;

	skb = alloc_skb_fclone(TCPX_MAX_HEADER, sk->sk_allocation);
	if (!skb)
		return NULL;
	if (tcpx_wmem_grant(sk, skb->truesize) < skb->truesize) {
		kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, TCPX_MAX_HEADER);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(TCPX_SKB_CB(skb), 0, sizeof(struct tcpx_skb_cb));
	TCPX_SKB_CB(skb)->seq = tsk->tcb.write_seq;
	TCPX_SKB_CB(skb)->end_seq = tsk->tcb.write_seq;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	if (!tsk->send_head)
		tsk->send_head = skb;
	return skb;
}

/* So many bytes more are in @skb, the last one */
static int tcpx_filled(struct sock *sk, struct sk_buff *skb, int n)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	TCPX_SKB_CB(skb)->end_seq += n;
	WRITE_ONCE(tcb->write_seq, tcb->write_seq + n);
	return n;
}

/* Charge for what of @msg goes into @skb by its pages; bytes */
static int tcpx_grant_pages(struct sock *sk, const struct sk_buff *skb, struct msghdr *msg)
{
	return tcpx_wmem_grant(sk, min_t(size_t, tcpx_gso_goal(sk) - skb->len,
					 msg_data_left(msg)));
}

/**
 * tcpx_fill() - copy payload into an skb
 * @sk: locked
 * @skb: the last one of the write queue, not sent yet
 * @msg: the payload; advanced by what is copied
 * @goal: bytes that the skb is to hold, more than it does
 *
 * Context: process, may sleep.
 * Return: bytes copied, -EFAULT, or 0: no memory, or no fragment free.
 */
int tcpx_fill(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 goal)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	int nr = skb_shinfo(skb)->nr_frags, copy, err;
	bool merge;

	if (!tcpx_page_frag_refill(sk, pfrag))
		return 0;
	merge = skb_can_coalesce(skb, nr, pfrag->page, pfrag->offset);
	if (!merge && nr == MAX_SKB_FRAGS)
		return 0;
	copy = min_t(int, goal - skb->len, pfrag->size - pfrag->offset);
	copy = min_t(size_t, copy, msg_data_left(msg));
	copy = tcpx_wmem_grant(sk, copy);
	if (!copy)
		return 0;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, pfrag->page,
				       pfrag->offset, copy);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[nr - 1], copy);
	} else {
		skb_zcopy_downgrade_managed(skb);
		skb_fill_page_desc(skb, nr, pfrag->page, pfrag->offset, copy);
		page_ref_inc(pfrag->page);
	}
	pfrag->offset += copy;
	return tcpx_filled(sk, skb, copy);
}

/**
 * tcpx_fill_pages() - add pages of the user's to an skb, until that is full
 * @sk: locked
 * @skb: the last one of the write queue, not sent yet
 * @msg: the payload; advanced by what is added
 * @uarg: what is told when the pages are free again
 *
 * Context: process, may sleep.
 * Return: bytes added, 0: no memory, -EFAULT, or -EMSGSIZE: it takes another skb.
 */
int tcpx_fill_pages(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		    struct ubuf_info *uarg)
{
	int n = tcpx_grant_pages(sk, skb, msg);

	if (!n)
		return 0;
	n = tcpx_zerocopy_append(sk, skb, msg, n, uarg);
	/* Whole pages are charged */
	tcpx_mem_force(sk, 0);
	if (n < 0)
		return n == -EEXIST ? -EMSGSIZE : n;
	return tcpx_filled(sk, skb, n);
}

/**
 * tcpx_fill_spliced() - refer to pages of a file or a pipe in an skb, until that is full
 * @sk: locked
 * @skb: the last one of the write queue, not sent yet
 * @msg: the payload; advanced by what is added
 *
 * Context: process, may sleep.
 * Return: bytes added, 0: no memory, or -EMSGSIZE: it takes another skb.
 */
int tcpx_fill_spliced(struct sock *sk, struct sk_buff *skb, struct msghdr *msg)
{
	int n = tcpx_grant_pages(sk, skb, msg);

	if (!n)
		return 0;
	skb_zcopy_downgrade_managed(skb);
	n = tcpx_splice_append(skb, msg, n, sk->sk_allocation);
	if (n <= 0)
		return n;
	/* Whoever owns them may write to them meanwhile: nobody else is to */
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	return tcpx_filled(sk, skb, n);
}

/**
 * tcpx_drop_empty_tail() - free the last skb if tcpx_fill() put nothing into it
 * @sk: locked
 *
 * An skb of the write queue is never empty otherwise.
 */
void tcpx_drop_empty_tail(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || skb->len)
		return;
	__skb_unlink(skb, &sk->sk_write_queue);
	if (tcpx_sk(sk)->send_head == skb)
		tcpx_sk(sk)->send_head = NULL;
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	kfree_skb(skb);
}
