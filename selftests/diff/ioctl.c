// SPDX-License-Identifier: GPL-2.0
/* Group: ioctl. */
#include <asm/ioctls.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <net/route.h>

#include "diff.h"

static void counts(const char *name, int fd)
{
	static const struct {
		const char *name;
		unsigned long cmd;
	} cmds[] = {
		{ "inq", SIOCINQ }, { "outq", SIOCOUTQ },
		{ "outqnsd", SIOCOUTQNSD }, { "atmark", SIOCATMARK },
	};
	size_t i;
	long ret;
	int n;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		n = -1;
		ret = ioctl(fd, cmds[i].cmd, &n);
		step_val(nm("%s-%s", name, cmds[i].name), ret, n);
	}
}

static void stages(void)
{
	struct ends e;
	union addr to;
	char c;

	e.fd = sock();
	counts("fresh", e.fd);
	close(e.fd);
	e.lfd = listener(8, &to);
	counts("listen", e.lfd);
	deaf(e.lfd);
	e.fd = sock();
	nonblock(e.fd, true);
	connect_to(e.fd, &to);
	counts("syn-sent", e.fd);
	close(e.fd);
	close(e.lfd);
	pair(&e);
	counts("idle", e.fd);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	counts("data", e.fd);
	recv(e.fd, &c, 1, 0);
	counts("part", e.fd);
	deaf(e.peer);
	send_hello(e.fd);
	counts("unacked", e.fd);
	seti(e.fd, SOL_TCP, TCP_CORK, 1);
	send(e.fd, "corked", 6, 0);
	counts("unsent", e.fd);
	shutdown(e.fd, SHUT_WR);
	counts("fin-unacked", e.fd);
	hearing(e.peer);
	await(e.peer, POLLRDHUP);
	counts("peer", e.peer);
	recv(e.peer, bad - 64, 64, NOW);
	counts("peer-read", e.peer);
	step_val("fin-acked", 0, outq_empty(e.fd));
	shutdown(e.peer, SHUT_WR);
	await(e.fd, POLLHUP);
	counts("closed", e.fd);
	shut(&e);
}

static void modes(void)
{
	int on = 1, off = 0;
	struct ends e;
	char c;

	pair(&e);
	step("fionbio", ioctl(e.fd, FIONBIO, &on));
	step("fionbio-recv", recv(e.fd, &c, 1, 0));
	step("fionbio-off", ioctl(e.fd, FIONBIO, &off));
	step_val("fionbio-flag", 0, fcntl(e.fd, F_GETFL) & O_NONBLOCK);
	step("fioasync", ioctl(e.fd, FIOASYNC, &on));
	step_val("fioasync-flag", 0, !!(fcntl(e.fd, F_GETFL) & O_ASYNC));
	step("fioclex", ioctl(e.fd, FIOCLEX));
	step_val("fioclex-flag", 0, fcntl(e.fd, F_GETFD));
	step("fionread", ioctl(e.fd, FIONREAD, &off));
	step("tiocoutq", ioctl(e.fd, TIOCOUTQ, &off));
	shut(&e);
}

void g_ioctl(void)
{
	static const unsigned long cmds[] = {
		SIOCINQ, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, FIONBIO, SIOCSPGRP,
		SIOCGPGRP,
	};
	struct ifreq ifr = { .ifr_name = "lo" };
	struct rtentry rt = {};
	struct ends e;
	size_t i;

	stages();
	modes();
	pair(&e);
	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		step(nm("fault-%zu", i), ioctl(e.fd, cmds[i], bad));
	step("null", ioctl(e.fd, SIOCINQ, NULL));
	step("unknown", ioctl(e.fd, 0x8b00, &ifr));
	step("unknown-protocol", ioctl(e.fd, SIOCPROTOPRIVATE, &ifr));
	step("tty", ioctl(e.fd, TCGETS, bad - 128));
	step("ifindex", ioctl(e.fd, SIOCGIFINDEX, &ifr));
	step("ifflags", ioctl(e.fd, SIOCGIFFLAGS, &ifr));
	step("ifaddr", ioctl(e.fd, SIOCGIFADDR, &ifr));
	step("addrt", ioctl(e.fd, SIOCADDRT, &rt));
	nobody(true);
	step("addrt-nobody", ioctl(e.fd, SIOCADDRT, &rt));
	nobody(false);
	shut(&e);
	step("closed-fd", ioctl(e.fd, SIOCINQ, &i));
}
