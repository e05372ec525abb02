#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: retransmission: the time-out by RFC 6298, fast retransmit, NewReno."""

import socket

from lib import *

MSS = 1000
MSS_ONLY = opt_mss(MSS)


def slack(at):
    return TOL + at * RTT_SHARE if TCPX else at * 0.15 + 0.05


def handshake(tun, rtt, opts=MSS_ONLY):
    """A passive open whose SYN+ACK takes @rtt seconds to be acknowledged."""
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn(opts)
    c.rx('SA')
    sleep(rtt)
    c.tx('A')
    s, _ = l.accept()
    return s, c


@case('S26', 'RTO: repeated at 0.2, 0.6, 1.4, 3.0, 6.2 s: doubling from the minimum')
def back_off():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'data')
    t = c.rx('PA', seq=1, data='data').t
    rto, at = 0.2, 0
    for n in range(5):
        at += rto
        c.rx('PA', seq=1, data='data', since=t, at=at, tol=slack(at))
        rto *= 2
    c.tx('A')
    c.quiet(300)


@case('S26', 'RTO: the first measurement R gives SRTT=R, RTTVAR=R/2, RTO=SRTT+4*RTTVAR')
def first_sample():
    tun = Tun()
    s, c = handshake(tun, 0.5)
    s.send(b'data')
    t = c.rx('PA', seq=1).t
    c.rx('PA', seq=1, since=t, at=1.5, tol=TOL if TCPX else 0.3)


@case('S26', 'RTO: later measurements by alpha=1/8, beta=1/4, number for number')
def estimator():
    need(TCPX, 'the kernel\'s TCP has a variant of it')
    tun = Tun()
    s, c = handshake(tun, 0.5)
    srtt, var = 0.5, 0.25
    for rtt in (0.5, 0.4, 0.7, 0.3, 0.3, 0.9, 0.1):
        s.send(b'd')
        c.rx('PA')
        sleep(rtt)
        c.tx('A')
        var = 0.75 * var + 0.25 * abs(srtt - rtt)
        srtt = 0.875 * srtt + 0.125 * rtt
    s.send(b'e')
    t = c.rx('PA').t
    c.rx('PA', since=t, at=srtt + 4 * var, tol=TOL)


@case('S26', 'RTO: net.tcpx.rto_min_us is its lower bound')
def minimum():
    need(TCPX, 'a sysctl of later kernels')
    tun = Tun()
    sysctl('rto_min_us', 1000000)
    s, c = passive(tun)
    s.send(b'data')
    t = c.rx('PA').t
    c.rx('PA', since=t, at=1)
    c.rx('PA', since=t, at=3)


@case('S26', 'RTO: net.tcpx.rto_max_ms is its upper bound')
def maximum():
    need(TCPX, 'a sysctl of later kernels')
    tun = Tun()
    sysctl('rto_max_ms', 1000)
    s, c = passive(tun)
    s.send(b'data')
    t = c.rx('PA').t
    for at in (0.2, 0.6, 1.4, 2.4, 3.4, 4.4):
        c.rx('PA', since=t, at=at)


@case('S26', 'Karn: the ACK of a repeated segment is no measurement, and the back-off stays')
def karn():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'first')
    t = c.rx('PA').t
    c.rx('PA', since=t, at=0.2, tol=slack(0.2))
    c.rx('PA', since=t, at=0.6, tol=slack(0.6))
    c.tx('A')
    s.send(b'second')
    t = c.rx('PA', data='second').t
    c.rx('PA', data='second', since=t, at=0.8, tol=slack(0.8))
    c.tx('A')
    s.send(b'third')
    c.rx('PA', data='third')
    c.tx('A')                   # a measurement at last
    s.send(b'fourth')
    t = c.rx('PA', data='fourth').t
    c.rx('PA', data='fourth', since=t, at=0.2, tol=slack(0.2))


@case('S26', 'RTO: 3 s for data if the SYN had to be repeated (RFC 6298, 5.7)')
def after_syn_retry():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.rx('S')
    c.tx('SA', opts=MSS_ONLY)
    c.rx('A')
    s.send(b'data')
    t = c.rx('PA').t
    c.rx('PA', since=t, at=3, tol=slack(3))


@case('S26', 'RTO: restarted by an ACK of new data (RFC 6298, 5.3)')
def restarted():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(5 * MSS))
    equal(len(c.all(0.001)), 5, 'segments sent')
    sleep(0.15)
    t = c.tx('A', ack=1 + MSS)
    # 0.15 s is a measurement: SRTT 0.019 s and more, so the RTO is not below its minimum
    x = c.rx(seq=1 + MSS, within=5)
    check(x.t - t >= 0.2 - 0.001, 'repeated %.3f s after the ACK' % (x.t - t))


@case('S26', 'RTO restart: with few segments under way it runs from when the first was sent (RFC 7765)')
def rto_restart():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(2 * MSS))
    c.rx(seq=1)
    t = c.rx(seq=1 + MSS).t
    sleep(0.15)
    c.tx('A', ack=1 + MSS)
    c.rx(seq=1 + MSS, since=t, at=0.22, tol=0.02)


@case('S26', 'a time-out repeats the first segment alone')
def first_alone():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(5 * MSS))
    t = [x.t for x in c.all(0.01)][-1]
    c.rx(seq=1, length=MSS, since=t, at=0.2, tol=slack(0.2))
    c.quiet(0.2)


@case('S26', 'fast retransmit: the third duplicate ACK repeats the first segment at once, two do not')
def fast_retransmit():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(5 * MSS))
    equal(len(c.all(0.001)), 5, 'segments sent')
    c.tx('A', ack=1)
    c.tx('A', ack=1)
    c.quiet(0.01, 'repeated after two duplicates')
    c.tx('A', ack=1)
    c.rx_at_once(seq=1, length=MSS)
    c.tx('A', ack=1 + 5 * MSS)
    c.quiet(10)


@case('S26', 'no duplicate: with data, or with another window, or without data under way')
def no_duplicate():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, win=30000)
    for _ in range(5):
        c.tx('A')
    c.quiet(1, 'nothing is under way')
    s.send(bytes(4 * MSS))
    equal(len(c.all(0.001)), 4, 'segments sent')
    for n in range(4):
        c.tx('A', ack=1, win=30001 + n)
    c.quiet(0.1, 'window updates taken for duplicates')


@case('S26', 'NewReno: a partial ACK repeats the next hole at once (RFC 6582)')
def partial_ack():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(8 * MSS))
    equal(len(c.all(0.001)), 8, 'segments sent')
    # lost: the first, the third and the sixth
    for _ in range(3):
        c.tx('A', ack=1)
    c.rx_at_once(seq=1, length=MSS)
    c.tx('A', ack=1)
    c.tx('A', ack=1)
    c.tx('A', ack=1 + 2 * MSS)
    c.rx_at_once(seq=1 + 2 * MSS, length=MSS, what='the second hole')
    c.tx('A', ack=1 + 5 * MSS)
    c.rx_at_once(seq=1 + 5 * MSS, length=MSS, what='the third hole')
    c.tx('A', ack=1 + 8 * MSS)
    c.quiet(10)


@case('S26', 'what is repeated is the same data, also cut otherwise')
def same_data():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    data = pattern(10 * MSS)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sent = 0
    for n in (10, 500, 1, 999, 1000, 3000):
        s.send(data[sent:sent + n])
        sent += n
    seen = c.all(0.01)
    for x in seen:
        check(x.data == data[c.rseq(x) - 1:c.rseq(x) - 1 + x.len], 'first sending: %s' % x)
    have = 0
    deadline = now() + 100
    while have < sent and now() < deadline:
        x = c.get(10)
        check(x is not None, 'no more repetitions')
        at = c.rseq(x) - 1
        check(x.data == data[at:at + x.len], 'repetition: %s' % x)
        if at <= have < at + x.len:
            have = min(have + 700, at + x.len)      # acknowledge across the boundaries
            c.tx('A', ack=1 + have)
    equal(have, sent, 'bytes')


@case('S26', 'an ACK for data that was never sent is answered and changes nothing')
def ack_of_the_future():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.send(bytes(100))
    c.rx(seq=1)
    c.tx('A', ack=200)
    if TCPX:        # the kernel's TCP is silent
        c.rx_at_once('A', seq=101, ack=1, length=0)
    c.rx(seq=1, length=100, within=1, what='still unacknowledged')


main()
