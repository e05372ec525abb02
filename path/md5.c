// SPDX-License-Identifier: GPL-2.0
/*
 * Signed segments: RFC 2385, the MD5 signature option, which BGP speakers use.
 *
 * A socket has a list of keys, each for some peers.  Where there is one for a peer every
 * segment to it is signed, and what comes from it counts only with the right signature;
 * where there is none, only without.  That is decided before anything else of a segment is
 * believed (tcpx_md5_admit()), so a RST without the key ends nothing.
 *
 *	segment			key
 *	a socket's own		the socket's
 *	of a half-open entry,	its listener's
 *	 reset of a listener
 *	of TIME-WAIT		a copy of the socket's
 *	reset, nobody knows it	none; a signed segment is not answered: whoever would
 *				 believe the reset asks for a signature
 *
 * A connection with a key has no timestamps and no Fast Open: 40 bytes of options do not
 * hold them as well as SACK blocks.  No device and no kernel function cuts its segments,
 * since each has a signature of its own.
 *
 * MD5 is what the RFC says; it is no longer a good hash.
 */
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/l3mdev.h>

#include "../core/option.h"
#include "../net/addr.h"
#include "../net/tuple.h"
#include "family.h"
#include "md5.h"

/* Made with the first key, so there is one wherever there is a key; it has no state */
static struct crypto_shash *tcpx_md5_tfm;
static DEFINE_MUTEX(tcpx_md5_lock);

static int tcpx_md5_prepare(void)
{
	struct crypto_shash *tfm;
	int err = 0;

	mutex_lock(&tcpx_md5_lock);
	if (!tcpx_md5_tfm) {
		tfm = crypto_alloc_shash("md5", 0, 0);
		err = PTR_ERR_OR_ZERO(tfm);
		if (!err)
			tcpx_md5_tfm = tfm;
	}
	mutex_unlock(&tcpx_md5_lock);
	return err;
}

/**
 * tcpx_md5_exit() - no segment is signed any more
 *
 * After the last key has been freed.
 *
 * Context: process.
 */
void tcpx_md5_exit(void)
{
	crypto_free_shash(tcpx_md5_tfm);
	tcpx_md5_tfm = NULL;
}

/* --- keys --- */

static bool tcpx_md5_same_peers(const struct tcpx_md5_peers *a, const struct tcpx_md5_peers *b)
{
	return a->family == b->family && a->prefix == b->prefix && a->by_l3 == b->by_l3 &&
	       a->l3 == b->l3 && ipv6_addr_equal(&a->addr, &b->addr);
}

static bool tcpx_md5_is_for(const struct tcpx_md5_peers *p, const struct tcpx_md5_peers *peer)
{
	return p->family == peer->family && (!p->by_l3 || p->l3 == peer->l3) &&
	       ipv6_prefix_equal(&p->addr, &peer->addr, p->prefix);
}

/* The longest prefix, but first of all the l3mdev; of equals, which came last */
static bool tcpx_md5_is_better(const struct tcpx_md5_peers *p, const struct tcpx_md5_peers *old)
{
	if (!p->l3 != !old->l3)
		return p->l3;
	return p->prefix > old->prefix;
}

/* Context: rcu_read_lock(), or @sk is locked */
static const struct tcpx_md5_key *tcpx_md5_find(const struct sock *sk,
						const struct tcpx_md5_peers *peer)
{
	const struct tcpx_md5_key *key, *best = NULL;

	hlist_for_each_entry_rcu(key, &tcpx_sk(sk)->md5_keys, link, lockdep_sock_is_held(sk))
		if (tcpx_md5_is_for(&key->peers, peer) &&
		    (!best || tcpx_md5_is_better(&key->peers, &best->peers)))
			best = key;
	return best;
}

/**
 * tcpx_md5_key() - the key for the other end of a connection
 * @sk: the socket, or the listener of a half-open entry
 * @node: the connection
 *
 * Context: rcu_read_lock(), or @sk is locked.
 * Return: the key, valid as long; NULL: there is none.
 */
const struct tcpx_md5_key *tcpx_md5_key(const struct sock *sk, const struct tcpx_node *node)
{
	struct tcpx_md5_peers peer;

	if (likely(hlist_empty(&tcpx_sk(sk)->md5_keys)))
		return NULL;
	peer = (struct tcpx_md5_peers){
		.addr = tcpx_tuple_raddr(&node->tuple), .family = node->tuple.family,
		.l3 = l3mdev_master_ifindex_by_index(sock_net(sk), node->bound_dev_if),
	};
	return tcpx_md5_find(sk, &peer);
}

/**
 * tcpx_md5_key_back() - the key for whoever has sent a segment
 * @sk: the socket that it is for
 * @in: the segment
 *
 * Context: rcu_read_lock().
 * Return: the key, valid as long; NULL: there is none.
 */
const struct tcpx_md5_key *tcpx_md5_key_back(const struct sock *sk,
					     const struct tcpx_arrival *in)
{
	struct tcpx_md5_peers peer;

	if (likely(hlist_empty(&tcpx_sk(sk)->md5_keys)))
		return NULL;
	peer = (struct tcpx_md5_peers){
		.addr = tcpx_tuple_raddr(&in->tuple), .family = in->tuple.family,
		.l3 = in->sdif ? in->dif : 0,
	};
	return tcpx_md5_find(sk, &peer);
}

/* Each segment has a signature of its own, so nobody below may cut several from one skb */
static void tcpx_md5_send_single(struct sock *sk)
{
	sk->sk_gso_disabled = 1;
	sk->sk_route_caps &= ~NETIF_F_GSO_MASK;
}

/**
 * tcpx_md5_sync() - is a connection's every segment signed?
 * @sk: locked, or not yet visible; its 4-tuple, or its keys, have changed
 *
 * The caller lets the MSS follow: tcpx_sync_mss().
 *
 * Context: any but hard interrupt.
 */
void tcpx_md5_sync(struct sock *sk)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->tcb.md5 = inet_sk(sk)->inet_dport && tcpx_md5_key(sk, &tsk->node);
	if (tsk->tcb.md5)
		tcpx_md5_send_single(sk);
}

static void tcpx_md5_free(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct tcpx_md5_key, rcu));
}

/* @key has left its list, but readers may have it */
static void tcpx_md5_retire(struct tcpx_md5_key *key)
{
	call_rcu(&key->rcu, tcpx_md5_free);
}

static void tcpx_md5_remove(struct sock *sk, struct tcpx_md5_key *key)
{
	hlist_del_rcu(&key->link);
	atomic_sub(sizeof(*key), &sk->sk_omem_alloc);
	tcpx_md5_retire(key);
}

/* @old is the key that they have, or NULL; another in its place takes over its charge */
static int tcpx_md5_put(struct sock *sk, struct tcpx_md5_key *old,
			const struct tcpx_md5_peers *peers, const u8 *secret, u8 len)
{
	struct tcpx_md5_key *key;

	key = old ? kmalloc(sizeof(*key), GFP_KERNEL) : sock_kmalloc(sk, sizeof(*key), GFP_KERNEL);
	if (!key)
		return -ENOMEM;
	key->peers = *peers;
	key->len = len;
	memcpy(key->secret, secret, len);
	if (old) {
		hlist_replace_rcu(&old->link, &key->link);
		tcpx_md5_retire(old);
	} else {
		hlist_add_head_rcu(&key->link, &tcpx_sk(sk)->md5_keys);
	}
	return 0;
}

static struct tcpx_md5_key *tcpx_md5_exact(const struct sock *sk,
					   const struct tcpx_md5_peers *peers)
{
	struct tcpx_md5_key *key;

	hlist_for_each_entry(key, &tcpx_sk(sk)->md5_keys, link)
		if (tcpx_md5_same_peers(&key->peers, peers))
			return key;
	return NULL;
}

/**
 * tcpx_md5_set() - TCP_MD5SIG: some peers have a key, or another one
 * @sk: locked
 * @peers: who
 * @secret: the key
 * @len: its bytes
 *
 * It counts for what is sent and heard from now on.  The caller lets the MSS follow.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; or why the kernel has no MD5.
 */
int tcpx_md5_set(struct sock *sk, const struct tcpx_md5_peers *peers, const u8 *secret, u8 len)
{
	int err = tcpx_md5_prepare();

	if (!err)
		err = tcpx_md5_put(sk, tcpx_md5_exact(sk, peers), peers, secret, len);
	if (!err)
		tcpx_md5_sync(sk);
	return err;
}

/**
 * tcpx_md5_clear() - TCP_MD5SIG: some peers have no key any more
 * @sk: locked
 * @peers: who
 *
 * The caller lets the MSS follow.
 *
 * Context: process.
 * Return: 0, or -ENOENT: they had none.
 */
int tcpx_md5_clear(struct sock *sk, const struct tcpx_md5_peers *peers)
{
	struct tcpx_md5_key *key = tcpx_md5_exact(sk, peers);

	if (!key)
		return -ENOENT;
	tcpx_md5_remove(sk, key);
	tcpx_md5_sync(sk);
	return 0;
}

/**
 * tcpx_md5_copy() - copy a key for what outlives its socket
 * @key: valid, or NULL
 * @copy: takes the copy, to be freed with kfree_sensitive(); NULL if there is no @key
 *
 * Context: any.
 * Return: 0 or -ENOMEM.
 */
int tcpx_md5_copy(const struct tcpx_md5_key *key, struct tcpx_md5_key **copy)
{
	*copy = NULL;
	if (likely(!key))
		return 0;
	*copy = kmemdup(key, sizeof(*key), GFP_ATOMIC | __GFP_NOWARN);
	return *copy ? 0 : -ENOMEM;
}

/**
 * tcpx_md5_adopt() - a child gets the key that its listener has for its peer
 * @sk: the child, its 4-tuple known; not yet visible
 * @key: the child's own copy, or NULL
 *
 * Context: any but hard interrupt.
 */
void tcpx_md5_adopt(struct sock *sk, struct tcpx_md5_key *key)
{
	if (unlikely(key)) {
		key->peers.addr = tcpx_tuple_raddr(&tcpx_sk(sk)->node.tuple);
		key->peers.prefix = 128;
		atomic_add(sizeof(*key), &sk->sk_omem_alloc);
		hlist_add_head_rcu(&key->link, &tcpx_sk(sk)->md5_keys);
	}
	tcpx_md5_sync(sk);
}

/**
 * tcpx_md5_destroy() - free a socket's keys
 * @sk: no longer used, but perhaps by readers under RCU
 *
 * Context: any but hard interrupt.
 */
void tcpx_md5_destroy(struct sock *sk)
{
	struct tcpx_md5_key *key;
	struct hlist_node *next;

	hlist_for_each_entry_safe(key, next, &tcpx_sk(sk)->md5_keys, link)
		tcpx_md5_remove(sk, key);
}

/* --- signatures --- */

static int tcpx_md5_payload(struct shash_desc *desc, const struct sk_buff *skb, unsigned int from)
{
	struct skb_seq_state st;
	unsigned int done = 0, len;
	const u8 *data;
	int err = 0;

	skb_prepare_seq_read((struct sk_buff *)skb, from, skb->len, &st);
	while (!err && (len = skb_seq_read(done, &data, &st))) {
		err = crypto_shash_update(desc, data, len);
		done += len;
	}
	skb_abort_seq_read(&st);
	return err;
}

/* RFC 2385, 2.0 (1), and RFC 8200, 8.1; @from_peer: it was sent by the other end of @t */
static int tcpx_md5_pseudo(struct shash_desc *desc, const struct tcpx_tuple *t, u32 len,
			   bool from_peer)
{
	struct {
		struct in6_addr addr[2];
		__be32	len;
		__be32	wire;
	} v6;
	struct {
		__be32	addr[2];
		u8	zero;
		u8	wire;
		__be16	len;
	} v4;

	if (t->family == AF_INET6) {
		v6.addr[from_peer] = t->addrs6->laddr;
		v6.addr[!from_peer] = t->addrs6->raddr;
		v6.len = htonl(len);
		v6.wire = htonl(t->wire);
		return crypto_shash_update(desc, (u8 *)&v6, sizeof(v6));
	}
	v4.addr[from_peer] = t->laddr;
	v4.addr[!from_peer] = t->raddr;
	v4.zero = 0;
	v4.wire = t->wire;
	v4.len = htons(len);
	return crypto_shash_update(desc, (u8 *)&v4, sizeof(v4));
}

/* RFC 2385, 2.0: pseudo-header, header without options and checksum, payload, key */
static noinline_for_stack int tcpx_md5_hash(const struct sk_buff *skb, const struct tcpx_tuple *t,
					    bool from_peer, const struct tcpx_md5_key *key,
					    u8 *digest)
{
	struct tcpx_hdr th = *tcpx_hdr(skb);
	SHASH_DESC_ON_STACK(desc, tcpx_md5_tfm);
	int err;

	th.check = 0;
	desc->tfm = tcpx_md5_tfm;
	err = crypto_shash_init(desc) ?:
	      tcpx_md5_pseudo(desc, t, skb->len, from_peer) ?:
	      crypto_shash_update(desc, (u8 *)&th, TCPX_HDR_LEN) ?:
	      tcpx_md5_payload(desc, skb, tcpx_hdr_len(&th)) ?:
	      crypto_shash_update(desc, key->secret, key->len) ?:
	      crypto_shash_final(desc, digest);
	shash_desc_zero(desc);
	return err;
}

static const u8 *tcpx_md5_of(const struct sk_buff *skb)
{
	const struct tcpx_hdr *th = tcpx_hdr(skb);
	unsigned int len = tcpx_hdr_len(th) - TCPX_HDR_LEN;

	return tcpx_opt_md5((const u8 *)(th + 1), len);
}

/**
 * tcpx_md5_signed() - does a segment claim to be signed?
 * @skb: transport header set, header in the linear part, its length legal
 *
 * Context: any.
 * Return: true if it does.
 */
bool tcpx_md5_signed(const struct sk_buff *skb)
{
	return tcpx_md5_of(skb);
}

/**
 * tcpx_md5_judge() - is a segment signed as it has to be?
 * @in: the segment
 * @skb: its header is where skb->data is
 * @key: the key for its sender, or NULL
 *
 * Context: softirq, rcu_read_lock().
 * Return: enum tcpx_drop; TCPX_DROP_NONE: it is.
 */
u8 tcpx_md5_judge(const struct tcpx_arrival *in, const struct sk_buff *skb,
		  const struct tcpx_md5_key *key)
{
	const u8 *theirs = tcpx_md5_of(skb);
	u8 ours[TCPX_MD5_LEN];

	if (likely(!theirs && !key))
		return TCPX_DROP_NONE;
	if (!theirs)
		return TCPX_DROP_MD5_MISSING;
	if (!key)
		return TCPX_DROP_MD5_UNEXPECTED;
	if (tcpx_md5_hash(skb, &in->tuple, true, key, ours) ||
	    crypto_memneq(ours, theirs, TCPX_MD5_LEN))
		return TCPX_DROP_MD5_WRONG;
	return TCPX_DROP_NONE;
}

/**
 * tcpx_md5_admit() - may a socket, or a listener, believe a segment?
 * @in: the segment
 * @skb: its header is where skb->data is
 * @sk: whose it would be; not locked
 *
 * Apart from the path of all segments: few are long enough to be signed.
 *
 * Context: softirq, rcu_read_lock().
 * Return: enum tcpx_drop; TCPX_DROP_NONE: it may.
 */
noinline u8 tcpx_md5_admit(const struct tcpx_arrival *in, const struct sk_buff *skb,
			   const struct sock *sk)
{
	return tcpx_md5_judge(in, skb, tcpx_md5_key_back(sk, in));
}

/**
 * tcpx_md5_sign() - fill in the signature of a segment that leaves
 * @skb: its header, with room for a signature before all other options, is where skb->data
 *	is; all of its payload is there
 * @tuple: the 4-tuple, as the sender sees it
 * @key: the key
 *
 * A signature that could not be made is 0, and the peer drops the segment.
 *
 * Context: any; rcu_read_lock(), or the key's socket is locked.
 */
__cold void tcpx_md5_sign(struct sk_buff *skb, const struct tcpx_tuple *tuple,
			  const struct tcpx_md5_key *key)
{
	u8 *option = skb_transport_header(skb) + TCPX_HDR_LEN;
	u8 digest[TCPX_MD5_LEN];

	if (!tcpx_md5_hash(skb, tuple, false, key, digest))
		memcpy(option + TCPX_MD5_OPT_LEN - TCPX_MD5_LEN, digest, TCPX_MD5_LEN);
}
