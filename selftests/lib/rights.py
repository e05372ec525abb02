# SPDX-License-Identifier: GPL-2.0
"""What a process without rights may do."""

import ctypes
import os
import struct

from .net import in_child
from .tap import equal, libc

__all__ = ['unprivileged']


def only_capability(cap=None):
    """Become an unprivileged process with at most one capability."""
    libc.prctl(8, 1, 0, 0, 0)               # PR_SET_KEEPCAPS
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    bits = 1 << cap if cap is not None else 0
    head = struct.pack('Ii', 0x20080522, 0)
    data = struct.pack('IIIIII', bits, bits, 0, 0, 0, 0)
    if libc.capset(head, data):
        raise OSError(ctypes.get_errno(), 'capset')


def unprivileged(fn, cap=None):
    """Run @fn without rights, in a child."""
    def child():
        only_capability(cap)
        fn()
    equal(in_child(child), 0, 'the unprivileged child')
