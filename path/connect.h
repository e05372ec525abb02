/* SPDX-License-Identifier: GPL-2.0 */
/* connect() claims a port, and enters the table of connections. */
#ifndef _TCPX_PATH_CONNECT_H
#define _TCPX_PATH_CONNECT_H

struct sock;

int tcpx_port_connect(struct sock *sk);

#endif /* _TCPX_PATH_CONNECT_H */
