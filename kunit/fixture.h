/* SPDX-License-Identifier: GPL-2.0 */
/* What the cases share: one TCB, a peer in a few lines, and a clock. */
#ifndef _TCPX_KUNIT_FIXTURE_H
#define _TCPX_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/types.h>

#include "../cong/reno.h"
#include "../core/timeout.h"
#include "../core/window.h"

#define TEST_ISS	1000U	/* ours */
#define TEST_IRS	5000U	/* the peer's */
#define TEST_MSS	1000U	/* the peer's, and below our own */
#define TEST_ADV_MSS	1460U
#define TEST_SND_WND	10000U	/* what the peer offers */
#define TEST_RCV_WND	8000U	/* what is offered to it */
#define TEST_START	(1000 * TCPX_NSEC_PER_SEC)

/* Random tests: so many more seeds, from this on; scripts/fuzz has its own */
#ifndef TEST_SEEDS
#define TEST_SEEDS	5U
#define TEST_FIRST_SEED	1U
#endif
#define TEST_SEED(nr)	(((nr) + 1) * 2654435761U ?: 1)	/* spread over 32 bits */

/* Xorshift: the next number after @x, which is not 0; a seed says them all */
static inline u32 tcpx_test_draw(u32 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

#define MSEC		TCPX_NSEC_PER_MSEC
#define SEC		TCPX_NSEC_PER_SEC

/* Flags as RFC 9293 writes a segment */
#define SYN		TCPX_SYN
#define SYN_ACK		(TCPX_SYN | TCPX_ACK)
#define ACK		TCPX_ACK
#define FIN_ACK		(TCPX_FIN | TCPX_ACK)
#define RST		TCPX_RST
#define RST_ACK		(TCPX_RST | TCPX_ACK)

/* Memory for a scoreboard, as path/output.c gives it to a socket */
#define TEST_CHUNKS	64	/* a power of two */

struct tcpx_test_slots {
	struct tcpx_txseg *dir[TEST_CHUNKS];
	struct tcpx_txseg chunk[TEST_CHUNKS][TCPX_TX_CHUNK];
};

/**
 * struct tcpx_test - one end of a connection, and what the peer says
 * @conf: the defaults of a namespace
 * @tcb: the end under test
 * @a: actions of the last event
 * @seg: the last segment of the peer
 * @send: the last segment that tcpx_wnd_next() gave
 * @peer_opt: options of the peer's segments
 * @iss: our initial sequence number
 * @irs: the peer's
 * @wnd: the window field of the peer's segments
 * @rcv_wnd: offered to the peer
 * @rcv_wscale: its shift
 * @rtt: the handshake takes so long, ns
 * @now: ns
 * @slots: of the scoreboard
 */
struct tcpx_test {
	struct tcpx_conf conf;
	struct tcpx_tcb tcb;
	struct tcpx_actions a;
	struct tcpx_seg seg;
	struct tcpx_send send;
	struct tcpx_opts peer_opt;
	u32 iss;
	u32 irs;
	u16 wnd;
	u32 rcv_wnd;
	u8 rcv_wscale;
	u64 rtt;
	u64 now;
	struct tcpx_test_slots slots;
};

/**
 * struct tcpx_seg_case - one segment in one state
 * @name: paragraph, and what is shown
 * @state: enum tcpx_state
 * @flags: TCPX_FIN .. TCPX_URG
 * @seq: SEG.SEQ, from RCV.NXT
 * @ack: SEG.ACK, from SND.NXT
 * @len: bytes of payload
 * @next: the state afterwards
 * @drop: enum tcpx_drop
 * @todo: TCPX_DO_*, exactly these
 * @rcvd: how far RCV.NXT has to move
 */
struct tcpx_seg_case {
	const char *name;
	u8 state;
	u8 flags;
	u32 seq;
	u32 ack;
	u32 len;
	u8 next;
	u8 drop;
	u32 todo;
	u32 rcvd;
};

int tcpx_test_init(struct kunit *test);
void tcpx_test_enter(struct kunit *test, u8 state);
void tcpx_test_arrive(struct tcpx_test *t, u8 flags, u32 seq, u32 ack, u32 len);
void tcpx_test_sack(struct tcpx_test *t, u32 ack, int nr, const struct tcpx_sack_block *b);
struct tcpx_test *tcpx_test_fly(struct kunit *test, int n);
void tcpx_test_fly_more(struct kunit *test, int n);
const char *tcpx_test_sb_fault(const struct tcpx_tcb *tcb);
void tcpx_test_sent(struct tcpx_test *t, u32 seq, u32 len, u8 flags);
void tcpx_test_give_slots(struct tcpx_scoreboard *sb, struct tcpx_test_slots *slots);
void tcpx_test_write(struct tcpx_test *t, u32 len);
int tcpx_test_send_all(struct tcpx_test *t);
void tcpx_test_expect(struct kunit *test, u8 state, u32 todo, u8 drop);
void tcpx_test_seg_case(struct kunit *test, const struct tcpx_seg_case *c);

/* The time-out of @timer happens when its deadline says */
static inline void tcpx_test_expire(struct tcpx_test *t, u8 timer)
{
	t->now = t->tcb.deadline[timer];
	tcpx_timeout(&t->tcb, timer, t->now, &t->a);
}

/* First number of the segment @k of TEST_MSS bytes, counted from 0 */
static inline u32 tcpx_test_seq(const struct tcpx_test *t, u32 k)
{
	return t->tcb.iss + 1 + k * TEST_MSS;
}

/* An ACK of the first @una segments, with the SACK blocks { from, to }, ... */
#define SACK(t, una, ...) do {						\
	const struct tcpx_sack_block __b[] = { __VA_ARGS__ };		\
									\
	tcpx_test_sack(t, una, ARRAY_SIZE(__b), __b);			\
} while (0)

#endif /* _TCPX_KUNIT_FIXTURE_H */
