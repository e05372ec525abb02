/* SPDX-License-Identifier: GPL-2.0 */
/* accept(). */
#ifndef _TCPX_SOCK_ACCEPT_H
#define _TCPX_SOCK_ACCEPT_H

#include <linux/types.h>

struct sock;

struct sock *tcpx_accept(struct sock *sk, int flags, int *err);

#endif /* _TCPX_SOCK_ACCEPT_H */
