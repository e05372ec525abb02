# SPDX-License-Identifier: GPL-2.0
"""Segments as bytes and back: what the wire carries, and nothing else."""

import os
import socket
import struct

__all__ = ['PROTO', 'TCPX', 'FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR',
           'Seg', 'csum16', 'tcp_csum', 'build', 'build_ip', 'parse', 'flag_bits', 'flag_text',
           'opt_mss', 'opt_ws', 'opt_ts', 'opt_sackok', 'opt_sack', 'NOP', 'EOL', 'lt', 'pseudo',
           'ipopt_route', 'LSRR', 'SSRR']

PROTO = int(os.environ.get('TCPX_PROTO', 253))
# Runs against the kernel's own TCP check the tests, not the module.
TCPX = PROTO != socket.IPPROTO_TCP

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


def opt_mss(mss):
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


LSRR, SSRR = 131, 137


def ipopt_route(*hops, kind=LSRR, at=4):
    """An IP source route; @at is its pointer, None: completed."""
    data = b''.join(socket.inet_aton(h) for h in hops)
    return bytes((kind, 3 + len(data), len(data) + 4 if at is None else at)) + data


def lt(a, b):
    """a < b on the circle of sequence numbers."""
    return a != b and (b - a) & M32 < 1 << 31


def csum16(data):
    """The Internet checksum of @data, as it goes on the wire."""
    if len(data) & 1:
        data += b'\0'
    n = int.from_bytes(data, 'big')
    if n == 0:
        return 0xffff
    # 2**16 = 1 (mod 65535), so the sum of the words is the whole number mod 65535;
    # a sum that folds to 0xffff, not to 0, is what a non-zero input gives
    return 0xffff - (n % 65535 or 65535)


def pseudo(src, dst, length, proto=PROTO):
    return socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack('!BBH', 0, proto, length)


def tcp_csum(src, dst, segment, proto=PROTO):
    """Checksum of @segment (its own checksum field zero)."""
    return csum16(pseudo(src, dst, len(segment), proto) + segment)


def build_ip(src, dst, payload, proto=PROTO, ttl=64, tos=0, ipid=0, frag=0x4000, options=b'',
             total=None):
    """An IPv4 packet; @frag is the whole flags-and-offset field."""
    options += b'\0' * (-len(options) % 4)
    ihl = 5 + len(options) // 4
    head = struct.pack('!BBHHHBBH4s4s', 0x40 | ihl, tos,
                       ihl * 4 + len(payload) if total is None else total, ipid, frag, ttl, proto,
                       0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack('!H', csum16(head)) + head[12:] + payload


def build(src, dst, sport, dport, seq, ack=0, flags='A', win=65535, opts=b'', data=b'', urg=0,
          doff=None, csum=None, reserved=0, **ip):
    """An IPv4 packet with one segment; @doff and @csum override what is right."""
    opts += b'\0' * (-len(opts) % 4)
    if doff is None:
        doff = 5 + len(opts) // 4
    bits = flag_bits(flags)
    proto = ip.get('proto', PROTO)

    def segment(check):
        return struct.pack('!HHIIBBHHH', sport, dport, seq & M32, ack & M32,
                           (doff & 15) << 4 | reserved & 15, bits, win, check, urg) + opts + data
    right = tcp_csum(src, dst, segment(0), proto)
    if csum is None:
        csum = right
    elif csum == 'bad':
        csum = right ^ 0x0101
    return build_ip(src, dst, segment(csum), **ip)


class Seg:
    """A parsed segment.  Numbers as on the wire; .t is when it was seen."""

    __slots__ = ('ipopts', 'hop', 'src', 'dst', 'sport', 'dport', 'seq', 'ack', 'flags', 'win', 'urg', 'doff',
                 'reserved', 'csum', 'csum_ok', 'opts', 'data', 't', 'tos', 'ttl', 'df', 'ipid',
                 'raw', 'ip_len')

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


def ip_options(data):
    """[(kind, bytes from the pointer on), ...] of an IP header."""
    out, i = [], 0
    while i < len(data) and data[i]:
        n = 1 if data[i] == 1 else data[i + 1]
        if n > 1:
            out.append((data[i], data[i + 2:i + n]))
        i += n
    return out


def final_dst(dst, options):
    """Where a datagram goes in the end: its source route says so, if it has one to go."""
    for kind, value in options:
        if kind in (LSRR, SSRR) and value[0] <= len(value) + 2:
            return value[-4:]
    return dst


def parse(pkt, t=0.0, proto=PROTO):
    """The segment in IPv4 packet @pkt, or None if it holds none of @proto."""
    if len(pkt) < 20 or pkt[0] >> 4 != 4 or pkt[9] != proto:
        return None
    ihl = (pkt[0] & 15) * 4
    total = struct.unpack_from('!H', pkt, 2)[0]
    seg = pkt[ihl:total]
    if len(seg) < 20:
        return None
    s = Seg()
    s.t = t
    s.raw = pkt[:total]
    s.ip_len = total
    s.tos, s.ttl = pkt[1], pkt[8]
    s.ipid, frag = struct.unpack_from('!HH', pkt, 4)
    s.df = bool(frag & 0x4000)
    s.ipopts = ip_options(pkt[20:ihl])
    s.hop = socket.inet_ntoa(pkt[16:20])
    s.src = socket.inet_ntoa(pkt[12:16])
    s.dst = socket.inet_ntoa(final_dst(pkt[16:20], s.ipopts))
    s.sport, s.dport, s.seq, s.ack, off, s.flags, s.win, s.csum, s.urg = struct.unpack_from(
        '!HHIIBBHHH', seg)
    s.doff, s.reserved = off >> 4, off & 15
    s.opts, s.data = seg[20:s.doff * 4], seg[s.doff * 4:]
    s.csum_ok = csum16(pseudo(s.src, s.dst, len(seg), proto) + seg) == 0
    return s
