/* SPDX-License-Identifier: GPL-2.0 */
/* Protocol 6: the way in for segments that travel as TCP. */
#ifndef _TCPX_FAMILY_WIRE_H
#define _TCPX_FAMILY_WIRE_H

int tcpx_wire_init(void);
void tcpx_wire_exit(void);

#endif /* _TCPX_FAMILY_WIRE_H */
