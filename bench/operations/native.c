// SPDX-License-Identifier: GPL-2.0
/*
 * The same by the clock on the wall, with a process at each end, so that both CPUs of a
 * machine have something to do: how much a stream carries, how many round trips a second
 * has.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ops.h"

#define WRITE	65536

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Reads to the end. Returns bytes. */
static double sink(int fd)
{
	double total = 0;
	ssize_t n;

	while ((n = recv(fd, buffer, WRITE, 0)) > 0)
		total += n;
	if (n < 0)
		die("recv");
	return total;
}

static void stream_for(int fd, double seconds)
{
	for (double end = now() + seconds; now() < end;)
		if (send(fd, buffer, WRITE, MSG_NOSIGNAL) != WRITE)
			die("send");
}

static void echo(int fd, double seconds)
{
	(void)seconds;
	while (recv(fd, buffer, 1, 0) == 1)
		if (send(fd, buffer, 1, MSG_NOSIGNAL) != 1)
			die("send");
}

/* Returns round trips. */
static double ask_for(int fd, double seconds)
{
	double trips = 0;

	for (double end = now() + seconds; now() < end; trips++) {
		if (send(fd, buffer, 1, MSG_NOSIGNAL) != 1 || recv(fd, buffer, 1, 0) != 1)
			die("round trip");
	}
	return trips;
}

/* The other end is a process of its own, which sends, or answers. */
static int other_end(struct run *run, void (*work)(int fd, double seconds), double seconds)
{
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		die("fork");
	if (!pid) {
		fd = connect_to(run->stack);
		set_nodelay(run->stack, fd);
		work(fd, seconds);
		close(fd);
		_exit(0);
	}
	fd = accept_from(run->listener);
	set_nodelay(run->stack, fd);
	return fd;
}

static void report(const struct run *run, const char *what, double value)
{
	printf("%s\t%s\t%.6g\n", what, run->stack->name, value);
	fflush(stdout);
}

/* In a second: bytes, and round trips. */
void by_the_clock(struct run *run)
{
	double seconds = run->workload->count / 1000.0, begin, total;
	int fd;

	run->listener = new_listener(run, 8);
	fd = other_end(run, stream_for, seconds);
	begin = now();
	total = sink(fd);
	report(run, "bulk", total / (now() - begin));
	close(fd);

	fd = other_end(run, echo, seconds);
	begin = now();
	total = ask_for(fd, seconds);
	report(run, "request", total / (now() - begin));
	close(fd);
	while (wait(NULL) > 0)
		;
}
