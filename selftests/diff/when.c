// SPDX-License-Identifier: GPL-2.0
/* Group: each option set in each state: when it is read back, and when it acts. */
#include <linux/tcp.h>

#include "diff.h"

struct option {
	const char *name;
	int level, opt, val;
	long (*acts)(struct ends *e);	/* on the connection that comes of it */
};

static const struct option *option;	/* under test */

/* --- what it does --- */

static void info(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	getsockopt(fd, tcp_level, TCP_INFO, ti, &len);
}

/* The size of segments, both ways. */
static long acts_maxseg(struct ends *e)
{
	struct tcp_info own, peer;

	info(e->fd, &own);
	info(e->peer, &peer);
	return own.tcpi_snd_mss * 10000L + peer.tcpi_snd_mss;
}

/* What of three small writes is there at once. */
static long acts_nagle(struct ends *e)
{
	send(e->fd, "a", 1, NOW);
	send(e->fd, "b", 1, NOW);
	send(e->fd, "c", 1, NOW);
	settle();
	return inq(e->peer);
}

/* Seconds until the connection is given up; 0: it is not within @ms. */
static long dies(struct ends *e, int ms)
{
	long start = now_ms();
	struct pollfd p = { .fd = e->fd };

	deaf(e->peer);
	return poll(&p, 1, ms) ? (now_ms() - start + 500) / 1000 : 0;
}

static long acts_keepalive(struct ends *e)
{
	return dies(e, 9000);
}

static long acts_user_timeout(struct ends *e)
{
	deaf(e->peer);
	send(e->fd, "x", 1, NOW);
	return dies(e, 9000);
}

/* Whether what comes is acknowledged at once. */
static long acts_quickack(struct ends *e)
{
	send(e->peer, "x", 1, NOW);
	settle();
	return outq(e->peer);
}

static long acts_oobinline(struct ends *e)
{
	char buf[8];

	send(e->peer, "!", 1, MSG_OOB | NOW);
	settle();
	return recv(e->fd, buf, sizeof(buf), NOW);
}

static long acts_rcvlowat(struct ends *e)
{
	send(e->peer, "four", 4, NOW);
	settle();
	return poll_now(e->fd) & POLLIN;
}

static long acts_inq(struct ends *e)
{
	char buf[8], control[64];
	struct iovec iov = { buf, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	send_hello(e->peer);
	settle();
	recvmsg(e->fd, &msg, NOW);
	c = CMSG_FIRSTHDR(&msg);
	return c ? *(int *)CMSG_DATA(c) : -1;
}

static long acts_clamp(struct ends *e)
{
	struct tcp_info peer;

	info(e->peer, &peer);
	return peer.tcpi_snd_wnd <= (__u32)option->val;
}

/* Whether two segments' worth may wait at once. */
static long acts_notsent(struct ends *e)
{
	static char buf[3000];

	deaf(e->peer);
	send(e->fd, buf, 1, NOW);
	send(e->fd, buf, sizeof(buf), NOW | MSG_MORE);
	return !!(poll_now(e->fd) & POLLOUT);
}

/* Keepalive is about to be, but for the option itself. */
static const struct option base[] = {
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ "keepidle", SOL_TCP, TCP_KEEPIDLE, 1 },
	{ "keepintvl", SOL_TCP, TCP_KEEPINTVL, 1 },
	{ "keepcnt", SOL_TCP, TCP_KEEPCNT, 2 },
};

static const struct option options[] = {
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE, 1, acts_keepalive },
	{ "keepidle", SOL_TCP, TCP_KEEPIDLE, 3, acts_keepalive },
	{ "keepintvl", SOL_TCP, TCP_KEEPINTVL, 3, acts_keepalive },
	{ "keepcnt", SOL_TCP, TCP_KEEPCNT, 4, acts_keepalive },
	{ "user-timeout", SOL_TCP, TCP_USER_TIMEOUT, 1800, acts_user_timeout },
	{ "nodelay", SOL_TCP, TCP_NODELAY, 1, acts_nagle },
	{ "cork", SOL_TCP, TCP_CORK, 1, acts_nagle },
	{ "maxseg", SOL_TCP, TCP_MAXSEG, 500, acts_maxseg },
	{ "window-clamp", SOL_TCP, TCP_WINDOW_CLAMP, 5000, acts_clamp },
	{ "notsent-lowat", SOL_TCP, TCP_NOTSENT_LOWAT, 100, acts_notsent },
	{ "quickack", SOL_TCP, TCP_QUICKACK, 0, acts_quickack },
	{ "inq", SOL_TCP, TCP_INQ, 1, acts_inq },
	{ "oobinline", SOL_SOCKET, SO_OOBINLINE, 1, acts_oobinline },
	{ "rcvlowat", SOL_SOCKET, SO_RCVLOWAT, 5, acts_rcvlowat },
	{ "syncnt", SOL_TCP, TCP_SYNCNT, 4 },
	{ "linger2", SOL_TCP, TCP_LINGER2, 9 },
	{ "linger2-none", SOL_TCP, TCP_LINGER2, -1 },
	{ "defer-accept", SOL_TCP, TCP_DEFER_ACCEPT, 3 },
	{ "thin-linear", SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1 },
	{ "fastopen-connect", SOL_TCP, TCP_FASTOPEN_CONNECT, 1 },
	{ "fastopen-no-cookie", SOL_TCP, TCP_FASTOPEN_NO_COOKIE, 1 },
	{ "sndbuf", SOL_SOCKET, SO_SNDBUF, 30000 },
	{ "rcvbuf", SOL_SOCKET, SO_RCVBUF, 30000 },
	{ "priority", SOL_SOCKET, SO_PRIORITY, 3 },
	{ "mark", SOL_SOCKET, SO_MARK, 42 },
	{ "dontroute", SOL_SOCKET, SO_DONTROUTE, 1 },
	{ "timestamp", SOL_SOCKET, SO_TIMESTAMP, 1 },
	{ "pacing", SOL_SOCKET, SO_MAX_PACING_RATE, 1 << 20 },
	{ "tos", SOL_FAMILY, FAM_TOS, 0x10 },
	{ "ttl", SOL_FAMILY, FAM_TTL, 33 },
	{ "minttl", SOL_FAMILY, FAM_MINTTL, 5 },
	{ "recverr", SOL_FAMILY, FAM_RECVERR, 1 },
	{ "mtu-discover", SOL_FAMILY, FAM_MTU_DISCOVER, IP_PMTUDISC_DONT },
};

/* --- when it is set --- */

static void set(const char *state, int fd)
{
	step(nm("%s-%s-set", option->name, state),
	     seti(fd, option->level, option->opt, option->val));
	step(nm("%s-%s-get", option->name, state),
	     geti(fd, option->level, option->opt));
}

static void set_base(int fd)
{
	size_t i;

	if (option->acts != acts_keepalive)
		return;
	for (i = 0; i < ARRAY_SIZE(base); i++)
		if (base[i].opt != option->opt || base[i].level != option->level)
			seti(fd, base[i].level, base[i].opt, base[i].val);
}

static void calls(struct ends *e)
{
	connect_to(e->fd, &e->to);
	e->peer = accept(e->lfd, NULL, NULL);
}

static void when_closed(const char *name, struct ends *e)
{
	e->lfd = listener(8, &e->to);
	e->fd = sock();
	set_base(e->fd);
	set(name, e->fd);
	calls(e);
}

static void when_syn_sent(const char *name, struct ends *e)
{
	e->lfd = listener(8, &e->to);
	deaf(e->lfd);
	e->fd = sock();
	set_base(e->fd);
	nonblock(e->fd, true);
	connect_to(e->fd, &e->to);
	set(name, e->fd);
	hearing(e->lfd);
	await(e->fd, POLLOUT);
	e->peer = accept(e->lfd, NULL, NULL);
}

static void when_established(const char *name, struct ends *e)
{
	pair(e);
	set_base(e->fd);
	set(name, e->fd);
}

static void when_close_wait(const char *name, struct ends *e)
{
	pair(e);
	set_base(e->fd);
	shutdown(e->peer, SHUT_WR);
	await(e->fd, POLLRDHUP);
	outq_empty(e->peer);
	set(name, e->fd);
}

static void when_fin_wait(const char *name, struct ends *e)
{
	pair(e);
	set_base(e->fd);
	shutdown(e->fd, SHUT_WR);
	outq_empty(e->fd);
	set(name, e->fd);
}

/* On a listener, for its child. */
static void when_listen(const char *name, struct ends *e)
{
	e->lfd = listener(8, &e->to);
	set_base(e->lfd);
	set(name, e->lfd);
	e->peer = sock();
	connect_to(e->peer, &e->to);
	e->fd = accept(e->lfd, NULL, NULL);
}

/* On a listener whose child waits for accept(). */
static void when_queued(const char *name, struct ends *e)
{
	e->lfd = listener(8, &e->to);
	set_base(e->lfd);
	e->peer = sock();
	connect_to(e->peer, &e->to);
	settle();
	set(name, e->lfd);
	e->fd = accept(e->lfd, NULL, NULL);
}

static void again(struct ends *e)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	connect(e->fd, &a.sa, sizeof(a.sa));
	close(e->peer);
	so_error(e->fd);
	calls(e);
}

/* Before a connection that is over, and meant for the next as well. */
static void when_before(const char *name, struct ends *e)
{
	when_closed(name, e);
	again(e);
}

/* On a connection, and meant for the next as well. */
static void when_last(const char *name, struct ends *e)
{
	e->lfd = listener(8, &e->to);
	e->fd = sock();
	set_base(e->fd);
	calls(e);
	set(name, e->fd);
	again(e);
}

static const struct {
	const char *name;
	void (*when)(const char *name, struct ends *e);
} states[] = {
	{ "closed", when_closed },
	{ "syn-sent", when_syn_sent },
	{ "established", when_established },
	{ "close-wait", when_close_wait },
	{ "fin-wait-2", when_fin_wait },
	{ "listen", when_listen },
	{ "queued", when_queued },
	{ "before", when_before },
	{ "last", when_last },
};

/* Set while the peer is being probed: of what was set before, one is another. */
static void when_probing(const char *name, int opt, int val)
{
	static const struct option probes[] = {
		{ "keepalive", SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ "keepidle", SOL_TCP, TCP_KEEPIDLE, 2 },
		{ "keepintvl", SOL_TCP, TCP_KEEPINTVL, 3 },
		{ "keepcnt", SOL_TCP, TCP_KEEPCNT, 2 },
	};
	struct ends e;
	size_t i;

	pair(&e);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		seti(e.fd, probes[i].level, probes[i].opt, probes[i].val);
	deaf(e.peer);
	sleep_ms(3300);		/* the first probe is out, the next due at 5 s */
	seti(e.fd, SOL_TCP, opt, val);
	rearm(60);
	step_val(nm("%s-%d", name, val), 0, dies(&e, 30000));
	shut(&e);
}

void g_when(void)
{
	struct ends e;
	size_t o, s;

	for (o = 0; o < ARRAY_SIZE(options); o++) {
		option = &options[o];
		for (s = 0; s < ARRAY_SIZE(states); s++) {
			e = (struct ends){ -1, -1, -1 };
			states[s].when(states[s].name, &e);
			step(nm("%s-%s-then", option->name, states[s].name),
			     geti(e.fd, option->level, option->opt));
			if (option->acts)
				step_val(nm("%s-%s-acts", option->name,
					    states[s].name), 0, option->acts(&e));
			shut(&e);
		}
	}
}

void g_when_probing(void)
{
	when_probing("keepidle", TCP_KEEPIDLE, 1);
	when_probing("keepidle", TCP_KEEPIDLE, 10);
	when_probing("keepintvl", TCP_KEEPINTVL, 1);
	when_probing("keepintvl", TCP_KEEPINTVL, 6);
	when_probing("keepcnt", TCP_KEEPCNT, 1);
	when_probing("keepcnt", TCP_KEEPCNT, 5);
	when_probing("user-timeout", TCP_USER_TIMEOUT, 7000);
	when_probing("nodelay", TCP_NODELAY, 1);
}
