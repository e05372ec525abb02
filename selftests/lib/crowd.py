# SPDX-License-Identifier: GPL-2.0
"""Many connections at once, and what must be left when they have ended: nothing."""

import contextlib
import errno
import glob
import os
import select
import sys

from .ip import ip
from .module import remains, rmmod
from .net import connect, listener, run, wait_readable
from .tap import diag, equal

__all__ = ['Tap', 'served', 'clients', 'come_and_go']

TAIL = b'.'


def request(n):
    return (b'request %d ' % n) * (1 + n % 50) + TAIL


def answer(data):
    return data[::-1]


class Tap:
    """Results of a program that is one long case, @name."""

    def __init__(self, name):
        self.name, self.n, self.failed = name, 0, 0
        print('TAP version 13', flush=True)

    def result(self, ok, text, why=''):
        self.n += 1
        self.failed += not ok
        if not ok and why:
            diag(why)
        print('%sok %d - %s: %s' % ('' if ok else 'not ', self.n, self.name, text), flush=True)
        return ok

    def end(self):
        print('1..%d' % self.n, flush=True)
        sys.exit(1 if self.failed else 0)

    def nothing_left(self):
        """The module goes, and nothing of it stays; all its namespaces are at rest."""
        slabs = [s for s in slab_counts() if s[1]]
        self.result(not slabs, 'slab counts are back to zero', repr(slabs))
        err = 0
        try:
            rmmod(30)
        except OSError as e:
            err = e.errno
        self.result(not err, 'rmmod', errno.errorcode.get(err, ''))
        left = remains()
        self.result(not left, 'nothing of the module is left', '\n'.join(left[:20]))
        leaks = kmemleak()
        if leaks is None:
            self.result(True, 'kmemleak # SKIP this kernel has none')
        else:
            self.result(not leaks, 'kmemleak finds nothing', leaks)


def serve(l, count):
    """Echo each request backwards and close; returns after @count of them."""
    ep = select.epoll()
    ep.register(l, select.EPOLLIN)
    open_, done = {}, 0
    while done < count:
        for fd, _ in ep.poll():
            if fd == l.fileno():
                while True:
                    try:
                        s, _ = l.accept()
                    except BlockingIOError:
                        break
                    s.setblocking(False)
                    open_[s.fileno()] = (s, bytearray())
                    ep.register(s, select.EPOLLIN)
                continue
            s, data = open_[fd]
            try:
                chunk = s.recv(65536)
            except BlockingIOError:
                continue
            data += chunk
            if data.endswith(TAIL) or not chunk:
                ep.unregister(fd)
                s.setblocking(True)
                s.sendall(answer(bytes(data)))
                s.close()
                del open_[fd]
                done += 1
    ep.close()


def served(l, count, beside):
    """Whether serve() in a child ends well, and what beside() returns meanwhile."""
    l.setblocking(False)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            serve(l, count)
            status = 0
        finally:
            os._exit(status)
    l.close()
    out = beside()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, out


def clients(make, to, count, at_a_time):
    """
    @count connections of sockets that make() makes, @at_a_time at once.

    Returns what went wrong, and how many there were at most.
    """
    ep = select.epoll()
    live, wrong, started, most = {}, [], 0, 0
    while started < count or live:
        while started < count and len(live) < at_a_time:
            s = make()
            s.setblocking(False)
            err = s.connect_ex(to)
            if err not in (0, errno.EINPROGRESS):
                wrong.append('connect: ' + errno.errorcode[err])
                s.close()
            else:
                live[s.fileno()] = [s, started, False, bytearray()]
                ep.register(s, select.EPOLLOUT)
            started += 1
        most = max(most, len(live))
        for fd, ev in ep.poll():
            s, n, sent, got = entry = live[fd]
            end = False
            try:
                if not sent:
                    s.sendall(request(n))
                    entry[2] = True
                    ep.modify(fd, select.EPOLLIN)
                else:
                    chunk = s.recv(65536)
                    got += chunk
                    end = not chunk
            except BlockingIOError:
                continue
            except OSError as e:
                wrong.append('connection %d: %s' % (n, errno.errorcode[e.errno]))
                end = True
                got[:] = answer(request(n))
            if end:
                if bytes(got) != answer(request(n)):
                    wrong.append('connection %d: a wrong answer of %d bytes' % (n, len(got)))
                ep.unregister(fd)
                s.close()
                del live[fd]
    ep.close()
    return wrong, most


@contextlib.contextmanager
def come_and_go(end):
    """Meanwhile another process makes connections, each of which end(client, server) ends."""
    stop_r, stop_w = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(stop_w)
            with listener(ip.lo(2)) as l:
                while not wait_readable(stop_r, 0):
                    c = connect(l.getsockname())
                    end(c, l.accept()[0])
            status = 0
        finally:
            os._exit(status)
    os.close(stop_r)
    try:
        yield
    finally:
        os.close(stop_w)
        status = os.waitpid(pid, 0)[1]
    equal(status, 0, 'the child')


def slab_counts():
    """[(cache, objects in use), ...] of the module's own caches."""
    out = []
    for path in glob.glob('/sys/kernel/slab/[Tt][Cc][Pp][Xx]*/shrink'):
        with open(path, 'w') as f:          # what a CPU keeps for itself counts as in use
            f.write('1')
    try:
        with open('/proc/slabinfo') as f:
            for line in f:
                if line.lower().startswith('tcpx'):
                    name, active = line.split()[:2]
                    out.append((name, int(active)))
    except FileNotFoundError:
        diag('no /proc/slabinfo')
    return out


def kmemleak():
    """Scan twice, as an object counts only if two scans have missed it; the report."""
    path = '/sys/kernel/debug/kmemleak'
    if not os.path.exists(path):
        run('mount', '-t', 'debugfs', 'debugfs', '/sys/kernel/debug', may_fail=True)
    if not os.path.exists(path):
        return None
    for _ in range(2):
        with open(path, 'w') as f:
            f.write('scan')
    with open(path) as f:
        return f.read()
