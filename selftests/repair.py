#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
TCP_REPAIR: a connection moves from one socket to another, by the calls that CRIU makes.

With TCPX_WIRE=6 from Linux's TCP to tcpx and back as well.
"""

import array
import errno
import fcntl
import random
import socket
import struct

from lib import *
from lib.wire import M32

TCP = socket.IPPROTO_TCP
TCP_MAXSEG, TCP_INFO = 2, 11
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_REPAIR_OPTIONS = 19, 20, 21, 22
TCP_TIMESTAMP, TCP_REPAIR_WINDOW = 24, 29
ON, OFF, OFF_NO_WP = 1, 0, -1
RECV, SEND = 1, 2
OPT_MSS, OPT_WSCALE, OPT_SACK, OPT_TS = 2, 3, 4, 8
TI_TS, TI_SACK, TI_WSCALE = 1, 2, 4
SIOCINQ, SIOCOUTQ, SIOCOUTQNSD = 0x541b, 0x5411, 0x894b
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PORT = 7001

# The stacks that can speak to each other
STACKS = {'tcpx': PROTO}
if WIRE == TCP:
    STACKS['TCP'] = TCP


def new(stack):
    return socket.socket(ip.af, socket.SOCK_STREAM, STACKS[stack])


def queued(s, cmd):
    n = array.array('i', [0])
    fcntl.ioctl(s, cmd, n)
    return n[0]


def repair(s, mode):
    s.setsockopt(TCP, TCP_REPAIR, mode)


def u32(n):
    return struct.pack('I', n & M32)


def queue(s, nr, seq=None):
    s.setsockopt(TCP, TCP_REPAIR_QUEUE, nr)
    if seq is not None:
        s.setsockopt(TCP, TCP_QUEUE_SEQ, u32(seq))


def window(*fields):
    """struct tcp_repair_window."""
    return struct.pack('5I', *(n & M32 for n in fields))


def options(s, *opts):
    s.setsockopt(TCP, TCP_REPAIR_OPTIONS, b''.join(struct.pack('II', *o) for o in opts))


# --- CRIU's two halves ------------------------------------------------------------

def dump_queue(s, nr, length):
    queue(s, nr)
    seq, = struct.unpack('I', s.getsockopt(TCP, TCP_QUEUE_SEQ, 4))
    # a byte more than there should be, to see that there is none
    data = s.recv(length + 1, socket.MSG_PEEK | socket.MSG_DONTWAIT) if length else b''
    equal(len(data), length, 'what queue %d holds' % nr)
    return seq, data


def dump(s):
    """All of a connection; its socket is gone then, and the peer does not know."""
    repair(s, ON)
    c = {'me': s.getsockname(), 'peer': s.getpeername()}
    info = tcp_info(s)
    equal(info[0], ESTABLISHED, 'the state')
    c['options'], c['wscale'] = info[5], (info[6] & 15, info[6] >> 4)
    c['unsent'] = queued(s, SIOCOUTQNSD)
    c['recv'] = dump_queue(s, RECV, queued(s, SIOCINQ))
    c['send'] = dump_queue(s, SEND, queued(s, SIOCOUTQ))
    c['mss'] = s.getsockopt(TCP, TCP_MAXSEG)
    c['timestamp'] = s.getsockopt(TCP, TCP_TIMESTAMP, 4)
    c['window'] = s.getsockopt(TCP, TCP_REPAIR_WINDOW, 20)
    s.close()
    return c


def send_all(s, data):
    while data:
        data = data[s.send(data):]


def restore(stack, c, unlock):
    """The connection that dump() has taken, on a new socket; @unlock() lets segments pass."""
    s = new(stack)
    for option in SO_SNDBUFFORCE, SO_RCVBUFFORCE:
        s.setsockopt(socket.SOL_SOCKET, option, (1 << 30) - 1)
    repair(s, ON)
    s.bind(c['me'])
    for nr, (seq, data) in ((RECV, c['recv']), (SEND, c['send'])):
        queue(s, nr, seq - len(data))
    s.connect(c['peer'])
    opts = [(OPT_MSS, c['mss'])]
    if c['options'] & TI_SACK:
        opts.append((OPT_SACK, 0))
    if c['options'] & TI_WSCALE:
        opts.append((OPT_WSCALE, c['wscale'][0] | c['wscale'][1] << 16))
    if c['options'] & TI_TS:
        opts.append((OPT_TS, 0))
    options(s, *opts)
    if c['options'] & TI_TS:
        s.setsockopt(TCP, TCP_TIMESTAMP, c['timestamp'])
    queue(s, RECV)
    send_all(s, c['recv'][1])
    queue(s, SEND)
    data = c['send'][1]
    sent = len(data) - c['unsent']
    send_all(s, data[:sent])
    # what was never sent is written as ever
    repair(s, OFF)
    send_all(s, data[sent:])
    repair(s, ON)
    s.setsockopt(TCP, TCP_REPAIR_WINDOW, c['window'])
    equal((queued(s, SIOCINQ), queued(s, SIOCOUTQ)), (len(c['recv'][1]), len(data)), 'the queues')
    unlock()
    repair(s, OFF)
    return s


class Lock:
    """As CRIU does it: nothing of the connection reaches the host, nor leaves it."""

    def __init__(self, hooks):
        run('nft', 'add table inet lock; ' + ''.join(
            'add chain inet lock %s { type filter hook %s priority 0; }; '
            'add rule inet lock %s meta l4proto %d drop; ' % (h, h, h, WIRE) for h in hooks))

    @staticmethod
    def open():
        run('nft', 'delete table inet lock')


def wait_queued(s, n):
    for _ in range(100):
        if queued(s, SIOCINQ) == n:
            return
        sleep(.01)
    equal(queued(s, SIOCINQ), n, 'bytes that have arrived')


def journey(stacks, hooks, s, peer, at=1):
    """The connection moves to each of @stacks in turn, each time to another process."""
    to_s, to_peer = pattern(30000, at), pattern(40000, -at)
    peer.sendall(to_s)
    wait_queued(s, len(to_s))
    lock = Lock(hooks)
    s.sendall(to_peer)
    sleep(.01)
    c = dump(s)

    def goes_on():
        moved = restore(stacks[0], c, lock.open)
        check(recv_exactly(moved, len(to_s)) == to_s, 'what was received')
        check(recv_exactly(peer, len(to_peer)) == to_peer, 'what was sent')
        if len(stacks) > 1:
            journey(stacks[1:], hooks, moved, peer, at + 1)
        else:
            transfer([(moved, pattern(200000, 7), peer), (peer, pattern(200000, 8), moved)])
    equal(in_child(goes_on), 0, 'the process that has %s' % stacks[0])


def journeys():
    """(stack it begins on, those it moves to, the peer's)"""
    if WIRE != TCP:
        return (('tcpx', ('tcpx', 'tcpx'), 'tcpx'),)
    return (('TCP', ('tcpx', 'TCP'), 'TCP'), ('tcpx', ('TCP', 'tcpx'), 'tcpx'),
            ('TCP', ('tcpx', 'tcpx'), 'tcpx'), ('tcpx', ('tcpx', 'TCP'), 'TCP'))


def connected(stack, peer_stack, veth, serves):
    """A connection of a client, or of a server, and its peer."""
    far, near_ = (veth.a, veth.b) if serves else (veth.b, veth.a)
    with far:
        l = new(stack if serves else peer_stack)
        l.bind((veth.A if serves else veth.B, 0))
        l.listen(1)
    with near_:
        c = new(peer_stack if serves else stack)
        c.connect(l.getsockname())
    a, _ = l.accept()
    return (a, c, l) if serves else (c, a, l)


@case('TCP_REPAIR', 'a live connection with data in both queues moves to another process')
def moves():
    veth = Veth()
    for first, stacks, peer_stack in journeys():
        for hooks in ('input',), ('input', 'output'):
            diag('%s to %s, peer %s, %s' % (first, stacks, peer_stack, hooks))
            s, peer, _l = connected(first, peer_stack, veth, False)
            journey(stacks, hooks, s, peer)
            peer.close()


@case('TCP_REPAIR', 'so does one that was accepted, on a port that is listened on')
def accepted_moves():
    veth = Veth()
    for first, stacks, peer_stack in journeys():
        s, peer, l = connected(first, peer_stack, veth, True)
        # Linux's TCP and tcpx do not share a port
        if 'TCP' in (first, *stacks):
            l.close()
        journey(stacks, ('input',), s, peer)
        peer.close()


# --- on the wire ------------------------------------------------------------------

def restored(tun, snd=1000, rcv=5000, sport=20000):
    """A connection that only the two ends of the test know of; in repair mode."""
    s = tcp_socket()
    repair(s, ON)
    s.bind((LOCAL, PORT))
    queue(s, RECV, rcv)
    queue(s, SEND, snd)
    s.connect((REMOTE, sport))
    c = Conn(tun, sport, PORT, iss=rcv - 1)
    c.irs, c.nxt, c.rcv_nxt = snd - 1, rcv, snd
    return s, c


@case('TCP_REPAIR', 'connect(), what is queued, and close() send nothing')
def silent():
    tun = Tun()
    s, c = restored(tun)
    equal(state(s), ESTABLISHED, 'state')
    s.send(b'sent long ago')
    queue(s, RECV)
    s.send(b'received long ago')
    equal(s.recv(100, socket.MSG_PEEK), b'received long ago', 'what was received')
    c.quiet(.9)
    s.close()
    c.quiet(5)
    c.gone()


@case('TCP_REPAIR', 'a connection that has spoken is given up silently as well, with unread data, too')
def silent_end():
    tun = Tun()
    for unread in False, True:
        s, c = passive(tun)
        s.send(b'abc')
        c.rx('A', data=b'abc')
        if unread:
            c.tx('PA', b'unread')
            c.rx('A')
        repair(s, ON)
        s.close()
        c.quiet(5)
        c.gone()


@case('TCP_REPAIR', 'TCP_REPAIR_OFF sends a window probe, -1 none')
def probe():
    tun = Tun()
    s, c = restored(tun)
    repair(s, OFF)
    c.rx_at_once('A', seq=0, ack=1)
    c.tx('A', win=3000)
    equal(struct.unpack_from('I', tcp_info(s), 228)[0], 3000, 'tcpi_snd_wnd')
    repair(s, ON)
    repair(s, OFF_NO_WP)
    c.quiet(5)
    s.send(b'abc')
    c.rx('A', seq=1, data=b'abc')


@case('TCP_REPAIR', 'what the peer has not received is sent again after a second; its ACK is no RTT')
def again():
    tun = Tun()
    s, c = restored(tun)
    began = now()
    s.send(b'x' * 3000)
    repair(s, OFF)
    c.rx('A', seq=0)
    c.rx('A', seq=1, length=ip.default_mss if TCPX else None, since=began, at=1)
    c.tx('A', ack=3001)
    equal(queued(s, SIOCOUTQ), 0, 'bytes that are not acknowledged')
    s2, c2 = restored(tun, sport=20002)
    s2.send(b'y' * 100)
    sleep(.1)
    c2.tx('A', ack=101)
    equal(struct.unpack_from('I', tcp_info(s2), 68)[0], 0, 'tcpi_rtt')


@case('TCP_REPAIR', 'both FINs: shutdown() is noted as sent, the peer\'s is received as ever')
def half_closed():
    tun = Tun()
    s, c = restored(tun)
    s.send(b'abc')
    s.shutdown(socket.SHUT_WR)
    equal(state(s), FIN_WAIT_1, 'after shutdown()')
    equal((queued(s, SIOCOUTQ), queued(s, SIOCOUTQNSD)), (4, 0), 'the FIN counts')
    equal(s.getsockopt(TCP, TCP_QUEUE_SEQ), 1004, 'TCP_QUEUE_SEQ after the FIN')
    c.tx('A', ack=5)
    equal(state(s), FIN_WAIT_2, 'after the ACK of the FIN')
    c.tx('FA', ack=5)
    c.rx('A', ack=2)
    s, c = restored(tun, sport=20002)
    c.tx('FA')
    c.rx('A', ack=2)
    equal(state(s), CLOSE_WAIT, 'after the peer\'s FIN')
    raises(errno.EPERM, s.recv, 10)
    queue(s, RECV)
    equal(s.recv(10, socket.MSG_PEEK), b'', 'the end of the stream')
    s.shutdown(socket.SHUT_WR)
    equal(state(s), LAST_ACK, 'after both')


@case('TCP_REPAIR', 'SYN-SENT: connect() in normal mode sends the SYN with the number that was set')
def syn_sent_again():
    tun = Tun()
    s = tcp_socket(blocking=False)
    repair(s, ON)
    queue(s, SEND, 7000)
    repair(s, OFF)
    c = syn_sent(tun, s, PORT)
    equal(c.irs, 7000, 'ISN')


@case('TCP_REPAIR', 'options, timestamps and windows are those that were told')
def as_told():
    tun = Tun()
    s, c = restored(tun)
    options(s, (OPT_MSS, 900), (OPT_WSCALE, 3 | 7 << 16), (OPT_SACK, 0), (OPT_TS, 0))
    s.setsockopt(TCP, TCP_TIMESTAMP, u32(0x80000000))
    s.setsockopt(TCP, TCP_REPAIR_WINDOW, window(4999, 5000, 6000, 50048, 5000))
    repair(s, OFF)
    p = c.rx('A', seq=0, win=50048 >> 7)
    near((p.ts[0] - 0x80000000) & M32, 0, 5, 'TSval')
    equal(p.ts[1], 0, 'TSecr before any segment')
    # any TSval of the peer will do, and counts from then on
    c.tx('PA', b'abc', win=1000, opts=opt_ts(0xfffffff0, p.ts[0]))
    equal(c.rx('A', ack=4).ts[1], 0xfffffff0, 'TSecr')
    equal(struct.unpack_from('I', tcp_info(s), 228)[0], 8000, 'tcpi_snd_wnd')
    c.tx('PA', b'ghi', seq=7, opts=opt_ts(0xfffffff1, p.ts[0]))
    equal(len(c.rx('A', ack=4).sack), 1, 'SACK blocks')
    s.send(b'x' * 4000)
    c.rx('A', length=900 - 12 - 12)     # timestamp, SACK block


# --- nothing that is told breaks more than this connection --------------------------

def any_u32(r):
    return r.choice((0, 1, 2, 5000, 65535, 65536, 1 << 30, (1 << 31) - 1, 1 << 31, M32,
                     r.getrandbits(32)))


def tell_anything(s, r):
    """One call with values that no kernel would have told; its error is of no interest."""
    try:
        r.choice((
            lambda: s.setsockopt(TCP, TCP_REPAIR_WINDOW, struct.pack(
                '5I', any_u32(r), any_u32(r), M32, any_u32(r), (5000 - r.choice((0, 1, any_u32(r))))
                & M32)),
            lambda: options(s, (r.choice((0, 2, 3, 4, 8)), r.choice((0, any_u32(r), 14 | 14 << 16)))),
            lambda: s.setsockopt(TCP, TCP_TIMESTAMP, u32(any_u32(r))),
            lambda: queue(s, r.randrange(3)),
            lambda: s.send(bytes(r.choice((1, 500, 5000)))),
            lambda: s.shutdown(socket.SHUT_WR) if not r.randrange(8) else None,
            lambda: repair(s, r.choice((ON, ON, OFF, OFF_NO_WP))),
            lambda: s.recv(5000, r.choice((0, socket.MSG_PEEK))),
            lambda: tcp_info(s),
        ))()
    except OSError:
        pass


@case('TCP_REPAIR', 'values of any kind, and segments of any kind to what they make')
def any_values():
    tun = Tun()
    r = random.Random(1)
    for i in range(100):
        s, c = restored(tun, any_u32(r), any_u32(r), 20000 + i)
        s.setblocking(False)
        for _ in range(20):
            tell_anything(s, r)
            if r.randrange(2):
                c.tx(r.choice(('A', 'A', 'PA', 'FA')), bytes(r.choice((0, 0, 1, 1000))),
                     seq=r.choice((1, 1, 2, any_u32(r))), ack=r.choice((1, 2, 501, any_u32(r))),
                     opts=r.choice((b'', opt_ts(any_u32(r), any_u32(r)), opt_sack((2, 3)))))
        try:
            repair(s, r.choice((ON, OFF)))
        except OSError:
            pass
        s.close()
        sleep(r.choice((0, 2, 200)))
    # the host goes on
    s, c = passive(tun)
    s.send(b'abc')
    c.rx('A', data=b'abc')


@case('TCP_REPAIR', 'it takes CAP_NET_ADMIN where the socket is, and a namespace of one\'s own does')
def rights():
    here = tcp_socket()
    passed = tcp_socket()
    repair(passed, ON)

    def refused(s):
        for mode in ON, OFF, OFF_NO_WP, 2:
            raises(errno.EPERM, repair, s, mode)

    def without():
        refused(here)
        refused(passed)

    def in_own_namespace():
        check(not libc.unshare(CLONE_NEWUSER | CLONE_NEWNET), 'unshare')
        refused(here)
        s = tcp_socket()
        repair(s, ON)
        queue(s, SEND, 1000)
        equal(s.getsockopt(TCP, TCP_QUEUE_SEQ), 1000, 'TCP_QUEUE_SEQ')

    unprivileged(without)
    unprivileged(lambda: refused(here), cap=13)             # CAP_NET_RAW
    unprivileged(lambda: repair(here, ON), cap=12)          # CAP_NET_ADMIN
    unprivileged(in_own_namespace)


main()
