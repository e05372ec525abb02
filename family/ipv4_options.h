/* SPDX-License-Identifier: GPL-2.0 */
/* Options of the IPv4 header. */
#ifndef _TCPX_FAMILY_IPV4_OPTIONS_H
#define _TCPX_FAMILY_IPV4_OPTIONS_H

#include "../path/family.h"

struct tcpx_ip_opt *tcpx_v4_return_opt(struct net *net, const struct sk_buff *skb);
void tcpx_v4_heard(struct sock *sk, const struct sk_buff *skb);
void tcpx_v4_forget_route(struct sock *sk);
unsigned int tcpx_v4_opt_len(const struct sock *sk);
void tcpx_v4_leave(const struct sock *sk, struct tcpx_way *way);
int tcpx_v4_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen);

#endif /* _TCPX_FAMILY_IPV4_OPTIONS_H */
