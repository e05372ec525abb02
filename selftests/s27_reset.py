#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S27: RST: sent and accepted where RFC 9293 and RFC 5961 say, and nowhere else."""

import errno
import socket
import struct

from lib import *


def opened(tun):
    """A connection with some data behind it: our next number is 4, the peer's is 6."""
    s, c = passive(tun)
    c.tx('PA', 'hello')
    equal(s.recv(10), b'hello', 'data')
    s.send(b'abc')
    c.flush(0.5)            # it goes again after 0.2 and 0.6 s
    c.tx('A')
    return s, c


def to_fin_wait_1(tun):
    s, c = opened(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=4)
    return s, c


def to_fin_wait_2(tun):
    s, c = to_fin_wait_1(tun)
    c.tx('A')
    return s, c


def to_close_wait(tun):
    s, c = opened(tun)
    c.tx('FA')
    c.flush(0.6)
    return s, c


def to_last_ack(tun):
    s, c = to_close_wait(tun)
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=4)
    return s, c


def to_closing(tun):
    s, c = to_fin_wait_1(tun)
    c.tx('FA', ack=4)
    c.rx('A')
    return s, c


STATES = ((ESTABLISHED, opened, errno.ECONNRESET), (FIN_WAIT_1, to_fin_wait_1, errno.ECONNRESET),
          (FIN_WAIT_2, to_fin_wait_2, errno.ECONNRESET), (CLOSE_WAIT, to_close_wait, errno.EPIPE),
          (LAST_ACK, to_last_ack, None), (CLOSING, to_closing, None))


# the kernel's own TCP takes an RST one below RCV.NXT after a FIN
OUTSIDE = ((-1,) if TCPX else ()) + (-2, -1000, 70000, 0x7fffffff)


def still(s, c, st, what):
    equal(STATE_NAME[state(s)], STATE_NAME[st], what)


# --- accepted ----------------------------------------------------------------

@case('S27', 'an RST at RCV.NXT resets every synchronized state, with the errno TCP gives')
def exact():
    tun = Tun()
    for st, make, err in STATES:
        s, c = make(tun)
        still(s, c, st, 'state before')
        c.tx('R')
        equal(state(s), CLOSED, 'state after, from ' + STATE_NAME[st])
        if err:
            equal(so_error(s), err, 'SO_ERROR in ' + STATE_NAME[st])
        c.quiet(0.1, 'an RST is not answered')
        s.close()
        c.quiet(1)


@case('S27', 'a reader is told ECONNRESET, once; then end of stream; a writer EPIPE and SIGPIPE')
def told():
    tun = Tun()
    s, c = opened(tun)
    c.tx('R')
    raises(errno.ECONNRESET, s.recv, 1, what='recv')
    equal(s.recv(1), b'', 'recv again')
    raises(errno.EPIPE, s.send, b'x', what='send')
    s, c = opened(tun)
    c.tx('PA', 'unread')
    c.tx('R')
    equal(s.recv(100), b'unread', 'what came before the RST')
    raises(errno.ECONNRESET, s.recv, 100, what='recv behind it')


@case('S27', 'an RST in the window but not at RCV.NXT: a challenge ACK, in every state (RFC 5961, 3.2)')
def in_window():
    tun = Tun()
    for st, make, _ in STATES:
        s, c = make(tun)
        sleep(1)
        c.flush(1)
        nxt = c.nxt - c.iss
        for off in (1, 100, 5000):
            c.tx('R', seq=nxt + off)
            c.rx_at_once('A', ack=nxt, length=0, what='%s, RST at +%d' % (STATE_NAME[st], off))
            still(s, c, st, 'state after RST at +%d' % off)
            sleep(1.1)
            c.flush()
        dead_close(s)
        c.flush(0.1)


@case('S27', 'an RST outside the window: dropped without a word')
def outside():
    tun = Tun()
    for st, make, _ in STATES:
        s, c = make(tun)
        sleep(0.001)
        nxt = c.nxt - c.iss
        for off in OUTSIDE:
            c.flush()
            c.tx('R', seq=nxt + off)
            c.quiet(0.005, 'RST at %+d in %s was answered' % (off, STATE_NAME[st]))
            still(s, c, st, 'state after RST at %+d' % off)
        dead_close(s)
        c.flush(0.1)


@case('S27', 'the answer to a challenge ACK, an RST at RCV.NXT, resets')
def challenge_answered():
    tun = Tun()
    s, c = opened(tun)
    sleep(1)
    c.tx('R', seq=100)
    a = c.rx('A', ack=6)
    c.tx('R', seq=c.rack(a))
    equal(state(s), CLOSED, 'state')


@case('S27', 'a SYN in a synchronized state: a challenge ACK, wherever its number is (RFC 5961, 4.2)')
def syn_in_window():
    tun = Tun()
    for st, make, _ in STATES:
        s, c = make(tun)
        nxt = c.nxt - c.iss
        for seq in (nxt, nxt + 10, nxt - 1000, nxt + 100000):
            sleep(1.1)
            c.flush()
            c.tx('S', seq=seq, opts=opt_mss())
            c.rx_at_once('A', ack=nxt, length=0, what='SYN at %d in %s' % (seq, STATE_NAME[st]))
            still(s, c, st, 'state after the SYN')
        dead_close(s)
        c.flush(0.1)


@case('S27', 'SYN-SENT: RST with the right ack: ECONNREFUSED; with a wrong one or none: nothing')
def syn_sent_rst():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('R', seq=0)
    still(s, c, SYN_SENT, 'after an RST without ACK')
    for ack in (0, 2, 1000):
        c.tx('RA', seq=0, ack=ack)
        still(s, c, SYN_SENT, 'after an RST with ack %d' % ack)
    if TCPX:        # the kernel's TCP sends its SYN again at once
        c.quiet(0.5)
    c.tx('RA', seq=0, ack=1)
    equal(so_error(s), errno.ECONNREFUSED, 'SO_ERROR')
    equal(state(s), CLOSED, 'state')


@case('S27', 'SYN-RECEIVED: RST at RCV.NXT drops it; elsewhere in the window: challenge ACK')
def syn_received_rst():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn()
    c.rx('SA')
    sleep(0.6)
    c.tx('R', seq=100)
    a = c.get(0.01)
    check(a is None or a.flags & ACK and not a.flags & RST, 'answered by %s' % a)
    c.tx('R', seq=1)
    c.tx('A', seq=1, ack=1)
    c.rx('R', what='the connection should be gone')
    check(not wait_readable(l, 0), 'accepted')


@case('S27', 'simultaneous open, SYN-RECEIVED after an active OPEN: RST means ECONNREFUSED')
def syn_received_active():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('S', opts=opt_mss())
    c.rx('SA')
    c.tx('RA')
    equal(state(s), CLOSED, 'state')
    equal(so_error(s), errno.ECONNREFUSED if TCPX else errno.ECONNRESET, 'SO_ERROR')


# --- sent --------------------------------------------------------------------

@case('S27', 'CLOSED: without ACK: RST,ACK seq=0 ack=SEG.SEQ+SEG.LEN; with ACK: RST seq=SEG.ACK')
def closed():
    tun = Tun()
    c = Conn(tun, 40000, 7001)
    for flags, data, length in (('S', '', 1), ('F', '', 1), ('P', 'data', 4), ('', 'data', 4),
                                ('SF', '', 2), ('', '', 0)):
        c.tx(flags, data, seq=500)
        r = c.rx_at_once('RA', length=0, what='[%s] len %d' % (flags, len(data)))
        equal((r.seq, r.ack), (0, c.iss + 500 + length), 'seq and ack after [%s]' % flags)
    for flags, data in (('A', ''), ('SA', ''), ('FA', ''), ('PA', 'data'), ('FPAU', 'x')):
        c.tx(flags, data, seq=500, ack=0x12345678)
        r = c.rx_at_once('R', length=0, what='[%s]' % flags)
        equal(r.seq, 0x12345678, 'seq after [%s]' % flags)
    for flags in ('R', 'RA', 'RS', 'RF', 'RSA'):
        c.tx(flags, seq=500, ack=77)
    c.quiet(1, 'an RST was answered')


@case('S27', 'LISTEN: an ACK gets RST seq=SEG.ACK; RST and what is neither SYN nor ACK: nothing')
def listening():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    for flags in ('A', 'SA', 'FA', 'PA'):
        c.tx(flags, seq=500, ack=1234)
        r = c.rx_at_once('R', what='[%s]' % flags)
        equal((r.seq, r.len), (1234, 0), 'seq after [%s]' % flags)
    for flags in ('R', 'RA', 'RS', 'F', '', 'P', 'U'):
        c.tx(flags, seq=500)
    c.quiet(1)
    equal(state(l), LISTEN, 'state')
    check(not wait_readable(l, 0), 'accepted')


@case('S27', 'SYN-SENT: an ACK that acknowledges nothing of ours gets RST seq=SEG.ACK')
def syn_sent_bad_ack():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    for flags in ('A', 'SA', 'FA'):
        for ack in (0, 2, 0x80000000):
            c.tx(flags, seq=0, ack=ack)
            equal(c.rseq(c.rx_at_once('R', what='[%s] ack %d' % (flags, ack))), ack, 'seq')
    still(s, c, SYN_SENT, 'state')
    c.tx('A', seq=0, ack=1)
    c.quiet(0.1 if TCPX else 0.01, 'an acceptable ACK without SYN')
    still(s, c, SYN_SENT, 'state')


@case('S27', 'SYN-RECEIVED: an ACK of a number never sent gets RST seq=SEG.ACK')
def syn_received_bad_ack():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn()
    c.rx('SA')
    for ack in (0, 2, 70000):
        c.tx('A', seq=1, ack=ack)
        equal(c.rseq(c.rx_at_once('R', what='ack %d' % ack)), ack, 'seq')
    check(not wait_readable(l, 0), 'accepted')
    c.tx('A', seq=1, ack=1)
    check(wait_readable(l, 0), 'the right ACK afterwards')


@case('S27', 'close() with unread data sends RST (RFC 9293, 3.6.1)')
def close_unread():
    tun = Tun()
    s, c = opened(tun)
    c.tx('PA', 'unread')
    check(wait_readable(s), 'no data')
    c.flush(0.6)
    s.close()
    check(c.rx_at_once(seq=4).flags & RST, 'no RST')
    c.quiet(1)
    c.gone()


@case('S27', 'SO_LINGER with 0 s: close() sends RST, nothing waits')
def linger_zero():
    tun = Tun()
    s, c = opened(tun)
    s.send(b'never acknowledged')
    c.rx('PA')
    dead_close(s)
    check(c.rx_at_once(seq=22).flags & RST, 'no RST')
    c.quiet(10)
    c.gone()


@case('S27', 'data that comes after close() gets RST')
def data_after_close():
    tun = Tun()
    s, c = opened(tun)
    s.close()
    c.rx('FA', seq=4)
    c.tx('PA', 'too late')
    c.rx_at_once('R')
    c.quiet(1)
    c.gone()


@case('S27', 'connect(AF_UNSPEC) aborts with RST; the socket can connect again')
def unspec():
    tun = Tun()
    s, c = active(tun)
    check(libc.connect(s.fileno(), struct.pack('H14x', socket.AF_UNSPEC), 16) == 0, 'connect')
    check(c.rx_at_once(seq=1).flags & RST, 'no RST')
    equal(state(s), CLOSED, 'state')
    s.setblocking(False)
    c = syn_sent(tun, s, 7002)
    c.tx('SA', opts=opt_mss())
    c.rx('A')
    equal(state(s), ESTABLISHED, 'state')


@case('S27', 'a listener closed with connections not accepted resets them')
def listener_closed():
    tun = Tun()
    l = listener()
    cs = []
    for n in range(3):
        c = Conn(tun, 40000 + n, l.getsockname()[1])
        c.open()
        cs.append(c)
    half = Conn(tun, 40100, l.getsockname()[1])
    half.syn()
    half.rx('SA')
    l.close()
    for c in cs:
        check(c.rx_at_once(seq=1).flags & RST, 'no RST')
    half.tx('A')
    half.rx('R', what='the half-open one')


# --- RFC 5961 ----------------------------------------------------------------

@case('S27', 'an ACK older than the largest window ever seen: challenge ACK, data ignored (5961, 5.2)')
def old_ack():
    tun = Tun()
    s, c = passive(tun, win=1000)
    s.send(bytes(3000))
    got = 0
    while got < 3000:
        got += c.rx().len
        c.tx('A')
    sleep(1)
    c.tx('PA', 'injected', seq=1, ack=3001 - 3000)
    c.rx_at_once('A', ack=1, length=0)
    check(not wait_readable(s, 0.1), 'data with a very old ACK was taken')
    sleep(1)
    c.tx('PA', 'in order', seq=1, ack=3001 - 1000)
    equal(s.recv(100), b'in order', 'data with an ACK inside MAX.SND.WND')


@case('S27', 'challenge ACKs are limited: net.tcpx.challenge_ack_limit a second (RFC 5961, 10)')
def rate_limit():
    tun = Tun()
    sysctl('challenge_ack_limit', 10)
    conns = [opened(tun) for _ in range(40)]
    sleep(2)
    for _, c in conns:
        c.tx('R', seq=1000)
    got = sum(c.flush(0.001) for _, c in conns)
    check(1 <= got <= 20, '%d challenge ACKs at one instant with a limit of 10' % got)
    sleep(2)
    _, c = conns[0]
    c.tx('R', seq=1000)
    c.rx_at_once('A', what='the limit is by time')
    for s, c in conns:
        equal(state(s), ESTABLISHED, 'state')


main()
