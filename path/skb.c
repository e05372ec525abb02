// SPDX-License-Identifier: GPL-2.0
/*
 * A segment in its skb: reading its header, and freeing it, with a reason if it is
 * dropped.
 */
#include "../net/mib.h"
#include "../net/trace.h"
#include "../tcpx_compat.h"
#include "skb.h"

/**
 * tcpx_parse() - read a segment's header
 * @skb: transport header set, header in the linear part, its length legal
 * @seg: filled in, but for what the socket knows (ooo, no_room, data_waits, ip_ecn)
 *
 * Context: any.
 * Return: false if an option has an illegal length; those before it count.
 */
bool tcpx_parse(struct sk_buff *skb, struct tcpx_seg *seg)
{
	const struct tcpx_hdr *th = tcpx_hdr(skb);
	unsigned int hlen = tcpx_hdr_len(th);

	seg->seq = ntohl(th->seq);
	seg->ack = ntohl(th->ack);
	seg->len = skb->len - skb_transport_offset(skb) - hlen;
	seg->wnd = ntohs(th->window);
	seg->up = ntohs(th->urg);
	seg->flags = th->flags;
	seg->ip_ecn = 0;
	seg->no_room = false;
	seg->ooo = false;
	seg->data_waits = false;
	seg->part = skb_shinfo(skb)->gso_size;
	tcpx_opt_parse((const u8 *)(th + 1), hlen - TCPX_HDR_LEN, th->flags & TCPX_SYN,
		       &seg->opt);
	return !(seg->opt.has & TCPX_HAS_BAD_LEN);
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
	[TCPX_DROP_HEADER]	= SKB_DROP_REASON_PKT_TOO_SMALL,
	[TCPX_DROP_CHECKSUM]	= SKB_DROP_REASON_TCP_CSUM,
	[TCPX_DROP_NOT_HOST]	= SKB_DROP_REASON_OTHERHOST,
	[TCPX_DROP_NO_SOCKET]	= SKB_DROP_REASON_NO_SOCKET,
	[TCPX_DROP_POLICY]	= SKB_DROP_REASON_XFRM_POLICY,
	[TCPX_DROP_FILTER]	= SKB_DROP_REASON_SOCKET_FILTER,
	[TCPX_DROP_MIN_TTL]	= SKB_DROP_REASON_TCP_MINTTL,
	[TCPX_DROP_BACKLOG]	= SKB_DROP_REASON_SOCKET_BACKLOG,
	[TCPX_DROP_LISTEN_FULL]	= SKB_DROP_REASON_TCP_LISTEN_OVERFLOW,
	[TCPX_DROP_NO_ROUTE]	= SKB_DROP_REASON_IP_OUTNOROUTES,
	[TCPX_DROP_NO_MEMORY]	= SKB_DROP_REASON_NOMEM,
	[TCPX_DROP_MERGED]	= SKB_DROP_REASON_TCP_OFOMERGE,
	[TCPX_DROP_PRUNED]	= SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE,
	[TCPX_DROP_MD5_MISSING]	= SKB_DROP_REASON_TCP_MD5NOTFOUND,
	[TCPX_DROP_MD5_UNEXPECTED] = SKB_DROP_REASON_TCP_MD5UNEXPECTED,
	[TCPX_DROP_MD5_WRONG]	= SKB_DROP_REASON_TCP_MD5FAILURE,
};

/**
 * tcpx_note_drop() - count and trace a segment, or payload, that goes no further
 * @net: namespace
 * @tuple: what it was for, or would have been; ports of 0 if it has none
 * @seq: its SEG.SEQ
 * @flags: its flags; 0: it is payload that was kept
 * @drop: enum tcpx_drop; 0: it was not dropped
 *
 * Context: any.
 */
void tcpx_note_drop(struct net *net, const struct tcpx_tuple *tuple, u32 seq, u8 flags, u8 drop)
{
	if (!drop)
		return;
	tcpx_mib_drop(net, drop);
	trace_tcpx_drop(tuple, seq, flags, drop);
}

/**
 * tcpx_free_segment() - a segment has been processed, or dropped
 * @skb: the segment, or NULL
 * @drop: enum tcpx_drop: the reason that drop_monitor is told; 0: it was processed
 *
 * Context: any.
 */
void tcpx_free_segment(struct sk_buff *skb, u8 drop)
{
	if (drop)
		kfree_skb_reason(skb, tcpx_drop_reasons[drop]);
	else
		consume_skb(skb);
}

/**
 * tcpx_discard() - drop a segment before it is read: count, trace and free it
 * @net: namespace
 * @tuple: what it was for
 * @skb: transport header set; consumed
 * @drop: enum tcpx_drop
 *
 * Context: any.
 */
__cold void tcpx_discard(struct net *net, const struct tcpx_tuple *tuple, struct sk_buff *skb,
			 u8 drop)
{
	const struct tcpx_hdr *th;
	struct tcpx_hdr buf;

	/* It may be cut short */
	th = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buf), &buf);
	tcpx_note_drop(net, tuple, th ? ntohl(th->seq) : 0, th ? th->flags : 0, drop);
	tcpx_free_segment(skb, drop);
}
