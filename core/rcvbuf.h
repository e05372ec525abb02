/* SPDX-License-Identifier: GPL-2.0 */
/* How large the receive buffer should be: measured by what the user reads. */
#ifndef _TCPX_CORE_RCVBUF_H
#define _TCPX_CORE_RCVBUF_H

#include <linux/types.h>

struct tcpx_seg;
struct tcpx_tcb;

#define TCPX_MAX_WINDOW		(65535U << 14)	/* RFC 7323, 2.3 */
#define TCPX_RCV_RATIO		128		/* half of the memory is overhead */
#define TCPX_RCV_PACKED		204		/* what packing can attain: 4/5 */

/**
 * struct tcpx_rcvbuf - what the receiver measures
 * @rtt: the round trip as the receiver sees it, ns; 0: not known
 * @timed_from: when the right edge was at @timed_seq, ns; 0: nothing is timed
 * @round_start: the user's round began, ns
 * @timed_seq: the octet after it shows that a round trip has passed
 * @tsecr: the echo that was measured last
 * @round_seq: how far the user had come when the round began
 * @high: after the last octet that has arrived
 * @beyond: bytes that arrived beyond a hole in the user's round
 * @space: most bytes that the user has read within a round
 * @limit: no more is offered, bytes; 0: none
 * @ratio: of 256 bytes of memory so many are payload
 */
struct tcpx_rcvbuf {
	u64	rtt;
	u64	timed_from;
	u64	round_start;
	u32	timed_seq;
	u32	tsecr;
	u32	round_seq;
	u32	high;
	u32	beyond;
	u32	space;
	u32	limit;
	u8	ratio;
};

void tcpx_rcvbuf_limit(struct tcpx_tcb *tcb);
void tcpx_rcvbuf_init(struct tcpx_tcb *tcb, u64 now);
void tcpx_rcvbuf_arrived(struct tcpx_tcb *tcb, const struct tcpx_seg *seg, u64 now);
void tcpx_rcvbuf_beyond(struct tcpx_tcb *tcb, const struct tcpx_seg *seg);
u32 tcpx_rcvbuf_read(struct tcpx_tcb *tcb, u64 now);
void tcpx_rcvbuf_measure(struct tcpx_tcb *tcb, u32 len, u32 truesize);
u32 tcpx_rcvbuf_data(const struct tcpx_tcb *tcb, u32 memory, bool fixed);
u32 tcpx_rcvbuf_memory(const struct tcpx_tcb *tcb, u32 window, u32 max);

#endif /* _TCPX_CORE_RCVBUF_H */
