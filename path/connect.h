/* SPDX-License-Identifier: GPL-2.0 */
/* connect(): a port, and a place in the table. */
#ifndef _TCPX_PATH_CONNECT_H
#define _TCPX_PATH_CONNECT_H

struct sock;

int tcpx_port_connect(struct sock *sk);

#endif /* _TCPX_PATH_CONNECT_H */
