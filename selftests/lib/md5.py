# SPDX-License-Identifier: GPL-2.0
"""The MD5 signature option (RFC 2385): the socket options, and what has to be in a segment."""

import hashlib
import socket
import struct

from .ip import ip
from .wire import WIRE, build, flag_bits, pseudo

__all__ = ['TCP_MD5SIG', 'TCP_MD5SIG_EXT', 'FLAG_PREFIX', 'FLAG_IFINDEX', 'KIND', 'SIZE', 'md5sig',
           'set_key', 'signature', 'option', 'signer', 'is_signed']

TCP_MD5SIG, TCP_MD5SIG_EXT = 14, 32
FLAG_PREFIX, FLAG_IFINDEX = 1, 2
KIND = 19
SIZE = 216              # of struct tcp_md5sig


def md5sig(addr, key, flags=0, prefix=0, ifindex=0, keylen=None, af=None):
    """struct tcp_md5sig."""
    af = af or (socket.AF_INET6 if ':' in addr else socket.AF_INET)
    raw = socket.inet_pton(af, addr)
    name = struct.pack('=HHI', af, 0, 0) + raw if af == socket.AF_INET6 else \
        struct.pack('=HH', af, 0) + raw
    return struct.pack('=128sBBHi80s', name, flags, prefix,
                       len(key) if keylen is None else keylen, ifindex, key)


def set_key(sock, addr, key, option=TCP_MD5SIG, **kw):
    sock.setsockopt(socket.IPPROTO_TCP, option, md5sig(addr, key, **kw))


def signature(src, dst, segment, key, proto=WIRE):
    """RFC 2385, 2.0: of a segment, the checksum of which is 0."""
    head = (segment[12] >> 4) * 4
    return hashlib.md5(pseudo(src, dst, len(segment), proto) + segment[:20] + segment[head:] +
                       key).digest()


def option(digest):
    return b'\x01\x01' + bytes((KIND, 18)) + digest


def signer(c, key, **wrong):
    """
    What sends the signed segments of scripted host @c: takes what Conn.tx() does.

    @wrong: what the signature is over instead, such as another sequence number.
    """
    def tx(flags, data=b'', seq=None, ack=None, opts=b'', win=None):
        bits = flag_bits(flags)
        aseq = c.nxt if seq is None else c.iss + seq
        aack = ((c.rcv_nxt or 0) if ack is None else (c.irs or 0) + ack) if bits & 16 else 0
        fields = dict(seq=aseq, ack=aack, win=c.win if win is None else win, data=data)
        packet = build(c.addr, c.local, c.sport, c.dport, flags=bits, csum=0,
                       opts=option(bytes(16)) + opts, **dict(fields, **wrong))
        digest = signature(c.addr, c.local, packet[ip.head:], key)
        return c.tx(flags, data, seq, ack, win, option(digest) + opts)
    return tx


def is_signed(seg, key):
    """Is the signature of a segment that was sent right?"""
    raw = seg.raw[seg.at:]
    return seg.option(KIND) == signature(seg.src, seg.dst, raw[:16] + b'\0\0' + raw[18:], key)
