/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmission control block: RFC 9293, 3.3.1.
 *
 * Everything the state machine knows of a connection, and nothing of how the
 * kernel carries it: no skb, no sock, no clock, no lock.  Names are the RFC's
 * in lower case.  Times are ns of one monotonic clock that the caller owns.
 */
#ifndef _TCPX_CORE_TCB_H
#define _TCPX_CORE_TCB_H

#include <linux/types.h>

#include "../cong/cong.h"
#include "../tcpx_hdr.h"
#include "pmtu.h"
#include "rcvbuf.h"
#include "rtt.h"
#include "sack.h"
#include "scoreboard.h"

/* The numbers are the kernel's TCP_*, since generic code reads sk_state */
enum tcpx_state {
	TCPX_ESTABLISHED = 1,
	TCPX_SYN_SENT,
	TCPX_SYN_RECEIVED,
	TCPX_FIN_WAIT_1,
	TCPX_FIN_WAIT_2,
	TCPX_TIME_WAIT,
	TCPX_CLOSED,
	TCPX_CLOSE_WAIT,
	TCPX_LAST_ACK,
	TCPX_LISTEN,
	TCPX_CLOSING,
	TCPX_NR_STATES
};

/**
 * enum tcpx_timer - the deadlines of a connection
 * @TCPX_T_PACE: what may be sent is to be spread over time
 * @TCPX_T_REO: a segment that was overtaken is lost now (RFC 8985, 7.1)
 * @TCPX_T_TLP: tail loss probe (RFC 8985, 7.2)
 * @TCPX_T_REXMT: retransmission (RFC 6298)
 * @TCPX_T_PERSIST: zero window probe, and the override of silly window
 *		    avoidance (RFC 9293, 3.8.6.1 and 3.8.6.2.1)
 * @TCPX_T_DELACK: delayed acknowledgment (RFC 9293, 3.8.6.3)
 * @TCPX_T_KEEP: keepalive (RFC 9293, 3.8.4)
 * @TCPX_T_USER: user time-out (RFC 9293, 3.10.8; RFC 5482)
 * @TCPX_T_FIN_WAIT_2: a FIN-WAIT-2 that no process owns
 * @TCPX_T_2MSL: TIME-WAIT (RFC 9293, 3.6.1)
 * @TCPX_NR_TIMERS: how many there are
 */
enum tcpx_timer {
	TCPX_T_PACE,
	TCPX_T_REO,
	TCPX_T_TLP,
	TCPX_T_REXMT,
	TCPX_T_PERSIST,
	TCPX_T_DELACK,
	TCPX_T_KEEP,
	TCPX_T_USER,
	TCPX_T_FIN_WAIT_2,
	TCPX_T_2MSL,
	TCPX_NR_TIMERS
};

#define TCPX_NEVER		(~0ULL)	/* a deadline that is not set */

#define TCPX_DELACK_MS		40
#define TCPX_DELACK_MAX_MS	200	/* where the user has asked for it */
#define TCPX_QUICKACKS		16	/* acknowledged at once, at the start and after a hole */
#define TCPX_ACK_ROUND		8	/* full segments that one ACK is for: RFC 9406, 4.3 */
#define TCPX_OOW_LIMIT_MS	500	/* RFC 5961, 5 and 7: one answer each */
#define TCPX_MSS_DEFAULT	536	/* RFC 9293, 3.7.1, MUST-15 */
#define TCPX_MSS_MIN		88	/* smaller announcements are taken as this */
#define TCPX_MAX_ACKED		TCPX_MAX_WINDOW	/* no peer has a larger one */
#define TCPX_UTO_ADV		300	/* s, RFC 5482 ADV_UTO where the user sets none */
#define TCPX_UTO_MIN		100	/* s, RFC 5482 L_LIMIT */
#define TCPX_UTO_LIMIT		3600	/* s, RFC 5482 U_LIMIT */
#define TCPX_PAWS_IDLE_NS	(24ULL * 24 * 3600 * TCPX_NSEC_PER_SEC)

/*
 * struct tcpx_conf - what an administrator sets, in the units of the sysctls
 *
 * One of these lives in each network namespace; a TCB points at it and reads
 * it with plain loads, so a change counts from the next event on.
 */
struct tcpx_conf {
	u32	msl_ms;
	u32	rto_min_us;
	u32	rto_max_ms;
	u32	syn_retries;
	u32	synack_retries;
	u32	retries1;
	u32	retries2;
	u32	orphan_retries;
	u32	keepalive_time;		/* s */
	u32	keepalive_intvl;	/* s */
	u32	keepalive_probes;
	u32	fin_timeout;		/* s */
	u8	timestamps;
	u8	window_scaling;
	u8	sack;
	u8	dsack;
	u8	rfc1337;
	u8	slow_start_after_idle;
	u8	ecn;			/* 0: no, 1: ask for it, 2: if the peer asks */
	u8	ecn_fallback;
	u8	frto;
	u8	early_retrans;		/* 0: no tail loss probes */
	u8	mtu_probing;		/* 0: no, 1: after a black hole, 2: always */
	u32	base_mss;
	u32	mtu_probe_floor;
	u32	probe_interval;		/* s */
	u32	probe_threshold;	/* bytes */
	u32	pacing_ss_ratio;	/* % of cwnd in a round trip */
	u32	pacing_ca_ratio;
};

/*
 * struct tcpx_route - what the route says of a path; 0: nothing
 * @window: the most to offer, bytes
 * @init_rwnd: what to offer first, segments
 * @init_cwnd: initial window, segments
 * @cwnd_max: cwnd stays below, segments
 * @ssthresh: slow start threshold to begin with, segments
 * @reordering: in place of TCPX_DUPTHRESH, segments
 * @rto_min: in place of the sysctl's, ns
 * @rtt: round-trip time that the first RTO is good for, ns
 * @rttvar: its variation, ns
 * @quickack: no acknowledgment is delayed
 * @ecn: ask for ECN, and grant it
 * @fastopen_no_cookie: RFC 7413 without cookies, in both directions
 */
struct tcpx_route {
	u32	window;
	u32	init_rwnd;
	u32	init_cwnd;
	u32	cwnd_max;
	u32	ssthresh;
	u32	reordering;
	u64	rto_min;
	u64	rtt;
	u64	rttvar;
	bool	quickack;
	bool	ecn;
	bool	fastopen_no_cookie;
};

enum tcpx_recovery_state {
	TCPX_REC_OPEN,
	TCPX_REC_CWR,		/* the peer echoed congestion (RFC 3168) */
	TCPX_REC_FAST,		/* fast recovery (RFC 5681, 3.2) */
	TCPX_REC_LOSS,		/* after a time-out (RFC 5681, 3.1) */
};

/*
 * struct tcpx_rack - RFC 8985, 5.3
 * @sent_at: RACK.xmit_ts: of the delivered segments, when the last was sent
 * @order: in place of RACK.end_seq: its turn among those sent at that moment
 * @rtt: RACK.rtt, of the same, ns
 * @fack: RACK.fack, the highest number that was delivered
 * @dsack_round: until SND.UNA is there, no more D-SACK counts
 * @reo_wnd_mult: RACK.reo_wnd_mult
 * @reo_wnd_persist: RACK.reo_wnd_persist
 * @dsack_seen: @dsack_round is valid
 * @reordering: RACK.reordering_seen
 * @reordered: how often
 * @reach: by how much at most, bytes
 */
struct tcpx_rack {
	u64	sent_at;
	u64	rtt;
	u32	order;
	u32	fack;
	u32	dsack_round;
	u8	reo_wnd_mult;
	u8	reo_wnd_persist;
	bool	dsack_seen;
	bool	reordering;
	u32	reordered;
	u32	reach;
};

/*
 * struct tcpx_recovery - what was lost, and how sending goes on meanwhile
 * @state: enum tcpx_recovery_state; all but OPEN last until @recover
 * @frto: RFC 5682: the step that the next acknowledgment is for, 0: none
 * @dupacks: without SACK: duplicate acknowledgments since SND.UNA moved
 * @partial: without SACK: there was a partial acknowledgment
 * @recover: SND.NXT when @state was entered
 * @prr_delivered: RFC 9937, bytes
 * @prr_out: RFC 9937, bytes
 * @prr_fs: RFC 9937, RecoverFS, bytes
 * @undo: the last reduction can be undone
 * @undo_rexmts: segments sent again since, less those that came twice
 * @undo_una: SND.UNA when it happened
 * @undo_end: after the highest number sent again since, valid with @rexmt_ts_ok
 * @rexmt_ts: TSval of the first segment sent again since
 * @rexmt_ts_ok: there was one
 * @tlp: a tail loss probe is out
 * @tlp_rexmt: it was sent before
 * @tlp_due: the next segment is one: cwnd does not hold it back
 * @tlp_end: RFC 8985, TLP.end_seq
 * @rack: RFC 8985
 */
struct tcpx_recovery {
	u8	state;
	u8	frto;
	u16	dupacks;
	u32	recover;
	u32	prr_delivered;
	u32	prr_out;
	u32	prr_fs;
	bool	partial;
	bool	undo;
	bool	rexmt_ts_ok;
	bool	tlp;
	bool	tlp_rexmt;
	bool	tlp_due;
	u32	undo_rexmts;
	u32	undo_una;
	u32	undo_end;
	u32	rexmt_ts;
	u32	tlp_end;
	struct tcpx_rack rack;
};

enum tcpx_ecn_mode {
	TCPX_ECN_OFF,
	TCPX_ECN_CLASSIC,		/* RFC 3168 */
};

/* struct tcpx_ecn.wanted: who asks for ECN whatever the sysctl says */
#define TCPX_ECN_ALGORITHM	0x01	/* RFC 8257 */
#define TCPX_ECN_ROUTE		0x02

/*
 * struct tcpx_ecn - explicit congestion notification
 * @mode: enum tcpx_ecn_mode, agreed with the peer
 * @wanted: TCPX_ECN_*
 * @demand: echo congestion
 * @cwr: the next new payload says that cwnd was reduced
 * @seen: the peer's payload is capable of ECN
 * @reacted: SND.NXT when cwnd was reduced last: an echo up to there is no news
 */
struct tcpx_ecn {
	u8	mode;
	u8	wanted;
	bool	demand;
	bool	cwr;
	bool	seen;
	u32	reacted;
};

enum tcpx_pacing {
	TCPX_PACE_OFF,
	TCPX_PACE_TIMER,		/* the connection's own timer */
	TCPX_PACE_EDT,			/* fq holds segments until their time */
};

#define TCPX_PACE_UNLIMITED	(~0ULL)

struct tcpx_tcb {
	const struct tcpx_conf *conf;
	struct tcpx_route route;
	u8	state;			/* enum tcpx_state */
	bool	passive;		/* SYN-RECEIVED came from LISTEN, MUST-11 */
	bool	orphan;			/* no process owns it */
	bool	rcv_shut;		/* the user will read no more */
	bool	thin_linear;		/* TCP_THIN_LINEAR_TIMEOUTS */
	bool	fin_queued;		/* CLOSE was called, the FIN is at write_seq */
	bool	ts_ok;			/* RFC 7323 negotiated */
	bool	wscale_ok;
	bool	sack_ok;
	bool	nodelay;		/* TCP_NODELAY, MUST-17 */
	bool	cork;			/* TCP_CORK, or MSG_MORE at the last SEND */
	bool	ack_now;		/* an ACK is due at once and has not left */
	bool	cwnd_limited;		/* cwnd, not the user or the peer, held back data */
	bool	pingpong;		/* payload goes both ways: an ACK may ride on it */
	bool	keep_on;		/* SO_KEEPALIVE, MUST-25: default off */
	bool	uto_on;			/* RFC 5482, ENABLED */
	bool	uto_fixed;		/* RFC 5482, not CHANGEABLE */
	bool	snd_urg;		/* snd_up is ahead of snd_una */
	bool	syn_acked;		/* the peer has acknowledged our SYN */
	bool	fastopen;		/* RFC 7413: payload flows in SYN-RECEIVED already */
	bool	syn_data_acked;		/* RFC 7413: all payload of the SYN was taken */
	bool	sws_override;		/* RFC 9293, 3.8.6.2.1: the override timer fired */
	bool	uto_send;		/* the next segment carries the UTO option */
	bool	rcv_fin_known;		/* a FIN has come beyond a hole */

	/* Send sequence variables */
	u32	iss;
	u32	snd_una;
	u32	snd_nxt;
	u32	snd_wnd;
	u32	snd_up;
	u32	snd_wl1;
	u32	snd_wl2;
	u32	max_snd_wnd;
	u32	acked;			/* bytes acknowledged so far, TCPX_MAX_ACKED at most */
	u32	write_seq;		/* after the last byte that SEND queued */
	u32	snd_sml;		/* after the last segment that was not full */
	u32	push_seq;		/* write_seq when TCP_NODELAY was set: no Nagle */
	u32	syn_data_end;		/* RFC 7413: after what the SYN carried */
	u16	snd_mss;		/* effective, options taken off (MUST-16) */
	u16	peer_mss;		/* the MSS option, or 536 */
	u16	adv_mss;		/* the MSS option that goes out */
	u8	snd_wscale;
	u8	rcv_wscale;

	/* Receive sequence variables */
	u32	irs;
	u32	rcv_nxt;
	u32	rcv_wnd;		/* from rcv_nxt: what was promised and is open */
	u32	max_rcv_wnd;		/* the largest ever promised */
	u32	rcv_up;
	u32	rcv_fin;		/* its number, with rcv_fin_known */
	u32	copied_seq;		/* the user has consumed up to here */
	u32	last_ack_sent;
	u16	rcv_mss;		/* largest segment seen, for delayed ACKs */
	u8	quickacks;		/* so many to go that are acknowledged at once */
	u8	pushed;			/* pushes since the last ACK, 2 at most */
	struct tcpx_sack_report sack;
	struct tcpx_rcvbuf rcvbuf;

	/* RFC 7323 */
	u32	ts_offset;		/* random, see tcpx_tsval() */
	u32	ts_recent;
	u64	ts_recent_stamp;

	/* RFC 6298: the one segment that is timed */
	bool	rtt_timing;
	u32	rtt_seq;
	u64	rtt_start;
	struct tcpx_rtt rtt;

	u8	pacing;			/* enum tcpx_pacing */
	struct tcpx_ecn ecn;
	u64	pace_at;		/* the next segment may leave */
	u64	max_pacing_rate;	/* SO_MAX_PACING_RATE, bytes a second */

	struct tcpx_pmtu pmtu;
	struct tcpx_scoreboard sb;
	struct tcpx_recovery rec;
	struct tcpx_cong cong;

	/* Delivery rate: draft-cheng-iccrg-delivery-rate-estimation */
	u64	delivered;		/* bytes, acknowledged or SACKed, ever */
	u64	delivered_at;		/* ns */
	u64	delivered_ce;		/* of delivered: with congestion experienced */
	u64	first_sent_at;		/* of the window in which delivered_at falls */
	u64	app_limited;		/* until delivered passes this; 0: not */
	u64	rate_delivered;		/* the last rate: so many bytes ... */
	u64	rate_interval;		/* ... in so many ns */
	bool	rate_app_limited;	/* ... and it could have been more */
	u32	dsack_dups;		/* segments that came twice, as the peer says */

	/* Timers */
	u64	deadline[TCPX_NR_TIMERS];
	u64	last_rcv;		/* an acceptable segment of the peer */
	u64	last_snd;		/* data was sent */
	u64	last_data;		/* payload was accepted */
	u64	began;			/* both ends were synchronized */
	u64	unacked_since;		/* nothing moves: not acknowledged, or the window shut */
	u64	oow_last;		/* the last answer to what was not acceptable */
	u8	rexmt_shift;		/* RTOs since SND.UNA moved */
	u8	backoff;		/* RTOs since the path was measured: Karn */
	bool	lcd;			/* RFC 6069 has undone one since SND.UNA moved */
	u8	probes_out;		/* probes without an answer */
	u8	persist_shift;		/* probes since the window closed */
	u8	syn_retries;		/* TCP_SYNCNT; 0: conf */
	u8	syn_rexmts;		/* how often the SYN was sent again */
	u8	keep_probes;		/* TCP_KEEPCNT; 0: conf */
	u32	keep_idle;		/* TCP_KEEPIDLE, s; 0: conf */
	u32	keep_intvl;		/* TCP_KEEPINTVL, s; 0: conf */
	u32	user_timeout;		/* TCP_USER_TIMEOUT, ms; 0: R2 decides */
	s32	linger2;		/* TCP_LINGER2, s; 0: conf, < 0: none */
};

/* SYN and FIN take one number each; both count while not acknowledged */
static inline bool tcpx_synchronized(const struct tcpx_tcb *tcb)
{
	return tcb->state != TCPX_CLOSED && tcb->state != TCPX_LISTEN &&
	       tcb->state != TCPX_SYN_SENT;
}

/* A FIN was sent, once at least */
static inline bool tcpx_fin_sent(const struct tcpx_tcb *tcb)
{
	return tcb->fin_queued && tcpx_after(tcb->snd_nxt, tcb->write_seq);
}

/* Bytes that are not acknowledged; a SYN's number, with which payload may go, is none */
static inline u32 tcpx_outstanding(const struct tcpx_tcb *tcb)
{
	u32 out = tcb->snd_nxt - tcb->snd_una;

	return out && !tcb->syn_acked ? out - 1 : out;
}

/*
 * Bytes that are on their way: RFC 6675, 2, "pipe".  Without SACK each
 * duplicate acknowledgment stands for a segment that has arrived.
 */
static inline u32 tcpx_flight(const struct tcpx_tcb *tcb)
{
	u32 out = tcpx_outstanding(tcb) - tcb->sb.sacked_bytes - tcb->sb.lost_bytes;
	u32 gone = (u32)tcb->rec.dupacks * tcb->snd_mss;

	return out > gone ? out - gone : 0;
}

/* RFC 6298, (2.4), ns */
static inline u64 tcpx_rto_min(const struct tcpx_tcb *tcb)
{
	return tcb->route.rto_min ?: tcb->conf->rto_min_us * 1000ULL;
}

static inline u64 tcpx_rto_max(const struct tcpx_tcb *tcb)
{
	return tcb->conf->rto_max_ms * TCPX_NSEC_PER_MSEC;
}

/* RFC 7323, 5.4: a clock of 2^20 ns, a little over 1 ms, moved by a random offset */
#define TCPX_TS_SHIFT	20

static inline u32 tcpx_tsval(const struct tcpx_tcb *tcb, u64 now)
{
	return (u32)(now >> TCPX_TS_SHIFT) + tcb->ts_offset;
}

/* The options of the next segment, without SACK: bytes */
static inline u32 tcpx_fixed_opt_len(const struct tcpx_tcb *tcb)
{
	return (tcb->ts_ok ? 12 : 0) + (tcb->uto_on && tcb->uto_send ? 4 : 0);
}

void tcpx_tcb_init(struct tcpx_tcb *tcb, const struct tcpx_conf *conf);
void tcpx_tcb_inherit(struct tcpx_tcb *tcb, const struct tcpx_tcb *from);
void tcpx_tcb_reinit(struct tcpx_tcb *tcb);
void tcpx_tcb_route(struct tcpx_tcb *tcb, const struct tcpx_route *route);

#endif /* _TCPX_CORE_TCB_H */
