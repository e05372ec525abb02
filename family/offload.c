// SPDX-License-Identifier: GPL-2.0
/*
 * One skb for several segments, under a protocol number of our own: GSO and GRO.
 *
 * The kernel asks the IP protocol to cut an skb where the device can't, and whether what
 * a device has received one after the other is one stream.  Under wire protocol 6 that is
 * TCP, and nobody asks here.
 *
 * Two segments are merged where TCP's would be: the header is the same, so TCP's own
 * function decides.  Only the checksum is another, since it covers the protocol number.
 */
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/gro.h>
#include <net/protocol.h>
#include <net/tcp.h>

#include "../net/net.h"
#include "../path/host_queue.h"
#include "../path/input.h"
#include "../path/skb.h"
#include "../tcpx_compat.h"
#include "offload.h"

/* RFC 9293, 3.1: one segment's header, made from that of all of them */
static void tcpx_offload_header(struct sk_buff *seg, u32 seq, u8 flags, unsigned int whole)
{
	struct tcpx_hdr *th = (struct tcpx_hdr *)skb_transport_header(seg);
	unsigned int len = seg->len - skb_transport_offset(seg);

	th->seq = htonl(seq);
	th->flags = flags;
	/* So far the sum is that of the pseudo-header, which counts the length */
	th->check = csum16_add(csum16_sub(th->check, htons(whole)), htons(len));
	if (seg->ip_summed == CHECKSUM_PARTIAL)
		gso_reset_checksum(seg, csum_unfold(~th->check));
	else
		th->check = gso_make_checksum(seg, csum_unfold(~th->check));
}

/* PSH and FIN are the last one's, CWR is the first one's (RFC 3168, 6.1.2) */
static u8 tcpx_offload_flags(u8 flags, bool first, bool last)
{
	if (!first)
		flags &= ~TCPX_CWR;
	if (!last)
		flags &= ~(TCPX_PSH | TCPX_FIN);
	return flags;
}

/* @segs: cut from what was @whole bytes long, from its TCP header on */
static void tcpx_offload_headers(struct sk_buff *segs, unsigned int part, unsigned int whole)
{
	const struct tcpx_hdr *th = tcpx_hdr(segs);
	u32 seq = ntohl(th->seq);
	u8 flags = th->flags;
	struct sk_buff *seg;

	for (seg = segs; seg; seg = seg->next) {
		tcpx_offload_header(seg, seq, tcpx_offload_flags(flags, seg == segs, !seg->next),
				    whole);
		seq += part;
	}
}

/* Callback of struct net_offload; the transport header is set, and IP's is pulled */
static struct sk_buff *tcpx_offload_segment(struct sk_buff *skb, netdev_features_t features)
{
	unsigned int part = skb_shinfo(skb)->gso_size, whole = skb->len, hlen;
	struct sk_buff *segs;

	if (!(skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) ||
	    !pskb_may_pull(skb, TCPX_HDR_LEN))
		return ERR_PTR(-EINVAL);
	hlen = tcpx_hdr_len(tcpx_hdr(skb));
	if (hlen < TCPX_HDR_LEN || !pskb_may_pull(skb, hlen) || whole - hlen <= part)
		return ERR_PTR(-EINVAL);
	__skb_pull(skb, hlen);
	/* Devices that sum for TCP and UDP alone can't for us */
	if (!(features & NETIF_F_HW_CSUM))
		features &= ~NETIF_F_CSUM_MASK;
	segs = skb_segment(skb, features);
	if (IS_ERR(segs))
		return segs;
	tcpx_offload_headers(segs, part, whole);
	if (segs->prev->sk && tcpx_is_sock(segs->prev->sk))
		tcpx_own_last(segs->prev);
	return segs;
}

/*
 * Does @tcp merge @skb with one of @head?  @sum_bad: the checksum is wrong.  What is not
 * merged arrives as it is, and its checksum is looked at then.
 */
static struct sk_buff *tcpx_offload_merge(struct list_head *head, struct sk_buff *skb,
					  bool sum_bad, const struct net_offload *tcp)
{
	struct napi_gro_cb *cb = NAPI_GRO_CB(skb);

	/* Where the device wants lists of whole packets, TCP looks among its own sockets */
	if (sum_bad || !tcp || skb->dev->features & NETIF_F_GRO_FRAGLIST) {
		cb->flush = 1;
		return NULL;
	}
	/*
	 * One checksum more is known to be right: TCP takes it for its own.  What IP has said
	 * not to merge (a short frame, padded) must not overtake those of @head either.
	 */
	cb->csum_cnt++;
	return tcp->callbacks.gro_receive(head, skb);
}

/* Several segments are one skb now: the sum is that of the pseudo-header, as in what is sent */
static int tcpx_offload_merged(struct sk_buff *skb, __sum16 sum, unsigned int type)
{
	struct tcpx_hdr *th = (struct tcpx_hdr *)skb_transport_header(skb);

	th->check = ~sum;
	skb_shinfo(skb)->gso_type |= type | SKB_GSO_SCTP;
	tcp_gro_complete(skb);
	return 0;
}

/* Callbacks of struct net_offload, in softirq: IP's header is pulled, by GRO's own count */
static struct sk_buff *tcpx_offload4_receive(struct list_head *head, struct sk_buff *skb)
{
	bool sum_bad = !NAPI_GRO_CB(skb)->flush &&
		       skb_gro_checksum_validate(skb, tcpx_ipproto, inet_gro_compute_pseudo);

	return tcpx_offload_merge(head, skb, sum_bad, rcu_dereference(inet_offloads[IPPROTO_TCP]));
}

static int tcpx_offload4_complete(struct sk_buff *skb, int offset)
{
	const struct iphdr *iph = ip_hdr(skb);

	return tcpx_offload_merged(skb, csum_tcpudp_magic(iph->saddr, iph->daddr,
							  skb->len - offset, tcpx_ipproto, 0),
				   SKB_GSO_TCPV4);
}

static const struct net_offload tcpx_offload4 = {
	.callbacks = {
		.gso_segment = tcpx_offload_segment,
		.gro_receive = tcpx_offload4_receive,
		.gro_complete = tcpx_offload4_complete,
	},
};

#if IS_ENABLED(CONFIG_IPV6)
static struct sk_buff *tcpx_offload6_receive(struct list_head *head, struct sk_buff *skb)
{
	bool sum_bad = !NAPI_GRO_CB(skb)->flush &&
		       skb_gro_checksum_validate(skb, tcpx_ipproto, ip6_gro_compute_pseudo);

	return tcpx_offload_merge(head, skb, sum_bad, rcu_dereference(inet6_offloads[IPPROTO_TCP]));
}

static int tcpx_offload6_complete(struct sk_buff *skb, int offset)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);

	return tcpx_offload_merged(skb, csum_ipv6_magic(&iph->saddr, &iph->daddr,
							skb->len - offset, tcpx_ipproto, 0),
				   SKB_GSO_TCPV6);
}

static const struct net_offload tcpx_offload6 = {
	.callbacks = {
		.gso_segment = tcpx_offload_segment,
		.gro_receive = tcpx_offload6_receive,
		.gro_complete = tcpx_offload6_complete,
	},
};
#endif

/**
 * tcpx_offload_init() - the kernel may ask how to cut and to merge; process context
 *
 * Return: 0, or -EBUSY where another module does that for this number.
 */
int tcpx_offload_init(void)
{
	if (inet_add_offload(&tcpx_offload4, tcpx_ipproto))
		goto taken;
#if IS_ENABLED(CONFIG_IPV6)
	if (inet6_add_offload(&tcpx_offload6, tcpx_ipproto)) {
		inet_del_offload(&tcpx_offload4, tcpx_ipproto);
		goto taken;
	}
#endif
	return 0;
taken:
	pr_err("tcpx: offload of IP protocol number %u is in use\n", tcpx_ipproto);
	return -EBUSY;
}

/**
 * tcpx_offload_exit() - undo tcpx_offload_init(); waits until nobody cuts or merges
 */
void tcpx_offload_exit(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	inet6_del_offload(&tcpx_offload6, tcpx_ipproto);
#endif
	inet_del_offload(&tcpx_offload4, tcpx_ipproto);
}
