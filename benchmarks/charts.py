"""Bar charts as SVG, drawn by hand: groups of bars beside each other, one colour for each series."""

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


def text(x: float, y: float, said: str, *, size: int, weight: int = 400, anchor: str = "start") -> str:
    """A line of text."""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'"
    return f"<text {place} font-size='{size}' font-weight='{weight}' fill='#24292f'>{escape(said)}</text>"


def number(value: float) -> str:
    """A value as it is written beside its bar."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
