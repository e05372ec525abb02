/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options in, options out: RFC 9293 3.2, RFC 7323, RFC 2018, RFC 2385, RFC 5482, RFC 7413,
 * RFC 6994.
 */
#ifndef _TCPX_CORE_OPTION_H
#define _TCPX_CORE_OPTION_H

#include <linux/types.h>

struct tcpx_md5_key;

#define TCPX_OPT_EOL		0
#define TCPX_OPT_NOP		1
#define TCPX_OPT_MSS		2	/* length 4 */
#define TCPX_OPT_WSCALE		3	/* length 3 */
#define TCPX_OPT_SACK_PERM	4	/* length 2 */
#define TCPX_OPT_SACK		5	/* length 2 + 8 a block */
#define TCPX_OPT_TS		8	/* length 10 */
#define TCPX_OPT_MD5		19	/* length 18 */
#define TCPX_OPT_UTO		28	/* length 4 */
#define TCPX_OPT_FASTOPEN	34	/* length 2, or 2 and a cookie */
#define TCPX_OPT_EXP		254	/* RFC 6994: an experiment's; two bytes say which */

#define TCPX_EXID_FASTOPEN	0xf989	/* Fast Open, before it had a kind of its own */

#define TCPX_MSS_DEFAULT	536	/* RFC 9293, 3.7.1, MUST-15: with IPv4 */
#define TCPX_MSS_MIN		88	/* smaller announcements are taken as this */
#define TCPX_MAX_WSCALE		14	/* RFC 7323, 2.3 */
#define TCPX_MAX_SACKS		4	/* 40 bytes hold no more: RFC 2018, 3 */
#define TCPX_FO_MIN		4	/* bytes of a cookie: RFC 7413, 4.1.1 */
#define TCPX_FO_MAX		16
#define TCPX_MD5_LEN		16	/* bytes of a signature: RFC 2385, 3 */
#define TCPX_MD5_OPT_LEN	20	/* what it takes, aligned */
#define TCPX_TS_OPT_LEN		12	/* what a timestamp takes, aligned */

/* struct tcpx_opts.has */
#define TCPX_HAS_MSS		0x01
#define TCPX_HAS_WSCALE		0x02
#define TCPX_HAS_SACK_PERM	0x04
#define TCPX_HAS_TS		0x08
#define TCPX_HAS_UTO		0x10
#define TCPX_HAS_SACK		0x20
#define TCPX_HAS_FASTOPEN	0x40
#define TCPX_HAS_BAD_LEN	0x80	/* parser: an illegal length ended it */
#define TCPX_HAS_MD5		0x100	/* writer: room for a signature */

/* RFC 2018, 3: payload from @start on, up to but without @end, has been received */
struct tcpx_sack_block {
	u32	start;
	u32	end;
};

/**
 * struct tcpx_fo_cookie - a Fast Open cookie: RFC 7413, 4.1.1
 * @exp: it comes, or goes, under the kind for experiments
 * @len: its bytes; 0: it is asked for
 * @val: the cookie
 */
struct tcpx_fo_cookie {
	bool	exp;
	u8	len;
	u8	val[TCPX_FO_MAX];
};

/**
 * struct tcpx_opts - the options of one segment, host byte order
 * @has: TCPX_HAS_*, which of the following are there
 * @wscale: shift count, 0 to 14
 * @nr_sacks: how many of @sack are there
 * @mss: bytes
 * @uto: RFC 5482 field: granularity in the top bit (1: minutes, 0: seconds)
 * @tsval: TSval
 * @tsecr: TSecr
 * @sack: SACK blocks, in the option's order, not judged
 * @fo: the Fast Open cookie
 * @md5: what the signature is to be made with, none of the core's business; there is no
 *	Fast Open cookie then
 *
 * What is not there is 0, but for @sack, @fo and @md5, which are not valid then.
 */
struct tcpx_opts {
	u16	has;
	u8	wscale;
	u8	nr_sacks;
	u16	mss;
	u16	uto;
	u32	tsval;
	u32	tsecr;
	struct tcpx_sack_block sack[TCPX_MAX_SACKS];
	union {
		struct tcpx_fo_cookie fo;
		const struct tcpx_md5_key *md5;
	};
};

/**
 * tcpx_opt_none() - start without options
 * @o: filled in
 */
static inline void tcpx_opt_none(struct tcpx_opts *o)
{
	o->has = 0;
	o->wscale = 0;
	o->mss = 0;
	o->uto = 0;
	o->tsval = 0;
	o->tsecr = 0;
	o->nr_sacks = 0;
}

/**
 * tcpx_opt_sign() - a segment is signed, or not
 * @o: its options
 * @key: valid until it is signed; NULL: it is not
 */
static inline void tcpx_opt_sign(struct tcpx_opts *o, const struct tcpx_md5_key *key)
{
	if (!key) {
		o->has &= ~TCPX_HAS_MD5;
		return;
	}
	/* A cookie would be in its place; and there is no room for both */
	o->has = (o->has | TCPX_HAS_MD5) & ~TCPX_HAS_FASTOPEN;
	o->md5 = key;
}

const u8 *tcpx_opt_md5(const u8 *p, unsigned int len);
void tcpx_opt_parse(const u8 *p, unsigned int len, bool syn, struct tcpx_opts *o);
unsigned int tcpx_opt_len(const struct tcpx_opts *o);
unsigned int tcpx_opt_write(u8 *p, const struct tcpx_opts *o);
void tcpx_opt_fastopen(struct tcpx_opts *o, const struct tcpx_fo_cookie *cookie);
u16 tcpx_uto_encode(u32 secs);
u32 tcpx_uto_decode(u16 uto);

#endif /* _TCPX_CORE_OPTION_H */
