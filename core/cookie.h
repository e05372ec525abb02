/* SPDX-License-Identifier: GPL-2.0 */
/* SYN cookies: a half-open connection that only its peer remembers (RFC 4987, 3.6). */
#ifndef _TCPX_CORE_COOKIE_H
#define _TCPX_CORE_COOKIE_H

#include <linux/types.h>

#include "../tcpx_fsm.h"

#define TCPX_COOKIE_TICK_NS	(32 * TCPX_NSEC_PER_SEC)
#define TCPX_COOKIE_TICKS	4	/* a cookie is good for 96 to 128 s */
#define TCPX_COOKIE_LIFE_NS	(TCPX_COOKIE_TICKS * TCPX_COOKIE_TICK_NS)

void tcpx_cookie_trim(struct tcpx_seg *syn, bool ts, u16 default_mss);
u32 tcpx_cookie_iss(u32 irs, u32 base, u32 mac, u32 tick, u16 mss);
int tcpx_cookie_age(u32 iss, u32 irs, u32 base, u32 tick);
u16 tcpx_cookie_mss(u32 iss, u32 irs, u32 base, u32 mac);
u32 tcpx_cookie_tsval(u32 clock, const struct tcpx_seg *syn);
bool tcpx_cookie_opts(u32 tsecr, u32 clock, struct tcpx_seg *syn);

#endif /* _TCPX_CORE_COOKIE_H */
