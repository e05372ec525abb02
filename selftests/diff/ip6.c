// SPDX-License-Identifier: GPL-2.0
/* Groups: options at the level of IPv6, in each state, of each size. */
#include <linux/in6.h>

#include "diff.h"

#define NR_IF		0x01000000	/* loopback's index, in network order */

static const struct opt ints[] = {
	{ "v6only", IPV6_V6ONLY, { 1, 0 }, 2 },
	{ "recvpktinfo", IPV6_RECVPKTINFO, { 1, 0 }, 2 },
	{ "2292pktinfo", IPV6_2292PKTINFO, { 1, 0 }, 2 },
	{ "recvhoplimit", IPV6_RECVHOPLIMIT, { 1, 0 }, 2 },
	{ "2292hoplimit", IPV6_2292HOPLIMIT, { 1, 0 }, 2 },
	{ "recvrthdr", IPV6_RECVRTHDR, { 1, 0 }, 2 },
	{ "2292rthdr", IPV6_2292RTHDR, { 1, 0 }, 2 },
	{ "recvhopopts", IPV6_RECVHOPOPTS, { 1, 0 }, 2 },
	{ "2292hopopts", IPV6_2292HOPOPTS, { 1, 0 }, 2 },
	{ "recvdstopts", IPV6_RECVDSTOPTS, { 1, 0 }, 2 },
	{ "2292dstopts", IPV6_2292DSTOPTS, { 1, 0 }, 2 },
	{ "recvtclass", IPV6_RECVTCLASS, { 1, 0 }, 2 },
	{ "flowinfo", IPV6_FLOWINFO, { 1, 0 }, 2 },
	{ "recvpathmtu", IPV6_RECVPATHMTU, { 1, 0 }, 2 },
	{ "recvorigdst", IPV6_RECVORIGDSTADDR, { 1, 0 }, 2 },
	{ "recvfragsize", IPV6_RECVFRAGSIZE, { 1, 0 }, 2 },
	{ "recverr", IPV6_RECVERR, { 1, 0 }, 2 },
	{ "recverr-4884", IPV6_RECVERR_RFC4884, { 1, 0, 2 }, 3 },
	{ "tclass", IPV6_TCLASS, { 0x10, 0x13, 255, 256, -1, -2 }, 6 },
	{ "unicast-hops", IPV6_UNICAST_HOPS, { 0, 9, 255, -1, 256, -2 }, 6 },
	{ "multicast-hops", IPV6_MULTICAST_HOPS, { 9, -1, 256 }, 3 },
	{ "multicast-loop", IPV6_MULTICAST_LOOP, { 0, 1, 2 }, 3 },
	{ "multicast-if", IPV6_MULTICAST_IF, { 1, 0, 99, -1 }, 4 },
	{ "multicast-all", IPV6_MULTICAST_ALL, { 0, 1 }, 2 },
	{ "unicast-if", IPV6_UNICAST_IF, { NR_IF, 0, 99 }, 3 },
	{ "minhopcount", IPV6_MINHOPCOUNT, { 0, 255, 256, -1 }, 4 },
	{ "mtu-discover", IPV6_MTU_DISCOVER, { 0, 1, 2, 3, 4, 5, 6, -1 }, 8 },
	{ "mtu", IPV6_MTU, { 1280, 1279, 0, -1 }, 4 },
	{ "dontfrag", IPV6_DONTFRAG, { 1, 0 }, 2 },
	{ "flowinfo-send", IPV6_FLOWINFO_SEND, { 1, 0 }, 2 },
	{ "autoflowlabel", IPV6_AUTOFLOWLABEL, { 0, 1 }, 2 },
	{ "transparent", IPV6_TRANSPARENT, { 1, 0 }, 2 },
	{ "freebind", IPV6_FREEBIND, { 1, 0 }, 2 },
	{ "addr-preferences", IPV6_ADDR_PREFERENCES, { 1, 2, 4, 8, 0x400, 3, 0x1000 }, 7 },
	{ "router-alert", IPV6_ROUTER_ALERT, { 0, 1, -1 }, 3 },
	{ "alert-isolate", IPV6_ROUTER_ALERT_ISOLATE, { 1 }, 1 },
	{ "checksum", IPV6_CHECKSUM, { 2 }, 1 },
	{ "hdrincl", 36, { 1 }, 1 },
	{ "nexthop", IPV6_NEXTHOP, { 1 }, 1 },
	{ "authhdr", IPV6_AUTHHDR, { 1 }, 1 },
	{ "addrform", IPV6_ADDRFORM, { AF_INET, AF_INET6, 0 }, 3 },
	{ "pathmtu", IPV6_PATHMTU, { 1 }, 1 },
	{ "unknown", 250, { 1 }, 1 },
	{ "unknown-0", 0, { 1 }, 1 },
	{ "unknown-negative", -1, { 1 }, 1 },
};

/* Each option's values on a socket that @make makes. */
static void each_value(const char *state, int (*make)(struct ends *e))
{
	struct opt named;
	char name[40];
	struct ends e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ints); i++) {
		named = ints[i];
		snprintf(name, sizeof(name), "%s%s", state, ints[i].name);
		named.name = name;
		e = (struct ends){ -1, -1, -1 };
		make(&e);
		opt_values(e.fd, IPPROTO_IPV6, &named);
		if (e.peer >= 0) {
			send_hello(e.fd);
			settle();
			step_val(nm("%s-sends", name), 0, inq(e.peer));
		}
		shut(&e);
	}
}

static int make_fresh(struct ends *e)
{
	e->fd = sock_of(AF_INET6);
	return e->fd;
}

static int make_bound(struct ends *e)
{
	return bind_to(make_fresh(e), "::1", PORT);
}

static int make_listener(struct ends *e)
{
	e->fd = listener_on("::1", 8, &e->to);
	return e->fd;
}

static int make_pair(struct ends *e)
{
	return pair_on(e, "::1");
}

static int make_mapped(struct ends *e)
{
	return pair_on(e, "::ffff:127.0.0.1");
}

static void membership(int fd)
{
	struct ipv6_mreq mr = {
		.ipv6mr_multiaddr.s6_addr = { 0xff, 2, [15] = 9 },
		.ipv6mr_ifindex = 1,
	};
	static const struct {
		const char *name;
		int opt;
	} opts[] = {
		{ "drop-membership", IPV6_DROP_MEMBERSHIP },
		{ "membership", IPV6_ADD_MEMBERSHIP },
		{ "join-anycast", IPV6_JOIN_ANYCAST },
		{ "leave-anycast", IPV6_LEAVE_ANYCAST },
	};
	struct group_req group = { .gr_interface = 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		step(nm("%s-short", opts[i].name),
		     setsockopt(fd, IPPROTO_IPV6, opts[i].opt, &mr, sizeof(mr) - 1));
		step(opts[i].name, setsockopt(fd, IPPROTO_IPV6, opts[i].opt, &mr, sizeof(mr)));
	}
	memcpy(&group.gr_group, &(struct sockaddr_in6){ .sin6_family = AF_INET6,
	       .sin6_addr = mr.ipv6mr_multiaddr }, sizeof(struct sockaddr_in6));
	step("mcast-join", setsockopt(fd, IPPROTO_IPV6, MCAST_JOIN_GROUP, &group, sizeof(group)));
	step("mcast-leave", setsockopt(fd, IPPROTO_IPV6, MCAST_LEAVE_GROUP, &group,
				       sizeof(group)));
	step("mcast-msfilter", setsockopt(fd, IPPROTO_IPV6, MCAST_MSFILTER, &group,
					  sizeof(group)));
}

static void others(void)
{
	int fd = sock_of(AF_INET6);

	membership(fd);
	step("ip-tos", seti(fd, IPPROTO_IP, IP_TOS, 0x10));
	step_val("ip-tos-got", 0, geti(fd, IPPROTO_IP, IP_TOS));
	step("ipsec-policy", setsockopt(fd, IPPROTO_IPV6, IPV6_IPSEC_POLICY, "", 1));
	step("xfrm-policy-none", setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, NULL, 0));
	step("xfrm-policy-short", setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, "", 1));
	nobody(true);
	step("nobody-transparent", seti(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1));
	step("nobody-xfrm-policy", setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, "", 1));
	nobody(false);
	close(fd);
	fd = sock_of(AF_INET);
	step("on-inet-set", seti(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	opt_get("on-inet-get", fd, IPPROTO_IPV6, IPV6_V6ONLY, 4);
	close(fd);
}

void g_ip6(void)
{
	size_t i;
	int fd;

	each_value("", make_fresh);
	for (i = 0; i < ARRAY_SIZE(ints); i++) {
		fd = sock_of(AF_INET6);
		opt_sizes(fd, IPPROTO_IPV6, &ints[i]);
		close(fd);
	}
	fd = sock_of(AF_INET6);
	opt_pointers(fd, IPPROTO_IPV6, &ints[0]);
	opt_pointers(fd, IPPROTO_IPV6, &ints[1]);
	close(fd);
	others();
}

void g_ip6_states(void)
{
	each_value("bound-", make_bound);
	each_value("listen-", make_listener);
	each_value("conn-", make_pair);
	each_value("mapped-", make_mapped);
}

/* Set on the listener: what its child has of it. */
void g_ip6_inherit(void)
{
	union addr to;
	int lfd, fd, s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ints); i++) {
		lfd = listener_on("::1", 8, &to);
		step(nm("%s-set", ints[i].name),
		     seti(lfd, IPPROTO_IPV6, ints[i].opt, ints[i].val[0]));
		fd = sock_of(AF_INET6);
		connect_to(fd, &to);
		settle();
		s = accept(lfd, NULL, NULL);
		opt_get(nm("%s-child", ints[i].name), s, IPPROTO_IPV6, ints[i].opt, 4);
		close(s);
		close(fd);
		close(lfd);
	}
}

/* An AF_INET6 socket becomes one of AF_INET: RFC 3493 has it no more, Linux does. */
static void addrform(const char *name, struct ends *e)
{
	char c;

	step(nm("%s-addrform-6", name), seti(e->fd, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET6));
	step(nm("%s-addrform-size", name),
	     setsockopt(e->fd, IPPROTO_IPV6, IPV6_ADDRFORM, &(int){ AF_INET }, 3));
	step(nm("%s-addrform", name), seti(e->fd, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET));
	step_val(nm("%s-domain", name), 0, geti(e->fd, SOL_SOCKET, SO_DOMAIN));
	step_names(name, e->fd);
	opt_get(nm("%s-v6only", name), e->fd, IPPROTO_IPV6, IPV6_V6ONLY, 4);
	step(nm("%s-tos", name), seti(e->fd, IPPROTO_IP, IP_TOS, 0x10));
	if (e->peer < 0)
		return;
	step(nm("%s-send", name), send(e->fd, "x", 1, NOW));
	step_ev(nm("%s-arrives", name), 0, await(e->peer, POLLIN));
	send_hello(e->peer);
	step_ev(nm("%s-answer", name), 0, await(e->fd, POLLIN));
	step(nm("%s-recv", name), recv(e->fd, &c, 1, NOW));
	step(nm("%s-shutdown", name), shutdown(e->fd, SHUT_WR));
	step_ev(nm("%s-rdhup", name), 0, await(e->peer, POLLRDHUP));
}

void g_ip6_addrform(void)
{
	static const struct {
		const char *name;
		int (*make)(struct ends *e);
	} kinds[] = {
		{ "fresh", make_fresh },
		{ "bound", make_bound },
		{ "listen", make_listener },
		{ "native", make_pair },
		{ "mapped", make_mapped },
	};
	struct ends e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		e = (struct ends){ -1, -1, -1 };
		kinds[i].make(&e);
		addrform(kinds[i].name, &e);
		shut(&e);
	}
	e = (struct ends){ -1, -1, -1 };
	make_mapped(&e);
	seti(e.peer, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	close(e.fd);
	e.fd = e.peer;
	e.peer = -1;
	settle();
	addrform("close-wait", &e);
	shut(&e);
}
