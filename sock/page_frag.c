// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that payload is copied into.
 *
 * Like other protocols' it goes into page fragments of the process (struct page_frag).
 * The kernel gives a page back as soon as it is full, and clears a new one, which costs
 * as much as a quarter of copying into it.  Here each CPU keeps the last few that were
 * full: where the oldest of them has been acknowledged, and read, by then, nobody else
 * has a reference to it, and it is written again.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/topology.h>
#include <net/sock.h>

#include "page_frag.h"

/* As sk_page_frag_refill() has them: of 32 KiB, and full where less than this is left */
#define TCPX_PAGE_SIZE		(PAGE_SIZE << SKB_FRAG_PAGE_ORDER)
#define TCPX_PAGE_REST		32

/* So that a CPU keeps 256 KiB at most */
#define TCPX_FULL_PAGES		8

/**
 * struct tcpx_full_pages - a CPU's pages that were full, by age
 * @page: each with a reference, or NULL
 * @oldest: which of them is the oldest
 */
struct tcpx_full_pages {
	struct page *page[TCPX_FULL_PAGES];
	u8 oldest;
};

static DEFINE_PER_CPU(struct tcpx_full_pages, tcpx_full_pages);

/* Near to this CPU, and nobody else refers to it */
static bool tcpx_page_unused(struct page *page)
{
	return page && page_ref_count(page) == 1 && page_to_nid(page) == numa_mem_id();
}

/*
 * @full is kept in exchange for the oldest page; that, if it can be used again, else NULL.
 * References go along with the pages.
 */
static struct page *tcpx_page_exchange(struct page *full)
{
	struct tcpx_full_pages *kept = get_cpu_ptr(&tcpx_full_pages);
	struct page **slot = &kept->page[kept->oldest];
	struct page *page = *slot;

	*slot = full;
	kept->oldest = (kept->oldest + 1) % TCPX_FULL_PAGES;
	put_cpu_ptr(&tcpx_full_pages);
	if (tcpx_page_unused(page))
		return page;
	if (page)
		put_page(page);
	return NULL;
}

/* Smaller ones are a sign of memory short, and those of the reserves are to be given back */
static bool tcpx_page_is_full(const struct page_frag *pfrag)
{
	return pfrag->size == TCPX_PAGE_SIZE && pfrag->size - pfrag->offset < TCPX_PAGE_REST &&
	       !page_is_pfmemalloc(pfrag->page);
}

/**
 * tcpx_page_frag_refill() - make room for at least one byte more
 * @sk: locked
 * @pfrag: of sk_page_frag()
 *
 * Context: process, may sleep.
 * Return: false: no memory.
 */
bool tcpx_page_frag_refill(struct sock *sk, struct page_frag *pfrag)
{
	struct page *page = pfrag->page;

	if (page && tcpx_page_is_full(pfrag) && page_ref_count(page) > 1) {
		pfrag->page = tcpx_page_exchange(page);
		pfrag->offset = 0;
	}
	return sk_page_frag_refill(sk, pfrag);
}

/**
 * tcpx_page_frag_exit() - give back what is kept; there are no sockets any more
 *
 * Context: process.
 */
void tcpx_page_frag_exit(void)
{
	struct tcpx_full_pages *kept;
	int cpu, i;

	for_each_possible_cpu(cpu) {
		kept = per_cpu_ptr(&tcpx_full_pages, cpu);
		for (i = 0; i < TCPX_FULL_PAGES; i++)
			if (kept->page[i])
				put_page(kept->page[i]);
	}
}
