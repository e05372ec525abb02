/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that payload is copied into. */
#ifndef _TCPX_SOCK_PAGE_FRAG_H
#define _TCPX_SOCK_PAGE_FRAG_H

#include <linux/types.h>

struct page_frag;
struct sock;

bool tcpx_page_frag_refill(struct sock *sk, struct page_frag *pfrag);
void tcpx_page_frag_exit(void);

#endif /* _TCPX_SOCK_PAGE_FRAG_H */
