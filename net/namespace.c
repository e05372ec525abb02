// SPDX-License-Identifier: GPL-2.0
/*
 * A network namespace is created and removed: what tcpx has in it, with its defaults.
 */
#include <linux/swap.h>
#include <net/net_namespace.h>

#include "../core/conf.h"
#include "challenge.h"
#include "cong_list.h"
#include "mib.h"
#include "namespace.h"
#include "sysctl.h"

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

/* The most that one connection may hold in each direction: 1/32 of the memory, which is
 * enough for 1 Gbit/s over 300 ms on a machine with a few GiB.  A buffer grows so far
 * only if the connection uses it, and tcpx_mem limits all connections together.
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
	tn->wire_protocol = tcpx_ipproto;
	spin_lock_init(&tn->challenge_lock);
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
	err = tcpx_sysctl_add_net(net, tn);
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

	tcpx_sysctl_del_net(tn);
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
 * tcpx_net_init() - set up tcpx in every namespace, now and later
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_net_init(void)
{
	int err;

	tcpx_quota_init();
	err = tcpx_sysctl_init();
	if (err)
		return err;
	err = register_pernet_subsys(&tcpx_net_ops);
	if (err)
		tcpx_sysctl_exit();
	return err;
}

/**
 * tcpx_net_exit() - undo tcpx_net_init()
 *
 * Context: process, may sleep.
 */
void tcpx_net_exit(void)
{
	unregister_pernet_subsys(&tcpx_net_ops);
	tcpx_sysctl_exit();
}
