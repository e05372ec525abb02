// SPDX-License-Identifier: GPL-2.0
/*
 * A deadline passes.
 *
 * The deadlines of a connection are numbers in its TCB, one of each kind; the
 * table in core/deadline.c says when each of them runs, and what starts it anew.
 *
 * One hrtimer is armed for the earliest.  A deadline that moves later leaves
 * the timer alone: when it expires it looks at the numbers and arms itself
 * again.
 *
 * @timer is armed under the socket lock, with a reference held or, in softirq, with
 * the socket not CLOSED: then the table holds one.  @unthrottle is armed by the
 * destructor of one of the socket's skbs, which still counts in sk_wmem_alloc at
 * that moment.  Neither timer holds a reference of its own.
 *
 * Both end in tcpx_destruct(), with hrtimer_cancel(): no reference is left then,
 * no skb, and no RCU reader that found the socket in the table (SOCK_RCU_FREE), so
 * nothing can arm them any more; a callback that still runs finds the socket CLOSED
 * and the memory in place, since hrtimer_cancel() waits for it.  Anywhere else
 * cancelling a timer only saves it from firing in vain.
 */
#include "core/deadline.h"
#include "core/timeout.h"
#include "net/mib.h"
#include "path/act.h"
#include "path/life.h"
#include "path/output.h"
#include "path/sock.h"
#include "tcpx_timer.h"

/**
 * tcpx_timer_sync() - arm the timer if a deadline is earlier than it stands
 * @sk: locked, or not yet visible
 */
void tcpx_timer_sync(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u64 next = tcpx_deadline_next(&tsk->tcb);

	if (next >= tsk->timer_at)
		return;
	tsk->timer_at = next;
	hrtimer_start(&tsk->timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
}

/**
 * tcpx_timer_run() - serve every deadline that has passed
 * @sk: locked; its timer has expired
 */
void tcpx_timer_run(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	u64 now = ktime_get_ns();
	struct tcpx_actions a;
	int i;

	tsk->timer_at = TCPX_NEVER;
	for (i = 0; i < TCPX_NR_TIMERS && sk->sk_state != TCP_CLOSE; i++) {
		if (tcb->deadline[i] > now)
			continue;
		if ((i == TCPX_T_REXMT || i == TCPX_T_PERSIST) && tcpx_orphan_starves(sk))
			break;
		tcpx_timeout(tcb, i, now, &a);
		if (i == TCPX_T_REXMT && a.todo) {
			tcpx_mib_inc(sock_net(sk), TCPX_MIB_TIMEOUTS);
			tcpx_fastopen_timeout(sk, a.todo & TCPX_DO_DELETE);
			tcpx_sk(sk)->acked_len = 0;
			if (a.todo & TCPX_DO_REXMT)
				tcpx_black_hole(sk);
		}
		if (i == TCPX_T_TLP && a.todo)
			tcpx_mib_inc(sock_net(sk), TCPX_MIB_TLP_PROBES);
		if (i == TCPX_T_DELACK)
			tcpx_mib_inc(sock_net(sk), TCPX_MIB_DELAYED_ACKS);
		if (i == TCPX_T_KEEP && a.todo & TCPX_DO_PROBE)
			tcpx_mib_inc(sock_net(sk), TCPX_MIB_KEEPALIVE_PROBES);
		tcpx_act(sk, NULL, &a);
	}
	if (sk->sk_state != TCP_CLOSE)
		tcpx_timer_sync(sk);
}

static enum hrtimer_restart tcpx_timer_fired(struct hrtimer *timer)
{
	struct tcpx_sock *tsk = container_of(timer, struct tcpx_sock, timer);
	struct sock *sk = &tsk->inet.sk;

	bh_lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		goto out;
	/* Not CLOSED means hashed, so there is a reference to add to */
	if (sock_owned_by_user(sk))
		set_bit(TCPX_DEFER_TIMER, &tsk->deferred);
	else
		tcpx_timer_run(sk);
out:
	bh_unlock_sock(sk);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart tcpx_unthrottled(struct hrtimer *timer)
{
	struct tcpx_sock *tsk = container_of(timer, struct tcpx_sock, unthrottle);
	struct sock *sk = &tsk->inet.sk;

	bh_lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE) {
		if (sock_owned_by_user(sk))
			set_bit(TCPX_DEFER_OUTPUT, &tsk->deferred);
		else
			tcpx_output(sk);
	}
	bh_unlock_sock(sk);
	return HRTIMER_NORESTART;
}

/**
 * tcpx_timer_setup() - prepare the timers of a new socket
 * @sk: not yet visible
 */
void tcpx_timer_setup(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	hrtimer_init(&tsk->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	tsk->timer.function = tcpx_timer_fired;
	tsk->timer_at = TCPX_NEVER;
	hrtimer_init(&tsk->unthrottle, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	tsk->unthrottle.function = tcpx_unthrottled;
	tasklet_setup(&tsk->ack_round, tcpx_ack_round);
}
