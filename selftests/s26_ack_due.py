#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: when what arrives is acknowledged: RFC 9293, 3.8.6.3; RFC 5681, 4.2."""

import errno
import os
import socket
import struct
import threading

from lib import *
from lib.meminfo import SO_SNDBUFFORCE
from lib.receiver import info

MSS = ip.mss()
DELACK = 40

# A peer that has pushed waits; the steps, and (ms, ack) of each ACK that they lead to.
#   ('in', flags, bytes)   the peer sends
#   ('read', bytes)        recv(); 0: all there is
#   ('peek', bytes)
#   ('out', bytes)         send(), which the peer acknowledges
#   ('ms', n)              time passes
#   ('quickack', n)        TCP_QUICKACK
SETTLED = [
    ('pushed, and nobody reads',
     [('in', 'P', 100)], [(DELACK, 100)]),
    ('pushed, and read at once',
     [('in', 'P', 100), ('read', 0)], [(0, 100)]),
    ('pushed, and read after 10 ms',
     [('in', 'P', 100), ('ms', 10), ('read', 0)], [(10, 100)]),
    ('a part is read',
     [('in', 'P', 100), ('read', 50)], [(DELACK, 100)]),
    ('a part, and after 10 ms the rest',
     [('in', 'P', 100), ('read', 50), ('ms', 10), ('read', 0)], [(10, 100)]),
    ('only looked at',
     [('in', 'P', 100), ('peek', 100)], [(DELACK, 100)]),
    ('small, without PSH',
     [('in', '', 100), ('read', 0)], [(0, 100)]),
    ('full, without PSH: more will follow',
     [('in', '', MSS), ('read', 0)], [(DELACK, MSS)]),
    ('full, with PSH',
     [('in', 'P', MSS), ('read', 0)], [(0, MSS)]),
    ('full, with PSH, and nobody reads',
     [('in', 'P', MSS)], [(DELACK, MSS)]),
    ('a full one and a byte',
     [('in', '', MSS), ('ms', 5), ('in', 'P', 1), ('read', 0)], [(5, MSS + 1)]),
    ('100 bytes each ms, read at once: Nagle\'s sender need not wait',
     [('in', 'P', 100), ('read', 0), ('ms', 1)] * 10, [(n, 100 * n + 100) for n in range(10)]),
    ('a question that is answered, and one that is not',
     [('in', 'P', 10), ('read', 0), ('out', 10), ('ms', 5), ('in', 'P', 10), ('read', 0)],
     [(0, 10), (0, 10), (5 + DELACK, 20)]),
    ('... two in a row: that is no ping-pong',
     [('in', 'P', 10), ('read', 0), ('out', 10), ('ms', 5), ('in', 'P', 10), ('read', 0),
      ('ms', 5), ('in', 'P', 10), ('read', 0)],
     [(0, 10), (0, 10), (10, 30)]),
    ('... nor is it after a delay that was for nothing',
     [('in', 'P', 10), ('read', 0), ('out', 10), ('ms', 5), ('in', 'P', 10), ('read', 0),
      ('ms', 60), ('in', 'P', 10), ('read', 0)],
     [(0, 10), (0, 10), (5 + DELACK, 20), (65, 30)]),
    ('TCP_QUICKACK is off',
     [('quickack', 0), ('in', 'P', 100), ('read', 0)], [(DELACK, 100)]),
    ('TCP_QUICKACK is off: the answer carries it',
     [('quickack', 0), ('in', 'P', 100), ('read', 0), ('ms', 5), ('out', 10)], [(5, 100)]),
    ('a FIN: ours may follow',
     [('in', 'F', 0), ('read', 0)], [(DELACK, 1)]),
    ('a FIN with payload: ours may follow',
     [('in', 'FP', 100), ('read', 0)], [(DELACK, 101)]),
    ('after a pause the sender begins anew',
     [('in', 'P', 10), ('read', 0), ('ms', 3000), ('in', '', 10), ('ms', 1), ('in', '', 10)],
     [(0, 10), (3000, 20), (3001, 30)]),
]

YOUNG = [
    ('the first of a connection, and nobody reads',
     [('in', '', 100), ('ms', 5), ('in', '', 100)], [(0, 100), (5, 200)]),
    ('a FIN with the first payload: ours may follow',
     [('in', 'FP', 100), ('read', 0)], [(DELACK, 101)]),
    ('TCP_QUICKACK is off',
     [('quickack', 0), ('in', 'P', 100), ('read', 0)], [(DELACK, 100)]),
    ('... and on again',
     [('quickack', 0), ('quickack', 1), ('in', 'P', 100)], [(0, 100)]),
]


def step(s, c, op, *args):
    """Do it; what left meanwhile."""
    if op == 'in':
        c.tx('A' + args[0], bytes(args[1]))
    elif op == 'read':
        s.recv(args[0] or 1 << 20)
    elif op == 'peek':
        s.recv(args[0], socket.MSG_PEEK)
    elif op == 'out':
        s.send(bytes(args[0]))
        seen = c.all()
        c.tx('A')
        return seen
    elif op == 'quickack':
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, args[0])
    elif op == 'ms':
        return c.all(args[0] / 1000)
    return c.all()


def settle(s, c):
    """No segment is acknowledged at once any more for being among the first."""
    for _ in range(20):
        c.tx('PA', bytes(MSS))
        s.recv(MSS)
        c.all(0.001)
    equal(c.rack(c.last), 1 + 20 * MSS, 'the last ACK of the beginning')
    return 20 * MSS


def play(s, c, steps, base, want):
    """@steps lead to ACKs at the times of @want."""
    began, seen = now(), []
    for op in steps:
        seen += step(s, c, *op)
    seen += c.all(0.3)
    got = [((a.t - began) * 1000, c.rack(a) - 1 - base) for a in seen]
    said = 'ACKs (ms, bytes): got %s, want %s' % (
        [('%.1f' % t, n) for t, n in got], want)
    equal([n for _, n in got], [n for _, n in want], said)
    for (t, _), (at, _) in zip(got, want):
        # Linux counts the delay in ticks of 4 ms
        check(abs(t - at) <= (AT_ONCE * 1000 if TCPX or at < DELACK else 9), said)


def opened():
    tun = Tun()
    # Fixed: Linux acknowledges what lets the window grow at once
    s, c = passive(tun, before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536))
    s.settimeout(5)
    return s, c


for name, steps, acks in SETTLED:
    @case('S26', 'ACK: ' + name)
    def settled(steps=steps, acks=acks):
        s, c = opened()
        play(s, c, steps, settle(s, c), acks)

for name, steps, acks in YOUNG:
    @case('S26', 'ACK, at the start: ' + name)
    def young(steps=steps, acks=acks):
        s, c = opened()
        play(s, c, steps, 0, acks)


@case('S26', 'ACK: every second full segment, though nobody reads (SHLD-19)')
def unread():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    base = settle(s, c)
    for n in range(1, 11):
        c.tx('A', bytes(MSS))
        c.tx('A', bytes(MSS))
        c.rx_at_once('A', ack=1 + base + 2 * n * MSS)


@case('S26', 'ACK: a reader that waits in recv() is as good as one that comes')
def sleeping_reader():
    s, c = opened()
    base = settle(s, c)
    reader = threading.Thread(target=lambda: [s.recv(100) for _ in range(10)])
    reader.start()
    for n in range(1, 11):
        sleep(0.002)
        c.tx('PA', bytes(100))
        c.rx_at_once('A', ack=1 + base + 100 * n)
    reader.join()


@case('S26', 'ACK: none for a window that has grown but that nobody waits for')
def no_window_update():
    sysctl('rmem', '4096 2000000 8000000')
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(7))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    t = c.tx('PA', bytes(1000))
    equal(len(s.recv(2000)), 1000, 'recv()')
    c.rx('A', ack=1001, since=t, at=DELACK / 1000, tol=max(TOL, 0.009))
    c.quiet(0.1)


@case('S26', 'ACK: one for what arrives together: of a bulk transfer over 5 ms a fifth, not the half')
def bulk():
    need(not INSTRUCTIONS_TAKE_TIME and not os.environ.get('TCPX_VM_DEBUG'),
         'what arrives together depends on the time that it takes, and on the kernel')
    size = 10 << 20
    data = -(-size // (MSS - 12))
    veth = Veth()
    netem(veth, 'delay', '5ms', 'limit', '100000')
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    # What leaves by ACKs arrives together; what a writer sends, one by one
    c.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 8 * size)
    c.sendall(bytes(size))
    got = 0
    while got < size:
        # A reader that is awake is acknowledged to, and how often is the scheduler's affair
        sleep(0.001)
        got += len(s.recv(size))
    acks = info(s)['segs_out']
    diag('%d ACKs for %d segments; cwnd %d, ssthresh %d, window %d, rcvbuf %d' % (
        acks, data, info(c)['snd_cwnd'], info(c)['snd_ssthresh'], info(c)['snd_wnd'],
        s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)))
    check(5 * acks < data, '%d ACKs for %d segments' % (acks, data))


def opening(quickack=None, blocking=False):
    """connect() up to the peer's SYN,ACK."""
    tun = Tun()
    s = tcp_socket()
    if quickack is not None:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, quickack)
    s.setblocking(False)
    equal(s.connect_ex((REMOTE, 7)), errno.EINPROGRESS, 'connect()')
    c = Conn(tun, 7, None)
    syn = tun.next(lambda g: g.flags & SYN)
    c.dport, c.irs, c.rcv_nxt = syn.sport, syn.seq, syn.end
    s.setblocking(blocking)
    return s, c


@case('S26', 'SYN,ACK: with TCP_QUICKACK off the first data acknowledges it')
def synack_and_data():
    s, c = opening(quickack=0)
    c.tx('SA', opts=opt_mss(MSS))
    c.quiet(0.005, 'an ACK that the data could have carried')
    equal(s.send(b'hello'), 5, 'send()')
    c.rx_at_once('PA', seq=1, ack=1, data='hello')
    c.tx('A')
    c.quiet(0.3)


@case('S26', 'SYN,ACK: with TCP_QUICKACK off a close acknowledges it: two segments, not three')
def synack_and_close():
    for linger, flags in ((None, 'FA'), (struct.pack('ii', 1, 0), 'R')):
        s, c = opening(quickack=0)
        c.tx('SA', opts=opt_mss(MSS))
        c.quiet(0.005, 'an ACK that the close could have carried')
        if linger:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        s.close()
        seg = c.rx(seq=1, within=AT_ONCE)
        check(flags[0] in seg.letters, 'got %s, want %s' % (seg, flags))
        c.tun.close()


@case('S26', 'SYN,ACK: with TCP_QUICKACK off and nothing to carry it the ACK comes after 200 ms')
def synack_alone():
    s, c = opening(quickack=0)
    t = c.tx('SA', opts=opt_mss(MSS))
    c.rx('A', seq=1, ack=1, length=0, since=t, at=0.2)
    # ... and what the peer sends then is acknowledged at once, as ever
    c.tx('A', 'x')
    c.rx_at_once('A', ack=2)


@case('S26', 'SYN,ACK: a send() that waits for the connection acknowledges it')
def synack_and_writer():
    s, c = opening(blocking=True)
    writer = threading.Thread(target=s.send, args=(b'hello',))
    writer.start()
    sleep(0.01)
    c.tx('SA', opts=opt_mss(MSS))
    c.rx_at_once('PA', seq=1, ack=1, data='hello')
    writer.join()


@case('S26', 'SYN,ACK: it is acknowledged at once by default')
def synack_at_once():
    s, c = opening()
    c.tx('SA', opts=opt_mss(MSS))
    c.rx_at_once('A', seq=1, ack=1, length=0)


main()
