# SPDX-License-Identifier: GPL-2.0
"""Heat maps of ratios, as SVG, with nothing but Python."""

import math
from xml.sax.saxutils import escape

CELL_W, CELL_H, LEFT, TOP, GAP = 50, 19, 90, 60, 62
BETTER, WORSE, EVEN = (33, 102, 172), (178, 24, 43), (247, 247, 247)
# A factor of that much has the full colour.
FULL = 2.0


def colour(ratio, less_is_better):
    """The fill for a ratio, and whether it is a dark one."""
    strength = max(-1.0, min(1.0, math.log(ratio) / math.log(FULL))) if ratio > 0 else -1.0
    if less_is_better:
        strength = -strength
    end = BETTER if strength > 0 else WORSE
    strength = abs(strength) ** 0.7
    mixed = [round(even + (one - even) * strength) for even, one in zip(EVEN, end)]
    return "#" + "".join(f"{one:02x}" for one in mixed), strength > 0.6


def text(x, y, words, more=""):
    """A piece of text."""
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def block(title, rows, top, less_is_better):
    """One heat map: a line for each path, a column for each rate and RTT."""
    paths = list(dict.fromkeys(row.path for row in rows))
    columns = list(dict.fromkeys((row.rate, row.rtt) for row in rows))
    rates = list(dict.fromkeys(rate for rate, _ in columns))
    out = [text(LEFT, top - 32, title, 'font-weight="bold"')]
    for rate in rates:
        mine = [number for number, column in enumerate(columns) if column[0] == rate]
        middle = LEFT + (mine[0] + mine[-1] + 1) / 2 * CELL_W
        out.append(text(middle, top - 17, f"{rate} Mbit/s", 'text-anchor="middle"'))
    for number, (_, rtt) in enumerate(columns):
        out.append(text(LEFT + (number + 0.5) * CELL_W, top - 4, f"{rtt} ms",
                        'text-anchor="middle" fill="#555"'))
    for line, path in enumerate(paths):
        out.append(text(LEFT - 6, top + line * CELL_H + 14, path, 'text-anchor="end"'))
    for row in rows:
        x = LEFT + columns.index((row.rate, row.rtt)) * CELL_W
        y = top + paths.index(row.path) * CELL_H
        fill, dark = colour(row.ratio, less_is_better)
        out.append(f'<rect x="{x}" y="{y}" width="{CELL_W - 1}" height="{CELL_H - 1}" '
                   f'fill="{fill}"/>')
        out.append(text(x + CELL_W / 2, y + 13, f"{row.ratio:.2f}",
                        f'text-anchor="middle" fill="{"#fff" if dark else "#000"}"'))
    return out, top + len(paths) * CELL_H


def heat_maps(title, groups, less_is_better):
    """An SVG with one heat map for each group of rows."""
    out, top, width = [], TOP + 22, 0
    for name, rows in groups.items():
        lines, bottom = block(name, rows, top, less_is_better)
        out += lines
        width = max(width, LEFT + len({(row.rate, row.rtt) for row in rows}) * CELL_W + 10)
        top = bottom + GAP
    height = top - GAP + 12
    note = "blue: tcpx is better" + (" (less)" if less_is_better else " (more)")
    width = max(width, 620)
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            text(10, 20, f"{title}; {note}", 'font-size="13" font-weight="bold"')]
    return "\n".join(head + out + ["</svg>"]) + "\n"


def ratio_bars(title, rows):
    """An SVG with a bar for each (name, ratio, what is to be reached): to the left of 1
    where it is less, to the right where it is more, on a logarithmic scale.
    """
    left, unit, line = 190, 170, 17
    most = 2.0

    def place(ratio):
        return left + unit * (1 + max(-1.0, min(most, math.log2(ratio))))

    width, height = left + unit * (1 + most) + 60, TOP + len(rows) * line + 10
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
           f'viewBox="0 0 {width:.0f} {height}" font-family="sans-serif" font-size="11">',
           f"<title>{escape(title)}</title>",
           f'<rect width="{width:.0f}" height="{height}" fill="#fff"/>',
           text(10, 20, f"{title}; a line: what is to be reached",
                'font-size="13" font-weight="bold"')]
    for ratio in (0.5, 0.75, 1, 1.5, 2, 3, 4):
        out.append(text(f"{place(ratio):.1f}", TOP - 12, f"{ratio:g}",
                        'text-anchor="middle" fill="#555"'))
    for number, (name, ratio, bar) in enumerate(rows):
        top = TOP + number * line
        start, end = sorted((place(1), place(ratio)))
        fill = "#" + "".join(f"{one:02x}" for one in (BETTER if ratio <= bar else WORSE))
        out += [text(left - 6, top + 11, name, 'text-anchor="end"'),
                f'<rect x="{start:.1f}" y="{top}" width="{end - start + 1:.1f}" '
                f'height="{line - 4}" fill="{fill}"/>',
                f'<rect x="{place(bar) - 1:.1f}" y="{top - 2}" width="2" height="{line}" '
                'fill="#000"/>',
                text(f"{place(max(ratio, 1)) + 5:.1f}", top + 11, f"{ratio:.2f}")]
    return "\n".join(out + ["</svg>"]) + "\n"
