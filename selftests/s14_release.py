#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S14, S16, S17: the release, its numbers and states; what takes a sequence number."""

import socket

from lib import *


@case('S14', 'active closer: FIN seq=u, ACK, FIN seq=w ack=u+1, ACK seq=u+1 ack=w+1, and its states')
def active_closer():
    tun = Tun()
    s, c = active(tun)
    s.send(b'12345')
    c.rx('PA')
    c.tx('A')
    s.shutdown(socket.SHUT_WR)
    fin = c.rx_at_once('FA', seq=6, ack=1, length=0)
    equal(state(s), FIN_WAIT_1, 'after the first segment')
    c.tx('A', ack=7)
    equal(state(s), FIN_WAIT_2, 'after the second segment')
    c.quiet(1)
    c.tx('FA', seq=1, ack=7)
    last = c.rx_at_once('A', seq=7, ack=2, length=0)
    equal(last.seq, (fin.seq + 1) & 0xffffffff, 'u+1')
    equal(last.ack, c.iss + 2, 'w+1')
    equal(s.recv(1), b'', 'end of stream')
    check(state(s) in (TIME_WAIT, CLOSED), 'state %s' % STATE_NAME[state(s)])
    c.quiet(10)


@case('S14', 'passive closer: ACK ack=u+1 in CLOSE-WAIT, FIN seq=w ack=u+1 in LAST-ACK, CLOSED')
def passive_closer():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA')
    ack = c.rx('A', seq=1, ack=2, length=0, within=0.5)
    equal(state(s), CLOSE_WAIT, 'after the first segment')
    equal(s.recv(1), b'', 'end of stream')
    c.quiet(1)
    s.shutdown(socket.SHUT_WR)
    fin = c.rx_at_once('FA', seq=1, ack=2, length=0)
    equal(fin.seq, ack.seq, 'w')
    equal(state(s), LAST_ACK, 'after the third segment')
    c.tx('A', ack=2)
    equal(state(s), CLOSED, 'after the fourth segment')
    c.quiet(10)


@case('S14', 'the four segments between two kernels, both ends\' states by tracepoint')
def between_kernels():
    trace = Trace()
    l = listener(ip.lo(), 7014)
    a, b = ip.at(ip.lo(2), 5014), ip.at(ip.lo(), 7014)
    c = connect(l.getsockname(), (ip.lo(2), 5014))
    s, _ = l.accept()
    def sent():
        return [e for e in trace.segments('tx') if {e.src, e.dst} == {a, b}]
    done = len(sent())
    c.shutdown(socket.SHUT_WR)
    equal(s.recv(1), b'', 'end of stream')
    sleep(1)
    s.close()
    equal(c.recv(1), b'', 'end of stream')
    fins = sent()[done:]
    u, w = fins[0].seq, fins[2].seq
    equal([(e.src, e.flags, e.seq, e.ack) for e in fins], [
        (a, 'FA', u, w), (b, 'A', w, (u + 1) & 0xffffffff), (b, 'FA', w, (u + 1) & 0xffffffff),
        (a, 'A', (u + 1) & 0xffffffff, (w + 1) & 0xffffffff)], 'the four segments')
    equal(trace.path(a)[2:], [('ESTABLISHED', 'FIN-WAIT-1'), ('FIN-WAIT-1', 'FIN-WAIT-2'),
                              ('FIN-WAIT-2', 'TIME-WAIT')], 'active closer')
    equal(trace.path(b, a)[2:], [('ESTABLISHED', 'CLOSE-WAIT'), ('CLOSE-WAIT', 'LAST-ACK'),
                                 ('LAST-ACK', 'CLOSED')], 'passive closer')


@case('S14', 'close() with data not yet sent: the data first, then the FIN')
def close_flushes():
    tun = Tun()
    s, c = passive(tun, win=ip.mss())
    s.setblocking(False)
    s.send(bytes(4000))
    s.close()
    got = 0
    while True:
        seg = c.rx()
        got += seg.len
        c.tx('A')
        if seg.flags & FIN:
            break
    equal(got, 4000, 'bytes before the FIN')
    equal(c.rack(seg), 1, 'ack')


@case('S16', 'a FIN takes one number even without data; a SYN too')
def fin_takes_one():
    tun = Tun()
    s, c = active(tun)
    equal(c.rcv_nxt, (c.syn_seg.seq + 1) & 0xffffffff, 'the SYN')
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1, length=0)
    c.tx('A', ack=1)
    again = c.rx('FA', seq=1, length=0, within=30, what='a FIN not acknowledged comes again')
    equal(again.end, (c.syn_seg.seq + 2) & 0xffffffff, 'the FIN')
    c.tx('A', ack=2)
    c.quiet(100, 'an acknowledged FIN came again')
    c.tx('FA')
    c.rx('A', seq=2, ack=2, what='the peer\'s FIN took one too')


@case('S16', 'a FIN with data takes the length and one more')
def fin_with_data():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FPA', 'last words')
    equal(recv_exactly(s, 100), b'last words', 'data, then end of stream')
    c.rx('A', ack=12)


@case('S16', 'a pure ACK takes none: many of them, and the numbers stand still')
def ack_takes_none():
    tun = Tun()
    s, c = passive(tun)
    for n in range(20):
        c.tx('PA', 'x')
        equal(s.recv(1), b'x', 'data')
        c.rx('A', seq=1, ack=2 + n, length=0)
        sleep(1)
    s.send(b'y')
    c.rx('PA', seq=1, ack=21, data='y')


@case('S17', 'three segments: FIN, then ACK and FIN in one, then ACK; FIN-WAIT-1 to TIME-WAIT')
def three_active():
    tun = Tun()
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=1, ack=1)
    c.tx('FA', ack=2)
    c.rx_at_once('A', seq=2, ack=2)
    equal(s.recv(1), b'', 'end of stream')
    c.quiet(10)


@case('S17', 'by tracepoint: one segment takes FIN-WAIT-1 to TIME-WAIT, without a stay in FIN-WAIT-2')
def three_states():
    tun = Tun()
    trace = Trace(segments=False)
    s, c = active(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA')
    c.tx('FA')
    c.rx('A')
    states = trace.states(ip.at(LOCAL, c.dport))
    wait = [e for e in states if e.new == 'TIME-WAIT'][0]
    # 3.10.7.4 passes through FIN-WAIT-2 while it processes the one segment; no time passes there
    check(all(e.new != 'FIN-WAIT-2' or wait.t - e.t < 0.0005 for e in states), 'states: %r' % states)


@case('S17', 'the passive closer with nothing left to send puts ACK and FIN into one segment')
def three_passive():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    c.tx('PA', 'request')
    equal(s.recv(100), b'request', 'request')
    s.send(b'response')
    c.rx('PA', seq=1, ack=8)
    c.tx('FA')
    equal(s.recv(1), b'', 'end of stream')
    s.close()
    c.rx_at_once('FA', seq=9, ack=9, what='ACK and FIN in one')
    c.tx('A')
    c.quiet(10)


@case('S17', 'FIN on the last data segment')
def fin_on_data():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    s.send(b'corked')
    s.close()
    c.rx('FPA', seq=1, data='corked')


main()
