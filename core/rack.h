/* SPDX-License-Identifier: GPL-2.0 */
/* Which segments are lost, by time: RACK-TLP, RFC 8985. */
#ifndef _TCPX_CORE_RACK_H
#define _TCPX_CORE_RACK_H

#include <linux/types.h>

struct tcpx_ack;
struct tcpx_actions;
struct tcpx_tcb;
struct tcpx_txseg;

/**
 * struct tcpx_rack - RFC 8985, 5.3
 * @sent_at: RACK.xmit_ts: of the delivered segments, when the last was sent
 * @order: in place of RACK.end_seq: its turn among those sent at that moment
 * @rtt: RACK.rtt, of the same, ns
 * @fack: RACK.fack, the highest number that was delivered
 * @dsack_round: until SND.UNA is there, no more D-SACK counts
 * @reo_wnd_mult: RACK.reo_wnd_mult
 * @reo_wnd_persist: RACK.reo_wnd_persist
 * @dsack_seen: @dsack_round is valid
 * @reordering: RACK.reordering_seen
 * @reordered: how often
 * @reach: by how much at most, bytes
 */
struct tcpx_rack {
	u64	sent_at;
	u64	rtt;
	u32	order;
	u32	fack;
	u32	dsack_round;
	u8	reo_wnd_mult;
	u8	reo_wnd_persist;
	bool	dsack_seen;
	bool	reordering;
	u32	reordered;
	u32	reach;
};

void tcpx_rack_init(struct tcpx_tcb *tcb);
bool tcpx_rack_overtook(const struct tcpx_tcb *tcb, const struct tcpx_txseg *seg);
void tcpx_rack_delivered(struct tcpx_tcb *tcb, const struct tcpx_txseg *seg,
			 const struct tcpx_ack *ack, u64 now);
u32 tcpx_rack_detect(struct tcpx_tcb *tcb, u64 now);
void tcpx_rack_timeout(struct tcpx_tcb *tcb, u64 now);
void tcpx_rack_dsack(struct tcpx_tcb *tcb, const struct tcpx_ack *ack);
void tcpx_rack_late(struct tcpx_tcb *tcb, u64 rtt);
void tcpx_rack_recovered(struct tcpx_tcb *tcb);
void tcpx_tlp_stop(struct tcpx_tcb *tcb);
void tcpx_tlp_arm(struct tcpx_tcb *tcb, u64 now);
void tcpx_tlp_timeout(struct tcpx_tcb *tcb, struct tcpx_actions *a);
bool tcpx_tlp_acked(struct tcpx_tcb *tcb, const struct tcpx_ack *ack);

#endif /* _TCPX_CORE_RACK_H */
