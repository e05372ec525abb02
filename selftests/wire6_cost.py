#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What tcpx costs the kernel's TCP, in instructions: nothing while no socket of protocol 6
is there, and one look-up while there is.

Counted where each instruction is a tick of the clock, from before the module is loaded:
scripts/vm --backend qemu --virtual-time --no-module -- python3 selftests/wire6_cost.py
"""

import gc
import os
import socket
import struct

from lib import *
from lib.cost import *

TCPX_PROTO, TCPX_WIRE_PROTOCOL = 253, 0x1002
TRIES, PROCESSES = 200, 9
# What it varies by without the module is up to 22; a look-up for each segment is 120 more
NOISE = 40


def real(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, TCPX_PROTO)
    s.setsockopt(TCPX_PROTO, TCPX_WIRE_PROTOCOL, 6)
    s.bind(('', port))
    return s


def tcp_pair(af, addr):
    l = socket.socket(af)
    l.bind((addr, 7000))
    l.listen(1)
    c = socket.socket(af)
    c.bind((addr, 7001))
    c.connect((addr, 7000))
    s, _ = l.accept()
    for x in (c, s):
        x.setsockopt(socket.SOL_TCP, socket.TCP_NODELAY, 1)
    return c, s


def round_trip(c, s):
    """The least instructions for an octet that goes and one that comes."""
    clock, best, costs = tsc(), None, []
    gc.disable()
    for _ in range(TRIES):
        start = clock()
        c.send(b'x')
        s.recv(1)
        s.send(b'y')
        c.recv(1)
        costs.append(clock() - start)
    gc.enable()
    return min(costs)


def cost(*args, **kw):
    """
    Hashes differ from process to process, and with them what else is in a chain.  One
    process in six counts 200 to 280 more, with the module or without.
    """
    return min(cost_once(*args, **kw) for _ in range(PROCESSES))


def cost_once(af, addr, wire6=0):
    """
    Of the kernel's TCP, in a process and a namespace of its own, so that each finds the
    same; with so many sockets of protocol 6 in it.
    """
    r, w = os.pipe()

    def child():
        with NetNS():
            kept = [real(8000 + n) for n in range(wire6)]
            for s in kept[1:]:
                s.listen(1)
            os.write(w, struct.pack('Q', round_trip(*tcp_pair(af, addr))))
    equal(in_child(child), 0, 'the measurement')
    got = struct.unpack('Q', os.read(r, 8))[0]
    os.close(r)
    os.close(w)
    return got


@case('wire 6', 'what the kernel\'s TCP costs: no more with the module, 1 % with a socket of protocol 6')
def costs():
    need(module_path(), 'TCPX_KO does not say where tcpx.ko is')
    was_loaded = loaded()
    if was_loaded:
        rmmod(3000)                         # orphans of earlier cases end by then
    families = [(socket.AF_INET, '127.0.0.1')]
    if os.path.exists('/proc/net/if_inet6'):
        families.append((socket.AF_INET6, '::1'))
    alone = [cost(*f) for f in families]
    again = [cost(*f) for f in families]
    insmod()
    beside = [cost(*f) for f in families]
    one = [cost(*f, wire6=1) for f in families]
    many = [cost(*f, wire6=100) for f in families]
    after = [cost(*f) for f in families]
    rmmod(3000)
    if was_loaded:
        insmod()
    for name, got in (('without the module', alone), ('the same again', again),
                      ('with the module', beside), ('with a socket of protocol 6', one),
                      ('with a hundred', many), ('when they are closed', after)):
        diag('%-28s %s' % (name, ', '.join('%d' % n for n in got)))
    if not COUNTED:
        return
    for what, got in (('the same again', again), ('with the module', beside),
                      ('when sockets of protocol 6 have been there', after)):
        for n, had in zip(got, alone):
            check(abs(n - had) <= NOISE, '%s: %d instructions, %d before' % (what, n, had))
    for got, had in zip(one + many, 2 * alone):
        check(got <= 1.01 * had, '%d instructions, %d before: more than 1 %% more' % (got, had))


main()
