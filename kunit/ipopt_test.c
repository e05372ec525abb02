// SPDX-License-Identifier: GPL-2.0
/* Source routes: RFC 9293, 3.9.2.1; RFC 791, 3.1; RFC 1122, 3.2.1.8 (c). */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../core/ip_option.h"

#define S "\x0a\x01\x00\x01"		/* the source */
#define G1 "\x0a\x02\x00\x01"
#define G2 "\x0a\x03\x00\x01"
#define G3 "\x0a\x04\x00\x01"
#define D "\x0a\x05\x00\x01"		/* the destination */

/**
 * struct return_case - a route that arrived, and the way back
 * @name: what it shows
 * @in: the option
 * @len: bytes of @out
 * @out: as IP_OPTIONS takes it
 */
struct return_case {
	const char *name;
	const char *in;
	u8 len;
	const char *out;
};

static const struct return_case returns[] = {
	{ "MUST-53: one hop", "\x83\x07\x08" G1, 8, "\x83\x07\x04" G1 "\0" },
	{ "MUST-53: two hops, turned round", "\x83\x0b\x0c" G1 G2, 12,
	  "\x83\x0b\x04" G2 G1 "\0" },
	{ "MUST-53: three hops", "\x83\x0f\x10" G1 G2 G3, 16, "\x83\x0f\x04" G3 G2 G1 "\0" },
	{ "MUST-53: nine hops, all that fit",
	  "\x83\x27\x28" G1 G2 G3 G1 G2 G3 G1 G2 G3, 40,
	  "\x83\x27\x04" G3 G2 G1 G3 G2 G1 G3 G2 G1 "\0" },
	{ "MUST-53: strict stays strict", "\x89\x0b\x0c" G1 G2, 12, "\x89\x0b\x04" G2 G1 "\0" },
	{ "MUST-53: the pointer far past the end", "\x83\x07\xff" G1, 8,
	  "\x83\x07\x04" G1 "\0" },
	{ "RFC 1122, 3.2.1.8: the source in front", "\x83\x0b\x0c" S G1, 8,
	  "\x83\x07\x04" G1 "\0" },
	{ "RFC 1122, 3.2.1.8: the source alone", "\x83\x07\x08" S, 0, "" },
	{ "RFC 1122, 3.2.1.8: the source elsewhere is a hop", "\x83\x0b\x0c" G1 S, 12,
	  "\x83\x0b\x04" S G1 "\0" },
	{ "not completed", "\x83\x0b\x08" G1 G2, 0, "" },
	{ "not completed, at the last", "\x83\x07\x07" G1, 0, "" },
	{ "not begun", "\x83\x07\x04" G1, 0, "" },
	{ "no address", "\x83\x03\x04", 0, "" },
	{ "half an address", "\x83\x05\x08\x0a\x01", 0, "" },
	{ "an address and a half", "\x83\x09\x0c" G1 "\x0a\x01", 0, "" },
	{ "longer than a header", "\x83\x2b\x2c" G1 G2 G3 G1 G2 G3 G1 G2 G3 G1, 0, "" },
	{ "MUST-50: another option", "\x07\x07\x08" G1, 0, "" },
};

static void return_desc(const struct return_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(return, returns, return_desc);

static void return_case(struct kunit *test)
{
	const struct return_case *c = test->param_value;
	u8 out[TCPX_IPOPT_MAX + 1];
	__be32 saddr;

	memset(out, 0xee, sizeof(out));
	memcpy(&saddr, S, 4);
	KUNIT_EXPECT_EQ(test, tcpx_ipopt_return((const u8 *)c->in, saddr, out), c->len);
	KUNIT_EXPECT_EQ(test, memcmp(out, c->out, c->len), 0);
	KUNIT_EXPECT_EQ(test, out[TCPX_IPOPT_MAX], 0xee);
}

/**
 * struct final_case - options of a datagram, and where it goes
 * @name: what it shows
 * @len: bytes of @in
 * @in: the options
 * @out: the destination
 */
struct final_case {
	const char *name;
	u8 len;
	const char *in;
	const char *out;
};

static const struct final_case finals[] = {
	{ "no options", 0, "", G1 },
	{ "MUST-54: a route that has begun", 12, "\x83\x0b\x08" G3 D "\0", D },
	{ "MUST-54: one that has not", 12, "\x83\x0b\x04" G2 D "\0", D },
	{ "MUST-54: a strict one", 8, "\x89\x07\x04" D "\0", D },
	{ "MUST-54: behind others", 16, "\x01\x07\x07\x04\0\0\0\0\x83\x07\x04" D "\0", D },
	{ "completed", 8, "\x83\x07\x08" D "\0", G1 },
	{ "behind the end of the options", 12, "\0\0\0\0\x83\x07\x04" D "\0", G1 },
	{ "cut short", 6, "\x83\x07\x04" D, G1 },
	{ "no address", 4, "\x83\x03\x04\0", G1 },
	{ "of length 0", 8, "\x83\x00\x04" D "\0", G1 },
	{ "without a length", 1, "\x83", G1 },
	{ "MUST-50: unknown ones", 8, "\x9e\x07\x04" D "\0", G1 },
};

static void final_desc(const struct final_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(final, finals, final_desc);

static void final_case(struct kunit *test)
{
	const struct final_case *c = test->param_value;
	__be32 daddr, got;
	u8 *p;

	/* Exactly so many bytes, so that a read beyond them is seen */
	p = kunit_kzalloc(test, c->len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	memcpy(p + 1, c->in, c->len);
	memcpy(&daddr, G1, 4);
	got = tcpx_ipopt_final(p + 1, c->len, daddr);
	KUNIT_EXPECT_EQ(test, memcmp(&got, c->out, 4), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(return_case, return_gen_params),
	KUNIT_CASE_PARAM(final_case, final_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "tcpx_ipopt",
	.test_cases = cases,
};

kunit_test_suite(suite);
