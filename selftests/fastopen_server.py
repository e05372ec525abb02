#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP Fast Open (RFC 7413), the server: cookies, payload on a SYN, how many may be half-open."""

import errno
import socket
import struct

from lib import *
from lib.fastopen import *

TCP_SAVE_SYN, TCP_SAVED_SYN = 27, 28
KEY = '00010203-04050607-08090a0b-0c0d0e0f'


def siphash(data, key):
    """SipHash-2-4."""
    k0, k1 = struct.unpack('<QQ', key)
    m64 = (1 << 64) - 1
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotl(x, n):
        return (x << n | x >> (64 - n)) & m64

    def rounds(n):
        for _ in range(n):
            for a, b, c, d, r, q in ((0, 1, 2, 3, 13, 16), (2, 1, 0, 3, 17, 21)):
                # two half rounds, written as one pattern
                if r == 13:
                    v[0] = (v[0] + v[1]) & m64
                    v[1] = rotl(v[1], 13) ^ v[0]
                    v[0] = rotl(v[0], 32)
                    v[2] = (v[2] + v[3]) & m64
                    v[3] = rotl(v[3], 16) ^ v[2]
                else:
                    v[0] = (v[0] + v[3]) & m64
                    v[3] = rotl(v[3], 21) ^ v[0]
                    v[2] = (v[2] + v[1]) & m64
                    v[1] = rotl(v[1], 17) ^ v[2]
                    v[2] = rotl(v[2], 32)
    tail = data + b'\0' * (-(len(data) + 1) % 8) + bytes([len(data) & 255])
    for (m,) in struct.iter_unpack('<Q', tail):
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def key_bytes(text):
    return b''.join(struct.pack('<I', int(w, 16)) for w in text.split('-'))


def cookie_of(client, server, key=KEY):
    return struct.pack('<Q', siphash(ip.pton(client) + ip.pton(server),
                                     key_bytes(key)))


_ports = iter(range(30001, 60000))


def peer(tun, addr=REMOTE, port=7001, **kw):
    return Conn(tun, next(_ports), port, addr, **kw)


def ask(tun, addr=REMOTE, port=7001):
    """The cookie that a listener gives to @addr."""
    c = peer(tun, addr, port)
    c.syn(opt_mss() + opt_fo())
    sa = c.rx('SA', ack=1)
    c.tx('R', seq=1)
    return sa.option(34)


def fast_syn(tun, cookie, text=b'request', **kw):
    """A SYN with @cookie and @payload; the Conn."""
    c = peer(tun, **kw)
    c.tx('S', text, opts=opt_mss() + (opt_fo(cookie) if cookie is not None else b''))
    return c


def ready(l):
    check(wait_readable(l, 0.001), 'nothing to accept')
    return l.accept()[0]


@case('RFC 7413', '4.1.2: a cookie is given when asked for: a keyed hash of both addresses')
def give():
    tun = Tun()
    l = server()
    sysctl('fastopen_key', KEY)
    equal(sysctl('fastopen_key'), KEY, 'fastopen_key')
    for addr in (ip.addr(9, 1, 2), ip.addr(9, 1, 3), ip.addr(9, 1, 200)):
        equal(ask(tun, addr), cookie_of(addr, LOCAL), 'cookie of ' + addr)
    # of each namespace its own, drawn at random
    with NetNS():
        if TCPX:
            check(sysctl('fastopen_key') != KEY, 'the key of another namespace')
    check(l, '')


@case('RFC 7413', '4.2.2: what a SYN with a cookie brings is read and answered before the third ACK')
def take():
    tun = Tun()
    l = server()
    before = counters()
    c = fast_syn(tun, ask(tun))
    sa = c.rx_at_once('SA', ack=8)
    equal(sa.option(34), None, 'cookie in the SYN+ACK')
    s = ready(l)
    equal(state(s), SYN_RECEIVED, 'state')
    equal(s.getpeername(), ip.name(REMOTE, c.sport), 'getpeername')
    check(wait_readable(s, 0), 'not readable')
    check(wait_writable(s, 0), 'not writable')
    equal(s.recv(100), b'request', 'text')
    equal(s.send(b'response'), 8, 'send')
    c.rx_at_once('PA', seq=1, ack=8, data='response')
    c.tx('A')
    equal(wait_state(s, ESTABLISHED), ESTABLISHED, 'state')
    equal(syn_data(s)[0], True, 'TCPI_OPT_SYN_DATA')
    c.tx('PA', 'more')
    equal(s.recv(100), b'more', 'text')
    s.close()
    c.rx('A', ack=12)
    c.rx('FA')
    if TCPX:
        g = grown(before)
        equal((g.get('TCPFastOpenPassive'), g.get('TCPFastOpenCookieReqd')), (1, 1), 'counters')


@case('RFC 7413', '4.2.2: the answer has the whole initial window, before the third ACK')
def answer_at_length():
    tun = Tun()
    l = server()
    c = fast_syn(tun, ask(tun))
    c.rx_at_once('SA', ack=8)
    s = ready(l)
    s.send(bytes(30 * ip.mss()))
    equal(sum(x.len for x in c.all(AT_ONCE)), 10 * ip.mss(), 'the first flight')


@case('RFC 7413', '4.2.2: a wrong cookie: only the SYN is acknowledged, a good cookie comes back')
def wrong():
    tun = Tun()
    l = server()
    good = ask(tun)
    other = ask(tun, ip.addr(9, 1, 77))
    check(good != other, 'two clients, one cookie')
    for bad in (bytes(8), other, good[:4], good + good, bytes(16)):
        c = fast_syn(tun, bad)
        sa = c.rx_at_once('SA', ack=1)
        equal(sa.option(34), good, 'cookie for ' + bad.hex())
        check(not wait_readable(l, 0), 'accepted')
        # the client sends the payload again
        c.tx('PA', 'request', seq=1, ack=1)
        s = ready(l)
        equal(s.recv(100), b'request', 'text')
        equal(syn_data(s)[0], False, 'TCPI_OPT_SYN_DATA')
        dead_close(s)
        c.flush()


@case('RFC 7413', '4.1.1: an option of illegal length is none: 1, 2, 3, 5 or 17 bytes of cookie')
def illegal():
    tun = Tun()
    l = server()
    for n in (1, 2, 3, 5, 7, 9, 17):
        c = peer(tun)
        c.tx('S', 'text', opts=bytes([34, 2 + n]) + bytes(n))
        sa = c.rx_at_once('SA', ack=1)
        equal(sa.option(34), None, '%d bytes' % n)
        c.tx('R', seq=1)
    check(not wait_readable(l, 0), 'accepted')


@case('RFC 7413', 'a listener without TCP_FASTOPEN, or a server switched off, gives and takes none')
def off():
    tun = Tun()
    for n, (queue, flags) in enumerate(((None, 3), (0, 3), (16, 1), (16, 0))):
        l = server(queue, 7001 + n, flags)
        equal(ask(tun, port=7001 + n), None, 'queue %r, flags %d' % (queue, flags))
        c = peer(tun, port=7001 + n)
        c.tx('S', 'text', opts=opt_fo(cookie_of(REMOTE, LOCAL)))
        c.rx_at_once('SA', ack=1)
        check(not wait_readable(l, 0), 'accepted')


@case('RFC 7413', 'net.tcpx.fastopen = 0x402: every listener; 0x200: no cookie is needed')
def sysctl_modes():
    tun = Tun()
    l = server(None, 7001, SERVER | ALL)
    cookie = ask(tun)
    equal(len(cookie), 8, 'cookie')
    fast_syn(tun, cookie).rx_at_once('SA', ack=8)
    ready(l)
    m = server(8, 7002, SERVER | SERVER_NO_COOKIE)
    c = fast_syn(tun, None, port=7002)
    c.rx_at_once('SA', ack=8)
    equal(ready(m).recv(9), b'request', 'text')
    # per socket: TCP_FASTOPEN_NO_COOKIE
    fastopen(SERVER)
    fast_syn(tun, None, port=7002).rx_at_once('SA', ack=1)
    n = tcp_socket(True)
    n.bind((ip.ANY, 7003))
    n.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)
    n.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1)
    n.listen(8)
    fast_syn(tun, None, port=7003).rx_at_once('SA', ack=8)
    ready(n)


@case('RFC 7413', '5.1: TCP_FASTOPEN bounds those that are half-open; the rest shake hands as ever')
def limit():
    tun = Tun()
    l = server(2)
    cookie = ask(tun)
    first = [fast_syn(tun, cookie) for _ in range(2)]
    for c in first:
        c.rx_at_once('SA', ack=8)
    third = fast_syn(tun, cookie)
    third.rx_at_once('SA', ack=1)
    third.tx('A', seq=1, ack=1)
    kids = [ready(l) for _ in range(3)]
    # one of them is established: its place is free
    first[0].tx('A')
    fourth = fast_syn(tun, cookie)
    fourth.rx_at_once('SA', ack=8)
    check(len(kids) == 3, '')


@case('RFC 7413', '5.1: a RST does not free a place before a minute has passed')
def reset_keeps_place():
    tun = Tun()
    l = server(1)
    cookie = ask(tun)
    c = fast_syn(tun, cookie)
    c.rx_at_once('SA', ack=8)
    s = ready(l)
    c.tx('R', seq=8)
    raises(errno.ECONNRESET, lambda: (s.recv(100), s.recv(100)))
    fast_syn(tun, cookie).rx_at_once('SA', ack=1)
    sleep(50)
    fast_syn(tun, cookie).rx_at_once('SA', ack=1)
    sleep(11)
    fast_syn(tun, cookie).rx_at_once('SA', ack=8)


@case('RFC 7413', 'a RST, or a SYN, in SYN-RECEIVED: the user has it, so it does not return to LISTEN')
def reset():
    tun = Tun()
    l = server()
    cookie = ask(tun)
    c = fast_syn(tun, cookie)
    c.rx_at_once('SA', ack=8)
    # a SYN in the window: a challenge ACK (RFC 5961, 4)
    c.tx('S', seq=20)
    c.rx_at_once('A', seq=1, ack=8)
    equal(state(l), LISTEN, 'state of the listener')
    s = ready(l)
    equal(state(s), SYN_RECEIVED, 'state')
    c.tx('R', seq=8)
    equal(state(s), CLOSED, 'state')
    equal(state(l), LISTEN, 'state of the listener')
    # one that was not accepted yet
    d = fast_syn(tun, cookie)
    d.rx_at_once('SA', ack=8)
    d.tx('R', seq=8)
    ready(l).close()


@case('RFC 7413', 'the SYN+ACK lost: it comes again with the time-out, or with the SYN; one child')
def synack_lost():
    tun = Tun()
    l = server()
    c = fast_syn(tun, ask(tun))
    sa = c.rx_at_once('SA', ack=8)
    s = ready(l)
    s.send(b'early')
    c.rx_at_once('PA', seq=1, data='early')
    c.rx('SA', seq=0, ack=8, since=sa.t, at=1.0)
    # the client's SYN again, without payload or cookie
    c.tx('S', seq=0, opts=opt_mss())
    c.rx_at_once('SA', seq=0, ack=8)
    check(not wait_readable(l, 0), 'a second child')
    # the early payload was lost, too
    c.tx('A', ack=1, seq=8)
    equal(state(s), ESTABLISHED, 'state')
    c.rcv_nxt = c.irs + 1
    x = c.rx(seq=1, data='early')
    c.tx('A')
    equal(s.recv(9), b'request', 'text')
    check(x, '')


@case('RFC 7413', 'the third ACK never comes: R2 of the SYN+ACK ends it, its place is free at once')
def gives_up():
    tun = Tun()
    sysctl('synack_retries', 3)
    l = server(1)
    cookie = ask(tun)
    c = fast_syn(tun, cookie)
    first = c.rx_at_once('SA', ack=8)
    s = ready(l)
    equal(s.recv(9), b'request', 'text')
    for at in (1, 3, 7):
        c.rx('SA', seq=0, ack=8, since=first.t, at=at)
    s.settimeout(100)
    raises(errno.ETIMEDOUT, s.recv, 1)
    fast_syn(tun, cookie).rx_at_once('SA', ack=8)


@case('RFC 7413', 'close() before the third ACK: the FIN goes at once, both ends end well')
def early_close():
    tun = Tun()
    l = server()
    c = fast_syn(tun, ask(tun))
    c.rx_at_once('SA', ack=8)
    s = ready(l)
    equal(s.recv(9), b'request', 'text')
    s.send(b'bye')
    s.close()
    c.rx_at_once('PA', seq=1, data='bye')
    c.rx_at_once('FA', seq=4)
    c.tx('FA')
    c.rx_at_once('A', ack=9)


@case('RFC 7413', 'payload beyond the window that is offered is cut, the rest comes again')
def window():
    tun = Tun(mtu=9000)
    fastopen(3)
    l = tcp_socket(True)
    l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2300)
    l.bind((ip.ANY, 7001))
    l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 4)
    l.listen(4)
    text = pattern(8000)
    c = fast_syn(tun, ask(tun), text)
    sa = c.rx_at_once('SA')
    taken = c.rack(sa) - 1
    check(0 < taken < 8000, 'ack of %d' % taken)
    s = ready(l)
    s.settimeout(1)
    got = bytearray(s.recv(taken))
    # reading opens the window again, before the third ACK as after it
    c.rx_at_once('A', seq=1, ack=1 + taken)
    while len(got) < 8000:
        n = min(1000, 8000 - len(got))
        c.tx('PA', text[len(got):len(got) + n], seq=1 + len(got))
        got += recv_exactly(s, n)
    equal(bytes(got), text, 'text')


@case('RFC 7413', '4.1.2: keys: two, the second still counts and its cookie is replaced')
def rotation():
    tun = Tun()
    l = server()
    new = '11111111-22222222-33333333-44444444'
    old = '0-1-2-3'
    sysctl('fastopen_key', '%s,%s' % (new, old))
    equal(sysctl('fastopen_key'), new + ',00000000-00000001-00000002-00000003', 'fastopen_key')
    c = fast_syn(tun, cookie_of(REMOTE, LOCAL, old))
    sa = c.rx_at_once('SA', ack=8)
    equal(sa.option(34), cookie_of(REMOTE, LOCAL, new), 'the new cookie')
    # the SYN+ACK that comes again has none
    equal(c.rx('SA', ack=8, within=2).option(34), None, 'option of the second SYN+ACK')
    c = fast_syn(tun, cookie_of(REMOTE, LOCAL, new))
    equal(c.rx_at_once('SA', ack=8).option(34), None, 'nothing to replace')
    for bad in ('', '1-2-3', '1-2-3-4-5', '1-2-3-x', '1-2-3-4,', '1-2-3-4,5', '123456789-2-3-4'):
        raises(errno.EINVAL, sysctl, 'fastopen_key', bad + '\n', what=repr(bad))
    # of one listener: TCP_FASTOPEN_KEY
    key = bytes(range(16))
    m = tcp_socket()
    raises(errno.EINVAL, m.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, key[:15])
    raises(errno.EINVAL, m.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, key + key[:8])
    m.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, key + key[::-1])
    equal(m.getsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, 64), key + key[::-1], 'keys')
    # the namespace's key is not shown: its reader could make a cookie for any address
    equal(l.getsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, 64), b'', 'key of a socket without')
    m.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, key)
    m.bind((ip.ANY, 7009))
    m.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)
    m.listen(8)
    equal(ask(tun, port=7009), struct.pack('<Q', siphash(
        ip.pton(REMOTE) + ip.pton(LOCAL), key)), 'cookie')


@case('RFC 7413', 'a flood of SYNs with stolen cookies: the places fill up, others are served')
def stolen():
    tun = Tun()
    l = server(8, backlog=100)
    cookie = ask(tun)
    for n in range(2000):
        fast_syn(tun, cookie)
        if n % 100 == 99:
            tun._drain()
            tun.pending.clear()
    if TCPX:
        equal(counters()['TCPFastOpenPassive'], 8, 'TCPFastOpenPassive')
    c = Conn(tun, 29999, 7001, ip.addr(9, 1, 99))
    c.open()
    kids = [ready(l) for _ in range(9)]
    check(kids, '')


@case('RFC 7413', 'TCP_SAVE_SYN: the SYN that carried payload is kept as any other is')
def saved_syn():
    tun = Tun()
    with server(flags=SERVER | SERVER_NO_COOKIE) as l:
        l.setsockopt(socket.IPPROTO_TCP, TCP_SAVE_SYN, 1)
        c = peer(tun)
        packet = build(c.addr, c.local, c.sport, c.dport, c.iss, 0, SYN, c.win,
                       opt_mss() + opt_fo(), b'request')
        tun.write(packet)
        c.nxt += 8
        c.rx('SA', ack=8)
        s, _ = l.accept()
        equal(s.recv(10), b'request', 'payload')
        saved = s.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 500)
        equal(saved, packet[:-7], 'headers')
        equal(s.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 500), b'', 'once more')


main()
