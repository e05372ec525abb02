// SPDX-License-Identifier: GPL-2.0
/*
 * What falls due for a socket: deadlines that have passed, output that waited for
 * the host's queues to drain, the ACK of segments that have arrived together.
 * While a process holds the socket a bit of @deferred is set instead, and
 * release_sock() catches up.
 */
#include "../core/timeout.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../tcpx_compat.h"
#include "../tcpx_timer.h"
#include "act.h"
#include "host_queue.h"
#include "later.h"
#include "output.h"
#include "sock.h"
#include "timeout.h"

/**
 * tcpx_orphan_starves() - reset an orphan if memory has run out
 * @sk: locked
 *
 * An orphan that holds more than the minimum of a send buffer ends, so that sockets
 * with an owner can go on: MUST-21 asks for more patience than there is memory.
 *
 * Context: process or softirq.
 * Return: true if it was reset.
 */
bool tcpx_orphan_starves(struct sock *sk)
{
	if (!sock_flag(sk, SOCK_DEAD) || sk->sk_wmem_queued <= SOCK_MIN_SNDBUF ||
	    sk_memory_allocated(sk) <= sk_prot_mem_limits(sk, 2))
		return false;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_ORPHAN_STARVED);
	tcpx_abort(sk);
	return true;
}

/* What was sent is not acknowledged in time */
static void tcpx_note_timeout(struct sock *sk, const struct tcpx_actions *a)
{
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_TIMEOUTS);
	tcpx_fastopen_timeout(sk, a->todo & TCPX_DO_DELETE);
	tcpx_sk(sk)->acked_len = 0;
	if (a->todo & TCPX_DO_REXMT)
		tcpx_black_hole(sk);
}

/* Count and trace what another deadline leads to */
static void tcpx_note_timer(struct sock *sk, u8 timer, const struct tcpx_actions *a)
{
	const struct tcpx_tuple *tuple = &tcpx_sk(sk)->node.tuple;
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	switch (timer) {
	case TCPX_T_DELACK:
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_DELAYED_ACKS);
		break;
	case TCPX_T_TLP:
		if (!a->todo)
			break;
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_TLP_PROBES);
		trace_tcpx_probe(tuple, TCPX_PROBE_TAIL_LOSS, tcb->snd_nxt, 0, 1);
		break;
	case TCPX_T_KEEP:
		if (!(a->todo & TCPX_DO_PROBE))
			break;
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_KEEPALIVE_PROBES);
		trace_tcpx_probe(tuple, TCPX_PROBE_KEEPALIVE, tcb->snd_una - 1, 0,
				 tcb->probes_out);
		break;
	case TCPX_T_PERSIST:
		if (a->todo & TCPX_DO_PROBE)
			trace_tcpx_probe(tuple, TCPX_PROBE_ZERO_WINDOW, tcb->snd_una - 1, 0,
					 tcb->probes_out);
		break;
	}
}

/**
 * tcpx_timeout_run() - serve every deadline that has passed
 * @sk: locked; its timer has expired
 *
 * Context: softirq, or process from release_sock().
 */
void tcpx_timeout_run(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	u64 now = ktime_get_ns();
	struct tcpx_actions a;
	int i;

	tsk->timer.at = TCPX_NEVER;
	for (i = 0; i < TCPX_NR_TIMERS && sk->sk_state != TCP_CLOSE; i++) {
		if (tcb->deadline[i] > now)
			continue;
		if ((i == TCPX_T_REXMT || i == TCPX_T_PERSIST) && tcpx_orphan_starves(sk))
			break;
		tcpx_timeout(tcb, i, now, &a);
		if (i == TCPX_T_REXMT && a.todo)
			tcpx_note_timeout(sk, &a);
		else
			tcpx_note_timer(sk, i, &a);
		tcpx_act(sk, NULL, &a);
	}
	if (sk->sk_state != TCP_CLOSE) {
		tcpx_trace_cong(sk);
		tcpx_timer_sync(sk);
	}
}

static enum hrtimer_restart tcpx_deadline_passed(struct hrtimer *timer)
{
	struct tcpx_sock *tsk = container_of(timer, struct tcpx_sock, timer.hr);

	tcpx_timer_serve(&tsk->inet.sk, TCPX_DEFER_TIMER, &tsk->deferred, tcpx_timeout_run);
	return HRTIMER_NORESTART;
}

/*
 * Runs in softirq after the network's: segments that have arrived together are all
 * processed.  Their ACK may have left meanwhile, with payload or because of a reader.
 */
static void tcpx_later_one(struct tcpx_sock *tsk)
{
	struct sock *sk = &tsk->inet.sk;
	bool ack, output;

	bh_lock_sock(sk);
	clear_bit(TCPX_LATER, &tsk->deferred);
	smp_mb__after_atomic();		/* what is set from now on enters the list again */
	ack = test_and_clear_bit(TCPX_ACK_WAITS, &tsk->deferred);
	output = test_and_clear_bit(TCPX_OUTPUT_WAITS, &tsk->deferred);
	if (sock_owned_by_user(sk)) {
		if (ack)
			set_bit(TCPX_DEFER_ACK, &tsk->deferred);
		if (output)
			set_bit(TCPX_DEFER_OUTPUT, &tsk->deferred);
	} else if (sk->sk_state != TCP_CLOSE) {
		if (ack && tsk->tcb.ack_now)
			tcpx_send_ack(sk);
		if (output)
			tcpx_output(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void tcpx_later_all(struct tasklet_struct *tasklet)
{
	struct tcpx_later *later = from_tasklet(later, tasklet, tasklet);
	struct tcpx_sock *tsk, *next;

	llist_for_each_entry_safe(tsk, next, llist_del_all(&later->socks), later)
		tcpx_later_one(tsk);
}

/**
 * tcpx_timeout_init() - something may be done later
 *
 * Context: process.
 * Return: 0.
 */
int tcpx_timeout_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_setup(per_cpu_ptr(&tcpx_laters.tasklet, cpu), tcpx_later_all);
	return 0;
}

/**
 * tcpx_timeout_exit() - there is no socket any more; wait for the last tasklet
 *
 * Context: process.
 */
void tcpx_timeout_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(per_cpu_ptr(&tcpx_laters.tasklet, cpu));
}

/**
 * tcpx_timeout_setup() - prepare the timer of a new socket
 * @sk: not yet visible
 *
 * Context: any.
 */
void tcpx_timeout_setup(struct sock *sk)
{
	tcpx_timer_setup(&tcpx_sk(sk)->timer, tcpx_deadline_passed);
}
