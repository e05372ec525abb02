#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""SACK and D-SACK, the receiver's side: what ACKs report of payload beyond a hole."""

import random
import socket

from lib import *

MSS = 1000
SACK = opt_mss(MSS) + opt_sackok()
BOTH = SACK + opt_ts(1000)
SO_RCVBUFFORCE = 33


def blocks(c, s):
    """The blocks of @s, relative to the peer's ISN."""
    return [((a - c.iss) & 0xffffffff, (b - c.iss) & 0xffffffff) for a, b in s.sack]


def ack(c, number, *want, what='SACK blocks'):
    """The next segment is an ACK, at once, of @number and with exactly these blocks."""
    s = c.rx_at_once('A', ack=number, length=0, what=what)
    equal(blocks(c, s), list(want), what)
    return s


def put(c, start, end, stream=None):
    """Send the payload from number @start up to @end."""
    data = stream[start - 1:end - 1] if stream else b'x' * (end - start)
    c.tx('A', data, seq=start)


@case('RFC 2018, 4', 'the first block holds the segment that triggered the ACK; others by recency')
def order():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    put(c, 101, 201)
    ack(c, 1, (101, 201))
    put(c, 201, 301)
    ack(c, 1, (101, 301), what='the block has grown')
    put(c, 501, 601)
    ack(c, 1, (501, 601), (101, 301))
    put(c, 801, 901)
    ack(c, 1, (801, 901), (501, 601), (101, 301))
    put(c, 401, 501)
    ack(c, 1, (401, 601), (801, 901), (101, 301), what='it has grown to the left')
    put(c, 301, 401)
    ack(c, 1, (101, 601), (801, 901), what='it joins two')
    put(c, 1, 101)
    ack(c, 601, (801, 901), what='the hole is filled')
    put(c, 601, 801)
    ack(c, 901, what='nothing is missing')
    equal(len(recv_exactly(s, 900)), 900, 'bytes')


@case('RFC 2018, 3', 'four blocks without timestamps, three with them')
def how_many():
    for opts, most in ((SACK, 4), (BOTH, 3)):
        tun = Tun('tun%d' % most, local=ip.addr(most, 1, 1))
        s, c = passive(tun, opts=opts, addr=ip.addr(most, 1, 2))
        if opts == BOTH:
            c.opts = lambda: opt_ts(1001, c.synack.ts[0])
        for i in range(8):
            put(c, 101 + 200 * i, 201 + 200 * i)
            want = [(101 + 200 * j, 201 + 200 * j) for j in range(i, -1, -1)][:most]
            ack(c, 1, *want)


@case('RFC 2018, 4', 'a block that is not among the last four is reported whole when it grows')
def forgotten_block():
    need(TCPX, 'the kernel\'s TCP reports the segment alone')
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    put(c, 101, 201)
    for i in range(1, 8):
        put(c, 101 + 200 * i, 201 + 200 * i)
    c.flush()
    put(c, 201, 251)
    equal(blocks(c, c.rx_at_once('A'))[0], (101, 251), 'the first block')


@case('RFC 2018, 2', 'who has not agreed to SACK gets no blocks')
def not_agreed():
    tun = Tun()
    for opts, on in ((opt_mss(MSS), 1), (SACK, 0)):
        sysctl('sack', on)
        s, c = passive(tun, opts=opts)
        equal(c.synack.sackok, False, 'SACK-permitted')
        put(c, 101, 201)
        ack(c, 1)
        put(c, 101, 201)
        ack(c, 1)


@case('RFC 2018, 4', 'a FIN beyond the hole counts in the block')
def fin():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    c.tx('FA', b'x' * 100, seq=101)
    ack(c, 1, (101, 202))
    put(c, 1, 101)
    ack(c, 202)
    equal(len(recv_exactly(s, 1000)), 200, 'bytes')


@case('RFC 2018, 4', 'payload with a FIN behind a small block: what is read is what was sent')
def fin_appended():
    tun = Tun()
    stream = pattern(40)
    for fill in range(11, 30):
        s, c = passive(tun, opts=SACK)
        put(c, 11, 31, stream)
        c.tx('FA', stream[10:], seq=11)
        c.flush()
        put(c, 1, fill, stream)
        c.rx_at_once('A', ack=42)
        equal(recv_exactly(s, 100), stream, 'the stream, the hole filled up to %d' % fill)
        dead_close(s)


@case('RFC 2883, 4', 'a segment that repeats several ranges: the first is reported')
def several():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    for start in (201, 401, 601):
        put(c, start, start + 100)
    c.flush()
    put(c, 101, 801)
    ack(c, 1, (201, 301), (101, 801), what='of kept payload')
    put(c, 1, 101)
    ack(c, 801)
    put(c, 901, 1001)
    c.flush()
    put(c, 701, 1101)
    ack(c, 1101, (701, 801), what='before RCV.NXT, and of kept payload')


@case('RFC 2883, 4', 'a FIN that comes again is reported as what it counts for, an octet')
def fin_again():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    c.tx('FA', b'x' * 100, seq=101)
    ack(c, 1, (101, 202))
    c.tx('FA', seq=201)
    ack(c, 1, (201, 202), (101, 202), what='of a block')
    put(c, 1, 101)
    ack(c, 202)
    c.tx('FA', b'x' * 100, seq=101)
    ack(c, 202, (101, 202), what='with its payload')
    c.tx('FA', seq=201)
    ack(c, 202, (201, 202), what='alone')


@case('RFC 2883, 4.1', 'a duplicate is the first block of the next ACK, and of that one only')
def duplicate():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    put(c, 1, 501)
    c.flush(0.1)
    put(c, 101, 301)
    ack(c, 501, (101, 301), what='an old duplicate')
    put(c, 601, 701)
    ack(c, 501, (601, 701), what='reported once')
    put(c, 1, 501)
    ack(c, 501, (1, 501), (601, 701), what='before the blocks that are missing')
    put(c, 801, 901)
    ack(c, 501, (801, 901), (601, 701))
    put(c, 601, 701)
    ack(c, 501, (601, 701), (601, 701), (801, 901), what='of kept payload, its block behind it')
    put(c, 620, 650)
    ack(c, 501, (620, 650), (601, 701), (801, 901), what='of a part of it')


@case('RFC 2883, 4.2', 'a segment that is old in part: the old part is reported, the rest taken')
def partial():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    put(c, 1, 501)
    c.flush(0.1)
    put(c, 401, 601)
    ack(c, 601, (401, 501))
    put(c, 701, 801)
    ack(c, 601, (701, 801))
    put(c, 751, 851)
    ack(c, 601, (751, 801), (701, 851), what='it overlaps the end of a block')
    put(c, 651, 751)
    ack(c, 601, (701, 751), (651, 851), what='it overlaps the start of a block')
    put(c, 601, 701)
    ack(c, 851, (651, 701), what='what fills the hole overlaps a block')
    equal(len(recv_exactly(s, 850)), 850, 'bytes')


@case('RFC 2883', 'net.tcpx.dsack = 0: no duplicates are reported')
def dsack_off():
    tun = Tun()
    sysctl('dsack', 0)
    s, c = passive(tun, opts=SACK)
    put(c, 1, 501)
    c.flush(0.1)
    put(c, 101, 301)
    ack(c, 501)
    put(c, 601, 701)
    ack(c, 501, (601, 701))
    put(c, 601, 701)
    ack(c, 501, (601, 701))


@case('MUST-16', 'blocks on segments with payload: the payload makes room for them')
def with_text():
    tun = Tun()
    for opts, most in ((SACK, MSS), (BOTH, MSS - 12)):
        s, c = passive(tun, opts=opts)
        if opts == BOTH:
            c.opts = lambda: opt_ts(1001, c.synack.ts[0])
        for i in range(2):
            put(c, 101 + 200 * i, 201 + 200 * i)
        c.flush()
        s.send(bytes(5 * MSS))
        lens = []
        for x in c.all(AT_ONCE):
            equal(blocks(c, x), [(301, 401), (101, 201)], 'blocks of %s' % x)
            lens.append(x.len)
        equal(lens[:6], 5 * [most - 20] + [5 * MSS - 5 * (most - 20)], 'lengths')
        dead_close(s)


@case('MUST-16', 'what goes again has no room for blocks: it is no longer than the path allows')
def again():
    sysctl('early_retrans', 0)          # a tail loss probe would be the last segment
    tun = Tun()
    s, c = passive(tun, opts=BOTH)
    c.opts = lambda: opt_ts(1001, c.synack.ts[0])
    s.send(bytes(3 * MSS))
    c.flush(AT_ONCE)
    for start in (101, 301):
        c.tx('A', bytes(100), seq=start, ack=1)
    c.flush()
    x = c.rx('A', seq=1, length=MSS - 12, what='the retransmission')
    check(x.ip_len <= ip.head + 20 + MSS, 'an IP datagram of %d bytes' % x.ip_len)
    c.flush(AT_ONCE)
    put(c, 501, 601)
    ack(c, 1, (501, 601), (301, 401), (101, 201))


@case('RFC 2018, 8', 'under memory pressure what is furthest goes, and is claimed no more')
def prune():
    need(TCPX, 'the kernel\'s TCP prunes otherwise')
    tun = Tun()
    s, c = passive(tun, opts=SACK,
                   before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000))
    stream = pattern(4000)
    before = counters()
    for i in range(1, 400):                 # an octet each, with holes between them
        put(c, 10 * i + 1, 10 * i + 2, stream)
    last = c.all()[-1]
    reach = max(b for _, b in blocks(c, last))
    check(reach < 3000, 'everything was kept, up to %d' % reach)
    put(c, 1, 2, stream)
    a = c.rx_at_once('A', ack=2)
    check(grown(before).get('OfoPruned'), 'nothing was pruned')
    check(all(b < reach for _, b in blocks(c, a)), 'pruned, yet claimed: %r' % blocks(c, a))
    check(blocks(c, a), 'all of it was pruned')
    at = 2
    while at < 4001:                        # the sender begins anew
        put(c, at, min(at + 500, 4001), stream)
        at = c.rack(c.all(0.05)[-1])
    equal(recv_exactly(s, 4000), stream, 'the stream')


class Model:
    """What the receiver has, octet by octet; number 1 is the first."""

    def __init__(self, size):
        self.have = bytearray(size + 2)

    def add(self, start, end):
        self.have[start:end] = b'\1' * (end - start)

    @property
    def nxt(self):
        return self.have.index(0, 1)

    def block(self, at):
        """The whole block that holds @at."""
        return self.have.rindex(0, 0, at) + 1, self.have.index(0, at)


@case('RFC 2018, 4', 'segments at random, overlapping: every ACK tells the truth, the stream is whole')
def at_random():
    need(TCPX, 'the kernel\'s TCP knows only the blocks that it reported last')
    tun = Tun()
    rnd = random.Random(2018)
    for round in range(30):
        size = 3000
        stream = pattern(size, round)
        s, c = passive(tun, opts=SACK, iss=rnd.choice((1000000, 0xfffffa00)))
        m = Model(size)
        step = 0
        while m.nxt <= size:
            step += 1
            if step % 40:
                start = rnd.randrange(1, size + 1)
                end = min(size + 1, start + rnd.choice((1, 10, 100, 700)))
            else:
                start, end = m.nxt, min(size + 1, m.nxt + 200)
            old, dup = m.nxt, bytes(m.have[start:end])
            c.nxt = (c.iss + start) & 0xffffffff
            c.tx('A', stream[start - 1:end - 1])
            m.add(start, end)
            a = c.get(0.3)
            if a is None:
                equal(m.nxt, old, 'RCV.NXT of what is not acknowledged')
                continue
            equal(c.rack(a), m.nxt, 'ACK after %d-%d' % (start, end))
            got = blocks(c, a)
            if any(dup) and TCPX:
                d = got.pop(0)
                check(start <= d[0] < d[1] <= end, 'D-SACK %r of %d-%d' % (d, start, end))
                check(all(dup[d[0] - start:d[1] - start]), 'D-SACK %r was new' % (d,))
            elif any(dup):
                continue
            for b in got:
                equal(b, m.block(b[0]), 'a block')
                check(b[0] > m.nxt, 'a block below the ACK')
            equal(len(set(got)), len(got), 'distinct blocks of %r' % got)
            if start > m.nxt:
                check(got and got[0] == m.block(start), 'first block %r for %d-%d' % (
                    got, start, end))
        equal(recv_exactly(s, size), stream, 'the stream')
        dead_close(s)
        c.flush()


@case('CVE-2018-5390', 'tiny segments beyond holes: memory stays within the buffer')
def tiny():
    need(TCPX, 'the kernel\'s TCP lets the buffer grow')
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    limit = s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    worst = 0
    for i in range(3000):
        seq = 60000 - 7 * i if i & 1 else 100 + 7 * i
        c.tx('A', b'x', seq=seq)
        if i % 50 == 0:
            c.flush()
            meminfo = s.getsockopt(socket.SOL_SOCKET, 55, 36)        # SO_MEMINFO
            worst = max(worst, int.from_bytes(meminfo[:4], 'little'))
    check(worst <= limit + 4096, '%d bytes of memory for a buffer of %d' % (worst, limit))
    c.flush(1)
    put(c, 1, 101)
    c.rx_at_once('A', ack=101)


@case('CVE-2018-5390', 'tiny segments next to each other share buffers: 30000 octets, one by one')
def tiny_neighbours():
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    n = 30000
    stream = pattern(n)
    for i in range(1, n):
        c.tx('A', stream[i:i + 1], seq=1 + i)
        if i % 100 == 0:
            c.flush()
    c.flush(0.1)
    meminfo = s.getsockopt(socket.SOL_SOCKET, 55, 36)
    used = int.from_bytes(meminfo[:4], 'little')
    if TCPX:
        # How many find room in a buffer is the tun driver's choice
        check(used < 4 * n, '%d bytes of memory for %d octets' % (used, n))
    put(c, 1, 2, stream)
    c.rx_at_once('A', ack=1 + n)
    equal(recv_exactly(s, n), stream, 'the stream')


@case('RFC 2018', 'two kernels: loss, reordering and duplication both ways, by hash')
def two_kernels():
    veth = Veth()
    netem(veth, 'delay', '5ms', '2ms', 'loss', '2%', 'duplicate', '2%', 'reorder', '5%')
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    data = pattern(1 << 20)
    transfer([(c, data, s), (s, data[::-1], c)])


main()
