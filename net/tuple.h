/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The 4-tuple that identifies a connection: two addresses, IPv4 or IPv6, and two ports;
 * and the protocol number under which its segments travel, each of which has ports of
 * its own.
 */
#ifndef _TCPX_NET_TUPLE_H
#define _TCPX_NET_TUPLE_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/socket.h>
#include <net/ipv6.h>
#include <net/netns/hash.h>

#include "addr.h"

/* In the order of struct sock_common, and of what a Fast Open cookie is a hash of */
struct tcpx_addrs6 {
	struct in6_addr raddr;
	struct in6_addr laddr;
};

/**
 * struct tcpx_tuple - a connection's 4-tuple, network byte order
 * @laddr: the local IPv4 address
 * @raddr: the peer's
 * @addrs6: both IPv6 addresses; they live at least as long as the tuple, and a copy of
 *	it that lives longer needs addresses of its own: tcpx_tuple_keep()
 * @addrs: all that says where the addresses are, to be compared at once
 * @lport: the local port
 * @rport: the peer's
 * @ports: both of them
 * @family: AF_INET or AF_INET6 as on the wire, whatever the socket's own is
 * @wire: the IP protocol number on the wire
 * @carrier: both of them
 * @kind: that of the struct tcpx_node it is in; it fills a hole here
 */
struct tcpx_tuple {
	union {
		struct {
			__be32	laddr;
			__be32	raddr;
		};
		const struct tcpx_addrs6 *addrs6;
		u64	addrs;
	};
	union {
		struct {
			__be16	lport;
			__be16	rport;
		};
		u32	ports;
	};
	union {
		struct {
			u8	family;
			u8	wire;
		};
		u16	carrier;
	};
	u8	kind;
};

/* Room for the socket address of either end */
union tcpx_sockaddr {
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/**
 * tcpx_tuple_same_addrs() - do two tuples have the same addresses?
 * @a: a 4-tuple
 * @b: another
 *
 * Any context.
 */
static inline bool tcpx_tuple_same_addrs(const struct tcpx_tuple *a, const struct tcpx_tuple *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == AF_INET6)
		return ipv6_addr_equal(&a->addrs6->raddr, &b->addrs6->raddr) &&
		       ipv6_addr_equal(&a->addrs6->laddr, &b->addrs6->laddr);
	return a->raddr == b->raddr && a->laddr == b->laddr;
}

/**
 * tcpx_tuple_equal() - are two tuples the same?
 * @a: a 4-tuple
 * @b: another
 *
 * Any context.
 */
static inline bool tcpx_tuple_equal(const struct tcpx_tuple *a, const struct tcpx_tuple *b)
{
	if (a->ports != b->ports || a->carrier != b->carrier)
		return false;
	return a->addrs == b->addrs ||
	       (a->family == AF_INET6 && tcpx_tuple_same_addrs(a, b));
}

/**
 * tcpx_tuple_hash_addrs() - a keyed hash of both addresses: SipHash
 * @tuple: the 4-tuple
 * @key: the secret
 *
 * Any context.  Return: 64 bits.
 */
static inline u64 tcpx_tuple_hash_addrs(const struct tcpx_tuple *tuple,
					const siphash_key_t *key)
{
	const __be32 addrs[2] = { tuple->raddr, tuple->laddr };

	if (tuple->family == AF_INET6)
		return siphash(tuple->addrs6, sizeof(*tuple->addrs6), key);
	return siphash(addrs, sizeof(addrs), key);
}

/**
 * tcpx_tuple_hash() - a keyed hash that an attacker cannot compute: SipHash
 * @net: namespace
 * @tuple: the 4-tuple
 * @key: the secret
 *
 * Any context.  Return: 64 bits, any of which may be used alone.
 */
static inline u64 tcpx_tuple_hash(const struct net *net, const struct tcpx_tuple *tuple,
				  const siphash_key_t *key)
{
	u32 ports = (__force u32)tuple->lport << 16 | (__force u32)tuple->rport;
	u32 mix = net_hash_mix(net) ^ tuple->wire;

	if (tuple->family == AF_INET6)
		return siphash_2u64(tcpx_tuple_hash_addrs(tuple, key), (u64)ports << 32 | mix,
				    key);
	return siphash_4u32((__force u32)tuple->laddr, (__force u32)tuple->raddr, ports, mix,
			    key);
}

/**
 * tcpx_tuple_room() - how much room do addresses need that are not in the tuple?
 * @tuple: the 4-tuple
 *
 * Any context.  Return: bytes, of one struct tcpx_addrs6, or 0.
 */
static inline size_t tcpx_tuple_room(const struct tcpx_tuple *tuple)
{
	return tuple->family == AF_INET6 ? sizeof(struct tcpx_addrs6) : 0;
}

/**
 * tcpx_tuple_laddr() - the local address, in the form that both families have
 * @tuple: the 4-tuple
 *
 * Any context.
 */
static inline struct in6_addr tcpx_tuple_laddr(const struct tcpx_tuple *tuple)
{
	return tuple->family == AF_INET6 ? tuple->addrs6->laddr : tcpx_addr_v4(tuple->laddr);
}

/**
 * tcpx_tuple_raddr() - the peer's address, in the form that both families have
 * @tuple: the 4-tuple
 *
 * Any context.
 */
static inline struct in6_addr tcpx_tuple_raddr(const struct tcpx_tuple *tuple)
{
	return tuple->family == AF_INET6 ? tuple->addrs6->raddr : tcpx_addr_v4(tuple->raddr);
}

bool tcpx_tuple_link_local(const struct tcpx_tuple *tuple);
bool tcpx_tuple_to_self(const struct tcpx_tuple *tuple);
bool tcpx_tuple_loopback(const struct tcpx_tuple *tuple);
void tcpx_tuple_keep(struct tcpx_tuple *tuple, struct tcpx_addrs6 *room);
void tcpx_tuple_ends(const struct tcpx_tuple *tuple, union tcpx_sockaddr *local,
		     union tcpx_sockaddr *remote);

#endif /* _TCPX_NET_TUPLE_H */
