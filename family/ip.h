/* SPDX-License-Identifier: GPL-2.0 */
/* What IPv4 and IPv6 do alike: check a header, sum a segment, answer without a socket. */
#ifndef _TCPX_FAMILY_IP_H
#define _TCPX_FAMILY_IP_H

#include <linux/skbuff.h>

struct dst_entry;
struct sock;
struct tcpx_arrival;
struct tcpx_seg;
struct tcpx_way;

/* The part of struct proto_ops that has nothing to do with addresses */
#define TCPX_IP_STREAM_OPS				\
	.owner		= THIS_MODULE,			\
	.connect	= inet_stream_connect,		\
	.socketpair	= sock_no_socketpair,		\
	.accept		= tcpx_stream_accept,		\
	.poll		= tcpx_poll,			\
	.gettstamp	= sock_gettstamp,		\
	.listen		= tcpx_listen,			\
	.shutdown	= inet_shutdown,		\
	.setsockopt	= sock_common_setsockopt,	\
	.getsockopt	= sock_common_getsockopt,	\
	.sendmsg	= inet_sendmsg,			\
	TCPX_SENDPAGE(inet_sendpage)			\
	.recvmsg	= inet_recvmsg,			\
	.mmap		= tcpx_mmap,			\
	.splice_read	= tcpx_splice_read,		\
	.peek_len	= tcpx_peek_len,		\
	.set_rcvlowat	= tcpx_set_rcvlowat

/* What a segment begins with */
struct tcpx_ip_ports {
	__be16	source;
	__be16	dest;
};

/* A CPU's socket for answers; it uses it with softirqs off */
struct tcpx_ip_ctl {
	struct sock *sk;
};

struct tcpx_ip_ports tcpx_ip_ports(const struct sk_buff *skb);
bool tcpx_ip_header_whole(const struct tcpx_arrival *in, struct sk_buff *skb);
bool tcpx_ip_sum_right(const struct tcpx_arrival *in, struct sk_buff *skb, __sum16 wrong);
void tcpx_ip_checksum(struct sk_buff *skb, u8 wire, const struct dst_entry *dst, __sum16 pseudo);
struct sk_buff *tcpx_ip_answer(struct sock *ctl, const struct tcpx_arrival *in,
			       struct dst_entry *dst, const struct tcpx_seg *seg,
			       const struct tcpx_way *way);
int tcpx_ip_ctl_init(struct tcpx_ip_ctl __percpu *ctl, int family);
void tcpx_ip_ctl_exit(struct tcpx_ip_ctl __percpu *ctl);

#endif /* _TCPX_FAMILY_IP_H */
