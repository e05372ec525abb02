// SPDX-License-Identifier: GPL-2.0
/* Counters of a namespace, one set per CPU; diag/snmp.c adds them up. */
#include <linux/percpu.h>

#include "../tcpx_fsm.h"
#include "mib.h"

static_assert(TCPX_NR_DROPS - 1 == TCPX_MIB_DROP_LAST - TCPX_MIB_DROP_FIRST + 1);

/**
 * tcpx_mib_drop() - count a drop by its reason
 * @net: namespace
 * @drop: enum tcpx_drop; TCPX_DROP_NONE counts nothing
 *
 * Any context.
 */
void tcpx_mib_drop(struct net *net, u8 drop)
{
	if (drop)
		tcpx_mib_inc(net, TCPX_MIB_DROP_FIRST + drop - 1);
}

/**
 * tcpx_mib_init_net() - allocate the counters of a new namespace
 * @net: namespace
 *
 * Context: process.  Return: 0 or -ENOMEM.
 */
int tcpx_mib_init_net(struct net *net)
{
	struct tcpx_net *tn = tcpx_pernet(net);

	tn->mib = alloc_percpu_gfp(struct tcpx_mib_counters, GFP_KERNEL_ACCOUNT);
	return tn->mib ? 0 : -ENOMEM;
}

/**
 * tcpx_mib_exit_net() - undo tcpx_mib_init_net()
 * @net: namespace
 */
void tcpx_mib_exit_net(struct net *net)
{
	free_percpu(tcpx_pernet(net)->mib);
}
