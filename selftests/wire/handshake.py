# SPDX-License-Identifier: GPL-2.0
"""How a connection begins: options offered and agreed, windows, ECN, repeated and odd segments."""

import itertools
import socket

from wire import *
from lib import *

MSS, SACKOK, TS, WS = opt_mss(1460), opt_sackok(), opt_ts(TSVAL), opt_ws(7)


def subsets():
    """(name, options) of each set of options that a peer may offer."""
    for n in itertools.product((0, 1), repeat=4):
        names = [w for on, w in zip(n, ('mss', 'sack', 'ts', 'ws')) if on]
        yield '-'.join(names) or 'none', b''.join(
            o for on, o in zip(n, (MSS, SACKOK, TS, WS)) if on)


def for_each(name, cases):
    """A script for each of @cases: (name, arguments)."""
    def add(fn):
        for what, *args in cases:
            def one(title, args=args):
                fn(title, *args)
            one.__name__ = '%s_%s' % (name, what)
            script(one)
        return fn
    return add


@for_each('syn-with', subsets())
def syn_with(name, opts):
    w = Wire(name)
    w.passive(opts)
    w.send('PA', 100)
    w.write(100)


@for_each('synack-with', subsets())
def synack_with(name, opts):
    w = Wire(name)
    w.active(opts)
    w.write(100)
    w.send('PA', 100, ack=101)


def switches():
    for n in itertools.product((0, 1), repeat=3):
        yield '%d%d%d' % n, dict(zip(('timestamps', 'sack', 'window_scaling'), n))


@for_each('switched', switches())
def switched(name, conf):
    w = Wire(name)
    for key, value in conf.items():
        sysctl(key, value)
    w.passive()
    w.sock.close()
    w.step('close')
    w.active()


@script
def odd_options(name):
    w = Wire(name)
    w.listen()
    for i, opts in enumerate((
            WS + TS + SACKOK + MSS, NOP * 4 + MSS + EOL + b'abc', MSS + b'\x03\x03\x0f' + NOP,
            MSS + b'\xfe\x04ab' + WS, MSS + b'\x02\x03', opt_mss(0), opt_mss(1), opt_mss(65535),
            b'\x08\x0a\0\0\0\0\0\0\0\0' + NOP * 2, SACKOK + SACKOK, WS + opt_ws(3),
            b'\x05\x0a12345678' + NOP * 2, b'\x1c\x04\x80\x01')):
        w.irs = None
        w.sport = 41000 + i
        w.nxt = w.iss
        w.send('S', opts=opts, what='SYN %d' % i)
        w.send('R', seq=1, what='RST %d' % i)


@for_each('mss', (('maxseg-%d-mtu-%d' % (m, mtu), m, mtu)
                  for m in (0, 88, 500, 1400, 9000) for mtu in (576, 1260, 1500, 9000)
                  if mtu + MORE >= ip.min_mtu))
def maxseg(name, mss, mtu):
    def before(s):
        if mss:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
    w = Wire(name, mtu=mtu)
    w.passive(opt_mss(8960), before=before)
    w.write(3000)
    w.sock.close()
    w.step('close')
    w.active(opt_mss(600), before=before)
    w.write(3000)


@for_each('window', [('rcvbuf-%d' % n, n) for n in (1, 4096, 20000, 100000, 1 << 20)] +
          [('clamp-%d' % n, -n) for n in (1000, 20000, 100000)])
def window(name, n):
    def before(s):
        if n > 0:
            s.setsockopt(socket.SOL_SOCKET, 33, n)      # SO_RCVBUFFORCE
        else:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, -n)
    w = Wire(name)
    w.passive(before=before)
    w.send('PA', 100)
    w.read(100)
    w.sock.close()
    w.step('close')
    w.active(before=before)


@for_each('rmem', [('%d' % n, n) for n in (8192, 32768, 262144, 4 << 20)])
def rmem(name, n):
    w = Wire(name)
    sysctl('rmem', '4096 %d 6291456' % n)
    w.passive()
    w.sock.close()
    w.step('close')
    w.active()


@for_each('ecn', [('%d-%s' % (n, f), n, f) for n in (0, 1, 2) for f in ('S', 'SEC', 'SE')])
def ecn_passive(name, mode, flags):
    w = Wire(name)
    sysctl('ecn', mode)
    w.listen()
    w.send(flags, opts=ALL)
    w.stamps()
    w.send('A')
    w.accept()
    w.write(100)
    w.send('A', 100, ack=101)
    w.send('A', 100, tos=3, what='CE')
    w.send('A', 100, tos=2, what='ECT')
    w.send('CA', 100, tos=2, what='CWR')
    w.send('EA', what='ECE')
    w.write(100)


@for_each('ecn-active', [('%d-%s' % (n, f), n, f)
                         for n in (0, 1, 2) for f in ('SA', 'SAE', 'SAEC')])
def ecn_active(name, mode, flags):
    w = Wire(name)
    sysctl('ecn', mode)
    w.active(flags=flags)
    w.write(100)


@script
def syn_again(name):
    w = Wire(name)
    w.connect()
    for n in range(4):
        w.step('wait', (1 << n) + 0.2)
    w.send('SA', opts=ALL)


@script
def synack_again(name):
    w = Wire(name)
    w.listen()
    w.send('S', opts=ALL)
    w.stamps()
    for n in range(3):
        w.step('wait', (1 << n) + 0.2)
    w.send('S', seq=0, opts=ALL, what='the SYN again')
    w.send('S', seq=5, opts=ALL, what='another SYN')
    w.send('A', what='the ACK')


@script
def syn_received(name):
    """Odd segments to a half-open connection."""
    w = Wire(name)
    w.listen()
    w.send('S', opts=ALL)
    w.stamps()
    w.send('A', ack=2, what='an ACK of too much')
    w.send('A', ack=0, what='an ACK of nothing')
    w.send('A', seq=100000, ack=1, what='an ACK beyond the window')
    w.send('', 10, seq=1, what='no flag')
    w.send('F', seq=1, what='a FIN alone')
    w.send('SA', seq=0, what='SYN,ACK')
    w.send('R', seq=2, what='RST in the window')
    w.send('A', 10, seq=1, ack=1, opts=b'', what='no timestamp')
    w.send('R', seq=1, what='RST')
    w.send('A', seq=1, ack=1, what='ACK')


@script
def first_data(name):
    """The ACK of our SYN,ACK comes with payload, or with a FIN."""
    w = Wire(name)
    w.listen()
    w.send('S', opts=ALL)
    w.stamps()
    w.send('PA', 100)
    w.step('wait', 0.1)
    w.accept()
    w.write(10)


@script
def first_fin(name):
    w = Wire(name)
    w.listen()
    w.send('S', opts=ALL)
    w.stamps()
    w.send('FA')
    w.step('wait', 0.1)
    w.accept()
    w.close()


@script
def defer_accept(name):
    w = Wire(name)
    w.listen(lambda l: l.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 3))
    w.send('S', opts=ALL)
    w.stamps()
    w.send('A')
    w.step('wait', 1.5)
    w.step('wait', 2.05)
    w.step('wait', 4)
    w.send('PA', 10)


@for_each('syncookie', subsets())
def syncookie(name, opts):
    w = Wire(name)
    sysctl('syncookies', 2)
    w.passive(opts)
    w.write(100)


@for_each('closed', [(f or 'none', f) for f in (
    'S', 'A', 'SA', 'F', 'FA', 'R', 'RA', '', 'SF', 'PA')])
def closed_port(name, flags):
    w = Wire(name)
    w.send(flags, seq=10, ack=77 if 'A' in flags else 0)
    w.send(flags, 10, seq=10, ack=77 if 'A' in flags else 0)


@for_each('listening', [(f or 'none', f) for f in (
    'A', 'SA', 'F', 'FA', 'R', 'RA', '', 'SF', 'SR', 'SP', 'SU')])
def listening(name, flags):
    w = Wire(name)
    w.listen()
    w.send(flags, seq=10, ack=77 if 'A' in flags else 0)
    w.send(flags, 10, seq=10, ack=77 if 'A' in flags else 0)


@for_each('syn-sent', [('%s-%s' % (f or 'none', a), f, a)
                       for f in ('A', 'SA', 'R', 'RA', 'F', 'FA', '', 'SF', 'SFA')
                       for a in (0, 1, 2)])
def syn_sent(name, flags, ack):
    w = Wire(name)
    w.connect()
    w.send(flags, ack=ack, seq=0, opts=opt_mss(1000))
    w.send('SA', seq=0, opts=ALL, what='a good SYN,ACK')


@script
def synack_text(name):
    w = Wire(name)
    w.connect()
    w.send('SA', 100, opts=opt_mss(1000))
    w.step('wait', 0.1)
    w.read(200)


@script
def syn_text(name):
    """Payload with a SYN, without Fast Open."""
    w = Wire(name)
    w.listen()
    w.send('S', 100, opts=opt_mss(1000))
    w.send('A', seq=1, ack=1)
    w.send('PA', 100, seq=1)


@script
def simultaneous_open(name):
    w = Wire(name)
    w.connect()
    w.send('S', opts=ALL)
    w.stamps()
    w.send('SA', seq=0, ack=1, opts=ALL)
    w.write(10)


@script
def simultaneous_open_ack(name):
    w = Wire(name)
    w.connect()
    w.send('S', opts=opt_mss(1000))
    w.step('wait', 1.1)
    w.send('A', ack=1)
    w.write(10)


@script
def no_quickack(name):
    def before(s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    w = Wire(name)
    w.active(before=before)
    w.write(10)
    w.step('wait', 0.3)


@script
def refused_then_again(name):
    w = Wire(name)
    w.connect()
    w.send('RA', ack=1)
    w.sock.close()
    w.irs = None
    w.connect()
