# SPDX-License-Identifier: GPL-2.0
"""insmod and rmmod by their system calls, so that the errno is seen."""

import ctypes
import glob
import os
import platform

from .tap import libc, now, sleep

__all__ = ['insmod', 'rmmod', 'loaded', 'remains', 'Kmsg', 'module_path']

# By machine; User-mode Linux is x86
SYS_delete_module, SYS_finit_module = {
    'x86_64': (176, 313), 'aarch64': (106, 273), 'armv7l': (129, 379), 's390x': (129, 344),
}[platform.machine()]


def module_path():
    return os.environ.get('TCPX_KO', '')


def loaded():
    return os.path.exists('/sys/module/tcpx')


def insmod(params='', path=None):
    """Load tcpx.ko, or the module at @path; raises OSError as the kernel says."""
    fd = os.open(path or module_path(), os.O_RDONLY)
    try:
        if libc.syscall(SYS_finit_module, fd, params.encode(), 0):
            err = ctypes.get_errno()
            raise OSError(err, os.strerror(err))
    finally:
        os.close(fd)


def rmmod(patience=0.0, name='tcpx'):
    """Unload tcpx, or module @name; retries for @patience seconds while it is in use."""
    deadline = now() + patience
    while libc.syscall(SYS_delete_module, name.encode(), os.O_NONBLOCK):
        err = ctypes.get_errno()
        if now() >= deadline:
            raise OSError(err, os.strerror(err))
        sleep(0.1)


def remains():
    """What of the module can still be seen when it is gone."""
    out = []
    for pattern in ('/sys/module/tcpx', '/proc/net/tcpx*', '/proc/sys/net/tcpx',
                    '/sys/kernel/slab/tcpx*', '/sys/kernel/tracing/events/tcpx'):
        out += glob.glob(pattern)
    for path, what in (('/proc/slabinfo', 'slab '), ('/proc/net/protocols', 'protocol '),
                       ('/proc/net/ptype', 'packet type '), ('/proc/kallsyms', 'symbol ')):
        if os.path.exists(path):
            with open(path) as f:
                out += [what + line.strip() for line in f
                        if line.lower().startswith('tcpx') or '[tcpx]' in line]
    return out


class Kmsg:
    """The kernel's log from now on."""

    def __init__(self):
        self.fd = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        out = []
        while True:
            try:
                record = os.read(self.fd, 8192)
            except BlockingIOError:
                return out
            except BrokenPipeError:         # overwritten meanwhile: the next one is there
                continue
            out.append(record.decode(errors='replace').split(';', 1)[1].rstrip())
