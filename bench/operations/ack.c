// SPDX-License-Identifier: GPL-2.0
/* What an ACK costs that the kernel receives. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <x86intrin.h>

#include "ops.h"

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
	peer_inject(&peer, acks, count);
	count_resume();
}

void pure_ack(struct run *run)
{
	peer_init(&peer, run->stack, open_tun(), 0);
	call_peer(run);
	count_from_ip(run, &peer, ack_flight);
}
