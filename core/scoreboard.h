/* SPDX-License-Identifier: GPL-2.0 */
/* What was sent and is not acknowledged, segment by segment. */
#ifndef _TCPX_CORE_SCOREBOARD_H
#define _TCPX_CORE_SCOREBOARD_H

#include <linux/types.h>

/* struct tcpx_txseg.flags */
#define TCPX_TX_SACKED		0x01	/* the peer has it: RFC 2018 */
#define TCPX_TX_LOST		0x02	/* taken for lost, to be sent again */
#define TCPX_TX_REXMT		0x04	/* was sent more than once */
#define TCPX_TX_APP_LIMITED	0x08	/* sent while the user had no more to send */
#define TCPX_TX_WITH		0x10	/* left in one piece with the one before it */

/**
 * struct tcpx_txseg - one segment that was sent
 * @seq: its first number that is not acknowledged
 * @end_seq: after its last, FIN included
 * @sent_at: when it was sent last, ns
 * @first_sent_at: tcb->first_sent_at at that moment, see core/rate.c
 * @delivered_at: tcb->delivered_at at that moment
 * @delivered: tcb->delivered at that moment
 * @data: the caller's: where its payload is
 * @prev: the one before it in its list, by number
 * @next: the one after it
 * @skip: of one that is SACKed: the next that may not be, by number
 * @order: of another: of those that were sent at one moment, which came when
 * @flags: TCPX_TX_*
 */
struct tcpx_txseg {
	u32	seq;
	u32	end_seq;
	u64	sent_at;
	u64	first_sent_at;
	u64	delivered_at;
	u64	delivered;
	void	*data;
	u32	prev;
	u32	next;
	union {
		u32	skip;
		u32	order;
	};
	u8	flags;
};

/**
 * struct tcpx_txlist - a list of segments, linked by their numbers
 * @first: number of the first, valid with @nr
 * @last: number of the last, valid with @nr
 * @nr: how many there are
 */
struct tcpx_txlist {
	u32	first;
	u32	last;
	u32	nr;
};

#define TCPX_TX_CHUNK	16	/* slots that are allocated at a time */

/**
 * struct tcpx_scoreboard - all of them, by sequence number
 * @dir: chunks of slots, a power of two of pointers; NULL: none yet
 * @dir_mask: pointers less one
 * @head: number of the first segment; numbers run on for ever, mod 2^32
 * @tail: number after the last
 * @end: number after the last that has a slot
 * @sent: how often a segment was sent, mod 2^32
 * @flying: neither SACKed nor lost, by the time they were sent last
 * @lost: taken for lost and not yet sent again
 * @rexmt: of @flying, so many were sent more than once
 * @lost_bytes: sequence numbers in @lost
 * @sacked_bytes: sequence numbers that are SACKed
 *
 * A ring of chunks: a window of 1 GiB needs no large piece of memory, and a
 * small one needs little.
 */
struct tcpx_scoreboard {
	struct tcpx_txseg **dir;
	u32	dir_mask;
	u32	head;
	u32	tail;
	u32	end;
	u32	sent;
	struct tcpx_txlist flying;
	struct tcpx_txlist lost;
	u32	rexmt;
	u32	lost_bytes;
	u32	sacked_bytes;
};

static inline struct tcpx_txseg *tcpx_sb_at(const struct tcpx_scoreboard *sb, u32 nr)
{
	return &sb->dir[nr / TCPX_TX_CHUNK & sb->dir_mask][nr % TCPX_TX_CHUNK];
}

/* The one after @seg, whose number is @nr */
static inline struct tcpx_txseg *tcpx_sb_after(const struct tcpx_scoreboard *sb,
					       struct tcpx_txseg *seg, u32 nr)
{
	return nr % TCPX_TX_CHUNK ? seg + 1 : tcpx_sb_at(sb, nr);
}

/* Of @len bytes that leave in one piece, the first segment; a FIN more makes no other one */
static inline u32 tcpx_sb_part(u32 len, u32 part)
{
	return len <= part + 1 ? len : part;
}

/* How many segments are there */
static inline u32 tcpx_sb_len(const struct tcpx_scoreboard *sb)
{
	return sb->tail - sb->head;
}

/* How many of them are SACKed */
static inline u32 tcpx_sb_sacked(const struct tcpx_scoreboard *sb)
{
	return tcpx_sb_len(sb) - sb->flying.nr - sb->lost.nr;
}

/* How many more have a slot */
static inline u32 tcpx_sb_room(const struct tcpx_scoreboard *sb)
{
	return sb->end - sb->tail;
}

bool tcpx_sb_dir_full(const struct tcpx_scoreboard *sb);
struct tcpx_txseg **tcpx_sb_set_dir(struct tcpx_scoreboard *sb, struct tcpx_txseg **dir, u32 size);
void tcpx_sb_put_chunk(struct tcpx_scoreboard *sb, struct tcpx_txseg *chunk);
struct tcpx_txseg *tcpx_sb_get_chunk(struct tcpx_scoreboard *sb, u32 room);
u32 tcpx_sb_find(const struct tcpx_scoreboard *sb, u32 seq);
u32 tcpx_sb_find_unsacked(struct tcpx_scoreboard *sb, u32 nr);
struct tcpx_txseg *tcpx_sb_append(struct tcpx_scoreboard *sb, u32 seq, u32 end_seq);
void tcpx_sb_append_with(struct tcpx_scoreboard *sb, u32 end_seq, u32 part);
void tcpx_sb_pop(struct tcpx_scoreboard *sb);
u32 tcpx_sb_run(const struct tcpx_scoreboard *sb, u32 una);
void tcpx_sb_pop_run(struct tcpx_scoreboard *sb, u32 n);
void tcpx_sb_trim(struct tcpx_scoreboard *sb, u32 una);
void tcpx_sb_sack(struct tcpx_scoreboard *sb, u32 nr);
void tcpx_sb_lose(struct tcpx_scoreboard *sb, u32 nr);
void tcpx_sb_resent(struct tcpx_scoreboard *sb, u32 nr);
void tcpx_sb_lose_all(struct tcpx_scoreboard *sb);
void tcpx_sb_unlose_all(struct tcpx_scoreboard *sb);
void tcpx_sb_renege(struct tcpx_scoreboard *sb);
u32 tcpx_sb_recut_slots(const struct tcpx_scoreboard *sb, u32 mss);
void tcpx_sb_recut(struct tcpx_scoreboard *sb, u32 mss);
void tcpx_sb_hold(struct tcpx_scoreboard *sb, u32 seq, u32 end_seq, void *data);

#endif /* _TCPX_CORE_SCOREBOARD_H */
