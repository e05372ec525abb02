# SPDX-License-Identifier: GPL-2.0
"""An io_uring by its system calls: requests go in, completions come out."""

import ctypes
import mmap
import os
import struct
from collections import namedtuple

from .tap import check, libc

__all__ = ['Uring', 'POLL_ADD', 'SENDMSG', 'RECVMSG', 'ACCEPT', 'CANCEL', 'LINK_TIMEOUT',
           'CONNECT', 'READ', 'WRITE', 'SEND', 'RECV', 'SHUTDOWN', 'SEND_ZC', 'SENDMSG_ZC',
           'LINK', 'BUFFER', 'MORE', 'NOTIF', 'available']

POLL_ADD, SENDMSG, RECVMSG, ACCEPT, CANCEL, LINK_TIMEOUT, CONNECT, READ, WRITE = (
    6, 9, 10, 13, 14, 15, 16, 22, 23)
SEND, RECV, PROVIDE, SHUTDOWN, SEND_ZC, SENDMSG_ZC = 26, 27, 31, 34, 47, 48
LINK, SELECT = 4, 32                    # of a request
BUFFER, MORE, NOTIF = 1, 2, 8           # of a completion

SYS_SETUP, SYS_ENTER, SYS_REGISTER = 425, 426, 427
OFF_SQ, OFF_CQ, OFF_SQES = 0, 0x8000000, 0x10000000
GETEVENTS, REGISTER_BUFFERS = 1, 0
SQE, CQE = struct.Struct('=BBHiQQIIQHHIQQ'), struct.Struct('=QiI')
ENTRIES = 64

Done = namedtuple('Done', 'tag res flags')


def available():
    """Whether the kernel has it."""
    fd = libc.syscall(SYS_SETUP, 1, ctypes.create_string_buffer(120))
    if fd >= 0:
        os.close(fd)
    return fd >= 0


def syscall(*args):
    ret = libc.syscall(*args)
    if ret < 0:
        raise OSError(ctypes.get_errno(), 'io_uring')
    return ret


class Uring:
    def __init__(self):
        params = ctypes.create_string_buffer(120)
        self.fd = syscall(SYS_SETUP, ENTRIES, params)
        _, size, *_ = struct.unpack_from('=II', params)
        self.sq_tail, self.sq_array = (struct.unpack_from('=I', params, 40 + n)[0] for n in (4, 24))
        self.cq_head, self.cq_tail, self.cqes = (
            struct.unpack_from('=I', params, 80 + n)[0] for n in (0, 4, 20))
        self.cq_mask = size - 1
        self.sq = mmap.mmap(self.fd, self.sq_array + 4 * ENTRIES, offset=OFF_SQ)
        self.cq = mmap.mmap(self.fd, self.cqes + size * CQE.size, offset=OFF_CQ)
        self.sqes = mmap.mmap(self.fd, ENTRIES * SQE.size, offset=OFF_SQES)
        self.kept = []                  # what requests point to
        self.early = []                 # completions that no test has asked for yet

    def keep(self, data):
        """The address of @data, which stays; of writable memory, that itself."""
        view = memoryview(data)
        kept = (ctypes.create_string_buffer(bytes(data), len(data)) if view.readonly else
                (ctypes.c_char * view.nbytes).from_buffer(view))
        self.kept.append(kept)
        return ctypes.addressof(kept)

    def submit(self, op, fd, addr=0, length=0, off=0, flags=0, tag=0, prio=0, how=0, buf=0):
        """@flags are the operation's own, @how the request's, @prio a modifier."""
        tail = struct.unpack_from('=I', self.sq, self.sq_tail)[0]
        slot = tail % ENTRIES
        SQE.pack_into(self.sqes, slot * SQE.size, op, how, prio, fd, off, addr, length, flags, tag,
                      buf, 0, 0, 0, 0)
        struct.pack_into('=I', self.sq, self.sq_array + 4 * slot, slot)
        struct.pack_into('=I', self.sq, self.sq_tail, tail + 1)
        if not how & LINK:
            syscall(SYS_ENTER, self.fd, ENTRIES, 0, 0, None, 0)

    def _reap(self):
        """Wait for a completion, and take all that are there."""
        syscall(SYS_ENTER, self.fd, 0, 1, GETEVENTS, None, 0)
        head, tail = (struct.unpack_from('=I', self.cq, at)[0] for at in (self.cq_head, self.cq_tail))
        while head != tail:
            self.early.append(Done(*CQE.unpack_from(
                self.cq, self.cqes + (head & self.cq_mask) * CQE.size)))
            head = (head + 1) & 0xffffffff
        struct.pack_into('=I', self.cq, self.cq_head, head)

    def wait(self, tag=0, notice=False):
        """The next completion of the request with @tag: its result, or that pages are free."""
        while True:
            for i, done in enumerate(self.early):
                if done.tag == tag and bool(done.flags & NOTIF) == notice:
                    return self.early.pop(i)
            self._reap()

    def call(self, op, fd, addr=0, length=0, **kw):
        """Submit, and wait: the result, or -errno."""
        self.submit(op, fd, addr, length, tag=99, **kw)
        return self.wait(99).res

    def text(self, op, fd, data, **kw):
        """A request with @data."""
        self.submit(op, fd, self.keep(data), len(data), **kw)

    def provide(self, group, number, size):
        """Buffers for RECV to choose from; returns what reads one."""
        room = bytearray(number * size)
        check(self.call(PROVIDE, number, self.keep(room), size, buf=group) >= 0, 'buffers')
        return lambda done: bytes(room[(done.flags >> 16) * size:][:done.res])

    def register(self, data):
        """Pages that the kernel knows from now on, as number 0; their address."""
        addr = self.keep(data)
        syscall(SYS_REGISTER, self.fd, REGISTER_BUFFERS, struct.pack('=QQ', addr, len(data)), 1)
        return addr
