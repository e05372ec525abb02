// SPDX-License-Identifier: GPL-2.0
/*
 * MSG_ZEROCOPY: the user's own pages are the payload.
 *
 * Calls are numbered.  When the last skb with pages of a call is freed, which is when all
 * of it is acknowledged and no queue of the host holds it any more, the number comes back
 * on the error queue: the pages are the user's again.  A retransmission sends them as they
 * are then.  What is delivered on this host is copied first, as the receiver may keep it.
 *
 * The pages count as locked (RLIMIT_MEMLOCK) and in the send buffer.  io_uring brings a
 * notice of its own.
 */
#include <net/sock.h>

#include "../tcpx_compat.h"
#include "zerocopy.h"

/**
 * tcpx_zerocopy_set() - SO_ZEROCOPY: the user will read the error queue
 * @sk: locked
 * @val: 0 or 1
 *
 * Without it MSG_ZEROCOPY is ignored, as each flag was that nobody knew.
 *
 * Context: process.  Return: 0 or -EINVAL.
 */
int tcpx_zerocopy_set(struct sock *sk, int val)
{
	if (val < 0 || val > 1)
		return -EINVAL;
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	return 0;
}

/**
 * tcpx_zerocopy_begin() - look whether a call is to send the user's pages
 * @sk: locked
 * @msg: the call's
 * @zc: filled in; tcpx_zerocopy_end() ends it
 *
 * Context: process, may sleep.
 * Return: 0; -ENOBUFS if the user has too many pages locked, or too many notices unread.
 */
int tcpx_zerocopy_begin(struct sock *sk, struct msghdr *msg, struct tcpx_zerocopy *zc)
{
	/* Not where IPsec is to write into the payload */
	bool pages = sk->sk_route_caps & NETIF_F_SG;
	struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);

	*zc = (struct tcpx_zerocopy){ .spliced = pages && msg->msg_flags & MSG_SPLICE_PAGES };
	if (likely(!(msg->msg_flags & MSG_ZEROCOPY)) || !msg_data_left(msg))
		return 0;
	if (msg->msg_ubuf) {
		zc->pages = pages ? msg->msg_ubuf : NULL;
		return 0;
	}
	if (!sock_flag(sk, SOCK_ZEROCOPY))
		return 0;
	zc->notice = tcpx_zerocopy_notice(sk, msg_data_left(msg), skb_zcopy(tail));
	if (!zc->notice)
		return -ENOBUFS;
	if (pages)
		zc->pages = zc->notice;
	else
		tcpx_zerocopy_copied(zc);
	return 0;
}

/**
 * tcpx_zerocopy_copied() - some of a call's payload is copied: its notice is to say so
 * @zc: the call's
 *
 * Context: process.
 */
void tcpx_zerocopy_copied(const struct tcpx_zerocopy *zc)
{
	if (zc->notice)
		uarg_to_msgzc(zc->notice)->zerocopy = 0;
}

/**
 * tcpx_zerocopy_end() - a call ends
 * @zc: the call's
 * @queued: some payload was queued; if none was, there is no notice, and the next call
 *	    gets its number
 *
 * Context: process.
 */
void tcpx_zerocopy_end(const struct tcpx_zerocopy *zc, bool queued)
{
	if (queued)
		net_zcopy_put(zc->notice);
	else
		net_zcopy_put_abort(zc->notice, true);
}
