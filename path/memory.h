/* SPDX-License-Identifier: GPL-2.0 */
/* What sockets are charged with, and the limit of them all. */
#ifndef _TCPX_PATH_MEMORY_H
#define _TCPX_PATH_MEMORY_H

#include <linux/percpu_counter.h>
#include <linux/sched/mm.h>
#include <net/sock.h>

extern atomic_long_t tcpx_memory_allocated;
DECLARE_PER_CPU(int, tcpx_memory_fw_alloc);
extern struct percpu_counter tcpx_sockets_allocated;
extern unsigned long tcpx_memory_pressure;

void tcpx_enter_memory_pressure(struct sock *sk);
void tcpx_leave_memory_pressure(struct sock *sk);
void tcpx_mem_force(struct sock *sk, int size);
int tcpx_memory_init(void);
void tcpx_memory_exit(void);

/*
 * What is allocated until tcpx_charge_end() is charged to the socket's memory
 * control group, in softirq as well.
 */
static inline struct mem_cgroup *tcpx_charge_to(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	return set_active_memcg(sk->sk_memcg);
#else
	return NULL;
#endif
}

static inline void tcpx_charge_end(struct mem_cgroup *old)
{
	set_active_memcg(old);
}

/*
 * A constructor keeps the allocator from merging a cache with others of its
 * size: its count is its own, and nothing of it is left after rmmod.
 */
static inline void tcpx_cache_ctor(void *object)
{
}

#endif /* _TCPX_PATH_MEMORY_H */
