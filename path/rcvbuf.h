/* SPDX-License-Identifier: GPL-2.0 */
/* The receive buffer: its size, and its reader. */
#ifndef _TCPX_PATH_RCVBUF_H
#define _TCPX_PATH_RCVBUF_H

#include <linux/types.h>

struct sock;

bool tcpx_readable(const struct sock *sk);
void tcpx_data_ready(struct sock *sk);
void tcpx_read_done(struct sock *sk);
void tcpx_tune_rcvbuf(struct sock *sk);

#endif /* _TCPX_PATH_RCVBUF_H */
