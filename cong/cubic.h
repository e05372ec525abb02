/* SPDX-License-Identifier: GPL-2.0 */
/* CUBIC (RFC 9438): its state and arithmetic. */
#ifndef _TCPX_CONG_CUBIC_H
#define _TCPX_CONG_CUBIC_H

#include <linux/types.h>

#include "cong.h"
#include "hystart.h"

#define TCPX_CUBIC_TIME_SHIFT	12	/* the unit of time in the curve: 2^-12 s */

/**
 * struct tcpx_cubic_curve - where the window is heading to: RFC 9438, 4.1
 * @epoch: when this stage of congestion avoidance began, ns; 0: it has not.
 *	   Time in which the window was not used does not count: it moves
 * @w_max: W_max, for the next stage, bytes; 0: none
 * @origin: W_max of this stage, bytes
 * @k: K, 2^-12 s
 * @w_est: W_est, bytes
 * @cwnd_prior: cwnd_prior, bytes
 */
struct tcpx_cubic_curve {
	u64	epoch;
	u32	w_max;
	u32	origin;
	u32	k;
	u32	w_est;
	u32	cwnd_prior;
};

/**
 * struct tcpx_cubic - what CUBIC keeps in struct tcpx_cong.priv
 * @curve: now
 * @undo: before the last reduction: RFC 9438, 4.9
 * @last_ack: the last acknowledgment of something, ns
 * @stalled: since when the window has not been used, ns; 0: it is used
 * @est_carry: what W_est has not yet grown by, in fractions of a byte
 * @hystart: slow start
 */
struct tcpx_cubic {
	struct tcpx_cubic_curve curve;
	struct tcpx_cubic_curve undo;
	u64	last_ack;
	u64	stalled;
	u64	est_carry;
	struct tcpx_hystart hystart;
};

extern const struct tcpx_cong_ops tcpx_cong_cubic;

u32 tcpx_cubic_root(u64 x);
u32 tcpx_cubic_k(u32 bytes, u32 smss);
u32 tcpx_cubic_window(const struct tcpx_cubic_curve *v, u64 t, u32 smss);

#endif /* _TCPX_CONG_CUBIC_H */
