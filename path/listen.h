/* SPDX-License-Identifier: GPL-2.0 */
/* LISTEN (RFC 9293, 3.10.7.2): a listener begins, hears a segment, ends. */
#ifndef _TCPX_PATH_LISTEN_H
#define _TCPX_PATH_LISTEN_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct tcpx_arrival;

int tcpx_listen_start(struct sock *sk, int backlog);
void tcpx_listen_stop(struct sock *sk);
bool tcpx_listen_rcv(const struct tcpx_arrival *in, struct sock *lsk, struct sk_buff *skb);

#endif /* _TCPX_PATH_LISTEN_H */
