#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The hooks of security modules, on every way in which two ends become synchronized.

For kernels that have one: scripts/vm --backend qemu --append 'security=selinux selinux=1'.
"""

import errno
import socket

from lib import *

SO_PEERSEC, MSG_FASTOPEN, TCP_FASTOPEN, TCP_FASTOPEN_NO_COOKIE = 31, 0x20000000, 23, 34
# The label is told of the kernel's own TCP sockets, by their class
UNLABELLED = (errno.ENOPROTOOPT,)


def asked_for():
    """security=NAME of the kernel's command line, or None."""
    with open('/proc/cmdline') as f:
        words = f.read().split()
    return next((w[9:] for w in words if w.startswith('security=')), None)


def both_ways(a, b):
    for x, y in ((a, b), (b, a)):
        x.sendall(b'hello')
        equal(recv_exactly(y, 5), b'hello', 'text')
        try:
            x.getsockopt(socket.SOL_SOCKET, SO_PEERSEC, 256)
        except OSError as e:
            check(not TCPX or e.errno in UNLABELLED, 'SO_PEERSEC: %s' % e)


@case('LSM', 'the security module that the kernel was started with is there')
def there():
    name = asked_for()
    need(name, 'none was asked for')
    run('mount', '-t', 'securityfs', 'none', '/sys/kernel/security', may_fail=True)
    with open('/sys/kernel/security/lsm') as f:
        check(name in f.read().strip().split(','), name + ' is not among them')


@case('LSM', 'connect() and accept()')
def plain():
    c, s = pair()
    both_ways(c, s)


@case('LSM', 'a connection that a SYN cookie opens')
def cookie():
    sysctl('syncookies', 2)
    c, s = pair()
    both_ways(c, s)


@case('LSM', 'a connection that the payload of a SYN opens: RFC 7413')
def fastopen():
    sysctl('fastopen', 3)
    with tcp_socket(True) as l:
        l.bind((ip.lo(), 0))
        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)
        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1)
        l.listen()
        c = tcp_socket()
        c.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1)
        equal(c.sendto(b'early', MSG_FASTOPEN, l.getsockname()), 5, 'sendto')
        s, _ = l.accept()
    equal(recv_exactly(s, 5), b'early', 'text')
    both_ways(c, s)


@case('LSM', 'both connect at once: 3.5, figure 7')
def simultaneous():
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 7001)
    c.tx('S', opts=opt_mss())
    c.rx('SA', seq=0, ack=1)
    c.tx('A')
    equal(wait_state(s, ESTABLISHED), ESTABLISHED, 'state')


@case('LSM', 'an address that no route leads to, and a port that nobody listens at')
def refused():
    for to, err in ((ip.lo(), errno.ECONNREFUSED), (ip.addr(77, 0, 1), errno.ENETUNREACH)):
        raises(err, tcp_socket().connect, (to, 9), what='connect to ' + to)


if __name__ == '__main__':
    main()
