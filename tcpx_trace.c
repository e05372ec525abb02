// SPDX-License-Identifier: GPL-2.0
/* The bodies of the tracepoints of tcpx_trace.h. */
#include <net/net_namespace.h>

#include "tcpx_fsm.h"
#include "tcpx_table.h"

#define CREATE_TRACE_POINTS
#include "tcpx_trace.h"
