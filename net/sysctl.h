/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/sys/net/tcpx. */
#ifndef _TCPX_NET_SYSCTL_H
#define _TCPX_NET_SYSCTL_H

struct net;
struct tcpx_net;

int tcpx_sysctl_add_net(struct net *net, struct tcpx_net *tn);
void tcpx_sysctl_del_net(struct tcpx_net *tn);
int tcpx_sysctl_init(void);
void tcpx_sysctl_exit(void);

#endif /* _TCPX_NET_SYSCTL_H */
