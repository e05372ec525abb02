// SPDX-License-Identifier: GPL-2.0
/*
 * What differs between the families, and no more: $TCPX_IP says which one the steps are
 * run with.  A mapped address is IPv4's on an AF_INET6 socket.
 */
#include <arpa/inet.h>
#include <linux/ipv6.h>

#include "diff.h"

static const struct family families[] = {
	{
		.name = "4",
		.af = AF_INET,
		.other_af = AF_INET6,
		.level = IPPROTO_IP,
		.len = sizeof(struct sockaddr_in),
		.min_len = sizeof(struct sockaddr_in),
		.sysctl = "ipv4",
		.any = "0.0.0.0",
		.lo = "127.0.0.1",
		.lo2 = "127.0.0.2",
		.lo3 = "127.0.0.3",
		.nonlocal = "10.1.2.3",
		.multicast = "224.0.0.1",
		.broadcast = "255.255.255.255",
		.lo_broadcast = "127.255.255.255",
		.class_e = "240.0.0.1",
		.opt = {
			[FAM_TOS] = IP_TOS,
			[FAM_TTL] = IP_TTL,
			[FAM_MINTTL] = IP_MINTTL,
			[FAM_RECVTOS] = IP_RECVTOS,
			[FAM_RECVTTL] = IP_RECVTTL,
			[FAM_PKTINFO] = IP_PKTINFO,
			[FAM_RECVERR] = IP_RECVERR,
			[FAM_FREEBIND] = IP_FREEBIND,
			[FAM_TRANSPARENT] = IP_TRANSPARENT,
			[FAM_MTU_DISCOVER] = IP_MTU_DISCOVER,
		},
	}, {
		.name = "6",
		.af = AF_INET6,
		.other_af = AF_INET,
		.level = IPPROTO_IPV6,
		.len = sizeof(struct sockaddr_in6),
		.min_len = offsetof(struct sockaddr_in6, sin6_scope_id),	/* RFC 2133 */
		.sysctl = "ipv6",
		.any = "::",
		.lo = "::1",
		.lo2 = "fd00::2",
		.lo3 = "fd00::3",
		.nonlocal = "2001:db8::1",
		.multicast = "ff02::1",
		.opt = {
			[FAM_TOS] = IPV6_TCLASS,
			[FAM_TTL] = IPV6_UNICAST_HOPS,
			[FAM_MINTTL] = IPV6_MINHOPCOUNT,
			[FAM_RECVTOS] = IPV6_RECVTCLASS,
			[FAM_RECVTTL] = IPV6_RECVHOPLIMIT,
			[FAM_PKTINFO] = IPV6_RECVPKTINFO,
			[FAM_RECVERR] = IPV6_RECVERR,
			[FAM_FREEBIND] = IPV6_FREEBIND,
			[FAM_TRANSPARENT] = IPV6_TRANSPARENT,
			[FAM_MTU_DISCOVER] = IPV6_MTU_DISCOVER,
		},
	}, {
		.name = "mapped",
		.af = AF_INET6,
		.other_af = AF_INET,
		.level = IPPROTO_IP,
		.len = sizeof(struct sockaddr_in6),
		.min_len = offsetof(struct sockaddr_in6, sin6_scope_id),
		.sysctl = "ipv4",
		.any = "::",
		.lo = "::ffff:127.0.0.1",
		.lo2 = "::ffff:127.0.0.2",
		.lo3 = "::ffff:127.0.0.3",
		.nonlocal = "::ffff:10.1.2.3",
		.multicast = "::ffff:224.0.0.1",
		.broadcast = "::ffff:255.255.255.255",
		.lo_broadcast = "::ffff:127.255.255.255",
		.class_e = "::ffff:240.0.0.1",
		.opt = {
			[FAM_TOS] = IP_TOS,
			[FAM_TTL] = IP_TTL,
			[FAM_MINTTL] = IP_MINTTL,
			[FAM_RECVTOS] = IP_RECVTOS,
			[FAM_RECVTTL] = IP_RECVTTL,
			[FAM_PKTINFO] = IP_PKTINFO,
			[FAM_RECVERR] = IP_RECVERR,
			[FAM_FREEBIND] = IP_FREEBIND,
			[FAM_TRANSPARENT] = IP_TRANSPARENT,
			[FAM_MTU_DISCOVER] = IP_MTU_DISCOVER,
		},
	},
};

const struct family *fam;

bool family_init(void)
{
	const char *name = getenv("TCPX_IP") ?: "4";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (!strcmp(families[i].name, name))
			fam = &families[i];
	return fam;
}

int sock_of(int af)
{
	return socket(af, SOCK_STREAM, proto);
}

int sock(void)
{
	return sock_of(fam->af);
}

/* The address that @ip is: one of IPv6 has a colon in it. */
void addr(union addr *a, const char *ip, int port)
{
	memset(a, 0, sizeof(*a));
	a->sa.sa_family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	a->port = htons(port);
	inet_pton(a->sa.sa_family, ip,
		  a->sa.sa_family == AF_INET ? (void *)&a->in.sin_addr : &a->in6.sin6_addr);
}

socklen_t addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in);
}

int bind_to(int fd, const char *ip, int port)
{
	union addr a;

	addr(&a, ip, port);
	return bind(fd, &a.sa, addr_len(&a));
}

/* An address that can be used at once. */
static int lo_add(int fd, const char *ip)
{
	struct in6_ifreq req = { .ifr6_prefixlen = 128, .ifr6_ifindex = 1 };
	int i, probe = socket(AF_INET6, SOCK_DGRAM, 0), ret;

	inet_pton(AF_INET6, ip, &req.ifr6_addr);
	ret = ioctl(fd, SIOCSIFADDR, &req);
	for (i = 0; !ret && i < 1000 && bind_to(probe, ip, 0); i++)
		sleep_ms(1);
	close(probe);
	return ret;
}

/* IPv4's loopback has them all; IPv6's has one. */
int family_addresses(void)
{
	int fd, ret;

	if (strcmp(fam->name, "6"))
		return 0;
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	ret = lo_add(fd, fam->lo2) ?: lo_add(fd, fam->lo3);
	close(fd);
	return ret;
}
