/* SPDX-License-Identifier: GPL-2.0 */
/* What an ACK reports from beyond a hole: RFC 2018, RFC 2883. */
#ifndef _TCPX_CORE_SACK_H
#define _TCPX_CORE_SACK_H

#include <linux/types.h>

#include "option.h"

struct tcpx_tcb;

/**
 * struct tcpx_sack_report - what the next ACK has to say
 * @block: blocks that are kept beyond RCV.NXT, the last to change first
 * @dup: the first duplicate in the segment that came last; empty: none, or reported
 * @nr: how many of @block there are
 * @fin_again: the segment that came last has a FIN that was known
 */
struct tcpx_sack_report {
	struct tcpx_sack_block block[TCPX_MAX_SACKS];
	struct tcpx_sack_block dup;
	u8	nr;
	bool	fin_again;
};

void tcpx_sack_kept(struct tcpx_tcb *tcb, u32 start, u32 end);
void tcpx_sack_fin(struct tcpx_tcb *tcb);
void tcpx_sack_fin_again(struct tcpx_tcb *tcb);
void tcpx_sack_forget_dup(struct tcpx_tcb *tcb);
void tcpx_sack_duplicate(struct tcpx_tcb *tcb, u32 start, u32 end);
void tcpx_sack_advance(struct tcpx_tcb *tcb);
void tcpx_sack_forget(struct tcpx_tcb *tcb, u32 from);
void tcpx_sack_fill(const struct tcpx_tcb *tcb, struct tcpx_opts *o);
u32 tcpx_sack_opt_len(const struct tcpx_tcb *tcb);
void tcpx_sack_fit(struct tcpx_opts *o, u32 room);

#endif /* _TCPX_CORE_SACK_H */
