// SPDX-License-Identifier: GPL-2.0
/*
 * connect() claims a port, a random one where bind() has chosen none, and enters
 * the table of connections; a TIME-WAIT with the same 4-tuple may give way to it.
 */
#include "../net/mib.h"
#include "connect.h"
#include "lease.h"
#include "sock.h"
#include "timewait.h"

static bool tcpx_gives_way(const struct tcpx_node *other)
{
	return tcpx_timewait_replaceable(other, false, ktime_get_ns());
}

static bool tcpx_gives_way_to_bound(const struct tcpx_node *other)
{
	return tcpx_timewait_replaceable(other, true, ktime_get_ns());
}

/* An attempt that has claimed the port, and fails because of the 4-tuple, uses up the lease */
static int tcpx_port_attempt(struct sock *sk, u16 port, struct tcpx_node **old)
{
	return tcpx_lease_prepare(sk) ?: tcpx_port_try_connect(sk, port, tcpx_gives_way, old);
}

static int tcpx_port_connect_any(struct sock *sk, struct tcpx_node **old)
{
	const struct tcpx_port_scan scan = tcpx_port_scan(sk, false);
	const struct tcpx_tuple *tuple = &tcpx_sk(sk)->node.tuple;
	bool loop = tcpx_tuple_to_self(tuple);
	u16 port, rport = ntohs(tuple->rport);
	int err = -EADDRNOTAVAIL;
	u32 i;

	for (i = 0; i < scan.count && err == -EADDRNOTAVAIL; i++) {
		port = tcpx_port_nth(sock_net(sk), &scan, i);
		/* Never connect a socket to itself by chance */
		if (port && !(loop && port == rport))
			err = tcpx_port_attempt(sk, port, old);
		cond_resched();
	}
	return err;
}

/**
 * tcpx_port_connect() - connect(): enter the table, with a port if need be
 * @sk: locked; its node has all but perhaps the local port
 *
 * Context: process.
 * Return: 0, -EADDRNOTAVAIL where the 4-tuple, or all ports, are taken, -ENOMEM or
 * -ENOBUFS.
 */
int tcpx_port_connect(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tuple tuple = tsk->node.tuple;
	struct tcpx_node *old = NULL;
	int err;

	if (inet_sk(sk)->inet_num) {
		tuple.lport = inet_sk(sk)->inet_sport;
		tcpx_node_init(&tsk->node, TCPX_KIND_SOCK, sock_net(sk), &tuple,
			       sk->sk_bound_dev_if);
		err = tcpx_table_insert(&tsk->node, tcpx_gives_way_to_bound, &old);
	} else {
		err = tcpx_port_connect_any(sk, &old);
		tcpx_lease_settle(sk);
	}
	if (old) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_TIME_WAIT_REUSED);
		tsk->isn_floor = tcpx_timewait_isn_floor(old);
		tcpx_timewait_kill(old);
	}
	return err;
}
