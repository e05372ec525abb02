/* SPDX-License-Identifier: GPL-2.0 */
/* SYN cookies (RFC 4987, 3.6): when to send one, sending it, taking it back. */
#ifndef _TCPX_PATH_SYNCOOKIE_H
#define _TCPX_PATH_SYNCOOKIE_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct tcpx_lsn_rcv;

bool tcpx_cookie_wanted(const struct sock *lsk, const struct sk_buff *skb);
void tcpx_cookie_note(struct sock *lsk, u64 now);
void tcpx_cookie_synack(struct sock *lsk, const struct tcpx_lsn_rcv *r);
bool tcpx_cookie_rcv(struct sock *lsk, struct tcpx_lsn_rcv *r);

#endif /* _TCPX_PATH_SYNCOOKIE_H */
