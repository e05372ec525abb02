# SPDX-License-Identifier: GPL-2.0
"""The program of selftests/diff, built and run."""

import atexit
import glob
import os
import shutil
import subprocess
import sys
import tempfile

from lib.transcript import bail, read_transcript

__all__ = ['DIFF', 'program', 'transcript', 'no_autoload']

DIFF = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'diff')


def program():
    """The program: the one built before if it is up to date, else a new one."""
    cache = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    built = os.path.join(cache, 'tcpx/selftests/diff/diff')
    sources = glob.glob(DIFF + '/*.[ch]') + [DIFF + '/Makefile']
    newest = max(os.path.getmtime(s) for s in sources)
    if os.path.exists(built) and os.path.getmtime(built) >= newest:
        return built
    out = tempfile.mkdtemp(prefix='tcpx-diff.')
    atexit.register(shutil.rmtree, out, True)
    print('# building', flush=True)
    subprocess.run(['make', '-s', '-C', DIFF, 'O=' + out], check=True,
                   stdout=sys.stderr)
    return out + '/diff'


def transcript(prog, protocol, groups, **env):
    """Runs @prog on @protocol, with @env: a dict step -> what happened, in order."""
    print('# running on %s %s' % (protocol, env or ''), flush=True)
    done = subprocess.run([prog, protocol] + groups, stdout=subprocess.PIPE,
                          env={**os.environ, **env}, text=True, check=False)
    steps = read_transcript(protocol, done.stdout)
    if done.returncode or not steps:
        bail('%s: the program ended with %d' % (protocol, done.returncode))
    return steps


def no_autoload():
    """
    In the test VM: a module that is asked for is not there, without a look.

    Where time is virtual, it runs on while modprobe is read, and the step that
    asked would be taken for hanging.
    """
    if 'TCPX_VM_BACKEND' in os.environ:
        with open('/proc/sys/kernel/modprobe', 'w', encoding='ascii') as f:
            f.write('\n')
