/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: each segment, each that is sent again, each probe, each change of state, each
 * drop, and what congestion control made of it.
 *
 *	echo 1 > /sys/kernel/tracing/events/tcpx/enable
 *
 * Ports stand beside the addresses for the sake of filters.  trace-cmd and perf print events
 * by what the kernel says of their format, so names are tables here and not calls of
 * tcpx_state_name() and the like, and addresses are arrays, as in TCP's.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tcpx

#if !defined(_TCPX_NET_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TCPX_NET_TRACE_H

#include <linux/tracepoint.h>

#include "../core/tcb.h"
#include "trace_show.h"

/* The numbers of the names, for who reads the format of an event */
TRACE_DEFINE_ENUM(TCPX_ESTABLISHED);
TRACE_DEFINE_ENUM(TCPX_SYN_SENT);
TRACE_DEFINE_ENUM(TCPX_SYN_RECEIVED);
TRACE_DEFINE_ENUM(TCPX_FIN_WAIT_1);
TRACE_DEFINE_ENUM(TCPX_FIN_WAIT_2);
TRACE_DEFINE_ENUM(TCPX_TIME_WAIT);
TRACE_DEFINE_ENUM(TCPX_CLOSED);
TRACE_DEFINE_ENUM(TCPX_CLOSE_WAIT);
TRACE_DEFINE_ENUM(TCPX_LAST_ACK);
TRACE_DEFINE_ENUM(TCPX_LISTEN);
TRACE_DEFINE_ENUM(TCPX_CLOSING);

TRACE_DEFINE_ENUM(TCPX_EV_OPEN_PASSIVE);
TRACE_DEFINE_ENUM(TCPX_EV_OPEN_ACTIVE);
TRACE_DEFINE_ENUM(TCPX_EV_OPEN_REPAIR);
TRACE_DEFINE_ENUM(TCPX_EV_SEND);
TRACE_DEFINE_ENUM(TCPX_EV_RECEIVE);
TRACE_DEFINE_ENUM(TCPX_EV_CLOSE);
TRACE_DEFINE_ENUM(TCPX_EV_ABORT);
TRACE_DEFINE_ENUM(TCPX_EV_STATUS);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_SYN);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_SYN_ACK);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_ACK_OF_SYN);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_FIN);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_ACK_OF_FIN);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_RST);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_RST_PASSIVE);
TRACE_DEFINE_ENUM(TCPX_EV_RCV_RST_FASTOPEN);
TRACE_DEFINE_ENUM(TCPX_EV_USER_TIMEOUT);
TRACE_DEFINE_ENUM(TCPX_EV_REXMT_TIMEOUT);
TRACE_DEFINE_ENUM(TCPX_EV_TIME_WAIT_TIMEOUT);
TRACE_DEFINE_ENUM(TCPX_EV_FIN_WAIT_2_TIMEOUT);

TRACE_DEFINE_ENUM(TCPX_DROP_CLOSED);
TRACE_DEFINE_ENUM(TCPX_DROP_FLAGS);
TRACE_DEFINE_ENUM(TCPX_DROP_RST);
TRACE_DEFINE_ENUM(TCPX_DROP_SEQ);
TRACE_DEFINE_ENUM(TCPX_DROP_OLD_DATA);
TRACE_DEFINE_ENUM(TCPX_DROP_PAWS);
TRACE_DEFINE_ENUM(TCPX_DROP_NO_TS);
TRACE_DEFINE_ENUM(TCPX_DROP_OLD_ACK);
TRACE_DEFINE_ENUM(TCPX_DROP_UNSENT_ACK);
TRACE_DEFINE_ENUM(TCPX_DROP_SYN);
TRACE_DEFINE_ENUM(TCPX_DROP_ZERO_WINDOW);
TRACE_DEFINE_ENUM(TCPX_DROP_NO_ROOM);
TRACE_DEFINE_ENUM(TCPX_DROP_HEADER);
TRACE_DEFINE_ENUM(TCPX_DROP_CHECKSUM);
TRACE_DEFINE_ENUM(TCPX_DROP_NOT_HOST);
TRACE_DEFINE_ENUM(TCPX_DROP_NO_SOCKET);
TRACE_DEFINE_ENUM(TCPX_DROP_POLICY);
TRACE_DEFINE_ENUM(TCPX_DROP_FILTER);
TRACE_DEFINE_ENUM(TCPX_DROP_MIN_TTL);
TRACE_DEFINE_ENUM(TCPX_DROP_BACKLOG);
TRACE_DEFINE_ENUM(TCPX_DROP_LISTEN_FULL);
TRACE_DEFINE_ENUM(TCPX_DROP_NO_ROUTE);
TRACE_DEFINE_ENUM(TCPX_DROP_NO_MEMORY);
TRACE_DEFINE_ENUM(TCPX_DROP_MERGED);
TRACE_DEFINE_ENUM(TCPX_DROP_PRUNED);
TRACE_DEFINE_ENUM(TCPX_DROP_MD5_MISSING);
TRACE_DEFINE_ENUM(TCPX_DROP_MD5_UNEXPECTED);
TRACE_DEFINE_ENUM(TCPX_DROP_MD5_WRONG);

TRACE_DEFINE_ENUM(TCPX_PROBE_KEEPALIVE);
TRACE_DEFINE_ENUM(TCPX_PROBE_ZERO_WINDOW);
TRACE_DEFINE_ENUM(TCPX_PROBE_TAIL_LOSS);
TRACE_DEFINE_ENUM(TCPX_PROBE_MTU);

/* A segment leaves, or has arrived and is about to be processed */
TRACE_EVENT(tcpx_segment,
	    TP_PROTO(bool tx, const struct tcpx_tuple *t, const struct tcpx_seg *seg, u32 len,
		     u8 state),
	    TP_ARGS(tx, t, seg, len, state),
	    TP_STRUCT__entry(__array(u8, from, sizeof(union tcpx_sockaddr))
			     __array(u8, to, sizeof(union tcpx_sockaddr))
			     __field(bool, tx)
			     __field(u16, sport)
			     __field(u16, dport)
			     __field(u32, seq)
			     __field(u32, ack)
			     __field(u32, len)
			     __field(u16, wnd)
			     __field(u8, flags)
			     __field(u8, state)),
	    TP_fast_assign(__entry->tx = tx;
			   tcpx_trace_ends(t, tx ? __entry->from : __entry->to,
					   tx ? __entry->to : __entry->from);
			   __entry->sport = ntohs(tx ? t->lport : t->rport);
			   __entry->dport = ntohs(tx ? t->rport : t->lport);
			   __entry->seq = seg->seq;
			   __entry->ack = seg->ack;
			   __entry->len = len;
			   __entry->wnd = seg->wnd;
			   __entry->flags = seg->flags;
			   __entry->state = state;),
	    TP_printk("%s %pISpc > %pISpc [%s] seq=%u ack=%u win=%u len=%u state=%s",
		      __entry->tx ? "tx" : "rx", __entry->from, __entry->to,
		      tcpx_show_flags(__entry->flags), __entry->seq, __entry->ack,
		      __entry->wnd, __entry->len, tcpx_show_state(__entry->state))
);

/* A segment that was sent before is sent again; @timeouts in a row: 0: found by recovery */
TRACE_EVENT(tcpx_retransmit,
	    TP_PROTO(const struct tcpx_tuple *t, u32 seq, u32 len, u8 flags, u8 state, u8 timeouts),
	    TP_ARGS(t, seq, len, flags, state, timeouts),
	    TP_STRUCT__entry(__array(u8, local, sizeof(union tcpx_sockaddr))
			     __array(u8, remote, sizeof(union tcpx_sockaddr))
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u32, seq)
			     __field(u32, len)
			     __field(u8, flags)
			     __field(u8, state)
			     __field(u8, timeouts)),
	    TP_fast_assign(tcpx_trace_ends(t, __entry->local, __entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->seq = seq;
			   __entry->len = len;
			   __entry->flags = flags;
			   __entry->state = state;
			   __entry->timeouts = timeouts;),
	    TP_printk("%pISpc > %pISpc [%s] seq=%u len=%u timeouts=%u state=%s", __entry->local,
		      __entry->remote, tcpx_show_flags(__entry->flags), __entry->seq,
		      __entry->len, __entry->timeouts, tcpx_show_state(__entry->state))
);

/* A segment asks for an answer, or tries the path; @nr of its kind in a row, from 1 on */
TRACE_EVENT(tcpx_probe,
	    TP_PROTO(const struct tcpx_tuple *t, u8 probe, u32 seq, u32 len, u8 nr),
	    TP_ARGS(t, probe, seq, len, nr),
	    TP_STRUCT__entry(__array(u8, local, sizeof(union tcpx_sockaddr))
			     __array(u8, remote, sizeof(union tcpx_sockaddr))
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u32, seq)
			     __field(u32, len)
			     __field(u8, probe)
			     __field(u8, nr)),
	    TP_fast_assign(tcpx_trace_ends(t, __entry->local, __entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->seq = seq;
			   __entry->len = len;
			   __entry->probe = probe;
			   __entry->nr = nr;),
	    TP_printk("%pISpc > %pISpc %s seq=%u len=%u nr=%u", __entry->local, __entry->remote,
		      tcpx_show_probe(__entry->probe), __entry->seq, __entry->len, __entry->nr)
);

/* The state of a connection changes; the one place is tcpx_fsm_event() */
TRACE_EVENT(tcpx_state,
	    TP_PROTO(const struct tcpx_tuple *t, u8 from, u8 to, u8 event),
	    TP_ARGS(t, from, to, event),
	    TP_STRUCT__entry(__array(u8, local, sizeof(union tcpx_sockaddr))
			     __array(u8, remote, sizeof(union tcpx_sockaddr))
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u8, from)
			     __field(u8, to)
			     __field(u8, event)),
	    TP_fast_assign(tcpx_trace_ends(t, __entry->local, __entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->from = from;
			   __entry->to = to;
			   __entry->event = event;),
	    TP_printk("%pISpc %pISpc %s -> %s (%s)", __entry->local, __entry->remote,
		      tcpx_show_state(__entry->from), tcpx_show_state(__entry->to),
		      tcpx_show_event(__entry->event))
);

/* A segment, or its payload, goes no further; without ports where it is too short for them */
TRACE_EVENT(tcpx_drop,
	    TP_PROTO(const struct tcpx_tuple *t, u32 seq, u8 flags, u8 drop),
	    TP_ARGS(t, seq, flags, drop),
	    TP_STRUCT__entry(__array(u8, local, sizeof(union tcpx_sockaddr))
			     __array(u8, remote, sizeof(union tcpx_sockaddr))
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u32, seq)
			     __field(u8, flags)
			     __field(u8, drop)),
	    TP_fast_assign(tcpx_trace_ends(t, __entry->local, __entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->seq = seq;
			   __entry->flags = flags;
			   __entry->drop = drop;),
	    TP_printk("%pISpc > %pISpc [%s] seq=%u (%s)", __entry->remote, __entry->local,
		      tcpx_show_flags(__entry->flags), __entry->seq,
		      tcpx_show_drop(__entry->drop))
);

/* A segment or a deadline was dealt with: how much may fly now, and how fast */
TRACE_EVENT(tcpx_cong,
	    TP_PROTO(const struct tcpx_tuple *t, const struct tcpx_tcb *tcb, u64 pacing_rate),
	    TP_ARGS(t, tcb, pacing_rate),
	    TP_STRUCT__entry(__array(u8, local, sizeof(union tcpx_sockaddr))
			     __array(u8, remote, sizeof(union tcpx_sockaddr))
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u32, cwnd)
			     __field(u32, ssthresh)
			     __field(u32, flight)
			     __field(u64, srtt)
			     __field(u64, pacing_rate)),
	    TP_fast_assign(tcpx_trace_ends(t, __entry->local, __entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->cwnd = tcb->cong.cwnd;
			   __entry->ssthresh = tcb->cong.ssthresh;
			   __entry->flight = tcpx_flight(tcb);
			   __entry->srtt = tcb->rtt.srtt;
			   __entry->pacing_rate = pacing_rate;),
	    /* Bytes, nanoseconds, bytes a second */
	    TP_printk("%pISpc %pISpc cwnd=%u ssthresh=%u flight=%u srtt=%llu rate=%llu",
		      __entry->local, __entry->remote, __entry->cwnd, __entry->ssthresh,
		      __entry->flight, __entry->srtt, __entry->pacing_rate)
);

#endif /* _TCPX_NET_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH net
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
