"""Tables of text for a terminal: what commands print and how a shell shows rows."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

MAX_WIDTH = 40


def text_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, max_widths: Mapping[int, int] | None = None
) -> str:
    """Return lines with aligned columns; a long value is cut. No value can break a line or move the cursor.

    max_widths: by the number of a column, the letters after which its values are cut, if not after MAX_WIDTH.
    """
    limits = [(max_widths or {}).get(number, MAX_WIDTH) for number in range(len(headings))]
    lines = [list(headings)]
    lines += [[cell(value, limit) for value, limit in zip(row, limits, strict=True)] for row in rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text + " " * (size - width(text)) for text, size in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def cell(value: object, limit: int = MAX_WIDTH) -> str:
    """Return a value on one line: a time in UTC by the second, nothing for None, a list with commas."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(UTC) if value.tzinfo else value:%Y-%m-%d %H:%M:%S}"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            value = ", ".join(map(str, value))
    text = printable(str(value))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def printable(text: str) -> str:
    """Return `text` with line breaks and control characters as spaces: users have written it."""
    return "".join(" " if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} else letter for letter in text)


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes: East Asian wide letters take two, accents none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
