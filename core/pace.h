/* SPDX-License-Identifier: GPL-2.0 */
/* What may be sent is spread over time. */
#ifndef _TCPX_CORE_PACE_H
#define _TCPX_CORE_PACE_H

#include "tcb.h"

u64 tcpx_pace_rate(const struct tcpx_tcb *tcb);
u64 tcpx_pace_sent(struct tcpx_tcb *tcb, u32 len, u64 now);
bool tcpx_pace_holds(struct tcpx_tcb *tcb, u64 now);

#endif /* _TCPX_CORE_PACE_H */
