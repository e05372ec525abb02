/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * How the benchmark's programs talk to the devices of wire.c: two private
 * ioctls, on any socket of the namespace that the device is in.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <linux/sockios.h>
#include <linux/types.h>

/* ifr_data is a struct wire_path: what the device does to what it sends from
 * now on. What was on its way is thrown away, and counting begins anew.
 */
#define WIRE_SET	(SIOCDEVPRIVATE + 0)
/* ifr_data is a struct wire_counts */
#define WIRE_COUNTS	(SIOCDEVPRIVATE + 1)

/* One direction. Probabilities are in units of 2^-32. Each packet has a number,
 * and what happens to it is a function of seed and number alone.
 */
struct wire_path {
	__u64 rate;		/* bit/s, of IP packets; 0: no limit */
	__u64 delay;		/* ns from the last bit's sending to its arrival */
	__u64 seed;
	__u64 police;		/* bit/s: what comes faster is lost; 0: whatever comes */
	__u32 jitter;		/* ns: up to that much is added; the order stays */
	__u32 loss;
	__u32 burst;		/* Gilbert and Elliott: a lossy spell begins */
	__u32 burst_end;	/* it ends; all in between is lost */
	__u32 reorder;		/* has no delay, overtaking all that is on its way */
	__u32 duplicate;
	__u32 corrupt;		/* one bit anywhere in the IP packet is turned */
	__u32 bucket;		/* bytes that may come faster than @police at a time */
};

/* What one direction has seen. Segments and payload are those of TCP, under
 * either protocol number, that carry data.
 */
struct wire_counts {
	__u64 packets;		/* sent into the wire */
	__u64 bytes;
	__u64 lost;
	__u64 reordered;
	__u64 duplicated;
	__u64 corrupted;
	__u64 segments;		/* that arrive whole; duplicates not counted */
	__u64 payload;		/* their bytes */
	__u64 in_flight;	/* packets, at this moment */
};

#endif /* BENCH_WIRE_H */
