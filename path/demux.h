/* SPDX-License-Identifier: GPL-2.0 */
/* Where a segment goes: to a socket, an entry, a listener, or nowhere. */
#ifndef _TCPX_PATH_DEMUX_H
#define _TCPX_PATH_DEMUX_H

#include <linux/skbuff.h>

struct sock;
struct tcpx_arrival;

bool tcpx_demux(const struct tcpx_arrival *in, struct sk_buff *skb);
bool tcpx_demux_knows(const struct tcpx_arrival *in);
void tcpx_no_socket(const struct tcpx_arrival *in, struct sk_buff *skb);
bool tcpx_near(const struct tcpx_arrival *in, const struct sock *sk);

#endif /* _TCPX_PATH_DEMUX_H */
