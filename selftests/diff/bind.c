// SPDX-License-Identifier: GPL-2.0
/* Groups: which socket gets which address and port. */
#include "diff.h"

static void name_of(const char *name, int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a = {};
	long ret = getsockname(fd, &a.sa, &len);

	step_fmt(name, ret, "-", "%s", addr_str(&a));
}

static void ok(const char *name, const char *ip, int port)
{
	int fd = sock();

	step(name, bind4(fd, ip, port));
	name_of(nm("%s-name", name), fd);
	close(fd);
}

static void raw_bind(const char *name, int family, const char *ip, socklen_t len)
{
	int fd = sock();
	union addr a;

	addr4(&a, ip, 0);
	a.sa.sa_family = family;
	step(name, bind(fd, &a.sa, len));
	close(fd);
}

static void bad_addresses(void)
{
	union addr a;
	int fd;

	raw_bind("family-inet6", AF_INET6, "127.0.0.1", sizeof(a.in));
	raw_bind("family-unix", AF_UNIX, "127.0.0.1", sizeof(a.in));
	raw_bind("family-unspec-any", AF_UNSPEC, "0.0.0.0", sizeof(a.in));
	raw_bind("family-unspec-lo", AF_UNSPEC, "127.0.0.1", sizeof(a.in));
	raw_bind("len-15", AF_INET, "127.0.0.1", sizeof(a.in) - 1);
	raw_bind("len-2", AF_INET, "127.0.0.1", 2);
	raw_bind("len-0", AF_INET, "127.0.0.1", 0);
	raw_bind("len-128", AF_INET, "127.0.0.1", 128);
	raw_bind("len-129", AF_INET, "127.0.0.1", 129);
	raw_bind("len-negative", AF_INET, "127.0.0.1", -1);
	fd = sock();
	step("ptr-fault", bind(fd, (void *)bad, sizeof(a.in)));
	step("ptr-straddles", bind(fd, (void *)(bad - 4), sizeof(a.in)));
	step("ptr-null", bind(fd, NULL, sizeof(a.in)));
	close(fd);
	addr4(&a, "127.0.0.1", 0);
	step("closed-fd", bind(fd, &a.sa, sizeof(a.in)));
	fd = open("/dev/null", O_RDWR);
	step("not-a-socket", bind(fd, &a.sa, sizeof(a.in)));
	close(fd);
}

static void privileges(void)
{
	nobody(true);
	ok("nobody-80", "127.0.0.1", 80);
	ok("nobody-1023", "127.0.0.1", 1023);
	ok("nobody-1024", "127.0.0.1", 1024);
	nobody(false);
	ok("root-80", "127.0.0.1", 80);
	ok("root-65535", "127.0.0.1", 65535);
	sysctl_set("ipv4/ip_unprivileged_port_start", "80");
	nobody(true);
	ok("unprivileged-start-80", "127.0.0.1", 80);
	ok("unprivileged-start-79", "127.0.0.1", 79);
	nobody(false);
}

static void test_nonlocal(void)
{
	int fd;

	ok("nonlocal", "10.1.2.3", 0);
	ok("multicast", "224.0.0.1", 0);
	ok("broadcast", "255.255.255.255", 0);
	ok("lo-2", "127.0.0.2", PORT);
	fd = sock();
	step("freebind-set", seti(fd, IPPROTO_IP, IP_FREEBIND, 1));
	step("freebind", bind4(fd, "10.1.2.3", 0));
	close(fd);
	fd = sock();
	step("transparent-set", seti(fd, IPPROTO_IP, IP_TRANSPARENT, 1));
	step("transparent", bind4(fd, "10.1.2.3", PORT));
	name_of("transparent-name", fd);
	close(fd);
	fd = sock();
	nobody(true);
	step("transparent-nobody", seti(fd, IPPROTO_IP, IP_TRANSPARENT, 1));
	nobody(false);
	close(fd);
	sysctl_set("ipv4/ip_nonlocal_bind", "1");
	ok("ip-nonlocal-bind", "10.1.2.3", 0);
	sysctl_set("ipv4/ip_nonlocal_bind", "0");
}

/* Two ports in the range: the third wish finds none. */
static void exhausted(void)
{
	int a = sock(), b = sock(), c = sock(), d = sock();
	union addr to;
	int lfd;

	lfd = listener(8, &to);
	sysctl_set("ipv4/ip_local_port_range", "30000 30001");
	step("range-1", bind4(a, "127.0.0.1", 0));
	step("range-2", bind4(b, "127.0.0.1", 0));
	step("range-3", bind4(c, "127.0.0.1", 0));
	step("range-connect", connect_to(d, &to));
	close(a);
	step("range-freed", bind4(c, "127.0.0.1", 0));
	close(b);
	close(c);
	sysctl_set("ipv4/ip_local_reserved_ports", "30000");
	c = sock();
	step("reserved-skipped", bind4(c, "127.0.0.1", 0));
	name_of("reserved-name", c);
	close(c);
	c = sock();
	step("reserved-explicit", bind4(c, "127.0.0.1", 30000));
	close(c);
	close(d);
	close(lfd);
	sysctl_set("ipv4/ip_local_reserved_ports", "");
	sysctl_set("ipv4/ip_local_port_range", "32768 60999");
}

static void states(void)
{
	struct ends e;
	union addr to;
	int fd;

	fd = sock();
	step("first", bind4(fd, "127.0.0.1", 0));
	step("second", bind4(fd, "127.0.0.1", 0));
	close(fd);
	fd = sock();
	step("no-port-set", seti(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	step("no-port", bind4(fd, "127.0.0.1", 0));
	name_of("no-port-name", fd);
	e.lfd = listener(8, &to);
	step("no-port-connect", connect_to(fd, &to));
	name_of("no-port-connected", fd);
	close(fd);
	step("on-listener", bind4(e.lfd, "127.0.0.1", 0));
	close(e.lfd);
	pair(&e);
	step("on-connected", bind4(e.fd, "127.0.0.1", 0));
	shut(&e);
}

static void test_device(void)
{
	int a = sock(), b = sock();

	step("device-none", setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE,
				       "nosuch0", 8));
	step("device-lo", setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	step("device-bind", bind4(a, "127.0.0.1", PORT));
	step("device-conflict", bind4(b, "127.0.0.1", PORT));
	close(a);
	step("device-freed", bind4(b, "127.0.0.1", PORT));
	close(b);
}

void g_bind(void)
{
	ok("any-0", "0.0.0.0", 0);
	ok("lo-0", "127.0.0.1", 0);
	ok("lo-port", "127.0.0.1", PORT);
	ok("lo-port-freed", "127.0.0.1", PORT);
	bad_addresses();
	privileges();
	test_nonlocal();
	exhausted();
	states();
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
	step(nm("%s-a", name), bind4(a, ip_a, PORT));
	if (listens)
		step(nm("%s-a-listen", name), listen(a, 1));
	step(nm("%s-b", name), bind4(b, ip_b, PORT));
	step(nm("%s-b-listen", name), listen(b, 1));
	close(a);
	close(b);
}

void g_bind_reuse(void)
{
	static const char lo[] = "127.0.0.1", lo2[] = "127.0.0.2";
	static const char any[] = "0.0.0.0";
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
	step("port-uid-a", bind4(a, lo, PORT));
	step("port-uid-b", bind4(b, lo, PORT));
	close(a);
	step("port-uid-b-alone", bind4(b, lo, PORT));
	close(b);
	step("set-after-bind", bind4(a = sock(), lo, PORT));
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

	addr4(&a, "127.0.0.1", PORT + reuse);
	e.lfd = sock();
	seti(e.lfd, SOL_SOCKET, SO_REUSEADDR, reuse);
	bind(e.lfd, &a.sa, sizeof(a.in));
	listen(e.lfd, 1);
	e.fd = sock();
	connect_to(e.fd, &a);
	e.peer = accept(e.lfd, NULL, NULL);
	close(e.lfd);
	e.lfd = -1;
	fd = sock();
	seti(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	step(nm("%s-open", name), bind(fd, &a.sa, sizeof(a.in)));
	step(nm("%s-open-listen", name), listen(fd, 1));
	close(fd);
	close(e.peer);
	e.peer = -1;
	settle();
	shut(&e);
	settle();
	fd = sock();
	seti(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	step(nm("%s-time-wait", name), bind(fd, &a.sa, sizeof(a.in)));
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

static void bind6(const char *name, const char *ip, int port, socklen_t len)
{
	int fd = sock6();
	union addr a;

	addr6(&a, ip, port);
	step(name, bind(fd, &a.sa, len));
	name_of(nm("%s-name", name), fd);
	close(fd);
}

static void dual(const char *name, int v6only, const char *ip6, const char *ip4)
{
	int a = sock6(), b = sock();
	union addr a6;

	addr6(&a6, ip6, PORT);
	seti(a, IPPROTO_IPV6, IPV6_V6ONLY, v6only);
	step(nm("%s-6", name), bind(a, &a6.sa, sizeof(a6.in6)));
	step(nm("%s-4", name), bind4(b, ip4, PORT));
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
	addr4(&a, "127.0.0.1", PORT);
	fd = sock6();
	step("family-inet", bind(fd, &a.sa, full));
	a.sa.sa_family = AF_UNSPEC;
	step("family-unspec", bind(fd, &a.sa, full));
	step("v6only-set", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	addr6(&a, "::1", PORT);
	step("bind", bind(fd, &a.sa, full));
	step("v6only-bound", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
	close(fd);
}
