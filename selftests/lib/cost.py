# SPDX-License-Identifier: GPL-2.0
"""
What a call or a segment costs, in instructions where each is a tick of the clock (QEMU in
virtual time).  Elsewhere the cost in time is printed but not judged.
"""

import ctypes
import mmap
import os

from .peer import INSTRUCTIONS_TAKE_TIME
from .tap import check, diag

__all__ = ['COUNTED', 'Ratio', 'tsc', 'blast']

COUNTED = bool(INSTRUCTIONS_TAKE_TIME and os.environ.get('TCPX_VM_VIRTUAL_TIME'))


def tsc():
    """A function that reads the machine's cycle counter."""
    code = bytes.fromhex('0f31 48c1e220 4809d0 c3')     # rdtsc; rax |= rdx << 32; ret
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    fn = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    fn.page = page
    return fn


def blast(tun, packets):
    """Write @packets; instructions, or cycles, a packet."""
    clock, fd, write = tsc(), tun.fd, os.write
    start = clock()
    for p in packets:
        write(fd, p)
    return (clock() - start) / len(packets)


class Ratio:
    """
    The cost when little is queued against the cost when much is.

    A list of 8000, searched from one end for each segment, made it sevenfold.
    """

    def __init__(self):
        self.small = self.large = 0

    def check(self, what, most=1.5, each='segment', much='queued'):
        ratio = self.large / self.small
        diag('%s: %d %s a %s, %d with much %s: %.2f times' % (
            what, self.small, 'instructions' if COUNTED else 'cycles', each, self.large, much,
            ratio))
        check(ratio < most or not COUNTED, '%s: %.2f times dearer' % (what, ratio))
