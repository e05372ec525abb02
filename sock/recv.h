/* SPDX-License-Identifier: GPL-2.0 */
/* RECEIVE and STATUS: RFC 9293, 3.9.1.3 and 3.9.1.5. */
#ifndef _TCPX_SOCK_RECV_H
#define _TCPX_SOCK_RECV_H

#include <linux/poll.h>
#include <net/sock.h>

#include "../tcpx_compat.h"

struct pipe_inode_info;

int tcpx_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
ssize_t tcpx_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags);
__poll_t tcpx_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int tcpx_ioctl(struct sock *sk, int cmd, TCPX_IOCTL_ARG arg);
int tcpx_inq(struct sock *sk);

#endif /* _TCPX_SOCK_RECV_H */
