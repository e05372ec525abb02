#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Bad input to the sysctls: what means nothing is refused, and changes nothing."""

import errno
import glob
import os
import random
import re

from lib import *

ROW = 'sysctls'
STRINGS = {'congestion_control', 'allowed_congestion_control', 'available_congestion_control',
           'available_ulp', 'fastopen_key'}
# Of a number; Linux's tcp_mem and the like take three
NONSENSE = ('x', '1x', '--1', '1.5', '0x', '-', '+1', ' ', '\n', ',', '1,1', '\xff', '1\0002',
            '1 2 3 x', str(1 << 64), '9' * 30, '1' * 5000)


def names():
    """Of all sysctls; those of all namespaces are in the first one only."""
    head = sysctl_path('')
    return sorted(path.removeprefix(head) for path in glob.glob(head + '*'))


def numbers():
    return [name for name in names() if name not in STRINGS]


def read(name):
    with open(sysctl_path(name), 'rb') as f:
        return f.read()


def write(name, data, at=0):
    fd = os.open(sysctl_path(name), os.O_WRONLY)
    try:
        return os.pwrite(fd, data, at)
    finally:
        os.close(fd)


@case(ROW, 'each of a number or several: EINVAL for what is none, and the value stays', keep_netns=True)
def nonsense():
    taken = []
    for name in numbers():
        for text in NONSENSE:
            data, before = text.encode('latin-1'), read(name)
            several = len(before.split()) > 1
            try:
                write(name, data)
                # What comes before the nonsense counts, as in Linux
                if read(name) != before and not several:
                    taken.append((name, text[:10]))
            except OSError as e:
                equal(e.errno, errno.EINVAL, '%s = %r' % (name, text[:10]))
                if not several:
                    equal(read(name), before, '%s after %r' % (name, text[:10]))
            if read(name) != before:
                write(name, before)
    # A NUL ends a number, and so does what follows the last one
    equal([t for t in taken if t[1] not in ('1\0002', '1 2 3 x')], [], 'taken')


@case(ROW, 'each, at and around every power of two: taken as it is, or EINVAL', keep_netns=True)
def limits():
    for name in numbers():
        before = read(name)
        refused = 0
        for value in sorted({s * (1 << n) + d for n in range(65) for d in (-1, 0, 1) for s in (1, -1)}):
            was = read(name)
            if len(before.split()) > 1:
                text = b'%d %d %d' % (value, value, value)
            else:
                text = b'%d' % value
            try:
                write(name, text)
                equal(read(name).split(), text.split(), '%s = %d' % (name, value))
            except OSError as e:
                refused += 1
                equal(e.errno, errno.EINVAL, '%s = %d' % (name, value))
                equal(read(name), was, '%s after %d' % (name, value))
        write(name, before)
        equal(read(name), before, name)
        check(refused > 60, '%s refuses %d' % (name, refused))


@case(ROW, 'random bytes: no error but EINVAL and ENOENT, and the value can be read', keep_netns=True)
def noise():
    rand = random.Random(1)
    for name in names():
        before = read(name)
        if not os.access(sysctl_path(name), os.W_OK) or name == 'available_congestion_control':
            continue
        for _ in range(50):
            data = rand.randbytes(rand.choice((1, 2, 8, 40, 300)))
            if rand.random() < 0.5:
                data = bytes(rand.choice(b'0123456789 -,\tx\n') for _ in data)
            try:
                write(name, data)
            except OSError as e:
                check(e.errno in (errno.EINVAL, errno.ENOENT), '%s = %r: %s' % (name, data, e))
            check(len(read(name)) < 4096, name)
        write(name, before)
        equal(read(name), before, name)


@case(ROW, 'a write that does not begin at 0 changes nothing', keep_netns=True)
def offsets():
    for name in numbers():
        before = read(name)
        write(name, b'1', 1)
        equal(read(name), before, name)


@case(ROW, 'an algorithm that is none, a key that is none: ENOENT, EINVAL; the value stays')
def strings():
    need(TCPX, 'Linux\'s are Linux\'s')
    for name, text, err in (('congestion_control', 'none such', errno.ENOENT),
                            ('congestion_control', 'x' * 300, errno.ENOENT),
                            ('congestion_control', 'ren', errno.ENOENT),
                            ('fastopen_key', 'x', errno.EINVAL),
                            ('fastopen_key', '1-2-3', errno.EINVAL),
                            ('fastopen_key', '1-2-3-4-5', errno.EINVAL),
                            ('fastopen_key', '1-2-3-4,', errno.EINVAL),
                            ('fastopen_key', '1-2-3-123456789', errno.EINVAL),
                            ('wire_protocol', '17', errno.EINVAL)):
        before = read(name)
        raises(err, write, name, text.encode(), what='%s = %s' % (name, text[:20]))
        equal(read(name), before, '%s after %s' % (name, text[:20]))
    for name in ('available_congestion_control',):
        raises((errno.EACCES, errno.EPERM), write, name, b'reno', what=name)


@case(ROW, 'tcpx(7) has the defaults of a new namespace')
def defaults():
    need(TCPX, 'the page is tcpx\'s')
    with open(os.path.join(os.path.dirname(__file__), '../docs/man/tcpx.7')) as f:
        told = dict(re.findall(r'^\.It Va (\w+) Pq (.*)$', f.read(), re.M))
    for name in names():
        if told[name] not in ('by memory', 'random'):
            equal(read(name).decode().strip(), told[name], name)


@case(ROW, 'a user without rights writes none, and does not read the key')
def unprivileged_user():
    def user():
        for name in names():
            raises(errno.EACCES, write, name, b'1', what=name)
        raises(errno.EACCES, read, 'fastopen_key', what='fastopen_key')
        read('congestion_control')
    unprivileged(user)


main(None if ip.version == 4 and WIRE == PROTO else 'they are the same for all')
