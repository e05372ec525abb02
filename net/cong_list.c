// SPDX-License-Identifier: GPL-2.0
/*
 * Which congestion control algorithms there are, who may choose them, and what
 * a namespace uses: TCP_CONGESTION, net.tcpx.congestion_control and its kin.
 *
 * A socket has its algorithm from the beginning and holds the module that it
 * is in; so does a namespace.  Elsewhere algorithms are seen under RCU, and
 * tcpx_cong_unregister() waits for that: whoever comes later finds the module
 * going, and does without.
 */
#include <linux/capability.h>
#include <linux/jhash.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/dst.h>
#include <net/tcp.h>

#include "../cong/bbr.h"
#include "../cong/cubic.h"
#include "../cong/dctcp.h"
#include "../cong/reno.h"
#include "../path/sock.h"
#include "cong_list.h"

#define TCPX_CONG_LIST_MAX	1024	/* bytes of a list of names */

/* @allowed: whoever wants to may choose it */
struct tcpx_cong_entry {
	struct list_head list;
	const struct tcpx_cong_ops *ops;
	bool allowed;
	struct rcu_head rcu;
};

static LIST_HEAD(tcpx_ca_list);
static DEFINE_MUTEX(tcpx_cong_mutex);	/* changes of the list, and of what is allowed */

static const struct tcpx_cong_ops * const tcpx_cong_builtin[] = {
	&tcpx_cong_reno, &tcpx_cong_cubic, &tcpx_cong_bbr, &tcpx_cong_dctcp,
};

/* Under RCU, or the mutex */
static struct tcpx_cong_entry *tcpx_cong_find(const char *name)
{
	struct tcpx_cong_entry *e;

	list_for_each_entry_rcu(e, &tcpx_ca_list, list, lockdep_is_held(&tcpx_cong_mutex))
		if (!strcmp(e->ops->name, name))
			return e;
	return NULL;
}

static bool tcpx_cong_sane(const struct tcpx_cong_ops *ops)
{
	size_t len = ops->name ? strnlen(ops->name, TCPX_CONG_NAME_MAX) : 0;

	return len && len < TCPX_CONG_NAME_MAX && !strpbrk(ops->name, " \t\n") &&
	       ops->init && ops->ssthresh && (ops->acked || ops->control);
}

/**
 * tcpx_cong_register() - a congestion control algorithm can be chosen
 * @ops: the algorithm
 *
 * Context: process.  Return: 0, -EINVAL, -EEXIST or -ENOMEM.
 */
int tcpx_cong_register(const struct tcpx_cong_ops *ops)
{
	struct tcpx_cong_entry *e;
	int err = 0;

	if (!tcpx_cong_sane(ops))
		return -EINVAL;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	e->ops = ops;
	e->allowed = !(ops->flags & TCPX_CONG_RESTRICTED);
	mutex_lock(&tcpx_cong_mutex);
	if (tcpx_cong_find(ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&e->list, &tcpx_ca_list);
	mutex_unlock(&tcpx_cong_mutex);
	if (err)
		kfree(e);
	return err;
}
EXPORT_SYMBOL_GPL(tcpx_cong_register);

/**
 * tcpx_cong_unregister() - it can't be chosen any more, and nobody looks at it
 * @ops: registered; no socket uses it, since a socket holds its module
 *
 * Context: process.
 */
void tcpx_cong_unregister(const struct tcpx_cong_ops *ops)
{
	struct tcpx_cong_entry *e;

	mutex_lock(&tcpx_cong_mutex);
	e = tcpx_cong_find(ops->name);
	if (e && e->ops == ops) {
		list_del_rcu(&e->list);
		kfree_rcu(e, rcu);
	}
	mutex_unlock(&tcpx_cong_mutex);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(tcpx_cong_unregister);

/* Its module may be there and not be loaded */
static void tcpx_cong_autoload(const char *name)
{
	bool known;

	rcu_read_lock();
	known = tcpx_cong_find(name);
	rcu_read_unlock();
	if (!known && *name && capable(CAP_NET_ADMIN))
		request_module("tcpx-cong-%s", name);
}

/* Hold the algorithm called @name: 0, -ENOENT, -EPERM or -EBUSY */
static int tcpx_cong_get(const char *name, bool admin, const struct tcpx_cong_ops **ops)
{
	struct tcpx_cong_entry *e;
	int err = 0;

	rcu_read_lock();
	e = tcpx_cong_find(name);
	if (!e)
		err = -ENOENT;
	else if (!READ_ONCE(e->allowed) && !admin)
		err = -EPERM;
	else if (!try_module_get(e->ops->owner))
		err = -EBUSY;
	else
		*ops = e->ops;
	rcu_read_unlock();
	return err;
}

/* Hold @ops, or Reno if its module is going; under RCU */
static const struct tcpx_cong_ops *tcpx_cong_hold(const struct tcpx_cong_ops *ops)
{
	return try_module_get(ops->owner) ? ops : &tcpx_cong_reno;
}

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

/* As a route has its name, which only the kernel's TCP can tell */
static u32 tcpx_cong_key(const struct tcpx_cong_ops *ops)
{
	char name[TCP_CA_NAME_MAX] = { };

	BUILD_BUG_ON(sizeof(name) != TCPX_CONG_NAME_MAX);
	strscpy(name, ops->name, sizeof(name));
	return jhash(name, sizeof(name), strlen(name));
}

/* Hold the algorithm that @dst names, if we have it */
static const struct tcpx_cong_ops *tcpx_cong_of_route(const struct dst_entry *dst)
{
	u32 key = dst_metric(dst, RTAX_CC_ALGO);
	const struct tcpx_cong_ops *ops = NULL;
	struct tcpx_cong_entry *e;

	if (key == TCP_CA_UNSPEC)
		return NULL;
	rcu_read_lock();
	list_for_each_entry_rcu(e, &tcpx_ca_list, list)
		if (tcpx_cong_key(e->ops) == key) {
			ops = try_module_get(e->ops->owner) ? e->ops : NULL;
			break;
		}
	rcu_read_unlock();
	return ops;
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
 * @dst: its route, which comes first
 *
 * Where nothing was chosen it is what the namespace uses now.
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
 * @sk: locked, or seen by nobody
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
	/* To stay with what one has asks for nothing */
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
 * Context: process.  Return: 0, -ENOENT, -EPERM or -EBUSY.
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

/**
 * tcpx_cong_net_init() - a namespace uses what the first one does
 * @tn: tcpx in this namespace
 */
void tcpx_cong_net_init(struct tcpx_net *tn)
{
	const struct tcpx_net *first = tcpx_pernet(&init_net);

	rcu_read_lock();
	tn->cong_ops = tn == first ? &tcpx_cong_cubic : tcpx_cong_hold(READ_ONCE(first->cong_ops));
	rcu_read_unlock();
}

/**
 * tcpx_cong_net_exit() - undo tcpx_cong_net_init()
 * @tn: tcpx in this namespace
 */
void tcpx_cong_net_exit(struct tcpx_net *tn)
{
	module_put(tn->cong_ops->owner);
}

/* What a namespace uses everybody in it may choose; only the first one widens that */
static int tcpx_cong_set_default(struct tcpx_net *tn, const char *name)
{
	bool first = tn == tcpx_pernet(&init_net);
	const struct tcpx_cong_ops *ops;
	struct tcpx_cong_entry *e;
	int err;

	tcpx_cong_autoload(name);
	mutex_lock(&tcpx_cong_mutex);
	err = tcpx_cong_get(name, first, &ops);
	if (!err) {
		e = tcpx_cong_find(name);
		WRITE_ONCE(e->allowed, true);
		ops = xchg(&tn->cong_ops, ops);
		module_put(ops->owner);
	}
	mutex_unlock(&tcpx_cong_mutex);
	return err;
}

/**
 * tcpx_cong_sysctl_default() - net.tcpx.congestion_control
 * @table: data is &struct tcpx_net.cong_ops
 * @write: it is written
 * @buf: the user's
 * @len: its bytes
 * @pos: in the file
 *
 * Return: 0 or -errno.
 */
int tcpx_cong_sysctl_default(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos)
{
	struct tcpx_net *tn = container_of(table->data, struct tcpx_net, cong_ops);
	char name[TCPX_CONG_NAME_MAX];
	struct ctl_table t = { .data = name, .maxlen = sizeof(name) };
	int err;

	rcu_read_lock();
	strscpy(name, READ_ONCE(tn->cong_ops)->name, sizeof(name));
	rcu_read_unlock();
	err = proc_dostring(&t, write, buf, len, pos);
	return write && !err ? tcpx_cong_set_default(tn, name) : err;
}

static void tcpx_cong_names(char *buf, bool allowed)
{
	struct tcpx_cong_entry *e;
	size_t n = 0;

	*buf = '\0';
	rcu_read_lock();
	list_for_each_entry_rcu(e, &tcpx_ca_list, list)
		if (!allowed || READ_ONCE(e->allowed))
			n += scnprintf(buf + n, TCPX_CONG_LIST_MAX - n, "%s%s", n ? " " : "",
				       e->ops->name);
	rcu_read_unlock();
}

/* All of @names, or nothing; what is not named is for CAP_NET_ADMIN */
static int tcpx_cong_set_allowed(char *names)
{
	struct tcpx_cong_entry *e;
	char *copy, *rest, *name;
	int err = 0;

	copy = kstrdup(names, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	mutex_lock(&tcpx_cong_mutex);
	for (rest = copy; !err && (name = strsep(&rest, " ")); )
		if (*name && !tcpx_cong_find(name))
			err = -ENOENT;
	if (err)
		goto out;
	list_for_each_entry(e, &tcpx_ca_list, list)
		WRITE_ONCE(e->allowed, false);
	for (rest = names; (name = strsep(&rest, " ")); )
		if (*name)
			WRITE_ONCE(tcpx_cong_find(name)->allowed, true);
out:
	mutex_unlock(&tcpx_cong_mutex);
	kfree(copy);
	return err;
}

static int tcpx_cong_sysctl_names(int write, void *buf, size_t *len, loff_t *pos, bool allowed)
{
	struct ctl_table t = { .maxlen = TCPX_CONG_LIST_MAX };
	int err;

	t.data = kmalloc(t.maxlen, GFP_KERNEL);
	if (!t.data)
		return -ENOMEM;
	tcpx_cong_names(t.data, allowed);
	err = proc_dostring(&t, write, buf, len, pos);
	if (write && !err)
		err = tcpx_cong_set_allowed(t.data);
	kfree(t.data);
	return err;
}

/**
 * tcpx_cong_sysctl_available() - net.tcpx.available_congestion_control
 * @table: not used
 * @write: never
 * @buf: the user's
 * @len: its bytes
 * @pos: in the file
 *
 * Return: 0 or -errno.
 */
int tcpx_cong_sysctl_available(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			       loff_t *pos)
{
	return tcpx_cong_sysctl_names(write, buf, len, pos, false);
}

/**
 * tcpx_cong_sysctl_allowed() - net.tcpx.allowed_congestion_control
 * @table: not used
 * @write: it is written; one list for all namespaces, which the first one sets
 * @buf: the user's
 * @len: its bytes
 * @pos: in the file
 *
 * Return: 0 or -errno.
 */
int tcpx_cong_sysctl_allowed(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos)
{
	return tcpx_cong_sysctl_names(write, buf, len, pos, true);
}

/**
 * tcpx_ca_list_init() - the algorithms that are built in; process context
 *
 * Return: 0 or -errno.
 */
int tcpx_ca_list_init(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tcpx_cong_builtin); i++) {
		err = tcpx_cong_register(tcpx_cong_builtin[i]);
		if (err) {
			while (i--)
				tcpx_cong_unregister(tcpx_cong_builtin[i]);
			return err;
		}
	}
	return 0;
}

/**
 * tcpx_ca_list_exit() - undo tcpx_ca_list_init()
 */
void tcpx_ca_list_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tcpx_cong_builtin); i++)
		tcpx_cong_unregister(tcpx_cong_builtin[i]);
}
