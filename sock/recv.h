/* SPDX-License-Identifier: GPL-2.0 */
/* RECEIVE and STATUS: RFC 9293, 3.9.1.3 and 3.9.1.5. */
#ifndef _TCPX_SOCK_RECV_H
#define _TCPX_SOCK_RECV_H

#include <linux/poll.h>
#include <net/sock.h>

#include "../tcpx_compat.h"

struct pipe_inode_info;

/**
 * struct tcpx_rx_stamp - when an skb came
 * @sw: by the host's clock; 0: not known
 * @hw: by the device's
 */
struct tcpx_rx_stamp {
	ktime_t sw;
	struct skb_shared_hwtstamps hw;
};

int tcpx_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
ssize_t tcpx_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags);
__poll_t tcpx_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int tcpx_ioctl(struct sock *sk, int cmd, TCPX_IOCTL_ARG arg);
int tcpx_inq(struct sock *sk);
int tcpx_inq_hint(struct sock *sk);
struct sk_buff *tcpx_find_data(struct sock *sk, u32 seq, u32 *offset);
void tcpx_took(struct sock *sk, u32 len);
void tcpx_note_stamp(const struct sk_buff *skb, struct tcpx_rx_stamp *stamp);
void tcpx_put_stamps(struct msghdr *msg, struct sock *sk, const struct tcpx_rx_stamp *stamp);
int tcpx_read_to(struct sock *sk, void __user *buf, u32 len, struct tcpx_rx_stamp *stamp);

#endif /* _TCPX_SOCK_RECV_H */
