# SPDX-License-Identifier: GPL-2.0
"""
A scripted remote host behind a tun device.

The test plays the peer: it sends exactly the segments it wants to and looks at
each one that comes back.  Sequence and acknowledgement numbers in scripts
are relative to the two initial sequence numbers, so the SYNs are number 0 and
the first byte of data is number 1.
"""

import fcntl
import os
import socket
import struct

from .tap import check, equal, near, need, now, diag, on_failure, exact_select
from .ip import ip, noise, parse_ip
from .wire import (TCPX, FIN, SYN, RST, PSH, ACK, build, parse, flag_bits, flag_text, lt,
                   opt_mss, opt_ts, M32)
from .net import run, set_addr, set_mtu, link_up, tcp_socket, set_isn, wait_readable, so_error

__all__ = ['Tun', 'Conn', 'passive', 'active', 'syn_sent', 'LOCAL', 'REMOTE', 'TOL', 'AT_ONCE',
           'RTT_SHARE', 'INSTRUCTIONS_TAKE_TIME', 'need_free_work']

TUNSETIFF = 0x400454ca
IFF_TUN, IFF_NAPI, IFF_NO_PI = 1, 0x10, 0x1000

LOCAL, REMOTE = ip.addr(9, 1, 1), ip.addr(9, 1, 2)

INSTRUCTIONS_TAKE_TIME = os.environ.get('TCPX_VM_BACKEND') == 'qemu'

# How exact a timer must be, in seconds.  The kernel's own TCP, against which the tests
# can be checked, runs its timers on a coarse wheel.
TOL = 0.05 if not TCPX else 0.01 if INSTRUCTIONS_TAKE_TIME else 0.001
# How much a measured round trip, of microseconds, adds to an RTO that is the least, 200 ms, and
# to what is doubled from there
RTT_SHARE = 1e-2 if INSTRUCTIONS_TAKE_TIME else 5e-5
# An answer that waits for no timer.
AT_ONCE = 0.001 if TCPX and not INSTRUCTIONS_TAKE_TIME else 0.01


def need_free_work():
    """For rates, and for what is sent in a moment: QEMU takes 0.1 ms for a segment."""
    need(not INSTRUCTIONS_TAKE_TIME, 'work takes time here')


class Tun:
    """
    tun device of the current namespace: LOCAL on our side, all of its network behind it.
    With @napi what it receives goes through GRO.
    """

    def __init__(self, name='tun0', local=LOCAL, mtu=1500, prefix=ip.prefix, napi=False):
        if not os.path.exists('/dev/net/tun'):
            run('modprobe', 'tun')
        self.fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack(
            '16sH22x', name.encode(), IFF_TUN | IFF_NO_PI | (IFF_NAPI if napi else 0)))
        self.name, self.local = name, local
        set_mtu(name, mtu)
        set_addr(name, local, prefix)
        link_up(name)
        self.pending = []       # segments that no test has asked for yet
        self.other = []         # (time, packet) of other protocols
        self.log = []
        self.born = now()
        on_failure(self.report)

    def report(self):
        self._drain()
        diag('the last segments on %s:' % self.name)
        for t, direction, what in self.log[-24:]:
            diag('%12.6f %s %s' % (t - self.born, direction, what))

    def note(self, direction, what):
        self.log.append((now(), direction, what))

    def write(self, pkt):
        """Send an IP packet to the kernel; the time it left."""
        t = now()
        s = parse(pkt)
        self.note('>', s if s else 'packet of %d bytes' % len(pkt))
        os.write(self.fd, pkt)
        return t

    def _take(self):
        """Read one packet, if there is one; False if there is none."""
        try:
            pkt = os.read(self.fd, 65536)
        except BlockingIOError:
            return False
        t = now()
        if noise(pkt):
            return True
        s = parse(pkt, t)
        if s is None:
            self.other.append((t, pkt))
            self.note('<', 'protocol %d, %d bytes' % (parse_ip(pkt)[1].proto, len(pkt)))
            return True
        self.note('<', s)
        check(s.csum_ok, 'a wrong checksum left: %s' % s)
        s.options()
        self.pending.append(s)
        return True

    def _drain(self):
        while self._take():
            pass

    def next(self, match=lambda s: True, within=5.0):
        """The next segment for which @match, or None after @within seconds."""
        deadline = now() + within
        seen = 0
        while True:
            self._drain()
            for i in range(seen, len(self.pending)):
                if match(self.pending[i]):
                    return self.pending.pop(i)
            seen = len(self.pending)
            left = deadline - now()
            if left <= 0 or not exact_select([self.fd], left):
                self._drain()
                for i in range(seen, len(self.pending)):
                    if match(self.pending[i]):
                        return self.pending.pop(i)
                return None

    def icmp(self, msg, packet, rest=0, src=REMOTE, quoted=ip.head + 8, dst=None):
        """Send an ICMP error about @packet (one that the kernel sent), such as ip.TOO_BIG."""
        return self.write(ip.icmp(msg, src, dst or self.local, rest, packet[:quoted]))

    def close(self):
        os.close(self.fd)


class Conn:
    """One connection of the scripted host, as seen from there."""

    def __init__(self, tun, sport, dport, addr=REMOTE, iss=1000000, local=None):
        self.tun, self.sport, self.dport, self.addr = tun, sport, dport, addr
        self.local = local or tun.local
        self.iss, self.irs = iss, None
        self.nxt = iss          # absolute: what the next segment starts with
        self.rcv_nxt = None     # absolute: what is expected from the kernel
        self.win = 65535
        self.opts = b''         # options of every segment, e.g. a callable for timestamps
        self.last = None

    # numbers relative to the ISNs
    def rseq(self, s):
        return (s.seq - self.irs) & M32

    def rack(self, s):
        return (s.ack - self.iss) & M32

    def tx(self, flags, data=b'', seq=None, ack=None, win=None, opts=None, urg=0, **raw):
        """Send a segment; numbers that are not given are the ones that are due."""
        bits = flag_bits(flags)
        if isinstance(data, str):
            data = data.encode()
        if seq is None:
            aseq = self.nxt
            self.nxt = (self.nxt + len(data) + bool(bits & SYN) + bool(bits & FIN)) & M32
        else:
            aseq = self.iss + seq
        if ack is None:
            aack = self.rcv_nxt if bits & ACK else 0
            if aack is None:
                aack = 0
        else:
            aack = (self.irs or 0) + ack
        if opts is None:
            opts = self.opts() if callable(self.opts) else self.opts
        return self.tun.write(build(
            self.addr, self.local, self.sport, self.dport, aseq, aack, bits,
            self.win if win is None else win, opts, data, urg, **raw))

    def _mine(self, s):
        return (s.src == self.local and s.dst == self.addr and s.sport == self.dport and
                s.dport == self.sport)

    def get(self, within=5.0):
        """The next segment of this connection, whatever it is, or None."""
        s = self.tun.next(self._mine, within)
        if s is None:
            return None
        self.last = s
        if s.flags & SYN:
            self.irs = s.seq
            self.rcv_nxt = s.end
        elif self.rcv_nxt is not None and not s.flags & RST and lt(self.rcv_nxt, s.end) \
                and not lt(self.rcv_nxt, s.seq):
            self.rcv_nxt = s.end
        return s

    def rx(self, flags=None, seq=None, ack=None, data=None, length=None, win=None, within=5.0,
           since=None, at=None, tol=None, urg=None, what=''):
        """
        The next segment must be this one.  @flags: letters, P only compared if it is asked for.

        @since and @at: it must come @at seconds after the time @since, +-@tol.
        """
        tol = TOL if tol is None else tol
        if at is not None:
            within = max(0.0, since + at - now()) + max(tol * 2, 1.0) + at * .3
        s = self.get(within)
        where = (what + ': ') if what else ''
        check(s is not None, '%sno segment within %.3f s, wanted [%s] seq=%s ack=%s' % (
            where, within, flags, seq, ack))
        where = '%s%s' % (where, s)
        if flags is not None:
            want = flag_bits(flags)
            mask = 0xff if want & PSH else 0xff & ~PSH
            equal(flag_text(s.flags & mask), flag_text(want), where + ' flags')
        if seq is not None:
            equal(self.rseq(s), seq & M32, where + ' relative seq')
        if ack is not None:
            equal(self.rack(s), ack & M32, where + ' relative ack')
        if data is not None:
            check(s.data == (data.encode() if isinstance(data, str) else data),
                  '%s data: got %r, want %r' % (where, s.data[:60], data[:60]))
        if length is not None:
            equal(len(s.data), length, where + ' length')
        if win is not None:
            equal(s.win, win, where + ' window')
        if urg is not None:
            equal(s.urg, urg, where + ' urgent pointer')
        if at is not None:
            near(s.t - since, at, tol, where + ' time')
        return s

    def rx_at_once(self, *args, **kw):
        """Like rx(), for an answer that waits for no timer."""
        return self.rx(*args, within=AT_ONCE, **kw)

    def quiet(self, seconds, what='a segment came that should not have'):
        """Nothing of this connection may come for @seconds."""
        s = self.tun.next(self._mine, seconds)
        check(s is None, '%s: %s' % (what, s))

    def all(self, seconds=0.0):
        """What has come and what comes within @seconds."""
        out = []
        deadline = now() + seconds
        while True:
            s = self.get(max(0.0, deadline - now()))
            if s is None:
                return out
            out.append(s)

    def flush(self, seconds=0.0):
        """Drop what has come and what comes within @seconds; how many."""
        return len(self.all(seconds))

    # the usual openings and endings
    def syn(self, opts=opt_mss(), win=None, **kw):
        return self.tx('S', opts=opts, win=win, **kw)

    def open(self, opts=opt_mss(), win=None):
        """The remote host opens; returns the SYN+ACK."""
        self.syn(opts, win)
        s = self.rx('SA', ack=1)
        # once timestamps are agreed every segment carries one (RFC 7323, 3.2)
        self.tx('A', win=win, opts=opt_ts(self.tsval(opts) + 1, s.ts[0]) if s.ts else None)
        return s

    @staticmethod
    def tsval(opts):
        """The TSval among SYN options @opts."""
        at = opts.index(b'\x08\x0a')
        return struct.unpack_from('!I', opts, at + 2)[0]

    def answer(self, opts=opt_mss(), win=None):
        """The kernel opens: wait for its SYN, complete the handshake; returns the SYN."""
        s = self.rx('S')
        self.tx('SA', opts=opts, win=win)
        self.rx('A', seq=1, ack=1)
        return s

    def alive(self, what='the connection is still there'):
        """A keepalive probe is acknowledged."""
        self.tx('A', seq=(self.nxt - 1 - self.iss) & M32)
        self.rx('A', ack=self.nxt - self.iss, what=what)

    def gone(self, what='the connection is gone'):
        """A segment is answered with RST."""
        self.tx('A', seq=self.nxt - self.iss)
        self.rx('R', what=what)


_ports = iter(range(20001, 60000))


def passive(tun, opts=opt_mss(), win=65535, before=None, isn=None, iss=1000000, port=0,
            sport=None, addr=REMOTE):
    """
    The remote host connects to a listener of ours; returns (socket, Conn).

    @before(listener) runs before listen(), for options that the connection inherits.
    """
    l = tcp_socket(True)
    l.bind((ip.ANY, port))
    if isn is not None:
        set_isn(l, isn)
    if before:
        before(l)
    l.listen(8)
    c = Conn(tun, sport or next(_ports), l.getsockname()[1], iss=iss, addr=addr)
    c.win = win
    c.synack = c.open(opts, win)
    check(wait_readable(l), 'nothing to accept')
    s, _ = l.accept()
    l.close()
    return s, c


def active(tun, opts=opt_mss(), win=65535, before=None, isn=None, iss=1000000, port=None,
           addr=REMOTE):
    """We connect to the remote host; returns (socket, Conn)."""
    s = tcp_socket(blocking=False)
    if before:
        before(s)
    if isn is not None:
        set_isn(s, isn)
    c = syn_sent(tun, s, port or next(_ports), addr, iss)
    c.win = win
    c.tx('SA', opts=opts)
    c.rx('A', seq=1, ack=1)
    equal(so_error(s), 0, 'connect')
    s.setblocking(True)
    return s, c


def syn_sent(tun, s, port, addr=REMOTE, iss=1000000):
    """Start a connect of non-blocking @s; returns the Conn that has seen its SYN."""
    check(s.connect_ex((addr, port)) == 115, 'connect() does not say EINPROGRESS')
    syn = tun.next(lambda g: g.dport == port and g.dst == addr)
    check(syn is not None, 'no SYN')
    c = Conn(tun, port, syn.sport, addr, iss)
    c.syn_seg = syn
    equal(syn.letters, 'S', 'flags of the SYN')
    c.irs, c.rcv_nxt = syn.seq, syn.end
    return c


