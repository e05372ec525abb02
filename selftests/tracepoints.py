#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tracepoints: what is sent again, probes, each drop with its reason, and their formats."""

import ctypes
import fcntl
import mmap
import os
import re
import signal
import socket
import struct
import subprocess
import threading
from contextlib import contextmanager

from lib import *
from lib.md5 import set_key, signer
from lib.transcript import kernel
from lib.tools import scratch

ROW = 'tracepoints'
SO_ATTACH_FILTER = 26
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NR_USERFAULTFD = 323
UFFD_API, UFFDIO_REGISTER_MISSING = 0xaa, 1
UFFDIO_API, UFFDIO_REGISTER, UFFDIO_ZEROPAGE = 0xc018aa3f, 0xc020aa00, 0xc020aa04
MSS = ip.mss()
TS = opt_mss() + opt_ts(1000)
SACK = opt_mss() + opt_sackok()
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def again(trace, port):
    """What was sent again to a port of the peer; orphans of other cases may send as well."""
    return [e for e in trace.of(RetransmitEvent) if e.dst == ip.at(REMOTE, port)]


def briefly(events):
    return [(e.flags, e.len, e.timeouts) for e in events]


# --- what is sent again, and probes -------------------------------------------

@case(ROW, 'tcpx_retransmit: a SYN, data and a FIN, each time-out of it; nothing else')
def timeouts():
    trace = Trace(False, False, more=['tcpx/tcpx_retransmit'])
    tun = Tun()
    s = tcp_socket(blocking=False)
    c = syn_sent(tun, s, 81)
    sleep(1.5)
    c.flush()
    c.tx('SA', opts=opt_mss())
    c.rx('A', seq=1, ack=1)
    equal(briefly(again(trace, 81)), [('S', 0, 1)], 'the SYN')
    s.send(b'x' * 10)
    c.rx('PA', data=b'x' * 10)
    c.flush(10)
    equal(briefly(again(trace, 81)[1:]), [('PA', 10, 1), ('PA', 10, 2)], 'data')
    c.tx('A', ack=11)
    seen, before = len(again(trace, 81)), counters()
    s.shutdown(socket.SHUT_WR)
    c.rx('FA', seq=11)
    c.flush(40)
    equal(briefly(again(trace, 81)[seen:]), [('FA', 0, 1), ('FA', 0, 2)], 'the FIN')
    equal(grown(before)['RetransSegs'], 2, 'RetransSegs')
    equal({e.src for e in again(trace, 81)}, {ip.at(*s.getsockname()[:2])}, 'our end')


@case(ROW, 'tcpx_retransmit: what recovery finds lost comes with timeouts=0')
def recovery():
    trace = Trace(False, False, more=['tcpx/tcpx_retransmit'])
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    s.send(bytes(4 * MSS))
    for n in 2, 3, 4:
        c.tx('A', ack=1, opts=opt_sack((c.irs + 1 + MSS, c.irs + 1 + n * MSS)))
    c.flush(0.0001)
    first = [e for e in again(trace, c.sport) if e.seq == c.irs + 1 & 0xffffffff]
    equal(briefly(first), [('A', MSS, 0)], 'the first segment')
    equal(first[0].state, 'ESTABLISHED', 'state')


@case(ROW, 'tcpx_retransmit: the SYN,ACK of a half-open connection')
def synack():
    trace = Trace(False, False, more=['tcpx/tcpx_retransmit'])
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.syn()
    c.flush(4)
    equal(briefly(again(trace, 40000)), [('SA', 0, 1), ('SA', 0, 2)], 'by the timer')
    c.tx('S', seq=0)
    c.flush(0.01)
    equal(briefly(again(trace, 40000)[2:]), [('SA', 0, 2)], 'because the SYN came again')
    equal({e.state for e in again(trace, 40000)}, {'SYN-RECEIVED'}, 'state')


def probes(trace, port):
    return [e for e in trace.of(ProbeEvent) if e.dst == ip.at(REMOTE, port)]


@case(ROW, 'tcpx_probe: keepalive, each with its number')
def keepalive_probes():
    trace = Trace(False, False, more=['tcpx/tcpx_probe'])
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
    c.flush(16)
    equal([(e.kind, e.nr, e.seq, e.src) for e in probes(trace, c.sport)],
          [('keepalive', n, c.irs, ip.at(*s.getsockname()[:2])) for n in (1, 2)], 'probes')


@case(ROW, 'tcpx_probe: a window that is shut')
def zero_window_probes():
    trace = Trace(False, False, more=['tcpx/tcpx_probe'])
    tun = Tun()
    s, c = passive(tun)
    c.tx('A', win=0)
    s.send(b'x')
    c.flush(2)
    got = [(e.kind, e.nr) for e in probes(trace, c.sport)]
    equal(got, [('zero-window', n + 1) for n in range(3)], 'probes')


@case(ROW, 'tcpx_probe: a tail loss')
def tail_loss_probe():
    trace = Trace(False, False, more=['tcpx/tcpx_probe', 'tcpx/tcpx_retransmit'])
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    s.send(bytes(3 * MSS))
    c.flush(0.1)
    equal([(e.kind, e.nr) for e in probes(trace, c.sport)], [('tail-loss', 1)], 'probes')
    equal(briefly(again(trace, c.sport)), [('PA', MSS, 0)], 'which is the last segment again')


@case(ROW, 'tcpx_probe: an MTU, longer than what was sent before')
def mtu_probe():
    trace = Trace(False, False, more=['tcpx/tcpx_probe'])
    tun = Tun()
    sysctl('mtu_probing', 2)
    s, c = passive(tun, opts=SACK)
    s.setblocking(False)
    longest, found = 0, []
    for _ in range(100):
        try:
            s.send(bytes(40000))
        except BlockingIOError:
            pass
        for x in c.all(0.01):
            c.tx('A', ack=c.rseq(x) + x.len)
            found = [e.len for e in probes(trace, c.sport) if e.kind == 'mtu']
            longest = longest if found else max(longest, x.len)
        if found:
            return check(min(found) > longest, 'MTU probes: %r after %d' % (found, longest))
    check(False, 'no MTU probe')


# --- drops --------------------------------------------------------------------

class Drops:
    """The drops from now on, as tcpx and as the kernel name them."""

    def __init__(self):
        self.trace = Trace(False, False, more=['tcpx/tcpx_drop', 'skb/kfree_skb'])
        self.tun = Tun()
        self.kept = []          # until the drops have been looked at

    def passive(self, **kw):
        s, c = passive(self.tun, **kw)
        self.kept.append(s)
        return s, c

    def new(self):
        """[(tcpx's reason), ...], {the kernel's reasons}, and forget them."""
        own, kernel = self.trace.of(DropEvent), self.trace.of(FreeEvent)
        self.trace.events = []
        return own, {e.why for e in kernel if e.protocol == ip.ethertype}

    def expect(self, why, reason, sport=None):
        own, kernel = self.new()
        equal({e.why for e in own}, {why}, 'tcpx_drop')
        check(reason in kernel, 'kfree_skb: %r, want %s' % (kernel, reason))
        if sport is not None:
            equal({e.src for e in own}, {ip.at(REMOTE, sport)}, 'the sender')
            equal({e.dst.rpartition(':')[0] for e in own},
                  {ip.at(LOCAL, 0).rpartition(':')[0]}, 'our end')


DROPS = {}


def drop(why, reason, **opts):
    """A case in which segments are dropped for @why, which is @reason to the kernel."""
    def add(fn):
        DROPS[why] = fn

        def run_it():
            need(WIRE != 6 or not opts.get('only_253'), 'such a segment is the kernel\'s TCP\'s')
            d = Drops()
            fn(d)
            d.expect(why, reason, opts.get('sport'))
        case(ROW, 'a drop: %s, which the kernel calls %s' % (why, reason))(run_it)
        return fn
    return add


@drop('closed', 'TCP_CLOSE')
def closed(d):
    s, c = d.passive()
    c.tx('PA', b'kept', seq=11)
    d.new()
    dead_close(s)


@drop('flags', 'TCP_FLAGS')
def flags(d):
    _, c = d.passive(sport=4444)
    c.tx('F', seq=1)


@drop('rst', 'TCP_RESET')
def rst(d):
    _, c = d.passive()
    c.tx('R', seq=100)


@drop('seq', 'TCP_OVERWINDOW')
def seq(d):
    _, c = d.passive()
    c.tx('PA', b'x', seq=1 << 30)


@drop('old-data', 'TCP_OLD_DATA', sport=4444)
def old_data(d):
    _, c = d.passive(sport=4444)
    c.tx('PA', b'once')
    c.tx('PA', b'once', seq=1)


@drop('paws', 'TCP_RFC7323_PAWS')
def paws(d):
    _, c = d.passive(opts=TS)
    c.tx('PA', b'x', opts=opt_ts(1))


@drop('no-timestamp', 'TCP_RFC7323_PAWS')
def no_timestamp(d):
    _, c = d.passive(opts=TS)
    c.tx('PA', b'x', opts=b'')


@drop('old-ack', 'TCP_TOO_OLD_ACK')
def old_ack(d):
    _, c = d.passive()
    c.tx('PA', b'x', ack=-(1 << 24))


@drop('unsent-ack', 'TCP_ACK_UNSENT_DATA')
def unsent_ack(d):
    _, c = d.passive()
    c.tx('PA', b'x', ack=1000)


@drop('syn', 'TCP_INVALID_SYN')
def syn(d):
    _, c = d.passive()
    c.tx('S', seq=10)


def fill(s, c):
    """Until the window is shut; the number of the next octet."""
    at = 1
    while c.last is None or c.last.win:
        c.tx('A', bytes(1000), seq=at)
        at += 1000
        c.flush(0.1)
    return c.rack(c.last)


@drop('zero-window', 'TCP_ZEROWINDOW')
def zero_window(d):
    s, c = d.passive(before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096))
    at = fill(s, c)
    d.new()
    c.tx('A', bytes(100), seq=at)


@drop('no-room', 'SOCKET_RCVBUFF')
def no_room(d):
    s, c = d.passive(before=lambda l: l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096))
    # Octets that take much more memory than they are
    for n in range(400):
        c.tx('A', b'x', seq=1 + 2 * n)
    own = [e.why for e in d.trace.of(DropEvent)]
    check('no-room' in own, 'drops: %r' % set(own))
    d.trace.events = [e for e in d.trace.events
                      if not (isinstance(e, DropEvent) and e.why in ('pruned', 'merged'))]


@drop('header', 'PKT_TOO_SMALL')
def header(d):
    _, c = d.passive()
    c.tx('A', doff=4)
    c.tx('A', doff=15)


@drop('checksum', 'TCP_CSUM', sport=4444)
def checksum(d):
    _, c = d.passive(sport=4444)
    c.tx('PA', b'x', csum='bad')


@drop('not-host', 'OTHERHOST', only_253=True)
def not_host(d):
    l = listener()
    d.kept.append(l)
    Conn(d.tun, 40000, l.getsockname()[1], local='10.9.1.255' if ip.version == 4 else 'ff02::1').syn()


@drop('no-socket', 'NO_SOCKET', only_253=True, sport=4444)
def no_socket(d):
    Conn(d.tun, 4444, 9999).tx('R', seq=0)


@drop('policy', 'XFRM_POLICY')
def policy(d):
    _, c = d.passive()
    try:
        run('ip', 'xfrm', 'policy', 'add', 'src', REMOTE, 'dst', LOCAL, 'dir', 'in', 'action', 'block')
    except AssertionError as e:
        raise Skip('this kernel has no IPsec: %s' % e) from None
    c.tx('PA', b'x')


def filtered(s):
    """Every segment."""
    code = ctypes.create_string_buffer(struct.pack('HBBI', 0x06, 0, 0, 0))
    s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                 struct.pack('HxxxxxxQ', 1, ctypes.addressof(code)))


@drop('filter', 'SOCKET_FILTER')
def a_filter(d):
    s, c = d.passive()
    filtered(s)
    c.tx('PA', b'x')


@drop('min-ttl', 'TCP_MINTTL' if kernel() >= (6, 3) else 'NOT_SPECIFIED')
def min_ttl(d):
    s, c = d.passive()
    s.setsockopt(*ip.MINTTL, 255)
    c.tx('PA', b'x')


@drop('listen-full', 'TCP_LISTEN_OVERFLOW' if kernel() >= (7, 0) else 'SOCKET_BACKLOG')
def listen_full(d):
    l = listener(backlog=0)
    d.kept.append(l)
    for n in range(2):
        c = Conn(d.tun, 40000 + n, l.getsockname()[1])
        c.syn()
        if c.get(0.1):
            c.tx('A')


@drop('no-route', 'IP_OUTNOROUTES')
def no_route(d):
    l = listener()
    d.kept.append(l)
    src = ip.addr(9, 7, 1)
    run_ip('route', 'add', 'unreachable', src)
    Conn(d.tun, 40000, l.getsockname()[1], addr=src).syn()


@drop('merged', 'TCP_OFOMERGE')
def merged(d):
    _, c = d.passive()
    c.tx('A', b'kept', seq=11)
    c.tx('A', b'kept', seq=11)


@drop('pruned', 'TCP_OFO_QUEUE_PRUNE')
def pruned(d):
    _, c = d.passive(opts=SACK, before=lambda l: l.setsockopt(
        socket.SOL_SOCKET, socket.SO_RCVBUF, 20000))
    for n in range(1, 400):
        c.tx('A', b'x', seq=10 * n + 1)
    c.tx('A', b'x', seq=1)
    d.trace.events = [e for e in d.trace.of(DropEvent) if e.why != 'no-room'] + \
        d.trace.of(FreeEvent)


@drop('md5-missing', 'TCP_MD5NOTFOUND')
def md5_missing(d):
    s, c = d.passive()
    set_key(s, REMOTE, b'secret')
    c.tx('PA', b'x')


@drop('md5-unexpected', 'TCP_MD5UNEXPECTED')
def md5_unexpected(d):
    _, c = d.passive()
    signer(c, b'secret')('PA', b'x')


@drop('md5-wrong', 'TCP_MD5FAILURE')
def md5_wrong(d):
    s, c = d.passive()
    set_key(s, REMOTE, b'secret')
    signer(c, b'another')('PA', b'x')


@drop('no-memory', 'NOMEM', only_253=True)
def no_memory(d):
    def user():
        check(not libc.unshare(CLONE_NEWUSER | CLONE_NEWNET), 'namespaces')
        tun = Tun()
        # No cookie is sent where the ISS is prescribed
        l = tcp_socket()
        set_isn(l, 1)
        l.bind((ip.ANY, 0))
        l.listen()
        Conn(tun, 40000, l.getsockname()[1]).syn()
    before = in_first_net(sysctl, 'users_max_half_open')
    in_first_net(sysctl, 'users_max_half_open', 0)
    status = in_child(user)
    in_first_net(sysctl, 'users_max_half_open', before)
    equal(status, 0, 'the user\'s part')


@contextmanager
def held(s):
    """@s stays locked meanwhile: a process writes from a page that we have yet to give it."""
    libc.mmap.restype = ctypes.c_void_p
    page = libc.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_WRITE,
                     mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    uffd = libc.syscall(NR_USERFAULTFD, os.O_CLOEXEC)
    need(uffd >= 0, 'no userfaultfd()')
    fcntl.ioctl(uffd, UFFDIO_API, struct.pack('QQQ', UFFD_API, 0, 0))
    fcntl.ioctl(uffd, UFFDIO_REGISTER, struct.pack('QQQQ', page, 4096, UFFDIO_REGISTER_MISSING, 0))
    writer = threading.Thread(target=libc.send,
                              args=(s.fileno(), ctypes.c_void_p(page), ctypes.c_size_t(1), 0))
    writer.start()
    try:
        check(exact_select([uffd], 5), 'no page fault')
        yield
    finally:
        fcntl.ioctl(uffd, UFFDIO_ZEROPAGE, struct.pack('QQQQ', page, 4096, 0, 0))
        writer.join()
        os.close(uffd)


@drop('backlog', 'SOCKET_BACKLOG')
def backlog(d):
    s, c = d.passive()
    with held(s):
        for _ in range(1000):
            c.tx('A', b'x')
    lost = len(d.trace.of(DropEvent))
    equal(len(s.recv(4000)), 1000 - lost, 'what was not dropped has come')


@case(ROW, 'each reason of a drop has its case')
def all_drops():
    equal(set(DROPS), set(names('tcpx_drop_names')) - {'none'}, 'reasons')


@case(ROW, 'what is read, or leaves the queues with its connection, is no drop')
def no_drops():
    d = Drops()
    s, c = passive(d.tun)
    c.tx('PA', b'read')
    equal(s.recv(10), b'read', 'data')
    s.send(b'x' * 1000)
    c.flush(0.1)
    c.tx('FA')
    s.close()
    c.flush(0.1)
    c.tx('A')
    equal(counters()['CurrEstab'], 0, 'connections')
    own, kernel = d.new()
    equal([e.why for e in own], [], 'tcpx_drop')
    equal(kernel, set(), 'kfree_skb')


# --- formats ------------------------------------------------------------------

def names(table):
    """The words of a table in tcpx_fsm.c."""
    with open(os.path.join(PROJECT, 'tcpx_fsm.c')) as f:
        body = f.read().split(table + '[', 1)[1].split('};', 1)[0]
    return re.findall(r'= "([^"]*)"', body)


def formats():
    """{event: its print format}"""
    need_tracefs()
    out = {}
    for event in os.listdir(TRACEFS + '/events/tcpx'):
        path = '%s/events/tcpx/%s/format' % (TRACEFS, event)
        if os.path.exists(path):
            with open(path) as f:
                out[event] = f.read()
    return out


@case(ROW, 'formats: names are numbers and words, those of the state machine; no calls')
def words():
    found = formats()
    equal(set(found), {'tcpx_' + name for name in (
        'segment', 'retransmit', 'probe', 'state', 'cong', 'drop')}, 'events')
    for event, table, field in (('tcpx_state', 'tcpx_state_names', 'to'),
                                ('tcpx_state', 'tcpx_event_names', 'event'),
                                ('tcpx_segment', 'tcpx_state_names', 'state'),
                                ('tcpx_retransmit', 'tcpx_state_names', 'state'),
                                ('tcpx_drop', 'tcpx_drop_names', 'drop')):
        shown = found[event].split('__print_symbolic(REC->%s, ' % field, 1)[1].split(' })', 1)[0]
        words = re.findall(r'\{ (\S+), "([^"]*)"', shown)
        equal([w for _, w in words], [w for w in names(table) if w != 'none'], event)
        check(all(n.isdigit() for n, _ in words), 'numbers of %s: %r' % (event, words))
    for event, text in found.items():
        check(not re.search(r'\btcpx_\w+\(', text), '%s calls a function: %s' % (event, text))


def number(event, word):
    """What a field of an event holds where it is shown as @word."""
    return re.search(r'\{ (\d+), "%s"' % word, formats()[event])[1]


def events_of(s, lines):
    """(kind, text) of each line that is an event of a connection; others may not have ended."""
    texts = (tuple(re.split(r': tcpx_(\w+): +', line, 1)[1:]) for line in lines)
    end = ':%d ' % s.getsockname()[1]
    return sorted(text for text in texts if len(text) == 2 and end in text[1])


@case(ROW, 'trace-cmd, which formats events on its own, writes them as the kernel does')
def by_trace_cmd():
    trace = Trace(True, True, cong=True, more=[
        'tcpx/tcpx_retransmit', 'tcpx/tcpx_probe', 'tcpx/tcpx_drop'])
    path = os.path.join(scratch(), 'trace.dat')
    run('trace-cmd', 'start', '-e', 'tcpx')
    tun = Tun()
    s, c = passive(tun, opts=SACK)
    c.tx('PA', b'once')
    c.tx('PA', b'once', seq=1)
    s.send(bytes(3 * MSS))
    c.flush(0.5)
    run('trace-cmd', 'stop')
    run('trace-cmd', 'extract', '-o', path)
    report = run('trace-cmd', 'report', '-i', path).splitlines()
    run('trace-cmd', 'reset')
    with open(trace.dir + '/trace') as f:
        theirs, ours = (events_of(s, lines) for lines in (report, f.read().splitlines()))
    for whose in theirs, ours:
        equal({kind for kind, _ in whose},
              {'segment', 'state', 'cong', 'drop', 'retransmit', 'probe'}, 'events')
    equal([text for text in theirs if text not in ours], [], 'what only trace-cmd writes')


@case(ROW, 'perf, which does as well: events and their fields')
def by_perf():
    need(os.path.exists('/proc/sys/kernel/perf_event_paranoid'), 'this kernel has no perf events')
    path = os.path.join(scratch(), 'perf.data')
    perf = subprocess.Popen(['perf', 'record', '-q', '-a', '-e', 'tcpx:*', '-o', path, 'cat'],
                            stdin=subprocess.PIPE)
    sleep(5)
    tun = Tun()
    s, c = passive(tun)
    c.tx('PA', b'once')
    c.tx('PA', b'once', seq=1)
    sleep(1)
    perf.stdin.close()
    equal(perf.wait(), 0, 'perf record')
    seen = set()
    for line in run('perf', 'script', '-i', path, '-F', 'trace:event,trace').splitlines():
        found = re.match(r'\s*tcpx:(\w+): +(.*)$', line)
        if not found:
            continue
        name, text = found.groups()
        check(EVENTS[name].form.match(text.strip()), '%s: %r' % (name, text))
        seen.add(name)
    check(seen >= {'tcpx_segment', 'tcpx_state', 'tcpx_drop', 'tcpx_cong'}, 'events: %r' % seen)


COUNTED = '''
BEGIN { printf("begun\\n"); }
tracepoint:tcpx:tcpx_drop { @drop[args->drop] = count(); }
tracepoint:tcpx:tcpx_state { @to[args->to] = count(); }
tracepoint:tcpx:tcpx_retransmit { @len = sum(args->len); }
'''


@case(ROW, 'bpftrace counts them by their fields')
def by_bpftrace():
    need(os.path.exists('/sys/kernel/btf/vmlinux'), 'no BPF for programs that trace')
    bpftrace = subprocess.Popen(['bpftrace', '-e', COUNTED], stdout=subprocess.PIPE, text=True)
    for line in bpftrace.stdout:
        if line == 'begun\n':
            break
    tun = Tun()
    s, c = passive(tun)
    c.tx('PA', b'once')
    for _ in range(3):
        c.tx('PA', b'once', seq=1)
    s.send(bytes(700))
    c.flush(0.5)
    bpftrace.send_signal(signal.SIGINT)
    said = bpftrace.communicate()[0]
    equal(bpftrace.returncode, 0, 'bpftrace')
    found = {name: int(n) for name, n in re.findall(r'^@(\w+(?:\[\d+\])?): (\d+)$', said, re.M)}
    equal(found.get('drop[%s]' % number('tcpx_drop', 'old-data')), 3, said)
    equal(found.get('to[%s]' % number('tcpx_state', 'ESTABLISHED')), 1, said)
    check(found.get('len', 0) >= 700 and found['len'] % 700 == 0, said)


main()
