#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""sock_diag: what it shows of sockets and entries, filters, and SOCK_DESTROY."""

import errno
import os
import random
import socket
import struct

from lib import *
from lib.crowd import come_and_go
from lib.md5 import TCP_MD5SIG_EXT, FLAG_PREFIX, set_key
from lib.meminfo import *
from lib.receiver import parse_info
from lib.sockdiag import *

ROW = 'sock_diag'
NONE = (ip.ANY, 0)
REXMT, KEEP, TIME_WAITS, PERSIST = 1, 2, 3, 4
SO_MARK, SO_COOKIE = 36, 57


def sockid_of(s, cookie=NOCOOKIE):
    return Sockid(s.getsockname()[:2], s.getpeername()[:2], 0, cookie)


def ends_of(s):
    return s.getsockname()[:2], s.getpeername()[:2]


def cookie(s):
    return struct.unpack('Q', s.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0]


def says(row, **want):
    equal({k: getattr(row, k) for k in want}, want, 'the row')


@case(ROW, 'both ends of a connection: addresses, queues, owner, inode, cookie, protocol')
def established():
    c, s = pair()
    c.send(b'x' * 1000)
    s.recv(300)
    for end, unread in (s, 700), (c, 0):
        row = SockDiag().one(sockid_of(end))
        says(row, family=ip.af, state=ESTABLISHED, ends=ends_of(end), rqueue=unread,
             uid=0, inode=os.fstat(end.fileno()).st_ino)
        equal(row.id.cookie, cookie(end), 'the cookie')
        if TCPX:
            equal(row.attrs[DIAG_PROTOCOL], bytes((WIRE,)), 'the protocol number')


@case(ROW, 'TCP_INFO, congestion control, memory: what getsockopt() says; only what is asked for')
def attributes():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'cubic' if TCPX else b'reno')
    s.send(b'x' * 5000)
    c.flush()
    diag = SockDiag()
    row = diag.one(sockid_of(s), (DIAG_INFO, DIAG_CONG, DIAG_MEMINFO, DIAG_SKMEMINFO))
    # In between microseconds pass
    later = dict.fromkeys(('busy_time', 'last_ack_recv', 'last_data_sent', 'last_data_recv'))
    equal(parse_info(row.attrs[DIAG_INFO]) | later, parse_info(tcp_info(s)) | later, 'TCP_INFO')
    equal(row.attrs[DIAG_CONG].rstrip(b'\0'), b'cubic' if TCPX else b'reno', 'congestion control')
    equal(struct.unpack('9I', row.attrs[DIAG_SKMEMINFO][:36]), meminfo(s), 'memory')
    rmem, wmem, fmem, tmem = struct.unpack('4I', row.attrs[DIAG_MEMINFO])
    equal((rmem, wmem), (meminfo(s)[RMEM_ALLOC], meminfo(s)[WMEM_QUEUED]), 'less of memory')
    says(row, wqueue=5000, timer=REXMT, retrans=0)
    bare = diag.one(sockid_of(s))
    equal({DIAG_INFO, DIAG_CONG, DIAG_MEMINFO, DIAG_SKMEMINFO} & set(bare.attrs), set(),
          'what was not asked for')


@case(ROW, 'what BBR tells of itself')
def bbr():
    need(TCPX, 'BBR may not be there')
    c, s = pair()
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'bbr')
    row = SockDiag().one(sockid_of(c), (DIAG_VEGASINFO, DIAG_CONG))
    equal(row.attrs[DIAG_BBRINFO], c.getsockopt(socket.IPPROTO_TCP, 26, 64), 'BBR')


@case(ROW, 'a listener: its children, and the limit')
def a_listener():
    l = listener(backlog=5)
    c = [connect((ip.lo(), l.getsockname()[1])) for _ in range(2)]
    row = SockDiag().one(Sockid((ip.lo(), l.getsockname()[1]), NONE))
    says(row, state=LISTEN, rqueue=2, wqueue=5, ends=((ip.ANY, l.getsockname()[1]), NONE),
         inode=os.fstat(l.fileno()).st_ino)


@case(ROW, 'half-open: the SYN,ACK; and SYN-SENT')
def half_open():
    tun = Tun()
    l = listener()
    port = l.getsockname()[1]
    Conn(tun, 40000, port).tx('S')
    s = tcp_socket(blocking=False)
    s.connect_ex((REMOTE, 80))
    rows = {r.state: r for r in SockDiag().dump(1 << SYN_RECEIVED | 1 << SYN_SENT)}
    equal(set(rows), {SYN_RECEIVED, SYN_SENT}, 'states')
    row = rows[SYN_RECEIVED]
    says(row, family=ip.af, ends=((LOCAL, port), (REMOTE, 40000)), timer=REXMT, retrans=0,
         rqueue=0, wqueue=0, uid=0, inode=0)
    near(row.expires, 1000, 20, 'until the SYN,ACK is sent again, ms')
    says(rows[SYN_SENT], ends=ends_of_syn(s), timer=REXMT, wqueue=1)
    one = SockDiag().one(row.id)
    says(one, state=SYN_RECEIVED, ends=row.ends)


def ends_of_syn(s):
    return s.getsockname()[:2], (REMOTE, 80)


@case(ROW, 'TIME-WAIT: until it ends')
def time_wait():
    c, s = pair()
    ends = ends_of(c)
    c.shutdown(socket.SHUT_WR)
    s.close()
    c.close()
    row, = SockDiag().dump()
    says(row, state=TIME_WAIT, ends=ends, timer=TIME_WAITS, uid=0, inode=0)
    near(row.expires, 60000, 100, 'until 2MSL are over, ms')
    says(SockDiag().one(row.id), state=TIME_WAIT)
    equal([r.state for r in SockDiag().dump(1 << ESTABLISHED)], [], 'those in ESTABLISHED')


@case(ROW, 'filters: states, ports, bytecode for ports, addresses and marks, in every state')
def filters():
    diag = SockDiag()
    l = listener()
    port = l.getsockname()[1]
    clients = [connect((ip.lo(), port), (ip.lo(n), 0)) for n in (1, 2)]
    servers = [l.accept()[0] for _ in clients]
    # The first one goes into TIME-WAIT
    ports = [c.getsockname()[1] for c in clients]
    clients[0].shutdown(socket.SHUT_WR)
    servers[0].close()
    clients[0].close()
    clients[1].setsockopt(socket.SOL_SOCKET, SO_MARK, 7)

    def found(*args, **kw):
        return sorted((r.state, r.id.local[1], r.id.remote[1]) for r in diag.dump(*args, **kw))
    wait, client, server, listens = ((TIME_WAIT, ports[0], port), (ESTABLISHED, ports[1], port),
                                     (ESTABLISHED, port, ports[1]), (LISTEN, port, 0))
    equal(found(), sorted([wait, client, server, listens]), 'all')
    equal(found(1 << LISTEN), [listens], 'in LISTEN')
    equal(found(1 << TIME_WAIT), [wait], 'in TIME-WAIT')
    equal(found(sport=port), sorted([server, listens]), 'at the port')
    equal(found(dport=port), sorted([wait, client]), 'to the port')
    equal(found(code=bytecode(BC_S_GE, struct.pack('=BBH', 0, 0, 0))),
          sorted([wait, client, server, listens]), 'any port')
    equal(found(code=bytecode(BC_D_EQ, struct.pack('=BBH', 0, 0, port))),
          sorted([wait, client]), 'dport = port')
    for n, want in (1, [wait]), (2, [client]):
        cond = struct.pack('=BBxxi', ip.af, ip.bits, -1) + ip.pton(ip.lo(n))
        equal([f for f in found(code=bytecode(BC_S_COND, cond)) if f[2] == port], want,
              'from address %d' % n)
    equal(found(code=bytecode(BC_MARK, struct.pack('=II', 7, 0xffffffff))), [client], 'mark')
    other = socket.AF_INET if ip.version == 6 else socket.AF_INET6
    equal([r for r in diag.dump(af=other)], [], 'the other family')


@case(ROW, 'IPv4 on an AF_INET6 socket: v4-mapped, dumped and by its 4-tuple')
def mapped():
    need(ip.version == 6, 'AF_INET6 sockets')
    l = listener('::')
    c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, PROTO)
    c.connect(('127.0.0.1', l.getsockname()[1]))
    s, _ = l.accept()
    row, = SockDiag().dump(1 << ESTABLISHED)
    says(row, family=socket.AF_INET6, ends=ends_of(s))
    says(SockDiag().one(row.id), ends=ends_of(s))
    says(SockDiag().one(sockid_of(c), af=socket.AF_INET), family=socket.AF_INET)


@case(ROW, 'a cookie that is another socket\'s, a 4-tuple that is not there: ENOENT')
def not_there():
    c, s = pair()
    diag = SockDiag()
    says(diag.one(sockid_of(c, cookie(c))), state=ESTABLISHED)
    raises(errno.ENOENT, diag.one, sockid_of(c, cookie(s)), what='the wrong cookie')
    with listener() as l:
        gone = Sockid((ip.lo(), l.getsockname()[1]), (ip.lo(), 1))
        if TCPX:
            raises(errno.ENOENT, diag.one, gone, what='a connection that is not there')
            raises(errno.ENOENT, diag.destroy, gone, what='SOCK_DESTROY of it')
            equal(state(l), LISTEN, 'the listener')
    raises(errno.ENOENT, diag.one, Sockid((ip.lo(), 1), NONE), what='no listener')


@case(ROW, 'SOCK_DESTROY: who waits gets ECONNABORTED, the peer a RST')
def destroy():
    tun = Tun()
    s, c = passive(tun)
    pid = os.fork()
    if pid == 0:
        try:
            s.recv(1)
        except OSError as e:
            os._exit(e.errno)
        os._exit(0)
    sleep(1)
    SockDiag().destroy(sockid_of(s, cookie(s)))
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), errno.ECONNABORTED, 'recv()')
    c.rx('RA')
    equal(state(s), CLOSED, 'state')
    equal(SockDiag().dump(1 << ESTABLISHED), [], 'connections')
    raises(errno.EPIPE, s.send, b'x', what='send()')


@case(ROW, 'SOCK_DESTROY of a listener: accept() fails, its children are reset')
def destroy_listener():
    tun = Tun()
    l = listener()
    port = l.getsockname()[1]
    open_, half = Conn(tun, 40000, port), Conn(tun, 40001, port)
    open_.open()
    half.tx('S')
    half.rx('SA')
    SockDiag().destroy(Sockid((LOCAL, port), NONE, 0, cookie(l)))
    open_.rx('RA')
    raises((errno.EINVAL, errno.ECONNABORTED), l.accept, what='accept()')
    # Linux leaves what is half-open to its timer
    states = ALL_STATES if TCPX else 1 << ESTABLISHED | 1 << LISTEN
    equal(SockDiag().dump(states), [], 'what is left')
    with listener(port=port):
        pass


@case(ROW, 'of listeners with SO_REUSEPORT the one with the cookie')
def reuseport():
    need(TCPX, 'Linux finds any of them')

    def another(port=0):
        s = tcp_socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind((ip.lo(), port))
        s.listen()
        return s
    first = another()
    group = [first] + [another(first.getsockname()[1]) for _ in range(3)]
    for n, l in enumerate(group):
        which = Sockid(l.getsockname()[:2], NONE, 0, cookie(l))
        equal(SockDiag().one(which).inode, os.fstat(l.fileno()).st_ino, 'inode of %d' % n)
    for n, l in enumerate(group):
        SockDiag().destroy(Sockid(l.getsockname()[:2], NONE, 0, cookie(l)))
        equal([state(s) for s in group], [CLOSED] * (n + 1) + [LISTEN] * (3 - n), 'states')


@case(ROW, 'SOCK_DESTROY of what waits in accept(), of SYN-SENT, and of an orphan')
def destroy_others():
    tun = Tun()
    l = listener()
    pid = os.fork()
    if pid == 0:
        try:
            l.accept()
        except OSError as e:
            os._exit(e.errno)
        os._exit(0)
    sleep(1)
    diag = SockDiag()
    diag.destroy(Sockid((LOCAL, l.getsockname()[1]), NONE))
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), errno.EINVAL, 'accept()')
    l.close()

    s = tcp_socket(blocking=False)
    s.connect_ex((REMOTE, 80))
    diag.destroy(diag.dump(1 << SYN_SENT)[0].id)
    equal(so_error(s), errno.ECONNABORTED, 'SO_ERROR')
    s.close()

    s, c = passive(tun)
    s.send(b'x')
    s.close()
    row, = diag.dump(1 << FIN_WAIT_1)
    says(row, inode=0)
    diag.destroy(row.id)
    equal(diag.dump(), [], 'what is left')
    raises(errno.ENOENT, diag.destroy, row.id, what='once more')


@case(ROW, 'SOCK_DESTROY of half-open and TIME-WAIT entries')
def destroy_entries():
    need(TCPX, 'Linux refuses a TIME-WAIT: EOPNOTSUPP')
    tun = Tun()
    diag = SockDiag()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.tx('S')
    c.rx('SA')
    before = counters()
    diag.destroy(diag.dump(1 << SYN_RECEIVED)[0].id)
    equal(diag.dump(1 << SYN_RECEIVED), [], 'half-open')
    equal(grown(before), {'AttemptFails': 1, 'HalfOpenNow': -1}, 'counters')
    x, s = pair()
    x.shutdown(socket.SHUT_WR)
    s.close()
    x.close()
    row, = diag.dump(1 << TIME_WAIT)
    diag.destroy(row.id)
    equal(diag.dump(1 << TIME_WAIT), [], 'TIME-WAIT')
    equal(counters()['TimeWaitNow'], 0, 'TimeWaitNow')
    raises(errno.ENOENT, diag.destroy, row.id, what='once more')


@case(ROW, 'a user without rights: sees all but marks, and destroys nothing: EPERM')
def anyone():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, SO_MARK, 9)
    l = listener()
    Conn(tun, 40000, l.getsockname()[1]).tx('S')
    sleep(0.1)
    ext = (DIAG_INFO, DIAG_CONG)
    want = sorted((r.ends, r.state, set(r.attrs) - {DIAG_MARK}) for r in SockDiag().dump(ext=ext))
    check(any(DIAG_MARK in r.attrs for r in SockDiag().dump()), 'root sees no mark')

    def user():
        diag = SockDiag()
        rows = diag.dump(ext=ext)
        equal(sorted((r.ends, r.state, set(r.attrs)) for r in rows), want, 'rows')
        for r in rows:
            if r.state != LISTEN:
                raises(errno.EPERM, diag.destroy, r.id, what='SOCK_DESTROY of %r' % (r.ends,))
        mark = bytecode(BC_MARK, struct.pack('=II', 9, 0xffffffff))
        raises(errno.EPERM, lambda: diag.dump(code=mark), what='a filter by mark')
    unprivileged(user)
    equal(state(s), ESTABLISHED, 'state')


def keys_of(row):
    """{(address, prefix): key} of struct tcp_diag_md5sig."""
    found = {}
    for af, prefix, size, addr, key in struct.iter_unpack('=BBH16s80s', row.attrs[DIAG_MD5SIG]):
        addr = socket.inet_ntop(af, addr[:4] if af == socket.AF_INET else addr)
        equal(key[size:], bytes(80 - size), 'what follows the key')
        found[addr, prefix] = key[:size]
    return found


@case(ROW, 'RFC 2385: the keys of a listener and of a connection, for CAP_NET_ADMIN alone')
def signature_keys():
    most = 128 if ip.version == 6 else 32
    l = listener(ip.lo())
    diag = SockDiag()
    port = l.getsockname()[1]
    check(DIAG_MD5SIG not in diag.dump(sport=port, ext=(DIAG_INFO,))[0].attrs, 'keys of a socket without')
    set_key(l, ip.lo(), b'secret')
    set_key(l, REMOTE, b'x' * 80)
    set_key(l, REMOTE, b'near', TCP_MD5SIG_EXT, flags=FLAG_PREFIX, prefix=8)
    c = tcp_socket()
    set_key(c, ip.lo(), b'secret')
    c.connect(l.getsockname())
    s, _ = l.accept()
    equal(keys_of(diag.dump(1 << LISTEN, port, ext=(DIAG_INFO,))[0]),
          {(ip.lo(), most): b'secret', (REMOTE, most): b'x' * 80, (REMOTE, 8): b'near'}, 'listener')
    for end in c, s:
        equal(keys_of(diag.one(sockid_of(end), (DIAG_INFO,))), {(ip.lo(), most): b'secret'}, 'one end')

    def user():
        for row in SockDiag().dump(ext=(DIAG_INFO,)):
            check(DIAG_MD5SIG not in row.attrs, 'a user sees keys')
    unprivileged(user)


@case(ROW, 'input that means nothing: EINVAL, and nothing happens')
def bad_input():
    diag = SockDiag()
    c, s = pair()
    good = diag.body(bytes(48), ALL_STATES)
    for flags, what in (NLM_F_DUMP, 'a dump'), (0, 'one'):
        raises(errno.EINVAL, diag.request, good[:20], flags, what=what + ', too short')
        raises(errno.EINVAL, diag.request, b'', flags, what=what + ', empty')
        protocol = diag.body(bytes(48), attrs=[(DIAG_REQ_PROTOCOL, b'\xfd')])
        raises(errno.EINVAL, diag.request, protocol, flags, what=what + ', protocol of one byte')
    raises(errno.EINVAL, lambda: diag.dump(code=b''), what='no bytecode')
    raises(errno.EINVAL, lambda: diag.dump(code=struct.pack('=BBH', 99, 4, 8)), what='no such code')
    raises(errno.EINVAL, lambda: diag.dump(code=bytecode(BC_S_GE)), what='a port that is missing')
    loop = struct.pack('=BBH', 1, 0, 0)
    raises(errno.EINVAL, lambda: diag.dump(code=loop), what='a jump to itself')
    cond = struct.pack('=BBxxi', ip.af, 200, -1) + ip.pton(ip.lo())
    raises(errno.EINVAL, lambda: diag.dump(code=bytecode(BC_S_COND, cond)), what='a long prefix')
    for af in socket.AF_UNSPEC, socket.AF_UNIX:
        body = diag.body(bytes(48), ALL_STATES, af=af)
        raises((errno.EINVAL, errno.ENOENT), diag.request, body, 0, what='family %d' % af)
    equal(state(c), ESTABLISHED, 'state')


# What a request may come to, whatever is in it
# EOPNOTSUPP is what netlink's own handler says, where the kernel has that
ANSWERS = {0, errno.EINVAL, errno.ENOENT, errno.ERANGE, errno.EOPNOTSUPP}
DUMP, ONE, DESTROY = (SOCK_DIAG_BY_FAMILY, NLM_F_DUMP), (SOCK_DIAG_BY_FAMILY, 0), \
    (SOCK_DESTROY, NLM_F_ACK)


def outcome(diag, body, how):
    """The errno of a request."""
    try:
        diag.request(body, how[1], how[0])
        return 0
    except OSError as e:
        return e.errno


def errnos(diag, bodies, how, what):
    """Each of @bodies is answered, by an errno that there is a reason for; which ones came."""
    came = set()
    for body in bodies:
        err = outcome(diag, body, how)
        check(err in ANSWERS, '%s: %s for %s' % (what, errno.errorcode.get(err, err), body.hex()))
        came.add(err)
    return came


@case(ROW, 'requests of every length, family and set of bits; attributes that there are not')
def every_request():
    c, s = pair()
    diag = SockDiag()
    good = diag.body(pack_sockid(sockid_of(s)), ALL_STATES)
    for how, what in (DUMP, 'dump'), (ONE, 'one'):
        equal(errnos(diag, (good[:n] for n in range(len(good))), how, what), {errno.EINVAL},
              'a request of %s that is too short' % what)
        errnos(diag, (good + bytes(n) for n in range(1, 40)), how, what + ', too long')
        errnos(diag, (bytes((af,)) + good[1:] for af in range(256)), how, what + ', family')
        errnos(diag, (good[:2] + bytes((ext, pad)) + good[4:] for ext in range(256)
                      for pad in (0, 255)), how, what + ', bits')
        errnos(diag, (diag.body(pack_sockid(sockid_of(s)), ALL_STATES, attrs=[(kind, bytes(size))])
                      for kind in range(20) for size in (0, 1, 4, 8, 60)), how, what + ', attributes')
        # An attribute that says it is longer than the message, or shorter than itself
        errnos(diag, (good + struct.pack('=HH', size, kind) + bytes(4) for kind in range(6)
                      for size in (0, 1, 3, 5, 9, 200, 65535)), how, what + ', lengths')
    for n in range(len(good)):
        check(outcome(diag, good[:n], DESTROY) in (errno.EINVAL, errno.EOPNOTSUPP),
              'SOCK_DESTROY of %d bytes' % n)
    equal([state(end) for end in (c, s)], [ESTABLISHED] * 2, 'states')


@case(ROW, 'bytecode: every operation with every length and jump, and random bytes')
def every_bytecode():
    c, s = pair()
    diag = SockDiag()

    def body(code):
        return diag.body(bytes(48), ALL_STATES, attrs=[(DIAG_REQ_BYTECODE, code)])
    tail = bytes(range(64))
    ops = (struct.pack('=BBH', op, yes, no) + tail[:size] for op in range(20)
           for yes in (0, 1, 4, 8, 12, 36, 255) for no in (0, 2, 4, 8, 40, 65535)
           for size in (0, 4, 8, 32))
    equal(errnos(diag, map(body, ops), DUMP, 'bytecode'), {0, errno.EINVAL}, 'answers')
    rand = random.Random(1)
    noise = (rand.randbytes(4 * rand.randrange(1, 20)) for _ in range(500))
    errnos(diag, map(body, noise), DUMP, 'random bytecode')
    equal([state(end) for end in (c, s)], [ESTABLISHED] * 2, 'states')


@case(ROW, 'requests of random bytes, beginning well: each is answered, none ends a connection')
def random_requests():
    c, s = pair()
    diag = SockDiag()
    rand = random.Random(2)
    head = struct.pack('=BB', ip.af, PROTO)
    for how in DUMP, ONE, DESTROY:
        bodies = (head + rand.randbytes(rand.choice((54, 58, 70, 200))) for _ in range(300))
        errnos(diag, bodies, how, 'random bytes')
    equal([state(end) for end in (c, s)], [ESTABLISHED] * 2, 'states')
    says(diag.one(sockid_of(s)), state=ESTABLISHED)


@case(ROW, '500 connections: each end once, in several messages')
def many():
    with listener(backlog=512) as l:
        ends = []
        for _ in range(500):
            c = connect((ip.lo(), l.getsockname()[1]))
            ends += [c, l.accept()[0]]
        diag = SockDiag()
        rows = diag.dump(1 << ESTABLISHED, ext=(DIAG_INFO, DIAG_CONG, DIAG_SKMEMINFO))
        check(diag.messages > 3, 'messages: %d' % diag.messages)
        equal(sorted(r.ends for r in rows), sorted(map(ends_of, ends)), 'ends')


@case(ROW, 'another namespace has its own')
def namespaces():
    veth = Veth()
    l = listener()
    with veth.b:
        c = connect((veth.A, l.getsockname()[1]))
        equal([r.ends for r in SockDiag().dump()], [ends_of(c)], 'the other')
    equal(len(SockDiag().dump()), 2, 'our own')


@case(ROW, 'a dump while connections come, go, and are destroyed')
def churn():
    def end(client, server):
        SockDiag().destroy(sockid_of(server))
        client.close()
        server.close()

    c, s = pair()
    with come_and_go(end):
        for _ in range(30):
            rows = SockDiag().dump(ext=(DIAG_INFO, DIAG_CONG, DIAG_VEGASINFO))
            check({ends_of(c), ends_of(s)} <= {r.ends for r in rows}, 'not seen')
            sleep(0.001)


load_diag()
main()
