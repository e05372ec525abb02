/* SPDX-License-Identifier: GPL-2.0 */
/* Which congestion control algorithm a socket uses: inherited, of the route, chosen. */
#ifndef _TCPX_PATH_CONG_CHOICE_H
#define _TCPX_PATH_CONG_CHOICE_H

struct dst_entry;
struct sock;

void tcpx_cong_assign(struct sock *sk);
void tcpx_cong_inherit(struct sock *sk, const struct dst_entry *dst);
void tcpx_cong_route(struct sock *sk, const struct dst_entry *dst);
void tcpx_cong_put(struct sock *sk);
int tcpx_cong_set(struct sock *sk, const char *name);

#endif /* _TCPX_PATH_CONG_CHOICE_H */
