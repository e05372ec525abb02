#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ICMP: soft errors, hard errors, messages to ignore (RFC 5927), and path MTU."""

import errno
import socket
import struct

from lib import *

NET, HOST, PORT, TOO_BIG = ip.NET_UNREACH, ip.HOST_UNREACH, ip.PORT_UNREACH, ip.TOO_BIG
# RFC 6069: a break in the path; the kernel's TCP over IPv6 knows the one alone
BREAKS = (NET, HOST) if TCPX or ip.version == 4 else (NET,)
SO_SNDBUFFORCE = 32
MSS = ip.mss()


def traffic(tun, **kw):
    """A connection with one segment under way: (socket, Conn, that segment)."""
    s, c = passive(tun, **kw)
    s.send(b'under way')
    return s, c, c.rx('PA', seq=1, data='under way')


def goes_on(s, c):
    """The connection still carries data both ways."""
    c.tx('A')
    c.tx('PA', 'still')
    equal(s.recv(100), b'still', 'data in')
    c.flush(1)
    s.send(b'here')
    c.rx('PA', data='here')


@case('ICMP', 'established: unreachable codes 0, 1, 5-12 are soft, nothing is aborted (MUST-56)')
def soft():
    tun = Tun()
    for code in (0, 1, 5, 6, 7, 11, 12) if ip.version == 4 else (0, 2, 3, 5, 6):
        s, c, seg = traffic(tun)
        tun.icmp(Icmp(ip.UNREACH, code), seg.raw)
        equal(state(s), ESTABLISHED, 'state after code %d' % code)
        so_error(s)             # the soft error may be told, once
        raises(errno.EAGAIN, s.recv, 1, socket.MSG_DONTWAIT, what='recv after code %d' % code)
        goes_on(s, c)
        dead_close(s)


@case('ICMP', 'established: time exceeded and parameter problem are soft (MUST-56)')
def soft_types():
    tun = Tun()
    for msg in (ip.TIME_EXCEEDED, ip.REASSEMBLY, ip.PARAM):
        s, c, seg = traffic(tun)
        tun.icmp(msg, seg.raw)
        equal(state(s), ESTABLISHED, 'state after type %d' % msg.kind)
        goes_on(s, c)
        dead_close(s)


@case('ICMP', 'established: source quench is discarded (MUST-55)')
def quench():
    need(ip.version == 4, 'ICMPv6 has no such message')
    tun = Tun()
    s, c, seg = traffic(tun)
    tun.icmp(Icmp(4, 0), seg.raw)
    equal(state(s), ESTABLISHED, 'state')
    goes_on(s, c)


@case('ICMP', 'established: protocol and port unreachable do not abort either (RFC 5927, 5.2)')
def hard_established():
    tun = Tun()
    for msg in ip.HARD:
        s, c, seg = traffic(tun)
        tun.icmp(msg, seg.raw)
        equal(state(s), ESTABLISHED, 'state after code %d' % msg.code)
        goes_on(s, c)
        dead_close(s)


@case('ICMP', 'the soft error is what the owner is told when R2 is reached')
def soft_at_r2():
    tun = Tun()
    sysctl('retries2', 4)
    s, c, seg = traffic(tun)
    tun.icmp(HOST, seg.raw)
    again = c.rx(seq=1)
    tun.icmp(HOST, again.raw)
    raises(errno.EHOSTUNREACH, s.recv, 1, what='recv')


@case('ICMP', 'SYN-SENT: hard errors end the connect with their errno')
def hard_syn_sent():
    tun = Tun()
    for msg in (*ip.HARD, HOST, NET):
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, 7001)
        tun.icmp(msg, c.syn_seg.raw)
        check(wait_writable(s, 0.01) or msg in (HOST, NET), 'no event after code %d' % msg.code)
        if state(s) != CLOSED:          # a soft error: told at the end of the attempts
            check(wait_writable(s, 1000), 'no end')
        equal(so_error(s), msg.err, 'SO_ERROR after code %d' % msg.code)
        tun.pending.clear()
        tun._drain()
        tun.pending.clear()


@case('ICMP', 'a half-open connection of a listener: a hard error drops it, if the number is right')
def half_open():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn()
    sa = c.rx('SA')
    tun.icmp(PORT, renumbered(sa, sa.seq + 1000))
    c.tx('A')
    check(wait_readable(l, 0), 'dropped by an error with a wrong number')
    equal(state(l), LISTEN, 'state')


@case('ICMP', 'RFC 5927: an error whose quoted number is not in flight is ignored')
def number_checked():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    for off in (1 if TCPX else 2, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff):
        tun.icmp(PORT, renumbered(c.syn_seg, c.syn_seg.seq + off))
        equal(state(s), SYN_SENT, 'state after an error about number %+d' % off)
    tun.icmp(PORT, c.syn_seg.raw)
    equal(so_error(s), errno.ECONNREFUSED, 'the genuine one')


def unreachable(tun, seg, ttl):
    """An error at @ttl: with IPv4 that is the quoted header's, with IPv6 the message's own."""
    if ip.version == 4:
        return tun.icmp(PORT, ip.with_ttl(seg.raw, ttl))
    return tun.write(ip.with_ttl(ip.icmp(PORT, REMOTE, LOCAL, 0, seg.raw), ttl))


@case('ICMP', 'IP_MINTTL: an error about a segment that had come too far is ignored (RFC 5082)')
def min_ttl():
    tun = Tun()
    s = tcp_socket(blocking=False)
    s.setsockopt(*ip.TTL, 255)
    s.setsockopt(*ip.MINTTL, 254)
    c = syn_sent(tun, s, 7001)
    equal(c.syn_seg.ttl, 255, 'TTL')
    for ttl in (0, 64, 253):
        unreachable(tun, c.syn_seg, ttl)
        equal(state(s), SYN_SENT, 'state after an error at TTL %d' % ttl)
    unreachable(tun, c.syn_seg, 254)
    equal(so_error(s), errno.ECONNREFUSED, 'the genuine one')


@case('ICMP', 'IP_MINTTL of a listener: the same for its half-open connections')
def min_ttl_half_open():
    need(TCPX, 'the kernel\'s TCP does not ask the listener')
    tun = Tun()
    l = listener()
    l.setsockopt(*ip.MINTTL, 255)
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn(ttl=255)
    sa = c.rx('SA')
    tun.icmp(PORT, sa.raw)
    c.tx('A', ttl=255)
    check(wait_readable(l, 0), 'dropped by an error from afar')


@case('ICMP', 'an error about another tuple, or cut short, is ignored')
def other_tuple():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    raw = bytearray(c.syn_seg.raw)
    for at in (ip.src_at, ip.dst_at, ip.head, ip.head + 2):
        bad = raw[:]
        bad[at + 1] ^= 1
        tun.icmp(PORT, bytes(bad))
    for missing in (8, 7, 4, 1):        # of the ports and the number
        tun.icmp(PORT, bytes(raw), quoted=ip.head + 8 - missing)
    for quoted in (0, 10):
        tun.icmp(PORT, bytes(raw), quoted=quoted)
    equal(state(s), SYN_SENT, 'state')
    c.tx('SA', opts=opt_mss())
    c.rx('A')
    equal(state(s), ESTABLISHED, 'state')


@case('ICMP', 'an error about a listener or a closed port does nothing')
def nobody():
    tun = Tun()
    l = listener(port=7001)
    for dport in (7001, 7002):
        pkt = build(LOCAL, REMOTE, dport, 40000, 1, 1, 'SA')
        for code in range(ip.UNREACH_CODES):
            tun.icmp(Icmp(ip.UNREACH, code), pkt)
    equal(state(l), LISTEN, 'state')
    c = Conn(tun, 40000, 7001)
    c.open()


@case('ICMP', 'IP_RECVERR: an error on the way is told at once, and lies in the error queue')
def recverr():
    tun = Tun()
    s, c, _ = traffic(tun)
    c.tx('A')
    s.setsockopt(*ip.RECVERR, 1)
    s.send(b'more')
    seg = c.rx('PA', data='more')
    tun.icmp(HOST, seg.raw)
    equal(so_error(s), errno.EHOSTUNREACH, 'SO_ERROR')
    equal(state(s), ESTABLISHED, 'state')


# --- RFC 6069: a break in the path is no congestion ---------------------------------

@case('ICMP', 'RFC 6069: net or host unreachable undoes one doubling of the time-out each')
def lcd():
    tun = Tun()
    for msg in BREAKS:
        s, c, seg = traffic(tun)
        last = seg
        for n in range(1, 13):          # an outage: each that goes again meets the error
            again = c.rx('A', seq=1, within=100)
            near(again.t - last.t, .2, TOL * 2, 'code %d, time-out %d' % (msg.code, n))
            last = again
            tun.icmp(msg, again.raw)
        for n, wait in enumerate((.2, .4, .8)):     # silence: congestion, for all it knows
            again = c.rx('A', seq=1, since=last.t, at=wait, tol=TOL * 2,
                         what='code %d, silence, time-out %d' % (msg.code, n + 1))
            last = again
        goes_on(s, c)
        dead_close(s)


@case('ICMP', 'RFC 6069: other errors, and those about another segment, undo nothing')
def lcd_not():
    tun = Tun()
    for msg in (Icmp(ip.UNREACH, 5), ip.PROHIBITED, ip.TIME_EXCEEDED, ip.PARAM, HOST):
        s, c, seg = traffic(tun)
        if msg == HOST:                # about what is not the first
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            s.send(b'the second')
            seg = c.rx('A', seq=10)
        times = [c.rx('A', seq=1, within=10).t]
        for _ in range(4):
            tun.icmp(msg, seg.raw)
            times.append(c.rx('A', seq=1, within=10).t)
        gaps = [b - a for a, b in zip(times, times[1:])]
        for want, got in zip((.4, .8, 1.6, 3.2), gaps):
            near(got, want, want * .2, 'type %d code %d' % msg[:2])
        dead_close(s)
        c.flush()


@case('ICMP', 'RFC 6069: R2 is a time then, not a number of time-outs that come faster')
def lcd_r2():
    tun = Tun()
    sysctl('retries2', 4)
    s, c, seg = traffic(tun)
    n = 0
    while True:
        again = c.get(10)
        if again is None:
            break
        last, n = again, n + 1
        tun.icmp(BREAKS[-1], again.raw)
    check(n > 20, 'sent again %d times' % n)
    # .2 + .4 + .8 + 1.6 + 3.2
    near(last.t - seg.t, 6.2, .3, 'the last one')
    raises(BREAKS[-1].err, s.recv, 1, what='recv')


# --- path MTU ----------------------------------------------------------------

def big(tun, total=40000):
    s, c = passive(tun)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    data = pattern(total)
    equal(s.send(data), total, 'bytes')
    return s, c, data, c.all(AT_ONCE)


@case('ICMP', 'fragmentation needed: the data is cut anew and sent again at once, whole (RFC 1191)')
def frag_needed():
    tun = Tun()
    s, c, data, flight = big(tun)
    check(all(x.df for x in flight), 'DF is not set')
    equal(flight[0].len, MSS, 'length before')
    t = tun.icmp(TOO_BIG, flight[0].raw, rest=ip.small)
    have = 0
    first = None
    for _ in range(1000):
        x = c.get(5)
        if x is None:
            break
        if first is None:
            first = x
        check(x.ip_len <= ip.small, 'a packet of %d bytes, for %d' % (x.ip_len, ip.small))
        at = c.rseq(x) - 1
        check(x.data == data[at:at + x.len], 'the data differs: %s' % x)
        if at <= have < at + x.len:
            have = at + x.len
        c.tx('A', ack=1 + have)
        if have == len(data):
            break
    equal(have, len(data), 'bytes')
    equal(c.rseq(first), 1, 'what is repeated first')
    check(first.t - t < 0.01, 'it took %.3f s' % (first.t - t))


@case('ICMP', 'fragmentation needed: the next MTU is believed down to the minimum, and not above ours')
def frag_bounds():
    tun = Tun()
    least = (((576, 576), (552, 552), (68, 552)) if ip.version == 4 else
             ((1280, 1280), (1279, 1500), (68, 1500)))
    for mtu, most in ((1400, 1400), *least, (0, 1500), (2000, 1500)):
        s, c, data, flight = big(tun, 8000)
        tun.icmp(TOO_BIG, flight[0].raw, rest=mtu)
        x = c.get(1)
        check(x is not None, 'nothing after an MTU of %d' % mtu)
        check(x.ip_len <= most, 'MTU %d: a packet of %d bytes' % (mtu, x.ip_len))
        check(x.len >= 36, 'MTU %d: a segment of %d bytes' % (mtu, x.len))
        dead_close(s)
        c.flush(0.1)
        run_ip('route', 'flush', 'cache')


@case('ICMP', 'fragmentation needed with a number that is not in flight is ignored (RFC 5927, 7.2)')
def frag_checked():
    tun = Tun()
    s, c, data, flight = big(tun, 8000)
    for off in (0x10000, 0x7fffffff, -1000):
        tun.icmp(TOO_BIG, renumbered(flight[0], flight[0].seq + off), rest=ip.small)
    c.quiet(0.1, 'sent again after a forged error')
    c.tx('A')
    s.send(bytes(MSS))
    equal(c.rx().len, MSS, 'length of the next segment')


@case('ICMP', 'a path that shrinks between two kernels: a router with a smaller MTU, by hash')
def router():
    veth = Veth()
    # b forwards to a third namespace over a link of few bytes
    small = str(max(800, ip.min_mtu))
    with veth.b:
        far = NetNS()
        run('ip', 'link', 'add', 'name', 'vc', 'mtu', small, 'type', 'veth', 'peer', 'name', 'vd',
            'mtu', small, 'netns', far.path)
        set_addr('vc', ip.addr(2, 0, 1))
        link_up('vc')
        forward()
    with far:
        set_addr('vd', ip.addr(2, 0, 2))
        link_up('vd')
        set_mtu('vd', 1500)         # so that the MSS does not tell
        run_ip('route', 'add', 'default', 'via', ip.addr(2, 0, 1))
        l = listener(ip.addr(2, 0, 2), 7001)
    run_ip('route', 'add', 'default', 'via', Veth.B)
    c = connect((ip.addr(2, 0, 2), 7001))
    s, _ = l.accept()
    transfer([(c, pattern(500000), s)])


@case('ICMP', 'a thousand random errors change nothing')
def fuzz():
    import random
    rnd = random.Random(5927)
    tun = Tun()
    s, c, seg = traffic(tun)
    for _ in range(1000):
        raw = bytearray(seg.raw)
        for _ in range(rnd.randrange(1, 6)):
            raw[rnd.randrange(len(raw))] = rnd.randrange(256)
        raw[seg.at + 4:seg.at + 8] = struct.pack(
            '!I', (seg.seq + rnd.randrange(100000, 1 << 31)) & 0xffffffff)
        tun.icmp(Icmp(rnd.choice(ip.ICMP_KINDS), rnd.randrange(16)), bytes(raw),
                 rest=rnd.getrandbits(32), quoted=rnd.randrange(0, ip.head + 20))
    equal(state(s), ESTABLISHED, 'state')
    c.flush()
    goes_on(s, c)


main()
