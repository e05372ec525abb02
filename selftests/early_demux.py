#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Early demux: whose segments need no look-up of the route to this host, and whose do."""

import os
import socket
import struct

from lib import *

FIB = 'fib6/fib6_table_lookup' if ip.version == 6 else 'fib/fib_table_lookup'
OTHER = ip.addr(3, 0, 1)


class Lookups:
    """How often a route is looked up, from its making on."""

    def __init__(self):
        need_tracefs()
        self.dir = os.path.join(TRACEFS, 'instances', 'early%d' % os.getpid())
        os.mkdir(self.dir)
        event = os.path.join(self.dir, 'events', FIB)
        need(os.path.exists(event), 'no tracepoint %s' % FIB)
        with open(os.path.join(event, 'enable'), 'w') as f:
            f.write('1')

    def count(self):
        with open(os.path.join(self.dir, 'trace')) as f:
            return sum(not line.startswith('#') for line in f)

    def close(self):
        n = self.count()
        os.rmdir(self.dir)
        return n


def hooked(s, c):
    """A segment has come by the device, and the hook is there: it is registered by a worker."""
    c.tx('A', b'first')
    equal(s.recv(100), b'first', 'what came')
    c.rx('A', ack=c.nxt - c.iss)
    sleep(0.1)


def send(s, c, n):
    """@n segments of one byte; how often a route was looked up for them."""
    lookups = Lookups()
    for _ in range(n):
        c.tx('A', b'.')
    equal(len(recv_exactly(s, n)), n, 'what came')
    return lookups.close()


def joined():
    tun = Tun()
    s, c = passive(tun)
    hooked(s, c)
    return tun, s, c


@case('RFC 1122, 3.3', 'a connection\'s segments need no look-up of the route')
def none():
    _, s, c = joined()
    least = send(s, c, 100)
    check(least < 10, '%d look-ups for 100 segments' % least)


@case('RFC 1122, 3.3', 'net.ipv4.ip_early_demux and tcp_early_demux turn it off')
def off():
    _, s, c = joined()
    for name in 'net.ipv4.ip_early_demux', 'net.ipv4.tcp_early_demux':
        sysctl(name, 0)
        most = send(s, c, 100)
        check(most >= 100, '%s: %d look-ups for 100 segments' % (name, most))
        sysctl(name, 1)
    check(send(s, c, 100) < 10, 'on again')


@case('RFC 1122, 3.3', 'an address that is not ours any more gets nothing, and later again')
def address_goes():
    tun, s, c = joined()
    add_addr(tun.name, ip.addr(3, 0, 9))
    run_ip('addr', 'del', '%s/%d' % (LOCAL, ip.prefix), 'dev', tun.name)
    c.tx('A', b'lost', seq=6)
    sleep(0.1)
    check(not wait_readable(s, 0.5), 'what came to an address that is not here')
    add_addr(tun.name, LOCAL)
    c.tx('A', b'found', seq=6)
    equal(s.recv(100), b'found', 'what came')


@case('RFC 3704', 'what comes by another device is looked up: strict reverse path filtering holds')
def other_device():
    need(ip.version == 4, 'IPv6 has no rp_filter')
    _, s, c = joined()
    other = Tun('tun1', OTHER)
    sysctl('net.ipv4.conf.tun1.rp_filter', 1)
    hooked(s, c)            # the routes have changed, and the way is learned anew
    c.tun.write, write = other.write, c.tun.write
    c.tx('A', b'spoofed', seq=11)
    check(not wait_readable(s, 0.5), 'what came by another device')
    c.tun.write = write
    c.tx('A', b'true', seq=11)
    equal(s.recv(100), b'true', 'what came')


@case('RFC 1122, 3.3', 'what comes by another device where the way back may be another')
def two_devices():
    _, s, c = joined()
    other = Tun('tun1', OTHER)
    if ip.version == 4:
        for name in 'all', 'tun1', 'tun0':
            sysctl('net.ipv4.conf.%s.rp_filter' % name, 0)
    write, got = c.tun.write, b''
    for i in range(20):
        c.tun.write = other.write if i & 1 else write
        c.tx('A', b'%d.' % i)
        got += s.recv(100)
    equal(got, b''.join(b'%d.' % i for i in range(20)), 'what came')


@case('RFC 9293, 3.10.4', 'a socket that is connected again forgets its first connection\'s way')
def again():
    tun = Tun()
    s, c = active(tun)
    hooked(s, c)
    unspec = struct.pack('H26x', socket.AF_UNSPEC)
    equal(libc.connect(s.fileno(), unspec, len(unspec)), 0, 'connect() to AF_UNSPEC')
    c.flush(0.5)
    c2 = Conn(tun, 7009, 0)
    s.setblocking(False)
    s.connect_ex((REMOTE, 7009))
    syn = tun.next(lambda g: g.dport == 7009)
    check(syn, 'no SYN')
    c2.dport, c2.irs, c2.rcv_nxt = syn.sport, syn.seq, syn.end
    c2.tx('SA')
    c2.rx('A', seq=1, ack=1)
    s.setblocking(True)
    hooked(s, c2)
    check(send(s, c2, 20) < 5, 'look-ups on the second connection')


@case('RFC 1122, 3.3', 'what belongs to no socket is answered as ever: TIME-WAIT, and nobody')
def no_sockets():
    tun, s, c = joined()
    s.close()
    c.rx('FA')
    c.tx('FA')
    c.rx('A')
    c.tx('FA', seq=c.nxt - 1 - c.iss)
    c.rx('A', what='TIME-WAIT')
    stranger = Conn(tun, 5, c.dport)
    stranger.irs, stranger.rcv_nxt = 1, 1
    stranger.tx('A')
    stranger.rx('R', what='nobody')


main()
