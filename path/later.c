// SPDX-License-Identifier: GPL-2.0
/*
 * What is done after what softirq does now: a list of sockets for each CPU.
 *
 * tcpx_do_later() may be called when an skb of the socket is freed (tcpx_unthrottle()),
 * which still counts in sk_wmem_alloc at that moment: so there is a socket, but perhaps
 * no reference to it any more, and then nothing to send.
 */
#include "later.h"
#include "sock.h"

DEFINE_PER_CPU(struct tcpx_later, tcpx_laters);

/**
 * tcpx_do_later() - have something done after what softirq does now
 * @sk: the socket; held by the caller, or one of its skbs is
 * @what: TCPX_ACK_WAITS or TCPX_OUTPUT_WAITS
 *
 * The bit first, then TCPX_LATER: path/timeout.c takes them the other way round.
 *
 * Context: any.
 */
void tcpx_do_later(struct sock *sk, int what)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_later *later;

	if (test_and_set_bit(what, &tsk->deferred) || !refcount_inc_not_zero(&sk->sk_refcnt))
		return;
	if (test_and_set_bit(TCPX_LATER, &tsk->deferred)) {
		sock_put(sk);
		return;
	}
	later = get_cpu_ptr(&tcpx_laters);
	llist_add(&tsk->later, &later->socks);
	tasklet_schedule(&later->tasklet);
	put_cpu_ptr(&tcpx_laters);
}
