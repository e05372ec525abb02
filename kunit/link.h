/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path in the smallest: flows with endless data share a bottleneck, a queue
 * in front of it and a delay behind it.  Deterministic, packet by packet.
 *
 * A flow has a TCB, but of the core only congestion control and the pacing rate
 * are at work: the link itself says what was lost, at once, and what was
 * delivered, by the rules of the delivery rate (draft-ietf-ccwg-bbr, 4.5.2).
 * What is lost counts as sent again when something new is sent.
 */
#ifndef _TCPX_KUNIT_LINK_H
#define _TCPX_KUNIT_LINK_H

#include "../core/tcb.h"
#include "fixture.h"

#define LINK_FLOWS	2
#define LINK_PKTS	8192	/* in flight, at most, of each flow */

/**
 * struct link_pkt - in the network
 * @told_at: when the sender hears of it, ns
 * @sent_at: ns
 * @first_sent_at: see struct tcpx_tcb
 * @delivered_at: see there
 * @delivered: see there
 * @len: bytes
 * @lost: it was dropped
 * @ce: it was marked
 * @app_limited: the sender had no more
 */
struct link_pkt {
	u64 told_at;
	u64 sent_at;
	u64 first_sent_at;
	u64 delivered_at;
	u64 delivered;
	u32 len;
	bool lost, ce, app_limited;
};

/**
 * struct link_flow - a sender
 * @tcb: as much of it as congestion control sees
 * @start: when it begins, ns
 * @app_rate: bytes a second that its user has; 0: endless
 * @app_sent: bytes that the user has given
 * @app_at: when its user writes next, ns
 * @pace_at: the next packet leaves no earlier, ns
 * @head: number of the oldest packet in the network
 * @tail: number of the next one
 * @recover: recovery ends with this packet
 * @lost: bytes lost that congestion control does not know of yet
 * @losses: packets lost
 * @reductions: of the window
 * @pkts: the packets, by number
 */
struct link_flow {
	struct tcpx_tcb tcb;
	u64 start;
	u64 app_rate;
	u64 app_sent;
	u64 app_at;
	u64 pace_at;
	u32 head, tail;
	u32 recover;
	u32 lost;
	u32 losses;
	u32 reductions;
	struct link_pkt *pkts;
};

/**
 * struct link - the path
 * @now: ns
 * @rate: bytes a second
 * @rtt: without a queue, ns
 * @buffer: bytes that the queue holds
 * @mark: bytes in the queue from which on packets are marked; 0: never
 * @loss: packets lost of a million, at random
 * @police: bytes a second that a token bucket lets through; 0: there is none
 * @bucket: bytes that it holds
 * @tokens: bytes that are in it
 * @tokens_at: when they were counted, ns
 * @agg: acknowledgments come in bunches this far apart, ns; 0: each by itself
 * @busy_until: when the bottleneck has sent what it holds, ns
 * @max_queue: most bytes seen in the queue
 * @seed: of @loss
 * @nr: how many flows there are
 * @flow: they
 */
struct link {
	u64 now;
	u64 rate;
	u64 rtt;
	u32 buffer;
	u32 mark;
	u32 loss;
	u32 police;
	u32 bucket;
	u32 tokens;
	u64 tokens_at;
	u64 agg;
	u64 busy_until;
	u32 max_queue;
	u32 seed;
	int nr;
	struct link_flow flow[LINK_FLOWS];
};

struct link *link_new(struct kunit *test, u64 rate, u64 rtt, u32 buffer);
struct link_flow *link_add(struct kunit *test, struct link *l, const struct tcpx_cong_ops *ops,
			   u64 start);
void link_run(struct link *l, u64 ns);
void link_timeout(struct link *l, struct link_flow *f);
u32 link_queue(const struct link *l);

#endif /* _TCPX_KUNIT_LINK_H */
