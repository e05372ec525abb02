/* SPDX-License-Identifier: GPL-2.0 */
/* The receive buffer: what there is room for, what may be offered of it. */
#ifndef _TCPX_PATH_RCVBUF_H
#define _TCPX_PATH_RCVBUF_H

#include "../core/rcvbuf.h"
#include "../core/window.h"
#include "sock.h"

/* The most that may be offered: the user's choice, or the route's; bytes */
static inline u32 tcpx_rcv_clamp(const struct sock *sk, const struct tcpx_route *route)
{
	return tcpx_sk(sk)->window_clamp ?: route->window ?: TCPX_MAX_WINDOW;
}

/* What of the receive buffer's memory may be offered, as bytes of payload */
static inline u32 tcpx_rcv_data(const struct sock *sk, u32 memory)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 data = tcpx_rcvbuf_data(&tsk->tcb, memory, sk->sk_userlocks & SOCK_RCVBUF_LOCK);

	return min(data, tcpx_rcv_clamp(sk, &tsk->tcb.route));
}

/* Bytes of payload that the receive buffer holds */
static inline u32 tcpx_rcv_total(const struct sock *sk)
{
	return tcpx_rcv_data(sk, READ_ONCE(sk->sk_rcvbuf));
}

/* Bytes of payload that it still takes; both numbers may be next to INT_MAX */
static inline u32 tcpx_rcv_space(const struct sock *sk)
{
	u32 used = atomic_read(&sk->sk_rmem_alloc), size = READ_ONCE(sk->sk_rcvbuf);
	u32 space = tcpx_rcv_data(sk, size > used ? size - used : 0);
	u32 limit = tcpx_sk(sk)->tcb.rcvbuf.limit;

	if (limit)
		space = min(space, limit);
	/* When memory is short for all, what was promised is used up first */
	if (sk_under_memory_pressure(sk))
		space = min_t(u32, space, 4 * tcpx_sk(sk)->tcb.adv_mss);
	return space;
}

static inline bool tcpx_rcv_over(const struct sock *sk)
{
	return (u32)atomic_read(&sk->sk_rmem_alloc) > (u32)READ_ONCE(sk->sk_rcvbuf);
}

/*
 * RFC 7323, 2.3: the shift for what may once be offered, @clamp at most.  A buffer
 * that the user has fixed does not grow, and may be smaller than a unit of what
 * could.
 */
static inline u8 tcpx_rcv_scale(const struct sock *sk, u32 clamp)
{
	const struct tcpx_net *tn = tcpx_sk_net(sk);
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	u32 space = max_t(u32, READ_ONCE(sk->sk_rcvbuf), fixed ? 0 : READ_ONCE(tn->rmem[2]));

	return tn->conf.window_scaling ? tcpx_wnd_scale(min(space, clamp)) : 0;
}

bool tcpx_readable(const struct sock *sk);
void tcpx_data_ready(struct sock *sk);
void tcpx_read_done(struct sock *sk);
void tcpx_tune_rcvbuf(struct sock *sk);

#endif /* _TCPX_PATH_RCVBUF_H */
