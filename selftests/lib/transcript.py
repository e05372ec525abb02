# SPDX-License-Identifier: GPL-2.0
"""Two transcripts compared step by step, against a list of the differences that are wanted."""

import os
import re
import sys

__all__ = ['read_wanted', 'read_transcript', 'bail', 'Tap', 'compare', 'stuck']

LINE = re.compile(r'(?:\d+\.\d+ )?(\S+): (.*)')


def kernel():
    """The running kernel's version, as numbers."""
    return tuple(int(n) for n in re.findall(r'\d+', os.uname().release)[:2])


def version(text):
    return tuple(int(n) for n in text.split('.'))


def read_wanted(path):
    """
    wanted.txt as three dicts: step -> [reason, TCP's line, tcpx's line],
    group -> reason where a whole group of steps may differ, and window ->
    reason where its windows may, and nothing else.

    A paragraph is a reason and the steps it explains; what it says of other
    kernels than the running one is left out.
    """
    wanted, some = {}, {'group': {}, 'window': {}}
    with open(path, encoding='utf-8') as f:
        text = re.sub(r'^#.*\n', '', f.read(), flags=re.M)
    for para in filter(None, re.split(r'\n\s*\n', text.strip())):
        lines = [line.partition(': ')[::2] for line in para.splitlines()]
        here = True
        while lines and lines[0][0] in ('reason', 'since', 'until'):
            name, value = lines.pop(0)
            if name == 'reason':
                reason = value
            elif name == 'since':
                here = here and kernel() >= version(value)
            else:
                here = here and kernel() <= version(value)
        for name, value in lines:
            if here and name in some:
                some[name][value.strip()] = reason
        lines = [line for line in lines if line[0] not in some]
        names = [name for name, _ in lines]
        if names != ['step', 'tcp', 'tcpx'] * (len(names) // 3):
            raise SystemExit('%s: not understood: %s' % (path, para))
        for i in range(0, len(lines) if here else 0, 3):
            step, tcp, tcpx = (value.strip() for _, value in lines[i:i + 3])
            if step in wanted:
                raise SystemExit('%s: %s twice' % (path, step))
            wanted[step] = [reason, tcp, tcpx]
    return wanted, some['group'], some['window']


def read_transcript(what, text):
    """A transcript as a dict step -> what happened, in order."""
    steps = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if not match or match[1] in steps:
            bail('%s: odd or repeated line: %s' % (what, line))
        steps[match[1]] = match[2].strip()
    return steps


def bail(why):
    print('Bail out! ' + why)
    sys.exit(1)


class Tap:
    """Numbers the tests and counts the failures."""
    def __init__(self):
        self.nr = 0
        self.failed = 0

    def result(self, good, text, *why):
        self.nr += 1
        self.failed += not good
        print('%s %d - %s' % ('ok' if good else 'not ok', self.nr, text))
        for line in () if good else why:
            print('#   ' + line)


def stuck(line):
    """Whether a step hung, or its group died: what no reason explains."""
    return line and re.search('HANG|TIMEOUT|DIED', line)


def compare(tap, step, tcp, tcpx, want):
    """One test: @tcp and @tcpx are what @step did, or None; @want or None."""
    if want and [tcp, tcpx] == want[1:]:
        tap.result(True, '%s differs: %s' % (step, want[0]))
    elif want:
        tap.result(False, step + ' does not differ as wanted.txt says',
                   'tcp:  %s' % tcp, 'tcpx: %s' % tcpx,
                   'wanted tcp:  %s' % want[1], 'wanted tcpx: %s' % want[2])
    else:
        tap.result(tcp == tcpx and not stuck(tcp), step,
                   'tcp:  %s' % tcp, 'tcpx: %s' % tcpx)
