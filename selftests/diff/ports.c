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

/* What a socket is bound to, and whom it calls, or who calls it. */
struct kind {
	const char *name, *ip, *to;
	bool any;		/* connect() may find it unbound */
	bool v6only;
};

static struct kind own[3];	/* the family's */
static const struct kind mixed[] = {
	{ "4any", "0.0.0.0", "127.0.0.1", .any = true },
	{ "4lo", "127.0.0.1", "127.0.0.1" },
	{ "4lo2", "127.0.0.2", "127.0.0.2" },
	{ "6any", "::", "::1", .any = true },
	{ "dual", "::", "::ffff:127.0.0.1", .any = true },
	{ "6only", "::", "::1", .any = true, .v6only = true },
	{ "6lo", "::1", "::1" },
	{ "6lo-only", "::1", "::1", .v6only = true },
	{ "6lo2", "fd00::2", "fd00::2" },
	{ "m-lo", "::ffff:127.0.0.1", "::ffff:127.0.0.1" },
	{ "m-lo2", "::ffff:127.0.0.2", "::ffff:127.0.0.2" },
};

/* IPv4's wildcard as IPv6 writes it, and the others that it meets */
static const struct kind mapped_any[] = {
	{ "m-any", "::ffff:0.0.0.0", "::ffff:127.0.0.1" },
	{ "4any", "0.0.0.0", "127.0.0.1", .any = true },
	{ "dual", "::", "::ffff:127.0.0.1", .any = true },
	{ "6any", "::", "::1", .any = true },
	{ "m-lo", "::ffff:127.0.0.1", "::ffff:127.0.0.1" },
};

static const struct kind *kinds = own;
static int nr_kinds = ARRAY_SIZE(own);
static int nr_devs = NR_DEVS;
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
	int kind;
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

static int sock_with(int opts, int kind, int dev)
{
	int fd = sock_of(strchr(kinds[kind].ip, ':') ? AF_INET6 : AF_INET);

	set_opts(fd, opts);
	if (kinds[kind].v6only)
		seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
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

/* Who takes the connections of what holds a port, @ip. */
static void serve(const char *ip)
{
	union addr a;

	addr(&a, ip, SERVER_PORT);
	server = sock_of(a.sa.sa_family);
	seti(server, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(server, &a.sa, addr_len(&a)) || listen(server, 8))
		_exit(2);
}

static void begin(void)
{
	if (system("ip link add port1 type veth peer name port2 && ip link set port1 up && "
		   "ip link set port2 up && ip link add red type vrf table 10 && "
		   "ip link set port2 master red && ip link set red up"))
		_exit(2);
	own[0] = (struct kind){ "any", fam->any, fam->lo, .any = true };
	own[1] = (struct kind){ "lo1", fam->lo, fam->lo };
	own[2] = (struct kind){ "lo2", fam->lo2, fam->lo };
	serve(fam->lo);
}

static bool bound_holder(struct holder *h)
{
	h->fd = sock_with(h->opts, h->kind, h->dev);
	if (bind_to(h->fd, kinds[h->kind].ip, h->port))
		return false;
	return h->state != LISTENS || !listen(h->fd, 1);
}

/* @h holds the port of a client's. */
static bool client_holder(struct holder *h)
{
	union addr to;

	addr(&to, kinds[h->kind].to, SERVER_PORT);
	only_port(h->port);
	h->fd = sock_with(h->opts, h->kind, h->dev);
	if (h->state < CHOSEN && bind_to(h->fd, kinds[h->kind].ip, h->port))
		return false;
	if (connect_to(h->fd, &to))
		return false;
	h->peer = accept(server, NULL, NULL);
	return h->peer >= 0;
}

/* @h holds the port of a server's. */
static bool child_holder(struct holder *h)
{
	int lfd = sock_with(h->opts, h->kind, h->dev);
	union addr to;

	addr(&to, kinds[h->kind].to, h->port);
	h->peer = sock_of(to.sa.sa_family);
	only_port(SERVER_PORT + 1 + h->port);
	if (bind_to(lfd, kinds[h->kind].ip, h->port) || listen(lfd, 1) || connect_to(h->peer, &to))
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
static char ask_bind(int opts, int kind, int dev, int port)
{
	int fd = sock_with(opts, kind, dev);
	char c = letter(bind_to(fd, kinds[kind].ip, port));

	if (c == '.') {
		c = letter(listen(fd, 1));
		c |= c == '.' ? 0 : 0x20;
	}
	close(fd);
	return c;
}

/* connect() that chooses the port, and perhaps not the address. */
static char ask_connect(int opts, int kind, int dev)
{
	int fd = sock_with(opts, kind, dev);
	union addr to;
	char c;

	addr(&to, kinds[kind].to, PORT + 99);
	seti(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (!kinds[kind].any)
		bind_to(fd, kinds[kind].ip, 0);
	c = letter(connect_to(fd, &to) && errno != ECONNREFUSED);
	abort_fd(fd);
	return c;
}

/* The letters of all sockets that ask for @port, on the first @devs_asked devices. */
static const char *ask_all(int port, int devs_asked)
{
	static char out[400];
	int opts, kind, dev, uid;
	char *p = out;

	only_port(port);
	for (opts = 0; opts < NR_OPTS; opts++) {
		for (kind = 0; kind < nr_kinds; kind++) {
			for (uid = 0; uid < 2; uid++) {
				nobody(uid);
				for (dev = 0; dev < devs_asked; dev++) {
					*p++ = ask_bind(opts, kind, dev, port);
					*p++ = ask_bind(opts, kind, dev, 0);
				}
				nobody(false);
			}
			*p++ = ask_connect(opts, kind, 0);
		}
		*p++ = '|';
	}
	*p = 0;
	return out;
}

static const char *holder_name(const struct holder *h)
{
	return nm("%s-%s-%s%s%s", state_names[h->state], opt_name[h->opts], kinds[h->kind].name,
		  h->dev ? "-" : "", devs[h->dev]);
}

static bool makes_sense(const struct holder *h)
{
	if (h->state <= LISTENS)
		return true;
	/* The connection is one on loopback; and connect() chooses all or nothing */
	return (kinds != own || h->kind < 2) && h->dev < 2 &&
	       (h->state < CHOSEN || kinds[h->kind].any);
}

/* What holds the port, by @state, options, address and device. */
static void each_holder(int first, int last, void (*fn)(struct holder *h))
{
	struct holder h = { };

	for (h.state = first; h.state <= last; h.state++)
		for (h.opts = 0; h.opts < NR_OPTS; h.opts++)
			for (h.kind = 0; h.kind < nr_kinds; h.kind++)
				for (h.dev = 0; h.dev < nr_devs; h.dev++) {
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
		step_fmt(holder_name(h), 0, "-", "%s", ask_all(h->port, nr_devs));
	let_go(h);
}

void g_port_pairs(void)
{
	begin();
	each_holder(BOUND, NR_STATES - 1, one_holder);
}

/* Sockets of both families, and those of IPv4's addresses on AF_INET6 sockets. */
static void all_of(const struct kind *these, int nr)
{
	kinds = these;
	nr_kinds = nr;
	nr_devs = 1;
	serve("::");
	each_holder(BOUND, NR_STATES - 1, one_holder);
}

void g_port_mixed(void)
{
	all_of(mixed, ARRAY_SIZE(mixed));
}

void g_port_mapped_any(void)
{
	all_of(mapped_any, ARRAY_SIZE(mapped_any));
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
				 ask_all(h->port, nr_devs));
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

	if (a->dev || a->kind > 1)
		return;
	for (b.state = BOUND; b.state <= LISTENS; b.state++)
		for (b.opts = 0; b.opts < NR_OPTS; b.opts++)
			for (b.kind = 0; b.kind < nr_kinds; b.kind++)
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
		a = sock_with(opt[0], 1, 0);
		b = sock_with(opt[1], 0, 0);
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

	if (h->opts != (REUSEADDR | REUSEPORT) || h->kind != 1)
		return;
	for (dev = 0; dev < 2; dev++) {
		h->port = 0;
		if (!hold(h))
			return;
		addr(&to, fam->lo, SERVER_PORT);
		fd = sock_with(h->opts, h->kind, dev);
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
	int a, b, kind;

	for (a = 0; a < NR_OPTS; a++)
		for (b = 0; b < NR_OPTS; b++)
			for (kind = 0; kind < nr_kinds; kind++) {
				int fa = sock_with(a, 1, 0), fb = sock_with(b, kind, 0);
				char out[5] = "";

				only_port(next_port++);
				out[0] = letter(bind_to(fa, fam->lo, 0));
				out[1] = letter(bind_to(fb, kinds[kind].ip, 0));
				out[2] = letter(listen(fa, 1));
				out[3] = letter(listen(fb, 1));
				step_fmt(nm("%s-%s-%s-%s", name, opt_name[a], opt_name[b],
					    kinds[kind].name), 0, "-", "%s", out);
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
