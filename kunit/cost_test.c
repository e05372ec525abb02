// SPDX-License-Identifier: GPL-2.0
/*
 * What an acknowledgment costs, whatever it says: a window of 10000 segments
 * and a peer that wants it to be much.  Counted are steps, not time.
 */
#include <linux/kernel.h>

#include "../core/tcb.h"
#include "fixture.h"

#define SEGS		10000U
#define CHUNKS		1024U	/* a power of two, more than SEGS / TCPX_TX_CHUNK */
#define SMSS		TEST_MSS
#define LOG2_SEGS	14U
#define RTT		(100 * MSEC)

/**
 * struct tally - what taking SACK blocks has cost
 * @t: the fixture
 * @dice: state of the generator
 * @blocks: so many blocks
 * @sacked: so many segments were SACKed
 * @steps: in bisection, and from one SACKed segment to the next
 */
struct tally {
	struct tcpx_test *t;
	u32 dice;
	u64 blocks;
	u64 sacked;
	u64 steps;
};

static u32 roll(struct tally *y, u32 sides)
{
	return tcpx_test_draw(&y->dice) % sides;
}

/* ESTABLISHED, SEGS segments in flight that were sent in 100 ms */
static struct tcpx_test *enter(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	struct tcpx_txseg *chunk;
	int i;

	t->wnd = 60000;
	t->rtt = RTT;
	t->peer_opt.has |= TCPX_HAS_SACK_PERM | TCPX_HAS_WSCALE;
	t->peer_opt.wscale = 8;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_sack(t, 0, 0, NULL);
	t->tcb.cong.cwnd = 2 * SEGS * SMSS;
	tcpx_sb_set_dir(sb, kunit_kcalloc(test, CHUNKS, sizeof(*sb->dir), GFP_KERNEL), CHUNKS);
	KUNIT_ASSERT_TRUE(test, sb->dir);
	while (!tcpx_sb_dir_full(sb)) {
		chunk = kunit_kcalloc(test, TCPX_TX_CHUNK, sizeof(*chunk), GFP_KERNEL);
		KUNIT_ASSERT_TRUE(test, chunk);
		tcpx_sb_put_chunk(sb, chunk);
	}
	for (i = 0; i < 100; i++) {
		t->now += MSEC;
		tcpx_test_write(t, SEGS / 100 * SMSS);
		KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), SEGS / 100);
	}
	t->now += RTT;
	return t;
}

/* As tcpx_sb_find_unsacked(), whose steps are counted beforehand */
static u32 find_unsacked(struct tally *y, u32 nr)
{
	struct tcpx_scoreboard *sb = &y->t->tcb.sb;
	u32 at = nr;

	while (at != sb->tail && tcpx_sb_at(sb, at)->flags & TCPX_TX_SACKED) {
		u32 next = tcpx_sb_at(sb, at)->skip;

		if (next != sb->tail && tcpx_sb_at(sb, next)->flags & TCPX_TX_SACKED)
			next = tcpx_sb_at(sb, next)->skip;
		at = next;
		y->steps++;
	}
	return tcpx_sb_find_unsacked(sb, nr);
}

/* As tcpx_recovery_sack() takes it: @from and @to in segments */
static void take(struct tally *y, u32 from, u32 to)
{
	struct tcpx_scoreboard *sb = &y->t->tcb.sb;
	u32 end = tcpx_test_seq(y->t, to), nr = tcpx_sb_find(sb, tcpx_test_seq(y->t, from));

	y->blocks++;
	y->steps += LOG2_SEGS;
	while ((nr = find_unsacked(y, nr)) != sb->tail &&
	       !tcpx_after(tcpx_sb_at(sb, nr)->end_seq, end)) {
		tcpx_sb_sack(sb, nr++);
		y->sacked++;
	}
}

static void upwards(struct tally *y)
{
	u32 k;

	for (k = 1; k < SEGS; k++)
		take(y, k, k + 1);
	for (k = 1; k < SEGS; k++)
		take(y, 1, SEGS);
}

static void downwards(struct tally *y)
{
	u32 k;

	for (k = SEGS; --k;)
		take(y, k, k + 1);
	for (k = 1; k < SEGS; k++)
		take(y, k, SEGS);
}

/* Every second one, and then what is between them, from the middle to both ends */
static void from_the_middle(struct tally *y)
{
	u32 k;

	for (k = 2; k < SEGS; k += 2)
		take(y, k, k + 1);
	for (k = 1; k < SEGS / 2; k += 2) {
		take(y, SEGS / 2 - k, SEGS / 2 - k + 1);
		take(y, SEGS / 2 + k, SEGS / 2 + k + 1);
		take(y, 1, SEGS / 2 + k + 1);
	}
}

static void any_single(struct tally *y)
{
	u32 i, k;

	for (i = 0; i < 4 * SEGS; i++) {
		k = 1 + roll(y, SEGS - 1);
		take(y, k, k + 1);
	}
}

static void any_blocks(struct tally *y)
{
	u32 i, k;

	for (i = 0; i < 4 * SEGS; i++) {
		k = 1 + roll(y, SEGS - 1);
		take(y, k, k + 1 + roll(y, min(SEGS - k, 1 + i / 8)));
	}
}

static void all_at_once_and_again(struct tally *y)
{
	u32 k;

	for (k = 0; k < SEGS; k++)
		take(y, 1, SEGS);
}

/**
 * struct cost_case - an order of blocks
 * @name: which
 * @attack: takes them
 */
struct cost_case {
	const char *name;
	void (*attack)(struct tally *y);
};

static const struct cost_case costs[] = {
	{ "one by one, upwards", upwards },
	{ "one by one, downwards", downwards },
	{ "every second one, the gaps from the middle", from_the_middle },
	{ "single ones at random", any_single },
	{ "blocks at random", any_blocks },
	{ "everything, again and again", all_at_once_and_again },
};

static void cost_desc(const struct cost_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "cost of SACK: %s", c->name);
}

KUNIT_ARRAY_PARAM(cost, costs, cost_desc);

/* O(log n) for each block, and for each segment that is SACKed once */
static void cost_case(struct kunit *test)
{
	const struct cost_case *c = test->param_value;
	struct tally y = { .t = enter(test), .dice = 4711 };
	const char *fault;

	c->attack(&y);
	kunit_info(test, "%s: %llu blocks, %llu segments, %llu steps\n", c->name, y.blocks,
		   y.sacked, y.steps);
	KUNIT_EXPECT_LE(test, y.sacked, SEGS);
	KUNIT_EXPECT_LE(test, y.steps, (y.blocks + y.sacked) * (LOG2_SEGS + 2));
	fault = tcpx_test_sb_fault(&y.t->tcb);
	KUNIT_EXPECT_TRUE_MSG(test, !fault, "%s", fault);
}

/*
 * A peer that makes us take its window for lost, and believe with the next ACK
 * that it was not: each time all segments go from one list to another.
 */
static void lost_and_undone(struct kunit *test)
{
	struct tcpx_test *t = enter(test);
	u32 moved = 0, acks = 0, before, una, k;

	for (k = SEGS - 1; k > SEGS - 1000; k--) {
		before = t->tcb.sb.lost.nr;
		SACK(t, 0, { k, k + 1 });
		moved += max(t->tcb.sb.lost.nr, before) - before;
		tcpx_test_send_all(t);
		/* What was sent again has come twice, the peer says */
		una = t->tcb.rec.undo_rexmts;
		before = t->tcb.sb.lost.nr;
		SACK(t, 0, { 0, una }, { 0, SEGS });
		moved += before - min(before, t->tcb.sb.lost.nr);
		SACK(t, 0, { 0, una }, { 0, k });
		acks += 3;
		t->now += MSEC;
	}
	kunit_info(test, "%u ACKs moved %u segments\n", acks, moved);
	KUNIT_EXPECT_LE(test, moved, 4 * SEGS + acks * TCPX_TX_CHUNK);
}

static struct kunit_case cost_cases[] = {
	KUNIT_CASE_PARAM(cost_case, cost_gen_params),
	KUNIT_CASE(lost_and_undone),
	{}
};

static struct kunit_suite cost_suite = {
	.name = "tcpx_cost",
	.init = tcpx_test_init,
	.test_cases = cost_cases,
};

kunit_test_suite(cost_suite);
