/* SPDX-License-Identifier: GPL-2.0 */
/* How large a segment may be: RFC 9293, 3.7.1. */
#ifndef _TCPX_CORE_MSS_H
#define _TCPX_CORE_MSS_H

#include "tcb.h"

u16 tcpx_mss_path(const struct tcpx_tcb *tcb);
void tcpx_mss_set(struct tcpx_tcb *tcb, u16 pmtu_mss);
void tcpx_mss_window(struct tcpx_tcb *tcb, u32 wnd);
u32 tcpx_mss_next(const struct tcpx_tcb *tcb);

#endif /* _TCPX_CORE_MSS_H */
