#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP_INFO: what it says of a sender and of a receiver, number for number."""

import socket

from lib import *
from lib.receiver import *

OPT_ECN, OPT_ECN_SEEN = 8, 16
SO_MAX_PACING_RATE = 47
ROW = 'TCP_INFO'
# Of a round trip, which the program's own work makes longer
SLACK = 0.01 if INSTRUCTIONS_TAKE_TIME else 0.0025


def says(s, **want):
    got = info(s)
    equal({k: got[k] for k in want}, want, 'TCP_INFO')


@case(ROW, 'unacked, sacked, lost, retrans, delivered: segments, as the kernel counts them')
def flight():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=20)
    says(s, unacked=20, sacked=0, lost=0, retrans=0, delivered=11, ca_state=0, notsent_bytes=0)
    until(f[0].t + RTT)
    r.take(f[1])
    says(s, unacked=20, sacked=1, lost=0, retrans=0, delivered=12, ca_state=1)
    r.take(f[2], f[4])
    says(s, unacked=20, sacked=3, lost=2, retrans=1, delivered=14, ca_state=3, total_retrans=1)
    r.take(*f[5:])
    xs = r.out()
    says(s, sacked=18, lost=2, retrans=2, total_retrans=2, bytes_retrans=2 * MSS)
    sleep(RTT)
    r.take(*xs)
    says(s, unacked=0, sacked=0, lost=0, retrans=0, delivered=31, ca_state=0, snd_cwnd=10,
         snd_ssthresh=10, dsack_dups=0)


@case(ROW, 'a tail loss probe is sent again, and nothing is lost')
def probe():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=2)
    x = r.out(1)
    equal(r.numbers(x), [12], 'the probe')
    says(s, unacked=2, lost=0, retrans=1, total_retrans=1)
    r.take(*f)
    r.take(*x)
    says(s, unacked=0, retrans=0, dsack_dups=1)


@case(ROW, 'after a time-out all is lost; what is sent again is in retrans too')
def timeout():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=5, conf=(('early_retrans', 0),))
    equal(len(r.out(1)), 1, 'segments sent again')
    says(s, unacked=5, lost=5, retrans=1, retransmits=1, backoff=1, ca_state=4, snd_cwnd=1)


@case(ROW, 'reord_seen and reordering: how often, and how far')
def reordering():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=20)
    says(s, reordering=3, reord_seen=0)
    until(f[0].t + RTT)
    r.take(f[1], f[0])
    says(s, reordering=3, reord_seen=1)
    r.take(f[3], f[4], f[2])
    says(s, reordering=3, reord_seen=2)
    r.take(*f[6:14], f[5])
    says(s, reordering=9, reord_seen=3)


@case(ROW, 'dsack_dups: what the peer says came twice')
def dsack_dups():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=5)
    until(f[0].t + RTT)
    r.take(*f, f[0], f[3], f[4])
    says(s, dsack_dups=3)


@case(ROW, 'rcv_ooopack: what came before its turn')
def rcv_ooopack():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_sackok())
    for n in (3, 5, 4, 2):
        c.tx('A', bytes(100), seq=1 + 100 * n)
    c.tx('A', bytes(200), seq=1)
    c.flush()
    says(s, rcv_ooopack=4, bytes_received=600)


@case(ROW, 'TCPI_OPT_ECN, TCPI_OPT_ECN_SEEN, delivered_ce')
def ecn():
    tun = Tun()
    sysctl('congestion_control', 'reno')
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.tx('SEC', opts=opt_mss(MSS))
    c.rx('SAE')
    c.tx('A')
    s, _ = l.accept()
    equal(info(s)['options'] & (OPT_ECN | OPT_ECN_SEEN), OPT_ECN, 'options')
    c.tx('A', b'x', tos=2)
    c.flush()
    equal(info(s)['options'] & (OPT_ECN | OPT_ECN_SEEN), OPT_ECN | OPT_ECN_SEEN, 'options')
    says(s, delivered_ce=0)
    s.send(bytes(5 * MSS))
    f = c.all(AT_ONCE)
    c.tx('A', ack=1 + 2 * MSS)
    c.tx('AE')
    says(s, delivered_ce=3, delivered=6)


@case(ROW, 'busy_time, rwnd_limited, sndbuf_limited: microseconds of virtual time')
def busy():
    tun = Tun()
    s, r, data, f = start(tun)
    us = lambda sec: int(sec * 1e6)

    def spent(busy, rwnd, sndbuf, what):
        got = info(s)
        for name, want in (('busy_time', busy), ('rwnd_limited', rwnd), ('sndbuf_limited', sndbuf)):
            near(got[name], us(want), 3000, '%s: %s' % (what, name))
    spent(0, 0, 0, 'nothing was sent')
    sleep(1)
    s.send(bytes(MSS))
    f = r.out()
    until(f[0].t + RTT)
    r.take(*f)
    spent(RTT, 0, 0, 'one segment')
    sleep(5)
    spent(RTT, 0, 0, 'idle')
    r.c.win = 4 * MSS // 16
    r.ack()
    s.send(bytes(8 * MSS))
    f = r.out()
    equal(len(f), 4, 'segments that the window takes')
    until(f[0].t + RTT)
    r.take(*f)                              # the first ACK lets out the fifth, ...
    f = r.out()
    until(f[0].t + RTT)
    spent(3 * RTT, RTT, 0, 'a window of four')
    r.take(*f)
    r.c.win = 65535
    r.ack()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MSS)
    base = info(s)['busy_time'] / 1e6
    sent = 0
    try:
        while True:
            sent += s.send(bytes(MSS))
    except BlockingIOError:
        pass
    f = r.out()
    equal(sum(x.len for x in f), sent, 'all of it is under way')
    until(f[0].t + RTT)
    spent(base + RTT, RTT, RTT, 'a full send buffer')
    r.take(*f)
    spent(base + RTT, RTT, RTT, 'and then')


@case(ROW, 'pacing_rate and max_pacing_rate: bytes a second')
def pacing_rate():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=20)
    got = info(s)
    equal(got['max_pacing_rate'], (1 << 64) - 1, 'max_pacing_rate')
    # 20 segments in 0.1 s, twice that in slow start
    near(got['pacing_rate'], 400000, SLACK * 400000, 'pacing_rate')
    s.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, 100000)
    until(f[0].t + RTT)
    r.take(*f)
    says(s, max_pacing_rate=100000, pacing_rate=100000)


@case(ROW, 'delivery_rate: a flight in a round trip; app_limited unless the window was full')
def delivery_rate():
    tun = Tun()
    s, r, data, f = start(tun)
    says(s, delivery_rate=0, app_limited=True)
    s, r, data, f = start(tun, segs=10, waiting=60)
    until(f[0].t + RTT)
    r.take(*f)
    got = info(s)
    near(got['delivery_rate'], 20 * MSS / RTT, 8 * SLACK * 20 * MSS / RTT, 'delivery_rate')
    equal(got['app_limited'], False, 'app_limited')
    r.finish(data)
    # one segment in a round trip says less than is known
    sleep(1)
    s.send(bytes(MSS))
    f = r.out()
    until(f[0].t + RTT)
    r.take(*f)
    check(info(s)['delivery_rate'] > 15 * MSS / RTT, 'delivery_rate %d' % info(s)['delivery_rate'])


@case(ROW, 'delivery_rate is that of the bottleneck')
def bottleneck():
    need_free_work()
    veth = Veth()
    with veth.a:
        run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', 'netem', 'delay', '20ms', 'rate', '10mbit',
            'limit', '60')
    with veth.b:
        l = listener(Veth.B, 7001)
    rates = []
    # The last that a transfer tells may be of a short flight, at the end of a recovery
    for _ in range(5):
        c = connect((Veth.B, 7001))
        s, _ = l.accept()
        transfer([(c, pattern(2 << 20), s)])
        rates.append(info(c)['delivery_rate'] * 1514 / (ip.mss() - 12) * 8 / 1e6)
    diag('delivery rates, Mbit/s: %s' % ' '.join('%.3f' % r for r in rates))
    near(sorted(rates)[2], 10, 0.7, 'delivery rate, Mbit/s')


@case(ROW, 'tcpx_cong: the window, the threshold, the flight and the round trip, event by event')
def tracepoint():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=20)
    trace = Trace(segments=False, states=False, cong=True)
    ends = [ip.at(*end[:2]) for end in (s.getsockname(), s.getpeername())]
    until(f[0].t + RTT)
    r.take(*f)
    e = trace.cong(ends[0])[-1]
    equal((e.remote, e.cwnd // MSS, e.flight), (ends[1], info(s)['snd_cwnd'], 0), 'acknowledged')
    near(e.srtt / 1e9, RTT, 0.005, 'round trip, s')
    check(0 < e.rate < 1 << 32, 'the pacing rate is %d' % e.rate)
    s.send(bytes(MSS))
    sleep(2)
    e = trace.cong(ends[0])[-1]
    equal((e.cwnd, e.ssthresh), (MSS, info(s)['snd_ssthresh'] * MSS), 'after a time-out')
    trace.close()


main()
