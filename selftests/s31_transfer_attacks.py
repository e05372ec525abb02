#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
S31: attacks on an established connection, by a peer that lies and by those off its path.

What an attack costs is counted in instructions, where each is a tick of the clock (QEMU in
virtual time): a segment may not cost several times more where sixteen times as much is queued.
Elsewhere the same attacks run, and what they cost in time is told but not judged.
"""

import random
import socket
import struct

from lib import *
from lib.cost import *
from lib.meminfo import *

FULL = ip.mss() - 12
OPT_SYN = opt_mss() + opt_sackok() + opt_ts(1000) + opt_ws(7)


def discard(tun):
    tun._drain()
    tun.pending.clear()


def packet(c, seq, ack, data=b'', flags='A', opts=b'', win=None):
    """A segment of @c as bytes; numbers relative."""
    return build(c.addr, c.local, c.sport, c.dport, c.iss + seq, c.irs + ack, flags,
                 c.win if win is None else win, opts, data)


# --- off the path -------------------------------------------------------------

def challenge_rounds(tun, conns, victim, hit, rounds, port):
    """
    CVE-2016-5696 as published: each round the attacker guesses at the victim's connection,
    then asks for challenge ACKs on its own ones and counts what comes.
    """
    out = []
    for n in range(rounds):
        sleep(1.0)
        for _ in range(5):
            # spoofed: for the victim's 4-tuple, or for one of no connection
            guess = build(victim.addr, victim.local, victim.sport if hit else victim.sport + 1,
                          victim.dport, victim.iss + 2 + (n * 7919) % 60000, 0, 'RS'[n & 1],
                          65535)
            tun.write(guess)
        counted = 0
        for c in conns:
            for k in range(12):
                c.tx('R', seq=100 + k)
        tun._drain()
        for x in tun.pending:
            counted += any(x.dport == c.sport and x.dst == c.addr for c in conns)
        tun.pending.clear()
        out.append(counted)
    return out


@case('S31', 'CVE-2016-5696: an attacker that counts its own challenge ACKs learns of nobody else\'s')
def off_path_counting():
    tun = Tun()
    l = listener(port=7001, backlog=200)
    victim = Conn(tun, 40000, 7001, ip.addr(9, 1, 99))
    victim.open()
    own = [Conn(tun, 41000 + n, 7001, ip.addr(9, 1, 66)) for n in range(100)]
    for c in own:
        c.open()
    kids = [l.accept()[0] for _ in range(101)]
    seen = {hit: challenge_rounds(tun, own, victim, hit, 30, 7001) for hit in (True, False)}
    diag('challenge ACKs a round, hit and not: %r, %r' % (seen[True][:5], seen[False][:5]))
    equal(seen[True], seen[False], 'what the attacker counts')
    equal(set(seen[True]), {100}, 'challenge ACKs for 100 connections')
    equal(state(kids[0]), ESTABLISHED, 'the victim')


@case('S31', 'RFC 5961, 7: 10000 segments at one instant get one challenge ACK; the next after 500 ms')
def own_limit():
    tun = Tun()
    s, c = passive(tun)
    sleep(1)
    start = now()
    for n in range(10000):
        # RST and SYN in the window, an ACK of the future, of the past, out of the window
        if n % 5 == 0:
            c.tx('R', seq=100 + n % 1000)
        elif n % 5 == 1:
            c.tx('S', seq=100 + n % 1000)
        elif n % 5 == 2:
            c.tx('A', seq=1, ack=1000 + n)
        elif n % 5 == 3:
            c.tx('A', seq=1, ack=0x80000000 + n)
        else:
            c.tx('A', seq=0x80000000 + n, ack=1)
    got = c.flush(0.001)
    spent = now() - start
    check(1 <= got <= 1 + spent / 0.5, '%d answers in %.3f s' % (got, spent))
    sleep(0.5)
    c.tx('R', seq=100)
    c.rx_at_once('A', seq=1, ack=1)
    equal(state(s), ESTABLISHED, 'state')


@case('S31', 'RFC 5927, 4: 20000 ICMP errors over the whole number space change nothing')
def icmp_blind():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'under way')
    seg = c.rx('PA', seq=1)
    pmtu = struct.unpack_from('I', tcp_info(s), 8 + 4 * 13)[0]
    step = (1 << 32) // 20000
    for n in range(20000):
        tun.icmp((*ip.HARD, ip.TOO_BIG)[n % 3], renumbered(seg, seg.seq + 100 + n * step),
                 rest=ip.small)
    equal(state(s), ESTABLISHED, 'state')
    equal(struct.unpack_from('I', tcp_info(s), 8 + 4 * 13)[0], pmtu, 'path MTU')
    c.tx('A')
    c.tx('PA', 'still')
    equal(s.recv(10), b'still', 'data')


@case('S31', 'RFC 5927, 7.2: no smaller MTU is believed where large segments are acknowledged')
def icmp_mtu_claim():
    need(TCPX, 'Linux believes the number')
    tun = Tun()
    s, c, w = sender(tun)
    w.take()
    window = 64 * FULL >> w.scale         # whole segments; so few that the payload lasts
    w.offer(w.una, window)
    for _ in range(8):
        flight = w.take()
        check(flight and all(x.len == FULL for x in flight), '%r' % [x.len for x in flight])
        # from an attacker that knows the number exactly: a segment in flight
        for mtu in (576, 296, 68, 1300):
            tun.icmp(ip.TOO_BIG, flight[-1].raw, rest=mtu)
        w.offer(w.una, window)
    check(all(x.len == FULL for x in w.take()), 'segments after the claims')
    # the path has changed in truth: nothing arrives any more, a time-out shows it
    sleep(2)
    again = w.take()[-1]
    tun.icmp(ip.TOO_BIG, again.raw, rest=ip.small)
    x = c.rx_at_once()
    check(x.ip_len <= ip.small, 'after a time-out the router is believed: %d bytes' % x.ip_len)
    w.finish(1 << 20, 60000)


# --- memory and work: what a peer can make us do ------------------------------

@case('S31', 'CVE-2018-5390: out-of-order segments of one byte: memory and work are bounded')
def out_of_order():
    tun = Tun()
    for order in ('up', 'down', 'random'):
        cost = Ratio()
        s, c = passive(tun, opts=opt_mss() + opt_ws(7), win=512,
                       before=forced(SO_RCVBUFFORCE, 8 << 20))
        limit = meminfo(s)[RCVBUF]
        slots = list(range(8000))
        if order == 'down':
            slots.reverse()
        elif order == 'random':
            random.Random(5390).shuffle(slots)
        # every other byte of 16000, so nothing joins
        packets = [packet(c, 2 + 2 * n, 1, b'x') for n in slots]
        cost.small = blast(tun, packets[:500])
        blast(tun, packets[500:7500])
        cost.large = blast(tun, packets[7500:])
        check(meminfo(s)[RMEM_ALLOC] <= limit + 70000, '%d bytes for a buffer of %d' % (
            meminfo(s)[RMEM_ALLOC], limit))
        discard(tun)
        # the holes are filled: all is there, in one go
        c.tx('PA', b'.' * 16000, seq=1)
        equal(len(recv_exactly(s, 16000)), 16000, 'bytes')
        dead_close(s)
        discard(tun)
        cost.check('out of order, ' + order)


@case('S31', 'out-of-order segments beyond the buffer: each that comes costs the same')
def out_of_order_full():
    tun = Tun()
    cost = Ratio()
    for size in (64 << 10, 2 << 20):
        s, c = passive(tun, opts=opt_mss() + opt_ws(7), win=512,
                       before=forced(SO_RCVBUFFORCE, size))
        limit = meminfo(s)[RCVBUF]
        rng = random.Random(1)
        window = min(limit // 2, 60000)
        packets = [packet(c, 2 + 2 * rng.randrange(window // 2), 1, b'x') for _ in range(8000)]
        blast(tun, packets[:7000])
        price = blast(tun, packets[7000:])
        if size == 64 << 10:
            cost.small = price
        else:
            cost.large = price
        check(meminfo(s)[RMEM_ALLOC] <= limit + 70000, '%d bytes for a buffer of %d' % (
            meminfo(s)[RMEM_ALLOC], limit))
        dead_close(s)
        discard(tun)
    cost.check('a full out-of-order queue')


@case('S31', 'segments of one byte in order, unread: what is offered is held, at a steady price')
def tiny_in_order():
    tun = Tun()
    cost = Ratio()
    s, c = passive(tun, before=forced(SO_RCVBUFFORCE, 128 << 10))
    limit = meminfo(s)[RCVBUF]
    packets = [packet(c, 1 + n, 1, b'x') for n in range(16000)]
    cost.small = blast(tun, packets[:1000])
    blast(tun, packets[1000:15000])
    cost.large = blast(tun, packets[15000:])
    check(meminfo(s)[RMEM_ALLOC] <= limit + 70000, '%d bytes for a buffer of %d' % (
        meminfo(s)[RMEM_ALLOC], limit))
    discard(tun)
    equal(len(recv_exactly(s, 16000)), 16000, 'bytes')
    dead_close(s)
    discard(tun)
    cost.check('in order')


def open_wide(tun, c, s, segments, mss):
    """Acknowledge until @segments of @mss bytes fly; the relative number of the oldest."""
    una = top = 1
    for _ in range(1000):
        top = max([c.rseq(x) + x.len for x in c.all(0.0005) if x.len] + [top])
        if top - una >= segments * mss:
            return una, top
        # RFC 3465: cwnd grows by two segments an ACK at most, so one for two segments
        for una in range(una + 2 * mss, una + (top - una) // 2 + 1, 2 * mss):
            c.tx('A', ack=una, seq=1)
    raise AssertionError('only %d bytes fly' % (top - una))


def sack_flood(tun, mss_option, segments, count):
    """The price of an ACK with hostile SACK blocks, with @segments in flight."""
    s, c = passive(tun, opts=mss_option + opt_sackok() + opt_ws(14), win=65535,
                   before=forced(SO_SNDBUFFORCE, 8 << 20))
    s.setblocking(False)
    mss = struct.unpack_from('I', tcp_info(s), 16)[0]
    s.send(bytes(4 << 20))
    una, top = open_wide(tun, c, s, segments, mss)
    rng = random.Random(11477)
    packets = []
    for n in range(count):
        blocks = []
        for _ in range(4 if n & 1 else 3):
            a = una + 1 + rng.randrange(top - una - 2)
            blocks.append((c.irs + a, c.irs + a + 1))
        packets.append(packet(c, 1, una, opts=opt_sack(*blocks)))
    price = blast(tun, packets)
    mem = meminfo(s)
    check(mem[WMEM_QUEUED] <= 2 * mem[SNDBUF], '%d bytes for a buffer of %d' % (
        mem[WMEM_QUEUED], mem[SNDBUF]))
    equal(state(s), ESTABLISHED, 'state')
    dead_close(s)
    discard(tun)
    return price


@case('S31', 'CVE-2019-11477: SACK blocks of single bytes, MSS 8: work and memory are bounded')
def sack_tiny_mss():
    tun = Tun()
    sysctl('congestion_control', 'reno')    # where instructions take time HyStart++ sees a queue
    cost = Ratio()
    cost.small = sack_flood(tun, opt_mss(8), 200, 2000)
    cost.large = sack_flood(tun, opt_mss(8), 3200, 2000)
    cost.check('SACK blocks')


@case('S31', 'CVE-2019-11478: SACK blocks of single bytes do not cut the queue into crumbs')
def sack_crumbs():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss() + opt_sackok() + opt_ws(14), win=65535,
                   before=forced(SO_SNDBUFFORCE, 4 << 20))
    s.setblocking(False)
    s.send(bytes(1 << 20))
    una, top = open_wide(tun, c, s, 100, ip.mss())
    before = meminfo(s)[WMEM_QUEUED]
    rng = random.Random(11478)
    for n in range(3000):
        a = [una + 1 + rng.randrange(top - una - 2) for _ in range(4)]
        c.tx('A', seq=1, ack=una, opts=opt_sack(*[(c.irs + x, c.irs + x + 1) for x in a]))
        if n % 50 == 0:
            discard(tun)
    after = meminfo(s)[WMEM_QUEUED]
    diag('%d bytes queued, %d after 12000 blocks' % (before, after))
    check(after <= before * 1.5 + 65536, 'the send queue has grown from %d to %d bytes' % (
        before, after))
    # and nothing was believed that is not whole: what is retransmitted is whole segments
    discard(tun)
    again = [x for x in c.all(3) if x.len]
    check(all(x.len >= 1000 or c.rseq(x) + x.len >= 1 << 20 for x in again),
          'crumbs: %r' % [x.len for x in again][:20])


@case('S31', 'CVE-2019-11479: MSS 8 and 48: no segment has less than 36 bytes of payload')
def small_mss():
    tun = Tun()
    for mss in (8, 48):
        s, c = passive(tun, opts=opt_mss(mss) + opt_sackok() + opt_ts(1) + opt_ws(7),
                       before=forced(SO_SNDBUFFORCE, 1 << 20))
        s.setblocking(False)
        s.send(bytes(100000))
        x = c.rx('A')
        check(x.len >= 36, 'MSS %d: %d bytes' % (mss, x.len))
        mem = meminfo(s)
        check(mem[WMEM_QUEUED] <= 2 * mem[SNDBUF], '%r' % (mem,))
        dead_close(s)
        discard(tun)


# --- a peer that lies about what it got ---------------------------------------

class Watch:
    """The invariant: nothing is sent beyond the largest right edge that was offered."""

    def __init__(self, c, scale=0):
        self.c, self.scale, self.edge, self.top, self.count = c, scale, 0, 0, 0
        self.kept = {}          # what came, by its number
        self.una = 1            # all before it has come

    def offer(self, ack, win, **kw):
        self.edge = max(self.edge, ack + (win << self.scale))
        self.c.tx('A', seq=1, ack=ack, win=win, **kw)

    def take(self, seconds=0.001):
        new = [x for x in self.c.all(seconds) if x.len]
        for x in new:
            end = self.c.rseq(x) + x.len
            check(end <= self.edge, 'beyond the window: %d, edge %d' % (end, self.edge))
            self.top = max(self.top, end)
            self.kept[self.c.rseq(x)] = max(end, self.kept.get(self.c.rseq(x), 0))
        self.count += len(new)
        while True:
            end = max([e for b, e in self.kept.items() if b <= self.una], default=0)
            self.kept = {b: e for b, e in self.kept.items() if b > self.una}
            if end <= self.una:
                return new
            self.una = end

    def finish(self, size, win):
        """An honest receiver from now on: all of the stream has to come."""
        end = now() + 600
        while self.una <= size and now() < end:
            self.offer(self.una, win)
            self.take(0.5)
        equal(self.una, size + 1, 'all arrives')


def sender(tun, win=65535, opts=OPT_SYN, size=1 << 20):
    s, c = passive(tun, opts=opts, win=win, before=forced(SO_SNDBUFFORCE, 4 << 20))
    if s and b'\x08\x0a' in opts:
        c.opts = lambda: opt_ts(2000, c.last.ts[0] if c.last else 0)
    s.setblocking(False)
    w = Watch(c, 7 if opts == OPT_SYN else 0)
    w.edge = 1 + (win << w.scale)
    s.send(bytes(size))
    return s, c, w


@case('S31', 'optimistic ACKs: of what was never sent: nothing is acknowledged, cwnd does not grow')
def optimistic():
    sysctl('early_retrans', 0)          # a tail loss probe brings new data (RFC 8985, 7.3)
    tun = Tun()
    s, c, w = sender(tun)
    w.take()
    first = w.top
    for n in range(1, 2000):
        c.tx('A', seq=1, ack=first + n * FULL)
        check(not [x for x in w.take(0) if c.rseq(x) >= first], 'new data for a lie')
    equal(struct.unpack_from('I', tcp_info(s), 24)[0] > 0, True, 'unacked')
    # what it can claim of what was sent, opens cwnd by what was sent: twice a round trip
    w.offer(first, 65535)
    w.take()
    check(w.top - first <= 2 * (first - 1) + FULL, '%d after %d' % (w.top - first, first - 1))


@case('S31', 'ACK division: a segment acknowledged byte by byte opens cwnd by one segment (RFC 3465)')
def ack_division():
    tun = Tun()
    s, c, w = sender(tun)
    w.take()
    flight = w.top - 1
    for n in range(2, 1450):
        w.offer(n, 65535)
        w.take(0)
    w.take()
    # one segment has left, and one more at the most may fly
    check(w.top - 1 <= flight + 2 * FULL, '%d bytes fly after %d' % (w.top - 1 - FULL, flight))


@case('S31', 'spoofed duplicate ACKs, 10000: no more flies than flew (RFC 5681, 3.2)')
def duplicate_acks():
    tun = Tun()
    for opts in (OPT_SYN, opt_mss()):
        s, c, w = sender(tun, opts=opts, size=2 << 20)
        for _ in range(3):
            w.take()
            una = w.top
            w.offer(una, 65535)
        w.take()
        sent = w.count
        for _ in range(10000):
            c.tx('A', seq=1, ack=una)
            w.take(0)
        w.take()
        diag('%d segments for 10000 duplicates' % (w.count - sent))
        check(w.count - sent <= 120, '%d segments' % (w.count - sent))
        dead_close(s)
        discard(tun)


HOSTILE = (
    ('of the future', lambda una, nxt: [(nxt + 1, nxt + 1000)]),
    ('that ends in the future', lambda una, nxt: [(una + FULL, nxt + 1)]),
    ('of the past', lambda una, nxt: [(una - 5000, una - 4000)]),
    ('that begins in the past', lambda una, nxt: [(una - 1000, una + 2000)]),
    ('of the whole number space', lambda una, nxt: [(una, una - 1), (nxt, una)]),
    ('turned round', lambda una, nxt: [(nxt, una + 1), (una + 3000, una + FULL)]),
    ('of nothing', lambda una, nxt: [(una + FULL, una + FULL)]),
    ('four times the same', lambda una, nxt: [(una + 0x40000000, una + 0x40000100)] * 3),
    ('half round', lambda una, nxt: [(una + 0x7fffffff, una + 0x80000001)]),
)


@case('S31', 'SACK blocks outside of the window, nine kinds, 500 times each: none of them counts')
def hostile_blocks():
    sysctl('early_retrans', 0)          # a probe with new data would move the future
    tun = Tun()
    for name, blocks in HOSTILE:
        s, c, w = sender(tun, size=100000)
        w.take()
        flown = w.top
        for _ in range(500):
            got = [(c.irs + a, c.irs + b) for a, b in blocks(1, flown)]
            # the window changes each time, so that these are no duplicate ACKs
            w.offer(1, 60000 + _ % 2, opts=opt_ts(2000, 0) + opt_sack(*got[:3]))
            w.take(0)
        w.take()
        check(w.top - 1 <= flown - 1 + 3 * FULL, 'blocks %s: %d bytes fly after %d' % (
            name, w.top - 1, flown - 1))
        w.finish(100000, 60000)
        dead_close(s)
        discard(tun)


@case('S31', 'a SACK that is taken back (reneging), again and again: all arrives')
def reneging():
    tun = Tun()
    s, c, w = sender(tun, size=50000)
    una, end = 1, now() + 3000
    rng = random.Random(2018)
    while una < 50001 and now() < end:
        got = w.take(0.5)
        nxt = w.top
        if nxt - una > 3000:
            a = una + FULL + rng.randrange(max(1, nxt - una - 2 * FULL))
            w.offer(una, 60000, opts=opt_ts(2000, 0) + opt_sack((c.irs + a, c.irs + nxt)))
            got += w.take(0.01)
        # only what comes next in order is kept; all that was SACKed is thrown away
        for x in got:
            if c.rseq(x) == una:
                una += x.len
                break
        w.offer(una, 60000)
    equal(una, 50001, 'bytes that arrived')


@case('S31', 'a window that shrinks and oscillates: nothing goes beyond its largest right edge')
def window_games():
    tun = Tun()
    s, c, w = sender(tun, win=100)
    rng = random.Random(793)
    for n in range(1000):
        w.take(0.001 if n % 10 else 0.3)
        w.offer(w.una, rng.choice((0, 1, 5, 10, 50, 100, 400, 0)))
    diag('%d bytes in %d segments' % (w.una - 1, w.count))
    equal(state(s), ESTABLISHED, 'state')
    # shrunk to nothing while much flies: no new data at all until it opens
    w.offer(w.una, 400)
    w.take()
    c.tx('A', seq=1, ack=w.una, win=0)
    top = w.top
    w.take(30)
    equal(w.top, top, 'the last number sent after the window was shut')
    w.finish(1 << 20, 400)


@case('S31', 'a window that flips at each ACK, 20000 times: no more segments than window and data need')
def window_flips():
    tun = Tun()
    s, c, w = sender(tun, win=500, size=20000)
    w.take()
    sent = w.count
    for n in range(20000):
        w.offer(1, 500 + n % 2)
        if n % 100 == 0:
            w.take(0)
    w.take()
    diag('%d segments for 20000 window updates' % (w.count - sent))
    check(w.count - sent <= 60, '%d segments' % (w.count - sent))


@case('S31', 'timestamps that jump: echoes of anything give no RTO beyond its bounds, and no loop')
def echoes():
    tun = Tun()
    s, c, w = sender(tun, size=200000)
    rng = random.Random(7323)
    end = now() + 2000
    while w.una < 200001 and now() < end:
        w.take(0.5)
        ecr = rng.choice((0, 1, rng.getrandbits(32), c.last.ts[0] + 1 if c.last else 0,
                          (c.last.ts[0] - 5000000) & 0xffffffff if c.last else 0))
        w.offer(w.una, 60000, opts=opt_ts(2000, ecr))
        rto = struct.unpack_from('I', tcp_info(s), 8)[0]
        check(200000 <= rto <= 120000000, 'RTO of %d us' % rto)
    equal(w.una, 200001, 'all arrives')


@case('S31', 'timestamps that jump: TSvals far ahead and back: old ones are dropped, it goes on')
def tsval_jumps():
    tun = Tun()
    s, c = passive(tun, opts=OPT_SYN)
    sleep(1)
    base, at = 5000, 1
    for n in range(300):
        jump = (1 << 20, 1 << 30, 0x7fffff00, 1)[n % 4]
        base = (base + jump) & 0xffffffff
        c.tx('PA', 'good', seq=at, opts=opt_ts(base, 0))
        check(wait_readable(s, 0.1), 'step %d: a TSval ahead by %#x was not taken' % (n, jump))
        equal(s.recv(10), b'good', 'data')
        at += 4
        c.tx('PA', 'evil', seq=at, opts=opt_ts(base - 1 - n, 0))
        check(not wait_readable(s, 0), 'an old TSval was taken')
        c.flush()
    answers = 0
    for n in range(5000):
        c.tx('A', seq=at, opts=opt_ts(base - 1 - n, 0))
    answers = c.flush(0.001)
    check(answers <= 5, '%d answers to 5000 old timestamps at one instant' % answers)


main()
