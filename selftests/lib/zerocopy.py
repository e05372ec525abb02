# SPDX-License-Identifier: GPL-2.0
"""MSG_ZEROCOPY: asking for it, and memory to lend."""

import errno
import mmap
import socket

from .net import SOL
from .wire import TCPX

__all__ = ['SO_ZEROCOPY', 'TCPX_ZEROCOPY', 'MSG_ZEROCOPY', 'PAGE', 'ask', 'buffer']

SO_ZEROCOPY, TCPX_ZEROCOPY, MSG_ZEROCOPY = 60, 0x1003, 0x4000000
PAGE = mmap.PAGESIZE


def ask(s, val=1):
    """SO_ZEROCOPY, by the name that this kernel takes for this protocol."""
    try:
        s.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, val)
    except OSError as e:
        if not TCPX or e.errno != errno.EOPNOTSUPP:
            raise
        s.setsockopt(SOL, TCPX_ZEROCOPY, val)


def buffer(data):
    """@data in pages of their own, which nobody else writes to."""
    pages = mmap.mmap(-1, -(-len(data) // PAGE) * PAGE)
    pages[:len(data)] = data
    return memoryview(pages)[:len(data)]
