# SPDX-License-Identifier: GPL-2.0
"""Draws connections with matplotlib."""

import os

from . import BadInput

try:
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.collections import LineCollection
    from matplotlib.ticker import EngFormatter
except ImportError:
    raise BadInput("matplotlib", "not installed", "apt install python3-matplotlib") from None

KINDS = ("png", "svg")
# Of a file with more segments than this, what is drawn for each is pixels.
MANY = 4000

# A window so many times higher than what was sent would hide the segments.
FAR = 3

SEGMENTS = {
    "new": ("#1f4e79", "segment"),
    "again": ("#d62728", "sent again"),
    "late": ("#e377c2", "fills a hole"),
}
SACKS = {False: ("#8e44ad", "SACK block"), True: ("#ff7f0e", "D-SACK: came twice")}
ACK_COLOUR, WINDOW_COLOUR = "#2ca02c", "#c9a000"

matplotlib.rcParams.update({
    "svg.hashsalt": "tcpx", "font.size": 9, "axes.grid": True, "grid.color": "#e4e4e4",
    "axes.axisbelow": True, "legend.fontsize": 8, "legend.framealpha": 0.9,
    "figure.constrained_layout.use": True, "savefig.dpi": 110,
})


def check_name(path):
    """Whether a picture can be written there."""
    kind = os.path.splitext(path)[1][1:].lower()
    if kind not in KINDS:
        raise BadInput(path, f"a picture of the kind '{kind}' cannot be written",
                       "a name that ends in .svg or .png")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise BadInput(path, f"there is no folder {folder}", "one that exists")


def save(figure, path):
    """Writes a picture; the same input gives the same file."""
    kind = os.path.splitext(path)[1][1:].lower()
    figure.savefig(path, metadata={"Date": None} if kind == "svg" else None)
    pyplot.close(figure)


def verticals(axes, lines, colour, label, **style):
    """A vertical line for each (time, low, high)."""
    if lines:
        axes.add_collection(LineCollection(
            [((t, low), (t, high)) for t, low, high in lines], colors=colour, label=label,
            capstyle="projecting", rasterized=len(lines) > MANY, **style))


def stairs(axes, points, colour, label, **style):
    """A line that stays until it is told otherwise."""
    if points:
        axes.step(*zip(*points), where="post", color=colour, label=label,
                  rasterized=len(points) > MANY, **style)


def draw_sequence(axes, seq):
    """Time against sequence number."""
    top, edge = seq.top or 1, max((number for _, number in seq.windows), default=0)
    far = edge > FAR * top
    stairs(axes, seq.windows, WINDOW_COLOUR,
           f"window's edge (up to {EngFormatter(places=0)(edge)})" if far else "window's edge",
           linewidth=1)
    stairs(axes, seq.acks, ACK_COLOUR, "ACK", linewidth=1)
    for twice, (colour, label) in SACKS.items():
        verticals(axes, [one[:3] for one in seq.sacks if one[3] == twice], colour, label,
                  linewidth=1)
    for kind, (colour, label) in SEGMENTS.items():
        some = [one[:3] for one in seq.segments if one[3] == kind]
        verticals(axes, some, colour, label, linewidth=1.4 if kind == "new" else 2.2)
    for time, number, letter, again in seq.marks:
        axes.annotate(letter, (time, number), xytext=(0, 7), textcoords="offset points",
                      ha="center", fontsize=7, color=SEGMENTS["again" if again else "new"][0],
                      arrowprops={"arrowstyle": "-", "linewidth": 0.5})
    axes.set_ylabel("sequence number, from the ISN")
    axes.yaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.autoscale_view()
    if far:
        axes.set_ylim(-0.05 * top, 1.5 * top)
    axes.legend(loc="upper left")


def line(axes, seq_begin, samples, field, unit, **style):
    """One field of the samples over time, with gaps where it has no value."""
    values = [getattr(one, field) for one in samples]
    if any(value is not None for value in values):
        axes.step([one.time - seq_begin for one in samples],
                  [float("nan") if value is None else value * unit for value in values],
                  where="post", rasterized=len(samples) > MANY,
                  **{"linewidth": 1.1, **style})


PANELS = (
    ("bytes", 1, "", (("cwnd", "cwnd", "#1f4e79"), ("ssthresh", "ssthresh", "#d62728"),
                      ("flight", "in flight", "#9a9a9a"))),
    ("RTT", 1, "s", (("rtt", "smoothed RTT", "#2ca02c"),)),
    ("pacing", 8, "bit/s", (("rate", "pacing rate", "#8e44ad"),)),
)


def from_zero(axes):
    """Vertical limits from 0 to a little above all."""
    axes.set_ylim(0, max(axes.dataLim.y1, 1e-9) * 1.12)


def draw_panels(all_axes, panels, begin, samples):
    """What the sender was allowed, below."""
    for axes, (name, unit, measure, fields) in zip(all_axes, panels):
        for field, label, colour in fields:
            line(axes, begin, samples, field, unit, label=label, color=colour,
                 linewidth=0.7 if field == "flight" else 1.2)
        axes.set_ylabel(name)
        axes.yaxis.set_major_formatter(EngFormatter(unit=measure, sep=" "))
        from_zero(axes)
        axes.legend(loc="upper left")


def connection(path, seq, samples, title, span=(None, None)):
    """One connection's time-sequence graph, and what is known of its sender below."""
    panels = [panel for panel in PANELS if samples and any(
        getattr(one, field) is not None for field, *_ in panel[3] for one in samples)]
    figure, all_axes = pyplot.subplots(
        1 + len(panels), 1, sharex=True, squeeze=False, figsize=(10, 5 + 1.5 * len(panels)),
        gridspec_kw={"height_ratios": [3.4] + [1] * len(panels)})
    all_axes = all_axes[:, 0]
    all_axes[0].set_title(title)
    draw_sequence(all_axes[0], seq)
    draw_panels(all_axes[1:], panels, seq.begin, samples)
    last = all_axes[-1]
    last.set_xlabel("time, s")
    all_axes[0].set_xlim(*span)
    if span != (None, None):
        zoom(all_axes[0], seq, span)
    save(figure, path)


def zoom(axes, seq, span):
    """The vertical limits for what is seen of the time."""
    low, high = axes.get_xlim()
    seen = [edge for t, *edges, _ in seq.segments if low <= t <= high for edge in edges]
    seen += [number for t, number in seq.acks + seq.windows if low <= t <= high]
    if not seen:
        raise BadInput("--begin, --end", f"nothing happens between {low:g} s and {high:g} s",
                       f"times from 0 to {seq.packets[-1].time - seq.begin:g} s")
    margin = (max(seen) - min(seen)) * 0.05 or 1
    axes.set_ylim(min(seen) - margin, max(seen) + margin)


def compare(path, flows, title, step):
    """Some flows beside each other: [(label, Sequence, samples)]."""
    rows = [("goodput", "bit/s", None, 8), ("cwnd", "B", "cwnd", 1), ("RTT", "s", "rtt", 1)]
    rows = [row for row in rows if not row[2] or any(samples for _, _, samples in flows)]
    begin = min(seq.begin for _, seq, _ in flows)
    figure, all_axes = pyplot.subplots(len(rows), 1, sharex=True, squeeze=False,
                                       figsize=(10, 2 + 1.9 * len(rows)))
    for (name, measure, field, unit), axes in zip(rows, all_axes[:, 0]):
        for number, (label, seq, samples) in enumerate(flows):
            colour = f"C{number % 10}"
            if field:
                line(axes, begin, samples, field, unit, label=label, color=colour)
                continue
            points = [(t + seq.begin - begin, rate) for t, rate in seq.goodput(step)]
            if points:
                axes.plot(*zip(*points), label=label, color=colour, linewidth=1.2)
        axes.set_ylabel(name)
        axes.yaxis.set_major_formatter(EngFormatter(unit=measure, sep=" "))
        from_zero(axes)
    all_axes[0, 0].legend(loc="upper right")
    all_axes[0, 0].set_title(title)
    all_axes[-1, 0].set_xlabel("time, s")
    save(figure, path)
