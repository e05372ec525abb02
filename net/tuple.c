// SPDX-License-Identifier: GPL-2.0
/*
 * The 4-tuple that identifies a connection: two addresses, IPv4 or IPv6, and two ports.
 *
 * IPv4 addresses are in the tuple itself.  For IPv6 it points at them where they are
 * anyway, such as in the socket, which keeps it small.
 */
#include <net/sock.h>

#include "tuple.h"

#if IS_ENABLED(CONFIG_IPV6)
/* A socket's tuple points into it */
static_assert(offsetof(struct sock, sk_v6_rcv_saddr) - offsetof(struct sock, sk_v6_daddr) ==
	      offsetof(struct tcpx_addrs6, laddr) - offsetof(struct tcpx_addrs6, raddr));
#endif

/**
 * tcpx_tuple_link_local() - does the peer's address mean nothing without a link?
 * @tuple: the 4-tuple
 *
 * Any context.
 */
bool tcpx_tuple_link_local(const struct tcpx_tuple *tuple)
{
	return tuple->family == AF_INET6 &&
	       ipv6_addr_type(&tuple->addrs6->raddr) & IPV6_ADDR_LINKLOCAL;
}

/**
 * tcpx_tuple_to_self() - are both ends the same address?
 * @tuple: the 4-tuple
 *
 * Any context.
 */
bool tcpx_tuple_to_self(const struct tcpx_tuple *tuple)
{
	if (tuple->family == AF_INET6)
		return ipv6_addr_equal(&tuple->addrs6->laddr, &tuple->addrs6->raddr);
	return tuple->laddr == tuple->raddr;
}

/**
 * tcpx_tuple_loopback() - is one of the ends a loopback address?
 * @tuple: the 4-tuple
 *
 * Any context.
 */
bool tcpx_tuple_loopback(const struct tcpx_tuple *tuple)
{
	if (tuple->family == AF_INET6)
		return ipv6_addr_loopback(&tuple->addrs6->laddr) ||
		       ipv6_addr_loopback(&tuple->addrs6->raddr);
	return ipv4_is_loopback(tuple->laddr) || ipv4_is_loopback(tuple->raddr);
}

/**
 * tcpx_tuple_keep() - a tuple gets addresses of its own
 * @tuple: the 4-tuple, a copy of another
 * @room: tcpx_tuple_room() bytes, which live as long as it
 *
 * Any context.
 */
void tcpx_tuple_keep(struct tcpx_tuple *tuple, struct tcpx_addrs6 *room)
{
	if (tuple->family != AF_INET6)
		return;
	*room = *tuple->addrs6;
	tuple->addrs6 = room;
}

/**
 * tcpx_tuple_ends() - both ends as socket addresses, which "%pISpc" prints
 * @tuple: the 4-tuple
 * @local: takes the local end
 * @remote: takes the peer's
 *
 * Any context.
 */
__visible void tcpx_tuple_ends(const struct tcpx_tuple *tuple, union tcpx_sockaddr *local,
			       union tcpx_sockaddr *remote)
{
	if (tuple->family == AF_INET6) {
		local->v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6, .sin6_port = tuple->lport,
			.sin6_addr = tuple->addrs6->laddr,
		};
		remote->v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6, .sin6_port = tuple->rport,
			.sin6_addr = tuple->addrs6->raddr,
		};
		return;
	}
	local->v4 = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = tuple->lport,
		.sin_addr.s_addr = tuple->laddr,
	};
	remote->v4 = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = tuple->rport,
		.sin_addr.s_addr = tuple->raddr,
	};
}
