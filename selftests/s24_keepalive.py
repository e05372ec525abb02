#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S24: keepalive: 2 hours of silence, a probe each 75 seconds, closed after the tenth."""

import errno
import socket

from lib import *


def keepalive(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if not TCPX:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 10)


def slack(at):
    """The kernel's own TCP is 5 minutes late for its 2-hour probe (timer wheel)."""
    return TOL if TCPX else at * 0.05 + 0.1


def probe(c, t, at, ack, seq=0, tol=None):
    s = c.rx('A', since=t, at=at, tol=slack(at) if tol is None else tol)
    equal(c.rseq(s), seq, 'the probe\'s sequence number is SND.NXT-1')
    equal(c.rack(s), ack, 'its ack')
    check(s.len <= 1, 'its length')
    return s


@case('S24', 'first probe at 7200 s, nine more 75 s apart, closed at 7950 s: ETIMEDOUT')
def default_schedule():
    tun = Tun()
    s, c = active(tun)
    keepalive(s)
    t = c.last.t
    for n in range(10):
        probe(c, t, 7200 + 75 * n, 1)
    equal(state(s), ESTABLISHED, 'state after the tenth probe')
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 7950, slack(7950), 'time of ETIMEDOUT')
    equal(state(s), CLOSED, 'state')
    late = c.get(1000)
    check(late is None or late.flags & RST, 'an eleventh probe: %s' % late)


@case('S24', 'the accepted side too, SO_KEEPALIVE inherited from the listener')
def inherited():
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    equal(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1, 'SO_KEEPALIVE')
    t = now()
    for n in range(10):
        probe(c, t, 7200 + 75 * n, 1)
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 7950, slack(7950), 'time of ETIMEDOUT')


@case('S24', 'forged segments with wrong numbers keep no dead connection alive (RFC 5961)')
def forged():
    tun = Tun()
    s, c = active(tun)
    keepalive(s)
    t = now()
    while now() - t < 9000 and state(s) == ESTABLISHED:
        c.tx('A', seq=0x40000000)               # beyond the window
        c.tx('A', seq=1, ack=0x40000000)        # never sent
        c.tx('PA', 'x' * 10, seq=-100 & 0x7fffffff)
        c.flush(25)
    near(now() - t, 7950, 25 + slack(7950), 'the end')
    equal(so_error(s), errno.ETIMEDOUT, 'SO_ERROR')


@case('S24', 'off by default: silence for three hours')
def off_by_default():
    tun = Tun()
    s, c = active(tun)
    equal(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 0, 'SO_KEEPALIVE')
    c.quiet(3 * 3600)
    equal(state(s), ESTABLISHED, 'state')


@case('S24', 'the defaults are 7200 s, 75 s, 10 probes: sysctls and socket options')
def defaults():
    need(TCPX, 'the kernel\'s TCP sends nine')
    equal((sysctl('keepalive_time'), sysctl('keepalive_intvl'), sysctl('keepalive_probes')),
          (7200, 75, 10), 'sysctls')
    s = tcp_socket()
    equal([s.getsockopt(socket.IPPROTO_TCP, o) for o in (
        socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)], [7200, 75, 10], 'options')


def restarted_by(send, answer=None):
    """@send(c) at 3600 s; the first probe is due 2 hours after that."""
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    sleep(3600)
    t = send(c)
    c.flush(1)
    ack = c.nxt - c.iss
    probe(c, t, 7200, ack)
    return s, c


@case('S24', 'data from the peer restarts the 2 hours')
def restart_data():
    s, _ = restarted_by(lambda c: c.tx('PA', 'I am here'))
    equal(s.recv(100), b'I am here', 'data')


@case('S24', 'a pure ACK from the peer restarts the 2 hours')
def restart_ack():
    restarted_by(lambda c: c.tx('A'))


@case('S24', 'the peer\'s own keepalive probe restarts the 2 hours')
def restart_probe():
    need(TCPX, 'the kernel\'s TCP counts acceptable segments only')
    restarted_by(lambda c: c.tx('A', seq=0))


@case('S24', 'a window update from the peer restarts the 2 hours')
def restart_window():
    restarted_by(lambda c: c.tx('A', win=1000))


@case('S24', 'what we send ourselves restarts it through the ACK that it gets')
def restart_own_data():
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    sleep(3600)
    s.send(b'12345')
    c.rx('PA', seq=1)
    t = c.tx('A')
    probe(c, t, 7200, 1, seq=5)


@case('S24', 'an answered probe restarts the 2 hours, again and again')
def answered():
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    t = now()
    for _ in range(3):
        probe(c, t, 7200, 1)
        t = c.tx('A')
    equal(state(s), ESTABLISHED, 'state after 6 hours')


@case('S24', 'nine probes unanswered, the tenth answered: the connection lives, the count is reset')
def answered_late():
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    t = now()
    for n in range(10):
        probe(c, t, 7200 + 75 * n, 1)
    t = c.tx('A')
    for n in range(10):
        probe(c, t, 7200 + 75 * n, 1)
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 7950, slack(7950), 'time of ETIMEDOUT')


@case('S24', 'a peer that rebooted answers RST: ECONNRESET')
def rebooted():
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    t = now()
    p = probe(c, t, 7200, 1)
    c.tx('R', seq=c.rack(p))
    raises(errno.ECONNRESET, s.recv, 1, what='recv')
    near(now() - t, 7200, slack(7200), 'time of ECONNRESET')
    c.quiet(1000)


@case('S24', 'a rebooted peer between two kernels: its RST ends it at the first probe')
def rebooted_kernel():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    keepalive(c)
    s, _ = l.accept()
    t = now()
    with veth.b:        # forget the connection without a word
        run('tc', 'qdisc', 'add', 'dev', 'vb', 'root', 'netem', 'loss', '100%')
        dead_close(s)
        sleep(1)
        run('tc', 'qdisc', 'del', 'dev', 'vb', 'root')
    raises(errno.ECONNRESET, c.recv, 1, what='recv')
    near(now() - t, 7200, slack(7200), 'time of ECONNRESET')


@case('S24', 'two kernels: probes each 7200 s are answered by the kernel')
def answered_by_kernel():
    veth = Veth()
    cap = Capture('va')
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    keepalive(c)
    s, _ = l.accept()
    done = len(cap.wait(3))
    start = cap.segs[-1].t
    sleep(7200 * 2 + 1000)
    segs = cap.poll()[done:]
    equal([x.src for x in segs], [Veth.A, Veth.B] * 2, 'probe and answer')
    for n, x in enumerate(segs[::2]):
        near(x.t - start, 7200 * (n + 1), slack(7200 * (n + 1)), 'probe %d' % (n + 1))
    equal((state(c), state(s)), (ESTABLISHED, ESTABLISHED), 'states')


@case('S24', 'TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT set it for one connection')
def options():
    tun = Tun()
    s, c = passive(tun)
    for opt, value in ((socket.TCP_KEEPIDLE, 100), (socket.TCP_KEEPINTVL, 7),
                       (socket.TCP_KEEPCNT, 3)):
        s.setsockopt(socket.IPPROTO_TCP, opt, value)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    t = now()
    for at in (100, 107, 114):
        probe(c, t, at, 1)
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 121, slack(121), 'time of ETIMEDOUT')


@case('S24', 'the sysctls set it for the namespace')
def sysctls():
    tun = Tun()
    for name, value in (('keepalive_time', 50), ('keepalive_intvl', 3), ('keepalive_probes', 2)):
        sysctl(name, value)
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    t = now()
    for at in (50, 53):
        probe(c, t, at, 1)
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    near(now() - t, 56, slack(56), 'time of ETIMEDOUT')


@case('S24', 'switched on late it counts from the last segment; switched off it stops')
def late_on_and_off():
    tun = Tun()
    s, c = passive(tun)
    t = now()
    sleep(5000)
    keepalive(s)
    probe(c, t, 7200, 1, tol=None if TCPX else 7200)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
    c.quiet(9000)
    equal(state(s), ESTABLISHED, 'state')


@case('S24', 'in CLOSE-WAIT too')
def close_wait():
    tun = Tun()
    s, c = passive(tun, before=keepalive)
    t = c.tx('FA')
    c.flush(1)
    for n in range(10):
        probe(c, t, 7200 + 75 * n, 2)
    sleep(100)
    equal(state(s), CLOSED, 'state')


@case('S24', 'not while data is under way: the retransmission speaks for it')
def not_with_data():
    tun = Tun()
    for name, value in (('keepalive_time', 1), ('keepalive_intvl', 1)):
        sysctl(name, value)
    s, c = passive(tun, before=keepalive)
    s.send(b'data')
    c.rx('PA', seq=1, data='data')
    deadline = now() + 20
    while now() < deadline:
        x = c.get(deadline - now())
        check(x is None or x.data == b'data', 'a probe among the retransmissions: %s' % x)


@case('S24', 'a probe that carries no timestamp, though they were agreed on, is answered')
def probe_without_timestamp():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss() + opt_ts(1000))
    c.tx('A', seq=0)
    check(c.rx('A', seq=1, ack=1, within=0.1).ts, 'the answer has one')


main()
