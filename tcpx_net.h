/* SPDX-License-Identifier: GPL-2.0 */
/* One network namespace: sysctls, counters, limits. */
#ifndef _TCPX_NET_H
#define _TCPX_NET_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <net/net_namespace.h>

#include "tcpx_fastopen.h"
#include "tcpx_tcb.h"

/* /proc/net/tcpx_snmp; the names are in tcpx_mib.c */
enum tcpx_mib {
	TCPX_MIB_IN_SEGS,
	TCPX_MIB_OUT_SEGS,
	TCPX_MIB_ACTIVE_OPENS,
	TCPX_MIB_PASSIVE_OPENS,
	TCPX_MIB_ATTEMPT_FAILS,
	TCPX_MIB_ESTAB_RESETS,
	TCPX_MIB_RETRANS_SEGS,
	TCPX_MIB_OUT_RSTS,
	TCPX_MIB_IN_CSUM_ERRORS,
	TCPX_MIB_IN_HDR_ERRORS,
	TCPX_MIB_IN_OPT_ERRORS,
	TCPX_MIB_IN_NOT_HOST,
	TCPX_MIB_IN_NO_SOCKET,
	TCPX_MIB_IN_FILTERED,
	TCPX_MIB_IN_BACKLOG_FULL,
	TCPX_MIB_IN_MIN_TTL,
	TCPX_MIB_DROP_FIRST,	/* enum tcpx_drop, one each */
	TCPX_MIB_DROP_LAST = TCPX_MIB_DROP_FIRST + 11,
	TCPX_MIB_CHALLENGE_ACKS,
	TCPX_MIB_CHALLENGE_LIMITED,
	TCPX_MIB_LISTEN_OVERFLOWS,
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

/* What nobody owns, and is limited: tcpx_quota.c */
enum tcpx_quota {
	TCPX_QUOTA_HALF_OPEN,	/* and what waits for accept() */
	TCPX_QUOTA_TIME_WAIT,
	TCPX_QUOTA_ORPHAN,
	TCPX_NR_QUOTAS
};

#define TCPX_CHALLENGE_UNLIMITED	0x7fffffffU

/* tcpx in one namespace; sysctls are in the unit that their name has in Linux */
struct tcpx_net {
	struct tcpx_conf conf;		/* what the state machine reads */
	const struct tcpx_cong_ops *cong_ops;	/* of new sockets; its module is held */
	u32 challenge_ack_limit;	/* a second, of all connections together */
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
	struct tcpx_fo_net fo;

	struct tcpx_mib_counters __percpu *mib;
	struct ctl_table_header *sysctl;
	struct ctl_table *table;
	atomic_t have[TCPX_NR_QUOTAS];
	spinlock_t challenge_lock;	/* the next two */
	u64 challenge_second;
	u32 challenge_left;
};

extern unsigned int tcpx_net_id;
extern u8 tcpx_ipproto;

struct tcpx_net *tcpx_pernet(const struct net *net);

static inline void tcpx_mib_inc(struct net *net, enum tcpx_mib which)
{
	this_cpu_inc(tcpx_pernet(net)->mib->val[which]);
}

void tcpx_mib_drop(struct net *net, u8 drop);
int tcpx_mib_init_net(struct net *net);
void tcpx_mib_exit_net(struct net *net);

/* tcpx_quota.c */
extern u32 tcpx_users_max[TCPX_NR_QUOTAS];
bool tcpx_quota_full(struct net *net, enum tcpx_quota which);
bool tcpx_quota_take(struct net *net, enum tcpx_quota which);
void tcpx_quota_put(struct net *net, enum tcpx_quota which);
void tcpx_quota_init(void);

bool tcpx_challenge_allowed(struct net *net, u64 now);

int tcpx_net_init(void);
void tcpx_net_exit(void);

#endif /* _TCPX_NET_H */
