#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S25: the byte stream survives a network that loses, duplicates, reorders and corrupts."""

import re

from lib import *

SIZE = 2 << 20
LOSS, DUP, REORDER, CORRUPT = (('loss', '5%'), ('duplicate', '2%'), ('reorder', '10%', '25%'),
                               ('corrupt', '0.5%'))
DELAY = ('delay', '10ms')


def statistics(veth):
    """Packets that each qdisc sent and dropped."""
    out = []
    for ns, name in veth.both():
        with ns:
            m = re.search(r'(\d+) pkt \(dropped (\d+)', run('tc', '-s', 'qdisc', 'show', 'dev', name))
            out.append((int(m.group(1)), int(m.group(2))))
    return out


def through(*impairment, size=SIZE, connections=1, mtu=1500):
    """Both directions at once through the same impairment, compared by hash."""
    veth = Veth(mtu)
    with veth.b:
        l = listener(Veth.B, 7001)
    netem(veth, *DELAY, *sum(impairment, ()), 'limit', '100000')
    flows = []
    for n in range(connections):
        c = connect((Veth.B, 7001))
        s, _ = l.accept()
        flows += [(c, pattern(size + n, 2 * n), s), (s, pattern(size - n, 2 * n + 1), c)]
    t = now()
    transfer(flows, seconds=50000)
    stats = statistics(veth)
    diag('%.1f s; packets and drops each way: %r' % (now() - t, stats))
    return stats


@case('S25', 'clean, with a delay of 10 ms: the measure')
def clean():
    stats = through()
    check(all(drops == 0 for _, drops in stats), 'drops on a clean link')


@case('S25', 'loss 5 %, both directions at once, by hash')
def loss():
    stats = through(LOSS)
    check(all(drops > pkts * 0.02 for pkts, drops in stats), 'nothing was lost: %r' % stats)


@case('S25', 'duplication 2 %, both directions at once, by hash')
def duplication():
    through(DUP)


@case('S25', 'reordering 10 %, both directions at once, by hash')
def reordering():
    through(REORDER)


@case('S25', 'corruption 0.5 %, both directions at once, by hash')
def corruption():
    through(CORRUPT)


@case('S25', 'all together: loss 5 %, duplication 2 %, reordering 10 %, corruption 0.5 %')
def together():
    through(LOSS, DUP, REORDER, CORRUPT)


@case('S25', 'all together, eight connections at once')
def together_many():
    through(LOSS, DUP, REORDER, CORRUPT, size=200000, connections=8)


@case('S25', 'all together, small MTU')
def together_small():
    through(LOSS, DUP, REORDER, CORRUPT, size=200000, mtu=max(576, ip.min_mtu))


@case('S25', 'loss 20 %: slow, yet whole')
def heavy_loss():
    through(('loss', '20%'), size=50000)


@case('S25', 'corrupted segments are seen as such: the checksum counter grows')
def corruption_counted():
    veth = Veth()
    before = counters()
    with veth.b:
        l = listener(Veth.B, 7001)
    netem(veth, *DELAY, 'corrupt', '5%')
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    transfer([(c, pattern(300000, 1), s), (s, pattern(300000, 2), c)], seconds=50000)
    check(any('csum' in k.lower() for k in grown(before)), 'no checksum error was counted: %r' %
          grown(before))


@case('S25', 'open, small exchange and release, 50 times, all impairments together')
def short_connections():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    netem(veth, *DELAY, *LOSS, *DUP, *REORDER, *CORRUPT)
    for n in range(50):
        c = connect((Veth.B, 7001))
        # the last ACK of the handshake may be lost: data that carries it completes it
        c.sendall(b'question %d' % n)
        c.shutdown(1)
        s, _ = l.accept()
        equal(recv_exactly(s, 100), b'question %d' % n, 'question')
        s.sendall(b'answer %d' % n)
        s.close()
        equal(recv_exactly(c, 100), b'answer %d' % n, 'answer')
        c.close()


main()
