/* SPDX-License-Identifier: GPL-2.0 */
/* One skb for several segments, under a protocol number of our own: GSO and GRO. */
#ifndef _TCPX_FAMILY_OFFLOAD_H
#define _TCPX_FAMILY_OFFLOAD_H

int tcpx_offload_init(void);
void tcpx_offload_exit(void);

#endif /* _TCPX_FAMILY_OFFLOAD_H */
