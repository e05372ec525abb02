# SPDX-License-Identifier: GPL-2.0
"""What a connection looks like from one sender: numbers that grow, from its ISN on."""

import bisect

from .capture import ACK, FIN, RST, SYN


def signed(number):
    """A difference of sequence numbers, which wrap."""
    return (number + 0x80000000 & 0xffffffff) - 0x80000000


class Ranges:
    """Disjoint ranges of numbers, in order."""

    def __init__(self):
        self.begins, self.ends = [], []

    def overlaps(self, low, high):
        """Whether something of a range is there."""
        i = bisect.bisect_right(self.ends, low)
        return i < len(self.begins) and self.begins[i] < high

    def add(self, low, high):
        """Adds a range."""
        i = bisect.bisect_left(self.ends, low)
        j = bisect.bisect_right(self.begins, high)
        if i < j:
            low, high = min(low, self.begins[i]), max(high, self.ends[j - 1])
        self.begins[i:j], self.ends[i:j] = [low], [high]


class Sequence:
    """One direction of a connection, ready to be drawn; times from its first packet on.

    segments  (time, low, high, kind); kind: new, again (some of it was seen before), late
              (fills a hole: overtaken, or lost before it came here and sent again)
    marks     (time, number, SYN or FIN or RST, whether it was sent before)
    acks      (time, number), windows (time, number): the receiver's
    sacks     (time, low, high, whether it is a duplicate: RFC 2883)
    """

    def __init__(self, connection, sender):
        self.sender = sender
        self.packets = connection.packets
        first = self.packets[0]
        self.receiver = first.dst if first.src == sender else first.src
        self.begin = first.time
        self.base = self.origin()
        self.near = 0
        self.top = 0
        self.seen = Ranges()
        self.segments, self.marks, self.acks, self.windows, self.sacks = [], [], [], [], []
        self.scale = self.window_scale()
        for packet in self.packets:
            if packet.src == sender:
                self.send(packet)
            else:
                self.receive(packet)

    def origin(self):
        """The ISN, or the first number that is known."""
        mine = [packet for packet in self.packets if packet.src == self.sender]
        for packet in mine:
            if packet.flags & SYN:
                return packet.seq
        return mine[0].seq if mine else self.packets[0].ack

    def window_scale(self):
        """The shift of the receiver's windows; None where no SYN of it tells."""
        syns = {packet.src: packet for packet in self.packets if packet.flags & SYN}
        if self.receiver not in syns or self.sender not in syns:
            return None
        if any(syn.scale is None for syn in syns.values()):
            return 0
        return min(syns[self.receiver].scale, 14)

    def mss(self):
        """What fits a segment: by the SYNs, or by what was sent."""
        told = [packet.mss for packet in self.packets if packet.flags & SYN and packet.mss]
        stamps = any(packet.stamp for packet in self.packets)
        if told:
            return min(told) - 12 * stamps
        return max((packet.len for packet in self.packets), default=0) or 1460

    def unwrap(self, number):
        """A number of the wire, from the ISN on; the one next to the last."""
        return self.near + signed(number - self.base - self.near)

    def send(self, packet):
        """A segment of the sender's."""
        time = packet.time - self.begin
        low = self.unwrap(packet.seq)
        for flag, letter in ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST")):
            if packet.flags & flag:
                at = low + packet.len * (flag == FIN)
                self.marks.append((time, at, letter, self.seen.overlaps(at, at + 1)))
        if packet.flags & RST:
            return
        high = low + packet.len + bool(packet.flags & SYN) + bool(packet.flags & FIN)
        if high == low:
            return
        kind = "new"
        if self.seen.overlaps(low, high):
            kind = "again"
        elif high <= self.top:
            kind = "late"
        self.segments.append((time, low, high, kind))
        self.seen.add(low, high)
        self.top = self.near = max(self.top, high)

    def receive(self, packet):
        """An acknowledgment of the receiver's."""
        time = packet.time - self.begin
        if packet.flags & RST:
            self.marks.append((time, self.unwrap(packet.ack) if packet.flags & ACK else self.top,
                               "RST", False))
        if not packet.flags & ACK or packet.flags & RST:
            return
        number = self.unwrap(packet.ack)
        self.acks.append((time, number))
        if packet.flags & SYN:
            self.windows.append((time, number + packet.win))
        elif self.scale is not None:
            self.windows.append((time, number + (packet.win << self.scale)))
        blocks = [(self.unwrap(low), self.unwrap(high)) for low, high in packet.sacks]
        for i, (low, high) in enumerate(blocks):
            twice = i == 0 and (high <= number or any(
                a <= low and high <= b for a, b in blocks[1:]))
            self.sacks.append((time, low, high, twice))

    def goodput(self, step):
        """[(time, bit/s)]: what was acknowledged, in steps of @step seconds."""
        best, out, at, last = 0, [], step, 0
        for time, number in self.acks:
            while time >= at:
                out.append((at - step / 2, (best - last) * 8 / step))
                last, at = best, at + step
            best = max(best, number)
        return out
