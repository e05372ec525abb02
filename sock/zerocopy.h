/* SPDX-License-Identifier: GPL-2.0 */
/* MSG_ZEROCOPY: the user's own pages are the payload. */
#ifndef _TCPX_SOCK_ZEROCOPY_H
#define _TCPX_SOCK_ZEROCOPY_H

#include <linux/types.h>

struct msghdr;
struct sock;
struct ubuf_info;

/**
 * struct tcpx_zerocopy - one call of sendmsg(), perhaps with MSG_ZEROCOPY
 * @notice: tells the user when all skbs that hold it are freed; NULL: nobody is to be told
 * @pages: what skbs with the user's pages hold; NULL: there are none
 * @spliced: the payload is pages of a file or a pipe, which skbs are to refer to
 *
 * Without either, payload is copied.
 */
struct tcpx_zerocopy {
	struct ubuf_info *notice;
	struct ubuf_info *pages;
	bool spliced;
};

int tcpx_zerocopy_set(struct sock *sk, int val);
int tcpx_zerocopy_begin(struct sock *sk, struct msghdr *msg, struct tcpx_zerocopy *zc);
void tcpx_zerocopy_copied(const struct tcpx_zerocopy *zc);
void tcpx_zerocopy_end(const struct tcpx_zerocopy *zc, bool queued);

#endif /* _TCPX_SOCK_ZEROCOPY_H */
