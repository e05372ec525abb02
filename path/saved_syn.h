/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_SAVE_SYN: the headers of the SYN that made a connection. */
#ifndef _TCPX_PATH_SAVED_SYN_H
#define _TCPX_PATH_SAVED_SYN_H

#include <linux/types.h>

#define TCPX_SAVE_SYN_MAC	2	/* the largest value of TCP_SAVE_SYN */

struct sk_buff;
struct sock;

/**
 * struct tcpx_saved_syn - headers of a SYN
 * @len: bytes of @data
 * @data: the link layer's header if TCP_SAVE_SYN is 2, IP's and TCP's
 */
struct tcpx_saved_syn {
	u32	len;
	u8	data[];
};

struct tcpx_saved_syn *tcpx_saved_syn_make(const struct sock *lsk, const struct sk_buff *skb);
void tcpx_saved_syn_drop(struct sock *sk);

#endif /* _TCPX_PATH_SAVED_SYN_H */
