// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a connection's socket: it is set up, its changes of state are reported,
 * it ends.
 */
#include <net/xfrm.h>

#include "../net/mib.h"
#include "../net/trace.h"
#include "life.h"
#include "sock.h"

/**
 * tcpx_sock_setup() - initialise what follows the user's settings
 * @sk: new, or a clone of a listener; not yet visible
 *
 * Context: any.
 */
void tcpx_sock_setup(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	memset_after(tsk, 0, port);
	INIT_HLIST_NODE(&tsk->port.link);
	memset(&tsk->node, 0, sizeof(tsk->node));
	tsk->ooo = RB_ROOT;
}

static bool tcpx_counts_as_established(int state)
{
	return (1 << state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT);
}

static void tcpx_change_state(struct sock *sk, int state)
{
	int by = tcpx_counts_as_established(state) - tcpx_counts_as_established(sk->sk_state);

	if (by)
		tcpx_mib_add(tcpx_sk_net(sk), TCPX_MIB_CURR_ESTAB, by);
	inet_sk_set_state(sk, state);
}

/**
 * tcpx_set_state() - report a change of state: sk_state, tracepoint, counters
 * @sk: locked
 * @from: enum tcpx_state
 * @to: enum tcpx_state, which the TCB is in already
 * @event: enum tcpx_event, what led to it
 *
 * Context: process or softirq.
 */
void tcpx_set_state(struct sock *sk, u8 from, u8 to, u8 event)
{
	struct net *net = sock_net(sk);

	trace_tcpx_state(&tcpx_sk(sk)->node.tuple, from, to, event);
	if (to == TCPX_CLOSED && event == TCPX_EV_RCV_RST &&
	    (from == TCPX_ESTABLISHED || from == TCPX_CLOSE_WAIT))
		tcpx_mib_inc(net, TCPX_MIB_ESTAB_RESETS);
	if (to == TCPX_CLOSED && (from == TCPX_SYN_SENT || from == TCPX_SYN_RECEIVED))
		tcpx_mib_inc(net, TCPX_MIB_ATTEMPT_FAILS);
	/*
	 * sk_state never is TIME-WAIT: the hooks that the last ACK meets would take
	 * the socket for a timewait sock.  An entry will be in that state, and the
	 * socket CLOSED.
	 */
	if (to != TCPX_TIME_WAIT)
		tcpx_change_state(sk, to);
}

/**
 * tcpx_unhash() - take a socket out of the table of connections; struct proto.unhash
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_unhash(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (tcpx_table_remove(&tsk->node))
		__sock_put(sk);
}

/**
 * tcpx_release_port() - give the local port back; struct proto.put_port
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_release_port(struct sock *sk)
{
	/* getsockname() still tells the port (inet_sport), as with TCP */
	tcpx_port_put(&tcpx_sk(sk)->port);
	inet_sk(sk)->inet_num = 0;
}

/**
 * tcpx_destroy() - free a socket that has neither owner nor connection
 * @sk: locked, CLOSED, SOCK_DEAD; the owner's reference is dropped
 *
 * Context: process or softirq.
 */
void tcpx_destroy(struct sock *sk)
{
	if (tcpx_sk(sk)->orphan_counted) {
		tcpx_sk(sk)->orphan_counted = false;
		tcpx_quota_put(sock_net(sk), TCPX_QUOTA_ORPHAN);
	}
	tcpx_release_port(sk);
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	sock_put(sk);
}

/**
 * tcpx_done() - the TCB is deleted; an orphan is freed
 * @sk: locked; a caller without reference is in an RCU section
 *
 * Context: process or softirq.
 */
void tcpx_done(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->tcb.state = TCPX_CLOSED;
	tcpx_change_state(sk, TCP_CLOSE);
	tcpx_unhash(sk);
	tcpx_fastopen_done(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		tcpx_release_port(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sock_flag(sk, SOCK_DEAD))
		tcpx_destroy(sk);
	else
		sk->sk_state_change(sk);
}
