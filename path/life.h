/* SPDX-License-Identifier: GPL-2.0 */
/* The life of a connection's socket: set up, changes of state, the end. */
#ifndef _TCPX_PATH_LIFE_H
#define _TCPX_PATH_LIFE_H

#include <linux/types.h>

struct sock;

void tcpx_sock_setup(struct sock *sk);
void tcpx_set_state(struct sock *sk, u8 from, u8 to, u8 event);
void tcpx_unhash(struct sock *sk);
void tcpx_release_port(struct sock *sk);
void tcpx_destroy(struct sock *sk);
void tcpx_done(struct sock *sk);

#endif /* _TCPX_PATH_LIFE_H */
