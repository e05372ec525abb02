#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP_MD5SIG: each stack believes what the other has signed (RFC 2385)."""

from path import *
from lib.md5 import *

KEY = b'between two routers'
SIZE = int((4 << 20) * SHARE)


def keyed(p, key=KEY, **kw):
    """A listener and a socket for the client, each with a key for the other end."""
    l = p.listen()
    set_key(l, p.client.address, key, **kw)
    c = p.client.socket()
    set_key(c, p.server.address, key, **kw)
    return l, c


def all_signed(cap):
    segs = cap.poll()
    bare = [x for x in segs if x.option(KIND) is None]
    check(segs and not bare, '%d of %d segments are not signed: %s' % (
        len(bare), len(segs), bare[:3]))


def opened(p, **kw):
    l, c = keyed(p, **kw)
    c.connect(p.to)
    return c, l.accept()[0]


@between('a connection with a key: both ways, to its end', offloads=True)
def both(p):
    cap = p.capture()
    c, s = opened(p)
    carry((c, s, SIZE), (s, c, SIZE))
    c.close()
    s.close()
    sleep(0.5)
    all_signed(cap)


@between('a connection with a key: loss, reordering, a narrow link')
def rough(p):
    p.netem('delay', '5ms', '2ms', 'loss', '2%', 'limit', '100000')
    p.narrow(1300)
    c, s = opened(p)
    carry((c, s, SIZE // 8), (s, c, SIZE // 8))


@between('a key of 80 bytes, for a network')
def network(p):
    c, s = opened(p, key=bytes(range(80)), option=TCP_MD5SIG_EXT, flags=FLAG_PREFIX, prefix=8)
    exchange(c, s)


@between('a key and SYN cookies')
def cookies(p):
    p.server.sysctl('syncookies', 2)
    c, s = opened(p)
    exchange(c, s)


@between('another key at the client, none at the server, none at the client: no connection')
def no_match(p):
    p.client.sysctl('syn_retries', 1)
    l = p.listen()
    set_key(l, p.client.address, KEY)
    for key in (b'another', None):
        c = p.client.socket()
        if key:
            set_key(c, p.server.address, key)
        raises(errno.ETIMEDOUT, c.connect, p.to)
    set_key(l, p.client.address, b'')
    c = p.client.socket()
    set_key(c, p.server.address, KEY)
    raises(errno.ETIMEDOUT, c.connect, p.to)


@between('a reset is believed where it is signed: of a connection, of a listener', judge=False)
def resets(p):
    c, s = opened(p)
    exchange(c, s)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.close()
    raises(errno.ECONNRESET, s.recv, 1)


@between('the next connection of a 4-tuple in TIME-WAIT')
def next_one(p):
    l, c = keyed(p)
    c.bind((p.client.address, PORT))
    c.connect(p.to)
    s = l.accept()[0]
    exchange(c, s)
    s.close()                           # TIME-WAIT is the server's
    equal(c.recv(1), b'', 'the end')
    c.close()
    sleep(1)
    c = p.client.socket(port=PORT)
    set_key(c, p.server.address, KEY)
    c.connect(p.to)
    exchange(c, l.accept()[0])


main()
