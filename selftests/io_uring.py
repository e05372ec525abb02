#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Sockets by io_uring: what a program asks for completes as it does with TCP.

TCPX_PROTO=6 checks Linux's own TCP by the same cases.
"""

import errno
import os
import select
import socket
import struct

from lib import *
from lib.uring import *
from lib.zerocopy import PAGE, buffer

MULTISHOT_ACCEPT, MULTISHOT_RECV, FIXED, REPORT = 1, 2, 4, 8
MULTISHOT_POLL = 1
SELECT = 32
COPIED = 1 << 31


def address(to):
    host = ip.pton(to[0])
    if ip.version == 4:
        return struct.pack('=H', socket.AF_INET) + struct.pack('!H4s8x', to[1], host)
    return struct.pack('=H', socket.AF_INET6) + struct.pack('!HI16sI', to[1], 0, host, 0)


def connect_by(ring, s, to, **kw):
    ring.submit(CONNECT, s.fileno(), ring.keep(address(to)), off=len(address(to)), **kw)


@case('io_uring', 'connect, accept, send, receive, shut down, the end of the stream')
def life():
    ring, s, l = Uring(), tcp_socket(), listener(ip.lo())
    ring.submit(ACCEPT, l.fileno(), tag=1)
    connect_by(ring, s, l.getsockname(), tag=2)
    equal(ring.wait(2).res, 0, 'connect')
    c = socket.socket(fileno=ring.wait(1).res)
    room = bytearray(100)
    ring.submit(RECV, c.fileno(), ring.keep(room), 100, tag=3)      # waits
    ring.text(SEND, s.fileno(), b'some text', tag=4)
    equal((ring.wait(4).res, ring.wait(3).res, bytes(room[:9])), (9, 9, b'some text'), 'text')
    ring.text(WRITE, s.fileno(), b'written', tag=4)
    equal(ring.call(READ, c.fileno(), ring.keep(room), 100), 7, 'read')
    equal((ring.wait(4).res, bytes(room[:7])), (7, b'written'), 'write')
    ring.submit(RECV, c.fileno(), ring.keep(room), 100, tag=3)
    equal(ring.call(SHUTDOWN, s.fileno(), length=socket.SHUT_WR), 0, 'shutdown')
    equal(ring.wait(3).res, 0, 'the end')
    ring.text(SEND, s.fileno(), b'x', flags=socket.MSG_NOSIGNAL, tag=4)
    equal(ring.wait(4).res, -errno.EPIPE, 'send after shutdown')


@case('io_uring', 'what fails: nobody listens, the peer resets, a time-out, a request taken back')
def failures():
    ring = Uring()
    l = listener(ip.lo())
    to = l.getsockname()
    l.close()
    s = tcp_socket()
    connect_by(ring, s, to, tag=1)
    equal(ring.wait(1).res, -errno.ECONNREFUSED, 'connect')
    c, s = pair()
    room = ring.keep(bytearray(10))
    ring.submit(RECV, s.fileno(), room, 10, tag=1)
    dead_close(c)
    equal(ring.wait(1).res, -errno.ECONNRESET, 'recv')
    c, s = pair()
    ring.submit(RECV, s.fileno(), room, 10, how=LINK, tag=1)
    ring.submit(LINK_TIMEOUT, -1, ring.keep(struct.pack('=qq', 2, 0)), 1, tag=2)
    before = now()
    equal((ring.wait(1).res, ring.wait(2).res), (-errno.ECANCELED, -errno.ETIME), 'time-out')
    check(1.9 < now() - before < 2.2, 'it took %.3f s' % (now() - before))
    ring.submit(RECV, s.fileno(), room, 10, tag=1)
    equal(ring.call(CANCEL, -1, addr=1), 0, 'cancel')
    equal(ring.wait(1).res, -errno.ECANCELED, 'what was cancelled')


@case('io_uring', 'accept, many times for one request, until that is taken back')
def accept_multishot():
    ring, l = Uring(), listener(ip.lo())
    ring.submit(ACCEPT, l.fileno(), prio=MULTISHOT_ACCEPT, tag=1)
    ends = []
    for n in range(10):
        c = connect(l.getsockname())
        done = ring.wait(1)
        check(done.res >= 0 and done.flags & MORE, 'completion %d: %r' % (n, done))
        s = socket.socket(fileno=done.res)
        c.send(b'%d' % n)
        equal(s.recv(9), b'%d' % n, 'text')
        ends += [c, s]
    equal(ring.call(CANCEL, -1, addr=1), 0, 'cancel')
    done = ring.wait(1)
    equal((done.res, done.flags & MORE), (-errno.ECANCELED, 0), 'the last completion')


@case('io_uring', 'receive, many times for one request, into buffers that it chooses')
def recv_multishot():
    ring = Uring()
    c, s = pair()
    read = ring.provide(7, 8, 100)
    ring.submit(RECV, s.fileno(), prio=MULTISHOT_RECV, how=SELECT, buf=7, tag=1)
    for n in range(5):
        c.send(b'message %d' % n)
        done = ring.wait(1)
        equal((done.flags & (BUFFER | MORE), read(done)), (BUFFER | MORE, b'message %d' % n), 'one')
    c.send(pattern(250))
    got = b''
    while len(got) < 250:
        got += read(ring.wait(1))
    equal(got, pattern(250), 'in three buffers')
    # All 8 are used up
    c.send(b'more')
    done = ring.wait(1)
    equal((done.res, done.flags & MORE), (-errno.ENOBUFS, 0), 'no buffer is left')
    equal(s.recv(10), b'more', 'it is still there')


@case('io_uring', 'poll: once, and many times')
def poll():
    ring = Uring()
    c, s = pair()
    ring.submit(POLL_ADD, s.fileno(), flags=select.POLLOUT, tag=1)
    check(ring.wait(1).res & select.POLLOUT, 'writable')
    ring.submit(POLL_ADD, s.fileno(), flags=select.POLLIN, length=MULTISHOT_POLL, tag=1)
    for n in range(3):
        c.send(b'x')
        done = ring.wait(1)
        check(done.res & select.POLLIN and done.flags & MORE, 'readable: %r' % (done,))
        s.recv(1)
    dead_close(c)
    check(ring.wait(1).res & (select.POLLHUP | select.POLLERR), 'the end')


@case('io_uring', 'MSG_WAITALL: one request, more than the buffers take; sendmsg and recvmsg')
def waitall():
    ring = Uring()
    c, s = pair()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    data = pattern(300000)
    room = bytearray(len(data))
    ring.text(SEND, c.fileno(), data, flags=socket.MSG_WAITALL, tag=1)
    ring.submit(RECV, s.fileno(), ring.keep(room), len(room), flags=socket.MSG_WAITALL, tag=2)
    equal((ring.wait(1).res, ring.wait(2).res), (len(data), len(data)), 'bytes')
    check(room == data, 'stream')

    def message(*parts):
        vector = b''.join(struct.pack('=QQ', ring.keep(p), len(p)) for p in parts)
        return ring.keep(struct.pack('=QIxxxxQQQQi4x', 0, 0, ring.keep(vector), len(parts), 0, 0, 0))

    parts = bytearray(4), bytearray(10)
    ring.submit(RECVMSG, s.fileno(), message(*parts), 1, tag=2)
    ring.submit(SENDMSG, c.fileno(), message(b'head', b' and body'), 1, tag=1)
    equal((ring.wait(1).res, ring.wait(2).res), (13, 13), 'bytes')
    equal(b''.join(parts)[:13], b'head and body', 'text')


def lend(ring, s, data, **kw):
    """SEND_ZC: what it returns; its notice is to come."""
    ring.submit(SEND_ZC, s.fileno(), data if isinstance(data, int) else ring.keep(data),
                kw.pop('length', 0) or len(data), tag=1, **kw)
    done = ring.wait(1)
    check(done.flags & MORE, 'no notice will come: %r' % (done,))
    return done.res


@case('io_uring', 'send without a copy: the notice comes when all is acknowledged')
def send_zc():
    ring = Uring()
    s, c = passive(Tun())
    data = buffer(b'0123456789')
    equal(lend(ring, s, data, prio=REPORT), 10, 'send')
    c.rx('PA', data=b'0123456789')
    data[2:4] = b'ab'
    c.rx('PA', data=b'01ab456789', within=3)
    check(not wait_readable(ring.fd, 0.1), 'a completion before the ACK')
    c.tx('A')
    # A TUN device hands packets out, so that it has copied each of them
    equal(ring.wait(1, notice=True).res & 0xffffffff, COPIED, 'notice')


@case('io_uring', 'send registered pages, before and after what is copied: one segment')
def send_registered():
    ring = Uring()
    s, c = passive(Tun())
    pages = buffer(pattern(2 * PAGE))
    at = ring.register(pages)
    equal(lend(ring, s, at + PAGE - 5, length=10, prio=FIXED, flags=socket.MSG_MORE), 10, 'send')
    s.send(b' copied', socket.MSG_MORE)
    equal(lend(ring, s, at, length=5, prio=FIXED), 5, 'send')
    got = b''
    while len(got) < 22:
        got += c.rx_at_once('A').data
        c.tx('A')
    equal(got, bytes(pages[PAGE - 5:PAGE + 5]) + b' copied' + bytes(pages[:5]), 'stream')
    for _ in range(2):
        ring.wait(1, notice=True)


@case('io_uring', 'a lossy path: registered pages arrive, and each is given back once')
def lossy():
    veth, ring = Veth(), Uring()
    with veth.b, listener(Veth.B) as l:
        with veth.a:
            c = connect(l.getsockname())
        s, _ = l.accept()
    netem(veth, 'delay', '5ms', 'loss', '3%')
    data = pattern(50 * PAGE)
    at = ring.register(buffer(data))
    got, sent = b'', 0
    while sent < len(data):
        n = lend(ring, c, at + sent, length=min(3000, len(data) - sent), prio=FIXED)
        check(n > 0, 'send: %d' % n)
        sent += n
        while sent - len(got) > 20000:
            got += s.recv(1 << 20)
    c.shutdown(socket.SHUT_WR)
    while len(got) < len(data):
        got += s.recv(1 << 20)
    check(got == data, 'stream')
    s.close()
    for _ in range(-(-len(data) // 3000)):
        ring.wait(1, notice=True)


@case('io_uring', 'the ring is closed with requests waiting: sockets and pages are free')
def closed():
    ring = Uring()
    c, s = pair()
    ring.submit(RECV, s.fileno(), ring.keep(bytearray(10)), 10, tag=1)
    ring.submit(POLL_ADD, s.fileno(), flags=select.POLLIN, tag=2)
    lend(ring, c, buffer(b'text'))
    os.close(ring.fd)
    s.close()
    check(wait_readable(c), 'the peer has not closed: its socket is still held')
    equal(c.recv(1), b'', 'the end')


main(None if available() else 'this kernel has no io_uring')
