#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S04: set-up, transfer, release: one run, every segment and every state named."""

from lib import *

CLIENT = (ip.addr(1, 0, 1), 5004)
SERVER = (ip.addr(1, 0, 2), 7004)


def text(end):
    return ip.at(*end)


def live():
    """One whole connection between two namespaces; returns its trace and its segments."""
    msl(1000)
    veth = Veth()
    trace = Trace()
    cap = Capture('va')
    with veth.b:
        msl(1000)
        l = listener(*SERVER)
    c = connect(SERVER, CLIENT)
    s, _ = l.accept()
    c.sendall(b'a request')
    equal(recv_exactly(s, 9), b'a request', 'the request')
    s.sendall(b'the response')
    equal(recv_exactly(c, 12), b'the response', 'the response')
    c.shutdown(1)
    equal(s.recv(1), b'', 'end of stream at the server')
    sleep(1)        # a FIN that is acknowledged late is acknowledged by now
    s.close()
    equal(c.recv(1), b'', 'end of stream at the client')
    c.close()
    l.close()
    trace.wait(lambda _: ('TIME-WAIT', 'CLOSED') in trace.path(text(CLIENT)), 20)
    return trace, cap.poll()        # now: the capture fails as soon as the veth has gone


def ours(trace, direction):
    """The trace is that of all namespaces: the segments of this connection."""
    return [e for e in trace.segments(direction) if {e.src, e.dst} == {text(CLIENT), text(SERVER)}]


def runs(events, *wanted):
    """Each of @wanted must be there, in this order."""
    it = iter(events)
    for w in wanted:
        check(any(w == e for e in it), '%r is missing or out of order in %r' % (w, events))


@case('S04', 'the client: CLOSED, SYN-SENT, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED')
def client_states():
    trace, _ = live()
    equal(trace.path(text(CLIENT)), [
        ('CLOSED', 'SYN-SENT'), ('SYN-SENT', 'ESTABLISHED'), ('ESTABLISHED', 'FIN-WAIT-1'),
        ('FIN-WAIT-1', 'FIN-WAIT-2'), ('FIN-WAIT-2', 'TIME-WAIT'), ('TIME-WAIT', 'CLOSED')],
        'states of the client')


@case('S04', 'the server: LISTEN, SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT, LAST-ACK, CLOSED')
def server_states():
    trace, _ = live()
    path = trace.path(text(SERVER), text(CLIENT))
    equal(path, [
        ('LISTEN', 'SYN-RECEIVED'), ('SYN-RECEIVED', 'ESTABLISHED'), ('ESTABLISHED', 'CLOSE-WAIT'),
        ('CLOSE-WAIT', 'LAST-ACK'), ('LAST-ACK', 'CLOSED')], 'states of the connection')
    listening = [(e.old, e.new) for e in trace.states(text(SERVER)) if e.remote != text(CLIENT)]
    equal(listening, [('CLOSED', 'LISTEN'), ('LISTEN', 'CLOSED')], 'states of the listener')


@case('S04', 'each segment is seen at both ends, and the trace agrees with the wire')
def segments():
    trace, segs = live()
    wire = [(ip.at(s.src, s.sport), s.letters.replace('P', ''), s.seq, s.ack, s.len)
            for s in segs]
    for direction in ('tx', 'rx'):
        seen = [(e.src, e.flags.replace('P', ''), e.seq, e.ack, e.len)
                for e in ours(trace, direction)]
        equal(sorted(seen), sorted(wire), direction + ' segments in the trace against the wire')
    flags = [(w[0] == text(CLIENT), ''.join(sorted(w[1])), w[4]) for w in wire]
    runs(flags, (True, 'S', 0), (False, 'AS', 0), (True, 'A', 0), (True, 'A', 9), (False, 'A', 12),
         (True, 'AF', 0), (False, 'AF', 0), (True, 'A', 0))


@case('S04', 'the three phases come in their order: set-up, transfer, release')
def phases():
    trace, _ = live()
    segs = ours(trace, 'tx')
    syn = [i for i, e in enumerate(segs) if 'S' in e.flags]
    data = [i for i, e in enumerate(segs) if e.len]
    fin = [i for i, e in enumerate(segs) if 'F' in e.flags]
    check(syn and data and fin and max(syn) < min(data) and max(data) < min(fin),
          'SYN at %r, data at %r, FIN at %r' % (syn, data, fin))
    for e in segs:
        if e.len:
            check(e.state in ('ESTABLISHED', 'CLOSE-WAIT'), 'data in state ' + e.state)


@case('S04', 'a trace can be filtered by port: one connection of several')
def filtered():
    trace = Trace(port=7002)
    for port in (7001, 7002, 7003):
        l = listener(ip.lo(), port)
        a, b = connect((ip.lo(), port)), l.accept()[0]
        a.send(b'x')
        equal(b.recv(1), b'x', 'data')
        for s in (a, b, l):
            s.close()
    events = trace.poll()
    for kind, ends in ((SegmentEvent, ('src', 'dst')), (StateEvent, ('local', 'remote'))):
        seen = [e for e in events if isinstance(e, kind)]
        check(seen, 'no %s' % kind.__name__)
        for e in seen:
            check(any(getattr(e, end).endswith(':7002') for end in ends), 'traced too: %s' % e)
    trace.close()


main()
