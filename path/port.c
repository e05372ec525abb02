// SPDX-License-Identifier: GPL-2.0
/*
 * Claims on local ports.
 *
 * bind() claims a port, listen() claims it once more, connect() takes one at
 * random, an accepted connection shares its listener's, and TIME-WAIT keeps what
 * its socket had.
 *
 * A port of a namespace (and of a VRF in it, under one protocol number) is one
 * object, which lives while it is claimed.  Its claims are sorted by address and
 * device (path/place.c).  Sockets are listed there, since their options may change;
 * TIME-WAITs, which do not change, are only counted.  What is walked:
 *
 *   bind(), listen()	the port's bucket; then the sockets at the address asked
 *			for and at its wildcards (where a wildcard is asked for,
 *			at all that it covers), unless the summary in the port
 *			tells enough
 *   connect()		the port's bucket; the summary tells enough
 *   accept(), close(), TIME-WAIT: nothing
 *
 * A bucket holds ports of all namespaces, by a keyed hash, and its lock is held
 * only while they are compared.  All else happens under the port's own lock, so
 * that no namespace waits for what another does with a port.
 * Order of locks: the port's, then that of a chain of connections.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/netns/hash.h>

#include "../tcpx_compat.h"
#include "lease.h"
#include "memory.h"
#include "place.h"
#include "port.h"
#include "sock.h"

#define TCPX_PORT_BITS_MAX	16

/**
 * enum tcpx_known_reuseport - what a port's summary knows of SO_REUSEPORT
 * @TCPX_KNOWN_NONE: nothing
 * @TCPX_KNOWN_ALL: all sockets that were bound had it, and the same owner
 * @TCPX_KNOWN_THERE: only the last one is known: a socket with it, and the same owner,
 *	may claim what that one claims
 */
enum tcpx_known_reuseport {
	TCPX_KNOWN_NONE,
	TCPX_KNOWN_ALL,
	TCPX_KNOWN_THERE,
};

/**
 * struct tcpx_port_key - what a port is found by
 * @net: namespace
 * @l3mdev: VRF in it, or 0
 * @num: the port, host order
 * @wire: the IP protocol number whose port it is
 */
struct tcpx_port_key {
	struct net *net;
	int	l3mdev;
	u16	num;
	u8	wire;
};

struct tcpx_port {
	struct hlist_node link;
	struct tcpx_port_key key;
	refcount_t	refs;		/* claims, and callers about to claim */
	bool		bound;		/* bind() or listen() was here */
	bool		reuse;		/* each time with SO_REUSEADDR, and not to listen */
	u8		reuseport;	/* enum tcpx_known_reuseport */
	kuid_t		uid;		/* with SO_REUSEPORT: the last owner, and its address */
	struct tcpx_local local;
	spinlock_t	lock;		/* from @bound on */
	struct tcpx_lease *lease;	/* Linux's TCP has given the port to us; NULL: not its */
	struct tcpx_places places;	/* the claims */
};

struct tcpx_port_bucket {
	struct hlist_head ports;
	spinlock_t	lock;		/* changes of the chain */
};

static struct tcpx_port_bucket *tcpx_ports;
static unsigned int tcpx_port_bits;
static u32 tcpx_port_seed __read_mostly;
static struct kmem_cache *tcpx_port_cache;

/* --- the rule --- */

/**
 * enum tcpx_how - how a port is asked for
 * @TCPX_ASK_THIS: by its number
 * @TCPX_ASK_ANY: any that is free
 * @TCPX_ASK_SHARED: likewise, but there was none: net.ipv4.ip_autobind_reuse
 */
enum tcpx_how {
	TCPX_ASK_THIS,
	TCPX_ASK_ANY,
	TCPX_ASK_SHARED,
};

/**
 * struct tcpx_ask - a socket wants a port
 * @sk: the socket
 * @how: enum tcpx_how
 * @options: TCPX_REUSE* that it has
 * @grouped: it has a reuseport group of its own
 * @uid: its owner
 * @local: the address that it is bound to
 */
struct tcpx_ask {
	const struct sock *sk;
	enum tcpx_how	how;
	u8		options;
	bool		grouped;
	kuid_t		uid;
	struct tcpx_local local;
};

#define WITH(options)	BIT(options)

/*
 * Which options two claims that overlap must have in common to coexist.
 * SO_REUSEPORT counts only if the owner is the same, or the other has none.  TCP has
 * the same rule in inet_bind_conflict().
 */
static const u8 tcpx_may_share[][2] = {
	[TCPX_ASK_THIS] = {
		WITH(TCPX_REUSEADDR) | WITH(TCPX_REUSEPORT) |
		WITH(TCPX_REUSEADDR | TCPX_REUSEPORT),
		/* the other one listens */
		WITH(TCPX_REUSEPORT) | WITH(TCPX_REUSEADDR | TCPX_REUSEPORT),
	},
	/* Exclusive, whatever the options */
	[TCPX_ASK_ANY] = { 0, 0 },
	/* Sockets that will connect(), to different peers */
	[TCPX_ASK_SHARED] = { WITH(TCPX_REUSEADDR), 0 },
};

static u8 tcpx_port_options(const struct sock *sk)
{
	return (sk->sk_reuse ? TCPX_REUSEADDR : 0) | (sk->sk_reuseport ? TCPX_REUSEPORT : 0);
}

static bool tcpx_devs_overlap(int a, int b)
{
	return !a || !b || a == b;
}

/* As inet_rcv_saddr_equal() has it */
static bool tcpx_locals_overlap(const struct tcpx_local *a, const struct tcpx_local *b)
{
	return tcpx_local_covers(a, b) || tcpx_local_covers(b, a);
}

/* For TCP an orphan in FIN-WAIT-2 is a TIME-WAIT already, which has no owner */
static bool tcpx_same_owner(const struct tcpx_ask *ask, struct sock *sk)
{
	if (sock_flag(sk, SOCK_DEAD) && READ_ONCE(sk->sk_state) == TCP_FIN_WAIT2)
		return true;
	return uid_eq(ask->uid, sk_uid(sk));
}

/* Who has a reuseport group already, by a filter that came first, can't join another one */
static u8 tcpx_common_options(const struct tcpx_ask *ask, u8 options)
{
	return ask->options & options & ~(ask->grouped ? TCPX_REUSEPORT : 0);
}

static bool tcpx_sock_conflicts(const struct tcpx_ask *ask, struct sock *sk)
{
	u8 common = tcpx_common_options(ask, tcpx_port_options(sk));
	bool listens = READ_ONCE(sk->sk_state) == TCP_LISTEN;

	if (sk == ask->sk || !tcpx_devs_overlap(ask->sk->sk_bound_dev_if,
						READ_ONCE(sk->sk_bound_dev_if)))
		return false;
	if (common & TCPX_REUSEPORT && !tcpx_same_owner(ask, sk))
		common &= ~TCPX_REUSEPORT;
	return !(tcpx_may_share[ask->how][listens] & WITH(common));
}

static bool tcpx_time_wait_conflicts(const struct tcpx_ask *ask, const struct tcpx_place *place)
{
	u8 options;

	if (!tcpx_devs_overlap(ask->sk->sk_bound_dev_if, place->key.dev))
		return false;
	for (options = 0; options < TCPX_NR_OPTIONS; options++) {
		if (place->tw[options] &&
		    !(tcpx_may_share[ask->how][false] & WITH(tcpx_common_options(ask, options))))
			return true;
	}
	return false;
}

static bool tcpx_place_conflicts(const struct tcpx_ask *ask, const struct tcpx_place *place)
{
	struct tcpx_sock *tsk;

	if (!tcpx_locals_overlap(&ask->local, &place->key.local))
		return false;
	if (tcpx_time_wait_conflicts(ask, place))
		return true;
	hlist_for_each_entry(tsk, &place->socks, port.link) {
		if (tcpx_sock_conflicts(ask, &tsk->inet.sk))
			return true;
	}
	return false;
}

/* The claims at an address, or, with NULL for it, all that the port has */
static bool tcpx_claims_conflict(const struct tcpx_ask *ask, const struct tcpx_port *port,
				 const struct in6_addr *addr)
{
	struct tcpx_place *place;

	for (place = tcpx_place_first(&port->places, addr); place;
	     place = tcpx_place_next(place, addr)) {
		if (tcpx_place_conflicts(ask, place))
			return true;
	}
	return false;
}

/* Where an address is asked for, what overlaps is at that, and at wildcards for it */
static bool tcpx_port_conflicts(const struct tcpx_ask *ask, const struct tcpx_port *port)
{
	const struct in6_addr any = IN6ADDR_ANY_INIT, any4 = tcpx_addr_v4(htonl(INADDR_ANY));
	const struct in6_addr *addr = &ask->local.addr;

	if (tcpx_addr_any(addr))
		return tcpx_claims_conflict(ask, port, NULL);
	return tcpx_claims_conflict(ask, port, addr) ||
	       (ipv6_addr_v4mapped(addr) && tcpx_claims_conflict(ask, port, &any4)) ||
	       tcpx_claims_conflict(ask, port, &any);
}

static bool tcpx_reuseport_known(const struct tcpx_ask *ask, const struct tcpx_port *port)
{
	return tcpx_common_options(ask, TCPX_REUSEPORT) && port->reuseport != TCPX_KNOWN_NONE &&
	       uid_eq(ask->uid, port->uid) &&
	       (port->reuseport == TCPX_KNOWN_ALL ||
		tcpx_local_covers(&port->local, &ask->local));
}

/* SO_REUSEADDR does not help a listener */
static bool tcpx_asks_reuse(const struct tcpx_ask *ask)
{
	return ask->options & TCPX_REUSEADDR && ask->sk->sk_state != TCP_LISTEN;
}

static bool tcpx_port_free_for(const struct tcpx_ask *ask, const struct tcpx_port *port)
{
	if (ask->how == TCPX_ASK_THIS &&
	    (ask->sk->sk_reuse == SK_FORCE_REUSE ||
	     (port->reuse && tcpx_asks_reuse(ask)) || tcpx_reuseport_known(ask, port)))
		return true;
	return !tcpx_port_conflicts(ask, port);
}

/* Update the summary, as inet_csk_update_fastreuse() does: programs see the result */
static void tcpx_port_note(const struct tcpx_ask *ask, struct tcpx_port *port, bool first)
{
	WRITE_ONCE(port->bound, true);
	port->reuse = tcpx_asks_reuse(ask) && (first || port->reuse);
	if (!(ask->options & TCPX_REUSEPORT)) {
		port->reuseport = TCPX_KNOWN_NONE;
	} else if (first || !tcpx_reuseport_known(ask, port)) {
		port->reuseport = first ? TCPX_KNOWN_ALL : TCPX_KNOWN_THERE;
		port->uid = ask->uid;
		port->local = ask->local;
	}
}

/* --- the table of ports --- */

static struct tcpx_port_key tcpx_port_key(const struct sock *sk, u16 num)
{
	return (struct tcpx_port_key){
		.net = sock_net(sk), .num = num, .wire = tcpx_sk(sk)->wire,
		.l3mdev = sk->sk_bound_dev_if ? inet_sk_bound_l3mdev(sk) : 0,
	};
}

static struct tcpx_port_bucket *tcpx_port_bucket(const struct tcpx_port_key *key)
{
	u32 hash = jhash_3words(net_hash_mix(key->net), key->l3mdev,
				(u32)key->wire << 16 | key->num, tcpx_port_seed);

	return &tcpx_ports[hash & ((1U << tcpx_port_bits) - 1)];
}

/* The bucket's lock is held */
static struct tcpx_port *tcpx_port_new(struct tcpx_port_bucket *b, const struct tcpx_port_key *key)
{
	struct tcpx_port *port = kmem_cache_alloc(tcpx_port_cache, GFP_ATOMIC | __GFP_NOWARN);

	if (!port)
		return NULL;
	*port = (struct tcpx_port){ .key = *key };
	spin_lock_init(&port->lock);
	refcount_set(&port->refs, 1);
	hlist_add_head(&port->link, &b->ports);
	return port;
}

static bool tcpx_port_is(const struct tcpx_port *port, const struct tcpx_port_key *key)
{
	return port->key.num == key->num && port->key.wire == key->wire &&
	       port->key.l3mdev == key->l3mdev && net_eq(port->key.net, key->net);
}

/* The bucket's lock is held */
static struct tcpx_port *tcpx_port_find(const struct tcpx_port_bucket *b,
					const struct tcpx_port_key *key)
{
	struct tcpx_port *port;

	hlist_for_each_entry(port, &b->ports, link) {
		if (tcpx_port_is(port, key))
			return port;
	}
	return NULL;
}

/*
 * A reference to port @num in the namespace and VRF of @sk, or -ENOMEM.  Where a
 * connect() scans the range most ports may be bound: it gets -EADDRNOTAVAIL for
 * those here, without a look at the claims.
 */
static struct tcpx_port *tcpx_port_hold(struct sock *sk, u16 num, bool connects)
{
	const struct tcpx_port_key key = tcpx_port_key(sk, num);
	struct tcpx_port_bucket *b = tcpx_port_bucket(&key);
	struct tcpx_port *port;

	spin_lock_bh(&b->lock);
	port = tcpx_port_find(b, &key);
	if (!port)
		port = tcpx_port_new(b, &key) ?: ERR_PTR(-ENOMEM);
	else if (connects && READ_ONCE(port->bound))
		port = ERR_PTR(-EADDRNOTAVAIL);
	else
		refcount_inc(&port->refs);
	spin_unlock_bh(&b->lock);
	return port;
}

static void tcpx_port_drop(struct tcpx_port *port)
{
	struct tcpx_port_bucket *b;
	bool last;

	if (refcount_dec_not_one(&port->refs))
		return;
	b = tcpx_port_bucket(&port->key);
	spin_lock_bh(&b->lock);
	last = refcount_dec_and_test(&port->refs);
	if (last) {
		hlist_del(&port->link);
		/* Under the lock: whoever claims it next can have it */
		if (port->lease)
			tcpx_lease_end(port->lease);
	}
	spin_unlock_bh(&b->lock);
	if (last)
		kmem_cache_free(tcpx_port_cache, port);
}

/* The place of a socket's claim, as of now; @port->lock is held */
static struct tcpx_place *tcpx_place_of(struct tcpx_port *port, const struct sock *sk)
{
	const struct tcpx_place_key key = tcpx_place_key(sk);

	return tcpx_place_get(&port->places, port, &key);
}

/*
 * Under protocol 6 a port is Linux's TCP's to give.  The port's lock is held.  The lease
 * ends with the port.
 */
static int tcpx_port_lease(struct sock *sk, struct tcpx_port *port)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	int err;

	if (port->key.wire != IPPROTO_TCP || port->lease)
		return 0;
	if (!tsk->lease)
		return -ENOBUFS;
	err = tcpx_lease_take(tsk->lease, port->key.num, port->key.l3mdev);
	if (!err)
		swap(port->lease, tsk->lease);
	return err;
}

/* --- bind(), listen() --- */

static struct tcpx_ask tcpx_port_ask(struct sock *sk, enum tcpx_how how)
{
	return (struct tcpx_ask){
		.sk = sk, .how = how, .options = tcpx_port_options(sk), .uid = sk_uid(sk),
		.grouped = rcu_access_pointer(sk->sk_reuseport_cb), .local = tcpx_sk_local(sk),
	};
}

/* Where @sk may claim it; the port's lock is held */
static struct tcpx_place *tcpx_port_place(struct sock *sk, const struct tcpx_ask *ask,
					  struct tcpx_port *port)
{
	bool first = RB_EMPTY_ROOT(&port->places.root);
	struct tcpx_place *place;
	int err;

	if (!tcpx_port_free_for(ask, port))
		return ERR_PTR(-EADDRINUSE);
	err = tcpx_port_lease(sk, port);
	if (err)
		return ERR_PTR(err);
	place = tcpx_place_of(port, ask->sk);
	if (!place)
		return ERR_PTR(-ENOMEM);
	tcpx_port_note(ask, port, first);
	return place;
}

static int tcpx_port_claim(struct sock *sk, u16 num, enum tcpx_how how)
{
	const struct tcpx_ask ask = tcpx_port_ask(sk, how);
	struct tcpx_port *port = tcpx_port_hold(sk, num, false);
	struct tcpx_place *place;

	if (IS_ERR(port))
		return PTR_ERR(port);
	spin_lock_bh(&port->lock);
	place = tcpx_port_place(sk, &ask, port);
	if (!IS_ERR(place))
		tcpx_place_add(place, &tcpx_sk(sk)->port);
	spin_unlock_bh(&port->lock);
	if (IS_ERR(place)) {
		tcpx_port_drop(port);
		return PTR_ERR(place);
	}
	inet_sk(sk)->inet_num = num;
	return 0;
}

/**
 * tcpx_port_scan() - the order in which to try the ports of the configured range
 * @sk: the socket: its range, or its namespace's
 * @odd: the odd ones first
 *
 * Context: process.
 * Return: for tcpx_port_nth().
 */
struct tcpx_port_scan tcpx_port_scan(const struct sock *sk, bool odd)
{
	int low, high;

	inet_sk_get_local_port_range(sk, &low, &high);
	return (struct tcpx_port_scan){
		.low = low, .count = high - low + 1, .start = get_random_u32(), .odd = odd,
	};
}

/**
 * tcpx_port_nth() - the port that is tried as the @i-th
 * @net: namespace
 * @scan: in which order
 * @i: from 0 to @scan->count - 1
 *
 * Context: process.
 * Return: the port, host order; 0: it is reserved.
 */
u16 tcpx_port_nth(struct net *net, const struct tcpx_port_scan *scan, u32 i)
{
	u32 evens = (scan->count + 1) / 2, odds = scan->count / 2;
	u32 first = scan->odd ? odds : evens;
	bool odd = scan->odd;
	u16 port;

	if (i >= first) {
		i -= first;
		odd = !odd;
	}
	port = scan->low + odd + 2 * ((u64)(scan->start + i) % (odd ? odds : evens));
	return inet_is_local_reserved_port(net, port) ? 0 : port;
}

static int tcpx_port_claim_any(struct sock *sk, enum tcpx_how how)
{
	const struct tcpx_port_scan scan = tcpx_port_scan(sk, true);
	int err = -EADDRINUSE;
	u16 port;
	u32 i;

	for (i = 0; i < scan.count && err == -EADDRINUSE; i++) {
		port = tcpx_port_nth(sock_net(sk), &scan, i);
		if (port)
			err = tcpx_port_claim(sk, port, how);
		cond_resched();
	}
	return err;
}

/**
 * tcpx_port_get() - bind(): claim a port; struct proto.get_port
 * @sk: locked, with its local address set
 * @snum: host order; 0: any that is free
 *
 * Context: process.
 * Return: 0, -EADDRINUSE, -ENOMEM or -ENOBUFS.
 */
int tcpx_port_get(struct sock *sk, unsigned short snum)
{
	int err = tcpx_lease_prepare(sk);

	if (err)
		return err;
	err = snum ? tcpx_port_claim(sk, snum, TCPX_ASK_THIS) :
		     tcpx_port_claim_any(sk, TCPX_ASK_ANY);
	if (err == -EADDRINUSE && !snum &&
	    READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_autobind_reuse))
		err = tcpx_port_claim_any(sk, TCPX_ASK_SHARED);
	tcpx_lease_settle(sk);
	return err;
}

/**
 * tcpx_port_listen() - listen(): claim the port again, now without SO_REUSEADDR
 * @sk: locked, bound, in LISTEN already
 *
 * Context: process.
 * Return: 0, or -EADDRINUSE.
 */
int tcpx_port_listen(struct sock *sk)
{
	const struct tcpx_ask ask = tcpx_port_ask(sk, TCPX_ASK_THIS);
	struct tcpx_port *port = tcpx_sk(sk)->port.place->port;
	bool ok;

	spin_lock_bh(&port->lock);
	ok = tcpx_port_free_for(&ask, port);
	if (ok)
		tcpx_port_note(&ask, port, false);
	spin_unlock_bh(&port->lock);
	return ok ? 0 : -EADDRINUSE;
}

/* --- connect() --- */

/* The table keeps 4-tuples unique, so connections may share a port */
static int tcpx_port_connect_locked(struct sock *sk, struct tcpx_port *port,
				    bool (*gives_way)(const struct tcpx_node *other),
				    struct tcpx_node **old)
{
	struct tcpx_node *node = &tcpx_sk(sk)->node;
	struct tcpx_tuple tuple = node->tuple;
	struct tcpx_place *place;
	int err;

	if (port->bound)
		return -EADDRNOTAVAIL;
	err = tcpx_port_lease(sk, port);
	if (err)
		return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
	place = tcpx_place_of(port, sk);
	if (!place)
		return -ENOMEM;
	tuple.lport = htons(port->key.num);
	tcpx_node_init(node, TCPX_KIND_SOCK, sock_net(sk), &tuple, sk->sk_bound_dev_if);
	err = tcpx_table_insert(node, gives_way, old);
	if (err)
		tcpx_place_put(&port->places, place);
	else
		tcpx_place_add(place, &tcpx_sk(sk)->port);
	return err;
}

/**
 * tcpx_port_try_connect() - connect(): claim a port, and enter the table with it
 * @sk: locked; its node has all but the local port
 * @num: the port, host order
 * @gives_way: does an entry with the same 4-tuple give way to it?
 * @old: takes that entry; the caller kills it
 *
 * Context: process.
 * Return: 0, -EADDRNOTAVAIL where the port is bound or the 4-tuple taken, or -ENOMEM.
 */
int tcpx_port_try_connect(struct sock *sk, u16 num,
			  bool (*gives_way)(const struct tcpx_node *other),
			  struct tcpx_node **old)
{
	struct tcpx_port *port = tcpx_port_hold(sk, num, true);
	int err;

	if (IS_ERR(port))
		return PTR_ERR(port);
	spin_lock_bh(&port->lock);
	err = tcpx_port_connect_locked(sk, port, gives_way, old);
	if (!err) {
		inet_sk(sk)->inet_num = num;
		inet_sk(sk)->inet_sport = htons(num);
	}
	spin_unlock_bh(&port->lock);
	if (err)
		tcpx_port_drop(port);
	return err;
}

/* --- claims that change, and end --- */

/* The local address has changed; -ENOMEM: the claim is still where it was */
static int tcpx_port_move(struct sock *sk)
{
	struct tcpx_port_use *use = &tcpx_sk(sk)->port;
	struct tcpx_place *place;
	struct tcpx_port *port;

	if (hlist_unhashed(&use->link))
		return 0;
	port = use->place->port;
	spin_lock_bh(&port->lock);
	place = tcpx_place_of(port, sk);
	if (place && place != use->place) {
		tcpx_place_del(&port->places, use);
		tcpx_place_add(place, use);
	}
	spin_unlock_bh(&port->lock);
	return place ? 0 : -ENOMEM;
}

/**
 * tcpx_port_set_addr() - connect() has chosen the local address: move the claim there
 * @sk: locked, with its local address set; may claim a port
 *
 * Without memory it goes on claiming all addresses.
 *
 * Context: process.
 */
void tcpx_port_set_addr(struct sock *sk)
{
	tcpx_port_move(sk);
}

/**
 * tcpx_port_reset_addr() - undo tcpx_port_set_addr(), unless bind() chose the address
 * @sk: locked, CLOSED; may claim a port
 *
 * Without memory the port is given up, as TCP does.
 *
 * Context: process.
 */
void tcpx_port_reset_addr(struct sock *sk)
{
	if (sk->sk_userlocks & SOCK_BINDADDR_LOCK)
		return;
	inet_reset_saddr(sk);
	if (!tcpx_port_move(sk))
		return;
	tcpx_port_put(&tcpx_sk(sk)->port);
	inet_sk(sk)->inet_num = 0;
}

/**
 * tcpx_port_inherit() - a child claims its listener's port, at its own address
 * @sk: the child, with its local address set
 * @lsk: the listener
 *
 * Without memory it claims what its listener does.
 *
 * Context: any but hard interrupt; the listener's lock, and @lsk is in LISTEN.
 */
void tcpx_port_inherit(struct sock *sk, const struct sock *lsk)
{
	struct tcpx_place *from = tcpx_sk(lsk)->port.place;
	struct tcpx_port *port = from->port;
	struct tcpx_place *place;

	refcount_inc(&port->refs);
	spin_lock_bh(&port->lock);
	place = tcpx_place_of(port, sk);
	tcpx_place_add(place ?: from, &tcpx_sk(sk)->port);
	spin_unlock_bh(&port->lock);
}

/**
 * tcpx_port_put() - give up a claim, if there is one
 * @use: the claim
 *
 * Context: any but hard interrupt.
 */
void tcpx_port_put(struct tcpx_port_use *use)
{
	struct tcpx_port *port;

	if (hlist_unhashed(&use->link))
		return;
	port = use->place->port;
	spin_lock_bh(&port->lock);
	tcpx_place_del(&port->places, use);
	spin_unlock_bh(&port->lock);
	tcpx_port_drop(port);
}

/**
 * tcpx_port_enter_tw() - a TIME-WAIT claims what its socket claims
 * @sk: locked, claims a port
 * @options: takes SO_REUSEADDR and SO_REUSEPORT of the socket, part of the claim
 *
 * Context: any but hard interrupt.
 * Return: the port, with address and device.
 */
struct tcpx_place *tcpx_port_enter_tw(const struct sock *sk, u8 *options)
{
	struct tcpx_place *place, *from = tcpx_sk(sk)->port.place;
	struct tcpx_port *port = from->port;

	*options = tcpx_port_options(sk);
	refcount_inc(&port->refs);
	spin_lock_bh(&port->lock);
	place = tcpx_place_of(port, sk) ?: from;
	place->tw[*options]++;
	spin_unlock_bh(&port->lock);
	return place;
}

/**
 * tcpx_port_put_tw() - a TIME-WAIT gives up its claim
 * @place: of tcpx_port_enter_tw()
 * @options: likewise
 *
 * Context: any but hard interrupt.
 */
void tcpx_port_put_tw(struct tcpx_place *place, u8 options)
{
	struct tcpx_port *port = place->port;

	spin_lock_bh(&port->lock);
	place->tw[options]--;
	tcpx_place_put(&port->places, place);
	spin_unlock_bh(&port->lock);
	tcpx_port_drop(port);
}

/* As a TIME-WAIT does, since a socket can be in one place only */
static struct tcpx_place *tcpx_port_claim_tw(struct sock *sk, u8 *options)
{
	const struct tcpx_ask ask = tcpx_port_ask(sk, TCPX_ASK_THIS);
	struct tcpx_port *port = tcpx_port_hold(sk, inet_sk(sk)->inet_num, false);
	struct tcpx_place *place;

	if (IS_ERR(port))
		return ERR_CAST(port);
	*options = ask.options;
	spin_lock_bh(&port->lock);
	place = tcpx_port_place(sk, &ask, port);
	if (!IS_ERR(place))
		place->tw[*options]++;
	spin_unlock_bh(&port->lock);
	if (IS_ERR(place))
		tcpx_port_drop(port);
	return place;
}

/* The port's reference passes from the one to the other */
static void tcpx_port_leave_tw(struct tcpx_place *place, u8 options, struct tcpx_port_use *use)
{
	struct tcpx_port *port = place->port;

	spin_lock_bh(&port->lock);
	tcpx_place_add(place, use);
	place->tw[options]--;
	spin_unlock_bh(&port->lock);
}

/**
 * tcpx_port_switch() - change the protocol number of a socket
 * @sk: locked, CLOSED; may claim a port
 * @wire: the new number: the socket claims the same port there, and the old one no more
 *
 * Context: process, may sleep.
 * Return: 0; or -EADDRINUSE, -ENOMEM or -ENOBUFS: nothing has changed.
 */
int tcpx_port_switch(struct sock *sk, u8 wire)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_place *place;
	u8 old = tsk->wire;
	u8 options;
	int err;

	if (wire == old)
		return 0;
	tsk->wire = wire;
	if (hlist_unhashed(&tsk->port.link))
		return 0;
	err = tcpx_lease_prepare(sk);
	place = err ? ERR_PTR(err) : tcpx_port_claim_tw(sk, &options);
	tcpx_lease_settle(sk);
	if (IS_ERR(place)) {
		tsk->wire = old;
		return PTR_ERR(place);
	}
	tcpx_port_put(&tsk->port);
	tcpx_port_leave_tw(place, options, &tsk->port);
	return 0;
}

/**
 * tcpx_port_init() - allocate the table of ports
 *
 * Context: process, after tcpx_table_init().
 * Return: 0 or -ENOMEM.
 */
int tcpx_port_init(void)
{
	u32 i;

	tcpx_port_bits = min_t(u32, tcpx_hash_bits(), TCPX_PORT_BITS_MAX);
	tcpx_ports = kvcalloc(1U << tcpx_port_bits, sizeof(*tcpx_ports), GFP_KERNEL);
	tcpx_port_cache = kmem_cache_create("tcpx_port", sizeof(struct tcpx_port), 0,
					    SLAB_ACCOUNT, tcpx_cache_ctor);
	if (!tcpx_ports || !tcpx_port_cache || tcpx_place_init()) {
		tcpx_port_exit();
		return -ENOMEM;
	}
	for (i = 0; i < 1U << tcpx_port_bits; i++)
		spin_lock_init(&tcpx_ports[i].lock);
	tcpx_port_seed = get_random_u32();
	return 0;
}

/**
 * tcpx_port_exit() - undo tcpx_port_init(); no port is claimed any more
 *
 * Context: process.
 */
void tcpx_port_exit(void)
{
	tcpx_place_exit();
	kmem_cache_destroy(tcpx_port_cache);
	kvfree(tcpx_ports);
}
