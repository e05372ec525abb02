// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open: RFC 7413.
 *
 * A server gives out cookies, a keyed hash of both addresses.  A SYN that brings one
 * back is not spoofed, so its payload is delivered, and answered, one round trip
 * earlier.  The connection is a socket from then on, in SYN-RECEIVED; TCP_FASTOPEN
 * bounds how many of these a listener has.
 *
 * A client remembers (net/fastopen.c) the cookie and the MSS of each destination, and
 * puts into the SYN as much payload as fits.  What the SYN,ACK does not acknowledge
 * is sent again like any payload; a SYN that is sent again has neither payload nor
 * cookie.
 */
#include <linux/slab.h>
#include <linux/tcp.h>

#include "../net/mib.h"
#include "../tcpx_compat.h"
#include "fastopen.h"
#include "sock.h"

/* A RST frees its slot only after this: the victim of a spoofer may have sent it */
#define TCPX_FO_RESET_NS	(60ULL * NSEC_PER_SEC)
/* RFC 7413, 4.1.3.1: after so many lost SYNs with the option a pause, doubled each time */
#define TCPX_FO_LOSSES		2
#define TCPX_FO_LOSS_NS		(60ULL * NSEC_PER_SEC)
#define TCPX_FO_MAX_SHIFT	6

/* A client without an answer asks once with the experimental kind, for older servers */
enum { TCPX_FO_ASK, TCPX_FO_ASK_EXP, TCPX_FO_ASK_AGAIN };

static struct tcpx_fo_net *tcpx_fo_net(const struct sock *sk)
{
	return &tcpx_sk_net(sk)->fo;
}

/* --- keys and cookies --- */

/* RFC 7413, 4.1.2: servers that share a key make the same cookie */
static void tcpx_fo_make(const struct tcpx_tuple *tuple, const siphash_key_t *key,
			 struct tcpx_fo_cookie *cookie)
{
	__le64 hash = cpu_to_le64(tcpx_tuple_hash_addrs(tuple, key));

	BUILD_BUG_ON(sizeof(hash) != TCPX_FO_COOKIE_LEN);
	cookie->len = sizeof(hash);
	memcpy(cookie->val, &hash, sizeof(hash));
}

static const struct tcpx_fo_keys *tcpx_fo_keys(const struct sock *sk)
{
	return rcu_dereference(tcpx_sk(sk)->fo_keys) ?: rcu_dereference(tcpx_fo_net(sk)->keys);
}

/* Which of our keys made the cookie in @o: 0, 1, or -1: none; @cookie takes a new one */
static int tcpx_fo_check(const struct sock *lsk, const struct tcpx_tuple *tuple,
			 const struct tcpx_opts *o, struct tcpx_fo_cookie *cookie)
{
	const struct tcpx_fo_keys *keys = tcpx_fo_keys(lsk);
	struct tcpx_fo_cookie mine;
	int i;

	tcpx_fo_make(tuple, &keys->key[0], cookie);
	cookie->exp = o->fo.exp;
	for (i = 0; i < keys->nr; i++) {
		tcpx_fo_make(tuple, &keys->key[i], &mine);
		if (o->has & TCPX_HAS_FASTOPEN && o->fo.len == mine.len &&
		    !memcmp(o->fo.val, mine.val, mine.len))
			return i;
	}
	return -1;
}

/* --- the server --- */

static bool tcpx_fo_take_slot(struct tcpx_fo_queue *q, u64 now)
{
	bool ok;

	spin_lock(&q->lock);
	if (q->reset && now - q->reset_at >= TCPX_FO_RESET_NS) {
		q->pending -= q->reset;
		q->reset = 0;
	}
	ok = q->pending < q->max;
	q->pending += ok;
	spin_unlock(&q->lock);
	return ok;
}

static void tcpx_fo_put_slot(struct tcpx_fo_queue *q, bool reset, u64 now)
{
	spin_lock_bh(&q->lock);
	if (reset) {
		q->reset++;
		q->reset_at = now;
	} else {
		q->pending--;
	}
	spin_unlock_bh(&q->lock);
}

static void tcpx_fo_put_queue(struct tcpx_fo_queue *q)
{
	if (q && refcount_dec_and_test(&q->refs))
		kfree(q);
}

/**
 * tcpx_fastopen_judge() - what may a SYN do at a listener?  RFC 7413, 4.2.2
 * @lsk: the listener
 * @tuple: the SYN's
 * @syn: the SYN
 * @route: metrics of the route to the peer
 * @now: ns
 * @cookie: takes the cookie that is to be given
 *
 * With TAKE a slot of the queue is taken, and has to be given to a child with
 * tcpx_fastopen_child(), or back with tcpx_fastopen_refused().
 *
 * Context: softirq, rcu_read_lock(), the listener's lock.
 * Return: the verdict.
 */
enum tcpx_fo_verdict tcpx_fastopen_judge(struct sock *lsk, const struct tcpx_tuple *tuple,
					 const struct tcpx_seg *syn,
					 const struct tcpx_route *route, u64 now,
					 struct tcpx_fo_cookie *cookie)
{
	struct tcpx_fo_queue *q = READ_ONCE(tcpx_sk(lsk)->fo_queue);
	u32 flags = READ_ONCE(tcpx_fo_net(lsk)->flags);
	bool option = syn->opt.has & TCPX_HAS_FASTOPEN, known;
	struct net *net = sock_net(lsk);
	int key;

	if (option && !syn->opt.fo.len)
		tcpx_mib_inc(net, TCPX_MIB_FASTOPEN_COOKIE_REQD);
	if (!(flags & TCPX_FO_SERVER) || (!option && !syn->len) || !q || !q->max)
		return TCPX_FO_NONE;
	key = tcpx_fo_check(lsk, tuple, &syn->opt, cookie);
	known = key >= 0 || flags & TCPX_FO_SERVER_NO_COOKIE || tcpx_sk(lsk)->fo_no_cookie ||
		route->fastopen_no_cookie;
	if (known && tcpx_fo_take_slot(q, now))
		return key > 0 ? TCPX_FO_TAKE_GIVE : TCPX_FO_TAKE;
	if (known)
		tcpx_mib_inc(net, TCPX_MIB_FASTOPEN_OVERFLOW);
	else if (option && syn->opt.fo.len)
		tcpx_mib_inc(net, TCPX_MIB_FASTOPEN_PASSIVE_FAIL);
	return option && !known ? TCPX_FO_GIVE : TCPX_FO_NONE;
}

/**
 * tcpx_fastopen_child() - the slot of tcpx_fastopen_judge() passes to a child
 * @lsk: the listener
 * @child: locked
 * @cookie: to be given; of length 0: none
 *
 * Context: softirq, the listener's lock.
 */
void tcpx_fastopen_child(struct sock *lsk, struct sock *child,
			 const struct tcpx_fo_cookie *cookie)
{
	struct tcpx_sock *tsk = tcpx_sk(child);

	tsk->fo_slot = tcpx_sk(lsk)->fo_queue;
	refcount_inc(&tsk->fo_slot->refs);
	tsk->fo_cookie = *cookie;
	tsk->fo_option = cookie->len;
	tcpx_mib_inc(sock_net(lsk), TCPX_MIB_FASTOPEN_PASSIVE);
}

/**
 * tcpx_fastopen_refused() - the child could not be made: give the slot back
 * @lsk: the listener
 *
 * Context: softirq, the listener's lock.
 */
void tcpx_fastopen_refused(struct sock *lsk)
{
	tcpx_fo_put_slot(tcpx_sk(lsk)->fo_queue, false, 0);
	tcpx_mib_inc(sock_net(lsk), TCPX_MIB_FASTOPEN_PASSIVE_FAIL);
}

static void tcpx_fo_release(struct sock *sk, bool reset)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (!tsk->fo_slot)
		return;
	tcpx_fo_put_slot(tsk->fo_slot, reset, ktime_get_ns());
	tcpx_fo_put_queue(tsk->fo_slot);
	tsk->fo_slot = NULL;
}

/**
 * tcpx_fastopen_established() - the handshake is complete: the slot is free
 * @sk: locked, has a slot
 *
 * Context: process or softirq.
 */
void tcpx_fastopen_established(struct sock *sk)
{
	tcpx_fo_release(sk, false);
}

/**
 * tcpx_fastopen_done() - the TCB is deleted: the slot is free, at once or later
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_fastopen_done(struct sock *sk)
{
	struct tcpx_fo_net *fo = tcpx_fo_net(sk);
	struct tcpx_sock *tsk = tcpx_sk(sk);

	/* RFC 7413, 5.1: RSTs from the victims of a flood must not make room for more */
	tcpx_fo_release(sk, sk->sk_err != ETIMEDOUT);
	tcpx_set_defer_connect(sk, false);
	/* It has carried payload both ways: the path is no black hole */
	if (tsk->fo_asked && tsk->bytes_received && READ_ONCE(fo->holes))
		WRITE_ONCE(fo->holes, 0);
}

/* --- the client --- */

/* A middlebox swallows Fast Open connections: open none for a while */
static bool tcpx_fo_black_hole(const struct tcpx_fo_net *fo, u64 now)
{
	u32 holes = READ_ONCE(fo->holes);
	u64 wait;

	if (!holes || !READ_ONCE(fo->blackhole_secs))
		return false;
	wait = (u64)fo->blackhole_secs << min_t(u32, holes - 1, TCPX_FO_MAX_SHIFT);
	return now - READ_ONCE(fo->hole_at) < wait * NSEC_PER_SEC;
}

static bool tcpx_fo_cookie_needed(const struct sock *sk)
{
	return !(READ_ONCE(tcpx_fo_net(sk)->flags) & TCPX_FO_CLIENT_NO_COOKIE) &&
	       !tcpx_sk(sk)->fo_no_cookie && !tcpx_sk(sk)->tcb.route.fastopen_no_cookie;
}

/**
 * tcpx_fastopen_prepare() - what may the SYN carry?
 * @sk: locked, its 4-tuple known; takes the answer in fo_option and fo_cookie
 *
 * Context: process.
 * Return: bytes of payload that fit, or 0: none may go.
 */
u32 tcpx_fastopen_prepare(struct sock *sk)
{
	struct tcpx_fo_net *fo = tcpx_fo_net(sk);
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u64 now = ktime_get_ns();
	struct tcpx_fo_entry *e;
	u32 mss = tsk->family->default_mss;
	bool lossy = false;

	tsk->fo_option = false;
	tsk->fo_cookie = (struct tcpx_fo_cookie){ };
	if (tsk->tcb.md5)
		return 0;
	spin_lock_bh(&fo->lock);
	e = tcpx_fo_find(fo, &tsk->node.tuple);
	if (e) {
		tsk->fo_cookie = e->cookie;
		if (!e->cookie.len)
			tsk->fo_cookie.exp = e->kind_asked == TCPX_FO_ASK_EXP;
		mss = e->mss ?: mss;
		lossy = e->losses >= TCPX_FO_LOSSES &&
			now - e->lost_at < TCPX_FO_LOSS_NS << min_t(u8, e->losses,
								    TCPX_FO_MAX_SHIFT);
	}
	spin_unlock_bh(&fo->lock);
	if (lossy || tcpx_fo_black_hole(fo, now))
		return 0;
	/* RFC 7413, 4.1.3: the MSS includes options, and a SYN has up to 40 bytes of them */
	mss = min3(mss, (u32)tsk->tcb.adv_mss, (u32)tsk->tcb.pmtu.path) - TCPX_MAX_OPT_LEN;
	if (!tcpx_fo_cookie_needed(sk)) {
		tsk->fo_cookie.len = 0;
		return mss;
	}
	tsk->fo_option = true;
	tsk->fo_asked = true;
	if (tsk->fo_cookie.len)
		return mss;
	tsk->fo_fail = TFO_COOKIE_UNAVAILABLE;
	return 0;
}

/**
 * tcpx_fastopen_defers() - is a connect() to wait for the first payload?
 * @sk: locked, its 4-tuple known, about to send its SYN
 *
 * With TCP_FASTOPEN_CONNECT it is if there is a cookie; else its SYN asks for one.
 *
 * Context: process.
 * Return: true if it is.
 */
bool tcpx_fastopen_defers(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (tsk->fo_sending)
		return true;
	if (!tsk->fo_connect || !(READ_ONCE(tcpx_fo_net(sk)->flags) & TCPX_FO_CLIENT))
		return false;
	return tcpx_fastopen_prepare(sk);
}

/* Keep the cookie of a SYN,ACK; or, if it has none, how to ask the next time */
static void tcpx_fo_remember_cookie(struct tcpx_fo_entry *e, const struct tcpx_sock *tsk,
				    const struct tcpx_opts *o)
{
	u8 next = tsk->fo_cookie.exp ? TCPX_FO_ASK_AGAIN : TCPX_FO_ASK_EXP;

	if (o->has & TCPX_HAS_FASTOPEN && o->fo.len)
		e->cookie = o->fo;
	else if (!tsk->fo_cookie.len && !tsk->total_retrans && !e->cookie.len)
		e->kind_asked = max(e->kind_asked, next);
}

/* RFC 7413, 4.1.3: what a SYN,ACK tells for the next time */
static void tcpx_fo_remember(struct sock *sk, const struct tcpx_opts *o, bool lost)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_fo_net *fo = tcpx_fo_net(sk);
	struct tcpx_fo_entry *e;

	spin_lock_bh(&fo->lock);
	e = tcpx_fo_find_or_add(fo, &tsk->node.tuple);
	if (e) {
		e->mss = tsk->tcb.peer_mss;
		if (tsk->fo_asked)
			tcpx_fo_remember_cookie(e, tsk, o);
		e->losses = lost ? e->losses + (e->losses < U8_MAX) : 0;
		if (lost)
			e->lost_at = ktime_get_ns();
	}
	spin_unlock_bh(&fo->lock);
}

/**
 * tcpx_fastopen_synack() - the SYN,ACK has come: learn from it for the next time
 * @sk: locked; the state machine has heard the segment, its actions are not done yet
 * @seg: the SYN,ACK
 *
 * Context: process or softirq.
 */
__cold void tcpx_fastopen_synack(struct sock *sk, const struct tcpx_seg *seg)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	bool again = tsk->total_retrans, acked = tsk->tcb.syn_data_acked;
	bool cookie = seg->opt.has & TCPX_HAS_FASTOPEN && seg->opt.fo.len;

	if (tsk->fo_asked || tsk->fo_data)
		tcpx_fo_remember(sk, &seg->opt, again && !cookie && !acked);
	if (!tsk->fo_data)
		return;
	if (acked) {
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_FASTOPEN_ACTIVE);
		return;
	}
	tsk->fo_fail = again ? TFO_SYN_RETRANSMITTED : TFO_DATA_NOT_ACKED;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_FASTOPEN_ACTIVE_FAIL);
}

/**
 * tcpx_fastopen_timeout() - the retransmission timer has fired
 * @sk: locked
 * @expired: for the last time: R2 is reached
 *
 * If the SYN asked for Fast Open, the third time-out in a row, or R2 before that, is
 * taken as a sign of a middlebox that swallows such connections.
 *
 * Context: process or softirq.
 */
__cold void tcpx_fastopen_timeout(struct sock *sk, bool expired)
{
	struct tcpx_fo_net *fo = tcpx_fo_net(sk);
	u8 shift = tcpx_sk(sk)->tcb.rexmt_shift;

	if (!tcpx_sk(sk)->fo_asked || (shift != 3 && !(expired && shift < 3)) ||
	    !READ_ONCE(fo->blackhole_secs))
		return;
	tcpx_mib_inc(sock_net(sk), TCPX_MIB_FASTOPEN_BLACK_HOLE);
	WRITE_ONCE(fo->hole_at, ktime_get_ns());
	WRITE_ONCE(fo->holes, fo->holes + 1);
}

/**
 * tcpx_fastopen_destroy() - free what a socket holds for Fast Open
 * @sk: no longer used, but perhaps by readers under RCU
 *
 * Context: any but hard interrupt.
 */
void tcpx_fastopen_destroy(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_fo_keys *keys = rcu_dereference_protected(tsk->fo_keys, true);

	tcpx_fo_release(sk, true);
	tcpx_fo_put_queue(tsk->fo_queue);
	tsk->fo_queue = NULL;
	RCU_INIT_POINTER(tsk->fo_keys, NULL);
	if (keys)
		kfree_rcu(keys, rcu);
}
