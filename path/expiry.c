// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines of half-open and TIME-WAIT entries.
 *
 * There may be very many of them, so an entry has no timer, but a place in a queue that
 * is sorted by time; the queue's timer is armed for the first one.  There are as many
 * queues as CPUs, so that these hardly wait for each other.
 *
 * An entry is in its queue from tcpx_expiry_set() until its deadline has passed, or
 * tcpx_expiry_clear().  Its owner takes care that nobody sets it once it is cleared for
 * good; then it may be freed after an RCU grace period, for the last that may still hold
 * it is a timer that has taken it out, inside its RCU section.
 */
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "../tcpx_compat.h"
#include "expiry.h"

struct tcpx_expiry_queue {
	spinlock_t	lock;		/* all of it */
	struct timerqueue_head head;
	struct timerqueue_node *last;	/* the latest of them */
	struct hrtimer	timer;
	struct tcpx_expiries *all;
} ____cacheline_aligned_in_smp;

static struct tcpx_expiry_queue *tcpx_expiry_queue(const struct tcpx_expiries *all,
						   const struct tcpx_expiry *expiry)
{
	return &all->queues[all->bits ? hash_ptr(expiry, all->bits) : 0];
}

/* Context: the queue's lock */
static void tcpx_expiry_arm(struct tcpx_expiry_queue *q, const struct timerqueue_node *first)
{
	hrtimer_start(&q->timer, first->expires, HRTIMER_MODE_ABS_SOFT);
}

/*
 * Most often all have the same time to go, so that a new one is the latest: no need to look
 * for its place.  Context: the queue's lock.  Return: true if it is the first.
 */
static bool tcpx_expiry_enqueue(struct tcpx_expiry_queue *q, struct timerqueue_node *node)
{
	struct timerqueue_node *last = q->last;

	if (last && node->expires >= last->expires) {
		rb_link_node(&node->node, &last->node, &last->node.rb_right);
		rb_insert_color_cached(&node->node, &q->head.rb_root, false);
		q->last = node;
		return false;
	}
	if (!last)
		q->last = node;
	return timerqueue_add(&q->head, node);
}

/* Nothing, if it is in no queue.  Context: the queue's lock */
static void tcpx_expiry_dequeue(struct tcpx_expiry_queue *q, struct timerqueue_node *node)
{
	if (RB_EMPTY_NODE(&node->node))
		return;
	if (q->last == node)
		q->last = rb_entry_safe(rb_prev(&node->node), struct timerqueue_node, node);
	timerqueue_del(&q->head, node);
}

/* Take out the first one if its time has come; otherwise the timer waits for it */
static struct tcpx_expiry *tcpx_expiry_next(struct tcpx_expiry_queue *q, ktime_t now)
{
	struct timerqueue_node *first;

	spin_lock(&q->lock);
	first = timerqueue_getnext(&q->head);
	if (first && first->expires <= now) {
		tcpx_expiry_dequeue(q, first);
	} else if (first) {
		tcpx_expiry_arm(q, first);
		first = NULL;
	}
	spin_unlock(&q->lock);
	return first ? container_of(first, struct tcpx_expiry, node) : NULL;
}

static enum hrtimer_restart tcpx_expiry_fired(struct hrtimer *timer)
{
	struct tcpx_expiry_queue *q = container_of(timer, struct tcpx_expiry_queue, timer);
	ktime_t now = ktime_get();
	struct tcpx_expiry *expiry;

	do {
		rcu_read_lock();
		expiry = tcpx_expiry_next(q, now);
		if (expiry)
			q->all->passed(expiry);
		rcu_read_unlock();
	} while (expiry);
	return HRTIMER_NORESTART;
}

/**
 * tcpx_expiry_setup() - a new entry has no deadline yet
 * @expiry: part of the entry
 *
 * Context: any.
 */
void tcpx_expiry_setup(struct tcpx_expiry *expiry)
{
	timerqueue_init(&expiry->node);
}

/**
 * tcpx_expiry_set() - set or move an entry's deadline
 * @all: those of its kind
 * @expiry: part of the entry
 * @deadline: ns
 *
 * Context: any but hard interrupt.
 */
void tcpx_expiry_set(struct tcpx_expiries *all, struct tcpx_expiry *expiry, u64 deadline)
{
	struct tcpx_expiry_queue *q = tcpx_expiry_queue(all, expiry);

	spin_lock_bh(&q->lock);
	tcpx_expiry_dequeue(q, &expiry->node);
	WRITE_ONCE(expiry->node.expires, ns_to_ktime(deadline));
	if (tcpx_expiry_enqueue(q, &expiry->node))
		tcpx_expiry_arm(q, &expiry->node);
	spin_unlock_bh(&q->lock);
}

/**
 * tcpx_expiry_clear() - an entry has no deadline any more
 * @all: those of its kind
 * @expiry: part of the entry
 *
 * The timer stays armed: if it was for this entry it will wait for the next one then.
 *
 * Context: any but hard interrupt.
 */
void tcpx_expiry_clear(struct tcpx_expiries *all, struct tcpx_expiry *expiry)
{
	struct tcpx_expiry_queue *q = tcpx_expiry_queue(all, expiry);

	spin_lock_bh(&q->lock);
	tcpx_expiry_dequeue(q, &expiry->node);
	spin_unlock_bh(&q->lock);
}

/**
 * tcpx_expiry_left() - how far off is an entry's deadline?
 * @expiry: part of the entry
 *
 * Context: any; without a lock it may be about to change.
 * Return: ns; 0: it has passed.
 */
u64 tcpx_expiry_left(const struct tcpx_expiry *expiry)
{
	return max_t(s64, ktime_sub(READ_ONCE(expiry->node.expires), ktime_get()), 0);
}

/**
 * tcpx_expiry_init() - entries of a kind may have deadlines
 * @all: its @passed is set; takes the queues
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpx_expiry_init(struct tcpx_expiries *all)
{
	struct tcpx_expiry_queue *q;

	all->bits = order_base_2(num_possible_cpus());
	all->queues = kvcalloc(1UL << all->bits, sizeof(*all->queues), GFP_KERNEL);
	if (!all->queues)
		return -ENOMEM;
	for (q = all->queues; q < all->queues + (1UL << all->bits); q++) {
		spin_lock_init(&q->lock);
		timerqueue_init_head(&q->head);
		hrtimer_setup(&q->timer, tcpx_expiry_fired, CLOCK_MONOTONIC,
			      HRTIMER_MODE_ABS_SOFT);
		q->all = all;
	}
	return 0;
}

/**
 * tcpx_expiry_exit() - undo tcpx_expiry_init(); no entry has a deadline any more
 * @all: those of the kind
 *
 * Context: process.
 */
void tcpx_expiry_exit(struct tcpx_expiries *all)
{
	struct tcpx_expiry_queue *q;

	for (q = all->queues; q < all->queues + (1UL << all->bits); q++)
		hrtimer_cancel(&q->timer);
	kvfree(all->queues);
}
