#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S32: the handshake proves that both ends can send and receive."""

from lib import *


@case('S32', 'a client that cannot receive never reaches accept(): 300 blind guesses of the ack')
def blind_client():
    tun = Tun()
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001, addr=ip.addr(9, 1, 66))
    c.syn()
    sa = tun.next(lambda s: s.dst == c.addr)    # it goes to the owner of the address
    check(sa is not None, 'no SYN+ACK')
    for n in range(300):
        guess = (sa.seq + 1 + (n + 1) * 12345677) & 0xffffffff
        tun.write(build(c.addr, LOCAL, 40000, 7001, c.iss + 1, guess, 'PA', data=b'let me in'))
    check(not wait_readable(l, 60), 'a blind client was accepted')


@case('S32', 'an ACK without a SYN before it opens nothing')
def ack_only():
    tun = Tun()
    l = listener(port=7001)
    for n in range(100):
        Conn(tun, 40000 + n, 7001).tx('PA', 'data', seq=1, ack=n * 40000000)
    check(not wait_readable(l, 1), 'accepted')


@case('S32', 'near misses: each ack but the right one is refused, the right one is let in')
def near_misses():
    tun = Tun()
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001)
    c.syn()
    c.rx('SA')
    for ack in (0, 2, 3, 0xffffffff, 0x80000000, 0x80000001):
        c.tx('A', seq=1, ack=ack)
        check(not wait_readable(l, 0), 'ack %d was accepted' % ack)
    c.flush(0.1)
    c.tx('A')
    check(wait_readable(l, 0), 'the right ack was not accepted')


@case('S32', 'the owner of a spoofed address ends it with RST')
def owner_answers():
    tun = Tun()
    l = listener(port=7001)
    c = Conn(tun, 40000, 7001, addr=ip.addr(9, 1, 66))
    c.syn()
    c.rx('SA')
    c.tx('R', seq=1)
    c.tx('A', seq=1, ack=1)
    c.rx('R', what='the late third segment')
    check(not wait_readable(l, 1), 'accepted')


@case('S32', 'a server that cannot be heard is no peer: connect() does not succeed')
def deaf_client():
    Tun()
    s = tcp_socket(blocking=False)
    s.connect_ex((REMOTE, 7001))
    check(not wait_writable(s, 60), 'connected without an answer')
    equal(state(s), SYN_SENT, 'state')


@case('S32', 'after accept() both ends have heard each other: data flows both ways at once')
def proven():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'I hear you')
    c.rx('PA', seq=1, data='I hear you')
    c.tx('PA', 'so do I')
    equal(s.recv(100), b'so do I', 'data')


main()
