#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S15: between the second and third segment of the release data still flows one way."""

import errno
import socket

from lib import *


def ends():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    return veth, c, l.accept()[0]


@case('S15', 'shutdown(SHUT_WR), then 8 MiB the other way, compared by hash')
def bulk():
    _, c, s = ends()
    c.sendall(b'send me all')
    c.shutdown(socket.SHUT_WR)
    equal(recv_exactly(s, 100), b'send me all', 'request, then end of stream')
    transfer([(s, pattern(8 << 20), c)])


@case('S15', 'the states meanwhile: FIN-WAIT-2 and CLOSE-WAIT, for an hour and more')
def long_half_close():
    _, c, s = ends()
    c.shutdown(socket.SHUT_WR)
    equal(s.recv(1), b'', 'end of stream')
    for _ in range(4):
        sleep(1000 if TCPX else 1)
        s.sendall(b'still here')
        equal(recv_exactly(c, 10), b'still here', 'data')
        equal((state(c), state(s)), (FIN_WAIT_2, CLOSE_WAIT), 'states')


@case('S15', 'the closed direction is closed: EPIPE at the sender, end of stream at the receiver')
def closed_direction():
    _, c, s = ends()
    c.shutdown(socket.SHUT_WR)
    raises(errno.EPIPE, c.send, b'x', socket.MSG_NOSIGNAL, what='send after shutdown')
    equal(s.recv(1), b'', 'end of stream')
    equal(s.recv(1), b'', 'end of stream again')


@case('S15', 'FIN-WAIT-2: data is received and acknowledged, exactly')
def scripted():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1)
    c.tx('A', ack=2)
    for n in range(10):
        c.tx('PA', bytes([n]) * 100)
        equal(recv_exactly(s, 100), bytes([n]) * 100, 'data')
        c.rx('A', seq=2, ack=101 + 100 * n)
    c.tx('FA')
    c.rx('A', seq=2, ack=1002)


@case('S15', 'FIN-WAIT-1: data is received before our FIN is acknowledged')
def fin_wait_1():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1)
    c.tx('PA', 'before the ACK', ack=1)
    equal(s.recv(100), b'before the ACK', 'data')
    equal(state(s), FIN_WAIT_1, 'state')
    c.rx('A', ack=15)


@case('S15', 'shutdown(SHUT_RD) ends reading and leaves sending alone')
def shut_rd():
    _, c, s = ends()
    c.shutdown(socket.SHUT_RD)
    equal(c.recv(1), b'', 'recv after SHUT_RD')
    c.sendall(b'x' * 100000)
    equal(len(recv_exactly(s, 100000)), 100000, 'sent after SHUT_RD')


main()
