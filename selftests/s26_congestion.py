#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: congestion control by RFC 5681; what small writes become (Nagle, cork)."""

import socket

from lib import *

MSS = 1000
MSS_ONLY = opt_mss(MSS)
MSG_MORE = 0x8000
SO_SNDBUFFORCE = 32


def sender(tun, total=200 * MSS, win=65535):
    """A connection with @total bytes waiting to be sent; returns also the first flight."""
    s, c = passive(tun, opts=MSS_ONLY + opt_ws(4), win=win)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'reno')
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    s.setblocking(False)
    equal(s.send(bytes(total)), total, 'bytes that fit into the send buffer')
    return s, c, c.all(AT_ONCE)


def ack_each(c, flight):
    """Acknowledge each segment of @flight; what is sent upon that."""
    out = []
    for x in flight:
        c.tx('A', ack=c.rseq(x) + x.len)
        out += c.all()
    out += c.all(AT_ONCE)
    return out


@case('S26', 'the initial window: at most 10 segments, and at least 2 (RFC 5681, RFC 6928)')
def initial_window():
    tun = Tun()
    _, c, first = sender(tun)
    check(2 <= len(first) <= 10, '%d segments' % len(first))
    c.quiet(0.15, 'more without an ACK')
    diag('%d segments' % len(first))


def first_flight_after_lost_syns(tun, lost, port):
    """How many segments leave at first where so many SYNs got no answer."""
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, port)
    for _ in range(lost):
        c.rx('S')
    c.tx('SA', opts=MSS_ONLY)
    c.rx('A')
    s.send(bytes(20 * MSS))
    return len(c.all(AT_ONCE))


def first_flight_after_lost_syn_acks(tun, lost, port):
    """The same for a SYN+ACK that comes again."""
    ls = listener(port=port)
    c = Conn(tun, 40000, port)
    c.tx('S', opts=MSS_ONLY)
    for _ in range(lost + 1):
        c.rx('SA')
    c.tx('A')
    s, _ = ls.accept()
    s.setblocking(False)
    s.send(bytes(20 * MSS))
    return len(c.all(AT_ONCE))


@case('S26', 'after two lost SYNs the initial window is one segment (RFC 5681, 3.1; RFC 6928, 2)')
def initial_window_after_loss():
    tun = Tun()
    equal(first_flight_after_lost_syns(tun, 2, 7001), 1, 'two lost SYNs')
    equal(first_flight_after_lost_syn_acks(tun, 2, 7002), 1, 'two lost SYN+ACKs')


@case('S26', 'one lost SYN, or SYN+ACK, leaves the initial window at 10 segments (RFC 6928, 2)')
def initial_window_after_one_loss():
    tun = Tun()
    equal(first_flight_after_lost_syns(tun, 1, 7001), 10, 'one lost SYN')
    equal(first_flight_after_lost_syn_acks(tun, 1, 7002), 10, 'one lost SYN+ACK')


@case('S26', 'slow start: each ACKed segment lets two out')
def slow_start():
    tun = Tun()
    _, c, flight = sender(tun)
    iw = len(flight)
    for n in range(1, 4):
        flight = ack_each(c, flight)
        equal(len(flight), iw << n, 'segments in flight %d' % (n + 1))


@case('S26', 'slow start: a window that was used in full doubles, though nothing more was to be sent')
def slow_start_of_bursts():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    for n in (10, 20, 40):
        s.send(bytes(1000 * n))
        flight = c.all(AT_ONCE)
        equal(len(flight), n, 'segments of a window of %d' % n)
        for seg in flight[1::2]:
            c.tx('A', ack=c.rseq(seg) + seg.len)


@case('S26', 'slow start: an ACK of many segments counts for at most its bytes')
def stretch_ack():
    tun = Tun()
    _, c, flight = sender(tun)
    iw = len(flight)
    c.tx('A')
    nxt = c.all(AT_ONCE)
    check(iw < len(nxt) <= 2 * iw, '%d after %d' % (len(nxt), iw))


@case('S26', 'slow start: ACKs cut into pieces gain nothing (RFC 5681, 3.1)')
def ack_division():
    tun = Tun()
    _, c, flight = sender(tun)
    iw = len(flight)
    for n in range(1, MSS + 1, 100):
        c.tx('A', ack=n + 99 if n + 99 <= MSS else MSS)
    c.tx('A', ack=1 + MSS)
    got = len(c.all(AT_ONCE))
    check(got <= 2, 'one segment, acknowledged in ten pieces, let %d out' % got)


@case('S26', 'after a time-out: one segment, then slow start to half the flight, then one per RTT')
def after_timeout():
    tun = Tun()
    _, c, flight = sender(tun, total=600 * MSS)
    iw = len(flight)
    flight = ack_each(c, flight)            # 2 * iw under way
    out = 2 * iw
    equal(len(flight), out, 'under way')
    first = c.rx(within=2)                  # the time-out
    equal(c.rseq(first), c.rseq(flight[0]), 'repeats the first')
    c.quiet(0.1)
    # all the rest had arrived: acknowledge it, and look at the window that is left
    c.tx('A')
    flight = c.all(AT_ONCE)
    check(1 <= len(flight) <= iw + 1, '%d segments after the time-out' % len(flight))
    sizes = []
    for _ in range(12):
        sizes.append(len(flight))
        flight = ack_each(c, flight)
    ssthresh = out // 2
    growth = [b - a for a, b in zip(sizes, sizes[1:])]
    diag('flights: %r, half of %d was under way' % (sizes, out))
    late = [g for a, g in zip(sizes, growth) if a >= ssthresh]
    check(late and all(g <= 1 for g in late), 'above ssthresh it grew by %r' % late)
    check(sum(late) >= len(late) // 2, 'it does not grow any more: %r' % late)


@case('S26', 'fast recovery halves the window (RFC 5681, 3.2)')
def halved():
    tun = Tun()
    _, c, flight = sender(tun, total=600 * MSS)
    flight = ack_each(c, ack_each(c, flight))
    out = len(flight)
    lost = flight[0]
    again = []
    for x in flight[1:]:
        c.tx('A', ack=c.rseq(lost))
        again += c.all()
    equal(sum(1 for x in again if c.rseq(x) == c.rseq(lost)), 1, 'repetitions of the lost segment')
    new = [x for x in again if c.rseq(x) > c.rseq(flight[-1])]
    check(len(new) <= out // 2 + 2, '%d new segments in recovery, %d were under way' % (
        len(new), out))
    # of all that was under way when the loss was seen: the end of recovery (RFC 6582)
    c.tx('A', ack=c.rseq(flight[-1]) + MSS)
    after = new + c.all(AT_ONCE)
    check(out // 4 <= len(after) <= out // 2 + 2, '%d segments under way after recovery, %d before' % (
        len(after), out))
    diag('%d under way, %d new in recovery, %d after it' % (out, len(new), len(after)))


@case('S26', 'limited transmit: the first two duplicate ACKs let new data out (RFC 3042)')
def limited_transmit():
    tun = Tun()
    _, c, flight = sender(tun)
    for n in range(2):
        c.tx('A', ack=1)
        x = c.rx_at_once(what='duplicate %d' % (n + 1))
        equal(c.rseq(x), c.rseq(flight[-1]) + (n + 1) * MSS, 'new data')
        sleep(0.002)


@case('S26', 'after an idle time the window starts anew (RFC 5681, 4.1)')
def idle_restart():
    tun = Tun()
    s, c, flight = sender(tun, total=70 * MSS)
    iw = len(flight)
    while flight:
        flight = ack_each(c, flight)
    sleep(100)
    s.send(bytes(60 * MSS))
    got = len(c.all(AT_ONCE))
    check(got <= iw, '%d segments in a burst after 100 s' % got)


@case('S26', 'Nagle: one small segment under way holds the next back; its ACK releases it, joined')
def nagle():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(b'a')
    c.rx('PA', seq=1, data='a')
    s.send(b'b')
    s.send(b'c')
    c.quiet(0.1, 'Nagle let a second small segment out')
    c.tx('A')
    c.rx_at_once('PA', seq=2, data='bc')


@case('S26', 'Nagle: a full segment goes at once, its small rest waits')
def nagle_full():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(b'a')
    c.rx('PA', seq=1)
    s.send(bytes(MSS + 10))
    c.rx_at_once(seq=2, length=MSS)
    c.quiet(0.1)
    c.tx('A')
    c.rx_at_once('PA', seq=2 + MSS, length=10)


@case('S26', 'TCP_NODELAY: nothing waits')
def nodelay():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for n, byte in enumerate(b'abcdef'):
        s.send(bytes([byte]))
        c.rx_at_once('PA', seq=1 + n, data=bytes([byte]))


@case('S26', 'TCP_NODELAY set later releases what Nagle holds')
def nodelay_releases():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(b'a')
    c.rx('PA')
    s.send(b'b')
    c.quiet(0.01)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    c.rx_at_once('PA', seq=2, data='b')


@case('S26', 'TCP_CORK holds small segments until it is pulled; MSG_MORE until a call without it')
def cork():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    s.send(b'head')
    s.send(b'body')
    c.quiet(0.1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
    c.rx_at_once('PA', seq=1, data='headbody')
    c.tx('A')
    s.send(b'one', MSG_MORE)
    s.send(b'two', MSG_MORE)
    c.quiet(0.1)
    s.send(b'three')
    c.rx_at_once('PA', seq=9, data='onetwothree')


@case('S26', 'a thousand small writes become few full segments')
def coalesce():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    for n in range(1000):
        s.send(bytes([n & 255]) * 10)
    got = []
    for _ in range(20):
        xs = c.all(AT_ONCE)
        if not xs:
            break
        got += xs
        c.tx('A')
    equal(b''.join(x.data for x in got), b''.join(bytes([n & 255]) * 10 for n in range(1000)),
          'the stream')
    check(len(got) <= 14, '%d segments for 10000 bytes' % len(got))


@case('S26', 'PSH: the last segment of a call carries it, those before it need not')
def psh():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(5 * MSS))
    xs = c.all(AT_ONCE)
    check(xs[-1].flags & PSH, 'no PSH on the last one')
    check(sum(bool(x.flags & PSH) for x in xs) < len(xs), 'PSH on all of them')


main()
