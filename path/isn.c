// SPDX-License-Identifier: GPL-2.0
/*
 * Initial sequence numbers (RFC 6528; RFC 9293, 3.4.1, MUST-8, SHLD-1) and
 * the offsets of timestamp clocks (RFC 7323, 5.4).
 *
 * ISN = M + F(local address and port, remote address and port, secret): M is
 * a clock that ticks every 4 us, so the next incarnation of a 4-tuple begins
 * above the last one; F is a keyed hash, which no attacker can compute (MUST-9).
 *
 * The secrets of SYN cookies are here as well.
 */
#include <linux/random.h>
#include <linux/siphash.h>

#include "isn.h"

#define TCPX_ISN_TICK_NS	4000

static siphash_key_t tcpx_isn_key __read_mostly;
static siphash_key_t tcpx_cookie_base_key __read_mostly;
static siphash_key_t tcpx_cookie_mac_key __read_mostly;

/**
 * tcpx_isn_secret() - what only we know of a connection: F of RFC 6528, 3
 * @net: namespace
 * @tuple: the connection
 *
 * The ISN shows its lower half, the timestamps its upper half: neither tells of the other.
 *
 * Context: any.
 * Return: for tcpx_isn() and tcpx_ts_offset().
 */
u64 tcpx_isn_secret(const struct net *net, const struct tcpx_tuple *tuple)
{
	return tcpx_tuple_hash(net, tuple, &tcpx_isn_key);
}

/**
 * tcpx_isn() - an initial sequence number: RFC 6528, 3
 * @secret: tcpx_isn_secret()
 * @now: ns
 *
 * Context: any.
 * Return: the number, host order.
 */
u32 tcpx_isn(u64 secret, u64 now)
{
	return (u32)secret + (u32)div_u64(now, TCPX_ISN_TICK_NS);
}

/**
 * tcpx_ts_offset() - where a connection's timestamp clock begins
 * @secret: tcpx_isn_secret(); a 4-tuple has one offset, so its clock never steps back
 *	    between incarnations (RFC 6191)
 *
 * Context: any.
 * Return: ticks of TSval.
 */
u32 tcpx_ts_offset(u64 secret)
{
	return secret >> 32;
}

/**
 * tcpx_cookie_base() - hides the time in a SYN cookie
 * @net: namespace
 * @tuple: the connection
 *
 * Context: any.
 * Return: what tcpx_cookie_iss() calls base.
 */
u32 tcpx_cookie_base(const struct net *net, const struct tcpx_tuple *tuple)
{
	return tcpx_tuple_hash(net, tuple, &tcpx_cookie_base_key);
}

/**
 * tcpx_cookie_mac() - shows that a SYN cookie is ours
 * @net: namespace
 * @tuple: the connection
 * @irs: the peer's initial sequence number
 * @tick: when the cookie was made, in units of TCPX_COOKIE_TICK_NS
 *
 * Context: any.
 * Return: what tcpx_cookie_iss() calls mac.
 */
u32 tcpx_cookie_mac(const struct net *net, const struct tcpx_tuple *tuple, u32 irs, u32 tick)
{
	return siphash_2u64(tcpx_tuple_hash(net, tuple, &tcpx_cookie_mac_key),
			    (u64)irs << 32 | tick, &tcpx_cookie_mac_key);
}

/**
 * tcpx_isn_init() - draw the secrets
 *
 * Context: process.
 */
void tcpx_isn_init(void)
{
	get_random_bytes(&tcpx_isn_key, sizeof(tcpx_isn_key));
	get_random_bytes(&tcpx_cookie_base_key, sizeof(tcpx_cookie_base_key));
	get_random_bytes(&tcpx_cookie_mac_key, sizeof(tcpx_cookie_mac_key));
}
