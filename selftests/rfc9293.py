#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Requirements of RFC 9293 that no row's test shows: docs/rfc9293.md names them all."""

import errno
import fcntl
import select
import signal
import socket
import struct
import termios

from lib import *

ORIGIN_LOCAL = 1         # SO_EE_ORIGIN_LOCAL
MSG_OOB = socket.MSG_OOB
SIOCATMARK = 0x8905
MSS = ip.mss()


def number(fd, request):
    return struct.unpack('i', fcntl.ioctl(fd, request, b'\0' * 4))[0]


# --- 3.9.1.1 OPEN --------------------------------------------------------------

@case('MUST-41', 'a passive OPEN leaves a connection, a half-open one and a listener as they are')
def passive_open():
    tun = Tun()
    s, c = passive(tun, port=7001)
    other = listener(LOCAL, 7002)
    half = Conn(tun, 41000, 7002)
    half.syn()
    half.rx('SA')
    new = listener(LOCAL, 7001)             # the port of the connection
    raises(errno.EADDRINUSE, listener, LOCAL, 7002, what='a second listener')
    c.tx('PA', 'still there')
    equal(s.recv(100), b'still there', 'data')
    half.tx('A')
    check(wait_readable(other), 'the half-open connection was lost')
    check(not wait_readable(new, 0), 'somebody else\'s connection')


@case('MUST-42', 'LISTEN on a port that a connection in SYN-SENT, and one in SYN-RECEIVED, has')
def listen_beside():
    tun = Tun()
    s = tcp_socket(reuse=True, blocking=False)
    s.bind((LOCAL, 7001))
    c = syn_sent(tun, s, 7100)
    with listener(LOCAL, 7001) as l:
        equal((state(s), state(l)), (SYN_SENT, LISTEN), 'states')
        mine = Conn(tun, 40000, 7001)
        mine.open()
        check(wait_readable(l), 'nothing to accept')
        c.tx('S', opts=opt_mss(MSS))        # simultaneous open: SYN-RECEIVED
        c.rx('SA')
        equal(state(s), SYN_RECEIVED, 'state')
    with listener(LOCAL, 7001) as l:
        mine = Conn(tun, 40001, 7001)
        mine.open()
        check(wait_readable(l), 'nothing to accept beside SYN-RECEIVED')
    c.tx('A')
    equal(state(s), ESTABLISHED, 'state')


def two_links():
    """Two links, and a second address on the first."""
    one, two = Tun(), Tun('tun1', ip.addr(8, 1, 1))
    add_addr('tun0', ip.addr(9, 1, 5))
    prefer(LOCAL)
    return one, two


def prefer(addr):
    """IP is to choose this one of the addresses of the first link."""
    run_ip('route', 'replace', ip.net(9, 1), 'dev', 'tun0', *ip.onlink, 'src', addr)


@case('MUST-43', 'the local address of an active and of a passive OPEN can be chosen')
def local_address():
    tun, _ = two_links()
    s = tcp_socket(blocking=False)
    s.bind((ip.addr(9, 1, 5), 0))
    s.connect_ex((REMOTE, 7001))
    equal(tun.next().src, ip.addr(9, 1, 5), 'source of the SYN')
    l = listener(ip.addr(9, 1, 5), 7002)
    c = Conn(tun, 40000, 7002, local=LOCAL)
    c.syn()
    c.rx('RA', what='the other address is not listened on')
    c = Conn(tun, 40001, 7002, local=ip.addr(9, 1, 5))
    c.open()
    check(wait_readable(l), 'nothing to accept')


@case('MUST-44', 'IP chooses the source address of a SYN, for each destination its own')
def source_address():
    one, two = two_links()
    for tun, remote, local in ((one, REMOTE, LOCAL), (two, ip.addr(8, 1, 2), ip.addr(8, 1, 1))):
        s = tcp_socket(blocking=False)
        s.connect_ex((remote, 7001))
        syn = tun.next()
        equal((syn.src, s.getsockname()[0]), (local, local), 'source of the SYN to ' + remote)
    prefer(ip.addr(9, 1, 5))
    one.pending.clear()
    s = tcp_socket(blocking=False)
    s.connect_ex((REMOTE, 7002))
    equal(one.next(lambda x: x.dport == 7002).src, ip.addr(9, 1, 5),
          'the address that the route prefers')


@case('MUST-45', 'a connection keeps its local address, whatever IP would choose by now')
def same_address():
    tun, _ = two_links()
    s, c = active(tun)
    l = listener(port=7002)
    p = Conn(tun, 40000, 7002, local=ip.addr(9, 1, 5))
    p.syn()
    equal(p.rx('SA').src, ip.addr(9, 1, 5), 'the SYN,ACK is from where the SYN went')
    p.tx('A')
    a, _ = l.accept()
    prefer(ip.addr(9, 1, 5))
    s.send(b'x')
    equal(c.rx('PA').src, LOCAL, 'source after the route has changed')
    prefer(LOCAL)
    a.send(b'x')
    equal(p.rx('PA').src, ip.addr(9, 1, 5), 'source of the passive one')


# --- 3.5.3, 3.6 ----------------------------------------------------------------

@case('SHLD-2', 'an RST that carries data is an RST, in each state')
def rst_with_data():
    tun = Tun()
    s, c = passive(tun)
    c.tx('RA', 'the reason why')
    raises(errno.ECONNRESET, s.recv, 100, what='recv')
    s, c = passive(tun)
    c.tx('R', 'without ACK')
    raises(errno.ECONNRESET, s.recv, 100, what='recv')
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('RA', 'nobody listens here', ack=1)
    equal(so_error(s), errno.ECONNREFUSED, 'SO_ERROR')
    l = listener(port=7002)
    c = Conn(tun, 40000, 7002)
    c.syn()
    c.rx('SA')
    c.tx('R', 'never mind')
    c.gone('the half-open connection')
    equal(tun.next(within=1), None, 'an answer to an RST')


@case('MUST-12', 'the user is told whether the peer closed or aborted: end of stream, or ECONNRESET')
def closed_or_aborted():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA')
    equal(s.recv(1), b'', 'after FIN')
    equal(so_error(s), 0, 'SO_ERROR after FIN')
    s, c = passive(tun)
    c.tx('RA')
    raises(errno.ECONNRESET, s.recv, 1, what='after RST')
    s, c = passive(tun)
    c.tx('RA')
    equal(so_error(s), errno.ECONNRESET, 'SO_ERROR after RST')


# --- 3.7.1, 3.1 ----------------------------------------------------------------

@case('MUST-65', 'the MSS option is on SYN segments and on no other')
def mss_on_syn():
    tun = Tun()
    for make in (passive, active):
        s, c = make(tun)
        equal((c.synack if make is passive else c.syn_seg).mss, MSS, 'MSS of the SYN')
        s.send(bytes(3000))
        c.tx('PA', bytes(3000))
        c.tx('A', ack=3001)
        s.shutdown(1)
        got = c.all(1)
        check(any(x.flags & FIN for x in got) and sum(x.len for x in got) >= 3000, 'too little')
        equal([x for x in got if x.option(2) is not None], [], 'segments with an MSS option')
        dead_close(s)
        equal(c.rx('RA').opts, b'', 'options of the RST')


@case('MUST-14', 'the MSS option of the peer is taken from its SYN, and only from there')
def mss_received():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000))
    c.tx('PA', 'x', opts=opt_mss(200))
    s.send(bytes(3000))
    equal([x.len for x in c.all(0.1) if x.len][0], 1000, 'length')


# --- 3.8.3 connection failures --------------------------------------------------

def until(tun, c, s, wanted):
    """Wait for the retransmission @wanted of one segment; what SO_ERROR says after each."""
    said = []
    s.send(b'lost')
    c.rx('PA', seq=1)
    for _ in range(wanted):
        c.rx('PA', seq=1, within=200)
        said.append(so_error(s))
    return said


@case('MUST-20', 'R1: after three retransmissions IP gets negative advice, once')
def negative_advice():
    tun = Tun()
    s, c = passive(tun)
    before = counters()
    s.send(b'lost')
    c.rx('PA', seq=1)
    for n in range(1, 7):
        c.rx('PA', seq=1, within=200)
        equal(grown(before).get('R1Reached', 0), int(n >= 3), 'R1 after %d' % n)
    sysctl('retries1', 1)
    s, c = passive(tun)
    before = counters()
    until(tun, c, s, 1)
    equal(grown(before).get('R1Reached', 0), 1, 'net.tcpx.retries1')


@case('MUST-22', 'the same for a SYN: R1 after three, then R2')
def syn_r1():
    tun = Tun()
    before = counters()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    for n in range(1, 8):
        c.rx('S', within=200)
        equal(grown(before).get('R1Reached', 0), int(n >= 3), 'R1 after %d' % n)
    check(wait_writable(s, 300), 'no end')
    equal(so_error(s), errno.ETIMEDOUT, 'SO_ERROR at R2')


def queued_error(s):
    """(errno, origin, address) of the first entry of the error queue, or None."""
    try:
        _, anc, _, addr = s.recvmsg(100, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    (level, kind, data), = anc
    equal((level, kind), ip.RECVERR, 'control message')
    err, origin = struct.unpack_from('IB', data)
    return err, origin, addr


@case('SHLD-9', 'the user is told of the trouble at R1, before R2: ETIMEDOUT in the error queue')
def told_at_r1():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(*ip.RECVERR, 1)
    equal(until(tun, c, s, 5), [0] * 5, 'SO_ERROR after each')
    equal(queued_error(s), (errno.ETIMEDOUT, ORIGIN_LOCAL, ip.name(REMOTE, c.sport)),
          'what is queued')
    equal(queued_error(s), None, 'and after it')
    equal(state(s), ESTABLISHED, 'state')
    c.tx('A')
    c.tx('PA', 'back')
    equal(s.recv(100), b'back', 'data after all')
    # what ICMP said of the reason says more
    s, c = passive(tun)
    s.send(b'lost')
    seg = c.rx('PA', seq=1)
    tun.icmp(ip.HOST_UNREACH, seg.raw)
    s.setsockopt(*ip.RECVERR, 1)
    for _ in range(3):
        c.rx('PA', seq=1, within=200)
    equal(queued_error(s)[0], errno.EHOSTUNREACH, 'what is queued')


@case('SHLD-9', 'a connection that lives has no error, for a program that did not ask to hear of it')
def not_told():
    tun = Tun()
    s, c = passive(tun)
    equal(until(tun, c, s, 5), [0] * 5, 'SO_ERROR after each')
    equal(queued_error(s), None, 'error queue')


@case('SHLD-9', 'trouble that is over is not told any more')
def trouble_is_over():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'lost')
    c.rx('PA', seq=1)
    for _ in range(4):
        c.rx('PA', seq=1, within=200)
    c.tx('A', ack=5)
    equal(so_error(s), 0, 'SO_ERROR')


@case('SHLD-20', 'reports are events with IP_RECVERR, and none without')
def reports():
    tun = Tun()
    for on in (0, 1):
        s, c = passive(tun)
        s.setsockopt(*ip.RECVERR, on)
        p = select.poll()
        p.register(s, select.POLLIN)
        s.send(b'lost')
        c.rx('PA', seq=1)
        for _ in range(3):
            c.rx('PA', seq=1, within=200)
        equal(bool(p.poll(0)), bool(on), 'an event at R1 with IP_RECVERR %d' % on)
        raises(errno.EAGAIN, s.recv, 1, socket.MSG_DONTWAIT, what='recv')
        equal(state(s), ESTABLISHED, 'state')
        s.send(b' and more')
        dead_close(s)


@case('SHLD-10', 'the defaults of R1 and R2: three retransmissions; more than 100 s')
def defaults():
    equal(sysctl('retries1'), 3, 'R1')
    tun = Tun()
    s, c = passive(tun)
    s.send(b'lost')
    t = now()
    raises(errno.ETIMEDOUT, s.recv, 1, what='recv')
    check(now() - t >= 100, 'R2 after %.3f s' % (now() - t))


# --- 3.8.5 urgent ---------------------------------------------------------------

@case('MUST-33', 'how much comes before the mark (SIOCINQ), whether it is reached (SIOCATMARK)')
def urgent_amount():
    tun = Tun()
    s, c = passive(tun)
    equal(number(s, SIOCATMARK), 0, 'nothing urgent')
    c.tx('PAU', 'abcde', urg=5)
    equal((number(s, termios.FIONREAD), number(s, SIOCATMARK)), (4, 0), 'before the mark')
    equal(s.recv(2), b'ab', 'data')
    equal((number(s, termios.FIONREAD), number(s, SIOCATMARK)), (2, 0), 'nearer')
    equal(s.recv(100), b'cd', 'up to the mark')
    equal(number(s, SIOCATMARK), 1, 'at the mark')
    # more urgent data is announced than is here
    c.tx('PAU', 'fgh', urg=1000)
    p = select.poll()
    p.register(s, select.POLLPRI)
    raises(errno.EAGAIN, s.recv, 1, MSG_OOB, what='urgent, but not here yet')
    equal(number(s, SIOCATMARK), 0, 'there is more to come')


@case('MUST-32', 'SIGURG at each advance of the urgent pointer, and for that alone')
def urgent_signal():
    tun = Tun()
    s, c = passive(tun)
    got = []
    signal.signal(signal.SIGURG, lambda n, _: got.append(n))
    fcntl.fcntl(s, fcntl.F_SETOWN, __import__('os').getpid())
    for urg, want in ((3, 1), (3, 1), (5, 2), (4, 2), (50000, 3)):
        c.tx('AU', urg=urg)
        sleep(0.01)
        equal(len(got), want, 'signals after a pointer of %d' % urg)


# --- 3.8.6 windows ---------------------------------------------------------------

def in_flight(tun, total=6 * 1000):
    """Six segments of 1000 bytes are under way."""
    s, c = passive(tun, opts=opt_mss(1000), win=6000)
    s.send(bytes(total))
    got = c.all(0.01)
    equal(sum(x.len for x in got), min(total, 6000), 'bytes under way')
    return s, c


@case('SHLD-15', 'a window that shrinks lets no new data out')
def shrunk_no_new():
    tun = Tun()
    s, c = in_flight(tun, 20000)
    c.tx('A', ack=1001, win=2000)
    for _ in range(4):
        for x in c.all(1):
            check(c.rseq(x) + x.len <= 6001, 'new data: %s' % x)
    equal(state(s), ESTABLISHED, 'state')


@case('SHLD-16', 'old data within a window that has shrunk is sent again (MAY-7: and what is beyond)')
def shrunk_again():
    tun = Tun()
    for win in (2000, 500, 0):
        s, c = in_flight(tun)
        c.tx('A', ack=1001, win=win)
        x = c.rx('A', seq=1001, within=5)
        check(0 < x.len <= 1000, 'length of %s' % x)
        dead_close(s)


@case('SHLD-17', 'data beyond the right edge of a window that has shrunk times nothing out')
def shrunk_no_timeout():
    tun = Tun()
    sysctl('retries2', 5)
    s, c = in_flight(tun)
    t = now()
    c.tx('A', ack=1001, win=0)
    while now() - t < 3600:
        x = c.get(200)
        check(x is not None and not x.flags & RST, 'the connection has ended: %s' % x)
        c.tx('A', ack=1001, win=0)
    equal(state(s), ESTABLISHED, 'state after an hour')
    c.tx('A', ack=1001, win=6000)
    have = 1001
    while have < 6001:
        x = c.get(200)
        check(x is not None, 'stuck at %d' % have)
        if c.rseq(x) <= have < c.rseq(x) + x.len:
            have = c.rseq(x) + x.len
        c.tx('A', ack=have, win=6000)


@case('MAY-8', 'a window of ours stays shut for a day; the probes of the peer are answered')
def shut_for_a_day():
    tun = Tun()
    s, c = passive(tun, before=lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10000))
    x = c.synack
    while x.win:
        c.tx('PA', bytes(x.win))
        x = c.all(1)[-1]
    sent = c.rack(x)
    for _ in range(24 * 60):
        sleep(60)
        c.tx('A', bytes(1), seq=sent)
        x = c.rx('A', ack=sent)
        equal(x.win, 0, 'window')
    equal(state(s), ESTABLISHED, 'state')


@case('MUST-60', 'data that is not pushed waits 0.2 s at most')
def not_for_ever():
    tun = Tun()
    s, c = passive(tun)
    t = now()
    s.send(b'corked', socket.MSG_MORE)
    c.rx('PA', data='corked', since=t, at=0.2)
    c.tx('A')
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t = now()
    s.send(b'corked')
    c.rx('PA', data='corked', since=t, at=0.2)


# --- 3.9.1.9, 3.9.2 --------------------------------------------------------------

@case('MUST-48', 'the Diffserv field on each segment of a connection, active and passive')
def diffserv():
    tun = Tun()

    def mark(s):
        s.setsockopt(*ip.TOS, 0xb8)
    for make in (passive, active):
        s, c = make(tun, before=mark)
        first = c.synack if make is passive else c.syn_seg
        equal(first.tos, 0xb8, str(first))
        s.send(b'x')
        equal(c.rx('PA').tos, 0xb8, 'data')
        equal(c.rx('PA').tos, 0xb8, 'data again')
        c.tx('PA', 'y')
        s.recv(1)
        equal(c.rx('A').tos, 0xb8, 'ACK')
        s.shutdown(1)
        equal(c.rx('FA').tos, 0xb8, 'FIN')
        c.tx('FA')
        equal(c.rx('A').tos, 0xb8, 'ACK of the FIN')
        c.tx('FA', seq=2)
        equal(c.rx('A').tos, 0xb8, 'ACK in TIME-WAIT')


@case('SHLD-22', 'each Diffserv codepoint reaches IP unchanged, and can be changed at any time')
def codepoints():
    tun = Tun()
    s, c = passive(tun)
    for codepoint in range(64):
        s.setsockopt(*ip.TOS, codepoint << 2)
        s.send(b'x')
        equal(c.rx('PA').tos & 0xfc, codepoint << 2, 'TOS')
        c.tx('A')


@case('MAY-9', 'the Diffserv field last received is passed up: IP_RECVTOS and IP_PKTOPTIONS')
def received():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(*ip.RECVTOS, 1)
    for tos in (0x28, 0xb8, 0):
        c.tx('PA', 'x', tos=tos)
        s.recv(1)
        cmsg = s.getsockopt(*ip.PKTOPTIONS, 256)
        equal(struct.unpack_from('@Niii', cmsg)[1:], (*ip.TOS, tos), 'message')
    c.tx('PA', 'out of window', seq=100000, tos=0x48)
    cmsg = s.getsockopt(*ip.PKTOPTIONS, 256)
    equal(struct.unpack_from('@Niii', cmsg)[3], 0, 'after a segment that was not accepted')


@case('MUST-49', 'the TTL is configurable: of a socket, of the namespace, each segment')
def ttl():
    tun = Tun()
    sysctl('net.ipv4.ip_default_ttl' if ip.version == 4 else 'net.ipv6.conf.tun0.hop_limit', 77)
    s, c = passive(tun)
    equal(c.synack.ttl, 77, 'SYN,ACK')
    s.send(b'x')
    equal(c.rx('PA').ttl, 77, 'data')
    s.setsockopt(*ip.TTL, 3)
    c.tx('A')
    s.send(b'x')
    equal(c.rx('PA').ttl, 3, 'after IP_TTL')
    s, c = active(tun, before=lambda s: s.setsockopt(*ip.TTL, 255))
    equal(c.syn_seg.ttl, 255, 'SYN')


# --- 3.9.2.2 ICMP ----------------------------------------------------------------

@case('MUST-54', 'an ICMP error reaches the connection that caused it, and no other')
def icmp_finds_its_own():
    tun = Tun()
    socks = []
    for n in range(4):
        s = tcp_socket(blocking=False)
        socks.append((s, syn_sent(tun, s, 7001 + n)))
    s, c = socks[2]
    tun.icmp(ip.PORT_UNREACH, c.syn_seg.raw)
    equal([so_error(x) for x, _ in socks], [0, 0, errno.ECONNREFUSED, 0], 'SO_ERROR')
    equal([state(x) for x, _ in socks], [SYN_SENT, SYN_SENT, CLOSED, SYN_SENT], 'states')


@case('SHLD-25', 'soft errors are there for the user to ask: each code its errno, and nothing ends')
def soft_errors():
    tun = Tun()
    for msg in ip.SOFT:
        s, c = passive(tun)
        s.send(b'x')
        tun.icmp(msg, c.rx('PA').raw)
        equal(so_error(s), msg.err, 'SO_ERROR after type %d code %d' % msg[:2])
        equal(so_error(s), 0, 'SO_ERROR asked again')
        equal(state(s), ESTABLISHED, 'state')
        dead_close(s)
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, 7001)
        tun.icmp(msg, c.syn_seg.raw)
        equal((state(s), so_error(s)), (SYN_SENT, msg.err), 'in SYN-SENT')
        s.close()
        tun.pending.clear()


@case('SHLD-26', 'hard errors end a connection that is being opened, actively or passively')
def hard_errors():
    tun = Tun()
    for msg in ip.HARD:
        code = msg.code
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, 7001 + code)
        tun.icmp(msg, c.syn_seg.raw)
        equal((state(s), so_error(s)), (CLOSED, msg.err), 'SYN-SENT, code %d' % code)
        l = listener()
        c = Conn(tun, 40000 + code, l.getsockname()[1])
        c.syn()
        tun.icmp(msg, c.rx('SA').raw)
        c.gone('the half-open connection, code %d' % code)


# --- 3.10.7.4 --------------------------------------------------------------------

@case('MUST-59', 'segments that wait while the user holds the socket are acknowledged by one ACK')
def one_ack():
    set_mtu('lo', 1500)
    cut('lo')                               # they wait one by one
    l = tcp_socket(True)
    l.bind((ip.lo(), 7001))
    l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
    l.listen(8)
    c = connect((ip.lo(), 7001))
    s, _ = l.accept()
    c.setblocking(False)
    data = pattern(200000)
    sent = c.send(data)
    sleep(1)                                # the window is shut by now
    have = number(s, termios.FIONREAD)
    check(have < sent, 'all of it went through')
    cap = Capture('lo')
    got = s.recv(have)                      # its window update lets a burst in, in this call
    equal(len(got), have, 'bytes')
    xs = cap.poll()
    burst = [i for i, x in enumerate(xs) if x.dport == 7001 and x.len]
    check(len(burst) > 3, 'no burst came: %r' % xs)
    acks = [i for i, x in enumerate(xs) if x.sport == 7001]
    diag('%d segments of payload, %d of the reader' % (len(burst), len(acks)))
    equal(acks[0], 0, 'first comes the window update')
    equal([i for i in acks[1:] if i < burst[3]], [], 'ACKs amid the first segments')
    n = acks[1]
    check(all(i < n for i in burst[:4]), 'an ACK for each')
    equal(xs[n].ack, xs[n - 1].end, 'what the one ACK acknowledges')


main()
