// SPDX-License-Identifier: GPL-2.0
/*
 * SEND: RFC 9293, 3.9.1.2.
 *
 * Payload is appended to the write queue (sock/write_queue.c); a small write fills up
 * the last skb as long as that has not been sent.  With MSG_ZEROCOPY it is not copied
 * (sock/zerocopy.c), nor with splice() and sendfile().
 */
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "../path/gso.h"
#include "../path/output.h"
#include "../path/scoreboard.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../tcpx_compat.h"
#include "fastopen.h"
#include "repair.h"
#include "send.h"
#include "write_queue.h"
#include "zerocopy.h"

/*
 * The last skb if it can take more payload: not sent, not full, a fragment free for it, and
 * where it is a segment already, room in the buffer
 */
static struct sk_buff *tcpx_tail_with_room(struct sock *sk, bool pages)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct page_frag *pfrag;
	struct sk_buff *skb;
	int nr;

	if (!tsk->send_head)
		return NULL;
	skb = skb_peek_tail(&sk->sk_write_queue);
	if (TCPX_SKB_CB(skb)->eor)
		return NULL;
	if (skb->len >= tsk->tcb.snd_mss &&
	    (skb->len >= tcpx_gso_goal(sk) || !sk_stream_memory_free(sk)))
		return NULL;
	nr = skb_shinfo(skb)->nr_frags;
	pfrag = sk_page_frag(sk);
	if (nr == MAX_SKB_FRAGS && (pages || !pfrag->page ||
				    !skb_can_coalesce(skb, nr, pfrag->page, pfrag->offset)))
		return NULL;
	return skb;
}

/* Send what may leave; @more: a partial segment may not */
static void tcpx_push(struct sock *sk, bool more)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->tcb.cork = more || tsk->corked;
	if (sk->sk_state != TCP_CLOSE)
		tcpx_output(sk);
}

/* SO_TIMESTAMPING: the time stamp is that of this call's last octet */
static void tcpx_tx_timestamp(struct sock *sk, u16 tsflags)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct skb_shared_info *shinfo;

	if (!tsflags || !skb)
		return;
	shinfo = skb_shinfo(skb);
	tcpx_tx_stamps(sk, tsflags, &shinfo->tx_flags);
	if (tsflags & SOF_TIMESTAMPING_TX_ACK)
		TCPX_SKB_CB(skb)->ack_stamp = true;
	if (tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK)
		shinfo->tskey = TCPX_SKB_CB(skb)->end_seq - 1 - tsk->tskey_base;
}

/* SOF_TIMESTAMPING_OPT_ID counts octets from the first one sent after it was set */
static void tcpx_tx_timestamp_base(struct sock *sk, u16 tsflags)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	bool on = tsflags & SOF_TIMESTAMPING_OPT_ID;

	if (on && !tsk->tskey_set)
		tsk->tskey_base = tsk->tcb.write_seq;
	tsk->tskey_set = on;
}

/* Is there room for one more segment, once all that may leave has left? */
static bool tcpx_send_room(struct sock *sk)
{
	if (sk_stream_memory_free(sk))
		return true;
	tcpx_push(sk, false);
	if (sk_stream_memory_free(sk))
		return true;
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	tcpx_note_busy(sk, 0);
	return false;
}

/* In repair mode each skb is noted as sent, which takes memory as well */
static bool tcpx_room_for_skb(struct sock *sk)
{
	return tcpx_send_room(sk) && (!tcpx_sk(sk)->repair || tcpx_scoreboard_reserve(sk, 1));
}

/* How much goes into the last skb: more than a segment only where there is so much */
static u32 tcpx_fill_goal(const struct sock *sk, const struct sk_buff *skb,
			  struct msghdr *msg)
{
	u32 mss = tcpx_sk(sk)->tcb.snd_mss;

	return skb->len + msg_data_left(msg) <= mss ? mss : tcpx_gso_goal(sk);
}

/* Add payload to the last skb; bytes, 0: no memory, or -errno, -EMSGSIZE: it is full */
static int tcpx_fill_tail(struct sock *sk, struct msghdr *msg, const struct tcpx_zerocopy *zc)
{
	struct sk_buff *skb = tcpx_tail_with_room(sk, zc->pages || zc->spliced);

	if (!skb)
		return -EMSGSIZE;
	if (zc->pages)
		return tcpx_fill_pages(sk, skb, msg, zc->pages);
	if (zc->spliced)
		return tcpx_fill_spliced(sk, skb, msg);
	return tcpx_fill(sk, skb, msg, tcpx_fill_goal(sk, skb, msg));
}

/* Queue all of @msg; bytes queued, *err is set if that is not all */
static ssize_t tcpx_queue(struct sock *sk, struct msghdr *msg, const struct tcpx_zerocopy *zc,
			  long *timeo, int *err)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;
	ssize_t copied = 0;
	bool room;
	int n;

	while (msg_data_left(msg)) {
		*err = -EPIPE;
		if (sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN)
			break;
		n = tcpx_fill_tail(sk, msg, zc);
		room = n != -EMSGSIZE || tcpx_room_for_skb(sk);
		if (n == -EMSGSIZE)
			n = room && tcpx_append(sk) ? tcpx_fill_tail(sk, msg, zc) : 0;
		if (n < 0) {
			*err = n;
			break;
		}
		copied += n;
		*err = 0;
		if (!n) {
			tcpx_drop_empty_tail(sk);
			if (room)
				tcpx_push(sk, false);
			*err = sk_stream_wait_memory(sk, timeo);
			if (*err)
				break;
		} else if (tsk->repair || tcb->write_seq - tcb->snd_nxt > tcb->max_snd_wnd / 2) {
			tcpx_push(sk, msg_data_left(msg));
		}
	}
	tcpx_drop_empty_tail(sk);
	return copied;
}

/* MSG_EOR: the last octet of this call ends its segment */
static void tcpx_end_record(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb)
		TCPX_SKB_CB(skb)->eor = true;
}

static int tcpx_send_error(struct sock *sk, int flags, int err)
{
	err = sk_stream_error(sk, flags, err);
	/* An edge-triggered epoll must still hear of the space that is there */
	if (unlikely(skb_queue_empty(&sk->sk_write_queue) && err == -EAGAIN)) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		sk->sk_write_space(sk);
	}
	return err;
}

static int tcpx_send_locked(struct sock *sk, struct msghdr *msg, const struct tcpx_zerocopy *zc)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	int flags = msg->msg_flags, err;
	struct sockcm_cookie sockc;
	ssize_t copied = 0, syn_data = 0;
	long timeo;

	sockcm_init(&sockc, sk);
	if (msg->msg_controllen) {
		err = sock_cmsg_send(sk, msg, &sockc);
		if (err)
			return -EINVAL;
	}
	if (unlikely(flags & MSG_FASTOPEN || tcpx_defer_connect(sk)) && !tsk->repair) {
		err = tcpx_fastopen_sendmsg(sk, msg, &syn_data);
		if (syn_data)
			tcpx_zerocopy_copied(zc);
		if (err == -EINPROGRESS && syn_data)
			return syn_data;
		if (err)
			return tcpx_send_error(sk, flags, err);
	}
	timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	if ((1 << sk->sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
	    !tcpx_fastopen_open(sk)) {
		err = sk_stream_wait_connect(sk, &timeo);
		if (err)
			goto fail;
	}
	if (unlikely(tsk->repair) && tsk->repair_queue != TCP_SEND_QUEUE)
		return tcpx_repair_send(sk, msg);
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	/* SEND changes no state */
	err = sk->sk_shutdown & SEND_SHUTDOWN || sk->sk_err ? -EPIPE :
	      tcpx_fsm_cell(tsk->tcb.state, TCPX_EV_SEND)->err;
	if (err)
		goto fail;
	tcpx_tx_timestamp_base(sk, sockc.tsflags);
	copied = tcpx_queue(sk, msg, zc, &timeo, &err);
	if (copied) {
		if (flags & MSG_EOR && !msg_data_left(msg))
			tcpx_end_record(sk);
		tcpx_tx_timestamp(sk, sockc.tsflags);
		if (flags & MSG_OOB) {
			tsk->tcb.snd_up = tsk->tcb.write_seq;
			tsk->tcb.snd_urg = true;
		}
		/* The next page of a file comes at once */
		if (!(flags & MSG_SENDPAGE_NOTLAST) || err)
			tcpx_push(sk, flags & MSG_MORE && !err);
	}
fail:
	return copied + syn_data ?: tcpx_send_error(sk, flags, err);
}

static __always_inline int tcpx_send(struct sock *sk, struct msghdr *msg)
{
	struct tcpx_zerocopy zc __uninitialized;
	int ret;

	lock_sock(sk);
	ret = tcpx_zerocopy_begin(sk, msg, &zc);
	if (!ret) {
		ret = tcpx_send_locked(sk, msg, &zc);
		tcpx_zerocopy_end(&zc, ret > 0);
	}
	release_sock(sk);
	return ret;
}

/**
 * tcpx_sendmsg() - SEND, 3.10.2; struct proto.sendmsg
 * @sk: not locked
 * @msg: what to send
 * @size: its bytes
 *
 * Context: process, may sleep.
 * Return: bytes queued, or -errno if none were.
 */
int tcpx_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	msg->msg_flags &= ~TCPX_MSG_NOT_USERS;
	return tcpx_send(sk, msg);
}

#ifdef TCPX_HAS_SENDPAGE
/**
 * tcpx_sendpage() - the same with a page of a file or a pipe; struct proto.sendpage
 * @sk: not locked
 * @page: the page, which the caller has a reference to
 * @offset: where in it the payload begins, bytes
 * @size: bytes
 * @flags: MSG_*
 *
 * Context: process, may sleep.
 * Return: bytes queued, or -errno if none were.
 */
int tcpx_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags)
{
	struct bio_vec bv = { .bv_page = page, .bv_offset = offset, .bv_len = size };
	struct msghdr msg = { .msg_flags = flags | MSG_SPLICE_PAGES };

	/* Slab's own pages cannot be referred to: the caller's fault */
	if (WARN_ON_ONCE(!sendpage_ok(page)))
		return -EINVAL;
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bv, 1, size);
	return tcpx_send(sk, &msg);
}
#endif
