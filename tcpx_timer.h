/* SPDX-License-Identifier: GPL-2.0 */
/* The timer of a connection. */
#ifndef _TCPX_TIMER_H
#define _TCPX_TIMER_H

#include <linux/hrtimer.h>

struct sock;
struct tcpx_tcb;

/**
 * struct tcpx_sk_timer - the one timer of a connection
 * @hr: armed for the earliest deadline
 * @at: what @hr is armed for, ns; TCPX_NEVER: not armed
 */
struct tcpx_sk_timer {
	struct hrtimer	hr;
	u64		at;
};

void tcpx_timer_setup(struct tcpx_sk_timer *timer,
		      enum hrtimer_restart (*passed)(struct hrtimer *hr));
void tcpx_timer_follow(struct tcpx_sk_timer *timer, const struct tcpx_tcb *tcb);
void tcpx_timer_stop(struct tcpx_sk_timer *timer);
void tcpx_timer_serve(struct sock *sk, int bit, unsigned long *deferred,
		      void (*serve)(struct sock *sk));

#endif /* _TCPX_TIMER_H */
