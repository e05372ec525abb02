/* SPDX-License-Identifier: GPL-2.0 */
/* setsockopt() and getsockopt(). */
#ifndef _TCPX_SOCK_SOCKOPT_H
#define _TCPX_SOCK_SOCKOPT_H

#include <linux/sockptr.h>

struct sock;

int tcpx_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int tcpx_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		    int __user *optlen);

#endif /* _TCPX_SOCK_SOCKOPT_H */
