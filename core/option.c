// SPDX-License-Identifier: GPL-2.0
/*
 * Options in, options out.  Pure: bytes to struct tcpx_opts and back.
 *
 * An option may stand at any alignment and in any order (MUST-64); one that
 * is not known is skipped by its length (MUST-6); an illegal length ends the
 * parsing, and what stood before it counts (MUST-7).
 */
#include <linux/string.h>
#include <linux/types.h>

#include "../tcpx_hdr.h"
#include "option.h"

#define TCPX_UTO_MINUTES	0x8000
#define TCPX_UTO_MAX		0x7fff

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 get32(const u8 *p)
{
	return (u32)get16(p) << 16 | get16(p + 2);
}

static u8 *put16(u8 *p, u16 v)
{
	*p++ = v >> 8;
	*p++ = v;
	return p;
}

static u8 *put32(u8 *p, u32 v)
{
	return put16(put16(p, v >> 16), v);
}

/* RFC 7323, appendix A: what most segments carry, a timestamp alone, aligned */
#define TCPX_TS_ALONE	((u32)TCPX_OPT_NOP << 24 | TCPX_OPT_NOP << 16 | TCPX_OPT_TS << 8 | 10)

/* RFC 7413, 4.1.1: none, or 4 to 16 bytes, an even number */
static void tcpx_opt_cookie(const u8 *p, int len, bool exp, struct tcpx_opts *o)
{
	if (len < 0 || len & 1 || len > TCPX_FO_MAX || (len && len < TCPX_FO_MIN))
		return;
	o->has |= TCPX_HAS_FASTOPEN;
	o->fo.exp = exp;
	o->fo.len = len;
	memcpy(o->fo.val, p, len);
}

/* One option of legal length @len at @p; those of a wrong length are ignored */
static void tcpx_opt_one(const u8 *p, u8 len, bool syn, struct tcpx_opts *o)
{
	switch (p[0]) {
	case TCPX_OPT_MSS:
		if (len != 4 || !syn || !get16(p + 2))
			return;
		o->mss = get16(p + 2);
		o->has |= TCPX_HAS_MSS;
		return;
	case TCPX_OPT_WSCALE:
		if (len != 3 || !syn)
			return;
		/* RFC 7323, 2.3: more than 14 counts as 14 */
		o->wscale = p[2] > TCPX_MAX_WSCALE ? TCPX_MAX_WSCALE : p[2];
		o->has |= TCPX_HAS_WSCALE;
		return;
	case TCPX_OPT_SACK_PERM:
		if (len != 2 || !syn)
			return;
		o->has |= TCPX_HAS_SACK_PERM;
		return;
	case TCPX_OPT_SACK:
		if (syn || len < 10 || len % 8 != 2 || o->has & TCPX_HAS_SACK)
			return;
		o->has |= TCPX_HAS_SACK;
		for (p += 2, len -= 2; len; p += 8, len -= 8) {
			o->sack[o->nr_sacks].start = get32(p);
			o->sack[o->nr_sacks++].end = get32(p + 4);
		}
		return;
	case TCPX_OPT_TS:
		if (len != 10)
			return;
		o->tsval = get32(p + 2);
		o->tsecr = get32(p + 6);
		o->has |= TCPX_HAS_TS;
		return;
	case TCPX_OPT_UTO:
		/* RFC 5482, 3.3: a time-out of zero is ignored */
		if (len != 4 || !(get16(p + 2) & TCPX_UTO_MAX))
			return;
		o->uto = get16(p + 2);
		o->has |= TCPX_HAS_UTO;
		return;
	case TCPX_OPT_FASTOPEN:
		if (syn)
			tcpx_opt_cookie(p + 2, len - 2, false, o);
		return;
	case TCPX_OPT_EXP:
		if (syn && len >= 4 && get16(p + 2) == TCPX_EXID_FASTOPEN)
			tcpx_opt_cookie(p + 4, len - 4, true, o);
		return;
	}
}

/* The option at @p, or after padding there; NULL: none, or @bad: of an illegal length */
static const u8 *tcpx_opt_next(const u8 *p, const u8 *end, bool *bad)
{
	while (p < end && *p == TCPX_OPT_NOP)
		p++;
	if (p == end || *p == TCPX_OPT_EOL)
		return NULL;
	*bad = end - p < 2 || p[1] < 2 || p[1] > end - p;
	return *bad ? NULL : p;
}

/**
 * tcpx_opt_parse() - read the options of a segment
 * @p: first byte after the fixed header
 * @len: bytes of options, 0 to 40
 * @syn: the segment carries SYN; MSS, window scale and SACK-permitted count
 *	 on a SYN only
 * @o: filled in
 *
 * Any context.  RFC 9293, 3.1 and 3.2; RFC 7323, 2.2 and 3.2; RFC 2018, 2.
 */
void tcpx_opt_parse(const u8 *p, unsigned int len, bool syn, struct tcpx_opts *o)
{
	const u8 *end = p + len;
	bool bad = false;

	tcpx_opt_none(o);
	if (len == TCPX_TS_OPT_LEN && get32(p) == TCPX_TS_ALONE) {
		o->tsval = get32(p + 4);
		o->tsecr = get32(p + 8);
		o->has = TCPX_HAS_TS;
		return;
	}
	for (p = tcpx_opt_next(p, end, &bad); p; p = tcpx_opt_next(p + p[1], end, &bad))
		tcpx_opt_one(p, p[1], syn, o);
	if (bad)
		o->has |= TCPX_HAS_BAD_LEN;
}

/**
 * tcpx_opt_md5() - find the signature of a segment
 * @p: first byte after the fixed header
 * @len: bytes of options, 0 to 40
 *
 * It is looked for before anything else of a segment is believed, so the parser does
 * not look at it again.
 *
 * Any context.  RFC 2385, 3.
 *
 * Return: its 16 bytes; NULL: there is none before the first option of an illegal length.
 */
const u8 *tcpx_opt_md5(const u8 *p, unsigned int len)
{
	const u8 *end = p + len;
	bool bad;

	for (p = tcpx_opt_next(p, end, &bad); p; p = tcpx_opt_next(p + p[1], end, &bad))
		if (p[0] == TCPX_OPT_MD5 && p[1] == 2 + TCPX_MD5_LEN)
			return p + 2;
	return NULL;
}

/* Kind, length, and for an experiment its name; the cookie */
static unsigned int tcpx_opt_cookie_len(const struct tcpx_fo_cookie *fo)
{
	return (fo->exp ? 4 : 2) + fo->len;
}

/**
 * tcpx_opt_len() - how many bytes tcpx_opt_write() will write for @o
 * @o: the options
 *
 * Return: bytes, a multiple of 4, at most 40.
 */
unsigned int tcpx_opt_len(const struct tcpx_opts *o)
{
	unsigned int len = 0;

	if (o->has == TCPX_HAS_TS)
		return TCPX_TS_OPT_LEN;
	if (o->has & TCPX_HAS_MD5)
		len += TCPX_MD5_OPT_LEN;
	if (o->has & TCPX_HAS_MSS)
		len += 4;
	if (o->has & TCPX_HAS_TS)
		len += TCPX_TS_OPT_LEN;
	else if (o->has & TCPX_HAS_SACK_PERM)
		len += 4;
	if (o->has & TCPX_HAS_WSCALE)
		len += 4;
	if (o->has & TCPX_HAS_UTO)
		len += 4;
	if (o->has & TCPX_HAS_SACK)
		len += 4 + 8 * o->nr_sacks;
	if (o->has & TCPX_HAS_FASTOPEN)
		len += (tcpx_opt_cookie_len(&o->fo) + 3) / 4 * 4;
	return len;
}

/* None of its words need be aligned: padding comes after it */
static u8 *tcpx_opt_write_cookie(u8 *p, const struct tcpx_fo_cookie *fo)
{
	unsigned int len = tcpx_opt_cookie_len(fo);

	p = put16(p, (fo->exp ? TCPX_OPT_EXP : TCPX_OPT_FASTOPEN) << 8 | len);
	if (fo->exp)
		p = put16(p, TCPX_EXID_FASTOPEN);
	memcpy(p, fo->val, fo->len);
	p += fo->len;
	for (; len % 4; len++)
		*p++ = TCPX_OPT_NOP;
	return p;
}

/**
 * tcpx_opt_write() - write options in network byte order
 * @p: at least tcpx_opt_len() bytes
 * @o: the options
 *
 * SACK-permitted takes the place of the two NOPs before the timestamp, so
 * that the 32-bit words of the timestamp are aligned (RFC 7323, appendix A).  A
 * signature comes first, as 16 bytes of 0: it is made when the payload is there.
 *
 * Return: bytes written, a multiple of 4.
 */
unsigned int tcpx_opt_write(u8 *p, const struct tcpx_opts *o)
{
	const u8 *start = p;
	int i;

	if (o->has == TCPX_HAS_TS) {
		put32(put32(put32(p, TCPX_TS_ALONE), o->tsval), o->tsecr);
		return TCPX_TS_OPT_LEN;
	}
	if (o->has & TCPX_HAS_MD5) {
		p = put16(p, TCPX_OPT_NOP << 8 | TCPX_OPT_NOP);
		p = put16(p, TCPX_OPT_MD5 << 8 | (2 + TCPX_MD5_LEN));
		memset(p, 0, TCPX_MD5_LEN);
		p += TCPX_MD5_LEN;
	}
	if (o->has & TCPX_HAS_MSS) {
		p = put16(p, TCPX_OPT_MSS << 8 | 4);
		p = put16(p, o->mss);
	}
	if (o->has & (TCPX_HAS_SACK_PERM | TCPX_HAS_TS)) {
		if (!(o->has & TCPX_HAS_TS))
			p = put16(p, TCPX_OPT_NOP << 8 | TCPX_OPT_NOP);
		if (o->has & TCPX_HAS_SACK_PERM)
			p = put16(p, TCPX_OPT_SACK_PERM << 8 | 2);
		else
			p = put16(p, TCPX_OPT_NOP << 8 | TCPX_OPT_NOP);
	}
	if (o->has & TCPX_HAS_TS) {
		p = put16(p, TCPX_OPT_TS << 8 | 10);
		p = put32(p, o->tsval);
		p = put32(p, o->tsecr);
	}
	if (o->has & TCPX_HAS_WSCALE) {
		p = put16(p, TCPX_OPT_NOP << 8 | TCPX_OPT_WSCALE);
		p = put16(p, 3 << 8 | o->wscale);
	}
	if (o->has & TCPX_HAS_UTO) {
		p = put16(p, TCPX_OPT_UTO << 8 | 4);
		p = put16(p, o->uto);
	}
	if (o->has & TCPX_HAS_SACK) {
		p = put16(p, TCPX_OPT_NOP << 8 | TCPX_OPT_NOP);
		p = put16(p, TCPX_OPT_SACK << 8 | (2 + 8 * o->nr_sacks));
		for (i = 0; i < o->nr_sacks; i++)
			p = put32(put32(p, o->sack[i].start), o->sack[i].end);
	}
	if (o->has & TCPX_HAS_FASTOPEN)
		p = tcpx_opt_write_cookie(p, &o->fo);
	return p - start;
}

/**
 * tcpx_opt_fastopen() - add a Fast Open option: RFC 7413, 4.1.1
 * @o: the options of a SYN
 * @cookie: the cookie, or what asks for one
 *
 * Where 40 bytes do not hold all, the user time-out waits for a later segment.  A
 * signature leaves no room for a cookie: tcpx_opt_sign().
 */
void tcpx_opt_fastopen(struct tcpx_opts *o, const struct tcpx_fo_cookie *cookie)
{
	o->has |= TCPX_HAS_FASTOPEN;
	o->fo = *cookie;
	if (tcpx_opt_len(o) > TCPX_MAX_OPT_LEN)
		o->has &= ~TCPX_HAS_UTO;
}

/**
 * tcpx_uto_encode() - a user time-out as RFC 5482, 3 writes it
 * @secs: seconds
 *
 * Return: seconds where 15 bits hold them, else minutes, rounded up.
 */
u16 tcpx_uto_encode(u32 secs)
{
	u32 mins;

	if (secs <= TCPX_UTO_MAX)
		return secs;
	mins = secs / 60 + !!(secs % 60);
	return TCPX_UTO_MINUTES | (mins > TCPX_UTO_MAX ? TCPX_UTO_MAX : mins);
}

/**
 * tcpx_uto_decode() - the user time-out that a peer advertised
 * @uto: RFC 5482 field, host order
 *
 * Return: seconds.
 */
u32 tcpx_uto_decode(u16 uto)
{
	u32 val = uto & TCPX_UTO_MAX;

	return uto & TCPX_UTO_MINUTES ? val * 60 : val;
}
