/* SPDX-License-Identifier: GPL-2.0 */
/* What a segment's IPv6 header tells the user, and the options of a socket. */
#ifndef _TCPX_FAMILY_IPV6_OPTIONS_H
#define _TCPX_FAMILY_IPV6_OPTIONS_H

#include "../path/family.h"

struct tcpx_ip_opt *tcpx_v6_return_opt(struct net *net, const struct sk_buff *skb);
void tcpx_v6_heard(struct sock *sk, const struct sk_buff *skb);
void tcpx_v6_forget(struct sock *sk);
unsigned int tcpx_v6_opt_len(const struct sock *sk);
void tcpx_v6_leave(const struct sock *sk, struct tcpx_way *way);
int tcpx_v6_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen);
int tcpx_v6_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		       int __user *optlen);

#endif /* _TCPX_FAMILY_IPV6_OPTIONS_H */
