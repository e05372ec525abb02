/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a program needs beyond <netinet/tcp.h> to speak tcpx.
 *
 *	fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCPX);
 *
 * Every TCP_* option of <netinet/tcp.h> works at level SOL_TCP and at level
 * SOL_TCPX alike.  The options below are tcpx's own, at level SOL_TCPX.
 */
#ifndef _UAPI_TCPX_H
#define _UAPI_TCPX_H

#include <linux/types.h>

/* RFC 3692: 253 is for experiments; module parameter ipproto changes it */
#define IPPROTO_TCPX	253
#define SOL_TCPX	253

/*
 * __u32, CAP_NET_ADMIN: the initial sequence number of the next connection
 * that this socket opens, or that this listener accepts.  For tests that
 * reproduce a published trace; otherwise it is chosen as RFC 6528 says.
 * Reading gives the ISS of this connection; that needs CAP_NET_ADMIN, too.
 */
#define TCPX_ISN	0x1000

/*
 * int, boolean: send the User Timeout option of RFC 5482 and let the peer's
 * option adapt the time-out, unless TCP_USER_TIMEOUT has fixed it.
 */
#define TCPX_UTO	0x1001

/*
 * int, before connect() or listen(): the IP protocol number of this socket's segments,
 * IPPROTO_TCPX or 6.  With 6, which needs CAP_NET_ADMIN, they are real TCP; the
 * socket's port is one of TCP's then, and refused while the kernel's TCP has it.
 * net.tcpx.wire_protocol is what new sockets have.
 */
#define TCPX_WIRE_PROTOCOL	0x1002

/*
 * int, boolean: SO_ZEROCOPY, for kernels before 6.7, which take that one for the protocols
 * that they know, and no other.
 */
#define TCPX_ZEROCOPY	0x1003

#endif /* _UAPI_TCPX_H */
