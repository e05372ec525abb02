#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S02: ports 0-65535, the privileged ones, and how a client gets one."""

import errno

from lib import *

RANGE = 'net.ipv4.ip_local_port_range'
CAP_NET_BIND_SERVICE = 10


@case('S02', 'bind below 1024 without CAP_NET_BIND_SERVICE: EACCES')
def privileged():
    def body():
        for port in (1, 80, 1023):
            raises(errno.EACCES, tcp_socket().bind, ('127.0.0.1', port), what='port %d' % port)
        tcp_socket().bind(('127.0.0.1', 1024))
    unprivileged(body)


@case('S02', 'bind below 1024 with CAP_NET_BIND_SERVICE alone works')
def capability():
    def body():
        l = listener('127.0.0.1', 80)
        c = connect(('127.0.0.1', 80))
        s, _ = l.accept()
        s.sendall(b'hi')
        equal(recv_exactly(c, 2), b'hi', 'data')
    unprivileged(body, CAP_NET_BIND_SERVICE)


@case('S02', 'net.ipv4.ip_unprivileged_port_start moves the limit')
def moved_limit():
    sysctl('net.ipv4.ip_unprivileged_port_start', 80)

    def body():
        tcp_socket().bind(('127.0.0.1', 80))
        raises(errno.EACCES, tcp_socket().bind, ('127.0.0.1', 79), what='port 79')
    unprivileged(body)


@case('S02', 'the edges: ports 1 and 65535 work, as server and as client')
def edges():
    for lport, cport in ((1, 65535), (65535, 1)):
        l = listener('127.0.0.1', lport)
        c = connect(('127.0.0.1', lport), ('127.0.0.2', cport))
        s, peer = l.accept()
        equal(peer, ('127.0.0.2', cport), 'peer')
        c.sendall(b'x')
        equal(s.recv(1), b'x', 'data')


@case('S02', 'port 0 picks a free one in ip_local_port_range')
def port_zero():
    low, high = map(int, sysctl(RANGE).split())
    held = []
    for _ in range(64):
        s = tcp_socket()
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
        check(low <= port <= high, 'port %d is outside %d-%d' % (port, low, high))
        held.append(s)
    equal(len({s.getsockname()[1] for s in held}), 64, 'distinct ports')


@case('S02', 'listen() on an unbound socket picks one too')
def autobind_listen():
    low, high = map(int, sysctl(RANGE).split())
    l = tcp_socket()
    l.listen(1)
    port = l.getsockname()[1]
    check(low <= port <= high, 'port %d' % port)
    c = connect(('127.0.0.1', port))
    equal(l.accept()[1], c.getsockname(), 'peer')


def look_random(ports, low, high):
    steps = [b - a for a, b in zip(ports, ports[1:])]
    check(len(set(steps)) > len(steps) // 3, 'the steps repeat: %r' % steps[:20])
    check(any(s > 0 for s in steps) and any(s < 0 for s in steps),
          'the ports only go one way: %r' % ports[:20])
    check(max(ports) - min(ports) > (high - low) // 2,
          'the ports cover only %d-%d' % (min(ports), max(ports)))


@case('S02', 'the port that bind() picks is random')
def random_bind():
    low, high = map(int, sysctl(RANGE).split())
    ports = []
    for _ in range(64):
        with tcp_socket() as s:
            s.bind(('127.0.0.1', 0))
            ports.append(s.getsockname()[1])
    look_random(ports, low, high)


@case('S02', 'the port that connect() picks is random, free and in the range (RFC 6056)')
def random_connect():
    low, high = map(int, sysctl(RANGE).split())
    ls = [listener('127.0.0.%d' % n, 7001) for n in range(1, 65)]
    held, ports = [], []
    for l in ls:
        c = connect(l.getsockname())
        port = c.getsockname()[1]
        check(low <= port <= high, 'port %d is outside %d-%d' % (port, low, high))
        ports.append(port)
        held.append(c)
    look_random(ports, low, high)
    same = []
    for _ in range(20):
        c = connect(ls[0].getsockname())
        same.append(c.getsockname()[1])
        held.append(c)
    equal(len(set(same)), 20, 'distinct ports towards one destination')
    check(len({b - a for a, b in zip(same, same[1:])}) > 2,
          'ports towards one destination follow a fixed step: %r' % same)


@case('S02', 'the configured range is used whole, then EADDRNOTAVAIL; another destination has room')
def range_exhausted():
    sysctl(RANGE, '40000 40009')
    l1, l2 = listener('127.0.0.1', 7001), listener('127.0.0.1', 7002)
    held = [connect(l1.getsockname()) for _ in range(10)]
    equal(sorted(c.getsockname()[1] for c in held), list(range(40000, 40010)), 'ports used')
    raises(errno.EADDRNOTAVAIL, connect, l1.getsockname(), what='the eleventh')
    equal(connect(l2.getsockname()).getsockname()[1] in range(40000, 40010), True,
          'a port towards another destination')


@case('S02', 'bind to port 0 with the range full: EADDRINUSE')
def bind_exhausted():
    sysctl(RANGE, '40000 40009')
    held = []
    for _ in range(10):
        s = tcp_socket()
        s.bind(('0.0.0.0', 0))
        held.append(s)
    raises(errno.EADDRINUSE, tcp_socket().bind, ('0.0.0.0', 0), what='the eleventh')


@case('S02', 'net.ipv4.ip_local_reserved_ports are left alone')
def reserved():
    sysctl(RANGE, '40000 40009')
    sysctl('net.ipv4.ip_local_reserved_ports', '40002-40006')
    l = listener('127.0.0.1', 7001)
    held = [connect(l.getsockname()) for _ in range(5)]
    equal(sorted(c.getsockname()[1] for c in held), [40000, 40001, 40007, 40008, 40009],
          'ports used')
    raises(errno.EADDRNOTAVAIL, connect, l.getsockname(), what='the sixth')


main()
