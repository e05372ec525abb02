// SPDX-License-Identifier: GPL-2.0
/*
 * Ports of Linux's TCP that tcpx holds.
 *
 * Under protocol 6 a port is either Linux's TCP's or tcpx's, or one of them would
 * answer the other's peers.  So each port that tcpx claims there (path/port.c) holds a
 * lease: a socket of Linux's TCP, of the kernel's own, that is bound to the whole port,
 * in the same namespace and VRF, and does nothing.  TCP's table of ports is the one
 * arbiter: where TCP has the port, its sockets in TIME-WAIT included, tcpx does not get
 * it, and the other way round, for bind(), listen() and connect(), whether the port is
 * named or chosen.
 *
 * Making such a socket, and closing it, may sleep.  So it is made in advance by the
 * call that will want a port, tcpx_lease_prepare(), and closed by a work item.  Binding
 * and unbinding it are TCP's get_port() and put_port(), which do not sleep: at the moment
 * at which tcpx has let go of a port, perhaps in softirq, TCP can have it.
 *
 * The socket holds no reference to its namespace: whatever claims a port does, or ends
 * before the namespace.
 */
#include <linux/bitmap.h>
#include <linux/llist.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "lease.h"
#include "sock.h"

#define TCPX_PORTS	65536U

/**
 * struct tcpx_lease - a port that Linux's TCP has given up, or a socket for one
 * @link: of those to be closed
 * @sock: TCP's
 * @num: the port, host order
 * @l3mdev: VRF, or 0
 */
struct tcpx_lease {
	struct llist_node link;
	struct socket	*sock;
	u16		num;
	int		l3mdev;
};

static const struct tcpx_lease_door *tcpx_lease_door __read_mostly;
static DEFINE_SPINLOCK(tcpx_lease_lock);	/* guards the next one, and the door */
static u32 tcpx_leases;				/* how many ports are held */
static LLIST_HEAD(tcpx_leases_ended);

static void tcpx_lease_free(struct tcpx_lease *lease)
{
	sock_release(lease->sock);
	kfree(lease);
}

static void tcpx_lease_close_ended(void)
{
	struct tcpx_lease *lease, *next;

	llist_for_each_entry_safe(lease, next, llist_del_all(&tcpx_leases_ended), link) {
		tcpx_lease_free(lease);
		cond_resched();
	}
}

static void tcpx_lease_work_fn(struct work_struct *work)
{
	tcpx_lease_close_ended();
}

static DECLARE_WORK(tcpx_lease_work, tcpx_lease_work_fn);

static void tcpx_lease_discard(struct tcpx_lease *lease)
{
	if (llist_add(&lease->link, &tcpx_leases_ended))
		schedule_work(&tcpx_lease_work);
}

/* Both families, where the kernel has both */
static int tcpx_lease_socket(struct net *net, struct socket **sock)
{
	int family = ipv6_mod_enabled() ? AF_INET6 : AF_INET;
	int err = sock_create_kern(net, family, SOCK_STREAM, IPPROTO_TCP, sock);

	/* net.ipv6.bindv6only may say otherwise */
	if (!err)
		(*sock)->sk->sk_ipv6only = 0;
	return err;
}

/* Which ports are held: made once for a namespace */
static int tcpx_lease_map(struct tcpx_net *tn)
{
	unsigned long *map;

	if (READ_ONCE(tn->leased))
		return 0;
	map = bitmap_zalloc(TCPX_PORTS, GFP_KERNEL_ACCOUNT);
	if (!map)
		return -ENOMEM;
	if (cmpxchg(&tn->leased, NULL, map))
		bitmap_free(map);
	return 0;
}

/**
 * tcpx_lease_prepare() - make what it takes to claim a port, if it is one of TCP's
 * @sk: locked
 *
 * The socket keeps it until it claims a port, or tcpx_lease_settle().
 *
 * Context: process; may sleep, unless there is one already.
 * Return: 0, -ENOMEM or -ENOBUFS.
 */
int tcpx_lease_prepare(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_lease *lease;

	if (tsk->wire != IPPROTO_TCP || tsk->lease)
		return 0;
	if (tcpx_lease_map(tcpx_sk_net(sk)))
		return -ENOMEM;
	lease = kzalloc(sizeof(*lease), GFP_KERNEL_ACCOUNT);
	if (!lease)
		return -ENOMEM;
	if (tcpx_lease_socket(sock_net(sk), &lease->sock)) {
		kfree(lease);
		return -ENOBUFS;
	}
	tsk->lease = lease;
	return 0;
}

/**
 * tcpx_lease_settle() - what was prepared is no longer needed
 * @sk: locked, or being destroyed
 *
 * It was not used: the port was tcpx's already, or could not be had.
 *
 * Context: any but hard interrupt.
 */
void tcpx_lease_settle(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (likely(!tsk->lease))
		return;
	tcpx_lease_discard(tsk->lease);
	tsk->lease = NULL;
}

/* True: segments for it are tcpx's to look at from now on */
static void tcpx_lease_mark(const struct tcpx_lease *lease, bool held)
{
	struct tcpx_net *tn = tcpx_pernet(sock_net(lease->sock->sk));

	if (lease->l3mdev)
		atomic_add(held ? 1 : -1, &tn->leased_in_vrfs);
	else
		assign_bit(lease->num, tn->leased, held);
	spin_lock_bh(&tcpx_lease_lock);
	if (held && !tcpx_leases++)
		tcpx_lease_door->open();
	else if (!held && !--tcpx_leases)
		tcpx_lease_door->close();
	spin_unlock_bh(&tcpx_lease_lock);
}

/**
 * tcpx_lease_take() - take a port from Linux's TCP
 * @lease: what tcpx_lease_prepare() has made
 * @num: the port, host order
 * @l3mdev: VRF, or 0
 *
 * Context: any but hard interrupt.
 * Return: 0, or -EADDRINUSE where TCP uses the port.
 */
int tcpx_lease_take(struct tcpx_lease *lease, u16 num, int l3mdev)
{
	struct sock *sk = lease->sock->sk;
	int err;

	/* The VRF chooses the table; then none of its devices is an exception */
	WRITE_ONCE(sk->sk_bound_dev_if, l3mdev);
	err = sk->sk_prot->get_port(sk, num);
	WRITE_ONCE(sk->sk_bound_dev_if, 0);
	if (err)
		return -EADDRINUSE;
	lease->num = num;
	lease->l3mdev = l3mdev;
	tcpx_lease_mark(lease, true);
	return 0;
}

/**
 * tcpx_lease_end() - give a port back to Linux's TCP
 * @lease: holds it; consumed
 *
 * Context: any but hard interrupt.
 */
void tcpx_lease_end(struct tcpx_lease *lease)
{
	struct sock *sk = lease->sock->sk;

	tcpx_lease_mark(lease, false);
	sk->sk_prot->put_port(sk);
	tcpx_lease_discard(lease);
}

/**
 * tcpx_lease_set_door() - say how segments reach tcpx while it holds ports
 * @door: constant
 *
 * Context: process, when the module is loaded.
 */
void tcpx_lease_set_door(const struct tcpx_lease_door *door)
{
	tcpx_lease_door = door;
}

/*
 * All claims of the namespace have ended.  Its sockets are closed here, unless the work
 * item has them already, which is waited for.  It may not have been scheduled yet: by
 * who has put the lease of another namespace in front of ours, and is still to do so.
 */
static void __net_exit tcpx_lease_exit_net(struct net *net)
{
	tcpx_lease_close_ended();
	flush_work(&tcpx_lease_work);
	bitmap_free(tcpx_pernet(net)->leased);
}

static struct pernet_operations tcpx_lease_ops = {
	.exit = tcpx_lease_exit_net,
};

/**
 * tcpx_lease_init() - leases may be taken, and end with their namespace
 *
 * Context: process, after tcpx_net_init().
 * Return: 0 or -errno.
 */
int tcpx_lease_init(void)
{
	return register_pernet_subsys(&tcpx_lease_ops);
}

/**
 * tcpx_lease_exit() - undo tcpx_lease_init(); no port is claimed any more
 *
 * Context: process, may sleep.
 */
void tcpx_lease_exit(void)
{
	unregister_pernet_subsys(&tcpx_lease_ops);
	flush_work(&tcpx_lease_work);
}
