#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What a receiver reports of up to four segments that overlap in every way, in every order of
arrival, against a model of RFC 2018, 4 and RFC 2883, 4.

Only the order of the segments' edges matters: each order of up to eight edges is a pattern,
its edges counted from 0, its segments in the order of their arrival.  A pattern begins at
RCV.NXT or a step beyond it; with FIN, its last number is the FIN.
"""

import itertools
import os
import struct

from lib import *
from lib.wire import M32, pseudo

STEP = 10                               # octets from one edge to the next
LONGEST = 9 * STEP
MOST_BLOCKS = 4                         # RFC 2018, 3, without timestamps
PERIOD = 10007
STREAM = pattern(PERIOD)
STREAM += STREAM[:LONGEST]
HEADERS = [build_ip(REMOTE, LOCAL, b'', total=ip.head + 20 + n) for n in range(LONGEST)]
PSEUDO = int.from_bytes(pseudo(REMOTE, LOCAL, 20), 'big')


def text(start, size):
    """@size octets of the stream from number @start on."""
    return STREAM[start % PERIOD:start % PERIOD + size]


# --- the patterns ------------------------------------------------------------

def with_edge(segs, at):
    """
    Each way to put one more edge among those of @segs, the edge @at or a higher one.

    It falls together with one that is there, or lies before, between or behind them.
    """
    edges = max((e for _, e in segs), default=-1) + 1
    for n in range(at, edges):
        yield segs, n
    for n in range(at, edges + 1):
        yield tuple((a + (a >= n), b + (b >= n)) for a, b in segs), n


def patterns(count, segs=()):
    """All patterns of @count segments: ((start, end), ...)."""
    if not count:
        yield segs
        return
    for one, start in with_edge(segs, 0):
        for two, end in with_edge(one + ((start, start),), start + 1):
            yield from patterns(count - 1, two[:-1] + ((start, end),))


# --- the model ---------------------------------------------------------------

class Model:
    """The numbers received, RCV.NXT being 0 at first, and what is to be said of them."""

    def __init__(self, size):
        self.have = [False] * (size + 1)
        self.nxt = 0
        self.recent = []                # a number of each block, the last to change first

    def block(self, at):
        """The contiguous block that holds number @at."""
        start = end = at
        while self.have[start - 1]:
            start -= 1
        while self.have[end]:
            end += 1
        return start, end

    def duplicate(self, start, end):
        """RFC 2883, 4: the first contiguous sequence that was there before, if there is one."""
        first = start
        while first < end and not self.have[first]:
            first += 1
        last = first
        while last < end and self.have[last]:
            last += 1
        return [(first, last)] if first < last else []

    def arrives(self, start, end):
        """A segment; the D-SACK block of the ACK that it triggers, if any, and the others."""
        dup = self.duplicate(start, end)
        self.have[start:end] = [True] * (end - start)
        if start > self.nxt:
            self.recent.insert(0, start)
        while self.have[self.nxt]:
            self.nxt += 1
        # RFC 2018, 4: the block of this segment, then those reported most recently
        blocks = []
        for at in self.recent:
            if at > self.nxt and self.block(at) not in blocks:
                blocks.append(self.block(at))
        self.recent = [at for at, _ in blocks]
        return dup, blocks[:MOST_BLOCKS - len(dup)]


# --- the wire ----------------------------------------------------------------

class Peer:
    """
    The remote host's end of a connection, and our socket.

    What lib's Conn computes for each segment is computed once: there are many segments.
    """

    def __init__(self, tun, listening, iss):
        c = Conn(tun, 20001 + iss % 30000, listening.getsockname()[1], iss=iss & M32)
        c.open(opt_mss(1000) + opt_sackok())
        self.sock = listening.accept()[0]
        self.fd, self.base, self.ack = tun.fd, iss + 1, c.rcv_nxt
        self.ports = struct.pack('!HH', c.sport, c.dport)

    def get(self):
        """The next segment, as an IP packet, or None."""
        try:
            pkt = os.read(self.fd, 2048)
            while pkt[ip.proto_at] != WIRE:
                pkt = os.read(self.fd, 2048)
        except BlockingIOError:
            return None
        return pkt

    def put(self, start, end, fin):
        """Send numbers @start up to @end; the answer's ACK and blocks; None: there is none."""
        n = end - start - fin
        data = text(start, n)
        head = self.ports + struct.pack('!IIBBH', self.base + start & M32, self.ack, 0x50,
                                        FIN | ACK if fin else ACK, 65535)
        words = int.from_bytes(head + bytes(4) + data + bytes(n & 1), 'big')
        csum = 0xffff - ((words + PSEUDO + n) % 65535 or 65535)
        os.write(self.fd, HEADERS[n] + head + struct.pack('!HH', csum, 0) + data)
        pkt = self.get()
        if pkt is None:
            return None
        numbers = pkt[ip.head + 8:]
        ack, *rest = [w - self.base & M32
                      for w in struct.unpack('!%dI' % (len(numbers) // 4), numbers)]
        return ack, list(zip(rest[3::2], rest[4::2]))


def judge(what, got, ack, dup, blocks, late):
    """One answer; @late: it may wait for the next segment (SHLD-18)."""
    if not TCPX and (got is None or got[1] == blocks or got[1][1:] == blocks):
        # Linux: where it joins buffers it overlooks a duplicate, and it delays ACKs of their ends
        dup, late = got[1][:len(got[1]) - len(blocks)] if got else dup, True
    if got is None:
        check(late, '%s: no ACK' % what)
    else:
        equal(got, (ack, dup + blocks), '%s: ACK and blocks' % what)


def play(peer, segs, gap, fin, base=0):
    """The segments of a pattern arrive, then all at once from @base on; how many numbers."""
    def number(edge):
        # A FIN is one number, the one before the last edge
        return STEP * edge - (STEP - 1 if fin and edge == last else 0)
    last = max(end for _, end in segs) + gap
    size = number(last)
    model = Model(size)
    for start, end in [(number(a + gap), number(b + gap)) for a, b in segs] + [(0, size)]:
        old, holes = model.nxt, bool(model.recent)
        dup, blocks = model.arrives(start, end)
        got = peer.put(base + start, base + end, fin and end == size)
        if got:
            got = got[0] - base, [(a - base, b - base) for a, b in got[1]]
        judge('%r, gap %d, after %d-%d' % (segs, gap, start, end), got, model.nxt, dup, blocks,
              model.nxt > old and not dup and not holes)
    equal(peer.sock.recv(size + 1), text(base, size - fin), '%r: the stream' % (segs,))
    return size


def every_pattern(count, step=1):
    """(pattern, gap), each or each @step-th."""
    return itertools.islice(itertools.product(patterns(count), (0, 1)), 0, None, step)


# --- the cases ---------------------------------------------------------------

def start():
    if not TCPX:
        sysctl('comp_sack_nr', 0)       # an ACK for each segment
    return Tun()


@case('RFC 2018, 4', 'up to four segments, each overlap, each order: blocks, D-SACK, the stream')
def blocks():
    tun = start()
    for count in range(1, 5):
        l = listener()
        peer = Peer(tun, l, 0xffff0000 + count)
        base = 0
        for segs, gap in every_pattern(count):
            base += play(peer, segs, gap, False, base)
        dead_close(peer.sock)


@case('RFC 2018, 4', 'the same, the last number a FIN: it counts as an octet does')
def fin():
    tun = start()
    l = listener()
    iss = 0xffffc000
    for count in range(1, 5):
        # A connection each: of those with four a part, with and without the gap in turn
        for segs, gap in every_pattern(count, 7 if count == 4 else 1):
            iss += 5
            peer = Peer(tun, l, iss)
            play(peer, segs, gap, True)
            equal(peer.sock.recv(1), b'', '%r: after the stream' % (segs,))
            dead_close(peer.sock)
            peer.get()                  # the RST


main()
