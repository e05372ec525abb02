// SPDX-License-Identifier: GPL-2.0
/* A client asks, a server answers; on one connection, or on one for each request. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "ops.h"

static void round_trip(struct run *run)
{
	move(run->client, run->server, run->workload->size);
	move(run->server, run->client, run->workload->size);
}

void request_response(struct run *run)
{
	establish(run);
	count_rounds(run, round_trip, 1);
}

/*
 * As many clients as there are connections at a time. They close first, so that in
 * all stacks TIME-WAIT is theirs.
 */
static void connections(struct run *run)
{
	int count = run->workload->count;
	struct run one[count];

	for (int i = 0; i < count; i++)
		one[i] = *run;
	for (int i = 0; i < count; i++)
		one[i].client = connect_to(run->stack);
	for (int i = 0; i < count; i++)
		one[i].server = accept_from(run->listener);
	for (int i = 0; i < count; i++) {
		/* Served in the order of accept(), which is that of connect(). */
		move(one[i].client, one[i].server, run->workload->size);
		move(one[i].server, one[i].client, run->workload->size);
	}
	for (int i = 0; i < count; i++)
		if (close(one[i].client))
			die("close");
	for (int i = 0; i < count; i++)
		if (recv(one[i].server, buffer, 1, 0) || close(one[i].server))
			die("close");
}

void connect_request_close(struct run *run)
{
	run->listener = new_listener(run, DEEP_BACKLOG);
	count_rounds(run, connections, run->workload->count);
}

/* Only accept() counts: the connections are there. */
static void accepts(struct run *run)
{
	int count = run->workload->count, clients[count], servers[count];

	count_pause();
	for (int i = 0; i < count; i++)
		clients[i] = connect_to(run->stack);
	count_resume();
	for (int i = 0; i < count; i++)
		servers[i] = accept_from(run->listener);
	count_pause();
	for (int i = 0; i < count; i++)
		if (close(clients[i]) || close(servers[i]))
			die("close");
	count_resume();
}

void accept_only(struct run *run)
{
	run->listener = new_listener(run, DEEP_BACKLOG);
	count_rounds(run, accepts, run->workload->count);
}
