// SPDX-License-Identifier: GPL-2.0
/*
 * What the state machine decides is done.
 *
 * It says what a segment, a call or a deadline leads to, in struct tcpx_actions;
 * tcpx_act() does it, for all of them alike.
 */
#include <linux/errqueue.h>
#include <net/dst.h>

#include "../core/deadline.h"
#include "../core/repair.h"
#include "../net/challenge.h"
#include "../net/mib.h"
#include "../tcpx_compat.h"
#include "act.h"
#include "later.h"
#include "life.h"
#include "output.h"
#include "queue.h"
#include "rcvbuf.h"
#include "scoreboard.h"
#include "skb.h"
#include "sock.h"
#include "timewait.h"

/* A new urgent pointer: signal it, and skip an older octet that was not read */
static __cold void tcpx_urgent(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	u32 up = tcb->rcv_up - 1;	/* the last urgent octet */

	if (tcpx_sk_net(sk)->stdurg)
		up++;
	if (tsk->urg_data && !tcpx_after(up, tsk->urg_seq))
		return;
	sk_send_sigurg(sk);
	if (tsk->urg_data && tsk->urg_seq == tcb->copied_seq &&
	    !sock_flag(sk, SOCK_URGINLINE) && tcb->copied_seq != tcb->rcv_nxt) {
		struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

		tcb->copied_seq++;
		if (skb && !tcpx_before(tcb->copied_seq, TCPX_SKB_CB(skb)->end_seq)) {
			__skb_unlink(skb, &sk->sk_receive_queue);
			consume_skb(skb);
		}
	}
	WRITE_ONCE(tsk->urg_data, TCPX_URG_NOTYET);
	WRITE_ONCE(tsk->urg_seq, up);
}

/*
 * The send buffer grows with what may be in flight, unless the user has fixed it:
 * cwnd, but no more than the peer's largest window, since cwnd grows without end
 * where nothing is ever lost.  The buffer takes three times that: the writer is woken
 * when a third is free, so that two windows are left, one in flight and one for what
 * slow start adds within a round trip.  Payload behind a hole is neither in flight
 * nor can it be freed, so it takes room in addition.
 */
static void tcpx_expand_sndbuf(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_tcb *tcb = &tsk->tcb;
	u32 window = min(tcb->cong.cwnd, tcb->max_snd_wnd);
	u32 behind = tcb->snd_nxt - tcb->snd_una - tcpx_flight(tcb);
	u64 reach = 3ULL * window + behind;
	u64 most, want;

	/* Most ACKs change nothing */
	if (reach <= tsk->sndbuf_reach || sk->sk_userlocks & SOCK_SNDBUF_LOCK ||
	    sk_under_memory_pressure(sk))
		return;
	want = (3ULL * (max(window / tcb->snd_mss, 10U) + 1) + behind / tcb->snd_mss) *
	       (tcb->snd_mss + SKB_TRUESIZE(TCPX_MAX_HEADER));
	most = READ_ONCE(tcpx_sk_net(sk)->wmem[2]);
	if (want <= most)
		tsk->sndbuf_reach = min_t(u64, reach, U32_MAX);
	want = min(want, most);
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}

/* TCPX_DO_ACKED */
static void tcpx_act_acked(struct sock *sk, const struct tcpx_actions *a)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 numbers = tsk->tcb.snd_una - tsk->una_counted;
	struct sk_buff *skb;

	/* SYN and FIN are segments of their own here, and one number each */
	tsk->delivered += numbers - a->acked;
	tsk->bytes_acked += numbers;
	tsk->una_counted += numbers;
	sk_dst_confirm(sk);
	/* The path works again */
	if (unlikely(sk->sk_err_soft))
		WRITE_ONCE(sk->sk_err_soft, 0);
	while ((skb = skb_peek(&sk->sk_write_queue)) && skb != tsk->send_head &&
	       !tcpx_after(TCPX_SKB_CB(skb)->end_seq, tsk->tcb.snd_una)) {
		__skb_unlink(skb, &sk->sk_write_queue);
		if (TCPX_SKB_CB(skb)->ack_stamp)
			tcpx_stamp_acked(sk, skb);
		sk_wmem_queued_add(sk, -skb->truesize);
		sk_mem_uncharge(sk, skb->truesize);
		tsk->delivered += tcpx_seg_count(skb);
		tsk->acked_len = max_t(u32, tsk->acked_len, skb_shinfo(skb)->gso_size ?: skb->len);
		consume_skb(skb);
	}
	tcpx_scoreboard_shrink(sk);
	if (tsk->tcb.cong.ops)
		tcpx_expand_sndbuf(sk);
}

static void tcpx_act_sent(struct sock *sk, const struct tcpx_actions *a)
{
	if (a->todo & TCPX_DO_ACKED)
		tcpx_act_acked(sk, a);
	else if (a->todo & TCPX_DO_OUTPUT && tcpx_sk(sk)->tcb.sb.sacked_bytes)
		tcpx_expand_sndbuf(sk);	/* SND.UNA stands still before a hole */
}

/* TCPX_DO_CONNECTED: both ends are synchronized, as @skb says */
static void tcpx_act_connected(struct sock *sk, struct sk_buff *skb)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	/* RFC 7413: for the user it has been connected since the SYN */
	if (tsk->tcb.fastopen && tsk->tcb.syn_acked) {
		tcpx_fastopen_established(sk);
		return;
	}
	/* Payload of the SYN that was not acknowledged has to be sent again */
	tsk->send_head = skb_peek(&sk->sk_write_queue);
	/* MUST-16: IP options take room too, which the MSS option leaves out */
	tcpx_sync_mss(sk, tsk->pmtu);
	tcpx_first_rto(&tsk->tcb);
	tcpx_cong_init(&tsk->tcb, tsk->cong_ops, ktime_get_ns());
	tcpx_expand_sndbuf(sk);
	/* TCP_REPAIR: connect() returns, and no segment tells of the peer */
	if (!skb)
		return;
	/*
	 * An LSM reads the peer's label from @skb.  For a passive OPEN the kernel's TCP
	 * calls security_inet_csk_clone(), which is not exported; without it the result
	 * of security_inet_conn_request() could not be kept.  Whether the SYN may come
	 * in, security_sock_rcv_skb() has decided, for the listener.
	 */
	security_inet_conn_established(sk, skb);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/* TCPX_DO_PEER_CLOSED: after the payload in the queue a reader finds the end */
static void tcpx_act_peer_closed(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	tcpx_sk(sk)->bytes_received++;
	tcpx_ooo_purge(sk);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK || sk->sk_state == TCP_CLOSE)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	sk->sk_data_ready(sk);
}

static void tcpx_act_transitions(struct sock *sk, const struct tcpx_actions *a, u8 *seen)
{
	for (; *seen < a->nr; (*seen)++) {
		tcpx_set_state(sk, a->trans[*seen].from, a->trans[*seen].to,
			       a->trans[*seen].event);
		/* SO_LINGER waits for the ACK of our FIN */
		if (a->trans[*seen].to == TCPX_FIN_WAIT_2 && !sock_flag(sk, SOCK_DEAD))
			sk->sk_state_change(sk);
	}
}

/*
 * 3.10.7.4 (MUST-59): segments that are queued are all processed before an ACK
 * is sent: those in the backlog, after which release_sock() sends it, and those in
 * the queue of the device or of this CPU.  A duplicate ACK is for one segment alone
 * (RFC 5681, 4.2), and in TIME-WAIT there is no socket to do it later.
 */
static void tcpx_act_ack(struct sock *sk, const struct tcpx_actions *a)
{
	const u32 now = TCPX_DO_OOO | TCPX_DO_TIME_WAIT;
	bool data = a->todo & TCPX_DO_DATA && !(a->todo & now);

	if (data && sock_owned_by_user(sk))
		set_bit(TCPX_DEFER_ACK, &tcpx_sk(sk)->deferred);
	else if (data && a->round)
		tcpx_do_later(sk, TCPX_ACK_WAITS);
	else
		tcpx_send_ack(sk);
}

/* What leaves because of an event */
static void tcpx_act_send(struct sock *sk, const struct tcpx_actions *a)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (a->todo & TCPX_DO_RST)
		tcpx_send_rst(sk, &a->rst);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (a->todo & TCPX_DO_SYN)
		tcpx_send_syn(sk, TCPX_SYN);
	if (a->todo & TCPX_DO_SYNACK)
		tcpx_send_syn(sk, TCPX_SYN | TCPX_ACK);
	if (a->todo & TCPX_DO_REXMT)
		tcpx_retransmit(sk);
	if (a->todo & TCPX_DO_OUTPUT)
		tcpx_send_all(sk);
	if (a->todo & TCPX_DO_PROBE)
		tcpx_send_probe(sk);
	if (a->todo & TCPX_DO_CHALLENGE &&
	    tcpx_challenge_allowed(sock_net(sk), ktime_get_ns()))
		tcpx_send_ack(sk);
	else if (a->todo & TCPX_DO_ACK && tcb->ack_now)
		tcpx_act_ack(sk, a);
}

/*
 * Put @err into the error queue.  In sk_err it would fail the next call of a program,
 * although nothing has failed.
 */
static __cold void tcpx_queue_error(struct sock *sk, int err)
{
	struct sk_buff *skb = tcpx_sk(sk)->family->error_skb(sk);
	struct sock_exterr_skb *serr;

	if (!skb)
		return;
	serr = SKB_EXT_ERR(skb);
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr->port = inet_sk(sk)->inet_dport;
	__skb_pull(skb, skb->len);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/*
 * R1: 3.8.3, (b) and (e) (MUST-20, SHLD-9).  The connection lives, so only a program
 * that has set IP_RECVERR is told (SHLD-20): the error of ICMP, if there was one.
 */
static __cold void tcpx_act_r1(struct sock *sk)
{
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_R1_REACHED);
	dst_negative_advice(sk);	/* and a new hash, where paths are balanced by it */
	if (tcpx_sk(sk)->family->recverr(sk))
		tcpx_queue_error(sk, sk->sk_err_soft ?: ETIMEDOUT);
}

/* The connection is over, or all that is left of it is TIME-WAIT */
static void tcpx_act_end(struct sock *sk, const struct tcpx_actions *a)
{
	int err = a->err;

	if (a->todo & TCPX_DO_ERROR) {
		if (err == ETIMEDOUT && sk->sk_err_soft)
			err = sk->sk_err_soft;	/* ICMP knows the reason */
		WRITE_ONCE(sk->sk_err, err);
	}
	if (a->todo & TCPX_DO_FLUSH)
		tcpx_write_queue_purge(sk);
	if (a->todo & TCPX_DO_DELETE) {
		bool alive = !sock_flag(sk, SOCK_DEAD);

		tcpx_done(sk);
		if (alive && a->todo & TCPX_DO_ERROR)
			sk_error_report(sk);
	} else if (a->todo & TCPX_DO_TIME_WAIT) {
		tcpx_timewait_enter(sk);
	}
}

static const u16 tcpx_note_mibs[] = {
	TCPX_MIB_FAST_RETRANS, TCPX_MIB_EIFEL_UNDO, TCPX_MIB_DSACK_UNDO, TCPX_MIB_FRTO_UNDO,
	TCPX_MIB_TLP_LOSS, TCPX_MIB_ECN_REDUCED, TCPX_MIB_MTU_PROBED, TCPX_MIB_MTU_LOST,
};

static __cold void tcpx_act_notes(struct sock *sk, u8 notes)
{
	int i;

	for (i = 0; notes >> i; i++)
		if (notes & BIT(i))
			tcpx_mib_inc(sock_net(sk), tcpx_note_mibs[i]);
}

/**
 * tcpx_act() - do what the state machine has decided; the caller lets the timer follow
 * @sk: locked
 * @skb: the segment, its header pulled; consumed.  NULL: another event
 * @a: from the state machine
 *
 * Context: process or softirq.  A socket without owner may be freed as soon as the
 * caller's RCU section or reference ends.
 */
void tcpx_act(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a)
{
	u8 seen = 0;

	if (unlikely(a->nr))
		tcpx_act_transitions(sk, a, &seen);
	if (unlikely(a->notes))
		tcpx_act_notes(sk, a->notes);
	if (a->todo & TCPX_DO_CONNECTED) {
		tcpx_act_sent(sk, a);
		tcpx_act_connected(sk, skb);
	}
	if (a->todo & TCPX_DO_URGENT)
		tcpx_urgent(sk);
	if (a->todo & (TCPX_DO_DATA | TCPX_DO_OOO))
		tcpx_act_data(sk, skb, a);
	else
		tcpx_free_segment(skb, a->drop);
	/* What was acknowledged gives its memory back after what came has taken some */
	if (!(a->todo & TCPX_DO_CONNECTED))
		tcpx_act_sent(sk, a);
	if (a->drop == TCPX_DROP_NO_ROOM)
		tcpx_data_ready(sk);	/* no more fits: the reader has to make do with this */
	if (unlikely(a->nr))
		tcpx_act_transitions(sk, a, &seen);
	if (a->todo & TCPX_DO_PEER_CLOSED)
		tcpx_act_peer_closed(sk);
	if (a->todo & TCPX_DO_SOFT_ERROR)
		tcpx_act_r1(sk);
	tcpx_act_send(sk, a);
	tcpx_act_end(sk, a);
}

/**
 * tcpx_abort() - ABORT: 3.10.5
 * @sk: locked, not CLOSED
 *
 * Context: process or softirq; see tcpx_act().
 */
__cold void tcpx_abort(struct sock *sk)
{
	struct tcpx_actions a;

	if (!tcpx_fsm_call(&tcpx_sk(sk)->tcb, TCPX_EV_ABORT, ktime_get_ns(), &a))
		tcpx_act(sk, NULL, &a);
}

/**
 * tcpx_abort_repaired() - ABORT in repair mode: the peer is not told
 * @sk: locked, not CLOSED
 *
 * Context: process; see tcpx_act().
 */
__cold void tcpx_abort_repaired(struct sock *sk)
{
	struct tcpx_actions a;

	tcpx_repair_abort(&tcpx_sk(sk)->tcb, ktime_get_ns(), &a);
	tcpx_act(sk, NULL, &a);
}

/**
 * tcpx_report_soft() - tell the user of an error that does not end the connection
 * @sk: locked
 * @err: positive errno
 *
 * RFC 9293, 3.9.1.8 (MUST-47): SO_ERROR gives it, once, unless the path works again by
 * then; with IP_RECVERR it is reported at once (SHLD-20: off by default).
 *
 * Context: process or softirq.
 */
__cold void tcpx_report_soft(struct sock *sk, int err)
{
	if (tcpx_sk(sk)->family->recverr(sk) && !sock_owned_by_user(sk)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, err);
	}
}
