# SPDX-License-Identifier: GPL-2.0
"""The module's tracepoints, read through a tracefs instance of the test's own."""

import glob
import os
import re
import select
import subprocess

from .tap import after_case, now, need
from .wire import TCPX

__all__ = ['Trace', 'TRACEFS', 'EVENTS', 'need_tracefs', 'StateEvent', 'SegmentEvent',
           'CongEvent', 'DropEvent',
           'RetransmitEvent', 'ProbeEvent', 'FreeEvent']

TRACEFS = '/sys/kernel/tracing'


class StateEvent:
    """One change of state: time, local and remote 'addr:port', old, new, why."""

    __slots__ = ('t', 'local', 'remote', 'old', 'new', 'why')
    form = re.compile(r'(\S+) (\S+) (\S+) -> (\S+) \((.*)\)$')

    def __init__(self, t, *words):
        self.t = t
        self.local, self.remote, self.old, self.new, self.why = words

    def __str__(self):
        return '%s %s %s -> %s (%s)' % (self.local, self.remote, self.old, self.new, self.why)

    __repr__ = __str__


class SegmentEvent:
    """One segment: time, 'tx' or 'rx', 'addr:port' of both ends, numbers, state."""

    __slots__ = ('t', 'dir', 'src', 'dst', 'flags', 'seq', 'ack', 'win', 'len', 'state')
    form = re.compile(r'(tx|rx) (\S+) > (\S+) \[(\S*)\] seq=(\d+) ack=(\d+) win=(\d+) '
                      r'len=(\d+) state=(\S+)$')

    def __init__(self, t, *words):
        self.t = t
        self.dir, self.src, self.dst, self.flags = words[:4]
        self.seq, self.ack, self.win, self.len = map(int, words[4:8])
        self.state = words[8]

    def __str__(self):
        return '%s %s > %s [%s] seq=%d ack=%d win=%d len=%d %s' % (
            self.dir, self.src, self.dst, self.flags, self.seq, self.ack, self.win, self.len,
            self.state)

    __repr__ = __str__


class CongEvent:
    """What congestion control allows: time, local and remote 'addr:port', bytes, ns, bytes/s."""

    __slots__ = ('t', 'local', 'remote', 'cwnd', 'ssthresh', 'flight', 'srtt', 'rate')
    form = re.compile(r'(\S+) (\S+) cwnd=(\d+) ssthresh=(\d+) flight=(\d+) srtt=(\d+) '
                      r'rate=(\d+)$')

    def __init__(self, t, local, remote, *numbers):
        self.t, self.local, self.remote = t, local, remote
        self.cwnd, self.ssthresh, self.flight, self.srtt, self.rate = map(int, numbers)


class DropEvent:
    """What goes no further: time, 'addr:port' of its sender and of our end, flags, number, why."""

    __slots__ = ('t', 'src', 'dst', 'flags', 'seq', 'why')
    form = re.compile(r'(\S+) > (\S+) \[(\S*)\] seq=(\d+) \((\S+)\)$')

    def __init__(self, t, src, dst, flags, seq, why):
        self.t, self.src, self.dst, self.flags, self.seq, self.why = t, src, dst, flags, int(seq), why


class RetransmitEvent:
    """What is sent again: time, 'addr:port' of our end and the peer, numbers, time-outs, state."""

    __slots__ = ('t', 'src', 'dst', 'flags', 'seq', 'len', 'timeouts', 'state')
    form = re.compile(r'(\S+) > (\S+) \[(\S*)\] seq=(\d+) len=(\d+) timeouts=(\d+) '
                      r'state=(\S+)$')

    def __init__(self, t, src, dst, flags, seq, length, timeouts, state):
        self.t, self.src, self.dst, self.flags, self.state = t, src, dst, flags, state
        self.seq, self.len, self.timeouts = int(seq), int(length), int(timeouts)


class ProbeEvent:
    """A probe: time, 'addr:port' of our end and the peer, its kind, numbers."""

    __slots__ = ('t', 'src', 'dst', 'kind', 'seq', 'len', 'nr')
    form = re.compile(r'(\S+) > (\S+) (\S+) seq=(\d+) len=(\d+) nr=(\d+)$')

    def __init__(self, t, src, dst, kind, *numbers):
        self.t, self.src, self.dst, self.kind = t, src, dst, kind
        self.seq, self.len, self.nr = map(int, numbers)


class FreeEvent:
    """skb:kfree_skb: an skb is dropped, with the kernel's reason."""

    __slots__ = ('t', 'protocol', 'why')
    form = re.compile(r'.*\bprotocol=(\d+) .*\breason: (\w+)$')

    def __init__(self, t, protocol, why):
        self.t, self.protocol, self.why = t, int(protocol), why


_HEAD = re.compile(r'\s(\d+\.\d+): (tcpx_\w+|kfree_skb): (.*)$')
EVENTS = {'tcpx_state': StateEvent, 'tcpx_segment': SegmentEvent, 'tcpx_cong': CongEvent,
           'tcpx_drop': DropEvent, 'tcpx_retransmit': RetransmitEvent, 'tcpx_probe': ProbeEvent,
           'kfree_skb': FreeEvent}


def need_tracefs():
    """Skips the case where there are no tracepoints."""
    need(TCPX, 'the tracepoints are the module\'s')
    if not os.path.exists(TRACEFS + '/events'):
        subprocess.run(['mount', '-t', 'tracefs', 'tracefs', TRACEFS], check=False,
                       stderr=subprocess.DEVNULL)
    need(os.path.exists(TRACEFS + '/events/tcpx/tcpx_state'), 'this kernel has no tracepoints')


@after_case
def forget_instances():
    """Each has a buffer of its own, and outlives the process that made it."""
    for path in glob.glob(TRACEFS + '/instances/selftest_*'):
        try:
            os.rmdir(path)
        except OSError:
            pass                        # a process that the case has left behind reads it


class Trace:
    """
    Events from now on, of one @port where it is given, and @more of them by name, such as
    'skb/kfree_skb'.  Skips the case where there are no tracepoints.
    """

    def __init__(self, segments=True, states=True, port=None, cong=False, more=()):
        need_tracefs()
        self.dir = '%s/instances/selftest_%d' % (TRACEFS, os.getpid())
        os.mkdir(self.dir)
        self._put('trace_clock', 'mono')
        self._put('buffer_size_kb', '16384')
        if port:
            self._put('events/tcpx/tcpx_segment/filter', 'sport == %d || dport == %d' % (port, port))
            self._put('events/tcpx/tcpx_state/filter', 'lport == %d || rport == %d' % (port, port))
        if segments:
            self._put('events/tcpx/tcpx_segment/enable', '1')
        if states:
            self._put('events/tcpx/tcpx_state/enable', '1')
        if cong:
            self._put('events/tcpx/tcpx_cong/enable', '1')
        for name in more:
            self._put('events/%s/enable' % name, '1')
        self.pipe = os.open(self.dir + '/trace_pipe', os.O_RDONLY | os.O_NONBLOCK)
        self.rest = ''
        self.events = []

    def _put(self, name, value):
        with open(os.path.join(self.dir, name), 'w') as f:
            f.write(value)

    def poll(self):
        """Take what has come; returns all events so far."""
        while True:
            try:
                text = os.read(self.pipe, 65536).decode()
            except BlockingIOError:
                break
            if not text:
                break
            lines = (self.rest + text).split('\n')
            self.rest = lines.pop()
            for line in lines:
                e = self._parse(line)
                if e:
                    self.events.append(e)
        return self.events

    @staticmethod
    def _parse(line):
        m = _HEAD.search(line)
        if not m:
            return None
        t, name, rest = m.groups()
        event = EVENTS.get(name)
        words = event and event.form.match(rest)
        if not words:
            raise AssertionError('%s in an unknown form: %r' % (name, rest))
        return event(float(t), *words.groups())

    def of(self, kind):
        """The events of a class."""
        return [e for e in self.poll() if isinstance(e, kind)]

    def states(self, local=None, remote=None):
        """The changes of state, of one end if 'addr:port' strings say which."""
        return [e for e in self.poll() if isinstance(e, StateEvent)
                and local in (None, e.local) and remote in (None, e.remote)]

    def path(self, local=None, remote=None):
        """[(old, new), ...] of one end."""
        return [(e.old, e.new) for e in self.states(local, remote)]

    def segments(self, direction=None):
        return [e for e in self.poll() if isinstance(e, SegmentEvent)
                and direction in (None, e.dir)]

    def cong(self, local=None):
        return [e for e in self.poll() if isinstance(e, CongEvent) and local in (None, e.local)]

    def wait(self, ready, seconds=5.0):
        """Until ready(events) is true; its last value."""
        deadline = now() + seconds
        while True:
            value = ready(self.poll())
            if value:
                return value
            left = deadline - now()
            if left <= 0:
                return value
            # trace_pipe is polled now and then: its wake-ups come late, by design
            select.select([], [], [], min(left, 0.05 if seconds < 100 else 1.0))

    def close(self):
        os.close(self.pipe)
        try:
            os.rmdir(self.dir)
        except OSError:
            pass
