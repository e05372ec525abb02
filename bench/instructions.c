// SPDX-License-Identifier: GPL-2.0
/*
 * What bench/instructions runs: counts the instructions that the common programs
 * cost, over tcpx and over Linux's TCP, and prints a table.
 *
 *	instructions [REPEATS [PROTOCOL]]
 *
 * In a VM whose clock ticks once an instruction (QEMU's icount) the time-stamp
 * counter counts them, the kernel's and the program's, with the timer interrupts
 * that fall into the time. Both ends are in one process: loopback delivers a segment
 * before send() returns, so that no call has to wait, and no time passes in which
 * nothing is executed. That this holds is checked.
 *
 * Each measurement is a process in a network namespace of its own, which finds no
 * TIME-WAIT, no port and no metrics of an earlier one.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define CHUNK		16384		/* one segment of loopback's */
#define MOST_REPEATS	100
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The sockets of one measurement. */
struct ends {
	struct sockaddr_in address;
	int protocol;
	int listener, client, server;
};

struct program {
	const char *name;
	void (*once)(struct ends *ends);
	int warm_up, rounds;
};

static unsigned char buf[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "instructions: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int new_socket(int protocol)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		die("socket");
	return fd;
}

static void establish(struct ends *ends)
{
	ends->client = new_socket(ends->protocol);
	if (connect(ends->client, (struct sockaddr *)&ends->address, sizeof(ends->address)))
		die("connect");
	ends->server = accept4(ends->listener, NULL, NULL, SOCK_CLOEXEC);
	if (ends->server < 0)
		die("accept");
}

static void move(int from, int to, size_t len)
{
	if (send(from, buf, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send");
	if (recv(to, buf, len, MSG_WAITALL) != (ssize_t)len)
		die("recv");
}

static void request_response(struct ends *ends)
{
	move(ends->client, ends->server, 1);
	move(ends->server, ends->client, 1);
}

/* The client closes first, so that in both stacks TIME-WAIT is the client's. */
static void connect_request_close(struct ends *ends)
{
	struct ends one = *ends;

	establish(&one);
	request_response(&one);
	if (close(one.client) || recv(one.server, buf, 1, 0) || close(one.server))
		die("close");
}

static void bulk(struct ends *ends)
{
	move(ends->client, ends->server, CHUNK);
}

static const struct program programs[] = {
	{ "request-response, 1 byte", request_response, 2000, 4000 },
	{ "connect-request-close", connect_request_close, 500, 1000 },
	/* Only after some 10 MB the same pages are used again and again. */
	{ "bulk, 16 KiB", bulk, 3000, 3000 },
};

/* --- one measurement ------------------------------------------------------- */

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK };
	int fd;

	if (unshare(CLONE_NEWNET))
		die("unshare");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("lo");
	close(fd);
}

/* How long the CPU has been idle, in s. */
static double idle(void)
{
	FILE *file = fopen("/proc/uptime", "r");
	double seconds;

	if (!file || fscanf(file, "%*f %lf", &seconds) != 1)
		die("/proc/uptime");
	fclose(file);
	return seconds;
}

/* Instructions a round. */
static double measure(const struct program *program, int protocol)
{
	struct ends ends = {
		.protocol = protocol,
		.address = { .sin_family = AF_INET, .sin_port = htons(5001),
			     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
	};
	uint64_t start;
	double waited;
	int one = 1;

	loopback_up();
	ends.listener = new_socket(protocol);
	if (bind(ends.listener, (struct sockaddr *)&ends.address, sizeof(ends.address)) ||
	    listen(ends.listener, 8))
		die("listen");
	establish(&ends);
	if (setsockopt(ends.client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("TCP_NODELAY");
	for (int i = 0; i < program->warm_up; i++)
		program->once(&ends);
	waited = idle();
	start = __rdtsc();
	for (int i = 0; i < program->rounds; i++)
		program->once(&ends);
	start = __rdtsc() - start;
	waited = idle() - waited;
	if (waited > 0) {
		fprintf(stderr, "instructions: %s of protocol %d waited for %.2f s\n", program->name,
			protocol, waited);
		exit(1);
	}
	return (double)start / program->rounds;
}

/* The same in a process of its own. */
static double measure_apart(const struct program *program, int protocol)
{
	static double *result;
	int status;
	pid_t pid;

	if (!result)
		result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		die("mmap");
	pid = fork();
	if (!pid) {
		*result = measure(program, protocol);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	if (status)
		exit(1);
	return *result;
}

/* --- all of them ----------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median; adds to @spread, in percent, where others are farther from each other. */
static double median(double *values, int count, double *spread)
{
	double middle, found;

	qsort(values, count, sizeof(*values), compare);
	middle = values[count / 2];
	found = 100 * (values[count - 1] - values[0]) / middle;
	if (found > *spread)
		*spread = found;
	return middle;
}

int main(int argc, char **argv)
{
	int repeats = argc > 1 ? atoi(argv[1]) : 5;
	int protocol = argc > 2 ? atoi(argv[2]) : 253;

	if (repeats < 1 || repeats > MOST_REPEATS || protocol < 1) {
		fputs("usage: instructions [REPEATS [PROTOCOL]]\n", stderr);
		return 2;
	}
	printf("%-26s %10s %10s %7s %8s\n", "instructions a round", "tcpx", "TCP", "ratio", "spread");
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		double tcpx[MOST_REPEATS], tcp[MOST_REPEATS], spread = 0, ours, theirs;

		for (int j = 0; j < repeats; j++) {
			tcpx[j] = measure_apart(&programs[i], protocol);
			tcp[j] = measure_apart(&programs[i], IPPROTO_TCP);
		}
		ours = median(tcpx, repeats, &spread);
		theirs = median(tcp, repeats, &spread);
		printf("%-26s %10.0f %10.0f %7.3f %6.2f %%\n", programs[i].name, ours, theirs,
		       ours / theirs, spread);
		fflush(stdout);
	}
	return 0;
}
