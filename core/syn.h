/* SPDX-License-Identifier: GPL-2.0 */
/* SYNs, and what begins when both ends are synchronized: RFC 9293, 3.5. */
#ifndef _TCPX_CORE_SYN_H
#define _TCPX_CORE_SYN_H

#include "../tcpx_fsm.h"

void tcpx_syn_set_iss(struct tcpx_tcb *tcb, u32 iss);
int tcpx_syn_open(struct tcpx_tcb *tcb, u32 iss, struct tcpx_actions *a);
void tcpx_syn_rcv(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now);
void tcpx_syn_accept(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u32 iss,
		     u64 now, struct tcpx_actions *a);
void tcpx_syn_established(struct tcpx_tcb *tcb, u64 now);

#endif /* _TCPX_CORE_SYN_H */
