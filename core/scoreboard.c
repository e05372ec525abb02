// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard: what was sent and is not acknowledged (RFC 2018, 5; RFC
 * 6675, 4; RFC 8985, 5.2).  Pure; the slots are the caller's memory.
 *
 * Segments lie in a ring in the order of their sequence numbers, so one is
 * found by bisection.  Each is in one of three places:
 *
 * flying	by the time it was sent, for RACK: the oldest first
 * lost		to be sent again
 * SACKed	in no list; runs of them are stepped over by path compression
 *
 * A block that covers a segment in part is ignored: no honest peer acknowledges
 * half of what arrived whole, so none can make us cut segments (CVE-2019-11477,
 * CVE-2019-11478).
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../tcpx_hdr.h"
#include "scoreboard.h"

#define TCPX_TX_RUNS	32	/* 2^32 segments can be sorted */

static u32 tcpx_tx_len(const struct tcpx_txseg *seg)
{
	return seg->end_seq - seg->seq;
}

static void tcpx_txlist_add_tail(struct tcpx_scoreboard *sb, struct tcpx_txlist *list, u32 nr)
{
	if (list->nr++) {
		tcpx_sb_at(sb, list->last)->next = nr;
		tcpx_sb_at(sb, nr)->prev = list->last;
	} else {
		list->first = nr;
	}
	list->last = nr;
}

static void tcpx_txlist_add_head(struct tcpx_scoreboard *sb, struct tcpx_txlist *list, u32 nr)
{
	if (list->nr++) {
		tcpx_sb_at(sb, list->first)->prev = nr;
		tcpx_sb_at(sb, nr)->next = list->first;
	} else {
		list->last = nr;
	}
	list->first = nr;
}

static void tcpx_txlist_del(struct tcpx_scoreboard *sb, struct tcpx_txlist *list, u32 nr)
{
	const struct tcpx_txseg *seg = tcpx_sb_at(sb, nr);

	list->nr--;
	if (!list->nr)
		return;
	if (list->first == nr)
		list->first = seg->next;
	else
		tcpx_sb_at(sb, seg->prev)->next = seg->next;
	if (list->last == nr)
		list->last = seg->prev;
	else
		tcpx_sb_at(sb, seg->next)->prev = seg->prev;
}

/* The first @n, the last of which is @last */
static void tcpx_txlist_del_first(struct tcpx_scoreboard *sb, struct tcpx_txlist *list, u32 n,
				  u32 last)
{
	list->nr -= n;
	if (list->nr)
		list->first = tcpx_sb_at(sb, last)->next;
}

/* Out of the list it is in, if any, and out of the counts of bytes */
static void tcpx_sb_take(struct tcpx_scoreboard *sb, u32 nr)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, nr);

	if (seg->flags & TCPX_TX_SACKED) {
		sb->sacked_bytes -= tcpx_tx_len(seg);
	} else if (seg->flags & TCPX_TX_LOST) {
		sb->lost_bytes -= tcpx_tx_len(seg);
		tcpx_txlist_del(sb, &sb->lost, nr);
	} else {
		tcpx_txlist_del(sb, &sb->flying, nr);
		sb->rexmt -= !!(seg->flags & TCPX_TX_REXMT);
	}
	seg->flags &= ~(TCPX_TX_SACKED | TCPX_TX_LOST | TCPX_TX_WITH);
}

static struct tcpx_txseg **tcpx_sb_chunk(const struct tcpx_scoreboard *sb, u32 nr)
{
	return &sb->dir[nr / TCPX_TX_CHUNK & sb->dir_mask];
}

/* Chunks from the one that holds the first segment to the last there is */
static u32 tcpx_sb_chunks(const struct tcpx_scoreboard *sb)
{
	/* Numbers wrap, quotients of them would not: subtract first */
	return (sb->end - (sb->head & ~(TCPX_TX_CHUNK - 1U))) / TCPX_TX_CHUNK;
}

/**
 * tcpx_sb_dir_full() - must the directory grow before another chunk is put?
 * @sb: the scoreboard
 */
bool tcpx_sb_dir_full(const struct tcpx_scoreboard *sb)
{
	return !sb->dir || tcpx_sb_chunks(sb) > sb->dir_mask;
}

/**
 * tcpx_sb_set_dir() - give a larger directory
 * @sb: the scoreboard
 * @dir: pointers
 * @size: how many, a power of two, more than there were
 *
 * Return: the old one, for the caller to free; NULL: there was none.
 */
struct tcpx_txseg **tcpx_sb_set_dir(struct tcpx_scoreboard *sb, struct tcpx_txseg **dir, u32 size)
{
	struct tcpx_txseg **old = sb->dir;
	u32 first = sb->head / TCPX_TX_CHUNK, n;

	for (n = 0; old && n < tcpx_sb_chunks(sb); n++)
		dir[(first + n) & (size - 1)] = old[(first + n) & sb->dir_mask];
	sb->dir = dir;
	sb->dir_mask = size - 1;
	return old;
}

/**
 * tcpx_sb_put_chunk() - give slots
 * @sb: the scoreboard, its directory not full
 * @chunk: TCPX_TX_CHUNK slots
 */
void tcpx_sb_put_chunk(struct tcpx_scoreboard *sb, struct tcpx_txseg *chunk)
{
	*tcpx_sb_chunk(sb, sb->end) = chunk;
	sb->end += TCPX_TX_CHUNK;
}

/**
 * tcpx_sb_get_chunk() - take slots back
 * @sb: the scoreboard
 * @room: slots that shall stay free
 *
 * Return: a chunk, or NULL: there is none to spare.
 */
struct tcpx_txseg *tcpx_sb_get_chunk(struct tcpx_scoreboard *sb, u32 room)
{
	if (tcpx_sb_room(sb) < room + TCPX_TX_CHUNK)
		return NULL;
	sb->end -= TCPX_TX_CHUNK;
	return *tcpx_sb_chunk(sb, sb->end);
}

/**
 * tcpx_sb_find() - where a sequence number is; O(log n)
 * @sb: the scoreboard
 * @seq: the sequence number
 *
 * Return: the number of the first segment that ends after @seq; @sb->tail:
 * there is none.
 */
u32 tcpx_sb_find(const struct tcpx_scoreboard *sb, u32 seq)
{
	u32 low = sb->head, len = tcpx_sb_len(sb), half;

	while (len) {
		half = len / 2;
		if (tcpx_after(tcpx_sb_at(sb, low + half)->end_seq, seq)) {
			len = half;
		} else {
			low += half + 1;
			len -= half + 1;
		}
	}
	return low;
}

/**
 * tcpx_sb_find_unsacked() - the next that is not SACKed; O(log n), amortized
 * @sb: the scoreboard
 * @nr: where to begin
 *
 * Return: its number, or @sb->tail.
 */
u32 tcpx_sb_find_unsacked(struct tcpx_scoreboard *sb, u32 nr)
{
	struct tcpx_txseg *seg, *next;

	while (nr != sb->tail) {
		seg = tcpx_sb_at(sb, nr);
		if (!(seg->flags & TCPX_TX_SACKED))
			break;
		/* Path halving: the next search from here takes half the steps */
		if (seg->skip != sb->tail) {
			next = tcpx_sb_at(sb, seg->skip);
			if (next->flags & TCPX_TX_SACKED)
				seg->skip = next->skip;
		}
		nr = seg->skip;
	}
	return nr;
}

/**
 * tcpx_sb_append() - a new segment was sent
 * @sb: the scoreboard, with room
 * @seq: where the last one ended
 * @end_seq: where it ends
 *
 * Return: the segment; times and rate are the caller's to fill in.
 */
struct tcpx_txseg *tcpx_sb_append(struct tcpx_scoreboard *sb, u32 seq, u32 end_seq)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, sb->tail);

	memset(seg, 0, sizeof(*seg));
	seg->seq = seq;
	seg->end_seq = end_seq;
	seg->order = sb->sent++;
	tcpx_txlist_add_tail(sb, &sb->flying, sb->tail++);
	return seg;
}

/**
 * tcpx_sb_append_with() - more new segments left in one piece with the last one
 * @sb: the scoreboard; that one was appended just now
 * @end_seq: where the last of them ends
 * @part: bytes of each, but for the last: tcpx_sb_part()
 *
 * What is to be said of the first is true for all of them.  It ends early where there are
 * no slots.
 */
void tcpx_sb_append_with(struct tcpx_scoreboard *sb, u32 end_seq, u32 part)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, sb->tail - 1);
	const struct tcpx_txseg *first = seg;
	u32 nr = sb->tail, seq = first->end_seq, len;

	for (; seq != end_seq && nr != sb->end; seq += len, nr++) {
		len = tcpx_sb_part(end_seq - seq, part);
		seg->next = nr;
		seg = tcpx_sb_after(sb, seg, nr);
		seg->seq = seq;
		seg->end_seq = seq + len;
		seg->sent_at = first->sent_at;
		seg->first_sent_at = first->first_sent_at;
		seg->delivered_at = first->delivered_at;
		seg->delivered = first->delivered;
		seg->prev = nr - 1;
		seg->order = sb->sent++;
		seg->flags = first->flags | TCPX_TX_WITH;
	}
	sb->flying.nr += nr - sb->tail;
	sb->flying.last = nr - 1;
	sb->tail = nr;
}

/* The first @n, which lie in one chunk, are no more */
static void tcpx_sb_leave(struct tcpx_scoreboard *sb, u32 n)
{
	struct tcpx_txseg *chunk = *tcpx_sb_chunk(sb, sb->head);

	sb->head += n;
	/* A chunk that is empty now is used again behind the last segment */
	if (sb->head % TCPX_TX_CHUNK == 0)
		tcpx_sb_put_chunk(sb, chunk);
}

/**
 * tcpx_sb_pop() - the first segment is acknowledged
 * @sb: the scoreboard, not empty
 */
void tcpx_sb_pop(struct tcpx_scoreboard *sb)
{
	tcpx_sb_take(sb, sb->head);
	tcpx_sb_leave(sb, 1);
}

/**
 * tcpx_sb_run() - how many are acknowledged of whom the same is to be said?
 * @sb: the scoreboard
 * @una: SND.UNA, not before the end of the first segment
 *
 * They left in one piece, and nothing has happened to one of them alone since.
 *
 * Return: so many of the first ones, but at least one.
 */
u32 tcpx_sb_run(const struct tcpx_scoreboard *sb, u32 una)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, sb->head);
	u8 flags = seg->flags | TCPX_TX_WITH;
	u32 nr;

	if (seg->flags & (TCPX_TX_SACKED | TCPX_TX_LOST | TCPX_TX_REXMT))
		return 1;
	for (nr = sb->head + 1; nr != sb->tail; nr++) {
		seg = tcpx_sb_after(sb, seg, nr);
		if (seg->flags != flags || tcpx_after(seg->end_seq, una))
			break;
	}
	return nr - sb->head;
}

/**
 * tcpx_sb_pop_run() - the first segments are acknowledged
 * @sb: the scoreboard
 * @n: what tcpx_sb_run() has said, more than one
 */
void tcpx_sb_pop_run(struct tcpx_scoreboard *sb, u32 n)
{
	u32 end = sb->head + n;

	/* All else that flies was sent later, or again */
	tcpx_txlist_del_first(sb, &sb->flying, n, end - 1);
	while (sb->head != end)
		tcpx_sb_leave(sb, min(end - sb->head, TCPX_TX_CHUNK - sb->head % TCPX_TX_CHUNK));
}

/**
 * tcpx_sb_trim() - the first segment is acknowledged in part
 * @sb: the scoreboard, not empty
 * @una: SND.UNA, inside of the first segment
 */
void tcpx_sb_trim(struct tcpx_scoreboard *sb, u32 una)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, sb->head);

	if (seg->flags & TCPX_TX_SACKED)
		sb->sacked_bytes -= una - seg->seq;
	else if (seg->flags & TCPX_TX_LOST)
		sb->lost_bytes -= una - seg->seq;
	seg->seq = una;
}

/**
 * tcpx_sb_sack() - the peer has it
 * @sb: the scoreboard
 * @nr: number of a segment that is not SACKed
 */
void tcpx_sb_sack(struct tcpx_scoreboard *sb, u32 nr)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, nr);

	tcpx_sb_take(sb, nr);
	seg->flags |= TCPX_TX_SACKED;
	seg->skip = nr + 1;
	sb->sacked_bytes += tcpx_tx_len(seg);
}

/**
 * tcpx_sb_lose() - it is taken for lost
 * @sb: the scoreboard
 * @nr: number of a flying segment
 *
 * What the peer waits for goes first: RFC 6675, 4, NextSeg().  A full order
 * would cost a search; losses are found in the order of sending, so the ends
 * of the list are where a segment belongs.
 */
void tcpx_sb_lose(struct tcpx_scoreboard *sb, u32 nr)
{
	struct tcpx_txseg *seg = tcpx_sb_at(sb, nr);

	tcpx_sb_take(sb, nr);
	seg->flags |= TCPX_TX_LOST;
	sb->lost_bytes += tcpx_tx_len(seg);
	if (sb->lost.nr && tcpx_before(seg->seq, tcpx_sb_at(sb, sb->lost.first)->seq))
		tcpx_txlist_add_head(sb, &sb->lost, nr);
	else
		tcpx_txlist_add_tail(sb, &sb->lost, nr);
}

/**
 * tcpx_sb_resent() - it was sent again
 * @sb: the scoreboard
 * @nr: number of a segment that is not SACKed
 */
void tcpx_sb_resent(struct tcpx_scoreboard *sb, u32 nr)
{
	tcpx_sb_take(sb, nr);
	tcpx_sb_at(sb, nr)->flags |= TCPX_TX_REXMT;
	tcpx_sb_at(sb, nr)->order = sb->sent++;
	tcpx_txlist_add_tail(sb, &sb->flying, nr);
	sb->rexmt++;
}

/* Both lists anew: all that is not SACKed is lost */
static void tcpx_sb_relist(struct tcpx_scoreboard *sb)
{
	struct tcpx_txseg *seg;
	u32 nr;

	sb->flying.nr = 0;
	sb->lost.nr = 0;
	sb->rexmt = 0;
	sb->lost_bytes = 0;
	sb->sacked_bytes = 0;
	for (nr = sb->head; nr != sb->tail; nr++) {
		seg = tcpx_sb_at(sb, nr);
		seg->flags &= ~TCPX_TX_WITH;
		if (seg->flags & TCPX_TX_SACKED) {
			seg->skip = nr + 1;
			sb->sacked_bytes += tcpx_tx_len(seg);
			continue;
		}
		seg->flags |= TCPX_TX_LOST;
		sb->lost_bytes += tcpx_tx_len(seg);
		tcpx_txlist_add_tail(sb, &sb->lost, nr);
	}
}

/* Was @a sent before @b? */
static bool tcpx_tx_older(const struct tcpx_scoreboard *sb, u32 a, u32 b)
{
	const struct tcpx_txseg *s = tcpx_sb_at(sb, a), *t = tcpx_sb_at(sb, b);

	return s->sent_at < t->sent_at ||
	       (s->sent_at == t->sent_at && tcpx_before(s->order, t->order));
}

/* Two chains, each in the order of sending and ended by @sb->tail, become one */
static u32 tcpx_tx_merge(const struct tcpx_scoreboard *sb, u32 a, u32 b)
{
	u32 first, *to = &first, *from;

	while (a != sb->tail && b != sb->tail) {
		from = tcpx_tx_older(sb, b, a) ? &b : &a;
		*to = *from;
		to = &tcpx_sb_at(sb, *from)->next;
		*from = *to;
	}
	*to = a != sb->tail ? a : b;
	return first;
}

/* What is lost, as one chain in the order of sending; O(n log n) */
static u32 tcpx_sb_sort_lost(struct tcpx_scoreboard *sb)
{
	u32 run[TCPX_TX_RUNS], nr = sb->lost.first, chain, next, i;

	for (i = 0; i < TCPX_TX_RUNS; i++)
		run[i] = sb->tail;
	/* run[i] holds none or 2^i of them */
	for (; sb->lost.nr; sb->lost.nr--, nr = next) {
		next = tcpx_sb_at(sb, nr)->next;
		tcpx_sb_at(sb, nr)->next = sb->tail;
		tcpx_sb_at(sb, nr)->flags &= ~TCPX_TX_LOST;
		for (chain = nr, i = 0; run[i] != sb->tail; i++) {
			chain = tcpx_tx_merge(sb, run[i], chain);
			run[i] = sb->tail;
		}
		run[i] = chain;
	}
	for (chain = sb->tail, i = 0; i < TCPX_TX_RUNS; i++)
		chain = tcpx_tx_merge(sb, run[i], chain);
	return chain;
}

/**
 * tcpx_sb_lose_all() - a time-out: RFC 5681, 3.1; what is SACKed is kept
 * @sb: the scoreboard; O(n)
 */
void tcpx_sb_lose_all(struct tcpx_scoreboard *sb)
{
	tcpx_sb_relist(sb);
}

/**
 * tcpx_sb_unlose_all() - nothing was lost after all: RFC 4015
 * @sb: the scoreboard; O(n log n)
 */
void tcpx_sb_unlose_all(struct tcpx_scoreboard *sb)
{
	u32 nr;

	if (!sb->lost.nr)
		return;
	nr = tcpx_sb_sort_lost(sb);
	sb->lost_bytes = 0;
	if (sb->flying.nr) {
		tcpx_sb_at(sb, sb->flying.last)->next = sb->tail;
		nr = tcpx_tx_merge(sb, nr, sb->flying.first);
	}
	sb->rexmt = 0;
	for (sb->flying.nr = 0; nr != sb->tail; nr = tcpx_sb_at(sb, nr)->next) {
		sb->rexmt += !!(tcpx_sb_at(sb, nr)->flags & TCPX_TX_REXMT);
		tcpx_txlist_add_tail(sb, &sb->flying, nr);
	}
}

/**
 * tcpx_sb_renege() - the peer has thrown away what it had SACKed: RFC 2018, 8
 * @sb: the scoreboard; O(n)
 */
void tcpx_sb_renege(struct tcpx_scoreboard *sb)
{
	struct tcpx_txseg *seg;
	u32 nr;

	for (nr = sb->head; nr != sb->tail; nr++) {
		seg = tcpx_sb_at(sb, nr);
		if (seg->flags & TCPX_TX_SACKED)
			seg->order = sb->sent;
		seg->flags &= ~TCPX_TX_SACKED;
	}
	tcpx_sb_relist(sb);
}

static u32 tcpx_pieces(const struct tcpx_txseg *seg, u32 mss)
{
	return max((tcpx_tx_len(seg) + mss - 1) / mss, 1U);
}

/**
 * tcpx_sb_recut_slots() - slots that tcpx_sb_recut() wants in all
 * @sb: the scoreboard
 * @mss: bytes
 */
u32 tcpx_sb_recut_slots(const struct tcpx_scoreboard *sb, u32 mss)
{
	u32 slots = 0, nr;

	for (nr = sb->head; nr != sb->tail; nr++)
		slots += tcpx_pieces(tcpx_sb_at(sb, nr), mss);
	return slots;
}

/**
 * tcpx_sb_recut() - the path takes smaller segments: RFC 1191, 6.4
 * @sb: the scoreboard, with tcpx_sb_recut_slots() slots
 * @mss: bytes; what is longer is cut, and all that is not SACKed is lost
 *
 * From the last to the first, so that it needs no room besides; O(n).
 */
void tcpx_sb_recut(struct tcpx_scoreboard *sb, u32 mss)
{
	u32 to = sb->head + tcpx_sb_recut_slots(sb, mss), nr = sb->tail, n;
	struct tcpx_txseg whole, *piece;

	sb->tail = to;
	while (nr != sb->head) {
		whole = *tcpx_sb_at(sb, --nr);
		for (n = tcpx_pieces(&whole, mss); n; n--) {
			piece = tcpx_sb_at(sb, --to);
			*piece = whole;
			piece->seq = whole.seq + (n - 1) * mss;
			whole.end_seq = piece->seq;
		}
	}
	tcpx_sb_relist(sb);
}

/**
 * tcpx_sb_hold() - note where the payload of segments is
 * @sb: the scoreboard
 * @seq: its first number
 * @end_seq: after its last
 * @data: for the segments that lie there
 */
void tcpx_sb_hold(struct tcpx_scoreboard *sb, u32 seq, u32 end_seq, void *data)
{
	struct tcpx_txseg *seg;
	u32 nr;

	/* The common case: it was just sent for the first time */
	if (sb->tail != sb->head && tcpx_sb_at(sb, sb->tail - 1)->seq == seq)
		nr = sb->tail - 1;
	else
		nr = tcpx_sb_find(sb, seq);
	if (nr == sb->tail)
		return;
	for (seg = tcpx_sb_at(sb, nr); tcpx_before(seg->seq, end_seq);
	     seg = tcpx_sb_after(sb, seg, nr)) {
		seg->data = data;
		if (++nr == sb->tail)
			break;
	}
}
