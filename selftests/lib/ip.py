# SPDX-License-Identifier: GPL-2.0
"""
The IP version that the tests run over, TCPX_IP=4 or 6: `ip` has what differs and shows in a
test.  A length is in bytes; a socket option is (level, name), for setsockopt(*ip.TTL, 3).
"""

import errno
import os
import socket
import struct
from collections import namedtuple

__all__ = ['ip', 'Icmp', 'csum16', 'parse_ip', 'noise', 'LSRR', 'SSRR', 'ipopt_route', 'DF']

# An ICMP error, and the errno for it
Icmp = namedtuple('Icmp', 'kind code err', defaults=(None,))

DF = 0x4000
LSRR, SSRR = 131, 137


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


class Header:
    """What an IP header says; @options and @hop are of IPv4's source routes."""

    __slots__ = ('src', 'dst', 'proto', 'tos', 'ttl', 'df', 'ipid', 'flow', 'at', 'end',
                 'options', 'hop')


class Version:
    """
    What both versions have.  @head is the least header's length, @prefix the length of the
    network of a link, @wide that of many, @small an MTU that a router may
    ask for, @default_mss what a SYN without the option says; @cli and @onlink are words of
    iproute2, for the version, and for the route that comes with an address.
    """

    def ntop(self, packed):
        return socket.inet_ntop(self.af, packed)

    def pton(self, text):
        return socket.inet_pton(self.af, text)

    def mss(self, mtu=1500):
        """The payload of a full segment without options."""
        return mtu - self.head - 20

    def one(self, addr):
        """The network of @addr alone."""
        return '%s/%d' % (addr, self.bits)

    def icmp(self, msg, src, dst, rest, packet):
        """An ICMP error from @src to @dst about @packet, with its second word."""
        body = struct.pack('!BBHI', msg.kind, msg.code, 0, rest) + packet
        check = csum16(self.icmp_pseudo(src, dst, len(body)) + body)
        body = body[:2] + struct.pack('!H', check) + body[4:]
        return self.build(src, dst, body, self.icmp_proto)


class IPv4(Version):
    version, af, level, ethertype = 4, socket.AF_INET, socket.IPPROTO_IP, 0x0800
    head, bits, prefix, wide, min_mtu, small, default_mss = 20, 32, 24, 16, 68, 1000, 536
    ANY, cli, onlink = '0.0.0.0', '-4', ()
    icmp_proto = socket.IPPROTO_ICMP

    # Where the header has these; for programs that read it
    proto_at, src_at, dst_at = 9, 12, 16

    TOS, TTL, PKTOPTIONS, MTU_DISCOVER, RECVERR, RECVTOS, MTU, FREEBIND, XFRM_POLICY, \
        TRANSPARENT, MINTTL = ((socket.IPPROTO_IP, n)
                               for n in (1, 2, 9, 10, 11, 13, 14, 15, 17, 19, 21))

    UNREACH, UNREACH_CODES = 3, 13
    NET_UNREACH = Icmp(3, 0, errno.ENETUNREACH)
    HOST_UNREACH = Icmp(3, 1, errno.EHOSTUNREACH)
    PORT_UNREACH = Icmp(3, 3, errno.ECONNREFUSED)
    TOO_BIG = Icmp(3, 4, errno.EMSGSIZE)
    PROHIBITED = Icmp(3, 13, errno.EHOSTUNREACH)
    TIME_EXCEEDED = Icmp(11, 0, errno.EHOSTUNREACH)
    REASSEMBLY = Icmp(11, 1, 0)             # IP keeps it
    PARAM = Icmp(12, 0, errno.EPROTO)
    # RFC 9293, 3.9.2.2
    SOFT = (NET_UNREACH, HOST_UNREACH, Icmp(3, 5, errno.EOPNOTSUPP), TIME_EXCEEDED, PARAM,
            REASSEMBLY)
    HARD = (Icmp(3, 2, errno.ENOPROTOOPT), PORT_UNREACH)
    ICMP_KINDS = (3, 3, 3, 4, 5, 11, 12)

    def addr(self, *numbers):
        """The address of a host: (9, 1, 2) is the second of a link."""
        return '10.%d.%d.%d' % numbers

    def net(self, a, b):
        """The network of a link."""
        return '10.%d.%d.0/24' % (a, b)

    def nets(self, a):
        """The network of many links."""
        return '10.%d.0.0/16' % a

    def lo(self, n=1):
        """The host's own addresses, 1 to 9."""
        return '127.0.0.%d' % n

    def at(self, addr, port):
        """As tracepoints write it."""
        return '%s:%d' % (addr, port)

    def name(self, addr, port):
        """As getsockname() has it."""
        return addr, port

    def sockaddr(self, addr, port):
        """struct sockaddr_in."""
        return struct.pack('=HH4s8x', self.af, socket.htons(port), self.pton(addr))

    def pseudo(self, src, dst, length, proto):
        return self.pton(src) + self.pton(dst) + struct.pack('!BBH', 0, proto, length)

    def icmp_pseudo(self, src, dst, length):
        return b''

    def build(self, src, dst, payload, proto, ttl=64, tos=0, ipid=0, frag=DF, options=b'',
              total=None, flow=0):
        """
        A packet; @frag is the whole flags-and-offset field, @total the length it tells,
        @flow a flow label of IPv6.
        """
        options += b'\0' * (-len(options) % 4)
        ihl = 5 + len(options) // 4
        head = struct.pack('!BBHHHBBH4s4s', 0x40 | ihl, tos,
                           ihl * 4 + len(payload) if total is None else total, ipid, frag, ttl,
                           proto, 0, self.pton(src), self.pton(dst)) + options
        return head[:10] + struct.pack('!H', csum16(head)) + head[12:] + payload

    def with_ttl(self, pkt, ttl):
        """Another TTL; the checksum is left as it was."""
        return pkt[:8] + bytes((ttl,)) + pkt[9:]

    def parse(self, pkt):
        """Header of @pkt, or None."""
        if len(pkt) < 20:
            return None
        h = Header()
        h.at = (pkt[0] & 15) * 4
        h.tos, h.end, h.ipid, frag, h.ttl, h.proto = struct.unpack_from('!xBHHHBB', pkt)
        h.df, h.flow = bool(frag & DF), 0
        h.options = _ip_options(pkt[20:h.at])
        h.src, h.hop = self.ntop(pkt[12:16]), self.ntop(pkt[16:20])
        h.dst = self.ntop(_final_dst(pkt[16:20], h.options))
        return h


class IPv6(Version):
    version, af, level, ethertype = 6, socket.AF_INET6, socket.IPPROTO_IPV6, 0x86dd
    head, bits, prefix, wide, min_mtu, small, default_mss = 40, 128, 64, 32, 1280, 1300, 1220
    ANY, cli, onlink = '::', '-6', ('metric', '256')
    icmp_proto = socket.IPPROTO_ICMPV6

    proto_at, src_at, dst_at = 6, 8, 24

    PKTOPTIONS, TTL, MTU_DISCOVER, MTU, RECVERR, XFRM_POLICY, RECVTOS, TOS, MINTTL, TRANSPARENT, \
        FREEBIND = ((socket.IPPROTO_IPV6, n)
                    for n in (6, 16, 23, 24, 25, 35, 66, 67, 73, 75, 78))

    UNREACH, UNREACH_CODES = 1, 7
    NET_UNREACH = Icmp(1, 0, errno.ENETUNREACH)
    HOST_UNREACH = Icmp(1, 3, errno.EHOSTUNREACH)
    PORT_UNREACH = Icmp(1, 4, errno.ECONNREFUSED)
    TOO_BIG = Icmp(2, 0, errno.EMSGSIZE)
    PROHIBITED = Icmp(1, 1, errno.EACCES)
    TIME_EXCEEDED = Icmp(3, 0, errno.EHOSTUNREACH)
    REASSEMBLY = Icmp(3, 1, errno.EHOSTUNREACH)
    PARAM = Icmp(4, 0, errno.EPROTO)
    SOFT = (NET_UNREACH, HOST_UNREACH, TIME_EXCEEDED, PARAM, REASSEMBLY, Icmp(4, 1, errno.EPROTO),
            Icmp(4, 2, errno.EPROTO))
    HARD = (PROHIBITED, PORT_UNREACH)
    ICMP_KINDS = (1, 1, 1, 2, 3, 4)

    def addr(self, *numbers):
        a, b, n = numbers
        return self.ntop(struct.pack('!HHH8xH', 0xfd00, a, b, n))

    def net(self, a, b):
        return self.addr(a, b, 0) + '/64'

    def nets(self, a):
        return self.addr(a, 0, 0) + '/32'

    def lo(self, n=1):
        return '::1' if n == 1 else self.addr(127, 0, n)

    def at(self, addr, port):
        return '[%s]:%d' % (addr, port)

    def name(self, addr, port):
        return addr, port, 0, 0

    def sockaddr(self, addr, port):
        return struct.pack('=HHI16sI', self.af, socket.htons(port), 0, self.pton(addr), 0)

    def pseudo(self, src, dst, length, proto):
        return self.pton(src) + self.pton(dst) + struct.pack('!II', length, proto)

    def icmp_pseudo(self, src, dst, length):
        return self.pseudo(src, dst, length, self.icmp_proto)

    def build(self, src, dst, payload, proto, ttl=64, tos=0, ipid=0, frag=DF, options=b'',
              total=None, flow=0):
        """The same; @frag makes a fragment header where it says more than DF."""
        assert not options, 'IPv4 has options'
        if frag & ~DF:
            payload = struct.pack('!BBHI', proto, 0, frag << 3 & 0xffff | frag >> 13 & 1,
                                  ipid) + payload
            proto = socket.IPPROTO_FRAGMENT
        length = len(payload) if total is None else total - 40
        return struct.pack('!IHBB16s16s', 6 << 28 | tos << 20 | flow, length & 0xffff, proto, ttl,
                           self.pton(src), self.pton(dst)) + payload

    def with_ttl(self, pkt, ttl):
        return pkt[:7] + bytes((ttl,)) + pkt[8:]

    def parse(self, pkt):
        if len(pkt) < 40:
            return None
        h = Header()
        first, length, h.proto, h.ttl, src, dst = struct.unpack_from('!IHBB16s16s', pkt)
        h.tos, h.flow = first >> 20 & 255, first & 0xfffff
        h.src, h.dst = self.ntop(src), self.ntop(dst)
        h.at, h.end = 40, 40 + length
        while h.proto in (socket.IPPROTO_HOPOPTS, socket.IPPROTO_ROUTING, socket.IPPROTO_DSTOPTS):
            if len(pkt) < h.at + 8:
                return None
            if h.proto == socket.IPPROTO_ROUTING and pkt[h.at + 3]:
                h.dst = self.ntop(pkt[h.at + 8:h.at + 24])
            h.proto, h.at = pkt[h.at], h.at + 8 + 8 * pkt[h.at + 1]
        h.df, h.ipid, h.options, h.hop = True, 0, [], self.ntop(dst)
        return h


_VERSIONS = {4: IPv4(), 6: IPv6()}
ip = _VERSIONS[int(os.environ.get('TCPX_IP', 4))]


def parse_ip(pkt):
    """(version, Header) of a packet of either version, or (None, None)."""
    v = _VERSIONS.get(pkt[0] >> 4) if pkt else None
    h = v.parse(pkt) if v else None
    return (v, h) if h else (None, None)


def noise(pkt):
    """Whether this is what an IPv6 host says of itself: MLD, neighbour discovery."""
    v, h = parse_ip(pkt)
    return v is not None and v.version == 6 and h.proto == socket.IPPROTO_ICMPV6 and \
        pkt[h.at] in range(130, 144)


# --- options of IPv4 -----------------------------------------------------------

def ipopt_route(*hops, kind=LSRR, at=4):
    """An IP source route; @at is its pointer, None: completed."""
    data = b''.join(socket.inet_aton(h) for h in hops)
    return bytes((kind, 3 + len(data), len(data) + 4 if at is None else at)) + data


def _ip_options(data):
    """[(kind, bytes from the pointer on), ...] of an IP header."""
    out, i = [], 0
    while i < len(data) and data[i]:
        n = 1 if data[i] == 1 else data[i + 1]
        if n > 1:
            out.append((data[i], data[i + 2:i + n]))
        i += n
    return out


def _final_dst(dst, options):
    """Where a datagram goes in the end: its source route says so, if it has one to go."""
    for kind, value in options:
        if kind in (LSRR, SSRR) and value[0] <= len(value) + 2:
            return value[-4:]
    return dst
