/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of both families in one form, for what is found by a local address: an
 * IPv4 one is written as the v4-mapped IPv6 address (RFC 4291, 2.5.5.2), which never
 * is on the wire.
 */
#ifndef _TCPX_NET_ADDR_H
#define _TCPX_NET_ADDR_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

/**
 * tcpx_addr_v4() - an IPv4 address
 * @addr: network byte order
 *
 * Any context.
 */
static inline struct in6_addr tcpx_addr_v4(__be32 addr)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(addr, &mapped);
	return mapped;
}

/**
 * tcpx_addr_any() - is it 0.0.0.0, or ::?
 * @addr: the address
 *
 * Any context.
 */
static inline bool tcpx_addr_any(const struct in6_addr *addr)
{
	return !addr->s6_addr32[3] && (ipv6_addr_any(addr) || ipv6_addr_v4mapped(addr));
}

/**
 * struct tcpx_local - what a socket is bound to
 * @addr: an address, or a wildcard
 * @only: the family that it is for, whatever the address: AF_INET for an IPv4 socket,
 *	AF_INET6 for one with IPV6_V6ONLY, which bind() to an IPv6 address sets; or 0
 */
struct tcpx_local {
	struct in6_addr addr;
	u8	only;
};

/**
 * tcpx_local_covers() - is one the other's address, or a wildcard for it?
 * @a: one
 * @b: the other
 *
 * :: is IPv4's wildcard, too, unless it is IPV6_V6ONLY.  That of an IPv4 socket covers
 * all that is not: as for Linux's TCP, also an IPv6 socket that connect() or accept()
 * has given an address, and that may be at :: again once it is disconnected.
 *
 * Any context.
 */
static inline bool tcpx_local_covers(const struct tcpx_local *a, const struct tcpx_local *b)
{
	bool mapped = ipv6_addr_v4mapped(&b->addr);

	if (ipv6_addr_any(&a->addr))
		return !mapped || a->only != AF_INET6;
	if (tcpx_addr_any(&a->addr))
		return mapped || (a->only == AF_INET && b->only != AF_INET6);
	return ipv6_addr_equal(&a->addr, &b->addr);
}

/**
 * tcpx_addr_hash() - a keyed hash of an address and what else is looked for
 * @addr: the address
 * @more: what else
 * @key: the secret
 *
 * It never leaves the kernel, so the short SipHash is enough.
 *
 * Any context.
 */
static inline u32 tcpx_addr_hash(const struct in6_addr *addr, u64 more,
				 const hsiphash_key_t *key)
{
	u64 parts[3] = { 0, 0, more };

	memcpy(parts, addr, sizeof(*addr));
	return hsiphash(parts, sizeof(parts), key);
}

#endif /* _TCPX_NET_ADDR_H */
