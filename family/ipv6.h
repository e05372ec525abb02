/* SPDX-License-Identifier: GPL-2.0 */
/* IPv6. */
#ifndef _TCPX_FAMILY_IPV6_H
#define _TCPX_FAMILY_IPV6_H

#include <linux/kconfig.h>

#if IS_ENABLED(CONFIG_IPV6)

int tcpx_v6_init(void);
void tcpx_v6_exit(void);

#else

static inline int tcpx_v6_init(void)
{
	return 0;
}

static inline void tcpx_v6_exit(void)
{
}

#endif

#endif /* _TCPX_FAMILY_IPV6_H */
