/* SPDX-License-Identifier: GPL-2.0 */
/* tcpx's own part of a network namespace. */
#ifndef _TCPX_NET_NET_H
#define _TCPX_NET_NET_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "../core/tcb.h"
#include "fastopen.h"
#include "quota.h"

struct tcpx_mib_counters;

/* tcpx in one namespace; a sysctl is in the unit that Linux has for its name */
struct tcpx_net {
	struct tcpx_conf conf;		/* what the state machine reads */
	const struct tcpx_cong_ops *cong_ops;	/* of new sockets; its module is held */
	u32 challenge_ack_limit;	/* per second, all connections together */
	u32 limit_output_bytes;
	u32 max_syn_backlog;
	u32 max_tw_buckets;
	u32 max_orphans;
	int rmem[3];
	int wmem[3];
	u8 reuse_time_wait;
	u8 abort_on_overflow;
	u8 stdurg;
	u8 moderate_rcvbuf;
	u32 notsent_lowat;
	u8 syncookies;
	u8 wire_protocol;		/* of new sockets */
	struct tcpx_fo_net fo;
	unsigned long *leased;		/* bits: TCP's ports that tcpx holds; NULL: none yet */
	atomic_t leased_in_vrfs;	/* how many more, there */

	struct tcpx_mib_counters __percpu *mib;
	struct ctl_table_header *sysctl;
	struct ctl_table *table;
	atomic_t have[TCPX_NR_QUOTAS];
	spinlock_t challenge_lock;	/* guards the next two */
	u64 challenge_second;
	u32 challenge_left;
};

extern unsigned int tcpx_net_id;
extern u8 tcpx_ipproto;
extern long tcpx_mem[3];

/**
 * tcpx_pernet() - tcpx's own part of a namespace
 * @net: namespace
 *
 * Any context.
 */
static inline struct tcpx_net *tcpx_pernet(const struct net *net)
{
	return net_generic(net, tcpx_net_id);
}

#endif /* _TCPX_NET_NET_H */
