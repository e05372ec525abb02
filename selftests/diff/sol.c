// SPDX-License-Identifier: GPL-2.0
/* Groups: options at SOL_SOCKET. */
#include <net/if.h>
#include <linux/sockios.h>

#include "diff.h"

#ifndef SO_TXREHASH
#define SO_TXREHASH	74
#endif
#ifndef SO_RESERVE_MEM
#define SO_RESERVE_MEM	73
#endif

static const struct opt opts[] = {
	{ "debug", SO_DEBUG, { 1, 0 }, 2 },
	{ "reuseaddr", SO_REUSEADDR, { 1, 0, 2, -1 }, 4 },
	{ "type", SO_TYPE, { 1 }, 1 },
	{ "error", SO_ERROR, { 1 }, 1 },
	{ "dontroute", SO_DONTROUTE, { 1, 0 }, 2 },
	{ "broadcast", SO_BROADCAST, { 1, 0 }, 2 },
	{ "sndbuf", SO_SNDBUF, { 0, 1, 10000, 100000, 1 << 30, -1 }, 6 },
	{ "rcvbuf", SO_RCVBUF, { 0, 1, 10000, 100000, 1 << 30, -1 }, 6 },
	{ "sndbufforce", SO_SNDBUFFORCE, { 0, 1 << 20, -1 }, 3 },
	{ "rcvbufforce", SO_RCVBUFFORCE, { 0, 1 << 20, -1 }, 3 },
	{ "keepalive", SO_KEEPALIVE, { 1, 0, 7, -1 }, 4 },
	{ "oobinline", SO_OOBINLINE, { 1, 0, 2 }, 3 },
	{ "no-check", SO_NO_CHECK, { 1, 0 }, 2 },
	{ "priority", SO_PRIORITY, { 6, 0, 7, -1 }, 4 },
	{ "reuseport", SO_REUSEPORT, { 1, 0 }, 2 },
	{ "passcred", SO_PASSCRED, { 1, 0 }, 2 },
	{ "rcvlowat", SO_RCVLOWAT, { 0, 1, 100, -1, 1 << 30 }, 5 },
	{ "sndlowat", SO_SNDLOWAT, { 1, 5 }, 2 },
	{ "acceptconn", SO_ACCEPTCONN, { 1 }, 1 },
	{ "timestamp", SO_TIMESTAMP, { 1, 0 }, 2 },
	{ "timestampns", SO_TIMESTAMPNS, { 1, 0 }, 2 },
	{ "timestamping", SO_TIMESTAMPING, { 0x18, 0 }, 2 },
	{ "mark", SO_MARK, { 7, 0, -1 }, 3 },
	{ "protocol", SO_PROTOCOL, { 1 }, 1 },
	{ "domain", SO_DOMAIN, { 1 }, 1 },
	{ "rxq-ovfl", SO_RXQ_OVFL, { 1, 0 }, 2 },
	{ "wifi-status", SO_WIFI_STATUS, { 1, 0 }, 2 },
	{ "peek-off", SO_PEEK_OFF, { 0, 3, -1 }, 3 },
	{ "nofcs", SO_NOFCS, { 1, 0 }, 2 },
	{ "lock-filter", SO_LOCK_FILTER, { 1, 0 }, 2 },
	{ "select-err", SO_SELECT_ERR_QUEUE, { 1, 0 }, 2 },
	{ "busy-poll", SO_BUSY_POLL, { 0, 50, -1 }, 3 },
	{ "pacing", SO_MAX_PACING_RATE, { 1000000, -1 }, 2 },
	{ "bpf-extensions", SO_BPF_EXTENSIONS, { 1 }, 1 },
	{ "incoming-cpu", SO_INCOMING_CPU, { 0, -1 }, 2 },
	{ "cnx-advice", SO_CNX_ADVICE, { 1 }, 1 },
	{ "napi-id", SO_INCOMING_NAPI_ID, { 1 }, 1 },
	{ "zerocopy", SO_ZEROCOPY, { 1, 0, 2 }, 3 },
	{ "bindtoifindex", SO_BINDTOIFINDEX, { 1, 0, 99, -1 }, 4 },
	{ "prefer-busy-poll", SO_PREFER_BUSY_POLL, { 1, 0 }, 2 },
	{ "buf-lock", SO_BUF_LOCK, { 3, 0, 4 }, 3 },
	{ "reserve-mem", SO_RESERVE_MEM, { 4096, 0, -1 }, 3 },
	{ "txrehash", SO_TXREHASH, { 0, 1, 2, -1 }, 4 },
	{ "unknown", 999, { 1 }, 1 },
	{ "unknown-0", 0, { 1 }, 1 },
	{ "unknown-negative", -1, { 1 }, 1 },
};

void g_sol(void)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		fd = sock();
		opt_values(fd, SOL_SOCKET, &opts[i]);
		close(fd);
	}
	fd = sock();
	opt_sizes(fd, SOL_SOCKET, &opts[1]);
	opt_pointers(fd, SOL_SOCKET, &opts[1]);
	close(fd);
}

static void times(int fd, const char *name, int opt)
{
	static const struct {
		const char *name;
		long sec, usec;
	} set[] = {
		{ "second", 1, 500000 }, { "zero", 0, 0 },
		{ "usec", 0, 100 }, { "usec-million", 0, 1000000 },
		{ "usec-negative", 0, -1 }, { "sec-negative", -1, 0 },
		{ "sec-huge", 0x7fffffffffff, 0 },
	};
	socklen_t len;
	struct timeval tv;
	size_t i;
	long ret;

	for (i = 0; i < ARRAY_SIZE(set); i++) {
		tv.tv_sec = set[i].sec;
		tv.tv_usec = set[i].usec;
		step(nm("%s-%s", name, set[i].name),
		     setsockopt(fd, SOL_SOCKET, opt, &tv, sizeof(tv)));
		len = sizeof(tv);
		ret = getsockopt(fd, SOL_SOCKET, opt, &tv, &len);
		step_fmt(nm("%s-%s-get", name, set[i].name), ret, "-",
			 "%ld.%03ld", (long)tv.tv_sec, (long)tv.tv_usec / 1000);
	}
	step(nm("%s-short", name),
	     setsockopt(fd, SOL_SOCKET, opt, &tv, sizeof(tv) - 1));
	opt_get(nm("%s-get-short", name), fd, SOL_SOCKET, opt, 4);
}

static void lingers(int fd)
{
	static const struct linger set[] = {
		{ 1, 5 }, { 0, 5 }, { 1, 0 }, { 2, 7 }, { 1, -1 }, { -1, 1 },
	};
	struct linger l = {};
	socklen_t len;
	size_t i;
	long ret;

	for (i = 0; i < ARRAY_SIZE(set); i++) {
		step(nm("linger-%zu", i),
		     setsockopt(fd, SOL_SOCKET, SO_LINGER, &set[i],
				sizeof(set[i])));
		len = sizeof(l);
		ret = getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len);
		step_fmt(nm("linger-%zu-get", i), ret, "-", "%d/%d", l.l_onoff,
			 l.l_linger);
	}
	step("linger-short", setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4));
	opt_get("linger-get-short", fd, SOL_SOCKET, SO_LINGER, 4);
}

static void test_device(int fd)
{
	char dev[IFNAMSIZ] = "";
	socklen_t len = sizeof(dev);
	long ret;

	ret = getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, &len);
	step_fmt("device-none", ret, "-", "len=%u", len);
	step("device-lo", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	len = sizeof(dev);
	ret = getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, &len);
	step_fmt("device-get", ret, "-", "len=%u %s", len, dev);
	len = 3;
	step("device-get-short",
	     getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, &len));
	step("device-clear", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	step("device-wrong",
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nosuch0", 8));
	step("device-negative",
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", -1));
	step("device-fault",
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, bad, 4));
}

static void unprivileged(int fd)
{
	nobody(true);
	step("nobody-mark", seti(fd, SOL_SOCKET, SO_MARK, 9));
	step("nobody-debug", seti(fd, SOL_SOCKET, SO_DEBUG, 1));
	step("nobody-priority-6", seti(fd, SOL_SOCKET, SO_PRIORITY, 6));
	step("nobody-priority-7", seti(fd, SOL_SOCKET, SO_PRIORITY, 7));
	step("nobody-force", seti(fd, SOL_SOCKET, SO_SNDBUFFORCE, 9999));
	step("nobody-force-2", seti(fd, SOL_SOCKET, SO_RCVBUFFORCE, 9999));
	step("nobody-busy-poll", seti(fd, SOL_SOCKET, SO_BUSY_POLL, 99));
	nobody(false);
}

static void connection(void)
{
	struct ends e;
	union addr a, b;
	socklen_t la = sizeof(a), lb = sizeof(b);
	unsigned long long cookie, again;
	long ret;

	pair(&e);
	ret = getsockopt(e.fd, SOL_SOCKET, SO_PEERNAME, &a, &la);
	getpeername(e.fd, &b.sa, &lb);
	step_val("peername", ret, la == lb && !memcmp(&a, &b, la));
	la = 4;
	step("peername-short",
	     getsockopt(e.fd, SOL_SOCKET, SO_PEERNAME, &a, &la));
	la = sizeof(a);
	step("peercred", getsockopt(e.fd, SOL_SOCKET, SO_PEERCRED, &a, &la));
	la = sizeof(a);
	step("peergroups", getsockopt(e.fd, SOL_SOCKET, SO_PEERGROUPS, &a, &la));
	la = sizeof(cookie);
	ret = getsockopt(e.fd, SOL_SOCKET, SO_COOKIE, &cookie, &la);
	getsockopt(e.fd, SOL_SOCKET, SO_COOKIE, &again, &la);
	step_val("cookie-stable", ret, cookie == again && cookie != 0);
	ret = getsockopt(e.peer, SOL_SOCKET, SO_COOKIE, &again, &la);
	step_val("cookie-unique", ret, cookie != again);
	la = sizeof(a);
	ret = getsockopt(e.fd, SOL_SOCKET, SO_MEMINFO, &a, &la);
	step_val("meminfo", ret, la);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step_val("incoming-cpu", 0,
		 geti(e.fd, SOL_SOCKET, SO_INCOMING_CPU) >= 0);
	step_val("rcvbuf-locked", 0,
		 seti(e.fd, SOL_SOCKET, SO_RCVBUF, 20000));
	step_val("rcvbuf-got", 0, geti(e.fd, SOL_SOCKET, SO_RCVBUF));
	step_val("sndbuf-locked", 0,
		 seti(e.fd, SOL_SOCKET, SO_SNDBUF, 20000));
	step_val("sndbuf-got", 0, geti(e.fd, SOL_SOCKET, SO_SNDBUF));
	step("reuseport-connected", seti(e.fd, SOL_SOCKET, SO_REUSEPORT, 1));
	step("dontroute-send", seti(e.fd, SOL_SOCKET, SO_DONTROUTE, 1));
	step("dontroute-sent", send(e.fd, "x", 1, NOW));
	shut(&e);
}

static void timestamp(void)
{
	char ts[32];
	struct ends e;

	pair(&e);
	step("siocgstamp", ioctl(e.fd, SIOCGSTAMP, ts));
	step("siocgstampns", ioctl(e.fd, SIOCGSTAMPNS, ts));
	send_hello(e.peer);
	await(e.fd, POLLIN);
	recv(e.fd, ts, sizeof(ts), NOW);
	step("siocgstamp-data", ioctl(e.fd, SIOCGSTAMP, ts));
	shut(&e);
}

void g_sol_misc(void)
{
	int fd = sock();

	times(fd, "rcvtimeo", SO_RCVTIMEO);
	times(fd, "sndtimeo", SO_SNDTIMEO);
	lingers(fd);
	test_device(fd);
	unprivileged(fd);
	close(fd);
	step("closed-set", seti(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	step("closed-get", geti(fd, SOL_SOCKET, SO_REUSEADDR));
	connection();
	timestamp();
}
