// SPDX-License-Identifier: GPL-2.0
/*
 * What a route says of a path: `ip route ... rto_min 50ms`, as numbers.
 *
 * The metrics are read here; the core knows what they mean (struct tcpx_route).
 * Not among them are mtu and advmss (path/output.c), congctl (path/cong_choice.c)
 * and hoplimit, which is IP's.  Nothing is saved from finished connections: cwnd,
 * ssthresh, reordering, rtt and rttvar are what the administrator has set.
 */
#include <net/dst.h>

#include "gso.h"
#include "route.h"
#include "sock.h"

/* A metric that counts milliseconds, or @parts of one, in us */
static u32 tcpx_route_us(const struct dst_entry *dst, int metric, u32 parts)
{
	return min_t(u64, dst_metric(dst, metric) * (u64)(USEC_PER_MSEC / parts), U32_MAX);
}

/**
 * tcpx_route_read() - read the metrics of a route
 * @dst: the route
 * @route: filled in
 *
 * rto_min and cwnd count as limits only where they are locked, as for the kernel's
 * TCP; `ip` locks rto_min by itself.
 *
 * Context: any; the caller holds @dst.
 */
void tcpx_route_read(const struct dst_entry *dst, struct tcpx_route *route)
{
	*route = (struct tcpx_route){
		.window = dst_metric(dst, RTAX_WINDOW),
		.init_rwnd = dst_metric(dst, RTAX_INITRWND),
		.init_cwnd = dst_metric(dst, RTAX_INITCWND),
		.ssthresh = dst_metric(dst, RTAX_SSTHRESH),
		.reordering = dst_metric(dst, RTAX_REORDERING),
		/* Netlink counts them in eighths and in quarters of a millisecond */
		.rtt_us = tcpx_route_us(dst, RTAX_RTT, 8),
		.rttvar_us = tcpx_route_us(dst, RTAX_RTTVAR, 4),
		.quickack = dst_metric(dst, RTAX_QUICKACK),
		.ecn = dst_feature(dst, DST_FEATURE_ECN_MASK),
		.fastopen_no_cookie = dst_metric(dst, RTAX_FASTOPEN_NO_COOKIE),
	};
	if (dst_metric_locked(dst, RTAX_RTO_MIN))
		route->rto_min_us = tcpx_route_us(dst, RTAX_RTO_MIN, 1);
	if (dst_metric_locked(dst, RTAX_CWND))
		route->cwnd_max = dst_metric(dst, RTAX_CWND);
}

/**
 * tcpx_route_set() - a socket gets a route, or another one
 * @sk: locked, or not yet visible
 * @dst: the route; its reference is consumed
 *
 * Context: any but hard interrupt.
 */
void tcpx_route_set(struct sock *sk, struct dst_entry *dst)
{
	struct tcpx_route route;

	if (tcpx_sk(sk)->family->note_route)
		tcpx_sk(sk)->family->note_route(sk, dst);
	tcpx_gso_route(sk, dst);
	tcpx_route_read(dst, &route);
	tcpx_tcb_route(&tcpx_sk(sk)->tcb, &route);
}
