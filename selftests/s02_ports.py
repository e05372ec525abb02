#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S02: ports 0-65535, the privileged ones, and how a client gets one."""

import errno
import socket

from lib import *

RANGE = 'net.ipv4.ip_local_port_range'
CAP_NET_BIND_SERVICE = 10


@case('S02', 'bind below 1024 without CAP_NET_BIND_SERVICE: EACCES')
def privileged():
    def body():
        for port in (1, 80, 1023):
            raises(errno.EACCES, tcp_socket().bind, (ip.lo(), port), what='port %d' % port)
        tcp_socket().bind((ip.lo(), 1024))
    unprivileged(body)


@case('S02', 'bind below 1024 with CAP_NET_BIND_SERVICE alone works')
def capability():
    def body():
        l = listener(ip.lo(), 80)
        c = connect((ip.lo(), 80))
        s, _ = l.accept()
        s.sendall(b'hi')
        equal(recv_exactly(c, 2), b'hi', 'data')
    unprivileged(body, CAP_NET_BIND_SERVICE)


@case('S02', 'net.ipv4.ip_unprivileged_port_start moves the limit')
def moved_limit():
    sysctl('net.ipv4.ip_unprivileged_port_start', 80)

    def body():
        tcp_socket().bind((ip.lo(), 80))
        raises(errno.EACCES, tcp_socket().bind, (ip.lo(), 79), what='port 79')
    unprivileged(body)


@case('S02', 'the edges: ports 1 and 65535 work, as server and as client')
def edges():
    for lport, cport in ((1, 65535), (65535, 1)):
        l = listener(ip.lo(), lport)
        c = connect((ip.lo(), lport), (ip.lo(2), cport))
        s, peer = l.accept()
        equal(peer, ip.name(ip.lo(2), cport), 'peer')
        c.sendall(b'x')
        equal(s.recv(1), b'x', 'data')


@case('S02', 'port 0 picks a free one in ip_local_port_range')
def port_zero():
    low, high = map(int, sysctl(RANGE).split())
    held = []
    for _ in range(64):
        s = tcp_socket()
        s.bind((ip.lo(), 0))
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
    c = connect((ip.lo(), port))
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
            s.bind((ip.lo(), 0))
            ports.append(s.getsockname()[1])
    look_random(ports, low, high)


@case('S02', 'the port that connect() picks is random, free and in the range (RFC 6056)')
def random_connect():
    low, high = map(int, sysctl(RANGE).split())
    if ip.version == 6:
        add_addr('lo', *map(ip.lo, range(10, 65)), prefix=ip.bits)
    ls = [listener(ip.lo(n), 7001) for n in range(1, 65)]
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
    l1, l2 = listener(ip.lo(), 7001), listener(ip.lo(), 7002)
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
        s.bind((ip.ANY, 0))
        held.append(s)
    raises(errno.EADDRINUSE, tcp_socket().bind, (ip.ANY, 0), what='the eleventh')


@case('S02', 'net.ipv4.ip_local_reserved_ports are left alone')
def reserved():
    sysctl(RANGE, '40000 40009')
    sysctl('net.ipv4.ip_local_reserved_ports', '40002-40006')
    l = listener(ip.lo(), 7001)
    held = [connect(l.getsockname()) for _ in range(5)]
    equal(sorted(c.getsockname()[1] for c in held), [40000, 40001, 40007, 40008, 40009],
          'ports used')
    raises(errno.EADDRNOTAVAIL, connect, l.getsockname(), what='the sixth')


def with_option(option):
    s = tcp_socket()
    s.setsockopt(socket.SOL_SOCKET, option, 1)
    return s


@case('S02', 'an automatic port is nobody else\'s, whatever the options: all can listen()')
def automatic_is_own():
    for n, option in enumerate((socket.SO_REUSEADDR, socket.SO_REUSEPORT)):
        low = 40000 + 20 * n
        sysctl(RANGE, '%d %d' % (low, low + 9))
        held = []
        for _ in range(10):
            s = with_option(option)
            s.bind((ip.lo(), 0))
            s.listen(1)
            held.append(s)
        equal(sorted(s.getsockname()[1] for s in held), list(range(low, low + 10)), 'ports')
        raises(errno.EADDRINUSE, with_option(option).bind, (ip.lo(), 0), what='the eleventh')
        raises(errno.EADDRINUSE, with_option(option).listen, 1, what='listen() of the eleventh')
        with with_option(option) as elsewhere:
            elsewhere.bind((ip.lo(2), 0))


@case('S02', 'ip_autobind_reuse: when all ports are taken, SO_REUSEADDR shares one, but not to listen()')
def autobind_reuse():
    sysctl(RANGE, '40000 40000')
    sysctl('net.ipv4.ip_autobind_reuse', 1)
    a, b = with_option(socket.SO_REUSEADDR), with_option(socket.SO_REUSEADDR)
    a.bind((ip.lo(), 0))
    b.bind((ip.lo(), 0))
    equal(b.getsockname(), a.getsockname(), 'name')
    a.listen(1)
    raises(errno.EADDRINUSE, b.listen, 1, what='listen() of the other')


@case('S02', 'what is left of a listener on 0.0.0.0 claims the address that it has, and no other')
def left_of_a_listener():
    for what in ('a connection', 'TIME-WAIT'):
        with listener(ip.ANY, 7001, reuse=False) as l:
            c = connect((ip.lo(), 7001))
            s, _ = l.accept()
        if what == 'TIME-WAIT':
            s.close()
            c.close()
            sleep(0.01)
        for addr, err in ((ip.lo(), errno.EADDRINUSE), (ip.ANY, errno.EADDRINUSE),
                          (ip.lo(2), 0)):
            with tcp_socket() as other:
                if err:
                    raises(err, other.bind, (addr, 7001), what='%s beside %s' % (addr, what))
                else:
                    other.bind((addr, 7001))
                    other.listen(1)
        c.close()
        s.close()
        l.close()


@case('S02', 'of several listeners on a port the one gets a SYN that asks for most')
def most_specific():
    def one(addr, dev):
        s = with_option(socket.SO_REUSEPORT)
        if dev:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')
        s.bind((addr, 7001))
        s.listen(1)
        return s

    def heard():
        with connect((ip.lo(), 7001)) as c:
            return wait_readable(l, 0.1) and l.accept()[1] == c.getsockname()

    # two that overlap share the port by SO_REUSEPORT, and are no group
    places = ((ip.ANY, False), (ip.ANY, True), (ip.lo(), False), (ip.lo(), True))
    for low in range(len(places)):
        for high in range(low + 1, len(places)):
            if places[low][0] == places[high][0] and not TCPX:
                continue            # the kernel's TCP takes the youngest group
            for order in ((low, high), (high, low)):
                pair = [one(*places[n]) for n in order]
                l = pair[order.index(high)]
                check(all(heard() for _ in range(8)), '%r beside %r' % (places[high], places[low]))
                for s in pair:
                    s.close()


@case('S02', 'a listener without a device hears a VRF only with tcp_l3mdev_accept')
def vrf():
    v = Veth()
    with v.b:
        run('ip', 'link', 'add', 'red', 'type', 'vrf', 'table', '10')
        run('ip', 'link', 'set', 'red', 'up')
        run('ip', 'link', 'set', 'vb', 'master', 'red')
        set_addr('vb', v.B)         # IPv6 begins anew

    def reached(dev):
        with v.b:
            l = tcp_socket()
            if dev:
                l.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev)
            l.bind((ip.ANY, 7001))
            l.listen(1)
        with v.a, l, tcp_socket() as c:
            return c.connect_ex((v.B, 7001)) == 0

    for accept in (0, 1):
        with v.b:
            sysctl('net.ipv4.tcp_l3mdev_accept', accept)
        equal([reached(dev) for dev in (b'', b'red', b'vb')], [bool(accept), True, True],
              'with tcp_l3mdev_accept = %d' % accept)


main()
