/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_MD5SIG, TCP_MD5SIG_EXT. */
#ifndef _TCPX_SOCK_MD5_H
#define _TCPX_SOCK_MD5_H

#include <linux/sockptr.h>

struct sock;

int tcpx_set_md5(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen);

#endif /* _TCPX_SOCK_MD5_H */
