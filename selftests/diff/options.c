// SPDX-License-Identifier: GPL-2.0
/*
 * Group: each option of a stream socket by its name, in each state: what of each size a
 * get gives, and what a set of each size and of each value does.  selftests/options makes
 * docs/options.md of it.
 */
#include <linux/filter.h>
#include <linux/in6.h>
#include <linux/tcp.h>

#include "diff.h"

#define SO_NEW(name, nr)	{ #name, SOL_SOCKET, nr }
#define SO(name)		{ #name, SOL_SOCKET, name }
#define TCP(name)		{ #name, SOL_TCP, name }
#define IP(name)		{ #name, IPPROTO_IP, name }
#define IP6(name)		{ #name, IPPROTO_IPV6, name }

static const struct {
	const char *name;
	int level;
	int opt;
} options[] = {
	TCP(TCP_NODELAY), TCP(TCP_MAXSEG), TCP(TCP_CORK), TCP(TCP_KEEPIDLE), TCP(TCP_KEEPINTVL),
	TCP(TCP_KEEPCNT), TCP(TCP_SYNCNT), TCP(TCP_LINGER2), TCP(TCP_DEFER_ACCEPT),
	TCP(TCP_WINDOW_CLAMP), TCP(TCP_INFO), TCP(TCP_QUICKACK), TCP(TCP_CONGESTION),
	TCP(TCP_MD5SIG), TCP(TCP_THIN_LINEAR_TIMEOUTS), TCP(TCP_THIN_DUPACK),
	TCP(TCP_USER_TIMEOUT), TCP(TCP_REPAIR), TCP(TCP_REPAIR_QUEUE), TCP(TCP_QUEUE_SEQ),
	TCP(TCP_REPAIR_OPTIONS), TCP(TCP_FASTOPEN), TCP(TCP_TIMESTAMP), TCP(TCP_NOTSENT_LOWAT),
	TCP(TCP_CC_INFO), TCP(TCP_SAVE_SYN), TCP(TCP_SAVED_SYN), TCP(TCP_REPAIR_WINDOW),
	TCP(TCP_FASTOPEN_CONNECT), TCP(TCP_ULP), TCP(TCP_MD5SIG_EXT), TCP(TCP_FASTOPEN_KEY),
	TCP(TCP_FASTOPEN_NO_COOKIE), TCP(TCP_ZEROCOPY_RECEIVE), TCP(TCP_INQ), TCP(TCP_TX_DELAY),

	SO(SO_DEBUG), SO(SO_REUSEADDR), SO(SO_TYPE), SO(SO_ERROR), SO(SO_DONTROUTE),
	SO(SO_BROADCAST), SO(SO_SNDBUF), SO(SO_RCVBUF), SO(SO_KEEPALIVE), SO(SO_OOBINLINE),
	SO(SO_NO_CHECK), SO(SO_PRIORITY), SO(SO_LINGER), SO(SO_BSDCOMPAT), SO(SO_REUSEPORT),
	SO(SO_PASSCRED), SO(SO_PEERCRED), SO(SO_RCVLOWAT), SO(SO_SNDLOWAT), SO(SO_RCVTIMEO_OLD),
	SO(SO_SNDTIMEO_OLD), SO(SO_SECURITY_AUTHENTICATION),
	SO(SO_SECURITY_ENCRYPTION_TRANSPORT), SO(SO_SECURITY_ENCRYPTION_NETWORK),
	SO(SO_BINDTODEVICE), SO(SO_ATTACH_FILTER), SO(SO_DETACH_FILTER), SO(SO_PEERNAME),
	SO(SO_TIMESTAMP_OLD), SO(SO_ACCEPTCONN), SO(SO_PEERSEC), SO(SO_SNDBUFFORCE),
	SO(SO_RCVBUFFORCE), SO(SO_PASSSEC), SO(SO_TIMESTAMPNS_OLD), SO(SO_MARK),
	SO(SO_TIMESTAMPING_OLD), SO(SO_PROTOCOL), SO(SO_DOMAIN), SO(SO_RXQ_OVFL),
	SO(SO_WIFI_STATUS), SO(SO_PEEK_OFF), SO(SO_NOFCS), SO(SO_LOCK_FILTER),
	SO(SO_SELECT_ERR_QUEUE), SO(SO_BUSY_POLL), SO(SO_MAX_PACING_RATE),
	SO(SO_BPF_EXTENSIONS), SO(SO_INCOMING_CPU), SO(SO_ATTACH_BPF),
	SO(SO_ATTACH_REUSEPORT_CBPF), SO(SO_ATTACH_REUSEPORT_EBPF), SO(SO_CNX_ADVICE),
	SO(SO_MEMINFO), SO(SO_INCOMING_NAPI_ID), SO(SO_COOKIE), SO(SO_PEERGROUPS),
	SO(SO_ZEROCOPY), SO(SO_TXTIME), SO(SO_BINDTOIFINDEX), SO(SO_TIMESTAMP_NEW),
	SO(SO_TIMESTAMPNS_NEW), SO(SO_TIMESTAMPING_NEW), SO(SO_RCVTIMEO_NEW),
	SO(SO_SNDTIMEO_NEW), SO(SO_DETACH_REUSEPORT_BPF), SO(SO_PREFER_BUSY_POLL),
	SO(SO_BUSY_POLL_BUDGET), SO_NEW(SO_NETNS_COOKIE, 71), SO_NEW(SO_BUF_LOCK, 72),
	SO_NEW(SO_RESERVE_MEM, 73), SO_NEW(SO_TXREHASH, 74), SO_NEW(SO_RCVMARK, 75),

	IP(IP_TOS), IP(IP_TTL), IP(IP_HDRINCL), IP(IP_OPTIONS), IP(IP_ROUTER_ALERT),
	IP(IP_RECVOPTS), IP(IP_RETOPTS), IP(IP_PKTINFO), IP(IP_PKTOPTIONS), IP(IP_MTU_DISCOVER),
	IP(IP_RECVERR), IP(IP_RECVTTL), IP(IP_RECVTOS), IP(IP_MTU), IP(IP_FREEBIND),
	IP(IP_IPSEC_POLICY), IP(IP_XFRM_POLICY), IP(IP_PASSSEC), IP(IP_TRANSPARENT),
	IP(IP_RECVORIGDSTADDR), IP(IP_MINTTL), IP(IP_NODEFRAG), IP(IP_CHECKSUM),
	IP(IP_BIND_ADDRESS_NO_PORT), IP(IP_RECVFRAGSIZE), { "IP_RECVERR_RFC4884", IPPROTO_IP, 26 },
	IP(IP_MULTICAST_IF), IP(IP_MULTICAST_TTL), IP(IP_MULTICAST_LOOP), IP(IP_ADD_MEMBERSHIP),
	IP(IP_DROP_MEMBERSHIP), IP(IP_UNBLOCK_SOURCE), IP(IP_BLOCK_SOURCE),
	IP(IP_ADD_SOURCE_MEMBERSHIP), IP(IP_DROP_SOURCE_MEMBERSHIP), IP(IP_MSFILTER),
	IP(MCAST_JOIN_GROUP), IP(MCAST_BLOCK_SOURCE), IP(MCAST_UNBLOCK_SOURCE),
	IP(MCAST_LEAVE_GROUP), IP(MCAST_JOIN_SOURCE_GROUP), IP(MCAST_LEAVE_SOURCE_GROUP),
	IP(MCAST_MSFILTER), IP(IP_MULTICAST_ALL), IP(IP_UNICAST_IF),
	{ "IP_LOCAL_PORT_RANGE", IPPROTO_IP, 51 }, { "IP_PROTOCOL", IPPROTO_IP, 52 },

	IP6(IPV6_ADDRFORM), IP6(IPV6_2292PKTINFO), IP6(IPV6_2292HOPOPTS), IP6(IPV6_2292DSTOPTS),
	IP6(IPV6_2292RTHDR), IP6(IPV6_2292PKTOPTIONS), IP6(IPV6_CHECKSUM),
	IP6(IPV6_2292HOPLIMIT), IP6(IPV6_NEXTHOP), IP6(IPV6_AUTHHDR), IP6(IPV6_FLOWINFO),
	IP6(IPV6_UNICAST_HOPS), IP6(IPV6_MULTICAST_IF), IP6(IPV6_MULTICAST_HOPS),
	IP6(IPV6_MULTICAST_LOOP), IP6(IPV6_ADD_MEMBERSHIP), IP6(IPV6_DROP_MEMBERSHIP),
	IP6(IPV6_ROUTER_ALERT), IP6(IPV6_MTU_DISCOVER), IP6(IPV6_MTU), IP6(IPV6_RECVERR),
	IP6(IPV6_V6ONLY), IP6(IPV6_JOIN_ANYCAST), IP6(IPV6_LEAVE_ANYCAST),
	IP6(IPV6_MULTICAST_ALL), IP6(IPV6_ROUTER_ALERT_ISOLATE), IP6(IPV6_RECVERR_RFC4884),
	IP6(IPV6_FLOWLABEL_MGR), IP6(IPV6_FLOWINFO_SEND), IP6(IPV6_IPSEC_POLICY),
	IP6(IPV6_XFRM_POLICY), IP6(IPV6_HDRINCL), IP6(IPV6_RECVPKTINFO), IP6(IPV6_PKTINFO),
	IP6(IPV6_RECVHOPLIMIT), IP6(IPV6_HOPLIMIT), IP6(IPV6_RECVHOPOPTS), IP6(IPV6_HOPOPTS),
	IP6(IPV6_RTHDRDSTOPTS), IP6(IPV6_RECVRTHDR), IP6(IPV6_RTHDR), IP6(IPV6_RECVDSTOPTS),
	IP6(IPV6_DSTOPTS), IP6(IPV6_RECVPATHMTU), IP6(IPV6_PATHMTU), IP6(IPV6_DONTFRAG),
	{ "IPV6_USE_MIN_MTU", IPPROTO_IPV6, 63 }, IP6(IPV6_RECVTCLASS), IP6(IPV6_TCLASS),
	IP6(IPV6_AUTOFLOWLABEL), IP6(IPV6_ADDR_PREFERENCES), IP6(IPV6_MINHOPCOUNT),
	IP6(IPV6_RECVORIGDSTADDR), IP6(IPV6_TRANSPARENT), IP6(IPV6_UNICAST_IF),
	IP6(IPV6_RECVFRAGSIZE), IP6(IPV6_FREEBIND),
};

static struct sock_filter accept_all[] = { BPF_STMT(BPF_RET | BPF_K, ~0U) };

/* A right value of an option that takes no int */
static const struct {
	const char *name;
	socklen_t len;
	union {
		char text[16];
		int nr[5];
		long nrs[2];
		struct in6_addr in6;
		struct ip_mreqn mreq;
		struct ipv6_mreq mreq6;
		struct sock_fprog prog;
		struct tcp_md5sig md5;
	};
} rights[] = {
	{ "TCP_CONGESTION", 4, .text = "reno" },
	{ "TCP_FASTOPEN_KEY", 16, .text = "0123456789abcdef" },
	{ "TCP_REPAIR_OPTIONS", 8, .nr = { 4 /* SACK-Permitted */, 0 } },
	{ "TCP_REPAIR_WINDOW", 20, .nr = { 0 } },
	{ "TCP_MD5SIG", sizeof(struct tcp_md5sig),
	  .md5 = { .tcpm_addr.ss_family = AF_INET, .tcpm_keylen = 1, .tcpm_key = "x" } },
	{ "TCP_MD5SIG_EXT", sizeof(struct tcp_md5sig),
	  .md5 = { .tcpm_addr.ss_family = AF_INET, .tcpm_keylen = 1, .tcpm_key = "x" } },
	{ "SO_LINGER", 8, .nr = { 1, 5 } },
	{ "SO_RCVTIMEO_OLD", 16, .nrs = { 5, 0 } },
	{ "SO_SNDTIMEO_OLD", 16, .nrs = { 5, 0 } },
	{ "SO_RCVTIMEO_NEW", 16, .nrs = { 5, 0 } },
	{ "SO_SNDTIMEO_NEW", 16, .nrs = { 5, 0 } },
	{ "SO_BINDTODEVICE", 2, .text = "lo" },
	{ "SO_TXTIME", 8, .nr = { 1 /* CLOCK_MONOTONIC */, 0 } },
	{ "SO_ATTACH_FILTER", sizeof(struct sock_fprog), .prog = { 1, accept_all } },
	{ "SO_ATTACH_REUSEPORT_CBPF", sizeof(struct sock_fprog), .prog = { 1, accept_all } },
	{ "IP_OPTIONS", 4, .text = "\x01\x01\x01" },
	{ "IP_ADD_MEMBERSHIP", sizeof(struct ip_mreqn),
	  .mreq = { .imr_multiaddr.s_addr = 0x010000e0, .imr_ifindex = 1 } },
	{ "IPV6_ADD_MEMBERSHIP", sizeof(struct ipv6_mreq),
	  .mreq6 = { { .s6_addr = { 0xff, 2, [15] = 9 } }, 1 } },
	{ "IPV6_PKTINFO", 20, .nr = { 0 } },
	{ "IPV6_HOPOPTS", 8, .text = "\x3b\0\x01\x04" },
	{ "IPV6_DSTOPTS", 8, .text = "\x3b\0\x01\x04" },
	{ "IPV6_RTHDRDSTOPTS", 8, .text = "\x3b\0\x01\x04" },
	{ "IPV6_FLOWLABEL_MGR", 32, .in6 = IN6ADDR_LOOPBACK_INIT },
	{ "IPV6_ADDRFORM", 4, .nr = { AF_INET } },
};

/* What a get gives that no two sockets have in common */
static bool unique(int level, int opt)
{
	static const int of_socket[] = {
		SO_PEERNAME, SO_MEMINFO, SO_COOKIE, 71 /* SO_NETNS_COOKIE */,
	};
	static const int of_tcp[] = { TCP_INFO, TCP_TIMESTAMP, TCP_CC_INFO };
	size_t i;

	for (i = 0; level == SOL_SOCKET && i < ARRAY_SIZE(of_socket); i++)
		if (opt == of_socket[i])
			return true;
	for (i = 0; level == SOL_TCP && i < ARRAY_SIZE(of_tcp); i++)
		if (opt == of_tcp[i])
			return true;
	return false;
}

static void s_fresh(struct ends *e)
{
	e->fd = sock();
}

static void s_listen(struct ends *e)
{
	e->fd = listener(8, &e->to);
}

static void s_connected(struct ends *e)
{
	pair(e);
}

static void s_accepted(struct ends *e)
{
	int fd;

	pair(e);
	fd = e->fd;
	e->fd = e->peer;
	e->peer = fd;
}

static void s_closed(struct ends *e)
{
	pair(e);
	linger(e->peer, 0);
	close(e->peer);
	e->peer = -1;
	await(e->fd, POLLERR);
	so_error(e->fd);
}

/* In repair mode, for the send queue */
static void s_repair(struct ends *e)
{
	e->fd = sock();
	seti(e->fd, SOL_TCP, TCP_REPAIR, TCP_REPAIR_ON);
	seti(e->fd, SOL_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
}

/* The same, ESTABLISHED; the peer's numbers begin with 0 */
static void s_repaired(struct ends *e)
{
	union addr to;

	s_repair(e);
	addr(&to, fam->lo2, PORT);
	connect_to(e->fd, &to);
}

static const struct {
	const char *name;
	void (*make)(struct ends *e);
	bool nobody;
} states[] = {
	{ "fresh", s_fresh },
	{ "nobody", s_fresh, true },
	{ "listen", s_listen },
	{ "connected", s_connected },
	{ "accepted", s_accepted },
	{ "closed", s_closed },
	{ "repair", s_repair },
	{ "repaired", s_repaired },
};

static const char *outcome(long ret)
{
	return ret < 0 ? strerrorname_np(errno) ?: "E?" : "ok";
}

static int one_get(char *out, int room, int fd, int level, int opt, socklen_t len)
{
	unsigned char val[64];
	socklen_t got = len, i;
	int n = 0;

	memset(val, 0, sizeof(val));
	if (getsockopt(fd, level, opt, val, &got))
		return snprintf(out, room, "%s", outcome(-1));
	n = snprintf(out, room, "%d", (int)got);
	for (i = 0; i < got && i < len && i < 16 && !unique(level, opt); i++)
		n += snprintf(out + n, room - n, "%s%02x", i ? "" : ":", val[i]);
	return n;
}

static void gets(const char *name, int fd, int level, int opt)
{
	static const socklen_t sizes[] = { 0, 1, 2, 3, 4, 8 };
	char out[256];
	int n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		n += snprintf(out + n, sizeof(out) - n, "%s%d=", i ? " " : "", sizes[i]);
		n += one_get(out + n, sizeof(out) - n, fd, level, opt, sizes[i]);
	}
	step_fmt(nm("%s-get", name), 0, "-", "%s", out);
}

static void sets(const char *name, int fd, int level, int opt)
{
	static const socklen_t sizes[] = { 0, 1, 2, 3, 4, 8 };
	static const int values[] = { 1, 0, 2, -1, 1 << 20 };
	int val[2] = { 1 };
	char out[256];
	int n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		n += snprintf(out + n, sizeof(out) - n, "%s%d=%s", i ? " " : "", sizes[i],
			      outcome(setsockopt(fd, level, opt, val, sizes[i])));
	step_fmt(nm("%s-set", name), 0, "-", "%s", out);
	for (i = n = 0; i < ARRAY_SIZE(values); i++) {
		n += snprintf(out + n, sizeof(out) - n, "%s%d=%s,", i ? " " : "", values[i],
			      outcome(seti(fd, level, opt, values[i])));
		n += one_get(out + n, sizeof(out) - n, fd, level, opt, 4);
	}
	step_fmt(nm("%s-values", name), 0, "-", "%s", out);
}

static void set_right(const char *name, const char *option, int fd, int level, int opt)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rights); i++)
		if (!strcmp(rights[i].name, option))
			step_fmt(nm("%s-right", name), 0, "-", "right=%s",
				 outcome(setsockopt(fd, level, opt, rights[i].text,
						    rights[i].len)));
}

void g_options(void)
{
	struct ends e;
	const char *name;
	size_t i, s;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		for (s = 0; s < ARRAY_SIZE(states); s++) {
			e = (struct ends){ -1, -1, -1 };
			states[s].make(&e);
			name = nm("%s-%s", options[i].name, states[s].name);
			nobody(states[s].nobody);
			gets(name, e.fd, options[i].level, options[i].opt);
			set_right(name, options[i].name, e.fd, options[i].level, options[i].opt);
			sets(name, e.fd, options[i].level, options[i].opt);
			nobody(false);
			shut(&e);
		}
}
