// SPDX-License-Identifier: GPL-2.0
/*
 * The list of congestion control algorithms, which of them need CAP_NET_ADMIN, and the
 * default of each namespace: net.tcpx.congestion_control and its kin.
 *
 * A socket (path/cong_choice.c) and a namespace hold a reference to the module of their
 * algorithm.  All other readers are under RCU, for which tcpx_cong_unregister() waits;
 * a reader that comes later fails to take the reference, and does without.
 */
#include <linux/capability.h>
#include <linux/jhash.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/tcp.h>

#include "../cong/bbr.h"
#include "../cong/cubic.h"
#include "../cong/dctcp.h"
#include "../cong/reno.h"
#include "cong_list.h"
#include "net.h"

#define TCPX_CONG_LIST_MAX	1024	/* bytes of a list of names */

/* @allowed: choosing it needs no CAP_NET_ADMIN */
struct tcpx_cong_entry {
	struct list_head list;
	const struct tcpx_cong_ops *ops;
	bool allowed;
	struct rcu_head rcu;
};

static LIST_HEAD(tcpx_cong_list);
static DEFINE_MUTEX(tcpx_cong_mutex);	/* writers of the list, and of @allowed */

static const struct tcpx_cong_ops * const tcpx_cong_builtin[] = {
	&tcpx_cong_reno, &tcpx_cong_cubic, &tcpx_cong_bbr, &tcpx_cong_dctcp,
};

/* Under RCU, or the mutex */
static struct tcpx_cong_entry *tcpx_cong_find(const char *name)
{
	struct tcpx_cong_entry *e;

	list_for_each_entry_rcu(e, &tcpx_cong_list, list, lockdep_is_held(&tcpx_cong_mutex))
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
 * tcpx_cong_register() - add a congestion control algorithm to the list
 * @ops: the algorithm; stays in place until tcpx_cong_unregister()
 *
 * Context: process.  Return: 0, -EINVAL, -EEXIST or -ENOMEM.
 */
__visible int tcpx_cong_register(const struct tcpx_cong_ops *ops)
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
		list_add_tail_rcu(&e->list, &tcpx_cong_list);
	mutex_unlock(&tcpx_cong_mutex);
	if (err)
		kfree(e);
	return err;
}
EXPORT_SYMBOL_GPL(tcpx_cong_register);

/**
 * tcpx_cong_unregister() - take an algorithm off the list, and wait for its readers
 * @ops: registered; no socket uses it, since a socket holds its module
 *
 * Context: process, may sleep.
 */
__visible void tcpx_cong_unregister(const struct tcpx_cong_ops *ops)
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

/**
 * tcpx_cong_autoload() - load the module of an algorithm, if the caller may
 * @name: the algorithm
 *
 * Context: process, may sleep.
 */
void tcpx_cong_autoload(const char *name)
{
	bool known;

	rcu_read_lock();
	known = tcpx_cong_find(name);
	rcu_read_unlock();
	if (!known && *name && capable(CAP_NET_ADMIN))
		request_module("tcpx-cong-%s", name);
}

/**
 * tcpx_cong_get() - find an algorithm by its name, and hold its module
 * @name: the name
 * @admin: the caller may choose those that need CAP_NET_ADMIN
 * @ops: filled in
 *
 * Any context.  Return: 0, -ENOENT, -EPERM or -EBUSY.
 */
int tcpx_cong_get(const char *name, bool admin, const struct tcpx_cong_ops **ops)
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

/**
 * tcpx_cong_hold() - hold an algorithm's module; Reno's if that is being unloaded
 * @ops: read in this RCU section
 *
 * Any context.  Return: the algorithm that is held.
 */
const struct tcpx_cong_ops *tcpx_cong_hold(const struct tcpx_cong_ops *ops)
{
	return try_module_get(ops->owner) ? ops : &tcpx_cong_reno;
}

/* A route has this key in place of the name, and only Linux's TCP can tell the name of one */
static u32 tcpx_cong_key(const struct tcpx_cong_ops *ops)
{
	char name[TCP_CA_NAME_MAX] = { };

	BUILD_BUG_ON(sizeof(name) != TCPX_CONG_NAME_MAX);
	strscpy(name, ops->name, sizeof(name));
	return jhash(name, sizeof(name), strlen(name));
}

/**
 * tcpx_cong_get_by_key() - find the algorithm that a route names, and hold its module
 * @key: RTAX_CC_ALGO of the route
 *
 * Any context.  Return: the algorithm, or NULL: unknown, or its module is being unloaded.
 */
const struct tcpx_cong_ops *tcpx_cong_get_by_key(u32 key)
{
	const struct tcpx_cong_ops *ops = NULL;
	struct tcpx_cong_entry *e;

	rcu_read_lock();
	list_for_each_entry_rcu(e, &tcpx_cong_list, list)
		if (tcpx_cong_key(e->ops) == key) {
			ops = try_module_get(e->ops->owner) ? e->ops : NULL;
			break;
		}
	rcu_read_unlock();
	return ops;
}

/**
 * tcpx_cong_net_init() - a new namespace has the default of the initial one
 * @tn: tcpx in this namespace
 *
 * Context: process.
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
 *
 * Context: process.
 */
void tcpx_cong_net_exit(struct tcpx_net *tn)
{
	module_put(tn->cong_ops->owner);
}

/* A default may be chosen without CAP_NET_ADMIN; only the initial namespace adds to these */
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
 * @write: a write, not a read
 * @buf: what is written, or takes what is read
 * @len: its bytes
 * @pos: in the file
 *
 * Context: process.  Return: 0 or -errno.
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
	list_for_each_entry_rcu(e, &tcpx_cong_list, list)
		if (!allowed || READ_ONCE(e->allowed))
			n += scnprintf(buf + n, TCPX_CONG_LIST_MAX - n, "%s%s", n ? " " : "",
				       e->ops->name);
	rcu_read_unlock();
}

/* All of @names, or none if one is unknown; the rest then needs CAP_NET_ADMIN */
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
	list_for_each_entry(e, &tcpx_cong_list, list)
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
 * @buf: takes what is read
 * @len: its bytes
 * @pos: in the file
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_cong_sysctl_available(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			       loff_t *pos)
{
	return tcpx_cong_sysctl_names(write, buf, len, pos, false);
}

/**
 * tcpx_cong_sysctl_allowed() - net.tcpx.allowed_congestion_control
 * @table: not used
 * @write: a write, not a read; the list is one for all, the initial namespace sets it
 * @buf: what is written, or takes what is read
 * @len: its bytes
 * @pos: in the file
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_cong_sysctl_allowed(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos)
{
	return tcpx_cong_sysctl_names(write, buf, len, pos, true);
}

/**
 * tcpx_cong_list_init() - register the algorithms that are built in
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_cong_list_init(void)
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
 * tcpx_cong_list_exit() - undo tcpx_cong_list_init()
 *
 * Context: process, may sleep.
 */
void tcpx_cong_list_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tcpx_cong_builtin); i++)
		tcpx_cong_unregister(tcpx_cong_builtin[i]);
}
