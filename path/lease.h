/* SPDX-License-Identifier: GPL-2.0 */
/* Ports of Linux's TCP that tcpx holds: under protocol 6 the two share one port space. */
#ifndef _TCPX_PATH_LEASE_H
#define _TCPX_PATH_LEASE_H

#include <linux/bitops.h>
#include <linux/types.h>

#include "../net/net.h"

struct sock;
struct tcpx_lease;

/**
 * struct tcpx_lease_door - how segments of protocol 6 reach tcpx while it holds ports
 * @open: the first port is held: segments are to be looked at
 * @close: the last one is given back
 *
 * Both are called in any context but hard interrupt, one at a time.
 */
struct tcpx_lease_door {
	void (*open)(void);
	void (*close)(void);
};

/**
 * tcpx_lease_holds() - may a port of protocol 6 be tcpx's?
 * @net: namespace
 * @port: the port
 *
 * What segments for Linux's TCP meet, so it is cheap.  In a VRF it is not exact.
 *
 * Context: rcu_read_lock().
 * Return: false if it is Linux's TCP's, or nobody's.
 */
static inline bool tcpx_lease_holds(const struct net *net, __be16 port)
{
	const struct tcpx_net *tn = tcpx_pernet(net);
	const unsigned long *leased = READ_ONCE(tn->leased);

	return leased && (test_bit(ntohs(port), leased) || atomic_read(&tn->leased_in_vrfs));
}

int tcpx_lease_prepare(struct sock *sk);
void tcpx_lease_settle(struct sock *sk);
int tcpx_lease_take(struct tcpx_lease *lease, u16 num, int l3mdev);
void tcpx_lease_end(struct tcpx_lease *lease);
void tcpx_lease_set_door(const struct tcpx_lease_door *door);
int tcpx_lease_init(void);
void tcpx_lease_exit(void);

#endif /* _TCPX_PATH_LEASE_H */
