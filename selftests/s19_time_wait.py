#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S19, S20, S22: TIME-WAIT: how long it lasts, what restarts it, which end has none."""

import errno
import socket

from lib import *

# just before the end, and just after it; the kernel's own TCP keeps time coarsely
EDGE = 0.001 if TCPX else 15.0


def time_wait(tun, **kw):
    """A connection that has just entered TIME-WAIT: (Conn, time of the entry)."""
    s, c = active(tun, **kw)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1, ack=1)
    t = c.tx('FA')
    c.rx_at_once('A', seq=2, ack=2)
    s.close()
    return c, t


def ours(trace, c):
    """The changes of state of our end of @c: the trace is that of all namespaces."""
    return trace.states(ip.at(LOCAL, c.dport), ip.at(REMOTE, c.sport))


def until(t):
    sleep(t - now())


def still_there(c, what):
    """The FIN again: TIME-WAIT acknowledges it, and starts anew."""
    t = c.tx('FA', seq=1, ack=2)
    c.rx_at_once('A', seq=2, ack=2, what=what)
    return t


def over(c, what):
    c.tx('FA', seq=1, ack=2)
    c.rx('R', what=what)


@case('S19', 'TIME-WAIT lasts 2MSL: 60.000 s by default')
def default_2msl():
    tun = Tun()
    if TCPX:
        equal(sysctl('msl_ms'), 30000, 'default of msl_ms')
    a, t = time_wait(tun)
    b, t2 = time_wait(tun)
    until(t + 60 - EDGE)
    still_there(a, 'just before 2MSL')
    until(t2 + 60 + EDGE)
    over(b, 'just after 2MSL')


@case('S19', 'exact 2MSL by tracepoint, from the entry of TIME-WAIT to CLOSED')
def exact():
    tun = Tun()
    trace = Trace(segments=False)
    c, _ = time_wait(tun)
    end = trace.wait(lambda _: [e for e in ours(trace, c) if e.old == 'TIME-WAIT'], 100)
    begin = [e for e in ours(trace, c) if e.new == 'TIME-WAIT']
    equal((len(begin), len(end), end[0].new), (1, 1, 'CLOSED'), 'events')
    near(end[0].t - begin[0].t, 60, 0.001, 'time in TIME-WAIT')


@case('S19', 'the MSL is configured by net.tcpx.msl_ms, from milliseconds to minutes')
def configured():
    tun = Tun()
    for ms in (5, 1000, 5000, 120000):
        msl(ms)
        a, t = time_wait(tun)
        b, t2 = time_wait(tun)
        until(t + 2 * ms / 1000 - EDGE)
        still_there(a, 'just before 2MSL with msl_ms=%d' % ms)
        until(t2 + 2 * ms / 1000 + EDGE)
        over(b, 'just after 2MSL with msl_ms=%d' % ms)


@case('S19', 'the MSL belongs to the namespace')
def per_namespace():
    msl(7000)
    with NetNS():
        equal(sysctl('msl_ms'), 30000, 'msl_ms in a new namespace')
    equal(sysctl('msl_ms'), 7000, 'msl_ms here')


@case('S19', 'a value of msl_ms that makes no sense is refused')
def bad_msl():
    need(TCPX, 'the MSL of the kernel\'s TCP is fixed')
    for value in ('0', '-1', 'abc', '99999999999'):
        raises(errno.EINVAL, sysctl, 'msl_ms', value, what='msl_ms=' + value)
    equal(sysctl('msl_ms'), 30000, 'msl_ms')


@case('S19', 'the port is taken while TIME-WAIT lasts, and free after: EADDRINUSE, SO_REUSEADDR')
def port_taken():
    tun = Tun()
    s, c = passive(tun)         # its listener had SO_REUSEADDR
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1, ack=1)
    t = c.tx('FA')
    c.rx('A', seq=2, ack=2)
    s.close()
    raises(errno.EADDRINUSE, tcp_socket().bind, (LOCAL, c.dport), what='bind in TIME-WAIT')
    listener(LOCAL, c.dport).close()
    until(t + 60 + EDGE)
    tcp_socket().bind((LOCAL, c.dport))


@case('S19', 'after a simultaneous close both ends wait 2MSL')
def after_closing():
    tun = Tun()
    out = []
    for _ in range(2):
        s, c = active(tun)
        s.shutdown(socket.SHUT_WR)
        c.rx('FA', seq=1, ack=1)
        c.tx('FA', ack=1)
        c.rx('A', seq=2, ack=2)
        out.append((c, c.tx('A', ack=2)))
        s.close()
    (a, t), (b, t2) = out
    until(t + 60 - EDGE)
    still_there(a, 'just before 2MSL')
    until(t2 + 60 + EDGE)
    over(b, 'just after 2MSL')


@case('S20', 'the last ACK lost: the FIN comes again, is acknowledged again, 2MSL restarts')
def restarts():
    tun = Tun()
    a, _ = time_wait(tun)
    b, t = time_wait(tun)
    until(t + 45)
    ta, tb = still_there(a, 'the FIN again'), still_there(b, 'the FIN again')
    until(ta + 60 - EDGE)
    still_there(a, '2MSL after the first FIN, yet not after the second')
    until(tb + 60 + EDGE)
    over(b, '2MSL after the second FIN')


@case('S20', 'it restarts each time: ten FINs, 50 s apart')
def restarts_each_time():
    tun = Tun()
    a, t = time_wait(tun)
    for n in range(10):
        until(t + 50 if TCPX else t + 40)
        t = still_there(a, 'FIN number %d' % (n + 2))
    until(t + 60 + EDGE)
    over(a, 'at the end')


@case('S20', 'anything that is not the FIN does not restart 2MSL')
def others_do_not():
    need(TCPX, 'the kernel\'s TCP restarts it for any segment outside the window')
    tun = Tun()
    a, t = time_wait(tun)
    until(t + 30)
    a.tx('A', seq=2, ack=2)
    a.tx('PA', 'old data', seq=0x10000, ack=2)
    a.flush(1)
    until(t + 60 + EDGE)
    over(a, '2MSL after the FIN')


@case('S20', 'between two kernels, the last ACK dropped: the FIN is repeated until it is acknowledged')
def between_kernels():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    c.shutdown(socket.SHUT_WR)
    equal(s.recv(1), b'', 'end of stream')
    sleep(1)
    run('tc', 'qdisc', 'add', 'dev', 'va', 'root', 'netem', 'loss', '100%')
    s.shutdown(socket.SHUT_WR)
    equal(c.recv(1), b'', 'end of stream')
    sleep(1)
    equal(state(s), LAST_ACK, 'the passive closer, its last ACK lost')
    run('tc', 'qdisc', 'del', 'dev', 'va', 'root')
    equal(wait_state(s, CLOSED, 10), CLOSED, 'the passive closer after the FIN came again')


@case('S22', 'the passive closer is CLOSED at once on the last ACK, the active one 2MSL later')
def passive_at_once():
    tun = Tun()
    trace = Trace(segments=False)
    s, c = passive(tun)
    c.tx('FA')
    c.flush(1)
    s.close()
    c.rx('FA', seq=1, ack=2)
    t = c.tx('A')
    closed = [e for e in ours(trace, c) if e.old == 'LAST-ACK']
    equal([(e.new) for e in closed], ['CLOSED'], 'state after the last ACK')
    near(closed[0].t, t, 0.001, 'time of CLOSED')
    a, t = time_wait(tun)
    sleep(61)
    closed = [e for e in ours(trace, a) if e.old == 'TIME-WAIT']
    near(closed[0].t - t, 60, 0.001, 'time of the active closer\'s CLOSED')


@case('S22', 'on the wire: after the last ACK the passive closer answers RST, the active one ACK')
def on_the_wire():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA')
    c.flush(1)
    s.close()
    c.rx('FA', seq=1, ack=2)
    c.tx('A')
    c.tx('FA', seq=1, ack=2)
    c.rx_at_once('R', what='the passive closer')
    a, _ = time_wait(tun)
    still_there(a, 'the active closer')


@case('S22', 'the passive closer\'s port is free at once')
def port_free():
    tun = Tun()
    s, c = active(tun)
    c.tx('FA')
    c.flush(1)
    s.close()
    c.rx('FA', seq=1, ack=2)
    c.tx('A')
    tcp_socket().bind((LOCAL, c.dport))


main()
