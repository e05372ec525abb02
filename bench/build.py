# SPDX-License-Identifier: GPL-2.0
"""Builds what the benchmark runs in its VM."""

import glob
import hashlib
import os
import subprocess
import sys
import tempfile

BENCH = os.path.dirname(os.path.realpath(__file__))
PROJECT = os.path.dirname(BENCH)
SCRIPTS = os.path.join(PROJECT, "scripts")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "tcpx", "bench")


class SetupError(Exception):
    """Something could not be built."""


def run_tool(*args):
    """Runs a program of the build; its output is shown only if it fails."""
    done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise SetupError(f"{args[0]} failed")


def digest(*paths):
    """A short name for what is in some files."""
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            total.update(file.read())
    return total.hexdigest()[:12]


def build():
    """Builds what runs in the VM, where it is not yet: bench/flow, bench/wire.
    Returns both, and a name for them and the kernel.
    """
    kernel = subprocess.run([os.path.join(SCRIPTS, "kernel"), "--arch", "um"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                            check=False).stdout.strip()
    if not kernel:
        raise SetupError("no kernel")
    source = os.path.join(BENCH, "flow.c")
    wire_sources = sorted(path for name in ("Kbuild", "*.[ch]")
                          for path in glob.glob(os.path.join(BENCH, "wire", name)))
    os.makedirs(CACHE, exist_ok=True)
    key = digest(source, *wire_sources)
    flow = os.path.join(CACHE, "flow-" + key)
    if not os.path.exists(flow):
        new = tempfile.mkdtemp(dir=CACHE)
        run_tool("gcc", "-O2", "-Wall", "-Wextra", "-static", "-o", new + "/flow", source)
        os.rename(new + "/flow", flow)
        os.rmdir(new)
    key += "-" + os.path.basename(kernel)
    folder = os.path.join(CACHE, "wire-" + key)
    if not os.path.exists(folder):
        new = tempfile.mkdtemp(dir=CACHE)
        run_tool("cp", *wire_sources, new)
        run_tool("make", "-C", kernel, f"M={new}", "ARCH=um", "modules")
        try:
            os.rename(new, folder)
        except OSError:
            pass                        # a parallel run was faster
    return flow, os.path.join(folder, "wire.ko"), key
