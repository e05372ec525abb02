// SPDX-License-Identifier: GPL-2.0
/* Groups: which socket gets which address and port. */
#include "diff.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

static void ok(const char *name, const char *ip, int port)
{
	int fd = sock();

	step(name, bind_to(fd, ip, port));
	step_sockname(nm("%s-name", name), fd);
	close(fd);
}

static void raw_bind(const char *name, int family, const char *ip, socklen_t len)
{
	int fd = sock();
	union addr a;

	addr(&a, ip, 0);
	a.sa.sa_family = family;
	step(name, bind(fd, &a.sa, len));
	close(fd);
}

static void bad_addresses(void)
{
	union addr a;
	int fd;

	raw_bind("family-other", fam->other_af, fam->lo, fam->len);
	raw_bind("family-unix", AF_UNIX, fam->lo, fam->len);
	raw_bind("family-unspec-any", AF_UNSPEC, fam->any, fam->len);
	raw_bind("family-unspec-lo", AF_UNSPEC, fam->lo, fam->len);
	raw_bind("len-short", fam->af, fam->lo, fam->min_len - 1);
	raw_bind("len-min", fam->af, fam->lo, fam->min_len);
	raw_bind("len-2", fam->af, fam->lo, 2);
	raw_bind("len-0", fam->af, fam->lo, 0);
	raw_bind("len-128", fam->af, fam->lo, 128);
	raw_bind("len-129", fam->af, fam->lo, 129);
	raw_bind("len-negative", fam->af, fam->lo, -1);
	fd = sock();
	step("ptr-fault", bind(fd, (void *)bad, fam->len));
	step("ptr-straddles", bind(fd, (void *)(bad - 4), fam->len));
	step("ptr-null", bind(fd, NULL, fam->len));
	close(fd);
	addr(&a, fam->lo, 0);
	step("closed-fd", bind(fd, &a.sa, fam->len));
	fd = open("/dev/null", O_RDWR);
	step("not-a-socket", bind(fd, &a.sa, fam->len));
	close(fd);
}

static void privileges(void)
{
	nobody(true);
	ok("nobody-80", fam->lo, 80);
	ok("nobody-1023", fam->lo, 1023);
	ok("nobody-1024", fam->lo, 1024);
	nobody(false);
	ok("root-80", fam->lo, 80);
	ok("root-65535", fam->lo, 65535);
	sysctl_set("ipv4/ip_unprivileged_port_start", "80");
	nobody(true);
	ok("unprivileged-start-80", fam->lo, 80);
	ok("unprivileged-start-79", fam->lo, 79);
	nobody(false);
}

static void test_nonlocal(void)
{
	int fd;

	ok("nonlocal", fam->nonlocal, 0);
	ok("multicast", fam->multicast, 0);
	if (fam->broadcast)
		ok("broadcast", fam->broadcast, 0);
	ok("lo-2", fam->lo2, PORT);
	fd = sock();
	step("freebind-set", seti(fd, SOL_FAMILY, FAM_FREEBIND, 1));
	step("freebind", bind_to(fd, fam->nonlocal, 0));
	close(fd);
	fd = sock();
	step("transparent-set", seti(fd, SOL_FAMILY, FAM_TRANSPARENT, 1));
	step("transparent", bind_to(fd, fam->nonlocal, PORT));
	step_sockname("transparent-name", fd);
	close(fd);
	fd = sock();
	nobody(true);
	step("transparent-nobody", seti(fd, SOL_FAMILY, FAM_TRANSPARENT, 1));
	nobody(false);
	close(fd);
	sysctl_set(nm("%s/ip_nonlocal_bind", fam->sysctl), "1");
	ok("ip-nonlocal-bind", fam->nonlocal, 0);
	sysctl_set(nm("%s/ip_nonlocal_bind", fam->sysctl), "0");
}

/* Two ports in the range: the third wish finds none. */
static void exhausted(void)
{
	int a = sock(), b = sock(), c = sock(), d = sock();
	union addr to;
	int lfd;

	lfd = listener(8, &to);
	sysctl_set("ipv4/ip_local_port_range", "30000 30001");
	step("range-1", bind_to(a, fam->lo, 0));
	step("range-2", bind_to(b, fam->lo, 0));
	step("range-3", bind_to(c, fam->lo, 0));
	step("range-connect", connect_to(d, &to));
	close(a);
	step("range-freed", bind_to(c, fam->lo, 0));
	close(b);
	close(c);
	sysctl_set("ipv4/ip_local_reserved_ports", "30000");
	c = sock();
	step("reserved-skipped", bind_to(c, fam->lo, 0));
	step_sockname("reserved-name", c);
	close(c);
	c = sock();
	step("reserved-explicit", bind_to(c, fam->lo, 30000));
	close(c);
	close(d);
	close(lfd);
	sysctl_set("ipv4/ip_local_reserved_ports", "");
	sysctl_set("ipv4/ip_local_port_range", "32768 60999");
}

static int local_port(int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a = {};

	getsockname(fd, &a.sa, &len);
	return ntohs(a.port);
}

/* A socket's own part of the range: a single port of it. */
static void own_range(void)
{
	union addr to;
	int lfd = listener(8, &to), a = sock(), b = sock();

	seti(a, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 40001 << 16 | 40001);
	seti(b, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 40001 << 16 | 40001);
	step("own-range-bind", bind_to(a, fam->lo, 0));
	step_val("own-range-port", 0, local_port(a));
	step("own-range-full", bind_to(b, fam->lo, 0));
	close(a);
	step("own-range-connect", connect_to(b, &to));
	step_val("own-range-connected", 0, local_port(b));
	close(b);
	close(lfd);
}

static void states(void)
{
	struct ends e;
	union addr to;
	int fd;

	fd = sock();
	step("first", bind_to(fd, fam->lo, 0));
	step("second", bind_to(fd, fam->lo, 0));
	close(fd);
	fd = sock();
	step("no-port-set", seti(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	step("no-port", bind_to(fd, fam->lo, 0));
	step_sockname("no-port-name", fd);
	e.lfd = listener(8, &to);
	step("no-port-connect", connect_to(fd, &to));
	step_sockname("no-port-connected", fd);
	close(fd);
	step("on-listener", bind_to(e.lfd, fam->lo, 0));
	close(e.lfd);
	pair(&e);
	step("on-connected", bind_to(e.fd, fam->lo, 0));
	shut(&e);
}

static void test_device(void)
{
	int a = sock(), b = sock();

	step("device-none", setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE,
				       "nosuch0", 8));
	step("device-lo", setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	step("device-bind", bind_to(a, fam->lo, PORT));
	step("device-conflict", bind_to(b, fam->lo, PORT));
	close(a);
	step("device-freed", bind_to(b, fam->lo, PORT));
	close(b);
}

void g_bind(void)
{
	ok("any-0", fam->any, 0);
	ok("lo-0", fam->lo, 0);
	ok("lo-port", fam->lo, PORT);
	ok("lo-port-freed", fam->lo, PORT);
	bad_addresses();
	privileges();
	test_nonlocal();
	exhausted();
	states();
	own_range();
	test_device();
}

/* Whether @b may bind where @a is; both as options say. */
static void both(const char *name, int opt_a, int opt_b, const char *ip_a,
		 const char *ip_b, bool listens)
{
	int a = sock(), b = sock();

	if (opt_a)
		seti(a, SOL_SOCKET, opt_a, 1);
	if (opt_b)
		seti(b, SOL_SOCKET, opt_b, 1);
	step(nm("%s-a", name), bind_to(a, ip_a, PORT));
	if (listens)
		step(nm("%s-a-listen", name), listen(a, 1));
	step(nm("%s-b", name), bind_to(b, ip_b, PORT));
	step(nm("%s-b-listen", name), listen(b, 1));
	close(a);
	close(b);
}

void g_bind_reuse(void)
{
	const char *lo = fam->lo, *lo2 = fam->lo2, *any = fam->any;
	int a = sock(), b = sock();

	both("none", 0, 0, lo, lo, false);
	both("addr", SO_REUSEADDR, SO_REUSEADDR, lo, lo, false);
	both("addr-listen", SO_REUSEADDR, SO_REUSEADDR, lo, lo, true);
	both("addr-first", SO_REUSEADDR, 0, lo, lo, false);
	both("addr-second", 0, SO_REUSEADDR, lo, lo, false);
	both("port", SO_REUSEPORT, SO_REUSEPORT, lo, lo, true);
	both("port-first", SO_REUSEPORT, 0, lo, lo, true);
	both("port-second", 0, SO_REUSEPORT, lo, lo, true);
	both("port-and-addr", SO_REUSEPORT, SO_REUSEADDR, lo, lo, false);
	both("two-hosts", 0, 0, lo, lo2, true);
	both("any-then-lo", 0, 0, any, lo, true);
	both("lo-then-any", 0, 0, lo, any, true);
	both("addr-any-lo", SO_REUSEADDR, SO_REUSEADDR, any, lo, true);
	both("port-any-lo", SO_REUSEPORT, SO_REUSEPORT, any, lo, true);

	seti(a, SOL_SOCKET, SO_REUSEPORT, 1);
	nobody(true);
	b = sock();
	seti(b, SOL_SOCKET, SO_REUSEPORT, 1);
	nobody(false);
	step("port-uid-a", bind_to(a, lo, PORT));
	step("port-uid-b", bind_to(b, lo, PORT));
	close(a);
	step("port-uid-b-alone", bind_to(b, lo, PORT));
	close(b);
	step("set-after-bind", bind_to(a = sock(), lo, PORT));
	step("set-addr-after-bind", seti(a, SOL_SOCKET, SO_REUSEADDR, 1));
	step("set-port-after-bind", seti(a, SOL_SOCKET, SO_REUSEPORT, 1));
	close(a);
}

/* What a connection, and what is left of it, does to its port. */
static void port_of(const char *name, bool active, int reuse)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr a;
	int fd;

	pair(&e);
	getsockname(e.fd, &a.sa, &len);
	fd = sock();
	seti(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	step(nm("%s-open", name), bind(fd, &a.sa, len));
	close(fd);
	shutdown(active ? e.fd : e.peer, SHUT_WR);
	settle();
	shutdown(active ? e.peer : e.fd, SHUT_WR);
	settle();
	shut(&e);
	fd = sock();
	seti(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	step(nm("%s-closed", name), bind(fd, &a.sa, len));
	close(fd);
}

/* The same for a server that closed first, whose port is in TIME-WAIT. */
static void server_port(const char *name, int reuse)
{
	struct ends e = { .peer = -1 };
	union addr a;
	int fd;

	addr(&a, fam->lo, PORT + reuse);
	e.lfd = sock();
	seti(e.lfd, SOL_SOCKET, SO_REUSEADDR, reuse);
	bind(e.lfd, &a.sa, fam->len);
	listen(e.lfd, 1);
	e.fd = sock();
	connect_to(e.fd, &a);
	e.peer = accept(e.lfd, NULL, NULL);
	close(e.lfd);
	e.lfd = -1;
	fd = sock();
	seti(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	step(nm("%s-open", name), bind(fd, &a.sa, fam->len));
	step(nm("%s-open-listen", name), listen(fd, 1));
	close(fd);
	close(e.peer);
	e.peer = -1;
	settle();
	shut(&e);
	settle();
	fd = sock();
	seti(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	step(nm("%s-time-wait", name), bind(fd, &a.sa, fam->len));
	step(nm("%s-time-wait-listen", name), listen(fd, 1));
	close(fd);
}

void g_bind_tw(void)
{
	port_of("active", true, 0);
	port_of("passive", false, 0);
	port_of("active-reuse", true, 1);
	port_of("passive-reuse", false, 1);
	server_port("server", 0);
	server_port("server-reuse", 1);
}
