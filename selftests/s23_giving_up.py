#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S23: a side that hears nothing sends its segment again, and gives up in the end."""

import errno
import socket

from lib import *

EDGE = 0.001 if TCPX else 15.0
# time since the first sending, for 15 repetitions of RTO 0.2 s: RFC 6298 (5.5), 120 s at most
TCP_LINGER2 = 8


def rto_schedule(n, rto=0.2):
    t, out = 0, []
    for _ in range(n):
        t += rto
        out.append(t)
        rto = min(rto * 2, 120)
    return out


def slack(at):
    return TOL + at * RTT_SHARE if TCPX else at * 0.15 + 0.05


def repeats(c, t, flags, seq, at_least, at_most, what):
    """The segment repeats with exponential back-off, then nothing; how often it came."""
    due = rto_schedule(at_most + 1)
    n = 0
    while n <= at_most:
        s = c.get(due[n] * 1.3 + 5 - (now() - t) if not n else (due[n] - due[n - 1]) * 1.3 + 5)
        if s is None or s.flags & RST:
            break
        check(s.letters.replace('P', '') == flags and c.rseq(s) == seq, '%s: unexpected %s' % (what, s))
        near(s.t - t, due[n], slack(due[n]), '%s: repetition %d' % (what, n + 1))
        n += 1
    check(at_least <= n <= at_most, '%s: %d repetitions, wanted %d to %d' % (
        what, n, at_least, at_most))
    return n


def gone_by(c, t, limit):
    """The connection must be gone at @limit seconds after @t."""
    sleep(t + limit - now())
    c.flush()
    c.gone()


@case('S23', 'LAST-ACK: the FIN is repeated with back-off, then the connection ends')
def last_ack():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA')
    c.flush(1)
    s.close()
    t = c.rx('FA', seq=1, ack=2).t
    n = repeats(c, t, 'FA', 1, 7, 15, 'FIN')
    check(rto_schedule(n + 1)[-1] >= 100, 'R2 is below 100 s')
    gone_by(c, t, 1000)


@case('S23', 'FIN-WAIT-1 without an owner: the same')
def fin_wait_1_orphan():
    tun = Tun()
    s, c = active(tun)
    s.close()
    t = c.rx('FA', seq=1, ack=1).t
    n = repeats(c, t, 'FA', 1, 7, 15, 'FIN')
    check(rto_schedule(n + 1)[-1] >= 100, 'R2 is below 100 s')
    gone_by(c, t, 1000)


@case('S23', 'FIN-WAIT-1 with an owner: 15 repetitions, ETIMEDOUT at 924.6 s')
def fin_wait_1():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    t = c.rx('FA', seq=1, ack=1).t
    repeats(c, t, 'FA', 1, 14 if not TCPX else 15, 15, 'FIN')
    near(now() - t, 924.6, 160, 'time to give up')
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    equal(state(s), CLOSED, 'state')


@case('S23', 'the owner is told exactly at R2')
def told_at_r2():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    t = c.rx('FA', seq=1, ack=1).t
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 924.6, slack(924.6), 'time of ETIMEDOUT')


@case('S23', 'CLOSING: the FIN is repeated, then the connection ends')
def closing():
    tun = Tun()
    s, c = active(tun)
    s.close()
    t = c.rx('FA', seq=1, ack=1).t
    c.tx('FA', ack=1)
    c.rx('A', seq=2, ack=2)
    repeats(c, t, 'FA', 1, 7, 15, 'FIN')
    gone_by(c, t, 1000)


@case('S23', 'each repetition can be acknowledged: LAST-ACK ends at the fourth FIN')
def acked_late():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA')
    c.flush(1)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1)
    for _ in range(3):
        c.rx('FA', seq=1)
    equal(state(s), LAST_ACK, 'state')
    c.tx('A')
    equal(state(s), CLOSED, 'state')
    c.quiet(1000)


@case('S23', 'data without an answer: 15 repetitions (retries2), then ETIMEDOUT at 924.6 s')
def data():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'hello?')
    t = c.rx('PA', seq=1, data='hello?').t
    repeats(c, t, 'A', 1, 14 if not TCPX else 15, 15, 'data')
    near(now() - t, 924.6, 160, 'time to give up')
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')


@case('S23', 'net.tcpx.retries2 and TCP_USER_TIMEOUT set R2')
def configured():
    tun = Tun()
    s, c = passive(tun)
    sysctl('retries2', 5)
    s.send(b'hello?')
    t = c.rx('PA').t
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 12.6, slack(12.6), 'time of ETIMEDOUT with retries2=5')
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 4000)
    s.send(b'hello?')
    t = c.rx('PA').t
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 4.0, slack(4.0) * 2, 'time of ETIMEDOUT with TCP_USER_TIMEOUT=4000')


def shut(tun):
    """A connection whose peer has taken one byte, and shut its window with that."""
    s, c = passive(tun)
    s.send(b'!')
    c.rx('PA')
    c.tx('A', win=0)
    return s, c


def answers(c, s, seconds):
    """Answer each probe of the shut window, until the socket has an error or time is up."""
    deadline = now() + seconds
    n = 0
    while now() < deadline and not state(s) == CLOSED:
        x = c.get(1)
        if x is not None and x.flags == ACK:
            c.tx('A', win=0)
            n += 1
    return n


@case('S23', 'TCP_USER_TIMEOUT with the window shut, and a peer that answers each probe: ETIMEDOUT')
def shut_window():
    tun = Tun()
    s, c = shut(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 10000)
    s.send(b'hello?')
    t = now()
    n = answers(c, s, 30)
    near(now() - t, 10, 1 + slack(10), 'time of ETIMEDOUT')
    check(n >= 4, 'only %d probes' % n)
    equal(so_error(s), errno.ETIMEDOUT, 'SO_ERROR')


@case('S23', 'without TCP_USER_TIMEOUT such a connection stays')
def shut_window_stays():
    tun = Tun()
    s, c = shut(tun)
    s.send(b'hello?')
    answers(c, s, 4000)
    equal(so_error(s), 0, 'SO_ERROR')
    c.tx('A')
    c.rx('A', seq=2, data='hello?')


@case('S23', 'TCP_USER_TIMEOUT: a window that opens now and then is progress')
def window_opens_now_and_then():
    need(TCPX, 'Linux uses so small a window when the next probe is due, not before')
    tun = Tun()
    s, c = shut(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 10000)
    s.send(bytes(100))
    for i in range(5):
        answers(c, s, 8)
        c.tx('A', win=20)
        equal(c.rx('A', seq=2 + 20 * i).len, 20, 'what the window takes')
        c.tx('A', win=0)
    equal(so_error(s), 0, 'SO_ERROR')


@case('S23', 'net.tcpx.orphan_retries bounds a connection without an owner')
def orphan_retries():
    tun = Tun()
    sysctl('orphan_retries', 3)
    s, c = active(tun)
    s.close()
    t = c.rx('FA', seq=1, ack=1).t
    n = repeats(c, t, 'FA', 1, 2, 3, 'FIN')
    diag('%d repetitions' % n)
    gone_by(c, t, 10)


def fin_wait_2(tun, before=None):
    s, c = active(tun)
    if before:
        before(s)
    s.close()
    t = c.rx('FA', seq=1, ack=1).t
    c.tx('A', ack=2)
    return c, t


@case('S23', 'FIN-WAIT-2 without an owner ends after fin_timeout, 60 s')
def fin_wait_2_orphan():
    tun = Tun()
    equal(sysctl('fin_timeout'), 60, 'default of fin_timeout')
    a, t = fin_wait_2(tun)
    b, t2 = fin_wait_2(tun)
    sleep(t + 60 - EDGE - now())
    a.alive('just before fin_timeout')
    sleep(t2 + 60 + EDGE - now())
    b.gone('just after fin_timeout')


@case('S23', 'net.tcpx.fin_timeout and TCP_LINGER2 set that time')
def fin_wait_2_configured():
    tun = Tun()
    edge = 0.001 if TCPX else 4
    sysctl('fin_timeout', 20)
    a, t = fin_wait_2(tun)
    b, t2 = fin_wait_2(tun)
    sleep(t + 20 - edge - now())
    a.alive('just before fin_timeout')
    sleep(t2 + 20 + edge - now())
    b.gone('just after fin_timeout')

    def linger2(s):
        s.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, 10)
    a, t = fin_wait_2(tun, linger2)
    b, t2 = fin_wait_2(tun, linger2)
    sleep(t + 10 - edge - now())
    a.alive('just before TCP_LINGER2')
    sleep(t2 + 10 + edge - now())
    b.gone('just after TCP_LINGER2')


@case('S23', 'FIN-WAIT-2 with an owner waits as long as the owner does')
def fin_wait_2_owner():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1)
    c.tx('A', ack=2)
    c.quiet(4000)
    equal(state(s), FIN_WAIT_2, 'state')
    c.tx('PA', 'late')
    equal(s.recv(10), b'late', 'data')


@case('S23', 'data to FIN-WAIT-2 without an owner is answered with RST')
def fin_wait_2_data():
    tun = Tun()
    c, _ = fin_wait_2(tun)
    c.tx('PA', 'for nobody')
    c.rx('R')
    c.gone()


main()
