/* SPDX-License-Identifier: GPL-2.0 */
/* The retransmission time-out: RFC 6298. */
#ifndef _TCPX_CORE_RTT_H
#define _TCPX_CORE_RTT_H

#include <linux/types.h>

#define TCPX_NSEC_PER_MSEC	1000000ULL
#define TCPX_NSEC_PER_SEC	1000000000ULL

#define TCPX_RTO_INIT		(1 * TCPX_NSEC_PER_SEC)	/* RFC 6298, (2.1) */
#define TCPX_RTO_SYN_LOST	(3 * TCPX_NSEC_PER_SEC)	/* RFC 6298, (5.7) */

/**
 * struct tcpx_rtt - what RFC 6298 remembers, in ns
 * @srtt: smoothed round-trip time; 0: no measurement yet
 * @rttvar: round-trip time variation
 * @rto: time-out before back-off
 * @min_rtt: least round-trip time seen; 0: none yet
 * @last: the newest sample
 */
struct tcpx_rtt {
	u64	srtt;
	u64	rttvar;
	u64	rto;
	u64	min_rtt;
	u64	last;
};

void tcpx_rtt_init(struct tcpx_rtt *r);
u64 tcpx_rtt_rto(u64 srtt, u64 rttvar, u64 rto_min, u64 rto_max);
void tcpx_rtt_sample(struct tcpx_rtt *r, u64 rtt, u64 rto_min, u64 rto_max);
u64 tcpx_rtt_backoff(u64 rto, unsigned int shift, u64 rto_max);

#endif /* _TCPX_CORE_RTT_H */
