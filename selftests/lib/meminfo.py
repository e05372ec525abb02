# SPDX-License-Identifier: GPL-2.0
"""SO_MEMINFO: what the kernel has charged a socket with."""

import socket
import struct

__all__ = ['meminfo', 'forced', 'RMEM_ALLOC', 'RCVBUF', 'WMEM_ALLOC', 'SNDBUF', 'FORWARD',
           'WMEM_QUEUED', 'SO_SNDBUFFORCE', 'SO_RCVBUFFORCE']

SO_MEMINFO = 55
RMEM_ALLOC, RCVBUF, WMEM_ALLOC, SNDBUF, FORWARD, WMEM_QUEUED = range(6)
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33


def meminfo(s):
    """Bytes, by RMEM_ALLOC and so on."""
    return struct.unpack('9I', s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))


def forced(option, size):
    """For passive(): a listener whose buffer has @size, whatever the limit says."""
    return lambda l: l.setsockopt(socket.SOL_SOCKET, option, size)
