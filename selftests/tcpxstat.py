#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""tools/tcpxstat: as ss shows TCP; filters, --kill, errors."""

import errno
import os
import re
import runpy
import signal
import socket
import subprocess
import sys

from lib import *
from lib.md5 import FLAG_PREFIX, TCP_MD5SIG_EXT, set_key
from lib.receiver import info
from lib.sockdiag import load_diag
from lib.tools import scratch

ROW = 'tcpxstat'
TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../tools/tcpxstat')
VERSION = '-%d' % ip.version


def tool(*args, protocol=PROTO):
    """The lines that it prints."""
    return run(TOOL, '--protocol', str(protocol), *args).splitlines()


def fails(*args):
    """What it says when it fails."""
    p = subprocess.run([TOOL, '--protocol', str(PROTO), *args], capture_output=True, text=True)
    check(p.returncode in (1, 2), 'status %d of %r' % (p.returncode, args))
    equal(p.stdout, '', 'output of %r' % (args,))
    return p.stderr.strip().splitlines()[-1]


def text(s, of_peer=False):
    addr, port = (s.getpeername() if of_peer else s.getsockname())[:2]
    return ('[%s]:%d' if ip.version == 6 else '%s:%d') % (addr, port)


def ends(*args):
    """The local addresses that it shows."""
    return sorted(line.split()[3] for line in tool('-anH', VERSION, *args))


def comparable(line):
    """The words of a line, without what only one knows of, and without times that pass."""
    line = re.sub(r'(timer:\((?:on|persist|timewait|keepalive)),[\w.]*,', r'\1,', line)
    if INSTRUCTIONS_TAKE_TIME:          # and how often it has expired meanwhile
        line = re.sub(r'(timer:\(\w+),\d+', r'\1', line)
    return [word for word in line.split()
            if not word.startswith(('cgroup:', 'wire:', 'lastsnd:', 'lastrcv:', 'lastack:', 'busy:'))]


def shown(lines):
    """What can be compared of them, in an order; ss writes an empty line where no more is to tell."""
    return sorted(filter(None, map(comparable, lines)))


@case(ROW, 'for TCP it shows what ss shows, word for word')
def as_ss():
    if TCPX:
        run('env', '-u', 'TCPX_WIRE', 'TCPX_PROTO=6', sys.executable, __file__, 'word for word')
        return
    tun = Tun()
    l = listener()
    Conn(tun, 40000, l.getsockname()[1]).tx('S')
    s, c = passive(tun)
    s.send(bytes(20000))
    a, b = pair()
    a.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    a.setsockopt(socket.SOL_SOCKET, 36, 5)          # SO_MARK
    a.send(b'x' * 100)
    x, y = pair()
    x.shutdown(socket.SHUT_WR)
    y.close()
    x.close()
    z = tcp_socket(blocking=False)
    z.connect_ex((REMOTE, 80))
    six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, PROTO)
    six.bind(('::', 0))
    six.listen()
    sleep(2.5)
    for args in ('-an',), ('-ln',), ('-n',), ('-anoe',), ('-anim',), ('-anoeim', '-O'), \
            ('-ano', '-4'), ('-an', '-6'), ('-a',), ('-ai',):
        after = shown(run('ss', '-tH', *args).splitlines())
        for _ in range(5):
            theirs, mine = after, shown(tool('-tH', *args))
            after = shown(run('ss', '-tH', *args).splitlines())
            if theirs == after:         # a SYN may go out again meanwhile
                break
        equal([line for line in mine if line not in theirs],
              [line for line in theirs if line not in mine], 'what %r shows' % (args,))
        equal(len(mine), len(theirs), 'lines of %r' % (args,))


@case(ROW, 'states, addresses, queues, timers, owners; -a, -l and neither')
def sockets():
    l = listener(ip.lo())
    c = connect(l.getsockname())
    s, _ = l.accept()
    c.send(b'x' * 10)
    equal([line.split() for line in tool('-ln', VERSION)][1:],
          [['LISTEN', '0', '64', text(l), '[::]:*' if ip.version == 6 else '0.0.0.0:*']], '-l')
    rows = sorted(line.split() for line in tool('-nH', VERSION))
    equal(rows, sorted([['ESTAB', '10', '0', text(s), text(s, True)],
                        ['ESTAB', '0', '0', text(c), text(c, True)]]), 'connections')
    equal(len(tool('-anH', VERSION)), 3, 'lines of -a')
    c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 100)
    sleep(0.5)
    line, = tool('-noepHO', VERSION, 'sport = %d' % c.getsockname()[1])
    line = line.replace('1min38sec', '1min39sec')    # where work takes time
    for word in ('timer:(keepalive,1min39sec,0)', 'ino:%d' % os.fstat(c.fileno()).st_ino, '<->',
                 ',pid=%d,fd=%d)' % (os.getpid(), c.fileno())):
        check(word in line, '%s in %s' % (word, line))
    equal('wire:%d' % WIRE in line.split(), WIRE != PROTO, 'the protocol number in ' + line)


@case(ROW, '-i: the numbers of TCP_INFO; -m: those of SO_MEMINFO')
def details():
    tun = Tun()
    s, c = passive(tun)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'bbr' if TCPX else b'reno')
    s.send(bytes(3000))
    line, = tool('-nimHO', VERSION)
    i = info(s)
    for word in ('bbr' if TCPX else 'reno', 'mss:%d' % i['snd_mss'], 'cwnd:%d' % i['snd_cwnd'],
                 'bytes_sent:3000', 'unacked:%d' % i['unacked'], 'rto:%g' % (i['rto'] / 1000),
                 'snd_wnd:%d' % i['snd_wnd'], 'segs_out:%d' % i['segs_out']):
        check(word in line.split(), '%s in %s' % (word, line))
    check('skmem:(r0,rb' in line, 'memory in ' + line)
    check(not TCPX or 'bbr:(bw:' in line, 'BBR in ' + line)


@case(ROW, '-i: the keys of RFC 2385, for CAP_NET_ADMIN alone')
def keys():
    l = listener(ip.lo())
    set_key(l, REMOTE, b'a secret')
    six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, PROTO)
    six.bind(('::', 0))
    six.listen()
    set_key(six, '2001:db8::', b'other', TCP_MD5SIG_EXT, flags=FLAG_PREFIX, prefix=32)
    set_key(six, '2001:db8::1', b'secret')
    most = 128 if ip.version == 6 else 32
    found = re.findall(r'md5keys:.*', '\n'.join(tool('-lniH')))
    equal(sorted(found), sorted(['md5keys:%s/%d=a secret' % (REMOTE, most),
                                 'md5keys:2001:db8::1/128=secret,2001:db8::/32=other']), 'keys')
    unprivileged(lambda: check('md5keys' not in '\n'.join(tool('-lniH')), 'a user sees keys'))


@case(ROW, 'filters: states, ports, addresses, and, or, not, parentheses')
def filters():
    l = listener(ip.lo())
    port = l.getsockname()[1]
    clients = [connect((ip.lo(), port), (ip.lo(n), 0)) for n in (1, 2, 3)]
    servers = [l.accept()[0] for _ in clients]
    first, second, third = map(text, clients)
    p1, p2, p3 = (c.getsockname()[1] for c in clients)
    at = sorted(map(text, [l, *servers]))
    host = lambda n: '[%s]' % ip.lo(n) if ip.version == 6 else ip.lo(n)
    net = '[fd00:7f::]/32' if ip.version == 6 else '127.0.0.2/31'
    for words, want in (
            ('state listening', [text(l)]),
            ('state established dport = :%d' % port, [first, second, third]),
            ('exclude established', [text(l)]),
            ('state all exclude listening sport = %d' % port, [text(l)] * 3),
            ('sport = :%d' % port, at),
            ('sport eq %d and dport != %d' % (port, p1), at[1:]),
            ('dport = %d or sport = %d' % (port, p2), [first, second, third]),
            ('not ( sport = %d or sport = %d )' % (port, p1), [second, third]),
            ('not(sport=%d)and not sport=%d' % (port, p1), [second, third]),
            ('dport >= %d dport <= %d' % (port, port), [first, second, third]),
            ('dport > %d' % port, [text(s) for s in servers if s.getpeername()[1] > port]),
            ('src %s' % host(2), [second]),
            ('src != %s dst %s:%d' % (host(2), host(1), port), [first, third]),
            ('dst %s' % host(3), [text(servers[2])]),
            ('src %s' % net, [second, third]),
            ('sport = 1', [])):
        equal(ends(*words.split()), sorted(want), words)
        equal(ends(words), sorted(want), words + ', in one word')


@case(ROW, 'a filter that means nothing: what is wrong with it, status 1')
def wrong_filters():
    for words, want in (('state foo', "'foo' is no state"), ('state', 'a state is missing'),
                        ('sport', 'an operator is missing'), ('sport = ', 'a port is missing'),
                        ('sport 5 = 5', 'after sport comes one of'),
                        ('sport = nosuchname', "'nosuchname' is no port"),
                        ('sport = 65536', "'65536' is no port"),
                        ('src 300.1.1.1', "'300.1.1.1' is no address"),
                        ('dst < 10.0.0.1', 'after dst comes an address'),
                        ('( sport = 5', 'a closing parenthesis is missing'),
                        ('sport = 5 )', "')' was not expected"),
                        ('not', 'a condition is missing'), ('foo = 5', "'foo' is none of")):
        got = fails(*words.split())
        check(got.startswith('tcpxstat: filter: ') and want in got, '%s: %s' % (words, got))
    check('takes a FILTER' in fails('--kill'), '--kill alone')
    check('more than 0' in fails('--watch', '0'), '--watch 0')
    check('invalid' in fails('--watch', 'x'), '--watch x')
    check('1 to 255' in fails('--protocol', '300'), 'a protocol number')
    check('shows nothing of protocol 252' in fails('--protocol', '252'), 'another protocol number')


@case(ROW, '--kill ends what the filter finds, shows it, and nothing else')
def kill():
    pairs = [pair() for _ in range(3)]
    target = pairs[1][0]
    port = target.getsockname()[1]
    line, = tool('-nH', VERSION, '--kill', 'sport = :%d' % port)
    equal(line.split()[3], text(target), 'what is shown')
    raises(errno.ECONNABORTED, target.recv, 1, what='recv()')
    raises(errno.ECONNRESET, pairs[1][1].recv, 1, what='recv() of the peer')
    equal([state(s) for p in (pairs[0], pairs[2]) for s in p], [ESTABLISHED] * 4, 'the others')
    equal(tool('-nH', VERSION, '-K', 'sport = :%d' % port), [], 'once more')
    unprivileged(lambda: equal(fails('-K', 'state', 'all'),
                               'tcpxstat: --kill: Operation not permitted', 'without rights'))
    equal(state(pairs[0][0]), ESTABLISHED, 'state')


@case(ROW, 'times and rates are written as ss writes them')
def units():
    inside = runpy.run_path(TOOL)
    for ms, want in ((0, '000ms'), (7, '007ms'), (999, '999ms'), (1000, '1sec'),
                     (1234, '1.234ms'), (10500, '10sec'), (61000, '1min1sec'), (600000, '10min'),
                     (3601000, '60min')):
        equal(inside['milliseconds'](ms), want, '%d ms' % ms)
    for bits, want in ((800, '800bps'), (1000, '1kbps'), (5200000, '5.2Mbps'), (10 ** 10, '10Gbps'),
                       (41908480000000, '41.9Tbps')):
        equal(inside['rate'](bits, False), want, '%d bit/s' % bits)


@case(ROW, '-s counts; --watch shows it again')
def counts():
    l = listener(ip.lo())
    c = connect(l.getsockname())
    s, _ = l.accept()
    lines = tool('-s')
    equal(lines[0], 'TCPX:   3 (estab 2, listen 1, syn-recv 0, timewait 0, other 0)', 'summary')
    equal(lines[3].split(), ['TCPX', '3'] + (['0', '3'] if ip.version == 6 else ['3', '0']), 'both')
    p = subprocess.Popen([TOOL, '--protocol', str(PROTO), '-nH', VERSION, '--watch', '10'],
                         stdout=subprocess.PIPE, text=True)
    sleep(25)
    p.send_signal(signal.SIGINT)
    out, _ = p.communicate()
    equal(p.returncode, 0, 'status')
    equal(len([line for line in out.splitlines() if line.startswith('ESTAB')]), 6, 'lines')


def crowd():
    """A socket in each of several states; keep what it returns."""
    l = listener(ip.lo())
    c = connect(l.getsockname())
    s, _ = l.accept()
    c.send(b'x' * 10)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    x, y = pair()
    x.shutdown(socket.SHUT_WR)
    y.close()
    x.close()
    z = tcp_socket(blocking=False)
    tun = Tun()
    z.connect_ex((REMOTE, 80))
    return l, c, s, z, tun


@case(ROW, '-D: ss shows what it writes, word for word as tcpxstat')
def raw():
    kept = crowd()
    path = os.path.join(scratch(), 'raw')
    equal(tool('-a', '-D', path), [], 'output')
    with open(path, 'rb') as f:
        whole = f.read()
    equal(subprocess.run([TOOL, '--protocol', str(PROTO), '-a', '-D', '-'], check=True,
                         capture_output=True).stdout[:12], whole[:12], 'its standard output')
    for args in ('-an',), ('-anoe',), ('-anim',):
        theirs = run('env', 'TCPDIAG_FILE=' + path, 'ss', '-tH', *args).splitlines()
        mine = tool('-H', *args)
        equal(shown(mine), shown(theirs), 'what %r shows' % (args,))
    equal(len(run('env', 'TCPDIAG_FILE=' + path, 'ss', '-tanH').splitlines()), 5, 'sockets')
    for args in ('state', 'all'), ('-K', 'state', 'all'), ('--watch',), ('-E',):
        check('goes with neither' in fails('-D', path, *args), '-D with %r' % (args,))
    check('No such file' in fails('-D', '/none/such'), 'a folder that there is not')
    return kept


def other_proc(*command):
    """What a program says that finds tcpx's sockets where those of TCP are, in a line each."""
    with open(os.path.join(os.path.dirname(TOOL), '../docs/man/tcpxstat.8')) as f:
        script = f.read().split("# unshare -m sh -c '", 1)[1].split("'", 1)[0]
    script = script.replace('\\e', '\\').replace('netstat -tanp', '"$@"')
    return run('unshare', '-m', 'sh', '-c', script, 'sh', *command).splitlines()


@case(ROW, 'ss, netstat and lsof by /proc/net/tcpx: the same sockets, states, queues and owners')
def by_proc():
    need(TCPX, 'the kernel\'s TCP is where they look')
    kept = l, c, s, _, _ = crowd()
    # /proc/net/tcp does not tell how many may wait for accept()
    want = sorted(line.replace(' 64 ', ' 0 ').split()[:4] for line in tool('-anH'))
    ss = run('env', 'PROC_NET_TCP=/proc/net/tcpx', 'PROC_NET_TCP6=/proc/net/tcpx6', 'ss', '-tanHp')
    equal(sorted(line.split()[:4] for line in ss.splitlines() if line), want, 'ss')
    owner = '(("%s",pid=%d,fd=%d))' % (open('/proc/self/comm').read().strip(), os.getpid(),
                                       s.fileno())
    check(any(text(s) in line and owner in line for line in ss.splitlines()), 'ss -p: ' + ss)
    rows = [line.split() for line in other_proc('netstat', '-tanp')[2:]]
    names = {'LISTEN': 'LISTEN', 'ESTABLISHED': 'ESTAB', 'SYN_SENT': 'SYN-SENT',
             'TIME_WAIT': 'TIME-WAIT'}
    equal(sorted([names[row[5]], row[1], row[2]] for row in rows), [row[:3] for row in want],
          'netstat')
    check(any(row[6].startswith('%d/' % os.getpid()) for row in rows), 'netstat -p: %r' % rows)
    found = other_proc('lsof', '-nP', '-a', '-p', str(os.getpid()), '-iTCP')
    for end, state in (l, 'LISTEN'), (c, 'ESTABLISHED'), (s, 'ESTABLISHED'):
        check(any(text(end) in line and '(%s)' % state in line for line in found),
              'lsof: %s in %r' % (text(end), found))
    return kept


class Shown:
    """`with Shown(…) as shown:` what --events prints meanwhile."""

    def __init__(self, *args):
        self.args = args

    def __enter__(self):
        need_tracefs()
        self.p = subprocess.Popen([TOOL, '--events', '-n', *self.args], stdout=subprocess.PIPE,
                                  text=True)
        self.head = self.p.stdout.readline()
        return self

    def lines(self, n):
        """The next @n: state, both ends, why."""
        return [self.p.stdout.readline().split(' ', 1)[1].split(None, 3) for _ in range(n)]

    def __exit__(self, *_):
        self.p.send_signal(signal.SIGINT)
        self.rest = self.p.communicate()[0]


@case(ROW, '--events: what comes, changes and goes, in order, with the reason')
def events():
    need(TCPX, 'the tracepoints are the module\'s')
    with Shown() as shown:
        l = listener(ip.lo())
        port = l.getsockname()[1]
        c = connect((ip.lo(), port))
        s, _ = l.accept()
        there, here = text(c), text(s)
        c.shutdown(socket.SHUT_WR)
        s.close()
        c.close()
        l.close()
        got = shown.lines(12)
    equal(shown.p.returncode, 0, 'status')
    equal(shown.head.split()[:2], ['Time', 'State'], 'the head')
    any_ = '[::]:0' if ip.version == 6 else '0.0.0.0:0'

    def of(end):
        return [(state, why.strip()) for state, local, _, why in got if local == end]
    equal(of(there), [('SYN-SENT', '(active OPEN)'), ('ESTAB', '(rcv SYN,ACK)'),
                      ('FIN-WAIT-1', '(CLOSE)'), ('FIN-WAIT-2', '(rcv ACK of FIN)'),
                      ('TIME-WAIT', '(rcv FIN)')], 'the client')
    served = of(here)
    equal(served[0], ('LISTEN', '(passive OPEN)'), 'the listener comes')
    check(('UNCONN', '(CLOSE)') in served and ('UNCONN', '(rcv ACK of FIN)') in served,
          'what goes: %r' % served)
    equal({peer for state, _, peer, _ in got if state == 'LISTEN'}, {any_.replace(':0', ':*')},
          'the peer of a listener')
    check(not os.path.exists('%s/instances/tcpxstat-%d' % (TRACEFS, shown.p.pid)),
          'its trace is still there')


@case(ROW, '--events with a filter: those alone; also after SIGTERM nothing of it stays')
def events_filtered():
    need(TCPX, 'the tracepoints are the module\'s')
    l = listener(ip.lo())
    with Shown(VERSION, 'state', 'established', 'dport', '=', str(l.getsockname()[1])) as shown:
        c = connect(l.getsockname())
        l.accept()
        got = shown.lines(1)
        shown.p.send_signal(signal.SIGTERM)
        shown.p.wait()
    equal([row[:3] for row in got], [['ESTAB', text(c), text(c, True)]], 'lines')
    equal(shown.rest, '', 'more')
    equal(shown.p.returncode, 128 + signal.SIGTERM, 'status')
    check(not os.path.exists('%s/instances/tcpxstat-%d' % (TRACEFS, shown.p.pid)), 'its trace')


@case(ROW, '--events without rights, or with what it does not go with: what is wrong')
def events_refused():
    need(TCPX, 'the tracepoints are the module\'s')
    need_tracefs()
    for args in ('--kill', 'state', 'all'), ('--watch',), ('-s',):
        check('goes with neither' in fails('--events', *args), '--events %r' % (args,))
    unprivileged(lambda: check('tracepoints are for root' in fails('--events') or
                               'has no events of tcpx' in fails('--events'), 'without rights'))


load_diag()
main()
