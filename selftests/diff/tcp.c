// SPDX-License-Identifier: GPL-2.0
/* Groups: options of TCP, before and on a connection. */
#include <linux/tcp.h>

#include "diff.h"

static const struct opt opts[] = {
	{ "nodelay", TCP_NODELAY, { 1, 0, 2, -1 }, 4 },
	{ "cork", TCP_CORK, { 1, 0, 2, -1 }, 4 },
	{ "maxseg", TCP_MAXSEG, { 1000, 0, 87, 88, 32767, 32768, -1 }, 7 },
	{ "keepidle", TCP_KEEPIDLE, { 5, 0, 32767, 32768, -1 }, 5 },
	{ "keepintvl", TCP_KEEPINTVL, { 5, 0, 32767, 32768, -1 }, 5 },
	{ "keepcnt", TCP_KEEPCNT, { 5, 0, 127, 128, -1 }, 5 },
	{ "syncnt", TCP_SYNCNT, { 5, 0, 127, 128, -1 }, 5 },
	{ "linger2", TCP_LINGER2, { 5, 0, 60, 120, 121, -1, -2 }, 7 },
	{ "defer-accept", TCP_DEFER_ACCEPT, { 5, 0, 1, 100, 1000, -1 }, 6 },
	{ "window-clamp", TCP_WINDOW_CLAMP, { 50000, 0, 1, 1 << 20, -1 }, 5 },
	{ "quickack", TCP_QUICKACK, { 1, 0, 2, 3, -1 }, 5 },
	{ "user-timeout", TCP_USER_TIMEOUT, { 5, 0, 1 << 30, -1 }, 4 },
	{ "notsent-lowat", TCP_NOTSENT_LOWAT, { 5, 0, 1 << 30, -1 }, 4 },
	{ "inq", TCP_INQ, { 1, 0, 2, -1 }, 4 },
	{ "unknown-0", 0, { 1 }, 1 },
	{ "unknown-99", 99, { 1 }, 1 },
	{ "unknown-negative", -1, { 1 }, 1 },
	{ "info", TCP_INFO, { 1 }, 1 },
};

/* Options that come with a later release. */
static const struct opt later_opts[] = {
	{ "thin-linear", TCP_THIN_LINEAR_TIMEOUTS, { 1, 2 }, 2 },
	{ "thin-dupack", TCP_THIN_DUPACK, { 1, 2 }, 2 },
	{ "save-syn", TCP_SAVE_SYN, { 1, 0, 2, 3, -1 }, 5 },
	{ "fastopen", TCP_FASTOPEN, { 5, 0, -1 }, 3 },
	{ "fastopen-connect", TCP_FASTOPEN_CONNECT, { 1, 0, 2 }, 3 },
	{ "fastopen-no-cookie", TCP_FASTOPEN_NO_COOKIE, { 1, 0, 2 }, 3 },
	{ "tx-delay", TCP_TX_DELAY, { 5, 0, -1 }, 3 },
	{ "repair", TCP_REPAIR, { 2 }, 1 },
	{ "repair-queue", TCP_REPAIR_QUEUE, { 1 }, 1 },
	{ "queue-seq", TCP_QUEUE_SEQ, { 1 }, 1 },
	{ "repair-options", TCP_REPAIR_OPTIONS, { 1 }, 1 },
	{ "repair-window", TCP_REPAIR_WINDOW, { 1 }, 1 },
	{ "md5sig", TCP_MD5SIG, { 1 }, 1 },
	{ "zerocopy-receive", TCP_ZEROCOPY_RECEIVE, { 1 }, 1 },
};

static void all(void)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		fd = sock();
		if (opts[i].opt != TCP_INFO) {
			opt_values(fd, tcp_level, &opts[i]);
			opt_sizes(fd, tcp_level, &opts[i]);
		}
		opt_pointers(fd, tcp_level, &opts[i]);
		close(fd);
	}
}

void g_tcp(void)
{
	all();
}

/* The same at the protocol's own level; for TCP that is the same one. */
void g_tcp_own(void)
{
	tcp_level = proto;
	all();
}

static void on_connection(void)
{
	static const struct opt conn[] = {
		{ "nodelay", TCP_NODELAY, { 1, 0 }, 2 },
		{ "cork", TCP_CORK, { 1, 0 }, 2 },
		{ "maxseg", TCP_MAXSEG, { 87, 500, 32768 }, 3 },
		{ "keepidle", TCP_KEEPIDLE, { 5, 0 }, 2 },
		{ "keepintvl", TCP_KEEPINTVL, { 5, 0 }, 2 },
		{ "keepcnt", TCP_KEEPCNT, { 5, 0 }, 2 },
		{ "syncnt", TCP_SYNCNT, { 5, 0 }, 2 },
		{ "linger2", TCP_LINGER2, { 5, -1 }, 2 },
		{ "defer-accept", TCP_DEFER_ACCEPT, { 5, 0 }, 2 },
		{ "window-clamp", TCP_WINDOW_CLAMP, { 1, 0, 50000 }, 3 },
		{ "quickack", TCP_QUICKACK, { 0, 1 }, 2 },
		{ "user-timeout", TCP_USER_TIMEOUT, { 5000, 0 }, 2 },
		{ "notsent-lowat", TCP_NOTSENT_LOWAT, { 5, 0 }, 2 },
		{ "inq", TCP_INQ, { 1, 0 }, 2 },
	};
	struct ends e;
	size_t i;
	char c;

	for (i = 0; i < ARRAY_SIZE(conn); i++) {
		pair(&e);
		opt_values(e.fd, SOL_TCP, &conn[i]);
		step(nm("%s-send", conn[i].name), send(e.fd, "x", 1, NOW));
		await(e.peer, POLLIN);
		step(nm("%s-recv", conn[i].name), recv(e.peer, &c, 1, NOW));
		shut(&e);
	}
}

/* A small segment size shows in what each read finds. */
static void small_segments(void)
{
	struct ends e;
	union addr to;
	int fd;

	e.lfd = listener(8, &to);
	step("small-listener", seti(e.lfd, SOL_TCP, TCP_MAXSEG, 200));
	fd = sock();
	step("small-connect", connect_to(fd, &to));
	step_val("small-client", 0, geti(fd, SOL_TCP, TCP_MAXSEG));
	e.fd = accept(e.lfd, NULL, NULL);
	step_val("small-server", 0, geti(e.fd, SOL_TCP, TCP_MAXSEG));
	close(fd);
	close(e.fd);
	fd = sock();
	seti(fd, SOL_TCP, TCP_MAXSEG, 300);
	connect_to(fd, &to);
	e.fd = accept(e.lfd, NULL, NULL);
	step_val("both-client", 0, geti(fd, SOL_TCP, TCP_MAXSEG));
	step_val("both-server", 0, geti(e.fd, SOL_TCP, TCP_MAXSEG));
	close(fd);
	close(e.fd);
	close(e.lfd);
	pair(&e);
	step_val("default-client", 0, geti(e.fd, SOL_TCP, TCP_MAXSEG));
	step_val("default-server", 0, geti(e.peer, SOL_TCP, TCP_MAXSEG));
	step_val("quickack-client", 0, geti(e.fd, SOL_TCP, TCP_QUICKACK));
	step_val("quickack-server", 0, geti(e.peer, SOL_TCP, TCP_QUICKACK));
	shut(&e);
}

/* Not enough is unsent: writable only below the mark. */
static void test_notsent(void)
{
	struct ends e;

	pair(&e);
	seti(e.fd, SOL_TCP, TCP_NOTSENT_LOWAT, 100);
	seti(e.fd, SOL_TCP, TCP_CORK, 1);
	step_ev("notsent-below", 0, poll_now(e.fd));
	step("notsent-send", send(e.fd, bad - 300, 300, NOW));
	step_ev("notsent-above", 0, poll_now(e.fd));
	step("notsent-send-more", send(e.fd, bad - 300, 300, NOW));
	seti(e.fd, SOL_TCP, TCP_CORK, 0);
	step_ev("notsent-gone", 0, await(e.fd, POLLOUT));
	shut(&e);
}

void g_tcp_conn(void)
{
	on_connection();
	small_segments();
	test_notsent();
}

static void named(const char *name, int opt, const char *val, int len)
{
	char got[32] = "";
	socklen_t n = sizeof(got);
	int fd = sock();
	long ret;

	step(name, setsockopt(fd, SOL_TCP, opt, val, len));
	ret = getsockopt(fd, SOL_TCP, opt, got, &n);
	step_fmt(nm("%s-got", name), ret, "-", "len=%u %s", n, got);
	close(fd);
}

static void lengths(const char *name, int opt)
{
	int fd = sock();

	opt_get(nm("%s-len-0", name), fd, SOL_TCP, opt, 0);
	opt_get(nm("%s-len-2", name), fd, SOL_TCP, opt, 2);
	opt_get(nm("%s-len-16", name), fd, SOL_TCP, opt, 16);
	opt_get(nm("%s-len-100", name), fd, SOL_TCP, opt, 100);
	opt_get(nm("%s-len-negative", name), fd, SOL_TCP, opt, -1);
	close(fd);
}

/* The ports in a SYN that was kept, behind @link bytes and IP's header. */
static bool names_ports(const unsigned char *syn, int link, int peer)
{
	const unsigned char *tcp = syn + link + (syn[link] >> 4 == 6 ? 40 : 20);
	union addr to, from;
	socklen_t len = sizeof(to);

	getsockname(peer, &to.sa, &len);
	len = sizeof(from);
	getpeername(peer, &from.sa, &len);
	return !memcmp(tcp, &from.port, 2) && !memcmp(tcp + 2, &to.port, 2);
}

static void read_syn(const char *name, int fd, socklen_t len, int link)
{
	unsigned char syn[256] = {};
	long ret = getsockopt(fd, SOL_TCP, TCP_SAVED_SYN, syn, &len);
	const unsigned char *ip = syn + link;

	step_fmt(name, ret, "-", "len=%u v=%u flags=%#x ports=%d", len, ip[0] >> 4,
		 ip[(ip[0] >> 4 == 6 ? 40 : 20) + 13], names_ports(syn, link, fd));
}

/* The SYN that a listener kept: TCP's own header, behind IP's, and the link's. */
static void saved_syn(int mode, int link)
{
	struct ends e;
	union addr to;

	e.lfd = listener(8, &to);
	step(nm("save-syn-%d", mode), seti(e.lfd, SOL_TCP, TCP_SAVE_SYN, mode));
	e.fd = sock();
	connect_to(e.fd, &to);
	e.peer = accept(e.lfd, NULL, NULL);
	read_syn(nm("saved-syn-%d-client", mode), e.fd, 256, link);
	read_syn(nm("saved-syn-%d-listener", mode), e.lfd, 256, link);
	read_syn(nm("saved-syn-%d-short", mode), e.peer, 4, link);
	step(nm("saved-syn-%d-fault", mode), getsockopt(e.peer, SOL_TCP, TCP_SAVED_SYN, bad,
							&(socklen_t){ 256 }));
	read_syn(nm("saved-syn-%d", mode), e.peer, 256, link);
	read_syn(nm("saved-syn-%d-again", mode), e.peer, 256, link);
	shut(&e);
}

/* Not read before the connection is given up: it is gone. */
static void saved_syn_disconnect(void)
{
	union addr none = { .sa.sa_family = AF_UNSPEC };
	struct ends e;
	union addr to;

	e.lfd = listener(8, &to);
	seti(e.lfd, SOL_TCP, TCP_SAVE_SYN, 1);
	e.fd = sock();
	connect_to(e.fd, &to);
	e.peer = accept(e.lfd, NULL, NULL);
	connect(e.peer, &none.sa, sizeof(none.sa));
	opt_get("saved-syn-disconnected", e.peer, SOL_TCP, TCP_SAVED_SYN, 256);
	shut(&e);
}

void g_tcp_str(void)
{
	int fd = sock();

	lengths("congestion", TCP_CONGESTION);
	named("congestion-reno", TCP_CONGESTION, "reno", 4);
	named("congestion-reno-0", TCP_CONGESTION, "reno", 5);
	named("congestion-prefix", TCP_CONGESTION, "renoxyz", 4);
	named("congestion-unknown", TCP_CONGESTION, "nosuch", 6);
	named("congestion-empty", TCP_CONGESTION, "", 0);
	named("congestion-nul", TCP_CONGESTION, "", 1);
	named("congestion-long", TCP_CONGESTION, "renorenorenorenorenoreno", 24);
	named("congestion-negative", TCP_CONGESTION, "reno", -1);
	step("congestion-fault",
	     setsockopt(fd, SOL_TCP, TCP_CONGESTION, bad, 4));
	step("congestion-null",
	     setsockopt(fd, SOL_TCP, TCP_CONGESTION, NULL, 4));
	nobody(true);
	named("congestion-nobody", TCP_CONGESTION, "reno", 4);
	named("congestion-nobody-unknown", TCP_CONGESTION, "nosuch", 6);
	nobody(false);
	lengths("cc-info", TCP_CC_INFO);
	lengths("ulp", TCP_ULP);
	named("ulp-unknown", TCP_ULP, "nosuch", 6);
	named("ulp-empty", TCP_ULP, "", 0);
	step("ulp-fault", setsockopt(fd, SOL_TCP, TCP_ULP, bad, 4));
	close(fd);
}

/* A send that connects, with the data in the SYN once there is a cookie. */
static void fast_open(void)
{
	struct ends e;
	union addr to;
	char buf[8];
	long ret;

	e.lfd = listener(8, &to);
	nonblock(e.lfd, true);
	e.fd = sock();
	step("fastopen-send", sendto(e.fd, "fast", 4, MSG_FASTOPEN |
				     MSG_NOSIGNAL, &to.sa, fam->len));
	step_ev("fastopen-poll", 0, poll_now(e.fd));
	e.peer = step_fd("fastopen-accept", accept(e.lfd, NULL, NULL));
	ret = recv(e.peer, buf, sizeof(buf), MSG_DONTWAIT);
	step_buf("fastopen-recv", ret, buf);
	shut(&e);
}

/* The clock of a connection's time stamps is read, and runs. */
static void timestamp_runs(void)
{
	struct ends e;
	int before, ms;

	pair(&e);
	before = geti(e.fd, SOL_TCP, TCP_TIMESTAMP);
	sleep_ms(1000);
	ms = geti(e.fd, SOL_TCP, TCP_TIMESTAMP) - before;
	check("timestamp-runs", ms > 900 && ms < 1100);
	shut(&e);
}

void g_tcp_later(void)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(later_opts); i++) {
		fd = sock();
		opt_values(fd, SOL_TCP, &later_opts[i]);
		close(fd);
	}
	fd = sock();
	nobody(true);
	step("repair-nobody", seti(fd, SOL_TCP, TCP_REPAIR, 1));
	nobody(false);
	step("timestamp-set", seti(fd, SOL_TCP, TCP_TIMESTAMP, 1));
	close(fd);
	timestamp_runs();
	saved_syn(0, 0);
	saved_syn(1, 0);
	saved_syn(2, 14);
	saved_syn_disconnect();
	fast_open();
}
