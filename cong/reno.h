/* SPDX-License-Identifier: GPL-2.0 */
/* Reno (RFC 5681), and what DCTCP takes from it. */
#ifndef _TCPX_CONG_RENO_H
#define _TCPX_CONG_RENO_H

#include "cong.h"

extern const struct tcpx_cong_ops tcpx_cong_reno;

u32 tcpx_reno_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now);
void tcpx_reno_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now);

#endif /* _TCPX_CONG_RENO_H */
