# SPDX-License-Identifier: GPL-2.0
"""
Test cases in the Test Anything Protocol, as tools/testing/selftests has it.

A file declares its cases with @case(row, text) and ends with main().  Each
case runs in a process and a network namespace of its own, so that neither a
hang, nor a signal, nor a forgotten socket reaches the next one.
"""

import ctypes
import os
import select
import signal
import struct
import sys
import time
import traceback

__all__ = ['case', 'main', 'Skip', 'need', 'check', 'equal', 'near', 'raises',
           'diag', 'now', 'sleep', 'libc', 'on_failure', 'after_case', 'exact_select']

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_TIMERSLACK = 29
CLONE_NEWNET = 0x40000000

# In virtual time, which passes at once.  A case that takes longer is stuck.
CASE_SECONDS = int(os.environ.get('TCPX_CASE_SECONDS', 100000))

_cases = []
_on_failure = []
_after_case = []


class Skip(Exception):
    """The case cannot run here; the argument says why."""


def case(row, text, **opts):
    """Declare a test case that shows @row (S07, ...)."""
    def add(fn):
        _cases.append((row, text, fn, opts))
        return fn
    return add


def now():
    """Seconds on CLOCK_MONOTONIC."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def sleep(seconds):
    """Let time pass without looking at the clock."""
    if seconds > 0:
        time.sleep(seconds)


def exact_select(fds, seconds):
    """
    Those of @fds that are readable, waiting @seconds at most.

    select() itself may sleep a thousandth longer than it was told; a timerfd does not.
    """
    if seconds <= 0.1:
        return select.select(fds, [], [], max(0, seconds))[0]
    timer = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_CLOEXEC)
    try:
        spec = struct.pack('qqqq', 0, 0, int(seconds), int(seconds % 1 * 1e9))
        if timer < 0 or libc.timerfd_settime(timer, 0, spec, None):
            raise OSError(ctypes.get_errno(), 'timerfd')
        return [f for f in select.select(fds + [timer], [], [])[0] if f != timer]
    finally:
        os.close(timer)


def diag(text):
    """A diagnostic line."""
    for line in str(text).splitlines():
        print('# ' + line, flush=True)


def on_failure(fn):
    """Have @fn called, to print what it knows, if the case fails."""
    _on_failure.append(fn)


def after_case(fn):
    """Call @fn when a case has ended, by the process that runs all of them."""
    _after_case.append(fn)
    return fn


def need(cond, why):
    """Skip the case unless @cond."""
    if not cond:
        raise Skip(why)


def check(cond, what):
    if not cond:
        raise AssertionError(what)


def equal(got, want, what):
    if got != want:
        raise AssertionError('%s: got %r, want %r' % (what, got, want))


def near(got, want, tol, what):
    if abs(got - want) > tol:
        raise AssertionError('%s: got %.6f, want %.6f +- %.6f' % (what, got, want, tol))


def raises(err, fn, *args, what=None):
    """@fn(*args) must fail with errno @err (an int, or several)."""
    import errno
    want = (err,) if isinstance(err, int) else tuple(err)
    names = '/'.join(errno.errorcode[e] for e in want)
    try:
        ret = fn(*args)
    except OSError as e:
        if e.errno not in want:
            raise AssertionError('%s: got %s, want %s' % (
                what or getattr(fn, '__name__', fn), errno.errorcode.get(e.errno, e.errno),
                names)) from None
        return e.errno
    raise AssertionError('%s: got %r, want %s' % (what or getattr(fn, '__name__', fn), ret, names))


def _run_case(fn, opts):
    """In the child: returns the exit status."""
    libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    try:
        if not opts.get('keep_netns'):
            if libc.unshare(CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), 'unshare(CLONE_NEWNET)')
            from . import net
            net.furnish()
        else:
            from . import net
            net.set_wire()
        fn()
        return 0
    except Skip as e:
        print('# SKIP ' + str(e), flush=True)
        return 2
    except BaseException as e:
        tb = traceback.extract_tb(e.__traceback__)
        for f in tb:
            if f.filename.startswith(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))):
                diag('%s:%d: %s' % (os.path.basename(f.filename), f.lineno, f.line))
        diag('%s: %s' % (type(e).__name__, e))
        for report in _on_failure:
            try:
                report()
            except Exception as again:
                diag('no report: %s' % again)
        return 1


def _memory():
    """Pages that connections hold, orphans of earlier cases among them."""
    with open('/proc/net/protocols') as f:
        return sum(int(line.split()[3]) for line in f if line.startswith('TCPX '))


def _settle():
    """
    Let orphans end that still hold much memory.

    It is one limit for all namespaces: under pressure a case would find other windows.
    """
    end = now() + 1000
    while os.environ.get('TCPX_VM_VIRTUAL_TIME') and _memory() > 500 and now() < end:
        sleep(10)


def main(why_not=None):
    """
    Run the file's cases, or those whose row or text contains an argument.

    Where @why_not says why they can't run, all are skipped.
    """
    wanted = sys.argv[1:]
    cases = [c for c in _cases
             if not wanted or any(w in c[0] + ': ' + c[1] for w in wanted)]
    print('TAP version 13\n1..%d' % len(cases), flush=True)
    failed = 0
    for n, (row, text, fn, opts) in enumerate(cases, 1):
        if why_not:
            print('ok %d - %s: %s # SKIP %s' % (n, row, text, why_not))
            continue
        sys.stdout.flush()
        _settle()
        began = now()
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(r)
            os.dup2(w, 1)
            status = _run_case(fn, opts)
            sys.stdout.flush()
            os._exit(status)
        os.close(w)
        status, out = _drain(r, pid, opts.get('seconds', CASE_SECONDS))
        for tidy in _after_case:
            tidy()
        lines = out.splitlines()
        name = '%s: %s' % (row, text)
        if status == 2:
            why = [l[7:] for l in lines if l.startswith('# SKIP ')]
            print('ok %d - %s # SKIP %s' % (n, name, why[-1] if why else ''))
            continue
        for line in lines:
            print(line)
        if status == 0:
            print('ok %d - %s' % (n, name))
        else:
            failed += 1
            if status is None:
                print('# stuck: killed after %d s' % (now() - began))
            elif status != 1:
                print('# ended with status %d' % status)
            print('not ok %d - %s' % (n, name))
    sys.stdout.flush()
    sys.exit(1 if failed else 0)


def _drain(r, pid, seconds):
    """
    Read the child's output while it runs, or it would block on the pipe.

    Returns its exit status (None if it had to be killed) and the text.
    """
    pidfd = os.pidfd_open(pid)
    deadline = now() + seconds
    data = []
    killed = False
    fds = [r, pidfd]
    while pidfd in fds:
        left = deadline - now()
        ready = select.select(fds, [], [], max(0, left))[0]
        if not ready:
            os.kill(pid, signal.SIGKILL)
            killed = True
            select.select([pidfd], [], [])
            break
        if r in ready:
            chunk = os.read(r, 65536)
            if chunk:
                data.append(chunk)
            else:
                fds.remove(r)
        elif pidfd in ready:
            break
    status = os.waitpid(pid, 0)[1]
    os.close(pidfd)
    # a grandchild may still hold the pipe: take only what is there
    os.set_blocking(r, False)
    while True:
        try:
            chunk = os.read(r, 65536)
        except BlockingIOError:
            break
        if not chunk:
            break
        data.append(chunk)
    os.close(r)
    text = b''.join(data).decode(errors='replace')
    return (None if killed else os.waitstatus_to_exitcode(status)), text
