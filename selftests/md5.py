#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TCP_MD5SIG: signed segments (RFC 2385). selftests/interop/md5.py has them against Linux's TCP."""

import errno
import re
import socket
import struct

from lib import *
from lib.fastopen import TCP_FASTOPEN_CONNECT
from lib.md5 import *

KEY, OTHER = b'a secret', b'another one'
# Room for a signature is left
ALL = opt_mss() + b'\4\2' + opt_ts(1000)[2:] + opt_ws(7)
V4 = ip.version == 4
HOST_BITS = 32 if V4 else 128
PEER2 = ip.addr(9, 1, 77)

EXT = dict(option=TCP_MD5SIG_EXT)


def keyed(sock, key=KEY, addr=REMOTE, **kw):
    set_key(sock, addr, key, **kw)


def refuse(err, sock, *args, what=None, **kw):
    raises(err, lambda: keyed(sock, *args, **kw), what=what)


def guarded(key=KEY, addr=REMOTE, **kw):
    """A listener with a key."""
    l = listener()
    keyed(l, key, addr, **kw)
    return l


def signed_passive(tun, opts=ALL, l=None, key=KEY, addr=REMOTE, sport=None):
    """The remote host connects to a listener with a key: (socket, Conn, what signs)."""
    l = l or guarded(addr=addr)
    c = Conn(tun, sport or 20000 + l.getsockname()[1] % 9999, l.getsockname()[1], addr=addr)
    tx = signer(c, key)
    tx('S', opts=opts)
    s = c.rx('SA', ack=1)
    check(is_signed(s, key), 'the signature of the SYN,ACK: %s' % s)
    c.synack = s
    tx('A')
    check(wait_readable(l), 'nothing to accept')
    return l.accept()[0], c, tx


def half_opened(tun):
    """The remote host has sent a listener with a key its SYN: (listener, Conn, what signs)."""
    l = guarded()
    c = Conn(tun, 23456, l.getsockname()[1])
    tx = signer(c, KEY)
    tx('S', opts=ALL)
    return l, c, tx


def signed_active(tun, opts=opt_mss() + opt_sackok() + opt_ws(7)):
    s = tcp_socket(blocking=False)
    keyed(s)
    c = syn_sent(tun, s, 7000)
    check(is_signed(c.syn_seg, KEY), 'the signature of the SYN: %s' % c.syn_seg)
    tx = signer(c, KEY)
    tx('SA', opts=opts)
    check(is_signed(c.rx('A', seq=1, ack=1), KEY), 'the signature of the ACK')
    s.setblocking(True)
    return s, c, tx


def dropped():
    """How many segments were dropped for their signatures, by reason."""
    now = counters() if not TCPX else read_counters('/proc/net/tcpx_snmp')
    return {k[6:]: v for k, v in now.items() if re.match('TCPMD5', k)}


def expect_drop(name, before, what, n=1):
    equal(grown(before, dropped()), {name: n}, what)


# --- the option ----------------------------------------------------------------

BAD = (
    ('too short', errno.EINVAL, lambda: md5sig(REMOTE, KEY)[:-1]),
    ('an integer', errno.EINVAL, lambda: struct.pack('i', 1)),
    ('nothing', errno.EINVAL, lambda: b''),
    ('a key of 81 bytes', errno.EINVAL, lambda: md5sig(REMOTE, KEY, keylen=81)),
    ('a key of 65535 bytes', errno.EINVAL, lambda: md5sig(REMOTE, KEY, keylen=65535)),
    ('no family', errno.EINVAL, lambda: b'\0\0' + md5sig(REMOTE, KEY)[2:]),
    ('the other family', errno.EINVAL,
     lambda: md5sig('fd00::1' if V4 else '10.9.1.2', KEY)),
    ('none to take away', errno.ENOENT, lambda: md5sig(REMOTE, b'')),
)


@case('S29', 'TCP_MD5SIG: what is not a key is refused, in each state')
def refused():
    tun = Tun()
    made = {'CLOSED': tcp_socket(), 'LISTEN': listener(), 'ESTABLISHED': passive(tun)[0]}
    for state_name, s in made.items():
        for what, err, value in BAD:
            for opt in (TCP_MD5SIG, TCP_MD5SIG_EXT):
                raises(err, s.setsockopt, socket.IPPROTO_TCP, opt, value(),
                       what='%s, option %d: %s' % (state_name, opt, what))
        for opt in (TCP_MD5SIG, TCP_MD5SIG_EXT):
            raises(errno.ENOPROTOOPT, s.getsockopt, socket.IPPROTO_TCP, opt, SIZE,
                   what='%s: to read option %d' % (state_name, opt))
        s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, md5sig(REMOTE, bytes(80)) + b'more')
        keyed(s, b'')
        refuse(errno.ENOENT, s, b'', what='%s: taken away twice' % state_name)


@case('S29', 'TCP_MD5SIG_EXT: prefixes and interfaces that are none are refused')
def refused_ext():
    tun = Tun()
    s = tcp_socket()
    over = HOST_BITS + 1
    refuse(errno.EINVAL, s, flags=FLAG_PREFIX, prefix=over, **EXT)
    keyed(s, flags=FLAG_PREFIX, prefix=HOST_BITS, **EXT)
    keyed(s, flags=0, prefix=over, **EXT)            # without the flag it says nothing
    keyed(s, flags=FLAG_PREFIX, prefix=over)         # nor in the older option
    keyed(s, flags=FLAG_PREFIX, prefix=0, **EXT)
    for index in (99999, socket.if_nametoindex(tun.name)):
        refuse(errno.EINVAL, s, flags=FLAG_IFINDEX, ifindex=index, **EXT)
    keyed(s, flags=FLAG_IFINDEX, ifindex=0, **EXT)
    keyed(s, flags=0, ifindex=99999, **EXT)
    if not V4:
        mapped = '::ffff:10.9.1.2'
        refuse(errno.EINVAL, s, addr=mapped, flags=FLAG_PREFIX, prefix=33, **EXT)
        keyed(s, addr=mapped, flags=FLAG_PREFIX, prefix=32, **EXT)


@case('S29', 'TCP_MD5SIG: as many keys as net.core.optmem_max allows, and no more')
def many():
    s = tcp_socket()
    n = 0
    most = int(in_first_net(sysctl, 'net.core.optmem_max')) // 100
    try:
        while n <= most:
            keyed(s, addr=ip.addr(9, n // 250, 1 + n % 250))
            n += 1
    except OSError as e:
        equal(e.errno, errno.ENOMEM, 'error after %d keys' % n)
    check(30 < n <= most, '%d keys' % n)
    keyed(s, b'', addr=ip.addr(9, 0, 1))
    keyed(s)                                         # there is room again
    keyed(s, OTHER)                                  # another in place of it
    s.close()


# --- what is sent --------------------------------------------------------------

@case('S06', 'RFC 2385: every segment of a connection with a key is signed, both ways of opening')
def all_signed():
    tun = Tun()
    for s, c, tx in (signed_passive(tun), signed_active(tun)):
        s.sendall(pattern(30000))
        got = b''
        while len(got) < 30000:
            seg = c.get()
            check(seg and is_signed(seg, KEY), 'a segment with payload: %s' % seg)
            equal((seg.ts, seg.sackok), (None, False), 'options beside the signature')
            check(len(seg.data) <= ip.mss() - 20, 'MSS less the signature: %d' % len(seg.data))
            got += seg.data
            tx('A')
        equal(got, bytes(pattern(30000)), 'payload')
        tx('PA', b'hello')
        equal(s.recv(9), b'hello', 'what the peer sent')
        s.close()
        fin = [x for x in c.all(0.1) if x.flags & FIN]
        check(fin and is_signed(fin[0], KEY), 'FIN: %s' % fin)
        tx('FA')
        check(is_signed(c.rx('A'), KEY), 'ACK of the FIN')
        c.flush(0.1)


@case('S06', 'RFC 2385: a SYN with a key asks for no timestamps, a SYN,ACK agrees to none')
def options():
    tun = Tun()
    _, c, _ = signed_passive(tun)
    equal((c.synack.ts, c.synack.sackok, c.synack.mss), (None, True, ip.mss()), 'SYN,ACK')
    s = tcp_socket(blocking=False)
    keyed(s)
    c = syn_sent(tun, s, 7001)
    equal((c.syn_seg.ts, c.syn_seg.sackok, c.syn_seg.mss), (None, True, ip.mss()), 'SYN')
    equal(c.syn_seg.doff, 13, 'words of the header')    # 5, a signature, MSS, SACK, scale


@case('S26', 'RFC 2385: beside a signature are two SACK blocks')
def blocks():
    tun = Tun()
    s, c, tx = signed_passive(tun)
    for n in range(1, 4):
        tx('A', b'x' * 10, seq=100 * n + 1)
    ack = c.all(0.05)[-1]
    equal(len(ack.sack), 2, 'SACK blocks: %s' % ack)
    check(is_signed(ack, KEY), 'signature')


@case('S26', 'RFC 2385: what is sent again is signed anew')
def again():
    tun = Tun()
    s, c, tx = signed_active(tun)
    s.send(b'once')
    first = c.rx('A', data='once')
    second = c.rx('A', data='once')
    check(is_signed(first, KEY) and is_signed(second, KEY), 'both')
    tx('PA', b'!')                                   # acknowledges: another header
    c.flush(0.2)
    s.send(b'more')
    check(is_signed(c.rx('A', data='more'), KEY), 'what came after')


@case('S04', 'RFC 2385: TIME-WAIT answers a signed segment with a signed ACK, and no other')
def time_wait():
    tun = Tun()
    s, c, tx = signed_passive(tun)
    s.close()
    c.rx('FA')
    tx('FA')
    c.rx('A')
    if TCPX:                                         # Linux's TCP answers this one, too
        c.tx('FA', seq=1)
        c.quiet(0.5, 'answer to an unsigned FIN')
    tx('FA', seq=1)
    check(is_signed(c.rx('A'), KEY), 'ACK')


@case('S27', 'RFC 2385: a listener\'s reset is signed')
def listener_reset():
    tun = Tun()
    l = guarded()
    c = Conn(tun, 23456, l.getsockname()[1])
    c.rcv_nxt = c.irs = 5000
    signer(c, KEY)('A', ack=77)
    s = c.rx('R')
    check(is_signed(s, KEY), 'RST: %s' % s)


@case('S27', 'RFC 2385: a signed segment that nobody knows is not answered; an unsigned one is')
def nobody():
    tun = Tun()
    c = Conn(tun, 23456, 4321)
    c.rcv_nxt = c.irs = 5000
    signer(c, KEY)('A', ack=77)
    c.quiet(0.5)
    c.tx('A', ack=77)
    c.rx('R')


@case('S07', 'RFC 2385: the SYN,ACK goes again with a signature, and so does a cookie')
def synack_again():
    tun = Tun()
    l, c, tx = half_opened(tun)
    for n in range(2):
        check(is_signed(c.rx('SA', ack=1), KEY), 'SYN,ACK number %d' % n)
    sysctl(('net.tcpx.' if TCPX else 'net.ipv4.tcp_') + 'syncookies', 2)
    s, c, tx = signed_passive(tun, l=l, sport=23457)
    tx('PA', b'hello')
    equal(s.recv(9), b'hello', 'after a cookie')
    s.send(b'x')
    check(is_signed([x for x in c.all(0.1) if x.data][0], KEY), 'signature')


@case('S29', 'RFC 2385: a signature leaves no room for Fast Open, whoever asks')
def no_fast_open():
    tun = Tun()
    name = 'net.tcpx.fastopen' if TCPX else 'net.ipv4.tcp_fastopen'
    sysctl(name, 0x407 if not TCPX else 7)           # without cookies, where that can be had
    s = tcp_socket(blocking=False)
    keyed(s)
    try:
        s.sendto(b'early', socket.MSG_FASTOPEN, (REMOTE, 7000))
    except BlockingIOError:
        pass
    c = Conn(tun, 7000, s.getsockname()[1])
    syn = c.rx('S')
    check(is_signed(syn, KEY), 'signature: %s' % syn)
    if TCPX:
        equal(syn.data, b'', 'payload of the SYN')


@case('S29', 'RFC 2385: a key that comes while a SYN waits for its payload: no Fast Open then')
def key_before_syn():
    need(TCPX, 'Linux\'s TCP sends what fits of both')
    tun = Tun()
    sysctl('net.tcpx.fastopen', 1)

    def deferred():
        s = tcp_socket(blocking=False)
        s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
        return s
    s = deferred()
    c = syn_sent(tun, s, 7000)
    equal(c.syn_seg.option(34), b'', 'a cookie is asked for')
    c.tx('SA', opts=opt_mss() + b'\x22\x0acookies!' + NOP * 2)
    c.rx('A')
    s.close()
    s = deferred()
    s.connect((REMOTE, 7001))
    keyed(s)
    raises(errno.EINPROGRESS, s.send, b'early')
    c = Conn(tun, 7001, s.getsockname()[1])
    syn = c.rx('S')
    check(is_signed(syn, KEY), 'signature: %s' % syn)
    equal((syn.option(34), syn.data), (None, b''), 'cookie and payload')
    signer(c, KEY)('SA', opts=opt_mss())
    check(is_signed(c.rx('A'), KEY), 'the ACK')


# --- what is believed ------------------------------------------------------------

def disconnect(s):
    equal(libc.connect(s.fileno(), struct.pack('=H26x', socket.AF_UNSPEC), 28), 0, 'disconnect')


def believed(c, s, tx, what):
    tx('PA', b'?')
    check(wait_readable(s, 1), what)
    equal(s.recv(9), b'?', what)
    c.flush(0.1)


@case('S31', 'RFC 2385: without the right signature no segment does anything, in any state')
def not_believed():
    tun = Tun()
    l = guarded()
    c = Conn(tun, 23456, l.getsockname()[1])
    before = dropped()
    c.tx('S', opts=ALL)
    expect_drop('NotFound', before, 'a SYN without')
    before = dropped()
    c.nxt = c.iss
    signer(c, OTHER)('S', opts=ALL)
    expect_drop('Failure', before, 'a SYN with another key')
    c.quiet(0.5, 'a SYN was answered')
    c.nxt = c.iss
    s, c, tx = signed_passive(tun, l=l)
    for flags, data in (('PA', b'bad'), ('R', b''), ('FA', b''), ('SA', b''), ('S', b'')):
        before = dropped()
        c.tx(flags, data, seq=1)
        expect_drop('NotFound', before, '%s without' % flags)
        for name, bad in (('key', signer(c, OTHER)), ('number', signer(c, KEY, seq=99)),
                          ('acknowledgment', signer(c, KEY, ack=99)),
                          ('window', signer(c, KEY, win=99)),
                          ('payload', signer(c, KEY, data=b'BAD'))):
            before = dropped()
            bad(flags, data, seq=1)
            expect_drop('Failure', before, '%s: another %s' % (flags, name))
    c.quiet(0.5, 'something was answered')
    equal(STATE_NAME[state(s)], 'ESTABLISHED', 'state')
    believed(c, s, tx, 'what is signed')


@case('S31', 'RFC 2385: half-open: an unsigned ACK or RST leads to nothing')
def half_open():
    tun = Tun()
    l, c, tx = half_opened(tun)
    c.rx('SA')
    for flags in ('A', 'R', 'RA'):
        c.tx(flags, seq=1)
    check(not wait_readable(l, 0.2), 'an unsigned ACK opened it')
    tx('A')
    check(wait_readable(l), 'the signed one did not')


@case('S31', 'RFC 2385: SYN-SENT: an unsigned SYN,ACK or RST leads to nothing')
def syn_sent_state():
    tun = Tun()
    s = tcp_socket(blocking=False)
    keyed(s)
    c = syn_sent(tun, s, 7000)
    for flags in ('SA', 'RA'):
        c.tx(flags, seq=0, ack=1)
    c.quiet(0.3)
    equal(STATE_NAME[state(s)], 'SYN-SENT', 'state')
    signer(c, KEY)('RA', ack=1)
    check(wait_writable(s), 'a signed RST')
    equal(so_error(s), errno.ECONNREFUSED, 'error')


@case('S31', 'RFC 2385: a signature that nobody has asked for: the segment is dropped')
def unexpected():
    tun = Tun()
    s, c = passive(tun)
    before = dropped()
    signer(c, KEY)('PA', b'bad', seq=1)
    expect_drop('Unexpected', before, 'a signed segment')
    c.quiet(0.3)
    believed(c, s, c.tx, 'an unsigned one')


@case('S31', 'RFC 2385: options that are almost a signature are none')
def almost():
    tun = Tun()
    s, c = passive(tun)
    right = option(bytes(16))
    for opts in (right[:3] + b'\x11' + bytes(16), right[:3] + b'\x13' + bytes(17),
                 right[:3] + b'\x02' + bytes(16), b'\0' + right[1:], b'\x1e\x14' + right[:18]):
        believed(c, s, lambda f, d: c.tx(f, d, opts=opts), opts.hex())
    before = dropped()
    for opts in (right[2:], b'\x1e\x04ab' + right, right + b'\x13\x12' + bytes(16)):
        c.tx('PA', b'bad', seq=1, opts=opts)
    expect_drop('Unexpected', before, 'at another place, twice', n=3)


# --- keys come and go ----------------------------------------------------------

@case('S29', 'TCP_MD5SIG: a key for an open connection counts from then on, until it is taken away')
def mid_connection():
    need(TCPX, 'Linux\'s TCP goes on with GSO, which copies one signature to all segments')
    tun = Tun()
    s, c = passive(tun, opts=ALL)
    s.send(b'plain')
    check(c.rx('A', data='plain').option(KIND) is None, 'signed before there is a key')
    c.opts = lambda: opt_ts(2000, c.last.ts[0])
    c.tx('A')
    keyed(s)
    tx = signer(c, KEY)
    s.sendall(bytes(5000))
    segs = [x for x in c.all(0.1) if x.data]
    check(segs and all(is_signed(x, KEY) for x in segs), 'signatures: %s' % segs)
    check(all(x.ts and x.len <= ip.mss() - 12 - 20 for x in segs), 'timestamps, and room for both')
    tx('PA', b'yes', opts=opt_ts(3000, segs[-1].ts[0]))
    equal(s.recv(9), b'yes', 'what is signed')
    c.tx('PA', b'no', seq=4, opts=opt_ts(3000, segs[-1].ts[0]))
    check(not wait_readable(s, 0.2), 'what is not')
    keyed(s, OTHER)
    c.flush(1)
    s.send(b'x')
    check(any(is_signed(x, OTHER) for x in c.all(0.1)), 'the other key')
    keyed(s, b'')
    c.flush(1)
    c.tx('PA', b'again', opts=opt_ts(4000, c.last.ts[0]))
    equal(s.recv(9), b'again', 'without a key')
    s.send(b'y')
    check(all(x.option(KIND) is None for x in c.all(0.1)), 'signed without a key')


@case('S29', 'TCP_MD5SIG: the longest prefix wins; a child keeps its key when the listener\'s goes')
def prefixes():
    tun = Tun()
    l = listener()
    short, host = HOST_BITS - 16, HOST_BITS
    keyed(l, b'net', flags=FLAG_PREFIX, prefix=short, **EXT)
    keyed(l, b'host', flags=FLAG_PREFIX, prefix=host, **EXT)
    keyed(l, b'any', addr=ip.ANY, flags=FLAG_PREFIX, prefix=0, **EXT)
    s1, c1, tx1 = signed_passive(tun, l=l, key=b'host')
    s2, c2, tx2 = signed_passive(tun, l=l, key=b'net', addr=PEER2)
    far = ip.addr(8, 1, 1)
    run_ip('route', 'add', far, 'dev', tun.name)
    s3, c3, tx3 = signed_passive(tun, l=l, key=b'any', addr=far)
    refuse(errno.ENOENT, l, b'', addr=PEER2, flags=FLAG_PREFIX, prefix=short, **EXT)
    keyed(l, b'', flags=FLAG_PREFIX, prefix=short, **EXT)
    for n, (s, c, tx) in enumerate(((s1, c1, tx1), (s2, c2, tx2), (s3, c3, tx3))):
        believed(c, s, tx, 'connection %d' % n)
    l.close()
    believed(c1, s1, tx1, 'without the listener')


@case('S29', 'TCP_MD5SIG: keys of other peers mean nothing to this one')
def other_peer():
    tun = Tun()
    l = guarded(addr=PEER2)
    c = Conn(tun, 23456, l.getsockname()[1])
    check(c.open().option(KIND) is None, 'signed')
    s = tcp_socket(blocking=False)
    keyed(s, addr=PEER2)
    check(syn_sent(tun, s, 7000).syn_seg.option(KIND) is None, 'the SYN is signed')


@case('S29', 'TCP_MD5SIG: a socket that connects again signs for the new peer, or does not')
def reconnect():
    tun = Tun()
    s, c, tx = signed_active(tun)
    disconnect(s)
    c.flush(0.1)
    s.setblocking(False)
    c = syn_sent(tun, s, 7002, PEER2)
    check(c.syn_seg.option(KIND) is None, 'the SYN to another peer is signed')
    disconnect(s)
    c.flush(0.1)
    c = syn_sent(tun, s, 7003)
    check(is_signed(c.syn_seg, KEY), 'the SYN to the first one is not')


if V4:
    @case('S29', 'TCP_MD5SIG: an IPv6 listener has a key for a v4-mapped address')
    def mapped():
        tun = Tun()
        l = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, PROTO)
        l.bind(('::', 0))
        l.listen(8)
        set_key(l, '::ffff:' + REMOTE, KEY)
        s, c, tx = signed_passive(tun, l=l)
        believed(c, s, tx, 'what is signed')
        c.tx('PA', b'no', seq=2)
        check(not wait_readable(s, 0.2), 'what is not')


main()
