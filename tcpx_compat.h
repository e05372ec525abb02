/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that names a kernel version.  Code is written for the newest kernel;
 * what is missing in an older one stands here under the newer one's name, unless the two
 * take different arguments.
 *
 * Supported: 6.1 6.12 7.3
 *
 * The Makefile and scripts/builds read that line.
 */
#ifndef _TCPX_COMPAT_H
#define _TCPX_COMPAT_H

#include <linux/errqueue.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/net_tstamp.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#if KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
#include <net/gso.h>
#endif
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
#include <net/rps.h>
#endif
#if KERNEL_VERSION(6, 10, 0) <= LINUX_VERSION_CODE
#include <linux/skbuff_ref.h>
#include <net/proto_memory.h>
#endif
#if KERNEL_VERSION(6, 15, 0) <= LINUX_VERSION_CODE
#include <net/tcp.h>
#endif

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "tcpx needs Linux 6.1 or later"
#endif

/* What a handler of sysctls is given */
#if KERNEL_VERSION(6, 11, 0) <= LINUX_VERSION_CODE
#define TCPX_CTL_TABLE const struct ctl_table
#else
#define TCPX_CTL_TABLE struct ctl_table
#endif

/* Before 6.6 the last entry of a table of sysctls tells how many there are */
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
#define register_net_sysctl_sz(net, path, table, size) register_net_sysctl(net, path, table)
#endif

/* Since 6.5 IPv6 has to be told where its part of a socket is; before, it is at the end */
#if KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
#define TCPX_SET_PINFO(prot, offset) ((prot)->ipv6_pinfo_offset = (offset))
#else
#define TCPX_SET_PINFO(prot, offset) do { } while (0)
#endif

/* A handler of sock_diag names its module since 6.9, which keeps it while it runs */
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
#define TCPX_DIAG_OWNER	.owner = THIS_MODULE,
#else
#define TCPX_DIAG_OWNER
#endif

/* Whether the filter of a dump takes a socket; since 6.18 it is given with what it asks for */
#if KERNEL_VERSION(6, 18, 0) <= LINUX_VERSION_CODE
#define TCPX_DIAG_FILTER(data, sk) inet_diag_bc_sk(data, sk)
#else
#define TCPX_DIAG_FILTER(data, sk) inet_diag_bc_sk((data)->inet_diag_nla_bc, sk)
#endif

/*
 * splice() and sendfile(): since 6.5 sendmsg() is told that pages are to be referred to, not
 * copied, and MSG_MORE that another one follows.  Before, sendpage() is handed one at a time;
 * the flag is ours then, and not to be taken from users, who could give it.
 */
#if KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
#define MSG_SENDPAGE_NOTLAST 0
#define TCPX_MSG_NOT_USERS 0
#define TCPX_SENDPAGE(how)
#else
#define MSG_SPLICE_PAGES 0x8000000
#define TCPX_MSG_NOT_USERS MSG_SPLICE_PAGES
#define TCPX_SENDPAGE(how) .sendpage = how,
#define TCPX_HAS_SENDPAGE
#endif

/* Addresses of connect() are not of the size that struct sockaddr has; 6.19 says so */
#if KERNEL_VERSION(6, 19, 0) > LINUX_VERSION_CODE
#define sockaddr_unsized sockaddr
#endif

/* BPF programs of connect(), which since 6.7 can change an address's length, but not IP's */
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
#define TCPX_BPF_INET4_CONNECT(sk, addr, len) BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr, &(len))
#define TCPX_BPF_INET6_CONNECT(sk, addr, len) BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr, &(len))
#else
#define TCPX_BPF_INET4_CONNECT(sk, addr, len) BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr)
#define TCPX_BPF_INET6_CONNECT(sk, addr, len) BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr)
#endif

/* Whose a socket is */
#if KERNEL_VERSION(6, 17, 0) > LINUX_VERSION_CODE
#define sk_uid(sk) sock_i_uid(sk)
#endif

/* Why an skb is dropped, where an older kernel has no name of its own for it */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#define SKB_DROP_REASON_TCP_MINTTL SKB_DROP_REASON_NOT_SPECIFIED
#endif
#if KERNEL_VERSION(7, 0, 0) > LINUX_VERSION_CODE
#define SKB_DROP_REASON_TCP_LISTEN_OVERFLOW SKB_DROP_REASON_SOCKET_BACKLOG
#endif

#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* Memory charged to a socket and not in use */
static inline int tcpx_forward_alloc(const struct sock *sk)
{
#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
	return READ_ONCE(sk->sk_forward_alloc);
#else
	return sk_forward_alloc_get(sk);
#endif
}

/* --- flags that options set: bits of one word since 6.6 (IPv4) and 6.8 (IPv6) --- */

#if KERNEL_VERSION(6, 6, 0) <= LINUX_VERSION_CODE
/* IP_RECVERR */
static inline bool tcpx_inet_recverr(const struct sock *sk)
{
	return inet_test_bit(RECVERR, sk);
}

/* TCP_FASTOPEN_CONNECT: connect() has left the SYN to the first write */
static inline bool tcpx_defer_connect(const struct sock *sk)
{
	return inet_test_bit(DEFER_CONNECT, sk);
}

static inline void tcpx_set_defer_connect(struct sock *sk, bool on)
{
	inet_assign_bit(DEFER_CONNECT, sk, on);
}
#else
static inline bool tcpx_inet_recverr(const struct sock *sk)
{
	return inet_sk(sk)->recverr;
}

static inline bool tcpx_defer_connect(const struct sock *sk)
{
	return inet_sk(sk)->defer_connect;
}

static inline void tcpx_set_defer_connect(struct sock *sk, bool on)
{
	inet_sk(sk)->defer_connect = on;
}
#endif

#if IS_ENABLED(CONFIG_IPV6)
/* Since 6.10, and in 6.1's updates since some time in 2026 */
#ifndef dst_rt6_info
#define dst_rt6_info(ptr) container_of(ptr, struct rt6_info, dst)
#endif

#if KERNEL_VERSION(6, 8, 0) <= LINUX_VERSION_CODE
/* IPV6_RECVERR */
static inline bool tcpx_inet6_recverr(const struct sock *sk)
{
	return inet6_test_bit(RECVERR6, sk);
}

/* IPV6_FLOWINFO_SEND */
static inline bool tcpx_sndflow(const struct sock *sk)
{
	return inet6_test_bit(SNDFLOW, sk);
}

/* IPV6_FL_F_REFLECT */
static inline bool tcpx_repflow(const struct sock *sk)
{
	return inet6_test_bit(REPFLOW, sk);
}

static inline void tcpx_set_repflow(struct sock *sk, bool on)
{
	inet6_assign_bit(REPFLOW, sk, on);
}
#else
static inline bool tcpx_inet6_recverr(const struct sock *sk)
{
	return inet6_sk(sk)->recverr;
}

static inline bool tcpx_sndflow(const struct sock *sk)
{
	return inet6_sk(sk)->sndflow;
}

static inline bool tcpx_repflow(const struct sock *sk)
{
	return inet6_sk(sk)->repflow;
}

static inline void tcpx_set_repflow(struct sock *sk, bool on)
{
	inet6_sk(sk)->repflow = on;
}
#endif

/*
 * An IPv6 socket becomes one of IPv4: what it has of IPv6 is freed.  7.x exports nothing
 * that does so before the socket ends, and nothing at all that gives flow labels back.
 */
#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
static inline void tcpx_inet6_cleanup(struct sock *sk)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct ipv6_txoptions *opt;

	kfree_skb(xchg(&np->pktoptions, NULL));
	kfree_skb(xchg(&np->rxpmtu, NULL));
	opt = unrcu_pointer(xchg(&np->opt, NULL));
	if (!opt)
		return;
	atomic_sub(opt->tot_len, &sk->sk_omem_alloc);
	txopt_put(opt);
}

static inline bool tcpx_flow_labels_stay(const struct sock *sk)
{
	return rcu_access_pointer(inet_sk(sk)->ipv6_fl_list);
}

/* A copy of a socket has none of the flow labels that the socket leased */
static inline void tcpx_no_flow_labels(struct sock *sk)
{
	RCU_INIT_POINTER(inet_sk(sk)->ipv6_fl_list, NULL);
}
#else
static inline void tcpx_inet6_cleanup(struct sock *sk)
{
	inet6_cleanup_sock(sk);
}

static inline bool tcpx_flow_labels_stay(const struct sock *sk)
{
	return false;
}

static inline void tcpx_no_flow_labels(struct sock *sk)
{
	RCU_INIT_POINTER(inet6_sk(sk)->ipv6_fl_list, NULL);
}
#endif
#endif /* CONFIG_IPV6 */

/* --- time stamps --- */

/* What SCM_TIMESTAMPING takes */
#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
#define TCPX_SCM_STAMP(time) (time)
#else
#define TCPX_SCM_STAMP(time) ktime_to_timespec64(time)
#endif

/* SO_TIMESTAMPING: which stamps a segment is to get, of those that a call asks for */
static inline void tcpx_tx_stamps(struct sock *sk, u32 tsflags, u8 *tx_flags)
{
#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
	struct sockcm_cookie cookie = { .tsflags = tsflags };

	sock_tx_timestamp(sk, &cookie, tx_flags);
#else
	sock_tx_timestamp(sk, tsflags, tx_flags);
#endif
}

/* --- the user's pages as payload --- */

/*
 * What will tell the user that @size bytes are sent; @last: that of the last skb, or NULL.
 * Since 6.16 the pages may be a device's.
 */
static inline struct ubuf_info *tcpx_zerocopy_notice(struct sock *sk, size_t size,
						     struct ubuf_info *last)
{
#if KERNEL_VERSION(6, 16, 0) <= LINUX_VERSION_CODE
	return msg_zerocopy_realloc(sk, size, last, false);
#else
	return msg_zerocopy_realloc(sk, size, last);
#endif
}

/* Add pages of @msg to @skb: @len bytes at most */
static inline int tcpx_zerocopy_append(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
				       int len, struct ubuf_info *uarg)
{
#if KERNEL_VERSION(6, 16, 0) <= LINUX_VERSION_CODE
	return skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, NULL);
#else
	return skb_zerocopy_iter_stream(sk, skb, msg, len, uarg);
#endif
}

/*
 * Refer to pages of @msg in @skb: @len bytes at most.  Before 6.5 there is one; bytes, or
 * -EMSGSIZE: no fragment is free.
 */
static inline ssize_t tcpx_splice_append(struct sk_buff *skb, struct msghdr *msg, int len,
					 gfp_t gfp)
{
#if KERNEL_VERSION(6, 17, 0) <= LINUX_VERSION_CODE
	return skb_splice_from_iter(skb, &msg->msg_iter, len);
#elif KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
	return skb_splice_from_iter(skb, &msg->msg_iter, len, gfp);
#else
	const struct bio_vec *bv = msg->msg_iter.bvec;
	int offset = bv->bv_offset + msg->msg_iter.iov_offset;
	int nr = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, nr, bv->bv_page, offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[nr - 1], len);
	} else if (nr < MAX_SKB_FRAGS) {
		get_page(bv->bv_page);
		skb_fill_page_desc(skb, nr, bv->bv_page, offset, len);
	} else {
		return -EMSGSIZE;
	}
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	iov_iter_advance(&msg->msg_iter, len);
	return len;
#endif
}

/*
 * Tell the user that @skb, whose cb nobody needs any more, is acknowledged.  Since 6.15 the
 * kernel looks into TCP's cb for whether the user had asked.
 */
static inline void tcpx_stamp_acked(struct sock *sk, struct sk_buff *skb)
{
#if KERNEL_VERSION(6, 15, 0) <= LINUX_VERSION_CODE
	TCP_SKB_CB(skb)->txstamp_ack = TSTAMP_ACK_SK;
#endif
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
}

/* --- payload in the user's memory --- */

/* Pages can be inserted there; they stay read-only */
static inline void tcpx_vma_take_pages(struct vm_area_struct *vma)
{
#if KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
	vm_flags_mod(vma, VM_MIXEDMAP, VM_MAYWRITE | VM_MAYEXEC);
#else
	vma->vm_flags = (vma->vm_flags & ~(VM_MAYWRITE | VM_MAYEXEC)) | VM_MIXEDMAP;
#endif
}

/* Take out the pages that are there */
static inline void tcpx_zap(struct vm_area_struct *vma, unsigned long at, unsigned long size)
{
#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
	zap_vma_range(vma, at, size);
#elif KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
	zap_page_range_single(vma, at, size, NULL);
#else
	zap_page_range(vma, at, size);
#endif
}

/*
 * Since 6.7 options of SOL_SOCKET can be taken from the kernel, for a socket that says so:
 * one that is made, or that accept() gives.
 */
static inline void tcpx_take_sol_socket(struct socket *sock)
{
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

#if KERNEL_VERSION(6, 10, 0) <= LINUX_VERSION_CODE
static inline int tcpx_stream_accept(struct socket *sock, struct socket *newsock,
				     struct proto_accept_arg *arg)
{
	int err = inet_accept(sock, newsock, arg);

	if (!err)
		tcpx_take_sol_socket(newsock);
	return err;
}
#else
static inline int tcpx_stream_accept(struct socket *sock, struct socket *newsock, int flags,
				     bool kern)
{
	int err = inet_accept(sock, newsock, flags, kern);

	if (!err)
		tcpx_take_sol_socket(newsock);
	return err;
}
#endif

/* --- functions of struct proto: what they are given --- */

#if KERNEL_VERSION(6, 10, 0) <= LINUX_VERSION_CODE
#define TCPX_ACCEPT_PARAMS struct sock *sk, struct proto_accept_arg *arg
#define TCPX_ACCEPT_FLAGS (arg->flags)
#define TCPX_ACCEPT_ERR (&arg->err)
#else
#define TCPX_ACCEPT_PARAMS struct sock *sk, int flags, int *err, bool kern
#define TCPX_ACCEPT_FLAGS flags
#define TCPX_ACCEPT_ERR err
#endif

/* Since 6.5 the result of an ioctl is the caller's to copy */
#if KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
#define TCPX_IOCTL_ARG int *
static inline int tcpx_ioctl_put(int result, int *arg)
{
	*arg = result;
	return 0;
}
#else
#define TCPX_IOCTL_ARG unsigned long
static inline int tcpx_ioctl_put(int result, unsigned long arg)
{
	return put_user(result, (int __user *)arg);
}
#endif

/* The length of the address that came with an error stands in msg_name's since 7.x */
#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
#define TCPX_RECVMSG_PARAMS struct sock *sk, struct msghdr *msg, size_t len, int flags
#define TCPX_RECV_ERROR() inet_recv_error(sk, msg, len)
#else
#define TCPX_RECVMSG_PARAMS \
	struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len
#define TCPX_RECV_ERROR() inet_recv_error(sk, msg, len, addr_len)
#endif

#endif /* _TCPX_COMPAT_H */
