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


def read_wanted(path, ip):
    """
    wanted.txt as three dicts: step -> [reason, TCP's line, tcpx's line],
    group -> reason where a whole group of steps may differ, and window ->
    reason where its windows may, and nothing else.

    A paragraph is a reason and the steps it explains; what it says of other
    kernels than the running one, or of other families than @ip, is left out.
    """
    wanted, some = {}, {'group': {}, 'window': {}}
    with open(path, encoding='utf-8') as f:
        text = re.sub(r'^#.*\n', '', f.read(), flags=re.M)
    for para in filter(None, re.split(r'\n\s*\n', text.strip())):
        lines = [[part.strip() for part in line.partition(': ')[::2]]
                 for line in para.splitlines()]
        here = {'since': True, 'until': True, 'ip': True}
        reason = None
        while lines:
            name, value = lines.pop(0)
            if name == 'reason':
                reason = value
            elif name == 'ip':
                here[name] = ip in value.split()
            elif name == 'since':
                here[name] = kernel() >= version(value)
            elif name == 'until':
                here[name] = kernel() <= version(value)
            elif name in some:
                if all(here.values()):
                    some[name][value] = reason
            elif name == 'step' and [line[0] for line in lines[:2]] == ['tcp', 'tcpx']:
                both = [lines.pop(0)[1] for _ in range(2)]
                if not all(here.values()):
                    continue
                if value in wanted:
                    raise SystemExit('%s: %s twice' % (path, value))
                wanted[value] = [reason] + both
            else:
                raise SystemExit('%s: not understood: %s' % (path, para))
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
