// SPDX-License-Identifier: GPL-2.0
/* What packets cost that come from a device. */
#include <x86intrin.h>

#include "ops.h"

#define MOST_ROUNDS	1024

static double costs[MOST_ROUNDS];
static int rounds;

/* The counted part is what receives packets. */
void peer_inject(const struct peer *peer, const struct packet *packets, int count)
{
	uint64_t start;

	count_resume();
	start = __rdtsc();
	for (int i = 0; i < count; i++)
		peer_write(peer, &packets[i]);
	/* The first ones warm up. */
	if (rounds >= 0 && rounds < MOST_ROUNDS)
		costs[rounds] = (double)(__rdtsc() - start) / count;
	rounds++;
	count_pause();
}

/* Of a packet: the median of the rounds, since a few packets have a tick beside them. */
static double cost_of_one(struct run *run, void (*once)(struct run *run))
{
	rounds = -run->workload->warm_up;
	count_rounds(run, once, 1);
	return median(costs, run->workload->rounds);
}

static struct peer *device;

/* Packets of which IP sees that they are none. */
static void spoilt(struct run *run)
{
	static struct packet packets[FLIGHT];

	(void)run;
	count_pause();
	for (int i = 0; i < FLIGHT; i++) {
		peer_ack(device, &packets[i]);
		peer_spoil(device, &packets[i]);
	}
	peer_inject(device, packets, FLIGHT);
	count_resume();
}

/*
 * What a packet costs from IP's first look at it on, of which each round receives some:
 * what the device costs is taken off.
 */
void count_from_ip(struct run *run, struct peer *peer, void (*once)(struct run *run))
{
	double cost;

	device = peer;
	count_silently(true);
	cost = cost_of_one(run, spoilt);
	count_silently(false);
	run->whole = cost_of_one(run, once);
	run->value = run->whole - cost;
}
