/* SPDX-License-Identifier: GPL-2.0 */
/* The only place that names a kernel version. */
#ifndef _TCPX_COMPAT_H
#define _TCPX_COMPAT_H

#include <linux/socket.h>
#include <linux/version.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "tcpx needs Linux 6.1 or later"
#endif

/* What a handler of sysctls is given */
#if KERNEL_VERSION(6, 11, 0) <= LINUX_VERSION_CODE
#define TCPX_CTL_TABLE const struct ctl_table
#else
#define TCPX_CTL_TABLE struct ctl_table
#endif

/* Since 6.5 IPv6 has to be told where its part of a socket is; before, it is at the end */
#if KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
#define TCPX_SET_PINFO(prot, offset) ((prot)->ipv6_pinfo_offset = (offset))
#else
#define TCPX_SET_PINFO(prot, offset) do { } while (0)
#endif

/* A handler of sock_diag names its module since 6.9, which keeps it while it runs */
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
#define TCPX_DIAG_OWNER	.owner = THIS_MODULE,
#else
#define TCPX_DIAG_OWNER
#endif

/* Whether the filter of a dump takes a socket; since 6.18 it is given with what it asks for */
#if KERNEL_VERSION(6, 18, 0) <= LINUX_VERSION_CODE
#define TCPX_DIAG_FILTER(data, sk) inet_diag_bc_sk(data, sk)
#else
#define TCPX_DIAG_FILTER(data, sk) inet_diag_bc_sk((data)->inet_diag_nla_bc, sk)
#endif

/* Of splice() and sendfile(): another page follows; since 6.5 they say MSG_MORE */
#ifndef MSG_SENDPAGE_NOTLAST
#define MSG_SENDPAGE_NOTLAST 0
#endif

#endif /* _TCPX_COMPAT_H */
