# SPDX-License-Identifier: GPL-2.0
"""sock_diag(7), as ss speaks it: dumps with filters, one socket by its 4-tuple, SOCK_DESTROY."""

import atexit
import errno
import os
import socket
import struct
from collections import namedtuple

from .ip import ip
from .module import insmod, rmmod
from .net import run
from .wire import PROTO, TCPX

__all__ = ['SockDiag', 'Sockid', 'pack_sockid', 'load_diag', 'unload_diag', 'NLM_F_ACK',
           'NLM_F_DUMP', 'ALL_STATES', 'DIAG_INFO', 'DIAG_MEMINFO', 'DIAG_VEGASINFO', 'DIAG_CONG',
           'DIAG_SKMEMINFO', 'DIAG_MARK', 'DIAG_PROTOCOL', 'DIAG_BBRINFO', 'DIAG_MD5SIG',
           'DIAG_REQ_BYTECODE', 'DIAG_REQ_PROTOCOL', 'NOCOOKIE', 'SOCK_DIAG_BY_FAMILY', 'SOCK_DESTROY', 'bytecode', 'BC_S_GE', 'BC_D_EQ',
           'BC_S_COND', 'BC_MARK']

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 20, 21
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP = 1, 2, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NOCOOKIE = 0xffffffffffffffff
ALL_STATES = 0xffffffff

DIAG_MEMINFO, DIAG_INFO, DIAG_VEGASINFO, DIAG_CONG, DIAG_SKMEMINFO = 1, 2, 3, 4, 7
DIAG_PROTOCOL, DIAG_MARK, DIAG_BBRINFO, DIAG_MD5SIG = 10, 15, 16, 18
DIAG_REQ_BYTECODE, DIAG_REQ_PROTOCOL = 1, 3

(BC_NOP, BC_JMP, BC_S_GE, BC_S_LE, BC_D_GE, BC_D_LE, BC_AUTO, BC_S_COND, BC_D_COND, BC_DEV,
 BC_MARK, BC_S_EQ, BC_D_EQ) = range(13)

# struct inet_diag_sockid: the ends as (address, port)
Sockid = namedtuple('Sockid', 'local remote dev cookie', defaults=(0, NOCOOKIE))


def pack_sockid(i, af=ip.af):
    def addr(text):
        return socket.inet_pton(af, text).ljust(16, b'\0')
    return (struct.pack('!HH', i.local[1], i.remote[1]) + addr(i.local[0]) + addr(i.remote[0]) +
            struct.pack('=IQ', i.dev, i.cookie))


def unpack_sockid(data, af):
    sport, dport = struct.unpack_from('!HH', data)
    size = 4 if af == socket.AF_INET else 16
    src, dst = (socket.inet_ntop(af, data[at:at + size]) for at in (4, 20))
    return Sockid((src, sport), (dst, dport), *struct.unpack_from('=IQ', data, 36))


def bytecode(code, arg=b''):
    """One condition, which accepts where it is true: struct inet_diag_bc_op and what follows."""
    size = 4 + len(arg)
    return struct.pack('=BBH', code, size, size + 4) + arg


class Row:
    """struct inet_diag_msg with its attributes, by number."""

    def __init__(self, data):
        (self.family, self.state, self.timer, self.retrans) = struct.unpack_from('4B', data)
        self.id = unpack_sockid(data[4:], self.family)
        (self.expires, self.rqueue, self.wqueue, self.uid,
         self.inode) = struct.unpack_from('=5I', data, 52)
        self.attrs = {}
        at = 72
        while at < len(data):
            size, kind = struct.unpack_from('=HH', data, at)
            self.attrs[kind] = data[at + 4:at + size]
            at += size + 3 & ~3

    @property
    def ends(self):
        return self.id.local, self.id.remote


class SockDiag:
    """A netlink socket of the current namespace."""

    def __init__(self):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
        self.s.settimeout(100)
        self.seq = 0
        self.messages = 0       # datagrams of the last answer

    def message(self, body, flags, kind=SOCK_DIAG_BY_FAMILY):
        self.seq += 1
        return struct.pack('=IHHII', 16 + len(body), kind, NLM_F_REQUEST | flags, self.seq,
                           0) + body

    def rows(self):
        """The rows of an answer; raises OSError as the kernel says."""
        rows, self.messages = [], 0
        while True:
            data = self.s.recv(1 << 18)
            self.messages += 1
            while data:
                size, kind, flags = struct.unpack_from('=IHH', data)
                body, data = data[16:size], data[size + 3 & ~3:]
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    err = struct.unpack_from('=i', body)[0] if body else 0
                    if err:
                        raise OSError(-err, os.strerror(-err))
                    return rows
                rows.append(Row(body))
                if not flags & NLM_F_MULTI:
                    return rows

    def request(self, body, flags, kind=SOCK_DIAG_BY_FAMILY):
        self.s.send(self.message(body, flags, kind))
        return self.rows()

    @staticmethod
    def body(sockid, states=0, ext=(), af=ip.af, proto=PROTO, attrs=()):
        bits = sum(1 << e - 1 for e in set(ext))
        out = struct.pack('=BBBBI', af, proto, bits, 0, states) + sockid
        for kind, data in attrs:
            out += struct.pack('=HH', 4 + len(data), kind) + data + bytes(-len(data) % 4)
        return out

    def dump(self, states=ALL_STATES, sport=0, dport=0, code=None, **kw):
        attrs = [(DIAG_REQ_BYTECODE, code)] if code is not None else []
        sockid = struct.pack('!HH44x', sport, dport)
        return self.request(self.body(sockid, states, attrs=attrs, **kw), NLM_F_DUMP)

    def one(self, sockid, ext=(), af=ip.af, **kw):
        return self.request(self.body(pack_sockid(sockid, af), ALL_STATES, ext, af=af, **kw), 0)[0]

    def destroy(self, sockid, af=ip.af):
        self.request(self.body(pack_sockid(sockid, af), ALL_STATES, af=af), NLM_F_ACK,
                     SOCK_DESTROY)


def unload_diag():
    """Undo load_diag(), if that has not been done."""
    if os.path.exists('/sys/module/tcpx_diag'):
        rmmod(5, 'tcpx_diag')


def load_diag():
    """Have the kernel answer for the protocol under test, until this program ends."""
    try:
        # This has the kernel load inet_diag, and tcp_diag
        SockDiag().dump(proto=socket.IPPROTO_TCP)
    except OSError:
        pass
    if not TCPX or os.path.exists('/sys/module/tcpx_diag'):
        return
    try:
        insmod(path=os.environ['TCPX_DIAG_KO'])
    except OSError as e:
        if e.errno != errno.ENOENT:
            raise
        run('modprobe', 'inet_diag')
        insmod(path=os.environ['TCPX_DIAG_KO'])
    # Else tcpx could not be unloaded; a case, which is a process of its own, does it itself
    atexit.register(unload_diag)
