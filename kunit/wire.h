/* SPDX-License-Identifier: GPL-2.0 */
/* Two ends and what lies between them. */
#ifndef _TCPX_KUNIT_WIRE_H
#define _TCPX_KUNIT_WIRE_H

#include "../tcpx_fsm.h"
#include "fixture.h"

#define WIRE_CLIENT	0
#define WIRE_SERVER	1
#define WIRE_CLIENT_ISS	100U
#define WIRE_SERVER_ISS	300U
#define WIRE_SLOTS	512
#define WIRE_HOLES	64
#define WIRE_LOG	8192
#define WIRE_DELAY	(10 * MSEC)	/* one way */
#define WIRE_BUF	65000U		/* receive buffer */

/**
 * struct wire_range - payload that came before its turn
 * @seq: its first number
 * @end: after its last
 */
struct wire_range {
	u32 seq, end;
};

/**
 * struct wire_end - one end, and the least that a shell does for it
 * @tcb: its state
 * @a: actions of its last event
 * @kept: payload that came before its turn
 * @nr_kept: so many pieces
 * @got: bytes delivered to the user
 * @err: what the user was told
 * @connected: the user was told that the connection is there
 * @closed: the user was told that the peer has closed
 * @held: bytes that the user has not read
 * @lazy: the user does not read
 * @slots: of the scoreboard
 */
struct wire_end {
	struct tcpx_tcb tcb;
	struct tcpx_actions a;
	struct wire_range kept[WIRE_HOLES];
	int nr_kept;
	u32 got;
	u32 held;
	int err;
	bool connected, closed, lazy;
	struct tcpx_test_slots slots;
};

/**
 * struct wire_packet - a segment on its way
 * @used: the slot is taken
 * @to: WIRE_CLIENT or WIRE_SERVER
 * @at: it arrives, ns
 * @seg: the segment
 */
struct wire_packet {
	bool used;
	u8 to;
	u64 at;
	struct tcpx_seg seg;
};

/**
 * struct wire - a connection
 * @conf: of both ends
 * @end: the two
 * @packet: segments on their way
 * @now: ns
 * @sent: segments so far
 * @lose: of each 100 segments so many are lost
 * @dup: ... come twice
 * @late: ... come after later ones
 * @drop_nth: lose exactly this one, counted from 1
 * @limit: longer ones, bytes of payload, are lost; 0: none
 * @cong: the algorithm of both ends; NULL: Reno
 * @renege: of each 100 segments that come before their turn so many make the
 *	    receiver throw away all that it kept
 * @steps: events so far
 * @most_steps: so many are too many; 0: none are
 * @fault: the first thing that should not have happened, or NULL
 * @seed: state of the generator
 * @log: a line a segment: direction, flags, SEQ, ACK, bytes of payload
 * @len: bytes of it
 */
struct wire {
	struct tcpx_conf conf;
	struct wire_end end[2];
	struct wire_packet packet[WIRE_SLOTS];
	u64 now;
	u32 sent;
	u32 lose, dup, late;
	u32 drop_nth;
	u32 limit;
	const struct tcpx_cong_ops *cong;
	u32 renege;
	u32 steps, most_steps;
	const char *fault;
	u32 seed;
	char log[WIRE_LOG];
	int len;
};

int wire_init(struct kunit *test);
void wire_listen(struct wire *w);
void wire_connect(struct wire *w, int from);
void wire_write(struct wire *w, int from, u32 len);
void wire_close(struct wire *w, int from);
void wire_abort(struct wire *w, int from);
void wire_read(struct wire *w, int at);
void wire_run(struct wire *w, u64 until);
void wire_inject(struct wire *w, int to, const struct tcpx_seg *seg);
void wire_clear_log(struct wire *w);

#endif /* _TCPX_KUNIT_WIRE_H */
