#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Limits that an unprivileged user can't raise for itself, and the range of every sysctl."""

import glob
import os
import socket
import tempfile

from lib import *


def flood(tun, n, port=7001):
    for i in range(n):
        tun.write(build(ip.addr(9, 2 + i // 200, 1 + i % 200), LOCAL, 3000, port, i, 0, 'S',
                        opts=opt_mss()))
        if i % 100 == 0:
            tun._drain()
            tun.pending.clear()
            tun.log.clear()


@case('S31', 'half-open connections of users\' namespaces: together they have a limit of root\'s')
def half_open():
    need(TCPX, 'the limit of the kernel\'s TCP is net.core.somaxconn')
    in_first_net(sysctl, 'users_max_half_open', 200)
    seen, told = os.pipe()

    def user():
        tun = Tun(prefix=ip.wide)
        sysctl('syncookies', 0)
        sysctl('max_syn_backlog', 1000000)
        ls = [listener(port=p, backlog=4096) for p in (7001, 7002)]
        flood(tun, 400, 7001)
        flood(tun, 400, 7002)
        equal(counters()['HalfOpenNow'], 200, 'half-open entries')
        # Those that wait for accept() count, too
        flood(tun, 400, 7001)
        c = Conn(tun, 4000, 7001, addr=ip.addr(9, 250, 1))
        c.open()
        equal(counters()['HalfOpenNow'], 200, 'half-open entries, and a connection')
        check(wait_readable(ls[0]), 'the newest one is let in')
        # An orphan would outlive this case, and count
        dead_close(ls[0].accept()[0])
        equal(counters()['HalfOpenNow'], 199, 'it is accepted')
        os.write(told, b'.')
        sleep(3)
        for l in ls:
            l.close()
        equal(counters()['HalfOpenNow'], 0, 'half-open entries, the listeners being closed')

    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            as_user(user)
            status = 0
        finally:
            os._exit(status)
    os.close(told)
    equal(os.read(seen, 1), b'.', 'the user\'s part')
    # This namespace is the machine's root's: it has as much room as ever
    tun = Tun(prefix=ip.wide)
    sysctl('syncookies', 0)
    l = listener(port=7001, backlog=4096)
    flood(tun, 400)
    equal(counters()['HalfOpenNow'], 400, 'root\'s own half-open entries')
    l.close()
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, 'the user\'s part')
    in_first_net(sysctl, 'users_max_half_open', 8192)


@case('S31', 'TIME-WAITs and orphans of users\' namespaces: likewise')
def unowned():
    need(TCPX, 'it is about net.tcpx')
    in_first_net(sysctl, 'users_max_tw_buckets', 20)
    in_first_net(sysctl, 'users_max_orphans', 10)

    def user():
        sysctl('max_tw_buckets', 1000000)
        sysctl('max_orphans', 1000000)
        for _ in range(30):
            c, s = pair()
            c.close()
            s.close()
        sleep(0.1)
        equal(counters()['TimeWaitNow'], 20, 'TIME-WAITs')
        equal(counters()['TCPTimeWaitOverflow'], 10, 'those for which there was no room')
        tun = Tun()
        for _ in range(30):
            s, c = passive(tun)
            s.send(b'never acknowledged')
            s.close()
        equal(counters()['OrphansNow'], 10, 'orphans')
        equal(counters()['TCPAbortOnMemory'], 20, 'those that were reset')

    as_user(user)
    sleep(1)
    in_first_net(sysctl, 'users_max_tw_buckets', 32768)
    in_first_net(sysctl, 'users_max_orphans', 8192)


@case('S31', 'the limits for users are the first namespace\'s alone to see and to set')
def first_only():
    need(TCPX, 'it is about net.tcpx')
    names = 'users_max_half_open', 'users_max_tw_buckets', 'users_max_orphans', 'mem'
    for name in names:
        check(in_first_net(os.path.exists, sysctl_path(name)), name + ' is not there')
        check(not os.path.exists(sysctl_path(name)), name + ' is there')


@case('S31', 'what a peer makes a listener keep is charged to the listener\'s control group')
def charged():
    need(TCPX, 'the kernel\'s TCP charges it to nobody')
    need('memory' in open('/proc/cgroups').read(), 'no memory control groups')
    root = tempfile.mkdtemp()
    run('mount', '-t', 'cgroup2', 'none', root)
    group = root + '/listener'
    with open(root + '/cgroup.subtree_control', 'w') as f:
        f.write('+memory')
    os.mkdir(group)
    tun = Tun(prefix=ip.wide)
    sysctl('max_syn_backlog', 10000)

    def slab():
        with open(group + '/memory.stat') as f:
            return int(dict(line.split() for line in f)['slab'])

    def user():
        with open(group + '/cgroup.procs', 'w') as f:
            f.write(str(os.getpid()))
        l = listener(port=7001, backlog=4096)
        before = slab()
        with open(root + '/cgroup.procs', 'w') as f:
            f.write(str(os.getpid()))
        flood(tun, 4000)
        equal(counters()['HalfOpenNow'], 4000, 'half-open entries')
        check(slab() - before > 4000 * 200, '%d bytes were charged' % (slab() - before))

    status = in_child(user)
    sleep(1)
    os.rmdir(group)
    run('umount', root)
    equal(status, 0, 'the listener\'s part')


# Sysctls for which every value makes sense
ANY = 'notsent_lowat',


@case('S31', 'every number in net.tcpx has a range, and what is beyond it is refused')
def ranges():
    need(TCPX, 'it is about net.tcpx')
    wrong = []
    for path in in_first_net(glob.glob, '/proc/sys/net/tcpx/*'):
        name = os.path.basename(path)
        try:
            old = in_first_net(sysctl, name)
        except PermissionError:
            continue
        values = str(old).split()
        if not values[0].isdigit() or name in ANY:
            continue
        for bad in -1, 2 ** 32 - 1, 2 ** 32, 2 ** 63, 2 ** 64:
            if name == 'mem' and bad == 2 ** 32 - 1 or bad == 2 ** 32 and name == 'mem':
                continue
            try:
                in_first_net(sysctl, name, ' '.join([str(bad)] * len(values)))
                if in_first_net(sysctl, name) != old:
                    wrong.append('%s takes %d' % (name, bad))
                    in_first_net(sysctl, name, old)
            except OSError:
                pass
    equal(wrong, [], 'sysctls without a limit')


main()
