#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Programs of a control group that see the calls of its sockets, and change what they do.

TCPX_PROTO=6 checks Linux's own TCP by the same cases.
"""

import ctypes
import errno
import os
import socket
import struct
import tempfile

from lib import *
from lib.bpf import *

SOCK_CREATE, SOCK_OPS, SOCK_RELEASE, GETSOCKOPT, SETSOCKOPT = 2, 3, 34, 21, 22
BIND, CONNECT, POST_BIND, GETPEERNAME, GETSOCKNAME = (
    (8, 10, 12, 29, 31) if ip.version == 4 else (9, 11, 13, 30, 32))
MAP_ARRAY, MAP_SOCKMAP, MAP_SOCKARRAY, HELPER_LOOKUP = 2, 15, 20, 1
SO_MARK, SO_ATTACH_REUSEPORT_EBPF = 36, 52
TCP_NODELAY, TCP_MAXSEG = 1, 2

# Fields of what a program is given: struct bpf_sock, bpf_sock_addr, bpf_sockopt
MARK, PORT, OPTVAL, OPTVAL_END, OPTNAME = 16, 24, 8, 16, 28
ALLOW, DENY = insn(0xb7, imm=1) + insn(0x95), insn(0xb7) + insn(0x95)
KINDS = {SOCK_CREATE: PROG_CGROUP_SOCK, SOCK_RELEASE: PROG_CGROUP_SOCK,
         POST_BIND: PROG_CGROUP_SOCK, SOCK_OPS: PROG_SOCK_OPS, GETSOCKOPT: PROG_CGROUP_SOCKOPT,
         SETSOCKOPT: PROG_CGROUP_SOCKOPT}


def store(at, value):
    """*(u32 *)(ctx + at) = value"""
    return insn(0xb7, 2, imm=value) + insn(0x63, 1, 2, at)


def unless(at, value, code):
    """if (*(u32 *)(ctx + at) == value) code"""
    return insn(0x61, 2, 1, at) + insn(0x55, 2, off=len(code) // 8, imm=value) + code


class Counter:
    """How often a program ran."""

    def __init__(self):
        self.fd = bpf(MAP_CREATE, struct.pack('<IIIII', MAP_ARRAY, 4, 8, 1, 0))
        self.code = (insn(0xbf, 6, 1) + insn(0xb7, 2) + insn(0x63, 10, 2, -4) +
                     insn(0x18, 1, 1, imm=self.fd) + insn(0) +         # r1 = the map
                     insn(0xbf, 2, 10) + insn(0x07, 2, imm=-4) + insn(0x85, imm=HELPER_LOOKUP) +
                     insn(0x15, off=2) + insn(0xb7, 1, imm=1) + insn(0xdb, 0, 1) +
                     insn(0xbf, 1, 6))

    def read(self):
        key, value = ctypes.create_string_buffer(4), ctypes.create_string_buffer(8)
        bpf(MAP_LOOKUP, struct.pack('<IIQQQ', self.fd, 0, ctypes.addressof(key),
                                    ctypes.addressof(value), 0))
        return struct.unpack('<Q', value.raw)[0]


class Group:
    """This process's control group; programs are added to it."""

    def __init__(self):
        self.root = tempfile.mkdtemp()
        run('mount', '-t', 'cgroup2', 'none', self.root)
        self.path = tempfile.mkdtemp(dir=self.root)
        self.move(self.path)

    def move(self, to):
        with open(to + '/cgroup.procs', 'w') as f:
            f.write(str(os.getpid()))

    def add(self, where, code):
        attach(self.path, load(KINDS.get(where, PROG_CGROUP_SOCK_ADDR), code, where), where)

    def close(self):
        self.move(self.root)
        os.rmdir(self.path)
        run('umount', self.root)
        os.rmdir(self.root)


def in_group(test):
    """Run @test(group), and leave no control group behind."""
    def fn():
        group = Group()
        try:
            test(group)
        finally:
            group.close()
    return fn


@case('hooks', 'sock_create: a new socket gets a mark, or is refused')
@in_group
def create(group):
    group.add(SOCK_CREATE, store(MARK, 7) + ALLOW)
    equal(tcp_socket().getsockopt(socket.SOL_SOCKET, SO_MARK), 7, 'mark')
    inner = Group()
    inner.add(SOCK_CREATE, DENY)
    raises(errno.EPERM, tcp_socket)
    inner.close()


@case('hooks', 'sock_release: is told of each socket that a process had, and of no other')
@in_group
def release(group):
    told = Counter()
    group.add(SOCK_RELEASE, told.code + ALLOW)
    c, s = pair()               # and a listener
    with listener(ip.lo()) as l:
        dead_close(connect(l.getsockname()))
    c.close()
    s.close()
    equal(told.read(), 5, 'sockets')


@case('hooks', 'bind: another port; refused; and what was bound is refused afterwards')
@in_group
def bind(group):
    group.add(BIND, store(PORT, socket.htons(4321)) + ALLOW)
    s = tcp_socket()
    s.bind((ip.lo(), 80))
    equal(s.getsockname()[1], 4321, 'port')
    s.close()
    group.add(POST_BIND, DENY)
    with tcp_socket() as s:
        raises(errno.EPERM, s.bind, (ip.lo(), 0))
        equal(s.getsockname()[1], 0, 'a port is kept')
    group.add(BIND, DENY)
    with tcp_socket() as s:
        raises(errno.EPERM, s.bind, (ip.lo(), 0))


@case('hooks', 'connect: to another port; refused')
@in_group
def connects(group):
    l = listener(ip.lo())
    group.add(CONNECT, store(PORT, socket.htons(l.getsockname()[1])) + ALLOW)
    c = connect((ip.lo(), 9))
    equal(c.getpeername(), l.getsockname(), 'the peer')
    equal(l.accept()[0].getpeername(), c.getsockname(), 'its peer')
    group.add(CONNECT, DENY)
    raises(errno.EPERM, connect, l.getsockname())


@case('hooks', 'getsockname, getpeername: the program tells the port')
@in_group
def names(group):
    c, s = pair()
    group.add(GETSOCKNAME, store(PORT, socket.htons(1)) + ALLOW)
    group.add(GETPEERNAME, store(PORT, socket.htons(2)) + ALLOW)
    equal((c.getsockname()[1], c.getpeername()[1]), (1, 2), 'ports')


@case('hooks', 'setsockopt, getsockopt: refused, or given another value, at each level')
@in_group
def options(group):
    s = tcp_socket()
    # *(u8 *)optval = 77, if optval + 1 <= optval_end
    answer = (insn(0x79, 3, 1, OPTVAL) + insn(0x79, 4, 1, OPTVAL_END) + insn(0xbf, 5, 3) +
              insn(0x07, 5, imm=1) + insn(0x2d, 5, 4, off=2) + insn(0xb7, 2, imm=77) +
              insn(0x73, 3, 2))
    group.add(GETSOCKOPT, unless(OPTNAME, TCP_MAXSEG, answer) + ALLOW)
    group.add(SETSOCKOPT, unless(OPTNAME, TCP_NODELAY, DENY) + ALLOW)
    for level in {socket.IPPROTO_TCP, PROTO}:
        equal(s.getsockopt(level, TCP_MAXSEG) & 0xff, 77, 'getsockopt')
        equal(s.getsockopt(level, TCP_NODELAY), 0, 'another')
        raises(errno.EPERM, s.setsockopt, level, TCP_NODELAY, 1)
        s.setsockopt(level, TCP_MAXSEG, 1000)
    group.add(GETSOCKOPT, DENY)
    raises(errno.EPERM, s.getsockopt, socket.IPPROTO_TCP, TCP_MAXSEG)


@case('hooks', 'sock_ops: is not told, since it would take the socket for one of TCP\'s')
@in_group
def sock_ops(group):
    told = Counter()
    group.add(SOCK_OPS, told.code + ALLOW)
    c, s = pair()
    c.send(b'text')
    equal(s.recv(9), b'text', 'text')
    equal(told.read() > 0, not TCPX, 'told')


def put(kind, s):
    """Put a socket into a map."""
    fd = bpf(MAP_CREATE, struct.pack('<IIIII', kind, 4, 4 if kind == MAP_SOCKMAP else 8, 1, 0))
    key = ctypes.create_string_buffer(4)
    value = ctypes.create_string_buffer(struct.pack('<Q', s.fileno()), 8)
    bpf(MAP_UPDATE, struct.pack('<IIQQQ', fd, 0, ctypes.addressof(key), ctypes.addressof(value), 0))
    os.close(fd)


@case('hooks', 'a group of listeners: a socket filter chooses; maps of sockets are for TCP\'s')
def reuseport():
    listeners = []
    port = 0
    for _ in range(3):
        l = tcp_socket()
        l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        l.bind((ip.lo(), port))
        port = l.getsockname()[1]
        l.listen(8)
        listeners.append(l)
    filter_ = load(PROG_SOCKET_FILTER, insn(0xb7, imm=2) + insn(0x95))
    listeners[0].setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, filter_)
    for _ in range(5):
        c = connect((ip.lo(), port))
        check(wait_readable(listeners[2], 1), 'another was chosen')
        listeners[2].accept()[0].close()
        c.close()
    choose = load(PROG_SK_REUSEPORT, insn(0xb7, imm=1) + insn(0x95))
    for refused, fn, *args in (
            (524, listeners[0].setsockopt, socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, choose),
            (524, put, MAP_SOCKARRAY, listeners[0]), (errno.EOPNOTSUPP, put, MAP_SOCKMAP, l)):
        try:
            fn(*args)
            err = 0
        except OSError as e:
            err = e.errno
        equal(err, refused if TCPX else 0, '%s%r' % (fn.__name__, args))


main(None if available() else 'this kernel has no BPF')
