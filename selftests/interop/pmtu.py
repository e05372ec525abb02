#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Path MTU: routers that tell of a narrow link, and routers that do not."""

from path import *

SIZE = 2 << 20
NARROW = 1300
OVERHEAD = ip.head + 20 + 12
MUTE = ('icmp type destination-unreachable drop', 'icmpv6 type packet-too-big drop')


def longest(cap, sock):
    port = sock.getsockname()[1]
    return max(x.ip_len for x in cap.poll() if x.sport == port)


def widths(s):
    """(path MTU, payload of a full segment)."""
    return info(s)['pmtu'], info(s)['snd_mss']


for towards in (('server',), ('client',), ('client', 'server')):
    @between('a link of %d towards the %s: the router says so, all arrives' % (
        NARROW, ' and the '.join(towards)))
    def told(p, towards=towards):
        p.netem('delay', '5ms')
        p.narrow(NARROW, towards)
        caps = {'server': p.capture('rs'), 'client': p.capture('rc')}
        c, s, _ = p.open()
        carry((c, s, SIZE), (s, c, SIZE))
        for end, sender in (('server', c), ('client', s)):
            if end in towards:
                equal(widths(sender), (NARROW, NARROW - OVERHEAD), 'towards the ' + end)
                equal(longest(caps[end], sender), NARROW, 'longest packet on the narrow link')
            else:
                equal(widths(sender)[0], 1500, 'path MTU towards the ' + end)


@between('the link gets narrower while data flows, three times')
def shrinking(p):
    p.netem('delay', '5ms')
    c, s, _ = p.open()
    for mtu in (1500, 1460, 1400, 1280):
        p.narrow(mtu)
        carry((c, s, SIZE // 4), (s, c, SIZE // 4), end=False)
        for sock in (c, s):
            equal(widths(sock), (mtu, mtu - OVERHEAD), 'path MTU and segments')


@between('a narrow link and a loss of 2 %')
def lossy(p):
    p.narrow(NARROW)
    p.netem('delay', '5ms', 'loss', '2%', 'limit', '10000')
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))
    for sock in (c, s):
        equal(widths(sock), (NARROW, NARROW - OVERHEAD), 'path MTU and segments')


@between('a black hole: nobody says that the link is narrow; mtu_probing 1 finds out')
def black_hole(p):
    p.rule(*MUTE, hook='output')
    for end in p.ends:
        end.sysctl('mtu_probing', 1)
    p.netem('delay', '5ms')
    p.narrow(NARROW)
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))
    for sock in (c, s):
        check(500 < info(sock)['snd_mss'] <= NARROW - OVERHEAD, 'segments of %d' %
              info(sock)['snd_mss'])


@between('mtu_probing 2: it starts small and grows to what the path takes')
def searching(p):
    p.rule(*MUTE, hook='output')
    for end in p.ends:
        end.sysctls(mtu_probing=2, base_mss=1024)
    p.netem('delay', '5ms')
    c, s, _ = p.open()
    before = [end.counters() for end in p.ends]
    carry((c, s, SIZE), (s, c, SIZE))
    for sock, end, b in zip((c, s), p.ends, before):
        check(info(sock)['snd_mss'] > 1400 - OVERHEAD, 'segments of %d' % info(sock)['snd_mss'])
        check(end.grown(b).get('TCPMTUPSuccess'), 'no probe has arrived')


@between('the router clamps the MSS of SYNs to its narrow link: no error is ever sent')
def clamped(p):
    p.narrow(NARROW)
    p.rule('tcp flags & syn == syn tcp option maxseg size set %d' % ip.mss(NARROW))
    p.rule('icmp type destination-unreachable counter drop comment "told"',
           'icmpv6 type packet-too-big counter drop comment "told"', hook='output')
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))
    for sock in (c, s):
        equal(info(sock)['snd_mss'], NARROW - OVERHEAD, 'segments')


@between('forged errors about numbers that are not under way: the path MTU stays')
def forged(p):
    cap = p.capture('rs')
    c, s, _ = p.open()
    exchange(c, s)
    sleep(1)
    for sock, end, net in ((c, p.client, 1), (s, p.server, 2)):
        port = sock.getsockname()[1]
        # an old segment, acknowledged long ago
        seg = next(x for x in cap.poll() if x.sport == port and x.len)
        error = ip.icmp(ip.TOO_BIG, address(net, 3 - net), end.address, 600, seg.raw[:200])
        inject(p, 'r' + end.device, net, error)
    sleep(1)
    exchange(c, s)
    for sock in (c, s):
        equal(widths(sock), (1500, 1500 - OVERHEAD), 'path MTU and segments')


main()
