/* SPDX-License-Identifier: GPL-2.0 */
/* TCP Fast Open (RFC 7413): what namespaces, sockets and listeners hold for it. */
#ifndef _TCPX_FASTOPEN_H
#define _TCPX_FASTOPEN_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "tcpx_compat.h"
#include "tcpx_fsm.h"
#include "tcpx_table.h"

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
struct sock;

/* The key that makes cookies, and the one before it, whose cookies still count */
struct tcpx_fo_keys {
	struct rcu_head rcu;
	u8 nr;
	siphash_key_t key[2];
};

/**
 * struct tcpx_fo_queue - the connections of one listener that text has opened
 * @refs: the listener, and each of them
 * @lock: guards the rest
 * @max: TCP_FASTOPEN
 * @pending: not yet ESTABLISHED
 * @reset: of @pending: ended by a RST
 * @reset_at: when the last of those was, ns
 */
struct tcpx_fo_queue {
	refcount_t refs;
	spinlock_t lock;	/* the rest */
	u32 max;
	u32 pending;
	u32 reset;
	u64 reset_at;
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

/* What a listener does with a SYN */
enum tcpx_fo_verdict {
	TCPX_FO_NONE,		/* nothing: 3.10.7.2 */
	TCPX_FO_GIVE,		/* the same, and a cookie in the SYN,ACK */
	TCPX_FO_TAKE,		/* its text counts */
	TCPX_FO_TAKE_GIVE,	/* and the cookie is to be replaced */
};

enum tcpx_fo_verdict tcpx_fastopen_judge(struct sock *lsk, const struct tcpx_tuple *tuple,
					 const struct tcpx_seg *syn,
					 const struct tcpx_route *route, u64 now,
					 struct tcpx_fo_cookie *cookie);
void tcpx_fastopen_child(struct sock *lsk, struct sock *child,
			 const struct tcpx_fo_cookie *cookie);
void tcpx_fastopen_refused(struct sock *lsk);
void tcpx_fastopen_established(struct sock *sk);
void tcpx_fastopen_done(struct sock *sk);
void tcpx_fastopen_listen(struct sock *sk, int backlog);

bool tcpx_fastopen_defers(struct sock *sk);
void tcpx_fastopen_synack(struct sock *sk, const struct tcpx_seg *seg);
void tcpx_fastopen_timeout(struct sock *sk, bool expired);
void tcpx_fastopen_destroy(struct sock *sk);

int tcpx_fastopen_set_queue(struct sock *sk, int val);
int tcpx_fastopen_get_queue(const struct sock *sk);
int tcpx_fastopen_set_connect(struct sock *sk, int val);
int tcpx_fastopen_set_no_cookie(struct sock *sk, int val);
int tcpx_fastopen_set_keys(struct sock *sk, const u8 *bytes, unsigned int len);
int tcpx_fastopen_get_keys(const struct sock *sk, u8 *bytes);

int tcpx_fastopen_sysctl_key(TCPX_CTL_TABLE *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos);
int tcpx_fastopen_init_net(struct net *net);
void tcpx_fastopen_exit_net(struct net *net);

#endif /* _TCPX_FASTOPEN_H */
