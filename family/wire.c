// SPDX-License-Identifier: GPL-2.0
/*
 * Protocol 6: the way in for segments that travel as TCP.
 *
 * While tcpx holds ports of TCP's (path/lease.c) it stands in front of Linux's TCP in
 * the kernel's tables of protocols, inet_protos and inet6_protos, which are exported.
 * What belongs to a connection or listener of ours is taken; all else, ICMP errors as
 * well, goes on to who stood there before, as it came.  While tcpx holds none, TCP's own
 * entry is there, and nothing costs more than without the module.
 *
 * Why there, and not in a netfilter hook at LOCAL_IN:
 *
 *  - conntrack confirms its entries at LOCAL_IN, at the last priority.  A segment that a
 *    hook before it takes is never confirmed; a hook after it would depend on the order in
 *    which modules were loaded.
 *  - Segments in IPsec's transport mode meet LOCAL_IN encapsulated.
 *  - IPv6's extension headers are walked after LOCAL_IN, and a fragment's or routing
 *    header's rules are applied there.
 *  - What a netfilter hook has stolen bypasses what comes after, such as raw sockets.
 *  - IP calls a protocol's handler under the same rules in every kernel that tcpx runs on.
 *
 * Somebody else may come to stand in front of us.  Then we can't leave: whoever it is
 * calls us.  So we go on to hand over all segments, and the module stays loaded, until
 * the entry is ours to restore.
 *
 * A segment that TCP has found a socket for already, by early demux, TPROXY or a BPF
 * program, has skb->sk set and is TCP's.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/protocol.h>

#include "../path/lease.h"
#include "../path/skb.h"
#include "ipv4.h"
#include "ipv6.h"
#include "wire.h"

#define TCPX_PORTS_LEN	4U	/* what a segment, or an ICMP message's quote, begins with */

/**
 * struct tcpx_wire_place - a place in one of the kernel's tables of protocols
 * @entry: the entry of protocol 6
 * @ours: what stands there while tcpx holds ports
 * @below: what stood there before
 * @like: @ours takes over what @below says of itself
 * @standing: @ours is there, or somebody in front of it calls it
 */
struct tcpx_wire_place {
	void	**entry;
	void	*ours;
	void	*below;
	void	(*like)(void *ours, const void *below);
	bool	standing;
};

static DEFINE_SPINLOCK(tcpx_wire_lock);
static bool tcpx_wire_wanted;	/* tcpx holds ports */
static bool tcpx_wire_pinned;	/* somebody stands in front of us: a reference to the module */

/* --- a segment, or an ICMP error, of protocol 6 --- */

/* Cheap: what most segments for Linux's TCP meet, and no more */
static bool tcpx_wire_meets(struct sk_buff *skb)
{
	return !skb->sk && pskb_may_pull(skb, TCPX_PORTS_LEN) &&
	       tcpx_lease_holds(dev_net(skb->dev), tcpx_hdr(skb)->dest);
}

/* Whoever has found us in the table finds what stood there before */
static const void *tcpx_wire_below(const struct tcpx_wire_place *place)
{
	smp_rmb();	/* pairs with cmpxchg() in tcpx_wire_step_in() */
	return READ_ONCE(place->below);
}

static int tcpx_wire4_rcv(struct sk_buff *skb);
static int tcpx_wire4_err(struct sk_buff *skb, u32 info);

static struct net_protocol tcpx_wire4 = {
	.handler	= tcpx_wire4_rcv,
	.err_handler	= tcpx_wire4_err,
};

static void tcpx_wire4_like(void *ours, const void *below)
{
	const struct net_protocol *tcp = below;
	struct net_protocol *us = ours;

	us->no_policy = tcp->no_policy;
	us->icmp_strict_tag_validation = tcp->icmp_strict_tag_validation;
}

static struct tcpx_wire_place tcpx_wire4_place = {
	.entry = (void __force **)&inet_protos[IPPROTO_TCP], .ours = &tcpx_wire4,
	.like = tcpx_wire4_like,
};

static const struct net_protocol *tcpx_wire4_below(void)
{
	return tcpx_wire_below(&tcpx_wire4_place);
}

static int tcpx_wire4_rcv(struct sk_buff *skb)
{
	if (tcpx_wire_meets(skb) && tcpx_v4_take(skb))
		return 0;
	return tcpx_wire4_below()->handler(skb);
}

static int tcpx_wire4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcpx_hdr *th = (const struct tcpx_hdr *)(skb->data + iph->ihl * 4);

	if (tcpx_lease_holds(dev_net(skb->dev), th->source) && !tcpx_v4_icmp(skb, info))
		return 0;
	return tcpx_wire4_below()->err_handler(skb, info);
}

#if IS_ENABLED(CONFIG_IPV6)

static int tcpx_wire6_rcv(struct sk_buff *skb);
static int tcpx_wire6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
			  int offset, __be32 info);

static struct inet6_protocol tcpx_wire6 = {
	.handler	= tcpx_wire6_rcv,
	.err_handler	= tcpx_wire6_err,
};

static void tcpx_wire6_like(void *ours, const void *below)
{
	const struct inet6_protocol *tcp = below;
	struct inet6_protocol *us = ours;

	us->flags = tcp->flags;
}

static struct tcpx_wire_place tcpx_wire6_place = {
	.entry = (void __force **)&inet6_protos[IPPROTO_TCP], .ours = &tcpx_wire6,
	.like = tcpx_wire6_like,
};

static const struct inet6_protocol *tcpx_wire6_below(void)
{
	return tcpx_wire_below(&tcpx_wire6_place);
}

static int tcpx_wire6_rcv(struct sk_buff *skb)
{
	if (tcpx_wire_meets(skb) && tcpx_v6_take(skb))
		return 0;
	return tcpx_wire6_below()->handler(skb);
}

static int tcpx_wire6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
			  int offset, __be32 info)
{
	const struct tcpx_hdr *th = (const struct tcpx_hdr *)(skb->data + offset);

	if (tcpx_lease_holds(dev_net(skb->dev), th->source) &&
	    !tcpx_v6_icmp(skb, opt, type, code, IPPROTO_TCP, offset, info))
		return 0;
	return tcpx_wire6_below()->err_handler(skb, opt, type, code, offset, info);
}

#endif

/* --- standing in front of TCP; the lock is held --- */

static struct tcpx_wire_place *const tcpx_wire_places[] = {
	&tcpx_wire4_place,
#if IS_ENABLED(CONFIG_IPV6)
	&tcpx_wire6_place,
#endif
};

static void tcpx_wire_step_in(struct tcpx_wire_place *place)
{
	void *below;

	if (place->standing)
		return;
	do {
		below = READ_ONCE(*place->entry);
		/* IPv6 is disabled */
		if (!below)
			return;
		place->like(place->ours, below);
		/* A full barrier follows, before anybody can find us: tcpx_wire_below() */
		WRITE_ONCE(place->below, below);
	} while (cmpxchg(place->entry, below, place->ours) != below);
	place->standing = true;
}

static void tcpx_wire_step_out(struct tcpx_wire_place *place)
{
	if (place->standing && cmpxchg(place->entry, place->ours, place->below) == place->ours)
		place->standing = false;
}

static void tcpx_wire_try_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(tcpx_wire_work, tcpx_wire_try_again);

/* Stand there or not, as is wanted; false: somebody in front of us keeps us there */
static bool tcpx_wire_settle(void)
{
	bool stuck = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tcpx_wire_places); i++) {
		if (tcpx_wire_wanted)
			tcpx_wire_step_in(tcpx_wire_places[i]);
		else
			tcpx_wire_step_out(tcpx_wire_places[i]);
		stuck |= !tcpx_wire_wanted && tcpx_wire_places[i]->standing;
	}
	if (stuck && !tcpx_wire_pinned)
		tcpx_wire_pinned = try_module_get(THIS_MODULE);
	if (stuck)
		schedule_delayed_work(&tcpx_wire_work, HZ);
	if (!stuck && tcpx_wire_pinned) {
		tcpx_wire_pinned = false;
		module_put(THIS_MODULE);
	}
	return !stuck;
}

static void tcpx_wire_want(bool wanted)
{
	spin_lock_bh(&tcpx_wire_lock);
	tcpx_wire_wanted = wanted;
	tcpx_wire_settle();
	spin_unlock_bh(&tcpx_wire_lock);
}

static void tcpx_wire_try_again(struct work_struct *work)
{
	spin_lock_bh(&tcpx_wire_lock);
	tcpx_wire_settle();
	spin_unlock_bh(&tcpx_wire_lock);
}

static void tcpx_wire_open(void)
{
	tcpx_wire_want(true);
}

static void tcpx_wire_close(void)
{
	tcpx_wire_want(false);
}

static const struct tcpx_lease_door tcpx_wire_door = {
	.open	= tcpx_wire_open,
	.close	= tcpx_wire_close,
};

/**
 * tcpx_wire_init() - ports of TCP's may be held
 *
 * Context: process.  Return: 0.
 */
int tcpx_wire_init(void)
{
	tcpx_lease_set_door(&tcpx_wire_door);
	return 0;
}

/**
 * tcpx_wire_exit() - leave TCP's place; there are no sockets, but perhaps TIME-WAITs
 *
 * Nothing can make rmmod fail so late: it waits where somebody in front of us calls us.
 *
 * Context: process, may sleep.
 */
void tcpx_wire_exit(void)
{
	bool out;

	for (;;) {
		spin_lock_bh(&tcpx_wire_lock);
		tcpx_wire_wanted = false;
		out = tcpx_wire_settle();
		spin_unlock_bh(&tcpx_wire_lock);
		if (out)
			break;
		pr_warn_once("tcpx: rmmod waits for a module that has taken protocol 6\n");
		msleep(100);
	}
	cancel_delayed_work_sync(&tcpx_wire_work);
	synchronize_net();
}
