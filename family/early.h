/* SPDX-License-Identifier: GPL-2.0 */
/* Early demux: a connection's segments need no look-up of the route to this host. */
#ifndef _TCPX_FAMILY_EARLY_H
#define _TCPX_FAMILY_EARLY_H

#include <linux/skbuff.h>
#include <net/sock.h>

void tcpx_early_learn(struct sock *sk, const struct sk_buff *skb, u32 cookie);
void tcpx_early_forget(struct sock *sk);
int tcpx_early_init(void);
void tcpx_early_exit(void);

/**
 * tcpx_early_knows() - did a segment come the way that is known already?
 * @sk: locked
 * @skb: an acceptable segment
 *
 * Context: any.
 * Return: false if there is something to learn of it.
 */
static inline bool tcpx_early_knows(const struct sock *sk, const struct sk_buff *skb)
{
	return rcu_access_pointer(sk->sk_rx_dst) == skb_dst(skb);
}

#endif /* _TCPX_FAMILY_EARLY_H */
