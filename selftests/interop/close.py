#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How connections end: half-close, both at once, resets, TIME-WAIT and what follows it."""

from path import *

SIZE = 300000


def fins(cap):
    return [x for x in cap.poll() if x.flags & FIN]


def resets(cap):
    return [x for x in cap.poll() if x.flags & RST]


def states(*socks):
    return tuple(STATE_NAME[state(s)] for s in socks)


def half_close(p, first, other):
    first.shutdown(socket.SHUT_WR)
    equal(other.recv(1), b'', 'the end of the stream')
    equal(wait_state(first, FIN_WAIT_2), FIN_WAIT_2, 'who closed')
    equal(state(other), CLOSE_WAIT, 'the other')
    # longer than FIN-WAIT-2 lasts without a socket; conntrack gives it a minute of silence
    for _ in range(4):
        sleep(50)
        carry((other, first, SIZE), end=False)
    raises(errno.EPIPE, first.send, b'x')
    other.close()
    equal(first.recv(1), b'', 'the end of the other stream')
    first.close()


@between('half-close by the client: the server sends for minutes more')
def half_close_client(p):
    c, s, _ = p.open()
    exchange(c, s)
    half_close(p, c, s)


@between('half-close by the server: the client sends for minutes more')
def half_close_server(p):
    c, s, _ = p.open()
    exchange(c, s)
    half_close(p, s, c)


@between('simultaneous open')
def simultaneous_open(p):
    p.netem('delay', '10ms')
    cap = p.capture()
    c, s = (end.socket(port=PORT, blocking=False) for end in p.ends)
    for sock, peer in ((c, p.server), (s, p.client)):
        equal(sock.connect_ex((peer.address, PORT)), errno.EINPROGRESS, 'connect')
    sleep(0.015)
    equal(states(c, s), ('SYN-RECEIVED',) * 2, 'states when the SYNs have crossed')
    for sock in (c, s):
        check(wait_writable(sock), 'no connection')
        equal(so_error(sock), 0, 'error')
        equal(state(sock), ESTABLISHED, 'state')
    equal([x.letters for x in cap.poll()[:4]].count('S'), 2, 'SYNs without an ACK')
    exchange(c, s, SIZE)
    equal(options(c), options(s), 'options')
    close_both(c, s)


@between('simultaneous close')
def simultaneous_close(p):
    p.netem('delay', '10ms')
    cap = p.capture()
    c, s, _ = p.open()
    exchange(c, s)
    sleep(1)
    for sock in (c, s):
        sock.shutdown(socket.SHUT_WR)
    sleep(0.005)
    equal(states(c, s), ('FIN-WAIT-1',) * 2, 'when the FINs are on their way')
    sleep(0.01)
    equal(states(c, s), ('CLOSING',) * 2, 'when they have crossed')
    sleep(0.01)
    equal(states(c, s), ('CLOSED',) * 2, 'in the end the sockets have left TIME-WAIT to it')
    a, b = fins(cap)
    check(a.ack != b.end and b.ack != a.end, 'the FINs did not cross')
    for sock in (c, s):
        equal(sock.recv(1), b'', 'the end of the stream')


@between('data and a FIN from both at once, with a loss of 10 %, 20 times')
def lossy_close(p):
    p.netem('delay', '10ms', 'loss', '10%')
    l = p.listen()
    for n in range(20):
        c, s, _ = p.open(l)
        carry((c, s, 5000), (s, c, 5000))
        c.close()
        s.close()
    sleep(100)


# --- resets ------------------------------------------------------------------

def aborted(p, a, b, cap):
    """@a is closed with a RST: @b sees it, and nothing remains."""
    dead_close(a)
    raises(errno.ECONNRESET, b.recv, 1)
    equal(state(b), CLOSED, 'state')
    equal(len(resets(cap)), 1, 'RSTs on the wire')
    b.close()
    sleep(5)
    equal(len(resets(cap)), 1, 'RSTs on the wire, later')


def unread(p, a, b, cap):
    """@a is closed though it has data that nobody has read."""
    b.send(b'never read')
    sleep(1)
    a.close()
    check(wait_readable(b), 'nothing heard')
    raises(errno.ECONNRESET, b.recv, 1)
    equal(len(resets(cap)), 1, 'RSTs on the wire')
    b.close()


def after_close(p, a, b, cap):
    """@b sends though nobody is there any more to read it."""
    a.close()
    equal(b.recv(1), b'', 'the end of the stream')
    b.send(b'too late')
    sleep(1)
    check(resets(cap), 'no RST on the wire')
    # a FIN was seen before the RST
    raises(errno.EPIPE, b.send, b'more')
    b.close()


def mid_stream(p, a, b, cap):
    """A RST while data is under way in both directions."""
    for sock in (a, b):
        sock.setblocking(False)
        try:
            while True:
                sock.send(bytes(65536))
        except BlockingIOError:
            pass
    dead_close(a)
    sleep(1)
    b.setblocking(True)
    raises((errno.ECONNRESET, errno.EPIPE), b.send, b'x')
    equal(state(b), CLOSED, 'state')
    b.close()


def forgotten(p, a, b, cap):
    """One of the two is gone without a word, as after a crash: it answers with a RST."""
    p.netem('loss', '100%')
    dead_close(a)
    sleep(1)
    p.netem('delay', '10ms')
    b.send(b'still there?')
    check(wait_readable(b, 20), 'nothing heard')
    raises(errno.ECONNRESET, b.recv, 1)
    b.close()


for how in (aborted, unread, after_close, mid_stream, forgotten):
    for who in ('client', 'server'):
        # after the first RST the firewall calls what follows invalid: whatever answers what was
        # under way, and all after a RST that the path has lost
        @between('reset by the %s: %s' % (who, ' '.join(how.__doc__.replace('@', '').split())),
                 judge=how not in (forgotten, mid_stream))
        def reset(p, how=how, who=who):
            p.netem('delay', '10ms')
            cap = p.capture()
            c, s, l = p.open()
            exchange(c, s)
            sleep(1)
            l.close()
            how(p, *((c, s) if who == 'client' else (s, c)), cap)


# --- TIME-WAIT ---------------------------------------------------------------

def again(p, first, bound=True):
    """The same 4-tuple ten times, @first closing first, so that its side has the TIME-WAIT."""
    p.netem('delay', '10ms')
    l = p.listen()
    for n in range(10):
        c, s, _ = p.open(l, port=7002 if bound else None)
        equal(c.getsockname()[1], 7002, 'port')
        exchange(c, s, 5000)
        close_both(*((c, s) if first == 'client' else (s, c)))
        sleep(1.5)


@between('TIME-WAIT at the server: a new SYN of the same 4-tuple is taken')
def reuse_server(p):
    again(p, 'server')


@between('TIME-WAIT at the client: connect() from the same port again')
def reuse_client(p):
    again(p, 'client')


@between('TIME-WAIT at the client, the only port of its range: with tw_reuse it is chosen again')
def reuse_chosen(p):
    sysctl('net.ipv4.ip_local_port_range', '7002 7002')
    p.client.sysctl('tw_reuse', 1)
    again(p, 'client', bound=False)


@between('the same without tw_reuse: EADDRNOTAVAIL, until TIME-WAIT has ended')
def no_reuse(p):
    sysctl('net.ipv4.ip_local_port_range', '7002 7002')
    p.client.sysctl('tw_reuse', 0)
    l = p.listen()
    c, s, _ = p.open(l)
    close_both(c, s)
    sleep(5)
    raises(errno.EADDRNOTAVAIL, p.client.socket().connect, p.to)
    # 60 s, and how late a timer of the kernel's TCP may be
    sleep(65)
    c, s, _ = p.open(l)
    exchange(c, s)


@between('TIME-WAIT without timestamps: a SYN with a number beyond the last is taken')
def reuse_by_number(p):
    for end in p.ends:
        end.sysctl('timestamps', 0)
    again(p, 'server')


@between('the last ACK is lost: TIME-WAIT answers the FIN that comes again')
def last_ack(p):
    p.netem('delay', '10ms')
    cap = p.capture('rs')
    c, s, _ = p.open()
    c.shutdown(socket.SHUT_WR)
    equal(s.recv(1), b'', 'the end of the stream')
    sleep(1)
    p.netem('loss', '100%', to=('server',))
    s.shutdown(socket.SHUT_WR)
    equal(c.recv(1), b'', 'the end of the other stream')
    c.close()
    sleep(0.15)
    equal(state(s), LAST_ACK, 'state')
    p.netem('delay', '10ms', to=('server',))
    equal(wait_state(s, CLOSED, 10), CLOSED, 'state, in the end')
    check(len([x for x in fins(cap) if x.sport == PORT]) > 1, 'the FIN did not come again')


main()
