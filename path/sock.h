/* SPDX-License-Identifier: GPL-2.0 */
/* struct tcpx_sock: what the kernel keeps for a connection around the pure core. */
#ifndef _TCPX_PATH_SOCK_H
#define _TCPX_PATH_SOCK_H

#include <linux/hrtimer.h>
#include <linux/rbtree.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "../net/net.h"
#include "../tcpx_fsm.h"
#include "../tcpx_timer.h"
#include "family.h"
#include "fastopen.h"
#include "port.h"
#include "table.h"

/*
 * What fits into an skb's head of 512 bytes, beside what each has at its end.  IPv4 and TCP
 * with all options take 120; who needs more than the rest, such as a tunnel in a tunnel,
 * makes the head larger.  Where fragments or cache lines are so large that nothing would be
 * left, as much as TCP has.
 */
#define TCPX_SMALL_HEAD	512
#define TCPX_HEAD_FITS	(SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) + 160 <= TCPX_SMALL_HEAD)
#define TCPX_MAX_HEADER	(TCPX_HEAD_FITS ? SKB_WITH_OVERHEAD(TCPX_SMALL_HEAD) : \
			 L1_CACHE_ALIGN(128 + MAX_HEADER))

/* struct tcpx_sock.urg_data, next to the urgent octet itself */
#define TCPX_URG_VALID	0x0100
#define TCPX_URG_NOTYET	0x0200
#define TCPX_URG_READ	0x0400

/* struct tcpx_sock.deferred, bits: what release_sock() has to catch up with, */
#define TCPX_DEFER_TIMER	0
#define TCPX_DEFER_PMTU		1
#define TCPX_DEFER_OUTPUT	2
#define TCPX_DEFER_ACK		3
#define TCPX_DEFERS		0x0f	/* any of these */
/* and what path/timeout.c has to do after softirq (path/later.c) */
#define TCPX_ACK_WAITS		4	/* acknowledge what has arrived together */
#define TCPX_OUTPUT_WAITS	5	/* the host's queues have drained: go on sending */
#define TCPX_LATER		6	/* @later is in the list */
#define TCPX_THROTTLED		7	/* the host's queues are full */

/**
 * enum tcpx_busy - what a sender waits for
 * @TCPX_IDLE: the user: all it sent is acknowledged
 * @TCPX_BUSY: the path
 * @TCPX_BUSY_RWND: the peer's window
 * @TCPX_BUSY_SNDBUF: the path, with a send buffer that is too small
 * @TCPX_NR_BUSY: how many there are
 */
enum tcpx_busy {
	TCPX_IDLE,
	TCPX_BUSY,
	TCPX_BUSY_RWND,
	TCPX_BUSY_SNDBUF,
	TCPX_NR_BUSY
};

/**
 * struct tcpx_sock - a socket
 * @inet: has to be first
 * @family: what carries its segments
 * @wire: the IP protocol number they have
 * @user_mss: TCP_MAXSEG, 0: none
 * @corked: TCP_CORK
 * @recvmsg_inq: TCP_INQ
 * @window_clamp: TCP_WINDOW_CLAMP, bytes, 0: none
 * @notsent_lowat: TCP_NOTSENT_LOWAT, bytes
 * @tx_delay: TCP_TX_DELAY, us
 * @defer_accept: TCP_DEFER_ACCEPT, seconds
 * @save_syn: TCP_SAVE_SYN
 * @repair: TCP_REPAIR
 * @repair_queue: TCP_REPAIR_QUEUE
 * @isn: TCPX_ISN, for the next connection
 * @isn_fixed: use @isn
 * @fo_connect: TCP_FASTOPEN_CONNECT
 * @fo_no_cookie: TCP_FASTOPEN_NO_COOKIE
 * @cong_chosen: the user has chosen @cong_ops
 * @cong_locked: the route has, and the user may not change it
 * @cong_ops: TCP_CONGESTION, or what the namespace uses; its module is held
 * @node: in the table of connections
 * @port: the claim on the local port
 * @lease: what a claim on one of TCP's ports will need, or NULL
 * @md5_keys: TCP_MD5SIG; changed by the owner of the socket lock, read under RCU
 * @tcb: the connection; guarded by the socket lock
 * @timer: for the deadlines of @tcb
 * @deferred: TCPX_DEFER_TIMER and what follows it, bits
 * @later: in the list of path/later.c
 * @throttled_at: with TCPX_THROTTLED: sk_wmem_alloc when the host's queues were full
 * @sndbuf_reach: the send buffer suffices for so many bytes of windows; 0: unknown
 * @listener: what only a listener has; NULL: it never was one
 * @accept_next: the child that accept() takes after this one
 * @fo_queue: TCP_FASTOPEN: counts the children that are not yet ESTABLISHED
 * @fo_slot: the queue that counts this child; NULL: none
 * @fo_keys: TCP_FASTOPEN_KEY; NULL: the namespace's
 * @saved_syn: TCP_SAVED_SYN; NULL: none, or it was read
 * @orphan_counted: this socket counts as an orphan (TCPX_QUOTA_ORPHAN)
 * @route_fixed: the user has set IP_OPTIONS: ignore the peer's source route
 * @send_head: first segment of sk_write_queue that was never sent
 * @ooo: blocks of payload beyond a hole, by sequence number
 * @ooo_last: the highest of them
 * @pmtu: path MTU that snd_mss was made from, bytes
 * @icmp_mtu: the MTU that a router asked for last, bytes
 * @acked_len: largest segment, in bytes of payload, acknowledged since a time-out
 * @isn_floor: least value of the next ISS; 0: any
 * @packed_seq: the receive queue is packed up to here (tcpx_collapse())
 * @urg_seq: sequence number of the urgent octet
 * @urg_data: TCPX_URG_* and the urgent octet
 * @tskey_set: @tskey_base is valid
 * @tskey_base: sequence number from which SOF_TIMESTAMPING_OPT_ID counts
 * @fo_sending: MSG_FASTOPEN: hold the SYN back until its payload is queued
 * @fo_option: the SYN, or SYN,ACK, carries @fo_cookie, or asks for one (length 0)
 * @fo_asked: the SYN had the option, so the answer is worth remembering
 * @fo_data: the SYN carried payload
 * @fo_fail: enum tcp_fastopen_client_fail
 * @fo_cookie: Fast Open cookie
 * @busy: enum tcpx_busy
 * @total_retrans: segments retransmitted
 * @segs_in: segments received
 * @segs_out: segments sent
 * @data_segs_in: segments with payload received
 * @data_segs_out: segments with payload sent
 * @delivered: segments acknowledged, SYN and FIN included
 * @una_counted: SND.UNA up to which @bytes_acked has counted
 * @bytes_acked: what the peer has acknowledged, SYN and FIN included
 * @bytes_received: payload received in order
 * @bytes_sent: payload sent, retransmissions included
 * @bytes_retrans: payload retransmitted
 * @rcv_ooopack: segments that arrived out of order
 * @busy_since: since when @busy, ns
 * @busy_ns: how long in each of them but TCPX_IDLE before that, ns
 */
struct tcpx_sock {
	struct inet_sock inet;
	const struct tcpx_family *family;

	/* path/cong_choice.c */
	const struct tcpx_cong_ops *cong_ops;
	bool		cong_chosen:1;
	bool		cong_locked:1;

	/* Set by the user (sock/sockopt.c); a child inherits it */
	u8		wire;
	u16		user_mss;
	bool		corked;
	bool		recvmsg_inq;
	bool		isn_fixed;
	bool		fo_connect;
	bool		fo_no_cookie;
	u8		save_syn;
	bool		repair;
	u8		repair_queue;
	u32		window_clamp;
	u32		notsent_lowat;
	u32		tx_delay;
	u32		defer_accept;
	u32		isn;

	/* path/table.c, path/port.c; what follows is zero in a child */
	struct tcpx_node node;
	struct tcpx_port_use port;
	struct tcpx_lease *lease;

	/* path/md5.c */
	struct hlist_head md5_keys;

	/* The connection: core/ */
	struct tcpx_tcb tcb;

	/* tcpx_timer.c, path/timeout.c, path/later.c */
	struct tcpx_sk_timer timer;
	unsigned long	deferred;
	struct llist_node later;
	u32		throttled_at;
	u32		sndbuf_reach;

	/* A listener, and its children: path/listen.c, path/accept.c */
	struct tcpx_listener *listener;
	struct tcpx_sock *accept_next;

	/* A listener of Fast Open, and the children that it counts: path/fastopen.c */
	struct tcpx_fo_queue *fo_queue;
	struct tcpx_fo_queue *fo_slot;
	struct tcpx_fo_keys __rcu *fo_keys;

	/* A child: path/saved_syn.c */
	struct tcpx_saved_syn *saved_syn;

	/* path/life.c; family/ */
	bool		orphan_counted;
	bool		route_fixed;

	/* What is queued: path/output.c, path/queue.c */
	struct sk_buff	*send_head;
	struct rb_root	ooo;
	struct sk_buff	*ooo_last;

	/* connect() to AF_UNSPEC clears all from here on.  path/output.c, path/icmp.c */
	u32		pmtu;
	u32		icmp_mtu;
	u32		acked_len;

	/* sock/connect.c */
	u32		isn_floor;

	/* path/queue.c, sock/recv.c */
	u32		packed_seq;
	u32		urg_seq;
	u16		urg_data;

	/* Time stamps: sock/send.c */
	bool		tskey_set;
	u32		tskey_base;

	/* A client of Fast Open: sock/fastopen.c, path/fastopen.c */
	bool		fo_sending;
	bool		fo_option;
	bool		fo_asked;
	bool		fo_data;
	u8		fo_fail;
	struct tcpx_fo_cookie fo_cookie;

	/* For TCP_INFO: sock/sockopt.c */
	u8		busy;
	u32		total_retrans;
	u32		segs_in;
	u32		segs_out;
	u32		data_segs_in;
	u32		data_segs_out;
	u32		delivered;
	u32		una_counted;
	u32		rcv_ooopack;
	u64		bytes_acked;
	u64		bytes_received;
	u64		bytes_sent;
	u64		bytes_retrans;
	u64		busy_since;
	u64		busy_ns[TCPX_NR_BUSY - 1];
};

static inline struct tcpx_sock *tcpx_sk(const struct sock *sk)
{
	return (struct tcpx_sock *)sk;
}

/**
 * tcpx_fastopen_open() - is a connection in SYN-RECEIVED open for payload? RFC 7413
 * @sk: the socket
 *
 * Context: any.
 * Return: true if it is: with Fast Open.
 */
static inline bool tcpx_fastopen_open(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_RECV && READ_ONCE(tcpx_sk(sk)->tcb.fastopen);
}

/**
 * tcpx_timer_sync() - let the timer follow the deadlines, one of which has moved
 * @sk: locked, or not yet visible
 *
 * Context: process or softirq.
 */
static inline void tcpx_timer_sync(struct sock *sk)
{
	tcpx_timer_follow(&tcpx_sk(sk)->timer, &tcpx_sk(sk)->tcb);
}

/**
 * tcpx_sk_laddr() - a socket's local address, in the form that both families have
 * @sk: locked, or in LISTEN
 *
 * An IPv6 socket may have an IPv4 address, which is v4-mapped there, too.  At :: it
 * takes IPv4 as well, unless ipv6_only_sock().
 *
 * Context: any.
 * Return: the address that its segments are sent to.
 */
static inline struct in6_addr tcpx_sk_laddr(const struct sock *sk)
{
	const struct in6_addr *addr = inet6_rcv_saddr(sk);

	return addr ? *addr : tcpx_addr_v4(sk->sk_rcv_saddr);
}

/**
 * tcpx_sk_raddr() - the address of a socket's peer, in the form that both families have
 * @sk: the socket
 *
 * Context: any.
 * Return: the address; a wildcard if it has no peer.
 */
static inline struct in6_addr tcpx_sk_raddr(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return sk->sk_v6_daddr;
#endif
	return tcpx_addr_v4(sk->sk_daddr);
}

/**
 * tcpx_sk_local() - what a socket is bound to
 * @sk: locked, with its local address set
 *
 * Context: any.
 */
static inline struct tcpx_local tcpx_sk_local(const struct sock *sk)
{
	return (struct tcpx_local){
		.addr = tcpx_sk_laddr(sk),
		.only = ipv6_only_sock(sk) ? AF_INET6 : sk->sk_family == AF_INET ? AF_INET : 0,
	};
}

/**
 * tcpx_sk_net() - tcpx's own part of a socket's namespace
 * @sk: a socket whose TCB is initialised
 *
 * The TCB's settings are in it; net_generic() would enter RCU each time.
 *
 * Context: any.
 */
static inline struct tcpx_net *tcpx_sk_net(const struct sock *sk)
{
	return (struct tcpx_net *)container_of(tcpx_sk(sk)->tcb.conf, struct tcpx_net, conf);
}

#endif /* _TCPX_PATH_SOCK_H */
