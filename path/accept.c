// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of accept(): connections that are open and not yet accepted.
 *
 * The lock of struct tcpx_listener guards it.  A child counts with the half-open entries
 * (net/quota.c) until it is accepted, so that the memory of both is bounded.
 * Children that are still here when LISTEN ends are aborted.
 */
#include "accept.h"
#include "act.h"
#include "life.h"
#include "listener.h"
#include "sock.h"

/**
 * tcpx_accept_push() - queue a child for accept()
 * @lsk: the listener
 * @child: the caller gives a reference to the queue
 *
 * Context: the listener's lock.
 */
void tcpx_accept_push(struct sock *lsk, struct sock *child)
{
	struct tcpx_listener *l = tcpx_sk(lsk)->listener;

	/* Until it is accepted: as if it were half-open still */
	tcpx_quota_take(sock_net(child), TCPX_QUOTA_HALF_OPEN);
	*l->accept_end = tcpx_sk(child);
	l->accept_end = &tcpx_sk(child)->accept_next;
	sk_acceptq_added(lsk);
}

/* The oldest child, or NULL; the lock is held */
static struct tcpx_sock *tcpx_accept_take(struct tcpx_listener *l)
{
	struct tcpx_sock *child = l->accept_first;

	if (!child)
		return NULL;
	WRITE_ONCE(l->accept_first, child->accept_next);
	if (!l->accept_first)
		l->accept_end = &l->accept_first;
	child->accept_next = NULL;
	return child;
}

/**
 * tcpx_accept_pop() - take the child that has waited longest
 * @sk: the listener
 *
 * Context: process.
 * Return: the child, with the queue's reference, or NULL.
 */
struct sock *tcpx_accept_pop(struct sock *sk)
{
	struct tcpx_listener *l = tcpx_sk(sk)->listener;
	struct tcpx_sock *child;

	spin_lock_bh(&l->lock);
	child = tcpx_accept_take(l);
	if (child) {
		tcpx_quota_put(sock_net(sk), TCPX_QUOTA_HALF_OPEN);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&l->lock);
	return child ? &child->inet.sk : NULL;
}

/**
 * tcpx_accept_ready() - is there a child to accept?
 * @sk: the listener, not locked
 *
 * Context: any.
 * Return: true if there is.
 */
bool tcpx_accept_ready(const struct sock *sk)
{
	const struct tcpx_listener *l = READ_ONCE(tcpx_sk(sk)->listener);

	return l && READ_ONCE(l->accept_first);
}

/* A child that will not be accepted: 3.10.5, ABORT */
static void tcpx_child_abort(struct sock *child)
{
	sock_hold(child);
	local_bh_disable();
	bh_lock_sock_nested(child);
	sock_orphan(child);
	if (child->sk_state == TCP_CLOSE)
		tcpx_destroy(child);
	else
		tcpx_abort(child);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/**
 * tcpx_accept_purge() - LISTEN ends: what was not accepted is aborted
 * @sk: locked, no longer in LISTEN, so that nothing is added
 *
 * Context: process.
 */
void tcpx_accept_purge(struct sock *sk)
{
	struct sock *child;

	while ((child = tcpx_accept_pop(sk))) {
		tcpx_child_abort(child);
		cond_resched();
	}
}
