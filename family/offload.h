/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting what is several segments: GSO under a protocol number of our own. */
#ifndef _TCPX_FAMILY_OFFLOAD_H
#define _TCPX_FAMILY_OFFLOAD_H

int tcpx_offload_init(void);
void tcpx_offload_exit(void);

#endif /* _TCPX_FAMILY_OFFLOAD_H */
