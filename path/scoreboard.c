// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of the scoreboard (core/scoreboard.h), which the core takes as given.
 */
#include <linux/slab.h>

#include "memory.h"
#include "scoreboard.h"
#include "sock.h"

#define TCPX_GFP_TX	(GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT)

/* A larger directory for the scoreboard's chunks */
static bool tcpx_grow_dir(struct tcpx_scoreboard *sb)
{
	u32 size = sb->dir ? 2 * (sb->dir_mask + 1) : 4;
	struct tcpx_txseg **dir;

	dir = kmalloc_array(size, sizeof(*dir), TCPX_GFP_TX);
	if (!dir)
		return false;
	kfree(tcpx_sb_set_dir(sb, dir, size));
	return true;
}

static bool tcpx_scoreboard_grow(struct tcpx_scoreboard *sb, u32 slots)
{
	struct tcpx_txseg *chunk;

	while (tcpx_sb_room(sb) < slots) {
		if (tcpx_sb_dir_full(sb) && !tcpx_grow_dir(sb))
			return false;
		chunk = kmalloc_array(TCPX_TX_CHUNK, sizeof(*chunk), TCPX_GFP_TX);
		if (!chunk)
			return false;
		tcpx_sb_put_chunk(sb, chunk);
	}
	return true;
}

/**
 * tcpx_scoreboard_reserve() - make room to note segments when they are sent
 * @sk: locked
 * @slots: for so many more
 *
 * Context: process or softirq.
 * Return: false if there is no memory.
 */
bool tcpx_scoreboard_reserve(struct sock *sk, u32 slots)
{
	struct tcpx_scoreboard *sb = &tcpx_sk(sk)->tcb.sb;
	struct mem_cgroup *memcg;
	bool ok;

	if (tcpx_sb_room(sb) >= slots)
		return true;
	memcg = tcpx_charge_to(sk);
	ok = tcpx_scoreboard_grow(sb, slots);
	tcpx_charge_end(memcg);
	return ok;
}

/**
 * tcpx_scoreboard_shrink() - free what a smaller flight no longer needs
 * @sk: locked
 *
 * Context: process or softirq.
 */
void tcpx_scoreboard_shrink(struct sock *sk)
{
	struct tcpx_scoreboard *sb = &tcpx_sk(sk)->tcb.sb;
	struct tcpx_txseg *chunk;

	while ((chunk = tcpx_sb_get_chunk(sb, tcpx_sb_len(sb) + TCPX_TX_CHUNK)))
		kfree(chunk);
}

/**
 * tcpx_scoreboard_free() - free the scoreboard; nothing will be sent any more
 * @sk: locked, or being destroyed
 *
 * Context: any but hard interrupt.
 */
void tcpx_scoreboard_free(struct sock *sk)
{
	struct tcpx_scoreboard *sb = &tcpx_sk(sk)->tcb.sb;
	struct tcpx_txseg *chunk;

	sb->head = round_down(sb->head, TCPX_TX_CHUNK);
	sb->tail = sb->head;
	while ((chunk = tcpx_sb_get_chunk(sb, 0)))
		kfree(chunk);
	kfree(sb->dir);
	memset(sb, 0, sizeof(*sb));
}
