#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
S10: the example of a whole connection, number for number.

ISNs 100 and 300, 1000 bytes up, 2000 and later 50 bytes down.  The server's SYN takes a
sequence number, so its FIN is 2351 and the last ACK is 2352 (RFC 9293, 3.4).
"""

from lib import *


@case('S10', '100/300: FIN 1101, ack 1102; 50 more bytes from 2301; FIN 2351; last ACK 1102/2352')
def between_kernels():
    veth = Veth()
    cap = Capture('va')
    with veth.b:
        l = listener(Veth.B, 7001, isn=300)
    c = connect((Veth.B, 7001), isn=100)
    s, _ = l.accept()
    up, down, more = pattern(1000, 1), pattern(2000, 2), pattern(50, 3)
    c.sendall(up)
    equal(recv_exactly(s, 1000), up, '1000 bytes up')
    s.sendall(down)
    equal(recv_exactly(c, 2000), down, '2000 bytes down')
    sleep(1)
    c.shutdown(1)
    equal(s.recv(1), b'', 'the server sees the end')
    sleep(1)
    s.sendall(more)
    equal(recv_exactly(c, 50), more, '50 bytes more')
    sleep(1)
    s.close()
    equal(c.recv(1), b'', 'the client sees the end')
    sleep(1)
    segs = cap.poll()
    a = [x for x in segs if x.src == Veth.A]
    b = [x for x in segs if x.src == Veth.B]
    equal((a[0].letters, a[0].seq), ('S', 100), 'the client\'s SYN')
    equal((b[0].letters, b[0].seq, b[0].ack), ('SA', 300, 101), 'the server\'s SYN')
    equal((a[1].letters, a[1].seq, a[1].ack), ('A', 101, 301), 'the third segment')
    data = [x for x in a if x.len]
    equal((data[0].seq, data[-1].end), (101, 1101), 'numbers of the 1000 bytes')
    equal(max(x.ack for x in b if x.seq <= 2301 and not x.len), 1102,
          'the server acknowledges up to 1102')
    fin = [x for x in a if x.flags & FIN]
    equal([(x.seq, x.ack) for x in fin], [(1101, 2301)], 'the client\'s FIN')
    i = segs.index(fin[0])
    before = [x for x in segs[:i] if x.src == Veth.B and x.len]
    equal((before[0].seq, before[-1].end), (301, 2301), 'numbers of the 2000 bytes')
    ack = [x for x in segs[i + 1:] if x.src == Veth.B][0]
    equal((ack.letters, ack.seq, ack.ack, ack.len), ('A', 2301, 1102, 0), 'the FIN\'s ACK')
    after = [x for x in segs[i + 1:] if x.src == Veth.B and x.len]
    equal([(x.seq, x.ack, x.len) for x in after], [(2301, 1102, 50)], 'the 50 bytes')
    fin2 = [x for x in b if x.flags & FIN]
    equal([(x.seq, x.ack, x.len) for x in fin2], [(2351, 1102, 0)], 'the server\'s FIN')
    equal((segs[-1].src, segs[-1].letters, segs[-1].seq, segs[-1].ack),
          (Veth.A, 'A', 1102, 2352), 'the last ACK')


@case('S10', 'the client\'s side alone, against a scripted server')
def client_side():
    tun = Tun()
    s, c = active(tun, isn=100, iss=300)
    s.sendall(bytes(1000))
    equal(c.rx('A', length=1000).seq, 101, 'seq of the 1000 bytes')
    c.tx('A')
    c.tx('A', bytes(1000))
    c.tx('PA', bytes(1000))
    equal(len(recv_exactly(s, 2000)), 2000, 'received')
    c.flush(1)
    equal(c.last.ack, 2301, 'ack of the 2000 bytes')
    s.shutdown(1)
    equal(c.rx('FA').seq, 1101, 'seq of the FIN')
    c.tx('A')
    equal(c.rcv_nxt, 1102, 'ack of the FIN')
    equal(state(s), FIN_WAIT_2, 'state')
    c.tx('PA', bytes(50))
    equal(len(recv_exactly(s, 50)), 50, 'received')
    c.flush(1)
    equal(c.nxt, 2351, 'seq of the server\'s FIN')
    c.tx('FA')
    last = c.rx_at_once('A')
    equal((last.seq, last.ack), (1102, 2352), 'the last ACK')


@case('S10', 'the server\'s side alone, against a scripted client')
def server_side():
    tun = Tun()
    s, c = passive(tun, isn=300, iss=100)
    c.tx('PA', bytes(1000))
    equal(len(recv_exactly(s, 1000)), 1000, 'received')
    c.flush(1)
    s.sendall(bytes(2000))
    first = c.rx('A', seq=1, ack=1001)
    equal(first.seq, 301, 'seq of the 2000 bytes')
    equal(c.rx('A').end, 2301, 'their end')
    c.tx('A')
    equal(c.nxt, 1101, 'seq of the client\'s FIN')
    c.tx('FA')
    ack = c.rx('A', length=0)
    equal((ack.seq, ack.ack), (2301, 1102), 'the FIN\'s ACK')
    equal(state(s), CLOSE_WAIT, 'state')
    s.sendall(bytes(50))
    equal(c.rx('A', length=50).seq, 2301, 'seq of the 50 bytes')
    c.tx('A')
    s.shutdown(1)
    fin = c.rx('FA')
    equal((fin.seq, fin.ack), (2351, 1102), 'seq and ack of the FIN')
    equal(state(s), LAST_ACK, 'state')
    c.tx('A')
    equal((c.nxt, c.rcv_nxt), (1102, 2352), 'seq and ack of the last segment')
    equal(state(s), CLOSED, 'state at the end')


main()
