/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: each segment, each change of state, each drop, and what
 * congestion control made of it.
 *
 *	echo 1 > /sys/kernel/tracing/events/tcpx/enable
 *
 * Ports stand beside the addresses for the sake of filters.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tcpx

#if !defined(_TCPX_NET_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TCPX_NET_TRACE_H

#include <linux/tracepoint.h>

#include "../core/tcb.h"
#include "../tcpx_fsm.h"
#include "tuple.h"

#define tcpx_show_flags(flags) __print_flags(flags, "",	\
	{ TCPX_SYN, "S" }, { TCPX_FIN, "F" },			\
	{ TCPX_RST, "R" }, { TCPX_PSH, "P" },			\
	{ TCPX_ACK, "A" }, { TCPX_URG, "U" },			\
	{ TCPX_ECE, "E" }, { TCPX_CWR, "W" })

/* A segment leaves, or has arrived and is about to be processed */
TRACE_EVENT(tcpx_segment,
	    TP_PROTO(bool tx, const struct tcpx_tuple *t, const struct tcpx_seg *seg, u32 len,
		     u8 state),
	    TP_ARGS(tx, t, seg, len, state),
	    TP_STRUCT__entry(__field(bool, tx)
			     __field_struct(union tcpx_sockaddr, from)
			     __field_struct(union tcpx_sockaddr, to)
			     __field(u16, sport)
			     __field(u16, dport)
			     __field(u32, seq)
			     __field(u32, ack)
			     __field(u32, len)
			     __field(u16, wnd)
			     __field(u8, flags)
			     __field(u8, state)),
	    TP_fast_assign(__entry->tx = tx;
			   tcpx_tuple_ends(t, tx ? &__entry->from : &__entry->to,
					   tx ? &__entry->to : &__entry->from);
			   __entry->sport = ntohs(tx ? t->lport : t->rport);
			   __entry->dport = ntohs(tx ? t->rport : t->lport);
			   __entry->seq = seg->seq;
			   __entry->ack = seg->ack;
			   __entry->len = len;
			   __entry->wnd = seg->wnd;
			   __entry->flags = seg->flags;
			   __entry->state = state;),
	    TP_printk("%s %pISpc > %pISpc [%s] seq=%u ack=%u win=%u len=%u state=%s",
		      __entry->tx ? "tx" : "rx", &__entry->from, &__entry->to,
		      tcpx_show_flags(__entry->flags), __entry->seq, __entry->ack,
		      __entry->wnd, __entry->len, tcpx_state_name(__entry->state))
);

/* The state of a connection changes; the one place is tcpx_fsm_event() */
TRACE_EVENT(tcpx_state,
	    TP_PROTO(const struct tcpx_tuple *t, u8 from, u8 to, u8 event),
	    TP_ARGS(t, from, to, event),
	    TP_STRUCT__entry(__field_struct(union tcpx_sockaddr, local)
			     __field_struct(union tcpx_sockaddr, remote)
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u8, from)
			     __field(u8, to)
			     __field(u8, event)),
	    TP_fast_assign(tcpx_tuple_ends(t, &__entry->local, &__entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->from = from;
			   __entry->to = to;
			   __entry->event = event;),
	    TP_printk("%pISpc %pISpc %s -> %s (%s)", &__entry->local, &__entry->remote,
		      tcpx_state_name(__entry->from), tcpx_state_name(__entry->to),
		      tcpx_event_name(__entry->event))
);

/* A segment, or its payload, goes no further */
TRACE_EVENT(tcpx_drop,
	    TP_PROTO(const struct tcpx_tuple *t, const struct tcpx_seg *seg, u8 drop),
	    TP_ARGS(t, seg, drop),
	    TP_STRUCT__entry(__field_struct(union tcpx_sockaddr, local)
			     __field_struct(union tcpx_sockaddr, remote)
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u32, seq)
			     __field(u8, flags)
			     __field(u8, drop)),
	    TP_fast_assign(tcpx_tuple_ends(t, &__entry->local, &__entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->seq = seg->seq;
			   __entry->flags = seg->flags;
			   __entry->drop = drop;),
	    TP_printk("%pISpc > %pISpc [%s] seq=%u (%s)", &__entry->remote, &__entry->local,
		      tcpx_show_flags(__entry->flags), __entry->seq,
		      tcpx_drop_name(__entry->drop))
);

/* A segment or a deadline was dealt with: how much may fly now, and how fast */
TRACE_EVENT(tcpx_cong,
	    TP_PROTO(const struct tcpx_tuple *t, const struct tcpx_tcb *tcb, u64 pacing_rate),
	    TP_ARGS(t, tcb, pacing_rate),
	    TP_STRUCT__entry(__field_struct(union tcpx_sockaddr, local)
			     __field_struct(union tcpx_sockaddr, remote)
			     __field(u16, lport)
			     __field(u16, rport)
			     __field(u32, cwnd)
			     __field(u32, ssthresh)
			     __field(u32, flight)
			     __field(u64, srtt)
			     __field(u64, pacing_rate)),
	    TP_fast_assign(tcpx_tuple_ends(t, &__entry->local, &__entry->remote);
			   __entry->lport = ntohs(t->lport);
			   __entry->rport = ntohs(t->rport);
			   __entry->cwnd = tcb->cong.cwnd;
			   __entry->ssthresh = tcb->cong.ssthresh;
			   __entry->flight = tcpx_flight(tcb);
			   __entry->srtt = tcb->rtt.srtt;
			   __entry->pacing_rate = pacing_rate;),
	    /* Bytes, nanoseconds, bytes a second */
	    TP_printk("%pISpc %pISpc cwnd=%u ssthresh=%u flight=%u srtt=%llu rate=%llu",
		      &__entry->local, &__entry->remote, __entry->cwnd, __entry->ssthresh,
		      __entry->flight, __entry->srtt, __entry->pacing_rate)
);

#endif /* _TCPX_NET_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH net
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
