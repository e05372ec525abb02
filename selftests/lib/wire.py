# SPDX-License-Identifier: GPL-2.0
"""Segments as bytes and back: what the wire carries, and nothing else."""

import os
import socket
import struct

from .ip import csum16, ip, parse_ip

__all__ = ['PROTO', 'TCPX', 'WIRE', 'FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR',
           'Seg', 'tcp_csum', 'build', 'build_ip', 'parse', 'flag_bits', 'flag_text', 'renumbered',
           'opt_mss', 'opt_ws', 'opt_ts', 'opt_sackok', 'opt_sack', 'NOP', 'EOL', 'lt', 'pseudo']

PROTO = int(os.environ.get('TCPX_PROTO', 253))
# Runs against the kernel's own TCP check the tests, not the module.
TCPX = PROTO != socket.IPPROTO_TCP
# What IP headers say: tcpx speaks as TCP where the namespace's wire_protocol says so.
WIRE = int(os.environ.get('TCPX_WIRE', PROTO)) if TCPX else PROTO

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << n for n in range(8))
_LETTERS = 'FSRPAUEC'
M32 = 0xffffffff

NOP = b'\x01'
EOL = b'\x00'


def flag_bits(flags):
    """'SA' -> SYN | ACK."""
    if isinstance(flags, int):
        return flags
    return sum(1 << _LETTERS.index(c) for c in flags)


def flag_text(bits):
    """SYN | ACK -> 'SA', in the order S F R P A U E C."""
    return ''.join(c for c in 'SFRPAUEC' if bits & (1 << _LETTERS.index(c)))


def opt_mss(mss=ip.mss()):
    return struct.pack('!BBH', 2, 4, mss)


def opt_ws(shift):
    return struct.pack('!BBBB', 1, 3, 3, shift)


def opt_sackok():
    return b'\x01\x01\x04\x02'


def opt_ts(val, ecr=0):
    return struct.pack('!BBBBII', 1, 1, 8, 10, val & M32, ecr & M32)


def opt_sack(*blocks):
    return b'\x01\x01' + struct.pack('!BB', 5, 2 + 8 * len(blocks)) + b''.join(
        struct.pack('!II', a & M32, b & M32) for a, b in blocks)


def lt(a, b):
    """a < b on the circle of sequence numbers."""
    return a != b and (b - a) & M32 < 1 << 31


def pseudo(src, dst, length, proto=WIRE):
    return ip.pseudo(src, dst, length, proto)


def tcp_csum(src, dst, segment, proto=WIRE):
    """Checksum of @segment (its own checksum field zero)."""
    return csum16(pseudo(src, dst, len(segment), proto) + segment)


def build_ip(src, dst, payload, proto=WIRE, **kw):
    """An IP packet: IPv4.build() and IPv6.build() of lib/ip.py take @kw."""
    return ip.build(src, dst, payload, proto, **kw)


def build(src, dst, sport, dport, seq, ack=0, flags='A', win=65535, opts=b'', data=b'', urg=0,
          doff=None, csum=None, reserved=0, proto=WIRE, **kw):
    """An IP packet with one segment; @doff and @csum override what is right."""
    opts += b'\0' * (-len(opts) % 4)
    if doff is None:
        doff = 5 + len(opts) // 4
    bits = flag_bits(flags)

    def segment(check):
        return struct.pack('!HHIIBBHHH', sport, dport, seq & M32, ack & M32,
                           (doff & 15) << 4 | reserved & 15, bits, win, check, urg) + opts + data
    right = tcp_csum(src, dst, segment(0), proto)
    if csum is None:
        csum = right
    elif csum == 'bad':
        csum = right ^ 0x0101
    return build_ip(src, dst, segment(csum), proto, **kw)


class Seg:
    """A parsed segment.  Numbers as on the wire; .t is when it was seen."""

    __slots__ = ('src', 'dst', 'sport', 'dport', 'seq', 'ack', 'flags', 'win', 'urg', 'doff',
                 'reserved', 'csum', 'csum_ok', 'opts', 'data', 't', 'raw', 'ip_len', 'at', 'tos',
                 'ttl', 'df', 'ipid', 'flow', 'ipopts', 'hop')

    @property
    def len(self):
        return len(self.data)

    @property
    def letters(self):
        return flag_text(self.flags)

    @property
    def end(self):
        """The sequence number after this segment."""
        return (self.seq + len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)) & M32

    def options(self):
        """[(kind, value), ...]; raises ValueError where the list is malformed."""
        out, i, o = [], 0, self.opts
        while i < len(o):
            kind = o[i]
            if kind == 0:
                if any(o[i:]):
                    raise ValueError('padding is not zero: %s' % o.hex())
                break
            if kind == 1:
                i += 1
                continue
            if i + 1 >= len(o) or o[i + 1] < 2 or i + o[i + 1] > len(o):
                raise ValueError('option %d has an illegal length: %s' % (kind, o.hex()))
            out.append((kind, o[i + 2:i + o[i + 1]]))
            i += o[i + 1]
        return out

    def option(self, kind):
        for k, v in self.options():
            if k == kind:
                return v
        return None

    @property
    def mss(self):
        v = self.option(2)
        return None if v is None else struct.unpack('!H', v)[0]

    @property
    def wscale(self):
        v = self.option(3)
        return None if v is None else v[0]

    @property
    def sackok(self):
        return self.option(4) is not None

    @property
    def ts(self):
        """(TSval, TSecr), or None."""
        v = self.option(8)
        return None if v is None else struct.unpack('!II', v)

    @property
    def sack(self):
        v = self.option(5)
        return [] if v is None else [struct.unpack_from('!II', v, i) for i in range(0, len(v), 8)]

    def __str__(self):
        return '%s:%d > %s:%d [%s] seq=%d ack=%d win=%d len=%d%s%s' % (
            self.src, self.sport, self.dst, self.dport, self.letters, self.seq, self.ack, self.win,
            len(self.data), ' urg=%d' % self.urg if self.flags & URG else '',
            ' opts=' + self.opts.hex() if self.opts else '')

    __repr__ = __str__


def renumbered(s, seq):
    """The packet of @s, but of number @seq: for ICMP errors to quote."""
    return s.raw[:s.at + 4] + struct.pack('!I', seq & M32) + s.raw[s.at + 8:]


def parse(pkt, t=0.0, proto=WIRE):
    """The segment in IP packet @pkt, of either version, or None if it holds none of @proto."""
    v, h = parse_ip(pkt)
    if not v or h.proto != proto or len(pkt[h.at:h.end]) < 20:
        return None
    seg = pkt[h.at:h.end]
    s = Seg()
    s.t, s.raw, s.ip_len, s.at = t, pkt[:h.end], h.end, h.at
    s.src, s.dst, s.hop, s.ipopts = h.src, h.dst, h.hop, h.options
    s.tos, s.ttl, s.df, s.ipid, s.flow = h.tos, h.ttl, h.df, h.ipid, h.flow
    s.sport, s.dport, s.seq, s.ack, off, s.flags, s.win, s.csum, s.urg = struct.unpack_from(
        '!HHIIBBHHH', seg)
    s.doff, s.reserved = off >> 4, off & 15
    s.opts, s.data = seg[20:s.doff * 4], seg[s.doff * 4:]
    s.csum_ok = csum16(v.pseudo(s.src, s.dst, len(seg), proto) + seg) == 0
    return s
