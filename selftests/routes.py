#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The metrics of `ip route` are used; and a cached route that is gone is looked up again."""

import errno
import socket
import struct

from lib import *

TCP_CONGESTION, MSG_FASTOPEN = 13, 0x20000000
THEIRS = 'the kernel\'s TCP cuts segments to the MTU of the dead route\'s device'
MSS, MSS_ONLY = ip.mss(), opt_mss()
ENDS = (('active', active), ('passive', passive))


def route(tun, *metrics, to=REMOTE):
    """(Re)place the host route to the scripted host."""
    run_ip('route', 'replace', to, 'dev', tun.name, *metrics)


# No time-out while `ip` runs, however slow the host is
PATIENT = ('rto_min', '1000s')


def replaced(tun, *metrics):
    """The same route put in place again: the cached one is dead, its device too."""
    run_ip('route', 'del', REMOTE)
    route(tun, *metrics)


def noted(tun, *metrics):
    """
    A route with metrics that Linux's TCP applies only to a host that it has cached metrics
    of, which a finished connection leaves.
    """
    route(tun, *metrics)
    if TCPX:
        return
    run('ip', 'tcp_metrics', 'flush', 'all')
    sysctl('no_ssthresh_metrics_save', 0)
    s, c = active(tun)
    s.send(b'measured')
    c.rx('A', seq=1)
    c.tx('A')
    c.tx('FA')
    c.rx('A')
    s.close()
    c.rx('FA')
    c.tx('A')
    c.flush()


def in_info(s, offset):
    return struct.unpack_from('I', tcp_info(s), offset)[0]


def flight(s, c, segments):
    """Queue so many; how many leave at once."""
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, 32, 1 << 20)         # SO_SNDBUFFORCE
    equal(s.send(bytes(segments * MSS)), segments * MSS, 'send')
    return c.all(AT_ONCE)


# --- a route that is gone ----------------------------------------------------

def in_order(segs, first, length, what):
    """Full segments, each once, one after the other."""
    for i, seg in enumerate(segs):
        equal(seg.seq - first & 0xffffffff, i * length, '%s: number of segment %d' % (what, i))
        equal(seg.len, length, '%s: length of segment %d' % (what, i))


@case('Routes', 'the same route put in place again: nothing is cut smaller, nothing sent again')
def again():
    need(TCPX, THEIRS)
    tun = Tun()
    for name, opening in ENDS:
        route(tun, *PATIENT)
        s, c = opening(tun)
        c.tx('A')
        first = flight(s, c, 40)
        equal(len(first), 10, name + ': segments at first')
        replaced(tun, *PATIENT)
        rest = []
        while len(first) + len(rest) < 40:
            c.tx('A')
            got = c.all(AT_ONCE)
            check(got, '%s: nothing more came after %d segments' % (name, len(rest) + 10))
            rest += got
        in_order(first + rest, first[0].seq, MSS, name)
        equal(in_info(s, 60), 1500, name + ': tcpi_pmtu')
        dead_close(s)


@case('Routes', 'no route for a while: what was under way goes again when there is one')
def away():
    tun = Tun()
    run_ip('route', 'del', ip.net(9, 1), 'dev', tun.name)
    route(tun)
    s, c = active(tun)
    s.send(b'under way')
    c.rx('A', data='under way')
    run_ip('route', 'del', REMOTE)
    s.send(b', and more')
    c.quiet(10)
    route(tun)
    seg = c.get(60)
    check(seg, 'nothing came again')
    equal(seg.data[:9], b'under way', 'what goes again')
    c.tx('A')
    c.flush(1)
    c.tx('A')
    equal(in_info(s, 60), 1500, 'tcpi_pmtu')


@case('Routes', 'a new route with another MTU: the segments follow it, down and up')
def other_mtu():
    need(TCPX, THEIRS)
    tun = Tun()
    route(tun)
    s, c = active(tun)
    for mtu in (ip.small, 1500):
        replaced(tun, 'mtu', str(mtu))
        s.send(bytes(3 * ip.mss(mtu)))
        for i in range(3):
            c.rx('A', length=ip.mss(mtu), what='MTU %d' % mtu)
        c.tx('A')


@case('Routes', 'a router asks for less while the cached route is dead: it is heard')
def frag_needed():
    tun = Tun()
    route(tun, *PATIENT)
    s, c = active(tun)
    segs = flight(s, c, 4)
    replaced(tun, *PATIENT)
    tun.icmp(ip.TOO_BIG, segs[0].raw, rest=ip.small)
    got = c.all(0.1)
    check(got, 'nothing is sent again')
    check(all(g.len <= ip.mss(ip.small) for g in got), 'too long: %r' % [g.len for g in got])


@case('Routes', 'what the new route says counts from then on: rto_min')
def other_rto():
    need(TCPX, 'the kernel\'s TCP reads it when a connection begins, or a deviation is large')
    tun = Tun()
    route(tun, 'rto_min', '100ms')
    s, c = active(tun)
    for name, rto in (('100ms', .1), ('2s', 2)):
        replaced(tun, 'rto_min', name)
        for _ in range(2):              # the RTO is computed with a measurement
            s.send(b'measured')
            c.rx('A')
            c.tx('A')
        s.send(b'lost')
        seg = c.rx('A')
        c.rx('A', data='lost', since=seg.t, at=rto, tol=max(TOL, rto * .05), what=name)
        c.tx('A')


# --- the metrics -------------------------------------------------------------

@case('Routes', 'advmss: the MSS that is announced, larger or smaller than the link\'s')
def advmss():
    tun = Tun()
    for mss in (600, MSS, 4000):
        route(tun, 'advmss', str(mss))
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, 7001)
        equal(c.syn_seg.mss, mss, 'SYN')
        dead_close(s)
        s, c = passive(tun)
        equal(c.synack.mss, mss, 'SYN+ACK')
        # what is sent goes by the path
        s.send(bytes(MSS))
        c.rx('A', length=MSS)
        dead_close(s)
        tun._drain()
        tun.pending.clear()


@case('Routes', 'window: no more is offered, by either end, now and later')
def window():
    tun = Tun()
    route(tun, 'window', '9000')
    for name, opening in ENDS:
        s, c = opening(tun)
        syn = c.syn_seg if name == 'active' else c.synack
        near(syn.win, 9000, MSS, name + ': the window of the SYN')
        for _ in range(40):
            c.tx('A', bytes(MSS))
            s.recv(MSS)
        got = c.all(0.1)
        check(all(g.win <= 9000 for g in got), '%s: windows %r' % (name, [g.win for g in got]))
        dead_close(s)


@case('Routes', 'initrwnd: the window to begin with; it grows with what arrives')
def initrwnd():
    tun = Tun()
    route(tun, 'initrwnd', '4')
    for name, opening in ENDS:
        s, c = opening(tun)
        syn = c.syn_seg if name == 'active' else c.synack
        equal(syn.win, 4 * MSS, name + ': the window of the SYN')
        if name == 'active':
            check(c.last.win <= 4 * MSS, 'the window of the third segment: %d' % c.last.win)
        for _ in range(40):
            c.tx('A', bytes(MSS))
            s.recv(MSS)
        c.flush(0.1)
        check(c.last.win > 20 * MSS, '%s: the window is still %d' % (name, c.last.win))
        dead_close(s)


@case('Routes', 'initcwnd: so many segments at first, and after an idle time')
def initcwnd():
    tun = Tun()
    for n in (1, 3, 20):
        route(tun, 'initcwnd', str(n))
        for name, opening in ENDS:
            s, c = opening(tun)
            equal(len(flight(s, c, 40)), n, '%s, initcwnd %d' % (name, n))
            sent = n
            while sent < 40:
                c.tx('A')
                sent += len(c.all(AT_ONCE))
            c.tx('A')
            sleep(1000)
            equal(len(flight(s, c, 60)), n, '%s, initcwnd %d, after idle time' % (name, n))
            dead_close(s)
            tun.pending.clear()


@case('Routes', 'rto_min: the least time-out')
def rto_min():
    tun = Tun()
    for text, rto in (('50ms', .05), ('1s', 1)):
        route(tun, 'rto_min', text)
        for name, opening in ENDS:
            s, c = opening(tun)
            s.send(b'lost')
            seg = c.rx('A')
            c.rx('A', data='lost', since=seg.t, at=rto, tol=max(TOL, rto * .05),
                 what='%s, rto_min %s' % (name, text))
            dead_close(s)


def delayed(s, c):
    """Is the ACK of a short segment delayed, once nothing calls for an early one any more?"""
    for _ in range(40):
        c.tx('PA', b'x')
        c.flush(.1)
        s.recv(1)
        s.send(b'y')            # an answer: the next ACK may ride on one
        c.flush(.1)
        c.tx('A')
    c.tx('PA', b'x')
    return not c.all(.01)


@case('Routes', 'quickack: no ACK is delayed')
def quickack():
    tun = Tun()
    for on in (0, 1):
        route(tun, 'quickack', str(on))
        for name, opening in ENDS:
            s, c = opening(tun)
            equal(delayed(s, c), not on, '%s: delayed with quickack %d' % (name, on))
            dead_close(s)


def algorithms():
    with open('/proc/sys/net/ipv4/tcp_available_congestion_control') as f:
        return f.read().split()


@case('Routes', 'congctl: the algorithm of connections both ways; locked, it is not the user\'s')
def congctl():
    tun = Tun()
    other = next((a for a in algorithms() if a != sysctl('congestion_control')), None)
    need(other, 'the kernel\'s TCP has one algorithm only, and so have routes')
    for lock in ((), ('lock',)):
        route(tun, 'congctl', *lock, other)
        for name, opening in ENDS:
            s, c = opening(tun)
            got = s.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 16).rstrip(b'\0').decode()
            equal(got, other, name)
            if lock:
                raises(errno.EPERM, s.setsockopt, socket.IPPROTO_TCP, TCP_CONGESTION,
                       sysctl('congestion_control').encode(), what=name + ': setsockopt')
            else:
                s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION,
                             sysctl('congestion_control').encode())
            dead_close(s)


@case('Routes', 'congctl: an algorithm that needs ECN asks for it, and grants it')
def congctl_ecn():
    tun = Tun()
    run('modprobe', '-q', 'tcp_dctcp', may_fail=True)
    need('dctcp' in algorithms(), 'no DCTCP in the kernel\'s TCP')
    route(tun, 'congctl', 'dctcp')
    ecn_case(tun)


def ecn_case(tun):
    sysctl('ecn', 0)
    s = tcp_socket(blocking=False)
    c = syn_sent_ecn(tun, s)
    equal(c.letters, 'SEC', 'SYN')
    dead_close(s)
    l = listener(port=7002)
    c = Conn(tun, 20000, 7002)
    c.tx('SEC', opts=MSS_ONLY)
    c.rx('SAE', ack=1)
    l.close()


def syn_sent_ecn(tun, s):
    check(s.connect_ex((REMOTE, 7001)) == errno.EINPROGRESS, 'connect')
    return tun.next(lambda g: g.dport == 7001)


@case('Routes', 'features ecn: asked for and granted, whatever the sysctl says')
def features():
    tun = Tun()
    route(tun, 'features', 'ecn')
    ecn_case(tun)


@case('Routes', 'hoplimit: the TTL of every segment, of the SYN+ACK and of a reset too')
def hoplimit():
    tun = Tun()
    route(tun, 'hoplimit', '7')
    for name, opening in ENDS:
        s, c = opening(tun)
        equal((c.syn_seg if name == 'active' else c.synack).ttl, 7, name + ': SYN')
        s.send(b'text')
        equal(c.rx('A', data='text').ttl, 7, name + ': payload')
        dead_close(s)
        equal(c.rx().ttl, 7, name + ': reset')


@case('Routes', 'mtu: what is announced and what is sent')
def mtu():
    tun = Tun()
    route(tun, 'mtu', str(ip.small))
    most = ip.mss(ip.small)
    for name, opening in ENDS:
        s, c = opening(tun)
        equal((c.syn_seg if name == 'active' else c.synack).mss, most, name + ': MSS')
        s.send(bytes(most * 2))
        for _ in range(2):
            check(c.rx('A', length=most).df, name + ': DF is not set')
        dead_close(s)
        c.flush()


@case('Routes', 'mtu lock: no DF, and no router is asked for less')
def mtu_lock():
    need(ip.version == 4, 'no router cuts an IPv6 packet, whatever it is told')
    tun = Tun()
    route(tun, 'mtu', 'lock', '1000')
    for name, opening in ENDS:
        s, c = opening(tun)
        s.send(bytes(960))
        seg = c.rx('A', length=960)
        check(not seg.df, name + ': DF is set')
        tun.icmp(ip.TOO_BIG, seg.raw, rest=700)
        c.quiet(AT_ONCE, name + ': a router was heard')
        equal(in_info(s, 60), 1000, name + ': tcpi_pmtu')
        dead_close(s)
        c.flush()


@case('Routes', 'fastopen_no_cookie: the payload of a SYN is sent, and taken, without one')
def no_cookie():
    tun = Tun()
    sysctl('fastopen', 3)
    route(tun, 'fastopen_no_cookie', '1')
    s = tcp_socket(blocking=False)
    try:
        s.sendto(b'early', MSG_FASTOPEN, (REMOTE, 7001))
    except BlockingIOError:
        pass
    syn = tun.next(lambda g: g.dport == 7001)
    equal((syn.letters, syn.data, syn.option(34)), ('S', b'early', None), 'SYN')
    dead_close(s)
    l = tcp_socket(True)
    l.bind((ip.ANY, 7002))
    l.setsockopt(socket.IPPROTO_TCP, 23, 8)
    l.listen(8)
    c = Conn(tun, 20000, 7002)
    c.tx('S', b'early', opts=MSS_ONLY)
    c.rx('SA', ack=6)
    equal(l.accept()[0].recv(100), b'early', 'read before the third segment')


def grown_window(s, c, segments=200):
    """Let the congestion window grow; the largest flight seen."""
    segs = flight(s, c, segments)
    most, sent = len(segs), len(segs)
    while sent < segments:
        c.tx('A')
        got = len(c.all(AT_ONCE))
        check(got, 'nothing more after %d segments' % sent)
        most, sent = max(most, got), sent + got
    return most


@case('Routes', 'cwnd lock: the window does not grow beyond it')
def cwnd():
    tun = Tun()
    noted(tun, 'cwnd', 'lock', '7')
    for name, opening in ENDS:
        s, c = opening(tun)
        equal(grown_window(s, c), 7, name)
        equal(in_info(s, 80), 7, name + ': tcpi_snd_cwnd')
        dead_close(s)
        c.flush()
    # without the lock it is a note of what was, and no limit
    noted(tun, 'cwnd', '7')
    s, c = active(tun)
    check(grown_window(s, c) > 7, 'limited without a lock')


@case('Routes', 'ssthresh: where slow start ends to begin with')
def ssthresh():
    tun = Tun()
    noted(tun, 'ssthresh', 'lock', '4', 'initcwnd', '2')
    for name, opening in ENDS:
        s, c = opening(tun)
        equal(in_info(s, 76), 4, name + ': tcpi_snd_ssthresh')
        sizes = [len(flight(s, c, 100))]
        for _ in range(4):
            c.tx('A')
            sizes.append(len(c.all(AT_ONCE)))
        equal(sizes[:2], [2, 4], name + ': slow start')
        check(max(sizes[2:]) <= 7, '%s: congestion avoidance: %r' % (name, sizes))
        dead_close(s)
        c.flush()


@case('Routes', 'reordering: so many duplicate ACKs tell of a loss, and not three')
def reordering():
    tun = Tun()
    noted(tun, 'reordering', 'lock', '6')
    for name, opening in ENDS:
        s, c = opening(tun)
        s.send(b'.')
        c.rx('A')
        c.tx('A')
        equal(len(flight(s, c, 9)), 9, name + ': segments')
        for n in range(1, 7):
            c.tx('A', ack=2)
            got = c.all(AT_ONCE)
            check(bool(got) == (n == 6), '%s: duplicate %d: %r' % (name, n, got))
        equal(c.rseq(got[0]), 2, name + ': what goes again')
        equal(in_info(s, 88), 6, name + ': tcpi_reordering')
        dead_close(s)
        c.flush()


@case('Routes', 'rtt: the first time-out is good for it, until it is measured')
def rtt():
    tun = Tun()
    noted(tun, 'rtt', 'lock', '500ms')
    for name, opening in ENDS:
        s, c = opening(tun)
        s.send(b'lost')
        seg = c.rx('A')
        c.rx('A', data='lost', since=seg.t, at=1.5, tol=TOL * 2, what=name)
        c.tx('A')
        s.send(b'measured')
        c.rx('A')
        c.tx('A')
        s.send(b'lost')
        seg = c.rx('A')
        c.rx('A', data='lost', since=seg.t, at=.2, tol=TOL * 2, what=name + ', measured')
        dead_close(s)
        c.flush()


@case('Routes', 'rttvar: and its variation')
def rttvar():
    need(TCPX, 'the kernel\'s TCP takes half of the rtt for it')
    tun = Tun()
    route(tun, 'rtt', '500ms', 'rttvar', '75ms')
    for name, opening in ENDS:
        s, c = opening(tun)
        s.send(b'lost')
        seg = c.rx('A')
        c.rx('A', data='lost', since=seg.t, at=.8, what=name)
        dead_close(s)
        c.flush()


if __name__ == '__main__':
    main()
