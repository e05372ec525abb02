#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""S26: what was lost, with SACK and without: RACK-TLP, PRR, F-RTO, Eifel, D-SACK."""

import socket

from lib import *
from lib.receiver import *

SO_MEMINFO = 55
M32 = 0xffffffff

# --- SACK --------------------------------------------------------------------

@case('S26', 'SACK: only the holes are sent again, each once (RFC 6675, RFC 8985)')
def holes():
    tun = Tun()
    s, r, data, f = start(tun, waiting=100)
    equal(len(f), 10, 'segments of the first flight')
    until(f[0].t + RTT)
    r.take(*(x for n, x in enumerate(f, 1) if n not in (2, 5, 8)))
    xs = r.out()
    equal([n for n in r.numbers(xs) if n <= 10][:1], [2], 'sent again')
    sleep(RTT)
    r.take(*xs)
    r.finish(data)
    equal(r.again(), {2: 1, 5: 1, 8: 1}, 'sent again')
    moved(r, RetransSegs=3, TCPTimeouts=0, FastRetrans=1)


@case('S26', 'SACK: a lost retransmission is found by what was sent after it, without a time-out '
      '(RFC 8985, 6)')
def lost_retransmission():
    tun = Tun()
    s, r, data, f = start(tun, segs=30, waiting=200)
    lost = r.numbers(f)[0]
    until(f[0].t + RTT)
    r.take(*f[1:])
    for n in range(3):
        xs = r.out()
        nr = r.numbers(xs)
        equal(nr.count(lost), 1, 'copies of the first in round %d' % n)
        check(len(nr) > 1, 'nothing new with the retransmission')
        until(xs[0].t + RTT)
        # the retransmission is lost each time, what was sent with it is not
        r.take(*(x for x, m in zip(xs, nr) if m != lost))
    r.finish(data)
    equal(r.again(), {lost: 4}, 'sent again')
    moved(r, TCPTimeouts=0, FastRetrans=1)


@case('S26', 'RACK: the third of those that were sent later marks it lost at once, by time alone the '
      'first does after min_RTT/4 (RFC 8985, 6.2)')
def reo_window():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=4)
    equal(r.numbers(f), [11, 12, 13, 14], 'under way')
    until(f[0].t + RTT)
    r.take(f[1])
    x = r.c.rx(seq=1 + 10 * MSS, since=f[0].t, at=RTT * 1.25, tol=TOL, what='the reordering timer')
    until(x.t + RTT)
    r.take(f[2], f[3], x)
    r.c.quiet(3)
    moved(r, TCPTimeouts=0, FastRetrans=1, RetransSegs=1)


@case('S26', 'RACK: what comes within the reordering window was not lost (RFC 8985, 6.2)')
def reordered():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=4)
    cwnd = info(s)['snd_cwnd']
    until(f[0].t + RTT)
    r.take(f[1])
    until(f[0].t + RTT * 1.24)
    r.take(f[0], f[2], f[3])
    r.c.quiet(3, 'sent again')
    moved(r, RetransSegs=0, TCPTimeouts=0, FastRetrans=0, TCPLossProbes=0)
    check(info(s)['snd_cwnd'] >= cwnd, 'cwnd was reduced')


@case('S26', 'RACK: reordering once seen, three are not enough; D-SACK widens the window '
      '(RFC 8985, 6.2)')
def reo_window_grows():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=4)
    until(f[0].t + RTT)
    r.take(f[1])
    sleep(RTT / 10)
    r.take(f[0], f[2], f[3])
    at = 15
    for mult in (1, 2, 3):
        until(now() + 1)
        s.send(pattern(4 * MSS))
        f = r.out()
        until(f[0].t + RTT)
        r.take(f[1], f[2], f[3])
        x = r.c.rx(seq=1 + (at - 1) * MSS, since=f[0].t, at=RTT * (1 + mult * .25), tol=TOL,
                   what='window of %d quarters' % mult)
        sleep(RTT / 2)
        r.take(f[0])
        sleep(RTT / 2)
        r.take(x)
        at += 4
    moved(r, TCPTimeouts=0, TCPDSACKUndo=3, RetransSegs=3)


@case('S26', 'SACK: a peer that throws away what it had SACKed gets it again (RFC 2018, 8)')
def reneging():
    tun = Tun()
    s, r, data, f = start(tun, waiting=10)
    until(f[0].t + RTT)
    r.ack((1 + 2 * MSS, 1 + 10 * MSS), number=1)        # all but the first two
    again = r.out()
    equal(r.numbers(again), [1, 2], 'sent again')
    sleep(RTT)
    r.nxt = 1
    r.take(*again)                                      # ACK of two, no blocks: all the rest is gone
    for _ in range(30):
        xs = r.out(10)
        if not xs:
            break
        sleep(RTT)
        r.take(*xs)
    check(bytes(r.got) == data, 'got %d of %d bytes' % (len(r.got), len(data)))
    check(grown(r.before).get('TCPTimeouts', 0) <= 1, 'time-outs: %r' % grown(r.before))


@case('S26', 'SACK: blocks outside of what was sent, inverted, empty or huge tell nothing (RFC 2018, 5)')
def nonsense_blocks():
    tun = Tun()
    s, r, data, f = start(tun, waiting=10)
    end = 1 + 10 * MSS
    until(f[0].t + RTT / 2)
    before = info(s)
    for a, b in ((end, end + MSS), (end - MSS, end + 1), (end + MSS, end + 2 * MSS),
                 (5 * MSS + 1, 4 * MSS + 1), (3 * MSS + 1, 3 * MSS + 1),
                 (1 + MSS, 1 + MSS + (1 << 31)), (1 + MSS, M32), (-5 * MSS, end),
                 (-(1 << 30), 1), (-(1 << 31), -(1 << 31) + MSS), (-2000000, -1999000),
                 (1, end + (1 << 29)), (end - 1, end - 2)):
        r.ack((a, b), number=1)
        r.ack((a, b), (a, b), (a, b), number=1)
    r.c.quiet(0.001, 'a block of nonsense let something out')
    after = info(s)
    for name in ('unacked', 'sacked', 'lost', 'snd_cwnd', 'ca_state'):
        equal(after[name], before[name], 'tcpi_' + name)
    r.take(*f)
    r.c.quiet(10)
    moved(r, RetransSegs=0, FastRetrans=0, TCPDSACKUndo=0)


@case('S26', 'SACK: blocks that cover a segment in part do not split it (CVE-2019-11477, RFC 2018)')
def partial_blocks():
    tun = Tun()
    s, r, data, f = start(tun, waiting=10)
    until(f[0].t + RTT)
    mem = s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
    for n in range(9, 0, -1):
        for cut in range(1, MSS, 97):
            at = 1 + n * MSS
            r.ack((at + cut, at + MSS), (at + cut + 1, at + cut + 2), (at, at + cut), number=1)
    equal(r.out(), [], 'what is sent upon parts of segments')
    equal(s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)[8:], mem[8:], 'memory for the queue')
    # all but the first and the last octet: eight whole segments, two in part
    r.ack((2, 10 * MSS), number=1)
    xs = r.out()
    check(all(x.len == MSS for x in xs), 'cut: %r' % xs)
    equal(r.numbers(xs), [1], 'sent again')
    sleep(RTT)
    r.take(*f)
    r.finish(data)


@case('S26', 'SACK: an ACK within a segment; what is left of it goes alone, and again whole')
def ack_within():
    tun = Tun()
    s, r, data, f = start(tun, waiting=10)
    until(f[0].t + RTT)
    r.nxt = 1
    r.ack((1 + 3 * MSS, 1 + 9 * MSS), number=1 + MSS // 2)
    xs = r.out()
    equal([(r.c.rseq(x), x.len) for x in xs[:3]],
          [(1 + MSS // 2, MSS // 2), (1 + MSS, MSS), (1 + 2 * MSS, MSS)], 'sent again')
    for x in xs:
        at = r.c.rseq(x) - 1
        check(x.data == data[at:at + x.len], 'other data in %s' % x)


# --- TLP ---------------------------------------------------------------------

@case('S26', 'TLP: with nothing new to send the last segment again, 2*SRTT after it (RFC 8985, 7.2)')
def tlp_last():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=3)
    x = r.c.rx(seq=1 + 12 * MSS, length=MSS, since=f[-1].t, at=2 * RTT, tol=TOL, what='the probe')
    moved(r, TCPLossProbes=1, TCPTimeouts=0)
    # the time-out starts anew, and one probe is enough
    rto = info(s)['rto'] / 1e6
    y = r.c.rx(seq=1 + 10 * MSS, since=x.t, at=rto, tol=TOL, what='the time-out')
    moved(r, TCPLossProbes=1, TCPTimeouts=1)


@case('S26', 'TLP: new data, if the window takes it (RFC 8985, 7.3)')
def tlp_new():
    tun = Tun()
    s, r, data, f = start(tun, waiting=20)
    equal(len(f), 10, 'under way')
    r.c.rx(seq=1 + 10 * MSS, length=MSS, since=f[-1].t, at=2 * RTT, tol=TOL, what='the probe')
    moved(r, TCPLossProbes=1, TCPTimeouts=0, RetransSegs=0)


@case('S26', 'TLP: one segment under way may be waiting for a delayed ACK, yet no longer than the '
      'RTO (RFC 8985, 7.2)')
def tlp_one():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=1)
    rto = info(s)['rto'] / 1e6
    check(rto < 2 * RTT + 0.2, 'RTO of %f' % rto)
    r.c.rx(seq=1 + 10 * MSS, since=f[0].t, at=rto, tol=TOL)
    moved(r, TCPLossProbes=1, TCPTimeouts=0)
    r.take(f[0])
    sysctl('rto_min_us', 3000000)
    s.send(bytes(MSS))
    f = r.out()
    until(f[0].t + RTT)
    r.take(*f)
    sleep(1)
    s.send(bytes(MSS))
    f = r.out()
    r.c.rx(seq=1 + 12 * MSS, since=f[0].t, at=2 * RTT + 0.2, tol=2 * TOL)


@case('S26', 'TLP: the tail of a flight is repaired without a time-out (RFC 8985, 7)')
def tlp_tail():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=10)
    until(f[0].t + RTT)
    r.take(*f[:7])
    xs = r.out(1)
    equal(r.numbers(xs), [20], 'the probe')
    sleep(RTT)
    r.take(*xs)
    r.finish(data)
    equal(r.again(), {18: 1, 19: 1, 20: 1}, 'sent again')
    moved(r, TCPTimeouts=0, TCPLossProbes=1)


@case('S26', 'TLP: a loss that the probe repairs reduces cwnd, once (RFC 8985, 7.4)')
def tlp_loss():
    tun = Tun()
    s, r, data, f = start(tun, segs=30, waiting=10)
    cwnd = info(s)['snd_cwnd']
    until(f[0].t + RTT)
    r.take(*f[:9])
    xs = r.out(1)
    equal(r.numbers(xs), [40], 'the probe')
    sleep(RTT)
    r.take(*xs)
    moved(r, TCPLossProbeRecovery=0)
    # all that was out is acknowledged; what is sent next ends it
    s.send(bytes(5 * MSS))
    f = r.out()
    sleep(RTT)
    r.take(*f)
    moved(r, TCPLossProbes=1, TCPLossProbeRecovery=1, TCPTimeouts=0)
    got = info(s)
    check(got['snd_cwnd'] < cwnd and got['snd_ssthresh'] < cwnd, 'cwnd %d before, %r after' % (
        cwnd, got))


@case('S26', 'TLP: D-SACK of the probe shows that nothing was lost (RFC 8985, 7.4)')
def tlp_dsack():
    tun = Tun()
    s, r, data, f = start(tun, segs=30, waiting=10)
    cwnd = info(s)['snd_cwnd']
    xs = r.out(0.21)
    equal(r.numbers(xs), [40], 'the probe')
    r.take(*f)                                  # the ACKs were late
    sleep(RTT)
    r.take(*xs)
    s.send(bytes(5 * MSS))
    f = r.out()
    sleep(RTT)
    r.take(*f)
    moved(r, TCPLossProbes=1, TCPLossProbeRecovery=0, TCPTimeouts=0, RetransSegs=1)
    equal(info(s)['ca_state'], 0, 'the state: Open')
    check(info(s)['snd_cwnd'] >= cwnd, 'cwnd was reduced')


@case('S26', 'TLP: none without SACK, none if net.tcpx.early_retrans is 0 (RFC 8985, 7)')
def no_tlp():
    tun = Tun()
    for sack, conf in ((False, 3), (True, 0)):
        s, r, data, f = start(tun, segs=10, waiting=3, sack=sack, conf=(('early_retrans', conf),))
        rto = info(s)['rto'] / 1e6
        r.c.rx(seq=1 + 10 * MSS, since=f[0].t, at=rto, tol=TOL)
        moved(r, TCPLossProbes=0, TCPTimeouts=1)
        dead_close(s)
        r.c.flush()


# --- PRR ---------------------------------------------------------------------

class Prr:
    """What RACK and RFC 9937, 6.2 make of SACKs, segment by segment; RTTs are all the same."""

    def __init__(self, numbers, cwnd):
        self.order = list(numbers)          # in the order of sending
        self.sacked, self.lost = set(), set()
        self.nxt = self.order[-1] + 1
        self.cwnd = cwnd * MSS
        self.ssthresh = None

    def flight(self):
        return MSS * (len(set(self.order) - self.sacked - self.lost))

    def send(self):
        out = []
        while self.flight() + MSS <= self.cwnd:
            if self.lost:
                n = min(self.lost)
                self.lost.remove(n)
                self.order.remove(n)
            else:
                n, self.nxt = self.nxt, self.nxt + 1
            self.order.append(n)
            out.append(n)
        if self.ssthresh:
            self.out += MSS * len(out)
        return out

    def sack(self, n):
        """SACK of @n; what is sent upon it."""
        before = len(self.sacked)
        self.sacked.add(n)
        at = self.order.index(n)
        if len(self.sacked) >= 3:
            self.lost |= {m for m in self.order[:at] if m not in self.sacked}
        if not self.ssthresh:
            if not self.lost:
                return self.send()
            self.ssthresh = min(self.cwnd, MSS * len(self.order)) // 2
            self.fs = MSS * (len(self.order) - before)
            self.delivered = self.out = 0
        self.delivered += MSS
        flight = self.flight()
        if flight > self.ssthresh:
            n = -(-self.delivered * self.ssthresh // self.fs) - self.out
        else:
            n = min(max(self.delivered - self.out, MSS), self.ssthresh - flight)
        self.cwnd = flight + max(n, 0 if self.out else MSS)
        return self.send()


def prr(lost):
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=200)
    nr = r.numbers(f)
    equal(nr, list(range(11, 31)), 'under way')
    model = Prr(nr, 20)
    until(f[0].t + RTT)
    sent, want, new = [], [], []
    for x, n in zip(f, nr):
        if n in lost:
            continue
        r.take(x)
        xs = r.out(0)
        new += xs
        sent.append(r.numbers(xs))
        want.append(model.sack(n))
    diag('sent with each SACK: %r' % sent)
    equal(sent, want, 'what is sent with each SACK')
    equal(info(s)['snd_ssthresh'], 10, 'ssthresh')
    sleep(RTT)
    r.take(*new)
    r.finish(data)
    equal(sorted(r.again()), sorted(lost), 'sent again')
    moved(r, TCPTimeouts=0, FastRetrans=1)


@case('S26', 'PRR: one loss in a flight of 20: every other SACK lets one out (RFC 9937, 6.2)')
def prr_one():
    prr({11})


@case('S26', 'PRR: twelve losses in a flight of 20: what is delivered is sent, down from below '
      'ssthresh (RFC 9937, 6.2)')
def prr_many():
    prr(set(range(11, 23)))


@case('S26', 'PRR: holes all over a flight of 20, number for number (RFC 9937, 6.2)')
def prr_holes():
    prr({11, 15, 16, 20, 21, 22, 27})


@case('S26', 'PRR: the short last segment lets a full one out: no time-out (RFC 6937, 3: in segments)')
def prr_short():
    tun = Tun()
    s, r, _, _ = start(tun)
    data = pattern(5 * MSS + 88)
    s.send(data)
    f = r.out()
    equal(len(f), 6, 'segments of the first flight')
    until(f[0].t + RTT)
    r.take(*f[2:5])
    xs = r.out(0)
    equal(r.numbers(xs), [1], 'sent again when three have come')
    r.take(f[5])
    xs += r.out(0)
    equal(r.numbers(xs), [1, 2], 'sent again when the short one has come')
    sleep(RTT)
    r.take(*xs)
    equal(bytes(r.got), data, 'the stream')
    moved(r, TCPTimeouts=0, FastRetrans=1)


@case('S26', 'PRR: recovery ends with cwnd at ssthresh (RFC 9937, 6.2)')
def prr_end():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=20)
    until(f[0].t + RTT)
    r.take(*f[1:])
    xs = r.out()
    sleep(RTT)
    r.take(*xs)
    got = info(s)
    equal((got['snd_cwnd'], got['snd_ssthresh'], got['ca_state']), (10, 10, 0),
          'cwnd, ssthresh, state')


# --- F-RTO and undo ----------------------------------------------------------

NO_TLP = ('early_retrans', 0)


def delay_spike(sack, ts, conf=()):
    """All ACKs of a flight of 20 come after the time-out."""
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=100, sack=sack, ts=ts, conf=(NO_TLP, *conf))
    equal(len(f), 20, 'under way')
    rto = info(s)['rto'] / 1e6
    again = r.c.rx(length=MSS, since=f[0].t, at=rto, tol=2 * TOL)
    equal(r.numbers([again]), [11], 'sent again')
    r.copies[r.c.rseq(again)] += 1
    sleep(0.01)
    for x in f:
        r.take(x)
        r.early = getattr(r, 'early', []) + r.out(0)
    return s, r, data, again


def restored(s, cwnd=20):
    got = info(s)
    check(got['snd_cwnd'] >= cwnd, 'cwnd of %d' % got['snd_cwnd'])
    equal(got['snd_ssthresh'], 0x7fffffff, 'ssthresh')
    equal(got['ca_state'], 0, 'the state: Open')


@case('S26', 'F-RTO: a delay spike costs one retransmission and no window, without SACK (RFC 5682, 2)')
def frto():
    s, r, data, again = delay_spike(False, False)
    equal(r.again(), {11: 1}, 'sent again')
    restored(s)
    sleep(RTT)
    r.take(*r.early, again)
    r.finish(data)
    equal(r.again(), {11: 1}, 'sent again')
    moved(r, TCPSpuriousRTOs=1, TCPTimeouts=1, RetransSegs=1)


@case('S26', 'F-RTO: ... and with SACK (RFC 5682, 3)')
def frto_sack():
    s, r, data, again = delay_spike(True, False)
    equal(r.again(), {11: 1}, 'sent again')
    restored(s)
    sleep(RTT)
    r.take(again, *r.early)
    r.finish(data)
    equal(r.again(), {11: 1}, 'sent again')
    moved(r, TCPSpuriousRTOs=1, TCPTimeouts=1, RetransSegs=1)


@case('S26', 'F-RTO: after the first ACK two new segments, and nothing old (RFC 5682, 2.1, step 2b)')
def frto_step():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=100, sack=False)
    r.c.rx(length=MSS, within=1)
    r.take(f[0])
    equal(r.numbers(r.out(0)), [31, 32], 'sent with the first ACK')
    r.take(f[1])
    xs = r.out(0)
    check(xs and min(r.numbers(xs)) == 33, 'sent with the second ACK: %r' % r.numbers(xs))


@case('S26', 'F-RTO: a real loss of all is repaired, each segment once (RFC 5682)')
def frto_loss():
    tun = Tun()
    for sack, ts in ((False, False), (True, False), (False, True), (True, True)):
        s, r, data, f = start(tun, segs=10, waiting=60, sack=sack, ts=ts, conf=(NO_TLP,))
        equal(len(f), 20, 'under way')
        again = r.out(1)
        sleep(RTT)
        r.take(*again)
        r.finish(data)
        equal(r.again(), {k: 1 for k in range(11, 31)}, 'sent again with SACK %d, TS %d' % (sack, ts))
        moved(r, TCPSpuriousRTOs=0, EifelUndo=0, TCPDSACKUndo=0, TCPTimeouts=1)
        equal(info(s)['snd_ssthresh'], 10, 'ssthresh')
        dead_close(s)
        r.c.flush()


@case('S26', 'F-RTO: with net.tcpx.frto = 0 a spurious time-out sends again what has arrived')
def frto_off():
    s, r, data, again = delay_spike(False, False, (('frto', 0),))
    check(len(r.again()) > 5, 'sent again: %r' % r.again())
    sleep(RTT)
    r.take(again, *r.early)
    r.finish(data)
    moved(r, TCPSpuriousRTOs=0, TCPTimeouts=1)


@case('S26', 'Eifel: the echo of the original\'s timestamp undoes a time-out at its first ACK '
      '(RFC 3522, RFC 4015)')
def eifel_timeout():
    for n, sack in enumerate((False, True)):
        s, r, data, again = delay_spike(sack, True)
        equal(r.again(), {11: 1}, 'sent again')
        restored(s)
        sleep(RTT)
        r.take(*r.early)
        r.finish(data)
        equal(r.again(), {11: 1}, 'sent again')
        moved(r, EifelUndo=1, TCPSpuriousRTOs=0, TCPTimeouts=1, RetransSegs=1)
        dead_close(s)
        r.c.tun.close()


def overtaken(ts, dsack=True):
    """The first of a flight of 20 comes after a fast retransmit was sent for it."""
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=100, ts=ts, dsack=dsack)
    equal(len(f), 20, 'under way')
    until(f[0].t + RTT)
    new = []
    for x in f[1:5]:
        r.take(x)
        new += r.out(0)
    again = [x for x in new if r.numbers([x]) == [11]]
    equal(len(again), 1, 'copies sent again')
    equal(info(s)['ca_state'], 3, 'the state: Recovery')
    sleep(0.02)
    r.take(f[0], *f[5:])
    return s, r, data, new, again[0]


@case('S26', 'Eifel: the echo of the original\'s timestamp undoes a fast retransmit (RFC 3522, RFC 4015)')
def eifel():
    s, r, data, new, again = overtaken(True)
    restored(s)
    moved(r, EifelUndo=1, FastRetrans=1)
    sleep(RTT)
    r.take(*new)
    r.finish(data)
    moved(r, EifelUndo=1, TCPDSACKUndo=0, TCPTimeouts=0, RetransSegs=1)


@case('S26', 'D-SACK for all that was sent again undoes a fast retransmit (RFC 3708)')
def dsack_undo():
    s, r, data, new, again = overtaken(False)
    check(info(s)['snd_ssthresh'] < 20, 'undone already')
    sleep(RTT)
    r.take(*new)
    restored(s)
    moved(r, TCPDSACKUndo=1, EifelUndo=0, FastRetrans=1)
    r.finish(data)
    moved(r, TCPDSACKUndo=1, TCPTimeouts=0, RetransSegs=1)


@case('S26', 'without timestamps and D-SACK a spurious fast retransmit is not undone, and costs half')
def no_undo():
    s, r, data, new, again = overtaken(False, dsack=False)
    sleep(RTT)
    r.take(*new)
    equal(info(s)['snd_ssthresh'], 10, 'ssthresh')
    r.finish(data)
    moved(r, TCPDSACKUndo=0, EifelUndo=0, TCPSpuriousRTOs=0, RetransSegs=1)


@case('S26', 'D-SACK of only a part of what was sent again undoes nothing (RFC 3708)')
def dsack_part():
    tun = Tun()
    s, r, data, f = start(tun, segs=10, waiting=100)
    until(f[0].t + RTT)
    r.take(*f[2:])                              # both of the first two seem lost
    xs = r.out()
    equal([n for n in r.numbers(xs) if n <= 30], [11, 12], 'sent again')
    sleep(0.02)
    r.take(f[0])                                # one of them was late
    sleep(RTT)
    r.take(*xs)
    moved(r, TCPDSACKUndo=0)
    check(info(s)['snd_ssthresh'] <= 10, 'ssthresh was undone')
    r.finish(data)


# --- two kernels -------------------------------------------------------------

LINKS = 'vb', 'vc'                      # of the router, one to either side


def through_router(there, back):
    """Two kernels: netem on what the router sends on. A sender's own would get whole skbs."""
    r = Routed()
    cut('va')
    with r.far:
        cut('vd')
    with r.veth.b:
        for name, args in zip(LINKS, (back, there)):
            run('tc', 'qdisc', 'replace', 'dev', name, 'root', 'netem', *args, 'limit', '10000')
    return r


def dropped(r):
    """Packets that the router has dropped, both ways."""
    with r.veth.b:
        return sum(int(run('tc', '-s', 'qdisc', 'show', 'dev', name).split('dropped ')[1]
                       .split(',')[0]) for name in LINKS)


@case('S26', 'loss of 2 % both ways, with and without SACK and timestamps: the streams are whole, '
      'and little more is sent again than was lost')
def two_kernels():
    need(TCPX, 'the kernel\'s TCP has other counters')
    r = through_router(*2 * [('delay', '10ms', 'loss', '2%')])
    ends = NetNS.current(), r.far
    data = pattern(1 << 20)
    for sack, ts in ((1, 1), (1, 0), (0, 1), (0, 0)):
        before = []
        for ns in ends:
            with ns:
                sysctl('sack', sack)
                sysctl('timestamps', ts)
                before.append(counters())
        was = dropped(r)
        c, s = r.pair()
        began = now()
        transfer([(c, data, s), (s, data[::-1], c)])
        took = now() - began
        got = []
        for ns, old in zip(ends, before):
            with ns:
                got.append(grown(old))
        again = sum(g.get('RetransSegs', 0) for g in got)
        timeouts = sum(g.get('TCPTimeouts', 0) for g in got)
        lost = dropped(r) - was
        diag('SACK %d, timestamps %d: %.2f s, %d lost (ACKs too), %d sent again, %d time-outs' % (
            sack, ts, took, lost, again, timeouts))
        check(again > 0, 'nothing was lost')
        # A time-out takes all that flies for lost; where even a probe is lost there is one
        most = (lost + 5 if sack else 2 * lost + 20) + 40 * timeouts
        check(again <= most, '%d sent again for %d lost' % (again, lost))
        s.close()
        c.close()


@case('S26', 'reordering of 5 % by up to 10 ms: hardly anything is sent again (RFC 8985)')
def two_kernels_reordered():
    need(TCPX, 'the kernel\'s TCP has other counters')
    r = through_router(('delay', '10ms', 'reorder', '5%', 'gap', '3'), ('delay', '30ms'))
    before = counters()
    c, s = r.pair()
    data = pattern(4 << 20)
    transfer([(c, data, s)])
    got = grown(before)
    segments = len(data) // (ip.mss() - 12)
    again = got.get('RetransSegs', 0)
    diag('%d segments, %d sent again, %r' % (
        segments, again, {k: v for k, v in got.items() if 'Undo' in k or 'Tlp' in k}))
    check(again <= segments // 50, '%d sent again' % again)
    equal(got.get('TCPTimeouts', 0), 0, 'time-outs')


main()
