// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard: every operation alone, at both ends of a list and of a
 * chunk, where numbers wrap, and all of them at random.
 */
#include <linux/kernel.h>

#include "../core/tcb.h"
#include "fixture.h"

#define LEN	100U
#define CHUNK	TCPX_TX_CHUNK

/* An empty scoreboard whose next segment has the number @nr */
static struct tcpx_test *enter(struct kunit *test, u32 nr)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	t->tcb.syn_acked = true;
	t->tcb.snd_mss = LEN;
	sb->end = nr / CHUNK * CHUNK;
	sb->head = sb->end;
	sb->tail = sb->end;
	tcpx_test_give_slots(sb, &t->slots);
	sb->head = nr;
	sb->tail = nr;
	return t;
}

/* One segment more, of @len bytes; a ns after the last */
static void append(struct tcpx_test *t, u32 len)
{
	struct tcpx_tcb *tcb = &t->tcb;

	tcpx_sb_append(&tcb->sb, tcb->snd_nxt, tcb->snd_nxt + len)->sent_at = ++t->now;
	tcb->snd_nxt += len;
}

/* @len bytes more that left in one piece with the last, in segments of @part bytes */
static void append_with(struct tcpx_test *t, u32 len, u32 part)
{
	struct tcpx_tcb *tcb = &t->tcb;

	tcpx_sb_append_with(&tcb->sb, tcb->snd_nxt + len, part);
	tcb->snd_nxt += len;
}

static struct tcpx_test *enter_with(struct kunit *test, int n)
{
	struct tcpx_test *t = enter(test, 0);

	while (n--)
		append(t, LEN);
	return t;
}

static void pop(struct tcpx_test *t)
{
	t->tcb.snd_una = tcpx_sb_at(&t->tcb.sb, t->tcb.sb.head)->end_seq;
	tcpx_sb_pop(&t->tcb.sb);
}

/* All up to @nr are acknowledged, in runs. Return: how many runs there were. */
static int pop_up_to(struct tcpx_test *t, u32 nr)
{
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	int runs;
	u32 n;

	t->tcb.snd_una = tcpx_sb_at(sb, nr)->end_seq;
	for (runs = 0; sb->head != nr + 1; runs++) {
		n = tcpx_sb_run(sb, t->tcb.snd_una);
		if (n > 1)
			tcpx_sb_pop_run(sb, n);
		else
			tcpx_sb_pop(sb);
	}
	return runs;
}

static void resend(struct tcpx_test *t, u32 nr)
{
	tcpx_sb_at(&t->tcb.sb, nr)->sent_at = ++t->now;
	tcpx_sb_resent(&t->tcb.sb, nr);
}

static void sound(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	const char *fault = tcpx_test_sb_fault(&t->tcb);

	KUNIT_ASSERT_TRUE_MSG(test, !fault, "%s", fault);
}

/* The list is exactly @want, each a digit, in this order */
static void expect_list(struct kunit *test, const struct tcpx_txlist *list, const char *want)
{
	struct tcpx_test *t = test->priv;
	char got[16] = "";
	u32 nr = list->first, n;

	for (n = 0; n < list->nr && n < sizeof(got) - 1; n++) {
		got[n] = '0' + nr;
		nr = tcpx_sb_at(&t->tcb.sb, nr)->next;
	}
	KUNIT_EXPECT_STREQ(test, (const char *)got, want);
	sound(test);
}

#define EXPECT_FLYING(test, t, want)	expect_list(test, &(t)->tcb.sb.flying, want)
#define EXPECT_LOST(test, t, want)	expect_list(test, &(t)->tcb.sb.lost, want)

static void appended(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 4);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	KUNIT_EXPECT_EQ(test, tcpx_sb_len(sb), 4);
	KUNIT_EXPECT_EQ(test, tcpx_sb_room(sb), TEST_CHUNKS * CHUNK - 4);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 4 * LEN);
	EXPECT_FLYING(test, t, "0123");
	EXPECT_LOST(test, t, "");
}

/* A slot that served before brings nothing along */
static void appended_in_a_used_slot(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	struct tcpx_txseg *seg;

	memset(&t->slots.chunk, 0xff, sizeof(t->slots.chunk));
	append(t, LEN);
	seg = tcpx_sb_at(&t->tcb.sb, 0);
	KUNIT_EXPECT_EQ(test, seg->flags, 0);
	KUNIT_EXPECT_EQ(test, seg->delivered, 0);
	KUNIT_EXPECT_TRUE(test, !seg->data);
}

/* Each is one of its own, and the last as long as the FIN makes it */
static void appended_in_one_piece(struct kunit *test)
{
	struct tcpx_test *t = enter(test, CHUNK - 2);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 nr;

	memset(&t->slots.chunk, 0xff, sizeof(t->slots.chunk));
	append(t, LEN);
	append_with(t, 3 * LEN + 1, LEN);
	sound(test);
	KUNIT_EXPECT_EQ(test, tcpx_sb_len(sb), 4);
	KUNIT_EXPECT_EQ(test, sb->sent, 4);
	for (nr = sb->head + 1; nr != sb->tail; nr++) {
		KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, nr)->sent_at, t->now);
		KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, nr)->order, nr - sb->head);
		KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, nr)->flags, TCPX_TX_WITH);
	}
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, sb->tail - 1)->seq, t->tcb.snd_nxt - LEN - 1);
}

/* Where there are no slots, it ends */
static void appended_until_there_are_no_slots(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, TEST_CHUNKS * CHUNK - 2);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_append_with(sb, t->tcb.snd_nxt + 5 * LEN, LEN);
	KUNIT_EXPECT_EQ(test, tcpx_sb_room(sb), 0);
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, sb->tail - 1)->end_seq, t->tcb.snd_nxt + 2 * LEN);
}

static void popped(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 4);

	pop(t);
	EXPECT_FLYING(test, t, "123");
	tcpx_sb_sack(&t->tcb.sb, 1);
	tcpx_sb_lose(&t->tcb.sb, 2);
	pop(t);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 0);
	EXPECT_LOST(test, t, "2");
	pop(t);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost_bytes, 0);
	EXPECT_FLYING(test, t, "3");
	pop(t);
	EXPECT_FLYING(test, t, "");
	KUNIT_EXPECT_EQ(test, tcpx_sb_len(&t->tcb.sb), 0);
}

/* Segments 0 to 4 in one piece, 5 to 7 in the next; those of @want are left */
static void expect_runs(struct kunit *test, u32 up_to, int runs, const char *want)
{
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, pop_up_to(t, up_to), runs);
	EXPECT_FLYING(test, t, want);
	sound(test);
}

static struct tcpx_test *enter_with_two_bursts(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 1);

	append_with(t, 4 * LEN, LEN);
	append(t, LEN);
	append_with(t, 2 * LEN, LEN);
	return t;
}

static void popped_in_runs(struct kunit *test)
{
	enter_with_two_bursts(test);
	expect_runs(test, 2, 1, "34567");
	expect_runs(test, 6, 2, "7");
	expect_runs(test, 7, 1, "");
}

/* 1 was sent again, at the same moment as 7, and lies between 7 and 8 in the list */
static void runs_go_on_when_what_was_sent_again_is_gone(struct kunit *test)
{
	struct tcpx_test *t = enter_with_two_bursts(test);

	t->now--;
	resend(t, 1);
	EXPECT_FLYING(test, t, "02345671");
	t->now--;
	append(t, LEN);
	append_with(t, LEN, LEN);
	expect_runs(test, 1, 2, "23456789");
	expect_runs(test, 9, 3, "");
}

static void runs_end_at_what_is_sacked_or_lost(struct kunit *test)
{
	struct tcpx_test *t = enter_with_two_bursts(test);

	tcpx_sb_sack(&t->tcb.sb, 1);
	tcpx_sb_lose(&t->tcb.sb, 3);
	expect_runs(test, 7, 6, "");
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost.nr, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 0);
}

/**
 * struct trim_case - a part of the first segment is acknowledged
 * @name: which it is
 * @sacked: it is SACKed
 * @lost: it is lost
 */
struct trim_case {
	const char *name;
	bool sacked, lost;
};

static const struct trim_case trims[] = {
	{ "flying", false, false }, { "SACKed", true, false }, { "lost", false, true },
};

static void trim_desc(const struct trim_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "a part is acknowledged of one %s", c->name);
}

KUNIT_ARRAY_PARAM(trim, trims, trim_desc);

static void trim_case(struct kunit *test)
{
	const struct trim_case *c = test->param_value;
	struct tcpx_test *t = enter_with(test, 2);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	if (c->sacked)
		tcpx_sb_sack(sb, 0);
	if (c->lost)
		tcpx_sb_lose(sb, 0);
	t->tcb.snd_una += 30;
	tcpx_sb_trim(sb, t->tcb.snd_una);
	sound(test);
	KUNIT_EXPECT_EQ(test, sb->sacked_bytes, c->sacked ? 70 : 0);
	KUNIT_EXPECT_EQ(test, sb->lost_bytes, c->lost ? 70 : 0);
}

static void sacked(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 5);

	tcpx_sb_sack(&t->tcb.sb, 2);
	EXPECT_FLYING(test, t, "0134");
	tcpx_sb_sack(&t->tcb.sb, 4);
	EXPECT_FLYING(test, t, "013");
	tcpx_sb_sack(&t->tcb.sb, 0);
	EXPECT_FLYING(test, t, "13");
	KUNIT_EXPECT_EQ(test, t->tcb.sb.sacked_bytes, 3 * LEN);
	tcpx_sb_lose(&t->tcb.sb, 1);
	tcpx_sb_sack(&t->tcb.sb, 1);
	KUNIT_EXPECT_EQ(test, t->tcb.sb.lost_bytes, 0);
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(&t->tcb.sb, 1)->flags, TCPX_TX_SACKED);
	EXPECT_FLYING(test, t, "3");
}

/* RFC 6675, 4, NextSeg(): what the peer waits for goes first */
static void lost(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 6);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_lose(sb, 2);
	tcpx_sb_lose(sb, 4);
	EXPECT_LOST(test, t, "24");
	tcpx_sb_lose(sb, 1);
	EXPECT_LOST(test, t, "124");
	EXPECT_FLYING(test, t, "035");
	KUNIT_EXPECT_EQ(test, sb->lost_bytes, 3 * LEN);
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 3 * LEN);
}

static void sent_again(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 4);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_lose(sb, 0);
	tcpx_sb_lose(sb, 1);
	resend(t, 0);
	EXPECT_LOST(test, t, "1");
	EXPECT_FLYING(test, t, "230");
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, 0)->flags, TCPX_TX_REXMT);
	/* A probe: it was not lost */
	resend(t, 3);
	EXPECT_FLYING(test, t, "203");
	/* and the retransmission is lost as well */
	tcpx_sb_lose(sb, 0);
	EXPECT_LOST(test, t, "01");
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, 0)->flags, TCPX_TX_REXMT | TCPX_TX_LOST);
}

/* RFC 5681, 3.1, with RFC 2018, 8: what is SACKed is not sent again */
static void all_lost(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 6);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_sack(sb, 3);
	tcpx_sb_lose(sb, 1);
	resend(t, 0);
	tcpx_sb_lose_all(sb);
	EXPECT_LOST(test, t, "01245");
	EXPECT_FLYING(test, t, "");
	KUNIT_EXPECT_EQ(test, tcpx_flight(&t->tcb), 0);
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, 0)->flags, TCPX_TX_LOST | TCPX_TX_REXMT);
	KUNIT_EXPECT_EQ(test, sb->sacked_bytes, LEN);
}

static void none_lost(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 5);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_unlose_all(sb);
	EXPECT_FLYING(test, t, "01234");
	tcpx_sb_sack(sb, 2);
	tcpx_sb_lose(sb, 0);
	tcpx_sb_lose(sb, 1);
	tcpx_sb_unlose_all(sb);
	EXPECT_LOST(test, t, "");
	EXPECT_FLYING(test, t, "0134");
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, 0)->flags, 0);
}

/* RACK looks at the oldest first, so they have to fly in the order of sending */
static void none_lost_and_some_sent_again(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 6);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_lose_all(sb);
	resend(t, 0);
	resend(t, 3);
	resend(t, 2);
	append(t, LEN);
	tcpx_sb_lose(sb, 0);
	tcpx_sb_lose(sb, 3);
	tcpx_sb_unlose_all(sb);
	EXPECT_FLYING(test, t, "1450326");
}

static void reneged(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 4);
	struct tcpx_scoreboard *sb = &t->tcb.sb;

	tcpx_sb_sack(sb, 0);
	tcpx_sb_sack(sb, 1);
	tcpx_sb_sack(sb, 3);
	tcpx_sb_renege(sb);
	EXPECT_LOST(test, t, "0123");
	KUNIT_EXPECT_EQ(test, sb->sacked_bytes, 0);
}

static void found(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 seq;

	t->tcb.snd_una = -2 * LEN;
	t->tcb.snd_nxt = t->tcb.snd_una;
	enter(test, -2);
	KUNIT_EXPECT_EQ(test, tcpx_sb_find(sb, t->tcb.snd_una), sb->tail);
	while (tcpx_sb_len(sb) < 7)
		append(t, LEN);
	for (seq = t->tcb.snd_una; seq != t->tcb.snd_nxt; seq++)
		KUNIT_EXPECT_EQ(test, tcpx_sb_find(sb, seq) - sb->head,
				(seq - t->tcb.snd_una) / LEN);
	KUNIT_EXPECT_EQ(test, tcpx_sb_find(sb, t->tcb.snd_nxt), sb->tail);
	KUNIT_EXPECT_EQ(test, tcpx_sb_find(sb, t->tcb.snd_una - 1), sb->head);
}

static void found_unsacked(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 8);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 nr;

	KUNIT_EXPECT_EQ(test, tcpx_sb_find_unsacked(sb, 3), 3);
	for (nr = 2; nr < 6; nr++)
		tcpx_sb_sack(sb, nr);
	for (nr = 2; nr < 7; nr++)
		KUNIT_EXPECT_EQ(test, tcpx_sb_find_unsacked(sb, nr), 6);
	tcpx_sb_sack(sb, 6);
	tcpx_sb_sack(sb, 7);
	for (nr = 2; nr <= 8; nr++)
		KUNIT_EXPECT_EQ(test, tcpx_sb_find_unsacked(sb, nr), 8);
	/* What comes after the end is not SACKed */
	append(t, LEN);
	for (nr = 2; nr <= 8; nr++)
		KUNIT_EXPECT_EQ(test, tcpx_sb_find_unsacked(sb, nr), 8);
	sound(test);
}

/* A chunk whose segments are gone serves again behind the last */
static void chunks_go_round(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 all = TEST_CHUNKS * CHUNK, n;

	for (n = 0; n < all; n++)
		append(t, 1);
	KUNIT_EXPECT_EQ(test, tcpx_sb_room(sb), 0);
	for (n = 0; n < CHUNK - 1; n++)
		pop(t);
	KUNIT_EXPECT_EQ(test, tcpx_sb_room(sb), 0);
	pop(t);
	KUNIT_EXPECT_EQ(test, tcpx_sb_room(sb), CHUNK);
	for (n = 0; n < 3 * all; n++) {
		append(t, 1);
		pop(t);
	}
	KUNIT_EXPECT_EQ(test, tcpx_sb_len(sb), all - CHUNK);
	sound(test);
}

/* ... across 2^32 segments: at 100 Gbit/s that is ten minutes */
static void chunks_go_round_the_wrap(struct kunit *test)
{
	struct tcpx_test *t = enter(test, -3 * CHUNK);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 n;

	for (n = 0; n < 5 * CHUNK; n++)
		append(t, LEN);
	sound(test);
	KUNIT_EXPECT_TRUE(test, tcpx_sb_dir_full(sb));
	for (n = 0; n < CHUNK; n++)
		pop(t);
	KUNIT_EXPECT_TRUE(test, tcpx_sb_dir_full(sb));
	KUNIT_ASSERT_TRUE(test, tcpx_sb_get_chunk(sb, 0));
	KUNIT_EXPECT_FALSE(test, tcpx_sb_dir_full(sb));
	sound(test);
}

/* A directory grows while segments are there, whatever place they are at */
static void directory_grows(struct kunit *test)
{
	static const u32 starts[] = { 0, 3, 5 * CHUNK - 1, -2 * CHUNK + 1 };
	struct tcpx_test *t = test->priv;
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	struct tcpx_txseg *large[8], *small[2];
	int i, n;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		tcpx_tcb_init(&t->tcb, &t->conf);
		t->tcb.syn_acked = true;
		sb->end = starts[i] / CHUNK * CHUNK;
		sb->head = sb->end;
		sb->tail = sb->end;
		KUNIT_EXPECT_TRUE(test, tcpx_sb_dir_full(sb));
		KUNIT_EXPECT_TRUE(test, !tcpx_sb_set_dir(sb, small, 2));
		tcpx_sb_put_chunk(sb, t->slots.chunk[0]);
		KUNIT_EXPECT_FALSE(test, tcpx_sb_dir_full(sb));
		tcpx_sb_put_chunk(sb, t->slots.chunk[1]);
		KUNIT_EXPECT_TRUE(test, tcpx_sb_dir_full(sb));
		sb->head = starts[i];
		sb->tail = starts[i];
		while (tcpx_sb_room(sb))
			append(t, LEN);
		KUNIT_EXPECT_TRUE(test, tcpx_sb_set_dir(sb, large, 8) == small);
		memset(small, 0xff, sizeof(small));
		KUNIT_EXPECT_FALSE(test, tcpx_sb_dir_full(sb));
		sound(test);
		for (n = 2; n < 8; n++)
			tcpx_sb_put_chunk(sb, t->slots.chunk[n]);
		KUNIT_EXPECT_TRUE(test, tcpx_sb_dir_full(sb));
		while (tcpx_sb_room(sb))
			append(t, LEN);
		sound(test);
	}
}

static void chunks_are_given_back(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	int chunks = 0;

	append(t, LEN);
	while (tcpx_sb_get_chunk(sb, CHUNK))
		chunks++;
	KUNIT_EXPECT_EQ(test, chunks, TEST_CHUNKS - 2);
	KUNIT_EXPECT_EQ(test, tcpx_sb_room(sb), 2 * CHUNK - 1);
	KUNIT_EXPECT_TRUE(test, tcpx_sb_get_chunk(sb, CHUNK - 1) == t->slots.chunk[1]);
	KUNIT_EXPECT_TRUE(test, !tcpx_sb_get_chunk(sb, 0));
	sound(test);
}

/* RFC 1191, 6.4 */
static void cut_anew(struct kunit *test)
{
	struct tcpx_test *t = enter(test, 0);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	static const u32 ends[] = { 40, 80, 100, 140, 150, 190, 230, 250, 290, 291 };
	int i;

	append(t, LEN);
	append(t, 50);
	append(t, LEN);
	append(t, 41);
	resend(t, 0);
	tcpx_sb_sack(sb, 2);
	KUNIT_EXPECT_EQ(test, tcpx_sb_recut_slots(sb, LEN), 4);
	KUNIT_ASSERT_EQ(test, tcpx_sb_recut_slots(sb, 40), ARRAY_SIZE(ends));
	tcpx_sb_recut(sb, 40);
	KUNIT_ASSERT_EQ(test, tcpx_sb_len(sb), ARRAY_SIZE(ends));
	sound(test);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, i)->end_seq, t->tcb.snd_una + ends[i]);
	KUNIT_EXPECT_EQ(test, sb->sacked_bytes, LEN);
	KUNIT_EXPECT_EQ(test, sb->lost_bytes, 291 - LEN);
	KUNIT_EXPECT_EQ(test, tcpx_sb_at(sb, 2)->flags, TCPX_TX_LOST | TCPX_TX_REXMT);
	KUNIT_EXPECT_EQ(test, sb->flying.nr, 0);
}

/* Each segment knows where its payload is */
static void held(struct kunit *test)
{
	struct tcpx_test *t = enter_with(test, 6);
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	char data[3];
	int i;

	tcpx_sb_hold(sb, 0, 6 * LEN, &data[0]);
	tcpx_sb_hold(sb, 2 * LEN, 4 * LEN, &data[1]);
	tcpx_sb_hold(sb, 5 * LEN, 6 * LEN, &data[2]);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_TRUE(test, tcpx_sb_at(sb, i)->data == &data["001102"[i] - '0']);
	/* of what is acknowledged already */
	while (tcpx_sb_len(sb))
		pop(t);
	tcpx_sb_hold(sb, 0, 6 * LEN, &data[1]);
}

static u32 roll(u32 *state, u32 sides)
{
	return tcpx_test_draw(state) % sides;
}

/* One operation, as a sender may do it */
static void any_operation(struct tcpx_test *t, u32 *dice)
{
	struct tcpx_scoreboard *sb = &t->tcb.sb;
	u32 len = tcpx_sb_len(sb), nr = sb->head + (len ? roll(dice, len) : 0);
	u8 flags = len ? tcpx_sb_at(sb, nr)->flags : 0;

	switch (roll(dice, len ? 40 : 1)) {
	case 0 ... 14:
		if (len >= 200)
			break;
		append(t, 1 + roll(dice, 3 * LEN));
		if (roll(dice, 2))
			append_with(t, 1 + roll(dice, 3 * LEN), LEN - roll(dice, LEN / 2));
		break;
	case 15 ... 18:
		pop(t);
		break;
	case 19:
		pop_up_to(t, nr);
		break;
	case 20 ... 25:
		nr = tcpx_sb_find_unsacked(sb, nr);
		if (nr != sb->tail)
			tcpx_sb_sack(sb, nr);
		break;
	case 26 ... 30:
		if (sb->flying.nr)
			tcpx_sb_lose(sb, roll(dice, 2) ? sb->flying.first : sb->flying.last);
		break;
	case 31 ... 35:
		if (sb->lost.nr)
			resend(t, sb->lost.first);
		else if (!(flags & TCPX_TX_SACKED))
			resend(t, nr);
		break;
	case 36:
		tcpx_sb_unlose_all(sb);
		break;
	case 37:
		if (!roll(dice, 10))
			tcpx_sb_lose_all(sb);
		break;
	case 38:
		if (!roll(dice, 30))
			tcpx_sb_renege(sb);
		break;
	case 39:
		if (!roll(dice, 30) && tcpx_sb_recut_slots(sb, 50) < 900)
			tcpx_sb_recut(sb, 50);
		break;
	}
}

static const u32 seeds[] = { 1, 22, 333, 4444 };

static void seed_desc(const u32 *seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %u", *seed);
}

KUNIT_ARRAY_PARAM(seed, seeds, seed_desc);

static void any_operations(struct kunit *test)
{
	u32 dice = *(const u32 *)test->param_value;
	struct tcpx_test *t = test->priv;
	int i;

	t->tcb.snd_una = -5000;
	t->tcb.snd_nxt = -5000;
	enter(test, -700);
	for (i = 0; i < 20000; i++) {
		any_operation(t, &dice);
		sound(test);
	}
}

static struct kunit_case scoreboard_cases[] = {
	KUNIT_CASE(appended),
	KUNIT_CASE(appended_in_a_used_slot),
	KUNIT_CASE(appended_in_one_piece),
	KUNIT_CASE(appended_until_there_are_no_slots),
	KUNIT_CASE(popped),
	KUNIT_CASE(popped_in_runs),
	KUNIT_CASE(runs_go_on_when_what_was_sent_again_is_gone),
	KUNIT_CASE(runs_end_at_what_is_sacked_or_lost),
	KUNIT_CASE_PARAM(trim_case, trim_gen_params),
	KUNIT_CASE(sacked),
	KUNIT_CASE(lost),
	KUNIT_CASE(sent_again),
	KUNIT_CASE(all_lost),
	KUNIT_CASE(none_lost),
	KUNIT_CASE(none_lost_and_some_sent_again),
	KUNIT_CASE(reneged),
	KUNIT_CASE(found),
	KUNIT_CASE(found_unsacked),
	KUNIT_CASE(chunks_go_round),
	KUNIT_CASE(chunks_go_round_the_wrap),
	KUNIT_CASE(directory_grows),
	KUNIT_CASE(chunks_are_given_back),
	KUNIT_CASE(cut_anew),
	KUNIT_CASE(held),
	KUNIT_CASE_PARAM(any_operations, seed_gen_params),
	{}
};

static struct kunit_suite scoreboard_suite = {
	.name = "tcpx_scoreboard",
	.init = tcpx_test_init,
	.test_cases = scoreboard_cases,
};

kunit_test_suite(scoreboard_suite);
