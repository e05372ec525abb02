/* SPDX-License-Identifier: GPL-2.0 */
/* SEND: RFC 9293, 3.9.1.2. */
#ifndef _TCPX_SOCK_SEND_H
#define _TCPX_SOCK_SEND_H

#include <linux/types.h>

struct msghdr;
struct sock;

int tcpx_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);

#endif /* _TCPX_SOCK_SEND_H */
