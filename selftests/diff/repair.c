// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: TCP_REPAIR: each of its calls in each state of a socket, with and without
 * the rights and the mode; what their arguments may be; and a connection that moves.
 */
#include <linux/sockios.h>
#include <linux/tcp.h>

#include "diff.h"

#define MSS	2		/* kinds of options on the wire, for TCP_REPAIR_OPTIONS */
#define WSCALE	3
#define SACK	4
#define TS	8

static const char * const queues[] = { "none", "recv", "send" };

static long repair(int fd, int mode)
{
	return seti(fd, SOL_TCP, TCP_REPAIR, mode);
}

static long queue(int fd, int nr)
{
	return seti(fd, SOL_TCP, TCP_REPAIR_QUEUE, nr);
}

static long get(int fd, int opt, void *val, socklen_t len)
{
	return getsockopt(fd, SOL_TCP, opt, val, &len);
}

static long get_window(int fd, struct tcp_repair_window *w)
{
	return get(fd, TCP_REPAIR_WINDOW, w, sizeof(*w));
}

static long set_window(int fd, const struct tcp_repair_window *w)
{
	return setsockopt(fd, SOL_TCP, TCP_REPAIR_WINDOW, w, sizeof(*w));
}

static long set_option(int fd, int kind, unsigned int val)
{
	struct tcp_repair_opt opt = { kind, val };

	return setsockopt(fd, SOL_TCP, TCP_REPAIR_OPTIONS, &opt, sizeof(opt));
}

static int count(int fd, unsigned long cmd)
{
	int n = -1;

	ioctl(fd, cmd, &n);
	return n;
}

/* In CLOSED no queue means anything */
static void show_queued(const char *name, int fd)
{
	struct tcp_info ti = {};

	get(fd, TCP_INFO, &ti, sizeof(ti));
	if (ti.tcpi_state == 7 /* TCP_CLOSE */)
		step_ev(name, 0, poll_now(fd));
	else
		step_fmt(name, 0, ev_str(poll_now(fd)), "in %d out %d unsent %d",
			 count(fd, SIOCINQ), count(fd, SIOCOUTQ), count(fd, SIOCOUTQNSD));
}

/* --- each call in each state --- */

static void queue_calls(const char *state, int fd, int q)
{
	const char *name = queues[q];
	char buf[64];
	long ret;

	ret = recv(fd, buf, sizeof(buf), NOW | MSG_PEEK);
	step_buf(nm("%s-%s-peek", state, name), ret, buf);
	ret = recv(fd, buf, 1, NOW | MSG_PEEK);
	step_buf(nm("%s-%s-peek-1", state, name), ret, buf);
	ret = recv(fd, buf, 1, NOW);
	step_buf(nm("%s-%s-recv", state, name), ret, buf);
	step(nm("%s-%s-recv-oob", state, name), recv(fd, buf, 1, NOW | MSG_OOB));
	step(nm("%s-%s-send", state, name), send(fd, "ab", 2, NOW));
	step(nm("%s-%s-send-0", state, name), send(fd, "", 0, NOW));
	show_queued(nm("%s-%s-queued", state, name), fd);
}

static void all_options(const char *state, const char *mode, int fd)
{
	struct tcp_repair_window w = {};
	int q, seq;

	step_fmt(nm("%s-%s-mode", state, mode), 0, "-", "%d reuse %d",
		 geti(fd, SOL_TCP, TCP_REPAIR), geti(fd, SOL_SOCKET, SO_REUSEADDR));
	for (q = 0; q < (int)ARRAY_SIZE(queues); q++) {
		step(nm("%s-%s-%s", state, mode, queues[q]), queue(fd, q));
		step_val(nm("%s-%s-%s-got", state, mode, queues[q]), 0,
			 geti(fd, SOL_TCP, TCP_REPAIR_QUEUE));
		seq = 1;
		step(nm("%s-%s-%s-seq", state, mode, queues[q]),
		     get(fd, TCP_QUEUE_SEQ, &seq, sizeof(seq)));
		step(nm("%s-%s-%s-seq-set", state, mode, queues[q]),
		     seti(fd, SOL_TCP, TCP_QUEUE_SEQ, seq));
	}
	step(nm("%s-%s-window", state, mode), get_window(fd, &w));
	step(nm("%s-%s-window-set", state, mode), set_window(fd, &w));
	step(nm("%s-%s-options", state, mode), set_option(fd, SACK, 0));
	step(nm("%s-%s-timestamp", state, mode), seti(fd, SOL_TCP, TCP_TIMESTAMP, 12345));
}

static void in_state(int state)
{
	const char *name = state_name(state);
	union addr none = { .sa.sa_family = AF_UNSPEC };
	struct ends e;
	int q;

	state_make(state, &e);
	all_options(name, "off", e.fd);
	nobody(true);
	step(nm("%s-nobody", name), repair(e.fd, TCP_REPAIR_ON));
	nobody(false);
	step(nm("%s-on", name), repair(e.fd, TCP_REPAIR_ON));
	all_options(name, "on", e.fd);
	for (q = 0; q < (int)ARRAY_SIZE(queues); q++) {
		queue(e.fd, q);
		queue_calls(name, e.fd, q);
	}
	nobody(true);
	step(nm("%s-nobody-off", name), repair(e.fd, TCP_REPAIR_OFF));
	nobody(false);
	step(nm("%s-disconnect", name), connect(e.fd, &none.sa, sizeof(none.sa)));
	step_val(nm("%s-disconnect-error", name), 0, so_error(e.fd));
	settle();
	if (e.peer >= 0)
		step_ev(nm("%s-disconnect-peer", name), 0, poll_now(e.peer));
	step(nm("%s-no-probe", name), repair(e.fd, TCP_REPAIR_OFF_NO_WP));
	shut(&e);
}

/* close() and shutdown(): what the peer hears of it */
static void ends_in_state(int state)
{
	const char *name = state_name(state);
	struct ends e;

	state_make(state, &e);
	step(nm("%s-half-on", name), repair(e.fd, TCP_REPAIR_ON));
	queue(e.fd, TCP_SEND_QUEUE);
	step(nm("%s-half", name), shutdown(e.fd, SHUT_WR));
	settle();
	show_queued(nm("%s-half-queued", name), e.fd);
	if (e.peer >= 0)
		step_ev(nm("%s-half-peer", name), 0, poll_now(e.peer));
	step(nm("%s-close", name), close(e.fd));
	settle();
	if (e.peer >= 0)
		step_ev(nm("%s-close-peer", name), 0, poll_now(e.peer));
	e.fd = -1;
	shut(&e);
}

void g_repair(void)
{
	int i;

	for (i = 0; i < state_count(); i++) {
		in_state(i);
		ends_in_state(i);
	}
}

/* --- arguments --- */

static void option_values(int fd)
{
	static const struct {
		const char *name;
		int kind;
		unsigned int val;
	} values[] = {
		{ "mss", MSS, 1000 }, { "mss-wide", MSS, 65536 + 1000 }, { "mss-large", MSS, 65535 },
		{ "wscale", WSCALE, 14 | 14 << 16 }, { "wscale-snd", WSCALE, 15 },
		{ "wscale-rcv", WSCALE, 15 << 16 }, { "wscale-none", WSCALE, 0 },
		{ "sack", SACK, 0 }, { "sack-1", SACK, 1 }, { "ts", TS, 0 }, { "ts-1", TS, 1 },
		{ "unknown", 99, 1 }, { "none", 0, 0 },
	};
	struct tcp_repair_opt two[] = { { WSCALE, 7 }, { WSCALE, 15 } };
	struct tcp_info ti = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		step(nm("option-%s", values[i].name), set_option(fd, values[i].kind, values[i].val));
		get(fd, TCP_INFO, &ti, sizeof(ti));
		step_fmt(nm("option-%s-got", values[i].name), 0, "-", "mss %d options %#x scale %d %d",
			 geti(fd, SOL_TCP, TCP_MAXSEG), ti.tcpi_options, ti.tcpi_snd_wscale,
			 ti.tcpi_rcv_wscale);
	}
	for (i = 0; i <= sizeof(two); i++)
		step(nm("options-len-%zu", i), setsockopt(fd, SOL_TCP, TCP_REPAIR_OPTIONS, two, i));
	get(fd, TCP_INFO, &ti, sizeof(ti));
	step_val("options-first-counts", 0, ti.tcpi_snd_wscale);
	step("options-fault", setsockopt(fd, SOL_TCP, TCP_REPAIR_OPTIONS, bad, 8));
	step("options-fault-second", setsockopt(fd, SOL_TCP, TCP_REPAIR_OPTIONS, bad - 8, 16));
}

static void window_sizes(int fd)
{
	struct tcp_repair_window w[2] = {};
	size_t i;

	for (i = 0; i < sizeof(w); i++) {
		step(nm("window-get-len-%zu", i), get(fd, TCP_REPAIR_WINDOW, w, i));
		step(nm("window-set-len-%zu", i), setsockopt(fd, SOL_TCP, TCP_REPAIR_WINDOW, w, i));
	}
	step("window-get-fault", get(fd, TCP_REPAIR_WINDOW, bad, sizeof(*w)));
	step("window-set-fault", setsockopt(fd, SOL_TCP, TCP_REPAIR_WINDOW, bad, sizeof(*w)));
	step("window-set-fault-end", setsockopt(fd, SOL_TCP, TCP_REPAIR_WINDOW, bad - 4, sizeof(*w)));
}

/* The numbers are told from RCV.NXT on: @seq */
static void window_values(int fd, unsigned int seq)
{
	static const struct tcp_repair_window values[] = {
		{ -1, 1000, 1000, 5000, 0 },
		{ -1, 0, 0, 0, 0 },
		{ -1, 1000, 999, 5000, 0 },
		{ -1, ~0U, ~0U, 5000, 0 },
		{ -1, 1000, ~0U, 5000, 0 },
		{ 5000, 1000, 1000, 5000, 0 },
		{ 5001, 1000, 1000, 5000, 0 },
		{ 1 << 31, 1000, 1000, 0, 0 },
		{ -1, 1000, 1000, 5000, 1 },
		{ -1, 1000, 1000, 5000, -1 },
		{ -1, 1000, 1000, 5000, -6000 },
		{ -1, 1000, 1000, ~0U, 0 },
		{ -1, 1000, 1000, 1 << 31, -1 },
	};
	struct tcp_repair_window w, got;
	size_t i;
	long ret;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		w = values[i];
		w.snd_wl1 += seq;
		w.rcv_wup += seq;
		step(nm("window-%zu", i), set_window(fd, &w));
		ret = get_window(fd, &got);
		step_fmt(nm("window-%zu-got", i), ret, "-", "wl1 %d wnd %u max %u rcv %u wup %d",
			 got.snd_wl1 - seq, got.snd_wnd, got.max_window, got.rcv_wnd,
			 got.rcv_wup - seq);
	}
}

/* A fresh socket that is ESTABLISHED, by numbers that nobody knows of */
static int restored(const char *name, unsigned int snd, unsigned int rcv)
{
	union addr to;
	int fd = sock();

	addr(&to, fam->lo2, PORT + 1);
	repair(fd, TCP_REPAIR_ON);
	bind_to(fd, fam->lo, PORT);
	queue(fd, TCP_SEND_QUEUE);
	seti(fd, SOL_TCP, TCP_QUEUE_SEQ, snd);
	queue(fd, TCP_RECV_QUEUE);
	seti(fd, SOL_TCP, TCP_QUEUE_SEQ, rcv);
	step(name, connect_to(fd, &to));
	return fd;
}

static void modes(void)
{
	static const int values[] = { 1, 0, -1, 2, -2, 1 << 30 };
	size_t i;
	int fd = sock();

	seti(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		step(nm("mode-%d", values[i]), repair(fd, values[i]));
		step_fmt(nm("mode-%d-got", values[i]), 0, "-", "%d reuse %d",
			 geti(fd, SOL_TCP, TCP_REPAIR), geti(fd, SOL_SOCKET, SO_REUSEADDR));
	}
	repair(fd, TCP_REPAIR_ON);
	for (i = 0; i < ARRAY_SIZE(values); i++)
		step(nm("queue-%d", values[i]), queue(fd, values[i]));
	queue(fd, TCP_SEND_QUEUE);
	repair(fd, TCP_REPAIR_ON);
	step_val("queue-forgotten", 0, geti(fd, SOL_TCP, TCP_REPAIR_QUEUE));
	close(fd);
}

static void numbers(void)
{
	static const unsigned int values[] = { 1, 0, ~0U, 1U << 31 };
	int fd = sock(), q, seq;
	size_t i;

	repair(fd, TCP_REPAIR_ON);
	for (q = 0; q < (int)ARRAY_SIZE(queues); q++) {
		queue(fd, q);
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			step(nm("seq-%s-%zu", queues[q], i),
			     seti(fd, SOL_TCP, TCP_QUEUE_SEQ, values[i]));
			seq = 0;
			step_val(nm("seq-%s-%zu-got", queues[q], i),
				 get(fd, TCP_QUEUE_SEQ, &seq, sizeof(seq)), seq);
		}
	}
	close(fd);
}

/* A port that is in use, to bind(), to listen(), and with the same peer */
static void ports(void)
{
	struct ends e;
	union addr a;
	int fd = sock();

	e.lfd = listener(8, &a);
	step("port-taken", bind(fd, &a.sa, addr_len(&a)));
	repair(fd, TCP_REPAIR_ON);
	step("port-forced", bind(fd, &a.sa, addr_len(&a)));
	repair(fd, TCP_REPAIR_OFF);
	step("port-listen", listen(fd, 8));
	repair(fd, TCP_REPAIR_ON);
	step("port-listen-forced", listen(fd, 8));
	step("port-listen-off", repair(fd, TCP_REPAIR_OFF));
	close(fd);
	close(e.lfd);
	fd = restored("port-first", 1000, 2000);
	close(restored("port-same-peer", 1000, 2000));
	close(fd);
	close(restored("port-again", 1000, 2000));
}

/* A child has the mode of its listener */
static void accepted(void)
{
	struct ends e;
	union addr a;
	char c;

	e.lfd = sock();
	repair(e.lfd, TCP_REPAIR_ON);
	bind_to(e.lfd, fam->lo, PORT);
	step("accept-listen", listen(e.lfd, 8));
	addr(&a, fam->lo, PORT);
	e.fd = sock();
	step("accept-connect", connect_to(e.fd, &a));
	e.peer = step_fd("accept", accept(e.lfd, NULL, NULL));
	step_val("accept-mode", 0, geti(e.peer, SOL_TCP, TCP_REPAIR));
	step("accept-recv", recv(e.peer, &c, 1, NOW));
	step("accept-off", repair(e.peer, TCP_REPAIR_OFF));
	step("accept-recv-off", recv(e.peer, &c, 1, NOW));
	shut(&e);
}

/* Options are for a connection that has sent nothing */
static void options_when(void)
{
	struct ends e;
	char c;

	pair(&e);
	step("option-off", set_option(e.fd, SACK, 0));
	repair(e.fd, TCP_REPAIR_ON);
	step("option-before", set_option(e.fd, SACK, 0));
	repair(e.fd, TCP_REPAIR_OFF);
	send(e.fd, "x", 1, NOW);
	await(e.peer, POLLIN);
	recv(e.peer, &c, 1, NOW);
	repair(e.fd, TCP_REPAIR_ON);
	step("option-after", set_option(e.fd, SACK, 0));
	shut(&e);
}

/* With the mode off again connect() sends a SYN with the number */
static void number_of_syn(void)
{
	struct ends e;
	union addr a;
	int seq = 0;

	e.lfd = listener(8, &a);
	e.fd = sock();
	repair(e.fd, TCP_REPAIR_ON);
	queue(e.fd, TCP_SEND_QUEUE);
	seti(e.fd, SOL_TCP, TCP_QUEUE_SEQ, 7000);
	repair(e.fd, TCP_REPAIR_OFF);
	step("syn-connect", connect_to(e.fd, &a));
	e.peer = accept(e.lfd, NULL, NULL);
	step_val("syn-seq", get(e.fd, TCP_QUEUE_SEQ, &seq, sizeof(seq)), seq);
	send_hello(e.fd);
	step_ev("syn-data", 0, await(e.peer, POLLIN));
	shut(&e);
}

/* The receive buffer takes so much, and no more */
static void fill_receive_queue(void)
{
	static char data[1 << 16];
	int fd = restored("fill", 1000, 2000), i;
	long sum = 0, ret = 0;

	queue(fd, TCP_RECV_QUEUE);
	for (i = 0; i < 1000 && ret >= 0; i++) {
		ret = send(fd, data, sizeof(data), NOW);
		sum += ret > 0 ? ret : 0;
	}
	step("fill-recv", ret > 0 ? 0 : ret);
	check("fill-recv-all", count(fd, SIOCINQ) == sum && sum >= 1 << 16);
	close(fd);
}

void g_repair_calls(void)
{
	int fd;

	modes();
	numbers();
	ports();
	accepted();
	options_when();
	number_of_syn();
	fill_receive_queue();
	fd = restored("restored", 1000, 2000);
	show_queued("restored-queued", fd);
	step_names("restored-names", fd);
	option_values(fd);
	window_sizes(fd);
	window_values(fd, 2000);
	close(fd);
}

/* --- a connection moves to another socket, as CRIU does it --- */

struct saved {
	union addr me, peer;
	unsigned int seq[3];
	int len[3], mss, timestamp;
	char data[3][64];
	struct tcp_info ti;
	struct tcp_repair_window w;
};

static void save_queue(const char *name, int fd, struct saved *s, int q)
{
	long ret;

	queue(fd, q);
	step(nm("%s-save-%s-seq", name, queues[q]),
	     get(fd, TCP_QUEUE_SEQ, &s->seq[q], sizeof(s->seq[q])));
	ret = recv(fd, s->data[q], sizeof(s->data[q]), NOW | MSG_PEEK);
	step_buf(nm("%s-save-%s", name, queues[q]), ret, s->data[q]);
}

static void save(const char *name, int fd, struct saved *s)
{
	socklen_t len = sizeof(s->me);

	getsockname(fd, &s->me.sa, &len);
	len = sizeof(s->peer);
	getpeername(fd, &s->peer.sa, &len);
	step(nm("%s-save-on", name), repair(fd, TCP_REPAIR_ON));
	step_val(nm("%s-save-state", name), get(fd, TCP_INFO, &s->ti, sizeof(s->ti)), s->ti.tcpi_state);
	s->len[TCP_RECV_QUEUE] = count(fd, SIOCINQ);
	s->len[TCP_SEND_QUEUE] = count(fd, SIOCOUTQ);
	show_queued(nm("%s-save-queued", name), fd);
	save_queue(name, fd, s, TCP_RECV_QUEUE);
	save_queue(name, fd, s, TCP_SEND_QUEUE);
	step(nm("%s-save-window", name), get_window(fd, &s->w));
	s->mss = geti(fd, SOL_TCP, TCP_MAXSEG);
	step_fmt(nm("%s-save-options", name), 0, "-", "mss %d options %#x", s->mss, s->ti.tcpi_options);
	s->timestamp = geti(fd, SOL_TCP, TCP_TIMESTAMP);
	step(nm("%s-save-close", name), close(fd));
}

static void restore_options(const char *name, int fd, const struct saved *s)
{
	step(nm("%s-restore-mss", name), set_option(fd, MSS, s->mss));
	step(nm("%s-restore-wscale", name), set_option(fd, WSCALE, s->ti.tcpi_snd_wscale |
					  s->ti.tcpi_rcv_wscale << 16));
	step(nm("%s-restore-sack", name), set_option(fd, SACK, 0));
	step(nm("%s-restore-ts", name), set_option(fd, TS, 0));
	step(nm("%s-restore-timestamp", name), seti(fd, SOL_TCP, TCP_TIMESTAMP, s->timestamp));
}

static int restore(const char *name, const struct saved *s)
{
	int fd = sock(), q;

	step(nm("%s-restore-on", name), repair(fd, TCP_REPAIR_ON));
	step(nm("%s-restore-bind", name), bind(fd, &s->me.sa, addr_len(&s->me)));
	for (q = TCP_RECV_QUEUE; q <= TCP_SEND_QUEUE; q++) {
		queue(fd, q);
		step(nm("%s-restore-%s-seq", name, queues[q]),
		     seti(fd, SOL_TCP, TCP_QUEUE_SEQ, s->seq[q] - s->len[q]));
	}
	step(nm("%s-restore-connect", name), connect_to(fd, &s->peer));
	restore_options(name, fd, s);
	for (q = TCP_RECV_QUEUE; q <= TCP_SEND_QUEUE; q++) {
		queue(fd, q);
		step(nm("%s-restore-%s", name, queues[q]), send(fd, s->data[q], s->len[q], NOW));
	}
	step(nm("%s-restore-window", name), set_window(fd, &s->w));
	show_queued(nm("%s-restore-queued", name), fd);
	return fd;
}

static void move(const char *name, int off)
{
	struct saved s = {};
	struct ends e;
	char buf[64];
	long ret;

	step(name, pair(&e));
	send_hello(e.peer);
	await(e.fd, POLLIN);
	deaf(e.peer);
	step(nm("%s-send", name), send(e.fd, "world", 5, NOW));
	save(name, e.fd, &s);
	e.fd = restore(name, &s);
	hear_again(e.peer);
	step(nm("%s-off", name), repair(e.fd, off));
	step_ev(nm("%s-peer", name), 0, await(e.peer, POLLIN));
	ret = recv(e.peer, buf, sizeof(buf), NOW);
	step_buf(nm("%s-peer-recv", name), ret, buf);
	ret = recv(e.fd, buf, sizeof(buf), NOW);
	step_buf(nm("%s-recv", name), ret, buf);
	step(nm("%s-out", name), outq_empty(e.fd));
	step(nm("%s-send-more", name), send(e.fd, "more", 4, NOW));
	step_ev(nm("%s-peer-more", name), 0, await(e.peer, POLLIN));
	shutdown(e.fd, SHUT_WR);
	step_ev(nm("%s-shut", name), 0, await(e.peer, POLLRDHUP));
	shut(&e);
}

void g_repair_move(void)
{
	move("move", TCP_REPAIR_OFF);
	move("silently", TCP_REPAIR_OFF_NO_WP);
}
