# SPDX-License-Identifier: GPL-2.0
"""Payload leaves: how it is cut, pushed, held back, probed for, and marked urgent."""

import os
import socket

from wire import *
from handshake import for_each
from lib import *

MORE = socket.MSG_MORE
PLAIN = opt_mss(1460) + opt_sackok()
MSS = 1460
CORK = socket.TCP_CORK


def established(name, opts=PLAIN, win=32768, before=None, nodelay=False, rtt=RTT):
    w = Wire(name)
    w.win = win
    w.passive(opts, before=before, rtt=rtt)
    if nodelay:
        w.set(socket.TCP_NODELAY, 1)
    return w


def take(w, most=6):
    """Acknowledge what comes, so many times: the steps are the same for every stack."""
    for _ in range(most):
        w.send('A', what='ack')


@for_each('write', [('%d' % n, n) for n in (
    1, 1459, 1460, 1461, 2920, 5000, 14600, 14601, 20000, 65000)])
def write(name, n):
    w = established(name)
    w.write(n)
    take(w)


@for_each('write-near', [('%d' % n, n) for n in (2920, 14600, 30000)])
def write_near(name, n):
    """The same on a short path: larger bursts."""
    w = established(name, rtt=0)
    w.write(n)


@for_each('write-ts', [('%d' % n, n) for n in (1, 1448, 1449, 14480, 30000)])
def write_ts(name, n):
    w = established(name, ALL, win=1000)
    w.write(n)
    take(w)


@for_each('writes', [('-'.join(map(str, n)), n) for n in (
    (1, 1, 1), (100, 2000), (2000, 100, 100), (1460, 1460), (1461, 1461), (30000, 30000),
    (14600, 1460), (20000, 1, 20000), (40000, 20000, 5000))])
def writes(name, sizes):
    w = established(name)
    for n in sizes:
        w.write(n)
    take(w)


@for_each('nodelay', [('-'.join(map(str, n)), n) for n in (
    (1, 1, 1), (100, 2000), (2000, 100, 100), (1461, 1461))])
def writes_nodelay(name, sizes):
    w = established(name, nodelay=True)
    for n in sizes:
        w.write(n)
    take(w)


@for_each('more', [('-'.join(map(str, n)), n) for n in (
    (1,), (100, 100), (1460,), (2000,), (5000,), (30000,))])
def more(name, sizes):
    w = established(name)
    for n in sizes:
        w.write(n, MORE)
    w.step('wait', 0.3)
    w.write(10)
    take(w)


@script
def more_then_close(name):
    w = established(name)
    w.write(100, MORE)
    w.close()
    take(w)


@script
def more_then_push(name):
    w = established(name)
    w.write(2000, MORE)
    w.write(100)
    take(w)


@for_each('cork', [('%d' % n, n) for n in (100, 1460, 3000, 30000)])
def cork(name, n):
    w = established(name)
    w.set(CORK, 1, what='cork')
    w.write(n)
    w.write(50)
    w.set(CORK, 0, what='uncork')
    take(w)


@script
def cork_timeout(name):
    w = established(name)
    w.set(CORK, 1, what='cork')
    w.write(100)
    w.step('wait', 0.3)
    w.ack(101)


@script
def cork_nodelay(name):
    w = established(name)
    w.set(CORK, 1, what='cork')
    w.write(100)
    w.set(socket.TCP_NODELAY, 1, what='nodelay')
    w.write(100)
    w.set(CORK, 0, what='uncork')


@script
def cork_close(name):
    w = established(name)
    w.set(CORK, 1, what='cork')
    w.write(100)
    w.close()


@for_each('peer-window', [('%d' % n, n) for n in (1, 100, 500, 1460, 2000, 5000)])
def peer_window(name, win):
    w = established(name, win=win)
    w.write(10000)
    take(w)
    w.step('wait', 0.3)


@script
def half_window(name):
    """The second of two small segments, the window small."""
    w = established(name, win=2000)
    w.write(900)
    w.write(1500)
    w.step('wait', 0.25)


@script
def zero_window(name):
    w = established(name, win=2000)
    w.write(4000)
    w.ack(2001, win=0)
    for _ in range(5):
        w.step('wait', 1.05)
    w.send('A', ack=2001, win=0, what='the probe answered')
    w.step('wait', 2.05)
    w.send('A', ack=2001, win=2000, what='it opens')
    take(w)


@script
def zero_window_at_once(name):
    """No window from the start."""
    w = established(name, win=0)
    w.write(100)
    for _ in range(4):
        w.step('wait', 0.5)
    w.send('A', win=100, what='it opens')


@script
def window_of_one(name):
    w = established(name, win=2000)
    w.write(4000)
    w.ack(2001, win=0)
    w.step('wait', 0.5)
    w.send('A', win=1, what='one octet')
    w.step('wait', 1.05)
    w.send('A', win=4000, what='all')
    take(w)


@script
def window_shrinks(name):
    w = established(name, win=10000)
    w.write(14600)
    w.ack(1461, win=2000)
    w.write(10)
    w.send('PA', 10, win=2000)
    w.step('wait', 0.1)


@script
def urgent(name):
    w = established(name)
    w.write(10)
    w.write(1, socket.MSG_OOB)
    w.ack(11)
    w.write(10)
    take(w)


@script
def urgent_large(name):
    w = established(name)
    w.write(3000, socket.MSG_OOB)
    w.write(100)
    take(w)


@script
def urgent_far(name):
    """The urgent octet is beyond what the pointer reaches."""
    w = established(name, opt_mss(1460) + opt_ws(4), win=32768)
    w.set(32, 1 << 20, level=socket.SOL_SOCKET)         # SO_SNDBUFFORCE
    w.write(100000)
    w.write(1, socket.MSG_OOB)
    take(w)


@script
def small_buffer(name):
    """Writes that wait for room."""
    w = established(name, before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608))
    w.write(20000)
    take(w)


@script
def user_mss(name):
    w = established(name, before=lambda l: l.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 500))
    w.write(1600)
    take(w)


@script
def vectors(name):
    w = established(name)
    w.call('writev', w.sock.sendmsg, [bytes(100), bytes(2000), bytes(50)])
    take(w)


@script
def sendfile(name):
    with open('/tmp/wire-sendfile', 'wb') as f:
        f.write(bytes(10000))
    w = established(name)
    with open('/tmp/wire-sendfile', 'rb') as f:
        w.call('sendfile', os.sendfile, w.sock.fileno(), f.fileno(), 0, 10000)
    take(w)


@script
def answer_piggybacked(name):
    w = established(name, ALL)
    w.send('PA', 100)
    w.send('PA', 100)
    w.write(200)
    w.send('PA', 100, ack=201)
    w.step('wait', 0.1)


@script
def late_options(name):
    """The MSS leaves room for SACK blocks."""
    w = established(name, ALL)
    w.send('A', 100, seq=1001)
    w.send('A', 100, seq=3001)
    w.write(4000)
    take(w)


@script
def idle_restart(name):
    w = established(name)
    w.write(14600)
    take(w)
    w.step('wait', 10)
    w.write(40000)


@script
def write_after_quick(name):
    """Both directions."""
    w = established(name, ALL)
    for _ in range(3):
        w.send('PA', 1000)
        w.read(1000)
        w.write(1000)
        w.send('A', what='ack')
