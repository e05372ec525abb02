/* SPDX-License-Identifier: GPL-2.0 */
/* What falls due for a socket: deadlines, output that was held back, ACKs. */
#ifndef _TCPX_PATH_TIMEOUT_H
#define _TCPX_PATH_TIMEOUT_H

#include <linux/types.h>

struct sock;

int tcpx_timeout_init(void);
void tcpx_timeout_exit(void);
void tcpx_timeout_setup(struct sock *sk);
void tcpx_timeout_run(struct sock *sk);
bool tcpx_orphan_starves(struct sock *sk);

#endif /* _TCPX_PATH_TIMEOUT_H */
