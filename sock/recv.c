// SPDX-License-Identifier: GPL-2.0
/*
 * RECEIVE and STATUS, RFC 9293, 3.9.1.3 and 3.9.1.5: recvmsg, splice, poll and ioctl.
 *
 * sk_receive_queue holds the payload in sequence; the user has read up to copied_seq.
 * Neighbouring skbs may overlap, so a reader goes by sequence number.
 */
#include <linux/net_tstamp.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <net/busy_poll.h>
#include <net/inet_common.h>
#include <asm/ioctls.h>

#include "../path/accept.h"
#include "../path/rcvbuf.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../tcpx_compat.h"
#include "recv.h"
#include "repair.h"

/**
 * tcpx_inq() - bytes that can be read, up to an urgent mark
 * @sk: any context; exact if locked
 *
 * Return: bytes.
 */
int tcpx_inq(struct sock *sk)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 copied = READ_ONCE(tsk->tcb.copied_seq);
	u32 rcv_nxt = READ_ONCE(tsk->tcb.rcv_nxt);
	int n;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) && !tcpx_fastopen_open(sk))
		return 0;
	if (!sock_flag(sk, SOCK_URGINLINE) && tsk->urg_data &&
	    !tcpx_before(tsk->urg_seq, copied) && tcpx_before(tsk->urg_seq, rcv_nxt))
		return tsk->urg_seq - copied;
	n = rcv_nxt - copied;
	/* Without the FIN, which has a sequence number, too */
	return n && sock_flag(sk, SOCK_DONE) ? n - 1 : n;
}

/**
 * tcpx_inq_hint() - tcpx_inq() where the end of the stream counts as a byte to read
 * @sk: any context; exact if locked
 *
 * Return: bytes.
 */
int tcpx_inq_hint(struct sock *sk)
{
	return tcpx_inq(sk) ?: sock_flag(sk, SOCK_DONE);
}

/* MSG_OOB: read the urgent octet, 3.8.5; 1, 0 at the end of the stream, or -errno */
static __cold int tcpx_recv_urgent(struct sock *sk, struct msghdr *msg, int len, int flags)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	char octet = tsk->urg_data;
	int err = 0;

	if (sock_flag(sk, SOCK_URGINLINE) || !tsk->urg_data || tsk->urg_data == TCPX_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tsk->urg_data & TCPX_URG_VALID) {
		if (!(flags & MSG_PEEK))
			WRITE_ONCE(tsk->urg_data, TCPX_URG_READ);
		msg->msg_flags |= MSG_OOB;
		if (len > 0) {
			if (!(flags & MSG_TRUNC))
				err = memcpy_to_msg(msg, &octet, 1);
			len = 1;
		} else {
			msg->msg_flags |= MSG_TRUNC;
		}
		return err ? -EFAULT : len;
	}
	if (sk->sk_state == TCP_CLOSE || sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	return -EAGAIN;
}

/**
 * tcpx_find_data() - find payload that has arrived
 * @sk: locked
 * @seq: its sequence number
 * @offset: filled in: where in the skb's payload that is
 *
 * Context: process.  Return: the skb, or NULL: nothing yet.
 */
struct sk_buff *tcpx_find_data(struct sock *sk, u32 seq, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = seq - TCPX_SKB_CB(skb)->seq;
		if (*offset < tcpx_data_len(skb))
			return skb;
	}
	return NULL;
}

static void tcpx_eat(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	consume_skb(skb);
}

/* Free what has been read; the last octet may have been an urgent one that was skipped */
static void tcpx_eat_read(struct sock *sk)
{
	u32 copied = tcpx_sk(sk)->tcb.copied_seq;
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_receive_queue)) &&
	       copied - TCPX_SKB_CB(skb)->seq >= tcpx_data_len(skb))
		tcpx_eat(sk, skb);
}

/**
 * tcpx_took() - the reader has taken payload
 * @sk: locked
 * @len: bytes, the next that were to be read; what only they needed is freed
 *
 * Context: process.
 */
void tcpx_took(struct sock *sk, u32 len)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	WRITE_ONCE(tcb->copied_seq, tcb->copied_seq + len);
	tcpx_eat_read(sk);
}

/**
 * tcpx_note_stamp() - keep when an skb came, which may be freed then
 * @skb: the skb
 * @stamp: filled in
 *
 * Context: any.
 */
void tcpx_note_stamp(const struct sk_buff *skb, struct tcpx_rx_stamp *stamp)
{
	stamp->sw = skb->tstamp;
	stamp->hw = *skb_hwtstamps((struct sk_buff *)skb);
}

/* The queue is empty.  1: wait for more; 0: return what was read; or -errno */
static int tcpx_recv_ends(struct sock *sk, bool any, long timeo)
{
	if (any) {
		if (sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    sk->sk_shutdown & RCV_SHUTDOWN || !timeo || signal_pending(current))
			return 0;
		return 1;
	}
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;	/* 3.10.3, CLOSED */
	if (!timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(timeo);
	return 1;
}

/* One call of recvmsg() */
struct tcpx_reader {
	struct msghdr *msg;
	size_t	len;		/* still wanted */
	int	flags;
	int	copied;
	int	target;		/* SO_RCVLOWAT or MSG_WAITALL */
	u32	*seq;		/* the next to read: copied_seq, or MSG_PEEK's own */
	u32	from;		/* copied_seq when MSG_PEEK last looked at it */
	struct tcpx_rx_stamp stamp;	/* of the last skb read */
};

/* Copy from @skb, up to the urgent mark; 1 or -EFAULT */
static int tcpx_recv_skb(struct sock *sk, struct tcpx_reader *r, struct sk_buff *skb,
			 u32 offset)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 used = min_t(size_t, tcpx_data_len(skb) - offset, r->len);
	u32 to_mark;

	if (tsk->urg_data) {
		to_mark = tsk->urg_seq - *r->seq;
		if (to_mark < used) {
			used = to_mark;
			if (!to_mark && sock_flag(sk, SOCK_URGINLINE))
				used = min_t(size_t, tcpx_data_len(skb) - offset, r->len);
			else if (!to_mark)
				++*r->seq;	/* the octet itself is read with MSG_OOB */
		}
	}
	if (used && !(r->flags & MSG_TRUNC) &&
	    skb_copy_datagram_msg(skb, offset, r->msg, used))
		return -EFAULT;
	tcpx_note_stamp(skb, &r->stamp);
	WRITE_ONCE(*r->seq, *r->seq + used);
	r->copied += used;
	r->len -= used;
	if (r->flags & MSG_PEEK)
		return 1;
	if (tsk->urg_data && tcpx_after(tsk->tcb.copied_seq, tsk->urg_seq))
		WRITE_ONCE(tsk->urg_data, 0);
	tcpx_eat_read(sk);
	return 1;
}

/* A call that has read something ends at the urgent mark, where SIOCATMARK is true */
static bool tcpx_recv_stops_at_mark(struct sock *sk, struct tcpx_reader *r, long timeo)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (!tsk->urg_data || tsk->urg_seq != *r->seq)
		return false;
	if (r->copied)
		return true;
	if (signal_pending(current)) {
		r->copied = timeo ? sock_intr_errno(timeo) : -EAGAIN;
		return true;
	}
	return false;
}

/* Wait for payload; MSG_PEEK then skips what another reader has taken meanwhile */
static int tcpx_recv_wait(struct sock *sk, struct tcpx_reader *r, long *timeo)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	int ret = 0;

	if (r->copied >= r->target) {
		/* Process the backlog; it may hold more */
		release_sock(sk);
		lock_sock(sk);
	} else {
		tcpx_read_done(sk);
		ret = sk_wait_data(sk, timeo, skb_peek_tail(&sk->sk_receive_queue));
	}
	if (r->flags & MSG_PEEK && tcb->copied_seq != r->from) {
		r->from = tcb->copied_seq;
		*r->seq = tcb->copied_seq;
	}
	return ret;
}

static int tcpx_recv_locked(struct sock *sk, struct tcpx_reader *r, long timeo)
{
	struct sk_buff *skb;
	u32 offset;
	int ret;

	do {
		if (tcpx_recv_stops_at_mark(sk, r, timeo))
			break;
		skb = tcpx_find_data(sk, *r->seq, &offset);
		if (skb) {
			ret = tcpx_recv_skb(sk, r, skb, offset);
			if (ret < 0 && !r->copied)
				r->copied = ret;
			if (ret < 0)
				break;
			continue;
		}
		if (r->copied >= r->target && !READ_ONCE(sk->sk_backlog.tail))
			break;
		ret = tcpx_recv_ends(sk, r->copied, timeo);
		if (ret <= 0) {
			r->copied = r->copied ?: ret;
			break;
		}
		ret = tcpx_recv_wait(sk, r, &timeo);
		/* connect() to AF_UNSPEC: what comes now belongs to another connection */
		if (ret < 0) {
			r->copied = r->copied ?: ret;
			break;
		}
	} while (r->len > 0);
	if (!(r->flags & MSG_PEEK))
		tcpx_read_done(sk);
	return r->copied;
}

static __cold void tcpx_put_timestamp(struct msghdr *msg, struct sock *sk, ktime_t kt)
{
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);
	struct timespec64 ts = ktime_to_timespec64(kt);

	if (sock_flag(sk, SOCK_RCVTSTAMPNS)) {
		if (new) {
			struct __kernel_timespec kts = { ts.tv_sec, ts.tv_nsec };

			put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(kts), &kts);
		} else {
			struct __kernel_old_timespec ots = { ts.tv_sec, ts.tv_nsec };

			put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(ots), &ots);
		}
	} else if (new) {
		struct __kernel_sock_timeval tv = { ts.tv_sec, ts.tv_nsec / 1000 };

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(tv), &tv);
	} else {
		struct __kernel_old_timeval tv = { ts.tv_sec, ts.tv_nsec / 1000 };

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(tv), &tv);
	}
}

/**
 * tcpx_put_stamps() - SO_TIMESTAMP, SO_TIMESTAMPING: when the last octet that was read came
 * @msg: takes it, in the form that the user wants it
 * @sk: not locked
 * @stamp: when that was
 *
 * Context: process, may sleep.
 */
void tcpx_put_stamps(struct msghdr *msg, struct sock *sk, const struct tcpx_rx_stamp *stamp)
{
	struct scm_timestamping_internal tss = { };
	u32 tsflags = READ_ONCE(sk->sk_tsflags);
	bool any = false;

	if (stamp->sw && sock_flag(sk, SOCK_RCVTSTAMP))
		tcpx_put_timestamp(msg, sk, stamp->sw);
	if (stamp->sw && tsflags & SOF_TIMESTAMPING_SOFTWARE &&
	    tsflags & SOF_TIMESTAMPING_RX_SOFTWARE) {
		tss.ts[0] = TCPX_SCM_STAMP(stamp->sw);
		any = true;
	}
	if (stamp->hw.hwtstamp && tsflags & SOF_TIMESTAMPING_RAW_HARDWARE) {
		tss.ts[2] = TCPX_SCM_STAMP(stamp->hw.hwtstamp);
		any = true;
	}
	if (!any)
		return;
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(msg, &tss);
	else
		put_cmsg_scm_timestamping(msg, &tss);
}

static bool tcpx_wants_stamps(const struct sock *sk)
{
	return sock_flag(sk, SOCK_RCVTSTAMP) || READ_ONCE(sk->sk_tsflags);
}

/**
 * tcpx_recvmsg() - RECEIVE, 3.10.3; struct proto.recvmsg
 * @sk: not locked
 * @msg: where to
 * @len: bytes wanted
 * @flags: MSG_*, not MSG_ERRQUEUE
 *
 * Context: process, may sleep.
 * Return: bytes, 0 at the end of the stream, or -errno.
 */
int tcpx_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct tcpx_reader r = { .msg = msg, .len = len, .flags = flags };
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;
	int ret, inq = -1;
	u32 peek_seq;

	if (sk_can_busy_loop(sk) && skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    sk->sk_state == TCP_ESTABLISHED)
		sk_busy_loop(sk, flags & MSG_DONTWAIT);
	lock_sock(sk);
	ret = -ENOTCONN;
	if (sk->sk_state == TCP_LISTEN)
		goto out;
	if (flags & MSG_OOB) {
		ret = tcpx_recv_urgent(sk, msg, len, flags);
		goto out;
	}
	if (unlikely(tcpx_sk(sk)->repair) && tcpx_repair_recv(sk, msg, flags, &ret))
		goto out;
	peek_seq = tcb->copied_seq;
	r.from = peek_seq;
	r.seq = flags & MSG_PEEK ? &peek_seq : &tcb->copied_seq;
	r.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	ret = tcpx_recv_locked(sk, &r, sock_rcvtimeo(sk, flags & MSG_DONTWAIT));
out:
	if (tcpx_sk(sk)->recvmsg_inq)
		inq = tcpx_inq_hint(sk);
	release_sock(sk);
	if (ret >= 0 && r.copied && tcpx_wants_stamps(sk))
		tcpx_put_stamps(msg, sk, &r.stamp);
	if (ret >= 0 && inq >= 0)
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
	return ret;
}

/**
 * tcpx_read_to() - read what is there
 * @sk: locked
 * @buf: where to
 * @len: bytes wanted
 * @stamp: filled in if any are read: when the last of them came
 *
 * Context: process, may sleep in page faults only.
 * Return: bytes, or -errno: -EAGAIN if nothing is there, -EFAULT.
 */
int tcpx_read_to(struct sock *sk, void __user *buf, u32 len, struct tcpx_rx_stamp *stamp)
{
	struct msghdr msg = { };
	struct tcpx_reader r = {
		.msg = &msg, .len = len, .flags = MSG_DONTWAIT, .stamp = *stamp,
		.seq = &tcpx_sk(sk)->tcb.copied_seq,
	};
	int n;

	if (!access_ok(buf, len))
		return -EFAULT;
	iov_iter_ubuf(&msg.msg_iter, ITER_DEST, buf, len);
	n = tcpx_recv_locked(sk, &r, 0);
	*stamp = r.stamp;
	return n;
}

/* Move what is queued into a pipe; bytes, 0: nothing is queued, or -errno */
static ssize_t tcpx_splice_some(struct sock *sk, struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	struct sk_buff *skb;
	ssize_t moved = 0;
	u32 offset, n;
	int ret;

	while (len && (skb = tcpx_find_data(sk, tcb->copied_seq, &offset))) {
		n = min_t(size_t, tcpx_data_len(skb) - offset, len);
		if (tsk->urg_data && tsk->urg_seq - tcb->copied_seq < n)
			n = tsk->urg_seq - tcb->copied_seq;
		if (!n)
			break;
		ret = skb_splice_bits(skb, sk, offset, pipe, n, flags);
		if (ret <= 0) {
			moved = moved ?: ret;
			break;
		}
		tcpx_took(sk, ret);
		moved += ret;
		len -= ret;
		if (ret < n)
			break;
	}
	return moved;
}

/**
 * tcpx_splice_read() - struct proto_ops.splice_read
 * @sock: the socket
 * @ppos: must be at 0: a socket has no position
 * @pipe: where to
 * @len: bytes
 * @flags: SPLICE_F_*
 *
 * Context: process, may sleep.
 * Return: bytes, 0 at the end of the stream, or -errno.
 */
ssize_t tcpx_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags)
{
	struct sock *sk = sock->sk;
	ssize_t moved = 0, n;
	long timeo;
	int ret;

	if (unlikely(*ppos))
		return -ESPIPE;
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN)
		moved = -ENOTCONN;
	/* SPLICE_F_NONBLOCK is for the pipe alone: splice(2) */
	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	while (len && !moved) {
		n = tcpx_splice_some(sk, pipe, len, flags);
		if (n < 0) {
			moved = n;
			break;
		}
		/* A pipeful at a time: the caller may be the one to empty it */
		moved = n;
		if (moved)
			break;
		ret = tcpx_recv_ends(sk, false, timeo);
		if (ret <= 0) {
			moved = ret;
			break;
		}
		if (!skb_queue_empty(&sk->sk_receive_queue))
			break;
		ret = sk_wait_data(sk, &timeo, NULL);
		if (ret < 0)
			moved = ret;
	}
	tcpx_read_done(sk);
	release_sock(sk);
	return moved;
}

static __poll_t tcpx_poll_writeable(struct sock *sk)
{
	if (sk->sk_shutdown & SEND_SHUTDOWN || __sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/* Space may have come before the bit was set; pairs with tcpx_tell_writer() */
	smp_mb__after_atomic();
	return __sk_stream_is_writeable(sk, 1) ? EPOLLOUT | EPOLLWRNORM : 0;
}

static __poll_t tcpx_poll_connected(struct sock *sk)
{
	__poll_t mask = 0;

	if (tcpx_readable(sk))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(tcpx_sk(sk)->urg_data) & TCPX_URG_VALID)
		mask |= EPOLLPRI;
	return mask | tcpx_poll_writeable(sk);
}

/**
 * tcpx_poll() - struct proto_ops.poll
 * @file: the file
 * @sock: the socket
 * @wait: the caller's
 *
 * Context: process; takes no lock.  Return: EPOLL*.
 */
__poll_t tcpx_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown, state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN)
		return tcpx_accept_ready(sk) ? EPOLLIN | EPOLLRDNORM : 0;
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if ((state != TCP_SYN_SENT && state != TCP_SYN_RECV) || tcpx_fastopen_open(sk))
		mask |= tcpx_poll_connected(sk);
	else if (state == TCP_SYN_SENT && tcpx_defer_connect(sk))
		mask |= EPOLLOUT | EPOLLWRNORM;	/* the SYN waits for payload */
	/* sk_err is set before the waiter is woken, so a woken one sees it */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/* Octets from @from to the end of the write queue, a FIN included */
static int tcpx_outq(struct sock *sk, u32 from)
{
	const struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) && !tcpx_fastopen_open(sk))
		return 0;
	return tcb->write_seq + tcb->fin_queued - from;
}

/**
 * tcpx_ioctl() - STATUS in numbers: SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD
 * @sk: not locked
 * @cmd: one of these
 * @arg: takes the number of bytes, or SIOCATMARK's boolean
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL in LISTEN, -EFAULT, or -ENOIOCTLCMD.
 */
int tcpx_ioctl(struct sock *sk, int cmd, TCPX_IOCTL_ARG arg)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	int n, err = 0;

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN && cmd != SIOCATMARK)
		err = -EINVAL;
	switch (cmd) {
	case SIOCINQ:
		n = tcpx_inq(sk);
		break;
	case SIOCATMARK:
		n = tsk->urg_data && tsk->urg_seq == tsk->tcb.copied_seq;
		break;
	case SIOCOUTQ:
		n = tcpx_outq(sk, tsk->tcb.snd_una);
		break;
	case SIOCOUTQNSD:
		n = tcpx_outq(sk, tsk->tcb.snd_nxt);
		break;
	default:
		err = -ENOIOCTLCMD;
	}
	release_sock(sk);
	return err ?: tcpx_ioctl_put(n, arg);
}
