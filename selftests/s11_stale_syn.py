#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S11: why three segments: a stale SYN comes to nothing."""

from lib import *


@case('S11', 'a stale SYN\'s SYN+ACK is answered with RST: the half-open connection is dropped')
def dropped():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1], iss=90)
    c.syn()
    c.rx('SA', ack=1)
    c.tx('R', seq=1)
    c.quiet(200, 'the dropped connection sent something')
    check(not wait_readable(l, 0), 'something was accepted')
    equal(state(l), LISTEN, 'state of the listener')
    c.tx('A', seq=1, ack=1)
    c.rx('R', seq=1, what='a late third segment')
    check(not wait_readable(l, 0), 'a late third segment was accepted')


@case('S11', 'by tracepoint: LISTEN, SYN-RECEIVED, and back to LISTEN')
def back_to_listen():
    tun = Tun()
    trace = Trace(segments=False)
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001)
    c.syn()
    c.rx('SA')
    c.tx('R', seq=1)
    equal(trace.path(ip.at(LOCAL, 7001), ip.at(REMOTE, 40000)),
          [('LISTEN', 'SYN-RECEIVED'), ('SYN-RECEIVED', 'LISTEN')], 'states')


@case('S11', 'RFC 9293 figure 8: the old SYN first, then the new one, on the same tuple')
def figure_8():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1], iss=90)
    c.syn()                                 # the old duplicate
    c.rx('SA', ack=1)
    c.tx('R', seq=1)                        # the client has sent 100, so ack 91 is wrong
    c = Conn(tun, 40000, l.getsockname()[1], iss=100)
    c.open()
    check(wait_readable(l), 'nothing to accept')
    s, _ = l.accept()
    c.tx('PA', 'the new one')
    equal(s.recv(100), b'the new one', 'data')


@case('S11', 'the client\'s side: SYN-SENT, a SYN+ACK with a wrong ack gets RST seq=ack; it goes on')
def client_side():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    for wrong in (0, 2, 0x40000000, 0x80000001):
        c.tx('SA', seq=0, ack=wrong, opts=opt_mss())
        rst = c.rx_at_once('R', what='SYN+ACK with ack %d' % wrong)
        equal(c.rseq(rst), wrong, 'seq of the RST')
        equal(rst.len, 0, 'length')
        equal(state(s), SYN_SENT, 'state')
    c.tx('SA')
    c.rx('A', seq=1, ack=1)
    equal(state(s), ESTABLISHED, 'state at last')


@case('S11', '1000 stale SYNs against a backlog of 4: nothing is accepted, nothing fills up')
def nothing_leaks():
    tun = Tun()
    l = listener(backlog=4)
    for n in range(1000):
        c = Conn(tun, 10000 + n, l.getsockname()[1], iss=n * 1000)
        c.syn()
        c.rx('SA', ack=1)
        c.tx('R', seq=1)
    check(not wait_readable(l, 0), 'something was accepted')
    c = Conn(tun, 40000, l.getsockname()[1])
    c.open()
    check(wait_readable(l), 'the listener does not serve any more')
    check(tun.next(lambda s: s.dport < 11000, 130) is None, 'a stale one sent something again')


@case('S11', 'an RST with a wrong sequence number does not drop a half-open connection')
def wrong_rst():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn()
    c.rx('SA', ack=1)
    c.tx('R', seq=0)
    c.tx('R', seq=1 - 70000)
    c.tx('R', seq=200000)
    c.flush(0.1)
    c.tx('A')
    check(wait_readable(l), 'the connection was lost')


main()
