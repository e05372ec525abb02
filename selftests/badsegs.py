#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Bad input from the wire: the connection unchanged, each drop counted, no kernel report."""

import os
import random
import socket
import struct

from lib import *

SEEN = ('InSegs', 'OutSegs', 'InPkts', 'OutRsts')


def counted(before, n, what):
    """Something other than plain arrival was counted, @n times at least."""
    if not TCPX:
        return None                 # the kernel's TCP drops most of these without a count
    got = {k: v for k, v in grown(before).items() if k not in SEEN}
    check(got and max(got.values()) >= n, '%s: %d segments, counters: %r' % (what, n, got))
    return got


class Watched:
    """A connection whose numbers, state and stream must not change."""

    def __init__(self, tun, **kw):
        self.tun = tun
        self.s, self.c = passive(tun, **kw)
        self.text = 0
        self.unchanged('at the start')

    def unchanged(self, what):
        s, c = self.s, self.c
        c.flush()
        equal(STATE_NAME[state(s)], 'ESTABLISHED', what + ': state')
        check(not wait_readable(s, 0), what + ': something became readable')
        self.text += 1
        word = b'word %d' % self.text
        c.tx('PA', word)
        equal(s.recv(1000), word, what + ': the next data')
        c.flush(0.6)
        equal(c.last.ack, c.nxt, what + ': RCV.NXT')
        s.send(word)
        x = c.rx(what=what)
        equal((x.data, x.seq), (word, (c.rcv_nxt - len(word)) & 0xffffffff), what + ': SND.NXT')
        c.tx('A')

    def good(self, flags='PA', data=b'evil data', **kw):
        """The bytes of a segment that would be accepted."""
        c = self.c
        return build(c.addr, c.local, c.sport, c.dport, kw.pop('seq', c.nxt),
                     kw.pop('ack', c.rcv_nxt), flags, c.win, data=data, **kw)


@case('bad input', 'a segment cut at every length')
def cut_anywhere():
    tun = Tun()
    w = Watched(tun)
    before = counters()
    pkt = w.good(opts=opt_ts(1) + opt_mss())
    tcp = pkt[ip.head:]
    for n in range(len(tcp)):
        tun.write(build_ip(w.c.addr, w.c.local, tcp[:n]))
    for n in range(len(pkt)):                   # shorter than the IP header says
        try:
            tun.write(pkt[:n])
        except OSError:
            pass                                # the device itself refuses it
    counted(before, len(tcp) // 2, 'cut segments')
    w.unchanged('after cut segments')


@case('bad input', 'a segment cut at every length, its checksum right for what is left')
def cut_with_checksum():
    tun = Tun()
    w = Watched(tun)
    c = w.c
    head = w.good(data=b'', opts=b'')[ip.head:ip.head + 20]
    before = counters()
    for n in range(20):
        seg = bytearray(head[:n])
        if n >= 18:
            seg[16:18] = b'\0\0'
            seg[16:18] = struct.pack('!H', tcp_csum(c.addr, c.local, bytes(seg)))
        tun.write(build_ip(c.addr, c.local, bytes(seg)))
    counted(before, 10, 'short segments')
    w.unchanged('after short segments')


@case('bad input', 'every illegal data offset: below 5, and beyond the segment')
def offsets():
    tun = Tun()
    w = Watched(tun)
    for doff in list(range(5)) + list(range(6, 16)):
        before = counters()
        tun.write(w.good(data=b'evil' if doff > 6 else b'', doff=doff))
        counted(before, 1, 'offset %d' % doff)
    w.unchanged('after illegal offsets')


@case('bad input', 'every wrong checksum near the right one, and zero')
def checksums():
    tun = Tun()
    w = Watched(tun)
    right = parse(w.good()).csum
    before = counters()
    n = 0
    for bad in {right ^ 1 << i for i in range(16)} | {0, 0xffff, right + 1 & 0xffff} - {right}:
        tun.write(w.good(csum=bad))
        n += 1
    got = grown(before)
    check(sum(v for k, v in got.items() if 'csum' in k.lower()) >= n,
          '%d wrong checksums, counters: %r' % (n, got))
    w.unchanged('after wrong checksums')


@case('bad input', 'options with every illegal length are survived; the data is still data')
def option_lengths():
    tun = Tun()
    s, c = passive(tun)
    n = 0
    for kind in (2, 3, 4, 5, 8, 19, 28, 29, 30, 34, 253, 254, 255):
        for length in (0, 1, 2, 3, 5, 9, 11, 12, 39, 40, 41, 255):
            opts = bytes((kind, length)) + b'\xaa' * 6
            word = b'%d/%d' % (kind, length)
            c.tx('PA', word, opts=opts)
            equal(s.recv(100), word, 'data behind option %d of length %d' % (kind, length))
            c.flush(0.001)
            n += 1
    c.flush(1)
    equal(c.last.ack, c.nxt, 'RCV.NXT after %d segments' % n)


@case('bad input', 'the same in a SYN: the connection comes up with what was legal')
def option_lengths_syn():
    tun = Tun()
    l = listener(port=7001, backlog=1000)
    n = 0
    for kind in (2, 3, 4, 5, 8, 34, 254):
        for length in (0, 1, 2, 3, 4, 9, 10, 11, 40, 255):
            c = Conn(tun, 10000 + n, 7001)
            c.syn(opt_mss(700) + bytes((kind, length)) + b'\x01\x02\x03\x04\x05\x06\x07\x08'[:6])
            sa = c.rx('SA', what='SYN with option %d of length %d' % (kind, length))
            sa.options()
            c.tx('R', seq=1)
            n += 1
    c = Conn(tun, 40000, 7001)
    c.open()
    check(wait_readable(l), 'the listener does not serve any more')


@case('bad input', 'an option that runs over the end of the header')
def option_over_end():
    tun = Tun()
    l = listener(port=7001)
    for n, opts in enumerate((b'\x02', b'\x01\x01\x01\x02', b'\x01\x01\x01\x08', b'\x01\x01\x08\x0a',
                              b'\x01\x01\x01\x05', b'\xfe\xff\x00\x00', b'\x03\x03',
                              b'\x01\x02\x04\x05')):
        c = Conn(tun, 10000 + n, 7001)
        c.tun.write(build(c.addr, c.local, c.sport, c.dport, c.iss, 0, 'S',
                          opts=opts + b'\x01' * (-len(opts) % 4)))
        c.rx('SA', what='SYN with options ' + opts.hex())
    w = Watched(tun)
    w.unchanged('another connection')


@case('bad input', 'the same option twice, a mass of NOPs, forty bytes of each option')
def odd_options():
    tun = Tun()
    l = listener(port=7001)
    for n, opts in enumerate((opt_mss(1000) * 10, opt_ws(3) * 10, opt_sackok() * 10,
                              opt_ts(1) * 3, NOP * 40, EOL * 40, opt_sack((1, 2), (3, 4), (5, 6)),
                              b'\x02\x04\x00\x00', b'\x03\x03\xff\x00', opt_mss(0xffff))):
        c = Conn(tun, 10000 + n, 7001)
        c.syn(opts)
        sa = c.rx('SA', what=opts.hex())
        c.tx('A', opts=opt_ts(1, sa.ts[0]) if sa.ts else b'')
        s, _ = l.accept()
        c.tx('PA', 'data', opts=opt_ts(2, sa.ts[0]) if sa.ts else b'')
        equal(s.recv(10), b'data', opts.hex())
        dead_close(s)
        c.flush(0.01)


@case('bad input', 'SACK blocks that make no sense')
def odd_sack():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss() + opt_sackok())
    data = pattern(5000)
    s.send(data)
    c.flush(0.001)
    una = c.irs + 1
    for a, b in ((0, 0), (una, una), (una + 100, una + 50), (una - 1000, una - 500),
                 (una + 5000, una + 5000), (una + 100000, una + 200000), (una - 10, una + 10),
                 (0, 0xffffffff), (una + 0x7fffffff, una + 0x80000001)):
        c.tx('A', ack=1, opts=opt_sack((a, b)))
        c.tx('A', ack=1, opts=opt_sack((a, b), (b, a), (a, a)))
    have, deadline = 0, now() + 100
    while have < len(data) and now() < deadline:
        x = c.get(10)
        check(x is not None, 'nothing is repeated any more')
        at = c.rseq(x) - 1
        check(x.data == data[at:at + x.len], 'data: %s' % x)
        if at <= have < at + x.len:
            have = at + x.len
            c.tx('A', ack=1 + have)
    equal(have, len(data), 'bytes')


@case('bad input', 'all 64 mixes of the six flags to a connection, outside its window')
def flag_mixes():
    tun = Tun()
    w = Watched(tun)
    for bits in range(64):
        w.c.tx(bits, 'x', seq=w.c.nxt - w.c.iss + 200000, ack=0, urg=7)
        w.c.tx(bits, '', seq=w.c.nxt - w.c.iss - 100000, ack=0, urg=7)
        w.c.flush(0.001)
    sleep(2)
    w.unchanged('after flag mixes')


@case('bad input', 'all mixes without ACK, RST and SYN in the window are dropped and counted')
def no_ack_mixes():
    tun = Tun()
    w = Watched(tun)
    before = counters()
    n = 0
    for bits in range(64):
        if bits & (ACK | RST | SYN):
            continue
        w.c.tx(bits, 'x', seq=w.c.nxt - w.c.iss, urg=1)
        n += 1
    counted(before, n, 'segments without ACK')
    w.unchanged('after segments without ACK')


@case('bad input', 'all 64 mixes to a listener: only a SYN alone opens')
def mixes_to_listener():
    tun = Tun()
    l = listener(port=7001, backlog=200)
    for bits in range(64):
        c = Conn(tun, 10000 + bits, 7001)
        c.tx(bits, seq=0, ack=77)
        x = c.get(0.01)
        opens = bits & SYN and not bits & (ACK | RST)
        if bits & RST:
            equal(x, None, 'answer to [%s]' % flag_text(bits))
        elif bits & ACK:
            check(x is not None and x.letters == 'R', 'answer to [%s]: %s' % (flag_text(bits), x))
        elif opens and not bits & FIN:
            check(x is not None and x.letters == 'SA', 'answer to [%s]: %s' % (flag_text(bits), x))
        elif not opens:
            equal(x, None, 'answer to [%s]' % flag_text(bits))
    check(not wait_readable(l, 0), 'accepted')


@case('bad input', 'all 64 mixes to SYN-SENT: no crash, and the right SYN+ACK still connects')
def mixes_to_syn_sent():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    for bits in range(64):
        if bits & SYN and not bits & (ACK | RST):
            continue                    # that is a simultaneous open
        c.tx(bits, seq=0, ack=500)
    c.flush(0.01)
    equal(state(s), SYN_SENT, 'state')
    c.nxt = c.iss
    c.tx('SA', opts=opt_mss())
    c.flush(0.01)
    equal(state(s), ESTABLISHED, 'state')


@case('bad input', 'port 0 as source or destination')
def port_zero():
    tun = Tun()
    l = listener(port=7001)
    for sport, dport in ((0, 7001), (40000, 0), (0, 0)):
        for flags in ('S', 'A', 'SA', 'R'):
            Conn(tun, sport, dport).tx(flags, seq=0, ack=1)
    tun._drain()
    Watched(tun).unchanged('another connection')


@case('bad input', 'a segment from ourselves to ourselves (land)')
def land():
    tun = Tun()
    l = listener(port=7001)
    for addr in (LOCAL, ip.lo()):
        tun.write(build(addr, LOCAL, 7001, 7001, 1, 0, 'S', opts=opt_mss()))
    sleep(1)
    check(not wait_readable(l, 0), 'accepted')
    Watched(tun).unchanged('another connection')


@case('bad input', 'fragments: reassembled segments are read, overlapping or lost ones are not')
def fragments():
    tun = Tun()
    w = Watched(tun)
    pkt = w.good(data=b'fragmented segment data!')
    seg = pkt[ip.head:]
    cut = 16 if ip.version == 4 else 24     # of IPv6's, the first has the whole header
    for at, part, more in ((0, seg[:cut], 1), (cut, seg[cut:32], 1)):
        tun.write(build_ip(w.c.addr, w.c.local, part, ipid=7, frag=more << 13 | at // 8))
    check(not wait_readable(w.s, 0.1), 'a segment with a missing piece was read')
    at = 32
    tun.write(build_ip(w.c.addr, w.c.local, seg[at:], ipid=7, frag=at // 8))
    equal(w.s.recv(100), b'fragmented segment data!', 'reassembled')
    w.c.nxt += 24
    w.c.flush(1)
    w.unchanged('after fragments')


@case('bad input', 'IP options in front of the segment')
def ip_options():
    need(ip.version == 4, 'IPv6 has extension headers: ipv6.py')
    tun = Tun()
    w = Watched(tun)
    for opts in (b'\x01\x01\x01\x00', b'\x44\x0c\x05\x00' + b'\0' * 8, b'\x07\x07\x04\0\0\0\0\0'):
        c = w.c
        seg = w.good(data=b'behind IP options')[20:]
        tun.write(build_ip(c.addr, c.local, seg, options=opts))
        check(wait_readable(w.s, 0.1), 'not read: ' + opts.hex())
        equal(w.s.recv(100), b'behind IP options', opts.hex())
        c.nxt += 17
        c.flush(0.6)
    w.unchanged('after IP options')


def mutate(rnd, src, dst, pkt):
    """One random damage to a good packet, then a right checksum or not."""
    seg = bytearray(pkt[ip.head:])
    for _ in range(rnd.randrange(1, 5)):
        kind = rnd.randrange(6)
        if kind == 0 and seg:
            seg[rnd.randrange(4, len(seg))] = rnd.randrange(256)
        elif kind == 1 and len(seg) > 13:
            seg[13] = rnd.randrange(256)
        elif kind == 2 and len(seg) > 12:
            seg[12] = rnd.randrange(256)
        elif kind == 3:
            del seg[rnd.randrange(4, len(seg)):]
            seg += bytes(max(0, 5 - len(seg)))
        elif kind == 4:
            seg += rnd.randbytes(rnd.randrange(40))
        else:
            at = rnd.randrange(len(seg))
            seg[at:at] = rnd.randbytes(rnd.randrange(8))
    if len(seg) >= 18 and rnd.random() < 0.8:
        seg[16:18] = b'\0\0'
        seg[16:18] = struct.pack('!H', tcp_csum(src, dst, bytes(seg)))
    return build_ip(src, dst, bytes(seg))


@case('bad input', '20000 random segments (fixed seed) at a listener, a connection, and nobody')
def fuzz():
    seed = int(os.environ.get('TCPX_FUZZ_SEED', 9293))
    rnd = random.Random(seed)
    tun = Tun()
    l = listener(port=7001, backlog=64)
    keeper = Watched(tun)
    victims = [passive(tun, port=7100 + n, opts=opt_mss() + opt_sackok() + opt_ts(1) + opt_ws(7))
               for n in range(8)]
    for n in range(20000):
        s, c = victims[rnd.randrange(8)]
        where = rnd.random()
        if where < 0.2:
            pkt = build(c.addr, c.local, rnd.randrange(1, 65536), 7001, rnd.getrandbits(32), 0, 'S',
                        opts=rnd.choice((b'', opt_mss(), opt_ts(5) + opt_ws(2))))
        elif where < 0.3:
            pkt = build(c.addr, c.local, rnd.randrange(1, 65536), 7002, rnd.getrandbits(32), 5, 'A')
        else:
            seq = c.nxt + rnd.choice((0, 0, 0, 1, -1, 100, -100, 70000, rnd.getrandbits(32)))
            ack = c.rcv_nxt + rnd.choice((0, 0, 0, 1, -1, 100, 70000, rnd.getrandbits(32)))
            flags = rnd.choice(('A', 'PA', 'FA', 'A', 'AU', 'S', 'R', 'SA', rnd.getrandbits(8)))
            pkt = build(c.addr, c.local, c.sport, c.dport, seq, ack, flags, rnd.getrandbits(16),
                        opts=rnd.choice((b'', opt_ts(n), opt_sack((seq & 0xffffffff, ack & 0xffffffff)))),
                        data=rnd.randbytes(rnd.choice((0, 0, 1, 10, 500))), urg=rnd.getrandbits(16))
        tun.write(mutate(rnd, c.addr, c.local, pkt))
        if n % 100 == 99:
            tun._drain()
            tun.pending.clear()
            tun.log = tun.log[-40:]
            sleep(rnd.choice((0, 0.01, 1)))
        if n % 2000 == 1999:
            for i, (s, c) in enumerate(victims):
                if state(s) != ESTABLISHED:
                    s.close()
                    victims[i] = passive(tun, port=7100 + i + 8 * (n // 2000 + 1),
                                         opts=opt_mss() + opt_sackok() + opt_ts(1) + opt_ws(7))
    tun._drain()
    tun.pending.clear()
    keeper.unchanged('after the storm')
    for s, _ in victims:
        s.close()
    while wait_readable(l, 0):
        l.accept()[0].close()
    l.close()


main()
