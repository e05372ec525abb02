/* SPDX-License-Identifier: GPL-2.0 */
/* What sockets, half-open and TIME-WAIT entries look like from outside, and a walk over them. */
#ifndef _TCPX_PATH_VIEW_H
#define _TCPX_PATH_VIEW_H

#include <linux/in6.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct net;
struct sock;
struct tcpx_tuple;

/* The numbers that /proc/net/tcp and sock_diag have for what a connection waits for */
enum tcpx_view_timer {
	TCPX_VIEW_NO_TIMER,
	TCPX_VIEW_REXMT,
	TCPX_VIEW_KEEP,
	TCPX_VIEW_TIME_WAIT,
	TCPX_VIEW_PERSIST,
};

/**
 * struct tcpx_walk - how far a walk has come; zero at its beginning
 * @slot: the chain
 * @nr: so many entries of the chain are done
 * @conns: the chain is one of connections; otherwise one of listeners
 */
struct tcpx_walk {
	u32	slot;
	u32	nr;
	bool	conns;
};

/**
 * struct tcpx_view - a socket or entry, as it was
 * @at: where a walk has found it
 * @sk: the socket, with a reference; NULL: an entry, or nobody has asked for it
 * @object: for its address alone: it may be gone
 * @laddr: the local address, in the form that both families have
 * @raddr: the peer's, likewise
 * @lport: the local port, network order
 * @rport: the peer's, network order
 * @dev: interface, or 0 for any
 * @kind: enum tcpx_kind
 * @family: the socket's, or what that of an entry was
 * @wire: the IP protocol number of its segments
 * @state: enum tcpx_state
 * @timer: enum tcpx_view_timer
 * @rexmts: retransmissions since something was acknowledged
 * @probes: probes without an answer
 * @timer_left: until @timer fires, ns
 * @mark: SO_MARK
 * @rqueue: bytes that are not yet read; for a listener, children
 * @wqueue: bytes that are not yet acknowledged; for a listener, the limit of @rqueue
 * @uid: the owner; root's for TIME-WAIT, which has none
 * @ino: the inode of the socket's file, or 0
 * @refs: references
 * @rto: what follows is a socket's alone, and a walk's; the time-out as it now stands, ns
 * @ato: how long an acknowledgment may be delayed, ns
 * @cwnd: segments
 * @ssthresh: segments, -1: none; for a listener TCP_FASTOPEN
 * @quick: so many segments will be acknowledged at once
 * @pingpong: an acknowledgment may ride on data
 */
struct tcpx_view {
	struct tcpx_walk at;
	struct sock	*sk;
	const void	*object;
	struct in6_addr	laddr;
	struct in6_addr	raddr;
	__be16		lport;
	__be16		rport;
	int		dev;
	u8		kind;
	u8		family;
	u8		wire;
	u8		state;
	u8		timer;
	u8		rexmts;
	u8		probes;
	u64		timer_left;
	u32		mark;
	u32		rqueue;
	u32		wqueue;
	kuid_t		uid;
	unsigned long	ino;
	int		refs;
	u64		rto;
	u64		ato;
	u32		cwnd;
	int		ssthresh;
	u8		quick;
	bool		pingpong;
};

/**
 * struct tcpx_viewer - what a walk is to find
 * @net: namespace
 * @states: bits, 1 << enum tcpx_state
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for both
 * @take: called for each of these, under the lock of its chain, where @sk is the socket, or
 *	NULL for an entry, and the view has all but @rqueue and what follows it; true: it is
 *	wanted.  NULL: each is
 * @arg: for @take
 * @hold: sockets are wanted with a reference
 */
struct tcpx_viewer {
	struct net	*net;
	u32		states;
	u8		family;
	bool		(*take)(const struct tcpx_view *view, struct sock *sk, void *arg);
	void		*arg;
	bool		hold;
};

int tcpx_walk_next(struct tcpx_walk *at, const struct tcpx_viewer *viewer,
		   struct tcpx_view *views, int max);
int tcpx_view_find(struct net *net, const struct tcpx_tuple *tuple, int dif,
		   struct tcpx_view *view);
int tcpx_view_kill(struct net *net, const struct tcpx_tuple *tuple, int dif);

#endif /* _TCPX_PATH_VIEW_H */
