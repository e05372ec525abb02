/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much may fly: the interface of a congestion control algorithm, and the
 * state every one of them shares.  Sizes are bytes, times ns.
 *
 * An algorithm is one file that fills in one struct tcpx_cong_ops; others can
 * be loaded as modules (tcpx_cong_register()).  It comes in one of two kinds:
 *
 * - by the window (Reno, CUBIC, DCTCP): @ssthresh says what a loss costs,
 *   @acked grows the window between losses; what happens during recovery is
 *   RFC 9937's proportional rate reduction (core/recovery.c), the same for all;
 * - by a model (BBR): @control sees each acknowledgment and sets cwnd and
 *   pacing_rate itself; proportional rate reduction leaves cwnd to it.
 *
 * An algorithm does not find losses (core/recovery.c), nor does it decide when to
 * send (core/window.c, core/pace.c).
 */
#ifndef _TCPX_CONG_CONG_H
#define _TCPX_CONG_CONG_H

#include <linux/types.h>

#define TCPX_CONG_NAME_MAX	16
#define TCPX_CONG_PRIV_SIZE	168
#define TCPX_SSTHRESH_INF	0x7fffffffU
#define TCPX_PACING_NONE	0ULL

struct module;
struct tcpx_tcb;
union tcp_cc_info;

/* What an algorithm may want to know of, besides acknowledgments */
enum tcpx_cong_event {
	TCPX_CONG_TX_START,	/* something is sent, nothing was in flight */
	TCPX_CONG_IDLE_RESTART,	/* ... after an idle time: cwnd was just cut */
	TCPX_CONG_LOSS,		/* a time-out: everything is taken for lost */
	TCPX_CONG_RECOVERY,	/* fast recovery begins */
	TCPX_CONG_RECOVERED,	/* recovery or loss is over */
	TCPX_CONG_ECN,		/* the peer echoed congestion, cwnd is reduced */
	TCPX_CONG_UNDO,		/* the last reduction was a mistake, and is undone */
};

/**
 * struct tcpx_rate_sample - what one acknowledgment tells
 * @acked: bytes newly acknowledged, cumulatively
 * @delivered: bytes newly delivered: acknowledged or SACKed for the first time
 * @lost: bytes newly taken for lost
 * @in_flight: bytes in flight before this acknowledgment
 * @ce: of @delivered: what the peer says came with congestion experienced
 * @rtt: round-trip time of the newest segment delivered, ns; 0: unknown
 * @interval: @interval_delivered took so long, ns; 0: no sample
 * @interval_delivered: bytes delivered over @interval; their quotient is the
 *			delivery rate
 * @prior_delivered: tcb->delivered when the sampled segment was sent: a round
 *		     trip ends when this passes what it was at its start
 * @app_limited: the user had no more to send: the rate is a lower bound
 * @rexmt: the sampled segment was sent more than once
 * @limited: cwnd was what limited the sender
 */
struct tcpx_rate_sample {
	u32	acked;
	u32	delivered;
	u32	lost;
	u32	in_flight;
	u32	ce;
	u64	rtt;
	u64	interval;
	u64	interval_delivered;
	u64	prior_delivered;
	bool	app_limited;
	bool	rexmt;
	bool	limited;
};

/**
 * struct tcpx_cong - congestion state of one connection
 * @cwnd: congestion window
 * @ssthresh: slow start threshold
 * @acked: what cwnd has not yet grown by, in fractions of a byte
 * @held: bytes that duplicate acknowledgments have delivered since it last moved
 * @prior_cwnd: cwnd before the last reduction; to undo it
 * @prior_ssthresh: ssthresh before it
 * @pacing_rate: bytes a second; TCPX_PACING_NONE: the algorithm sets none, it
 *		 follows from cwnd and the round-trip time
 * @round_end: a round trip ends with the acknowledgment of what was sent when
 *	       tcb->delivered was this
 * @round_start: the acknowledgment at hand was the first of a round trip
 * @limited_until: what is delivered until tcb->delivered is this was sent while
 *		   cwnd was the limit
 * @used: most bytes that were in flight within this round trip
 * @pipe: pipeACK (RFC 7661, 4.2): the most that a round trip delivered, bytes
 * @pipe_prev: in the sampling period before
 * @pipe_since: when the sampling period began, ns
 * @idle_since: tcb->last_snd before the idle time that @idle_cwnd is for
 * @idle_cwnd: cwnd when it began
 * @ops: the algorithm; NULL: before the connection is established
 * @priv: the algorithm's own, zero before @ops->init
 */
struct tcpx_cong {
	u32	cwnd;
	u32	ssthresh;
	u32	acked;
	u32	held;
	u32	prior_cwnd;
	u32	prior_ssthresh;
	u64	pacing_rate;
	u64	round_end;
	u64	limited_until;
	u64	pipe_since;
	u64	idle_since;
	u32	used;
	u32	pipe;
	u32	pipe_prev;
	u32	idle_cwnd;
	bool	round_start;
	const struct tcpx_cong_ops *ops;
	u64	priv[TCPX_CONG_PRIV_SIZE / sizeof(u64)];
};

#define TCPX_CONG_NEEDS_ECN	0x01	/* set ECT always, echo each CE: RFC 8257 */
#define TCPX_CONG_RESTRICTED	0x02	/* for CAP_NET_ADMIN until allowed */
#define TCPX_CONG_PACED		0x04	/* it needs pacing */

/**
 * struct tcpx_cong_ops - an algorithm
 * @name: as TCP_CONGESTION gives it
 * @owner: the module it is in; NULL: built in
 * @flags: TCPX_CONG_NEEDS_ECN ...
 * @init: a connection is established, or changes to this algorithm; @now ns
 * @release: it ends, or changes to another; may be NULL
 * @ssthresh: congestion was found; returns the new slow start threshold, given
 *	      the bytes in flight; called once for each reduction
 * @acked: SND.UNA has moved outside of recovery, or in slow start after a
 *	   time-out: grow cwnd; NULL where @control is set
 * @observe: data was delivered, in any state; may be NULL
 * @control: each acknowledgment that delivered or lost something, in all
 *	     states; sets cwnd and pacing_rate; may be NULL
 * @undo: cwnd to return to when a reduction was a mistake; NULL: prior_cwnd
 * @event: see enum tcpx_cong_event; may be NULL
 * @info: fill in @info for TCP_CC_INFO, returns its bytes and sets *@attr to
 *	  INET_DIAG_*; may be NULL
 *
 * Process or softirq, socket locked; must not sleep.
 */
struct tcpx_cong_ops {
	const char *name;
	struct module *owner;
	u32 flags;
	void (*init)(struct tcpx_tcb *tcb, u64 now);
	void (*release)(struct tcpx_tcb *tcb);
	u32 (*ssthresh)(struct tcpx_tcb *tcb, u32 flight, u64 now);
	void (*acked)(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now);
	void (*observe)(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now);
	void (*control)(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now);
	u32 (*undo)(struct tcpx_tcb *tcb);
	void (*event)(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now);
	size_t (*info)(const struct tcpx_tcb *tcb, int *attr, union tcp_cc_info *info);
};

void tcpx_cong_init(struct tcpx_tcb *tcb, const struct tcpx_cong_ops *ops, u64 now);
void tcpx_cong_switch(struct tcpx_tcb *tcb, const struct tcpx_cong_ops *ops, u64 now);
void tcpx_cong_release(struct tcpx_tcb *tcb);
u32 tcpx_cong_initial_window(u32 smss);
void tcpx_cong_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now);
void tcpx_cong_reduce(struct tcpx_tcb *tcb, u32 flight, u64 now);
void tcpx_cong_undo(struct tcpx_tcb *tcb, u64 now);
void tcpx_cong_event(struct tcpx_tcb *tcb, enum tcpx_cong_event ev, u64 now);
void tcpx_cong_after_idle(struct tcpx_tcb *tcb, u64 now);

/* What an algorithm may make use of */
bool tcpx_cong_window_used(const struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs);
u32 tcpx_cong_in_use(const struct tcpx_tcb *tcb, u32 flight);
u32 tcpx_cong_slow_start_acked(struct tcpx_tcb *tcb, u32 bytes);

/* RFC 5681, 3.1: slow start until cwnd reaches ssthresh */
static inline bool tcpx_cong_slow_start(const struct tcpx_cong *ca)
{
	return ca->cwnd < ca->ssthresh;
}

#endif /* _TCPX_CONG_CONG_H */
