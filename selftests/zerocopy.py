#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
MSG_ZEROCOPY: the pages of the user's are sent, and given back by number.

TCPX_PROTO=6 checks Linux's own TCP by the same cases.
"""

import ctypes
import errno
import os
import resource
import select
import socket
import struct

from lib import *
from lib.fastopen import CLIENT, MSG_FASTOPEN, NO_COOKIE
from lib.zerocopy import *

ORIGIN_ZEROCOPY, CODE_COPIED = 5, 1
SENT, COPIED = 'sent', 'copied'


def notices(s):
    """[(first, last, SENT or COPIED), ...]: what has come back since the last time."""
    out = []
    while True:
        try:
            _, anc, flags, _ = s.recvmsg(0, 256, socket.MSG_ERRQUEUE)
        except BlockingIOError:
            return out
        check(flags & socket.MSG_ERRQUEUE, 'MSG_ERRQUEUE is not told')
        (_, _, data), = anc
        err, origin, _, code, _, low, high = struct.unpack_from('=IBBBBII', data)
        equal((err, origin), (0, ORIGIN_ZEROCOPY), 'errno and origin')
        out.append((low, high, COPIED if code & CODE_COPIED else SENT))


def zerocopy(s, data, flags=0):
    equal(s.send(data, MSG_ZEROCOPY | flags), len(data), 'send')


def leave_by(ifname):
    """What goes to the peer vanishes in the device @ifname, which keeps no page of it."""
    run('ip', 'link', 'add', ifname, 'mtu', '1500', 'type', 'dummy')
    link_up(ifname)
    run_ip('route', 'add', '%s/%d' % (REMOTE, ip.bits), 'dev', ifname, 'src', LOCAL)
    sysctl('net.ipv4.conf.all.rp_filter', 0)
    sysctl('net.ipv4.conf.tun0.rp_filter', 0)


@case('zero copy', 'the option: 0 or 1, read as it was set, and inherited')
def option():
    with tcp_socket() as s:
        for val in 2, -1:
            raises(errno.EINVAL, ask, s, val)
        for val in 1, 0, 1:
            ask(s, val)
            equal(s.getsockopt(socket.SOL_SOCKET, SO_ZEROCOPY), val, 'SO_ZEROCOPY')
            if TCPX:
                equal(s.getsockopt(SOL, TCPX_ZEROCOPY), val, 'TCPX_ZEROCOPY')
    s, _ = passive(Tun(), before=ask)
    equal(s.getsockopt(socket.SOL_SOCKET, SO_ZEROCOPY), 1, 'of a child')
    zerocopy(s, buffer(b'text'))


@case('zero copy', 'without the option the flag means nothing: payload is copied, nobody is told')
def without():
    s, c = passive(Tun())
    data = buffer(b'before')
    zerocopy(s, data)
    data[:] = b'after!'
    c.rx('PA', data=b'before')
    c.tx('A')
    equal(notices(s), [], 'notices')


@case('zero copy', 'the pages are lent until all is acknowledged: then the notice comes, and EPOLLERR')
def acknowledged():
    tun = Tun()
    s, c = passive(tun)
    ask(s)
    leave_by('dummy0')
    before = c.rcv_nxt
    zerocopy(s, buffer(pattern(2 * ip.mss())))
    equal(notices(s), [], 'before the ACK')
    check(not wait_readable(s, 0.1), 'readable before the ACK')
    c.rcv_nxt = before + ip.mss()
    c.tx('A')
    sleep(0.01)
    equal(notices(s), [], 'half of it is acknowledged')
    c.rcv_nxt = before + 2 * ip.mss()
    c.tx('A')
    sleep(0.01)
    poll = select.poll()
    poll.register(s, 0)
    equal(poll.poll(0), [(s.fileno(), select.POLLERR)], 'poll')
    equal(notices(s), [(0, 0, SENT)], 'all of it is')
    equal(poll.poll(0), [], 'poll, once it is read')


@case('zero copy', 'no copy is made: a retransmission, and its checksum, are of the pages as they are')
def retransmission():
    s, c = passive(Tun())
    ask(s)
    data = buffer(b'0123456789')
    zerocopy(s, data)
    c.rx('PA', data=b'0123456789')
    data[2:4] = b'ab'
    c.rx('PA', data=b'01ab456789', within=3)
    c.tx('A')
    sleep(0.01)
    # A TUN device hands packets out, so that it has copied each of them
    equal(notices(s), [(0, 0, COPIED)], 'notices')


@case('zero copy', 'one notice for many calls, in order; a call that queues nothing has no number')
def coalesced():
    s, c = passive(Tun())
    ask(s)
    for _ in range(5):
        zerocopy(s, buffer(b'text'))
    raises(errno.EFAULT, send_nothing, s)
    zerocopy(s, b'')                            # has no number, either
    for _ in range(5):
        zerocopy(s, buffer(b'text'))
    got = b''
    while len(got) < 40:
        got += c.rx('A').data
        c.tx('A')
    equal(got, b'text' * 10, 'stream')
    sleep(0.01)
    equal(covered(notices(s)), list(range(10)), 'numbers')
    zerocopy(s, buffer(b'text'))
    c.rx('PA')
    c.tx('A')
    sleep(0.01)
    equal(notices(s), [(10, 10, COPIED)], 'the next')


def send_nothing(s):
    """send() of memory that is not there."""
    if libc.send(s.fileno(), ctypes.c_void_p(PAGE), 10, MSG_ZEROCOPY) < 0:
        raise OSError(ctypes.get_errno(), 'send')


def covered(got):
    """The numbers that notices name, each as often as it is named."""
    return sorted(n for first, last, _ in got for n in range(first, last + 1))


@case('zero copy', 'a header that is copied and a body that is not share a segment, both ways round')
def mixed():
    s, c = passive(Tun())
    ask(s)
    s.send(b'header ', socket.MSG_MORE)
    zerocopy(s, buffer(b'body '), socket.MSG_MORE)
    s.send(b'trailer')
    c.rx('PA', data=b'header body trailer')
    c.tx('A')
    zerocopy(s, buffer(b'body '), socket.MSG_MORE)
    s.send(b'trailer ', socket.MSG_MORE)
    zerocopy(s, buffer(b'body'))
    c.all(0.1)
    c.tx('A')
    sleep(0.01)
    equal(covered(notices(s)), [0, 1, 2], 'notices')


@case('zero copy', 'pages that begin anywhere, more than a segment has room for')
def scattered():
    s, c = passive(Tun())
    ask(s)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)  # whole pages are charged
    data = pattern(40 * PAGE)
    lent = buffer(data)
    # 2 octets from the end of a page to the beginning of the next, 39 times
    parts = [lent[n * PAGE - 1:n * PAGE + 1] for n in range(1, 40)]
    equal(s.sendmsg(parts, [], MSG_ZEROCOPY), 78, 'sendmsg')
    got = b''
    while len(got) < 78:
        got += c.rx_at_once('A').data
        c.tx('A')
    equal(got, b''.join(map(bytes, parts)), 'stream')
    sleep(0.01)
    equal(covered(notices(s)), [0], 'notices')


@case('zero copy', 'a path whose MTU shrinks: segments are cut, and the notice comes once')
def cut():
    tun = Tun()
    s, c = passive(tun)
    ask(s)
    data = pattern(4 * ip.mss())
    zerocopy(s, buffer(data))
    first = c.rx('A', length=ip.mss())
    c.flush(0.01)
    tun.icmp(ip.TOO_BIG, first.raw, rest=1300)
    got = {}
    start = c.rcv_nxt = first.seq
    while c.rcv_nxt != start + len(data):
        seg = c.get(3)
        check(seg, 'no more segments: %d octets have come' % (c.rcv_nxt - start))
        if seg.len <= 1300:
            got[seg.seq - start] = seg.data
        c.tx('A')
    equal(b''.join(got[k] for k in sorted(got))[:len(data)], data, 'stream')
    sleep(0.01)
    equal(covered(notices(s)), [0], 'notices')


@case('zero copy', 'locked pages: ENOBUFS beyond RLIMIT_MEMLOCK, and they are free after a reset')
def locked():
    tun = Tun()

    def lend(s, size):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        ask(s)
        zerocopy(s, buffer(bytes(size)))

    def child():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (16 * PAGE, 16 * PAGE))
        s, c = ends[0]
        lend(s, 10 * PAGE)
        raises(errno.ENOBUFS, s.send, buffer(bytes(10 * PAGE)), MSG_ZEROCOPY)
        c.tx('R', seq=1)
        c.flush(0.01)
        raises(errno.ECONNRESET, s.recv, 1)
        lend(ends[1][0], 10 * PAGE)
        equal(notices(s), [(0, 0, COPIED)], 'of what was thrown away')

    ends = [passive(tun) for _ in range(2)]
    unprivileged(child)


@case('zero copy', 'a socket that is closed with pages lent: it goes on sending them')
def closed():
    s, c = passive(Tun())
    ask(s)
    zerocopy(s, buffer(b'text'))
    s.close()
    c.rx('PA', data=b'text')
    c.rx('FA')
    c.tx('FA')
    c.rx('A')


@case('zero copy', 'a device that takes no fragments: each segment is made one piece for it')
def no_fragments():
    s, c = passive(Tun())
    run('ethtool', '-K', 'tun0', 'sg', 'off')
    ask(s)
    data = pattern(2 * ip.mss())
    zerocopy(s, buffer(data))
    equal(c.rx('A').data + c.rx('A').data, data, 'stream')
    c.tx('A')
    sleep(0.01)
    equal(covered(notices(s)), [0], 'notices')


@case('zero copy', 'Fast Open: what the SYN carries is copied')
def fast_open():
    tun = Tun()
    sysctl('fastopen', CLIENT | NO_COOKIE)
    s = tcp_socket(blocking=False)
    ask(s)
    data = buffer(b'text')
    equal(s.sendto(data, MSG_FASTOPEN | MSG_ZEROCOPY, (REMOTE, 7001)), 4, 'sendto')
    x = tun.next(lambda g: g.dport == 7001)
    equal((x.letters, x.data), ('S', b'text'), 'the SYN')
    if TCPX:
        equal(notices(s), [(0, 0, COPIED)], 'notices')


@case('zero copy', 'a lossy path and small buffers: the stream is right, each call is told once')
def lossy():
    veth = Veth()
    with veth.b, listener(Veth.B) as l:
        with veth.a:
            c = connect(l.getsockname())
        s, _ = l.accept()
    netem(veth, 'delay', '5ms', 'loss', '3%')
    ask(c)
    data = pattern(400000)
    lent = buffer(data)
    pid = os.fork()
    if not pid:
        at = calls = 0
        told = []
        while at < len(data):
            at += c.send(lent[at:at + 7000], MSG_ZEROCOPY)
            calls += 1
            told += notices(c)
        s.close()
        c.shutdown(socket.SHUT_WR)
        equal(c.recv(1), b'', 'the end')
        sleep(0.1)          # what was sent again in vain is on its way yet
        told += notices(c)
        equal(covered(told), list(range(calls)), 'numbers')
        os._exit(0)
    c.close()
    check(recv_exactly(s, len(data)) == data, 'stream')
    equal(s.recv(1), b'', 'the end')
    s.close()
    equal(os.waitpid(pid, 0)[1], 0, 'the sender')


main()
