/* SPDX-License-Identifier: GPL-2.0 */
/* The path's MTU, probed with segments of data: RFC 4821, RFC 8899. */
#ifndef _TCPX_CORE_PMTU_H
#define _TCPX_CORE_PMTU_H

#include <linux/types.h>

struct tcpx_tcb;

#define TCPX_PMTU_TRIES	3	/* RFC 8899, 5.1.2: MAX_PROBES */

/**
 * struct tcpx_pmtu - the search; sizes are bytes of payload and TCP options
 * @path: what the route and routers say
 * @low: has passed, or is small enough to pass anywhere
 * @high: nothing larger passes, as far as is known
 * @due: bytes of payload of the probe that may leave next; 0: none
 * @size: of the probe that is out; 0: none
 * @seq: the probe's first number
 * @end: after its last
 * @searched_at: when the search was over, ns
 * @on: the search decides, and not @path
 * @lost: a probe was lost, what it carried is being repaired
 * @tries: probes of this size that were lost
 */
struct tcpx_pmtu {
	u16	path;
	u16	low;
	u16	high;
	u16	due;
	u16	size;
	bool	on;
	bool	lost;
	u32	seq;
	u32	end;
	u8	tries;
	u64	searched_at;
};

u32 tcpx_pmtu_due(struct tcpx_tcb *tcb, u32 avail, u64 now);
void tcpx_pmtu_sent(struct tcpx_tcb *tcb, u32 seq, u32 len);
bool tcpx_pmtu_acked(struct tcpx_tcb *tcb, u64 now);
bool tcpx_pmtu_lost(struct tcpx_tcb *tcb, u64 now);
bool tcpx_pmtu_timeout(struct tcpx_tcb *tcb);

#endif /* _TCPX_CORE_PMTU_H */
