/* SPDX-License-Identifier: GPL-2.0 */
/* What may be sent is spread over time. */
#ifndef _TCPX_CORE_PACE_H
#define _TCPX_CORE_PACE_H

#include <linux/types.h>

struct tcpx_tcb;

enum tcpx_pacing {
	TCPX_PACE_OFF,
	TCPX_PACE_TIMER,		/* the connection's own timer */
	TCPX_PACE_EDT,			/* fq holds segments until their time */
};

#define TCPX_PACE_UNLIMITED	(~0ULL)

u64 tcpx_pace_rate(const struct tcpx_tcb *tcb);
u64 tcpx_pace_sent(struct tcpx_tcb *tcb, u32 len, u64 now);
bool tcpx_pace_holds(struct tcpx_tcb *tcb, u64 now);

#endif /* _TCPX_CORE_PACE_H */
