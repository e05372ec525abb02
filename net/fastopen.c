// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open (RFC 7413), what a namespace holds: for servers the keys that cookies
 * are made with, for clients the cache of cookies and MSS that servers have sent.
 */
#include <linux/hash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "fastopen.h"

/* --- keys --- */

/**
 * tcpx_fo_keys_new() - keys from bytes, in the order that Linux's TCP reads them
 * @bytes: one or two keys of 16 bytes
 * @nr: how many
 *
 * Context: process.  Return: the keys, or NULL: no memory.
 */
struct tcpx_fo_keys *tcpx_fo_keys_new(const u8 *bytes, u8 nr)
{
	struct tcpx_fo_keys *keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	__le64 half;
	int i;

	if (!keys)
		return NULL;
	keys->nr = nr;
	for (i = 0; i < 2 * nr; i++) {
		memcpy(&half, bytes + i * sizeof(half), sizeof(half));
		keys->key[i / 2].key[i % 2] = le64_to_cpu(half);
	}
	return keys;
}

/**
 * tcpx_fo_keys_bytes() - keys as bytes: the inverse of tcpx_fo_keys_new()
 * @keys: one or two
 * @bytes: filled in, 16 for each
 *
 * Any context.  Return: how many bytes.
 */
int tcpx_fo_keys_bytes(const struct tcpx_fo_keys *keys, u8 *bytes)
{
	__le64 half;
	int i;

	for (i = 0; i < 2 * keys->nr; i++) {
		half = cpu_to_le64(keys->key[i / 2].key[i % 2]);
		memcpy(bytes + i * sizeof(half), &half, sizeof(half));
	}
	return keys->nr * TCPX_FO_KEY_LEN;
}

/* One key: four groups of at most eight hexadecimal digits */
static bool tcpx_fo_parse_key(const char *data, u8 *bytes)
{
	u32 word[4];
	__le32 le;
	int i, end = 0;

	if (sscanf(data, "%8x-%8x-%8x-%8x%n", &word[0], &word[1], &word[2], &word[3], &end) != 4)
		return false;
	for (i = 0; i < 4; i++) {
		le = cpu_to_le32(word[i]);
		memcpy(bytes + i * sizeof(le), &le, sizeof(le));
	}
	return !data[end];
}

static int tcpx_fo_print_key(char *data, size_t size, const u8 *bytes)
{
	__le32 word[4];

	memcpy(word, bytes, sizeof(word));
	return scnprintf(data, size, "%08x-%08x-%08x-%08x", le32_to_cpu(word[0]),
			 le32_to_cpu(word[1]), le32_to_cpu(word[2]), le32_to_cpu(word[3]));
}

static int tcpx_fo_write_keys(struct tcpx_fo_net *fo, char *data)
{
	char *second, *first = strim(data);
	struct tcpx_fo_keys *keys, *old;
	u8 bytes[2 * TCPX_FO_KEY_LEN];

	second = strchr(first, ',');
	if (second)
		*second++ = 0;
	if (!tcpx_fo_parse_key(first, bytes) ||
	    (second && !tcpx_fo_parse_key(second, bytes + TCPX_FO_KEY_LEN)))
		return -EINVAL;
	keys = tcpx_fo_keys_new(bytes, second ? 2 : 1);
	if (!keys)
		return -ENOMEM;
	spin_lock_bh(&fo->lock);
	old = rcu_replace_pointer(fo->keys, keys, lockdep_is_held(&fo->lock));
	spin_unlock_bh(&fo->lock);
	kfree_rcu(old, rcu);
	return 0;
}

/**
 * tcpx_fastopen_sysctl_key() - net.tcpx.fastopen_key: one key, or two with a comma between
 * @table: its data is the namespace's struct tcpx_fo_net
 * @write: a write, not a read
 * @buffer: what is written, or takes what is read
 * @lenp: its bytes
 * @ppos: in the file
 *
 * Context: process.  Return: 0, -EINVAL or -ENOMEM.
 */
int tcpx_fastopen_sysctl_key(TCPX_CTL_TABLE *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos)
{
	struct tcpx_fo_net *fo = table->data;
	struct tcpx_fo_keys *keys;
	u8 bytes[2 * TCPX_FO_KEY_LEN];
	char data[80] = "";
	struct ctl_table tmp = { .data = data, .maxlen = sizeof(data) };
	int err, nr, n;

	rcu_read_lock();
	keys = rcu_dereference(fo->keys);
	nr = keys->nr;
	tcpx_fo_keys_bytes(keys, bytes);
	rcu_read_unlock();
	n = tcpx_fo_print_key(data, sizeof(data), bytes);
	if (nr > 1) {
		data[n++] = ',';
		tcpx_fo_print_key(data + n, sizeof(data) - n, bytes + TCPX_FO_KEY_LEN);
	}
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	return err || !write ? err : tcpx_fo_write_keys(fo, data);
}

/* --- the cache, guarded by @lock --- */

static struct hlist_head *tcpx_fo_bucket(struct tcpx_fo_net *fo, const struct tcpx_tuple *t)
{
	const struct in6_addr raddr = tcpx_tuple_raddr(t);

	return &fo->bucket[hash_32(ipv6_addr_hash(&raddr), ilog2(TCPX_FO_BUCKETS))];
}

/**
 * tcpx_fo_find() - look up what is remembered of a destination
 * @fo: the namespace's
 * @t: 4-tuple of the connection; the ports do not matter
 *
 * The entry becomes the most recently used one.
 *
 * Context: @fo->lock.  Return: the entry, or NULL.
 */
struct tcpx_fo_entry *tcpx_fo_find(struct tcpx_fo_net *fo, const struct tcpx_tuple *t)
{
	struct tcpx_fo_entry *e;

	hlist_for_each_entry(e, tcpx_fo_bucket(fo, t), link) {
		if (e->tuple.wire != t->wire || !tcpx_tuple_same_addrs(&e->tuple, t))
			continue;
		list_move_tail(&e->lru, &fo->lru);
		return e;
	}
	return NULL;
}

static void tcpx_fo_forget(struct tcpx_fo_net *fo, struct tcpx_fo_entry *e)
{
	hlist_del(&e->link);
	list_del(&e->lru);
	fo->nr--;
	kfree(e);
}

/**
 * tcpx_fo_find_or_add() - look up a destination, or add it in place of the oldest
 * @fo: the namespace's
 * @t: 4-tuple of the connection; the ports do not matter
 *
 * Context: @fo->lock.  Return: the entry, or NULL: no memory.
 */
struct tcpx_fo_entry *tcpx_fo_find_or_add(struct tcpx_fo_net *fo,
					  const struct tcpx_tuple *t)
{
	struct tcpx_fo_entry *e = tcpx_fo_find(fo, t);

	if (e)
		return e;
	e = kzalloc(sizeof(*e) + tcpx_tuple_room(t), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!e)
		return NULL;
	if (fo->nr >= TCPX_FO_CACHE_MAX)
		tcpx_fo_forget(fo, list_first_entry(&fo->lru, struct tcpx_fo_entry, lru));
	e->tuple = *t;
	tcpx_tuple_keep(&e->tuple, e->addrs);
	hlist_add_head(&e->link, tcpx_fo_bucket(fo, t));
	list_add_tail(&e->lru, &fo->lru);
	fo->nr++;
	return e;
}

/* --- a namespace --- */

/**
 * tcpx_fastopen_init_net() - a new namespace
 * @fo: the namespace's
 *
 * Context: process.  Return: 0 or -ENOMEM.
 */
int tcpx_fastopen_init_net(struct tcpx_fo_net *fo)
{
	u8 bytes[TCPX_FO_KEY_LEN];

	fo->flags = TCPX_FO_CLIENT;
	spin_lock_init(&fo->lock);
	INIT_LIST_HEAD(&fo->lru);
	get_random_bytes(bytes, sizeof(bytes));
	RCU_INIT_POINTER(fo->keys, tcpx_fo_keys_new(bytes, 1));
	return rcu_access_pointer(fo->keys) ? 0 : -ENOMEM;
}

/**
 * tcpx_fastopen_exit_net() - undo tcpx_fastopen_init_net(); no socket is left
 * @fo: the namespace's
 */
void tcpx_fastopen_exit_net(struct tcpx_fo_net *fo)
{
	struct tcpx_fo_entry *e, *next;

	list_for_each_entry_safe(e, next, &fo->lru, lru)
		tcpx_fo_forget(fo, e);
	kfree(rcu_dereference_protected(fo->keys, true));
}
