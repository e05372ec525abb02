// SPDX-License-Identifier: GPL-2.0
/*
 * Source routes: RFC 9293, 3.9.2.1, with the formats of RFC 791, 3.1 and the
 * rules of RFC 1122, 3.2.1.8 (c).  Pure: bytes to bytes.
 *
 * A source route is kind, length, pointer and then addresses; each host on the
 * way puts its own address in the place of the one it has used, and moves the
 * pointer on.  Once the pointer is past the end, the addresses are the way back
 * to the source, the other way round.
 */
#include <linux/string.h>
#include <linux/types.h>

#include "ip_option.h"

#define TCPX_IPOPT_END	0
#define TCPX_IPOPT_NOP	1
#define TCPX_IPOPT_LSRR	131
#define TCPX_IPOPT_SSRR	137

#define TCPX_SRR_HEAD	3	/* kind, length, pointer */
#define TCPX_SRR_FIRST	4	/* the pointer counts from one */

static bool tcpx_ipopt_is_srr(u8 kind)
{
	return kind == TCPX_IPOPT_LSRR || kind == TCPX_IPOPT_SSRR;
}

/**
 * tcpx_ipopt_return() - the way back that a completed source route shows
 * @srr: the option as it arrived; all of its length is there
 * @saddr: the source address of its datagram
 * @out: at least TCPX_IPOPT_MAX bytes; takes the option, padded, as a program
 *	 would give it to IP_OPTIONS: the first address is the first hop
 *
 * RFC 9293, 3.9.2.1 (MUST-53).  RFC 1122, 3.2.1.8 (c): some hosts put the source
 * itself in front of the route; that is no hop.
 *
 * Return: bytes of @out, a multiple of 4; 0: there is no way back in it.
 */
unsigned int tcpx_ipopt_return(const u8 *srr, __be32 saddr, u8 *out)
{
	unsigned int len = srr[1], first = TCPX_SRR_HEAD, n = TCPX_SRR_HEAD, at;

	if (!tcpx_ipopt_is_srr(srr[0]) || len < TCPX_SRR_HEAD + 4 ||
	    len > TCPX_IPOPT_MAX || (len - TCPX_SRR_HEAD) % 4 || srr[2] <= len)
		return 0;
	if (!memcmp(srr + first, &saddr, 4))
		first += 4;
	for (at = len; at > first; at -= 4, n += 4)
		memcpy(out + n, srr + at - 4, 4);
	if (n == TCPX_SRR_HEAD)
		return 0;
	out[0] = srr[0];
	out[1] = n;
	out[2] = TCPX_SRR_FIRST;
	out[n++] = TCPX_IPOPT_END;
	return n;
}

/**
 * tcpx_ipopt_final() - where a datagram goes in the end
 * @p: the options of its header, of any contents
 * @len: their bytes
 * @daddr: its destination address; with a source route, the next hop
 *
 * Return: the last address of a source route that is not completed, or @daddr.
 */
__be32 tcpx_ipopt_final(const u8 *p, unsigned int len, __be32 daddr)
{
	const u8 *end = p + len;

	while (p < end && *p != TCPX_IPOPT_END) {
		if (*p == TCPX_IPOPT_NOP) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p[1] > end - p)
			break;
		if (tcpx_ipopt_is_srr(p[0]) && p[1] >= TCPX_SRR_HEAD + 4 && p[2] <= p[1]) {
			memcpy(&daddr, p + p[1] - 4, 4);
			break;
		}
		p += p[1];
	}
	return daddr;
}
