/* SPDX-License-Identifier: GPL-2.0 */
/* A socket as programs have it: struct proto and struct proto_ops. */
#ifndef _TCPX_SOCK_SOCKET_H
#define _TCPX_SOCK_SOCKET_H

#include <linux/net.h>
#include <net/sock.h>

extern struct proto tcpx_prot;
extern const struct proto_ops tcpx_stream_ops;

int tcpx_sock_init(void);
void tcpx_sock_exit(void);

#endif /* _TCPX_SOCK_SOCKET_H */
