// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: which of two or three listeners on one port gets a connection.
 *
 * Listeners that overlap need SO_REUSEPORT to listen; cleared then, it is only the
 * addresses and devices that tell.  A line is the listeners in the order in which they listened, and for each who calls
 * the one that was called: a, b, c, or - where it was refused.
 */
#include "diff.h"

/* What a listener is; who calls is one of the first few. */
struct kind {
	const char *name, *ip;
	bool v6only, lo;
};

static const struct kind kinds[] = {
	{ "4lo", "127.0.0.1" },
	{ "4lo2", "127.0.0.2" },
	{ "m-lo", "::ffff:127.0.0.1" },
	{ "6lo", "::1" },
	{ "6lo2", "fd00::2" },
	{ "4any", "0.0.0.0" },
	{ "6any", "::" },
	{ "6only", "::", .v6only = true },
	{ "4any-dev", "0.0.0.0", .lo = true },
	{ "6any-dev", "::", .lo = true },
	{ "6only-dev", "::", .v6only = true, .lo = true },
	/* IPv4's wildcard, as IPv6 writes it: g_precedence_mapped_any() */
	{ "m-any", "::ffff:0.0.0.0" },
	{ "m-any-dev", "::ffff:0.0.0.0", .lo = true },
};

#define NR_KINDS	ARRAY_SIZE(kinds)
#define NR_CALLERS	5	/* of the kinds, in order */
#define FIRST_WILD	5
#define FIRST_MAPPED	(NR_KINDS - 2)

static int next_port = 10000;

static int listen_as(const struct kind *k, int opt, int port)
{
	int fd = sock_of(strchr(k->ip, ':') ? AF_INET6 : AF_INET);

	if (opt)
		seti(fd, SOL_SOCKET, opt, 1);
	if (k->v6only)
		seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (k->lo)
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2);
	nonblock(fd, true);
	if (!bind_to(fd, k->ip, port) && !listen(fd, 8))
		return fd;
	close(fd);
	return -1;
}

static char called(const struct kind *to, const int *listeners, int nr, int port)
{
	union addr a;
	char c = '-';
	int i, fd, s;

	addr(&a, to->ip, port);
	fd = sock_of(a.sa.sa_family);
	if (connect_to(fd, &a))
		c = errno == ECONNREFUSED ? '-' : '?';
	else
		c = '0';
	settle();
	for (i = 0; i < nr; i++) {
		s = accept(listeners[i], NULL, NULL);
		if (s < 0)
			continue;
		c = 'a' + i;
		close(s);
	}
	linger(fd, 0);
	close(fd);
	return c;
}

enum share { NO_SHARE, SHARED_ONCE, SHARE };

static const char *const share_names[] = { "", "-once", "-share" };

/* @nr listeners, and who gets what. */
static void together(const size_t *nrs, int nr, enum share share)
{
	int fd[3] = { -1, -1, -1 }, i, port = next_port++;
	char out[NR_CALLERS + 4] = "", name[64] = "";
	size_t to;

	for (i = 0; i < nr; i++) {
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s%s", i ? "+" : "",
			 kinds[nrs[i]].name);
		fd[i] = listen_as(&kinds[nrs[i]], share ? SO_REUSEPORT : 0, port);
		out[i] = fd[i] < 0 ? 'U' : '.';
	}
	for (i = 0; i < nr && share == SHARED_ONCE; i++)
		seti(fd[i], SOL_SOCKET, SO_REUSEPORT, 0);
	for (to = 0; to < NR_CALLERS; to++)
		out[nr + to] = called(&kinds[to], fd, nr, port);
	step_fmt(nm("%s%s", name, share_names[share]), 0, "-", "%s", out);
	for (i = 0; i < nr; i++)
		close(fd[i]);
}

/*
 * Each with each of the first @nr kinds, but those of the first @seen only.  Two of one kind
 * that share would do so by a hash that nobody knows.
 */
static void pairs(size_t seen, size_t nr, enum share share)
{
	size_t n[2];

	for (n[0] = 0; n[0] < nr; n[0]++)
		for (n[1] = 0; n[1] < nr; n[1]++)
			if (n[0] != n[1] && (n[0] >= seen || n[1] >= seen))
				together(n, 2, share);
}

void g_precedence(void)
{
	size_t n[3];

	for (n[0] = 0; n[0] < NR_KINDS; n[0]++) {
		n[1] = n[0];
		together(n, 1, NO_SHARE);
		together(n, 2, NO_SHARE);
	}
	pairs(0, FIRST_MAPPED, NO_SHARE);
	pairs(0, FIRST_MAPPED, SHARED_ONCE);
	for (n[0] = FIRST_WILD; n[0] < FIRST_MAPPED; n[0]++)
		for (n[1] = FIRST_WILD; n[1] < FIRST_MAPPED; n[1]++)
			for (n[2] = FIRST_WILD; n[2] < FIRST_MAPPED; n[2]++)
				if (n[0] != n[1] && n[1] != n[2] && n[2] != n[0])
					together(n, 3, SHARED_ONCE);
}

void g_precedence_share(void)
{
	pairs(0, FIRST_MAPPED, SHARE);
}

void g_precedence_mapped_any(void)
{
	pairs(FIRST_MAPPED, NR_KINDS, NO_SHARE);
	pairs(FIRST_MAPPED, NR_KINDS, SHARED_ONCE);
}
