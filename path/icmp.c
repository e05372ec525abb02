// SPDX-License-Identifier: GPL-2.0
/*
 * What an ICMP message means to a connection: RFC 9293, 3.9.2.2.
 *
 * Any host can send one.  So it counts only if it quotes what is in flight (RFC
 * 5927, 4), it does not end a synchronized connection (5.2), and a claim that
 * datagrams are too large is compared with what does arrive (7.2).
 */
#include <linux/in.h>
#include <net/dst.h>

#include "../core/deadline.h"
#include "../net/mib.h"
#include "act.h"
#include "demux.h"
#include "family.h"
#include "half_open.h"
#include "icmp.h"
#include "output.h"
#include "sock.h"

static void tcpx_icmp_error(struct sock *sk, const struct tcpx_icmp *icmp)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	struct tcpx_actions a;

	if (!icmp->err)
		return;
	if (!tcb->syn_acked && icmp->kind == TCPX_ICMP_HARD && !sock_owned_by_user(sk)) {
		tcpx_fsm_error(tcb, icmp->err, &a);
		tcpx_act(sk, NULL, &a);
		return;
	}
	if (icmp->kind == TCPX_ICMP_BREAK && !sock_owned_by_user(sk)) {
		tcpx_deadline_unreachable(tcb, icmp->seq, ktime_get_ns());
		tcpx_timer_sync(sk);
	}
	/* RFC 5927, 5.2: a synchronized connection takes all of them as soft */
	tcpx_report_soft(sk, icmp->err);
}

static bool tcpx_icmp_wanted(const struct sock *sk)
{
	int pmtudisc = tcpx_sk(sk)->family->pmtudisc(sk);

	return sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN &&
	       pmtudisc != IP_PMTUDISC_INTERFACE && pmtudisc != IP_PMTUDISC_OMIT;
}

/**
 * tcpx_icmp_too_big() - a router asked for smaller datagrams: RFC 1191
 * @sk: locked; its icmp_mtu is set, bytes
 *
 * Context: process or softirq.
 */
__cold void tcpx_icmp_too_big(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_family *family = tsk->family;
	struct dst_entry *dst;

	if (!tcpx_icmp_wanted(sk))
		return;
	dst = family->route(sk);
	/* RFC 5927, 7.2: a claim that asks for no less than we do already */
	if (!dst || tsk->icmp_mtu >= tsk->pmtu)
		return;
	/*
	 * Nor is it believed while larger segments arrive.  Should the path have
	 * changed there will be a time-out, and the router says so again.
	 */
	if (tcpx_family_mss(family, tsk->icmp_mtu) < tsk->acked_len) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_ICMP_IGNORED);
		return;
	}
	dst->ops->update_pmtu(dst, sk, NULL, tsk->icmp_mtu, true);
	dst = family->route(sk);
	if (!dst || family->pmtudisc(sk) == IP_PMTUDISC_DONT || dst_mtu(dst) >= tsk->pmtu)
		return;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_PMTU_REDUCED);
	tcpx_mtu_reduced(sk, dst_mtu(dst));
	tcpx_timer_sync(sk);
}

static void tcpx_icmp_mtu(struct sock *sk, u32 mtu)
{
	tcpx_sk(sk)->icmp_mtu = mtu;
	if (sock_owned_by_user(sk))
		set_bit(TCPX_DEFER_PMTU, &tcpx_sk(sk)->deferred);
	else
		tcpx_icmp_too_big(sk);
}

/* RFC 5927, 4: only what is in flight can have met the error */
static bool tcpx_icmp_credible(const struct tcpx_tcb *tcb, u32 seq)
{
	return tcb->snd_una != tcb->snd_nxt && tcpx_between(seq, tcb->snd_una, tcb->snd_nxt - 1);
}

/* @sk is locked */
static void tcpx_icmp_sock(struct sock *sk, struct sk_buff *skb, const struct tcpx_icmp *icmp)
{
	if (!tcpx_icmp_credible(&tcpx_sk(sk)->tcb, icmp->seq)) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_ICMP_IGNORED);
		return;
	}
	switch (icmp->kind) {
	case TCPX_ICMP_REDIRECT:
		if (!sock_owned_by_user(sk))
			tcpx_sk(sk)->family->redirect(sk, skb);
		break;
	case TCPX_ICMP_TOO_BIG:
		tcpx_icmp_mtu(sk, icmp->mtu);
		break;
	default:
		tcpx_icmp_error(sk, icmp);
	}
}

/* A message about a segment that had too little TTL left is from too far away: it is ignored */
static bool tcpx_icmp_near(const struct tcpx_arrival *met, const struct sock *sk)
{
	if (tcpx_near(met, sk))
		return true;
	tcpx_mib_drop(met->net, TCPX_DROP_MIN_TTL);
	return false;
}

/**
 * tcpx_icmp_rcv() - an ICMP message about a segment of ours
 * @met: the segment that met the error, with addresses and ports swapped
 * @skb: the message
 * @icmp: what it says
 *
 * Context: softirq, rcu_read_lock().
 * Return: 0, or -ENOENT if the segment belongs to no connection.
 */
__cold int tcpx_icmp_rcv(const struct tcpx_arrival *met, struct sk_buff *skb,
			 const struct tcpx_icmp *icmp)
{
	struct tcpx_node *node = tcpx_table_lookup(met->net, &met->tuple, met->dif, met->sdif);
	struct sock *sk;

	if (!node)
		return -ENOENT;
	if (node->tuple.kind == TCPX_KIND_TIME_WAIT)
		return 0;
	if (node->tuple.kind == TCPX_KIND_HALF_OPEN) {
		if (icmp->kind == TCPX_ICMP_HARD &&
		    tcpx_icmp_near(met, tcpx_half_open_listener(node)))
			tcpx_half_open_icmp(node, icmp->seq);
		return 0;
	}
	sk = &container_of(node, struct tcpx_sock, node)->inet.sk;
	bh_lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE && tcpx_icmp_near(met, sk))
		tcpx_icmp_sock(sk, skb, icmp);
	bh_unlock_sock(sk);
	return 0;
}
