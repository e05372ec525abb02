/* SPDX-License-Identifier: GPL-2.0 */
/* TCP Fast Open (RFC 7413): MSG_FASTOPEN and the socket options. */
#ifndef _TCPX_SOCK_FASTOPEN_H
#define _TCPX_SOCK_FASTOPEN_H

#include <linux/types.h>

struct msghdr;
struct sock;

int tcpx_fastopen_sendmsg(struct sock *sk, struct msghdr *msg, ssize_t *copied);
void tcpx_fastopen_listen(struct sock *sk, int backlog);

int tcpx_fastopen_set_queue(struct sock *sk, int val);
int tcpx_fastopen_get_queue(const struct sock *sk);
int tcpx_fastopen_set_connect(struct sock *sk, int val);
int tcpx_fastopen_set_no_cookie(struct sock *sk, int val);
int tcpx_fastopen_set_keys(struct sock *sk, const u8 *bytes, unsigned int len);
int tcpx_fastopen_get_keys(const struct sock *sk, u8 *bytes);

#endif /* _TCPX_SOCK_FASTOPEN_H */
