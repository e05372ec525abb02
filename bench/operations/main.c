// SPDX-License-Identifier: GPL-2.0
/*
 *	ops [--repeats N] [--quick] [--where] [--only WORKLOAD,...] STACK...
 *	ops --scale COUNT,... [--churn COUNT] STACK...
 *	ops --native MS [--repeats N] STACK...
 *	ops [--quick] --list
 *
 * Prints a line for each workload and stack, separated by tabs: workload, stack, what
 * one unit costs, by how many percent the farthest two repeats differ, how long the CPU
 * waited for each, in ns, and what was counted before the cost of the device was taken
 * off. With --where, before it, the bytes in each slab.
 *
 * With --scale it prints what there is to say of so many connections: workload, stack,
 * count, what, value; with --churn, of so many one after another.  With --native it
 * prints, of so many milliseconds by the clock: workload, stack, how much in a second.
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

void die(const char *what)
{
	fprintf(stderr, "ops: %s: %s\n", what, strerror(errno));
	exit(1);
}

void cannot(void)
{
	exit(STATUS_CANNOT);
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

		network_up(workload->network);
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

static void print_row(const struct workload *workload, const struct stack *stack,
		      const char *counts)
{
	printf("%s\t%s\t%s\n", workload->name, stack->name, counts);
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
	count_profile();
	middle = median(values, repeats);
	snprintf(counts, sizeof(counts), "%.6g\t%.2f\t%.0f\t%.6g", middle,
		 100 * (values[repeats - 1] - values[0]) / middle, result->waited, result->whole);
	print_row(workload, stack, counts);
}

/* --- all of them ----------------------------------------------------------- */

struct options {
	int repeats;
	bool quick, list;		/* of the workloads */
	const char *only;
	const char *scale;		/* numbers, separated by commas */
	int churn;
	int native;			/* ms */
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

static bool wanted(const struct workload *workload, const struct options *options)
{
	if (options->only)
		return named(workload->name, options->only);
	return !options->quick || !workload->dear;
}

static void usage(void)
{
	fputs("usage: ops [--repeats N] [--quick] [--where]\n"
	      "           [--only WORKLOAD,...] STACK...\n"
	      "       ops --scale COUNT,... [--churn COUNT] STACK...\n"
	      "       ops --native MS [--repeats N] STACK...\n"
	      "       ops [--quick] --list\n", stderr);
	exit(2);
}

static void parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "repeats", required_argument, NULL, 'r' },
		{ "only", required_argument, NULL, 'o' },
		{ "scale", required_argument, NULL, 's' },
		{ "churn", required_argument, NULL, 'c' },
		{ "native", required_argument, NULL, 'n' },
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
		case 'o':
			options->only = optarg;
			break;
		case 's':
			options->scale = optarg;
			break;
		case 'c':
			options->churn = atoi(optarg);
			break;
		case 'n':
			options->native = atoi(optarg);
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

static void measure_all(const struct workload *workload, char **stack_names)
{
	struct run result;

	for (; *stack_names; stack_names++)
		if (!measure(workload, find_stack(*stack_names), &result))
			fprintf(stderr, "ops: %s: not over %s\n", workload->name, *stack_names);
}

static void scale(const struct options *options, char **stack_names)
{
	struct workload many = { "scale", .run = many_connections };
	struct workload one = { "churn", .run = churn, .count = options->churn };

	for (const char *at = options->scale; at; at = strchr(at, ','), at = at ? at + 1 : NULL) {
		many.count = atoi(at);
		if (many.count < 2)
			usage();
		measure_all(&many, stack_names);
	}
	if (one.count >= 10)
		measure_all(&one, stack_names);
}

static void native(const struct options *options, char **stack_names)
{
	const struct workload once = { "native", .run = by_the_clock, .count = options->native };

	for (int i = 0; i < options->repeats; i++)
		measure_all(&once, stack_names);
}

int main(int argc, char **argv)
{
	struct options options = { .repeats = 1 };

	parse(argc, argv, &options);
	if (options.scale) {
		scale(&options, argv + optind);
		return 0;
	}
	if (options.native) {
		native(&options, argv + optind);
		return 0;
	}
	for (int i = 0; i < workload_count; i++) {
		const struct workload *workload = &workloads[i];

		if (!wanted(workload, &options))
			continue;
		if (options.list)
			printf("%s\t%s\t%g\n", workload->name, workload->unit, workload->bar);
		for (int j = optind; j < argc; j++)
			measure_and_print(workload, find_stack(argv[j]), options.repeats);
	}
	return 0;
}
