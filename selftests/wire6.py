#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Protocol 6: tcpx is real TCP, beside the kernel's own.

A socket of tcpx whose segments travel as protocol 6 is called real() here, one of the
kernel's TCP tcp().
"""

import errno
import os
import socket
import struct

os.environ['TCPX_WIRE'] = '253'         # until a socket says otherwise
from lib import *

TCPX_PROTO, TCP_PROTO = 253, 6
TCPX_WIRE_PROTOCOL = 0x1002
RANGE = 'net.ipv4.ip_local_port_range'
PORT = 7001
REUSEADDR, REUSEPORT = socket.SO_REUSEADDR, socket.SO_REUSEPORT
V6ONLY = socket.IPV6_V6ONLY
LO = ip.lo()
NFT = 'ip' if ip.version == 4 else 'ip6'
BOGUS = (LO, ip.ANY, LOCAL) + (('255.255.255.255', '224.0.0.1') if ip.version == 4 else
                               ('ff02::1', '::ffff:10.9.1.2'))


def own(options=(), af=ip.af):
    s = socket.socket(af, socket.SOCK_STREAM, TCPX_PROTO)
    wire(s, TCPX_PROTO)
    for option in options:
        s.setsockopt(socket.SOL_SOCKET, option, 1)
    return s


def wire(s, value=None):
    if value is None:
        return s.getsockopt(TCPX_PROTO, TCPX_WIRE_PROTOCOL)
    s.setsockopt(TCPX_PROTO, TCPX_WIRE_PROTOCOL, value)


def real(options=(), **kw):
    s = own(options, **kw)
    wire(s, TCP_PROTO)
    return s


def tcp(options=(), af=ip.af):
    s = socket.socket(af, socket.SOCK_STREAM)
    for option in options:
        s.setsockopt(socket.SOL_SOCKET, option, 1)
    return s


def bound(make, port=PORT, addr='', **kw):
    s = make(**kw)
    s.bind((addr, port))
    return s


def listens(make, port=PORT, addr='', **kw):
    s = bound(make, port, addr, **kw)
    s.listen(64)
    return s


def connects(make, to, port=0, **kw):
    s = make(**kw)
    if port:
        s.bind(('', port))
    s.connect(to)
    return s


def only_ports(first, last):
    """What connect() and bind() may choose."""
    sysctl(RANGE, '%d %d' % (first, last))


def tcp_counters():
    """Those of the kernel's TCP."""
    return read_counters('/proc/net/snmp')


def info(s, *names):
    """Fields of struct tcp_info."""
    at = {'snd_mss': 16, 'rcv_mss': 20, 'total_retrans': 100, 'data_segs_in': 152,
          'data_segs_out': 156, 'rcv_ooopack': 224}
    got = [struct.unpack_from('I', tcp_info(s), at[n])[0] for n in names]
    return got if len(got) > 1 else got[0]


class Wire:
    """What passes a link, by protocol."""

    def __init__(self, name):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ip.ethertype))
        self.sock.bind((name, ip.ethertype))
        self.sock.setblocking(False)

    def take(self):
        out = []
        while wait_readable(self.sock, 0):
            out.append(self.sock.recv(65536))
        return out


STACKS = (('tcpx to TCP', real, tcp), ('TCP to tcpx', tcp, real), ('tcpx to tcpx', real, real))


# --- the wire ---------------------------------------------------------------------

@case('wire 6', 'tcpx and the kernel\'s TCP speak to each other, whichever of them connects')
def both_ways():
    veth = Veth()
    for n, (what, client, server) in enumerate(STACKS):
        with veth.b:
            l = listens(server, PORT + n)
        tap = Wire('va')
        c = connects(client, (veth.B, PORT + n))
        s, peer = l.accept()
        equal(peer, c.getsockname(), what + ': the client\'s address')
        transfer([(c, pattern(1 << 20, 1), s), (s, pattern(1 << 20, 2), c)])
        equal({parse_ip(p)[1].proto for p in tap.take() if not noise(p)}, {TCP_PROTO}, what + ': protocol numbers')
        c.close()
        l.close()


@case('wire 6', 'within one host as well, over loopback')
def loopback():
    for n, (what, client, server) in enumerate(STACKS):
        l = listens(server, PORT + n)
        c = connects(client, (LO, PORT + n))
        s, _ = l.accept()
        transfer([(c, pattern(1 << 20, 1), s), (s, pattern(1 << 20, 2), c)])
        c.close()
        equal(s.recv(1), b'', what)
        s.close()
        l.close()


@case('wire 6', 'the same ports under 253, TCP\'s beside them: nobody hears what is not theirs')
def side_by_side():
    a, b = listens(own), listens(tcp)
    for make, l in ((own, a), (tcp, b), (own, a)):
        c = connects(make, (LO, PORT))
        s, _ = l.accept()
        c.send(b'x')
        equal(s.recv(9), b'x', 'data')
        for x in (c, s):
            dead_close(x)


@case('wire 6', 'a port that neither has open: the kernel\'s TCP refuses, for both')
def refused():
    veth = Veth()
    with veth.b:
        before, tcp_before = counters(), tcp_counters()['OutRsts']
        kept = bound(real, PORT)
    for port in (PORT, PORT + 1):
        for make in (tcp, real):
            raises(errno.ECONNREFUSED, connects, make, (veth.B, port), what='connect()')
    with veth.b:
        equal(grown(before), {}, 'counters of tcpx')
        equal(tcp_counters()['OutRsts'] - tcp_before, 4, 'resets of TCP')
    kept.close()


# --- the option, the sysctl ---------------------------------------------------------

@case('wire 6', 'TCPX_WIRE_PROTOCOL: set and get, at both levels, and what is refused')
def option():
    sysctl('wire_protocol', 253)
    s = socket.socket(ip.af, socket.SOCK_STREAM, TCPX_PROTO)
    equal(wire(s), 253, 'at first')
    for level in (TCPX_PROTO, socket.SOL_TCP):
        for value in (6, 6, 253, 6, 253):
            s.setsockopt(level, TCPX_WIRE_PROTOCOL, value)
            equal(s.getsockopt(level, TCPX_WIRE_PROTOCOL), value, 'value')
    for value in (0, 1, 5, 7, 17, 254, 255, 256 + 6, 256 + 253, -1, 1 << 30):
        raises(errno.EINVAL, wire, s, value, what='number %d' % value)
    for short in (b'', b'\x06', b'\x06\0', b'\x06\0\0'):
        raises(errno.EINVAL, wire, s, short, what='%d bytes' % len(short))
    equal(wire(s), 253, 'unchanged')
    s.listen(1)
    for value in (6, 253):
        raises(errno.EINVAL, wire, s, value, what='of a listener')
    c = connects(own, s.getsockname())
    child, _ = s.accept()
    for x in (c, child):
        for value in (6, 253):
            raises(errno.EISCONN, wire, x, value, what='of a connection')
        equal(wire(x), 253, 'unchanged')


@case('wire 6', 'an accepted socket has its listener\'s; a socket may change between connections')
def inherited():
    l = listens(real)
    c = connects(real, (LO, PORT))
    s, _ = l.accept()
    equal((wire(c), wire(s)), (6, 6), 'both ends')
    l.close()
    dead_close(s)
    c.close()
    c = own()
    raises(errno.ECONNREFUSED, c.connect, (LO, PORT), what='under 253')
    wire(c, 6)
    with listens(tcp, PORT + 1) as l:
        c.connect((LO, PORT + 1))
        l.accept()


@case('wire 6', 'EPERM without CAP_NET_ADMIN; away from 6 always')
def permission():
    s = own()
    real_one = real()

    def try_it():
        raises(errno.EPERM, wire, s, 6, what='setsockopt() without the capability')
        raises(errno.EPERM, wire, own(), 6, what='of a socket of its own')
        raises(errno.EPERM, wire, real_one, 6, what='even if it is set')
        raises(errno.EINVAL, wire, s, 7, what='another number')
        wire(s, 253)
        wire(real_one, 253)
        equal(wire(real_one), 253, 'back')
        raises(errno.EPERM, wire, real_one, 6, what='and forth')
    unprivileged(try_it)
    cap_net_admin = 12
    unprivileged(lambda: wire(own(), 6), cap_net_admin)


@case('wire 6', 'net.tcpx.wire_protocol: what new sockets have, in its namespace')
def by_sysctl():
    make = lambda: socket.socket(ip.af, socket.SOCK_STREAM, TCPX_PROTO)
    sysctl('wire_protocol', 253)
    early = make()
    for bad in (0, 5, 7, 252, 254, 255, 262, -6, 'x'):
        raises(errno.EINVAL, sysctl, 'wire_protocol', bad, what='%r' % bad)
    equal(sysctl('wire_protocol'), 253, 'unchanged')
    sysctl('wire_protocol', 6)
    equal((sysctl('wire_protocol'), wire(make()), wire(early)), (6, 6, 253), 'new and old sockets')
    other = NetNS()
    with other:
        equal(sysctl('wire_protocol'), WIRE, 'another namespace')
    with listens(tcp) as l:
        # The administrator has allowed it to everybody here
        unprivileged(lambda: connects(make, (LO, PORT)).close())
        l.accept()
    sysctl('wire_protocol', 253)
    equal(wire(make()), 253, 'back')


# --- ports: one space, two stacks ---------------------------------------------------

def held(port):
    """Each way in which a stack can hold a port: (what, function that takes it)."""
    def connection(make):
        l = listens(tcp if make is real else real, port + 1)
        c = connects(make, (LO, port + 1), port)
        s, _ = l.accept()
        return l, c, s

    def accepted(make):
        l = listens(make, port)
        c = connects(tcp if make is real else real, (LO, port))
        s, _ = l.accept()
        l.close()
        return s, c

    def chosen(make):
        only_ports(port, port)
        l = listens(tcp if make is real else real, port + 1)
        c = connects(make, (LO, port + 1))
        equal(c.getsockname()[1], port, 'the only port')
        s, _ = l.accept()
        return l, c, s
    return (
        ('bound', lambda make: (bound(make, port),)),
        ('bound to an address', lambda make: (bound(make, port, LO),)),
        ('bound, to be shared', lambda make: (bound(make, port, options=(REUSEADDR, REUSEPORT)),)),
        ('listening', lambda make: (listens(make, port),)),
        ('connected from it', connection),
        ('connected, the port chosen', chosen),
        ('accepted, the listener gone', accepted))


@case('wire 6', 'EADDRINUSE for what the other stack holds, however; and not a moment longer')
def in_use():
    only_ports(20000, 20000)
    port = 7000
    for holder, other in ((tcp, real), (real, tcp)):
        for what, take in held(port):
            what = '%s, by %s' % (what, holder.__name__)
            kept = take(holder)
            for addr in ('', LO, ip.lo(2)):
                for options in ((), (REUSEADDR,), (REUSEPORT,), (REUSEADDR, REUSEPORT)):
                    raises(errno.EADDRINUSE, lambda: bound(other, port, addr, options=options),
                           what='bind() to %r, %s' % (addr, what))
            with listens(own, port + 5) as l:
                only_ports(port, port)
                raises(errno.EADDRINUSE, bound, other, 0, what='bind() to any, ' + what)
                raises(errno.EADDRINUSE, other().listen, what='listen() anywhere, ' + what)
                raises(errno.EADDRNOTAVAIL, other().connect, (LO, 9),
                       what='connect(), ' + what)
            for s in kept:
                dead_close(s)
            with listens(other, port) as l:         # at once
                equal(l.getsockname()[1], port, what)
            only_ports(20000, 20000)


@case('wire 6', 'a port in TIME-WAIT is refused to the other stack until it ends')
def time_wait():
    veth = Veth()
    for n, (holder, other) in enumerate(((tcp, real), (real, tcp))):
        port = PORT + n
        with veth.b:
            l = listens(other, 80 + n)
        c = connects(holder, (veth.B, 80 + n), port, options=(REUSEADDR,))
        s, _ = l.accept()
        c.close()
        equal(s.recv(1), b'', 'end of stream')
        s.close()
        sleep(0.1)
        for options in ((), (REUSEADDR,)):
            raises(errno.EADDRINUSE, lambda: bound(other, port, options=options),
                   what='%s in TIME-WAIT' % holder.__name__)
        bound(holder, port, options=(REUSEADDR,)).close()       # its own
        sleep(55)
        raises(errno.EADDRINUSE, bound, other, port, what='still')
        # 60 s in all, and how late a timer of the kernel's TCP may be
        sleep(15)
        bound(other, port).close()


@case('wire 6', 'bind() and connect() choose among what the other stack has left')
def chosen():
    low, count = 20000, 20
    only_ports(low, low + count - 1)
    with listens(own, 80) as _, listens(tcp, 81) as a, listens(real, 82) as b:
        takers = (lambda: bound(tcp, 0), lambda: bound(real, 0),
                  lambda: connects(tcp, (LO, 82)),
                  lambda: connects(real, (LO, 81)))
        kept = [takers[n % 4]() for n in range(count)]
        ports = [s.getsockname()[1] for s in kept]
        equal(sorted(ports), list(range(low, low + count)), 'each port once')
        for n, take in enumerate(takers):
            if n < 2:
                raises(errno.EADDRINUSE, take, what='bind()')
        raises(errno.EADDRINUSE, real().listen, what='listen()')
        for s in kept:
            s.close()


@case('wire 6', 'the two families of a port: TCP\'s on IPv6 counts, too')
def both_families():
    need(os.path.exists('/proc/net/if_inet6'), 'no IPv6')
    for only in (0, 1):
        six = tcp(af=socket.AF_INET6)
        six.setsockopt(socket.IPPROTO_IPV6, V6ONLY, only)
        six.bind(('::', PORT))
        raises(errno.EADDRINUSE, bound, real, what='tcpx where TCP has IPv6')
        six.close()
        with bound(real):
            six = tcp(af=socket.AF_INET6)
            six.setsockopt(socket.IPPROTO_IPV6, V6ONLY, only)
            raises(errno.EADDRINUSE, six.bind, ('::', PORT), what='TCP on IPv6 where tcpx is')
            six.close()


@case('wire 6', 'net.ipv6.bindv6only does not narrow what tcpx holds')
def bindv6only():
    need(os.path.exists(sysctl_path('net.ipv6.bindv6only')), 'no IPv6')
    sysctl('net.ipv6.bindv6only', 1)
    with bound(real):
        raises(errno.EADDRINUSE, bound, tcp, what='TCP, IPv4')


@case('wire 6', 'sockets of tcpx share a port of TCP\'s as they share one of their own')
def shared():
    share = (REUSEADDR, REUSEPORT)
    kept = [listens(real, options=share) for _ in range(3)]
    kept += [bound(real, PORT, ip.lo(n), options=share) for n in (1, 2)]
    for s in kept:
        raises(errno.EADDRINUSE, lambda: bound(tcp, options=share), what='TCP')
        s.close()
    bound(tcp).close()


@case('wire 6', 'a bound socket that changes: its port moves, or EADDRINUSE and nothing has changed')
def switched():
    s = bound(own)
    with bound(tcp) as t:
        raises(errno.EADDRINUSE, wire, s, 6, what='TCP has it')
        equal((wire(s), s.getsockname()[1]), (253, PORT), 'number and port')
        raises(errno.EADDRINUSE, bound, own, what='still its own')
    wire(s, 6)
    raises(errno.EADDRINUSE, bound, tcp, what='TCP, now')
    with bound(own) as o:           # free there
        raises(errno.EADDRINUSE, wire, s, 253, what='and taken by another')
        equal(wire(s), 6, 'number')
        raises(errno.EADDRINUSE, bound, tcp, what='TCP, still')
    s.listen(1)
    c = connects(tcp, (LO, PORT))
    s.accept()
    dead_close(c)
    s.close()
    s = bound(real)
    wire(s, 253)
    bound(tcp).close()
    raises(errno.EADDRINUSE, bound, own, what='under 253')
    s.close()


@case('wire 6', 'namespaces have their own ports')
def namespaces():
    a, b = NetNS(), NetNS()
    with a:
        kept = [listens(real)]
    with b:
        kept += [listens(tcp)]
        raises(errno.EADDRINUSE, bound, real, what='tcpx')
    with a:
        raises(errno.EADDRINUSE, bound, tcp, what='TCP')
        connects(tcp, (LO, PORT)).close()
    del kept


# --- what the network sees ------------------------------------------------------------

@case('wire 6', 'conntrack and a firewall that drops what is invalid take it for TCP; NAT of both kinds')
def firewall():
    """Client - router - server; the router translates, and drops what it calls invalid."""
    inside, outside = NetNS(), NetNS()
    for ns, name, net in ((inside, 'in', 1), (outside, 'out', 2)):
        run('ip', 'link', 'add', 'r' + name, 'type', 'veth', 'peer', 'name', name, 'netns',
            ns.path)
        link_up('r' + name)
        set_addr('r' + name, ip.addr(6, net, 1))
        with ns:
            link_up(name)
            set_addr(name, ip.addr(6, net, 2))
    with inside:
        run_ip('route', 'add', 'default', 'via', ip.addr(6, 1, 1))
    forward()
    at_inside = '%s:8080' if ip.version == 4 else '[%s]:8080'
    run('nft', """
        table %s t {
            chain between {
                type filter hook forward priority 0; policy drop;
                ct state invalid counter drop
                meta l4proto tcp ct state new tcp flags & (syn|ack) == syn accept
                meta l4proto tcp ct state established counter accept
                meta l4proto ipv6-icmp accept
            }
            chain towards {
                type nat hook prerouting priority -100;
                iifname rout tcp dport 80 dnat to %s
            }
            chain from {
                type nat hook postrouting priority 100;
                oifname rout meta l4proto tcp masquerade
            }
        }""" % (NFT, at_inside % ip.addr(6, 1, 2)))
    sysctl('net.netfilter.nf_conntrack_checksum', 1)        # a module's, which the rules load
    for n, (what, client, server) in enumerate(STACKS):
        # source NAT, outwards; destination NAT, inwards
        for a, b, at, to in ((inside, outside, 9000 + n, (ip.addr(6, 2, 2), 9000 + n)),
                             (outside, inside, 8080, (ip.addr(6, 2, 1), 80))):
            with b:
                l = listens(server, at)
            with a:
                c = connects(client, to)
            s, peer = l.accept()
            l.close()
            if a is inside:
                equal(peer[0], ip.addr(6, 2, 1), what + ': whom the server sees')
            transfer([(c, pattern(300000, 1), s), (s, pattern(300000, 2), c)])
            for x in (c, s):
                dead_close(x)
            with b:
                wait_free(server, at)
    equal(seen_by('invalid'), 0, 'segments that conntrack calls invalid')
    check(seen_by('established') > 100, 'the firewall saw nothing')


def seen_by(rule):
    """What the counter in the only rule with this word says."""
    line, = [line for line in run('nft', 'list', 'table', NFT, 't').splitlines() if rule in line]
    return int(line.split('packets ')[1].split()[0])


def wait_free(make, port):
    """TIME-WAIT has ended."""
    for _ in range(20):
        try:
            bound(make, port).close()
            return
        except OSError:
            sleep(5)
    bound(make, port).close()


@case('wire 6', 'conntrack on the host itself: its entries are confirmed, and see the end')
def conntrack_local():
    veth = Veth()
    with veth.b:
        run('nft', 'add table inet t;'
            'add chain inet t to { type filter hook input priority 0; policy drop; };'
            'add rule inet t to ct state established,related accept;'
            'add rule inet t to meta l4proto ipv6-icmp accept;'
            'add rule inet t to tcp dport %d ct state new accept' % PORT)
        l = listens(real)
    c = connects(tcp, (veth.B, PORT))
    s, _ = l.accept()
    with veth.b:
        entries = [line for line in open('/proc/net/nf_conntrack') if 'dport=%d' % PORT in line]
    check(len(entries) == 1 and 'ESTABLISHED' in entries[0] and 'ASSURED' in entries[0],
          'conntrack: %r' % entries)
    transfer([(c, pattern(100000, 1), s), (s, pattern(100000, 2), c)])


# --- segments for either, made by hand --------------------------------------------------

class Peer:
    """A host on a TUN device that speaks protocol 6, whatever the tests' own is."""

    def __init__(self):
        self.tun = Tun()

    def send(self, sport, dport, flags, proto=TCP_PROTO, src=REMOTE, **kw):
        """Returns the packet."""
        pkt = build(src, LOCAL, sport, dport, kw.pop('seq', 1), kw.pop('ack', 0), flags,
                    proto=proto, **kw)
        os.write(self.tun.fd, pkt)
        return pkt

    def take(self, within=1.0, port=None):
        """The next segment of protocol 6, from @port if it says one, or None."""
        deadline = now() + within
        while True:
            try:
                pkt = os.read(self.tun.fd, 65536)
            except BlockingIOError:
                if now() >= deadline or not wait_readable(self.tun.fd, deadline - now()):
                    return None
                continue
            s = parse(pkt, now(), proto=TCP_PROTO)
            if s and port in (None, s.sport):
                check(s.csum_ok, 'a wrong checksum left: %s' % s)
                return s

    def expect(self, flags, **kw):
        s = self.take(**kw)
        equal(s and s.letters, flags, '%s' % s)
        return s

    def opens(self, l, sport, src=REMOTE):
        """Connect to listener @l: (socket, the SYN,ACK)."""
        port = l.getsockname()[1]
        self.send(sport, port, 'S', seq=999, opts=opt_mss(), src=src)
        sa = self.expect('SA', port=port)
        self.send(sport, port, 'A', seq=1000, ack=sa.seq + 1, src=src)
        check(wait_readable(l), 'nothing to accept')
        return l.accept()[0], sa


IN_TCPX = ('InSegs', 'InCsumErrors', 'InHdrErrors', 'InNoSocket', 'OutRsts', 'OutSegs')
IN_TCP = ('InSegs', 'InErrs', 'InCsumErrors', 'OutRsts', 'OutSegs')


def both_counters():
    mine, theirs = counters(), tcp_counters()
    return {k: mine[k] for k in IN_TCPX}, {k: theirs[k] for k in IN_TCP}


def moved(before):
    """What each stack has counted since."""
    return tuple({k: v - old[k] for k, v in new.items() if v != old[k]}
                 for old, new in zip(before, both_counters()))


@case('wire 6', 'segments cut, mangled or spoofed: for whom they are counts them, the other nothing')
def bad_segments():
    peer = Peer()
    mine, theirs = listens(real, 7001), listens(tcp, 7002)
    a, sa = peer.opens(mine, 40000)
    b, sb = peer.opens(theirs, 40000)

    def mangled(port, synack):
        pkt = bytearray(build(REMOTE, LOCAL, 40000, port, 1000, synack.seq + 1, 'PA', data=b'data',
                              proto=TCP_PROTO))
        pkt[-1] ^= 1
        return bytes(pkt)

    def cut(port, size):
        seg = struct.pack('!HHIIBBHHH', 40000, port, 1000, 0, 5 << 4, 16, 1000, 0, 0)[:size]
        return build_ip(REMOTE, LOCAL, seg, proto=TCP_PROTO)

    def offset(port, words):
        return build(REMOTE, LOCAL, 40000, port, 1000, 0, 'A', proto=TCP_PROTO, doff=words)

    for what, make, ours, tcps in (
            ('mangled', mangled, 'InCsumErrors', ('InCsumErrors', 'InErrs')),
            ('cut to 4', lambda p, _: cut(p, 4), 'InHdrErrors', ()),
            ('cut to 19', lambda p, _: cut(p, 19), 'InHdrErrors', ()),
            ('data offset 4', lambda p, _: offset(p, 4), 'InHdrErrors', ('InErrs',)),
            ('data offset 15', lambda p, _: offset(p, 15), 'InHdrErrors', ())):
        before = both_counters()
        os.write(peer.tun.fd, make(7001, sa))
        equal(moved(before), ({'InSegs': 1, ours: 1}, {}), what + ', for tcpx')
        before = both_counters()
        os.write(peer.tun.fd, make(7002, sb))
        got = moved(before)
        equal(got, ({}, dict({'InSegs': 1}, **{k: 1 for k in tcps})), what + ', for TCP')
    # a port that nobody has, and shorter than its ports
    before = both_counters()
    for pkt in (mangled(7003, sa), cut(7003, 8), cut(7001, 3), cut(7001, 0)):
        os.write(peer.tun.fd, pkt)
    equal(moved(before)[0], {}, 'what is nobody\'s')
    # from somebody else: TCP's resets, and whoever is meant is left alone
    for port in (7003, 7001, 7002):
        before = both_counters()
        peer.send(50000, port, 'A', seq=77, ack=88)
        rst = peer.expect('R')
        equal(rst.seq, 88, 'its number')
        got = moved(before)
        equal(got[port != 7001], {'InSegs': 1, 'OutSegs': 1, 'OutRsts': 1}, 'counted, port %d' % port)
        equal(got[port == 7001], {}, 'not counted, port %d' % port)
    for flags in ('R', 'S', 'FA', 'PA'):
        peer.send(40000, 7001, flags, seq=1 << 31, ack=5, src=ip.addr(9, 1, 77))
        peer.send(40000, 7002, flags, seq=1 << 31, ack=5, src=ip.addr(9, 1, 77))
    for bogus in BOGUS:
        peer.send(40000, 7001, 'S', src=bogus)
        peer.send(40000, 7002, 'S', src=bogus)
    while peer.take(0.1):
        pass
    for s, sport, synack in ((a, 7001, sa), (b, 7002, sb)):
        peer.send(40000, sport, 'PA', seq=1000, ack=synack.seq + 1, data=b'alive')
        equal(recv_exactly(s, 5), b'alive', 'port %d' % sport)


@case('wire 6', 'ICMP errors find the stack whose segment they are about')
def icmp_errors():
    peer = Peer()
    for make in (real, tcp):
        # hard, while it connects
        s = make()
        s.setblocking(False)
        raises(errno.EINPROGRESS, s.connect, (REMOTE, 80), what='connect()')
        syn = peer.expect('S')
        peer.tun.icmp(ip.PORT_UNREACH, syn.raw)
        equal(so_error(s), errno.ECONNREFUSED, 'port unreachable, ' + make.__name__)
        # about a segment that was not sent, or by another protocol: nothing
        s = make()
        s.setblocking(False)
        raises(errno.EINPROGRESS, s.connect, (REMOTE, 81), what='connect()')
        syn = peer.expect('S')
        raw = bytearray(syn.raw)
        raw[ip.proto_at] = TCPX_PROTO
        peer.tun.icmp(ip.PORT_UNREACH, bytes(raw))
        raw = bytearray(syn.raw)
        raw[ip.head + 5] ^= 0x40                     # its sequence number
        peer.tun.icmp(ip.PORT_UNREACH, bytes(raw))
        equal(so_error(s), 0, 'not credible, ' + make.__name__)
        s.close()
    # Fragmentation Needed, later
    for make, port, host in ((real, 7001, 3), (tcp, 7002, 4)):
        l = listens(make, port)
        s, sa = peer.opens(l, 40001, ip.addr(9, 1, host))
        s.send(b'x' * 1400)
        big = peer.expect('PA', port=port)
        equal(len(big.data), 1400, 'data')
        peer.tun.icmp(ip.TOO_BIG, big.raw, rest=ip.small)
        sent = peer.take(5.0, port=port)
        check(sent and sent.seq == big.seq and sent.ip_len <= ip.small,
              '%s: %s after a smaller MTU' % (make.__name__, sent))
        check(info(s, 'snd_mss') <= ip.mss(ip.small), 'MSS')


# --- segments that arrive merged ----------------------------------------------------

def merging(how):
    """
    A link on which what TCP sends arrives merged: never cut ('gso'), or put together
    again from segments ('gro').
    """
    veth = Veth()
    if how == 'gro':
        run('ethtool', '-K', 'va', 'tso', 'off', 'gso', 'off')
        with veth.b:
            run('ethtool', '-K', 'vb', 'gro', 'on')
    return veth


def tcp_sends(veth, before=None):
    """A connection from the kernel's TCP to tcpx, in the other namespace."""
    with veth.b:
        l = listens(real)
    if before:
        before(l)
    c = connects(tcp, (veth.B, PORT))
    s, _ = l.accept()
    l.close()
    return c, s


@case('wire 6', 'what arrives merged, never cut or by GRO: counted as the segments it was, and acknowledged')
def merged():
    for how in ('gso', 'gro'):
        veth = merging(how)
        for mss in (None, 1300):
            c, s = tcp_sends(veth, lambda l: mss and l.setsockopt(
                socket.SOL_TCP, socket.TCP_MAXSEG, mss))
            with veth.b:
                before = counters()
            size = 3 << 20
            transfer([(c, pattern(size, 1), s)])
            segs, snd_mss, again = info(c, 'data_segs_out', 'snd_mss', 'total_retrans')
            with veth.b:
                arrived = grown(before)['InSegs']
            what = '%s, MSS %s' % (how, mss)
            diag('%s: %d segments arrived as %d' % (what, segs, arrived))
            check(segs > 2 * arrived, what + ': not merged')
            equal(info(s, 'data_segs_in', 'rcv_mss'), [segs, snd_mss],
                  what + ': segments with payload, the MSS seen')
            if not INSTRUCTIONS_TAKE_TIME:          # else TCP probes for its tail
                equal(again, 0, what + ': retransmissions')
            for x in (c, s):
                dead_close(x)
        run('ip', 'link', 'del', 'va')
        veth.b.close()


@case('wire 6', 'merged segments and a small buffer, a slow reader, MSG_PEEK, splice')
def merged_memory():
    veth = merging('gso')
    size = 1 << 20
    data = pattern(size, 3)

    c, s = tcp_sends(veth, lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000))
    transfer([(c, data, s)])
    for x in (s, c):
        dead_close(x)
    c, s = tcp_sends(veth)
    c.setblocking(False)
    left = memoryview(data)
    got, r, w = b'', *os.pipe()
    while len(got) < size:
        try:
            left = left[c.send(left):]
        except BlockingIOError:
            pass
        sleep(0.05)
        ahead = s.recv(3000, socket.MSG_PEEK)
        n = os.splice(s.fileno(), w, 20000)
        got += os.read(r, n)
        check(got[-n:].startswith(ahead[:n]), 'what MSG_PEEK has seen')
    equal(got == data, True, 'the same')


@case('wire 6', 'urgent data in merged segments: the octet, and the mark')
def merged_urgent():
    for how in ('gso', 'gro'):
        veth = merging(how)
        c, s = tcp_sends(veth)
        c.sendall(b'a' * 20000)
        c.send(b'b' * 9999 + b'!', socket.MSG_OOB)
        c.sendall(b'c' * 20000)
        sleep(0.1)
        equal(s.recv(1, socket.MSG_OOB), b'!', how + ': the urgent octet')
        got = recv_exactly(s, 29999)
        equal(got, b'a' * 20000 + b'b' * 9999, how + ': before the mark')
        equal(s.recv(100000).rstrip(b'c'), b'', how + ': after it')
        run('ip', 'link', 'del', 'va')
        veth.b.close()


@case('wire 6', 'merged segments beyond holes: loss, reordering, ECN')
def merged_holes():
    for how in ('gso', 'gro'):
        for args in (('loss', '5%', 'ecn'), ('delay', '10ms', 'reorder', '30%', 'gap', '3')):
            veth = merging(how)
            sysctl('net.ipv4.tcp_ecn', 1)
            with veth.b:
                sysctl('ecn', 1)
            run('tc', 'qdisc', 'add', 'dev', 'va', 'root', 'netem', *args)
            c, s = tcp_sends(veth)
            transfer([(c, pattern(1 << 20, 5), s), (s, pattern(1 << 20, 6), c)])
            check(info(s, 'rcv_ooopack') or 'loss' in args, 'nothing arrived out of order')
            run('ip', 'link', 'del', 'va')
            veth.b.close()


main(why_not=not TCPX and 'it is about tcpx beside the kernel\'s TCP')
