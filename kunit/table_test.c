// SPDX-License-Identifier: GPL-2.0
/*
 * The table states x events, cell by cell: 11 states, 20 events, 220 cases.
 *
 * What is expected stands here as RFC 9293, 3.10, says it, state after state
 * and in the order of enum tcpx_event; the errnos are those that a socket
 * gives where the RFC has a string.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../tcpx_fsm.h"
#include "fixture.h"

/**
 * struct cell - what one event has to do in one state
 * @rfc: the paragraph
 * @event: enum tcpx_event
 * @next: the state afterwards
 * @err: for the caller, or with TCPX_DO_ERROR for the user
 * @todo: TCPX_DO_*, exactly these
 */
struct cell {
	const char *rfc;
	u8 event;
	u8 next;
	int err;
	u32 todo;
};

static const struct cell closed[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_LISTEN, 0, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_SYN_SENT, 0, TCPX_DO_SYN },
	{ "TCP_REPAIR", TCPX_EV_OPEN_REPAIR, TCPX_ESTABLISHED, 0, TCPX_DO_CONNECTED },
	{ "3.10.2", TCPX_EV_SEND, TCPX_CLOSED, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_CLOSED, -ENOTCONN, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_CLOSED, -ENOTCONN, 0 },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, -ENOTCONN, 0 },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_CLOSED, -ENOTCONN, 0 },
	{ "3.10.7.1", TCPX_EV_RCV_SYN, TCPX_CLOSED, 0, TCPX_DO_RST },
	{ "3.10.7.1", TCPX_EV_RCV_SYN_ACK, TCPX_CLOSED, 0, TCPX_DO_RST },
	{ "3.10.7.1", TCPX_EV_RCV_ACK_OF_SYN, TCPX_CLOSED, 0, TCPX_DO_RST },
	{ "3.10.7.1", TCPX_EV_RCV_FIN, TCPX_CLOSED, 0, TCPX_DO_RST },
	{ "3.10.7.1", TCPX_EV_RCV_ACK_OF_FIN, TCPX_CLOSED, 0, TCPX_DO_RST },
	{ "3.10.7.1", TCPX_EV_RCV_RST, TCPX_CLOSED, 0, 0 },
	{ "3.10.7.1", TCPX_EV_RCV_RST_PASSIVE, TCPX_CLOSED, 0, 0 },
	{ "3.10.7.1", TCPX_EV_RCV_RST_FASTOPEN, TCPX_CLOSED, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, 0, 0 },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_CLOSED, 0, 0 },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_CLOSED, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_CLOSED, 0, 0 },
};

static const struct cell listen[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_LISTEN, 0, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_SYN_SENT, 0, TCPX_DO_SYN },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_LISTEN, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_LISTEN, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_LISTEN, -ENOTCONN, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_LISTEN, 0, 0 },
	{ "3.10.7.2, third", TCPX_EV_RCV_SYN, TCPX_SYN_RECEIVED, 0, TCPX_DO_SYNACK },
	{ "3.10.7.2, second", TCPX_EV_RCV_SYN_ACK, TCPX_LISTEN, 0, TCPX_DO_RST },
	{ "3.10.7.2, second", TCPX_EV_RCV_ACK_OF_SYN, TCPX_LISTEN, 0, TCPX_DO_RST },
	{ "3.10.7.2, fourth", TCPX_EV_RCV_FIN, TCPX_LISTEN, 0, 0 },
	{ "3.10.7.2, second", TCPX_EV_RCV_ACK_OF_FIN, TCPX_LISTEN, 0, TCPX_DO_RST },
	{ "3.10.7.2, first", TCPX_EV_RCV_RST, TCPX_LISTEN, 0, 0 },
	{ "3.10.7.2, first", TCPX_EV_RCV_RST_PASSIVE, TCPX_LISTEN, 0, 0 },
	{ "3.10.7.2, first", TCPX_EV_RCV_RST_FASTOPEN, TCPX_LISTEN, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_LISTEN, 0, 0 },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_LISTEN, 0, 0 },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_LISTEN, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_LISTEN, 0, 0 },
};

static const struct cell syn_sent[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_SYN_SENT, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_SYN_SENT, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_SYN_SENT, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.7.3, fourth", TCPX_EV_RCV_SYN, TCPX_SYN_RECEIVED, 0, TCPX_DO_SYNACK },
	{ "3.10.7.3, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_ESTABLISHED, 0,
	  TCPX_DO_CONNECTED | TCPX_DO_OUTPUT | TCPX_DO_ACK },
	{ "3.10.7.3, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.7.3, fifth", TCPX_EV_RCV_ACK_OF_FIN, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.7.3, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNREFUSED,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.3", TCPX_EV_RCV_RST_PASSIVE, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.7.3", TCPX_EV_RCV_RST_FASTOPEN, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_SYN_SENT, 0, TCPX_DO_SYN },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_SYN_SENT, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_SYN_SENT, 0, 0 },
};

static const struct cell syn_received[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_SYN_RECEIVED, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_SYN_RECEIVED, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_SYN_RECEIVED, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_SYN_RECEIVED, 0, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_SYN_RECEIVED, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_FIN_WAIT_1, 0, TCPX_DO_OUTPUT },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_RST | TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_SYN_RECEIVED, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_SYN_RECEIVED, 0, TCPX_DO_CHALLENGE },
	{ "3.5, figure 7", TCPX_EV_RCV_SYN_ACK, TCPX_ESTABLISHED, 0,
	  TCPX_DO_CONNECTED | TCPX_DO_OUTPUT },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_ESTABLISHED, 0,
	  TCPX_DO_CONNECTED | TCPX_DO_OUTPUT },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_CLOSE_WAIT, 0,
	  TCPX_DO_PEER_CLOSED | TCPX_DO_ACK },
	{ "3.10.7.4", TCPX_EV_RCV_ACK_OF_FIN, TCPX_SYN_RECEIVED, 0, 0 },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNREFUSED,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST_PASSIVE, TCPX_LISTEN, 0,
	  TCPX_DO_FLUSH | TCPX_DO_LISTEN },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST_FASTOPEN, TCPX_CLOSED, -ECONNRESET,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_SYN_RECEIVED, 0, TCPX_DO_SYNACK },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_SYN_RECEIVED, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_SYN_RECEIVED, 0, 0 },
};

static const struct cell established[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_ESTABLISHED, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_ESTABLISHED, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_ESTABLISHED, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_ESTABLISHED, 0, TCPX_DO_OUTPUT },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_FIN_WAIT_1, 0, TCPX_DO_OUTPUT },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_RST | TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_ESTABLISHED, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_ESTABLISHED, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_CLOSE_WAIT, 0,
	  TCPX_DO_PEER_CLOSED | TCPX_DO_ACK },
	{ "3.10.7.4", TCPX_EV_RCV_ACK_OF_FIN, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNRESET,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_ESTABLISHED, 0, TCPX_DO_REXMT },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_ESTABLISHED, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_ESTABLISHED, 0, 0 },
};

static const struct cell fin_wait_1[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_FIN_WAIT_1, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_FIN_WAIT_1, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_FIN_WAIT_1, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_FIN_WAIT_1, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_RST | TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_FIN_WAIT_1, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_FIN_WAIT_1, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_CLOSING, 0, TCPX_DO_PEER_CLOSED | TCPX_DO_ACK },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_FIN, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNRESET,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_FIN_WAIT_1, 0, TCPX_DO_REXMT },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_FIN_WAIT_1, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_FIN_WAIT_1, 0, 0 },
};

static const struct cell fin_wait_2[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_FIN_WAIT_2, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_FIN_WAIT_2, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_FIN_WAIT_2, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_FIN_WAIT_2, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_RST | TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_FIN_WAIT_2, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_FIN_WAIT_2, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_TIME_WAIT, 0,
	  TCPX_DO_PEER_CLOSED | TCPX_DO_ACK | TCPX_DO_TIME_WAIT },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_FIN, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNRESET,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_FIN_WAIT_2, 0, 0 },
	{ "3.6.1", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
};

static const struct cell close_wait[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_CLOSE_WAIT, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_CLOSE_WAIT, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_CLOSE_WAIT, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_CLOSE_WAIT, 0, TCPX_DO_OUTPUT },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_LAST_ACK, 0, TCPX_DO_OUTPUT },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_RST | TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_CLOSE_WAIT, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_CLOSE_WAIT, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_CLOSE_WAIT, 0, TCPX_DO_ACK },
	{ "3.10.7.4", TCPX_EV_RCV_ACK_OF_FIN, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -EPIPE,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_CLOSE_WAIT, 0, TCPX_DO_REXMT },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_CLOSE_WAIT, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_CLOSE_WAIT, 0, 0 },
};

static const struct cell closing[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_CLOSING, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_CLOSING, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_CLOSING, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_CLOSING, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_CLOSING, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_CLOSING, -EPIPE, 0 },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_CLOSING, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_CLOSING, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_CLOSING, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_CLOSING, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_CLOSING, 0, TCPX_DO_ACK },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_FIN, TCPX_TIME_WAIT, 0, TCPX_DO_TIME_WAIT },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNRESET,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_CLOSING, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_CLOSING, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_CLOSING, 0, TCPX_DO_REXMT },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_CLOSING, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_CLOSING, 0, 0 },
};

static const struct cell last_ack[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_LAST_ACK, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_LAST_ACK, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_LAST_ACK, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_LAST_ACK, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_LAST_ACK, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_LAST_ACK, -EPIPE, 0 },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_LAST_ACK, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_LAST_ACK, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_LAST_ACK, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_LAST_ACK, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_LAST_ACK, 0, TCPX_DO_ACK },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_FIN, TCPX_CLOSED, 0,
	  TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, -ECONNRESET,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_LAST_ACK, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_LAST_ACK, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, -ETIMEDOUT,
	  TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_LAST_ACK, 0, TCPX_DO_REXMT },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_LAST_ACK, 0, 0 },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_LAST_ACK, 0, 0 },
};

static const struct cell time_wait[] = {
	{ "3.10.1", TCPX_EV_OPEN_PASSIVE, TCPX_TIME_WAIT, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_ACTIVE, TCPX_TIME_WAIT, -EISCONN, 0 },
	{ "3.10.1", TCPX_EV_OPEN_REPAIR, TCPX_TIME_WAIT, -EISCONN, 0 },
	{ "3.10.2", TCPX_EV_SEND, TCPX_TIME_WAIT, -EPIPE, 0 },
	{ "3.10.3", TCPX_EV_RECEIVE, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.4", TCPX_EV_CLOSE, TCPX_TIME_WAIT, -EPIPE, 0 },
	{ "3.10.5", TCPX_EV_ABORT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.6", TCPX_EV_STATUS, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN, TCPX_TIME_WAIT, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fourth", TCPX_EV_RCV_SYN_ACK, TCPX_TIME_WAIT, 0, TCPX_DO_CHALLENGE },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_SYN, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.7.4, eighth", TCPX_EV_RCV_FIN, TCPX_TIME_WAIT, 0, TCPX_DO_ACK | TCPX_DO_TIME_WAIT },
	{ "3.10.7.4, fifth", TCPX_EV_RCV_ACK_OF_FIN, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.7.4, second", TCPX_EV_RCV_RST, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.7.4", TCPX_EV_RCV_RST_PASSIVE, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.7.4", TCPX_EV_RCV_RST_FASTOPEN, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.8", TCPX_EV_USER_TIMEOUT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_REXMT_TIMEOUT, TCPX_TIME_WAIT, 0, 0 },
	{ "3.10.8", TCPX_EV_TIME_WAIT_TIMEOUT, TCPX_CLOSED, 0, TCPX_DO_FLUSH | TCPX_DO_DELETE },
	{ "3.10.8", TCPX_EV_FIN_WAIT_2_TIMEOUT, TCPX_TIME_WAIT, 0, 0 },
};

static void cell_desc(const struct cell *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s -> %s", c->rfc,
		 tcpx_event_name(c->event), tcpx_state_name(c->next));
}

/* The cell's own citation names the same section */
static void same_section(struct kunit *test, const char *cell, const char *rfc)
{
	size_t len = strcspn(rfc, ",");

	KUNIT_ASSERT_NOT_NULL(test, cell);
	KUNIT_EXPECT_EQ_MSG(test, strncmp(cell, rfc, len), 0, "cites %s", cell);
	KUNIT_EXPECT_TRUE_MSG(test, cell[len] == ',' || !cell[len], "cites %s", cell);
}

/* A change of state is reported once; no change, not at all */
static void check_transition(struct kunit *test, u8 state, const struct cell *c)
{
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->a.nr, c->next != state);
	if (c->next == state)
		return;
	KUNIT_EXPECT_EQ(test, t->a.trans[0].from, state);
	KUNIT_EXPECT_EQ(test, t->a.trans[0].to, c->next);
	KUNIT_EXPECT_EQ(test, t->a.trans[0].event, c->event);
}

/* No timer outlives the connection, and none but 2MSL runs in TIME-WAIT */
static void check_timers(struct kunit *test, u8 state, const struct cell *c)
{
	struct tcpx_test *t = test->priv;
	bool changed = c->next != state;
	bool stop = changed && (c->next == TCPX_CLOSED || c->next == TCPX_LISTEN ||
				c->next == TCPX_TIME_WAIT);
	u64 kept = stop ? TCPX_NEVER : 1;
	int i;

	for (i = 0; i < TCPX_NR_TIMERS; i++) {
		if (i == TCPX_T_2MSL && c->todo & TCPX_DO_TIME_WAIT)
			KUNIT_EXPECT_EQ(test, t->tcb.deadline[i], t->now + 60 * SEC);
		else
			KUNIT_EXPECT_EQ_MSG(test, t->tcb.deadline[i], kept, "timer %d", i);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.last_rcv, 2);
}

static void run_cell(struct kunit *test, u8 state, const struct cell *c)
{
	struct tcpx_test *t = test->priv;
	const struct tcpx_cell *cell;
	int i;

	t->tcb.state = state;
	for (i = 0; i < TCPX_NR_TIMERS; i++)
		t->tcb.deadline[i] = 1;
	t->tcb.last_rcv = 2;
	cell = tcpx_fsm_event(&t->tcb, c->event, t->now, &t->a);
	KUNIT_EXPECT_PTR_EQ(test, cell, tcpx_fsm_cell(state, c->event));
	KUNIT_EXPECT_STREQ(test, tcpx_state_name(t->tcb.state), tcpx_state_name(c->next));
	KUNIT_EXPECT_EQ(test, cell->err, c->err);
	KUNIT_EXPECT_EQ(test, t->a.todo, c->todo);
	KUNIT_EXPECT_EQ(test, t->a.err, c->todo & TCPX_DO_ERROR ? -c->err : 0);
	same_section(test, cell->rfc, c->rfc);
	check_transition(test, state, c);
	check_timers(test, state, c);
}

static void closed_case(struct kunit *test)
{
	run_cell(test, TCPX_CLOSED, test->param_value);
}

KUNIT_ARRAY_PARAM(closed, closed, cell_desc);

static void listen_case(struct kunit *test)
{
	run_cell(test, TCPX_LISTEN, test->param_value);
}

KUNIT_ARRAY_PARAM(listen, listen, cell_desc);

static void syn_sent_case(struct kunit *test)
{
	run_cell(test, TCPX_SYN_SENT, test->param_value);
}

KUNIT_ARRAY_PARAM(syn_sent, syn_sent, cell_desc);

static void syn_received_case(struct kunit *test)
{
	run_cell(test, TCPX_SYN_RECEIVED, test->param_value);
}

KUNIT_ARRAY_PARAM(syn_received, syn_received, cell_desc);

static void established_case(struct kunit *test)
{
	run_cell(test, TCPX_ESTABLISHED, test->param_value);
}

KUNIT_ARRAY_PARAM(established, established, cell_desc);

static void fin_wait_1_case(struct kunit *test)
{
	run_cell(test, TCPX_FIN_WAIT_1, test->param_value);
}

KUNIT_ARRAY_PARAM(fin_wait_1, fin_wait_1, cell_desc);

static void fin_wait_2_case(struct kunit *test)
{
	run_cell(test, TCPX_FIN_WAIT_2, test->param_value);
}

KUNIT_ARRAY_PARAM(fin_wait_2, fin_wait_2, cell_desc);

static void close_wait_case(struct kunit *test)
{
	run_cell(test, TCPX_CLOSE_WAIT, test->param_value);
}

KUNIT_ARRAY_PARAM(close_wait, close_wait, cell_desc);

static void closing_case(struct kunit *test)
{
	run_cell(test, TCPX_CLOSING, test->param_value);
}

KUNIT_ARRAY_PARAM(closing, closing, cell_desc);

static void last_ack_case(struct kunit *test)
{
	run_cell(test, TCPX_LAST_ACK, test->param_value);
}

KUNIT_ARRAY_PARAM(last_ack, last_ack, cell_desc);

static void time_wait_case(struct kunit *test)
{
	run_cell(test, TCPX_TIME_WAIT, test->param_value);
}

KUNIT_ARRAY_PARAM(time_wait, time_wait, cell_desc);

/* The cells above are all there are */
static void every_event_of_every_state(struct kunit *test)
{
	static const struct cell * const all[] = {
		closed,
		listen,
		syn_sent,
		syn_received,
		established,
		fin_wait_1,
		fin_wait_2,
		close_wait,
		closing,
		last_ack,
		time_wait,
	};
	int state, event;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(all), TCPX_NR_STATES - 1);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(closed), TCPX_NR_EVENTS);
	for (state = 0; state < ARRAY_SIZE(all); state++)
		for (event = 0; event < TCPX_NR_EVENTS; event++)
			KUNIT_EXPECT_EQ(test, all[state][event].event, event);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE_PARAM(closed_case, closed_gen_params),
	KUNIT_CASE_PARAM(listen_case, listen_gen_params),
	KUNIT_CASE_PARAM(syn_sent_case, syn_sent_gen_params),
	KUNIT_CASE_PARAM(syn_received_case, syn_received_gen_params),
	KUNIT_CASE_PARAM(established_case, established_gen_params),
	KUNIT_CASE_PARAM(fin_wait_1_case, fin_wait_1_gen_params),
	KUNIT_CASE_PARAM(fin_wait_2_case, fin_wait_2_gen_params),
	KUNIT_CASE_PARAM(close_wait_case, close_wait_gen_params),
	KUNIT_CASE_PARAM(closing_case, closing_gen_params),
	KUNIT_CASE_PARAM(last_ack_case, last_ack_gen_params),
	KUNIT_CASE_PARAM(time_wait_case, time_wait_gen_params),
	KUNIT_CASE(every_event_of_every_state),
	{}
};

static struct kunit_suite table_suite = {
	.name = "tcpx_table",
	.init = tcpx_test_init,
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
