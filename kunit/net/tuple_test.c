// SPDX-License-Identifier: GPL-2.0
/*
 * 4-tuples and local addresses of both families: net/tuple.c, net/tuple.h and
 * net/addr.h.  They know the kernel's addresses, so these cases run in a kernel only.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "../../net/tuple.h"

static const siphash_key_t key = { .key = { 1, 2 } };

#define V4(a, b, c, d)	htonl((a) << 24 | (b) << 16 | (c) << 8 | (d))
#define V6(first, last)	{ .s6_addr16 = { [0] = htons(first), [7] = htons(last) } }
#define MAPPED(a, b, c, d)						\
	{ .s6_addr = { [10] = 0xff, 0xff, (a), (b), (c), (d) } }

static const struct tcpx_tuple four = {
	.family = AF_INET, .wire = 253, .laddr = V4(10, 0, 0, 1), .raddr = V4(10, 0, 0, 2),
	.lport = htons(1), .rport = htons(2),
};

static const struct tcpx_addrs6 pair = { .raddr = V6(0x2001, 2), .laddr = V6(0x2001, 1) };

static const struct tcpx_tuple six = {
	.family = AF_INET6, .wire = 253, .addrs6 = &pair, .lport = htons(1), .rport = htons(2),
};

/* --- which are the same --- */

struct differs_case {
	const char *name;
	struct tcpx_tuple tuple;
	struct tcpx_addrs6 pair;
	const struct tcpx_tuple *from;
};

static const struct differs_case differs_cases[] = {
	{ "IPv4: the local address", {
		.family = AF_INET, .wire = 253, .laddr = V4(10, 0, 0, 3),
		.raddr = V4(10, 0, 0, 2), .lport = htons(1), .rport = htons(2),
	}, { }, &four },
	{ "IPv4: the peer's address", {
		.family = AF_INET, .wire = 253, .laddr = V4(10, 0, 0, 1),
		.raddr = V4(10, 0, 0, 3), .lport = htons(1), .rport = htons(2),
	}, { }, &four },
	{ "IPv4: the addresses the other way round", {
		.family = AF_INET, .wire = 253, .laddr = V4(10, 0, 0, 2),
		.raddr = V4(10, 0, 0, 1), .lport = htons(1), .rport = htons(2),
	}, { }, &four },
	{ "IPv4: the local port", {
		.family = AF_INET, .wire = 253, .laddr = V4(10, 0, 0, 1),
		.raddr = V4(10, 0, 0, 2), .lport = htons(3), .rport = htons(2),
	}, { }, &four },
	{ "IPv4: the peer's port", {
		.family = AF_INET, .wire = 253, .laddr = V4(10, 0, 0, 1),
		.raddr = V4(10, 0, 0, 2), .lport = htons(1), .rport = htons(3),
	}, { }, &four },
	{ "IPv4: the protocol", {
		.family = AF_INET, .wire = 6, .laddr = V4(10, 0, 0, 1),
		.raddr = V4(10, 0, 0, 2), .lport = htons(1), .rport = htons(2),
	}, { }, &four },
	{ "IPv6: the local address", {
		.family = AF_INET6, .wire = 253, .lport = htons(1), .rport = htons(2),
	}, { .raddr = V6(0x2001, 2), .laddr = V6(0x2001, 3) }, &six },
	{ "IPv6: the peer's address", {
		.family = AF_INET6, .wire = 253, .lport = htons(1), .rport = htons(2),
	}, { .raddr = V6(0x2002, 2), .laddr = V6(0x2001, 1) }, &six },
	{ "IPv6: the addresses the other way round", {
		.family = AF_INET6, .wire = 253, .lport = htons(1), .rport = htons(2),
	}, { .raddr = V6(0x2001, 1), .laddr = V6(0x2001, 2) }, &six },
	{ "IPv6: the local port", {
		.family = AF_INET6, .wire = 253, .lport = htons(3), .rport = htons(2),
	}, { .raddr = V6(0x2001, 2), .laddr = V6(0x2001, 1) }, &six },
	{ "IPv6: the peer's port", {
		.family = AF_INET6, .wire = 253, .lport = htons(1), .rport = htons(3),
	}, { .raddr = V6(0x2001, 2), .laddr = V6(0x2001, 1) }, &six },
	{ "IPv6: the protocol", {
		.family = AF_INET6, .wire = 6, .lport = htons(1), .rport = htons(2),
	}, { .raddr = V6(0x2001, 2), .laddr = V6(0x2001, 1) }, &six },
	{ "the family", {
		.family = AF_INET6, .wire = 253, .lport = htons(1), .rport = htons(2),
	}, { .raddr = MAPPED(10, 0, 0, 2), .laddr = MAPPED(10, 0, 0, 1) }, &four },
};

static void differs_desc(const struct differs_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(differs, differs_cases, differs_desc);

/* One field makes another tuple, with another hash */
static void differs(struct kunit *test)
{
	const struct differs_case *c = test->param_value;
	struct tcpx_tuple tuple = c->tuple;

	if (tuple.family == AF_INET6)
		tuple.addrs6 = &c->pair;
	KUNIT_EXPECT_FALSE(test, tcpx_tuple_equal(&tuple, c->from));
	KUNIT_EXPECT_FALSE(test, tcpx_tuple_equal(c->from, &tuple));
	KUNIT_EXPECT_NE(test, tcpx_tuple_hash(&init_net, &tuple, &key),
			tcpx_tuple_hash(&init_net, c->from, &key));
}

/* A tuple in a node, or with its addresses elsewhere, is the same one */
static void same(struct kunit *test)
{
	const struct tcpx_addrs6 there = pair;
	struct tcpx_tuple a = four, b = six;

	a.kind = 1;
	b.kind = 2;
	b.addrs6 = &there;
	KUNIT_EXPECT_TRUE(test, tcpx_tuple_equal(&a, &four));
	KUNIT_EXPECT_TRUE(test, tcpx_tuple_equal(&b, &six));
	KUNIT_EXPECT_EQ(test, tcpx_tuple_hash(&init_net, &a, &key),
			tcpx_tuple_hash(&init_net, &four, &key));
	KUNIT_EXPECT_EQ(test, tcpx_tuple_hash(&init_net, &b, &key),
			tcpx_tuple_hash(&init_net, &six, &key));
}

/* RFC 7413, 4.1.2: servers that share a key make one cookie, those of Linux too */
static void cookie_bytes(struct kunit *test)
{
	struct tcpx_tuple t4 = four, t6 = six;
	const __be32 from[] = { V4(10, 0, 0, 2), V4(10, 0, 0, 1) };
	struct in6_addr from6[] = { V6(0x2001, 2), V6(0x2001, 1) };

	t4.rport = 0;
	t6.wire = 6;
	KUNIT_EXPECT_EQ(test, tcpx_tuple_hash_addrs(&t4, &key), siphash(from, 8, &key));
	KUNIT_EXPECT_EQ(test, tcpx_tuple_hash_addrs(&t6, &key), siphash(from6, 32, &key));
}

/* An entry's addresses do not end with the segment that they came from */
static void keep(struct kunit *test)
{
	struct tcpx_addrs6 header = pair, room = { };
	struct tcpx_tuple a = four, b = six;

	KUNIT_EXPECT_EQ(test, tcpx_tuple_room(&a), 0);
	tcpx_tuple_keep(&a, NULL);
	KUNIT_EXPECT_TRUE(test, tcpx_tuple_equal(&a, &four));

	KUNIT_EXPECT_EQ(test, tcpx_tuple_room(&b), sizeof(room));
	b.addrs6 = &header;
	tcpx_tuple_keep(&b, &room);
	memset(&header, 0xff, sizeof(header));
	KUNIT_EXPECT_PTR_EQ(test, b.addrs6, (const struct tcpx_addrs6 *)&room);
	KUNIT_EXPECT_TRUE(test, tcpx_tuple_equal(&b, &six));
}

/* --- what they say --- */

struct ends_case {
	const char *name;
	struct tcpx_addrs6 pair;	/* mapped: a tuple of IPv4 */
	bool to_self;
	bool loopback;
	bool link_local;
};

static const struct ends_case ends_cases[] = {
	{ "IPv4", { .raddr = MAPPED(10, 0, 0, 2), .laddr = MAPPED(10, 0, 0, 1) } },
	{ "IPv4: to itself", { .raddr = MAPPED(10, 0, 0, 1), .laddr = MAPPED(10, 0, 0, 1) },
	  true },
	{ "IPv4: a loopback address here",
	  { .raddr = MAPPED(10, 0, 0, 1), .laddr = MAPPED(127, 1, 0, 1) }, false, true },
	{ "IPv4: a loopback address there",
	  { .raddr = MAPPED(127, 0, 0, 1), .laddr = MAPPED(10, 0, 0, 1) }, false, true },
	{ "IPv4: link-local", { .raddr = MAPPED(169, 254, 0, 1), .laddr = MAPPED(10, 0, 0, 1) } },
	{ "IPv6", { .raddr = V6(0x2001, 2), .laddr = V6(0x2001, 1) } },
	{ "IPv6: to itself", { .raddr = V6(0x2001, 1), .laddr = V6(0x2001, 1) }, true },
	{ "IPv6: the loopback address here",
	  { .raddr = V6(0x2001, 1), .laddr = V6(0, 1) }, false, true },
	{ "IPv6: the loopback address there",
	  { .raddr = V6(0, 1), .laddr = V6(0x2001, 1) }, false, true },
	{ "IPv6: the peer is link-local",
	  { .raddr = V6(0xfe80, 1), .laddr = V6(0x2001, 1) }, false, false, true },
	{ "IPv6: only the local address is link-local",
	  { .raddr = V6(0x2001, 1), .laddr = V6(0xfebf, 1) } },
};

static void ends_desc(const struct ends_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(ends, ends_cases, ends_desc);

static struct tcpx_tuple tuple_of(const struct ends_case *c)
{
	struct tcpx_tuple t = { .lport = htons(1), .rport = htons(2) };

	if (ipv6_addr_v4mapped(&c->pair.raddr)) {
		t.family = AF_INET;
		t.raddr = c->pair.raddr.s6_addr32[3];
		t.laddr = c->pair.laddr.s6_addr32[3];
	} else {
		t.family = AF_INET6;
		t.addrs6 = &c->pair;
	}
	return t;
}

static void ends(struct kunit *test)
{
	const struct ends_case *c = test->param_value;
	const struct tcpx_tuple t = tuple_of(c);
	const struct in6_addr laddr = tcpx_tuple_laddr(&t), raddr = tcpx_tuple_raddr(&t);

	KUNIT_EXPECT_EQ(test, tcpx_tuple_to_self(&t), c->to_self);
	KUNIT_EXPECT_EQ(test, tcpx_tuple_loopback(&t), c->loopback);
	KUNIT_EXPECT_EQ(test, tcpx_tuple_link_local(&t), c->link_local);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&laddr, &c->pair.laddr));
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&raddr, &c->pair.raddr));
}

/* As the tracepoints print them */
static void printed(struct kunit *test)
{
	union tcpx_sockaddr local, remote;
	char text[64];

	tcpx_tuple_ends(&four, &local, &remote);
	snprintf(text, sizeof(text), "%pISpc %pISpc", &local, &remote);
	KUNIT_EXPECT_STREQ(test, text, "10.0.0.1:1 10.0.0.2:2");
	tcpx_tuple_ends(&six, &local, &remote);
	snprintf(text, sizeof(text), "%pISpc %pISpc", &local, &remote);
	KUNIT_EXPECT_STREQ(test, text, "[2001::1]:1 [2001::2]:2");
}

/* --- what sockets are bound to --- */

struct covers_case {
	const char *name;
	struct tcpx_local a, b;
	bool covers;		/* @a covers @b */
	bool covered;		/* and the other way round */
};

static const struct covers_case covers_cases[] = {
	{ "IPv4: the same address",
	  { MAPPED(10, 0, 0, 1), AF_INET }, { MAPPED(10, 0, 0, 1), AF_INET }, true, true },
	{ "IPv4: the same address, of an IPv6 socket",
	  { MAPPED(10, 0, 0, 1), AF_INET }, { MAPPED(10, 0, 0, 1) }, true, true },
	{ "IPv4: different ones", { MAPPED(10, 0, 0, 1), AF_INET }, { MAPPED(10, 0, 0, 2) } },
	{ "0.0.0.0 and an address of IPv4",
	  { MAPPED(0, 0, 0, 0), AF_INET }, { MAPPED(10, 0, 0, 1), AF_INET }, true, false },
	{ "0.0.0.0 of an IPv6 socket and an address of IPv4",
	  { MAPPED(0, 0, 0, 0) }, { MAPPED(10, 0, 0, 1), AF_INET }, true, false },
	{ "0.0.0.0 twice",
	  { MAPPED(0, 0, 0, 0), AF_INET }, { MAPPED(0, 0, 0, 0) }, true, true },
	{ "IPv6: the same address",
	  { V6(0x2001, 1), AF_INET6 }, { V6(0x2001, 1), AF_INET6 }, true, true },
	{ "IPv6: the same address, one by connect()",
	  { V6(0x2001, 1), AF_INET6 }, { V6(0x2001, 1) }, true, true },
	{ "IPv6: different ones", { V6(0x2001, 1), AF_INET6 }, { V6(0x2001, 2), AF_INET6 } },
	{ ":: and an address of IPv6", { V6(0, 0) }, { V6(0x2001, 1), AF_INET6 }, true, false },
	{ ":: and the loopback address", { V6(0, 0) }, { V6(0, 1), AF_INET6 }, true, false },
	{ ":: and an address of IPv4",
	  { V6(0, 0) }, { MAPPED(10, 0, 0, 1), AF_INET }, true, false },
	{ ":: and 0.0.0.0", { V6(0, 0) }, { MAPPED(0, 0, 0, 0), AF_INET }, true, true },
	{ ":: and 0.0.0.0 of an IPv6 socket",
	  { V6(0, 0) }, { MAPPED(0, 0, 0, 0) }, true, false },
	{ ":: twice", { V6(0, 0) }, { V6(0, 0), AF_INET6 }, true, true },
	{ ":: alone and an address of IPv6",
	  { V6(0, 0), AF_INET6 }, { V6(0x2001, 1), AF_INET6 }, true, false },
	{ ":: alone and an address of IPv4",
	  { V6(0, 0), AF_INET6 }, { MAPPED(10, 0, 0, 1), AF_INET } },
	{ ":: alone and 0.0.0.0", { V6(0, 0), AF_INET6 }, { MAPPED(0, 0, 0, 0), AF_INET } },
	{ ":: alone twice", { V6(0, 0), AF_INET6 }, { V6(0, 0), AF_INET6 }, true, true },
	{ "IPv4 and IPv6", { MAPPED(10, 0, 0, 1), AF_INET }, { V6(0x2001, 1), AF_INET6 } },
	{ "0.0.0.0 and bind() to an address of IPv6",
	  { MAPPED(0, 0, 0, 0), AF_INET }, { V6(0x2001, 1), AF_INET6 } },
	{ "0.0.0.0 and an address of IPv6 by connect()",
	  { MAPPED(0, 0, 0, 0), AF_INET }, { V6(0x2001, 1) }, true, false },
	{ "0.0.0.0 of an IPv6 socket and an address of IPv6 by connect()",
	  { MAPPED(0, 0, 0, 0) }, { V6(0x2001, 1) } },
};

static void covers_desc(const struct covers_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", c->name);
}

KUNIT_ARRAY_PARAM(covers, covers_cases, covers_desc);

static void covers(struct kunit *test)
{
	const struct covers_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpx_local_covers(&c->a, &c->b), c->covers);
	KUNIT_EXPECT_EQ(test, tcpx_local_covers(&c->b, &c->a), c->covered);
}

static void wildcards(struct kunit *test)
{
	const struct in6_addr any = V6(0, 0), one = V6(0, 1), four_any = MAPPED(0, 0, 0, 0);
	const struct in6_addr four_one = MAPPED(0, 0, 0, 1), prefix = V6(0x2001, 0);
	struct in6_addr made = tcpx_addr_v4(V4(0, 0, 0, 1));
	const hsiphash_key_t key = { { 1, 2 } };

	KUNIT_EXPECT_TRUE(test, tcpx_addr_any(&any));
	KUNIT_EXPECT_TRUE(test, tcpx_addr_any(&four_any));
	KUNIT_EXPECT_FALSE(test, tcpx_addr_any(&one));
	KUNIT_EXPECT_FALSE(test, tcpx_addr_any(&four_one));
	KUNIT_EXPECT_FALSE(test, tcpx_addr_any(&prefix));
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&made, &four_one));
	KUNIT_EXPECT_EQ(test, tcpx_addr_hash(&made, 7, &key), tcpx_addr_hash(&four_one, 7, &key));
	KUNIT_EXPECT_NE(test, tcpx_addr_hash(&made, 7, &key), tcpx_addr_hash(&made, 8, &key));
	KUNIT_EXPECT_NE(test, tcpx_addr_hash(&any, 7, &key), tcpx_addr_hash(&prefix, 7, &key));
	KUNIT_EXPECT_NE(test, tcpx_addr_hash(&any, 7, &key), tcpx_addr_hash(&one, 7, &key));
}

static struct kunit_case tuple_cases[] = {
	KUNIT_CASE_PARAM(differs, differs_gen_params),
	KUNIT_CASE(same),
	KUNIT_CASE(cookie_bytes),
	KUNIT_CASE(keep),
	KUNIT_CASE_PARAM(ends, ends_gen_params),
	KUNIT_CASE(printed),
	KUNIT_CASE_PARAM(covers, covers_gen_params),
	KUNIT_CASE(wildcards),
	{}
};

static struct kunit_suite tuple_suite = {
	.name = "tcpx_tuple",
	.test_cases = tuple_cases,
};

kunit_test_suite(tuple_suite);
