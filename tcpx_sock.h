/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shell: how the kernel carries a connection around the pure core, and
 * what the shell's files offer each other.
 */
#ifndef _TCPX_SOCK_H
#define _TCPX_SOCK_H

#include <linux/hrtimer.h>
#include <linux/rbtree.h>
#include <linux/sched/mm.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "tcpx_compat.h"
#include "tcpx_fsm.h"
#include "tcpx_net.h"
#include "tcpx_table.h"

#define TCPX_MAX_HEADER	L1_CACHE_ALIGN(128 + MAX_HEADER)

/* struct tcpx_sock.urg_data, next to the urgent octet itself */
#define TCPX_URG_VALID	0x0100
#define TCPX_URG_NOTYET	0x0200
#define TCPX_URG_READ	0x0400

/* struct tcpx_sock.deferred: what release_sock() has to catch up with */
#define TCPX_DEFER_TIMER	0
#define TCPX_DEFER_PMTU		1
#define TCPX_DEFER_OUTPUT	2
#define TCPX_DEFER_ACK		3

/* struct tcpx_sock.throttled, bits: the host's queues hold enough; ack_round is scheduled */
#define TCPX_THROTTLED		0
#define TCPX_ACK_WAITS		1

/**
 * enum tcpx_busy - what a sender waits for
 * @TCPX_IDLE: the user: all it sent is acknowledged
 * @TCPX_BUSY: the path
 * @TCPX_BUSY_RWND: the peer's window
 * @TCPX_BUSY_SNDBUF: the path, with a send buffer too small for it
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
 * @user_mss: TCP_MAXSEG, 0: none
 * @corked: TCP_CORK
 * @recvmsg_inq: TCP_INQ
 * @window_clamp: TCP_WINDOW_CLAMP, bytes, 0: none
 * @notsent_lowat: TCP_NOTSENT_LOWAT, bytes
 * @defer_accept: TCP_DEFER_ACCEPT, s
 * @cong_ops: TCP_CONGESTION, or what the namespace uses; its module is held
 * @cong_chosen: the user has chosen it
 * @cong_locked: the route has, and the user may not
 * @isn: TCPX_ISN, for the next connection
 * @isn_fixed: @isn is to be used
 * @fo_connect: TCP_FASTOPEN_CONNECT
 * @fo_no_cookie: TCP_FASTOPEN_NO_COOKIE
 * @node: in the table of connections, while it is there
 * @port: the claim on the local port
 * @tcb: the connection; guarded by the socket lock
 * @timer: the one timer, armed for the earliest deadline
 * @timer_at: what @timer is armed for, ns; TCPX_NEVER: not armed
 * @deferred: TCPX_DEFER_*, bits
 * @throttled: TCPX_THROTTLED, TCPX_ACK_WAITS
 * @ack_round: acknowledges what has arrived together; holds the socket while scheduled
 * @unthrottle: sends on when the host's queues have drained
 * @lsn_nulls: in the table of listeners: a reader there must not be led from
 *	       @node into the other table, whose entries are of several types
 * @lsn_slot: the chain there: the device may change
 * @lsn_lock: guards the next four; taken inside the socket lock
 * @accept_queue: children waiting for accept()
 * @half_open: struct tcpx_half_open, oldest first
 * @nr_half_open: how many
 * @cookie_sent: when the last SYN cookie left, ns; 0: none yet
 * @accept_node: this child in its listener's @accept_queue
 * @fo_queue: TCP_FASTOPEN: who may be half-open and have text
 * @fo_slot: the queue that counts this child; NULL: none
 * @fo_keys: TCP_FASTOPEN_KEY; NULL: the namespace's
 * @orphan_counted: this socket counts as an orphan (TCPX_QUOTA_ORPHAN)
 * @route_fixed: IP_OPTIONS are the user's: the peer's source route changes nothing
 * @send_head: first segment of sk_write_queue that was never sent
 * @ooo: blocks of text beyond a hole, by sequence number
 * @ooo_last: the highest of them
 * @packed_seq: the receive queue is packed up to here
 * @pmtu: path MTU that snd_mss was made from
 * @icmp_mtu: with TCPX_DEFER_PMTU: what a router asked for
 * @acked_len: largest segment, in bytes of text, acknowledged since a time-out
 * @isn_floor: the next ISS is above this; 0: anywhere
 * @urg_seq: sequence number of the urgent octet
 * @urg_data: TCPX_URG_* and the urgent octet
 * @tskey_set: @tskey_base is valid
 * @tskey_base: sequence number from which SOF_TIMESTAMPING_OPT_ID counts
 * @fo_sending: MSG_FASTOPEN: the SYN waits for the text
 * @fo_option: the SYN, or SYN,ACK, carries @fo_cookie; of length 0: asks for one
 * @fo_asked: the SYN did, so the answer is worth remembering
 * @fo_text: it carried text
 * @fo_fail: enum tcp_fastopen_client_fail
 * @fo_cookie: Fast Open cookie
 * @total_retrans: segments sent again
 * @segs_in: segments received
 * @segs_out: segments sent
 * @data_segs_in: segments with text received
 * @data_segs_out: segments with text sent
 * @delivered: segments acknowledged, SYN and FIN included
 * @una_counted: SND.UNA up to which @bytes_acked has counted
 * @bytes_acked: what the peer has acknowledged, SYN and FIN included
 * @bytes_received: text received in order
 * @bytes_sent: text sent, retransmissions included
 * @bytes_retrans: text sent again
 * @rcv_ooopack: segments that came before their turn
 * @busy: enum tcpx_busy
 * @busy_since: since when, ns
 * @busy_ns: how long it was each of them before that, ns
 */
struct tcpx_sock {
	struct inet_sock inet;

	/* What the user has set; a child inherits it */
	u16		user_mss;
	bool		corked;
	bool		recvmsg_inq;
	u32		window_clamp;
	u32		notsent_lowat;
	u32		defer_accept;
	const struct tcpx_cong_ops *cong_ops;
	bool		cong_chosen;
	bool		cong_locked;
	u32		isn;
	bool		isn_fixed;
	bool		fo_connect;
	bool		fo_no_cookie;

	struct tcpx_node node;
	struct tcpx_port_use port;
	struct tcpx_tcb tcb;

	struct hrtimer	timer;
	u64		timer_at;
	unsigned long	deferred;
	unsigned long	throttled;
	struct hrtimer	unthrottle;
	struct tasklet_struct ack_round;

	struct hlist_nulls_node lsn_nulls;
	u32		lsn_slot;
	spinlock_t	lsn_lock;	/* the next four */
	struct list_head accept_queue;
	struct list_head half_open;
	u32		nr_half_open;
	u64		cookie_sent;
	struct list_head accept_node;
	struct tcpx_fo_queue *fo_queue;
	struct tcpx_fo_queue *fo_slot;
	struct tcpx_fo_keys __rcu *fo_keys;
	bool		orphan_counted;
	bool		route_fixed;

	struct sk_buff	*send_head;
	struct rb_root	ooo;
	struct sk_buff	*ooo_last;

	/* From here on connect() to AF_UNSPEC clears all */
	u32		packed_seq;
	u32		pmtu;
	u32		icmp_mtu;
	u32		acked_len;
	u32		isn_floor;
	u32		urg_seq;
	u16		urg_data;
	bool		tskey_set;
	u32		tskey_base;
	bool		fo_sending;
	bool		fo_option;
	bool		fo_asked;
	bool		fo_text;
	u8		fo_fail;
	struct tcpx_fo_cookie fo_cookie;
	u32		total_retrans;
	u32		segs_in;
	u32		segs_out;
	u32		data_segs_in;
	u32		data_segs_out;
	u32		delivered;
	u32		una_counted;
	u64		bytes_acked;
	u64		bytes_received;
	u64		bytes_sent;
	u64		bytes_retrans;
	u32		rcv_ooopack;
	u8		busy;
	u64		busy_since;
	u64		busy_ns[TCPX_NR_BUSY];
};

static inline struct tcpx_sock *tcpx_sk(const struct sock *sk)
{
	return (struct tcpx_sock *)sk;
}

/* Where a segment's numbers are while it is ours; the IP layer's comes first */
struct tcpx_skb_cb {
	union {
		struct inet_skb_parm header;
		/* Text that is kept: the next of its block; in the first, the last */
		struct {
			struct sk_buff *next;
			struct sk_buff *tail;
		} block;
	};
	u32	seq;
	u32	end_seq;	/* after the text */
	bool	psh;		/* it has left with PSH */
	bool	ack_stamp;	/* SOF_TIMESTAMPING_TX_ACK was asked for */
	bool	eor;		/* MSG_EOR: no later text joins it */
	u32	isn_floor;	/* of a SYN that ended a TIME-WAIT; 0: none */
};

#define TCPX_SKB_CB(skb)	((struct tcpx_skb_cb *)&((skb)->cb[0]))

/* The ECN field of the datagram that a segment came in */
static inline u8 tcpx_v4_ecn(const struct sk_buff *skb)
{
	return ip_hdr(skb)->tos & INET_ECN_MASK;
}

/* Bytes of text; an skb may hold more where memory to cut it was short */
static inline u32 tcpx_text_len(const struct sk_buff *skb)
{
	return TCPX_SKB_CB(skb)->end_seq - TCPX_SKB_CB(skb)->seq;
}

static inline const struct tcpx_hdr *tcpx_hdr(const struct sk_buff *skb)
{
	return (const struct tcpx_hdr *)skb_transport_header(skb);
}

/* RFC 7413: both ends are not synchronized, but text flows */
static inline bool tcpx_fastopen_open(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_RECV && READ_ONCE(tcpx_sk(sk)->tcb.fastopen);
}

/*
 * What is allocated until tcpx_charge_end() is charged to the socket's memory
 * control group, in softirq as well.
 */
static inline struct mem_cgroup *tcpx_charge_to(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	return set_active_memcg(sk->sk_memcg);
#else
	return NULL;
#endif
}

static inline void tcpx_charge_end(struct mem_cgroup *old)
{
	set_active_memcg(old);
}

static inline struct tcpx_net *tcpx_sk_net(const struct sock *sk)
{
	return tcpx_pernet(sock_net(sk));
}

/* The most that may be offered: the user's choice, or the route's; bytes */
static inline u32 tcpx_rcv_clamp(const struct sock *sk, const struct tcpx_route *route)
{
	return tcpx_sk(sk)->window_clamp ?: route->window ?: TCPX_MAX_WINDOW;
}

/* What of the receive buffer's memory may be offered, as bytes of text */
static inline u32 tcpx_rcv_text(const struct sock *sk, u32 memory)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	u32 text = tcpx_rcvbuf_text(&tsk->tcb, memory, sk->sk_userlocks & SOCK_RCVBUF_LOCK);

	return min(text, tcpx_rcv_clamp(sk, &tsk->tcb.route));
}

/* Bytes of text that the receive buffer holds */
static inline u32 tcpx_rcv_total(const struct sock *sk)
{
	return tcpx_rcv_text(sk, READ_ONCE(sk->sk_rcvbuf));
}

/* Bytes of text that it still takes; both numbers may be next to INT_MAX */
static inline u32 tcpx_rcv_space(const struct sock *sk)
{
	u32 used = atomic_read(&sk->sk_rmem_alloc), size = READ_ONCE(sk->sk_rcvbuf);
	u32 space = tcpx_rcv_text(sk, size > used ? size - used : 0);
	u32 limit = tcpx_sk(sk)->tcb.rcvbuf.limit;

	if (limit)
		space = min(space, limit);
	/* When memory is short for all, what was promised is used up first */
	if (sk_under_memory_pressure(sk))
		space = min_t(u32, space, 4 * tcpx_sk(sk)->tcb.adv_mss);
	return space;
}

static inline bool tcpx_rcv_over(const struct sock *sk)
{
	return (u32)atomic_read(&sk->sk_rmem_alloc) > (u32)READ_ONCE(sk->sk_rcvbuf);
}

/*
 * RFC 7323, 2.3: the shift for what may once be offered, @clamp at most.  A buffer
 * that the user has fixed does not grow, and may be smaller than a unit of what
 * could.
 */
static inline u8 tcpx_rcv_scale(const struct sock *sk, u32 clamp)
{
	const struct tcpx_net *tn = tcpx_sk_net(sk);
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	u32 space = max_t(u32, READ_ONCE(sk->sk_rcvbuf), fixed ? 0 : READ_ONCE(tn->rmem[2]));

	return tn->conf.window_scaling ? tcpx_wnd_scale(min(space, clamp)) : 0;
}

/* tcpx_sock.c */
extern struct proto tcpx_prot;
extern long tcpx_mem[3];
extern const struct proto_ops tcpx_stream_ops;
void tcpx_set_state(struct sock *sk, u8 from, u8 to, u8 event);
void tcpx_done(struct sock *sk);
void tcpx_destroy(struct sock *sk);
void tcpx_abort(struct sock *sk);
void tcpx_mem_force(struct sock *sk, int size);
bool tcpx_orphan_starves(struct sock *sk);
int tcpx_connect(struct sock *sk, const struct dst_entry *dst);
void tcpx_sock_setup(struct sock *sk);
int tcpx_sock_init(void);
void tcpx_sock_exit(void);

/* tcpx_sockopt.c */
int tcpx_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int tcpx_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		    int __user *optlen);

/* tcpx_ca_list.c */
void tcpx_cong_assign(struct sock *sk);
void tcpx_cong_inherit(struct sock *sk, const struct dst_entry *dst);
void tcpx_cong_route(struct sock *sk, const struct dst_entry *dst);
void tcpx_cong_put(struct sock *sk);
int tcpx_cong_set(struct sock *sk, const char *name);
void tcpx_cong_net_init(struct tcpx_net *tn);
void tcpx_cong_net_exit(struct tcpx_net *tn);
int tcpx_cong_sysctl_default(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos);
int tcpx_cong_sysctl_available(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			       loff_t *pos);
int tcpx_cong_sysctl_allowed(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos);
int tcpx_ca_list_init(void);
void tcpx_ca_list_exit(void);

/* tcpx_send.c */
int tcpx_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int tcpx_queue_syn_text(struct sock *sk, struct msghdr *msg, u32 room);
void tcpx_write_queue_purge(struct sock *sk);

/* tcpx_recv.c */
int tcpx_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);
ssize_t tcpx_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags);
__poll_t tcpx_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int tcpx_ioctl(struct sock *sk, int cmd, unsigned long arg);
int tcpx_inq(struct sock *sk);
void tcpx_data_ready(struct sock *sk);
void tcpx_read_done(struct sock *sk);
void tcpx_tune_rcvbuf(struct sock *sk);

/* tcpx_input.c */
int tcpx_rcv(struct sock *sk, struct sk_buff *skb);
void tcpx_act(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a);
bool tcpx_parse(struct sk_buff *skb, struct tcpx_seg *seg);
void tcpx_report_soft(struct sock *sk, int err);
void tcpx_ack_round(struct tasklet_struct *tasklet);
void tcpx_free_segment(struct sk_buff *skb, u8 drop);

/* tcpx_queue.c */
bool tcpx_text_room(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_act_text(struct sock *sk, struct sk_buff *skb, struct tcpx_actions *a);
void tcpx_ooo_purge(struct sock *sk);

/* tcpx_output.c */
void tcpx_output(struct sock *sk);
void tcpx_note_busy(struct sock *sk, u64 now);
void tcpx_send_ack(struct sock *sk);
void tcpx_send_probe(struct sock *sk);
void tcpx_send_syn(struct sock *sk, u8 flags);
void tcpx_send_rst(struct sock *sk, const struct tcpx_rst *rst);
void tcpx_retransmit(struct sock *sk);
u16 tcpx_adv_mss(const struct sock *sk, const struct dst_entry *dst);
void tcpx_sync_mss(struct sock *sk, u32 pmtu);
void tcpx_mtu_reduced(struct sock *sk, u32 pmtu);
void tcpx_black_hole(struct sock *sk);
bool tcpx_scoreboard_reserve(struct sock *sk, u32 slots);
void tcpx_scoreboard_shrink(struct sock *sk);
void tcpx_scoreboard_free(struct sock *sk);
int tcpx_fragment(struct sock *sk, struct sk_buff *skb, u32 len);
void tcpx_build_header(struct sk_buff *skb, const struct tcpx_tuple *tuple,
		       const struct tcpx_seg *seg);

/* tcpx_timer.c */
void tcpx_timer_setup(struct sock *sk);
void tcpx_timer_sync(struct sock *sk);
void tcpx_timer_run(struct sock *sk);

/*
 * A constructor keeps the allocator from merging a cache with others of its
 * size: its count is its own, and nothing of it is left after rmmod.
 */
static inline void tcpx_cache_ctor(void *object)
{
}

/* tcpx_listen.c */
struct sock *tcpx_half_open_listener(const struct tcpx_node *node);
int tcpx_listen_start(struct sock *sk, int backlog);
void tcpx_listen_stop(struct sock *sk);
bool tcpx_listen_rcv(struct sock *lsk, struct sk_buff *skb);
bool tcpx_half_open_rcv(struct tcpx_node *node, struct sk_buff *skb);
void tcpx_half_open_icmp(struct tcpx_node *node, u32 seq);
bool tcpx_accept_ready(const struct sock *sk);
struct sock *tcpx_accept(struct sock *sk, int flags, int *err, bool kern);
int tcpx_listen_init(void);
void tcpx_listen_exit(void);

/* tcpx_fastopen.c; the rest is in tcpx_fastopen.h */
int tcpx_fastopen_sendmsg(struct sock *sk, struct msghdr *msg, ssize_t *copied);

/* tcpx_timewait.c */
void tcpx_timewait_enter(struct sock *sk);
bool tcpx_timewait_rcv(struct tcpx_node *node, struct sk_buff *skb);
bool tcpx_timewait_replaceable(struct tcpx_node *node, bool bound, u64 now);
u32 tcpx_timewait_isn_floor(const struct tcpx_node *node);
void tcpx_timewait_kill(struct tcpx_node *node);
void tcpx_timewait_purge(struct net *net);
int tcpx_timewait_init(void);
void tcpx_timewait_exit(void);

/* tcpx_isn.c */
void tcpx_isn_init(void);
u32 tcpx_isn(const struct net *net, const struct tcpx_tuple *tuple, u64 now);
u32 tcpx_ts_offset(const struct net *net, const struct tcpx_tuple *tuple);
u32 tcpx_cookie_base(const struct net *net, const struct tcpx_tuple *tuple);
u32 tcpx_cookie_mac(const struct net *net, const struct tcpx_tuple *tuple, u32 irs, u32 tick);

/* tcpx_route.c */
void tcpx_route_read(const struct dst_entry *dst, struct tcpx_route *route);
void tcpx_route_set(struct sock *sk, struct dst_entry *dst);

/* tcpx_ipv4.c */

/**
 * struct tcpx_v4_way - how an answer goes that no socket sends
 * @oif: SO_BINDTODEVICE; 0: any
 * @mark: SO_MARK, unless that of what is answered goes first (fwmark_reflect)
 * @priority: SO_PRIORITY
 * @txhash: by which devices choose a queue, and routes a path; 0: their own
 * @uid: by which rules choose a route
 * @tos: IP_TOS
 * @opt: options of the IP header, or NULL
 */
struct tcpx_v4_way {
	int	oif;
	u32	mark;
	u32	priority;
	u32	txhash;
	kuid_t	uid;
	u8	tos;
	struct ip_options_rcu *opt;
};

struct dst_entry *tcpx_v4_route(struct sock *sk);
void tcpx_v4_mtu_reduced(struct sock *sk);
int tcpx_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcpx_v4_xmit(struct sock *sk, struct sk_buff *skb, const struct tcpx_seg *seg);
void tcpx_v4_reply(struct net *net, const struct sock *sk, const struct sk_buff *skb,
		   const struct tcpx_seg *seg);
struct dst_entry *tcpx_v4_route_back(struct sock *lsk, const struct tcpx_node *node,
				     u32 mark, const struct ip_options_rcu *opt,
				     struct flowi *fl);
int tcpx_v4_xmit_half_open(const struct sock *lsk, struct sk_buff *skb, struct dst_entry *dst,
			   const struct tcpx_node *node, struct ip_options_rcu *opt,
			   const struct tcpx_seg *seg);
void tcpx_v4_tuple(const struct sk_buff *skb, struct tcpx_tuple *tuple);
u16 tcpx_v4_mss(u32 mtu);
void tcpx_v4_reply_by(struct net *net, const struct sk_buff *skb, const struct tcpx_seg *seg,
		      const struct tcpx_v4_way *way);
struct ip_options_rcu *tcpx_v4_return_route(struct net *net, const struct sk_buff *skb);
void tcpx_v4_heard(struct sock *sk, const struct sk_buff *skb);
void tcpx_v4_options_set(struct sock *sk);
void tcpx_v4_forget_route(struct sock *sk);
int tcpx_v4_init(void);
void tcpx_v4_exit(void);

#endif /* _TCPX_SOCK_H */
