/* SPDX-License-Identifier: GPL-2.0 */
/* Half-open connections: an entry is made, hears a segment, answers, ends. */
#ifndef _TCPX_PATH_HALF_OPEN_H
#define _TCPX_PATH_HALF_OPEN_H

#include "../tcpx_fsm.h"
#include "expiry.h"
#include "table.h"

struct dst_entry;
struct flowi;
struct tcpx_arrival;
struct tcpx_ip_opt;
struct tcpx_saved_syn;
struct tcpx_sock;
struct tcpx_view;

struct tcpx_half_open {
	struct tcpx_node node;
	struct list_head link;		/* in the listener's half_open */
	struct sock	*lsk;		/* valid under RCU; LISTEN while linked */
	struct tcpx_expiry expiry;	/* the SYN,ACK is to be sent again */
	struct tcpx_ip_opt __rcu *opt;	/* what IP adds on the way back, or NULL: MUST-53 */
	struct tcpx_saved_syn *saved_syn;	/* TCP_SAVE_SYN, or NULL */
	u64		ts_recent_stamp;
	u64		syn_sent;
	u64		synack_sent;	/* the last one */
	u64		oow_last;
	u32		iss;
	u32		irs;
	u32		rcv_wnd;
	u32		snd_wnd;
	u32		ts_recent;
	u32		ts_offset;
	u32		mark;
	__be32		flow_label;
	u32		txhash;
	u32		user_timeout;
	u16		peer_mss;
	u16		adv_mss;
	u8		snd_wscale;
	u8		rcv_wscale;
	u8		rexmt_shift;
	u8		ecn_mode;
	bool		ts_ok;
	bool		sack_ok;
	bool		wscale_ok;
	bool		deferred;	/* TCP_DEFER_ACCEPT: the ACK has come */
	bool		cookie;		/* made from a SYN cookie: when the SYN came is unknown */
	bool		resent;		/* the SYN,ACK was sent more than once */
	bool		dead;
	struct tcpx_addrs6 addrs[];	/* IPv6: those of @node */
};

/*
 * A segment for a listener or one of its half-open entries: what it leads to is
 * decided under the listener's lock, and sent when the lock is released.
 */
struct tcpx_lsn_rcv {
	const struct tcpx_arrival *in;
	struct sk_buff	*skb;
	struct tcpx_seg	seg;
	struct tcpx_actions a;
	u64		now;
	struct tcpx_half_open *ho;	/* @out is sent for it; valid under RCU */
	struct tcpx_seg	out;		/* the answer; without flags: none */
	struct dst_entry *dst;		/* @out's route; NULL: not looked up yet */
};

static inline struct tcpx_half_open *tcpx_ho(const struct tcpx_node *node)
{
	return container_of(node, struct tcpx_half_open, node);
}

struct sock *tcpx_half_open_listener(const struct tcpx_node *node);
struct tcpx_half_open *tcpx_half_open_new(struct sock *lsk, struct tcpx_lsn_rcv *r);
void tcpx_half_open_setup(struct tcpx_half_open *ho, struct sock *lsk,
			  const struct tcpx_lsn_rcv *r);
void tcpx_half_open_bury(struct tcpx_half_open *ho);
void tcpx_half_open_kill(struct tcpx_half_open *ho);
bool tcpx_half_open_purge(const struct sock *lsk);
bool tcpx_half_open_full(const struct sock *lsk);
void tcpx_half_open_evict(struct sock *lsk);

u64 tcpx_syn_tcb(const struct sock *lsk, const struct tcpx_half_open *ho,
		 const struct dst_entry *dst, const struct tcpx_opts *syn, struct tcpx_tcb *tcb);
void tcpx_half_open_pack(struct tcpx_half_open *ho, const struct tcpx_tcb *tcb);
void tcpx_half_open_arm(struct tcpx_half_open *ho, u64 deadline);
bool tcpx_half_open_hear(const struct sock *lsk, struct tcpx_half_open *ho,
			 struct tcpx_lsn_rcv *r, struct tcpx_tcb *tcb);
void tcpx_half_open_trace(const struct tcpx_half_open *ho, const struct tcpx_actions *a);

struct dst_entry *tcpx_half_open_route(const struct tcpx_half_open *ho, struct flowi *fl);
void tcpx_half_open_fill(struct tcpx_tcb *tcb, u8 flags, u32 seq, u64 now, struct tcpx_seg *out);
void tcpx_half_open_xmit(const struct tcpx_half_open *ho, struct tcpx_seg *out,
			 struct dst_entry *dst);
void tcpx_half_open_icmp(struct tcpx_node *node, u32 seq);
int tcpx_half_open_abort(struct tcpx_node *node);
void tcpx_half_open_view(const struct tcpx_node *node, struct tcpx_view *view);

int tcpx_half_open_init(void);
void tcpx_half_open_exit(void);

#endif /* _TCPX_PATH_HALF_OPEN_H */
