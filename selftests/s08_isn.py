#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S08: initial sequence numbers by RFC 6528: a clock plus a keyed hash of the 4-tuple."""

import errno

from lib import *

M = 1 << 32


def isn_of(tun, l, sport, addr=REMOTE):
    """The ISN of the SYN+ACK to one SYN; the half-open connection is taken back."""
    c = Conn(tun, sport, l.getsockname()[1], addr)
    c.syn()
    sa = c.rx('SA')
    c.tx('R', seq=1)
    return sa.seq


def spread(isns):
    """Chi-squared of the top four bits, and of the low four, over 16 bins."""
    out = []
    for shift in (28, 0):
        bins = [0] * 16
        for n in isns:
            bins[n >> shift & 15] += 1
        e = len(isns) / 16
        out.append(sum((b - e) ** 2 / e for b in bins))
    return out


def no_pattern(isns, what):
    equal(len(set(isns)), len(isns), what + ': distinct numbers')
    # 15 degrees of freedom: above 56 once in a million
    top, low = spread(isns)
    check(top < 56, '%s: the top bits are not spread: chi2 = %.1f' % (what, top))
    diag('%s: chi2 of the top bits %.1f, of the low bits %.1f' % (what, top, low))
    steps = [(b - a) % M for a, b in zip(isns, isns[1:])]
    check(len(set(steps)) > len(steps) * 0.98, what + ': the steps repeat')
    up = sum(1 for s in steps if s < M // 2)
    n = len(steps)
    # a fair coin, six sigma
    check(abs(up - n / 2) < 3 * n ** 0.5, '%s: %d of %d steps go up' % (what, up, n))
    same_bits = [sum((a ^ b) >> i & 1 for a, b in zip(isns, isns[1:])) / n for i in range(16, 32)]
    check(all(0.5 - 3 / n ** 0.5 < p < 0.5 + 3 / n ** 0.5 for p in same_bits),
          '%s: bits that do not flip half the time: %r' % (what, same_bits))


@case('S08', 'passive: no pattern across 512 tuples that differ in the client\'s port')
def passive_ports():
    tun = Tun()
    l = listener(backlog=1024)
    no_pattern([isn_of(tun, l, 10000 + n) for n in range(512)], 'ports')


@case('S08', 'passive: no pattern across 240 tuples that differ in the client\'s address')
def passive_addresses():
    tun = Tun()
    l = listener(backlog=1024)
    no_pattern([isn_of(tun, l, 10000, ip.addr(9, 1, n)) for n in range(10, 250)], 'addresses')


@case('S08', 'passive: the server\'s own port is part of the hash')
def server_ports():
    tun = Tun()
    no_pattern([isn_of(tun, listener(ip.ANY, 7000 + n), 10000) for n in range(256)], 'own ports')


@case('S08', 'active: no pattern across 256 connections to one destination')
def active_opens():
    tun = Tun()
    isns = []
    for n in range(256):
        s = tcp_socket(blocking=False)
        c = syn_sent(tun, s, 7001)
        isns.append(c.syn_seg.seq)
        c.tx('RA', ack=1)
        s.close()
    no_pattern(isns, 'active')


@case('S08', 'a reincarnation of one tuple starts higher, for every pause from 1 ms to 1 min')
def rises():
    tun = Tun()
    l = listener()
    last = isn_of(tun, l, 10000)
    for pause in (0.001, 0.01, 0.1, 1, 10, 60):
        sleep(pause)
        isn = isn_of(tun, l, 10000)
        check(lt(last, isn), 'after %g s: %d, then %d' % (pause, last, isn))
        last = isn


@case('S08', 'the part that rises is one clock: equal steps for two tuples in equal times')
def one_clock():
    tun = Tun()
    l = listener()
    t0 = now()
    a0, b0 = isn_of(tun, l, 10000), isn_of(tun, l, 10001)
    sleep(10)
    t1 = now()
    a1, b1 = isn_of(tun, l, 10000), isn_of(tun, l, 10001)
    da, db = (a1 - a0) % M, (b1 - b0) % M
    # between the two SYNs of a pair some work is done: allow 5 ms of 10 s
    check(abs(da - db) <= max(da, db) * 0.0005 + 1, 'steps %d and %d' % (da, db))
    rate = da / (t1 - t0)
    diag('the clock ticks every %.3f us: it wraps in %.0f s' % (1e6 / rate, M / rate))
    # RFC 9293 3.4.1 asks for about 4 us; a number must not come again within an MSL
    check(M / rate > 60, 'the clock wraps within 2MSL')


@case('S08', 'the hash is keyed: it does not follow from addresses and ports alone')
def keyed():
    # The key is drawn at boot (or insmod), the same for every namespace of this boot: what
    # can be seen from inside is that related inputs give unrelated outputs.
    tun = Tun()
    l = listener(backlog=1024)
    base = [isn_of(tun, l, 10000 + n) for n in range(0, 256)]
    nxt = [isn_of(tun, l, 10000 + n, ip.addr(9, 1, 3)) for n in range(0, 256)]
    diffs = [(b - a) % M for a, b in zip(base, nxt)]
    no_pattern(diffs, 'differences between two addresses')


@case('S08', 'neither fixed nor read without CAP_NET_ADMIN: the next one on these four is another\'s')
def own_number():
    need(TCPX, 'an option of tcpx')

    def body():
        s = tcp_socket()
        raises(errno.EPERM, set_isn, s, 1)
        raises(errno.EPERM, s.getsockopt, SOL, TCPX_ISN)
    unprivileged(body)
    tcp_socket().getsockopt(SOL, TCPX_ISN)


main()
