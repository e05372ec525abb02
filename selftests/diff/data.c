// SPDX-License-Identifier: GPL-2.0
/* Groups: bytes, the calls that wait for them, and full buffers. */
#include <netinet/tcp.h>
#include <sys/wait.h>

#include "diff.h"

#define BULK		(3 << 20)
#define BULK_SECONDS	60

static char buf[65536];

static void get(const char *name, int fd, size_t len, int flags)
{
	long ret;

	memset(buf, 'Z', sizeof(buf));
	ret = recv(fd, buf, len, flags);
	step_buf(name, ret, buf);
}

/* Five bytes are there before each call, and none after the last. */
static void five(struct ends *e)
{
	while (recv(e->peer, buf, sizeof(buf), NOW) > 0)
		;
	send_hello(e->fd);
	await(e->peer, POLLIN);
}

static void peeking(struct ends *e)
{
	five(e);
	get("peek", e->peer, 3, MSG_PEEK);
	get("peek-again", e->peer, 64, MSG_PEEK);
	get("peek-then-read", e->peer, 64, 0);
	get("peek-empty", e->peer, 64, MSG_PEEK | NOW);
	five(e);
	get("trunc", e->peer, 3, MSG_TRUNC);
	get("trunc-rest", e->peer, 64, 0);
	five(e);
	get("trunc-peek", e->peer, 64, MSG_TRUNC | MSG_PEEK);
	step("trunc-null", recv(e->peer, NULL, 2, MSG_TRUNC));
	step("trunc-bad", recv(e->peer, bad, 2, MSG_TRUNC));
	get("trunc-bad-rest", e->peer, 64, 0);
	five(e);
	get("waitall-peek", e->peer, 5, MSG_WAITALL | MSG_PEEK);
	get("waitall-dontwait", e->peer, 64, MSG_WAITALL | NOW);
	get("waitall-none", e->peer, 64, MSG_WAITALL | NOW);
}

static void nothing(struct ends *e)
{
	step("send-0", send(e->fd, "", 0, 0));
	step("send-0-null", send(e->fd, NULL, 0, 0));
	step("recv-0-empty", recv(e->peer, buf, 0, NOW));
	step("read-0-empty", read(e->peer, buf, 0));
	step("peek-0-empty", recv(e->peer, buf, 0, NOW | MSG_PEEK));
	five(e);
	step("recv-0", recv(e->peer, buf, 0, NOW));
	step("peek-0", recv(e->peer, buf, 0, MSG_PEEK));
	step_val("recv-0-left", 0, inq(e->peer));
	get("recv-0-all", e->peer, 64, 0);
}

/* A flag that says nothing to TCP changes nothing. */
static void send_flags(struct ends *e)
{
	static const struct {
		const char *name;
		int flag;
	} flags[] = {
		{ "dontroute", MSG_DONTROUTE }, { "eor", MSG_EOR },
		{ "confirm", MSG_CONFIRM }, { "waitall", MSG_WAITALL },
		{ "peek", MSG_PEEK }, { "trunc", MSG_TRUNC },
		{ "ctrunc", MSG_CTRUNC }, { "rst", MSG_RST },
		{ "fin", MSG_FIN }, { "syn", MSG_SYN },
		{ "proxy", MSG_PROXY }, { "errqueue", MSG_ERRQUEUE },
		{ "zerocopy", MSG_ZEROCOPY }, { "cloexec", MSG_CMSG_CLOEXEC },
		{ "bit-27", 1 << 27 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		step(nm("flag-%s", flags[i].name),
		     send(e->fd, "f", 1, NOW | flags[i].flag));
		await(e->peer, POLLIN);
		get(nm("flag-%s-recv", flags[i].name), e->peer, 9, NOW);
	}
}

static void named(struct ends *e)
{
	socklen_t len = sizeof(union addr);
	union addr a = {};
	int fd = sock();
	long ret;

	addr(&a, fam->lo3, PORT);
	step("sendto-connected", sendto(e->fd, "to", 2, 0, &a.sa, fam->len));
	step("sendto-len-1", sendto(e->fd, "to", 2, 0, &a.sa, 1));
	step("sendto-len-200", sendto(e->fd, "to", 2, 0, &a.sa, 200));
	step("sendto-fault", sendto(e->fd, "to", 2, 0, (void *)bad, fam->len));
	sleep_ms(100);
	ret = recvfrom(e->peer, buf, sizeof(buf), 0, &a.sa, &len);
	step_fmt("recvfrom", ret, "-", "addrlen=%u", len);
	step("sendto-fresh", sendto(fd, "to", 2, 0, &a.sa, fam->len));
	step("send-fresh", send(fd, "to", 2, MSG_NOSIGNAL));
	step("write-fresh", write(fd, "to", 2));
	step("recv-fresh", recv(fd, buf, 1, 0));
	step("read-fresh", read(fd, buf, 1));
	step("recv-0-fresh", recv(fd, buf, 0, 0));
	close(fd);
}

void g_data(void)
{
	struct ends e;

	step("pair", pair(&e));
	step("send", send(e.fd, "hello", 5, 0));
	await(e.peer, POLLIN);
	get("recv", e.peer, 64, 0);
	step("write", write(e.peer, "world", 5));
	await(e.fd, POLLIN);
	step_buf("read", read(e.fd, buf, 64), buf);
	get("empty", e.fd, 64, NOW);
	five(&e);
	get("part", e.peer, 2, 0);
	get("part-rest", e.peer, 64, 0);
	send(e.fd, "abc", 3, 0);
	send(e.fd, "def", 3, 0);
	settle();
	sleep_ms(100);
	get("joined", e.peer, 64, 0);
	peeking(&e);
	nothing(&e);
	send_flags(&e);
	named(&e);
	shut(&e);
}

static void fin(int fd)
{
	shutdown(fd, SHUT_WR);
}

static void rst(int fd)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	connect(fd, &a.sa, sizeof(a.sa));
}

static void own_shut(int fd)
{
	shutdown(fd, SHUT_RD);
}

static void blocked(const char *name, void (*fn)(int fd), bool own)
{
	struct ends e;
	pid_t pid;

	pair(&e);
	pid = later(60, fn, own ? e.fd : e.peer);
	get(name, e.fd, 64, 0);
	join(pid);
	get(nm("%s-after", name), e.fd, 64, NOW);
	shut(&e);
}

void g_block(void)
{
	struct ends e;
	long start;
	pid_t pid;

	blocked("data", send_hello, false);
	blocked("fin", fin, false);
	blocked("rst", rst, false);
	blocked("own-shutdown", own_shut, true);
	pair(&e);
	rcvtimeo(e.fd, 100);
	start = now_ms();
	get("timeo", e.fd, 64, 0);
	check("timeo-waited", now_ms() - start >= 95);
	rcvtimeo(e.fd, 0);
	kick(60, 0);
	get("intr", e.fd, 64, 0);
	kick(20, SA_RESTART);
	pid = later(150, send_hello, e.peer);
	get("restart", e.fd, 64, 0);
	join(pid);
	rcvtimeo(e.fd, 5000);
	get("restart-timeo", e.fd, 64, 0);
	kick(0, 0);
	shut(&e);
}

static void all(const char *name, void (*fn)(int fd), int timeout)
{
	struct ends e;
	pid_t pid;

	pair(&e);
	send(e.peer, "part", 4, 0);
	await(e.fd, POLLIN);
	if (timeout)
		rcvtimeo(e.fd, timeout);
	pid = later(60, fn, e.peer);
	get(name, e.fd, 9, MSG_WAITALL);
	get(nm("%s-next", name), e.fd, 9, NOW);
	join(pid);
	shut(&e);
}

static void wait_a_bit(int fd)
{
	(void)fd;
}

static void send_twice(int fd)
{
	send_hello(fd);
	sleep_ms(60);
	send_hello(fd);
}

static void test_lowat(void)
{
	struct ends e;
	pid_t pid;

	pair(&e);
	step("lowat-set", seti(e.fd, SOL_SOCKET, SO_RCVLOWAT, 8));
	send_hello(e.peer);
	settle();
	step_ev("lowat-poll-below", 0, poll_now(e.fd));
	get("lowat-nonblock", e.fd, 64, NOW);
	pid = later(60, send_twice, e.peer);
	get("lowat-waits", e.fd, 64, 0);
	join(pid);
	send_hello(e.peer);
	send_hello(e.peer);
	settle();
	step_ev("lowat-poll-above", 0, await(e.fd, POLLIN));
	get("lowat-short", e.fd, 4, 0);
	rcvtimeo(e.fd, 60);
	step_ev("lowat-poll-left", 0, poll_now(e.fd));
	get("lowat-timeo", e.fd, 64, 0);
	send_hello(e.peer);
	shutdown(e.peer, SHUT_WR);
	settle();
	step_ev("lowat-poll-fin", 0, await(e.fd, POLLRDHUP));
	get("lowat-fin", e.fd, 64, 0);
	shut(&e);
}

static int thief_peer;

/* Takes what a peeker has seen, and more that it does not see in time. */
static void steal(int fd)
{
	seti(fd, SOL_SOCKET, SO_RCVLOWAT, 100);
	recv(fd, buf, 4, NOW);
	send_hello(thief_peer);
	settle();
	recv(fd, buf, 64, NOW);
	seti(fd, SOL_SOCKET, SO_RCVLOWAT, 1);
	send(thief_peer, "again", 5, NOW);
}

static void test_stolen(void)
{
	struct ends e;
	pid_t pid;

	pair(&e);
	thief_peer = e.peer;
	send(e.peer, "part", 4, 0);
	await(e.fd, POLLIN);
	pid = later(60, steal, e.fd);
	get("stolen", e.fd, 9, MSG_WAITALL | MSG_PEEK);
	join(pid);
	get("stolen-rest", e.fd, 64, NOW);
	shut(&e);
}

void g_waitall(void)
{
	struct ends e;
	pid_t pid;

	all("data", send_hello, 0);
	all("fin", fin, 0);
	all("rst", rst, 0);
	all("timeo", wait_a_bit, 200);
	pair(&e);
	send(e.peer, "part", 4, 0);
	await(e.fd, POLLIN);
	kick(60, 0);
	get("intr", e.fd, 9, MSG_WAITALL);
	kick(0, 0);
	send(e.peer, "part", 4, 0);
	pid = later(60, send_hello, e.peer);
	get("peek", e.fd, 9, MSG_WAITALL | MSG_PEEK);
	join(pid);
	get("peeked", e.fd, 64, NOW);
	shut(&e);
	test_stolen();
	test_lowat();
}

void g_full(void)
{
	unsigned int want = 0, got = 0;
	struct ends e;
	long sent, n, len;

	pair(&e);
	sent = fill(e.fd);
	check("filled", sent > 0);
	step("nonblock", send(e.fd, "x", 1, NOW));
	step("nonblock-0", send(e.fd, "x", 0, NOW));
	step_ev("poll", 0, poll_now(e.fd));
	sndtimeo(e.fd, 60);
	step("timeo", send(e.fd, "x", 1, MSG_NOSIGNAL));
	sndtimeo(e.fd, 0);
	kick(60, 0);
	step("intr", send(e.fd, "x", 1, MSG_NOSIGNAL));
	kick(0, 0);
	check("outq", outq(e.fd) > 0);
	for (n = 0; n < sent; n += len) {
		len = sizeof(buf);
		if (sent - n < len)
			len = sent - n;
		pattern(buf, n, len);
		want = hash(want, buf, len);
	}
	rcvtimeo(e.peer, 4000);
	n = drain(e.peer, sent, &got);
	check("drained", n == sent);
	check("drained-intact", want == got);
	step_ev("poll-drained", 0, await(e.fd, POLLOUT));
	step("send-drained", send(e.fd, "x", 1, NOW));
	step("outq-empty", outq_empty(e.fd));
	shut(&e);
	pair(&e);
	fill(e.fd);
	step("shutdown", shutdown(e.fd, SHUT_WR));
	n = drain(e.peer, 64 << 20, NULL);
	check("shutdown-drained", n > 0);
	step("shutdown-eof", recv(e.peer, buf, 1, 0));
	shut(&e);
	/* A first window leaves at once: what is unsent begins behind it */
	pair(&e);
	seti(e.fd, SOL_TCP, TCP_NOTSENT_LOWAT, 4096);
	n = send(e.fd, buf, sizeof(buf), NOW);
	check("unsent", n >= 10 * 1448);
	shut(&e);
}

static void op_send(int fd)
{
	send(fd, "a", 1, NOW);
}

static void op_more(int fd)
{
	send(fd, "m", 1, NOW | MSG_MORE);
}

static void op_nodelay(int fd)
{
	seti(fd, SOL_TCP, TCP_NODELAY, 1);
}

static void op_delay(int fd)
{
	seti(fd, SOL_TCP, TCP_NODELAY, 0);
}

static void op_plug(int fd)
{
	seti(fd, SOL_TCP, TCP_CORK, 1);
}

static void op_unplug(int fd)
{
	seti(fd, SOL_TCP, TCP_CORK, 0);
}

/* Each order of four calls, and how much has left after them. */
static void test_orders(void)
{
	static const struct {
		const char *name;
		void (*fn)(int fd);
	} ops[] = {
		{ "send", op_send }, { "more", op_more },
		{ "nodelay", op_nodelay }, { "delay", op_delay },
		{ "plug", op_plug }, { "unplug", op_unplug },
	};
	const size_t n = ARRAY_SIZE(ops);
	size_t i, j, k, l, len;
	char left[32];
	struct ends e;

	for (i = 0; i < n * n * n; i++) {
		j = i / n % n;
		k = i % n;
		for (l = 0, len = 0; l < n; l++) {
			pair(&e);
			ops[i / n / n].fn(e.fd);
			ops[j].fn(e.fd);
			ops[k].fn(e.fd);
			ops[l].fn(e.fd);
			settle();
			len += snprintf(left + len, sizeof(left) - len, " %d",
					inq(e.peer));
			shut(&e);
		}
		step_fmt(nm("%s-%s-%s", ops[i / n / n].name, ops[j].name,
			    ops[k].name), 0, "-", "%s", left);
	}
}

void g_cork(void)
{
	struct ends e;

	pair(&e);
	step("more", send(e.fd, "ab", 2, MSG_MORE));
	settle();
	get("more-held", e.peer, 64, NOW);
	step("more-end", send(e.fd, "cd", 2, 0));
	await(e.peer, POLLIN);
	get("more-recv", e.peer, 64, NOW);
	send(e.fd, "ab", 2, MSG_MORE);
	step_ev("more-late", 0, await(e.peer, POLLIN));
	get("more-late-recv", e.peer, 64, NOW);
	step("cork", seti(e.fd, SOL_TCP, TCP_CORK, 1));
	step("cork-send", send(e.fd, "ef", 2, 0));
	settle();
	get("cork-held", e.peer, 64, NOW);
	step_val("cork-outq", 0, outq(e.fd));
	step("uncork", seti(e.fd, SOL_TCP, TCP_CORK, 0));
	step_ev("uncorked", 0, await(e.peer, POLLIN));
	get("uncork-recv", e.peer, 64, NOW);
	seti(e.fd, SOL_TCP, TCP_CORK, 1);
	send(e.fd, "gh", 2, 0);
	step("cork-nodelay", seti(e.fd, SOL_TCP, TCP_NODELAY, 1));
	step_ev("cork-nodelay-poll", 0, await(e.peer, POLLIN));
	get("cork-nodelay-recv", e.peer, 64, NOW);
	send(e.fd, "ij", 2, MSG_MORE);
	step("cork-shutdown", shutdown(e.fd, SHUT_WR));
	step_ev("cork-shutdown-poll", 0, await(e.peer, POLLRDHUP));
	get("cork-shutdown-recv", e.peer, 64, NOW);
	shut(&e);
	test_orders();
}

/* Sends all of the pattern; whether it could. */
static bool pour(int fd)
{
	static char chunk[20000];
	long off, n;

	for (off = 0; off < BULK; off += n) {
		n = sizeof(chunk);
		if (BULK - off < n)
			n = BULK - off;
		pattern(chunk, off, n);
		if (send(fd, chunk, n, MSG_NOSIGNAL) != n)
			return false;
	}
	return true;
}

static void pour_out(int fd)
{
	_exit(pour(fd) ? 0 : 1);
}

static void swallow(int fd)
{
	unsigned int h = 0, want = 0;
	long off;

	for (off = 0; off < BULK; off += 4096) {
		pattern(buf, off, 4096);
		want = hash(want, buf, 4096);
	}
	_exit(drain(fd, BULK, &h) == BULK && h == want ? 0 : 1);
}

static void result(const char *name, pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) != pid)
		kill(pid, SIGKILL);
	step_val(name, 0, status);
	rearm(BULK_SECONDS);
}

/* Small segments into small buffers: the window opens and closes all along. */
static void test_small(void)
{
	struct ends e;
	pid_t pid;

	e.lfd = listener(8, &e.to);
	seti(e.lfd, SOL_TCP, TCP_MAXSEG, 1000);
	seti(e.lfd, SOL_SOCKET, SO_RCVBUF, 16384);
	e.fd = sock();
	seti(e.fd, SOL_SOCKET, SO_SNDBUF, 16384);
	connect_to(e.fd, &e.to);
	e.peer = accept(e.lfd, NULL, NULL);
	pid = later(0, swallow, e.peer);
	check("small-buffers-sent", pour(e.fd));
	rearm(BULK_SECONDS);
	result("small-buffers-received", pid);
	shut(&e);
}

void g_bulk(void)
{
	struct ends e;
	pid_t a, b, c;

	rearm(BULK_SECONDS);
	pair(&e);
	a = later(0, swallow, e.peer);
	b = later(0, pour_out, e.fd);
	result("one-way-sent", b);
	result("one-way-received", a);
	a = later(0, swallow, e.peer);
	b = later(0, swallow, e.fd);
	c = later(0, pour_out, e.peer);
	check("both-ways-sent", pour(e.fd));
	rearm(BULK_SECONDS);
	result("both-ways-sent-back", c);
	result("both-ways-received", a);
	result("both-ways-received-back", b);
	shut(&e);
	test_small();
}
