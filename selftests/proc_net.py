#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""/proc/net/tcpx and tcpx6: in the format of /proc/net/tcp, what each socket and entry is."""

import os
import re
import socket

from lib import *
from lib.crowd import come_and_go
from lib.receiver import info

ROW = '/proc/net'
NAME = 'tcpx' if TCPX else 'tcp'
PATH = '/proc/net/' + NAME + ('6' if ip.version == 6 else '')

FORM = re.compile(r' *(?P<sl>\d+): (?P<laddr>[0-9A-F]{%d}):(?P<lport>[0-9A-F]{4}) '
                  r'(?P<raddr>[0-9A-F]{%d}):(?P<rport>[0-9A-F]{4}) (?P<st>[0-9A-F]{2}) '
                  r'(?P<tx>[0-9A-F]{8}):(?P<rx>[0-9A-F]{8}) (?P<tr>0[0-4]):(?P<when>[0-9A-F]{8,}) '
                  r'(?P<rexmts>[0-9A-F]{8}) +(?P<uid>\d+) +(?P<probes>\d+) (?P<ino>\d+) '
                  r'(?P<refs>\d+) (?P<sk>[0-9a-f]+|\(_+ptrval_+\))'
                  r'(?: (?P<rto>\d+) (?P<ato>\d+) (?P<quick>\d+) (?P<cwnd>\d+) '
                  r'(?P<ssthresh>-?\d+))? *\n' % ((32, 32) if ip.version == 6 else (8, 8)))
HEX = ('lport', 'rport', 'st', 'tx', 'rx', 'tr', 'when', 'rexmts')
REXMT, KEEP, TIME_WAITS, PERSIST = 1, 2, 3, 4


def address(text):
    """An address is written as 32-bit words in the byte order of the machine."""
    packed = bytes.fromhex(text)
    return ip.ntop(b''.join(packed[i:i + 4][::-1] for i in range(0, len(packed), 4)))


def parse_row(line):
    m = FORM.fullmatch(line)
    check(m, 'not a row of the format: %r' % line)
    row = {k: v if v is None or k in ('sk', 'laddr', 'raddr') else int(v, 16 if k in HEX else 10)
           for k, v in m.groupdict().items()}
    row['local'] = address(row['laddr']), row['lport']
    row['remote'] = address(row['raddr']), row['rport']
    return row


def rows(path=PATH, chunk=None):
    """All rows; with @chunk, read so many bytes at a time."""
    with open(path, 'rb', buffering=0) as f:
        data = f.read() if chunk is None else b''.join(iter(lambda: f.read(chunk), b''))
    head, *lines = data.decode().splitlines(keepends=True)
    out = [parse_row(line) for line in lines]
    equal([r['sl'] for r in out], list(range(len(out))), 'the numbers of the rows')
    return out


def row_of(local, remote):
    """The one row with these ends."""
    found = [r for r in rows() if (r['local'], r['remote']) == (local[:2], remote[:2])]
    equal(len(found), 1, 'rows with %r and %r' % (local, remote))
    return found[0]


def row_of_sock(s):
    return row_of(s.getsockname(), s.getpeername())


def says(row, **want):
    equal({k: row[k] for k in want}, want, 'the row')


@case(ROW, 'headline and width are those of /proc/net/tcp, to the byte')
def headline():
    with listener():
        with open(PATH) as f, open(PATH.replace('tcpx', 'tcp')) as g:
            lines = f.readlines()
            equal(lines[0], g.readline(), 'headline')
        check(len(lines) > 1, 'no row')
        if ip.version == 4:
            equal({len(line) for line in lines}, {150}, 'lengths of lines')


@case(ROW, 'a listener: its children, TCP_FASTOPEN, owner, inode')
def a_listener():
    l = listener(ip.lo())
    l.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 7)
    none = (ip.ANY, 0)
    says(row_of(l.getsockname(), none), st=LISTEN, tx=0, rx=0, tr=0, when=0, uid=0,
         ino=os.fstat(l.fileno()).st_ino, ssthresh=7)
    clients = [connect(l.getsockname()) for _ in range(3)]
    says(row_of(l.getsockname(), none), rx=3)
    for _ in clients:
        l.accept()[0].close()
    says(row_of(l.getsockname(), none), rx=0)


@case(ROW, 'both ends of a connection: addresses, what is not read, cwnd, owner, inode')
def established():
    c, s = pair()
    c.send(b'x' * 1000)
    s.recv(300)
    says(row_of_sock(s), st=ESTABLISHED, rx=700, tx=0, rexmts=0, probes=0,
         ino=os.fstat(s.fileno()).st_ino)
    says(row_of_sock(c), st=ESTABLISHED, rx=0, cwnd=info(c)['snd_cwnd'], ssthresh=-1,
         ino=os.fstat(c.fileno()).st_ino)


@case(ROW, 'what is not acknowledged, the time-out, retransmissions')
def rexmt():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'x' * 100)
    row = row_of_sock(s)
    says(row, tx=100, tr=REXMT, rexmts=0)
    sleep(10)
    row = row_of_sock(s)
    says(row, tx=100, tr=REXMT, rexmts=info(s)['retransmits'])
    check(row['rexmts'] > 1, 'no retransmission')
    near(row['rto'], info(s)['rto'] / 1e4, 1, 'rto in ticks')


@case(ROW, 'a shut window: the probe and its answers')
def persist():
    tun = Tun()
    s, c = passive(tun)
    s.send(b'x')
    c.rx('PA')
    c.win = 0
    c.tx('A', ack=2)
    c.flush()
    s.send(b'y')
    sleep(3)
    says(row_of_sock(s), tr=PERSIST, probes=info(s)['probes'])


@case(ROW, 'SO_KEEPALIVE: until the probe')
def keepalive():
    c, s = pair()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 100)
    row = row_of_sock(c)
    says(row, tr=KEEP)
    near(row['when'], 100 * 100, 5, 'ticks until the probe')
    says(row_of_sock(s), tr=0, when=0)


@case(ROW, 'SYN-SENT, and a half-open connection: its SYN,ACK, the owner of its listener')
def half_open():
    tun = Tun()
    l = listener()
    c = Conn(tun, 40000, l.getsockname()[1])
    c.tx('S')
    c.rx('SA')
    row = row_of((LOCAL, c.dport), (REMOTE, 40000))
    says(row, st=SYN_RECEIVED, tx=0, rx=0, tr=REXMT, rexmts=0, uid=0, ino=0, rto=None)
    near(row['when'], 100, 2, 'ticks until the SYN,ACK is sent again')
    sleep(1.5)
    says(row_of((LOCAL, c.dport), (REMOTE, 40000)), rexmts=1)
    s = tcp_socket(blocking=False)
    s.connect_ex((REMOTE, 80))
    says(row_of(s.getsockname(), (REMOTE, 80)), st=SYN_SENT, tx=1, tr=REXMT)


@case(ROW, 'the release: FIN is counted in tx, and in rx; TIME-WAIT: until it ends')
def release():
    tun = Tun()
    s, c = active(tun)
    local, remote = s.getsockname(), s.getpeername()
    s.shutdown(socket.SHUT_WR)
    says(row_of(local, remote), st=FIN_WAIT_1, tx=1)
    c.rx('FA', seq=1, ack=1)
    c.tx('A', ack=2)
    c.flush()
    says(row_of(local, remote), st=FIN_WAIT_2, tx=0)
    s.close()
    c.tx('FA', ack=2)
    c.rx('A')
    row = row_of(local, remote)
    says(row, st=TIME_WAIT, tx=0, rx=0, tr=TIME_WAITS, rexmts=0, uid=0, probes=0, ino=0, rto=None)
    near(row['when'], 6000, 10, 'ticks until 2MSL are over')
    sleep(61)
    equal(rows(), [], 'rows after 2MSL')


@case(ROW, 'the peer closes: its FIN is in rx until it is read')
def peer_closes():
    tun = Tun()
    s, c = passive(tun)
    c.tx('FA', b'abc')
    c.flush()
    says(row_of_sock(s), st=CLOSE_WAIT, rx=4)


@case(ROW, 'IPv4 on an AF_INET6 socket is shown as IPv6, v4-mapped, to its end')
def mapped():
    need(ip.version == 6, 'AF_INET6 sockets')
    l = tcp_socket()
    l.bind(('::', 0))
    l.listen()
    port = l.getsockname()[1]
    c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, PROTO)
    c.connect(('127.0.0.1', port))
    s, _ = l.accept()
    ends = s.getsockname(), s.getpeername()
    says(row_of(*ends), st=ESTABLISHED)
    equal(ends[0][0], '::ffff:127.0.0.1', 'address')
    s.shutdown(socket.SHUT_WR)
    c.recv(1)
    c.close()
    s.close()
    says(row_of(*ends), st=TIME_WAIT)
    for row in open(PATH[:-1]).readlines()[1:]:
        check(row.split()[2] == '%s:%04X' % ('0100007F', port), 'among IPv4: ' + row)


@case(ROW, 'another namespace has its own')
def namespaces():
    veth = Veth()
    l = listener()
    with veth.b:
        equal(rows('/proc/thread-self' + PATH[5:]), [], 'rows of the other')
        c = connect((veth.A, l.getsockname()[1]))
        equal(len(rows('/proc/thread-self' + PATH[5:])), 1, 'rows of the other')
    equal(len(rows('/proc/thread-self' + PATH[5:])), 2, 'rows of our own')
    c.close()


@case(ROW, 'a user without rights sees what root sees, but for addresses of the kernel')
def anyone():
    tun = Tun()
    s, c = passive(tun)

    def seen():
        return [dict(r, sk=None, when=None) for r in rows()]
    want = seen()
    unprivileged(lambda: equal(seen(), want, 'rows'))


@case(ROW, '100 connections, read by a few bytes: each end once; from the middle of the file')
def many():
    with listener(backlog=128) as l:
        ends = []
        for _ in range(100):
            c = connect(l.getsockname())
            ends += [c, l.accept()[0]]
        want = sorted([(s.getsockname()[1], s.getpeername()[1]) for s in ends] +
                      [(l.getsockname()[1], 0)])
    for chunk in 100, 1000, 1 << 20:
        got = sorted((r['lport'], r['rport']) for r in rows(chunk=chunk))
        equal(got, [w for w in want if w[1]], 'ports, by %d bytes' % chunk)
    with open(PATH, 'rb', buffering=0) as f:
        whole = b''.join(iter(lambda: f.read(1000), b''))
        for at in 10000, 70, len(whole) - 5, len(whole), 20000:
            # refcounts and timers live, so only the ends are compared
            there = os.pread(f.fileno(), 160, at)
            equal(there[:20], whole[at:at + 160][:20], 'at %d' % at)


@case(ROW, 'read while connections come and go: well-formed, and what stays is seen')
def churn():
    def end(client, server):
        dead_close(client)
        server.close()

    c, s = pair()
    mine = s.getsockname()[:2], s.getpeername()[:2]
    with come_and_go(end):
        for n in range(30):
            check(mine in [(r['local'], r['remote']) for r in rows(chunk=150)],
                  'not seen in round %d' % n)
            sleep(0.001)


@case('tcpx_snmp', 'names and order are those of /proc/net/snmp and netstat; nstat reads it')
def counters_of_linux():
    need(TCPX, 'TCP is what it is compared with')

    def names(path, group):
        return [line.split()[1:] for line in open(path) if line.startswith(group + ':')][0]
    mine = '/proc/net/tcpx_snmp'
    equal(names(mine, 'Tcp'), names('/proc/net/snmp', 'Tcp'), 'names of Tcp')
    theirs = names('/proc/net/netstat', 'TcpExt')
    equal(names(mine, 'TcpExt'), [n for n in theirs if n in names(mine, 'TcpExt')],
          'names of TcpExt')
    c, s = pair()
    c.send(b'x')
    want = {group + name: counters()[name] for group in ('Tcp', 'TcpExt', 'Tcpx')
            for name in names(mine, group)}
    shown = run('env', 'PROC_NET_SNMP=' + mine, 'PROC_NET_NETSTAT=/dev/null',
                'PROC_NET_SNMP6=/dev/null', 'NSTAT_HISTORY=/dev/null', 'nstat', '-asz')
    got = {line.split()[0]: int(line.split()[1]) for line in shown.splitlines()[1:]}
    # What is no counter means nothing to nstat
    for name in 'TcpRtoAlgorithm', 'TcpRtoMin', 'TcpRtoMax', 'TcpMaxConn', 'TcpCurrEstab':
        want.pop(name)
        got.pop(name, None)
    equal(got, want, 'what nstat shows')
    check(got['TcpInSegs'] > 3, 'segments')


@case('tcpx_snmp', 'CurrEstab is the number of connections in ESTABLISHED and CLOSE-WAIT')
def curr_estab():
    now_there = lambda n, what: equal(counters()['CurrEstab'], n, what)
    now_there(0, 'at first')
    c, s = pair()
    now_there(2, 'a connection')
    c.shutdown(socket.SHUT_WR)
    now_there(1, 'one end in FIN-WAIT-2, the other in CLOSE-WAIT')
    s.close()
    now_there(0, 'TIME-WAIT')
    c, s = pair()
    dead_close(c)
    now_there(0, 'after a RST')
    c, s = pair()
    c.close()
    now_there(1, 'close(): the other end is in CLOSE-WAIT')


@case('tcpx_snmp', 'a user without rights sees only what depends on no sequence number')
def counters_of_anyone():
    need(TCPX, 'Linux shows all to everyone')
    plain = {'InSegs', 'TCPFastOpenPassive', 'SyncookiesSent', 'InNoSocket'}
    secret = {'DropSeq', 'PAWSEstab', 'TCPChallengeACK', 'RetransSegs', 'CurrEstab'}
    equal((plain | secret) - set(counters()), set(), 'hidden from root')
    unprivileged(lambda: equal((plain | secret) & set(counters()), plain, 'seen'))


main()
