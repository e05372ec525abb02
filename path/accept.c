// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of accept(): connections that are open, and nobody's yet.
 *
 * lsn_lock of the listener guards it.  A child counts with the half-open
 * entries (net/quota.c) until it is accepted: nobody's memory is without limit.
 * What nobody has accepted when LISTEN ends is aborted.
 */
#include "accept.h"
#include "act.h"
#include "life.h"
#include "sock.h"

/**
 * tcpx_accept_push() - one more connection is open
 * @lsk: the listener
 * @child: has a reference for the queue
 *
 * Context: lsn_lock.
 */
void tcpx_accept_push(struct sock *lsk, struct sock *child)
{
	/* It counts on, until it is accepted */
	tcpx_quota_take(sock_net(child), TCPX_QUOTA_HALF_OPEN);
	list_add_tail(&tcpx_sk(child)->accept_node, &tcpx_sk(lsk)->accept_queue);
	sk_acceptq_added(lsk);
}

/**
 * tcpx_accept_pop() - the child that waits longest
 * @sk: the listener
 *
 * Context: process.  Return: the child, with the queue's reference, or NULL.
 */
struct sock *tcpx_accept_pop(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk), *child;

	spin_lock_bh(&tsk->lsn_lock);
	child = list_first_entry_or_null(&tsk->accept_queue, struct tcpx_sock, accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		tcpx_quota_put(sock_net(sk), TCPX_QUOTA_HALF_OPEN);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&tsk->lsn_lock);
	return child ? &child->inet.sk : NULL;
}

/**
 * tcpx_accept_ready() - is there a child to accept?
 * @sk: any context
 */
bool tcpx_accept_ready(const struct sock *sk)
{
	return !list_empty_careful(&tcpx_sk(sk)->accept_queue);
}

/* A child that nobody will accept: 3.10.5, ABORT */
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
 * tcpx_accept_purge() - LISTEN ends: what nobody has accepted is aborted
 * @sk: locked, no longer in LISTEN, so that nothing is added
 *
 * Context: process.
 */
void tcpx_accept_purge(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk), *child, *next;
	LIST_HEAD(orphans);

	spin_lock_bh(&tsk->lsn_lock);
	list_splice_init(&tsk->accept_queue, &orphans);
	WRITE_ONCE(sk->sk_ack_backlog, 0);
	spin_unlock_bh(&tsk->lsn_lock);

	list_for_each_entry_safe(child, next, &orphans, accept_node) {
		list_del_init(&child->accept_node);
		tcpx_quota_put(sock_net(sk), TCPX_QUOTA_HALF_OPEN);
		tcpx_child_abort(&child->inet.sk);
		cond_resched();
	}
}
