// SPDX-License-Identifier: GPL-2.0
/* RFC 2385: the option of a signature, and what it leaves to others. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/mss.h"
#include "../core/sack.h"
#include "../core/sent.h"
#include "fixture.h"

#define DIGEST	"0123456789abcdef"
#define SIGNED	"\x13\x12" DIGEST
#define NOP	"\x01"

/**
 * struct find_case - the options of a segment, and the signature in them
 * @name: what they show
 * @bytes: the options
 * @len: so many
 * @at: where the signature is; 0: there is none
 */
struct find_case {
	const char *name;
	u8 bytes[TCPX_MAX_OPT_LEN];
	u8 len;
	u8 at;
};

static const struct find_case finds[] = {
	{ "no options", "", 0, 0 },
	{ "alone", SIGNED, 18, 2 },
	{ "behind NOPs", NOP NOP SIGNED, 20, 4 },
	{ "at an odd byte", NOP SIGNED NOP, 20, 3 },
	{ "behind others", "\x02\x04\x05\xb4\x04\x02" SIGNED, 24, 8 },
	{ "at the very end", "\x4d\x16xxxxxxxxxxxxxxxxxxxx" SIGNED, 40, 24 },
	{ "behind what is not known", "\x4d\x03x" SIGNED, 21, 5 },
	{ "the first of two", SIGNED "\x13\x12xxxxxxxxxxxxxxxx", 36, 2 },
	{ "behind the end of options", "\x00" SIGNED, 19, 0 },
	{ "behind an illegal length", "\x4d\x01" SIGNED, 20, 0 },
	{ "cut short by one", SIGNED, 17, 0 },
	{ "cut short to its kind", "\x13", 1, 0 },
	{ "of length 17", "\x13\x11" DIGEST, 17, 0 },
	{ "of length 19", "\x13\x13" DIGEST NOP, 19, 0 },
	{ "of length 2", "\x13\x02", 2, 0 },
	{ "of length 0", "\x13\x00" DIGEST, 18, 0 },
	{ "a short one before the right one", "\x13\x03x" SIGNED, 21, 5 },
	{ "another kind", "\x14\x12" DIGEST, 18, 0 },
};

static void find_desc(const struct find_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 2385, 3: %s", c->name);
}

KUNIT_ARRAY_PARAM(find, finds, find_desc);

static void find_case(struct kunit *test)
{
	const struct find_case *c = test->param_value;
	u8 *p = kunit_kzalloc(test, c->len + 1, GFP_KERNEL);

	/* Exactly so many bytes, so that a read beyond them is seen */
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	memcpy(p + 1, c->bytes, c->len);
	KUNIT_EXPECT_PTR_EQ(test, tcpx_opt_md5(p + 1, c->len), c->at ? p + 1 + c->at : NULL);
}

/* The parser skips it as any other that it does not know */
static void parsed_around(struct kunit *test)
{
	static const u8 p[] = NOP NOP SIGNED "\x02\x04\x05\xb4\x01\x03\x03\x07";
	struct tcpx_opts o;

	tcpx_opt_parse(p, sizeof(p) - 1, true, &o);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MSS | TCPX_HAS_WSCALE);
	KUNIT_EXPECT_EQ(test, o.mss, 1460);
	KUNIT_EXPECT_EQ(test, o.wscale, 7);
}

/* It is the first, aligned, with room for the digest */
static void written_first(struct kunit *test)
{
	static const u8 want[TCPX_MD5_OPT_LEN] = { 1, 1, TCPX_OPT_MD5, 18 };
	struct tcpx_opts o = { .has = TCPX_HAS_MD5 | TCPX_HAS_MSS, .mss = 1460 };
	u8 p[TCPX_MAX_OPT_LEN];

	memset(p, 0xee, sizeof(p));
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&o), 24);
	KUNIT_EXPECT_EQ(test, tcpx_opt_write(p, &o), 24);
	KUNIT_EXPECT_EQ(test, memcmp(p, want, sizeof(want)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(p + sizeof(want), "\x02\x04\x05\xb4\xee", 5), 0);
	KUNIT_EXPECT_PTR_EQ(test, tcpx_opt_md5(p, 24), (const u8 *)p + 4);
}

static void opts_for(struct kunit *test, u8 flags, struct tcpx_opts *o)
{
	struct tcpx_test *t = test->priv;

	memset(o, 0x5a, sizeof(*o));
	tcpx_send_opts(&t->tcb, flags, t->now, o);
	KUNIT_EXPECT_LE(test, tcpx_opt_len(o), TCPX_MAX_OPT_LEN);
}

/* All that fits beside it, with a user time-out, too; a timestamp does not */
static void syn_offers(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts o;

	t->tcb.md5 = true;
	t->tcb.uto_on = true;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	opts_for(test, SYN, &o);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MD5 | TCPX_HAS_MSS | TCPX_HAS_WSCALE |
				     TCPX_HAS_SACK_PERM | TCPX_HAS_UTO);
}

static void syn_ack_declines(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts o;

	t->tcb.md5 = true;
	t->peer_opt.has = TCPX_HAS_MSS | TCPX_HAS_TS | TCPX_HAS_SACK_PERM | TCPX_HAS_WSCALE;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	opts_for(test, SYN_ACK, &o);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MD5 | TCPX_HAS_MSS | TCPX_HAS_SACK_PERM |
				     TCPX_HAS_WSCALE);
	KUNIT_EXPECT_FALSE(test, t->tcb.ts_ok);
}

/* A key may come between two SYN,ACKs, when timestamps are agreed: 40 bytes hold no more */
static void syn_ack_again(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts o;

	t->tcb.uto_on = true;
	t->peer_opt.has = TCPX_HAS_MSS | TCPX_HAS_TS | TCPX_HAS_SACK_PERM | TCPX_HAS_WSCALE;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	t->tcb.md5 = true;
	opts_for(test, SYN_ACK, &o);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MD5 | TCPX_HAS_MSS | TCPX_HAS_TS |
				     TCPX_HAS_SACK_PERM | TCPX_HAS_WSCALE);
	KUNIT_EXPECT_EQ(test, tcpx_opt_len(&o), TCPX_MAX_OPT_LEN);
}

/* The place of a cookie is that of a key */
static void no_cookie(struct kunit *test)
{
	const struct tcpx_fo_cookie cookie = { .len = 8 };
	const struct tcpx_md5_key *key = (const void *)test;
	struct tcpx_opts o = { .has = TCPX_HAS_MSS };

	tcpx_opt_fastopen(&o, &cookie);
	tcpx_opt_sign(&o, NULL);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MSS | TCPX_HAS_FASTOPEN);
	KUNIT_EXPECT_EQ(test, o.fo.len, 8);
	tcpx_opt_sign(&o, key);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MSS | TCPX_HAS_MD5);
	KUNIT_EXPECT_PTR_EQ(test, o.md5, key);
}

static void every_segment(struct kunit *test)
{
	static const u8 flags[] = { ACK, FIN_ACK, RST, RST_ACK, ACK | TCPX_PSH };
	struct tcpx_test *t = test->priv;
	struct tcpx_opts o;
	int i;

	t->tcb.md5 = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		opts_for(test, flags[i], &o);
		KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MD5);
	}
}

/* 3.7.1: options count in the MSS; a key may come after timestamps were agreed */
static void leaves_of_mss(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has = TCPX_HAS_MSS | TCPX_HAS_TS;
	t->peer_opt.mss = 1460;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.max_snd_wnd = 1 << 20;
	tcpx_mss_set(&t->tcb, 1460);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 1460 - 12);
	t->tcb.md5 = true;
	tcpx_mss_set(&t->tcb, 1460);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 1460 - 12 - 20);
	KUNIT_EXPECT_EQ(test, tcpx_mss_next(&t->tcb), 1460 - 12 - 20);
	t->tcb.ts_ok = false;
	tcpx_mss_set(&t->tcb, 1460);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 1460 - 20);
	KUNIT_EXPECT_EQ(test, tcpx_mss_next(&t->tcb), 1460 - 20);
}

/* Two blocks, or none beside a timestamp; what they take is known before */
static void leaves_of_sack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts o;
	u32 i;

	t->peer_opt.has = TCPX_HAS_MSS | TCPX_HAS_TS | TCPX_HAS_SACK_PERM;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	for (i = 1; i <= TCPX_MAX_SACKS; i++)
		tcpx_sack_kept(&t->tcb, t->tcb.rcv_nxt + 100 * i, t->tcb.rcv_nxt + 100 * i + 9);
	opts_for(test, ACK, &o);
	KUNIT_EXPECT_EQ(test, o.nr_sacks, 3);
	t->tcb.md5 = true;
	opts_for(test, ACK, &o);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MD5 | TCPX_HAS_TS);
	KUNIT_EXPECT_EQ(test, tcpx_sack_opt_len(&t->tcb), 0);
	t->tcb.ts_ok = false;
	opts_for(test, ACK, &o);
	KUNIT_EXPECT_EQ(test, o.has, TCPX_HAS_MD5 | TCPX_HAS_SACK);
	KUNIT_EXPECT_EQ(test, o.nr_sacks, 2);
	KUNIT_EXPECT_EQ(test, tcpx_sack_opt_len(&t->tcb), 4 + 2 * 8);
}

static struct kunit_case md5_cases[] = {
	KUNIT_CASE_PARAM(find_case, find_gen_params),
	KUNIT_CASE(parsed_around),
	KUNIT_CASE(written_first),
	KUNIT_CASE(syn_offers),
	KUNIT_CASE(syn_ack_declines),
	KUNIT_CASE(syn_ack_again),
	KUNIT_CASE(no_cookie),
	KUNIT_CASE(every_segment),
	KUNIT_CASE(leaves_of_mss),
	KUNIT_CASE(leaves_of_sack),
	{}
};

static struct kunit_suite md5_suite = {
	.name = "tcpx_md5",
	.init = tcpx_test_init,
	.test_cases = md5_cases,
};

kunit_test_suite(md5_suite);
