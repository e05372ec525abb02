#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: pacing by the connection's own timer and by fq, and the limit on the host's queues."""

import re
import select
import socket
import sys

from lib import *
from lib.receiver import *

SO_MAX_PACING_RATE, SO_SNDBUFFORCE, SO_RCVBUFFORCE = 47, 32, 33
TCP_TX_DELAY = 37
HEADERS = ip.head + 20
SIZE = MSS + HEADERS
UNLIMITED = (1 << 64) - 1


def limit(s, rate):
    s.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, rate.to_bytes(8, 'little'))


def stream(tun, rate, segments):
    """A connection whose cwnd is no obstacle, limited to @rate, with so much to send."""
    s, r, _, _ = start(tun, segs=70, waiting=0, rtt=0.01)
    limit(s, rate)
    s.send(bytes(segments * MSS))
    return s, r


def take(r, n, segs=()):
    """Take @n segments as they come, acknowledged at once; their times."""
    out = []
    while len(out) < n:
        x = r.c.get(10)
        check(x is not None, 'only %d of %d segments came' % (len(out), n))
        if x.len:
            out.append(x)
            r.take(x)
    return out


def gaps(xs):
    return [b.t - a.t for a, b in zip(xs, xs[1:])]


# --- the connection's own timer ----------------------------------------------

@case('S26', 'pacing: SO_MAX_PACING_RATE: segments leave one by one, evenly')
def even():
    tun = Tun()
    s, r = stream(tun, 100 * SIZE, 50)
    xs = take(r, 50)
    # what was not used of the last millisecond may go at once
    for g in gaps(xs[1:]):
        near(g, 1 / 100, 0.0001, 'gap')
    near(sum(x.ip_len for x in xs[2:]) / (xs[-1].t - xs[1].t), 100 * SIZE, 2 * SIZE, 'bytes a second')


@case('S26', 'pacing: many rates, each within 2 % (headers included)')
def rates():
    need_free_work()
    tun = Tun()
    for rate in (5000, 50000, 999999, 5000000, 40000000):
        n = 3000 if rate > 1000000 else 300
        s, r = stream(tun, rate, n)
        xs = take(r, n)[n // 5:]        # the round trip seems as long as the handshake's first
        got = sum(x.ip_len for x in xs[1:]) / (xs[-1].t - xs[0].t)
        diag('%d bytes a second: %.0f, greatest gap %.6f s' % (rate, got, max(gaps(xs))))
        near(got, rate, rate * .02, 'bytes a second')
        check(max(gaps(xs)) < max(SIZE, 0.001 * rate) / rate * 1.1 + 3e-4, 'greatest gap')
        dead_close(s)
        r.c.flush()


@case('S26', 'pacing: without a limit, and without fq, a window leaves at once')
def off():
    need_free_work()
    tun = Tun()
    s, r, data, f = start(tun, segs=70, waiting=40)
    check(f[-1].t - f[0].t < 0.001, '40 segments in %.6f s' % (f[-1].t - f[0].t))


@case('S26', 'pacing: the limit can be changed while it holds segments back, and taken away')
def changed():
    need_free_work()
    tun = Tun()
    s, r = stream(tun, 10 * SIZE, 200)
    xs = take(r, 10)
    near(gaps(xs)[-1], 0.1, 0.001, 'gap')
    limit(s, 100 * SIZE)
    xs = take(r, 20)
    for g in gaps(xs[2:]):
        near(g, 0.01, 0.001, 'gap at ten times the rate')
    limit(s, SIZE)
    xs = take(r, 5)
    near(gaps(xs)[-1], 1, 0.001, 'gap at a hundredth')
    t = now()
    limit(s, UNLIMITED)
    r.ack()
    take(r, 50)
    check(now() - t < 1.01, 'it took %.3f s until the limit was off' % (now() - t))


@case('S26', 'pacing: a slow rate is forgotten when a faster one is set')
def slow_forgotten():
    tun = Tun()
    s, r = stream(tun, 1, 10)           # a byte a second: the next is due in SIZE seconds
    take(r, 1)
    r.c.quiet(100, 'too fast')
    t = now()
    limit(s, 1040000)
    r.ack()
    s.send(b'x')
    xs = take(r, 5)
    check(xs[-1].t - t < 0.02, 'after %.3f s' % (xs[-1].t - t))


@case('S26', 'pacing: a limit of 0, or a ratio of 0, stops nothing')
def zero():
    tun = Tun()
    s, r = stream(tun, 0, 30)
    xs = take(r, 30)
    check(xs[-1].t - xs[0].t < 0.1, 'it took %.3f s' % (xs[-1].t - xs[0].t))
    dead_close(s)
    r.c.flush()
    sysctl('pacing_ss_ratio', 0)
    sysctl('pacing_ca_ratio', 0)
    s, r = stream(tun, 100 * SIZE, 30)
    xs = take(r, 30)
    near(xs[-1].t - xs[1].t, 0.28, 0.01, 'time for 28 segments')


@case('S26', 'pacing: BBR: the initial window leaves at once (RFC 6928, 2), what follows does not')
def first_flight():
    need_free_work()
    tun = Tun()
    s, r, _, f = start(tun, waiting=100, rtt=0.1, congestion='bbr')
    equal(len(f), 10, 'segments in the first flight')
    check(f[-1].t - f[0].t < 0.001, 'it took %.6f s' % (f[-1].t - f[0].t))
    until(f[0].t + 0.1)
    r.take(*f)
    xs = [x for x in r.c.all(0.08) if x.len]
    check(xs[-1].t - xs[0].t > 0.02, 'the second took %.6f s' % (xs[-1].t - xs[0].t))


@case('S26', 'pacing: SO_MAX_PACING_RATE holds for the initial window too')
def first_flight_limited():
    tun = Tun()
    s, r, _, f = start(tun, rtt=0.01)
    limit(s, 100 * SIZE)
    s.send(bytes(10 * MSS))
    for g in gaps(take(r, 10)[1:]):
        near(g, 1 / 100, 0.0001, 'gap')


@case('S26', 'pacing: what is sent again is paced too; the data is whole')
def retransmissions():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=100)
    limit(s, 100 * SIZE)
    until(f[0].t + RTT)
    r.take(*f[10:])                     # the first ten are lost
    xs = []
    while len(xs) < 12:
        x = r.c.get(5)
        check(x is not None, 'no more segments')
        if x.len:
            xs.append(x)
    check(sum(n <= 20 for n in r.numbers(xs)) >= 5, 'sent: %r' % r.numbers(xs))
    for g in gaps(xs[1:]):
        check(g > 0.0099, 'gap of %.6f' % g)
    r.take(*xs)
    limit(s, UNLIMITED)
    r.finish(data)


@case('S26', 'pacing: close() lets out what waits, at its rate')
def closed():
    tun = Tun()
    s, r = stream(tun, 100 * SIZE, 30)
    take(r, 2)
    s.close()
    xs = take(r, 28)
    near(xs[-1].t - xs[0].t, 0.27, 0.005, 'time for 27 segments')
    check(xs[-1].flags & FIN or r.c.rx('FA', within=1), 'no FIN')


@case('S26', 'pacing: two kernels on a veth, 8 Mbit/s with timestamps: within 2 %')
def veth_timer():
    measured(None)


# --- fq ----------------------------------------------------------------------

def measured(qdisc, rate=1000000, size=2 << 20):
    """A transfer through @qdisc at va, limited to @rate; what is measured at the other end."""
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    veth = Veth()
    if qdisc:
        run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', *qdisc)
    with veth.b:
        l = listener(Veth.B, 7001)
        cap = Capture('vb', outgoing=False)
    c = connect((Veth.B, 7001))
    limit(c, rate)
    s, _ = l.accept()
    transfer([(c, pattern(size), s)])
    xs = [x for x in cap.poll() if x.len]
    xs = xs[len(xs) // 10:]
    got = sum(x.ip_len for x in xs[1:]) / (xs[-1].t - xs[0].t)
    gs = sorted(gaps(xs))
    diag('%.0f bytes a second; gaps from %.6f to %.6f, median %.6f s' % (
        got, gs[0], gs[-1], gs[len(gs) // 2]))
    near(got, rate, rate * .02, 'bytes a second')
    near(gs[len(gs) // 2], 1500 / rate, 3e-5, 'median of the gaps')
    near(gs[len(gs) // 50], 1500 / rate, 1e-4, 'small gaps')
    near(gs[-len(gs) // 50], 1500 / rate, 1e-4, 'large gaps')
    return run('tc', '-s', 'qdisc', 'show', 'dev', 'va')


@case('S26', 'pacing: fq holds segments until their time (EDT), evenly, within 2 %')
def fq():
    text = measured(('fq',))
    n = int(re.findall(r'throttled (\d+)', text)[-1])
    check(n > 1000, 'fq throttled %d times' % n)
    flows = re.search(r'dropped (\d+)', text).group(1)
    equal(flows, '0', 'drops')


@case('S26', 'pacing: with fq a connection without a limit is paced at twice, then 1.2 times cwnd in an RTT')
def fq_cwnd():
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    veth = Veth()
    run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', 'fq')
    sysctl('congestion_control', 'reno')
    with veth.b:
        run('tc', 'qdisc', 'replace', 'dev', 'vb', 'root', 'netem', 'delay', '100ms')
        l = listener(Veth.B, 7001)
        cap = Capture('vb', outgoing=False)
    connect((Veth.B, 7001)).close()         # ARP is done
    c = connect((Veth.B, 7001))
    l.accept()[0].close()
    s, _ = l.accept()
    data = pattern(200000)
    transfer([(c, data, s)])
    xs = [x for x in cap.poll() if x.len]
    # ten segments at once, then a cwnd of more than ten, twenty at most, in half of 0.1 s
    first = [x for x in xs if x.t < xs[0].t + 0.05]
    equal(len(first), 10, 'segments in the first window')
    check(first[-1].t - first[0].t < 0.001, 'the first window takes its time')
    second = [x for x in xs[10:] if x.t < xs[10].t + 0.06]
    diag('second window: %r' % ['%.4f' % g for g in gaps(second)])
    check(len(second) > 10, '%d segments in the second window' % len(second))
    cwnd = 0.1 * 1500 / (2 * gaps(second)[-1] * (ip.mss() - 12))
    check(10 < cwnd < 20.1, 'paced for a cwnd of %.2f segments' % cwnd)
    for g in gaps(second)[-6:]:
        near(g, gaps(second)[-1], 0.0001, 'gap in the second window')


@case('S26', 'TCP_TX_DELAY: fq holds back all that a socket sends: SYN, SYN,ACK, payload, ACK')
def tx_delay():
    veth = Veth()
    run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', 'fq')
    with veth.b:
        run('tc', 'qdisc', 'replace', 'dev', 'vb', 'root', 'fq')
        l = listener(Veth.B, 7001)
    connect((Veth.B, 7001)).close()         # ARP is done
    l.accept()[0].close()
    for here, there in (0, 0), (0.05, 0), (0, 0.03), (0.05, 0.03):
        c = tcp_socket()
        c.setsockopt(socket.IPPROTO_TCP, TCP_TX_DELAY, int(here * 1e6))
        l.setsockopt(socket.IPPROTO_TCP, TCP_TX_DELAY, int(there * 1e6))
        t = now()
        c.connect((Veth.B, 7001))
        near(now() - t, here + there, 0.001, 'connect()')
        s, _ = l.accept()
        equal(s.getsockopt(socket.IPPROTO_TCP, TCP_TX_DELAY), int(there * 1e6), 'inherited')
        for way, delay in ((c, s), here), ((s, c), there):
            t = now()
            way[0].send(b'x')
            equal(recv_exactly(way[1], 1), b'x', 'payload')
            near(now() - t, delay, 0.001, 'payload')
        near(int.from_bytes(tcp_info(c)[68:72], sys.byteorder) / 1e6, here + there, 0.045, 'round trip, perhaps with a delayed ACK')
        data = pattern(1 << 20)
        t = now()
        transfer([(c, data, s)])
        check(here + there > 0 or now() - t < 0.1, '1 MB took %.3f s' % (now() - t))


@case('S26', 'TCP_TX_DELAY: and the ACKs of TIME-WAIT, and what a listener answers')
def tx_delay_answers():
    def delay(s):
        s.setsockopt(socket.IPPROTO_TCP, TCP_TX_DELAY, 50000)

    tun = Tun()
    run('tc', 'qdisc', 'replace', 'dev', 'tun0', 'root', 'fq')
    s, c = passive(tun, before=delay)
    s.close()
    c.rx('FA', since=now(), at=0.05)
    c.tx('FA')
    c.rx('A', since=now(), at=0.05)
    for _ in range(2):
        t = c.tx('FA', seq=1)
        c.rx('A', since=t, at=0.05, what='the ACK of TIME-WAIT')
        sleep(1)
    l = listener(ip.ANY, 7001)
    delay(l)
    c = Conn(tun, 50000, 7001)
    t = c.tx('A', ack=1)
    c.rx('R', since=t, at=0.05, what='the reset of a listener')
    t = c.syn()
    c.rx('SA', since=t, at=0.05)
    t = c.tx('A', ack=1000)
    c.rx('R', since=t, at=0.05, what='the reset of a half-open connection')


@case('S26', 'TCP_TX_DELAY: what fq holds back does not count against the limit on the host\'s queues')
def tx_delay_queue():
    veth = Veth()
    run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', 'fq', 'flow_limit', '20000',
        'limit', '20000')
    with veth.b:
        l = listener(Veth.B, 7001)
    c = tcp_socket()
    c.setsockopt(socket.IPPROTO_TCP, TCP_TX_DELAY, 100000)
    c.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20)
    l.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    c.connect((Veth.B, 7001))
    s, _ = l.accept()
    data = pattern(8 << 20)
    t = now()
    transfer([(c, data, s)])
    # cwnd doubles each 0.1 s from 10 segments: 8 MB are ten round trips or so
    diag('8 MB took %.3f s' % (now() - t))
    check(now() - t < 2, '8 MB took %.3f s' % (now() - t))


# --- the host's queues -------------------------------------------------------

def backlog(dev='va'):
    """(bytes, packets) in the qdisc of @dev."""
    text = run('tc', '-s', 'qdisc', 'show', 'dev', dev)
    m = re.search(r'backlog (\d+)(K?)b (\d+)p', text)
    return int(m.group(1)) * (1024 if m.group(2) else 1), int(m.group(3))


def slow_link(rate):
    """A veth whose va sends no faster than @rate, and nothing but what a test sends."""
    veth = Veth()
    if ip.version == 4:
        sysctl('net.ipv6.conf.va.disable_ipv6', 1)      # or its router solicitations are counted
    run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', 'tbf', 'rate', rate, 'burst', '3100', 'limit',
        '4000000')
    return veth


def slow_pair(veth, sndbuf=1 << 20):
    """A connection over it: (client, server, the listener)."""
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    c.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, sndbuf)
    return c, s, l


def slow_device(rate, size, sndbuf=1 << 20, before=None):
    """
    A transfer through tbf of the sender's own device: (seconds, greatest backlog in packets,
    and that after the first second).
    """
    veth = slow_link(rate)
    if before:
        before()
    c, s, _ = slow_pair(veth, sndbuf)
    data = pattern(size)
    got, sent, worst, later, ticks = bytearray(), 0, 0, 0, 0
    c.setblocking(False)
    s.setblocking(False)
    began = now()
    while len(got) < size:
        try:
            while sent < size:
                sent += c.send(data[sent:sent + 65536])
        except BlockingIOError:
            pass
        if not select.select([s], [], [], 30)[0]:
            raise AssertionError('stuck at %d of %d' % (len(got), size))
        got += s.recv(1 << 20)
        ticks += 1
        if ticks % 20 == 0:
            n = backlog()[1]
            worst = max(worst, n)
            later = max(later, n) if now() > began + 1 else later
    took = now() - began
    equal(bytes(got), data, 'the stream')
    return took, worst, later, c


@case('S26', 'host queue: a slow device holds a few packets of a connection, and the rate is full')
def host_queue():
    need(TCPX, 'the kernel\'s TCP has a limit of its own')
    took, worst, later, c = slow_device('8mbit', 4 << 20)
    rate = (4 << 20) * 1514 / (ip.mss() - 12) * 8 / took / 1e6
    diag('%.2f Mbit/s on the wire, at most %d packets in the queue, %d after a second; RTT %.6f s' % (
        rate, worst, later, info(c)['rtt'] / 1e6))
    check(rate > 7.8, '%.2f Mbit/s' % rate)
    # before it is known how slow the device is: what the first window is
    check(worst <= 12, '%d packets in the queue' % worst)
    check(1 <= later <= 8, '%d packets in the queue' % later)


@case('S26', 'host queue: net.tcpx.limit_output_bytes bounds it from the first segment on')
def host_queue_bytes():
    need(TCPX, 'the kernel\'s TCP has a limit of its own')
    took, worst, later, c = slow_device('8mbit', 1 << 20,
                                        before=lambda: sysctl('limit_output_bytes', 8000))
    check(2 <= worst <= 5, '%d packets in the queue' % worst)
    check((1 << 20) * 8 / took / 1e6 > 7.2, 'rate of %.2f Mbit/s' % ((1 << 20) * 8 / took / 1e6))


@case('S26', 'host queue: net.tcpx.limit_output_bytes = 1: one packet at a time, and it still moves')
def host_queue_one():
    need(TCPX, 'the kernel\'s TCP has a limit of its own')
    took, worst, later, c = slow_device('8mbit', 1 << 20,
                                        before=lambda: sysctl('limit_output_bytes', 1))
    check(worst <= 1, '%d packets in the queue' % worst)
    diag('%.2f Mbit/s' % ((1 << 20) * 8 / took / 1e6))


@case('S26', 'host queue: close() while the device is slow: all of it arrives, then the FIN')
def host_queue_close():
    need(TCPX, 'the kernel\'s TCP has a limit of its own')
    veth = slow_link('80kbit')
    c, s, _ = slow_pair(veth)
    data = pattern(60000)
    c.send(data)
    check(0 < backlog()[1] <= 12, 'backlog %r' % (backlog(),))
    c.close()
    equal(recv_exactly(s, len(data)), data, 'the stream')
    equal(s.recv(1), b'', 'the end')


@case('S26', 'host queue: a process that exits, a reset, a device that goes: nothing hangs, rmmod works',
      keep_netns=True)
def host_queue_rmmod():
    need(TCPX and module_path(), 'it is about the module')
    veth = slow_link('80kbit')
    c, s, l = slow_pair(veth)
    c.send(bytes(60000))
    check(backlog()[1] > 0, 'nothing is queued')
    dead_close(c)
    dead_close(s)
    l.close()
    # the device still has payload of a socket that is gone
    check(backlog()[1] > 0, 'nothing is queued')
    raises((11, 16), rmmod)
    run('ip', 'link', 'del', 'va')
    rmmod(1000)
    equal(remains(), [], 'what is left of the module')
    insmod()
    set_wire()


main()
