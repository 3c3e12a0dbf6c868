"""Charts as SVG, drawn by hand: groups of bars, and dots on a scale of ratios; one colour for each series."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 860, 190, 70
BAR, GAP = 13, 12  # the height of a bar, and the room between two groups
COLOURS = ("#0b6e4f", "#7a9cc6", "#c9a227", "#b5838d")
FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


@dataclass(frozen=True)
class Panel:
    """One chart: a heading, what each group of bars is about, and the values of each series, one a group."""

    heading: str
    groups: Sequence[str]
    series: Mapping[str, Sequence[float]]

    @property
    def height(self) -> int:
        """The room it takes: heading, legend, and its groups."""
        return 66 + len(self.groups) * (len(self.series) * BAR + GAP)


def chart(panels: Sequence[Panel]) -> str:
    """The SVG of the panels, one below the other, on a ground of its own: it is read on light and dark pages."""
    height = sum(panel.height for panel in panels) + 12
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' "
        f"{FONT} role='img' aria-label='{escape(panels[0].heading, quote=True)}'>",
        f"<rect width='{WIDTH}' height='{height}' rx='8' fill='#ffffff'/>",
    ]
    top = 0
    for panel in panels:
        parts += drawn(panel, top)
        top += panel.height
    return "\n".join([*parts, "</svg>", ""])


def drawn(panel: Panel, top: int) -> list[str]:
    """The elements of a panel that begins at `top`."""
    largest = max(value for values in panel.series.values() for value in values) or 1
    parts = [text(20, top + 30, panel.heading, size=16, weight=600)]
    x = 20
    for name, colour in zip(panel.series, COLOURS, strict=False):
        parts += [
            f"<rect x='{x}' y='{top + 41}' width='11' height='11' rx='2' fill='{colour}'/>",
            text(x + 16, top + 51, name, size=12),
        ]
        x += 36 + 7 * len(name)
    y = top + 66
    for place, group in enumerate(panel.groups):
        middle = y + len(panel.series) * BAR / 2 + 4
        parts.append(text(LEFT - 10, middle, group, size=13, anchor="end"))
        for values, colour in zip(panel.series.values(), COLOURS, strict=False):
            length = values[place] / largest * (WIDTH - LEFT - RIGHT)
            parts += [
                f"<rect x='{LEFT}' y='{y}' width='{max(length, 1):.1f}' height='{BAR - 2}' rx='2' fill='{colour}'/>",
                text(LEFT + length + 6, y + BAR - 3, number(values[place]), size=11),
            ]
            y += BAR
        y += GAP
    return parts


ROW = 30
TICKS = {
    1 / 32: "1/32x",
    1 / 16: "1/16x",
    1 / 8: "1/8x",
    1 / 4: "1/4x",
    1 / 2: "1/2x",
    1: "1",
    2: "2x",
    4: "4x",
    8: "8x",
    16: "16x",
    32: "32x",
}
DOT_COLOURS = ("#0b6e4f", "#2f6fb5", "#c97b00", "#a04a78", "#6b7280")
MARKS = {  # A shape for each series, too: not everybody tells the colours apart.
    "circle": "<circle cx='{x:.1f}' cy='{y:.1f}' r='6' fill='{colour}'/>",
    "square": "<rect x='{left:.1f}' y='{top:.1f}' width='11' height='11' fill='{colour}'/>",
    "diamond": "<rect x='{left:.1f}' y='{top:.1f}' width='11' height='11' fill='{colour}' "
    "transform='rotate(45 {x:.1f} {y:.1f})'/>",
    "ring": "<circle cx='{x:.1f}' cy='{y:.1f}' r='5' fill='#ffffff' stroke='{colour}' stroke-width='3'/>",
    "bar": "<rect x='{narrow:.1f}' y='{top:.1f}' width='5' height='12' rx='1' fill='{colour}'/>",
}


def dots(heading: str, unit: str, groups: Mapping[str, str], series: Mapping[str, Sequence[float]]) -> str:
    """The SVG of ratios on a logarithmic scale: a row for each group, a dot for each series, a line at 1.

    groups: their names, and what is written at the end of each row.
    unit: what is 1.
    """
    values = [value for ratios in series.values() for value in ratios]
    first = max((tick for tick in TICKS if tick <= min(*values, 1)), default=min(TICKS))
    last = min((tick for tick in TICKS if tick >= max(*values, 1)), default=max(TICKS))
    ticks = [tick for tick in TICKS if first <= tick <= last]

    def place(value: float) -> float:
        return LEFT + 10 + math.log(value / first) / math.log(last / first) * (WIDTH - LEFT - RIGHT - 30)

    top = 84
    bottom = top + len(groups) * ROW
    height = bottom + 34
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' "
        f"{FONT} role='img' aria-label='{escape(heading, quote=True)}'>",
        f"<rect width='{WIDTH}' height='{height}' rx='8' fill='#ffffff'/>",
        text(20, 30, heading, size=16, weight=600),
        text(WIDTH - 14, top - 8, unit, size=12, weight=600, anchor="end"),
        text(place(1) - 12, top - 8, "\u2190 fewer", size=12, anchor="end"),
        text(place(1) + 12, top - 8, "more \u2192", size=12),
    ]
    kinds = list(zip(series, DOT_COLOURS, MARKS, strict=False))
    x = 26.0
    for name, colour, mark in kinds:
        parts += [marked(mark, x, 50, colour), text(x + 12, 54, name, size=12)]
        x += 36 + 6.6 * len(name)
    for tick in ticks:
        is_unit = tick == 1
        parts += [
            f"<line x1='{place(tick):.1f}' x2='{place(tick):.1f}' y1='{top}' y2='{bottom}' "
            f"stroke='{'#24292f' if is_unit else '#d8dee4'}' stroke-width='{2 if is_unit else 1}'/>",
            text(place(tick), bottom + 18, unit if is_unit else TICKS[tick], size=12, anchor="middle"),
        ]
    for row, (group, end) in enumerate(groups.items()):
        y = top + (row + 0.5) * ROW
        parts += [
            f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y}' y2='{y}' stroke='#eaeef2'/>",
            text(LEFT - 10, y + 4, group, size=13, anchor="end"),
            text(WIDTH - 14, y + 4, end, size=12, anchor="end"),
            *(marked(mark, place(series[name][row]), y, colour) for name, colour, mark in kinds),
        ]
    return "\n".join([*parts, "</svg>", ""])


def marked(mark: str, x: float, y: float, colour: str) -> str:
    """A mark whose middle is at this point."""
    return MARKS[mark].format(x=x, y=y, left=x - 5.5, top=y - 5.5, narrow=x - 2.5, colour=colour)


def text(x: float, y: float, said: str, *, size: int, weight: int = 400, anchor: str = "start") -> str:
    """A line of text."""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'"
    return f"<text {place} font-size='{size}' font-weight='{weight}' fill='#24292f'>{escape(said)}</text>"


def number(value: float) -> str:
    """A value as it is written beside its bar."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
