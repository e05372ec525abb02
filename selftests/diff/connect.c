// SPDX-License-Identifier: GPL-2.0
/* Groups: connect that succeeds, is refused, or is wrong. */
#include "diff.h"

static void test_blocking(void)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr me, seen;

	e.lfd = listener(8, &e.to);
	e.peer = -1;
	e.fd = sock();
	step("blocking", connect_to(e.fd, &e.to));
	step_names("blocking", e.fd);
	step("blocking-again", connect_to(e.fd, &e.to));
	step_ev("blocking-poll", 0, poll_now(e.fd));
	step_val("blocking-error", 0, so_error(e.fd));
	e.peer = accept(e.lfd, &seen.sa, &len);
	getsockname(e.fd, &me.sa, &len);
	check("accept-sees-us", seen.port == me.port);
	step_names("accepted", e.peer);
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
	step_names("nonblock", e.fd);
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
	step_names("refused", fd);
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
	bind_to(e.fd, fam->lo, PORT);
	bind_to(other, fam->lo, PORT);
	step("tuple-first", connect_to(e.fd, &e.to));
	step("tuple-second", connect_to(other, &e.to));
	e.peer = accept(e.lfd, NULL, NULL);
	close(e.fd);
	settle();
	close(e.peer);
	e.peer = -1;
	settle();
	step("tuple-time-wait", connect_to(other, &e.to));
	step_names("tuple-time-wait", other);
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
	step("one-port-bind", bind_to(a, fam->lo, PORT + 1));
	step("one-port-bind-2", bind_to(b, fam->lo, PORT + 1));
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
	addr(&to, fam->any, ntohs(to.port));
	fd = sock();
	step("to-any", connect_to(fd, &to));
	step_names("to-any", fd);
	close(fd);
	fd = sock();
	bind_to(fd, fam->lo3, 0);
	addr(&to, fam->lo, ntohs(to.port));
	step("bound", connect_to(fd, &to));
	step_names("bound", fd);
	close(fd);
	fd = sock();
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	step("device", connect_to(fd, &to));
	close(fd);
	close(lfd);
}

static void wrong(const char *name, const char *ip, int port)
{
	union addr a;
	int fd;

	if (!ip)
		return;
	fd = sock();
	addr(&a, ip, port);
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

	wrong("port-0", fam->lo, 0);
	wrong("no-route", fam->nonlocal, PORT);
	wrong("multicast", fam->multicast, PORT);
	wrong("broadcast", fam->broadcast, PORT);
	wrong("lo-broadcast", fam->lo_broadcast, PORT);
	wrong("class-e", fam->class_e, PORT);
	wrong_len("len-short", fam->af, fam->min_len - 1);
	wrong_len("len-min", fam->af, fam->min_len);
	wrong_len("len-2", fam->af, 2);
	wrong_len("len-1", fam->af, 1);
	wrong_len("len-0", fam->af, 0);
	wrong_len("len-128", fam->af, 128);
	wrong_len("len-129", fam->af, 129);
	wrong_len("len-negative", fam->af, -1);
	wrong_len("family-other", fam->other_af, sizeof(to.in6));
	wrong_len("family-unix", AF_UNIX, fam->len);
	lfd = listener(8, &to);
	step("on-listener", connect_to(lfd, &to));
	fd = sock();
	step("ptr-fault", connect(fd, (void *)bad, fam->len));
	step("ptr-null", connect(fd, NULL, fam->len));
	step("still-usable", connect_to(fd, &to));
	close(fd);
	fd = sock();
	bind_to(fd, fam->multicast, 0);
	step("from-multicast", connect_to(fd, &to));
	close(fd);
	fd = sock();
	seti(fd, SOL_FAMILY, FAM_FREEBIND, 1);
	bind_to(fd, fam->nonlocal, 0);
	nonblock(fd, true);
	step("from-nonlocal", connect_to(fd, &to));
	close(fd);
	close(lfd);
	step("closed-fd", connect_to(fd, &to));
	fd = open("/dev/null", O_RDWR);
	step("not-a-socket", connect_to(fd, &to));
	close(fd);
}
