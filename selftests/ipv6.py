#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What is special to IPv6: mapped addresses, scopes, flow labels, extension headers, ICMPv6."""

import ctypes
import errno
import os
import socket
import struct

os.environ['TCPX_IP'] = '6'
from lib import *

IPV6 = socket.IPPROTO_IPV6
(ADDRFORM, PKTOPTIONS, FLOWINFO, UNICAST_HOPS, MTU_DISCOVER, RECVERR, V6ONLY, FLOWLABEL_MGR,
 FLOWINFO_SEND, RECVPKTINFO, PKTINFO, RECVHOPLIMIT, HOPLIMIT, RECVHOPOPTS, HOPOPTS, RTHDRDSTOPTS,
 RECVRTHDR, RTHDR, RECVDSTOPTS, DSTOPTS, RECVTCLASS, TCLASS, AUTOFLOWLABEL, MINHOPCOUNT) = (
    1, 6, 11, 16, 23, 25, 26, 32, 33, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 66, 67, 70, 73)
SO_BINDTODEVICE, SO_DOMAIN, ADD_MEMBERSHIP = 25, 39, 20
FL_GET, FL_PUT, FL_CREATE, FL_REFLECT, FL_REMOTE = 0, 1, 1, 4, 8
LINK = 'fe80::1', 'fe80::2'


def label(n):
    """A flow label, or traffic class and label, as socket options have it."""
    return struct.pack('!I', n)


def get6(s, name, size=4):
    got = s.getsockopt(IPV6, name, size)
    return struct.unpack('i', got)[0] if size == 4 else got


def relabelled(pkt, flow):
    """The packet @pkt with another flow label."""
    return struct.pack('!I', struct.unpack_from('!I', pkt)[0] & ~0xfffff | flow) + pkt[4:]


def with_ext(pkt, *headers):
    """The packet @pkt with extension headers: (kind, all of it but its next header)."""
    kind, body = pkt[6], pkt[40:]
    for k, rest in reversed(headers):
        body = bytes((kind,)) + rest + body
        kind = k
    return pkt[:4] + struct.pack('!HB', len(body), kind) + pkt[7:40] + body


# Padding that fills a header of 8 bytes: PadN of 4
PAD = b'\0\x01\x04\0\0\0\0'


class Rewriting(Tun):
    """A tun device whose host sends what @rewrite makes of each segment."""

    rewrite = staticmethod(lambda pkt: pkt)

    def write(self, pkt):
        return super().write(self.rewrite(pkt))


def raw_call(name, s, addr):
    """bind() or connect() with the bytes @addr: 0 or errno."""
    if not getattr(libc, name)(s.fileno(), addr, len(addr)):
        return 0
    return ctypes.get_errno()


def sockaddr(addr, port, flow=0, scope=0, family=socket.AF_INET6):
    return struct.pack('=HH', family, socket.htons(port)) + struct.pack(
        '!I16s', flow, ip.pton(addr)) + struct.pack('=I', scope)


def flow_label(s, flags):
    """The label that getsockopt(IPV6_FLOWLABEL_MGR) gives for these FL_* flags."""
    req = ctypes.create_string_buffer(bytes(20) + struct.pack('=BBHHHI', FL_GET, 0, flags, 0, 0, 0))
    n = ctypes.c_int(32)
    check(not libc.getsockopt(s.fileno(), IPV6, FLOWLABEL_MGR, req, ctypes.byref(n)),
          'getsockopt(IPV6_FLOWLABEL_MGR): errno %d' % ctypes.get_errno())
    return struct.unpack_from('!I', req.raw, 16)[0]


def talk(c, s):
    """One message each way."""
    c.sendall(b'ping')
    equal(recv_exactly(s, 4), b'ping', 'what arrived')
    s.sendall(b'pong')
    equal(recv_exactly(c, 4), b'pong', 'and what came back')


def v4_socket():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, PROTO)


# --- addresses -----------------------------------------------------------------

@case('IPv6', 'sockaddr: too short, without a scope (RFC 2133), of another family')
def lengths():
    l = listener('::1')
    to = sockaddr('::1', l.getsockname()[1])
    equal([raw_call('connect', tcp_socket(), to[:n]) for n in (2, 16, 23, 24, 28)],
          [errno.EINVAL] * 3 + [0, 0], 'connect() with 2, 16, 23, 24, 28 bytes')
    equal([raw_call('bind', tcp_socket(), sockaddr('::1', 0)[:n]) for n in (2, 16, 23, 24, 28)],
          [errno.EINVAL] * 3 + [0, 0], 'bind() with as many')
    four = sockaddr('::1', 7, family=socket.AF_INET)
    equal([raw_call(call, tcp_socket(), four) for call in ('connect', 'bind')],
          [errno.EAFNOSUPPORT] * 2, 'AF_INET in a long sockaddr')


@case('IPv6', 'connect() to :: is to this host, and to a multicast address to nobody')
def unspecified():
    l = listener('::1')
    with tcp_socket() as c:
        c.connect(('::', l.getsockname()[1]))
        equal(c.getpeername()[0], '::1', 'the peer')
    with tcp_socket() as c:
        raises(errno.ENETUNREACH, c.connect, ('ff02::1', 7, 0, 1), what='multicast')
        raises(errno.EINVAL, c.bind, ('ff02::1', 0, 0, 1), what='bind to multicast')
    # bound to IPv4, it means IPv4's
    with v4_socket() as l4, tcp_socket() as c:
        l4.bind(('127.0.0.1', 0))
        l4.listen(1)
        c.bind(('::ffff:127.0.0.1', 0))
        c.connect(('::', l4.getsockname()[1]))
        equal(c.getpeername()[0], '::ffff:127.0.0.1', 'the peer of a mapped one')


@case('IPv6', 'the source is IP\'s choice: by scope, not a deprecated one, that of a bound device (RFC 6724)')
def source():
    v = Veth()
    add_addr('va', 'fec0::1')
    run_ip('addr', 'add', 'fd00:1::99/64', 'dev', 'va', 'preferred_lft', '0', 'nodad')
    with v.b:
        add_addr('vb', 'fec0::2')
        l = listener()
    for to, frm in ((v.B, v.A), ('fec0::2', 'fec0::1')):
        with connect((to, l.getsockname()[1])) as c:
            equal(c.getsockname()[0], frm, 'the source for %s' % to)
            equal(l.accept()[1][0], frm, 'as the peer sees it')
    with connect((v.B, l.getsockname()[1]), ('fd00:1::99', 0)) as c:
        equal(c.getsockname()[0], 'fd00:1::99', 'a source that was chosen')


@case('IPv6', 'a SYN from ::, from a v4-mapped or multicast address, or to an anycast one is ignored')
def bad_ends():
    tun = Tun()
    sysctl('net.ipv6.conf.all.forwarding', 1)       # makes the router's anycast address
    l = listener()
    port = l.getsockname()[1]
    for src, dst in (('::', LOCAL), ('::ffff:10.9.1.2', LOCAL), ('ff0e::1', LOCAL),
                     (REMOTE, ip.addr(9, 1, 0))):
        tun.write(build(src, dst, 40000, port, 1, flags='S', opts=opt_mss()))
        check(tun.next(within=1) is None, 'an answer to %s > %s' % (src, dst))
        tun.write(build(src, dst, 40000, 9, 1, flags='A'))
        check(tun.next(within=1) is None, 'a RST to %s > %s' % (src, dst))
    check(not wait_readable(l, 0), 'a connection')
    c = Conn(tun, 40000, port)
    c.open()


# --- IPv4 behind an IPv6 socket --------------------------------------------------

@case('IPv6', 'v4-mapped: both roles, the names at both ends, data')
def mapped():
    l4 = v4_socket()
    l4.bind(('127.0.0.1', 0))
    l4.listen(5)
    port = l4.getsockname()[1]
    with tcp_socket() as c:
        c.connect(('::ffff:127.0.0.1', port))
        s, frm = l4.accept()
        equal(frm, ('127.0.0.1', c.getsockname()[1]), 'the client, to an IPv4 socket')
        equal(c.getsockname()[0], '::ffff:127.0.0.1', 'the client\'s own name')
        equal(c.getpeername()[:2], ('::ffff:127.0.0.1', port), 'and of its peer')
        talk(c, s)
        equal(c.getsockopt(socket.SOL_SOCKET, SO_DOMAIN), socket.AF_INET6, 'its family')
    l6 = listener()
    with v4_socket() as c:
        c.connect(('127.0.0.1', l6.getsockname()[1]))
        s, frm = l6.accept()
        equal(frm[0], '::ffff:127.0.0.1', 'an IPv4 client, to an IPv6 listener')
        equal(s.getsockname()[0], '::ffff:127.0.0.1', 'the name of its child')
        talk(c, s)


@case('IPv6', 'v4-mapped: after a failed attempt, and after AF_UNSPEC, the socket is free for either')
def mapped_again():
    need(TCPX, 'a socket of the kernel\'s TCP stays one of IPv4 then, and is never heard')
    l = listener()
    with tcp_socket() as c:
        for to in ('::ffff:127.0.0.1', '::1', '::ffff:127.0.0.1'):
            raises(errno.ECONNREFUSED, c.connect, (to, 9), what='nobody listens at %s' % to)
        c.connect(('::1', l.getsockname()[1]))
        talk(c, l.accept()[0])
    c = tcp_socket()
    for to in ('::ffff:127.0.0.1', '::1', '::ffff:127.0.0.1', '::1'):
        c.connect((to, l.getsockname()[1]))
        s, frm = l.accept()
        equal(frm[0], to, 'the peer')
        talk(c, s)
        equal(raw_call('connect', c, struct.pack('=H26x', socket.AF_UNSPEC)), 0, 'disconnect')
        equal(c.getsockname()[0], '::', 'the name of a socket without peer')
        s.close()


@case('IPv6', 'V6ONLY: get, set, not after bind; no mapped peer, no mapped address, no IPv4 client')
def v6only():
    s = tcp_socket()
    equal(get6(s, V6ONLY), 0, 'by default')
    s.setsockopt(IPV6, V6ONLY, 1)
    equal(get6(s, V6ONLY), 1, 'when set')
    raises(errno.ENETUNREACH, s.connect, ('::ffff:127.0.0.1', 9), what='mapped peer')
    raises(errno.EINVAL, s.bind, ('::ffff:127.0.0.1', 0), what='mapped address')
    s.bind(('::', 0))
    raises(errno.EINVAL, s.setsockopt, IPV6, V6ONLY, 0, what='after bind()')
    s.listen(5)
    port = s.getsockname()[1]
    with v4_socket() as c:
        raises(errno.ECONNREFUSED, c.connect, ('127.0.0.1', port), what='an IPv4 client')
    with tcp_socket() as c:
        c.connect(('::1', port))
    # and IPv4's own listener has the port beside it
    with v4_socket() as l4, v4_socket() as c:
        l4.bind(('0.0.0.0', port))
        l4.listen(1)
        c.connect(('127.0.0.1', port))
        l4.accept()
    sysctl('net.ipv6.bindv6only', 1)
    equal(get6(tcp_socket(), V6ONLY), 1, 'with net.ipv6.bindv6only')
    # bound to an address of IPv6 there is no IPv4 either
    sysctl('net.ipv6.bindv6only', 0)
    with tcp_socket() as b:
        b.bind(('::1', 0))
        raises(errno.ENETUNREACH, b.connect, ('::ffff:127.0.0.1', 9), what='from ::1')


@case('IPv6', 'IPV6_ADDRFORM: a socket with a v4-mapped peer becomes one of IPv4, and goes on')
def addrform():
    l = listener()
    with tcp_socket() as c:
        raises(errno.ENOTCONN, c.setsockopt, IPV6, ADDRFORM, socket.AF_INET, what='no peer')
        raises(errno.ENOTCONN, c.getsockopt, IPV6, ADDRFORM, 4, what='get, no peer')
        c.connect(('::1', l.getsockname()[1]))
        raises(errno.EADDRNOTAVAIL, c.setsockopt, IPV6, ADDRFORM, socket.AF_INET, what='IPv6 peer')
        equal(get6(c, ADDRFORM), socket.AF_INET6, 'get')
        l.accept()
    c = v4_socket()
    c.connect(('127.0.0.1', l.getsockname()[1]))
    s, _ = l.accept()
    s.setsockopt(IPV6, RECVHOPLIMIT, 1)
    talk(c, s)
    raises(errno.EINVAL, s.setsockopt, IPV6, ADDRFORM, socket.AF_INET6, what='to IPv6')
    raises(errno.EINVAL, s.setsockopt, IPV6, ADDRFORM, b'\2', what='a short value')
    s.setsockopt(IPV6, ADDRFORM, socket.AF_INET)
    equal(s.getsockopt(socket.SOL_SOCKET, SO_DOMAIN), socket.AF_INET, 'its family')
    t = socket.socket(fileno=s.detach())
    equal(t.getpeername(), c.getsockname(), 'its peer')
    talk(c, t)
    raises(errno.ENOPROTOOPT, t.setsockopt, IPV6, UNICAST_HOPS, 3, what='an option of IPv6')
    # as a listener, in a later life
    c.close()
    equal(t.recv(1), b'', 'end of stream')
    equal(raw_call('connect', t, struct.pack('=H14x', socket.AF_UNSPEC)), 0, 'disconnect')
    t.bind(('127.0.0.1', 0))
    t.listen(5)
    for _ in range(3):
        with v4_socket() as c:
            c.connect(t.getsockname())
            talk(c, t.accept()[0])
    t.close()


# --- scopes ----------------------------------------------------------------------

def link_local():
    """Veth() with link-local addresses that are easy to tell; returns it and both indices."""
    v = Veth()
    add_addr('va', LINK[0])
    with v.b:
        add_addr('vb', LINK[1])
        there = socket.if_nametoindex('vb')
    return v, socket.if_nametoindex('va'), there


@case('IPv6', 'link-local: a scope is needed, the right one; both ends are told it (RFC 4007)')
def scopes():
    v, here, there = link_local()
    with v.b:
        l = listener(port=7001)
    c = tcp_socket()
    raises(errno.EINVAL, c.connect, (LINK[1], 7001), what='no scope')
    equal(raw_call('connect', c, sockaddr(LINK[1], 7001)[:24]), errno.EINVAL, 'no room for one')
    raises(errno.EINVAL, c.bind, (LINK[0], 0), what='bind() without scope')
    raises(errno.ENODEV, tcp_socket().bind, (LINK[0], 0, 0, 77), what='bind() to no device')
    lo = socket.if_nametoindex('lo')
    raises(errno.EADDRNOTAVAIL, tcp_socket().bind, (LINK[0], 0, 0, lo), what='bind() to another')
    with tcp_socket() as w:
        err = w.connect_ex((LINK[1], 7001, 0, lo))
        check(err in (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ECONNREFUSED),
              'the wrong link: %r' % err)
    c.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b'va')
    raises(errno.EINVAL, c.connect, (LINK[1], 7001, 0, lo), what='not that of its device')
    c.connect((LINK[1], 7001, 0, here))
    s, frm = l.accept()
    equal(frm[3], there, 'the scope of the peer')
    equal((s.getsockname()[0], s.getsockname()[3]), (LINK[1], there), 'the name of the child')
    equal((c.getpeername()[0], c.getpeername()[3]), (LINK[1], here), 'the peer of the client')
    talk(c, s)
    with v.b:
        equal(s.getsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, 16).rstrip(b'\0'), b'vb',
              'the child is bound to the link')
    equal(l.getsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, 16), b'', 'the listener is not')


@case('IPv6', 'link-local: the same two addresses and ports on two links are two connections')
def two_links():
    v, here, there = link_local()
    w = NetNS()
    run('ip', 'link', 'add', 'name', 'vc', 'type', 'veth', 'peer', 'name', 'vd', 'netns', w.path)
    link_up('vc')
    add_addr('vc', LINK[0])
    with w:
        link_up('vd')
        add_addr('vd', LINK[1])
    l = listener(port=7001)
    ends = []
    for ns, dev in ((v.b, 'vb'), (w, 'vd')):
        with ns:
            c = connect((LINK[0], 7001, 0, socket.if_nametoindex(dev)),
                        (LINK[1], 5001, 0, socket.if_nametoindex(dev)))
        s, frm = l.accept()
        equal(frm[:2], (LINK[1], 5001), 'the peer')
        ends.append((c, s, frm[3]))
    equal([e[2] for e in ends], [here, socket.if_nametoindex('vc')], 'their scopes')
    ends[0][0].sendall(b'first')
    ends[1][0].sendall(b'other')
    equal([recv_exactly(s, 5) for _, s, _ in ends], [b'first', b'other'], 'what arrived')
    for c, s, _ in ends:
        talk(c, s)


@case('IPv6', 'link-local: a listener at a link-local address hears its own link alone')
def local_listener():
    v, here, there = link_local()
    with v.b:
        add_addr('lo', LINK[1], prefix=128)
        raises(errno.EINVAL, listener, LINK[1], 7001, what='no scope')
        l = tcp_socket()
        l.bind((LINK[1], 7001, 0, there))
        l.listen(5)
        with tcp_socket() as c:
            check(c.connect_ex((LINK[1], 7001, 0, socket.if_nametoindex('lo'))),
                  'heard on the loopback link')
    with tcp_socket() as c:
        c.connect((LINK[1], 7001, 0, here))
        talk(c, l.accept()[0])


@case('IPv6', 'link-local: resets and ACKs of TIME-WAIT go back by the link that they answer')
def local_answers():
    v, here, there = link_local()
    run('ip', 'link', 'add', 'name', 'vc', 'type', 'dummy')
    link_up('vc')
    with v.b:
        run('ip', 'link', 'add', 'name', 'ww', 'type', 'dummy')
        link_up('ww')
        l = listener(port=7001)
    with tcp_socket() as c:
        raises(errno.ECONNREFUSED, c.connect, (LINK[1], 9, 0, here), what='nobody listens')
    c = connect((LINK[1], 7001, 0, here))
    s, _ = l.accept()
    s.close()
    equal(c.recv(1), b'', 'end of stream')
    with v.b:
        run('tc', 'qdisc', 'add', 'dev', 'vb', 'root', 'netem', 'loss', '100%')
    c.close()                   # our FIN is acknowledged in TIME-WAIT, and the ACK is lost
    sleep(0.1)
    with v.b:
        run('tc', 'qdisc', 'del', 'dev', 'vb', 'root')
        cap = Capture('vb', outgoing=True)
    sleep(2)
    check(any(g.letters == 'A' for g in cap.poll()), 'no ACK of TIME-WAIT came back')


# --- flow labels -----------------------------------------------------------------

@case('IPv6', 'flow label: one for a connection, by its hash; none where IPV6_AUTOFLOWLABEL is off')
def auto_labels():
    tun = Tun()
    flows = set()
    for _ in range(3):
        s, c = active(tun)
        s.send(b'data')
        d = c.rx('PA', data='data')
        equal(d.flow, c.syn_seg.flow, 'the label of data and of the SYN')
        flows.add(d.flow)
        dead_close(s)
        equal(c.rx('RA').flow, d.flow, 'and of the RST')
    check(0 not in flows and len(flows) > 1, 'labels of three connections: %r' % flows)
    for off in ('option', 'sysctl'):
        if off == 'sysctl':
            sysctl('net.ipv6.auto_flowlabels', 0)
        s, c = active(tun, before=lambda s: off == 'sysctl' or
                      s.setsockopt(IPV6, AUTOFLOWLABEL, 0))
        equal(c.syn_seg.flow, 0, 'switched off by the %s' % off)
        dead_close(s)


@case('IPv6', 'flow label: a listener\'s SYN,ACK and its child agree')
def child_labels():
    tun = Tun()
    s, c = passive(tun)
    check(c.synack.flow, 'no label on the SYN,ACK')
    s.send(b'data')
    equal(c.rx('PA').flow, c.synack.flow, 'data of the child')


@case('IPv6', 'flow label: IPV6_FLOWINFO_SEND, leased with IPV6_FLOWLABEL_MGR, unless another has it')
def chosen_label():
    tun = Tun()

    def lease(s, value):
        s.setsockopt(IPV6, FLOWLABEL_MGR, struct.pack(
            '!16sI', ip.pton(REMOTE), value) + struct.pack('=BBHHHI', FL_GET, 255, FL_CREATE, 60,
                                                           60, 0))

    s = tcp_socket(blocking=False)
    lease(s, 0x12345)
    s.setsockopt(IPV6, FLOWINFO_SEND, 1)
    equal(raw_call('connect', s, sockaddr(REMOTE, 7001, 0x2812345)), errno.EINPROGRESS, 'connect()')
    syn = tun.next()
    equal((syn.flow, syn.tos), (0x12345, 0), 'label and class of the SYN')
    # somebody else has an exclusive one
    t = tcp_socket(blocking=False)
    t.setsockopt(IPV6, FLOWINFO_SEND, 1)
    t.setsockopt(IPV6, FLOWLABEL_MGR, struct.pack('!16sI', ip.pton(REMOTE), 0x54321) +
                 struct.pack('=BBHHHI', FL_GET, 1, FL_CREATE, 60, 60, 0))
    u = tcp_socket(blocking=False)
    u.setsockopt(IPV6, FLOWINFO_SEND, 1)
    equal(u.connect_ex((REMOTE, 7001, 0x54321, 0)), errno.EINVAL, 'a label that another leases')


@case('IPv6', 'flow label: net.ipv6.flowlabel_reflect: SYN,ACK, data and resets carry the peer\'s')
def reflected():
    tun = Rewriting()
    tun.rewrite = lambda pkt: relabelled(pkt, 0xabcde)
    sysctl('net.ipv6.flowlabel_reflect', 1)
    s, c = passive(tun)
    equal(c.synack.flow, 0xabcde, 'the SYN,ACK')
    s.send(b'data')
    equal(c.rx('PA').flow, 0xabcde, 'data')
    c.tx('A')
    c.flush(1)
    check(tun.write(build(REMOTE, LOCAL, 40000, 9, 1, flags='A')), '')
    check(tun.next(lambda g: g.sport == 9).flow not in (0xabcde,), 'a reset, without that bit')
    sysctl('net.ipv6.flowlabel_reflect', 2)
    tun.write(build(REMOTE, LOCAL, 40001, 9, 1, flags='A'))
    equal(tun.next(lambda g: g.sport == 9).flow, 0xabcde, 'a reset, with it')


@case('IPv6', 'flow label: IPV6_FL_F_REFLECT of a listener: on and off, and no other way to stop it')
def reflect_option():
    def reflect(s, action):
        s.setsockopt(IPV6, FLOWLABEL_MGR, struct.pack('20x') + struct.pack(
            '=BBHHHI', action, 0, FL_REFLECT, 0, 0, 0))
    tun = Rewriting()
    tun.rewrite = lambda pkt: relabelled(pkt, 0x777)
    sysctl('net.ipv6.flowlabel_consistency', 0)
    s, c = passive(tun, before=lambda l: reflect(l, FL_GET))
    equal(c.synack.flow, 0x777, 'the SYN,ACK')
    s.send(b'data')
    equal(c.rx('PA').flow, 0x777, 'data')
    reflect(s, FL_PUT)
    raises(errno.ESRCH, reflect, s, FL_PUT, what='twice off')
    c.tx('A')
    s.send(b'data')
    check(c.rx('PA').flow != 0x777, 'it is reflected still')
    sysctl('net.ipv6.flowlabel_consistency', 1)
    raises(errno.EPERM, reflect, s, FL_GET, what='with flowlabel_consistency')
    raises(errno.EINVAL, s.setsockopt, IPV6, FLOWLABEL_MGR, b'short', what='a short request')


@case('IPv6', 'flow label: another one, so another path, when R1 is reached')
def new_after_r1():
    tun = Tun()
    sysctl('retries1', 3)
    s, c = active(tun)
    s.send(b'lost')
    first = c.rx('PA')
    flows = [c.rx(seq=1, within=100).flow for _ in range(6)]
    if TCPX:
        equal(flows[:2], [first.flow] * 2, 'the label before R1')
    check(flows[-1] != first.flow, 'the label is the same after R1: %r' % flows)


@case('IPv6', 'flow label: TIME-WAIT answers with the connection\'s')
def time_wait_label():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    fin = c.rx('FA')
    c.tx('FA')
    last = c.rx('A')
    s.close()
    c.tx('FA', seq=1)
    again = c.rx('A')
    equal(again.flow, last.flow, 'the label of the second ACK')
    equal(fin.flow, last.flow, 'and of the FIN')


# --- traffic class, hop limit ------------------------------------------------------

@case('IPv6', 'traffic class and hop limit: on each segment of both roles, and changed at any time')
def class_and_hops():
    tun = Tun()

    def choose(s):
        s.setsockopt(IPV6, TCLASS, 0x28)
        s.setsockopt(IPV6, UNICAST_HOPS, 77)
    s, c = passive(tun, before=choose)
    equal((c.synack.tos, c.synack.ttl), (0x28, 77), 'the SYN,ACK')
    s.send(b'data')
    d = c.rx('PA')
    equal((d.tos, d.ttl), (0x28, 77), 'data of the child')
    c.tx('A')
    s.setsockopt(IPV6, TCLASS, 0xb8)
    s.setsockopt(IPV6, UNICAST_HOPS, 3)
    s.send(b'more')
    d = c.rx('PA')
    equal((d.tos, d.ttl), (0xb8, 3), 'data after a change')
    s, c = active(tun, before=choose)
    equal((c.syn_seg.tos, c.syn_seg.ttl), (0x28, 77), 'the SYN')
    s.setsockopt(IPV6, TCLASS, 0x2b)
    equal(get6(s, TCLASS), 0x28, 'the ECN field is not the user\'s')
    raises(errno.EINVAL, s.setsockopt, IPV6, TCLASS, 256, what='a class of 256')
    raises(errno.EINVAL, s.setsockopt, IPV6, UNICAST_HOPS, 256, what='a limit of 256')


@case('IPv6', 'IPV6_MINHOPCOUNT: what comes from afar is dropped, segments and ICMP alike (RFC 5082)')
def min_hops():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(IPV6, MINHOPCOUNT, 254)
    c.tx('PA', b'from afar', seq=1, ttl=253)
    c.quiet(1)
    c.tx('PA', b'near', ttl=254)
    equal(s.recv(100), b'near', 'data')
    c.flush(1)
    s = tcp_socket(blocking=False)
    s.setsockopt(IPV6, MINHOPCOUNT, 254)
    c = syn_sent(tun, s, 7001)
    tun.icmp(ip.PORT_UNREACH, c.syn_seg.raw)
    equal(state(s), SYN_SENT, 'state after an error from afar')
    pkt = ip.icmp(ip.PORT_UNREACH, REMOTE, LOCAL, 0, c.syn_seg.raw[:48])
    tun.write(ip.with_ttl(pkt, 254))
    equal(so_error(s), errno.ECONNREFUSED, 'one from near')
    raises(errno.EINVAL, s.setsockopt, IPV6, MINHOPCOUNT, 256, what='a limit of 256')


@case('IPv6', 'IPv4\'s options count for the IPv4 peers of an IPv6 listener, and they alone')
def options_of_ipv4():
    l = listener()
    l.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0x30)
    l.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 9)
    l.setsockopt(IPV6, TCLASS, 0x48)
    equal(l.getsockopt(socket.IPPROTO_IP, socket.IP_TOS), 0x30, 'IP_TOS')
    cap = Capture('lo')
    port = l.getsockname()[1]
    for c, to in ((v4_socket(), '127.0.0.1'), (tcp_socket(), '::1')):
        c.connect((to, port))
        l.accept()[0].send(b'data')
        c.recv(4)
    seen = {}
    for g in cap.poll():
        if g.sport == port:
            seen.setdefault(g.src, set()).add((g.tos, g.ttl))
    equal(seen, {'127.0.0.1': {(0x30, 9)}, '::1': {(0x48, 64)}}, 'TOS and TTL by family')


@case('IPv6', 'an MSS option is missing: 1220 bytes (MUST-15), and the smallest path of all has as many')
def default_mss():
    tun = Tun()
    for begin in (passive, active):
        s, c = begin(tun, opts=b'')
        s.send(bytes(4000))
        equal(c.rx('A').len, 1220, 'the first segment, %s' % begin.__name__)
        dead_close(s)
    sysctl('syncookies', 2)
    s, c = passive(tun, opts=b'')
    s.send(bytes(4000))
    equal(c.rx('A').len, 1220, 'with a SYN cookie')


# --- what the headers say -----------------------------------------------------------

def pktoptions(s):
    """{kind: value} of IPV6_2292PKTOPTIONS."""
    got, out = s.getsockopt(IPV6, PKTOPTIONS, 1024), {}
    while len(got) >= 16:
        n, level, kind = struct.unpack_from('QII', got)
        equal(level, IPV6, 'level of a control message')
        out[kind] = got[16:n]
        got = got[(n + 7) & ~7:]
    return out


@case('IPv6', 'IPV6_RECV*: the latest segment\'s device, hop limit, class, label, headers are kept')
def received():
    tun = Rewriting()

    def ask(s):
        for name in (RECVPKTINFO, RECVHOPLIMIT, RECVTCLASS, FLOWINFO, RECVHOPOPTS, RECVDSTOPTS,
                     RECVRTHDR):
            s.setsockopt(IPV6, name, 1)
    s, c = passive(tun, before=ask)
    equal(pktoptions(s)[HOPLIMIT], struct.pack('i', 64), 'hop limit of the handshake')
    rh0 = (socket.IPPROTO_ROUTING, b'\x02\0\0' + bytes(4) + ip.pton(ip.addr(9, 1, 9)))
    tun.rewrite = lambda pkt: with_ext(relabelled(pkt, 0x1234), (socket.IPPROTO_HOPOPTS, PAD), rh0,
                                       (socket.IPPROTO_DSTOPTS, PAD))
    c.tx('PA', b'data', ttl=99, tos=0x68)
    equal(s.recv(10), b'data', 'data behind extension headers')
    got = pktoptions(s)
    index = socket.if_nametoindex('tun0')
    equal(got.get(PKTINFO), ip.pton(LOCAL) + struct.pack('i', index), 'address and device')
    equal(got.get(HOPLIMIT), struct.pack('i', 99), 'hop limit')
    equal(got.get(TCLASS), struct.pack('i', 0x68), 'traffic class')
    equal(got.get(FLOWINFO), label(0x6801234), 'class and label')
    last = bytes((WIRE,)) + PAD
    equal(got.get(DSTOPTS), last, 'destination options')
    equal(got.get(RTHDR), b'\x3c' + rh0[1], 'routing header')
    equal(got.get(HOPOPTS), b'\x2b' + PAD, 'hop-by-hop options')
    tun.rewrite = lambda pkt: pkt
    c.tx('PA', b'bare', ttl=98)
    equal(s.recv(10), b'bare', 'data without')
    got = pktoptions(s)
    check(not {DSTOPTS, RTHDR, HOPOPTS} & set(got), 'headers of an earlier segment: %r' % got)
    equal(got.get(HOPLIMIT), struct.pack('i', 98), 'hop limit of that')
    if not TCPX:
        return                  # it keeps what comes again, too
    c.tx('PA', b'bare', seq=5, ttl=11)
    equal(pktoptions(s).get(HOPLIMIT), struct.pack('i', 98), 'hop limit after an old segment')


@case('IPv6', 'a child knows what the header that made it said: label, hop limit, device')
def child_knows():
    tun = Rewriting()
    tun.rewrite = lambda pkt: relabelled(pkt, 0x4321)
    s, c = passive(tun)
    equal(flow_label(s, FL_REMOTE), 0x4321, 'the label of the peer')
    s.setsockopt(IPV6, RECVHOPLIMIT, 1)
    s.setsockopt(IPV6, RECVPKTINFO, 1)
    got = pktoptions(s)
    equal(got.get(HOPLIMIT), struct.pack('i', 64), 'hop limit')
    equal(got.get(PKTINFO), ip.pton(REMOTE) + struct.pack('i', socket.if_nametoindex('tun0')),
          'device, and the address that the kernel gives where it has kept no header')


@case('IPv6', 'segments in fragments, and in one atomic fragment, are whole')
def fragments():
    tun = Tun()
    s, c = passive(tun)
    whole = build(c.addr, c.local, c.sport, c.dport, c.nxt, c.rcv_nxt, 'PA', data=bytes(range(100)))
    for offset, end, more in ((0, 48, 1), (48, 120, 0)):
        tun.write(ip.build(c.addr, c.local, struct.pack('!BBHI', WIRE, 0, offset | more, 7) +
                           whole[40 + offset:40 + end], socket.IPPROTO_FRAGMENT))
    equal(recv_exactly(s, 100), bytes(range(100)), 'data of two fragments')
    whole = build(c.addr, c.local, c.sport, c.dport, c.nxt + 100, c.rcv_nxt, 'PA', data=b'one')
    tun.write(ip.build(c.addr, c.local, struct.pack('!BBHI', WIRE, 0, 0, 8) + whole[40:],
                       socket.IPPROTO_FRAGMENT))
    equal(s.recv(10), b'one', 'data of an atomic fragment')


# --- the user's extension headers ------------------------------------------------------

def chain(raw):
    """[(kind, bytes)] of the extension headers of a packet."""
    kind, at, out = raw[6], 40, []
    while kind in (socket.IPPROTO_HOPOPTS, socket.IPPROTO_ROUTING, socket.IPPROTO_DSTOPTS):
        n = 8 + 8 * raw[at + 1]
        out.append((kind, raw[at + 1:at + n]))
        kind, at = raw[at], at + n
    return out


@case('IPv6', 'IPV6_HOPOPTS and IPV6_DSTOPTS: on each segment, which is shorter by as much')
def headers_out():
    tun = Tun()
    eight = b'\0' + PAD

    def choose(s):
        s.setsockopt(IPV6, DSTOPTS, eight)
    want = [(socket.IPPROTO_DSTOPTS, PAD)]
    s, c = passive(tun, before=choose)
    equal(chain(c.synack.raw), want, 'the SYN,ACK')
    s.send(bytes(4000))
    d = c.rx('A')
    equal((chain(d.raw), d.len), (want, 1432), 'data of the child, and its length')
    dead_close(s)
    c.flush(0)
    s, c = active(tun, before=choose)
    equal(chain(c.syn_seg.raw), want, 'the SYN')
    s.setsockopt(IPV6, HOPOPTS, eight)
    s.send(bytes(4000))
    d = c.rx('A')
    equal((chain(d.raw), d.len), ([(socket.IPPROTO_HOPOPTS, PAD)] + want, 1424), 'with two')
    c.flush(0)
    c.tx('A')
    s.setsockopt(IPV6, HOPOPTS, b'')
    s.setsockopt(IPV6, DSTOPTS, b'')
    c.flush(1)
    c.tx('A')
    s.send(bytes(4000))
    d = c.rx('A')
    equal(d.len if TCPX else 1440, 1440, 'without any')     # the kernel's does not notice the last
    equal(chain(c.last.raw), [], 'headers then')


def srh(*hops):
    """IPV6_RTHDR of type 4 (RFC 8754) by way of @hops: the last segment is the destination's."""
    return struct.pack('BBBBBBH', 0, 2 * (len(hops) + 1), 4, len(hops), len(hops), 0, 0) + \
        bytes(16) + b''.join(ip.pton(h) for h in reversed(hops))


@case('IPv6', 'IPV6_RTHDR: the first hop is on the outside, the checksum is over the last address')
def routing_header():
    tun = Tun()
    hop = ip.addr(9, 1, 7)
    far = 'fd00:77::1'          # there is no route to it but by way of the hop
    s = tcp_socket(blocking=False)
    s.setsockopt(IPV6, RTHDR, srh(hop))
    equal(s.connect_ex((far, 7001)), errno.EINPROGRESS, 'connect() by way of a hop')
    syn = tun.next()
    check(syn is not None, 'no SYN')
    equal((syn.raw[24:40], syn.csum_ok), (ip.pton(hop), True), 'the outer address')
    equal(syn.dst if TCPX else far, far, 'the last address')
    if TCPX:
        # an error about a segment on its way to the hop finds the connection (MUST-54)
        tun.icmp(ip.PORT_UNREACH, syn.raw, quoted=200)
        equal(so_error(s), errno.ECONNREFUSED, 'after an ICMP error')
    raises(errno.EINVAL, s.setsockopt, IPV6, RTHDR, srh(hop)[:8], what='a header cut short')


# --- ICMPv6 ------------------------------------------------------------------------

def icmp6(name):
    with open('/proc/net/snmp6') as f:
        return dict(line.split() for line in f).get(name, '0')


@case('IPv6', 'ICMPv6: an MTU below 1280 is no claim at all; one of 1280 is, if the number is in flight')
def too_big():
    tun = Tun()
    s, c = passive(tun)
    s.send(bytes(1440))
    d = c.rx('A', length=1440)
    for mtu in (0, 68, 1279):
        tun.icmp(ip.TOO_BIG, d.raw, mtu)
    equal(tcp_mss(s), 1440, 'the MSS after claims below the least MTU')
    tun.icmp(ip.TOO_BIG, renumbered(d, d.seq + 100000), 1280)
    equal(tcp_mss(s), 1440, 'the MSS after a claim about what is not in flight')
    tun.icmp(ip.TOO_BIG, d.raw, 1280)
    equal(tcp_mss(s), 1220, 'the MSS after a genuine one')
    equal([c.rx(within=0.1).len for _ in range(2)], [1220, 220], 'what was in flight goes again')


def tcp_mss(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


@case('IPv6', 'ICMPv6: IPV6_PMTUDISC_DONT heeds it too, since no router fragments')
def too_big_dont():
    tun = Tun()
    s, c = passive(tun, before=lambda l: l.setsockopt(IPV6, MTU_DISCOVER, 0))
    s.send(bytes(1440))
    d = c.rx('A', length=1440)
    tun.icmp(ip.TOO_BIG, d.raw, 1300)
    equal(c.rx(within=0.1).len, 1240, 'what was in flight goes again')


@case('IPv6', 'the link takes less while nothing is acknowledged: what goes again at the time-out fits')
def link_shrinks():
    tun = Tun()
    s, c = passive(tun)
    s.send(bytes(1440))
    c.rx('A', length=1440)
    set_mtu('tun0', 1280)
    d = c.rx(seq=1, within=100)
    equal(d.len, 1220, 'what goes again')
    c.tx('A', ack=1221)
    c.rx(seq=1221, length=220, within=100)


@case('IPv6', 'a header is added while nothing is acknowledged: what goes again is shorter by as much')
def header_while_lost():
    need(TCPX, 'the kernel\'s TCP tries the old length, which IPv6 drops, for ever')
    tun = Tun()
    s, c = passive(tun)
    s.send(bytes(1440))
    c.rx('A', length=1440)
    s.setsockopt(IPV6, DSTOPTS, b'\0' + PAD)
    d = c.rx(seq=1, within=100)
    equal((len(chain(d.raw)), d.len), (1, 1432), 'headers, and length')
    c.tx('A', ack=1433)
    c.rx(seq=1433, length=8, within=100)


@case('IPv6', 'ICMPv6: errors about nobody\'s segments are counted, errors about ours have their errno')
def errors():
    tun = Tun()
    before = int(icmp6('Icmp6InErrors'))
    stray = build(LOCAL, REMOTE, 1, 2, 3, flags='S')
    tun.icmp(ip.PORT_UNREACH, stray)
    equal(int(icmp6('Icmp6InErrors')), before + 1, 'Icmp6InErrors')
    for msg in ip.HARD:
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, 7001)
        tun.icmp(msg, renumbered(c.syn_seg, c.syn_seg.seq + 2))
        equal(state(s), SYN_SENT, 'state after an error about another number')
        tun.icmp(msg, c.syn_seg.raw)
        equal(so_error(s), msg.err, 'code %d' % msg.code)
    s, c = passive(tun)
    s.setsockopt(IPV6, RECVERR, 1)
    s.send(b'data')
    d = c.rx('PA')
    tun.icmp(ip.PORT_UNREACH, d.raw)
    equal(so_error(s), errno.ECONNREFUSED, 'IPV6_RECVERR: told at once')
    equal(state(s), ESTABLISHED, 'state')


@case('IPv6', 'IPV6_RECVERR: at R1 the queue of errors has the peer\'s address')
def error_queue():
    need(TCPX, 'the kernel\'s TCP tells nothing at R1')
    tun = Tun()
    sysctl('retries1', 2)
    s, c = passive(tun)
    s.setsockopt(IPV6, RECVERR, 1)
    s.send(b'lost')
    for _ in range(4):
        c.rx(seq=1, within=100)
    _, anc, flags, addr = s.recvmsg(100, 200, socket.MSG_ERRQUEUE)
    equal(addr[:2], (REMOTE, c.sport), 'the address')
    level, kind, data = anc[0]
    equal((level, kind), (IPV6, RECVERR), 'the control message')
    equal(struct.unpack_from('I', data)[0], errno.ETIMEDOUT, 'its errno')


# --- neighbours, IPsec, VRF ------------------------------------------------------------

def solicitations(sock):
    """How many neighbour solicitations have been captured."""
    n = 0
    while True:
        try:
            pkt, addr = sock.recvfrom(2048)
        except BlockingIOError:
            return n
        n += pkt[6] == socket.IPPROTO_ICMPV6 and pkt[40] == 135


@case('IPv6', 'neighbour confirmation: while ACKs advance nobody asks whether the peer is there (RFC 4861, 7.3.1)')
def confirmation():
    v = Veth()
    with v.b:
        l = listener()
    for ns, dev in v.both():
        with ns:
            base = '/proc/sys/net/ipv6/neigh/%s/' % dev
            for name, value in (('base_reachable_time_ms', 2000), ('delay_first_probe_time', 1)):
                with open(base + name, 'w') as f:
                    f.write(str(value))
    c = connect((v.B, l.getsockname()[1]))
    s, _ = l.accept()
    cap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd))
    cap.bind(('va', 0x86dd))
    cap.setblocking(False)
    sleep(6)            # the handshake is followed by three, of link-local addresses two
    solicitations(cap)
    for _ in range(120):
        talk(c, s)
        sleep(0.5)
    equal(solicitations(cap), 0, 'solicitations in a minute')


@case('IPv6', 'IPsec: ESP in transport mode carries a connection; in the clear nothing gets in')
def ipsec():
    v = Veth()
    ends = ((v.a, v.A, v.B), (v.b, v.B, v.A))
    for ns, _, _ in ends:
        with ns:
            for n, (_, src, dst) in enumerate(ends):
                try:
                    run('ip', 'xfrm', 'state', 'add', 'src', src, 'dst', dst, 'proto', 'esp', 'spi',
                        str(0x100 + n), 'mode', 'transport', 'auth', 'hmac(sha256)',
                        '0x' + '11' * 32, 'enc', 'ecb(cipher_null)', '')
                except AssertionError as e:
                    raise Skip('this kernel has no ESP: %s' % e)
    l = None

    def policy(ns, src, dst, way):
        with ns:
            run('ip', 'xfrm', 'policy', 'add', 'src', src, 'dst', dst, 'dir', way, 'tmpl', 'proto',
                'esp', 'mode', 'transport')
    for ns, here, there in ends:
        policy(ns, here, there, 'out')
        policy(ns, there, here, 'in')
    with v.b:
        l = listener()
        cap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd))
        cap.bind(('vb', 0x86dd))
        cap.setblocking(False)
    c = connect((v.B, l.getsockname()[1]))
    s, _ = l.accept()
    transfer([(c, pattern(100000), s), (s, pattern(100000, 2), c)])
    kinds = set()
    while True:
        try:
            pkt, _ = cap.recvfrom(2048)
        except BlockingIOError:
            break
        if not noise(pkt):
            kinds.add(pkt[6])
    equal(kinds, {socket.IPPROTO_ESP}, 'protocols on the wire')
    # one end in the clear: neither a SYN nor anything else is heard
    with v.a:
        run('ip', 'xfrm', 'policy', 'flush')
    t = tcp_socket(blocking=False)
    t.connect_ex((v.B, l.getsockname()[1]))
    check(not wait_writable(t, 10), 'a connection in the clear')


@case('IPv6', 'VRF: a listener in it, its link-local peers; the same addresses outside are others')
def vrf():
    v, here, there = link_local()
    with v.b:
        run('ip', 'link', 'add', 'red', 'type', 'vrf', 'table', '10')
        link_up('red')
        run('ip', 'link', 'set', 'vb', 'master', 'red')
        link_up('vb')
        add_addr('vb', v.B)
        add_addr('vb', LINK[1])
        l = tcp_socket()
        l.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b'red')
        l.bind(('::', 7001))
        l.listen(5)
        outside = listener(port=7001)
    for to in ((v.B, 7001, 0, 0), (LINK[1], 7001, 0, here)):
        with tcp_socket() as c:
            c.connect(to)
            check(wait_readable(l), 'not heard in the VRF: %s' % to[0])
            s, frm = l.accept()
            talk(c, s)
            s.close()
    check(not wait_readable(outside, 0), 'heard outside of it')
    with v.b, tcp_socket() as c:
        c.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b'red')
        with v.a:
            back = listener(port=7002)
        c.connect((v.A, 7002))
        talk(c, back.accept()[0])


# --- what a connection has no use for ------------------------------------------------------

@case('IPv6', 'options: groups are refused, and what the kernel refuses TCP')
def refused():
    s = tcp_socket()
    group = ip.pton('ff02::77') + struct.pack('i', 1)
    raises(errno.EPROTO, s.setsockopt, IPV6, ADD_MEMBERSHIP, group, what='IPV6_ADD_MEMBERSHIP')
    raises(errno.EINVAL, s.setsockopt, IPV6, ADD_MEMBERSHIP, group[:19], what='a short one')
    raises(errno.ENOPROTOOPT, s.setsockopt, IPV6, 18, 3, what='IPV6_MULTICAST_HOPS')
    raises(errno.ENOPROTOOPT, s.setsockopt, IPV6, 250, 3, what='no option')
    raises(errno.ENOPROTOOPT, s.getsockopt, IPV6, 250, 4, what='getsockopt of no option')
    raises(errno.ENOPROTOOPT, s.setsockopt, 250, 1, 3, what='no level')


main()
