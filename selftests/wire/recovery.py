# SPDX-License-Identifier: GPL-2.0
"""What goes again, and in what form."""

import socket

from wire import *
from handshake import for_each
from text import established, take, PLAIN
from lib import *

MSS = 1460


def sack(w, *blocks):
    return opt_sack(*((w.irs + a, w.irs + b) for a, b in blocks))


@for_each('timeout', [('%s-%d' % (o, n), o, n)
                      for o in ('ts', 'plain', 'bare') for n in (100, 3000, 20000)])
def timeout(name, opts, n):
    w = established(name, {'ts': ALL, 'plain': PLAIN, 'bare': opt_mss(1460)}[opts])
    w.write(n)
    for i in range(4):
        w.step('wait', 0.5 * (i + 1))
    take(w)


@script
def fast_retransmit(name):
    w = established(name)
    w.write(14600)
    for i in range(1, 5):
        w.send('A', ack=1, opts=sack(w, (1 + MSS, 1 + MSS * (i + 1))), what='SACK')
    w.send('A', ack=1 + 5 * MSS, what='ack')
    take(w)


@script
def fast_retransmit_no_sack(name):
    w = established(name, opt_mss(1460))
    w.write(14600)
    for i in range(5):
        w.send('A', ack=1, what='dupack')
    w.send('A', ack=1 + 3 * MSS, what='partial')
    w.send('A', ack=1 + 10 * MSS, what='all')
    w.write(5000)
    take(w)


@script
def two_holes(name):
    w = established(name)
    w.write(14600)
    w.send('A', ack=1, opts=sack(w, (1 + MSS, 1 + 2 * MSS)), what='SACK')
    for i in range(4, 11):
        w.send('A', ack=1, what='SACK',
               opts=sack(w, (1 + 3 * MSS, 1 + i * MSS), (1 + MSS, 1 + 2 * MSS)))
    w.send('A', ack=1 + 2 * MSS, opts=sack(w, (1 + 3 * MSS, 1 + 10 * MSS)), what='partial')
    take(w)


@script
def tail_loss(name):
    w = established(name)
    w.write(1460)
    w.step('rtt', 0.05)
    w.ack(1461)
    w.write(4380)
    w.step('wait', 0.3)
    w.step('wait', 0.5)
    w.send('A', ack=1 + 4 * MSS, opts=sack(w, (1 + 3 * MSS, 1 + 4 * MSS)), what='it was spurious')
    w.write(100)
    take(w)


@script
def push_again(name):
    """What is sent again is pushed as it was, though more has been written since."""
    w = established(name)
    w.set(socket.TCP_NODELAY, 1)
    w.write(100)
    w.write(200)
    w.step('wait', 0.5)
    w.step('wait', 1.05)
    take(w)


@script
def collapse(name):
    """Small segments sent again."""
    w = established(name)
    w.set(socket.TCP_NODELAY, 1)
    for n in (10, 20, 30, 40):
        w.write(n)
    w.step('wait', 0.5)
    w.step('wait', 1.05)
    take(w)


@script
def fin_lost(name):
    w = established(name)
    w.write(100)
    w.close()
    w.ack(101)
    w.step('wait', 0.4)
    w.step('wait', 1.05)
    take(w)


@script
def text_and_fin_lost(name):
    w = established(name)
    w.write(100)
    w.close()
    w.step('wait', 0.5)
    w.step('wait', 1.05)
    take(w)


@script
def window_smaller_than_lost(name):
    w = established(name)
    w.write(2920)
    w.send('A', ack=1, win=1000, what='it shrinks')
    w.step('wait', 0.5)
    w.step('wait', 1.05)
    w.send('A', ack=1, win=0, what='it closes')
    w.step('wait', 2.05)
    take(w)


@script
def urgent_again(name):
    w = established(name)
    w.write(10, socket.MSG_OOB)
    w.step('wait', 0.4)
    w.write(10)
    take(w)


@script
def ece(name):
    w = Wire(name)
    sysctl('ecn', 1)
    w.listen()
    w.send('SEC', opts=PLAIN)
    w.send('A')
    w.accept()
    w.write(14600)
    w.send('EA', ack=1 + MSS, what='ECE')
    w.send('EA', ack=1 + 4 * MSS, what='ECE')
    w.send('A', ack=1 + 10 * MSS, what='all')
    w.write(3000)
    w.step('wait', 0.5)
    take(w)


@script
def frag_needed(name):
    w = established(name)
    w.write(4380)
    w.step('wait', 0.01)
    quoted = build(w.tun.local, REMOTE, PORT, w.sport, w.irs + 1)
    w.tun.icmp(ip.TOO_BIG, quoted, rest=1280 + MORE)
    w.step('fragmentation needed')
    take(w)


@script
def reordering(name):
    w = established(name)
    w.write(14600)
    w.step('rtt', 0.05)
    w.send('A', ack=1, opts=sack(w, (1 + MSS, 1 + 2 * MSS)), what='SACK')
    w.send('A', ack=1 + 2 * MSS, what='the first came late')
    take(w)
