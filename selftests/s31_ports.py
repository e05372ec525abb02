#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
S31: ports that other sockets hold do not make a call or a SYN expensive.

Their cost is counted in instructions where each is a tick of the clock, and judged there
(lib/cost.py).  To hit a hash chain that many sockets share, a thousand ports in a row are
tried, each several times; the most expensive one is judged.
"""

import errno
import gc
import resource
import socket

from lib import *
from lib.cost import *

RANGE = 'net.ipv4.ip_local_port_range'
# where nothing is judged, a few are enough to show that it works
PORTS = range(20000, 21024 if COUNTED else 20032)
MANY = 5000 if COUNTED else 500
GROUP = 1000 if COUNTED else 100


def cheapest(tries, call, make=tcp_socket, **kw):
    """The lowest cost of @call(socket, n) among so many tries."""
    clock, best = tsc(), float('inf')
    gc.disable()
    for n in range(tries):
        with make(**kw) as s:
            start = clock()
            call(s, n)
            best = min(best, clock() - start)
    gc.enable()
    return best


def bind_cost():
    return max(cheapest(3, lambda s, n: s.bind((ip.lo(), port))) for port in PORTS)


def connect_cost():
    """connect() that may choose a single port, to a closed one."""
    def one(port):
        sysctl(RANGE, '%d %d' % (port, port))
        return cheapest(3, lambda s, n: s.connect_ex((ip.lo(), 1)))
    return max(map(one, PORTS))


def finished(l, server_first):
    """A connection of @l that leaves a TIME-WAIT behind."""
    c = tcp_socket()
    c.connect(l.getsockname())
    s, _ = l.accept()
    for end in (s, c) if server_first else (c, s):
        end.close()


def many_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (3 * MANY, 3 * MANY))


def each_cost(what, much):
    """bind() and connect() before and after @much(), which another namespace does."""
    bind, conn = Ratio(), Ratio()
    bind.small, conn.small = bind_cost(), connect_cost()
    other = NetNS()
    with other:
        kept = much()
    bind.large, conn.large = bind_cost(), connect_cost()
    bind.check('bind()', each='call', much=what)
    conn.check('connect()', each='call', much=what)
    return other, kept


@case('S31', 'TIME-WAITs of another namespace, on one port and on many, make no bind() or connect() dear')
def others_time_waits():
    def much():
        l = listener(ip.lo(), 80)
        for n in range(MANY):
            finished(l, n & 1)
    each_cost('in TIME-WAIT elsewhere', much)


@case('S31', 'connections of another namespace do not, either')
def others_connections():
    many_files()

    def much():
        l = listener(ip.lo(), 80)
        kept = []
        for _ in range(MANY):
            c = tcp_socket()
            c.connect(l.getsockname())
            kept += [c, l.accept()[0]]
        return kept
    each_cost('connections elsewhere', much)


@case('S31', 'TIME-WAITs of a port do not make its own bind() dear')
def own_time_waits():
    cost = Ratio()

    def rebind(port, count):
        """The port of a server that has gone, with SO_REUSEADDR."""
        with listener(ip.lo(), port) as l:
            for _ in range(count):
                finished(l, True)

        def call(s, n):
            s.bind((ip.lo(), port))
            s.listen(1)
        return cheapest(20, call, reuse=True)

    cost.small, cost.large = rebind(80, 1), rebind(81, MANY)
    cost.check('bind() and listen()', each='call', much='in TIME-WAIT')


def all_of_net():
    """All addresses (77, ...) are the host's own."""
    run_ip('route', 'add', 'local', ip.nets(77), 'dev', 'lo')
    if ip.version == 6:
        sysctl('net.ipv6.ip_nonlocal_bind', 1)


def syn_cost(tun):
    """A SYN to the listener at the first address there; a RST takes it back each time."""
    def segments(flags, seq):
        return [build(ip.addr(9, 1, n + 2), ip.addr(77, 0, 1), 1024, 80, seq, 0, flags, 65535,
                      opt_mss() if flags == 'S' else b'') for n in range(20)]
    best = float('inf')
    for _ in range(10):
        best = min(best, blast(tun, segments('S', 1000)))
        blast(tun, segments('R', 1001))
        tun._drain()
        tun.pending.clear()
    return best


@case('S31', 'listeners on one port, each at an address of its own: a SYN and a bind() cost the same')
def many_listeners():
    many_files()
    tun = Tun()
    all_of_net()
    syn, bind = Ratio(), Ratio()
    first = listener(ip.addr(77, 0, 1), 80)

    def one_more():
        return cheapest(20, lambda s, n: s.bind((ip.addr(77, 200, n), 80)))

    syn.small, bind.small = syn_cost(tun), one_more()
    kept = [listener(ip.addr(77, n // 250 + 1, n % 250 + 1), 80, reuse=False) for n in range(MANY)]
    syn.large, bind.large = syn_cost(tun), one_more()
    syn.check('a SYN', each='segment', much='listeners')
    bind.check('bind()', each='call', much='listeners')
    check(first and kept, 'they are still there')


@case('S31', 'SO_REUSEPORT: in a large group a SYN costs what it costs in a small one')
def large_group():
    many_files()
    tun = Tun()
    all_of_net()
    cost, kept = Ratio(), []

    def grow(count):
        while len(kept) < count:
            s = tcp_socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            s.bind((ip.addr(77, 0, 1), 80))
            s.listen(64)
            kept.append(s)

    grow(2)
    cost.small = syn_cost(tun)
    grow(GROUP)
    cost.large = syn_cost(tun)
    cost.check('a SYN', much='listeners')


@case('S31', 'a range of ports that are all taken is searched at a price next to that of Linux\'s TCP')
def all_taken():
    need(WIRE != socket.IPPROTO_TCP, 'it is compared with TCP, whose ports are others')
    many_files()
    count = len(PORTS)
    sysctl(RANGE, '%d %d' % (PORTS[0], PORTS[-1]))
    bind, conn = Ratio(), Ratio()
    kept = []
    for proto in (socket.IPPROTO_TCP, PROTO):
        def new():
            return socket.socket(ip.af, socket.SOCK_STREAM, proto)
        for port in PORTS:
            kept.append(new())
            kept[-1].bind((ip.lo(), port))
        costs = [cheapest(5, call, make=new) for call in (
            lambda s, n: raises(errno.EADDRINUSE, s.bind, (ip.lo(), 0)),
            lambda s, n: equal(s.connect_ex((ip.lo(), 1)), errno.EADDRNOTAVAIL, 'connect()'))]
        for ratio, cost in zip((bind, conn), costs):
            if proto == PROTO:
                ratio.large = cost / count
            else:
                ratio.small = cost / count
    bind.check('bind() to any port, TCP and tcpx', most=2, each='port', much='ports')
    # Since 6.14 TCP passes over a taken port without its lock
    conn.check('connect(), TCP and tcpx', most=4.5, each='port', much='ports')


main()
