#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What programs expect of sockets, where it shows on the wire, over time, or in numbers."""

import array
import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import tempfile
import threading

from lib import *

SO_TIMESTAMPING, SO_TIMESTAMPNS, SO_MARK, SO_INCOMING_CPU = 37, 35, 36, 49
SOF_TX_SOFTWARE, SOF_RX_SOFTWARE, SOF_SOFTWARE, SOF_OPT_ID, SOF_TX_ACK = (
    1 << 1, 1 << 3, 1 << 4, 1 << 7, 1 << 9)
SO_ATTACH_FILTER, SO_BUSY_POLL, SO_ATTACH_REUSEPORT_CBPF, SO_INCOMING_NAPI_ID, SO_COOKIE = (
    26, 46, 51, 56, 57)
BPF_RET = 6
SIOCINQ, SIOCOUTQ, SIOCOUTQNSD = 0x541b, 0x5411, 0x894b


# calls that sleep in the kernel wake by its coarse wheel: up to 1/8 late
COARSE = 0.13


def ioctl_int(s, req):
    return struct.unpack('i', fcntl.ioctl(s, req, b'\0' * 4))[0]


@case('sockets', 'SO_COOKIE: a listener and what it accepts have one each')
def cookie():
    l = listener()
    seen = {l.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8)}
    held = []
    for _ in range(3):
        held.append(connect(l.getsockname()))
        held.append(l.accept()[0])
    seen.update(s.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8) for s in held)
    equal(len(seen), 7, 'cookies of seven sockets')


@case('sockets', 'SO_REUSEPORT spreads connections over the listeners')
def reuseport():
    ls = []
    for _ in range(4):
        l = tcp_socket()
        l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        l.bind((ip.lo(), 7001))
        l.listen(512)
        ls.append(l)
    held = [connect((ip.lo(), 7001)) for _ in range(400)]
    got = []
    for l in ls:
        n = 0
        while wait_readable(l, 0):
            held.append(l.accept()[0])
            n += 1
        got.append(n)
    equal(sum(got), 400, 'accepted')
    check(all(50 <= n <= 150 for n in got), 'spread: %r' % got)
    raises(errno.EADDRINUSE, tcp_socket().bind, (ip.lo(), 7001), what='bind without it')
    ls.pop().close()
    for _ in range(40):
        held.append(connect((ip.lo(), 7001)))
    equal(sum(1 for l in ls for _ in iter(lambda: wait_readable(l, 0) and
                                          held.append(l.accept()[0]) is None, False)), 40,
          'accepted by the three that are left')


@case('sockets', 'SO_ATTACH_REUSEPORT_CBPF: who brings a filter joins no other group')
def reuseport_filters():
    always_first = ctypes.create_string_buffer(struct.pack('HBBI', BPF_RET, 0, 0, 0))
    filter_of_one = struct.pack('HxxxxxxP', 1, ctypes.addressof(always_first))

    def bound(*options):
        s = tcp_socket()
        for option, value in options:
            s.setsockopt(socket.SOL_SOCKET, option, value)
        s.bind((ip.lo(), 7001))
        return s

    share, bring = (socket.SO_REUSEPORT, 1), (SO_ATTACH_REUSEPORT_CBPF, filter_of_one)
    held = [bound(share, bring), bound(share)]
    raises(errno.EADDRINUSE, bound, share, bring, what='a second filter')
    held.append(bound(share))
    for s in held:
        s.close()
    # SO_REUSEADDR is another matter
    again = (socket.SO_REUSEADDR, 1)
    held = [bound(again, share, bring) for _ in range(2)]


def also_by(tun):
    """A way to REMOTE, but not the best; IPv4 needs none for sockets bound to the device."""
    if ip.version == 6:
        run_ip('route', 'add', ip.net(9, 1), 'dev', tun.name, 'metric', '2000')


@case('sockets', 'SO_BINDTODEVICE: a listener takes what comes by its device only')
def bindtodevice():
    t0, t1 = Tun('tun0'), Tun('tun1', ip.addr(9, 2, 1))
    l = tcp_socket(True)
    l.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tun1')
    l.bind((ip.ANY, 7001))
    l.listen(4)
    c = Conn(t0, 40000, 7001)
    c.syn()
    c.rx('RA', what='by the other device')
    c = Conn(t1, 40000, 7001, ip.addr(9, 2, 2))
    c.open()
    check(wait_readable(l), 'by its own device')
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tun1')
    also_by(t1)
    s.connect_ex((REMOTE, 7002))        # routed to tun0, bound to tun1
    check(t1.next(lambda x: x.dport == 7002, 1) is not None, 'the SYN did not leave by tun1')


@case('sockets', 'two listeners on one port, each bound to its device')
def bindtodevice_two():
    tuns = (Tun('tun0'), Tun('tun1', ip.addr(9, 2, 1)))
    ls = []
    for t in tuns:
        l = tcp_socket(True)
        l.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, t.name.encode())
        l.bind((ip.ANY, 7001))
        l.listen(4)
        ls.append(l)
    for t, l, addr in zip(tuns, ls, (REMOTE, ip.addr(9, 2, 2))):
        Conn(t, 40000, 7001, addr).open()
        check(wait_readable(l), 'nothing by ' + t.name)
        equal(l.accept()[1], ip.name(addr, 40000), 'peer by ' + t.name)


@case('sockets', 'accept queue: backlog + 1 wait, the next SYN is not answered, room lets it in')
def accept_queue():
    tun = Tun()
    l = listener(port=7001, backlog=2)
    for n in range(3):
        Conn(tun, 40000 + n, 7001).open()
    late = Conn(tun, 40010, 7001)
    late.syn()
    check(late.get(0.5) is None, 'answered although the queue is full')
    l.accept()
    late.nxt = late.iss
    late.open()
    equal(len([1 for _ in iter(lambda: wait_readable(l, 0.1) and l.accept(), False)]), 3,
          'accepted after that')


@case('sockets', 'accept queue: net.core.somaxconn bounds the backlog')
def somaxconn():
    tun = Tun()
    sysctl('net.core.somaxconn', 3)
    l = listener(port=7001, backlog=1000)
    n = 0
    while n < 20:
        c = Conn(tun, 40000 + n, 7001)
        c.syn()
        if c.get(0.01) is None:
            break
        c.tx('A')
        n += 1
    equal(n, 4, 'connections that wait')


@case('sockets', 'accept queue full at the third segment: the handshake waits; abort_on_overflow resets')
def overflow():
    need(TCPX, 'the kernel\'s TCP has answered with cookies')
    tun = Tun()
    for abort in (0, 1):
        sysctl('abort_on_overflow', abort)
        l = listener(port=7001 + abort, backlog=0)
        conns = [Conn(tun, 40000 + n, 7001 + abort) for n in range(3)]
        half = []
        for c in conns:                 # their SYNs come while the queue is empty
            c.syn()
            if c.get(0.001) is not None:
                half.append(c)
        check(len(half) >= 2, '%d half-open connections' % len(half))
        for c in half:
            c.tx('A')
        answers = [c.get(0.001) for c in half]
        resets = sum(1 for a in answers if a is not None and a.flags & RST)
        if abort:
            check(resets > 0, 'no reset with abort_on_overflow')
            l.close()
            continue
        equal(resets, 0, 'resets')
        held = []
        for _ in range(10):             # none is lost: each gets in as room is made
            while wait_readable(l, 0):
                held.append(l.accept()[0])
            for c in half:
                x = c.get(2)
                if x is not None and x.letters == 'SA':
                    c.tx('A')
        equal(len(held), len(half), 'accepted in the end')
        l.close()
        tun._drain()
        tun.pending.clear()


@case('sockets', 'orphans: beyond max_orphans a close resets instead of lingering')
def orphans():
    tun = Tun()
    if not TCPX:
        raise Skip('the kernel\'s TCP counts them for the whole machine')
    sysctl('max_orphans', 16)
    lingering = 0
    conns = []
    for n in range(64):
        s, c = passive(tun)
        s.send(b'data that nobody acknowledges')
        c.rx('PA')
        s.close()
        if any(x.flags & RST for x in c.all(0.001)):
            continue
        lingering += 1
        conns.append(c)
    check(8 <= lingering <= 32, '%d orphans with a limit of 16' % lingering)
    equal(counters()['OrphansNow'], lingering, 'OrphansNow')
    for c in conns:
        c.tx('R')
    equal(counters()['OrphansNow'], 0, 'OrphansNow after they were reset')


@case('sockets', 'TIME-WAITs: beyond max_tw_buckets none is kept')
def tw_buckets():
    need(TCPX, 'the kernel\'s TCP counts otherwise')
    tun = Tun()
    sysctl('max_tw_buckets', 10)
    for n in range(30):
        s, c = active(tun)
        s.close()
        c.rx('FA')
        c.tx('FA')
        c.flush(0.001)
    now_there = counters()['TimeWaitNow']
    check(now_there <= 10, '%d in TIME-WAIT' % now_there)
    check(counters()['TCPTimeWaitOverflow'] >= 20, 'TCPTimeWaitOverflow')
    sleep(61)
    equal(counters()['TimeWaitNow'], 0, 'TimeWaitNow after 2MSL')


@case('sockets', 'IP_TOS and IP_TTL on every segment, the SYN+ACK of a listener included')
def tos_ttl():
    tun = Tun()

    def mark(s):
        s.setsockopt(*ip.TOS, 0x28)
        s.setsockopt(*ip.TTL, 33)
    s, c = active(tun, before=mark)
    equal((c.syn_seg.tos, c.syn_seg.ttl), (0x28, 33), 'SYN')
    s.send(b'x')
    x = c.rx('PA')
    equal((x.tos, x.ttl), (0x28, 33), 'data')
    s.setsockopt(*ip.TOS, 0x48)
    c.tx('A')
    s.send(b'y')
    equal(c.rx('PA').tos, 0x48, 'after a change (SHLD-21)')
    s, c = passive(tun, before=mark)
    s.send(b'x')
    x = c.rx('PA')
    equal((x.tos, x.ttl), (0x28, 33), 'data of the accepted socket')


@case('sockets', 'SO_MARK chooses the route')
def so_mark():
    t0, t1 = Tun('tun0'), Tun('tun1', ip.addr(9, 2, 1))
    run_ip('rule', 'add', 'fwmark', '7', 'table', '77')
    run_ip('route', 'add', 'default', 'dev', 'tun1', 'table', '77')
    s = tcp_socket(blocking=False)
    s.setsockopt(socket.SOL_SOCKET, SO_MARK, 7)
    s.connect_ex((REMOTE, 7001))
    check(t1.next(lambda x: x.dport == 7001, 1) is not None, 'the SYN did not leave by tun1')


@case('sockets', 'IP_FREEBIND and IP_TRANSPARENT: an address that is not ours')
def freebind():
    raises(errno.EADDRNOTAVAIL, tcp_socket().bind, (ip.addr(99, 0, 1), 7001), what='bind')
    for opt in (ip.FREEBIND, ip.TRANSPARENT):
        s = tcp_socket()
        s.setsockopt(*opt, 1)
        s.bind((ip.addr(99, 0, 1), 7001))
        equal(s.getsockname(), ip.name(ip.addr(99, 0, 1), 7001), 'name')


@case('sockets', 'SO_TIMESTAMPNS and SO_TIMESTAMPING: when a segment came')
def rx_timestamps():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, SOF_RX_SOFTWARE | SOF_SOFTWARE)
    sleep(1)
    c.tx('PA', 'first')
    sleep(1)                            # the switch works through a queue
    before = now_real()
    c.tx('PA', 'second')
    s.recv(5)
    data, anc, _, _ = s.recvmsg(100, 256)
    stamps = [struct.unpack('qq', v[:16]) for level, kind, v in anc
              if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING]
    equal(data, b'second', 'data')
    equal(len(stamps), 1, 'timestamps')
    near(stamps[0][0] + stamps[0][1] / 1e9, before, 0.01, 'receive timestamp')


def now_real():
    import time
    return time.clock_gettime(time.CLOCK_REALTIME)


@case('sockets', 'SO_TIMESTAMPING: sent and acknowledged, by MSG_ERRQUEUE')
def tx_timestamps():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING,
                 SOF_TX_SOFTWARE | SOF_TX_ACK | SOF_SOFTWARE | SOF_OPT_ID)
    t = now_real()
    s.send(b'0123456789')
    c.rx('PA')
    sleep(0.05)
    c.tx('A')
    got = {}
    for _ in range(2):
        p = select.poll()
        p.register(s, 0)
        check(p.poll(1000), 'no POLLERR')
        _, anc, _, _ = s.recvmsg(100, 512, socket.MSG_ERRQUEUE)
        stamp = err = None
        for level, kind, v in anc:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
                stamp = struct.unpack('qq', v[:16])
            elif level == ip.level:
                err = struct.unpack('IBBBBII', v[:16])
        check(stamp and err, 'ancillary data: %r' % anc)
        equal(err[6], 9, 'OPT_ID: the last byte of the call')
        got[err[5]] = stamp[0] + stamp[1] / 1e9
    near(got[0], t, 0.01, 'SCM_TSTAMP_SND')
    near(got[2], t + 0.05, 0.01, 'SCM_TSTAMP_ACK')


@case('sockets', 'SIOCINQ, SIOCOUTQ, SIOCOUTQNSD count bytes')
def queues():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000), win=2000)
    c.tx('PA', 'unread')
    equal(ioctl_int(s, SIOCINQ), 6, 'SIOCINQ')
    s.send(bytes(5000))
    equal(ioctl_int(s, SIOCOUTQ), 5000, 'SIOCOUTQ')
    equal(ioctl_int(s, SIOCOUTQNSD), 3000, 'SIOCOUTQNSD: beyond the window')
    c.flush()
    c.tx('A', ack=1001, win=0)
    equal(ioctl_int(s, SIOCOUTQ), 4000, 'SIOCOUTQ')
    c.tx('FA', ack=1001, win=0)
    s.recv(6)
    equal(ioctl_int(s, SIOCINQ), 0, 'SIOCINQ: a FIN is no byte')


@case('sockets', 'a classic BPF filter drops segments before TCP sees them')
def bpf():
    tun = Tun()
    s, c = passive(tun)
    # the filter starts at the TCP header: drop everything, then let all in
    prog = struct.pack('HBBI', 0x06, 0, 0, 0)
    buf = ctypes.create_string_buffer(prog)
    fprog = struct.pack('HxxxxxxQ', 1, ctypes.addressof(buf))
    s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)
    c.tx('PA', 'filtered', seq=1)
    check(not wait_readable(s, 1), 'the filter let it in')
    c.quiet(1)
    s.setsockopt(socket.SOL_SOCKET, 27, 0)      # SO_DETACH_FILTER
    c.tx('PA', 'let in')
    equal(s.recv(100), b'let in', 'data')


@case('sockets', 'SO_RCVLOWAT: readable only from so many bytes on')
def rcvlowat():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 100)
    c.tx('PA', bytes(99))
    check(not wait_readable(s, 1), 'readable with 99 of 100 bytes')
    c.tx('PA', 'x')
    check(wait_readable(s, 0), 'not readable with 100 of 100 bytes')
    recv_exactly(s, 100)
    c.tx('PA', 'x')
    check(not wait_readable(s, 1), 'readable with 1 byte')
    c.tx('FA')
    check(wait_readable(s, 0), 'not readable at the end of the stream')


@case('sockets', 'SO_RCVTIMEO and SO_SNDTIMEO; connect() with SO_SNDTIMEO')
def timeouts():
    tun = Tun()
    s, c = passive(tun, win=100)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('qq', 3, 0))
    t = now()
    raises(errno.EAGAIN, s.recv, 1, what='recv')
    near(now() - t, 3, COARSE * 3, 'time')
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('qq', 2, 0))
    try:
        while True:
            s.send(bytes(1 << 20), socket.MSG_DONTWAIT)
    except BlockingIOError:
        pass
    t = now()
    raises(errno.EAGAIN, s.send, bytes(1 << 20), what='send')
    near(now() - t, 2, COARSE * 2, 'time')
    s = tcp_socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('qq', 5, 0))
    t = now()
    raises(errno.EINPROGRESS, s.connect, (REMOTE, 7001), what='connect')
    near(now() - t, 5, COARSE * 5, 'time')


@case('sockets', 'epoll: edge-triggered events come once for each arrival, level-triggered while it lasts')
def epoll():
    tun = Tun()
    s, c = passive(tun)
    for et in (select.EPOLLET, 0):
        ep = select.epoll()
        ep.register(s, select.EPOLLIN | select.EPOLLRDHUP | et)
        c.tx('PA', 'one')
        check(ep.poll(1), 'no event')
        equal(bool(ep.poll(0)), not et, 'the same event again')
        c.tx('PA', 'two')
        check(ep.poll(1), 'no event for the second arrival')
        equal(s.recv(100), b'onetwo', 'data')
        equal(ep.poll(0), [], 'events with nothing to read')
        ep.close()
    c.tx('FA')
    ep = select.epoll()
    ep.register(s, select.EPOLLIN | select.EPOLLRDHUP)
    equal(ep.poll(1)[0][1], select.EPOLLIN | select.EPOLLRDHUP, 'events of a FIN')
    s.shutdown(socket.SHUT_WR)
    check(ep.poll(1)[0][1] & select.EPOLLHUP, 'no EPOLLHUP when both directions are closed')


@case('sockets', 'poll: POLLOUT when a third of the send buffer is free again, not before')
def pollout():
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(1000))
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)
    total = 0
    try:
        while True:
            total += s.send(bytes(1000))
    except BlockingIOError:
        pass
    check(not wait_writable(s, 0), 'writable although it is full')
    done = 0
    while done < total:
        for x in c.all(AT_ONCE):
            done = max(done, c.rseq(x) + x.len - 1)
            c.tx('A', ack=done + 1)
    check(wait_writable(s, 0), 'not writable although it is empty')


@case('sockets', 'SIGIO when something arrives')
def sigio():
    tun = Tun()
    s, c = passive(tun)
    got = []
    signal.signal(signal.SIGIO, lambda n, _: got.append(n))
    fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(s, fcntl.F_SETFL, fcntl.fcntl(s, fcntl.F_GETFL) | os.O_ASYNC)
    c.tx('PA', 'x')
    sleep(0.01)
    check(got, 'no SIGIO')


@case('sockets', 'sendfile() and splice() both ways, compared by hash')
def zero_copy():
    veth = Veth()
    with veth.b:
        l = listener(Veth.B, 7001)
    c = connect((Veth.B, 7001))
    s, _ = l.accept()
    data = pattern(1 << 20)
    with tempfile.TemporaryFile() as f:
        f.write(data)
        f.flush()
        pid = os.fork()
        if pid == 0:
            at = 0
            while at < len(data):
                at += os.sendfile(c.fileno(), f.fileno(), at, len(data) - at)
            c.shutdown(socket.SHUT_WR)
            os._exit(0)
        r, w = os.pipe()
        got = bytearray()
        while True:
            n = splice(s.fileno(), w, 65536)
            if n == 0:
                break
            got += os.read(r, n)
        os.waitpid(pid, 0)
    check(bytes(got) == data, 'sendfile() to splice(): the stream differs')
    pid = os.fork()
    if pid == 0:
        for i in range(0, len(data), 4096):
            os.write(w, data[i:i + 4096])
            n = 4096
            while n:
                n -= splice(r, s.fileno(), n)
        s.shutdown(socket.SHUT_WR)
        os._exit(0)
    got = recv_exactly(c, len(data))
    os.waitpid(pid, 0)
    check(got == data, 'splice() to recv(): the stream differs')


def splice(fin, fout, n):
    got = libc.splice(fin, None, fout, None, ctypes.c_size_t(n), 0)
    if got < 0:
        raise OSError(ctypes.get_errno(), 'splice')
    return got


@case('sockets', 'a connection handed over by SCM_RIGHTS, and one shared by fork()')
def handed_over():
    c, s = pair()
    a, b = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _, anc, _, _ = b.recvmsg(1, 64)
        fd = array.array('i', anc[0][2])[0]
        os.write(fd, b'from the other process')
        os._exit(0)
    socket.send_fds(a, [b'x'], [s.fileno()])
    s.close()
    equal(recv_exactly(c, 22), b'from the other process', 'data')
    os.waitpid(pid, 0)
    equal(c.recv(1), b'', 'end of stream when the last holder is gone')


@case('sockets', 'a blocked recv() is woken by data, by FIN, by RST, by shutdown() and by a signal')
def woken():
    for how, want in (('data', b'x'), ('fin', b''), ('rst', errno.ECONNRESET), ('shutdown', b''),
                      ('signal', errno.EINTR)):
        c, s = pair()
        signal.signal(signal.SIGALRM, interrupt)
        pid = os.fork()
        if pid == 0:
            sleep(1)
            if how == 'data':
                s.send(b'x')
            elif how == 'fin':
                s.shutdown(socket.SHUT_WR)
            elif how == 'rst':
                dead_close(s)
            elif how == 'shutdown':
                c.shutdown(socket.SHUT_RD)
            else:
                os.kill(os.getppid(), signal.SIGALRM)
            sleep(1)
            os._exit(0)
        if how == 'rst':
            s.close()
        t = now()
        try:
            got = c.recv(10)
        except (OSError, Interrupted) as e:
            got = errno.EINTR if isinstance(e, Interrupted) else e.errno
        equal(got, want, how)
        near(now() - t, 1, 0.01, 'time until woken by ' + how)
        os.waitpid(pid, 0)


class Interrupted(Exception):
    pass


def interrupt(_n, _frame):
    raise Interrupted


@case('sockets', 'SO_LINGER: close() waits until the data is acknowledged, or the time is over')
def linger():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 10))
    s.send(b'last words')
    c.rx('PA')
    t = now()
    s.close()                           # the peer does not answer
    near(now() - t, 10, COARSE * 10, 'time that close() took')
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 10))

    def answer():
        c.rx('FA')
        sleep(2)
        c.tx('A')
    peer = threading.Thread(target=answer)
    peer.start()
    t = now()
    s.close()
    near(now() - t, 2, 0.05, 'time that close() took')
    peer.join()


@case('sockets', 'memory: net.tcpx.mem pressure slows connections down and kills none',
      keep_netns=True)
def memory_pressure():
    need(TCPX, 'the limits of the kernel\'s TCP are those of the whole machine')
    link_up('lo')               # the sysctl is the first namespace's
    old = sysctl('mem')
    sysctl('mem', '64 128 256')         # pages
    try:
        ends = [pair() for _ in range(20)]
        transfer([f for c, s in ends for f in ((c, pattern(200000, 1), s), (s, pattern(200000, 2), c))],
                 seconds=50000)
        for c, s in ends:
            equal((so_error(c), so_error(s)), (0, 0), 'errors')
    finally:
        sysctl('mem', old)


@case('sockets', 'a namespace goes away with everything alive in it: listeners, connections, TIME-WAITs')
def netns_teardown():
    for _ in range(10):
        def body():
            if libc.unshare(0x40000000):
                raise OSError('unshare')
            furnish()
            tun = Tun()
            l = listener(ip.lo(), 7001)
            ends = [connect(l.getsockname()) for _ in range(10)]
            ends += [l.accept()[0] for _ in range(10)]
            for e in ends[:5]:
                e.close()
            ends[10].close()
            ends[11].close()
            s = tcp_socket(blocking=False)
            s.connect_ex((REMOTE, 7001))
            Conn(tun, 40000, 7001).syn()
            s2, c = passive(tun)
            s2.send(b'unacknowledged')
        equal(in_child(body), 0, 'the child')
    # the kernel takes namespaces apart in the background: a new one can only come after that
    for _ in range(3):
        NetNS().close()
    sleep(5)


MSG_PEEK_ALL = socket.MSG_PEEK | socket.MSG_WAITALL


@case('sockets', 'IP_XFRM_POLICY: the policy of a socket, and of a child, ends with it')
def xfrm_policy():
    def policy(direction):
        selector = struct.pack('32xHHHHHBBB3xiI', 0, 0, 0, 0, ip.af, 0, 0, 0, 0, 0)
        return selector + struct.pack('8Q4QIIBBBB4x', *(~0 & (1 << 64) - 1,) * 4, *(0,) * 8, 0, 0,
                                      direction, 0, 0, 0)
    def policies():
        return run('ip', 'xfrm', 'policy').count('socket')
    l = listener(ip.lo())
    try:
        l.setsockopt(*ip.XFRM_POLICY, policy(0))
    except OSError:
        raise Skip('this kernel has no IPsec')
    l.setsockopt(*ip.XFRM_POLICY, policy(1))
    equal(policies(), 2, 'policies of the listener')
    c = connect(l.getsockname())
    s, _ = l.accept()
    equal(policies(), 4, 'and of its child')
    for x in (s, c, l):
        dead_close(x)
    sleep(1)
    equal(policies(), 0, 'policies that are left')


@case('sockets', 'IPsec: nothing of a listener is left when its SYN+ACKs have gone through ESP')
def esp_listener():
    need(TCPX, 'it is about the references to the module')

    def references():
        with open('/sys/module/tcpx/refcnt') as f:
            return int(f.read())
    veth = Veth()
    ends = ((veth.a, veth.A, veth.B), (veth.b, veth.B, veth.A))
    try:
        for ns, here, there in ends:
            with ns:
                for src, dst in ((here, there), (there, here)):
                    run('ip', 'xfrm', 'state', 'add', 'src', src, 'dst', dst, 'proto', 'esp',
                        'spi', '0x100', 'mode', 'transport', 'auth', 'hmac(sha256)',
                        '0x' + '11' * 32, 'enc', 'ecb(cipher_null)', '')
                    run('ip', 'xfrm', 'policy', 'add', 'src', src, 'dst', dst, 'dir',
                        'out' if src == here else 'in', 'tmpl', 'proto', 'esp', 'mode', 'transport')
    except AssertionError as e:
        raise Skip('this kernel has no ESP: %s' % e)
    before = references()
    with veth.b:
        l = listener(veth.B, 7001)
    c = connect((veth.B, 7001))
    s, _ = l.accept()
    transfer([(c, pattern(10000), s), (s, pattern(10000, 2), c)])
    for x in (s, c, l):
        dead_close(x)
    sleep(1)
    check(references() <= before, '%d references, %d before' % (references(), before))


@case('sockets', 'connect() to AF_UNSPEC ends a recv() that waits, whatever follows')
def disconnect_reader():
    def peek(s, out):
        try:
            out.append(s.recv(8, MSG_PEEK_ALL))
        except OSError as e:
            out.append(e.errno)
    def read(s, out):
        try:
            out.append(s.recv(8, socket.MSG_WAITALL))
        except OSError as e:
            out.append(e.errno)
    for how in (peek, read):
        l = listener(ip.lo())
        c = connect(l.getsockname())
        old, _ = l.accept()
        got = []
        t = threading.Thread(target=how, args=(c, got))
        t.start()
        sleep(0.1)
        unspec = struct.pack('H14x', socket.AF_UNSPEC)
        to = ip.sockaddr(*l.getsockname()[:2])
        # no time for the reader in between
        equal(libc.connect(c.fileno(), unspec, 16), 0, 'connect() to AF_UNSPEC')
        equal(libc.connect(c.fileno(), to, len(to)), 0, 'connect()')
        new, _ = l.accept()
        new.send(b'new text')
        t.join(5)
        check(not t.is_alive(), 'the reader still waits')
        equal(got, [errno.EPIPE], 'what the reader has got')
        equal(c.recv(8), b'new text', 'what the next one reads')
        for x in (old, new, c):
            dead_close(x)


def into_timewait(tun, before):
    """The peer of a socket that is in TIME-WAIT, and was connected to REMOTE."""
    s = tcp_socket(blocking=False)
    before(s)
    s.connect_ex((REMOTE, 7002))
    syn = tun.next()
    c = Conn(tun, 7002, syn.sport, local=syn.src)
    c.irs, c.rcv_nxt = syn.seq, syn.seq + 1
    c.tx('SA', ack=1)
    c.rx('A', ack=1)
    s.close()
    c.rx('FA')
    c.tx('FA', ack=2)
    c.rx('A', ack=2)
    return c


@case('sockets', 'SO_BINDTODEVICE holds in TIME-WAIT')
def timewait_device():
    need(ip.version == 4, 'without a socket the device is but a wish to IPv6, as for TCP')
    t0, t1 = Tun('tun0'), Tun('tun1', ip.addr(9, 2, 1))
    also_by(t1)
    c = into_timewait(t1, lambda s: s.setsockopt(
        socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tun1'))    # the route goes by tun0
    c.tx('FA', seq=1, ack=2)
    equal(t0.next(within=0.1), None, 'by the other device')
    c.rx('A', ack=2)


@case('sockets', 'SO_MARK holds in TIME-WAIT')
def timewait_mark():
    tun = Tun()
    c = into_timewait(tun, lambda s: s.setsockopt(socket.SOL_SOCKET, SO_MARK, 7))
    run_ip('rule', 'add', 'fwmark', '7', 'prohibit')
    c.tx('FA', seq=1, ack=2)
    equal(tun.next(within=1), None, 'an ACK without the mark')
    run_ip('rule', 'del', 'fwmark', '7', 'prohibit')
    c.tx('FA', seq=1, ack=2)
    c.rx('A', ack=2)


@case('sockets', 'SO_INCOMING_NAPI_ID: the queue of the device that segments come from')
def napi_id():
    veth = Veth()
    for ns, name in veth.both():
        with ns:
            run('ethtool', '-K', name, 'gro', 'on', 'tso', 'off')   # then a veth has queues

    def queue(s):
        return s.getsockopt(socket.SOL_SOCKET, SO_INCOMING_NAPI_ID)

    with veth.b:
        l = listener(Veth.B)
    c = connect(l.getsockname())
    s, _ = l.accept()
    check(queue(s) > 0, 'no queue of an accepted socket')
    s.send(b'x')
    c.recv(1)
    check(queue(c) > 0, 'no queue of one that has connected')
    check(queue(c) != queue(s), 'two devices have one queue')
    # With that it can wait there itself
    c.setsockopt(socket.SOL_SOCKET, SO_BUSY_POLL, 50)
    raises(errno.EAGAIN, c.recv, 1, socket.MSG_DONTWAIT)
    s.send(b'y')
    equal(c.recv(1), b'y', 'text')
    c, s = pair()
    s.send(b'x')
    c.recv(1)
    equal(queue(c), 0, 'of the loopback, which has none')


main()
