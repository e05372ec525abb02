// SPDX-License-Identifier: GPL-2.0
/*
 * The retransmission time-out: RFC 6298.  Pure arithmetic in ns.
 *
 * Karn's algorithm (MUST-18) is the caller's: it takes no sample from a
 * segment that was sent twice, unless a timestamp tells the copies apart.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "rtt.h"

/**
 * tcpx_rtt_init() - RFC 6298, (2.1): no measurement yet, RTO is 1 second
 * @r: the estimator
 */
void tcpx_rtt_init(struct tcpx_rtt *r)
{
	*r = (struct tcpx_rtt){ .rto = TCPX_RTO_INIT };
}

/**
 * tcpx_rtt_rto() - RFC 6298, (2.3) and (2.4)
 * @srtt: round-trip time, ns
 * @rttvar: its variation, ns
 * @rto_min: lower bound of the variance term, ns
 * @rto_max: upper bound of the RTO, ns
 *
 * Return: ns.
 */
u64 tcpx_rtt_rto(u64 srtt, u64 rttvar, u64 rto_min, u64 rto_max)
{
	return min(srtt + max(4 * rttvar, rto_min), rto_max);
}

/**
 * tcpx_rtt_sample() - RFC 6298, (2.2) to (2.5): one more measurement
 * @r: the estimator
 * @rtt: the measured round-trip time, ns
 * @rto_min: lower bound of the RTO, ns; it bounds the variance term, so that
 *	     the RTO never falls below SRTT + @rto_min
 * @rto_max: upper bound of the RTO, ns
 */
void tcpx_rtt_sample(struct tcpx_rtt *r, u64 rtt, u64 rto_min, u64 rto_max)
{
	u64 delta;

	rtt = max_t(u64, rtt, 1);
	if (!r->srtt) {
		r->srtt = rtt;
		r->rttvar = rtt / 2;
	} else {
		delta = r->srtt > rtt ? r->srtt - rtt : rtt - r->srtt;
		r->rttvar = r->rttvar - r->rttvar / 4 + delta / 4;
		r->srtt = r->srtt - r->srtt / 8 + rtt / 8;
	}
	r->last = rtt;
	if (!r->min_rtt || rtt < r->min_rtt)
		r->min_rtt = rtt;
	r->rto = tcpx_rtt_rto(r->srtt, r->rttvar, rto_min, rto_max);
}

/**
 * tcpx_rtt_backoff() - RFC 6298, (5.5): the timer, backed off
 * @rto: RTO, ns
 * @shift: how many times the timer has expired in a row
 * @rto_max: upper bound, ns
 *
 * Return: ns, @rto doubled @shift times, at most @rto_max.
 */
u64 tcpx_rtt_backoff(u64 rto, unsigned int shift, u64 rto_max)
{
	while (shift-- && rto < rto_max)
		rto <<= 1;
	return min(rto, rto_max);
}
