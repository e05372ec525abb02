// SPDX-License-Identifier: GPL-2.0
/*
 * What IPv4 and IPv6 do alike: check a header, sum a segment, and answer one for which
 * there is no socket, from sockets of their own.
 */
#include <linux/workqueue.h>
#include <net/dst.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>

#include "../net/mib.h"
#include "../net/net.h"
#include "../net/trace.h"
#include "../path/demux.h"
#include "../path/family.h"
#include "../path/host_queue.h"
#include "../path/output.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "ip.h"

/**
 * tcpx_ip_ports() - a segment's ports, whole or not
 * @skb: transport header set
 *
 * Context: any.
 * Return: the ports; both 0 if it is too short for them.
 */
struct tcpx_ip_ports tcpx_ip_ports(const struct sk_buff *skb)
{
	const struct tcpx_ip_ports *ports;
	struct tcpx_ip_ports buf;

	ports = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buf), &buf);
	return ports ? *ports : (struct tcpx_ip_ports){ };
}

/**
 * tcpx_ip_header_whole() - is a segment's header whole, and its offset legal?
 * @in: what IP says of it
 * @skb: the segment, from its TCP header on; consumed and counted unless true is returned
 *
 * Context: softirq.
 * Return: true if it is; then it is in the linear part.
 */
bool tcpx_ip_header_whole(const struct tcpx_arrival *in, struct sk_buff *skb)
{
	unsigned int hlen;

	if (!pskb_may_pull(skb, TCPX_HDR_LEN))
		goto bad;
	hlen = tcpx_hdr_len(tcpx_hdr(skb));
	if (hlen < TCPX_HDR_LEN || !pskb_may_pull(skb, hlen))
		goto bad;
	return true;
bad:
	tcpx_discard(in->net, &in->tuple, skb, TCPX_DROP_HEADER);
	return false;
}

/**
 * tcpx_ip_sum_right() - is a segment's checksum right? MUST-3
 * @in: what IP says of it
 * @skb: the segment, from its TCP header on; consumed and counted unless true is returned
 * @wrong: of skb_checksum_init(), which knows the family's pseudo-header
 *
 * Context: softirq.
 * Return: true if it is.
 */
bool tcpx_ip_sum_right(const struct tcpx_arrival *in, struct sk_buff *skb, __sum16 wrong)
{
	if (!wrong && !skb_checksum_complete(skb))
		return true;
	tcpx_discard(in->net, &in->tuple, skb, TCPX_DROP_CHECKSUM);
	return false;
}

/*
 * Can the sum be left to the device, or to the kernel where the device has none?  A
 * device with NETIF_F_HW_CSUM sums whatever it is told the place in.  Others sum only what
 * is TCP, and the kernel takes the place of the sum for a sign of that.  What is several
 * segments has no sum yet.
 */
static bool tcpx_ip_offloads(const struct sk_buff *skb, const struct dst_entry *dst, u8 wire)
{
	return wire == IPPROTO_TCP || skb_is_gso(skb) ||
	       (dst && dst->dev->features & NETIF_F_HW_CSUM);
}

/**
 * tcpx_ip_checksum() - fill in the checksum of a segment that leaves, or let the device
 * @skb: the segment, from its TCP header on
 * @wire: the IP protocol number
 * @dst: its route; NULL: there is none
 * @pseudo: the checksum of the pseudo-header alone, as csum_tcpudp_magic() gives it
 *
 * MUST-2.
 *
 * Context: any.
 */
void tcpx_ip_checksum(struct sk_buff *skb, u8 wire, const struct dst_entry *dst, __sum16 pseudo)
{
	struct tcpx_hdr *th = (struct tcpx_hdr *)skb_transport_header(skb);

	th->check = ~pseudo;
	if (tcpx_ip_offloads(skb, dst, wire)) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct tcpx_hdr, check);
		return;
	}
	skb->ip_summed = CHECKSUM_NONE;
	th->check = csum_fold(skb_checksum(skb, 0, skb->len, 0));
}

/**
 * tcpx_ip_answer() - make a segment that no socket sends
 * @ctl: owns it
 * @in: what is answered
 * @dst: the route; its reference is consumed
 * @seg: the answer's header; its ports are @in's, swapped
 * @way: how it is sent
 *
 * Context: softirq.
 * Return: the segment, without its checksum; NULL: no memory, or @ctl has too many in
 * the host's queues.
 */
struct sk_buff *tcpx_ip_answer(struct sock *ctl, const struct tcpx_arrival *in,
			       struct dst_entry *dst, const struct tcpx_seg *seg,
			       const struct tcpx_way *way)
{
	u32 delay = way->lsk ? READ_ONCE(tcpx_sk(way->lsk)->tx_delay) : way->tx_delay;
	struct sk_buff *out;

	/* So many of them may wait in the host's queues, and no more */
	out = sock_wmalloc(ctl, TCPX_MAX_HEADER, 0, GFP_ATOMIC | __GFP_NOWARN);
	if (!out) {
		dst_release(dst);
		return NULL;
	}
	skb_reserve(out, TCPX_MAX_HEADER);
	skb_dst_set(out, dst);
	tcpx_build_header(out, &in->tuple, seg);
	if (unlikely(delay))
		tcpx_hold_back(out, delay);
	trace_tcpx_segment(true, &in->tuple, seg, 0, TCPX_CLOSED);
	tcpx_mib_inc(in->net, TCPX_MIB_OUT_SEGS);
	if (seg->flags & TCPX_RST)
		tcpx_mib_inc(in->net, TCPX_MIB_OUT_RSTS);
	return out;
}

/**
 * tcpx_ip_ctl_exit() - undo tcpx_ip_ctl_init(); nothing is answered any more
 * @ctl: what was made
 *
 * Context: process.
 */
void tcpx_ip_ctl_exit(struct tcpx_ip_ctl __percpu *ctl)
{
	struct tcpx_ip_ctl *of;
	int cpu;

	for_each_possible_cpu(cpu) {
		of = per_cpu_ptr(ctl, cpu);
		if (of->sk)
			inet_ctl_sock_destroy(of->sk);
		of->sk = NULL;
	}
}

struct tcpx_ip_ctl_want {
	struct tcpx_ip_ctl __percpu *ctl;
	int	family;
};

static long tcpx_ip_ctl_create(void *arg)
{
	const struct tcpx_ip_ctl_want *want = arg;
	struct sock *sk;
	int cpu, err;

	for_each_possible_cpu(cpu) {
		err = inet_ctl_sock_create(&sk, want->family, SOCK_RAW, tcpx_ipproto, &init_net);
		if (err)
			return err;
		sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
		per_cpu_ptr(want->ctl, cpu)->sk = sk;
	}
	return 0;
}

/**
 * tcpx_ip_ctl_init() - make the sockets that own what no other socket does
 * @ctl: takes one for each CPU
 * @family: PF_INET or PF_INET6
 *
 * A kernel thread makes them: it is in the root control group, and so are they,
 * whoever loads the module.
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_ip_ctl_init(struct tcpx_ip_ctl __percpu *ctl, int family)
{
	struct tcpx_ip_ctl_want want = { .ctl = ctl, .family = family };
	int err = work_on_cpu(raw_smp_processor_id(), tcpx_ip_ctl_create, &want);

	if (err)
		tcpx_ip_ctl_exit(ctl);
	return err;
}
