#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Congestion control algorithms: which may be chosen without CAP_NET_ADMIN, and the wire."""

import ctypes
import errno
import os
import socket
import stat
import struct

from lib import *
from lib.module import SYS_delete_module, SYS_finit_module

TCP_CONGESTION, TCP_CC_INFO = 13, 26
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
IN_USE = (errno.EBUSY, errno.EAGAIN)
MSS = 1000
NOBODY = 65534
SAMPLE = os.environ.get('TCPX_SAMPLE_KO', '')


def need_tcpx():
    need(TCPX, 'the kernel\'s TCP has algorithms of its own')


def choose(s, name):
    s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, name.encode())


def chosen(s):
    return s.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 16).rstrip(b'\0').decode()


def use(name):
    """What this namespace uses."""
    sysctl('congestion_control', name)


def as_nobody(fn):
    """@fn() in a child without privileges; it must return nothing, or 0."""
    def child():
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        return fn()
    equal(in_child(child), 0, 'the child without privileges')


# --- the choice --------------------------------------------------------------

@case('cong', 'the default is cubic; a socket has it from the beginning, a change is for new ones')
def default():
    need_tcpx()
    equal(sysctl('congestion_control'), 'cubic', 'net.tcpx.congestion_control')
    old = tcp_socket()
    equal(chosen(old), 'cubic', 'a new socket')
    use('reno')
    equal(sysctl('congestion_control'), 'reno', 'net.tcpx.congestion_control')
    equal(chosen(old), 'cubic', 'an old socket')
    equal(chosen(tcp_socket()), 'reno', 'a new socket')


@case('cong', 'available_ and allowed_congestion_control; DCTCP is for CAP_NET_ADMIN')
def lists():
    need_tcpx()
    equal(sysctl('available_congestion_control').split(), ['reno', 'cubic', 'bbr', 'dctcp'],
          'available')
    equal(sysctl('allowed_congestion_control').split(), ['reno', 'cubic', 'bbr'], 'allowed')
    equal(stat.S_IMODE(os.stat(sysctl_path('available_congestion_control')).st_mode), 0o444,
          'mode of available')
    equal(stat.S_IMODE(os.stat(sysctl_path('allowed_congestion_control')).st_mode), 0o444,
          'mode of allowed in a namespace of its own')


@case('cong', 'net.tcpx.congestion_control: ENOENT for what there is not, and nothing changes')
def sysctl_unknown():
    need_tcpx()
    for name in ('nosuch', 'cubicx', ' ', 'cubic reno', 'x' * 100):
        raises(errno.ENOENT, use, name, what='congestion_control = %r' % name)
    equal(sysctl('congestion_control'), 'cubic', 'net.tcpx.congestion_control')


@case('cong', 'a namespace of its own takes nothing that is restricted: EPERM')
def sysctl_restricted():
    need_tcpx()
    raises(errno.EPERM, use, 'dctcp', what='congestion_control = dctcp')


@case('cong', 'a new namespace begins with what the first one uses; then each is its own',
      keep_netns=True)
def namespaces():
    need_tcpx()
    try:
        use('bbr')
        ns = NetNS()
        with ns:
            equal(sysctl('congestion_control'), 'bbr', 'in the new one')
            use('reno')
        equal(sysctl('congestion_control'), 'bbr', 'in the first one')
    finally:
        use('cubic')


@case('cong', 'allowed_congestion_control: all of what is written or nothing; DCTCP for everybody',
      keep_netns=True)
def allowed():
    need_tcpx()
    before = sysctl('allowed_congestion_control')

    def dctcp():
        choose(tcp_socket(), 'dctcp')

    def bbr():
        raises(errno.EPERM, choose, tcp_socket(), 'bbr', what='bbr')
    try:
        raises(errno.ENOENT, sysctl, 'allowed_congestion_control', 'reno nosuch', what='unknown')
        equal(sysctl('allowed_congestion_control'), before, 'after a failure')
        sysctl('allowed_congestion_control', ' reno  dctcp cubic ')
        equal(sysctl('allowed_congestion_control').split(), ['reno', 'cubic', 'dctcp'], 'allowed')
        as_nobody(dctcp)
        as_nobody(bbr)
        # what is used is allowed
        use('bbr')
        equal('bbr' in sysctl('allowed_congestion_control').split(), True, 'what is used')
    finally:
        use('cubic')
        sysctl('allowed_congestion_control', before)
    equal(sysctl('allowed_congestion_control'), before, 'allowed')


@case('cong', 'TCP_CONGESTION before and after connect(); ENOENT, EINVAL')
def sockopt():
    need_tcpx()
    s = tcp_socket()
    for name in ('reno', 'bbr', 'dctcp', 'cubic'):
        choose(s, name)
        equal(chosen(s), name, 'before connect()')
    raises(errno.ENOENT, choose, s, 'nosuch', what='nosuch')
    equal(chosen(s), 'cubic', 'after a failure')
    c, s = pair()
    for name in ('reno', 'bbr', 'dctcp', 'cubic', 'bbr'):
        choose(c, name)
        equal(chosen(c), name, 'after connect()')
        c.sendall(b'x' * 100000)
        equal(len(recv_exactly(s, 100000)), 100000, 'data with ' + name)
    # the value is cut, never the name's end made up
    equal(c.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 2), b'bb', 'two bytes of it')
    equal(c.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 100), b'bbr'.ljust(16, b'\0'), 'all')


@case('cong', 'TCP_CONGESTION without privileges: EPERM for what is restricted, but not to keep it')
def sockopt_restricted():
    need_tcpx()
    s = tcp_socket()
    choose(s, 'dctcp')

    def child():
        raises(errno.EPERM, choose, tcp_socket(), 'dctcp', what='dctcp')
        raises(errno.ENOENT, choose, tcp_socket(), 'nosuch', what='nosuch')
        for name in ('reno', 'cubic', 'bbr'):
            choose(tcp_socket(), name)
        choose(s, 'dctcp')
        choose(s, 'reno')
        raises(errno.EPERM, choose, s, 'dctcp', what='dctcp again')
    as_nobody(child)


@case('cong', 'a child has what its listener has chosen, else what the namespace uses now')
def inherited():
    need_tcpx()
    l = listener(ip.lo())

    def child():
        c = connect(l.getsockname())
        return chosen(l.accept()[0])
    equal(child(), 'cubic', 'the default')
    use('reno')
    equal(chosen(l), 'cubic', 'the listener')
    equal(child(), 'reno', 'the new default')
    choose(l, 'bbr')
    equal(child(), 'bbr', 'the choice')
    use('cubic')
    equal(child(), 'bbr', 'the choice')
    # to choose what one has is a choice
    m = listener(ip.lo())
    choose(m, 'cubic')
    l = m
    use('reno')
    equal(child(), 'cubic', 'the same, but chosen')


@case('cong', 'after connect() to AF_UNSPEC, and a failed one, the choice is still there')
def disconnect():
    need_tcpx()
    s = tcp_socket()
    choose(s, 'bbr')
    raises(errno.ECONNREFUSED, s.connect, (ip.lo(), 1), what='connect()')
    equal(chosen(s), 'bbr', 'after ECONNREFUSED')
    l = listener(ip.lo())
    s.connect(l.getsockname())
    a, _ = l.accept()
    addr = struct.pack('H14x', socket.AF_UNSPEC)
    equal(libc.connect(s.fileno(), addr, 16), 0, 'connect() to AF_UNSPEC')
    equal(chosen(s), 'bbr', 'after AF_UNSPEC')
    s.connect(l.getsockname())
    b, _ = l.accept()
    s.sendall(b'again')
    equal(b.recv(5), b'again', 'data')
    dead_close(a)


@case('cong', 'TCP_CC_INFO: BBR and DCTCP tell of themselves, the others nothing')
def cc_info():
    need_tcpx()
    c, s = pair()

    def info(room=64):
        return c.getsockopt(socket.IPPROTO_TCP, TCP_CC_INFO, room)
    equal(info(), b'', 'cubic')
    choose(c, 'bbr')
    for _ in range(20):
        c.sendall(bytes(10000))
        recv_exactly(s, 10000)
    lo, hi, min_rtt, pacing, cwnd = struct.unpack('5I', info())
    check(lo or hi, 'no bandwidth')
    check(min_rtt < 1000000, 'least round-trip time %d us' % min_rtt)
    check(pacing in (739, 88, 320, 192, 256) and cwnd in (739, 512, 256), 'gains %d, %d' % (
        pacing, cwnd))
    equal(len(info(7)), 7, 'a part of it')
    choose(c, 'dctcp')
    equal(struct.unpack('HHIII', info())[0], 0, 'dctcp_enabled without ECN')
    choose(c, 'reno')
    equal(info(), b'', 'reno')


@case('cong', 'each algorithm brings data through loss, both ways, unchanged')
def through_loss():
    need_tcpx()
    veth = Veth()
    netem(veth, 'delay', '20ms', 'loss', '2%', 'limit', '1000')
    for name in sysctl('available_congestion_control').split():
        l = listener()
        choose(l, name)
        with veth.b:
            c = tcp_socket()
            choose(c, name)
            c.connect((Veth.A, l.getsockname()[1]))
        s, _ = l.accept()
        equal(chosen(s), name, 'the child')
        t = now()
        transfer([(c, pattern(300000, 1), s), (s, pattern(300000, 2), c)])
        diag('%s: %.2f s' % (name, now() - t))
        c.close()
        s.close()
        l.close()


@case('cong', 'the algorithm changes in the middle of a transfer, again and again')
def changes():
    need_tcpx()
    veth = Veth()
    netem(veth, 'delay', '10ms', 'loss', '1%')
    l = listener()
    with veth.b:
        c = connect((Veth.A, l.getsockname()[1]))
    s, _ = l.accept()
    names = sysctl('available_congestion_control').split()
    for n in range(40):
        choose(c, names[n % len(names)])
        choose(s, names[(n * 3 + 1) % len(names)])
        c.sendall(bytes([n]) * 30000)
        equal(recv_exactly(s, 30000), bytes([n]) * 30000, 'data')


# --- a module of its own -----------------------------------------------------

def insmod_sample(params=''):
    fd = os.open(SAMPLE, os.O_RDONLY)
    try:
        if libc.syscall(SYS_finit_module, fd, params.encode(), 0):
            err = ctypes.get_errno()
            raise OSError(err, os.strerror(err))
    finally:
        os.close(fd)


def rmmod_module(name):
    if libc.syscall(SYS_delete_module, name.encode(), os.O_NONBLOCK):
        err = ctypes.get_errno()
        raise OSError(err, os.strerror(err))


def rmmod_sample():
    for _ in range(100):
        try:
            return rmmod_module('tcpx_cong_sample')
        except OSError as e:
            if e.errno not in IN_USE:
                raise
        sleep(0.1)
    return rmmod_module('tcpx_cong_sample')


def sample_users():
    with open('/sys/module/tcpx_cong_sample/parameters/users') as f:
        return int(f.read())


def need_sample():
    need_tcpx()
    need(SAMPLE, 'TCPX_SAMPLE_KO does not say where tcpx_cong_sample.ko is')
    if os.path.exists('/sys/module/tcpx_cong_sample'):      # a case before has failed
        rmmod_sample()


@case('cong', 'an algorithm of another module is used, and not unloaded while it is')
def module():
    need_sample()
    raises(errno.ENOENT, choose, tcp_socket(), 'sample', what='before insmod')
    insmod_sample('segments=3')
    equal('sample' in sysctl('available_congestion_control').split(), True, 'available')
    raises(IN_USE, rmmod, what='rmmod tcpx')
    tun = Tun()
    s, c = passive(tun, opts=opt_mss(MSS), before=lambda l: choose(l, 'sample'))
    equal(chosen(s), 'sample', 'the child')
    equal(sample_users(), 1, 'connections')
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    s.setblocking(False)
    s.send(bytes(50 * MSS))
    flight = c.all(AT_ONCE)
    equal(len(flight), 3, 'segments in flight')
    for _ in range(5):
        c.tx('A')
        flight = c.all(AT_ONCE)
        equal(len(flight), 3, 'segments in flight')
    raises(IN_USE, rmmod_module, 'tcpx_cong_sample', what='rmmod in use')
    # ... given up for another
    choose(s, 'reno')
    equal(sample_users(), 0, 'connections')
    choose(s, 'sample')
    equal(sample_users(), 1, 'connections')
    raises(IN_USE, rmmod_module, 'tcpx_cong_sample', what='rmmod in use again')
    dead_close(s)
    equal(sample_users(), 0, 'connections')
    rmmod_sample()
    raises(errno.ENOENT, choose, tcp_socket(), 'sample', what='after rmmod')


@case('cong', 'a namespace that uses it holds it too; with the namespace that ends')
def module_default():
    need_sample()
    insmod_sample()
    ns = NetNS()
    with ns:
        raises(errno.EPERM, use, 'sample', what='restricted')
    ns.close()
    home = tcp_socket()
    choose(home, 'sample')
    raises(IN_USE, rmmod_module, 'tcpx_cong_sample', what='a socket that was never connected')
    home.close()
    rmmod_sample()


@case('cong', 'net.tcpx.congestion_control holds the module', keep_netns=True)
def module_sysctl():
    need_sample()
    insmod_sample()
    try:
        use('sample')
        raises(IN_USE, rmmod_module, 'tcpx_cong_sample', what='rmmod')
        ns = NetNS()
        with ns:
            equal(sysctl('congestion_control'), 'sample', 'a new namespace')
        use('cubic')
        raises(IN_USE, rmmod_module, 'tcpx_cong_sample', what='rmmod, a namespace uses it')
        with ns:
            use('reno')
    finally:
        use('cubic')
    rmmod_sample()
    equal(sysctl('allowed_congestion_control').split(), ['reno', 'cubic', 'bbr'], 'allowed')


@case('cong', 'a name that is taken can\'t be registered: EEXIST')
def module_twice():
    need_sample()
    # Since 7.0 insmod says EEXIST of a module that is there alone
    raises((errno.EEXIST, errno.EBUSY), insmod_sample, 'twice=1', what='insmod')
    equal(sysctl('available_congestion_control').split(), ['reno', 'cubic', 'bbr', 'dctcp'],
          'available')


@case('cong', 'what is not there is loaded by its alias, for CAP_NET_ADMIN')
def autoload():
    need_sample()
    helper, seen = '/var/tmp/modprobe', '/var/tmp/modprobe.seen'
    with open(helper, 'w') as f:
        f.write('#!/bin/sh\necho "$@" >>%s\n'
                'case "$*" in *tcpx-cong-sample) exec insmod %s;; esac\nexit 1\n' % (seen, SAMPLE))
    os.chmod(helper, 0o755)
    before = sysctl('kernel.modprobe')
    sysctl('kernel.modprobe', helper)
    try:
        as_nobody(lambda: raises(errno.ENOENT, choose, tcp_socket(), 'sample') * 0)
        check(not os.path.exists(seen), 'modprobe ran for who may not ask for it')
        s = tcp_socket()
        choose(s, 'sample')
        equal(chosen(s), 'sample', 'the algorithm')
        raises(errno.ENOENT, choose, s, 'nosuch', what='nosuch')
        with open(seen) as f:
            equal([line.split()[-1] for line in f], ['tcpx-cong-sample', 'tcpx-cong-nosuch'],
                  'what modprobe was asked for')
        s.close()
        rmmod_sample()
    finally:
        sysctl('kernel.modprobe', before)


@case('cong', 'loaded and unloaded a hundred times under connections that choose it')
def module_churn():
    need_sample()
    l = listener(ip.lo())
    l.settimeout(1)
    pid = os.fork()
    if pid == 0:
        while True:
            try:
                c = tcp_socket()
                choose(c, 'sample')
                c.connect(l.getsockname())
                a, _ = l.accept()
                choose(a, 'sample')
                c.send(b'x')
                dead_close(a)
                dead_close(c)
            except OSError:
                pass
            sleep(0.0007)
    try:
        for _ in range(100):
            insmod_sample()
            sleep(0.001)
            rmmod_sample()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


# --- on the wire -------------------------------------------------------------

def sender(tun, name, total=2000 * MSS, opts=b'', **kw):
    """A connection with @total bytes waiting to be sent; returns also the first flight."""
    s, c = passive(tun, opts=opt_mss(MSS) + opt_ws(8) + opts, win=65535,
                   before=lambda l: choose(l, name), **kw)
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 4 * total)
    s.setblocking(False)
    equal(s.send(bytes(total)), total, 'bytes that fit into the send buffer')
    return s, c, c.all(AT_ONCE)


def round_trip(c, flight, rtt):
    """After @rtt acknowledge @flight, two segments with each ACK; what is sent upon that."""
    sleep(rtt)
    out = []
    for i in range(0, len(flight), 2):
        x = flight[min(i + 1, len(flight) - 1)]
        c.tx('A', ack=c.rseq(x) + x.len)
        out += c.all()
    return out + c.all(AT_ONCE)


@case('cong', 'CUBIC: a loss leaves 0.7 of the window (RFC 9438, 4.6), Reno half of it')
def beta():
    need_tcpx()
    for name, part in (('cubic', 0.7), ('reno', 0.5)):
        tun = Tun('tun-' + name, local=ip.addr(9, 1, 1))
        s, c, flight = sender(tun, name, opts=opt_sackok())
        for _ in range(3):
            flight = round_trip(c, flight, 0.05)
        window = len(flight)
        sleep(0.05)
        lost, end = c.rseq(flight[0]), c.rseq(flight[-1]) + MSS
        again = []
        for x in flight[1:]:
            c.tx('A', ack=lost, opts=opt_sack((c.irs + lost + MSS, c.rcv_nxt and c.irs +
                                               c.rseq(x) + MSS)))
            again += c.all()
        again += c.all(AT_ONCE)
        c.tx('A', ack=end)
        after = [x for x in again if c.rseq(x) >= end] + c.all(AT_ONCE)
        diag('%s: %d before, %d after' % (name, window, len(after)))
        near(len(after), part * window, 2, 'segments in flight after recovery with ' + name)
        dead_close(s)
        tun.close()


@case('cong', 'HyStart++: with a rising delay slow start slows down (RFC 9406, 4.2)')
def hystart():
    need_tcpx()
    tun = Tun()
    s, c, flight = sender(tun, 'cubic', total=6000 * MSS)
    sizes = [len(flight)]
    for rtt in (0.08, 0.08, 0.08, 0.08, 0.1, 0.1):
        flight = round_trip(c, flight, rtt)
        sizes.append(len(flight))
    diag('flights %r' % sizes)
    for a, b in zip(sizes[:4], sizes[1:5]):
        equal(b, 2 * a, 'slow start doubles')
    # the first eight acknowledgments of a delay that is an eighth higher still count in full
    growth = [b / a for a, b in zip(sizes[4:], sizes[5:])]
    check(all(g < 1.5 for g in growth), 'growth after the rise: %r' % growth)
    check(growth[-1] > 1.1, 'it does not grow any more: %r' % growth)


@case('cong', 'an idle time halves the window with each RTO (RFC 2861), ssthresh remembers it')
def idle_halves():
    need_free_work()
    need_tcpx()
    tun = Tun()
    s, c, flight = sender(tun, 'cubic', total=310 * MSS)
    for _ in range(4):
        flight = round_trip(c, flight, 0.05)
    equal(len(flight), 160, 'segments in the last flight')
    equal(len(round_trip(c, flight, 0.05)), 0, 'more')
    rto = struct.unpack_from('I', tcp_info(s), 8)[0] / 1e6
    sleep(1.5 * rto)
    s.send(bytes(400 * MSS))
    got = len(c.all(AT_ONCE))
    diag('RTO %.3f s, %d segments' % (rto, got))
    # the last flight used the window in full, so that it doubled: to 320
    near(got, 160, 3, 'segments after 1.5 RTO')


@case('cong', 'BBR paces: what a window allows does not leave at once')
def pacing():
    need_tcpx()
    tun = Tun()
    s = tcp_socket(blocking=False)
    choose(s, 'bbr')
    c = syn_sent(tun, s, 7001)
    sleep(0.1)                              # what the first rate rests on
    c.tx('SA', opts=opt_mss(MSS) + opt_ws(8))
    c.rx('A')
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 22)
    s.send(bytes(1000 * MSS))
    out = c.all(AT_ONCE)
    equal(len(out), 10, 'segments in the first flight, which is not paced')
    sleep(0.09)
    for _ in range(3):
        sleep(0.01)
        for x in out:
            c.tx('A', ack=c.rseq(x) + x.len)
            sleep(0.001)
        out = c.all(0.09)
    times = [x.t for x in out]
    span = times[-1] - times[0]
    gaps = [b - a for a, b in zip(times, times[1:])]
    diag('%d segments over %.1f ms, longest gap %.2f ms' % (len(out), span * 1e3, max(gaps) * 1e3))
    check(span > 0.01, '%d segments within %.3f ms' % (len(out), span * 1e3))
    check(max(gaps) < span / 2, 'they come in lumps: %r' % gaps)


@case('cong', 'DCTCP asks for ECN; a few marks cost a little (RFC 8257, 3.3), a loss half')
def dctcp():
    need_tcpx()
    tun = Tun()
    s = tcp_socket(blocking=False)
    choose(s, 'dctcp')
    check(s.connect_ex((REMOTE, 7001)) == errno.EINPROGRESS, 'connect()')
    syn = tun.next(lambda g: g.dport == 7001)
    equal(syn.flags & (ECE | CWR), ECE | CWR, 'flags of the SYN')
    c = Conn(tun, 7001, syn.sport)
    c.irs, c.rcv_nxt = syn.seq, syn.end
    c.tx('SAE', opts=opt_mss(MSS) + opt_ws(8))
    c.rx('A')
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
    s.send(bytes(3000 * MSS))
    flight = c.all(AT_ONCE)
    for _ in range(4):
        flight = round_trip(c, flight, 0.01)
    window = len(flight)
    equal(window, 160, 'segments before the mark')
    # 1 - alpha / 2, with alpha = (15 / 16)^n still: it starts at 1
    sleep(0.01)
    out = []
    for i, x in enumerate(flight):
        c.tx('AE' if i == 0 else 'A', ack=c.rseq(x) + x.len)
        out += c.all()
    out += c.all(AT_ONCE)
    alpha = (15 / 16) ** 5
    diag('%d segments, then %d; %.1f expected' % (window, len(out), window * (1 - alpha / 2)))
    near(len(out), window * (1 - alpha / 2), 4, 'segments after a mark')
    enabled, _, told, _, _ = struct.unpack('HHIII', s.getsockopt(socket.IPPROTO_TCP,
                                                                TCP_CC_INFO, 64))
    equal(enabled, 1, 'dctcp_enabled')
    near(told / 1024, alpha, 0.08, 'alpha')


main()
