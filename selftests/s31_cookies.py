#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""SYN cookies (RFC 4987, 3.6): nothing is kept, nothing is forgotten, nothing can be forged."""

import random
import socket
import struct

from lib import *

OPT_TS, OPT_SACK, OPT_WSCALE, OPT_ECN = 1, 2, 4, 8
SACKOK = opt_sackok()


def cookies(mode):
    sysctl('syncookies' if TCPX else 'net.ipv4.tcp_syncookies', mode)


def agreed(s):
    """What TCP_INFO says was negotiated: (options, the peer's shift, send MSS)."""
    info = tcp_info(s)
    return info[5] & 7, info[6] & 15, struct.unpack_from('I', info, 16)[0]


def flood(tun, n, port=7001):
    """@n SYNs from as many peers that never answer."""
    for i in range(n):
        Conn(tun, 1024 + i // 90, port, ip.addr(9, 1, 2 + i % 90), iss=i).syn()
        if i % 100 == 99:
            tun._drain()
            tun.pending.clear()
    tun._drain()
    tun.pending.clear()


def syn_opts(ts=None, ws=None, sack=False, mss=ip.mss()):
    return (opt_mss(mss) + (SACKOK if sack else b'') + (opt_ts(ts) if ts is not None else b'') +
            (opt_ws(ws) if ws is not None else b''))


class Client(Conn):
    """A peer that offers @opts and echoes timestamps where they are agreed."""

    def __init__(self, tun, sport, opts, **kw):
        super().__init__(tun, sport, 7001, **kw)
        self.offer = opts
        self.sent, self.clock = None, 5000

    def shake(self):
        self.syn(self.offer)
        self.synack = self.rx('SA', ack=1)
        if self.synack.ts:
            self.opts = self.stamp
        return self.synack

    def stamp(self):
        self.clock += 1
        return opt_ts(self.clock, (self.last or self.synack).ts[0])


def accepted(l, what):
    check(wait_readable(l), what + ': nothing to accept')
    return l.accept()[0]


@case('S31', 'SYN cookies: under a flood a real client gets in, its options are kept')
def flooded():
    tun = Tun()
    sysctl('max_syn_backlog', 64)
    l = listener(port=7001, backlog=64)
    before = counters()
    flood(tun, 5000)
    if TCPX:
        g = grown(before)
        equal(g.get('ListenEvicted', 0), 0, 'evicted')
        check(g['SyncookiesSent'] >= 5000 - 64, '%r' % g)
    c = Client(tun, 50000, syn_opts(ts=5000, ws=9, sack=True), addr=ip.addr(9, 1, 200))
    sa = c.shake()
    check(sa.ts and sa.sackok and sa.wscale is not None, 'the SYN+ACK: %s' % sa)
    equal(sa.ts[1], 5000, 'TSecr')
    c.win = 100
    c.tx('A')
    s = accepted(l, 'under a flood')
    equal(agreed(s), (OPT_TS | OPT_SACK | OPT_WSCALE, 9, ip.mss() - 12), 'options, shift, MSS')
    # 100 << 9 bytes may leave; their clock goes on where the cookie's stood
    s.setblocking(False)
    s.send(bytes(100 << 10))
    got, last = 0, sa.ts[0]
    for x in c.all(0.1):
        check(not lt(x.ts[0], last), 'TSval stepped back: %s' % x)
        last = x.ts[0]
        got = max(got, c.rseq(x) + x.len - 1)
    check(0 < got <= 100 << 9, '%d bytes for a window of %d' % (got, 100 << 9))
    equal(got, 10 * (ip.mss() - 12), 'the initial window of ten segments')
    c.tx('PA', 'request')
    check(wait_readable(s), 'no data')
    equal(s.recv(100), b'request', 'data')
    if TCPX:
        equal(grown(before).get('SyncookiesRecv'), 1, 'SyncookiesRecv')


@case('S31', 'SYN cookies: nothing is kept of a SYN: no SYN+ACK comes again, no entry is made')
def stateless():
    tun = Tun()
    cookies(2)
    l = listener(port=7001)
    flood(tun, 500)
    check(tun.next(within=300) is None, 'a SYN+ACK came again')
    equal(state(l), LISTEN, 'state')


@case('S31', 'SYN cookies: every set of options: what the SYN+ACK agrees to is what is used')
def options():
    tun = Tun()
    cookies(2)
    l = listener(port=7001, backlog=100)
    sport = 20000
    for ts in (None, 0, 0xffffffff):
        for ws in (None, 0, 1, 7, 14):
            for sack in (False, True):
                sport += 1
                c = Client(tun, sport, syn_opts(ts, ws, sack), iss=random.getrandbits(32))
                if ts is not None:
                    c.clock = ts
                sa = c.shake()
                what = 'ts %r, scale %r, sack %r' % (ts, ws, sack)
                equal(sa.ts is not None, ts is not None, what + ': timestamps')
                # without timestamps nothing carries the rest, so it is not agreed
                equal(sa.sackok, sack and ts is not None, what + ': SACK')
                equal(sa.wscale is not None, ws is not None and ts is not None,
                      what + ': window scale')
                sleep(0.2)
                c.tx('PA', 'first')
                s = accepted(l, what)
                want = ((OPT_TS if sa.ts else 0) | (OPT_SACK if sa.sackok else 0) |
                        (OPT_WSCALE if sa.wscale is not None else 0))
                equal(agreed(s), (want, ws if want & OPT_WSCALE else 0,
                                  ip.mss() - 12 * bool(sa.ts)), what)
                equal(s.recv(10), b'first', what)
                s.send(b'answer')
                while True:
                    x = c.rx(what=what)
                    if x.ts:
                        check(not lt(x.ts[0], sa.ts[0]), what + ': TSval stepped back')
                    if x.len:
                        break
                equal(x.data, b'answer', what)
                dead_close(s)
                c.flush()


@case('S31', 'SYN cookies: the MSS is kept, rounded down to one of eight')
def sizes():
    need(TCPX, 'the kernel\'s TCP has four')
    tun = Tun(mtu=9000)
    cookies(2)
    l = listener(port=7001)
    # what a segment may carry at most
    most = ip.mss(9000)
    for n, (mss, kept) in enumerate(((None, ip.default_mss), (8, 88), (100, 88), (536, 536),
                                     (1000, 536), (1300, 1220), (1380, 1340), (1412, 1400),
                                     (1452, 1440), (1460, 1460), (8000, 1460), (8960, most),
                                     (65495, most))):
        c = Client(tun, 20000 + n, opt_mss(mss) if mss else b'')
        c.shake()
        c.tx('A')
        equal(agreed(accepted(l, 'MSS %r' % mss))[2], kept, 'MSS %r' % mss)


@case('S31', 'SYN cookies: good for 96 s at least, for 128 s at most; then RST')
def expiry():
    need(TCPX, 'the kernel\'s TCP has another life time')
    tun = Tun()
    cookies(2)
    l = listener(port=7001)
    for n, (age, good) in enumerate(((0, True), (60, True), (95, True), (129, False),
                                     (2048, False), (2050, False))):
        c = Client(tun, 20000 + n, syn_opts(ts=5000, ws=3, sack=True))
        c.shake()
        if age > 128:
            # another one, so that cookies are looked for at all
            sleep(age - 10)
            Client(tun, 30000 + n, b'').shake()
            sleep(10)
        else:
            sleep(age)
        c.tx('A')
        if good:
            dead_close(accepted(l, 'after %d s' % age))
            c.flush()
        else:
            c.rx_at_once('R', what='after %d s' % age)
    check(not wait_readable(l, 0), 'accepted')


@case('S31', 'SYN cookies: 20000 forged ACKs: each gets RST <SEQ=SEG.ACK>, none gets in')
def forged():
    tun = Tun()
    cookies(2)
    l = listener(port=7001)
    c = Client(tun, 20000, syn_opts(ts=5000))
    sa = c.shake()
    before = counters()
    rng = random.Random(5961)
    for n in range(20000):
        # near the real one, and anywhere
        guess = (sa.seq + 1 + (rng.randrange(8, 1 << 12) if n & 1 else rng.getrandbits(32)))
        f = Conn(tun, 20000 + n % 3, 7001)
        f.irs = 0
        f.tx('A', seq=1, ack=guess, opts=opt_ts(1, sa.ts[0]) if n % 5 else b'')
        x = f.rx_at_once('R', what='forgery %d' % n)
        equal(x.seq, guess & 0xffffffff, 'sequence number of the RST')
    check(not wait_readable(l, 0), 'a forged cookie was taken')
    if TCPX:
        equal(grown(before).get('SyncookiesFailed'), 20000, 'SyncookiesFailed')
    # the genuine one still counts
    c.tx('A')
    accepted(l, 'the genuine cookie')


@case('S31', 'SYN cookies: another port, another address, another ISN: not with this cookie')
def stolen():
    tun = Tun()
    cookies(2)
    l = listener(port=7001)
    sa = Client(tun, 20000, b'').shake()
    for sport, addr, iss in ((20001, None, 1000000), (20000, ip.addr(9, 1, 3), 1000000),
                             (20000, None, 1000001)):
        f = Conn(tun, sport, 7001, addr or REMOTE, iss)
        f.irs, f.rcv_nxt = sa.seq, sa.end
        f.tx('A', seq=1)
        f.rx_at_once('R')
    check(not wait_readable(l, 0), 'accepted')


@case('S31', 'SYN cookies: where none was sent none is looked for')
def not_looked_for():
    need(TCPX, 'counts in tcpx_snmp')
    tun = Tun()
    l = listener(port=7001)
    other = listener(port=7002)
    before = counters()
    f = Conn(tun, 20000, 7001)
    f.tx('A', seq=1, ack=77)
    f.rx_at_once('R')
    equal(grown(before).get('SyncookiesFailed', 0), 0, 'SyncookiesFailed')
    # one listener's flood is not another's
    cookies(2)
    Client(tun, 20001, b'').shake()
    g = Conn(tun, 20000, 7002)
    g.tx('A', seq=1, ack=77)
    g.rx_at_once('R')
    equal(grown(before).get('SyncookiesFailed', 0), 0, 'SyncookiesFailed, the other listener')
    check(l and other, '')


@case('S31', 'SYN cookies: the third ACK lost: data brings the cookie, and is delivered')
def late():
    tun = Tun()
    cookies(2)
    l = listener(port=7001)
    c = Client(tun, 20000, syn_opts(ts=5000, ws=2, sack=True))
    c.shake()
    sleep(3)
    c.tx('PA', 'with the cookie')
    s = accepted(l, 'data with a cookie')
    equal(s.recv(100), b'with the cookie', 'data')
    c.rx('A', ack=16)
    # a second copy of it is old data, not another connection
    c.tx('PA', 'with the cookie', seq=1)
    c.rx('A', ack=16)
    check(not wait_readable(l, 0), 'two connections')


@case('S31', 'SYN cookies: the accept queue is full: the ACK is not heard, data repeats it')
def full_queue():
    tun = Tun()
    cookies(2)
    l = listener(port=7001, backlog=1)
    clients = [Client(tun, 20000 + n, b'') for n in range(3)]
    for c in clients:
        c.shake()
    for c in clients:
        c.tx('A')
    sleep(1)
    clients[2].quiet(0.1)
    for _ in range(2):
        accepted(l, 'the first two')
    clients[2].tx('PA', 'again')
    equal(accepted(l, 'the third').recv(10), b'again', 'data')


@case('S31', 'SYN cookies: from TIME-WAIT no cookie: the ISS begins above the old numbers')
def from_time_wait():
    need(TCPX, 'the ISS is compared with tcpx\'s own')
    tun = Tun()
    cookies(2)
    l = listener(port=7001)
    c = Client(tun, 20000, b'')
    c.shake()
    c.tx('A')
    s = accepted(l, 'the first')
    s.close()
    c.rx('FA')
    c.tx('FA')
    c.rx('A')
    before = counters()
    d = Client(tun, 20000, b'', iss=2000000)
    sa = d.shake()
    check(lt(c.rcv_nxt, sa.seq), 'ISS %d after %d' % (sa.seq, c.rcv_nxt))
    equal(grown(before).get('SyncookiesSent', 0), 0, 'SyncookiesSent')
    d.tx('A')
    accepted(l, 'the second')


def member():
    """A listener of a group."""
    l = tcp_socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    l.bind((ip.ANY, 7001))
    l.listen(100)
    return l


@case('S31', 'SYN cookies: any listener of a SO_REUSEPORT group takes what one of them has sent')
def group():
    tun = Tun()
    cookies(2)
    listeners = [member()]
    clients = [Client(tun, 20000 + n, syn_opts(ts=n, ws=3, sack=True)) for n in range(32)]
    for c in clients:
        c.shake()
    # with eight of them most ACKs go to another than the one that has sent the cookie
    listeners += [member() for _ in range(7)]
    sleep(2)
    for c in clients:
        c.tx('A')
    equal(tun.next(within=0.1), None, 'an answer to the ACKs')
    got = [0] * len(listeners)
    for n, l in enumerate(listeners):
        while wait_readable(l, 0):
            l.accept()[0].close()
            got[n] += 1
    equal(sum(got), 32, 'connections')
    check(got[0] < 32, 'all came to the first: %r' % got)
    # a forged one is refused, whichever listener gets it
    Conn(tun, 30000, 7001).tx('A', ack=77)
    x = tun.next(lambda g: g.dport == 30000)
    check(x and x.flags & RST, 'the answer to a forged one: %s' % x)


@case('S31', 'SYN cookies: ECN is kept where a timestamp carries it, and is off where none does')
def with_ecn():
    tun = Tun()
    cookies(2)
    sysctl('ecn', 1)
    l = listener(port=7001)
    for n, ts in enumerate((9000, None)):
        c = Client(tun, 20000 + n, b'')
        c.tx('SEC', opts=syn_opts(ts=ts, ws=3, sack=True))
        c.synack = c.rx()
        on = ts is not None
        if on:
            c.opts = c.stamp
        what = 'with timestamps' if on else 'without'
        equal(bool(c.synack.flags & ECE), on, what + ': ECE in the SYN+ACK')
        c.tx('A')
        s = accepted(l, what)
        equal(bool(tcp_info(s)[5] & OPT_ECN), on, what + ': TCPI_OPT_ECN')
        s.send(b'text')
        x = c.rx('PA')
        equal(x.tos & 3, 2 if on else 0, what + ': ECT(0) on payload')
        c.tx('PA', b'marked', tos=3)
        x = c.rx()
        equal(bool(x.flags & ECE), on, what + ': ECE for a mark')
        dead_close(s)
        c.flush()


@case('S31', 'SYN cookies: between two kernels: 200 connections, 1 MB each way')
def two_kernels():
    veth = Veth()
    with veth.b:
        cookies(2)
        l = listener(Veth.B, 7001)
    for _ in range(200):
        c = connect((Veth.B, 7001))
        s, _ = l.accept()
        equal(agreed(s)[0], 7, 'options')
        dead_close(c)
        s.close()
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    data = pattern(1 << 20)
    transfer([(c, data, s), (s, data[::-1], c)])


@case('S31', 'SYN cookies: net.tcpx.syncookies = 0: never, the oldest entry makes room instead')
def never():
    need(TCPX, 'the kernel\'s TCP drops the SYN')
    tun = Tun()
    cookies(0)
    sysctl('max_syn_backlog', 16)
    l = listener(port=7001)
    before = counters()
    flood(tun, 100)
    g = grown(before)
    equal((g.get('ListenEvicted'), g.get('SyncookiesSent', 0)), (84, 0), 'evicted, cookies')
    equal(state(l), LISTEN, 'state')
    raises(22, cookies, 3, what='syncookies = 3')


main()
