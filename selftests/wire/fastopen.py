# SPDX-License-Identifier: GPL-2.0
"""TCP Fast Open, both kinds of its option."""

import socket

from wire import *
from handshake import for_each
from text import take
from lib import *

FAST = socket.MSG_FASTOPEN | socket.MSG_DONTWAIT
MSS = opt_mss(1460)
KINDS = (('ietf', fast_open), ('exp', experimental))
TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE, TCP_FASTOPEN_KEY = 23, 30, 34, 33


def pad(opt):
    return opt + NOP * (-len(opt) % 4)


def first_syn(w, n, dest=REMOTE):
    """sendto(MSG_FASTOPEN) on a new socket."""
    w.sock = tcp_socket(blocking=False)
    w.sock.bind((ip.ANY, 30000))
    w.sport, w.dport = PORT, 30000
    w.irs, w.nxt = None, w.iss
    return w.call('sendto %d' % n, w.sock.sendto, bytes(n), FAST, (dest, PORT))


def done(w):
    w.linger()
    w.close()


def learn(w, cookie, kind=fast_open, opts=MSS):
    """The client gets a cookie."""
    first_syn(w, 100)
    w.send('SA', opts=opts + pad(kind(cookie)), what='SYN,ACK with a cookie')
    w.ack(1)
    done(w)


@for_each('fo-client', [('%s-%d' % (k, n), kind, n)
                        for k, kind in KINDS for n in (4, 6, 8, 10, 12, 14, 16)])
def client(name, kind, n):
    w = Wire(name)
    learn(w, bytes(range(n)), kind)
    first_syn(w, 100)
    w.send('SA', ack=101, opts=MSS, what='all taken')
    done(w)


@for_each('fo-answer', [(what, what) for what in (
    'all', 'syn', 'part', 'text', 'other-cookie', 'fin')])
def client_answered(name, what):
    w = Wire(name)
    learn(w, bytes(8))
    first_syn(w, 1000)
    if what == 'all':
        w.send('SA', ack=1001, opts=MSS)
    if what == 'syn':
        w.send('SA', ack=1, opts=MSS)
    if what == 'part':
        w.send('SA', ack=501, opts=MSS)
    if what == 'text':
        w.send('SA', 100, ack=1001, opts=MSS)
    if what == 'other-cookie':
        w.send('SA', ack=1, opts=MSS + pad(fast_open(bytes(16))))
    if what == 'fin':
        w.call('close', w.sock.close)
        w.send('SA', ack=1001, opts=MSS)
        take(w)
        return
    take(w)
    done(w)
    first_syn(w, 10)


@for_each('fo-mss', [('%d' % n, n) for n in (0, 100, 536, 1000, 1400, 1460, 9000)])
def client_mss(name, mss):
    """The MSS is remembered with the cookie."""
    w = Wire(name)
    learn(w, bytes(8), opts=opt_mss(mss) if mss else b'')
    first_syn(w, 3000)
    w.send('SA', ack=1, opts=MSS)
    take(w)


@for_each('fo-no-cookie-in-answer', [('100', 100), ('3000', 3000)])
def no_cookie(name, n):
    w = Wire(name)
    first_syn(w, n)
    w.send('SA', opts=ALL)
    take(w)


@script
def fo_client_options(name):
    """All options and a cookie of 16."""
    w = Wire(name)
    learn(w, bytes(16))
    first_syn(w, 3000)


@script
def fo_syn_again(name):
    w = Wire(name)
    learn(w, bytes(8))
    first_syn(w, 100)
    w.step('wait', 1.1)
    w.step('wait', 2.05)
    w.send('SA', ack=1, opts=MSS)


@script
def fo_request_again(name):
    w = Wire(name)
    first_syn(w, 100)
    w.step('wait', 1.1)
    w.send('SA', ack=1, opts=MSS + pad(fast_open(bytes(8))))
    done(w)
    first_syn(w, 100)


@script
def fo_connect_option(name):
    w = Wire(name)
    learn(w, bytes(8))

    def before(s):
        s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    w.irs, w.nxt = None, w.iss
    w.connect(before=before)
    w.write(100)
    w.send('SA', ack=101, opts=MSS)


@script
def fo_connect_no_cookie(name):
    w = Wire(name)
    w.connect(before=lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1))


@script
def fo_client_no_cookie_option(name):
    w = Wire(name)
    w.sock = tcp_socket(blocking=False)
    w.sock.bind((ip.ANY, 30000))
    w.sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1)
    w.sport, w.dport = PORT, 30000
    w.call('sendto', w.sock.sendto, bytes(2000), FAST, (REMOTE, PORT))
    w.send('SA', ack=1421, opts=MSS)
    take(w)


@script
def fo_no_cookie_mss(name):
    """The MSS is remembered without a cookie, too."""
    w = Wire(name)
    sysctl('fastopen', 5)
    first_syn(w, 3000)
    w.send('SA', ack=1, opts=opt_mss(1000))
    w.send('A', what='ack')
    w.send('A', what='ack')
    done(w)
    first_syn(w, 3000)


@script
def fo_asks_in_vain(name):
    """No cookie under one kind, nor under the other."""
    w = Wire(name)
    for _ in range(4):
        first_syn(w, 100)
        w.send('SA', opts=MSS)
        done(w)


@script
def fo_empty(name):
    w = Wire(name)
    learn(w, bytes(8))
    first_syn(w, 0)
    w.send('SA', opts=MSS)


def serve(w, key=bytes(range(16)), mode=3):
    sysctl('fastopen', mode)
    w.listen(lambda l: (l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8),
                        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_KEY, key)))


def ask(w, kind, opts=MSS):
    """The peer asks for a cookie, and gets one."""
    segs = w.send('S', opts=opts + pad(kind()), what='SYN asks')
    w.send('R', seq=1, what='RST')
    for s in segs:
        for k, v in s.options():
            if k == 34 and len(v):
                return v
            if k == 254 and len(v) > 2:
                return v[2:]
    return bytes(8)


def again(w):
    w.sport += 1
    w.irs, w.nxt, w.rcv_nxt = None, w.iss, None


@for_each('fo-server', [('%s-%s' % (k, o), kind, opts)
                        for k, kind in KINDS for o, opts in (('mss', MSS), ('all', ALL))])
def server(name, kind, opts):
    w = Wire(name)
    serve(w)
    cookie = ask(w, kind, opts)
    again(w)
    w.send('S', 100, opts=opts + pad(kind(cookie)), what='SYN with payload')
    if opts is ALL:
        w.stamps()
    w.accept()
    w.write(3000)
    w.send('A', ack=1, what='ack')
    take(w)


@for_each('fo-server-cookie', [('%s-%d' % (k, n), kind, n)
                               for k, kind in KINDS for n in (3, 4, 7, 8, 16, 18)])
def server_wrong(name, kind, n):
    """A cookie that is not ours, good length or bad."""
    w = Wire(name)
    serve(w)
    w.send('S', 100, opts=MSS + pad(kind(b'\xaa' * n)), what='SYN')
    w.send('A', seq=1, ack=1, what='ack')
    w.send('PA', 100, seq=1, what='text')


@script
def fo_server_syn_again(name):
    w = Wire(name)
    serve(w)
    cookie = ask(w, fast_open)
    again(w)
    w.send('S', 100, opts=MSS + pad(fast_open(cookie)), what='SYN with payload')
    w.step('wait', 1.1)
    w.send('S', 100, seq=0, opts=MSS + pad(fast_open(cookie)), what='again')
    w.send('A', ack=1, what='ack')


@script
def fo_server_rst(name):
    w = Wire(name)
    serve(w)
    cookie = ask(w, fast_open)
    again(w)
    w.send('S', 100, opts=MSS + pad(fast_open(cookie)), what='SYN with payload')
    w.accept()
    w.close()
    w.send('A', ack=1, what='ack')


@script
def fo_server_close(name):
    w = Wire(name)
    serve(w)
    cookie = ask(w, fast_open)
    again(w)
    w.send('S', 100, opts=MSS + pad(fast_open(cookie)), what='SYN with payload')
    w.accept()
    w.read(100)
    w.close()
    w.send('A', ack=1, what='ack')
    take(w)


@script
def fo_server_both_kinds(name):
    w = Wire(name)
    serve(w)
    w.send('S', opts=MSS + pad(fast_open()) + pad(experimental()), what='both')
    w.send('R', seq=1, what='RST')
    again(w)
    w.send('S', opts=MSS + pad(experimental()) + pad(fast_open()), what='both')


@for_each('fo-server-mode', [('%#x' % m, m) for m in (0, 1, 2, 0x202, 0x602)])
def server_mode(name, mode):
    w = Wire(name)
    serve(w, mode=mode)
    for kind in (fast_open, experimental):
        w.send('S', 100, opts=MSS + pad(kind()), what='asks')
        w.send('R', seq=1, what='RST')
        again(w)
    w.send('S', 100, opts=MSS, what='payload alone')
