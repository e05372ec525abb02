// SPDX-License-Identifier: GPL-2.0
/*
 * The IPv4 header of a segment.
 *
 * The kernel's functions that make one, ip_queue_xmit() and ip_build_and_send_pkt(),
 * take the protocol number from sk_protocol.  That has to be tcpx's own whatever is on
 * the wire, since generic code casts a socket that says IPPROTO_TCP to struct
 * tcp_sock.  So headers are made here, for every protocol number alike, and go where
 * those of the kernel go: to ip_local_out(), and from there through IPsec, netfilter,
 * the programs of control groups and the queues, which see the number on the wire.
 */
#include <net/inet_sock.h>
#include <net/ip.h>

#include "ipv4_header.h"

/*
 * Fill in what this host has to add to a Record Route or Timestamp option.
 * ip_options_compile() has moved the option's pointer beyond its slot, counting from 1.
 */
static void tcpx_v4_fill_slot(u8 *option, unsigned int size, const void *be32)
{
	memcpy(option + option[2] - 1 - size, be32, 4);
}

/* RFC 791, 3.1: milliseconds since midnight, UT */
static __be32 tcpx_v4_time(void)
{
	u32 ms;

	div_u64_rem(ktime_to_ms(ktime_get_real()), 24 * 3600 * MSEC_PER_SEC, &ms);
	return htonl(ms);
}

static void tcpx_v4_write_options(struct sk_buff *skb, const struct ip_options *opt,
				  const struct tcpx_tuple *t)
{
	u8 *iph = skb_network_header(skb);
	__be32 stamp;

	/* For IP, should it fragment the datagram */
	IPCB(skb)->opt = *opt;
	memcpy(iph + sizeof(struct iphdr), opt->__data, opt->optlen);
	/* The last hop of a source route is the peer */
	if (opt->srr)
		memcpy(iph + opt->srr + iph[opt->srr + 1] - 4, &t->raddr, 4);
	if (opt->rr_needaddr)
		tcpx_v4_fill_slot(iph + opt->rr, 4, &t->laddr);
	if (opt->ts_needaddr)
		tcpx_v4_fill_slot(iph + opt->ts, 8, &t->laddr);
	if (opt->ts_needtime) {
		stamp = tcpx_v4_time();
		tcpx_v4_fill_slot(iph + opt->ts, 4, &stamp);
	}
}

/**
 * tcpx_v4_build_header() - write an IPv4 header in front of a segment
 * @skb: the segment, its cb zero; takes the header
 * @t: the 4-tuple, and the protocol number
 * @h: what else it says
 *
 * Length and checksum are ip_local_out()'s, the identification is 0: right for an
 * atomic datagram (RFC 6864, 4.1), and else the caller's.
 *
 * Context: any; rcu_read_lock() where @h->opt is a socket's.
 */
void tcpx_v4_build_header(struct sk_buff *skb, const struct tcpx_tuple *t,
			  const struct tcpx_v4_header *h)
{
	const struct ip_options *opt = h->opt ? &h->opt->opt : NULL;
	unsigned int len = sizeof(struct iphdr) + (opt ? opt->optlen : 0);
	struct iphdr *iph = skb_push(skb, len);

	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = IPVERSION, .ihl = len / 4, .tos = h->tos, .ttl = h->ttl,
		.frag_off = h->df ? htons(IP_DF) : 0, .protocol = t->wire,
		.saddr = t->laddr, .daddr = opt && opt->srr ? opt->faddr : t->raddr,
	};
	if (len > sizeof(*iph))
		tcpx_v4_write_options(skb, opt, t);
}
