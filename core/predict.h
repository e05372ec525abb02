/* SPDX-License-Identifier: GPL-2.0 */
/* The predicted path of SEGMENT ARRIVES. */
#ifndef _TCPX_CORE_PREDICT_H
#define _TCPX_CORE_PREDICT_H

#include "../tcpx_fsm.h"

bool tcpx_predicted(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now,
		    struct tcpx_actions *a);

#endif /* _TCPX_CORE_PREDICT_H */
