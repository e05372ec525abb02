/* SPDX-License-Identifier: GPL-2.0 */
/* The receive buffer: what it has room for, and what window may be offered. */
#ifndef _TCPX_PATH_RCV_SPACE_H
#define _TCPX_PATH_RCV_SPACE_H

#include "../core/rcvbuf.h"
#include "../core/window.h"
#include "../tcpx_compat.h"
#include "sock.h"

/**
 * tcpx_rcv_clamp() - the largest window that may be offered
 * @sk: the socket, or its listener
 * @route: the connection's
 *
 * TCP_WINDOW_CLAMP, or the route's limit.
 *
 * Context: any.
 * Return: bytes.
 */
static inline u32 tcpx_rcv_clamp(const struct sock *sk, const struct tcpx_route *route)
{
	return tcpx_sk(sk)->window_clamp ?: route->window ?: TCPX_MAX_WINDOW;
}

/* Bytes of payload that may be offered for @memory bytes of the receive buffer */
static inline u32 tcpx_rcv_data(const struct sock *sk, u32 memory)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 data = tcpx_rcvbuf_data(&tsk->tcb, memory, sk->sk_userlocks & SOCK_RCVBUF_LOCK);

	return min(data, tcpx_rcv_clamp(sk, &tsk->tcb.route));
}

/**
 * tcpx_rcv_total() - the capacity of the receive buffer
 * @sk: locked, or a listener
 *
 * Context: any.
 * Return: bytes of payload.
 */
static inline u32 tcpx_rcv_total(const struct sock *sk)
{
	return tcpx_rcv_data(sk, READ_ONCE(sk->sk_rcvbuf));
}

/* Bytes of memory that are left; both numbers may be close to INT_MAX */
static inline u32 tcpx_rcv_free(const struct sock *sk)
{
	u32 used = atomic_read(&sk->sk_rmem_alloc), size = READ_ONCE(sk->sk_rcvbuf);

	return size > used ? size - used : 0;
}

/**
 * tcpx_rcv_packed() - the room that is left, if what arrives is packed
 * @sk: the socket
 *
 * Context: any.
 * Return: bytes of payload.
 */
static inline u32 tcpx_rcv_packed(const struct sock *sk)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	u32 room = min_t(u64, (u64)tcpx_rcv_free(sk) * TCPX_RCV_PACKED >> 8, TCPX_MAX_WINDOW);

	if (sk_under_memory_pressure(sk))
		room = min_t(u32, room, 4 * tcb->adv_mss);
	return min(room, tcpx_rcv_clamp(sk, &tcb->route));
}

/**
 * tcpx_rcv_space() - the room that is left in the receive buffer
 * @sk: the socket
 *
 * Context: any.
 * Return: bytes of payload.
 */
static inline u32 tcpx_rcv_space(const struct sock *sk)
{
	u32 space = tcpx_rcv_data(sk, tcpx_rcv_free(sk));
	u32 limit = tcpx_sk(sk)->tcb.rcvbuf.limit;

	if (limit)
		space = min(space, limit);
	/* When memory is short for all sockets no more is promised than a few segments */
	if (sk_under_memory_pressure(sk))
		space = min_t(u32, space, 4 * tcpx_sk(sk)->tcb.adv_mss);
	return space;
}

/**
 * tcpx_rcv_over() - does the receive queue take more memory than SO_RCVBUF allows?
 * @sk: locked
 *
 * Context: any.
 * Return: true if it does.
 */
static inline bool tcpx_rcv_over(const struct sock *sk)
{
	return (u32)atomic_read(&sk->sk_rmem_alloc) > (u32)READ_ONCE(sk->sk_rcvbuf);
}

/**
 * tcpx_rcv_scale() - the window scale to offer: RFC 7323, 2.3
 * @sk: locked, or a listener
 * @clamp: the largest window that will be offered, bytes
 *
 * Enough for the largest size that the buffer may grow to.  A buffer that SO_RCVBUF
 * has fixed does not grow, and may be smaller than one unit of a larger scale.
 *
 * Context: any.
 * Return: the shift count.
 */
static inline u8 tcpx_rcv_scale(const struct sock *sk, u32 clamp)
{
	const struct tcpx_net *tn = tcpx_sk_net(sk);
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	u32 space = max_t(u32, READ_ONCE(sk->sk_rcvbuf), fixed ? 0 : READ_ONCE(tn->rmem[2]));

	return tn->conf.window_scaling ? tcpx_wnd_scale(min(space, clamp)) : 0;
}

#endif /* _TCPX_PATH_RCV_SPACE_H */
