// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: sockets of both families at one port, by enumeration: which may be
 * there, and which of them a connection reaches.
 *
 * One holds a port at each kind of address, in each state and with each set of
 * options, and then another asks for it likewise.  A line is what holds the
 * port, and a letter for each that asked.
 */
#include "diff.h"

#define NR_OPTS		4
#define SERVER_PORT	19999

enum { REUSEADDR = 1, REUSEPORT = 2 };

enum state { BOUND, LISTENS, CLIENT, CHILD, CLIENT_TW, NR_STATES };

static const char *const state_names[] = { "bound", "listens", "client", "child", "client-tw" };
static const char *const opt_name[NR_OPTS] = { "0", "a", "p", "ap" };

/* Where a socket is, and a peer that it can have, or that can have it. */
static const struct spot {
	const char *name;
	const char *ip;
	const char *peer;
	bool v6only;
} spots[] = {
	{ "any4", "0.0.0.0", "127.0.0.1" },
	{ "lo4", "127.0.0.1", "127.0.0.1" },
	{ "other4", "127.0.0.2", "127.0.0.1" },
	{ "any6", "::", "::1" },
	{ "both", "::", "::ffff:127.0.0.1" },
	{ "any6-only", "::", "::1", true },
	{ "lo6", "::1", "::1" },
	{ "other6", "fd00::2", "::1" },
	{ "mapped", "::ffff:127.0.0.1", "::ffff:127.0.0.1" },
	{ "mapped-any", "::ffff:0.0.0.0", "::ffff:127.0.0.1" },
};

#define NR_SPOTS	((int)ARRAY_SIZE(spots))

static int server = -1;
static int next_port = 10000;

static bool of_ipv6(const char *ip)
{
	return strchr(ip, ':');
}

static int sock_at(const struct spot *at, int opts)
{
	int fd = sock_of(of_ipv6(at->ip) ? AF_INET6 : AF_INET);

	seti(fd, SOL_SOCKET, SO_REUSEADDR, !!(opts & REUSEADDR));
	seti(fd, SOL_SOCKET, SO_REUSEPORT, !!(opts & REUSEPORT));
	if (at->v6only)
		seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	return fd;
}

static void let_go(int fd)
{
	if (fd < 0)
		return;
	linger(fd, 0);
	close(fd);
}

static int to(int fd, const char *ip, int port)
{
	union addr a;

	addr(&a, ip, port);
	return connect_to(fd, &a);
}

/* The address at which a listener is met. */
static const char *met_at(const struct spot *at)
{
	return strstr(at->name, "any") || !strcmp(at->name, "both") ? at->peer : at->ip;
}

/* A connection; @fd[0] has the port, or had it. */
static bool hold_connection(const struct spot *at, int state, int opts, int port, int *fd)
{
	int lfd = state == CHILD ? sock_at(at, opts) : server;
	int cfd;

	if (state == CHILD) {
		if (bind_to(lfd, at->ip, port) || listen(lfd, 1))
			return false;
		cfd = sock_of(of_ipv6(at->peer) ? AF_INET6 : AF_INET);
	} else {
		cfd = sock_at(at, opts);
		if (bind_to(cfd, at->ip, port))
			return false;
	}
	fd[state != CHILD] = -1;
	if (!to(cfd, state == CHILD ? met_at(at) : at->peer, state == CHILD ? port : SERVER_PORT))
		fd[state != CHILD] = accept(lfd, NULL, NULL);
	fd[state == CHILD] = cfd;
	if (state == CHILD)
		close(lfd);
	return fd[state != CHILD] >= 0;
}

static bool hold(const struct spot *at, int state, int opts, int port, int *fd)
{
	fd[1] = -1;
	if (state > LISTENS) {
		if (!hold_connection(at, state, opts, port, fd))
			return false;
		if (state == CLIENT_TW) {
			close(fd[0]);
			settle();
			close(fd[1]);
			fd[0] = -1;
			fd[1] = -1;
		}
		settle();
		return true;
	}
	fd[0] = sock_at(at, opts);
	return !bind_to(fd[0], at->ip, port) && (state == BOUND || !listen(fd[0], 1));
}

/* bind(), then listen(); the latter's failure in a small letter. */
static char ask(const struct spot *at, int opts, int port)
{
	int fd = sock_at(at, opts);
	char c = '.';

	if (bind_to(fd, at->ip, port))
		c = errno == EADDRINUSE ? 'U' : '?';
	else if (listen(fd, 1))
		c = errno == EADDRINUSE ? 'u' : '?';
	close(fd);
	return c;
}

/* By number, and as the only one that is free. */
static const char *ask_all(int port)
{
	static char out[NR_OPTS * (2 * ARRAY_SIZE(spots) + 1) + 1];
	char *p = out;
	int opts, i;

	sysctl_set("ipv4/ip_local_port_range", nm("%d %d", port, port));
	for (opts = 0; opts < NR_OPTS; opts++) {
		for (i = 0; i < NR_SPOTS; i++) {
			*p++ = ask(&spots[i], opts, port);
			*p++ = ask(&spots[i], opts, 0);
		}
		*p++ = '|';
	}
	*p = 0;
	return out;
}

static void one_holder(const struct spot *at, int state, int opts)
{
	const char *name = nm("%s-%s-%s", state_names[state], opt_name[opts], at->name);
	int port = next_port++, fd[2];

	/* The server's connections are made from ports of this range, too */
	sysctl_set("ipv4/ip_local_port_range", "30000 40000");
	if (!hold(at, state, opts, port, fd))
		step(name, -1);
	else
		step_fmt(name, 0, "-", "%s", ask_all(port));
	let_go(fd[0]);
	let_go(fd[1]);
}

void g_port_mixed(void)
{
	union addr a;
	int state, opts, i;

	addr(&a, "::", SERVER_PORT);
	server = sock_of(AF_INET6);
	if (bind(server, &a.sa, sizeof(a.in6)) || listen(server, 8))
		_exit(2);
	for (state = BOUND; state < NR_STATES; state++)
		for (opts = 0; opts < NR_OPTS; opts++)
			for (i = 0; i < NR_SPOTS; i++)
				one_holder(&spots[i], state, opts);
}

/* Which of the listeners a connection to @ip reaches: its number, or '-' for none. */
static char reached(const char *ip, int port, const int *lfd, int nr)
{
	int i, fd = sock_of(of_ipv6(ip) ? AF_INET6 : AF_INET);
	char c = '-';

	if (!to(fd, ip, port))
		for (i = 0; i < nr; i++) {
			int s = accept(lfd[i], NULL, NULL);

			if (s >= 0)
				c = '1' + i;
			let_go(s);
		}
	let_go(fd);
	return c;
}

static void two_listeners(const struct spot *a, const struct spot *b)
{
	int i, lfd[2], port = next_port++;
	const struct spot *at[] = { a, b };
	static const char *const ips[] = {
		"127.0.0.1", "127.0.0.2", "127.0.0.3", "::1", "fd00::2", "fd00::3",
	};
	char out[ARRAY_SIZE(ips) + 1] = "";

	for (i = 0; i < 2; i++) {
		lfd[i] = sock_at(at[i], REUSEPORT);
		nonblock(lfd[i], true);
		if (bind_to(lfd[i], at[i]->ip, port) || listen(lfd[i], 8))
			_exit(2);
	}
	for (i = 0; i < (int)ARRAY_SIZE(ips); i++)
		out[i] = reached(ips[i], port, lfd, 2);
	step_fmt(nm("%s-%s", a->name, b->name), 0, "-", "%s", out);
	close(lfd[0]);
	close(lfd[1]);
}

/* Two of a SO_REUSEPORT group are chosen from at random. */
static bool one_group(const struct spot *a, const struct spot *b)
{
	return of_ipv6(a->ip) == of_ipv6(b->ip) && !strcmp(a->ip, b->ip) && a->v6only == b->v6only;
}

void g_listen_mixed(void)
{
	int a, b;

	for (a = 0; a < NR_SPOTS; a++)
		for (b = 0; b < NR_SPOTS; b++)
			if (!one_group(&spots[a], &spots[b]))
				two_listeners(&spots[a], &spots[b]);
}
