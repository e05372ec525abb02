/* SPDX-License-Identifier: GPL-2.0 */
/* Segments are signed, and signatures judged: RFC 2385. */
#ifndef _TCPX_PATH_MD5_H
#define _TCPX_PATH_MD5_H

#include <linux/in6.h>
#include <linux/rculist.h>
#include <linux/types.h>

#include "../core/option.h"
#include "skb.h"
#include "sock.h"

struct tcpx_arrival;

#define TCPX_MD5_MAX_KEY	80	/* bytes, TCP_MD5SIG_MAXKEYLEN */

/**
 * struct tcpx_md5_peers - who a key is for
 * @addr: their address; IPv4's as a v4-mapped one
 * @family: AF_INET or AF_INET6, as on the wire
 * @prefix: so many leading bits of @addr count
 * @by_l3: only those that are heard through the l3mdev master @l3; 0: through none
 * @l3: interface, 0 without @by_l3
 */
struct tcpx_md5_peers {
	struct in6_addr addr;
	u8	family;
	u8	prefix;
	bool	by_l3;
	int	l3;
};

/**
 * struct tcpx_md5_key - a secret that both ends share
 * @link: in a socket's md5_keys
 * @rcu: to free it
 * @peers: who it is for
 * @len: bytes of @secret
 * @secret: it
 *
 * It does not change once it is in a list: another takes its place.
 */
struct tcpx_md5_key {
	struct hlist_node link;
	struct rcu_head rcu;
	struct tcpx_md5_peers peers;
	u8	len;
	u8	secret[TCPX_MD5_MAX_KEY];
};

int tcpx_md5_set(struct sock *sk, const struct tcpx_md5_peers *peers, const u8 *secret, u8 len);
int tcpx_md5_clear(struct sock *sk, const struct tcpx_md5_peers *peers);
void tcpx_md5_sync(struct sock *sk);
const struct tcpx_md5_key *tcpx_md5_key(const struct sock *sk, const struct tcpx_node *node);
const struct tcpx_md5_key *tcpx_md5_key_back(const struct sock *sk,
					     const struct tcpx_arrival *in);
int tcpx_md5_copy(const struct tcpx_md5_key *key, struct tcpx_md5_key **copy);
void tcpx_md5_adopt(struct sock *sk, struct tcpx_md5_key *key);
void tcpx_md5_destroy(struct sock *sk);

/**
 * tcpx_md5_unneeded() - is it plain that a segment is to have no signature, and has none?
 * @skb: transport header set, header in the linear part
 * @sk: whose it would be; not locked
 *
 * Most segments have a timestamp, and no room for a signature.
 *
 * Context: any.
 * Return: true if it is; else tcpx_md5_admit() tells.
 */
static inline bool tcpx_md5_unneeded(const struct sk_buff *skb, const struct sock *sk)
{
	const u8 least = DIV_ROUND_UP(TCPX_HDR_LEN + 2 + TCPX_MD5_LEN, 4) << 4;

	return tcpx_hdr(skb)->off < least && hlist_empty(&tcpx_sk(sk)->md5_keys);
}

bool tcpx_md5_signed(const struct sk_buff *skb);
u8 tcpx_md5_judge(const struct tcpx_arrival *in, const struct sk_buff *skb,
		  const struct tcpx_md5_key *key);
u8 tcpx_md5_admit(const struct tcpx_arrival *in, const struct sk_buff *skb,
		  const struct sock *sk);
void tcpx_md5_sign(struct sk_buff *skb, const struct tcpx_tuple *tuple,
		   const struct tcpx_md5_key *key);
void tcpx_md5_exit(void);

#endif /* _TCPX_PATH_MD5_H */
