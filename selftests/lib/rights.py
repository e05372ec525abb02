# SPDX-License-Identifier: GPL-2.0
"""What a process without rights may do."""

import ctypes
import os
import struct

from .net import furnish, in_child
from .tap import check, equal, libc, need

__all__ = ['unprivileged', 'as_user']

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_DUMPABLE = 4
NOBODY = 65534


def only_capability(cap=None):
    """Become an unprivileged process with at most one capability."""
    libc.prctl(8, 1, 0, 0, 0)               # PR_SET_KEEPCAPS
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
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


def become_user():
    """From now on an unprivileged user, and root in namespaces of its own."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    # /proc/self is its own again
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    check(not libc.unshare(CLONE_NEWUSER | CLONE_NEWNET), 'unshare')
    for name, text in ('setgroups', 'deny'), ('uid_map', '0 %d 1' % NOBODY), \
                      ('gid_map', '0 %d 1' % NOBODY):
        with open('/proc/self/' + name, 'w') as f:
            f.write(text)
    furnish()


def as_user(fn):
    """fn() in a user's own namespaces."""
    def work():
        become_user()
        fn()
    need(os.path.exists('/proc/self/ns/user'), 'no user namespaces')
    if os.path.exists('/dev/net/tun'):
        os.chmod('/dev/net/tun', 0o666)
    equal(in_child(work), 0, 'the user\'s part')
