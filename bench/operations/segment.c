// SPDX-License-Identifier: GPL-2.0
/* What a single segment costs that comes from a device. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

/* Two full segments, with timestamps. */
#define TWO_SEGMENTS	(2 * (1500 - 20 - 20 - 12))

static struct peer peer;

/* A connection that the kernel opened to the peer. */
static void call_peer(struct run *run)
{
	socklen_t length = stack_address(run->stack, &peer.here, FAR, PORT);
	struct packet packet;

	run->client = new_socket(run->stack);
	set_nodelay(run->stack, run->client);
	if (fcntl(run->client, F_SETFL, O_NONBLOCK) ||
	    !connect(run->client, &peer.here.any, length) || errno != EINPROGRESS)
		die("connect");
	if (!peer_read(&peer))
		die("no SYN");
	peer_syn_ack(&peer, &packet);
	peer_write(&peer, &packet);
	peer.seq++;
	if (!peer_read(&peer))
		die("no ACK");
}

/* The counted part is what receives a packet. */
static void receive(const struct packet *packet)
{
	count_resume();
	peer_write(&peer, packet);
	count_pause();
}

/* The peer acknowledges two segments. */
static void ack_two(struct run *run)
{
	struct packet packet;

	count_pause();
	if (send(run->client, buffer, TWO_SEGMENTS, 0) != TWO_SEGMENTS || !peer_read(&peer))
		die("send");
	while (peer_read(&peer))
		;
	peer_ack(&peer, &packet);
	receive(&packet);
	count_resume();
}

/* The same packet, of which IP sees that it is none. */
static void ack_none(struct run *run)
{
	struct packet packet;

	(void)run;
	count_pause();
	peer_ack(&peer, &packet);
	peer_spoil(&peer, &packet);
	receive(&packet);
	count_resume();
}

/* From IP's first look at it on: what the device costs is taken off. */
void pure_ack(struct run *run)
{
	double device;

	peer_init(&peer, run->stack, open_tun(), 0);
	call_peer(run);
	count_rounds(run, ack_none, 1);
	device = run->value;
	count_rounds(run, ack_two, 1);
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
