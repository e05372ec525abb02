// SPDX-License-Identifier: GPL-2.0
/*
 *	ops [--repeats N] [--quick] [--control FD] [--where] [--only WORKLOAD,...] STACK...
 *	ops --list
 *
 * Prints a line for each workload and stack, separated by tabs: workload, unit, bar,
 * stack, what one unit costs, by how many percent the farthest two repeats differ, how
 * long the CPU waited for each, in ns, and what was counted before the cost of the
 * device was taken off. With --where, before it, the bytes in each slab.
 *
 * Both ends are in one process: loopback, and veth, deliver a segment before send()
 * returns, so that the process finds there what it wants. Each measurement is a process
 * in a network namespace of its own, which finds no TIME-WAIT, no port and no metrics
 * of an earlier one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

#define MOST_REPEATS	100

unsigned char buffer[BUFFER];

static const struct network loopback = { LOOPBACK };
static const struct network behind_tun = { TUN };
/* Super-segments go through the device as they are. */
static const struct network veth_1500 = {
	VETH, 1500, "tso on gso on gro on"
};
/* A device without offload: the kernel cuts, and merges, for it. */
static const struct network veth_1500_software = {
	VETH, 1500, "tso off gso on gro on"
};
static const struct network veth_1500_off = {
	VETH, 1500, "tso off gso off gro off"
};
/* There are none. */
static const struct network veth_1500_single = {
	VETH, 1500, "tso off gso off gro off", .gso_max_segs = 1
};
static const struct network veth_9000 = {
	VETH, 9000, "tso on gso on gro on"
};
static const struct network veth_9000_single = {
	VETH, 9000, "tso off gso off gro off", .gso_max_segs = 1
};

#define KIB_64		65536
#define SEGMENT_1500	(1500 - 20 - 20 - 12)
#define SEGMENT_9000	(9000 - 20 - 20 - 12)

/* Those that have a bar come first. */
static const struct workload workloads[] = {
	{ "bulk-64k", "byte", stream, .size = KIB_64, .unit_size = 1, .warm_up = 800,
	  .rounds = 400, .bar = 0.95 },
	{ "bulk-64k-veth-gso", "byte", stream, HAS_IP, &veth_1500, .size = KIB_64,
	  .unit_size = 1, .warm_up = 800, .rounds = 400, .bar = 0.95 },
	{ "bulk-64k-1500-single", "segment", stream, HAS_IP, &veth_1500_single, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 100, .rounds = 100, .bar = 0.85 },
	{ "bulk-64k-1500-off", "segment", stream, HAS_IP, &veth_1500_off, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 100, .rounds = 100, .bar = 0.85 },
	{ "write-64", "write", stream, .size = 64, .unit_size = 64, .nodelay = true,
	  .warm_up = 2000, .rounds = 4000, .bar = 0.85 },
	{ "write-64-batch", "write", stream, .size = 64, .batch = 4096, .unit_size = 64,
	  .nodelay = true, .warm_up = 50, .rounds = 100, .bar = 0.85 },
	{ "request-1", "round trip", request_response, .size = 1, .nodelay = true,
	  .warm_up = 2000, .rounds = 4000, .bar = 0.85 },
	{ "connect-request-close", "connection", connect_request_close, .size = 1, .count = 1,
	  .warm_up = 500, .rounds = 1000, .bar = 0.75 },
	{ "pure-ack", "ACK", pure_ack, HAS_IP | HAS_TCP, &behind_tun, .warm_up = 20, .rounds = 100,
	  .bar = 0.70 },
	{ "memory-idle", "bytes a connection", idle_connections, .count = 10000, .bar = 0.75 },
	{ "memory-time-wait", "bytes", time_waits, HAS_IP, .count = 10000, .bar = 0.80 },
	{ "memory-half-open", "bytes", half_open, HAS_IP | HAS_TCP, &behind_tun, .count = 10000,
	  .bar = 0.80 },
	{ "pages-idle", "bytes a connection", idle_connections, .count = 10000, .pages = true },
	{ "pages-time-wait", "bytes", time_waits, HAS_IP, .count = 10000, .pages = true },
	{ "bulk-1k", "write", stream, .size = 1024, .batch = KIB_64, .unit_size = 1024,
	  .warm_up = 300, .rounds = 200 },
	{ "bulk-64", "write", stream, .size = 64, .batch = 4096, .unit_size = 64,
	  .warm_up = 100, .rounds = 200 },
	{ "bulk-64k-1500-gro", "segment", stream, HAS_IP, &veth_1500_software, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 100, .rounds = 100 },
	{ "bulk-64k-9000-gso", "byte", stream, HAS_IP, &veth_9000, .size = KIB_64,
	  .unit_size = 1, .warm_up = 300, .rounds = 300 },
	{ "bulk-64k-9000-single", "segment", stream, HAS_IP, &veth_9000_single, .size = KIB_64,
	  .unit_size = SEGMENT_9000, .warm_up = 200, .rounds = 200 },
	{ "request-1k", "round trip", request_response, .size = 1024, .nodelay = true,
	  .warm_up = 1000, .rounds = 2000 },
	{ "connect-request-close-64", "connection", connect_request_close, .size = 1,
	  .count = 64, .warm_up = 8, .rounds = 16 },
	{ "accept", "connection", accept_only, .count = 64, .warm_up = 8, .rounds = 16 },
};

/* --- what workloads share -------------------------------------------------- */

void die(const char *what)
{
	fprintf(stderr, "ops: %s: %s\n", what, strerror(errno));
	exit(1);
}

void cannot(const char *what)
{
	(void)what;
	exit(STATUS_CANNOT);
}

/* A peer behind a tun device calls the near host. */
int new_listener(const struct run *run, int backlog)
{
	bool tun = run->workload->network && run->workload->network->kind == TUN;
	int host = tun ? NEAR : FAR;
	union address address;
	socklen_t length = stack_address(run->stack, &address, host, PORT);
	int fd;

	enter_host(host);
	fd = new_socket(run->stack);
	if (bind(fd, &address.any, length) || listen(fd, backlog))
		die("listen");
	enter_host(NEAR);
	return fd;
}

int connect_to(const struct stack *stack, int port)
{
	union address address;
	socklen_t length = stack_address(stack, &address, FAR, port);
	int fd = new_socket(stack);

	if (connect(fd, &address.any, length))
		die("connect");
	return fd;
}

int accept_from(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		die("accept");
	return fd;
}

void establish(struct run *run)
{
	run->listener = new_listener(run, 8);
	run->client = connect_to(run->stack, PORT);
	run->server = accept_from(run->listener);
	if (run->workload->nodelay) {
		set_nodelay(run->stack, run->client);
		set_nodelay(run->stack, run->server);
	}
}

void move(int from, int to, int length)
{
	if (send(from, buffer, length, MSG_NOSIGNAL) != length)
		die("send");
	if (recv(to, buffer, length, MSG_WAITALL) != length)
		die("recv");
}

/* Warms up, and takes what a unit costs, of which each round has so many. */
void count_rounds(struct run *run, void (*once)(struct run *run), double units)
{
	struct count count;

	units *= run->workload->rounds;
	for (int i = 0; i < run->workload->warm_up; i++)
		once(run);
	count_begin();
	for (int i = 0; i < run->workload->rounds; i++)
		once(run);
	count = count_end();
	run->value = run->whole = count.instructions / units;
	run->waited = count.waited / units;
}

/* --- one measurement ------------------------------------------------------- */

/*
 * Runs a workload in a process of its own. Returns whether the stack can do it; the
 * costs are in @result, which both processes see.
 */
static bool measure(const struct workload *workload, const struct stack *stack,
		    struct run *result)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct run run = { .workload = workload, .stack = stack };

		network_up(workload->network ?: &loopback);
		/* What the process before has left is taken away by workers. */
		sleep(5);
		workload->run(&run);
		*result = run;
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_CANNOT)
		return false;
	if (status) {
		fprintf(stderr, "ops: %s over %s failed\n", workload->name, stack->name);
		exit(1);
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_row(const struct workload *workload, const struct stack *stack,
		      const char *counts)
{
	printf("%s\t%s\t%g\t%s\t%s\n", workload->name, workload->unit, workload->bar,
	       stack->name, counts);
	fflush(stdout);
}

static void measure_and_print(const struct workload *workload, const struct stack *stack,
			      int repeats)
{
	static struct run *result;
	double values[MOST_REPEATS], middle;
	char counts[128];

	if (!result)
		result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < repeats; i++) {
		if ((stack->has & workload->need) != workload->need ||
		    !measure(workload, stack, result)) {
			print_row(workload, stack, "-\t-\t-\t-");
			return;
		}
		values[i] = result->value;
	}
	qsort(values, repeats, sizeof(*values), compare);
	middle = values[repeats / 2];
	snprintf(counts, sizeof(counts), "%.6g\t%.2f\t%.0f\t%.6g", middle,
		 100 * (values[repeats - 1] - values[0]) / middle, result->waited, result->whole);
	print_row(workload, stack, counts);
}

/* --- all of them ----------------------------------------------------------- */

struct options {
	int repeats;
	bool quick, list;		/* of the workloads */
	const char *only;
};

/* Whether a name is one of those in a list, separated by commas. */
static bool named(const char *name, const char *list)
{
	size_t length = strlen(name);

	for (const char *at = list; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
		if (!strncmp(at, name, length) && (!at[length] || at[length] == ','))
			return true;
	return false;
}

static void usage(void)
{
	fputs("usage: ops [--repeats N] [--quick] [--control FD] [--where]\n"
	      "           [--only WORKLOAD,...] STACK...\n"
	      "       ops --list\n", stderr);
	exit(2);
}

static void parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "repeats", required_argument, NULL, 'r' },
		{ "control", required_argument, NULL, 'c' },
		{ "only", required_argument, NULL, 'o' },
		{ "quick", no_argument, NULL, 'q' },
		{ "list", no_argument, NULL, 'l' },
		{ "where", no_argument, NULL, 'w' },
		{ }
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (letter) {
		case 'r':
			options->repeats = atoi(optarg);
			break;
		case 'c':
			count_control(atoi(optarg));
			break;
		case 'o':
			options->only = optarg;
			break;
		case 'q':
			options->quick = true;
			break;
		case 'l':
			options->list = true;
			break;
		case 'w':
			memory_where();
			break;
		default:
			usage();
		}
	if (options->repeats < 1 || options->repeats > MOST_REPEATS)
		usage();
	for (int i = optind; i < argc; i++)
		if (!find_stack(argv[i])) {
			fprintf(stderr, "ops: no stack %s\n", argv[i]);
			usage();
		}
	if ((optind == argc) != options->list)
		usage();
}

int main(int argc, char **argv)
{
	struct options options = { .repeats = 1 };

	parse(argc, argv, &options);
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++) {
		const struct workload *workload = &workloads[i];

		if (options.only ? !named(workload->name, options.only) :
		    options.quick && workload->dear)
			continue;
		if (options.list)
			puts(workload->name);
		for (int j = optind; j < argc; j++)
			measure_and_print(workload, find_stack(argv[j]), options.repeats);
	}
	return 0;
}
