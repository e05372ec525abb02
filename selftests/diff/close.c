// SPDX-License-Identifier: GPL-2.0
/* Groups: the ways a connection ends. */
#include "diff.h"

static char buf[64];

static void get(const char *name, int fd)
{
	long ret = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	step_buf(name, ret, buf);
}

static void half(void)
{
	struct ends e;

	pair(&e);
	send_hello(e.fd);
	step("wr", shutdown(e.fd, SHUT_WR));
	step_ev("wr-poll", 0, poll_now(e.fd));
	step_ev("wr-peer-poll", 0, await(e.peer, POLLRDHUP));
	get("wr-peer-data", e.peer);
	get("wr-peer-eof", e.peer);
	get("wr-peer-eof-again", e.peer);
	step("wr-send", send(e.fd, "x", 1, 0));
	step("wr-send-nosignal", send(e.fd, "x", 1, MSG_NOSIGNAL));
	step("wr-write", write(e.fd, "x", 1));
	step("wr-send-0", send(e.fd, "", 0, 0));
	step("wr-again", shutdown(e.fd, SHUT_WR));
	step("wr-reply", send(e.peer, "reply", 5, 0));
	step_ev("wr-reply-poll", 0, await(e.fd, POLLIN));
	get("wr-reply-recv", e.fd);
	step("wr-peer", shutdown(e.peer, SHUT_WR));
	step_ev("wr-both-poll", 0, await(e.fd, POLLHUP));
	step_ev("wr-both-peer-poll", 0, await(e.peer, POLLHUP));
	get("wr-both-eof", e.fd);
	step("wr-both-again", shutdown(e.fd, SHUT_WR));
	step("wr-both-peer-again", shutdown(e.peer, SHUT_WR));
	step("wr-both-peer-send", send(e.peer, "x", 1, 0));
	shut(&e);
}

static void half_rd(void)
{
	struct ends e;

	pair(&e);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("rd", shutdown(e.fd, SHUT_RD));
	step_ev("rd-poll", 0, poll_now(e.fd));
	step_ev("rd-peer-poll", 0, poll_now(e.peer));
	get("rd-queued", e.fd);
	get("rd-eof", e.fd);
	step("rd-peer-send", send(e.peer, "late", 4, 0));
	settle();
	step_val("rd-inq", 0, inq(e.fd));
	get("rd-late", e.fd);
	get("rd-late-eof", e.fd);
	step("rd-send", send(e.fd, "out", 3, 0));
	await(e.peer, POLLIN);
	get("rd-peer-recv", e.peer);
	step("rd-again", shutdown(e.fd, SHUT_RD));
	step("rd-then-wr", shutdown(e.fd, SHUT_WR));
	step_ev("rd-then-wr-poll", 0, poll_now(e.fd));
	shut(&e);
}

static void whole(void)
{
	struct ends e;

	pair(&e);
	step("rdwr", shutdown(e.fd, SHUT_RDWR));
	step_ev("rdwr-poll", 0, poll_now(e.fd));
	step_ev("rdwr-peer-poll", 0, await(e.peer, POLLRDHUP));
	step("rdwr-send", send(e.fd, "x", 1, 0));
	get("rdwr-recv", e.fd);
	step("rdwr-peer-send", send(e.peer, "late", 4, 0));
	settle();
	get("rdwr-late", e.fd);
	step("rdwr-again", shutdown(e.fd, SHUT_RDWR));
	step("rdwr-peer", shutdown(e.peer, SHUT_RDWR));
	step_ev("rdwr-closed-poll", 0, await(e.fd, POLLHUP));
	step("rdwr-closed", shutdown(e.fd, SHUT_RDWR));
	shut(&e);
}

void g_shutdown(void)
{
	struct ends e;
	int fd = sock();

	step("fresh", shutdown(fd, SHUT_RDWR));
	bind_to(fd, fam->lo, 0);
	step("bound", shutdown(fd, SHUT_WR));
	close(fd);
	step("closed-fd", shutdown(fd, SHUT_WR));
	half();
	half_rd();
	whole();
	pair(&e);
	step("how-3", shutdown(e.fd, 3));
	step("how-negative", shutdown(e.fd, -1));
	step("how-huge", shutdown(e.fd, 100));
	step_ev("how-poll", 0, poll_now(e.fd));
	shutdown(e.fd, SHUT_WR);
	shutdown(e.peer, SHUT_WR);
	step_ev("both-a", 0, await(e.fd, POLLHUP));
	step_ev("both-b", 0, await(e.peer, POLLHUP));
	get("both-a-recv", e.fd);
	get("both-b-recv", e.peer);
	shut(&e);
}

static void after_close(const char *name, struct ends *e)
{
	settle();
	step_ev(nm("%s-poll", name), 0, await(e->peer, POLLRDHUP));
	get(nm("%s-recv", name), e->peer);
	get(nm("%s-recv-2", name), e->peer);
	get(nm("%s-recv-3", name), e->peer);
	step(nm("%s-send", name), send(e->peer, "x", 1, 0));
	settle();
	step_ev(nm("%s-poll-2", name), 0, poll_now(e->peer));
	step(nm("%s-send-2", name), send(e->peer, "x", 1, 0));
	step(nm("%s-send-3", name), send(e->peer, "x", 1, 0));
	get(nm("%s-recv-4", name), e->peer);
	step_val(nm("%s-error", name), 0, so_error(e->peer));
	step_ev(nm("%s-poll-3", name), 0, poll_now(e->peer));
	close(e->peer);
}

/* Its exit is the last close. */
static void hold(int fd)
{
	(void)fd;
	sleep_ms(100);
}

void g_close(void)
{
	struct ends e;
	pid_t pid;
	int dup_fd;

	pair(&e);
	step("plain", close(e.fd));
	after_close("plain", &e);
	pair(&e);
	send_hello(e.fd);
	step("sent", close(e.fd));
	after_close("sent", &e);
	pair(&e);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("unread", close(e.fd));
	after_close("unread", &e);
	pair(&e);
	send_hello(e.peer);
	send_hello(e.fd);
	await(e.fd, POLLIN);
	step("unread-sent", close(e.fd));
	after_close("unread-sent", &e);
	pair(&e);
	shutdown(e.fd, SHUT_RDWR);
	step("after-shutdown", close(e.fd));
	after_close("after-shutdown", &e);
	pair(&e);
	shutdown(e.peer, SHUT_WR);
	await(e.fd, POLLRDHUP);
	step("passive", close(e.fd));
	after_close("passive", &e);

	pair(&e);
	dup_fd = dup(e.fd);
	step("dup-first", close(e.fd));
	settle();
	step_ev("dup-peer", 0, poll_now(e.peer));
	step("dup-second", close(dup_fd));
	step_ev("dup-peer-2", 0, await(e.peer, POLLRDHUP));
	close(e.peer);
	pair(&e);
	pid = later(0, hold, e.fd);
	close(e.fd);
	join(pid);
	step_ev("exit-peer", 0, await(e.peer, POLLRDHUP));
	close(e.peer);
}

static int not_mine;

static void read_late(int fd)
{
	close(not_mine);
	sleep_ms(400);
	drain(fd, 64 << 20, NULL);
}

static void lingering(const char *name, int sec, bool reader)
{
	struct ends e;
	pid_t pid = 0;
	long start;

	pair(&e);
	fill(e.fd);
	step(nm("%s-set", name), linger(e.fd, sec));
	if (reader) {
		not_mine = e.fd;
		pid = later(0, read_late, e.peer);
		close(e.peer);
		e.peer = -1;
		sleep_ms(100);
	}
	start = now_ms();
	step(name, close(e.fd));
	start = now_ms() - start;
	check(nm("%s-waited", name), start >= (reader ? 150 : 950));
	check(nm("%s-not-longer", name), start < 6000);
	if (pid)
		join(pid);
	e.fd = -1;
	shut(&e);
}

void g_linger(void)
{
	struct linger l;
	socklen_t len = sizeof(l);
	struct ends e;
	pid_t pid;

	lingering("unheard", 1, false);
	lingering("heard", 8, true);
	pair(&e);
	send_hello(e.fd);
	linger(e.fd, 0);
	step("zero", close(e.fd));
	after_close("zero", &e);
	pair(&e);
	linger(e.fd, 5);
	send_hello(e.fd);
	step("at-once", close(e.fd));
	after_close("at-once", &e);
	pair(&e);
	fill(e.fd);
	linger(e.fd, 5);
	nonblock(e.fd, true);
	kick(100, 0);
	step("interrupted", close(e.fd));
	kick(0, 0);
	close(e.peer);
	pair(&e);
	linger(e.fd, 0);
	step("zero-shutdown", shutdown(e.fd, SHUT_WR));
	step_ev("zero-shutdown-peer", 0, await(e.peer, POLLRDHUP));
	get("zero-shutdown-recv", e.peer);
	close(e.fd);
	settle();
	step_ev("zero-shutdown-close", 0, poll_now(e.peer));
	step_val("zero-shutdown-error", 0, so_error(e.peer));
	close(e.peer);
	pair(&e);
	linger(e.fd, 0);
	pid = later(0, hold, e.fd);
	close(e.fd);
	join(pid);
	step_ev("zero-exit-peer", 0, await(e.peer, POLLERR));
	l.l_onoff = 0;
	l.l_linger = 0;
	getsockopt(e.peer, SOL_SOCKET, SO_LINGER, &l, &len);
	step_fmt("default", 0, "-", "%d/%d", l.l_onoff, l.l_linger);
	close(e.peer);
}

/* What a reset leaves behind, and how often the error is reported. */
static void resets(const char *name, bool queued, int first)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr a;

	pair(&e);
	if (queued) {
		send_hello(e.fd);
		await(e.peer, POLLIN);
	}
	linger(e.fd, 0);
	close(e.fd);
	step_ev(nm("%s-poll", name), 0, await(e.peer, POLLERR));
	if (first == 's')
		step(nm("%s-send-first", name), send(e.peer, "x", 1, 0));
	if (first == 'e')
		step_val(nm("%s-error-first", name), 0, so_error(e.peer));
	if (first == 'h')
		step(nm("%s-shutdown-first", name), shutdown(e.peer, SHUT_WR));
	step_val(nm("%s-inq", name), 0, inq(e.peer));
	get(nm("%s-recv", name), e.peer);
	get(nm("%s-recv-2", name), e.peer);
	get(nm("%s-recv-3", name), e.peer);
	step(nm("%s-send", name), send(e.peer, "x", 1, 0));
	step_val(nm("%s-error", name), 0, so_error(e.peer));
	step_ev(nm("%s-poll-end", name), 0, poll_now(e.peer));
	step(nm("%s-peername", name), getpeername(e.peer, &a.sa, &len));
	step(nm("%s-shutdown", name), shutdown(e.peer, SHUT_RDWR));
	close(e.peer);
}

void g_reset(void)
{
	struct ends e;
	union addr a;
	int lfd;

	resets("empty", false, 0);
	resets("queued", true, 0);
	resets("send", false, 's');
	resets("error", true, 'e');
	resets("shutdown", false, 'h');
	pair(&e);
	linger(e.fd, 0);
	close(e.fd);
	await(e.peer, POLLERR);
	lfd = listener(8, &a);
	step("connect-pending", connect_to(e.peer, &a));
	step("connect", connect_to(e.peer, &a));
	step("connect-again", connect_to(e.peer, &a));
	close(lfd);
	close(e.peer);
	pair(&e);
	shutdown(e.peer, SHUT_WR);
	await(e.fd, POLLRDHUP);
	linger(e.fd, 0);
	close(e.fd);
	step_ev("fin-wait", 0, await(e.peer, POLLERR));
	get("fin-wait-recv", e.peer);
	close(e.peer);
	pair(&e);
	shutdown(e.fd, SHUT_WR);
	await(e.peer, POLLRDHUP);
	linger(e.fd, 0);
	close(e.fd);
	step_ev("close-wait", 0, await(e.peer, POLLERR));
	get("close-wait-recv", e.peer);
	step("close-wait-send", send(e.peer, "x", 1, 0));
	close(e.peer);
}
