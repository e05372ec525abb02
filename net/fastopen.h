/* SPDX-License-Identifier: GPL-2.0 */
/* TCP Fast Open (RFC 7413): what a namespace holds for it. */
#ifndef _TCPX_NET_FASTOPEN_H
#define _TCPX_NET_FASTOPEN_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../core/option.h"
#include "../tcpx_compat.h"
#include "tuple.h"

/* net.tcpx.fastopen, as net.ipv4.tcp_fastopen */
#define TCPX_FO_CLIENT		0x1
#define TCPX_FO_SERVER		0x2
#define TCPX_FO_CLIENT_NO_COOKIE 0x4
#define TCPX_FO_SERVER_NO_COOKIE 0x200
#define TCPX_FO_SERVER_ALL	0x400	/* every listener, without TCP_FASTOPEN */

#define TCPX_FO_COOKIE_LEN	8	/* of those made here */
#define TCPX_FO_KEY_LEN		16
#define TCPX_FO_BUCKETS		64
#define TCPX_FO_CACHE_MAX	1024	/* destinations whose cookie is remembered */

/* The key that cookies are made with, and the previous one, whose cookies still count */
struct tcpx_fo_keys {
	struct rcu_head rcu;
	u8 nr;
	siphash_key_t key[2];
};

/* What is remembered of a destination */
struct tcpx_fo_entry {
	struct hlist_node link;
	struct list_head lru;
	struct tcpx_tuple tuple;	/* its ports do not matter */
	u16	mss;
	u8	losses;
	u8	kind_asked;
	u64	lost_at;
	struct tcpx_fo_cookie cookie;
	struct tcpx_addrs6 addrs[];	/* IPv6: those of @tuple */
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
 * @hole_at: when the last of them was met, ns
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

struct tcpx_fo_keys *tcpx_fo_keys_new(const u8 *bytes, u8 nr);
int tcpx_fo_keys_bytes(const struct tcpx_fo_keys *keys, u8 *bytes);
struct tcpx_fo_entry *tcpx_fo_find(struct tcpx_fo_net *fo, const struct tcpx_tuple *t);
struct tcpx_fo_entry *tcpx_fo_find_or_add(struct tcpx_fo_net *fo, const struct tcpx_tuple *t);

int tcpx_fastopen_sysctl_key(TCPX_CTL_TABLE *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos);
int tcpx_fastopen_init_net(struct tcpx_fo_net *fo);
void tcpx_fastopen_exit_net(struct tcpx_fo_net *fo);

#endif /* _TCPX_NET_FASTOPEN_H */
