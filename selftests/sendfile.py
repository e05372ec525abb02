#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
sendfile() and splice(): pages of a file or a pipe are referred to, and not copied.

TCPX_PROTO=6 checks Linux's own TCP by the same cases.
"""

import errno
import fcntl
import os
import socket
import struct
import threading

from lib import *
from lib.receiver import info

SIOCOUTQ = 0x5411
MSG_SPLICE_PAGES = 0x8000000    # the kernel's own: before 6.5 a user could give it
SIZE = 1 << 20


def unread():
    """(client that does not block, server with a small buffer): what is sent soon waits."""
    c, s = pair()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    c.setblocking(False)
    return c, s


def file_of(data):
    """A file with @data, in memory."""
    fd = os.memfd_create('file')
    os.write(fd, data)
    return fd


def sendfile_all(s, fd, offset, size):
    while size:
        n = os.sendfile(s.fileno(), fd, offset, size)
        offset, size = offset + n, size - n


def in_thread(fn, *args):
    t = threading.Thread(target=fn, args=args)
    t.start()
    return t


def sent_and_received(c, s, send, *args):
    """What @s gets while a thread does send(), which then shuts @c down."""
    def run():
        send(*args)
        c.shutdown(socket.SHUT_WR)
    t = in_thread(run)
    got = recv_exactly(s, 1 << 30)
    t.join()
    return got


@case('sendfile', 'from any offset on, and of any length, what comes is what the file has')
def content():
    data = pattern(SIZE)
    fd = file_of(data)
    for offset, size in ((0, SIZE), (1, 4095), (4095, 2), (4097, 300000), (SIZE - 1, 1)):
        c, s = pair()
        got = sent_and_received(c, s, sendfile_all, c, fd, offset, size)
        equal(got, data[offset:offset + size], 'from %d, %d bytes' % (offset, size))


@case('sendfile', 'what is lost is sent again, and segments are cut as always')
def lossy():
    data = pattern(SIZE)
    routed = Routed()
    with routed.veth.b:
        for name in 'vb', 'vc':
            run('tc', 'qdisc', 'replace', 'dev', name, 'root', 'netem', 'loss', '3%',
                'limit', '10000')
    for features in (), ('tx-checksum-ip-generic',), ('sg',):
        cut('va', *features)
        c, s = routed.pair()
        got = sent_and_received(c, s, sendfile_all, c, file_of(data), 0, SIZE)
        equal(got, data, 'what came, %s off' % ', '.join(features))
        check(info(c)['total_retrans'] > 0, 'nothing was lost')


@case('sendfile', 'pages are referred to: what changes in the file before it leaves has changed')
def referred():
    c, s = unread()
    fd = file_of(b'a' * SIZE)
    n = os.sendfile(c.fileno(), fd, 0, SIZE)
    waiting = struct.unpack('i', fcntl.ioctl(c, SIOCOUTQ, bytes(4)))[0]
    os.pwrite(fd, b'b' * SIZE, 0)
    c.shutdown(socket.SHUT_WR)
    got = recv_exactly(s, SIZE)
    equal(len(got), n, 'what came')
    at = got.index(b'b')
    equal(got, b'a' * at + b'b' * (n - at), 'old, then new')
    check(waiting > 0, 'nothing waited')


@case('sendfile', 'the send buffer is a limit, and what is acknowledged makes room')
def limit():
    c, s = unread()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    data = pattern(SIZE)
    fd, n = file_of(data), 0

    def fill():
        nonlocal n
        while n < SIZE:
            n += os.sendfile(c.fileno(), fd, n, SIZE - n)

    raises(errno.EAGAIN, fill)
    check(n < 2 * 131072 + 65536, '%d bytes were taken' % n)
    check(not wait_writable(c, 0.1), 'there is room')
    equal(recv_exactly(s, n), data[:n], 'what came')
    check(wait_writable(c), 'there is no room')


@case('sendfile', 'writes, files and a user\'s pages one after the other come in that order')
def mixed():
    data = pattern(100000)
    fd = file_of(data)
    c, s = pair()

    def send():
        for i in range(1, 30):
            c.sendall(data[:i * 7], socket.MSG_MORE)
            sendfile_all(c, fd, i, i * 1000)
            if i % 3 == 0:
                c.sendall(data[i:i + 5000])

    want = b''.join(data[:i * 7] + data[i:i + i * 1000] + (data[i:i + 5000] if i % 3 == 0 else b'')
                    for i in range(1, 30))
    equal(sent_and_received(c, s, send), want, 'what came')


@case('splice', 'of a pipe\'s pages, which nobody else has any more')
def from_pipe():
    data = pattern(300000)
    c, s = pair()
    r, w = os.pipe()

    def feed():
        os.writev(w, [data])
        os.close(w)

    def send():
        while os.splice(r, c.fileno(), 65536):
            pass

    t = in_thread(feed)
    equal(sent_and_received(c, s, send), data, 'what came')
    t.join()


@case('splice', 'a user cannot ask for it by a flag: what is sent is copied')
def flag():
    c, s = unread()
    data = bytearray(b'a' * 200000)
    n = c.send(data, MSG_SPLICE_PAGES)
    data[:] = b'b' * len(data)
    c.shutdown(socket.SHUT_WR)
    equal(recv_exactly(s, SIZE), b'a' * n, 'what came')


@case('sendfile', 'a connection that ends gives the pages back; the file can be cut meanwhile')
def ends():
    c, s = unread()
    fd = file_of(b'a' * SIZE)
    n = os.sendfile(c.fileno(), fd, 0, SIZE)
    os.ftruncate(fd, 0)
    os.close(fd)
    equal(s.recv(1), b'a', 'the first octet')
    dead_close(s)
    equal(wait_state(c, 7), 7, 'the state after a reset')
    c.close()
    check(n > 1, '%d bytes were taken' % n)


main()
