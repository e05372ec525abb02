/* SPDX-License-Identifier: GPL-2.0 */
/* A segment leaves: its options, and what is noted of it. */
#ifndef _TCPX_CORE_SENT_H
#define _TCPX_CORE_SENT_H

#include "tcb.h"

void tcpx_send_opts(const struct tcpx_tcb *tcb, u8 flags, u64 now, struct tcpx_opts *o);
void tcpx_sent(struct tcpx_tcb *tcb, u32 seq, u32 len, u8 flags, u64 now);

#endif /* _TCPX_CORE_SENT_H */
