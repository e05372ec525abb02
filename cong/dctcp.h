/* SPDX-License-Identifier: GPL-2.0 */
/* DCTCP (RFC 8257): its state. */
#ifndef _TCPX_CONG_DCTCP_H
#define _TCPX_CONG_DCTCP_H

#include <linux/types.h>

#include "cong.h"

#define TCPX_DCTCP_SHIFT	20	/* alpha is in units of 2^-20 */
#define TCPX_DCTCP_ONE		0x100000U

/**
 * struct tcpx_dctcp - what DCTCP keeps in struct tcpx_cong.priv
 * @delivered: tcb->delivered when the observation window began
 * @delivered_ce: tcb->delivered_ce then
 * @window_end: DCTCP.WindowEnd
 * @alpha: DCTCP.Alpha
 * @enabled: the peer does ECN; if not it is Reno
 */
struct tcpx_dctcp {
	u64	delivered;
	u64	delivered_ce;
	u32	window_end;
	u32	alpha;
	bool	enabled;
};

extern const struct tcpx_cong_ops tcpx_cong_dctcp;

#endif /* _TCPX_CONG_DCTCP_H */
