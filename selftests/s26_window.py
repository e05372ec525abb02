#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: the window: offered, closed, probed, opened; silly windows avoided on both sides."""

import errno
import socket

from lib import *

MSS = 1000
MSS_ONLY = opt_mss(MSS)


def fill(s, c, limit=10 << 20):
    """Send until the window of unread @s is closed; returns the number of bytes it took."""
    sent = 0
    edge = c.rack(c.synack) + c.synack.win
    while sent < limit:
        room = edge - 1 - sent
        if room <= 0:
            c.flush(1)
            edge = max(edge, c.rack(c.last) + c.last.win)
            room = edge - 1 - sent
            if room <= 0:
                return sent
        n = min(MSS, room)
        c.tx('A', b'f' * n)
        sent += n
        for a in c.all():
            edge = max(edge, c.rack(a) + a.win)
    raise AssertionError('the window never closes')


def close_window(s, c):
    """Let the kernel send one byte, and acknowledge it with a window of zero."""
    s.send(b'.')
    c.rx(seq=1, data='.')
    c.tx('A', win=0)


def small_buffer(l):
    l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)


@case('S26', 'the window closes as data stays unread, and its right edge never moves left')
def closes():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, before=small_buffer)
    edge, sent = 1 + c.synack.win, 0
    for _ in range(200):
        n = min(MSS, edge - 1 - sent)
        if n <= 0:
            break
        c.tx('A', bytes(n))
        sent += n
        for a in c.all(0.6):
            new = c.rack(a) + a.win
            check(new >= edge, 'the right edge moved from %d to %d' % (edge, new))
            edge = new
    equal(c.last.win, 0, 'the window at the end')
    check(sent <= 4 * 16384, 'SO_RCVBUF of 16 KiB took %d bytes' % sent)
    equal(len(recv_exactly(s, sent)), sent, 'what was acknowledged can be read')


@case('S26', 'reading opens the window: an update is sent at once, without being asked')
def window_update():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, before=small_buffer)
    sent = fill(s, c)
    equal(c.last.win, 0, 'the window')
    c.quiet(10)
    recv_exactly(s, sent)
    u = c.rx_at_once('A', seq=1, ack=1 + sent, length=0)
    check(u.win >= MSS, 'window update of %d' % u.win)
    c.tx('PA', 'and on')
    equal(s.recv(100), b'and on', 'data')


@case('S26', 'receiver: reading a few bytes does not open a silly window (MUST-39)')
def receiver_sws():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, before=small_buffer)
    fill(s, c)
    before = c.last.win
    read = 0
    for _ in range(50):
        s.recv(10)
        read += 10
        u = c.get(0.01)
        if u is not None:
            check(u.win == 0 or u.win >= MSS, 'a window of %d after %d bytes' % (u.win, read))
    equal(before, 0, 'the window')


@case('S26', 'zero window: data is not taken, yet answered; a probe of one byte too')
def zero_window_in():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, before=small_buffer)
    sent = fill(s, c)
    for n in (1, 10, MSS):
        c.tx('A', bytes(n), seq=1 + sent)
        c.rx_at_once('A', ack=1 + sent, win=0, what='%d bytes into a zero window' % n)
        sleep(1)
    equal(len(recv_exactly(s, sent)), sent, 'what was taken')
    check(not wait_readable(s, 0.5), 'more than that was taken')


@case('S26', 'zero window: ACK, URG and RST are processed all the same (MUST-66)')
def zero_window_control():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, before=small_buffer)
    sent = fill(s, c)
    s.send(b'out')
    c.rx('PA', seq=1, data='out')
    c.tx('A')
    c.quiet(10, 'retransmitted although it was acknowledged')
    c.tx('R')
    raises(errno.ECONNRESET, recv_exactly, s, sent + 1, what='recv')


@case('S26', 'sender: a zero window is probed after the RTO, with back-off, without end')
def persist():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    close_window(s, c)
    s.send(bytes(5000))
    t = now()
    rto, at = 0.2, 0
    for n in range(40):
        at += rto
        p = c.rx('A', since=t, at=at, what='probe %d' % (n + 1),
                 tol=TOL + at * RTT_SHARE if TCPX else at * 0.15 + 0.1)
        check(c.rseq(p) == 1 and p.len == 0 or c.rseq(p) == 2 and p.len == 1,
              'a probe of seq %d, length %d' % (c.rseq(p), p.len))
        c.tx('A', ack=2, win=0)
        if not TCPX:
            at = p.t - t
        rto = min(rto * 2, 120)
    equal(state(s), ESTABLISHED, 'state after %d s of probing' % at)
    c.tx('A', ack=2, win=65535)
    got = b''.join(x.data for x in c.all(AT_ONCE))
    equal(len(got), 5000, 'bytes sent at once when the window opened')


@case('S26', 'sender: a pure ACK without news closes the window too')
def closed_by_update():
    need(TCPX, 'the kernel\'s TCP does not take a smaller window from it')
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    c.tx('A', win=0)
    s.send(bytes(5000))
    t = now()
    p = c.rx('A', since=t, at=0.2)
    check(p.len <= 1, '%d bytes into a closed window' % p.len)


@case('S26', 'sender: probes that nobody answers end at R2 with ETIMEDOUT')
def persist_dead():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    close_window(s, c)
    s.send(bytes(5000))
    t = now()
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    check(100 < now() - t < 2500, 'after %.1f s' % (now() - t))


@case('S26', 'sender: the window is an unsigned number: more than 32767 bytes in flight')
def unsigned():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    data = pattern(300000)
    sent = s.send(data)
    largest, acked = 0, 0
    for _ in range(30):
        for x in c.all(AT_ONCE):
            largest = max(largest, c.rseq(x) + x.len - 1 - acked)
            c.tx('A', ack=c.rseq(x) + x.len)
        acked = c.rcv_nxt - c.irs - 1
        if acked == sent:
            break
    check(largest > 32767, 'at most %d bytes in flight' % largest)
    check(largest <= 65535, '%d bytes in flight: more than the window' % largest)


@case('S26', 'sender: never beyond the window, for any window')
def never_beyond():
    tun = Tun()
    for win in (1, 10, 999, 1000, 1001, 4096, 65535):
        s, c = passive(tun, opts=MSS_ONLY, win=win)
        s.setblocking(False)
        s.send(bytes(100000))
        got = 0
        for x in c.all(3):
            got = max(got, c.rseq(x) + x.len - 1)
            check(got <= win, 'window %d, sent up to %d' % (win, got))
        check(got > 0, 'window %d: nothing was sent' % win)
        dead_close(s)


@case('S26', 'sender: half of the largest window is a full segment: Nagle\'s rule does not hold it')
def half_is_full():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, win=1200)
    s.send(b'.')
    c.rx('PA', seq=1, data='.')
    s.send(bytes(500))
    c.quiet(0.01, 'less than half')
    s.send(bytes(100))
    c.rx_at_once('A', seq=2, length=600)
    c.tx('A', win=3000)
    s.send(b'.')
    c.rx('PA', seq=602, data='.')
    s.send(bytes(900))
    c.quiet(0.01, 'half of a larger window is offered since')
    s.send(bytes(100))
    c.rx_at_once('A', seq=603, length=1000)


@case('S26', 'sender: no silly segment at once when a window opens by little (MUST-38)')
def sender_sws():
    need(TCPX, 'the kernel\'s TCP leaves it to the receiver')
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, win=8000)
    s.setblocking(False)
    s.send(bytes(20000))
    c.flush(0.01)
    c.tx('A', win=100)
    c.quiet(0.099, 'a silly segment')
    x = c.rx('A', within=1.1, what='the override time-out')
    check(x.len <= 100, 'more than the window')


@case('S26', 'sender: robust against a window that shrinks (MUST-34)')
def shrinking():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY, win=20000)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    data = pattern(30000)
    equal(s.send(data), 30000, 'bytes')
    first = c.all(0.01)
    check(len(first) > 3, 'too little was sent')
    c.tx('A', ack=1, win=1500)          # back over what is under way already
    deadline = now() + 60
    stream = bytearray(len(data))
    have = 0
    win = 1500
    while have < len(data) and now() < deadline:
        x = c.get(5)
        check(x is not None, 'stuck at %d bytes' % have)
        start = c.rseq(x) - 1
        if start <= have < start + x.len:
            take = min(start + x.len, have + win)
            stream[have:take] = x.data[have - start:take - start]
            have = take
        win = 1500 if have < 15000 else 20000
        c.tx('A', ack=1 + have, win=win)
    check(bytes(stream) == data, 'the stream differs')


@case('S26', 'sender: an old segment does not move the window (SND.WL1, SND.WL2)')
def old_update():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY)
    c.tx('PA', '0123456789', win=65535)
    c.flush(1)
    close_window(s, c)
    s.send(bytes(3000))
    c.tx('A', seq=5, win=65535)         # older than the one that closed it
    x = c.get(0.1)
    check(x is None or x.len == 0, 'an old segment opened the window: %s' % x)
    c.tx('A', win=65535)
    got = sum(y.len for y in c.all(AT_ONCE))
    check(got >= 2999, '%d bytes after a new one opened it' % got)


@case('S26', 'window scale: the peer\'s window is shifted, except in its SYN')
def scaled_send():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY + opt_ws(4), win=2500)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sent = s.send(bytes(400000))
    largest, acked = 0, 0
    for _ in range(40):
        xs = c.all(AT_ONCE)
        if not xs:
            break
        for x in xs:
            largest = max(largest, c.rseq(x) + x.len - 1 - acked)
            c.tx('A', ack=c.rseq(x) + x.len, win=5000)      # 80000
        acked = (c.rcv_nxt - c.irs - 1) & 0xffffffff
    check(65535 < largest <= 80000, '%d bytes in flight of a window of 80000' % largest)
    s, c = active(tun, opts=MSS_ONLY + opt_ws(4), win=2000)     # 2000, not 32000
    s.setblocking(False)
    s.send(bytes(20000))
    check(max(c.rseq(x) + x.len - 1 for x in c.all(0.01)) <= 2000, 'the window of a SYN was scaled')


@case('S26', 'window scale: a shift above 14 counts as 14 (RFC 7323)')
def shift_15():
    tun = Tun()
    s, c = passive(tun, opts=MSS_ONLY + opt_ws(15), win=2)
    c.tx('A', win=1)            # 16384
    s.setblocking(False)
    s.send(bytes(40000))
    largest = 0
    for _ in range(10):
        for x in c.all(AT_ONCE):
            largest = max(largest, c.rseq(x) + x.len - 1)
    check(2000 < largest <= 16384, '%d bytes in flight of a window of 16384' % largest)


@case('S26', 'window scale: a large receive buffer is offered whole, scaled')
def scaled_receive():
    veth = Veth()

    def buffers(s):
        s.setsockopt(socket.SOL_SOCKET, 33, 2 << 20)    # SO_RCVBUFFORCE
    with veth.b:
        l = tcp_socket(True)
        buffers(l)
        l.bind((Veth.B, 7001))
        l.listen(1)
    cap = Capture('va')
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    segs = cap.wait(3)
    shift = segs[1].wscale
    check(shift is not None and shift >= 5, 'window scale %r for a buffer of 4 MiB' % shift)
    check(segs[1].win <= 65535, 'the window of the SYN+ACK')
    transfer([(c, pattern(4 << 20), s)])
    top = max(x.win << shift for x in cap.poll() if x.src == Veth.B and not x.flags & SYN)
    check(top > 65535, 'the largest window was %d' % top)


@case('S26', 'two kernels: a reader that stops for an hour and goes on')
def slow_reader():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    c.setblocking(False)
    data = pattern(16 << 20)
    sent = 0
    try:
        while sent < len(data):
            sent += c.send(data[sent:sent + 65536])
    except BlockingIOError:
        pass
    check(sent < len(data), 'everything fit into the buffers')
    sleep(3600)
    equal((state(c), state(s)), (ESTABLISHED, ESTABLISHED), 'states')
    c.shutdown(socket.SHUT_WR)
    got = recv_exactly(s, len(data))
    check(got == data[:sent], 'the stream differs')


main()
