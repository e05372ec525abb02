/* SPDX-License-Identifier: GPL-2.0 */
/* The list of congestion control algorithms, and which of them need CAP_NET_ADMIN. */
#ifndef _TCPX_NET_CONG_LIST_H
#define _TCPX_NET_CONG_LIST_H

#include <linux/types.h>

#include "../tcpx_compat.h"

struct tcpx_cong_ops;
struct tcpx_net;

int tcpx_cong_register(const struct tcpx_cong_ops *ops);
void tcpx_cong_unregister(const struct tcpx_cong_ops *ops);
int tcpx_cong_get(const char *name, bool admin, const struct tcpx_cong_ops **ops);
const struct tcpx_cong_ops *tcpx_cong_get_by_key(u32 key);
const struct tcpx_cong_ops *tcpx_cong_hold(const struct tcpx_cong_ops *ops);
void tcpx_cong_autoload(const char *name);
void tcpx_cong_net_init(struct tcpx_net *tn);
void tcpx_cong_net_exit(struct tcpx_net *tn);
int tcpx_cong_sysctl_default(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos);
int tcpx_cong_sysctl_available(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			       loff_t *pos);
int tcpx_cong_sysctl_allowed(TCPX_CTL_TABLE *table, int write, void *buf, size_t *len,
			     loff_t *pos);
int tcpx_cong_list_init(void);
void tcpx_cong_list_exit(void);

#endif /* _TCPX_NET_CONG_LIST_H */
