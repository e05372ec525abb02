/* SPDX-License-Identifier: GPL-2.0 */
/* setsockopt() and getsockopt(). */
#ifndef _TCPX_SOCK_SOCKOPT_H
#define _TCPX_SOCK_SOCKOPT_H

#include <linux/sockptr.h>

#include "../cong/cong.h"

struct sock;
struct tcp_info;
union tcp_cc_info;

int tcpx_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int tcpx_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		    int __user *optlen);
void tcpx_read_info(struct sock *sk, struct tcp_info *info);
void tcpx_read_congestion(struct sock *sk, char name[TCPX_CONG_NAME_MAX]);
size_t tcpx_read_cc_info(struct sock *sk, int *attr, union tcp_cc_info *info);

#endif /* _TCPX_SOCK_SOCKOPT_H */
