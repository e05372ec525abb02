# SPDX-License-Identifier: GPL-2.0
"""What is in tools/, and small C programs of the tests, built where they are used."""

import os
import tempfile

from .net import counters, read_counters, run

__all__ = ['tool', 'program', 'scratch', 'opens']

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def scratch():
    """A folder in the VM's memory, which every user may read."""
    folder = tempfile.mkdtemp(dir='/var/tmp')
    os.chmod(folder, 0o755)
    return folder


def tool(name):
    """Builds tools/@name; the path of the program."""
    folder = scratch()
    run('make', '-C', os.path.join(PROJECT, 'tools', name), 'O=' + folder)
    return os.path.join(folder, name)


def program(name, *flags):
    """Compiles lib/@name.c; the path of the program."""
    path = os.path.join(scratch(), name)
    run('gcc', '-O', '-Wall', '-o', path, *flags,
        os.path.join(PROJECT, 'selftests', 'lib', name + '.c'))
    return path


def opens():
    """How many connections each stack has had in this namespace."""
    both = {'tcpx': counters(), 'TCP': read_counters('/proc/net/snmp')}
    return {stack: c['ActiveOpens'] + c['PassiveOpens'] for stack, c in both.items()}
