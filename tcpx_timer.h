/* SPDX-License-Identifier: GPL-2.0 */
/* A deadline passes. */
#ifndef _TCPX_TIMER_H
#define _TCPX_TIMER_H

struct sock;

void tcpx_timer_setup(struct sock *sk);
void tcpx_timer_sync(struct sock *sk);
void tcpx_timer_run(struct sock *sk);

#endif /* _TCPX_TIMER_H */
