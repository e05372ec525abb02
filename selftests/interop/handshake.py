#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The handshake: each option offered, taken and refused."""

import itertools

from path import *

SWITCHES = ('timestamps', 'sack', 'window_scaling')
BITS = dict(zip(SWITCHES, (TIMESTAMPS, SACK, WSCALE)))


def syns(cap, since):
    """The SYN and the SYN-ACK among the segments captured after @since."""
    segs = cap.poll()[since:]
    return [next(x for x in segs if x.flags & (SYN | ACK) == flags) for flags in (SYN, SYN | ACK)]


def offered(seg):
    """The switches whose option is in @seg."""
    return {name for name, there in zip(SWITCHES, (seg.ts, seg.sackok, seg.wscale is not None))
            if there}


@between('timestamps, SACK and window scaling, switched on and off at either side: 64 ways')
def negotiation(p):
    l = p.listen()
    cap = p.capture()
    for ours, theirs in itertools.product(itertools.product((0, 1), repeat=3), repeat=2):
        p.client.sysctls(**dict(zip(SWITCHES, ours)))
        p.server.sysctls(**dict(zip(SWITCHES, theirs)))
        what = 'client %r, server %r' % (ours, theirs)
        asked = {n for n, on in zip(SWITCHES, ours) if on}
        agreed = {n for n, a, b in zip(SWITCHES, ours, theirs) if a and b}
        since = len(cap.poll())
        c, s, _ = p.open(l)
        exchange(c, s, 30000)
        syn, synack = syns(cap, since)
        equal(offered(syn), asked, 'on the SYN: ' + what)
        equal(offered(synack), agreed, 'on the SYN-ACK: ' + what)
        for sock in (c, s):
            equal(options(sock) & ~ECN, sum(BITS[n] for n in agreed), 'agreed: ' + what)
        for seg in cap.poll()[since:]:
            if not seg.flags & SYN:
                equal(seg.ts is not None, 'timestamps' in agreed, 'timestamps: %s' % seg)
        close_both(c, s)


@between('ECN: each of its three settings at either side')
def ecn(p):
    l = p.listen()
    for ours, theirs in itertools.product((0, 1, 2), repeat=2):
        p.client.sysctl('ecn', ours)
        p.server.sysctl('ecn', theirs)
        c, s, _ = p.open(l)
        exchange(c, s, 30000)
        for sock in (c, s):
            equal(options(sock) & ECN, ECN if ours == 1 and theirs else 0,
                  'ECN, client %d, server %d' % (ours, theirs))
        close_both(c, s)


@between('MSS: an MTU of its own and TCP_MAXSEG at either side')
def mss(p):
    cap = p.capture()
    for client, server in itertools.product((1500, 1400, 1280), repeat=2):
        l = p.listen()
        for end, mtu in ((p.client, client), (p.server, server)):
            with end:
                set_mtu(end.device, mtu)
        since = len(cap.poll())
        c, s, _ = p.open(l)
        exchange(c, s, 30000)
        syn, synack = syns(cap, since)
        equal((syn.mss, synack.mss), (ip.mss(client), ip.mss(server)), 'MSS of the two SYNs')
        full = ip.mss(min(client, server)) - 12
        longest = {}
        for x in cap.poll()[since:]:
            longest[x.sport] = max(longest.get(x.sport, 0), x.len)
        equal(set(longest.values()), {full}, 'longest segments, MTU %d and %d' % (client, server))
        close_both(c, s)
        l.close()
    for end in p.ends:
        with end:
            set_mtu(end.device, 1500)
    l = p.listen()
    for sender, clamp in (('client', 600), ('server', 700)):
        since = len(cap.poll())
        if sender == 'server':
            l.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, clamp)
        c, s, _ = p.open(l, before=lambda c: sender == 'client' and c.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_MAXSEG, clamp))
        exchange(c, s, 30000)
        equal(syns(cap, since)[sender == 'server'].mss, clamp, 'MSS of the %s' % sender)
        equal(max(x.len for x in cap.poll()[since:]), clamp - 12, 'longest segment')
        close_both(c, s)


@between('no option at all: 536 octets a segment, or 1220')
def none(p):
    for end in p.ends:
        end.sysctls(timestamps=0, sack=0, window_scaling=0)
    # the router takes the MSS option from the SYNs
    p.rule('tcp flags & syn == syn reset tcp option maxseg')
    cap = p.capture('rs')
    c, s, _ = p.open()
    exchange(c, s)
    equal(cap.poll()[0].mss, None, 'MSS of the SYN')
    equal(info(s)['snd_mss'], ip.mss(576 if ip.version == 4 else 1280),
          'segments to a peer that names no MSS')
    close_both(c, s)


@between('a port where nobody listens: ECONNREFUSED')
def refused(p):
    s = p.client.socket()
    raises(errno.ECONNREFUSED, s.connect, p.to)


@between('a hundred connections at once, each with data')
def many(p):
    l = p.listen(backlog=200)
    pairs = []
    for _ in range(100):
        c = p.client.socket()
        c.connect(p.to)
        pairs.append((c, l.accept()[0]))
    carry(*((c, s, 20000) for c, s in pairs), *((s, c, 20000) for c, s in pairs))


main()
