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
#include "conf.h"
#include "ecn.h"
#include "option.h"
#include "pace.h"
#include "pmtu.h"
#include "rcvbuf.h"
#include "recovery.h"
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

struct tcpx_tcb {
	const struct tcpx_conf *conf;
	struct tcpx_route route;

	/* Where the connection stands */
	u8	state;			/* enum tcpx_state */
	bool	passive;		/* SYN-RECEIVED came from LISTEN, MUST-11 */
	bool	fastopen;		/* RFC 7413: data flows in SYN-RECEIVED already */
	bool	syn_acked;		/* the peer has acknowledged our SYN */
	bool	syn_data_acked;		/* RFC 7413: all data of the SYN was taken */
	bool	fin_queued;		/* CLOSE was called, the FIN is at write_seq */
	bool	rcv_fin_known;		/* a FIN has come beyond a hole */
	bool	rcv_shut;		/* the user will read no more */
	bool	orphan;			/* no process owns it */

	/* What the SYNs agreed on */
	bool	md5;			/* RFC 2385: each segment is signed */
	bool	ts_ok;			/* RFC 7323 negotiated */
	bool	wscale_ok;
	bool	sack_ok;
	u8	snd_wscale;
	u8	rcv_wscale;
	u16	adv_mss;		/* the MSS option that goes out */
	u16	peer_mss;		/* the MSS option, or default_mss */
	u16	default_mss;		/* MUST-15: by the version of IP */
	struct tcpx_ecn ecn;

	/* What the user has set */
	bool	nodelay;		/* TCP_NODELAY, MUST-17 */
	bool	cork;			/* TCP_CORK, or MSG_MORE at the last SEND */
	bool	thin_linear;		/* TCP_THIN_LINEAR_TIMEOUTS */
	bool	keep_on;		/* SO_KEEPALIVE, MUST-25: default off */
	u8	keep_probes;		/* TCP_KEEPCNT; 0: conf */
	u8	syn_retries;		/* TCP_SYNCNT; 0: conf */
	bool	uto_on;			/* RFC 5482, ENABLED */
	bool	uto_fixed;		/* RFC 5482, not CHANGEABLE */
	u32	keep_idle;		/* TCP_KEEPIDLE, s; 0: conf */
	u32	keep_intvl;		/* TCP_KEEPINTVL, s; 0: conf */
	u32	user_timeout;		/* TCP_USER_TIMEOUT, ms; 0: R2 decides */
	s32	linger2;		/* TCP_LINGER2, s; 0: conf, < 0: none */

	/* Send sequence variables: 3.3.1 */
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
	u32	burst;			/* bytes that may leave in one piece, cut below IP */
	u16	snd_mss;		/* effective, options taken off (MUST-16) */
	bool	snd_urg;		/* snd_up is ahead of snd_una */
	bool	sws_override;		/* RFC 9293, 3.8.6.2.1: the override timer fired */
	bool	cwnd_limited;		/* cwnd, not the user or the peer, held back data */
	bool	uto_send;		/* the next segment carries the UTO option */
	u8	pacing;			/* enum tcpx_pacing */
	bool	rtt_timing;		/* one segment is timed: rtt_seq */

	/* Receive sequence variables: 3.3.1 */
	u32	irs;
	u32	rcv_nxt;
	u32	rcv_wnd;		/* from rcv_nxt: what was promised and is open */
	u32	max_rcv_wnd;		/* the largest ever promised */
	u32	rcv_up;
	u32	rcv_fin;		/* its number, with rcv_fin_known */
	u32	copied_seq;		/* the user has consumed up to here */
	u32	last_ack_sent;
	u16	rcv_mss;		/* largest segment seen, for delayed ACKs */

	/* What an ACK says, and when: 3.8.6.3 */
	u8	quickacks;		/* so many to go that are acknowledged at once */
	u8	pushed;			/* pushes since the last ACK, 2 at most */
	bool	pingpong;		/* data goes both ways: an ACK may ride on it */
	bool	ack_now;		/* an ACK is due at once and has not left */
	struct tcpx_sack_report sack;
	struct tcpx_rcvbuf rcvbuf;

	/* RFC 7323 */
	u32	ts_offset;		/* random, see tcpx_tsval() */
	u32	ts_recent;
	u64	ts_recent_stamp;

	/* RFC 6298: the one segment that is timed */
	struct tcpx_rtt rtt;
	u64	rtt_start;
	u32	rtt_seq;

	/* What flies, what was lost, how much may fly */
	u32	dsack_dups;		/* segments that came twice, as the peer says */
	struct tcpx_pmtu pmtu;
	struct tcpx_scoreboard sb;
	struct tcpx_recovery rec;
	struct tcpx_cong cong;
	u64	pace_at;		/* the next segment may leave */
	u64	max_pacing_rate;	/* SO_MAX_PACING_RATE, bytes a second */

	/* Delivery rate: draft-ietf-ccwg-bbr, 4.5.2 */
	u64	delivered;		/* bytes, acknowledged or SACKed, ever */
	u64	delivered_at;		/* ns */
	u64	delivered_ce;		/* of delivered: with congestion experienced */
	u64	first_sent_at;		/* of the window in which delivered_at falls */
	u64	app_limited;		/* until delivered passes this; 0: not */
	u64	rate_delivered;		/* the last rate: so many bytes ... */
	u64	rate_interval;		/* ... in so many ns */

	/* Timers */
	u64	deadline[TCPX_NR_TIMERS];
	u64	last_rcv;		/* an acceptable segment of the peer */
	u64	last_snd;		/* data was sent */
	u64	last_data;		/* data was accepted */
	u64	began;			/* both ends were synchronized */
	u64	unacked_since;		/* nothing moves: not acknowledged, or the window shut */
	u64	oow_last;		/* the last answer to what was not acceptable */
	u8	rexmt_shift;		/* RTOs since SND.UNA moved */
	u8	backoff;		/* RTOs since the path was measured: Karn */
	bool	lcd;			/* RFC 6069 has undone one since SND.UNA moved */
	u8	probes_out;		/* probes without an answer */
	u8	persist_shift;		/* probes since the window closed */
	u8	syn_rexmts;		/* how often the SYN was sent again */
	bool	rate_app_limited;	/* the last rate could have been more */
};

/* Both ends' initial sequence numbers are known */
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

/* Bytes that are not acknowledged; the number of a SYN, which may carry data, is none */
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

#define TCPX_DUPTHRESH		3	/* RFC 5681, 3.2 */

/* How many duplicates tell of a loss */
static inline u32 tcpx_dupthresh(const struct tcpx_tcb *tcb)
{
	return tcb->route.reordering ?: TCPX_DUPTHRESH;
}

/* RFC 6298, (2.4), ns */
static inline u64 tcpx_rto_min(const struct tcpx_tcb *tcb)
{
	return (tcb->route.rto_min_us ?: tcb->conf->rto_min_us) * 1000ULL;
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

/* A timestamp and a signature would leave no room for SACK blocks, as Linux's TCP has it */
static inline bool tcpx_timestamps(const struct tcpx_tcb *tcb)
{
	return tcb->conf->timestamps && !tcb->md5;
}

/* The options of every segment: bytes */
static inline u32 tcpx_common_opt_len(const struct tcpx_tcb *tcb)
{
	return (tcb->ts_ok ? TCPX_TS_OPT_LEN : 0) + (tcb->md5 ? TCPX_MD5_OPT_LEN : 0);
}

/* The options of the next segment, without SACK: bytes */
static inline u32 tcpx_fixed_opt_len(const struct tcpx_tcb *tcb)
{
	return tcpx_common_opt_len(tcb) + (tcb->uto_on && tcb->uto_send ? 4 : 0);
}

void tcpx_tcb_init(struct tcpx_tcb *tcb, const struct tcpx_conf *conf);
void tcpx_tcb_inherit(struct tcpx_tcb *tcb, const struct tcpx_tcb *from);
void tcpx_tcb_reinit(struct tcpx_tcb *tcb);
void tcpx_tcb_route(struct tcpx_tcb *tcb, const struct tcpx_route *route);

#endif /* _TCPX_CORE_TCB_H */
