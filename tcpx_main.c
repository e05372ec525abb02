// SPDX-License-Identifier: GPL-2.0
/*
 * tcpx: TCP (RFC 9293) under an IP protocol number of its own.
 *
 * insmod and rmmod: all that has something to register is called here, in order, and
 * in reverse order at the end.
 */
#include <linux/module.h>

#include "diag/proc.h"
#include "diag/snmp.h"
#include "family/early.h"
#include "family/ipv4.h"
#include "family/ipv6.h"
#include "family/offload.h"
#include "family/wire.h"
#include "net/cong_list.h"
#include "net/namespace.h"
#include "net/net.h"
#include "path/half_open.h"
#include "path/isn.h"
#include "path/lease.h"
#include "path/port.h"
#include "path/timeout.h"
#include "path/timewait.h"
#include "sock/socket.h"
#include "uapi/tcpx.h"

static ushort ipproto = IPPROTO_TCPX;
module_param(ipproto, ushort, 0444);
MODULE_PARM_DESC(ipproto, "IP protocol number (default 253, RFC 3692)");

struct tcpx_room {
	int (*init)(void);
	void (*exit)(void);
};

/*
 * The last two let in socket(): all before them has to be ready, and nothing may fail
 * once there is a socket.
 */
static const struct tcpx_room tcpx_rooms[] = {
	{ tcpx_cong_list_init,	tcpx_cong_list_exit },
	{ tcpx_table_init,	tcpx_table_exit },
	{ tcpx_port_init,	tcpx_port_exit },
	{ tcpx_half_open_init,	tcpx_half_open_exit },
	{ tcpx_timeout_init,	tcpx_timeout_exit },
	{ tcpx_sock_init,	tcpx_sock_exit },
	{ tcpx_net_init,	tcpx_net_exit },
	{ tcpx_lease_init,	tcpx_lease_exit },
	{ tcpx_timewait_init,	tcpx_timewait_exit },
	{ tcpx_snmp_init,	tcpx_snmp_exit },
	{ tcpx_proc_init,	tcpx_proc_exit },
	{ tcpx_offload_init,	tcpx_offload_exit },
	{ tcpx_early_init,	tcpx_early_exit },
	{ tcpx_v4_init,		tcpx_v4_exit },
	{ tcpx_v6_init,		tcpx_v6_exit },
	{ tcpx_wire_init,	tcpx_wire_exit },
	{ tcpx_v6_open,		tcpx_v6_close },
	{ tcpx_v4_open,		tcpx_v4_close },
};

static void tcpx_leave(size_t rooms)
{
	while (rooms--)
		tcpx_rooms[rooms].exit();
}

static int __init tcpx_init(void)
{
	size_t i;
	int err;

	if (!ipproto || ipproto > 255) {
		pr_err("tcpx: %u is no IP protocol number\n", ipproto);
		return -EINVAL;
	}
	tcpx_ipproto = ipproto;
	tcpx_isn_init();
	for (i = 0; i < ARRAY_SIZE(tcpx_rooms); i++) {
		err = tcpx_rooms[i].init();
		if (err) {
			tcpx_leave(i);
			return err;
		}
	}
	return 0;
}

static void __exit tcpx_exit(void)
{
	tcpx_leave(ARRAY_SIZE(tcpx_rooms));
}

module_init(tcpx_init);
module_exit(tcpx_exit);

MODULE_DESCRIPTION("TCP (RFC 9293) under an IP protocol number of its own");
MODULE_AUTHOR("The tcpx authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, IPPROTO_TCPX, 1);
