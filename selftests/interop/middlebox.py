#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Through middleboxes that split, merge and rewrite segments: hard on both stacks."""

from path import *
from mangle import MODES, SACKOK, TS, WS, Foreign, Merge, Recut, StripBlocks

SIZE = 1 << 20
# Segments of less than the path takes, where what passes may get longer
LESS = {Merge: 400, Recut: 1000, Foreign: 1100}


for mode in MODES:
    for impairment in ((), ('loss', '1%', 'reorder', '2%')):
        @between('a middlebox that %s%s' % (
            mode.__doc__, '; loss and reordering' * bool(impairment)), box=mode)
        def through(p, mode=mode, impairment=impairment):
            p.guard_hosts()
            p.netem('delay', '5ms', 'limit', '10000', *impairment)
            l = p.listen()
            less = LESS.get(mode)
            if less:
                l.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, less)
            c, s, _ = p.open(l, before=lambda c: less and c.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_MAXSEG, less))
            t = now()
            carry((c, s, SIZE), (s, c, SIZE))
            diag('%.1f s, %d changes' % (now() - t, p.box.changed))
            # there is nothing to take from an ACK if nothing is lost
            check(p.box.changed or mode is StripBlocks and not impairment, 'nothing was changed')
            agreed = options(c)
            equal(options(s), agreed, 'options of the two ends')
            for kind, bit in ((SACKOK, SACK), (TS, TIMESTAMPS), (WS, WSCALE)):
                equal(bool(agreed & bit), kind not in getattr(mode, 'kinds', ()),
                      'option %d' % kind)


main()
