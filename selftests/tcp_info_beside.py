#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP_INFO beside Linux's TCP: one script, both stacks, every field at every step."""

import fnmatch
import json
import os
import socket
import subprocess
import sys

from lib import *
from lib.receiver import info

MS = ('last_data_sent', 'last_data_recv', 'last_ack_recv')
US = ('rto', 'ato', 'rtt', 'rttvar', 'rcv_rtt', 'min_rtt', 'busy_time', 'rwnd_limited',
      'sndbuf_limited')

LINEAR = 'net.ipv4.tcp_syn_linear_timeouts'

APP_LIMITED = 'noted when there is nothing left to send; Linux: when the user writes again'

# Where the two may differ: steps, fields, and why.
WANTED = (
    ('*', 'rcv_ssthresh', 'the receive buffer is counted in its own way'),
    ('*', 'pacing_rate', 'a round trip takes next to no time here, and the rate goes by it'),
    ('* twice', 'last_ack_recv', 'old payload, which anybody may have kept, is no sign of life'),
    ('fresh', 'last_data_sent last_data_recv last_ack_recv', 'TCP: since the kernel started'),
    ('syn*', 'last_data_sent last_data_recv last_ack_recv', 'TCP: since the kernel started'),
    ('fresh', 'rttvar', 'nothing was measured'),
    ('syn*', 'rttvar', 'nothing was measured'),
    ('connected', 'rttvar', 'nothing was measured'),
    ('*alive', 'rttvar', 'nothing was measured'),
    ('syn*', 'snd_mss rcv_mss', 'nobody knows yet whether segments will carry timestamps'),
    ('syn again', 'snd_ssthresh snd_cwnd', 'congestion control begins with the connection'),
    ('connected', 'backoff', 'RFC 6298, (5.7): data begins with 3 s, not with twice that'),
    ('*alive', 'backoff', 'RFC 6298, (5.7): data begins with 3 s, not with twice that'),
    ('lost', 'snd_ssthresh snd_cwnd', 'RFC 5681, (4): half of what flies; Linux: of cwnd'),
    ('recovered', 'snd_ssthresh snd_cwnd', 'RFC 5681, (4): half of what flies; Linux: of cwnd'),
    ('heard again', 'snd_cwnd', 'RFC 5681: grown from the one segment of a time-out'),
    ('recovered', 'delivery_rate app_limited bits', APP_LIMITED),
    ('silence', 'delivery_rate app_limited bits', APP_LIMITED),
    ('heard again', 'delivery_rate app_limited bits', APP_LIMITED),
    ('close acknowledged', 'app_limited bits', APP_LIMITED),
    ('shut', 'delivery_rate', 'no time has passed'),
    ('probed*', 'delivery_rate', 'no time has passed'),
    ('answered', 'delivery_rate', 'no time has passed'),
    ('opened', 'delivery_rate', 'no time has passed'),
    ('close*', 'delivery_rate', 'no time has passed'),
)


class Script:
    """A connection, its steps, and what TCP_INFO says after each."""

    def __init__(self):
        self.tun = Tun()
        self.said = {}
        for name, value in (('rmem', '4096 131072 6291456'), ('wmem', '4096 16384 4194304'),
                            ('congestion_control', 'reno')):
            sysctl(name, value)

    def note(self, step, s):
        self.said[step] = info(s)

    def late(self, step, s, seconds=1.5):
        """... after a while in which nothing comes."""
        sleep(seconds)
        self.note(step, s)

    def receiver(self):
        s, c = passive(self.tun, opts=opt_mss(1000) + opt_sackok() + opt_ws(0))
        self.late('idle', s)
        c.tx('PA', bytes(100))
        s.recv(1000)
        self.late('text', s)
        c.tx('PA', bytes(100), seq=1)
        self.late('payload came twice', s)
        c.tx('PA', bytes(100), seq=51)
        s.recv(1000)
        self.late('payload overlaps', s)
        c.tx('PA', bytes(100), seq=251)
        c.tx('PA', bytes(100), seq=251)
        self.late('beyond a hole', s)
        c.tx('PA', bytes(150), seq=151)
        s.recv(1000)
        self.late('no hole', s)
        c.nxt = c.iss + 351
        c.tx('FA')
        self.late('fin', s)
        c.tx('FA', seq=351)
        self.late('fin came twice', s)

    def sender(self):
        s, c = passive(self.tun, opts=opt_mss(1000) + opt_sackok() + opt_ws(0))
        s.send(bytes(3000))
        self.note('sent', s)
        sleep(0.05)
        c.all()
        c.tx('A')
        self.late('acknowledged', s)
        s.send(bytes(5000))
        sleep(0.05)
        xs = c.all()
        c.tx('A', ack=3001, opts=opt_sack((c.irs + 4001, c.irs + 8001)))
        self.note('lost', s)
        sleep(0.05)
        c.all()
        c.tx('A', ack=8001)
        self.late('recovered', s)
        s.send(bytes(500))
        self.late('silence', s, 3)
        c.all()
        c.tx('A', ack=8501)
        self.late('heard again', s)

    def shut(self):
        s, c = passive(self.tun, opts=opt_mss(1000) + opt_sackok() + opt_ws(0))
        s.send(b'!')
        c.rx('PA')
        c.tx('A', win=0)
        s.send(bytes(500))
        self.note('shut', s)
        c.rx('A')
        self.note('probed', s)
        c.tx('A', win=0)
        c.rx('A')
        c.tx('A', win=0)
        c.rx('A')
        self.note('probed again', s)
        c.tx('A', win=0)
        self.note('answered', s)
        c.tx('A')
        c.all()
        c.tx('A')
        self.note('opened', s)
        s.shutdown(socket.SHUT_WR)
        self.note('closed', s)
        c.all()
        c.tx('A')
        self.note('close acknowledged', s)

    def client(self):
        if os.path.exists(sysctl_path(LINEAR)):
            sysctl(LINEAR, 0)           # Linux 6.5 and later do not back off before the fifth SYN
        s = tcp_socket(blocking=False)
        self.note('fresh', s)
        c = syn_sent(self.tun, s, 7000)
        self.note('syn', s)
        c.rx('S')
        c.rx('S')
        self.note('syn again', s)
        c.tx('SA', opts=opt_mss(1000) + opt_sackok() + opt_ws(0))
        c.rx('A')
        self.late('connected', s)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
        c.rx('A')
        c.rx('A')
        self.note('kept alive', s)
        c.tx('A')
        self.note('alive', s)

    def listen(self):
        self.note('listening', listener(backlog=7))


PARTS = ('receiver', 'sender', 'shut', 'client', 'listen')


def told(part, proto):
    """What TCP_INFO says at each step of @part."""
    out = subprocess.run([sys.executable, __file__, '--script', part], text=True,
                         env=dict(os.environ, TCPX_PROTO=str(proto)), stdout=subprocess.PIPE)
    check(not out.returncode, '%s on protocol %d: %s' % (part, proto, out.stdout))
    return json.loads(out.stdout)


def same(field, linux, tcpx):
    """
    Linux's clocks have ticks of up to 10 ms, and its timers are late by up to eight of them,
    each: by three in a row at most here.
    """
    if field in MS:
        return abs(linux - tcpx) <= 3 * 80
    if field in US:
        return abs(linux - tcpx) <= 30000 + linux / 10
    if field == 'delivery_rate':        # Linux counts whole microseconds
        return abs(linux - tcpx) <= linux / 100
    return linux == tcpx


def reason(step, field):
    for steps, fields, why in WANTED:
        if fnmatch.fnmatch(step, steps) and field in fields.split():
            return why
    return None


def beside(part):
    linux, tcpx = told(part, 6), told(part, TCPX_NR)
    bad = []
    for step in linux:
        for field, value in linux[step].items():
            if not same(field, value, tcpx[step][field]) and not reason(step, field):
                bad.append('%s: %s: TCP %r, tcpx %r' % (step, field, value, tcpx[step][field]))
    check(not bad, '\n'.join(bad))


TCPX_NR = PROTO


@case('TCP_INFO', 'beside TCP: a receiver')
def receiver():
    need(TCPX, 'TCP beside itself')
    beside('receiver')


@case('TCP_INFO', 'beside TCP: a sender')
def sender():
    need(TCPX, 'TCP beside itself')
    beside('sender')


@case('TCP_INFO', 'beside TCP: a window that is shut')
def shut():
    need(TCPX, 'TCP beside itself')
    beside('shut')


@case('TCP_INFO', 'beside TCP: a client')
def client():
    need(TCPX, 'TCP beside itself')
    beside('client')


@case('TCP_INFO', 'beside TCP: a listener')
def listen():
    need(TCPX, 'TCP beside itself')
    beside('listen')


if sys.argv[1:2] == ['--script']:
    script = Script()
    getattr(script, sys.argv[2])()
    print(json.dumps(script.said))
else:
    main()
