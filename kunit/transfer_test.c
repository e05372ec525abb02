// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends and a network that loses, copies and reorders: what was sent
 * arrives, and after every event the scoreboards are sound, nothing flies
 * beyond cwnd or beyond the peer's window, and it comes to an end.
 */
#include <linux/kernel.h>

#include "../cong/bbr.h"
#include "../cong/cubic.h"
#include "../cong/dctcp.h"
#include "wire.h"

#define DATA	200000U	/* bytes each way */

/**
 * struct path_case - a network
 * @name: how it is
 * @lose: % of the segments
 * @dup: % of the segments
 * @late: % of the segments
 * @renege: % of what comes before its turn
 * @limit: longer segments vanish, bytes of payload
 */
struct path_case {
	const char *name;
	u32 lose, dup, late, renege, limit;
};

static const struct path_case paths[] = {
	{ "clean", 0, 0, 0, 0 },
	{ "losing", 3, 0, 0, 0 },
	{ "losing much", 12, 0, 0, 0 },
	{ "copying", 0, 30, 0, 0 },
	{ "reordering", 0, 0, 30, 0 },
	{ "reordering and copying", 0, 20, 20, 0 },
	{ "losing, copying and reordering", 5, 5, 5, 0 },
	{ "losing, copying and reordering much", 10, 10, 10, 0 },
	{ "losing, and the receiver reneges", 5, 2, 5, 10 },
	{ "swallowing long segments", 0, 0, 0, 0, 1000 },
	{ "swallowing long segments, losing, copying and reordering", 3, 3, 3, 0, 1000 },
};

static void path_desc(const struct path_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "a path that is %s", c->name);
}

KUNIT_ARRAY_PARAM(path, paths, path_desc);

static const struct tcpx_cong_ops *const algorithms[] = {
	&tcpx_cong_reno, &tcpx_cong_cubic, &tcpx_cong_bbr, &tcpx_cong_dctcp,
};

static void expect_end(struct kunit *test, int i)
{
	struct wire *w = test->priv;

	KUNIT_EXPECT_EQ(test, w->end[i].got, DATA);
	KUNIT_EXPECT_TRUE(test, w->end[i].closed);
	KUNIT_EXPECT_EQ(test, w->end[i].tcb.state, TCPX_CLOSED);
	/* 3.6.1: with an RTO beyond 2MSL the last FIN, sent again, finds no TIME-WAIT */
	if (w->end[i].err == ECONNRESET && !w->end[!i].err)
		return;
	KUNIT_EXPECT_EQ(test, w->end[i].err, 0);
	KUNIT_EXPECT_EQ(test, w->end[i].tcb.snd_una, w->end[i].tcb.snd_nxt);
}

/* One connection: @options: bit 0: SACK, bit 1: timestamps */
static void transfer(struct kunit *test, const struct path_case *c, int options, u32 seed)
{
	struct wire *w;

	KUNIT_ASSERT_EQ(test, wire_init(test), 0);
	w = test->priv;
	w->conf.sack = options & 1;
	w->conf.dsack = options & 1;
	w->conf.timestamps = !!(options & 2);
	w->conf.window_scaling = 1;
	w->conf.mtu_probing = c->limit ? 2 : 0;
	w->limit = c->limit;
	w->cong = algorithms[seed % ARRAY_SIZE(algorithms)];
	w->seed = seed;
	w->most_steps = 100000;
	w->lose = c->lose;
	w->dup = c->dup;
	w->late = c->late;
	w->renege = c->renege;
	wire_listen(w);
	wire_connect(w, WIRE_CLIENT);
	wire_run(w, w->now + 100 * SEC);
	KUNIT_ASSERT_TRUE(test, w->end[0].connected && w->end[1].connected);
	wire_write(w, WIRE_CLIENT, DATA);
	wire_write(w, WIRE_SERVER, DATA);
	wire_close(w, WIRE_CLIENT);
	wire_close(w, WIRE_SERVER);
	wire_run(w, w->now + 3600 * SEC);
	KUNIT_ASSERT_TRUE_MSG(test, !w->fault, "%s (options %d, seed %u, step %u)",
			      w->fault, options, seed, w->steps);
	expect_end(test, WIRE_CLIENT);
	expect_end(test, WIRE_SERVER);
}

static void path_case(struct kunit *test)
{
	u32 seed;
	int options;

	for (options = 0; options < 4; options++)
		for (seed = 0; seed < TEST_SEEDS; seed++)
			transfer(test, test->param_value, options,
				 TEST_SEED(TEST_FIRST_SEED + seed));
}

static struct kunit_case transfer_cases[] = {
	KUNIT_CASE_PARAM(path_case, path_gen_params),
	{}
};

static struct kunit_suite transfer_suite = {
	.name = "tcpx_transfer",
	.init = wire_init,
	.test_cases = transfer_cases,
};

kunit_test_suite(transfer_suite);
