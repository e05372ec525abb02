/* SPDX-License-Identifier: GPL-2.0 */
/* How IPv4 carries a segment. */
#ifndef _TCPX_FAMILY_IPV4_H
#define _TCPX_FAMILY_IPV4_H

#include <linux/uidgid.h>
#include <net/inet_sock.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "../path/table.h"
#include "../tcpx_fsm.h"

/* The ECN field of the datagram that a segment came in */
static inline u8 tcpx_v4_ecn(const struct sk_buff *skb)
{
	return ip_hdr(skb)->tos & INET_ECN_MASK;
}

/**
 * struct tcpx_v4_way - how an answer goes that no socket sends
 * @oif: SO_BINDTODEVICE; 0: any
 * @mark: SO_MARK, unless that of what is answered goes first (fwmark_reflect)
 * @priority: SO_PRIORITY
 * @txhash: by which devices choose a queue, and routes a path; 0: their own
 * @uid: by which rules choose a route
 * @tos: IP_TOS
 * @opt: options of the IP header, or NULL
 */
struct tcpx_v4_way {
	int	oif;
	u32	mark;
	u32	priority;
	u32	txhash;
	kuid_t	uid;
	u8	tos;
	struct ip_options_rcu *opt;
};

struct dst_entry *tcpx_v4_route(struct sock *sk);
void tcpx_v4_mtu_reduced(struct sock *sk);
int tcpx_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcpx_v4_xmit(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_v4_reply(struct net *net, const struct sock *sk, const struct sk_buff *skb,
		   const struct tcpx_seg *seg);
struct dst_entry *tcpx_v4_route_back(struct sock *lsk, const struct tcpx_node *node,
				     u32 mark, const struct ip_options_rcu *opt,
				     struct flowi *fl);
int tcpx_v4_xmit_half_open(const struct sock *lsk, struct sk_buff *skb, struct dst_entry *dst,
			   const struct tcpx_node *node, struct ip_options_rcu *opt,
			   const struct tcpx_seg *seg);
void tcpx_v4_tuple(const struct sk_buff *skb, struct tcpx_tuple *tuple);
u16 tcpx_v4_mss(u32 mtu);
void tcpx_v4_reply_by(struct net *net, const struct sk_buff *skb, const struct tcpx_seg *seg,
		      const struct tcpx_v4_way *way);
struct ip_options_rcu *tcpx_v4_return_route(struct net *net, const struct sk_buff *skb);
void tcpx_v4_heard(struct sock *sk, const struct sk_buff *skb);
void tcpx_v4_options_set(struct sock *sk);
void tcpx_v4_forget_route(struct sock *sk);
int tcpx_v4_init(void);
void tcpx_v4_exit(void);

#endif /* _TCPX_FAMILY_IPV4_H */
