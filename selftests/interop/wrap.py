#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sequence numbers that wrap, and PAWS (RFC 7323, 5), which tells what is of another round."""

from path import *

# Once around and a half
LONG = 5 << 30
TURN = 1 << 32
ROOM = 8 << 20
# Long segments: a few hundred thousand of them
FAST = {'mtu': 60000, 'offloads': True}


def wide(p):
    """Buffers for a fast path, and a rate that leaves a round its seconds."""
    for end in p.ends:
        end.sysctls(rmem='4096 %d %d' % (ROOM, ROOM), wmem='4096 %d %d' % (ROOM, ROOM))
    p.netem('delay', '100us', 'rate', '5gbit', 'limit', '100000')


def first_data(cap, port):
    seg = next(x for x in cap.poll() if x.sport == port and x.len)
    cap.close()
    return seg


@between('5 GB at 5 Gbit/s; then a segment of the first round comes again: PAWS drops it',
         **FAST)
def around(p):
    wide(p)
    c, s, _ = p.open()
    cap = p.capture('rs')
    # a first segment by itself, which can be injected as it is
    carry((c, s, 1000), end=False)
    old = first_data(cap, c.getsockname()[1])
    equal(old.len, 1000, 'octets of the first segment')
    t = now()
    # the next one to come has the number of the first
    carry((c, s, TURN - 1000), end=False)
    diag('%.1f s for one round' % (now() - t))
    check(now() - t > 2, 'a round in %.1f s' % (now() - t))
    before = p.server.counters()
    # as it was; the captured one's checksum was the device's to fill in
    inject(p, 'rs', 2, build(old.src, old.dst, old.sport, old.dport, old.seq, old.ack, old.flags,
                             old.win, old.opts, old.data))
    sleep(1)
    raises(errno.EAGAIN, s.recv, 1, socket.MSG_DONTWAIT)
    equal(p.server.grown(before).get('PAWSEstab'), 1, 'segments dropped by PAWS')
    carry((c, s, LONG - TURN), (s, c, 1 << 20))
    sleep(1)
    check(info(c)['bytes_acked'] >= LONG, 'tcpi_bytes_acked: %d' % info(c)['bytes_acked'])
    check(info(s)['bytes_received'] >= LONG, 'tcpi_bytes_received: %d' % info(s)['bytes_received'])


@between('300 MB towards the client, in long segments, with a loss of 0.1 %', **FAST)
def back(p):
    wide(p)
    c, s, _ = p.open()
    p.netem('delay', '100us', 'rate', '5gbit', 'limit', '100000', 'loss', '0.1%')
    carry((s, c, 300 << 20))


def numbered(p, isn):
    """A connection in which the side that can begins with this number."""
    l = p.listen()
    able = [end for end in p.ends if end.stack.name == 'tcpx']
    need(able, 'neither of the two lets its numbers be chosen')
    value = struct.pack('I', isn)
    if p.server in able:
        l.setsockopt(253, TCPX_ISN, value)
    return p.open(l, before=lambda c: p.client in able and c.setsockopt(253, TCPX_ISN, value))


for isn in (0xffffffff, 0xfffffffe, 0xffffffff - 1000, 0x7fffffff, 0x7fffffff - 1000):
    @between('tcpx\'s numbers begin at %#x; loss and reordering at the edge' % isn)
    def edge(p, isn=isn):
        p.guard_hosts()
        p.netem('delay', '5ms', 'loss', '2%', 'reorder', '10%', 'limit', '10000')
        cap = p.capture()
        c, s, _ = numbered(p, isn)
        carry((c, s, 200000), (s, c, 200000))
        check(any(x.flags & SYN and x.seq == isn for x in cap.poll()), 'another number was chosen')


main()
