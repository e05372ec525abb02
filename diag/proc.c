// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/tcpx and /proc/net/tcpx6: sockets, half-open and TIME-WAIT entries of a
 * namespace, in the format of /proc/net/tcp and tcp6, which programs parse: see
 * Documentation/networking/proc_net_tcp.rst.
 *
 * A row is made from a copy (path/view.c), so no lock is held while it is printed.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "../core/tcb.h"
#include "../path/table.h"
#include "../path/view.h"
#include "proc.h"

#define TCPX_PROC_BATCH		16
#define TCPX_PROC_WIDTH		149	/* of a row of IPv4, without the newline */

/* A file that is read; rows are numbered from 1 on, 0 is the headline */
struct tcpx_proc_iter {
	struct seq_net_private p;	/* has to be first */
	struct tcpx_walk walk;
	loff_t	pos;		/* of the row that is shown */
	int	i;		/* its view */
	int	nr;		/* views in the batch */
	struct tcpx_view views[TCPX_PROC_BATCH];
};

static u8 tcpx_proc_family(const struct seq_file *seq)
{
	return (uintptr_t)pde_data(file_inode(seq->file));
}

/* To the next row; NULL: there is none */
static struct tcpx_view *tcpx_proc_step(struct seq_file *seq)
{
	struct tcpx_proc_iter *it = seq->private;
	const struct tcpx_viewer viewer = {
		.net = seq_file_net(seq), .states = ~0U, .family = tcpx_proc_family(seq),
	};

	if (++it->i >= it->nr) {
		it->nr = tcpx_walk_next(&it->walk, &viewer, it->views, TCPX_PROC_BATCH);
		it->i = 0;
	}
	if (!it->nr)
		return NULL;
	it->pos++;
	return &it->views[it->i];
}

/* Most often to where the last read has ended; a seek goes through all before it */
static void *tcpx_proc_start(struct seq_file *seq, loff_t *pos)
{
	struct tcpx_proc_iter *it = seq->private;

	if (*pos < it->pos || !*pos) {
		it->walk = (struct tcpx_walk){ };
		it->pos = 0;
		it->nr = 0;
		it->i = 0;
	}
	if (!*pos)
		return SEQ_START_TOKEN;
	while (it->pos < *pos) {
		if (!tcpx_proc_step(seq))
			return NULL;
	}
	return &it->views[it->i];
}

static void *tcpx_proc_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return tcpx_proc_step(seq);
}

static void tcpx_proc_stop(struct seq_file *seq, void *v)
{
}

static unsigned long tcpx_proc_ticks(u64 ns)
{
	return div_u64(ns, NSEC_PER_SEC / USER_HZ);
}

/* The same in both families */
static void tcpx_proc_row(struct seq_file *seq, const struct tcpx_view *v)
{
	bool listens = v->state == TCPX_LISTEN, owned = v->kind != TCPX_KIND_TIME_WAIT;

	seq_printf(seq, " %02X %08X:%08X %02X:%08lX %08X %5u %8d %lu %d %pK",
		   v->state, listens ? 0 : v->wqueue, v->rqueue, v->timer,
		   tcpx_proc_ticks(v->timer_left), v->rexmts,
		   owned ? from_kuid_munged(seq_user_ns(seq), v->uid) : 0, v->probes, v->ino,
		   v->refs, v->object);
	if (v->kind == TCPX_KIND_SOCK)
		seq_printf(seq, " %lu %lu %u %u %d", tcpx_proc_ticks(v->rto),
			   tcpx_proc_ticks(v->ato), v->quick << 1 | v->pingpong, v->cwnd,
			   v->ssthresh);
}

static int tcpx_proc_show(struct seq_file *seq, void *v)
{
	const struct tcpx_proc_iter *it = seq->private;
	const struct tcpx_view *view = v;

	seq_setwidth(seq, TCPX_PROC_WIDTH);
	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	} else {
		seq_printf(seq, "%4lld: %08X:%04X %08X:%04X", it->pos - 1,
			   (__force u32)view->laddr.s6_addr32[3], ntohs(view->lport),
			   (__force u32)view->raddr.s6_addr32[3], ntohs(view->rport));
		tcpx_proc_row(seq, view);
	}
	seq_pad(seq, '\n');
	return 0;
}

static void tcpx_proc_addr6(struct seq_file *seq, const struct in6_addr *addr, __be16 port)
{
	const __be32 *word = addr->s6_addr32;

	seq_printf(seq, " %08X%08X%08X%08X:%04X", (__force u32)word[0], (__force u32)word[1],
		   (__force u32)word[2], (__force u32)word[3], ntohs(port));
}

static int tcpx_proc_show6(struct seq_file *seq, void *v)
{
	const struct tcpx_proc_iter *it = seq->private;
	const struct tcpx_view *view = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n");
		return 0;
	}
	seq_printf(seq, "%4lld:", it->pos - 1);
	tcpx_proc_addr6(seq, &view->laddr, view->lport);
	tcpx_proc_addr6(seq, &view->raddr, view->rport);
	tcpx_proc_row(seq, view);
	seq_putc(seq, '\n');
	return 0;
}

static const struct seq_operations tcpx_proc_ops4 = {
	.start	= tcpx_proc_start,
	.stop	= tcpx_proc_stop,
	.next	= tcpx_proc_next,
	.show	= tcpx_proc_show,
};

static const struct seq_operations tcpx_proc_ops6 = {
	.start	= tcpx_proc_start,
	.stop	= tcpx_proc_stop,
	.next	= tcpx_proc_next,
	.show	= tcpx_proc_show6,
};

static const struct tcpx_proc_file {
	const char *name;
	uintptr_t family;
	const struct seq_operations *ops;
} tcpx_proc_files[] = {
	{ "tcpx", AF_INET, &tcpx_proc_ops4 },
	{ "tcpx6", AF_INET6, &tcpx_proc_ops6 },
};

/* Without IPv6 the last one is not there */
#define TCPX_PROC_FILES	(IS_ENABLED(CONFIG_IPV6) ? ARRAY_SIZE(tcpx_proc_files) : 1)

static void tcpx_proc_remove(struct net *net, size_t nr)
{
	while (nr--)
		remove_proc_entry(tcpx_proc_files[nr].name, net->proc_net);
}

static int __net_init tcpx_proc_init_net(struct net *net)
{
	const struct tcpx_proc_file *file;
	size_t i;

	for (i = 0; i < TCPX_PROC_FILES; i++) {
		file = &tcpx_proc_files[i];
		if (!proc_create_net_data(file->name, 0444, net->proc_net, file->ops,
					  sizeof(struct tcpx_proc_iter), (void *)file->family)) {
			tcpx_proc_remove(net, i);
			return -ENOMEM;
		}
	}
	return 0;
}

static void __net_exit tcpx_proc_exit_net(struct net *net)
{
	tcpx_proc_remove(net, TCPX_PROC_FILES);
}

static struct pernet_operations tcpx_proc_net_ops = {
	.init	= tcpx_proc_init_net,
	.exit	= tcpx_proc_exit_net,
};

/**
 * tcpx_proc_init() - create /proc/net/tcpx and tcpx6 in every namespace
 *
 * Context: process, may sleep.  Return: 0 or -errno.
 */
int tcpx_proc_init(void)
{
	return register_pernet_subsys(&tcpx_proc_net_ops);
}

/**
 * tcpx_proc_exit() - undo tcpx_proc_init()
 *
 * Context: process, may sleep; waits for readers.
 */
void tcpx_proc_exit(void)
{
	unregister_pernet_subsys(&tcpx_proc_net_ops);
}
