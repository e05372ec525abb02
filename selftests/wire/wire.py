# SPDX-License-Identifier: GPL-2.0
"""
What a stack puts on the wire, as a transcript that two stacks can be compared by.

A script makes calls on a socket and sends segments from a scripted host; each of these is a
step, and its line in the transcript is what the stack sent by the end of it.  Numbers are
relative to the initial ones; what is random by design (TSval, a cookie) is shown as a name.
"""

import os
import socket
import struct
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))

from lib import *                                           # noqa: E402
from lib.tap import CLONE_NEWNET, PR_SET_TIMERSLACK         # noqa: E402

__all__ = ['Wire', 'script', 'main', 'MORE', 'PORT', 'RTT', 'SOON', 'ALL', 'TSVAL', 'fast_open',
           'experimental']

# An answer comes well before this, a delayed ACK well after it
SOON = 0.004
# What the handshake takes, so that no probe time-out comes before an answer
RTT = 0.05
PORT = 7000
# What the IP header has more than IPv4's
MORE = ip.head - 20
TSVAL = 1000
ALL = opt_mss(1460) + opt_sackok() + opt_ts(TSVAL) + opt_ws(7)
EXPERIMENT = 254
MAGIC = b'\xf9\x89'


def fast_open(cookie=b''):
    """RFC 7413, 4.1.1."""
    return bytes((34, 2 + len(cookie))) + cookie


def experimental(cookie=b''):
    """The same under the kind for experiments, as before it had one of its own."""
    return bytes((EXPERIMENT, 4 + len(cookie))) + MAGIC + cookie


def options(data):
    """The options byte by byte, in the words of packet scripts."""
    out, i = [], 0
    while i < len(data):
        kind = data[i]
        if kind < 2:
            out.append(('eol', 'nop')[kind])
            i += 1
            continue
        value = data[i + 2:i + data[i + 1]]
        if kind == 2:
            out.append('mss %d' % struct.unpack('!H', value))
        elif kind == 3:
            out.append('wscale %d' % value[0])
        elif kind == 4:
            out.append('sackOK')
        elif kind == 5:
            out.append(('sack',) + struct.unpack('!%dI' % (len(value) // 4), value))
        elif kind == 8:
            out.append('TS val V ecr %d' % struct.unpack('!II', value)[1])
        elif kind == 34:
            out.append('FO %d' % len(value))
        elif kind == EXPERIMENT and value[:2] == MAGIC:
            out.append('FOEXP %d' % (len(value) - 2))
        else:
            out.append('%d %s' % (kind, value.hex()))
        i += data[i + 1]
    return out


class Wire(Conn):
    """
    A scripted host and one connection with it; @sock is the socket under test.

    The port is fixed where the stack listens, so that scripts can name it.  @mtu is IPv4's;
    over IPv6 it is as much larger as the header is, so that the MSS is the same.
    """

    def __init__(self, name, mtu=1500):
        self.name, self.count = name, 0     # the script's, and its steps so far
        super().__init__(Tun(mtu=mtu + MORE), 40000, PORT)
        self.win = 32768
        self.sock = self.listening = None
        self.tsecr = 0

    # --- the transcript ---

    def show(self, s):
        """One segment, as packet scripts write it."""
        if s.flags & SYN and self.irs is None:
            self.irs = s.seq
        # A RST without a number of its own has 0
        seq = s.seq and s.seq - (self.irs or 0) & 0xffffffff
        out = '[%s] %d:%d(%d)' % (s.letters, seq, seq + s.len & 0xffffffff, s.len)
        if s.flags & ACK:
            out += ' ack %d' % (s.ack - self.iss & 0xffffffff)
        elif s.ack:
            out += ' ack-field %d' % s.ack
        out += ' win %d' % s.win
        if s.flags & URG or s.urg:
            out += ' urg %d' % s.urg
        if s.opts:
            words = []
            for o in options(s.opts):
                if isinstance(o, tuple):
                    nums = ['%d' % (n - self.iss & 0xffffffff) for n in o[1:]]
                    o = 'sack ' + ' '.join(':'.join(nums[i:i + 2]) for i in range(0, len(nums), 2))
                words.append(o)
            out += ' <%s>' % ','.join(words)
        if s.tos:
            out += ' tos %#x' % s.tos
        if not s.df:
            out += ' no-df'
        return out

    def step(self, what, wait=SOON):
        """End a step: write down what came by now and comes within @wait."""
        segs = self.all(wait)
        for s in segs:
            if s.ts:
                self.tsecr = s.ts[0]
        self.count += 1
        print('%s/%02d-%s: %s' % (self.name, self.count, what.replace(' ', '-'),
                                  ' | '.join(self.show(s) for s in segs) or '-'), flush=True)
        return segs

    # --- what makes a step ---

    def send(self, flags, data=b'', wait=SOON, what=None, **kw):
        """The scripted host sends a segment."""
        if isinstance(data, int):
            data = bytes(data)
        self.tx(flags, data, **kw)
        return self.step(what or '%s%s' % (flags, len(data) or ''), wait)

    def call(self, what, fn, *args, wait=SOON):
        """The program calls @fn; what it raises is no matter here."""
        try:
            got = fn(*args)
        except OSError:
            got = None
        self.step(what, wait)
        return got

    def write(self, n, flags=0, wait=SOON, what=None):
        """The program sends @n bytes."""
        names = [f.name for f in socket.MsgFlag if flags & f]
        return self.call(what or 'send %d%s' % (n, ''.join(' ' + f for f in names)),
                         self.sock.send, bytes(n), flags | socket.MSG_DONTWAIT, wait=wait)

    def read(self, n, wait=SOON):
        """The program reads up to @n bytes."""
        return self.call('recv %d' % n, self.sock.recv, n, socket.MSG_DONTWAIT, wait=wait)

    def close(self, wait=SOON):
        self.call('close', self.sock.close, wait=wait)

    def linger(self, on=1, secs=0):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', on, secs))

    def set(self, opt, value, level=socket.IPPROTO_TCP, wait=SOON, what=None):
        """The program sets an option of the connection; a step of its own if it is named."""
        if what:
            return self.call(what, self.sock.setsockopt, level, opt, value, wait=wait)
        return self.sock.setsockopt(level, opt, value)

    def ack(self, number, wait=SOON, **kw):
        """The scripted host acknowledges up to @number."""
        return self.send('A', ack=number, what='ack %d' % number, wait=wait, **kw)

    def listen(self, before=None, backlog=8):
        """The stack listens."""
        self.listening = tcp_socket(True)
        self.listening.bind((ip.ANY, PORT))
        if before:
            before(self.listening)
        self.listening.listen(backlog)

    def accept(self):
        """The program accepts; there is a connection."""
        check(wait_readable(self.listening, 0.01), 'nothing to accept')
        self.sock = self.listening.accept()[0]

    def stamps(self):
        """Segments carry timestamps from now on."""
        self.opts = lambda: opt_ts(TSVAL + 10, self.tsecr)

    def passive(self, opts=ALL, before=None, win=None, rtt=RTT):
        """The scripted host opens, and the program accepts."""
        self.listen(before)
        synack = self.send('S', opts=opts, win=win)
        sleep(rtt)
        if synack and synack[0].ts:
            self.stamps()
        self.send('A', win=win)
        self.accept()
        return self

    def connect(self, before=None, wait=SOON):
        """The program opens."""
        self.sock = tcp_socket(blocking=False)
        self.sock.bind((ip.ANY, 30000))
        if before:
            before(self.sock)
        self.sport, self.dport = PORT, 30000
        self.call('connect', self.sock.connect, (REMOTE, PORT), wait=wait)
        return self

    def active(self, opts=ALL, before=None, win=None, flags='SA'):
        """The program opens, and the scripted host accepts."""
        self.connect(before)
        sleep(RTT)
        if b'\x08\x0a' in opts and self.tsecr:
            at = opts.index(b'\x08\x0a') + 6
            opts = opts[:at] + struct.pack('!I', self.tsecr) + opts[at + 4:]
            self.stamps()
        self.send(flags, opts=opts, win=win)
        return self


def align():
    """
    Wait for the next tick and a little more.

    The kernel's TCP counts in jiffies: what came within a step would else depend on where in
    one of them the script began.  From here on, no step of SOON ends close to a tick.
    """
    before = os.times().elapsed         # jiffies, as long as HZ is USER_HZ
    while os.times().elapsed == before:
        sleep(0.0001)
    sleep(0.001)


_scripts = {}


def script(fn):
    """Declare a script: its name is the function's."""
    _scripts[fn.__name__.replace('_', '-')] = fn
    return fn


def _run(name, fn):
    """One script, in a process and a namespace of its own; False if it broke."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
            if libc.unshare(CLONE_NEWNET):
                raise OSError('unshare')
            from lib import net
            net.furnish()
            sysctl('congestion_control', 'reno')
            sysctl('rmem', '4096 131072 6291456')
            sysctl('wmem', '4096 16384 4194304')
            if not TCPX:
                sysctl('comp_sack_nr', 0)       # an ACK for each segment beyond a hole
            align()
            fn(name)
            status = 0
        except BaseException:
            print('%s/broke: %s' % (name, traceback.format_exc().strip().splitlines()[-1]))
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


def main(wanted):
    """Run the scripts whose names begin with one of @wanted; all without any."""
    bad = 0
    for name, fn in _scripts.items():
        if not wanted or any(name.startswith(w) for w in wanted):
            bad += not _run(name, fn)
    return bad
