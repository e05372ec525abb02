/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tracepoints of net/trace.h show: names, as tables that an event's format can tell,
 * and addresses.  The names are those of tcpx_state_name(), tcpx_event_name() and
 * tcpx_drop_name().
 */
#ifndef _TCPX_NET_TRACE_SHOW_H
#define _TCPX_NET_TRACE_SHOW_H

#include "../tcpx_fsm.h"
#include "tuple.h"

/* What a probe is to find out */
enum tcpx_probe {
	TCPX_PROBE_KEEPALIVE,	/* is the peer alive? */
	TCPX_PROBE_ZERO_WINDOW,	/* is its window still shut? */
	TCPX_PROBE_TAIL_LOSS,	/* were the last segments lost? RFC 8985 */
	TCPX_PROBE_MTU,		/* does the path take more? RFC 4821 */
};

#define tcpx_show_state(value) __print_symbolic(value,			\
	{ TCPX_ESTABLISHED, "ESTABLISHED" },				\
	{ TCPX_SYN_SENT, "SYN-SENT" },					\
	{ TCPX_SYN_RECEIVED, "SYN-RECEIVED" },				\
	{ TCPX_FIN_WAIT_1, "FIN-WAIT-1" },				\
	{ TCPX_FIN_WAIT_2, "FIN-WAIT-2" },				\
	{ TCPX_TIME_WAIT, "TIME-WAIT" },				\
	{ TCPX_CLOSED, "CLOSED" },					\
	{ TCPX_CLOSE_WAIT, "CLOSE-WAIT" },				\
	{ TCPX_LAST_ACK, "LAST-ACK" },					\
	{ TCPX_LISTEN, "LISTEN" },					\
	{ TCPX_CLOSING, "CLOSING" })

#define tcpx_show_event(value) __print_symbolic(value,			\
	{ TCPX_EV_OPEN_PASSIVE, "passive OPEN" },			\
	{ TCPX_EV_OPEN_ACTIVE, "active OPEN" },				\
	{ TCPX_EV_OPEN_REPAIR, "active OPEN, TCP_REPAIR" },		\
	{ TCPX_EV_SEND, "SEND" },					\
	{ TCPX_EV_RECEIVE, "RECEIVE" },					\
	{ TCPX_EV_CLOSE, "CLOSE" },					\
	{ TCPX_EV_ABORT, "ABORT" },					\
	{ TCPX_EV_STATUS, "STATUS" },					\
	{ TCPX_EV_RCV_SYN, "rcv SYN" },					\
	{ TCPX_EV_RCV_SYN_ACK, "rcv SYN,ACK" },				\
	{ TCPX_EV_RCV_ACK_OF_SYN, "rcv ACK of SYN" },			\
	{ TCPX_EV_RCV_FIN, "rcv FIN" },					\
	{ TCPX_EV_RCV_ACK_OF_FIN, "rcv ACK of FIN" },			\
	{ TCPX_EV_RCV_RST, "rcv RST" },					\
	{ TCPX_EV_RCV_RST_PASSIVE, "rcv RST, passive" },		\
	{ TCPX_EV_RCV_RST_FASTOPEN, "rcv RST, Fast Open" },		\
	{ TCPX_EV_USER_TIMEOUT, "USER TIMEOUT" },			\
	{ TCPX_EV_REXMT_TIMEOUT, "RETRANSMISSION TIMEOUT" },		\
	{ TCPX_EV_TIME_WAIT_TIMEOUT, "TIME-WAIT TIMEOUT" },		\
	{ TCPX_EV_FIN_WAIT_2_TIMEOUT, "FIN-WAIT-2 timeout" })

#define tcpx_show_drop(value) __print_symbolic(value,			\
	{ TCPX_DROP_CLOSED, "closed" },					\
	{ TCPX_DROP_FLAGS, "flags" },					\
	{ TCPX_DROP_RST, "rst" },					\
	{ TCPX_DROP_SEQ, "seq" },					\
	{ TCPX_DROP_OLD_DATA, "old-data" },				\
	{ TCPX_DROP_PAWS, "paws" },					\
	{ TCPX_DROP_NO_TS, "no-timestamp" },				\
	{ TCPX_DROP_OLD_ACK, "old-ack" },				\
	{ TCPX_DROP_UNSENT_ACK, "unsent-ack" },				\
	{ TCPX_DROP_SYN, "syn" },					\
	{ TCPX_DROP_ZERO_WINDOW, "zero-window" },			\
	{ TCPX_DROP_NO_ROOM, "no-room" },				\
	{ TCPX_DROP_HEADER, "header" },					\
	{ TCPX_DROP_CHECKSUM, "checksum" },				\
	{ TCPX_DROP_NOT_HOST, "not-host" },				\
	{ TCPX_DROP_NO_SOCKET, "no-socket" },				\
	{ TCPX_DROP_POLICY, "policy" },					\
	{ TCPX_DROP_FILTER, "filter" },					\
	{ TCPX_DROP_MIN_TTL, "min-ttl" },				\
	{ TCPX_DROP_BACKLOG, "backlog" },				\
	{ TCPX_DROP_LISTEN_FULL, "listen-full" },			\
	{ TCPX_DROP_NO_ROUTE, "no-route" },				\
	{ TCPX_DROP_NO_MEMORY, "no-memory" },				\
	{ TCPX_DROP_MERGED, "merged" },					\
	{ TCPX_DROP_PRUNED, "pruned" }, \
	{ TCPX_DROP_MD5_MISSING, "md5-missing" }, \
	{ TCPX_DROP_MD5_UNEXPECTED, "md5-unexpected" }, \
	{ TCPX_DROP_MD5_WRONG, "md5-wrong" })

#define tcpx_show_probe(value) __print_symbolic(value,			\
	{ TCPX_PROBE_KEEPALIVE, "keepalive" },				\
	{ TCPX_PROBE_ZERO_WINDOW, "zero-window" },			\
	{ TCPX_PROBE_TAIL_LOSS, "tail-loss" },				\
	{ TCPX_PROBE_MTU, "mtu" })

#define tcpx_show_flags(flags) __print_flags(flags, "",	\
	{ TCPX_SYN, "S" }, { TCPX_FIN, "F" },			\
	{ TCPX_RST, "R" }, { TCPX_PSH, "P" },			\
	{ TCPX_ACK, "A" }, { TCPX_URG, "U" },			\
	{ TCPX_ECE, "E" }, { TCPX_CWR, "W" })

/**
 * tcpx_trace_ends() - both ends of a connection, for an event
 * @t: the 4-tuple
 * @local: takes the local end: an array at the head of the event, where it is aligned
 * @remote: takes the peer's
 *
 * Any context.
 */
static inline void tcpx_trace_ends(const struct tcpx_tuple *t, u8 *local, u8 *remote)
{
	tcpx_tuple_ends(t, (union tcpx_sockaddr *)local, (union tcpx_sockaddr *)remote);
}

#endif /* _TCPX_NET_TRACE_SHOW_H */
