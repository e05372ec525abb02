// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: addresses of IPv6: scopes, lengths, and those of IPv4 on AF_INET6 sockets.
 *
 * Device 1 is loopback; 2 and 3 are the ends of a link, each with link-local addresses.
 */
#include <netinet/tcp.h>

#include "diff.h"

#define FULL	sizeof(struct sockaddr_in6)

/* A link-local address without a scope, and with the one or other device's */
static const struct {
	const char *name, *ip;
	int scope;
} addresses[] = {
	{ "none" },			/* not bound at all */
	{ "any", "::" },
	{ "lo", "::1" },
	{ "lo-scope", "::1", 1 },
	{ "global", "fd00::2" },
	{ "other", "fd00::3" },
	{ "nonlocal", "2001:db8::1" },
	{ "mapped-any", "::ffff:0.0.0.0" },
	{ "mapped", "::ffff:127.0.0.1" },
	{ "mapped-2", "::ffff:127.0.0.2" },
	{ "mapped-nonlocal", "::ffff:10.1.2.3" },
	{ "mapped-multicast", "::ffff:224.0.0.1" },
	{ "compatible", "::127.0.0.1" },
	{ "link", "fe80::2", 2 },
	{ "link-far", "fe80::3", 2 },
	{ "link-other", "fe80::3", 3 },
	{ "link-no-scope", "fe80::2" },
	{ "link-no-device", "fe80::2", 99 },
	{ "multicast", "ff02::1", 2 },
	{ "multicast-wide", "ff0e::1" },
};

static void links(void)
{
	if (system("ip link add port1 index 2 type veth peer name port2 index 3 && "
		   "ip link set port1 addrgenmode none && ip link set port2 addrgenmode none && "
		   "ip link set port1 up && ip link set port2 up && "
		   "ip addr add fe80::2/64 dev port1 nodad && "
		   "ip addr add fe80::3/64 dev port2 nodad"))
		_exit(2);
}

static void address(union addr *a, size_t i, int port)
{
	addr(a, addresses[i].ip, port);
	a->in6.sin6_scope_id = addresses[i].scope;
}

static int bind_nr(int fd, size_t i, int port)
{
	union addr a;

	address(&a, i, port);
	return bind(fd, &a.sa, FULL);
}

static const char *device(int fd)
{
	static char name[16];
	socklen_t len = sizeof(name);

	name[0] = 0;
	getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len);
	return name;
}

static int to_device(int fd, const char *name)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name));
}

/* bind() to each address, V6ONLY or not, on each device. */
static void binds(void)
{
	static const char *const devs[] = { "", "lo", "port1", "port2" };
	size_t i, d;
	int v6only, fd;

	for (i = 1; i < ARRAY_SIZE(addresses); i++)
		for (d = 0; d < ARRAY_SIZE(devs); d++)
			for (v6only = 0; v6only < 2; v6only++) {
				const char *name = nm("%s%s%s%s", addresses[i].name,
						      d ? "-" : "", devs[d],
						      v6only ? "-v6only" : "");

				fd = sock_of(AF_INET6);
				seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6only);
				to_device(fd, devs[d]);
				step(name, bind_nr(fd, i, PORT));
				step_sockname(nm("%s-name", name), fd);
				step_fmt(nm("%s-is", name), 0, "-", "device=%s v6only=%d",
					 device(fd), geti(fd, IPPROTO_IPV6, IPV6_V6ONLY));
				close(fd);
			}
}

/* Lengths of an address, good and bad; the scope is what the short ones lack. */
static void lengths(const char *name, size_t i, int (*call)(int, const struct sockaddr *,
							    socklen_t))
{
	static const int len[] = { -1, 0, 1, 2, 8, 15, 16, 23, 24, 27, 28, 29, 128, 129 };
	union addr a;
	size_t n;
	int fd;

	for (n = 0; n < ARRAY_SIZE(len); n++) {
		fd = sock_of(AF_INET6);
		address(&a, i, PORT);
		step(nm("%s-%s-len-%d", name, addresses[i].name, len[n]),
		     call(fd, &a.sa, len[n]));
		step_names(nm("%s-%s-%d", name, addresses[i].name, len[n]), fd);
		close(fd);
	}
}

/* An address of one family for a socket of another. */
static void families(const char *name, int (*call)(int, const struct sockaddr *, socklen_t))
{
	static const struct {
		const char *name, *ip;
	} kinds[] = {
		{ "4", "127.0.0.1" }, { "4-any", "0.0.0.0" },
		{ "6", "::1" }, { "6-any", "::" }, { "mapped", "::ffff:127.0.0.1" },
	};
	static const socklen_t len[] = { 16, 28, 128 };
	static const int af[] = { AF_INET, AF_INET6 };
	union addr a;
	size_t i, k, n;
	int fd, unspec;

	for (i = 0; i < ARRAY_SIZE(af); i++)
		for (k = 0; k < ARRAY_SIZE(kinds); k++)
			for (n = 0; n < ARRAY_SIZE(len); n++)
				for (unspec = 0; unspec < 2; unspec++) {
					fd = sock_of(af[i]);
					addr(&a, kinds[k].ip, PORT);
					if (unspec)
						a.sa.sa_family = AF_UNSPEC;
					step(nm("%s-%d-gets-%s%s-%u", name, af[i], kinds[k].name,
						unspec ? "-unspec" : "", len[n]),
					     call(fd, &a.sa, len[n]));
					close(fd);
				}
}

/* When IPV6_V6ONLY may be set, and what it says. */
static void v6only(void)
{
	union addr to;
	struct ends e;
	int fd, lfd;

	fd = sock_of(AF_INET6);
	step("v6only-set", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	step("v6only-bind", bind_to(fd, "::", PORT));
	step("v6only-bound", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
	step_val("v6only-bound-got", 0, geti(fd, IPPROTO_IPV6, IPV6_V6ONLY));
	step("v6only-listen", listen(fd, 1));
	step("v6only-listening", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
	close(fd);
	fd = sock_of(AF_INET6);
	seti(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	step("v6only-no-port-bind", bind_to(fd, "::", 0));
	step("v6only-no-port", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	close(fd);
	pair_on(&e, "::1");
	step("v6only-connected", seti(e.fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	step_val("v6only-client", 0, geti(e.fd, IPPROTO_IPV6, IPV6_V6ONLY));
	step_val("v6only-child", 0, geti(e.peer, IPPROTO_IPV6, IPV6_V6ONLY));
	shut(&e);
	fd = sock_of(AF_INET6);
	lfd = listener_on("::1", 8, &to);
	seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	step("v6only-connects", connect_to(fd, &to));
	connect(fd, &(struct sockaddr){ .sa_family = AF_UNSPEC }, sizeof(struct sockaddr));
	step_val("v6only-disconnected", 0, geti(fd, IPPROTO_IPV6, IPV6_V6ONLY));
	step("v6only-disconnected-set", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
	close(fd);
	close(lfd);
	sysctl_set("ipv6/bindv6only", "1");
	fd = sock_of(AF_INET6);
	step_val("bindv6only", 0, geti(fd, IPPROTO_IPV6, IPV6_V6ONLY));
	step("bindv6only-bind", bind_to(fd, "::", PORT));
	lfd = sock_of(AF_INET);
	step("bindv6only-both", bind_to(lfd, "0.0.0.0", PORT));
	close(fd);
	close(lfd);
	sysctl_set("ipv6/bindv6only", "0");
}

/* Addresses that come late, or not before it is clear that nobody else has them. */
static void late_addresses(void)
{
	int fd = sock_of(AF_INET6);

	step("late", bind_to(fd, "2001:db8::7", PORT));
	system("ip addr add 2001:db8::7/64 dev port1");
	step("tentative", bind_to(fd, "2001:db8::7", PORT));
	sleep_ms(3000);
	step("come", bind_to(fd, "2001:db8::7", PORT));
	close(fd);
	fd = sock_of(AF_INET6);
	step("nonlocal-4", sysctl_set("ipv4/ip_nonlocal_bind", "1"));
	step("nonlocal-4-bind", bind_to(fd, "2001:db8::8", PORT));
	step("nonlocal-4-mapped", bind_to(fd, "::ffff:10.1.2.3", PORT));
	sysctl_set("ipv4/ip_nonlocal_bind", "0");
	close(fd);
}

void g_bind6(void)
{
	links();
	binds();
	lengths("bind", 2, bind);
	lengths("bind", 8, bind);
	lengths("bind", 13, bind);
	families("bind", bind);
	v6only();
	late_addresses();
}

/* Listeners for every address, on one port. */
static int servers[3];

static int serve(int port)
{
	static const char *const ip[] = { "::", "0.0.0.0", "fe80::3" };
	union addr a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		addr(&a, ip[i], port);
		if (i == 2)
			a.in6.sin6_scope_id = 3;
		servers[i] = sock_of(a.sa.sa_family);
		seti(servers[i], SOL_SOCKET, SO_REUSEPORT, 1);
		seti(servers[i], IPPROTO_IPV6, IPV6_V6ONLY, 1);
		if (bind(servers[i], &a.sa, addr_len(&a)) || listen(servers[i], 8))
			return -1;
		nonblock(servers[i], true);
	}
	return 0;
}

static int accept_any(void)
{
	size_t i;
	int fd;

	settle();
	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		fd = accept(servers[i], NULL, NULL);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* What a connected socket says of itself, and whether it carries something. */
static void carries(const char *name, int fd)
{
	char buf[8];
	int s = accept_any();

	step_names(name, fd);
	step_names(nm("%s-peer", name), s);
	send_hello(fd);
	settle();
	step_ev(nm("%s-there", name), 0, poll_now(s));
	step(nm("%s-recv", name), recv(s, buf, sizeof(buf), NOW));
	step(nm("%s-back", name), send(s, "back", 4, NOW));
	settle();
	step_ev(nm("%s-here", name), 0, poll_now(fd));
	close(s);
}

/* Each address to come from, with each to go to. */
static void from_to(size_t from, size_t to, int v6only)
{
	int fd = sock_of(AF_INET6);
	union addr a;
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "%s-to-%s%s", addresses[from].name, addresses[to].name,
		 v6only ? "-v6only" : "");
	seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6only);
	if (from && bind_nr(fd, from, PORT)) {
		close(fd);
		return;
	}
	address(&a, to, PORT + 1);
	nonblock(fd, true);
	ret = connect(fd, &a.sa, FULL);
	step(name, ret);
	settle();
	step_fmt(nm("%s-then", name), 0, ev_str(poll_now(fd)), "error=%d device=%s v6only=%d",
		 so_error(fd), device(fd), geti(fd, IPPROTO_IPV6, IPV6_V6ONLY));
	if (!ret || errno == EINPROGRESS)
		carries(name, fd);
	linger(fd, 0);
	close(fd);
}

void g_connect6(void)
{
	size_t from, to;
	int v6only;

	links();
	if (serve(PORT + 1))
		_exit(2);
	for (from = 0; from < ARRAY_SIZE(addresses); from++)
		for (to = 1; to < ARRAY_SIZE(addresses); to++)
			for (v6only = 0; v6only < 2; v6only++)
				from_to(from, to, v6only);
}

static int disconnect(int fd)
{
	return connect(fd, &(struct sockaddr){ .sa_family = AF_UNSPEC }, sizeof(struct sockaddr));
}

/* One connection after another, each over the one or the other IP. */
static void in_turn(const char *kinds, const char *const *ip, size_t nr)
{
	int fd = sock_of(AF_INET6);
	char name[32];
	union addr a;
	size_t i;

	sndtimeo(fd, 1000);
	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%s-%zu", kinds, i);
		addr(&a, ip[i], PORT + 1);
		step(name, connect_to(fd, &a));
		carries(name, fd);
		step_fmt(nm("%s-is", name), 0, "-", "mss=%d mtu4=%d mtu6=%d",
			 geti(fd, SOL_TCP, TCP_MAXSEG), geti(fd, IPPROTO_IP, IP_MTU),
			 geti(fd, IPPROTO_IPV6, IPV6_MTU));
		step(nm("%s-disconnect", name), disconnect(fd));
		step_names(nm("%s-disconnected", name), fd);
		settle();
	}
	close(fd);
}

/* A failed attempt over one IP leaves nothing for the next over the other. */
static void failed_first(const char *name, const char *first, const char *then)
{
	int fd = sock_of(AF_INET6);
	union addr a;

	sndtimeo(fd, 1000);
	addr(&a, first, PORT + 2);
	step(name, connect_to(fd, &a));
	step_names(nm("%s-failed", name), fd);
	addr(&a, then, PORT + 1);
	step(nm("%s-then", name), connect_to(fd, &a));
	carries(name, fd);
	close(fd);
}

/* A dual-stack listener, and each who calls it. */
static void answered(const char *name, const char *ip, int port)
{
	socklen_t len = sizeof(union addr);
	union addr to, from = {};
	int lfd, fd, s;
	char buf[8];

	addr(&to, "::", port);
	lfd = sock_of(AF_INET6);
	bind(lfd, &to.sa, FULL);
	listen(lfd, 8);
	nonblock(lfd, true);
	addr(&to, ip, port);
	fd = sock_of(to.sa.sa_family);
	step(name, connect_to(fd, &to));
	settle();
	s = accept(lfd, &from.sa, &len);
	step_fmt(nm("%s-from", name), s < 0 ? -1 : 0, "-", "%s len=%u", addr_str(&from), len);
	step_names(name, fd);
	step_names(nm("%s-child", name), s);
	step_fmt(nm("%s-is", name), 0, "-", "domain=%d v6only=%d mss=%d tos=%d ttl=%d",
		 geti(s, SOL_SOCKET, SO_DOMAIN), geti(s, IPPROTO_IPV6, IPV6_V6ONLY),
		 geti(s, SOL_TCP, TCP_MAXSEG), geti(s, IPPROTO_IP, IP_TOS), geti(s, IPPROTO_IP, IP_TTL));
	len = sizeof(from);
	step(nm("%s-send", name), send(s, "dual", 4, NOW));
	step_ev(nm("%s-arrives", name), 0, await(fd, POLLIN));
	step(nm("%s-recv", name), recvfrom(fd, buf, sizeof(buf), NOW, &from.sa, &len));
	step(nm("%s-shutdown", name), shutdown(s, SHUT_WR));
	step_ev(nm("%s-rdhup", name), 0, await(fd, POLLRDHUP));
	close(fd);
	settle();
	step_ev(nm("%s-closed", name), 0, poll_now(s));
	/* Its TIME-WAIT has the port, but for who has it bound */
	close(s);
	close(lfd);
	fd = sock_of(to.sa.sa_family);
	step(nm("%s-again", name), bind_to(fd, ip, port));
	close(fd);
}

void g_dual(void)
{
	static const char *const four_six[] = { "::ffff:127.0.0.1", "::1", "::ffff:127.0.0.1" };
	static const char *const six_four[] = { "::1", "::ffff:127.0.0.1", "::1", "fd00::2" };

	links();
	if (serve(PORT + 1))
		_exit(2);
	in_turn("four-six", four_six, ARRAY_SIZE(four_six));
	in_turn("six-four", six_four, ARRAY_SIZE(six_four));
	failed_first("refused-6", "::1", "::ffff:127.0.0.1");
	failed_first("refused-mapped", "::ffff:127.0.0.1", "::1");
	failed_first("unreachable-6", "2001:db8::1", "::ffff:127.0.0.1");
	failed_first("unreachable-mapped", "::ffff:10.1.2.3", "::1");
	answered("by-4", "127.0.0.1", PORT + 3);
	answered("by-mapped", "::ffff:127.0.0.1", PORT + 4);
	answered("by-6", "::1", PORT + 5);
	answered("by-global", "fd00::2", PORT + 6);
	lengths("connect", 2, connect);
	lengths("connect", 8, connect);
	lengths("connect", 13, connect);
	families("connect", connect);
}
