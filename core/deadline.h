/* SPDX-License-Identifier: GPL-2.0 */
/* When something is due: the deadlines of a connection. */
#ifndef _TCPX_CORE_DEADLINE_H
#define _TCPX_CORE_DEADLINE_H

#include "tcb.h"

#define TCPX_UTO_ADV		300	/* s, RFC 5482 ADV_UTO where the user sets none */
#define TCPX_UTO_MIN		100	/* s, RFC 5482 L_LIMIT */
#define TCPX_UTO_LIMIT		3600	/* s, RFC 5482 U_LIMIT */

u64 tcpx_deadline_next(const struct tcpx_tcb *tcb);

u64 tcpx_rexmt_interval(const struct tcpx_tcb *tcb);
void tcpx_first_rto(struct tcpx_tcb *tcb);
void tcpx_deadline_rexmt(struct tcpx_tcb *tcb, u64 now);
void tcpx_deadline_unreachable(struct tcpx_tcb *tcb, u32 seq, u64 now);

void tcpx_deadline_user(struct tcpx_tcb *tcb);
void tcpx_deadline_uto(struct tcpx_tcb *tcb, const struct tcpx_opts *o);

u64 tcpx_keep_idle(const struct tcpx_tcb *tcb);
void tcpx_deadline_keep(struct tcpx_tcb *tcb, u64 now);

#endif /* _TCPX_CORE_DEADLINE_H */
