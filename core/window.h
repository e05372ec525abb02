/* SPDX-License-Identifier: GPL-2.0 */
/* How much may be sent, how much may be received: RFC 9293, 3.8.6. */
#ifndef _TCPX_CORE_WINDOW_H
#define _TCPX_CORE_WINDOW_H

#include "tcb.h"

/**
 * struct tcpx_send - the next segment that may be sent, or several alike
 * @seq: its sequence number
 * @len: bytes of payload
 * @part: bytes of payload in each segment but the last; @len if it is one
 * @fin: with FIN
 * @psh: with PSH
 * @rexmt: it was sent before
 */
struct tcpx_send {
	u32	seq;
	u32	len;
	u32	part;
	bool	fin;
	bool	psh;
	bool	rexmt;
};

bool tcpx_wnd_first(const struct tcpx_tcb *tcb, struct tcpx_send *s);
bool tcpx_wnd_peer_limited(const struct tcpx_tcb *tcb);
bool tcpx_wnd_waits(struct tcpx_tcb *tcb);
bool tcpx_wnd_next(struct tcpx_tcb *tcb, u64 now, struct tcpx_send *s);
/**
 * tcpx_wnd_is_whole() - is what is promised a number of whole units? RFC 7323, 2.3
 * @tcb: the TCB
 */
static inline bool tcpx_wnd_is_whole(const struct tcpx_tcb *tcb)
{
	return !(tcb->rcv_wnd & ((1U << tcb->rcv_wscale) - 1));
}

u32 tcpx_wnd_select(struct tcpx_tcb *tcb, u32 space, u32 packed, u32 total);
void tcpx_wnd_offer(struct tcpx_tcb *tcb, u32 space, u32 mss);
u16 tcpx_wnd_field(const struct tcpx_tcb *tcb, bool syn);
u8 tcpx_wnd_scale(u32 space);
bool tcpx_wnd_update_due(const struct tcpx_tcb *tcb, u32 space, u32 total);
u16 tcpx_wnd_urgent(const struct tcpx_tcb *tcb, u32 seq);

#endif /* _TCPX_CORE_WINDOW_H */
