// SPDX-License-Identifier: GPL-2.0
/* Group: options at the level of IPv4, on a socket of any family. */
#include "diff.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif
#define SOL_UNKNOWN		99

static const struct opt opts4[] = {
	{ "tos", IP_TOS, { 0x10, 0x13, 0xff, 256, -1 }, 5 },
	{ "ttl", IP_TTL, { 1, 255, -1, 0, 256 }, 5 },
	{ "options", IP_OPTIONS, { 0 }, 0 },
	{ "hdrincl", IP_HDRINCL, { 1 }, 1 },
	{ "router-alert", IP_ROUTER_ALERT, { 1 }, 1 },
	{ "recvopts", IP_RECVOPTS, { 1, 0 }, 2 },
	{ "retopts", IP_RETOPTS, { 1, 0 }, 2 },
	{ "pktinfo", IP_PKTINFO, { 1, 0 }, 2 },
	{ "mtu-discover", IP_MTU_DISCOVER, { 0, 1, 2, 3, 4, 5, 6, -1 }, 8 },
	{ "recverr", IP_RECVERR, { 1, 0 }, 2 },
	{ "recvttl", IP_RECVTTL, { 1, 0 }, 2 },
	{ "recvtos", IP_RECVTOS, { 1, 0 }, 2 },
	{ "mtu", IP_MTU, { 1500 }, 1 },
	{ "freebind", IP_FREEBIND, { 1, 0 }, 2 },
	{ "transparent", IP_TRANSPARENT, { 1, 0 }, 2 },
	{ "recvorigdst", IP_RECVORIGDSTADDR, { 1, 0 }, 2 },
	{ "minttl", IP_MINTTL, { 0, 1, 255, 256, -1 }, 5 },
	{ "nodefrag", IP_NODEFRAG, { 1 }, 1 },
	{ "checksum", IP_CHECKSUM, { 1, 0 }, 2 },
	{ "no-port", IP_BIND_ADDRESS_NO_PORT, { 1, 0 }, 2 },
	{ "recvfragsize", IP_RECVFRAGSIZE, { 1, 0 }, 2 },
	{ "multicast-ttl", IP_MULTICAST_TTL, { 1 }, 1 },
	{ "multicast-loop", IP_MULTICAST_LOOP, { 1, 0 }, 2 },
	{ "multicast-if", IP_MULTICAST_IF, { 1 }, 1 },
	{ "unicast-if", IP_UNICAST_IF, { 0x01000000, 0, 0x63000000 }, 3 },
	{ "port-range", IP_LOCAL_PORT_RANGE, { 0x4e214e20, 0x00010002 }, 2 },
	{ "unknown", 250, { 1 }, 1 },
};

static void membership(int fd)
{
	struct ip_mreqn mr = {
		.imr_multiaddr.s_addr = htonl(0xe0000101),
		.imr_ifindex = 1,
	};

	step("membership", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mr, sizeof(mr)));
}

static void test_connected(void)
{
	struct ends e;
	char c;

	pair(&e);
	step_val("mtu-connected", 0, geti(e.fd, IPPROTO_IP, IP_MTU));
	step("tos-connected", seti(e.fd, IPPROTO_IP, IP_TOS, 0xb8));
	step("ttl-connected", seti(e.fd, IPPROTO_IP, IP_TTL, 5));
	send_hello(e.fd);
	await(e.peer, POLLIN);
	step("tos-data", recv(e.peer, &c, 1, NOW));
	step("transparent-connected",
	     seti(e.fd, IPPROTO_IP, IP_TRANSPARENT, 1));
	/* Record Route: the options are sent with what follows */
	step("options-set", setsockopt(e.fd, IPPROTO_IP, IP_OPTIONS,
				       "\x07\x07\x04\0\0\0\0\0", 8));
	opt_get("options-get", e.fd, IPPROTO_IP, IP_OPTIONS, 40);
	send_hello(e.fd);
	step_ev("options-data", 0, await(e.peer, POLLIN));
	step("options-bad", setsockopt(e.fd, IPPROTO_IP, IP_OPTIONS,
				       "\x07\x03\x04\0", 4));
	step("options-long", setsockopt(e.fd, IPPROTO_IP, IP_OPTIONS, bad - 44,
					44));
	shut(&e);
	pair(&e);
	step("minttl-peer", seti(e.peer, IPPROTO_IP, IP_MINTTL, 200));
	seti(e.fd, IPPROTO_IP, IP_TTL, 100);
	send_hello(e.fd);
	sleep_ms(100);
	step_val("minttl-drops", 0, inq(e.peer));
	seti(e.fd, IPPROTO_IP, IP_TTL, 255);
	step_ev("minttl-passes", 0, await(e.peer, POLLIN));
	shut(&e);
}

/* What IP_PKTOPTIONS tells of the segment that made a connection. */
static void first_segment(void)
{
	static const struct {
		const char *name;
		int opt;
	} wishes[] = {
		{ "pktinfo", IP_PKTINFO }, { "ttl", IP_RECVTTL }, { "tos", IP_RECVTOS },
	};
	union addr to;
	int lfd = listener(8, &to), fd = sock(), s;
	size_t i;

	seti(fd, IPPROTO_IP, IP_TTL, 77);
	seti(fd, IPPROTO_IP, IP_TOS, 0x28);
	connect_to(fd, &to);
	settle();
	s = accept(lfd, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(wishes); i++) {
		opt_get(nm("first-%s-unasked", wishes[i].name), s, IPPROTO_IP, IP_PKTOPTIONS, 64);
		seti(s, IPPROTO_IP, wishes[i].opt, 1);
		opt_get(nm("first-%s", wishes[i].name), s, IPPROTO_IP, IP_PKTOPTIONS, 64);
		seti(s, IPPROTO_IP, wishes[i].opt, 0);
	}
	close(s);
	close(fd);
	close(lfd);
}

static void levels(int fd)
{
	static const int level[] = {
		IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP, IPPROTO_RAW, SOL_UNKNOWN,
		-1, 0x7fffffff,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(level); i++) {
		step(nm("level-%d-set", level[i]), seti(fd, level[i], 1, 1));
		opt_get(nm("level-%d-get", level[i]), fd, level[i], 200, 4);
	}
}

void g_ip(void)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(opts4); i++) {
		fd = sock();
		opt_values(fd, IPPROTO_IP, &opts4[i]);
		close(fd);
	}
	fd = sock();
	opt_sizes(fd, IPPROTO_IP, &opts4[0]);
	opt_pointers(fd, IPPROTO_IP, &opts4[0]);
	membership(fd);
	levels(fd);
	close(fd);
	test_connected();
	first_segment();
}
