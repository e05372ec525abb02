// SPDX-License-Identifier: GPL-2.0
/* Groups: what a packet of IPv6 carries for a socket: headers, flow labels, and what came. */
#include <linux/ipv6.h>
#include <linux/tcp.h>

#include "diff.h"

#define LABEL		0x12345
#define LABEL_MASK	0xfffff

static const struct {
	const char *name;
	int opt;
	int cmsg;		/* and as a control message */
} headers[] = {
	{ "hopopts", IPV6_HOPOPTS, IPV6_2292HOPOPTS },
	{ "rthdrdstopts", IPV6_RTHDRDSTOPTS, 0 },
	{ "rthdr", IPV6_RTHDR, IPV6_2292RTHDR },
	{ "dstopts", IPV6_DSTOPTS, IPV6_2292DSTOPTS },
};

/* PadN, and an option that who does not know it skips; more padding would be refused. */
static const unsigned char pad8[] = { 0, 0, 1, 4, 0, 0, 0, 0 };
static const unsigned char opts16[24] = { 0, 1, 0x1e, 12 };
/* RFC 6275, 6.4; RFC 8754, with nothing left to visit; and one that RFC 5095 forbids */
static const unsigned char route2[] = { 0, 2, 2, 1, [23] = 1 };
static const unsigned char route4[] = { 0, 2, 4, 0, [23] = 1 };
static const unsigned char route0[] = { 0, 2, 0, 1, [23] = 1 };

/* Who has such a header sent will have it taken, too. */
static void take_routes(void)
{
	sysctl_set("ipv6/conf/all/seg6_enabled", "1");
	sysctl_set("ipv6/conf/lo/seg6_enabled", "1");
}

static int set(int fd, int opt, const void *val, socklen_t len)
{
	return setsockopt(fd, IPPROTO_IPV6, opt, val, len);
}

static void header_values(size_t i)
{
	int opt = headers[i].opt, fd = sock_of(AF_INET6);
	const char *name = headers[i].name;

	opt_get(nm("%s-none", name), fd, IPPROTO_IPV6, opt, 100);
	step(nm("%s-8", name), set(fd, opt, pad8, 8));
	opt_get(nm("%s-8-got", name), fd, IPPROTO_IPV6, opt, 100);
	opt_get(nm("%s-8-room-4", name), fd, IPPROTO_IPV6, opt, 4);
	step(nm("%s-16", name), set(fd, opt, opts16, 16));
	opt_get(nm("%s-16-got", name), fd, IPPROTO_IPV6, opt, 100);
	step(nm("%s-16-short", name), set(fd, opt, opts16, 15));
	step(nm("%s-16-long", name), set(fd, opt, opts16, 24));
	step(nm("%s-7", name), set(fd, opt, pad8, 7));
	step(nm("%s-1", name), set(fd, opt, pad8, 1));
	step(nm("%s-route-2", name), set(fd, opt, route2, sizeof(route2)));
	step(nm("%s-route-4", name), set(fd, opt, route4, sizeof(route4)));
	step(nm("%s-route-0", name), set(fd, opt, route0, sizeof(route0)));
	step(nm("%s-too-long", name), set(fd, opt, bad, 8 * 256));
	step(nm("%s-fault", name), set(fd, opt, bad, 8));
	step(nm("%s-null", name), set(fd, opt, NULL, 8));
	opt_get(nm("%s-kept", name), fd, IPPROTO_IPV6, opt, 100);
	step(nm("%s-remove", name), set(fd, opt, NULL, 0));
	opt_get(nm("%s-removed", name), fd, IPPROTO_IPV6, opt, 100);
	nobody(true);
	step(nm("%s-nobody", name), set(fd, opt, pad8, 8));
	step(nm("%s-nobody-remove", name), set(fd, opt, NULL, 0));
	nobody(false);
	close(fd);
}

static int info(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	return getsockopt(fd, tcp_level, TCP_INFO, ti, &len);
}

static void sizes(const char *name, int fd)
{
	struct tcp_info ti;
	int ret = info(fd, &ti);

	step_fmt(name, ret, "-", "mss=%u pmtu=%u advmss=%u", ti.tcpi_snd_mss, ti.tcpi_pmtu,
		 ti.tcpi_advmss);
}

/* Option @i with a header in it; the one that is for a route needs a route. */
static int set_header(int fd, size_t i)
{
	if (headers[i].opt == IPV6_RTHDRDSTOPTS)
		set(fd, IPV6_RTHDR, route4, sizeof(route4));
	if (headers[i].opt == IPV6_RTHDR)
		return set(fd, IPV6_RTHDR, route4, sizeof(route4));
	return set(fd, headers[i].opt, opts16, 16);
}

/* A header takes room that was payload's, whenever it is set. */
static void header_room(size_t i)
{
	const char *name = headers[i].name;
	static char buf[4000];
	union addr to;
	struct ends e;

	e = (struct ends){ -1, -1, listener_on("::1", 8, &to) };
	e.fd = sock_of(AF_INET6);
	set_header(e.fd, i);
	step(nm("%s-connect", name), connect_to(e.fd, &to));
	nonblock(e.lfd, true);
	e.peer = accept(e.lfd, NULL, NULL);
	sizes(nm("%s-connect-sizes", name), e.fd);
	sizes(nm("%s-connect-peer-sizes", name), e.peer);
	shut(&e);

	pair_on(&e, "::1");
	step(nm("%s-connected", name), set_header(e.fd, i));
	step(nm("%s-connected-send", name), send(e.fd, buf, sizeof(buf), NOW));
	settle();
	step_val(nm("%s-connected-inq", name), 0, inq(e.peer));
	sizes(nm("%s-connected-sizes", name), e.fd);
	step(nm("%s-connected-remove", name), set(e.fd, headers[i].opt, NULL, 0));
	send(e.fd, buf, sizeof(buf), NOW);
	settle();
	step_val(nm("%s-removed-inq", name), 0, inq(e.peer));
	sizes(nm("%s-removed-sizes", name), e.fd);
	shut(&e);

	e = (struct ends){ -1, -1, listener_on("::1", 8, &to) };
	set_header(e.lfd, i);
	e.fd = sock_of(AF_INET6);
	step(nm("%s-listen", name), connect_to(e.fd, &to));
	nonblock(e.lfd, true);
	e.peer = accept(e.lfd, NULL, NULL);
	opt_get(nm("%s-child", name), e.peer, IPPROTO_IPV6, headers[i].opt, 100);
	sizes(nm("%s-child-sizes", name), e.peer);
	shut(&e);
}

static void pktinfo(void)
{
	struct in6_pktinfo info = { .ipi6_ifindex = 1, .ipi6_addr.s6_addr = { [15] = 1 } };
	int fd = sock_of(AF_INET6);

	opt_get("pktinfo-none", fd, IPPROTO_IPV6, IPV6_PKTINFO, 100);
	step("pktinfo", set(fd, IPV6_PKTINFO, &info, sizeof(info)));
	opt_get("pktinfo-got", fd, IPPROTO_IPV6, IPV6_PKTINFO, 100);
	step("pktinfo-short", set(fd, IPV6_PKTINFO, &info, sizeof(info) - 1));
	step("pktinfo-long", set(fd, IPV6_PKTINFO, &info, sizeof(info) + 4));
	step("pktinfo-fault", set(fd, IPV6_PKTINFO, bad, sizeof(info)));
	step("pktinfo-null", set(fd, IPV6_PKTINFO, NULL, sizeof(info)));
	step("pktinfo-remove", set(fd, IPV6_PKTINFO, NULL, 0));
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	info.ipi6_ifindex = 99;
	step("pktinfo-other-device", set(fd, IPV6_PKTINFO, &info, sizeof(info)));
	close(fd);
}

/* All sticky options by one call, as control messages: RFC 2292, 4.4. */
static void pktoptions(void)
{
	union {
		char buf[128];
		struct cmsghdr align;
	} u = {};
	int fd = sock_of(AF_INET6);
	struct cmsghdr *c = &u.align;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		if (!headers[i].cmsg)
			continue;
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = headers[i].cmsg;
		c->cmsg_len = CMSG_LEN(8);
		memcpy(CMSG_DATA(c), pad8, 8);
		step(nm("pktoptions-%s", headers[i].name),
		     set(fd, IPV6_2292PKTOPTIONS, u.buf, CMSG_SPACE(8)));
		opt_get(nm("pktoptions-%s-got", headers[i].name), fd, IPPROTO_IPV6,
			headers[i].opt, 100);
	}
	c->cmsg_type = IPV6_HOPLIMIT;
	c->cmsg_len = CMSG_LEN(4);
	memcpy(CMSG_DATA(c), &(int){ 77 }, 4);
	step("pktoptions-hoplimit", set(fd, IPV6_2292PKTOPTIONS, u.buf, CMSG_SPACE(4)));
	opt_get("pktoptions-hoplimit-got", fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 4);
	c->cmsg_type = 250;
	step("pktoptions-unknown", set(fd, IPV6_2292PKTOPTIONS, u.buf, CMSG_SPACE(4)));
	c->cmsg_len = 3;
	step("pktoptions-cmsg-short", set(fd, IPV6_2292PKTOPTIONS, u.buf, CMSG_SPACE(4)));
	step("pktoptions-short", set(fd, IPV6_2292PKTOPTIONS, u.buf, 3));
	step("pktoptions-long", set(fd, IPV6_2292PKTOPTIONS, bad, 65537));
	step("pktoptions-fault", set(fd, IPV6_2292PKTOPTIONS, bad, 24));
	step("pktoptions-none", set(fd, IPV6_2292PKTOPTIONS, NULL, 0));
	close(fd);
}

void g_ip6_headers(void)
{
	size_t i;

	take_routes();
	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		header_values(i);
		header_room(i);
	}
	pktinfo();
	pktoptions();
}

static int label_call(int fd, int action, int label, int share, int flags)
{
	struct in6_flowlabel_req req = {
		.flr_dst.s6_addr = { [15] = 1 },
		.flr_label = htonl(label),
		.flr_action = action,
		.flr_share = share,
		.flr_flags = flags,
		.flr_expires = 10,
		.flr_linger = 6,
	};

	return set(fd, IPV6_FLOWLABEL_MGR, &req, sizeof(req));
}

/* What the socket says of its label; one that nobody chose is not shown. */
static void label_get(const char *name, int fd, int flags)
{
	struct in6_flowlabel_req req = { .flr_flags = flags };
	socklen_t len = sizeof(req);
	int ret = getsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, &len);
	unsigned int label = ntohl(req.flr_label);

	if (label >> 4 == LABEL >> 4 || !label)
		step_fmt(name, ret, "-", "%#x share=%u len=%u", label, req.flr_share, len);
	else
		step_fmt(name, ret, "-", "random len=%u", len);
}

static void label_values(void)
{
	int a = sock_of(AF_INET6), b = sock_of(AF_INET6), share;
	struct in6_flowlabel_req req = {};

	opt_get("label-size-4", a, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, 4);
	label_get("label-none", a, 0);
	step("label-set-size-31", set(a, IPV6_FLOWLABEL_MGR, &req, 31));
	step("label-fault", set(a, IPV6_FLOWLABEL_MGR, bad, sizeof(req)));
	step("label-action-9", label_call(a, 9, LABEL, IPV6_FL_S_ANY, 0));
	step("label-not-there", label_call(a, IPV6_FL_A_GET, LABEL, IPV6_FL_S_ANY, 0));
	step("label-wide", label_call(a, IPV6_FL_A_GET, LABEL_MASK + 1, IPV6_FL_S_ANY,
				      IPV6_FL_F_CREATE));
	step("label-stateless", label_call(a, IPV6_FL_A_GET, 0x80001, IPV6_FL_S_ANY,
					   IPV6_FL_F_CREATE));
	step("label-put-none", label_call(a, IPV6_FL_A_PUT, LABEL, 0, 0));
	step("label-renew-none", label_call(a, IPV6_FL_A_RENEW, LABEL, 0, 0));
	for (share = 0; share <= 4; share++) {
		step(nm("label-create-%d", share),
		     label_call(a, IPV6_FL_A_GET, LABEL + share, share, IPV6_FL_F_CREATE));
		step(nm("label-again-%d", share),
		     label_call(a, IPV6_FL_A_GET, LABEL + share, share, IPV6_FL_F_CREATE));
		step(nm("label-excl-%d", share),
		     label_call(a, IPV6_FL_A_GET, LABEL + share, share,
				IPV6_FL_F_CREATE | IPV6_FL_F_EXCL));
		step(nm("label-other-%d", share),
		     label_call(b, IPV6_FL_A_GET, LABEL + share, share, 0));
		step(nm("label-renew-%d", share),
		     label_call(a, IPV6_FL_A_RENEW, LABEL + share, share, 0));
		step(nm("label-put-%d", share),
		     label_call(a, IPV6_FL_A_PUT, LABEL + share, share, 0));
	}
	step("label-any", label_call(a, IPV6_FL_A_GET, LABEL, IPV6_FL_S_ANY, IPV6_FL_F_CREATE));
	nobody(true);
	step("label-nobody", label_call(b, IPV6_FL_A_GET, LABEL + 9, IPV6_FL_S_ANY,
					IPV6_FL_F_CREATE));
	nobody(false);
	close(a);
	close(b);
}

/* connect() with a label, and what both ends know of it. */
static void label_connects(const char *name, int label, bool send_it, bool get_it, int reflect)
{
	struct ends e = { -1, -1, -1 };
	union addr to;

	e.lfd = listener_on("::1", 8, &to);
	if (reflect & 1)
		label_call(e.lfd, IPV6_FL_A_GET, 0, 0, IPV6_FL_F_REFLECT);
	nonblock(e.lfd, true);
	e.fd = sock_of(AF_INET6);
	if (get_it)
		step(nm("%s-get", name), label_call(e.fd, IPV6_FL_A_GET, label, IPV6_FL_S_ANY,
						    IPV6_FL_F_CREATE));
	if (send_it)
		seti(e.fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1);
	to.in6.sin6_flowinfo = htonl(label);
	step(name, connect_to(e.fd, &to));
	settle();
	e.peer = accept(e.lfd, NULL, NULL);
	if (reflect & 2)
		label_call(e.peer, IPV6_FL_A_GET, 0, 0, IPV6_FL_F_REFLECT);
	step_names(name, e.fd);
	send_hello(e.fd);
	settle();
	send_hello(e.peer);
	settle();
	label_get(nm("%s-own", name), e.fd, 0);
	label_get(nm("%s-remote", name), e.fd, IPV6_FL_F_REMOTE);
	label_get(nm("%s-peer-own", name), e.peer, 0);
	label_get(nm("%s-peer-remote", name), e.peer, IPV6_FL_F_REMOTE);
	step_names(nm("%s-peer", name), e.peer);
	shut(&e);
}

static void reflection(void)
{
	int fd = sock_of(AF_INET6);

	step("reflect-put-none", label_call(fd, IPV6_FL_A_PUT, 0, 0, IPV6_FL_F_REFLECT));
	step("reflect-consistency", label_call(fd, IPV6_FL_A_GET, 0, 0, IPV6_FL_F_REFLECT));
	sysctl_set("ipv6/flowlabel_consistency", "0");
	step("reflect", label_call(fd, IPV6_FL_A_GET, 0, 0, IPV6_FL_F_REFLECT));
	label_get("reflect-get", fd, 0);
	step("reflect-put", label_call(fd, IPV6_FL_A_PUT, 0, 0, IPV6_FL_F_REFLECT));
	label_get("reflect-put-get", fd, 0);
	close(fd);
}

void g_ip6_labels(void)
{
	label_values();
	label_connects("plain", 0, false, false, 0);
	label_connects("not-sent", LABEL, false, false, 0);
	label_connects("not-got", LABEL, true, false, 0);
	label_connects("sent", LABEL, true, true, 0);
	label_connects("class-only", 0x0ff00000, true, false, 0);
	reflection();
	label_connects("reflected", LABEL, true, true, 1);
	label_connects("reflected-late", LABEL, true, true, 2);
	sysctl_set("ipv6/flowlabel_reflect", "1");
	label_connects("reflect-all", LABEL, true, true, 0);
	sysctl_set("ipv6/flowlabel_reflect", "7");
	label_connects("reflect-more", LABEL, true, true, 0);
	sysctl_set("ipv6/auto_flowlabels", "0");
	label_connects("none-automatic", 0, false, false, 0);
}

static const struct {
	const char *name;
	int opt;
} wishes[] = {
	{ "pktinfo", IPV6_RECVPKTINFO },
	{ "2292pktinfo", IPV6_2292PKTINFO },
	{ "hoplimit", IPV6_RECVHOPLIMIT },
	{ "2292hoplimit", IPV6_2292HOPLIMIT },
	{ "rthdr", IPV6_RECVRTHDR },
	{ "2292rthdr", IPV6_2292RTHDR },
	{ "hopopts", IPV6_RECVHOPOPTS },
	{ "2292hopopts", IPV6_2292HOPOPTS },
	{ "dstopts", IPV6_RECVDSTOPTS },
	{ "2292dstopts", IPV6_2292DSTOPTS },
	{ "tclass", IPV6_RECVTCLASS },
	{ "flowinfo", IPV6_FLOWINFO },
	{ "pathmtu", IPV6_RECVPATHMTU },
	{ "origdst", IPV6_RECVORIGDSTADDR },
	{ "fragsize", IPV6_RECVFRAGSIZE },
};

/* The control messages in @m: type, and the first bytes of each; "own": a segment follows. */
static const char *list(struct msghdr *m)
{
	static char out[200];
	struct cmsghdr *c;
	size_t n = 0, i;

	strcpy(out, "none");
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		n += snprintf(out + n, sizeof(out) - n, "%s%d/%d=", n ? "," : "", c->cmsg_level,
			      c->cmsg_type);
		for (i = 0; i < c->cmsg_len - sizeof(*c) && i < 20 && n < sizeof(out) - 40; i++)
			n += snprintf(out + n, sizeof(out) - n,
				      !i && CMSG_DATA(c)[i] == wire ? "own" : "%02x",
				      CMSG_DATA(c)[i]);
	}
	return out;
}

/* What IPV6_2292PKTOPTIONS tells of the last segment, and of the peer before any. */
static void last_packet(const char *name, int fd, socklen_t room)
{
	union {
		char buf[512];
		struct cmsghdr align;
	} u;
	socklen_t len = room;
	int ret = getsockopt(fd, IPPROTO_IPV6, IPV6_2292PKTOPTIONS, u.buf, &len);
	struct msghdr m = { .msg_control = u.buf, .msg_controllen = ret ? 0 : len };

	step_fmt(name, ret, "-", "len=%d %s", (int)len, list(&m));
}

static void received(const char *name, int fd)
{
	char data[16];
	struct iovec iov = { data, sizeof(data) };
	union {
		char buf[512];
		struct cmsghdr align;
	} u;
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	int ret = recvmsg(fd, &m, NOW);

	if (ret < 0)
		m.msg_controllen = 0;
	step_fmt(name, ret, "-", "%s", list(&m));
}

static void pair_for(struct ends *e, int opt, bool on_listener)
{
	union addr to;
	int lfd = listener_on("::1", 8, &to);

	if (on_listener)
		seti(lfd, IPPROTO_IPV6, opt, 1);
	e->fd = sock_of(AF_INET6);
	/* No label but this one, no option but these */
	seti(e->fd, IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0);
	seti(e->fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1);
	label_call(e->fd, IPV6_FL_A_GET, LABEL, IPV6_FL_S_ANY, IPV6_FL_F_CREATE);
	to.in6.sin6_flowinfo = htonl(LABEL);
	seti(e->fd, IPPROTO_IPV6, IPV6_TCLASS, 0x28);
	seti(e->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 77);
	set(e->fd, IPV6_RTHDR, route4, sizeof(route4));
	set(e->fd, IPV6_HOPOPTS, pad8, sizeof(pad8));
	set(e->fd, IPV6_DSTOPTS, opts16, 16);
	connect_to(e->fd, &to);
	settle();
	e->peer = accept(lfd, NULL, NULL);
	e->lfd = -1;
	close(lfd);
}

static void wish(const char *what, int opt, bool on_listener)
{
	struct ends e;
	char name[40];

	snprintf(name, sizeof(name), "%s%s", on_listener ? "listener-" : "", what);
	pair_for(&e, opt, on_listener);
	last_packet(nm("%s-accepted", name), e.peer, 512);
	if (!on_listener)
		step(nm("%s-set", name), seti(e.peer, IPPROTO_IPV6, opt, 1));
	last_packet(nm("%s-before", name), e.peer, 512);
	seti(e.fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 78);
	send_hello(e.fd);
	settle();
	last_packet(nm("%s-data", name), e.peer, 512);
	last_packet(nm("%s-data-again", name), e.peer, 512);
	last_packet(nm("%s-room-4", name), e.peer, 4);
	last_packet(nm("%s-room-20", name), e.peer, 20);
	received(nm("%s-recvmsg", name), e.peer);
	last_packet(nm("%s-read", name), e.peer, 512);
	seti(e.fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 79);
	shutdown(e.fd, SHUT_WR);
	settle();
	last_packet(nm("%s-fin", name), e.peer, 512);
	seti(e.peer, IPPROTO_IPV6, opt, 0);
	last_packet(nm("%s-off", name), e.peer, 512);
	shut(&e);
}

void g_ip6_recv(void)
{
	union addr to;
	struct ends e;
	size_t i;
	int fd;

	take_routes();
	for (i = 0; i < ARRAY_SIZE(wishes); i++) {
		wish(wishes[i].name, wishes[i].opt, false);
		wish(wishes[i].name, wishes[i].opt, true);
	}
	fd = sock_of(AF_INET6);
	last_packet("fresh", fd, 512);
	close(fd);
	fd = listener_on("::1", 1, &to);
	seti(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	last_packet("listener", fd, 512);
	close(fd);
	pair_on(&e, "::ffff:127.0.0.1");
	seti(e.peer, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	seti(e.peer, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	send_hello(e.fd);
	settle();
	last_packet("mapped", e.peer, 512);
	shut(&e);
}
