// SPDX-License-Identifier: GPL-2.0
/* Groups: urgent data, its mark and its signal. */
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "diff.h"

static char buf[64];

static void get(const char *name, int fd, size_t len, int flags)
{
	long ret;

	memset(buf, 'Z', sizeof(buf));
	ret = recv(fd, buf, len, flags | MSG_DONTWAIT);
	step_buf(name, ret, buf);
}

static void mark(const char *name, int fd)
{
	int at = -1;
	long ret = ioctl(fd, SIOCATMARK, &at);

	step_val(name, ret, at);
}

/* "abc", '!' urgent, "def" are there. */
static void urgent(struct ends *e)
{
	pair(e);
	send(e->peer, "abc", 3, 0);
	send(e->peer, "!", 1, MSG_OOB);
	send(e->peer, "def", 3, 0);
	await(e->fd, POLLPRI);
	sleep_ms(100);
}

static void sequence(void)
{
	struct ends e;

	pair(&e);
	get("none", e.fd, 1, MSG_OOB);
	mark("none-mark", e.fd);
	step("send-0", send(e.peer, "", 0, MSG_OOB));
	settle();
	step_ev("send-0-poll", 0, poll_now(e.fd));
	send(e.peer, "abc", 3, 0);
	step("send", send(e.peer, "!", 1, MSG_OOB));
	step_ev("poll", 0, await(e.fd, POLLPRI));
	mark("before", e.fd);
	step_val("inq", 0, inq(e.fd));
	get("stops-at-mark", e.fd, 64, 0);
	mark("at", e.fd);
	step_ev("at-poll", 0, poll_now(e.fd));
	step_val("at-inq", 0, inq(e.fd));
	get("peek", e.fd, 1, MSG_OOB | MSG_PEEK);
	get("byte", e.fd, 64, MSG_OOB);
	get("byte-again", e.fd, 1, MSG_OOB);
	step_ev("byte-poll", 0, poll_now(e.fd));
	mark("byte-mark", e.fd);
	get("byte-empty", e.fd, 64, 0);
	mark("byte-empty-mark", e.fd);
	send(e.peer, "def", 3, 0);
	await(e.fd, POLLIN);
	mark("after-data", e.fd);
	get("after", e.fd, 64, 0);
	mark("after-mark", e.fd);
	get("after-oob", e.fd, 1, MSG_OOB);
	shut(&e);
}

/* The byte is read before what stands in front of it, or never. */
static void order(void)
{
	struct ends e;

	urgent(&e);
	step_val("first-inq", 0, inq(e.fd));
	get("first", e.fd, 1, MSG_OOB);
	step_ev("first-poll", 0, poll_now(e.fd));
	get("first-then", e.fd, 64, 0);
	mark("first-mark", e.fd);
	get("first-rest", e.fd, 64, 0);
	shut(&e);
	urgent(&e);
	get("never-before", e.fd, 64, 0);
	get("never-after", e.fd, 64, 0);
	get("never", e.fd, 1, MSG_OOB);
	step_ev("never-poll", 0, poll_now(e.fd));
	shut(&e);
	urgent(&e);
	get("peek-past", e.fd, 64, MSG_PEEK);
	get("peek-past-2", e.fd, 2, MSG_PEEK);
	get("len-0", e.fd, 0, MSG_OOB);
	get("trunc", e.fd, 3, MSG_OOB | MSG_TRUNC);
	shut(&e);
	urgent(&e);
	get("waitall", e.fd, 7, MSG_WAITALL);
	shut(&e);
	pair(&e);
	send(e.peer, "ab!", 3, MSG_OOB);
	await(e.fd, POLLPRI);
	get("skip-before", e.fd, 64, 0);
	get("skip-empty", e.fd, 64, 0);
	get("skip-byte", e.fd, 1, MSG_OOB);
	mark("skip-mark", e.fd);
	step_ev("skip-poll", 0, poll_now(e.fd));
	shut(&e);
}

static void several(void)
{
	struct ends e;

	pair(&e);
	send(e.peer, "ab1", 3, MSG_OOB);
	await(e.fd, POLLPRI);
	get("last-of-three", e.fd, 1, MSG_OOB);
	get("first-two", e.fd, 64, 0);
	shut(&e);
	pair(&e);
	send(e.peer, "1", 1, MSG_OOB);
	await(e.fd, POLLPRI);
	send(e.peer, "2", 1, MSG_OOB);
	sleep_ms(100);
	get("second-wins", e.fd, 1, MSG_OOB);
	get("first-is-data", e.fd, 64, 0);
	mark("second-mark", e.fd);
	get("second-rest", e.fd, 64, 0);
	shut(&e);
	pair(&e);
	send(e.peer, "abc", 3, MSG_OOB);
	shutdown(e.peer, SHUT_WR);
	step_ev("fin-poll", 0, await(e.fd, POLLRDHUP));
	get("fin-before", e.fd, 64, 0);
	get("fin-byte", e.fd, 1, MSG_OOB);
	get("fin-eof", e.fd, 64, 0);
	get("fin-oob-eof", e.fd, 1, MSG_OOB);
	step("fin-send", send(e.fd, "x", 1, MSG_OOB));
	shut(&e);
}

static void waits(void)
{
	struct epoll_event ev = { .events = EPOLLPRI };
	int ep = epoll_create1(0);
	struct timeval tv = {};
	struct ends e;
	fd_set set;

	urgent(&e);
	FD_ZERO(&set);
	FD_SET(e.fd, &set);
	step("select", select(e.fd + 1, NULL, NULL, &set, &tv));
	step("epoll-add", epoll_ctl(ep, EPOLL_CTL_ADD, e.fd, &ev));
	ev.events = 0;
	step_ev("epoll", epoll_wait(ep, &ev, 1, 0), ev.events);
	get("read", e.fd, 1, MSG_OOB);
	FD_SET(e.fd, &set);
	step("select-read", select(e.fd + 1, NULL, NULL, &set, &tv));
	step("epoll-read", epoll_wait(ep, &ev, 1, 0));
	shut(&e);
	close(ep);
	e.fd = sock();
	get("fresh", e.fd, 1, MSG_OOB);
	step("fresh-send", send(e.fd, "x", 1, MSG_OOB | MSG_NOSIGNAL));
	mark("fresh-mark", e.fd);
	close(e.fd);
}

void g_oob(void)
{
	sequence();
	order();
	several();
	waits();
}

void g_oob_inline(void)
{
	struct ends e;

	pair(&e);
	step("set", seti(e.fd, SOL_SOCKET, SO_OOBINLINE, 1));
	send(e.peer, "abc", 3, 0);
	send(e.peer, "!", 1, MSG_OOB);
	send(e.peer, "def", 3, 0);
	step_ev("poll", 0, await(e.fd, POLLPRI));
	sleep_ms(100);
	step_val("inq", 0, inq(e.fd));
	get("oob", e.fd, 1, MSG_OOB);
	get("before", e.fd, 64, 0);
	mark("mark", e.fd);
	step_ev("mark-poll", 0, poll_now(e.fd));
	get("byte", e.fd, 1, 0);
	mark("past", e.fd);
	step_ev("past-poll", 0, poll_now(e.fd));
	get("rest", e.fd, 64, 0);
	send(e.peer, "?", 1, MSG_OOB);
	step_ev("alone-poll", 0, await(e.fd, POLLPRI));
	mark("alone-mark", e.fd);
	get("alone", e.fd, 64, 0);
	send(e.peer, "1", 1, MSG_OOB);
	send(e.peer, "2", 1, MSG_OOB);
	await(e.fd, POLLPRI);
	sleep_ms(100);
	get("two", e.fd, 64, 0);
	get("two-rest", e.fd, 64, 0);
	step("unset", seti(e.fd, SOL_SOCKET, SO_OOBINLINE, 0));
	send(e.peer, "x", 1, MSG_OOB);
	await(e.fd, POLLPRI);
	step("set-late", seti(e.fd, SOL_SOCKET, SO_OOBINLINE, 1));
	get("late-oob", e.fd, 1, MSG_OOB);
	get("late-data", e.fd, 64, 0);
	shut(&e);
}

static void signal_by(const char *name, int how, int val)
{
	struct f_owner_ex ex = { F_OWNER_PID, val };
	struct ends e;
	int fd;

	pair(&e);
	if (how == F_SETOWN_EX)
		fd = fcntl(e.fd, F_SETOWN_EX, &ex);
	else if (how == F_SETOWN)
		fd = fcntl(e.fd, F_SETOWN, val);
	else
		fd = ioctl(e.fd, how, &val);
	step(nm("%s-set", name), fd);
	check(nm("%s-get", name), fcntl(e.fd, F_GETOWN) == val);
	took_signal(SIGURG);
	send(e.peer, "!", 1, MSG_OOB);
	await(e.fd, POLLPRI);
	step_val(name, 0, took_signal(SIGURG));
	get(nm("%s-byte", name), e.fd, 1, MSG_OOB);
	shut(&e);
}

void g_oob_sig(void)
{
	struct ends e;

	signal_by("nobody", F_SETOWN, 0);
	signal_by("process", F_SETOWN, getpid());
	signal_by("group", F_SETOWN, -getpid());
	signal_by("siocspgrp", SIOCSPGRP, getpid());
	signal_by("fiosetown", FIOSETOWN, getpid());
	signal_by("owner-ex", F_SETOWN_EX, getpid());
	pair(&e);
	step("no-such-process", fcntl(e.fd, F_SETOWN, 0x3fffffff));
	fcntl(e.fd, F_SETOWN, getpid());
	took_signal(SIGURG);
	kick(0, 0);
	send(e.peer, "a", 1, MSG_OOB);
	await(e.fd, POLLPRI);
	step_val("first", 0, took_signal(SIGURG));
	send(e.peer, "b", 1, MSG_OOB);
	sleep_ms(100);
	step_val("second", 0, took_signal(SIGURG));
	send(e.peer, "c", 1, 0);
	sleep_ms(100);
	step_val("plain-data", 0, took_signal(SIGURG));
	shut(&e);
}
