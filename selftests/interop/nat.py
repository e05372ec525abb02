#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Through NAT, of addresses and ports, and through a host's own."""

from path import *

SIZE = 2 << 20
OUTSIDE = 8001
NFT = 'ip' if ip.version == 4 else 'ip6'


def masquerade(p):
    p.rule('oifname "rs" masquerade', kind='nat', hook='postrouting', priority=100)


def forward(p):
    """The router's own address, port OUTSIDE, is the server's."""
    p.rule('%s daddr %s tcp dport %d dnat %s to %s' % (
        NFT, address(1, 2), OUTSIDE, NFT,
        '%s:%d' % (p.server.address if ip.version == 4 else '[%s]' % p.server.address, PORT)),
        kind='nat', hook='prerouting', priority=-100)


def connected(p, to, peer):
    """A connection to @to that the server sees coming from @peer."""
    l = p.listen()
    c = p.client.socket()
    c.connect(to)
    equal(c.getpeername()[:2], to, 'whom the client believes to talk to')
    s, who = l.accept()
    equal(who[0], peer, 'whom the server believes to talk to')
    return c, s


def outside():
    return address(1, 2), OUTSIDE


@between('masquerade: the server sees the router; with a loss of 1 % both ways')
def source(p):
    masquerade(p)
    p.guard_hosts()
    p.netem('delay', '5ms', 'loss', '1%', 'limit', '10000')
    c, s = connected(p, p.to, address(2, 1))
    carry((c, s, SIZE), (s, c, SIZE))
    c.close()
    s.close()
    sleep(200)


@between('DNAT: the client talks to a port of the router; with reordering')
def destination(p):
    forward(p)
    p.guard_hosts()
    p.netem('delay', '5ms', 'reorder', '10%', 'limit', '10000')
    c, s = connected(p, outside(), p.client.address)
    carry((c, s, SIZE), (s, c, SIZE))


@between('both at once, and a narrow link whose ICMP errors are translated, too')
def both(p):
    masquerade(p)
    forward(p)
    p.netem('delay', '5ms')
    p.narrow(1300)
    c, s = connected(p, outside(), address(2, 1))
    carry((c, s, SIZE), (s, c, SIZE))
    for sock in (c, s):
        equal(info(sock)['pmtu'], 1300, 'path MTU')


@between('resets and refusals through NAT')
def resets(p):
    masquerade(p)
    forward(p)
    raises(errno.ECONNREFUSED, p.client.socket().connect, outside())
    for who in (0, 1):
        l = p.listen()
        c = p.client.socket()
        c.connect(outside())
        s, _ = l.accept()
        l.close()
        exchange(c, s)
        ends = (c, s) if not who else (s, c)
        dead_close(ends[0])
        raises(errno.ECONNRESET, ends[1].recv, 1)


@between('a redirect of the server\'s own netfilter, to the port that it listens at')
def redirected(p):
    with p.server:
        feed('table inet own {\nchain c {\ntype nat hook prerouting priority -100;\n'
             'tcp dport %d redirect to :%d\n}\n}\n' % (OUTSIDE, PORT), 'nft', '-f', '-')
    p.guard_hosts()
    c, s = connected(p, (p.server.address, OUTSIDE), p.client.address)
    carry((c, s, SIZE), (s, c, SIZE))


@between('a DNAT of the client\'s own netfilter, from an address that is nobody\'s')
def own(p):
    with p.client:
        feed('table inet own {\nchain c {\ntype nat hook output priority -100;\n'
             '%s daddr %s dnat %s to %s\n}\n}\n' % (NFT, address(2, 77), NFT,
                                                   p.server.address), 'nft', '-f', '-')
    p.guard_hosts()
    c, s = connected(p, (address(2, 77), PORT), p.client.address)
    carry((c, s, SIZE), (s, c, SIZE))


@between('a full range of ports: masquerade gives another port where two clients have the same')
def clash(p):
    p.rule('oifname "rs" meta l4proto tcp snat %s to %s:7002-7003' % (
        NFT, address(2, 1) if ip.version == 4 else '[%s]' % address(2, 1)),
        kind='nat', hook='postrouting', priority=100)
    l = p.listen()
    with p.client:
        run('ip', 'address', 'add', address(1, 11) + '/%d' % (24 if ip.version == 4 else 64),
            'dev', 'c', *(['nodad'] * (ip.version == 6)))
    seen = set()
    for a in (1, 11):
        with p.router:
            run('ip', 'neigh', 'replace', address(1, a), 'lladdr', mac(1, 1), 'dev', 'rc')
        c = p.client.socket()
        c.bind((address(1, a), 7002))
        c.connect(p.to)
        s, who = l.accept()
        seen.add(who[1])
        exchange(c, s)
    equal(seen, {7002, 7003}, 'ports that the server sees')


main()
