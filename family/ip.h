/* SPDX-License-Identifier: GPL-2.0 */
/* What IPv4 and IPv6 do alike: check a header, sum a segment, answer without a socket. */
#ifndef _TCPX_FAMILY_IP_H
#define _TCPX_FAMILY_IP_H

#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "../path/demux.h"
#include "../path/skb.h"

struct dst_entry;
struct tcpx_arrival;

/**
 * tcpx_ip_header_ok() - is a segment's header whole, its offset legal, its checksum right?
 * @net: namespace
 * @skb: the segment, from its TCP header on; consumed and counted unless true is returned
 * @proto: the protocol number on the wire
 * @pseudo: the family's sum over the pseudo-header
 *
 * Context: softirq.
 * Return: true if it is; then its header is in the linear part.
 */
static __always_inline bool tcpx_ip_header_ok(struct net *net, struct sk_buff *skb, u8 proto,
					      __wsum (*pseudo)(struct sk_buff *skb, int proto))
{
	unsigned int hlen;

	if (!pskb_may_pull(skb, TCPX_HDR_LEN))
		goto bad;
	hlen = tcpx_hdr_len(tcpx_hdr(skb));
	if (hlen < TCPX_HDR_LEN || !pskb_may_pull(skb, hlen))
		goto bad;
	/* MUST-3 */
	if (skb_checksum_init(skb, proto, pseudo) || skb_checksum_complete(skb)) {
		tcpx_discard(net, skb, TCPX_MIB_IN_CSUM_ERRORS, SKB_DROP_REASON_TCP_CSUM);
		return false;
	}
	return true;
bad:
	tcpx_discard(net, skb, TCPX_MIB_IN_HDR_ERRORS, SKB_DROP_REASON_PKT_TOO_SMALL);
	return false;
}

void tcpx_ip_checksum(struct sk_buff *skb, const struct dst_entry *dst, __sum16 pseudo);
struct sk_buff *tcpx_ip_answer(struct sock *ctl, const struct tcpx_arrival *in,
			       struct dst_entry *dst, const struct tcpx_seg *seg);
int tcpx_ip_ctl_init(struct sock * __percpu *ctl, int family);
void tcpx_ip_ctl_exit(struct sock * __percpu *ctl);

#endif /* _TCPX_FAMILY_IP_H */
