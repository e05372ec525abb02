// SPDX-License-Identifier: GPL-2.0
/*
 * Which congestion control algorithm a socket uses: the one of its namespace, of
 * its listener, of the route, or of TCP_CONGESTION.
 *
 * A socket has an algorithm from the beginning, and holds the module that it is in.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/dst.h>
#include <net/tcp.h>

#include "../core/ecn.h"
#include "../net/cong_list.h"
#include "cong_choice.h"
#include "sock.h"

/* RFC 8257: an algorithm may ask for ECN whatever the sysctl says */
static void tcpx_cong_want_ecn(struct tcpx_sock *tsk)
{
	if (tsk->cong_ops->flags & TCPX_CONG_NEEDS_ECN)
		tsk->tcb.ecn.wanted |= TCPX_ECN_ALGORITHM;
	else
		tsk->tcb.ecn.wanted &= ~TCPX_ECN_ALGORITHM;
}

/**
 * tcpx_cong_assign() - a new socket gets what its namespace uses
 * @sk: not yet visible, its TCB is set up
 *
 * Context: any but hard interrupt.
 */
void tcpx_cong_assign(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	rcu_read_lock();
	tsk->cong_ops = tcpx_cong_hold(READ_ONCE(tcpx_sk_net(sk)->cong_ops));
	rcu_read_unlock();
	tsk->cong_chosen = false;
	tcpx_cong_want_ecn(tsk);
}

/* The algorithm that @dst names, held; NULL: it names none, or one that we do not have */
static const struct tcpx_cong_ops *tcpx_cong_of_route(const struct dst_entry *dst)
{
	u32 key = dst_metric(dst, RTAX_CC_ALGO);

	return key == TCP_CA_UNSPEC ? NULL : tcpx_cong_get_by_key(key);
}

static void tcpx_cong_by_route(struct tcpx_sock *tsk, const struct tcpx_cong_ops *ops,
			       const struct dst_entry *dst)
{
	WRITE_ONCE(tsk->cong_ops, ops);
	tsk->cong_locked = dst_metric_locked(dst, RTAX_CC_ALGO);
	tcpx_cong_want_ecn(tsk);
}

/**
 * tcpx_cong_inherit() - a child gets what the user of its listener has chosen
 * @sk: a copy of the listener, made in this RCU section; holds nothing yet
 * @dst: its route: an algorithm named there takes precedence
 *
 * Where nothing was chosen it is what the namespace uses now.
 *
 * Context: softirq, rcu_read_lock().
 */
void tcpx_cong_inherit(struct sock *sk, const struct dst_entry *dst)
{
	const struct tcpx_cong_ops *ops = tcpx_cong_of_route(dst);
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->cong_locked = false;
	if (ops)
		tcpx_cong_by_route(tsk, ops, dst);
	else if (!tsk->cong_chosen || !try_module_get(tsk->cong_ops->owner))
		tcpx_cong_assign(sk);
}

/**
 * tcpx_cong_route() - an active OPEN: the route's choice comes before the user's
 * @sk: locked, no connection yet
 * @dst: the route
 *
 * Context: process.
 */
void tcpx_cong_route(struct sock *sk, const struct dst_entry *dst)
{
	const struct tcpx_cong_ops *ops = tcpx_cong_of_route(dst);
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->cong_locked = false;
	if (!ops)
		return;
	module_put(tsk->cong_ops->owner);
	tcpx_cong_by_route(tsk, ops, dst);
}

/**
 * tcpx_cong_put() - the socket goes
 * @sk: locked, or no longer visible
 *
 * Context: any but hard interrupt.
 */
void tcpx_cong_put(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tcpx_cong_release(&tsk->tcb);
	if (tsk->cong_ops)
		module_put(tsk->cong_ops->owner);
	tsk->cong_ops = NULL;
}

static int tcpx_cong_change(struct sock *sk, const char *name)
{
	bool admin = ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_cong_ops *ops;
	int err;

	if (tsk->cong_locked)
		return -EPERM;
	/* No change needs no permission */
	if (!strcmp(tsk->cong_ops->name, name))
		return 0;
	err = tcpx_cong_get(name, admin, &ops);
	if (err)
		return err;
	if (tsk->tcb.cong.ops)
		tcpx_cong_switch(&tsk->tcb, ops, ktime_get_ns());
	module_put(tsk->cong_ops->owner);
	WRITE_ONCE(tsk->cong_ops, ops);
	tcpx_cong_want_ecn(tsk);
	return 0;
}

/**
 * tcpx_cong_set() - TCP_CONGESTION
 * @sk: not locked
 * @name: the algorithm
 *
 * Context: process.
 * Return: 0, -ENOENT, -EPERM (the caller may not, or the route has
 * chosen) or -EBUSY (its module is being unloaded).
 */
int tcpx_cong_set(struct sock *sk, const char *name)
{
	int err;

	tcpx_cong_autoload(name);
	lock_sock(sk);
	err = tcpx_cong_change(sk, name);
	if (!err)
		tcpx_sk(sk)->cong_chosen = true;
	release_sock(sk);
	return err;
}
