#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S21: segments of an old incarnation never reach the stream of the next one."""

import socket

from lib import *

PORT = 7001


def first_life(tun, l, opts=opt_mss(), tsval=None):
    """A connection from the peer's port 40000, closed by us: we are in TIME-WAIT."""
    c = Conn(tun, 40000, PORT, iss=5000000)
    if tsval:
        opts = opts + opt_ts(tsval)
    c.syn(opts)
    sa = c.rx('SA')
    if tsval:
        c.opts = opt_ts(tsval, sa.ts[0])
    c.tx('A')
    s, _ = l.accept()
    c.tx('PA', 'of the first life')
    equal(s.recv(100), b'of the first life', 'data')
    c.flush(1)
    s.close()
    c.rx('FA', seq=1)
    c.tx('FA')
    c.rx('A', seq=2)
    return c


@case('S21', 'in TIME-WAIT old data is acknowledged, delivered to nobody')
def in_time_wait():
    tun = Tun()
    l = listener(port=PORT)
    old = first_life(tun, l)
    old.tx('PA', 'of the first life', seq=1, ack=1)
    old.rx('A', seq=2, ack=19, length=0)
    check(not wait_readable(l, 1), 'a connection came out of it')


@case('S21', 'a new SYN above the old numbers opens the next incarnation; the old data stays out')
def replay_after_syn():
    tun = Tun()
    l = listener(port=PORT)
    old = first_life(tun, l)
    new = Conn(tun, 40000, PORT, iss=5000000 + 200000)
    new.syn()
    sa = new.rx('SA', ack=1, what='a SYN with a higher number in TIME-WAIT')
    check(lt(old.rcv_nxt, sa.seq), 'our ISN %d is not above the old %d' % (sa.seq, old.rcv_nxt))
    new.tx('A')
    s, _ = l.accept()
    before = counters()
    old.tx('PA', 'of the first life', seq=1, ack=1)
    old.tx('PA', 'of the first life', seq=1, ack=2)
    check(not wait_readable(s, 1), 'the old data was delivered')
    new.flush()
    check(grown(before), 'no counter tells of the old segments')
    new.tx('PA', 'of the second life')
    equal(s.recv(100), b'of the second life', 'the stream')


@case('S21', 'the same SYN again, or one with a lower number, opens nothing in TIME-WAIT')
def old_syn():
    tun = Tun()
    l = listener(port=PORT)
    old = first_life(tun, l)
    for seq in (0, -100000):
        old.tx('S', seq=seq, opts=opt_mss())
        s = old.get(1)
        check(s is None or s.letters == 'A', 'a SYN of number %d was answered: %s' % (seq, s))
    check(not wait_readable(l, 1), 'a connection came out of it')


@case('S21', 'timestamps: a SYN with a newer one opens the next incarnation (RFC 6191)')
def newer_timestamp():
    tun = Tun()
    l = listener(port=PORT)
    old = first_life(tun, l, tsval=1000)
    new = Conn(tun, 40000, PORT, iss=5000000 - 70000)       # lower, but later
    new.syn(opt_mss() + opt_ts(5000))
    sa = new.rx('SA', ack=1, what='lower number, newer timestamp')
    new.opts = opt_ts(5001, sa.ts[0])
    new.tx('A')
    s, _ = l.accept()
    new.tx('PA', 'new')
    equal(s.recv(100), b'new', 'data')


@case('S21', 'timestamps: PAWS drops an old segment whose number lies in the new window')
def paws():
    tun = Tun()
    l = listener(port=PORT)
    old = first_life(tun, l, tsval=1000)
    new = Conn(tun, 40000, PORT, iss=5000000 + 200000)
    new.syn(opt_mss() + opt_ts(50000))
    sa = new.rx('SA', ack=1)
    new.opts = opt_ts(50001, sa.ts[0])
    new.tx('A')
    s, _ = l.accept()
    new.tx('PA', 'of an older life', seq=1, opts=opt_ts(1000, sa.ts[0]))
    check(not wait_readable(s, 1), 'PAWS let an old segment in')
    new.rx('A', ack=1, what='an old segment is answered with an ACK')
    new.tx('PA', 'new')
    equal(s.recv(100), b'new', 'data')


@case('S21', 'timestamps: a SYN with an older one opens nothing')
def older_timestamp():
    tun = Tun()
    l = listener(port=PORT)
    first_life(tun, l, tsval=100000)
    new = Conn(tun, 40000, PORT, iss=5000000 - 70000)
    new.syn(opt_mss() + opt_ts(99000))
    s = new.get(1)
    check(s is None or s.letters == 'A', 'answered: %s' % s)
    check(not wait_readable(l, 0), 'a connection came out of it')


@case('S21', 'RFC 1337: with net.tcpx.rfc1337 an RST does not end TIME-WAIT')
def assassination():
    tun = Tun()
    sysctl('rfc1337', 1)
    l = listener(port=PORT)
    old = first_life(tun, l)
    old.tx('R', seq=old.nxt - old.iss)
    old.tx('FA', seq=18, ack=2)
    old.rx('A', seq=2, ack=19, what='TIME-WAIT after the RST')


@case('S21', 'RFC 1337: old data, the answering ACK, and the RST it provokes end nothing')
def hazards():
    tun = Tun()
    sysctl('rfc1337', 1)
    l = listener(port=PORT)
    old = first_life(tun, l)
    old.tx('PA', 'of the first life', seq=1, ack=1)
    ack = old.rx('A')
    old.tx('R', seq=old.rack(ack))
    old.tx('FA', seq=18, ack=2)
    old.rx('A', seq=2, ack=19, what='TIME-WAIT after H1')


@case('S21', 'between two kernels: a captured segment replayed into the next incarnation')
def replay_captured():
    msl(100)
    veth = Veth()
    with veth.b:
        msl(100)
        l = listener(Veth.B, PORT)
        tap = Capture('vb', outgoing=False)
    frm = (Veth.A, 40000)
    c = connect((Veth.B, PORT), frm)
    s, _ = l.accept()
    c.sendall(b'of the first life')
    equal(s.recv(100), b'of the first life', 'data')
    c.close()
    equal(s.recv(1), b'', 'end of stream')
    s.close()
    old = [x for x in tap.poll() if x.len][0]
    sleep(1)
    c = connect((Veth.B, PORT), frm)
    s, _ = l.accept()
    raw = socket.socket(ip.af, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for _ in range(3):
        raw.sendto(old.raw, (Veth.B, 0))
    check(not wait_readable(s, 1), 'the replayed segment was delivered')
    c.sendall(b'of the second life')
    equal(s.recv(100), b'of the second life', 'the stream')


@case('RFC 7323, 7.1', 'timestamps reveal no uptime: each pair of sockets has an offset of its own')
def no_uptime():
    need(TCPX, 'the kernel\'s TCP has another clock')
    tun = Tun()
    l = listener()
    seen = []
    for n in range(12):
        c = Conn(tun, 30000 + n, l.getsockname()[1])
        c.syn(opt_mss() + opt_ts(1))
        seen.append(c.rx('SA').ts[0])
    ticks = int(now() * 1e9) >> 20
    # Offsets at random: three of twelve within 2^20 of 2^32 come once in 10^8 runs
    near_uptime = sum((v - ticks) & 0xffffffff < 1 << 20 for v in seen)
    check(near_uptime <= 2, '%d of 12 are next to the uptime: %r' % (near_uptime, seen))
    gaps = [(b - a) & 0xffffffff for a, b in zip(seen, seen[1:])]
    check(sum(g < 1 << 20 for g in gaps) <= 2, 'they tell of each other: %r' % seen)


main()
