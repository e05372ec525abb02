/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire, and nothing else: RFC 9293, 3.1, figure 1, and the sequence
 * arithmetic of 3.4.  A segment of tcpx is byte for byte a segment of TCP.
 */
#ifndef _TCPX_HDR_H
#define _TCPX_HDR_H

#include <linux/types.h>

#define TCPX_HDR_LEN		20	/* without options */
#define TCPX_MAX_OPT_LEN	40
#define TCPX_MAX_HDR_LEN	(TCPX_HDR_LEN + TCPX_MAX_OPT_LEN)

#define TCPX_FIN		0x01
#define TCPX_SYN		0x02
#define TCPX_RST		0x04
#define TCPX_PSH		0x08
#define TCPX_ACK		0x10
#define TCPX_URG		0x20
#define TCPX_ECE		0x40
#define TCPX_CWR		0x80

/* RFC 3168, 5: the ECN field of IP */
#define TCPX_NOT_ECT		0
#define TCPX_ECT1		1
#define TCPX_ECT0		2
#define TCPX_CE			3

struct tcpx_hdr {
	__be16	source;
	__be16	dest;
	__be32	seq;
	__be32	ack;
	u8	off;		/* data offset in the high nibble, 32-bit words */
	u8	flags;
	__be16	window;
	__sum16	check;
	__be16	urg;
};

/* The length of the header in bytes, options included, as the wire says it */
static inline unsigned int tcpx_hdr_len(const struct tcpx_hdr *th)
{
	return (th->off >> 4) * 4;
}

/* RFC 9293, 3.4: arithmetic is modulo 2^32 */
static inline bool tcpx_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool tcpx_after(u32 a, u32 b)
{
	return (s32)(b - a) < 0;
}

/* low =< seq =< high */
static inline bool tcpx_between(u32 seq, u32 low, u32 high)
{
	return high - low >= seq - low;
}

#endif /* _TCPX_HDR_H */
