/* SPDX-License-Identifier: GPL-2.0 */
/* A segment in its skb: struct tcpx_skb_cb, its header, its end. */
#ifndef _TCPX_PATH_SKB_H
#define _TCPX_PATH_SKB_H

#include <linux/skbuff.h>

#include "../tcpx_fsm.h"
#include "../tcpx_hdr.h"

struct tcpx_tuple;

/* skb->cb of a segment, while it is ours */
struct tcpx_skb_cb {
	union {
		u8	ip[24];		/* IP's own cb, until tcpx_family.heard() has read it */
		/* Out-of-order payload: the next skb of its block; in the first, the last */
		struct {
			struct sk_buff *next;
			struct sk_buff *tail;
		} block;
	};
	u32	seq;
	u32	end_seq;	/* after the payload */
	bool	psh;		/* it was sent with PSH */
	bool	ack_stamp;	/* SOF_TIMESTAMPING_TX_ACK was asked for */
	bool	eor;		/* MSG_EOR: no later payload may be appended */
	u32	isn_floor;	/* of a SYN that ended a TIME-WAIT: the least ISS; 0: none */
};

#define TCPX_SKB_CB(skb)	((struct tcpx_skb_cb *)&((skb)->cb[0]))

/**
 * tcpx_data_len() - length of a queued segment's payload
 * @skb: the segment, its TCPX_SKB_CB() filled in
 *
 * skb->len may be more, where there was no memory to trim it.
 *
 * Context: any.
 * Return: bytes.
 */
static inline u32 tcpx_data_len(const struct sk_buff *skb)
{
	return TCPX_SKB_CB(skb)->end_seq - TCPX_SKB_CB(skb)->seq;
}

/**
 * tcpx_seg_count() - how many segments were merged in one, or will be cut from it
 * @skb: what has arrived, or was given to IP
 *
 * Context: any.
 * Return: 1 or more.
 */
static inline u16 tcpx_seg_count(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_segs ?: 1;
}

static inline const struct tcpx_hdr *tcpx_hdr(const struct sk_buff *skb)
{
	return (const struct tcpx_hdr *)skb_transport_header(skb);
}

bool tcpx_parse(struct sk_buff *skb, struct tcpx_seg *seg);
void tcpx_note_drop(struct net *net, const struct tcpx_tuple *tuple, u32 seq, u8 flags, u8 drop);
void tcpx_free_segment(struct sk_buff *skb, u8 drop);
void tcpx_discard(struct net *net, const struct tcpx_tuple *tuple, struct sk_buff *skb, u8 drop);

#endif /* _TCPX_PATH_SKB_H */
