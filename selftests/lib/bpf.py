# SPDX-License-Identifier: GPL-2.0
"""BPF by its system call: maps, programs in octets, control groups that they are for."""

import ctypes
import os
import struct

from .tap import diag, libc

__all__ = ['available', 'bpf', 'insn', 'load', 'attach', 'ids', 'MAP_CREATE', 'MAP_LOOKUP',
           'MAP_UPDATE', 'LOOKUP_AND_DELETE', 'PROG_GET_NEXT_ID', 'LINK_GET_NEXT_ID',
           'PROG_SOCKET_FILTER', 'PROG_CGROUP_SKB', 'PROG_CGROUP_SOCK', 'PROG_SOCK_OPS',
           'PROG_CGROUP_SOCK_ADDR', 'PROG_SK_REUSEPORT', 'PROG_CGROUP_SOCKOPT']

SYS_BPF = 321
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, PROG_ATTACH, LOOKUP_AND_DELETE = 0, 1, 2, 5, 8, 21
PROG_GET_NEXT_ID, LINK_GET_NEXT_ID = 11, 31
(PROG_SOCKET_FILTER, PROG_CGROUP_SKB, PROG_CGROUP_SOCK, PROG_SOCK_OPS, PROG_CGROUP_SOCK_ADDR,
 PROG_SK_REUSEPORT, PROG_CGROUP_SOCKOPT) = 1, 8, 9, 13, 18, 21, 25


def bpf(cmd, attr):
    buf = ctypes.create_string_buffer(attr, max(len(attr), 128))
    fd = libc.syscall(SYS_BPF, cmd, buf, 128)
    if fd < 0:
        raise OSError(ctypes.get_errno(), 'bpf(%d)' % cmd)
    return fd


def available():
    """Whether the kernel has it."""
    try:
        os.close(bpf(MAP_CREATE, struct.pack('<IIIII', 2, 4, 4, 1, 0)))
    except OSError:
        return False
    return True


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack('<BBhi', code, src << 4 | dst, off, imm)


def load(kind, code, where=0):
    """A program of type @kind, to be attached @where."""
    insns, gpl = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b'GPL')
    log = ctypes.create_string_buffer(65536)
    try:
        return bpf(PROG_LOAD, struct.pack(
            '<IIQQIIQII16sII', kind, len(code) // 8, ctypes.addressof(insns),
            ctypes.addressof(gpl), 1, len(log), ctypes.addressof(log), 0, 0, b'', 0, where))
    except OSError:
        diag(log.value.decode()[-1000:])
        raise


def attach(group, prog, where):
    """A program sees what passes a hook of a control group, its folder."""
    fd = os.open(group, os.O_RDONLY)
    bpf(PROG_ATTACH, struct.pack('<IIII', fd, prog, where, 0))
    os.close(fd)


def ids(cmd):
    """The numbers of all programs, or links, of the machine."""
    out = []
    attr = ctypes.create_string_buffer(128)
    while not libc.syscall(SYS_BPF, cmd, attr, 128):
        out.append(struct.unpack_from('<I', attr, 4)[0])
        struct.pack_into('<I', attr, 0, out[-1])
    return out
