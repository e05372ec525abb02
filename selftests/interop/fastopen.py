#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP Fast Open (RFC 7413): cookies, and data both ways before the handshake has ended."""

from path import *
from lib.fastopen import MSG_FASTOPEN, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY

KIND = 34
REQUEST = b'GET /' + b'x' * 300


def setup(p, client=3, server=3, queue=16):
    p.netem('delay', '10ms')
    p.client.sysctl('fastopen', client)
    p.server.sysctl('fastopen', server)
    l = p.listen()
    if queue is not None:
        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, queue)
    return l


def fast(p, data=REQUEST):
    """A socket that has sent @data with its SYN, as far as there was a cookie."""
    c = p.client.socket(blocking=False)
    try:
        equal(c.sendto(data, MSG_FASTOPEN, p.to), len(data), 'octets taken')
    except BlockingIOError:                     # no cookie: EINPROGRESS, nothing was taken
        check(wait_writable(c, 300), 'no connection')
        equal(so_error(c), 0, 'error')
        c.setblocking(True)
        c.sendall(data)
    c.setblocking(True)
    return c


def serve(l, answer, data=REQUEST):
    check(wait_readable(l, 300), 'no connection')
    s, _ = l.accept()
    equal(recv_exactly(s, len(data)), data, 'request')
    s.sendall(answer)
    return s


def request_cookie(p, l):
    """The first connection: it asks for a cookie and gets one."""
    cap = p.capture()
    c = fast(p)
    s = serve(l, b'answer')
    equal(recv_exactly(c, 6), b'answer', 'answer')
    syn, synack = cap.poll()[:2]
    equal((syn.option(KIND), syn.len), (b'', 0), 'the first SYN\'s option and data')
    check(len(synack.option(KIND) or b'') in (4, 6, 8, 16), 'no cookie in the SYN-ACK')
    close_both(c, s)
    sleep(1)
    return synack.option(KIND)


def use_cookie(p, l, cookie, answer):
    """Data on the SYN, and an answer before the handshake has ended."""
    cap = p.capture('rs')
    t = now()
    c = fast(p)
    s = serve(l, answer)
    check(now() - t < 0.015, 'the request came after %.3f s' % (now() - t))
    equal(recv_exactly(c, len(answer)), answer, 'answer')
    check(now() - t < 0.025 or len(answer) > 14000, 'the answer came after %.3f s' % (now() - t))
    segs = cap.poll()
    syn, synack = segs[:2]
    equal((syn.option(KIND), syn.data), (cookie, REQUEST), 'the SYN\'s cookie and data')
    equal(synack.ack, syn.end, 'what the SYN-ACK acknowledges')
    third = next((i for i, x in enumerate(segs) if i and x.sport != PORT), len(segs))
    check(sum(x.len for x in segs[1:third]) >= min(len(answer), 10000),
          'the server waited for the handshake')
    for sock in (c, s):
        check(info(sock)['options'] & SYN_DATA, 'TCP_INFO says that the data was not taken')
    exchange(c, s)
    close_both(c, s)
    sleep(1)


@between('a cookie is asked for, given and used ten times, with data both ways')
def cookies(p):
    l = setup(p)
    before = [end.counters() for end in p.ends]
    cookie = request_cookie(p, l)
    for n in range(10):
        use_cookie(p, l, cookie, b'answer %d' % n if n % 2 else bytes(Stream(20000).at(0, 20000)))
    active, passive = (end.grown(b) for end, b in zip(p.ends, before))
    equal(active.get('TCPFastOpenActive'), 10, 'counted by the client')
    equal(passive.get('TCPFastOpenPassive'), 10, 'counted by the server')
    equal(passive.get('TCPFastOpenCookieReqd'), 1, 'cookies asked for')


@between('TCP_FASTOPEN_CONNECT: the same with connect() and send()')
def by_option(p):
    l = setup(p)
    request_cookie(p, l)
    cap = p.capture()
    c = p.client.socket()
    c.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    c.connect(p.to)
    c.sendall(REQUEST)
    s = serve(l, b'answer')
    equal(recv_exactly(c, 6), b'answer', 'answer')
    equal(cap.poll()[0].data, REQUEST, 'data of the SYN')
    close_both(c, s)


@between('the server has another key: the cookie is refused, a new one given, the data sent again')
def stale(p):
    l = setup(p)
    cookie = request_cookie(p, l)
    l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, bytes(range(16)))
    cap = p.capture()
    c = fast(p)
    s = serve(l, b'answer')
    equal(recv_exactly(c, 6), b'answer', 'answer')
    syn, synack = cap.poll()[:2]
    equal(synack.ack, syn.seq + 1 & 0xffffffff, 'what the SYN-ACK acknowledges: the SYN alone')
    new = synack.option(KIND)
    check(new and new != cookie, 'no new cookie')
    close_both(c, s)
    sleep(1)
    use_cookie(p, l, new, b'answer')


@between('a server without Fast Open: data after the handshake, no cookie')
def unwilling(p):
    l = setup(p, server=0, queue=None)
    for _ in range(2):
        c = fast(p)
        s = serve(l, b'answer')
        equal(recv_exactly(c, 6), b'answer', 'answer')
        close_both(c, s)
        sleep(1)


@between('no cookie needed, by sysctl of both: data on the first SYN')
def without(p):
    l = setup(p, client=1 | 4, server=2 | 0x200)
    cap = p.capture()
    c = fast(p)
    s = serve(l, b'answer')
    equal(recv_exactly(c, 6), b'answer', 'answer')
    syn, synack = cap.poll()[:2]
    equal(syn.data, REQUEST, 'data of the SYN')
    equal(synack.ack, syn.end, 'what the SYN-ACK acknowledges')
    close_both(c, s)


@between('a router that drops SYNs with data: the SYN comes again without, the data after it')
def dropped(p):
    l = setup(p)
    request_cookie(p, l)
    p.rule('tcp flags & (syn|ack) == syn meta length > 200 counter drop')
    c = fast(p)
    s = serve(l, b'answer')
    equal(recv_exactly(c, 6), b'answer', 'answer')
    exchange(c, s)
    close_both(c, s)


@between('SYN-ACK and first answers lost: all of it comes again')
def lossy(p):
    l = setup(p)
    request_cookie(p, l)
    p.netem('delay', '10ms', 'loss', '20%')
    for n in range(20):
        c = fast(p)
        s = serve(l, b'answer %d' % n)
        equal(recv_exactly(c, 7 + len(str(n))), b'answer %d' % n, 'answer')
        carry((c, s, 3000), (s, c, 3000))
        c.close()
        s.close()
        sleep(100)


main()
