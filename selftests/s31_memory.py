#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
S31: memory that a peer can make us hold: what is kept is charged and bounded, and nothing is
given up for a segment that is refused.
"""

import os
import socket

from lib import *
from lib.meminfo import *

OPEN = opt_mss() + opt_ws(7)
MEM = '/proc/sys/net/tcpx/mem'
PROTOCOL = 'TCPX' if TCPX else 'TCP'


def pages():
    """What all sockets together are charged with."""
    with open('/proc/net/protocols') as f:
        return sum(int(w[3]) for w in map(str.split, f) if w[0] == PROTOCOL)


def skbs():
    """Buffer heads that the kernel holds; KASAN keeps those that were freed for a while."""
    if os.environ.get('TCPX_VM_DEBUG'):
        return 0
    with open('/proc/slabinfo') as f:
        return sum(int(w[1]) for w in map(str.split, f) if w[0].startswith('skbuff_'))


class Limit:
    """net.tcpx.mem for a while."""

    def __init__(self, low, pressure, high):
        self.text = '%d %d %d' % (low, pressure, high)

    def __enter__(self):
        with open(MEM) as f:
            self.old = f.read()
        self.write(self.text)

    def __exit__(self, *exc):
        self.write(self.old)

    @staticmethod
    def write(text):
        with open(MEM, 'w') as f:
            f.write(text)


def fins(c, count, first=2):
    """FINs without payload, all beyond a hole, each with another number."""
    for n in range(count):
        c.tx('FA', seq=first + n % 60000, ack=1)
        if n % 500 == 0:
            c.flush()
    c.flush()


@case('S31', '20000 FINs beyond a hole, each with another number, cost no memory')
def fins_beyond_a_hole():
    need(TCPX, 'Linux keeps them, within the receive buffer')
    tun = Tun()
    s, c = passive(tun, opts=OPEN, win=512)
    before, kept = meminfo(s), skbs()
    fins(c, 20000)
    equal(meminfo(s)[RMEM_ALLOC], before[RMEM_ALLOC], 'bytes charged for reading')
    check(skbs() - kept < 2000, '%d buffers more' % (skbs() - kept))
    # the first said where the stream ends
    c.tx('PA', b'x', seq=1, ack=1)
    c.rx_at_once('A', ack=3)
    equal(s.recv(10) + s.recv(10), b'x', 'the stream')
    equal(state(s), CLOSE_WAIT, 'state')


@case('S31', '... nor where no process owns the connection any more')
def fins_for_an_orphan():
    need(TCPX, 'Linux keeps them, within the receive buffer')
    tun = Tun()
    s, c = passive(tun, opts=OPEN, win=512)
    s.close()
    c.rx('FA')
    kept, charged = skbs(), pages()
    fins(c, 20000)
    check(skbs() - kept < 2000, '%d buffers more' % (skbs() - kept))
    check(pages() - charged < 16, '%d pages more' % (pages() - charged))


@case('S31', 'SACK: a FIN beyond a hole is reported, and one that comes again as a duplicate')
def fin_is_reported():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss() + opt_sackok() + opt_ws(7))
    c.tx('FA', seq=101, ack=1)
    a = c.rx_at_once('A', ack=1)
    equal([(x - c.iss, y - c.iss) for x, y in a.sack], [(101, 102)], 'blocks')
    c.tx('PA', bytes(50), seq=51, ack=1)
    a = c.rx_at_once('A', ack=1)
    equal([(x - c.iss, y - c.iss) for x, y in a.sack], [(51, 102)], 'blocks')
    c.tx('FA', seq=101, ack=1)
    a = c.rx_at_once('A', ack=1)
    equal([(x - c.iss, y - c.iss) for x, y in a.sack], [(101, 102), (51, 102)], 'blocks')
    c.tx('PA', bytes(50), seq=1, ack=1)
    c.rx_at_once('A', ack=102)
    equal(state(s), CLOSE_WAIT, 'state')


def full_of_crumbs(tun):
    """A connection whose receive buffer is full of single bytes beyond holes."""
    s, c = passive(tun, opts=OPEN, win=512, before=forced(SO_RCVBUFFORCE, 64 << 10))
    limit = meminfo(s)[RCVBUF]
    for n in range(20000):
        c.tx('A', b'x', seq=2 + 2 * n % 30000, ack=1)
        if meminfo(s)[RMEM_ALLOC] > limit:
            break
    c.flush()
    return s, c


@case('S31', 'no segment that is refused prunes what is kept beyond a hole')
def refused_segments_prune_nothing():
    tun = Tun()
    s, c = full_of_crumbs(tun)
    held = meminfo(s)[RMEM_ALLOC]
    for n in range(50):
        c.tx('A', bytes(1000), seq=-100000 - n, ack=1)          # old
        c.tx('A', bytes(1000), seq=0x40000000 + n, ack=1)       # beyond the window
        c.tx('A', bytes(1000), seq=1, ack=0x40000000 + n)       # of what was never sent
        c.tx('A', bytes(1000), seq=1, ack=-0x40000000 - n)      # long acknowledged
        c.tx('', bytes(1000), seq=1)                            # no ACK
        c.tx('SA', bytes(1000), seq=1, ack=1)
        c.tx('RA', bytes(1000), seq=2, ack=1)
        equal(meminfo(s)[RMEM_ALLOC], held, 'bytes held after %d rounds' % (n + 1))
    c.flush()
    # what is next in sequence does
    c.tx('PA', bytes(1000), seq=1, ack=1)
    c.rx_at_once('A')
    equal(len(s.recv(1000)), 1000, 'bytes')


@case('S31', '... nor one that fails the test of its timestamp, if timestamps are agreed')
def old_timestamps_prune_nothing():
    tun = Tun()
    opts = opt_mss() + opt_ts(100000) + opt_ws(7)
    s, c = passive(tun, opts=opts, win=512, before=forced(SO_RCVBUFFORCE, 64 << 10))
    limit = meminfo(s)[RCVBUF]
    for n in range(20000):
        c.tx('A', b'x', seq=2 + 2 * n % 30000, ack=1, opts=opt_ts(100010))
        if meminfo(s)[RMEM_ALLOC] > limit:
            break
    c.flush()
    held = meminfo(s)[RMEM_ALLOC]
    for n in range(50):
        c.tx('A', bytes(1000), seq=1, ack=1, opts=opt_ts(99000))
        c.tx('A', bytes(1000), seq=1, ack=1, opts=b'')
        equal(meminfo(s)[RMEM_ALLOC], held, 'bytes held after %d rounds' % (n + 1))


@case('S31', 'what segments with wrong numbers weigh does not steer the window')
def refused_segments_weigh_nothing():
    need(TCPX, 'Linux has no such measure')
    windows = []
    for lies in (0, 200):
        tun = Tun('tun%d' % lies)
        s, c = passive(tun, opts=OPEN, win=512)
        for n in range(lies):
            # much payload in memory for more: its share of the memory is high
            c.tx('A', bytes(ip.mss() if n & 1 else 1400), seq=-200000 - n, ack=1)
        c.flush()
        sent = 1
        for _ in range(20):
            c.tx('PA', bytes(700), seq=sent, ack=1)
            sent += 700
            recv_exactly(s, 700)
        windows.append(c.all(0.1)[-1].win)
        dead_close(s)
        c.flush()
        run('ip', 'link', 'del', tun.name)
    equal(windows[0], windows[1], 'the window')


@case('S31', 'the payload that makes a child, or comes with the SYN, is charged', keep_netns=True)
def first_text_is_charged():
    tun = Tun()
    sysctl('fastopen', 0x202)           # server, no cookie needed
    for fast in (False, True):
        l = listener(port=0, backlog=1000)
        if fast:
            l.setsockopt(socket.IPPROTO_TCP, 23, 1000)    # TCP_FASTOPEN
        before = pages()
        for n in range(300):
            c = Conn(tun, 20000 + 1000 * fast + n, l.getsockname()[1])
            if fast:
                c.tx('S', bytes(1000), opts=opt_mss())
                c.rx_at_once('SA')
            else:
                c.syn()
                c.rx_at_once('SA')
                c.tx('PA', bytes(1000), seq=1, ack=1)
                c.flush()
        kids = [l.accept()[0] for _ in range(300)]
        held = sum(meminfo(s)[RMEM_ALLOC] for s in kids)
        grew = (pages() - before) * 4096
        diag('%d bytes held, %d charged' % (held, grew))
        check(held >= 300 * 1000, 'nothing is held')
        check(grew >= held // 2, '%d bytes are held, %d charged' % (held, grew))
        for s in kids:
            check(meminfo(s)[FORWARD] < 1 << 31, 'bytes are not charged')
            dead_close(s)
        l.close()
        c.flush(0.1)
    run('ip', 'link', 'del', tun.name)


@case('S31', 'over the limit of all sockets a write of wmem[0] is granted, and counts', keep_netns=True)
def granted_is_charged():
    need(TCPX, 'net.tcpx.mem')
    tun = Tun()
    old = sysctl('wmem')
    sysctl('wmem', '65536 65536 4194304')
    conns = [passive(tun, opts=OPEN, win=0, before=forced(SO_SNDBUFFORCE, 1 << 20))
             for _ in range(50)]
    with Limit(1, 1, 1):
        for s, c in conns:
            s.setblocking(False)
            check(s.send(bytes(50000)) > 4096, 'nothing was granted')
            owed = meminfo(s)[FORWARD]
            check(owed < 1 << 31, '%d bytes are not charged' % ((1 << 32) - owed))
    sysctl('wmem', old)
    for s, c in conns:
        dead_close(s)
    run('ip', 'link', 'del', tun.name)


def orphan_with_text(tun):
    """An orphan that has much to send, to a peer that has shut its window."""
    s, c = passive(tun, opts=OPEN, win=0, before=forced(SO_SNDBUFFORCE, 1 << 20))
    s.setblocking(False)
    s.send(bytes(500000))
    s.close()
    c.flush(0.001)
    return c


@case('S31', 'memory is out: an orphan that holds some is ended as it is made, or at its next time-out',
      keep_netns=True)
def orphans_starve():
    need(TCPX, 'net.tcpx.mem')
    tun = Tun()
    before = counters()
    first = orphan_with_text(tun)
    first.flush(60)
    with Limit(1, 1, 1):
        s, second = passive(tun, opts=OPEN, win=0, before=forced(SO_SNDBUFFORCE, 1 << 20))
        s.setblocking(False)
        s.send(bytes(4000))
        s.close()               # it holds no more than wmem[0] grants to each
        second.flush(0.001)
        equal(grown(before).get('OrphanStarved', 0), 0, 'orphans ended at once')
        sleep(130)
    equal(grown(before).get('OrphanStarved', 0), 1, 'orphans ended')
    check(any('R' in x.letters for x in first.all()), 'no reset was sent')
    third = orphan_with_text(tun)
    equal(grown(before).get('OrphanStarved', 0), 1, 'orphans ended with memory')
    third.tx('R', seq=1)
    second.tx('R', seq=1)
    run('ip', 'link', 'del', tun.name)


class Stream:
    """A sender of ours that never stops, and a scripted receiver."""

    def __init__(self, s, c):
        self.s, self.c = s, c
        self.una, self.kept, self.flight, self.most = 1, {}, [], 0

    def fill(self):
        try:
            while True:
                self.s.send(bytes(65536))
        except BlockingIOError:
            pass

    def take(self, wait=0.001):
        """What comes now; all of it is kept, none acknowledged."""
        xs = [x for x in self.c.all(wait) if x.len]
        for x in xs:
            at = self.c.rseq(x)
            self.kept[at] = max(self.kept.get(at, 0), at + x.len)
        self.flight += xs
        self.most = max(self.most, meminfo(self.s)[WMEM_QUEUED])
        return sum(x.len for x in xs)

    def ack(self):
        while self.una in self.kept:
            self.una = self.kept.pop(self.una)
        self.flight = []
        self.c.tx('A', ack=self.una, seq=1)


@case('S31', 'CVE-2019-11478: a smaller MTU does not cut what flies into unbounded memory')
def cutting_is_bounded():
    tun = Tun(mtu=65535)
    run('ip', 'link', 'set', tun.name, 'txqueuelen', '30000')
    s, c = passive(tun, opts=opt_mss(ip.mss(65535)) + opt_sackok() + opt_ws(14), win=65535,
                   before=forced(SO_SNDBUFFORCE, 1 << 20))
    s.setblocking(False)
    t = Stream(s, c)
    for _ in range(40):
        t.fill()
        t.take()
        if sum(x.len for x in t.flight) > 1500000:
            break
        t.ack()
    flying = sum(x.len for x in t.flight)
    check(flying > 1500000, 'only %d bytes fly' % flying)
    t.kept = {}                         # all of it was too large
    set_mtu(tun.name, max(128, ip.min_mtu))
    c.tx('A', ack=t.una, seq=1)
    end = t.una + flying
    for _ in range(20000):
        t.take() or t.take(3)
        t.ack()
        if t.una >= end:
            break
    limit = 2 * meminfo(s)[SNDBUF] + 1024 * 1024
    diag('%d bytes at most, the limit is %d' % (t.most, limit))
    check(t.una >= end, 'the stream stands at %d of %d' % (t.una, end))
    check(t.most <= limit, '%d bytes for a buffer of %d' % (t.most, meminfo(s)[SNDBUF]))


main()
