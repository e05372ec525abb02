# SPDX-License-Identifier: GPL-2.0
"""A scripted host that takes what is sent to it as the RFCs have it, and TCP_INFO by name."""

import socket
import struct

from .net import counters, grown, listener, pattern, sysctl, tcp_info
from .peer import AT_ONCE, Conn
from .tap import check, equal, need, now, sleep
from .wire import TCPX, opt_mss, opt_sack, opt_sackok, opt_ts, opt_ws

__all__ = ['Receiver', 'MSS', 'RTT', 'info', 'parse_info', 'moved', 'start', 'until']

MSS = 1000
RTT = 0.1
SO_SNDBUFFORCE = 32

ports = iter(range(40000, 50000))


class Receiver:
    """
    The scripted host's receiving end: it acknowledges each segment it is given at once,
    with SACK and D-SACK blocks and timestamps as the RFCs have it.
    """

    def __init__(self, c, sack, ts, dsack=True):
        self.c, self.sack, self.ts, self.dsack = c, sack, ts, dsack
        self.nxt = 1                    # relative, as all numbers here
        self.recent = []                # blocks beyond nxt, the latest first
        self.got = bytearray()
        self.text = {}
        self.ts_recent = 0
        self.copies = {}                # number -> how often it was seen on the wire

    def opts(self, *blocks):
        out = opt_ts(self.tsval(), self.ts_recent) if self.ts else b''
        if self.sack and blocks:
            out += opt_sack(*((self.c.irs + a, self.c.irs + b) for a, b in blocks[:3]))
        return out

    @staticmethod
    def tsval():
        return 1000 + int(now() * 1000)

    def ack(self, *blocks, number=None):
        """An ACK, of @number or what is due, with these blocks."""
        return self.c.tx('A', ack=self.nxt if number is None else number,
                         opts=self.opts(*blocks))

    def _keep(self, a, b):
        for blk in [k for k in self.recent if k[0] <= b and a <= k[1]]:
            a, b = min(a, blk[0]), max(b, blk[1])
            self.recent.remove(blk)
        if b > self.nxt:
            self.recent.insert(0, (a, b))

    def take(self, *segs, answer=True):
        """These segments arrive, in this order; each is acknowledged."""
        for x in segs:
            a, b = self.c.rseq(x), self.c.rseq(x) + x.len
            if self.ts and a <= self.nxt:
                self.ts_recent = x.ts[0]
            dup = []
            if b <= self.nxt or any(k[0] <= a and b <= k[1] for k in self.recent):
                dup = [(a, b)] if self.dsack else []
            self.text[a] = x.data
            self._keep(max(a, self.nxt), b)
            for blk in list(self.recent):
                if blk[0] <= self.nxt:
                    self.recent.remove(blk)
                    self.nxt = max(self.nxt, blk[1])
            while len(self.got) < self.nxt - 1:
                at = len(self.got) + 1
                self.got += self.text[max(k for k in self.text if k <= at)][
                    at - max(k for k in self.text if k <= at):]
            if answer:
                self.ack(*dup, *self.recent)

    def out(self, wait=AT_ONCE):
        """What is sent next, within @wait, and what comes with it."""
        first = self.c.get(wait)
        xs = [x for x in [first] + self.c.all(AT_ONCE) if x and x.len]
        for x in xs:
            at = self.c.rseq(x)
            self.copies[at] = self.copies.get(at, 0) + 1
        return xs

    def numbers(self, segs):
        """Which segments these are, counted from 1 where all are full."""
        return [(self.c.rseq(x) - 1) // MSS + 1 for x in segs]

    def again(self):
        """{segment: how often it was sent, less one}, of those sent again."""
        return {(a - 1) // MSS + 1: n - 1 for a, n in sorted(self.copies.items()) if n > 1}

    def finish(self, data, rounds=400):
        """Take all the rest as it comes; the stream must be @data."""
        for _ in range(rounds):
            if self.nxt > len(data):
                break
            xs = self.out(3)
            check(xs, 'nothing comes any more at %d of %d' % (self.nxt, len(data)))
            sleep(RTT)
            self.take(*xs)
        check(bytes(self.got) == data, 'the stream differs')


def until(t):
    sleep(t - now())


def start(tun, segs=0, rtt=RTT, sack=True, ts=False, waiting=0, conf=(), dsack=True,
          congestion='reno'):
    """
    A connection, established after @rtt, with @segs segments acknowledged (10, 30, 70: the
    flights of slow start) and @waiting more: (socket, Receiver, data, what is under way).
    """
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    sysctl('congestion_control', congestion)
    for name, value in conf:
        sysctl(name, value)
    opts = opt_mss(MSS + (12 if ts else 0)) + opt_ws(4)
    if sack:
        opts += opt_sackok()
    if ts:
        opts += opt_ts(Receiver.tsval())
    l = listener()
    c = Conn(tun, next(ports), l.getsockname()[1])
    c.syn(opts)
    sa = c.rx('SA')
    sleep(rtt)
    r = Receiver(c, sack, ts, dsack)
    if ts:
        r.ts_recent = sa.ts[0]
    r.ack()
    s, _ = l.accept()
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 4 << 20)
    s.setblocking(False)
    data = pattern((segs + waiting) * MSS)
    flight = []
    if data:
        equal(s.send(data), len(data), 'bytes that fit into the send buffer')
        flight = r.out()
    while segs:
        segs -= len(flight)
        check(segs >= 0, 'flights do not add up to what is to be acknowledged')
        until(flight[0].t + rtt)
        r.take(*flight)
        flight = r.out() if segs or waiting else []
    r.s, r.before = s, counters()
    return s, r, data, flight


# struct tcp_info as include/uapi/linux/tcp.h has it; a name stands for its bits, too
_FIELDS = (
    'B state', 'B ca_state', 'B retransmits', 'B probes', 'B backoff', 'B options', 'B wscales',
    'B bits', 'I rto', 'I ato', 'I snd_mss', 'I rcv_mss', 'I unacked', 'I sacked', 'I lost',
    'I retrans', 'I fackets', 'I last_data_sent', 'I last_ack_sent', 'I last_data_recv',
    'I last_ack_recv', 'I pmtu', 'I rcv_ssthresh', 'I rtt', 'I rttvar', 'I snd_ssthresh',
    'I snd_cwnd', 'I advmss', 'I reordering', 'I rcv_rtt', 'I rcv_space', 'I total_retrans',
    'Q pacing_rate', 'Q max_pacing_rate', 'Q bytes_acked', 'Q bytes_received', 'I segs_out',
    'I segs_in', 'I notsent_bytes', 'I min_rtt', 'I data_segs_in', 'I data_segs_out',
    'Q delivery_rate', 'Q busy_time', 'Q rwnd_limited', 'Q sndbuf_limited', 'I delivered',
    'I delivered_ce', 'Q bytes_sent', 'Q bytes_retrans', 'I dsack_dups', 'I reord_seen',
    'I rcv_ooopack', 'I snd_wnd')
_FORMAT = '=' + ''.join(f[0] for f in _FIELDS)


def info(s):
    """{name: value} of TCP_INFO."""
    return parse_info(tcp_info(s))


def parse_info(data):
    """{name: value} of struct tcp_info."""
    out = dict(zip((f[2:] for f in _FIELDS), struct.unpack_from(_FORMAT, data)))
    out['app_limited'] = bool(out['bits'] & 1)
    return out


def moved(r, **want):
    """These counters have grown by so much since start()."""
    got = grown(r.before)
    for name, n in want.items():
        equal(got.get(name, 0), n, 'counter %s' % name)
