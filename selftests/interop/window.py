#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Windows that close, peers that fall silent, and urgent data."""

import array

from path import *

SIOCATMARK, SIOCINQ = 0x8905, 0x541b
KEEPIDLE, KEEPINTVL, KEEPCNT = 4, 5, 6


ENDLESS = Stream(1 << 40)


def fill(sock, sent=0):
    """Send, as octets from @sent on, all that fits for now; where that ends."""
    sock.setblocking(False)
    try:
        while True:
            sent += sock.send(ENDLESS.at(sent, Stream.CHUNK))
    except BlockingIOError:
        sock.setblocking(True)
        return sent


def stuff(sock):
    """Send until both buffers are full, as they grow; how much that was."""
    size, before = fill(sock), 0
    while size > before:
        sleep(10)
        before, size = size, fill(sock, size)
    return size


def drain(sock, got, size, seconds=200):
    """Read octets @got to @size; each time something must come within @seconds."""
    while got < size:
        check(wait_readable(sock, seconds), 'nothing comes any more, at %d of %d' % (got, size))
        data = sock.recv(Stream.CHUNK)
        check(data and data == ENDLESS.at(got, len(data)), 'the stream differs at %d' % got)
        got += len(data)


def waiting(sock):
    """Octets that can be read at once."""
    flag = array.array('i', [0])
    fcntl.ioctl(sock, SIOCINQ, flag)
    return flag[0]


BOTH = ('client', 'server')


def ends_of(c, s, sender):
    """(sending socket, receiving socket)."""
    return (c, s) if sender == 'client' else (s, c)


for sender in BOTH:
    @between('zero window, the %s sends: probes with growing pauses; when it opens, all of it '
             'arrives' % sender)
    def zero_window(p, sender=sender):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        tx, rx = ends_of(c, s, sender)
        cap = p.capture('rs' if sender == 'client' else 'rc')
        size = stuff(tx)
        port = tx.getsockname()[1]
        since = len(cap.poll())
        check(any(x.win == 0 and x.sport != port for x in cap.segs), 'the window did not close')
        sleep(600)
        probes = [x for x in cap.poll()[since:] if x.sport == port]
        answers = [x for x in cap.poll()[since:] if x.sport != port]
        check(5 <= len(probes) <= 20, '%d probes in 600 s' % len(probes))
        check(all(x.win == 0 for x in answers) and len(answers) >= len(probes) - 1,
              'answers: %r' % answers)
        gaps = [b.t - a.t for a, b in zip(probes, probes[1:])]
        check(all(b > a * 1.8 or b > 100 for a, b in zip(gaps, gaps[1:])), 'pauses: %r' % gaps)
        drain(rx, 0, size)
        carry((tx, rx, 1 << 20), (rx, tx, 1 << 20))

    @between('zero window, the %s sends: the segment that opens it again is lost' % sender)
    def lost_update(p, sender=sender):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        tx, rx = ends_of(c, s, sender)
        size = stuff(tx)
        p.netem('loss', '100%', to=(sender,))
        first = waiting(rx)
        drain(rx, 0, first)
        sleep(0.05)
        p.netem('delay', '10ms', to=(sender,))
        drain(rx, first, size)

    @between('a receive buffer of the least size, the %s sends 300 kB' % sender)
    def small_buffer(p, sender=sender):
        p.netem('delay', '1ms')
        l = p.listen()
        small = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if sender == 'client':
            l.setsockopt(*small)
        c, s, _ = p.open(l, before=lambda c: sender == 'server' and c.setsockopt(*small))
        tx, rx = ends_of(c, s, sender)
        carry((tx, rx, 300000))


# --- silence -----------------------------------------------------------------

def keepalive(s):
    for name, value in ((KEEPIDLE, 10), (KEEPINTVL, 5), (KEEPCNT, 3)):
        s.setsockopt(socket.IPPROTO_TCP, name, value)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


for who in BOTH:
    @between('keepalive by the %s: answered each time; then the path is cut: ETIMEDOUT' % who)
    def kept_alive(p, who=who):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        exchange(c, s)
        a, b = ends_of(c, s, who)
        sleep(5)
        keepalive(a)
        cap = p.capture()
        port = a.getsockname()[1]
        sleep(105)
        probes = [x for x in cap.poll() if x.sport == port]
        answers = [x for x in cap.poll() if x.sport != port]
        check(8 <= len(probes) <= 11, '%d probes in 105 s' % len(probes))
        check(len(answers) >= len(probes) - 1, '%d answers to %d probes' % (
            len(answers), len(probes)))
        equal(states_of(a, b), ('ESTABLISHED',) * 2, 'states')
        p.netem('loss', '100%')
        t = now()
        check(wait_readable(a, 100), 'no time-out')
        equal(so_error(a), errno.ETIMEDOUT, 'error')
        check(15 <= now() - t <= 30, 'time-out after %.1f s' % (now() - t))
        p.netem('delay', '10ms')
        # the other still believes in it: its next segment meets a RST
        b.send(b'still there?')
        check(wait_readable(b, 20), 'no RST')
        raises(errno.ECONNRESET, b.recv, 1)

    @between('TCP_USER_TIMEOUT of the %s: data that nobody acknowledges for 20 s' % who)
    def user_timeout(p, who=who):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        exchange(c, s)
        a, b = ends_of(c, s, who)
        a.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20000)
        p.netem('loss', '100%')
        a.send(b'into the void')
        t = now()
        check(wait_readable(a, 100), 'no time-out')
        equal(so_error(a), errno.ETIMEDOUT, 'error')
        check(19 <= now() - t <= 40, 'time-out after %.1f s' % (now() - t))

    @between('an outage of five minutes, the %s sends: then it goes on' % who)
    def outage(p, who=who):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        a, b = ends_of(c, s, who)
        exchange(c, s)
        p.netem('loss', '100%')
        size = fill(a)
        sleep(300)
        p.netem('delay', '10ms')
        drain(b, 0, size)
        carry((a, b, 1 << 20), (b, a, 1 << 20))

    @between('the last ACK to the %s is lost, then all for five minutes: it goes on' % who)
    def last_ack(p, who=who):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        a, b = ends_of(c, s, who)
        exchange(c, s)
        sleep(1)
        p.netem('loss', '100%', to=(who,))
        a.send(ENDLESS.at(0, 88))
        sleep(0.1)                      # the answer has left, however late
        p.netem('loss', '100%')
        size = 88 + a.send(ENDLESS.at(88, 5000))    # all of it leaves: nothing new is to come
        sleep(300)
        p.netem('delay', '10ms')
        drain(b, 0, 88)
        # SND.UNA's segment comes again in two minutes, RTO's maximum; the rest soon after
        drain(b, 88, size, 130)
        carry((a, b, 1 << 20), (b, a, 1 << 20))


def states_of(*socks):
    return tuple(STATE_NAME[state(s)] for s in socks)


# --- urgent data -------------------------------------------------------------

def at_mark(s):
    flag = array.array('i', [0])
    fcntl.ioctl(s, SIOCATMARK, flag)
    return bool(flag[0])


for sender in BOTH:
    @between('urgent data of the %s, out of band: SIOCATMARK, MSG_OOB, and the rest' % sender)
    def out_of_band(p, sender=sender):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        tx, rx = ends_of(c, s, sender)
        cap = p.capture()
        tx.send(b'before')
        tx.send(b'and!', socket.MSG_OOB)
        tx.send(b'after')
        sleep(1)
        check(any(x.flags & URG for x in cap.poll()), 'no URG on the wire')
        poll = select.poll()
        poll.register(rx, select.POLLPRI)
        check(poll.poll(1000), 'no POLLPRI')
        equal(rx.recv(1, socket.MSG_OOB), b'!', 'the urgent octet')
        equal(at_mark(rx), False, 'at the mark, too early')
        equal(rx.recv(100), b'beforeand', 'up to the mark')
        equal(at_mark(rx), True, 'at the mark')
        equal(rx.recv(100), b'after', 'beyond the mark')
        raises(errno.EINVAL, rx.recv, 1, socket.MSG_OOB)
        carry((tx, rx, 200000), (rx, tx, 200000))

    @between('urgent data of the %s, inline' % sender)
    def inline(p, sender=sender):
        p.netem('delay', '10ms')
        c, s, _ = p.open()
        tx, rx = ends_of(c, s, sender)
        rx.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        tx.send(b'before')
        tx.send(b'!', socket.MSG_OOB)
        tx.send(b'after')
        sleep(1)
        equal(rx.recv(100), b'before', 'up to the mark')
        equal(at_mark(rx), True, 'at the mark')
        equal(rx.recv(100), b'!after', 'beyond the mark')
        raises(errno.EINVAL, rx.recv, 1, socket.MSG_OOB)

    @between('urgent data of the %s in the middle of 1 MB, with a loss of 2 %%' % sender)
    def urgent_and_loss(p, sender=sender):
        p.netem('delay', '10ms', 'loss', '2%')
        c, s, _ = p.open()
        tx, rx = ends_of(c, s, sender)
        rx.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        stream, sent, got = Stream(1 << 20), 0, 0
        tx.setblocking(False)
        rx.setblocking(False)
        marks = 0
        while got < stream.size:
            select.select([rx], [tx] if sent < stream.size else [], [], 1000)
            if sent < stream.size:
                try:
                    sent += tx.send(stream.at(sent, 20000))
                    sent += tx.send(stream.at(sent, 1), socket.MSG_OOB) if sent < stream.size else 0
                except BlockingIOError:
                    pass
            try:
                marks += at_mark(rx)
                data = rx.recv(65536)
                check(data == stream.at(got, len(data)), 'the stream differs at %d' % got)
                got += len(data)
            except BlockingIOError:
                pass
        check(marks, 'no mark was met')


main()
