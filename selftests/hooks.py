#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Each segment that leaves, as a control group's egress program sees it: owner, group, uid,
mark, priority, hash.

TCPX_PROTO=6 checks Linux's own TCP by the same cases.
"""

import ctypes
import os
import socket
import struct
import tempfile

from lib import *
from lib.bpf import *

MAP_TYPE_QUEUE = 22
CGROUP_INET_INGRESS, CGROUP_INET_EGRESS = 0, 1
HELPER_LOAD, HELPER_UID, HELPER_CGROUP, HELPER_PUSH, HELPER_SET_CE = 26, 47, 79, 87, 97
SO_PRIORITY, SO_MARK = 12, 36
USER, MARK, PRIORITY = 1234, 7, 3
ROOT = 0
THEIRS = 'over IPv6 the kernel\'s TCP shows what full sockets send, and no more'
# The group is the whole machine's: what earlier cases have left goes to others
PEER = ip.addr(9, 1, 201)


# What the program notes of a segment; the value is on its stack, at r10 - 32
NOTE = '<IIIIIIQ'
FLAGS, MARK_AT, PRIORITY_AT, HASH, UID, TO, GROUP = -32, -28, -24, -20, -16, -12, -8
OCTET = -40


def program(queue):
    """Push (flags, mark, priority, hash, uid, peer, cgroup) of each segment; let it pass."""
    def store(off, src=0):
        return insn(0x63, 10, src, off)              # *(u32 *)(r10 + off) = src

    def field(at, off):
        return insn(0x61, 1, 6, at) + store(off, 1)  # r1 = *(u32 *)(r6 + at)

    def octet(at):
        return (insn(0xbf, 1, 6) + insn(0xb7, 2, imm=at) + insn(0xbf, 3, 10) +
                insn(0x07, 3, imm=OCTET) + insn(0xb7, 4, imm=1) + insn(0x85, imm=HELPER_LOAD) +
                insn(0x71, 0, 10, OCTET))            # r0 = *(u8 *)(r10 + OCTET)

    body = (octet(ip.head + 13) + store(FLAGS) +
            field(8, MARK_AT) + field(32, PRIORITY_AT) + field(68, HASH) +
            octet(ip.dst_at + ip.bits // 8 - 1) + store(TO) +    # of the peer's address
            insn(0xbf, 1, 6) + insn(0x85, imm=HELPER_UID) + store(UID) +
            insn(0xbf, 1, 6) + insn(0x85, imm=HELPER_CGROUP) + insn(0x7b, 10, 0, GROUP) +
            insn(0x18, 1, 1, imm=queue) + insn(0) +  # r1 = the map
            insn(0xbf, 2, 10) + insn(0x07, 2, imm=FLAGS) + insn(0xb7, 3) +
            insn(0x85, imm=HELPER_PUSH))
    return (insn(0xbf, 6, 1) +
            octet(ip.proto_at) +                               # the protocol
            insn(0x55, 0, off=len(body) // 8, imm=WIRE) + body +
            insn(0xb7, imm=1) + insn(0x95))


class Egress:
    """A program in the root group, a group below it, and what the program has seen."""

    def __init__(self):
        self.root = tempfile.mkdtemp()
        run('mount', '-t', 'cgroup2', 'none', self.root)
        self.group = self.root + '/tcpx-hooks'
        os.makedirs(self.group, exist_ok=True)
        self.queue = bpf(MAP_CREATE, struct.pack('<IIIII', MAP_TYPE_QUEUE, 0, 32, 1024, 0))
        attach(self.root, load(PROG_CGROUP_SKB, program(self.queue), CGROUP_INET_EGRESS),
               CGROUP_INET_EGRESS)

    def join(self):
        """This process's sockets are the group's from now on."""
        with open(self.group + '/cgroup.procs', 'w') as f:
            f.write(str(os.getpid()))

    def leave(self):
        with open(self.root + '/cgroup.procs', 'w') as f:
            f.write(str(os.getpid()))

    def seen(self):
        """[(flags, group, uid, mark, priority, hash), ...] since the last time."""
        out = []
        value = ctypes.create_string_buffer(32)
        group = os.stat(self.group).st_ino
        while True:
            try:
                bpf(LOOKUP_AND_DELETE, struct.pack('<IIQQQ', self.queue, 0, 0,
                                                   ctypes.addressof(value), 0))
            except FileNotFoundError:
                return out
            flags, mark, priority, hash_, uid, to, gid = struct.unpack(NOTE, value.raw)
            if to != ip.pton(PEER)[-1]:
                continue
            out.append((flag_text(flags & ~PSH), 'server' if gid == group else 'root', uid, mark,
                        priority, hash_))

    def close(self):
        os.rmdir(self.group)
        run('umount', self.root)


def server(egress, port, **options):
    """A listener of another user's, in the group, with a mark and a priority."""
    egress.join()
    os.seteuid(USER)
    s = tcp_socket()
    os.seteuid(0)
    egress.leave()
    s.setsockopt(socket.SOL_SOCKET, SO_MARK, MARK)
    s.setsockopt(socket.SOL_SOCKET, SO_PRIORITY, PRIORITY)
    s.bind((ip.ANY, port))
    s.listen(8)
    return s


LISTENER = 'server', USER, MARK, PRIORITY
CHILD = 'server', ROOT, MARK, 0             # its owner is the one that accepts it; its priority is new
# What a control socket sends on their behalf
FOR_LISTENER, FOR_CHILD = ('root', ROOT, MARK, PRIORITY), ('root', ROOT, MARK, 0)


def expect(egress, what, *want):
    """The segments that have left are these; returns their hashes."""
    got = egress.seen()
    equal([s[:5] for s in got], list(want), what)
    return [s[5] for s in got]


@case('hooks', 'a control group\'s egress program sees every segment, and whose it is')
def every_segment():
    need(TCPX or ip.version == 4, THEIRS)
    tun, egress = Tun(), Egress()
    l = server(egress, 7001)
    c = Conn(tun, 50000, 7001, PEER)
    c.open()
    s, _ = l.accept()
    hashes = expect(egress, 'handshake', ('SA', *LISTENER))
    c.tx('A', seq=-100)
    c.rx('A')
    hashes += expect(egress, 'an answer to old numbers', ('A', *CHILD))
    s.send(b'text')
    c.rx('PA')
    c.tx('A', ack=5)
    hashes += expect(egress, 'text', ('A', *CHILD))
    s.close()
    c.rx('FA')
    hashes += expect(egress, 'FIN', ('FA', *CHILD))
    c.tx('FA', ack=6)
    c.rx('A')
    hashes += expect(egress, 'ACK of the peer\'s FIN', ('A', *CHILD))
    sleep(1)
    c.tx('FA', seq=1, ack=6)
    c.rx('A')
    hashes += expect(egress, 'ACK of TIME-WAIT', ('A', *FOR_CHILD))
    # The kernel's TCP keeps it for TIME-WAIT over IPv6 only
    paths = set(hashes if TCPX else hashes[:-1])
    check(hashes[0] and len(paths) == 1, 'hashes: %r' % hashes)
    l.close()
    egress.close()


@case('hooks', 'and what a half-open connection says: SYN+ACK again, ACK, reset')
def half_open():
    need(TCPX or ip.version == 4, THEIRS)
    tun, egress = Tun(), Egress()
    l = server(egress, 7001)
    c = Conn(tun, 50000, 7001, PEER)
    c.syn()
    c.rx('SA')
    first = expect(egress, 'SYN+ACK', ('SA', *LISTENER))
    sleep(1.5)
    c.rx('SA')
    second = expect(egress, 'SYN+ACK again', ('SA', *LISTENER))
    check(first[0] and second[0] and first != second, 'hashes: %r, %r' % (first, second))
    c.tx('A', ack=1000)
    c.rx('R')
    expect(egress, 'a reset', ('R', *FOR_LISTENER))
    l.close()
    egress.seen()
    egress.close()


@case('hooks', 'and the resets of listeners and of nobody')
def resets():
    need(TCPX or ip.version == 4, THEIRS)
    tun, egress = Tun(), Egress()
    l = server(egress, 7001)
    c = Conn(tun, 50000, 7001, PEER)
    c.tx('A', ack=1)
    c.rx('R')
    expect(egress, 'the reset of a listener', ('R', *FOR_LISTENER))
    c = Conn(tun, 50000, 7002, PEER)
    c.syn()
    c.rx('RA')
    # As protocol 6 it is the kernel's TCP that answers for nobody
    if WIRE == PROTO or ip.version == 4:
        expect(egress, 'the reset of nobody', ('RA', 'root', ROOT, 0, 0))
    l.close()
    egress.close()


@case('hooks', 'and that of a connection that is aborted')
def connection():
    tun, egress = Tun(), Egress()
    l = server(egress, 7001)
    c = Conn(tun, 50000, 7001, PEER)
    c.open()
    s, _ = l.accept()
    egress.seen()
    dead_close(s)
    check(c.get().flags & RST, 'no reset')
    equal([s[1:5] for s in egress.seen()], [CHILD], 'abort')
    l.close()
    egress.close()


@case('hooks', 'fwmark_reflect: the mark of what is answered goes first')
def reflected():
    need(TCPX or ip.version == 4, THEIRS)
    tun, egress = Tun(), Egress()
    sysctl('net.ipv%d.fwmark_reflect' % ip.version, 1)
    run('nft', 'add table inet t; '
        'add chain inet t in { type filter hook prerouting priority -150; }; '
        'add rule inet t in meta mark set 5')
    l = server(egress, 7001)
    c = Conn(tun, 50000, 7001, PEER)
    c.tx('A', ack=1)
    c.rx('R')
    expect(egress, 'the reset of a listener', ('R', 'root', ROOT, 5, PRIORITY))
    l.close()
    egress.close()


@case('hooks', 'a SYN+ACK with a cookie has no owner, as with the kernel\'s TCP')
def cookie():
    tun, egress = Tun(), Egress()
    sysctl('syncookies' if TCPX else 'net.ipv4.tcp_syncookies', 2)
    l = server(egress, 7001)
    c = Conn(tun, 50000, 7001, PEER)
    c.syn()
    c.rx('SA')
    expect(egress, 'SYN+ACK with a cookie')
    l.close()
    egress.close()


@case('Hooks', 'a program of a control group marks what arrives: CE is seen, and echoed')
def ingress_ce():
    root = tempfile.mkdtemp()
    run('mount', '-t', 'cgroup2', 'none', root)
    group = root + '/tcpx-ingress'
    os.makedirs(group)
    code = insn(0x85, imm=HELPER_SET_CE) + insn(0xb7, imm=1) + insn(0x95)
    attach(group, load(PROG_CGROUP_SKB, code, CGROUP_INET_INGRESS), CGROUP_INET_INGRESS)
    with open(group + '/cgroup.procs', 'w') as f:
        f.write(str(os.getpid()))
    l = listener()
    c = Conn(Tun(), 5555, l.getsockname()[1])
    c.tx('SEC', opts=opt_mss())
    c.rx('SAE')
    c.tx('A')
    s, _ = l.accept()
    with open(root + '/cgroup.procs', 'w') as f:
        f.write(str(os.getpid()))
    c.tx('A', b'plain', tos=0)
    check(not c.rx(within=1).flags & ECE, 'what is not capable of ECN is not marked')
    c.tx('A', b'marked', tos=2)
    check(c.rx(within=1).flags & ECE, 'no ECE')
    os.rmdir(group)
    run('umount', root)


main()
