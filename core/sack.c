// SPDX-License-Identifier: GPL-2.0
/*
 * The receiver's report: which blocks lie beyond a hole (RFC 2018, 4), and what
 * arrived twice (RFC 2883).  Pure.
 *
 * The out-of-order queue (path/queue.c) knows every block; here are the few that
 * changed last, which is all that an option holds.  The queue tells this file
 * what happens to it, and the next ACK is filled in from here.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "sack.h"
#include "tcb.h"

#define TCPX_SACK_HEAD		4	/* two NOPs, kind and length */
#define TCPX_SACK_BLOCK		8

static bool tcpx_sack_dup_waits(const struct tcpx_sack_report *r)
{
	return r->dup.start != r->dup.end || r->fin_again;
}

static void tcpx_sack_remove(struct tcpx_sack_report *r, int i)
{
	r->nr--;
	memmove(&r->block[i], &r->block[i + 1], (r->nr - i) * sizeof(r->block[0]));
}

/**
 * tcpx_sack_kept() - a segment was queued out of order, or is there already
 * @tcb: the TCB
 * @start: first number of the whole block that it is part of
 * @end: after the last number of that block
 *
 * RFC 2018, 4: the block with the segment that triggers an ACK comes first,
 * then those that were reported before it.
 */
void tcpx_sack_kept(struct tcpx_tcb *tcb, u32 start, u32 end)
{
	struct tcpx_sack_report *r = &tcb->sack;
	int i;

	/* A FIN takes a number as well: RFC 9293, 3.4 */
	if (tcb->rcv_fin_known && end == tcb->rcv_fin)
		end++;
	/* Blocks that it now overlaps are part of it */
	for (i = r->nr - 1; i >= 0; i--) {
		if (!tcpx_before(r->block[i].start, start) && !tcpx_after(r->block[i].end, end))
			tcpx_sack_remove(r, i);
	}
	if (r->nr == TCPX_MAX_SACKS)
		r->nr--;
	memmove(&r->block[1], &r->block[0], r->nr * sizeof(r->block[0]));
	r->block[0] = (struct tcpx_sack_block){ start, end };
	r->nr++;
}

/**
 * tcpx_sack_fin() - a FIN came beyond a hole, without payload
 * @tcb: rcv_fin is its number
 *
 * It is reported as the end of the block before it, as far as that is known here.
 */
void tcpx_sack_fin(struct tcpx_tcb *tcb)
{
	const struct tcpx_sack_report *r = &tcb->sack;
	u32 start = tcb->rcv_fin;
	int i;

	for (i = 0; i < r->nr; i++) {
		if (r->block[i].end - tcb->rcv_fin <= 1)
			start = r->block[i].start;
	}
	tcpx_sack_kept(tcb, start, tcb->rcv_fin);
}

/**
 * tcpx_sack_forget_dup() - a segment arrives, or an ACK has left
 * @tcb: the TCB
 *
 * RFC 2883, 4: what is reported as a duplicate came with the most recent segment
 * (1), and is reported once.
 */
void tcpx_sack_forget_dup(struct tcpx_tcb *tcb)
{
	tcb->sack.dup = (struct tcpx_sack_block){ 0, 0 };
	tcb->sack.fin_again = false;
}

/**
 * tcpx_sack_duplicate() - sequence numbers arrived again: RFC 2883, 4
 * @tcb: the TCB
 * @start: first number of them
 * @end: after the last
 *
 * The next ACK says so, once.  Of several sequences in one segment it reports
 * the first, for which this is called first.
 */
void tcpx_sack_duplicate(struct tcpx_tcb *tcb, u32 start, u32 end)
{
	struct tcpx_sack_report *r = &tcb->sack;

	if (tcb->sack_ok && tcb->conf->dsack && r->dup.start == r->dup.end)
		r->dup = (struct tcpx_sack_block){ start, end };
}

/**
 * tcpx_sack_fin_again() - a FIN beyond a hole has arrived again
 * @tcb: rcv_fin is its number
 *
 * It is the last of the numbers that a segment repeats.
 */
void tcpx_sack_fin_again(struct tcpx_tcb *tcb)
{
	tcb->sack.fin_again = tcb->sack_ok && tcb->conf->dsack;
}

/* What came twice; data up to a FIN that did so too is one sequence with it */
static struct tcpx_sack_block tcpx_sack_dup(const struct tcpx_tcb *tcb)
{
	struct tcpx_sack_block dup = tcb->sack.dup;

	if (dup.start == dup.end)
		dup = (struct tcpx_sack_block){ tcb->rcv_fin, tcb->rcv_fin };
	if (tcb->sack.fin_again && dup.end == tcb->rcv_fin)
		dup.end++;
	return dup;
}

/**
 * tcpx_sack_advance() - RCV.NXT has moved
 * @tcb: the TCB
 *
 * A block that it has reached is in sequence now, all of it.
 */
void tcpx_sack_advance(struct tcpx_tcb *tcb)
{
	struct tcpx_sack_report *r = &tcb->sack;
	int i;

	for (i = r->nr - 1; i >= 0; i--) {
		if (!tcpx_after(r->block[i].start, tcb->rcv_nxt))
			tcpx_sack_remove(r, i);
	}
}

/**
 * tcpx_sack_forget() - the queue was pruned for want of memory: RFC 2018, 8
 * @tcb: the TCB
 * @from: nothing from this number on is kept any more
 */
void tcpx_sack_forget(struct tcpx_tcb *tcb, u32 from)
{
	struct tcpx_sack_report *r = &tcb->sack;
	int i;

	for (i = r->nr - 1; i >= 0; i--) {
		if (!tcpx_before(r->block[i].start, from))
			tcpx_sack_remove(r, i);
		else if (tcpx_after(r->block[i].end, from))
			r->block[i].end = from;
	}
}

/* So many blocks go into an option when @used bytes are taken by others */
static unsigned int tcpx_sack_blocks(const struct tcpx_tcb *tcb, unsigned int used)
{
	unsigned int room = TCPX_MAX_OPT_LEN - used;

	if (!tcb->sack_ok || room < TCPX_SACK_HEAD + TCPX_SACK_BLOCK)
		return 0;
	return min_t(unsigned int, tcb->sack.nr + tcpx_sack_dup_waits(&tcb->sack),
		     (room - TCPX_SACK_HEAD) / TCPX_SACK_BLOCK);
}

/**
 * tcpx_sack_fill() - the SACK option of an ACK: RFC 2018, 4
 * @tcb: the TCB
 * @o: the segment's other options; blocks are added, as many as fit
 */
void tcpx_sack_fill(const struct tcpx_tcb *tcb, struct tcpx_opts *o)
{
	const struct tcpx_sack_report *r = &tcb->sack;
	unsigned int n = tcpx_sack_blocks(tcb, tcpx_opt_len(o));

	if (!n)
		return;
	/* RFC 2883, 4: "the first block of the SACK option" */
	if (tcpx_sack_dup_waits(r))
		o->sack[o->nr_sacks++] = tcpx_sack_dup(tcb);
	memcpy(&o->sack[o->nr_sacks], r->block, (n - o->nr_sacks) * sizeof(r->block[0]));
	o->nr_sacks = n;
	o->has |= TCPX_HAS_SACK;
}

/**
 * tcpx_sack_opt_len() - what the SACK option takes of the next segment's payload
 * @tcb: the TCB
 *
 * Return: bytes; 0: nothing is to be reported.
 */
u32 tcpx_sack_opt_len(const struct tcpx_tcb *tcb)
{
	unsigned int n;

	/* The common case: nothing is missing */
	if (!tcb->sack.nr && !tcpx_sack_dup_waits(&tcb->sack))
		return 0;
	n = tcpx_sack_blocks(tcb, tcpx_fixed_opt_len(tcb));
	return n ? TCPX_SACK_HEAD + TCPX_SACK_BLOCK * n : 0;
}

/**
 * tcpx_sack_fit() - leave out the blocks that a segment has no room for
 * @o: its options
 * @room: bytes that its payload leaves of the MSS
 */
void tcpx_sack_fit(struct tcpx_opts *o, u32 room)
{
	if (!(o->has & TCPX_HAS_SACK))
		return;
	while (o->nr_sacks && TCPX_SACK_HEAD + TCPX_SACK_BLOCK * o->nr_sacks > room)
		o->nr_sacks--;
	if (!o->nr_sacks)
		o->has &= ~TCPX_HAS_SACK;
}
