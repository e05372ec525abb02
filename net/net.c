// SPDX-License-Identifier: GPL-2.0
/* tcpx's own part of a namespace. */
#include "net.h"

unsigned int tcpx_net_id __read_mostly;
/* The module parameter; set before the first socket */
__visible u8 tcpx_ipproto __read_mostly;
EXPORT_SYMBOL_GPL(tcpx_ipproto);
long tcpx_mem[3];	/* net.tcpx.mem, of all namespaces together: pages */
