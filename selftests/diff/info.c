// SPDX-License-Identifier: GPL-2.0
/* Groups: what TCP_INFO tells, and what happens when the peer is silent. */
#include <linux/tcp.h>

#include "diff.h"

static void fetch(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	getsockopt(fd, tcp_level, TCP_INFO, ti, &len);
}

#define FIELD(ti, f)	step_val(nm("%s-" #f, name), 0, (long)(ti)->tcpi_##f)

static void fields(const char *name, int fd)
{
	struct tcp_info t, *ti = &t;

	fetch(fd, ti);
	FIELD(ti, state);
	FIELD(ti, ca_state);
	FIELD(ti, retransmits);
	FIELD(ti, probes);
	FIELD(ti, backoff);
	FIELD(ti, options);
	FIELD(ti, snd_wscale);
	FIELD(ti, rcv_wscale);
	FIELD(ti, snd_mss);
	FIELD(ti, rcv_mss);
	FIELD(ti, advmss);
	FIELD(ti, pmtu);
	FIELD(ti, unacked);
	FIELD(ti, sacked);
	FIELD(ti, lost);
	FIELD(ti, retrans);
	FIELD(ti, total_retrans);
	FIELD(ti, reordering);
	FIELD(ti, snd_cwnd);
	FIELD(ti, snd_ssthresh);
	FIELD(ti, bytes_acked);
	FIELD(ti, bytes_received);
	FIELD(ti, bytes_sent);
	FIELD(ti, bytes_retrans);
	FIELD(ti, notsent_bytes);
	FIELD(ti, segs_out);
	FIELD(ti, segs_in);
	FIELD(ti, data_segs_out);
	FIELD(ti, data_segs_in);
	FIELD(ti, delivered);
	FIELD(ti, dsack_dups);
	FIELD(ti, reord_seen);
	FIELD(ti, rcv_ooopack);
	FIELD(ti, delivery_rate_app_limited);
	FIELD(ti, fastopen_client_fail);
}

static void clocks(const char *name, int fd)
{
	struct tcp_info ti;

	fetch(fd, &ti);
	check(nm("%s-rto", name), ti.tcpi_rto >= 200000 && ti.tcpi_rto < 1000000);
	check(nm("%s-rtt", name), ti.tcpi_rtt < 200000);
	check(nm("%s-ato", name), ti.tcpi_ato <= 200000);
	step_val(nm("%s-last-data-sent", name), 0, ti.tcpi_last_data_sent / 250);
	step_val(nm("%s-last-data-recv", name), 0, ti.tcpi_last_data_recv / 250);
	step_val(nm("%s-last-ack-recv", name), 0, ti.tcpi_last_ack_recv / 250);
	check(nm("%s-pacing", name), ti.tcpi_pacing_rate > 0);
}

static void sizes(void)
{
	struct tcp_info ti;
	socklen_t len;
	int fd = sock();
	long ret;

	len = sizeof(ti);
	ret = getsockopt(fd, tcp_level, TCP_INFO, &ti, &len);
	check("len-full", !ret && len > 200);
	len = 8;
	ret = getsockopt(fd, tcp_level, TCP_INFO, &ti, &len);
	step_fmt("len-8", ret, "-", "len=%u", len);
	len = 0;
	ret = getsockopt(fd, tcp_level, TCP_INFO, &ti, &len);
	step_fmt("len-0", ret, "-", "len=%u", len);
	step("set", seti(fd, tcp_level, TCP_INFO, 1));
	close(fd);
}

void g_info(void)
{
	struct ends e;
	char buf[16];
	int i;

	sizes();
	e.fd = sock();
	fields("fresh", e.fd);
	close(e.fd);
	pair(&e);
	fields("client", e.fd);
	fields("server", e.peer);
	for (i = 0; i < 4; i++) {
		send_hello(e.fd);
		await(e.peer, POLLIN);
		recv(e.peer, buf, sizeof(buf), NOW);
		send_hello(e.peer);
		await(e.fd, POLLIN);
		recv(e.fd, buf, sizeof(buf), NOW);
	}
	sleep_ms(400);
	fields("client-data", e.fd);
	fields("server-data", e.peer);
	clocks("client", e.fd);
	clocks("server", e.peer);
	shutdown(e.fd, SHUT_WR);
	outq_empty(e.fd);
	fields("fin-wait", e.fd);
	fields("close-wait", e.peer);
	shut(&e);
	pair(&e);
	deaf(e.peer);
	send_hello(e.fd);
	fields("unacked", e.fd);
	sleep_ms(1000);
	hearing(e.peer);
	step("recovers", outq_empty(e.fd));
	shut(&e);
}

/* The peer is dead: what each call says when the connection has timed out. */
static void dies(const char *name, struct ends *e)
{
	char c;

	step_ev(nm("%s-poll", name), 0, await(e->fd, POLLERR));
	step(nm("%s-recv", name), recv(e->fd, &c, 1, NOW));
	step(nm("%s-recv-2", name), recv(e->fd, &c, 1, NOW));
	step(nm("%s-send", name), send(e->fd, "x", 1, 0));
	hearing(e->peer);
	shut(e);
}

void g_timeouts(void)
{
	struct ends e;
	char buf[16];
	long ret;

	pair(&e);
	seti(e.fd, SOL_TCP, TCP_KEEPIDLE, 1);
	seti(e.fd, SOL_TCP, TCP_KEEPINTVL, 1);
	seti(e.fd, SOL_TCP, TCP_KEEPCNT, 2);
	step("keepalive-set", seti(e.fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	sleep_ms(4000);
	step_ev("keepalive-answered", 0, poll_now(e.fd));
	deaf(e.peer);
	dies("keepalive", &e);
	pair(&e);
	step("user-timeout-set", seti(e.fd, SOL_TCP, TCP_USER_TIMEOUT, 1500));
	deaf(e.peer);
	step("user-timeout-lost", send(e.fd, "x", 1, NOW));
	dies("user-timeout", &e);
	pair(&e);
	deaf(e.peer);
	step("lost", send(e.fd, "lost", 4, NOW));
	step_val("lost-outq", 0, outq(e.fd));
	sleep_ms(500);
	step_ev("lost-poll", 0, poll_now(e.peer));
	hearing(e.peer);
	step_ev("lost-found", 0, await(e.peer, POLLIN));
	ret = recv(e.peer, buf, sizeof(buf), NOW);
	step_buf("lost-recv", ret, buf);
	step_val("lost-outq-empty", 0, outq_empty(e.fd));
	deaf(e.peer);
	shutdown(e.fd, SHUT_WR);
	sleep_ms(500);
	step_ev("lost-fin", 0, poll_now(e.peer));
	hearing(e.peer);
	step_ev("lost-fin-found", 0, await(e.peer, POLLRDHUP));
	shut(&e);
	/* A blocked sender learns it, too */
	pair(&e);
	fill(e.fd);
	seti(e.fd, SOL_TCP, TCP_USER_TIMEOUT, 1000);
	deaf(e.peer);
	step("blocked-send", send(e.fd, "x", 1, MSG_NOSIGNAL));
	step("blocked-send-2", send(e.fd, "x", 1, MSG_NOSIGNAL));
	shut(&e);
}
