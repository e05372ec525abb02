#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""SYN cookies (RFC 4987) of either side, always and under a flood."""

import itertools

from path import *

SWITCHES = ('timestamps', 'sack', 'window_scaling')


@between('each connection by a cookie: with and without timestamps, SACK and window scaling')
def always(p):
    p.netem('delay', '5ms')
    p.server.sysctl('syncookies', 2)
    l = p.listen()
    before = p.server.counters()
    ways = list(itertools.product((0, 1), repeat=3))
    for way in ways:
        p.client.sysctls(**dict(zip(SWITCHES, way)))
        c, s, _ = p.open(l)
        # a cookie keeps SACK and window scaling only where there are timestamps
        want = 0 if not way[0] else TIMESTAMPS | SACK * way[1] | WSCALE * way[2]
        for sock in (c, s):
            equal(options(sock) & ~ECN, want, 'options, %r' % (way,))
        carry((c, s, 300000), (s, c, 300000))
    grew = p.server.grown(before)
    for name in ('SyncookiesSent', 'SyncookiesRecv'):
        equal(grew.get(name), len(ways), name)


@between('a cookie, and the first data of the client comes before its ACK is seen')
def ack_lost(p):
    p.netem('delay', '5ms')
    p.server.sysctl('syncookies', 2)
    l = p.listen()
    p.rule('iifname "rc" tcp flags & (syn|ack) == ack meta length < 80 limit rate over 1/hour '
           'burst 1 packets accept', 'iifname "rc" tcp flags & (syn|ack) == ack meta length < 80 '
           'counter drop', hook='postrouting', priority=200)
    c = p.client.socket()
    c.connect(p.to)
    c.sendall(b'with the ACK')
    s, _ = l.accept()
    equal(recv_exactly(s, 12), b'with the ACK', 'data')
    exchange(c, s)


@between('an ACK that answers no SYN: a RST, or silence, and no connection')
def forged(p):
    p.server.sysctl('syncookies', 2)
    l = p.listen()
    l.setblocking(False)
    cap = p.capture('rs')
    flood(p, 50, 'A')
    sleep(1)
    raises(errno.EAGAIN, l.accept)
    check(all(x.flags & RST for x in cap.poll() if x.sport == PORT), 'an answer without RST')


def flood(p, count, flags, opts=b''):
    """@count segments with forged addresses, from behind the server's router."""
    inject(p, 'rs', 2, *(
        build(address(9, 2 + n % 200), p.server.address, 10000 + n, PORT, n * 65537 + 1, n * 31 + 1,
              flags, opts=opts) for n in range(count)))


@between('a flood of 2000 SYNs fills the queue: cookies, and every connection of the client comes')
def flooded(p):
    p.server.sysctls(syncookies=1, max_syn_backlog=64)
    with p.server:
        sysctl('net.core.somaxconn', 64)
    l = p.listen(backlog=64)
    # the answers go to nobody
    with p.server:
        run('ip', ip.cli, 'route', 'add', 'default', 'via', address(2, 1))
    with p.router:
        run('ip', ip.cli, 'route', 'add', 'blackhole', ip.one(address(9, 0)).replace(
            '/%d' % ip.bits, '/%d' % ip.prefix))
    before = p.server.counters()
    flood(p, 2000, 'S', opt_mss(1460))
    for _ in range(20):
        c, s, _ = p.open(l)
        exchange(c, s, 50000)
        close_both(c, s)
    check(p.server.grown(before).get('SyncookiesSent', 0) > 1000, 'cookies sent: %r' %
          p.server.grown(before).get('SyncookiesSent'))
    check(p.server.grown(before).get('SyncookiesRecv', 0) >= 20, 'connections by cookie: %r' %
          p.server.grown(before).get('SyncookiesRecv'))


main()
