/* SPDX-License-Identifier: GPL-2.0 */
/* Connections found by their 4-tuple, listeners by address and port. */
#ifndef _TCPX_PATH_TABLE_H
#define _TCPX_PATH_TABLE_H

#include <linux/list.h>
#include <linux/list_nulls.h>
#include <linux/types.h>

#include "../net/tuple.h"

struct net;
struct sk_buff;
struct sock;

/* What a node is embedded in */
enum tcpx_kind {
	TCPX_KIND_SOCK,		/* struct tcpx_sock */
	TCPX_KIND_HALF_OPEN,	/* struct tcpx_half_open */
	TCPX_KIND_TIME_WAIT,	/* struct tcpx_timewait */
};

/**
 * struct tcpx_node - what the table of connections holds
 * @nulls: its chain
 * @net: namespace; the owner of the node keeps it alive
 * @tuple: the 4-tuple; its @kind is enum tcpx_kind
 * @bound_dev_if: interface, or 0 for any
 * @hash: of @net and @tuple
 */
struct tcpx_node {
	struct hlist_nulls_node nulls;
	struct net	*net;
	struct tcpx_tuple tuple;
	int		bound_dev_if;
	u32		hash;
};

int tcpx_table_init(void);
void tcpx_table_exit(void);
u32 tcpx_hash_bits(void);
void tcpx_node_rename(struct tcpx_node *node, const struct tcpx_tuple *tuple);
bool tcpx_node_is(const struct tcpx_node *node, const struct tcpx_tuple *tuple);
void tcpx_node_init(struct tcpx_node *node, u8 kind, struct net *net,
		    const struct tcpx_tuple *tuple, int bound_dev_if);
struct tcpx_node *tcpx_table_lookup(struct net *net, const struct tcpx_tuple *tuple,
				    int dif, int sdif);
int tcpx_table_insert(struct tcpx_node *node, bool (*gives_way)(const struct tcpx_node *other),
		      struct tcpx_node **old);
void tcpx_table_replace(struct tcpx_node *old, struct tcpx_node *node);
bool tcpx_table_remove(struct tcpx_node *node);
void tcpx_table_purge(void (*kill)(struct tcpx_node *node, struct net *net),
		      struct net *net);
bool tcpx_table_visit(u32 slot, bool (*visit)(struct tcpx_node *node, void *arg), void *arg);

struct sock *tcpx_listener_lookup(struct net *net, struct sk_buff *skb,
				  const struct tcpx_tuple *tuple, int dif, int sdif);
int tcpx_listener_hash(struct sock *sk);
void tcpx_listener_unhash(struct sock *sk);
bool tcpx_listener_visit(u32 slot, bool (*visit)(struct sock *sk, void *arg), void *arg);

#endif /* _TCPX_PATH_TABLE_H */
