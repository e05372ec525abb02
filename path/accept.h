/* SPDX-License-Identifier: GPL-2.0 */
/* The queue of accept(): a child enters, waits, leaves. */
#ifndef _TCPX_PATH_ACCEPT_H
#define _TCPX_PATH_ACCEPT_H

#include <linux/types.h>

struct sock;

void tcpx_accept_push(struct sock *lsk, struct sock *child);
struct sock *tcpx_accept_pop(struct sock *sk);
bool tcpx_accept_ready(const struct sock *sk);
void tcpx_accept_purge(struct sock *sk);

#endif /* _TCPX_PATH_ACCEPT_H */
