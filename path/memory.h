/* SPDX-License-Identifier: GPL-2.0 */
/* Memory accounting: what sockets are charged with, and the limit for all of them. */
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
bool tcpx_mem_force(struct sock *sk, int size);
int tcpx_memory_init(void);
void tcpx_memory_exit(void);

/**
 * tcpx_charge_to() - charge what is allocated next to a socket's memory control group
 * @sk: the socket
 *
 * Context: any but hard interrupt; lasts until tcpx_charge_end().
 * Return: the group before, for tcpx_charge_end().
 */
static inline struct mem_cgroup *tcpx_charge_to(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	return set_active_memcg(sk->sk_memcg);
#else
	return NULL;
#endif
}

/**
 * tcpx_charge_end() - end what tcpx_charge_to() has begun
 * @old: what it returned
 *
 * Context: that of tcpx_charge_to().
 */
static inline void tcpx_charge_end(struct mem_cgroup *old)
{
	set_active_memcg(old);
}

/**
 * tcpx_cache_ctor() - the constructor of a slab cache; does nothing
 * @object: new
 *
 * A cache that has one is not merged with others of its size: so slabinfo counts its
 * objects apart, and rmmod shows if one is left.
 *
 * Context: any.
 */
static inline void tcpx_cache_ctor(void *object)
{
}

#endif /* _TCPX_PATH_MEMORY_H */
