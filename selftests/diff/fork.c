// SPDX-License-Identifier: GPL-2.0
/* Groups: one socket in several processes; SIGIO; socket filters. */
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdatomic.h>

#include "diff.h"

static char buf[64];

static void get(const char *name, int fd)
{
	long ret;

	await(fd, POLLIN);
	ret = recv(fd, buf, sizeof(buf), NOW);
	step_buf(name, ret, buf);
}

static int listening;

static void serve(int fd)
{
	int s = accept(fd, NULL, NULL);

	send(s, "served", 6, 0);
	close(s);
}

static void processes(void)
{
	struct ends e;
	union addr to;
	pid_t pid;
	int fd;

	pair(&e);
	join(later(0, send_hello, e.fd));
	get("child-sends", e.peer);
	step("parent-sends", send(e.fd, "parent", 6, 0));
	get("parent-recv", e.peer);
	shut(&e);
	addr(&to, fam->lo, PORT);
	listening = sock();
	bind(listening, &to.sa, fam->len);
	listen(listening, 8);
	pid = later(0, serve, listening);
	fd = sock();
	step("child-serves", connect_to(fd, &to));
	get("child-served", fd);
	join(pid);
	step_ev("child-gone", 0, await(fd, POLLRDHUP));
	close(fd);
	pid = later(50, serve, listening);
	close(listening);
	fd = sock();
	step("listener-in-child", connect_to(fd, &to));
	get("listener-served", fd);
	join(pid);
	close(fd);
	fd = sock();
	step("listener-gone", connect_to(fd, &to));
	close(fd);
}

static void duplicates(void)
{
	struct ends e;
	int fd;

	pair(&e);
	fd = dup(e.fd);
	nonblock(fd, true);
	step_val("dup-shares-flags", 0, fcntl(e.fd, F_GETFL) & O_NONBLOCK);
	step("dup-send", send(fd, "dup", 3, 0));
	get("dup-recv", e.peer);
	step("dup-shutdown", shutdown(fd, SHUT_WR));
	step("dup-shut", send(e.fd, "x", 1, MSG_NOSIGNAL));
	close(fd);
	fd = fcntl(e.fd, F_DUPFD_CLOEXEC, 100);
	step_val("dupfd-cloexec", fd < 0 ? -1 : 0, fcntl(fd, F_GETFD));
	step("dup2", dup2(e.peer, fd) == fd ? 0 : -1);
	step("dup2-send", send(fd, "two", 3, 0));
	get("dup2-recv", e.fd);
	close(fd);
	shut(&e);
}

static int pass(int via, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = {};
	struct iovec iov = { "f", 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};

	u.align.cmsg_level = SOL_SOCKET;
	u.align.cmsg_type = SCM_RIGHTS;
	u.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&u.align), &fd, sizeof(fd));
	return sendmsg(via, &m, 0);
}

static int take(int via)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = {};
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	int fd;

	if (recvmsg(via, &m, MSG_DONTWAIT) < 1 || !m.msg_controllen)
		return -1;
	memcpy(&fd, CMSG_DATA(&u.align), sizeof(fd));
	return fd;
}

static void passed(void)
{
	int sv[2], fd;
	struct ends e;

	socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
	pair(&e);
	send(e.peer, "before", 6, 0);
	step("pass", pass(sv[0], e.fd));
	close(e.fd);
	step_ev("pass-in-flight", 0, poll_now(e.peer));
	fd = step_fd("pass-taken", take(sv[1]));
	get("pass-recv", fd);
	step("pass-send", send(fd, "after", 5, 0));
	get("pass-peer-recv", e.peer);
	e.fd = fd;
	step("pass-lost", pass(sv[0], e.fd));
	close(e.fd);
	close(sv[0]);
	close(sv[1]);
	step_ev("pass-lost-peer", 0, await(e.peer, POLLRDHUP));
	close(e.peer);
}

void g_fork(void)
{
	processes();
	duplicates();
	passed();
}

static atomic_int bands;

static void on_band(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)ctx;
	atomic_fetch_or(&bands, 1 << (si->si_code & 15));
}

/* Which kinds of SIGIO came: POLL_IN is 1, OUT 2, MSG 3, ERR 4, PRI 5, HUP 6 */
static void banded(const char *name)
{
	int b, i;
	size_t n = 0;
	char s[32] = "";

	sleep_ms(60);
	b = atomic_exchange(&bands, 0);
	for (i = 0; i < 16; i++)
		if (b & 1 << i)
			n += snprintf(s + n, sizeof(s) - n, "%s%d",
				      n ? "," : "", i);
	step_fmt(name, 0, "-", "%s", s);
}

static void async(int fd)
{
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETSIG, SIGRTMIN + 1);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
	atomic_store(&bands, 0);
}

void g_sigio(void)
{
	struct sigaction sa = {
		.sa_sigaction = on_band,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};
	struct ends e;
	union addr to;
	int fd;

	sigaction(SIGRTMIN + 1, &sa, NULL);
	e.lfd = listener(8, &to);
	async(e.lfd);
	fd = sock();
	nonblock(fd, true);
	async(fd);
	connect_to(fd, &to);
	banded("connect");
	close(fd);
	close(e.lfd);
	pair(&e);
	async(e.fd);
	banded("idle");
	send_hello(e.peer);
	banded("data");
	send_hello(e.peer);
	banded("data-again");
	recv(e.fd, buf, 64, NOW);
	banded("read");
	send(e.peer, "!", 1, MSG_OOB);
	banded("urgent");
	fill(e.fd);
	atomic_store(&bands, 0);
	rcvtimeo(e.peer, 300);
	drain(e.peer, 64 << 20, NULL);
	banded("room");
	shutdown(e.fd, SHUT_WR);
	banded("own-fin");
	recv(e.fd, buf, 64, NOW);
	shutdown(e.peer, SHUT_WR);
	banded("fin");
	shut(&e);
	pair(&e);
	async(e.fd);
	linger(e.peer, 0);
	close(e.peer);
	e.peer = -1;
	banded("reset");
	shut(&e);
	pair(&e);
	fcntl(e.fd, F_SETOWN, getpid());
	fcntl(e.fd, F_SETFL, fcntl(e.fd, F_GETFL) | O_ASYNC);
	took_signal(SIGIO);
	send_hello(e.peer);
	sleep_ms(20);
	step_val("plain-sigio", 0, took_signal(SIGIO));
	step("plain-off", fcntl(e.fd, F_SETFL, 0));
	send_hello(e.peer);
	sleep_ms(20);
	step_val("plain-off-sigio", 0, took_signal(SIGIO));
	shut(&e);
}

static int attach(int fd, struct sock_filter *f, int len)
{
	struct sock_fprog prog = { len, f };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog));
}

void g_filter(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, -1);
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_filter wrong = BPF_STMT(0xffff, 0);
	struct sock_filter got[4];
	socklen_t len = 4;
	struct ends e;
	union addr to;
	int fd = sock();

	step("attach", attach(fd, &all, 1));
	step("get", getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &len));
	step_val("get-len", 0, len);
	step("empty", attach(fd, &all, 0));
	step("wrong", attach(fd, &wrong, 1));
	step("fault", attach(fd, (void *)bad, 1));
	step("short", setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &all, 3));
	step("bpf-fd", seti(fd, SOL_SOCKET, SO_ATTACH_BPF, -1));
	step("detach", hearing(fd));
	step("detach-again", hearing(fd));
	step("lock", seti(fd, SOL_SOCKET, SO_LOCK_FILTER, 1));
	step("locked-attach", attach(fd, &all, 1));
	step("locked-detach", hearing(fd));
	step("unlock", seti(fd, SOL_SOCKET, SO_LOCK_FILTER, 0));
	close(fd);

	pair(&e);
	step("accept-all", attach(e.peer, &all, 1));
	send_hello(e.fd);
	get("accept-all-recv", e.peer);
	step("accept-none", attach(e.peer, &none, 1));
	send_hello(e.fd);
	sleep_ms(100);
	step("accept-none-recv", recv(e.peer, buf, 64, NOW));
	step("open", hearing(e.peer));
	get("open-recv", e.peer);
	shut(&e);

	e.lfd = listener(8, &to);
	attach(e.lfd, &all, 1);
	e.fd = sock();
	connect_to(e.fd, &to);
	e.peer = accept(e.lfd, NULL, NULL);
	step("inherited-detach", hearing(e.peer));
	attach(e.lfd, &none, 1);
	fd = sock();
	nonblock(fd, true);
	step("listener-deaf", connect_to(fd, &to));
	settle();
	step_ev("listener-deaf-poll", 0, poll_now(fd));
	send_hello(e.fd);
	get("listener-deaf-child", e.peer);
	hearing(e.lfd);
	step_ev("listener-hears", 0, await(fd, POLLOUT));
	close(fd);
	shut(&e);
}
