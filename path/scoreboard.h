/* SPDX-License-Identifier: GPL-2.0 */
/* The memory of the scoreboard. */
#ifndef _TCPX_PATH_SCOREBOARD_H
#define _TCPX_PATH_SCOREBOARD_H

#include <linux/types.h>

struct sock;

bool tcpx_scoreboard_reserve(struct sock *sk, u32 slots);
void tcpx_scoreboard_shrink(struct sock *sk);
void tcpx_scoreboard_free(struct sock *sk);

#endif /* _TCPX_PATH_SCOREBOARD_H */
