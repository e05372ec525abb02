/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_REPAIR: a connection is taken from one socket to another. */
#ifndef _TCPX_SOCK_REPAIR_H
#define _TCPX_SOCK_REPAIR_H

#include <linux/sockptr.h>
#include <linux/types.h>

struct msghdr;
struct sock;

int tcpx_repair_set_mode(struct sock *sk, int val);
int tcpx_repair_set_queue(struct sock *sk, int val);
int tcpx_repair_set_seq(struct sock *sk, u32 val);
int tcpx_repair_set_timestamp(struct sock *sk, u32 val);
int tcpx_repair_set(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen);
int tcpx_repair_get_queue(const struct sock *sk, int *val);
int tcpx_repair_get_seq(const struct sock *sk, int *val);
u16 tcpx_repair_get_mss(const struct sock *sk);
int tcpx_repair_get(struct sock *sk, char __user *optval, int len);
int tcpx_repair_send(struct sock *sk, struct msghdr *msg);
bool tcpx_repair_recv(struct sock *sk, struct msghdr *msg, int flags, int *ret);

#endif /* _TCPX_SOCK_REPAIR_H */
