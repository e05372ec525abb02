/* SPDX-License-Identifier: GPL-2.0 */
/* A connection goes on where another socket of it has ended: TCP_REPAIR. */
#ifndef _TCPX_CORE_REPAIR_H
#define _TCPX_CORE_REPAIR_H

#include "../tcpx_fsm.h"

/**
 * struct tcpx_repair_window - both windows, as struct tcp_repair_window has them
 * @snd_wl1: SND.WL1
 * @snd_wnd: SND.WND, bytes
 * @max_snd_wnd: the largest that the peer has ever offered, bytes
 * @rcv_wnd: RCV.WND, bytes, from @rcv_wup on
 * @rcv_wup: RCV.NXT when the last ACK was sent
 */
struct tcpx_repair_window {
	u32	snd_wl1;
	u32	snd_wnd;
	u32	max_snd_wnd;
	u32	rcv_wnd;
	u32	rcv_wup;
};

int tcpx_repair_open(struct tcpx_tcb *tcb, u32 snd_nxt, u32 rcv_nxt, u64 now,
		     struct tcpx_actions *a);
int tcpx_repair_option(struct tcpx_tcb *tcb, u32 kind, u32 val, u64 now);
void tcpx_repair_get_window(const struct tcpx_tcb *tcb, struct tcpx_repair_window *w);
int tcpx_repair_set_window(struct tcpx_tcb *tcb, const struct tcpx_repair_window *w);
void tcpx_repair_take_window(struct tcpx_tcb *tcb);
u32 tcpx_repair_slots(const struct tcpx_tcb *tcb, u32 len);
void tcpx_repair_sent(struct tcpx_tcb *tcb, u32 len, u64 now);
void tcpx_repair_received(struct tcpx_tcb *tcb, u32 len);
void tcpx_repair_abort(struct tcpx_tcb *tcb, u64 now, struct tcpx_actions *a);

#endif /* _TCPX_CORE_REPAIR_H */
