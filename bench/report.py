# SPDX-License-Identifier: GPL-2.0
"""Makes tables and a plot of what bench/net measured."""

import collections
import math
import os
import statistics

from cells import MSS, PATH_TEXT
from svg import heat_maps

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
    """Goodput in Mbit/s, the median of the seeds; more: segments sent again and
    needlessly, by stack.
    """
    for cell, stacks in by_cell(tasks, results, "long").items():
        _, path, rate, rtt, algorithm = cell.split()
        goodput, more = {}, {}
        for stack, runs in stacks.items():
            size = sum(run["bytes"] for run in runs)
            goodput[stack] = statistics.median(run["bytes"] * 8e3 / run["ns"] for run in runs)
            more[stack] = {
                "again": (sum(run["sent"] for run in runs) - size) / MSS,
                "spurious": (sum(run["payload"] for run in runs) - size) / MSS,
                "segments": size / MSS}
        linux, tcpx = goodput.get("linux"), goodput.get("tcpx")
        yield Row("long", path, rate, rtt, algorithm, "", linux, tcpx, ratio_of(tcpx, linux), more)


def duplex_rows(tasks, results):
    """Goodput in Mbit/s, both ways together."""
    for cell, stacks in by_cell(tasks, results, "duplex").items():
        _, path, rate, rtt, algorithm = cell.split()
        goodput = {stack: (runs[0]["up"] + runs[0]["down"]) * 8e3 / runs[0]["ns"]
                   for stack, runs in stacks.items()}
        linux, tcpx = goodput.get("linux"), goodput.get("tcpx")
        yield Row("duplex", path, rate, rtt, algorithm, "", linux, tcpx,
                  ratio_of(tcpx, linux), {})


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
            yield Row("both", "all", "1000", "20", "default", size, None, size * 16e3 / run["ns"],
                      float(intact), run)


def spurious_rows(all_rows):
    """Those long flows that the bar on spurious retransmissions is about."""
    return [row for row in good(all_rows)
            if row.kind == "long" and row.path == "reorder" and row.rtt == "20"]


def rows(tasks, results):
    """All rows."""
    return [row for kind in (long_rows, duplex_rows, short_rows, share_rows, both_rows)
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
    duplex = good(row for row in all_rows if row.kind == "duplex")
    if duplex:
        worst = min(duplex, key=lambda row: row.ratio)
        mean = geomean(row.ratio for row in duplex)
        out.append((f"both ways at once, geometric mean of {len(duplex)} cells",
                    f"{mean:.3f} (worst {worst.ratio:.3f}: {where(worst)})", ">= 1.00",
                    mean >= 1))
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
    reordered = spurious_rows(all_rows)
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
    if row.kind == "duplex":
        return (f"{start} Mbit/s both ways: linux {number(row.linux)} tcpx "
                f"{number(row.tcpx)} ratio {row.ratio:.3f}")
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


METHOD = """\
## What is measured

Linux's own TCP (`IPPROTO_TCP`) and tcpx (protocol 253) in one test VM: User-mode
Linux {kernel}, 250 ticks a second as in Debian's kernel, one CPU, virtual time,
so that work costs none and only the protocols' decisions count. Three network
namespaces:

```
client ---access--- router ---bottleneck--- server
```

Both links are pairs of devices of `bench/wire`, a module made for this. The
access link has no limit and no delay. The bottleneck has the rate (of IP packets,
1500 bytes at most), half the round-trip time each way, and both ways the path's
misfortunes; its queue, at the router, is the kernel's own `pfifo`, `bfifo` or
`fq_codel`, with the wire behind it like a network card that has room for one packet.
The devices take one segment at a time (no segmentation offload, none merged on
arrival), and the receiver verifies every checksum, so that both stacks put the
same packets on the wire. netem is not used, since its misfortunes cannot be
repeated: here the fate of the n-th packet is a function of a seed and of n. Each cell
has its own seed, the same for both stacks. `bench/wire-check` measures the wire
itself, and `make check` runs it.

Paths:

{paths}
Both stacks alike: `rmem` and `wmem` up to 128 MiB, so that no window is too small for
1000 Mbit/s and 300 ms; memory for all sockets likewise; `no_metrics_save`, since a
flow must not know what an earlier one found; `ecn` 1 on the path with fq_codel. All
else is as it comes. The algorithm is set by `TCP_CONGESTION`.

- Long flows: one connection, {packets} segments or {bdps} bandwidth-delay products,
  whichever is more; goodput is bytes received over the time since `connect()`, slow
  start and all. The median of {seeds} runs with different seeds where chance rules.
- Both ways: one connection, as much each way at once; the sum of both goodputs.
- Short flows: one at a time, each on an idle path with a seed of its own; completion is
  from `connect()` until the receiver has the last byte. {flows} flows of 10 kB, 100 kB
  and 1 MB where chance rules, 3 elsewhere. p99 is the smallest time that 99 % do
  not exceed.
- Shares: a connection of each stack from the same client at once, through a
  drop-tail queue of one bandwidth-delay product (at least 20 packets); the two take
  turns in being opened first. The first quarter of the time does not count. A random delay
  of up to one packet's time at the access link keeps the two from falling into step.
- Sent again needlessly: payload that arrived intact, beyond the bytes of the
  stream. The wire counts it, in the same way for both stacks; what the wire itself
  duplicates does not count.

Repeated, the same command gives the same numbers for reno and cubic within 1e-4; those
of BBR wander by up to about 1 %. Another selection of cells runs them after other ones,
and moves a number by some 0.1 %.
"""


def table(head, lines):
    """A table in Markdown."""
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(out + ["| " + " | ".join(line) + " |" for line in lines]) + "\n"


def grouped(some, key):
    """{key: rows} in the order of the rows."""
    out = collections.OrderedDict()
    for row in some:
        out.setdefault(key(row), []).append(row)
    return out


def ratio_text(row):
    """A ratio, bold where Linux is the better one by more than 5 %."""
    worse = row.ratio > 1 / 0.95 if row.kind == "short" else row.ratio < 0.95
    return f"**{row.ratio:.3f}**" if worse else f"{row.ratio:.3f}"


def long_tables(some):
    """Goodput, a table for each path."""
    out = ["## Goodput of long flows\n\nMbit/s: Linux, tcpx, and tcpx's part of Linux's; bold "
           "below 0.95.\n"]
    algorithms = list(dict.fromkeys(row.algorithm for row in some))
    for path, of_path in grouped(some, lambda row: row.path).items():
        lines = []
        for (rate, rtt), cell in grouped(of_path, lambda row: (row.rate, row.rtt)).items():
            line = [rate, rtt]
            known = {row.algorithm: row for row in cell}
            for algorithm in algorithms:
                row = known.get(algorithm)
                line += [number(row.linux), number(row.tcpx), ratio_text(row)] if row else [""] * 3
            lines.append(line)
        out.append(f"### {path}: {PATH_TEXT[path]}\n")
        out.append(table(["Mbit/s", "ms"] + [text for name in algorithms
                                             for text in (name + ": Linux", "tcpx", "")], lines))
    return out


def duplex_table(some):
    """Goodput both ways at once."""
    return ["## Both ways at once\n\nMbit/s, both ways together.\n",
            table(["path", "Mbit/s", "ms", "algorithm", "Linux", "tcpx", ""],
                  [[row.path, row.rate, row.rtt, row.algorithm, number(row.linux),
                    number(row.tcpx), ratio_text(row)] for row in some])]


def short_tables(some):
    """Completion times, a table for each path."""
    out = ["## Completion of short flows\n\nms: 99th percentile of Linux, of tcpx, and the one "
           "over the other; bold above 1.053. Medians are in bench-net.tsv.\n"]
    columns = list(dict.fromkeys((row.algorithm, row.size) for row in some))
    for path, of_path in grouped(some, lambda row: row.path).items():
        lines = []
        for (rate, rtt), cell in grouped(of_path, lambda row: (row.rate, row.rtt)).items():
            known = {(row.algorithm, row.size): row for row in cell}
            lines.append([rate, rtt] + [
                f"{number(row.linux)} {number(row.tcpx)} {ratio_text(row)}" if row else ""
                for row in map(known.get, columns)])
        out.append(f"### {path}: {PATH_TEXT[path]}\n")
        out.append(table(["Mbit/s", "ms"] + [f"{algorithm} {size // 1000} kB"
                                             for algorithm, size in columns], lines))
    return out


def share_table(some):
    """The shares."""
    return ["## Two flows at one bottleneck\n\ntcpx's share beside Linux's TCP with the same "
            "algorithm; in each run; and the larger share of two flows of Linux's TCP.\n",
            table(["Mbit/s", "ms", "algorithm", "share", "runs", "Linux beside Linux"],
                  [[row.rate, row.rtt, row.algorithm, f"{row.ratio:.3f}",
                    " ".join(f"{one:.3f}" for one in row.more["all"]),
                    " ".join(f"{one:.3f}" for one in row.more["control"])] for row in some])]


def spurious_table(some):
    """Needless retransmissions."""
    def cell(row, stack):
        more = row.more[stack]
        return [f"{more['again']:.0f}", f"{more['spurious']:.0f}"]

    return ["## Sent again under reordering 1 %, 20 ms\n\nSegments sent again, and those of "
            "them that were needless.\n",
            table(["Mbit/s", "algorithm", "of", "Linux", "needless", "tcpx", "needless"],
                  [[row.rate, row.algorithm, f"{row.more['linux']['segments']:.0f}",
                    *cell(row, "linux"), *cell(row, "tcpx")] for row in some])]


def tsv(all_rows):
    """All numbers, for programs."""
    yield "kind\tpath\tMbit/s\tms\talgorithm\tsize\tmeasure\tlinux\ttcpx\tratio"
    for row in all_rows:
        start = [row.kind, row.path, row.rate, row.rtt, row.algorithm, str(row.size)]

        def line(measure, linux, tcpx, ratio):
            return "\t".join(start + [measure] + ["" if one is None else f"{one:.6g}"
                                                   for one in (linux, tcpx, ratio)])

        if row.kind == "long":
            yield line("goodput", row.linux, row.tcpx, row.ratio)
            for measure in ("again", "spurious"):
                yield line(measure, *(row.more.get(stack, {}).get(measure)
                                      for stack in ("linux", "tcpx")), None)
        elif row.kind == "duplex":
            yield line("goodput", row.linux, row.tcpx, row.ratio)
        elif row.kind == "short":
            yield line("p99", row.linux, row.tcpx, row.ratio)
            medians = [row.more.get(stack, {}).get("median") for stack in ("linux", "tcpx")]
            yield line("median", *medians, ratio_of(medians[1], medians[0]))
        elif row.kind == "share":
            yield line("share", row.linux, row.tcpx, None)
        else:
            yield line("goodput", None, row.tcpx, None)


def write(all_rows, folder, amount, kernel, command):
    """Writes bench-net.md, bench-net.tsv and the plots into a folder."""
    kinds = {kind: good(row for row in all_rows if row.kind == kind)
             for kind in ("long", "duplex", "short", "share")}
    text = ["<!-- SPDX-License-Identifier: GPL-2.0 -->\n# tcpx beside Linux's TCP\n",
            f"Made by `{command}`; do not edit.\n",
            table(["measure", "value", "bar", ""],
                  [[measure, value, bar, "reached" if reached else "**missed**"]
                   for measure, value, bar, reached in summary(all_rows)])]
    plots = (("bench-net.svg", "long", lambda row: row.algorithm, False,
              "Goodput of long flows, tcpx over Linux's TCP"),
             ("bench-net-short.svg", "short",
              lambda row: f"{row.algorithm}, {row.size // 1000} kB", True,
              "Completion of short flows, 99th percentile, tcpx over Linux's TCP"))
    for name, kind, key, less_is_better, title in plots:
        if kinds[kind]:
            with open(os.path.join(folder, name), "w") as file:
                file.write(heat_maps(title, grouped(kinds[kind], key), less_is_better))
            text.append(f"![{title}]({name})\n")
    text.append(METHOD.format(
        kernel=kernel, packets=amount.packets, bdps=amount.bdps,
        seeds=f"{amount.seeds}", flows=" / ".join(map(str, amount.flows)),
        paths=table(["path", "both ways, or the queue"], map(list, PATH_TEXT.items()))))
    text += share_table(kinds["share"]) if kinds["share"] else []
    text += spurious_table(spurious_rows(all_rows)) if spurious_rows(all_rows) else []
    text += long_tables(kinds["long"]) if kinds["long"] else []
    text += duplex_table(kinds["duplex"]) if kinds["duplex"] else []
    text += short_tables(kinds["short"]) if kinds["short"] else []
    with open(os.path.join(folder, "bench-net.md"), "w") as file:
        file.write("\n".join(text))
    with open(os.path.join(folder, "bench-net.tsv"), "w") as file:
        file.writelines(line + "\n" for line in tsv(all_rows))
