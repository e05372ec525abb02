/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine: the events that can happen, and what is then to be done.
 */
#ifndef _TCPX_FSM_H
#define _TCPX_FSM_H

#include <linux/types.h>

#include "core/option.h"
#include "core/tcb.h"

/* RFC 9293, 3.10: the events, arriving segments told apart by what they mean */
enum tcpx_event {
	TCPX_EV_OPEN_PASSIVE,
	TCPX_EV_OPEN_ACTIVE,
	TCPX_EV_OPEN_REPAIR,		/* of a connection that is there: TCP_REPAIR */
	TCPX_EV_SEND,
	TCPX_EV_RECEIVE,
	TCPX_EV_CLOSE,
	TCPX_EV_ABORT,
	TCPX_EV_STATUS,
	TCPX_EV_RCV_SYN,		/* without an acceptable ACK */
	TCPX_EV_RCV_SYN_ACK,		/* SYN with an ACK of our SYN */
	TCPX_EV_RCV_ACK_OF_SYN,
	TCPX_EV_RCV_FIN,
	TCPX_EV_RCV_ACK_OF_FIN,
	TCPX_EV_RCV_RST,
	TCPX_EV_RCV_RST_PASSIVE,	/* RST or SYN in a SYN-RECEIVED that came from LISTEN */
	TCPX_EV_RCV_RST_FASTOPEN,	/* RST in one that the user has already (RFC 7413) */
	TCPX_EV_USER_TIMEOUT,
	TCPX_EV_REXMT_TIMEOUT,
	TCPX_EV_TIME_WAIT_TIMEOUT,
	TCPX_EV_FIN_WAIT_2_TIMEOUT,
	TCPX_NR_EVENTS
};

/* struct tcpx_actions.todo: what the shell has to do, in this order */
#define TCPX_DO_ACKED		0x00001	/* drop what is before snd_una, tell the writer */
#define TCPX_DO_DATA		0x00002	/* in order: deliver data_off, data_len */
#define TCPX_DO_OOO		0x00004	/* keep the payload for later */
#define TCPX_DO_URGENT		0x00008	/* signal urgent data */
#define TCPX_DO_CONNECTED	0x00010	/* wake the caller of connect() */
#define TCPX_DO_PEER_CLOSED	0x00020	/* nothing more will be received */
#define TCPX_DO_SYN		0x00040	/* <SEQ=ISS><CTL=SYN> */
#define TCPX_DO_SYNACK		0x00080	/* <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> */
#define TCPX_DO_REXMT		0x00100	/* send what is at snd_una again */
#define TCPX_DO_OUTPUT		0x00200	/* send what may be sent */
#define TCPX_DO_PROBE		0x00400	/* <SEQ=SND.UNA-1><ACK=RCV.NXT><CTL=ACK> */
#define TCPX_DO_ACK		0x00800	/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, now */
#define TCPX_DO_CHALLENGE	0x01000	/* the same, RFC 5961; the namespace may limit it */
#define TCPX_DO_RST		0x02000	/* struct tcpx_actions.rst */
#define TCPX_DO_FLUSH		0x04000	/* empty all queues */
#define TCPX_DO_ERROR		0x08000	/* tell the user err */
#define TCPX_DO_SOFT_ERROR	0x10000	/* R1 reached: negative advice to IP (MUST-20) */
#define TCPX_DO_TIME_WAIT	0x20000	/* 2MSL begins, or begins again */
#define TCPX_DO_LISTEN		0x40000	/* half-open no more, back to LISTEN */
#define TCPX_DO_REOPEN		0x80000	/* give the SYN to the listener (RFC 6191) */
#define TCPX_DO_DELETE		0x100000 /* delete the TCB */

/* struct tcpx_actions.notes: nothing to do, but worth counting */
#define TCPX_NOTE_FAST_RECOVERY	0x01	/* fast recovery begins */
#define TCPX_NOTE_EIFEL		0x02	/* undone: timestamps */
#define TCPX_NOTE_DSACK_UNDO	0x04	/* undone: D-SACKs */
#define TCPX_NOTE_FRTO		0x08	/* undone: F-RTO */
#define TCPX_NOTE_TLP_LOSS	0x10	/* a tail loss probe repaired a loss */
#define TCPX_NOTE_ECN		0x20	/* the peer echoed congestion */
#define TCPX_NOTE_MTU_PROBED	0x40	/* a probe of the MTU has arrived */
#define TCPX_NOTE_MTU_LOST	0x80	/* a probe of the MTU was lost */

/* Why a segment, or its payload, went no further */
enum tcpx_drop {
	TCPX_DROP_NONE,
	TCPX_DROP_CLOSED,
	TCPX_DROP_FLAGS,
	TCPX_DROP_RST,
	TCPX_DROP_SEQ,
	TCPX_DROP_OLD_DATA,
	TCPX_DROP_PAWS,
	TCPX_DROP_NO_TS,
	TCPX_DROP_OLD_ACK,
	TCPX_DROP_UNSENT_ACK,
	TCPX_DROP_SYN,
	TCPX_DROP_ZERO_WINDOW,
	TCPX_DROP_NO_ROOM,
	/* What the state machine is not asked about */
	TCPX_DROP_HEADER,
	TCPX_DROP_CHECKSUM,
	TCPX_DROP_NOT_HOST,
	TCPX_DROP_NO_SOCKET,
	TCPX_DROP_POLICY,
	TCPX_DROP_FILTER,
	TCPX_DROP_MIN_TTL,
	TCPX_DROP_BACKLOG,
	TCPX_DROP_LISTEN_FULL,
	TCPX_DROP_NO_ROUTE,
	TCPX_DROP_NO_MEMORY,
	TCPX_DROP_MERGED,	/* it was kept beyond a hole, and is there twice */
	TCPX_DROP_PRUNED,	/* it was kept beyond a hole, for which memory runs out */
	TCPX_DROP_MD5_MISSING,	/* RFC 2385: it had to be signed */
	TCPX_DROP_MD5_UNEXPECTED,	/* it is signed, and there is no key for its sender */
	TCPX_DROP_MD5_WRONG,
	TCPX_NR_DROPS
};

/**
 * struct tcpx_cell - one cell of the table states x events
 * @next: the state afterwards
 * @err: what the user's call returns, or what the user is told; 0 or -errno
 * @todo: TCPX_DO_*
 * @rfc: the paragraph of RFC 9293 that says so
 */
struct tcpx_cell {
	u8	next;
	s16	err;
	u32	todo;
	const char *rfc;
};

/**
 * struct tcpx_seg - an arriving segment, parsed, host byte order
 * @seq: SEG.SEQ
 * @ack: SEG.ACK, valid with TCPX_ACK
 * @len: bytes of payload
 * @wnd: the window field, not scaled
 * @up: the urgent pointer, valid with TCPX_URG
 * @flags: TCPX_FIN .. TCPX_CWR
 * @ip_ecn: the ECN field of IP, TCPX_NOT_ECT .. TCPX_CE
 * @no_room: there is no memory for its payload
 * @ooo: the out-of-order queue is not empty
 * @data_waits: the user has data that is sent as soon as possible
 * @part: bytes of payload of each of the segments that were merged in it, by GRO or
 *	since they were never cut; 0: it is one
 * @opt: its options
 */
struct tcpx_seg {
	u32	seq;
	u32	ack;
	u32	len;
	u16	wnd;
	u16	up;
	u8	flags;
	u8	ip_ecn;
	bool	no_room;
	bool	ooo;
	bool	data_waits;
	u16	part;
	struct tcpx_opts opt;
};

/**
 * struct tcpx_rst - a reset to send, host byte order
 * @seq: SEG.SEQ
 * @ack: SEG.ACK, valid with TCPX_ACK
 * @flags: TCPX_RST, with or without TCPX_ACK
 */
struct tcpx_rst {
	u32	seq;
	u32	ack;
	u8	flags;
};

#define TCPX_MAX_TRANSITIONS	4

/**
 * struct tcpx_actions - what an event leads to
 * @todo: TCPX_DO_*
 * @err: with TCPX_DO_ERROR: the errno for the user, positive
 * @drop: why the segment went no further
 * @nr: how many transitions there were
 * @trans: each change of state, in order, with its event
 * @data_off: with TCPX_DO_DATA: bytes of the segment's payload to skip
 * @data_len: with TCPX_DO_DATA or TCPX_DO_OOO: bytes to take after that
 * @acked: bytes of data newly acknowledged
 * @notes: TCPX_NOTE_*
 * @round: with TCPX_DO_ACK: it may wait for what has arrived together with this
 * @rst: with TCPX_DO_RST: the segment to send
 */
struct tcpx_actions {
	u32	todo;
	int	err;
	u8	drop;
	u8	nr;
	struct {
		u8 from, to, event;
	} trans[TCPX_MAX_TRANSITIONS];
	u32	data_off;
	u32	data_len;
	u32	acked;
	u8	notes;
	bool	round;
	struct tcpx_rst rst;
};

const char *tcpx_state_name(u8 state);
const char *tcpx_event_name(u8 event);
const char *tcpx_drop_name(u8 drop);
const struct tcpx_cell *tcpx_fsm_cell(u8 state, u8 event);

int tcpx_fsm_call(struct tcpx_tcb *tcb, u8 event, u64 now, struct tcpx_actions *a);
const struct tcpx_cell *tcpx_fsm_event(struct tcpx_tcb *tcb, u8 event, u64 now,
				       struct tcpx_actions *a);
void tcpx_fsm_error(struct tcpx_tcb *tcb, int err, struct tcpx_actions *a);
void tcpx_fsm_orphan(struct tcpx_tcb *tcb, u64 now);
struct tcpx_rst tcpx_fsm_rst(const struct tcpx_tcb *tcb);
struct tcpx_rst tcpx_fsm_rst_for(const struct tcpx_seg *seg);

#endif /* _TCPX_FSM_H */
