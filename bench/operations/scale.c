// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of operations, and of memory, when there are very many connections: both
 * ends of each are here, established and then in TIME-WAIT, or one comes after another.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ops.h"

/* 10.2.0.0/16, all of it on this host, so that there are ports enough. */
#define ADDRESSES	0x0a020001
#define PER_ADDRESS	10000
#define SAMPLE		1000
#define ROUND_TRIPS	4000
#define TIME_WAIT	70		/* s, and a little more */

static int sample(const struct run *run)
{
	return run->workload->count < 2 * SAMPLE ? run->workload->count / 2 : SAMPLE;
}

static void found(const struct run *run, const char *what, double value)
{
	printf("%s\t%s\t%d\t%s\t%.6g\n", run->workload->name, run->stack->name,
	       run->workload->count, what, value);
	fflush(stdout);
}

static void counted(const struct run *run, const char *what, double operations)
{
	found(run, what, count_end().instructions / operations);
}

static void begin(struct run *run)
{
	union address any = { .ipv4 = { .sin_family = AF_INET, .sin_port = htons(PORT) } };

	if (run->stack->family != AF_INET)
		cannot();
	if (system("ip addr add 10.2.0.1/16 dev lo && "
		   "sysctl -qw fs.nr_open=4194304 fs.file-max=8388608"))
		die("10.2.0.0/16");
	room_for(2 * run->workload->count);
	run->listener = new_socket(run->stack);
	if (bind(run->listener, &any.any, sizeof(any.ipv4)) || listen(run->listener, DEEP_BACKLOG))
		die("listen");
}

static int call(const struct run *run, int number)
{
	uint32_t address = ADDRESSES + ((1 + number / PER_ADDRESS % 200) << 8);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT),
				  .sin_addr.s_addr = htonl(address) };
	int fd = new_socket(run->stack);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	return fd;
}

static void end(int client, int server)
{
	if (close(client) || recv(server, buffer, 1, 0) || close(server))
		die("close");
}

static void short_connection(const struct run *run, int number)
{
	int client = call(run, number), server = accept_from(run->listener);

	move(client, server, 1);
	move(server, client, 1);
	end(client, server);
}

static void short_connections(const struct run *run, const char *what)
{
	count_begin();
	/* To an address of their own */
	for (int i = 0; i < SAMPLE; i++)
		short_connection(run, 199 * PER_ADDRESS + i);
	counted(run, what, SAMPLE);
}

/* All of them at once */
void many_connections(struct run *run)
{
	int count = run->workload->count, *fds = calloc(2 * count, sizeof(*fds));
	struct memory files, before, memory;

	begin(run);
	read_files(&files, 2 * count);
	short_connections(run, "a connection before");
	sleep(TIME_WAIT);
	memory_read(&before);
	for (int i = 0; i < count; i++) {
		if (i == count - sample(run))
			count_begin();
		fds[2 * i] = call(run, i);
		fds[2 * i + 1] = accept_from(run->listener);
	}
	counted(run, "connect() and accept()", sample(run));
	memory_read(&memory);
	memory_subtract(&memory, &before);
	memory_subtract(&memory, &files);
	found(run, "bytes of a connection", memory.objects / count);

	count_begin();
	for (int i = 0; i < ROUND_TRIPS; i++) {
		int *ends = &fds[2 * (i * 7919LL % count)];

		move(ends[0], ends[1], 1);
		move(ends[1], ends[0], 1);
	}
	counted(run, "round trip", ROUND_TRIPS);
	short_connections(run, "a connection beside them");

	count_begin();
	for (int i = 0; i < count; i++) {
		end(fds[2 * i], fds[2 * i + 1]);
		if (i == sample(run) - 1)
			counted(run, "close() of both", sample(run));
	}
	memory_read(&memory);
	memory_subtract(&memory, &before);
	found(run, "bytes of a TIME-WAIT", memory.objects / (count + SAMPLE));
	short_connections(run, "a connection beside TIME-WAITs");

	count_begin();
	sleep(TIME_WAIT);
	counted(run, "end of a TIME-WAIT", count + 2 * SAMPLE);
	memory_read(&memory);
	memory_subtract(&memory, &before);
	found(run, "KiB left", memory.pages / 1024);
	free(fds);
}

/* One after another: memory is to grow until the first TIME-WAITs end, and no more */
void churn(struct run *run)
{
	int count = run->workload->count;
	struct memory before, memory;
	char what[32];

	begin(run);
	memory_read(&before);
	for (int i = 0; i < count; i++) {
		if (i % (count / 10) == 0)
			count_begin();
		short_connection(run, i);
		if (i % (count / 10) != count / 10 - 1)
			continue;
		snprintf(what, sizeof(what), "a connection, tenth %d", i / (count / 10) + 1);
		counted(run, what, count / 10);
		memory_read(&memory);
		memory_subtract(&memory, &before);
		snprintf(what, sizeof(what), "KiB, tenth %d", i / (count / 10) + 1);
		found(run, what, memory.pages / 1024);
	}
	sleep(TIME_WAIT);
	memory_read(&memory);
	memory_subtract(&memory, &before);
	found(run, "KiB left", memory.pages / 1024);
}
