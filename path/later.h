/* SPDX-License-Identifier: GPL-2.0 */
/* What is done after what softirq does now: ACKs, output that was held back. */
#ifndef _TCPX_PATH_LATER_H
#define _TCPX_PATH_LATER_H

#include <linux/interrupt.h>
#include <linux/llist.h>
#include <linux/percpu.h>

struct sock;

/**
 * struct tcpx_later - the sockets that have something to do later, of one CPU
 * @socks: tcpx_sock.later of each; each is held
 * @tasklet: path/timeout.c serves them
 */
struct tcpx_later {
	struct llist_head socks;
	struct tasklet_struct tasklet;
};

DECLARE_PER_CPU(struct tcpx_later, tcpx_laters);

void tcpx_do_later(struct sock *sk, int what);

#endif /* _TCPX_PATH_LATER_H */
