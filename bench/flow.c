// SPDX-License-Identifier: GPL-2.0
/*
 * One measurement of bench/net: sets the wire's two directions, opens both ends
 * of the connections, moves the bytes, and prints what it took as one line of
 * JSON. Both ends live in this one process, each in its own namespace, so that
 * one clock times both.
 *
 *	flow long|short|share|both|udp NAME=VALUE...
 *
 *	long	one connection, "bytes" from client to server
 *	short	"flows" connections one after the other, each on a wire of its own seed
 *	share	two connections at once, of "protocol" and "protocol2", for "seconds"
 *	both	one connection, "bytes" each way at once, every byte compared
 *	udp	"flows" datagrams of "bytes" at once: what the wire itself does
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "wire/wire.h"

#define SECOND		1000000000ULL
#define CHUNK		(1 << 20)
#define WORTH_IT	(128 << 10)
#define BATCH		256
#define PORT		5001
#define SERVER		"10.2.0.2"

/* What the command line says. */
static struct options {
	double rate;		/* bit/s */
	double back;		/* bit/s on the way back; 0: the same */
	double rtt;		/* s */
	double spread;		/* the delay differs by this part of it, both ways */
	double police;		/* bit/s; 0: there is no policer */
	double bucket;		/* bytes */
	double jitter;		/* s, at the access link */
	double loss, burst, burst_end, reorder, duplicate, corrupt;	/* 0 to 1 */
	double seed;
	double protocol, protocol2;
	double bytes;
	double flows;
	double seconds;		/* a limit; with share, the length */
	double skip;		/* s that share does not count at the start */
	char congestion[16];
} opt = { .protocol = IPPROTO_TCP, .protocol2 = IPPROTO_TCP, .seconds = 3600, .flows = 1 };

static const struct number_option {
	const char *name;
	double *value;
} number_options[] = {
	{ "rate", &opt.rate }, { "back", &opt.back }, { "rtt", &opt.rtt },
	{ "spread", &opt.spread }, { "jitter", &opt.jitter },
	{ "police", &opt.police }, { "bucket", &opt.bucket },
	{ "loss", &opt.loss }, { "burst", &opt.burst }, { "burst_end", &opt.burst_end },
	{ "reorder", &opt.reorder }, { "duplicate", &opt.duplicate },
	{ "corrupt", &opt.corrupt }, { "seed", &opt.seed },
	{ "protocol", &opt.protocol }, { "protocol2", &opt.protocol2 },
	{ "bytes", &opt.bytes }, { "flows", &opt.flows }, { "seconds", &opt.seconds },
	{ "skip", &opt.skip },
};

/* One direction of a connection. Two threads work at it with calls that block
 * and take much at once: to enter the kernel is what costs on User-mode Linux.
 */
struct stream {
	int from, to;
	int listener;		/* at which @to is still to be accepted, and */
	int port;		/* to which @from is to be connected; or 0 */
	uint64_t size;		/* bytes to move */
	uint64_t key;		/* of the contents; 0: nobody looks at them */
	uint64_t mark;		/* a time at which to note */
	uint64_t at_mark;	/* how much there was */
	uint64_t deadline;	/* when to stop in any case */
	uint64_t received;
	uint64_t end;		/* when the last of it was there */
	uint64_t wrong;		/* bytes that arrived as something else */
	pthread_t sender, receiver;
};

static void die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	fputs("flow: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void sleep_until(uint64_t then)
{
	struct timespec ts = { .tv_sec = then / SECOND, .tv_nsec = then % SECOND };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

/* Waits for the next multiple of ten minutes, later of one second, so that the
 * kernel's periodic work falls into the same moments each time; and then a few ms,
 * others for each run: timers that count ticks shall not always meet the same phase.
 */
static void wait_for_start(uint64_t run)
{
	uint64_t z = (opt.seed * 1000 + run + 1) * 0x9e3779b97f4a7c15ULL;
	uint64_t step = run ? SECOND : 600 * SECOND;

	sleep_until((now() / step + 1) * step + ((z ^ z >> 31) >> 20) % 10000000);
}

/* --- namespaces and wires ------------------------------------------------ */

/* Goes into a namespace that "ip netns" made. */
static void enter(const char *name)
{
	static char present[16];
	char path[64];
	int fd;

	if (!strcmp(name, present))
		return;
	snprintf(present, sizeof(present), "%s", name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("namespace %s", name);
	close(fd);
}

/* A private ioctl of one device; the sockets for it are kept. */
static void wire_control(const char *ns, const char *dev, unsigned long request, void *data)
{
	static struct {
		const char *ns;
		int fd;
	} known[3];
	struct ifreq ifr = { .ifr_data = data };
	int i = 0;

	while (known[i].ns && strcmp(known[i].ns, ns))
		i++;
	if (!known[i].ns) {
		enter(ns);
		known[i].ns = ns;
		known[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(known[i].fd, request, &ifr))
		die("%s", dev);
}

static uint32_t probability(double p)
{
	double scaled = p * 4294967296.0;

	return scaled >= 4294967295.0 ? UINT32_MAX : (uint32_t)(scaled + 0.5);
}

/* Sets both directions anew, empty; the number of the run makes its seed. */
static void set_wires(uint64_t run)
{
	struct wire_path path = {
		.rate = opt.rate,
		.delay = opt.rtt / 2 * (1 - opt.spread) * SECOND,
		.jitter = opt.rtt * opt.spread * SECOND,
		.police = opt.police,
		.bucket = opt.bucket,
		.loss = probability(opt.loss),
		.burst = probability(opt.burst),
		.burst_end = probability(opt.burst_end),
		.reorder = probability(opt.reorder),
		.duplicate = probability(opt.duplicate),
		.corrupt = probability(opt.corrupt),
	};
	struct wire_path access = { .jitter = opt.jitter * SECOND };
	uint64_t seed = ((uint64_t)opt.seed << 32) + (run << 2);

	path.seed = seed;
	wire_control("router", "bottleneck", WIRE_SET, &path);
	path.seed = seed + 1;
	path.rate = opt.back ?: opt.rate;
	path.police = 0;
	wire_control("server", "bottleneck.peer", WIRE_SET, &path);
	access.seed = seed + 2;
	wire_control("client", "access", WIRE_SET, &access);
	access.jitter = 0;
	wire_control("router", "access.peer", WIRE_SET, &access);
	wait_for_start(run);
}

static struct wire_counts forward_counts(void)
{
	struct wire_counts counts;

	wire_control("router", "bottleneck", WIRE_COUNTS, &counts);
	return counts;
}

/* Waits until nothing new has come into the wire for a whole round trip. */
static struct wire_counts settle(void)
{
	struct wire_counts last, counts = forward_counts();
	int tries = 50;

	do {
		last = counts;
		sleep_until(now() + opt.rtt * SECOND + 50000000);
		counts = forward_counts();
	} while ((counts.packets != last.packets || counts.in_flight) && --tries);
	return counts;
}

/* --- sockets ------------------------------------------------------------- */

static void set_int(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die("setsockopt %d", name);
}

/* How long calls on a socket may block: SO_RCVTIMEO or SO_SNDTIMEO. */
static void set_limit(int fd, int name, uint64_t ns)
{
	struct timeval tv = { ns / SECOND, ns % SECOND / 1000 };

	if (!tv.tv_sec && !tv.tv_usec)
		tv.tv_usec = 1;
	if (setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)))
		die("time-out");
}

static int stream_socket(const char *ns, int protocol)
{
	int fd;

	enter(ns);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		die("socket of protocol %d", protocol);
	if (opt.congestion[0] && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, opt.congestion,
					    strlen(opt.congestion))) {
		fprintf(stderr, "flow: protocol %d has no %s\n", protocol, opt.congestion);
		exit(3);
	}
	return fd;
}

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_aton(text, &sin.sin_addr);
	return sin;
}

static int listen_at(int protocol, int port)
{
	struct sockaddr_in sin = address(SERVER, port);
	int fd = stream_socket("server", protocol);

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) || listen(fd, 8))
		die("listen at port %d", port);
	set_limit(fd, SO_RCVTIMEO, opt.seconds * SECOND);
	return fd;
}

/* Ends a connection so that neither side says anything more than RST. */
static void abort_socket(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

/* --- streams ------------------------------------------------------------- */

/* Bytes of a stream from @pos on: a function of key and position. */
static void fill(unsigned char *buf, size_t len, uint64_t key, uint64_t pos)
{
	size_t done = 0;

	while (done < len) {
		uint64_t z = key + ((pos + done) / 8 + 1) * 0x9e3779b97f4a7c15ULL;
		size_t skip = (pos + done) % 8;
		size_t n = 8 - skip;

		if (n > len - done)
			n = len - done;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
		z ^= z >> 31;
		memcpy(buf + done, (unsigned char *)&z + skip, n);
		done += n;
	}
}

static uint64_t count_wrong(const unsigned char *buf, const unsigned char *want, size_t len)
{
	uint64_t wrong = 0;

	if (!memcmp(buf, want, len))
		return 0;
	for (size_t i = 0; i < len; i++)
		wrong += buf[i] != want[i];
	return wrong;
}

static size_t chunk_of(uint64_t left)
{
	return left < CHUNK ? left : CHUNK;
}

/* recv() or send() by its number, with no thread-local storage meanwhile. Waking a
 * thread that has some costs User-mode Linux four ptrace() calls, a third of all
 * the time the benchmark takes; and a receiver is woken for each packet.
 */
static ssize_t bare_call(long number, int fd, void *buf, size_t len, long flags)
{
	register long b asm("rbx") = (long)buf;
	register long l asm("r12") = len;
	register long f asm("r13") = flags;
	register long d asm("r14") = fd;
	register long result asm("r15") = number;
	unsigned long fs;

	syscall(SYS_arch_prctl, ARCH_GET_FS, &fs);
	asm volatile("mov %[prctl], %%eax; mov %[set], %%edi; xor %%esi, %%esi; syscall;"
		     "mov %[result], %%rax; mov %[d], %%rdi; mov %[b], %%rsi; mov %[l], %%rdx;"
		     "mov %[f], %%r10; xor %%r8d, %%r8d; xor %%r9d, %%r9d; syscall;"
		     "mov %%rax, %[result];"
		     "mov %[prctl], %%eax; mov %[set], %%edi; mov %[fs], %%rsi; syscall"
		     : [result] "+r" (result)
		     : [b] "r" (b), [l] "r" (l), [f] "r" (f), [d] "r" (d), [fs] "m" (fs),
		       [prctl] "i" (SYS_arch_prctl), [set] "i" (ARCH_SET_FS)
		     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

/* A short call is not worth that. */
static ssize_t transfer(long number, int fd, void *buf, size_t len, long flags)
{
	if (len >= WORTH_IT)
		return bare_call(number, fd, buf, len, flags);
	return number == SYS_sendto ? send(fd, buf, len, flags) : recv(fd, buf, len, flags);
}

static unsigned char *new_chunk(const struct stream *st)
{
	/* For bytes that nobody looks at. */
	static unsigned char scratch[CHUNK];

	return st->key ? malloc(CHUNK) : scratch;
}

static void free_chunk(const struct stream *st, unsigned char *buf)
{
	if (st->key)
		free(buf);
}

static void *send_all(void *arg)
{
	struct stream *st = arg;
	unsigned char *buf = new_chunk(st);
	struct sockaddr_in sin = address(SERVER, st->port);
	uint64_t sent = 0;

	if (st->port && connect(st->from, (struct sockaddr *)&sin, sizeof(sin)))
		sent = st->size;
	while (sent < st->size) {
		size_t len = chunk_of(st->size - sent);
		ssize_t n;

		if (st->key)
			fill(buf, len, st->key, sent);
		n = transfer(SYS_sendto, st->from, buf, len, MSG_NOSIGNAL);
		if (n < 0)
			break;
		sent += n;
	}
	free_chunk(st, buf);
	return NULL;
}

/* Receives until all has come or the time is over. */
static void receive(struct stream *st, unsigned char *buf, unsigned char *want)
{
	bool marked = !st->mark;

	while (st->received < st->size) {
		uint64_t t = now();
		size_t len = chunk_of(st->size - st->received);
		ssize_t n;

		if (!marked && t >= st->mark) {
			st->at_mark = st->received;
			marked = true;
		}
		if (t >= st->deadline)
			break;
		set_limit(st->to, SO_RCVTIMEO, (marked ? st->deadline : st->mark) - t);
		n = transfer(SYS_recvfrom, st->to, buf, len, MSG_WAITALL);
		if (!n || (n < 0 && errno != EAGAIN))
			break;
		if (n > 0 && st->key) {
			fill(want, n, st->key, st->received);
			st->wrong += count_wrong(buf, want, n);
		}
		st->received += n > 0 ? n : 0;
	}
}

static void *receive_all(void *arg)
{
	struct stream *st = arg;
	unsigned char *buf = new_chunk(st), *want = new_chunk(st);

	if (st->listener)
		st->to = accept4(st->listener, NULL, NULL, SOCK_CLOEXEC);
	if (st->to >= 0)
		receive(st, buf, want);
	st->end = now();
	free_chunk(st, buf);
	free_chunk(st, want);
	return NULL;
}

static void run_thread(pthread_t *thread, void *(*what)(void *), struct stream *st)
{
	int err = pthread_create(thread, NULL, what, st);

	if (err) {
		errno = err;
		die("thread");
	}
}

/* Opens a new connection, and lets bytes flow from client to server. */
static void begin(struct stream *st, int protocol, int listener, int port, uint64_t size)
{
	uint64_t t = now();

	*st = (struct stream){
		.from = stream_socket("client", protocol),
		.to = -1,
		.listener = listener,
		.port = port,
		.size = size,
		.mark = opt.skip ? t + opt.skip * SECOND : 0,
		.deadline = t + opt.seconds * SECOND,
	};
	set_limit(st->from, SO_SNDTIMEO, opt.seconds * SECOND);
	run_thread(&st->receiver, receive_all, st);
	run_thread(&st->sender, send_all, st);
}

/* Waits for the receiver, then ends the connection at once. */
static void end(struct stream *st)
{
	pthread_join(st->receiver, NULL);
	shutdown(st->from, SHUT_RDWR);
	pthread_join(st->sender, NULL);
	if (st->to >= 0)
		abort_socket(st->to);
	abort_socket(st->from);
}

/* --- the measurements ---------------------------------------------------- */

static void print_counts(const struct wire_counts *counts)
{
	printf(", \"packets\": %llu, \"lost\": %llu, \"segments\": %llu, \"payload\": %llu",
	       counts->packets, counts->lost, counts->segments, counts->payload);
}

static void measure_long(void)
{
	int listener = listen_at(opt.protocol, PORT);
	struct wire_counts counts, sent;
	struct stream st;
	uint64_t t;

	set_wires(0);
	t = now();
	begin(&st, opt.protocol, listener, PORT, opt.bytes);
	pthread_join(st.receiver, NULL);
	counts = settle();
	wire_control("client", "access", WIRE_COUNTS, &sent);
	printf("{\"bytes\": %llu, \"ns\": %llu, \"sent\": %llu", (unsigned long long)st.received,
	       (unsigned long long)(st.end - t), sent.payload);
	print_counts(&counts);
	puts("}");
}

static void measure_short(void)
{
	int listener = listen_at(opt.protocol, PORT);
	int unfinished = 0;

	printf("{\"ns\": [");
	for (int i = 0; i < opt.flows; i++) {
		struct stream st;
		uint64_t t;

		set_wires(i);
		t = now();
		begin(&st, opt.protocol, listener, PORT, opt.bytes);
		end(&st);
		unfinished += st.received < st.size;
		printf("%s%llu", i ? ", " : "", (unsigned long long)(st.end - t));
		settle();
	}
	printf("], \"unfinished\": %d}\n", unfinished);
}

static void measure_share(void)
{
	int listener = listen_at(opt.protocol, PORT);
	int listener2 = listen_at(opt.protocol2, PORT + 1);
	struct stream st, st2;

	set_wires(0);
	begin(&st, opt.protocol, listener, PORT, UINT64_MAX);
	begin(&st2, opt.protocol2, listener2, PORT + 1, UINT64_MAX);
	pthread_join(st.receiver, NULL);
	pthread_join(st2.receiver, NULL);
	printf("{\"bytes\": [%llu, %llu]}\n", (unsigned long long)(st.received - st.at_mark),
	       (unsigned long long)(st2.received - st2.at_mark));
}

/* Both ways at once, over one connection. */
static void measure_both(void)
{
	int listener = listen_at(opt.protocol, PORT);
	int client = stream_socket("client", opt.protocol);
	struct sockaddr_in sin = address(SERVER, PORT);
	uint64_t t, deadline, key = 0x7463707800000001ULL + opt.seed;
	struct wire_counts counts;
	struct stream up, down;
	int server;

	set_wires(0);
	t = now();
	deadline = t + opt.seconds * SECOND;
	set_limit(client, SO_SNDTIMEO, opt.seconds * SECOND);
	if (connect(client, (struct sockaddr *)&sin, sizeof(sin)))
		die("connect");
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0)
		die("accept");
	up = (struct stream){ .from = client, .to = server, .key = key, .size = opt.bytes,
			      .deadline = deadline };
	down = (struct stream){ .from = server, .to = client, .key = ~key, .size = opt.bytes,
				.deadline = deadline };
	run_thread(&up.receiver, receive_all, &up);
	run_thread(&down.receiver, receive_all, &down);
	run_thread(&up.sender, send_all, &up);
	run_thread(&down.sender, send_all, &down);
	pthread_join(up.receiver, NULL);
	pthread_join(down.receiver, NULL);
	counts = forward_counts();
	printf("{\"up\": %llu, \"down\": %llu, \"wrong\": %llu, \"ns\": %llu",
	       (unsigned long long)up.received, (unsigned long long)down.received,
	       (unsigned long long)(up.wrong + down.wrong), (unsigned long long)(now() - t));
	print_counts(&counts);
	printf(", \"reordered\": %llu, \"corrupted\": %llu, \"duplicated\": %llu}\n",
	       counts.reordered, counts.corrupted, counts.duplicated);
}

/* Sends numbered datagrams, all at once. */
static void send_datagrams(int fd)
{
	static unsigned char data[BATCH][65536];
	struct mmsghdr msgs[BATCH] = { 0 };
	struct iovec iov[BATCH];

	for (uint32_t next = 0; next < opt.flows;) {
		int n = 0;

		for (; n < BATCH && next < opt.flows; n++) {
			memcpy(data[n], &next, sizeof(next));
			next++;
			iov[n] = (struct iovec){ data[n], opt.bytes };
			msgs[n].msg_hdr = (struct msghdr){ .msg_iov = &iov[n], .msg_iovlen = 1 };
		}
		if (sendmmsg(fd, msgs, n, 0) != n)
			die("sendmmsg");
	}
}

/* Prints number and time of arrival, in ns since @begin, of all datagrams. */
static void print_arrivals(int fd, uint64_t begin)
{
	static unsigned char data[BATCH][64], control[BATCH][64];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	const char *comma = "";
	int n;

	do {
		for (n = 0; n < BATCH; n++) {
			iov[n] = (struct iovec){ data[n], sizeof(data[n]) };
			msgs[n].msg_hdr = (struct msghdr){
				.msg_iov = &iov[n], .msg_iovlen = 1,
				.msg_control = control[n], .msg_controllen = sizeof(control[n]),
			};
		}
		n = recvmmsg(fd, msgs, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			struct timespec ts = { 0 };
			uint32_t number;

			memcpy(&number, data[i], sizeof(number));
			memcpy(&ts, CMSG_DATA(CMSG_FIRSTHDR(&msgs[i].msg_hdr)), sizeof(ts));
			printf("%s[%u, %lld]", comma, number,
			       (long long)(ts.tv_sec * SECOND + ts.tv_nsec - begin));
			comma = ", ";
		}
	} while (n > 0);
}

static void measure_udp(void)
{
	struct sockaddr_in sin = address(SERVER, PORT);
	struct timespec begin;
	int from, to;

	enter("server");
	to = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (to < 0 || bind(to, (struct sockaddr *)&sin, sizeof(sin)))
		die("server");
	set_int(to, SOL_SOCKET, SO_RCVBUFFORCE, 512 << 20);
	set_int(to, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	enter("client");
	from = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (from < 0 || connect(from, (struct sockaddr *)&sin, sizeof(sin)))
		die("client");
	set_int(from, SOL_SOCKET, SO_SNDBUFFORCE, 512 << 20);
	set_wires(0);
	clock_gettime(CLOCK_REALTIME, &begin);
	send_datagrams(from);
	sleep_until(now() + opt.seconds * SECOND);
	printf("{\"arrivals\": [");
	print_arrivals(to, begin.tv_sec * SECOND + begin.tv_nsec);
	puts("]}");
}

static void read_option(const char *text)
{
	size_t len = strcspn(text, "=");

	if (text[len] && len == strlen("congestion") && !strncmp(text, "congestion", len)) {
		snprintf(opt.congestion, sizeof(opt.congestion), "%s", text + len + 1);
		return;
	}
	for (size_t i = 0; i < sizeof(number_options) / sizeof(number_options[0]); i++) {
		const struct number_option *o = &number_options[i];

		if (text[len] && strlen(o->name) == len && !strncmp(text, o->name, len)) {
			*o->value = strtod(text + len + 1, NULL);
			return;
		}
	}
	fprintf(stderr, "flow: what is %s?\n", text);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} kinds[] = {
		{ "long", measure_long }, { "short", measure_short }, { "share", measure_share },
		{ "both", measure_both }, { "udp", measure_udp },
	};

	/* The order in which threads run must not depend on what ran before. */
	struct sched_param first_come_first_served = { .sched_priority = 10 };

	if (sched_setscheduler(0, SCHED_FIFO, &first_come_first_served))
		die("scheduler");
	for (int i = 2; i < argc; i++)
		read_option(argv[i]);
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(argv[1], kinds[i].name)) {
			kinds[i].run();
			return 0;
		}
	}
	fprintf(stderr, "usage: flow long|short|share|both|udp NAME=VALUE...\n");
	return 2;
}
