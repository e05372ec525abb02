// SPDX-License-Identifier: GPL-2.0
/*
 * The door to what carries segments: which families there are, and the answer to a
 * segment that belongs to no connection.
 */
#include <net/inet_ecn.h>
#include <net/sock.h>

#include "family.h"

static const struct tcpx_family *tcpx_families[2] __read_mostly;

/**
 * tcpx_family_add() - register a family
 * @family: constant; there may be sockets and segments of it from now on
 *
 * Context: process, when the module is loaded.
 */
void tcpx_family_add(const struct tcpx_family *family)
{
	tcpx_families[family->family == AF_INET6] = family;
}

/**
 * tcpx_family_of() - the family of a new socket, or of an entry
 * @family: AF_INET or AF_INET6
 *
 * Context: any.
 * Return: what carries its segments.
 */
const struct tcpx_family *tcpx_family_of(u8 family)
{
	return tcpx_families[family == AF_INET6];
}

/**
 * tcpx_reply() - answer a segment that belongs to no connection, the way it came
 * @in: the segment
 * @lsk: the listener that it was for, or NULL
 * @skb: the segment
 * @seg: the answer's header; its ports are @in's, swapped
 *
 * Context: softirq, rcu_read_lock().  Silent where there is no route or memory.
 */
void tcpx_reply(const struct tcpx_arrival *in, const struct sock *lsk,
		const struct sk_buff *skb, const struct tcpx_seg *seg)
{
	struct tcpx_way way = {
		.lsk = lsk, .uid = sock_net_uid(in->net, lsk),
		.tos = in->tos & ~INET_ECN_MASK,
		.opt = in->family->return_opt(in->net, skb),
	};

	if (lsk) {
		way.oif = READ_ONCE(lsk->sk_bound_dev_if);
		way.mark = READ_ONCE(lsk->sk_mark);
		way.priority = READ_ONCE(lsk->sk_priority);
		way.txhash = READ_ONCE(lsk->sk_txhash);
	}
	in->family->reply(in, skb, seg, &way);
	kfree(way.opt);
}

/**
 * tcpx_reply_rst() - answer a segment that no connection knows with a reset
 * @in: the segment
 * @lsk: the listener that it was for, or NULL
 * @key: what signs the reset, or NULL
 * @skb: the segment
 * @rst: the reset's numbers and flags
 *
 * Context: softirq, rcu_read_lock().
 */
void tcpx_reply_rst(const struct tcpx_arrival *in, const struct sock *lsk,
		    const struct tcpx_md5_key *key, const struct sk_buff *skb,
		    const struct tcpx_rst *rst)
{
	struct tcpx_seg seg = { .seq = rst->seq, .ack = rst->ack, .flags = rst->flags };

	tcpx_opt_sign(&seg.opt, key);
	tcpx_reply(in, lsk, skb, &seg);
}
