// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_MD5SIG and TCP_MD5SIG_EXT: a user names peers and the key that it shares with them.
 * path/md5.c signs with it.
 */
#include <linux/netdevice.h>
#include <linux/tcp.h>

#include "../net/addr.h"
#include "../path/md5.h"
#include "../path/output.h"
#include "../path/sock.h"
#include "md5.h"

#define TCPX_MD5_V4_PREFIX	96	/* bits before an IPv4 address, where it is v4-mapped */

/* 0 or -EINVAL: the address is not of the socket's family */
static int tcpx_md5_addr(const struct sock *sk, const struct tcp_md5sig *cmd,
			 struct tcpx_md5_peers *peers)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&cmd->tcpm_addr;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&cmd->tcpm_addr;

	if (v4->sin_family != READ_ONCE(sk->sk_family))
		return -EINVAL;
	peers->addr = v4->sin_family == AF_INET ? tcpx_addr_v4(v4->sin_addr.s_addr) :
						  v6->sin6_addr;
	peers->family = ipv6_addr_v4mapped(&peers->addr) ? AF_INET : AF_INET6;
	return 0;
}

/* 0 or -EINVAL */
static int tcpx_md5_prefix(const struct tcp_md5sig *cmd, bool ext, struct tcpx_md5_peers *peers)
{
	unsigned int before = peers->family == AF_INET ? TCPX_MD5_V4_PREFIX : 0;

	peers->prefix = 128;
	if (!ext || !(cmd->tcpm_flags & TCP_MD5SIG_FLAG_PREFIX))
		return 0;
	if (cmd->tcpm_prefixlen > 128 - before)
		return -EINVAL;
	peers->prefix = before + cmd->tcpm_prefixlen;
	return 0;
}

/* 0 or -EINVAL: there is no l3mdev master of that number */
static int tcpx_md5_l3(const struct sock *sk, const struct tcp_md5sig *cmd, bool ext,
		       struct tcpx_md5_peers *peers)
{
	const struct net_device *dev;

	peers->by_l3 = cmd->tcpm_flags & TCP_MD5SIG_FLAG_IFINDEX;
	peers->l3 = 0;
	if (!ext || !peers->by_l3 || !cmd->tcpm_ifindex)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sk), cmd->tcpm_ifindex);
	if (dev && netif_is_l3_master(dev))
		peers->l3 = cmd->tcpm_ifindex;
	rcu_read_unlock();
	return peers->l3 ? 0 : -EINVAL;
}

/**
 * tcpx_set_md5() - TCP_MD5SIG, TCP_MD5SIG_EXT: some peers have a key, or none any more
 * @sk: not locked
 * @optname: which of the two; the second looks at prefix and interface
 * @optval: struct tcp_md5sig; a key of no length is taken away
 * @optlen: its bytes
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL: address, prefix, interface or length are wrong; -ENOENT: there is no
 * such key; -EFAULT; -ENOMEM.
 */
__cold int tcpx_set_md5(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen)
{
	bool ext = optname == TCP_MD5SIG_EXT;
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_md5_peers peers = { };
	struct tcp_md5sig cmd;
	int err;

	BUILD_BUG_ON(TCPX_MD5_MAX_KEY != TCP_MD5SIG_MAXKEYLEN);
	if (optlen < sizeof(cmd))
		return -EINVAL;
	if (copy_from_sockptr(&cmd, optval, sizeof(cmd)))
		return -EFAULT;
	err = tcpx_md5_addr(sk, &cmd, &peers) ?: tcpx_md5_prefix(&cmd, ext, &peers) ?:
	      tcpx_md5_l3(sk, &cmd, ext, &peers);
	if (!err && cmd.tcpm_keylen > TCP_MD5SIG_MAXKEYLEN)
		err = -EINVAL;
	if (!err) {
		lock_sock(sk);
		err = cmd.tcpm_keylen ?
		      tcpx_md5_set(sk, &peers, cmd.tcpm_key, cmd.tcpm_keylen) :
		      tcpx_md5_clear(sk, &peers);
		if (!err && tsk->pmtu)
			tcpx_sync_mss(sk, tsk->pmtu);
		release_sock(sk);
	}
	memzero_explicit(&cmd, sizeof(cmd));
	return err;
}
