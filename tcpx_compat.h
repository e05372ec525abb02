/* SPDX-License-Identifier: GPL-2.0 */
/* The only place that names a kernel version. */
#ifndef _TCPX_COMPAT_H
#define _TCPX_COMPAT_H

#include <linux/version.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "tcpx needs Linux 6.1 or later"
#endif

#endif /* _TCPX_COMPAT_H */
