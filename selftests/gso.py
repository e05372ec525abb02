#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Several segments in one skb: how few go down the stack, what they are cut into, and merged."""

import socket
import struct
from contextlib import contextmanager
from itertools import pairwise
from tempfile import TemporaryDirectory

from lib import *
from lib.receiver import info

SO_TIMESTAMPING, SO_SNDBUFFORCE, SO_MAX_PACING_RATE = 37, 32, 47
TX_SOFTWARE, SOFTWARE, OPT_ID, TX_SCHED, TX_ACK, OPT_TSONLY = (1 << n for n in
                                                               (1, 4, 7, 8, 9, 11))
SCM_TSTAMP_SND, SCM_TSTAMP_SCHED, SCM_TSTAMP_ACK = range(3)
FULL = ip.mss()
# What a device can't do besides
DEVICES = (), ('tx-checksum-ip-generic',), ('sg',), ('gso',)


def joined(veth, **kw):
    """(client at A, server at B)."""
    with veth.b:
        l = listener(Veth.B, 7001, **kw)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    l.close()
    return c, s


def sent_skbs():
    with open('/proc/net/dev') as f:
        return next(int(line.split(':')[1].split()[9]) for line in f
                    if line.strip().startswith('va:'))


@contextmanager
def on_the_wire(ns, name):
    """What arrives at the link @name of @ns."""
    with ns:
        tap = Capture(name, outgoing=False)
    segs = []
    yield segs
    segs += tap.poll()
    tap.close()


def stream(segs, port, summed=False, longest=FULL):
    """The payload of one direction's segments; each is well-formed, and @summed if it must be."""
    out, first = bytearray(), None
    for g in segs:
        if g.dport != port:
            continue
        check(g.csum_ok or not summed, 'checksum of %s' % g)
        check(len(g.data) <= longest, '%d bytes in one segment' % len(g.data))
        if g.data:
            first = g.seq if first is None else first
            at = (g.seq - first) & 0xffffffff
            check(at <= len(out), 'a gap before %s' % g)
            out[at:at + len(g.data)] = g.data       # the last one may be sent twice
    return bytes(out)


@case('RFC 9293, 3.8', 'segments that leave at one moment are one skb, and count as segments')
def few():
    veth = Veth()
    c, s = joined(veth)
    before, skbs = counters(), sent_skbs()
    transfer([(c, pattern(4 << 20), s)])
    skbs = sent_skbs() - skbs
    here, there = info(c), info(s)
    equal(here['bytes_retrans'], 0, 'bytes sent again')
    check(here['data_segs_out'] >= (4 << 20) // FULL, '%d segments' % here['data_segs_out'])
    check(skbs * 4 < here['data_segs_out'], '%d segments in %d skbs' % (
        here['data_segs_out'], skbs))
    equal(there['data_segs_in'], here['data_segs_out'], 'segments in, and out')
    check(grown(before).get('OutSegs', 0) >= here['data_segs_out'], 'the counter OutSegs')
    diag('%d segments in %d skbs' % (here['data_segs_out'], skbs))


@case('RFC 9293, 3.1', 'a device that can not cut: each segment has its header, sum, PSH and FIN')
def pieces():
    for features in DEVICES:
        veth = Veth()
        cut('va', *features)
        c, s = joined(veth)
        data = pattern(1 << 20)
        with on_the_wire(veth.b, 'vb') as segs:
            transfer([(c, data, s)])
        got = stream(segs, 7001, 'tx-checksum-ip-generic' in features)
        check(got == data, 'what was on the wire differs, without %r' % (features,))
        mine = [g for g in segs if g.dport == 7001]
        check(ip.version == 6 or all((b.ipid - a.ipid) & 0xffff == 1 for a, b in pairwise(mine)),
              'IP identifications are used twice, or left out')
        fins = {g.end for g in mine if g.flags & FIN}
        equal(fins, {mine[-1].end}, 'where segments with FIN end')
        check(all(g.data for g in mine if g.flags & PSH), 'PSH without payload')
        full = [g for g in mine if len(g.data) == FULL - 12]
        check(len(full) > 700, '%d full segments' % len(full))
        check(any(not g.flags & PSH for g in full), 'PSH on each')
        dead_close(c)
        dead_close(s)
        run('ip', 'link', 'del', 'va')


@case('RFC 3168, 6.1.2', 'CWR is on the first of the segments alone')
def cwr():
    need(TCPX, 'CUBIC of the kernel decides otherwise when to send')
    sysctl('ecn', 1)
    r = Routed()
    cut('va')
    c, s = r.pair()
    router(r, 'loss', '0.5%', 'ecn')
    before, data = counters(), pattern(4 << 20)
    with on_the_wire(r.far, 'vd') as segs:
        transfer([(c, data, s)])
    mine = [g for g in segs if g.dport == 7001 and g.data]
    reduced = grown(before)['EcnReduced']
    said = sum(bool(g.flags & CWR) for g in mine)
    check(0 < said <= reduced, 'CWR on %d segments, %d reductions' % (said, reduced))


@case('RFC 9293, 3.8.5', 'an urgent pointer is right in each segment')
def urgent():
    veth = Veth()
    cut('va')
    c, s = joined(veth)
    data = pattern(20 * FULL)
    with on_the_wire(veth.b, 'vb') as segs:
        c.send(data, socket.MSG_OOB)
        got = recv_exactly(s, len(data) - 1)
    equal(got, data[:-1], 'what was received')
    end = None
    for g in segs:
        if g.dport == 7001 and g.flags & URG:
            up = (g.seq + g.urg) & 0xffffffff
            equal(up, up if end is None else end, 'where the urgent data ends')
            end = up
    check(end is not None, 'no URG')


def router(r, *args):
    """What the router does to what goes on to the far end."""
    with r.veth.b:
        run('tc', 'qdisc', 'replace', 'dev', 'vc', 'root', 'netem', 'limit', '10000', *args)


def stamps(c):
    """{kind: octet} that the error queue gives."""
    out = {}
    while True:
        try:
            _, anc, _, _ = c.recvmsg(1, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return out
        for level, kind, data in anc:
            if level == ip.level:
                _, _, _, _, _, what, octet = struct.unpack_from('IBBBBII', data)
                out[what] = octet


@case('timestamping', 'a stamp is that of the last octet, whoever cuts')
def stamped():
    for whole in True, False:
        veth = Veth()
        if not whole:
            cut('va')
        c, s = joined(veth)
        c.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, TX_SOFTWARE | TX_SCHED | TX_ACK |
                     SOFTWARE | OPT_ID | OPT_TSONLY)
        n = 9 * FULL + 5
        for k in 1, 2:
            c.sendall(bytes(n))
            recv_exactly(s, n)
            sleep(0.1)
            got = stamps(c)
            equal(got, {what: k * n - 1 for what in (SCM_TSTAMP_SND, SCM_TSTAMP_SCHED,
                                                     SCM_TSTAMP_ACK)}, 'octets with a stamp')
        run('ip', 'link', 'del', 'va')


@case('RFC 8985', 'loss: what was one skb is sent again segment by segment')
def lossy():
    r = Routed()
    cut('va')
    c, s = r.pair()
    router(r, 'delay', '5ms', 'loss', '1.5%')
    data = pattern(4 << 20)
    with on_the_wire(r.veth.b, 'vb') as left, on_the_wire(r.far, 'vd') as segs:
        transfer([(c, data, s)])
    lost = len(left) - len(segs)
    again = info(c)['total_retrans']
    check(lost <= again < lost + lost // 2 + 5, '%d segments sent again, %d were lost' % (
        again, lost))
    check(lost > 10, 'only %d were lost' % lost)
    check(all(len(g.data) <= FULL for g in segs), 'a segment that was not cut')


def merging(name):
    """The driver of link @name hands over what has arrived together, merged."""
    run('ethtool', '-K', name, 'gro', 'on')


def together(c, s, *impairment):
    """@c's data reaches the other link in batches; the driver holds 256 segments of one."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100 * FULL)
    run('tc', 'qdisc', 'replace', 'dev', 'va', 'root', 'netem', 'delay', '1ms', 'limit', '10000',
        *impairment)


@contextmanager
def merged(ns, name):
    """What IP gets from the link @name of @ns: some of it, at the end, is longer than sent."""
    with on_the_wire(ns, name) as segs:
        yield segs
    long = [g for g in segs if len(g.data) > FULL]
    check(len(long) > 10, '%d of %d were merged' % (len(long), len(segs)))


def to_merging():
    """(veth, client, server) for each kind of device; what arrives at the server is merged."""
    for features in DEVICES:
        veth = Veth()
        cut('va', *features)
        with veth.b:
            merging('vb')
        c, s = joined(veth)
        yield veth, c, s
        dead_close(c)
        dead_close(s)
        run('ip', 'link', 'del', 'va')


@case('RFC 9293, 3.10.7', 'GRO: what has arrived together is one skb, and counts as segments')
def gro():
    for veth, c, s in to_merging():
        together(c, s)
        with merged(veth.b, 'vb') as segs:
            transfer([(c, pattern(4 << 20), s)])
        here, there = info(c), info(s)
        equal(here['total_retrans'], 0, 'segments sent again')
        equal(there['data_segs_in'], here['data_segs_out'], 'segments in, and out')
        check(stream(segs, 7001, longest=65535) == pattern(4 << 20), 'what was merged differs')


@case('RFC 9293, 3.10.7', 'GRO: nothing overtakes the last segment of what was cut')
def gro_order():
    # Only sock_wfree() has TCP's offload give the socket to the last segment, and by that
    # veth knows it from the others
    need(not TCPX or WIRE == PROTO, 'TCP cuts it')
    for veth, c, s in to_merging():
        with on_the_wire(veth.b, 'vb') as segs:
            transfer([(c, pattern(1 << 20), s)])
        stream(segs, 7001, longest=65535)


def gro_holds(name, ns):
    """GRO keeps what has arrived at the link @name for so many ns, for others to follow."""
    with TemporaryDirectory() as folder:
        run('mount', '-t', 'sysfs', 'none', folder)
        with open('%s/class/net/%s/gro_flush_timeout' % (folder, name), 'w') as f:
            f.write(str(ns))
        run('umount', folder)


@case('RFC 9293, 3.10.7', 'GRO: a short segment, padded by its link, does not overtake others')
def gro_padded():
    tun = Tun(napi=True)
    s, c = passive(tun)
    c.flush(0.1)
    gro_holds(tun.name, 1000000)
    c.tx('A', data=b'a' * 1000)
    tun.write(build(c.addr, c.local, c.sport, c.dport, c.nxt, c.rcv_nxt, PSH | ACK, c.win,
                    data=b'b') + bytes(5))
    equal([c.rack(g) for g in c.all(0.5)], [1001, 1002], 'acknowledged')
    equal(s.recv(2000), b'a' * 1000 + b'b', 'received')


@case('RFC 9293, 3.1', 'GRO: what has a wrong checksum is not merged, and is dropped')
def gro_corrupt():
    veth = Veth()
    cut('va', 'tx-checksum-ip-generic')
    with veth.b:
        merging('vb')
        before = counters()
    wrong = rounds = 0
    with merged(veth.b, 'vb'):
        while wrong < 5:
            c, s = joined(veth)
            together(c, s, 'corrupt', '5%')     # of headers, since payload is apart
            transfer([(c, pattern(1 << 20), s)])
            run('tc', 'qdisc', 'del', 'dev', 'va', 'root')
            dead_close(c)
            dead_close(s)
            with veth.b:
                wrong = grown(before).get('InCsumErrors', 0)
            rounds += 1
            check(rounds < 50, 'only %d checksums were wrong' % wrong)


@case('RFC 9293, 3.1', 'GRO: what a router has merged is cut again, as it was')
def gro_forwarded():
    for features in DEVICES:
        r = Routed()
        cut('va')
        with r.veth.b:
            merging('vb')
            cut('vc', *features)
        c, s = r.pair()
        together(c, s)
        data = pattern(4 << 20)
        with merged(r.veth.b, 'vb'), on_the_wire(r.far, 'vd') as segs:
            transfer([(c, data, s)])
        check(stream(segs, 7001, 'tx-checksum-ip-generic' in features) == data,
              'what was on the wire differs')
        equal(info(c)['total_retrans'], 0, 'segments sent again')
        dead_close(c)
        dead_close(s)
        run('ip', 'link', 'del', 'va')


@case('RFC 1191, 6.4', 'the link takes less from now on: what is queued is cut anew')
def mtu():
    veth = Veth()
    netem(veth, 'delay', '20ms')
    c, s = joined(veth)
    c.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    c.setblocking(False)
    data = pattern(1 << 20)
    sent = c.send(data)
    with veth.b:
        set_mtu('vb', 1300)
    set_mtu('va', 1300)
    c.setblocking(True)
    c.sendall(data[sent:])
    check(recv_exactly(s, len(data)) == data, 'the stream differs')
    check(info(c)['snd_mss'] <= ip.mss(1300), 'segments of %d' % info(c)['snd_mss'])


@case('RFC 9293, 3.8.4', 'a small buffer, small writes, a small MTU on loopback')
def small():
    with NetNS():
        set_mtu('lo', 1500)
        c, s = pair()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        for size in 1, 700, FULL, 3 * FULL + 1, 100000:
            data = pattern(size)
            transfer_part(c, s, data)
        dead_close(c)
        dead_close(s)


def transfer_part(c, s, data):
    """@data goes from c to s, and the connection stays."""
    got, sent = bytearray(), 0
    while len(got) < len(data):
        if sent < len(data) and wait_writable(c, 0):
            sent += c.send(data[sent:], socket.MSG_DONTWAIT)
        if wait_readable(s, 1.0):
            got += s.recv(65536)
    check(got == data, '%d bytes differ' % len(data))


@case('pacing', 'a slow pace: an skb holds no more than leaves in a millisecond')
def paced():
    need(TCPX, 'the kernel sends two segments at least')
    veth = Veth()
    c, s = joined(veth)
    c.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, 1000000)
    skbs = sent_skbs()
    transfer([(c, pattern(200000), s)])
    segs = info(c)['data_segs_out']
    check(sent_skbs() - skbs >= segs, '%d segments in %d skbs' % (segs, sent_skbs() - skbs))


main()
