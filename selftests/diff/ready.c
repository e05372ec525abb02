// SPDX-License-Identifier: GPL-2.0
/*
 * Group: a waiter is woken for everything that poll() would show.
 *
 * An epoll instance learns of an event by the wake-up alone, poll() by looking.
 * So after each event, in each state, both have to say the same, whichever events
 * the waiter asked for.
 */
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include "diff.h"

#define TOLD_MS		300	/* every delayed ACK has come by then */

static char buf[65536];

/* --- states --- */

static void in_established(struct ends *e)
{
	pair(e);
}

static void in_urgent(struct ends *e)
{
	pair(e);
	send(e->peer, "!", 1, MSG_OOB);
	await(e->fd, POLLPRI);
}

static void in_urgent_read(struct ends *e)
{
	in_urgent(e);
	recv(e->fd, buf, 1, MSG_OOB);
}

static void in_urgent_inline(struct ends *e)
{
	pair(e);
	seti(e->fd, SOL_SOCKET, SO_OOBINLINE, 1);
	send(e->peer, "a", 1, 0);
	send(e->peer, "!", 1, MSG_OOB);
	await(e->fd, POLLPRI);
	recv(e->fd, buf, 1, 0);
}

static void in_before_mark(struct ends *e)
{
	pair(e);
	seti(e->fd, SOL_SOCKET, SO_RCVLOWAT, 10);
	send(e->peer, "abc", 3, 0);
	send(e->peer, "!", 1, MSG_OOB);
	await(e->fd, POLLPRI);
}

static void in_lowat(struct ends *e)
{
	pair(e);
	seti(e->fd, SOL_SOCKET, SO_RCVLOWAT, 10);
	send_hello(e->peer);
	settle();
}

static void in_full(struct ends *e)
{
	pair(e);
	seti(e->fd, SOL_SOCKET, SO_SNDBUF, 20000);
	fill(e->fd);
}

static void in_unsent(struct ends *e)
{
	pair(e);
	seti(e->fd, tcp_level, TCP_NOTSENT_LOWAT, 1);
	fill(e->fd);
}

/* Payload is paced out, and nothing is acknowledged */
static void in_paced(struct ends *e)
{
	pair(e);
	/* No stack paces its first segments */
	send(e->fd, buf, 20000, 0);
	rcvtimeo(e->peer, 0);
	drain(e->peer, 20000, NULL);
	outq_empty(e->fd);
	deaf(e->peer);
	seti(e->fd, tcp_level, TCP_NODELAY, 1);
	seti(e->fd, tcp_level, TCP_NOTSENT_LOWAT, 1);
	seti(e->fd, SOL_SOCKET, SO_MAX_PACING_RATE, 100000);
	send(e->fd, buf, 1000, NOW);
	send(e->fd, buf, 1000, NOW);
}

static void in_shut_rd(struct ends *e)
{
	pair(e);
	shutdown(e->fd, SHUT_RD);
}

static void in_fin_wait(struct ends *e)
{
	pair(e);
	shutdown(e->fd, SHUT_WR);
	outq_empty(e->fd);
}

static void in_close_wait(struct ends *e)
{
	pair(e);
	shutdown(e->peer, SHUT_WR);
	await(e->fd, POLLRDHUP);
}

static void in_syn_sent(struct ends *e)
{
	e->lfd = listener(8, &e->to);
	deaf(e->lfd);
	e->fd = sock();
	nonblock(e->fd, true);
	connect_to(e->fd, &e->to);
}

static void in_listen(struct ends *e)
{
	e->fd = listener(8, &e->to);
}

static void in_closed(struct ends *e)
{
	e->fd = sock();
}

static const struct {
	const char *name;
	void (*make)(struct ends *e);
} states[] = {
	{ "established", in_established },
	{ "urgent", in_urgent },
	{ "urgent-read", in_urgent_read },
	{ "urgent-inline", in_urgent_inline },
	{ "before-mark", in_before_mark },
	{ "lowat", in_lowat },
	{ "full", in_full },
	{ "unsent", in_unsent },
	{ "paced", in_paced },
	{ "shut-rd", in_shut_rd },
	{ "fin-wait-2", in_fin_wait },
	{ "close-wait", in_close_wait },
	{ "syn-sent", in_syn_sent },
	{ "listen", in_listen },
	{ "closed", in_closed },
};

/* --- events --- */

static void ev_nothing(struct ends *e)
{
	(void)e;
}

static void ev_byte(struct ends *e)
{
	send(e->peer, "x", 1, NOW);
}

static void ev_text(struct ends *e)
{
	send(e->peer, buf, 100, NOW);
}

static void ev_flood(struct ends *e)
{
	fill(e->peer);
}

static void ev_urgent(struct ends *e)
{
	send(e->peer, "?", 1, MSG_OOB | NOW);
}

static void ev_fin(struct ends *e)
{
	shutdown(e->peer, SHUT_WR);
}

static void ev_rst(struct ends *e)
{
	linger(e->peer, 0);
	close(e->peer);
	e->peer = -1;
}

static void ev_peer_reads(struct ends *e)
{
	rcvtimeo(e->peer, 500);
	drain(e->peer, 64 << 20, NULL);
}

static void ev_shut_rd(struct ends *e)
{
	shutdown(e->fd, SHUT_RD);
}

static void ev_shut_wr(struct ends *e)
{
	shutdown(e->fd, SHUT_WR);
}

static void ev_shut_rdwr(struct ends *e)
{
	shutdown(e->fd, SHUT_RDWR);
}

static void ev_rcvlowat(struct ends *e)
{
	seti(e->fd, SOL_SOCKET, SO_RCVLOWAT, 1);
}

static void ev_sndbuf(struct ends *e)
{
	seti(e->fd, SOL_SOCKET, SO_SNDBUF, 1 << 20);
}

static void ev_notsent(struct ends *e)
{
	seti(e->fd, tcp_level, TCP_NOTSENT_LOWAT, 1 << 30);
}

static void ev_disconnect(struct ends *e)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	connect(e->fd, &a.sa, sizeof(a.sa));
}

/* A SYN that the listener was deaf to is heard now, or the peer connects */
static void ev_connects(struct ends *e)
{
	if (e->lfd >= 0) {
		hearing(e->lfd);
		sleep_ms(3000);
		return;
	}
	e->peer = sock();
	nonblock(e->peer, true);
	connect_to(e->peer, &e->to);
}

static const struct {
	const char *name;
	void (*happens)(struct ends *e);
	bool peer;		/* needs a peer */
} events[] = {
	{ "time", ev_nothing },
	{ "byte", ev_byte, true },
	{ "text", ev_text, true },
	{ "flood", ev_flood, true },
	{ "oob", ev_urgent, true },
	{ "fin", ev_fin, true },
	{ "rst", ev_rst, true },
	{ "peer-reads", ev_peer_reads, true },
	{ "shutdown-rd", ev_shut_rd },
	{ "shutdown-wr", ev_shut_wr },
	{ "shutdown-rdwr", ev_shut_rdwr },
	{ "rcvlowat", ev_rcvlowat },
	{ "sndbuf", ev_sndbuf },
	{ "notsent", ev_notsent },
	{ "disconnect", ev_disconnect },
	{ "connects", ev_connects },
};

/* --- the waiters --- */

static const int wants[] = {
	EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLRDHUP, EPOLLRDNORM, EPOLLWRNORM, 0
};

static void one(const char *name, struct ends *e, void (*happens)(struct ends *e))
{
	int ep[ARRAY_SIZE(wants)], mask, want;
	struct epoll_event ev;
	bool told = true;
	size_t i;

	poll_now(e->fd);	/* as a writer that waits for room does first */
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		ev.events = wants[i];
		ep[i] = epoll_create1(0);
		epoll_ctl(ep[i], EPOLL_CTL_ADD, e->fd, &ev);
	}
	happens(e);
	sleep_ms(TOLD_MS);
	mask = poll_now(e->fd);
	step_ev(name, 0, mask);
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		ev.events = 0;
		epoll_wait(ep[i], &ev, 1, 0);
		want = mask & (wants[i] | POLLERR | POLLHUP);
		if ((int)ev.events != want) {
			told = false;
			step_fmt(nm("%s-for-%s", name, ev_str(wants[i])), 0,
				 ev_str(ev.events), "%#x", want);
		}
		close(ep[i]);
	}
	check(nm("%s-told", name), told);
}

void g_ready(void)
{
	struct ends e;
	size_t s, v;

	for (s = 0; s < ARRAY_SIZE(states); s++) {
		for (v = 0; v < ARRAY_SIZE(events); v++) {
			e = (struct ends){ -1, -1, -1 };
			states[s].make(&e);
			if (events[v].peer == (e.peer >= 0) ||
			    (!events[v].peer && events[v].happens != ev_connects))
				one(nm("%s-%s", states[s].name, events[v].name),
				    &e, events[v].happens);
			shut(&e);
		}
	}
}
