/* SPDX-License-Identifier: GPL-2.0 */
/* LISTEN, half-open connections, accept(). */
#ifndef _TCPX_PATH_LISTEN_H
#define _TCPX_PATH_LISTEN_H

#include "table.h"

struct sk_buff;
struct sock;

struct sock *tcpx_half_open_listener(const struct tcpx_node *node);
int tcpx_listen_start(struct sock *sk, int backlog);
void tcpx_listen_stop(struct sock *sk);
bool tcpx_listen_rcv(struct sock *lsk, struct sk_buff *skb);
bool tcpx_half_open_rcv(struct tcpx_node *node, struct sk_buff *skb);
void tcpx_half_open_icmp(struct tcpx_node *node, u32 seq);
bool tcpx_accept_ready(const struct sock *sk);
struct sock *tcpx_accept(struct sock *sk, int flags, int *err, bool kern);
int tcpx_listen_init(void);
void tcpx_listen_exit(void);

#endif /* _TCPX_PATH_LISTEN_H */
