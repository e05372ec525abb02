/* SPDX-License-Identifier: GPL-2.0 */
/* A half-open connection hears a segment, and may become a socket. */
#ifndef _TCPX_PATH_CHILD_H
#define _TCPX_PATH_CHILD_H

#include "half_open.h"

struct sock *tcpx_child_new(struct sock *lsk, struct tcpx_half_open *ho,
			    const struct tcpx_arrival *in, const struct tcpx_tcb *tcb);
struct sock *tcpx_half_open_step(struct sock *lsk, struct tcpx_half_open *ho,
				 struct tcpx_lsn_rcv *r, struct tcpx_tcb *tcb);
void tcpx_listen_answer(struct sock *lsk, struct sock *child, struct tcpx_lsn_rcv *r);
bool tcpx_half_open_rcv(const struct tcpx_arrival *in, struct tcpx_node *node,
			struct sk_buff *skb);

#endif /* _TCPX_PATH_CHILD_H */
