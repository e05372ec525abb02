# SPDX-License-Identifier: GPL-2.0
"""TCP Fast Open (RFC 7413): its numbers, its option, and a listener that has it."""

import socket

from .ip import ip
from .net import sysctl, tcp_info, tcp_socket

__all__ = ['TCP_FASTOPEN', 'TCP_FASTOPEN_CONNECT', 'TCP_FASTOPEN_KEY', 'TCP_FASTOPEN_NO_COOKIE',
           'MSG_FASTOPEN', 'CLIENT', 'SERVER', 'NO_COOKIE', 'SERVER_NO_COOKIE', 'ALL',
           'fastopen', 'opt_fo', 'server', 'syn_data']

TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY, TCP_FASTOPEN_NO_COOKIE = 23, 30, 33, 34
MSG_FASTOPEN = 0x20000000
OPT_SYN_DATA = 0x20

# net.tcpx.fastopen
CLIENT, SERVER, NO_COOKIE, SERVER_NO_COOKIE, ALL = 1, 2, 4, 0x200, 0x400


def fastopen(flags):
    sysctl('fastopen', flags)


def opt_fo(cookie=b''):
    """The option, with two NOPs before it where that fills the word."""
    return b'\1' * (-(2 + len(cookie)) % 4) + bytes([34, 2 + len(cookie)]) + cookie


def syn_data(s):
    """TCP_INFO: (payload of the SYN was taken, why not: fastopen_client_fail)."""
    info = tcp_info(s)
    return bool(info[5] & OPT_SYN_DATA), info[7] >> 1 & 3


def server(queue=16, port=7001, flags=CLIENT | SERVER, backlog=64):
    fastopen(flags)
    l = tcp_socket(True)
    l.bind((ip.ANY, port))
    if queue is not None:
        l.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, queue)
    l.listen(backlog)
    return l
