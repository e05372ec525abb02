// SPDX-License-Identifier: GPL-2.0
/*
 * Initial sequence numbers (RFC 6528; RFC 9293, 3.4.1, MUST-8, SHLD-1) and
 * the offsets of timestamp clocks (RFC 7323, 5.4).
 *
 * ISN = M + F(local address and port, remote address and port, secret): M is
 * a clock of 4 us, so a reincarnation of one tuple begins above the last; F
 * is a keyed hash that nobody outside can compute (MUST-9).
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <net/netns/hash.h>

#include "tcpx_sock.h"

#define TCPX_ISN_TICK_NS	4000

static siphash_key_t tcpx_isn_key __read_mostly;
static siphash_key_t tcpx_ts_key __read_mostly;

static u32 tcpx_tuple_hash(const struct net *net, const struct tcpx_tuple *t,
			   const siphash_key_t *key)
{
	return siphash_4u32((__force u32)t->laddr, (__force u32)t->raddr,
			    (__force u32)t->lport << 16 | (__force u32)t->rport,
			    net_hash_mix(net), key);
}

/**
 * tcpx_isn() - RFC 6528, 3
 * @net: namespace
 * @tuple: the connection
 * @now: ns
 *
 * Any context.  Return: the initial sequence number, host order.
 */
u32 tcpx_isn(const struct net *net, const struct tcpx_tuple *tuple, u64 now)
{
	return tcpx_tuple_hash(net, tuple, &tcpx_isn_key) +
	       (u32)div_u64(now, TCPX_ISN_TICK_NS);
}

/**
 * tcpx_ts_offset() - where a connection's timestamp clock begins
 * @net: namespace
 * @tuple: the connection; one tuple has one offset, so its clock never
 *	   steps back between incarnations (RFC 6191)
 *
 * Any context.  Return: ticks of TSval.
 */
u32 tcpx_ts_offset(const struct net *net, const struct tcpx_tuple *tuple)
{
	return tcpx_tuple_hash(net, tuple, &tcpx_ts_key);
}

/**
 * tcpx_isn_init() - draw the secrets; process context
 */
void tcpx_isn_init(void)
{
	get_random_bytes(&tcpx_isn_key, sizeof(tcpx_isn_key));
	get_random_bytes(&tcpx_ts_key, sizeof(tcpx_ts_key));
}
