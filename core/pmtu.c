// SPDX-License-Identifier: GPL-2.0
/*
 * Packetization layer path MTU discovery: RFC 4821, with the counters of RFC
 * 8899.  Pure.
 *
 * A probe is the next segment, only larger: what it carries has to be sent in
 * any case.  If it arrives its size is good from then on; if it is lost alone,
 * that says something of its size and nothing of congestion.  The largest
 * size is tried first, since most paths take it; after that the interval is
 * halved.  Where even small segments have to be sent again and again, routers
 * drop the large ones and do not say so: then the search begins at a size
 * that passes.
 */
#include <linux/minmax.h>
#include <linux/types.h>

#include "mss.h"
#include "pmtu.h"
#include "tcb.h"

#define TCPX_PMTU_PIECES	7	/* a probe is at most so many segments */
#define TCPX_PMTU_BEHIND	4	/* segments that follow, to show its loss */

/* The largest segment that the peer takes and that was not found too large */
static u16 tcpx_pmtu_top(const struct tcpx_tcb *tcb)
{
	return min(tcb->pmtu.high, tcb->peer_mss);
}

/* RFC 4821, 7.3: the size to try; 0: the interval is narrow enough */
static u16 tcpx_pmtu_next(const struct tcpx_tcb *tcb)
{
	const struct tcpx_pmtu *p = &tcb->pmtu;
	u16 top = tcpx_pmtu_top(tcb);
	u32 size;

	if (top <= p->low || top - p->low < tcb->conf->probe_threshold)
		return 0;
	size = p->high == p->path ? top : p->low + (top - p->low + 1) / 2;
	return min_t(u32, size, TCPX_PMTU_PIECES * tcb->snd_mss);
}

/* RFC 4821, 7.5: nothing is being repaired, and a loss would be seen by SACK */
static bool tcpx_pmtu_quiet(const struct tcpx_tcb *tcb)
{
	const struct tcpx_pmtu *p = &tcb->pmtu;

	return !p->size && !p->lost && tcb->rec.state == TCPX_REC_OPEN &&
	       !tcb->rec.dupacks && !tcb->sb.sacked_bytes && !tcb->sb.lost.nr &&
	       tcb->cong.cwnd > 10 * tcb->snd_mss;
}

/**
 * tcpx_pmtu_due() - is the next segment a probe?
 * @tcb: the TCB, about to send new data
 * @avail: bytes that wait to be sent
 * @now: ns
 *
 * Return: bytes of payload; the probe waits until both windows have room for it.
 * 0: the next segment is an ordinary one.
 */
u32 tcpx_pmtu_due(struct tcpx_tcb *tcb, u32 avail, u64 now)
{
	struct tcpx_pmtu *p = &tcb->pmtu;
	u32 len, behind;

	if (!p->on || !tcpx_pmtu_quiet(tcb))
		return 0;
	len = tcpx_pmtu_next(tcb);
	if (!len && now - p->searched_at >= tcb->conf->probe_interval * TCPX_NSEC_PER_SEC) {
		/* RFC 4821, 7.8: the path may take more by now */
		p->searched_at = now;
		p->high = p->path;
		p->tries = 0;
		len = tcpx_pmtu_next(tcb);
	}
	if (!len)
		return 0;
	len -= tcpx_fixed_opt_len(tcb);
	/* RFC 4821, 7.4: enough behind it, lest a time-out be what finds it lost */
	behind = TCPX_PMTU_BEHIND * tcb->snd_mss;
	return min3(avail, tcb->cong.cwnd, tcb->snd_wnd) < len + behind ? 0 : len;
}

/**
 * tcpx_pmtu_sent() - a segment is about to leave
 * @tcb: the TCB; the segment is not noted yet
 * @seq: its first number
 * @len: bytes of its payload
 */
void tcpx_pmtu_sent(struct tcpx_tcb *tcb, u32 seq, u32 len)
{
	struct tcpx_pmtu *p = &tcb->pmtu;

	/* Once a part of it is sent again, an ACK does not say that it arrived */
	if (p->size && seq != tcb->snd_nxt && tcpx_before(seq, p->end) &&
	    tcpx_after(seq + len, p->seq))
		p->size = 0;
	if (!p->due || len != p->due || seq != tcb->snd_nxt)
		return;
	p->size = len + tcpx_fixed_opt_len(tcb);
	p->seq = seq;
	p->end = seq + len;
}

static void tcpx_pmtu_narrowed(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_pmtu *p = &tcb->pmtu;

	p->tries = 0;
	if (!tcpx_pmtu_next(tcb))
		p->searched_at = now;
}

/**
 * tcpx_pmtu_acked() - SND.UNA has moved
 * @tcb: the TCB
 * @now: ns
 *
 * Return: true if a probe has arrived: segments are larger from now on.
 */
bool tcpx_pmtu_acked(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_pmtu *p = &tcb->pmtu;

	if ((!p->size && !p->lost) || tcpx_before(tcb->snd_una, p->end))
		return false;
	p->lost = false;
	if (!p->size)
		return false;
	p->low = min(p->size, p->path);
	p->high = max(p->high, p->low);
	p->size = 0;
	tcpx_pmtu_narrowed(tcb, now);
	tcpx_mss_set(tcb, p->path);
	return true;
}

/* Was nothing lost but the probe, and that was sent only once? */
static bool tcpx_pmtu_lost_alone(const struct tcpx_tcb *tcb)
{
	const struct tcpx_pmtu *p = &tcb->pmtu;
	const struct tcpx_txlist *lost = &tcb->sb.lost;
	const struct tcpx_txseg *seg;
	u32 nr, n;

	if (lost->nr > TCPX_PMTU_PIECES + 1)
		return false;
	for (n = lost->nr, nr = lost->first; n; n--, nr = seg->next) {
		seg = tcpx_sb_at(&tcb->sb, nr);
		if (tcpx_before(seg->seq, p->seq) || tcpx_after(seg->end_seq, p->end) ||
		    seg->flags & TCPX_TX_REXMT)
			return false;
	}
	return true;
}

/* A probe that is lost in part is lost as a whole */
static void tcpx_pmtu_lose(struct tcpx_tcb *tcb)
{
	struct tcpx_scoreboard *sb = &tcb->sb;
	struct tcpx_txseg *seg;
	u32 nr;

	for (nr = tcpx_sb_find(sb, tcb->pmtu.seq); nr != sb->tail; nr++) {
		seg = tcpx_sb_at(sb, nr);
		if (!tcpx_before(seg->seq, tcb->pmtu.end))
			return;
		if (!(seg->flags & (TCPX_TX_SACKED | TCPX_TX_LOST)))
			tcpx_sb_lose(sb, nr);
	}
}

/**
 * tcpx_pmtu_lost() - segments were lost
 * @tcb: the TCB
 * @now: ns
 *
 * RFC 4821, 7.6 and 7.7: a probe that is lost alone was too large; with others
 * it tells nothing, and counts as congestion.
 *
 * Return: true if a probe alone was lost, which is no sign of congestion.
 */
bool tcpx_pmtu_lost(struct tcpx_tcb *tcb, u64 now)
{
	struct tcpx_pmtu *p = &tcb->pmtu;
	bool alone;

	if (!p->size && !p->lost)
		return false;
	alone = tcpx_pmtu_lost_alone(tcb);
	if (alone && p->size) {
		tcpx_pmtu_lose(tcb);
		if (++p->tries >= TCPX_PMTU_TRIES) {
			p->high = min_t(u16, p->high, max_t(u16, p->size - 1, p->low));
			tcpx_pmtu_narrowed(tcb, now);
		}
	}
	p->lost = alone;
	p->size = 0;
	return alone;
}

/**
 * tcpx_pmtu_timeout() - the retransmission timer has expired: RFC 4821, 7.6.3
 * @tcb: rexmt_shift counts it already
 *
 * After R1, and then each time, segments become smaller where they are large
 * enough to be the reason.
 *
 * Return: true if they have.
 */
bool tcpx_pmtu_timeout(struct tcpx_tcb *tcb)
{
	struct tcpx_pmtu *p = &tcb->pmtu;
	const struct tcpx_conf *conf = tcb->conf;
	u32 floor = max_t(u32, conf->mtu_probe_floor, TCPX_MSS_MIN), low;
	u16 mss = tcpx_mss_path(tcb);

	p->size = 0;
	p->lost = false;
	if (!conf->mtu_probing || !tcb->syn_acked || tcb->rexmt_shift < conf->retries1)
		return false;
	low = p->on ? min_t(u32, conf->base_mss, mss / 2) : conf->base_mss;
	low = max(low, floor);
	if (low >= mss)
		return false;
	p->on = true;
	p->low = low;
	p->high = mss - 1;
	p->tries = 0;
	tcpx_mss_set(tcb, p->path);
	return true;
}
