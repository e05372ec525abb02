// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT, small: RFC 9293, 3.6.1 (MUST-13).
 *
 * What is left of a connection for 2MSL is this entry, not a socket.  Segments for
 * it go through the same state machine as all others, on a TCB that is unpacked
 * from the entry each time.
 *
 * An entry is killed once, by the caller that took it out of the table.  Readers
 * may still look at it, so it is freed after an RCU grace period.
 *
 * Its deadline is set under tw->lock while the entry is not dead: when it is made,
 * and when the peer's FIN comes again.  Setting dead, under the same lock, is the end
 * of that.  It may have passed just then on another CPU, which finds that the entry
 * has left the table.
 */
#include "../core/segment.h"
#include "../core/sent.h"
#include "../core/window.h"
#include "../net/challenge.h"
#include "../net/mib.h"
#include "../net/trace.h"
#include "../net/tuple.h"
#include "../tcpx_compat.h"
#include "entry.h"
#include "expiry.h"
#include "family.h"
#include "life.h"
#include "md5.h"
#include "skb.h"
#include "sock.h"
#include "timewait.h"
#include "view.h"

/* What few connections have */
struct tcpx_timewait_extra {
	struct tcpx_ip_opt *opt;	/* what IP adds, or NULL */
	struct tcpx_md5_key *md5;	/* RFC 2385, or NULL */
	u32		tx_delay;
};

struct tcpx_timewait {
	struct tcpx_node node;
	struct tcpx_place *place;	/* the claim on the port */
	struct tcpx_expiry expiry;	/* 2MSL */
	spinlock_t	lock;		/* what follows, and setting @expiry */
	bool		dead;
	u8		reuse;		/* the claim's options */
	u8		rcv_wscale;
	u8		family;		/* the socket's own */
	u64		since;
	u64		ts_recent_stamp;
	u64		oow_last;
	u32		snd_nxt;
	u32		rcv_nxt;
	u32		rcv_wnd;
	u32		max_snd_wnd;
	u32		ts_recent;
	u32		ts_offset;
	u32		mark;
	u32		priority;
	u32		txhash;
	__be32		flow_label;
	u8		tos;
	bool		ts_ok;
	struct tcpx_timewait_extra *extra;	/* or NULL */
	struct tcpx_addrs6 addrs[];	/* IPv6: those of @node */
};

static struct tcpx_entry_cache tcpx_timewait_cache;
static struct tcpx_expiries tcpx_timewait_expiries;

static struct tcpx_timewait *tcpx_tw(struct tcpx_node *node)
{
	return container_of(node, struct tcpx_timewait, node);
}

static void tcpx_timewait_free_extra(struct tcpx_timewait_extra *extra)
{
	if (likely(!extra))
		return;
	kfree(extra->opt);
	kfree_sensitive(extra->md5);
	kfree(extra);
}

static void tcpx_timewait_free(struct rcu_head *rcu)
{
	struct tcpx_timewait *tw = container_of(rcu, struct tcpx_timewait, expiry.rcu);

	tcpx_timewait_free_extra(tw->extra);
	tcpx_entry_free(&tcpx_timewait_cache, &tw->node.tuple, tw);
}

/**
 * tcpx_timewait_kill() - end an entry that the caller took out of the table
 * @node: of kind TIME_WAIT
 *
 * Context: any but hard interrupt.
 */
void tcpx_timewait_kill(struct tcpx_node *node)
{
	struct tcpx_timewait *tw = tcpx_tw(node);

	spin_lock_bh(&tw->lock);
	tw->dead = true;
	spin_unlock_bh(&tw->lock);
	tcpx_expiry_clear(&tcpx_timewait_expiries, &tw->expiry);
	tcpx_port_put_tw(tw->place, tw->reuse);
	tcpx_quota_put(node->net, TCPX_QUOTA_TIME_WAIT);
	call_rcu(&tw->expiry.rcu, tcpx_timewait_free);
}

static void tcpx_timewait_passed(struct tcpx_expiry *expiry)
{
	struct tcpx_timewait *tw = container_of(expiry, struct tcpx_timewait, expiry);

	if (!tcpx_table_remove(&tw->node))
		return;
	trace_tcpx_state(&tw->node.tuple, TCPX_TIME_WAIT, TCPX_CLOSED,
			 TCPX_EV_TIME_WAIT_TIMEOUT);
	tcpx_timewait_kill(&tw->node);
}

static struct tcpx_expiries tcpx_timewait_expiries = { .passed = tcpx_timewait_passed };

/* tw->lock is held */
static void tcpx_timewait_start(struct tcpx_timewait *tw, u64 deadline)
{
	if (!tw->dead)
		tcpx_expiry_set(&tcpx_timewait_expiries, &tw->expiry, deadline);
}

static const struct tcpx_md5_key *tcpx_timewait_key(const struct tcpx_timewait *tw)
{
	return tw->extra ? tw->extra->md5 : NULL;
}

static void tcpx_timewait_pack(struct tcpx_timewait *tw, const struct tcpx_tcb *tcb)
{
	tw->snd_nxt = tcb->snd_nxt;
	tw->rcv_nxt = tcb->rcv_nxt;
	tw->rcv_wnd = tcb->rcv_wnd;
	tw->max_snd_wnd = min(tcb->max_snd_wnd, tcb->acked);
	tw->ts_ok = tcb->ts_ok;
	tw->ts_recent = tcb->ts_recent;
	tw->ts_recent_stamp = tcb->ts_recent_stamp;
	tw->ts_offset = tcb->ts_offset;
	tw->oow_last = tcb->oow_last;
	tw->rcv_wscale = tcb->rcv_wscale;
}

static void tcpx_timewait_unpack(const struct tcpx_timewait *tw, struct tcpx_tcb *tcb)
{
	tcpx_tcb_init(tcb, &tcpx_pernet(tw->node.net)->conf);
	tcb->state = TCPX_TIME_WAIT;
	tcb->syn_acked = true;
	tcb->snd_una = tw->snd_nxt;
	tcb->snd_nxt = tw->snd_nxt;
	tcb->write_seq = tw->snd_nxt - 1;
	tcb->fin_queued = true;
	tcb->rcv_nxt = tw->rcv_nxt;
	tcb->rcv_wnd = tw->rcv_wnd;
	tcb->last_ack_sent = tw->rcv_nxt;
	tcb->max_snd_wnd = tw->max_snd_wnd;
	tcb->acked = tw->max_snd_wnd;
	tcb->md5 = tcpx_timewait_key(tw);
	tcb->ts_ok = tw->ts_ok;
	tcb->ts_recent = tw->ts_recent;
	tcb->ts_recent_stamp = tw->ts_recent_stamp;
	tcb->ts_offset = tw->ts_offset;
	tcb->oow_last = tw->oow_last;
	tcb->rcv_wscale = tw->rcv_wscale;
}

/* What @sk's segments have that most have not; false: no memory, and @opt is freed */
static bool tcpx_timewait_add_extra(struct tcpx_timewait *tw, const struct sock *sk,
				    struct tcpx_ip_opt *opt)
{
	const struct tcpx_md5_key *key = tcpx_md5_key(sk, &tcpx_sk(sk)->node);
	u32 tx_delay = READ_ONCE(tcpx_sk(sk)->tx_delay);
	struct tcpx_timewait_extra *extra;

	if (likely(!opt && !key && !tx_delay))
		return true;
	extra = kzalloc(sizeof(*extra), GFP_ATOMIC | __GFP_NOWARN);
	if (!extra) {
		kfree(opt);
		return false;
	}
	extra->opt = opt;
	extra->tx_delay = tx_delay;
	if (tcpx_md5_copy(key, &extra->md5)) {
		tcpx_timewait_free_extra(extra);
		return false;
	}
	tw->extra = extra;
	return true;
}

static struct tcpx_timewait *tcpx_timewait_alloc(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct net *net = sock_net(sk);
	struct tcpx_timewait *tw;
	struct tcpx_way way = { };

	if (!tcpx_quota_take(net, TCPX_QUOTA_TIME_WAIT))
		goto over;
	tw = tcpx_entry_alloc(&tcpx_timewait_cache, &tsk->node.tuple, sk);
	if (!tw)
		goto over;
	memset(tw, 0, sizeof(*tw));
	spin_lock_init(&tw->lock);
	tcpx_expiry_setup(&tw->expiry);
	tsk->family->leave(sk, &way);
	tw->tos = way.tos;
	tw->flow_label = way.flow_label;
	if (tcpx_timewait_add_extra(tw, sk, way.opt))
		return tw;
	tcpx_entry_free(&tcpx_timewait_cache, &tsk->node.tuple, tw);
over:
	tcpx_quota_put(net, TCPX_QUOTA_TIME_WAIT);
	tcpx_mib_inc(net, TCPX_MIB_TIME_WAIT_OVERFLOW);
	return NULL;
}

/**
 * tcpx_timewait_enter() - an entry takes over from a socket
 * @sk: locked, its TCB in TIME-WAIT; afterwards it is CLOSED, and perhaps freed
 *
 * Without memory, or over max_tw_buckets, the connection is closed at once.
 *
 * Context: process or softirq; a caller without reference is in an RCU section.
 */
void tcpx_timewait_enter(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_timewait *tw = tcpx_timewait_alloc(sk);

	if (tw) {
		tcpx_node_init(&tw->node, TCPX_KIND_TIME_WAIT, sock_net(sk), &tsk->node.tuple,
			       tsk->node.bound_dev_if);
		tcpx_tuple_keep(&tw->node.tuple, tw->addrs);
		tcpx_timewait_pack(tw, &tsk->tcb);
		tw->since = ktime_get_ns();
		tw->family = sk->sk_family;
		tw->mark = READ_ONCE(sk->sk_mark);
		tw->priority = READ_ONCE(sk->sk_priority);
		tw->txhash = READ_ONCE(sk->sk_txhash);
		tw->place = tcpx_port_enter_tw(sk, &tw->reuse);
		tcpx_mib_inc(sock_net(sk), TCPX_MIB_TIME_WAITS);
		/* Once it is in the table it can be found, but not ended before it is complete */
		spin_lock_bh(&tw->lock);
		tcpx_table_replace(&tsk->node, &tw->node);
		tcpx_timewait_start(tw, tsk->tcb.deadline[TCPX_T_2MSL]);
		spin_unlock_bh(&tw->lock);
		__sock_put(sk);
	}
	tcpx_done(sk);
}

static void tcpx_timewait_ack(struct tcpx_timewait *tw, const struct tcpx_tcb *tcb,
			      const struct tcpx_arrival *in, const struct sk_buff *skb, u64 now)
{
	struct tcpx_seg ack = {
		.seq = tcb->snd_nxt, .ack = tcb->rcv_nxt, .flags = TCPX_ACK,
		.wnd = tcpx_wnd_field(tcb, false),
	};
	struct tcpx_way way = {
		.oif = tw->node.bound_dev_if, .mark = tw->mark, .priority = tw->priority,
		.txhash = tw->txhash, .tos = tw->tos,
		.uid = sock_net_uid(tw->node.net, NULL), .flow_label = tw->flow_label,
	};

	if (tw->extra) {
		way.opt = tw->extra->opt;
		way.tx_delay = tw->extra->tx_delay;
	}
	tcpx_send_opts(tcb, TCPX_ACK, now, &ack.opt);
	tcpx_opt_sign(&ack.opt, tcpx_timewait_key(tw));
	in->family->reply(in, skb, &ack, &way);
}

/**
 * tcpx_timewait_isn_floor() - the lowest ISS for the next incarnation
 * @node: of kind TIME_WAIT
 *
 * A fast connection uses up numbers faster than the clock of RFC 6528 ticks; this
 * is above all that the last incarnation has sent, by more than an unscaled window.
 *
 * Context: any.
 * Return: a sequence number, never 0.
 */
u32 tcpx_timewait_isn_floor(const struct tcpx_node *node)
{
	u32 floor = container_of(node, struct tcpx_timewait, node)->snd_nxt + 65537;

	return floor ?: 1;
}

/* RFC 6191 and RFC 1122, 4.2.2.13: the next incarnation begins above the last */
static bool tcpx_timewait_reopen(struct tcpx_timewait *tw, const struct tcpx_arrival *in,
				 struct sk_buff *skb)
{
	struct net *net = tw->node.net;

	if (!tcpx_listener_lookup(net, skb, &in->tuple, in->dif, in->sdif))
		return false;
	if (tcpx_table_remove(&tw->node)) {
		trace_tcpx_state(&tw->node.tuple, TCPX_TIME_WAIT, TCPX_CLOSED,
				 TCPX_EV_RCV_SYN);
		tcpx_mib_inc(net, TCPX_MIB_TIME_WAIT_REUSED);
		TCPX_SKB_CB(skb)->isn_floor = tcpx_timewait_isn_floor(&tw->node);
		tcpx_timewait_kill(&tw->node);
	}
	return true;
}

/**
 * tcpx_timewait_rcv() - a segment for a connection in TIME-WAIT
 * @in: the segment
 * @node: of kind TIME_WAIT
 * @skb: the segment; consumed unless true is returned
 *
 * Context: softirq, rcu_read_lock().
 * Return: true if the entry gave way and @skb is to be looked up again.
 */
bool tcpx_timewait_rcv(const struct tcpx_arrival *in, struct tcpx_node *node,
		       struct sk_buff *skb)
{
	struct tcpx_timewait *tw = tcpx_tw(node);
	u64 now = ktime_get_ns();
	struct tcpx_actions a;
	struct tcpx_seg seg;
	struct tcpx_tcb tcb __uninitialized;
	u8 drop = tcpx_md5_judge(in, skb, tcpx_timewait_key(tw));

	if (unlikely(drop)) {
		tcpx_discard(node->net, &node->tuple, skb, drop);
		return false;
	}
	tcpx_parse(skb, &seg);
	trace_tcpx_segment(false, &node->tuple, &seg, seg.len, TCPX_TIME_WAIT);
	spin_lock(&tw->lock);
	tcpx_timewait_unpack(tw, &tcb);
	tcpx_segment_arrives(&tcb, &seg, now, &a);
	tcpx_timewait_pack(tw, &tcb);
	if (a.todo & TCPX_DO_TIME_WAIT)
		tcpx_timewait_start(tw, tcb.deadline[TCPX_T_2MSL]);
	spin_unlock(&tw->lock);

	if (a.todo & TCPX_DO_REOPEN && tcpx_timewait_reopen(tw, in, skb))
		return true;
	if (a.todo & TCPX_DO_ACK ||
	    (a.todo & TCPX_DO_CHALLENGE && tcpx_challenge_allowed(node->net, now)))
		tcpx_timewait_ack(tw, &tcb, in, skb, now);
	if (a.todo & TCPX_DO_DELETE && tcpx_table_remove(node)) {
		trace_tcpx_state(&node->tuple, TCPX_TIME_WAIT, TCPX_CLOSED, TCPX_EV_RCV_RST);
		tcpx_timewait_kill(node);
	}
	tcpx_note_drop(node->net, &node->tuple, seg.seq, seg.flags, a.drop);
	tcpx_free_segment(skb, a.drop);
	return false;
}

/* net.tcpx.tw_reuse: 0: no, 1: always, 2: on loopback */
static bool tcpx_timewait_reuse(const struct tcpx_node *node)
{
	u8 reuse = READ_ONCE(tcpx_pernet(node->net)->reuse_time_wait);

	if (reuse != 2)
		return reuse;
	return node->bound_dev_if == LOOPBACK_IFINDEX || tcpx_tuple_loopback(&node->tuple);
}

/**
 * tcpx_timewait_replaceable() - may connect() take over this 4-tuple?
 * @node: the entry that has it, of any kind
 * @bound: bind() has chosen the port
 * @now: ns
 *
 * RFC 6191, 2: yes if timestamps tell the incarnations apart and the clock has
 * ticked since; a 4-tuple has one timestamp clock, so a tick is enough.  Where
 * connect() chooses the port net.tcpx.tw_reuse has to allow it as well.  A caller
 * that has bound a port has no other one, and TCP asks for no more either.
 *
 * Context: any.
 * Return: true if it may.
 */
bool tcpx_timewait_replaceable(const struct tcpx_node *node, bool bound, u64 now)
{
	const struct tcpx_timewait *tw = container_of(node, struct tcpx_timewait, node);

	if (node->tuple.kind != TCPX_KIND_TIME_WAIT || !tw->ts_ok)
		return false;
	if (!bound && !tcpx_timewait_reuse(node))
		return false;
	return now - tw->since > 2ULL << TCPX_TS_SHIFT;
}

/**
 * tcpx_timewait_abort() - an administrator ends an entry
 * @node: of kind TIME_WAIT
 *
 * Context: process, rcu_read_lock().
 * Return: 0, or -ENOENT if it has ended already.
 */
int tcpx_timewait_abort(struct tcpx_node *node)
{
	if (!tcpx_table_remove(node))
		return -ENOENT;
	trace_tcpx_state(&node->tuple, TCPX_TIME_WAIT, TCPX_CLOSED, TCPX_EV_ABORT);
	tcpx_timewait_kill(node);
	return 0;
}

/**
 * tcpx_timewait_view() - what an administrator is shown of an entry
 * @node: of kind TIME_WAIT
 * @view: takes what is an entry's own
 *
 * Context: rcu_read_lock(), or the lock of its chain.
 */
void tcpx_timewait_view(const struct tcpx_node *node, struct tcpx_view *view)
{
	const struct tcpx_timewait *tw = container_of(node, struct tcpx_timewait, node);

	view->family = tw->family;
	view->state = TCPX_TIME_WAIT;
	view->timer = TCPX_VIEW_TIME_WAIT;
	view->timer_left = tcpx_expiry_left(&tw->expiry);
	view->mark = tw->mark;
	view->uid = GLOBAL_ROOT_UID;
}

static void tcpx_timewait_purge_one(struct tcpx_node *node, struct net *net)
{
	if (node->tuple.kind == TCPX_KIND_TIME_WAIT && net_eq(node->net, net) &&
	    tcpx_table_remove(node))
		tcpx_timewait_kill(node);
}

/*
 * A namespace ends.  Between pre_exit and exit the kernel waits for RCU, so a timer
 * that fires now is done while the namespace still has its quotas.
 */
static void __net_exit tcpx_timewait_pre_exit(struct net *net)
{
	tcpx_table_purge(tcpx_timewait_purge_one, net);
}

static struct pernet_operations tcpx_timewait_ops = {
	.pre_exit = tcpx_timewait_pre_exit,
};

/**
 * tcpx_timewait_init() - entries may be made, and end with their namespace
 *
 * After tcpx_net_init(), and taken back before it: an entry counts in a quota of
 * its namespace until it ends.
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int tcpx_timewait_init(void)
{
	int err;

	err = tcpx_entry_cache_init(&tcpx_timewait_cache, &tcpx_timewait_expiries,
				    "tcpx_timewait", "tcpx_timewait6",
				    sizeof(struct tcpx_timewait));
	if (err)
		return err;
	err = register_pernet_subsys(&tcpx_timewait_ops);
	if (err)
		tcpx_entry_cache_exit(&tcpx_timewait_cache);
	return err;
}

/**
 * tcpx_timewait_exit() - end every entry; no segment comes any more
 *
 * Context: process.
 */
void tcpx_timewait_exit(void)
{
	unregister_pernet_subsys(&tcpx_timewait_ops);
	tcpx_entry_cache_exit(&tcpx_timewait_cache);
}
