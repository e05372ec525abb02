/* SPDX-License-Identifier: GPL-2.0 */
/* A socket: struct proto, and what the families' struct proto_ops share. */
#ifndef _TCPX_SOCK_SOCKET_H
#define _TCPX_SOCK_SOCKET_H

#include <linux/net.h>
#include <net/sock.h>

extern struct proto tcpx_prot;

int tcpx_listen(struct socket *sock, int backlog);
int tcpx_set_rcvlowat(struct sock *sk, int val);
int tcpx_peek_len(struct socket *sock);

int tcpx_sock_init(void);
void tcpx_sock_exit(void);

#endif /* _TCPX_SOCK_SOCKET_H */
