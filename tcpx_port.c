// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns this port: claims on local ports, by namespace.
 *
 * bind() claims one explicitly, connect() picks one at random, an accepted
 * connection shares its listener's, and TIME-WAIT keeps what its socket had.
 * Whether two claims can stand side by side is the BSD rule that the kernel's
 * TCP follows too: SO_REUSEADDR lets a bind pass all but a listener,
 * SO_REUSEPORT lets sockets of one user share.
 */
#include <linux/random.h>
#include <net/ip.h>
#include <net/netns/hash.h>

#include "tcpx_sock.h"

#define TCPX_PORT_BITS	10

struct tcpx_port_bucket {
	struct hlist_head uses;
	spinlock_t lock;	/* changes of the chain */
};

static struct tcpx_port_bucket tcpx_ports[1 << TCPX_PORT_BITS];

static struct tcpx_port_bucket *tcpx_port_bucket(const struct net *net, u16 port)
{
	return &tcpx_ports[(port ^ net_hash_mix(net)) & ((1U << TCPX_PORT_BITS) - 1)];
}

static bool tcpx_use_is(const struct tcpx_port_use *use, const struct net *net, u16 port)
{
	return use->port == port && net_eq(use->net, net);
}

static bool tcpx_overlap(const struct tcpx_port_use *a, const struct tcpx_port_use *b)
{
	if (a->bound_dev_if && b->bound_dev_if && a->bound_dev_if != b->bound_dev_if)
		return false;
	return !a->addr || !b->addr || a->addr == b->addr;
}

static bool tcpx_use_listens(const struct tcpx_port_use *use)
{
	return use->sk && use->sk->sk_state == TCP_LISTEN;
}

static bool tcpx_may_share(const struct tcpx_port_use *mine, const struct tcpx_port_use *other)
{
	if (mine->reuse && other->reuse && !tcpx_use_listens(other))
		return true;
	return mine->reuseport && other->reuseport &&
	       (!other->sk || uid_eq(mine->uid, other->uid));
}

static bool tcpx_port_conflict(const struct tcpx_port_bucket *b, const struct tcpx_port_use *mine)
{
	const struct tcpx_port_use *use;

	hlist_for_each_entry(use, &b->uses, link) {
		if (use != mine && tcpx_use_is(use, mine->net, mine->port) &&
		    tcpx_overlap(mine, use) && !tcpx_may_share(mine, use))
			return true;
	}
	return false;
}

static void tcpx_use_fill(struct tcpx_port_use *use, struct sock *sk, u16 port)
{
	use->sk = sk;
	use->net = sock_net(sk);
	use->port = port;
	use->addr = inet_sk(sk)->inet_rcv_saddr;
	use->bound_dev_if = sk->sk_bound_dev_if;
	use->reuse = sk->sk_reuse;
	use->reuseport = sk->sk_reuseport;
	use->uid = sock_i_uid(sk);
}

static int tcpx_port_claim(struct sock *sk, u16 port)
{
	struct tcpx_port_use *use = &tcpx_sk(sk)->port;
	struct tcpx_port_bucket *b = tcpx_port_bucket(sock_net(sk), port);
	int err = -EADDRINUSE;

	tcpx_use_fill(use, sk, port);
	use->explicit_bind = true;
	spin_lock_bh(&b->lock);
	if (!tcpx_port_conflict(b, use)) {
		hlist_add_head(&use->link, &b->uses);
		inet_sk(sk)->inet_num = port;
		err = 0;
	}
	spin_unlock_bh(&b->lock);
	return err;
}

/* The configured range and a random place in it: RFC 6056, 3.3.1 */
static void tcpx_port_range(struct sock *sk, u32 *low, u32 *count, u32 *start)
{
	int lo, hi;

	inet_sk_get_local_port_range(sk, &lo, &hi);
	*low = lo;
	*count = hi - lo + 1;
	*start = get_random_u32() % *count;
}

/**
 * tcpx_port_get() - bind() wants a port; struct proto.get_port
 * @sk: locked, with its local address set
 * @snum: host order; 0: any that is free
 *
 * Return: 0, or -EADDRINUSE.
 */
int tcpx_port_get(struct sock *sk, unsigned short snum)
{
	u32 low, count, start, i;
	u16 port;

	if (snum)
		return tcpx_port_claim(sk, snum);
	tcpx_port_range(sk, &low, &count, &start);
	for (i = 0; i < count; i++) {
		port = low + (start + i) % count;
		if (!inet_is_local_reserved_port(sock_net(sk), port) &&
		    !tcpx_port_claim(sk, port))
			return 0;
	}
	return -EADDRINUSE;
}

/**
 * tcpx_port_listen() - listen(): now others of SO_REUSEADDR conflict
 * @sk: locked, bound, in LISTEN already
 *
 * Return: 0, or -EADDRINUSE.
 */
int tcpx_port_listen(struct sock *sk)
{
	struct tcpx_port_use *use = &tcpx_sk(sk)->port;
	struct tcpx_port_bucket *b = tcpx_port_bucket(sock_net(sk), use->port);
	bool conflict;

	spin_lock_bh(&b->lock);
	use->reuse = sk->sk_reuse;
	use->reuseport = sk->sk_reuseport;
	use->explicit_bind = true;
	conflict = tcpx_port_conflict(b, use);
	spin_unlock_bh(&b->lock);
	return conflict ? -EADDRINUSE : 0;
}

/* With the four made unique by the table, connections may share a port */
static int tcpx_port_try_connect(struct sock *sk, u16 port, struct tcpx_node **old)
{
	struct tcpx_port_use *mine = &tcpx_sk(sk)->port, *use;
	struct tcpx_port_bucket *b = tcpx_port_bucket(sock_net(sk), port);
	struct tcpx_node *node = &tcpx_sk(sk)->node;
	struct tcpx_tuple tuple = node->tuple;
	int err = -EADDRNOTAVAIL;

	spin_lock_bh(&b->lock);
	hlist_for_each_entry(use, &b->uses, link) {
		if (tcpx_use_is(use, sock_net(sk), port) && use->explicit_bind)
			goto out;
	}
	tuple.lport = htons(port);
	tcpx_node_init(node, TCPX_KIND_SOCK, sock_net(sk), &tuple, sk->sk_bound_dev_if);
	err = tcpx_table_insert(node, old);
	if (err)
		goto out;
	tcpx_use_fill(mine, sk, port);
	mine->explicit_bind = false;
	hlist_add_head(&mine->link, &b->uses);
	inet_sk(sk)->inet_num = port;
	inet_sk(sk)->inet_sport = htons(port);
out:
	spin_unlock_bh(&b->lock);
	return err;
}

/**
 * tcpx_port_connect() - connect(): enter the table, with a port if need be
 * @sk: locked; its node has all but perhaps the local port
 *
 * Return: 0, or -EADDRNOTAVAIL where the four, or all ports, are taken.
 */
int tcpx_port_connect(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tuple tuple = tsk->node.tuple;
	struct tcpx_node *old = NULL;
	int err = -EADDRNOTAVAIL;
	u32 low, count, start, i;
	u16 port;

	if (inet_sk(sk)->inet_num) {
		tuple.lport = inet_sk(sk)->inet_sport;
		tcpx_node_init(&tsk->node, TCPX_KIND_SOCK, sock_net(sk), &tuple,
			       sk->sk_bound_dev_if);
		err = tcpx_table_insert(&tsk->node, &old);
		goto out;
	}
	tcpx_port_range(sk, &low, &count, &start);
	for (i = 0; i < count && err; i++) {
		port = low + (start + i) % count;
		/* Chance shall not connect a socket to itself */
		if (inet_is_local_reserved_port(sock_net(sk), port) ||
		    (htons(port) == tuple.rport && tuple.laddr == tuple.raddr))
			continue;
		err = tcpx_port_try_connect(sk, port, &old);
		if (!(i & 255))
			cond_resched();
	}
out:
	if (old) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_TIME_WAIT_REUSED);
		tsk->isn_floor = tcpx_timewait_isn_floor(old);
		tcpx_timewait_kill(old);
	}
	return err;
}

/**
 * tcpx_port_inherit() - another claim on the same port
 * @use: the new one
 * @from: the one that stands
 * @sk: the socket of the new one, or NULL
 *
 * Context: any but hard interrupt.
 */
void tcpx_port_inherit(struct tcpx_port_use *use, const struct tcpx_port_use *from,
		       struct sock *sk)
{
	struct tcpx_port_bucket *b = tcpx_port_bucket(from->net, from->port);

	*use = *from;
	use->sk = sk;
	spin_lock_bh(&b->lock);
	hlist_add_head(&use->link, &b->uses);
	spin_unlock_bh(&b->lock);
}

/**
 * tcpx_port_put() - give up a claim, if there is one
 * @use: the claim
 */
void tcpx_port_put(struct tcpx_port_use *use)
{
	struct tcpx_port_bucket *b;

	if (hlist_unhashed(&use->link))
		return;
	b = tcpx_port_bucket(use->net, use->port);
	spin_lock_bh(&b->lock);
	hlist_del_init(&use->link);
	spin_unlock_bh(&b->lock);
}

/**
 * tcpx_port_setup() - prepare the table of ports
 */
void tcpx_port_setup(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tcpx_ports); i++)
		spin_lock_init(&tcpx_ports[i].lock);
}
