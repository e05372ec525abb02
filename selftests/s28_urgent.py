#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S28: PSH: deliver now; URG: the urgent pointer is valid."""

import errno
import fcntl
import os
import select
import signal
import socket
import struct

from lib import *

SIOCATMARK = 0x8905
MSG_OOB = socket.MSG_OOB


def atmark(s):
    return struct.unpack('i', fcntl.ioctl(s, SIOCATMARK, b'\0' * 4))[0]


@case('S28', 'data is delivered with PSH and without')
def push():
    tun = Tun()
    s, c = passive(tun)
    for flags, text in (('PA', b'pushed'), ('A', b'not pushed')):
        c.tx(flags, text)
        check(wait_readable(s, 0), 'not delivered at once with [%s]' % flags)
        equal(s.recv(100), text, 'data')


@case('S28', 'what is sent carries PSH at the end of each call')
def push_sent():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000))
    s.send(bytes(10))
    check(c.rx().flags & PSH, 'no PSH on a lone segment')
    c.tx('A')
    s.send(bytes(2500))
    xs = c.all(AT_ONCE)
    equal([bool(x.flags & PSH) for x in xs][-1], True, 'PSH on the last of the call')


@case('S28', 'MSG_EOR ends a segment: what is written later goes in another')
def end_of_record():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    for flags in (0, socket.MSG_EOR, 0, socket.MSG_EOR, 0):
        s.send(bytes(100), flags)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
    equal([(x.len, x.letters) for x in c.all(AT_ONCE)], [(200, 'PA'), (200, 'PA'), (100, 'PA')],
          'segments')
    c.tx('A')
    # one that is longer than a segment
    s.send(bytes(1300), socket.MSG_EOR)
    s.send(bytes(1000))
    equal([x.len for x in c.all(AT_ONCE)], [1000, 300, 1000], 'segments')


@case('S28', 'sending MSG_OOB: URG, and the pointer is one past the last urgent byte')
def send_oob():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'abc', MSG_OOB)
    x = c.rx('PAU', seq=1, data='abc', urg=3)
    c.tx('A')
    s.send(b'plain')
    x = c.rx('PA', seq=4, data='plain')
    check(not x.flags & URG, 'URG stays set')


@case('S28', 'what follows an urgent octet does not wait for its ACK, as FTP\'s ABOR does not')
def behind_the_mark():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'\xff\xf4\xff', MSG_OOB)
    s.send(b'\xf2ABOR\r\n')
    c.rx('PAU', seq=1, length=3)
    c.rx_at_once('PA', seq=4, data=b'\xf2ABOR\r\n')
    c.tx('A')
    s.send(b'QUIT')
    s.send(b'\r\n')
    c.rx_at_once('PA', seq=11, data='QUIT')
    c.quiet(0.01, 'Nagle\'s rule holds again once the octet is acknowledged')


@case('S28', 'urgent data behind ordinary data: each segment before the mark points to it')
def send_oob_behind():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000), win=0)
    s.setblocking(False)
    s.send(bytes(2500))
    s.send(b'!', MSG_OOB)
    c.flush(0.1)
    c.tx('A', win=60000)
    xs = [x for x in c.all(0.5) if x.len > 1 or x.flags & URG and x.len]
    end = 1 + 2501
    marked = [x for x in xs if x.flags & URG]
    check(marked, 'no URG at all')
    for x in marked:
        equal(c.rseq(x) + x.urg, end, 'the mark of %s' % x)


@case('S28', 'the RFC\'s own pointer with net.tcpx.stdurg: the last urgent byte, not one past it')
def stdurg():
    tun = Tun()
    sysctl('stdurg', 1)
    s, c = passive(tun)
    c.tx('PAU', 'ab!de', urg=2)
    equal(s.recv(1, MSG_OOB), b'!', 'the urgent byte, with a pointer that counts the last one')


@case('S28', 'receiving: the urgent byte comes by MSG_OOB, out of the stream')
def receive_oob():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PAU', 'ab!de', urg=3)
    equal(s.recv(1, MSG_OOB), b'!', 'out-of-band byte')
    raises(errno.EINVAL, s.recv, 1, MSG_OOB, what='a second time')
    equal(s.recv(100), b'ab', 'up to the mark')
    equal(atmark(s), 1, 'SIOCATMARK')
    equal(s.recv(100), b'de', 'behind the mark')
    equal(atmark(s), 0, 'SIOCATMARK')


@case('S28', 'MSG_OOB with nothing urgent: EINVAL; announced but not yet here: EAGAIN')
def oob_errors():
    tun = Tun()
    s, c = passive(tun)
    raises(errno.EINVAL, s.recv, 1, MSG_OOB, what='nothing urgent')
    c.tx('PAU', 'ab', urg=10)
    raises(errno.EAGAIN, s.recv, 1, MSG_OOB, what='not here yet')
    c.tx('PA', '34567890123')
    equal(s.recv(1, MSG_OOB), b'0', 'when it is here')


@case('S28', 'MSG_PEEK | MSG_OOB leaves it')
def oob_peek():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PAU', '!', urg=1)
    equal(s.recv(1, MSG_OOB | socket.MSG_PEEK), b'!', 'peek')
    equal(s.recv(1, MSG_OOB), b'!', 'take')


@case('S28', 'SO_OOBINLINE: the byte stays in the stream; reading stops at the mark')
def oobinline():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    c.tx('PAU', 'ab!de', urg=3)
    raises(errno.EINVAL, s.recv, 1, MSG_OOB, what='MSG_OOB with SO_OOBINLINE')
    equal(atmark(s), 0, 'SIOCATMARK before')
    equal(s.recv(100), b'ab', 'up to the mark')
    equal(atmark(s), 1, 'SIOCATMARK at the mark')
    equal(s.recv(100), b'!de', 'from the mark on')


@case('S28', 'SIGURG goes to the owner')
def sigurg():
    tun = Tun()
    s, c = passive(tun)
    got = []
    signal.signal(signal.SIGURG, lambda n, _: got.append(n))
    fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid())
    c.tx('PA', 'no signal')
    equal(got, [], 'signals for ordinary data')
    c.tx('PAU', 'x!', urg=2)
    sleep(0.01)
    equal(got, [signal.SIGURG], 'signals')


@case('S28', 'poll: POLLPRI for the mark, select: the exception set, until it is taken')
def pollpri():
    tun = Tun()
    s, c = passive(tun)
    p = select.poll()
    p.register(s, select.POLLIN | select.POLLPRI)
    equal(p.poll(0), [], 'events before')
    c.tx('PAU', '!', urg=1)
    ev = p.poll(1000)
    check(ev and ev[0][1] & select.POLLPRI, 'events: %r' % ev)
    equal(select.select([], [], [s], 0)[2], [s], 'select')
    equal(s.recv(1, MSG_OOB), b'!', 'taken')
    check(not [e for _, e in p.poll(0) if e & select.POLLPRI], 'POLLPRI after it was taken')


@case('S28', 'the mark is announced before the data, and with a window of zero')
def announced():
    tun = Tun()
    s, c = passive(tun)
    got = []
    signal.signal(signal.SIGURG, lambda n, _: got.append(n))
    fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid())
    c.tx('AU', urg=100)
    sleep(0.01)
    equal(got, [signal.SIGURG], 'signals for a mark without data')


@case('S28', 'a later mark replaces an earlier one; the earlier byte falls back into the stream')
def two_marks():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PAU', 'a1', urg=2)
    c.tx('PAU', 'b2', urg=2)
    equal(s.recv(1, MSG_OOB), b'2', 'the later one')
    equal(s.recv(100), b'a1b', 'the stream')


@case('S28', 'the urgent pointer means nothing without URG, nor in front of what was read')
def pointer_without_flag():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PA', 'abc', urg=2)
    raises(errno.EINVAL, s.recv, 1, MSG_OOB, what='without URG')
    equal(s.recv(100), b'abc', 'data')
    c.tx('PAU', 'abc', seq=1, urg=1)
    raises(errno.EINVAL, s.recv, 1, MSG_OOB, what='an old segment')


@case('S28', 'urgent data of any length: a mark 60000 bytes ahead (MUST-31)')
def far_mark():
    tun = Tun()
    s, c = passive(tun)
    data = pattern(60000)
    s.setblocking(False)
    at = 0
    c.tx('AU', urg=60000)
    got = bytearray()
    while at < len(data):
        chunk = data[at:at + 1000]
        c.tx('AU', chunk, urg=60000 - at)
        at += len(chunk)
        try:
            got += s.recv(1 << 20)
        except BlockingIOError:
            pass
        c.flush()
    equal(s.recv(1, MSG_OOB), data[-1:], 'the urgent byte')
    check(bytes(got) == data[:-1][:len(got)] and len(got) >= 59000, 'the stream before the mark')


@case('S28', 'between two kernels: an urgent byte amid a bulk transfer')
def bulk():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    c.sendall(pattern(10000, 1))
    c.send(b'!', MSG_OOB)
    c.sendall(pattern(10000, 2))
    c.shutdown(socket.SHUT_WR)
    check(select.select([], [], [s], 5)[2], 'no exception event')
    sleep(1)
    equal(s.recv(1, MSG_OOB), b'!', 'out of band')
    first = recv_exactly(s, 10000)
    check(first == pattern(10000, 1), 'before the mark')
    check(recv_exactly(s, 20000) == pattern(10000, 2), 'behind it')


main()
