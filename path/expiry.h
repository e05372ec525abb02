/* SPDX-License-Identifier: GPL-2.0 */
/* What is to happen to half-open and TIME-WAIT entries at a time of their own. */
#ifndef _TCPX_PATH_EXPIRY_H
#define _TCPX_PATH_EXPIRY_H

#include <linux/rcupdate.h>
#include <linux/timerqueue.h>

struct tcpx_expiry_queue;

/**
 * struct tcpx_expiry - a deadline, part of an entry
 * @node: its place in a queue
 * @rcu: for who frees the entry, once it has left the queue for good
 *
 * An hrtimer has twice its size.
 */
struct tcpx_expiry {
	union {
		struct timerqueue_node node;
		struct rcu_head rcu;
	};
};

/**
 * struct tcpx_expiries - the deadlines of all entries of one kind
 * @queues: an entry belongs to one of them by its address
 * @bits: their number is 2^@bits
 * @passed: a deadline has passed: softirq, rcu_read_lock()
 */
struct tcpx_expiries {
	struct tcpx_expiry_queue *queues;
	unsigned int	bits;
	void		(*passed)(struct tcpx_expiry *expiry);
};

int tcpx_expiry_init(struct tcpx_expiries *all);
void tcpx_expiry_exit(struct tcpx_expiries *all);
void tcpx_expiry_setup(struct tcpx_expiry *expiry);
void tcpx_expiry_set(struct tcpx_expiries *all, struct tcpx_expiry *expiry, u64 deadline);
void tcpx_expiry_clear(struct tcpx_expiries *all, struct tcpx_expiry *expiry);
u64 tcpx_expiry_left(const struct tcpx_expiry *expiry);

#endif /* _TCPX_PATH_EXPIRY_H */
