"""Charts as SVG, drawn by hand: a library for two pictures would be the largest dependency here."""

from xml.sax.saxutils import escape

COLOURS = ("#417690", "#e0a84e", "#b5b5b5", "#7a9e7e", "#a05c5c")
WIDTH, LEFT, ROW, GAP, TOP = 860, 110, 15, 12, 66
STYLE = "font-family='system-ui, sans-serif' font-size='12' fill='#333'"


def text(x: float, y: float, said: str, more: str = "") -> str:
    """A line of text."""
    return f"<text x='{x:.0f}' y='{y:.0f}' {more}>{escape(said)}</text>"


def bars(rates: dict[str, dict[str, float]], title: str) -> str:
    """Horizontal bars in groups: by group, then by who, a number. The longer the better."""
    names = list(next(iter(rates.values())))
    longest = max(value for group in rates.values() for value in group.values())
    scale = (WIDTH - LEFT - 150) / longest
    parts, y = [], TOP
    for group, values in rates.items():
        parts.append(text(LEFT - 10, y + ROW * len(values) / 2 + 4, group, "text-anchor='end' font-weight='600'"))
        first = next(iter(values.values()))
        for place, (_, value) in enumerate(values.items()):
            width = max(value * scale, 1)
            told = f"{value:,.0f}" + (f"   1 : {first / value:.1f}" if place else "")
            parts.append(
                f"<rect x='{LEFT}' y='{y}' width='{width:.1f}' height='{ROW - 2}' rx='2' fill='{COLOURS[place]}'/>"
                + text(LEFT + width + 6, y + ROW - 4, told, "font-size='11'")
            )
            y += ROW
        y += GAP
    key, x = [], float(LEFT)
    for place, name in enumerate(names):
        key.append(f"<rect x='{x:.0f}' y='38' width='12' height='12' rx='2' fill='{COLOURS[place]}'/>")
        key.append(text(x + 18, 48, name))
        x += 40 + 8 * len(name)
    return page(y, text(LEFT, 24, title, "font-size='15' font-weight='600'"), *key, *parts)


def page(height: float, *parts: str) -> str:
    """The whole picture, on white: it is looked at in the dark, too."""
    head = f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height:.0f}' {STYLE}>"
    return "\n".join([head, "<rect width='100%' height='100%' fill='white'/>", *parts, "</svg>", ""])
