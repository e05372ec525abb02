/* SPDX-License-Identifier: GPL-2.0 */
/* A network namespace is created and removed. */
#ifndef _TCPX_NET_NAMESPACE_H
#define _TCPX_NET_NAMESPACE_H

int tcpx_net_init(void);
void tcpx_net_exit(void);

#endif /* _TCPX_NET_NAMESPACE_H */
