#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S18: either side may release first, or both at once; both may open at once."""

import socket

from lib import *


@case('S18', 'server-first release: the server goes through FIN-WAIT-1 and FIN-WAIT-2')
def server_first():
    tun = Tun()
    s, c = passive(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1)
    equal(state(s), FIN_WAIT_1, 'state')
    c.tx('A')
    equal(state(s), FIN_WAIT_2, 'state')
    c.tx('FA')
    c.rx_at_once('A', seq=2, ack=2)


@case('S18', 'simultaneous close: FINs cross, CLOSING, then TIME-WAIT')
def simultaneous_close():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1, ack=1)
    c.tx('FA', ack=1)
    c.rx_at_once('A', seq=2, ack=2, what='the ACK of the crossing FIN')
    equal(state(s), CLOSING, 'state after the crossing FIN')
    equal(s.recv(1), b'', 'end of stream')
    c.tx('A', ack=2)
    check(state(s) in (TIME_WAIT, CLOSED), 'state %s' % STATE_NAME[state(s)])
    c.quiet(1)
    c.tx('FA', seq=1, ack=2)
    c.rx('A', seq=2, ack=2, what='TIME-WAIT acknowledges the FIN again')


@case('S18', 'simultaneous close, the crossing FIN carries data')
def simultaneous_close_data():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1, ack=1)
    c.tx('FPA', 'goodbye', ack=1)
    c.rx('A', seq=2, ack=9)
    equal(recv_exactly(s, 100), b'goodbye', 'data')
    equal(state(s), CLOSING, 'state')


def delayed(ms):
    veth = Veth()
    netem(veth, 'delay', '%dms' % ms)
    return veth


@case('S18', 'simultaneous close between two kernels: both through CLOSING to TIME-WAIT')
def both_close():
    veth = delayed(100)
    trace = Trace()
    with veth.b:
        l = listener(Veth.B, 7003)
    c = connect((Veth.B, 7003), (Veth.A, 5003))
    s, _ = l.accept()
    sleep(1)
    c.shutdown(socket.SHUT_WR)
    s.shutdown(socket.SHUT_WR)
    equal((c.recv(1), s.recv(1)), (b'', b''), 'end of stream')
    sleep(2)
    a, b = ip.at(Veth.A, 5003), ip.at(Veth.B, 7003)
    want = [('ESTABLISHED', 'FIN-WAIT-1'), ('FIN-WAIT-1', 'CLOSING'), ('CLOSING', 'TIME-WAIT')]
    equal(trace.path(a, b)[2:], want, 'one end')
    equal(trace.path(b, a)[2:], want, 'the other end')


@case('S18', 'simultaneous open: SYNs cross, SYN+ACK in SYN-RECEIVED, then ESTABLISHED')
def simultaneous_open():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('S', opts=opt_mss())
    sa = c.rx_at_once('SA', seq=0, ack=1)
    equal(sa.seq, c.syn_seg.seq, 'the SYN+ACK has the ISN of the SYN')
    equal(state(s), SYN_RECEIVED, 'state after the crossing SYN')
    check(not wait_writable(s, 0), 'writable too early')
    c.tx('SA', seq=0, ack=1, opts=opt_mss())
    check(wait_writable(s, 0), 'not connected')
    equal(state(s), ESTABLISHED, 'state')
    c.flush(1)
    s.send(b'hello')
    c.rx('PA', seq=1, ack=1, data='hello')
    c.tx('PA', 'world', seq=1)
    equal(s.recv(10), b'world', 'data')


@case('S18', 'simultaneous open, completed by a plain ACK')
def simultaneous_open_ack():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('S', opts=opt_mss())
    c.rx('SA', seq=0, ack=1)
    c.tx('A')
    equal(state(s), ESTABLISHED, 'state')
    equal(so_error(s), 0, 'SO_ERROR')


@case('S18', 'simultaneous open: the SYN+ACK is repeated while nothing comes')
def simultaneous_open_retry():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('S', opts=opt_mss())
    c.rx('SA', seq=0, ack=1)
    c.rx('SA', seq=0, ack=1, within=3)
    c.tx('A')
    equal(state(s), ESTABLISHED, 'state')


@case('S18', 'simultaneous open between two kernels')
def both_open():
    veth = delayed(100)
    with veth.b:
        b = tcp_socket(reuse=True, blocking=False)
        b.bind((Veth.B, 7001))
    a = tcp_socket(reuse=True, blocking=False)
    a.bind((Veth.A, 5000))
    a.connect_ex((Veth.B, 7001))
    b.connect_ex((Veth.A, 5000))
    for s in (a, b):
        check(wait_writable(s, 10), 'not connected')
        equal(so_error(s), 0, 'SO_ERROR')
        equal(state(s), ESTABLISHED, 'state')
    transfer([(a, pattern(100000, 1), b), (b, pattern(100000, 2), a)])


@case('S18', 'simultaneous open and close between two kernels, every state by tracepoint')
def both_traced():
    veth = delayed(100)
    trace = Trace(segments=False)
    with veth.b:
        b = tcp_socket(reuse=True, blocking=False)
        b.bind((Veth.B, 7002))
    a = tcp_socket(reuse=True, blocking=False)
    a.bind((Veth.A, 5002))
    a.connect_ex((Veth.B, 7002))
    b.connect_ex((Veth.A, 5002))
    sleep(2)
    a.close()
    b.close()
    sleep(2)
    for end in (ip.at(Veth.A, 5002), ip.at(Veth.B, 7002)):
        equal(trace.path(end), [
            ('CLOSED', 'SYN-SENT'), ('SYN-SENT', 'SYN-RECEIVED'), ('SYN-RECEIVED', 'ESTABLISHED'),
            ('ESTABLISHED', 'FIN-WAIT-1'), ('FIN-WAIT-1', 'CLOSING'), ('CLOSING', 'TIME-WAIT')],
            'states of ' + end)


@case('S18', 'a socket that connects to itself opens simultaneously with itself')
def self_connect():
    s = tcp_socket()
    s.bind((ip.lo(), 7001))
    s.connect((ip.lo(), 7001))
    equal(state(s), ESTABLISHED, 'state')
    s.sendall(b'to myself')
    equal(recv_exactly(s, 9), b'to myself', 'data')


main()
