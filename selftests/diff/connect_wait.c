// SPDX-License-Identifier: GPL-2.0
/* Groups: connect that has to wait, meets itself, or is taken back. */
#include <netinet/tcp.h>

#include "diff.h"

/* A listener that does not hear, and a socket to call it with. */
static int silent(struct ends *e)
{
	e->lfd = listener(8, &e->to);
	e->peer = -1;
	e->fd = sock();
	return deaf(e->lfd);
}

static void in_progress(void)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr a;
	char c;

	step("silence", silent(&e));
	nonblock(e.fd, true);
	step("progress", connect_to(e.fd, &e.to));
	step("already", connect_to(e.fd, &e.to));
	step_ev("progress-poll", 0, poll_now(e.fd));
	step_val("progress-error", 0, so_error(e.fd));
	step("progress-send", send(e.fd, "x", 1, NOW));
	step("progress-recv", recv(e.fd, &c, 1, NOW));
	step("progress-peername", getpeername(e.fd, &a.sa, &len));
	step("progress-bind", bind_to(e.fd, fam->lo, 0));
	step("progress-listen", listen(e.fd, 1));
	hearing(e.lfd);
	step_ev("progress-done", 0, await(e.fd, POLLOUT));
	step("progress-connect", connect_to(e.fd, &e.to));
	step("progress-isconn", connect_to(e.fd, &e.to));
	shut(&e);
}

/* A blocking send on a connection in progress waits for it. */
static void send_waits(void)
{
	struct ends e;
	char c = 0;
	pid_t pid;

	silent(&e);
	nonblock(e.fd, true);
	connect_to(e.fd, &e.to);
	nonblock(e.fd, false);
	pid = later(100, hear_again, e.lfd);
	step("send-waits", send(e.fd, "x", 1, MSG_NOSIGNAL));
	join(pid);
	e.peer = accept(e.lfd, NULL, NULL);
	step("send-arrives", recv(e.peer, &c, 1, 0));
	shut(&e);
	silent(&e);
	nonblock(e.fd, true);
	connect_to(e.fd, &e.to);
	nonblock(e.fd, false);
	sndtimeo(e.fd, 100);
	rcvtimeo(e.fd, 100);
	step("send-timeo", send(e.fd, "x", 1, MSG_NOSIGNAL));
	step("recv-timeo", recv(e.fd, &c, 1, 0));
	shut(&e);
}

static void timed(void)
{
	struct ends e;
	long start;

	silent(&e);
	sndtimeo(e.fd, 300);
	start = now_ms();
	step("sndtimeo", connect_to(e.fd, &e.to));
	check("sndtimeo-waited", now_ms() - start >= 290);
	step("sndtimeo-again", connect_to(e.fd, &e.to));
	hearing(e.lfd);
	sndtimeo(e.fd, 5000);
	step("sndtimeo-done", connect_to(e.fd, &e.to));
	step("sndtimeo-isconn", connect_to(e.fd, &e.to));
	shut(&e);
}

static void gives_up(const char *name, int opt, int val)
{
	struct ends e;
	union addr a;
	int lfd;

	silent(&e);
	seti(e.fd, SOL_TCP, opt, val);
	step(name, connect_to(e.fd, &e.to));
	step_val(nm("%s-error", name), 0, so_error(e.fd));
	step_ev(nm("%s-poll", name), 0, poll_now(e.fd));
	lfd = listener(8, &a);
	step(nm("%s-elsewhere", name), connect_to(e.fd, &a));
	close(lfd);
	shut(&e);
	silent(&e);
	seti(e.fd, SOL_TCP, opt, val);
	nonblock(e.fd, true);
	step(nm("%s-nb", name), connect_to(e.fd, &e.to));
	step_ev(nm("%s-nb-poll", name), 0, await(e.fd, POLLERR));
	step_val(nm("%s-nb-error", name), 0, so_error(e.fd));
	step(nm("%s-nb-send", name), send(e.fd, "x", 1, 0));
	shut(&e);
}

static void interrupted(void)
{
	struct ends e;
	pid_t pid;

	silent(&e);
	kick(100, 0);
	step("intr", connect_to(e.fd, &e.to));
	kick(0, 0);
	nonblock(e.fd, true);
	step("intr-again", connect_to(e.fd, &e.to));
	hearing(e.lfd);
	step_ev("intr-poll", 0, await(e.fd, POLLOUT));
	step("intr-connect", connect_to(e.fd, &e.to));
	shut(&e);

	silent(&e);
	pid = later(350, hear_again, e.lfd);
	kick(100, SA_RESTART);
	step("restart", connect_to(e.fd, &e.to));
	kick(0, 0);
	check("restart-signalled", took_signal(SIGUSR1));
	join(pid);
	shut(&e);

	silent(&e);
	sndtimeo(e.fd, 5000);
	kick(100, SA_RESTART);
	step("restart-timeo", connect_to(e.fd, &e.to));
	kick(0, 0);
	shut(&e);
}

void g_connect_wait(void)
{
	struct ends e;

	in_progress();
	send_waits();
	timed();
	gives_up("user-timeout", TCP_USER_TIMEOUT, 1500);
	gives_up("syncnt", TCP_SYNCNT, 1);
	interrupted();
	silent(&e);
	nonblock(e.fd, true);
	connect_to(e.fd, &e.to);
	step("close", close(e.fd));
	hearing(e.lfd);
	sleep_ms(1500);
	step_ev("close-listener", 0, poll_now(e.lfd));
	close(e.lfd);
}

static void echo(const char *name, int from, int to)
{
	char buf[16];
	long ret;

	step(nm("%s-send", name), send(from, "self", 4, NOW));
	await(to, POLLIN);
	ret = recv(to, buf, sizeof(buf), NOW);
	step_buf(nm("%s-recv", name), ret, buf);
}

static void to_itself(void)
{
	union addr a;
	int fd = sock();
	char c;

	addr(&a, fam->lo, PORT);
	bind_to(fd, fam->lo, PORT);
	step("self", connect_to(fd, &a));
	step_ev("self-poll", 0, poll_now(fd));
	echo("self", fd, fd);
	step("self-shutdown", shutdown(fd, SHUT_WR));
	step_ev("self-rdhup", 0, await(fd, POLLRDHUP));
	step("self-eof", recv(fd, &c, 1, NOW));
	step("self-close", close(fd));
}

/* Both call, and neither listens. */
static void simultaneous(void)
{
	int a = sock(), b = sock();
	union addr to_a, to_b;
	char c;

	addr(&to_a, fam->lo, PORT + 1);
	addr(&to_b, fam->lo, PORT + 2);
	bind_to(a, fam->lo, PORT + 1);
	bind_to(b, fam->lo, PORT + 2);
	nonblock(a, true);
	nonblock(b, true);
	deaf(a);
	step("both-a", connect_to(a, &to_b));
	settle();
	hearing(a);
	step("both-b", connect_to(b, &to_a));
	step_ev("both-a-poll", 0, await(a, POLLOUT));
	step_ev("both-b-poll", 0, await(b, POLLOUT));
	step("both-a-done", connect_to(a, &to_b));
	step("both-b-done", connect_to(b, &to_a));
	echo("both-ab", a, b);
	echo("both-ba", b, a);
	shutdown(a, SHUT_WR);
	shutdown(b, SHUT_WR);
	step_ev("both-a-closed", 0, await(a, POLLHUP));
	step_ev("both-b-closed", 0, await(b, POLLHUP));
	step("both-a-eof", recv(a, &c, 1, NOW));
	step("both-b-eof", recv(b, &c, 1, NOW));
	close(a);
	close(b);
}

void g_connect_self(void)
{
	to_itself();
	simultaneous();
}

static int unspec(int fd, socklen_t len)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	return connect(fd, &a.sa, len);
}

static void test_fresh(void)
{
	union addr to;
	int fd = sock(), lfd = listener(8, &to);

	step("fresh", unspec(fd, fam->len));
	step("fresh-len-2", unspec(fd, 2));
	step("fresh-len-1", unspec(fd, 1));
	step("fresh-connect", connect_to(fd, &to));
	close(fd);
	close(lfd);
}

static void test_connected(void)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr a;
	int lfd;
	char c;

	pair(&e);
	step("connected", unspec(e.fd, fam->len));
	step("connected-peername", getpeername(e.fd, &a.sa, &len));
	step("connected-sockname", getsockname(e.fd, &a.sa, &len));
	step_fmt("connected-addr", 0, "-", "%s", addr_str(&a));
	step_ev("connected-poll", 0, poll_now(e.fd));
	step("connected-send", send(e.fd, "x", 1, NOW));
	step("connected-recv", recv(e.fd, &c, 1, NOW));
	step_ev("peer-poll", 0, await(e.peer, POLLERR));
	step("peer-recv", recv(e.peer, &c, 1, NOW));
	lfd = listener(8, &a);
	step("connected-elsewhere", connect_to(e.fd, &a));
	step("connected-again", unspec(e.fd, fam->len));
	step("connected-bind", bind_to(e.fd, fam->lo, PORT));
	step("connected-listen", listen(e.fd, 1));
	close(lfd);
	shut(&e);
}

static void test_unread(void)
{
	struct ends e;
	char c;

	pair(&e);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("unread", unspec(e.fd, 16));
	step_val("unread-inq", 0, inq(e.fd));
	step("unread-recv", recv(e.fd, &c, 1, NOW));
	shut(&e);
}

static void others(void)
{
	struct ends e;
	union addr to;
	int fd;
	char c;

	e.lfd = listener(8, &to);
	fd = sock();
	connect_to(fd, &to);
	step("listening", unspec(e.lfd, fam->len));
	step_val("listening-acceptconn", 0,
		 geti(e.lfd, SOL_SOCKET, SO_ACCEPTCONN));
	step_ev("listening-client", 0, await(fd, POLLERR));
	step("listening-client-recv", recv(fd, &c, 1, NOW));
	step("listening-again", listen(e.lfd, 1));
	close(fd);
	close(e.lfd);
	silent(&e);
	nonblock(e.fd, true);
	connect_to(e.fd, &e.to);
	step("syn-sent", unspec(e.fd, 16));
	step_val("syn-sent-error", 0, so_error(e.fd));
	step_ev("syn-sent-poll", 0, poll_now(e.fd));
	hearing(e.lfd);
	nonblock(e.fd, false);
	step("syn-sent-connect", connect_to(e.fd, &e.to));
	shutdown(e.fd, SHUT_RDWR);
	step("shut-down", unspec(e.fd, 16));
	step("shut-down-connect", connect_to(e.fd, &e.to));
	step_ev("shut-down-poll", 0, poll_now(e.fd));
	step("shut-down-send", send(e.fd, "x", 1, 0));
	shut(&e);
	fd = sock();
	bind_to(fd, fam->lo, PORT);
	step("bound", unspec(fd, 16));
	step("bound-bind", bind_to(fd, fam->lo, PORT));
	close(fd);
}

void g_connect_unspec(void)
{
	test_fresh();
	test_connected();
	test_unread();
	others();
}
