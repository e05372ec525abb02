// SPDX-License-Identifier: GPL-2.0
/*
 * Below the socket: how much the host's own queues (queueing discipline, device) hold of a
 * connection, and when fq lets it go.  The rate itself is core/pace.c's.
 */
#include <net/sock.h>

#include "../core/pace.h"
#include "../net/trace.h"
#include "../tcpx_compat.h"
#include "host_queue.h"
#include "later.h"
#include "skb.h"
#include "sock.h"

/**
 * tcpx_unthrottle() - has an skb left the host? Go on sending if its queues were full
 * @sk: locked, or an skb of it is being freed, and still counts in sk_wmem_alloc
 * @leaves: bytes that are about to leave sk_wmem_alloc
 *
 * Context: any, so the socket is left to softirq.
 */
void tcpx_unthrottle(struct sock *sk, u32 leaves)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (likely(!test_bit(TCPX_THROTTLED, &tsk->deferred)) ||
	    refcount_read(&sk->sk_wmem_alloc) - leaves >= READ_ONCE(tsk->throttled_at))
		return;
	if (test_and_clear_bit(TCPX_THROTTLED, &tsk->deferred))
		tcpx_do_later(sk, TCPX_OUTPUT_WAITS);
}

/* A segment has left the host */
static void tcpx_wfree(struct sk_buff *skb)
{
	tcpx_unthrottle(skb->sk, skb->truesize);
	sock_wfree(skb);
}

/**
 * tcpx_own() - a segment belongs to a socket, which is told when it has left
 * @sk: locked
 * @skb: the segment, about to leave
 *
 * When what is several segments is cut, the last of them counts for all, provided that
 * sock_wfree() is what frees it; that calls sk_write_space() (sock/socket.c) unless the flag
 * is set.  Nor does netem leave an skb its socket otherwise, which a time stamp is for.
 *
 * Context: process or softirq.
 */
void tcpx_own(struct sock *sk, struct sk_buff *skb)
{
	skb_set_owner_w(skb, sk);
	if (!skb_is_gso(skb) && !(skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP))
		skb->destructor = tcpx_wfree;
	else if (sock_flag(sk, SOCK_USE_WRITE_QUEUE))
		sock_reset_flag(sk, SOCK_USE_WRITE_QUEUE);
}

/**
 * tcpx_own_last() - of an skb that was cut the last part counts for all of it
 * @skb: that part, of a socket of tcpx's
 *
 * It is freed like any other segment from here on.  By sock_wfree() veth would know it
 * from the others, and GRO behind that not merge it, and let the next ones overtake it.
 *
 * Context: any.
 */
void tcpx_own_last(struct sk_buff *skb)
{
	if (skb->destructor == sock_wfree)
		skb->destructor = tcpx_wfree;
}

/* What TCP_TX_DELAY holds back is in the host's queues as well: twice that, for bursts */
static u32 tcpx_limit_held_back(const struct sock *sk, u32 limit)
{
	u64 rate = min_t(u64, READ_ONCE(sk->sk_pacing_rate), U32_MAX);

	/* a second has 2^20 us, roughly */
	return min_t(u64, limit + (rate * tcpx_sk(sk)->tx_delay >> 19), INT_MAX);
}

/**
 * tcpx_hold_back() - TCP_TX_DELAY: fq keeps a segment for that long
 * @skb: the segment, perhaps with a time that it is to leave at
 * @delay: us
 *
 * Without fq it leaves at once.
 *
 * Context: process or softirq.
 */
void tcpx_hold_back(struct sk_buff *skb, u32 delay)
{
	u64 at = max_t(u64, skb->tstamp, ktime_get_ns());

	skb_set_delivery_time(skb, at + (u64)delay * NSEC_PER_USEC, true);
}

/* Two segments: less would leave the device idle; bytes of memory */
static u32 tcpx_host_queue_least(const struct sock *sk)
{
	return 2 * SKB_TRUESIZE(tcpx_sk(sk)->tcb.snd_mss + TCPX_MAX_HEADER);
}

/**
 * tcpx_host_queue_room() - what the host's own queues still take
 * @sk: locked, its pacing rate that of now; tcpx_unthrottle() goes on with it if they are full
 *
 * They need to hold no more than what leaves in a millisecond, or two segments: more would
 * only be delay.
 *
 * Context: process or softirq.
 * Return: bytes; 0: they are full.
 */
u32 tcpx_host_queue_room(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 limit = READ_ONCE(tcpx_sk_net(sk)->limit_output_bytes);
	u64 rate = READ_ONCE(sk->sk_pacing_rate) >> READ_ONCE(sk->sk_pacing_shift);
	u32 queued;

	limit = clamp_t(u64, rate, tcpx_host_queue_least(sk), max_t(u32, limit, 1));
	if (unlikely(tsk->tx_delay))
		limit = tcpx_limit_held_back(sk, limit);
	queued = refcount_read(&sk->sk_wmem_alloc);
	if (queued <= limit)
		return limit - queued + 1;
	WRITE_ONCE(tsk->throttled_at, queued);
	set_bit(TCPX_THROTTLED, &tsk->deferred);
	smp_mb__after_atomic();	/* pairs with tcpx_write_space(): it may have drained */
	queued = refcount_read(&sk->sk_wmem_alloc);
	return queued <= limit ? limit - queued + 1 : 0;
}

/**
 * tcpx_host_takes_one() - do the queues take a segment more, whatever the pacing rate?
 * @sk: locked
 *
 * Most often so, and then that need not be worked out for it.
 *
 * Context: process or softirq.
 * Return: true if so; else tcpx_host_queue_room() has to be asked.
 */
bool tcpx_host_takes_one(const struct sock *sk)
{
	return refcount_read(&sk->sk_wmem_alloc) <=
	       min_t(u32, tcpx_host_queue_least(sk),
		     READ_ONCE(tcpx_sk_net(sk)->limit_output_bytes));
}

/**
 * tcpx_pace_mode() - how is the connection paced, if at all: by fq, or by its own timer?
 * @sk: locked; its TCB is told
 *
 * Context: process or softirq.
 */
void tcpx_pace_mode(struct sock *sk)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 status = READ_ONCE(sk->sk_pacing_status);
	const struct tcpx_cong_ops *ops = tcb->cong.ops;

	tcb->max_pacing_rate = READ_ONCE(sk->sk_max_pacing_rate);
	/* 0 is unlimited as well: at that rate nothing would ever leave */
	if (!tcb->max_pacing_rate || tcb->max_pacing_rate == ~0UL)
		tcb->max_pacing_rate = TCPX_PACE_UNLIMITED;
	if (status == SK_PACING_FQ)
		tcb->pacing = TCPX_PACE_EDT;
	else if (status == SK_PACING_NEEDED || (ops && ops->flags & TCPX_CONG_PACED))
		tcb->pacing = TCPX_PACE_TIMER;
	else
		tcb->pacing = TCPX_PACE_OFF;
}

/**
 * tcpx_pace() - a segment with payload leaves a connection that is paced
 * @sk: locked
 * @skb: its payload; fq is told when it is to leave
 * @seg: its header
 * @now: ns
 *
 * Context: process or softirq.
 */
void tcpx_pace(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg, u64 now)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 headers = tcpx_sk(sk)->family->header_len + TCPX_HDR_LEN + tcpx_opt_len(&seg->opt);
	u64 at = tcpx_pace_sent(tcb, skb->len + headers * tcpx_seg_count(skb), now);

	if (tcb->pacing == TCPX_PACE_EDT)
		skb_set_delivery_time(skb, at, true);
}

/**
 * tcpx_pace_note() - sk_pacing_rate is that of now
 * @sk: locked
 *
 * It is kept for fq, and worked out for whoever else wants to know it.
 *
 * Context: process or softirq.
 */
void tcpx_pace_note(struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	/* Of what tcpx_pace_mode() has seen: nothing was sent yet */
	if (!tcb->max_pacing_rate)
		return;
	WRITE_ONCE(sk->sk_pacing_rate, min_t(u64, tcpx_pace_rate(tcb), ~0UL));
}

/**
 * tcpx_trace_cong() - what congestion control makes of an event: a tracepoint
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_trace_cong(struct sock *sk)
{
	if (!trace_tcpx_cong_enabled())
		return;
	tcpx_pace_note(sk);
	trace_tcpx_cong(&tcpx_sk(sk)->node.tuple, &tcpx_sk(sk)->tcb,
			READ_ONCE(sk->sk_pacing_rate));
}
