/* SPDX-License-Identifier: GPL-2.0 */
/* Claims on local ports: of bind(), listen(), connect(), children and TIME-WAITs. */
#ifndef _TCPX_PATH_PORT_H
#define _TCPX_PATH_PORT_H

#include <linux/list.h>
#include <linux/types.h>

struct net;
struct sock;
struct tcpx_node;
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
 * struct tcpx_port_scan - the configured range, in the order in which it is tried
 * @low: the lowest port
 * @count: how many there are
 * @start: a random number: RFC 6056, 3.3.1
 * @odd: the odd ones first, counted from @low: bind() leaves connect() the even ones
 */
struct tcpx_port_scan {
	u32	low;
	u32	count;
	u32	start;
	bool	odd;
};

int tcpx_port_init(void);
void tcpx_port_exit(void);
int tcpx_port_get(struct sock *sk, unsigned short snum);
int tcpx_port_listen(struct sock *sk);
int tcpx_port_try_connect(struct sock *sk, u16 num,
			  bool (*gives_way)(const struct tcpx_node *other),
			  struct tcpx_node **old);
struct tcpx_port_scan tcpx_port_scan(const struct sock *sk, bool odd);
u16 tcpx_port_nth(struct net *net, const struct tcpx_port_scan *scan, u32 i);
void tcpx_port_set_addr(struct sock *sk);
void tcpx_port_reset_addr(struct sock *sk);
void tcpx_port_inherit(struct sock *sk, const struct sock *lsk);
void tcpx_port_put(struct tcpx_port_use *use);
int tcpx_port_switch(struct sock *sk, u8 wire);
struct tcpx_place *tcpx_port_enter_tw(const struct sock *sk, u8 *options);
void tcpx_port_put_tw(struct tcpx_place *place, u8 options);

#endif /* _TCPX_PATH_PORT_H */
