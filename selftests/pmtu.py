#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Path MTU found by probes (RFC 4821, 8899): black holes, routers that answer, clamped paths."""

import socket
import struct

from lib import *
from lib.receiver import info

BASE, FULL = 1024, ip.mss()
HEADERS = ip.head + 32                  # timestamps with them
SO_SNDBUFFORCE = 32
DONT, WANT, DO, PROBE, INTERFACE, OMIT = range(6)
# With these a router is heard; in IPv6, that never cuts, with DONT as well
TOLD = (WANT, DO, PROBE) if ip.version == 4 else (DONT, WANT, DO, PROBE)
WORDS = ('DONT', 'WANT', 'DO', 'PROBE', 'INTERFACE', 'OMIT')


def snd_mss(s):
    return info(s)['snd_mss']


def snd_cwnd(s):
    return info(s)['snd_cwnd'] * snd_mss(s)


class Path(Routed):
    """A router between both ends, 10 ms away each way."""

    def __init__(self, probing):
        super().__init__()
        sysctl('mtu_probing', probing)
        cut('va')                       # the router's rules go by the size of a packet
        netem(self.veth, 'delay', '10ms')

    def swallow(self, size):
        """Drop what is larger than @size, and do not say so."""
        with self.veth.b:
            run('nft', 'add', 'table', 'inet', 't')
            run('nft', 'add chain inet t c { type filter hook forward priority 0; }')
            run('nft', 'add rule inet t c meta length > %d drop' % size)

    def answer(self, size):
        """Drop it, and say so: the next link takes no more."""
        with self.veth.b:
            set_mtu('vc', size)


@case('RFC 4821, 7.3', 'net.tcpx.mtu_probing = 2: the search begins at base_mss and ends at the full size')
def clear():
    r = Path(2)
    c, s = r.pair()
    equal(snd_mss(c), BASE - (12 if TCPX else 0), 'segments at the start')
    before = counters()
    transfer([(c, pattern(1 << 20), s)])
    g = grown(before)
    check(snd_mss(c) > FULL - 12 - 16, 'segments of %d' % snd_mss(c))
    if TCPX:
        equal(snd_mss(c), FULL - 12, 'segments at the end')
        equal((g.get('TCPMTUPSuccess'), g.get('TCPMTUPFail'), g.get('RetransSegs')),
              (1, None, None), 'probes, and what was sent again')


@case('RFC 4821, 7.7', 'a router that swallows large segments: found by probes, without a time-out')
def swallowed():
    need(TCPX, 'counters')
    for size in (1499, 1400, 1280, BASE + ip.head + 20):
        r = Path(2)
        r.swallow(size)
        c, s = r.pair()
        c.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 150000)      # some round trips
        before = counters()
        transfer([(c, pattern(4 << 20), s)])
        g = grown(before)
        check(size - 8 < snd_mss(c) + HEADERS <= size, 'segments of %d for a path of %d' % (
            snd_mss(c), size))
        equal((g.get('TCPTimeouts'), g.get('FastRetrans')), (None, None), 'time-outs, recoveries')
        diag('path of %d: segments of %d, %d probes arrived, %d were lost' % (
            size, snd_mss(c), g.get('TCPMTUPSuccess', 0), g.get('TCPMTUPFail', 0)))
        dead_close(c)
        dead_close(s)
        run('ip', 'link', 'del', 'va')


@case('RFC 4821, 7.6.3', 'net.tcpx.mtu_probing = 1: a black hole is noticed after R1, the search goes on from there')
def black_hole():
    r = Path(1)
    c, s = r.pair()
    transfer_first(c, s)
    equal(snd_mss(c), FULL - 12, 'segments before')
    r.swallow(1300)
    before = counters()
    t = now()
    transfer([(c, pattern(8 << 20), s)])       # a dozen probes are lost until it knows
    g = grown(before)
    check(snd_mss(c) + HEADERS <= 1300, 'segments of %d' % snd_mss(c))
    if TCPX:
        check(1300 - 8 < snd_mss(c) + HEADERS, 'segments of only %d' % snd_mss(c))
        equal((g.get('MtuBlackHole'), g.get('TCPTimeouts')), (1, 3), 'black holes, time-outs')
    diag('%.1f s' % (now() - t))


def transfer_first(c, s):
    data = pattern(200000)
    c.setblocking(False)
    sent, got = 0, 0
    while got < len(data):
        if sent < len(data):
            try:
                sent += c.send(data[sent:])
            except BlockingIOError:
                pass
        if wait_readable(s, 0.01):
            got += len(s.recv(1 << 20))
    c.setblocking(True)


@case('RFC 4821, 7.6.3', 'net.tcpx.mtu_probing = 0: nothing gets through a black hole')
def off():
    r = Path(0)
    sysctl('retries2', 5)
    c, s = r.pair()
    r.swallow(1300)
    c.setblocking(False)
    c.send(bytes(10000))
    check(not wait_readable(s, 60), 'payload came through')
    check(wait_readable(c, 100), 'no time-out')
    equal(so_error(c), 110, 'SO_ERROR')


@case('RFC 1191', 'a router that answers a probe: its size is taken, without a time-out')
def answered():
    need(TCPX, 'counters')
    r = Path(2)
    r.answer(1300)
    c, s = r.pair()
    before = counters()
    transfer([(c, pattern(1 << 20), s)])
    g = grown(before)
    equal(snd_mss(c), 1300 - HEADERS, 'segments')
    equal((g.get('TCPMTUPSuccess'), g.get('TCPMTUPFail'), g.get('TCPTimeouts'),
           g.get('FastRetrans')), (1, 1, None, None), 'probes, time-outs, recoveries')


@case('RFC 4821, 7.7', 'a probe that is lost alone: sent again in pieces, cwnd stays')
def alone():
    need(TCPX, 'the kernel\'s TCP sends the first probe later')
    tun = Tun()
    sysctl('mtu_probing', 2)
    s, c = passive(tun, opts=opt_mss(FULL) + opt_sackok())
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    data = pattern(60000)
    equal(s.send(data), len(data), 'bytes')
    have = 0
    probe = None
    while probe is None:                    # slow start, until there is room for a probe
        got = c.all(AT_ONCE)
        check(got, 'stuck at %d' % have)
        for x in got:
            if x.len > BASE:
                probe = x
                break
            have = c.rseq(x) - 1 + x.len
            c.tx('A', ack=1 + have)
    equal(probe.len, FULL, 'length of the probe')
    equal(c.rseq(probe), 1 + have, 'number of the probe')
    rest = [x for x in got[got.index(probe) + 1:] + c.all(AT_ONCE) if c.rseq(x) > c.rseq(probe)]
    check(len(rest) >= 3, '%d segments behind it' % len(rest))
    cwnd = snd_cwnd(s)
    end = c.rseq(rest[-1]) + rest[-1].len
    c.flush()
    c.tx('A', ack=1 + have, opts=opt_sack((c.irs + 1 + have + FULL, c.irs + end)))
    pieces = []
    while sum(pieces) < FULL:
        x = c.rx_at_once(what='a piece')
        if c.rseq(x) < end:
            equal(c.rseq(x), 1 + have + sum(pieces), 'number of a piece')
            check(x.len <= BASE, 'a piece of %d bytes' % x.len)
            pieces.append(x.len)
    check(snd_cwnd(s) >= cwnd, 'cwnd fell from %d to %d' % (cwnd, snd_cwnd(s)))
    check(struct.unpack_from('5B', tcp_info(s))[1] <= 1, 'not TCP_CA_Open or Disorder')


@case('RFC 4821', 'a path whose MSS option was clamped: the peer\'s MSS is the end of the search')
def clamped():
    need(TCPX, 'the kernel\'s TCP begins at the clamped size')
    tun = Tun()
    sysctl('mtu_probing', 2)
    sysctl('base_mss', 512)
    s, c = passive(tun, opts=opt_mss(1200) + opt_sackok())
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    data = pattern(60000)
    equal(s.send(data), len(data), 'bytes')
    have, lens = 0, []
    while have < len(data):
        x = c.get(1)
        check(x is not None, 'stuck at %d' % have)
        lens.append(x.len)
        have = c.rseq(x) - 1 + x.len
        c.tx('A', ack=1 + have)
    equal(lens[0], 512, 'the first segment')
    equal(max(lens), 1200, 'the largest')
    check(lens.count(1200) > 30, 'only %d of the largest' % lens.count(1200))
    check(lens.count(512) < 35, 'still %d of the smallest' % lens.count(512))


@case('RFC 4821', 'the sysctls: names, defaults and limits')
def sysctls():
    for name, value in (('mtu_probing', 0), ('base_mss', 1024), ('mtu_probe_floor', 48),
                        ('probe_interval', 600), ('probe_threshold', 8)):
        equal(sysctl(name), value, name)


# --- IP_MTU_DISCOVER -----------------------------------------------------------

def discover(s, value):
    s.setsockopt(*ip.MTU_DISCOVER, value)


@case('RFC 1191', 'IP_MTU_DISCOVER: WANT and DO set DF; DONT, INTERFACE and OMIT take no router\'s word')
def discover_values():
    tun = Tun()
    for value in (DONT, WANT, DO, PROBE, INTERFACE, OMIT):
        s, c = passive(tun, before=lambda l: discover(l, value))
        equal(s.getsockopt(*ip.MTU_DISCOVER), value, 'the accepted socket\'s')
        s.setblocking(False)
        s.send(bytes(8000))
        flight = c.all(AT_ONCE)
        if ip.version == 4:
            equal({x.df for x in flight}, {value in (WANT, DO)}, '%s: DF' % WORDS[value])
        equal(flight[0].len, FULL, '%s: length before' % WORDS[value])
        tun.icmp(ip.TOO_BIG, flight[0].raw, rest=ip.small)
        if value in TOLD:
            equal(c.rx_at_once(seq=1).ip_len, ip.small, '%s: what is sent again' % WORDS[value])
        else:
            c.quiet(AT_ONCE, '%s: sent again' % WORDS[value])
            equal(snd_mss(s), FULL, '%s: segments after' % WORDS[value])
        dead_close(s)
        c.flush(0.1)
        run_ip('route', 'flush', 'cache')


@case('RFC 1191', 'the namespace\'s ip_no_pmtu_disc, and a route whose MTU is locked: no DF')
def no_discovery():
    need(ip.version == 4, 'no router cuts an IPv6 packet')
    tun = Tun()
    sysctl('net.ipv4.ip_no_pmtu_disc', 1)
    s, c = passive(tun)
    equal(s.getsockopt(*ip.MTU_DISCOVER), DONT, 'IP_MTU_DISCOVER')
    s.send(b'x')
    equal(c.rx('PA').df, False, 'DF')
    sysctl('net.ipv4.ip_no_pmtu_disc', 0)
    run_ip('route', 'add', REMOTE, 'dev', tun.name, 'mtu', 'lock', '1000')
    s, c = passive(tun)
    s.send(bytes(3000))
    x = c.rx('A', seq=1)
    equal((x.df, x.ip_len), (False, 1000), 'DF and length')
    c.flush(AT_ONCE)
    c.tx('A')
    discover(s, DO)
    s.send(bytes(10))
    equal(c.rx_at_once().df, True, 'DF with DO')


@case('RFC 4821', 'each value of IP_MTU_DISCOVER, each of mtu_probing: a small link is passed, by hash')
def discover_routed():
    for probing in (0, 1, 2):
        for value in (DONT, WANT, DO, PROBE, INTERFACE, OMIT):
            if ip.version == 6 and value not in TOLD and probing != 2:
                continue                # a black hole then: no router cuts packets
            r = Path(probing)
            r.answer(1300)
            c, s = r.pair()
            discover(c, value)
            before = counters()
            transfer([(c, pattern(300000), s)])
            timeouts = grown(before).get('TCPTimeouts', 0)
            equal(timeouts, 0, '%s, mtu_probing %d: time-outs' % (WORDS[value], probing))
            if value in (WANT, DO):
                check(snd_mss(c) + HEADERS <= 1300,
                      '%s: segments of %d' % (WORDS[value], snd_mss(c)))
            dead_close(c)
            dead_close(s)
            run('ip', 'link', 'del', 'va')


@case('RFC 1191', 'the host\'s own link takes less from now on: the transfer goes on, by hash')
def own_link():
    for value in (DONT, WANT, DO, PROBE, INTERFACE, OMIT):
        r = Path(0)
        c, s = r.pair()
        discover(c, value)
        transfer_first(c, s)
        equal(snd_mss(c), FULL - 12, 'segments before')
        set_mtu('va', ip.small)
        t = now()
        transfer([(c, pattern(300000), s)])
        diag('%s: %.1f s, segments of %d' % (WORDS[value], now() - t, snd_mss(c)))
        check(now() - t < 0.2, '%s: it took %.1f s' % (WORDS[value], now() - t))
        equal(snd_mss(c), ip.small - HEADERS, '%s: segments after' % WORDS[value])
        dead_close(c)
        dead_close(s)
        run('ip', 'link', 'del', 'va')


@case('RFC 1191', 'the route\'s MTU grows: segments do; what a router said is forgotten after 10 minutes (6.3)')
def grows():
    tun = Tun()
    run_ip('route', 'add', REMOTE, 'dev', tun.name, 'mtu', str(ip.small))
    s, c = passive(tun)
    s.send(bytes(100))
    c.rx('PA', length=100)
    c.tx('A')
    run_ip('route', 'change', REMOTE, 'dev', tun.name, 'mtu', '1500')
    for turn in range(3):
        s.send(bytes(100))              # finds the new route
        c.rx('PA', length=100)
        c.tx('A')
        s.send(bytes(FULL))
        x = c.rx('A', length=FULL, what='turn %d' % turn)
        tun.icmp(ip.TOO_BIG, x.raw, rest=ip.small)
        c.rx_at_once(length=ip.mss(ip.small))
        c.rx_at_once(length=FULL - ip.mss(ip.small))
        c.tx('A')
        sleep(601)


main()
