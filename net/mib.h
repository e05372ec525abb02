/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a namespace. */
#ifndef _TCPX_NET_MIB_H
#define _TCPX_NET_MIB_H

#include <linux/percpu.h>

#include "net.h"

/* The names are in diag/snmp.c */
enum tcpx_mib {
	TCPX_MIB_IN_SEGS,
	TCPX_MIB_OUT_SEGS,
	TCPX_MIB_ACTIVE_OPENS,
	TCPX_MIB_PASSIVE_OPENS,
	TCPX_MIB_ATTEMPT_FAILS,
	TCPX_MIB_ESTAB_RESETS,
	TCPX_MIB_CURR_ESTAB,	/* a gauge: ESTABLISHED and CLOSE-WAIT */
	TCPX_MIB_RETRANS_SEGS,
	TCPX_MIB_OUT_RSTS,
	TCPX_MIB_IN_OPT_ERRORS,
	TCPX_MIB_DROP_FIRST,	/* enum tcpx_drop, one each */
	TCPX_MIB_DROP_LAST = TCPX_MIB_DROP_FIRST + 27,
	TCPX_MIB_CHALLENGE_ACKS,
	TCPX_MIB_CHALLENGE_LIMITED,
	TCPX_MIB_LISTEN_EVICTED,
	TCPX_MIB_LISTEN_STALE_SYN,
	TCPX_MIB_SYNCOOKIES_SENT,
	TCPX_MIB_SYNCOOKIES_RECV,
	TCPX_MIB_SYNCOOKIES_FAILED,
	TCPX_MIB_FASTOPEN_ACTIVE,
	TCPX_MIB_FASTOPEN_ACTIVE_FAIL,
	TCPX_MIB_FASTOPEN_PASSIVE,
	TCPX_MIB_FASTOPEN_PASSIVE_FAIL,
	TCPX_MIB_FASTOPEN_OVERFLOW,
	TCPX_MIB_FASTOPEN_COOKIE_REQD,
	TCPX_MIB_FASTOPEN_BLACK_HOLE,
	TCPX_MIB_TIME_WAITS,
	TCPX_MIB_TIME_WAIT_OVERFLOW,
	TCPX_MIB_TIME_WAIT_REUSED,
	TCPX_MIB_TIMEOUTS,
	TCPX_MIB_R1_REACHED,
	TCPX_MIB_FAST_RETRANS,
	TCPX_MIB_EIFEL_UNDO,
	TCPX_MIB_DSACK_UNDO,
	TCPX_MIB_FRTO_UNDO,
	TCPX_MIB_TLP_PROBES,
	TCPX_MIB_TLP_LOSS,
	TCPX_MIB_ECN_REDUCED,
	TCPX_MIB_KEEPALIVE_PROBES,
	TCPX_MIB_DELAYED_ACKS,
	TCPX_MIB_OOO_QUEUED,
	TCPX_MIB_OOO_PRUNED,
	TCPX_MIB_RCV_COALESCED,
	TCPX_MIB_ORPHAN_LIMIT,
	TCPX_MIB_ORPHAN_STARVED,
	TCPX_MIB_ICMP_IGNORED,
	TCPX_MIB_PMTU_REDUCED,
	TCPX_MIB_MTU_PROBED,
	TCPX_MIB_MTU_LOST,
	TCPX_MIB_MTU_BLACK_HOLE,
	TCPX_MIB_MAX
};

struct tcpx_mib_counters {
	unsigned long val[TCPX_MIB_MAX];
};

/**
 * tcpx_mib_inc() - count one
 * @net: namespace
 * @which: the counter
 *
 * Any context.
 */
static inline void tcpx_mib_inc(struct net *net, enum tcpx_mib which)
{
	this_cpu_inc(tcpx_pernet(net)->mib->val[which]);
}

/**
 * tcpx_mib_add() - count several, or let a gauge follow
 * @tn: tcpx's own part of the namespace
 * @which: the counter
 * @by: what to add, which may be negative
 *
 * Any context.
 */
static inline void tcpx_mib_add(const struct tcpx_net *tn, enum tcpx_mib which, int by)
{
	this_cpu_add(tn->mib->val[which], by);
}

void tcpx_mib_drop(struct net *net, u8 drop);
int tcpx_mib_init_net(struct net *net);
void tcpx_mib_exit_net(struct net *net);

#endif /* _TCPX_NET_MIB_H */
