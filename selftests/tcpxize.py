#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
tools/tcpxize: whose sockets a program gets, and that nothing else of it is changed.

lib/whose.c is the program: each of its arguments makes a socket or changes how the next
ones are made, and it prints whose they are.
"""

import contextlib
import errno
import glob
import os
import signal
import socket
import subprocess

from lib import *
from lib.bpf import LINK_GET_NEXT_ID, PROG_GET_NEXT_ID, ids
from lib.tools import opens, program, scratch, tool


def has_bpf_way():
    """Linux 6.6 and later, on a machine that can compile BPF and says what its functions are."""
    with open('/proc/kallsyms') as f:
        return os.path.exists('/sys/kernel/btf/vmlinux') and 'update_socket_protocol\n' in f.read()


TCPXIZE = tool('tcpxize')
DYNAMIC, STATIC = program('whose'), program('whose', '-static')
BPF = has_bpf_way()
# Those that take no rights, and can have --wire and --cc; those that have a process beside the
# command, and reach what is linked statically; all
ANYONES = 'seccomp', 'preload'
BESIDE = ('bpf', 'seccomp') if BPF else ('seccomp',)
WAYS = (*BESIDE, 'preload')
NO_BPF = 'bpf: the kernel\'s update_socket_protocol(): No such file or directory'
GROUPS = '/sys/fs/cgroup/tcpxize-*'
# Of who was killed together with the keepers of his group
LEFT_BEFORE = glob.glob(GROUPS)
NOBODY = 65534
CC = 'cubic'
TURNED = 'tcpx/%d/%s' % (WIRE, CC)
OTHER = 'other'
SYSTEMD = '/lib/systemd/systemd'


def tcpxize(*words, status=0, err='', **kw):
    """What it prints, its status and what it says on stderr being as told."""
    done = subprocess.run([TCPXIZE, *words], stdin=kw.pop('stdin', subprocess.DEVNULL),
                          capture_output=True, text=True, timeout=1000, **kw)
    equal((done.returncode, done.stderr), (status, err), 'status and stderr of %r' % (words,))
    return done.stdout


def whose(*words, options=(), prog=None, **kw):
    """What the program says of its sockets, by the words that made them."""
    out = tcpxize(*options, prog or DYNAMIC, *words, **kw)
    return [line.partition('=')[2] for line in out.splitlines()]


def as_nobody():
    """For subprocess: an unprivileged process."""
    return {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}


def supervisors():
    """The processes beside the commands: tcpxize's own that are still tcpxize."""
    return [int(pid) for pid in os.listdir('/proc') if pid.isdigit() and
            link('/proc/%s/exe' % pid) == TCPXIZE]


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def parent(pid):
    with open('/proc/%d/stat' % pid) as f:
        return int(f.read().rpartition(')')[2].split()[1])


def gone(what):
    """Wait until no supervisor is left."""
    end = now() + 1000
    while supervisors():
        check(now() < end, what + ': there is still a supervisor')
        sleep(0.01)


@contextlib.contextmanager
def waiting(*words, options=(), **kw):
    """The program, which waits for a line where a word says so."""
    gone('an earlier command')
    run_it = subprocess.Popen([TCPXIZE, *options, DYNAMIC, *words], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    try:
        yield run_it
    finally:
        run_it.kill()
        run_it.communicate()


# --- which sockets -----------------------------------------------------------------

def kinds(way, prog=DYNAMIC, turned=TURNED):
    words = '4', '6', '4tcp', '6tcp', 'udp', 'unix', 'own'
    equal(whose(*words, options=('--way', way), prog=prog),
          [turned] * 4 + [OTHER, OTHER, TURNED], way)


@case('S29', 'tcpxize: stream sockets of IPv4 and IPv6 are turned, no others')
def both_families():
    for way in WAYS:
        kinds(way)


@case('S29', 'tcpxize: a static program as well, and one without a C library, by ways that can')
def static():
    for way in WAYS:
        turned = TURNED if way in BESIDE else OTHER
        kinds(way, STATIC, turned)
        for prog in STATIC, DYNAMIC:
            equal(whose('raw', options=('--way', way), prog=prog), [turned], way + ', raw')


PYTHON = """
import socket
for family, address in (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1'):
    with socket.create_server((address, 0), family=family) as l:
        c = socket.create_connection(l.getsockname()[:2])
        s = l.accept()[0]
        c.sendall(b'hello')
        print(s.recv(5).decode(), *(one.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL)
                                    for one in (l, c, s)))
"""


@case('S29', 'tcpxize: connections of a program in Python')
def python():
    for way in WAYS:
        before = opens()
        equal(tcpxize('--way', way, 'python3', '-c', PYTHON), 'hello 6 6 6\n' * 2, way)
        grown = {stack: n - before[stack] for stack, n in opens().items()}
        equal(grown, {'tcpx': 4, 'TCP': 0}, way + ', connections')


@case('S29', 'tcpxize: MPTCP is not TCP')
def mptcp():
    need(os.path.exists('/proc/sys/net/mptcp'), 'this kernel has none')
    for way in WAYS:
        equal(whose('mptcp', options=('--way', way)), [OTHER], way)


@case('S29', 'tcpxize: 32-bit system calls')
def compat():
    need(os.environ.get('TCPX_VM_BACKEND') == 'qemu' and not os.environ.get('TCPX_VM_DEBUG'),
         'only Debian\'s kernel has them')
    for way in BESIDE:
        equal(whose('call', 'socketcall', options=('--way', way), prog=STATIC), [TURNED] * 2, way)


@case('S29', 'tcpxize: children and threads, and what they exec')
def children():
    for way in WAYS:
        equal(whose('4', 'fork', '4', 'thread', '4', 'fork', '6', options=('--way', way)),
              [TURNED] * 4, way)
        out = tcpxize('--way', way, 'sh', '-c', '(env "$0" 4); exec "$0" 6', DYNAMIC)
        equal(out, '4=%s\n6=%s\n' % (TURNED, TURNED), way)


@case('S29', 'tcpxize: SOCK_CLOEXEC and SOCK_NONBLOCK hold; SO_PROTOCOL says TCP')
def views():
    for way in WAYS:
        for word, domain in ('4', socket.AF_INET), ('6', socket.AF_INET6):
            plain = '%d/%d/%d ' % (domain, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            equal(whose(word, 'views', 'flags', word, 'views', options=('--way', way)),
                  [TURNED, plain + '00', TURNED, plain + '11'], way)
        equal(whose('udp', 'views', options=('--way', way))[1],
              '%d/%d/%d 00' % (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP), way)


@case('S29', 'tcpxize: --wire and --cc')
def settings():
    for way in ANYONES:
        for wire in 6, 253:
            equal(whose('4', '6', options=('--way', way, '--wire', str(wire), '--cc', 'reno')),
                  ['tcpx/%d/reno' % wire] * 2, way)
    for words in ('--wire', '6'), ('--cc', 'reno'):
        tcpxize('--way', 'bpf', *words, 'true', status=125,
                err='tcpxize: bpf: it has no --wire and no --cc\n')
        equal(whose('raw', options=words)[0][:5], 'tcpx/', 'by default')
    err = 'tcpxize: there is no congestion control none: see sysctl ' \
          'net.tcpx.available_congestion_control\ntcpxize --help tells more\n'
    tcpxize('--cc', 'none', 'true', status=125, err=err)
    tcpxize('--wire', '7', 'true', status=125, err='tcpxize: --wire takes 6 or tcpx\'s own '
            'number, not 7\ntcpxize --help tells more\n')


@case('S29', 'tcpxize: one inside another has the last word, and changes nothing outside of itself')
def nested():
    inner = (TCPXIZE, '--cc', 'reno')
    for outside in WAYS:
        for inside in 'seccomp', 'preload', None:
            if (outside, inside) == ('seccomp', 'seccomp'):
                continue
            way = ('--way', inside) if inside else ()
            out = tcpxize('--way', outside, 'sh', '-c', '"$@"; "$0" 4', DYNAMIC, *inner, *way,
                          DYNAMIC, '4')
            equal(out, '4=tcpx/%d/reno\n4=%s\n' % (WIRE, TURNED), '%s in %s' % (inside, outside))
    tcpxize('--way', 'seccomp', TCPXIZE, '--way', 'seccomp', 'true', status=125,
            err='tcpxize: seccomp: Device or resource busy\n')
    for outside in WAYS if BPF else ():
        if outside == 'preload':
            equal(tcpxize('--way', outside, TCPXIZE, '--way', 'bpf', STATIC, '4'),
                  '4=%s\n' % TURNED, 'bpf in preload')
        else:
            tcpxize('--way', outside, TCPXIZE, '--way', 'bpf', 'true', status=125,
                    err='tcpxize: bpf: an outer tcpxize turns these sockets\n')
            equal(tcpxize('--way', outside, TCPXIZE, DYNAMIC, '4'), '4=%s\n' % TURNED,
                  'the best way that is left')


# --- namespaces and rights -----------------------------------------------------------

@case('S29', 'tcpxize: a program that has left for a network namespace of its own')
def own_netns():
    for way in WAYS:
        # The sysctl of that namespace says what new sockets are
        equal(whose('4', 'here', 'net', '4', 'here', '6', 'here', options=('--way', way)),
              [TURNED, '1', '0'] + ['tcpx/253/' + CC, '1'] * 2, way)
    equal(whose('4', 'here', 'net', '4', 'here', options=('--wire', '6')),
          ['tcpx/6/' + CC, '1', '0', 'tcpx/6/' + CC, '1'], 'real TCP')


@case('S29', 'tcpxize: a namespace that can\'t be entered is left to TCP')
def user_netns():
    need(os.path.exists('/proc/self/ns/user'), 'no user namespaces')
    words = ('unshare', '-rn', DYNAMIC, '4', 'here')
    equal(tcpxize('--way', 'seccomp', *words, **as_nobody()), '4=other\nhere=1\n', 'of a user')
    for way in BESIDE:
        equal(tcpxize('--way', way, *words), '4=tcpx/253/%s\nhere=1\n' % CC, 'root\'s, by ' + way)


@case('S29', 'tcpxize: a socket is its program\'s user\'s')
def owner():
    for way in WAYS:
        equal(whose('4', 'owner', 'user', '4', 'owner', options=('--way', way)),
              [TURNED, '0', '0', TURNED, str(NOBODY)], way)


@case('S29', 'tcpxize: without rights, and a setuid program keeps its own')
def setuid():
    print_rights = 'sh', '-c', 'grep NoNewPrivs /proc/self/status'
    equal(tcpxize(*print_rights, **as_nobody()).split()[1], '0', 'no_new_privs')
    equal(tcpxize(*print_rights).split()[1], '0', 'root\'s no_new_privs')
    equal(tcpxize('--way', 'seccomp', *print_rights, **as_nobody()).split()[1], '1', 'by seccomp')
    for way in ANYONES:
        equal(whose('4', '6', 'views', options=('--way', way), **as_nobody()),
              [TURNED, TURNED, '10/1/6 00'], way)
    folder = scratch()
    copy = os.path.join(folder, 'whose')
    run('cp', STATIC, copy)
    os.chmod(copy, 0o4755)
    equal(whose('4', 'owner', prog=copy, **as_nobody()), [OTHER, '0'], 'a setuid program')


@case('S29', 'tcpxize: real TCP takes CAP_NET_ADMIN; without it, and it is said, TCP is used')
def unprivileged_wire():
    out = tcpxize('--wire', '6', DYNAMIC, '4', **as_nobody(), err='tcpxize: TCP is used, since tcpx '
                  'can\'t have that (real TCP takes CAP_NET_ADMIN): Operation not permitted\n')
    equal(out, '4=other\n', 'socket')


# --- what must not change ----------------------------------------------------------------

@case('S29', 'tcpxize: the exit status is the command\'s, and so is its process')
def status():
    for way in WAYS:
        tcpxize('--way', way, 'sh', '-c', 'exit 3', status=3)
        tcpxize('--way', way, 'sh', '-c', 'kill -9 $$', status=-signal.SIGKILL)
        tcpxize('--way', way, '--', 'enable', status=127,
                err='tcpxize: enable: No such file or directory\n')
        tcpxize('--way', way, '/etc/passwd', status=126,
                err='tcpxize: /etc/passwd: Permission denied\n')
    equal(tcpxize('--argv0', '-a b', 'sh', '-c', 'echo "$0"'), '-a b\n', 'its name')
    with waiting('wait') as p:
        end = now() + 10
        while link('/proc/%d/exe' % p.pid) != DYNAMIC:
            check(now() < end, 'the command has tcpxize\'s process')
            sleep(0.01)
        p.send_signal(signal.SIGTERM)
        equal(p.wait(10), -signal.SIGTERM, 'status')


@case('S29', 'tcpxize: stdin is the command\'s, the end of its output too, whoever is left behind')
def stdio():
    for way in WAYS:
        with open('/etc/passwd') as f:
            text = f.read()
            f.seek(0)
            equal(tcpxize('--way', way, 'cat', stdin=f), text, way)
        began = now()
        tcpxize('--way', way, 'sh', '-c', 'sleep 100 >/dev/null 2>&1 &')
        check(now() - began < 50, 'it took as long as the child that had closed its output')
        equal(whose('4', options=('--way', way), stdin=None, preexec_fn=lambda: os.close(0)),
              [TURNED], way + ', without stdin')
    no_fds = 'sh', '-c', 'ls /proc/self/fd | wc -w'
    equal(tcpxize(*no_fds), run(*no_fds), 'file descriptors')


@case('S29', 'tcpxize: a signal with SA_RESTART does not interrupt socket()')
def signals():
    for way in WAYS:
        equal(whose('alarm=500', options=('--way', way)), ['0'], 'calls that failed')


@case('S29', 'tcpxize: what the program closes is closed: nobody else has it')
def closed():
    for way in BESIDE:
        with waiting('4', 'wait', 'rebind=100', options=('--way', way)) as p:
            p.stdout.readline()
            for pid in supervisors():
                # It comes last, wherever it can
                os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
            equal(p.communicate('\n', 100)[0], 'failed=0\n', way + ': ports still in use')


@case('S29', 'tcpxize: who may have no more files is told so')
def files():
    for way in WAYS:
        equal(whose('files=4', '4', '4', 'udp', options=('--way', way)),
              [TURNED, 'EMFILE', 'EMFILE'], way)


@case('S29', 'tcpxize: the supervisor ends with the last of the command\'s processes')
def ends():
    for way in BESIDE:
        whose('4', 'fork', '4', options=('--way', way))
        gone('a program that has ended')
        tcpxize('--way', way, 'sh', '-c', 'sleep 5 >/dev/null 2>&1 &')
        check(supervisors(), way + ': a child was left behind, but no supervisor')
        sleep(6)
        gone('the child that was left behind')


@case('S29', 'tcpxize: signals to its group and its terminal pass the supervisor by')
def unharmed():
    for way in BESIDE:
        with waiting('4', 'wait', '4', 'fork', '6', options=('--way', way)) as p:
            equal(p.stdout.readline(), '4=%s\n' % TURNED, way + ', before')
            for pid in supervisors():
                for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTSTP:
                    os.kill(pid, number)
            equal(p.communicate('\n', 10)[0], '4=%s\n6=%s\n' % (TURNED, TURNED), way + ', after')
        gone('end')


@case('S29', 'tcpxize: a supervisor that is killed is replaced')
def replaced():
    for way in BESIDE:
        with waiting('4', 'wait', '4', 'fork', '6', options=('--way', way)) as p:
            equal(p.stdout.readline(), '4=%s\n' % TURNED, way + ', before')
            wait_until(lambda: len(supervisors()) == 2, 'a guard and its worker')
            both = supervisors()
            worker = [pid for pid in both if parent(pid) in both]
            equal(len(worker), 1, 'workers of %r' % both)
            os.kill(worker[0], signal.SIGKILL)
            equal(p.communicate('\n', 10)[0], '4=%s\n6=%s\n' % (TURNED, TURNED), way + ', after')
        gone('end')


# --- by BPF ------------------------------------------------------------------------------

def what_is_there():
    """The BPF programs and their links of this machine, and tcpxize's control groups."""
    return ids(PROG_GET_NEXT_ID), ids(LINK_GET_NEXT_ID), \
        [group for group in glob.glob(GROUPS) if group not in LEFT_BEFORE]


# Prints where it runs, and how its sockets are turned
WHERE = 'sh', '-c', 'sed -n s/^0:://p /proc/self/cgroup; grep Seccomp: /proc/self/status; ' \
        'exec "$0" raw', STATIC


@case('S29', 'tcpxize: the best way is BPF, in a control group of its own')
def best():
    need(BPF, 'Linux 6.6 and later')
    group, seccomp, sock = tcpxize(*WHERE).splitlines()
    check(group.startswith('/tcpxize-'), group)
    equal((seccomp, sock), ('Seccomp:\t0', 'raw=' + TURNED), 'filter and socket')


@case('S29', 'tcpxize: without BPF, rights or a control group it is the next way')
def next_best():
    by_seccomp = '/\nSeccomp:\t2\nraw=%s\n' % TURNED
    why = 'bpf: a control group: No such file or directory' if BPF else NO_BPF
    no_group = 'unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup; exec "$0" "$@"', TCPXIZE
    equal(run(*no_group, *WHERE), by_seccomp, 'by default')
    for words, status, says in (('--verbose',), 0, 'not by '), (('--way', 'bpf'), 125, ''):
        done = subprocess.run([*no_group, *words, 'true'], capture_output=True, text=True)
        equal((done.returncode, done.stderr), (status, 'tcpxize: %s%s\n' % (says, why)), words)
    if BPF:
        tcpxize('--way', 'bpf', 'true', **as_nobody(), status=125,
                err='tcpxize: bpf: bpf(): Operation not permitted\n')


@case('S29', 'tcpxize: by BPF: who is not in the control group has TCP')
def outsiders():
    need(BPF, 'Linux 6.6 and later')
    with waiting('4', 'wait', '4', options=('--way', 'bpf')) as p:
        equal(p.stdout.readline(), '4=%s\n' % TURNED, 'inside')
        equal(run(STATIC, '4', '6', 'own', 'views'), '4=%s\n6=%s\nown=%s\nviews=2/1/%d 00\n' %
              (OTHER, OTHER, TURNED, PROTO), 'outside')
        equal(p.communicate('\n', 10)[0], '4=%s\n' % TURNED, 'inside, again')


@case('S29', 'tcpxize: by BPF: in the end nothing is left, whatever the command leaves')
def nothing_left():
    need(BPF, 'Linux 6.6 and later')
    gone('an earlier command')
    sleep(10)                           # programs are freed some time after their last user's end
    before = what_is_there()
    equal(before[2], [], 'control groups of earlier commands')
    below = 'g=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); mkdir -p $g/a/b; ' \
            'echo $$ >$g/a/b/cgroup.procs; exec "$0" 4 fork 6'
    equal(tcpxize('sh', '-c', below, STATIC), '4=%s\n6=%s\n' % (TURNED, TURNED), 'below')
    tcpxize('nosuch', status=127, err='tcpxize: nosuch: No such file or directory\n')
    with waiting('4', 'wait') as p:
        p.stdout.readline()
        there = what_is_there()
        equal([len(there[i]) - len(before[i]) for i in range(3)], [2, 2, 1], 'meanwhile')
    gone('the last command')
    sleep(10)
    equal(what_is_there(), before, 'what is left')


@case('S29', 'tcpxize: by BPF: without keepers it is TCP; until then the module stays',
      keep_netns=True)
def no_keepers():
    need(BPF and module_path(), 'Linux 6.6 and later')
    rmmod(9000)                         # orphans of earlier cases end by then
    insmod()
    with waiting('udp', 'wait', '4', options=('--way', 'bpf')) as p:
        equal(p.stdout.readline(), 'udp=other\n', 'it runs')
        raises(errno.EAGAIN, rmmod)
        for pid in supervisors():
            os.kill(pid, signal.SIGKILL)
        sleep(10)                       # until their files are closed
        equal(p.communicate('\n', 10)[0], '4=other\n', 'then')
    for group in glob.glob(GROUPS):
        os.rmdir(group)


@case('S29', 'tcpxize: --verbose tells of each socket')
def verbose():
    for way in WAYS:
        done = subprocess.run([TCPXIZE, '--verbose', '--way', way, DYNAMIC, '4', 'udp', '6',
                               'files=4', '4'], capture_output=True, text=True, timeout=100)
        lines = done.stderr.splitlines()
        equal([line.split(': ', 2)[2] for line in lines],
              ['AF_INET socket turned', 'AF_INET6 socket turned', 'AF_INET socket turned']
              if way == 'bpf' else
              ['AF_INET socket 3 turned', 'AF_INET6 socket 5 turned',
               'AF_INET socket left to TCP: Too many open files'], way)
        check(all(line.startswith('tcpxize: process ') for line in lines), done.stderr)
        # What is no longer stderr has nothing written into it
        path = os.path.join(scratch(), 'file')
        out = run(TCPXIZE, '--verbose', '--way', way, 'sh', '-c', 'exec "$0" 4 2>"$1" >/dev/null',
                  DYNAMIC, path)
        equal(out[-len('AF_INET socket turned\n'):],
              'AF_INET socket turned\n' if way == 'bpf' else '', way + ', output')
        with open(path) as f:
            equal(f.read(), '', 'a file that stderr has become')


# --- systemd ------------------------------------------------------------------------------

UNIT = '''\
[Unit]
Description=ExecStart=/not/this
[Service]
Type=notify
ExecStartPre=/bin/true
ExecStart=-/usr/sbin/server --port 80 \\
    --name "a b"
ExecReload=/bin/kill -HUP $MAINPID
'''


def unit_tree():
    """A root with a service, a template, and a drop-in that has its own ExecStart=."""
    root = scratch()
    for path, text in (('lib/systemd/system/web.service', UNIT),
                       ('lib/systemd/system/web@.service', UNIT),
                       ('lib/systemd/system/at.service',
                        '[Service]\nExecStart=@-"/bin/a b" \'-c d\' $X\nExecStart=@/bin/a b\n'),
                       ('lib/systemd/system/two.service', UNIT),
                       ('etc/systemd/system/two.service.d/override.conf',
                        '[Service]\nExecStart=\nExecStart=/bin/one\nExecStart=+/bin/two $X\n')):
        path = os.path.join(root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as f:
            f.write(text)
    return root


def drop_in(root, unit):
    with open('%s/etc/systemd/system/%s.d/tcpxize.conf' % (root, unit)) as f:
        return f.read().splitlines()


@case('S29', 'tcpxize enable: a drop-in that starts the same commands under tcpxize')
def enable():
    root = unit_tree()
    for word, unit in ('web', 'web.service'), ('web@1.service', 'web@1.service'):
        out = tcpxize('enable', '--root', root, '--wire', '6', '--cc', 'bbr', word)
        equal(out, 'tcpxize: it counts from the next systemctl restart %s\n' % unit, 'output')
        equal(drop_in(root, unit)[1:],
              ['[Service]', 'ExecStart=', 'ExecStart=-%s --wire 6 --cc bbr -- /usr/sbin/server '
               '--port 80      --name "a b"' % TCPXIZE], unit)
    tcpxize('enable', '--root', root, '--wire', '6', 'at')
    equal(drop_in(root, 'at.service')[2:],
          ['ExecStart=', 'ExecStart=-%s --wire 6 --argv0 \'-c d\' -- "/bin/a b" $X' % TCPXIZE,
           'ExecStart=%s --wire 6 --argv0 b -- /bin/a' % TCPXIZE], 'names')
    # A second time it does not find itself
    for _ in range(2):
        tcpxize('enable', '--root', root, 'two')
        equal(drop_in(root, 'two.service')[2:],
              ['ExecStart=', 'ExecStart=%s -- /bin/one' % TCPXIZE,
               'ExecStart=+%s -- /bin/two $X' % TCPXIZE], 'two.service')


@contextlib.contextmanager
def user_manager(root):
    """systemctl of a systemd that has the units of this tree alone."""
    runtime = scratch()
    os.chmod(runtime, 0o700)
    # It asks whether the machine has been booted with it
    os.makedirs('/run/systemd/system', exist_ok=True)
    env = dict(os.environ, XDG_RUNTIME_DIR=runtime,
               SYSTEMD_UNIT_PATH=root + '/etc/systemd/system')
    manager = subprocess.Popen([SYSTEMD, '--user'], env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = now() + 100
        while not os.path.exists(runtime + '/systemd/private'):
            check(now() < end and manager.poll() is None, 'systemd does not start')
            sleep(0.1)
        yield lambda *words: subprocess.run(['systemctl', '--user', *words], env=env, check=True)
    finally:
        manager.kill()
        manager.wait()


@case('S29', 'tcpxize enable, disable: what systemd starts is under tcpxize in between')
def live():
    need(os.path.exists(SYSTEMD), 'there is no systemd')
    root, out = scratch(), os.path.join(scratch(), 'out')
    units = root + '/etc/systemd/system'
    os.makedirs(units)
    for name, text in (('default.target', '[Unit]\n'), ('basic.target', '[Unit]\n'),
                       ('web.service', '[Service]\nType=oneshot\nExecStart=%s 4 fork 6\n'
                        'StandardOutput=truncate:%s\n' % (STATIC, out))):
        with open(os.path.join(units, name), 'w') as f:
            f.write(text)
    with user_manager(root) as systemctl:
        for word, options, says in (('', (), OTHER), ('enable', ('--wire', str(WIRE)), TURNED),
                                    *(('enable', ('--way', way), TURNED) for way in BESIDE),
                                    ('disable', (), OTHER)):
            if word:
                tcpxize(word, '--root', root, *options, 'web')
                systemctl('daemon-reload')
            systemctl('start', 'web')
            with open(out) as f:
                equal(f.read(), '4=%s\n6=%s\n' % (says, says), (word, options))


@case('S29', 'tcpxize disable: everything is as it was')
def disable():
    root = unit_tree()
    before = run('find', root)
    for unit in 'web.service', 'two':
        tcpxize('enable', '--root', root, unit)
        tcpxize('disable', '--root', root, unit)
    equal(run('find', root).replace(root + '/etc/systemd/system/web.service.d\n', ''), before,
          'files')
    path = root + '/etc/systemd/system/web.service.d/tcpxize.conf'
    tcpxize('disable', '--root', root, 'web', status=125,
            err='tcpxize: %s: No such file or directory\n' % path)


@case('S29', 'tcpxize enable: what it can\'t do it says')
def enable_errors():
    root = unit_tree()
    for word, why in (
            ('none', 'none.service: no such service, or it has no ExecStart='),
            ('a/b', 'a/b.service: a unit\'s name has no /')):
        tcpxize('enable', '--root', root, word, status=125, err='tcpxize: %s\n' % why)


# --- without tcpx -------------------------------------------------------------------------

@case('S29', 'tcpxize: where tcpx is not loaded, that is said once and TCP is used',
      keep_netns=True)
def not_loaded():
    need(module_path(), 'TCPX_KO does not say where tcpx.ko is')
    with waiting('4', 'wait', '4') as p:
        equal(p.stdout.readline(), '4=%s\n' % TURNED, 'a program that began before')
        p.kill()
    gone('the program that began before')
    rmmod(9000)                         # orphans of earlier cases end by then
    try:
        out = tcpxize('sh', '-c', '"$0" 4; exec "$0" 6', DYNAMIC, status=0,
                      err='tcpxize: TCP is used, since tcpx is not loaded '
                      '(Protocol not supported)\n')
        equal(out, '4=other\n6=other\n', 'sockets')
        tcpxize('nosuch', status=127, err='tcpxize: TCP is used, since tcpx is not loaded '
                '(Protocol not supported)\ntcpxize: nosuch: No such file or directory\n')
    finally:
        insmod()


@case('S29', 'tcpxize: a program goes on with TCP when tcpx is unloaded, and with tcpx thereafter')
def unloaded_meanwhile():
    need(module_path(), 'TCPX_KO does not say where tcpx.ko is')
    # By BPF the module is in use as long as the program runs
    with waiting('wait', '4', 'fork', '6', 'wait', '4', options=('--way', 'seccomp')) as p:
        while not supervisors():
            sleep(0.01)
        rmmod(9000)                         # orphans of earlier cases end by then
        try:
            p.stdin.write('\n')
            p.stdin.flush()
            equal([p.stdout.readline() for _ in range(2)], ['4=other\n', '6=other\n'], 'without')
        finally:
            insmod()


main()
