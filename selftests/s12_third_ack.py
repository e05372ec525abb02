#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S12: the third segment confirms the server's SYN; what happens when it is lost."""

from lib import *
from lib.receiver import info


def half_open(tun, backlog=8):
    l = listener(backlog=backlog)
    c = Conn(tun, 40000, l.getsockname()[1])
    t = c.syn()
    c.first = c.rx_at_once('SA', seq=0, ack=1)
    return l, c, t


@case('S12', 'the third ACK lost: the SYN+ACK is sent again after 1 s, the same one; its ACK completes')
def sent_again():
    tun = Tun()
    l, c, t = half_open(tun)
    again = c.rx('SA', seq=0, ack=1, since=t, at=1)
    equal(again.opts, c.first.opts, 'options of the second SYN+ACK')
    check(not wait_readable(l, 0), 'accepted without the third segment')
    c.tx('A')
    check(wait_readable(l, 0), 'not accepted')
    s, _ = l.accept()
    equal(state(s), ESTABLISHED, 'state')
    c.quiet(100)


@case('S12', 'back-off of the SYN+ACK: 1, 3, 7, 15, 31 s, then the half-open connection is gone')
def back_off():
    tun = Tun()
    retries = sysctl('synack_retries')
    l, c, t = half_open(tun)
    due = 1
    for n in range(retries):
        c.rx('SA', seq=0, ack=1, since=t, at=due, tol=TOL if TCPX else 2)
        due += min(2 << n, 120)
    c.quiet(300)
    c.tx('A')
    c.rx('R', what='an ACK after the half-open connection is gone')
    check(not wait_readable(l, 0), 'accepted')
    equal(state(l), LISTEN, 'state of the listener')


@case('S12', 'net.tcpx.synack_retries bounds it')
def configured():
    tun = Tun()
    sysctl('synack_retries', 2)
    l, c, t = half_open(tun)
    tol = TOL if TCPX else 2
    c.rx('SA', since=t, at=1, tol=tol)
    c.rx('SA', since=t, at=3, tol=tol)
    c.quiet(300)


@case('S12', 'the third ACK lost: data that carries the ACK completes the handshake and is delivered')
def data_completes():
    tun = Tun()
    l, c, _ = half_open(tun)
    c.tx('PA', 'data and the ACK in one')
    check(wait_readable(l, 0), 'not accepted')
    s, _ = l.accept()
    equal(s.recv(100), b'data and the ACK in one', 'data')
    c.rx('A', ack=24)
    c.quiet(10)


@case('S12', 'data that does not start in order still carries the ACK; the gap is filled later')
def later_data_completes():
    tun = Tun()
    l, c, _ = half_open(tun)
    c.tx('PA', 'second', seq=6)
    c.tx('PA', 'first')
    s, _ = l.accept()
    wait_readable(s)
    got = s.recv(100)
    if got == b'first':         # what came in SYN-RECEIVED may be dropped: it comes again
        c.tx('PA', 'second')
        got += recv_exactly(s, 6)
    equal(got, b'firstsecond', 'data')


@case('S12', 'a FIN that carries the ACK completes it too: ESTABLISHED, then CLOSE-WAIT')
def fin_completes():
    tun = Tun()
    l, c, _ = half_open(tun)
    c.tx('FA')
    s, _ = l.accept()
    equal(s.recv(1), b'', 'end of stream')
    equal(state(s), CLOSE_WAIT, 'state')
    c.rx('A', ack=2)


@case('S12', 'the client\'s side: its ACK lost, the SYN+ACK comes again, it is acknowledged again')
def client_side():
    tun = Tun()
    s, c = active(tun)
    sleep(1)
    c.tx('SA', seq=0, ack=1, opts=opt_mss())
    c.rx_at_once('A', seq=1, ack=1, length=0)
    equal(state(s), ESTABLISHED, 'state')
    s.send(b'x')
    c.rx('PA', seq=1, data='x')


@case('S12', 'the client\'s SYN comes again in SYN-RECEIVED: the SYN+ACK is sent again')
def syn_again():
    tun = Tun()
    l, c, t = half_open(tun)
    sleep(0.5)
    c.tx('S', seq=0, opts=opt_mss())
    s = c.rx('SA', seq=0, ack=1, within=1.5)
    equal(s.seq, c.first.seq, 'the same ISN')
    c.tx('A')
    check(wait_readable(l, 0), 'not accepted')


@case('S12', 'the SYN+ACK for a SYN that comes again echoes its timestamp (RFC 7323, 4.3)')
def syn_again_timestamp():
    need(TCPX, 'the kernel\'s TCP echoes the first')
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn(opt_mss() + opt_ts(5000))
    equal(c.rx_at_once('SA').ts[1], 5000, 'echo in the first SYN+ACK')
    sleep(0.5)
    c.tx('S', seq=0, opts=opt_mss() + opt_ts(5500))
    equal(c.rx_at_once('SA').ts[1], 5500, 'echo in the second')


@case('S12', 'the RTT is not taken from a handshake whose SYN+ACK was sent twice (Karn)')
def syn_again_rtt():
    need(TCPX, 'the kernel\'s TCP tells otherwise')
    tun = Tun()
    l, c, t = half_open(tun)
    sleep(0.5)
    c.tx('S', seq=0, opts=opt_mss())
    c.rx_at_once('SA')
    sleep(0.01)
    c.tx('A')
    s, _ = l.accept()
    equal(info(s)['rtt'], 0, 'RTT')


@case('S12', 'SYN+ACK dropped on the way, between two kernels: the SYN comes again and all is well')
def dropped_synack():
    veth = Veth()
    with veth.b:
        run('tc', 'qdisc', 'add', 'dev', 'vb', 'root', 'netem', 'loss', '100%')
        l = listener(Veth.B, 7001)
    c = tcp_socket(blocking=False)
    c.connect_ex((Veth.B, 7001))
    sleep(0.5)
    with veth.b:
        run('tc', 'qdisc', 'del', 'dev', 'vb', 'root')
    check(wait_writable(c), 'not connected')
    equal(so_error(c), 0, 'SO_ERROR')
    l.accept()


main()
