# SPDX-License-Identifier: GPL-2.0
"""Makes tables and a plot of what bench/net measured."""

import collections
import math
import os

from cells import MSS, SIZES

Row = collections.namedtuple("Row", "kind path rate rtt algorithm size linux tcpx ratio more")


def geomean(values):
    """The geometric mean."""
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def percentile(values, part):
    """The smallest value that so many percent of all do not exceed."""
    values = sorted(values)
    return values[max(math.ceil(part / 100 * len(values)) - 1, 0)]


def by_cell(tasks, results, kind):
    """{cell: {stack: [result of each seed]}} where every run has a result."""
    found = collections.OrderedDict()
    bad = set()
    for task in tasks:
        if task["kind"] == kind:
            result = results.get(task["id"], {"error": "none"})
            if "error" in result or result.get("unfinished"):
                bad.add((task["cell"], task["stack"]))
            found.setdefault(task["cell"], {}).setdefault(task["stack"], []).append(result)
    for cell, stack in bad:
        del found[cell][stack]
    return found


def ratio_of(tcpx, linux):
    """A ratio, or not a number."""
    return tcpx / linux if linux and tcpx is not None else math.nan


def long_rows(tasks, results):
    """Goodput in Mbit/s; more: segments sent again and needlessly, by stack."""
    for cell, stacks in by_cell(tasks, results, "long").items():
        _, path, rate, rtt, algorithm = cell.split()
        goodput, more = {}, {}
        for stack, runs in stacks.items():
            size = sum(run["bytes"] for run in runs)
            goodput[stack] = size * 8e3 / sum(run["ns"] for run in runs)
            more[stack] = {
                "again": (sum(run["sent"] for run in runs) - size) / MSS,
                "spurious": (sum(run["payload"] for run in runs) - size) / MSS,
                "segments": size / MSS}
        linux, tcpx = goodput.get("linux"), goodput.get("tcpx")
        yield Row("long", path, rate, rtt, algorithm, "", linux, tcpx, ratio_of(tcpx, linux), more)


def short_rows(tasks, results):
    """Completion times in ms, 99th percentile; more: the median."""
    for cell, stacks in by_cell(tasks, results, "short").items():
        _, path, rate, rtt, algorithm, size = cell.split()
        times = {stack: [ns / 1e6 for run in runs for ns in run["ns"]]
                 for stack, runs in stacks.items()}
        p99 = {stack: percentile(values, 99) for stack, values in times.items()}
        more = {stack: {"median": percentile(values, 50), "flows": len(values)}
                for stack, values in times.items()}
        linux, tcpx = p99.get("linux"), p99.get("tcpx")
        yield Row("short", path, rate, rtt, algorithm, int(size), linux, tcpx,
                  ratio_of(tcpx, linux), more)


def share_rows(tasks, results):
    """ratio: tcpx's share; more: that of the first of two flows of Linux's TCP."""
    for cell, stacks in by_cell(tasks, results, "share").items():
        _, rate, rtt, algorithm = cell.split()
        shares, control = [], []
        for pair, runs in stacks.items():
            for run in runs:
                first = run["bytes"][0] / max(sum(run["bytes"]), 1)
                if "tcpx" in pair:
                    shares.append(first if pair.startswith("tcpx") else 1 - first)
                else:
                    control.append(max(first, 1 - first))
        share = sum(shares) / len(shares) if shares else math.nan
        yield Row("share", "droptail1", rate, rtt, algorithm, "", 1 - share, share, share,
                  {"all": shares, "control": control})


def both_rows(tasks, results):
    """Whether all that was sent arrived; ratio is 1 or 0."""
    for stacks in by_cell(tasks, results, "both").values():
        for run in (run for runs in stacks.values() for run in runs):
            size = next(task["flow"]["bytes"] for task in tasks if task["kind"] == "both")
            intact = run["up"] == run["down"] == size and not run["wrong"]
            yield Row("both", "all", "1000", "20", "cubic", size, None, size * 16e3 / run["ns"],
                      float(intact), run)


def rows(tasks, results):
    """All rows."""
    return [row for kind in (long_rows, short_rows, share_rows, both_rows)
            for row in kind(tasks, results)]


def good(some):
    """Those rows that have a ratio."""
    return [row for row in some if not math.isnan(row.ratio)]


def where(row):
    """A row's cell in words."""
    return f"{row.path} {row.rate} Mbit/s {row.rtt} ms {row.algorithm}"


def summary(all_rows):
    """[(measure, value, bar, whether it is reached)]"""
    out = []
    long = good(row for row in all_rows if row.kind == "long")
    if long:
        mean = geomean(row.ratio for row in long)
        worst = min(long, key=lambda row: row.ratio)
        out.append((f"goodput, geometric mean of {len(long)} cells", f"{mean:.3f}", ">= 1.02",
                    mean >= 1.02))
        below = sum(row.ratio < 0.95 for row in long)
        out.append(("goodput, worst cell", f"{worst.ratio:.3f} ({where(worst)}; {below} below)",
                    ">= 0.95", worst.ratio >= 0.95))
    short = good(row for row in all_rows if row.kind == "short")
    if short:
        mean = geomean(row.ratio for row in short)
        median = geomean(row.more["tcpx"]["median"] / row.more["linux"]["median"] for row in short)
        out.append((f"short flows, p99, geometric mean of {len(short)} cells",
                    f"{mean:.3f} (median: {median:.3f})", "<= 0.95", mean <= 0.95))
    share = good(row for row in all_rows if row.kind == "share")
    for algorithm in dict.fromkeys(row.algorithm for row in share):
        shares = [row.ratio for row in share if row.algorithm == algorithm]
        inside = sum(0.45 <= one <= 0.55 for one in shares)
        out.append((f"share of a bottleneck, {algorithm}, {len(shares)} cells",
                    f"{min(shares):.3f} to {max(shares):.3f}, mean "
                    f"{sum(shares) / len(shares):.3f} ({inside} inside)",
                    "0.45 to 0.55", inside == len(shares)))
    reordered = [row for row in long if row.path == "reorder" and row.rtt == "20"]
    if reordered:
        count = {stack: sum(row.more[stack]["spurious"] for row in reordered)
                 for stack in ("tcpx", "linux")}
        out.append(("spurious retransmissions, reordering 1 %, 20 ms",
                    f"{count['tcpx']:.0f}, Linux {count['linux']:.0f}", "<= Linux's",
                    count["tcpx"] <= count["linux"]))
    for row in all_rows:
        if row.kind == "both":
            out.append((f"{row.size / 2**30:.3g} GiB each way at once through 5 % loss, 10 % "
                        "reordering, 1 % corruption",
                        "intact" if row.ratio else f"not intact: {row.more}", "intact",
                        bool(row.ratio)))
    return out


def number(value):
    """Four digits."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:#.4g}".rstrip(".")


def show_row(row):
    """A line for the terminal."""
    start = f"{row.kind:5} {row.path:10} {row.rate:>4} {row.rtt:>3} {row.algorithm:5}"
    if row.kind == "long":
        text = " ".join(f"{stack} again {more['again']:.0f} spurious {more['spurious']:.0f}"
                        for stack, more in row.more.items())
        return (f"{start} Mbit/s: linux {number(row.linux)} tcpx {number(row.tcpx)} "
                f"ratio {row.ratio:.3f}; {text}")
    if row.kind == "short":
        text = " ".join(f"{stack} {number(more['median'])}" for stack, more in row.more.items())
        return (f"{start} {row.size:>7} ms p99: linux {number(row.linux)} tcpx "
                f"{number(row.tcpx)} ratio {row.ratio:.3f}; median: {text}")
    if row.kind == "share":
        return (f"{start} share {row.ratio:.3f}; each " +
                " ".join(f"{one:.3f}" for one in row.more["all"]) + "; linux against itself " +
                " ".join(f"{one:.3f}" for one in row.more["control"]))
    return f"{start} {number(row.tcpx)} Mbit/s"


def show(all_rows):
    """Prints all, and what it comes to."""
    for row in all_rows:
        print(show_row(row))
    for measure, value, bar, reached in summary(all_rows):
        print(f"{'pass' if reached else 'MISS'}: {measure}: {value}; bar: {bar}")
