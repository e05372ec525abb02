// SPDX-License-Identifier: GPL-2.0
/* The limit on challenge ACKs that a namespace's administrator may set. */
#include <linux/random.h>

#include "challenge.h"
#include "mib.h"
#include "net.h"

/**
 * tcpx_challenge_allowed() - may another challenge ACK leave?  RFC 5961, 10
 * @net: namespace
 * @now: ns
 *
 * Each connection has a limit of its own (core/segment.c, which says why none is shared by
 * default).  An administrator may set one for the namespace as well,
 * net.tcpx.challenge_ack_limit; it varies by half from second to second, which makes it
 * harder, not impossible, for an attacker off the path to find out by counting whether
 * others have used it up (CVE-2016-5696).
 *
 * Context: softirq or process.  Return: true if it may; it is counted either way.
 */
bool tcpx_challenge_allowed(struct net *net, u64 now)
{
	struct tcpx_net *tn = tcpx_pernet(net);
	u64 second = div_u64(now, NSEC_PER_SEC) + 1;
	u32 limit = READ_ONCE(tn->challenge_ack_limit);
	bool ok;

	if (limit >= TCPX_CHALLENGE_UNLIMITED) {
		tcpx_mib_inc(net, TCPX_MIB_CHALLENGE_ACKS);
		return true;
	}
	spin_lock_bh(&tn->challenge_lock);
	if (tn->challenge_second != second) {
		tn->challenge_second = second;
		tn->challenge_left = limit - limit / 4 +
				     (limit > 1 ? get_random_u32() % (limit / 2 + 1) : 0);
	}
	ok = tn->challenge_left;
	if (ok)
		tn->challenge_left--;
	spin_unlock_bh(&tn->challenge_lock);
	tcpx_mib_inc(net, ok ? TCPX_MIB_CHALLENGE_ACKS : TCPX_MIB_CHALLENGE_LIMITED);
	return ok;
}
