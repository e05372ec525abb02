#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S05: after the handshake both ends may send, at the same time."""

from lib import *


def ends(veth):
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    return c, l.accept()[0]


@case('S05', 'both directions carry 8 MiB at once, each compared by hash')
def bulk():
    c, s = ends(Veth())
    transfer([(c, pattern(8 << 20, 1), s), (s, pattern(8 << 20, 2), c)])


@case('S05', 'the two directions overlap on the wire: neither waits for the other')
def overlap():
    veth = Veth()
    c, s = ends(veth)
    cap = Capture('va')
    transfer([(c, pattern(1 << 20, 1), s), (s, pattern(1 << 20, 2), c)])
    who = [x.src for x in cap.poll() if x.len]
    a = [i for i, src in enumerate(who) if src == Veth.A]
    b = [i for i, src in enumerate(who) if src == Veth.B]
    check(a and b and a[0] < b[-1] and b[0] < a[-1], 'no overlap: %r %r' % (a[:3], b[:3]))
    both = [x for x in cap.segs if x.len and x.flags & ACK]
    equal(len(both), len(who), 'data segments that also acknowledge')


@case('S05', 'the server may speak first')
def server_first():
    c, s = ends(Veth())
    s.sendall(b'220 ready')
    equal(recv_exactly(c, 9), b'220 ready', 'greeting')
    c.sendall(b'QUIT')
    equal(recv_exactly(s, 4), b'QUIT', 'answer')


@case('S05', 'a side that only reads is not held up by its own full send buffer')
def send_full_receive_on():
    c, s = ends(Veth())
    c.setblocking(False)
    sent = 0
    try:
        while True:
            sent += c.send(b'x' * 65536)
    except BlockingIOError:
        pass
    check(sent > 0, 'nothing fit into the buffers')
    s.sendall(b'y' * 10000)
    c.setblocking(True)
    equal(recv_exactly(c, 10000), b'y' * 10000, 'the other direction')
    equal(len(recv_exactly(s, sent)), sent, 'and what was stuck')


@case('S05', 'many connections in both directions at once')
def many():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    flows = []
    for n in range(16):
        c = connect((Veth.B, 7001))
        s = l.accept()[0]
        flows += [(c, pattern(200000 + n, n), s), (s, pattern(200000 - n, 100 + n), c)]
    transfer(flows)


main()
