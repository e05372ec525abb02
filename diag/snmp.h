/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/tcpx_snmp. */
#ifndef _TCPX_DIAG_SNMP_H
#define _TCPX_DIAG_SNMP_H

int tcpx_snmp_init(void);
void tcpx_snmp_exit(void);

#endif /* _TCPX_DIAG_SNMP_H */
