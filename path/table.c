// SPDX-License-Identifier: GPL-2.0
/*
 * The table of connections, and that of listeners.  Both are sized by memory, as
 * TCP's are.
 *
 * Connections (sockets, half-open and TIME-WAIT entries) are found by a keyed
 * hash of namespace and 4-tuple.  A lookup takes no lock and no reference:
 * everything in the table is freed after an RCU grace period, and a reader that
 * finds a socket locks it and looks at its state.  A socket may leave one chain
 * and enter another while a reader is at it (connect() again after a failure): the
 * end marker of the chain shows it, and the reader starts again.
 *
 * Where one entry takes another's place (a socket that of a half-open entry, a
 * TIME-WAIT that of a socket) it does so in the chain, by one store: a reader finds
 * the old one or the new one, wherever it is.  The old one is marked as ended,
 * under its own lock; a reader that has found it looks again.
 *
 * The table holds a reference to each socket in it.
 *
 * Listeners are found by a keyed hash of namespace, protocol, address and port.  An
 * IPv4 address is v4-mapped here, as in an IPv6 socket that is bound to one.  The
 * wildcard addresses are looked up after the segment's own: that of its family, then,
 * for IPv4, ::, whose listeners take both families unless they are IPV6_V6ONLY.
 * Listeners bound to a device have a chain of their own, since they come first.  A
 * lookup walks the listeners at one address and port, and takes the first of a
 * SO_REUSEPORT group; it is under RCU, changes are under the chain's lock.
 * While a reader walks, one listener may begin behind it and another end before it,
 * so that it finds neither: a reader that finds none starts again if one has begun
 * meanwhile.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/netns/hash.h>
#include <net/sock_reuseport.h>

#include "listener.h"
#include "skb.h"
#include "sock.h"
#include "table.h"

/* As TCP's: a bucket for each 128 KiB of memory */
#define TCPX_MEMORY_SHIFT	17
#define TCPX_AUTO_BITS_MIN	14
#define TCPX_AUTO_BITS_MAX	19

#define TCPX_LISTEN_BITS_MAX	13U

static unsigned int hash_bits;
module_param(hash_bits, uint, 0444);
MODULE_PARM_DESC(hash_bits, "log2 of the buckets for connections (8 to 22); default: by memory");

struct tcpx_bucket {
	struct hlist_nulls_head head;
	spinlock_t lock;	/* changes of the chain */
};

static struct tcpx_bucket *tcpx_conns;
static struct tcpx_bucket *tcpx_listeners;
static atomic_t tcpx_listens_begun;	/* how many have begun, for readers */
static hsiphash_key_t tcpx_listen_key __read_mostly;
static hsiphash_key_t tcpx_conn_key __read_mostly;

/* Never leaves the kernel, so the short SipHash is enough: Documentation/security/siphash.rst */
static u32 tcpx_conn_hash(const struct net *net, const struct tcpx_tuple *t)
{
	u32 mix = net_hash_mix(net) ^ t->wire;

	if (t->family == AF_INET6)
		return hsiphash_3u32(hsiphash(t->addrs6, sizeof(*t->addrs6), &tcpx_conn_key),
				     t->ports, mix, &tcpx_conn_key);
	/* Of one namespace, whose mix is secret, no two 4-tuples become one by it */
	return hsiphash_3u32((__force u32)t->laddr ^ mix, (__force u32)t->raddr, t->ports,
			     &tcpx_conn_key);
}

static u32 tcpx_slot(u32 hash)
{
	return hash & ((1U << hash_bits) - 1);
}

/* Listeners are fewer than connections */
static u32 tcpx_listen_bits(void)
{
	return min(hash_bits, TCPX_LISTEN_BITS_MAX);
}

/**
 * tcpx_node_rename() - a socket gets its next 4-tuple
 * @node: the socket's; not in the table
 * @tuple: the 4-tuple
 *
 * A reader that found the socket in its former life may still compare it, and must
 * not take IPv4 addresses for the pointer to IPv6's: it is waited for.  Otherwise the
 * pointer stays what it was, since it points into the socket.
 *
 * Context: process, may sleep.
 */
void tcpx_node_rename(struct tcpx_node *node, const struct tcpx_tuple *tuple)
{
	struct tcpx_tuple next = *tuple;

	if (node->tuple.family && node->tuple.family != tuple->family)
		synchronize_rcu();
	WRITE_ONCE(node->tuple.family, 0);
	smp_wmb();	/* for tcpx_node_is(): while there is no family, ... */
	next.family = 0;
	node->tuple = next;
	smp_wmb();	/* ... the rest is of the one and of the other */
	WRITE_ONCE(node->tuple.family, tuple->family);
}

/**
 * tcpx_node_is() - is a socket at one end of a connection?
 * @node: the socket's, which the caller has a reference to, but has not looked up now
 * @tuple: the 4-tuple, as the receiver sees it
 *
 * The socket may be given another 4-tuple meanwhile, but only one: the next change of its
 * family waits for the caller's RCU read-side section.
 *
 * Context: rcu_read_lock().
 * Return: true if it is, or was a moment ago.
 */
bool tcpx_node_is(const struct tcpx_node *node, const struct tcpx_tuple *tuple)
{
	struct tcpx_tuple now;

	if (READ_ONCE(node->tuple.family) != tuple->family)
		return false;
	smp_rmb();	/* pairs with those in tcpx_node_rename() */
	now = node->tuple;
	smp_rmb();	/* likewise */
	return READ_ONCE(node->tuple.family) == tuple->family && tcpx_tuple_equal(&now, tuple);
}

/**
 * tcpx_node_init() - fill in a node before it goes into the table
 * @node: the node
 * @kind: enum tcpx_kind
 * @net: namespace
 * @tuple: the 4-tuple
 * @bound_dev_if: interface, or 0 for any
 *
 * Context: any.
 */
void tcpx_node_init(struct tcpx_node *node, u8 kind, struct net *net,
		    const struct tcpx_tuple *tuple, int bound_dev_if)
{
	node->net = net;
	node->tuple = *tuple;
	node->tuple.kind = kind;
	node->bound_dev_if = bound_dev_if;
	node->hash = tcpx_conn_hash(net, tuple);
}

/**
 * tcpx_table_lookup() - find a connection
 * @net: namespace
 * @tuple: the 4-tuple, as the receiver sees it
 * @dif: interface of arrival
 * @sdif: its VRF's slave, or 0
 *
 * Context: rcu_read_lock(); the result is valid until it ends.
 * Return: the node, or NULL.
 */
struct tcpx_node *tcpx_table_lookup(struct net *net, const struct tcpx_tuple *tuple,
				    int dif, int sdif)
{
	u32 hash = tcpx_conn_hash(net, tuple);
	u32 slot = tcpx_slot(hash);
	struct hlist_nulls_node *pos;
	struct tcpx_node *node;

again:
	hlist_nulls_for_each_entry_rcu(node, pos, &tcpx_conns[slot].head, nulls) {
		if (node->hash == hash && tcpx_tuple_equal(&node->tuple, tuple) &&
		    net_eq(node->net, net) &&
		    inet_sk_bound_dev_eq(net, node->bound_dev_if, dif, sdif))
			return node;
	}
	if (get_nulls_value(pos) != slot)
		goto again;
	return NULL;
}

/* An entry that segments for @like could reach as well; the lock is held */
static struct tcpx_node *tcpx_find_locked(const struct tcpx_bucket *b,
					  const struct tcpx_node *like)
{
	int dif = like->bound_dev_if;
	int sdif = dif ? l3mdev_master_ifindex_by_index(like->net, dif) : 0;
	struct hlist_nulls_node *pos;
	struct tcpx_node *node;

	hlist_nulls_for_each_entry(node, pos, &b->head, nulls) {
		if (node->hash == like->hash && net_eq(node->net, like->net) &&
		    tcpx_tuple_equal(&node->tuple, &like->tuple) &&
		    inet_sk_bound_dev_eq(like->net, node->bound_dev_if, dif, sdif))
			return node;
	}
	return NULL;
}

/*
 * @node takes @old's place in the chain, whose lock is held.  A reader that is at
 * @old goes on from there as it would from @node.
 */
static void tcpx_node_replace(struct hlist_nulls_node *old, struct hlist_nulls_node *node)
{
	struct hlist_nulls_node *next = old->next;

	node->next = next;
	WRITE_ONCE(node->pprev, old->pprev);
	rcu_assign_pointer(*(struct hlist_nulls_node __rcu **)node->pprev, node);
	if (!is_a_nulls(next))
		WRITE_ONCE(next->pprev, &node->next);
	WRITE_ONCE(old->pprev, NULL);
}

static void tcpx_node_hold(struct tcpx_node *node)
{
	if (node->tuple.kind == TCPX_KIND_SOCK)
		sock_hold(&container_of(node, struct tcpx_sock, node)->inet.sk);
}

/**
 * tcpx_table_insert() - enter a new connection
 * @node: initialised, not in the table
 * @gives_way: does an entry with the same 4-tuple give way to it?  Called with the
 *	chain's lock held.  NULL: none does
 * @old: takes that entry; the caller kills it
 *
 * Context: process or softirq; takes the chain's lock.
 * Return: 0, or -EADDRNOTAVAIL if the 4-tuple is taken.
 */
int tcpx_table_insert(struct tcpx_node *node, bool (*gives_way)(const struct tcpx_node *other),
		      struct tcpx_node **old)
{
	struct tcpx_bucket *b = &tcpx_conns[tcpx_slot(node->hash)];
	struct tcpx_node *other;
	int err = 0;

	spin_lock_bh(&b->lock);
	other = tcpx_find_locked(b, node);
	if (other && (!gives_way || !gives_way(other))) {
		err = -EADDRNOTAVAIL;
		goto out;
	}
	tcpx_node_hold(node);
	if (other) {
		tcpx_node_replace(&other->nulls, &node->nulls);
		*old = other;
	} else {
		hlist_nulls_add_head_rcu(&node->nulls, &b->head);
	}
out:
	spin_unlock_bh(&b->lock);
	return err;
}

/**
 * tcpx_table_replace() - one entry takes the place of another with the same 4-tuple
 * @old: in the table
 * @node: initialised, not in the table
 *
 * A reader finds one of the two at any moment.  The table's reference to @old, if it
 * is a socket, passes to the caller.
 *
 * Context: any but hard interrupt; takes the chain's lock.
 */
void tcpx_table_replace(struct tcpx_node *old, struct tcpx_node *node)
{
	struct tcpx_bucket *b = &tcpx_conns[tcpx_slot(old->hash)];

	spin_lock_bh(&b->lock);
	tcpx_node_hold(node);
	tcpx_node_replace(&old->nulls, &node->nulls);
	spin_unlock_bh(&b->lock);
}

/**
 * tcpx_table_remove() - take a connection out
 * @node: initialised, or zero; may be in the table
 *
 * Context: any but hard interrupt; takes the chain's lock.
 * Return: true if it was there; the table's reference passes to the caller.
 */
bool tcpx_table_remove(struct tcpx_node *node)
{
	struct tcpx_bucket *b = &tcpx_conns[tcpx_slot(node->hash)];
	bool was;

	spin_lock_bh(&b->lock);
	was = !hlist_nulls_unhashed(&node->nulls);
	if (was)
		hlist_nulls_del_init_rcu(&node->nulls);
	spin_unlock_bh(&b->lock);
	return was;
}

/**
 * tcpx_table_purge() - walk over all connections and end some
 * @kill: called for each node, under rcu_read_lock(); may take it out of the table
 * @net: passed to @kill
 *
 * Context: process.
 */
void tcpx_table_purge(void (*kill)(struct tcpx_node *node, struct net *net), struct net *net)
{
	struct hlist_nulls_node *pos;
	struct tcpx_node *node;
	u32 i;

	for (i = 0; i < 1U << hash_bits; i++) {
		/* A node that is killed still points to the next one until RCU frees it */
		rcu_read_lock();
		hlist_nulls_for_each_entry_rcu(node, pos, &tcpx_conns[i].head, nulls)
			kill(node, net);
		rcu_read_unlock();
		cond_resched();
	}
}

/**
 * tcpx_table_visit() - look at the entries of one chain of connections
 * @slot: the chain, from 0 on
 * @visit: called for each; false: it has seen enough
 * @arg: for @visit
 *
 * Context: process.  @visit is called with the chain's lock held, under which no entry
 * leaves the table.
 * Return: false if there is no such chain.
 */
bool tcpx_table_visit(u32 slot, bool (*visit)(struct tcpx_node *node, void *arg), void *arg)
{
	struct hlist_nulls_node *pos;
	struct tcpx_bucket *b;
	struct tcpx_node *node;

	if (slot >= 1U << hash_bits)
		return false;
	b = &tcpx_conns[slot];
	if (hlist_nulls_empty(&b->head))
		return true;
	spin_lock_bh(&b->lock);
	hlist_nulls_for_each_entry(node, pos, &b->head, nulls) {
		if (!visit(node, arg))
			break;
	}
	spin_unlock_bh(&b->lock);
	return true;
}

/* Where a listener is found; the address is net/addr.h's */
struct tcpx_stand {
	struct net *net;
	struct in6_addr addr;
	__be16	port;
	u8	wire;
};

static struct tcpx_stand tcpx_stand_of(const struct sock *sk)
{
	return (struct tcpx_stand){
		.net = sock_net(sk), .addr = tcpx_sk_laddr(sk),
		.port = inet_sk(sk)->inet_sport, .wire = tcpx_sk(sk)->wire,
	};
}

/* The chain of listeners without a device; the next one is of those with a device */
static u32 tcpx_listen_slot(const struct tcpx_stand *at)
{
	u64 more = (u64)net_hash_mix(at->net) << 32 | (u32)at->wire << 16 |
		   (__force u16)at->port;
	u32 hash = tcpx_addr_hash(&at->addr, more, &tcpx_listen_key);

	return hash << 1 & ((1U << tcpx_listen_bits()) - 1);
}

static bool tcpx_listens(const struct sock *sk, const struct tcpx_stand *at)
{
	struct in6_addr addr = tcpx_sk_laddr(sk);

	return net_eq(sock_net(sk), at->net) && inet_sk(sk)->inet_num == ntohs(at->port) &&
	       tcpx_sk(sk)->wire == at->wire && ipv6_addr_equal(&addr, &at->addr) &&
	       READ_ONCE(sk->sk_state) == TCP_LISTEN;
}

/* The address does not tell everything: :: may stand for both families */
static bool tcpx_listens_to(const struct sock *sk, u8 family)
{
	return family == AF_INET ? !ipv6_only_sock(sk) : sk->sk_family == AF_INET6;
}

/* At one place there is one listener of a family, or one SO_REUSEPORT group */
static struct sock *tcpx_listener_in(u32 slot, const struct tcpx_stand *at, u8 family, int dif,
				     int sdif)
{
	struct hlist_nulls_node *pos;
	struct tcpx_listener *l;
	struct sock *sk;

again:
	hlist_nulls_for_each_entry_rcu(l, pos, &tcpx_listeners[slot].head, nulls) {
		sk = l->sk;
		if (tcpx_listens(sk, at) && tcpx_listens_to(sk, family) &&
		    inet_sk_bound_dev_eq(at->net, READ_ONCE(sk->sk_bound_dev_if), dif, sdif))
			return sk;
	}
	if (get_nulls_value(pos) != slot)
		goto again;
	return NULL;
}

static struct sock *tcpx_listener_at(const struct tcpx_stand *at, u8 family, int dif, int sdif)
{
	u32 slot = tcpx_listen_slot(at);

	return tcpx_listener_in(slot + 1, at, family, dif, sdif) ?:
	       tcpx_listener_in(slot, at, family, dif, sdif);
}

/* The most specific one first; the address counts for more than the device */
static struct sock *tcpx_listener_find(struct net *net, const struct tcpx_tuple *tuple, int dif,
				       int sdif)
{
	struct tcpx_stand at = {
		.net = net, .addr = tcpx_tuple_laddr(tuple), .port = tuple->lport,
		.wire = tuple->wire,
	};
	struct sock *sk = tcpx_listener_at(&at, tuple->family, dif, sdif);

	if (!sk && tuple->family == AF_INET) {
		at.addr = tcpx_addr_v4(htonl(INADDR_ANY));
		sk = tcpx_listener_at(&at, AF_INET, dif, sdif);
	}
	if (!sk) {
		at.addr = (struct in6_addr)IN6ADDR_ANY_INIT;
		sk = tcpx_listener_at(&at, tuple->family, dif, sdif);
	}
	return sk;
}

/**
 * tcpx_listener_lookup() - find the listener for a segment
 * @net: namespace
 * @skb: the segment, for a BPF program that selects one of a SO_REUSEPORT group; NULL:
 *	any of them will do
 * @tuple: the 4-tuple
 * @dif: interface of arrival
 * @sdif: its VRF's slave, or 0
 *
 * Context: rcu_read_lock(); the result is valid until it ends.
 * Return: the listener, or NULL.
 */
struct sock *tcpx_listener_lookup(struct net *net, struct sk_buff *skb,
				  const struct tcpx_tuple *tuple, int dif, int sdif)
{
	struct sock *sk, *chosen = NULL;
	int begun;

	do {
		begun = atomic_read_acquire(&tcpx_listens_begun);
		sk = tcpx_listener_find(net, tuple, dif, sdif);
		/* If the end of one was seen, the beginning of another before that is counted */
		smp_rmb();	/* pairs with tcpx_listener_hash() */
	} while (!sk && begun != atomic_read(&tcpx_listens_begun));
	if (sk && skb && sk->sk_reuseport)
		chosen = reuseport_select_sock(sk, tcpx_conn_hash(net, tuple), skb,
					       skb_transport_offset(skb) +
					       tcpx_hdr_len(tcpx_hdr(skb)));
	return chosen ?: sk;
}

/* A socket of the SO_REUSEPORT group that listens where @sk will; the lock is held */
static struct sock *tcpx_listener_twin(const struct sock *sk, const struct tcpx_stand *at,
				       const struct tcpx_bucket *b)
{
	struct hlist_nulls_node *pos;
	struct tcpx_listener *l;
	struct sock *other;

	hlist_nulls_for_each_entry(l, pos, &b->head, nulls) {
		other = l->sk;
		if (tcpx_listens(other, at) && other->sk_family == sk->sk_family &&
		    ipv6_only_sock(other) == ipv6_only_sock(sk) &&
		    other->sk_reuseport && other->sk_bound_dev_if == sk->sk_bound_dev_if &&
		    rcu_access_pointer(other->sk_reuseport_cb))
			return other;
	}
	return NULL;
}

/* SO_REUSEPORT: join the group that listens at the same place; the lock is held */
static int tcpx_listener_share(struct sock *sk, const struct tcpx_stand *at,
			       const struct tcpx_bucket *b)
{
	bool any = tcpx_addr_any(&at->addr);
	struct sock *twin;

	if (!sk->sk_reuseport)
		return 0;
	twin = tcpx_listener_twin(sk, at, b);
	return twin ? reuseport_add_sock(sk, twin, any) : reuseport_alloc(sk, any);
}

/**
 * tcpx_listener_hash() - enter a listener; segments find it from now on
 * @sk: locked, its port is its own and no other user's
 *
 * The chain's lock keeps the last twin from leaving the group while @sk joins it, and
 * two that begin at once from making two groups.
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpx_listener_hash(struct sock *sk)
{
	const struct tcpx_stand at = tcpx_stand_of(sk);
	u32 slot = tcpx_listen_slot(&at) + !!sk->sk_bound_dev_if;
	struct tcpx_listener *l = tcpx_sk(sk)->listener;
	struct tcpx_bucket *b = &tcpx_listeners[slot];
	int err;

	l->slot = slot;
	spin_lock_bh(&b->lock);
	err = tcpx_listener_share(sk, &at, b);
	if (!err) {
		sock_hold(sk);
		/* At an IPv4 address sockets of that family come first */
		if (sk->sk_family == AF_INET6)
			hlist_nulls_add_tail_rcu(&l->nulls, &b->head);
		else
			hlist_nulls_add_head_rcu(&l->nulls, &b->head);
		smp_mb__before_atomic();	/* pairs with tcpx_listener_lookup() */
		atomic_inc(&tcpx_listens_begun);
	}
	spin_unlock_bh(&b->lock);
	return err;
}

/**
 * tcpx_listener_unhash() - undo tcpx_listener_hash()
 * @sk: locked; its port is still its own
 *
 * Context: process.
 */
void tcpx_listener_unhash(struct sock *sk)
{
	struct tcpx_listener *l = tcpx_sk(sk)->listener;
	struct tcpx_bucket *b = &tcpx_listeners[l->slot];

	spin_lock_bh(&b->lock);
	hlist_nulls_del_init_rcu(&l->nulls);
	spin_unlock_bh(&b->lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	__sock_put(sk);
}

/**
 * tcpx_listener_visit() - look at the listeners of one chain
 * @slot: the chain, from 0 on
 * @visit: called for each; false: it has seen enough
 * @arg: for @visit
 *
 * Context: process.  @visit is called with the chain's lock held, under which no
 * listener leaves the table.
 * Return: false if there is no such chain.
 */
bool tcpx_listener_visit(u32 slot, bool (*visit)(struct sock *sk, void *arg), void *arg)
{
	struct hlist_nulls_node *pos;
	struct tcpx_listener *l;
	struct tcpx_bucket *b;

	if (slot >= 1U << tcpx_listen_bits())
		return false;
	b = &tcpx_listeners[slot];
	if (hlist_nulls_empty(&b->head))
		return true;
	spin_lock_bh(&b->lock);
	hlist_nulls_for_each_entry(l, pos, &b->head, nulls) {
		if (!visit(l->sk, arg))
			break;
	}
	spin_unlock_bh(&b->lock);
	return true;
}

static void tcpx_buckets_init(struct tcpx_bucket *b, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		INIT_HLIST_NULLS_HEAD(&b[i].head, i);
		spin_lock_init(&b[i].lock);
	}
}

static u32 tcpx_auto_bits(void)
{
	u64 memory = (u64)totalram_pages() << PAGE_SHIFT;

	return clamp_t(u32, ilog2(memory >> TCPX_MEMORY_SHIFT | 1), TCPX_AUTO_BITS_MIN,
		       TCPX_AUTO_BITS_MAX);
}

/**
 * tcpx_hash_bits() - the size of the table of connections, for tables like it
 *
 * Context: any, after tcpx_table_init().
 * Return: log2 of the buckets.
 */
u32 tcpx_hash_bits(void)
{
	return hash_bits;
}

/**
 * tcpx_table_init() - allocate both tables
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int tcpx_table_init(void)
{
	hash_bits = hash_bits ? clamp(hash_bits, 8U, 22U) : tcpx_auto_bits();
	tcpx_conns = kvmalloc_array(1U << hash_bits, sizeof(*tcpx_conns), GFP_KERNEL);
	tcpx_listeners = kvmalloc_array(1U << tcpx_listen_bits(), sizeof(*tcpx_listeners),
					GFP_KERNEL);
	if (!tcpx_conns || !tcpx_listeners) {
		tcpx_table_exit();
		return -ENOMEM;
	}
	get_random_bytes(&tcpx_listen_key, sizeof(tcpx_listen_key));
	get_random_bytes(&tcpx_conn_key, sizeof(tcpx_conn_key));
	tcpx_buckets_init(tcpx_conns, 1U << hash_bits);
	tcpx_buckets_init(tcpx_listeners, 1U << tcpx_listen_bits());
	return 0;
}

/**
 * tcpx_table_exit() - free both tables, which are empty
 *
 * Context: process.
 */
void tcpx_table_exit(void)
{
	kvfree(tcpx_listeners);
	kvfree(tcpx_conns);
}
