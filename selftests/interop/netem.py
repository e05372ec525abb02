#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""100 MB each way through a network that loses, reorders, duplicates, corrupts and delays."""

from path import *

SIZE = int((100 << 20) * SHARE)
PATHS = {
    'delay': (),
    'loss 1 %': ('loss', '1%'),
    'reordering': ('reorder', '10%', '25%'),
    'duplication': ('duplicate', '2%'),
    'corruption': ('corrupt', '0.5%'),
    'all together': ('loss', '1%', 'reorder', '5%', '25%', 'duplicate', '1%', 'corrupt', '0.1%'),
    '100 Mbit/s and a queue of 50 packets': ('rate', '100mbit', 'limit', '50'),
}


for name, impairment in PATHS.items():
    @between('netem, %s, %d MB each way' % (name, SIZE >> 20))
    def through(p, impairment=impairment):
        if 'corrupt' not in impairment:
            p.guard_hosts()
        p.netem('delay', '5ms', *('limit', '100000') * ('limit' not in impairment), *impairment)
        c, s, _ = p.open()
        t = now()
        carry((c, s, SIZE), (s, c, SIZE))
        diag('%.1f s' % (now() - t))


main()
