/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much may fly: the interface of a congestion control algorithm, and the
 * state every one of them shares.  All sizes are bytes.
 *
 * An algorithm is one file that fills in one struct tcpx_cong_ops.  It sees
 * acknowledgments, losses and time-outs, and changes cwnd and ssthresh; what
 * was lost is not its business (tcpx_recovery.c), nor when to send.
 */
#ifndef _TCPX_CONG_H
#define _TCPX_CONG_H

#include <linux/types.h>

#define TCPX_CONG_NAME_MAX	16
#define TCPX_CONG_PRIV_SIZE	104
#define TCPX_SSTHRESH_INF	0x7fffffffU

struct tcpx_tcb;

/**
 * struct tcpx_cong - congestion state of one connection
 * @cwnd: congestion window
 * @ssthresh: slow start threshold
 * @acked: bytes acknowledged since cwnd last grew (RFC 5681, 3.1)
 * @ops: the algorithm
 * @priv: the algorithm's own
 */
struct tcpx_cong {
	u32	cwnd;
	u32	ssthresh;
	u32	acked;
	const struct tcpx_cong_ops *ops;
	u64	priv[TCPX_CONG_PRIV_SIZE / sizeof(u64)];
};

/**
 * struct tcpx_cong_ops - an algorithm
 * @name: as TCP_CONGESTION gives it
 * @init: a connection is established, or changes to this algorithm
 * @ssthresh: a loss was found; returns the new slow start threshold, given
 *	      the bytes in flight
 * @acked: new data was acknowledged outside of loss recovery; @bytes of it,
 *	   at @now ns; @limited: cwnd was what limited the sender
 *
 * Process or softirq, socket locked; must not sleep.
 */
struct tcpx_cong_ops {
	const char *name;
	void (*init)(struct tcpx_tcb *tcb);
	u32 (*ssthresh)(const struct tcpx_tcb *tcb, u32 flight);
	void (*acked)(struct tcpx_tcb *tcb, u32 bytes, bool limited, u64 now);
};

extern const struct tcpx_cong_ops tcpx_cong_reno;

void tcpx_cong_init(struct tcpx_tcb *tcb, const struct tcpx_cong_ops *ops);
u32 tcpx_cong_initial_window(u32 smss);
void tcpx_cong_acked(struct tcpx_tcb *tcb, u32 bytes, u64 now);
void tcpx_cong_after_idle(struct tcpx_tcb *tcb, u64 now);

#endif /* _TCPX_CONG_H */
