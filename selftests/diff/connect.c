// SPDX-License-Identifier: GPL-2.0
/* Groups: connect that succeeds, is refused, or is wrong. */
#include <arpa/inet.h>

#include "diff.h"

static void names(const char *name, int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a = {};
	long ret;

	ret = getsockname(fd, &a.sa, &len);
	step_fmt(nm("%s-sockname", name), ret, "-", "%s", addr_str(&a));
	len = sizeof(a);
	memset(&a, 0, len);
	ret = getpeername(fd, &a.sa, &len);
	step_fmt(nm("%s-peername", name), ret, "-", "%s", addr_str(&a));
}

static void test_blocking(void)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr me, seen;

	e.lfd = listener(8, &e.to);
	e.peer = -1;
	e.fd = sock();
	step("blocking", connect_to(e.fd, &e.to));
	names("blocking", e.fd);
	step("blocking-again", connect_to(e.fd, &e.to));
	step_ev("blocking-poll", 0, poll_now(e.fd));
	step_val("blocking-error", 0, so_error(e.fd));
	e.peer = accept(e.lfd, &seen.sa, &len);
	getsockname(e.fd, &me.sa, &len);
	check("accept-sees-us", seen.in.sin_port == me.in.sin_port);
	names("accepted", e.peer);
	shut(&e);
}

static void nonblocking(void)
{
	struct ends e;

	e.lfd = listener(8, &e.to);
	e.peer = -1;
	e.fd = sock();
	nonblock(e.fd, true);
	step("nonblock", connect_to(e.fd, &e.to));
	step_ev("nonblock-poll", 0, await(e.fd, POLLOUT));
	step_val("nonblock-error", 0, so_error(e.fd));
	step("nonblock-2", connect_to(e.fd, &e.to));
	step("nonblock-3", connect_to(e.fd, &e.to));
	names("nonblock", e.fd);
	shut(&e);
}

static void test_refused(void)
{
	union addr to;
	int fd, lfd;

	nobody_there(&to);
	fd = sock();
	step("refused", connect_to(fd, &to));
	step_val("refused-error", 0, so_error(fd));
	step_ev("refused-poll", 0, poll_now(fd));
	names("refused", fd);
	step("refused-again", connect_to(fd, &to));
	lfd = listener(8, &to);
	step("refused-then-ok", connect_to(fd, &to));
	close(lfd);
	close(fd);
	nobody_there(&to);
	fd = sock();
	nonblock(fd, true);
	step("refused-nb", connect_to(fd, &to));
	step_ev("refused-nb-poll", 0, await(fd, POLLOUT));
	step("refused-nb-2", connect_to(fd, &to));
	step("refused-nb-3", connect_to(fd, &to));
	step_ev("refused-nb-poll-3", 0, await(fd, POLLOUT));
	step_val("refused-nb-error", 0, so_error(fd));
	step_val("refused-nb-error-2", 0, so_error(fd));
	step("refused-nb-4", connect_to(fd, &to));
	close(fd);
}

static void same_tuple(void)
{
	struct ends e;
	int other = sock();

	e.lfd = listener(8, &e.to);
	e.fd = sock();
	e.peer = -1;
	seti(e.fd, SOL_SOCKET, SO_REUSEADDR, 1);
	seti(other, SOL_SOCKET, SO_REUSEADDR, 1);
	bind4(e.fd, "127.0.0.1", PORT);
	bind4(other, "127.0.0.1", PORT);
	step("tuple-first", connect_to(e.fd, &e.to));
	step("tuple-second", connect_to(other, &e.to));
	e.peer = accept(e.lfd, NULL, NULL);
	close(e.fd);
	settle();
	close(e.peer);
	e.peer = -1;
	settle();
	step("tuple-time-wait", connect_to(other, &e.to));
	names("tuple-time-wait", other);
	e.fd = other;
	shut(&e);
}

/* One local port, two servers: two connections that differ in one number. */
static void one_port(void)
{
	union addr to, to2;
	int l = listener(8, &to), l2 = listener(8, &to2);
	int a = sock(), b = sock();

	seti(a, SOL_SOCKET, SO_REUSEADDR, 1);
	seti(b, SOL_SOCKET, SO_REUSEADDR, 1);
	step("one-port-bind", bind4(a, "127.0.0.1", PORT + 1));
	step("one-port-bind-2", bind4(b, "127.0.0.1", PORT + 1));
	step("one-port", connect_to(a, &to));
	step("one-port-2", connect_to(b, &to2));
	close(a);
	close(b);
	close(l);
	close(l2);
}

void g_connect(void)
{
	union addr to;
	int lfd, fd;

	test_blocking();
	nonblocking();
	test_refused();
	same_tuple();
	one_port();
	lfd = listener(8, &to);
	to.in.sin_addr.s_addr = htonl(INADDR_ANY);
	fd = sock();
	step("to-any", connect_to(fd, &to));
	names("to-any", fd);
	close(fd);
	fd = sock();
	bind4(fd, "127.0.0.3", 0);
	to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	step("bound", connect_to(fd, &to));
	names("bound", fd);
	close(fd);
	fd = sock();
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	step("device", connect_to(fd, &to));
	close(fd);
	close(lfd);
}

static void wrong(const char *name, const char *ip, int port)
{
	int fd = sock();
	union addr a;

	addr4(&a, ip, port);
	step(name, connect_to(fd, &a));
	step_val(nm("%s-error", name), 0, so_error(fd));
	close(fd);
}

static void wrong_len(const char *name, int family, socklen_t len)
{
	union addr to;
	int lfd = listener(8, &to), fd = sock();

	to.sa.sa_family = family;
	step(name, connect(fd, &to.sa, len));
	close(lfd);
	close(fd);
}

void g_connect_err(void)
{
	union addr to;
	int fd, lfd;

	wrong("port-0", "127.0.0.1", 0);
	wrong("no-route", "10.1.2.3", PORT);
	wrong("multicast", "224.0.0.1", PORT);
	wrong("broadcast", "255.255.255.255", PORT);
	wrong("lo-broadcast", "127.255.255.255", PORT);
	wrong("class-e", "240.0.0.1", PORT);
	wrong_len("len-15", AF_INET, 15);
	wrong_len("len-2", AF_INET, 2);
	wrong_len("len-1", AF_INET, 1);
	wrong_len("len-0", AF_INET, 0);
	wrong_len("len-128", AF_INET, 128);
	wrong_len("len-129", AF_INET, 129);
	wrong_len("len-negative", AF_INET, -1);
	wrong_len("family-inet6", AF_INET6, sizeof(to.in6));
	wrong_len("family-unix", AF_UNIX, sizeof(to.in));
	lfd = listener(8, &to);
	step("on-listener", connect_to(lfd, &to));
	fd = sock();
	step("ptr-fault", connect(fd, (void *)bad, sizeof(to.in)));
	step("ptr-null", connect(fd, NULL, sizeof(to.in)));
	step("still-usable", connect_to(fd, &to));
	close(fd);
	fd = sock();
	bind4(fd, "224.0.0.1", 0);
	step("from-multicast", connect_to(fd, &to));
	close(fd);
	fd = sock();
	seti(fd, IPPROTO_IP, IP_FREEBIND, 1);
	bind4(fd, "10.1.2.3", 0);
	nonblock(fd, true);
	step("from-nonlocal", connect_to(fd, &to));
	close(fd);
	close(lfd);
	step("closed-fd", connect_to(fd, &to));
	fd = open("/dev/null", O_RDWR);
	step("not-a-socket", connect_to(fd, &to));
	close(fd);
}

static void to6(const char *name, const char *ip, int port, int v6only)
{
	int fd = sock6();
	union addr a;

	if (v6only)
		seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	addr6(&a, ip, port);
	step(name, connect_to(fd, &a));
	names(name, fd);
	close(fd);
}

static void via6(const char *name, const char *ip)
{
	struct ends e;
	char buf[16];
	long ret;

	step(nm("%s-pair", name), pair6(&e, ip));
	names(name, e.fd);
	names(nm("%s-accepted", name), e.peer);
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

	lfd = listener6("::", &to);
	fd = sock();
	from.in.sin_port = to.in6.sin6_port;
	addr4(&to, "127.0.0.1", ntohs(from.in.sin_port));
	step("dual", connect_to(fd, &to));
	names("dual", fd);
	s = accept(lfd, &from.sa, &len);
	step_fmt("dual-accept", s < 0 ? -1 : 0, "-", "%s len=%u",
		 addr_str(&from), len);
	names("dual-accepted", s);
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
	lfd = listener(8, &to);
	to6("mapped-v6only", "::ffff:127.0.0.1", ntohs(to.in.sin_port), 1);
	to6("refused", "::1", PORT, 0);
	to6("refused-mapped", "::ffff:127.0.0.1", PORT, 0);
	to6("no-route", "2001:db8::1", PORT, 0);
	to6("link-local", "fe80::1", PORT, 0);
	to6("multicast", "ff02::1", PORT, 0);
	fd = sock6();
	step("family-inet", connect(fd, &to.sa, sizeof(to.in6)));
	step("len-16", connect(fd, &to.sa, sizeof(to.in)));
	close(lfd);
	lfd = listener6("::1", &to6a);
	step("len-24", connect(fd, &to6a.sa, 24));
	close(fd);
	fd = sock6();
	to6a.in6.sin6_addr = in6addr_any;
	step("to-any", connect_to(fd, &to6a));
	names("to-any", fd);
	close(fd);
	close(lfd);
}
