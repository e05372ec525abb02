/* SPDX-License-Identifier: GPL-2.0 */
/* What only a listener has. */
#ifndef _TCPX_PATH_LISTENER_H
#define _TCPX_PATH_LISTENER_H

#include <linux/list.h>
#include <linux/list_nulls.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct sock;
struct tcpx_sock;

/**
 * struct tcpx_listener - what only a listener has
 * @nulls: in the table of listeners
 * @sk: the socket
 * @slot: the chain of @nulls; kept, since the device may change
 * @lock: guards what follows; taken inside the socket lock
 * @accept_first: children waiting for accept(), oldest first
 * @accept_end: where the next one is entered
 * @half_open: entries, struct tcpx_half_open, oldest first
 * @nr_half_open: how many they are
 * @cookie_sent: when the last SYN cookie was sent, ns; 0: none yet
 *
 * Made by a socket's first listen(), and freed with the socket.  A segment finds it under
 * RCU; sockets that were in the table of listeners are SOCK_RCU_FREE, and so is it.
 */
struct tcpx_listener {
	struct hlist_nulls_node nulls;
	struct sock	*sk;
	u32		slot;
	spinlock_t	lock;	/* what follows */
	struct tcpx_sock *accept_first;
	struct tcpx_sock **accept_end;
	struct list_head half_open;
	u32		nr_half_open;
	u64		cookie_sent;
};

#endif /* _TCPX_PATH_LISTENER_H */
