// SPDX-License-Identifier: GPL-2.0
/* Groups: poll, select and epoll at the stages of a connection. */
#include <sys/epoll.h>
#include <sys/select.h>

#include "diff.h"

static int ep;

/* The same question asked in three ways. */
static void ask(const char *name, int fd)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP,
	};
	struct timeval tv = {};
	fd_set r, w, x;
	int n;

	step_ev(nm("%s-poll", name), 0, poll_now(fd));
	FD_ZERO(&r);
	FD_SET(fd, &r);
	w = r;
	x = r;
	n = select(fd + 1, &r, &w, &x, &tv);
	step_fmt(nm("%s-select", name), n, "-", "r=%d w=%d x=%d",
		 !!FD_ISSET(fd, &r), !!FD_ISSET(fd, &w), !!FD_ISSET(fd, &x));
	n = epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	if (!n) {
		ev.events = 0;
		n = epoll_wait(ep, &ev, 1, 0);
		epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
	}
	step_ev(nm("%s-epoll", name), n, n > 0 ? ev.events : 0);
}

/* One direction after the other, then both: @stage says how far to go. */
static void stage(const char *name, int stage)
{
	struct ends e;
	char c;

	pair(&e);
	if (stage == 1)
		send_hello(e.peer);
	if (stage == 2)
		send(e.peer, "!", 1, MSG_OOB);
	if (stage == 3)
		fill(e.fd);
	if (stage == 4 || stage == 6)
		shutdown(e.peer, SHUT_WR);
	if (stage == 5 || stage == 6)
		shutdown(e.fd, SHUT_WR);
	if (stage == 7)
		shutdown(e.fd, SHUT_RD);
	if (stage == 8 || stage == 9) {
		linger(e.peer, 0);
		close(e.peer);
		e.peer = -1;
	}
	sleep_ms(50);
	if (stage == 9)
		recv(e.fd, &c, 1, NOW);
	ask(name, e.fd);
	shut(&e);
}

static void before(void)
{
	struct ends e;
	union addr to;
	int fd;

	fd = sock();
	ask("fresh", fd);
	bind_to(fd, fam->lo, 0);
	ask("bound", fd);
	close(fd);
	e.lfd = listener(8, &to);
	ask("listen", e.lfd);
	fd = sock();
	connect_to(fd, &to);
	ask("pending", e.lfd);
	close(fd);
	deaf(e.lfd);
	fd = sock();
	nonblock(fd, true);
	connect_to(fd, &to);
	ask("syn-sent", fd);
	close(fd);
	close(e.lfd);
	fd = sock();
	nonblock(fd, true);
	nobody_there(&to);
	connect_to(fd, &to);
	settle();
	ask("refused", fd);
	so_error(fd);
	ask("refused-told", fd);
	close(fd);
}

void g_poll(void)
{
	ep = epoll_create1(0);
	before();
	stage("established", 0);
	stage("data", 1);
	stage("urgent", 2);
	stage("full", 3);
	stage("peer-fin", 4);
	stage("own-fin", 5);
	stage("both-fin", 6);
	stage("shut-rd", 7);
	stage("reset", 8);
	stage("reset-told", 9);
	close(ep);
}

static void send_fin(int fd)
{
	shutdown(fd, SHUT_WR);
}

static void send_rst(int fd)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	connect(fd, &a.sa, sizeof(a.sa));
}

static void send_oob(int fd)
{
	send(fd, "!", 1, MSG_OOB);
}

static void read_lots(int fd)
{
	rcvtimeo(fd, 1000);
	drain(fd, 64 << 20, NULL);
}

/* A sleeper is woken when its event comes, not before and not without it. */
static void woken(const char *name, void (*fn)(int fd), int events, bool full)
{
	struct pollfd p;
	struct ends e;
	pid_t pid;
	long start;
	int n;

	pair(&e);
	if (full)
		fill(e.fd);
	p.fd = e.fd;
	p.events = events;
	pid = later(100, fn, e.peer);
	start = now_ms();
	n = poll(&p, 1, 5000);
	step_ev(name, n, n > 0 ? p.revents : 0);
	check(nm("%s-slept", name), now_ms() - start >= 90);
	join(pid);
	shut(&e);
}

static void nothing(const char *name, void (*fn)(int fd), int events)
{
	struct pollfd p;
	struct ends e;
	pid_t pid;

	pair(&e);
	p.fd = e.fd;
	p.events = events;
	pid = later(30, fn, e.peer);
	step(name, poll(&p, 1, 300));
	join(pid);
	shut(&e);
}

static void call_and_wait(int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a;
	int s = sock();

	getsockname(fd, &a.sa, &len);
	connect_to(s, &a);
	sleep_ms(300);
}

void g_wake(void)
{
	struct ends e;
	union addr to;
	pid_t pid;
	int fd;

	woken("data", send_hello, POLLIN, false);
	woken("fin", send_fin, POLLIN, false);
	woken("rdhup", send_fin, POLLRDHUP, false);
	woken("rst", send_rst, POLLIN, false);
	woken("rst-err", send_rst, 0, false);
	woken("urgent", send_oob, POLLPRI, false);
	woken("room", read_lots, POLLOUT, true);
	woken("full-rst", send_rst, POLLOUT, true);
	nothing("data-not-urgent", send_hello, POLLPRI);
	nothing("urgent-not-data", send_oob, POLLIN);
	nothing("fin-not-hup", send_fin, 0);
	e.lfd = listener(8, &to);
	pid = later(100, call_and_wait, e.lfd);
	step_ev("accept", 0, await(e.lfd, POLLIN));
	join(pid);
	deaf(e.lfd);
	fd = sock();
	nonblock(fd, true);
	connect_to(fd, &to);
	pid = later(100, hear_again, e.lfd);
	step_ev("connect", 0, await(fd, POLLOUT));
	join(pid);
	close(fd);
	close(e.lfd);
}

void g_select(void)
{
	struct timeval tv = {}, wait = { 0, 60000 };
	fd_set both, none;
	struct ends e;
	int max, n;

	pair(&e);
	FD_ZERO(&none);
	max = (e.fd > e.peer ? e.fd : e.peer) + 1;
	both = none;
	FD_SET(e.fd, &both);
	FD_SET(e.peer, &both);
	step("idle", select(max, &both, NULL, &none, &wait));
	FD_SET(e.fd, &both);
	FD_SET(e.peer, &both);
	step("writable", select(max, NULL, &both, NULL, &tv));
	send_hello(e.peer);
	await(e.fd, POLLIN);
	n = select(max, &both, NULL, NULL, &tv);
	step_fmt("readable", n, "-", "%d %d", !!FD_ISSET(e.fd, &both),
		 !!FD_ISSET(e.peer, &both));
	FD_SET(e.fd, &both);
	FD_SET(e.peer, &both);
	shutdown(e.fd, SHUT_WR);
	await(e.peer, POLLRDHUP);
	step("fin", select(max, &both, NULL, NULL, &tv));
	shut(&e);
	step("closed", select(max, &both, NULL, NULL, &tv));
}

/* What epoll has to say: how many, and which events. */
static void says(const char *name)
{
	struct epoll_event ev = {};
	int n;

	settle();
	n = epoll_wait(ep, &ev, 1, 0);
	step_ev(name, n, n > 0 ? ev.events : 0);
}

static void watch(int fd, int events)
{
	struct epoll_event ev = { .events = events };

	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

void g_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };
	struct ends e;
	char buf[16];

	pair(&e);
	watch(e.fd, EPOLLIN | EPOLLRDHUP);
	says("idle");
	send_hello(e.peer);
	says("data");
	says("data-still");
	recv(e.fd, buf, 2, 0);
	says("part-read");
	recv(e.fd, buf, 16, 0);
	says("all-read");
	epoll_ctl(ep, EPOLL_CTL_MOD, e.fd, &ev);
	send_hello(e.peer);
	says("oneshot");
	send_hello(e.peer);
	says("oneshot-spent");
	epoll_ctl(ep, EPOLL_CTL_MOD, e.fd, &ev);
	says("oneshot-again");
	ev.events = 0;
	epoll_ctl(ep, EPOLL_CTL_MOD, e.fd, &ev);
	shutdown(e.peer, SHUT_WR);
	says("mask-none");
	shutdown(e.fd, SHUT_WR);
	says("hup");
	close(e.fd);
	says("gone");
	close(e.peer);
	close(ep);
}

static void edges_data(int events, const char *name)
{
	struct ends e;
	char buf[16];

	pair(&e);
	watch(e.fd, events | EPOLLET);
	says(nm("%s-add", name));
	says(nm("%s-idle", name));
	send_hello(e.peer);
	says(nm("%s-data", name));
	says(nm("%s-data-again", name));
	recv(e.fd, buf, 2, 0);
	says(nm("%s-part-read", name));
	send_hello(e.peer);
	says(nm("%s-more", name));
	recv(e.fd, buf, 16, 0);
	says(nm("%s-all-read", name));
	send_hello(e.fd);
	sleep_ms(100);
	says(nm("%s-sent", name));
	send(e.peer, "!", 1, MSG_OOB);
	says(nm("%s-urgent", name));
	recv(e.fd, buf, 1, MSG_OOB);
	says(nm("%s-urgent-read", name));
	shutdown(e.fd, SHUT_WR);
	says(nm("%s-own-fin", name));
	recv(e.peer, buf, 16, 0);
	shutdown(e.peer, SHUT_WR);
	says(nm("%s-peer-fin", name));
	says(nm("%s-end", name));
	shut(&e);
	close(ep);
}

static void edges_connect(void)
{
	struct ends e;
	union addr to;
	int fd, lfd;

	lfd = listener(8, &to);
	fd = sock();
	nonblock(fd, true);
	watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	says("fresh");
	connect_to(fd, &to);
	says("connected");
	says("connected-again");
	close(ep);
	close(fd);
	watch(lfd, EPOLLIN | EPOLLET);
	says("listen-leftover");
	fd = sock();
	connect_to(fd, &to);
	says("listen-one");
	says("listen-one-again");
	e.fd = sock();
	connect_to(e.fd, &to);
	says("listen-two");
	close(accept(lfd, NULL, NULL));
	says("listen-accepted");
	close(ep);
	close(lfd);
	close(fd);
	close(e.fd);
	fd = sock();
	nonblock(fd, true);
	watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	nobody_there(&to);
	connect_to(fd, &to);
	says("refused");
	says("refused-again");
	close(fd);
	close(ep);
}

static void edges_room(void)
{
	struct ends e;

	pair(&e);
	fill(e.fd);
	watch(e.fd, EPOLLOUT | EPOLLET);
	says("full");
	rcvtimeo(e.peer, 500);
	drain(e.peer, 64 << 20, NULL);
	says("room");
	says("room-again");
	linger(e.peer, 0);
	close(e.peer);
	e.peer = -1;
	says("reset");
	says("reset-again");
	shut(&e);
	close(ep);
}

void g_epoll_et(void)
{
	edges_data(EPOLLIN | EPOLLRDHUP, "in");
	edges_data(EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP, "all");
	edges_connect();
	edges_room();
}
