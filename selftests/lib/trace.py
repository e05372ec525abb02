# SPDX-License-Identifier: GPL-2.0
"""The module's tracepoints, read through a tracefs instance of the test's own."""

import os
import re
import select
import subprocess

from .tap import now, need, Skip
from .wire import TCPX

__all__ = ['Trace', 'StateEvent', 'SegmentEvent', 'CongEvent']

TRACEFS = '/sys/kernel/tracing'


class StateEvent:
    """One change of state: time, local and remote 'addr:port', old, new, why."""

    __slots__ = ('t', 'local', 'remote', 'old', 'new', 'why')

    def __str__(self):
        return '%s %s %s -> %s (%s)' % (self.local, self.remote, self.old, self.new, self.why)

    __repr__ = __str__


class SegmentEvent:
    """One segment: time, 'tx' or 'rx', 'addr:port' of both ends, numbers, state."""

    __slots__ = ('t', 'dir', 'src', 'dst', 'flags', 'seq', 'ack', 'win', 'len', 'state')

    def __str__(self):
        return '%s %s > %s [%s] seq=%d ack=%d win=%d len=%d %s' % (
            self.dir, self.src, self.dst, self.flags, self.seq, self.ack, self.win, self.len,
            self.state)

    __repr__ = __str__


class CongEvent:
    """What congestion control allows: time, local and remote 'addr:port', bytes, ns, bytes/s."""

    __slots__ = ('t', 'local', 'remote', 'cwnd', 'ssthresh', 'flight', 'srtt', 'rate')


_HEAD = re.compile(r'\s(\d+\.\d+): (tcpx_\w+): (.*)$')
_STATE = re.compile(r'(\S+) (\S+) (\S+) -> (\S+) \((.*)\)$')
_SEGMENT = re.compile(r'(tx|rx) (\S+) > (\S+) \[(\S*)\] seq=(\d+) ack=(\d+) win=(\d+) len=(\d+) '
                      r'state=(\S+)$')
_CONG = re.compile(r'(\S+) (\S+) cwnd=(\d+) ssthresh=(\d+) flight=(\d+) srtt=(\d+) rate=(\d+)$')


class Trace:
    """
    Events from now on, of one @port where it is given.  Skips the case where there are no
    tracepoints.
    """

    def __init__(self, segments=True, states=True, port=None, cong=False):
        need(TCPX, 'the tracepoints are the module\'s')
        if not os.path.exists(TRACEFS + '/events'):
            subprocess.run(['mount', '-t', 'tracefs', 'tracefs', TRACEFS], check=False,
                           stderr=subprocess.DEVNULL)
        if not os.path.exists(TRACEFS + '/events/tcpx/tcpx_state'):
            raise Skip('this kernel has no tracepoints')
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
        t, name, rest = float(m.group(1)), m.group(2), m.group(3)
        if name == 'tcpx_state':
            m = _STATE.match(rest)
            if not m:
                raise AssertionError('tcpx_state in an unknown form: %r' % rest)
            e = StateEvent()
            e.t = t
            e.local, e.remote, e.old, e.new, e.why = m.groups()
            return e
        if name == 'tcpx_cong':
            m = _CONG.match(rest)
            if not m:
                raise AssertionError('tcpx_cong in an unknown form: %r' % rest)
            e = CongEvent()
            e.t = t
            e.local, e.remote = m.groups()[:2]
            e.cwnd, e.ssthresh, e.flight, e.srtt, e.rate = map(int, m.groups()[2:])
            return e
        m = _SEGMENT.match(rest)
        if not m:
            raise AssertionError('tcpx_segment in an unknown form: %r' % rest)
        e = SegmentEvent()
        e.t = t
        e.dir, e.src, e.dst, e.flags = m.groups()[:4]
        e.seq, e.ack, e.win, e.len = map(int, m.groups()[4:8])
        e.state = m.group(9)
        return e

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
