#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: buffers that grow with the path, windows of 1 GiB, and what a user may fix."""

import os
import re
import socket
import struct
import threading

from lib import *

MSS = ip.mss()
GIB = 65535 << 14
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
TCP_WINDOW_CLAMP, TCP_CONGESTION, TCP_NOTSENT_LOWAT = 10, 13, 25


def info(s):
    """The numbers of struct tcp_info that these tests look at."""
    raw = tcp_info(s)
    u32 = struct.unpack_from('24I', raw, 8)
    return {'rtt': u32[15], 'rcv_rtt': u32[21], 'rcv_space': u32[22],
            'rcv_ssthresh': u32[14], 'snd_wnd': struct.unpack_from('I', raw, 228)[0]}


def rcvbuf(s):
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def far(delay, *more):
    """Two kernels and a path of @delay ms each way; (veth, client, server)."""
    veth = Veth()
    netem(veth, 'delay', '%dms' % delay, 'limit', '1000000', *more)
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    return veth, c, s


def far_and_wide():
    """The same, 100 ms away, with buffers that may grow to 256 MiB."""
    sysctl('wmem', '4096 16384 268435456')
    veth, c, s = far(100)
    with veth.b:
        sysctl('rmem', '4096 131072 268435456')
    return veth, c, s


@case('SHLD-14', 'what was offered is taken, to its last octet, of segments of any size, unread')
def offered_is_taken():
    need(not os.environ.get('TCPX_VM_DEBUG'), 'an skb has another size in a debug kernel')
    tun = Tun()
    for size in (*range(700, MSS, 61), MSS):
        s, c = passive(tun, opts=opt_mss(size) + opt_ws(9))
        edge, window = 1, c.synack.win
        sent = 1
        while True:
            edge = max(edge, c.rack(c.last) + window)
            if sent == edge:
                break
            while sent < edge:
                n = min(size, edge - sent)
                c.tx('PA', bytes(n), seq=sent)
                sent += n
            c.flush(0.5)
            equal(c.rack(c.last), sent, 'what is acknowledged of segments of %d bytes' % size)
            window = c.last.win << c.synack.wscale
        dead_close(s)
        c.flush()


@case('RFC 7323, 2.3', 'a window of 1 GiB is offered, and taken to its last octet')
def gib_in():
    tun = Tun()
    sysctl('rmem', '4096 2147483647 2147483647')
    # Before payload has come the route alone has so much offered
    run_ip('route', 'replace', ip.net(9, 1), 'dev', tun.name, *ip.onlink, 'initrwnd', '800000')
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(14) + opt_sackok())
    equal(c.synack.wscale, 14, 'window scale')
    equal(c.synack.win, 65535, 'the window of the SYN,ACK is not scaled')
    c.tx('PA', 'x')
    a = c.rx('A', ack=2)
    equal(a.win << 14, GIB, 'the window')
    edge = 2 + GIB
    c.tx('A', 'last', seq=edge - 4)
    equal(c.rx_at_once('A', ack=2).sack, [((c.iss + edge - 4) & 0xffffffff,
                                           (c.iss + edge) & 0xffffffff)], 'SACK blocks')
    c.tx('A', 'x', seq=edge)
    a = c.rx_at_once('A', ack=2)
    equal(len(a.sack), 1, 'blocks after an octet beyond the edge')
    c.tx('A', 'yz')
    equal(s.recv(100), b'xyz', 'text')


@case('RFC 7323, 2.3', 'a window of 1 GiB is understood')
def gib_out():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(14))
    c.tx('A', win=65535)
    if TCPX:
        equal(info(s)['snd_wnd'], GIB, 'the window')
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 4 << 20)
    s.setblocking(False)
    sent = s.send(bytes(3 << 20))
    got = 0
    while got < sent:
        x = c.get(1)
        check(x is not None, 'stuck at %d' % got)
        got = c.rseq(x) - 1 + x.len
        c.tx('A', ack=1 + got, win=65535)


@case('RFC 7323, 2.3', 'the shift is what the buffer may come to need, and what the user allows')
def shifts():
    tun = Tun()
    for most, clamp, want in ((6291456, 0, 7), (65535, 0, 1), (1 << 30, 0, 14),
                              (2147483647, 0, 14), (6291456, 60000, 0), (6291456, 100000, 1)):
        sysctl('rmem', '4096 131072 %d' % most)

        def limit(l):
            if clamp:
                l.setsockopt(socket.IPPROTO_TCP, TCP_WINDOW_CLAMP, clamp)
        s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(0), before=limit)
        if want != 1 or clamp:              # a buffer of 65535 is less than what it begins with
            equal(c.synack.wscale, want, 'shift for %d, clamp %d' % (most, clamp))
        dead_close(s)


@case('S26', 'slow start over 200 ms is never held back by the receiver: 40 MB in 13 round trips')
def ahead():
    need_free_work()
    need(TCPX, 'the kernel\'s TCP is limited to 6 MiB by its defaults')
    veth, c, s = far_and_wide()
    data = pattern(40 << 20)
    t = now()
    transfer([(c, data, s)])
    took = now() - t
    diag('%.3f s, receive buffer %d, %r' % (took, rcvbuf(s), info(s)))
    check(took < 13 * 0.2, 'it took %.3f s' % took)
    near(info(s)['rcv_rtt'] / 1e6, 0.2, 0.02, 'the round trip as the receiver sees it')


@case('S26', 'without timestamps the receiver measures by the window: as fast')
def ahead_without_ts():
    need_free_work()
    need(TCPX, 'the kernel\'s TCP is limited to 6 MiB by its defaults')
    sysctl('timestamps', 0)
    veth, c, s = far_and_wide()
    t = now()
    transfer([(c, pattern(40 << 20), s)])
    diag('%.3f s' % (now() - t))
    check(now() - t < 13 * 0.2, 'it took %.3f s' % (now() - t))


@case('S26', 'nor while losses of slow start are repaired: what waits behind them has its own room')
def ahead_of_losses():
    need(TCPX, 'the kernel\'s TCP is limited to 6 MiB by its defaults')
    veth, c, s = far_and_wide()
    c.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b'bbr')
    c.setblocking(False)
    s.setblocking(False)
    data, got, start, lost = bytes(1 << 20), 0, now(), False
    while now() - start < 1.9:
        try:
            while True:
                c.send(data)
        except BlockingIOError:
            pass
        try:
            while n := len(s.recv(1 << 20)):
                got += n
        except BlockingIOError:
            pass
        sleep(0.001)
        if not lost and now() - start >= 1.3:
            for loss in ('100%', '0%'):
                with veth.a:
                    run('tc', 'qdisc', 'change', 'dev', 'va', 'root', 'netem', 'delay', '100ms',
                        'limit', '1000000', 'loss', loss)
                sleep(0.005)
            lost = True
    raw = tcp_info(c)
    busy, rwnd, sndbuf = struct.unpack_from('3Q', raw, 168)
    again = struct.unpack_from('I', raw, 100)[0]
    dead_close(c)
    dead_close(s)
    diag('%d bytes; busy %d us, limited by the receiver for %d us, by the send buffer for %d us, '
         '%d sent again' % (got, busy, rwnd, sndbuf, again))
    check(again, 'nothing was lost')
    check(rwnd < 1000, 'limited by the receiver for %d us' % rwnd)
    check(sndbuf < 1000, 'limited by the send buffer for %d us' % sndbuf)


@case('S26', 'a reader that is slow gets no larger buffer')
def slow():
    need_free_work()
    veth, c, s = far(10)
    before = rcvbuf(s)
    c.setblocking(False)
    for _ in range(200):
        try:
            c.send(bytes(65536))
        except BlockingIOError:
            pass
        sleep(0.1)
        recv_exactly(s, 1000)
    equal(rcvbuf(s), before, 'the receive buffer')


@case('S26', 'SO_RCVBUF, and net.tcpx.moderate_rcvbuf = 0, fix the buffer')
def fixed():
    for how in ('option', 'sysctl'):
        veth, c, s = far(50)
        if how == 'option':
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100000)
        else:
            with veth.b:
                sysctl('moderate_rcvbuf', 0)
        before = rcvbuf(s)
        cap = Capture('va')
        transfer([(c, pattern(3 << 20), s)])
        equal(rcvbuf(s), before, 'the receive buffer')
        shift = 7
        top = max(x.win << shift for x in cap.poll() if x.src == Veth.B and not x.flags & SYN)
        check(top <= before, 'a window of %d for a buffer of %d' % (top, before))
        if how == 'option':
            run('ip', 'link', 'del', 'va')


@case('S26', 'a fast reader needs no large buffers: what both hold then is delay alone')
def fast_reader():
    c, s = pair()
    c.setblocking(False)
    s.setblocking(False)
    piece, room, sent = bytes(1 << 17), bytearray(1 << 20), 0

    def send():
        try:
            return c.send(piece)
        except BlockingIOError:
            return 0

    while sent < 100 << 20:
        sent += send()
        try:
            while s.recv_into(room):
                pass
        except BlockingIOError:
            pass
    unread = 0
    while (n := send()):
        unread += n
    diag('%d bytes unread, SO_SNDBUF %d, SO_RCVBUF %d' % (
        unread, c.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF), rcvbuf(s)))
    check(unread < 6 << 20, '%d bytes unread' % unread)


@case('S26', 'a receive buffer of a segment or two, and units that are larger: no wait at all')
def small_buffers():
    def take(s, n):
        while n:
            n -= len(s.recv(n))
    for most in (6 << 20, 1 << 30):
        sysctl('rmem', '4096 131072 %d' % most)
        for mtu in (1500, 65536):
            set_mtu('lo', mtu)
            for size in (1, 2304, 3000, 4000, 6000, 8000):
                l = tcp_socket()
                l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
                l.bind((ip.lo(), 0))
                l.listen()
                c = connect(l.getsockname())
                s, _ = l.accept()
                began = now()
                reader = threading.Thread(target=take, args=(s, 300000))
                reader.start()
                c.sendall(bytes(300000))
                reader.join()
                # A timer takes 40 ms at least
                check(now() - began < 0.03, 'MTU %d, SO_RCVBUF %d: %.3f s' % (
                    mtu, size, now() - began))
                for x in (c, s, l):
                    x.close()


@case('S26', 'TCP_WINDOW_CLAMP: the window is no larger, and its edge moves back by no unit')
def clamp():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(0))
    shift = c.synack.wscale
    c.tx('PA', bytes(1000))
    a = c.rx('A', ack=1001)
    check(a.win << shift > 30000, 'a window of %d' % (a.win << shift))
    edge = c.rack(a) + (a.win << shift)
    s.setsockopt(socket.IPPROTO_TCP, TCP_WINDOW_CLAMP, 10000)
    equal(s.getsockopt(socket.IPPROTO_TCP, TCP_WINDOW_CLAMP), 10000, 'the option')
    recv_exactly(s, 1000)
    sent = 1000
    while sent < 300000:
        n = min(MSS, edge - 1 - sent)
        check(n > 0, 'the window is shut, all was read')
        c.tx('A', bytes(n))
        sent += n
        recv_exactly(s, n)
        for a in c.all(0.05):
            new = c.rack(a) + (a.win << shift)
            check(new > edge - (1 << shift), 'the right edge moved from %d to %d' % (edge, new))
            edge = max(edge, new)
    check(a.win << shift <= 10000 + (1 << shift), 'a window of %d' % (a.win << shift))


@case('S26', 'TCP_NOTSENT_LOWAT, and net.tcpx.notsent_lowat: no more is queued that is not sent')
def notsent():
    tun = Tun()
    for how in ('option', 'sysctl'):
        if how == 'sysctl':
            sysctl('notsent_lowat', 20000)
        s, c = passive(tun, opts=opt_mss(MSS), win=20000)
        if how == 'option':
            s.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, 20000)
        s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
        s.setblocking(False)
        sent = 0
        try:
            while sent < 1 << 20:
                sent += s.send(bytes(1000))
        except BlockingIOError:
            pass
        c.flush(0.1)
        notsent = struct.unpack('i', fcntl_ioctl(s, 0x894b))[0]         # SIOCOUTQNSD
        check(19000 <= notsent <= 20000 + MSS, '%d bytes not sent, by %s' % (notsent, how))
        check(not wait_writable(s, 0.1), 'poll() says it is writable')
        dead_close(s)
        c.flush(0.1)


def fcntl_ioctl(s, req):
    import fcntl
    return fcntl.ioctl(s, req, bytes(4))


@case('S26', 'the send buffer holds two windows and more while the window grows')
def sndbuf():
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    veth, c, s = far(50)
    c.setblocking(False)
    worst = None
    data = pattern(65536)
    s.setblocking(False)
    deadline = now() + 1.0
    while now() < deadline:
        try:
            while True:
                c.send(data)
        except BlockingIOError:
            pass
        raw = tcp_info(c)
        cwnd = struct.unpack_from('I', raw, 8 + 4 * 18)[0] * MSS
        size = c.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        if size < sysctl_max('wmem'):
            ratio = size / cwnd
            worst = ratio if worst is None else min(worst, ratio)
        try:
            while s.recv(1 << 20):
                pass
        except BlockingIOError:
            pass
        sleep(0.002)
    check(worst and worst >= 3, 'a send buffer of %.1f windows' % worst)


@case('S26', '... and what is SACKed behind a hole besides: sending goes on until that is filled')
def sndbuf_hole():
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(14) + opt_sackok())
    s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b'bbr')
    s.setblocking(False)
    high = 1
    for i in range(20):
        try:
            while True:
                s.send(bytes(65536))
        except BlockingIOError:
            pass
        sleep(0.01)
        new = max([c.rseq(x) + x.len for x in c.all(AT_ONCE)], default=high)
        check(new > high, 'nothing new after %d round trips and %d bytes' % (i, high))
        high = new
        # The first segment is lost, and its repetitions
        c.tx('A', ack=1, opts=opt_sack((c.irs + 1 + MSS, c.irs + high)))
    dead_close(s)


def sysctl_max(name):
    return int(re.split(r'\s+', sysctl(name))[2])


@case('S26', 'memory pressure: the window shrinks by what arrives, its edge by no unit, to no less '
             'than some segments', keep_netns=True)
def pressure():
    need(TCPX, 'net.tcpx.mem')
    tun = Tun()
    sysctl_write = lambda v: open('/proc/sys/net/tcpx/mem', 'w').write(v)
    hog, unread = pair()                # without it no page is taken from all
    hog.setblocking(False)
    hog.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20)
    hog.send(bytes(8 << 20))
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(0))
    shift = c.synack.wscale
    old = open('/proc/sys/net/tcpx/mem').read()
    try:
        sysctl_write('1 1 100000')
        sent, edge, least = 0, 1 + c.synack.win, 1 << 30
        while sent < 400000:
            n = min(MSS, edge - 1 - sent)
            check(n > 0, 'the window is shut at %d' % sent)
            c.tx('A', bytes(n))
            sent += n
            recv_exactly(s, n)
            for a in c.all(0.05):
                new = c.rack(a) + (a.win << shift)
                check(new > edge - (1 << shift), 'the right edge moved from %d to %d' % (edge, new))
                edge = max(edge, new)
                least = min(least, a.win << shift)
        check(least <= 4 * MSS, 'the window stayed at %d' % least)
        check(least >= MSS, 'the window went down to %d' % least)
    finally:
        sysctl_write(old)
        dead_close(hog)
        dead_close(unread)
    for _ in range(100):
        c.tx('A', bytes(MSS))
        recv_exactly(s, MSS)
        c.flush(0.05)
    check(c.last.win << shift > 40000, 'the window stays at %d afterwards' % (c.last.win << shift))


main()
