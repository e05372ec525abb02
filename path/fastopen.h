/* SPDX-License-Identifier: GPL-2.0 */
/* TCP Fast Open (RFC 7413): of a listener and its children, of a client. */
#ifndef _TCPX_PATH_FASTOPEN_H
#define _TCPX_PATH_FASTOPEN_H

#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../net/fastopen.h"
#include "../tcpx_fsm.h"

struct sock;
struct tcpx_tuple;

/**
 * struct tcpx_fo_queue - the connections of a listener that Fast Open has opened
 * @refs: the listener's, and one of each connection
 * @lock: guards the rest
 * @max: TCP_FASTOPEN: limit of @pending
 * @pending: not yet ESTABLISHED
 * @reset: those of @pending that a RST has ended: their slots are not free yet
 * @reset_at: when the last of those was, ns
 */
struct tcpx_fo_queue {
	refcount_t refs;
	spinlock_t lock;	/* the rest */
	u32 max;
	u32 pending;
	u32 reset;
	u64 reset_at;
};

/* What a listener does with a SYN */
enum tcpx_fo_verdict {
	TCPX_FO_NONE,		/* an ordinary handshake: 3.10.7.2 */
	TCPX_FO_GIVE,		/* the same, with a cookie in the SYN,ACK */
	TCPX_FO_TAKE,		/* a child at once, with the payload */
	TCPX_FO_TAKE_GIVE,	/* the same, with a new cookie in the SYN,ACK */
};

enum tcpx_fo_verdict tcpx_fastopen_judge(struct sock *lsk, const struct tcpx_tuple *tuple,
					 const struct tcpx_seg *syn,
					 const struct tcpx_route *route, u64 now,
					 struct tcpx_fo_cookie *cookie);
void tcpx_fastopen_child(struct sock *lsk, struct sock *child,
			 const struct tcpx_fo_cookie *cookie);
void tcpx_fastopen_refused(struct sock *lsk);
void tcpx_fastopen_established(struct sock *sk);
void tcpx_fastopen_done(struct sock *sk);

u32 tcpx_fastopen_prepare(struct sock *sk);
bool tcpx_fastopen_defers(struct sock *sk);
void tcpx_fastopen_synack(struct sock *sk, const struct tcpx_seg *seg);
void tcpx_fastopen_timeout(struct sock *sk, bool expired);
void tcpx_fastopen_destroy(struct sock *sk);

#endif /* _TCPX_PATH_FASTOPEN_H */
