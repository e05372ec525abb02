// SPDX-License-Identifier: GPL-2.0
/* Options: RFC 9293, 3.1 and 3.2; RFC 7323; RFC 2018; RFC 5482. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../core/mss.h"
#include "../core/sent.h"
#include "fixture.h"

/**
 * struct parse_case - bytes in, options out
 * @name: what they show
 * @bytes: the options of a segment
 * @len: so many
 * @no_syn: the segment is not a SYN
 * @want: what has to be understood
 */
struct parse_case {
	const char *name;
	u8 bytes[TCPX_MAX_OPT_LEN];
	u8 len;
	bool no_syn;
	struct tcpx_opts want;
};

#define MSS_1460	"\x02\x04\x05\xb4"
#define WSCALE_7	"\x03\x03\x07"
#define SACK_PERM	"\x04\x02"
#define TS_1_2		"\x08\x0a\x11\x22\x33\x44\xaa\xbb\xcc\xdd"
#define UTO_300		"\x1c\x04\x01\x2c"
#define BLOCK_1		"\x10\x00\x00\x01\x20\x00\x00\x02"
#define BLOCK_2		"\x30\x00\x00\x03\x40\x00\x00\x04"
#define NOP		"\x01"
#define EOL		"\x00"

#define GOT_MSS		.mss = 1460
#define GOT_WSCALE	.wscale = 7
#define GOT_TS		.tsval = 0x11223344, .tsecr = 0xaabbccdd
#define GOT_UTO		.uto = 300
#define GOT_BLOCK_1	{ 0x10000001, 0x20000002 }
#define GOT_BLOCK_2	{ 0x30000003, 0x40000004 }
#define HAS(x)		TCPX_HAS_##x
#define HAS_ALL		(HAS(MSS) | HAS(WSCALE) | HAS(SACK_PERM) | HAS(TS) | HAS(UTO))

static const struct parse_case parses[] = {
	{ "3.1: no options", "", 0, false, {} },
	{ "3.2: MSS", MSS_1460, 4, false, { HAS(MSS), GOT_MSS } },
	{ "3.2: MSS, smallest", "\x02\x04\x00\x01", 4, false, { HAS(MSS), .mss = 1 } },
	{ "3.2: MSS, largest", "\x02\x04\xff\xff", 4, false, { HAS(MSS), .mss = 65535 } },
	{ "3.2: MSS of zero is none", "\x02\x04\x00\x00", 4, false, {} },
	{ "3.7.1: MSS counts on a SYN only", MSS_1460, 4, true, {} },
	{ "3.2: MSS of length 2", "\x02\x02" NOP NOP, 4, false, {} },
	{ "3.2: MSS of length 3", "\x02\x03\x05" NOP, 4, false, {} },
	{ "3.2: MSS of length 5", "\x02\x05\x05\x05\x05", 5, false, {} },
	{ "RFC 7323, 2.2: window scale", WSCALE_7, 3, false, { HAS(WSCALE), GOT_WSCALE } },
	{ "RFC 7323, 2.2: shift of 0", "\x03\x03\x00", 3, false, { HAS(WSCALE) } },
	{ "RFC 7323, 2.3: shift of 14", "\x03\x03\x0e", 3, false, { HAS(WSCALE), 14 } },
	{ "RFC 7323, 2.3: 15 is taken as 14", "\x03\x03\x0f", 3, false, { HAS(WSCALE), 14 } },
	{ "RFC 7323, 2.3: 255 is taken as 14", "\x03\x03\xff", 3, false, { HAS(WSCALE), 14 } },
	{ "RFC 7323, 2.2: scale counts on a SYN only", WSCALE_7, 3, true, {} },
	{ "RFC 7323, 2.2: scale of length 2", "\x03\x02" NOP NOP, 4, false, {} },
	{ "RFC 7323, 2.2: scale of length 4", "\x03\x04\x07\x07", 4, false, {} },
	{ "RFC 2018, 2: SACK-permitted", SACK_PERM, 2, false, { HAS(SACK_PERM) } },
	{ "RFC 2018, 2: on a SYN only", SACK_PERM, 2, true, {} },
	{ "RFC 2018, 2: of length 3", "\x04\x03\x00", 3, false, {} },
	{ "RFC 7323, 3.2: timestamps", TS_1_2, 10, false, { HAS(TS), GOT_TS } },
	{ "RFC 7323, 3.2: without SYN too", TS_1_2, 10, true, { HAS(TS), GOT_TS } },
	{ "RFC 7323, 3.2: of length 9", "\x08\x09", 9, false, {} },
	{ "RFC 7323, 3.2: of length 11", "\x08\x0b", 11, false, {} },
	{ "RFC 7323, 3.2: largest", "\x08\x0a\xff\xff\xff\xff\xff\xff\xff\xff", 10, false,
	  { HAS(TS), .tsval = 0xffffffff, .tsecr = 0xffffffff } },
	{ "RFC 5482, 3: user time-out", UTO_300, 4, false, { HAS(UTO), GOT_UTO } },
	{ "RFC 5482, 3: without SYN too", UTO_300, 4, true, { HAS(UTO), GOT_UTO } },
	{ "RFC 5482, 3.3: zero seconds are ignored", "\x1c\x04\x00\x00", 4, false, {} },
	{ "RFC 5482, 3.3: zero minutes are ignored", "\x1c\x04\x80\x00", 4, false, {} },
	{ "RFC 5482, 3.3: of length 3", "\x1c\x03\x01" NOP, 4, false, {} },
	{ "RFC 5482, 3: most minutes", "\x1c\x04\xff\xff", 4, false,
	  { HAS(UTO), .uto = 0xffff } },
	{ "3.2: NOPs alone", NOP NOP NOP NOP, 4, false, {} },
	{ "3.2: end of options ends them", EOL MSS_1460, 5, false, {} },
	{ "3.2: end of options after one", WSCALE_7 EOL MSS_1460, 8, false,
	  { HAS(WSCALE), GOT_WSCALE } },
	{ "MUST-64: at an odd byte", NOP MSS_1460 NOP NOP NOP, 8, false,
	  { HAS(MSS), GOT_MSS } },
	{ "MUST-64: timestamps, one byte in", NOP TS_1_2 NOP, 12, true,
	  { HAS(TS), GOT_TS } },
	{ "MUST-64: timestamps, three bytes in", NOP NOP NOP TS_1_2, 13, true,
	  { HAS(TS), GOT_TS } },
	{ "MUST-6: unknown ones are skipped", "\x4d\x05\x01\x02\x03" MSS_1460, 9, false,
	  { HAS(MSS), GOT_MSS } },
	{ "MUST-6: unknown, shortest", "\x4d\x02" MSS_1460, 6, false, { HAS(MSS), GOT_MSS } },
	{ "MUST-6: unknown, longest", "\x4d\x28", 40, false, {} },
	{ "RFC 2018, 3: one block", NOP NOP "\x05\x0a" BLOCK_1, 12, true,
	  { HAS(SACK), .nr_sacks = 1, .sack = { GOT_BLOCK_1 } } },
	{ "RFC 2018, 3: two", NOP NOP "\x05\x12" BLOCK_1 BLOCK_2, 20, true,
	  { HAS(SACK), .nr_sacks = 2, .sack = { GOT_BLOCK_1, GOT_BLOCK_2 } } },
	{ "RFC 2018, 3: three, behind timestamps",
	  TS_1_2 NOP NOP "\x05\x1a" BLOCK_1 BLOCK_2 BLOCK_1, 38, true,
	  { HAS(SACK) | HAS(TS), GOT_TS, .nr_sacks = 3,
	    .sack = { GOT_BLOCK_1, GOT_BLOCK_2, GOT_BLOCK_1 } } },
	{ "RFC 2018, 3: four", "\x05\x22" BLOCK_1 BLOCK_2 BLOCK_2 BLOCK_1, 34, true,
	  { HAS(SACK), .nr_sacks = 4,
	    .sack = { GOT_BLOCK_1, GOT_BLOCK_2, GOT_BLOCK_2, GOT_BLOCK_1 } } },
	{ "RFC 2018, 3: none", NOP NOP "\x05\x02", 4, true, {} },
	{ "RFC 2018, 3: half a block", "\x05\x06\x10\x00\x00\x01", 6, true, {} },
	{ "RFC 2018, 3: a block and a half",
	  "\x05\x0e" BLOCK_1 "\x30\x00\x00\x03", 14, true, {} },
	{ "RFC 2018, 3: of length 9", "\x05\x09" BLOCK_1, 9, true, {} },
	{ "RFC 2018, 3: of length 11", "\x05\x0b" BLOCK_1 BLOCK_2, 18, true, {} },
	{ "RFC 2018, 3: over the end", "\x05\x12" BLOCK_1, 10, true, { HAS(BAD_LEN) } },
	{ "RFC 2018, 3: not on a SYN", NOP NOP "\x05\x0a" BLOCK_1, 12, false, {} },
	{ "RFC 2018, 3: the first of two options counts",
	  "\x05\x0a" BLOCK_2 "\x05\x12" BLOCK_1 BLOCK_1, 28, true,
	  { HAS(SACK), .nr_sacks = 1, .sack = { GOT_BLOCK_2 } } },
	{ "RFC 2018, 3: a wrong one before it does not",
	  "\x05\x02\x05\x0a" BLOCK_2, 12, true,
	  { HAS(SACK), .nr_sacks = 1, .sack = { GOT_BLOCK_2 } } },
	{ "RFC 2018, 3: numbers are not judged",
	  "\x05\x0a\xff\xff\xff\xff\x00\x00\x00\x00", 10, true,
	  { HAS(SACK), .nr_sacks = 1, .sack = { { 0xffffffff, 0 } } } },
	{ "MUST-64: all, one order",
	  MSS_1460 SACK_PERM TS_1_2 NOP WSCALE_7 UTO_300, 24, false,
	  { HAS_ALL, GOT_MSS, GOT_WSCALE, GOT_UTO, GOT_TS } },
	{ "MUST-64: all, the other order",
	  UTO_300 WSCALE_7 TS_1_2 SACK_PERM MSS_1460 NOP, 24, false,
	  { HAS_ALL, GOT_MSS, GOT_WSCALE, GOT_UTO, GOT_TS } },
	{ "the last of two counts", MSS_1460 "\x02\x04\x02\x18", 8, false,
	  { HAS(MSS), .mss = 536 } },
	{ "MUST-7: length 0", "\x02\x00\x05\xb4", 4, false, { HAS(BAD_LEN) } },
	{ "MUST-7: length 1", "\x02\x01\x05\xb4", 4, false, { HAS(BAD_LEN) } },
	{ "MUST-7: unknown of length 0", "\x4d\x00", 4, false, { HAS(BAD_LEN) } },
	{ "MUST-7: one byte over the end", "\x02\x04\x05", 3, false, { HAS(BAD_LEN) } },
	{ "MUST-7: no length at all", "\x02", 1, false, { HAS(BAD_LEN) } },
	{ "MUST-7: no length after NOPs", NOP NOP NOP "\x08", 4, false, { HAS(BAD_LEN) } },
	{ "MUST-7: length 255", "\x02\xff\x05\xb4", 4, false, { HAS(BAD_LEN) } },
	{ "MUST-7: what stood before it counts", MSS_1460 "\x03\x00\x07" WSCALE_7, 10, false,
	  { HAS(MSS) | HAS(BAD_LEN), GOT_MSS } },
	{ "MUST-7: cut in the timestamps", SACK_PERM "\x08\x0a\x01\x02\x03", 7, false,
	  { HAS(SACK_PERM) | HAS(BAD_LEN) } },
};

static void parse_desc(const struct parse_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(parse, parses, parse_desc);

static void expect_same(struct kunit *test, const struct tcpx_opts *o,
			const struct tcpx_opts *want)
{
	int i;

	KUNIT_EXPECT_EQ(test, o->has, want->has);
	KUNIT_EXPECT_EQ(test, o->mss, want->mss);
	KUNIT_EXPECT_EQ(test, o->wscale, want->wscale);
	KUNIT_EXPECT_EQ(test, o->uto, want->uto);
	KUNIT_EXPECT_EQ(test, o->tsval, want->tsval);
	KUNIT_EXPECT_EQ(test, o->tsecr, want->tsecr);
	KUNIT_ASSERT_EQ(test, o->nr_sacks, want->nr_sacks);
	for (i = 0; i < want->nr_sacks; i++) {
		KUNIT_EXPECT_EQ(test, o->sack[i].start, want->sack[i].start);
		KUNIT_EXPECT_EQ(test, o->sack[i].end, want->sack[i].end);
	}
}

static void parse_case(struct kunit *test)
{
	const struct parse_case *c = test->param_value;
	struct tcpx_opts o;
	u8 *p;

	/* Exactly so many bytes, so that a read beyond them is seen */
	p = kunit_kzalloc(test, c->len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	memcpy(p + 1, c->bytes, c->len);
	memset(&o, 0x5a, sizeof(o));
	tcpx_opt_parse(p + 1, c->len, !c->no_syn, &o);
	expect_same(test, &o, &c->want);
}

static const u8 kinds[] = {
	TCPX_OPT_MSS, TCPX_OPT_WSCALE, TCPX_OPT_SACK_PERM, TCPX_OPT_TS, TCPX_OPT_UTO, 77,
};

static const u8 lengths[] = { 4, 3, 2, 10, 4, 0 };
static const u8 bits[] = { HAS(MSS), HAS(WSCALE), HAS(SACK_PERM), HAS(TS), HAS(UTO), 0 };

static void kind_desc(const u8 *kind, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "MUST-7: kind %u", *kind);
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_desc);

static void try_length(struct kunit *test, int kind, u8 len, u8 room)
{
	struct tcpx_opts o;
	u8 p[TCPX_MAX_OPT_LEN];
	u8 want = 0;

	memset(p, 1, sizeof(p));
	p[0] = kinds[kind];
	p[1] = len;
	if (len < 2 || len > room)
		want = HAS(BAD_LEN);
	else if (len == lengths[kind])
		want = bits[kind];
	tcpx_opt_parse(p, room, true, &o);
	KUNIT_EXPECT_EQ_MSG(test, o.has, want, "length %u of %u", len, room);
}

/* Every length from 0 to 41, in all the room there can be */
static void any_length(struct kunit *test)
{
	int kind = (const u8 *)test->param_value - kinds;
	u8 len;

	for (len = 0; len <= TCPX_MAX_OPT_LEN + 1; len++)
		try_length(test, kind, len, TCPX_MAX_OPT_LEN);
}

/* RFC 2018, 3: 10, 18, 26 and 34 are lengths of a SACK option, and no other is */
static void any_sack_length(struct kunit *test)
{
	u8 p[TCPX_MAX_OPT_LEN];
	struct tcpx_opts o;
	u8 len, blocks;

	memset(p, 1, sizeof(p));
	p[0] = TCPX_OPT_SACK;
	for (len = 2; len <= TCPX_MAX_OPT_LEN; len++) {
		blocks = len == 10 || len == 18 || len == 26 || len == 34 ? len / 8 : 0;
		p[1] = len;
		tcpx_opt_parse(p, sizeof(p), false, &o);
		KUNIT_EXPECT_EQ(test, o.nr_sacks, blocks);
		KUNIT_EXPECT_EQ(test, o.has, blocks ? HAS(SACK) : 0);
	}
}

/* Every cut of the room, down to two bytes */
static void any_room(struct kunit *test)
{
	int kind = (const u8 *)test->param_value - kinds;
	u8 len = lengths[kind] ?: 6;
	u8 room;

	for (room = 2; room <= TCPX_MAX_OPT_LEN; room++)
		try_length(test, kind, len, room);
}

/* Bytes of any value, never read beyond their end: KASAN looks on */
static void any_bytes(struct kunit *test)
{
	struct tcpx_opts o;
	u32 x = 2463534242U;
	int i, round;
	u8 *p;

	p = kunit_kzalloc(test, TCPX_MAX_OPT_LEN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < TCPX_MAX_OPT_LEN; i++) {
			tcpx_test_draw(&x);
			p[i] = round & 1 ? x : x % 12;
		}
		i = round % (TCPX_MAX_OPT_LEN + 1);
		tcpx_opt_parse(p + TCPX_MAX_OPT_LEN - i, i, round & 2, &o);
		KUNIT_EXPECT_LE(test, o.wscale, TCPX_MAX_WSCALE);
		KUNIT_EXPECT_LE(test, o.nr_sacks, TCPX_MAX_SACKS);
		KUNIT_EXPECT_EQ(test, !!(o.has & HAS(SACK)), !!o.nr_sacks);
		KUNIT_EXPECT_EQ(test, !!(o.has & HAS(MSS)), !!o.mss);
		KUNIT_EXPECT_EQ(test, !!(o.has & HAS(UTO)), !!o.uto);
	}
}

static void subset(u8 has, struct tcpx_opts *o)
{
	memset(o, 0, sizeof(*o));
	o->has = has;
	o->mss = has & HAS(MSS) ? 1460 : 0;
	o->wscale = has & HAS(WSCALE) ? 7 : 0;
	o->uto = has & HAS(UTO) ? 300 : 0;
	o->tsval = has & HAS(TS) ? 0x11223344 : 0;
	o->tsecr = has & HAS(TS) ? 0xaabbccdd : 0;
}

/* What is written is read back, in each of the 32 sets */
static void write_and_parse(struct kunit *test)
{
	struct tcpx_opts in, out;
	u8 p[TCPX_MAX_OPT_LEN + 1];
	unsigned int len;
	u8 has;

	for (has = 0; has <= HAS_ALL; has++) {
		subset(has, &in);
		memset(p, 0xee, sizeof(p));
		len = tcpx_opt_write(p, &in);
		KUNIT_EXPECT_EQ(test, len, tcpx_opt_len(&in));
		KUNIT_EXPECT_LE(test, len, TCPX_MAX_OPT_LEN);
		KUNIT_EXPECT_EQ(test, len % 4, 0);
		KUNIT_EXPECT_EQ(test, p[len], 0xee);
		tcpx_opt_parse(p, len, true, &out);
		expect_same(test, &out, &in);
	}
}

/* RFC 2018, 3: one to four blocks, with and without timestamps in front */
static void write_and_parse_blocks(struct kunit *test)
{
	struct tcpx_opts in, out;
	u8 p[TCPX_MAX_OPT_LEN + 1];
	unsigned int len;
	u8 i;

	for (i = 0; i < 7; i++) {
		subset(i & 1 ? HAS(TS) : 0, &in);
		in.has |= HAS(SACK);
		in.nr_sacks = 1 + i / 2;
		in.sack[i / 2] = (struct tcpx_sack_block)GOT_BLOCK_1;
		memset(p, 0xee, sizeof(p));
		len = tcpx_opt_write(p, &in);
		KUNIT_EXPECT_EQ(test, len, (i & 1 ? 12 : 0) + 4 + 8 * in.nr_sacks);
		KUNIT_EXPECT_EQ(test, len, tcpx_opt_len(&in));
		KUNIT_EXPECT_EQ(test, p[len], 0xee);
		tcpx_opt_parse(p, len, false, &out);
		expect_same(test, &out, &in);
	}
}

/**
 * struct write_case - options in, bytes out
 * @name: what they show
 * @has: the set
 * @len: bytes
 * @bytes: exactly these
 */
struct write_case {
	const char *name;
	u8 has;
	u8 len;
	u8 bytes[TCPX_MAX_OPT_LEN];
};

static const struct write_case writes[] = {
	{ "none", 0, 0, "" },
	{ "MSS", HAS(MSS), 4, MSS_1460 },
	{ "window scale, padded in front", HAS(WSCALE), 4, NOP WSCALE_7 },
	{ "SACK-permitted", HAS(SACK_PERM), 4, NOP NOP SACK_PERM },
	{ "RFC 7323, A: timestamps, aligned", HAS(TS), 12, NOP NOP TS_1_2 },
	{ "SACK-permitted in the place of the NOPs", HAS(TS) | HAS(SACK_PERM), 12,
	  SACK_PERM TS_1_2 },
	{ "RFC 5482: user time-out", HAS(UTO), 4, UTO_300 },
	{ "a SYN of all", HAS_ALL, 24,
	  MSS_1460 SACK_PERM TS_1_2 NOP WSCALE_7 UTO_300 },
	{ "a SYN without timestamps", HAS(MSS) | HAS(SACK_PERM) | HAS(WSCALE), 12,
	  MSS_1460 NOP NOP SACK_PERM NOP WSCALE_7 },
};

static void write_desc(const struct write_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(write, writes, write_desc);

static void write_case(struct kunit *test)
{
	const struct write_case *c = test->param_value;
	u8 p[TCPX_MAX_OPT_LEN] = {};
	struct tcpx_opts o;

	subset(c->has, &o);
	KUNIT_EXPECT_EQ(test, tcpx_opt_write(p, &o), c->len);
	KUNIT_EXPECT_EQ(test, memcmp(p, c->bytes, sizeof(p)), 0);
}

/**
 * struct uto_case - RFC 5482, 3: seconds and their field
 * @secs: the user time-out
 * @field: as it is written
 * @back: as it is read, seconds
 */
struct uto_case {
	u32 secs;
	u16 field;
	u32 back;
};

static const struct uto_case utos[] = {
	{ 1, 1, 1 },
	{ 100, 100, 100 },
	{ 300, 300, 300 },
	{ 3600, 3600, 3600 },
	{ 32766, 0x7ffe, 32766 },
	{ 32767, 0x7fff, 32767 },
	{ 32768, 0x8000 | 547, 32820 },		/* in minutes, rounded up */
	{ 32820, 0x8000 | 547, 32820 },
	{ 32821, 0x8000 | 548, 32880 },
	{ 32767 * 60, 0xffff, 32767 * 60 },
	{ 32767 * 60 + 1, 0xffff, 32767 * 60 },
	{ 0xffffffff, 0xffff, 32767 * 60 },
};

static void uto_desc(const struct uto_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5482, 3: %u s", c->secs);
}

KUNIT_ARRAY_PARAM(uto, utos, uto_desc);

static void uto_case(struct kunit *test)
{
	const struct uto_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_uto_encode(c->secs), c->field);
	KUNIT_EXPECT_EQ(test, tcpx_uto_decode(c->field), c->back);
}

/* A segment of the options that tcpx_send_opts() gives for @flags */
static struct tcpx_opts *opts_for(struct kunit *test, u8 flags)
{
	struct tcpx_opts *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct tcpx_test *t = test->priv;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, o);
	memset(o, 0x5a, sizeof(*o));
	tcpx_send_opts(&t->tcb, flags, t->now, o);
	return o;
}

/* SHLD-5, MAY-3: a SYN offers all that is switched on, and echoes nothing */
static void offer_on_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts *o;

	t->rcv_wscale = 5;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	o = opts_for(test, SYN);
	KUNIT_EXPECT_EQ(test, o->has, HAS_ALL & ~HAS(UTO));
	KUNIT_EXPECT_EQ(test, o->mss, TEST_ADV_MSS);
	KUNIT_EXPECT_EQ(test, o->wscale, 5);
	KUNIT_EXPECT_EQ(test, o->tsval, tcpx_tsval(&t->tcb, t->now));
	KUNIT_EXPECT_EQ(test, o->tsecr, 0);
}

static void offer_on_syn_switched_off(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->conf.timestamps = 0;
	t->conf.window_scaling = 0;
	t->conf.sack = 0;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	KUNIT_EXPECT_EQ(test, opts_for(test, SYN)->has, HAS(MSS));
}

/* RFC 7323, 2.2 and 3.2: a SYN,ACK answers what the SYN has asked */
static void answer_on_syn_ack(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts *o;

	t->peer_opt.has = HAS_ALL & ~HAS(UTO);
	t->peer_opt.tsval = 4711;
	t->rcv_wscale = 5;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	o = opts_for(test, SYN_ACK);
	KUNIT_EXPECT_EQ(test, o->has, HAS_ALL & ~HAS(UTO));
	KUNIT_EXPECT_EQ(test, o->wscale, 5);
	KUNIT_EXPECT_EQ(test, o->tsecr, 4711);
}

static void answer_to_a_bare_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has = 0;
	t->rcv_wscale = 5;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_EQ(test, opts_for(test, SYN_ACK)->has, HAS(MSS));
	KUNIT_EXPECT_EQ(test, t->tcb.rcv_wscale, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.peer_mss, 536);	/* MUST-15 */
}

static void answer_switched_off(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->peer_opt.has = HAS_ALL & ~HAS(UTO);
	t->peer_opt.wscale = 9;
	t->conf.timestamps = 0;
	t->conf.window_scaling = 0;
	t->conf.sack = 0;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_EQ(test, opts_for(test, SYN_ACK)->has, HAS(MSS));
	KUNIT_EXPECT_EQ(test, t->tcb.snd_wscale, 0);
}

/* MUST-65: none of the SYN's options later; RFC 7323, 3.2: timestamps always */
static void later_segments(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_opts *o;

	t->peer_opt.has = HAS_ALL & ~HAS(UTO);
	t->peer_opt.tsval = 4711;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	o = opts_for(test, ACK);
	KUNIT_EXPECT_EQ(test, o->has, HAS(TS));
	KUNIT_EXPECT_EQ(test, o->tsecr, 4711);
	KUNIT_EXPECT_EQ(test, opts_for(test, RST)->tsecr, 0);
}

static void later_segments_without_timestamps(struct kunit *test)
{
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, opts_for(test, ACK)->has, 0);
}

/* RFC 5482, 3: sent on the SYN and whenever it has changed */
static void uto_is_advertised(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.uto_on = true;
	tcpx_test_enter(test, TCPX_SYN_SENT);
	KUNIT_EXPECT_EQ(test, opts_for(test, SYN)->has, HAS_ALL);
	KUNIT_EXPECT_EQ(test, opts_for(test, SYN)->uto, 300);
	KUNIT_EXPECT_EQ(test, opts_for(test, ACK)->has & HAS(UTO), 0);
	t->tcb.uto_fixed = true;
	t->tcb.user_timeout = 45000;
	t->tcb.uto_send = true;
	KUNIT_EXPECT_EQ(test, opts_for(test, ACK)->has, HAS(UTO));
	KUNIT_EXPECT_EQ(test, opts_for(test, ACK)->uto, 45);
	tcpx_test_sent(t, t->tcb.snd_nxt, 0, ACK);
	KUNIT_EXPECT_EQ(test, opts_for(test, ACK)->has & HAS(UTO), 0);
}

/**
 * struct adopt_case - RFC 5482, 3.1: USER_TIMEOUT from REMOTE_UTO
 * @name: which rule
 * @on: ENABLED
 * @fixed: not CHANGEABLE
 * @remote: seconds, 0: no option
 * @want: ms
 */
struct adopt_case {
	const char *name;
	bool on, fixed;
	u32 remote;
	u32 want;
};

static const struct adopt_case adopts[] = {
	{ "not enabled", false, false, 600, 0 },
	{ "not changeable", true, true, 600, 0 },
	{ "no option", true, false, 0, 0 },
	{ "more than ours", true, false, 600, 600000 },
	{ "less than ours", true, false, 200, 300000 },
	{ "less than L_LIMIT", true, false, 1, 300000 },
	{ "U_LIMIT", true, false, 3600, 3600000 },
	{ "more than U_LIMIT", true, false, 7200, 3600000 },
};

static void adopt_desc(const struct adopt_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "RFC 5482, 3.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(adopt, adopts, adopt_desc);

static void adopt_case(struct kunit *test)
{
	const struct adopt_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->tcb.uto_on = c->on;
	t->tcb.uto_fixed = c->fixed;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	if (c->remote)
		t->peer_opt.has |= HAS(UTO);
	t->peer_opt.uto = tcpx_uto_encode(c->remote);
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.user_timeout, c->want);
}

/* The option may come on the SYN already */
static void adopt_from_the_syn(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.uto_on = true;
	t->peer_opt.has |= HAS(UTO);
	t->peer_opt.uto = 600;
	tcpx_test_enter(test, TCPX_SYN_RECEIVED);
	KUNIT_EXPECT_EQ(test, t->tcb.user_timeout, 600000);
}

/**
 * struct mss_case - RFC 9293, 3.7.1 (MUST-16): the effective send MSS
 * @name: what bounds it
 * @peer: the MSS option, 0: none
 * @path: what the path's MTU leaves
 * @ts: timestamps are agreed
 * @want: bytes of payload
 * @wnd: the largest window that the peer has offered, 0: enough
 */
struct mss_case {
	const char *name;
	u16 peer, path;
	bool ts;
	u16 want;
	u32 wnd;
	u16 none;	/* what the version of IP has for "no option"; 0: IPv4's */
};

static const struct mss_case msses[] = {
	{ "the peer", 1000, 1460, false, 1000 },
	{ "the path", 1460, 1200, false, 1200 },
	{ "both", 1460, 1460, false, 1460 },
	{ "MUST-15: no option", 0, 1460, false, 536 },
	{ "MUST-15: no option, IPv6", 0, 1440, false, 1220, .none = 1220 },
	{ "an option, IPv6", 600, 1440, false, 600, .none = 1220 },
	{ "no option, and a narrow path", 0, 500, false, 500 },
	{ "timestamps take 12 bytes", 1460, 1460, true, 1448 },
	{ "timestamps and no option", 0, 1460, true, 524 },
	{ "the largest of all", 65535, 65483, false, 65483 },
	{ "88 is taken as it is", 88, 1460, false, 88 },
	{ "87 is taken as 88", 87, 1460, false, 88 },
	{ "1 is taken as 88", 1, 1460, false, 88 },
	{ "a buffer of two segments", 1460, 1460, false, 1460, 2920 },
	{ "... less a byte", 1460, 1460, false, 1459, 2919 },
	{ "a small buffer, and timestamps", 1460, 1460, true, 1000, 2000 },
	{ "a buffer of one default MSS and a byte", 1460, 1460, false, 268, 537 },
	{ "a buffer of one default MSS", 1460, 1460, false, 536, 536 },
	{ "the least buffer", 1460, 1460, false, 88, 1 },
};

static void mss_desc(const struct mss_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "3.7.1: %s", c->name);
}

KUNIT_ARRAY_PARAM(mss, msses, mss_desc);

static void mss_case(struct kunit *test)
{
	const struct mss_case *c = test->param_value;
	struct tcpx_test *t = test->priv;

	t->peer_opt.has = (c->peer ? HAS(MSS) : 0) | (c->ts ? HAS(TS) : 0);
	t->peer_opt.mss = c->peer;
	if (c->none)
		t->tcb.default_mss = c->none;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.max_snd_wnd = c->wnd ?: 1 << 20;
	tcpx_mss_set(&t->tcb, c->path);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, c->want);
}

/* 3.8.6.2.1, (3): half of the largest window offered is full, as far as that is known */
static void mss_follows_the_window(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 700;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 350);
	t->wnd = 1200;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 600);
	t->wnd = 100;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, 600);
	t->wnd = 10000;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.snd_mss, TEST_MSS);
}

static struct kunit_case option_cases[] = {
	KUNIT_CASE_PARAM(parse_case, parse_gen_params),
	KUNIT_CASE_PARAM(any_length, kind_gen_params),
	KUNIT_CASE(any_sack_length),
	KUNIT_CASE_PARAM(any_room, kind_gen_params),
	KUNIT_CASE(any_bytes),
	KUNIT_CASE(write_and_parse),
	KUNIT_CASE(write_and_parse_blocks),
	KUNIT_CASE_PARAM(write_case, write_gen_params),
	KUNIT_CASE_PARAM(uto_case, uto_gen_params),
	KUNIT_CASE(offer_on_syn),
	KUNIT_CASE(offer_on_syn_switched_off),
	KUNIT_CASE(answer_on_syn_ack),
	KUNIT_CASE(answer_to_a_bare_syn),
	KUNIT_CASE(answer_switched_off),
	KUNIT_CASE(later_segments),
	KUNIT_CASE(later_segments_without_timestamps),
	KUNIT_CASE(uto_is_advertised),
	KUNIT_CASE_PARAM(adopt_case, adopt_gen_params),
	KUNIT_CASE(adopt_from_the_syn),
	KUNIT_CASE_PARAM(mss_case, mss_gen_params),
	KUNIT_CASE(mss_follows_the_window),
	{}
};

static struct kunit_suite option_suite = {
	.name = "tcpx_option",
	.init = tcpx_test_init,
	.test_cases = option_cases,
};

kunit_test_suite(option_suite);
