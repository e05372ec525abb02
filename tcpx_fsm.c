// SPDX-License-Identifier: GPL-2.0
/*
 * States x events -> next state + actions: RFC 9293, 3.10.
 *
 * Pure: a TCB, an event and the time come in; the TCB is changed and struct
 * tcpx_actions says what is to be done.  The table below is the machine, and
 * tcpx_fsm_event() is the only place where a state changes.  What lies around
 * it here are the user's calls (3.10.1 to 3.10.6); SEGMENT ARRIVES (3.10.7) is
 * core/segment.c, the time-outs (3.10.8) are core/timeout.c, and what a SYN
 * brings is core/syn.c.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "tcpx_fsm.h"

#define SAME(state, doing, why)	{ TCPX_##state, 0, doing, why }
#define FAIL(state, error, why)	{ TCPX_##state, -(error), 0, why }
#define GOTO(state, doing, why)	{ TCPX_##state, 0, doing, why }
#define TELL(state, error, doing, why) \
	{ TCPX_##state, -(error), (doing) | TCPX_DO_ERROR, why }

#define GONE	(TCPX_DO_FLUSH | TCPX_DO_DELETE)

static const struct tcpx_cell tcpx_table[TCPX_NR_STATES][TCPX_NR_EVENTS] = {
[TCPX_CLOSED] = {
	[TCPX_EV_OPEN_PASSIVE]	     = GOTO(LISTEN, 0, "3.10.1, CLOSED"),
	[TCPX_EV_OPEN_ACTIVE]	     = GOTO(SYN_SENT, TCPX_DO_SYN, "3.10.1, CLOSED"),
	[TCPX_EV_OPEN_REPAIR]	     = GOTO(ESTABLISHED, TCPX_DO_CONNECTED,
					    "TCP_REPAIR"),
	[TCPX_EV_SEND]		     = FAIL(CLOSED, EPIPE, "3.10.2, CLOSED"),
	[TCPX_EV_RECEIVE]	     = FAIL(CLOSED, ENOTCONN, "3.10.3, CLOSED"),
	[TCPX_EV_CLOSE]		     = FAIL(CLOSED, ENOTCONN, "3.10.4, CLOSED"),
	[TCPX_EV_ABORT]		     = FAIL(CLOSED, ENOTCONN, "3.10.5, CLOSED"),
	[TCPX_EV_STATUS]	     = FAIL(CLOSED, ENOTCONN, "3.10.6, CLOSED"),
	[TCPX_EV_RCV_SYN]	     = SAME(CLOSED, TCPX_DO_RST, "3.10.7.1"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(CLOSED, TCPX_DO_RST, "3.10.7.1"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(CLOSED, TCPX_DO_RST, "3.10.7.1"),
	[TCPX_EV_RCV_FIN]	     = SAME(CLOSED, TCPX_DO_RST, "3.10.7.1"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(CLOSED, TCPX_DO_RST, "3.10.7.1"),
	[TCPX_EV_RCV_RST]	     = SAME(CLOSED, 0, "3.10.7.1"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(CLOSED, 0, "3.10.7.1"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(CLOSED, 0, "3.10.7.1"),
	[TCPX_EV_USER_TIMEOUT]	     = SAME(CLOSED, 0, "3.10.8, no TCB"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(CLOSED, 0, "3.10.8, no TCB"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(CLOSED, 0, "3.10.8, no TCB"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(CLOSED, 0, "3.10.8, no TCB"),
},
[TCPX_LISTEN] = {
	[TCPX_EV_OPEN_PASSIVE]	     = SAME(LISTEN, 0, "3.10.1, LISTEN"),
	[TCPX_EV_OPEN_ACTIVE]	     = GOTO(SYN_SENT, TCPX_DO_SYN, "3.10.1, LISTEN"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(LISTEN, EISCONN, "3.10.1, LISTEN"),
	[TCPX_EV_SEND]		     = FAIL(LISTEN, EPIPE, "3.10.2, LISTEN"),
	[TCPX_EV_RECEIVE]	     = FAIL(LISTEN, ENOTCONN, "3.10.3, LISTEN"),
	[TCPX_EV_CLOSE]		     = GOTO(CLOSED, GONE, "3.10.4, LISTEN"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, GONE, "3.10.5, LISTEN"),
	[TCPX_EV_STATUS]	     = SAME(LISTEN, 0, "3.10.6, LISTEN"),
	[TCPX_EV_RCV_SYN]	     = GOTO(SYN_RECEIVED, TCPX_DO_SYNACK, "3.10.7.2, third"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(LISTEN, TCPX_DO_RST, "3.10.7.2, second"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(LISTEN, TCPX_DO_RST, "3.10.7.2, second"),
	[TCPX_EV_RCV_FIN]	     = SAME(LISTEN, 0, "3.10.7.2, fourth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(LISTEN, TCPX_DO_RST, "3.10.7.2, second"),
	[TCPX_EV_RCV_RST]	     = SAME(LISTEN, 0, "3.10.7.2, first"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(LISTEN, 0, "3.10.7.2, first"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(LISTEN, 0, "3.10.7.2, first"),
	[TCPX_EV_USER_TIMEOUT]	     = SAME(LISTEN, 0, "3.10.8, nothing is timed"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(LISTEN, 0, "3.10.8, nothing is timed"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(LISTEN, 0, "3.10.8, nothing is timed"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(LISTEN, 0, "3.10.8, nothing is timed"),
},
[TCPX_SYN_SENT] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(SYN_SENT, EISCONN, "3.10.1, SYN-SENT"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(SYN_SENT, EISCONN, "3.10.1, SYN-SENT"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(SYN_SENT, EISCONN, "3.10.1, SYN-SENT"),
	[TCPX_EV_SEND]		     = SAME(SYN_SENT, 0, "3.10.2, SYN-SENT"),
	[TCPX_EV_RECEIVE]	     = SAME(SYN_SENT, 0, "3.10.3, SYN-SENT"),
	[TCPX_EV_CLOSE]		     = GOTO(CLOSED, GONE, "3.10.4, SYN-SENT"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, GONE, "3.10.5, SYN-SENT"),
	[TCPX_EV_STATUS]	     = SAME(SYN_SENT, 0, "3.10.6, SYN-SENT"),
	[TCPX_EV_RCV_SYN]	     = GOTO(SYN_RECEIVED, TCPX_DO_SYNACK, "3.10.7.3, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = GOTO(ESTABLISHED,
					    TCPX_DO_CONNECTED | TCPX_DO_OUTPUT | TCPX_DO_ACK,
					    "3.10.7.3, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(SYN_SENT, 0, "3.10.7.3, fifth"),
	[TCPX_EV_RCV_FIN]	     = SAME(SYN_SENT, 0, "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(SYN_SENT, 0, "3.10.7.3, fifth"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNREFUSED, GONE, "3.10.7.3, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(SYN_SENT, 0, "3.10.7.3, not passive"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(SYN_SENT, 0, "3.10.7.3, not passive"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(SYN_SENT, TCPX_DO_SYN, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(SYN_SENT, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(SYN_SENT, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_SYN_RECEIVED] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(SYN_RECEIVED, EISCONN, "3.10.1, SYN-RECEIVED"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(SYN_RECEIVED, EISCONN, "3.10.1, SYN-RECEIVED"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(SYN_RECEIVED, EISCONN, "3.10.1, SYN-RECEIVED"),
	[TCPX_EV_SEND]		     = SAME(SYN_RECEIVED, 0, "3.10.2, SYN-RECEIVED"),
	[TCPX_EV_RECEIVE]	     = SAME(SYN_RECEIVED, 0, "3.10.3, SYN-RECEIVED"),
	[TCPX_EV_CLOSE]		     = GOTO(FIN_WAIT_1, TCPX_DO_OUTPUT, "3.10.4, SYN-RECEIVED"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, TCPX_DO_RST | GONE, "3.10.5, SYN-RECEIVED"),
	[TCPX_EV_STATUS]	     = SAME(SYN_RECEIVED, 0, "3.10.6, SYN-RECEIVED"),
	[TCPX_EV_RCV_SYN]	     = SAME(SYN_RECEIVED, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = GOTO(ESTABLISHED, TCPX_DO_CONNECTED | TCPX_DO_OUTPUT,
					    "3.5, figure 7"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = GOTO(ESTABLISHED, TCPX_DO_CONNECTED | TCPX_DO_OUTPUT,
					    "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = GOTO(CLOSE_WAIT, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK,
					    "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(SYN_RECEIVED, 0, "3.10.7.4, no FIN was sent"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNREFUSED, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = GOTO(LISTEN, TCPX_DO_FLUSH | TCPX_DO_LISTEN,
					    "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = TELL(CLOSED, ECONNRESET, GONE,
					    "3.10.7.4, second; RFC 7413, 4.2.2"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(SYN_RECEIVED, TCPX_DO_SYNACK, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(SYN_RECEIVED, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(SYN_RECEIVED, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_ESTABLISHED] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(ESTABLISHED, EISCONN, "3.10.1, ESTABLISHED"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(ESTABLISHED, EISCONN, "3.10.1, ESTABLISHED"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(ESTABLISHED, EISCONN, "3.10.1, ESTABLISHED"),
	[TCPX_EV_SEND]		     = SAME(ESTABLISHED, TCPX_DO_OUTPUT, "3.10.2, ESTABLISHED"),
	[TCPX_EV_RECEIVE]	     = SAME(ESTABLISHED, 0, "3.10.3, ESTABLISHED"),
	[TCPX_EV_CLOSE]		     = GOTO(FIN_WAIT_1, TCPX_DO_OUTPUT, "3.10.4, ESTABLISHED"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, TCPX_DO_RST | GONE, "3.10.5, ESTABLISHED"),
	[TCPX_EV_STATUS]	     = SAME(ESTABLISHED, 0, "3.10.6, ESTABLISHED"),
	[TCPX_EV_RCV_SYN]	     = SAME(ESTABLISHED, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(ESTABLISHED, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(ESTABLISHED, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = GOTO(CLOSE_WAIT, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK,
					    "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(ESTABLISHED, 0, "3.10.7.4, no FIN was sent"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNRESET, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(ESTABLISHED, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(ESTABLISHED, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(ESTABLISHED, TCPX_DO_REXMT, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(ESTABLISHED, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(ESTABLISHED, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_FIN_WAIT_1] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(FIN_WAIT_1, EISCONN, "3.10.1, FIN-WAIT-1"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(FIN_WAIT_1, EISCONN, "3.10.1, FIN-WAIT-1"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(FIN_WAIT_1, EISCONN, "3.10.1, FIN-WAIT-1"),
	[TCPX_EV_SEND]		     = FAIL(FIN_WAIT_1, EPIPE, "3.10.2, FIN-WAIT-1"),
	[TCPX_EV_RECEIVE]	     = SAME(FIN_WAIT_1, 0, "3.10.3, FIN-WAIT-1"),
	[TCPX_EV_CLOSE]		     = SAME(FIN_WAIT_1, 0, "3.10.4, FIN-WAIT-1"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, TCPX_DO_RST | GONE, "3.10.5, FIN-WAIT-1"),
	[TCPX_EV_STATUS]	     = SAME(FIN_WAIT_1, 0, "3.10.6, FIN-WAIT-1"),
	[TCPX_EV_RCV_SYN]	     = SAME(FIN_WAIT_1, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(FIN_WAIT_1, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(FIN_WAIT_1, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = GOTO(CLOSING, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK,
					    "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = GOTO(FIN_WAIT_2, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNRESET, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(FIN_WAIT_1, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(FIN_WAIT_1, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(FIN_WAIT_1, TCPX_DO_REXMT, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(FIN_WAIT_1, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(FIN_WAIT_1, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_FIN_WAIT_2] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(FIN_WAIT_2, EISCONN, "3.10.1, FIN-WAIT-2"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(FIN_WAIT_2, EISCONN, "3.10.1, FIN-WAIT-2"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(FIN_WAIT_2, EISCONN, "3.10.1, FIN-WAIT-2"),
	[TCPX_EV_SEND]		     = FAIL(FIN_WAIT_2, EPIPE, "3.10.2, FIN-WAIT-2"),
	[TCPX_EV_RECEIVE]	     = SAME(FIN_WAIT_2, 0, "3.10.3, FIN-WAIT-2"),
	[TCPX_EV_CLOSE]		     = SAME(FIN_WAIT_2, 0, "3.10.4, FIN-WAIT-2"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, TCPX_DO_RST | GONE, "3.10.5, FIN-WAIT-2"),
	[TCPX_EV_STATUS]	     = SAME(FIN_WAIT_2, 0, "3.10.6, FIN-WAIT-2"),
	[TCPX_EV_RCV_SYN]	     = SAME(FIN_WAIT_2, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(FIN_WAIT_2, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(FIN_WAIT_2, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = GOTO(TIME_WAIT,
					    TCPX_DO_PEER_CLOSED | TCPX_DO_ACK | TCPX_DO_TIME_WAIT,
					    "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(FIN_WAIT_2, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNRESET, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(FIN_WAIT_2, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(FIN_WAIT_2, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(FIN_WAIT_2, 0, "3.10.8, nothing to send again"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(FIN_WAIT_2, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = GOTO(CLOSED, GONE, "3.6.1, no reader is left"),
},
[TCPX_CLOSE_WAIT] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(CLOSE_WAIT, EISCONN, "3.10.1, CLOSE-WAIT"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(CLOSE_WAIT, EISCONN, "3.10.1, CLOSE-WAIT"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(CLOSE_WAIT, EISCONN, "3.10.1, CLOSE-WAIT"),
	[TCPX_EV_SEND]		     = SAME(CLOSE_WAIT, TCPX_DO_OUTPUT, "3.10.2, CLOSE-WAIT"),
	[TCPX_EV_RECEIVE]	     = SAME(CLOSE_WAIT, 0, "3.10.3, CLOSE-WAIT"),
	[TCPX_EV_CLOSE]		     = GOTO(LAST_ACK, TCPX_DO_OUTPUT, "3.10.4, CLOSE-WAIT"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, TCPX_DO_RST | GONE, "3.10.5, CLOSE-WAIT"),
	[TCPX_EV_STATUS]	     = SAME(CLOSE_WAIT, 0, "3.10.6, CLOSE-WAIT"),
	[TCPX_EV_RCV_SYN]	     = SAME(CLOSE_WAIT, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(CLOSE_WAIT, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(CLOSE_WAIT, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = SAME(CLOSE_WAIT, TCPX_DO_ACK, "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(CLOSE_WAIT, 0, "3.10.7.4, no FIN was sent"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, EPIPE, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(CLOSE_WAIT, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(CLOSE_WAIT, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(CLOSE_WAIT, TCPX_DO_REXMT, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(CLOSE_WAIT, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(CLOSE_WAIT, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_CLOSING] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(CLOSING, EISCONN, "3.10.1, CLOSING"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(CLOSING, EISCONN, "3.10.1, CLOSING"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(CLOSING, EISCONN, "3.10.1, CLOSING"),
	[TCPX_EV_SEND]		     = FAIL(CLOSING, EPIPE, "3.10.2, CLOSING"),
	[TCPX_EV_RECEIVE]	     = SAME(CLOSING, 0, "3.10.3, CLOSING"),
	[TCPX_EV_CLOSE]		     = FAIL(CLOSING, EPIPE, "3.10.4, CLOSING"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, GONE, "3.10.5, CLOSING"),
	[TCPX_EV_STATUS]	     = SAME(CLOSING, 0, "3.10.6, CLOSING"),
	[TCPX_EV_RCV_SYN]	     = SAME(CLOSING, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(CLOSING, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(CLOSING, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = SAME(CLOSING, TCPX_DO_ACK, "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = GOTO(TIME_WAIT, TCPX_DO_TIME_WAIT, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNRESET, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(CLOSING, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(CLOSING, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(CLOSING, TCPX_DO_REXMT, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(CLOSING, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(CLOSING, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_LAST_ACK] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(LAST_ACK, EISCONN, "3.10.1, LAST-ACK"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(LAST_ACK, EISCONN, "3.10.1, LAST-ACK"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(LAST_ACK, EISCONN, "3.10.1, LAST-ACK"),
	[TCPX_EV_SEND]		     = FAIL(LAST_ACK, EPIPE, "3.10.2, LAST-ACK"),
	[TCPX_EV_RECEIVE]	     = SAME(LAST_ACK, 0, "3.10.3, LAST-ACK"),
	[TCPX_EV_CLOSE]		     = FAIL(LAST_ACK, EPIPE, "3.10.4, LAST-ACK"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, GONE, "3.10.5, LAST-ACK"),
	[TCPX_EV_STATUS]	     = SAME(LAST_ACK, 0, "3.10.6, LAST-ACK"),
	[TCPX_EV_RCV_SYN]	     = SAME(LAST_ACK, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(LAST_ACK, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(LAST_ACK, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = SAME(LAST_ACK, TCPX_DO_ACK, "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = GOTO(CLOSED, GONE, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_RST]	     = TELL(CLOSED, ECONNRESET, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(LAST_ACK, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(LAST_ACK, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = TELL(CLOSED, ETIMEDOUT, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(LAST_ACK, TCPX_DO_REXMT, "3.10.8"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = SAME(LAST_ACK, 0, "3.10.8, not TIME-WAIT"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(LAST_ACK, 0, "3.10.8, not FIN-WAIT-2"),
},
[TCPX_TIME_WAIT] = {
	[TCPX_EV_OPEN_PASSIVE]	     = FAIL(TIME_WAIT, EISCONN, "3.10.1, TIME-WAIT"),
	[TCPX_EV_OPEN_ACTIVE]	     = FAIL(TIME_WAIT, EISCONN, "3.10.1, TIME-WAIT"),
	[TCPX_EV_OPEN_REPAIR]	     = FAIL(TIME_WAIT, EISCONN, "3.10.1, TIME-WAIT"),
	[TCPX_EV_SEND]		     = FAIL(TIME_WAIT, EPIPE, "3.10.2, TIME-WAIT"),
	[TCPX_EV_RECEIVE]	     = SAME(TIME_WAIT, 0, "3.10.3, TIME-WAIT"),
	[TCPX_EV_CLOSE]		     = FAIL(TIME_WAIT, EPIPE, "3.10.4, TIME-WAIT"),
	[TCPX_EV_ABORT]		     = GOTO(CLOSED, GONE, "3.10.5, TIME-WAIT"),
	[TCPX_EV_STATUS]	     = SAME(TIME_WAIT, 0, "3.10.6, TIME-WAIT"),
	[TCPX_EV_RCV_SYN]	     = SAME(TIME_WAIT, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_SYN_ACK]	     = SAME(TIME_WAIT, TCPX_DO_CHALLENGE, "3.10.7.4, fourth"),
	[TCPX_EV_RCV_ACK_OF_SYN]     = SAME(TIME_WAIT, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_FIN]	     = SAME(TIME_WAIT, TCPX_DO_ACK | TCPX_DO_TIME_WAIT,
					    "3.10.7.4, eighth"),
	[TCPX_EV_RCV_ACK_OF_FIN]     = SAME(TIME_WAIT, 0, "3.10.7.4, fifth"),
	[TCPX_EV_RCV_RST]	     = GOTO(CLOSED, GONE, "3.10.7.4, second"),
	[TCPX_EV_RCV_RST_PASSIVE]    = SAME(TIME_WAIT, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_RCV_RST_FASTOPEN]   = SAME(TIME_WAIT, 0, "3.10.7.4, not half-open"),
	[TCPX_EV_USER_TIMEOUT]	     = GOTO(CLOSED, GONE, "3.10.8"),
	[TCPX_EV_REXMT_TIMEOUT]	     = SAME(TIME_WAIT, 0, "3.10.8, nothing to send again"),
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = GOTO(CLOSED, GONE, "3.10.8"),
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = SAME(TIME_WAIT, 0, "3.10.8, not FIN-WAIT-2"),
},
};

static const char * const tcpx_state_names[TCPX_NR_STATES] = {
	[TCPX_ESTABLISHED]	= "ESTABLISHED",
	[TCPX_SYN_SENT]		= "SYN-SENT",
	[TCPX_SYN_RECEIVED]	= "SYN-RECEIVED",
	[TCPX_FIN_WAIT_1]	= "FIN-WAIT-1",
	[TCPX_FIN_WAIT_2]	= "FIN-WAIT-2",
	[TCPX_TIME_WAIT]	= "TIME-WAIT",
	[TCPX_CLOSED]		= "CLOSED",
	[TCPX_CLOSE_WAIT]	= "CLOSE-WAIT",
	[TCPX_LAST_ACK]		= "LAST-ACK",
	[TCPX_LISTEN]		= "LISTEN",
	[TCPX_CLOSING]		= "CLOSING",
};

static const char * const tcpx_event_names[TCPX_NR_EVENTS] = {
	[TCPX_EV_OPEN_PASSIVE]	     = "passive OPEN",
	[TCPX_EV_OPEN_ACTIVE]	     = "active OPEN",
	[TCPX_EV_OPEN_REPAIR]	     = "active OPEN, TCP_REPAIR",
	[TCPX_EV_SEND]		     = "SEND",
	[TCPX_EV_RECEIVE]	     = "RECEIVE",
	[TCPX_EV_CLOSE]		     = "CLOSE",
	[TCPX_EV_ABORT]		     = "ABORT",
	[TCPX_EV_STATUS]	     = "STATUS",
	[TCPX_EV_RCV_SYN]	     = "rcv SYN",
	[TCPX_EV_RCV_SYN_ACK]	     = "rcv SYN,ACK",
	[TCPX_EV_RCV_ACK_OF_SYN]     = "rcv ACK of SYN",
	[TCPX_EV_RCV_FIN]	     = "rcv FIN",
	[TCPX_EV_RCV_ACK_OF_FIN]     = "rcv ACK of FIN",
	[TCPX_EV_RCV_RST]	     = "rcv RST",
	[TCPX_EV_RCV_RST_PASSIVE]    = "rcv RST, passive",
	[TCPX_EV_RCV_RST_FASTOPEN]   = "rcv RST, Fast Open",
	[TCPX_EV_USER_TIMEOUT]	     = "USER TIMEOUT",
	[TCPX_EV_REXMT_TIMEOUT]	     = "RETRANSMISSION TIMEOUT",
	[TCPX_EV_TIME_WAIT_TIMEOUT]  = "TIME-WAIT TIMEOUT",
	[TCPX_EV_FIN_WAIT_2_TIMEOUT] = "FIN-WAIT-2 timeout",
};

static const char * const tcpx_drop_names[TCPX_NR_DROPS] = {
	[TCPX_DROP_NONE]	= "none",
	[TCPX_DROP_CLOSED]	= "closed",
	[TCPX_DROP_FLAGS]	= "flags",
	[TCPX_DROP_RST]		= "rst",
	[TCPX_DROP_SEQ]		= "seq",
	[TCPX_DROP_OLD_DATA]	= "old-data",
	[TCPX_DROP_PAWS]	= "paws",
	[TCPX_DROP_NO_TS]	= "no-timestamp",
	[TCPX_DROP_OLD_ACK]	= "old-ack",
	[TCPX_DROP_UNSENT_ACK]	= "unsent-ack",
	[TCPX_DROP_SYN]		= "syn",
	[TCPX_DROP_ZERO_WINDOW]	= "zero-window",
	[TCPX_DROP_NO_ROOM]	= "no-room",
	[TCPX_DROP_HEADER]	= "header",
	[TCPX_DROP_CHECKSUM]	= "checksum",
	[TCPX_DROP_NOT_HOST]	= "not-host",
	[TCPX_DROP_NO_SOCKET]	= "no-socket",
	[TCPX_DROP_POLICY]	= "policy",
	[TCPX_DROP_FILTER]	= "filter",
	[TCPX_DROP_MIN_TTL]	= "min-ttl",
	[TCPX_DROP_BACKLOG]	= "backlog",
	[TCPX_DROP_LISTEN_FULL]	= "listen-full",
	[TCPX_DROP_NO_ROUTE]	= "no-route",
	[TCPX_DROP_NO_MEMORY]	= "no-memory",
	[TCPX_DROP_MERGED]	= "merged",
	[TCPX_DROP_PRUNED]	= "pruned",
	[TCPX_DROP_MD5_MISSING]	= "md5-missing",
	[TCPX_DROP_MD5_UNEXPECTED] = "md5-unexpected",
	[TCPX_DROP_MD5_WRONG]	= "md5-wrong",
};

/**
 * tcpx_state_name() - the RFC's name of a state
 * @state: enum tcpx_state
 */
const char *tcpx_state_name(u8 state)
{
	return state && state < TCPX_NR_STATES ? tcpx_state_names[state] : "?";
}

/**
 * tcpx_event_name() - the RFC's name of an event
 * @event: enum tcpx_event
 */
const char *tcpx_event_name(u8 event)
{
	return event < TCPX_NR_EVENTS ? tcpx_event_names[event] : "?";
}

/**
 * tcpx_drop_name() - why a segment was dropped, in a word
 * @drop: enum tcpx_drop
 */
const char *tcpx_drop_name(u8 drop)
{
	return drop < TCPX_NR_DROPS ? tcpx_drop_names[drop] : "?";
}

/**
 * tcpx_fsm_cell() - look into the table
 * @state: enum tcpx_state
 * @event: enum tcpx_event
 */
const struct tcpx_cell *tcpx_fsm_cell(u8 state, u8 event)
{
	return &tcpx_table[state][event];
}

static void tcpx_stop_timers(struct tcpx_tcb *tcb)
{
	int i;

	for (i = 0; i < TCPX_NR_TIMERS; i++)
		tcb->deadline[i] = TCPX_NEVER;
}

static u64 tcpx_fin_wait_2_ns(const struct tcpx_tcb *tcb)
{
	u32 secs = tcb->linger2 > 0 ? tcb->linger2 : tcb->conf->fin_timeout;

	return tcb->linger2 < 0 ? 0 : secs * TCPX_NSEC_PER_SEC;
}

static void tcpx_enter(struct tcpx_tcb *tcb, u8 state, u64 now)
{
	tcb->state = state;
	switch (state) {
	case TCPX_LISTEN:
	case TCPX_CLOSED:
		tcpx_stop_timers(tcb);
		break;
	case TCPX_FIN_WAIT_2:
		if (tcb->orphan)
			tcb->deadline[TCPX_T_FIN_WAIT_2] = now + tcpx_fin_wait_2_ns(tcb);
		break;
	case TCPX_TIME_WAIT:
		/* 3.10.7.4, eighth: "turn off the other timers" */
		tcpx_stop_timers(tcb);
		break;
	}
}

/**
 * tcpx_fsm_event() - the one place where a state changes
 * @tcb: the TCB
 * @event: enum tcpx_event
 * @now: ns
 * @a: the cell's actions are added, a change of state is noted
 *
 * Return: the cell of the table that applied.
 */
const struct tcpx_cell *tcpx_fsm_event(struct tcpx_tcb *tcb, u8 event, u64 now,
				       struct tcpx_actions *a)
{
	const struct tcpx_cell *cell = &tcpx_table[tcb->state][event];

	a->todo |= cell->todo;
	if (cell->todo & TCPX_DO_ERROR)
		a->err = -cell->err;
	if (cell->next != tcb->state) {
		if (a->nr < TCPX_MAX_TRANSITIONS) {
			a->trans[a->nr].from = tcb->state;
			a->trans[a->nr].to = cell->next;
			a->trans[a->nr++].event = event;
		}
		tcpx_enter(tcb, cell->next, now);
	}
	if (cell->todo & TCPX_DO_TIME_WAIT)
		tcb->deadline[TCPX_T_2MSL] = now + 2ULL * tcb->conf->msl_ms * TCPX_NSEC_PER_MSEC;
	return cell;
}

/**
 * tcpx_fsm_call() - a user's call: 3.10.1 to 3.10.6, but for the active OPEN
 * @tcb: the TCB
 * @event: TCPX_EV_OPEN_PASSIVE .. TCPX_EV_STATUS
 * @now: ns
 * @a: filled in
 *
 * Return: 0, or the -errno for the caller.
 */
int tcpx_fsm_call(struct tcpx_tcb *tcb, u8 event, u64 now, struct tcpx_actions *a)
{
	const struct tcpx_cell *cell;

	memset(a, 0, sizeof(*a));
	cell = tcpx_fsm_event(tcb, event, now, a);
	if (cell->err)
		return cell->err;
	switch (event) {
	case TCPX_EV_CLOSE:
		tcb->fin_queued = tcpx_synchronized(tcb);
		break;
	case TCPX_EV_ABORT:
		a->rst = tcpx_fsm_rst(tcb);
		break;
	}
	return 0;
}

/**
 * tcpx_fsm_rst() - the reset of a connection that is given up
 * @tcb: synchronized
 *
 * Return: 3.10.5: <SEQ=SND.NXT><CTL=RST>, and an ACK of what has arrived, as
 * any other segment has: a peer in SYN-SENT would not take it without
 * (3.10.7.3, second), and traces show what was lost.
 */
struct tcpx_rst tcpx_fsm_rst(const struct tcpx_tcb *tcb)
{
	return (struct tcpx_rst){
		.seq = tcb->snd_nxt, .ack = tcb->rcv_nxt, .flags = TCPX_RST | TCPX_ACK,
	};
}

/**
 * tcpx_fsm_rst_for() - the reset that the sender of a segment will accept
 * @seg: what came
 *
 * Return: 3.10.7.1: <SEQ=SEG.ACK><CTL=RST>, or where there is no ACK
 * <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
 */
struct tcpx_rst tcpx_fsm_rst_for(const struct tcpx_seg *seg)
{
	if (seg->flags & TCPX_ACK)
		return (struct tcpx_rst){ .seq = seg->ack, .flags = TCPX_RST };
	return (struct tcpx_rst){
		.ack = seg->seq + seg->len + !!(seg->flags & TCPX_SYN) +
		       !!(seg->flags & TCPX_FIN),
		.flags = TCPX_RST | TCPX_ACK,
	};
}

/**
 * tcpx_fsm_error() - the network refused the connection (MUST-56, SHLD-26)
 * @tcb: in SYN-SENT or SYN-RECEIVED
 * @err: positive errno
 * @a: filled in
 */
void tcpx_fsm_error(struct tcpx_tcb *tcb, int err, struct tcpx_actions *a)
{
	memset(a, 0, sizeof(*a));
	tcpx_fsm_event(tcb, TCPX_EV_USER_TIMEOUT, 0, a);
	a->err = err;
}

/**
 * tcpx_fsm_orphan() - no process owns the connection any more
 * @tcb: after CLOSE
 * @now: ns
 */
void tcpx_fsm_orphan(struct tcpx_tcb *tcb, u64 now)
{
	tcb->orphan = true;
	if (tcb->state == TCPX_FIN_WAIT_2)
		tcb->deadline[TCPX_T_FIN_WAIT_2] = now + tcpx_fin_wait_2_ns(tcb);
}
