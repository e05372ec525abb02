// SPDX-License-Identifier: GPL-2.0
/* Groups: options at the level of IPv6. */
#include "diff.h"

#ifndef IPV6_FLOWINFO
#define IPV6_FLOWINFO		11
#endif

static const struct opt opts6[] = {
	{ "v6only", IPV6_V6ONLY, { 1, 0 }, 2 },
	{ "unicast-hops", IPV6_UNICAST_HOPS, { 0, 9, 255, -1, 256 }, 5 },
	{ "multicast-hops", IPV6_MULTICAST_HOPS, { 9 }, 1 },
	{ "multicast-loop", IPV6_MULTICAST_LOOP, { 1, 0 }, 2 },
	{ "tclass", IPV6_TCLASS, { 0x10, 0x13, 255, 256, -1, -2 }, 6 },
	{ "recvpktinfo", IPV6_RECVPKTINFO, { 1, 0 }, 2 },
	{ "recvhoplimit", IPV6_RECVHOPLIMIT, { 1, 0 }, 2 },
	{ "recvtclass", IPV6_RECVTCLASS, { 1, 0 }, 2 },
	{ "flowinfo", IPV6_FLOWINFO, { 1, 0 }, 2 },
	{ "mtu-discover", IPV6_MTU_DISCOVER, { 0, 1, 2, 3, 6 }, 5 },
	{ "mtu", IPV6_MTU, { 1280, 1279, 0 }, 3 },
	{ "recverr", IPV6_RECVERR, { 1, 0 }, 2 },
	{ "dontfrag", IPV6_DONTFRAG, { 1, 0 }, 2 },
	{ "autoflowlabel", IPV6_AUTOFLOWLABEL, { 1, 0 }, 2 },
	{ "transparent", IPV6_TRANSPARENT, { 1, 0 }, 2 },
	{ "freebind", IPV6_FREEBIND, { 1, 0 }, 2 },
	{ "minhopcount", IPV6_MINHOPCOUNT, { 0, 255, 256 }, 3 },
	{ "addrform", IPV6_ADDRFORM, { AF_INET }, 1 },
	{ "checksum", IPV6_CHECKSUM, { 2 }, 1 },
	{ "addr-preferences", IPV6_ADDR_PREFERENCES, { 1, 2 }, 2 },
	{ "unknown", 250, { 1 }, 1 },
};

static void membership(int fd)
{
	struct ipv6_mreq mr = {
		.ipv6mr_multiaddr.s6_addr = { 0xff, 2, [15] = 9 },
		.ipv6mr_interface = 1,
	};

	step("membership", setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &mr, sizeof(mr)));
}

void g_ip6(void)
{
	struct ends e;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(opts6); i++) {
		fd = sock_of(AF_INET6);
		opt_values(fd, IPPROTO_IPV6, &opts6[i]);
		close(fd);
	}
	fd = sock_of(AF_INET6);
	opt_sizes(fd, IPPROTO_IPV6, &opts6[0]);
	opt_pointers(fd, IPPROTO_IPV6, &opts6[0]);
	membership(fd);
	step("ip-tos", seti(fd, IPPROTO_IP, IP_TOS, 0x10));
	step_val("ip-tos-got", 0, geti(fd, IPPROTO_IP, IP_TOS));
	close(fd);
	fd = sock_of(AF_INET);
	step("on-inet-set", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	close(fd);
	pair_on(&e, "::1");
	step_val("mtu-connected", 0, geti(e.fd, IPPROTO_IPV6, IPV6_MTU));
	step("addrform-native", seti(e.fd, IPPROTO_IPV6, IPV6_ADDRFORM, 2));
	step("v6only-connected", seti(e.fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	shut(&e);
	pair_on(&e, "::ffff:127.0.0.1");
	step("addrform-mapped", seti(e.fd, IPPROTO_IPV6, IPV6_ADDRFORM, 2));
	step_val("addrform-domain", 0, geti(e.fd, SOL_SOCKET, SO_DOMAIN));
	step("addrform-send", send(e.fd, "x", 1, NOW));
	step_ev("addrform-recv", 0, await(e.peer, POLLIN));
	shut(&e);
}
