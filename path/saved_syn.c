// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_SAVE_SYN: the headers of a SYN are kept with the half-open entry, then with the
 * socket that it becomes, until TCP_SAVED_SYN reads them.  A SYN that is answered with
 * a cookie leaves nothing behind, these neither.
 */
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "saved_syn.h"
#include "skb.h"
#include "sock.h"

/**
 * tcpx_saved_syn_make() - copy the headers of a SYN, if the listener wants them
 * @lsk: the listener
 * @skb: the SYN, as IP has handed it over
 *
 * Context: softirq, rcu_read_lock().
 * Return: the copy, to be freed with kfree(); NULL: not wanted, or no memory.
 */
struct tcpx_saved_syn *tcpx_saved_syn_make(const struct sock *lsk, const struct sk_buff *skb)
{
	u8 wanted = READ_ONCE(tcpx_sk(lsk)->save_syn);
	struct tcpx_saved_syn *syn;
	const u8 *from;
	u32 len;

	if (likely(!wanted))
		return NULL;
	from = wanted == TCPX_SAVE_SYN_MAC && skb_mac_header_was_set(skb) ?
	       skb_mac_header(skb) : skb_network_header(skb);
	len = skb_transport_header(skb) + tcpx_hdr_len(tcpx_hdr(skb)) - from;
	syn = kmalloc(struct_size(syn, data, len), GFP_ATOMIC | __GFP_NOWARN);
	if (!syn)
		return NULL;
	syn->len = len;
	memcpy(syn->data, from, len);
	return syn;
}

/**
 * tcpx_saved_syn_drop() - a socket needs its SYN no more
 * @sk: locked, or no longer used
 *
 * Context: any.
 */
void tcpx_saved_syn_drop(struct sock *sk)
{
	kfree(tcpx_sk(sk)->saved_syn);
	tcpx_sk(sk)->saved_syn = NULL;
}
