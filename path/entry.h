/* SPDX-License-Identifier: GPL-2.0 */
/* The memory of half-open and TIME-WAIT entries, and of their deadlines. */
#ifndef _TCPX_PATH_ENTRY_H
#define _TCPX_PATH_ENTRY_H

#include <linux/slab.h>

#include "../net/tuple.h"
#include "expiry.h"

struct sock;

/**
 * struct tcpx_entry_cache - slab caches of one kind of entry
 * @cache: of those that have the addresses in the 4-tuple, and of those with room for
 *	them at the end (tcpx_tuple_room())
 * @expiries: their deadlines
 */
struct tcpx_entry_cache {
	struct kmem_cache *cache[2];
	struct tcpx_expiries *expiries;
};

int tcpx_entry_cache_init(struct tcpx_entry_cache *c, struct tcpx_expiries *expiries,
			  const char *name, const char *name6, unsigned int size);
void tcpx_entry_cache_exit(struct tcpx_entry_cache *c);
void *tcpx_entry_alloc(const struct tcpx_entry_cache *c, const struct tcpx_tuple *tuple,
		       const struct sock *sk);
void tcpx_entry_free(const struct tcpx_entry_cache *c, const struct tcpx_tuple *tuple,
		     void *entry);

#endif /* _TCPX_PATH_ENTRY_H */
