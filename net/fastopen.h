/* SPDX-License-Identifier: GPL-2.0 */
/* TCP Fast Open (RFC 7413): what a namespace holds for it. */
#ifndef _TCPX_NET_FASTOPEN_H
#define _TCPX_NET_FASTOPEN_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../tcpx_compat.h"

/* net.tcpx.fastopen, as net.ipv4.tcp_fastopen */
#define TCPX_FO_CLIENT		0x1
#define TCPX_FO_SERVER		0x2
#define TCPX_FO_CLIENT_NO_COOKIE 0x4
#define TCPX_FO_SERVER_NO_COOKIE 0x200
#define TCPX_FO_SERVER_ALL	0x400	/* every listener, without TCP_FASTOPEN */

#define TCPX_FO_COOKIE_LEN	8	/* of ours */
#define TCPX_FO_KEY_LEN		16
#define TCPX_FO_BUCKETS		64
#define TCPX_FO_CACHE_MAX	1024	/* destinations whose cookie is remembered */

struct net;

/* The key that makes cookies, and the one before it, whose cookies still count */
struct tcpx_fo_keys {
	struct rcu_head rcu;
	u8 nr;
	siphash_key_t key[2];
};

/**
 * struct tcpx_fo_net - Fast Open in one namespace
 * @flags: net.tcpx.fastopen
 * @blackhole_secs: net.tcpx.fastopen_blackhole_timeout_sec
 * @keys: net.tcpx.fastopen_key
 * @lock: guards what follows
 * @bucket: the cache of clients' cookies, by destination
 * @lru: the same entries, least recently used first
 * @nr: how many
 * @holes: black holes met in a row
 * @hole_at: when the last of them was, ns
 */
struct tcpx_fo_net {
	u32 flags;
	u32 blackhole_secs;
	struct tcpx_fo_keys __rcu *keys;
	spinlock_t lock;	/* what follows */
	struct hlist_head bucket[TCPX_FO_BUCKETS];
	struct list_head lru;
	u32 nr;
	u32 holes;
	u64 hole_at;
};

int tcpx_fastopen_sysctl_key(TCPX_CTL_TABLE *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos);
int tcpx_fastopen_init_net(struct net *net);
void tcpx_fastopen_exit_net(struct net *net);

#endif /* _TCPX_NET_FASTOPEN_H */
