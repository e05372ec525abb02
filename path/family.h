/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The door to what carries segments: IP, of either family.
 *
 * A segment brings its family with it, a half-open or TIME-WAIT entry has it in its
 * 4-tuple, a socket points to it.  It is the family on the wire: an IPv6 socket
 * with v4-mapped addresses has IPv4's.  So a listener may accept connections of
 * another family than its own.
 */
#ifndef _TCPX_PATH_FAMILY_H
#define _TCPX_PATH_FAMILY_H

#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sockptr.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "../net/tuple.h"
#include "../tcpx_compat.h"
#include "../tcpx_fsm.h"

struct dst_entry;
struct flowi;
struct net;
struct sk_buff;
struct sock;
struct sockaddr;
struct tcpx_family;
struct tcpx_md5_key;
struct tcpx_node;

/* What IP adds to a connection's segments, such as a source route; the family's own */
struct tcpx_ip_opt {
	struct rcu_head rcu;
};

/**
 * struct tcpx_arrival - a segment that has arrived, or that met an ICMP error
 * @family: what carried it
 * @net: namespace
 * @tuple: the 4-tuple, as the receiver names it
 * @dif: interface of arrival
 * @sdif: its l3mdev slave, or 0
 * @tos: Diffserv and ECN, as they came
 * @ttl: TTL or hop limit, as it came; or of an ICMP error what IP_MINTTL is held against
 * @flow_label: IPv6's, as it came
 */
struct tcpx_arrival {
	const struct tcpx_family *family;
	struct net *net;
	struct tcpx_tuple tuple;
	int	dif;
	int	sdif;
	u8	tos;
	u8	ttl;
	__be32	flow_label;
};

/**
 * struct tcpx_way - how to send an answer without a socket
 * @lsk: the listener that what is answered was for, or NULL
 * @oif: SO_BINDTODEVICE; 0: any
 * @mark: SO_MARK, unless fwmark_reflect takes that of the segment that is answered
 * @priority: SO_PRIORITY
 * @tx_delay: TCP_TX_DELAY, us, unless @lsk has it
 * @txhash: by it devices choose a queue, and routes a path; 0: they make their own
 * @uid: by it rules choose a route
 * @tos: IP_TOS
 * @flow_label: IPv6's; 0: by @txhash
 * @opt: what IP adds, or NULL
 */
struct tcpx_way {
	const struct sock *lsk;
	int	oif;
	u32	mark;
	u32	priority;
	u32	tx_delay;
	u32	txhash;
	kuid_t	uid;
	u8	tos;
	__be32	flow_label;
	struct tcpx_ip_opt *opt;
};

/**
 * struct tcpx_peer - the sender of a SYN, not yet connected
 * @lsk: the listener
 * @node: the half-open connection
 * @mark: of its SYN
 * @flow_label: of its SYN; IPv6's
 * @opt: what IP adds on the way back, or NULL
 */
struct tcpx_peer {
	struct sock *lsk;
	const struct tcpx_node *node;
	u32	mark;
	__be32	flow_label;
	struct tcpx_ip_opt *opt;
};

/**
 * struct tcpx_family - what carries segments
 * @family: AF_INET or AF_INET6
 * @header_len: bytes of an IP header without options
 * @default_mss: MSS of a peer that does not say: MUST-15
 * @min_ttl: offset in a socket of the least TTL or hop limit (u8) that it accepts
 *
 * A socket's segments (the socket is locked):
 *
 * @route: the route to the peer, looked up again if it is no longer valid; without a
 *	reference.  NULL: there is none, and sk_err_soft says why
 * @note_route: the socket has a new route: what has to be known to see that it is no
 *	longer valid.  NULL: nothing
 * @xmit: gives a segment its header and sends it by the route that @route has just found;
 *	the skb, with room for headers, is consumed.  0 or -errno of IP
 * @heard: a segment was acceptable: learn what its IP header says of the peer
 * @ecn: the ECN field of a segment, as netfilter and BPF programs have left it
 * @opt_len: bytes of IP options, or of extension headers, on each segment
 *
 * Errors on the way (the socket is locked):
 *
 * @recverr: IP_RECVERR: is the user to be told of errors that do not end the connection?
 * @pmtudisc: IP_PMTUDISC_*; IPV6_PMTUDISC_* has the same numbers
 * @redirect: an ICMP redirect for a segment has come
 * @error_skb: a buffer for the error queue, with the peer's address where its
 *	SKB_EXT_ERR() points to.  Atomic; NULL: no memory
 *
 * A user's calls:
 *
 * @pre_connect: connect(): the hook of BPF programs, which may bind the socket.  0 or
 *	-errno.  Locked
 * @connect: the socket gets the addresses of both ends and the peer's port; returns a
 *	reference to the route, or -errno as pointer.  Locked
 * @connect_ports: the local port, which was @sport, is known: consumes the reference
 *	to a route, returns one to the route for these ports, or -errno as pointer.
 *	Locked
 * @disconnect: forgets the peer, and what was learned from it.  Locked
 * @tuple: the 4-tuple of a socket, as far as it has one
 *
 * These, and the first two calls, are asked of the family of the program's socket,
 * which is not that on the wire where the peer's address is a v4-mapped one:
 *
 * @setsockopt: at IP's level.  Not locked
 * @getsockopt: likewise
 * @destruct: frees what the family has in a socket without references
 *
 * Half-open connections (rcu_read_lock()):
 *
 * @unicast: can both addresses of a segment be ends of a connection? MUST-57, MUST-63
 * @return_opt: what IP has to add on the way back to the sender of a segment; the
 *	caller frees it with kfree().  Atomic; NULL: nothing
 * @route_back: a reference to the route to a peer, and the flow that a socket keeps
 *	with it.  NULL: there is none
 * @xmit_half_open: sends a segment to a peer; the skb and the reference to the route
 *	are consumed.  0 or -errno of IP
 * @child: a clone of the listener gets the addresses of the segment that made it, what
 *	else its header says, and what IP adds (owned by the clone from now on, or NULL);
 *	the ports are set already.  The listener's family is asked
 *
 * Answers without a socket:
 *
 * @leave: a socket's TOS and a copy of what IP adds, for TIME-WAIT.  Locked
 * @reply: answers a segment, if it was sent to this host alone.  Softirq,
 *	rcu_read_lock(); silent where there is no route or memory
 */
struct tcpx_family {
	u8	family;
	u8	header_len;
	u16	default_mss;
	u16	min_ttl;

	struct dst_entry *(*route)(struct sock *sk);
	void (*note_route)(struct sock *sk, const struct dst_entry *dst);
	int (*xmit)(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
	void (*heard)(struct sock *sk, const struct sk_buff *skb);
	u8 (*ecn)(const struct sk_buff *skb);
	unsigned int (*opt_len)(const struct sock *sk);

	bool (*recverr)(const struct sock *sk);
	int (*pmtudisc)(const struct sock *sk);
	void (*redirect)(struct sock *sk, struct sk_buff *skb);
	struct sk_buff *(*error_skb)(const struct sock *sk);

	int (*pre_connect)(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len);
	struct dst_entry *(*connect)(struct sock *sk, const struct sockaddr *uaddr, int addr_len);
	struct dst_entry *(*connect_ports)(struct sock *sk, struct dst_entry *dst, __be16 sport);
	void (*disconnect)(struct sock *sk);
	void (*tuple)(const struct sock *sk, struct tcpx_tuple *tuple);
	int (*setsockopt)(struct sock *sk, int level, int optname, sockptr_t optval,
			  unsigned int optlen);
	int (*getsockopt)(struct sock *sk, int level, int optname, char __user *optval,
			  int __user *optlen);
	void (*destruct)(struct sock *sk);

	bool (*unicast)(const struct sk_buff *skb);
	struct tcpx_ip_opt *(*return_opt)(struct net *net, const struct sk_buff *skb);
	struct dst_entry *(*route_back)(const struct tcpx_peer *peer, struct flowi *fl);
	int (*xmit_half_open)(const struct tcpx_peer *peer, struct sk_buff *skb,
			      struct dst_entry *dst, const struct tcpx_seg *seg);
	void (*child)(struct sock *sk, const struct tcpx_arrival *in, struct tcpx_ip_opt *opt);

	void (*leave)(const struct sock *sk, struct tcpx_way *way);
	void (*reply)(const struct tcpx_arrival *in, const struct sk_buff *skb,
		      const struct tcpx_seg *seg, const struct tcpx_way *way);
};

/**
 * tcpx_family_mss() - the MSS that an MTU allows: RFC 9293, 3.7.1
 * @family: what carries the segment
 * @mtu: bytes
 *
 * Context: any.
 * Return: bytes of payload and options.
 */
static inline u16 tcpx_family_mss(const struct tcpx_family *family, u32 mtu)
{
	const u32 headers = family->header_len + TCPX_HDR_LEN;

	return clamp_t(u32, mtu, headers + TCPX_MSS_MIN, 65535) - headers;
}

void tcpx_family_add(const struct tcpx_family *family);
const struct tcpx_family *tcpx_family_of(u8 family);
void tcpx_reply(const struct tcpx_arrival *in, const struct sock *lsk,
		const struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_reply_rst(const struct tcpx_arrival *in, const struct sock *lsk,
		    const struct tcpx_md5_key *key, const struct sk_buff *skb,
		    const struct tcpx_rst *rst);

#endif /* _TCPX_PATH_FAMILY_H */
