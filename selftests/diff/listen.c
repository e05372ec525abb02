// SPDX-License-Identifier: GPL-2.0
/* Groups: listening, accepting, and what an accepted socket inherits. */
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include "diff.h"

#define SPREAD	32	/* connections for two listeners to share */

static void call(int to)
{
	socklen_t len = sizeof(union addr);
	union addr a;
	int fd = sock();

	getsockname(to, &a.sa, &len);
	connect_to(fd, &a);
	sleep_ms(200);
}

static void marks(void)
{
	socklen_t len = sizeof(union addr);
	int fd = sock(), tmp;
	struct ends e;
	union addr a;

	step("unbound", listen(fd, 1));
	getsockname(fd, &a.sa, &len);
	check("unbound-gets-port", a.port != 0);
	step_val("acceptconn", 0, geti(fd, SOL_SOCKET, SO_ACCEPTCONN));
	step_ev("poll", 0, poll_now(fd));
	step("again", listen(fd, 5));
	step("negative", listen(fd, -1));
	step("huge", listen(fd, 1 << 30));
	step("inq", inq(fd));
	step("outq", outq(fd));
	step("atmark", ioctl(fd, SIOCATMARK, &tmp));
	close(fd);
	pair(&e);
	step("connected", listen(e.fd, 1));
	shut(&e);
	step("closed-fd", listen(e.fd, 1));
	sysctl_set("core/somaxconn", "3");
	fd = listener(100, &a);
	tmp = sock();
	connect_to(tmp, &a);
	settle();
	{
		struct tcp_info ti = {};

		len = sizeof(ti);
		getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len);
		step_fmt("info", 0, "-", "queued=%u max=%u state=%u",
			 ti.tcpi_unacked, ti.tcpi_sacked, ti.tcpi_state);
	}
	close(tmp);
	close(fd);
}

static void stopped(const char *name, int how)
{
	int lfd = sock(), fd = sock();
	union addr a;

	addr(&a, fam->lo, PORT + how);
	bind(lfd, &a.sa, fam->len);
	listen(lfd, 8);
	nonblock(lfd, true);
	connect_to(fd, &a);
	step(name, shutdown(lfd, how));
	step_ev(nm("%s-poll", name), 0, poll_now(lfd));
	step_ev(nm("%s-client", name), 0, poll_now(fd));
	step_fd(nm("%s-accept", name), accept(lfd, NULL, NULL));
	close(fd);
	fd = sock();
	step(nm("%s-connect", name), connect_to(fd, &a));
	close(fd);
	step(nm("%s-listen", name), listen(lfd, 8));
	fd = sock();
	step(nm("%s-connect-2", name), connect_to(fd, &a));
	close(fd);
	close(lfd);
}

void g_listen(void)
{
	union addr a;
	int lfd, fd;
	char c;

	marks();
	stopped("shut-rd", SHUT_RD);
	stopped("shut-wr", SHUT_WR);
	stopped("shut-rdwr", SHUT_RDWR);
	lfd = listener(8, &a);
	fd = sock();
	connect_to(fd, &a);
	send_hello(fd);
	close(lfd);
	step_ev("close-client", 0, await(fd, POLLERR));
	step("close-client-recv", recv(fd, &c, 1, NOW));
	step("close-client-send", send(fd, &c, 1, 0));
	close(fd);
}

static void test_flags(int lfd, const union addr *a)
{
	static const struct {
		const char *name;
		int flags;
	} kinds[] = {
		{ "plain", 0 },
		{ "nonblock", SOCK_NONBLOCK },
		{ "cloexec", SOCK_CLOEXEC },
		{ "flags-bad", 1 },
	};
	size_t i;
	int fd, s;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		fd = sock();
		connect_to(fd, a);
		s = step_fd(kinds[i].name,
			    accept4(lfd, NULL, NULL, kinds[i].flags));
		if (s >= 0)
			step_fmt(nm("%s-is", kinds[i].name), 0, "-",
				 "nonblock=%d cloexec=%d",
				 !!(fcntl(s, F_GETFL) & O_NONBLOCK),
				 fcntl(s, F_GETFD));
		close(fd);
		close(s);
	}
}

static void address(int lfd, const union addr *to, const char *name, int len)
{
	socklen_t slen = len;
	int fd = sock(), s;
	union addr a = {};

	connect_to(fd, to);
	s = accept(lfd, &a.sa, &slen);
	step_fmt(name, s < 0 ? -1 : 0, "-", "len=%d family=%d", (int)slen,
		 a.sa.sa_family);
	close(s);
	close(fd);
}

static void faults(int lfd, const union addr *to)
{
	socklen_t len = sizeof(*to);
	union addr a;
	int fd = sock();
	char c;

	connect_to(fd, to);
	step_fd("addr-fault", accept(lfd, (void *)bad, &len));
	step_ev("addr-fault-client", 0, await(fd, POLLRDHUP));
	step("addr-fault-recv", recv(fd, &c, 1, NOW));
	close(fd);
	fd = sock();
	connect_to(fd, to);
	step_fd("len-fault", accept(lfd, &a.sa, (void *)bad));
	close(fd);
}

/* The client has gone before it was accepted. */
static void gone(const char *name, int reset, int lfd, const union addr *to)
{
	socklen_t len = sizeof(*to);
	int fd = sock(), s;
	char buf[8];
	union addr a;
	long ret;

	connect_to(fd, to);
	send_hello(fd);
	if (reset)
		linger(fd, 0);
	close(fd);
	settle();
	step_ev(nm("%s-listener", name), 0, poll_now(lfd));
	s = step_fd(nm("%s-accept", name), accept(lfd, NULL, NULL));
	step_ev(nm("%s-poll", name), 0, poll_now(s));
	step(nm("%s-peername", name), getpeername(s, &a.sa, &len));
	ret = recv(s, buf, sizeof(buf), NOW);
	step_buf(nm("%s-recv", name), ret, buf);
	step(nm("%s-recv-2", name), recv(s, buf, sizeof(buf), NOW));
	step(nm("%s-recv-3", name), recv(s, buf, sizeof(buf), NOW));
	step(nm("%s-send", name), send(s, "x", 1, 0));
	close(s);
}

void g_accept(void)
{
	union addr to;
	int lfd, fd;
	pid_t pid;

	fd = sock();
	step_fd("closed", accept(fd, NULL, NULL));
	close(fd);
	step_fd("closed-fd", accept(fd, NULL, NULL));
	lfd = listener(8, &to);
	nonblock(lfd, true);
	step_fd("none", accept(lfd, NULL, NULL));
	nonblock(lfd, false);
	rcvtimeo(lfd, 100);
	step_fd("timeo", accept(lfd, NULL, NULL));
	rcvtimeo(lfd, 0);
	kick(100, 0);
	step_fd("intr", accept(lfd, NULL, NULL));
	kick(0, 0);
	pid = later(100, call, lfd);
	fd = step_fd("waits", accept(lfd, NULL, NULL));
	join(pid);
	close(fd);
	kick(30, SA_RESTART);
	pid = later(100, call, lfd);
	fd = step_fd("restart", accept(lfd, NULL, NULL));
	kick(0, 0);
	join(pid);
	close(fd);
	test_flags(lfd, &to);
	nonblock(lfd, true);
	address(lfd, &to, "len-full", sizeof(to));
	address(lfd, &to, "len-1", 1);
	address(lfd, &to, "len-0", 0);
	address(lfd, &to, "len-negative", -1);
	while ((fd = accept(lfd, NULL, NULL)) >= 0)
		close(fd);
	faults(lfd, &to);
	while ((fd = accept(lfd, NULL, NULL)) >= 0)
		close(fd);
	gone("fin", 0, lfd, &to);
	gone("rst", 1, lfd, &to);
	close(lfd);
}

/* One client more than the accept queue of @backlog has room for. */
static void overflow(int backlog)
{
	int n = backlog + 2, i, fd[8] = {};
	union addr to;
	int lfd = listener(backlog, &to);

	nonblock(lfd, true);
	for (i = 0; i < n; i++) {
		fd[i] = socket(fam->af, SOCK_STREAM | SOCK_NONBLOCK, proto);
		connect_to(fd[i], &to);
		settle();
		step_ev(nm("room-%d-poll-%d", backlog, i), 0, poll_now(fd[i]));
	}
	for (i = 0; i < n; i++) {
		await(lfd, POLLIN);
		step_fd(nm("room-%d-accept-%d", backlog, i),
			accept(lfd, NULL, NULL));
	}
	step_ev(nm("room-%d-late", backlog), 0, await(fd[n - 1], POLLOUT));
	for (i = 0; i < n; i++)
		close(fd[i]);
	close(lfd);
}

static void deferred(void)
{
	union addr to;
	int lfd = listener(8, &to);
	int fd = sock();
	char c;

	step("defer-set", seti(lfd, SOL_TCP, TCP_DEFER_ACCEPT, 5));
	step("defer-connect", connect_to(fd, &to));
	settle();
	step_ev("defer-poll", 0, poll_now(lfd));
	send_hello(fd);
	step_ev("defer-data", 0, await(lfd, POLLIN));
	lfd = step_fd("defer-accept", accept(lfd, NULL, NULL));
	step("defer-recv", recv(lfd, &c, 1, NOW));
	close(fd);
	close(lfd);
}

void g_backlog(void)
{
	overflow(0);
	overflow(1);
	overflow(3);
	deferred();
}

struct inherited {
	const char *name;
	int level, opt, val;
};

static const struct inherited inherited[] = {
	{ "nodelay", SOL_TCP, TCP_NODELAY, 1 },
	{ "cork", SOL_TCP, TCP_CORK, 1 },
	{ "maxseg", SOL_TCP, TCP_MAXSEG, 1000 },
	{ "keepidle", SOL_TCP, TCP_KEEPIDLE, 77 },
	{ "keepintvl", SOL_TCP, TCP_KEEPINTVL, 7 },
	{ "keepcnt", SOL_TCP, TCP_KEEPCNT, 3 },
	{ "syncnt", SOL_TCP, TCP_SYNCNT, 4 },
	{ "linger2", SOL_TCP, TCP_LINGER2, 9 },
	{ "user-timeout", SOL_TCP, TCP_USER_TIMEOUT, 12345 },
	{ "notsent-lowat", SOL_TCP, TCP_NOTSENT_LOWAT, 4321 },
	{ "inq", SOL_TCP, TCP_INQ, 1 },
	{ "defer-accept", SOL_TCP, TCP_DEFER_ACCEPT, 0 },
	{ "save-syn", SOL_TCP, TCP_SAVE_SYN, 1 },
	{ "tx-delay", SOL_TCP, TCP_TX_DELAY, 1 },
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ "oobinline", SOL_SOCKET, SO_OOBINLINE, 1 },
	{ "reuseaddr", SOL_SOCKET, SO_REUSEADDR, 1 },
	{ "reuseport", SOL_SOCKET, SO_REUSEPORT, 1 },
	{ "rcvlowat", SOL_SOCKET, SO_RCVLOWAT, 5 },
	{ "priority", SOL_SOCKET, SO_PRIORITY, 3 },
	{ "mark", SOL_SOCKET, SO_MARK, 42 },
	{ "sndbuf", SOL_SOCKET, SO_SNDBUF, 30000 },
	{ "rcvbuf", SOL_SOCKET, SO_RCVBUF, 30000 },
	{ "dontroute", SOL_SOCKET, SO_DONTROUTE, 1 },
	{ "timestamp", SOL_SOCKET, SO_TIMESTAMP, 1 },
	{ "acceptconn", SOL_SOCKET, SO_ACCEPTCONN, 1 },
	{ "tos", SOL_FAMILY, FAM_TOS, 0x10 },
	{ "ttl", SOL_FAMILY, FAM_TTL, 33 },
	{ "recvttl", SOL_FAMILY, FAM_RECVTTL, 1 },
	{ "freebind", SOL_FAMILY, FAM_FREEBIND, 1 },
	{ "mtu-discover", SOL_FAMILY, FAM_MTU_DISCOVER, IP_PMTUDISC_DONT },
};

void g_inherit(void)
{
	const struct inherited *o;
	union addr to;
	int lfd, fd, s;
	char dev[16] = "";
	socklen_t len = sizeof(dev);
	struct linger l = {};

	for (o = inherited; o < inherited + ARRAY_SIZE(inherited); o++) {
		lfd = listener(8, &to);
		seti(lfd, o->level, o->opt, o->val);
		fd = sock();
		connect_to(fd, &to);
		s = accept(lfd, NULL, NULL);
		step_val(o->name, 0, geti(s, o->level, o->opt));
		close(s);
		close(fd);
		close(lfd);
	}
	lfd = listener(8, &to);
	linger(lfd, 7);
	rcvtimeo(lfd, 1000);
	setsockopt(lfd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	fcntl(lfd, F_SETOWN, getpid());
	fd = sock();
	connect_to(fd, &to);
	s = accept(lfd, NULL, NULL);
	getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, dev, &len);
	step_fmt("device", 0, "-", "%s", dev);
	len = sizeof(l);
	getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &len);
	step_fmt("linger", 0, "-", "%d/%d", l.l_onoff, l.l_linger);
	step_val("owner", 0, fcntl(s, F_GETOWN));
	{
		struct timeval tv = {};

		len = sizeof(tv);
		getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, &len);
		step_val("rcvtimeo", 0, tv.tv_sec);
	}
	close(s);
	close(fd);
	close(lfd);
}

static int accepted(int lfd)
{
	int n = 0, fd;

	nonblock(lfd, true);
	while ((fd = accept(lfd, NULL, NULL)) >= 0) {
		close(fd);
		n++;
	}
	return n;
}

static void spread(int l1, int l2, int *n1, int *n2)
{
	socklen_t len = sizeof(union addr);
	int fd[SPREAD];
	union addr a;
	size_t i;

	getsockname(l1, &a.sa, &len);
	for (i = 0; i < SPREAD; i++) {
		fd[i] = socket(fam->af, SOCK_STREAM | SOCK_NONBLOCK, proto);
		connect_to(fd[i], &a);
	}
	settle();
	*n1 = accepted(l1);
	*n2 = accepted(l2);
	for (i = 0; i < SPREAD; i++)
		close(fd[i]);
}

void g_reuseport(void)
{
	struct sock_filter second = BPF_STMT(BPF_RET | BPF_K, 1);
	struct sock_fprog prog = { 1, &second };
	int l[2], n[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		l[i] = sock();
		seti(l[i], SOL_SOCKET, SO_REUSEPORT, 1);
		step(nm("bind-%zu", i), bind_to(l[i], fam->lo, PORT));
		step(nm("listen-%zu", i), listen(l[i], 64));
	}
	spread(l[0], l[1], &n[0], &n[1]);
	step_val("spread-total", 0, n[0] + n[1]);
	check("spread-both", n[0] > 0 && n[1] > 0);
	step("cbpf", setsockopt(l[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
				&prog, sizeof(prog)));
	spread(l[0], l[1], &n[0], &n[1]);
	step_fmt("cbpf-spread", 0, "-", "%d %d", n[0], n[1]);
	step("cbpf-detach", seti(l[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0));
	close(l[1]);
	settle();
	spread(l[0], l[0], &n[0], &n[1]);
	step_val("one-left", 0, n[0]);
	close(l[0]);
}
