#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Segments that Linux has merged (GRO) or not yet cut (TSO): longer than any MTU."""

from path import *

SIZE = int((50 << 20) * SHARE)


def longest(cap, sock):
    port = sock.getsockname()[1]
    return max(x.len for x in cap.poll() if x.sport == port)


def arriving(p):
    """What each end's device hands to IP: from the server's side, from the client's."""
    out = []
    for end in p.ends:
        with end:
            out.append(Capture(end.device, outgoing=False))
    return out


@between('GRO at both ends: what arrives is merged')
def merged(p):
    for end in p.ends:
        end.offload(1, 'gro')
    with p.router:
        for device in ('rc', 'rs'):
            offload(device, 'gro', 0)
    # what is to be merged has to arrive together
    p.netem('delay', '1ms', 'limit', '100000')
    p.guard_hosts()
    caps = arriving(p)
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))
    for cap, sender in zip(caps, (s, c)):
        check(longest(cap, sender) > 2 * 1460, 'longest that arrived: %d' % longest(cap, sender))


@between('TSO all the way: what is sent in one piece arrives in one', offloads=True)
def whole(p):
    p.guard_hosts()
    caps = arriving(p)
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))
    for cap, sender in zip(caps, (s, c)):
        length = longest(cap, sender)
        check(length > 10 * 1460, 'longest that arrived: %d' % length)


@between('GRO at the router: it merges, and cuts again on a link of 1300')
def recut(p):
    with p.router:
        for device in ('rc', 'rs'):
            offload(device, 'gro', 1)
            offload(device, 'gso', 1)
    p.narrow(1300)
    p.netem('delay', '5ms', 'limit', '100000', 'loss', '0.1%')
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))
    for sock in (c, s):
        equal(info(sock)['pmtu'], 1300, 'path MTU')


@between('GRO, loss, reordering and duplicates at once')
def mixed(p):
    for end in p.ends:
        end.offload(1, 'gro')
    p.netem('delay', '2ms', 'limit', '100000', 'loss', '0.5%', 'reorder', '2%', 'duplicate', '1%')
    p.guard_hosts()
    c, s, _ = p.open()
    carry((c, s, SIZE), (s, c, SIZE))


@between('GRO and ECN: marks are not lost in what is merged')
def marked(p):
    for end in p.ends:
        end.offload(1, 'gro')
        end.sysctl('ecn', 1)
    p.netem('delay', '2ms', 'limit', '100000')
    c, s, _ = p.open()
    # from now on: after a SYN is lost, the next one does not ask for ECN
    p.netem('delay', '2ms', 'limit', '100000', 'loss', '10%', 'ecn')
    # enough that there are marks, whatever TCPX_INTEROP_SHARE says
    carry((c, s, 2 << 20), (s, c, 2 << 20))
    for sock in (c, s):
        check(info(sock)['delivered_ce'] > 0, 'no mark was heard of')


@between('GRO and urgent data: the mark stays where it was')
def urgent(p):
    for end in p.ends:
        end.offload(1, 'gro')
    p.netem('delay', '2ms')
    c, s, _ = p.open()
    for tx, rx in ((c, s), (s, c)):
        rx.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        before, after = Stream(5000, 1), Stream(5000, 2)
        tx.sendall(before.at(0, 5000))
        tx.send(b'!', socket.MSG_OOB)
        tx.sendall(after.at(0, 5000))
        sleep(1)
        got = b''
        while len(got) < 5000:              # reading stops at the mark
            got += rx.recv(100000)
        equal(got, bytes(before.at(0, 5000)), 'up to the mark')
        equal(recv_exactly(rx, 5001), b'!' + bytes(after.at(0, 5000)), 'from the mark on')


main()
