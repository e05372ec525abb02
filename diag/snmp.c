// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/tcpx_snmp, the counters of a namespace: one "Name value" a line.
 *
 * A counter that depends on a segment's sequence numbers tells its reader whether a
 * guess at another user's connection was right: one spoofed segment for each bit of a
 * number, and RCV.NXT and SND.NXT are known.  Such counters are shown only with
 * CAP_NET_ADMIN.  Every user sees what is counted before sequence numbers are checked,
 * the fate of connections being opened, and what is sent, which the device counts as
 * well.  Linux shows TCPChallengeACK, PAWSEstab and others of this kind to every user.
 */
#include <linux/capability.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "../net/mib.h"
#include "../tcpx_fsm.h"
#include "snmp.h"

static const char * const tcpx_snmp_names[TCPX_MIB_MAX] = {
	[TCPX_MIB_IN_SEGS]		= "InSegs",
	[TCPX_MIB_OUT_SEGS]		= "OutSegs",
	[TCPX_MIB_ACTIVE_OPENS]		= "ActiveOpens",
	[TCPX_MIB_PASSIVE_OPENS]	= "PassiveOpens",
	[TCPX_MIB_ATTEMPT_FAILS]	= "AttemptFails",
	[TCPX_MIB_ESTAB_RESETS]		= "EstabResets",
	[TCPX_MIB_RETRANS_SEGS]		= "RetransSegs",
	[TCPX_MIB_OUT_RSTS]		= "OutRsts",
	[TCPX_MIB_IN_CSUM_ERRORS]	= "InCsumErrors",
	[TCPX_MIB_IN_HDR_ERRORS]	= "InHdrErrors",
	[TCPX_MIB_IN_OPT_ERRORS]	= "InOptErrors",
	[TCPX_MIB_IN_NOT_HOST]		= "InNotHost",
	[TCPX_MIB_IN_NO_SOCKET]		= "InNoSocket",
	[TCPX_MIB_IN_FILTERED]		= "InFiltered",
	[TCPX_MIB_IN_BACKLOG_FULL]	= "InBacklogFull",
	[TCPX_MIB_IN_MIN_TTL]		= "InMinTtl",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_CLOSED - 1]	  = "DropClosed",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_FLAGS - 1]	  = "DropFlags",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_RST - 1]	  = "DropRst",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_SEQ - 1]	  = "DropSeq",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_OLD_DATA - 1]	  = "DropOldData",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_PAWS - 1]	  = "DropPaws",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_NO_TS - 1]	  = "DropNoTimestamp",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_OLD_ACK - 1]	  = "DropOldAck",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_UNSENT_ACK - 1]  = "DropUnsentAck",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_SYN - 1]	  = "DropSyn",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_ZERO_WINDOW - 1] = "DropZeroWindow",
	[TCPX_MIB_DROP_FIRST + TCPX_DROP_NO_ROOM - 1]	  = "DropNoRoom",
	[TCPX_MIB_CHALLENGE_ACKS]	= "ChallengeAcks",
	[TCPX_MIB_CHALLENGE_LIMITED]	= "ChallengeAcksLimited",
	[TCPX_MIB_LISTEN_OVERFLOWS]	= "ListenOverflows",
	[TCPX_MIB_LISTEN_EVICTED]	= "ListenEvicted",
	[TCPX_MIB_LISTEN_STALE_SYN]	= "ListenStaleSyn",
	[TCPX_MIB_SYNCOOKIES_SENT]	= "SyncookiesSent",
	[TCPX_MIB_SYNCOOKIES_RECV]	= "SyncookiesRecv",
	[TCPX_MIB_SYNCOOKIES_FAILED]	= "SyncookiesFailed",
	[TCPX_MIB_FASTOPEN_ACTIVE]	= "FastOpenActive",
	[TCPX_MIB_FASTOPEN_ACTIVE_FAIL]	= "FastOpenActiveFail",
	[TCPX_MIB_FASTOPEN_PASSIVE]	= "FastOpenPassive",
	[TCPX_MIB_FASTOPEN_PASSIVE_FAIL] = "FastOpenPassiveFail",
	[TCPX_MIB_FASTOPEN_OVERFLOW]	= "FastOpenListenOverflow",
	[TCPX_MIB_FASTOPEN_COOKIE_REQD]	= "FastOpenCookieReqd",
	[TCPX_MIB_FASTOPEN_BLACK_HOLE]	= "FastOpenBlackhole",
	[TCPX_MIB_TIME_WAITS]		= "TimeWaits",
	[TCPX_MIB_TIME_WAIT_OVERFLOW]	= "TimeWaitOverflow",
	[TCPX_MIB_TIME_WAIT_REUSED]	= "TimeWaitReused",
	[TCPX_MIB_TIMEOUTS]		= "Timeouts",
	[TCPX_MIB_R1_REACHED]		= "R1Reached",
	[TCPX_MIB_FAST_RETRANS]		= "FastRetrans",
	[TCPX_MIB_EIFEL_UNDO]		= "EifelUndo",
	[TCPX_MIB_DSACK_UNDO]		= "DsackUndo",
	[TCPX_MIB_FRTO_UNDO]		= "FrtoUndo",
	[TCPX_MIB_TLP_PROBES]		= "TlpProbes",
	[TCPX_MIB_TLP_LOSS]		= "TlpLossRepaired",
	[TCPX_MIB_ECN_REDUCED]		= "EcnReduced",
	[TCPX_MIB_KEEPALIVE_PROBES]	= "KeepaliveProbes",
	[TCPX_MIB_DELAYED_ACKS]		= "DelayedAcks",
	[TCPX_MIB_OOO_QUEUED]		= "OutOfOrderQueued",
	[TCPX_MIB_OOO_PRUNED]		= "OutOfOrderPruned",
	[TCPX_MIB_RCV_COALESCED]	= "RcvCoalesced",
	[TCPX_MIB_ORPHAN_LIMIT]		= "OrphanLimit",
	[TCPX_MIB_ORPHAN_STARVED]	= "OrphanStarved",
	[TCPX_MIB_ICMP_IGNORED]		= "IcmpIgnored",
	[TCPX_MIB_PMTU_REDUCED]		= "PmtuReduced",
	[TCPX_MIB_MTU_PROBED]		= "MtuProbeSuccess",
	[TCPX_MIB_MTU_LOST]		= "MtuProbeLost",
	[TCPX_MIB_MTU_BLACK_HOLE]	= "MtuBlackHole",
};

/* Shown without CAP_NET_ADMIN */
static const u8 tcpx_snmp_public[] = {
	TCPX_MIB_IN_SEGS, TCPX_MIB_OUT_SEGS, TCPX_MIB_OUT_RSTS,
	TCPX_MIB_ACTIVE_OPENS, TCPX_MIB_PASSIVE_OPENS, TCPX_MIB_ATTEMPT_FAILS,
	TCPX_MIB_IN_CSUM_ERRORS, TCPX_MIB_IN_HDR_ERRORS, TCPX_MIB_IN_OPT_ERRORS,
	TCPX_MIB_IN_NOT_HOST, TCPX_MIB_IN_NO_SOCKET, TCPX_MIB_IN_FILTERED,
	TCPX_MIB_IN_BACKLOG_FULL, TCPX_MIB_IN_MIN_TTL,
	TCPX_MIB_LISTEN_OVERFLOWS, TCPX_MIB_LISTEN_EVICTED,
	TCPX_MIB_SYNCOOKIES_SENT, TCPX_MIB_SYNCOOKIES_RECV, TCPX_MIB_SYNCOOKIES_FAILED,
	TCPX_MIB_FASTOPEN_ACTIVE, TCPX_MIB_FASTOPEN_ACTIVE_FAIL,
	TCPX_MIB_FASTOPEN_PASSIVE, TCPX_MIB_FASTOPEN_PASSIVE_FAIL,
	TCPX_MIB_FASTOPEN_OVERFLOW, TCPX_MIB_FASTOPEN_COOKIE_REQD,
	TCPX_MIB_FASTOPEN_BLACK_HOLE,
	TCPX_MIB_TIME_WAITS, TCPX_MIB_TIME_WAIT_OVERFLOW,
	TCPX_MIB_ORPHAN_LIMIT, TCPX_MIB_ORPHAN_STARVED,
};

static bool tcpx_snmp_is_public(int nr)
{
	return memchr(tcpx_snmp_public, nr, sizeof(tcpx_snmp_public));
}

static int tcpx_snmp_show(struct seq_file *seq, void *v)
{
	struct net *net = seq->private;
	const struct tcpx_net *tn = tcpx_pernet(net);
	bool all = file_ns_capable(seq->file, net->user_ns, CAP_NET_ADMIN);
	unsigned long sum;
	int i, cpu;

	for (i = 0; i < TCPX_MIB_MAX; i++) {
		if (!all && !tcpx_snmp_is_public(i))
			continue;
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += per_cpu_ptr(tn->mib, cpu)->val[i];
		seq_printf(seq, "%s %lu\n", tcpx_snmp_names[i], sum);
	}
	seq_printf(seq, "TimeWaitNow %d\n", atomic_read(&tn->have[TCPX_QUOTA_TIME_WAIT]));
	seq_printf(seq, "OrphansNow %d\n", atomic_read(&tn->have[TCPX_QUOTA_ORPHAN]));
	seq_printf(seq, "HalfOpenNow %d\n", atomic_read(&tn->have[TCPX_QUOTA_HALF_OPEN]));
	return 0;
}

static int __net_init tcpx_snmp_init_net(struct net *net)
{
	if (!proc_create_net_single("tcpx_snmp", 0444, net->proc_net, tcpx_snmp_show, NULL))
		return -ENOMEM;
	return 0;
}

static void __net_exit tcpx_snmp_exit_net(struct net *net)
{
	remove_proc_entry("tcpx_snmp", net->proc_net);
}

/* Registered after the counters themselves, so removed before them */
static struct pernet_operations tcpx_snmp_ops = {
	.init	= tcpx_snmp_init_net,
	.exit	= tcpx_snmp_exit_net,
};

/**
 * tcpx_snmp_init() - create /proc/net/tcpx_snmp in every namespace
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_snmp_init(void)
{
	return register_pernet_subsys(&tcpx_snmp_ops);
}

/**
 * tcpx_snmp_exit() - undo tcpx_snmp_init()
 *
 * Context: process, may sleep.
 */
void tcpx_snmp_exit(void)
{
	unregister_pernet_subsys(&tcpx_snmp_ops);
}
