# SPDX-License-Identifier: GPL-2.0
"""MSG_ZEROCOPY: asking for it, and memory to lend; TCP_ZEROCOPY_RECEIVE: memory to map to."""

import ctypes
import errno
import mmap
import socket
import struct

from .net import SOL
from .tap import libc
from .wire import TCPX

__all__ = ['SO_ZEROCOPY', 'TCPX_ZEROCOPY', 'MSG_ZEROCOPY', 'PAGE', 'ask', 'buffer', 'addresses',
           'Answer', 'ok', 'PROT_WRITE', 'PROT_READ', 'PROT_EXEC', 'ROOM', 'TLB_CLEAN_HINT']

SO_ZEROCOPY, TCPX_ZEROCOPY, MSG_ZEROCOPY = 60, 0x1003, 0x4000000
PAGE = mmap.PAGESIZE

TCP_ZEROCOPY_RECEIVE = 35
TLB_CLEAN_HINT = 1
PROT_READ, PROT_WRITE, PROT_EXEC, MAP_SHARED = 1, 2, 4, 1
# address, length, skip, inq, err, copy to, copy length, flags, control, its length, flags, 0
REQUEST = '=QIIIiQiIQQII'
ROOM = 32 * PAGE

libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


def ask(s, val=1):
    """SO_ZEROCOPY, by the name that this kernel takes for this protocol."""
    try:
        s.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, val)
    except OSError as e:
        if not TCPX or e.errno != errno.EOPNOTSUPP:
            raise
        s.setsockopt(SOL, TCPX_ZEROCOPY, val)


def buffer(data):
    """@data in pages of their own, which nobody else writes to."""
    pages = mmap.mmap(-1, -(-len(data) // PAGE) * PAGE)
    pages[:len(data)] = data
    return memoryview(pages)[:len(data)]


def ok(ret, what):
    if ret in (-1, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), what)
    return ret


def addresses(s, prot=PROT_READ, size=ROOM):
    return ok(libc.mmap(None, size, prot, MAP_SHARED, s.fileno(), 0), 'mmap')


class Answer:
    """One call of TCP_ZEROCOPY_RECEIVE: what it says, the payload that it mapped and copied."""

    def __init__(self, s, address=0, length=ROOM, room=0, flags=0, control=0, msg_flags=0,
                 reserved=0, size=64, extra=b'', copy_to=None):
        copy = ctypes.create_string_buffer(room or 1)
        ctrl = ctypes.create_string_buffer(control or 1)
        request = struct.pack(REQUEST, address, length, 7, 7, 7,
                              ctypes.addressof(copy) if copy_to is None else copy_to, room, flags,
                              ctypes.addressof(ctrl), control, msg_flags, reserved)
        self.raw = ctypes.create_string_buffer(request[:size] + extra, max(size + len(extra), 1))
        self.optlen = ctypes.c_int(size + len(extra))
        ok(libc.getsockopt(s.fileno(), socket.IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, self.raw,
                           ctypes.byref(self.optlen)), 'TCP_ZEROCOPY_RECEIVE')
        (_, self.length, self.skip, self.inq, self.err, _, self.copied, _, self.ctrl, ctrl_left,
         self.flags, _) = struct.unpack(REQUEST, self.raw.raw[:64].ljust(64, b'\0'))
        self.mapped = ctypes.string_at(address, self.length) if self.length else b''
        self.copy = copy.raw[:max(self.copied, 0)]
        self.control = ctrl.raw[:control - ctrl_left] if control else b''

    def told(self):
        return self.length, self.copied, self.skip
