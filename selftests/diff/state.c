// SPDX-License-Identifier: GPL-2.0
/* One group a state of the connection: every call on a socket in that state. */
#include <linux/sockios.h>
#include <linux/tcp.h>

#include "diff.h"

static char buf[64];

static void s_fresh(struct ends *e)
{
	e->fd = sock();
}

static void s_bound(struct ends *e)
{
	e->fd = sock();
	bind_to(e->fd, fam->lo, PORT);
}

static void s_listen(struct ends *e)
{
	union addr a;

	e->fd = listener(8, &a);
}

static void s_pending(struct ends *e)
{
	union addr a;

	e->fd = listener(8, &a);
	e->peer = sock();
	connect_to(e->peer, &a);
}

static void s_listen_shut(struct ends *e)
{
	s_listen(e);
	shutdown(e->fd, SHUT_RD);
}

static void s_syn_sent(struct ends *e)
{
	e->lfd = listener(8, &e->to);
	deaf(e->lfd);
	e->fd = sock();
	nonblock(e->fd, true);
	connect_to(e->fd, &e->to);
}

static void s_refused(struct ends *e)
{
	union addr a;

	nobody_there(&a);
	e->fd = sock();
	nonblock(e->fd, true);
	connect_to(e->fd, &a);
	await(e->fd, POLLERR);
}

static void s_refused_told(struct ends *e)
{
	s_refused(e);
	so_error(e->fd);
}

static void s_established(struct ends *e)
{
	pair(e);
}

static void s_data(struct ends *e)
{
	pair(e);
	send_hello(e->peer);
	await(e->fd, POLLIN);
}

static void s_urgent(struct ends *e)
{
	pair(e);
	send(e->peer, "a!", 2, MSG_OOB);
	await(e->fd, POLLPRI);
}

static void s_unacked(struct ends *e)
{
	pair(e);
	deaf(e->peer);
	send_hello(e->fd);
}

static void s_shut_rd(struct ends *e)
{
	pair(e);
	shutdown(e->fd, SHUT_RD);
}

static void s_fin_wait(struct ends *e)
{
	pair(e);
	shutdown(e->fd, SHUT_WR);
	await(e->peer, POLLRDHUP);
	outq_empty(e->fd);
}

static void s_fin_wait_deaf(struct ends *e)
{
	pair(e);
	deaf(e->peer);
	shutdown(e->fd, SHUT_WR);
}

static void s_close_wait(struct ends *e)
{
	pair(e);
	shutdown(e->peer, SHUT_WR);
	await(e->fd, POLLRDHUP);
}

static void s_close_wait_data(struct ends *e)
{
	pair(e);
	send_hello(e->peer);
	shutdown(e->peer, SHUT_WR);
	await(e->fd, POLLRDHUP);
}

static void s_last_ack(struct ends *e)
{
	s_close_wait(e);
	deaf(e->peer);
	shutdown(e->fd, SHUT_WR);
}

static void s_closed(struct ends *e)
{
	s_close_wait(e);
	shutdown(e->fd, SHUT_WR);
	await(e->fd, POLLHUP);
}

static void s_time_wait(struct ends *e)
{
	s_fin_wait(e);
	shutdown(e->peer, SHUT_WR);
	await(e->fd, POLLHUP);
}

static void s_reset(struct ends *e)
{
	pair(e);
	linger(e->peer, 0);
	close(e->peer);
	e->peer = -1;
	await(e->fd, POLLERR);
}

static void s_reset_told(struct ends *e)
{
	s_reset(e);
	so_error(e->fd);
}

static void s_reset_data(struct ends *e)
{
	pair(e);
	send_hello(e->peer);
	await(e->fd, POLLIN);
	linger(e->peer, 0);
	close(e->peer);
	e->peer = -1;
	await(e->fd, POLLERR);
}

static void s_disconnected(struct ends *e)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	pair(e);
	connect(e->fd, &a.sa, sizeof(a.sa));
}

static const struct {
	const char *name;
	void (*make)(struct ends *e);
} states[] = {
	{ "st-fresh", s_fresh },
	{ "st-bound", s_bound },
	{ "st-listen", s_listen },
	{ "st-pending", s_pending },
	{ "st-listen-shut", s_listen_shut },
	{ "st-syn-sent", s_syn_sent },
	{ "st-refused", s_refused },
	{ "st-refused-told", s_refused_told },
	{ "st-established", s_established },
	{ "st-data", s_data },
	{ "st-urgent", s_urgent },
	{ "st-unacked", s_unacked },
	{ "st-shut-rd", s_shut_rd },
	{ "st-fin-wait-1", s_fin_wait_deaf },
	{ "st-fin-wait-2", s_fin_wait },
	{ "st-close-wait", s_close_wait },
	{ "st-close-wait-data", s_close_wait_data },
	{ "st-last-ack", s_last_ack },
	{ "st-closed", s_closed },
	{ "st-time-wait", s_time_wait },
	{ "st-reset", s_reset },
	{ "st-reset-told", s_reset_told },
	{ "st-reset-data", s_reset_data },
	{ "st-disconnected", s_disconnected },
};

/* One call of the list below, with its own arguments. */
struct call {
	const char *name;
	void (*fn)(int fd, const struct call *c);
	int a, b;
};

static void c_send(int fd, const struct call *c)
{
	step(c->name, send(fd, "x", c->b, c->a | MSG_DONTWAIT));
}

static void c_recv(int fd, const struct call *c)
{
	long ret = recv(fd, buf, c->b, c->a | MSG_DONTWAIT);

	step_buf(c->name, ret, buf);
}

static void c_shutdown(int fd, const struct call *c)
{
	step(c->name, shutdown(fd, c->a));
	settle();
	step_ev(nm("%s-poll", c->name), 0, poll_now(fd));
}

static void c_connect(int fd, const struct call *c)
{
	union addr a;
	int lfd = listener(8, &a);

	if (c->a)
		a.sa.sa_family = AF_UNSPEC;
	nonblock(fd, true);
	step(c->name, connect_to(fd, &a));
	step_ev(nm("%s-poll", c->name), 0, poll_now(fd));
	close(lfd);
}

static void c_bind(int fd, const struct call *c)
{
	step(c->name, bind_to(fd, fam->lo, 0));
}

static void c_listen(int fd, const struct call *c)
{
	step(c->name, listen(fd, 8));
}

static void c_accept(int fd, const struct call *c)
{
	close(step_fd(c->name, accept(fd, NULL, NULL)));
}

static void c_name(int fd, const struct call *c)
{
	if (c->a)
		step_peername(c->name, fd);
	else
		step_sockname(c->name, fd);
}

static void c_poll(int fd, const struct call *c)
{
	step_ev(c->name, 0, poll_now(fd));
}

static void c_error(int fd, const struct call *c)
{
	step_val(c->name, 0, so_error(fd));
}

static void c_ioctl(int fd, const struct call *c)
{
	int n = -1;
	long ret = ioctl(fd, c->a, &n);

	step_val(c->name, ret, n);
}

static void c_info(int fd, const struct call *c)
{
	struct tcp_info ti = {};
	socklen_t len = sizeof(ti);
	long ret = getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len);

	step_val(c->name, ret, ti.tcpi_state);
}

static void c_keepalive(int fd, const struct call *c)
{
	step(c->name, seti(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
}

static void c_option(int fd, const struct call *c)
{
	step(c->name, seti(fd, SOL_TCP, c->a, c->b));
}

static void c_close(int fd, const struct call *c)
{
	if (c->a)
		linger(fd, 0);
	step(c->name, close(fd));
}

static const struct call calls[] = {
	{ "send", c_send, 0, 1 },
	{ "send-nosignal", c_send, MSG_NOSIGNAL, 1 },
	{ "send-0", c_send, MSG_NOSIGNAL, 0 },
	{ "send-oob", c_send, MSG_NOSIGNAL | MSG_OOB, 1 },
	{ "recv", c_recv, 0, sizeof(buf) },
	{ "recv-0", c_recv, 0, 0 },
	{ "peek", c_recv, MSG_PEEK, sizeof(buf) },
	{ "recv-oob", c_recv, MSG_OOB, 1 },
	{ "errqueue", c_recv, MSG_ERRQUEUE, 1 },
	{ "trunc", c_recv, MSG_TRUNC, 3 },
	{ "shut-rd", c_shutdown, SHUT_RD },
	{ "shut-wr", c_shutdown, SHUT_WR },
	{ "shut-rdwr", c_shutdown, SHUT_RDWR },
	{ "connect", c_connect, false },
	{ "connect-unspec", c_connect, true },
	{ "bind", c_bind },
	{ "listen", c_listen },
	{ "accept", c_accept },
	{ "sockname", c_name, false },
	{ "peername", c_name, true },
	{ "poll", c_poll },
	{ "error", c_error },
	{ "inq", c_ioctl, SIOCINQ },
	{ "outq", c_ioctl, SIOCOUTQ },
	{ "outqnsd", c_ioctl, SIOCOUTQNSD },
	{ "atmark", c_ioctl, SIOCATMARK },
	{ "info-state", c_info },
	{ "keepalive", c_keepalive },
	{ "nodelay", c_option, TCP_NODELAY, 1 },
	{ "maxseg", c_option, TCP_MAXSEG, 600 },
	{ "clamp-0", c_option, TCP_WINDOW_CLAMP, 0 },
	{ "close", c_close, false },
	{ "abort", c_close, true },
};

void g_state(int state)
{
	const struct call *c;
	struct ends e;

	for (c = calls; c < calls + ARRAY_SIZE(calls); c++) {
		e.fd = -1;
		e.peer = -1;
		e.lfd = -1;
		states[state].make(&e);
		nonblock(e.fd, true);
		c->fn(e.fd, c);
		if (c->fn == c_close) {
			e.fd = -1;
			settle();
			if (e.peer >= 0)
				step_ev(nm("%s-peer", c->name), 0,
					poll_now(e.peer));
		}
		shut(&e);
	}
}

int state_count(void)
{
	return ARRAY_SIZE(states);
}

const char *state_name(int state)
{
	return states[state].name;
}

void state_make(int state, struct ends *e)
{
	*e = (struct ends){ -1, -1, -1 };
	states[state].make(e);
}
