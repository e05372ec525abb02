# SPDX-License-Identifier: GPL-2.0
"""
A middlebox: two tun devices, one in each of two namespaces, and a process between them that
rewrites what passes.

A mode is a class: what is done to a segment, and to all those that came at once.
"""

import fcntl
import mmap
import os
import random
import select
import struct

from lib import FIN, SYN, RST, PSH, ACK, URG, csum16, libc

TUNSETIFF = 0x400454ca
IFF_TUN, IFF_NO_PI = 1, 0x1000
MTU = 1500
M32 = 0xffffffff
MSS, WS, SACKOK, BLOCKS, TS, UNKNOWN = 2, 3, 4, 5, 8, 200


class Segment:
    """One that can be changed; bytes() makes a packet of it."""

    def __init__(self, pkt):
        if pkt[0] >> 4 == 4:
            self.at = (pkt[0] & 15) * 4
            end = struct.unpack_from('!H', pkt, 2)[0]
            self.ours = pkt[9] == 6
        else:
            self.at, end = 40, 40 + struct.unpack_from('!H', pkt, 4)[0]
            self.ours = pkt[6] == 6
        self.pkt = pkt
        if not self.ours:
            return
        self.head = pkt[:self.at]
        (self.ports, self.seq, self.ack, off, self.flags, self.win, self.urg) = struct.unpack_from(
            '!IIIBBHxxH', pkt, self.at)
        start = self.at + (off >> 4) * 4
        self.opts = self.parse(pkt[self.at + 20:start])
        self.data = pkt[start:end]

    @staticmethod
    def parse(raw):
        out, i = [], 0
        while i < len(raw) and raw[i]:
            n = 1 if raw[i] == 1 else raw[i + 1]
            out.append((raw[i], raw[i + 2:i + n]))
            i += n
        return out

    @property
    def end(self):
        return self.seq + len(self.data) & M32

    def option(self, kind):
        return next((v for k, v in self.opts if k == kind), None)

    def copy(self, skip, data, last):
        """The part of it that begins @skip octets on; only the @last has its end."""
        new = Segment.__new__(Segment)
        new.__dict__.update(self.__dict__)
        new.seq, new.data, new.opts = self.seq + skip & M32, data, list(self.opts)
        if not last:
            new.flags &= ~(FIN | PSH)
        return new

    def __bytes__(self):
        if not self.ours:
            return self.pkt
        opts = b''.join(bytes((k,)) if k == 1 else bytes((k, len(v) + 2)) + v
                        for k, v in self.opts)
        opts += b'\0' * (-len(opts) % 4)
        off = 5 + len(opts) // 4 << 4
        seg = struct.pack('!IIIBBHHH', self.ports, self.seq, self.ack, off, self.flags, self.win,
                          0, self.urg) + opts + self.data
        head, n = self.head, len(seg)
        if head[0] >> 4 == 4:
            head = head[:2] + struct.pack('!H', self.at + n) + head[4:10] + b'\0\0' + head[12:]
            head = head[:10] + struct.pack('!H', csum16(head)) + head[12:]
            pseudo = head[12:20] + struct.pack('!BBH', 0, 6, n)
        else:
            head = head[:4] + struct.pack('!H', n) + head[6:]
            pseudo = head[8:40] + struct.pack('!II', n, 6)
        return head + seg[:16] + struct.pack('!H', csum16(pseudo + seg)) + seg[18:]


class Mode:
    """Passes everything on; @changed counts what it did."""

    def __init__(self):
        self.rng, self.changed = random.Random(1), 0

    def burst(self, segs, way):
        """What goes on in place of @segs, which came together; @way: 0 from the client."""
        return [new for s in segs for new in (self.one(s, way) if s.ours else [s])]

    def one(self, s, way):
        return [s]

    def note(self, s):
        self.changed += 1
        return [s]


class Split(Mode):
    """cuts segments into up to five"""

    def one(self, s, way):
        if len(s.data) < 10 or s.flags & (SYN | URG):
            return [s]
        cuts = sorted({self.rng.randrange(1, len(s.data)) for _ in range(self.rng.randrange(1, 5))})
        self.changed += 1
        return [s.copy(a, s.data[a:b], b == len(s.data))
                for a, b in zip([0] + cuts, cuts + [len(s.data)])]


class Merge(Mode):
    """makes one segment of adjacent ones, as far as the MTU goes"""

    def burst(self, segs, way):
        out = []
        for s in segs:
            last = out[-1] if out else None
            if last and self.fit(last, s):
                s.seq, s.data = last.seq, last.data + s.data
                s.flags |= last.flags & PSH
                out[-1] = s
                self.changed += 1
            else:
                out.append(s)
        return out

    @staticmethod
    def fit(a, b):
        return (a.ours and b.ours and a.ports == b.ports and a.data and b.data and
                a.end == b.seq and not (a.flags | b.flags) & (SYN | FIN | RST | URG) and
                len(bytes(b)) + len(a.data) <= MTU)


class Recut(Merge):
    """cuts the stream anew, regardless of where segments began"""

    def burst(self, segs, way):
        out = []
        for s in segs:
            last = out[-1] if out else None
            if last and s.ours and last.ours and self.adjacent(last, s):
                whole, most = last.data + s.data, MTU - s.at - 60
                cut = self.rng.randrange(max(1, len(whole) - most), min(len(whole), most))
                out[-1] = last.copy(0, whole[:cut], False)
                s.seq, s.data = last.seq + cut & M32, whole[cut:]
                self.changed += 1
            out.append(s)
        return out

    @staticmethod
    def adjacent(a, b):
        return (a.ports == b.ports and a.data and b.data and a.end == b.seq and
                not (a.flags | b.flags) & (SYN | FIN | RST | URG))


class Strip(Mode):
    """takes an option from the SYNs, and puts NOPs in its place"""

    kinds = ()

    def one(self, s, way):
        if not s.flags & SYN:
            return [s]
        out = []
        for k, v in s.opts:
            if k in self.kinds:
                out += [(1, b'')] * (2 + len(v))
                self.changed += 1
            else:
                out.append((k, v))
        s.opts = out
        return [s]


class StripSack(Strip):
    """takes SACK-permitted from the SYNs"""
    kinds = (SACKOK,)


class StripTimestamps(Strip):
    """takes timestamps from the SYNs"""
    kinds = (TS,)


class StripScale(Strip):
    """takes window scaling from the SYNs"""
    kinds = (WS,)


class StripAll(Strip):
    """takes all options from the SYNs but the MSS"""
    kinds = (SACKOK, TS, WS)


class StripBlocks(Mode):
    """takes the SACK blocks from the ACKs, which had been agreed on"""

    def one(self, s, way):
        if s.option(BLOCKS) is None:
            return [s]
        s.opts = [(k, v) for k, v in s.opts if k != BLOCKS]
        return self.note(s)


class Foreign(Mode):
    """puts an option that nobody knows before those of each segment"""

    def one(self, s, way):
        raw = sum(1 if k == 1 else 2 + len(v) for k, v in s.opts)
        if raw > 36 or len(bytes(s)) > MTU - 4:
            return [s]
        s.opts.insert(0, (UNKNOWN, b'??'))
        return self.note(s)


class Quarter(Mode):
    """leaves a quarter of each window"""

    def one(self, s, way):
        if s.flags & SYN:
            return [s]
        s.win //= 4
        return self.note(s)


class Jumpy(Mode):
    """changes windows at random, so that their right edge moves back"""

    def one(self, s, way):
        if s.flags & SYN or not s.win:
            return [s]
        s.win = max(1, int(s.win * self.rng.random()))
        return self.note(s)


class Shut(Mode):
    """closes one window in twenty"""

    def one(self, s, way):
        if s.flags & SYN or self.rng.random() > 0.05:
            return [s]
        s.win = 0
        return self.note(s)


class Shift(Mode):
    """moves the sequence numbers of both directions, SACK blocks with them"""

    by = (0x9e3779b9, 0x7f4a7c15)

    def one(self, s, way):
        s.seq = s.seq + self.by[way] & M32
        if s.flags & ACK:
            s.ack = s.ack - self.by[not way] & M32
        s.opts = [(k, self.moved(v, self.by[not way]) if k == BLOCKS else v) for k, v in s.opts]
        return self.note(s)

    @staticmethod
    def moved(v, by):
        return struct.pack('!%dI' % (len(v) // 4), *(
            n - by & M32 for n in struct.unpack('!%dI' % (len(v) // 4), v)))


class Thin(Mode):
    """lets only the last of ACKs pass that came together"""

    def burst(self, segs, way):
        out = []
        for s in segs:
            pure = s.ours and not s.data and s.flags == ACK and s.option(BLOCKS) is None
            last = out[-1] if out else None
            if pure and last is not None and last.ours and not last.data and last.flags == ACK \
                    and last.option(BLOCKS) is None and last.ports == s.ports \
                    and last.ack != s.ack:
                out[-1] = s
                self.changed += 1
            else:
                out.append(s)
        return out


MODES = (Split, Merge, Recut, StripSack, StripTimestamps, StripScale, StripAll, StripBlocks,
         Foreign, Quarter, Jumpy, Shut, Shift,
         Thin)


def tun(name):
    """A tun device of the current namespace."""
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


class Box:
    """The process; it ends with the test."""

    def __init__(self, mode, fds):
        self.shared = mmap.mmap(-1, mmap.PAGESIZE)
        self.mode = mode()
        if os.fork() == 0:
            try:
                libc.prctl(1, 9)                # PR_SET_PDEATHSIG, SIGKILL
                self.run(fds)
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)

    @property
    def changed(self):
        """How often it changed something."""
        return struct.unpack_from('Q', self.shared)[0]

    def run(self, fds):
        poll = select.poll()
        for fd in fds:
            poll.register(fd, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                way = fds.index(fd)
                segs = []
                try:
                    while True:
                        segs.append(Segment(os.read(fd, 65536)))
                except BlockingIOError:
                    pass
                for s in self.mode.burst(segs, way):
                    try:
                        os.write(fds[not way], bytes(s))
                    except OSError:             # its device is down: lost
                        pass
                struct.pack_into('Q', self.shared, 0, self.mode.changed)
