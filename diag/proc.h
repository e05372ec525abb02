/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/tcpx and /proc/net/tcpx6. */
#ifndef _TCPX_DIAG_PROC_H
#define _TCPX_DIAG_PROC_H

int tcpx_proc_init(void);
void tcpx_proc_exit(void);

#endif /* _TCPX_DIAG_PROC_H */
