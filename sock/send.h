/* SPDX-License-Identifier: GPL-2.0 */
/* SEND: RFC 9293, 3.9.1.2. */
#ifndef _TCPX_SOCK_SEND_H
#define _TCPX_SOCK_SEND_H

#include <linux/types.h>

struct msghdr;
struct page;
struct sock;

int tcpx_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int tcpx_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags);

#endif /* _TCPX_SOCK_SEND_H */
