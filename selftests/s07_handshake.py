#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S07: the three-way handshake, its numbers and its states."""

import errno

from lib import *


@case('S07', 'active: SYN seq=x in SYN-SENT, SYN+ACK seq=y ack=x+1, ACK seq=x+1 ack=y+1, ESTABLISHED')
def active_open():
    tun = Tun()
    s = tcp_socket(blocking=False)
    equal(state(s), CLOSED, 'state before')
    c = syn_sent(tun, s, 7001)
    equal(c.syn_seg.letters, 'S', 'flags')
    equal(state(s), SYN_SENT, 'state after the SYN')
    check(not wait_writable(s, 0), 'writable before it is connected')
    c.tx('SA', opts=opt_mss())
    ack = c.rx_at_once('A', seq=1, ack=1, length=0)
    equal(ack.seq, (c.syn_seg.seq + 1) & 0xffffffff, 'x+1')
    equal(ack.ack, c.iss + 1, 'y+1')
    equal(state(s), ESTABLISHED, 'state after the SYN+ACK')
    check(wait_writable(s, 0), 'not writable')
    equal(s.getpeername(), ip.name(REMOTE, 7001), 'peer')
    c.quiet(2)


@case('S07', 'passive: LISTEN, SYN, SYN+ACK seq=y ack=x+1 in SYN-RECEIVED, ACK, ESTABLISHED')
def passive_open():
    tun = Tun()
    l = listener()
    equal(state(l), LISTEN, 'state of the listener')
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn()
    sa = c.rx_at_once('SA', ack=1, length=0)
    equal(sa.ack, c.iss + 1, 'x+1')
    check(not wait_readable(l, 0.5), 'a half-open connection is no connection')
    c.tx('A')
    check(wait_readable(l, 0), 'the third segment has not completed it')
    s, peer = l.accept()
    equal(peer, ip.name(REMOTE, 40000), 'peer')
    equal(state(s), ESTABLISHED, 'state')
    equal(state(l), LISTEN, 'state of the listener after')
    c.quiet(2)


@case('S07', 'the states of both ends in their order, by tracepoint, on one clock')
def both_ends():
    trace = Trace()
    l = listener(ip.lo(), 7007)
    c = connect(l.getsockname(), (ip.lo(2), 5007))
    s, _ = l.accept()
    equal((state(c), state(s), state(l)), (ESTABLISHED, ESTABLISHED, LISTEN), 'states')
    client, server = ip.at(ip.lo(2), 5007), ip.at(ip.lo(), 7007)
    path = [(e.local, e.old, e.new) for e in trace.states() if e.local in (client, server)]
    equal(path[0], (server, 'CLOSED', 'LISTEN'), 'first')
    equal([p for p in path[1:]], [
        (client, 'CLOSED', 'SYN-SENT'), (server, 'LISTEN', 'SYN-RECEIVED'),
        (client, 'SYN-SENT', 'ESTABLISHED'), (server, 'SYN-RECEIVED', 'ESTABLISHED')], 'then')
    segs = [(e.src, e.flags) for e in trace.segments('tx') if e.src in (client, server)]
    equal(segs, [(client, 'S'), (server, 'SA'), (client, 'A')], 'segments')


@case('S07', 'the numbers x, x+1, y, y+1 for fixed x and y, zero and wrap included')
def numbers():
    tun = Tun()
    for x, y in ((0, 0), (0xffffffff, 0xffffffff), (0x7fffffff, 0x80000000), (1, 2)):
        s, c = active(tun, isn=x, iss=y)
        equal((c.syn_seg.seq, c.last.seq, c.last.ack),
              (x, (x + 1) & 0xffffffff, (y + 1) & 0xffffffff), 'active')
        dead_close(s)
        s, c = passive(tun, isn=y, iss=x)
        equal((c.synack.seq, c.synack.ack), (y, (x + 1) & 0xffffffff), 'passive')
        dead_close(s)


@case('S07', 'no listener: the CLOSED port answers RST ack=x+1; the client gets ECONNREFUSED, CLOSED')
def refused():
    tun = Tun()
    c = Conn(tun, 40000, 7001)
    c.syn()
    rst = c.rx_at_once('RA')
    equal((rst.seq, rst.ack, rst.win), (0, c.iss + 1, 0), 'seq, ack and window of the RST')
    s = tcp_socket()
    raises(errno.ECONNREFUSED, s.connect, (ip.lo(), 7001), what='connect')
    equal(state(s), CLOSED, 'state')


@case('S07', 'a SYN with data: the data is not delivered before the handshake is complete')
def syn_with_data():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.tx('S', 'early', opts=opt_mss())
    sa = c.rx('SA')
    check(c.rack(sa) in (1, 6), 'the SYN+ACK acknowledges %d' % c.rack(sa))
    check(not wait_readable(l, 0), 'accepted too early')
    taken = c.rack(sa)
    c.nxt = c.iss + taken
    c.tx('A')
    if taken == 1:
        c.tx('PA', 'early')
    s, _ = l.accept()
    equal(s.recv(100), b'early', 'data, once')


@case('S07', 'options are negotiated: window scale, timestamps and SACK only if both ends offer them')
def options():
    tun = Tun()
    full = opt_mss() + opt_sackok() + opt_ts(5000) + opt_ws(7)
    s, c = active(tun, opts=opt_mss(1400))
    kinds = sorted(k for k, _ in c.syn_seg.options())
    equal(kinds, [2, 3, 4, 8], 'options that the SYN offers')
    s.send(b'x')
    equal(c.rx('PA').opts, b'', 'nothing was agreed, nothing is used')
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn(full)
    sa = c.rx('SA')
    equal(sorted(k for k, _ in sa.options()), [2, 3, 4, 8], 'options of the SYN+ACK')
    equal(sa.ts[1], 5000, 'echo of the timestamp')
    c.tx('A', opts=opt_ts(5001, sa.ts[0]))
    s2, _ = l.accept()
    s2.send(b'x')
    equal(c.rx('PA').ts[1], 5001, 'timestamps stay on')
    for n, (part, kinds) in enumerate(((opt_sackok(), [2, 4]), (opt_ts(9), [2, 8]),
                                       (opt_ws(3), [2, 3]))):
        c = Conn(tun, 40001 + n, l.getsockname()[1])
        c.syn(opt_mss() + part)
        equal(sorted(k for k, _ in c.rx('SA').options()), kinds, 'answer to ' + part.hex())


@case('S07', 'the sysctls switch the options off')
def options_off():
    tun = Tun()
    for name in ('window_scaling', 'sack', 'timestamps'):
        sysctl(name, 0)
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    equal([k for k, _ in c.syn_seg.options()], [2], 'options of the SYN')
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn(opt_mss() + opt_sackok() + opt_ts(5000) + opt_ws(7))
    equal([k for k, _ in c.rx('SA').options()], [2], 'options of the SYN+ACK')


@case('S07', 'SYN-SENT: a SYN,ACK with FIN opens the connection')
def syn_ack_with_fin():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7000)
    c.tx('SAF', opts=opt_mss(1000))
    check(wait_writable(s), 'connected')
    equal(so_error(s), 0, 'SO_ERROR')
    c.rx('A', seq=1)
    c.tx('FA', seq=1)
    c.flush(0.1)
    equal(s.recv(10), b'', 'the end')


main()
