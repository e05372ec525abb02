// SPDX-License-Identifier: GPL-2.0
/*
 * accept(): takes a connection off the accept queue (path/accept.c), or waits for
 * one.
 */
#include <linux/sched/signal.h>
#include <net/sock.h>

#include "../path/accept.h"
#include "accept.h"

/* Sleep until a child is queued, a signal comes or @timeo is over; 0 or -errno */
static int tcpx_accept_wait(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err = 0;

	while (!tcpx_accept_ready(sk)) {
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!tcpx_accept_ready(sk) && sk->sk_state == TCP_LISTEN)
			timeo = schedule_timeout(timeo);
		lock_sock(sk);
		finish_wait(sk_sleep(sk), &wait);
		err = 0;
	}
	return err;
}

/**
 * tcpx_accept() - take the oldest child of a listener; struct proto.accept
 * @sk: the listener, not locked
 * @flags: O_NONBLOCK
 * @err: takes -errno where NULL is returned
 *
 * Context: process, may sleep.  Return: the child, with a reference, or NULL.
 */
struct sock *tcpx_accept(struct sock *sk, int flags, int *err)
{
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	do {
		*err = tcpx_accept_wait(sk, sock_rcvtimeo(sk, flags & O_NONBLOCK));
		if (*err)
			goto out;
		child = tcpx_accept_pop(sk);
	} while (!child);
out:
	release_sock(sk);
	return child;
}
