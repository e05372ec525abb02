/* SPDX-License-Identifier: GPL-2.0 */
/* Who has a local port. */
#ifndef _TCPX_PATH_PORT_H
#define _TCPX_PATH_PORT_H

#include <linux/list.h>
#include <linux/types.h>

struct sock;
struct tcpx_place;

/**
 * struct tcpx_port_use - a socket's claim on its local port
 * @link: the sockets of @place; not hashed: no claim
 * @place: the port, with address and device
 */
struct tcpx_port_use {
	struct hlist_node link;
	struct tcpx_place *place;
};

/**
 * struct tcpx_port_tw - what TIME-WAIT keeps of it
 * @place: the port, with address and device
 * @options: SO_REUSEADDR and SO_REUSEPORT of the socket
 */
struct tcpx_port_tw {
	struct tcpx_place *place;
	u8		options;
};

int tcpx_port_init(void);
void tcpx_port_exit(void);
int tcpx_port_get(struct sock *sk, unsigned short snum);
int tcpx_port_listen(struct sock *sk);
int tcpx_port_connect(struct sock *sk);
void tcpx_port_set_addr(struct sock *sk);
void tcpx_port_reset_addr(struct sock *sk);
void tcpx_port_inherit(struct sock *sk, const struct sock *lsk);
void tcpx_port_put(struct tcpx_port_use *use);
void tcpx_port_enter_tw(struct tcpx_port_tw *claim, const struct sock *sk);
void tcpx_port_put_tw(struct tcpx_port_tw *claim);

#endif /* _TCPX_PATH_PORT_H */
