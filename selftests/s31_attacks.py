#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S31: attacks on TCP's machinery: each is met, and service goes on."""

import json
import os
import socket

from lib import *


def serves(tun, l, port, what, sport=50000):
    """An honest client gets in, is served, and leaves."""
    c = Conn(tun, sport, port, addr=ip.addr(9, 1, 99))
    c.open()
    check(wait_readable(l), what + ': an honest client was not accepted')
    s, _ = l.accept()
    c.tx('PA', 'request')
    equal(s.recv(100), b'request', what)
    s.send(b'response')
    while True:
        x = c.rx(what=what)
        if x.len:
            equal(x.data, b'response', what)
            break
    dead_close(s)
    c.flush(0.01)


def spoofed(n):
    return ip.addr(9, 1, 2 + n % 90), 1024 + n // 90


@case('S31', 'SYN flood of 20000 spoofed SYNs: honest clients get in all the while')
def syn_flood():
    tun = Tun()
    l = listener(port=7001, backlog=128)
    for n in range(20000):
        addr, port = spoofed(n)
        Conn(tun, port, 7001, addr, iss=n).syn()
        if n % 2000 == 1999:
            tun.pending.clear()
            serves(tun, l, 7001, 'after %d SYNs' % (n + 1), 50000 + n // 2000)
        elif n % 100 == 0:
            tun._drain()
            tun.pending.clear()
    check(not wait_readable(l, 0), 'a spoofed one was accepted')


@case('S31', 'SYN flood without cookies: half-open connections are bounded, the oldest make room')
def evicted():
    need(TCPX, 'the kernel\'s TCP drops the SYN')
    tun = Tun()
    sysctl('syncookies', 0)
    sysctl('max_syn_backlog', 64)
    l = listener(port=7001, backlog=64)
    conns = []
    for n in range(1000):
        addr, port = spoofed(n)
        c = Conn(tun, port, 7001, addr, iss=n)
        c.syn()
        c.rx('SA', what='SYN %d' % n)
        conns.append(c)
    conns[0].tx('A')
    conns[0].rx('R', what='the oldest one should be gone')
    conns[-1].tx('A')
    check(wait_readable(l, 0), 'the newest one should be there')
    # those that are left repeat their SYN+ACK after 1 s: count them
    tun.pending.clear()
    sleep(1.5)
    tun._drain()
    left = {(x.dst, x.dport) for x in tun.pending if x.letters == 'SA'}
    check(1 <= len(left) <= 130, '%d half-open connections left' % len(left))


@case('S31', 'the same SYN 1000 times is answered twice a second, not 1000 times')
def same_syn():
    tun = Tun()
    l = listener(port=7001)
    c = Conn(tun, 50000, 7001)
    c.syn()
    c.rx('SA')

    def again():
        c.tx('S', seq=0, opts=opt_mss())
    # The first one that comes again is answered at once: the SYN+ACK may be lost
    again()
    c.rx('SA', within=AT_ONCE, what='the SYN again')
    for n in range(1000):
        again()
        sleep(0.0005)
    answers = 0
    while tun.next(within=0):
        answers += 1
    check(answers <= 3, '%d answers to 1000 SYNs in half a second' % answers)
    sleep(0.5)
    tun._drain()
    tun.pending.clear()
    again()
    c.rx('SA', within=AT_ONCE, what='the SYN again, half a second later')
    c.tx('A')
    check(wait_readable(l), 'not accepted')


@case('S31', 'SYN flood: established connections do not feel it')
def flood_established():
    tun = Tun()
    s, c = passive(tun, port=7001)
    l = listener(port=7002, backlog=16)
    for n in range(3000):
        addr, port = spoofed(n)
        Conn(tun, port, 7002, addr).syn()
        if n % 100 == 0:
            tun._drain()
            tun.pending.clear()
    c.tx('PA', 'still here')
    equal(s.recv(100), b'still here', 'data')


@case('S31', 'SYN flood: the memory of the half-open comes back when they time out')
def flood_over():
    tun = Tun()
    l = listener(port=7001, backlog=64)
    for n in range(2000):
        addr, port = spoofed(n)
        Conn(tun, port, 7001, addr).syn()
        if n % 100 == 0:
            tun._drain()
            tun.pending.clear()
    sleep(200)
    tun._drain()
    tun.pending.clear()
    check(tun.next(within=200) is None, 'half-open connections are still there')
    serves(tun, l, 7001, 'after the flood')


@case('S31', 'blind RST: 1000 over the whole number space do not reset (RFC 5961)')
def blind_rst():
    tun = Tun()
    s, c = passive(tun)
    step = (1 << 32) // 1000
    for n in range(1000):
        seq = (1 + 7 + n * step) & 0xffffffff
        if seq != 1:
            c.tx('R', seq=seq)
    c.flush(0.1)
    equal(state(s), ESTABLISHED, 'state')
    c.tx('PA', 'alive')
    equal(s.recv(10), b'alive', 'data')


@case('S31', 'blind SYN: 1000 do not reset, and are not answered by 1000 ACKs')
def blind_syn():
    tun = Tun()
    s, c = passive(tun)
    sleep(1)
    step = (1 << 32) // 1000
    for n in range(1000):
        c.tx('S', seq=n * step, opts=opt_mss())
    answers = c.flush(0.1)
    equal(state(s), ESTABLISHED, 'state')
    check(answers <= 500, '%d ACKs for 1000 SYNs at one instant' % answers)
    diag('%d challenge ACKs' % answers)


@case('S31', 'blind data injection: a wrong number or a wrong ack delivers nothing (RFC 5961, 5)')
def blind_data():
    tun = Tun()
    s, c = passive(tun, win=8000)
    step = (1 << 32) // 500
    for n in range(500):
        c.tx('PA', 'injected', seq=(70000 + n * step) & 0xffffffff, ack=1)
    for n in range(1, 500):         # the right number, a guessed ack
        ack = (1 + n * step) & 0xffffffff
        c.tx('PA', 'injected', seq=1, ack=ack)
    check(not wait_readable(s, 0.1), 'injected data was delivered')
    c.flush(0.1)
    c.tx('PA', 'genuine')
    equal(s.recv(100), b'genuine', 'data')


@case('S31', 'data with an ACK of what was never sent, before the first octet or after the last')
def ghost_ack():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'abc')
    c.rx('PA')
    c.tx('A')
    for ack in (0, -1, -1000, 5, 1000):
        sleep(1)
        c.tx('PA', b'forged', seq=1, ack=ack)
        check(not wait_readable(s, 0.1), 'delivered with a relative ack of %d' % ack)
        c.flush()
    c.tx('PA', b'good', seq=1, ack=1)
    equal(s.recv(100), b'good', 'with the oldest ACK that there is')


def public():
    """The counters as a process without rights sees them."""
    r, w = os.pipe()
    unprivileged(lambda: os.write(w, json.dumps(counters()).encode()))
    os.close(w)
    with os.fdopen(r) as f:
        return json.load(f)


@case('S31', 'counters: who has no rights learns from them nothing of another\'s numbers')
def counters_tell_nothing():
    need(TCPX, 'Linux shows TCPChallengeACK, TCPOFOQueue and others to everybody')
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000) + opt_sackok())
    s.send(b'one')
    c.rx('PA')
    guesses = [(flags, data, seq, ack)
               for flags, data in (('A', ''), ('PA', 'text'), ('FA', ''), ('RA', ''), ('S', ''))
               for seq in (-70000, 500, 1 << 30) for ack in (1, 5, 1 << 30)]
    bad = []
    before = public()
    check(len(before) > 20 and 'DropSeq' not in before, 'what is told: %r' % before)
    for flags, data, seq, ack in guesses:
        c.tx(flags, data, seq=seq, ack=ack)
        sleep(1)
        c.flush()
        after = public()
        # what leaves is counted by the device as well
        moved = {k: v for k, v in grown(before, after).items() if k != 'OutSegs'}
        if moved != {'InSegs': 1}:
            bad.append((flags, data, seq, ack, moved))
        before = after
    check(not bad, 'counters that tell of a guess: %s' % bad[:8])
    equal(state(s), ESTABLISHED, 'state')


@case('S31', 'ACK storm: segments outside the window, echoed for each answer, die out')
def ack_storm():
    tun = Tun()
    s, c = passive(tun)
    sleep(1)
    answers = 0
    for _ in range(2000):
        c.tx('A', seq=500000, ack=1)
        if c.get(0) is not None:
            answers += 1
    check(answers <= 200, '%d answers to 2000 segments at one instant' % answers)
    diag('%d answers to 2000' % answers)
    sleep(2)
    c.flush()
    c.tx('PA', 'alive')
    equal(s.recv(10), b'alive', 'data')


@case('S31', 'ACK storm: two kernels that disagree about their numbers do not talk for ever')
def desynchronized():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    cap = Capture('va')
    port = c.getsockname()[1]
    c.send(b'x')
    s.recv(1)
    sleep(1)
    a = [x for x in cap.poll() if x.src == Veth.A][-1]
    b = [x for x in cap.segs if x.src == Veth.B][-1]
    raw = socket.socket(ip.af, socket.SOCK_RAW, socket.IPPROTO_RAW)
    # inject data into both directions, as Joncheray's attack does
    raw.sendto(build(Veth.A, Veth.B, port, 7001, a.end, b.end, 'PA', data=b'y' * 100,
                     opts=opt_ts(a.ts[0], a.ts[1]) if a.ts else b''), (Veth.B, 0))
    with veth.b:
        raw2 = socket.socket(ip.af, socket.SOCK_RAW, socket.IPPROTO_RAW)
        raw2.sendto(build(Veth.B, Veth.A, 7001, port, b.end, a.end, 'PA', data=b'z' * 100,
                          opts=opt_ts(b.ts[0], b.ts[1]) if b.ts else b''), (Veth.A, 0))
    n = len(cap.poll())
    c.setblocking(False)
    c.send(b'both ends are wrong now')
    sleep(10)
    count = len(cap.poll()) - n
    check(count < 200, '%d segments in 10 s' % count)
    diag('%d segments in 10 s' % count)


@case('S31', 'small window: one byte at a time serves that peer slowly, others at full speed')
def small_window():
    tun = Tun()
    l = listener(port=7001)
    bad = Conn(tun, 40000, 7001)
    bad.win = 1
    bad.open()
    s, _ = l.accept()
    s.setblocking(False)
    s.send(bytes(50000))
    for _ in range(50):
        x = bad.get(1)
        if x is not None and x.len:
            check(x.len <= 1, 'more than the window')
        bad.tx('A')
    serves(tun, l, 7001, 'beside a peer with a window of 1')


@case('S31', 'a tiny MSS option does not make tiny segments: at least 36 bytes each')
def tiny_mss():
    tun = Tun()
    for mss in (0, 1, 8):
        s, c = passive(tun, opts=opt_mss(mss))
        s.send(bytes(500))
        x = c.rx('A')
        check(x.len >= 36, 'MSS %d: segments of %d bytes' % (mss, x.len))
        dead_close(s)
        c.flush(0.1)


@case('S31', 'zero window: a hundred that never open hold no more than their send buffers')
def zero_windows():
    tun = Tun()
    l = listener(port=7001, backlog=200)
    held = []
    for n in range(100):
        c = Conn(tun, 30000 + n, 7001)
        c.win = 0
        c.open()
        s, _ = l.accept()
        s.setblocking(False)
        total = 0
        try:
            while total < 64 << 20:
                total += s.send(bytes(65536))
        except BlockingIOError:
            pass
        check(total < 8 << 20, '%d bytes were taken for a closed window' % total)
        held.append((s, c))
    serves(tun, l, 7001, 'beside a hundred zero windows')


@case('S31', 'zero window: a closed socket does not wait for ever, even if probes are answered')
def zero_window_orphan():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'.')
    c.rx(seq=1)
    c.tx('A', win=0)
    s.send(bytes(1000))
    s.close()
    deadline = now() + 7200
    while now() < deadline:
        x = c.get(500)
        if x is None or x.flags & RST:
            break
        c.tx('A', ack=2, win=0)
    check(now() < deadline, 'an orphan is probing for two hours')
    c.gone()


@case('S31', 'out-of-order data is held within the receive buffer')
def out_of_order_flood():
    tun = Tun()
    s, c = passive(tun, before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768))
    for n in range(20000):
        c.tx('A', 'x', seq=2 + 2 * (n * 7919 % 20000))
        if n % 100 == 0:
            c.flush()
    c.flush(0.1)
    equal(state(s), ESTABLISHED, 'state')
    # the first byte in order: whatever was thrown away comes again
    c.tx('A', bytes(1000), seq=1)
    check(wait_readable(s), 'no data')
    check(s.recv(1000)[:1] == b'\0', 'data')


@case('S31', 'connections that nobody accepts: the queue is bounded, the listener goes on')
def accept_flood():
    tun = Tun()
    l = listener(port=7001, backlog=4)
    done = 0
    for n in range(50):
        c = Conn(tun, 30000 + n, 7001)
        c.syn()
        if c.get(0.001):
            c.tx('A')
            done += 1
    check(5 <= done <= 50, '%d' % done)
    got = 0
    while wait_readable(l, 0):
        l.accept()[0].close()
        got += 1
    check(4 <= got <= 6, 'a backlog of 4 held %d' % got)
    sleep(200)
    tun._drain()
    tun.pending.clear()
    serves(tun, l, 7001, 'after the queue was full')


main()
