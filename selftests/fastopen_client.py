#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP Fast Open (RFC 7413): server, client, and both at once."""

import errno
import select
import socket
import struct

from lib import *

TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY, TCP_FASTOPEN_NO_COOKIE = 23, 30, 33, 34
MSG_FASTOPEN = 0x20000000
OPT_SYN_DATA = 0x20
UNAVAILABLE, NOT_ACKED, RETRANSMITTED = 1, 2, 3
KEY = '00010203-04050607-08090a0b-0c0d0e0f'
CLIENT, SERVER, NO_COOKIE, SERVER_NO_COOKIE, ALL = 1, 2, 4, 0x200, 0x400


def fastopen(flags):
    sysctl('fastopen', flags)


def opt_fo(cookie=b''):
    """The option, with two NOPs before it where that fills the word."""
    return b'\1' * (-(2 + len(cookie)) % 4) + bytes([34, 2 + len(cookie)]) + cookie


def syn_data(s):
    """TCP_INFO: (text of the SYN was taken, why not: fastopen_client_fail)."""
    info = tcp_info(s)
    return bool(info[5] & OPT_SYN_DATA), info[7] >> 1 & 3


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
    return struct.pack('<Q', siphash(socket.inet_aton(client) + socket.inet_aton(server),
                                     key_bytes(key)))


def server(queue=16, port=7001, flags=CLIENT | SERVER, backlog=64):
    fastopen(flags)
    l = tcp_socket(True)
    l.bind(('0.0.0.0', port))
    if queue is not None:
        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, queue)
    l.listen(backlog)
    return l


_ports = iter(range(30001, 60000))


def peer(tun, addr=REMOTE, port=7001, **kw):
    return Conn(tun, next(_ports), port, addr, **kw)


def ask(tun, addr=REMOTE, port=7001):
    """The cookie that a listener gives to @addr."""
    c = peer(tun, addr, port)
    c.syn(opt_mss(1460) + opt_fo())
    sa = c.rx('SA', ack=1)
    c.tx('R', seq=1)
    return sa.option(34)


def fast_syn(tun, cookie, text=b'request', **kw):
    """A SYN with @cookie and @text; the Conn."""
    c = peer(tun, **kw)
    c.tx('S', text, opts=opt_mss(1460) + (opt_fo(cookie) if cookie is not None else b''))
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
    for addr in ('10.9.1.2', '10.9.1.3', '10.9.1.200'):
        equal(ask(tun, addr), cookie_of(addr, LOCAL), 'cookie of ' + addr)
    # of each namespace its own, drawn at random
    with NetNS():
        if TCPX:
            check(sysctl('fastopen_key') != KEY, 'the key of another namespace')
    check(l, '')


@case('RFC 7413', '4.2.2: text of a SYN with a cookie is read, and answered, before the third ACK')
def take():
    tun = Tun()
    l = server()
    before = counters()
    c = fast_syn(tun, ask(tun))
    sa = c.rx_at_once('SA', ack=8)
    equal(sa.option(34), None, 'cookie in the SYN+ACK')
    s = ready(l)
    equal(state(s), SYN_RECEIVED, 'state')
    equal(s.getpeername(), (REMOTE, c.sport), 'getpeername')
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
        equal((g.get('FastOpenPassive'), g.get('FastOpenCookieReqd')), (1, 1), 'counters')


@case('RFC 7413', '4.2.2: the answer has the whole initial window, before the third ACK')
def answer_at_length():
    tun = Tun()
    l = server()
    c = fast_syn(tun, ask(tun))
    c.rx_at_once('SA', ack=8)
    s = ready(l)
    s.send(bytes(30 * 1460))
    equal(sum(x.len for x in c.all(AT_ONCE)), 10 * 1460, 'the first flight')


@case('RFC 7413', '4.2.2: a wrong cookie: only the SYN is acknowledged, a good cookie comes back')
def wrong():
    tun = Tun()
    l = server()
    good = ask(tun)
    other = ask(tun, '10.9.1.77')
    check(good != other, 'two clients, one cookie')
    for bad in (bytes(8), other, good[:4], good + good, bytes(16)):
        c = fast_syn(tun, bad)
        sa = c.rx_at_once('SA', ack=1)
        equal(sa.option(34), good, 'cookie for ' + bad.hex())
        check(not wait_readable(l, 0), 'accepted')
        # the client sends the text again
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
    n.bind(('0.0.0.0', 7003))
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
    # one that nobody has accepted yet
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
    # the client's SYN again, without text or cookie
    c.tx('S', seq=0, opts=opt_mss(1460))
    c.rx_at_once('SA', seq=0, ack=8)
    check(not wait_readable(l, 0), 'a second child')
    # the early text was lost, too
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


@case('RFC 7413', 'text beyond the window that is offered is cut, the rest comes again')
def window():
    tun = Tun(mtu=9000)
    fastopen(3)
    l = tcp_socket(True)
    l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2300)
    l.bind(('0.0.0.0', 7001))
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
    # whoever reads the namespace's own can make a cookie for any address
    equal(l.getsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, 64), b'', 'key of a socket without')
    m.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, key)
    m.bind(('0.0.0.0', 7009))
    m.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)
    m.listen(8)
    equal(ask(tun, port=7009), struct.pack('<Q', siphash(
        socket.inet_aton(REMOTE) + socket.inet_aton(LOCAL), key)), 'cookie')


# --- the client ---------------------------------------------------------------

COOKIE = bytes.fromhex('0102030405060708')


def send_fast(tun, text, port=7001, addr=REMOTE, sock=None, dontwait=True, **kw):
    """sendto(MSG_FASTOPEN): (socket, Conn that has seen the SYN, result or errno)."""
    s = sock or tcp_socket(blocking=not dontwait)
    try:
        ret = s.sendto(text, MSG_FASTOPEN, (addr, port))
    except OSError as e:
        ret = -e.errno
    x = tun.next(lambda g: g.dport == port and g.dst == addr)
    check(x is not None, 'no SYN')
    equal(x.letters, 'S', 'flags')
    c = Conn(tun, port, x.sport, addr, **kw)
    c.syn_seg, c.irs, c.rcv_nxt = x, x.seq, x.end
    return s, c, ret


def learn(tun, cookie=COOKIE, mss=1460, addr=REMOTE):
    """Have the client asked for, and given, @cookie."""
    s, c, ret = send_fast(tun, b'x', addr=addr, port=6999)
    equal(ret, -errno.EINPROGRESS, 'sendto')
    equal(c.syn_seg.option(34), b'', 'the option of the first SYN')
    equal(c.syn_seg.len, 0, 'text')
    c.tx('SA', opts=(opt_mss(mss) if mss else b'') + opt_fo(cookie))
    c.rx('A', seq=1, ack=1)
    equal(syn_data(s), (False, UNAVAILABLE), 'TCP_INFO')
    dead_close(s)
    c.flush()


@case('RFC 7413', '4.2.1: without a cookie the SYN asks for one; the text follows the handshake')
def request():
    tun = Tun()
    s = tcp_socket()
    # blocking: the answer has to come while the call waits
    def answer():
        x = tun.next(lambda g: g.dport == 7001)
        c = Conn(tun, 7001, x.sport)
        c.irs, c.rcv_nxt = x.seq, x.end
        equal((x.option(34), x.len), (b'', 0), 'the SYN')
        c.tx('SA', opts=opt_mss(1460) + opt_fo(COOKIE))
        c.rx('A', seq=1, ack=1)
        c.rx('PA', seq=1, data='the text')
        c.tx('A')
    import threading
    t = threading.Thread(target=answer)
    t.start()
    equal(s.sendto(b'the text', MSG_FASTOPEN, (REMOTE, 7001)), 8, 'sendto')
    t.join()
    equal(state(s), ESTABLISHED, 'state')
    # and the next SYN has it
    _, c, ret = send_fast(tun, b'the next', 7002)
    equal((ret, c.syn_seg.data, c.syn_seg.option(34)), (8, b'the next', COOKIE), 'the next SYN')


@case('RFC 7413', '4.2.2: cookie and text ride on the SYN; acknowledged, the rest follows')
def client():
    tun = Tun()
    before = counters()
    learn(tun)
    text = pattern(3000)
    s, c, ret = send_fast(tun, text)
    equal(c.syn_seg.option(34), COOKIE, 'cookie')
    check(1400 <= ret <= 1460 - 20, '%d bytes on the SYN' % ret)
    equal(c.syn_seg.data, text[:ret], 'text')
    check(c.syn_seg.ip_len <= 1500, 'the SYN is larger than the path')
    raises(errno.EALREADY, s.connect, (REMOTE, 7001))
    c.tx('SA', opts=opt_mss(1460))
    c.rx('A', seq=1 + ret, ack=1)
    equal(syn_data(s)[0], True, 'TCPI_OPT_SYN_DATA')
    equal(s.send(text[ret:]), 3000 - ret, 'send')
    got = bytearray()
    for x in c.all(0.01):
        got += x.data
    equal(bytes(got), text[ret:], 'the rest')
    c.tx('A')
    c.tx('PA', 'answer')
    check(wait_readable(s), 'no answer')
    equal(s.recv(10), b'answer', 'answer')
    if TCPX:
        equal(grown(before).get('FastOpenActive'), 1, 'FastOpenActive')


@case('RFC 7413', '4.2.2: the SYN+ACK acknowledges the SYN only: the text goes again at once')
def not_taken():
    tun = Tun()
    before = counters()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    equal(ret, 9, 'sendto')
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss(1460))
    x = c.rx_at_once(seq=1, ack=1)
    if not x.len:
        x = c.rx_at_once(seq=1, ack=1)
    equal(x.data, b'some text', 'text')
    equal(syn_data(s), (False, NOT_ACKED), 'TCP_INFO')
    c.tx('A')
    s.send(b'more')
    c.rx('PA', seq=10, data='more')
    if TCPX:
        equal(grown(before).get('FastOpenActiveFail'), 1, 'FastOpenActiveFail')


@case('RFC 7413', 'the SYN+ACK acknowledges a part of the text: the rest goes at once')
def partly_taken():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'0123456789')
    c.rcv_nxt = c.irs + 5
    c.tx('SA', opts=opt_mss(1460))
    data = b''
    for x in c.all(0.3):
        check(c.rseq(x) >= 5, 'acknowledged text went again: %s' % x)
        data = data or x.data
    equal(data, b'456789', 'the rest')
    equal(syn_data(s), (False, NOT_ACKED), 'TCP_INFO')
    c.tx('A', ack=11)
    s.send(b'more')
    c.rx('PA', seq=11, data='more')


@case('RFC 7413', 'text of the SYN that goes again is not new: Nagle counts it as nothing, and holds nothing')
def nagle():
    tun = Tun()
    learn(tun)
    # a short segment after it does not wait for its ACK
    s, c, ret = send_fast(tun, b'some text')
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss(1460))
    s.send(b', more')
    got = [x for x in c.all(AT_ONCE) if x.len]
    equal(b''.join(x.data for x in got), b'some text, more', 'what leaves at once')
    dead_close(s)
    # and it does not wait for what MSG_MORE promised
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    s, c, ret = send_fast(tun, b'some text', 7002, sock=s)
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss(1460))
    got = [x for x in c.all(AT_ONCE) if x.len]
    equal([x.data for x in got], [b'some text'], 'what leaves at once')
    s.send(b', more')
    c.quiet(.1, 'what is new does not wait')


@case('RFC 7413', 'a router takes no SYN with so much text: it goes without, at once; the text in pieces')
def frag_needed():
    tun = Tun()
    learn(tun)
    text = pattern(1400)
    s, c, ret = send_fast(tun, text)
    equal(ret, 1400, 'sendto')
    tun.icmp(3, 4, c.syn_seg.raw, rest=1000)
    again = c.rx_at_once('S', seq=0, length=0)
    equal(again.option(34), None, 'cookie')
    # told once more it says nothing new
    tun.icmp(3, 4, c.syn_seg.raw, rest=1000)
    c.quiet(.5)
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss(1460))
    got = [x for x in c.all(AT_ONCE) if x.len]
    check(all(x.len <= 960 for x in got), 'lengths %r' % [x.len for x in got])
    equal(b''.join(x.data for x in got), text, 'text')
    equal(syn_data(s), (False, RETRANSMITTED), 'TCP_INFO')
    dead_close(s)
    c.flush()
    # the next one fits
    s, c, ret = send_fast(tun, text, 7002)
    check(c.syn_seg.ip_len <= 1000, 'the next SYN has %d bytes' % c.syn_seg.ip_len)


@case('RFC 7413', 'an ACK of more than was sent, or of nothing, on the SYN+ACK: RST, it goes on')
def bad_ack():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'0123456789')
    for ack in (0, 12, 0x80000000):
        c.tx('SA', seq=0, ack=ack, opts=opt_mss(1460))
        x = c.rx_at_once('R')
        equal(x.seq, (c.irs + ack) & 0xffffffff, 'the RST')
    equal(state(s), SYN_SENT, 'state')
    c.tx('SA', opts=opt_mss(1460))
    c.rx_at_once('A', seq=11, ack=1)


@case('RFC 7413', '4.2.1: the SYN lost: the second has neither text nor cookie; all is sent after it')
def syn_lost():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    again = c.rx('S', seq=0, since=c.syn_seg.t, at=1.0, length=0)
    equal(again.option(34), None, 'option')
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss(1460))
    data = b''
    for x in c.all(0.01):
        data += x.data
    equal(data, b'some text', 'text')
    equal(syn_data(s), (False, RETRANSMITTED), 'TCP_INFO')


@case('RFC 7413', 'the SYN+ACK lost: the second one acknowledges the text of the first SYN')
def synack_lost_client():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    c.rx('S', seq=0, length=0)
    c.tx('SA', ack=10, opts=opt_mss(1460))
    x = c.rx_at_once('A', seq=10, ack=1)
    equal(x.len, 0, 'nothing is sent again')
    equal(syn_data(s)[0], True, 'TCPI_OPT_SYN_DATA')


@case('RFC 7413', '4.1.3.1: SYNs with the option get lost again and again: without it for a while')
def lossy():
    tun = Tun()
    learn(tun)
    for n in range(2):
        s, c, _ = send_fast(tun, b'some text')
        equal(c.syn_seg.option(34), COOKIE, 'SYN %d' % n)
        c.rx('S', seq=0, length=0)
        c.rcv_nxt = c.irs + 1
        c.tx('SA', opts=opt_mss(1460))
        c.flush(0.1)
        dead_close(s)
        c.flush(0.1)
    s, c, ret = send_fast(tun, b'some text')
    equal((c.syn_seg.option(34), c.syn_seg.len, ret), (None, 0, -errno.EINPROGRESS), 'SYN')
    dead_close(s)
    sleep(500)
    tun.pending.clear()
    tun._drain()
    tun.pending.clear()
    s, c, _ = send_fast(tun, b'some text')
    equal(c.syn_seg.option(34), COOKIE, 'SYN after 500 s')


@case('RFC 7413', '3: text with the SYN+ACK is delivered (RFC 9293, 3.10.7.3)')
def synack_text():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'request')
    c.tx('SA', 'response', opts=opt_mss(1460))
    check(wait_readable(s, 0.001), 'no text')
    equal(s.recv(100), b'response', 'text')
    c.rx('A', seq=8, ack=9)
    # of a connection that was not opened fast, too
    t = tcp_socket(blocking=False)
    d = syn_sent(tun, t, 7002)
    d.tx('SA', 'hello', opts=opt_mss(1460))
    if TCPX:
        check(wait_readable(t, 0.001), 'no text')
        equal(t.recv(100), b'hello', 'text')
        d.rx('A', seq=1, ack=6)


@case('RFC 7413', '4.1.3: the MSS is remembered with the cookie; 536 where none was announced')
def mss():
    tun = Tun()
    for n, (said, most) in enumerate(((500, 460), (None, 496), (1460, 1420), (9000, 1420))):
        addr = '10.9.1.%d' % (50 + n)
        learn(tun, mss=said, addr=addr)
        _, c, ret = send_fast(tun, bytes(3000), addr=addr)
        check(most - 40 <= c.syn_seg.len <= most + 20 and c.syn_seg.len == ret,
              'MSS %r: %d bytes' % (said, c.syn_seg.len))


@case('RFC 7413', 'cookies of 4 to 16 bytes are kept as they are, by destination, the last 1024')
def cache():
    tun = Tun(prefix=16)
    for n in range(4, 18, 2):
        addr = '10.9.2.%d' % n
        learn(tun, bytes(range(n)), addr=addr)
        _, c, _ = send_fast(tun, b'text', addr=addr)
        equal(c.syn_seg.option(34), bytes(range(n)), '%d bytes' % n)
    need(TCPX, 'the kernel\'s TCP bounds its cache otherwise')
    learn(tun)
    for n in range(1024):
        if n == 1000:
            # used just now, so not the oldest
            send_fast(tun, b'text', addr='10.9.3.0')
        learn(tun, addr='10.9.%d.%d' % (3 + n // 256, n % 256))
    _, c, _ = send_fast(tun, b'text')
    equal(c.syn_seg.option(34), b'', 'the oldest is forgotten')
    _, c, _ = send_fast(tun, b'text', 7002, addr='10.9.3.0')
    equal(c.syn_seg.option(34), COOKIE, 'one that was used is not')


@case('RFC 7413', 'TCP_FASTOPEN_CONNECT: connect() sends nothing, the first write opens')
def deferred():
    tun = Tun()
    learn(tun)
    s = tcp_socket()
    s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    s.connect((REMOTE, 7001))
    check(tun.next(within=5) is None, 'connect() has sent something')
    equal(state(s), SYN_SENT, 'state')
    poll = select.poll()
    poll.register(s, select.POLLIN | select.POLLOUT | select.POLLHUP)
    equal(poll.poll(0), [(s.fileno(), select.POLLOUT)], 'poll')
    s.setblocking(False)
    raises(errno.EISCONN, s.connect, (REMOTE, 7001))
    equal(s.send(b'first write'), 11, 'send')
    x = tun.next(lambda g: g.dport == 7001)
    equal((x.letters, x.data, x.option(34)), ('S', b'first write', COOKIE), 'the SYN')
    c = Conn(tun, 7001, x.sport)
    c.irs, c.rcv_nxt = x.seq, x.end
    c.tx('SA', opts=opt_mss(1460))
    c.rx('A', seq=12)
    equal(s.send(b'second'), 6, 'send')
    c.rx('PA', seq=12, data='second')
    # without a cookie connect() is as ever, and asks for one
    t = tcp_socket(blocking=False)
    t.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    d = syn_sent(tun, t, 7003, addr='10.9.1.3')
    equal(d.syn_seg.option(34), b'', 'option')
    raises(errno.EINVAL, t.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0)


@case('RFC 7413', 'TCP_FASTOPEN_CONNECT, then close(), or shutdown(), without a write: silence')
def deferred_close():
    tun = Tun()
    learn(tun)
    for end in (lambda s: s.close(), lambda s: s.shutdown(socket.SHUT_RDWR)):
        s = tcp_socket()
        s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
        s.connect((REMOTE, 7001))
        end(s)
        check(tun.next(within=1) is None, 'something was sent')
    # the SYN of a peer meets it: simultaneous open (RFC 9293, 3.5)
    s = tcp_socket()
    s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    s.bind(('0.0.0.0', 5555))
    s.connect((REMOTE, 7001))
    c = Conn(tun, 7001, 5555)
    c.syn()
    c.rx_at_once('SA', ack=1)
    c.tx('A')
    equal(wait_state(s, ESTABLISHED), ESTABLISHED, 'state')
    equal(s.send(b'text'), 4, 'send')
    c.rx('PA', seq=1, data='text')


@case('RFC 7413', 'no cookie wanted: net.tcpx.fastopen = 5, or TCP_FASTOPEN_NO_COOKIE')
def no_cookie():
    tun = Tun()
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1)
    _, c, ret = send_fast(tun, b'text', sock=s)
    equal((ret, c.syn_seg.data, c.syn_seg.option(34)), (4, b'text', None), 'the SYN')
    fastopen(CLIENT | NO_COOKIE)
    _, c, ret = send_fast(tun, b'text', 7002)
    equal((ret, c.syn_seg.data, c.syn_seg.option(34)), (4, b'text', None), 'the SYN')


@case('RFC 7413', 'the calls and their errors')
def errors():
    tun = Tun()
    s = tcp_socket()
    fastopen(0)
    raises(errno.EOPNOTSUPP, s.sendto, b'x', MSG_FASTOPEN, (REMOTE, 7001))
    raises(errno.EOPNOTSUPP, s.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    fastopen(1)
    raises(errno.EINVAL, s.send, b'x', MSG_FASTOPEN)
    raises(errno.EINVAL, s.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN, -1)
    raises(errno.EINVAL, s.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 2)
    raises(errno.EINVAL, s.setsockopt, socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 2)
    learn(tun)
    s, c, ret = send_fast(tun, b'text')
    raises(errno.EALREADY, s.sendto, b'x', MSG_FASTOPEN, (REMOTE, 7001))
    raises(errno.EAGAIN, s.send, b'x')
    c.tx('RA', seq=0, ack=5)
    raises(errno.ECONNREFUSED, s.send, b'x')
    s, c, ret = send_fast(tun, b'text')
    c.tx('SA', opts=opt_mss(1460))
    c.rx('A', seq=5)
    equal(s.connect_ex((REMOTE, 7001)), 0, 'connect() after it')
    raises(errno.EISCONN, s.sendto, b'x', MSG_FASTOPEN, (REMOTE, 7001))
    # nobody answers: the time-out of connect()
    sysctl('syn_retries', 1)
    s, c, ret = send_fast(tun, b'text')
    check(wait_readable(s, 10), 'no end')
    raises(errno.ETIMEDOUT, s.recv, 1)


@case('RFC 7413', 'simultaneous open with text on the SYN: it is sent again, none is lost')
def simultaneous():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    c.rcv_nxt = c.irs + 1
    c.syn()
    c.rx_at_once('SA', seq=0, ack=1)
    c.tx('A', seq=1, ack=1)
    equal(wait_state(s, ESTABLISHED), ESTABLISHED, 'state')
    data = b''
    for x in c.all(0.01):
        data += x.data
    equal(data, b'some text', 'text')


@case('RFC 7413', 'fastopen_blackhole_timeout_sec: after three time-outs in a row none for a while')
def black_hole():
    tun = Tun()
    sysctl('fastopen_blackhole_timeout_sec', 1000)
    learn(tun)
    s, c, _ = send_fast(tun, b'text')
    c.tx('SA', opts=opt_mss(1460))
    c.rx('A', seq=5)
    s.send(b'into the void')
    for _ in range(4 + TCPX):
        c.rx(seq=5, data='into the void', within=10)
    t, d, ret = send_fast(tun, b'text', addr='10.9.1.3')
    equal((d.syn_seg.option(34), ret), (None, -errno.EINPROGRESS), 'SYN after three time-outs')
    dead_close(t)
    dead_close(s)
    sleep(1001)
    tun.pending.clear()
    tun._drain()
    tun.pending.clear()
    _, e, _ = send_fast(tun, b'text')
    equal(e.syn_seg.option(34), COOKIE, 'SYN after 1000 s')


@case('RFC 7413', 'between two kernels, 100 ms apart: the answer comes after one round trip, not two')
def round_trips():
    veth = Veth()
    netem(veth, 'delay', '50ms')
    fastopen(1)
    with veth.b:
        l = server()
    took = []
    dead_close(connect((Veth.B, 7001)))         # ARP takes its time once
    l.accept()
    for n in range(3):
        c = tcp_socket(blocking=False)
        start = now()
        c.connect_ex((Veth.B, 7001)) if n == 0 else None
        if n == 0:
            wait_writable(c)
            c.send(b'request')
        else:
            try:
                c.sendto(b'request', MSG_FASTOPEN, (Veth.B, 7001))
            except BlockingIOError:
                wait_writable(c)
                c.send(b'request')
        check(wait_readable(l), 'nothing to accept')
        s, _ = l.accept()
        equal(s.recv(100), b'request', 'request')
        s.send(b'response')
        check(wait_readable(c), 'no response')
        equal(c.recv(100), b'response', 'response')
        took.append(now() - start)
        if n == 2:
            wait_state(s, ESTABLISHED)
            equal((syn_data(c), syn_data(s)[0]), ((True, 0), True), 'TCP_INFO')
        c.close()
        s.close()
    diag('without, asking, with a cookie: %s ms' % [round(t * 1000, 1) for t in took])
    near(took[0], 0.2, 0.02, 'without')
    near(took[1], 0.2, 0.02, 'asking')
    near(took[2], 0.1, 0.02, 'with a cookie')


@case('RFC 7413', 'between two kernels: 1 MB each way on a connection that text has opened')
def big():
    veth = Veth()
    fastopen(1)
    with veth.b:
        l = server()
    for n in range(2):
        c = tcp_socket()
        data = pattern(1 << 20, n)
        sent = c.sendto(data[:60000], MSG_FASTOPEN, (Veth.B, 7001))
        s, _ = l.accept()
        transfer([(c, data[sent:], s), (s, data[::-1], c)]) if sent == 0 else None
        got = pump([(c, data[sent:], s), (s, data[::-1], c)])
        equal(bytes(got[0]), data, 'to the server')
        equal(bytes(got[1]), data[::-1], 'to the client')


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
        equal(counters()['FastOpenPassive'], 8, 'FastOpenPassive')
    c = Conn(tun, 29999, 7001, '10.9.1.99')
    c.open()
    kids = [ready(l) for _ in range(9)]
    check(kids, '')


main()
