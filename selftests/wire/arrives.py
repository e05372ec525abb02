# SPDX-License-Identifier: GPL-2.0
"""What answers a segment: acknowledgements, windows, blocks, challenges, resets."""

import socket

from wire import *
from handshake import for_each
from text import established, take, PLAIN
from lib import *


@for_each('in-order', [('%s-%d' % (o, n), o, n) for o in ('ts', 'plain') for n in (1, 100, 1448)])
def in_order(name, opts, n):
    w = established(name, ALL if opts == 'ts' else PLAIN)
    for i in range(6):
        w.send('PA', n)
    w.step('wait', 0.1)
    for i in range(3):
        w.send('PA', n)
        w.read(2000)
    w.step('wait', 0.1)


@script
def out_of_order(name):
    w = established(name, ALL)
    for seq in (101, 301, 501, 701, 901, 1101):
        w.send('A', 100, seq=seq)
    w.send('A', 100, seq=201)
    w.send('A', 100, seq=1)
    w.send('A', 100, seq=601)
    w.send('A', 100, seq=401)
    w.send('A', 500, seq=801)
    w.step('wait', 0.1)


@script
def out_of_order_no_sack(name):
    w = established(name, opt_mss(1460))
    for seq in (101, 301, 101, 1, 201):
        w.send('A', 100, seq=seq)


@script
def duplicates(name):
    w = established(name, ALL)
    w.send('PA', 500)
    w.send('PA', 500, seq=1)
    w.send('PA', 100, seq=201)
    w.send('PA', 600, seq=1)
    w.send('PA', 100, seq=1001)
    w.send('PA', 100, seq=1001)
    w.send('PA', 200, seq=951)
    w.send('PFA', 100, seq=2001)
    w.send('FA', seq=2101)
    w.send('PA', 1500, seq=601)
    w.send('PFA', 100, seq=2001)


# flags, bytes, and what is not as it should be; RCV.NXT and SND.NXT are 1001
UNACCEPTABLE = (
    ('below', 'A', 0, {'seq': 501}),
    ('below-text', 'PA', 100, {'seq': 501}),
    ('beyond', 'A', 0, {'seq': 10000000}),
    ('beyond-text', 'PA', 100, {'seq': 10000000}),
    ('at-edge', 'A', 0, {'seq': 1001 + 65160}),
    ('over-edge', 'PA', 1000, {'seq': 1001 + 64800}),
    ('syn', 'S', 0, {'seq': 1001, 'opts': ALL}),
    ('syn-text', 'S', 100, {'seq': 501}),
    ('synack', 'SA', 0, {'seq': 0, 'ack': 1, 'opts': ALL}),
    ('no-ack', 'P', 100, {'seq': 1001}),
    ('none', '', 0, {'seq': 1001}),
    ('probe', 'A', 0, {'seq': 1000}),
    ('probe-octet', 'A', 1, {'seq': 1000}),
    ('ack-unsent', 'A', 0, {'seq': 1001, 'ack': 5001}),
    ('ack-unsent-text', 'PA', 100, {'seq': 1001, 'ack': 5001}),
    ('ack-old', 'A', 0, {'seq': 1001, 'ack': 500}),
    ('ack-very-old', 'A', 0, {'seq': 1001, 'ack': -10000000}),
    ('ack-very-old-text', 'PA', 100, {'seq': 1001, 'ack': -10000000}),
    ('paws', 'A', 0, {'seq': 1001, 'opts': opt_ts(5)}),
    ('paws-text', 'PA', 100, {'seq': 1001, 'opts': opt_ts(5)}),
    ('no-ts', 'A', 0, {'seq': 1001, 'opts': b''}),
    ('no-ts-text', 'PA', 100, {'seq': 1001, 'opts': b''}),
    ('fin-below', 'FA', 0, {'seq': 501}),
)


@for_each('unacceptable', UNACCEPTABLE)
def unacceptable(name, flags, n, odd):
    w = established(name, ALL)
    w.send('PA', 1000)
    w.read(1000)
    w.write(1000)
    w.ack(1001)
    w.step('wait', 1.05)
    for _ in range(3):
        w.send(flags, n, **odd)
        w.step('wait', 0.1)
    w.step('wait', 1.05)
    w.send('A', what='later', seq=501)


@script
def urgent_arrives(name):
    w = established(name)
    w.send('PUA', 10, urg=5)
    w.send('PA', 10)
    w.step('wait', 0.1)
    w.send('UA', urg=10)
    w.read(100)
    w.read(100)


@for_each('fill', [('%d' % n, n) for n in (1460, 500)])
def fill(name, n):
    """Payload arrives until there is no window, and is read."""
    w = established(name, before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192))
    for _ in range(8):
        w.send('PA', n)
    w.step('wait', 0.1)
    for _ in range(4):
        w.read(n)
    w.read(100000)


@script
def fill_default(name):
    w = established(name)
    for _ in range(50):
        w.send('PA', 1460)
    w.step('wait', 0.1)
    for _ in range(5):
        w.read(10000)
    w.read(100000)


@script
def read_as_it_comes(name):
    w = established(name, ALL)
    for _ in range(60):
        w.send('PA', 1448)
        w.read(2000)


@script
def keepalive(name):
    w = established(name, ALL)
    w.set(socket.SO_KEEPALIVE, 1, level=socket.SOL_SOCKET)
    w.set(socket.TCP_KEEPIDLE, 10)
    w.set(socket.TCP_KEEPINTVL, 2)
    w.set(socket.TCP_KEEPCNT, 3)
    w.step('wait', 10.5)
    w.send('A', what='answered')
    w.step('wait', 10.5)
    for _ in range(4):
        w.step('wait', 2.05)
    w.send('PA', 10)


@script
def quickack_off(name):
    w = established(name, ALL)
    for _ in range(3):
        w.set(socket.TCP_QUICKACK, 0)
        w.send('PA', 100)
        w.step('wait', 0.1)
    w.set(socket.TCP_QUICKACK, 1, what='quickack')
    w.send('PA', 100)


@script
def fin_beyond_hole(name):
    w = established(name, ALL)
    w.send('PFA', 100, seq=101)
    w.send('PA', 100, seq=1)
    w.step('wait', 0.1)
    w.read(300)
    w.close()
