#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""SACK and D-SACK (RFC 2018, 2883) with heavy reordering, loss and duplicates."""

from path import *

SIZE = 4 << 20


class Ledger:
    """What one end sent, and what the other said of it: each block must be true."""

    def __init__(self, sent, said, port, strict):
        """@sent and @said: what was captured where it left the end; @port sends the data."""
        self.data = [x for x in sent if x.sport == port and x.len]
        self.start = next(x for x in sent if x.sport == port and x.flags & SYN).seq
        self.end = max(self.rel(x.end) for x in sent if x.sport == port and x.len + (x.flags & FIN))
        self.acks = [x for x in said if x.sport != port and x.flags & ACK]
        self.again = len(self.data) - len({x.seq for x in self.data})
        self.blocks = self.dsacks = 0
        for x in self.acks:
            self.judge(x, strict)

    def rel(self, number):
        return number - self.start & 0xffffffff

    def judge(self, x, strict):
        """RFC 2018, 4; RFC 2883, 4: the first block may tell of what came twice."""
        ack, spans = self.rel(x.ack), [(self.rel(a), self.rel(b)) for a, b in x.sack]
        check(len(spans) <= (3 if x.ts else 4), 'too many blocks: %s' % x)
        for i, (a, b) in enumerate(spans):
            check(a < b <= self.end, 'a block of what was never sent: %s' % x)
            dup = not i and (b <= ack or
                             len(spans) > 1 and spans[1][0] <= a and b <= spans[1][1])
            # Linux repeats a block that the ACK has passed meanwhile
            check(dup or a > ack or not strict, 'a block below the ACK: %s' % x)
            self.dsacks += dup
            self.blocks += not dup


def ledgers(p, caps, socks):
    """Of what the client sent, and of what the server sent."""
    out = []
    for cap, said, sock, end, other in zip(caps, caps[::-1], socks, p.ends, p.ends[::-1]):
        led = Ledger(cap.poll(), said.poll(), sock.getsockname()[1], other.stack.name == 'tcpx')
        led.sock = sock
        out.append(led)
        diag('%s: %d segments, %d of them again; of %s %d blocks, and %d D-SACK' % (
            end.stack.name, len(led.data), led.again, other.stack.name, led.blocks, led.dsacks))
    return out


def through(p, *impairment, size=SIZE):
    p.guard_hosts()
    p.netem('delay', '10ms', *impairment, 'limit', '100000')
    caps = p.capture('rc'), p.capture('rs')
    socks = c, s = p.open()[:2]
    carry((c, s, size), (s, c, size))
    return ledgers(p, caps, socks)


@between('25 % of the segments overtake the others')
def reordered(p):
    for led in through(p, 'reorder', '25%', '50%'):
        check(led.blocks > 100, 'blocks: %d' % led.blocks)
        # reordering is no loss, which both stacks learn, and forget
        check(led.again < len(led.data) * 0.4, '%d of %d sent again' % (
            led.again, len(led.data)))
        check(led.dsacks >= led.again * 0.3, '%d D-SACK for %d sent again' % (
            led.dsacks, led.again))
        check(info(led.sock)['reord_seen'], 'no reordering was seen')


@between('delays of 10 ms, give or take 5, which mixes everything')
def jitter(p):
    for led in through(p, '5ms'):
        check(led.blocks > 100, 'blocks: %d' % led.blocks)


@between('loss 3 %: what was lost is sent again, and hardly more')
def lost(p):
    for led, towards in zip(through(p, 'loss', '3%'), ('rs', 'rc')):
        with p.router:
            dropped = int(run('tc', '-s', 'qdisc', 'show', 'dev', towards).split('dropped ')[1]
                          .split(',')[0])
        check(led.blocks > 50, 'blocks: %d' % led.blocks)
        check(led.again <= dropped * 1.3 + 5, '%d sent again, %d lost (with ACKs)' % (
            led.again, dropped))


@between('bursts of loss')
def bursts(p):
    through(p, 'loss', 'gemodel', '1%', '50%')


@between('10 % of the segments come twice: D-SACK says so')
def twice(p):
    for led in through(p, 'duplicate', '10%'):
        check(led.again < 20, '%d sent again' % led.again)
        check(led.dsacks > 100, '%d D-SACK' % led.dsacks)
        check(info(led.sock)['dsack_dups'] > 100, 'tcpi_dsack_dups')


@between('an ACK is held up until the sender has repeated the data: D-SACK undoes the cut')
def spurious(p):
    p.netem('delay', '10ms')
    caps = p.capture('rc'), p.capture('rs')
    socks = c, s = p.open()[:2]
    exchange(c, s, 200000)
    for sock, to in ((c, ('server',)), (s, ('client',))):
        p.netem('delay', '600ms', to=to)
        other = s if sock is c else c
        carry((sock, other, 20000), end=False)
        p.netem('delay', '10ms', to=to)
        sleep(2)
    for led in ledgers(p, caps, socks):
        check(led.again, 'nothing was repeated')
        check(led.dsacks, 'no D-SACK')
        check(info(led.sock)['dsack_dups'], 'tcpi_dsack_dups')


@between('without SACK: the same loss and reordering')
def without(p):
    for end in p.ends:
        end.sysctl('sack', 0)
    for led in through(p, 'loss', '1%', 'reorder', '5%', '50%', size=1 << 20):
        equal(led.blocks + led.dsacks, 0, 'blocks')


main()
