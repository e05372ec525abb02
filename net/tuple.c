// SPDX-License-Identifier: GPL-2.0
/*
 * The 4-tuple that identifies a connection: two addresses, IPv4 or IPv6, and two ports.
 *
 * IPv4 addresses are in the tuple itself.  For IPv6 it points at them where they are
 * anyway, in the packet's header or in the socket, which keeps it small.
 */
#include "tuple.h"

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
 * tcpx_tuple_ends() - both ends as socket addresses, which "%pISpc" prints
 * @tuple: the 4-tuple
 * @local: takes the local end
 * @remote: takes the peer's
 *
 * Any context.
 */
void tcpx_tuple_ends(const struct tcpx_tuple *tuple, union tcpx_sockaddr *local,
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
