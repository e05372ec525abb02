// SPDX-License-Identifier: GPL-2.0
/*
 * connect(): the active OPEN of RFC 9293, 3.9.1.1.
 *
 * Addresses and routes are the family's business; choosing the local port, entering
 * the connection in the table and sending the SYN are the same for every family.
 */
#include <net/dst.h>

#include "../core/repair.h"
#include "../core/syn.h"
#include "../core/window.h"
#include "../net/mib.h"
#include "../path/act.h"
#include "../path/cong_choice.h"
#include "../path/connect.h"
#include "../path/isn.h"
#include "../path/lease.h"
#include "../path/md5.h"
#include "../path/output.h"
#include "../path/rcv_space.h"
#include "../path/route.h"
#include "../tcpx_compat.h"
#include "connect.h"

/**
 * tcpx_pre_connect() - let BPF see, and change, the address; struct proto.pre_connect
 * @sk: locked
 * @uaddr: the peer
 * @addr_len: bytes of @uaddr
 *
 * Context: process.  Return: 0 or -errno.
 */
int tcpx_pre_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len)
{
	int err = inet_sk(sk)->inet_num ? 0 : tcpx_lease_prepare(sk);

	/* A program may bind the socket, and must not sleep */
	return err ?: tcpx_family_of(sk->sk_family)->pre_connect(sk, uaddr, addr_len);
}

/**
 * tcpx_forget_peer() - a socket has no peer any more, only what bind() gave it
 * @sk: locked, CLOSED, not in the table
 *
 * Context: process.
 */
void tcpx_forget_peer(struct sock *sk)
{
	const struct tcpx_family *own = tcpx_family_of(sk->sk_family);
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->family->disconnect(sk);
	/* The peer's address was a v4-mapped one, the next need not be */
	if (tsk->family != own)
		own->disconnect(sk);
	tsk->family = own;
	inet_sk(sk)->inet_dport = 0;
	tcpx_port_reset_addr(sk);
}

/* The ISS: TCPX_ISN's, that of TCP_QUEUE_SEQ, or a random one */
static u32 tcpx_connect_isn(struct sock *sk, u64 secret)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 isn;

	if (tsk->isn_fixed)
		return tsk->isn;
	if (tsk->tcb.write_seq)
		return tsk->tcb.write_seq;
	isn = tcpx_isn(secret, ktime_get_ns());
	return tsk->isn_floor && tcpx_before(isn, tsk->isn_floor) ? tsk->isn_floor : isn;
}

/* What our SYN offers, by the route */
static void tcpx_connect_offer(struct sock *sk, const struct dst_entry *dst)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;

	tcb->default_mss = tsk->family->default_mss;
	tcb->peer_mss = tcb->default_mss;
	tcpx_md5_sync(sk);
	tcpx_sync_mss(sk, dst_mtu(dst));
	tcpx_cong_route(sk, dst);
	tcb->adv_mss = tcpx_adv_mss(sk, dst);
	tcpx_wnd_offer(tcb, tcpx_rcv_total(sk), tcb->adv_mss);
	tcb->rcv_wscale = tcpx_rcv_scale(sk, tcpx_rcv_clamp(sk, &tcb->route));
}

static void tcpx_connect_syn(struct sock *sk, struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct net *net = sock_net(sk);
	u64 secret = tcpx_isn_secret(net, &tsk->node.tuple);
	u32 isn = tcpx_connect_isn(sk, secret);

	tsk->una_counted = isn;
	tsk->tcb.ts_offset = tcpx_ts_offset(secret);
	tcpx_mib_inc(net, TCPX_MIB_ACTIVE_OPENS);
	tcpx_syn_open(&tsk->tcb, isn, a);
	if (tcpx_fastopen_defers(sk)) {
		tcpx_set_defer_connect(sk, true);
		a->todo &= ~TCPX_DO_SYN;
	}
}

/* TCP_REPAIR: the connection is there; the user has told the numbers */
static void tcpx_connect_repaired(struct sock *sk, struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;

	tsk->una_counted = tcb->write_seq;
	tcpx_repair_open(tcb, tcb->write_seq, tcb->rcv_nxt, ktime_get_ns(), a);
}

/* The route and the 4-tuple are known, and @sk is in the table */
static void tcpx_connect_open(struct sock *sk, const struct dst_entry *dst)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_actions a;

	WRITE_ONCE(sk->sk_err, 0);
	sock_reset_flag(sk, SOCK_DONE);
	tcpx_connect_offer(sk, dst);
	if (tsk->repair)
		tcpx_connect_repaired(sk, &a);
	else
		tcpx_connect_syn(sk, &a);
	tsk->isn_floor = 0;
	tcpx_act(sk, NULL, &a);
	tcpx_timer_sync(sk);
}

/* connect() has failed: the socket is CLOSED again, and keeps only what bind() gave it */
static void tcpx_connect_undo(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	inet_sk_set_state(sk, TCP_CLOSE);
	if (tcpx_table_remove(&tsk->node))
		__sock_put(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		tcpx_port_put(&tsk->port);
		inet_sk(sk)->inet_num = 0;
		inet_sk(sk)->inet_sport = 0;
	}
	tcpx_forget_peer(sk);
	sk->sk_route_caps = 0;
}

/**
 * tcpx_connect() - active OPEN, 3.10.1; struct proto.connect
 * @sk: locked, CLOSED
 * @uaddr: the peer
 * @addr_len: bytes of @uaddr
 *
 * Context: process, may sleep.
 * Return: 0 once the SYN is sent, or waits for payload (TCP Fast Open), or none is
 * needed (TCP_REPAIR); or -errno.
 */
int tcpx_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	__be16 sport = inet_sk(sk)->inet_sport;
	struct tcpx_tuple tuple;
	struct dst_entry *dst;
	int err;

	dst = tsk->family->connect(sk, (struct sockaddr *)uaddr, addr_len);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	tsk->family->tuple(sk, &tuple);
	tcpx_node_rename(&tsk->node, &tuple);
	inet_sk_set_state(sk, TCP_SYN_SENT);
	tcpx_port_set_addr(sk);
	err = tcpx_port_connect(sk);
	if (err) {
		dst_release(dst);
		goto fail;
	}
	sk_set_txhash(sk);
	dst = tsk->family->connect_ports(sk, dst, sport);
	if (IS_ERR(dst)) {
		err = PTR_ERR(dst);
		goto fail;
	}
	tcpx_route_set(sk, dst);
	tcpx_connect_open(sk, dst);
	return 0;

fail:
	tcpx_connect_undo(sk);
	return err;
}
