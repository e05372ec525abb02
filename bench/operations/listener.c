// SPDX-License-Identifier: GPL-2.0
/* What callers cost a listener: their SYNs, and the connections that they leave there. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <unistd.h>

#include "ops.h"

static struct peer peer;

static void answers_away(void)
{
	while (peer_read(&peer))
		;
}

/* Returns whether the kernel answers. */
static bool syn_from(struct run *run, int tun, int number)
{
	struct packet packet;

	peer_init(&peer, run->stack, tun, number);
	peer_syn(&peer, &packet);
	peer_write(&peer, &packet);
	return peer_read(&peer);
}

void half_open(struct run *run)
{
	int count = run->workload->count, tun = open_tun();
	struct memory before, memory;

	run->listener = new_listener(run, DEEP_BACKLOG);
	syn_from(run, tun, count);
	memory_read(&before);
	for (int i = 0; i < count; i++)
		if (!syn_from(run, tun, i))
			die("no SYN+ACK");
	memory_read(&memory);
	memory_subtract(&memory, &before);
	memory_take(run, &memory);
}

/* A batch of SYNs from hosts that were not heard of; the answers are not read in time. */
static void syns(struct run *run)
{
	static struct packet packets[FLIGHT];
	static int number;

	count_pause();
	for (int i = 0; i < FLIGHT; i++) {
		peer_init(&peer, run->stack, peer.tun, number++);
		peer_syn(&peer, &packets[i]);
	}
	peer_inject(&peer, packets, FLIGHT);
	answers_away();
	count_resume();
}

void syn_flood(struct run *run)
{
	run->listener = new_listener(run, run->workload->count);
	peer_init(&peer, run->stack, open_tun(), 0);
	count_from_ip(run, &peer, syns);
}

/* The connections that get segments, from all over the crowd. */
#define SAMPLE		1024
static struct peer sample[SAMPLE];

/* Opens connections, which are left to the accept queue: they need no file. */
static void crowd(struct run *run)
{
	int count = run->workload->count, tun = open_tun();
	struct packet packet;

	run->listener = new_listener(run, DEEP_BACKLOG);
	for (int i = 0; i < count; i++) {
		if (!syn_from(run, tun, i))
			die("no SYN+ACK");
		peer.seq++;
		peer_ack(&peer, &packet);
		peer_write(&peer, &packet);
		sample[(uint64_t)i * SAMPLE / count] = peer;
	}
	for (int i = 1; i < SAMPLE; i++)
		if (!sample[i].stack)
			sample[i] = sample[i - 1];
}

/* Segments with nothing in them. */
static void empty_segments(struct run *run)
{
	static struct packet packets[FLIGHT];
	static unsigned int turn;

	(void)run;
	count_pause();
	for (int i = 0; i < FLIGHT; i++)
		peer_ack(&sample[turn++ % SAMPLE], &packets[i]);
	peer_inject(&peer, packets, FLIGHT);
	answers_away();
	count_resume();
}

void lookup(struct run *run)
{
	crowd(run);
	count_from_ip(run, &peer, empty_segments);
}

/* A socket takes the same port of another address; bind() alone counts. */
static void bind_once(struct run *run)
{
	union address address;
	socklen_t length = stack_address(run->stack, &address, NEAR, PORT);
	int fd;

	if (run->stack->family == AF_INET)
		address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		address.ipv6.sin6_addr = in6addr_loopback;
	count_pause();
	fd = new_socket(run->stack);
	count_resume();
	if (bind(fd, &address.any, length))
		die("bind");
	count_pause();
	close(fd);
	count_resume();
}

void bind_beside(struct run *run)
{
	crowd(run);
	count_rounds(run, bind_once, 1);
}
