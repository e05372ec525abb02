// SPDX-License-Identifier: GPL-2.0
/*
 * Memory accounting: what sockets are charged with.  One limit holds for all
 * namespaces (net.tcpx.mem), as with TCP.
 */
#include <linux/swap.h>

#include "../net/net.h"
#include "memory.h"

atomic_long_t tcpx_memory_allocated;
DEFINE_PER_CPU(int, tcpx_memory_fw_alloc);
struct percpu_counter tcpx_sockets_allocated;
unsigned long tcpx_memory_pressure;

/**
 * tcpx_enter_memory_pressure() - struct proto.enter_memory_pressure
 * @sk: any socket
 *
 * Context: any.
 */
void tcpx_enter_memory_pressure(struct sock *sk)
{
	if (!READ_ONCE(tcpx_memory_pressure))
		WRITE_ONCE(tcpx_memory_pressure, 1);
}

/**
 * tcpx_leave_memory_pressure() - struct proto.leave_memory_pressure
 * @sk: any socket
 *
 * Context: any.
 */
void tcpx_leave_memory_pressure(struct sock *sk)
{
	if (READ_ONCE(tcpx_memory_pressure))
		WRITE_ONCE(tcpx_memory_pressure, 0);
}

/**
 * tcpx_mem_force() - reserve memory for what a socket keeps, over the limit if need be
 * @sk: locked
 * @size: bytes that the caller charges next
 *
 * A socket in a memory control group goes into debt instead: the function that
 * charges the group by force is not exported, and uncharging what was never
 * charged would be worse.
 *
 * Context: process or softirq.
 * Return: false if it does.
 */
bool tcpx_mem_force(struct sock *sk, int size)
{
	int pages;

	if (size <= sk->sk_forward_alloc)
		return true;
	if (mem_cgroup_sockets_enabled && sk->sk_memcg)
		return false;
	pages = sk_mem_pages(size - sk->sk_forward_alloc);
	sk_forward_alloc_add(sk, pages << PAGE_SHIFT);
	atomic_long_add(pages, &tcpx_memory_allocated);
	return true;
}

/**
 * tcpx_memory_init() - set the limits by the memory that the machine has
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int tcpx_memory_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);

	tcpx_mem[0] = limit / 4 * 3;
	tcpx_mem[1] = limit;
	tcpx_mem[2] = tcpx_mem[0] * 2;
	return percpu_counter_init(&tcpx_sockets_allocated, 0, GFP_KERNEL);
}

/**
 * tcpx_memory_exit() - undo tcpx_memory_init(); no socket is left
 *
 * Context: process.
 */
void tcpx_memory_exit(void)
{
	percpu_counter_destroy(&tcpx_sockets_allocated);
}
