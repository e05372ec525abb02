# SPDX-License-Identifier: GPL-2.0
"""Runs bench/operations in a VM and reads what it counts."""

import collections
import glob
import os
import subprocess
import tempfile

from build import BENCH, CACHE, SCRIPTS, SetupError, digest, run_tool

STACKS = ("tcp", "tcpx", "tcpx-wire6", "tcp-ipv6", "tcpx-ipv6", "tcpx-wire6-ipv6", "mptcp",
          "sctp", "unix")
VM_SECONDS = 5400
# Boots differ, by where the kernel's code and data lie: see docs/bench.md.
TOLERANCE = 0.02
# Chance decides more in some: which slabs have room by then, what netem drops.
CHANCE = {"accept": 0.10, "bulk-64k-1500-loss": 0.05}

# cost, spread, waited: by stack; a cost is None where the stack can't do it.
Row = collections.namedtuple("Row", "workload unit bar cost spread waited")


def compiled(name, sources, *flags):
    """What the compiler makes of some sources, built where it is not yet."""
    path = os.path.join(CACHE, f"{name}-{digest(*sources)}")
    if not os.path.exists(path):
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            new = os.path.join(folder, name)
            run_tool("gcc", "-O2", "-Wall", "-Wextra", *flags, "-o", new,
                     *(one for one in sources if one.endswith(".c")))
            os.rename(new, path)
    return path


def build():
    """The program."""
    return compiled("operations", sorted(glob.glob(os.path.join(BENCH, "operations", "*.[ch]"))),
                    "-Wno-missing-field-initializers", "-static")


def build_plugin():
    """What counts each instruction."""
    return compiled("count_plugin.so", [os.path.join(BENCH, "count_plugin.c")],
                    "-shared", "-fPIC")


def vm(*command, memory=1024, options=()):
    """A VM that counts, as a process whose output is read."""
    return subprocess.Popen(
        [os.path.join(SCRIPTS, "vm"), "--backend", "qemu", "--virtual-time", "--memory",
         str(memory), "--timeout", str(VM_SECONDS), *options, "--", *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def workloads(*options):
    """{name: (unit, bar or None)} of all, or of those that are quick (--quick)."""
    done = subprocess.run([build(), *options, "--list"], stdout=subprocess.PIPE, text=True,
                          check=True)
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: (unit, float(bar) or None) for name, unit, bar in lines}


def arguments(stacks, names, repeats):
    """What the program is to do."""
    unknown = [name for name in names if name not in workloads()]
    unknown += [stack for stack in stacks if stack not in STACKS]
    if unknown:
        raise SetupError(f"no {unknown[0]}; see --list and --help")
    # Where a program's pages lie changes what it costs.
    return ["setarch", "-R", build(), "--repeats", str(repeats), "--only", ",".join(names),
            *stacks]


def number(text):
    """What was counted, or None."""
    return None if text == "-" else float(text)


def run(stacks, names, repeats=1, memory=1024):
    """Counts; yields a Row for each workload as it comes."""
    known = workloads()
    with vm(*arguments(stacks, names, repeats), memory=memory) as process:
        row = None
        for line in process.stdout:
            name, stack, *counts = line.rstrip("\n").split("\t")
            row = row or Row(name, *known[name], {}, {}, {})
            row.cost[stack], row.spread[stack], row.waited[stack], _ = map(number, counts)
            if stack == stacks[-1]:
                yield row
                row = None
    if process.returncode:
        raise SetupError(f"the VM's status is {process.returncode}")


def ratio(row, stack, to):
    """What a stack costs as a part of what another does, or None."""
    if row.cost.get(stack) is None or not row.cost.get(to):
        return None
    return row.cost[stack] / row.cost[to]


def worse(workload, part, before):
    """Whether what a stack costs, as a part of another's, has grown by too much."""
    return (part is not None and before is not None and
            part > before * (1 + CHANCE.get(workload, TOLERANCE)))


def digits(value):
    """Four digits at least."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def heading(stacks):
    """What line() puts below it."""
    return "".join([f"{'':25} {'one':18}", *(f" {stack:>15}" for stack in stacks),
                    *(f" {'/' + stacks[0]:>7}" for _ in stacks[1:]), f" {'bar':>5}"])


def line(row, stacks):
    """A row for the terminal."""
    ratios = [ratio(row, stack, stacks[0]) for stack in stacks[1:]]
    return "".join([f"{row.workload:25} {row.unit:18}",
                    *(f" {digits(row.cost[stack]):>15}" for stack in stacks),
                    *(f" {'-' if one is None else format(one, '.3f'):>7}" for one in ratios),
                    f" {row.bar or '':>5}"])
