#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S06: the header, byte for byte, each field at its edges, and a standard dissector."""

import os
import shutil
import socket
import struct
import tempfile

from lib import *


def segment_bytes(s):
    return s.raw[s.at:]


def flag_byte(s):
    return segment_bytes(s)[13]


@case('S06', 'a data segment is a 20-byte header and the data, byte-exact, checksum included')
def byte_exact():
    tun = Tun()
    s, c = passive(tun, port=8080, sport=40000)
    s.send(b'byte-exact')
    seg = c.rx('PA', seq=1, ack=1, data='byte-exact')
    head = struct.pack('!HHIIBBHHH', 8080, 40000, (c.irs + 1) & 0xffffffff, c.iss + 1, 5 << 4,
                       PSH | ACK, seg.win, 0, 0)
    total = 0
    data = (ip.pton(LOCAL) + ip.pton(REMOTE) + struct.pack('!II', 30, WIRE) + head +
            b'byte-exact')
    for i in range(0, len(data), 2):
        total += data[i] << 8 | data[i + 1]
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    want = head[:16] + struct.pack('!H', ~total & 0xffff) + head[18:] + b'byte-exact'
    equal(segment_bytes(seg).hex(), want.hex(), 'the segment')
    equal(seg.raw[ip.proto_at], WIRE, 'IP protocol')


@case('S06', 'SYN and SYN+ACK: reserved bits and urgent pointer zero, ack zero without ACK, MSS 1460')
def syn_fields():
    tun = Tun()
    s, c = active(tun)
    syn = c.syn_seg
    equal((syn.letters, syn.ack, syn.reserved, syn.urg, syn.len), ('S', 0, 0, 0, 0), 'SYN')
    equal(syn.mss, ip.mss(), 'MSS of the SYN')
    equal(20 + len(syn.opts), syn.doff * 4, 'data offset')
    s, c = passive(tun)
    sa = c.synack
    equal((sa.letters, sa.reserved, sa.urg, sa.len), ('SA', 0, 0, 0), 'SYN+ACK')
    equal(sa.mss, ip.mss(), 'MSS of the SYN+ACK')
    equal([k for k, _ in sa.options()], [2], 'options answered to a SYN that offered the MSS only')


@case('S06', 'the MSS offered follows the MTU; no MSS option from the peer means 536')
def mss():
    mtu = 600 if ip.version == 4 else 1300
    tun = Tun(mtu=mtu)
    s, c = active(tun)
    equal(c.syn_seg.mss, ip.mss(mtu), 'MSS for an MTU of %d' % mtu)
    s, c = passive(tun, opts=b'')
    s.send(bytes(2000))
    c.rx('A', seq=1, length=ip.default_mss)


@case('S06', 'ports 1 and 65535 in the header, both ways')
def port_edges():
    tun = Tun()
    for port, sport in ((1, 65535), (65535, 1)):
        s, c = passive(tun, port=port, sport=sport)
        equal((c.synack.sport, c.synack.dport), (port, sport), 'ports of the SYN+ACK')
        s.close()


@case('S06', 'the peer\'s sequence numbers wrap at 2^32')
def peer_wraps():
    tun = Tun()
    for iss in (0xffffffff, 0xfffffffe, 0xfffffff6):
        s, c = passive(tun, iss=iss)
        equal(c.synack.ack, (iss + 1) & 0xffffffff, 'ack of the SYN')
        for chunk in (b'0123', b'456789', b'abcdefghij'):
            c.tx('PA', chunk)
            equal(recv_exactly(s, len(chunk)), chunk, 'data')
        c.rx('A', within=1)
        c.flush(1)
        equal(c.last.ack, (iss + 21) & 0xffffffff, 'ack after 20 bytes')
        dead_close(s)


@case('S06', 'our sequence numbers wrap at 2^32')
def we_wrap():
    tun = Tun()
    for isn in (0xffffffff, 0xfffffffe, 0xfffffff6):
        s, c = passive(tun, isn=isn)
        equal(c.synack.seq, isn, 'the ISN')
        for n, chunk in enumerate((b'0123', b'456789', b'abcdefghij')):
            s.send(chunk)
            seg = c.rx('PA', seq=1 + (0, 4, 10)[n], data=chunk)
            equal(seg.seq, (isn + 1 + (0, 4, 10)[n]) & 0xffffffff, 'sequence number')
            c.tx('A')
        s.shutdown(1)
        c.rx('FA', seq=21)
        dead_close(s)


@case('S06', 'a bulk transfer across the wrap in both directions')
def bulk_across_wrap():
    l = listener(ip.lo(), 7001, isn=0xffffff00)
    c = connect(l.getsockname(), isn=0xfffff000)
    s, _ = l.accept()
    transfer([(c, pattern(300000, 1), s), (s, pattern(300000, 2), c)])


@case('S06', 'the ack number counts only with the ACK bit: a SYN with one is a SYN; data without is dropped')
def ack_needs_bit():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn(ack=12345)
    c.rx('SA', ack=1)
    c.tx('A')
    s, _ = l.accept()
    c.tx('P', 'no ACK bit', seq=1)
    check(not wait_readable(s, 1), 'data without ACK was accepted')
    c.flush()
    c.tx('PA', 'ACK bit')
    equal(s.recv(100), b'ACK bit', 'data')


@case('S06', 'each flag is the bit that RFC 9293 gives it')
def flags():
    tun = Tun()
    s, c = active(tun)
    equal(flag_byte(c.syn_seg), 0x02, 'SYN')
    equal(flag_byte(c.last), 0x10, 'ACK')
    s.send(b'x')
    equal(flag_byte(c.rx()), 0x18, 'PSH ACK')
    c.tx('A')
    s.send(b'!', socket.MSG_OOB)
    seg = c.rx('PAU')
    equal(flag_byte(seg), 0x38, 'URG PSH ACK')
    equal(seg.urg, 1, 'the urgent pointer after one byte')
    c.tx('A')
    s.shutdown(1)
    equal(flag_byte(c.rx()), 0x11, 'FIN ACK')
    c.tx('A')
    c.tx('PA', 'unread')
    wait_readable(s)
    c.flush(1)
    s.close()
    equal(flag_byte(c.rx()) & 0x04, 0x04, 'RST')


@case('S06', 'the data offset at its edges: 5 and 15 words; data starts where it says')
def data_offset():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PA', 'five')
    equal(s.recv(100), b'five', 'doff 5')
    for n in range(4, 44, 4):
        c.tx('PA', 'n%d' % n, opts=NOP * n)
        equal(s.recv(100), b'n%d' % n, '%d bytes of options' % n)
    c.tx('PA', 'EOL', opts=EOL + b'\xff\xff\xff')
    equal(s.recv(100), b'EOL', 'what follows EOL is no option')


@case('S06', 'reserved bits are ignored on arrival and zero on departure')
def reserved():
    tun = Tun()
    s, c = passive(tun)
    c.tx('PA', 'reserved', reserved=15)
    equal(s.recv(100), b'reserved', 'data')
    equal(c.rx('A').reserved, 0, 'reserved bits of the ACK')


@case('S06', 'unknown options are skipped by their length, at any alignment')
def unknown_options():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    for n, opts in enumerate((b'\xfd\x04\x12\x34' + opt_mss(700), b'\x01\xfe\x03\x00' + opt_mss(700),
                              b'\x01\x01\x01' + opt_mss(700) + b'\x01', b'\xfd\x02' + opt_mss(700),
                              b'\x22\x02' + b'\x01' + opt_mss(700))):
        c = Conn(tun, 40001 + n, l.getsockname()[1])
        c.open(opts)
        s, _ = l.accept()
        s.send(bytes(1400))
        c.rx('A', seq=1, length=700, what=opts.hex())
        dead_close(s)


@case('S06', 'a wrong checksum is dropped and counted; the next right one is taken')
def bad_checksum():
    tun = Tun()
    s, c = passive(tun)
    before = counters()
    c.tx('PA', 'bad', seq=1, csum='bad')
    c.quiet(1)
    check(any('csum' in k.lower() for k in grown(before)), 'no counter of checksums grew: %r' %
          grown(before))
    c.tx('PA', 'good')
    equal(s.recv(100), b'good', 'data')


@case('S06', 'odd lengths and a checksum field of zero are read right')
def checksum_edges():
    tun = Tun()
    s, c = passive(tun)
    for n in range(1, 10):
        c.tx('PA', bytes(range(n)))
        equal(s.recv(100), bytes(range(n)), '%d bytes' % n)
    # find the data whose checksum comes out as 0
    probe = parse(build(c.addr, c.local, c.sport, c.dport, c.nxt, c.rcv_nxt, 'PA', data=b'\0\0'))
    data = struct.pack('!H', probe.csum)
    seg = parse(build(c.addr, c.local, c.sport, c.dport, c.nxt, c.rcv_nxt, 'PA', data=data))
    equal(seg.csum, 0, 'the checksum that was looked for')
    c.tx('PA', data)
    equal(s.recv(100), data, 'data under a zero checksum')


@case('S06', 'the pseudo-header carries the protocol number that is on the wire')
def pseudo_protocol():
    need(WIRE != socket.IPPROTO_TCP, 'there is no other number for the kernel\'s TCP')
    tun = Tun()
    s, c = passive(tun)
    seg = parse(build(c.addr, c.local, c.sport, c.dport, c.nxt, c.rcv_nxt, 'PA', data=b'six'))
    wrong = (seg.csum + WIRE - socket.IPPROTO_TCP) % 0xffff
    c.tx('PA', 'six', seq=1, csum=wrong)
    c.quiet(1)
    check(not wait_readable(s, 0), 'a checksum over protocol 6 was accepted')


def session():
    """A short connection with every kind of segment; returns the packets."""
    tun = Tun()
    s, c = active(tun, opts=opt_mss() + opt_sackok() + opt_ts(1000) + opt_ws(7))
    c.opts = lambda: opt_ts(2000, c.last.ts[0])
    s.send(b'hello')
    c.rx('PA')
    c.tx('A')
    s.send(b'!', socket.MSG_OOB)
    c.rx('PAU')
    c.tx('A')
    c.tx('PA', 'out of order', seq=100)
    c.rx('A')
    s.shutdown(1)
    c.rx('FA')
    dead_close(s)
    c.flush(1)
    return tun


def from_kernel(tun):
    return [s for _, d, s in tun.log if d == '<' and isinstance(s, Seg)]


@case('S06', 'scapy reads each segment as TCP: same fields, same options')
def scapy_reads():
    try:
        from scapy.layers.inet import TCP
    except ImportError:
        raise Skip('no scapy') from None
    segs = from_kernel(session())
    check(len(segs) >= 6, 'too few segments')
    for s in segs:
        t = TCP(segment_bytes(s))
        equal((t.sport, t.dport, t.seq, t.ack, t.dataofs, t.reserved, str(t.flags), t.window,
               t.chksum, t.urgptr, bytes(t.payload)),
              (s.sport, s.dport, s.seq, s.ack, s.doff, 0, ''.join(
                  c for c in 'FSRPAUEC' if c in s.letters), s.win, s.csum, s.urg, s.data), str(s))
        names = {2: 'MSS', 3: 'WScale', 4: 'SAckOK', 5: 'SAck', 8: 'Timestamp'}
        equal([n for n, _ in t.options if n not in ('NOP', 'EOL')],
              [names[k] for k, _ in s.options()], 'options of %s' % s)


@case('S06', 'tshark -d ip.proto==253,tcp reads each segment as TCP')
def tshark_reads():
    need(shutil.which('tshark'), 'no tshark')
    segs = from_kernel(session())
    with tempfile.NamedTemporaryFile(suffix='.pcap') as f:
        f.write(struct.pack('IHHIIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for n, s in enumerate(segs):
            f.write(struct.pack('IIII', n, 0, len(s.raw), len(s.raw)) + s.raw)
        f.flush()
        os.chmod(f.name, 0o644)
        fields = ['tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.hdr_len',
                  'tcp.flags', 'tcp.window_size_value', 'tcp.urgent_pointer', 'tcp.len']
        argv = ['tshark', '-n', '-r', f.name, '-T', 'fields']
        if WIRE != socket.IPPROTO_TCP:
            argv += ['-d', 'ip.proto==%d,tcp' % WIRE]
        for name in fields:
            argv += ['-e', name]
        out = run(*argv)
    rows = [l.split('\t') for l in out.splitlines() if '\t' in l]
    equal(len(rows), len(segs), 'segments read')
    for row, s in zip(rows, segs):
        got = [int(v, 0) for v in row]
        equal(got, [s.sport, s.dport, s.seq, s.ack, s.doff * 4, s.flags, s.win, s.urg, s.len],
              str(s))


main()
