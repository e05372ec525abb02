/* SPDX-License-Identifier: GPL-2.0 */
/* A segment in its skb. */
#ifndef _TCPX_PATH_SKB_H
#define _TCPX_PATH_SKB_H

#include <linux/skbuff.h>

#include "../tcpx_fsm.h"
#include "../tcpx_hdr.h"

/* Where a segment's numbers are while it is ours; what IP has noted comes first */
struct tcpx_skb_cb {
	union {
		u8	ip[24];		/* what IP has noted, until it is heard */
		/* Payload that is kept: the next of its block; in the first, the last */
		struct {
			struct sk_buff *next;
			struct sk_buff *tail;
		} block;
	};
	u32	seq;
	u32	end_seq;	/* after the payload */
	bool	psh;		/* it has left with PSH */
	bool	ack_stamp;	/* SOF_TIMESTAMPING_TX_ACK was asked for */
	bool	eor;		/* MSG_EOR: no later payload joins it */
	u8	ip_ecn;		/* ECN field of its datagram */
	u32	isn_floor;	/* of a SYN that ended a TIME-WAIT; 0: none */
};

#define TCPX_SKB_CB(skb)	((struct tcpx_skb_cb *)&((skb)->cb[0]))

/* Bytes of payload; an skb may hold more where memory to cut it was short */
static inline u32 tcpx_data_len(const struct sk_buff *skb)
{
	return TCPX_SKB_CB(skb)->end_seq - TCPX_SKB_CB(skb)->seq;
}

static inline const struct tcpx_hdr *tcpx_hdr(const struct sk_buff *skb)
{
	return (const struct tcpx_hdr *)skb_transport_header(skb);
}

bool tcpx_parse(struct sk_buff *skb, struct tcpx_seg *seg);
void tcpx_free_segment(struct sk_buff *skb, u8 drop);

#endif /* _TCPX_PATH_SKB_H */
