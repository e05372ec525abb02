/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4. */
#ifndef _TCPX_FAMILY_IPV4_H
#define _TCPX_FAMILY_IPV4_H

int tcpx_v4_init(void);
void tcpx_v4_exit(void);

#endif /* _TCPX_FAMILY_IPV4_H */
