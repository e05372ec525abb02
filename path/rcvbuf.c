// SPDX-License-Identifier: GPL-2.0
/*
 * The receive buffer and its reader: how it grows, when the reader is woken, and
 * when the peer is told of room.
 */
#include "../core/ack.h"
#include "../core/window.h"
#include "../tcpx_compat.h"
#include "output.h"
#include "rcv_space.h"
#include "rcvbuf.h"

/**
 * tcpx_tune_rcvbuf() - the receive buffer grows ahead of the sender's window
 * @sk: locked; its user has read, or payload has arrived beyond a hole
 *
 * It grows for a reader that keeps up with the sender, unless SO_RCVBUF has fixed it.
 *
 * Context: process or softirq.
 */
void tcpx_tune_rcvbuf(struct sock *sk)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	const struct tcpx_net *tn = tcpx_sk_net(sk);
	u32 window = tcpx_rcvbuf_read(tcb, ktime_get_ns());
	int want;

	if (!READ_ONCE(tn->moderate_rcvbuf) || sk->sk_userlocks & SOCK_RCVBUF_LOCK ||
	    sk_under_memory_pressure(sk))
		return;
	want = tcpx_rcvbuf_memory(tcb, window, READ_ONCE(tn->rmem[2]));
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/* Is the peer to be told that there is room again? */
static bool tcpx_read_makes_room(struct sock *sk)
{
	const u32 states = TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2;

	if (!((1 << sk->sk_state) & states) && !tcpx_fastopen_open(sk))
		return false;
	tcpx_tune_rcvbuf(sk);
	return tcpx_wnd_update_due(&tcpx_sk(sk)->tcb, tcpx_rcv_space(sk), tcpx_rcv_total(sk));
}

/**
 * tcpx_read_done() - the user has read: send an ACK if the window has opened enough
 * @sk: locked
 *
 * Context: process.
 */
void tcpx_read_done(struct sock *sk)
{
	bool empty = skb_queue_empty(&sk->sk_receive_queue);

	if (tcpx_read_makes_room(sk) ||
	    (sk->sk_state != TCP_CLOSE && tcpx_ack_read_due(&tcpx_sk(sk)->tcb, empty)))
		tcpx_send_ack(sk);
}

/**
 * tcpx_readable() - is there enough for a reader?
 * @sk: the socket, not locked
 *
 * SO_RCVLOWAT says what is enough; or no more fits.
 *
 * Context: any.
 * Return: true if there is.
 */
bool tcpx_readable(const struct sock *sk)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 copied = READ_ONCE(tsk->tcb.copied_seq);
	int avail = READ_ONCE(tsk->tcb.rcv_nxt) - copied;
	int target = sock_rcvlowat(sk, 0, INT_MAX);

	/* At the mark, an urgent octet out of line is not counted as readable */
	if (READ_ONCE(tsk->urg_data) && READ_ONCE(tsk->urg_seq) == copied &&
	    !sock_flag(sk, SOCK_URGINLINE))
		target++;
	return avail >= target || (avail > 0 && tcpx_rcv_space(sk) < tsk->tcb.rcv_mss);
}

/**
 * tcpx_data_ready() - payload has come, or SO_RCVLOWAT was lowered: wake the reader
 * @sk: locked
 *
 * A reader is woken whenever poll() would report the socket readable, and not before.
 *
 * Context: process or softirq.
 */
void tcpx_data_ready(struct sock *sk)
{
	if (!sock_flag(sk, SOCK_DEAD) && tcpx_readable(sk))
		sk->sk_data_ready(sk);
}
