#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S01: a socket is an address and a port, a connection is the 4-tuple of two of them."""

import errno

from lib import *


def talk(c, s, word):
    c.sendall(word)
    equal(recv_exactly(s, len(word)), word, 'client to server')
    s.sendall(word[::-1])
    equal(recv_exactly(c, len(word)), word[::-1], 'server to client')


@case('S01', 'connections that differ in one of the four numbers coexist')
def differ_in_one():
    la1 = listener(ip.lo(), 7001)
    la2 = listener(ip.lo(), 7002)
    lb1 = listener(ip.lo(9), 7001)
    ends = []
    for l, host, port in ((la1, 2, 5000), (la1, 2, 5001), (la1, 3, 5000), (la2, 2, 5000),
                          (lb1, 2, 5000)):
        frm = ip.name(ip.lo(host), port)
        c = connect(l.getsockname(), frm)
        s, peer = l.accept()
        equal(peer, frm, 'the peer that accept() names')
        equal(s.getsockname(), l.getsockname(), 'the local end of the accepted socket')
        equal((c.getsockname(), c.getpeername()), (frm, l.getsockname()), 'the client\'s ends')
        ends.append((c, s))
    for n, (c, s) in enumerate(ends):
        talk(c, s, b'connection %d' % n)
    ends.pop(2)[0].close()
    for n, (c, s) in enumerate(ends):
        talk(c, s, b'still connection %d' % n)


@case('S01', 'the same four numbers collide: EADDRNOTAVAIL')
def same_four():
    l = listener(ip.lo(), 7001)
    c = connect(l.getsockname(), (ip.lo(2), 5000))
    s, _ = l.accept()
    again = tcp_socket(reuse=True)
    again.bind((ip.lo(2), 5000))
    raises(errno.EADDRNOTAVAIL, again.connect, l.getsockname(), what='connect() of the same four')
    talk(c, s, b'the first one is untouched')
    l2 = listener(ip.lo(), 7002)
    again.connect(l2.getsockname())
    s2, _ = l2.accept()
    talk(again, s2, b'the refused socket can go elsewhere')


@case('S01', 'the same four numbers collide with a connection in TIME-WAIT, until it ends')
def same_four_time_wait():
    msl(1000)
    l = listener(ip.lo(), 7001)
    sysctl('tw_reuse', 0)
    c = connect(l.getsockname(), (ip.lo(2), 5000))
    s, _ = l.accept()
    c.close()
    equal(s.recv(1), b'', 'end of stream')
    s.close()
    again = tcp_socket(reuse=True)
    again.bind((ip.lo(2), 5000))
    raises(errno.EADDRNOTAVAIL, again.connect, l.getsockname(), what='connect() in TIME-WAIT')
    sleep(2.1)
    again.connect(l.getsockname())
    s, _ = l.accept()
    talk(again, s, b'after 2MSL')


@case('S01', 'a local address and port has one owner: EADDRINUSE')
def bind_conflict():
    a = tcp_socket()
    a.bind((ip.lo(), 7001))
    for addr in (ip.lo(), ip.ANY):
        raises(errno.EADDRINUSE, tcp_socket().bind, (addr, 7001), what='bind to ' + addr)
    tcp_socket().bind((ip.lo(2), 7001))
    a.listen(1)
    b = tcp_socket(reuse=True)
    raises(errno.EADDRINUSE, b.bind, (ip.lo(), 7001), what='SO_REUSEADDR against a listener')
    a.close()
    b.bind((ip.lo(), 7001))


@case('S01', 'two listeners on one port but two addresses serve each its own')
def two_addresses():
    l1, l2 = listener(ip.lo(), 7001), listener(ip.lo(2), 7001)
    c2, c1 = connect((ip.lo(2), 7001)), connect((ip.lo(), 7001))
    s1, p1 = l1.accept()
    s2, p2 = l2.accept()
    equal((p1, p2), (c1.getsockname(), c2.getsockname()), 'who came where')
    talk(c1, s1, b'one')
    talk(c2, s2, b'two')


@case('S01', 'a listener on the wildcard address beside one on an exact address: EADDRINUSE')
def wildcard_beside_exact():
    wild = tcp_socket(reuse=True)
    wild.bind((ip.ANY, 7001))
    exact = tcp_socket(reuse=True)
    exact.bind((ip.lo(), 7001))
    wild.setblocking(False)
    exact.listen(4)
    raises(errno.EADDRINUSE, wild.listen, 4, what='listen() on the wildcard beside a listener')
    c = connect((ip.lo(), 7001))
    s, _ = exact.accept()
    talk(c, s, b'the exact one')


@case('S01', 'segments find their connection by all four numbers')
def demultiplex():
    tun = Tun()
    l = listener(ip.ANY, 7001)
    conns = []
    for addr in (ip.addr(9, 1, 2), ip.addr(9, 1, 3)):
        for port in (5000, 5001):
            c = Conn(tun, port, 7001, addr)
            c.open()
            s, peer = l.accept()
            equal(peer, ip.name(addr, port), 'the peer')
            conns.append((c, s))
    for n, (c, s) in enumerate(conns):
        c.tx('PA', 'for %d' % n)
    for n, (c, s) in enumerate(conns):
        equal(s.recv(100), b'for %d' % n, 'what connection %d received' % n)
        c.flush(1)
    stranger = Conn(tun, 5002, 7001)
    stranger.tx('PA', 'nobody', seq=1, ack=77)
    stranger.rx('R', what='a segment of no connection')


@case('S01', 'namespaces do not see each other\'s ports and connections')
def per_namespace():
    l1 = listener(ip.lo(), 7001)
    with NetNS():
        raises(errno.ECONNREFUSED, connect, (ip.lo(), 7001), what='connect() elsewhere')
        l2 = listener(ip.lo(), 7001)
        c2 = connect((ip.lo(), 7001), (ip.lo(2), 5000))
    c1 = connect((ip.lo(), 7001), (ip.lo(2), 5000))
    s1, s2 = l1.accept()[0], l2.accept()[0]
    talk(c1, s1, b'here')
    talk(c2, s2, b'there')


main()
