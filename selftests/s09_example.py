#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S09: the example of the handshake, number for number: 10001, 10002 and 20001, 20002."""

from lib import *


@case('S09', 'client SYN 10001; server SYN 20001 ack 10002; client ack 20002, between two kernels')
def example():
    veth = Veth()
    cap = Capture('va')
    with veth.b:
        l = listener(Veth.B, 7001, isn=20001)
    c = connect((Veth.B, 7001), isn=10001)
    s, _ = l.accept()
    segs = cap.wait(3)
    equal([(x.src, x.letters, x.seq, x.ack) for x in segs], [
        (Veth.A, 'S', 10001, 0), (Veth.B, 'SA', 20001, 10002), (Veth.A, 'A', 10002, 20002)],
        'the three segments')
    equal((state(c), state(s)), (ESTABLISHED, ESTABLISHED), 'states')


@case('S09', 'the server\'s side alone, against a scripted client')
def server_side():
    tun = Tun()
    l = listener(isn=20001)
    c = Conn(tun, 40000, l.getsockname()[1], iss=10001)
    c.syn()
    sa = c.rx_at_once('SA')
    equal((sa.seq, sa.ack), (20001, 10002), 'seq and ack of the SYN+ACK')
    c.tx('A')
    equal((c.nxt, c.rcv_nxt), (10002, 20002), 'seq and ack of the third segment')
    equal(state(l.accept()[0]), ESTABLISHED, 'state')


@case('S09', 'the client\'s side alone, against a scripted server')
def client_side():
    tun = Tun()
    s, c = active(tun, isn=10001, iss=20001)
    equal(c.syn_seg.seq, 10001, 'seq of the SYN')
    equal((c.last.letters, c.last.seq, c.last.ack), ('A', 10002, 20002), 'the third segment')


main()
