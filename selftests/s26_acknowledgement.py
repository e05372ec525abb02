#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: acknowledgement: when, of what; what arrives twice, late, or in pieces."""

import random
import socket

from lib import *

MSS = ip.mss()


@case('S26', 'a segment is acknowledged within 0.5 s (RFC 9293, MUST-40)')
def within_half_a_second():
    tun = Tun()
    s, c = passive(tun)
    for n in range(40):
        t = c.tx('PA', 'x')
        a = c.rx('A', ack=2 + n, length=0, within=0.5)
        check(a.t - t < 0.5, 'after %.3f s' % (a.t - t))


@case('S26', 'at least every second full-sized segment is acknowledged, at once (SHLD-19)')
def every_second():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    for n in range(20):
        c.tx('A', bytes(MSS))
        c.tx('A', bytes(MSS))
        acks = c.all(AT_ONCE)
        check(acks, 'no ACK at once after two full segments')
        check(c.rack(acks[-1]) >= 1 + (2 * n + 1) * MSS, 'ACK of %d after %d segments' % (
            c.rack(acks[-1]), 2 * n + 2))
        recv_exactly(s, 2 * MSS)


@case('S26', 'a delayed ACK rides on the data that goes back')
def piggyback():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    for n in range(10):
        c.tx('PA', 'ping')
        equal(s.recv(10), b'ping', 'request')
        s.send(b'pong')
        c.rx('PA', seq=1 + 4 * n, ack=5 + 4 * n, data='pong')
        c.quiet(0.001)
        c.tx('A')
        sleep(1)
    c.quiet(1)


@case('S26', 'TCP_QUICKACK: the ACK waits for nothing')
def quickack():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    for n in range(3):
        c.tx('PA', 'x')
        c.rx_at_once('A', ack=2 + n, length=0)


@case('S26', 'out of order: a duplicate ACK at once for each, then one ACK for all when the gap closes')
def out_of_order():
    tun = Tun()
    s, c = passive(tun)
    for n in range(1, 6):
        c.tx('A', bytes([n]) * 100, seq=1 + 100 * n)
        c.rx_at_once('A', seq=1, ack=1, length=0)
    check(not wait_readable(s, 0), 'readable across a gap')
    c.tx('A', bytes(100), seq=1)
    c.rx_at_once('A', ack=601)
    equal(recv_exactly(s, 600), b''.join(bytes([n]) * 100 for n in range(6)), 'the stream')


@case('S26', 'after a hole each segment is acknowledged at once, for a while (RFC 5681, 4.2)')
def after_a_hole():
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    c.tx('A', bytes(100), seq=1)
    c.quiet(0.03, 'an ACK that should have waited')
    c.rx('A', ack=101)
    c.tx('A', bytes(100), seq=201)
    c.rx_at_once('A', ack=101)
    c.tx('A', bytes(100), seq=101)
    c.rx_at_once('A', ack=301)
    for n in range(10):
        c.tx('A', bytes(100), seq=301 + 100 * n)
        c.rx_at_once('A', ack=401 + 100 * n)


@case('S26', 'an old segment again is acknowledged at once and delivered once')
def old_segment():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PA', 'once')
    equal(s.recv(10), b'once', 'data')
    c.flush(1)
    for _ in range(3):
        c.tx('PA', 'once', seq=1)
        c.rx_at_once('A', seq=1, ack=5, length=0)
        sleep(1)
    check(not wait_readable(s, 0), 'delivered twice')


@case('S26', 'overlapping segments: what is new of each is taken')
def overlap():
    tun = Tun()
    s, c = passive(tun)
    c.tx('A', 'abcdef', seq=1)
    c.tx('A', 'defghi', seq=4)          # overlaps what is delivered
    c.tx('A', 'mnop', seq=13)           # after a gap
    c.tx('A', 'klmn', seq=11)           # overlaps the queue in front
    c.tx('A', 'opqr', seq=15)           # and behind
    c.tx('A', 'klmnopqrst', seq=11)     # covers all of it
    c.tx('A', 'hijk', seq=8)            # closes the gap, overlapping both sides
    equal(recv_exactly(s, 20), b'abcdefghijklmnopqrst', 'the stream')
    c.flush(1)
    equal(c.rack(c.last), 21, 'ack')


@case('S26', 'a stream cut into 3000 random, overlapping, repeated pieces comes out whole')
def random_pieces():
    tun = Tun()
    s, c = passive(tun)
    rnd = random.Random(26)
    data = pattern(400000)
    base, sent = 0, 0
    got = bytearray()
    s.setblocking(False)
    for _ in range(20000):
        if base >= len(data):
            break
        start = max(0, base + rnd.randrange(-3000, 12000))
        piece = data[start:start + rnd.randrange(1, MSS)]
        if piece:
            c.tx('A', piece, seq=1 + start)
            sent += 1
        if rnd.random() < 0.3:
            c.tx('A', data[base:base + rnd.randrange(1, MSS)], seq=1 + base)
        acks = c.all()
        if acks:
            base = c.rack(acks[-1]) - 1
        try:
            got += s.recv(1 << 20)
        except BlockingIOError:
            pass
    c.flush(1)
    s.setblocking(True)
    got += recv_exactly(s, len(data) - len(got))
    check(bytes(got) == data, 'the stream differs')
    diag('%d pieces' % sent)


@case('S26', 'what lies beyond the window is cut off and not acknowledged')
def beyond_window():
    tun = Tun()
    s, c = passive(tun)
    edge = 1 + c.synack.win
    c.tx('A', 'x' * 100, seq=edge + 1)
    c.rx_at_once('A', ack=1, what='a segment right of the window')
    c.tx('A', 'x' * 100, seq=edge + 100000)
    c.flush(1)
    check(not wait_readable(s, 0), 'delivered')
    c.tx('PA', 'in order')
    equal(s.recv(100), b'in order', 'data')


@case('S26', 'a FIN that comes before the data waits for it')
def early_fin():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA', seq=9)
    c.rx_at_once('A', ack=1)
    equal(state(s), ESTABLISHED, 'state before the gap is closed')
    c.tx('PA', '12345678', seq=1)
    c.rx('A', ack=10)
    equal(state(s), CLOSE_WAIT, 'state after')
    equal(recv_exactly(s, 100), b'12345678', 'data, then end of stream')


@case('S26', 'data after the FIN is no part of the stream')
def after_fin():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FPA', 'the end')
    c.tx('PA', 'not the end')
    equal(recv_exactly(s, 100), b'the end', 'the stream')


@case('S26', 'timestamps: each ACK echoes the one that advanced the window (RFC 7323)')
def timestamp_echo():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ts(100))
    ecr = c.synack.ts[0]
    c.tx('PA', 'a', opts=opt_ts(200, ecr))
    equal(c.rx('A', ack=2).ts[1], 200, 'echo')
    c.tx('PA', 'c', seq=3, opts=opt_ts(300, ecr))
    equal(c.rx('A', ack=2).ts[1], 200, 'echo while there is a gap')
    c.tx('PA', 'b', seq=2, opts=opt_ts(250, ecr))
    equal(c.rx('A', ack=4).ts[1], 250, 'echo of the segment that closed it')
    last = c.last.ts[0]
    sleep(10)
    c.nxt = c.iss + 4
    c.tx('PA', 'd', opts=opt_ts(400, ecr))
    step = c.rx('A', ack=5).ts[0] - last
    check(10 <= step <= 10000 * 1.01, 'TSval advanced by %d in 10 s' % step)


@case('S26', 'timestamps: PAWS drops what is older, answers with an ACK, and counts it')
def paws():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ts(1000))
    ecr = c.synack.ts[0]
    c.tx('PA', 'new', opts=opt_ts(2000, ecr))
    equal(s.recv(10), b'new', 'data')
    c.rx('A')
    before = counters()
    c.tx('PA', 'old', seq=4, opts=opt_ts(1900, ecr))
    c.rx_at_once('A', ack=4, what='PAWS answers with an ACK')
    check(not wait_readable(s, 0), 'PAWS let it in')
    check(any('paws' in k.lower() for k in grown(before)), 'not counted: %r' % grown(before))
    c.tx('PA', 'new', seq=4, opts=opt_ts(2000, ecr))
    equal(s.recv(10), b'new', 'the same timestamp again is not older')


@case('S26', 'timestamps agreed, then a segment without one is dropped; an RST is not')
def timestamp_missing():
    need(TCPX, 'the kernel\'s TCP lets it in')
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ts(1000))
    c.tx('PA', 'none', seq=1)
    check(not wait_readable(s, 1), 'RFC 7323, 3.2: let in without a timestamp')
    c.tx('PA', 'some', opts=opt_ts(1001, c.synack.ts[0]))
    equal(s.recv(10), b'some', 'data')
    c.flush(1)
    c.tx('R')
    equal(state(s), CLOSED, 'state after RST')


main()
