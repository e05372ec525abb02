// SPDX-License-Identifier: GPL-2.0
/*
 * The timer of a connection.
 *
 * The deadlines of a connection are times in its TCB, one of each kind; the table in
 * core/deadline.c says when each of them runs, and what restarts it.
 *
 * One hrtimer is armed for the earliest.  Moving a deadline later leaves the timer
 * alone: the callback, which is path/timeout.c's, looks at the deadlines when it runs
 * and arms the timer again.
 *
 * The timer is armed under the socket lock, with a reference held or, in softirq, with
 * the socket not CLOSED: then the table holds one.  It has no reference of its own.
 *
 * tcpx_destruct() ends it with hrtimer_cancel().  No reference is left then, and no RCU
 * reader that found the socket in the table (SOCK_RCU_FREE), so nothing can arm it any
 * more; a callback that still runs finds the socket CLOSED, and its memory in place,
 * since hrtimer_cancel() waits for it.  Cancelling it anywhere else only saves a vain
 * interrupt.
 */
#include <net/sock.h>

#include "core/deadline.h"
#include "core/tcb.h"
#include "tcpx_compat.h"
#include "tcpx_timer.h"

/**
 * tcpx_timer_follow() - arm the timer if a deadline is earlier than it is armed for
 * @timer: of a socket that is locked, or not yet visible
 * @tcb: has the deadlines
 *
 * Context: softirq or process.
 */
void tcpx_timer_follow(struct tcpx_sk_timer *timer, const struct tcpx_tcb *tcb)
{
	u64 next = tcpx_deadline_next(tcb);

	if (next >= timer->at)
		return;
	timer->at = next;
	hrtimer_start(&timer->hr, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
}

/**
 * tcpx_timer_serve() - do now what a timer is for, or leave it to release_sock()
 * @sk: not locked
 * @bit: in @deferred, set if the user holds the socket
 * @deferred: what the release_cb has to do
 * @serve: called otherwise, with the socket locked
 *
 * Context: softirq.
 */
void tcpx_timer_serve(struct sock *sk, int bit, unsigned long *deferred,
		      void (*serve)(struct sock *sk))
{
	bh_lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		goto out;
	/* Not CLOSED means hashed, so there is a reference to add to */
	if (sock_owned_by_user(sk))
		set_bit(bit, deferred);
	else
		serve(sk);
out:
	bh_unlock_sock(sk);
}

/**
 * tcpx_timer_stop() - cancel the timer; a callback that already runs goes on
 * @timer: of a socket that is locked
 *
 * Context: softirq or process.
 */
void tcpx_timer_stop(struct tcpx_sk_timer *timer)
{
	hrtimer_try_to_cancel(&timer->hr);
	timer->at = TCPX_NEVER;
}

/**
 * tcpx_timer_setup() - prepare the timer of a new socket
 * @timer: filled in, not armed
 * @passed: its callback, in softirq
 *
 * Any context.
 */
void tcpx_timer_setup(struct tcpx_sk_timer *timer,
		      enum hrtimer_restart (*passed)(struct hrtimer *hr))
{
	hrtimer_setup(&timer->hr, passed, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	timer->at = TCPX_NEVER;
}
