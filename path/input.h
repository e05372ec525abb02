/* SPDX-License-Identifier: GPL-2.0 */
/* A segment arrives at a locked socket. */
#ifndef _TCPX_PATH_INPUT_H
#define _TCPX_PATH_INPUT_H

struct sk_buff;
struct sock;

int tcpx_rcv(struct sock *sk, struct sk_buff *skb);

#endif /* _TCPX_PATH_INPUT_H */
