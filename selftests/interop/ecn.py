#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ECN (RFC 3168): what the path marks, the receiver echoes and the sender heeds."""

from path import *

SIZE = 4 << 20
ECT, CE = (1, 2), 3


def established(p, client=1, server=1):
    p.client.sysctl('ecn', client)
    p.server.sysctl('ecn', server)
    return p.open()


def first_time(segs):
    """Without what is sent again, which may not be marked (RFC 3168, 6.1.5)."""
    high = None
    for x in segs:
        if high is None or lt(high, x.end):
            high = x.end
            yield x


def marked(p, *senders):
    """Marks among the data of @senders; each must be echoed, and the echo be answered."""
    p.netem('delay', '5ms', 'limit', '100000')
    caps = {'client': p.capture('rs'), 'server': p.capture('rc')}
    c, s, _ = established(p)
    socks = {'client': c, 'server': s}
    # the sysctl's bit alone is no promise that the stack heeds a mark
    equal((options(c) & ECN, options(s) & ECN), (ECN, ECN), 'ECN is agreed on')
    p.netem('delay', '5ms', 'limit', '100000', 'loss', '2%', 'ecn',
            to=['client' if one == 'server' else 'server' for one in senders])
    before = {one.device: one.counters()['RetransSegs'] for one in p.ends}
    carry((c, s, SIZE), (s, c, SIZE))
    for sender in senders:
        port = socks[sender].getsockname()[1]
        segs = caps[sender].poll()
        data = [x for x in segs if x.sport == port and x.len]
        equal([str(x) for x in first_time(data) if not x.tos & 3], [],
              'data that cannot be marked')
        pure = [x for x in segs if x.sport == port and not x.len and not x.flags & SYN]
        check(all(x.tos & 3 == 0 for x in pure), 'an ACK that can be marked')
        marks = [x for x in data if x.tos & 3 == CE]
        echoes = [x for x in segs if x.sport != port and x.flags & ECE and not x.flags & SYN]
        reduced = [x for x in data if x.flags & CWR]
        check(len(marks) > 5, '%d marks' % len(marks))
        check(echoes, 'no echo of %d marks' % len(marks))
        check(1 <= len(reduced) <= len(marks), '%d marks, %d times CWR' % (
            len(marks), len(reduced)))
        # each mark is echoed until CWR answers it, and no longer
        check(not any(x.t < marks[0].t for x in echoes), 'an echo before the first mark')
        check(info(socks[sender])['delivered_ce'] > 0, 'tcpi_delivered_ce')
    # netem drops what it cannot mark: the FIN, or the last ACK, costs a probe
    for one in p.ends:
        again = one.counters()['RetransSegs'] - before[one.device]
        check(again <= 2, 'the %s sent %d again, though no data was lost' % (one.device, again))


@between('marks on what the client sends')
def client_marked(p):
    marked(p, 'client')


@between('marks on what the server sends')
def server_marked(p):
    marked(p, 'server')


@between('marks in both directions at once')
def both_marked(p):
    marked(p, 'client', 'server')


@between('a router that drops SYNs with ECN: after two of them, one without')
def fallback(p):
    p.rule('tcp flags & (syn|ecn|cwr) == syn|ecn|cwr counter drop')
    c, s, _ = established(p)
    exchange(c, s)
    equal((options(c) & ECN, options(s) & ECN), (0, 0), 'ECN')


@between('a router that clears the bits: nothing is marked, all arrives')
def bleached(p):
    p.rule('ip ecn set not-ect', 'ip6 ecn set not-ect')
    c, s, _ = established(p)
    carry((c, s, SIZE), (s, c, SIZE))


@between('a router that marks everything: slow, yet whole')
def all_marked(p):
    p.netem('delay', '1ms')
    p.rule('ip ecn & 3 != 0 ip ecn set ce', 'ip6 ecn & 3 != 0 ip6 ecn set ce')
    c, s, _ = established(p)
    carry((c, s, 300000), (s, c, 300000))


main()
