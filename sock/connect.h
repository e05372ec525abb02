/* SPDX-License-Identifier: GPL-2.0 */
/* connect(): the active OPEN. */
#ifndef _TCPX_SOCK_CONNECT_H
#define _TCPX_SOCK_CONNECT_H

#include "../tcpx_compat.h"

struct sock;
struct sockaddr;

void tcpx_forget_peer(struct sock *sk);
int tcpx_pre_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len);
int tcpx_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len);

#endif /* _TCPX_SOCK_CONNECT_H */
