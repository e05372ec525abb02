/* SPDX-License-Identifier: GPL-2.0 */
/* Sending segments; the MSS. */
#ifndef _TCPX_PATH_OUTPUT_H
#define _TCPX_PATH_OUTPUT_H

#include "../tcpx_fsm.h"

struct dst_entry;
struct sk_buff;
struct sock;
struct tcpx_tuple;

void tcpx_send_all(struct sock *sk);
void tcpx_output(struct sock *sk);
void tcpx_write_queue_purge(struct sock *sk);
void tcpx_note_busy(struct sock *sk, u64 now);
void tcpx_send_ack(struct sock *sk);
void tcpx_send_probe(struct sock *sk);
void tcpx_send_syn(struct sock *sk, u8 flags);
void tcpx_send_rst(struct sock *sk, const struct tcpx_rst *rst);
void tcpx_retransmit(struct sock *sk);
u16 tcpx_adv_mss(const struct sock *sk, const struct dst_entry *dst);
void tcpx_sync_mss(struct sock *sk, u32 pmtu);
bool tcpx_fit_mtu(struct sock *sk, u32 pmtu);
void tcpx_mtu_reduced(struct sock *sk, u32 pmtu);
void tcpx_black_hole(struct sock *sk);
int tcpx_fragment(struct sock *sk, struct sk_buff *skb, u32 len);
void tcpx_build_header(struct sk_buff *skb, const struct tcpx_tuple *tuple,
		       const struct tcpx_seg *seg);

#endif /* _TCPX_PATH_OUTPUT_H */
