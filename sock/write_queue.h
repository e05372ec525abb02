/* SPDX-License-Identifier: GPL-2.0 */
/* Appending to the write queue. */
#ifndef _TCPX_SOCK_WRITE_QUEUE_H
#define _TCPX_SOCK_WRITE_QUEUE_H

#include <linux/types.h>

struct msghdr;
struct sk_buff;
struct sock;
struct ubuf_info;

struct sk_buff *tcpx_append(struct sock *sk);
int tcpx_fill(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 goal);
int tcpx_fill_pages(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		    struct ubuf_info *uarg);
int tcpx_fill_spliced(struct sock *sk, struct sk_buff *skb, struct msghdr *msg);
void tcpx_drop_empty_tail(struct sock *sk);

#endif /* _TCPX_SOCK_WRITE_QUEUE_H */
