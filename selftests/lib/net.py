# SPDX-License-Identifier: GPL-2.0
"""Namespaces, links, sysctls, counters, and the sockets under test."""

import ctypes
import fcntl
import hashlib
import os
import random
import select
import socket
import struct
import subprocess

from .tap import libc, now, check, Skip, CLONE_NEWNET, exact_select
from .ip import ip
from .wire import PROTO, TCPX, WIRE, parse

__all__ = ['tcp_socket', 'listener', 'connect', 'pair', 'NetNS', 'in_first_net', 'Veth',
           'Routed', 'cut', 'link_up', 'link_down',
           'furnish', 'set_wire', 'set_addr', 'add_addr', 'set_mtu', 'run', 'run_ip', 'forward',
           'sysctl', 'sysctl_path', 'counters', 'read_counters', 'grown', 'state', 'tcp_info',
           'set_isn', 'Capture',
           'wait_readable', 'wait_writable', 'SOL', 'TCPX_ISN', 'CLOSED', 'LISTEN', 'SYN_SENT',
           'SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT', 'CLOSING',
           'LAST_ACK', 'TIME_WAIT', 'STATE_NAME', 'transfer', 'recv_exactly', 'pattern',
           'so_error', 'wait_state', 'wait_until', 'msl', 'in_child', 'dead_close', 'netem', 'pump']

SOL = PROTO
TCPX_ISN = 0x1000

# the kernel's numbers (include/net/tcp_states.h), the RFC's names
(ESTABLISHED, SYN_SENT, SYN_RECEIVED, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT, CLOSED, CLOSE_WAIT,
 LAST_ACK, LISTEN, CLOSING) = range(1, 12)
STATE_NAME = {ESTABLISHED: 'ESTABLISHED', SYN_SENT: 'SYN-SENT', SYN_RECEIVED: 'SYN-RECEIVED',
              FIN_WAIT_1: 'FIN-WAIT-1', FIN_WAIT_2: 'FIN-WAIT-2', TIME_WAIT: 'TIME-WAIT',
              CLOSED: 'CLOSED', CLOSE_WAIT: 'CLOSE-WAIT', LAST_ACK: 'LAST-ACK', LISTEN: 'LISTEN',
              CLOSING: 'CLOSING', 12: 'SYN-RECEIVED'}

SIOCSIFFLAGS, SIOCGIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFMTU = (
    0x8914, 0x8913, 0x8916, 0x891c, 0x8922)
IFF_UP = 1
RTM_NEWADDR, NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 20, 1, 4, 0x400
IFA_ADDRESS, IFA_LOCAL, IFA_F_NODAD = 1, 2, 2
RTF_LOCAL = 0x80000000


# --- links -------------------------------------------------------------------

def _ifreq(name, fmt='', *args):
    return struct.pack('16s' + fmt, name.encode(), *args).ljust(40, b'\0')


def _ifctl(req, arg):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return fcntl.ioctl(s, req, arg)


def link_up(name):
    flags = struct.unpack_from('16xh', _ifctl(SIOCGIFFLAGS, _ifreq(name)))[0]
    _ifctl(SIOCSIFFLAGS, _ifreq(name, 'h', flags | IFF_UP))


def link_down(name):
    flags = struct.unpack_from('16xh', _ifctl(SIOCGIFFLAGS, _ifreq(name)))[0]
    _ifctl(SIOCSIFFLAGS, _ifreq(name, 'h', flags & ~IFF_UP))


def set_mtu(name, mtu):
    _ifctl(SIOCSIFMTU, _ifreq(name, 'i', mtu))


def set_addr(name, addr, prefix=ip.prefix):
    """Give @name this address; one of IPv4 takes the place of the one that is there."""
    if ip.version == 6:
        return add_addr(name, addr, prefix=prefix)
    mask = struct.pack('!I', 0xffffffff << (32 - prefix) & 0xffffffff)
    _ifctl(SIOCSIFADDR, _ifreq(name, 'HH4s', socket.AF_INET, 0, ip.pton(addr)))
    _ifctl(SIOCSIFNETMASK, _ifreq(name, 'HH4s', socket.AF_INET, 0, mask))


def add_addr(name, *addrs, prefix=ip.prefix):
    """Give @name more addresses, usable at once: no duplicate of them is looked for."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as nl:
        for addr in addrs:
            addr = ip.pton(addr)
            body = struct.pack('BBBBi', ip.af, prefix, IFA_F_NODAD * (ip.version == 6), 0,
                               socket.if_nametoindex(name))
            for kind in IFA_LOCAL, IFA_ADDRESS:
                body += struct.pack('HH', 4 + len(addr), kind) + addr
            nl.send(struct.pack('IHHII', 16 + len(body), RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK |
                                NLM_F_CREATE, 0, 0) + body)
            err = -struct.unpack_from('i', nl.recv(4096), 16)[0]
            if err:
                raise OSError(err, 'address of %s: %s' % (name, os.strerror(err)))
    if ip.version == 6:
        # The route to an address is made in the background
        wait_until(lambda: all(_local_route(addr) for addr in addrs), 'no route to %r' % (addrs,))


def _local_route(addr):
    start = '%s 80 ' % ip.pton(addr).hex()
    with open('/proc/net/ipv6_route') as f:
        return any(line.startswith(start) and int(line.split()[8], 16) & RTF_LOCAL for line in f)


def set_wire():
    """Sockets of the current namespace speak TCPX_WIRE, as far as the module is there."""
    if WIRE != PROTO and os.path.exists(sysctl_path('wire_protocol')):
        sysctl('wire_protocol', WIRE)


def furnish():
    """What the current namespace needs to begin with."""
    set_wire()
    link_up('lo')
    if ip.version == 6:
        # Links are there for the tests alone
        sysctl('net.ipv6.conf.default.accept_dad', 0)
        sysctl('net.ipv6.conf.default.router_solicitations', 0)
        # The host has 127.0.0.1 to 127.0.0.9 as well
        add_addr('lo', *map(ip.lo, range(2, 10)), prefix=ip.bits)


def run(*argv, may_fail=False):
    """Run a program; returns its output, fails the case if it fails."""
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if p.returncode and not may_fail:
        raise AssertionError('%s: %s' % (' '.join(argv), p.stdout.strip()))
    return p.stdout


def forward():
    """The current namespace is a router's."""
    sysctl('net.ipv4.ip_forward' if ip.version == 4 else 'net.ipv6.conf.all.forwarding', 1)


def run_ip(*argv, **kw):
    """iproute2's ip, for the IP version under test."""
    return run('ip', ip.cli, *argv, **kw)


class NetNS:
    """A namespace: `with ns:` makes it this process's own for a while."""

    def __init__(self):
        with open('/proc/self/ns/net') as home:
            if libc.unshare(CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), 'unshare')
            self.file = open('/proc/self/ns/net')
            libc.setns(home.fileno(), CLONE_NEWNET)
        self.stack = []
        with self:
            furnish()

    @classmethod
    def current(cls):
        ns = cls.__new__(cls)
        ns.file = open('/proc/self/ns/net')
        ns.stack = []
        return ns

    @property
    def path(self):
        return '/proc/%d/fd/%d' % (os.getpid(), self.file.fileno())

    def __enter__(self):
        self.stack.append(open('/proc/self/ns/net'))
        if libc.setns(self.file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        return self

    def __exit__(self, *exc):
        home = self.stack.pop()
        libc.setns(home.fileno(), CLONE_NEWNET)
        home.close()

    def close(self):
        self.file.close()


def in_first_net(fn, *args):
    """fn(*args) in the namespace that the machine began with."""
    first = NetNS.__new__(NetNS)
    first.file, first.stack = open('/proc/1/ns/net'), []
    with first:
        return fn(*args)


class Veth:
    """Two namespaces and a veth between them: .a at address A, .b at B."""

    A, B = ip.addr(1, 0, 1), ip.addr(1, 0, 2)

    def __init__(self, mtu=1500):
        self.a, self.b = NetNS.current(), NetNS()
        run('ip', 'link', 'add', 'name', 'va', 'mtu', str(mtu), 'type', 'veth', 'peer', 'name',
            'vb', 'mtu', str(mtu), 'netns', self.b.path)
        for ns, name, addr in ((self.a, 'va', self.A), (self.b, 'vb', self.B)):
            with ns:
                set_addr(name, addr)
                link_up(name)

    def both(self):
        return ((self.a, 'va'), (self.b, 'vb'))


def cut(name, *features):
    """The driver of link @name can't cut, nor do @features: the kernel cuts above it."""
    for feature in ('tso', 'tx-sctp-segmentation', *features):
        run('ethtool', '-K', name, feature, 'off')


class Routed:
    """Two kernels with a router between them: .veth leads to it, .far is the other end."""

    FAR = ip.addr(2, 0, 2)

    def __init__(self):
        self.veth = Veth()
        self.far = NetNS()
        with self.veth.b:
            run('ip', 'link', 'add', 'name', 'vc', 'type', 'veth', 'peer', 'name', 'vd', 'netns',
                self.far.path)
            set_addr('vc', ip.addr(2, 0, 1))
            link_up('vc')
            forward()
        with self.far:
            set_addr('vd', self.FAR)
            link_up('vd')
            run_ip('route', 'add', 'default', 'via', ip.addr(2, 0, 1))
            self.l = listener(self.FAR, 7001)
        run_ip('route', 'add', 'default', 'via', Veth.B)

    def pair(self):
        """(client here, server there)."""
        c = connect((self.FAR, 7001))
        s, _ = self.l.accept()
        return c, s


def netem(veth, *args):
    """The same impairment in both directions of @veth."""
    for ns, name in veth.both():
        with ns:
            run('tc', 'qdisc', 'replace', 'dev', name, 'root', 'netem', *args)


# --- sysctls and counters ----------------------------------------------------

def sysctl_path(name):
    if '.' in name:
        return '/proc/sys/' + name.replace('.', '/')
    if TCPX:
        return '/proc/sys/net/tcpx/' + name
    return '/proc/sys/net/ipv4/tcp_' + name


def sysctl(name, value=None):
    """Read or set net.tcpx.@name, or any sysctl if @name has dots."""
    path = sysctl_path(name)
    if value is None:
        with open(path) as f:
            text = f.read().strip()
        return int(text) if text.lstrip('-').isdigit() else text
    with open(path, 'w') as f:
        f.write(str(value))
    return value


def msl(ms):
    """Set the maximum segment lifetime, where it can be set."""
    if not TCPX:
        raise Skip('the MSL of the kernel\'s TCP is fixed')
    sysctl('msl_ms', ms)


def read_counters(path):
    """{name: value} of a file in the format of /proc/net/snmp: of those of TCP."""
    out = {}
    with open(path) as f:
        lines = f.read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        if names.startswith(('Tcp:', 'TcpExt:', 'Tcpx:')):
            out.update(zip(names.split()[1:], map(int, values.split()[1:]), strict=True))
    return out


def counters():
    """{name: value} of this namespace."""
    if TCPX:
        return read_counters('/proc/net/tcpx_snmp')
    return read_counters('/proc/net/netstat') | read_counters('/proc/net/snmp')


def grown(before, after=None):
    """The counters that have changed, and by how much."""
    after = counters() if after is None else after
    return {k: after[k] - before.get(k, 0) for k in after if after[k] != before.get(k, 0)}


# --- sockets -----------------------------------------------------------------

def tcp_socket(reuse=False, blocking=True):
    s = socket.socket(ip.af, socket.SOCK_STREAM, PROTO)
    if reuse:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(blocking)
    return s


def set_isn(sock, isn):
    """Fix the ISN of the next connection."""
    if not TCPX:
        raise Skip('the kernel\'s TCP has no option that fixes the ISN')
    sock.setsockopt(SOL, TCPX_ISN, struct.pack('I', isn))


def listener(addr=ip.ANY, port=0, backlog=64, isn=None, reuse=True):
    s = tcp_socket(reuse)
    s.bind((addr, port))
    if isn is not None:
        set_isn(s, isn)
    s.listen(backlog)
    return s


def connect(to, frm=None, isn=None):
    s = tcp_socket()
    if frm:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(frm)
    if isn is not None:
        set_isn(s, isn)
    s.connect(to)
    return s


def pair(addr=ip.lo()):
    """(client, server): two ends of one connection over loopback."""
    with listener(addr) as l:
        c = connect(l.getsockname())
        s, _ = l.accept()
    return c, s


def tcp_info(sock):
    return sock.getsockopt(socket.IPPROTO_TCP, 11, 256)


def state(sock):
    """The connection's state as TCP_INFO gives it."""
    return tcp_info(sock)[0]


def so_error(sock):
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def wait_readable(sock, seconds=5.0):
    return bool(exact_select([sock], seconds))


def wait_writable(sock, seconds=5.0):
    # an epoll instance is readable when the socket is writable
    with select.epoll() as ep:
        ep.register(sock, select.EPOLLOUT)
        return bool(exact_select([ep], seconds))


def wait_until(true, what, seconds=5.0):
    """Sleep until true()."""
    deadline = now() + seconds
    while not true():
        check(now() < deadline, what)
        select.select([], [], [], 0.0001)


def wait_state(sock, want, seconds=5.0):
    """Sleep until the state is @want; the last state seen."""
    deadline = now() + seconds
    step = 0.001
    while state(sock) != want and now() < deadline:
        select.select([], [], [], step)
        step = min(step * 2, 1.0)
    return state(sock)


def recv_exactly(sock, n):
    out = bytearray()
    while len(out) < n:
        chunk = sock.recv(min(n - len(out), 1 << 20))
        if not chunk:
            break
        out += chunk
    return bytes(out)


def pattern(n, seed=1):
    """@n bytes that do not compress and are the same for the same @seed."""
    return random.Random(seed).randbytes(n)


def dead_close(sock):
    """Close with a RST, so that nothing of the connection stays."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    sock.close()


def pump(flows, seconds=5000.0, chunk=65536):
    """
    Move several streams at once, each to its end.

    @flows: (sender, data, receiver); each sender does shutdown(SHUT_WR) at the end of its
    data.  Returns what each receiver got, in the same order.  A socket may be in two flows,
    once as a sender and once as a receiver.
    """
    got = [bytearray() for _ in flows]
    sent = [0] * len(flows)
    views = [memoryview(f[1]) for f in flows]
    tx = {f[0].fileno(): i for i, f in enumerate(flows)}
    rx = {f[2].fileno(): i for i, f in enumerate(flows)}
    for f in flows:
        f[0].setblocking(False)
        f[2].setblocking(False)
    poll = select.poll()
    want = {}

    def arm(fd):
        mask = (select.POLLIN if fd in rx else 0) | (select.POLLOUT if fd in tx else 0)
        if mask:
            poll.register(fd, mask)
        elif fd in want:
            poll.unregister(fd)
        want[fd] = mask
    for fd in set(tx) | set(rx):
        arm(fd)
    deadline = now() + seconds
    moved, idle = 0, 0
    while tx or rx:
        before = moved
        events = poll.poll(max(0, deadline - now()) * 1000)
        if not events:
            raise AssertionError('transfer stuck: sent %r, received %r of %r' % (
                sent, [len(g) for g in got], [len(f[1]) for f in flows]))
        for fd, ev in events:
            if fd in rx and ev & (select.POLLIN | select.POLLHUP | select.POLLERR):
                i = rx[fd]
                data = flows[i][2].recv(chunk)
                moved += 1
                if data:
                    got[i] += data
                else:
                    del rx[fd]
                    arm(fd)
            if fd in tx and ev & (select.POLLOUT | select.POLLERR):
                i = tx[fd]
                if sent[i] < len(views[i]):
                    try:
                        sent[i] += flows[i][0].send(views[i][sent[i]:sent[i] + chunk])
                        moved += 1
                    except BlockingIOError:
                        pass
                if sent[i] == len(views[i]):
                    flows[i][0].shutdown(socket.SHUT_WR)
                    moved += 1
                    del tx[fd]
                    arm(fd)
        # in virtual time a loop without progress would never end
        idle = 0 if moved > before else idle + 1
        check(idle < 1000, 'poll() reports readiness again and again, yet nothing moves: %r' %
              [(fd, hex(ev)) for fd, ev in events[:4]])
    for f in flows:
        f[0].setblocking(True)
        f[2].setblocking(True)
    return got


def transfer(flows, **kw):
    """pump(), then compare each stream with what was sent, by hash."""
    for got, (_, data, _) in zip(pump(flows, **kw), flows):
        check(len(got) == len(data) and
              hashlib.sha256(got).digest() == hashlib.sha256(data).digest(),
              'stream differs: %d bytes sent, %d received' % (len(data), len(got)))


def in_child(fn, *args, timeout=None):
    """Run fn(*args) in a child (other credentials, signals); returns its exit status."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = fn(*args) or 0
        except BaseException as e:
            print('# child: %s: %s' % (type(e).__name__, e), flush=True)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- capture -----------------------------------------------------------------

class Capture:
    """What passes @ifname of the current namespace, each segment once, with kernel time."""

    ETH_P_ALL = 3
    PACKET_OUTGOING = 4
    SO_TIMESTAMPNS = 35

    def __init__(self, ifname, outgoing=None):
        """@outgoing: True or False takes one direction only; None takes both."""
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(self.ETH_P_ALL))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE if hasattr(
            socket, 'SO_RCVBUFFORCE') else 33, 256 << 20)
        self.sock.bind((ifname, self.ETH_P_ALL))
        self.sock.setsockopt(socket.SOL_SOCKET, self.SO_TIMESTAMPNS, 1)
        self.sock.setblocking(False)
        self.outgoing = outgoing
        self.loop = ifname == 'lo'
        self.segs = []

    def poll(self):
        """Take what has been captured; returns all segments so far."""
        while True:
            try:
                pkt, anc, _, addr = self.sock.recvmsg(65536, 256)
            except BlockingIOError:
                return self.segs
            out = addr[2] == self.PACKET_OUTGOING
            # loopback shows each packet twice: leaving and arriving
            if self.loop and out or self.outgoing not in (None, out):
                continue
            t = 0.0
            for level, kind, data in anc:
                if level == socket.SOL_SOCKET and kind == self.SO_TIMESTAMPNS:
                    sec, nsec = struct.unpack('qq', data[:16])
                    t = sec + nsec / 1e9
            s = parse(pkt, t)
            if s:
                self.segs.append(s)

    def wait(self, n, seconds=5.0):
        """Until @n segments are there; returns all."""
        deadline = now() + seconds
        while len(self.poll()) < n:
            if not wait_readable(self.sock, deadline - now()):
                break
        return self.segs

    def close(self):
        self.sock.close()
