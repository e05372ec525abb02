/* SPDX-License-Identifier: GPL-2.0 */
/* What an ICMP message does to a connection: RFC 9293, 3.9.2.2. */
#ifndef _TCPX_PATH_ICMP_H
#define _TCPX_PATH_ICMP_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct tcpx_arrival;

enum tcpx_icmp_kind {
	TCPX_ICMP_SOFT,		/* an error that may pass: MUST-56 */
	TCPX_ICMP_BREAK,	/* a soft error that tells of a broken path: RFC 6069, 4.1 */
	TCPX_ICMP_HARD,		/* an error that ends what is not yet established: SHLD-26 */
	TCPX_ICMP_TOO_BIG,	/* RFC 1191, RFC 8201 */
	TCPX_ICMP_REDIRECT,
};

/**
 * struct tcpx_icmp - an ICMP message, as its family reads it
 * @kind: what it means
 * @err: positive errno; 0: nothing
 * @mtu: TCPX_ICMP_TOO_BIG: bytes
 * @seq: SEG.SEQ of what met the error
 */
struct tcpx_icmp {
	enum tcpx_icmp_kind kind;
	int	err;
	u32	mtu;
	u32	seq;
};

int tcpx_icmp_rcv(const struct tcpx_arrival *met, struct sk_buff *skb,
		  const struct tcpx_icmp *icmp);
void tcpx_icmp_too_big(struct sock *sk);

#endif /* _TCPX_PATH_ICMP_H */
