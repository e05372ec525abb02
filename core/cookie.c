// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies, the arithmetic: a SYN into our ISS and our TSval, and back out
 * of the ACK that echoes both (RFC 4987, 3.6).  Pure: the caller has the
 * secrets, and gives two hashes.
 *
 *	ISS   = irs + base + (6 bits of time | 26 bits of mac + index of the MSS)
 *	TSval = the clock, its low 6 bits replaced: window scale, SACK, ECN
 *
 * base hashes the 4-tuple under one secret: it hides the time in the ISS, which
 * still grows with the peer's ISN and with time, as RFC 9293, 3.4.1 asks.  mac
 * hashes the 4-tuple, irs and the time under the other secret: of 2^32 numbers an
 * attacker has to hit one of 32.
 */
#include <linux/types.h>

#include "cookie.h"

#define TCPX_COOKIE_MAC_BITS	26
#define TCPX_COOKIE_MAC		((1U << TCPX_COOKIE_MAC_BITS) - 1)
#define TCPX_COOKIE_TIME	(~0U >> TCPX_COOKIE_MAC_BITS)

#define TCPX_COOKIE_SIZES	8

#define TCPX_COOKIE_TS		0x3fU
#define TCPX_COOKIE_WSCALE	0x0fU	/* 15: none */
#define TCPX_COOKIE_SACK	0x10U
#define TCPX_COOKIE_ECN		0x20U

/* MSS of common paths: the least, IPv4, IPv6, tunnels, PPPoE, Ethernet, jumbo frames */
static const u16 tcpx_cookie_sizes[TCPX_COOKIE_SIZES] = {
	TCPX_MSS_MIN, TCPX_MSS_DEFAULT, 1220, 1340, 1400, 1440, 1460, 8960,
};

static u32 tcpx_cookie_index(u16 mss)
{
	u32 i = TCPX_COOKIE_SIZES - 1;

	while (i && tcpx_cookie_sizes[i] > mss)
		i--;
	return i;
}

/**
 * tcpx_cookie_trim() - reduce a SYN to what a cookie can remember
 * @syn: the SYN
 * @ts: timestamps are in use, and can carry options
 * @default_mss: what a SYN without the option means
 *
 * The SYN,ACK agrees to no more than that, so both ends know the same.
 */
void tcpx_cookie_trim(struct tcpx_seg *syn, bool ts, u16 default_mss)
{
	u16 mss = syn->opt.has & TCPX_HAS_MSS ? syn->opt.mss : default_mss;

	syn->opt.has &= TCPX_HAS_TS | TCPX_HAS_WSCALE | TCPX_HAS_SACK_PERM;
	if (!ts || !(syn->opt.has & TCPX_HAS_TS)) {
		syn->opt.has = 0;
		syn->flags &= ~(TCPX_ECE | TCPX_CWR);
	}
	syn->opt.has |= TCPX_HAS_MSS;
	syn->opt.mss = tcpx_cookie_sizes[tcpx_cookie_index(mss)];
	syn->len = 0;
}

/**
 * tcpx_cookie_iss() - the cookie itself
 * @irs: the SYN's sequence number
 * @base: hash of the 4-tuple, first secret
 * @mac: hash of the 4-tuple, @irs and @tick, second secret
 * @tick: time, in TCPX_COOKIE_TICK_NS
 * @mss: of the SYN that tcpx_cookie_trim() left
 *
 * Return: the initial send sequence number.
 */
u32 tcpx_cookie_iss(u32 irs, u32 base, u32 mac, u32 tick, u16 mss)
{
	return irs + base + (tick << TCPX_COOKIE_MAC_BITS) +
	       ((mac + tcpx_cookie_index(mss)) & TCPX_COOKIE_MAC);
}

/**
 * tcpx_cookie_age() - when was this cookie made?
 * @iss: SEG.ACK - 1
 * @irs: SEG.SEQ - 1
 * @base: as for tcpx_cookie_iss()
 * @tick: the time now
 *
 * Return: ticks ago, or -1: it is too old, or no cookie.
 */
int tcpx_cookie_age(u32 iss, u32 irs, u32 base, u32 tick)
{
	u32 age = (tick - ((iss - irs - base) >> TCPX_COOKIE_MAC_BITS)) & TCPX_COOKIE_TIME;

	return age < TCPX_COOKIE_TICKS ? age : -1;
}

/**
 * tcpx_cookie_mss() - is the cookie ours?
 * @iss: SEG.ACK - 1
 * @irs: SEG.SEQ - 1
 * @base: as for tcpx_cookie_iss()
 * @mac: of the tick when tcpx_cookie_age() says it was made
 *
 * Return: the MSS of the SYN, bytes; 0: it is not ours.
 */
u16 tcpx_cookie_mss(u32 iss, u32 irs, u32 base, u32 mac)
{
	u32 i = (iss - irs - base - mac) & TCPX_COOKIE_MAC;

	return i < TCPX_COOKIE_SIZES ? tcpx_cookie_sizes[i] : 0;
}

/**
 * tcpx_cookie_tsval() - a TSval that remembers the options of a SYN
 * @clock: the TSval that would have been sent
 * @syn: the SYN
 *
 * Return: at most @clock and at most 64 ticks before it, so that the clock of
 * the connection that comes of it never steps back.
 */
u32 tcpx_cookie_tsval(u32 clock, const struct tcpx_seg *syn)
{
	u32 bits = syn->opt.has & TCPX_HAS_WSCALE ? syn->opt.wscale : TCPX_COOKIE_WSCALE;
	u32 tsval;

	if (syn->opt.has & TCPX_HAS_SACK_PERM)
		bits |= TCPX_COOKIE_SACK;
	/* RFC 3168, 6.1.1: an ECN-setup SYN has both */
	if ((syn->flags & (TCPX_ECE | TCPX_CWR)) == (TCPX_ECE | TCPX_CWR))
		bits |= TCPX_COOKIE_ECN;
	tsval = (clock & ~TCPX_COOKIE_TS) | bits;
	return tcpx_after(tsval, clock) ? tsval - (TCPX_COOKIE_TS + 1) : tsval;
}

/**
 * tcpx_cookie_opts() - the options of a SYN, from the echo of our TSval
 * @tsecr: the echo
 * @clock: the TSval that would be sent now
 * @syn: takes the options but for MSS and timestamp, and the ECN flags
 *
 * Return: false: no such TSval was sent while a cookie could be.
 */
bool tcpx_cookie_opts(u32 tsecr, u32 clock, struct tcpx_seg *syn)
{
	u32 wscale = tsecr & TCPX_COOKIE_WSCALE;

	if (clock - tsecr > (TCPX_COOKIE_LIFE_NS >> TCPX_TS_SHIFT) + TCPX_COOKIE_TS)
		return false;
	if (wscale != TCPX_COOKIE_WSCALE) {
		syn->opt.has |= TCPX_HAS_WSCALE;
		syn->opt.wscale = wscale;
	}
	if (tsecr & TCPX_COOKIE_SACK)
		syn->opt.has |= TCPX_HAS_SACK_PERM;
	if (tsecr & TCPX_COOKIE_ECN)
		syn->flags |= TCPX_ECE | TCPX_CWR;
	return true;
}
