/* SPDX-License-Identifier: GPL-2.0 */
/* A deadline has passed: RFC 9293, 3.10.8. */
#ifndef _TCPX_CORE_TIMEOUT_H
#define _TCPX_CORE_TIMEOUT_H

#include "../tcpx_fsm.h"

void tcpx_timeout(struct tcpx_tcb *tcb, u8 timer, u64 now, struct tcpx_actions *a);

#endif /* _TCPX_CORE_TIMEOUT_H */
