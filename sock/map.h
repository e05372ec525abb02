/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_ZEROCOPY_RECEIVE, and mmap() of a socket. */
#ifndef _TCPX_SOCK_MAP_H
#define _TCPX_SOCK_MAP_H

struct file;
struct sock;
struct socket;
struct vm_area_struct;

int tcpx_mmap(struct file *file, struct socket *sock, struct vm_area_struct *vma);
int tcpx_zerocopy_receive(struct sock *sk, char __user *optval, int __user *optlen, int len);

#endif /* _TCPX_SOCK_MAP_H */
