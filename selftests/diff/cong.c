// SPDX-License-Identifier: GPL-2.0
/* Group: the choice of a congestion control algorithm. */
#include <linux/inet_diag.h>
#include <linux/tcp.h>

#include "diff.h"

static void show(const char *name, int fd)
{
	char got[32] = "";
	socklen_t n = sizeof(got);
	long ret = getsockopt(fd, SOL_TCP, TCP_CONGESTION, got, &n);

	step_fmt(name, ret, "-", "len=%u %s", n, got);
}

static void choose(const char *name, int fd, const char *algorithm)
{
	step(name, setsockopt(fd, SOL_TCP, TCP_CONGESTION, algorithm, strlen(algorithm)));
	show(nm("%s-got", name), fd);
}

static void info(const char *name, int fd)
{
	union tcp_cc_info cc;
	socklen_t n = sizeof(cc);
	long ret = getsockopt(fd, SOL_TCP, TCP_CC_INFO, &cc, &n);

	step_fmt(name, ret, "-", "len=%u", n);
}

/* What a child of @lfd has */
static void child(const char *name, int lfd, const union addr *to)
{
	int fd = sock(), peer;

	connect_to(fd, to);
	peer = accept(lfd, NULL, NULL);
	show(nm("%s-active", name), fd);
	show(nm("%s-child", name), peer);
	close(fd);
	close(peer);
}

static void on_a_connection(void)
{
	struct ends e;

	pair(&e);
	show("conn", e.fd);
	choose("conn-cubic", e.fd, "cubic");
	choose("conn-bbr", e.fd, "bbr");
	info("conn-bbr-info", e.fd);
	choose("conn-unknown", e.fd, "nosuch");
	send_hello(e.peer);
	choose("conn-reno", e.fd, "reno");
	info("conn-reno-info", e.fd);
	show("conn-peer", e.peer);
	shut(&e);
}

static void by_sysctl(void)
{
	union addr to;
	int fd = sock(), lfd = listener(8, &to);

	child("default", lfd, &to);
	step("sysctl-unknown", tcp_sysctl("congestion_control", "nosuch"));
	step("sysctl-empty", tcp_sysctl("congestion_control", "\n"));
	step("sysctl-available", tcp_sysctl("available_congestion_control", "reno"));
	step("sysctl-allowed", tcp_sysctl("allowed_congestion_control", "reno"));
	step("sysctl-bbr", tcp_sysctl("congestion_control", "bbr"));
	show("sysctl-old", fd);
	close(fd);
	fd = sock();
	show("sysctl-new", fd);
	child("sysctl", lfd, &to);
	choose("listener", lfd, "reno");
	child("chosen", lfd, &to);
	close(fd);
	close(lfd);
}

static void as_nobody(void)
{
	int fd = sock();

	nobody(true);
	choose("nobody-reno", fd, "reno");
	choose("nobody-bbr", fd, "bbr");
	choose("nobody-unknown", fd, "nosuch");
	nobody(false);
	close(fd);
}

void g_cong(void)
{
	int fd = sock();

	show("default", fd);
	choose("cubic", fd, "cubic");
	choose("bbr", fd, "bbr");
	info("info", fd);
	choose("again", fd, "bbr");
	choose("space", fd, " reno");
	choose("upper", fd, "RENO");
	choose("fifteen", fd, "renorenorenoren");
	close(fd);
	on_a_connection();
	by_sysctl();
	as_nobody();
}
