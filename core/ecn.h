/* SPDX-License-Identifier: GPL-2.0 */
/* Explicit congestion notification: RFC 3168. */
#ifndef _TCPX_CORE_ECN_H
#define _TCPX_CORE_ECN_H

#include <linux/types.h>

struct tcpx_seg;
struct tcpx_tcb;

enum tcpx_ecn_mode {
	TCPX_ECN_OFF,
	TCPX_ECN_CLASSIC,		/* RFC 3168 */
};

/* struct tcpx_ecn.wanted: what asks for ECN, even where the sysctl does not */
#define TCPX_ECN_ALGORITHM	0x01	/* RFC 8257 */
#define TCPX_ECN_ROUTE		0x02

/**
 * struct tcpx_ecn - explicit congestion notification
 * @mode: enum tcpx_ecn_mode, agreed with the peer
 * @wanted: TCPX_ECN_*
 * @demand: echo congestion
 * @cwr: the next new data says that cwnd was reduced
 * @seen: the peer has sent ECN-capable segments
 * @reacted: SND.NXT when cwnd was reduced last: an echo up to there is no news
 */
struct tcpx_ecn {
	u8	mode;
	u8	wanted;
	bool	demand;
	bool	cwr;
	bool	seen;
	u32	reacted;
};

u8 tcpx_ecn_syn(const struct tcpx_tcb *tcb, u8 flags);
void tcpx_ecn_negotiate(struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
bool tcpx_ecn_ack_first(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
bool tcpx_ecn_rcv(struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
void tcpx_ecn_flags(struct tcpx_tcb *tcb, struct tcpx_seg *seg);

#endif /* _TCPX_CORE_ECN_H */
