// SPDX-License-Identifier: GPL-2.0
/* One end writes, the other reads. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>

#include "ops.h"

static void wait_for(struct run *run, bool writing)
{
	struct pollfd ends[] = {
		{ .fd = run->server, .events = POLLIN },
		{ .fd = run->client, .events = writing ? POLLOUT : 0 },
	};

	if (poll(ends, ARRAY_SIZE(ends), 10000) <= 0)
		die("poll");
}

static int write_copy(struct run *run, int length)
{
	return some("send", send(run->client, buffer, length, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static int read_copy(struct run *run)
{
	return some("recv", recv(run->server, buffer, BUFFER, MSG_DONTWAIT));
}

/*
 * A batch of writes, then as much as is there is read. Neither end blocks: what
 * one of them waits for, the same process does.
 */
static void once(struct run *run)
{
	const struct workload *workload = run->workload;
	int (*write)(struct run *run, int length) = workload->write ?: write_copy;
	int (*read)(struct run *run) = workload->read ?: read_copy;
	int size = workload->size, batch = workload->batch ?: size;
	static int unread;

	for (int left = batch, part = size; left; ) {
		int done = write(run, part);

		unread += done;
		left -= done;
		part = part == done ? size : part - done;
		if (done || !left)
			continue;
		done = read(run);
		unread -= done;
		if (!done)
			wait_for(run, true);
	}
	/* All of it, unless Nagle's algorithm or a window keeps some back. */
	for (int done = 1; unread && done; unread -= done)
		done = read(run);
}

void stream(struct run *run)
{
	int batch = run->workload->batch ?: run->workload->size;

	establish(run);
	if (run->workload->prepare)
		run->workload->prepare(run);
	count_rounds(run, once, (double)batch / run->workload->unit_size);
}
