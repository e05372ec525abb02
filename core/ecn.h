/* SPDX-License-Identifier: GPL-2.0 */
/* Explicit congestion notification: RFC 3168. */
#ifndef _TCPX_CORE_ECN_H
#define _TCPX_CORE_ECN_H

#include "../tcpx_fsm.h"

u8 tcpx_ecn_syn(const struct tcpx_tcb *tcb, u8 flags);
void tcpx_ecn_negotiate(struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
bool tcpx_ecn_ack_first(const struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
bool tcpx_ecn_rcv(struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
void tcpx_ecn_flags(struct tcpx_tcb *tcb, struct tcpx_seg *seg);

#endif /* _TCPX_CORE_ECN_H */
