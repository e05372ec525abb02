#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: explicit congestion notification on the wire: RFC 3168."""

import re
import socket
import struct

from lib import *

MSS = 1000
NOT_ECT, ECT1, ECT0, CE = range(4)
TCPI_OPT_ECN, TCPI_OPT_ECN_SEEN = 8, 16
SO_SNDBUFFORCE = 32
SYN_OPTS = opt_mss(MSS) + opt_ws(4) + opt_sackok()

ports = iter(range(41000, 42000))


def ecn(s):
    return s.tos & 3


def accepted(tun, flags='SEC', mode=2, opts=SYN_OPTS, rtt=0.0):
    """A connection that the peer opened with @flags: (socket, Conn), .synack is the answer."""
    sysctl('ecn', mode)
    l = listener()
    c = Conn(tun, next(ports), l.getsockname()[1])
    c.tx(flags, opts=opts)
    c.synack = c.rx()
    check(c.synack.flags & (SYN | ACK) == SYN | ACK, 'answer to the SYN: %s' % c.synack)
    sleep(rtt)
    c.tx('A')
    s, _ = l.accept()
    l.close()
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s, c


def opened(tun, flags='SAE', mode=1, opts=SYN_OPTS):
    """A connection that we opened, the answer had @flags: (socket, Conn), .syn_seg."""
    sysctl('ecn', mode)
    s = tcp_socket(blocking=False)
    port = next(ports)
    s.connect_ex((REMOTE, port))
    syn = tun.next(lambda g: g.dport == port)
    c = Conn(tun, port, syn.sport)
    c.syn_seg = syn
    c.irs, c.rcv_nxt = syn.seq, syn.end
    c.tx(flags, opts=opts)
    c.last_ack = c.rx('A', seq=1, ack=1)
    s.setblocking(True)
    return s, c


def is_on(s, c):
    """Does our new data say that it is capable of ECN?"""
    s.send(b'x')
    x = c.rx()
    check(x.len == 1, 'not the data: %s' % x)
    on = ecn(x) == ECT0
    check(on or ecn(x) == NOT_ECT, 'codepoint %d' % ecn(x))
    if TCPX:
        equal(bool(tcp_info(s)[5] & TCPI_OPT_ECN), on, 'TCPI_OPT_ECN')
    c.tx('A')
    return on


def cwnd(s):
    return struct.unpack_from('I', tcp_info(s), 8 + 18 * 4)[0]


# --- negotiation -------------------------------------------------------------

@case('S26', 'ECN: the passive side agrees to ECE|CWR with ECE, unless net.tcpx.ecn is 0 (RFC 3168, 6.1.1)')
def negotiate_passive():
    tun = Tun()
    for mode in (0, 1, 2):
        for flags in ('SEC', 'S', 'SE', 'SC'):
            s, c = accepted(tun, flags, mode)
            want = mode > 0 and flags == 'SEC'
            what = 'ecn=%d, a SYN with %s' % (mode, flags)
            equal(c.synack.letters, 'SAE' if want else 'SA', what)
            equal(ecn(c.synack), NOT_ECT, 'codepoint of the SYN,ACK')
            equal(is_on(s, c), want, what)
            dead_close(s)
            c.flush()


@case('S26', 'ECN: the active side asks with ECE|CWR if net.tcpx.ecn is 1; only ECE alone agrees '
      '(RFC 3168, 6.1.1)')
def negotiate_active():
    tun = Tun()
    for mode in (0, 1, 2):
        for flags in ('SAE', 'SA', 'SAEC', 'SAC'):
            s, c = opened(tun, flags, mode)
            what = 'ecn=%d, a SYN,ACK with %s' % (mode, flags)
            equal(c.syn_seg.letters, 'SEC' if mode == 1 else 'S', what)
            equal(ecn(c.syn_seg), NOT_ECT, 'codepoint of the SYN')
            equal(c.last_ack.letters, 'A', what)
            equal(is_on(s, c), mode == 1 and flags == 'SAE', what)
            dead_close(s)
            c.flush()


@case('S26', 'ECN: a SYN that is sent again does not ask, unless net.tcpx.ecn_fallback is 0 '
      '(RFC 3168, 6.1.1.1)')
def fallback():
    tun = Tun()
    sysctl('ecn', 1)
    for keep in (False, True):
        sysctl('ecn_fallback', int(not keep))
        s = tcp_socket(blocking=False)
        port = next(ports)
        s.connect_ex((REMOTE, port))
        syn = tun.next(lambda g: g.dport == port)
        equal(syn.letters, 'SEC', 'the first SYN')
        c = Conn(tun, port, syn.sport)
        for n in range(2):
            equal(c.get(5).letters, 'SEC' if keep else 'S', 'SYN again')
        c.tx('SAE' if keep else 'SA', opts=SYN_OPTS)
        c.rx('A', seq=1, ack=1)
        equal(is_on(s, c), keep, 'after SYNs without an answer')
        dead_close(s)
        c.flush()


@case('S26', 'ECN: a SYN,ACK that is sent again still agrees')
def synack_again():
    tun = Tun()
    sysctl('ecn', 1)
    l = listener()
    c = Conn(tun, next(ports), l.getsockname()[1])
    c.tx('SEC', opts=SYN_OPTS)
    equal(c.rx().letters, 'SAE', 'SYN,ACK')
    equal(c.rx(within=2).letters, 'SAE', 'SYN,ACK again')
    c.tx('A')
    s, _ = l.accept()
    check(is_on(s, c), 'not agreed')


@case('S26', 'ECN: the headers, byte for byte (RFC 3168, 5 and 6)')
def headers():
    tun = Tun()
    s, c = opened(tun)
    syn = c.syn_seg
    equal(syn.tos, 0, 'TOS of the SYN')
    equal(syn.raw[syn.at + 13], 0xc2, 'flags of the SYN')
    got = c.last_ack.raw

    def want(x, flags, data, tos):
        return build(LOCAL, REMOTE, x.sport, x.dport, x.seq, x.ack, flags, x.win, b'', data,
                     tos=tos, ipid=x.ipid, flow=x.flow, ttl=64)
    equal(got.hex(), want(c.last_ack, 'A', b'', 0).hex(), 'the ACK of the SYN,ACK')
    s.send(b'text')
    x = c.rx()
    equal(x.raw.hex(), want(x, 'PA', b'text', 2).hex(), 'text')
    c.tx('AE')
    s.send(b'more')
    x = c.rx()
    equal(x.raw.hex(), want(x, 'PAC', b'more', 2).hex(), 'data after ECE')
    c.tx('A', b'peer', tos=3)
    x = c.rx()
    equal(x.raw.hex(), want(x, 'AE', b'', 0).hex(), 'the ACK of data with CE')
    s.setsockopt(*ip.TOS, 0xb8)
    s.send(b'dscp')
    x = c.rx()
    equal(x.raw.hex(), want(x, 'PAE', b'dscp', 0xba).hex(), 'data with a DSCP')


# --- the sender --------------------------------------------------------------

@case('S26', 'ECN: ECT(0) on new data only: not on what is sent again, ACKs, probes, FIN, RST '
      '(RFC 3168, 6.1.4 to 6.1.6)')
def ect_where():
    tun = Tun()
    s, c = accepted(tun)
    s.send(bytes(2 * MSS))
    first = [c.rx(length=MSS), c.rx(length=MSS)]
    equal([ecn(x) for x in first], [ECT0, ECT0], 'new data')
    probe = c.rx(seq=1 + MSS, within=1)
    equal(ecn(probe), NOT_ECT, 'a tail loss probe of old data')
    again = c.rx(seq=1, within=2)
    equal(ecn(again), NOT_ECT, 'a retransmission')
    c.tx('A', ack=1 + 2 * MSS)
    c.flush(0.1)
    c.tx('A', b'x')
    equal(ecn(c.rx(length=0)), NOT_ECT, 'an ACK')
    c.tx('A', win=0)
    s.send(b'y')
    equal(ecn(c.rx(length=0, within=5)), NOT_ECT, 'a probe of a closed window')
    c.tx('A')
    equal(ecn(c.rx(length=1, within=5)), ECT0, 'data once it has opened')
    c.tx('A')
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
    equal(ecn(c.rx(length=0, within=20)), NOT_ECT, 'a keepalive probe')
    c.tx('A')
    s.send(b'end')
    s.shutdown(socket.SHUT_WR)
    c.rx('PA', data='end')
    fin = c.rx('FA')
    equal((ecn(fin), fin.len), (NOT_ECT, 0), 'a FIN without data')
    dead_close(s)
    rst = c.rx()
    while not rst.flags & RST:          # a probe of the tail may come before it
        equal(ecn(rst), NOT_ECT, 'the FIN again')
        rst = c.rx()
    equal(ecn(rst), NOT_ECT, 'a reset')
    equal(rst.flags & (ECE | CWR), 0, 'flags of a reset')


@case('S26', 'ECN: a tail loss probe with new data is capable, fast retransmits are not')
def ect_recovery():
    tun = Tun()
    sysctl('congestion_control', 'reno')
    s, c = accepted(tun, rtt=0.1)
    s.send(bytes(40 * MSS))
    f = c.all(AT_ONCE)
    equal(len(f), 10, 'under way')
    probe = c.rx(within=1)
    equal((c.rseq(probe), ecn(probe)), (1 + 10 * MSS, ECT0), 'the probe')
    blocks = opt_sack((c.irs + 1 + MSS, c.irs + 1 + 11 * MSS))
    c.tx('A', ack=1, opts=blocks)
    xs = c.all(AT_ONCE)
    check(any(c.rseq(x) == 1 for x in xs), 'no fast retransmit')
    for x in xs:
        equal(ecn(x), NOT_ECT if c.rseq(x) == 1 else ECT0, str(x))


@case('S26', 'ECN: ECE halves cwnd once in a window, and CWR is on the next new segment only '
      '(RFC 3168, 6.1.2)')
def ece():
    tun = Tun()
    sysctl('congestion_control', 'reno')
    s, c = accepted(tun, rtt=0.1)
    before = counters()
    s.send(bytes(300 * MSS))
    f = c.all(AT_ONCE)
    for x in f:
        c.tx('A', ack=c.rseq(x) + x.len)
    f = c.all(AT_ONCE)
    equal((len(f), cwnd(s)), (20, 20), 'under way')
    flags = []
    for x in f:
        c.tx('AE', ack=c.rseq(x) + x.len)
        flags += [y.letters for y in c.all()]
    f2 = c.all(AT_ONCE)
    flags += [y.letters for y in f2]
    if TCPX:
        equal(grown(before).get('EcnReduced'), 1, 'EcnReduced')
        equal(grown(before).get('RetransSegs', 0), 0, 'RetransSegs')
    equal(cwnd(s), 10, 'cwnd after a window of ECE')
    equal(flags[0], 'AC', 'the next new segment')
    check(all('C' not in g for g in flags[1:]), 'CWR again: %r' % flags)
    c.tx('A')
    f = c.all(AT_ONCE)
    check(9 <= cwnd(s) <= 11, 'cwnd of %d' % cwnd(s))
    # another window, another congestion
    c.tx('AE')
    x = c.all(AT_ONCE)
    check(5 <= cwnd(s) <= 6, 'cwnd of %d after the second' % cwnd(s))
    s.send(bytes(MSS))
    c.tx('A')
    x += c.all(AT_ONCE)
    equal([y.letters for y in x if y.flags & CWR], ['AC'], 'segments with CWR')
    if TCPX:
        equal(grown(before).get('EcnReduced'), 2, 'EcnReduced')


@case('S26', 'ECN: ECE and a loss in one window reduce cwnd once (RFC 3168, 6.1.2)')
def ece_and_loss():
    tun = Tun()
    sysctl('congestion_control', 'reno')
    s, c = accepted(tun, rtt=0.1)
    s.send(bytes(300 * MSS))
    for x in c.all(AT_ONCE):
        c.tx('A', ack=c.rseq(x) + x.len)
    f = c.all(AT_ONCE)
    equal(len(f), 20, 'under way')
    una, blocks = c.rseq(f[0]), []
    for n, x in enumerate(f[1:]):
        c.tx('AE' if n else 'A', ack=una,
             opts=opt_sack((f[1].seq, x.seq + x.len)))
    xs = c.all(AT_ONCE)
    sent = [x for x in xs if x.flags & CWR]
    equal(len(sent), 1, 'segments with CWR')
    check(c.rseq(sent[0]) != una, 'CWR on a retransmission')
    c.tx('A')
    c.all(AT_ONCE)
    equal(struct.unpack_from('I', tcp_info(s), 8 + 17 * 4)[0], 10, 'ssthresh')


@case('S26', 'ECN: without agreement ECE and CE are nothing')
def not_agreed():
    tun = Tun()
    s, c = accepted(tun, 'S')
    s.send(bytes(100 * MSS))
    f = c.all(AT_ONCE)
    was = cwnd(s)
    for x in f:
        c.tx('AE', ack=c.rseq(x) + x.len)
    xs = c.all(AT_ONCE)
    check(cwnd(s) >= was, 'cwnd was reduced')
    check(not any(x.flags & CWR or ecn(x) for x in xs), 'CWR or ECT')
    c.tx('A')
    c.flush(0.1)
    c.tx('A', b'data', tos=CE)
    check(not c.rx().flags & ECE, 'ECE')


# --- the receiver ------------------------------------------------------------

@case('S26', 'ECN: CE is echoed with ECE on every segment until CWR comes (RFC 3168, 6.1.3)')
def ce():
    tun = Tun()
    s, c = accepted(tun)
    c.tx('A', b'one', tos=ECT0)
    equal(c.rx().letters, 'A', 'ACK of data with ECT(0)')
    c.tx('A', b'two', tos=CE)
    equal(c.rx().letters, 'AE', 'ACK of data with CE')
    for tos in (ECT0, NOT_ECT, ECT1, CE):
        c.tx('A', b'more', tos=tos)
        equal(c.rx().letters, 'AE', 'ACK of later data')
    s.send(b'ours')
    x = c.rx()
    equal((x.letters, ecn(x)), ('PAE', ECT0), 'our own data')
    c.tx('A')
    c.tx('AC', b'cwr', tos=ECT0)
    equal(c.rx().letters, 'A', 'ACK of data with CWR')
    c.tx('A', b'after', tos=ECT0)
    equal(c.rx(within=1).letters, 'A', 'ACK after it')
    c.tx('AC', b'both', tos=CE)
    equal(c.rx(within=1).letters, 'AE', 'CWR and CE: congestion again')
    equal(recv_exactly(s, 34), b'onetwo' + 4 * b'more' + b'cwrafterboth', 'the stream')


@case('S26', 'ECN: CE ends the delay of an ACK, so that the peer may react soon')
def ce_at_once():
    tun = Tun()
    s, c = accepted(tun)
    delay_acks = (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)    # it does not last
    s.setsockopt(*delay_acks)
    for n in range(3):
        c.tx('A', bytes(MSS), tos=ECT0)
        c.flush(0.1)
    s.setsockopt(*delay_acks)
    c.tx('A', b'delayed', tos=ECT0)
    c.quiet(0.01, 'this ACK is not delayed')
    c.flush(0.1)
    s.setsockopt(*delay_acks)
    c.tx('A', b'congested', tos=CE)
    equal(c.rx_at_once().letters, 'AE', 'ACK of CE')


@case('S26', 'ECN: CE on what is no new data does not count: ACKs, old data, beyond the window '
      '(RFC 3168, 6.1.4 and 6.1.5)')
def ce_ignored():
    tun = Tun()
    s, c = accepted(tun)
    c.tx('A', b'text', tos=ECT0)
    equal(c.rx().letters, 'A', 'ACK')
    c.tx('A', tos=CE)
    c.quiet(0.01)
    c.tx('A', b'text', seq=1, tos=CE)
    equal(c.rx().letters, 'A', 'ACK of old data')
    c.tx('A', b'far', seq=1 << 25, tos=CE)
    equal(c.rx().letters, 'A', 'ACK of data beyond the window')
    c.tx('A', b'next', tos=ECT0)
    equal(c.rx().letters, 'A', 'ACK of what is next')


@case('S26', 'ECN: CE beyond a hole is echoed in the duplicate ACK (RFC 3168, 6.1.3)')
def ce_ooo():
    tun = Tun()
    s, c = accepted(tun)
    c.tx('A', b'later', seq=101, tos=CE)
    x = c.rx(ack=1)
    equal(x.letters, 'AE', 'duplicate ACK')
    c.tx('A', bytes(100), seq=1, tos=ECT0)
    equal(c.rx(ack=106).letters, 'AE', 'and on')


# --- a bottleneck that marks -------------------------------------------------

class Path:
    """a -- r -- b: a bottleneck of @rate in r towards b, @delay back."""

    A, B = ip.addr(1, 0, 1), ip.addr(2, 0, 2)

    def __init__(self, rate, delay, qdisc):
        self.a, self.r, self.b = NetNS.current(), NetNS(), NetNS()
        for ns, name, addr, peer, there in (
                (self.a, 'va', self.A, 'vr1', ip.addr(1, 0, 254)),
                (self.b, 'vb', self.B, 'vr2', ip.addr(2, 0, 254))):
            with ns:
                run('ip', 'link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', peer,
                    'netns', self.r.path)
                set_addr(name, addr)
                link_up(name)
            with self.r:
                set_addr(peer, there)
                link_up(peer)
            with ns:
                run_ip('route', 'add', 'default', 'via', there)
        with self.r:
            forward()
            run('tc', 'qdisc', 'add', 'dev', 'vr1', 'root', 'netem', 'delay', delay, 'limit', '10000')
            run('tc', 'qdisc', 'add', 'dev', 'vr2', 'root', 'handle', '1:', 'htb', 'default', '1')
            run('tc', 'class', 'add', 'dev', 'vr2', 'parent', '1:', 'classid', '1:1', 'htb', 'rate',
                rate)
            run('tc', 'qdisc', 'add', 'dev', 'vr2', 'parent', '1:1', *qdisc)

    def stats(self):
        """(marked, dropped) by the bottleneck's queue."""
        with self.r:
            text = run('tc', '-s', 'qdisc', 'show', 'dev', 'vr2').split('parent 1:1', 1)[1]
        return (int(re.search(r'ecn_mark (\d+)', text).group(1)),
                int(re.search(r'dropped (\d+)', text).group(1)))

    def transfer(self, size, mode):
        for ns in (self.a, self.b):
            with ns:
                sysctl('ecn', mode)
        with self.b:
            l = listener(self.B)
        c = connect(l.getsockname())
        s, _ = l.accept()
        data = pattern(size)
        began = now()
        transfer([(c, data, s)])
        return now() - began


@case('S26', 'ECN: through fq_codel at 20 Mbit/s: marks and no loss, the stream is whole, the rate full; '
      'without ECN it drops')
def bottleneck():
    need_free_work()
    need(TCPX, 'the kernel\'s TCP has other counters')
    size = 10 << 20
    for mode in (1, 0):
        path = Path('20mbit', '20ms', ('fq_codel', 'ecn'))
        before = counters()
        took = path.transfer(size, mode)
        marked, dropped = path.stats()
        got = grown(before)
        rate = size * 8 / took / 1e6
        diag('ecn=%d: %.1f Mbit/s, %d marked, %d dropped, %r' % (mode, rate, marked, dropped, {
            k: v for k, v in got.items() if k in ('EcnReduced', 'RetransSegs', 'TCPTimeouts')}))
        check(rate > 17, '%.1f Mbit/s' % rate)
        equal(marked > 0, mode == 1, 'marks')
        equal(dropped > 0, mode == 0, 'drops')
        equal(got.get('EcnReduced', 0) > 0, mode == 1, 'EcnReduced')
        equal(got.get('RetransSegs', 0) > 0, mode == 0, 'RetransSegs')
        for ns in (path.r,):
            with ns:
                run('ip', 'link', 'del', 'vr1')
                run('ip', 'link', 'del', 'vr2')


main()
