// SPDX-License-Identifier: GPL-2.0
/*
 * One namespace: /proc/sys/net/tcpx, defaults, and the limit on challenge
 * ACKs.  A name that Linux has as net.ipv4.tcp_NAME has its unit and meaning.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/sysctl.h>
#include <net/inet_common.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "cong_list.h"
#include "mib.h"
#include "net.h"

unsigned int tcpx_net_id __read_mostly;
u8 tcpx_ipproto __read_mostly;	/* the module parameter; set before the first socket */
long tcpx_mem[3];	/* net.tcpx.mem, of all namespaces together: pages */

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
/* What is queued may go a little over it */
static int tcpx_max_wmem = INT_MAX - (1 << 20);

/**
 * tcpx_pernet() - tcpx's own part of a namespace
 * @net: namespace
 */
struct tcpx_net *tcpx_pernet(const struct net *net)
{
	return net_generic(net, tcpx_net_id);
}

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
		.procname	= "fastopen_key",
		.data		= (void *)offsetof(struct tcpx_net, fo),
		.mode		= 0600,
		.proc_handler	= tcpx_fastopen_sysctl_key,
	},
	{ }
};

static const struct tcpx_conf tcpx_conf_defaults = {
	.msl_ms			= 30000,
	.rto_min_us		= 200000,
	.rto_max_ms		= 120000,
	.syn_retries		= 7,	/* 1 + 2 + .. + 64 + 120 s: MUST-23 */
	.synack_retries		= 5,
	.retries1		= 3,	/* SHLD-10 */
	.retries2		= 15,	/* SHLD-11: over 100 s */
	.orphan_retries		= 0,
	.keepalive_time		= 7200,	/* MUST-28 */
	.keepalive_intvl	= 75,
	.keepalive_probes	= 10,
	.fin_timeout		= 60,
	.timestamps		= 1,
	.window_scaling		= 1,
	.sack			= 1,
	.dsack			= 1,
	.base_mss		= 1024,
	.mtu_probe_floor	= 48,
	.probe_interval		= 600,
	.probe_threshold	= 8,
	.slow_start_after_idle	= 1,
	.ecn			= 2,
	.ecn_fallback		= 1,
	.frto			= 2,
	.early_retrans		= 3,
	.pacing_ss_ratio	= 200,
	.pacing_ca_ratio	= 120,
};

/* What one connection may come to hold in each direction: 1/32 of the memory,
 * which is enough for 1 Gbit/s over 300 ms where there are a few GiB.  Only
 * who fills and empties it gets that much, and tcpx_mem limits all together.
 */
static int tcpx_buf_max(int least)
{
	u64 bytes = (u64)nr_free_buffer_pages() << (PAGE_SHIFT - 5);

	return clamp_t(u64, bytes, least, 128 << 20);
}

static void tcpx_net_defaults(struct tcpx_net *tn)
{
	tn->conf = tcpx_conf_defaults;
	tn->challenge_ack_limit = TCPX_CHALLENGE_UNLIMITED;
	tn->limit_output_bytes = 1 << 20;
	tn->max_syn_backlog = 1024;
	tn->max_tw_buckets = 65536;
	tn->max_orphans = 16384;
	tn->rmem[0] = 4096;
	tn->rmem[1] = 131072;
	tn->rmem[2] = tcpx_buf_max(6291456);
	tn->wmem[0] = 4096;
	tn->wmem[1] = 16384;
	tn->wmem[2] = tcpx_buf_max(4194304);
	tn->moderate_rcvbuf = 1;
	tn->notsent_lowat = U32_MAX;
	tn->reuse_time_wait = 2;
	tn->syncookies = 1;
	spin_lock_init(&tn->challenge_lock);
}

static int tcpx_sysctl_register(struct net *net, struct tcpx_net *tn)
{
	size_t i;

	tn->table = kmemdup(tcpx_sysctls, sizeof(tcpx_sysctls), GFP_KERNEL_ACCOUNT);
	if (!tn->table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(tcpx_sysctls) - 1; i++)
		tn->table[i].data = (u8 *)tn + (size_t)tcpx_sysctls[i].data;
	/* What is allowed is one for all namespaces; the first one says so */
	for (i = 0; i < ARRAY_SIZE(tcpx_sysctls) - 1; i++)
		if (tcpx_sysctls[i].proc_handler == tcpx_cong_sysctl_allowed && net != &init_net)
			tn->table[i].mode = 0444;
	tn->sysctl = register_net_sysctl(net, "net/tcpx", tn->table);
	if (tn->sysctl)
		return 0;
	kfree(tn->table);
	return -ENOMEM;
}

static int __net_init tcpx_net_init_one(struct net *net)
{
	struct tcpx_net *tn = tcpx_pernet(net);
	int err;

	tcpx_net_defaults(tn);
	tcpx_cong_net_init(tn);
	err = tcpx_fastopen_init_net(&tn->fo);
	if (err)
		goto err_cong;
	err = tcpx_mib_init_net(net);
	if (err)
		goto err_fastopen;
	err = tcpx_sysctl_register(net, tn);
	if (err)
		goto err_mib;
	return 0;

err_mib:
	tcpx_mib_exit_net(net);
err_fastopen:
	tcpx_fastopen_exit_net(&tn->fo);
err_cong:
	tcpx_cong_net_exit(tn);
	return err;
}

static void __net_exit tcpx_net_exit_one(struct net *net)
{
	struct tcpx_net *tn = tcpx_pernet(net);

	unregister_net_sysctl_table(tn->sysctl);
	kfree(tn->table);
	tcpx_mib_exit_net(net);
	tcpx_fastopen_exit_net(&tn->fo);
	tcpx_cong_net_exit(tn);
}

static struct pernet_operations tcpx_net_ops = {
	.init	= tcpx_net_init_one,
	.exit	= tcpx_net_exit_one,
	.id	= &tcpx_net_id,
	.size	= sizeof(struct tcpx_net),
};

/**
 * tcpx_challenge_allowed() - may another challenge ACK leave?  RFC 5961, 10
 * @net: namespace
 * @now: ns
 *
 * The limit that counts is each connection's own, in the state machine: see
 * there why none is shared by default.  An administrator may set one all the
 * same; it varies by half each second, which makes it harder to count out from
 * afar (CVE-2016-5696), not impossible.
 *
 * Context: softirq or process.
 */
bool tcpx_challenge_allowed(struct net *net, u64 now)
{
	struct tcpx_net *tn = tcpx_pernet(net);
	u64 second = div_u64(now, NSEC_PER_SEC) + 1;
	u32 limit = READ_ONCE(tn->challenge_ack_limit);
	bool ok;

	if (limit >= TCPX_CHALLENGE_UNLIMITED) {
		tcpx_mib_inc(net, TCPX_MIB_CHALLENGE_ACKS);
		return true;
	}
	spin_lock_bh(&tn->challenge_lock);
	if (tn->challenge_second != second) {
		tn->challenge_second = second;
		tn->challenge_left = limit - limit / 4 +
				     (limit > 1 ? get_random_u32() % (limit / 2 + 1) : 0);
	}
	ok = tn->challenge_left;
	if (ok)
		tn->challenge_left--;
	spin_unlock_bh(&tn->challenge_lock);
	tcpx_mib_inc(net, ok ? TCPX_MIB_CHALLENGE_ACKS : TCPX_MIB_CHALLENGE_LIMITED);
	return ok;
}

#define TCPX_USERS(_name, _which) {					\
	.procname	= _name,					\
	.data		= &tcpx_users_max[_which],			\
	.maxlen		= sizeof(u32),					\
	.mode		= 0644,						\
	.proc_handler	= proc_douintvec_minmax,			\
	.extra2		= &tcpx_max_unowned,				\
}

/* One for all namespaces, which the first one sets: memory, in pages, and net/quota.c */
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
 * tcpx_net_init() - every namespace, now and later; process context
 *
 * Return: 0 or -errno.
 */
int tcpx_net_init(void)
{
	int err;

	tcpx_quota_init();
	tcpx_global_header = register_net_sysctl(&init_net, "net/tcpx", tcpx_global_sysctls);
	if (!tcpx_global_header)
		return -ENOMEM;
	err = register_pernet_subsys(&tcpx_net_ops);
	if (err)
		unregister_net_sysctl_table(tcpx_global_header);
	return err;
}

/**
 * tcpx_net_exit() - undo tcpx_net_init()
 */
void tcpx_net_exit(void)
{
	unregister_pernet_subsys(&tcpx_net_ops);
	unregister_net_sysctl_table(tcpx_global_header);
}
