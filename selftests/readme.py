#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The programs and commands in README run, and print what stands there below them."""

import os
import re
import subprocess
import sys

from lib import *
from lib.sockdiag import load_diag
from lib.tools import tool

README = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'README.md')


def programs():
    """[(heading, program, output or None)], [(heading, session)] as they stand in README."""
    with open(README, encoding='utf-8') as f:
        text = f.read()
    block = re.compile(r'^## ([^\n]+)$|^```python\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?|'
                       r'^```console\n(.*?)^```\n', re.M | re.S)
    heading, found, sessions = '', [], []
    for m in block.finditer(text):
        if m[1]:
            heading = m[1]
        elif m[4]:
            sessions.append((heading, m[4]))
        else:
            found.append((heading, m[2], m[3]))
    return found, sessions


def runs(program, output):
    """@program, by itself."""
    done = subprocess.run([sys.executable, '-'], input=program, capture_output=True, text=True,
                          timeout=60)
    equal((done.returncode, done.stderr), (0, ''), 'it ends well')
    equal(done.stdout, output, 'what it prints')


def declare(heading, program, output):
    """A case for a program; its output must stand in README."""
    @case('S29', 'README, "%s": the program prints what stands below it' % heading)
    def run_it():
        check(output is not None, 'README says what it prints')
        runs(program, output)


def steady(text):
    """What is the same each time: no numbers, no days, no widths that follow them."""
    text = re.sub(r'^Date: .*$|ETag: .*$', '', text, flags=re.M)
    return [re.sub(r'\d+(\.\d+)*', '0', ' '.join(line.split())) for line in text.splitlines()]


def agrees(told, line):
    """Is @line what README tells?  It leaves out what follows \u2026."""
    return line.startswith(told[:-1].rstrip()) if told.endswith('\u2026') else line == told


def declare_session(heading, session):
    """A case for commands, each after a "$ ", with what they print."""
    @case('S29', 'README, "%s": the commands print what stands below them' % heading)
    def run_it():
        need(ip.version == 4 and WIRE == PROTO, 'a session is told once')
        tcpxize = tool('tcpxize')
        folders = [os.path.dirname(tcpxize), os.path.join(os.path.dirname(README), 'tools')] + [
            os.path.join(os.environ.get('TCPX_PROGRAMS', '/'), d) for d in ('usr/sbin', 'usr/bin')]
        # Where Debian's nginx is not installed it misses its folders
        script = 'mount -t tmpfs none /var/lib; mount -t tmpfs none /var/log; ' \
            'mkdir /var/lib/nginx /var/log/nginx\n'
        script += ''.join(line[2:] + '\n' for line in session.splitlines() if line.startswith('$ '))
        # What it leaves in the background ends with the namespace of its processes
        done = subprocess.run(['unshare', '-mpf', '--mount-proc', 'sh', '-c', script], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1000,
                              check=False,
                              env=dict(os.environ, PATH=':'.join(folders + [os.environ['PATH']])))
        # Sockets come in the order of a keyed hash
        told = sorted(line for line in steady(session) if not line.startswith('$ '))
        got = sorted(steady(done.stdout))
        check(len(told) == len(got) and all(map(agrees, told, got)),
              'it prints\n%s\n(%r, README has %r)' % (done.stdout, got, told))


for found in programs()[0]:
    declare(*found)
for found in programs()[1]:
    declare_session(*found)
load_diag()
main()
