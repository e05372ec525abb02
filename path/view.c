// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator is shown of sockets, and of half-open and TIME-WAIT entries, which
 * are none.
 *
 * A view is a copy: it is taken under the lock of the chain that the socket or entry is in,
 * a few at a time, and shown when the lock is released.  The socket's own lock is not
 * taken, since its owner may hold it for as long as a page fault lasts.  So a view's numbers
 * may be of different moments, as those that Linux shows of TCP may.
 *
 * As everywhere in Linux a walk goes by position: what enters or leaves a chain between two
 * batches may move others, which then are missed, or seen twice.
 */
#include <linux/export.h>
#include <linux/sched.h>

#include "../core/ack.h"
#include "../core/deadline.h"
#include "../tcpx_compat.h"
#include "half_open.h"
#include "sock.h"
#include "table.h"
#include "timewait.h"
#include "view.h"

#define TCPX_VIEW_CWND	10	/* segments: RFC 6928, before there is a connection */

/* What is waited for; the first of these that is set is shown */
static const struct tcpx_shown_timer {
	u8 deadline;
	u8 timer;
} tcpx_shown_timers[] = {
	{ TCPX_T_REO,		TCPX_VIEW_REXMT },
	{ TCPX_T_TLP,		TCPX_VIEW_REXMT },
	{ TCPX_T_REXMT,		TCPX_VIEW_REXMT },
	{ TCPX_T_PERSIST,	TCPX_VIEW_PERSIST },
	{ TCPX_T_FIN_WAIT_2,	TCPX_VIEW_TIME_WAIT },
	{ TCPX_T_KEEP,		TCPX_VIEW_KEEP },
};

static void tcpx_view_timer(struct tcpx_view *view, const struct tcpx_tcb *tcb)
{
	u64 now = ktime_get_ns(), due;
	int i;

	for (i = 0; i < ARRAY_SIZE(tcpx_shown_timers); i++) {
		due = READ_ONCE(tcb->deadline[tcpx_shown_timers[i].deadline]);
		if (due == TCPX_NEVER)
			continue;
		view->timer = tcpx_shown_timers[i].timer;
		view->timer_left = due > now ? due - now : 0;
		return;
	}
}

/* FIN has a number as well, on which TCP counts, too */
static void tcpx_view_queues(struct tcpx_view *view, const struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (view->state == TCPX_LISTEN) {
		view->rqueue = READ_ONCE(sk->sk_ack_backlog);
		view->wqueue = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	view->rqueue = max_t(int, READ_ONCE(tcb->rcv_nxt) - READ_ONCE(tcb->copied_seq), 0);
	view->wqueue = max_t(int, READ_ONCE(tcb->write_seq) + READ_ONCE(tcb->fin_queued) -
				  READ_ONCE(tcb->snd_una), 0);
}

static int tcpx_view_ssthresh(const struct sock *sk, u32 mss)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_fo_queue *fo = READ_ONCE(tsk->fo_queue);
	u32 ssthresh = READ_ONCE(tsk->tcb.cong.ssthresh);

	if (inet_sk_state_load(sk) == TCP_LISTEN)
		return fo ? READ_ONCE(fo->max) : 0;
	return !tsk->tcb.cong.ops || ssthresh == TCPX_SSTHRESH_INF ? -1 : ssthresh / mss;
}

/* Under the lock of the socket's chain: a listener's Fast Open queue lives as long as that */
static void tcpx_view_windows(struct tcpx_view *view, const struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 mss = max_t(u32, READ_ONCE(tcb->snd_mss), 1);

	view->rto = tcpx_rexmt_interval(tcb);
	view->ato = READ_ONCE(tcb->last_data) ? TCPX_DELACK_MS * NSEC_PER_MSEC : 0;
	view->quick = READ_ONCE(tcb->quickacks);
	view->pingpong = READ_ONCE(tcb->pingpong);
	view->cwnd = tcb->cong.ops ? READ_ONCE(tcb->cong.cwnd) / mss : TCPX_VIEW_CWND;
	view->ssthresh = tcpx_view_ssthresh(sk, mss);
}

/* By what a walk chooses */
static void tcpx_view_sock(struct tcpx_view *view, struct sock *sk)
{
	*view = (struct tcpx_view){
		.object = sk, .kind = TCPX_KIND_SOCK, .family = READ_ONCE(sk->sk_family),
		.wire = tcpx_sk(sk)->wire, .state = inet_sk_state_load(sk),
		.laddr = tcpx_sk_laddr(sk), .raddr = tcpx_sk_raddr(sk),
		.lport = inet_sk(sk)->inet_sport, .rport = inet_sk(sk)->inet_dport,
		.dev = READ_ONCE(sk->sk_bound_dev_if), .mark = READ_ONCE(sk->sk_mark),
	};
}

static void tcpx_view_sock_rest(struct tcpx_view *view, struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	tcpx_view_timer(view, tcb);
	tcpx_view_queues(view, sk);
	view->rexmts = READ_ONCE(tcb->rexmt_shift);
	view->probes = READ_ONCE(tcb->probes_out);
	view->uid = sk_uid(sk);
	view->ino = sock_i_ino(sk);
	view->refs = refcount_read(&sk->sk_refcnt);
}

/* An entry; its listener lives as long as it is in the table */
static void tcpx_view_entry(struct tcpx_view *view, const struct tcpx_node *node)
{
	*view = (struct tcpx_view){
		.object = node, .kind = node->tuple.kind, .wire = node->tuple.wire,
		.laddr = tcpx_tuple_laddr(&node->tuple), .raddr = tcpx_tuple_raddr(&node->tuple),
		.lport = node->tuple.lport, .rport = node->tuple.rport,
		.dev = node->bound_dev_if, .refs = 1,
	};
	if (view->kind == TCPX_KIND_HALF_OPEN)
		tcpx_half_open_view(node, view);
	else
		tcpx_timewait_view(node, view);
}

static struct sock *tcpx_node_sock(struct tcpx_node *node)
{
	if (node->tuple.kind != TCPX_KIND_SOCK)
		return NULL;
	return &container_of(node, struct tcpx_sock, node)->inet.sk;
}

/* A batch of a walk is filled */
struct tcpx_visit {
	const struct tcpx_viewer *viewer;
	struct tcpx_walk *at;
	u32	seen;		/* of this chain */
	struct tcpx_view *views;
	int	max;
	int	nr;
};

static bool tcpx_view_wanted(const struct tcpx_viewer *viewer, const struct tcpx_view *view,
			     struct sock *sk)
{
	/* A socket is CLOSED here while its connect() begins */
	if (!(viewer->states & ~TCPF_CLOSE & 1U << view->state))
		return false;
	if (viewer->family != AF_UNSPEC && viewer->family != view->family)
		return false;
	return !viewer->take || viewer->take(view, sk, viewer->arg);
}

/* @sk is the socket, or NULL, and @node the entry */
static bool tcpx_visit_one(struct tcpx_visit *visit, struct sock *sk, struct tcpx_node *node)
{
	struct tcpx_view *view = &visit->views[visit->nr];
	const struct tcpx_walk at = *visit->at;

	if (visit->seen++ < at.nr)
		return true;
	visit->at->nr = visit->seen;
	if (!net_eq(sk ? sock_net(sk) : node->net, visit->viewer->net))
		return true;
	if (sk)
		tcpx_view_sock(view, sk);
	else
		tcpx_view_entry(view, node);
	if (!tcpx_view_wanted(visit->viewer, view, sk))
		return true;
	if (sk) {
		tcpx_view_sock_rest(view, sk);
		tcpx_view_windows(view, sk);
	}
	view->at = at;
	view->at.nr = visit->seen - 1;
	if (sk && visit->viewer->hold) {
		sock_hold(sk);
		view->sk = sk;
	}
	return ++visit->nr < visit->max;
}

static bool tcpx_visit_listener(struct sock *sk, void *arg)
{
	return tcpx_visit_one(arg, sk, NULL);
}

static bool tcpx_visit_node(struct tcpx_node *node, void *arg)
{
	return tcpx_visit_one(arg, tcpx_node_sock(node), node);
}

static bool tcpx_visit_chain(struct tcpx_visit *visit)
{
	const struct tcpx_walk *at = visit->at;

	visit->seen = 0;
	return at->conns ? tcpx_table_visit(at->slot, tcpx_visit_node, visit) :
	       tcpx_listener_visit(at->slot, tcpx_visit_listener, visit);
}

/**
 * tcpx_walk_next() - the next few of a namespace's sockets and entries
 * @at: where the walk stands; moved on
 * @viewer: what it is to find
 * @views: takes them; what @viewer holds is the caller's to put
 * @max: room in @views
 *
 * Context: process, may sleep.
 * Return: how many there are; 0 at the end.
 */
__visible __cold int tcpx_walk_next(struct tcpx_walk *at, const struct tcpx_viewer *viewer,
				    struct tcpx_view *views, int max)
{
	struct tcpx_visit visit = { .viewer = viewer, .at = at, .views = views, .max = max };

	if (!at->conns && !(viewer->states & TCPF_LISTEN))
		*at = (struct tcpx_walk){ .conns = true };
	while (!at->conns || viewer->states & ~TCPF_LISTEN) {
		if (!tcpx_visit_chain(&visit)) {
			if (at->conns)
				break;
			*at = (struct tcpx_walk){ .conns = true };
			continue;
		}
		if (visit.nr == max)
			break;
		at->slot++;
		at->nr = 0;
		cond_resched();
	}
	return visit.nr;
}
EXPORT_SYMBOL_GPL(tcpx_walk_next);

/**
 * tcpx_view_find() - look at what a segment would find
 * @net: namespace
 * @tuple: the 4-tuple
 * @dif: interface, or 0
 * @view: takes what is there; the reference to a socket is the caller's to put
 *
 * Context: process or softirq.
 * Return: 0 or -ENOENT.
 */
__visible __cold int tcpx_view_find(struct net *net, const struct tcpx_tuple *tuple, int dif,
				    struct tcpx_view *view)
{
	struct tcpx_node *node;
	struct sock *sk = NULL;
	int err = -ENOENT;

	rcu_read_lock();
	node = tcpx_table_lookup(net, tuple, dif, 0);
	if (node)
		sk = tcpx_node_sock(node);
	else
		sk = tcpx_listener_lookup(net, NULL, tuple, dif, 0);
	if (sk && refcount_inc_not_zero(&sk->sk_refcnt)) {
		tcpx_view_sock(view, sk);
		tcpx_view_sock_rest(view, sk);
		view->sk = sk;
		err = 0;
	} else if (node && !sk) {
		tcpx_view_entry(view, node);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(tcpx_view_find);

/**
 * tcpx_view_kill() - end a half-open or TIME-WAIT entry
 * @net: namespace
 * @tuple: the 4-tuple
 * @dif: interface, or 0
 *
 * Nothing is sent.
 *
 * Context: process.
 * Return: 0, or -ENOENT if there is no such entry.
 */
__visible __cold int tcpx_view_kill(struct net *net, const struct tcpx_tuple *tuple, int dif)
{
	struct tcpx_node *node;
	int err = -ENOENT;

	rcu_read_lock();
	node = tcpx_table_lookup(net, tuple, dif, 0);
	if (node && node->tuple.kind == TCPX_KIND_HALF_OPEN)
		err = tcpx_half_open_abort(node);
	else if (node && node->tuple.kind == TCPX_KIND_TIME_WAIT)
		err = tcpx_timewait_abort(node);
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(tcpx_view_kill);
