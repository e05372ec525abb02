/* SPDX-License-Identifier: GPL-2.0 */
/* The claims on one port, sorted by what they are bound to. */
#ifndef _TCPX_PATH_PLACE_H
#define _TCPX_PATH_PLACE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "../net/addr.h"

struct sock;
struct tcpx_port;
struct tcpx_port_use;

/* Options of a claim; struct tcpx_place counts TIME-WAITs by them */
#define TCPX_REUSEADDR		1U
#define TCPX_REUSEPORT		2U
#define TCPX_NR_OPTIONS		4U

/* What a place is found by */
struct tcpx_place_key {
	struct tcpx_local local;
	int	dev;		/* 0: any; a socket's own may have changed since */
};

/* Claims on a port, an address, and a device; lives while there are some */
struct tcpx_place {
	struct rb_node	node;
	struct tcpx_port *port;		/* NULL: struct tcpx_places.own, and not in use */
	struct hlist_head socks;	/* struct tcpx_port_use.link */
	u32		tw[TCPX_NR_OPTIONS];	/* TIME-WAITs with these options */
	struct tcpx_place_key key;
};

/**
 * struct tcpx_places - the claims on one port
 * @root: all
 * @own: room for one of them, since hardly a port has more
 */
struct tcpx_places {
	struct rb_root	root;
	struct tcpx_place own;
};

int tcpx_place_init(void);
void tcpx_place_exit(void);
struct tcpx_place_key tcpx_place_key(const struct sock *sk);
struct tcpx_place *tcpx_place_get(struct tcpx_places *places, struct tcpx_port *port,
				  const struct tcpx_place_key *key);
void tcpx_place_put(struct tcpx_places *places, struct tcpx_place *place);
void tcpx_place_add(struct tcpx_place *place, struct tcpx_port_use *use);
void tcpx_place_del(struct tcpx_places *places, struct tcpx_port_use *use);
struct tcpx_place *tcpx_place_first(const struct tcpx_places *places, const struct in6_addr *addr);
struct tcpx_place *tcpx_place_next(struct tcpx_place *place, const struct in6_addr *addr);

#endif /* _TCPX_PATH_PLACE_H */
