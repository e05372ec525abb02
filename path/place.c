// SPDX-License-Identifier: GPL-2.0
/*
 * The claims on one port, sorted by what they are bound to: by address, by device,
 * and by the family that it is for.  All happens under the port's lock (path/port.c).
 */
#include <linux/slab.h>

#include "memory.h"
#include "place.h"
#include "port.h"
#include "sock.h"

static struct kmem_cache *tcpx_place_cache;

static struct tcpx_place *tcpx_place(const struct rb_node *node)
{
	return rb_entry_safe(node, struct tcpx_place, node);
}

/* Any order is good: of addresses that many places of a port have, the ends differ most */
static int tcpx_place_cmp_addr(const void *data, const struct rb_node *node)
{
	const struct in6_addr *addr = data, *other = &tcpx_place(node)->key.local.addr;
	int i;

	for (i = 3; i >= 0; i--) {
		if (addr->s6_addr32[i] != other->s6_addr32[i])
			return (__force u32)addr->s6_addr32[i] <
			       (__force u32)other->s6_addr32[i] ? -1 : 1;
	}
	return 0;
}

static int tcpx_place_cmp(const void *data, const struct rb_node *node)
{
	const struct tcpx_place_key *key = data, *other = &tcpx_place(node)->key;

	return tcpx_place_cmp_addr(&key->local.addr, node) ?: key->dev - other->dev ?:
	       key->local.only - other->local.only;
}

static bool tcpx_place_less(struct rb_node *a, const struct rb_node *b)
{
	return tcpx_place_cmp(&tcpx_place(a)->key, b) < 0;
}

/**
 * tcpx_place_key() - where a socket's claim belongs
 * @sk: locked, with its local address set
 *
 * Context: any.
 */
struct tcpx_place_key tcpx_place_key(const struct sock *sk)
{
	return (struct tcpx_place_key){ .local = tcpx_sk_local(sk), .dev = sk->sk_bound_dev_if };
}

/**
 * tcpx_place_get() - find a place, or make it
 * @places: those of the port
 * @port: the port
 * @key: which one
 *
 * Context: the port's lock.
 * Return: the place, to be claimed or put; NULL: no memory.
 */
struct tcpx_place *tcpx_place_get(struct tcpx_places *places, struct tcpx_port *port,
				  const struct tcpx_place_key *key)
{
	struct tcpx_place *place = tcpx_place(rb_find(key, &places->root, tcpx_place_cmp));

	if (place)
		return place;
	place = places->own.port ? kmem_cache_alloc(tcpx_place_cache, GFP_ATOMIC | __GFP_NOWARN) :
		&places->own;
	if (!place)
		return NULL;
	*place = (struct tcpx_place){ .port = port, .key = *key };
	rb_add(&place->node, &places->root, tcpx_place_less);
	return place;
}

/**
 * tcpx_place_put() - free a place, unless it is claimed
 * @places: those of the port
 * @place: one of them
 *
 * Context: the port's lock.
 */
void tcpx_place_put(struct tcpx_places *places, struct tcpx_place *place)
{
	if (!hlist_empty(&place->socks) || memchr_inv(place->tw, 0, sizeof(place->tw)))
		return;
	rb_erase(&place->node, &places->root);
	if (place == &places->own)
		place->port = NULL;
	else
		kmem_cache_free(tcpx_place_cache, place);
}

/**
 * tcpx_place_add() - a socket claims a place
 * @place: the place
 * @use: the claim
 *
 * Context: the port's lock.
 */
void tcpx_place_add(struct tcpx_place *place, struct tcpx_port_use *use)
{
	use->place = place;
	hlist_add_head(&use->link, &place->socks);
}

/**
 * tcpx_place_del() - a socket's claim ends
 * @places: those of the port
 * @use: the claim
 *
 * Context: the port's lock.
 */
void tcpx_place_del(struct tcpx_places *places, struct tcpx_port_use *use)
{
	hlist_del_init(&use->link);
	tcpx_place_put(places, use->place);
}

/**
 * tcpx_place_first() - the first place at an address
 * @places: those of the port
 * @addr: the address; NULL: any
 *
 * Context: the port's lock.
 * Return: the place, or NULL.
 */
struct tcpx_place *tcpx_place_first(const struct tcpx_places *places, const struct in6_addr *addr)
{
	return tcpx_place(addr ? rb_find_first(addr, &places->root, tcpx_place_cmp_addr) :
				 rb_first(&places->root));
}

/**
 * tcpx_place_next() - the next place at an address
 * @place: of tcpx_place_first() or tcpx_place_next()
 * @addr: the address; NULL: any
 *
 * Context: the port's lock.
 * Return: the place, or NULL.
 */
struct tcpx_place *tcpx_place_next(struct tcpx_place *place, const struct in6_addr *addr)
{
	return tcpx_place(addr ? rb_next_match(addr, &place->node, tcpx_place_cmp_addr) :
				 rb_next(&place->node));
}

/**
 * tcpx_place_init() - places may be made
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpx_place_init(void)
{
	tcpx_place_cache = kmem_cache_create("tcpx_place", sizeof(struct tcpx_place), 0,
					     SLAB_ACCOUNT, tcpx_cache_ctor);
	return tcpx_place_cache ? 0 : -ENOMEM;
}

/**
 * tcpx_place_exit() - undo tcpx_place_init(); no port is claimed any more
 *
 * Context: process.
 */
void tcpx_place_exit(void)
{
	kmem_cache_destroy(tcpx_place_cache);
}
