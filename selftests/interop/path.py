# SPDX-License-Identifier: GPL-2.0
"""
Two stacks and a router between them, which has a stateful firewall.

	client ---------- router ---------- server
	c            rc         rs             s
	10.1.0.1                         10.2.0.2	(or fd00:1::1, fd00:2::2: TCPX_IP=6)

TCPX_INTEROP says whose the two ends are: "tcpx/tcp" by default; "tcp/tcp" is the control, which
shows that a test asks nothing that the kernel's own TCP does not do.  Each case runs with either
of the two as the client.  On the wire all of it is IP protocol 6.
"""

import ctypes
import errno
import fcntl
import functools
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys

# What lib crafts and captures is ordinary TCP, whosever it is
os.environ['TCPX_PROTO'] = '6'
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))

from lib import *                                                        # noqa: E402
from lib.receiver import info                                            # noqa: E402
from mangle import Box, tun                                              # noqa: E402

PORT = 7001
# Of the size of long transfers: a kernel with KASAN takes its time
SHARE = float(os.environ.get('TCPX_INTEROP_SHARE', 1))
TIMESTAMPS, SACK, WSCALE, ECN, ECN_SEEN, SYN_DATA = (1 << n for n in range(6))


# --- the stacks --------------------------------------------------------------

class Stack:
    """What a test must know of an implementation to drive it."""

    def __init__(self, name, protocol, sysctls):
        self.name, self.protocol, self.sysctls = name, protocol, sysctls

    def socket(self):
        return socket.socket(ip.af, socket.SOCK_STREAM, self.protocol)

    def start(self):
        """Have this stack speak protocol 6 in the current namespace."""
        if self.protocol != socket.IPPROTO_TCP:
            sysctl('net.tcpx.wire_protocol', socket.IPPROTO_TCP)

    def sysctl(self, name, value=None):
        return sysctl(self.sysctls + name, value)

    def counters(self):
        if self.protocol == socket.IPPROTO_TCP:
            return counters()
        return read_counters('/proc/net/tcpx_snmp')


STACKS = {s.name: s for s in (Stack('tcp', 6, 'net.ipv4.tcp_'),
                              Stack('tcpx', 253, 'net.tcpx.'))}
LEFT, RIGHT = (STACKS[name] for name in os.environ.get('TCPX_INTEROP', 'tcpx/tcp').split('/'))


class End:
    """A stack in a namespace, with an address."""

    def __init__(self, ns, stack, device, address):
        self.ns, self.stack, self.device, self.address = ns, stack, device, address
        with self:
            stack.start()

    def __enter__(self):
        self.ns.__enter__()
        return self

    def __exit__(self, *exc):
        self.ns.__exit__()

    def sysctl(self, name, value=None):
        with self:
            return self.stack.sysctl(name, value)

    def sysctls(self, **values):
        for name, value in values.items():
            self.sysctl(name, value)

    def counters(self):
        with self:
            return self.stack.counters()

    def grown(self, before):
        return grown(before, self.counters())

    def socket(self, port=None, blocking=True):
        """A socket; bound where @port is given."""
        with self:
            s = self.stack.socket()
        if port is not None:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((self.address, port))
        s.setblocking(blocking)
        return s

    def listen(self, port=PORT, backlog=64):
        s = self.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((ip.ANY, port))
        s.listen(backlog)
        return s

    def offload(self, on, *what):
        """Switch offloads of this end's device."""
        with self:
            for one in what:
                offload(self.device, one, on)


# --- the path ----------------------------------------------------------------

SIOCETHTOOL = 0x8946
ETHTOOL = {'tso': 0x1f, 'gso': 0x24, 'gro': 0x2c}

FIREWALL = '''
table inet firewall {
	chain forward {
		type filter hook forward priority 0; policy accept;
		iifname "rc" meta l4proto tcp ct state invalid counter drop comment "client"
		iifname "rs" meta l4proto tcp ct state invalid counter drop comment "server"
	}
}
'''
HOST_FIREWALL = '''
table inet firewall {
	chain input {
		type filter hook input priority 0; policy accept;
		meta l4proto tcp ct state invalid counter drop comment "all"
	}
}
'''


def offload(device, what, on):
    """What `ethtool -K` does."""
    value = ctypes.create_string_buffer(struct.pack('II', ETHTOOL[what], on))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCETHTOOL, struct.pack('16sP16x', device.encode(),
                                                ctypes.addressof(value)))


def feed(text, *argv):
    """Run a program with @text as its input."""
    p = subprocess.run(argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True)
    check(p.returncode == 0, '%s: %s' % (' '.join(argv), p.stdout.strip()))
    return p.stdout


def mac(net, host):
    return '02:00:00:00:%02x:%02x' % (net, host)


def setting(device, net, host, peer, others=(), flat=False):
    """
    Lines for `ip -batch`: a device's addresses, its neighbour, and the way to other networks.
    A @flat device, such as a tun, has no neighbours.
    """
    out = ['link set %s up' % device]
    for one in ('10.%d.0.%d', 'fd00:%d::%d'):
        prefix, nodad, whole = ('24', '', '10.%d.0.0/24') if one[0] == '1' else (
            '64', 'nodad', 'fd00:%d::/64')
        out.append('address add %s/%s dev %s %s' % (one % (net, host), prefix, device, nodad))
        if not flat:
            # nothing is asked for, so nothing of that can be lost
            out.append('neighbour add %s lladdr %s dev %s' % (
                one % (net, peer), mac(net, peer), device))
        out += ['route add %s via %s' % (whole % n, one % (net, peer)) for n in others]
    return '\n'.join(out) + '\n'


def address(net, host):
    return ('10.%d.0.%d' if ip.version == 4 else 'fd00:%d::%d') % (net, host)


class Path:
    """The three namespaces; the client's is the case's own."""

    def __init__(self, client, server, mtu=1500, offloads=False, box=None):
        """@box: the mode of a middlebox between the client and the router."""
        here, self.router, there = NetNS.current(), NetNS(), NetNS()
        flat = bool(box)
        if box:
            fds = [tun('c')]
            with self.router:
                fds.append(tun('rc'))
            self.box = Box(box, fds)
        feed(('' if box else self.link('c', 'rc', 1, mtu, self.router)) +
             setting('c', 1, 1, 2, (2,), flat), 'ip', '-batch', '-')
        with self.router:
            for name in ('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'):
                sysctl(name, 1)
            feed(self.link('rs', 's', 2, mtu, there) + setting('rc', 1, 2, 1, (), flat) +
                 setting('rs', 2, 1, 2), 'ip', '-batch', '-')
            self.strict()
            feed(FIREWALL, 'nft', '-f', '-')
        with there:
            feed(setting('s', 2, 2, 1, (1,)), 'ip', '-batch', '-')
        self.client = End(here, client, 'c', address(1, 1))
        self.server = End(there, server, 's', address(2, 2))
        self.host_firewalls, self.tables = False, 0
        if not offloads:
            for end in self.ends:
                end.offload(0, 'tso', 'gso')
            with self.router:
                for device in ('rc', 'rs'):
                    offload(device, 'tso', 0)
                    offload(device, 'gso', 0)
        sleep(2)                        # IPv6 is told of a link that is up once a second

    @staticmethod
    def link(name, peer, net, mtu, ns):
        return ('link add %s address %s mtu %d type veth peer name %s address %s mtu %d netns %s\n'
                % (name, mac(net, 1), mtu, peer, mac(net, 2), mtu, ns.path))

    @property
    def ends(self):
        return self.client, self.server

    @staticmethod
    def strict():
        """conntrack of the current namespace lets nothing pass that it has not followed."""
        sysctl('net.netfilter.nf_conntrack_tcp_loose', 0)
        sysctl('net.netfilter.nf_conntrack_tcp_be_liberal', 0)

    def guard_hosts(self):
        """The same firewall at both ends, where segments arrive after what happened to them."""
        self.host_firewalls = True
        for end in self.ends:
            with end:
                self.strict()
                feed(HOST_FIREWALL, 'nft', '-f', '-')

    def rule(self, *rules, hook='forward', priority=-10, kind='filter'):
        """More rules in the router, before the firewall's."""
        self.tables += 1
        with self.router:
            feed('table inet more%d {\nchain c {\ntype %s hook %s priority %d;\n%s\n}\n}\n' % (
                self.tables, kind, hook, priority, '\n'.join(rules)), 'nft', '-f', '-')

    def netem(self, *args, to=('client', 'server')):
        """An impairment of what leaves the router, to either or to both."""
        with self.router:
            for end in to:
                run('tc', 'qdisc', 'replace', 'dev', 'r' + end[0], 'root', 'netem', *args)

    def narrow(self, mtu, towards=('client', 'server')):
        """The router forwards no more than this to either or to both."""
        with self.router:
            for end in self.ends:
                if end.device in (one[0] for one in towards):
                    run('ip', ip.cli, 'route', 'replace', ip.one(end.address), 'dev',
                        'r' + end.device, 'mtu', str(mtu))

    def capture(self, device='rc'):
        """What passes the router, at its client's side (or at 'rs')."""
        with self.router:
            return Capture(device)

    # --- connections ---

    def listen(self, **kw):
        return self.server.listen(**kw)

    @property
    def to(self):
        return (self.server.address, PORT)

    def open(self, listener=None, port=None, before=None):
        """(client's socket, server's socket, listener) of a new connection."""
        listener = listener or self.listen()
        c = self.client.socket(port)
        if before:
            before(c)
        c.connect(self.to)
        return c, listener.accept()[0], listener

    # --- the firewall ---

    @staticmethod
    def invalid():
        """{who sent them: packets} that the current namespace's firewall has dropped."""
        rules = json.loads(run('nft', '-j', 'list', 'table', 'inet', 'firewall'))['nftables']
        return {r['rule']['comment']: next(e['counter']['packets'] for e in r['rule']['expr']
                                           if 'counter' in e) for r in rules if 'rule' in r}

    def judge(self):
        """None of what the two stacks sent may have been called invalid."""
        with self.router:
            equal(self.invalid(), {'client': 0, 'server': 0},
                  'segments that the firewall calls invalid')
        for end in self.ends if self.host_firewalls else ():
            with end:
                equal(self.invalid(), {'all': 0},
                      'segments that the firewall of the %s calls invalid' % end.device)


def between(text, judge=True, **path):
    """
    Declare two cases: with LEFT as the client, and with RIGHT.

    The function is called with a Path, made of the options in @path; in the end the firewall
    must have had nothing to drop, unless @judge is false.
    """
    pairs = {(a.name, b.name): (a, b) for a, b in ((LEFT, RIGHT), (RIGHT, LEFT))}

    def add(fn):
        def whole(client, server):
            p = Path(client, server, **path)
            fn(p)
            if judge:
                p.judge()
        for (a, b), ends in pairs.items():
            case('Interop', '%s to %s: %s' % (a, b, text))(functools.partial(whole, *ends))
        return fn
    return add


def inject(p, device, net, *packets):
    """Packets appear at a device of the router and go to the host of that network."""
    host = bytes.fromhex(mac(net, net).replace(':', ''))
    with p.router, socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as raw:
        for packet in packets:
            raw.sendto(packet, (device, ip.ethertype, 0, 0, host))


# --- streams -----------------------------------------------------------------

class Stream:
    """Octets that do not repeat within any window, and cost nothing to make."""

    CHUNK = 1 << 18
    PERIOD = 1048583                    # a prime: no shift of whole segments looks right
    _block = None

    def __init__(self, size, seed=0):
        if not Stream._block:
            block = random.Random(7).randbytes(self.PERIOD)
            Stream._block = memoryview(block + block[:self.CHUNK])
        self.size, self.seed = size, seed * 65537

    def at(self, position, length):
        """Up to @length octets from @position on."""
        at = (position + self.seed) % self.PERIOD
        return self._block[at:at + min(length, self.size - position, self.CHUNK)]


class _Flow:
    def __init__(self, sender, receiver, stream, end):
        self.sender, self.receiver, self.stream, self.end = sender, receiver, stream, end
        self.sent = self.got = 0
        self.eof = not end

    def send(self):
        """Returns whether there is more to send."""
        if self.sent < self.stream.size:
            self.sent += self.sender.send(self.stream.at(self.sent, Stream.CHUNK))
        if self.sent == self.stream.size and self.end:
            self.sender.shutdown(socket.SHUT_WR)
        return self.sent < self.stream.size

    def take(self):
        """Returns whether there is more to come."""
        data = self.receiver.recv(Stream.CHUNK)
        if not data:
            equal(self.got, self.stream.size, 'octets before the end of the stream')
            return False
        check(data == self.stream.at(self.got, len(data)),
              'the stream differs between octet %d and %d' % (self.got, self.got + len(data)))
        self.got += len(data)
        return self.end or self.got < self.stream.size


def carry(*flows, end=True, seconds=20000.0):
    """
    Move streams at once: each of @flows is (sender, receiver, octets).  Each octet is compared.

    With @end each sender shuts its side down at the end and each receiver sees that.
    """
    flows = [_Flow(tx, rx, Stream(size, n), end) for n, (tx, rx, size) in enumerate(flows)]
    out = {f.sender.fileno(): f for f in flows}
    into = {f.receiver.fileno(): f for f in flows}
    socks = {s.fileno(): s for f in flows for s in (f.sender, f.receiver)}
    poll = select.poll()

    def arm(fd):
        mask = (select.POLLIN if fd in into else 0) | (select.POLLOUT if fd in out else 0)
        if mask:
            poll.register(fd, mask)
        else:
            poll.unregister(fd)
    for fd, s in socks.items():
        s.setblocking(False)
        arm(fd)
    deadline = now() + seconds
    while out or into:
        events = poll.poll(max(0, deadline - now()) * 1000)
        check(events, 'stuck: %s' % [(f.sent, f.got, f.stream.size) for f in flows])
        for fd, event in events:
            for table, mask, step in ((into, ~select.POLLOUT, _Flow.take),
                                      (out, ~select.POLLIN, _Flow.send)):
                try:
                    if fd in table and event & mask and not step(table[fd]):
                        del table[fd]
                        arm(fd)
                except BlockingIOError:
                    pass
    for s in socks.values():
        s.setblocking(True)


def exchange(c, s, size=100000):
    """So much each way; the connection stays."""
    carry((c, s, size), (s, c, size), end=False)


def close_both(c, s):
    """The client closes first; each side sees the other's end."""
    c.shutdown(socket.SHUT_WR)
    equal(s.recv(1), b'', 'the end of the client\'s stream')
    s.shutdown(socket.SHUT_WR)
    equal(c.recv(1), b'', 'the end of the server\'s stream')
    c.close()
    s.close()


def options(s):
    """The options that were agreed on, as TCP_INFO has them."""
    return info(s)['options'] & (TIMESTAMPS | SACK | WSCALE | ECN)
