#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP Fast Open (RFC 7413): the client, on the wire and in its calls; then two kernels."""

import errno
import select
import socket

from lib import *
from lib.fastopen import *

UNAVAILABLE, NOT_ACKED, RETRANSMITTED = 1, 2, 3
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


def learn(tun, cookie=COOKIE, mss=ip.mss(), addr=REMOTE):
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


@case('RFC 7413', '4.2.1: without a cookie the SYN asks for one; the payload follows the handshake')
def request():
    tun = Tun()
    s = tcp_socket()
    # blocking: the answer has to come while the call waits
    def answer():
        x = tun.next(lambda g: g.dport == 7001)
        c = Conn(tun, 7001, x.sport)
        c.irs, c.rcv_nxt = x.seq, x.end
        equal((x.option(34), x.len), (b'', 0), 'the SYN')
        c.tx('SA', opts=opt_mss() + opt_fo(COOKIE))
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


@case('RFC 7413', '4.2.2: cookie and payload ride on the SYN; acknowledged, the rest follows')
def client():
    tun = Tun()
    before = counters()
    learn(tun)
    text = pattern(3000)
    s, c, ret = send_fast(tun, text)
    equal(c.syn_seg.option(34), COOKIE, 'cookie')
    check(ip.mss() - 60 <= ret <= ip.mss() - 20, '%d bytes on the SYN' % ret)
    equal(c.syn_seg.data, text[:ret], 'text')
    check(c.syn_seg.ip_len <= 1500, 'the SYN is larger than the path')
    raises(errno.EALREADY, s.connect, (REMOTE, 7001))
    c.tx('SA', opts=opt_mss())
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
        equal(grown(before).get('TCPFastOpenActive'), 1, 'TCPFastOpenActive')


@case('RFC 7413', 'the payload on the SYN leaves room for what the user adds to the IP header')
def with_ip_options():
    tun = Tun()
    learn(tun)
    s = tcp_socket(blocking=False)
    if ip.version == 4:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes((7, 39, 4)) + bytes(37))
    else:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, bytes((0, 4, 1, 36)) + bytes(36))
    _, c, ret = send_fast(tun, bytes(3000), sock=s)
    equal(c.syn_seg.len, ret, 'what rides on the SYN')
    check(1440 < c.syn_seg.ip_len <= 1500, 'a datagram of %d bytes' % c.syn_seg.ip_len)


@case('RFC 7413', '4.2.2: the SYN+ACK acknowledges the SYN only: the payload goes again at once')
def not_taken():
    tun = Tun()
    before = counters()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    equal(ret, 9, 'sendto')
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss())
    x = c.rx_at_once(seq=1, ack=1)
    if not x.len:
        x = c.rx_at_once(seq=1, ack=1)
    equal(x.data, b'some text', 'text')
    equal(syn_data(s), (False, NOT_ACKED), 'TCP_INFO')
    c.tx('A')
    s.send(b'more')
    c.rx('PA', seq=10, data='more')
    if TCPX:
        equal(grown(before).get('TCPFastOpenActiveFail'), 1, 'TCPFastOpenActiveFail')


@case('RFC 7413', 'the SYN+ACK acknowledges a part of the payload: the rest goes at once')
def partly_taken():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'0123456789')
    c.rcv_nxt = c.irs + 5
    c.tx('SA', opts=opt_mss())
    data = b''
    for x in c.all(0.3):
        check(c.rseq(x) >= 5, 'acknowledged payload went again: %s' % x)
        data = data or x.data
    equal(data, b'456789', 'the rest')
    equal(syn_data(s), (False, NOT_ACKED), 'TCP_INFO')
    c.tx('A', ack=11)
    s.send(b'more')
    c.rx('PA', seq=11, data='more')


@case('RFC 7413', 'payload of the SYN sent again is not new: Nagle does not count it, and holds nothing')
def nagle():
    tun = Tun()
    learn(tun)
    # a short segment after it does not wait for its ACK
    s, c, ret = send_fast(tun, b'some text')
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss())
    s.send(b', more')
    got = [x for x in c.all(AT_ONCE) if x.len]
    equal(b''.join(x.data for x in got), b'some text, more', 'what leaves at once')
    dead_close(s)
    # and it does not wait for what MSG_MORE promised
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    s, c, ret = send_fast(tun, b'some text', 7002, sock=s)
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss())
    got = [x for x in c.all(AT_ONCE) if x.len]
    equal([x.data for x in got], [b'some text'], 'what leaves at once')
    s.send(b', more')
    c.quiet(.1, 'what is new does not wait')


@case('RFC 7413', 'a router takes no SYN of that size: it goes without payload; that goes in pieces')
def frag_needed():
    tun = Tun()
    learn(tun)
    text = pattern(1400)
    s, c, ret = send_fast(tun, text)
    equal(ret, 1400, 'sendto')
    tun.icmp(ip.TOO_BIG, c.syn_seg.raw, rest=ip.small)
    again = c.rx_at_once('S', seq=0, length=0)
    equal(again.option(34), None, 'cookie')
    # told once more it says nothing new
    tun.icmp(ip.TOO_BIG, c.syn_seg.raw, rest=ip.small)
    c.quiet(.5)
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss())
    got = [x for x in c.all(AT_ONCE) if x.len]
    check(all(x.len <= ip.mss(ip.small) for x in got), 'lengths %r' % [x.len for x in got])
    equal(b''.join(x.data for x in got), text, 'text')
    equal(syn_data(s), (False, RETRANSMITTED), 'TCP_INFO')
    dead_close(s)
    c.flush()
    # the next one fits
    s, c, ret = send_fast(tun, text, 7002)
    check(c.syn_seg.ip_len <= ip.small, 'the next SYN has %d bytes' % c.syn_seg.ip_len)


@case('RFC 7413', 'an ACK of more than was sent, or of nothing, on the SYN+ACK: RST, it goes on')
def bad_ack():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'0123456789')
    for ack in (0, 12, 0x80000000):
        c.tx('SA', seq=0, ack=ack, opts=opt_mss())
        x = c.rx_at_once('R')
        equal(x.seq, (c.irs + ack) & 0xffffffff, 'the RST')
    equal(state(s), SYN_SENT, 'state')
    c.tx('SA', opts=opt_mss())
    c.rx_at_once('A', seq=11, ack=1)


@case('RFC 7413', '4.2.1: the SYN lost: the second has no payload, no cookie; all is sent after it')
def syn_lost():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    again = c.rx('S', seq=0, since=c.syn_seg.t, at=1.0, length=0)
    equal(again.option(34), None, 'option')
    c.rcv_nxt = c.irs + 1
    c.tx('SA', opts=opt_mss())
    data = b''
    for x in c.all(0.01):
        data += x.data
    equal(data, b'some text', 'text')
    equal(syn_data(s), (False, RETRANSMITTED), 'TCP_INFO')


@case('RFC 7413', 'the SYN+ACK lost: the second one acknowledges the payload of the first SYN')
def synack_lost_client():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'some text')
    c.rx('S', seq=0, length=0)
    c.tx('SA', ack=10, opts=opt_mss())
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
        c.tx('SA', opts=opt_mss())
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


@case('RFC 7413', '3: payload with the SYN+ACK is delivered (RFC 9293, 3.10.7.3)')
def synack_text():
    tun = Tun()
    learn(tun)
    s, c, ret = send_fast(tun, b'request')
    c.tx('SA', 'response', opts=opt_mss())
    check(wait_readable(s, 0.001), 'no payload')
    equal(s.recv(100), b'response', 'text')
    c.rx('A', seq=8, ack=9)
    # of a connection that was not opened fast, too
    t = tcp_socket(blocking=False)
    d = syn_sent(tun, t, 7002)
    d.tx('SA', 'hello', opts=opt_mss())
    if TCPX:
        check(wait_readable(t, 0.001), 'no payload')
        equal(t.recv(100), b'hello', 'text')
        d.rx('A', seq=1, ack=6)


@case('RFC 7413', '4.1.3: the MSS is remembered with the cookie; 536 where none was announced')
def mss():
    tun = Tun()
    full = ip.mss()
    for n, (said, most) in enumerate(((500, 460), (None, ip.default_mss - 40), (full, full - 40),
                                      (9000, full - 40))):
        addr = ip.addr(9, 1, 50 + n)
        learn(tun, mss=said, addr=addr)
        _, c, ret = send_fast(tun, bytes(3000), addr=addr)
        check(most - 40 <= c.syn_seg.len <= most + 20 and c.syn_seg.len == ret,
              'MSS %r: %d bytes' % (said, c.syn_seg.len))


@case('RFC 7413', 'cookies of 4 to 16 bytes are kept as they are, by destination, the last 1024')
def cache():
    tun = Tun(prefix=ip.wide)
    for n in range(4, 18, 2):
        addr = ip.addr(9, 2, n)
        learn(tun, bytes(range(n)), addr=addr)
        _, c, _ = send_fast(tun, b'text', addr=addr)
        equal(c.syn_seg.option(34), bytes(range(n)), '%d bytes' % n)
    need(TCPX, 'the kernel\'s TCP bounds its cache otherwise')
    learn(tun)
    for n in range(1024):
        if n == 1000:
            # used just now, so not the oldest
            send_fast(tun, b'text', addr=ip.addr(9, 3, 0))
        learn(tun, addr=ip.addr(9, 3 + n // 256, n % 256))
    _, c, _ = send_fast(tun, b'text')
    equal(c.syn_seg.option(34), b'', 'the oldest is forgotten')
    _, c, _ = send_fast(tun, b'text', 7002, addr=ip.addr(9, 3, 0))
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
    c.tx('SA', opts=opt_mss())
    c.rx('A', seq=12)
    equal(s.send(b'second'), 6, 'send')
    c.rx('PA', seq=12, data='second')
    # without a cookie connect() is as ever, and asks for one
    t = tcp_socket(blocking=False)
    t.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    d = syn_sent(tun, t, 7003, addr=ip.addr(9, 1, 3))
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
    s.bind((ip.ANY, 5555))
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
    c.tx('SA', opts=opt_mss())
    c.rx('A', seq=5)
    equal(s.connect_ex((REMOTE, 7001)), 0, 'connect() after it')
    raises(errno.EISCONN, s.sendto, b'x', MSG_FASTOPEN, (REMOTE, 7001))
    # the peer does not answer: connect() times out
    sysctl('syn_retries', 1)
    s, c, ret = send_fast(tun, b'text')
    check(wait_readable(s, 10), 'no end')
    raises(errno.ETIMEDOUT, s.recv, 1)


@case('RFC 7413', 'simultaneous open with payload on the SYN: it is sent again, none is lost')
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
    c.tx('SA', opts=opt_mss())
    c.rx('A', seq=5)
    s.send(b'into the void')
    for _ in range(4 + TCPX):
        c.rx(seq=5, data='into the void', within=10)
    t, d, ret = send_fast(tun, b'text', addr=ip.addr(9, 1, 3))
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


@case('RFC 7413', 'between two kernels: 1 MB each way on a connection that payload has opened')
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


main()
