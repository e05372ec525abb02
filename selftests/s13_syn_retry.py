#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S13: a SYN without an answer is sent again, and given up after at least three minutes."""

import errno
import socket

from lib import *
from lib.receiver import info

# the kernel's own TCP runs SYN timers on a coarse wheel
COARSE = TOL if TCPX else 20


def schedule(retries):
    """When each SYN after the first is due, and when the connect fails (RFC 6298, R2)."""
    due, t, rto = [], 0, 1
    for _ in range(retries):
        t += rto
        due.append(t)
        rto = min(rto * 2, 120)
    return due, t + rto


def unanswered(s, tun, retries, tol=COARSE):
    t = now()
    c = syn_sent(tun, s, 7001)
    first = c.syn_seg
    due, end = schedule(retries)
    for at in due:
        again = c.rx('S', since=t, at=at, tol=tol)
        equal(again.seq, first.seq, 'the ISN of the repeated SYN')
    c.quiet(end - (now() - t) - tol - 0.001, 'a SYN too many')
    return t, end


@case('S13', 'exponential back-off: SYNs at 0, 1, 3, 7, 15, 31, 63, 127 s, within 1 ms')
def back_off():
    tun = Tun()
    sysctl('syn_retries', 7)
    s = tcp_socket(blocking=False)
    unanswered(s, tun, 7)
    equal(state(s), SYN_SENT, 'state until the end')


@case('S13', 'then ETIMEDOUT, at 247 s by default: R2 of a SYN is at least 180 s')
def gives_up():
    tun = Tun()
    if TCPX:
        equal(sysctl('syn_retries'), 7, 'default of syn_retries')
    else:
        sysctl('syn_retries', 7)
    s = tcp_socket(blocking=False)
    t, end = unanswered(s, tun, 7)
    check(end >= 180, 'R2')
    check(wait_writable(s, 100), 'no event')
    near(now() - t, end, COARSE, 'time of the failure')
    equal(so_error(s), errno.ETIMEDOUT, 'SO_ERROR')
    equal(state(s), CLOSED, 'state')
    check(tun.next(within=600) is None, 'something was sent after the end')


@case('S13', 'a blocking connect() returns ETIMEDOUT after the same time')
def blocking():
    Tun()
    if not TCPX:
        sysctl('syn_retries', 7)
    s = tcp_socket()
    t = now()
    raises(errno.ETIMEDOUT, s.connect, (REMOTE, 7001), what='connect')
    near(now() - t, schedule(7)[1], COARSE, 'time')


@case('S13', 'net.tcpx.syn_retries and TCP_SYNCNT bound it')
def configured():
    tun = Tun()
    sysctl('syn_retries', 2)
    s = tcp_socket(blocking=False)
    t, end = unanswered(s, tun, 2)
    check(wait_writable(s, 100), 'no event')
    near(now() - t, end, COARSE, 'time of the failure')
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 3)
    t, end = unanswered(s, tun, 3)
    check(wait_writable(s, 100), 'no event')
    near(now() - t, end, COARSE, 'time of the failure')


@case('S13', 'TCP_USER_TIMEOUT bounds it')
def user_timeout():
    tun = Tun()
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 5000)
    t = now()
    syn_sent(tun, s, 7001)
    check(wait_writable(s, 100), 'no event')
    near(now() - t, 5, TOL if TCPX else 3, 'time of the failure')
    equal(so_error(s), errno.ETIMEDOUT, 'SO_ERROR')


@case('S13', 'an answer to the third SYN completes the handshake')
def late_answer():
    tun = Tun()
    s = tcp_socket(blocking=False)
    t = now()
    c = syn_sent(tun, s, 7001)
    c.rx('S', since=t, at=1)
    c.rx('S', since=t, at=3, tol=TOL if TCPX else 1)
    c.tx('SA', opts=opt_mss())
    c.rx_at_once('A', seq=1, ack=1)
    equal(so_error(s), 0, 'SO_ERROR')
    equal(state(s), ESTABLISHED, 'state')
    c.quiet(300)


@case('S13', 'an answer to the second SYN that echoes the first one\'s timestamp gives no RTT (Karn)')
def old_echo():
    need(TCPX, 'the kernel\'s TCP takes it')
    tun = Tun()
    for port, nr in ((7001, 0), (7002, 1)):
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, port)
        echo = (c.syn_seg.ts[0], c.rx('S').ts[0])[nr]
        sleep(0.02)
        c.tx('SA', opts=opt_mss() + opt_ts(1, echo))
        c.rx('A')
        near(info(s)['rtt'], 20000 * nr, 2000 * nr, 'RTT in us')


@case('S13', 'after the failure the same socket can connect elsewhere')
def again():
    tun = Tun()
    sysctl('syn_retries', 1)
    s = tcp_socket()
    raises(errno.ETIMEDOUT, s.connect, (REMOTE, 7001), what='connect')
    tun.next(within=0)
    tun.next(within=0)
    s.setblocking(False)
    c = syn_sent(tun, s, 7002)
    c.tx('SA', opts=opt_mss())
    c.rx('A')
    equal(so_error(s), 0, 'SO_ERROR')


@case('S13', 'close() while SYN-SENT ends it silently')
def close_early():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    s.close()
    c.quiet(300)
    c.tx('SA', opts=opt_mss())
    c.rx('R', what='a SYN+ACK to nobody')


main()
