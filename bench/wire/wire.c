// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pair of network devices joined by a wire of a given rate, delay and misfortune,
 * for the benchmark. It does what netem does, with two differences: what happens
 * to the n-th packet is a function of the seed and of n, so that two senders
 * meet the same fate; and it is a device, not a qdisc, so that a real queue of
 * the kernel's own stands before it.
 *
 *	ip link add NAME type wire	makes NAME and its other end, "NAME.peer"
 *
 * A sender's packet first takes its time on the wire (rate), like a network card
 * that has room for one packet, and then travels (delay). Point-to-point, no
 * link layer: no ARP, and each packet is an IP packet.
 */
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/rtnetlink.h>

#include "wire.h"

#define PROTO_TCPX	253
/* The devices' own queue, where the benchmark has not put a qdisc. */
#define QUEUE_PACKETS	1000

/* User-mode Linux's clock goes in steps of 256 ns. */
#define CLOCK_STEP	256

/* One end, and the direction away from it. */
struct wire {
	struct net_device *dev;
	struct net_device *peer;
	spinlock_t lock;		/* all below */
	struct wire_path path;
	struct wire_counts counts;
	u64 number;			/* of the packet that enters the path next */
	bool bad;			/* in a lossy spell */
	u64 policed_until;		/* when so much could have come at the policer's rate */
	struct sk_buff *sending;	/* takes its time until */
	u64 sent_at;
	struct hrtimer send_timer;
	struct sk_buff_head travelling;	/* in order of arrival */
	u64 last_arrival;
	struct hrtimer arrival_timer;
};

struct wire_cb {
	u64 arrival;
};

/* Independent random numbers for each of these. */
enum wire_draw {
	DRAW_LOSS = 1,
	DRAW_BURST,
	DRAW_REORDER,
	DRAW_DUPLICATE,
	DRAW_CORRUPT,
	DRAW_BIT,
	DRAW_JITTER,
};

static struct wire_cb *wire_cb(struct sk_buff *skb)
{
	return (struct wire_cb *)skb->cb;
}

/* splitmix64's finishing function over seed, number and purpose */
static u32 draw(const struct wire *wire, enum wire_draw what)
{
	u64 z = wire->path.seed + wire->number * 0x9e3779b97f4a7c15ULL + ((u64)what << 56);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) >> 32;
}

static bool happens(const struct wire *wire, u32 probability, enum wire_draw what)
{
	return probability && draw(wire, what) < probability;
}

static bool is_lost(struct wire *wire)
{
	const struct wire_path *path = &wire->path;

	if (happens(wire, wire->bad ? path->burst_end : path->burst, DRAW_BURST))
		wire->bad = !wire->bad;
	return wire->bad || happens(wire, path->loss, DRAW_LOSS);
}

static void count_payload(struct wire *wire, struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);
	const struct tcphdr *th;
	struct tcphdr buf;
	unsigned int headers;

	if (skb->protocol != htons(ETH_P_IP) || ip_is_fragment(ip) ||
	    (ip->protocol != IPPROTO_TCP && ip->protocol != PROTO_TCPX))
		return;
	th = skb_header_pointer(skb, skb_network_offset(skb) + ip->ihl * 4, sizeof(buf), &buf);
	if (!th)
		return;
	headers = ip->ihl * 4 + th->doff * 4;
	if (ntohs(ip->tot_len) <= headers)
		return;
	wire->counts.segments++;
	wire->counts.payload += ntohs(ip->tot_len) - headers;
}

/* A token bucket, as the time that it takes to fill: it holds what is not yet due. */
static bool is_policed(struct wire *wire, u32 len, u64 now)
{
	const struct wire_path *path = &wire->path;
	u64 room;

	if (!path->police)
		return false;
	room = div64_u64(path->bucket * 8ULL * NSEC_PER_SEC, path->police);
	if (wire->policed_until > now + room)
		return true;
	wire->policed_until = max(wire->policed_until, now) +
			      div64_u64(len * 8ULL * NSEC_PER_SEC, path->police);
	return false;
}

/* Turns one bit, in a copy: the sender's own data must stay as they are. */
static struct sk_buff *corrupt(struct wire *wire, struct sk_buff *skb)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);
	u32 bit;

	consume_skb(skb);
	if (!copy)
		return NULL;
	bit = reciprocal_scale(draw(wire, DRAW_BIT), copy->len * 8);
	copy->data[bit / 8] ^= 1 << (bit % 8);
	wire->counts.corrupted++;
	return copy;
}

/* The packet is at the other end. */
static void arrive(struct wire *wire, struct sk_buff *skb)
{
	dev_sw_netstats_rx_add(wire->peer, skb->len);
	netif_receive_skb(skb);
}

static void travel(struct wire *wire, struct sk_buff *skb, u64 arrival)
{
	bool first = skb_queue_empty(&wire->travelling);

	wire_cb(skb)->arrival = arrival;
	wire->last_arrival = arrival;
	__skb_queue_tail(&wire->travelling, skb);
	if (first)
		hrtimer_start(&wire->arrival_timer, ns_to_ktime(arrival), HRTIMER_MODE_ABS_SOFT);
}

/* Sees to it that the packet looks as if it had come from elsewhere. */
static void strip(struct wire *wire, struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb->priority = 0;
	skb->dev = wire->peer;
	skb->ip_summed = CHECKSUM_NONE;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
}

/* Decides a packet's fate, its last bit sent at the time @now. */
static void enter_path(struct wire *wire, struct sk_buff *skb, u64 now)
{
	const struct wire_path *path = &wire->path;
	struct sk_buff *twin = NULL;
	u64 arrival;

	wire->number++;
	wire->counts.packets++;
	wire->counts.bytes += skb->len;
	if (is_lost(wire) || is_policed(wire, skb->len, now)) {
		wire->counts.lost++;
		kfree_skb(skb);
		return;
	}
	strip(wire, skb);
	if (happens(wire, path->duplicate, DRAW_DUPLICATE))
		twin = skb_clone(skb, GFP_ATOMIC);
	if (happens(wire, path->corrupt, DRAW_CORRUPT)) {
		skb = corrupt(wire, skb);
		if (!skb)
			return;
	} else {
		count_payload(wire, skb);
	}
	if (happens(wire, path->reorder, DRAW_REORDER)) {
		/* Not from here: a sender's locks may be held. */
		wire->counts.reordered++;
		netif_rx(skb);
		kfree_skb(twin);
		return;
	}
	arrival = now + path->delay;
	if (path->jitter)
		arrival += reciprocal_scale(draw(wire, DRAW_JITTER), path->jitter);
	arrival = max(arrival, wire->last_arrival);
	travel(wire, skb, arrival);
	if (twin) {
		wire->counts.duplicated++;
		travel(wire, twin, arrival);
	}
}

static enum hrtimer_restart arrival_due(struct hrtimer *timer)
{
	struct wire *wire = container_of(timer, struct wire, arrival_timer);
	struct sk_buff *skb;
	u64 next;

	for (;;) {
		spin_lock_bh(&wire->lock);
		skb = skb_peek(&wire->travelling);
		if (!skb || wire_cb(skb)->arrival > ktime_get_ns())
			break;
		__skb_unlink(skb, &wire->travelling);
		spin_unlock_bh(&wire->lock);
		arrive(wire, skb);
	}
	next = skb ? wire_cb(skb)->arrival : 0;
	/* A packet sent meanwhile into an empty wire has started the timer itself. */
	if (skb && !hrtimer_is_queued(timer))
		hrtimer_start(timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
	spin_unlock_bh(&wire->lock);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart send_due(struct hrtimer *timer)
{
	struct wire *wire = container_of(timer, struct wire, send_timer);
	struct sk_buff *skb;

	spin_lock_bh(&wire->lock);
	skb = wire->sending;
	wire->sending = NULL;
	if (skb)
		enter_path(wire, skb, wire->sent_at);
	spin_unlock_bh(&wire->lock);
	netif_wake_queue(wire->dev);
	return HRTIMER_NORESTART;
}

static netdev_tx_t wire_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct wire *wire = netdev_priv(dev);
	u64 now = ktime_get_ns();

	dev_sw_netstats_tx_add(dev, 1, skb->len);
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	spin_lock_bh(&wire->lock);
	if (wire->path.rate) {
		netif_stop_queue(dev);
		wire->sending = skb;
		/* The clock has steps; they must not add up while the wire is busy. */
		if (now - wire->sent_at > CLOCK_STEP)
			wire->sent_at = now;
		wire->sent_at += div64_u64(skb->len * 8ULL * NSEC_PER_SEC, wire->path.rate);
		hrtimer_start(&wire->send_timer, ns_to_ktime(wire->sent_at),
			      HRTIMER_MODE_ABS_SOFT);
	} else {
		enter_path(wire, skb, now);
	}
	spin_unlock_bh(&wire->lock);
	return NETDEV_TX_OK;
}

/* Empties the wire. */
static void wire_flush(struct wire *wire)
{
	hrtimer_cancel(&wire->send_timer);
	hrtimer_cancel(&wire->arrival_timer);
	spin_lock_bh(&wire->lock);
	kfree_skb(wire->sending);
	wire->sending = NULL;
	__skb_queue_purge(&wire->travelling);
	spin_unlock_bh(&wire->lock);
}

static int wire_set(struct wire *wire, const void __user *data)
{
	struct wire_path path;

	if (copy_from_user(&path, data, sizeof(path)))
		return -EFAULT;
	wire_flush(wire);
	spin_lock_bh(&wire->lock);
	wire->path = path;
	wire->number = 0;
	wire->bad = false;
	wire->policed_until = 0;
	wire->last_arrival = 0;
	memset(&wire->counts, 0, sizeof(wire->counts));
	spin_unlock_bh(&wire->lock);
	netif_wake_queue(wire->dev);
	return 0;
}

static int wire_ioctl(struct net_device *dev, struct ifreq *ifr, void __user *data, int cmd)
{
	struct wire *wire = netdev_priv(dev);
	struct wire_counts counts;

	switch (cmd) {
	case WIRE_SET:
		return wire_set(wire, data);
	case WIRE_COUNTS:
		spin_lock_bh(&wire->lock);
		counts = wire->counts;
		counts.in_flight = skb_queue_len(&wire->travelling) + !!wire->sending;
		spin_unlock_bh(&wire->lock);
		return copy_to_user(data, &counts, sizeof(counts)) ? -EFAULT : 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int wire_open(struct net_device *dev)
{
	netif_carrier_on(dev);
	netif_start_queue(dev);
	return 0;
}

static int wire_stop(struct net_device *dev)
{
	netif_stop_queue(dev);
	wire_flush(netdev_priv(dev));
	return 0;
}

static int wire_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static void wire_uninit(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

static const struct net_device_ops wire_ops = {
	.ndo_init		= wire_init,
	.ndo_uninit		= wire_uninit,
	.ndo_open		= wire_open,
	.ndo_stop		= wire_stop,
	.ndo_start_xmit		= wire_start_xmit,
	.ndo_siocdevprivate	= wire_ioctl,
	.ndo_get_stats64	= dev_get_tstats64,
};

static void wire_setup(struct net_device *dev)
{
	struct wire *wire = netdev_priv(dev);

	dev->netdev_ops = &wire_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = 68;
	dev->max_mtu = IP_MAX_MTU;
	dev->tx_queue_len = QUEUE_PACKETS;
	dev->needs_free_netdev = true;
	/* Checksums are made by the sending device, and always looked at by the
	 * receiver. Segments are as long as they are on the wire.
	 */
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA;
	dev->hw_features = dev->features;
	netif_set_tso_max_segs(dev, 1);

	wire->dev = dev;
	spin_lock_init(&wire->lock);
	__skb_queue_head_init(&wire->travelling);
	hrtimer_init(&wire->send_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	wire->send_timer.function = send_due;
	hrtimer_init(&wire->arrival_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	wire->arrival_timer.function = arrival_due;
}

static struct rtnl_link_ops wire_link_ops;

static int wire_newlink(struct net *src_net, struct net_device *dev, struct nlattr *tb[],
			struct nlattr *data[], struct netlink_ext_ack *extack)
{
	char name[IFNAMSIZ];
	struct net_device *peer;
	struct wire *wire = netdev_priv(dev);
	int err;

	if (snprintf(name, sizeof(name), "%s.peer", dev->name) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	peer = rtnl_create_link(dev_net(dev), name, NET_NAME_USER, &wire_link_ops, tb, extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = register_netdevice(peer);
	if (err) {
		free_netdev(peer);
		return err;
	}
	err = register_netdevice(dev);
	if (err) {
		unregister_netdevice(peer);
		return err;
	}
	wire->peer = peer;
	wire = netdev_priv(peer);
	wire->peer = dev;
	return 0;
}

static void wire_dellink(struct net_device *dev, struct list_head *head)
{
	struct wire *wire = netdev_priv(dev);

	if (!wire->peer)
		return;
	((struct wire *)netdev_priv(wire->peer))->peer = NULL;
	unregister_netdevice_queue(wire->peer, head);
	unregister_netdevice_queue(dev, head);
	wire->peer = NULL;
}

static struct rtnl_link_ops wire_link_ops = {
	.kind		= "wire",
	.priv_size	= sizeof(struct wire),
	.setup		= wire_setup,
	.newlink	= wire_newlink,
	.dellink	= wire_dellink,
};

static int __init wire_module_init(void)
{
	return rtnl_link_register(&wire_link_ops);
}

static void __exit wire_module_exit(void)
{
	rtnl_link_unregister(&wire_link_ops);
}

module_init(wire_module_init);
module_exit(wire_module_exit);
MODULE_DESCRIPTION("Two network devices and a wire with a delay, a rate and losses");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK("wire");
