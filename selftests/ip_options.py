#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Options of the IP header: source routes (RFC 9293, 3.9.2), and what is ignored."""

import errno
import socket
import struct
import time

from lib import *

IP_OPTIONS = 4
G1, G2, G3 = '10.9.1.71', '10.9.1.72', '10.9.1.73'
RR, TIMESTAMP = 7, 68


def accept_source_routes():
    sysctl('net.ipv4.conf.all.accept_source_route', 1)
    sysctl('net.ipv4.conf.tun0.accept_source_route', 1)


def routed(*hops, **kw):
    """Arguments of tx(): by these hops, all of them passed."""
    return {'options': ipopt_route(*hops, at=None, **kw)}


def goes_by(s, hop, *rest, kind=LSRR):
    """The segment's next hop is @hop, then @rest; the pointer is at the first of @rest."""
    equal(s.hop, hop, '%s: next hop' % s)
    value = b'\x04' + b''.join(socket.inet_aton(r) for r in rest)
    equal(s.ipopts, [(kind, value)], '%s: IP options' % s)


def goes_straight(s):
    equal((s.hop, s.ipopts), (s.dst, []), '%s: hop and IP options' % s)


def routed_passive(tun, *hops, **kw):
    """The remote host connects by a source route: (socket, Conn)."""
    accept_source_routes()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    route = routed(*hops, **kw)
    c.tx('S', opts=opt_mss(1460), **route)
    c.synack = c.rx('SA', ack=1)
    c.tx('A', **route)
    check(wait_readable(l), 'nothing to accept')
    s, _ = l.accept()
    l.close()
    return s, c


@case('MUST-51', 'an active OPEN goes by the source route that IP_OPTIONS names')
def active_route():
    tun = Tun()

    def route(s):
        s.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(G1, G2) + b'\0')
    s, c = active(tun, before=route)
    goes_by(c.syn_seg, G1, G2, c.addr)
    goes_by(c.last, G1, G2, c.addr)
    s.send(b'data')
    goes_by(c.rx('PA', data='data'), G1, G2, c.addr)
    c.tx('A')
    s.shutdown(1)
    goes_by(c.rx('FA'), G1, G2, c.addr)
    c.tx('FA')
    goes_by(c.rx('A'), G1, G2, c.addr)
    c.tx('FA', seq=1)           # TIME-WAIT answers by the same way
    goes_by(c.rx('A'), G1, G2, c.addr)


@case('MUST-51', 'one hop, and a strict route; the checksum is over the last address')
def active_strict():
    tun = Tun()
    for kind in (LSRR, SSRR):
        s, c = active(tun, before=lambda s: s.setsockopt(
            socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(G1, kind=kind) + b'\0'))
        check(c.syn_seg.csum_ok, 'checksum')
        goes_by(c.syn_seg, G1, c.addr, kind=kind)
        dead_close(s)


@case('MUST-51', "Record Route and Timestamp: this host's address and time are on each segment")
def active_records():
    tun = Tun()
    empty = b'\0' * 4
    us = socket.inet_aton(LOCAL)
    for option, value in (
            (bytes([RR, 11, 4]) + 2 * empty, b'\x08' + us + empty),
            (bytes([TIMESTAMP, 20, 5, 1]) + 4 * empty, b'\x0d\x01' + us + b'time' + 2 * empty),
            (bytes([TIMESTAMP, 12, 5, 0]) + 2 * empty, b'\x09\x00time' + empty)):
        s, c = active(tun, before=lambda s: s.setsockopt(
            socket.IPPROTO_IP, IP_OPTIONS, option + b'\0' * (-len(option) % 4)))
        for seg in (c.syn_seg, c.last):
            (kind, got), = seg.ipopts
            at = value.find(b'time')
            if at >= 0:
                ms = int(time.time() * 1000) % 86400000
                near(struct.unpack_from('!I', got, at)[0], ms, 5000, 'milliseconds since midnight')
                got = got[:at] + b'time' + got[at + 4:]
            equal((kind, got), (option[0], value), '%s: IP options' % seg)
        dead_close(s)


@case('MUST-52', 'the user\'s source route comes before the one that the peer\'s segments show')
def user_first():
    tun = Tun()
    accept_source_routes()
    s, c = active(tun, before=lambda s: s.setsockopt(
        socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(G1) + b'\0'))
    c.tx('PA', 'another way', **routed(G2, G3))
    equal(s.recv(100), b'another way', 'data')
    goes_by(c.rx('A'), G1, c.addr)
    s.send(b'mine')
    goes_by(c.rx('PA', data='mine'), G1, c.addr)


@case('MUST-52', 'a passive connection, too, goes by the route that its user names')
def user_first_passive():
    tun = Tun()
    s, c = routed_passive(tun, G1, G2)
    s.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(G3) + b'\0')
    s.send(b'x')
    goes_by(c.rx('PA'), G3, c.addr)
    c.tx('PA', 'y', **routed(G1))
    s.recv(1)
    goes_by(c.rx('A'), G3, c.addr)
    s.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, b'')
    s.send(b'z')
    goes_straight(c.rx('PA'))


@case('MUST-53', 'every segment of a passive connection goes back by the route of its SYN')
def return_route():
    tun = Tun()
    s, c = routed_passive(tun, G1, G2, G3)
    back = (G3, G2, G1, c.addr)
    goes_by(c.synack, *back)
    check(c.synack.csum_ok, 'checksum')
    s.send(b'data')
    goes_by(c.rx('PA', data='data'), *back)
    again = c.rx('PA', data='data')
    goes_by(again, *back)
    c.tx('PA', 'came straight')         # no route in a later segment: the saved one stays
    equal(s.recv(100), b'came straight', 'data')
    goes_by(c.rx('A'), *back)
    s.shutdown(1)
    goes_by(c.rx('FA'), *back)
    c.tx('FA')
    goes_by(c.rx('A'), *back)
    c.tx('FA', seq=14)                  # TIME-WAIT
    goes_by(c.rx('A'), *back)


@case('MUST-53', 'one hop, nine hops, a strict route, and the source in front of the route')
def return_routes():
    tun = Tun()
    nine = ['10.9.1.%d' % n for n in range(81, 90)]
    for hops, back, kind in (((G1,), (G1,), LSRR), (nine, nine[::-1], LSRR),
                             ((G1, G2), (G2, G1), SSRR), ((REMOTE, G1), (G1,), LSRR)):
        s, c = routed_passive(tun, *hops, kind=kind)
        goes_by(c.synack, *back, c.addr, kind=kind)
        s.send(b'x')
        goes_by(c.rx('PA'), *back, c.addr, kind=kind)
        dead_close(s)
        c.rx('RA')


@case('MUST-53', 'RST of a port where nobody listens, and of a half-open connection')
def return_resets():
    tun = Tun()
    accept_source_routes()
    c = Conn(tun, 40000, 7002)
    c.tx('S', **routed(G1, G2))
    goes_by(c.rx('RA'), G2, G1, c.addr)
    l = listener(port=7001)
    c = Conn(tun, 40001, 7001)
    c.tx('S', **routed(G1, G2))
    c.rx('SA')
    c.tx('A', ack=77, **routed(G1, G2))
    goes_by(c.rx('R'), G2, G1, c.addr)


@case('MUST-53', 'the SYN,ACK again; and a SYN that shows no way back is answered straight')
def return_again():
    tun = Tun()
    accept_source_routes()
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001)
    c.tx('S', **routed(G1, G2))
    for _ in range(3):
        goes_by(c.rx('SA'), G2, G1, c.addr)
    c = Conn(tun, 40001, 7001)
    c.tx('S', options=b'\x83\x03\x04\0')        # no address at all
    goes_straight(c.rx('SA'))


@case('MUST-53', 'a hop that is no host (broadcast, multicast) is no way back')
def return_to_many():
    tun = Tun()
    accept_source_routes()
    l = listener(port=7001)
    for n, hop in enumerate(('224.0.0.1', '255.255.255.255', '10.9.1.255')):
        c = Conn(tun, 40000 + n, 7001)
        c.tx('S', **routed(G1, hop))
        goes_straight(c.rx('SA'))


@case('MUST-53', 'without accept_source_route such a SYN is dropped by IP, as for TCP')
def not_accepted():
    tun = Tun()
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001)
    c.tx('S', **routed(G1))
    c.quiet(1)


@case('SHLD-24', 'a different source route in a later segment overrides the earlier one')
def later_route():
    tun = Tun()
    s, c = routed_passive(tun, G1, G2)
    c.tx('PA', 'a', **routed(G3))
    s.recv(1)
    goes_by(c.rx('A'), G3, c.addr)
    s.send(b'b')
    goes_by(c.rx('PA', data='b'), G3, c.addr)
    c.tx('A', **routed(G2, G1, kind=SSRR))
    s.send(b'c')
    goes_by(c.rx('PA', data='c'), G1, G2, c.addr, kind=SSRR)


@case('SHLD-24', 'a connection that began without a source route learns one')
def first_route():
    tun = Tun()
    accept_source_routes()
    s, c = passive(tun)
    goes_straight(c.synack)
    c.tx('PA', 'a', **routed(G1, G2))
    s.recv(1)
    goes_by(c.rx('A'), G2, G1, c.addr)


@case('SHLD-24', 'what was learned ends with the connection: the next one goes straight')
def forgotten_route():
    tun = Tun()
    s, c = routed_passive(tun, G1, G2)
    equal(libc.connect(s.fileno(), struct.pack('H14x', socket.AF_UNSPEC), 16), 0, 'disconnect')
    goes_by(c.rx('RA'), G2, G1, c.addr)
    s.setblocking(False)
    goes_straight(syn_sent(tun, s, 7002).syn_seg)


@case('SHLD-24', 'the SYN again, or the third segment, by another route')
def later_half_open():
    tun = Tun()
    accept_source_routes()
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001)
    c.tx('S', seq=0, **routed(G1))
    goes_by(c.rx('SA'), G1, c.addr)
    c.tx('S', **routed(G2))
    goes_by(c.rx('SA'), G2, c.addr)
    c.tx('A', **routed(G3))
    s, _ = l.accept()
    s.send(b'x')
    goes_by(c.rx('PA'), G3, c.addr)


@case('SHLD-24', 'a segment that is not accepted changes no route')
def forged_route():
    tun = Tun()
    s, c = routed_passive(tun, G1)
    for seq, ack in ((100000, 1), (-100000, 1), (1, 5000), (1, -100000)):
        c.tx('A', seq=seq, ack=ack, **routed(G2))
        c.tx('R', seq=seq + 1, **routed(G2))
    c.flush(1)
    s.send(b'x')
    goes_by(c.rx('PA'), G1, c.addr)


@case('MUST-16', 'the segments leave room for the options of the IP header')
def room():
    tun = Tun()
    s, c = active(tun, before=lambda s: s.setsockopt(
        socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(G1, G2) + b'\0'))
    equal(c.syn_seg.mss, 1460, 'MSS offered: what we can receive')
    s.send(bytes(5000))
    x = c.rx('A')
    equal((x.len, x.ip_len), (1448, 1500), 'segment and datagram')
    dead_close(s)
    s, c = routed_passive(tun, G1, G2, G3)
    s.send(bytes(5000))
    x = c.rx('A')
    equal((x.len, x.ip_len), (1460 - 16, 1500), 'segment and datagram')
    # options that the user sets later count from then on
    s.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, b'')
    c.flush(0.1)
    c.tx('A', ack=5001)
    s.send(bytes(3000))
    equal(c.rx('A').len, 1460, 'without options')


@case('MUST-54', 'an ICMP error about a segment on its way to a hop finds its connection')
def icmp_on_the_way():
    tun = Tun()
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(G1, G2) + b'\0')
    c = syn_sent(tun, s, 7001)
    raw = c.syn_seg.raw
    tun.icmp(ip.PORT_UNREACH, raw, quoted=(raw[0] & 15) * 4 + 8)
    equal(so_error(s), errno.ECONNREFUSED, 'SO_ERROR')


@case('MUST-50', 'IP options that mean nothing to TCP are ignored: in a SYN, in payload, in a FIN')
def ignored():
    tun = Tun()
    l = listener(port=7001)
    unknown = (b'\x9e\x04\x12\x34', b'\x19\x03\xff', b'\x82\x0b' + bytes(9), b'\x94\x04\0\0',
               b'\x88\x04\x12\x34', b'\x01\x01\x01\x01',
               bytes((RR, 11, 4)) + bytes(8), bytes((TIMESTAMP, 12, 5, 0)) + bytes(8))
    for n, options in enumerate(unknown):
        c = Conn(tun, 40000 + n, 7001)
        c.tx('S', opts=opt_mss(1460), options=options)
        goes_straight(c.rx('SA', ack=1))
        c.tx('A', options=options)
        s, _ = l.accept()
        c.tx('PA', 'text', options=options)
        equal(s.recv(100), b'text', options.hex())
        goes_straight(c.rx('A'))
        c.tx('FA', options=options)
        equal(s.recv(100), b'', 'end after ' + options.hex())
        dead_close(s)


@case('MAY-10', 'the Timestamp option that a program sets with IP_OPTIONS is in every segment')
def timestamp_option():
    tun = Tun()
    s, c = active(tun, before=lambda s: s.setsockopt(
        socket.IPPROTO_IP, IP_OPTIONS, bytes((TIMESTAMP, 12, 5, 0)) + bytes(8)))
    s.send(b'x')
    for x in (c.syn_seg, c.rx('PA')):
        (kind, value), = x.ipopts
        equal((kind, value[0]), (TIMESTAMP, 9), 'option and its pointer: one stamp is there')
        check(struct.unpack_from('!I', value, 2)[0], 'no time')


@case('MAY-11', 'the Record Route option that a program sets with IP_OPTIONS is in every segment')
def record_route():
    tun = Tun()
    s, c = active(tun, before=lambda s: s.setsockopt(
        socket.IPPROTO_IP, IP_OPTIONS, bytes((RR, 11, 4)) + bytes(9)))
    s.send(b'x')
    for x in (c.syn_seg, c.rx('PA')):
        (kind, value), = x.ipopts
        equal((kind, value[0], value[1:5]), (RR, 8, socket.inet_aton(LOCAL)), 'option')


@case('sockets', 'IP_OPTIONS in SYN-SENT when the source address has gone, with ip_dynaddr')
def dynaddr():
    tun = Tun()
    sysctl('net.ipv4.ip_dynaddr', 1)
    s = tcp_socket(blocking=False)
    s.connect_ex((REMOTE, 7001))
    syn = tun.next()
    set_addr('tun0', '10.9.1.77')
    s.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, b'')
    equal(s.getsockname()[0], LOCAL, 'a connection has one address for its life')
    equal(tun.next(within=2), None, 'a SYN without a route')
    set_addr('tun0', LOCAL)
    again = tun.next(within=10)
    equal((again.src, again.seq), (LOCAL, syn.seq), 'the SYN when the address is back')


@case('MUST-53', 'two kernels and a router: both ways by the source route, no other way is there')
def two_kernels():
    veth = Veth()
    with veth.b:
        far = NetNS()
        run('ip', 'link', 'add', 'name', 'vc', 'type', 'veth', 'peer', 'name', 'vd',
            'netns', far.path)
        set_addr('vc', '10.2.0.1')
        link_up('vc')
        sysctl('net.ipv4.ip_forward', 1)
        for dev in ('all', 'vb', 'vc'):
            sysctl('net.ipv4.conf.%s.accept_source_route' % dev, 1)
    with far:
        set_addr('vd', '10.2.0.2')
        link_up('vd')
        for dev in ('all', 'vd'):
            sysctl('net.ipv4.conf.%s.accept_source_route' % dev, 1)
            sysctl('net.ipv4.conf.%s.rp_filter' % dev, 0)
        l = listener('10.2.0.2', 7001)
    sysctl('net.ipv4.conf.all.accept_source_route', 1)
    sysctl('net.ipv4.conf.va.accept_source_route', 1)
    raises(errno.ENETUNREACH, connect, ('10.2.0.2', 7001), what='connect() without a route')
    c = tcp_socket()
    c.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, ipopt_route(Veth.B) + b'\0')
    c.connect(('10.2.0.2', 7001))
    s, _ = l.accept()
    equal(s.getpeername()[0], Veth.A, 'peer')
    transfer([(c, pattern(300000, 1), s), (s, pattern(300000, 2), c)])


main(why_not=ip.version != 4 and 'only IPv4 has options; IPv6\'s headers are in ipv6.py')
