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

/* Writes once, as much as there is room for. */
static int write_some(struct run *run, int length)
{
	int done = send(run->client, buffer, length, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (done < 0 && errno != EAGAIN)
		die("send");
	return done < 0 ? 0 : done;
}

static int read_some(struct run *run)
{
	int done = recv(run->server, buffer, BUFFER, MSG_DONTWAIT);

	if (!done || (done < 0 && errno != EAGAIN))
		die("recv");
	return done < 0 ? 0 : done;
}

/*
 * A batch of writes, then as much as is there is read. Neither end blocks: what
 * one of them waits for, the same process does.
 */
static void once(struct run *run)
{
	static int unread;
	int size = run->workload->size, batch = run->workload->batch ?: size;

	for (int left = batch, part = size; left; ) {
		int done = write_some(run, part);

		unread += done;
		left -= done;
		part = part == done ? size : part - done;
		if (done || !left)
			continue;
		done = read_some(run);
		unread -= done;
		if (!done)
			wait_for(run, true);
	}
	/* All of it, unless Nagle's algorithm or a window keeps some back. */
	for (int done = 1; unread && done; unread -= done)
		done = read_some(run);
}

void stream(struct run *run)
{
	int batch = run->workload->batch ?: run->workload->size;

	establish(run);
	count_rounds(run, once, (double)batch / run->workload->unit_size);
}
