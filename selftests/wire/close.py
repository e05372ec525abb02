# SPDX-License-Identifier: GPL-2.0
"""How a connection ends, in every way that there is."""

import socket
import struct

from wire import *
from handshake import for_each
from text import established, take, PLAIN
from lib import *

RCV, SND, BOTH = socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR


@script
def close_active(name):
    w = established(name, ALL)
    w.close()
    w.send('A', what='ack')
    w.send('FA')
    w.send('FA', seq=1, what='the FIN again')
    w.send('A', 10, seq=1, what='text')
    w.send('S', seq=100000, opts=ALL, what='a SYN')
    w.send('R', seq=2, what='RST')


@script
def close_passive(name):
    w = established(name, ALL)
    w.send('FA')
    w.step('wait', 0.1)
    w.close()
    w.send('A', what='ack')
    w.send('A', what='ack again')


@script
def close_text_queued(name):
    w = established(name)
    w.write(20000)
    w.close()
    take(w)
    w.send('FA')


@script
def close_at_once(name):
    """FIN with the payload that is still there."""
    w = established(name)
    w.write(10)
    w.write(10)
    w.close()
    take(w)


@script
def fin_with_text(name):
    w = established(name)
    w.send('PFA', 100)
    w.read(200)
    w.write(10)
    w.close()


@for_each('unread', [('%s-%s' % (o, what), o, what) for o in ('ts', 'plain')
                     for what in ('text', 'hole', 'fin', 'sent')])
def close_unread(name, opts, what):
    w = established(name, ALL if opts == 'ts' else PLAIN)
    if what == 'sent':
        w.write(20000)
    w.send('PA', 100)
    if what == 'hole':
        w.send('A', 100, seq=501)
    if what == 'fin':
        w.send('FA')
    w.close()
    w.send('A', what='ack')
    w.send('PA', 10, what='text')


@for_each('abort', [(what, what) for what in (
    'established', 'text-out', 'fin-wait-1', 'fin-wait-2', 'close-wait', 'closing', 'last-ack',
    'time-wait', 'syn-sent', 'syn-received', 'listen')])
def abort(name, where):
    """SO_LINGER with 0."""
    if where == 'syn-sent':
        w = Wire(name)
        w.connect()
        w.linger()
        w.close()
        w.send('SA', opts=ALL)
        return
    if where == 'syn-received':
        w = Wire(name)
        w.connect()
        w.send('S', opts=ALL)
        w.linger()
        w.close()
        return
    if where == 'listen':
        w = Wire(name)
        w.listen()
        w.send('S', opts=ALL)
        w.sock = w.listening
        w.close()
        w.send('A', what='ack')
        return
    w = established(name, ALL)
    if where == 'text-out':
        w.write(20000)
    if where in ('fin-wait-1', 'fin-wait-2', 'closing', 'time-wait'):
        w.call('shutdown', w.sock.shutdown, SND)
    if where in ('fin-wait-2', 'time-wait'):
        w.send('A', what='ack')
    if where in ('closing', 'time-wait'):
        w.send('FA', ack=1 if where == 'closing' else None)
    if where in ('close-wait', 'last-ack'):
        w.send('FA')
    if where == 'last-ack':
        w.call('shutdown', w.sock.shutdown, SND)
    w.linger()
    w.close()
    w.send('A', what='ack')


@script
def accept_queue_dies(name):
    """The listener closes with a connection that was not accepted."""
    w = Wire(name)
    w.listen()
    w.send('S', opts=ALL)
    w.stamps()
    w.send('A')
    w.sock = w.listening
    w.close()


@script
def disconnect(name):
    """connect() with AF_UNSPEC."""
    w = established(name, ALL)
    fd = w.sock.fileno()
    w.call('disconnect', libc.connect, fd, struct.pack('H14x', 0), 16)


@for_each('shutdown', [('rd', RCV), ('wr', SND), ('both', BOTH)])
def shutdown(name, how):
    w = established(name, ALL)
    w.call('shutdown', w.sock.shutdown, how)
    w.send('PA', 100)
    w.write(10)
    w.send('FA')
    w.close()
    w.send('A', what='ack')


@script
def half_close(name):
    w = established(name)
    w.call('shutdown', w.sock.shutdown, SND)
    w.send('A', what='ack')
    for _ in range(3):
        w.send('PA', 1000)
        w.read(1000)
    w.send('FA')


@script
def half_closed_by_peer(name):
    w = established(name)
    w.send('FA')
    w.write(3000)
    take(w)
    w.close()
    w.send('A', what='ack')


@script
def simultaneous(name):
    w = established(name, ALL)
    w.close()
    w.send('FA', ack=1)
    w.send('A', ack=2, what='ack')
    w.send('FA', seq=1, ack=2, what='the FIN again')


@script
def fin_crosses_ack(name):
    """The peer's FIN acknowledges ours."""
    w = established(name, ALL)
    w.close()
    w.send('FA')


@script
def text_after_close(name):
    w = established(name, ALL)
    w.close()
    w.send('A', what='ack')
    w.send('PA', 100)
    w.send('PA', 100)


@script
def text_with_fin_after_close(name):
    w = established(name)
    w.close()
    w.send('A', what='ack')
    w.send('PFA', 100)


@script
def fin_again(name):
    w = established(name)
    w.close()
    for n in range(3):
        w.step('wait', 0.4 * (n + 1))
    w.send('A', what='ack')


@script
def last_ack_again(name):
    w = established(name)
    w.send('FA')
    w.close()
    for n in range(3):
        w.step('wait', 0.4 * (n + 1))
    w.send('A', what='ack')


@script
def fin_wait_2_ends(name):
    w = established(name)
    w.close()
    w.send('A', what='ack')
    w.step('wait', 59)
    w.step('wait', 10)
    w.send('FA')


@for_each('linger2', [('%d' % n, n) for n in (-1, 1)])
def linger2(name, n):
    w = established(name)
    w.set(8, n)                                         # TCP_LINGER2
    w.close()
    w.send('A', what='ack')
    w.step('wait', 2.05)
    w.send('FA')


@for_each('rst', [('%s-%d-%d' % (f, s, a), f, s, a) for f in ('R', 'RA')
                  for s in (1, 2, 70000, 0) for a in (0, 1, 11, 5000)])
def rst(name, flags, seq, ack):
    w = established(name, ALL)
    w.write(10)
    w.send(flags, seq=seq, ack=ack)
    w.send('PA', 10, seq=1, what='is it there')


@script
def rst_text(name):
    w = established(name)
    w.send('RA', 10)
    w.send('PA', 10, seq=1, what='is it there')


@for_each('time-wait', [(f, f) for f in ('S', 'A', 'FA', 'R', 'RA', 'SA', '', 'PA')])
def time_wait(name, flags):
    w = established(name, ALL)
    w.close()
    w.send('FA')
    for seq in (2, 1, 100, 100000):
        w.send(flags, seq=seq, opts=ALL if 'S' in flags else None, what='%s %d' % (flags, seq))
    w.send('PA', 10, seq=2, what='text')


@script
def user_timeout(name):
    w = established(name)
    w.set(socket.TCP_USER_TIMEOUT, 3000)
    w.write(100)
    w.step('wait', 10)
    w.send('A', what='ack')
