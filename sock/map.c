// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_ZEROCOPY_RECEIVE: what has arrived is mapped into the user's memory.
 *
 * mmap() of a socket reserves addresses.  A call puts payload there, as far as that fills
 * whole pages of an skb, in place of what an earlier call has put there; it is read-only,
 * and has been read then.  The rest is for recv(), or for a buffer that the call brings.
 */
#include <linux/compat.h>
#include <linux/mm.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "../path/rcvbuf.h"
#include "../path/skb.h"
#include "../path/sock.h"
#include "../tcpx_compat.h"
#include "map.h"
#include "recv.h"

/* struct tcp_zerocopy_receive.msg_flags that a caller may have left there: "a time stamp" */
#define TCPX_ZC_STAMP	2

static const struct vm_operations_struct tcpx_vm_ops = {
};

/**
 * tcpx_mmap() - struct proto_ops.mmap: addresses for TCP_ZEROCOPY_RECEIVE
 * @file: the socket's
 * @sock: the socket
 * @vma: the addresses; nothing is there yet
 *
 * Context: process, the memory map is locked.  Return: 0, or -EPERM: payload is read-only.
 */
int tcpx_mmap(struct file *file, struct socket *sock, struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	tcpx_vma_take_pages(vma);
	vma->vm_ops = &tcpx_vm_ops;
	return 0;
}

/* Where a call puts pages */
struct tcpx_mapper {
	struct vm_area_struct *vma;
	unsigned long at;
	u32	left;		/* bytes, whole pages */
	bool	zapped;		/* nothing of earlier calls is there any more */
	struct tcpx_rx_stamp stamp;
};

/* The page that a fragment is, all of it, and that nobody else can see; or NULL */
static struct page *tcpx_whole_page(const skb_frag_t *frag)
{
	struct page *page;

	if (skb_frag_size(frag) != PAGE_SIZE || skb_frag_off(frag))
		return NULL;
	page = skb_frag_page(frag);
	return page && !PageCompound(page) && !page->mapping ? page : NULL;
}

/* Bytes of payload from @offset to the first page that can be mapped, or to the end; @nr: which */
static u32 tcpx_to_page(const struct sk_buff *skb, u32 offset, int *nr)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	u32 at = skb_headlen(skb), end = tcpx_data_len(skb);
	int i;

	for (i = 0; i < shinfo->nr_frags; i++) {
		if (at >= offset && at + PAGE_SIZE <= end && tcpx_whole_page(&shinfo->frags[i])) {
			*nr = i;
			return at - offset;
		}
		at += skb_frag_size(&shinfo->frags[i]);
	}
	return end - offset;
}

/* The pages at @offset of the payload, @most bytes at most; how many they are */
static unsigned int tcpx_pages_at(const struct sk_buff *skb, u32 offset, u32 most,
				  struct page **pages)
{
	u32 end = min(tcpx_data_len(skb), offset + most);
	unsigned int n = 0;
	int i;

	if (tcpx_to_page(skb, offset, &i))
		return 0;
	for (; i < skb_shinfo(skb)->nr_frags && offset + PAGE_SIZE <= end; offset += PAGE_SIZE) {
		pages[n] = tcpx_whole_page(&skb_shinfo(skb)->frags[i++]);
		if (!pages[n])
			break;
		n++;
	}
	return n;
}

/* Insert @n pages; how many could be, and *@err says why that is not all */
static unsigned int tcpx_insert(struct tcpx_mapper *m, struct page **pages, unsigned int n,
				int *err)
{
	unsigned long left = n;

	*err = vm_insert_pages(m->vma, m->at, pages, &left);
	m->at += (n - left) * PAGE_SIZE;
	m->left -= (n - left) * PAGE_SIZE;
	return n - left;
}

/* The same, where the user was wrong to say that nothing is there */
static unsigned int tcpx_insert_zapped(struct tcpx_mapper *m, struct page **pages, unsigned int n,
				       int *err)
{
	unsigned int done = tcpx_insert(m, pages, n, err);

	if (*err != -EBUSY || m->zapped)
		return done;
	tcpx_zap(m->vma, m->at, m->left);
	m->zapped = true;
	return done + tcpx_insert(m, pages + done, n - done, err);
}

/* Map payload, until there is none that can be; bytes, or -errno if that is none at all */
static int tcpx_map_payload(struct sock *sk, struct tcpx_mapper *m)
{
	struct page *pages[MAX_SKB_FRAGS];
	int mapped = 0, err = 0;
	struct sk_buff *skb;
	unsigned int n;
	u32 offset;

	while (m->left && !err) {
		skb = tcpx_find_data(sk, tcpx_sk(sk)->tcb.copied_seq, &offset);
		n = skb ? tcpx_pages_at(skb, offset, m->left, pages) : 0;
		if (!n)
			break;
		tcpx_note_stamp(skb, &m->stamp);
		n = tcpx_insert_zapped(m, pages, n, &err);
		mapped += n * PAGE_SIZE;
		tcpx_took(sk, n * PAGE_SIZE);
	}
	return mapped ?: err;
}

/* Find where to, and map @avail bytes at most; bytes, or -errno */
static int tcpx_map(struct sock *sk, struct tcp_zerocopy_receive *zc, u32 avail,
		    struct tcpx_mapper *m)
{
	struct mm_struct *mm = current->mm;
	int mapped = -EINVAL;

	m->at = zc->address;
	mmap_read_lock(mm);
	m->vma = vma_lookup(mm, m->at);
	if (m->vma && m->vma->vm_ops == &tcpx_vm_ops) {
		avail = min_t(unsigned long, avail, m->vma->vm_end - m->at);
		m->left = round_down(avail, PAGE_SIZE);
		/* Less than a page can't be mapped, and is all that was asked for */
		zc->recv_skip_hint = avail;
		m->zapped = !(zc->flags & TCP_RECEIVE_ZEROCOPY_FLAG_TLB_CLEAN_HINT);
		if (m->zapped && m->left)
			tcpx_zap(m->vma, m->at, m->left);
		mapped = tcpx_map_payload(sk, m);
	}
	mmap_read_unlock(mm);
	return mapped;
}

/* What recv() has to read before it is worth while to map again */
static u32 tcpx_skip_hint(struct sock *sk)
{
	u32 offset, hint;
	struct sk_buff *skb;
	int nr;

	skb = tcpx_find_data(sk, tcpx_sk(sk)->tcb.copied_seq, &offset);
	hint = skb ? tcpx_to_page(skb, offset, &nr) : 0;
	return min_t(u32, hint, tcpx_inq(sk));
}

/* Copy @len bytes to the buffer that the call has brought; bytes, or -errno */
static int tcpx_copy_rest(struct sock *sk, const struct tcp_zerocopy_receive *zc, u32 len,
			  struct tcpx_rx_stamp *stamp)
{
	unsigned long to = zc->copybuf_address;

	if (to != zc->copybuf_address)
		return -EINVAL;
	return tcpx_read_to(sk, (void __user *)to, len, stamp);
}

/* All of it fits into the buffer: it is copied, which costs less than to map it */
static int tcpx_receive_copied(struct sock *sk, struct tcp_zerocopy_receive *zc, u32 inq,
			       struct tcpx_rx_stamp *stamp)
{
	int n;

	zc->length = 0;
	zc->recv_skip_hint = 0;
	n = tcpx_copy_rest(sk, zc, inq, stamp);
	if (n < 0)
		return n;
	zc->copybuf_len = n;
	if (n)
		zc->recv_skip_hint = tcpx_skip_hint(sk);
	return 0;
}

/* Map what can be, and copy what lies before the next page, if the buffer takes it */
static int tcpx_receive_mapped(struct sock *sk, struct tcp_zerocopy_receive *zc, u32 inq,
			       u32 room, struct tcpx_mapper *m)
{
	int mapped = tcpx_map(sk, zc, min(zc->length, inq), m);
	int copied = 0;
	u32 rest;

	if (mapped < 0)
		return mapped;
	if (mapped || m->left)
		zc->recv_skip_hint = tcpx_skip_hint(sk);
	zc->length = mapped;
	rest = min(room, zc->recv_skip_hint);
	if (rest) {
		copied = tcpx_copy_rest(sk, zc, rest, &m->stamp);
		zc->copybuf_len = copied;
		zc->recv_skip_hint -= max(copied, 0);
	}
	/* All that was asked for: the next call may well map again */
	if (mapped && !m->left)
		zc->recv_skip_hint = 0;
	tcpx_read_done(sk);
	return 0;
}

static int tcpx_receive(struct sock *sk, struct tcp_zerocopy_receive *zc,
			struct tcpx_rx_stamp *stamp)
{
	struct tcpx_mapper m = { };
	s32 room = zc->copybuf_len;
	int inq = tcpx_inq(sk), err;

	zc->copybuf_len = 0;
	zc->msg_flags = 0;
	if (!PAGE_ALIGNED(zc->address) || (unsigned long)zc->address != zc->address)
		return -EINVAL;
	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	sock_rps_record_flow(sk);
	if (inq && inq <= room)
		return tcpx_receive_copied(sk, zc, inq, stamp);
	if (inq < PAGE_SIZE) {
		zc->length = 0;
		zc->recv_skip_hint = inq;
		return !inq && sock_flag(sk, SOCK_DONE) ? -EIO : 0;
	}
	err = tcpx_receive_mapped(sk, zc, inq, max(room, 0), &m);
	*stamp = m.stamp;
	return err;
}

/* SO_TIMESTAMP, SO_TIMESTAMPING: to a buffer for control messages that the call has brought */
static void tcpx_receive_stamps(struct sock *sk, struct tcp_zerocopy_receive *zc,
				const struct tcpx_rx_stamp *stamp)
{
	unsigned long to = zc->msg_control;
	struct msghdr msg = {
		.msg_control_user = (void __user *)to, .msg_control_is_user = true,
		.msg_controllen = zc->msg_controllen,
		.msg_flags = in_compat_syscall() ? MSG_CMSG_COMPAT : 0,
	};

	if ((!stamp->sw && !stamp->hw.hwtstamp) || to != zc->msg_control ||
	    msg.msg_controllen != zc->msg_controllen)
		return;
	tcpx_put_stamps(&msg, sk, stamp);
	zc->msg_control = (unsigned long)msg.msg_control_user;
	zc->msg_controllen = msg.msg_controllen;
	zc->msg_flags = msg.msg_flags;
}

/* The caller may be older, or newer, than this kernel: it has @len bytes of struct @zc */
static int tcpx_take_request(struct tcp_zerocopy_receive *zc, char __user *optval,
			     int __user *optlen, int *len)
{
	int size = sizeof(*zc), err;

	if (*len < (int)offsetofend(struct tcp_zerocopy_receive, length))
		return -EINVAL;
	if (*len > size) {
		err = check_zeroed_user(optval + size, *len - size);
		if (err < 1)
			return err ?: -EINVAL;
		*len = size;
		if (put_user(size, optlen))
			return -EFAULT;
	}
	if (copy_from_user(zc, optval, *len))
		return -EFAULT;
	return zc->reserved || zc->msg_flags & ~TCPX_ZC_STAMP ? -EINVAL : 0;
}

/**
 * tcpx_zerocopy_receive() - TCP_ZEROCOPY_RECEIVE
 * @sk: not locked
 * @optval: struct tcp_zerocopy_receive
 * @optlen: takes what of it was filled in
 * @len: its bytes
 *
 * Context: process, may sleep.
 * Return: 0; -EIO at the end of the stream; -ENOTCONN; -EFAULT; or -EINVAL, also if the
 * address is not one of tcpx_mmap().
 */
int tcpx_zerocopy_receive(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	struct tcp_zerocopy_receive zc = { };
	struct tcpx_rx_stamp stamp = { };
	int err = tcpx_take_request(&zc, optval, optlen, &len);

	if (err)
		return err;
	lock_sock(sk);
	err = tcpx_receive(sk, &zc, &stamp);
	release_sock(sk);
	if (len >= offsetofend(struct tcp_zerocopy_receive, msg_flags))
		tcpx_receive_stamps(sk, &zc, &stamp);
	if (err)
		return err;
	if (len >= offsetofend(struct tcp_zerocopy_receive, err))
		zc.err = sock_error(sk);
	zc.inq = tcpx_inq_hint(sk);
	return copy_to_user(optval, &zc, len) ? -EFAULT : 0;
}
