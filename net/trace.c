// SPDX-License-Identifier: GPL-2.0
/* The bodies of the tracepoints of net/trace.h. */
#include <net/net_namespace.h>

#include "../tcpx_fsm.h"
#include "tuple.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
