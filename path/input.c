// SPDX-License-Identifier: GPL-2.0
/*
 * A segment arrives at a socket: it is parsed, given to the state machine
 * (core/predict.c, core/segment.c), and what that decides is done (path/act.c).
 */
#include "../core/ecn.h"
#include "../core/predict.h"
#include "../core/segment.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "act.h"
#include "host_queue.h"
#include "input.h"
#include "output.h"
#include "queue.h"
#include "skb.h"
#include "sock.h"

/* A process locked the socket before the tasklet could acknowledge the last round: do it now */
static bool tcpx_ack_of_last_round(struct sock *sk)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);

	return sock_owned_by_user(sk) && tsk->tcb.ack_now &&
	       test_bit(TCPX_ACK_WAITS, &tsk->deferred) &&
	       !test_bit(TCPX_DEFER_ACK, &tsk->deferred);
}

/**
 * tcpx_is_sock() - is a socket, of whatever protocol, one of tcpx's?
 * @sk: the socket, a full one
 *
 * Context: any.
 */
bool tcpx_is_sock(const struct sock *sk)
{
	return sk->sk_prot->backlog_rcv == tcpx_rcv;
}

/**
 * tcpx_rcv() - a segment for a socket; struct proto.backlog_rcv
 * @sk: locked
 * @skb: transport header set, and skb->data there; consumed
 *
 * Context: softirq, or process from the backlog.
 * Return: 0.
 */
int tcpx_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_skb_cb *cb = TCPX_SKB_CB(skb);
	struct tcpx_actions a __uninitialized;
	struct tcpx_seg seg __uninitialized;
	u64 now;

	/* The socket left the table after it was found: the peer will send again */
	if (sk->sk_state == TCP_CLOSE) {
		tcpx_discard(sock_net(sk), &tsk->node.tuple, skb, TCPX_DROP_CLOSED);
		return 0;
	}
	if (!tcpx_parse(skb, &seg))
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_IN_OPT_ERRORS);
	trace_tcpx_segment(false, &tsk->node.tuple, &seg, seg.len, tsk->tcb.state);
	cb->seq = seg.seq + !!(seg.flags & TCPX_SYN);
	seg.ooo = !RB_EMPTY_ROOT(&tsk->ooo);
	seg.no_room = seg.len && !tcpx_data_room(sk, skb, &seg);
	seg.data_waits = sk->sk_state == TCP_SYN_SENT &&
			 (sk->sk_write_pending || tsk->defer_accept);
	if (tsk->tcb.ecn.mode)
		seg.ip_ecn = tsk->family->ecn(skb);
	__skb_pull(skb, tcpx_hdr_len(tcpx_hdr(skb)));
	if (tcpx_ack_of_last_round(sk) ||
	    (tcpx_ecn_ack_first(&tsk->tcb, &seg) &&
	     tcpx_segment_wanted(&tsk->tcb, &seg, ktime_get_ns())))
		tcpx_send_ack(sk);
	tsk->segs_in += tcpx_seg_count(skb);
	if (seg.len)
		tsk->data_segs_in += tcpx_seg_count(skb);

	now = ktime_get_ns();
	if (!tcpx_predicted(&tsk->tcb, &seg, now, &a))
		tcpx_segment_arrives(&tsk->tcb, &seg, now, &a);
	tcpx_note_drop(sock_net(sk), &tsk->node.tuple, seg.seq, seg.flags, a.drop);
	if (!a.drop)
		tsk->family->heard(sk, skb);
	if (a.todo & TCPX_DO_CONNECTED && seg.flags & TCPX_SYN)
		tcpx_fastopen_synack(sk, &seg);
	if (a.todo | a.nr | a.notes)
		tcpx_act(sk, skb, &a);
	else
		tcpx_free_segment(skb, a.drop);
	if (sk->sk_state != TCP_CLOSE) {
		tcpx_trace_cong(sk);
		tcpx_timer_sync(sk);
	}
	return 0;
}
