#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The programs in README run, and print what stands there below them."""

import os
import re
import subprocess
import sys

from lib import *

README = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'README.md')


def programs():
    """[(heading, program, output or None)] as they stand in README."""
    with open(README, encoding='utf-8') as f:
        text = f.read()
    block = re.compile(r'^## ([^\n]+)$|^```python\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?',
                       re.M | re.S)
    heading, found = '', []
    for m in block.finditer(text):
        if m[1]:
            heading = m[1]
        else:
            found.append((heading, m[2], m[3]))
    return found


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


for found in programs():
    declare(*found)
main()
