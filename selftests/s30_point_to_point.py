#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S30: point to point: no broadcast, no multicast; and what a header costs."""

import errno
import socket

from lib import *


MANY = (('255.255.255.255', '10.9.1.255', '224.0.0.1', '239.1.2.3') if ip.version == 4 else
        ('ff02::1', 'ff0e::1', 'ff05::1:3'))


@case('S30', 'connect() to a broadcast or multicast address is refused: ENETUNREACH')
def connect_refused():
    tun = Tun()
    run_ip('route', 'add', 'default', 'dev', 'tun0')
    for addr in MANY:
        raises(errno.ENETUNREACH, tcp_socket().connect, (addr, 7001), what='connect to ' + addr)
    check(tun.next(within=1) is None, 'something was sent')


@case('S30', 'a SYN to a broadcast or multicast address is discarded silently (MUST-57)')
def syn_to_many():
    tun = Tun()
    l = listener(port=7001)
    for n, addr in enumerate(MANY[:3]):
        c = Conn(tun, 40000 + n, 7001, local=addr)
        # over IPv6 a listener of the kernel's TCP resets the others
        for flags in ('S', 'A', 'SA', 'FA', '') if TCPX or ip.version == 4 else ('S',):
            c.tx(flags, seq=0, ack=5)
    check(tun.next(within=3) is None, 'it was answered')
    check(not wait_readable(l, 0), 'accepted')


@case('S30', 'the same where nobody listens: no RST')
def closed_port():
    tun = Tun()
    for n, addr in enumerate(MANY[:3]):
        c = Conn(tun, 40000 + n, 7001, local=addr)
        c.tx('S')
        c.tx('A', seq=0, ack=5)
    check(tun.next(within=3) is None, 'it was answered')


@case('S30', 'a SYN from a broadcast, multicast or zero address is discarded silently (MUST-63)')
def syn_from_many():
    tun = Tun()
    sysctl('net.ipv4.conf.all.rp_filter', 1)        # the IP layer looks at unicast sources only then
    l = listener(port=7001)
    for n, addr in enumerate((*MANY[:3], ip.ANY)):
        Conn(tun, 40000 + n, 7001, addr=addr).tx('S', opts=opt_mss())
    check(tun.next(within=3) is None, 'it was answered')
    check(not wait_readable(l, 0), 'accepted')


@case('S30', 'a frame sent to all hosts on the link carries no segment for us')
def link_broadcast():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
        out = Capture('vb', outgoing=True)
    pkt = build(Veth.A, Veth.B, 40000, 7001, 1000, 0, 'S', opts=opt_mss())
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ip.ethertype)) as raw:
        raw.sendto(pkt, ('va', ip.ethertype, 0, 0, b'\xff' * 6))
    sleep(1)
    equal(out.poll(), [], 'answers')
    check(not wait_readable(l, 0), 'accepted')


@case('S30', 'connect() to 0.0.0.0 goes to the host itself, as TCP\'s does')
def connect_any():
    l = listener(ip.ANY, 7001)
    c = connect((ip.ANY, 7001))
    s, _ = l.accept()
    equal(c.getpeername()[0], ip.lo(), 'peer')


def overhead(options):
    """Bytes of transport header on the wire for 1 MiB, in steady state."""
    for name in ('timestamps', 'sack', 'window_scaling'):
        sysctl(name, options)
    veth = Veth()
    with veth.b:
        for name in ('timestamps', 'sack', 'window_scaling'):
            sysctl(name, options)
        l = listener(Veth.B, 7001)
        # segments as they are on the wire, not as the stack hands them over
        run('ethtool', '-K', 'vb', 'gro', 'off', 'tso', 'off', 'gso', 'off')
    run('ethtool', '-K', 'va', 'gso', 'off', 'tso', 'off', 'gro', 'off')
    cap = Capture('va')
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    transfer([(c, pattern(1 << 20), s)])
    segs = [x for x in cap.poll() if x.len]
    return segs


@case('S30', 'steady-state overhead: 20 bytes a segment, against UDP\'s 8')
def measured():
    segs = overhead(0)
    heads = sum(x.doff * 4 for x in segs)
    data = sum(x.len for x in segs)
    diag('%d segments, %d bytes of data, %d bytes of header: %.2f bytes a segment (UDP: 8)' % (
        len(segs), data, heads, heads / len(segs)))
    diag('%.3f %% of the payload; UDP would cost %.3f %%' % (
        100 * heads / data, 100 * 8 * len(segs) / data))
    equal({x.doff * 4 for x in segs}, {20}, 'header sizes without options')
    full = [x for x in segs if x.len == ip.mss()]
    check(len(full) > len(segs) * 0.9, 'only %d of %d segments are full' % (len(full), len(segs)))


@case('S30', 'with timestamps: 32 bytes a segment')
def measured_timestamps():
    segs = overhead(1)
    heads = sum(x.doff * 4 for x in segs)
    diag('%d segments: %.2f bytes a segment' % (len(segs), heads / len(segs)))
    equal({x.doff * 4 for x in segs}, {32}, 'header sizes with timestamps')
    equal(max(x.len for x in segs), ip.mss() - 12, 'the segment size, options not counted')


main()
