// SPDX-License-Identifier: GPL-2.0
/*
 * Several segments in one skb (generic segmentation offload).
 *
 * All full segments that may leave at one moment go down the stack as one skb, with one
 * header.  The device cuts it, or the kernel just before the device; what arrives on this
 * host, as through veth, is not cut at all.
 *
 * Under wire protocol 6 they are TCP's segments: whatever cuts those cuts ours.  Under a
 * number of our own no device knows how.  The type that says so is TCP's, whose header it
 * is, and SCTP's in addition: a device that claims both cuts nothing itself, as veth and
 * loopback, which hand over what they are given.  For all others the kernel asks the
 * family (family/offload.c).
 */
#include <linux/minmax.h>
#include <net/dst.h>
#include <net/sock.h>

#include "family.h"
#include "gso.h"
#include "skb.h"
#include "sock.h"

/* As the kernel's TCP has it: where the device's GSO is off, the kernel cuts just above it */
static void tcpx_gso_software(struct sock *sk, const struct net_device *dev)
{
	sk->sk_route_caps |= NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_GSO | NETIF_F_GSO_SOFTWARE;
	sk->sk_gso_max_size = min_t(u32, READ_ONCE(dev->gso_max_size), GSO_LEGACY_MAX_SIZE) -
			      (TCPX_MAX_HEADER + 1);
	sk->sk_gso_max_segs = max_t(u32, READ_ONCE(dev->gso_max_segs), 1);
}

/**
 * tcpx_gso_route() - a socket gets a route: what its device takes
 * @sk: locked, or not yet visible
 * @dst: the route; its reference is consumed
 *
 * Context: any but hard interrupt.
 */
void tcpx_gso_route(struct sock *sk, struct dst_entry *dst)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);

	sk->sk_gso_type = tsk->family->family == AF_INET ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	if (tsk->wire != IPPROTO_TCP)
		sk->sk_gso_type |= SKB_GSO_SCTP;
	sk_setup_caps(sk, dst);
	if (sk_can_gso(sk) || sk->sk_gso_disabled || dst->header_len)
		return;
	rcu_read_lock();
	tcpx_gso_software(sk, dst->dev);
	rcu_read_unlock();
}

/**
 * tcpx_gso_goal() - how much payload goes into one skb
 * @sk: locked
 *
 * Context: any.
 * Return: bytes: as many full segments as the device of the route takes at once.
 */
u32 tcpx_gso_goal(const struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 mss = tcb->snd_mss, most;

	if (!sk_can_gso(sk))
		return mss;
	/* Half of the peer's buffer, so that the other half is on its way meanwhile */
	most = min_t(u32, sk->sk_gso_max_size, tcb->max_snd_wnd / 2);
	return clamp_t(u32, most / mss, 1, sk->sk_gso_max_segs) * mss;
}

/**
 * tcpx_gso_burst() - how much may leave in one skb now
 * @sk: locked; its pacing rate is of now
 *
 * No more than leaves in a millisecond at that rate (or as sk_pacing_shift says): what
 * leaves in one piece arrives as one burst.
 *
 * Context: any.
 * Return: bytes.
 */
u32 tcpx_gso_burst(const struct sock *sk)
{
	u64 rate = READ_ONCE(sk->sk_pacing_rate) >> READ_ONCE(sk->sk_pacing_shift);

	return min_t(u64, tcpx_gso_goal(sk), rate);
}

static void tcpx_gso_set(struct sk_buff *skb, u32 len, u32 part, u32 type)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	bool many = part && len > part;

	shinfo->gso_size = many ? part : 0;
	shinfo->gso_segs = many ? DIV_ROUND_UP(len, part) : 0;
	shinfo->gso_type = many ? type : 0;
}

/**
 * tcpx_gso_mark() - tell below into which segments an skb is to be cut
 * @sk: locked
 * @skb: the payload, which nobody else is sending
 * @seg: its header; flags are final
 *
 * Context: any.
 */
void tcpx_gso_mark(const struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg)
{
	u32 type = sk->sk_gso_type;

	/* RFC 3168, 6.1.2: CWR is for the first segment alone, which not all devices know */
	if (seg->flags & TCPX_CWR)
		type |= SKB_GSO_TCP_ECN;
	tcpx_gso_set(skb, seg->len, seg->part, type);
}

/**
 * tcpx_gso_split() - an skb was cut in two: how many segments was each sent as?
 * @skb: the first part, its shared info not shared
 * @tail: the second, without such marks
 *
 * Context: any.
 */
void tcpx_gso_split(struct sk_buff *skb, struct sk_buff *tail)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	u32 part = shinfo->gso_size, type = shinfo->gso_type;

	tcpx_gso_set(tail, tail->len, part, type);
	tcpx_gso_set(skb, skb->len, part, type);
}
