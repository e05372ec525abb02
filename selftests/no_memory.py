#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""No memory: each allocation of a call fails once.  Needs fault injection: the debug kernel."""

import errno
import os
import socket
import struct

from lib import *
from lib.tap import libc
from lib.zerocopy import *

FAIL_NTH, FAILSLAB = '/proc/thread-self/fail-nth', '/sys/kernel/debug/failslab/'
TCPX_WIRE_PROTOCOL, ADDRFORM, MOST = 0x1002, 1, 400
V4, V6 = socket.AF_INET, socket.AF_INET6
# Some calls tell of any failure by EADDRINUSE; a segment that is not made is not answered
EXPECTED = {errno.ENOMEM, errno.ENOBUFS, errno.ENFILE, errno.EADDRINUSE, errno.ETIMEDOUT}
PORT = 7001


def ready():
    need(os.path.exists(FAIL_NTH) and os.path.exists(FAILSLAB), 'no fault injection')
    for name, value in (('ignore-gfp-wait', 'N'), ('verbose', '0')):
        with open(FAILSLAB + name, 'w') as f:
            f.write(value)


def each_fails(attempt, what):
    """@attempt, once for each allocation that may fail in it, until none has failed."""
    with open(FAIL_NTH, 'r+b', buffering=0) as f:
        for n in range(1, MOST):
            os.pwrite(f.fileno(), b'%d' % n, 0)
            try:
                attempt()
                err = 0
            except TimeoutError:
                err = errno.ETIMEDOUT
            except OSError as e:
                err = e.errno
            left = int(os.pread(f.fileno(), 20, 0).rstrip(b'\n\0'))
            os.pwrite(f.fileno(), b'0', 0)
            check(not err or err in EXPECTED, '%s: %d: %s' % (what, n, os.strerror(err)))
            # Nothing of the attempt remains, under either protocol number
            for proto in (253, socket.IPPROTO_TCP):
                with socket.socket(V4, socket.SOCK_STREAM, proto) as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(('', PORT))
            if left:
                return equal(err, 0, what + ': with all the memory')
    check(False, what + ': more than %d allocations' % MOST)


def travelling(af, wire):
    s = socket.socket(af, socket.SOCK_STREAM, 253)
    try:
        s.settimeout(3)
        if wire != 253:
            s.setsockopt(253, TCPX_WIRE_PROTOCOL, wire)
    except OSError:
        s.close()
        raise
    return s


def connection(af, wire, addr):
    with travelling(af, wire) as l, travelling(V6 if ':' in addr else V4, wire) as c:
        l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        l.bind(('', PORT))
        l.listen(5)
        c.connect((addr, PORT))
        with l.accept()[0] as s:
            s.settimeout(3)
            c.send(bytes(3000))
            s.recv(3000)
            if '.' in addr and ':' in addr:
                c.setsockopt(socket.IPPROTO_IPV6, ADDRFORM, V4)
            dead_close(s)


def changes(af, wire, addr):
    """Options, another protocol number, and connect() twice, which ends at once."""
    with travelling(af, wire) as s:
        if af == V6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS,
                         bytes((0, 0, 1, 4, 0, 0, 0, 0)))
        s.bind(('', PORT))
        for number in (6, 253, 6):
            s.setsockopt(253, TCPX_WIRE_PROTOCOL, number)
        s.setblocking(False)
        for _ in range(2):
            s.connect_ex((addr, 9))
            libc.connect(s.fileno(), struct.pack('H26x', socket.AF_UNSPEC), 28)


def pages(lent):
    """Pages that are lent to the sender, and others that are mapped for the receiver."""
    with travelling(V4, 253) as l, travelling(V4, 253) as c:
        l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        l.bind(('', PORT))
        l.listen(5)
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PAGE + 12)
        ask(c)
        c.connect(('127.0.0.1', PORT))
        with l.accept()[0] as s:
            at = None
            try:
                at = addresses(s)
                c.send(lent, MSG_ZEROCOPY)
                Answer(s, at, room=PAGE)
            finally:
                # It holds the socket; and it may be what fails
                while at is not None and libc.munmap(at, ROOM):
                    pass
                dead_close(s)               # or TIME-WAIT would keep the port


@case('S26', 'each allocation of a connection fails once: an error, and nothing remains')
def connections():
    ready()
    for af, wire, addr in ((V4, 253, '127.0.0.1'), (V4, 6, '127.0.0.1'), (V6, 6, '::1'),
                           (V6, 6, '::ffff:127.0.0.1'), (V6, 253, '127.0.0.1')):
        each_fails(lambda: connection(af, wire, addr), '%s, protocol %d' % (addr, wire))


@case('S26', 'likewise of options, of another protocol number, and of a connect() that fails')
def calls():
    ready()
    for af, addr in ((V4, '127.0.0.1'), (V6, '::1'), (V6, '::ffff:127.0.0.1')):
        each_fails(lambda: changes(af, 253, addr), addr)


@case('S26', 'likewise of pages that are lent, and of pages that are mapped')
def mapped():
    ready()
    lent = buffer(bytes(3 * PAGE))
    each_fails(lambda: pages(lent), 'pages')


main()
