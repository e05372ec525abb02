// SPDX-License-Identifier: GPL-2.0
/*
 * How large the receive buffer should be: dynamic right-sizing.  Pure.
 *
 * The window must never be what limits a sender, and a buffer that is not read
 * must not grow.  Both follow from what the user reads in a round trip: in slow
 * start the sender's window doubles with each, from w to 2 w while the user reads
 * w, and again to 4 w while those 2 w are read.  So a window of four times what
 * was read in this round is always ahead of the sender's.
 *
 * A hole stops the user's reading, but not the sender, which goes on while it
 * repairs the loss, perhaps for some round trips.  So what arrives beyond a hole
 * counts as read, if all before the hole is, and takes room in addition to that
 * window.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "../tcpx_fsm.h"
#include "rcvbuf.h"

#define TCPX_RCV_AHEAD		4
#define TCPX_RCV_ROOM		16	/* segments more, for bursts */
#define TCPX_RTT_SHIFT		3	/* a sample counts 1/8 */

#define TCPX_RATIO_MIN		16

/**
 * tcpx_rcvbuf_limit() - how much is offered before data has arrived
 * @tcb: the TCB, its MSS and RCV.WND known
 *
 * What the SYN offered, or what the route says: nothing is known yet of a sender
 * that could use more.  The limit grows by twice what arrives, so it is soon
 * ahead of slow start.
 */
void tcpx_rcvbuf_limit(struct tcpx_tcb *tcb)
{
	u64 first = (u64)tcb->route.init_rwnd * tcb->adv_mss;

	tcb->rcvbuf.limit = min_t(u64, first ?: tcb->rcv_nxt - tcb->copied_seq + tcb->rcv_wnd,
				  TCPX_MAX_WINDOW);
}

/**
 * tcpx_rcvbuf_init() - both ends are synchronized: the handshake is a sample
 * @tcb: the TCB
 * @now: ns
 */
void tcpx_rcvbuf_init(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;

	r->rtt = tcb->rtt.srtt;
	r->timed_from = 0;
	r->round_start = now;
	r->round_seq = tcb->copied_seq;
	r->high = tcb->rcv_nxt;
	/* RFC 6928, 2; what was offered is ahead of it already */
	r->space = min_t(u32, 10 * tcb->adv_mss, tcb->rcv_wnd / TCPX_RCV_AHEAD);
	tcb->max_rcv_wnd = max(tcb->max_rcv_wnd, tcb->rcv_wnd);
}

/*
 * RFC 7323, 4: an echo dates from when we sent it.  One sample for each, and only
 * while data flows: the first after a pause would measure the pause.
 */
static void tcpx_rcv_rtt_by_echo(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;
	s32 ticks = tcpx_tsval(tcb, now) - seg->opt.tsecr;
	s64 sample;

	if (seg->opt.tsecr == r->tsecr || seg->len < tcb->rcv_mss || ticks < 0)
		return;
	r->tsecr = seg->opt.tsecr;
	if (r->rtt && now - tcb->last_data > r->rtt)
		return;
	sample = (u64)ticks << TCPX_TS_SHIFT;
	if (!ticks) {
		/* Less than a tick: half of one, unless less is known */
		sample = 1ULL << (TCPX_TS_SHIFT - 1);
		if (r->rtt && r->rtt < sample)
			return;
	}
	r->rtt = r->rtt ? r->rtt + (sample - (s64)r->rtt) / (1 << TCPX_RTT_SHIFT) : sample;
}

/*
 * Without timestamps: what lies beyond the right edge can only be sent when
 * the next ACK has reached the sender.  It may be sent later, so the least of
 * these counts.
 */
static void tcpx_rcv_rtt_by_window(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;
	u64 sample = now - r->timed_from;

	if (r->timed_from) {
		if (!tcpx_after(tcb->rcv_nxt, r->timed_seq))
			return;
		if (!r->rtt || sample < r->rtt)
			r->rtt = sample;
	}
	r->timed_from = now;
	r->timed_seq = tcb->rcv_nxt + tcb->rcv_wnd;
}

/**
 * tcpx_rcvbuf_arrived() - payload arrived in sequence
 * @tcb: RCV.NXT has moved, last_data has not
 * @seg: the segment
 * @now: ns
 */
void tcpx_rcvbuf_arrived(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;

	if (r->limit)
		r->limit = r->limit < TCPX_MAX_WINDOW - 2 * seg->len ? r->limit + 2 * seg->len : 0;
	if (tcb->ts_ok && seg->opt.tsecr)
		tcpx_rcv_rtt_by_echo(tcb, seg, now);
	tcpx_rcv_rtt_by_window(tcb, now);
}

/**
 * tcpx_rcvbuf_beyond() - payload arrived beyond a hole
 * @tcb: the TCB
 * @seg: the segment
 *
 * Small segments take far more memory than they carry payload, so no room is made
 * for more of them (CVE-2018-5390).
 */
void tcpx_rcvbuf_beyond(struct tcpx_tcb *tcb, const struct tcpx_seg *seg)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;

	if (seg->len < tcb->rcv_mss / 2)
		return;
	r->beyond += min(seg->len, TCPX_MAX_WINDOW - r->beyond);
	if (tcpx_after(seg->seq + seg->len, r->high))
		r->high = seg->seq + seg->len;
}

/**
 * tcpx_rcvbuf_read() - the user has read, or could if there were no hole
 * @tcb: copied_seq has moved, or tcpx_rcvbuf_beyond() was called
 * @now: ns
 *
 * Return: bytes that should be offered.
 */
u32 tcpx_rcvbuf_read(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;
	bool all = tcb->copied_seq == tcb->rcv_nxt;
	u64 got = tcb->copied_seq - r->round_seq, window;

	if (tcpx_before(r->high, tcb->rcv_nxt))
		r->high = tcb->rcv_nxt;
	if (all)
		got += r->beyond;
	if (r->rtt)
		r->space = min_t(u64, max_t(u64, r->space, got), TCPX_MAX_WINDOW);
	/* Measured a little too long, it must not make one round trip of two */
	if (now - r->round_start >= r->rtt - r->rtt / 64) {
		r->round_start = now;
		r->round_seq = tcb->copied_seq;
		r->beyond = 0;
	}
	window = (u64)TCPX_RCV_AHEAD * r->space;
	/* Segments of 64 kB need not come in bursts */
	window += min_t(u64, window, TCPX_RCV_ROOM * tcb->rcv_mss);
	return min_t(u64, window + (all ? r->high - tcb->rcv_nxt : 0), TCPX_MAX_WINDOW);
}

/**
 * tcpx_rcvbuf_measure() - how much memory a segment takes
 * @tcb: the TCB
 * @len: bytes of its payload
 * @truesize: bytes of memory
 *
 * Only full segments are measured: small ones are packed when memory is short.
 */
void tcpx_rcvbuf_measure(struct tcpx_tcb *tcb, u32 len, u32 truesize)
{
	struct tcpx_rcvbuf *r = &tcb->rcvbuf;
	int sample;

	if (len < tcb->rcv_mss || !truesize)
		return;
	sample = clamp_t(u32, div_u64((u64)len * 256, truesize), TCPX_RATIO_MIN, TCPX_RCV_PACKED);
	/* Rounded away from zero, or the last steps would be lost */
	if (sample > r->ratio)
		r->ratio += (sample - r->ratio + 7) / 8;
	else
		r->ratio -= (r->ratio - sample + 7) / 8;
}

/**
 * tcpx_rcvbuf_data() - bytes of payload that go into memory
 * @tcb: the TCB
 * @memory: bytes
 * @fixed: the user has chosen the buffer's size: half of it is for overhead
 *
 * Return: bytes, at most what a window can say.
 */
u32 tcpx_rcvbuf_data(const struct tcpx_tcb *tcb, u32 memory, bool fixed)
{
	u32 ratio = fixed ? min_t(u32, tcb->rcvbuf.ratio, TCPX_RCV_RATIO) : tcb->rcvbuf.ratio;

	return min_t(u64, (u64)memory * ratio >> 8, TCPX_MAX_WINDOW);
}

/**
 * tcpx_rcvbuf_memory() - what a window takes
 * @tcb: the TCB
 * @window: bytes of payload
 * @max: no more than so many
 *
 * Return: bytes of memory.
 */
u32 tcpx_rcvbuf_memory(const struct tcpx_tcb *tcb, u32 window, u32 max)
{
	return min_t(u64, div_u64((u64)window * 256 + tcb->rcvbuf.ratio - 1, tcb->rcvbuf.ratio),
		     max);
}
