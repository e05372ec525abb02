/* SPDX-License-Identifier: GPL-2.0 */
/* A segment arrives at a locked socket. */
#ifndef _TCPX_PATH_INPUT_H
#define _TCPX_PATH_INPUT_H

#include <linux/types.h>

struct sk_buff;
struct sock;

bool tcpx_is_sock(const struct sock *sk);
int tcpx_rcv(struct sock *sk, struct sk_buff *skb);

#endif /* _TCPX_PATH_INPUT_H */
