// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of half-open and TIME-WAIT entries.
 *
 * There may be very many of them, so IPv4's have no room for IPv6's addresses.
 */
#include "entry.h"
#include "memory.h"

static struct kmem_cache *tcpx_entry_cache(const struct tcpx_entry_cache *c,
					   const struct tcpx_tuple *tuple)
{
	return c->cache[tcpx_tuple_room(tuple) > 0];
}

/**
 * tcpx_entry_cache_init() - entries of one kind may be made
 * @c: filled in
 * @expiries: their deadlines; its @passed is set
 * @name: of the entries with addresses in the 4-tuple
 * @name6: of those with the addresses at the end
 * @size: bytes of an entry without them
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpx_entry_cache_init(struct tcpx_entry_cache *c, struct tcpx_expiries *expiries,
			  const char *name, const char *name6, unsigned int size)
{
	int err;

	err = tcpx_expiry_init(expiries);
	if (err)
		return err;
	c->expiries = expiries;
	c->cache[0] = kmem_cache_create(name, size, 0, SLAB_ACCOUNT, tcpx_cache_ctor);
	c->cache[1] = kmem_cache_create(name6, size + sizeof(struct tcpx_addrs6), 0,
					SLAB_ACCOUNT, tcpx_cache_ctor);
	if (c->cache[0] && c->cache[1])
		return 0;
	tcpx_entry_cache_exit(c);
	return -ENOMEM;
}

/**
 * tcpx_entry_cache_exit() - undo tcpx_entry_cache_init(), when all entries that have ended
 * are freed; there are no others
 * @c: the caches
 *
 * Context: process.
 */
void tcpx_entry_cache_exit(struct tcpx_entry_cache *c)
{
	tcpx_expiry_exit(c->expiries);
	rcu_barrier();
	kmem_cache_destroy(c->cache[0]);
	kmem_cache_destroy(c->cache[1]);
}

/**
 * tcpx_entry_alloc() - memory for an entry
 * @c: the caches of its kind
 * @tuple: its 4-tuple
 * @sk: whose memory control group is charged
 *
 * Context: any but hard interrupt.
 * Return: the entry, not initialised, with tcpx_tuple_room() bytes after it; NULL: no
 * memory.
 */
void *tcpx_entry_alloc(const struct tcpx_entry_cache *c, const struct tcpx_tuple *tuple,
		       const struct sock *sk)
{
	struct mem_cgroup *memcg = tcpx_charge_to(sk);
	void *entry = kmem_cache_alloc(tcpx_entry_cache(c, tuple), GFP_ATOMIC | __GFP_NOWARN);

	tcpx_charge_end(memcg);
	return entry;
}

/**
 * tcpx_entry_free() - free an entry
 * @c: the caches of its kind
 * @tuple: its 4-tuple, which may be in it
 * @entry: of tcpx_entry_alloc()
 *
 * Context: any but hard interrupt.
 */
void tcpx_entry_free(const struct tcpx_entry_cache *c, const struct tcpx_tuple *tuple,
		     void *entry)
{
	kmem_cache_free(tcpx_entry_cache(c, tuple), entry);
}
