// SPDX-License-Identifier: GPL-2.0
/*
 * Limits on connections that no process owns: half-open ones and those that wait for
 * accept(), TIME-WAITs, orphans.
 *
 * Each namespace has limits of its own, net.tcpx.max_*, which its root sets.  But an
 * unprivileged user can be root in namespaces of its own, as many as it likes, so all
 * that belong to user namespaces share a limit as well, net.tcpx.users_max_*, which only
 * the initial namespace shows and sets.  Namespaces of the initial user namespace are
 * not counted there, so that no user can deny them service.
 */
#include <linux/swap.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "net.h"
#include "quota.h"

static atomic_t tcpx_users_have[TCPX_NR_QUOTAS];
u32 tcpx_users_max[TCPX_NR_QUOTAS];

static bool tcpx_is_users(const struct net *net)
{
	return net->user_ns != &init_user_ns;
}

static u32 tcpx_net_max(const struct tcpx_net *tn, enum tcpx_quota which)
{
	switch (which) {
	case TCPX_QUOTA_TIME_WAIT:
		return READ_ONCE(tn->max_tw_buckets);
	case TCPX_QUOTA_ORPHAN:
		return READ_ONCE(tn->max_orphans);
	default:
		return U32_MAX;		/* each listener has a limit: max_syn_backlog, backlog */
	}
}

/**
 * tcpx_quota_full() - is the limit reached?
 * @net: namespace
 * @which: of what
 *
 * Any context.  Return: true if one more would be too many.
 */
bool tcpx_quota_full(struct net *net, enum tcpx_quota which)
{
	const struct tcpx_net *tn = tcpx_pernet(net);

	if ((u32)atomic_read(&tn->have[which]) >= tcpx_net_max(tn, which))
		return true;
	return tcpx_is_users(net) &&
	       (u32)atomic_read(&tcpx_users_have[which]) >= READ_ONCE(tcpx_users_max[which]);
}

/**
 * tcpx_quota_take() - count one more
 * @net: namespace
 * @which: of what
 *
 * Any context.  It is counted in either case, so tcpx_quota_put() has to follow.
 * Return: false if it is one too many.
 */
bool tcpx_quota_take(struct net *net, enum tcpx_quota which)
{
	struct tcpx_net *tn = tcpx_pernet(net);
	bool ok = (u32)atomic_inc_return(&tn->have[which]) <= tcpx_net_max(tn, which);

	if (tcpx_is_users(net) && (u32)atomic_inc_return(&tcpx_users_have[which]) >
				  READ_ONCE(tcpx_users_max[which]))
		ok = false;
	return ok;
}

/**
 * tcpx_quota_put() - undo tcpx_quota_take()
 * @net: namespace
 * @which: of what
 *
 * Any context.
 */
void tcpx_quota_put(struct net *net, enum tcpx_quota which)
{
	atomic_dec(&tcpx_pernet(net)->have[which]);
	if (tcpx_is_users(net))
		atomic_dec(&tcpx_users_have[which]);
}

/**
 * tcpx_quota_init() - set the limits for users by the size of memory
 *
 * Context: process.
 */
void tcpx_quota_init(void)
{
	u32 many = clamp_t(unsigned long, nr_free_buffer_pages() / 64, 1024, 65536);

	tcpx_users_max[TCPX_QUOTA_HALF_OPEN] = many;
	tcpx_users_max[TCPX_QUOTA_ORPHAN] = many;
	/* A good deal smaller than a socket */
	tcpx_users_max[TCPX_QUOTA_TIME_WAIT] = 4 * many;
}
