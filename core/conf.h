/* SPDX-License-Identifier: GPL-2.0 */
/* What is set from outside: by an administrator, and by the route. */
#ifndef _TCPX_CORE_CONF_H
#define _TCPX_CORE_CONF_H

#include <linux/types.h>

/*
 * struct tcpx_conf - what an administrator sets, in the units of the sysctls
 *
 * One of these lives in each network namespace; a TCB points at it and reads
 * it with plain loads, so a change counts from the next event on.
 */
struct tcpx_conf {
	u32	msl_ms;
	u32	rto_min_us;
	u32	rto_max_ms;
	u32	syn_retries;
	u32	synack_retries;
	u32	retries1;
	u32	retries2;
	u32	orphan_retries;
	u32	keepalive_time;		/* s */
	u32	keepalive_intvl;	/* s */
	u32	keepalive_probes;
	u32	fin_timeout;		/* s */
	u8	timestamps;
	u8	window_scaling;
	u8	sack;
	u8	dsack;
	u8	rfc1337;
	u8	slow_start_after_idle;
	u8	ecn;			/* 0: no, 1: ask for it, 2: if the peer asks */
	u8	ecn_fallback;
	u8	frto;
	u8	early_retrans;		/* 0: no tail loss probes */
	u8	mtu_probing;		/* 0: no, 1: after a black hole, 2: always */
	u32	base_mss;
	u32	mtu_probe_floor;
	u32	probe_interval;		/* s */
	u32	probe_threshold;	/* bytes */
	u32	pacing_ss_ratio;	/* % of cwnd in a round trip */
	u32	pacing_ca_ratio;
};

/**
 * struct tcpx_route - what the route says of a path; 0: nothing
 * @window: the most to offer, bytes
 * @init_rwnd: what to offer first, segments
 * @init_cwnd: initial window, segments
 * @cwnd_max: cwnd stays below, segments
 * @ssthresh: slow start threshold to begin with, segments
 * @reordering: in place of TCPX_DUPTHRESH, segments
 * @rto_min_us: in place of the sysctl's, us
 * @rtt_us: round-trip time for the first RTO, us
 * @rttvar_us: its variation, us
 * @quickack: no acknowledgment is delayed
 * @ecn: ask for ECN, and grant it
 * @fastopen_no_cookie: RFC 7413 without cookies, in both directions
 */
struct tcpx_route {
	u32	window;
	u32	init_rwnd;
	u32	init_cwnd;
	u32	cwnd_max;
	u32	ssthresh;
	u32	reordering;
	u32	rto_min_us;
	u32	rtt_us;
	u32	rttvar_us;
	bool	quickack;
	bool	ecn;
	bool	fastopen_no_cookie;
};

#endif /* _TCPX_CORE_CONF_H */
