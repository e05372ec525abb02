// SPDX-License-Identifier: GPL-2.0
/* What a single segment costs that comes from a device. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "ops.h"

/* Of full segments; so many may fly from the first on. */
#define FLIGHT		32
#define ROOM		212992		/* what anybody may set */
#define ROUND_TRIP	2000000		/* ns, always: no timer is to expire */

static struct peer peer;

static uint64_t flight_start;

/* Busy, since idle time is taken off what is counted. */
static void wait_round_trip(void)
{
	while (__rdtsc() - flight_start < ROUND_TRIP)
		;
}

/* A connection that the kernel opened to the peer. */
static void call_peer(struct run *run)
{
	socklen_t length = stack_address(run->stack, &peer.here, FAR, PORT);
	int room = ROOM;
	struct packet packet;

	run->client = new_socket(run->stack);
	set_nodelay(run->stack, run->client);
	if (setsockopt(run->client, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)))
		die("SO_SNDBUF");
	flight_start = __rdtsc();
	if (fcntl(run->client, F_SETFL, O_NONBLOCK) ||
	    !connect(run->client, &peer.here.any, length) || errno != EINPROGRESS)
		die("connect");
	if (!peer_read(&peer))
		die("no SYN");
	wait_round_trip();
	peer_syn_ack(&peer, &packet);
	peer_write(&peer, &packet);
	peer.seq++;
	if (!peer_read(&peer))
		die("no ACK");
}

/* The counted part is what receives packets. */
static void receive(const struct packet *packets, int count)
{
	count_resume();
	for (int i = 0; i < count; i++)
		peer_write(&peer, &packets[i]);
	count_pause();
}

/* The peer acknowledges each second segment of a flight, after all of it has come. */
static void ack_flight(struct run *run)
{
	static struct packet acks[FLIGHT / 2];
	int length = FLIGHT * peer_segment(&peer), count = 0;

	count_pause();
	flight_start = __rdtsc();
	if (send(run->client, buffer, length, MSG_DONTWAIT) != length)
		die("send");
	for (int segments = 0; segments < FLIGHT; segments++) {
		if (!peer_read(&peer))
			die("not all of a flight");
		if (segments % 2)
			peer_ack(&peer, &acks[count++]);
	}
	wait_round_trip();
	receive(acks, count);
	count_resume();
}

/* The same packets, of which IP sees that they are none. */
static void ack_none(struct run *run)
{
	static struct packet acks[FLIGHT / 2];

	(void)run;
	count_pause();
	for (int i = 0; i < FLIGHT / 2; i++) {
		peer_ack(&peer, &acks[i]);
		peer_spoil(&peer, &acks[i]);
	}
	receive(acks, FLIGHT / 2);
	count_resume();
}

/* From IP's first look at it on: what the device costs is taken off. */
void pure_ack(struct run *run)
{
	double device;

	peer_init(&peer, run->stack, open_tun(), 0);
	call_peer(run);
	count_silently(true);
	count_rounds(run, ack_none, FLIGHT / 2);
	count_silently(false);
	device = run->value;
	count_rounds(run, ack_flight, FLIGHT / 2);
	run->value -= device;
}

/* Returns whether the kernel answers. */
static bool syn_from(struct run *run, int tun, int number)
{
	struct packet packet;
	bool answered;

	peer_init(&peer, run->stack, tun, number);
	peer_syn(&peer, &packet);
	peer_write(&peer, &packet);
	answered = peer_read(&peer);
	while (peer_read(&peer))
		;
	return answered;
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
