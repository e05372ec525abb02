// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/sys/net/tcpx.  Where Linux has a net.ipv4.tcp_NAME, NAME has the same unit and
 * meaning here.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "../tcpx_compat.h"
#include "challenge.h"
#include "cong_list.h"
#include "net.h"
#include "sysctl.h"

static u32 tcpx_one = 1;
static u32 tcpx_max_msl = 600000;
static u32 tcpx_max_retries = 255;
static u32 tcpx_max_syn_retries = 127;
static u32 tcpx_max_probes = 127;
static u32 tcpx_max_mss = 65535;
static u32 tcpx_max_secs = 32767;
static u32 tcpx_min_rto_us = 1000;
static u32 tcpx_max_rto_us = 60000000;
static u32 tcpx_min_rto_ms = 1000;
static u32 tcpx_max_rto_ms = 240000;
static u32 tcpx_max_ratio = 1000;
static u32 tcpx_max_limit = 1 << 30;
static u32 tcpx_min_mss = 48;			/* Linux's tcp_min_snd_mss */
static u32 tcpx_max_interval = U32_MAX / 1000;
static u32 tcpx_max_challenges = TCPX_CHALLENGE_UNLIMITED;
static u32 tcpx_max_backlog = 1 << 20;
static u32 tcpx_max_unowned = 1 << 24;
static u32 tcpx_max_fastopen = 0x7ff;		/* all the flags that Linux has */
static u32 tcpx_max_blackhole = INT_MAX;
static unsigned long tcpx_min_pages = 1;
static unsigned long tcpx_max_pages = LONG_MAX >> PAGE_SHIFT;
static int tcpx_min_buf = 4096;
/* Half of it is a window of 1 GiB: RFC 7323, 2.3 */
static int tcpx_max_rmem = INT_MAX;
/* The queue may exceed it a little */
static int tcpx_max_wmem = INT_MAX - (1 << 20);

#define TCPX_U32(_name, _field, _min, _max) {				\
	.procname	= _name,					\
	.data		= (void *)offsetof(struct tcpx_net, _field),	\
	.maxlen		= sizeof(u32),					\
	.mode		= 0644,						\
	.proc_handler	= proc_douintvec_minmax,			\
	.extra1		= _min,						\
	.extra2		= _max,						\
}

#define TCPX_BOOL(_name, _field) TCPX_U8(_name, _field, SYSCTL_ONE)
#define TCPX_U8(_name, _field, _max) {					\
	.procname	= _name,					\
	.data		= (void *)offsetof(struct tcpx_net, _field),	\
	.maxlen		= sizeof(u8),					\
	.mode		= 0644,						\
	.proc_handler	= proc_dou8vec_minmax,				\
	.extra1		= SYSCTL_ZERO,					\
	.extra2		= _max,						\
}

#define TCPX_BUF(_name, _field, _max) {					\
	.procname	= _name,					\
	.data		= (void *)offsetof(struct tcpx_net, _field),	\
	.maxlen		= 3 * sizeof(int),				\
	.mode		= 0644,						\
	.proc_handler	= proc_dointvec_minmax,			\
	.extra1		= &tcpx_min_buf,				\
	.extra2		= _max,						\
}

#define TCPX_CONG(_name, _mode, _handler) {				\
	.procname	= _name,					\
	.data		= (void *)offsetof(struct tcpx_net, cong_ops),	\
	.mode		= _mode,					\
	.proc_handler	= _handler,					\
}

/* An IP protocol number: tcpx's own or TCP's */
static int tcpx_sysctl_wire(TCPX_CTL_TABLE *ctl, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	u8 *wire = ctl->data;
	int val = READ_ONCE(*wire), err;
	struct ctl_table t = { .data = &val, .maxlen = sizeof(val) };

	err = proc_dointvec(&t, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (val != tcpx_ipproto && val != IPPROTO_TCP)
		return -EINVAL;
	WRITE_ONCE(*wire, val);
	return 0;
}

/* .data holds an offset into struct tcpx_net until a namespace takes a copy */
static const struct ctl_table tcpx_sysctls[] = {
	TCPX_U32("msl_ms", conf.msl_ms, &tcpx_one, &tcpx_max_msl),
	TCPX_U32("rto_min_us", conf.rto_min_us, &tcpx_min_rto_us, &tcpx_max_rto_us),
	TCPX_U32("rto_max_ms", conf.rto_max_ms, &tcpx_min_rto_ms, &tcpx_max_rto_ms),
	TCPX_U32("syn_retries", conf.syn_retries, &tcpx_one, &tcpx_max_syn_retries),
	TCPX_U32("synack_retries", conf.synack_retries, NULL, &tcpx_max_retries),
	TCPX_U32("retries1", conf.retries1, NULL, &tcpx_max_retries),
	TCPX_U32("retries2", conf.retries2, NULL, &tcpx_max_retries),
	TCPX_U32("orphan_retries", conf.orphan_retries, NULL, &tcpx_max_retries),
	TCPX_U32("keepalive_time", conf.keepalive_time, &tcpx_one, &tcpx_max_secs),
	TCPX_U32("keepalive_intvl", conf.keepalive_intvl, &tcpx_one, &tcpx_max_secs),
	TCPX_U32("keepalive_probes", conf.keepalive_probes, &tcpx_one, &tcpx_max_probes),
	TCPX_U32("fin_timeout", conf.fin_timeout, NULL, &tcpx_max_secs),
	TCPX_BOOL("timestamps", conf.timestamps),
	TCPX_BOOL("window_scaling", conf.window_scaling),
	TCPX_BOOL("sack", conf.sack),
	TCPX_BOOL("dsack", conf.dsack),
	TCPX_U8("mtu_probing", conf.mtu_probing, SYSCTL_TWO),
	TCPX_U32("base_mss", conf.base_mss, &tcpx_min_mss, &tcpx_max_mss),
	TCPX_U32("mtu_probe_floor", conf.mtu_probe_floor, &tcpx_min_mss, &tcpx_max_mss),
	TCPX_U32("probe_interval", conf.probe_interval, NULL, &tcpx_max_interval),
	TCPX_U32("probe_threshold", conf.probe_threshold, NULL, &tcpx_max_mss),
	TCPX_BOOL("rfc1337", conf.rfc1337),
	TCPX_BOOL("slow_start_after_idle", conf.slow_start_after_idle),
	TCPX_U8("ecn", conf.ecn, SYSCTL_TWO),
	TCPX_BOOL("ecn_fallback", conf.ecn_fallback),
	TCPX_U8("frto", conf.frto, SYSCTL_TWO),
	TCPX_U8("early_retrans", conf.early_retrans, SYSCTL_FOUR),
	TCPX_U32("pacing_ss_ratio", conf.pacing_ss_ratio, NULL, &tcpx_max_ratio),
	TCPX_U32("pacing_ca_ratio", conf.pacing_ca_ratio, NULL, &tcpx_max_ratio),
	TCPX_U32("limit_output_bytes", limit_output_bytes, NULL, &tcpx_max_limit),
	TCPX_U32("challenge_ack_limit", challenge_ack_limit, NULL, &tcpx_max_challenges),
	TCPX_U32("max_syn_backlog", max_syn_backlog, &tcpx_one, &tcpx_max_backlog),
	TCPX_U32("max_tw_buckets", max_tw_buckets, NULL, &tcpx_max_unowned),
	TCPX_U32("max_orphans", max_orphans, NULL, &tcpx_max_unowned),
	TCPX_BUF("rmem", rmem, &tcpx_max_rmem),
	TCPX_BUF("wmem", wmem, &tcpx_max_wmem),
	TCPX_BOOL("moderate_rcvbuf", moderate_rcvbuf),
	TCPX_U32("notsent_lowat", notsent_lowat, NULL, NULL),
	TCPX_CONG("congestion_control", 0644, tcpx_cong_sysctl_default),
	TCPX_CONG("available_congestion_control", 0444, tcpx_cong_sysctl_available),
	TCPX_CONG("allowed_congestion_control", 0644, tcpx_cong_sysctl_allowed),
	TCPX_U8("tw_reuse", reuse_time_wait, SYSCTL_TWO),
	TCPX_BOOL("abort_on_overflow", abort_on_overflow),
	TCPX_BOOL("stdurg", stdurg),
	TCPX_U8("syncookies", syncookies, SYSCTL_TWO),
	TCPX_U32("fastopen", fo.flags, NULL, &tcpx_max_fastopen),
	TCPX_U32("fastopen_blackhole_timeout_sec", fo.blackhole_secs, NULL, &tcpx_max_blackhole),
	{
		.procname	= "wire_protocol",
		.data		= (void *)offsetof(struct tcpx_net, wire_protocol),
		.mode		= 0644,
		.proc_handler	= tcpx_sysctl_wire,
	},
	{
		.procname	= "fastopen_key",
		.data		= (void *)offsetof(struct tcpx_net, fo),
		.mode		= 0600,
		.proc_handler	= tcpx_fastopen_sysctl_key,
	},
	{ }
};

/**
 * tcpx_sysctl_add_net() - register the sysctls of a new namespace
 * @net: namespace
 * @tn: tcpx in it, with defaults
 *
 * Context: process.  Return: 0 or -ENOMEM.
 */
int tcpx_sysctl_add_net(struct net *net, struct tcpx_net *tn)
{
	size_t i;

	tn->table = kmemdup(tcpx_sysctls, sizeof(tcpx_sysctls), GFP_KERNEL_ACCOUNT);
	if (!tn->table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(tcpx_sysctls) - 1; i++)
		tn->table[i].data = (u8 *)tn + (size_t)tcpx_sysctls[i].data;
	/* That list is one for all namespaces; only the initial one writes it */
	for (i = 0; i < ARRAY_SIZE(tcpx_sysctls) - 1; i++)
		if (tcpx_sysctls[i].proc_handler == tcpx_cong_sysctl_allowed && net != &init_net)
			tn->table[i].mode = 0444;
	tn->sysctl = register_net_sysctl_sz(net, "net/tcpx", tn->table,
					    ARRAY_SIZE(tcpx_sysctls) - 1);
	if (tn->sysctl)
		return 0;
	kfree(tn->table);
	return -ENOMEM;
}

/**
 * tcpx_sysctl_del_net() - undo tcpx_sysctl_add_net()
 * @tn: tcpx in the namespace
 *
 * Context: process, may sleep.
 */
void tcpx_sysctl_del_net(struct tcpx_net *tn)
{
	unregister_net_sysctl_table(tn->sysctl);
	kfree(tn->table);
}

#define TCPX_USERS(_name, _which) {					\
	.procname	= _name,					\
	.data		= &tcpx_users_max[_which],			\
	.maxlen		= sizeof(u32),					\
	.mode		= 0644,						\
	.proc_handler	= proc_douintvec_minmax,			\
	.extra2		= &tcpx_max_unowned,				\
}

/* Global, set in the initial namespace: limits of net/quota.c, and memory in pages */
static struct ctl_table tcpx_global_sysctls[] = {
	TCPX_USERS("users_max_half_open", TCPX_QUOTA_HALF_OPEN),
	TCPX_USERS("users_max_tw_buckets", TCPX_QUOTA_TIME_WAIT),
	TCPX_USERS("users_max_orphans", TCPX_QUOTA_ORPHAN),
	{
		.procname	= "mem",
		.data		= &tcpx_mem,
		.maxlen		= sizeof(tcpx_mem),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
		.extra1		= &tcpx_min_pages,
		.extra2		= &tcpx_max_pages,
	},
	{ }
};

static struct ctl_table_header *tcpx_global_header;

/**
 * tcpx_sysctl_init() - register the global sysctls, in the initial namespace
 *
 * Context: process.  Return: 0 or -ENOMEM.
 */
int tcpx_sysctl_init(void)
{
	tcpx_global_header = register_net_sysctl_sz(&init_net, "net/tcpx", tcpx_global_sysctls,
						    ARRAY_SIZE(tcpx_global_sysctls) - 1);
	return tcpx_global_header ? 0 : -ENOMEM;
}

/**
 * tcpx_sysctl_exit() - undo tcpx_sysctl_init()
 *
 * Context: process, may sleep.
 */
void tcpx_sysctl_exit(void)
{
	unregister_net_sysctl_table(tcpx_global_header);
}
