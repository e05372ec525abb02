// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/tcpx_snmp, the counters of a namespace, in the format of /proc/net/snmp and
 * netstat, so that nstat reads it: PROC_NET_SNMP=/proc/net/tcpx_snmp.  A counter that Linux
 * has, too, has Linux's name, among "Tcp" (RFC 4022) or "TcpExt"; the others are "Tcpx".
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

/* What is shown beside the counters, numbered on from them */
enum tcpx_snmp_more {
	TCPX_SNMP_RTO_ALGORITHM = TCPX_MIB_MAX,
	TCPX_SNMP_RTO_MIN,
	TCPX_SNMP_RTO_MAX,
	TCPX_SNMP_MAX_CONN,
	TCPX_SNMP_IN_ERRS,
	TCPX_SNMP_TIME_WAIT_NOW,
	TCPX_SNMP_ORPHANS_NOW,
	TCPX_SNMP_HALF_OPEN_NOW,
};

/**
 * struct tcpx_snmp_item - a number
 * @name: its name
 * @which: enum tcpx_mib or enum tcpx_snmp_more
 * @everyone: shown without CAP_NET_ADMIN
 */
struct tcpx_snmp_item {
	const char *name;
	u8	which;
	bool	everyone;
};

#define TCPX_SNMP_DROP(why)	(TCPX_MIB_DROP_FIRST + TCPX_DROP_##why - 1)

/* In the order of RFC 4022, which programs that read /proc/net/snmp expect */
static const struct tcpx_snmp_item tcpx_snmp_tcp[] = {
	{ "RtoAlgorithm", TCPX_SNMP_RTO_ALGORITHM, true },
	{ "RtoMin", TCPX_SNMP_RTO_MIN, true },
	{ "RtoMax", TCPX_SNMP_RTO_MAX, true },
	{ "MaxConn", TCPX_SNMP_MAX_CONN, true },
	{ "ActiveOpens", TCPX_MIB_ACTIVE_OPENS, true },
	{ "PassiveOpens", TCPX_MIB_PASSIVE_OPENS, true },
	{ "AttemptFails", TCPX_MIB_ATTEMPT_FAILS, true },
	{ "EstabResets", TCPX_MIB_ESTAB_RESETS },
	{ "CurrEstab", TCPX_MIB_CURR_ESTAB },
	{ "InSegs", TCPX_MIB_IN_SEGS, true },
	{ "OutSegs", TCPX_MIB_OUT_SEGS, true },
	{ "RetransSegs", TCPX_MIB_RETRANS_SEGS },
	{ "InErrs", TCPX_SNMP_IN_ERRS, true },
	{ "OutRsts", TCPX_MIB_OUT_RSTS, true },
	{ "InCsumErrors", TCPX_SNMP_DROP(CHECKSUM), true },
};

/* In the order of /proc/net/netstat */
static const struct tcpx_snmp_item tcpx_snmp_ext[] = {
	{ "SyncookiesSent", TCPX_MIB_SYNCOOKIES_SENT, true },
	{ "SyncookiesRecv", TCPX_MIB_SYNCOOKIES_RECV, true },
	{ "SyncookiesFailed", TCPX_MIB_SYNCOOKIES_FAILED, true },
	{ "OfoPruned", TCPX_MIB_OOO_PRUNED },
	{ "TW", TCPX_MIB_TIME_WAITS, true },
	{ "TWRecycled", TCPX_MIB_TIME_WAIT_REUSED },
	{ "PAWSEstab", TCPX_SNMP_DROP(PAWS) },
	{ "DelayedACKs", TCPX_MIB_DELAYED_ACKS },
	{ "ListenOverflows", TCPX_SNMP_DROP(LISTEN_FULL), true },
	{ "TCPDSACKUndo", TCPX_MIB_DSACK_UNDO },
	{ "TCPTimeouts", TCPX_MIB_TIMEOUTS },
	{ "TCPLossProbes", TCPX_MIB_TLP_PROBES },
	{ "TCPLossProbeRecovery", TCPX_MIB_TLP_LOSS },
	{ "TCPAbortOnMemory", TCPX_MIB_ORPHAN_LIMIT, true },
	{ "TCPSpuriousRTOs", TCPX_MIB_FRTO_UNDO },
	{ "TCPMD5NotFound", TCPX_SNMP_DROP(MD5_MISSING), true },
	{ "TCPMD5Unexpected", TCPX_SNMP_DROP(MD5_UNEXPECTED), true },
	{ "TCPMD5Failure", TCPX_SNMP_DROP(MD5_WRONG), true },
	{ "TCPBacklogDrop", TCPX_SNMP_DROP(BACKLOG), true },
	{ "TCPMinTTLDrop", TCPX_SNMP_DROP(MIN_TTL), true },
	{ "TCPTimeWaitOverflow", TCPX_MIB_TIME_WAIT_OVERFLOW, true },
	{ "TCPRcvCoalesce", TCPX_MIB_RCV_COALESCED },
	{ "TCPOFOQueue", TCPX_MIB_OOO_QUEUED },
	{ "TCPChallengeACK", TCPX_MIB_CHALLENGE_ACKS },
	{ "TCPFastOpenActive", TCPX_MIB_FASTOPEN_ACTIVE, true },
	{ "TCPFastOpenActiveFail", TCPX_MIB_FASTOPEN_ACTIVE_FAIL, true },
	{ "TCPFastOpenPassive", TCPX_MIB_FASTOPEN_PASSIVE, true },
	{ "TCPFastOpenPassiveFail", TCPX_MIB_FASTOPEN_PASSIVE_FAIL, true },
	{ "TCPFastOpenListenOverflow", TCPX_MIB_FASTOPEN_OVERFLOW, true },
	{ "TCPFastOpenCookieReqd", TCPX_MIB_FASTOPEN_COOKIE_REQD, true },
	{ "TCPFastOpenBlackhole", TCPX_MIB_FASTOPEN_BLACK_HOLE, true },
	{ "TCPACKSkippedChallenge", TCPX_MIB_CHALLENGE_LIMITED },
	{ "TCPKeepAlive", TCPX_MIB_KEEPALIVE_PROBES },
	{ "TCPMTUPFail", TCPX_MIB_MTU_LOST },
	{ "TCPMTUPSuccess", TCPX_MIB_MTU_PROBED },
	{ "TCPZeroWindowDrop", TCPX_SNMP_DROP(ZERO_WINDOW) },
	{ "TCPRcvQDrop", TCPX_SNMP_DROP(NO_ROOM) },
};

static const struct tcpx_snmp_item tcpx_snmp_own[] = {
	{ "InHdrErrors", TCPX_SNMP_DROP(HEADER), true },
	{ "InOptErrors", TCPX_MIB_IN_OPT_ERRORS, true },
	{ "InNotHost", TCPX_SNMP_DROP(NOT_HOST), true },
	{ "InNoSocket", TCPX_SNMP_DROP(NO_SOCKET), true },
	{ "InPolicy", TCPX_SNMP_DROP(POLICY), true },
	{ "InFiltered", TCPX_SNMP_DROP(FILTER), true },
	{ "DropClosed", TCPX_SNMP_DROP(CLOSED) },
	{ "DropFlags", TCPX_SNMP_DROP(FLAGS) },
	{ "DropRst", TCPX_SNMP_DROP(RST) },
	{ "DropSeq", TCPX_SNMP_DROP(SEQ) },
	{ "DropOldData", TCPX_SNMP_DROP(OLD_DATA) },
	{ "DropNoTimestamp", TCPX_SNMP_DROP(NO_TS) },
	{ "DropOldAck", TCPX_SNMP_DROP(OLD_ACK) },
	{ "DropUnsentAck", TCPX_SNMP_DROP(UNSENT_ACK) },
	{ "DropSyn", TCPX_SNMP_DROP(SYN) },
	{ "DropNoRoute", TCPX_SNMP_DROP(NO_ROUTE) },
	{ "DropNoMemory", TCPX_SNMP_DROP(NO_MEMORY) },
	{ "DropMerged", TCPX_SNMP_DROP(MERGED) },
	{ "DropPruned", TCPX_SNMP_DROP(PRUNED) },
	{ "ListenEvicted", TCPX_MIB_LISTEN_EVICTED, true },
	{ "ListenStaleSyn", TCPX_MIB_LISTEN_STALE_SYN },
	{ "R1Reached", TCPX_MIB_R1_REACHED },
	{ "FastRetrans", TCPX_MIB_FAST_RETRANS },
	{ "EifelUndo", TCPX_MIB_EIFEL_UNDO },
	{ "EcnReduced", TCPX_MIB_ECN_REDUCED },
	{ "OrphanStarved", TCPX_MIB_ORPHAN_STARVED, true },
	{ "IcmpIgnored", TCPX_MIB_ICMP_IGNORED },
	{ "PmtuReduced", TCPX_MIB_PMTU_REDUCED },
	{ "MtuBlackHole", TCPX_MIB_MTU_BLACK_HOLE },
	{ "TimeWaitNow", TCPX_SNMP_TIME_WAIT_NOW, true },
	{ "OrphansNow", TCPX_SNMP_ORPHANS_NOW, true },
	{ "HalfOpenNow", TCPX_SNMP_HALF_OPEN_NOW, true },
};

static const struct tcpx_snmp_group {
	const char *name;
	const struct tcpx_snmp_item *items;
	size_t nr;
} tcpx_snmp_groups[] = {
	{ "Tcp",	tcpx_snmp_tcp,	ARRAY_SIZE(tcpx_snmp_tcp) },
	{ "TcpExt",	tcpx_snmp_ext,	ARRAY_SIZE(tcpx_snmp_ext) },
	{ "Tcpx",	tcpx_snmp_own,	ARRAY_SIZE(tcpx_snmp_own) },
};

static unsigned long tcpx_snmp_sum(const struct tcpx_net *tn, u8 which)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(tn->mib, cpu)->val[which];
	return sum;
}

static long tcpx_snmp_value(const struct tcpx_net *tn, u8 which)
{
	switch (which) {
	case TCPX_SNMP_RTO_ALGORITHM:
		return 4;	/* vanj(4): Van Jacobson's, RFC 6298 */
	case TCPX_SNMP_RTO_MIN:
		return tn->conf.rto_min_us / 1000;
	case TCPX_SNMP_RTO_MAX:
		return tn->conf.rto_max_ms;
	case TCPX_SNMP_MAX_CONN:
		return -1;	/* not fixed */
	case TCPX_MIB_CURR_ESTAB:
		/* A CPU may be read before it counts a beginning, of which another saw the end */
		return max_t(long, tcpx_snmp_sum(tn, which), 0);
	case TCPX_SNMP_IN_ERRS:
		return tcpx_snmp_sum(tn, TCPX_SNMP_DROP(CHECKSUM)) +
		       tcpx_snmp_sum(tn, TCPX_SNMP_DROP(HEADER));
	case TCPX_SNMP_TIME_WAIT_NOW:
		return atomic_read(&tn->have[TCPX_QUOTA_TIME_WAIT]);
	case TCPX_SNMP_ORPHANS_NOW:
		return atomic_read(&tn->have[TCPX_QUOTA_ORPHAN]);
	case TCPX_SNMP_HALF_OPEN_NOW:
		return atomic_read(&tn->have[TCPX_QUOTA_HALF_OPEN]);
	default:
		return tcpx_snmp_sum(tn, which);
	}
}

/* A line of names, a line of numbers */
static void tcpx_snmp_show_group(struct seq_file *seq, const struct tcpx_snmp_group *group,
				 const struct tcpx_net *tn, bool all)
{
	const struct tcpx_snmp_item *item, *end = group->items + group->nr;

	seq_printf(seq, "%s:", group->name);
	for (item = group->items; item < end; item++) {
		if (all || item->everyone)
			seq_printf(seq, " %s", item->name);
	}
	seq_printf(seq, "\n%s:", group->name);
	for (item = group->items; item < end; item++) {
		if (!all && !item->everyone)
			continue;
		/* As /proc/net/snmp does: of all only MaxConn can be negative */
		seq_printf(seq, item->which == TCPX_SNMP_MAX_CONN ? " %ld" : " %lu",
			   tcpx_snmp_value(tn, item->which));
	}
	seq_putc(seq, '\n');
}

static int tcpx_snmp_show(struct seq_file *seq, void *v)
{
	struct net *net = seq->private;
	bool all = file_ns_capable(seq->file, net->user_ns, CAP_NET_ADMIN);
	int i;

	for (i = 0; i < ARRAY_SIZE(tcpx_snmp_groups); i++)
		tcpx_snmp_show_group(seq, &tcpx_snmp_groups[i], tcpx_pernet(net), all);
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
