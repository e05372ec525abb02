// SPDX-License-Identifier: GPL-2.0
/* Groups: addresses of IPv6, and those of IPv4 on its sockets. */
#include "diff.h"

static void bind6(const char *name, const char *ip, int port, socklen_t len)
{
	int fd = sock_of(AF_INET6);
	union addr a;

	addr(&a, ip, port);
	step(name, bind(fd, &a.sa, len));
	step_sockname(nm("%s-name", name), fd);
	close(fd);
}

static void dual(const char *name, int v6only, const char *ip6, const char *ip4)
{
	int a = sock_of(AF_INET6), b = sock_of(AF_INET);
	union addr a6;

	addr(&a6, ip6, PORT);
	seti(a, IPPROTO_IPV6, IPV6_V6ONLY, v6only);
	step(nm("%s-6", name), bind(a, &a6.sa, sizeof(a6.in6)));
	step(nm("%s-4", name), bind_to(b, ip4, PORT));
	close(a);
	close(b);
}

void g_bind6(void)
{
	socklen_t full = sizeof(struct sockaddr_in6);
	union addr a;
	int fd;

	bind6("lo", "::1", 0, full);
	bind6("any", "::", PORT, full);
	bind6("mapped", "::ffff:127.0.0.1", PORT, full);
	bind6("mapped-any", "::ffff:0.0.0.0", PORT, full);
	bind6("nonlocal", "2001:db8::1", PORT, full);
	bind6("mapped-nonlocal", "::ffff:10.1.2.3", PORT, full);
	bind6("link-local", "fe80::1", PORT, full);
	bind6("multicast", "ff02::1", PORT, full);
	bind6("len-24", "::1", PORT, 24);
	bind6("len-23", "::1", PORT, 23);
	bind6("len-16", "::1", PORT, 16);
	dual("dual", 0, "::", "0.0.0.0");
	dual("dual-lo", 0, "::", "127.0.0.1");
	dual("v6only", 1, "::", "0.0.0.0");
	dual("lo-lo", 0, "::1", "127.0.0.1");
	dual("mapped", 0, "::ffff:127.0.0.1", "127.0.0.1");
	dual("mapped-v6only", 1, "::ffff:127.0.0.1", "127.0.0.1");
	addr(&a, "127.0.0.1", PORT);
	fd = sock_of(AF_INET6);
	step("family-inet", bind(fd, &a.sa, full));
	a.sa.sa_family = AF_UNSPEC;
	step("family-unspec", bind(fd, &a.sa, full));
	step("v6only-set", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	addr(&a, "::1", PORT);
	step("bind", bind(fd, &a.sa, full));
	step("v6only-bound", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
	close(fd);
}

static void to6(const char *name, const char *ip, int port, int v6only)
{
	int fd = sock_of(AF_INET6);
	union addr a;

	if (v6only)
		seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	addr(&a, ip, port);
	step(name, connect_to(fd, &a));
	step_names(name, fd);
	close(fd);
}

static void via6(const char *name, const char *ip)
{
	struct ends e;
	char buf[16];
	long ret;

	step(nm("%s-pair", name), pair_on(&e, ip));
	step_names(name, e.fd);
	step_names(nm("%s-accepted", name), e.peer);
	step(nm("%s-send", name), send(e.fd, "six", 3, NOW));
	await(e.peer, POLLIN);
	ret = recv(e.peer, buf, sizeof(buf), NOW);
	step_buf(nm("%s-recv", name), ret, buf);
	step(nm("%s-shutdown", name), shutdown(e.fd, SHUT_WR));
	step_ev(nm("%s-rdhup", name), 0, await(e.peer, POLLRDHUP));
	shut(&e);
}

/* A dual-stack listener, met over IPv4. */
static void test_dual(void)
{
	socklen_t len = sizeof(union addr);
	union addr to, from = {};
	int fd, lfd, s;

	lfd = listener_on("::", 8, &to);
	fd = sock_of(AF_INET);
	from.port = to.port;
	addr(&to, "127.0.0.1", ntohs(from.port));
	step("dual", connect_to(fd, &to));
	step_names("dual", fd);
	s = accept(lfd, &from.sa, &len);
	step_fmt("dual-accept", s < 0 ? -1 : 0, "-", "%s len=%u",
		 addr_str(&from), len);
	step_names("dual-accepted", s);
	close(s);
	close(fd);
	close(lfd);
}

void g_connect6(void)
{
	union addr to, to6a;
	int lfd, fd;

	via6("lo6", "::1");
	via6("mapped", "::ffff:127.0.0.1");
	test_dual();
	lfd = listener_on("127.0.0.1", 8, &to);
	to6("mapped-v6only", "::ffff:127.0.0.1", ntohs(to.port), 1);
	to6("refused", "::1", PORT, 0);
	to6("refused-mapped", "::ffff:127.0.0.1", PORT, 0);
	to6("no-route", "2001:db8::1", PORT, 0);
	to6("link-local", "fe80::1", PORT, 0);
	to6("multicast", "ff02::1", PORT, 0);
	fd = sock_of(AF_INET6);
	step("family-inet", connect(fd, &to.sa, sizeof(to.in6)));
	step("len-16", connect(fd, &to.sa, sizeof(to.in)));
	close(lfd);
	lfd = listener_on("::1", 8, &to6a);
	step("len-24", connect(fd, &to6a.sa, 24));
	close(fd);
	fd = sock_of(AF_INET6);
	to6a.in6.sin6_addr = in6addr_any;
	step("to-any", connect_to(fd, &to6a));
	step_names("to-any", fd);
	close(fd);
	close(lfd);
}

