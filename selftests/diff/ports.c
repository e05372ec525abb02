// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: the rules of bind(), listen() and connect() by enumeration.
 *
 * One or two sockets, or what is left of them, hold a port, each with every
 * set of options, address, device and state; then every way to ask for that
 * port is tried.  A line is what holds the port, and a letter for each that
 * asked: in the order of the loops in ask_all().
 */
#include <net/if.h>

#include "diff.h"

#define SERVER_PORT	19999
#define FIRST_PORT	10000
#define NR_OPTS		4
#define NR_DEVS		3

enum { REUSEADDR = 1, REUSEPORT = 2 };

static const char *const opt_name[NR_OPTS] = { "0", "a", "p", "ap" };
static const char *addrs[3];
static const char *const addr_name[] = { "any", "lo1", "lo2" };
/* The last two are a VRF and a device in it: for g_port_vrf() */
static const char *const devs[] = { "", "lo", "port1", "red", "port2" };

enum state {
	BOUND,
	LISTENS,
	CLIENT,		/* it was bound, and is connected to 127.0.0.1 */
	CHILD,		/* accepted, by a listener that has gone */
	ORPHAN,		/* likewise, and closed: FIN-WAIT-1 */
	CLIENT_TW,	/* TIME-WAIT */
	CHILD_TW,
	SHUT_TW,	/* likewise, and the socket is still there */
	DISCONNECTED,	/* it was bound and connected */
	CHOSEN,		/* connect() has chosen the port */
	CHOSEN_TW,
	NR_STATES
};

static const char *const state_names[NR_STATES] = {
	"bound", "listens", "client", "child", "orphan", "client-tw", "child-tw", "shut-tw",
	"disconnected", "chosen", "chosen-tw",
};

struct holder {
	int state;
	int opts;
	int addr;
	int dev;
	int port;
	int fd;			/* -1: nothing is held by a descriptor */
	int peer;
};

static int server = -1;
static int next_port = FIRST_PORT;
static const char *tuple_name = "";

static void set_opts(int fd, int opts)
{
	seti(fd, SOL_SOCKET, SO_REUSEADDR, !!(opts & REUSEADDR));
	seti(fd, SOL_SOCKET, SO_REUSEPORT, !!(opts & REUSEPORT));
}

static int set_dev(int fd, int dev)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, devs[dev], strlen(devs[dev]));
}

static int sock_with(int opts, int dev)
{
	int fd = sock();

	set_opts(fd, opts);
	/* A device of its own, and IPv6 would ask for an address of that device */
	seti(fd, SOL_FAMILY, FAM_FREEBIND, 1);
	if (dev)
		set_dev(fd, dev);
	return fd;
}

/* Ephemeral ports are this one alone. */
static void only_port(int port)
{
	sysctl_set("ipv4/ip_local_port_range", nm("%d %d", port, port));
}

static void abort_fd(int fd)
{
	if (fd < 0)
		return;
	linger(fd, 0);
	close(fd);
}

static void begin(void)
{
	union addr a;

	if (system("ip link add port1 type veth peer name port2 && ip link set port1 up && "
		   "ip link set port2 up && ip link add red type vrf table 10 && "
		   "ip link set port2 master red && ip link set red up"))
		_exit(2);
	addrs[0] = fam->any;
	addrs[1] = fam->lo;
	addrs[2] = fam->lo2;
	addr(&a, fam->lo, SERVER_PORT);
	server = sock();
	seti(server, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(server, &a.sa, fam->len) || listen(server, 8))
		_exit(2);
}

static bool bound_holder(struct holder *h)
{
	h->fd = sock_with(h->opts, h->dev);
	if (bind_to(h->fd, addrs[h->addr], h->port))
		return false;
	return h->state != LISTENS || !listen(h->fd, 1);
}

/* @h holds the port of a client's. */
static bool client_holder(struct holder *h)
{
	union addr to;

	addr(&to, fam->lo, SERVER_PORT);
	only_port(h->port);
	h->fd = sock_with(h->opts, h->dev);
	if (h->state < CHOSEN && bind_to(h->fd, addrs[h->addr], h->port))
		return false;
	if (connect_to(h->fd, &to))
		return false;
	h->peer = accept(server, NULL, NULL);
	return h->peer >= 0;
}

/* @h holds the port of a server's. */
static bool child_holder(struct holder *h)
{
	int lfd = sock_with(h->opts, h->dev);
	union addr to;

	addr(&to, fam->lo, h->port);
	h->peer = sock();
	only_port(SERVER_PORT + 1 + h->port);
	if (bind_to(lfd, addrs[h->addr], h->port) || listen(lfd, 1) || connect_to(h->peer, &to))
		return false;
	h->fd = accept(lfd, NULL, NULL);
	close(lfd);
	return h->fd >= 0;
}

static void close_one(int *fd)
{
	close(*fd);
	*fd = -1;
}

static bool hold(struct holder *h)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	h->fd = -1;
	h->peer = -1;
	if (!h->port)
		h->port = next_port++;
	switch (h->state) {
	case BOUND:
	case LISTENS:
		return bound_holder(h);
	case CHILD:
	case ORPHAN:
	case CHILD_TW:
		if (!child_holder(h))
			return false;
		break;
	default:
		if (!client_holder(h))
			return false;
	}
	switch (h->state) {
	case ORPHAN:
		deaf(h->peer);		/* TCP turns FIN-WAIT-2 into TIME-WAIT, or not */
		close_one(&h->fd);
		break;
	case CLIENT_TW:
	case CHILD_TW:
	case CHOSEN_TW:
		close_one(&h->fd);
		close_one(&h->peer);
		break;
	case SHUT_TW:
		shutdown(h->fd, SHUT_WR);
		close_one(&h->peer);
		break;
	case DISCONNECTED:
		connect(h->fd, &none, sizeof(none));
		break;
	}
	settle();
	return true;
}

static void let_go(struct holder *h)
{
	abort_fd(h->fd);
	abort_fd(h->peer);
}

static char letter(int ret)
{
	if (!ret)
		return '.';
	return errno == EADDRINUSE ? 'U' : errno == EADDRNOTAVAIL ? 'N' : '?';
}

/* bind(), then listen(); the latter's failures in small letters. */
static char ask_bind(int opts, int addr, int dev, int port)
{
	int fd = sock_with(opts, dev);
	char c = letter(bind_to(fd, addrs[addr], port));

	if (c == '.') {
		c = letter(listen(fd, 1));
		c |= c == '.' ? 0 : 0x20;
	}
	close(fd);
	return c;
}

/* connect() that chooses the port, and perhaps not the address. */
static char ask_connect(int opts, int addr, int dev)
{
	int fd = sock_with(opts, dev);
	union addr to;
	char c;

	nobody_there(&to);
	seti(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (addr)
		bind_to(fd, addrs[addr], 0);
	c = letter(connect_to(fd, &to) && errno != ECONNREFUSED);
	abort_fd(fd);
	return c;
}

/* The letters of all sockets that ask for @port, on the first @nr_devs devices. */
static const char *ask_all(int port, int nr_devs)
{
	static char out[400];
	int opts, addr, dev, uid;
	char *p = out;

	only_port(port);
	for (opts = 0; opts < NR_OPTS; opts++) {
		for (addr = 0; addr < (int)ARRAY_SIZE(addrs); addr++) {
			for (uid = 0; uid < 2; uid++) {
				nobody(uid);
				for (dev = 0; dev < nr_devs; dev++) {
					*p++ = ask_bind(opts, addr, dev, port);
					*p++ = ask_bind(opts, addr, dev, 0);
				}
				nobody(false);
			}
			*p++ = ask_connect(opts, addr, 0);
		}
		*p++ = '|';
	}
	*p = 0;
	return out;
}

static const char *holder_name(const struct holder *h)
{
	return nm("%s-%s-%s%s%s", state_names[h->state], opt_name[h->opts], addr_name[h->addr],
		  h->dev ? "-" : "", devs[h->dev]);
}

static bool makes_sense(const struct holder *h)
{
	if (h->state <= LISTENS)
		return true;
	/* The connection is one of 127.0.0.1 on loopback; and connect() chooses all or nothing */
	return h->addr < 2 && h->dev < 2 && (h->state < CHOSEN || !h->addr);
}

/* What holds the port, by @state, options, address and device. */
static void each_holder(int first, int last, void (*fn)(struct holder *h))
{
	struct holder h = { };

	for (h.state = first; h.state <= last; h.state++)
		for (h.opts = 0; h.opts < NR_OPTS; h.opts++)
			for (h.addr = 0; h.addr < (int)ARRAY_SIZE(addrs); h.addr++)
				for (h.dev = 0; h.dev < NR_DEVS; h.dev++) {
					h.port = 0;
					if (makes_sense(&h))
						fn(&h);
				}
}

static void one_holder(struct holder *h)
{
	if (!hold(h))
		step(holder_name(h), -1);
	else
		step_fmt(holder_name(h), 0, "-", "%s", ask_all(h->port, NR_DEVS));
	let_go(h);
}

void g_port_pairs(void)
{
	begin();
	each_holder(BOUND, NR_STATES - 1, one_holder);
}

/* Options and device of what holds the port change after it got it. */
static void changed_holder(struct holder *h)
{
	int opts, dev, port = h->port;

	for (opts = 0; opts < NR_OPTS && !h->dev; opts++) {
		if (opts == h->opts)
			continue;
		h->port = port;
		if (hold(h) && h->fd >= 0) {
			set_opts(h->fd, opts);
			step_fmt(nm("%s-then-%s", holder_name(h), opt_name[opts]), 0, "-", "%s",
				 ask_all(h->port, 1));
		}
		let_go(h);
	}
	for (dev = 0; dev < NR_DEVS && h->opts == REUSEADDR; dev++) {
		if (dev == h->dev)
			continue;
		h->port = port;
		if (hold(h) && h->fd >= 0) {
			set_dev(h->fd, dev);
			step_fmt(nm("%s-then-dev%d", holder_name(h), dev), 0, "-", "%s",
				 ask_all(h->port, NR_DEVS));
		}
		let_go(h);
	}
}

void g_port_changes(void)
{
	begin();
	each_holder(BOUND, NR_STATES - 1, changed_holder);
}

/* Two hold the port, or the second does, after the first. */
static void two_holders(struct holder *a)
{
	struct holder b = { };
	int left;

	if (a->dev || a->addr > 1)
		return;
	for (b.state = BOUND; b.state <= LISTENS; b.state++)
		for (b.opts = 0; b.opts < NR_OPTS; b.opts++)
			for (b.addr = 0; b.addr < (int)ARRAY_SIZE(addrs); b.addr++)
				for (left = 0; left < 2; left++) {
					a->port = 0;
					if (!hold(a))
						return;
					b.port = a->port;
					if (hold(&b)) {
						if (left)
							abort_fd(a->fd);
						step_fmt(nm("%s%s+%s", holder_name(a),
							    left ? "-gone" : "", holder_name(&b)),
							 0, "-", "%s", ask_all(a->port, 1));
						if (left)
							a->fd = -1;
					}
					let_go(&b);
					let_go(a);
				}
}

void g_port_triples(void)
{
	begin();
	each_holder(BOUND, NR_STATES - 1, two_holders);
}

/* Both bound, with options that change before listen(). */
void g_port_listen(void)
{
	int i, a, b, opt[4];

	begin();
	for (i = 0; i < 256; i++) {
		char out[5] = "";

		opt[0] = i & 3;
		opt[1] = i >> 2 & 3;
		opt[2] = i >> 4 & 3;
		opt[3] = i >> 6 & 3;
		a = sock_with(opt[0], 0);
		b = sock_with(opt[1], 0);
		out[0] = letter(bind_to(a, fam->lo, next_port));
		out[1] = letter(bind_to(b, fam->any, next_port));
		set_opts(a, opt[2]);
		set_opts(b, opt[3]);
		out[2] = letter(listen(a, 1));
		out[3] = letter(listen(b, 1));
		close(a);
		close(b);
		step_fmt(nm("%s-%s-then-%s-%s", opt_name[opt[0]], opt_name[opt[1]],
			    opt_name[opt[2]], opt_name[opt[3]]), 0, "-", "%s", out);
		next_port++;
	}
}

/* A VRF has ports of its own, unless its segments are for all. */
static void vrf_pairs(const char *accept)
{
	struct holder h = { };
	int i, opts, dev;

	sysctl_set("ipv4/tcp_l3mdev_accept", accept);
	for (i = 0; i < 2 * NR_OPTS * (int)ARRAY_SIZE(devs); i++) {
		char out[64], *p = out;

		h.state = i & 1 ? LISTENS : BOUND;
		h.opts = i >> 1 & 3;
		h.dev = i >> 3;
		h.port = 0;
		if (!hold(&h))
			_exit(2);
		for (opts = 0; opts < NR_OPTS; opts++) {
			for (dev = 0; dev < (int)ARRAY_SIZE(devs); dev++)
				*p++ = ask_bind(opts, 0, dev, h.port);
			*p++ = '|';
		}
		*p = 0;
		step_fmt(nm("%s-accept-%s", holder_name(&h), accept), 0, "-", "%s", out);
		let_go(&h);
	}
}

void g_port_vrf(void)
{
	begin();
	vrf_pairs("0");
	vrf_pairs("1");
}

/* On each device another socket asks for the 4-tuple of a connection, or of a TIME-WAIT. */
static void same_four(struct holder *h)
{
	union addr to;
	char out[NR_DEVS + 1] = "";
	int dev, fd;

	if (h->opts != (REUSEADDR | REUSEPORT) || h->addr != 1)
		return;
	for (dev = 0; dev < 2; dev++) {
		h->port = 0;
		if (!hold(h))
			return;
		addr(&to, fam->lo, SERVER_PORT);
		fd = sock_with(h->opts, dev);
		sleep_ms(2000);
		out[dev] = letter(bind_to(fd, fam->lo, h->port));
		if (out[dev] == '.')
			out[dev] = letter(connect_to(fd, &to));
		if (out[dev] == '.')
			abort_fd(accept(server, NULL, NULL));
		abort_fd(fd);
		let_go(h);
	}
	step_fmt(nm("%s%s", holder_name(h), tuple_name), 0, "-", "%s", out);
}

void g_port_tuples(void)
{
	begin();
	each_holder(CLIENT, CLIENT, same_four);
	each_holder(CLIENT_TW, CLIENT_TW, same_four);
	each_holder(SHUT_TW, SHUT_TW, same_four);
	tcp_sysctl("tw_reuse", "0");
	tuple_name = "-no-reuse";
	each_holder(CLIENT_TW, CLIENT_TW, same_four);
	tcp_sysctl("timestamps", "0");
	tuple_name = "-no-timestamps";
	each_holder(CLIENT_TW, CLIENT_TW, same_four);
}

/* An automatic port is not shared, unless ip_autobind_reuse allows it. */
static void two_automatic(const char *name)
{
	int a, b, addr;

	for (a = 0; a < NR_OPTS; a++)
		for (b = 0; b < NR_OPTS; b++)
			for (addr = 0; addr < (int)ARRAY_SIZE(addrs); addr++) {
				int fa = sock_with(a, 0), fb = sock_with(b, 0);
				char out[5] = "";

				only_port(next_port++);
				out[0] = letter(bind_to(fa, fam->lo, 0));
				out[1] = letter(bind_to(fb, addrs[addr], 0));
				out[2] = letter(listen(fa, 1));
				out[3] = letter(listen(fb, 1));
				step_fmt(nm("%s-%s-%s-%s", name, opt_name[a], opt_name[b],
					    addr_name[addr]), 0, "-", "%s", out);
				close(fa);
				close(fb);
			}
}

void g_port_auto(void)
{
	begin();
	two_automatic("auto");
	sysctl_set("ipv4/ip_autobind_reuse", "1");
	two_automatic("autobind-reuse");
}
