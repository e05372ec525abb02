#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
TCP_ZEROCOPY_RECEIVE: payload that fills pages is mapped into the reader's memory.

TCPX_PROTO=6 checks Linux's own TCP by the same cases.
"""

import ctypes
import errno
import os
import socket
import struct
import time

from lib import *
from lib.zerocopy import *

TCP_MAXSEG, SO_TIMESTAMPNS = 2, 35


def ends(payload=2 * PAGE):
    """(a sender whose segments fill pages, their reader)."""
    with listener(ip.lo()) as l:
        c = tcp_socket()
        c.setsockopt(socket.IPPROTO_TCP, TCP_MAXSEG, payload + 12)     # time stamps
        c.connect(l.getsockname())
        s, _ = l.accept()
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ask(c)
    return c, s


def pages(c, data):
    """Send @data so that it arrives in pages of its own."""
    equal(c.send(buffer(data), MSG_ZEROCOPY), len(data), 'send')


@case('mapped receive', 'mmap(): to read, not to write or execute, now or later')
def protection():
    c, s = ends()
    for prot in PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC:
        raises(errno.EPERM, addresses, s, prot)
    at = addresses(s)
    for prot in PROT_WRITE, PROT_EXEC:
        equal(libc.mprotect(at, ROOM, prot), -1, 'mprotect')
    ok(libc.munmap(at, ROOM), 'munmap')


@case('mapped receive', 'whole pages are mapped, and read by that; the next call puts others in their place')
def mapped():
    c, s = ends()
    at = addresses(s)
    first, second = pattern(8 * PAGE), pattern(2 * PAGE, seed=2)
    pages(c, first)
    a = Answer(s, at)
    equal((a.told(), a.inq, a.err), ((8 * PAGE, 0, 0), 0, 0), 'answer')
    check(a.mapped == first, 'payload')
    raises(errno.EAGAIN, s.recv, 1, socket.MSG_DONTWAIT)
    pages(c, second)
    a = Answer(s, at)
    equal(a.told(), (2 * PAGE, 0, 0), 'the next')
    check(a.mapped == second, 'payload of the next')
    check(ctypes.string_at(at, 8 * PAGE) == second + first[2 * PAGE:], 'what lies behind it')
    # Where nothing was ever mapped a read is no read
    equal(in_child(lambda: ctypes.string_at(at + 8 * PAGE, 1) and 0), -7, 'SIGBUS')


@case('mapped receive', 'length: no more than that is mapped, and no more than the addresses have')
def length():
    c, s = ends()
    data = pattern(8 * PAGE)
    at = addresses(s, size=4 * PAGE)
    pages(c, data)
    a = Answer(s, at, length=PAGE)
    equal((a.told(), a.inq), ((PAGE, 0, 0), 7 * PAGE), 'a page')
    b = Answer(s, at + PAGE, length=PAGE + 5)
    equal((b.told(), b.inq), ((PAGE, 0, 0), 6 * PAGE), 'a page and some')
    d = Answer(s, at)
    equal((d.told(), d.inq), ((4 * PAGE, 0, 0), 2 * PAGE), 'all addresses')
    check(a.mapped + b.mapped + d.mapped == data[:6 * PAGE], 'payload')
    a = Answer(s, at, length=5)
    equal((a.told(), a.inq), ((0, 0, 5), 2 * PAGE), 'less than a page')
    check(s.recv(2 * PAGE) == data[6 * PAGE:], 'the rest')


@case('mapped receive', 'what fills no page is left to recv(), or copied to a buffer')
def rest():
    c, s = ends()
    at = addresses(s)
    data = pattern(2 * PAGE + 100)
    pages(c, data)
    a = Answer(s, at)
    equal((a.told(), a.inq), ((2 * PAGE, 0, 0), 100), 'without a buffer')
    check(a.mapped == data[:2 * PAGE], 'payload')
    equal(Answer(s, at).told(), (0, 0, 100), 'once more')
    equal(s.recv(1000), data[2 * PAGE:], 'the rest')
    pages(c, data)
    a = Answer(s, at, room=PAGE)
    equal((a.told(), a.inq), ((2 * PAGE, 100, 0), 0), 'with one')
    check(a.mapped + a.copy == data, 'payload')
    pages(c, data)
    a = Answer(s, at, room=60)
    equal((a.told(), a.inq), ((2 * PAGE, 60, 0), 40), 'with one too small')
    check(a.mapped + a.copy + s.recv(1000) == data, 'payload')


@case('mapped receive', 'what all fits into the buffer is copied there')
def copied():
    c, s = ends()
    at = addresses(s)
    data = pattern(2 * PAGE)
    pages(c, data)
    a = Answer(s, at, room=2 * PAGE)
    equal((a.told(), a.inq), ((0, 2 * PAGE, 0), 0), 'pages')
    check(a.copy == data, 'payload')
    c.send(b'some text')
    equal(Answer(s, at).told(), (0, 0, 9), 'less than a page, no buffer')
    equal(Answer(s, at, room=5).told(), (0, 0, 9), 'a buffer too small')
    equal(Answer(s, 0, room=9).copy, b'some text', 'no address is needed')


@case('mapped receive', 'payload in no pages of its own is not mapped: hint and buffer lead to the next')
def in_between():
    c, s = ends()
    at = addresses(s)
    c.send(b'x' * 300)
    pages(c, pattern(2 * PAGE))
    a = Answer(s, at, room=200)
    equal((a.told(), a.inq), ((0, 200, 100), 100 + 2 * PAGE), 'a buffer too small')
    a = Answer(s, at, room=100)
    equal((a.length, a.copied), (0, 100), 'the rest')
    a = Answer(s, at)
    equal(a.told(), (2 * PAGE, 0, 0), 'then pages')
    # A copy is in a page that others use as well
    data = pattern(3 * PAGE)
    c.send(data)
    a = Answer(s, at)
    equal(a.length, 0, 'copied payload')
    check(0 < a.skip <= a.inq == 3 * PAGE, 'hint %d, queued %d' % (a.skip, a.inq))
    check(recv_exactly(s, 3 * PAGE) == data, 'payload')


@case('mapped receive', 'it says that nothing is mapped there, and it is: taken out all the same')
def clean_hint():
    c, s = ends()
    at = addresses(s)
    for n in range(3):
        data = pattern(4 * PAGE, seed=n)
        pages(c, data)
        a = Answer(s, at, flags=TLB_CLEAN_HINT)
        equal(a.told(), (4 * PAGE, 0, 0), 'answer')
        check(a.mapped == data, 'payload')


@case('mapped receive', 'what is wrong: EINVAL, ENOTCONN, EFAULT, EIO at the end of the stream')
def errors():
    c, s = ends()
    at = addresses(s)
    own = ctypes.addressof(ctypes.create_string_buffer(PAGE))

    def wrong(err, *args, **kw):
        raises(err, lambda: Answer(*args, **kw))

    pages(c, bytes(2 * PAGE))
    wrong(errno.EINVAL, s, at + 1)
    wrong(errno.EINVAL, s, own & -PAGE)
    wrong(errno.EINVAL, s, 0)
    wrong(errno.EINVAL, s, 1 << 63)
    wrong(errno.EINVAL, s, at, reserved=1)
    wrong(errno.EINVAL, s, at, msg_flags=1)
    wrong(errno.EINVAL, s, at, size=11)
    wrong(errno.EINVAL, s, at, extra=b'\0\1')
    wrong(errno.EFAULT, s, at, room=4 * PAGE, copy_to=16)
    wrong(errno.ENOTCONN, listener(), at)
    a = Answer(s, at, extra=b'\0\0')
    equal((a.told(), a.optlen.value), ((2 * PAGE, 0, 0), 64), 'a newer caller')
    pages(c, bytes(2 * PAGE + 9))
    equal(Answer(s, at, room=9, copy_to=16).told(), (2 * PAGE, -errno.EFAULT, 0), 'a bad buffer')
    c.shutdown(socket.SHUT_WR)
    equal(Answer(s, at).told(), (0, 0, 9), 'before the end')
    s.recv(9)
    wrong(errno.EIO, s, at)
    c, s = ends()
    dead_close(c)
    equal(Answer(s, addresses(s)).err, -errno.ECONNRESET, 'a reset')


@case('mapped receive', 'callers of each age: what their struct has is filled in')
def older():
    c, s = ends()
    at = addresses(s)
    for size in 12, 16, 20, 24, 32, 36, 40, 48, 56, 60, 64:
        pages(c, bytes(2 * PAGE + 5))
        a = Answer(s, at, size=size)
        equal((a.length, a.optlen.value), (2 * PAGE, size), 'a struct of %d' % size)
        equal(a.skip if size >= 16 else 0, 0, 'hint')
        equal(a.inq if size >= 20 else 5, 5, 'queued')
        s.recv(5)


@case('mapped receive', 'when it came: a control message, as of recvmsg()')
def stamps():
    c, s = ends()
    at = addresses(s)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    for room in 0, 4 * PAGE:
        before = time.time()
        pages(c, bytes(2 * PAGE))
        a = Answer(s, at, room=room, control=128)
        equal(len(a.control), 32, 'bytes of control messages')
        _, level, kind, sec, nsec = struct.unpack('=QIIQQ', a.control)
        equal((level, kind), (socket.SOL_SOCKET, SO_TIMESTAMPNS), 'control message')
        check(before - 1 < sec + nsec / 1e9 < before + 100, 'time %d' % sec)


@case('mapped receive', 'an urgent octet is not mapped over')
def urgent():
    c, s = ends()
    at = addresses(s)
    data = pattern(4 * PAGE)
    pages(c, data[:2 * PAGE])
    c.send(b'!', socket.MSG_OOB)
    pages(c, data[2 * PAGE:])
    a = Answer(s, at)
    equal(a.told(), (2 * PAGE, 0, 0), 'up to the mark')
    equal(s.recv(1, socket.MSG_OOB), b'!', 'the octet')
    check(recv_exactly(s, 2 * PAGE) == data[2 * PAGE:], 'behind it')


@case('mapped receive', 'the socket is closed: its pages stay, and the module, until munmap()')
def closed():
    c, s = ends()
    at = addresses(s)
    data = pattern(2 * PAGE)
    pages(c, data)
    Answer(s, at)
    s.close()
    c.close()
    check(ctypes.string_at(at, 2 * PAGE) == data, 'payload')
    if TCPX:
        with open('/sys/module/tcpx/refcnt') as f:
            check(int(f.read()) > 0, 'the module may go')
    ok(libc.munmap(at, ROOM), 'munmap')


@case('mapped receive', 'a transfer: the window opens as pages are mapped, the stream is right')
def transferred():
    c, s = ends(4 * PAGE)
    at = addresses(s)
    data = pattern(300 * PAGE + 77)
    pid = os.fork()
    if not pid:
        s.close()
        lent = buffer(data)
        done = 0
        while done < len(data):
            done += c.send(lent[done:done + 16 * PAGE], MSG_ZEROCOPY)
        os._exit(0)
    c.close()
    got = bytearray()
    mapped = 0
    while len(got) < len(data):
        check(wait_readable(s, 100), 'stuck at %d of %d' % (len(got), len(data)))
        a = Answer(s, at, room=PAGE - 1)
        mapped += a.length
        got += a.mapped + a.copy
        if a.skip:
            got += s.recv(a.skip)
    check(got == data, 'stream')
    check(mapped > len(data) / 2, '%d bytes of %d were mapped' % (mapped, len(data)))
    os.waitpid(pid, 0)


main()
